-- A bundle and one inside it; parents come first, a trigger looks.
SELECT r.n AS sp_n, r.id, r.uuid,
       CASE r.n WHEN 1 THEN 'Made by make-run, seed ' ELSE 'Reports of seed ' END || m.seed AS name,
       'Test data; ' || t.v AS description, 'test' AS purpose,
       CASE r.n WHEN 1 THEN '{"note": "test data",  "n": 1, "n": 2, "nul": "\u0000"}'
                ELSE 'null' END AS bundle_metadata,
       (SELECT count(*) FROM sp_asset a WHERE CASE r.n WHEN 1 THEN a.in_1 ELSE a.in_2 END)
         AS asset_count,
       CASE r.n WHEN 1 THEN 1 ELSE 0 END AS child_bundle_count,
       '1.0' AS version, m.infospace_id, m.user_id,
       CASE r.n WHEN 1 THEN m.root ELSE (SELECT id FROM sp_row WHERE kind = 'bundle' AND n = 1) END
         AS parent_bundle_id,
       false AS sealed, CASE r.n WHEN 1 THEN '["made", "", null]' ELSE '[]' END AS tags,
       m.began AS created_at, m.began + interval '1 minute' AS updated_at
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'bundle'
  JOIN sp_text t ON t.k = r.n
