"""Tests of what the other tests stand on.

HQDB_KINDS names the servers, by default "debian pgserver"; one that can't be
had is a failure.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bench  # noqa: E402
import hazards  # noqa: E402
import media  # noqa: E402
import sample  # noqa: E402
import schema  # noqa: E402
from pg import PgError  # noqa: E402
from servers import KINDS, Server, ServerError  # noqa: E402

RUNNING = {}


def setUpModule():
    for kind in os.environ.get("HQDB_KINDS", "debian pgserver").split():
        RUNNING[kind] = Server(kind)
        unittest.addModuleCleanup(RUNNING[kind].stop)


def each():
    """Every server with every generation."""
    for kind, server in RUNNING.items():
        for generation in schema.GENERATIONS:
            yield kind, generation, server


def wait_gone(pid):
    """Waits until a process has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle):
        return bool(select.select([handle], [], [], 30)[0])


def guard_of(folder):
    return int((Path(folder) / "guard.lock").read_text(encoding="ascii"))


def postmaster_of(folder):
    text = (Path(folder) / "data/postmaster.pid").read_text(encoding="utf-8")
    return int(text.splitlines()[0])


def hqdb(*args):
    return subprocess.run([sys.executable, str(HERE / "hqdb.py"), *map(str, args)], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


class ServerTest(unittest.TestCase):
    CHILD = ("import sys; sys.path.insert(0, sys.argv[1]); from servers import Server\n"
             "server = Server('debian'); print(server.host, flush=True); sys.stdin.read()")

    def start_child(self):
        child = subprocess.Popen([sys.executable, "-c", self.CHILD, str(HERE)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stdin.close)
        return child, child.stdout.readline().strip()

    def test_gone_with_the_caller(self):
        for sig in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=sig):
                child, folder = self.start_child()
                guard, postmaster = guard_of(folder), postmaster_of(folder)
                child.send_signal(sig)
                child.wait(30)
                self.assertTrue(wait_gone(guard) and wait_gone(postmaster))
                self.assertFalse(Path(folder).exists())

    def test_killed_guard(self):
        child, folder = self.start_child()
        postmaster = postmaster_of(folder)
        os.kill(guard_of(folder), signal.SIGKILL)
        self.assertTrue(wait_gone(postmaster))
        child.communicate("", timeout=30)
        self.assertTrue(Path(folder).exists())
        with Server("debian"):
            self.assertFalse(Path(folder).exists(), "the next start sweeps")

    def test_unprivileged_and_private(self):
        for kind, server in RUNNING.items():
            with self.subTest(kind=kind):
                status = Path(f"/proc/{server.postmaster_pid()}/status").read_text("ascii")
                uid = next(line for line in status.splitlines() if line.startswith("Uid:"))
                self.assertNotEqual(uid.split()[1], "0")
                db = server.database("postgres")
                self.assertEqual(db.value("SELECT current_setting('listen_addresses')"), "")
                self.assertEqual(db.value("SELECT current_setting('fsync')"), "off")
                self.assertLess(len(server.host) + len("/.s.PGSQL.5432"), 108)

    def test_options(self):
        with Server("debian", timezone="Asia/Tokyo", fsync=True,
                    settings={"work_mem": "5MB"}) as server:
            db = server.database("postgres")
            self.assertEqual([db.value(f"SELECT current_setting('{n}')")
                              for n in ("TimeZone", "fsync", "work_mem")],
                             ["Asia/Tokyo", "on", "5MB"])

    def test_errors(self):
        with self.assertRaisesRegex(ServerError, "unknown kind"):
            Server("nosuch")
        with self.assertRaisesRegex(ServerError, "invalid value|unrecognized"):
            Server("debian", settings={"work_mem": "lots"})
        with tempfile.TemporaryDirectory() as folder:
            done = hqdb("start", "--dir", Path(folder) / ("x" * 100))
            self.assertEqual((done.returncode, "too long" in done.stderr), (1, True))
            done = hqdb("stop", "--dir", folder)
            self.assertEqual((done.returncode, "no server" in done.stderr), (1, True))

    def test_command_line(self):
        self.assertEqual([line.split("\t")[0] for line in hqdb("servers").stdout.splitlines()],
                         list(KINDS))
        with tempfile.TemporaryDirectory(dir="/tmp") as work:
            os.chmod(work, 0o755)
            folder, store = Path(work) / "pg", Path(work) / "store"
            watched = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
            done = hqdb("start", "--dir", folder, "--watch", watched.pid)
            self.assertEqual((done.stdout.strip(), done.stderr), (str(folder), ""))
            done = hqdb("load", "--host", folder, "--dbname", "x", "--store", store,
                        "--sample", "prod", "--manifest", Path(work) / "m.json")
            self.assertEqual(done.stdout.strip(), f"host={folder} dbname=x user=postgres")
            about = json.loads((Path(work) / "m.json").read_text("utf-8"))
            self.assertEqual({str(p.relative_to(store)) for p in store.rglob("*.*")},
                             set(about["files"]))
            self.assertEqual(hqdb("compare", "--host", folder, "--dbname", "x").returncode, 0)
            self.assertEqual(hqdb("drop", "--host", folder, "--dbname", "x").returncode, 0)
            self.assertEqual(hqdb("drop", "--host", folder, "--dbname", "x").returncode, 1)
            guard = guard_of(folder)
            watched.communicate(b"", timeout=30)
            self.assertTrue(wait_gone(guard))
            self.assertFalse(folder.exists())
            self.assertEqual(hqdb("start", "--dir", folder).returncode, 0)
            self.assertEqual(hqdb("stop", "--dir", folder).returncode, 0)
            self.assertFalse(folder.exists())


class SchemaTest(unittest.TestCase):
    def test_equals_the_facts(self):
        for kind, generation, server in each():
            with self.subTest(kind=kind, generation=generation):
                db = server.database(f"schema_{generation}")
                schema.create(db, generation)
                self.addCleanup(schema.drop, db)
                self.assertEqual(schema.compare(db, generation), [])
                vectors = db.value("SELECT count(*) FROM pg_attribute "
                                   "WHERE format_type(atttypid, NULL) = 'vector'")
                self.assertEqual(vectors != "0", schema.has_vector(db))

    def test_compare_sees_differences(self):
        db = next(iter(RUNNING.values())).database("different")
        schema.create(db, "2026-05")
        self.addCleanup(schema.drop, db)
        for change, word in (("ALTER TABLE asset ADD COLUMN x int", "columns: unexpected"),
                             ("DROP INDEX ix_asset_uuid", "indexes: missing"),
                             ("ALTER TABLE asset DROP CONSTRAINT ck_asset_bundle_ids_no_empty",
                              "constraints: missing"),
                             ("ALTER TYPE runstatus ADD VALUE 'X'", "enums: unexpected"),
                             ("DROP TRIGGER trg_bundle_delete_cleanup ON bundle",
                              "triggers: missing"),
                             ("DELETE FROM alembic_version", "revision")):
            db.run(f"{change};")
            found = schema.compare(db, "2026-05")
            self.assertTrue(any(line.startswith(word) for line in found), (change, found))

    def test_triggers(self):
        for kind, generation, server in each():
            if generation < "2026":
                continue
            with self.subTest(kind=kind, generation=generation):
                db = server.database(f"triggers_{generation}")
                sample.load(db, generation, "dev")
                self.addCleanup(schema.drop, db)
                with self.assertRaisesRegex(PgError, "parent bundle 99 does not exist"):
                    db.run("UPDATE bundle SET parent_bundle_id = 99;")
                db.run("UPDATE bundle SET parent_bundle_id = 0;")
                name = "SELECT id FROM bundle WHERE name = 'Named by nothing'"
                self.assertEqual(db.value("SELECT bundle_ids FROM asset "
                                          f"WHERE title = 'In no run'"), f"{{{db.value(name)}}}")
                db.run(f"DELETE FROM bundle WHERE id = ({name});")
                self.assertEqual(db.value("SELECT bundle_ids FROM asset "
                                          "WHERE title = 'In no run'"), "{0}")

    def test_unknown_generation(self):
        with self.assertRaises(ValueError):
            schema.facts("2024-01")


def everywhere(test):
    """Runs a test for each loaded sample."""
    def run(self):
        for (kind, generation), (db, about) in self.loaded.items():
            with self.subTest(kind=kind, generation=generation):
                test(self, kind, generation, db, about)
    return run


class SampleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.store.cleanup)
        cls.loaded = {}
        for kind, generation, server in each():
            db = server.database(f"dev_{generation}")
            about = sample.load(db, generation, "dev", Path(cls.store.name) / kind / generation,
                                missing=["gone"])
            cls.loaded[kind, generation] = db, about

    @everywhere
    def test_references(self, _kind, _generation, db, about):
        """Each is where the manifest says, and names the row that it says."""
        self.assertGreater(len(about["references"]), 80)
        texts = {}
        for ref in about["references"]:
            place = ref["table"], ref["column"]
            if place not in texts:
                texts[place] = {int(r["id"]): r["text"] for r in db.query(
                    f'SELECT id, "{place[1]}"::text AS text FROM "{place[0]}"')}
            self.check_reference(ref, texts[place][ref["id"]])
        for table in {r["to"] for r in about["references"]}:
            ids = {int(r["id"]) for r in db.query(f'SELECT id FROM "{table}"')}
            for ref in about["references"]:
                if ref["to"] == table:
                    self.assertEqual(ref["to_id"] in ids, ref["resolves"], ref)

    def check_reference(self, ref, text):
        number = ref["to_id"]
        if ref["pointer"] or text[:1] in "[{":
            node, parts = json.loads(text), ref["pointer"].split("/")[1:]
            if ref["form"] == "key":
                self.assertEqual(parts.pop(), str(number))
            for part in parts:
                part = part.replace("~1", "/").replace("~0", "~")
                node = node[int(part)] if isinstance(node, list) else node[part]
        else:
            node = text
        if ref["form"] == "number":
            self.assertEqual(node, number)
        elif ref["form"] == "string":
            self.assertEqual(node, str(number))
        elif ref["form"] == "key":
            self.assertIn(str(number), node)
        elif ref["form"] == "uuid":
            self.assertEqual(node, ref["to_uuid"])
        elif ref["form"] == "prefix":
            self.assertRegex(node, rf"^\w+:{number}$")
        else:
            self.assertEqual(ref["form"], "marker")
            self.assertRegex(node, rf"[:#]{number}\b")

    @everywhere
    def test_forms(self, _kind, generation, _db, about):
        forms = {r["form"] for r in about["references"]}
        expected = {"number", "prefix", "key", "marker", "uuid"}
        self.assertEqual(forms, expected | ({"string"} if generation == "2026-05" else set()))

    def test_same_rows_each_time(self):
        for generation in schema.GENERATIONS:
            first, second = (sample.build(generation, True, "dev") for _ in range(2))
            self.assertEqual(first.text, second.text)
            self.assertEqual(first.files, second.files)

    @everywhere
    def test_canaries_are_there(self, _kind, _generation, db, about):
        tables = [r["name"] for r in db.query(
            "SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace")]
        held = db.value(f"""SELECT string_agg(line, ' ') FROM (
            {" UNION ALL ".join(f"SELECT t::text AS line FROM {n} t" for n in tables)}) x
            WHERE line LIKE '%CANARY-%'""")
        self.assertGreater(len(about["canaries"]), 30)
        self.assertEqual([c for c in about["canaries"] if c not in held], [])

    @everywhere
    def test_hazards_are_there(self, _kind, _generation, db, about):
        key = about["rows"]["annotation"]["hazard_numbers"]["id"]
        value = db.value(f"SELECT value::text FROM annotation WHERE id = {key}")
        for text in ("9007199254740993", "1.10", "100.000", "0." + "0" * 299 + "1"):
            self.assertIn(text, value)
        named = about["rows"]
        regions = {r["id"]: r["region"] for r in db.query(
            "SELECT id, region::text AS region FROM annotation WHERE region IS NOT NULL")}
        for name, text in hazards.JSON_ONLY.items():
            key = named["annotation"][f"hazard_json_{name}"]["id"]
            self.assertEqual(regions[str(key)], text)
        texts = {r["id"]: (r["title"], r["text_content"]) for r in db.query(
            "SELECT id, title, text_content FROM asset")}
        for name, text in hazards.TEXTS.items():
            key = named["asset"][f"text_{name}"]["id"]
            self.assertEqual(texts[str(key)], (text, text))
        self.assertEqual(db.query("""
            SELECT count(*) FILTER (WHERE value IS NULL) AS sql,
                   count(*) FILTER (WHERE value = 'null') AS json FROM annotation"""),
                         [{"sql": "1", "json": "2"}])
        self.assertNotEqual(db.value("SELECT count(*) FROM asset "
                                     "WHERE NOT isfinite(event_timestamp)"), "0")

    @everywhere
    def test_counters(self, _kind, generation, db, _about):
        membership = {"2025-07": "(SELECT count(*) FROM assetbundlelink WHERE bundle_id = b.id)",
                      "2025-10": "(SELECT count(*) FROM asset WHERE bundle_id = b.id)"}
        arrays = "(SELECT count(*) FROM asset WHERE b.id = ANY (bundle_ids))"
        count = membership.get(generation, arrays)
        self.assertEqual(db.query(f"SELECT name FROM bundle b WHERE asset_count <> {count}"), [])
        if generation != "2025-07":
            self.assertEqual(db.query(
                "SELECT name FROM bundle b WHERE child_bundle_count <> "
                "(SELECT count(*) FROM bundle c WHERE c.parent_bundle_id = b.id)"), [])

    @everywhere
    def test_sequences_are_ahead(self, _kind, _generation, db, _about):
        names = [row["name"] for row in db.query("""
            SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a
                ON a.attrelid = c.oid AND a.attname = 'id'
             WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace""")]
        self.assertEqual(db.query(" UNION ALL ".join(f"""
            SELECT '{n}' AS name FROM (SELECT max(id) AS id FROM "{n}") x
             WHERE id >= nextval(pg_get_serial_sequence('public."{n}"', 'id'))""" for n in names)),
                         [])

    @everywhere
    def test_files(self, kind, generation, db, about):
        folder = Path(self.store.name) / kind / generation
        found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
        self.assertEqual(found, set(about["files"]))
        named = {r["blob_path"]: r for r in db.query(
            "SELECT blob_path, content_hash FROM asset WHERE blob_path IS NOT NULL")}
        gone = about["rows"]["asset"]["gone"]["blob_path"]
        self.assertEqual(set(named) - found, {gone})
        for name in found:
            self.assertEqual(about["files"][name]["sha256"], named[name]["content_hash"])

    @everywhere
    def test_runs_are_readable_by_name(self, _kind, generation, db, about):
        runs = about["rows"]["annotationrun"]
        self.assertEqual(db.value("SELECT count(*) FROM annotation WHERE run_id = "
                                  f"{runs['bulk']['id']}"), "2000")
        self.assertEqual(runs["digits"]["name"], str(runs["child2"]["id"]))
        inline = db.value("SELECT count(*) FROM annotation WHERE "
                          "value ? 'stance_justification'")
        if generation == "2026-05":
            self.assertNotEqual(inline, "0")
        else:
            self.assertNotEqual(db.value("SELECT count(*) FROM justification"), "0")
            self.assertEqual(inline, "0")


