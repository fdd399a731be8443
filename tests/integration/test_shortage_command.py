"""What an import says without memory is what became of it; shortage.py says how."""

import itertools
import json
import unittest

import lib
from shortage import Shortage


class Command(Shortage):
    def test_the_command(self):
        """… and its record says the same."""
        self.most = 80
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            db = instance.db
            setup = lib.run("setup", "--db", db.dsn)
            self.assertEqual(setup.returncode, 0, setup.stderr)

            def files():
                return len([p for p in instance.store.rglob("*") if p.is_file()])

            def state():
                return tuple(int(db.value(f"SELECT count(*) FROM {t}")) for t in (
                    "infospace", "annotation", "spaceport.import_operations WHERE status = 'done'"))
            first, now, more, had = state(), state(), None, files()

            def check(done):
                nonlocal now, more
                before, now = now, state()
                came = tuple(a - b for a, b in zip(now, before))
                more = more or came
                self.assertIn(came, (more, (0, 0, 0)) if done.returncode else (more,))
            self.left = check
            numbers = itertools.count()
            self.more = lambda: ["--new", f"N {next(numbers)}"]
            argv = ["import", self.package, "--db", db.dsn, "--as", "owner@example.org",
                    "--store", f"dir:{instance.store}", "--json", "--progress", "none",
                    "--timeout", "10"]
            self.go_through(argv, check, (1, 8))
            # what it couldn't take back without memory the next one does
            done = lib.run(*argv, *self.more())
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(files() - had, (state()[0] - first[0]) * json.loads(done.stdout)[
                "plan"]["files"]["count"])
            self.assertEqual(db.query("SELECT relname FROM pg_class WHERE relname ~ '^s_[0-9a-f]{32}'"),
                             [])


if __name__ == "__main__":
    unittest.main()
