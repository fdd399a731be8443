-- Assets: all ready; some titles and texts are hazards.
SELECT a.n AS sp_n, a.id, a.uuid,
       CASE WHEN a.pos IN (9, 19) OR a.n <= 1 THEN t.v
            ELSE initcap(lower(replace(a.kind, '_', ' '))) || ' ' || a.n
                 || CASE a.kind WHEN 'PDF' THEN '.pdf' WHEN 'CSV' THEN '.csv'
                                WHEN 'MBOX' THEN '.mbox' ELSE '' END
       END AS title,
       a.kind,
       CASE a.pos
         WHEN 7 THEN 'Row 1 | Größe | 1.10'
         WHEN 8 THEN 'Row 2 | | -0.0'
         WHEN 9 THEN t.v
         WHEN 12 THEN 'Composed of {{asset:' || a.page_id || ':inline:medium}} and {{asset:'
                      || a.picture_id || E':card:large}}\nnot one: {{asset:x:y:z}}'
         WHEN 19 THEN (SELECT string_agg(s.v, ' ' ORDER BY g, s.k)
                         FROM sp_sentence s, generate_series(1, 12) g) || t.v
         ELSE CASE WHEN a.path IS NULL OR a.kind = 'PDF'
                   THEN s1.v || E'\n' || s2.v || ' ' || t.v END
       END AS text_content,
       a.path AS blob_path,
       CASE a.kind
         WHEN 'WEB' THEN 'https://example.org/made/' || m.seed || '/' || a.n || '?q=ü&x=1#top'
         WHEN 'TEXT' THEN left(t.v, 200)
         WHEN 'IMAGE' THEN 'https://example.org/made/' || a.n || '.png' END AS source_identifier,
       -- of files only: the other form, of texts, says nothing about them
       a.sha256 AS content_hash,
       '{"file": {"size": ' || coalesce(a.size::text, 'null')
         || E'},  "facets": {"language": "de", "rank": 1.10},\n\t"odd": ' || j.v || '}'
         AS source_metadata,
       jsonb_build_object('language', (ARRAY['de', 'en', 'ar', 'zh'])[1 + a.n % 4],
                          'rank', nr.v::jsonb, 'note', t.v) AS metadata,
       CASE WHEN a.pos = 12
            THEN jsonb_build_object('source_asset_ids', jsonb_build_array(a.page_id, a.picture_id),
                                    'source_run_ids', jsonb_build_array(run.id))
            WHEN a.path IS NOT NULL THEN jsonb_build_object('size', a.size, 'copy_mode', true)
            ELSE '{}' END AS file_info,
       CASE WHEN a.pos IN (1, 4)
            THEN jsonb_build_object(
              'title', jsonb_build_object(
                'value', t.v, 'source_ref', 'annotation_run:' || run.id, 'schema_id', s.id,
                'curated_by_ref', 'user:' || m.user_id, 'annotation_run_id', run.id),
              'a/b~c', jsonb_build_object(
                'value', nr.v::jsonb,
                'source_ref', jsonb_build_object('type', 'run', 'id', run.id)))
            WHEN a.pos = 5 THEN 'null' END AS fragments,
       (SELECT pg_temp.sp_word('asset', 'processing_status', ARRAY['READY'])) AS processing_status,
       CASE WHEN a.pos = 19 THEN t.v END AS processing_error,
       m.infospace_id, m.user_id,
       CASE WHEN a.fed THEN (SELECT id FROM sp_row WHERE kind = 'source' AND n = 1) END
         AS source_id,
       m.began + (a.n % 86400) * interval '1.000037 s' AS created_at,
       CASE WHEN a.n % 2 = 1 THEN ti.v::timestamp END AS event_timestamp,
       m.began + (a.n % 86400) * interval '1.000037 s' AS updated_at,
       a.parent_id AS parent_asset_id,
       CASE WHEN a.parent_id IS NOT NULL THEN CASE WHEN a.pos IN (3, 8) THEN 1 ELSE 0 END END
         AS part_index,
       a.previous_id AS previous_asset_id, false AS stub,
       (ARRAY['["made", "", null]', '[]', 'null', NULL])[1 + a.n % 4] AS tags,
       'made/' || m.seed || '/' || a.n AS logical_path,
       CASE a.n % 3 WHEN 0 THEN '["text", "image"]'::jsonb WHEN 1 THEN 'null' END
         AS discovered_modalities,
       a.superseded AS is_superseded, a.parent_superseded AS parent_is_superseded,
       -- what isn't NULL here, and not superseded, sets HQ's enrichers to work
       CASE WHEN a.superseded THEN ARRAY['ocr', '', NULL, 'NULL', 'a"b\c,{}', 'Größe'] END
         AS enrichment_resolved,
       CASE WHEN a.n % 2 = 0 THEN 'null'::jsonb END AS enrichment_errors,
       CASE WHEN a.in_1 AND a.in_2 THEN ARRAY[b1.id, b2.id] WHEN a.in_1 THEN ARRAY[b1.id]
            WHEN a.in_2 THEN ARRAY[b2.id] ELSE ARRAY[0] END AS bundle_ids,
       CASE WHEN a.in_1 THEN b1.id WHEN a.in_2 THEN b2.id END AS bundle_id
  FROM sp_make m
  JOIN sp_asset a ON a.n BETWEEN m.first AND m.last
  JOIN sp_row run ON run.kind = 'run'
  JOIN sp_row s ON s.kind = 'schema' AND s.n = 1
  JOIN sp_row b1 ON b1.kind = 'bundle' AND b1.n = 1
  JOIN sp_row b2 ON b2.kind = 'bundle' AND b2.n = 2
  JOIN sp_text t ON t.k = (a.n + m.seed % 1000) % (SELECT count(*) FROM sp_text)
  JOIN sp_number nr ON nr.k = a.n % (SELECT count(*) FROM sp_number)
  JOIN sp_json j ON j.k = a.n % (SELECT count(*) FROM sp_json)
  JOIN sp_time ti ON ti.k = (a.n - 1) / 2 % (SELECT count(*) FROM sp_time)
  JOIN sp_sentence s1 ON s1.k = get_byte(a.h, 0) % (SELECT count(*) FROM sp_sentence)
  JOIN sp_sentence s2 ON s2.k = get_byte(a.h, 1) % (SELECT count(*) FROM sp_sentence)
