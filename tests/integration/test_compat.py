"""Can an instance take a package, and what would be lost there?

What must be said is worked out here on its own: which columns a package's rows have and how
many of them hold something, by SQL in the database that it came from; what the target can
hold, from the fact files (or, where a test changed it, from its catalog).
"""

import collections
import functools
import itertools
import json
import os
import random
import re
import subprocess
import sys
import unittest
import uuid
import zipfile
from pathlib import Path

import lib
from lib import FULL, ident

sys.path.append(str(Path(__file__).resolve().parent.parent / "package"))

import zips  # noqa: E402

PAIRS = list(itertools.product(lib.GENERATIONS, repeat=2))
RANDOM = 40 if FULL else 4
FIXTURES = lib.HQDB.parent / "fixtures/hq/packages"
# One name for one thing: (kind, column) here is (kind, column) there.
RENAMED = {("edge", "subject_entity_id"): "source_entity_id", ("edge", "object_entity_id"): "target_entity_id",
           ("curation", "subject_entity_id"): "source_entity_id",
           ("curation", "object_entity_id"): "target_entity_id", ("curation", "entity_canonical_id"): "entity_id"}
RENAMED.update({(kind, new): old for (kind, old), new in list(RENAMED.items())})
# Where else a column's value may stand; the first that is there counts.
ELSEWHERE = {
    ("asset", "source_metadata"): [("asset", ("metadata", "file_info"))],
    ("asset", "metadata"): [("asset", ("source_metadata",))],
    ("asset", "file_info"): [("asset", ("source_metadata",))],
    ("asset", "bundle_id"): [("asset", ("bundle_ids",)), ("assetbundlelink", ())],
    ("asset", "bundle_ids"): [("assetbundlelink", ()), ("asset", ("bundle_id",))],
    ("schema", "field_specific_justification_configs"): [("annotationschema", ("output_contract",))],
}
# What stands in a row and isn't lost with its column: who it was.
IDENTITY = {"uuid", "entity_uuid", "imported_from_uuid"}

Column = collections.namedtuple("Column", "type required generated")


class Shape:
    """What a database can hold: from the fact files, or as it is now."""

    def __init__(self, facts=None, db=None):
        rows = facts.columns if facts else db.query(lib.schema.CATALOG["columns"])
        enums = facts.enums if facts else db.query(lib.schema.CATALOG["enums"])
        self.tables, self.enums = {}, {}
        for r in rows:
            self.tables.setdefault(r["table"], {})[r["column"]] = Column(
                r["type"], r["not_null"] == "t" and not r["default"] and not r["generated"], bool(r["generated"]))
        for r in enums:
            self.enums.setdefault(r["type"], set()).add(r["label"])

    def table(self, kind):
        return next((t for t in lib.TABLES[kind] if t in self.tables), None)

    def can(self, table, columns):
        return table in self.tables and all(c in self.tables[table] for c in columns)


