"""spaceport doctor: what works from here, what doesn't, and what to do about
it; on servers and databases with something wrong."""

import json
import shutil
import socket
import subprocess
import time
import unittest

import lib
import process
import servers
import test_store  # noqa: F401: where to find what is next
from faulty import Fault, Faulty
from process import Running
from proxy import Proxy, refuse
from s3 import files_below
from test_cli import german

SECRET = "hunter2-geheim"
ORDER = ["find_host", "reach_port", "encrypt", "sign_in", "server_version", "time_zone", "clock",
         "temporary_tables", "platform", "rights", "hidden_rows", "acting_user", "infospaces",
         "store", "files", "disk", "program"]
HERE = ["disk", "program"]
CONNECTED = ORDER[ORDER.index("server_version"):ORDER.index("store")]


class Case(lib.Case):

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        cls.db = cls.instance.db

    def own(self, kind=lib.KINDS[0]):
        instance = lib.Instance(kind, lib.NEWEST)
        self.addCleanup(instance.drop)
        return instance

    def doctor(self, dsn, *options, code=0, env=None, timeout=lib.TIMEOUT):
        """The checks by their id."""
        done = lib.run("doctor", "--db", dsn, *options, "--json", env=env, timeout=timeout)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual([c["id"] for c in result["checks"]], ORDER)
        self.assertEqual(result["success"], code in (0, 3))
        failed = [c for c in result["checks"] if c["state"] == "failed"]
        self.assertEqual(bool(failed), "error" in result)
        if failed:
            self.assertEqual(result["error"], {"code": code, "text": failed[0]["found"],
                                               "hint": failed[0]["advice"]})
        for check in result["checks"]:
            self.assertTrue(check["found"])
            if check["state"] in ("failed", "warning"):
                self.assertTrue(check["advice"] or check["id"] == "store", check)
        self.assertNotIn(SECRET.encode(), done.stdout + done.stderr)
        return {c["id"]: c for c in result["checks"]}

    def assertStates(self, checks, **wanted):
        """The named ones are as said, all others are well."""
        found = {k: c["state"] for k, c in checks.items() if c["state"] != "ok"}
        self.assertEqual(found, wanted)

    def assertStopped(self, checks, at):
        """This one failed; what needs a connection wasn't tried, the rest was."""
        states = {k: c["state"] for k, c in checks.items()}
        before = ORDER[:ORDER.index(at)]
        later = ORDER[ORDER.index(at) + 1:ORDER.index("store")]
        self.assertEqual({states[k] for k in before} - {"ok", "warning"}, set())
        self.assertEqual(states[at], "failed")
        self.assertEqual({states[k] for k in later}, {"skipped"})
        self.assertEqual({states[k] for k in HERE}, {"ok"})


