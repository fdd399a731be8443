"""Operations are on record: in the schema spaceport of the instance's database, where an
administrator has set it up and this login may write into it, else on this machine. And an
export never fails, or waits, for its record."""

import json
import os
import signal
import subprocess
import threading
import unittest
import uuid
from pathlib import Path

import lib
import process
from lib import literal
from process import Running

KIND = lib.KINDS[0]
OLD_AND_NEW = (lib.GENERATIONS[0], lib.NEWEST)
# Everything about the schema that PostgreSQL knows, but what differs from one to the next.
CATALOG = """
SELECT array_to_json(array(
  SELECT x FROM (
    SELECT format('%s %s %s %s', c.relname, c.relkind, c.relacl, c.reloptions) AS x
      FROM pg_class c WHERE relnamespace = 'spaceport'::regnamespace
    UNION ALL
    SELECT format('%s.%s %s %s %s %s %s', c.relname, attname, format_type(atttypid, atttypmod),
                  attnotnull, attidentity, attacl, pg_get_expr(adbin, adrelid))
      FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
      LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
     WHERE relnamespace = 'spaceport'::regnamespace AND attnum > 0
    UNION ALL
    SELECT pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'spaceport'::regnamespace
    UNION ALL
    SELECT pg_get_triggerdef(t.oid) || tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
     WHERE relnamespace = 'spaceport'::regnamespace
    UNION ALL
    SELECT prosrc || array_to_string(proconfig, ',') FROM pg_proc
     WHERE pronamespace = 'spaceport'::regnamespace
    UNION ALL
    SELECT nspacl::text FROM pg_namespace WHERE nspname = 'spaceport'
    UNION ALL
    SELECT format('%s %s', uuid, schema_version) FROM spaceport.instance
    UNION ALL
    SELECT format('%s %s %s', what, outcome, details) FROM spaceport.audit
  ) all_of_it ORDER BY x COLLATE "C")) AS x"""
# Whatever is outside of it.
OUTSIDE = """
SELECT json_agg(x ORDER BY x::text) AS x FROM (
  SELECT row_to_json(c) AS x FROM (
    SELECT oid, relname, relacl, relhastriggers, relnamespace FROM pg_class
     WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace
                                 WHERE nspname IN ('spaceport', 'pg_toast', 'pg_catalog')
                                    OR nspname LIKE 'pg_temp%' OR nspname LIKE 'pg_toast_temp%')) c
  UNION ALL
  SELECT row_to_json(n) FROM (SELECT nspname, nspacl FROM pg_namespace
     WHERE nspname NOT IN ('spaceport') AND nspname NOT LIKE 'pg_%temp%') n
  UNION ALL
  SELECT row_to_json(t) FROM (SELECT tgname, tgrelid FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
     WHERE relnamespace <> coalesce(to_regnamespace('spaceport')::oid, 0)) t) o"""


def psql(db, script, user="postgres", code=0):
    done = subprocess.run(
        ["psql", "-X", "-q", "-h", db.host, "-d", db.dbname, "-U", user], input=script,
        capture_output=True, check=False, env=lib.environment())
    if done.returncode != code:
        raise AssertionError(f"{done.returncode}: {done.stderr.decode()}")
    return done


