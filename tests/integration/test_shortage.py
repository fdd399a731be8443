"""What the program does without memory, command by command; shortage.py says how."""

import itertools
import json
import sys
import unittest
from pathlib import Path

import lib
import process
from shortage import LAX_KEY, LAX_NET, REFUSED, SAID, Shortage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "store"))

from faulty import Faulty  # noqa: E402


class Commands(Shortage):
    def test_export(self):
        argv = process.arguments(self.instance, self.path, "--timeout", "5")
        self.thorough = True
        # 3: the package is there, and only its record had no room
        self.go_through(argv, self.check_export, (1, 3, 8))

    def test_export_with_much_asked_for(self):
        """Embeddings, files in their rows, texts in entries of their own, things left out."""
        with lib.own(lib.KINDS[-1], lib.NEWEST) as instance:
            instance.set("asset", "report", text_content="x" * (1 << 20) + "y")
            instance.set("annotation", "main1", value=json.dumps({"title": "x" * (1 << 20)}))
            argv = process.arguments(
                instance, self.path, "--include-embeddings", "--include-datasets",
                "--asset-format", "inline", "--max-line", "1", "--no-authors", "--timeout", "5",
                "--exclude-field", "Policy positions.stance",
                "--exclude-asset", instance.uuid("asset", "same_size"))
            self.go_through(argv, self.check_export, (1, 3, 8))

    def keys(self):
        """(private, public)"""
        private = lib.new_path(".key")
        made = lib.run("keygen", "--no-passphrase", private.with_suffix(""))
        self.assertEqual(made.returncode, 0, made.stderr)
        return private, private.with_suffix(".pub")

    def test_sign(self):
        self.signed, self.lax = True, LAX_KEY
        argv = process.arguments(self.instance, self.path, "--timeout", "5",
                                 "--sign", self.keys()[0])
        self.go_through(argv, self.check_export, (1, 2, 3, 8))

    def test_trust(self):
        self.lax = LAX_KEY
        private, public = self.keys()
        package = lib.export(self.instance, "--sign", private).path
        self.same(["validate", package, "--progress", "none", "--trust", public, "--json"],
                  (1, 2, 5))

    def test_make_run(self):
        """It is there, or nothing of it; a failure of what is said afterwards takes nothing
        back, and without any memory files can't be taken back."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            def state():
                return (int(instance.db.value("SELECT count(*) FROM annotationrun")),
                        sorted(instance.store.rglob("*")))
            now = state()

            def check(done):
                nonlocal now
                before, now = now, state()
                more = now[0] - before[0]
                self.assertIn(more, (0, 1) if done.returncode else (1,))
                if not more and not self.goes_on:
                    self.assertEqual(now[1], before[1])
            self.left = check
            # where something stands depends on the seed, now and then
            seeds, self.certain = itertools.count(1), False
            self.more = lambda: ["--seed", str(next(seeds))]
            self.go_through(
                ["make-run", "--db", instance.db.dsn, "--as", "owner@example.org", "--infospace",
                 "21", "--store", f"dir:{instance.store}", "--yes", "--progress", "none",
                 "--assets", "8", "--schemas", "1", "--annotations", "9", "--timeout", "10"],
                check, (1, 8))

    def test_export_of_files_in_a_bucket(self):
        with self.bucket() as server:
            server.objects.update({str(p.relative_to(self.instance.store)): p.read_bytes()
                                   for p in self.instance.store.rglob("*") if p.is_file()})
            argv = process.arguments(self.instance, self.path, "--timeout", "2",
                                     store="s3://bucket")
            # 3: the package is there, and only its record had no room
            self.go_through(argv, self.check_export, (1, 3, 8))

    def bucket(self):
        server = Faulty()
        self.variables = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
                          "AWS_ENDPOINT_URL": server.endpoint, "NO_PROXY": "*",
                          "STORE_TIMEOUT": "2"}
        self.certain = False
        self.said, self.lax = SAID + b"|" + REFUSED, LAX_NET + b"|" + REFUSED
        return server

    def test_put_into_a_bucket(self):
        """In one piece and in several: whole or not there, and nothing half is left."""
        self.program = Path(lib.program()).resolve().parent.parent / "tests/store/tool"
        for size in (100, 9 << 20):
            with self.subTest(size=size), self.bucket() as server:
                self.input = b"x" * size

                def check(done, server=server):
                    if done.returncode == 0:
                        self.assertIn("a", server.objects)
                    self.assertEqual(server.objects.pop("a", self.input), self.input)
                self.left = check
                self.silent = (2,)  # where the tool can't even begin
                self.go_through(["s3://bucket", "put", "a", *(["-1"] if size > 100 else [])],
                                check, (1, 2, 8))

    def same(self, argv, codes=(1,)):
        """Nothing but the same answer, each time."""
        done = lib.run(*argv)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.go_through(argv, lambda d: self.assertEqual(d.stdout, done.stdout), codes)

    def test_validate(self):
        self.same(["validate", self.package, "--progress", "none"])

    def test_inspect(self):
        self.same(["inspect", self.package, "--entries", "--references", "--samples", "3"])

    def test_list(self):
        self.same(["list", "runs", "--db", self.instance.db.dsn, "--as", "owner@example.org"],
                  (1, 8))

    def test_compat(self):
        self.same(["compat", self.package, "--db", self.instance.db.dsn, "--as",
                   "owner@example.org", "--into", str(self.instance.id("infospace", "main")),
                   "--store", f"dir:{self.instance.store}", "--json", "--progress", "none"], (1, 8))

    def test_describe(self):
        self.same(["describe", "-", "--db", self.instance.db.dsn], (1, 8))

    def test_compat_with_what_was_described(self):
        path = lib.new_path(".json")
        done = lib.run("describe", path, "--db", self.instance.db.dsn)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.same(["compat", self.package, "--target-profile", path, "--progress", "none"])

    def test_operations(self):
        """What is on record, of the database and of this machine."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            lib.export(instance)  # on this machine
            setup = lib.run("setup", "--db", instance.db.dsn)
            self.assertEqual(setup.returncode, 0, setup.stderr)
            lib.export(instance)
            access = ["--db", instance.db.dsn, "--json"]
            self.same(["list", "operations", *access], (1, 8))
            one = instance.db.value("SELECT uuid FROM spaceport.export_operations")
            self.same(["show", one, *access], (1, 8))

    def test_doctor(self):
        argv = ["doctor", "--db", self.instance.db.dsn, "--as", "owner@example.org", "--store",
                f"dir:{self.instance.store}", "--json"]
        # how large its answer is depends on how long its checks took
        self.certain = False
        # the shortage is what a check finds, or what keeps one from being right
        self.go_through(argv, lambda d: json.loads(d.stdout), (1, 2, 3, 8))


if __name__ == "__main__":
    unittest.main()