class Well(Case):

    @lib.everywhere()
    def test_all_is_well(self, kind, generation):
        instance = lib.shared(kind, generation)
        checks = self.doctor(instance.db.dsn, "--as", "owner@example.org", "--store",
                             f"dir:{instance.store}")
        self.assertStates(checks)
        self.assertIn(f"generation {generation}, revision ", checks["platform"]["found"])
        self.assertEqual(checks["acting_user"]["found"], "owner@example.org")
        self.assertRegex(checks["server_version"]["found"], r"^PostgreSQL \d\d\.\d+")
        self.assertEqual(checks["time_zone"]["found"], "UTC")
        self.assertRegex(checks["infospaces"]["found"], r"^to read [3-9], to export from [1-9]")
        self.assertRegex(checks["files"]["found"], r"^1\d were looked for and are there")

    def test_nothing_is_changed(self):
        instance = self.own()
        before = self.dump(instance)
        self.doctor(instance.db.dsn, "--as", "owner", "--store", f"dir:{instance.store}")
        self.assertEqual(self.dump(instance), before)

    @staticmethod
    def dump(instance):
        done = subprocess.run([servers.find_bin(instance.kind) / "pg_dump", instance.db.dsn],
                              capture_output=True, check=True)
        # a key that each dump makes anew
        text = [line for line in done.stdout.splitlines() if b"restrict " not in line]
        return text, sorted(p.name for p in instance.store.rglob("*"))

    def test_for_people(self):
        done = lib.run("doctor", "--db", self.db.dsn, "--as", "owner", "--store",
                       f"dir:{self.instance.store}")
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.decode().splitlines()
        self.assertEqual(len(lines), len(ORDER))
        self.assertTrue(all(line.startswith("ok ") for line in lines))
        self.assertIn(b"All is well", done.stderr)
        quiet = lib.run("doctor", "--db", self.db.dsn, "--as", "owner", "-q")
        self.assertEqual((quiet.returncode, quiet.stdout, quiet.stderr), (0, b"", b""))

    def test_in_german_but_for_scripts(self):
        done = lib.run("doctor", "--db", "host=/no/such/folder", env=german())
        self.assertRegex(done.stdout.decode(), r"\nFEHLER +Port erreichen +auf Port 5432 von")
        checks = self.doctor("host=/no/such/folder", env=german(), code=8)
        self.assertIn("nothing answers", checks["reach_port"]["found"])
        self.assertIn("No such file or directory", checks["reach_port"]["found"])
        self.assertRegex(done.stdout.decode(), r"\d,\d GB sind in diesem Ordner frei, \d+,\d GB in ")
        self.assertRegex(checks["disk"]["found"], r"^\d+\.\d GB are free in this folder, \d+\.\d GB")

    def test_one_by_one(self):
        """What was found stands there while the next is still looked at."""
        with Proxy(answers=lambda client: None) as proxy:
            dsn = f"host=127.0.0.1 port={proxy.port} dbname=x user=x connect_timeout=60"
            with Running("doctor", "--db", dsn) as running:
                running.wait_for(b"answers", "out")
                running.send(2)
                self.assertEqual(running.end(), 130)