class Case(lib.Case):

    def setUp(self):
        self.home = process.folder()
        self.addCleanup(process.remove, self.home)
        self.env = lib.environment(HOME=str(self.home))
        self.records = self.home / ".local/state/spaceport/operations"

    def own(self, generation=lib.NEWEST, kind=KIND):
        manager = lib.own(kind, generation)
        instance = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return instance

    def run_it(self, *argv, code=0, env=None):
        done = lib.run(*argv, env=env or self.env)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def setup(self, instance, *options, code=0, dsn=None):
        return self.run_it("setup", "--db", dsn or instance.db.dsn, *options, code=code)

    def export(self, instance, *options, code=0, dsn=None, env=None, path=None, run_key="main"):
        path = path or lib.new_path(".zip")
        return path, self.run_it(*process.arguments(instance, path, *options, dsn=dsn,
                                                    run_key=run_key), code=code, env=env)

    def operations(self, instance, *options, dsn=None):
        done = self.run_it("list", "operations", "--db", dsn or instance.db.dsn, "--json", *options)
        return json.loads(done.stdout)["operations"]

    def shown(self, instance, name, dsn=None):
        done = self.run_it("show", name, "--db", dsn or instance.db.dsn, "--json")
        return json.loads(done.stdout)["operation"]

    def local(self):
        return [json.loads(p.read_text()) for p in self.records.glob("*.json")]

    def login(self, instance, name, *rights):
        """A login that may read HQ's tables, and have temporary ones."""
        name = f"{name}_{instance.db.dbname}"
        instance.db.run(f"CREATE ROLE {name} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public "
                        f"TO {name};" + "".join(f"GRANT {r} TO {name};" for r in rights))
        self.addCleanup(instance.server.database("postgres").run,
                        f"DROP OWNED BY {name}; DROP ROLE {name};")
        # what it owns or was given here must go first
        self.addCleanup(instance.db.run, f"DROP OWNED BY {name};")
        return name, instance.server.database(instance.db.dbname, name).dsn


class Blocked(Running):
    """An export on its way to a reader that doesn't read."""

    def __init__(self, test, instance, *options, dsn=None, run_key="main", waits=True):
        self.reader, writer = os.pipe()
        super().__init__(*process.arguments(instance, "-", *options, dsn=dsn, run_key=run_key),
                         env=test.env, stdout=writer)
        os.close(writer)
        self.drained = None
        if waits:
            process.wait_until(lambda: instance.db.value(
                "SELECT count(*) FROM spaceport.operation_progress JOIN "
                "spaceport.export_operations USING (uuid) WHERE status = 'running' "
                "AND phase <> ''") != "0", what="its progress")

    def drain(self):
        def read():
            while os.read(self.reader, 65536):
                pass
        self.drained = threading.Thread(target=read, daemon=True)
        self.drained.start()

    def __exit__(self, *error):
        super().__exit__(*error)
        if self.drained:
            self.drained.join()
        os.close(self.reader)


