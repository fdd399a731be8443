"""Instances by name: the commands around instances.ini, and what a name
stands for."""

import json
import os
import stat
import unittest
from pathlib import Path

import lib
import process
from process import Running
from proxy import Proxy

SECRET = "hunter2-geheim"


class Case(lib.Case):

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        cls.db = cls.instance.db

    def setUp(self):
        self.home = process.folder()
        self.addCleanup(process.remove, self.home)
        self.ini = self.home / ".config/spaceport/instances.ini"

    def env(self, **more):
        return lib.environment(HOME=str(self.home), **more)

    def run_(self, *arguments, code=0, **more):
        done = lib.run(*arguments, env=self.env(**more))
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertNotIn(SECRET.encode(), done.stdout + done.stderr)
        return done

    def write(self, text):
        self.ini.parent.mkdir(parents=True, exist_ok=True)
        self.ini.write_text(text, encoding="utf-8")

    def describe(self, name="dev", **more):
        about = {"db": self.db.dsn, "store": f"dir:{self.instance.store}",
                 "as": "owner@example.org", **more}
        self.write(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in about.items() if v))


class Commands(Case):

    def test_from_first_to_last(self):
        done = self.run_("instances", "list")
        self.assertEqual(done.stdout, b"")
        self.assertIn(b"instances add", done.stderr)
        self.assertFalse(self.ini.exists())
        self.run_("instances", "add", "dev", "--db", self.db.dsn, "--as", "owner@example.org",
                  "--store", f"dir:{self.instance.store}", "--careful", "--timeout", "60",
                  "--connect-timeout", "5", "--instance-id", "the-dev")
        self.assertEqual(self.ini.read_text(encoding="utf-8"),
                         f"[dev]\ndb = {self.db.dsn}\nstore = dir:{self.instance.store}\n"
                         "as = owner@example.org\ninstance_id = the-dev\ncareful = yes\n"
                         "timeout = 60\nconnect_timeout = 5\n")
        self.assertEqual(stat.S_IMODE(self.ini.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.ini.parent.stat().st_mode), 0o700)
        self.run_("instances", "add", "minio", "--db", "service=hq", "--store", "s3://hq/files",
                  "--store-endpoint", "https://minio.example:9000", "--store-region", "eu-1",
                  "--store-addressing", "path", "--store-ca", "/etc/ca.pem",
                  "--store-profile", "minio")
        done = self.run_("instances", "list")
        self.assertRegex(done.stdout.decode(), r"dev +host=.*yes\nminio +service=hq +s3://hq/files")
        listed = json.loads(self.run_("instances", "list", "--json").stdout)
        self.assertEqual(listed["path"], str(self.ini))
        self.assertEqual([i["name"] for i in listed["instances"]], ["dev", "minio"])
        self.assertEqual(listed["instances"][0]["timeout"], 60)
        self.assertEqual(listed["instances"][0]["careful"], True)
        self.assertEqual(listed["instances"][1]["store_endpoint"], "https://minio.example:9000")
        self.assertEqual(listed["instances"][1]["as"], None)
        done = self.run_("instances", "test", "dev", "--json")
        self.assertEqual(json.loads(done.stdout)["instance"], "dev")
        self.assertEqual({c["state"] for c in json.loads(done.stdout)["checks"]}, {"ok"})
        self.run_("instances", "remove", "dev", "--yes")
        done = self.run_("instances", "remove", "minio", "--yes", "--json")
        self.assertEqual(json.loads(done.stdout)["instance"]["db"], "service=hq")
        self.assertEqual(self.ini.read_text(encoding="utf-8").strip(), "")

    def test_variables_are_not_written_down(self):
        self.run_("instances", "add", "dev", "--db", "service=hq", SPACEPORT_AS="ana",
                  SPACEPORT_INSTANCE="other", PGHOST="db.example.org")
        self.assertEqual(self.ini.read_text(encoding="utf-8"), "[dev]\ndb = service=hq\n")

    def test_an_existing_one_is_not_replaced_unasked(self):
        self.run_("instances", "add", "dev", "--db", "service=a", "--as", "ana")
        done = self.run_("instances", "add", "dev", "--db", "service=b", code=2)
        self.assertIn(b"--force", done.stderr)
        self.assertIn("service=a", self.ini.read_text(encoding="utf-8"))
        self.run_("instances", "add", "dev", "--db", "service=b", "--force")
        self.assertEqual(self.ini.read_text(encoding="utf-8"), "[dev]\ndb = service=b\n")

    def test_refused(self):
        for arguments in (["add", "a b", "--db", "service=x"], ["add", "x"], ["add"],
                          ["add", "x", "--db", "service=x", "--store", "/no/kind"],
                          ["add", "x", "--db", "host='x"], ["test", "x"], ["remove", "x", "--yes"],
                          ["add", "x", "--db", "service=x", "--as", "two\nlines"],
                          ["list", "x"], ["nonsense"]):
            with self.subTest(arguments=arguments):
                self.run_("instances", *arguments, code=2)
                self.assertFalse(self.ini.exists())

    def test_secrets_are_not_taken(self):
        for options in ([f"--db=host=x password={SECRET}"], ["--db", f"postgresql://u:{SECRET}@h/x"],
                        ["--db", "service=x", "--store", f"s3://key:{SECRET}@bucket"],
                        ["--db", "service=x", "--store", "s3://b", "--store-endpoint",
                         f"https://key:{SECRET}@minio"]):
            for more in ((), ("--json",)):
                with self.subTest(options=options):
                    self.run_("instances", "add", "x", *options, *more, code=2)
                    self.assertFalse(self.ini.exists())

    def test_secrets_in_the_file(self):
        for line in (f"password = {SECRET}", f"db = host=x password={SECRET}",
                     f"aws_secret_access_key = {SECRET}", f"store_endpoint = http://a:{SECRET}@x"):
            self.write(f"[dev]\n{line}\n")
            for command in (["instances", "list"], ["instances", "list", "--json"],
                            ["instances", "test", "dev"], ["list", "runs", "--instance", "dev"],
                            ["instances", "add", "x", "--db", "service=x"], ["doctor"]):
                with self.subTest(line=line, command=command):
                    done = self.run_(*command, code=2)
                    self.assertIn(b"instances.ini:2: ", done.stderr)

    def test_a_question_before_it_is_gone(self):
        self.describe()
        self.run_("instances", "remove", "dev", code=2)  # nobody to ask
        for answer, left in ((b"n\n", True), (b"y\n", False)):
            with Running("instances", "remove", "dev", terminal=True, env=self.env()) as running:
                running.wait_for(b"[y/N]")
                running.type(answer)
                self.assertEqual(running.end(), 0)
            self.assertEqual("[dev]" in self.ini.read_text(encoding="utf-8"), left)

    def test_where_nothing_can_be_written(self):
        done = self.run_("instances", "add", "x", "--db", "service=x", code=1,
                         XDG_CONFIG_HOME="/proc/self")
        self.assertIn(b"/proc/self/spaceport", done.stderr)

    def test_many_at_once(self):
        """Nobody's change is lost without an error."""
        running = [Running("instances", "add", f"i{n}", "--db", f"service=s{n}", env=self.env())
                   for n in range(12)]
        ended = {f"i{n}": r.end() for n, r in enumerate(running)}
        for one in running:
            one.__exit__()
        self.assertLessEqual(set(ended.values()), {0, 9})
        listed = json.loads(self.run_("instances", "list", "--json").stdout)["instances"]
        self.assertEqual({i["name"] for i in listed}, {k for k, v in ended.items() if v == 0})
        self.assertEqual([p.name for p in self.ini.parent.iterdir()], ["instances.ini"])


