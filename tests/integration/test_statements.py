"""No statement of an import looks through all rows for each of them, however many there are."""

import json
import re
import unittest
from pathlib import Path

import lib

import bench
from pg import PgError

from imports import Imports

ROWS = 40000  # below, a server rightly takes other ways
MOST = 50 * ROWS


class Statements(Imports):

    def explained(self, db, instance, work):
        """What the server's own log says of all statements meanwhile that took a moment."""
        log = Path(instance.server.host) / "log"
        try:
            db.run(f"ALTER DATABASE {db.dbname} SET session_preload_libraries = 'auto_explain'; "
                   "LOAD 'auto_explain'; "
                   f"ALTER DATABASE {db.dbname} SET auto_explain.log_min_duration = 50; "
                   f"ALTER DATABASE {db.dbname} SET auto_explain.log_analyze = on; "
                   f"ALTER DATABASE {db.dbname} SET auto_explain.log_nested_statements = on;")
        except PgError as error:
            self.skipTest(f"no auto_explain: {error}")
        begin = log.stat().st_size
        work()
        with open(log, encoding="utf-8", errors="replace") as file:
            file.seek(begin)
            return file.read()

    def test_many_rows_that_are_new_the_same_and_changed(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            db, store = instance.db.other("many"), instance.store
            about = bench.load(db, lib.NEWEST, store, ROWS, 800)
            options = ("--db", db.dsn, "--as", "1", "--store", f"dir:{store}")

            def call(*words):
                done = lib.run(*words, *options, "--json")
                self.assertEqual(done.returncode, 0, done.stderr)
                return json.loads(done.stdout)

            def export():
                package = lib.new_path(".zip")
                call("export", "run", about["run"], "-o", package)
                return package

            def work():
                package = export()
                call("import", package, "--new", "Many")
                self.assertEqual(call("import", package, "--into", "Many")["plan"]["totals"]["same"],
                                 about["annotations"] + about["assets"] + 7)
                db.run("""UPDATE annotation SET region = '{"page": 1}' WHERE run_id = 1;
                          UPDATE annotation SET value = '{"here": 1}' WHERE run_id <> 1;""")
                changed = call("import", export(), "--into", "Many", "--conflict-strategy",
                               "overwrite")
                self.assertEqual(changed["plan"]["totals"]["update"], about["annotations"])
                call("verify", changed["operation"])

            said = self.explained(db, instance, work)
            self.assertIn("Query Text", said)
            wasted = [int(n) for n in re.findall(r"Rows Removed by Join Filter: (\d+)", said)]
            self.assertLess(max(wasted, default=0), MOST)


if __name__ == "__main__":
    unittest.main()
