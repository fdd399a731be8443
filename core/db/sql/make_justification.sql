-- Justifications where they have a table: of a field, and of items of a list.
SELECT 4 * r.n + i AS sp_n, r.id AS annotation_id,
       CASE i WHEN 0 THEN (ARRAY['stance', 'summary', 'note'])[1 + (s.n - 1) % 3]
              WHEN 3 THEN '_thinking_trace'
              ELSE (ARRAY['positions', 'events', 'triplets'])[1 + (s.n - 1) % 3] END AS field_name,
       CASE WHEN i = 2 THEN t.v ELSE se.v END AS reasoning,
       CASE i WHEN 0 THEN '{"text_spans":  [{"start": 1, "end": 2}], "odd": ' || j.v || '}'
              WHEN 1 THEN 'null' WHEN 2 THEN j.v END AS evidence_payload,
       CASE WHEN i <> 1 THEN 'made' END AS model_name,
       CASE WHEN i < 3 THEN fl.v::float8 END AS score,
       m.began + interval '50 minutes' AS created_at
  FROM sp_make m
  CROSS JOIN sp_slice r
  CROSS JOIN generate_series(0, 3) i
  JOIN sp_row s ON s.kind = 'schema' AND s.n = 1 + (r.n - 1 + (r.n - 1) / m.assets) % m.schemas
  JOIN sp_text t ON t.k = r.n % (SELECT count(*) FROM sp_text)
  JOIN sp_sentence se ON se.k = get_byte(r.h, i) % (SELECT count(*) FROM sp_sentence)
  JOIN sp_json j ON j.k = (r.n + i) / 2 % (SELECT count(*) FROM sp_json)
  JOIN sp_float fl ON fl.k = (r.n + i) % (SELECT count(*) FROM sp_float)
 WHERE r.n % 53 NOT IN (20, 40, 50) -- these have no value
   AND CASE WHEN i < 2 THEN r.n % 2 = 1 WHEN i = 2 THEN r.n % 6 = 1 ELSE r.n % 5 = 0 END
