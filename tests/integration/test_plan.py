"""A plan is a file: one person makes it, one decides, one applies it, and what it says is done."""

import contextlib
import json
import unittest

import lib

from imports import OWNER, Imports
from process import Running


class Deciding(Imports):
    """A plan is a file: one person makes it, one decides, one applies it."""

    def refused(self, path, word):
        done = lib.run("decide", path, word)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"is no answer to these conflicts", done.stderr)

    def values(self, instance, ids):
        found = {int(r["id"]): r["v"] for r in instance.db.query(
            "SELECT id, value::json ->> 'by' AS v FROM annotation WHERE id IN "
            f"({', '.join(map(str, ids))})")}
        return [found[i] for i in ids]

    @contextlib.contextmanager
    def conflicts(self, generation=lib.NEWEST):
        """An instance, an infospace, a package with four conflicts and one row that was changed
        there only, and their ids here."""
        with lib.own(lib.KINDS[0], generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            there, here = zip(*((int(r["there"]), int(r["here"])) for r in instance.db.query(
                self.pairs(instance, "annotation") + " ORDER BY 1 LIMIT 5")))
            for ids, who in ((there, "them"), (here[:4], "us")):
                instance.db.run(f"""UPDATE annotation SET value = '{{"by": "{who}"}}', region =
                    '{{"by": "{who}"}}' WHERE id IN ({', '.join(map(str, ids))});""")
            yield instance, space, lib.export(instance), here

    def test_a_group_a_row_and_one_column(self):
        with self.conflicts() as (instance, space, package, here):
            plan = self.plan(instance, package, "--into", space, code=4)
            said = self.decide(plan, code=4)
            self.assertEqual([(g["kind"], g["why"], g["rows"], g["open"], g["columns"])
                              for g in said["groups"]],
                             [("annotation", "both", 4, 4, ["value", "region"])])
            rows = [json.loads(line) for line in plan.read_text().splitlines()[1:]]
            origin = {r["target"]: r["origin"] for r in rows if r["kind"] == "annotation"}
            self.decide(plan, "--row", origin[here[0]], "overwrite", code=4)
            self.decide(plan, "--row", origin[here[1]], "--field", "region", "merge", code=4)
            self.decide(plan, "--row", origin[here[2]], "beside", code=4)
            self.apply(instance, plan, code=4)
            self.assertEqual(self.values(instance, here), ["us"] * 4 + [self.values(
                instance, here[4:])[0]])
            count = int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {space}"))
            self.decide(plan, "--kind", "run", "keep", code=2)
            self.assertEqual(self.decide(plan, "--row", origin[here[3]], "keep")["open"], 0)
            self.apply(instance, plan)
            self.assertEqual(self.values(instance, here), ["them", "us", "us", "us", "them"])
            self.assertEqual(instance.db.value(
                f"SELECT region::json ->> 'by' FROM annotation WHERE id = {here[1]}"), "them")
            self.assertEqual(int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {space}")), count + 1)

    def test_a_decision_holds_in_another_plan_while_both_sides_are_what_they_were(self):
        with self.conflicts() as (instance, space, package, here):
            plan = self.plan(instance, package, "--into", space, code=4)
            self.decide(plan, "overwrite")
            self.decide(plan, "--group", "1", "open", code=4)
            self.decide(plan, "--group", "1", "keep")
            instance.db.run(f"""UPDATE annotation SET value = '{{"by": "another"}}' WHERE id =
                            {here[2]};""")
            self.apply(instance, plan, code=9)
            later = self.plan(instance, package, "--into", space, "--decisions", plan, code=4)
            self.assertEqual([(g["rows"], g["open"]) for g in self.decide(later, code=4)["groups"]],
                             [(4, 1)])
            self.decide(later, "overwrite")
            self.apply(instance, later)
            self.assertEqual(self.values(instance, here), ["them"] * 5)

    def test_a_decision_that_is_no_answer_leaves_a_conflict_open(self):
        """What a plan calls decided, it can do."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.unseal(instance)
            package = lib.export(instance)
            preserve = ("--uuid-mapping-strategy", "preserve")
            self.load_it(instance, package, "--new", "Elsewhere", *preserve)
            space = self.empty(instance)
            plan = self.plan(instance, package, "--into", space, *preserve, code=4)
            taken = self.decide(plan, code=4)["open"]
            self.assertGreater(taken, 0)
            before = plan.read_bytes()
            for word in ("keep", "overwrite", "later"):
                self.refused(plan, word)
            self.assertEqual(plan.read_bytes(), before)
            self.assertEqual(self.decide(plan, "beside")["decided"], taken)
            self.assertEqual(self.decide(plan, "open", code=4)["open"], taken)
            self.decide(plan, "beside")
            self.apply(instance, plan)
            self.assertEqual(int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {space}")),
                len(package.rows("annotation")))

            # a bundle here has the name that the package's got
            bundle = instance.db.value("SELECT b.id FROM bundle b WHERE b.name = 'Web' AND "
                                       f"b.infospace_id = {space}")
            instance.db.run(f"""
                UPDATE bundle SET name = 'One' WHERE name = 'Web' AND infospace_id =
                    {instance.id('infospace', 'main')};
                INSERT INTO bundle SELECT (json_populate_record(b, json_build_object('id',
                    nextval('bundle_id_seq'), 'uuid', gen_random_uuid(), 'name', 'One'))).*
                  FROM bundle b WHERE id = {bundle};""")
            plan = self.plan(instance, lib.export(instance), "--into", space, code=4)
            self.assertEqual([(g["why"], g["rows"]) for g in self.decide(plan, code=4)["groups"]],
                             [("occupied", 1)])
            for word in ("overwrite", "later"):
                self.refused(plan, word)
            self.decide(plan, "keep")
            self.apply(instance, plan)

    def test_what_was_changed_later_counts(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            main = instance.id("annotationrun", "main")
            run = int(instance.db.value(
                f"SELECT id FROM annotationrun WHERE infospace_id = {space}"))
            for theirs, expected in (("2030-01-01", "them"), ("2001-01-01", "us")):
                instance.db.run(f"""
                    UPDATE annotationrun SET name = 'them {theirs}', updated_at = '{theirs}'
                     WHERE id = {main};
                    UPDATE annotationrun SET name = 'us {theirs}', updated_at = '2020-01-01'
                     WHERE id = {run};""")
                plan = self.plan(instance, lib.export(instance), "--into", space, code=4)
                self.decide(plan, "later")
                self.apply(instance, plan)
                self.assertEqual(instance.db.value(
                    f"SELECT name FROM annotationrun WHERE id = {run}"), f"{expected} {theirs}")

    def test_a_decision_that_would_come_out_otherwise_meanwhile_isnt_carried_out(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            main = instance.id("annotationrun", "main")
            instance.db.run(f"""
                UPDATE annotationrun SET name = 'them', updated_at = '2030-01-01' WHERE id = {main};
                UPDATE annotationrun SET name = 'us', updated_at = '2020-01-01'
                 WHERE infospace_id = {space};""")
            plan = self.plan(instance, lib.export(instance), "--into", space, code=4)
            self.decide(plan, "later")
            with Running("apply", plan, "--db", instance.db.dsn, "--as", OWNER, "--store",
                         f"dir:{instance.store}", terminal=True) as asked:
                asked.wait_for(b"[y/N]")
                instance.db.run(f"""UPDATE annotationrun SET updated_at = '2031-01-01'
                                     WHERE infospace_id = {space};""")
                asked.type(b"y\r")
                self.assertEqual(asked.end(), 9, asked.err)
                self.assertIn(b'would be "keep decided" now', asked.err)
            self.assertEqual(instance.db.value(
                f"SELECT name FROM annotationrun WHERE infospace_id = {space}"), "us")

    def test_another_person_applies_it_and_the_owner_is_the_plans(self):
        with self.conflicts() as (instance, space, package, here):
            main = instance.id("infospace", "main")
            people = {r["role"].lower(): r["email"] for r in instance.db.query(
                "SELECT c.role, u.email FROM infospacecollaborator c JOIN public.user u ON "
                f"u.id = c.user_id WHERE c.infospace_id = {main} AND u.is_active")}
            plan = self.plan(instance, package, "--into", main, "--conflict-strategy", "skip")
            self.apply(instance, plan, as_=people["viewer"], code=7)
            plan = self.plan(instance, package, "--new", "Planned")
            said = self.apply(instance, plan, as_=people["analyst"])
            self.assertEqual(instance.db.value(
                "SELECT u.email FROM infospace i JOIN public.user u ON u.id = i.owner_id WHERE "
                f"i.id = {said['result']['created_infospace_id']}"), OWNER)
            again = self.apply(instance, plan, code=9)
            self.assertIn(said["operation"], again["error"]["text"])
            # another package, or another instance, isn't what was planned
            other = lib.export(instance, "--no-authors")
            self.apply(instance, self.plan(instance, package, "--into", space, code=4), other.path,
                       code=9)
            with lib.own(lib.KINDS[0], lib.NEWEST) as second:
                self.apply(second, plan, code=9)

    def test_a_file_that_is_no_plan(self):
        with self.conflicts() as (instance, space, package, here):
            plan = self.plan(instance, package, "--into", space, code=4)
            lines = plan.read_text().splitlines(keepends=True)
            for text, code in (("", 2), ("{}\n", 2), ("[1]\n", 2), ("x" * 2000000 + "\n", 2),
                               (lines[0] + "{\n", 2), (lines[0] + lines[1][:-1], 2),
                               (lines[0] + '{"kind":"run","origin":"x","class":"conflict",'
                                '"decision":"none"}\n', 2),
                               *((lines[0] + '{"kind":"run","origin":"x","class":"conflict",' + more + '}\n', 2)
                                 for more in ('"there":1', '"here":"1x"', '"columns":"x"',
                                              '"fields":{}', '"target":"1"', '"decision":1')),
                               (lines[0].replace('"spaceport_plan":1', '"spaceport_plan":2'), 6),
                               (lines[0].replace('"seed":"', '"seed":"x'), 2)):
                broken = lib.new_path(".plan")
                broken.write_text(text)
                self.apply(instance, broken, code=code)
            # a plan that is there isn't written over
            before = plan.read_bytes()
            arguments = self.arguments(instance, package, "-o", plan, "--into", space)
            self.assertEqual(lib.run("plan", *arguments[1:]).returncode, 2)
            self.assertEqual(plan.read_bytes(), before)
            self.assertEqual(lib.run("plan", *arguments[1:], "--force").returncode, 4)
            done = lib.run("decide", lib.new_path(".plan"))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.decide(plan, "--group", "7", "keep", code=2)
            done = lib.run("decide", plan, "perhaps")
            self.assertEqual(done.returncode, 2)
            done = lib.run("decide", plan, "merge")
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
