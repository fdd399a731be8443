"""A package goes into an instance by the wizard: conflicts are answered, the dry run is what
happens, and whatever goes wrong leaves everything as it was."""

import itertools
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import lib, profile  # noqa: E402
from test_plain import INSTANCE, OPTIONS, WAY, Dialogue  # noqa: E402
from test_wizard import SERVER, Case  # noqa: E402

from imports import Imports  # noqa: E402


_spaces = itertools.count(1)


def setUpModule():
    session.scratch()


class Into(Case, Imports):
    """Infospaces of their own, each to import into, in an instance that the tests of a class
    share: one at a time writes into it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.instance = lib.Instance(SERVER, lib.NEWEST)
        cls.addClassCleanup(cls.instance.drop)
        cls.package = lib.export(cls.instance)

    def setUp(self):
        self.name = f"Here {next(_spaces)}"
        self.space_id = self.empty(self.instance, self.name)
        self.instance.db.run(
            "SELECT setval('infospace_id_seq', (SELECT max(id) FROM infospace));")

    def conflicts(self):
        """An import, and then changes on both sides of an annotation's value and of the run's
        name and description: the new package, and the annotation's id here."""
        run = self.instance.id("annotationrun", "main")
        self.instance.db.run(
            f"UPDATE annotationrun SET name = 'First', description = '1' WHERE id = {run};"
            """UPDATE annotation SET value = '{"by": "first"}' WHERE id = (SELECT min(id) FROM """
            f"annotation WHERE run_id = {run});")
        self.load_it(self.instance, lib.export(self.instance), "--into", self.space_id)
        there, here = self.instance.db.query(
            f"SELECT p.there, p.here FROM ({self.pairs(self.instance, 'annotation')}) p JOIN "
            f"annotation a ON a.id = p.here WHERE a.infospace_id = {self.space_id} ORDER BY 1")[
                0].values()
        self.instance.db.run(
            f"""UPDATE annotation SET value = '{{"by": "them"}}' WHERE id = {there};
                UPDATE annotation SET value = '{{"by": "us"}}' WHERE id = {here};"""
            f"UPDATE annotationrun SET name = 'Theirs', description = 'theirs' WHERE id = {run};"
            "UPDATE annotationrun SET name = 'Ours', description = 'ours' WHERE infospace_id = "
            f"{self.space_id};")
        return lib.export(self.instance), here

    def run_here(self):
        row = self.instance.db.query("SELECT name, description FROM annotationrun WHERE "
                                     f"infospace_id = {self.space_id}")
        return list(row[0].values())

    def value_of(self, annotation):
        return json.loads(self.instance.db.value(
            f"SELECT value::text FROM annotation WHERE id = {annotation}"))

    def slow_down(self):
        """Each annotation takes its time when it is written."""
        self.addCleanup(self.instance.db.run, "DROP FUNCTION slowly CASCADE;")
        self.instance.db.run(
            "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM "
            "pg_sleep(0.2); RETURN NEW; END'; CREATE TRIGGER slowly BEFORE INSERT OR UPDATE ON "
            "annotation FOR EACH ROW EXECUTE FUNCTION slowly();")

    def is_slow(self):
        return int(self.instance.db.value(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))

    def open_up(self):
        """The store, for whoever runs the wizard."""
        for path in (self.instance.store, *self.instance.store.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def begin(self, package, size=(80, 24), where="C.UTF-8", home=None, **more):
        self.open_up()
        home = home or self.home(dev=profile(self.instance, **more))
        self.at = home.work / "run.zip"
        self.at.write_bytes(Path(getattr(package, "path", package)).read_bytes())
        wizard = self.wizard(home, size=size, where=where)
        wizard.to_packages()
        wizard.wait("run.zip")
        return wizard

    def to_targets(self, wizard):
        wizard.select("run.zip")
        wizard.keys("Enter")
        wizard.step(2)
        wizard.select("dev")
        wizard.keys("Enter")
        wizard.step(3)

    def to_settings(self, wizard):
        self.to_targets(wizard)
        wizard.wait(lambda: wizard.shows("a new infospace"), what="the list")
        wizard.filter(self.name)
        wizard.select(self.name)
        wizard.keys("Enter")
        wizard.step(4)

    def to_dry_run(self, wizard):
        self.to_settings(wizard)
        wizard.keys("Enter")
        wizard.step(5)

    def begin_writing(self, wizard):
        """From the dry run to the last step."""
        wizard.says("Enter: the import.")
        wizard.keys("Enter")
        wizard.says("Import this package into the instance?")
        wizard.press("Tab")
        wizard.keys("Enter")

    def do_it(self, wizard):
        self.begin_writing(wizard)
        wizard.says("Did everything arrive?")


class AllTheWay(Into):

    def test_into_an_infospace_and_what_it_says_is_what_happens(self):
        wizard = self.begin(self.package)
        wizard.says("holds")
        self.to_dry_run(wizard)
        wizard.says("No conflicts")
        before = self.outside(self.instance)
        self.do_it(wizard)
        self.assertEqual(
            int(self.instance.db.value("SELECT count(*) FROM annotation WHERE infospace_id = "
                                       f"{self.space_id}")), len(self.package.rows("annotation")))
        self.assertNotEqual(self.outside(self.instance), before)
        self.assertEqual(self.records(self.instance)[-1]["status"], "done")
        operation = self.records(self.instance)[-1]["uuid"]
        wizard.wait(operation[:8])
        self.assertIn(wizard.leave(), (0, 3))
        self.restored(wizard)
        receipt = wizard.raw_after(b"\x1b[?1049l").decode("utf-8")
        self.assertIn(operation, receipt)
        self.assertIn("spaceport import", receipt)
        # nothing was decided: no plan is left behind
        self.assertEqual(list((wizard.home.folder / "state/spaceport/plans").iterdir()), [])


    def test_into_a_new_infospace(self):
        wizard = self.begin(self.package)
        self.to_targets(wizard)
        wizard.wait(self.name)
        wizard.press("e")
        wizard.type("Fresh, \"new\"\r")
        wizard.step(4)
        wizard.press("c")
        wizard.wait("--new")
        wizard.keys("Esc")
        wizard.says("Enter: a dry run.")
        wizard.keys("Enter")
        self.do_it(wizard)
        self.assertEqual(int(self.instance.db.value(
            "SELECT count(*) FROM annotation a JOIN infospace i ON i.id = a.infospace_id WHERE "
            "i.name = 'Fresh, \"new\"'")), len(self.package.rows("annotation")))
        self.assertIn(wizard.leave(), (0, 3))

    def test_options_reach_the_import(self):
        wizard = self.begin(self.package)
        self.to_settings(wizard)
        wizard.select(session.words("Parts"))
        wizard.press("e")
        wizard.type("schemas,oranges\r")
        wizard.wait("oranges")
        wizard.says("all of the package")
        wizard.press("e")
        wizard.type("schemas\r")
        wizard.wait(lambda: "schemas" in wizard.focused())
        wizard.keys("Enter")
        self.do_it(wizard)
        counts = {t: int(self.instance.db.value(
            f"SELECT count(*) FROM {t} WHERE infospace_id = {self.space_id}"))
            for t in ("annotationschema", "annotation", "asset")}
        self.assertEqual(counts, {"annotationschema": len(self.package.rows("schema")),
                                  "annotation": 0, "asset": 0})

    def test_a_path_that_is_typed(self):
        wizard = self.begin(self.package)
        hidden = wizard.home.work / "deep"
        hidden.mkdir()
        self.at.rename(hidden / "run.package")
        wizard.press("p")
        wizard.type("deep/run.package\r")
        wizard.wait("run.package")
        wizard.says("holds")
        wizard.select("run.package")
        wizard.select("../")
        wizard.keys("Enter")
        wizard.wait("deep/")
        wizard.press("p")
        wizard.type("nowhere\r")
        wizard.wait("nowhere")
        wizard.says("✗ can't open the folder")
        wizard.press("p")
        wizard.keys("Ctrl-U")
        wizard.type(f"{hidden}\r")
        wizard.wait_gone("nowhere")
        wizard.wait("deep")


class Conflicts(Into):

    def to_conflicts(self, wizard):
        self.to_dry_run(wizard)
        wizard.wait("2 conflicts await your decision")

    def test_each_group_is_answered_and_done_so(self):
        package, annotation = self.conflicts()
        wizard = self.begin(package, size=(160, 50))
        self.to_conflicts(wizard)
        # nothing goes on while they are open
        wizard.press("Enter")
        wizard.says("While conflicts are open nothing is written.")
        wizard.select("annotations (1)")
        wizard.press("s")
        wizard.wait("1 conflict awaits your decision")
        # the cursor went to the next that is open
        wizard.wait(lambda: "runs (1)" in wizard.focused())
        wizard.press("o")
        wizard.says("Enter: the dry run again, with what you decided.")
        wizard.press("Backspace")
        wizard.wait("1 conflict awaits your decision")
        wizard.press("m")
        wizard.says("From the package:")
        wizard.keys("Ctrl-U")
        wizard.type("name\r")
        wizard.says("Enter: the dry run again, with what you decided.")
        wizard.keys("Enter")
        self.do_it(wizard)
        self.assertEqual(self.run_here(), ["Theirs", "ours"])
        self.assertEqual(self.value_of(annotation), {"by": "us"})
        self.assertEqual(wizard.leave() in (0, 3), True)
        # the command does the same again: there is nothing left to do
        receipt = wizard.raw_after(b"\x1b[?1049l").decode("utf-8").replace("\r\n", "\n")
        command = receipt[receipt.index("  spaceport import"):].split("\n\n")[0].strip()
        self.assertIn("--decisions", command)
        before = self.outside(self.instance)
        done = wizard.home.run(command)
        self.assertIn(done.returncode, (0, 3), f"{command}\n{done.stderr}")
        self.assertEqual(self.outside(self.instance)[0], before[0])

    def test_all_by_one_rule(self):
        package, annotation = self.conflicts()
        wizard = self.begin(package)
        self.to_conflicts(wizard)
        wizard.press("A")
        wizard.says("The next decision is for all conflicts")
        wizard.press("o")
        wizard.says("Enter: the dry run again, with what you decided.")
        wizard.keys("Enter")
        wizard.says("Enter: the import.")
        # they are still there to be taken back, and nothing was written
        self.assertEqual(self.run_here(), ["Ours", "ours"])
        self.do_it(wizard)
        self.assertEqual(self.run_here(), ["Theirs", "theirs"])
        self.assertEqual(self.value_of(annotation), {"by": "them"})

    def test_in_every_size_and_language(self):
        package, _ = self.conflicts()
        home = None
        for size, where in (((60, 20), "C"), ((60, 20), "de_DE.UTF-8"), ((80, 24), "de_DE.UTF-8"),
                            ((160, 50), "C.UTF-8")):
            with self.subTest(size=size, where=where):
                wizard = self.begin(package, size=size, where=where, home=home)
                home = wizard.home
                self.to_dry_run(wizard)
                wizard.wait(lambda w=wizard: "2 " in w.text() and w.focused(), what="conflicts")
                wizard.press("A")
                wizard.press("s")
                wizard.says("Enter: the dry run again, with what you decided.")
                wizard.keys("Enter")
                wizard.says("Enter: the import.")
                wizard.keys("Enter")
                wizard.says("Import this package into the instance?")
                wizard.keys("Enter")  # the harmless button
                wizard.says("Enter: the import.")
                if where == "C":
                    self.assertEqual([c for c in wizard.raw if c > 126], [])
                self.assertEqual(wizard.leave(), 0)
                self.restored(wizard)
        self.assertEqual(self.run_here(), ["Ours", "ours"])

    def test_what_changes_before_it_is_written_is_shown_again(self):
        self.load_it(self.instance, self.package, "--into", self.space_id)
        wizard = self.begin(self.package)
        self.to_dry_run(wizard)
        wizard.says("Enter: the import.")
        self.instance.db.run("UPDATE annotationrun SET name = 'Other' WHERE infospace_id = "
                             f"{self.space_id};")
        before = self.outside(self.instance)
        self.begin_writing(wizard)
        wizard.step(5)
        wizard.says("✗ the target isn't what it was when the plan was made")
        self.assertEqual(self.outside(self.instance), before)
        # the dry run was made again
        wizard.says("Enter: the import.")
        wizard.wait("kept as here")
        self.do_it(wizard)
        self.assertEqual(self.run_here()[0], "Other")


class Plain(Into):
    """The same line by line."""

    def dialogue(self, package, where="C.UTF-8", **more):
        self.open_up()
        home = self.home(dev=profile(self.instance, **more), other=profile(self.instance))
        (home.work / "run.zip").write_bytes(Path(package.path).read_bytes())
        dialogue = Dialogue(home, "--plain", where=where)
        self.addCleanup(dialogue.close)
        return dialogue

    def to_dry_run(self, dialogue):
        dialogue.answer(WAY, "2")
        dialogue.answer("Number or path", "1")
        dialogue.answer(INSTANCE, "1")
        dialogue.answer("Number or part of a name", self.name)
        dialogue.answer(OPTIONS, "")

    def test_all_the_way_in_every_language(self):
        for where in session.LOCALES:
            with self.subTest(where=where):
                self.setUp()
                dialogue = self.dialogue(self.package, where)
                self.to_dry_run(dialogue)
                dialogue.answer("Type import to import it, or <", session.words("import", where))
                self.assertIn(dialogue.end(), (0, 3))
                self.assertEqual(self.records(self.instance)[-1]["status"], "done")
                self.assertNotIn(b"\x1b", dialogue.raw)
                self.assertIn("spaceport verify", dialogue.heard())
                self.assertEqual(int(self.instance.db.value(
                    "SELECT count(*) FROM annotation WHERE infospace_id = "
                    f"{self.space_id}")), len(self.package.rows("annotation")))

    def test_conflicts_are_asked_about_one_group_after_the_other(self):
        package, annotation = self.conflicts()
        dialogue = self.dialogue(package)
        self.to_dry_run(dialogue)
        decide = "keep, overwrite, beside, merge or later"
        dialogue.hear(decide)
        first = "Group 1 of 2. runs" in dialogue.heard()
        dialogue.answer(decide, "?")
        dialogue.answer(decide, "perhaps")
        dialogue.answer(decide, "merge")
        dialogue.answer("From the package", "name" if first else "value")
        dialogue.answer(decide, "keep" if first else "o")
        dialogue.answer("Type import to import it, or <", "no")
        dialogue.answer("Type import to import it, or <", "import")
        self.assertIn(dialogue.end(), (0, 3))
        self.assertEqual((self.run_here(), self.value_of(annotation)),
                         (["Theirs", "ours"], {"by": "us"}) if first else
                         (["Theirs", "theirs"], {"by": "them"}))

    def test_a_careful_instance_and_a_new_infospace(self):
        dialogue = self.dialogue(self.package, careful="yes")
        dialogue.answer(WAY, "2")
        dialogue.answer("Number or path", "run.zip")
        dialogue.answer(INSTANCE, "1")
        dialogue.answer("Number or part of a name", "1")
        dialogue.answer("Its name", f"New {self.name}")
        dialogue.answer(OPTIONS, "")
        asked = "Type the instance's name"
        dialogue.answer(asked, "import")
        self.assertEqual(self.instance.db.value(
            f"SELECT count(*) FROM infospace WHERE name = 'New {self.name}'"), "0")
        dialogue.answer(asked, "dev")
        self.assertIn(dialogue.end(), (0, 3))
        self.assertEqual(self.instance.db.value(
            f"SELECT count(*) FROM infospace WHERE name = 'New {self.name}'"), "1")

    def test_a_package_that_cant_be_imported(self):
        dialogue = self.dialogue(self.package)
        (dialogue.home.work / "bad.zip").write_bytes(lib.damaged(self.package.path))
        dialogue.answer(WAY, "2")
        dialogue.answer("Number or path", "bad.zip")
        dialogue.answer("Number or path", "quit")
        self.assertEqual(dialogue.end(), 0)


if __name__ == "__main__":
    unittest.main()