def shape_of(instance):
    vector = instance.db.value("SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == "1"
    return Shape(lib.schema.facts(instance.generation, vector))


class Source:
    """A package, and the rows that it was made of; each table is asked once."""

    def __init__(self, instance, *options):
        self.instance = instance
        self.package = lib.shared_export(instance, *options)
        left_out = self.package.manifest["left_out"]["columns"]
        self.left_out = {tuple(c["column"].split(".", 1)) for c in left_out}
        self.shape = shape_of(instance)
        self._rows = {}

    def kinds(self):
        counts = self.package.manifest["counts"]
        return {k: n for k, n in counts.items() if k in lib.TABLES}

    def where(self, kind):
        """The rows of a kind that travel, in SQL."""
        if kind == "schema_link":
            return f"run_id = {lib.run_id(self.instance, 'main')}"
        key = "asset" if kind == "bundle_link" else kind
        ids = ", ".join(map(str, self.package.ids(key))) or "NULL"
        return f"{'asset_id' if kind == 'bundle_link' else 'id'} IN ({ids})"

    def rows(self, kind):
        """As texts, as the database prints them; None: NULL."""
        if kind not in self._rows:
            names = ", ".join(ident(c) + "::text" for c in self.shape.tables[self.shape.table(kind)])
            self._rows[kind] = self.instance.db.query(
                f"SELECT {names} FROM {ident(self.shape.table(kind))} WHERE {self.where(kind)}")
        return self._rows[kind]

    def count(self, kind, column, says=lambda text: True):
        """Rows where something stands there, and it says something."""
        return sum(r[column] is not None and says(r[column]) for r in self.rows(kind))

    def columns(self, kind):
        """Those that travel in its rows."""
        table = self.shape.table(kind)
        return {name: column for name, column in self.shape.tables[table].items()
                if (table, name) not in self.left_out and not column.generated
                and not (kind == "chunk" and name.startswith("embedding_") and name != "embedding_model_id")}

    def words(self, kind, column):
        return collections.Counter(r[column] for r in self.rows(kind) if r[column] is not None)

    def beyond_jsonb(self, kind, column):
        """Rows with a value that jsonb refuses."""
        is_json = self.shape.tables[self.shape.table(kind)][column].type == "json"
        return self.count(kind, column, refused) if is_json else 0


@functools.lru_cache(maxsize=None)
def shared_source(kind, generation):
    return Source(lib.shared(kind, generation), "--include-datasets")


def refused(text):
    """Whether a JSON text holds \\u0000 or half a surrogate pair."""
    found = []

    def look(value):
        if isinstance(value, str):
            found.append("\0" in value or any(0xd800 <= ord(c) < 0xe000 for c in value))
        elif isinstance(value, list):
            for item in value:
                look(item)
        elif isinstance(value, tuple):
            for part in value:
                look(part)

    look(json.loads(text, object_pairs_hook=lambda pairs: [list(p) for p in pairs]))
    return any(found)


def says_something(kind, column):
    """HQ's root is nothing."""
    if (kind, column) == ("asset", "bundle_ids"):
        return lambda text: text != "{0}"
    if (kind, column) == ("bundle", "parent_bundle_id"):
        return lambda text: text != "0"
    return lambda text: True


class Expected:
    """{(weight, kind, column): rows}, but for what goes as it is."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.found = collections.Counter()
        for kind, rows in source.kinds().items():
            if kind == "justification" and not source.shape.table(kind):
                self.add("moved", kind, None, rows if target.table(kind) else 0)
            elif not target.table(kind):
                self.no_table(kind, rows)
            else:
                self.table(kind, rows)

    def add(self, weight, kind, column, rows):
        if rows:
            self.found[weight, kind, column] += rows

    def no_table(self, kind, rows):
        if kind == "justification":
            self.add("moved", kind, None, rows)
            self.jsonb(kind, "evidence_payload", self.target.tables["annotation"]["value"])
        elif kind == "bundle_link" and self.target.can("asset", ("bundle_ids",)):
            self.add("moved", kind, None, rows)
        elif kind == "bundle_link" and self.target.can("asset", ("bundle_id",)):
            several = rows - len(self.source.words(kind, "asset_id"))
            self.add("moved", kind, None, rows - several)
            self.add("lost", kind, None, several)
        else:
            self.add("lost", kind, None, rows)

    def table(self, kind, rows):
        there = self.target.tables[self.target.table(kind)]
        filled = set()
        for name in self.source.columns(kind):
            if name in there:
                self.words(kind, name, there[name])
                self.jsonb(kind, name, there[name])
                continue
            filled |= self.column(kind, name, there)
        for name, column in there.items():
            if not column.required or name in filled:
                continue
            has = self.source.count(kind, name) if name in self.source.columns(kind) else 0
            self.add("filled", kind, name, rows - has)

    def column(self, kind, name, there):
        """Of a column that isn't there; returns those that it fills."""
        count = self.source.count(kind, name, says_something(kind, name))
        if RENAMED.get((kind, name)) in there:
            self.add("moved", kind, name, count)
            return {RENAMED[kind, name]}
        for table, columns in ELSEWHERE.get((kind, name), ()):
            if not self.target.can(table, columns):
                continue
            self.add("moved", kind, name, count)
            if columns == ("bundle_id",):
                self.add("lost", kind, name, self.source.count(kind, name, lambda text: "," in text))
            if columns:
                self.jsonb(kind, name, self.target.tables[table][columns[0]])
            return set()
        self.add("moved" if name in IDENTITY else "lost", kind, name, count)
        return set()

    def jsonb(self, kind, name, column):
        if column.type == "jsonb":
            self.add("lost", kind, name, self.source.beyond_jsonb(kind, name))

    def words(self, kind, name, column):
        labels = self.target.enums.get(column.type)
        for word, rows in self.source.words(kind, name).items() if labels else ():
            if word in labels and word not in ("rss_feed", "retry", "backfill"):
                continue
            alike = any(word.upper() == label.upper() for label in labels - {word})
            self.add("moved" if alike else "replaced", kind, name, rows)


def compat(*arguments, code=None, env=None):
    done = lib.run("compat", *arguments, "--json", "--progress", "none", env=env)
    result = json.loads(done.stdout) if done.stdout else None
    if code is not None and done.returncode != code:
        raise AssertionError(f"{done.returncode} instead of {code}: {done.stdout!r} {done.stderr!r}")
    return done.returncode, result


def said(result, weights=("lost", "moved", "filled", "replaced")):
    found = collections.Counter()
    for f in result["findings"]:
        if f["weight"] in weights and f["kind"] not in ("embedding", "file"):
            found[f["weight"], f["kind"], f.get("column")] += f["rows"]
    return found


def of(result, weight):
    return [f for f in result["findings"] if f["weight"] == weight]


def code_of(found):
    return 3 if any(weight in ("lost", "replaced") for weight, _, _ in found) else 0


def describe(instance, *options):
    path = lib.new_path(".json")
    done = lib.run("describe", path, "--db", instance.db.dsn, *options)
    assert done.returncode == 0, done.stderr
    return path


class Generations(lib.Case):
    """Each of the four into each of the four."""

    def check(self, kind, one, other):
        source, target = shared_source(kind, one), lib.shared(kind, other)
        code, result = compat(source.package.path, "--db", target.db.dsn, "--store", f"dir:{target.store}")
        expected = Expected(source, shape_of(target)).found
        self.assertEqual(dict(said(result)), dict(expected))
        self.assertEqual(code, code_of(expected), result["verdict"])
        self.assertEqual(of(result, "impossible"), [])
        for finding in result["findings"]:
            self.assertLessEqual(finding.get("rows", 0), finding.get("of", 0), finding)
        if one == other:
            self.assertEqual((code, result["verdict"]), (0, "as_is"))
        # every kind that travels is named
        named = {f["kind"] for f in result["findings"] if "kind" in f}
        self.assertLessEqual(set(source.kinds()), named)

    def test_every_pair(self):
        for one, other in PAIRS:
            with self.subTest(source=one, target=other):
                self.check(lib.KINDS[0], one, other)

    def test_another_server(self):
        for kind in lib.KINDS[1:]:
            for one, other in (PAIRS if FULL else [PAIRS[3], PAIRS[12]]):
                with self.subTest(server=kind, source=one, target=other):
                    self.check(kind, one, other)

    def test_a_described_target_is_as_good_as_a_live_one(self):
        for number, (one, other) in enumerate(PAIRS):
            if not FULL and number % 3:
                continue
            with self.subTest(source=one, target=other):
                target = lib.shared(lib.KINDS[0], other)
                package = lib.shared_export(lib.shared(lib.KINDS[0], one), "--include-datasets").path
                options = ("--store", f"dir:{target.store}", "--as", "owner@example.org", "--into", "Energie & Politik")
                live = compat(package, "--db", target.db.dsn, *options[:2], "--as", "owner@example.org",
                              "--into", target.id("infospace", "main"))
                described = compat(package, "--target-profile", describe(
                    target, *options[:4], "--into", target.id("infospace", "main")))
                self.assertEqual(described, live)


class Between(lib.Case):
    """Targets that no generation is like."""

    def change(self, db, rng, shape):
        """Something is gone, called otherwise, or wanted besides; says what."""
        tables = [t for names in lib.TABLES.values() for t in names if t in shape.tables]
        table = rng.choice(tables)
        column = rng.choice([c for c in shape.tables[table] if c != "id"])
        what = rng.choice(["column", "column", "column", "table", "label", "wanted"])
        if what == "column":
            db.run(f"ALTER TABLE IF EXISTS {ident(table)} DROP COLUMN IF EXISTS {ident(column)} CASCADE;")
            return column
        if what == "table":
            db.run(f"DROP TABLE IF EXISTS {ident(table)} CASCADE;")
            return table
        if what == "wanted":
            db.run(f"ALTER TABLE IF EXISTS {ident(table)} ADD COLUMN IF NOT EXISTS more_{rng.randrange(9)} text;")
            return "more"
        enum = rng.choice(["assetkind", "runstatus", "sourcestatus", "processingstatus", "resultstatus"])
        label = rng.choice(sorted(shape.enums[enum] - {"FILE", "FAILED", "COMPLETE", "READY"}))
        if label in Shape(db=db).enums.get(enum, ()):
            db.run(f"ALTER TYPE {enum} RENAME VALUE '{label}' TO 'X_{label}';")
        return label

    def one(self, seed):
        rng = random.Random(seed)
        source = shared_source(lib.KINDS[0], rng.choice(lib.GENERATIONS))
        with lib.own(lib.KINDS[0], rng.choice(lib.GENERATIONS), "empty") as target:
            shape = Shape(db=target.db)
            changes = [self.change(target.db, rng, shape) for _ in range(rng.randint(1, 8))]
            about = (source.instance.generation, target.generation, changes)
            code, result = compat(source.package.path, "--db", target.db.dsn, "--store", f"dir:{target.store}")
            if not result.get("findings"):
                self.assertEqual(code, 6, about)
                self.assertTrue(any(f'"{c}"' in result["error"]["text"] for c in changes), (result, about))
                return False
            expected = Expected(source, Shape(db=target.db)).found
            self.assertEqual(dict(said(result)), dict(expected), about)
            self.assertEqual(code, code_of(expected), about)
            return True

    def test_random_ones(self):
        done = 0
        for seed in range(RANDOM):
            with self.subTest(seed=seed):
                done += self.one(seed)
        self.assertGreater(done, RANDOM / 3)

    def test_a_word_that_is_missing_is_replaced_by_one_that_is_there(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        with lib.own(lib.KINDS[0], lib.NEWEST, "empty") as target:
            target.db.run("ALTER TYPE assetkind RENAME VALUE 'PDF_PAGE' TO 'SHEET';")
            _, result = compat(package, "--db", target.db.dsn, code=3)
            (finding,) = of(result, "replaced")
            self.assertEqual((finding["kind"], finding["column"], finding["word"], finding["to"]),
                             ("asset", "kind", "PDF_PAGE", "TEXT"))
            target.db.run("ALTER TYPE assetkind RENAME VALUE 'TEXT' TO 'PROSE';")
            _, result = compat(package, "--db", target.db.dsn, code=3)
            self.assertEqual({f["word"]: f["to"] for f in of(result, "replaced")},
                             {"PDF_PAGE": "FILE", "TEXT": "FILE"})
            target.db.run("ALTER TYPE assetkind RENAME VALUE 'FILE' TO 'BYTES';")
            _, result = compat(package, "--db", target.db.dsn, code=3)
            self.assertLessEqual({"PDF_PAGE", "TEXT"}, {f["word"] for f in of(result, "lost")})

    def test_what_the_target_wants_and_nobody_has_stands_in_the_way(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        with lib.own(lib.KINDS[0], lib.NEWEST, "empty") as target:
            target.db.run("ALTER TABLE annotation ADD COLUMN weight integer NOT NULL;")
            _, result = compat(package, "--db", target.db.dsn, code=6)
            (finding,) = of(result, "impossible")
            self.assertEqual((finding["code"], finding["kind"], finding["column"]),
                             ("no-value", "annotation", "weight"))
            target.db.run("ALTER TABLE annotation ALTER COLUMN weight SET DEFAULT 1;")
            compat(package, "--db", target.db.dsn, code=0)

    def test_types_that_take_less(self):
        """A json column that has become jsonb, and one that holds no objects any more."""
        source = shared_source(lib.KINDS[0], "2025-10")
        refused_rows = source.beyond_jsonb("justification", "evidence_payload")
        self.assertGreater(refused_rows, 0)
        with lib.own(lib.KINDS[0], "2025-10", "empty") as target:
            target.db.run("ALTER TABLE justification ALTER COLUMN evidence_payload TYPE jsonb USING '{}';"
                          "ALTER TABLE annotation DROP COLUMN value CASCADE, ADD COLUMN value integer;")
            _, result = compat(source.package.path, "--db", target.db.dsn, code=3)
            self.assertEqual({(f["code"], f["kind"], f["column"]): f["rows"] for f in of(result, "lost")}, {
                ("beyond-jsonb", "justification", "evidence_payload"): refused_rows,
                ("other-type", "annotation", "value"): source.count(
                    "annotation", "value", lambda text: text[0] in "{[tf")})

    def test_texts_that_an_index_or_the_search_may_refuse(self):
        with lib.own(lib.KINDS[0], "2025-07") as source:
            asset = source.id("asset", "report")
            source.db.run(f"""UPDATE asset SET source_identifier = repeat('x', 3000), content_hash = repeat('y', 2704),
                              text_content = repeat('word ', 300000) WHERE id = {asset};""")
            package = lib.export(source).path
            for generation, expected in (("2025-07", {"source_identifier"}),
                                         (lib.NEWEST, {"source_identifier", "text_content"})):
                _, result = compat(package, "--db", lib.shared(lib.KINDS[0], generation).db.dsn)
                found = {f["column"]: f["rows"] for f in of(result, "lost") if f["code"].startswith("long-")}
                self.assertEqual(found, dict.fromkeys(expected, 1))


class Embeddings(lib.Case):
    def test_by_their_dimension(self):
        """On a server with pgvector, where there is one: each vector goes to a column that takes it."""
        for kind in lib.KINDS:
            for one, other in PAIRS:
                source, target = lib.shared(kind, one), lib.shared(kind, other)
                package = lib.shared_export(source, "--include-embeddings")
                vectors = collections.Counter()
                for entry in package.entries:
                    if entry["kind"] == "embedding":
                        dimension = re.search(r"asset_\d+_(\d+)", entry["path"])[1]
                        for row in package.lines(entry["path"]):
                            vectors[json.loads(row)["column"], dimension] += 1
                _, result = compat(package.path, "--db", target.db.dsn)
                found = [f for f in result["findings"] if f.get("kind") == "embedding"]
                with self.subTest(server=kind, source=one, target=other):
                    self.assertEqual(sum(f["rows"] for f in found), sum(vectors.values()))
                    there = shape_of(target).tables["assetchunk"]
                    for (column, dimension), rows in vectors.items():
                        fits = column in there and there[column].type in (f"vector({dimension})", "json")
                        takes = [c for c, v in there.items() if v.type == f"vector({dimension})"
                                 or (v.type == "json" and c.startswith("embedding_"))]
                        weight = "as_is" if fits else "moved" if takes else "lost"
                        self.assertIn((weight, column, rows), [(f["weight"], f["column"], f["rows"]) for f in found])


class OtherFormats(lib.Case):
    """Packages that HQ wrote, and universal ones."""
    TABLES = {"annotation_run": "annotationrun", "annotation_schemas": "annotationschema", "assets": "asset",
              "annotations": "annotation", "justifications": "justification", "chunks": "assetchunk"}
    # what isn't a column, and what is called otherwise
    NOT_ITS_OWN = {"annotation_schemas", "assets", "annotations", "justifications", "chunks", "asset_reference",
                   "schema_reference", "is_container", "parent_asset_uuid", "blob_file_reference"}
    CALLED = {"facets": "metadata", "text_content_file_reference": "text_content"}

    def rows(self, run):
        yield "annotationrun", run
        for key in ("annotation_schemas", "assets", "annotations"):
            for row in run[key]:
                yield self.TABLES[key], row
                for inner in ("chunks", "justifications"):
                    for part in row.get(inner) or ():
                        yield self.TABLES[inner], part

    def test_hqs_own(self):
        for name, generation in itertools.product(("2025-10-run", "2026-05-run"), lib.GENERATIONS):
            with self.subTest(package=name, target=generation), \
                    zipfile.ZipFile(FIXTURES / f"{name}.zip") as package:
                run = json.loads(package.read("manifest.json"))["content"]["annotation_run"]
                shape = Shape(lib.schema.facts(generation))
                expected = collections.Counter()
                for table, row in self.rows(run):
                    kind = lib.kind_of(table)
                    if table not in shape.tables:
                        continue
                    for key in {self.CALLED.get(k, k) for k, v in row.items() if v is not None} - self.NOT_ITS_OWN:
                        if key not in shape.tables[table] and not (kind, key) in ELSEWHERE:
                            expected["lost", kind, key] += 1
                target = lib.shared(lib.KINDS[0], generation)
                code, result = compat(FIXTURES / f"{name}.zip", "--db", target.db.dsn)
                self.assertEqual(dict(said(result, ("lost",))), dict(expected))
                self.assertEqual(code, code_of(expected))
                self.assertEqual(result["package"]["format"], "hq")

    def test_hqs_infospace(self):
        _, result = compat(FIXTURES / "2026-05-infospace.zip", "--db",
                           lib.shared(lib.KINDS[0], lib.NEWEST).db.dsn, code=0)
        rows = {f["kind"]: f["rows"] for f in result["findings"] if f["code"] == "rows"}
        self.assertLessEqual({"bundle", "source", "schema", "run", "asset", "annotation"}, set(rows))

    def universal(self, **dataset):
        path = lib.new_path(".zip")
        one = str(uuid.UUID(int=1))
        parts = {"metadata.json": {"version": "1.0"}, "manifest.json": {"entities": [one]},
                 "entities/dataset_1.json": {"entity_uuid": one, "imported_from_uuid": None, "name": "Reden", **dataset}}
        with zipfile.ZipFile(path, "w") as package:
            for name, value in parts.items():
                package.writestr(name, json.dumps(value))
        return path

    def test_universal(self):
        dsn = lib.shared(lib.KINDS[0], lib.NEWEST).db.dsn
        _, result = compat(self.universal(), "--db", dsn, code=0)
        self.assertEqual({f["column"] for f in of(result, "filled")},
                         {"infospace_id", "user_id", "created_at", "updated_at"})
        _, result = compat(self.universal(colour="red", description="a\0b"), "--db", dsn, code=3)
        self.assertEqual({(f["code"], f["column"]) for f in of(result, "lost")},
                         {("no-column", "colour"), ("beyond-jsonb", "description")})
        # in a text too long to be looked into: somewhere
        _, result = compat(self.universal(description="a" * 10000 + "\0"), "--db", dsn, code=3)
        self.assertEqual([(f["code"], f.get("column")) for f in of(result, "lost")], [("beyond-jsonb", None)])


class Rights(lib.Case):
    """What is allowed there, and by whom."""

    def test_who_may_import(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        target = lib.shared(lib.KINDS[0], lib.NEWEST)
        main = target.id("infospace", "main")
        for who, code in (("owner", 0), ("analyst", 0), ("curator", 6), ("viewer", 6)):
            with self.subTest(who=who):
                _, result = compat(package, "--db", target.db.dsn, "--as", who, "--into", main, code=code)
                self.assertEqual([f["code"] for f in of(result, "impossible")], ["not-allowed"] if code else [])
        # what they may not read doesn't exist
        compat(package, "--db", target.db.dsn, "--as", "stranger", "--into", main, code=1)
        compat(package, "--db", target.db.dsn, "--into", main, code=2)

    def test_a_login_that_may_only_read(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        with lib.own(lib.KINDS[0], lib.NEWEST, "empty") as target:
            role = f"reader_{uuid.uuid4().hex[:8]}"
            target.db.run(f"CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};")
            try:
                dsn = target.db.dsn.replace("user=postgres", f"user={role}")
                _, result = compat(package, "--db", dsn, "--store", f"dir:{target.store}", code=0)
                self.assertEqual({f["code"] for f in of(result, "note")}, {"schema-not-allowed", "may-not-write"})
            finally:
                target.db.run(f"DROP OWNED BY {role}; DROP ROLE {role};")

    def test_the_store(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        target = lib.shared(lib.KINDS[0], lib.NEWEST)
        _, result = compat(package, "--db", target.db.dsn, "--store", f"dir:{target.store}/none", code=6)
        self.assertEqual([f["code"] for f in of(result, "impossible")], ["store-not-reached"])
        _, result = compat(package, "--db", target.db.dsn, code=0)
        self.assertEqual([f["code"] for f in of(result, "note")], ["store-not-told"])
        bare = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST), "--asset-format", "external").path
        _, result = compat(bare, "--db", target.db.dsn, code=3)
        self.assertEqual([f["code"] for f in of(result, "lost")], ["no-bytes"])

    def test_meant_for_another(self):
        target = lib.shared(lib.KINDS[0], lib.NEWEST)
        package = lib.shared_export(target, "--target-instance-id", "elsewhere").path
        _, result = compat(package, "--db", target.db.dsn, "--store", f"dir:{target.store}", code=0)
        self.assertEqual([f["code"] for f in of(result, "note")], ["meant-elsewhere"])
        own = json.loads(describe(target).read_text())["instance"]
        package = lib.shared_export(target, "--target-instance-id", own).path
        _, result = compat(package, "--db", target.db.dsn, "--store", f"dir:{target.store}", code=0)
        self.assertEqual(of(result, "note"), [])

    def test_no_platform(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        with lib.own(lib.KINDS[0], lib.NEWEST, "empty") as target:
            target.db.run("DROP TABLE annotationrun CASCADE;")
            compat(package, "--db", target.db.dsn, code=6)


class Quiet(lib.Case):
    """Nothing is written, and nothing grows."""

    def dump(self, target):
        done = subprocess.run([lib.servers.find_bin(target.kind) / "pg_dump", target.db.dsn],
                              capture_output=True, check=True)
        text = [line for line in done.stdout.splitlines() if b"restrict " not in line]
        return text, sorted(p.name for p in target.store.rglob("*"))

    def test_nothing_is_written(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], "2025-07")).path
        with lib.own(lib.KINDS[0], lib.NEWEST) as target:
            before = self.dump(target)
            env = lib.environment(PGOPTIONS="-c default_transaction_read_only=on")
            options = ("--db", target.db.dsn, "--store", f"dir:{target.store}", "--as", "owner@example.org",
                       "--into", target.id("infospace", "main"))
            for variables in (None, env):
                compat(package, *options, code=3, env=variables)
            describe(target, *options[2:])
            self.assertEqual(self.dump(target), before)

    def measured(self, *arguments):
        most = lib.new_path()
        tool = Path(lib.program()).resolve().parent.parent / "tests/package/measure"
        subprocess.run([tool, most, lib.program(), *map(str, arguments)], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, env=lib.environment())
        return int(most.read_text().split()[0])

    def test_memory(self):
        profile = describe(lib.shared(lib.KINDS[0], lib.NEWEST))
        took = []
        for count in (100, 1_000_000 if FULL else 100_000):
            path = lib.new_path(".zip")
            path.write_bytes(zips.package(zips.sealed(zips.parts(count))))
            took.append(self.measured("compat", path, "--target-profile", profile))
        self.assertLess(took[1] - took[0], 4 << 20, took)

    def test_memory_of_a_package_that_is_made_to_take_it(self):
        """A hundred thousand different columns and words."""
        profile = describe(lib.shared(lib.KINDS[0], lib.NEWEST))
        parts = zips.parts(100_000)
        rows = [json.loads(line) for line in parts[5][3].splitlines()]
        for number, row in enumerate(rows):
            row.update({"status": f"S{number}", f"c{number}": "x" * 200})
        parts[5][3] = zips.lines(rows)
        path = lib.new_path(".zip")
        path.write_bytes(zips.package(zips.sealed(parts)))
        self.assertLess(self.measured("compat", path, "--target-profile", profile), 48 << 20)
        # the rows lack what HQ's tables want
        _, result = compat(path, "--target-profile", profile, code=6)
        codes = {f["code"]: f["rows"] for f in result["findings"] if f.get("kind") == "annotation"}
        self.assertEqual(codes["other-words"], 100_000 - 64)
        self.assertGreater(codes["not-looked-at"], 99_000)

    def test_damaged_and_newer_packages(self):
        profile = describe(lib.shared(lib.KINDS[0], lib.NEWEST))
        path = lib.new_path(".zip")
        data = bytearray(zips.package(zips.sealed(zips.parts())))
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        compat(path, "--target-profile", profile, code=5)

        def newer(manifest):
            manifest["features"].append("tomorrow")

        path.write_bytes(zips.package(zips.sealed(zips.parts(), newer)))
        compat(path, "--target-profile", profile, code=6)


class Profiles(lib.Case):
    """The file that describes a target is whoever's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = json.loads(describe(lib.shared(lib.KINDS[0], lib.NEWEST)).read_text())
        cls.path = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path

    def judge(self, text, code):
        profile = lib.new_path(".json")
        profile.write_bytes(text if isinstance(text, bytes) else json.dumps(text).encode())
        done = lib.run("compat", self.path, "--target-profile", profile)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr.decode()

    def test_what_is_none(self):
        self.judge(self.good, 0)
        for change in ({"format": "x"}, {"tables": []}, {"tables": {"asset": {"id": 1}}}, {"format_version": "x"},
                       {"enums": {"assetkind": ["x" * 300]}}, {"tables": {"a" * 300: {}}},
                       {"tables": {"asset": {f"c{n}": {"type": "text"} for n in range(1601)}}}):
            with self.subTest(change=str(change)[:60]):
                self.assertIn("describe", self.judge({**self.good, **change}, 2))
        for text in (b"", b"{", b"[]", b"\xff", b'{"format":"spaceport-target","format":"spaceport-target"}',
                     json.dumps(self.good).encode() + b" 1", b"[" * 100000, b" " * (5 << 20)):
            with self.subTest(text=text[:20]):
                self.judge(text, 2)
        self.judge({**self.good, "format_version": "2.0"}, 6)

    def test_nothing_secret_is_in_it(self):
        target = lib.shared(lib.KINDS[0], lib.NEWEST)
        text = describe(target, "--as", "owner@example.org", "--into", target.id("infospace", "main")).read_text()
        for secret in ("CANARY", "example.org", target.db.host, target.db.dbname):
            self.assertNotIn(secret, text)
        self.assertEqual(os.stat(describe(target)).st_mode & 0o777, 0o600)

    def test_what_goes_together(self):
        profile = describe(lib.shared(lib.KINDS[0], lib.NEWEST))
        compat(self.path, "--target-profile", profile, "--into", "1", code=2)
        self.assertEqual(lib.run("describe", profile, "--db", lib.shared(lib.KINDS[0], lib.NEWEST).db.dsn).returncode, 2)
        done = lib.run("describe", "-", "--db", lib.shared(lib.KINDS[0], lib.NEWEST).db.dsn)
        self.assertEqual(json.loads(done.stdout), json.loads(profile.read_text()))

    def test_for_people(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        done = lib.run("compat", package, "--target-profile", describe(lib.shared(lib.KINDS[0], "2025-07")))
        said_ = done.stdout.decode()
        self.assertEqual(done.returncode, 3)
        for text in ("Can't be held", "assets: logical_path", "1 of 55", "graphs ", "kept in asset.source_metadata",
                     "Goes as it is", "It can be imported, but for what is lost or replaced."):
            self.assertIn(text, said_)
        done = lib.run("compat", package, "--target-profile", describe(lib.shared(lib.KINDS[0], "2025-07")),
                       env=lib.environment(LC_ALL="C.UTF-8", LANGUAGE="de"))
        self.assertNotIn("(null)", done.stdout.decode())


if __name__ == "__main__":
    unittest.main()
