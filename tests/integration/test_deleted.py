"""What was deleted here stays so, unless it was changed at its source since: then somebody decides.
What isn't in the package any more stays here, and the plan says so."""

import json
import unittest

import lib

from imports import Imports


class Deleted(Imports):
    def deleted(self, instance, count=4):
        """An import of which so many annotations were deleted here, and who they were; all but
        the last were changed there since."""
        space = self.empty(instance)
        self.load_it(instance, lib.export(instance), "--into", space)
        there, here = zip(*((int(r["there"]), int(r["here"])) for r in instance.db.query(
            f"SELECT p.* FROM ({self.pairs(instance, 'annotation')}) p WHERE NOT EXISTS (SELECT FROM "
            "annotation x JOIN fragmentcuration f ON f.annotation_id = x.id WHERE x.id = p.here) "
            f"ORDER BY 1 LIMIT {count}" if instance.has("fragmentcuration") else
            f"{self.pairs(instance, 'annotation')} ORDER BY 1 LIMIT {count}")))
        for table in ("justification", "graphedge"):
            if instance.has(table):
                instance.db.run(f"DELETE FROM {table} WHERE annotation_id IN "
                                f"({', '.join(map(str, here))});")
        instance.db.run(f"""DELETE FROM annotation WHERE id IN ({', '.join(map(str, here))});
            UPDATE annotation SET value = '{{"by": "them"}}' WHERE id IN
            ({', '.join(map(str, there[:-1]))});""")
        return space, there, here

    def groups(self, said, why):
        return [(g["class"], g["rows"], g["columns"]) for g in said["plan"]["groups"]
                if g["kind"] == "annotation" and g["why"] == why]

    def count(self, instance, space):
        return int(instance.db.value(
            f"SELECT count(*) FROM annotation WHERE infospace_id = {space}"))

    def values(self, instance, space):
        return int(instance.db.value(f"SELECT count(*) FROM annotation WHERE infospace_id = {space} "
                                     "AND value::text = '{\"by\": \"them\"}'"))

    @lib.everywhere(turns=True)
    def test_one_that_was_changed_there_is_decided_and_stays_so(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space, _, here = self.deleted(instance)
            package, count = lib.export(instance), self.count(instance, space)
            plan = self.plan(instance, package, "--into", space, code=4)
            lines = [json.loads(line) for line in plan.read_text().splitlines()[1:]]
            open_, out = ([x for x in lines if (x["kind"], x["class"], x.get("why")) == (
                "annotation", word, "deleted")] for word in ("conflict", "out"))
            self.assertEqual((len(open_), len(out)), (3, 1))
            self.assertEqual([x["columns"] for x in open_], [["value"]] * 3)
            origins = [x["origin"] for x in open_]
            self.decide(plan, "--row", origins[0], "keep", code=4)
            self.decide(plan, "--row", origins[1], "overwrite", code=4)
            self.apply(instance, plan, code=4)
            self.assertEqual(self.count(instance, space), count)
            for word in ("later",):
                self.assertEqual(lib.run("decide", plan, "--row", origins[2], word).returncode, 2)
            self.decide(plan, "--row", origins[2], "beside")
            said = self.apply(instance, plan)
            self.assertEqual(self.groups(said, "again"), [("new", 2, [])])
            self.assertEqual(self.groups(said, "deleted"), [("out", 2, [])])
            self.assertEqual(self.count(instance, space), count + 2)
            self.assertEqual(self.values(instance, space), 2)
            self.assertEqual(int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE id IN ({', '.join(map(str, here))})")), 0)
            # it was decided once, and is decided
            again = self.load_it(instance, package, "--into", space)
            self.assertEqual(again["plan"]["totals"]["new"], 0)
            self.assertEqual(self.groups(again, "deleted"), [("out", 2, [])])
            # until it is changed once more
            instance.db.run("UPDATE annotation SET value = '{\"by\": \"them again\"}' WHERE "
                            f"uuid = '{origins[0]}';")
            later = self.load_it(instance, lib.export(instance), "--into", space, code=4)
            self.assertEqual(self.groups(later, "deleted"), [("conflict", 1, ["value"]),
                                                             ("out", 1, [])])

    @lib.everywhere(turns=True)
    def test_a_strategy_decides_of_all(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space, _, _ = self.deleted(instance)
            package, count = lib.export(instance), self.count(instance, space)
            said = self.load_it(instance, package, "--into", space, "--conflict-strategy", "skip")
            self.assertEqual(self.groups(said, "deleted"), [("out", 4, [])])
            self.assertEqual(self.count(instance, space), count)
            for strategy in ("overwrite", "rename"):
                said = self.load_it(instance, package, "--into", space, "--conflict-strategy",
                                    strategy, "--dry-run")
                self.assertEqual(self.groups(said, "again"), [("new", 3, [])])
            self.load_it(instance, package, "--into", space, "--conflict-strategy", "overwrite")
            self.assertEqual(self.values(instance, space), 3)
            self.assertEqual(self.count(instance, space), count + 3)
            again = self.load_it(instance, package, "--into", space)
            self.assertEqual(again["plan"]["totals"]["new"], 0)

    @lib.everywhere(turns=True)
    def test_what_the_package_has_not_got_any_more_stays_and_is_listed(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space, db = self.empty(instance), instance.db
            first = lib.export(instance)
            said = self.load_it(instance, first, "--into", space)
            self.assertEqual(said["plan"]["gone"], [])
            there = [r["there"] for r in db.query(
                f"{self.pairs(instance, 'annotation')} ORDER BY 1 LIMIT 2")]
            aggregates = int(db.value("SELECT count(*) FROM runaggregate WHERE run_id = "
                                      f"{instance.id('annotationrun', 'main')}"))
            for table in ("justification", "graphedge", "fragmentcuration"):
                if instance.has(table):
                    db.run(f"DELETE FROM {table} WHERE annotation_id IN ({', '.join(there)});")
            db.run(f"DELETE FROM annotation WHERE id IN ({', '.join(there)}); DELETE FROM "
                   f"runaggregate WHERE run_id = {instance.id('annotationrun', 'main')};")
            count = self.count(instance, space)
            said = self.load_it(instance, lib.export(instance), "--into", space)
            gone = {g["kind"]: g["rows"] for g in said["plan"]["gone"]}
            self.assertEqual(gone.pop("annotation"), 2)
            self.assertEqual(gone.pop("aggregate", 0), aggregates)
            # parts of what is gone aren't told besides
            self.assertEqual(gone, {})
            self.assertEqual(self.count(instance, space), count)
            # where it is another instance's, nothing is gone
            self.assertEqual(self.load_it(instance, first, "--new", "Another")["plan"]["gone"], [])


if __name__ == "__main__":
    unittest.main()