class Way(Case):
    """From here to the server."""

    def test_no_such_host(self):
        checks = self.doctor("host=no-such-host.invalid", "--store", f"dir:{self.instance.store}",
                             code=8)
        self.assertStopped(checks, "find_host")
        self.assertIn("no-such-host.invalid", checks["find_host"]["found"])
        self.assertEqual(checks["store"]["state"], "ok")
        self.assertEqual(checks["files"]["state"], "skipped")

    def test_a_name_server_that_never_answers(self):
        began = time.monotonic()
        checks = self.doctor("host=db.example.org", "--connect-timeout", "1", code=8,
                             env=process.preloaded("resolver"))
        self.assertLess(time.monotonic() - began, 6)
        self.assertStopped(checks, "find_host")

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        checks = self.doctor(f"host=127.0.0.1 port={port}", code=8)
        self.assertStopped(checks, "reach_port")
        self.assertIn("Connection refused", checks["reach_port"]["found"])
        checks = self.doctor("host=/no/such/folder", code=8)
        self.assertStopped(checks, "reach_port")

    def test_packets_that_nobody_answers(self):
        """A queue that is full swallows connections as a dead network does."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            waiting = []
            for _ in range(4):
                client = socket.socket()
                client.setblocking(False)
                client.connect_ex(full.getsockname())
                waiting.append(client)
            began = time.monotonic()
            checks = self.doctor(f"host=127.0.0.1 port={full.getsockname()[1]}",
                                 "--connect-timeout", "1", code=8)
            self.assertLess(time.monotonic() - began, 6)
            self.assertStopped(checks, "reach_port")
            self.assertIn("timed out", checks["reach_port"]["found"])
            for client in waiting:
                client.close()

    def test_a_server_that_says_nothing(self):
        with Proxy(answers=lambda client: None) as proxy:
            dsn = f"host=127.0.0.1 port={proxy.port} dbname=x user=x"
            for way, env in ((("--connect-timeout", "1"), {}), ((), {"PGCONNECT_TIMEOUT": "1"})):
                with self.subTest(way=way):
                    began = time.monotonic()
                    checks = self.doctor(dsn, *way, env=lib.environment(**env), code=8)
                    self.assertLess(time.monotonic() - began, 6)
                    self.assertStopped(checks, "encrypt")

    def test_a_server_that_falls_silent_or_away(self):
        """Wherever it happens: an end, and an error that says so."""
        for then in ("stall", "cut", "reset"):
            for after in (1, 40, 300, 700, 1500, 5000, 20000, 60000):
                with self.subTest(then=then, after=after), \
                        Proxy(self.db.host, after=after, then=then) as proxy:
                    done = lib.run("doctor", "--db", proxy.dsn(self.db), "--as", "owner", "--json",
                                   "--timeout", "1", "--connect-timeout", "1", timeout=60)
                    result = json.loads(done.stdout)
                    if not proxy.reached.is_set():
                        self.assertEqual(done.returncode, 0)
                        continue
                    self.assertEqual(done.returncode, 8, done.stdout)
                    self.assertEqual(result["error"]["code"], 8)
                    self.assertEqual(len(result["checks"]), len(ORDER))

    def test_the_first_of_two_hosts_is_down(self):
        checks = self.doctor(f"host=/no/such/folder,{self.db.host} dbname={self.db.dbname} "
                             "user=postgres", "--as", "owner")
        self.assertEqual(checks["reach_port"]["state"], "ok")

    def test_a_service_that_is_not_there(self):
        checks = self.doctor("service=nowhere", code=2)
        self.assertStopped(checks, "find_host")
        self.assertIn("nowhere", checks["find_host"]["found"])


class SigningIn(Case):

    def test_no_such_role_or_database(self):
        host = f"host={self.db.host}"
        checks = self.doctor(f"{host} user=nobody-here dbname={self.db.dbname}", code=8)
        self.assertStopped(checks, "sign_in")
        checks = self.doctor(f"{host} user=postgres dbname=nothing-here", code=8)
        self.assertStopped(checks, "sign_in")
        self.assertIn("3D000", checks["sign_in"]["found"])
        self.assertIn("database's name", checks["sign_in"]["advice"])

    def test_passwords(self):
        hba = lib.new_path(".hba")
        lib.scratch().chmod(0o755)
        hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n", encoding="ascii")
        hba.chmod(0o644)
        server = servers.Server(lib.KINDS[0], settings={"hba_file": str(hba)})
        self.addCleanup(server.stop)
        server.database("postgres").run(f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'")
        dsn = server.database("postgres", "reader").dsn
        checks = self.doctor(dsn, code=8)
        self.assertStopped(checks, "sign_in")
        self.assertIn("none was found", checks["sign_in"]["found"])
        checks = self.doctor(dsn, code=8, env=lib.environment(PGPASSWORD=SECRET + "x"))
        self.assertStopped(checks, "sign_in")
        self.assertIn("28P01", checks["sign_in"]["found"])
        self.assertIn(".pgpass", checks["sign_in"]["advice"])
        checks = self.doctor(dsn, code=6, env=lib.environment(PGPASSWORD=SECRET))
        self.assertEqual(checks["sign_in"]["state"], "ok")

    def test_refused_by_a_pooler(self):
        for message in ("no more connections allowed (max_client_conn)",
                        "unsupported startup parameter: options", "no such database: hq"):
            with self.subTest(message=message), \
                    Proxy(answers=refuse(message, "08P01")) as proxy:
                checks = self.doctor(proxy.dsn(self.db), code=8)
                self.assertStopped(checks, "sign_in")
                self.assertIn(message, checks["sign_in"]["found"])
                self.assertIn("pgbouncer", checks["sign_in"]["advice"])

    def test_an_ancient_server(self):
        with Proxy(answers=pretend_version("12.22")) as proxy:
            checks = self.doctor(proxy.dsn(self.db), code=6)
        self.assertStopped(checks, "server_version")
        self.assertIn("PostgreSQL 12", checks["server_version"]["found"])
        self.assertIn("13 or later", checks["server_version"]["advice"])

    def test_something_else_listens(self):
        def web(client):
            client.recv(65536)
            client.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            client.shutdown(socket.SHUT_WR)
        with Proxy(answers=web) as proxy:
            checks = self.doctor(proxy.dsn(self.db), code=8)
        self.assertStopped(checks, "encrypt")
        self.assertIn("PostgreSQL server", checks["encrypt"]["advice"])


def pretend_version(version):
    """A server that lets everybody in and is of this version."""
    def message(kind, body):
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    def answer(client):
        data = client.recv(65536)
        while data[4:8] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):
            client.sendall(b"N")
            data = client.recv(65536)
        client.sendall(message(b"R", bytes(4))
                       + message(b"S", b"server_version\0" + version.encode() + b"\0")
                       + message(b"S", b"client_encoding\0UTF8\0") + message(b"Z", b"I"))
    return answer


class Encryption(Case):
    """A server with a certificate of its own making, on an address of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.address = f"127.{77 + process.os.getpid() % 100}.{process.os.getpid() % 250}.1"
        lib.scratch().chmod(0o755)
        cls.certificate = cls.serve(cls.address, 60)

    @classmethod
    def serve(cls, address, days):
        """Its certificate, which is good for so many days."""
        key, certificate = lib.new_path(".key"), lib.new_path(".crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days), "-keyout", key,
                        "-out", certificate, "-subj", "/CN=db.example.org", "-addext",
                        f"subjectAltName=IP:{address},DNS:localhost"], check=True,
                       capture_output=True)
        if servers.server_user():
            shutil.chown(key, servers.server_user())
        key.chmod(0o600)
        certificate.chmod(0o644)
        server = servers.Server("debian", settings={
            "listen_addresses": address, "ssl": "on", "ssl_key_file": str(key),
            "ssl_cert_file": str(certificate)})
        cls.addClassCleanup(server.stop)
        db = server.database("postgres")
        process.Path(db.value("SELECT current_setting('hba_file')")).write_text(
            "local all all trust\nhost all all all trust\n", encoding="ascii")
        db.run("SELECT pg_reload_conf()")
        return certificate

    def encryption(self, host, more="", code=6):
        checks = self.doctor(f"host={host} dbname=postgres user=postgres {more}", code=code)
        return checks["encrypt"]

    def octal(self):
        """The same address, spelt so that it looks like one on the network."""
        first, rest = self.address.split(".", 1)
        return f"0{int(first):o}.{rest}"

    def test_checked(self):
        check = self.encryption(self.address, f"sslmode=verify-full sslrootcert={self.certificate}")
        self.assertEqual(check["state"], "ok")
        self.assertRegex(check["found"], r"^TLSv1\.\d, the server's certificate is right, until 2")

    def test_a_certificate_that_ends_soon(self):
        address = self.address[:-1] + "2"
        certificate = self.serve(address, 5)
        check = self.encryption(address, f"sslmode=verify-full sslrootcert={certificate}")
        self.assertEqual(check["state"], "warning")
        self.assertIn("new certificate", check["advice"])

    def test_encrypted_but_unchecked(self):
        check = self.encryption(self.octal())
        self.assertEqual(check["state"], "warning")
        self.assertRegex(check["found"], r"^TLSv1\.\d, but nobody")
        self.assertIn("verify-full", check["advice"])
        self.assertEqual(self.encryption(self.address)["state"], "ok")

    def test_not_encrypted(self):
        check = self.encryption(self.octal(), "sslmode=disable")
        self.assertEqual(check["state"], "warning")
        self.assertIn("not encrypted", check["found"])
        check = self.encryption(self.address, "sslmode=disable")
        self.assertEqual(check["state"], "ok")

    def test_the_wrong_certificate(self):
        check = self.encryption(self.address, "sslmode=verify-full sslrootcert=/etc/hostname", 8)
        self.assertEqual(check["state"], "failed")
        other = lib.new_path(".crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null", "-out",
                        other, "-subj", "/CN=another"], check=True, capture_output=True)
        check = self.encryption(self.address, f"sslmode=verify-full sslrootcert={other}", 8)
        self.assertEqual(check["state"], "failed")
        self.assertIn("certificate verify failed", check["found"])
        self.assertIn("sslrootcert", check["advice"])

    def test_a_server_without_it(self):
        with Proxy(self.db.host) as proxy:
            checks = self.doctor(proxy.dsn(self.db) + " sslmode=require", code=8)
        self.assertEqual(checks["encrypt"]["state"], "failed")
        self.assertIn("SSL", checks["encrypt"]["found"])


