-- Pins what a value's text depends on, and what could stop a long read.
-- Settings that this server's version doesn't know are passed over.
SELECT set_config(v.name, v.value, false)
  FROM (VALUES ('search_path', 'pg_catalog'),
               ('TimeZone', 'UTC'),
               ('DateStyle', 'ISO, YMD'),
               ('IntervalStyle', 'iso_8601'),
               ('bytea_output', 'hex'),
               ('extra_float_digits', '3'),
               ('lc_monetary', 'C'),
               ('xmlbinary', 'base64'),
               ('standard_conforming_strings', 'on'),
               ('quote_all_identifiers', 'off'),
               ('row_security', 'off'),
               ('jit', 'off'),
               ('lock_timeout', '10s'),
               ('transaction_timeout', '0'),
               ('idle_in_transaction_session_timeout', '0'),
               ('idle_session_timeout', '0'),
               ('client_connection_check_interval', '2s')) AS v (name, value)
  JOIN pg_catalog.pg_settings s ON s.name = v.name