class BenchTest(unittest.TestCase):
    def test_small(self):
        for kind, generation, server in each():
            with self.subTest(kind=kind, generation=generation), \
                    tempfile.TemporaryDirectory() as store:
                db = server.database(f"bench_{generation}")
                about = bench.load(db, generation, store, annotations=700, pages=50, files=11)
                self.addCleanup(schema.drop, db)
                self.assertEqual(db.value("SELECT count(*) FROM annotation"), "700")
                self.assertEqual(db.value("SELECT count(DISTINCT asset_id) FROM annotation"),
                                 "61")
                self.assertEqual(schema.compare(db, generation), [])
                self.assertEqual(sum(p.stat().st_size for p in Path(store).rglob("*.pdf")),
                                 about["bytes"])
                self.check_links(db)

    def check_links(self, db):
        """The load skips the checks of foreign keys."""
        keys = db.query("""
            SELECT conrelid::regclass AS here, a.attname AS column, confrelid::regclass AS there
              FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid
                   AND a.attnum = k.conkey[1] WHERE contype = 'f'""")
        self.assertGreater(len(keys), 50)
        self.assertEqual(db.query(" UNION ALL ".join(
            f"SELECT '{k['here']}.{k['column']}' AS dangling FROM {k['here']} x "
            f"WHERE {k['column']} IS NOT NULL AND "
            f"NOT EXISTS (SELECT 1 FROM {k['there']} y WHERE y.id = x.{k['column']})"
            for k in keys)), [])


class MediaTest(unittest.TestCase):
    def test_pdf(self):
        data = media.pdf("Übersicht (1)", ["one", "two (2) \\"])
        start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
        lines = data[start:].splitlines()
        self.assertEqual(lines[0], b"xref")
        for number, line in enumerate(lines[3:3 + int(lines[1].split()[1]) - 1], 1):
            offset = int(line.split()[0])
            self.assertTrue(data[offset:].startswith(b"%d 0 obj\n" % number))

    def test_png(self):
        data = media.png(7, 5, "x")
        start = data.index(b"IDAT") + 4
        self.assertEqual(len(zlib.decompress(data[start:])), 5 * (1 + 3 * 7))

    def test_jpeg(self):
        data = media.jpeg(3, 2, "x")
        self.assertEqual((data[:3], data[-2:]), (b"\xff\xd8\xff", b"\xff\xd9"))
        self.assertIn(b"\0\x10\0\x18", data)


if __name__ == "__main__":
    unittest.main()
