"""What a package's rows name inside their values is what they name here: each reference
that stands in the package's list gets the id of the row that was found, and nothing else
changes. Python follows the same lists by itself."""

import json
import random
import re
import sys
import unittest
from pathlib import Path

import lib
from lib import literal

from test_match import copy
from test_staging import stage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reader"))

from draft import Draft  # noqa: E402

# What stands before ids in texts.
WORDS = {("asset", "text_content"): {"asset": "{{asset:"},
         ("bundle", "bundle_metadata"): {"asset": "asset:", "bundle": "bundle:"},
         ("canon", "description"): {"graph": "for graph #"}}


LOST = object()  # in the place of what goes
DONE = "\U0010fffd"


def without_lost(value):
    if isinstance(value, lib.Pairs):
        return lib.Pairs((k, without_lost(v)) for k, v in value)
    if isinstance(value, list):
        return [without_lost(v) for v in value if v is not LOST]
    return value.replace(DONE, "") if type(value) is str else value


SECRET = object()


def without_secrets(value):
    """… which rows here have, and packages don't: in the sample they say what they are. What had
    nothing else goes, too, and what there is null for."""
    if isinstance(value, lib.Pairs):
        left = lib.Pairs((k, v) for k, v in ((k, without_secrets(v)) for k, v in value)
                         if v is not SECRET)
        return left if left or not value else SECRET
    if isinstance(value, list):
        left = [v for v in map(without_secrets, value) if v is not SECRET]
        return left if left or not value else SECRET
    return SECRET if value is None or isinstance(value, str) and "CANARY" in value else value


def parts(pointer):
    return [p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:]]


