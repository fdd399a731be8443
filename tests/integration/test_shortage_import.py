"""What an import does without memory: it is there wholly, or not at all; shortage.py says how."""

import unittest
import uuid
from pathlib import Path

import lib
from shortage import Shortage


class Import(Shortage):
    def test_import(self):
        """As far as an import goes today."""
        self.import_of(self.package, 150)

    def test_import_of_another_generation(self):
        self.import_of(lib.shared_export(lib.shared(lib.KINDS[0], lib.GENERATIONS[0])).path, 40)

    def import_of(self, path, most):
        self.most = most
        self.program = Path(lib.program()).resolve().parent.parent / "tests/import/tool"
        package = lib.Package(path)
        argv = [self.instance.db.dsn, path, "01234567-89ab-4cde-8f01-23456789abcd",
                "temporary", package.json("compatibility/instance_mapping.json")["instance"],
                str(self.instance.id("infospace", "main"))]
        done = lib.run(*argv, program=self.program)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.go_through(argv, lambda d: self.assertEqual(d.stdout, done.stdout), (1, 8))

    def test_merge(self):
        """An import is there wholly, or not at all."""
        self.most = 150
        self.program = Path(lib.program()).resolve().parent.parent / "tests/import/tool"
        package = lib.Package(self.package)
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            setup = lib.run("setup", "--db", instance.db.dsn)
            self.assertEqual(setup.returncode, 0, setup.stderr)
            argv = [instance.db.dsn, self.package, "01234567-89ab-4cde-8f01-23456789abcd",
                    "temporary", package.json("compatibility/instance_mapping.json")["instance"],
                    str(instance.id("infospace", "twin")), "merge=1",
                    f"owner={instance.id('user', 'owner')}"]

            # what is written first, and what comes last
            kinds = len([k for k in lib.TABLES if package.rows(k)]) - 2

            def check(done):
                first, last = (int(instance.db.value(f"SELECT count(*) FROM {t}")) for t in (
                    "spaceport.import_columns", "flowexecution"))
                nonlocal before
                whole = (kinds, before + 1)
                self.assertIn((first, last), ((0, before), whole) if done.returncode else (whole,))
                if first:
                    instance.db.run("TRUNCATE spaceport.import_columns")
                before = last
            done = lib.run(*argv, program=self.program)
            self.assertEqual(done.returncode, 0, done.stderr)
            instance.db.run("TRUNCATE spaceport.import_columns")
            before = int(instance.db.value("SELECT count(*) FROM flowexecution"))
            self.left = check
            self.more = lambda: [f"new={uuid.uuid4()}"]

            def check_whole(found):
                self.assertEqual(found.stdout, done.stdout)
                check(found)
            self.go_through(argv, check_whole, (1, 8))


if __name__ == "__main__":
    unittest.main()
