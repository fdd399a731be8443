"""An import does what its dry run says, all of it or nothing, for those who may, and is on record
for as long as the database is."""

import contextlib
import json
import random
import signal
import subprocess
import threading
import unittest

import lib
import process
from lib import ident, literal
from process import Running
from proxy import Proxy

from test_merge import Importing

OWNER = "owner@example.org"
PLAN_CLASSES = ("new", "same", "update", "keep", "conflict", "out")


class Imports(Importing):

    def arguments(self, instance, package, *options, as_=OWNER):
        return [str(a) for a in (
            "import", getattr(package, "path", package), "--db", instance.db.dsn, "--as", as_,
            "--progress", "none", *options)]

    def load_it(self, instance, package, *options, code=0, store=True, **more):
        """What the program says, as JSON."""
        options += ("--store", f"dir:{instance.store}") if store else ()
        done = lib.run(*self.arguments(instance, package, "--json", *options, **more))
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def empty(self, instance, name="Imported"):
        """An infospace as HQ makes one; its id."""
        space = self.space(instance, name)
        self.canon(instance, space)
        return space

    def outside(self, instance):
        """Whatever the database has outside of our schema, sequences too, and the store."""
        db = instance.db
        sequences = [tuple(r.values()) for r in db.query(
            "SELECT schemaname, sequencename, coalesce(last_value, 0) AS v FROM pg_sequences "
            "WHERE schemaname <> 'spaceport' ORDER BY 1, 2")]
        return (self.contents(instance), sequences, self.files(instance), db.value(
            "SELECT count(*) FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE "
            "c.relnamespace = 'public'::regnamespace"))

    def files(self, instance):
        return sorted(str(p.relative_to(instance.store)) for p in instance.store.rglob("*")
                      if p.is_file())

    def records(self, instance):
        return [dict(r) for r in instance.db.query(
            "SELECT uuid::text AS uuid, status, target_infospace_id AS space, import_result::text "
            "AS result, error_message AS error FROM spaceport.import_operations ORDER BY id")]

    def stagings(self, instance):
        return instance.db.query("SELECT relname FROM pg_class WHERE relname ~ '^s_[0-9a-f]{32}'")

    def changed_on_both_sides(self, instance, space):
        """An import, after which there and here something else was coded; the new package."""
        self.load_it(instance, lib.export(instance), "--into", space)
        there, here = zip(*((int(r["there"]), int(r["here"])) for r in instance.db.query(
            self.pairs(instance, "annotation") + " ORDER BY 1")))
        instance.db.run(f"""UPDATE annotation SET value = '{{"by": "them"}}' WHERE id = {there[0]};
            UPDATE annotation SET value = '{{"by": "us"}}' WHERE id = {here[0]};
            UPDATE annotation SET value = '{{"by": "them"}}' WHERE id = {there[1]};""")
        return lib.export(instance), here


