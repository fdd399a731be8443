-- A json text without white space between its tokens; strings are passed over first.
CREATE OR REPLACE FUNCTION pg_temp.sp_tight(body text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
AS $sp$ SELECT regexp_replace(body, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $sp$;