class Rights(Case):
    """Half of them are missing; each check says so for itself."""

    READER = ("USAGE ON SCHEMA public", "SELECT ON ALL TABLES IN SCHEMA public")

    def role(self, instance, *grants, more=""):
        name = f"doc_{instance.db.dbname}"
        instance.db.run(f"CREATE ROLE {name} LOGIN; REVOKE ALL ON SCHEMA public FROM public;"
                        + "".join(f"GRANT {g} TO {name};" for g in grants)
                        + more.format(role=name))
        self.addCleanup(instance.db.other("postgres").run, f"DROP ROLE {name};")
        self.addCleanup(instance.db.run, f"DROP OWNED BY {name};")
        return instance.server.database(instance.db.dbname, name).dsn

    def test_a_reader_is_enough(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER)
        self.assertStates(self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}"))

    def test_a_few_columns_of_users_are_enough(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER, 'SELECT (id, email, is_active, handle) ON "user"',
                        more='REVOKE SELECT ON "user" FROM {role};'
                             'GRANT SELECT (id, email, is_active, handle) ON "user" TO {role};')
        checks = self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}")
        self.assertEqual(checks["rights"]["state"], "ok")

    def test_not_all_tables(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER, more="REVOKE SELECT ON annotation, alembic_version "
                                                     "FROM {role};")
        checks = self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}", code=7)
        self.assertStates(checks, rights="failed")
        self.assertIn("annotation", checks["rights"]["found"])
        self.assertIn("revision unknown", checks["platform"]["found"])

    def test_no_tables(self):
        instance = self.own()
        dsn = self.role(instance, "USAGE ON SCHEMA public")
        checks = self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}", code=7)
        self.assertStates(checks, rights="failed", acting_user="failed", infospaces="skipped",
                          files="failed")
        self.assertIn("…", checks["rights"]["found"])

    def test_not_even_the_schema(self):
        instance = self.own()
        dsn = self.role(instance)
        checks = self.doctor(dsn, "--as", "owner", code=7)
        self.assertEqual(checks["platform"]["state"], "failed")
        self.assertIn("schema", checks["platform"]["found"])
        self.assertEqual(checks["rights"]["state"], "skipped")

    def test_no_temporary_tables(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER,
                        more=f"REVOKE TEMPORARY ON DATABASE {instance.db.dbname} FROM public;")
        checks = self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}", code=7)
        self.assertStates(checks, temporary_tables="failed")

    def test_hidden_rows(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER,
                        more="ALTER TABLE annotation ENABLE ROW LEVEL SECURITY;"
                             "CREATE POLICY half ON annotation USING (id % 2 = 0);")
        checks = self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}", code=7)
        self.assertStates(checks, hidden_rows="failed")
        self.assertIn("annotation", checks["hidden_rows"]["found"])
        # it doesn't hold for the tables' owner
        self.assertStates(self.doctor(instance.db.dsn, "--as", "owner", "--store",
                                      f"dir:{instance.store}"))

    def test_a_time_zone_of_its_own(self):
        instance = self.own()
        dsn = self.role(instance, *self.READER, more="ALTER ROLE {role} SET timezone = 'Asia/Tokyo';")
        checks = self.doctor(dsn, "--as", "owner", "--store", f"dir:{instance.store}", code=3)
        self.assertStates(checks, time_zone="warning")


