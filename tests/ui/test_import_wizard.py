"""A package goes into an instance by the wizard: conflicts are answered, the dry run is what
happens, and whatever goes wrong leaves everything as it was."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import OWNER, lib, process, profile  # noqa: E402
from test_wizard import SERVER, Case, process_proxy  # noqa: E402

from imports import Imports  # noqa: E402


def setUpModule():
    session.scratch()


class Into(Case, Imports):
    """An instance of its own, and an infospace in it to import into."""

    def setUp(self):
        holder = lib.own(SERVER, lib.NEWEST)
        self.instance = holder.__enter__()
        self.addCleanup(holder.__exit__, None, None, None)
        self.space_id = self.empty(self.instance, "Here")

    def conflicts(self):
        """An import, and then changes on both sides: the new package, and ids of two annotations
        here. What both sides changed of the first is in conflict."""
        package, here = self.changed_on_both_sides(self.instance, self.space_id)
        return package, here

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
        wizard.says("What to do")
        wizard.keys("2")
        wizard.step(1)
        wizard.wait("run.zip")
        return wizard

    def to_targets(self, wizard):
        wizard.select("run.zip")
        wizard.keys("Enter")
        wizard.step(2)
        wizard.select("dev")
        wizard.keys("Enter")
        wizard.step(3)

    def to_settings(self, wizard, space="Here"):
        self.to_targets(wizard)
        wizard.select(space)
        wizard.keys("Enter")
        wizard.step(4)

    def to_dry_run(self, wizard, **way):
        self.to_settings(wizard, **way)
        wizard.keys("Enter")
        wizard.step(5)

    def planned(self, wizard, what):
        wizard.wait(lambda: wizard.shows(what), what=what)

    def do_it(self, wizard):
        """From the dry run to the end."""
        wizard.says("Enter: the import.")
        wizard.keys("Enter")
        wizard.says("Import this package into the instance?")
        wizard.press("Tab")
        wizard.keys("Enter")
        wizard.says("Did everything arrive?")

    def values(self, ids):
        return {int(r["id"]): json.loads(r["v"]) for r in self.instance.db.query(
            "SELECT id, value::text AS v FROM annotation WHERE id IN "
            f"({', '.join(str(i) for i in ids)})")}


class AllTheWay(Into):

    def test_into_an_infospace_and_what_it_says_is_what_happens(self):
        package = lib.export(self.instance)
        wizard = self.begin(package)
        wizard.says("holds")
        self.to_dry_run(wizard)
        wizard.says("No conflicts")
        before = self.outside(self.instance)
        self.do_it(wizard)
        self.assertEqual(
            int(self.instance.db.value("SELECT count(*) FROM annotation WHERE infospace_id = "
                                       f"{self.space_id}")), len(package.rows("annotation")))
        self.assertNotEqual(self.outside(self.instance), before)
        self.assertEqual([r["status"] for r in self.records(self.instance)], ["done"])
        operation = self.records(self.instance)[0]["uuid"]
        wizard.wait(operation[:8])
        self.assertIn(wizard.leave(), (0, 3))
        self.restored(wizard)
        receipt = wizard.raw_after(b"\x1b[?1049l").decode("utf-8")
        self.assertIn(operation, receipt)
        self.assertIn("spaceport import", receipt)
        # nothing was decided: no plan is left behind
        self.assertEqual(list((wizard.home.folder / "state/spaceport/plans").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
