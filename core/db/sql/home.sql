-- The schema that holds HQ's tables: public, else any that this login may use.
SELECT n.nspname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = 'annotationrun' AND c.relkind IN ('r', 'p')
   AND has_schema_privilege(n.oid, 'USAGE')
 ORDER BY n.nspname <> 'public', n.nspname
 LIMIT 1
