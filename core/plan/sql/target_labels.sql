-- The labels of the enums that columns in the schema $1 have, in their order.
SELECT t.typname, e.enumlabel
  FROM pg_type t
  JOIN pg_enum e ON e.enumtypid = t.oid
 WHERE EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE a.atttypid = t.oid AND NOT a.attisdropped AND n.nspname = $1)
 ORDER BY t.typname COLLATE "C", e.enumsortorder
