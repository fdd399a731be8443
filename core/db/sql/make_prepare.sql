-- What the makers of rows share: the parameters (one row), the ids and UUIDs
-- of what is made, and the values that tools which move data come to grief on.
-- A row's hash is SHA-256 of "make-run/<seed>/<kind>/<n>"; its UUID the
-- version 8 (RFC 9562, 5.8) of the first 16 bytes.
CREATE TEMP TABLE sp_make (
  seed bigint, schema_name text, infospace_id bigint, user_id bigint,
  assets bigint, schemas bigint, annotations bigint, cycles bigint,
  inline boolean,  -- justifications stand in the values
  single boolean,  -- an asset is in one bundle at most
  root bigint,     -- the parent of a bundle without one
  first bigint, last bigint, -- of the slice that is being made
  began timestamp) ON COMMIT DROP;
CREATE TEMP TABLE sp_row (kind text, n bigint, id bigint, h bytea, uuid text) ON COMMIT DROP;
CREATE TEMP TABLE sp_slice (kind text, n bigint, id bigint, h bytea, uuid text) ON COMMIT DROP;
CREATE TEMP TABLE sp_file (cycle bigint, pos bigint, path text, size bigint, sha256 text)
  ON COMMIT DROP;
CREATE TEMP TABLE sp_slot (pos bigint, kind text, parent bigint, previous bigint, file bigint)
  ON COMMIT DROP;
CREATE TEMP TABLE sp_text (k bigint, v text) ON COMMIT DROP;
CREATE TEMP TABLE sp_sentence (k bigint, v text) ON COMMIT DROP;
CREATE TEMP TABLE sp_number (k bigint, v text) ON COMMIT DROP;
CREATE TEMP TABLE sp_json (k bigint, v text) ON COMMIT DROP;
CREATE TEMP TABLE sp_time (k bigint, v text) ON COMMIT DROP;
CREATE TEMP TABLE sp_float (k bigint, v text) ON COMMIT DROP;
CREATE TEMP TABLE sp_candidate (type text, v text[]) ON COMMIT DROP;

