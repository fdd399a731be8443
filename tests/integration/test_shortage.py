"""Memory that runs out, anywhere: an error that says so, or no difference; never a
crash, a wrong answer or a file that is half.

Not each allocation is tried but each place of one (faults/alloc.c says what that
is), since a run has tens of thousands of allocations that are the same to it. The
failure comes once, or goes on from there. Those of libraries are the libraries'
own to survive, and count as well; of libcrypto's, which looks up its algorithms in
hundreds of places, a sample does. Where lines are counted, so many places as it takes
for each call of the program's that leads to an allocation to fail once."""

import itertools
import json
import os
import random
import signal
import sys
import unittest
import uuid
from pathlib import Path
from typing import NamedTuple

import lib
import process

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "store"))

from faulty import Faulty  # noqa: E402

# the C library's word for a thread that gets none is another
SAID = rb"(?i)memory|can't start a thread"
# libpq forgets some answers then, and the time-out ends the wait for them; libcrypto doesn't
# always say what it lacks.
LAX = rb"(?i)memory|no sign of life for \d+ seconds|SHA-256"
# libcurl says that it can't connect, or that the other side doesn't speak as it should.
LAX_NET = LAX + rb"|can't connect|broke|isn't HTTP|almost nothing"
# libcrypto gives no key then, or one of a type whose name it doesn't find, or takes a signature
# for a wrong one.
LAX_KEY = LAX + (rb"|isn't one key|no key that can be read|instead of Ed25519|OpenSSL failed"
                 rb"|isn't the signature")
# Why a bucket refused is told with what could be read of its answer.
REFUSED = rb"NoSuchKey|XAmzContentSHA256Mismatch"
# libarchive ends a program where it has no memory for a name, and crashes where it has none for
# a package's directory; libcurl hands to libcrypto what it got no memory for when it signs.
ENDS = (b"Fatal Internal Error in libarchive", b"crashed in libarchive",
        b"crashed in libcrypto")
# So many of each command, all only of a plain export with the full numbers; and always so many of
# libcrypto's.
SAMPLE, FULL_SAMPLE, CRYPTO_SAMPLE = 12, 60, 60


class Place(NamedTuple):
    name: str
    asker: str
    callers: str

    def calls(self):
        """The program's own calls on the way to it."""
        return frozenset(c for c in self.callers.split() if c.startswith("program+"))


def cover(places, done, most):
    """Few places with all calls of the program's that lead to any, but for those in
    `done`, which get there; at most so many, that lead the furthest."""
    by_calls = {p.calls(): p for p in places}
    wanted = frozenset().union(*by_calls) - done
    chosen = []
    while wanted and len(chosen) < most:
        best = max(by_calls, key=lambda calls: len(calls & wanted))
        wanted -= best
        done |= best
        chosen.append(by_calls[best])
    return chosen


