"""A bundle that is sealed here stays as it is, with what is in it: HQ's tables keep nobody from
changing it."""

import json
import unittest

import lib

from imports import Imports

GENERATIONS = lib.GENERATIONS[2:]


class Sealed(Imports):
    def there(self, instance, key):
        return instance.id("bundle", key)

    def here(self, instance, there):
        return int(instance.db.value(
            f"SELECT p.here FROM ({self.pairs(instance, 'bundle')}) p WHERE p.there = {there}"))

    def row(self, instance, bundle):
        return instance.db.value("SELECT to_jsonb(b) - 'asset_count' - 'child_bundle_count' FROM "
                                 f"bundle b WHERE id = {bundle}")

    def members(self, instance, bundle):
        return instance.db.value(f"SELECT array_agg(id ORDER BY id)::text FROM asset WHERE {bundle} "
                                 "= ANY (bundle_ids)")

    def lines(self, plan):
        return [json.loads(line) for line in plan.read_text().splitlines()[1:]]

    def why(self, said, kind):
        return {(g["class"], g["why"]): g["rows"] for g in said["plan"]["groups"]
                if g["kind"] == kind and g["why"]}

    @lib.everywhere(generations=GENERATIONS)
    def test_nothing_comes_into_it_or_goes_out_of_it_or_changes_it(self, kind, generation):
        with lib.own(kind, generation) as instance:
            db, space = instance.db, self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            outer, inner = (self.there(instance, k) for k in ("reports", "reports_2025"))
            sealed, child = self.here(instance, outer), self.here(instance, inner)
            db.run(f"UPDATE bundle SET sealed = true WHERE id = {sealed};")
            before, members = self.row(instance, sealed), self.members(instance, sealed)
            # there: another name, a new member, a new child, and the old child goes elsewhere
            page = db.value(
                "SELECT a.asset_id FROM annotation a JOIN asset s ON s.id = a.asset_id WHERE a.run_id "
                f"= {instance.id('annotationrun', 'main')} AND NOT {outer} = ANY (s.bundle_ids) ORDER "
                "BY 1 LIMIT 1")
            db.run(f"""
                UPDATE bundle SET name = 'Reports, again', sealed = false WHERE id = {outer};
                UPDATE bundle SET parent_bundle_id = 0 WHERE id = {inner};
                INSERT INTO bundle (uuid, name, version, infospace_id, user_id, created_at, updated_at,
                                    parent_bundle_id)
                  SELECT gen_random_uuid(), 'New child', '1.0', infospace_id, user_id, now(), now(),
                         id FROM bundle WHERE id = {outer};
                UPDATE asset SET bundle_ids = array_remove(bundle_ids, 0) || {outer} || (SELECT max(id)
                  FROM bundle) WHERE id = {page};""")
            new = int(db.value("SELECT max(id) FROM bundle"))
            package = lib.export(instance)
            said = self.load_it(instance, package, "--into", space)
            self.assertEqual(self.row(instance, sealed), before)
            self.assertEqual(self.members(instance, sealed), members)
            self.assertEqual(db.value(f"SELECT parent_bundle_id FROM bundle WHERE id = {child}"),
                             str(sealed))
            self.assertEqual(self.why(said, "bundle")["keep", "sealed"], 1)
            self.assertEqual(sorted((s["kind"], s["column"], s["rows"])
                                    for s in said["plan"]["sealed"]),
                             [("asset", "bundle_ids", 1), ("bundle", "parent_bundle_id", 1)])
            # what can't be in it is here nevertheless
            mine = self.here(instance, new)
            self.assertEqual(db.value(f"SELECT parent_bundle_id FROM bundle WHERE id = {mine}"), "0")
            self.assertEqual(self.members(instance, mine), db.value(
                f"SELECT array_agg(DISTINCT p.here)::text FROM ({self.pairs(instance, 'asset')}) p WHERE "
                f"p.there = {page}"))
            # whatever is asked for, or decided
            for options in (("--conflict-strategy", "overwrite"), ("--conflict-strategy", "skip")):
                self.load_it(instance, package, "--into", space, *options)
                self.assertEqual(self.row(instance, sealed), before)
                self.assertEqual(self.members(instance, sealed), members)
            plan = self.plan(instance, package, "--into", space)
            line = next(x for x in self.lines(plan) if x.get("target") == sealed
                        and x["kind"] == "bundle")
            self.decide(plan, "--row", line["origin"], "overwrite")
            self.apply(instance, plan)
            self.assertEqual(self.row(instance, sealed), before)
            self.assertEqual(self.members(instance, sealed), members)

    @lib.everywhere(generations=GENERATIONS)
    def test_one_that_arrives_sealed_has_what_is_in_it(self, kind, generation):
        with lib.own(kind, generation) as instance:
            db, space, web = instance.db, self.empty(instance), self.there(instance, "web")
            db.run(f"UPDATE bundle SET sealed = true WHERE id = {web};")
            package = lib.export(instance)
            self.load_it(instance, package, "--into", space)
            mine = self.here(instance, web)
            self.assertEqual(db.value(f"SELECT sealed FROM bundle WHERE id = {mine}"), "t")
            self.assertEqual(self.members(instance, mine), db.value(
                f"SELECT array_agg(p.here ORDER BY p.here)::text FROM ({self.pairs(instance, 'asset')})"
                f" p JOIN asset s ON s.id = p.there WHERE {web} = ANY (s.bundle_ids)"))
            self.assertIsNotNone(self.members(instance, mine))
            again = self.load_it(instance, package, "--into", space)
            self.assertEqual((again["plan"]["sealed"], again["plan"]["totals"]["update"],
                              again["plan"]["totals"]["new"]), ([], 0, 0))


if __name__ == "__main__":
    unittest.main()
