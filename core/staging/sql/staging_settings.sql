-- For statements over all rows of a package: joins that stay in memory, and
-- tables made by several workers where the server has some to spare. What it
-- was told already goes further than this stays.
SELECT set_config('work_mem', '64MB', false)
 WHERE pg_size_bytes(current_setting('work_mem')) < 64 << 20
UNION ALL
SELECT set_config('parallel_tuple_cost', '0.005', false)
 WHERE current_setting('parallel_tuple_cost')::float8 > 0.005
