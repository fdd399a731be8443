"""Others work at HQ while an import is under way, in its infospace and in others: they notice
nothing of it. No table is locked for them, and nobody waits for long."""

import contextlib
import signal
import unittest

import lib
import load
import process
import test_make_run
from process import Running

from imports import Imports

ANNOTATIONS = 100000 if lib.FULL else 20000
SOME = (lib.GENERATIONS[0], lib.NEWEST)
# What HQ's own statements take as well.
READING, WRITING = {"AccessShareLock"}, {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}


class Load(Imports):

    @contextlib.contextmanager
    def place(self, kind, generation):
        """An instance with a large run, an empty infospace, and people at work in both."""
        with lib.own(kind, generation) as instance:
            made = test_make_run.make(instance, "--assets", ANNOTATIONS // 20, "--annotations",
                                      ANNOTATIONS)
            space = self.empty(instance)
            self.set_up(instance)
            with load.beside(instance, space, test_make_run.MAIN) as work:
                yield instance, made["run_id"], space, work

    def under_way(self, instance, package, space):
        """An import that somebody has said yes to."""
        return Running(*self.arguments(instance, package, "--into", space, "--store",
                                       f"dir:{instance.store}", "--yes"))

    def imported(self, instance, space):
        return int(instance.db.value(
            "SELECT count(*) FROM annotation a JOIN spaceport.cross_instance_mappings m ON "
            "m.source_entity_type = 'annotation' AND m.target_entity_id = a.id WHERE "
            f"a.infospace_id = {space}"))

    @lib.everywhere(SOME, turns=True)
    def test_work_goes_on_beside_imports(self, kind, generation):
        """A dry run, one that is stopped while it writes, one that is done, and one that
        overwrites all that came."""
        with self.place(kind, generation) as (instance, run, space, work):
            with work.goes_on():
                package = lib.export(instance, run_key=run)
            with work.goes_on(), load.Locks(instance.db) as locks:
                self.load_it(instance, package, "--into", space, "--dry-run")
            self.assertTrue(locks.holds("annotation", "AccessShareLock"), locks.seen)
            self.assertLessEqual(locks.modes(), READING, locks.seen)

            with work.goes_on(), load.Locks(instance.db) as locks, \
                    self.under_way(instance, package, space) as stopped:
                process.wait_until(lambda: locks.holds("annotation", "RowExclusiveLock"))
                stopped.send(signal.SIGINT)
                self.assertEqual(stopped.end(), 130, stopped.err)
            self.assertLessEqual(locks.modes(), WRITING, locks.seen)
            self.assertEqual(self.imported(instance, space), 0)

            with work.goes_on(), load.Locks(instance.db) as locks:
                self.load_it(instance, package, "--into", space)
            self.assertTrue(locks.holds("annotation", "RowExclusiveLock"), locks.seen)
            self.assertLessEqual(locks.modes(), WRITING, locks.seen)
            self.assertEqual(self.imported(instance, space), ANNOTATIONS)

            # there, and by others here
            here = "SELECT target_entity_id FROM spaceport.cross_instance_mappings"
            instance.db.run(f"""
                UPDATE annotation SET value = '{{"by": "them"}}' WHERE run_id = {run};
                UPDATE annotation SET value = '{{"by": "us"}}' WHERE id IN ({here}
                    WHERE source_entity_type = 'annotation');
                UPDATE asset SET title = title || ', anew' WHERE id IN (SELECT asset_id FROM
                    annotation WHERE run_id = {run});
                UPDATE asset SET title = 'as here' WHERE id IN ({here} WHERE source_entity_type =
                    'asset');""")
            package = lib.export(instance, run_key=run)
            with work.goes_on(), load.Locks(instance.db) as locks:
                said = self.load_it(instance, package, "--into", space, "--conflict-strategy",
                                    "overwrite")
            self.assertEqual(said["result"]["imported_annotations"], ANNOTATIONS)
            self.assertGreater(said["result"]["imported_assets"], 0)
            self.assertLessEqual(locks.modes(), WRITING, locks.seen)


class Watched(lib.Case):
    """That the above would be seen."""

    def test_a_lock_of_a_table_is_an_error_for_those_who_work(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            other = load.Session(instance.db)
            self.addCleanup(other.close)
            with load.beside(instance, test_make_run.MAIN) as work:
                with self.assertRaisesRegex(AssertionError, "lock timeout"), work.goes_on():
                    other.run("BEGIN; LOCK annotation IN SHARE MODE;")
                    process.wait_until(lambda: work.clients[0].errors)
                    other.run("ROLLBACK;")

    def test_and_so_is_that_nobody_works(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            with load.beside(instance, test_make_run.MAIN) as work:
                work.clients[0].ending.set()
                work.clients[0].join()
                with self.assertRaisesRegex(AssertionError, "nobody worked"), work.goes_on():
                    pass

    def test_locks_of_the_program_are_seen(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            other = load.Session(instance.db)
            self.addCleanup(other.close)
            with load.Locks(instance.db) as locks:
                other.run("SET application_name = 'spaceport'; BEGIN; LOCK asset IN SHARE MODE;")
                process.wait_until(lambda: locks.holds("asset", "ShareLock"))
                other.run("ROLLBACK;")


if __name__ == "__main__":
    unittest.main()
