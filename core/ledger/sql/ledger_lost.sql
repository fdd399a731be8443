-- Operations that run, says their row, but nobody holds their lock. (A standby doesn't see locks.)
SELECT coalesce(array_agg(o.uuid)::text, '{}')
  FROM (SELECT uuid FROM spaceport.export_operations WHERE status = 'running'
        UNION ALL
        SELECT uuid FROM spaceport.import_operations WHERE status = 'running') o
 WHERE NOT pg_is_in_recovery()
   AND NOT EXISTS (
         SELECT FROM pg_locks l
          WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
            AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
            AND (l.classid::bigint << 32 | l.objid::bigint) =
                ('x' || left(replace(o.uuid::text, '-', ''), 16))::bit(64)::bigint)
