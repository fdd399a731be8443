SELECT s.n AS sp_n, r.id AS run_id,
       (ARRAY['document.title', 'document.summary', 'document.note'])[1 + (s.n - 1) % 3]
         AS field_path,
       'string' AS value_kind, (ARRAY['topk', 'histogram'])[1 + s.n % 2] AS sketch_kind,
       CASE s.n % 3 WHEN 0 THEN 'null'::jsonb
                    WHEN 1 THEN jsonb_build_object('counts', a.value -> 'numbers') END AS payload,
       m.began + interval '59 minutes' AS created_at
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'run'
  JOIN sp_row s ON s.kind = 'schema'
  CROSS JOIN sp_all a
