"""A run goes from each generation into each, by the commands: all that the target can hold arrives,
wherever it keeps it, the plan names what it can't hold, and nothing comes twice."""

import collections
import json
import unittest

import lib
import test_between
from imports import Imports
from test_between import REFERENCES, Side, refused, rows_of
from test_differ import CARRIES_SECRETS_OR_IDS, NEVER, SET
from test_merge import names_in

ALL = [(one, other) for one in lib.GENERATIONS for other in lib.GENERATIONS]
FIRST, SECOND, THIRD, LAST = lib.GENERATIONS
# Each as a source and as a target; test_between has others.
PAIRS = ALL if lib.FULL else [(FIRST, THIRD), (SECOND, LAST), (THIRD, FIRST), (LAST, SECOND),
                              (THIRD, THIRD)]

# What some generations keep elsewhere: compared as what it means, wherever it is.
ELSEWHERE = {
    "asset": {"source_metadata", "metadata", "file_info", "bundle_id", "bundle_ids"},
    "schema": {"field_specific_justification_configs", "output_contract"},
    "annotation": {"value"},
    "edge": {"subject_entity_id", "object_entity_id", "source_entity_id", "target_entity_id"},
    "curation": {"subject_entity_id", "object_entity_id", "source_entity_id", "target_entity_id",
                 "entity_id", "entity_canonical_id"}}
ROWS_ELSEWHERE = {"justification", "bundle_link"}
ENDS = [("subject_entity_id", "source_entity_id"), ("object_entity_id", "target_entity_id"),
        ("entity_canonical_id", "entity_id")]


