-- The schema spaceport, without touching anything in it: is it there, made by somebody whose
-- triggers may run as this login, and what may this login do with it? Staging tables, which are
-- named after an operation, are those of whoever imports: nobody else looks into them.
WITH ours AS (
  SELECT n.oid, n.nspowner, c.oid AS instance, c.relrowsecurity
    FROM pg_namespace n
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'instance' AND c.relkind = 'r'
   WHERE n.nspname = 'spaceport'
)
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'spaceport'),
       o.oid IS NOT NULL,
       coalesce(NOT o.relrowsecurity AND
                (w.rolsuper OR o.nspowner = d.datdba OR w.rolname = current_user
                 OR o.nspowner = (SELECT c.relowner FROM pg_class c
                                    JOIN pg_namespace n ON n.oid = c.relnamespace
                                   WHERE c.relname = 'annotationrun' AND c.relkind IN ('r', 'p')
                                     AND has_schema_privilege(n.oid, 'USAGE')
                                   ORDER BY n.nspname <> 'public', n.nspname LIMIT 1))
                AND NOT EXISTS (SELECT FROM pg_class t
                                 WHERE t.relnamespace = o.oid AND t.relowner <> o.nspowner
                                   AND t.relname !~ '^s_[0-9a-f]{32}_'),
                false),
       coalesce(has_schema_privilege(o.oid, 'USAGE') AND has_table_privilege(o.instance, 'SELECT'), false),
       coalesce(pg_has_role(o.nspowner, 'USAGE'), false),
       pg_is_in_recovery(),
       current_setting('default_transaction_read_only')::boolean
  FROM pg_database d
  LEFT JOIN ours o ON true
  LEFT JOIN pg_roles w ON w.oid = o.nspowner
 WHERE d.datname = current_database()
