-- The unique indexes of tables in the schema $1, but for primary keys, with a row for each column
-- that they are made of: in SQL, what they take of a row ("… AS k1, … AS k2"), these names, when
-- `h` has the same as `w`, when there is something to be the same, and of which rows.
SELECT c.relname, x.relname, a.attname, k.taken, k.names, k.same,
       CASE WHEN o.nulls THEN 'true' ELSE k.given END,
       coalesce(pg_get_expr(i.indpred, i.indrelid), 'true')
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
  JOIN pg_class x ON x.oid = i.indexrelid
 -- since PostgreSQL 15: one NULL may be the same as another
 CROSS JOIN LATERAL (SELECT coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)) AS o (nulls)
 CROSS JOIN LATERAL (
   SELECT string_agg(format('%s AS k%s', pg_get_indexdef(x.oid, p, false), p), ', ' ORDER BY p) AS taken,
          string_agg('k' || p, ', ' ORDER BY p) AS names,
          string_agg(format(CASE WHEN o.nulls THEN 'h.k%1$s IS NOT DISTINCT FROM w.k%1$s'
                                 ELSE 'h.k%1$s = w.k%1$s' END, p), ' AND ' ORDER BY p) AS same,
          string_agg(format('k%s IS NOT NULL', p), ' AND ') AS given
     FROM generate_series(1, i.indnkeyatts) p) k
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
   AND (a.attnum = ANY (i.indkey) OR EXISTS (
         SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = x.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))
 WHERE i.indisunique AND NOT i.indisprimary AND i.indisready
 ORDER BY c.relname COLLATE "C", x.relname COLLATE "C", a.attnum