class Shortage(process.Case):
    done = {}  # of each program: the calls that have failed
    program = None
    variables, input = {}, None
    said, lax = SAID, LAX
    silent = (3,)  # codes with which it needn't say why
    thorough = False
    certain = True  # nearly the same places come by in every run
    signed = False
    most = 1000  # tries, where lines are counted
    goes_on = False  # whether what fails now goes on to

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.package = lib.shared_export(cls.instance).path

    def run_it(self, argv, **variables):
        argv = [*argv, *self.more()]
        env = process.preloaded("alloc", **self.variables, **variables)
        return lib.run(*argv, env=env, input=self.input, program=self.program)

    def more(self):
        """Arguments that are others in each run."""
        return []

    def places(self, argv):
        log = lib.new_path(".places")
        done = self.run_it(argv, ALLOC_LOG=str(log))
        self.assertEqual(done.returncode, 0, done.stderr)
        if process.memory_checked() and not log.exists():
            self.skipTest("clang's AddressSanitizer is in the program, before what is preloaded")
        found = [Place(*line.split(" ", 2)) for line in log.read_text("ascii").splitlines()]
        self.assertGreater(sum(p.asker == "program" for p in found), 40)
        return found, done

    def choose(self, places):
        """(place, goes on) pairs."""
        if process.lines_counted():
            return [(p, False) for p in cover(
                places, self.done.setdefault(self.program, set()), self.most)]
        own = [p for p in places if p.asker == "program"]
        crypto = [p for p in places if p.asker.startswith("libcrypto")]
        rng = random.Random("places")
        chosen = {*own, *places} - set(crypto)
        chosen |= set(rng.sample(crypto, min(CRYPTO_SAMPLE, len(crypto))))
        tries = [(p, False) for p in places if p in chosen] + [(p, True) for p in own]
        if lib.FULL and self.thorough:
            return tries
        return rng.sample(tries, min(FULL_SAMPLE if lib.FULL else SAMPLE, len(tries)))

    def go_through(self, argv, check, codes=(1,)):
        """check(process) where the program says that all went well."""
        places, good = self.places(argv)
        self.check_success(good, check)
        tries = self.choose(places)
        self.missed = 0
        for place, goes_on in tries:
            with self.subTest(place=place, goes_on=goes_on):
                self.try_one(argv, place, goes_on, check, codes)
        print(f"\n{self.id()}: {len(tries)} failures, at {len({p for p, _ in tries})} of "
              f"{len(places)} places, of which {sum(p.asker == 'program' for p in places)} are the "
              "program's own", file=sys.stderr)
        # what comes in one piece from a server comes in two at another time
        if self.certain:
            self.assertLessEqual(self.missed, 1 + len(tries) // 10, "nothing failed")

    def try_one(self, argv, place, goes_on, check, codes):
        hit, self.goes_on = lib.new_path(".hit"), goes_on
        done = self.run_it(argv, ALLOC_FAIL=place.name, ALLOC_HIT=str(hit),
                           ALLOC_ON="1" if goes_on else None)
        self.missed += not hit.exists()
        self.assertNotIn(b"Sanitizer", done.stderr)
        if done.returncode == 0:
            self.check_success(done, check)
            return
        ended = any(e in done.stderr for e in ENDS)
        if done.returncode == -signal.SIGSEGV:
            self.assertTrue(ended, done.stderr)
        else:
            self.assertIn(done.returncode, codes, (done.stdout, done.stderr))
        if done.returncode in codes and done.returncode not in self.silent:
            lax = place.asker.startswith(("libpq", "libcrypto", "libcurl")) or goes_on
            self.assertRegex(done.stderr + done.stdout, self.lax if lax else self.said)
        self.left(done)
        if done.returncode == 3 and argv[0] == "export":
            self.assertIn(b"nowhere on record", done.stderr)
            self.check_export(done)
        self.check_left(ended)

    def left(self, done):
        """Checks what else a failure may have left."""

    def check_left(self, ended):
        """Nothing; a whole package, where what was to be said of it had no room; or
        what the next run removes, where libarchive has ended the program."""
        if self.path.exists():
            self.check_export(None)
            self.path.unlink()
        left = os.listdir(self.folder)
        self.assertEqual(left, process.leftovers(self.folder) if ended else [])
        for name in left:
            (self.folder / name).unlink()

    def check_success(self, done, check):
        check(done)
        for path in self.folder.iterdir():
            path.unlink()

    def check_export(self, _done):
        self.assertEqual(os.listdir(self.folder), [self.path.name])
        if not self.signed:
            process.check_package(self.path)
        lib.validate(self.path)

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

    def test_import(self):
        """As far as an import goes today."""
        self.import_of(self.package, 150)

    def test_import_of_another_generation(self):
        self.import_of(lib.shared_export(lib.shared(lib.KINDS[0], lib.GENERATIONS[0])).path, 40)

    def import_of(self, path, most):
        self.most = most
        self.program = Path(lib.program()).resolve().parent.parent / "tests/import/tool"
        package = lib.Package(path)
        argv = [self.instance.db.dsn, path, "01234567-89ab-4cde-8f01-23456789abcd",
                "temporary", package.json("compatibility/instance_mapping.json")["instance"],
                str(self.instance.id("infospace", "main"))]
        done = lib.run(*argv, program=self.program)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.go_through(argv, lambda d: self.assertEqual(d.stdout, done.stdout), (1, 8))

    def test_merge(self):
        """An import is there wholly, or not at all."""
        self.most = 150
        self.program = Path(lib.program()).resolve().parent.parent / "tests/import/tool"
        package = lib.Package(self.package)
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            setup = lib.run("setup", "--db", instance.db.dsn)
            self.assertEqual(setup.returncode, 0, setup.stderr)
            argv = [instance.db.dsn, self.package, "01234567-89ab-4cde-8f01-23456789abcd",
                    "temporary", package.json("compatibility/instance_mapping.json")["instance"],
                    str(instance.id("infospace", "twin")), "merge=1",
                    f"owner={instance.id('user', 'owner')}"]

            # what is written first, and what comes last
            kinds = len([k for k in lib.TABLES if package.rows(k)]) - 2

            def check(done):
                first, last = (int(instance.db.value(f"SELECT count(*) FROM {t}")) for t in (
                    "spaceport.import_columns", "flowexecution"))
                nonlocal before
                whole = (kinds, before + 1)
                self.assertIn((first, last), ((0, before), whole) if done.returncode else (whole,))
                if first:
                    instance.db.run("TRUNCATE spaceport.import_columns")
                before = last
            done = lib.run(*argv, program=self.program)
            self.assertEqual(done.returncode, 0, done.stderr)
            instance.db.run("TRUNCATE spaceport.import_columns")
            before = int(instance.db.value("SELECT count(*) FROM flowexecution"))
            self.left = check
            self.more = lambda: [f"new={uuid.uuid4()}"]

            def check_whole(found):
                self.assertEqual(found.stdout, done.stdout)
                check(found)
            self.go_through(argv, check_whole, (1, 8))

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
