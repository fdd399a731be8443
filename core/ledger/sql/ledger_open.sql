-- Two at once wait for each other; what is there is noted for the steps that follow.
SET LOCAL search_path = pg_catalog, pg_temp;
SELECT pg_advisory_xact_lock(8389759082543805044);
DO $spaceport$
DECLARE
  found integer := 0;
BEGIN
  IF to_regclass('spaceport.instance') IS NOT NULL THEN
    EXECUTE 'SELECT schema_version FROM spaceport.instance' INTO STRICT found;
  ELSIF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'spaceport'
                 AND nspowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)) THEN
    RAISE EXCEPTION 'there is a schema spaceport that belongs to another role'
      USING HINT = 'Remove it, or let its owner set it up.';
  END IF;
  PERFORM set_config('spaceport.found', found::text, true);
END
$spaceport$;
