-- $1 lost ones, $2 a status as it is shown, $3 the beginning of a UUID, $4 how many.
WITH o AS (
  SELECT uuid, 'export' AS operation, operation_type, source_id, source_name, infospace_id, infospace,
         package_path, export_options AS options, NULL::jsonb AS result, status, created_by, created_at,
         completed_at, file_size_bytes, error_message, NULL::jsonb AS rollback_info, host, login, program_version
    FROM spaceport.export_operations
  UNION ALL
  SELECT uuid, 'import', NULL, NULL, NULL, target_infospace_id, infospace,
         package_path, import_options, import_result, status, created_by, created_at,
         completed_at, NULL, error_message, rollback_info, host, login, program_version
    FROM spaceport.import_operations
), s AS (
  SELECT o.*, CASE WHEN status = 'running' AND uuid = ANY ($1::uuid[]) THEN 'lost' ELSE status END AS shown
    FROM o
)
SELECT json_build_object(
         'uuid', s.uuid, 'operation', s.operation, 'operation_type', s.operation_type, 'status', s.shown,
         'source_id', s.source_id, 'source_name', s.source_name, 'infospace_id', s.infospace_id,
         'infospace', s.infospace, 'package_path', s.package_path, 'file_size_bytes', s.file_size_bytes,
         'created_by', s.created_by,
         'created_at', to_char(s.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
         'completed_at', to_char(s.completed_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
         'error_message', s.error_message, 'host', s.host, 'login', s.login,
         'program_version', s.program_version, s.operation || '_options', s.options,
         'import_result', s.result, 'rollback_info', s.rollback_info,
         'progress', CASE WHEN p.phase <> '' THEN json_build_object(
           'phase', p.phase, 'rows', p.rows, 'rows_total', p.rows_total, 'bytes', p.bytes,
           'bytes_total', p.bytes_total, 'bytes_per_second', p.bytes_per_second,
           'seconds_left', p.seconds_left,
           'updated_at', to_char(p.updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) END)::text
  FROM s
  LEFT JOIN spaceport.operation_progress p USING (uuid)
 WHERE ($2::text IS NULL OR s.shown = $2)
   AND ($3::text IS NULL OR starts_with(s.uuid::text, $3))
 ORDER BY s.created_at DESC, s.uuid
 LIMIT $4::bigint
