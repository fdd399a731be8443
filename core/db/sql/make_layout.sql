-- The assets: what each is, and what it hangs on. Parents and earlier
-- versions come before, so that any number of assets is whole.
UPDATE sp_slot SET kind = pg_temp.sp_word('asset', 'kind', ARRAY[kind, 'FILE', 'TEXT', 'PDF']);
ANALYZE sp_row;
ANALYZE sp_file;
ANALYZE sp_slot;
ANALYZE sp_text;
ANALYZE sp_sentence;
ANALYZE sp_number;
ANALYZE sp_json;
ANALYZE sp_time;
ANALYZE sp_float;
CREATE TEMP TABLE sp_asset ON COMMIT DROP AS
SELECT r.n, r.id, r.uuid, r.h, s.pos, s.kind,
       p.id AS parent_id, v.id AS previous_id, a8.id AS page_id, a7.id AS picture_id,
       s.pos = 0 AND r.n < m.assets AS superseded,
       s.pos = 16 AS parent_superseded,
       s.parent IS NULL AND s.pos % 3 = 1 AS in_1,
       s.parent IS NULL AND s.pos % 3 <> 2 AND NOT (m.single AND s.pos % 3 = 1) AS in_2,
       s.kind = 'WEB' AS fed,
       f.path, f.size, f.sha256
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'asset'
  JOIN sp_slot s ON s.pos = (r.n - 1) % 20
  LEFT JOIN sp_row p ON p.kind = 'asset' AND p.n = r.n - s.pos + s.parent
  LEFT JOIN sp_row v ON v.kind = 'asset' AND v.n = r.n - s.pos + s.previous
  LEFT JOIN sp_row a8 ON a8.kind = 'asset' AND s.pos = 12 AND a8.n = r.n - 8
  LEFT JOIN sp_row a7 ON a7.kind = 'asset' AND s.pos = 12 AND a7.n = r.n - 7
  LEFT JOIN sp_file f ON f.cycle = (r.n - 1) / 20 % nullif(m.cycles, 0) AND f.pos = s.file;
CREATE UNIQUE INDEX ON sp_asset (n);
ANALYZE sp_asset;
-- All hazards at once, for the first of each kind.
CREATE TEMP TABLE sp_all ON COMMIT DROP AS
SELECT jsonb_build_object(
         'texts', (SELECT jsonb_agg(v ORDER BY k) FROM sp_text),
         'keys', (SELECT jsonb_object_agg(v, k) FROM sp_text),
         'numbers', (SELECT jsonb_agg(v::jsonb ORDER BY k) FROM sp_number),
         'empty', jsonb_build_array('', '{}'::jsonb, '[]'::jsonb, NULL)) AS value,
       (SELECT '{"odd": [' || string_agg(v, ', ' ORDER BY k) || ']}' FROM sp_json) AS json
