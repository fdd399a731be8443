-- The version of pgvector (NULL: it isn't there), and whether this login may make a schema.
SELECT (SELECT extversion FROM pg_extension WHERE extname = 'vector'),
       has_database_privilege(current_database(), 'CREATE')
