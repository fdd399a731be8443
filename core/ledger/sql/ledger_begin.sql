WITH r AS (
  SELECT $1::jsonb AS r
), o AS (
  INSERT INTO spaceport.export_operations
         (uuid, operation_type, source_id, package_path, export_options, status, created_by, source_name,
          infospace_id, infospace, host, program_version)
  SELECT (r->>'uuid')::uuid, r->>'operation_type', (r->>'source_id')::bigint, r->>'package_path',
         r->'export_options', 'running', (r->>'created_by')::bigint, r->>'source_name',
         (r->>'infospace_id')::bigint, r->>'infospace', r->>'host', r->>'program_version'
    FROM r
  RETURNING id
), p AS (
  INSERT INTO spaceport.operation_progress (uuid) SELECT (r->>'uuid')::uuid FROM r
), a AS (
  INSERT INTO spaceport.audit (acting_user, host, what, operation, outcome, details)
  SELECT r->>'acting_user', r->>'host', r->>'operation', (r->>'uuid')::uuid, 'begun', $2::json FROM r
)
SELECT id FROM o
