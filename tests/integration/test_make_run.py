"""make-run: a varied run of test data in whatever database is there, written
as an import would write it, the same for the same seed."""

import contextlib
import functools
import hashlib
import json
import random
import re
import shutil
import signal
import struct
import subprocess
import unittest
import zlib
from pathlib import Path

import lib
import process
import proxy
import test_values
from lib import ident, literal

import pg

OWNER = "owner@example.org"
MAIN = 21  # the infospace of the sample that they own beside others
MADE = "name LIKE 'Made by%'"
SIZE = ("--assets", 45, "--schemas", 4, "--annotations", 230)

# The tables that it writes to; of other tables nothing changes.
WRITTEN = ("bundle", "source", "annotationschema", "annotationrun", "runschemalink", "asset",
           "assetbundlelink", "assetchunk", "annotation", "justification", "runaggregate")


def command(instance, *options, dsn=None, as_=OWNER, infospace=MAIN, store=True):
    arguments = ["make-run", "--db", dsn or instance.db.dsn, "--as", as_, *options]
    arguments += ["--infospace", infospace] if infospace else []
    arguments += ["--store", f"dir:{instance.store}"] if store else []
    return [str(a) for a in arguments]


def make(instance, *options, code=0, **more):
    """Makes a run; its result as --json gives it."""
    done = lib.run(*command(instance, "--yes", "--json", "--progress", "none", *options, **more))
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode} instead of {code}: "
                             f"{done.stderr.decode('utf-8', 'replace')}")
    return json.loads(done.stdout)


def state(instance):
    """What a run that came to nothing must leave as it was: rows and files."""
    tables = [r["t"] for r in instance.db.query(
        "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = 'public'")]
    query = " UNION ALL ".join(
        f"SELECT {literal(t)} AS t, count(*) AS n, sum(hashtext(x::text)::bigint) AS h "
        f"FROM {ident(t)} x" for t in tables)
    rows = {r["t"]: (r["n"], r["h"]) for r in instance.db.query(query)}
    return rows, files(instance)


