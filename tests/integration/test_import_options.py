"""What of a package is taken, and what becomes of schemas that are here, as asked for."""

import json
import unittest

import lib
from lib import ident, literal

from imports import Imports


class Parts(Imports):

    def counts(self, instance, space):
        """{kind: rows} of an infospace."""
        tables = {k: lib.table_of(instance, k) for k in lib.TABLES}
        return {k: int(instance.db.value(
            f"SELECT count(*) FROM {ident(t)} WHERE infospace_id = {space}"))
            for k, t in tables.items() if t and instance.has(t, "infospace_id")}

    @lib.everywhere(turns=True)
    def test_only_what_was_asked_for_and_later_the_rest(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package = lib.export(instance, "--include-datasets")
            space = self.empty(instance)
            said = self.load_it(instance, package, "--into", space, "--only", "schemas,assets")
            rows = {k["kind"]: k for k in said["plan"]["kinds"]}
            for entity in ("schema", "asset"):
                self.assertEqual(rows[entity]["new"], len(package.rows(entity)), entity)
            for entity, counts in rows.items():
                if entity not in ("schema", "asset"):
                    self.assertEqual((counts["out"], counts["new"]), (counts["rows"], 0), entity)
            self.assertEqual({g["why"] for g in said["plan"]["groups"] if g["class"] == "out"},
                             {"unasked"})
            self.assertEqual(said["plan"]["options"]["only"], "schemas,assets")
            there = {k for k, n in self.counts(instance, space).items() if n}
            self.assertEqual(there, {"schema", "asset"} | ({"canon"} if instance.has(
                "canon") else set()))
            whole = self.load_it(instance, package, "--into", space)
            rows = {k["kind"]: k for k in whole["plan"]["kinds"]}
            self.assertEqual(rows["annotation"]["new"], len(package.rows("annotation")))
            self.assertEqual((rows["schema"]["new"], rows["asset"]["new"]), (0, 0))
            self.assertEqual(int(instance.db.value(
                "SELECT count(*) FROM annotation a JOIN asset s ON s.id = a.asset_id JOIN "
                "annotationschema c ON c.id = a.schema_id WHERE a.infospace_id = s.infospace_id "
                f"AND c.infospace_id = a.infospace_id AND a.infospace_id = {space}")),
                len(package.rows("annotation")))

    def test_what_needs_a_part_that_nobody_asked_for_stays_out_with_it(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            package, space = lib.export(instance), self.empty(instance)
            before = self.counts(instance, space)
            said = self.load_it(instance, package, "--into", space, "--only", "annotations")
            self.assertEqual((said["plan"]["totals"]["new"], said["plan"]["totals"]["out"]),
                             (0, said["plan"]["totals"]["rows"]))
            self.assertEqual(self.counts(instance, space), before)
            groups = {(g["kind"], g["why"]) for g in said["plan"]["groups"]}
            self.assertIn(("run", "unasked"), groups)
            self.assertTrue({w for k, w in groups if k == "annotation"} <=
                            {"asset_id", "schema_id", "run_id"}, groups)
            self.load_it(instance, package, "--into", space, "--only", "runs,schemas,assets")
            said = self.load_it(instance, package, "--into", space, "--only", "annotations")
            rows = {k["kind"]: k for k in said["plan"]["kinds"]}
            self.assertEqual(rows["annotation"]["new"], len(package.rows("annotation")))

    def test_a_part_that_there_is_none_of(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            package, space = lib.export(instance), self.empty(instance)
            for only in ("rows", "runs,", "runs, assets"):
                done = lib.run(*self.arguments(instance, package, "--into", space, "--only", only))
                self.assertEqual(done.returncode, 2, only)
                self.assertIn(b"runs, schemas, annotations, assets,", done.stderr)
            self.assertEqual(self.records(instance) if instance.db.value(
                "SELECT to_regclass('spaceport.import_operations') IS NOT NULL") == "t" else [],
                [])

    @lib.everywhere(turns=True)
    def test_without_what_rows_may_do_without(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package, space = lib.export(instance), self.empty(instance)
            said = self.load_it(instance, package, "--into", space, "--no-preserve-relationships")
            unasked = {(u["kind"], u["column"]) for u in said["plan"]["unasked"]}
            self.assertIn(("asset", "parent_asset_id"), unasked)
            rows = {k["kind"]: k for k in said["plan"]["kinds"]}
            self.assertEqual(rows["asset"]["new"], len(package.rows("asset")))
            for entity, column in unasked:
                table = lib.table_of(instance, entity)
                if not instance.has(table, "infospace_id"):
                    continue
                left = instance.db.query(
                    f"SELECT DISTINCT {ident(column)}::text AS v FROM {ident(table)} "
                    f"WHERE infospace_id = {space} AND {ident(column)} IS NOT NULL")
                self.assertLessEqual({r["v"] for r in left}, {"0", "{0}"}, (entity, column))
            if instance.has("assetbundlelink"):
                self.assertEqual(int(instance.db.value(
                    "SELECT count(*) FROM assetbundlelink l JOIN asset a ON a.id = l.asset_id "
                    f"WHERE a.infospace_id = {space}")), 0)
            # what is coded stays whole
            self.assertEqual(int(instance.db.value(
                "SELECT count(*) FROM annotation a JOIN asset s ON s.id = a.asset_id JOIN "
                "annotationschema c ON c.id = a.schema_id JOIN annotationrun r ON r.id = a.run_id "
                f"WHERE {space} = ALL (ARRAY[a.infospace_id, s.infospace_id, c.infospace_id, "
                "r.infospace_id])")), len(package.rows("annotation")))
            # and nothing is changed where all is there but the links
            again = self.load_it(instance, package, "--into", space, "--no-preserve-relationships")
            self.assertEqual(again["plan"]["totals"]["same"] + again["plan"]["totals"]["out"],
                             again["plan"]["totals"]["rows"])


CONTRACT = {"type": "object", "properties": {"document": {"type": "object", "properties": {
    "tone": {"type": "string", "enum": ["warm", "cold"]}, "enum": {"type": "number"}},
    "required": ["tone"]}}}


def changed(change):
    """The contract, with its fields as `change` leaves them."""
    contract = json.loads(json.dumps(CONTRACT))
    change(contract["properties"]["document"])
    return contract


def add_field(document):
    document["properties"]["place"] = {"type": "string"}


def add_value(document):
    document["properties"]["tone"]["enum"].append("lukewarm")


GROWN = [changed(add_field), changed(add_value)]
ANOTHER = [changed(c) for c in (
    lambda d: d["properties"].pop("enum"),
    lambda d: d["properties"]["tone"]["enum"].pop(),
    lambda d: d["properties"]["enum"].update(type="string"),
    lambda d: d["properties"]["tone"].update(description="Of voice"),
    lambda d: (add_field(d), d["required"].append("place")),
    lambda d: d.pop("required"),
    lambda d: d.update(minProperties=3))]


class Schemas(Imports):

    def schema(self, instance, space):
        """Where there is a schema of the package: its name."""
        return instance.db.value(
            "SELECT s.name FROM annotationschema s JOIN runschemalink l ON l.schema_id = s.id "
            f"WHERE l.run_id = {instance.id('annotationrun', 'main')} ORDER BY s.id LIMIT 1")

    def contracts(self, instance, space, name):
        """{version: contract}"""
        return {r["version"]: json.loads(r["c"]) for r in instance.db.query(
            "SELECT version, output_contract::text AS c FROM annotationschema WHERE "
            f"infospace_id = {space} AND name = {literal(name)}")}

    def code(self, instance, space, name, contract):
        instance.db.run(
            f"UPDATE annotationschema SET output_contract = {literal(json.dumps(contract))} WHERE "
            f"infospace_id = {space} AND name = {literal(name)};")

    def fates(self, said):
        return {(g["class"], g["why"]): g["rows"] for g in said["plan"]["groups"]
                if g["kind"] == "schema" and g["class"] != "same"}

    def check(self, there, option, expected, here=CONTRACT):
        """What becomes of a schema of `here` where the package has `there`."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space, home = self.empty(instance), instance.id("infospace", "main")
            name = self.schema(instance, space)
            self.code(instance, home, name, here)
            self.load_it(instance, lib.export(instance), "--into", space)
            versions = set(self.contracts(instance, space, name))
            for contract in there:
                with self.subTest(contract=contract, option=option):
                    self.code(instance, space, name, here)
                    self.code(instance, home, name, contract)
                    plan = self.load_it(instance, lib.export(instance), "--into", space,
                                        "--dry-run", *option)
                    self.assertEqual(self.fates(plan), expected)
            self.load_it(instance, lib.export(instance), "--into", space, *option)
            found = self.contracts(instance, space, name)
            if ("new", "beside") in expected:
                self.assertEqual([found[v] for v in versions], [here] * len(versions))
                self.assertEqual([found[v] for v in found if v not in versions], [there[-1]])
            else:
                self.assertEqual([found[v] for v in found], [there[-1]])

    def test_a_schema_grows_if_that_was_asked_for(self):
        self.check(GROWN, ["--update-existing-schemas"], {("update", "grown"): 1})

    def test_a_schema_stays_what_it_is_else(self):
        self.check(GROWN, [], {("new", "beside"): 1})

    def test_a_schema_that_would_take_something_away_is_another_version(self):
        self.check(ANOTHER, ["--update-existing-schemas"], {("new", "beside"): 1})

    def test_not_even_whoever_overwrites_all_makes_coding_wrong(self):
        self.check(ANOTHER[:2], ["--conflict-strategy", "overwrite"], {("new", "beside"): 1})
        self.check(GROWN, ["--conflict-strategy", "overwrite"], {("update", "overwrite"): 1})


if __name__ == "__main__":
    unittest.main()
