SELECT 2 * a.n + b.n AS sp_n, a.id AS asset_id, b.id AS bundle_id,
       m.began AS created_at, m.began AS updated_at
  FROM sp_make m
  JOIN sp_asset a ON a.n BETWEEN m.first AND m.last
  JOIN sp_row b ON b.kind = 'bundle'
 WHERE CASE b.n WHEN 1 THEN a.in_1 ELSE a.in_2 END