class Pairs(Imports):

    def test_from_each_generation_into_each(self):
        for place, (one, other) in enumerate(PAIRS):
            kind = lib.KINDS[place % len(lib.KINDS)]
            with self.subTest(source=one, target=other, server=kind), \
                    lib.own(kind, other, "prod") as target:
                self.go(lib.shared(kind, one), target)

    def go(self, source, target):
        package = lib.shared_export(source, "--include-datasets")
        space = self.space_like(target, int(target.db.value("SELECT min(id) FROM infospace")),
                                "Imported")
        self.canon(target, space)
        plan = self.load(package, target, space)
        found = test_between.Between.imported(self, package, target)
        self.check_numbers(package, target, plan, found)
        self.check_lost(package, target, plan)
        self.check_columns(package, source, target, plan, found)
        self.check_elsewhere(source, target, plan, found)
        before = self.contents(target), self.files(target)
        again = self.load(package, target, space)
        self.assertEqual([again["totals"][c] for c in ("new", "update", "conflict")], [0, 0, 0],
                         [g for g in again["groups"] if g["class"] != "same"])
        self.assertEqual((self.contents(target), self.files(target)), before)

    def load(self, package, target, space):
        done = lib.run(*self.arguments(
            target, package, "--json", "--into", space, "--store", f"dir:{target.store}",
            as_=target.db.value("SELECT u.email FROM public.user u JOIN infospace i ON i.owner_id "
                                f"= u.id WHERE i.id = {space}")))
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return json.loads(done.stdout)["plan"]

    def check_numbers(self, package, target, plan, found):
        """Each row of the package is here, but those that the plan says aren't."""
        out = {k["kind"]: k["out"] for k in plan["kinds"]}
        for kind in lib.TABLES:
            if lib.table_of(target, kind) and kind not in ROWS_ELSEWHERE and package.rows(kind) \
                    and target.has(lib.table_of(target, kind), "id"):
                self.assertEqual(len(found.get(kind, ())) + out[kind], len(package.rows(kind)),
                                 kind)

    def check_lost(self, package, target, plan):
        """What has no place is named with its number, and nothing else is."""
        wanted = collections.Counter()
        for kind in lib.TABLES:
            table, rows = lib.table_of(target, kind), package.rows(kind)
            if not table and kind not in ROWS_ELSEWHERE and rows:
                wanted[kind, "rows"] = len(rows)
            for row in rows if table else ():
                for key in row:
                    column = key[2:] if key.startswith("____") else key
                    if (key.startswith("__") and column == key) or column == "id" or \
                            column in ELSEWHERE.get(kind, ()) or target.has(table, column):
                        continue
                    wanted[kind, column] += 1
        said = {(x["kind"], x.get("column", x.get("what"))): x["rows"] for x in plan["lost"]}
        # what jsonb takes nowhere, and further bundles where there is one only, are looked for below
        others = {k: n for k, n in said.items() if k not in wanted}
        self.assertEqual({k: said.get(k) for k in wanted}, dict(wanted))
        self.assertLessEqual(set(others), {("annotation", "value"), ("annotation", "justification"),
                                           ("asset", "bundle_link"), ("asset", "bundle_ids")})
        self.other_losses = others

    def check_columns(self, package, source, target, plan, found):
        """All columns that both have, but those that are kept elsewhere."""
        otherwise = {(x["kind"], x["column"]): x["rows"] for x in plan["otherwise"]}
        left_out = {c["column"] for c in package.manifest["left_out"]["columns"]}
        for kind, ids in found.items():
            tables = [lib.table_of(i, kind) for i in (source, target)]
            theirs, ours = ({r["id"]: r for r in rows_of(i, t)}
                            for i, t in zip((source, target), tables))
            names, rows = self.named(source, tables[0]), package.by_id(kind)
            different = collections.Counter()
            for there, here in ids.items():
                one, other = theirs[there], ours[here]
                for column in set(one) & set(other) - NEVER - CARRIES_SECRETS_OR_IDS - ELSEWHERE.get(
                        kind, set()):
                    # references: compared by test_references
                    if (kind, column) in SET or names_in(rows[there], column) or \
                            f"{tables[0]}.{column}" in left_out:
                        continue
                    value = one[column]
                    if column in names:
                        value = found.get(names[column], {}).get(value) or None
                        different[column] += value != (other[column] or None)
                    else:
                        different[column] += value != other[column]
            self.assertEqual({c: n for c, n in different.items()
                              if n > otherwise.get((kind, c), 0)}, {}, kind)

    @staticmethod
    def named(instance, table):
        """{column: kind of the rows that it names}"""
        found = {r["c"]: lib.kind_of(r["t"]) for r in instance.db.query(
            "SELECT a.attname AS c, f.relname AS t FROM pg_constraint k JOIN pg_class c ON c.oid = "
            "k.conrelid JOIN pg_class f ON f.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = "
            f"c.oid AND k.conkey = ARRAY[a.attnum] WHERE k.contype = 'f' AND c.relname = '{table}'")}
        found.update({c: k for (t, c), k in lib.SOFT.items() if t == table})
        return found

    def check_elsewhere(self, source, target, plan, found):
        one, other = Side(source), Side(target)
        lost = collections.Counter()
        for there, here in found["annotation"].items():
            inline = target.number > 3 and source.number < 4
            if inline and refused(one.texts[there]):
                lost["annotation", "value"] += 1
            elif inline and there in one.refused:
                lost["annotation", "justification"] += 1
                self.assertEqual(other.annotation(here)[0], one.annotation(there)[0])
            else:
                self.assertEqual(other.annotation(here), one.annotation(there), there)
        of_bundles = ("asset", "bundle_ids" if source.number > 2 else "bundle_link")
        for there, here in found["asset"].items():
            theirs, ours = one.asset(there), other.asset(here)
            inside = sorted(found["bundle"][b] for b in theirs[2] if b in found["bundle"])
            self.assertEqual(ours[0], theirs[0], there)
            self.assertEqual(*({k: v for k, v in s[1].items() if k not in REFERENCES}
                               for s in (ours, theirs)), there)
            if target.has("asset", "bundle_id"):
                self.assertLessEqual(set(ours[2]), set(inside))
                self.assertEqual(len(ours[2]), min(len(inside), 1))
                lost[of_bundles] += len(theirs[2]) > 1
            else:
                self.assertEqual(ours[2], inside, there)
                # one that isn't in the package
                lost[of_bundles] += len(theirs[2]) > len(inside) and target.number == 1
        for there, here in found["schema"].items():
            self.assertEqual(other.schema(here), one.schema(there), there)
        for kind in ("edge", "curation"):
            for there, here in found.get(kind, {}).items():
                self.check_ends(kind, one, other, there, here, found["entity"])
        # … and each of them was named
        self.assertEqual({k: n for k, n in self.other_losses.items()},
                         {k: n for k, n in lost.items() if n})

    def check_ends(self, kind, one, other, there, here, entities):
        rows = [next(r for r in side.table(lib.table_of(side.instance, kind)) if r["id"] == n)
                for side, n in ((one, there), (other, here))]
        for names in ENDS:
            theirs, ours = ([r[n] for n in names if n in r] for r in rows)
            self.assertEqual(ours, [entities.get(i) for i in theirs], (kind, there, names))


if __name__ == "__main__":
    unittest.main()
