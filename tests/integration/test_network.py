"""Connecting: what libpq understands, without secrets on the command line;
roles and their limits; locks; a network that doesn't answer."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import lib
import process
import servers
from pg import PgError, psql
from process import Running
from proxy import Proxy, refuse

SECRET = "hunter2-geheim"


def listing(dsn, *options, env=None, timeout=lib.TIMEOUT):
    db = ("--db", dsn) if dsn is not None else ()
    return lib.run("list", "runs", *db, "--as", "owner@example.org", *options, env=env,
                   timeout=timeout)


class Forms(lib.Case):
    """Connection strings, variables, files."""

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        cls.db = cls.instance.db
        cls.wanted = listing(cls.db.dsn).stdout
        assert cls.wanted.count(b"\n") > 5

    def works(self, dsn, **env):
        done = listing(dsn, env=lib.environment(**env))
        self.assertEqual((done.returncode, done.stdout), (0, self.wanted), done.stderr)

    def test_strings(self):
        host, name = self.db.host, self.db.dbname
        quoted = host.replace("/", "%2F")
        for dsn in (f"host={host} dbname={name} user=postgres",
                    f"host = '{host}' dbname='{name}' user = postgres",
                    f"postgresql://postgres@{quoted}/{name}",
                    f"postgres:///{name}?host={host}&user=postgres",
                    f"postgresql://postgres@{quoted}:5432/{name}?connect_timeout=5&sslmode=disable",
                    f"host={host},{host} dbname={name} user=postgres",
                    f"host=/nowhere,{host} dbname={name} user=postgres "
                    f"target_session_attrs=read-write"):
            with self.subTest(dsn=dsn):
                self.works(dsn)

    def test_name_alone(self):
        self.works(self.db.dbname, PGHOST=self.db.host, PGUSER="postgres")

    def test_variables(self):
        plain = {"PGHOST": self.db.host, "PGDATABASE": self.db.dbname, "PGUSER": "postgres"}
        self.works(None, **plain)
        self.works("user=postgres", **{**plain, "PGUSER": "nobody_here"})
        self.works(None, **plain, PGPORT="5432", PGAPPNAME="other", PGSSLMODE="prefer",
                   PGCONNECT_TIMEOUT="5", PGCLIENTENCODING="SQL_ASCII")

    def test_service_file(self):
        file = lib.new_path(".conf")
        file.write_text(f"[hq]\nhost={self.db.host}\ndbname={self.db.dbname}\nuser=postgres\n",
                        encoding="ascii")
        self.works("service=hq", PGSERVICEFILE=str(file))
        self.works("postgresql://?service=hq", PGSERVICEFILE=str(file))
        self.works(None, PGSERVICEFILE=str(file), PGSERVICE="hq")
        done = listing("service=missing", env=lib.environment(PGSERVICEFILE=str(file)))
        self.assertIn(done.returncode, (2, 8))
        self.assertIn(b"missing", done.stderr)

    def test_wrong(self):
        for dsn, code in ((f"host={self.db.host} dbname=missing user=postgres", 8),
                          (f"host={self.db.host} dbname={self.db.dbname} user=missing", 8),
                          ("host=/no/such/folder", 8), ("host=127.0.0.1 port=1", 8),
                          ("host=no-such-host.invalid", 8), ("nonsense=1", 2), ("host='x", 2),
                          ("postgresql://[::1", 2), ("postgresql://x?nonsense=1", 2),
                          ("host=x port=99999999", 8), ("host=x sslmode=nonsense", 8)):
            with self.subTest(dsn=dsn):
                done = listing(dsn)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertRegex(done.stderr, rb"spaceport: \S+")

    def test_no_database(self):
        """Nothing said, and nothing there."""
        done = listing(None, env=lib.environment(PGHOST="/no/such/folder"))
        self.assertEqual(done.returncode, 8, done.stderr)

    def test_not_hq(self):
        done = listing(self.db.other("template1").dsn)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn(b"open-politics-hq", done.stderr)


class Secrets(lib.Case):

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        cls.db = cls.instance.db

    def hidden(self, done):
        for stream in (done.stdout, done.stderr):
            self.assertNotIn(SECRET.encode(), stream)
            self.assertNotIn(SECRET[:7].encode(), stream)

    def test_password_in_the_string(self):
        encoded = "%68unter2-geheim"
        host = f"host={self.db.host} dbname={self.db.dbname} user=postgres"
        for dsn in (f"{host} password={SECRET}", f"{host} password = '{SECRET}'",
                    f"password={SECRET}", f"{host} sslpassword={SECRET}",
                    f"postgresql://postgres:{SECRET}@localhost/x",
                    f"postgresql://postgres:{encoded}@localhost/x",
                    f"postgres://localhost/x?password={SECRET}",
                    f"postgres://localhost/x?user=a&sslpassword={SECRET}"):
            for json_ in ((), ("--json",)):
                with self.subTest(dsn=dsn, json=json_):
                    done = listing(dsn, *json_)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.hidden(done)
                    self.assertIn(b".pgpass", done.stderr)

    def test_password_in_a_broken_string(self):
        for dsn in (f"host=x password='{SECRET}", f"host=x password={SECRET} nonsense=1",
                    f"host=x pasword={SECRET}", f"postgresql://u:{SECRET}@[::1/x",
                    f"postgresql://u:{SECRET}@h/x?nonsense=1", f"postgresql://u:{SECRET}%zz@h/x",
                    f"{SECRET}=x", f"postgresql://u:{SECRET}@h:nonsense/x", f"host=x {SECRET}",
                    f"dbname='postgresql://u:{SECRET}@h/x' host=/nowhere",
                    f"dbname='password={SECRET}' host=/nowhere"):
            for command in (["list", "runs"], ["export", "run", "1"], ["nonsense"], ["doctor"],
                            ["instances", "add", "x"],
                            ["list", "runs", "--nonsense"]):
                with self.subTest(dsn=dsn, command=command):
                    done = lib.run(*command, "--db", dsn, "--as", "1")
                    self.assertIn(done.returncode, (2, 8), done.stderr)
                    self.hidden(done)
                    done = lib.run(*command, f"--db={dsn}", "--as", "1", "--json")
                    self.hidden(done)

    def test_password_as_another_argument(self):
        """Where --db was forgotten, the argument isn't repeated."""
        done = lib.run("list", "runs", f"postgresql://u:{SECRET}@h/x", "--as", "1")
        self.assertEqual(done.returncode, 2)
        self.hidden(done)

    def scram(self):
        """A server that asks for passwords; the role `reader` has one."""
        hba = lib.new_path(".hba")
        lib.scratch().chmod(0o755)
        hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n", encoding="ascii")
        hba.chmod(0o644)
        server = servers.Server(lib.KINDS[0], settings={"hba_file": str(hba)})
        self.addCleanup(server.stop)
        db = server.database("hq")
        lib.sample.load(db, lib.NEWEST, "dev", lib.new_path("-store"))
        db.run(f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}';"
               "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;")
        return server.database("hq", "reader")

    def test_passwords_where_they_belong(self):
        db = self.scram()
        file = lib.new_path(".pgpass")
        file.write_text(f"*:*:*:reader:{SECRET}\n", encoding="ascii")
        file.chmod(0o600)
        service = lib.new_path(".conf")
        service.write_text(f"[hq]\npassword={SECRET}\n", encoding="ascii")
        home = process.folder()
        (home / ".pgpass").write_bytes(file.read_bytes())
        (home / ".pgpass").chmod(0o600)
        for env in ({"PGPASSWORD": SECRET}, {"PGPASSFILE": str(file)},
                    {"PGSERVICEFILE": str(service), "PGSERVICE": "hq"}, {"HOME": str(home)}):
            with self.subTest(env=list(env)):
                done = listing(db.dsn, env=lib.environment(**env))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.hidden(done)
        done = listing(f"{db.dsn} passfile={file}")
        self.assertEqual(done.returncode, 0, done.stderr)
        for env in ({}, {"PGPASSWORD": SECRET + "x"}):
            with self.subTest(env=list(env)):
                done = listing(db.dsn, env=lib.environment(**env))
                self.assertEqual(done.returncode, 8, done.stderr)
                self.assertIn(b"password", done.stderr)
                self.hidden(done)
        self.not_told(db)

    def not_told(self, db):
        """Neither in the package, nor in progress and result."""
        path = lib.new_path(".zip")
        done = lib.run("export", "run", self.instance.id("annotationrun", "main"), "-o", path,
                       "--db", db.dsn, "--as", "owner@example.org", "--no-include-source-assets",
                       "--yes", "--json", "--progress", "json",
                       env=lib.environment(PGPASSWORD=SECRET))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(lib.Package(path, done).find(SECRET), [])
        self.hidden(done)

    def test_what_others_see_of_the_process(self):
        """Its arguments; no children; nothing in a core file."""
        with Proxy(self.db.host, after=1000) as proxy:
            folder = process.folder()
            with Running(*process.arguments(self.instance, folder / "x.zip",
                                            dsn=proxy.dsn(self.db)), cwd=folder,
                         env=lib.environment(PGPASSWORD=SECRET),
                         before=["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh"]) as running:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                place = Path("/proc") / str(running.child.pid)
                self.assertNotIn(SECRET.encode(), (place / "cmdline").read_bytes())
                children = [t.read_text() for t in place.glob("task/*/children")]
                self.assertEqual("".join(children), "")
                if not process.memory_checked():
                    self.assertEqual((place / "environ").stat().st_uid, 0)
                running.send(signal.SIGABRT)
                self.assertEqual(running.end(), -signal.SIGABRT)
            self.assertFalse(os.WCOREDUMP(self.status_of_a_crash(proxy)))
        self.assertEqual([p.name for p in folder.iterdir() if "core" in p.name], [])

    def status_of_a_crash(self, proxy):
        """As the kernel tells it: with the bit for a core file."""
        child = subprocess.Popen(["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh",
                                  lib.program(), "list", "runs", "--db", proxy.dsn(self.db),
                                  "--as", "1"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, env=lib.environment(),
                                 cwd=process.folder())
        child.stderr.read(1)
        os.kill(child.pid, signal.SIGABRT)
        _, status = os.waitpid(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stderr.close()
        return status


class Roles(lib.Case):
    """Logins and what they may."""

    def role(self, instance, *grants, options="LOGIN", settings=()):
        """A DSN of a new role; it goes with its database's test."""
        name = f"role_{instance.db.dbname}_{len(settings)}"
        db = instance.db
        db.run(f"CREATE ROLE {name} {options};"
               + "".join(f"GRANT {g} TO {name};" for g in grants)
               + "".join(f"ALTER ROLE {name} SET {s};" for s in settings))
        self.addCleanup(db.other("postgres").run, f"DROP ROLE {name};")
        self.addCleanup(db.run, f"DROP OWNED BY {name};")
        return instance.server.database(db.dbname, name)

    def own(self, kind=lib.KINDS[0]):
        instance = lib.Instance(kind, lib.NEWEST)
        self.addCleanup(instance.drop)
        return instance

    READER = ("USAGE ON SCHEMA public", "SELECT ON ALL TABLES IN SCHEMA public")

    @lib.everywhere(generations=[lib.NEWEST])
    def test_select_only(self, kind, generation):
        instance = self.own(kind)
        plain = lib.export(instance)
        package = lib.export(instance, "--db", self.role(instance, *self.READER).dsn)
        for name in plain.names:
            if name not in ("manifest.json", "checksums.sha256"):
                self.assertEqual(package.data(name), plain.data(name))
        left = instance.db.query("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                 "c.relnamespace WHERE n.nspname = 'spaceport' OR relname ~ '^sp_'")
        self.assertEqual(left, [])

    def test_without_select(self):
        instance = self.own()
        done = lib.export(instance, "--db", self.role(instance).dsn, code=7)
        self.assertIn(b"GRANT", done.stderr.upper())

    def test_without_select_on_one_table(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER).dsn
        instance.db.run(f"REVOKE SELECT ON annotation FROM role_{instance.db.dbname}_0;")
        done = lib.export(instance, "--db", dsn, code=7)
        self.assertIn(b"annotation", done.stderr)

    def test_without_temporary_tables(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER).dsn
        instance.db.run(f"REVOKE TEMPORARY ON DATABASE {instance.db.dbname} FROM public;")
        done = lib.export(instance, "--db", dsn, code=7)
        self.assertIn(b"TEMPORARY", done.stderr)
        self.assertEqual(listing(dsn).returncode, 0)

    def test_row_level_security(self):
        """Part of the rows would look like all of them."""
        instance = self.own()
        dsn = self.role(instance, *self.READER).dsn
        instance.db.run("ALTER TABLE annotation ENABLE ROW LEVEL SECURITY;"
                        "CREATE POLICY half ON annotation USING (id % 2 = 0);")
        done = lib.export(instance, "--db", dsn, code=7)
        self.assertIn(b"row-level security", done.stderr)

    def test_settings_that_hinder(self):
        instance = self.own()
        plain = lib.export(instance)
        for setting in ("default_transaction_read_only = on", "statement_timeout = '50ms'",
                        "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '5ms'",
                        "default_transaction_deferrable = on", "temp_buffers = '800kB'",
                        "default_transaction_isolation = 'read uncommitted'",
                        "search_path = 'nowhere'", "client_min_messages = 'debug5'",
                        "row_security = on", "log_statement = 'none'"):
            with self.subTest(setting=setting):
                name = f"set_{instance.db.dbname}"
                instance.db.run(f"CREATE ROLE {name} LOGIN SUPERUSER;"
                                f"ALTER ROLE {name} SET {setting};")
                try:
                    dsn = instance.server.database(instance.db.dbname, name).dsn
                    package = lib.export(instance, "--db", dsn)
                    self.assertEqual(package.data("annotations/annotations.jsonl"),
                                     plain.data("annotations/annotations.jsonl"))
                finally:
                    instance.db.run(f"DROP ROLE {name};")

    def test_hidden_functions(self):
        """Objects of others with the names of PostgreSQL's own don't count."""
        instance = self.own()
        plain = lib.export(instance)
        instance.db.run("""
            CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$;
            CREATE FUNCTION public.octet_length(text) RETURNS int LANGUAGE sql AS $$SELECT 1/0$$;
            CREATE FUNCTION public.count() RETURNS int LANGUAGE sql AS $$SELECT 1/0$$;
            CREATE TABLE public.pg_class (x int); CREATE VIEW public.pg_settings AS SELECT 1/0 AS x;
            CREATE SCHEMA odd; CREATE TABLE odd.annotationrun (id int);""")
        package = lib.export(instance)
        self.assertEqual(package.data("annotations/annotations.jsonl"),
                         plain.data("annotations/annotations.jsonl"))


class Waiting(lib.Case):
    """Locks and silence."""

    def test_locked_table(self):
        """A migration holds a table: a clear error, in time."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            other = subprocess.Popen([psql(), "-X", "-q", "-A", "-t", instance.db.dsn],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                other.stdin.write("BEGIN; LOCK TABLE annotation IN ACCESS EXCLUSIVE MODE; "
                                 "SELECT 'locked';\n")
                other.stdin.flush()
                self.assertEqual(other.stdout.readline(), "locked\n")
                begin = time.monotonic()
                done = lib.export(instance, code=9)
                self.assertLess(time.monotonic() - begin, 20)
                self.assertIn(b"lock", done.stderr)
                self.assertIn(b"try again", done.stderr)
                # who writes isn't held up by one who waits in vain
                self.assertEqual(process.sessions(instance.db), [])
            finally:
                other.stdin.close()
                other.stdout.close()
                other.wait()

    def test_silence(self):
        """Whoever answers nothing at all: over after --timeout and 5 s."""
        for answers in (lambda client: None, lambda client: client.recv(1024)):
            with self.subTest(answers=answers), Proxy(answers=answers) as proxy:
                begin = time.monotonic()
                done = listing(f"host=127.0.0.1 port={proxy.port} dbname=x user=x",
                               "--timeout", "2", timeout=20)
                self.assertLess(time.monotonic() - begin, 7)
                self.assertEqual(done.returncode, 8, done.stderr)
                self.assertIn(b"answer", done.stderr)

    def test_another_host_of_the_list(self):
        """The first one isn't ready: the second one is asked."""
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        with Proxy(answers=refuse("not now", "57P03")) as busy, Proxy(instance.db.host) as good:
            done = listing(f"host=127.0.0.1,127.0.0.1 port={busy.port},{good.port} "
                           f"dbname={instance.db.dbname} user=postgres")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_rubbish(self):
        """Something else listens there."""
        for data in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 64,
                     b"R\xff\xff\xff\xff", b"E\0\0\0\4", b"Nothing"):
            def answer(client, data=data):
                client.recv(1024)
                client.sendall(data)
                client.shutdown(1)
            with self.subTest(data=data), Proxy(answers=answer) as proxy:
                done = listing(f"host=127.0.0.1 port={proxy.port} dbname=x user=x", "--timeout",
                               "2", timeout=20)
                self.assertEqual(done.returncode, 8, done.stderr)

    def first_output(self, *argv, **options):
        """Seconds until something was said, while nobody answers: the best of
        a few, as the machine may be busy."""
        best = None
        with Proxy(answers=lambda client: None) as proxy:
            dsn = f"host=127.0.0.1 port={proxy.port} dbname=x user=x"
            for _ in range(5):
                with Running(*argv, "--db", dsn, "--as", "1", **options) as running:
                    running.wait_for(b"")
                    found = running.first_output()
                    best = found if best is None else min(best, found)
        return best

    def test_first_output(self):
        """Before any answer from the network, within 100 ms."""
        most = 0.5 if process.memory_checked() else 0.1
        export = ["export", "run", "1", "--no-include-source-assets", "-o", lib.new_path(".zip")]
        for argv, options in ((export, {"terminal": True}), (export, {}),
                              (["list", "runs"], {"terminal": True}),
                              (["list", "infospaces"], {"terminal": True}),
                              ([*export, "--progress", "json"], {})):
            with self.subTest(argv=argv[:2], options=options):
                self.assertLess(self.first_output(*argv, **options), most)


class Standby(lib.Case):

    def test_hot_standby(self):
        """It can't have temporary tables: the error says so."""
        kind = lib.KINDS[0]
        primary = servers.Server(kind, settings={"wal_level": "replica", "max_wal_senders": "4",
                                                 "hot_standby": "on"})
        self.addCleanup(primary.stop)
        db = primary.database("hq")
        lib.sample.load(db, lib.NEWEST, "dev", lib.new_path("-store"))
        with StandbyServer(kind, primary) as standby:
            dsn = f"host={standby} dbname=hq user=postgres"
            self.assertEqual(listing(dsn).returncode, 0)
            done = lib.run("export", "run", "101", "-o", lib.new_path(".zip"), "--db", dsn,
                           "--as", "owner@example.org", "--no-include-source-assets", "--yes")
            self.assertNotIn(done.returncode, (0, 3))
            self.assertIn(b"standby", done.stderr)
            self.assertIn(b"primary", done.stderr)
            done = lib.run("doctor", "--db", dsn, "--as", "owner@example.org", "--json")
            states = {c["id"]: c["state"] for c in json.loads(done.stdout)["checks"]}
            self.assertEqual(done.returncode, 6)
            self.assertEqual(states["temporary_tables"], "failed")
            self.assertEqual(states["infospaces"], "ok")


class StandbyServer:
    """A copy of a server that follows it; ends with its block."""

    def __init__(self, kind, primary):
        self.bin = servers.find_bin(kind)
        self.primary, self.user = primary, servers.server_user()
        self.folder = Path(tempfile.mkdtemp(prefix=servers.PREFIX, dir="/tmp"))
        if self.user:
            shutil.chown(self.folder, self.user)
        self.server = None

    def __enter__(self):
        data = self.folder / "data"
        owner = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        try:
            subprocess.run(
                [self.bin / "pg_basebackup", "-h", self.primary.host, "-U", "postgres", "-D", data,
                 "-R", "-X", "stream", "-c", "fast", "--no-sync"], check=True, cwd=self.folder,
                capture_output=True, **owner)
            self.server = subprocess.Popen(
                ["setpriv", "--pdeathsig", "QUIT", self.bin / "postgres", "-D", data, "-c",
                 f"unix_socket_directories={self.folder}"], cwd=self.folder,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **owner)
            db = self.primary.database("hq").other("hq")
            db.host = str(self.folder)
            process.wait_until(lambda: self._ready(db), what="the standby")
        except BaseException:
            self.__exit__()
            raise
        return str(self.folder)

    @staticmethod
    def _ready(db):
        try:
            return db.value("SELECT pg_is_in_recovery()")
        except PgError:
            return False

    def __exit__(self, *_):
        if self.server:
            self.server.send_signal(2)
            self.server.wait()
        process.remove(self.folder)


if __name__ == "__main__":
    unittest.main()
