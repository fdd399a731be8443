-- The column of a field: its first token.
CREATE OR REPLACE FUNCTION pg_temp.sp_column(field text) RETURNS text LANGUAGE sql IMMUTABLE AS $sp$
  SELECT replace(replace(split_part(field, '/', 1), '~1', '/'), '~0', '~')
$sp$;

-- The tokens of a JSON Pointer (RFC 6901) without its first slash.
CREATE OR REPLACE FUNCTION pg_temp.sp_tokens(pointer text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $sp$
  SELECT array_agg(replace(replace(u.token, '~1', '/'), '~0', '~') ORDER BY u.n)
    FROM regexp_split_to_table(pointer, '/') WITH ORDINALITY AS u (token, n)
$sp$;

CREATE OR REPLACE FUNCTION pg_temp.sp_has_field(here jsonb, there jsonb, pointer text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $sp$
  SELECT here #> pg_temp.sp_tokens(pointer) IS NOT NULL OR there #> pg_temp.sp_tokens(pointer) IS NOT NULL
$sp$;

-- What `here` becomes where the value at `path` is that of `there`, and absent
-- where that has none; NULL where there is no room for it.
CREATE OR REPLACE FUNCTION pg_temp.sp_take_field(here jsonb, there jsonb, path text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $sp$
DECLARE
  value jsonb := there #> path;
BEGIN
  IF value IS NULL THEN
    RETURN CASE WHEN here #> path IS NULL THEN here ELSE here #- path END;
  END IF;
  -- what it stands in
  FOR i IN 1 .. cardinality(path) - 1 LOOP
    IF jsonb_typeof(here #> path[:i]) IS DISTINCT FROM jsonb_typeof(there #> path[:i]) THEN
      here := jsonb_set(here, path[:i], CASE jsonb_typeof(there #> path[:i]) WHEN 'array' THEN '[]' ELSE '{}' END::jsonb);
    END IF;
  END LOOP;
  here := jsonb_set(here, path, value);
  -- an item behind the end of a list would become its next
  RETURN CASE WHEN here #> path = value THEN here END;
END $sp$;

-- A field and its justification go together.
CREATE OR REPLACE FUNCTION pg_temp.sp_take_fields(here jsonb, there jsonb, pointers text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $sp$
DECLARE
  pointer text;
  path text[];
  n integer;
BEGIN
  FOREACH pointer IN ARRAY pointers LOOP
    path := pg_temp.sp_tokens(pointer);
    n := cardinality(path);
    IF jsonb_typeof(here) IS DISTINCT FROM jsonb_typeof(there) THEN
      RETURN NULL;
    END IF;
    here := pg_temp.sp_take_field(here, there, path);
    IF jsonb_typeof(there #> path[:n - 1]) = 'object' THEN
      here := pg_temp.sp_take_field(here, there, path[:n - 1] || (path[n] || '_justification'));
    END IF;
  END LOOP;
  RETURN here;
END $sp$
