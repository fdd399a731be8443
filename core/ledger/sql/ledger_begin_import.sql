WITH r AS (
  SELECT $1::jsonb AS r
), o AS (
  INSERT INTO spaceport.import_operations
         (uuid, package_path, target_infospace_id, import_options, status, created_by, infospace, host,
          program_version)
  SELECT (r->>'uuid')::uuid, r->>'package_path', (r->>'infospace_id')::bigint, r->'import_options',
         'running', (r->>'created_by')::bigint, r->>'infospace', r->>'host', r->>'program_version'
    FROM r
  RETURNING id
), p AS (
  INSERT INTO spaceport.operation_progress (uuid) SELECT (r->>'uuid')::uuid FROM r
), a AS (
  INSERT INTO spaceport.audit (acting_user, host, what, operation, outcome, details)
  SELECT r->>'acting_user', r->>'host', r->>'operation', (r->>'uuid')::uuid, 'begun', $2::json FROM r
)
SELECT id FROM o
