-- A source at rest: neither active nor pending, nothing is due.
SELECT r.n AS sp_n, r.id, r.uuid, 'Feed of seed ' || m.seed AS name, 'rss' AS kind,
       '{"feed_url":  "https://example.org/made/feed.xml", "target_bundle_id": '
         || (SELECT id FROM sp_row WHERE kind = 'bundle' AND n = 1) || ', "max_items": 50}'
         AS details,
       (SELECT pg_temp.sp_word('source', 'status', ARRAY['COMPLETE'])) AS status,
       'null' AS source_metadata, NULL::text AS error_message,
       m.began AS created_at, m.began + interval '2 minutes' AS updated_at,
       m.infospace_id, m.user_id, NULL::text AS imported_from_uuid, false AS is_active,
       (SELECT id FROM sp_row WHERE kind = 'bundle' AND n = 1) AS output_bundle_id,
       '{"seen_urls": ["https://example.org/made/1"]}' AS cursor_state,
       m.began + interval '2 minutes' AS last_poll_at, NULL::timestamp AS next_poll_at,
       (SELECT count(*) FROM sp_asset WHERE fed) AS items_last_poll,
       (SELECT count(*) FROM sp_asset WHERE fed) AS total_items_ingested,
       0 AS consecutive_failures, NULL::timestamp AS last_error_at, '[]' AS tags
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'source'