class Import(Imports):

    @lib.everywhere(turns=True)
    def test_a_dry_run_leaves_no_trace_and_the_import_does_what_it_said(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package = lib.export(instance, "--include-datasets")
            space = self.empty(instance)
            before = self.outside(instance)
            plan = self.load_it(instance, package, "--into", space, "--dry-run")["plan"]
            self.assertEqual(self.outside(instance), before)
            self.assertFalse(instance.db.value(
                "SELECT to_regnamespace('spaceport') IS NOT NULL") == "t")
            said = self.load_it(instance, package, "--into", space)
            for part in ("kinds", "totals", "groups", "lost", "otherwise", "references", "files"):
                self.assertEqual(said["plan"][part], plan[part], part)
            rows = {k["kind"]: k for k in plan["kinds"]}
            for entity, counts in rows.items():
                self.assertEqual(counts["rows"], len(package.rows(entity)), entity)
                if entity != "embedding_model":
                    self.assertEqual(counts["new"], counts["rows"], entity)
                table = lib.table_of(instance, entity)
                if instance.has(table, "infospace_id"):
                    # a canon was made with the infospace
                    self.assertEqual(int(instance.db.value(
                        f"SELECT count(*) FROM {ident(table)} WHERE infospace_id = {space}")),
                        counts["rows"] + (entity == "canon"), entity)
            different = {}
            for entity in rows:
                different.update(self.compare(instance, package, entity))
            self.assertEqual(different, {})
            result = said["result"]
            self.assertEqual(
                (result["success"], result["imported_runs"], result["imported_annotations"],
                 result["imported_assets"], result["created_rows"]),
                (True, 1, rows["annotation"]["rows"], rows["asset"]["rows"],
                 plan["totals"]["new"]))
            self.assertEqual(
                len(self.files(instance)) - len(before[2]), plan["files"]["count"])
            self.assertEqual([(r["uuid"], r["status"], int(r["space"]), json.loads(r["result"]))
                              for r in self.records(instance)],
                             [(said["operation"], "done", space, result)])
            self.assertEqual(self.stagings(instance), [])

    @lib.everywhere(turns=True)
    def test_again_nothing_changes_and_into_a_new_infospace_all_is_new(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package = lib.export(instance)
            space = self.empty(instance)
            self.load_it(instance, package, "--into", space)
            before = self.outside(instance)[0], self.files(instance)
            totals = self.load_it(instance, package, "--into", space)["plan"]["totals"]
            self.assertEqual(totals["same"], totals["rows"])
            self.assertEqual((self.outside(instance)[0], self.files(instance)), before)
            planned = self.load_it(instance, package, "--new", "Fresh", "--dry-run")["plan"]
            made = self.load_it(instance, package, "--create-new-infospace",
                                "--target-infospace-name", "Fresh")
            for part in ("kinds", "references", "otherwise"):
                self.assertEqual(made["plan"][part], planned[part], part)
            fresh = made["result"]["created_infospace_id"]
            row = instance.db.query(
                "SELECT i.name, u.email" + (", i.visibility" if instance.has(
                    "infospace", "visibility") else ", 'private' AS visibility")
                + (", (SELECT count(*) FROM canon c WHERE c.id = i.default_canon_id AND "
                   "c.infospace_id = i.id AND c.role = 'GENERAL') AS canon" if instance.has(
                       "infospace", "default_canon_id") else ", 1 AS canon")
                + f" FROM infospace i JOIN public.user u ON u.id = i.owner_id WHERE i.id = {fresh}")
            self.assertEqual([list(r.values()) for r in row], [["Fresh", OWNER, "private", "1"]])
            self.assertEqual(int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {fresh}")),
                len(package.rows("annotation")))
            # HQ's next row gets an id of its own
            instance.db.run("INSERT INTO infospace SELECT (json_populate_record(i, json_build_"
                            "object('id', nextval('infospace_id_seq'), 'uuid', gen_random_uuid())"
                            f")).* FROM infospace i WHERE id = {fresh};")

    @lib.everywhere(turns=True)
    def test_conflicts_stop_it_and_a_strategy_decides_them(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            package, here = self.changed_on_both_sides(instance, space)
            before = self.outside(instance)[0]
            said = self.load_it(instance, package, "--into", space, "--dry-run", code=4)
            group = [g for g in said["plan"]["groups"] if g["class"] == "conflict"]
            self.assertEqual([(g["kind"], g["why"], g["columns"], g["rows"]) for g in group],
                             [("annotation", "both", ["value"], 1)])
            said = self.load_it(instance, package, "--into", space, code=4)
            self.assertEqual((said["success"], said["error"]["code"]), (False, 4))
            self.assertEqual(self.outside(instance)[0], before)
            self.load_it(instance, package, "--into", space, "--conflict-strategy", "overwrite")
            self.assertEqual({r["v"] for r in instance.db.query(
                f"SELECT value::text AS v FROM annotation WHERE id IN ({here[0]}, {here[1]})")},
                {'{"by": "them"}'})
            self.assertEqual([r["status"] for r in self.records(instance)],
                             ["done", "failed", "done"])


@unittest.skipUnless(lib.KINDS, "no servers")
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
            self.assertEqual([r["status"] for r in self.records(instance)], ["failed", "failed"])
            self.assertEqual(
                [tuple(r.values()) for r in instance.db.query(
                    "SELECT acting_user, outcome FROM spaceport.audit WHERE what = 'import' "
                    "ORDER BY id")],
                [(roles[r], o) for r in ("viewer", "curator") for o in ("begun", "failed")])
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
                self.assertEqual(code, 0 if server_goes_on else 8, running.err)
                self.assertEqual(self.records(instance)[-1]["status"],
                                 "done" if server_goes_on else "failed")
                self.assertEqual(int(db.value(
                    f"SELECT count(*) FROM annotationrun WHERE infospace_id = {space}")),
                    int(server_goes_on))
                self.assertEqual(self.files(instance) == files, not server_goes_on)

    def test_files_need_the_store(self):
        with self.target() as (package, instance, space):
            said = self.load_it(instance, package, "--into", space, store=False, code=2)
            self.assertIn("--store", said["error"]["hint"])
            self.load_it(instance, package, "--into", space, "--dry-run", store=False)

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


class Deciding(Imports):
    """A plan is a file: one person makes it, one decides, one applies it."""

    def plan(self, instance, package, *options, code=0):
        path = lib.new_path(".plan")
        arguments = self.arguments(instance, package, "-o", path, "--json", *options)
        done = lib.run("plan", *arguments[1:])
        self.assertEqual(done.returncode, code, done.stderr)
        return path

    def decide(self, path, *arguments, code=0):
        done = lib.run("decide", path, *arguments, "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def apply(self, instance, path, *arguments, code=0, as_=OWNER):
        done = lib.run("apply", path, *arguments, "--db", instance.db.dsn, "--as", as_, "--store",
                       f"dir:{instance.store}", "--progress", "none", "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def values(self, instance, ids):
        found = {int(r["id"]): r["v"] for r in instance.db.query(
            "SELECT id, value::json ->> 'by' AS v FROM annotation WHERE id IN "
            f"({', '.join(map(str, ids))})")}
        return [found[i] for i in ids]

    @contextlib.contextmanager
    def conflicts(self, generation=lib.NEWEST):
        """An instance, an infospace, a package with four conflicts and one row that was changed
        there only, and their ids here."""
        with lib.own(lib.KINDS[0], generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            there, here = zip(*((int(r["there"]), int(r["here"])) for r in instance.db.query(
                self.pairs(instance, "annotation") + " ORDER BY 1 LIMIT 5")))
            for ids, who in ((there, "them"), (here[:4], "us")):
                instance.db.run(f"""UPDATE annotation SET value = '{{"by": "{who}"}}', region =
                    '{{"by": "{who}"}}' WHERE id IN ({', '.join(map(str, ids))});""")
            yield instance, space, lib.export(instance), here

    def test_a_group_a_row_and_one_column(self):
        with self.conflicts() as (instance, space, package, here):
            plan = self.plan(instance, package, "--into", space, code=4)
            said = self.decide(plan, code=4)
            self.assertEqual([(g["kind"], g["why"], g["rows"], g["open"], g["columns"])
                              for g in said["groups"]],
                             [("annotation", "both", 4, 4, ["value", "region"])])
            rows = [json.loads(line) for line in plan.read_text().splitlines()[1:]]
            origin = {r["target"]: r["origin"] for r in rows if r["kind"] == "annotation"}
            self.decide(plan, "--row", origin[here[0]], "overwrite", code=4)
            self.decide(plan, "--row", origin[here[1]], "--field", "region", "merge", code=4)
            self.decide(plan, "--row", origin[here[2]], "beside", code=4)
            self.apply(instance, plan, code=4)
            self.assertEqual(self.values(instance, here), ["us"] * 4 + [self.values(
                instance, here[4:])[0]])
            count = int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {space}"))
            self.decide(plan, "--kind", "run", "keep", code=2)
            self.assertEqual(self.decide(plan, "--row", origin[here[3]], "keep")["open"], 0)
            self.apply(instance, plan)
            self.assertEqual(self.values(instance, here), ["them", "us", "us", "us", "them"])
            self.assertEqual(instance.db.value(
                f"SELECT region::json ->> 'by' FROM annotation WHERE id = {here[1]}"), "them")
            self.assertEqual(int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {space}")), count + 1)

    def test_a_decision_holds_in_another_plan_while_both_sides_are_what_they_were(self):
        with self.conflicts() as (instance, space, package, here):
            plan = self.plan(instance, package, "--into", space, code=4)
            self.decide(plan, "overwrite")
            self.decide(plan, "--group", "1", "open", code=4)
            self.decide(plan, "--group", "1", "keep")
            instance.db.run(f"""UPDATE annotation SET value = '{{"by": "another"}}' WHERE id =
                            {here[2]};""")
            self.apply(instance, plan, code=9)
            later = self.plan(instance, package, "--into", space, "--decisions", plan, code=4)
            self.assertEqual([(g["rows"], g["open"]) for g in self.decide(later, code=4)["groups"]],
                             [(4, 1)])
            self.decide(later, "overwrite")
            self.apply(instance, later)
            self.assertEqual(self.values(instance, here), ["them"] * 5)

    def test_what_was_changed_later_counts(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            main = instance.id("annotationrun", "main")
            run = int(instance.db.value(
                f"SELECT id FROM annotationrun WHERE infospace_id = {space}"))
            for theirs, expected in (("2030-01-01", "them"), ("2001-01-01", "us")):
                instance.db.run(f"""
                    UPDATE annotationrun SET name = 'them {theirs}', updated_at = '{theirs}'
                     WHERE id = {main};
                    UPDATE annotationrun SET name = 'us {theirs}', updated_at = '2020-01-01'
                     WHERE id = {run};""")
                plan = self.plan(instance, lib.export(instance), "--into", space, code=4)
                self.decide(plan, "later")
                self.apply(instance, plan)
                self.assertEqual(instance.db.value(
                    f"SELECT name FROM annotationrun WHERE id = {run}"), f"{expected} {theirs}")

    def test_another_person_applies_it_and_the_owner_is_the_plans(self):
        with self.conflicts() as (instance, space, package, here):
            main = instance.id("infospace", "main")
            people = {r["role"].lower(): r["email"] for r in instance.db.query(
                "SELECT c.role, u.email FROM infospacecollaborator c JOIN public.user u ON "
                f"u.id = c.user_id WHERE c.infospace_id = {main} AND u.is_active")}
            plan = self.plan(instance, package, "--into", main, "--conflict-strategy", "skip")
            self.apply(instance, plan, as_=people["viewer"], code=7)
            plan = self.plan(instance, package, "--new", "Planned")
            said = self.apply(instance, plan, as_=people["analyst"])
            self.assertEqual(instance.db.value(
                "SELECT u.email FROM infospace i JOIN public.user u ON u.id = i.owner_id WHERE "
                f"i.id = {said['result']['created_infospace_id']}"), OWNER)
            again = self.apply(instance, plan, code=9)
            self.assertIn(said["operation"], again["error"]["text"])
            # another package, or another instance, isn't what was planned
            other = lib.export(instance, "--no-authors")
            self.apply(instance, self.plan(instance, package, "--into", space, code=4), other.path,
                       code=9)
            with lib.own(lib.KINDS[0], lib.NEWEST) as second:
                self.apply(second, plan, code=9)

    def test_a_file_that_is_no_plan(self):
        with self.conflicts() as (instance, space, package, here):
            plan = self.plan(instance, package, "--into", space, code=4)
            lines = plan.read_text().splitlines(keepends=True)
            for text, code in (("", 2), ("{}\n", 2), ("[1]\n", 2), ("x" * 2000000 + "\n", 2),
                               (lines[0] + "{\n", 2), (lines[0] + lines[1][:-1], 2),
                               (lines[0] + '{"kind":"run","origin":"x","class":"conflict",'
                                '"decision":"none"}\n', 2),
                               *((lines[0] + '{"kind":"run","origin":"x","class":"conflict",' + more + '}\n', 2)
                                 for more in ('"there":1', '"here":"1x"', '"columns":"x"',
                                              '"fields":{}', '"target":"1"', '"decision":1')),
                               (lines[0].replace('"spaceport_plan":1', '"spaceport_plan":2'), 6),
                               (lines[0].replace('"seed":"', '"seed":"x'), 2)):
                broken = lib.new_path(".plan")
                broken.write_text(text)
                self.apply(instance, broken, code=code)
            # a plan that is there isn't written over
            before = plan.read_bytes()
            arguments = self.arguments(instance, package, "-o", plan, "--into", space)
            self.assertEqual(lib.run("plan", *arguments[1:]).returncode, 2)
            self.assertEqual(plan.read_bytes(), before)
            self.assertEqual(lib.run("plan", *arguments[1:], "--force").returncode, 4)
            done = lib.run("decide", lib.new_path(".plan"))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.decide(plan, "--group", "7", "keep", code=2)
            done = lib.run("decide", plan, "perhaps")
            self.assertEqual(done.returncode, 2)
            done = lib.run("decide", plan, "merge")
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
