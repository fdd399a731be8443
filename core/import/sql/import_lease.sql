-- Of what $1 says; held as long as the connection is.
SELECT pg_try_advisory_lock(hashtextextended('spaceport: ' || $1, 0))