class Setup(Case):

    @lib.everywhere(OLD_AND_NEW)
    def test_making_it(self, kind, generation):
        """Twice is as once, and nothing outside of the schema changes."""
        instance = self.own(generation, kind)
        before = instance.db.value(OUTSIDE)
        self.assertIn(b"made the schema spaceport, version 2", self.setup(instance).stderr)
        first = instance.db.value(CATALOG)
        self.assertIn(b"nothing to do", self.setup(instance).stderr)
        self.assertEqual(instance.db.value(CATALOG), first)
        self.assertEqual(instance.db.value(OUTSIDE), before)

    @lib.everywhere((lib.NEWEST,))
    def test_the_printed_script_does_the_same(self, kind, generation):
        instance = self.own(generation, kind)
        role, _ = self.login(instance, "reader")
        self.setup(instance, "--grant", role)
        made = instance.db.value(CATALOG)
        instance.db.run("DROP SCHEMA spaceport CASCADE;")
        # no database is named, and no server is there for it
        env = {**self.env, "PGHOST": "/nowhere"}
        script = self.run_it("setup", "--print", "--grant", role, env=env).stdout
        for _ in range(2):
            psql(instance.db, script)
            self.assertEqual(instance.db.value(CATALOG), made)
        self.assertIn(b"nothing to do", self.setup(instance).stderr)

    def test_at_once(self):
        instance = self.own()
        with Running("setup", "--db", instance.db.dsn, env=self.env) as one, \
                Running("setup", "--db", instance.db.dsn, env=self.env) as two:
            self.assertEqual((one.end(), two.end()), (0, 0), one.err + two.err)
            said = sorted(b"made the schema" in r.err for r in (one, two))
        self.assertEqual(said, [False, True])
        self.assertEqual(instance.db.value("SELECT count(*) FROM spaceport.audit"), "1")

    def test_waiting_has_an_end(self):
        """Somebody else's setup takes too long."""
        instance = self.own()
        with subprocess.Popen(["psql", "-X", "-q", "-h", instance.db.host, "-d",
                               instance.db.dbname, "-U", "postgres"], stdin=subprocess.PIPE,
                              env=lib.environment()) as other:
            other.stdin.write(b"SELECT pg_advisory_lock(8389759082543805044);\n")
            other.stdin.flush()
            process.wait_until(lambda: instance.db.value(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "1")
            self.assertIn(b"lock timeout", self.setup(instance, code=9).stderr)
            other.stdin.close()
        self.setup(instance)

    def test_a_newer_version(self):
        instance = self.own()
        script = self.run_it("setup", "--print").stdout
        self.setup(instance)
        instance.db.run("UPDATE spaceport.instance SET schema_version = 3;")
        self.assertIn(b"version 3; this program knows versions up to 2",
                      self.setup(instance, code=6).stderr)
        self.assertIn(b"newer than this script", psql(instance.db, script, code=3).stderr)
        # an export goes on record here
        path, done = self.export(instance, "--json")
        self.assertEqual(json.loads(done.stdout)["packages"][0]["record"]["where"], "local")
        self.assertTrue(path.exists())
        self.assertEqual(instance.db.value("SELECT count(*) FROM spaceport.export_operations"), "0")

    def test_an_older_version(self):
        """What is on record stays."""
        instance = self.own()
        self.setup(instance)
        self.export(instance)
        instance.db.run("ALTER TABLE spaceport.cross_instance_mappings DROP COLUMN source_marks, "
                        "DROP COLUMN target_marks; DROP TABLE spaceport.import_columns, spaceport.import_files; "
                        "UPDATE spaceport.instance SET schema_version = 1;")
        _, done = self.export(instance)
        self.assertIn(b"spaceport setup", done.stderr)
        self.assertIn(b"from version 1 to 2", self.setup(instance).stderr)
        self.assertEqual(instance.db.value("SELECT count(*) FROM spaceport.export_operations"),
                         "1")
        self.assertIn(b"nothing to do", self.setup(instance).stderr)
        self.export(instance)
        self.assertEqual(instance.db.value("SELECT count(*) FROM spaceport.export_operations"),
                         "2")

    def test_who_may_not(self):
        instance = self.own()
        _, dsn = self.login(instance, "reader")
        done = self.setup(instance, dsn=dsn, code=7)
        self.assertIn(b"spaceport setup --print | psql", done.stderr)
        self.setup(instance)
        self.setup(instance, dsn=dsn, code=7)
        name, dsn = self.login(instance, "other")
        self.setup(instance, "--grant", name)
        self.assertIn(b"nothing to do", self.setup(instance, dsn=dsn).stderr)
        # who was given rights doesn't hand them on
        self.setup(instance, "--grant", name, dsn=dsn, code=7)
        self.assertIn(b"no role", self.setup(instance, "--grant", "nobody at all", code=2).stderr)

    def test_somebody_elses_schema(self):
        """Whoever may make schemas can't have an administrator's exports run their triggers."""
        instance = self.own()
        name, dsn = self.login(instance, "hostile")
        instance.db.run(f"GRANT CREATE ON DATABASE {lib.ident(instance.db.dbname)} TO {name};")
        self.setup(instance, dsn=dsn)
        self.export(instance, "--quiet")
        self.assertEqual(instance.db.value("SELECT count(*) FROM spaceport.export_operations"), "0")
        self.assertEqual(len(self.local()), 1)
        instance.db.run("DROP SCHEMA spaceport CASCADE;")
        instance.db.run(f"CREATE SCHEMA spaceport AUTHORIZATION {name};")
        self.assertIn(b"belongs to another role", self.setup(instance, code=1).stderr)

    def test_not_into_any_database(self):
        empty = lib.server(KIND).database("postgres")
        self.run_it("setup", "--db", empty.dsn, code=6)
        self.assertEqual(empty.value("SELECT to_regnamespace('spaceport') IS NULL"), "t")


class Identity(Case):

    @lib.everywhere((lib.NEWEST,))
    def test_it_stays(self, kind, generation):
        """As derived, as set up, as a clone: the same instance."""
        instance = self.own(generation, kind)

        def known(dsn=None):
            path, _ = self.export(instance, dsn=dsn)
            return lib.Package(path).manifest["source"]["instance"]
        before = known()
        self.setup(instance)
        self.assertEqual(instance.db.value("SELECT uuid FROM spaceport.instance"), before)
        self.assertEqual(known(), before)
        server = instance.server.database("postgres")
        server.run(f"CREATE DATABASE clone TEMPLATE {lib.ident(instance.db.dbname)};",
                   single=False)
        self.addCleanup(server.run, "DROP DATABASE clone;", single=False)
        self.assertEqual(known(instance.server.database("clone").dsn), before)

    def test_the_profiles_word(self):
        instance = self.own()
        own = str(uuid.uuid4())
        self.run_it("instances", "add", "dev", "--db", instance.db.dsn, "--instance-id", own)
        self.run_it("setup", "--instance", "dev")
        self.assertEqual(instance.db.value("SELECT uuid FROM spaceport.instance"), own)
        script = self.run_it("setup", "--print", "--instance", "dev").stdout
        self.assertIn(own.encode(), script)


class Records(Case):

    @lib.everywhere(OLD_AND_NEW)
    def test_an_export(self, kind, generation):
        instance = self.own(generation, kind)
        self.setup(instance)
        path, done = self.export(instance, "--no-include-chunks", "--json")
        self.assertNotIn(b"on record", done.stderr)
        package = lib.Package(path)
        item, = self.operations(instance)
        self.assertEqual(item["uuid"], package.manifest["operation_id"])
        expected = {
            "operation": "export", "operation_type": "annotation_run", "status": "done",
            "source_id": instance.id("annotationrun", "main"), "package_path": str(path),
            "file_size_bytes": path.stat().st_size, "created_by": instance.id("user", "owner"),
            "infospace_id": instance.id("infospace", "main"), "host": os.uname().nodename,
            "login": "postgres", "recorded": "database"}
        self.assertEqual({k: item.get(k) for k in expected}, expected)
        self.assertEqual(item["export_options"], package.manifest["options"])
        self.assertLess(item["created_at"], item["completed_at"])
        self.assertIsNone(item["error_message"])
        self.assertEqual(self.shown(instance, item["uuid"][:8]), item)
        self.assertFalse(self.records.exists())
        audit = instance.db.query("SELECT what, outcome, acting_user, login FROM spaceport.audit "
                                  "WHERE operation IS NOT NULL ORDER BY id")
        self.assertEqual([(a["what"], a["outcome"], a["acting_user"], a["login"]) for a in audit],
                         [("export", o, "owner@example.org", "postgres") for o in ("begun", "done")])

    def test_several_and_none(self):
        """Each package is an operation of its own; a dry run is none."""
        instance = self.own()
        self.setup(instance)
        self.export(instance, "--dry-run")
        self.assertEqual(self.operations(instance), [])
        folder = process.folder()
        self.run_it("export", "run", *(instance.id("annotationrun", k) for k in ("same1", "same2")),
                    *process.arguments(instance, f"{folder}/")[3:])
        items = self.operations(instance)
        self.assertEqual({i["uuid"] for i in items},
                         {lib.Package(p).manifest["operation_id"] for p in folder.iterdir()})
        self.assertEqual(len(self.operations(instance, "--limit", "1")), 1)
        self.assertEqual(len(self.operations(instance, "--status", "done")), 2)
        self.assertEqual(self.operations(instance, "--status", "failed"), [])
        self.run_it("list", "operations", "--db", instance.db.dsn, "--status", "odd", code=2)
        table = self.run_it("list", "operations", "--db", instance.db.dsn).stdout.decode()
        self.assertEqual(table.count("done"), 2)

    def listed(self, instance):
        """The list for people: what stands under RUN, by the kind of operation."""
        head, *lines = self.run_it("list", "operations", "--db", instance.db.dsn).stdout.decode(
            ).splitlines()
        column = slice(head.index("RUN"), head.index("INFOSPACE"))
        return [(line.split()[1], line[column].strip()) for line in lines]

    @lib.everywhere(OLD_AND_NEW)
    def test_which_runs_an_import_brought(self, kind, generation):
        """As they are called here; also where there was nothing to be done for them."""
        instance = self.own(generation, kind)
        self.setup(instance)
        path, _ = self.export(instance)
        there = instance.db.value("SELECT name FROM annotationrun WHERE id = "
                                  f"{instance.id('annotationrun', 'main')}")
        argv = ("import", path, "--db", instance.db.dsn, "--as", "owner@example.org", "--store",
                f"dir:{instance.store}", "--yes")
        # the second time nothing is new
        self.run_it(*argv, "--new", "Imported")
        self.run_it(*argv, "--into", "Imported")
        run = instance.db.value("SELECT id FROM annotationrun WHERE infospace_id = (SELECT id FROM "
                                "infospace WHERE name = 'Imported')")
        instance.db.run(f"UPDATE annotationrun SET name = 'Called so here' WHERE id = {run};")
        self.run_it(*argv, "--into", "Imported")
        self.run_it(*argv, "--into", "Imported", "--dry-run")
        brought = [item["import_result"]["runs"] for item in self.operations(instance)
                   if item["operation"] == "import" and item["status"] == "done"]
        self.assertEqual(brought, [[{"id": int(run), "name": name}]
                                   for name in ("Called so here", there, there)])
        self.assertEqual(self.listed(instance), [
            ("import", "Called so here"), ("import", there), ("import", there), ("export", there)])

    def test_several_runs_and_none(self):
        """The first of an import's, and how many more; none while it isn't done."""
        instance = self.own()
        self.setup(instance)
        three = json.dumps({"runs": [{"id": i, "name": f"Run {i}"} for i in (7, 8, 9)]})
        for at, status, result in ((1, "done", three), (2, "done", '{"runs": []}'),
                                   (3, "failed", None)):
            instance.db.run(
                "INSERT INTO spaceport.import_operations (uuid, package_path, status, created_at, "
                f"import_result) VALUES (gen_random_uuid(), 'x.zip', {literal(status)}, "
                f"'2026-01-0{at}', {literal(result)});")
        self.assertEqual(self.listed(instance), [("import", ""), ("import", ""),
                                                 ("import", "Run 7 +2")])

    def test_to_standard_output(self):
        instance = self.own()
        self.setup(instance)
        self.export(instance, path="-")
        item, = self.operations(instance)
        self.assertEqual((item["package_path"], item["status"]), ("-", "done"))

    def test_a_relative_path(self):
        instance = self.own()
        folder = process.folder()
        with Running(*process.arguments(instance, "here.zip"), env=self.env, cwd=folder) as running:
            self.assertEqual(running.end(), 0, running.err)
        self.assertEqual(self.local()[0]["package_path"], f"{folder}/here.zip")

    def test_a_failed_one(self):
        instance = self.own()
        self.setup(instance)
        folder = process.folder()
        self.export(instance, path=folder / "nowhere" / "x.zip", code=2)
        item, = self.operations(instance)
        self.assertEqual(item["status"], "failed")
        self.assertIn("there is no folder", item["error_message"])
        self.assertIsNone(item["file_size_bytes"])
        self.assertIn(b"there is no folder", self.run_it(
            "show", item["uuid"], "--db", instance.db.dsn).stdout)
        details = instance.db.value("SELECT details->>'error_message' FROM spaceport.audit "
                                    "WHERE outcome = 'failed'")
        self.assertIn("there is no folder", details)

    def test_names(self):
        instance = self.own()
        self.setup(instance)
        for name in ("abc", "not-a-uuid", "ffff", str(uuid.uuid4())):
            self.run_it("show", name, "--db", instance.db.dsn, code=2)
        one, two = "aaaa0000-0000-4000-8000-000000000001", "aaaa0000-0000-4000-8000-000000000002"
        for name in (one, two):
            instance.db.run("INSERT INTO spaceport.export_operations (uuid, operation_type, source_id, "
                            f"status) VALUES ('{name}', 'annotation_run', 1, 'done');")
        done = self.run_it("show", "aaaa", "--db", instance.db.dsn, code=2)
        self.assertIn(one.encode(), done.stderr)
        self.assertEqual(self.shown(instance, two.upper())["uuid"], two)

    def test_nothing_of_hq_is_locked(self):
        """Neither to set it up, nor while an export is on record."""
        instance = self.own()
        tables = 'asset, annotation, annotationrun, annotationschema, infospace, "user"'
        with subprocess.Popen(["psql", "-X", "-q", "-h", instance.db.host, "-d",
                               instance.db.dbname, "-U", "postgres"], stdin=subprocess.PIPE,
                              env=lib.environment()) as other:
            other.stdin.write(f"BEGIN; LOCK {tables} IN ACCESS EXCLUSIVE MODE;\n".encode())
            other.stdin.flush()
            process.wait_until(lambda: instance.db.value(
                "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") != "0")
            psql(instance.db, self.run_it("setup", "--print").stdout)
            other.stdin.close()
        with Blocked(self, instance) as running:
            held = instance.db.query(
                "SELECT l.relation::regclass::text AS name FROM pg_locks l WHERE l.locktype = "
                "'relation' AND l.pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')")
            self.assertEqual(held, [])
            running.drain()
            self.assertEqual(running.end(), 0, running.err)


class Living(Case):
    """What others see of one that runs."""

    def status(self, instance, dsn=None):
        return [i["status"] for i in self.operations(instance, dsn=dsn)]

    @lib.everywhere((lib.NEWEST,))
    def test_killed(self, kind, generation):
        instance = self.own(generation, kind)
        self.setup(instance)
        with Blocked(self, instance) as running:
            self.assertEqual(self.status(instance), ["running"])
            running.send(signal.SIGKILL)
            running.end()
            process.wait_until(lambda: self.status(instance) == ["lost"])
        self.assertEqual(len(self.operations(instance, "--status", "lost")), 1)
        self.assertEqual(self.operations(instance, "--status", "running"), [])

    def test_stopped(self):
        instance = self.own()
        self.setup(instance)
        with Blocked(self, instance) as running:
            running.send(signal.SIGINT)
            self.assertEqual(running.end(), 130)
        self.assertEqual(self.status(instance), ["interrupted"])

    def test_seen_from_another_terminal(self):
        instance = self.own()
        self.setup(instance)
        with Blocked(self, instance) as running:
            item, = self.operations(instance)
            self.assertGreaterEqual(item["progress"]["bytes_total"], 1)
            # without a terminal: once
            self.assertIn(b"running", self.run_it("show", item["uuid"][:4], "--db",
                                                  instance.db.dsn).stdout)
            argv = ("show", item["uuid"], "--db", instance.db.dsn)
            with Running(*argv, terminal=True, env=self.env) as bored:
                bored.wait_for(b"looking for files")
                bored.send(signal.SIGINT)
                self.assertEqual(bored.end(), 0)
                self.assertIn(b"running", bored.err)
            with Running(*argv, terminal=True, env=self.env) as watching:
                watching.wait_for(b"looking for files")
                self.assertEqual(self.status(instance), ["running"])
                running.drain()
                self.assertEqual(running.end(), 0)
                self.assertEqual(watching.end(), 0)
                self.assertIn(b"completed_at", watching.err)

    def end_backend(self, instance):
        """Of the record's connection, which holds the lock."""
        held = "FROM pg_locks WHERE locktype = 'advisory'"
        instance.db.run(f"SELECT pg_terminate_backend(pid) {held};")
        process.wait_until(lambda: instance.db.value(f"SELECT count(*) {held}") == "0")

    def test_the_record_loses_its_connection(self):
        """It is made anew."""
        instance = self.own()
        self.setup(instance)
        with Blocked(self, instance) as running:
            self.end_backend(instance)
            self.assertEqual(self.status(instance), ["lost"])
            running.drain()
            self.assertEqual(running.end(), 0, running.err)
        self.assertEqual(self.status(instance), ["done"])
        self.assertFalse(self.records.exists())

    def test_the_record_loses_it_for_good(self):
        """Then its end is on this machine, and is what a list shows."""
        instance = self.own()
        name, dsn = self.login(instance, "reader")
        self.setup(instance, "--grant", name)
        with Blocked(self, instance, dsn=dsn) as running:
            instance.db.run(f"ALTER ROLE {name} CONNECTION LIMIT 1;")
            self.end_backend(instance)
            running.drain()
            self.assertEqual(running.end(), 0, running.err)
            self.assertIn(b"on record on this machine only", running.err)
        item, = self.operations(instance)
        self.assertEqual((item["status"], item["recorded"]), ("done", "local"))


class Rights(Case):

    @lib.everywhere((lib.NEWEST,))
    def test_the_grants_suffice(self, kind, generation):
        instance = self.own(generation, kind)
        name, dsn = self.login(instance, "reader")
        self.setup(instance, "--grant", name)
        self.export(instance, dsn=dsn)
        item, = self.operations(instance, dsn=dsn)
        self.assertEqual((item["status"], item["login"], item["recorded"]),
                         ("done", name, "database"))
        self.shown(instance, item["uuid"][:6], dsn=dsn)

    def test_without_rights(self):
        """On this machine, said once."""
        instance = self.own()
        _, dsn = self.login(instance, "reader")
        for ready in (False, True):
            if ready:
                self.setup(instance)
            path, done = self.export(instance, dsn=dsn)
            self.assertEqual(done.stderr.count(b"on record on this machine only"), 1)
            package = lib.Package(path)
            item = self.operations(instance, dsn=dsn)[0]
            self.assertEqual((item["uuid"], item["status"], item["recorded"], item["package_path"]),
                             (package.manifest["operation_id"], "done", "local", str(path)))
            self.assertEqual(item["export_options"], package.manifest["options"])
        _, done = self.export(instance, "--quiet", dsn=dsn)
        self.assertEqual(done.stderr, b"")
        for path in self.records.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual([p.suffix for p in self.records.iterdir()], [".json"] * 3)

    def test_of_another_instance(self):
        """What was done elsewhere isn't listed here."""
        here, there = self.own(), lib.shared(KIND, lib.NEWEST)
        self.export(there)
        self.assertEqual(self.operations(here), [])
        self.assertEqual(len(self.operations(there)), 1)

    def test_no_home(self):
        """An export doesn't need one."""
        instance = lib.shared(KIND, lib.NEWEST)
        self.records.parent.mkdir(parents=True)
        self.records.write_text("a file where the folder should be")
        path, done = self.export(instance, "--json", code=3)
        self.assertIn(b"nowhere on record", done.stderr)
        self.assertEqual(json.loads(done.stdout)["packages"][0]["record"]["where"], "nowhere")
        lib.validate(path)

    @lib.everywhere((lib.NEWEST,))
    def test_the_audit(self, kind, generation):
        """Rows are only ever added, by whoever, and nobody speaks for others."""
        instance = self.own(generation, kind)
        name, _ = self.login(instance, "reader")
        self.setup(instance, "--grant", name)
        instance.db.run("GRANT ALL ON spaceport.audit TO " + name)
        for user in ("postgres", name):
            replica = "SET session_replication_role = replica;" if user == "postgres" else ""
            for change in ("UPDATE spaceport.audit SET login = 'x'", "DELETE FROM spaceport.audit",
                           "TRUNCATE spaceport.audit", "TRUNCATE spaceport.audit CASCADE",
                           "UPDATE spaceport.audit SET login = 'x' WHERE false"):
                done = psql(instance.db, f"\\set ON_ERROR_STOP on\n{replica}{change};".encode(), user,
                            code=3)
                self.assertIn(b"are only ever added", done.stderr)
        psql(instance.db, b"INSERT INTO spaceport.audit (at, login, what, outcome) "
                          b"VALUES ('1970-01-01', 'somebody', 'x', 'y');", name)
        row = instance.db.query("SELECT login, at > now() - interval '1 day' AS now "
                                "FROM spaceport.audit WHERE what = 'x'")
        self.assertEqual(row, [{"login": name, "now": "t"}])

    def test_a_login_that_only_reads(self):
        instance = self.own()
        self.setup(instance)
        self.export(instance)
        name, dsn = self.login(instance, "reader")
        self.setup(instance, "--grant", name)
        instance.db.run(f"ALTER ROLE {name} SET default_transaction_read_only = on;")
        self.assertEqual(len(self.operations(instance, dsn=dsn)), 1)


if __name__ == "__main__":
    unittest.main()