class Database(Case):

    def test_not_hq(self):
        checks = self.doctor(self.db.other("template1").dsn, "--as", "owner", "--store",
                             f"dir:{self.instance.store}", code=6)
        self.assertStates(checks, platform="failed", rights="skipped", hidden_rows="skipped",
                          acting_user="skipped", infospaces="skipped", files="skipped")

    def test_half_of_hq(self):
        instance = self.own()
        instance.db.run("DROP TABLE runschemalink CASCADE;")
        checks = self.doctor(instance.db.dsn, "--as", "owner", code=6)
        self.assertIn("runschemalink", checks["platform"]["found"])

    @lib.everywhere(turns=True)
    def test_an_empty_hq(self, kind, generation):
        instance = lib.shared(kind, generation, "empty")
        checks = self.doctor(instance.db.dsn, "--store", f"dir:{lib.scratch()}")
        self.assertStates(checks, acting_user="skipped", infospaces="skipped")
        self.assertIn("no asset has a file", checks["files"]["found"])

    def test_several_heads(self):
        instance = self.own()
        instance.db.run("INSERT INTO alembic_version VALUES ('zzz_other_head');")
        checks = self.doctor(instance.db.dsn, "--as", "owner")
        self.assertIn("zzz_other_head", checks["platform"]["found"])
        self.assertIn(", ", checks["platform"]["found"].split("revision ")[1])

    def test_users(self):
        def states(who, code):
            checks = self.doctor(self.db.dsn, "--as", who, code=code)
            return checks["acting_user"]["state"], checks["infospaces"]["state"]
        self.assertEqual(states("owner@example.org", 0), ("ok", "ok"))
        self.assertEqual(states("nobody@example.org", 7), ("failed", "skipped"))
        self.assertEqual(states("inactive", 3), ("warning", "warning"))
        self.assertEqual(states("viewer", 3), ("ok", "warning"))
        checks = self.doctor(self.db.dsn)
        self.assertEqual(checks["acting_user"]["state"], "skipped")
        self.assertIn("--as", checks["acting_user"]["advice"])

    def test_escapes_stay_out(self):
        instance = self.own()
        instance.db.run("UPDATE alembic_version SET version_num = E'\\x1b]0;x\\x07';")
        done = lib.run("doctor", "--db", instance.db.dsn, "--as", "owner")
        self.assertNotIn(b"\x1b", done.stdout + done.stderr)


