-- The run: finished, started by hand, continued by nothing.
SELECT r.n AS sp_n, r.id, r.uuid, 'Made by make-run, seed ' || m.seed AS name,
       E'Test data; \u001B[31mred\u001B[0m, \u202Ereversed' AS description,
       '{"model": "made",  "temperature": 0.10, "target_asset_ids": '
         || (SELECT coalesce(json_agg(a.id ORDER BY a.n), '[]')
               FROM sp_asset a WHERE a.parent_id IS NULL AND a.n <= 1000)::text
         || ', "schema_ids": '
         || (SELECT json_agg(s.id ORDER BY s.n) FROM sp_row s WHERE s.kind = 'schema')::text
         || ', "target_bundle_id": ' || (SELECT id FROM sp_row WHERE kind = 'bundle' AND n = 1)
         || E',\n\t"hazards": ' || (SELECT json FROM sp_all) || '}' AS configuration,
       (SELECT pg_temp.sp_word('annotationrun', 'status', ARRAY['COMPLETED'])) AS status,
       m.began AS created_at, m.began + interval '1 hour' AS updated_at,
       m.began + interval '5 minutes' AS started_at, m.began + interval '1 hour' AS completed_at,
       NULL::text AS error_message, false AS include_parent_context, 0 AS context_window,
       jsonb_build_array(jsonb_build_object(
         'name', 'Übersicht', 'layout', jsonb_build_object('columns', 12), 'panels',
         jsonb_build_array(jsonb_build_object(
           'id', 'panel-1', 'type', 'table', 'sourceType', 'run', 'sourceId', r.id,
           'settings', jsonb_build_object(
             'selectedSchemaId', s1.id,
             'selectedSchemaIds', (SELECT jsonb_agg(s.id ORDER BY s.n) FROM sp_row s
                                    WHERE s.kind = 'schema')),
           'formula', CASE WHEN m.inline
                           THEN jsonb_build_object('expression', 'count()',
                                                   'schema_id', s1.id) END)),
         'odd', (SELECT value FROM sp_all))) AS views_config,
       NULL::jsonb AS views_config_legacy_v1, NULL::jsonb AS views_config_pre_formula_unroll,
       NULL::jsonb AS __panel_reshape_backup_views_config__,
       m.infospace_id, m.user_id, NULL::text AS imported_from_uuid, NULL::bigint AS monitor_id,
       'manual' AS trigger_type, 'null' AS trigger_context, NULL::bigint AS source_bundle_id,
       (SELECT pg_temp.sp_word('annotationrun', 'run_type', ARRAY['ONE_OFF'])) AS run_type,
       NULL::bigint AS flow_execution_id, '["made", "made", null, ""]' AS tags,
       NULL::text AS graph_config,
       -- true would have HQ annotate new versions of the assets by itself
       false AS follow_on_version_change,
       NULL::bigint AS parent_run_id, m.assets AS progress_total, m.assets AS progress_current
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'run'
  JOIN sp_row s1 ON s1.kind = 'schema' AND s1.n = 1