class Resolve(lib.Case):

    def resolve(self, package, instance, space=None):
        source = package.json("compatibility/instance_mapping.json")["instance"]
        space = instance.id("infospace", "main") if space is None else space
        done, _, tables = stage(instance.db, package.path, about=(source, space, "strategy=skip"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return tables

    def local(self, instance, tables, kind):
        """{(id in the package, column): (body, lost)}"""
        return {(r["id"], r["key"]): (r["body"], int(r["lost"])) for r in instance.db.query(
            f"SELECT r.id, l.* FROM {tables}local_{kind} l JOIN {tables}row_{kind} r "
            "ON r.__number = l.number")}

    def shuffle(self, instance, package):
        """As if earlier imports had written each row of the package to another one's place."""
        setup = lib.run("setup", "--db", instance.db.dsn)
        self.assertEqual(setup.returncode, 0, setup.stderr)
        source = package.json("compatibility/instance_mapping.json")["instance"]
        space = instance.id("infospace", "main")
        rng, rows = random.Random(7), []
        for kind in ("run", "schema", "asset", "bundle", "source", "graph", "annotation"):
            table = lib.table_of(instance, kind)
            if not table:
                continue
            there = [int(r["id"]) for r in instance.db.query(
                f"SELECT id FROM {table} WHERE infospace_id = {space} ORDER BY id")]
            known = [m for m in package.mapping if m["kind"] == kind]
            rows += [(kind, m["source_uuid"], t) for m, t in
                     zip(known, rng.sample(there, min(len(there), len(known))))]
        instance.db.run(
            "INSERT INTO spaceport.import_operations (uuid, package_path, target_infospace_id, "
            f"status) VALUES (gen_random_uuid(), '', {space}, 'done');\n"
            "INSERT INTO spaceport.cross_instance_mappings (import_operation_id, "
            "source_instance_id, source_entity_type, source_entity_id, target_entity_id) VALUES "
            + ", ".join(f"(1, {literal(source)}, {literal(k)}, {literal(u)}, {t})"
                        for k, u, t in rows) + ";")

    def targets(self, instance, tables, package):
        """{(kind, id in the package): (id here, UUID here)}"""
        found = {}
        for kind in lib.TABLES:
            table = lib.table_of(instance, kind)
            if not table or not instance.has(table, "id"):
                continue
            column = next((c for c in ("uuid", "entity_uuid") if instance.has(table, c)), "id")
            for r in instance.db.query(
                    f"SELECT m.id, m.target, t.{column} AS uuid FROM {tables}match_{kind} m "
                    f"JOIN {table} t ON t.id = m.target"):
                found[kind, r["id"]] = (r["target"], r["uuid"])
        found["infospace", next(m["uuid"] for m in package.mapping if m["kind"] == "infospace")] = (
            str(instance.id("infospace", "main")), None)
        return found

    def change(self, value, path, ref, to, words):
        """The value with a reference changed."""
        if path and isinstance(value, lib.Pairs):
            pairs = list(value)
            at = next(i for i, (k, _) in enumerate(pairs) if k == path[0])
            if ref["form"] == "key" and not path[1:]:
                pairs[at:at + 1] = [] if to is None else [(to, pairs[at][1])]
            else:
                pairs[at] = (path[0], self.change(pairs[at][1], path[1:], ref, to, words))
            return lib.Pairs(pairs)
        if path:
            at = int(path[0])
            last = not path[1:] and to is None and ref["form"] != "marker"
            value[at] = LOST if last else self.change(value[at], path[1:], ref, to, words)
            return value
        if ref["form"] == "marker":
            word, number = words[ref["kind"]], str(ref["id"])
            # what was changed isn't changed again
            return re.sub(re.escape(word) + number + r"(?!\d)",
                          f"{word}{DONE}{to or '?' + number}", value)
        if to is None:
            return None
        if ref["form"] == "prefix":
            to = value.split(":")[0] + ":" + to
        return lib.Number(to) if ref["form"] == "number" else to

    def expected(self, row, column, refs, targets, table):
        """The value as it should be here, and how many references went."""
        raw = dict(lib.exact(row.get("__raw", "{}")) if isinstance(row.get("__raw"), str)
                   else row.get("__raw", ()))
        value, lost = lib.exact(raw[column]) if column in raw else row[column], 0
        for ref in refs:
            path = parts(ref["path"])
            if path[0] == column and "kind" in ref:
                hit = targets.get((ref["kind"], ref.get("uuid")), (None, None))
                to = hit[1] if ref["form"] == "uuid" else hit[0]
                lost += to is None
                value = self.change(value, path[1:], ref, to, WORDS.get((table, column)))
        return without_lost(value), lost

    @lib.everywhere(turns=True)
    def test_values_name_the_rows_that_were_found(self, kind, generation):
        package = lib.shared_export(lib.shared(kind, generation), "--include-datasets")
        with lib.own(kind, generation) as instance:
            self.shuffle(instance, package)
            tables = self.resolve(package, instance)
            targets = self.targets(instance, tables, package)
            forms = set()
            for entity in lib.TABLES:
                rows = [r for r in package.rows(entity) if "__refs" in r]
                table = lib.table_of(instance, entity)
                local = self.local(instance, tables, entity) if rows and table else {}
                for (row_id, column), (body, lost) in local.items():
                    row = next((r for r in rows if r["id"] == row_id), None)
                    if not row:
                        continue
                    refs = [dict(r) for r in row["__refs"]]
                    value, expected_lost = self.expected(row, column, refs, targets, table)
                    forms |= {r["form"] for r in refs if parts(r["path"])[0] == column}
                    with self.subTest(entity=entity, row=row_id, column=column):
                        if not isinstance(value, str):
                            body = without_secrets(lib.exact(body))
                            value = without_secrets(value)
                        self.assertEqual(body, value)
                        self.assertEqual(lost, expected_lost)
            self.assertGreater(len(forms), 3, forms)

    def test_a_reference_that_is_not_there_is_told(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST))
        draft, wrong = Draft(package.path), lib.new_path(".zip")
        name = "run/run_metadata.json"
        draft.data[name] = draft.data[name].replace(
            b'"__refs":[', b'"__refs":[{"path":"/configuration/nowhere","form":"number",'
            b'"kind":"asset"},')
        draft.build(wrong)
        instance = copy(lib.KINDS[0], lib.NEWEST)
        done, _, tables = stage(instance.db, wrong, about=(
            package.json("compatibility/instance_mapping.json")["instance"], 1))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([r["key"] for r in instance.db.query(
            f"SELECT key FROM {tables}local_run WHERE body IS NULL")], ["/configuration/nowhere"])

    def test_rows_that_are_not_here_yet_get_numbers_of_their_own(self):
        """… so that a value that names them is like no value that is here."""
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST))
        instance = copy(lib.KINDS[0], lib.NEWEST)
        tables = self.resolve(package, instance, space=0)
        run = package.rows("run")[0]
        body = json.loads(self.local(instance, tables, "run")[run["id"], "configuration"][0])
        numbers = {r["n"] for r in instance.db.query(
            f"SELECT -__number AS n FROM {tables}row_asset")}
        self.assertTrue(body["target_asset_ids"])
        self.assertLessEqual({str(i) for i in body["target_asset_ids"]}, numbers)


if __name__ == "__main__":
    unittest.main()
