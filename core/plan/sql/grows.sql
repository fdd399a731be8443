-- Whether the contract `there` (JSON Schema) takes all that `here` takes, and says the same of it:
-- it has at most more optional fields and more values in an enum. `names`: their members are
-- names of fields or definitions, not keywords.
CREATE OR REPLACE FUNCTION pg_temp.sp_grows(here jsonb, there jsonb, names boolean) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $sp$
DECLARE
  key text;
  value jsonb;
BEGIN
  IF here = there THEN
    RETURN true;
  END IF;
  IF jsonb_typeof(here) <> 'object' OR jsonb_typeof(there) <> 'object' THEN
    RETURN false;
  END IF;
  FOR key, value IN SELECT e.key, e.value FROM jsonb_each(here) e LOOP
    IF NOT there ? key THEN
      RETURN false;
    ELSIF names OR key IN ('items', 'properties', '$defs', 'definitions') THEN
      IF NOT pg_temp.sp_grows(value, there -> key, NOT names AND key <> 'items') THEN
        RETURN false;
      END IF;
    ELSIF key = 'enum' AND jsonb_typeof(value) = 'array' AND jsonb_typeof(there -> key) = 'array' THEN
      IF EXISTS (SELECT FROM jsonb_array_elements(value) v WHERE NOT EXISTS (
                   SELECT FROM jsonb_array_elements(there -> key) w WHERE w.value = v.value)) THEN
        RETURN false;
      END IF;
    ELSIF value <> there -> key THEN
      RETURN false;
    END IF;
  END LOOP;
  -- new fields are optional: "required" is a key like any other, and the same
  RETURN names OR NOT EXISTS (SELECT FROM jsonb_object_keys(there) k
    WHERE NOT here ? k AND k NOT IN ('properties', '$defs', 'definitions'));
END $sp$;

-- Of texts; what jsonb can't hold doesn't.
CREATE OR REPLACE FUNCTION pg_temp.sp_contract_grows(here text, there text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $sp$
BEGIN
  RETURN pg_temp.sp_grows(here::jsonb, there::jsonb, false);
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END $sp$
