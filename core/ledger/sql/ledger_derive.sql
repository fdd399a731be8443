-- The instance's UUID as core/model/identity.h derives it: of version 8, from the SHA-256 of texts
-- that each end in a NUL.
(SELECT encode(set_byte(set_byte(h.b, 6, get_byte(h.b, 6) & 15 | 128), 8, get_byte(h.b, 8) & 63 | 128), 'hex')::uuid
   FROM (SELECT substring(sha256(convert_to('instance', 'UTF8') || decode('00', 'hex') ||
                                 convert_to(s.system_identifier || '/' || d.oid, 'UTF8') ||
                                 decode('00', 'hex')) FROM 1 FOR 16) AS b
           FROM pg_control_system() s, pg_database d
          WHERE d.datname = current_database()) h)
