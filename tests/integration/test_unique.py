"""No row is written that a unique index of this database wouldn't take: the plan says so before,
whatever indexes there are."""

import json
import unittest

import lib

from imports import OWNER, Imports


class Unique(Imports):

    def here(self, instance, kind, there):
        """The ids here of rows there."""
        found = {int(r["there"]): int(r["here"])
                 for r in instance.db.query(self.pairs(instance, kind))}
        return [found[i] for i in there]

    def names(self, instance, table, ids):
        found = {int(r["id"]): r["name"] for r in instance.db.query(
            f"SELECT id, name FROM {table} WHERE id IN ({', '.join(map(str, ids))})")}
        return [found[i] for i in ids]

    def group(self, said, kind, why):
        return [g for g in said["plan"]["groups"] if (g["kind"], g["why"]) == (kind, why)]

    def decide(self, plan, *words, code=0):
        done = lib.run("decide", plan, *words, "--json")
        self.assertEqual(done.returncode, code, done.stderr)

    def plan(self, instance, package, *options, code=0):
        path = lib.new_path(".plan")
        done = lib.run("plan", *self.arguments(instance, package, "-o", path, "--json",
                                               *options)[1:])
        self.assertEqual(done.returncode, code, done.stderr)
        return path, json.loads(done.stdout)

    def apply(self, instance, plan, code=0):
        done = lib.run("apply", plan, "--db", instance.db.dsn, "--as", OWNER, "--store",
                       f"dir:{instance.store}", "--progress", "none", "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def imported(self, instance):
        """An infospace with a run's package, and bundles of it that stand side by side, there and
        here."""
        space = self.empty(instance)
        self.unseal(instance)
        self.load_it(instance, lib.export(instance), "--into", space)
        parent = "parent_bundle_id" if instance.has("bundle", "parent_bundle_id") else "0"
        there = [int(r["id"]) for r in instance.db.query(
            f"SELECT b.id FROM bundle b JOIN ({self.pairs(instance, 'bundle')}) p ON p.there = b.id"
            f" WHERE coalesce({parent}, 0) = 0 ORDER BY b.id")]
        self.assertGreater(len(there), 1)
        return space, there, self.here(instance, "bundle", there)

    def rename(self, instance, table, names):
        instance.db.run("; ".join(f"UPDATE {table} SET name = '{name}' WHERE id = {row}"
                                  for row, name in names.items()) + ";")

    @lib.everywhere(turns=True)
    def test_a_name_that_another_has_here_stays_open(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space, there, here = self.imported(instance)
            self.rename(instance, "bundle", {there[0]: "Taken"})
            # a bundle of that name that has nothing to do with it
            columns = [c for c in instance.columns("bundle") if c not in ("id", "uuid", "name")]
            instance.db.run(
                f"INSERT INTO bundle (uuid, name, {', '.join(columns)}) SELECT gen_random_uuid()::"
                f"text, 'Taken', {', '.join(columns)} FROM bundle WHERE id = {here[1]};")
            package = lib.export(instance)
            before = self.outside(instance)
            plan, said = self.plan(instance, package, "--into", space, code=4)
            self.assertEqual([(g["class"], g["rows"], g["columns"])
                              for g in self.group(said, "bundle", "occupied")],
                             [("conflict", 1, ["name"])])
            for strategy, code in (("overwrite", 4), ("skip", 0), ("rename", 0)):
                self.load_it(instance, package, "--into", space, "--conflict-strategy", strategy,
                             "--dry-run", code=code)
            for word in ("overwrite", "later"):
                self.decide(plan, word, code=2)
                self.apply(instance, plan, code=4)
            self.assertEqual(self.outside(instance), before)
            self.decide(plan, "keep")
            self.apply(instance, plan)
            self.assertEqual(self.names(instance, "bundle", here[:1]),
                             [self.names(instance, "bundle", here[:1])[0]])
            self.assertNotEqual(self.names(instance, "bundle", here[:1]), ["Taken"])

    @lib.everywhere(turns=True)
    def test_none_comes_to_stand_inside_itself(self, kind, generation):
        """There one was put into another; here the other into the one, by way of a third."""
        with lib.own(kind, generation) as instance:
            if not instance.has("bundle", "parent_bundle_id"):
                return
            db, (space, there, here) = instance.db, self.imported(instance)
            third = self.beside(instance, here[1], "A third")
            db.run(f"UPDATE bundle SET parent_bundle_id = {there[1]} WHERE id = {there[0]};"
                   f"UPDATE bundle SET parent_bundle_id = {here[0]} WHERE id = {third};"
                   f"UPDATE bundle SET parent_bundle_id = {third} WHERE id = {here[1]};")
            package, before = lib.export(instance), self.outside(instance)
            plan, said = self.plan(instance, package, "--into", space, code=4)
            self.assertEqual([(g["class"], g["rows"], g["columns"])
                              for g in self.group(said, "bundle", "circle")],
                             [("conflict", 1, ["parent_bundle_id"])])
            for strategy, code in (("skip", 0), ("rename", 0)):
                self.load_it(instance, package, "--into", space, "--conflict-strategy", strategy,
                             "--dry-run", code=code)
            self.decide(plan, "overwrite", code=2)
            self.apply(instance, plan, code=4)
            self.assertEqual(self.outside(instance), before)
            self.decide(plan, "keep")
            self.apply(instance, plan)
            self.assertEqual([r["p"] for r in db.query(
                f"SELECT coalesce(parent_bundle_id, 0) AS p FROM bundle WHERE id IN ({here[0]}, "
                f"{here[1]}, {third}) ORDER BY id")], ["0", str(third), str(here[0])])
            # one that only goes deeper is in nobody's way
            db.run(f"UPDATE bundle SET parent_bundle_id = {self.nobody(instance)} WHERE id = "
                   f"{here[1]}; UPDATE annotationrun SET description = 'Again' WHERE id = "
                   f"{instance.id('annotationrun', 'main')};")
            said = self.load_it(instance, lib.export(instance), "--into", space, "--dry-run",
                                "--conflict-strategy", "overwrite")
            self.assertEqual(self.group(said, "bundle", "circle"), [])

    def nobody(self, instance):
        return "NULL" if instance.number < 3 else "0"

    @lib.everywhere(turns=True)
    def test_a_name_that_was_given_up_is_taken_by_a_new_row(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space, there, here = self.imported(instance)
            old = self.names(instance, "bundle", here[:1])[0]
            asset = instance.db.value(
                f"SELECT min(there) FROM ({self.pairs(instance, 'asset')}) p")
            self.rename(instance, "bundle", {there[0]: f"{old} of old"})
            new = self.beside(instance, there[0], old)
            self.put_in(instance, asset, new)
            package = lib.export(instance)
            said = self.load_it(instance, package, "--into", space)
            self.assertEqual(self.group(said, "bundle", "occupied"), [])
            self.assertEqual(self.names(instance, "bundle", here[:1]), [f"{old} of old"])
            self.assertEqual(self.names(instance, "bundle", self.here(instance, "bundle", [new])),
                             [old])

    def beside(self, instance, row, name):
        """A copy of a bundle under another name; its id."""
        columns = [c for c in instance.columns("bundle") if c not in ("id", "uuid", "name")]
        instance.db.run(
            f"INSERT INTO bundle (uuid, name, {', '.join(columns)}) SELECT gen_random_uuid()::"
            f"text, '{name}', {', '.join(columns)} FROM bundle WHERE id = {row};")
        return int(instance.db.value("SELECT max(id) FROM bundle"))

    def put_in(self, instance, asset, bundle):
        if instance.has("asset", "bundle_ids"):
            instance.db.run(f"UPDATE asset SET bundle_ids = array_append(bundle_ids, {bundle}) "
                            f"WHERE id = {asset};")
        elif instance.has("asset", "bundle_id"):
            instance.db.run(f"UPDATE asset SET bundle_id = {bundle} WHERE id = {asset};")
        else:
            instance.db.run("INSERT INTO assetbundlelink SELECT (json_populate_record(l, json_build"
                            f"_object('asset_id', {asset}, 'bundle_id', {bundle}))).* FROM "
                            "assetbundlelink l LIMIT 1;")

    def test_a_new_row_whose_name_is_taken_gets_another(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space, there, here = self.imported(instance)
            self.rename(instance, "bundle", {here[0]: "Renamed here"})
            new = self.beside(instance, there[0], "Renamed here")
            asset = instance.db.value(f"SELECT min(there) FROM ({self.pairs(instance, 'asset')}) p")
            self.put_in(instance, asset, new)
            package = lib.export(instance)
            said = self.load_it(instance, package, "--into", space)
            self.assertEqual([(g["class"], g["rows"]) for g in self.group(said, "bundle", "beside")],
                             [("new", 1)])
            self.assertEqual(self.names(instance, "bundle",
                                        here[:1] + self.here(instance, "bundle", [new])),
                             ["Renamed here", "Renamed here (2)"])
            again = self.load_it(instance, package, "--into", space)
            self.assertEqual((again["plan"]["totals"]["new"], again["plan"]["totals"]["update"]),
                             (0, 0))

    def test_names_that_were_swapped_stay_open(self):
        """Row by row the server would find one of them twice."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space, there, here = self.imported(instance)
            one, two = self.names(instance, "bundle", there[:2])
            for names in ({there[0]: "x"}, {there[1]: one}, {there[0]: two}):
                self.rename(instance, "bundle", names)
            plan, said = self.plan(instance, lib.export(instance), "--into", space, code=4)
            self.assertEqual([g["rows"] for g in self.group(said, "bundle", "occupied")], [2])
            self.decide(plan, "keep")
            self.apply(instance, plan)
            self.assertEqual(self.names(instance, "bundle", here[:2]), [one, two])

    @lib.everywhere(turns=True)
    def test_indexes_that_hq_never_had(self, kind, generation):
        """Of expressions, of some rows, and such that take no two without a value."""
        with lib.own(kind, generation) as instance:
            space, main = self.empty(instance), instance.id("annotationrun", "main")
            nulls = int(instance.db.value("SELECT current_setting('server_version_num')")) >= 150000
            said = "NULL" if nulls else "'said'"
            instance.db.run(f"UPDATE annotationrun SET description = {said} WHERE id = {main};")
            self.load_it(instance, lib.export(instance), "--into", space)
            run = self.here(instance, "run", [main])[0]
            instance.db.run(f"""
                CREATE UNIQUE INDEX ON annotationrun (infospace_id, lower(name), description)
                 {"NULLS NOT DISTINCT" if nulls else ""} WHERE infospace_id = {space};
                CREATE UNIQUE INDEX ON annotationrun (upper(name)) WHERE infospace_id = {space};
                CREATE UNIQUE INDEX ON annotation (run_id, (value::text)) INCLUDE (asset_id)
                 WHERE value::text LIKE '%once%' AND infospace_id = {space};
                INSERT INTO annotationrun SELECT (json_populate_record(r, json_build_object('id',
                 nextval('annotationrun_id_seq'), 'uuid', gen_random_uuid(), 'name', 'Other'))).*
                 FROM annotationrun r WHERE id = {run};
                UPDATE annotationrun SET name = 'OTHER' WHERE id = {main};
                UPDATE annotation SET value = '{{"said": "once"}}' WHERE id IN (SELECT there FROM
                 ({self.pairs(instance, 'annotation')}) p ORDER BY there LIMIT 3);""")
            package = lib.export(instance)
            plan, said = self.plan(instance, package, "--into", space, code=4)
            self.assertEqual([(g["kind"], g["rows"]) for g in said["plan"]["groups"]
                              if g["why"] == "occupied"], [("run", 1), ("annotation", 2)])
            self.decide(plan, "keep")
            self.apply(instance, plan)
            # new ones that have no name to be called by stay out
            fresh = self.load_it(instance, package, "--new", "Fresh")
            self.assertEqual(fresh["plan"]["totals"]["out"], 0)
            instance.db.run(f"""CREATE UNIQUE INDEX ON annotation (infospace_id, (value::text))
                WHERE value::text LIKE '%once%' AND infospace_id NOT IN ({space}, {instance.id(
                    "infospace", "main")}, {fresh["result"]["created_infospace_id"]});""")
            said = self.load_it(instance, package, "--new", "Fresher")
            self.assertEqual([(g["class"], g["rows"])
                              for g in self.group(said, "annotation", "room")], [("out", 2)])


if __name__ == "__main__":
    unittest.main()
