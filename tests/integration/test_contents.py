"""Whatever becomes of an asset: its file is the one that its content's hash tells of."""

import hashlib
import unittest

import lib
from lib import literal

from imports import Imports

NAME = "user_1/of its own.pdf"
ONE = b"%PDF-1.7 a report"
OTHER = b"%PDF-1.7 another content of the same report"


class Contents(Imports):

    def setUp(self):
        self.known = {}

    def bytes_of(self, instance, name):
        return (instance.store / name).read_bytes()

    def know(self, instance):
        """What HQ keeps under which hash, as far as that is the file's."""
        for row in instance.db.query("SELECT blob_path AS p, content_hash AS h FROM asset WHERE "
                                     "blob_path <> '' AND content_hash IS NOT NULL"):
            if (instance.store / row["p"]).is_file():
                data = self.bytes_of(instance, row["p"])
                if hashlib.sha256(data).hexdigest() == row["h"]:
                    self.known[row["h"]] = data

    def check(self, instance, space):
        """How many assets have the file of their content."""
        self.know(instance)
        count = 0
        for row in instance.db.query("SELECT id, coalesce(blob_path, '') AS p, content_hash AS h "
                                     f"FROM asset WHERE infospace_id = {space} ORDER BY id"):
            if row["h"] in self.known:
                self.assertTrue(row["p"], row)
                self.assertEqual(self.bytes_of(instance, row["p"]), self.known[row["h"]], row)
                count += 1
        return count

    def write_over(self, instance, data):
        """As HQ does: the same name, and other bytes; the hash of them."""
        hashed = hashlib.sha256(data).hexdigest()
        (instance.store / NAME).parent.mkdir(exist_ok=True)
        (instance.store / NAME).write_bytes(data)
        instance.set("asset", "report", blob_path=NAME, content_hash=hashed)
        return hashed

    def here(self, instance, space, hashed):
        return instance.db.query(f"SELECT id, blob_path AS p FROM asset WHERE infospace_id = {space} "
                                 f"AND content_hash = {literal(hashed)} ORDER BY id")

    def imported(self, instance, *options):
        """Imported once, of which the source has another content since: the package, and where."""
        space, old = self.empty(instance), self.write_over(instance, ONE)
        self.load_it(instance, lib.export(instance, *options), "--into", space)
        self.know(instance)
        self.assertGreater(self.check(instance, space), 3)
        self.assertEqual(len(self.here(instance, space, old)), 1)
        new = self.write_over(instance, OTHER)
        return lib.export(instance, *options), space, old, new

    @lib.everywhere(turns=True)
    def test_another_content_comes_beside_with_a_file_of_its_own(self, kind, generation):
        for options in ((), ("--conflict-strategy", "rename")):
            with self.subTest(options=options), lib.own(kind, generation) as instance:
                package, space, old, new = self.imported(instance)
                self.load_it(instance, package, "--into", space, *options)
                self.check(instance, space)
                mine, = self.here(instance, space, new)
                before, = self.here(instance, space, old)
                self.assertEqual(self.bytes_of(instance, mine["p"]), OTHER)
                self.assertEqual(self.bytes_of(instance, before["p"]), ONE)
                count = len(self.files(instance))
                # again: nothing is new
                if not options:
                    self.load_it(instance, package, "--into", space)
                    self.assertEqual(len(self.files(instance)), count)

    @lib.everywhere(turns=True)
    def test_one_that_is_written_over_gets_the_other_file(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package, space, old, new = self.imported(instance)
            before, = self.here(instance, space, old)
            said = self.load_it(instance, package, "--into", space, "--conflict-strategy",
                                "overwrite")
            self.check(instance, space)
            mine, = self.here(instance, space, new)
            self.assertEqual(mine["id"], before["id"])
            self.assertEqual(self.bytes_of(instance, mine["p"]), OTHER)
            # HQ writes in place: what another row may share stays as it was
            self.assertNotEqual(mine["p"], before["p"])
            self.assertEqual(self.bytes_of(instance, before["p"]), ONE)
            columns = {c for g in said["plan"]["groups"] if g["kind"] == "asset" and
                       g["class"] == "update" for c in g["columns"]}
            self.assertEqual(columns, {"content_hash", "blob_path"})
            self.assertEqual(said["plan"]["files"]["count"], 1)
            self.load_it(instance, package, "--into", space, "--conflict-strategy", "overwrite")
            self.assertEqual(self.here(instance, space, new), [mine])

    def test_one_that_nobody_imported_and_that_has_another_content(self):
        """It is found by what it is known by at its source."""
        for options in (("--conflict-strategy", "overwrite"), ("--conflict-strategy", "skip"),
                        ("--conflict-strategy", "rename")):
            with self.subTest(options=options), lib.own(lib.KINDS[0], lib.NEWEST) as instance:
                package, space, old, new = self.imported(instance)
                instance.db.run(
                    "DELETE FROM spaceport.cross_instance_mappings; UPDATE asset SET uuid = "
                    f"gen_random_uuid() WHERE infospace_id = {space};")
                before, = self.here(instance, space, old)
                said = self.load_it(instance, package, "--into", space, *options)
                self.assertLess(said["plan"]["totals"]["new"], said["plan"]["totals"]["rows"])
                self.check(instance, space)
                is_one = "overwrite" in options or "skip" in options
                self.assertEqual([r["p"] for r in self.here(instance, space, old)],
                                 [] if "overwrite" in options else [before["p"]])
                self.assertEqual(len(self.here(instance, space, old) +
                                     self.here(instance, space, new)), 1 if is_one else 2)

    def test_a_column_that_somebody_decides_of_takes_the_file_along(self):
        for field in ("content_hash", "blob_path"):
            with self.subTest(field=field), lib.own(lib.KINDS[0], lib.NEWEST) as instance:
                package, space, old, new = self.imported(instance)
                before, = self.here(instance, space, old)
                plan = self.plan(instance, package, "--into", space, "--conflict-strategy", "skip")
                self.decide(plan, "merge", "--field", field, "--row",
                            instance.uuid("asset", "report"))
                self.apply(instance, plan, package.path)
                self.check(instance, space)
                mine, = self.here(instance, space, new)
                self.assertEqual(mine["id"], before["id"])
                self.assertEqual(self.bytes_of(instance, mine["p"]), OTHER)

    @lib.everywhere(turns=True)
    def test_files_that_an_earlier_package_did_not_have_come_later(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance, "--asset-format", "external"),
                         "--into", space, store=False)
            have = f"SELECT count(*) FROM asset WHERE infospace_id = {space} AND blob_path <> ''"
            self.assertEqual(instance.db.value(have), "0")
            package = lib.export(instance)
            said = self.load_it(instance, package, "--into", space)
            self.assertGreater(int(instance.db.value(have)), 3)
            self.assertGreater(self.check(instance, space), 3)
            self.assertGreater(said["plan"]["files"]["count"], 3)
            before = self.files(instance)
            # one that is taken away here stays so
            gone = instance.db.value("UPDATE asset SET blob_path = NULL WHERE id = (SELECT min(id) "
                                     f"FROM asset WHERE infospace_id = {space} AND blob_path <> '')"
                                     " RETURNING id")
            self.load_it(instance, package, "--into", space)
            self.assertEqual(instance.db.value("SELECT coalesce(blob_path, '') FROM asset WHERE "
                                               f"id = {gone}"), "")
            # and the other way round nothing is taken away
            self.load_it(instance, lib.export(instance, "--asset-format", "external"),
                         "--into", space)
            self.assertEqual(self.files(instance), before)
            self.assertGreater(int(instance.db.value(have)), 3)

    def said_of(self, instance, asset):
        return [dict(r) for r in instance.db.query(
            f"SELECT id, run_id, value::text AS value FROM annotation WHERE asset_id = {asset} "
            "ORDER BY id")]

    @lib.everywhere(turns=True)
    def test_what_was_said_of_a_content_stays_with_it(self, kind, generation):
        """Somebody coded the other one anew; what they had coded here of the first is no less so."""
        with lib.own(kind, generation) as instance:
            package, space, old, new = self.imported(instance)
            report = instance.id("asset", "report")
            for change in (False, True):
                if change:
                    instance.db.run("UPDATE annotation SET value = '{\"by\": \"the other\"}' WHERE "
                                    f"asset_id = {report};")
                    package, new = self.again(instance)
                before, = self.here(instance, space, old)
                said = self.said_of(instance, before["id"])
                self.assertTrue(said)
                plan = self.load_it(instance, package, "--into", space)["plan"]
                mine, = self.here(instance, space, new)
                self.assertEqual(self.said_of(instance, before["id"]), said)
                theirs = [r["value"] for r in self.said_of(instance, mine["id"])]
                self.assertEqual(len(theirs), len(said))
                self.assertEqual('{"by": "the other"}' in theirs, change)
                self.assertEqual({k["kind"]: k["conflict"] for k in plan["kinds"]}["annotation"], 0)
                old = new

    def again(self, instance):
        new = self.write_over(instance, OTHER + b" and one more")
        return lib.export(instance), new

    @lib.everywhere(turns=True)
    def test_a_version_that_would_start_a_run_isnt_said_to_be_one(self, kind, generation):
        """HQ annotates those of assets of such runs, as long as nobody did."""
        for only in (("--only", "assets"), ()):
            with self.subTest(only=only), lib.own(kind, generation) as instance:
                if not instance.has("annotationrun", "follow_on_version_change"):
                    return
                package, space, old, new = self.imported(instance)
                before, = self.here(instance, space, old)
                self.assertTrue(self.said_of(instance, before["id"]))
                instance.db.run("UPDATE annotationrun SET follow_on_version_change = true WHERE "
                                f"infospace_id = {space};")
                said = self.load_it(instance, package, "--into", space, *only)
                self.assertEqual([o["rows"] for o in said["plan"]["otherwise"]
                                  if o["column"] == "previous_asset_id"], [1] * bool(only))
                mine, = self.here(instance, space, new)
                row, = instance.db.query(
                    "SELECT coalesce(n.previous_asset_id, 0) AS previous, o.is_superseded FROM "
                    f"asset n JOIN asset o ON o.id = {before['id']} WHERE n.id = {mine['id']}")
                self.assertEqual(tuple(row.values()), ("0", "f") if only else (before["id"], "t"))
                self.assertEqual(bool(self.said_of(instance, mine["id"])), not only)


if __name__ == "__main__":
    unittest.main()
