-- Held as long as the connection is: that is how others know that the operation lives.
SELECT pg_advisory_lock(('x' || left(replace($1, '-', ''), 16))::bit(64)::bigint)
