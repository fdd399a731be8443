"""Files of imported assets: each object of the source once, with the same bytes, under a name of
its own; what an import that didn't happen has put is taken out again."""

import hashlib
import random
import re
import unittest
import uuid
import zipfile

import lib
import trace
from lib import literal

from test_merge import Importing
from test_staging import stage

MANY = 60
NAME = re.compile(r"user_(\d+)/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
                  r"(\.[A-Za-z0-9]+)?")


class Files(Importing):
    def setUp(self):
        self.target = lib.new_path("-target")
        self.target.mkdir()

    def put(self, package, instance, space, *options):
        return self.load(package, instance, space, f"files=dir:{self.target}", *options)

    def objects(self):
        return {str(p.relative_to(self.target)): p.read_bytes()
                for p in sorted(self.target.rglob("*")) if p.is_file()}

    def assets(self, instance, space):
        """[(object at the source, object here)]"""
        return [(r["s"] or "", r["t"] or "") for r in instance.db.query(
            "SELECT s.blob_path AS s, t.blob_path AS t FROM asset t "
            "JOIN spaceport.cross_instance_mappings m ON m.target_entity_id = t.id AND "
            "m.source_entity_type = 'asset' JOIN asset s ON s.uuid = m.source_entity_id "
            f"WHERE t.infospace_id = {space} ORDER BY t.id")]

    def check(self, instance, space):
        """How many objects there are."""
        owner = instance.db.value(f"SELECT owner_id FROM infospace WHERE id = {space}")
        found, there = {}, self.objects()
        for source, name in self.assets(instance, space):
            path = instance.store / source
            if not source or not path.is_file():
                self.assertEqual(name, "", source)
                continue
            self.assertEqual(found.setdefault(source, name), name)
            self.assertEqual(there[name], path.read_bytes())
            shown = NAME.fullmatch(name)
            self.assertTrue(shown, name)
            self.assertEqual(shown[1], owner)
            self.assertEqual(shown[2] or "", path.suffix)
        self.assertEqual(len(set(found.values())), len(found))
        self.assertEqual(set(there), set(found.values()))
        return len(found)

    @lib.everywhere(turns=True)
    def test_each_object_is_there_once(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self.setUp()
            self.set_up(instance)
            package, space = lib.shared_export(instance), self.space(instance)
            self.put(package, instance, space)
            count, before = self.check(instance, space), self.objects()
            self.assertGreater(count, 5)
            # what was put is on record
            self.assertEqual(count, int(instance.db.value(
                "SELECT count(*) FROM spaceport.import_files")))
            # again: nothing is new
            self.put(package, instance, space)
            self.assertEqual(self.objects(), before)

    def test_in_whatever_way_the_package_has_them(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.set_up(instance)
            # one that doesn't fit into a row
            large = instance.db.value("SELECT blob_path FROM asset WHERE id = "
                                      f"{instance.id('asset', 'report')}")
            (instance.store / large).write_bytes(random.Random(1).randbytes(3 << 20))
            counts = []
            for number, options in enumerate((
                    ("--asset-format", "reference"), ("--asset-format", "inline"),
                    ("--asset-format", "inline", "--max-line", "1"))):
                with self.subTest(options=options):
                    self.setUp()
                    space = self.space(instance, f"Imported {number}")
                    self.put(lib.export(instance, *options), instance, space, f"new={uuid.uuid4()}")
                    counts.append(self.check(instance, space))
            self.assertEqual(len(set(counts)), 1)

    def test_a_package_without_files_puts_none(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.set_up(instance)
            space = self.space(instance)
            self.put(lib.export(instance, "--asset-format", "external"), instance, space)
            self.assertEqual(self.objects(), {})
            self.assertEqual({name for _, name in self.assets(instance, space)}, {""})

    def test_a_new_page_shares_the_file_that_is_here(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.set_up(instance)
            space = self.space(instance)
            self.put(lib.export(instance), instance, space)
            before = self.objects()
            of = instance.db.value("SELECT blob_path FROM asset WHERE blob_path LIKE '%.pdf' AND "
                                   f"id = {instance.id('asset', 'report')}")
            # one more asset of the run, which has the file of another
            instance.set("asset", "same_size", blob_path=of,
                         uuid=str(uuid.uuid4()), content_hash=hashlib.sha256(b"x").hexdigest(),
                         source_identifier=None, title="Another")
            self.put(lib.export(instance), instance, space)
            self.assertEqual(self.objects(), before)
            mine = instance.db.value("SELECT blob_path FROM asset WHERE title = 'Another' AND "
                                     f"infospace_id = {space}")
            self.assertIn(mine, before)
            self.assertEqual(before[mine], (instance.store / of).read_bytes())

    def test_whoever_packed_it_anew_had_an_order_of_their_own(self):
        """Each byte of the package is read as often as from one in the program's own order."""
        trace.need_files()
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.set_up(instance)
            columns = ", ".join(f'"{c}"' for c in instance.columns("asset")
                                if c != "text_search_vector")
            report = instance.id("asset", "report")
            annotation = instance.id("annotation", "failed0")
            (instance.store / "many").mkdir()
            for n in range(MANY):
                (instance.store / f"many/{n}.bin").write_bytes(random.Random(n).randbytes(20_000))
            instance.db.run(f"""
                INSERT INTO asset ({columns}) SELECT {columns} FROM (SELECT (json_populate_record(
                x, json_build_object('id', 50000 + n, 'uuid', gen_random_uuid(), 'title', 'm' || n,
                'blob_path', 'many/' || n || '.bin', 'source_identifier', NULL, 'content_hash',
                NULL))).* FROM asset x, generate_series(0, {MANY - 1}) n WHERE x.id = {report}) y;
                INSERT INTO annotation SELECT (json_populate_record(x, json_build_object('id',
                70000 + n, 'uuid', gen_random_uuid(), 'run_id',
                {instance.id("annotationrun", "main")}, 'asset_id', 50000 + n))).* FROM annotation
                x, generate_series(0, {MANY - 1}) n WHERE x.id = {annotation};""")
            package, other = lib.export(instance), lib.new_path(".zip")
            with zipfile.ZipFile(package.path) as old, zipfile.ZipFile(other, "w") as new:
                infos = old.infolist()
                files = [i for i in infos if i.filename.endswith(".bin")]
                self.assertGreaterEqual(len(files), MANY)
                for info in [i for i in infos if i not in files] + files[::-1]:
                    new.writestr(info, old.read(info))
            read = []
            for path in (package.path, other):
                done, calls = trace.run(
                    ["import", path, "--db", instance.db.dsn, "--as", "owner@example.org", "--new",
                     path.name, "--store", f"dir:{self.target}", "--progress", "none"],
                    ["read", "pread64"], only=path)
                self.assertIn(done.returncode, (0, 3), done.stderr)
                read.append(sum(int(c.result) for c in calls))
            print(f"read: {read[0]} bytes, {read[1]} in another order")
            self.assertGreater(read[0], MANY * 20_000)
            self.assertLess(read[1], 1.5 * read[0])

    def test_what_was_put_for_nothing_is_removed(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.set_up(instance)
            package, space = lib.export(instance), self.space(instance)
            source = package.json("compatibility/instance_mapping.json")["instance"]
            owner = instance.db.value(f"SELECT owner_id FROM infospace WHERE id = {space}")
            done, _, _ = stage(instance.db, package.path, about=(
                source, space, f"owner={owner}", f"files=dir:{self.target}", "remove=7"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.objects(), {})
            self.assertEqual(instance.db.value("SELECT count(*) FROM spaceport.import_files"), "0")

    def test_a_store_that_has_such_an_object_is_left_as_it_is(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.set_up(instance)
            package, space = lib.export(instance), self.space(instance)
            self.put(package, instance, space, "new=01234567-89ab-4cde-8f01-23456789abcd")
            before = self.objects()
            other = self.space(instance, "Other")
            source = package.json("compatibility/instance_mapping.json")["instance"]
            owner = instance.db.value(f"SELECT owner_id FROM infospace WHERE id = {other}")
            done, _, _ = stage(instance.db, package.path, about=(
                source, other, f"owner={owner}", f"files=dir:{self.target}", "merge=99",
                "new=01234567-89ab-4cde-8f01-23456789abcd"))
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(self.objects(), before)
            self.assertEqual(instance.db.value(
                f"SELECT count(*) FROM asset WHERE infospace_id = {other}"), "0")
            self.assertEqual(instance.db.value(
                f"SELECT count(*) FROM asset WHERE blob_path = {literal(min(before))}"), "1")


if __name__ == "__main__":
    unittest.main()
