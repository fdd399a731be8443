"""A canary in each secret: the password of the database, wherever it may stand; the
secret key and the session token of a bucket; every column and every setting of
HQ's whose name says that it is a secret. It appears in nothing that any command
says, writes or shows of itself, whether all goes well or not."""

import base64
import functools
import json
import os
import re
import signal
import sys
import unittest
import urllib.parse
from pathlib import Path

import lib
import process
import servers
from lib import ident, literal
from process import Running
from proxy import Proxy

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "store"))

from faulty import Fault, Faulty  # noqa: E402
from s3 import files_below  # noqa: E402

BIRD = "CANARY"
PASSWORD = f"{BIRD}-password-ü"
KEY, TOKEN = f"{BIRD}/secret+key", f"{BIRD}-session-token="
TABLES = ("annotationrun", "annotation", "annotationschema", "asset", "bundle", "source")


def forms(text):
    """How a text may stand in bytes: as it is, in a URL, in base64 wherever it begins."""
    data = text.encode()
    yield data
    yield urllib.parse.quote(text, safe="").encode()
    yield data.hex().encode()
    for shift in range(3):
        code = base64.b64encode(b" " * shift + data)
        # what the neighbours have a part in says nothing
        yield code[4 if shift else 0:len(code) // 4 * 4 - 4]


NEEDLES = sorted({f for f in forms(BIRD) if len(f) >= 4})


def names_of_secrets():
    """From the program's own table: whole names, and ends of names."""
    text = (HERE.parent.parent / "core/model/secrets.c").read_text(encoding="utf-8")
    lists = [re.findall(r'"(\w+)"', found) for found in
             re.findall(r"secret_(?:keys|ends)\[\] = \{(.*?)\};", text, re.DOTALL)]
    assert len(lists) == 2 and min(map(len, lists)) > 5, lists
    return lists[0] + ["x_" + end for end in lists[1]]


class Case(lib.Case):

    @classmethod
    def setUpClass(cls):
        cls.server = cls.password_server()
        cls.addClassCleanup(cls.server.stop)
        cls.store = lib.new_path("-store")
        owner = cls.server.database("hq")
        cls.about = lib.sample.load(owner, lib.NEWEST, "dev", cls.store)
        cls.plant(owner)
        owner.run(f"CREATE ROLE reader LOGIN PASSWORD {literal(PASSWORD)};"
                  "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;")
        cls.db = cls.server.database("hq", "reader")
        cls.buckets = Faulty()
        cls.addClassCleanup(cls.buckets.stop)
        cls.buckets.objects.update(files_below(cls.store))

    @classmethod
    def password_server(cls):
        hba = lib.new_path(".hba")
        lib.scratch().chmod(0o755)
        hba.write_text("local all postgres trust\nlocal all all scram-sha-256\n", encoding="ascii")
        hba.chmod(0o644)
        return servers.Server(lib.KINDS[0], settings={"hba_file": str(hba),
                                                      "log_statement": "all"})

    @classmethod
    def plant(cls, db):
        """In columns that HQ might add, and in settings at some depth."""
        names = names_of_secrets()
        bird = json.dumps(f"{BIRD}-member")
        members = ", ".join(f'"{n}": {bird}, "{n.upper()}": [{bird}]' for n in names)
        value = '{"a": [{%s}], %s, "kept": "kept-member"}' % (members, members)
        script = "".join(f"ALTER TABLE {ident(t)} ADD COLUMN {ident(n)} text DEFAULT "
                         f"'{BIRD}-column';" for t in TABLES for n in names)
        for table, column in (("annotationrun", "configuration"), ("task", "configuration"),
                              ("flow", "steps"), ("flowexecution", "step_outputs"),
                              ("bundle", "bundle_metadata"), ("source", "details")):
            script += f"UPDATE {ident(table)} SET {ident(column)} = {literal(value)};"
        db.run(script)

    def setUp(self):
        self.home = process.folder()
        self.addCleanup(process.remove, self.home)
        self.aws, self.pgpass, self.service = (self.home / n for n in ("aws", "pgpass", "service"))
        self.aws.write_text(f"[hq]\naws_access_key_id = K\naws_secret_access_key = {KEY}\n"
                            f"aws_session_token = {TOKEN}\n", encoding="utf-8")
        self.pgpass.write_text(f"*:*:*:*:{PASSWORD}\n", encoding="utf-8")
        self.pgpass.chmod(0o600)
        self.service.write_text(f"[hq]\n{self.db.dsn.replace(' ', chr(10))}\n"
                                f"password={PASSWORD}\n", encoding="utf-8")
        self.given = {self.aws, self.pgpass, self.service}

    def env(self, **more):
        return lib.environment(**{
            "HOME": str(self.home), "TMPDIR": str(self.home), "PGPASSWORD": PASSWORD,
            "NO_PROXY": "*", "AWS_ENDPOINT_URL": self.buckets.endpoint, "AWS_ACCESS_KEY_ID": "K",
            "AWS_SECRET_ACCESS_KEY": KEY, "AWS_SESSION_TOKEN": TOKEN, "TERM": "xterm",
            # LeakSanitizer starts a process of its own
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0", **more})

    def nowhere(self, data, what):
        for needle in NEEDLES:
            at = data.find(needle)
            if at >= 0:
                self.fail(f"{what}: {data[max(0, at - 200):at + 100]!r}")

    def watch(self, running):
        """What others see of it, until it ends: its exit code."""
        place = Path("/proc") / str(running.child.pid)

        def ended():
            try:
                for name in ("cmdline", "comm", "status", "stat"):
                    self.nowhere((place / name).read_bytes(), name)
                children = [t.read_text() for t in place.glob("task/*/children")]
                self.assertEqual("".join(children), "")
            except (FileNotFoundError, ProcessLookupError):
                pass
            return running.child.poll() is not None
        process.wait_until(ended, lib.TIMEOUT, "the end")
        return running.end()

    def check(self, *argv, env=None, codes=(0,)):
        with self.subTest(argv=argv[:3], codes=codes), \
                Running(*argv, env=env or self.env(), cwd=self.home) as running:
            code = self.watch(running)
            self.assertIn(code, codes, running.err)
            self.nowhere(running.out + running.err, "said")
            self.nothing_written()

    def nothing_written(self):
        for path in self.home.rglob("*"):
            if path.is_file() and path not in self.given:
                self.nowhere(path.read_bytes(), path)
                if path.suffix == ".zip":
                    package = lib.Package(path)
                    for name in package.names:
                        self.nowhere(package.data(name) + name.encode(), f"{path}: {name}")

    def instance(self, store="s3://bucket", dsn=None):
        return ["--db", dsn or self.db.dsn, "--as", "owner@example.org", "--timeout", "2",
                "--store", store]

    def export(self, *options, **how):
        run = self.about["rows"]["annotationrun"]["main"]["id"]
        return ["export", "run", run, *self.instance(**how), "-o", self.home / "x.zip", "--yes",
                "--force", *options]


class Canaries(Case):

    def test_all_is_well(self):
        listing = self.instance()[:6]
        for form in ((), ("--json",)):
            self.check("list", "infospaces", *listing, *form)
            self.check("list", "runs", *listing, *form)
            self.check(*self.export("--progress", "json", "--include-datasets", *form))
            self.check(*self.export("--asset-format", "inline", "--preserve-uuids", *form))
            self.check("inspect", self.home / "x.zip", *form)
            self.check("validate", self.home / "x.zip", *form, codes=(0, 3))
            self.check("doctor", *self.instance(), *form, codes=(0, 3))
            self.check("instances", "add", f"i{len(form)}", *self.instance(), *form)
            self.check("instances", "list", *form)
            self.check("instances", "test", "i0", *form, codes=(0, 3))
        package = lib.Package(self.home / "x.zip")
        self.assertTrue(package.find("kept-member"))
        secret = {c["column"] for c in package.manifest["left_out"]["columns"]
                  if c["why"] == "secret"}
        for name in names_of_secrets():
            self.assertIn(f"annotationrun.{name}", secret)
        self.assertNotIn(BIRD, self.sent_to_the_database())

    def test_what_is_on_record(self):
        """On this machine, in the database, and where either is shown: of exports that went well,
        and of those that didn't."""
        listing = self.instance()[:2]
        owner = self.server.database("hq")
        self.addCleanup(owner.run, "DROP SCHEMA IF EXISTS spaceport CASCADE;"
                                   "DROP OWNED BY reader; GRANT SELECT ON ALL TABLES IN SCHEMA "
                                   "public TO reader;")
        for recorded in ("local", "database"):
            if recorded == "database":
                self.check("setup", "--db", owner.dsn, "--grant", "reader")
            self.check(*self.export())
            self.check(*self.export(), env=self.env(AWS_ENDPOINT_URL="http://127.0.0.1:1"),
                       codes=(8,))
            for form in ((), ("--json",)):
                self.check("list", "operations", *listing, *form)
            done = lib.run("list", "operations", *listing, "--json", env=self.env())
            items = json.loads(done.stdout)["operations"]
            self.assertIn(recorded, [i["recorded"] for i in items])
            for item in items:
                self.check("show", item["uuid"], *listing)
        rows = "".join(owner.value(f"SELECT json_agg(t)::text FROM spaceport.{t} t") or ""
                       for t in ("export_operations", "operation_progress", "audit", "instance"))
        self.assertIn("owner@example.org", rows)
        self.nowhere(rows.encode(), "spaceport")
        self.check("setup", "--print", "--grant", "reader")

    def sent_to_the_database(self):
        """What the server's log has of the program's statements."""
        lines = self.server.log().splitlines()
        return "\n".join(line for line in lines if "ALTER TABLE" not in line
                         and "UPDATE" not in line and "CREATE ROLE" not in line
                         and "COPY" not in line and "INSERT" not in line)

    def test_wherever_the_secrets_stand(self):
        away = {"PGPASSWORD": None}
        keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                "AWS_SESSION_TOKEN": None, "AWS_SHARED_CREDENTIALS_FILE": str(self.aws)}
        for more, dsn, options in (
                ({**away, "PGPASSFILE": str(self.pgpass)}, None, ()),
                ({**away, "PGSERVICEFILE": str(self.service)}, "service=hq", ()),
                ({**keys, "AWS_PROFILE": "hq"}, None, ()), (keys, None, ("--store-profile", "hq"))):
            self.check(*self.export(*options, dsn=dsn), env=self.env(**more))
            self.check("doctor", *self.instance(dsn=dsn), *options, env=self.env(**more),
                       codes=(0, 3))

    def test_what_is_wrong(self):
        gone = "host=127.0.0.1 port=1 dbname=hq user=reader"
        wrong = {"PGPASSWORD": PASSWORD + "x"}
        nobody = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
        self.assertIn(b"127.0.0.1", lib.run(*self.export(dsn=gone), env=self.env()).stderr)
        for form in ((), ("--json",)):
            for how, env in (({"dsn": gone}, {}), ({}, wrong), ({"store": "s3://bucket"}, nobody),
                             ({"store": "s3://KEY:" + KEY + "@bucket"}, {}),
                             ({"dsn": f"host=x password={PASSWORD}"}, {}),
                             ({"dsn": f"postgresql://u:{PASSWORD}@[x"}, {})):
                secret_given = any(BIRD in v for v in how.values())
                for argv in (self.export(*form, **how), ["doctor", *self.instance(**how), *form]):
                    if secret_given:  # then it stands in argv until it is overwritten
                        done = lib.run(*argv, env=self.env(**env))
                        self.assertEqual(done.returncode, 2, done.stderr)
                        self.nowhere(done.stdout + done.stderr, argv[0])
                    else:
                        self.check(*argv, env=self.env(**env), codes=(8,))

    def test_a_store_that_tells_what_it_was_told(self):
        """Its answers repeat the request with all its headers."""
        def echo(request):
            text = "".join(f"{k}: {v} " for k, v in request.headers.items()) + request.raw
            body = (f"<Error><Code>{text}</Code><Message>{text} {TOKEN}</Message>"
                    f"<StringToSign>{text}</StringToSign></Error>")
            return Fault(status=403, body=body.encode())
        self.buckets.faults = echo
        self.addCleanup(setattr, self.buckets, "faults", None)
        for form in ((), ("--json",)):
            self.check(*self.export(*form), codes=(1, 7, 8))
            self.check("doctor", *self.instance(), *form, codes=(1, 7, 8))


class Shown(Case):
    """What is on its way and stays there for a while."""

    def wizard(self, running):
        for question, answer in ((b"What to do?", b"1\r"), (b"Number or part of a name", b"1\r"),
                                 (b"numbers like 1,3-5", b"1\r"), (b"a name changes one", b"\r"),
                                 (b"Write where?", b"\r"), (b"Type write", b"write\r")):
            running.wait_for(question)
            running.type(answer)

    def test_line_by_line(self):
        self.check("instances", "add", "dev", *self.instance())
        with Running("--plain", terminal=True, env=self.env(), cwd=self.home) as running:
            self.wizard(running)
            self.assertIn(self.watch(running), (0, 3), running.err)
            self.nowhere(running.err, "said")
        self.assertTrue(list(self.home.glob("*.zip")))
        self.nothing_written()
        with Running("--plain", terminal=True, env=self.env(PGPASSWORD=PASSWORD + "x"),
                     cwd=self.home) as running:
            running.wait_for(b"What to do?")
            running.type(b"1\r")
            running.wait_for(b"password authentication failed")
            running.type(b"\x03")
            running.end()
            self.nowhere(running.err, "said")

    def test_no_core_file(self):
        """Of no command, also where cores are asked for and the process aborts."""
        with Proxy(self.server.host, after=10, then="stall") as proxy:
            dsn = proxy.dsn(self.db)
            for argv in (["list", "runs", *self.instance(dsn=dsn)[:4]], self.export(dsn=dsn),
                         ["doctor", *self.instance(dsn=dsn)]):
                with self.subTest(argv[0]), Running(
                        *argv, env=self.env(), cwd=self.home,
                        before=["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh"]) as running:
                    limits = Path(f"/proc/{running.child.pid}/limits")
                    process.wait_until(functools.partial(self.is_forbidden, limits))
                    running.wait_for(b"connecting")
                    running.send(signal.SIGABRT)
                    self.assertEqual(running.end(), -signal.SIGABRT)
        self.assertEqual([n for n in os.listdir(self.home) if "core" in n], [])

    @staticmethod
    def is_forbidden(limits):
        return re.search(r"^Max core file size +0 +0 ", limits.read_text("ascii"), re.M)


if __name__ == "__main__":
    unittest.main()
