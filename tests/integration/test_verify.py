"""What an import wrote can be compared with its package; and a run can be sent through a package
and back for trial, without a trace."""

import json
import os
import unittest
from pathlib import Path

import lib
from lib import literal

from imports import OWNER, Imports


class Comparing(Imports):

    def ask(self, instance, *command, code=(0, 3), store=True, as_=OWNER, env=None):
        """The report; or, where another code is meant, the finished process."""
        more = ("--store", f"dir:{instance.store}") if store else ()
        done = lib.run(*command, "--db", instance.db.dsn, "--as", as_, "--progress", "none",
                       "--json", *more, env=env)
        self.assertIn(done.returncode, code if isinstance(code, tuple) else (code,), done.stderr)
        return json.loads(done.stdout).get("report", done)


class Verify(Comparing):

    @lib.everywhere(turns=True)
    def test_what_was_imported_is_equal(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package, space = lib.export(instance, "--include-datasets"), self.empty(instance)
            said = self.load_it(instance, package, "--into", space)
            before = self.outside(instance)
            report = self.ask(instance, "verify", said["operation"][:8])
            self.assertEqual(self.outside(instance), before)
            self.assertEqual(self.stagings(instance), [])
            self.assertEqual((report["is_equal"], report["percent"], report["differences"]),
                             (True, "100.00", []))
            rows = {k["kind"]: k["rows"] for k in report["kinds"]}
            for entity in rows:
                self.assertEqual(rows[entity], len(package.rows(entity)), entity)
            self.assertIn("schema_link", rows)
            self.assertEqual(report["rows"], sum(rows.values()))
            self.assertEqual(report["equal_rows"], report["rows"])
            files = report["files"]
            self.assertEqual(files["equal"], files["count"])
            self.assertTrue(files["count"])

    def test_whatever_differs_is_named(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            package, space, db = lib.export(instance), self.empty(instance), instance.db
            operation = self.load_it(instance, package, "--into", space)["operation"]
            changed, gone = (db.value(
                f"SELECT id FROM annotation WHERE infospace_id = {space} AND id NOT IN (SELECT "
                f"annotation_id FROM graphedge WHERE annotation_id IS NOT NULL) ORDER BY id OFFSET "
                f"{n} LIMIT 1") for n in (0, 1))
            origin = {n: db.value("SELECT source_entity_id FROM spaceport.cross_instance_mappings "
                                  "WHERE source_entity_type = 'annotation' AND target_entity_id = "
                                  f"{n}") for n in (changed, gone)}
            files = db.query(f"""SELECT DISTINCT blob_path AS p FROM asset WHERE infospace_id =
                             {space} AND blob_path <> '' ORDER BY 1 LIMIT 3""")
            paths = [r["p"] for r in files]
            longer, shorter, missing = (instance.store / p for p in paths)
            longer.write_bytes(longer.read_bytes() + b"x")
            shorter.write_bytes(shorter.read_bytes()[:-1])
            missing.unlink()
            db.run(f"""UPDATE annotation SET value = '{{"by": "them"}}', region = NULL WHERE id =
                       {changed};
                       DELETE FROM annotation WHERE id = {gone};
                       DELETE FROM runschemalink WHERE run_id IN (SELECT id FROM annotationrun
                        WHERE infospace_id = {space}) AND schema_id = (SELECT min(schema_id)
                        FROM runschemalink l JOIN annotationrun r ON r.id = l.run_id WHERE
                        r.infospace_id = {space});""")
            report = self.ask(instance, "verify", operation, code=1)
            self.assertFalse(report["is_equal"])
            found = {(d["kind"], d.get("origin")): d for d in report["differences"]}
            self.assertEqual(set(found), {("annotation", origin[changed]),
                                          ("annotation", origin[gone]), ("schema_link", None)})
            self.assertIn("value", found["annotation", origin[changed]]["columns"])
            self.assertEqual(found["annotation", origin[changed]]["target"], int(changed))
            self.assertEqual([found["annotation", origin[gone]][k] for k in ("class", "why")],
                             ["out", "deleted"])
            self.assertEqual(report["equal_rows"], report["rows"] - 3)
            self.assertEqual((sorted(report["files"]["different"]), report["files"]["missing"]),
                             (sorted(paths[:2]), paths[2:]))
            self.assertLess(float(report["percent"]), 100)

    def test_the_package_may_be_elsewhere_by_now(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            package, space = lib.export(instance), self.empty(instance)
            operation = self.load_it(instance, package, "--into", space)["operation"]
            elsewhere = lib.new_path(".zip")
            os.rename(package.path, elsewhere)
            self.ask(instance, "verify", operation, code=1)
            self.assertTrue(self.ask(instance, "verify", operation, elsewhere)["is_equal"])
            # files can't be looked at without a store
            self.ask(instance, "verify", operation, elsewhere, store=False, code=2)

    def test_only_what_was_asked_for_is_looked_for(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            package, space = lib.export(instance), self.empty(instance)
            operation = self.load_it(instance, package, "--into", space,
                                     "--no-preserve-relationships")["operation"]
            report = self.ask(instance, "verify", operation)
            self.assertEqual((report["is_equal"], report["differences"]), (True, []))

    def test_what_is_no_import_that_was_done(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.assertEqual(lib.run("setup", "--db", instance.db.dsn).returncode, 0)
            lib.export(instance)
            export = instance.db.value("SELECT uuid FROM spaceport.export_operations")
            for operation in (export, "00000000-0000-4000-8000-000000000000", "abc"):
                self.ask(instance, "verify", operation, code=2)


class RoundTrip(Comparing):

    def round_trip(self, instance, *options, **more):
        return self.ask(instance, "roundtrip", "run", lib.run_id(instance, "main"), *options,
                        **more)

    @lib.everywhere(turns=True)
    def test_a_run_comes_back_as_it_was_and_leaves_nothing(self, kind, generation):
        with lib.own(kind, generation) as instance:
            folder = lib.new_path()
            folder.mkdir()
            before = self.outside(instance)
            report = self.round_trip(instance, "--include-datasets",
                                     env=lib.environment(TMPDIR=str(folder)))
            after = self.outside(instance)
            # ids are drawn, and gone
            self.assertEqual((after[0], after[2:]), (before[0], before[2:]))
            self.assertEqual((report["is_equal"], report["percent"], report["differences"],
                              report["lost"]), (True, "100.00", [], []))
            self.assertEqual(report["files"]["equal"], report["files"]["count"])
            self.assertGreater(report["equal_rows"], 50)
            self.assertEqual(list(folder.iterdir()), [])
            self.assertEqual(self.stagings(instance), [])
            self.assertEqual([(r["status"], r["space"]) for r in self.records(instance)],
                             [("interrupted", None)])

    def test_without_files(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            report = self.round_trip(instance, "--asset-format", "external", store=False)
            self.assertEqual((report["is_equal"], report["files"]["count"]), (True, 0))

    def test_whoever_may_not_export_it_may_not_try(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            instance.db.run("UPDATE public.user SET is_active = false WHERE email = "
                            f"{literal(OWNER)};")
            before = self.outside(instance)
            self.round_trip(instance, code=1)
            self.assertEqual(self.outside(instance), before)

    def test_where_there_is_no_room(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            done = self.round_trip(instance, code=1, env=lib.environment(
                TMPDIR=str(Path(lib.new_path()) / "nowhere")))
            self.assertIn(b"TMPDIR", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
