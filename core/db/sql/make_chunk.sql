-- Chunks of every asset with a text of its own.
SELECT 4 * a.n + i AS sp_n, a.id AS asset_id, i AS chunk_index,
       CASE WHEN i = 1 AND a.n % 5 = 0 THEN '' WHEN i = 2 AND a.n % 7 = 0 THEN NULL
            ELSE s.v || ' ' || t.v END AS text_content,
       NULL::text AS blob_reference, NULL::bigint AS embedding_model_id,
       NULL::text AS embedding_json,
       '{"start": ' || i * 100 || ',  "end": ' || i * 100 + 90 || ', "odd": ' || j.v || '}'
         AS chunk_metadata,
       m.began + interval '4 minutes' AS created_at
  FROM sp_make m
  JOIN sp_asset a ON a.n BETWEEN m.first AND m.last
                 AND a.kind IN ('PDF', 'PDF_PAGE', 'WEB', 'ARTICLE', 'TEXT')
  CROSS JOIN generate_series(0, 2) i
  JOIN sp_sentence s ON s.k = get_byte(a.h, i) % (SELECT count(*) FROM sp_sentence)
  JOIN sp_text t ON t.k = (a.n + i) % (SELECT count(*) FROM sp_text)
  JOIN sp_json j ON j.k = (a.n + i) % (SELECT count(*) FROM sp_json)
 WHERE i <= get_byte(a.h, 3) % 3
