-- A json text without white space between its tokens; strings are passed over first.
CREATE OR REPLACE FUNCTION pg_temp.sp_tight(body text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
AS $sp$ SELECT regexp_replace(body, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $sp$;
-- The same with keys in jsonb's order, where a jsonb can be made of it.
CREATE OR REPLACE FUNCTION pg_temp.sp_ordered(body text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
AS $sp$ BEGIN RETURN body::jsonb::text; EXCEPTION WHEN OTHERS THEN RETURN pg_temp.sp_tight(body); END $sp$;
