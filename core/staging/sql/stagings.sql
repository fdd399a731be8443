-- Operations of which there are tables that this login may take away.
SELECT DISTINCT substring(c.relname FROM 3 FOR 32)::uuid::text AS uuid
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace('spaceport') AND c.relkind IN ('r', 'p')
   AND c.relname ~ '^s_[0-9a-f]{32}_' AND pg_has_role(c.relowner, 'USAGE')
