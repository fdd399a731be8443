"""Imports of the wizard that go wrong: it is said what happened, nothing stays, and there is a way
back."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import lib, process  # noqa: E402
from test_import_wizard import Into  # noqa: E402
from test_wizard import process_proxy  # noqa: E402


def setUpModule():
    session.scratch()


class Trouble(Into):

    def test_a_careful_instance_wants_its_name(self):
        wizard = self.begin(self.package, careful="yes")
        self.to_dry_run(wizard)
        wizard.says("Enter: the import.")
        before = self.outside(self.instance)
        wizard.keys("Enter")
        wizard.says("Import this package into the instance?")
        wizard.press("Tab")
        wizard.press("Enter")
        wizard.type("prod\r")
        wizard.says("This isn't its name; nothing was done.")
        self.assertEqual(self.outside(self.instance), before)
        wizard.press("Enter")
        wizard.type("dev\r")
        wizard.says("Did everything arrive?")
        self.assertEqual(self.records(self.instance)[-1]["status"], "done")

    def test_ctrl_c_while_it_writes_takes_all_back(self):
        wizard = self.begin(self.package)
        self.to_dry_run(wizard)
        wizard.says("Enter: the import.")
        before = self.outside(self.instance)
        self.slow_down()
        self.begin_writing(wizard)
        process.wait_until(self.is_slow)
        wizard.keys("Ctrl-C")
        wizard.step(5)
        wizard.says("✗ interrupted")
        self.assertEqual(self.outside(self.instance)[0], before[0])
        self.assertEqual(self.files(self.instance), before[2])
        self.assertEqual(self.records(self.instance)[-1]["status"], "interrupted")
        # and it can be done all the same
        self.instance.db.run("ALTER TABLE annotation DISABLE TRIGGER slowly;")
        self.do_it(wizard)
        self.assertEqual(self.records(self.instance)[-1]["status"], "done")

    def test_a_dry_run_that_is_stopped_leaves_nothing(self):
        before = self.outside(self.instance)
        with process_proxy(self.instance) as proxy:
            wizard = self.begin(self.package, db=proxy.dsn(self.instance.db))
            self.to_settings(wizard)
            for key in ("Ctrl-C", "Esc"):
                proxy.after, proxy.then = proxy.sent + 40000, "hold"
                proxy.reached.clear()
                wizard.keys("Enter")
                wizard.step(5)
                wizard.wait(proxy.reached.is_set, what="the stall")
                wizard.keys(key)
                wizard.step(4)
                proxy.release()
            wizard.keys("Enter")
            wizard.says("Enter: the import.")
        self.assertEqual(self.outside(self.instance)[:2], before[:2])

    def test_a_lost_connection_is_said_and_nothing_stays(self):
        with process_proxy(self.instance) as proxy:
            wizard = self.begin(self.package, db=proxy.dsn(self.instance.db))
            self.to_dry_run(wizard)
            wizard.says("Enter: the import.")
            before = self.outside(self.instance)
            self.slow_down()
            self.begin_writing(wizard)
            process.wait_until(self.is_slow)
            self.instance.db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                 "wait_event = 'PgSleep';")
            wizard.step(5)
            wizard.wait("✗")
            self.assertEqual(self.outside(self.instance)[0], before[0])

    def test_a_damaged_package_goes_no_further(self):
        broken = lib.new_path(".zip")
        broken.write_bytes(lib.damaged(self.package.path))
        wizard = self.begin(broken)
        wizard.wait("✗")
        wizard.says("This one can't be imported; others are not affected.")
        wizard.press("Enter")
        wizard.step(1)
        wizard.keys("Esc")
        wizard.says("What to do")

    def test_rows_that_cant_be_taken_are_listed(self):
        self.instance.db.run("ALTER TABLE flow ALTER COLUMN name TYPE integer USING 0;")
        self.addCleanup(self.instance.db.run,
                        "ALTER TABLE flow ALTER COLUMN name TYPE text USING id::text;")
        wizard = self.begin(self.package)
        self.to_dry_run(wizard)
        wizard.wait("dependencies/flows.jsonl")
        wizard.says("Nothing can be imported like this.")
        wizard.press("Enter")
        wizard.step(5)
        wizard.keys("Esc")
        wizard.step(4)

    def test_a_package_for_another_instance_is_asked_about(self):
        package = lib.export(self.instance, "--target-instance-id", "production")
        wizard = self.begin(package)
        wizard.says("holds")
        self.to_dry_run(wizard)
        wizard.says("For another instance")
        wizard.wait("is meant for")
        wizard.keys("Enter")  # the harmless button
        wizard.wait_gone(session.words("For another instance"))
        wizard.says("Nothing can be imported like this.")
        wizard.keys("r")
        wizard.says("For another instance")
        wizard.press("Tab")
        wizard.keys("Enter")
        wizard.says("Enter: the import.")
        wizard.press("c")
        wizard.wait("--force")

    def test_who_may_not_import_is_told_so_at_once(self):
        wizard = self.begin(self.package, **{"as": "viewer@example.org"})
        self.to_targets(wizard)
        wizard.select(session.SPACE)
        wizard.keys("Enter")
        wizard.says("You may read it, not import into it")
        wizard.step(3)

    def test_another_import_is_running_there(self):
        wizard = self.begin(self.package)
        self.to_dry_run(wizard)
        wizard.says("Enter: the import.")
        self.load_it(self.instance, self.package, "--new", "Elsewhere")
        arguments = self.arguments(self.instance, self.package, "--into", self.space_id, "--store",
                                   f"dir:{self.instance.store}")
        with process.Running(*arguments, terminal=True) as other:
            other.wait_for(b"[y/N]")
            self.begin_writing(wizard)
            wizard.step(5)
            wizard.wait("is running")
            other.type(b"n\r")
            other.end()
        wizard.keys("Enter")
        wizard.says("Enter: the import.")
        self.do_it(wizard)


if __name__ == "__main__":
    unittest.main()
