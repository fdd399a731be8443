-- Who this database is: the cluster's system identifier and the database's oid.
SELECT s.system_identifier || '/' || d.oid
  FROM pg_catalog.pg_control_system() s, pg_catalog.pg_database d
 WHERE d.datname = current_database()
