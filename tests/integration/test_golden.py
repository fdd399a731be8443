"""Packages that were written when the format was frozen are what they were, and are read, checked and
imported as on the day they were written."""

import hashlib
import json
import sys
import unittest
from pathlib import Path

import lib
import test_between
from imports import OWNER, Imports
from test_differ import NEVER, SET
from test_merge import names_in

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reader"))

from package import Package  # noqa: E402

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "packages"
GOLDEN = sorted(FOLDER.glob("*.zip"))
WRITTEN = ["2025-07", "2025-10", "2026-03", "2026-05", "signed"]


def generation_of(path):
    return lib.Package(path).manifest["source"]["generation"]


class Golden(Imports):

    def test_nobody_has_changed_them(self):
        sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in GOLDEN}
        self.assertEqual(sums, {name: hash_ for hash_, name in (
            line.split() for line in (FOLDER / "SHA256SUMS").read_text().splitlines())})
        self.assertLessEqual(set(WRITTEN), {p.stem for p in GOLDEN})

    def test_they_are_whole(self):
        for path in GOLDEN:
            with self.subTest(path.name):
                done = lib.run("validate", path, "--json", "--progress", "none")
                found = json.loads(done.stdout)["packages"][0]
                self.assertEqual((done.returncode, found["verdict"], found["findings"]),
                                 (0, "good", []))
                self.assertEqual(Package(path).found.all, [])

    def test_a_signature_holds(self):
        done = lib.run("validate", FOLDER / "signed.zip", "--trust", FOLDER / "signed.pub",
                       "--json", "--progress", "none")
        self.assertEqual(done.returncode, 0, done.stderr)
        package = json.loads(done.stdout)["packages"][0]["package"]
        self.assertEqual(package["signature"]["state"], "trusted")

    def test_they_are_imported_value_by_value(self):
        """Into the generation that they come from."""
        for place, path in enumerate(GOLDEN):
            kind, generation = lib.KINDS[place % len(lib.KINDS)], generation_of(path)
            with self.subTest(path.name, server=kind), lib.own(kind, generation, "prod") as target:
                said = self.bring(path, target)
                self.check(lib.Package(path), target, said["plan"])
                self.assertEqual(self.differences(target, said, path), [])

    def test_the_newest_takes_them_all(self):
        with lib.own(lib.KINDS[0], lib.NEWEST, "prod") as target:
            for path in GOLDEN:
                with self.subTest(path.name):
                    said = self.bring(path, target)
                    # models are the instance's: those that the first brought stay
                    kept = {d["kind"] for d in self.differences(target, said, path)}
                    self.assertLessEqual(kept, {"embedding_model"})

    def bring(self, path, target):
        """Where the server has no vectors, something can't be held, and nothing else is lost."""
        done = lib.run(*self.arguments(target, path, "--new", path.stem, "--json", "--store",
                                       f"dir:{target.store}"))
        self.assertIn(done.returncode, (0, 3), done.stderr)
        said = json.loads(done.stdout)
        counts = lib.Package(path).manifest["counts"]
        for kind in said["plan"]["kinds"]:
            self.assertEqual((kind["rows"], kind["conflict"], kind["out"]),
                             (counts[kind["kind"]], 0, 0), kind)
        return said

    def check(self, package, target, plan):
        """What arrived is what Python reads in the package."""
        found = test_between.Between.imported(self, package, target)
        for kind in ("run", "schema", "annotation", "asset", "chunk", "bundle", "graph", "source"):
            table, compared = lib.table_of(target, kind), 0
            if not package.rows(kind):
                continue
            here = {r["i"]: dict(lib.exact(r["r"])) for r in target.db.query(
                f"SELECT t.id AS i, row_to_json(t)::text AS r FROM {lib.ident(table)} t")}
            passed = NEVER | self.references(target, table) | {
                o["column"] for o in plan["otherwise"] if o["kind"] == kind}
            for there, row in package.by_id(kind).items():
                ours = here[str(found[kind][there])]
                for column, value in row.items():
                    if column.startswith("__") or column in passed or (kind, column) in SET or \
                            names_in(row, column):
                        continue
                    self.assertEqual(ours[column], value, (kind, there, column))
                    compared += 1
            self.assertGreaterEqual(compared, 2 * len(package.rows(kind)), kind)

    @staticmethod
    def references(target, table):
        return {r["c"] for r in target.db.query(
            "SELECT a.attname AS c FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = "
            "k.conrelid AND a.attnum = ANY (k.conkey) WHERE k.contype = 'f' AND k.conrelid = "
            f"'{lib.ident(table)}'::regclass")} | {c for t, c in lib.SOFT if t == table}

    def differences(self, target, said, path):
        done = lib.run("verify", said["operation"], path, "--db", target.db.dsn, "--as", OWNER,
                       "--store", f"dir:{target.store}", "--json")
        return json.loads(done.stdout)["report"]["differences"]


if __name__ == "__main__":
    unittest.main()
