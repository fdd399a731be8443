"""Imports that somebody may not do, that others cross, that break or are killed: all is done, or
nothing is, and the record says which."""

import contextlib
import random
import signal
import subprocess
import threading
import unittest

import lib
import process
from process import Running
from proxy import Proxy

from imports import OWNER, Imports


class Trouble(Imports):
    """One server will do: it isn't asked for anything that differs."""

    @contextlib.contextmanager
    def target(self):
        """A package, an instance and an empty infospace in it."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            yield lib.export(instance), instance, self.empty(instance)

    def test_who_may_not_is_refused_on_record(self):
        with self.target() as (package, instance, space):
            main = instance.id("infospace", "main")
            roles = {r["role"].lower(): r["email"] for r in instance.db.query(
                "SELECT c.role, u.email FROM infospacecollaborator c JOIN public.user u ON "
                f"u.id = c.user_id WHERE c.infospace_id = {main} AND u.is_active ORDER BY u.id")}
            before = self.outside(instance)
            for role in ("viewer", "curator"):
                said = self.load_it(instance, package, "--into", main, as_=roles[role], code=7)
                self.assertIn("may not import", said["error"]["text"])
                self.load_it(instance, package, "--into", main, "--dry-run", as_=roles[role],
                             code=7)
            # one that they may not read isn't there
            self.load_it(instance, package, "--into", space, as_=roles["viewer"], code=1)
            self.assertEqual(self.outside(instance), before)
            # whoever isn't allowed to look is on record too
            self.assertEqual([r["status"] for r in self.records(instance)], ["failed"] * 4)
            self.assertEqual(
                [tuple(r.values()) for r in instance.db.query(
                    "SELECT acting_user, outcome FROM spaceport.audit WHERE what = 'import' "
                    "ORDER BY id")],
                [(roles[r], o) for r in ("viewer", "curator") for o in ("begun", "failed") * 2])
            # who may sees what it would do
            self.load_it(instance, package, "--into", main, "--dry-run", as_=roles["analyst"],
                         code=4)
            said = self.load_it(instance, package, "--into", space, "--owner-id",
                                roles["viewer"], code=7)
            self.assertIn("may not see", said["error"]["text"])

    def test_a_login_that_was_granted_it_can_import(self):
        with self.target() as (package, instance, space):
            db = instance.db
            db.run("DROP ROLE IF EXISTS importer; CREATE ROLE importer LOGIN; GRANT SELECT, "
                   "INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO importer; GRANT USAGE ON ALL "
                   "SEQUENCES IN SCHEMA public TO importer; GRANT USAGE ON SCHEMA public TO "
                   "importer;")
            try:
                dsn = db.dsn + " user=importer"
                common = self.arguments(instance, package, "--json", "--into", space, "--store",
                                        f"dir:{instance.store}", "--db", dsn)
                common.remove("--db"), common.remove(db.dsn)
                done = lib.run(*common, "--dry-run")
                self.assertEqual(done.returncode, 0, done.stderr)
                done = lib.run(*common)
                self.assertEqual(done.returncode, 7, done.stderr)
                self.assertIn(b"setup --print", done.stderr)
                done = lib.run("setup", "--db", db.dsn, "--grant", "importer")
                self.assertEqual(done.returncode, 0, done.stderr)
                done = lib.run(*common)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual([r["status"] for r in self.records(instance)], ["done"])
            finally:
                db.run("DROP OWNED BY importer; DROP ROLE importer;")

    def test_what_a_killed_superuser_left_stands_in_nobodys_way(self):
        left = "spaceport.s_0123456789abcdef0123456789abcdef_raw"
        with self.target() as (package, instance, space):
            db = instance.db
            db.run("DROP ROLE IF EXISTS keeper; CREATE ROLE keeper LOGIN; GRANT CREATE ON DATABASE "
                   f"{db.dbname} TO keeper; DO $$DECLARE t text; BEGIN FOR t IN SELECT "
                   "c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace "
                   "AND c.relkind IN ('r', 'p') LOOP EXECUTE format('ALTER TABLE %s OWNER TO "
                   "keeper', t); END LOOP; END$$; ALTER SCHEMA public OWNER TO keeper;")
            try:
                dsn = db.dsn + " user=keeper"
                done = lib.run("setup", "--db", dsn)
                self.assertEqual(done.returncode, 0, done.stderr)
                db.run(f"CREATE UNLOGGED TABLE {left} (x text);")
                there = f"SELECT to_regclass('{left}') IS NOT NULL"
                for who, is_left in ((dsn, "t"), (db.dsn, "f")):
                    common = self.arguments(instance, package, "--json", "--into", space,
                                            "--store", f"dir:{instance.store}", "--db", who)
                    common.remove("--db"), common.remove(db.dsn)
                    done = lib.run(*common)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(db.value(there), is_left)
                self.assertEqual([r["status"] for r in self.records(instance)], ["done"] * 2)
                # anything else that another one made is no staging
                db.run("CREATE TABLE spaceport.other (x text);")
                self.assertEqual(lib.run(*common).returncode, 7)
            finally:
                db.run("REASSIGN OWNED BY keeper TO CURRENT_USER; DROP OWNED BY keeper;"
                       "DROP ROLE keeper;")

    def test_one_import_at_a_time(self):
        with self.target() as (package, instance, space):
            options = ("--into", space, "--store", f"dir:{instance.store}")
            self.load_it(instance, package, "--new", "Another")
            with Running(*self.arguments(instance, package, *options), terminal=True) as first:
                first.wait_for(b"[y/N]")
                said = self.load_it(instance, package, "--into", space, code=9)
                self.assertIn("is running", said["error"]["text"])
                self.load_it(instance, package, "--into", space, "--dry-run")
                self.load_it(instance, package, "--new", "A third")
                first.type(b"y\r")
                self.assertEqual(first.end(), 0, first.err)
            self.load_it(instance, package, "--into", space)

    def test_one_plan_is_applied_once_by_however_many(self):
        with self.target() as (package, instance, _):
            self.load_it(instance, package, "--new", "Another")
            plan, db = self.plan(instance, package, "--new", "Planned"), instance.db
            db.run("CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM "
                   "pg_sleep(60); RETURN NEW; END'; CREATE TRIGGER slowly BEFORE INSERT ON "
                   "annotationrun FOR EACH ROW EXECUTE FUNCTION slowly();")
            before = self.files(instance)
            with Running("apply", str(plan), str(package.path), "--db", db.dsn, "--as", OWNER,
                         "--store", f"dir:{instance.store}", "--progress", "none") as first:
                process.wait_until(lambda: int(db.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")))
                put = self.files(instance)
                self.assertGreater(len(put), len(before))
                said = self.apply(instance, plan, package.path, code=9)
                self.assertIn("is being applied", said["error"]["text"])
                self.assertEqual(self.files(instance), put)
                first.send(signal.SIGINT)
                self.assertEqual(first.end(), 130, first.err)
            self.assertEqual(self.files(instance), before)
            db.run("DROP TRIGGER slowly ON annotationrun;")
            self.apply(instance, plan, package.path)
            self.assertEqual(self.files(instance), put)
            said = self.apply(instance, plan, package.path, code=9)
            self.assertIn("was applied already", said["error"]["text"])

    def test_what_was_shown_is_what_is_done(self):
        """Else nothing is, and the row that is otherwise now is named."""
        with self.target() as (package, instance, space):
            self.load_it(instance, package, "--into", space)
            run = instance.db.value(f"SELECT id FROM annotationrun WHERE infospace_id = {space}")
            options = ("--into", space, "--store", f"dir:{instance.store}")
            with Running(*self.arguments(instance, package, *options), terminal=True) as asked:
                asked.wait_for(b"[y/N]")
                instance.db.run(f"UPDATE annotationrun SET name = 'Other' WHERE id = {run};")
                before = self.outside(instance)
                asked.type(b"y\r")
                self.assertEqual(asked.end(), 9, asked.err)
                self.assertIn(b'was to be "same" and would be "keep here" now', asked.err)
            self.assertEqual(self.outside(instance), before)
            # other work in the infospace doesn't matter
            with Running(*self.arguments(instance, package, *options), terminal=True) as asked:
                asked.wait_for(b"[y/N]")
                instance.db.run("INSERT INTO annotationrun SELECT (json_populate_record(r, json_"
                                "build_object('id', nextval('annotationrun_id_seq'), 'uuid', "
                                "gen_random_uuid(), 'name', 'New here'))).* FROM annotationrun r "
                                f"WHERE infospace_id = {space} ORDER BY id LIMIT 1;")
                asked.type(b"y\r")
                self.assertEqual(asked.end(), 0, asked.err)
            with Running(*self.arguments(instance, package, *options), terminal=True) as asked:
                asked.wait_for(b"[y/N]")
                asked.type(b"n\r")
                self.assertEqual(asked.end(), 0, asked.err)
            self.assertEqual([r["status"] for r in self.records(instance)],
                             ["done", "failed", "done", "interrupted"])

    def test_rows_that_the_database_cant_take_are_all_named_at_once(self):
        with self.target() as (package, instance, space):
            instance.db.run("ALTER TABLE source ALTER COLUMN name TYPE integer USING 0;"
                            "ALTER TABLE flow ALTER COLUMN name TYPE integer USING 0;")
            before = self.outside(instance)
            said = self.load_it(instance, package, "--into", space, "--dry-run", code=5)
            rows = said["plan"]["bad_rows"]
            self.assertEqual({(r["entry"], r["column"]) for r in rows},
                             {("dependencies/sources.jsonl", "name"),
                              ("dependencies/flows.jsonl", "name")})
            self.assertEqual(len(rows), len(package.rows("source")) + len(package.rows("flow")))
            self.assertEqual(self.outside(instance), before)

    def test_others_may_cross_it(self):
        """Rows that HQ changes while they are written are looked at again."""
        with self.target() as (package, instance, space):
            self.load_it(instance, package, "--into", space)
            db = instance.db
            run = db.value(f"SELECT id FROM annotationrun WHERE infospace_id = {space}")
            db.run(f"UPDATE annotationrun SET description = 'theirs' WHERE id = "
                   f"{instance.id('annotationrun', 'main')};")
            package = lib.export(instance)
            other = subprocess.Popen(
                ["psql", "-X", "-q", "-h", db.host, "-d", db.dbname, "-U", "postgres"],
                stdin=subprocess.PIPE, env=lib.environment())
            other.stdin.write(b"BEGIN; UPDATE annotationrun SET progress_current = 7 WHERE id = "
                              + str(run).encode() + b";\n")
            other.stdin.flush()
            process.wait_until(lambda: int(db.value(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")))
            options = ("--into", space, "--store", f"dir:{instance.store}", "--json")
            with Running(*self.arguments(instance, package, *options)) as running:
                process.wait_until(lambda: int(db.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'spaceport' "
                    "AND wait_event_type = 'Lock'")))
                other.communicate(b"COMMIT;\n")
                self.assertEqual(running.end(), 0, running.err)
            self.assertEqual([tuple(r.values()) for r in db.query(
                f"SELECT description, progress_current FROM annotationrun WHERE id = {run}")],
                [("theirs", "7")])

    def test_a_server_that_works_isnt_taken_for_silent(self):
        with self.target() as (package, instance, space):
            instance.db.run(
                "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END'; CREATE TRIGGER slowly BEFORE "
                "INSERT ON annotation FOR EACH ROW EXECUTE FUNCTION slowly();")
            self.load_it(instance, package, "--into", space, "--timeout", "1")

    def test_killed_at_any_moment_it_is_done_or_it_isnt(self):
        """… and the next import takes away what was left of it: tables and files."""
        many = 50 if lib.FULL else 8
        chance = random.Random(20261122)
        with self.target() as (package, instance, space):
            db, done = instance.db, 0
            before = self.outside(instance)[0], self.files(instance)
            options = ("--into", space, "--store", f"dir:{instance.store}")
            with Running(*self.arguments(instance, package, "--new", "Timed", *options[2:])) as one:
                self.assertEqual(one.end(), 0, one.err)
                whole = one.chunks["err"][-1][0]
            before = self.outside(instance)[0], self.files(instance)
            for _ in range(many):
                moment = chance.uniform(0, whole)
                with Running(*self.arguments(instance, package, *options)) as running:
                    timer = threading.Timer(moment, running.send, (signal.SIGKILL,))
                    timer.start()
                    running.end()
                    timer.cancel()
                process.wait_until(lambda: not process.sessions(db))
                records = self.records(instance)
                is_there = int(db.value(
                    f"SELECT count(*) FROM annotation WHERE infospace_id = {space}"))
                said = records[-1]["status"] if records and records[-1]["space"] == str(space) \
                    else "none"
                self.assertEqual(is_there, len(package.rows("annotation")) if said == "done"
                                 else 0, (moment, said))
                if said == "done":
                    done += 1
                    space = self.empty(instance, f"Next {moment}")
                    options = ("--into", space, *options[2:])
                    before = self.outside(instance)[0], self.files(instance)
                else:
                    self.assertEqual(self.outside(instance)[0], before[0])
            print(f"killed {many} times, {done} of them were done")
            wanted = len(before[1]) + self.load_it(instance, package, "--into", space)[
                "plan"]["files"]["count"]
            self.assertEqual(self.stagings(instance), [])
            self.assertEqual(len(self.files(instance)), wanted)

    def test_whoever_stops_it_leaves_nothing_behind(self):
        with self.target() as (package, instance, space):
            self.load_it(instance, package, "--new", "Another")
            before = self.outside(instance)
            instance.db.run(
                "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END'; CREATE TRIGGER slowly BEFORE "
                "INSERT ON annotation FOR EACH ROW EXECUTE FUNCTION slowly();")
            options = ("--into", space, "--store", f"dir:{instance.store}")
            with Running(*self.arguments(instance, package, *options)) as running:
                process.wait_until(lambda: int(instance.db.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")))
                running.send(signal.SIGINT)
                self.assertEqual(running.end(), 130, running.err)
            self.assertEqual(self.outside(instance)[0], before[0])
            self.assertEqual(self.files(instance), before[2])
            self.assertEqual(self.records(instance)[-1]["status"], "interrupted")
            process.wait_until(lambda: not self.stagings(instance))

    def test_a_connection_that_breaks_while_it_commits(self):
        """The record says what became of it, and the program believes that."""
        for server_goes_on in (True, False):
            with self.subTest(server_goes_on=server_goes_on), self.target() as (
                    package, instance, space), Proxy(instance.db.host) as proxy:
                db = instance.db
                self.load_it(instance, package, "--new", "Another")
                db.run("CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF "
                       f"NEW.infospace_id = {space} THEN PERFORM pg_sleep("
                       f"{1.2 if server_goes_on else 30}); END IF; RETURN "
                       "NULL; END'; CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON "
                       "annotationrun DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE "
                       "FUNCTION slowly();")
                argv = self.arguments(instance, package, "--into", space, "--store",
                                      f"dir:{instance.store}", "--json", "--timeout", "20")
                argv[argv.index(db.dsn)] = proxy.dsn(db)
                files = self.files(instance)
                with Running(*argv) as running:
                    process.wait_until(lambda: int(db.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
                        "AND query = 'COMMIT'")))
                    proxy.cut()
                    if not server_goes_on:
                        db.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                               "wait_event = 'PgSleep';")
                    code = running.end()
                process.wait_until(lambda: not process.sessions(db))
                # a server that looks whether its client is there may find out in time
                found = (code, self.records(instance)[-1]["status"], int(db.value(
                    f"SELECT count(*) FROM annotationrun WHERE infospace_id = {space}")))
                # where even the record can't be had, it says so, and the next import tidies up
                if found[0] == 8 and b"what became of it" in running.err:
                    continue
                self.assertIn(found, [(8, "failed", 0)] + [(0, "done", 1)] * server_goes_on,
                              running.err)
                self.assertEqual(self.files(instance) == files, found[0] == 8)

    def test_files_need_the_store(self):
        with self.target() as (package, instance, space):
            said = self.load_it(instance, package, "--into", space, store=False, code=2)
            self.assertIn("--store", said["error"]["hint"])
            dry = lib.run(*self.arguments(instance, package, "--into", space, "--dry-run"))
            self.assertEqual(dry.returncode, 0, dry.stderr)
            self.assertIn(b"the import needs to know where that is (--store)", dry.stderr)
            known = lib.run(*self.arguments(instance, package, "--into", space, "--dry-run",
                                            "--store", f"dir:{instance.store}"))
            self.assertIn(b"files for the store: ", known.stderr)
            self.assertNotIn(b"needs to know", known.stderr)

    def test_a_package_meant_for_another_instance_needs_force(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space = self.empty(instance)
            package = lib.export(instance, "--target-instance-id", "production")
            said = self.load_it(instance, package, "--into", space, code=6)
            self.assertIn("meant for", said["error"]["text"])
            self.load_it(instance, package, "--into", space, "--force")

    def test_what_isnt_said_or_is_said_twice(self):
        with self.target() as (package, instance, space):
            for options in ((), ("--into", space, "--new", "X"), ("--create-new-infospace",),
                            ("--target-infospace-name", "X"), ("--new", "")):
                done = lib.run(*self.arguments(instance, package, *options))
                self.assertEqual(done.returncode, 2, options)
            broken = lib.new_path(".zip")
            broken.write_bytes(package.path.read_bytes()[:-1])
            self.load_it(instance, broken, "--into", space, code=5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
