"""Every value of every row that travels is in the package as the database
has it: the columns that HQ has, and columns of many types added to each table.

What PostgreSQL itself makes of a package's value (json_populate_record) is
compared with the column, as text; json columns are compared as text without
white space between tokens.
"""

import json
import re
import unittest

import lib
from lib import ident, literal

import hazards  # noqa: E402

# Kinds that each generation must have among its rows, or the test is blind.
ALWAYS = {"run", "schema", "schema_link", "annotation", "aggregate", "asset", "chunk", "bundle",
          "source", "task", "embedding_model", "dataset"}
KINDS_OF = {
    "2025-07": ALWAYS | {"justification", "bundle_link", "monitor", "pipeline"},
    "2025-10": ALWAYS | {"justification", "monitor", "pipeline"},
    "2026-03": ALWAYS | {"justification", "curation", "edge", "graph", "entity", "flow",
                         "flow_execution"},
    "2026-05": ALWAYS | {"curation", "edge", "graph", "canon", "entity", "flow",
                         "flow_execution"},
}
IDENTITY = {"id", "uuid", "entity_uuid", "imported_from_uuid"}

TYPES = """
CREATE TYPE sample_mood AS ENUM ('sad', 'ok', 'very "happy", {really}', 'NULL', '', 'Größe');
CREATE DOMAIN sample_text AS text CHECK (VALUE <> 'forbidden');
CREATE DOMAIN sample_number AS numeric(40, 3);
CREATE DOMAIN sample_numbers AS integer[];
CREATE DOMAIN sample_json AS json;
CREATE DOMAIN sample_jsonb AS jsonb;
CREATE DOMAIN sample_nested AS sample_text;
CREATE TYPE sample_pair AS (a integer, "b.c" text, d numeric[], e sample_mood, f timestamptz,
                            g json);
CREATE DOMAIN sample_pair_domain AS sample_pair;
CREATE TYPE sample_range AS RANGE (subtype = text);
"""

LONG = "-" + "1234567890" * 70 + "." + "0987654321" * 30
TEXTS = tuple(hazards.TEXTS.values())
JSONS = ("null", '"null"', "[]", "{ }", ' {"a" : [ 1.10 , 1e400 , -0, 9007199254740993 ] }\n')


def _arrays(*elements):
    """Array values with each element, NULLs, "NULL", other bounds, nesting."""
    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    first, last = quoted(elements[0]), quoted(elements[-1])
    return ("{}", "{" + ",".join(map(quoted, elements)) + ",NULL}", "{NULL}",
            "{{" + first + ",NULL},{" + last + "," + first + "}}",
            "[2:3]={" + first + ",NULL}", "[0:0][-1:0]={{" + first + "," + last + "}}")


