-- Every column of every table of the schema $1, with the type that decides
-- how its values are written and the table that a foreign key names.
WITH RECURSIVE base (root, oid) AS (
  SELECT t.oid, t.oid FROM pg_type t
  UNION ALL
  SELECT b.root, t.typbasetype
    FROM base b JOIN pg_type t ON t.oid = b.oid
   WHERE t.typtype = 'd'
), final AS (
  SELECT b.root, t.*
    FROM base b JOIN pg_type t ON t.oid = b.oid
   WHERE t.typtype <> 'd'
), typed AS (
  SELECT f.root, f.typtype = 'e' AS is_enum,
         CASE WHEN f.typcategory = 'A' AND e.oid IS NOT NULL THEN e.typname ELSE f.typname END AS base_name,
         CASE WHEN f.oid = 'json'::regtype THEN 'json'
              WHEN f.oid = 'jsonb'::regtype THEN 'jsonb'
              WHEN f.typcategory = 'A' AND f.typlen = -1 AND e.oid < 16384 AND e.typtype = 'b'
                   AND f.typname NOT IN ('int2vector', 'oidvector')
                   AND e.typname NOT IN ('json', 'jsonb', 'money', 'int2vector', 'oidvector') THEN 'array'
              WHEN f.typcategory = 'A' THEN 'string'
              -- a cast of char(n) to text would cut its blanks off
              WHEN f.oid = 'bpchar'::regtype THEN 'literal'
              WHEN f.oid < 16384 AND f.typtype = 'b' AND f.typcategory IN ('B', 'N', 'D', 'T')
                   AND f.typname NOT LIKE 'reg%' AND f.oid <> 'money'::regtype THEN 'literal'
              ELSE 'string' END AS form
    FROM final f
    LEFT JOIN pg_type e ON e.oid = f.typelem AND f.typelem <> 0
)
SELECT c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod),
       pg_get_expr(d.adbin, d.adrelid), y.form, a.attnotnull,
       a.attgenerated <> '', y.base_name, f.target, f.key_is_id,
       coalesce(array_position(k.conkey, a.attnum), 0),
       has_table_privilege(c.oid, 'SELECT'), y.is_enum
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN typed y ON y.root = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
  LEFT JOIN LATERAL (
    SELECT t.relname AS target,
           ta.attname = 'id'
             AND ta.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
             AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AS key_is_id
      FROM pg_constraint x
      JOIN pg_class t ON t.oid = x.confrelid AND t.relnamespace = n.oid
      JOIN pg_attribute ta ON ta.attrelid = t.oid
           AND ta.attnum = x.confkey[array_position(x.conkey, a.attnum)]
     WHERE x.conrelid = c.oid AND x.contype = 'f'
       AND a.attnum = ANY (x.conkey)
     ORDER BY ta.attname = 'id' DESC, array_length(x.conkey, 1), x.conname
     LIMIT 1) f ON true
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
 ORDER BY c.relname COLLATE "C", a.attnum
