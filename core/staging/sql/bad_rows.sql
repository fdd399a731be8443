-- Why a line's column can't be taken as this type, NULL where it can. One
-- column at a time: a whole row's error names only its first.
CREATE OR REPLACE FUNCTION pg_temp.sp_why_bad(body text, key text, type text) RETURNS text
LANGUAGE plpgsql AS $sp$
BEGIN
  IF key = '__raw' THEN
    PERFORM x.value::json FROM json_each_text(body::json -> '__raw') x;
  ELSE
    EXECUTE format('SELECT 1 FROM json_to_record($1::json) AS r (%I %s)', key, type) USING body;
  END IF;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN sqlerrm;
END $sp$;
