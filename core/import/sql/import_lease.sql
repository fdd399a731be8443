-- Held as long as the connection is.
SELECT pg_try_advisory_lock(hashtextextended('spaceport: imports into ' || $1, 0))