# Type, and values as PostgreSQL reads them; NULL is always one more.
COLUMNS = [
    ("text", TEXTS), ("character varying(300)", TEXTS),
    ("character(5)", ("a", "", "abcde", "ä  b")), ('"char"', ("a", "", "\\200")),
    ("name", ("a", "Größe", "")),
    ("sample_text", TEXTS[:6]), ("sample_nested", TEXTS[6:12]),
    ("sample_number", ("0.001", "1234567890123456789012345678901234567.123", "NaN", "10")),
    ("sample_numbers", ("{}", "{1,NULL,-2147483648}", "[2:3]={1,2}", "{{1,2},{3,4}}")),
    ("sample_json", JSONS + tuple(hazards.JSON_ONLY.values())),
    ("sample_jsonb", JSONS[:-1]),
    ("sample_mood", ("sad", 'very "happy", {really}', "NULL", "", "Größe")),
    ("sample_pair", ("(,,,,,)",
                     '(1,"a ""b"" \\\\ ,(","{1.10,NULL}",NULL,infinity,"{""a"":1, ""a"":2}")',
                     '(-5,"",{},"",2024-02-29,null)')),
    ("sample_pair_domain", ("(7,x,,,,)",)),
    ("sample_pair[]", _arrays("(1,,,,,)", '(2,"NULL",{1},sad,,"""\\\\u0000""")')),
    ("sample_mood[]", _arrays("sad", 'very "happy", {really}', "NULL", "")),
    ("sample_text[]", _arrays("a", "", "NULL", "null", 'q"\\{},', "\t\n \u202e")),
    ("sample_number[]", _arrays("1.100", "NaN")),
    ("sample_json[]", _arrays("null", '{"a": "\\u0000"}')),
    ("sample_range", ("empty", '["a b","c,d")', '(,"")')),
    ("smallint", ("-32768", "32767", "0")), ("integer", ("-2147483648", "2147483647")),
    ("bigint", ("-9223372036854775808", "9223372036854775807", "9007199254740993")),
    ("numeric", (LONG, "NaN", "1.10", "100.000", "0.000", "1e-300", "1e300")),
    ("numeric(10,2)", ("1.10", "-99999999.99")),
    ("real", ("NaN", "Infinity", "-Infinity", "1e-45", "3.4028235e38", "0.1", "-0")),
    ("double precision", hazards.FLOATS),
    ("money", ("-92233720368547758.08", "1.10")), ("boolean", ("t", "f")),
    ("bytea", ("", "\\x00ff7f5c22", "\\x" + "00" * 5000)),
    ("bit(5)", ("10110", "00000")), ("bit varying", ("", "1", "0" * 70)),
    ("inet", ("10.1.2.3/8", "::1", "192.0.2.1")), ("cidr", ("10.0.0.0/8", "2001:db8::/32")),
    ("macaddr", ("08:00:2b:01:02:03",)), ("macaddr8", ("08:00:2b:01:02:03:04:05",)),
    ("uuid", ("00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("interval", ("-1 years -2 mons +3 days -04:05:06.000007", "178000000 years", "0", "1 day")),
    ("date", ("0044-03-15 BC", "infinity", "-infinity", "5874897-12-31", "4713-01-01 BC")),
    ("time", ("24:00:00", "00:00:00.000001")), ("timetz", ("12:00:00.5+15:59", "24:00:00-03:30")),
    ("timestamp", hazards.TIMESTAMPS),
    ("timestamptz", ("2025-03-30 02:30:00+02", "infinity", "0044-03-15 12:00:00+00 BC",
                     "1890-01-01 00:00:00+00:53:28")),
    ("timestamp(0)", ("2025-01-01 00:00:00",)),
    ("int4range", ("empty", "[1,5)", "(,)")), ("numrange", ("(1.10,2.200]", "[,NaN]")),
    ("tstzrange", ('["2025-01-01 00:00:00+00",infinity)',)), ("daterange", ("[0044-03-15 BC,)",)),
    ("point", ("(1e-300,-Infinity)",)), ("box", ("(2,2),(1,1)",)), ("path", ("[(0,0),(1,1)]",)),
    ("polygon", ("((0,0),(0,1),(1,1))",)), ("circle", ("<(1,2),3.5>",)), ("line", ("{1,-1,0.1}",)),
    ("lseg", ("[(0,0),(1,1)]",)),
    ("json", JSONS + tuple(hazards.JSON_ONLY.values()) + ("1e999999", "[1e-999999]")),
    ("jsonb", JSONS + ('{"": [{}]}', json.dumps(TEXTS[3]))),
    ("tsvector", ("'a':1A 'it''s':2", "")), ("tsquery", ("'a' & !'b c':*",)),
    ("jsonpath", ('$."a b"[*]?(@ > 1.10)',)), ("oid", ("4294967295", "0")),
    ("regclass", ("pg_class", "-")), ("pg_lsn", ("FFFFFFFF/FFFFFFFF",)), ("xid8", ("5",)),
    ("txid_snapshot", ("10:20:10,14",)), ("int2vector", ("1 2 3", "")), ("oidvector", ("1 2",)),
    ("text[]", _arrays("a", "", "NULL", "null", 'q"\\{},', " ", "\x01\u202e\t\n")),
    ("character(3)[]", _arrays("a", "abc")), ("character varying(5)[]", _arrays("a", "")),
    ("integer[]", _arrays("-2147483648", "5")), ("bigint[]", _arrays("9007199254740993", "-1")),
    ("numeric[]", _arrays("1.10", LONG, "NaN")), ("boolean[]", _arrays("t", "f")),
    ("double precision[]", _arrays("NaN", "Infinity", "1e-300", "-0")), ("real[]", _arrays("0.1")),
    ("timestamptz[]", _arrays("infinity", "0044-03-15 12:00:00+00 BC")),
    ("timestamp[]", _arrays("-infinity", "2025-01-01 00:00:00.000001")),
    ("date[]", _arrays("infinity", "2025-01-01")), ("interval[]", _arrays("1 mon", "-00:00:01")),
    ("bytea[]", _arrays("\\x00ff", "\\x")),
    ("uuid[]", _arrays("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    ("inet[]", _arrays("10.1.2.3/8", "::1")), ("money[]", _arrays("1.10", "-2.00")),
    ("bit(3)[]", _arrays("101")), ("int4range[]", _arrays("empty", "[1,5)")),
    ("json[]", _arrays("null", '{"a": 1, "a": "\\u0000"}', '"\\ud800"')),
    ("jsonb[]", _arrays("null", '{"a": 1.10}')), ("time[]", _arrays("24:00:00")),
    ("point[]", _arrays("(1,2)")),
    ("int2vector[]", _arrays("1 2")), ("box[]", ("{(2,2),(1,1);(4,4),(3,3)}", "{}")),
]

# Names at which tools that build SQL or JSON by hand come to grief.
NAMES = ['a.b', 'a"b', "a'b", "a\\b", "a b", "A", "ä图", "__refs", "__raw", "__file", "____raw",
         "__inline", "__", "a,b", "a%sb", "a$1b", "a/b~c", "a\nb", "select", "x" * 63, "{", "key",
         "path", "asset", "n", "t", "p", "external"]


def columns_for(instance):
    """(name, type, values) for each column to add."""
    version = int(instance.db.value("SELECT current_setting('server_version_num')"))
    there = {r["name"] for r in instance.db.query("SELECT name FROM pg_available_extensions")}
    columns = list(COLUMNS)
    if version >= 140000:
        columns += [("int4multirange", ("{}", "{[1,5),[7,)}")),
                    ("nummultirange[]", _arrays("{[1.10,2)}")),
                    ("numeric", ("Infinity", "-Infinity"))]
    if "hstore" in there:
        columns += [("hstore", ("", '"a b"=>"1", "c"=>NULL', '"\\""=>"\\\\"')),
                    ("hstore[]", _arrays('"a"=>"b"', ""))]
    if "citext" in there:
        columns += [("citext", TEXTS), ("citext[]", _arrays("A", ""))]
    if "ltree" in there:
        columns += [("ltree", ("a.b.C", ""))]
    if "vector" in there:
        columns += [("vector(3)", ("[1e-38,0.1,-3.4028235e38]",))]
    named = [(f"added {i} {t}"[:60], t, v) for i, (t, v) in enumerate(columns)]
    named += [(name, "text", TEXTS[i % len(TEXTS):][:2]) for i, name in enumerate(NAMES)]
    return named


def extend(instance):
    """Adds the columns to every table that may travel, and fills them: each
    row gets another value, every fourth or so NULL."""
    there = {r["name"] for r in instance.db.query("SELECT name FROM pg_available_extensions")}
    script = "".join(f"CREATE EXTENSION {e};\n" for e in ("hstore", "citext", "ltree")
                     if e in there)
    script += TYPES
    columns = columns_for(instance)
    for tables in lib.TABLES.values():
        for table in tables:
            if not instance.has(table):
                continue
            add, fill = [], []
            for number, (name, type_, values) in enumerate(columns):
                add.append(f"ADD COLUMN {ident(name)} {type_}")
                whens = " ".join(f"WHEN {i} THEN {_literal(v)}::{type_}"
                                 for i, v in enumerate(values))
                fill.append(f"{ident(name)} = CASE (r.n + {number}) % {len(values) + 1} "
                            f"{whens} END")
            add.append('ADD COLUMN "a computed one" text GENERATED ALWAYS AS '
                       f"({ident(columns[0][0])} || '!') STORED")
            add.append('ADD COLUMN "a counted one" bigint GENERATED BY DEFAULT AS IDENTITY')
            script += f"ALTER TABLE {ident(table)} {', '.join(add)};\n"
            script += (f"UPDATE {ident(table)} t SET {', '.join(fill)} FROM (SELECT ctid AS c, "
                       f"row_number() OVER ()::int AS n FROM {ident(table)}) r "
                       "WHERE t.ctid = r.c;\n")
    instance.db.run(script)
    instance.changed()


def _literal(text):
    return literal(text) if "\\" not in text else "E" + literal(text.replace("\\", "\\\\"))


def about_columns(instance, table):
    """{name: is json}, of the columns whose values must be in the package."""
    rows = instance.db.query(f"""
        SELECT a.attname AS name, coalesce(nullif(b.typname, ''), t.typname) AS type
          FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_type b ON b.oid = t.typbasetype
         WHERE a.attrelid = {literal('"' + table + '"')}::regclass AND a.attnum > 0
           AND NOT a.attisdropped AND a.attgenerated = '' AND NOT EXISTS (
             SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'f'
                AND a.attnum = ANY (k.conkey))""")
    return {r["name"]: r["type"] in ("json", "jsonb") for r in rows
            if r["name"] not in IDENTITY and (table, r["name"]) not in lib.SOFT
            and not re.match(r"embedding_(\d+|json|legacy)$", r["name"])}


def padded(instance, table):
    """Columns of the type char(n), whose blanks a cast to text would cut off."""
    return {r["name"] for r in instance.db.query(
        "SELECT attname AS name FROM pg_attribute WHERE attrelid = "
        f"{literal(ident(table))}::regclass AND atttypid = 'bpchar'::regtype AND NOT attisdropped")}


def members(text):
    """The members of a JSON object as raw texts: {key: text}."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)
    found, at = {}, 1
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        assert text[at] == ":", text[at:at + 20]
        _, end = decoder.raw_decode(text, at + 1)
        found[key], at = text[at + 1:end], end
        at += text[at] == ","
    assert text[at + 1:].strip() == ""
    return found


def without_secrets(text):
    """A JSON text without members called api_keys: what a run's settings are
    to be in a package."""
    def spell(node):
        if isinstance(node, lib.Pairs):
            return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + spell(v)
                                  for k, v in node if k != "api_keys") + "}"
        if isinstance(node, list):
            return "[" + ",".join(map(spell, node)) + "]"
        return node if isinstance(node, lib.Number) else json.dumps(node, ensure_ascii=False)
    return spell(lib.exact(text))


def whole(node):
    """A tree in which halves of surrogate pairs are replaced, as they are in
    the copy of the configuration that is for jq."""
    if isinstance(node, lib.Number):
        return node
    if isinstance(node, str):
        return node.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(node, (tuple, list)):
        return type(node)(map(whole, node))
    return node


def escaped(name):
    return "__" + name if name.startswith("__") else name


def package_rows(package, kind):
    """(row, its source id, or of links the ids that they join)."""
    ids = {m["uuid"]: m["source_id"] for m in package.mapping}
    for raw in package.raw_rows(kind):
        row = members(raw.strip())
        if "id" in row:
            yield raw.strip(), row, str(ids[json.loads(row["id"])])
        else:
            two = [k for k in ("run_id", "schema_id", "asset_id", "bundle_id") if k in row]
            yield raw.strip(), row, "/".join(str(ids[json.loads(row[k])]) for k in sorted(two))


def key_sql(table):
    return {"runschemalink": "t.run_id || '/' || t.schema_id",
            "assetbundlelink": "t.asset_id || '/' || t.bundle_id"}.get(table, "t.id::text")


class Values(lib.Case):

    @lib.everywhere(turns=True)
    def test_every_column_of_every_row_has_the_databases_value(self, kind, generation):
        with lib.own(kind, generation) as instance:
            extend(instance)
            package = lib.export(instance, "--include-datasets")
            # compiling the wide comparison takes longer than running it
            instance.db.run(f"ALTER DATABASE {ident(instance.db.dbname)} SET jit = off;")
            seen = set()
            for entity in lib.TABLES:
                table = lib.table_of(instance, entity)
                rows = list(package_rows(package, entity)) if table else []
                if rows and not (entity == "justification" and instance.number == 4):
                    seen.add(entity)
                    self._compare_plain(instance, table, rows)
                    self._compare_json(instance, table, rows)
            self.assertEqual(KINDS_OF[generation], seen)

    def _compare_plain(self, instance, table, rows):
        """PostgreSQL reads the rows back and compares."""
        columns = [c for c, is_json in about_columns(instance, table).items() if not is_json]
        blanks = padded(instance, table)
        checks = []
        for column in columns:
            key = literal(escaped(column))
            if "\\" in column:
                key = _literal(escaped(column))
            field = ident(column)
            same = ""
            if column in blanks:
                same = (f" OR (t.{field} IS NOT NULL AND r.line ->> {key} <> "
                        f"format('%s', t.{field}))")
            checks.append(
                f"CASE WHEN (r.line -> {key}) IS NULL <> (t.{field} IS NOT DISTINCT FROM NULL) OR "
                f"(json_populate_record(NULL::{ident(table)}, json_build_object("
                f"{_literal(column)}, r.line -> {key}))).{field}::text IS DISTINCT FROM "
                f"t.{field}::text{same} THEN {_literal(column)} END")
        lines = "".join(f"{key}\t{line}\n".replace("\\", "\\\\") for line, _, key in rows)
        script = ("CREATE SCHEMA check_it; CREATE TABLE check_it.row (key text, line json);\n"
                  f"COPY check_it.row FROM STDIN;\n{lines}\\.\n")
        instance.db.run(script)
        try:
            wrong = instance.db.query(
                f"SELECT r.key, w.column, r.line ->> w.column AS package FROM check_it.row r JOIN "
                f"{ident(table)} t ON {key_sql(table)} = r.key, LATERAL (SELECT unnest(ARRAY["
                f"{', '.join(checks)}]) AS column) w WHERE w.column IS NOT NULL LIMIT 20")
            found = instance.db.value(
                f"SELECT count(*) FROM check_it.row r JOIN {ident(table)} t ON "
                f"{key_sql(table)} = r.key")
        finally:
            instance.db.run("DROP SCHEMA check_it CASCADE;")
        self.assertEqual([], wrong, f"{table}: values that differ")
        self.assertEqual(len(rows), int(found), f"{table}: rows that the database doesn't have")

    def _compare_json(self, instance, table, rows):
        columns = [c for c, is_json in about_columns(instance, table).items() if is_json]
        if not columns:
            return
        texts = ", ".join(f"t.{ident(c)}::text AS c{i}" for i, c in enumerate(columns))
        theirs = {r["key"]: r for r in instance.db.query(
            f"SELECT {key_sql(table)} AS key, {texts} FROM {ident(table)} t")}
        for _, row, key in rows:
            raw = members(row["__raw"]) if "__raw" in row else {}
            for number, column in enumerate(columns):
                name, expected = escaped(column), theirs[key][f"c{number}"]
                ours = row.get(name)
                if column in raw or name in raw:
                    self.assertIsNone(ours, f"{table} {key}.{column}: twice")
                    ours = json.loads(raw.get(name, raw.get(column)))
                place = f"{table} {key}.{column}"
                if expected is None or ours is None:
                    self.assertEqual(expected, ours, place)
                elif (table, column) == ("source", "details"):
                    self._compare_details(lib.exact(ours), lib.exact(expected), place)
                elif ours != lib.tight(expected):
                    self.assertIn('"api_keys"', expected, place)
                    self.assertEqual(lib.exact(without_secrets(expected)), lib.exact(ours), place)

    def _compare_details(self, ours, theirs, place):
        """Of a source's details an allow-list travels: what is there is equal."""
        for key, value in ours:
            if isinstance(value, lib.Pairs):
                self._compare_details(value, theirs[key], place)
            else:
                self.assertEqual(theirs[key], value, f"{place}.{key}")

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_the_sources_details_that_import_needs_travel(self, kind, generation):
        instance = lib.shared(kind, generation)
        rows = lib.shared_export(instance).by_id("source")
        details = rows[instance.id("source", "feed")]["details"]
        self.assertEqual("https://example.org/feed.xml", details["feed_url"])
        self.assertEqual("Energie", details["search_config"]["query"])
        self.assertEqual("user_11/source.csv", details["storage_path"])
        self.assertEqual(instance.id("bundle", "output"), details["target_bundle_id"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_column_that_is_computed_is_named_and_stays_out(self, kind, generation):
        with lib.own(kind, generation) as instance:
            instance.db.run("ALTER TABLE annotation ADD COLUMN computed text "
                            "GENERATED ALWAYS AS (status::text || '!') STORED;"
                            if instance.db.value("SELECT status::text FROM annotation LIMIT 1")
                            and instance.db.value(
                                "SELECT data_type FROM information_schema.columns WHERE "
                                "table_name = 'annotation' AND column_name = 'status'")
                            != "USER-DEFINED" else
                            "ALTER TABLE annotation ADD COLUMN computed bigint "
                            "GENERATED ALWAYS AS (id * 2) STORED;")
            package = lib.export(instance)
            self.assertTrue(package.rows("annotation"))
            self.assertFalse([r for r in package.rows("annotation") if "computed" in r])
            self.assertIn({"column": "annotation.computed", "why": "generated"},
                          package.manifest["left_out"]["columns"])

    @lib.everywhere()
    def test_sql_null_and_json_null_are_told_apart(self, kind, generation):
        instance = lib.shared(kind, generation)
        rows = lib.shared_export(instance).by_id("annotation")
        self.assertNotIn("value", rows[instance.id("annotation", "hazard_sql_null")])
        json_null = rows[instance.id("annotation", "hazard_json_null")]
        self.assertIn("value", json_null)
        self.assertIsNone(json_null["value"])

    @lib.everywhere()
    def test_the_configuration_stands_in_a_file_of_its_own(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        theirs = instance.db.value("SELECT configuration::text FROM annotationrun WHERE id = "
                                   f"{instance.id('annotationrun', 'main')}")
        self.assertEqual(whole(lib.exact(without_secrets(theirs))),
                         lib.exact(package.text("run/configuration.json")))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_every_row_is_one_line_and_has_each_key_once(self, kind, generation):
        package = lib.shared_export(lib.shared(kind, generation))
        for entry in package.entries:
            if entry.get("rows") and entry["kind"] != "instance_mapping":
                self.assertEqual(entry["rows"], len(
                    package.lines(entry["path"]) if entry["path"].endswith("l")
                    or entry["path"].startswith(("schemas", "datasets", "run/target"))
                    else [1]), entry["path"])
        for entity in lib.TABLES:
            for raw in package.raw_rows(entity):
                keys = [k for k, _ in lib.exact(raw)]
                self.assertEqual(len(keys), len(set(keys)), raw[:200])


if __name__ == "__main__":
    unittest.main()