class Use(Case):

    def test_a_name_is_enough(self):
        self.describe()
        wanted = lib.run("list", "runs", "--db", self.db.dsn, "--as", "owner@example.org").stdout
        self.assertIn(b"COMPLETED", wanted)
        self.assertEqual(self.run_("list", "runs", "--instance", "dev").stdout, wanted)
        self.assertEqual(self.run_("list", "runs", SPACEPORT_INSTANCE="dev").stdout, wanted)
        path = lib.new_path(".zip")
        self.run_("export", "run", str(self.instance.id("annotationrun", "main")), "--instance",
                  "dev", "-o", path, "--yes")
        package = lib.Package(path)
        plain = lib.shared_export(self.instance)
        for name in plain.names:
            if name not in ("manifest.json", "checksums.sha256"):
                self.assertEqual(package.data(name), plain.data(name))

    def test_options_go_first(self):
        self.describe(**{"as": "stranger", "store": "dir:/no/such/folder"})
        one = self.run_("list", "infospaces", "--instance", "dev", "--json").stdout
        other = self.run_("list", "infospaces", "--instance", "dev", "--as", "owner", "--json").stdout
        variable = self.run_("list", "infospaces", "--instance", "dev", "--json",
                             SPACEPORT_AS="owner").stdout
        self.assertNotEqual(one, other)
        self.assertEqual(variable, other)
        self.run_("doctor", "--instance", "dev", code=1)
        self.run_("doctor", "--instance", "dev", "--as", "owner", "--store",
                  f"dir:{self.instance.store}")

    def test_no_guess(self):
        self.describe()
        done = self.run_("list", "runs", code=2)
        self.assertIn(b"dev", done.stderr)
        done = self.run_("list", "runs", "--instance", "prod", code=2)
        self.assertIn(b"dev", done.stderr)
        self.run_("list", "runs", "--as", "owner", PGHOST=self.db.host, PGUSER="postgres",
                  PGDATABASE=self.db.dbname)

    def test_careful(self):
        """Before anything is written there, its name is typed; --yes isn't enough."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.describe(db=instance.db.dsn, store=f"dir:{instance.store}", careful="yes")
            argv = ["make-run", "--instance", "dev", "--infospace", str(instance.id("infospace",
                    "main")), "--assets", "1", "--annotations", "1"]
            runs = "SELECT count(*) FROM annotationrun"
            before = int(instance.db.value(runs))
            done = self.run_(*argv, "--yes", code=2)
            self.assertIn(b"name must be typed", done.stderr)
            for answer, more in ((b"y\n", 0), (b"\n", 0), (b"dev \n", 0), (b"dev\n", 1)):
                with Running(*argv, "--yes", terminal=True, env=self.env()) as running:
                    running.wait_for(b"[name]")
                    running.type(answer)
                    self.assertEqual(running.end(), 0)
                self.assertEqual(int(instance.db.value(runs)), before + more)

    def test_time_outs(self):
        with Proxy(answers=lambda client: None) as proxy:
            self.describe(db=f"host=127.0.0.1 port={proxy.port}", connect_timeout="1")
            done = self.run_("list", "runs", "--instance", "dev", code=8)
            self.assertIn(b"in time", done.stderr)
            self.describe(db=f"host=127.0.0.1 port={proxy.port}", connect_timeout="86400")
            self.run_("list", "runs", "--instance", "dev", "--connect-timeout", "1", code=8)
        with Proxy(self.db.host, after=1000) as proxy:
            self.describe(db=proxy.dsn(self.db), timeout="1")
            done = self.run_("list", "runs", "--instance", "dev", code=8)
            self.assertIn(b"1 seconds", done.stderr)

    def test_its_own_identity(self):
        uuid = "11111111-2222-4333-8444-555555555555"
        found = {}
        for id_ in (None, uuid, "the archive", "the archive"):
            self.describe(instance_id=id_)
            path = lib.new_path(".zip")
            self.run_("export", "run", str(self.instance.id("annotationrun", "main")), "--instance",
                      "dev", "-o", path, "--yes")
            package = lib.Package(path)
            mapping = package.json("compatibility/instance_mapping.json")
            self.assertEqual(mapping["instance"], package.manifest["source"]["instance"])
            found.setdefault(id_, set()).add(mapping["instance"])
        self.assertEqual(found[uuid], {uuid})
        self.assertEqual(len(found["the archive"]), 1)
        self.assertEqual(len(set.union(*found.values())), 3)

    def test_others_may_not_read_it(self):
        """A umask that allows it changes nothing."""
        before = os.umask(0)
        try:
            self.run_("instances", "add", "dev", "--db", "service=x")
        finally:
            os.umask(before)
        self.assertEqual(stat.S_IMODE(self.ini.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(Path(self.home / ".config").stat().st_mode), 0o700)


if __name__ == "__main__":
    unittest.main()
