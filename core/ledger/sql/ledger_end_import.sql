WITH r AS (
  SELECT $1::jsonb AS r
), o AS (
  UPDATE spaceport.import_operations
     SET status = r->>'status', completed_at = clock_timestamp(),
         target_infospace_id = coalesce((r->>'target_infospace_id')::bigint, target_infospace_id),
         import_result = r->'import_result', rollback_info = r->'rollback_info',
         error_message = r->>'error_message'
    FROM r
   WHERE uuid = (r->>'uuid')::uuid AND status = 'running'
  RETURNING uuid
), a AS (
  INSERT INTO spaceport.audit (acting_user, host, what, operation, outcome, details)
  SELECT r->>'acting_user', r->>'host', r->>'operation', o.uuid, r->>'status', $2::json
    FROM r, o
)
SELECT uuid FROM o
