SELECT s.n AS sp_n, r.id AS run_id, s.id AS schema_id
  FROM sp_row r
  JOIN sp_row s ON s.kind = 'schema'
 WHERE r.kind = 'run'
