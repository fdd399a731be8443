-- The version of pgvector (NULL: it isn't there), the tool's own schema: there and
-- open to this login, or whether this login may make it; whether the server can
-- be written to.
SELECT (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
       CASE WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname = 'spaceport') THEN
                 CASE WHEN has_schema_privilege('spaceport', 'USAGE') THEN 'there' ELSE 'closed' END
            WHEN has_database_privilege(current_database(), 'CREATE') THEN 'allowed'
            ELSE 'not_allowed' END,
       NOT pg_is_in_recovery()
