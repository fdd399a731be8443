-- Those of the operation $1; partitions go with the table that they are of.
SELECT format('spaceport.%I', c.relname)
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace('spaceport') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND starts_with(c.relname::text, 's_' || replace($1, '-', '') || '_')