class Store(Case):

    def files(self, store, code):
        checks = self.doctor(self.db.dsn, "--as", "owner", "--store", f"dir:{store}", code=code)
        return checks["store"]["state"], checks["files"]["state"], checks["files"]["found"]

    def test_not_there(self):
        self.assertEqual(self.files("/no/such/folder", 1)[:2], ("failed", "skipped"))

    def test_not_this_one(self):
        store, files, found = self.files(lib.scratch(), 1)
        self.assertEqual((store, files), ("ok", "failed"))
        self.assertIn("none", found)

    def test_files_are_missing(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST, "dev", ("gone",))
        checks = self.doctor(instance.db.dsn, "--as", "owner", "--store", f"dir:{instance.store}",
                             code=3)
        self.assertStates(checks, files="warning")
        self.assertRegex(checks["files"]["found"], r"\d+ .* 1 are missing")


class Bucket(Case):
    """The same with files in S3."""

    def setUp(self):
        self.server = Faulty()
        self.addCleanup(self.server.stop)
        self.server.objects.update({f"files/{name}": data for name, data
                                    in files_below(self.instance.store).items()})
        self.options = ["--as", "owner", "--store", "s3://bucket/files", "--store-endpoint",
                        self.server.endpoint, "--timeout", "2"]
        self.env = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": SECRET, "NO_PROXY": "*"}

    def bucket(self, *options, code=0, **env):
        return self.doctor(self.db.dsn, *self.options, *options, code=code,
                           env=lib.environment(**{**self.env, **env}))

    def test_well(self):
        checks = self.bucket()
        self.assertStates(checks)
        self.assertIn("s3://bucket/files", checks["store"]["found"])

    def test_by_a_profile(self):
        home = process.folder()
        self.addCleanup(process.remove, home)
        (home / ".aws").mkdir()
        (home / ".aws/credentials").write_text(
            f"[minio]\naws_access_key_id = KEY\naws_secret_access_key = {SECRET}\n",
            encoding="ascii")
        self.env = {"NO_PROXY": "*", "HOME": str(home)}
        self.assertStates(self.bucket("--store-profile", "minio"))
        checks = self.bucket(code=2)
        self.assertStates(checks, store="failed", files="skipped")
        self.assertIn("~/.aws/credentials", checks["store"]["advice"])
        done = lib.run("instances", "add", "bucket", "--db", self.db.dsn, *self.options,
                       "--store-profile", "minio", env=lib.environment(**self.env))
        self.assertEqual(done.returncode, 0, done.stderr)
        done = lib.run("instances", "test", "bucket", env=lib.environment(**self.env))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_files_are_missing(self):
        self.server.objects.pop(sorted(self.server.objects)[0])
        self.assertStates(self.bucket(code=3), files="warning")
        self.server.objects.clear()
        self.assertStates(self.bucket(code=1), files="failed")

    def test_not_let_in(self):
        self.server.faults = lambda request: Fault(status=403, code="SignatureDoesNotMatch")
        checks = self.bucket(code=1)
        # a HEAD has no room for the reason: the first file that is read tells it
        self.assertIn("failed", (checks["store"]["state"], checks["files"]["state"]))
        self.assertIn("SignatureDoesNotMatch", checks["store"]["found"] + checks["files"]["found"])

    def test_files_that_may_not_be_read(self):
        self.server.faults = lambda request: (Fault(status=403, code="AccessDenied")
                                              if request.key.startswith("files/") else None)
        checks = self.bucket(code=1)
        self.assertStates(checks, files="failed")

    def test_nobody_answers(self):
        self.server.stop()
        checks = self.bucket(code=8)
        self.assertStates(checks, store="failed", files="skipped")

    def test_silence(self):
        began = time.monotonic()
        with Proxy(answers=lambda client: None) as proxy:
            checks = self.bucket("--store-endpoint", f"http://127.0.0.1:{proxy.port}", code=8)
        self.assertStates(checks, store="failed", files="skipped")
        self.assertLess(time.monotonic() - began, 60)


class Here(Case):

    def test_clocks(self):
        for ahead, word in ((3600, "behind"), (-3600, "ahead")):
            with self.subTest(ahead=ahead):
                checks = self.doctor(self.db.dsn, "--as", "owner", code=3,
                                     env=process.preloaded("clock", TEST_AHEAD=str(ahead)))
                self.assertEqual(checks["clock"]["state"], "warning")
                self.assertRegex(checks["clock"]["found"], word + r".* 3(599|600) s")

    def test_a_locale_without_letters(self):
        checks = self.doctor(self.db.dsn, "--as", "owner", code=3, env=lib.environment(LC_ALL="C"))
        self.assertEqual(checks["program"]["state"], "warning")

    def test_nowhere_to_write(self):
        checks = self.doctor(self.db.dsn, "--as", "owner", code=3,
                             env=lib.environment(TMPDIR="/no/such/folder"))
        self.assertEqual(checks["disk"]["state"], "warning")
        self.assertIn("/no/such/folder", checks["disk"]["found"])


if __name__ == "__main__":
    unittest.main()
