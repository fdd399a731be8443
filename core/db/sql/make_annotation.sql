-- Annotations. The first holds every hazard; one in some dozens has no value,
-- in one of two ways.
SELECT r.n AS sp_n, r.id, r.uuid, a.id AS asset_id, s.id AS schema_id, run.id AS run_id,
       m.infospace_id, m.user_id,
       CASE WHEN r.n % 53 = 20 THEN NULL WHEN r.n % 53 = 40 THEN 'null' WHEN r.n % 53 = 50 THEN '{}'
            ELSE f.fields || f.why || jsonb_build_object('odd',
              CASE WHEN r.n = 1 THEN (SELECT value FROM sp_all)
                   WHEN r.n % 3 = 0 THEN jsonb_build_object(t.v, nr.v::jsonb)
                   WHEN r.n % 3 = 1 THEN to_jsonb(t.v) ELSE nr.v::jsonb END)
       END AS value,
       CASE WHEN r.n % 53 IN (20, 40)
            THEN (SELECT pg_temp.sp_word('annotation', 'status', ARRAY['FAILED', 'SUCCESS']))
            ELSE (SELECT pg_temp.sp_word('annotation', 'status', ARRAY['SUCCESS'])) END AS status,
       m.began + (r.n % 86400) * interval '1.000037 s' AS timestamp,
       CASE r.n % 4 WHEN 0 THEN m.began - (r.n % 9999) * interval '1 hour'
                    WHEN 1 THEN ti.v::timestamp END AS event_timestamp,
       m.began + (r.n % 86400) * interval '1.000037 s' AS created_at,
       m.began + (r.n % 86400) * interval '1.000037 s' AS updated_at,
       CASE WHEN r.n = 1 THEN (SELECT json FROM sp_all)
            WHEN r.n % 4 = 0 THEN j.v
            WHEN r.n % 4 = 1 THEN 'null'
            WHEN r.n % 4 = 2 THEN '{"page": ' || r.n % 9 || ',  "box": [1, 2, ' || nr.v || ']}'
       END AS region,
       CASE r.n % 4 WHEN 1 THEN E'\tnull\r\n' WHEN 2 THEN '[]'
                    WHEN 3 THEN '[{"rel": "see", "odd": ' || j.v || '}]' END AS links,
       NULL::text AS imported_from_uuid
  FROM sp_make m
  CROSS JOIN sp_slice r
  JOIN sp_row run ON run.kind = 'run'
  JOIN sp_row s ON s.kind = 'schema' AND s.n = 1 + (r.n - 1 + (r.n - 1) / m.assets) % m.schemas
  JOIN sp_asset a ON a.n = 1 + (r.n - 1) % m.assets
  JOIN sp_sentence s1 ON s1.k = get_byte(r.h, 0) % (SELECT count(*) FROM sp_sentence)
  JOIN sp_sentence s2 ON s2.k = get_byte(r.h, 1) % (SELECT count(*) FROM sp_sentence)
  JOIN sp_sentence s3 ON s3.k = get_byte(r.h, 2) % (SELECT count(*) FROM sp_sentence)
  JOIN sp_text t ON t.k = r.n % (SELECT count(*) FROM sp_text)
  JOIN sp_number nr ON nr.k = r.n % (SELECT count(*) FROM sp_number)
  JOIN sp_json j ON j.k = r.n / 4 % (SELECT count(*) FROM sp_json)
  JOIN sp_time ti ON ti.k = r.n / 4 % (SELECT count(*) FROM sp_time)
  CROSS JOIN LATERAL (
    -- justifications of items; the field's own stands beside it
    SELECT CASE WHEN m.inline AND r.n % 2 = 1
                THEN jsonb_build_object('justification',
                       jsonb_build_object('reasoning', s2.v, 'page', r.n % 9)) ELSE '{}' END AS one,
           CASE WHEN m.inline AND r.n % 6 = 1
                THEN jsonb_build_object('justification', jsonb_build_object('reasoning', t.v))
                ELSE '{}' END AS two
    OFFSET 0) w
  CROSS JOIN LATERAL (
    SELECT CASE (s.n - 1) % 3
           WHEN 0 THEN jsonb_build_object(
             'title', left(s1.v, 40),
             'stance', (ARRAY['for', 'against', 'open'])[1 + get_byte(r.h, 3) % 3],
             'score', (get_byte(r.h, 4) * 256 + get_byte(r.h, 5)) / 100.00,
             'count', 9007199254740992 + r.n,
             'tags', jsonb_build_array(left(s3.v, 9), r.n % 17, NULL, true),
             'positions', jsonb_build_array(
               jsonb_build_object('actor', left(s2.v, 12), 'quote', s3.v) || w.one,
               jsonb_build_object('actor', '', 'quote', NULL) || w.two))
           WHEN 1 THEN jsonb_build_object(
             'summary', s1.v || ' ' || s2.v,
             'events', jsonb_build_array(
               jsonb_build_object(
                 'date', (date '2024-01-01' + (r.n % 366)::int)::text,
                 'participants', jsonb_build_array(left(s3.v, 9), ''),
                 'place', jsonb_build_object(
                   'name', left(s2.v, 12),
                   'geo', jsonb_build_object('lat', 52.5200, 'lon', -0.0))) || w.one,
               '{}'::jsonb || w.two))
           ELSE jsonb_build_object(
             'note', s1.v,
             'triplets', jsonb_build_array(
               jsonb_build_object('subject', left(s1.v, 12), 'predicate', 'says',
                                  'object', left(s2.v, 20)) || w.one,
               jsonb_build_object('subject', left(s3.v, 12), 'predicate', 'is',
                                  'object', 'x' || r.n % 100) || w.two))
           END AS fields,
           CASE WHEN m.inline AND r.n % 2 = 1 THEN jsonb_build_object(
             (ARRAY['stance', 'summary', 'note'])[1 + (s.n - 1) % 3] || '_justification',
             jsonb_build_object('reasoning', s3.v, 'score', 0.10, 'text_spans',
               jsonb_build_array(jsonb_build_object('start', 1, 'end', 2, 'text', t.v))))
             ELSE '{}' END
           || CASE WHEN m.inline AND r.n % 5 = 0 THEN jsonb_build_object('_thinking_trace',
             jsonb_build_object('reasoning', s2.v, 'model_name', 'made', 'trace_type', 'summary'))
             ELSE '{}' END AS why
    OFFSET 0) f