def files(instance):
    """The store: {object's name: SHA-256}."""
    return {str(p.relative_to(instance.store)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in Path(instance.store).rglob("*") if p.is_file()}


@functools.lru_cache(maxsize=None)
def made(kind, generation):
    """An instance with a made run of seed 3: (instance, its state before, the result, its package).
    Tests may add runs of other seeds."""
    instance = lib.Instance(kind, generation)
    before = state(instance)
    result = make(instance, *SIZE, "--seed", 3)
    package = lib.export(instance, "--preserve-uuids", run_key=result["run_id"], code=0)
    return instance, before, result, package


@contextlib.contextmanager
def session(instance, sql):
    """A session that has done this and waits, its transaction open."""
    command_ = [pg.psql(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", instance.db.dsn]
    with subprocess.Popen(command_, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as psql:
        psql.stdin.write(f"BEGIN;\n{sql};\nSELECT 'done';\n")
        psql.stdin.flush()
        for line in psql.stdout:
            if line == "done\n":
                break
        yield
        psql.stdin.close()
        psql.stdout.read()


# A trigger that waits for whoever holds the advisory lock 77, however long.
WAIT = """
    CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM set_config('lock_timeout', '0', true);
      PERFORM pg_advisory_xact_lock_shared(77);
      RETURN NULL;
    END $$;
    """
BEFORE_ANNOTATIONS = WAIT + """
    CREATE TRIGGER wait_here BEFORE INSERT ON annotation EXECUTE FUNCTION wait_here();
    """
AT_COMMIT = WAIT + """
    CREATE CONSTRAINT TRIGGER wait_here AFTER INSERT ON annotationrun
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_here();
    """
HOLD = "SELECT pg_advisory_xact_lock(77)"


def waiting(instance):
    """Whether the program's session waits for a lock."""
    return instance.db.value(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'spaceport' AND "
        "datname = current_database() AND wait_event_type = 'Lock'")


def leaves(tree, path=""):
    """Each value of a lib.exact() tree that isn't an object or an array, and
    each key."""
    if isinstance(tree, lib.Pairs):
        for key, value in tree:
            yield key
            yield from leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from leaves(value)
    else:
        yield tree


def objects(tree):
    if isinstance(tree, list):
        if isinstance(tree, lib.Pairs):
            yield tree
        for value in ((v for _, v in tree) if isinstance(tree, lib.Pairs) else tree):
            yield from objects(value)


def trees_of(package, *kinds):
    """The rows of these kinds, and the JSON texts that stand in them as strings
    because jsonb can't hold them."""
    rows = [lib.exact(text) for kind in kinds for text in package.raw_rows(kind)]
    texts = [text for row in rows for text in dict(dict(row).get("__raw", {})).values()]
    return rows + [lib.exact(text) for text in texts if text[:1] in ("{", "[")]


class Written(lib.Case):
    """What stands in the database afterwards."""

    @lib.everywhere()
    def test_a_run_of_the_size_asked_for_that_exports_without_a_warning(self, kind, generation):
        instance, _, result, package = made(kind, generation)
        counts, run = result["counts"], result["run_id"]
        self.assertEqual((counts["asset"], counts["schema"], counts["annotation"]), (45, 4, 230))
        self.assertTrue(result["success"])
        self.assertEqual(result["infospace_id"], MAIN)
        self.assertEqual(result["run_uuid"], instance.db.value(
            f"SELECT uuid FROM annotationrun WHERE id = {run}"))
        for table, n in (("annotation", 230), ("runschemalink", 4)):
            self.assertEqual(instance.db.value(
                f"SELECT count(*) FROM {table} WHERE run_id = {run}"), str(n))
        self.assertEqual(package.manifest["warnings"], [])
        self.assertEqual(len(package.rows("annotation")), 230)
        self.assertEqual(len(package.rows("asset")), 45)
        self.assertEqual(len(package.ids("schema")), 4)
        # nothing but users and the infospace stands outside
        self.assertEqual({m["kind"] for m in package.externals()}, {"infospace"})

    @lib.everywhere()
    def test_only_the_tables_of_a_run_are_written(self, kind, generation):
        instance, (before, _), _, _ = made(kind, generation)
        after = state(instance)[0]
        self.assertLessEqual({t for t in after if after[t] != before[t]}, set(WRITTEN))

    @lib.everywhere()
    def test_nothing_in_it_makes_hq_start_work(self, kind, generation):
        instance, _, result, package = made(kind, generation)
        run, mine = result["run_id"], is_one_of(uuids(package))
        checks = {
            "run": "SELECT status = 'COMPLETED' AND completed_at IS NOT NULL FROM annotationrun "
                   f"WHERE id = {run}",
            "asset": f"SELECT bool_and(processing_status = 'READY') FROM asset WHERE {mine}",
            "times": "SELECT bool_and(created_at < now() AND updated_at < now()) FROM asset "
                     f"WHERE {mine}",
            "space": "SELECT bool_and(p.infospace_id = a.infospace_id) FROM asset a JOIN asset p "
                     f"ON p.id = a.parent_asset_id WHERE a.{mine}",
        }
        if instance.has("asset", "stub"):
            checks["stub"] = f"SELECT NOT bool_or(stub) FROM asset WHERE {mine}"
        if instance.has("source", "is_active"):
            checks["source"] = ("SELECT bool_and(NOT is_active AND next_poll_at IS NULL AND "
                                f"status = 'COMPLETE') FROM source WHERE {mine}")
        if instance.has("annotationrun", "run_type"):
            checks["follow"] = (
                "SELECT NOT follow_on_version_change AND trigger_type = 'manual' AND "
                "run_type::text = 'ONE_OFF' AND source_bundle_id IS NULL FROM annotationrun "
                f"WHERE id = {run}")
        if instance.has("asset", "enrichment_resolved"):
            # an enricher picks what isn't superseded and has an array here
            checks["enrich"] = ("SELECT bool_and(enrichment_resolved IS NULL OR is_superseded) "
                                f"FROM asset WHERE {mine}")
            checks["children"] = ("SELECT bool_and(bundle_ids = '{0}') FROM asset "
                                  f"WHERE parent_asset_id IS NOT NULL AND {mine}")
            checks["superseded"] = (
                "SELECT bool_and(old.is_superseded) FROM asset new JOIN asset old "
                f"ON old.id = new.previous_asset_id WHERE new.{mine}")
            checks["of superseded"] = (
                "SELECT bool_and(child.parent_is_superseded = parent.is_superseded) "
                "FROM asset child JOIN asset parent ON parent.id = child.parent_asset_id "
                f"WHERE child.{mine}")
        for name, query in checks.items():
            with self.subTest(check=name):
                self.assertEqual(instance.db.value(query), "t")

    @lib.everywhere()
    def test_counters_are_as_hq_has_them(self, kind, generation):
        instance = made(kind, generation)[0]
        member = {"2025-07": "EXISTS (SELECT FROM assetbundlelink l WHERE l.asset_id = a.id AND "
                             "l.bundle_id = b.id)",
                  "2025-10": "a.bundle_id = b.id"}.get(generation, "b.id = ANY (a.bundle_ids)")
        rows = instance.db.query(
            f"SELECT b.asset_count AS said, (SELECT count(*) FROM asset a WHERE {member}) AS found "
            "FROM bundle b WHERE b.name LIKE '%seed 3'")
        self.assertEqual(len(rows), 2)
        for row in rows:
            self.assertEqual(row["said"], row["found"])
            self.assertNotEqual(row["found"], "0")
        if instance.has("bundle", "parent_bundle_id"):
            self.assertEqual(instance.db.query(
                "SELECT b.name FROM bundle b WHERE b.name LIKE '%seed 3' AND b.child_bundle_count "
                "<> (SELECT count(*) FROM bundle c WHERE c.parent_bundle_id = b.id)"), [])

    @lib.everywhere()
    def test_files_are_real_and_where_hq_shows_them(self, kind, generation):
        instance, (_, before), result, package = made(kind, generation)
        rows = instance.db.query(
            "SELECT blob_path, content_hash FROM asset WHERE blob_path IS NOT NULL AND "
            + is_one_of(uuids(package)))
        names = {r["blob_path"] for r in rows}
        new = {n: h for n, h in files(instance).items() if n in names}
        self.assertEqual(set(new), names)
        self.assertFalse(names & set(before))
        self.assertEqual(len(new), result["counts"]["file"])
        self.assertLess(len(set(new.values())), len(new), "some are equal")
        self.assertGreater(len(rows), len(new), "some assets share one")
        for row in rows:
            self.assertRegex(row["blob_path"], r"^user_11/[0-9a-f-]{14}8[0-9a-f-]{21}\.[a-z]+$")
            self.assertEqual(row["content_hash"], new[row["blob_path"]])
        self.assertEqual({Path(n).suffix for n in new}, {".pdf", ".png", ".csv", ".txt", ".mbox"})
        checks = {".pdf": self.check_pdf, ".png": self.check_png}
        for name in new:
            data = (Path(instance.store) / name).read_bytes()
            checks.get(Path(name).suffix, lambda text: text.decode("utf-8"))(data)

    def check_pdf(self, data):
        start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
        table = data[start:].split(b"\n")
        self.assertEqual(table[0], b"xref")
        count = int(table[1].split()[1])
        for number in range(1, count):
            at = int(table[2 + number].split()[0])
            self.assertTrue(data[at:].startswith(b"%d 0 obj\n" % number))
        for match in re.finditer(rb"/Length (\d+) >>\nstream\n", data):
            self.assertTrue(data[match.end() + int(match[1]):].startswith(b"\nendstream"))

    def check_png(self, data):
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        at, parts = 8, {}
        while at < len(data):
            size, name = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + size]
            crc, = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
            self.assertEqual(crc, zlib.crc32(name + body))
            parts[name] = body
            at += size + 12
        width, height = struct.unpack(">II", parts[b"IHDR"][:8])
        self.assertEqual(len(zlib.decompress(parts[b"IDAT"])), height * (1 + 3 * width))

    @lib.everywhere()
    def test_what_it_refers_to_exists(self, kind, generation):
        """Every id inside JSON and text resolves, and each kind of place is there."""
        package = made(kind, generation)[3]
        found = set()
        for word in package.manifest["counts"]:
            for row in package.rows(word):
                for ref in row.get("__refs", ()):
                    ref = dict(ref)
                    self.assertIn("uuid", ref, f"{word}: {ref}")
                    found.add((word, ref["kind"]))
        self.assertLessEqual({("run", "asset"), ("run", "schema"), ("run", "bundle"),
                              ("run", "run"), ("asset", "asset"), ("asset", "run"),
                              ("asset", "user"), ("asset", "schema"), ("source", "bundle")}, found)


def is_one_of(names):
    return f"uuid = ANY ({literal('{' + ','.join(names) + '}')})"


def uuids(package):
    """UUIDs of the rows that a made run brought along."""
    return sorted({m["uuid"] for m in package.mapping
                   if m["kind"] in ("asset", "schema", "bundle", "source", "run", "annotation")
                   and not m.get("external")})


class Values(lib.Case):
    """What must be among its values."""

    @lib.everywhere()
    def test_every_hazard_is_among_them(self, kind, generation):
        instance, _, result, package = made(kind, generation)
        self.check(instance, result["run_id"], package)

    @lib.everywhere()
    def test_hazards_are_in_the_smallest_run(self, kind, generation):
        instance = made(kind, generation)[0]
        run = make(instance, "--assets", 2, "--annotations", 1, "--seed", 4)["run_id"]
        self.check(instance, run, lib.export(instance, run_key=run, code=0), few=True)

    def check(self, instance, run, package, few=False):
        annotations = trees_of(package, "annotation")
        trees = annotations + trees_of(package, "run", "asset", "chunk", "bundle")
        values = [leaf for tree in trees for leaf in leaves(tree)]
        texts = [v for v in values if isinstance(v, str) and not isinstance(v, lib.Number)]
        numbers = {str(v) for v in values if isinstance(v, lib.Number)}
        for wanted in ("9007199254740993", "123456789012345678901234567890", "1.10", "100.000",
                       "3.14159265358979323846264338327950288419716939937510"):
            self.assertIn(wanted, numbers)
        self.assertTrue({"1e-300", "0." + "0" * 299 + "1"} & numbers)
        characters = set("".join(texts))
        for wanted in range(1, 32):
            self.assertIn(chr(wanted), characters)
        for wanted in "\x7f\x80\x9b\u2028\u2029\u202e\u200f\ufeff\\\"'`":
            self.assertIn(wanted, characters)
        self.assertTrue(any(c > "\uffff" for c in characters), "four bytes of UTF-8")
        self.assertIn("", texts)
        raw = "\n".join(package.raw_rows("annotation"))
        self.assertIn("\\u0000", raw)
        self.assertIn("\\ud800", raw)
        self.assertTrue(any(len({k for k, _ in o}) < len(o)
                            for t in annotations for o in objects(t)), "a key twice in an object")
        self.check_columns(instance, run, few)

    def check_columns(self, instance, run, few):
        def count(condition, table="annotation"):
            return int(instance.db.value(f"SELECT count(*) FROM {table} WHERE run_id = {run} AND "
                                         f"{condition}"))
        if not few:
            for column in ("region", "links", "value"):
                self.assertTrue(count(f"{column} IS NULL"), column)
                self.assertTrue(count(f"{column}::text ~ '^\\s*null\\s*$'"), column)
            for text in ("infinity", "-infinity"):
                self.assertTrue(count(f"event_timestamp = '{text}'"))
        self.assertTrue(count("a.event_timestamp < '0001-01-01'",
                              "annotation n JOIN asset a ON a.id = n.asset_id"), "a date BC")
        if instance.has("justification"):
            floats = {r["score"] for r in instance.db.query(
                "SELECT DISTINCT score::text AS score FROM justification j JOIN annotation a "
                f"ON a.id = j.annotation_id WHERE a.run_id = {run}")}
            wanted = {"NaN", "Infinity", "-Infinity", "1e-300"}
            self.assertTrue(floats & wanted if few else floats >= wanted, floats)
        if instance.has("asset", "enrichment_resolved"):
            self.assertTrue(count("array_position(a.enrichment_resolved, NULL) IS NOT NULL AND "
                                  "'NULL' = ANY (a.enrichment_resolved)",
                                  "annotation n JOIN asset a ON a.id = n.asset_id"))

    @lib.everywhere()
    def test_it_is_varied(self, kind, generation):
        package = made(kind, generation)[3]
        assets, annotations = package.rows("asset"), package.rows("annotation")
        self.assertLessEqual({"PDF", "PDF_PAGE", "WEB", "IMAGE", "CSV", "CSV_ROW", "TEXT",
                              "ARTICLE", "MBOX", "EMAIL"}, {r["kind"] for r in assets})
        self.assertEqual(len({r["asset_id"] for r in annotations}), 45)
        self.assertEqual({r["schema_id"] for r in annotations},
                         {r["id"] for r in package.rows("schema")})
        self.assertTrue(any(r.get("previous_asset_id") for r in assets))
        self.assertTrue(package.rows("chunk"))
        self.assertEqual(len(package.rows("bundle")), 2)
        why = [r.get("field_name") or "" for r in package.rows("justification")]
        if generation == "2026-05":
            self.assertTrue(any("[" in w for w in why), "of items of arrays")
            self.assertTrue(any("[" not in w for w in why))
        else:
            self.assertLessEqual({"stance", "positions", "events", "triplets", "_thinking_trace"},
                                 set(why))
        for row in package.rows("schema"):
            contract = dict(row["output_contract"])
            self.assertEqual(contract["type"], "object")
            self.assertIn("document", dict(contract["properties"]))
        texts = "".join(r.get("text_content") or "" for r in assets)
        for letter in "äéعにё德ה":
            self.assertIn(letter, texts)


class Seeds(lib.Case):
    """The same seed makes the same run."""

    def normal(self, package):
        """Entries but for what names instance, ids and times; ids of rows without a
        UUID, which come from the instance, left out."""
        left_out = {"manifest.json", "entries.jsonl", "checksums.sha256"}
        own = {e["path"] for e in package.entries if e["kind"] in (
            "chunk", "justification", "aggregate", "schema_link", "bundle_link")}
        mapping = package.json("compatibility/instance_mapping.json")
        derived = {a["uuid"] for a in mapping["authors"]}
        found = {}
        for name in package.names:
            if name in left_out or name.startswith("compatibility/"):
                continue
            data = package.data(name)
            if name in own:
                data = re.sub(rb'^\{"id":"[0-9a-f-]{36}"', b"{", data, flags=re.M)
            for uuid in derived:
                data = data.replace(uuid.encode(), b"elsewhere")
            found[name] = data
        return found

    def assert_same(self, first, second):
        first, second = self.normal(first), self.normal(second)
        self.assertEqual(sorted(first), sorted(second))
        for name, data in first.items():
            self.assertEqual(data, second[name], name)

    @lib.everywhere()
    def test_equal_seeds_make_equal_packages(self, kind, generation):
        with lib.own(kind, generation) as instance:
            run = make(instance, *SIZE, "--seed", 3)["run_id"]
            again = lib.export(instance, "--preserve-uuids", run_key=run)
        self.assert_same(made(kind, generation)[3], again)

    def test_the_same_on_every_server(self):
        for generation in lib.GENERATIONS:
            packages = [made(kind, generation)[3] for kind in lib.KINDS]
            for other in packages[1:]:
                self.assert_same(packages[0], other)

    @lib.everywhere()
    def test_the_same_seed_again_is_refused_and_another_is_not(self, kind, generation):
        instance, _, first, package = made(kind, generation)
        before = state(instance)
        for infospace in (MAIN, 22):
            error = make(instance, "--seed", 3, "--assets", 3, infospace=infospace, code=1)["error"]
            self.assertIn("--seed", error["hint"])
            self.assertIn(first["run_uuid"], error["text"])
        self.assertEqual(state(instance), before)
        second = make(instance, "--seed", 5)
        other = lib.export(instance, "--preserve-uuids", run_key=second["run_id"])
        self.assertFalse(set(uuids(package)) & set(uuids(other)))

    def test_what_is_left_of_a_deleted_run_is_named(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            run = make(instance, "--annotations", 5)["run_id"]
            instance.db.run("".join(f"DELETE FROM {table} WHERE run_id = {run};" for table in (
                "annotation", "runaggregate", "runschemalink")))
            instance.db.run(f"DELETE FROM annotationrun WHERE id = {run};")
            before = state(instance)
            error = make(instance, "--annotations", 5, code=1)["error"]
            self.assertIn("--seed", error["hint"])
            self.assertEqual(state(instance), before)

    def test_two_at_once_make_one(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            arguments = command(instance, "--yes", "--json", "--annotations", 3000)
            with process.Running(*arguments) as first, process.Running(*arguments) as second:
                codes = sorted((first.end(), second.end()))
            self.assertEqual(codes[0], 0)
            self.assertIn(codes[1], (1, 9))
            runs = instance.db.query(f"SELECT id FROM annotationrun WHERE {MADE}")
            self.assertEqual(len(runs), 1)
            run = runs[0]["id"]
            lib.export(instance, run_key=run, code=0)


class Columns(lib.Case):
    """Databases with more or fewer columns than HQ's own revisions."""

    def change(self, instance, rng):
        """Adds columns of random types, half of them NOT NULL, and drops some that
        may be NULL."""
        instance.db.run(test_values.TYPES + """
            CREATE TYPE sample_state AS ENUM ('PENDING', 'pending', 'DONE', 'done');
            CREATE DOMAIN sample_even AS integer CHECK (VALUE % 2 = 0) NOT NULL;""")
        choice = [c for c in test_values.COLUMNS if c[0] not in ("int2vector[]", "box[]")]
        script = []
        for table in WRITTEN:
            if not instance.has(table):
                continue
            for number, (type_, values) in enumerate(rng.sample(choice, 12)):
                name = ident(f"new {number} {type_}"[:60])
                script.append(f"ALTER TABLE {table} ADD COLUMN {name} {type_};")
                if number % 2:
                    value = f"{test_values._literal(values[0])}::{type_}"
                    script.append(f"UPDATE {table} SET {name} = {value};"
                                  f"ALTER TABLE {table} ALTER COLUMN {name} SET NOT NULL;")
            script.append(f"""
                ALTER TABLE {table} ADD COLUMN state sample_state,
                    ADD COLUMN must sample_state NOT NULL DEFAULT 'DONE',
                    ADD COLUMN small numeric(5, 2) CHECK (small < 100),
                    ADD COLUMN owner_id integer REFERENCES "user",
                    ADD COLUMN home integer REFERENCES infospace,
                    ADD COLUMN code varchar(40) UNIQUE,
                    ADD COLUMN next_run_at timestamp, ADD COLUMN sequel_ids integer[],
                    ADD COLUMN even sample_even DEFAULT 2;
                ALTER TABLE {table} ALTER must DROP DEFAULT, ALTER even DROP DEFAULT;
                UPDATE {table} SET home = 21, code = ctid::text;
                ALTER TABLE {table} ALTER home SET NOT NULL, ALTER code SET NOT NULL;""")
            nullable = [r["c"] for r in instance.db.query(
                "SELECT column_name AS c FROM information_schema.columns WHERE table_schema = "
                f"'public' AND table_name = '{table}' AND is_nullable = 'YES' AND "
                "is_generated = 'NEVER'")]
            for name in rng.sample(nullable, min(3, len(nullable))):
                script.append(f"ALTER TABLE {table} DROP COLUMN {ident(name)} CASCADE;")
        instance.db.run("".join(script))
        instance.changed()

    @lib.everywhere()
    def test_unknown_columns_are_filled_and_missing_ones_left_out(self, kind, generation):
        for seed in range(5 if lib.FULL else 1):
            with self.subTest(seed=seed), lib.own(kind, generation) as instance:
                self.change(instance, random.Random(f"{generation} {seed}"))
                result = make(instance, "--assets", 40, "--annotations", 60)
                lib.export(instance, run_key=result["run_id"], code=0)
                self.check(instance, result["run_id"])

    def check(self, instance, run):
        db = instance.db
        mine = f"FROM annotation WHERE run_id = {run}"
        # never what a column's name says might start work, or an id of something unknown
        for column in ("next_run_at", "sequel_ids", "owner_id"):
            self.assertEqual(db.value(f"SELECT count({column}) {mine}"), "0")
        # labels as HQ spells them, none that asks for work
        self.assertEqual(db.value(f"SELECT string_agg(DISTINCT must::text, ' ') {mine}"), "DONE")
        self.assertEqual(db.value(f"SELECT string_agg(DISTINCT state::text, ' ') {mine}"), "DONE")
        self.assertNotEqual(db.value(f"SELECT count(*) {mine} AND state IS NULL"), "0")
        self.assertEqual(db.value(f"SELECT count(*) {mine} AND home = {MAIN}"), "60")
        self.assertEqual(db.value(f"SELECT count(DISTINCT code) {mine}"), "60")
        added = [c for c in instance.columns("annotation") if c.startswith("new ")]
        self.assertEqual(len(added), 12)
        filled = [c for c in added if db.value(f"SELECT count({ident(c)}) {mine}") != "0"]
        self.assertGreater(len(filled), 8)

    def test_ids_that_are_identity_columns(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            instance.db.run("".join(
                f"ALTER TABLE {t} ALTER id DROP DEFAULT;"
                f"ALTER TABLE {t} ALTER id ADD GENERATED {how} AS IDENTITY;"
                f"SELECT setval(pg_get_serial_sequence('{t}', 'id'), 100000) \\gset\n"
                for t, how in (("annotation", "ALWAYS"), ("asset", "BY DEFAULT"),
                               ("assetchunk", "ALWAYS"))))
            result = make(instance)
            self.assertEqual(instance.db.value(
                f"SELECT min(id) > 100000 FROM annotation WHERE run_id = {result['run_id']}"), "t")
            lib.export(instance, run_key=result["run_id"], code=0)

    def test_an_ordinary_login_with_rights_on_the_tables_is_enough(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            name = f"login_{instance.db.dbname}"
            instance.db.run(f"CREATE ROLE {name} LOGIN;"
                            f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {name};"
                            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name};"
                            f"GRANT EXECUTE ON FUNCTION pg_control_system() TO {name};")
            try:
                make(instance, dsn=instance.db.dsn.replace("user=postgres", f"user={name}"))
            finally:
                instance.db.run(f"DROP OWNED BY {name}; DROP ROLE {name};")


class Rights(lib.Case):
    """As for an import: the owner, an analyst or an editor."""

    @lib.everywhere()
    def test_who_may_not_import_may_not_make_one(self, kind, generation):
        shared = generation >= "2026-03"
        instance = made(kind, generation)[0]
        before = state(instance)
        refused = {"stranger": 1, "superuser": 1, "bob+tag": 1,
                   "viewer": 7 if shared else 1, "curator": 7 if shared else 1, "inactive": 1}
        for user, code in refused.items():
            with self.subTest(user=user):
                make(instance, as_=f"{user}@example.org", code=code)
        for user, infospace, code in ((OWNER, 23, 7 if shared else 1),
                                      ("viewer@example.org", None, 7),
                                      (OWNER, "nowhere", 1), ("nobody@example.org", MAIN, 7),
                                      ("inactive@example.org", None, 7)):
            with self.subTest(user=user, infospace=infospace):
                make(instance, as_=user, infospace=infospace, code=code)
        self.assertEqual(state(instance), before)
        for number, user in enumerate(["owner"] + (["analyst", "editor"] if shared else [])):
            make(instance, "--seed", 10 + number, as_=f"{user}@example.org")

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_the_only_infospace_needs_no_name(self, kind, generation):
        with lib.own(kind, generation) as instance:
            result = make(instance, as_="analyst@example.org", infospace=None)
            self.assertEqual(result["infospace_id"], MAIN)
            error = make(instance, "--seed", 2, infospace=None, code=2)["error"]
            for number in (21, 22, 25):
                self.assertIn(str(number), error["text"])
            self.assertNotIn("24", error["text"])
            self.assertIn("--infospace", error["hint"])
            uuid = instance.uuid("infospace", "internal")
            self.assertEqual(make(instance, "--seed", 2, infospace=uuid)["infospace_id"], 22)
            make(instance, "--seed", 3, infospace="Energie & Politik", code=2)
            result = make(instance, "--seed", 3, infospace="Internal library")
            self.assertEqual(result["infospace_id"], 22)


class Whole(lib.Case):
    """All or nothing, files too."""

    def setUp(self):
        self.instance = self.enterContext(lib.own(lib.KINDS[0], lib.NEWEST))
        self.before = state(self.instance)

    def unchanged(self):
        self.assertEqual(state(self.instance), self.before)

    def test_nothing_without_a_yes(self):
        done = lib.run(*command(self.instance))
        self.assertEqual(done.returncode, 2)
        self.unchanged()
        for answer, code in ((b"n\n", 0), (b"y\n", 0)):
            self.unchanged()
            with process.Running(*command(self.instance), terminal=True) as running:
                running.wait_for(b"[y/N]")
                self.assertIn(b"Energie & Politik", running.err)
                running.type(answer)
                self.assertEqual(running.end(), code)
        self.assertNotEqual(state(self.instance), self.before)

    def test_settings_that_do_not_fit(self):
        for options in (["--assets", 0], ["--schemas", 0], ["--assets", -1],
                        ["--annotations", "many"]):
            with self.subTest(options=options):
                done = lib.run(*command(self.instance, "--yes", *options))
                self.assertEqual(done.returncode, 2)
        done = lib.run(*command(self.instance, "--yes", store=False))
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--store", done.stderr)
        self.unchanged()
        make(self.instance, "--assets", 0, "--annotations", 0, store=False)

    def test_the_largest_seed(self):
        run = make(self.instance, "--seed", 2 ** 63 - 1, "--assets", 21)["run_id"]
        lib.export(self.instance, run_key=run, code=0)

    def test_progress_comes_to_its_end(self):
        done = lib.run(*command(self.instance, "--yes", "--progress", "json", "--quiet"))
        self.assertEqual(done.returncode, 0)
        lines = [json.loads(line) for line in done.stderr.decode("utf-8").splitlines()]
        phases = [line["phase"] for line in lines]
        self.assertEqual(phases[0], "connecting")
        self.assertLessEqual({"writing files", "writing rows"}, set(phases))

    def test_a_failing_insert_leaves_nothing(self):
        self.instance.db.run("ALTER TABLE annotation ADD CONSTRAINT no CHECK (run_id < 1000000 AND "
                             "(uuid NOT LIKE '%9') OR run_id < 119) NOT VALID")
        error = make(self.instance, code=1)["error"]
        self.assertIn("no", error["text"])
        self.unchanged()

    def test_a_locked_table_is_an_error_and_leaves_nothing(self):
        with session(self.instance, "LOCK TABLE annotation IN EXCLUSIVE MODE"):
            make(self.instance, code=9)
        self.unchanged()

    def stopped(self, number, code):
        """Ends it by a signal while it inserts."""
        self.instance.db.run(BEFORE_ANNOTATIONS)
        with session(self.instance, HOLD):
            with process.Running(*command(self.instance, "--yes")) as running:
                process.wait_until(lambda: waiting(self.instance), what="the insert")
                running.send(number)
                self.assertEqual(running.end(), code)
        process.wait_until(lambda: not process.sessions(self.instance.db),
                           what="the end of the session")
        self.instance.db.run("DROP TRIGGER wait_here ON annotation;")

    def test_a_signal_while_it_writes_leaves_nothing(self):
        self.stopped(signal.SIGINT, 130)
        self.unchanged()

    def test_killed_it_leaves_no_rows_and_the_next_one_works(self):
        self.stopped(signal.SIGKILL, -signal.SIGKILL)
        self.assertEqual(state(self.instance)[0], self.before[0])
        run = make(self.instance)["run_id"]
        lib.export(self.instance, run_key=run, code=0)

    def test_a_store_that_can_not_be_written_leaves_nothing(self):
        blocked = Path(self.instance.store) / f"user_{self.instance.id('user', 'analyst')}"
        shutil.rmtree(blocked, ignore_errors=True)
        blocked.write_bytes(b"")  # a file where a folder must be
        before = state(self.instance)
        make(self.instance, as_="analyst@example.org", code=1)
        self.assertEqual(state(self.instance), before)

    def test_a_store_that_fails_half_way_leaves_nothing(self):
        name = sorted(make_names(self.instance))[-1]
        (Path(self.instance.store) / name).mkdir()
        (Path(self.instance.store) / name / "inside").write_bytes(b"")
        before = state(self.instance)
        done = lib.run(*command(self.instance, "--yes"))
        self.assertNotIn(done.returncode, (0, 3))
        self.assertEqual(state(self.instance), before)

    def test_what_a_killed_one_left_is_replaced(self):
        for number, name in enumerate(sorted(make_names(self.instance))):
            (Path(self.instance.store) / name).write_bytes(b"half" * number)
        run = make(self.instance)["run_id"]
        lib.export(self.instance, run_key=run, code=0)


def make_names(instance):
    """The names of the files of seed 1, as another database has them."""
    with lib.own(instance.kind, instance.generation) as other:
        before = files(other)
        make(other)
        return [n for n in files(other) if n not in before]


class CutOnce(proxy.Proxy):
    """Cuts one connection; later ones pass."""

    def _happen(self, client):
        self.after = None
        return super()._happen(client)


class Commit(lib.Case):
    """The connection breaks while the commit is under way."""

    def broken(self, network, after_commit):
        """Runs it through a network that breaks; (exit code, instance, what it said)."""
        instance = self.enterContext(lib.own(lib.KINDS[0], lib.NEWEST))
        instance.db.run(AT_COMMIT)
        self.before = state(instance)
        with network(instance.server.host, then="cut") as net:
            with session(instance, HOLD):
                running = self.enterContext(process.Running(
                    *command(instance, "--yes", "--json", dsn=net.dsn(instance.db))))
                process.wait_until(lambda: waiting(instance), what="the commit")
                if after_commit:
                    net.after = net.sent + 1
                else:
                    for pid in process.sessions(instance.db):
                        instance.db.value(f"SELECT pg_terminate_backend({pid})")
            code = running.end()
        return code, instance, running.err.decode()

    def test_it_was_done(self):
        code, instance, _ = self.broken(CutOnce, True)
        self.assertEqual(code, 0)
        run = instance.db.value(f"SELECT id FROM annotationrun WHERE {MADE}")
        lib.export(instance, run_key=run, code=0)

    def test_it_was_not(self):
        code, instance, _ = self.broken(proxy.Proxy, False)
        self.assertEqual(code, 8)
        self.assertEqual(state(instance), self.before)

    def test_nobody_can_tell(self):
        code, instance, said = self.broken(proxy.Proxy, True)
        self.assertEqual(code, 8)
        self.assertIn("isn't known", said)
        run = instance.db.value(f"SELECT id FROM annotationrun WHERE {MADE}")
        lib.export(instance, run_key=run, code=0)  # so the files must have stayed


class Large(lib.Case):
    """More than one slice."""

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_slices_are_one_run(self, kind, generation):
        number = 100_000 if lib.FULL else 21_000
        instance = made(kind, generation)[0]
        result = make(instance, "--assets", 300, "--annotations", number, "--seed", 9)
        self.assertEqual(result["counts"]["annotation"], number)
        self.assertEqual(instance.db.value(
            "SELECT count(*) || ' ' || count(DISTINCT asset_id) FROM annotation "
            f"WHERE run_id = {result['run_id']}"), f"{number} 300")
        if not lib.FULL:
            lib.export(instance, run_key=result["run_id"], code=0)


if __name__ == "__main__":
    unittest.main()
