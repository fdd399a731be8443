-- How each column of the table $1 gets its value from the rows m in
-- pg_temp.sp_new: what isn't there is filled by type. No expression calls a
-- function or an operator by search path: the inserts run under HQ's, for its
-- triggers. $2: words for columns that are better left alone, a pattern.
WITH target AS (
  SELECT a.attrelid, a.attnum, a.attname, a.attidentity, a.atthasdef,
         a.attnotnull OR pg_temp.sp_not_null(a.atttypid) AS must,
         format_type(a.atttypid, a.atttypmod) AS type,
         o.atttypid AS offered,
         EXISTS (SELECT FROM pg_index x
                  WHERE x.indrelid = a.attrelid AND x.indisunique AND a.attnum = ANY (x.indkey))
           AS is_unique,
         f.confrelid, f.confkey[1] AS key
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relname = $1
    JOIN pg_namespace s ON s.oid = c.relnamespace
    JOIN sp_make m ON m.schema_name = s.nspname
    LEFT JOIN pg_attribute o ON o.attrelid = 'pg_temp.sp_new'::regclass AND o.attname = a.attname
                            AND o.attnum > 0 AND NOT o.attisdropped
    LEFT JOIN LATERAL (
      SELECT k.confrelid, k.confkey
        FROM pg_constraint k
       WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
       ORDER BY k.conname LIMIT 1) f ON true
   WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
), open AS (
  SELECT t.*, CASE WHEN t.offered IS NULL AND t.confrelid IS NULL AND NOT t.is_unique
                   THEN pg_temp.sp_values(t.attrelid, t.attnum, t.type) END AS v
    FROM target t
   WHERE t.offered IS NOT NULL
      OR (NOT t.atthasdef AND t.attidentity = ''
          AND (t.must
               OR (t.confrelid IS NULL AND NOT t.is_unique AND t.attname !~* $2
                   AND t.type !~ '(^|\.)"?vector"?(\(|$)')))
)
SELECT quote_ident(o.attname),
       CASE
       WHEN o.offered = 'text'::regtype AND o.type = 'jsonb'
       THEN format('pg_temp.sp_strict(m.%I)', o.attname)
       WHEN o.offered IS NOT NULL THEN format('m.%I::%s', o.attname, o.type)
       WHEN o.confrelid IS NOT NULL THEN
         CASE (SELECT relname FROM pg_class WHERE oid = o.confrelid)
         WHEN 'user' THEN '(SELECT w.user_id FROM pg_temp.sp_make w)'
         WHEN 'infospace' THEN '(SELECT w.infospace_id FROM pg_temp.sp_make w)'
         ELSE format('(SELECT w.%1$I FROM %2$s w ORDER BY w.%1$I LIMIT 1)',
                     (SELECT attname FROM pg_attribute
                       WHERE attrelid = o.confrelid AND attnum = o.key),
                     o.confrelid::regclass) END || '::' || o.type
       WHEN o.is_unique
       THEN format('pg_temp.sp_distinct(m.sp_n, %L, %L)::%s', $1 || '.' || o.attname, o.type,
                   o.type)
       -- in turn; where NULL may be, also NULL
       ELSE format('CASE m.sp_n %% %s::bigint %s END',
                   cardinality(o.v) + CASE WHEN o.must THEN 0 ELSE 1 END,
                   (SELECT string_agg(format('WHEN %s::bigint THEN %L::%s', u.i - 1, u.v, o.type),
                                      ' ' ORDER BY u.i)
                      FROM unnest(o.v) WITH ORDINALITY u (v, i)))
       END
  FROM open o
 WHERE o.offered IS NOT NULL OR o.confrelid IS NOT NULL OR o.is_unique OR cardinality(o.v) > 0
 ORDER BY o.attnum
