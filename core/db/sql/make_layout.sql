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
       r.n - s.pos + s.parent AS parent_n, r.n - s.pos + s.previous AS previous_n,
       s.pos = 0 AND r.n < m.assets AS superseded,
       s.pos = 16 AS parent_superseded,
       s.parent IS NULL AND s.pos % 3 = 1 AS in_1,
       s.parent IS NULL AND s.pos % 3 <> 2 AND NOT (m.single AND s.pos % 3 = 1) AS in_2,
       s.kind = 'WEB' AS fed,
       f.path, f.size, f.sha256
  FROM sp_make m
  JOIN sp_row r ON r.kind = 'asset'
  JOIN sp_slot s ON s.pos = (r.n - 1) % 20
  LEFT JOIN sp_file f ON f.cycle = (r.n - 1) / 20 % m.cycles AND f.pos = s.file;
ANALYZE sp_asset;
-- All hazards at once, for the first of each kind.
CREATE TEMP TABLE sp_all ON COMMIT DROP AS
SELECT jsonb_build_object(
         'texts', (SELECT jsonb_agg(v ORDER BY k) FROM sp_text),
         'keys', (SELECT jsonb_object_agg(v, k) FROM sp_text),
         'numbers', (SELECT jsonb_agg(v::jsonb ORDER BY k) FROM sp_number),
         'empty', jsonb_build_array('', '{}'::jsonb, '[]'::jsonb, NULL)) AS value,
       (SELECT '{"odd": [' || string_agg(v, ', ' ORDER BY k) || ']}' FROM sp_json) AS json
