-- The time zone of HQ's sessions here: set for this database, else the
-- server's own; NULL where only what this login or client asked for is told.
SELECT coalesce(
  (SELECT substring(c FROM '=(.*)')
     FROM pg_catalog.pg_db_role_setting r, unnest(r.setconfig) AS c
    WHERE r.setrole = 0
      AND r.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
      AND lower(c) LIKE 'timezone=%'
    ORDER BY r.setdatabase DESC
    LIMIT 1),
  (SELECT CASE WHEN source IN ('client', 'user', 'database user', 'session') THEN NULL ELSE setting END
     FROM pg_catalog.pg_settings WHERE name = 'TimeZone'))
