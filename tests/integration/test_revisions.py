"""Databases between and past the revisions that are known: columns and tables are missing.

Whatever isn't there, the program does its work without it, or says which
table or column it needs; the server never has to say it.
"""

import random
import unittest

import lib
from lib import FULL, ident

COMMANDS = (("list", "infospaces"), ("list", "runs", "--search", "a"), ("export",))


def droppable(instance):
    """What can go: (table, column), or (table, None) for a whole table."""
    found = [(table, column) for table in instance.tables() for column in instance.columns(table)]
    return [f for f in found if f[0] != "alembic_version"] + [
        (table, None) for table in instance.tables() if table != "alembic_version"]


def drop(instance, table, column):
    """Where it isn't gone already, with something else."""
    instance.db.run(f"ALTER TABLE IF EXISTS {ident(table)} "
                    f"DROP COLUMN IF EXISTS {ident(column)} CASCADE;"
                    if column else f"DROP TABLE IF EXISTS {ident(table)} CASCADE;")


class Missing(lib.Case):
    def outcome(self, instance, command):
        if command == ("export",):
            command = ("export", "run", lib.run_id(instance, "main"), "--yes", "--store",
                       f"dir:{instance.store}", "-o", lib.new_path(".zip"))
        return lib.run(*command, "--db", instance.db.dsn, "--as", "owner@example.org")

    def check(self, instance, dropped):
        """Done, or a refusal that names one of what was dropped."""
        works = True
        for command in COMMANDS:
            with self.subTest(generation=instance.generation, dropped=dropped, command=command):
                done = self.outcome(instance, command)
                said = done.stderr.decode("utf-8", "replace")
                self.assertNotIn("SQLSTATE", said)
                self.assertNotIn("(null)", said + done.stdout.decode("utf-8"))
                if done.returncode == 6:
                    works = False
                    # without any column a table is none that can be seen
                    self.assertTrue(any(f'"{column or table}"' in said
                                        or f'no table "{table}"' in said
                                        for table, column in dropped), said)
                else:
                    self.assertIn(done.returncode, (0, 3), said)
        return works

    def each(self, kind, generation):
        items = droppable(lib.shared(kind, generation))
        items = random.Random(generation).sample(items, 24 if FULL else 8)
        for item in items:
            with lib.own(kind, generation) as instance:
                drop(instance, *item)
                self.check(instance, [item])

    @lib.everywhere(kinds=lib.KINDS[:1])
    def test_one_is_missing(self, kind, generation):
        self.each(kind, generation)

    @lib.everywhere(turns=True)
    def test_many_are_missing(self, kind, generation):
        """Those without which it works are dropped together."""
        rng = random.Random(f"{kind} {generation}")
        items = droppable(lib.shared(kind, generation))
        for _ in range(10 if FULL else 1):
            with lib.own(kind, generation) as instance:
                dropped = rng.sample(items, 12)
                for item in dropped:
                    drop(instance, *item)
                self.check(instance, dropped)

    @lib.everywhere(generations=("2025-07", lib.NEWEST), turns=True)
    def test_all_that_is_only_shown_is_missing(self, kind, generation):
        with lib.own(kind, generation) as instance:
            for column in ("status", "description", "created_at", "updated_at", "completed_at"):
                drop(instance, "annotationrun", column)
            drop(instance, "infospace", "created_at")
            drop(instance, "annotation", "value")
            self.assertTrue(self.check(instance, []))


if __name__ == "__main__":
    unittest.main()