-- Inlined: the caller computes the hash behind a fence (OFFSET 0), or each
-- mention of it would hash again.
CREATE FUNCTION pg_temp.sp_uuid(h bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(set_byte(set_byte(substr(h, 1, 16), 6, get_byte(h, 6) & 15 | 128),
                         8, get_byte(h, 8) & 63 | 128), 'hex')::uuid::text
$$;

-- The first of these words that the column can hold: any where it is no
-- enumeration, NULL where none fits.
CREATE FUNCTION pg_temp.sp_word(relation text, name text, words text[]) RETURNS text
LANGUAGE sql STABLE AS $$
  WITH type AS (
    SELECT t.oid
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid AND c.relname = relation
      JOIN pg_namespace s ON s.oid = c.relnamespace
      JOIN pg_temp.sp_make m ON s.nspname = m.schema_name
      JOIN pg_type t ON t.oid = a.atttypid AND t.typtype = 'e'
     WHERE a.attname = name AND a.attnum > 0)
  SELECT w FROM unnest(words) WITH ORDINALITY u (w, o)
   WHERE NOT EXISTS (SELECT FROM type)
      OR w IN (SELECT e.enumlabel FROM pg_enum e JOIN type ON e.enumtypid = type.oid)
   ORDER BY o LIMIT 1
$$;

-- A JSON text for a column that can't hold every one: as a string where need be.
CREATE FUNCTION pg_temp.sp_strict(v text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN v::jsonb;
EXCEPTION
  WHEN untranslatable_character OR invalid_text_representation OR character_not_in_repertoire THEN
  RETURN to_jsonb(v);
END
$$;

-- Whether a type takes no NULL, as domains may say.
CREATE FUNCTION pg_temp.sp_not_null(type oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  WITH RECURSIVE t AS (
    SELECT typnotnull, typbasetype FROM pg_type WHERE oid = type
    UNION ALL SELECT p.typnotnull, p.typbasetype FROM t JOIN pg_type p ON p.oid = t.typbasetype)
  SELECT bool_or(typnotnull) FROM t
$$;

-- What the column can hold of the values of its type: literals, tried on it
-- and on its own CHECK constraints.
CREATE FUNCTION pg_temp.sp_takes(v text, type text, name text, checks text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  taken boolean;
  text_form text;
BEGIN
  -- what isn't asked for might never be converted
  EXECUTE format('SELECT (%s) IS NOT FALSE, m.%I::text FROM (SELECT %L::%s AS %I) m',
                 array_to_string('{true}' || checks, ' AND '), name, v, type, name)
     INTO taken, text_form;
  RETURN taken;
EXCEPTION WHEN others THEN
  RETURN false;
END
$$;

-- Literals for a type: of an enumeration the labels that HQ can read (it spells
-- them in upper case) and that ask for no work; of an array some of its
-- elements'; for the rest see sp_candidate.
CREATE FUNCTION pg_temp.sp_literals(type oid) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  t pg_type;
  v text[];
BEGIN
  SELECT * INTO t FROM pg_type WHERE oid = type;
  WHILE t.typtype = 'd' LOOP
    SELECT * INTO t FROM pg_type WHERE oid = t.typbasetype;
  END LOOP;
  IF t.typtype = 'e' THEN
    SELECT array_agg(enumlabel ORDER BY enumsortorder) INTO v FROM pg_enum
     WHERE enumtypid = t.oid AND enumlabel = upper(enumlabel)
       AND enumlabel !~ '(PENDING|RUNNING|PROCESSING|ACTIVE|WAITING|FAILED|ERROR|ARRIVAL)'
       AND enumlabel !~ '(SCHEDULED|QUEUED|DOWNLOADING|EXTRACTING)';
    RETURN coalesce(v, (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum
                         WHERE enumtypid = t.oid));
  ELSIF t.typtype = 'c' THEN
    RETURN ARRAY[(SELECT '(' || repeat(',', count(*)::int - 1) || ')' FROM pg_attribute
                   WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped)];
  ELSIF EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) THEN
    SELECT array_agg(u ORDER BY o) INTO v
      FROM unnest(pg_temp.sp_literals(t.typelem)) WITH ORDINALITY w (u, o)
     WHERE pg_temp.sp_takes(u, format_type(t.typelem, NULL), 'v', '{}');
    RETURN ARRAY['{}', '{NULL}', (v || ARRAY[NULL] || v)::text, ARRAY[v[1], NULL]::text,
                 '[2:3]=' || ARRAY[v[1], v[1]]::text];
  END IF;
  SELECT c.v INTO v FROM pg_temp.sp_candidate c WHERE c.type = t.typname;
  RETURN coalesce(v, (SELECT c.v FROM pg_temp.sp_candidate c WHERE c.type = ''));
END
$$;

CREATE FUNCTION pg_temp.sp_values(relation oid, number smallint, type text) RETURNS text[]
LANGUAGE sql AS $$
  SELECT array_agg(u.v ORDER BY u.o)
    FROM pg_attribute a,
         unnest(pg_temp.sp_literals(a.atttypid)) WITH ORDINALITY u (v, o)
   WHERE a.attrelid = relation AND a.attnum = number AND u.v IS NOT NULL
     AND pg_temp.sp_takes(u.v, type, a.attname,
           (SELECT coalesce(array_agg(pg_get_expr(k.conbin, k.conrelid)), '{}') FROM pg_constraint k
             WHERE k.conrelid = relation AND k.contype = 'c' AND k.conkey = ARRAY[number]))
$$;

-- A literal that no other row has: a number beyond what sequences give, or a
-- text. The inserts that call it run under HQ's search path.
CREATE FUNCTION pg_temp.sp_distinct(n bigint, name text, type text) RETURNS text LANGUAGE sql STABLE
    SET search_path = pg_catalog AS $$
  SELECT CASE WHEN type ~ '^(bigint|integer|numeric)'
              THEN (1000000000 + m.seed % 1000 * 1000000 + n)::text
              ELSE pg_temp.sp_uuid(sha256(convert_to(
                     'make-run/' || m.seed || '/' || name || '/' || n, 'UTF8'))) END
    FROM pg_temp.sp_make m
$$;

INSERT INTO sp_text SELECT o - 1, v FROM unnest(ARRAY[
  'Größenwahn: »Straße«, Übermaß, ẞ', 'سياسة الطاقة في ألمانيا ٢٠٢٥', '德国能源政策：可再生能源',
  'abc שלום 123 עולם (def)', '',
  E'\U0001F469\u200D\U0001F469\u200D\U0001F467 \U0001F3F3\uFE0F\u200D\U0001F308 \U0001F1E9\U0001F1EA',
  E'\U0001D518\U0001D52B\U00020731 \U0010FFFD',
  E'e\u0301 n\u0303 a\u0308\u0323 \u00E9 \u00F1 \u1EA5',
  E'  \t leading and trailing \u00A0 ', 'NULL', '\N', '\.',
  '''single'' "double" `back` \back\slash $$dollar$$ {brace}',
  E'a\nb\r\nc\rd\u2028e\u2029f\u0085g\u000Bh\fi',
  (SELECT string_agg(chr(i), '' ORDER BY i) FROM generate_series(1, 31) i) || E'\u007F\u0080\u009F',
  E'\u001B[31mred\u001B[0m \u001B]52;c;aGFja2Vk\u0007 \u009B2J',
  E'invoice\u202Efdp.exe\u202C \u2066isolated\u2069 \u200F\u200E\u061C',
  E'a\u200Bb\u2060c\uFEFFd\u00ADe',
  E'\uFFFE\uFFFF\uFDD0\U0001FFFF', '{"a": [1, null, "\u0041"]}', '\u0000 is six characters here',
  '%s%n%d %% \x41 {0} ${HOME}', '<script>alert(1)</script> &amp; ]]>', 'a' || repeat(' b', 60)
]) WITH ORDINALITY u (v, o);

INSERT INTO sp_sentence SELECT o - 1, v FROM unnest(ARRAY[
  'The committee met in public and adjourned without a vote.',
  'A new line to the coast is to be ready by 2031.',
  'Critics call the plan too slow; its authors call it thorough.',
  'The budget grows by 4.7 per cent.',
  'Der Ausbau der Netze kommt langsamer voran als geplant.',
  'Über die Kosten streiten Bund und Länder weiterhin.',
  'Die Anhörung wurde auf den nächsten Dienstag verschoben.',
  'Größere Städte sollen zuerst angeschlossen werden.',
  'Le rapport sera présenté à l’Assemblée à l’automne.', 'La région a voté contre le projet.',
  'تسعى الحكومة إلى زيادة حصة الطاقة المتجددة.', 'أُجّل التصويت إلى الأسبوع المقبل.',
  '政府计划到2030年提高可再生能源的比例。', '委员会推迟了表决。',
  'エネルギー政策に関する報告書が公表された。', 'Комитет перенёс голосование на осень.',
  'Ο προϋπολογισμός αυξήθηκε.', 'समिति ने प्रस्ताव पर मतदान टाल दिया।',
  'הוועדה דחתה את ההצבעה.', 'คณะกรรมการเลื่อนการลงมติ', '위원회는 표결을 미뤘다.',
  E'Wind \U0001F32C\uFE0F and sun \u2600\uFE0F together gave 61 %.',
  'No figures were given.', 'See annex B, table 3.'
]) WITH ORDINALITY u (v, o);

INSERT INTO sp_number SELECT o - 1, v FROM unnest(ARRAY[
  '9007199254740993', '9223372036854775807', '-9223372036854775808',
  '123456789012345678901234567890',
  '1e-300', '5e-324', '1.5e300', '1e400', '1.10', '100.000',
  '3.14159265358979323846264338327950288419716939937510', '0.1', '-0.0', '-17'
]) WITH ORDINALITY u (v, o);

INSERT INTO sp_json SELECT o - 1, v FROM unnest(ARRAY[
  '{"a": 1, "a": 2, "b": {"c": null, "c": []}}', '"before\u0000after"', '{"k\u0000": 1}',
  '"\ud800 and \udc00"', '"\/\u00e9\u2028\ud83d\ude00\b\f\n\r\t\"\\"',
  E'{\r\n\t"a" :\n[ 1 ,\n2 ]\n}', '[1E5, 1e+5, 1.0e-0, -0, 0.0e10]', 'null', E' \n{ } ',
  '[9007199254740993, 1e-300, 1.10, 1e400]', E'"\u2028\u2029"',
  repeat('[', 100) || repeat(']', 100),
  '""', '[null, true, false, {}, []]'
]) WITH ORDINALITY u (v, o);

INSERT INTO sp_time SELECT o - 1, v FROM unnest(ARRAY[
  '0044-03-15 12:00:00 BC', '2024-02-29 23:59:59.999999', 'infinity', '-infinity',
  '4713-01-01 00:00:00 BC',
  '294276-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999', '0001-01-01 00:00:00',
  '10000-01-01 00:00:00.000001'
]) WITH ORDINALITY u (v, o);

INSERT INTO sp_float SELECT o - 1, v FROM unnest(ARRAY[
  'NaN', 'Infinity', '-Infinity', '1e-300', '5e-324', '1.7976931348623157e+308', '0.1', '-0',
  '0.30000000000000004', '9007199254740993', '0.75'
]) WITH ORDINALITY u (v, o);

-- What an unknown column may get, by the name of its base type; '' is for any
-- other type. Each is tried on the column's own type first.
INSERT INTO sp_candidate
SELECT t, (SELECT array_agg(v ORDER BY k) FROM sp_text)
  FROM unnest(ARRAY['text', 'varchar', 'bpchar', 'name', 'citext']) t
UNION ALL
SELECT t, (SELECT array_agg(v ORDER BY k) FROM sp_json)
  FROM unnest(ARRAY['json', 'jsonb']) t
UNION ALL
SELECT t, (SELECT array_agg(v ORDER BY k) FROM sp_time)
  FROM unnest(ARRAY['timestamp', 'timestamptz', 'date']) t
UNION ALL
SELECT t, (SELECT array_agg(v ORDER BY k) FROM sp_float)
  FROM unnest(ARRAY['float4', 'float8']) t
UNION ALL
SELECT 'numeric', (SELECT array_agg(v ORDER BY k) FROM sp_number)
                  || ARRAY['NaN', 'Infinity', '1.5', '0']
UNION ALL
VALUES
  ('int2', ARRAY['32767', '-32768', '0', '7']),
  ('int4', ARRAY['2147483647', '-2147483648', '0', '7']),
  ('int8', ARRAY['9223372036854775807', '-9223372036854775808', '9007199254740993', '0']),
  ('oid', ARRAY['0', '4294967295']),
  -- true might switch on something
  ('bool', ARRAY['false']),
  ('money', ARRAY['0', '-12.34']),
  ('uuid', ARRAY['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-8fff-bfff-ffffffffffff']),
  ('bytea', ARRAY['\x', '\x00ff5c27', '\x5c303030']),
  ('time', ARRAY['00:00:00', '24:00:00', '23:59:59.999999']),
  ('timetz', ARRAY['00:00:00+15:59', '24:00:00-15:59']),
  ('interval', ARRAY['-178000000 years', '1 mon -3 days 04:05:06.000007', '00:00:00']),
  ('inet', ARRAY['192.0.2.1/24', '2001:db8::1']),
  ('cidr', ARRAY['192.0.2.0/24', '::/0']),
  ('macaddr', ARRAY['08:00:2b:01:02:03']),
  ('bit', ARRAY['1', '0', '101']),
  ('varbit', ARRAY['101', '']),
  ('xml', ARRAY['<a b="&lt;">ü</a>', 'text only']),
  ('tsvector', ARRAY['''a b'':1A ''it''''s'':2', '']),
  ('hstore', ARRAY['"a"=>NULL, "b"=>"NULL"', '']),
  ('', ARRAY['0', '1', 'empty', '{}', '', '()', '(0,0)', '(0,0),(1,1)', '<(0,0),1>', '{1,2,3}',
             '[]', '-', '1 2', '(,)', '[2024-02-29,2024-03-01)', '[0,1)', 'a', '1:1:', '0/0',
             '08:00:2b:01:02:03:04:05']);

-- Twenty assets in a row; files are named by the slot whose object it is.
INSERT INTO sp_slot (pos, kind, parent, previous, file) VALUES
  (0, 'PDF', NULL, NULL, 0), (1, 'PDF', NULL, 0, 1), (2, 'PDF_PAGE', 1, NULL, NULL),
  (3, 'PDF_PAGE', 1, NULL, NULL), (4, 'WEB', NULL, NULL, NULL), (5, 'IMAGE', NULL, NULL, 5),
  (6, 'CSV', NULL, NULL, 6), (7, 'CSV_ROW', 6, NULL, NULL), (8, 'CSV_ROW', 6, NULL, NULL),
  (9, 'TEXT', NULL, NULL, 9), (10, 'WEB', NULL, NULL, NULL), (11, 'IMAGE', 10, NULL, NULL),
  (12, 'ARTICLE', NULL, NULL, NULL), (13, 'MBOX', NULL, NULL, 13), (14, 'EMAIL', 13, NULL, NULL),
  (15, 'PDF', 14, NULL, 15), (16, 'PDF_PAGE', 0, NULL, NULL), (17, 'WEB', NULL, NULL, NULL),
  (18, 'PDF', NULL, NULL, 1), (19, 'TEXT', NULL, NULL, NULL);
