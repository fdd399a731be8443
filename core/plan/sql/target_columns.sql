-- What an import must know of each column of the tables in the schema $1 beside
-- what its rows' export needs: the enum that its words must be of, a vector's
-- dimension, whether a btree or the text search takes its text, too.
SELECT c.relname, a.attname,
       -- vector(384), not public.vector(384), wherever pgvector is
       regexp_replace(format_type(a.atttypid, a.atttypmod), '^("[^"]*"|[a-z_0-9]+)\.', ''),
       CASE WHEN t.typtype = 'e' THEN t.typname END,
       a.attnotnull, d.adbin IS NOT NULL OR a.attidentity <> '', a.attgenerated <> '',
       CASE WHEN t.typname = 'vector' AND a.atttypmod > 0 THEN a.atttypmod ELSE 0 END,
       EXISTS (SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                 JOIN pg_am m ON m.oid = x.relam
                WHERE i.indrelid = c.oid AND m.amname = 'btree' AND a.attnum = ANY (i.indkey)),
       EXISTS (SELECT FROM pg_attribute s JOIN pg_attrdef g ON g.adrelid = s.attrelid AND g.adnum = s.attnum
                WHERE s.attrelid = c.oid AND s.attgenerated <> '' AND s.atttypid = 'tsvector'::regtype
                  AND strpos(pg_get_expr(g.adbin, g.adrelid), a.attname) > 0),
       has_table_privilege(c.oid, 'INSERT, UPDATE')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
 ORDER BY c.relname COLLATE "C", a.attnum
