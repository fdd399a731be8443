UPDATE spaceport.operation_progress
   SET phase = r->>'phase', rows = (r->>'rows')::bigint, rows_total = (r->>'rows_total')::bigint,
       bytes = (r->>'bytes')::bigint, bytes_total = (r->>'bytes_total')::bigint,
       bytes_per_second = (r->>'bytes_per_second')::bigint, seconds_left = (r->>'seconds_left')::bigint,
       updated_at = clock_timestamp()
  FROM (SELECT $1::jsonb AS r) j
 WHERE uuid = $2::uuid
