"""What an import stages is what the package holds: PostgreSQL's own reading of
each value is compared, in the database, with the row that it came from; what a
target can't take is told, all of it, with entry, line and column.
"""

import json
import os
import re
import subprocess
import unittest
import uuid
import zipfile
from pathlib import Path

import lib
from lib import ident, literal

import test_make_run
import test_values

TOOL = Path(os.environ["SPACEPORT"]).resolve().parent.parent / "tests" / "import" / "tool"


def stage(db, package, keep=True, about=()):
    """Stages a package; (the process, its lines, the prefix of the tables)."""
    operation = str(uuid.uuid4())
    if keep:
        db.run("CREATE SCHEMA IF NOT EXISTS spaceport;")
    done = subprocess.run([TOOL, db.dsn, package, operation, "unlogged" if keep else "temporary",
                           *map(str, about)],
                          capture_output=True, env=lib.environment(), timeout=lib.TIMEOUT,
                          check=False)
    lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    return done, lines, f"spaceport.s_{operation.replace('-', '')}_"


def changed(package, name, change):
    """A copy of a package in which an entry is another; its lists are not."""
    path = lib.new_path(".zip")
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, change(data) if info.filename == name else data)
    return path


class Staging(lib.Case):

    @lib.everywhere(turns=True)
    def test_every_value_is_the_sources(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self.db = instance.db
            test_values.extend(instance)
            instance.db.run(f"ALTER DATABASE {ident(instance.db.dbname)} SET jit = off;")
            package = lib.export(instance, "--include-datasets")
            done, lines, tables = stage(instance.db, package.path)
            self.assertEqual(done.returncode, 0, done.stderr)
            staged = {line["kind"]: line for line in lines}
            counts = {k: n for k, n in package.manifest["counts"].items()
                      if lib.table_of(instance, k) and (k, instance.number) != ("justification", 4)}
            self.assertEqual({k: staged[k]["rows"] for k in counts}, counts)
            for entity in counts:
                with self.subTest(entity=entity):
                    self.compare(instance, package, entity, tables)

    def compare(self, instance, package, entity, tables):
        table = lib.table_of(instance, entity)
        ids = {m["uuid"]: m["source_id"] for m in package.mapping}
        instance.db.run("CREATE TABLE spaceport.ids (uuid text, id bigint);\n"
                        "COPY spaceport.ids FROM STDIN;\n"
                        + "".join(f"{u}\t{i}\n" for u, i in ids.items()) + "\\.\n")
        try:
            self.compare_rows(instance, package, entity, table, tables)
        finally:
            instance.db.run("DROP TABLE spaceport.ids;")

    def joined(self, instance, entity, table, tables):
        """FROM … of staged rows r and their source t."""
        if table in ("runschemalink", "assetbundlelink"):
            one, two = (("run_id", "schema_id") if table == "runschemalink"
                        else ("asset_id", "bundle_id"))
            return (f"{tables}row_{entity} r JOIN spaceport.ids a ON a.uuid = r.{one} "
                    f"JOIN spaceport.ids b ON b.uuid = r.{two} "
                    f"JOIN {ident(table)} t ON t.{one} = a.id AND t.{two} = b.id")
        return (f"{tables}row_{entity} r JOIN spaceport.ids a ON a.uuid = r.id "
                f"JOIN {ident(table)} t ON t.id = a.id")

    def compare_rows(self, instance, package, entity, table, tables):
        there = {r["c"] for r in instance.db.query(
            "SELECT attname AS c FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND "
            f"attrelid = {literal(f'{tables}row_{entity}')}::regclass")}
        about = test_values.about_columns(instance, table)
        joined = self.joined(instance, entity, table, tables)
        # of a key longer than a name may be, PostgreSQL keeps the beginning
        keys = {c: test_values.escaped(c).encode("utf-8")[:63].decode("utf-8") for c in about}
        missing = [c for c, key in keys.items() if key not in there]
        if missing:
            # no row has a value there
            some = " OR ".join(f"t.{ident(c)} IS NOT NULL" for c in missing)
            self.assertEqual([], instance.db.query(f"SELECT t.* FROM {joined} WHERE {some} LIMIT 1"))
        plain = [c for c, is_json in about.items() if not is_json and keys[c] in there]
        wrong = " UNION ALL ".join(
            f"SELECT {test_values._literal(c)} AS c, r.{ident(keys[c])}::text AS staged, "
            f"t.{ident(c)}::text AS source FROM {joined} WHERE "
            f"format('%s', r.{ident(keys[c])}) IS DISTINCT FROM format('%s', t.{ident(c)}) OR "
            f"(r.{ident(keys[c])} IS NOT DISTINCT FROM NULL) <> "
            f"(t.{ident(c)} IS NOT DISTINCT FROM NULL)" for c in plain)
        self.assertEqual([], instance.db.query(f"SELECT * FROM ({wrong}) w LIMIT 20"))
        self.compare_json(package, entity, tables,
                          {c: keys[c] for c, is_json in about.items() if is_json and keys[c] in there})

    def compare_json(self, package, entity, tables, columns):
        """With the package's own texts, which have no secrets; JSON's null isn't SQL's."""
        rows = [row for _, row, _ in test_values.package_rows(package, entity)]
        staged = {int(r["n"]): r for r in self.db.query(
            "SELECT row_number() OVER (ORDER BY __number) AS n" + "".join(
                f", {ident(key)}::text AS c{i}" for i, key in enumerate(columns.values()))
            + f" FROM {tables}row_{entity}")}
        self.assertEqual(len(staged), len(rows))
        for number, row in enumerate(rows, 1):
            raw = json.loads(row.get("__raw", "{}"))
            for i, column in enumerate(columns):
                key = test_values.escaped(column)
                found, there = staged[number][f"c{i}"], row.get(key, raw.get(key))
                self.assertEqual(found and lib.tight(found), there and lib.tight(there), key)

    def test_temporary_tables_do(self):
        """A login that may make no schema can look all the same, and leaves nothing."""
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        package = lib.shared_export(instance)
        done, lines, _ = stage(instance.db, package.path, keep=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("annotation", {line["kind"] for line in lines})
        self.assertIsNone(instance.db.value("SELECT nspname FROM pg_namespace "
                                            "WHERE nspname = 'spaceport'"))

    def test_another_generation_takes_what_it_has_columns_for(self):
        for source in lib.GENERATIONS:
            package = lib.shared_export(lib.shared(lib.KINDS[0], source), "--include-datasets")
            for target in lib.GENERATIONS:
                with self.subTest(source=source, target=target), \
                        lib.own(lib.KINDS[0], target) as instance:
                    done, lines, tables = stage(instance.db, package.path)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    # which others have in columns of assets
                    kinds = {line["kind"] for line in lines} - {"user"} | {"bundle_link"}
                    made = {r["t"] for r in instance.db.query(
                        "SELECT relname AS t FROM pg_class WHERE relname ~ '_row_'")}
                    self.assertEqual({t.split("_row_")[1] for t in made},
                                     {k for k in kinds if lib.table_of(instance, k)})
                    self.assertEqual(
                        instance.db.value(f"SELECT count(*) FROM {tables}row_annotation"),
                        str(package.manifest["counts"]["annotation"]))

    def test_a_text_too_long_for_its_line_is_whole(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            for key, text in (("report", "aä€𝄞\\\t" * 400_000), ("photo", "ä" * 600_000),
                              ("chart", "𝄞" * 262_145), ("table", "x" * (1 << 20) + "y")):
                instance.set("asset", key, text_content=text)
            # of json each token is as it was
            instance.set("annotationschema", "positions", output_contract=json.dumps(
                {"properties": {f"p{n}": {"const": "1.50"} for n in range(60_000)}}))
            package = lib.export(instance, "--max-line", "1")
            self.assertEqual(len([n for n in package.names if n.startswith("texts/")]), 5)
            done, _, tables = stage(instance.db, package.path)
            self.assertEqual(done.returncode, 0, done.stderr)
            for kind, table, column, long in (
                    ("asset", "asset", "text_content", 4),
                    ("schema", "annotationschema", "output_contract", 1)):
                found = {r["r"]: r["n"] for r in instance.db.query(
                    f"SELECT md5(regexp_replace(r.{column}::text, '\\s', '', 'g')) AS r, "
                    f"count(*) AS n FROM {tables}row_{kind} r GROUP BY 1")}
                there = {r["r"] for r in instance.db.query(
                    f"SELECT md5(regexp_replace({column}::text, '\\s', '', 'g')) AS r FROM {table}")}
                self.assertLessEqual(set(found), there)
                self.assertEqual(sum(map(int, found.values())), len(package.rows(kind)))
                self.assertEqual(instance.db.value(
                    f"SELECT count(*) FROM {tables}row_{kind} WHERE octet_length({column}::text) "
                    "> 1 << 20"), str(long))

    def test_each_value_that_cant_be_taken_is_told(self):
        """Not only the first: the package is mended once."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            instance.db.run("ALTER TABLE annotation ADD COLUMN odd smallint, "
                            "ADD COLUMN short varchar(3);"
                            "UPDATE annotation SET odd = 5, short = 'abc';")
            package = lib.export(instance)
            total = package.manifest["counts"]["annotation"]
            instance.db.run("ALTER TABLE annotation ALTER odd TYPE boolean USING true, "
                            "ALTER short TYPE varchar(2) USING 'ab';")
            done, lines, _ = stage(instance.db, package.path)
            self.assertEqual(done.returncode, 5, done.stderr)
            bad = [line for line in lines if "why" in line]
            self.assertEqual([(b["entry"], b["line"], b["column"]) for b in bad],
                             [("annotations/annotations.jsonl", n, c) for n in range(1, total + 1)
                              for c in ("odd", "short")])
            self.assertRegex(bad[0]["why"], "boolean")
            self.assertRegex(bad[1]["why"], "too long")
            self.assertIn(str(2 * total).encode(), done.stderr)

    def test_a_package_that_breaks_off_stages_nothing_more(self):
        """The walk's verdict is the staging's: code 5."""
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        package = lib.shared_export(instance)
        broken = changed(package.path, "annotations/annotations.jsonl",
                         lambda data: data.replace(b'"value"', b'"valuE"', 1))
        done, _, _ = stage(instance.db, broken, keep=False)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertRegex(done.stderr, b"annotations.jsonl")

    def test_many_rows_in_slices(self):
        """Each row once, in the package's order, whatever slice it is in."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            rows = 25_000
            run = test_make_run.make(instance, "--annotations", rows, "--assets", 100)
            package = lib.export(instance, run_key=run["run_id"])
            done, _, tables = stage(instance.db, package.path)
            self.assertEqual(done.returncode, 0, done.stderr)
            found = instance.db.query(
                f"SELECT count(*) AS rows, count(DISTINCT slice) AS slices, "
                f"count(DISTINCT line) AS lines, max(line) AS last, "
                f"bool_and(ordered) AS ordered FROM (SELECT *, number - line = min(number - line) "
                f"OVER () AS ordered FROM {tables}raw_annotation) w")[0]
            self.assertEqual(found, {"rows": str(rows), "slices": "3", "lines": str(rows),
                                     "last": str(rows), "ordered": "t"})


if __name__ == "__main__":
    unittest.main()
