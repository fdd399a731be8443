"""Memory that runs out, anywhere: an error that says so, or no difference; never a
crash, a wrong answer or a file that is half.

Not each allocation is tried but each place of one (faults/alloc.c says what that
is), since a run has tens of thousands of allocations that are the same to it. The
failure comes once, or goes on from there. Those of libraries are the libraries'
own to survive, and count as well; of libcrypto's, which looks up its algorithms in
hundreds of places, a sample does."""

import json
import os
import random
import signal
import sys
import unittest
from typing import NamedTuple

import lib
import process

SAID = rb"(?i)memory"
# libpq forgets some answers then, and the time-out ends the wait for them; libcrypto doesn't
# always say what it lacks.
LAX = rb"(?i)memory|no sign of life for \d+ seconds|SHA-256 failed"
# libarchive ends a program where it has no memory for a name, and crashes where it has none for
# a package's directory.
ENDS = (b"Fatal Internal Error in libarchive", b"crashed in libarchive")
# Without the full numbers, so many of each command; always so many of libcrypto's.
SAMPLE, CRYPTO_SAMPLE = 12, 60


class Place(NamedTuple):
    name: str
    asker: str
    callers: str


class Shortage(lib.Case):

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        cls.package = lib.shared_export(cls.instance).path

    def setUp(self):
        self.folder = process.folder()
        self.addCleanup(process.remove, self.folder)
        self.path = self.folder / "run.zip"

    def run_it(self, argv, **variables):
        return lib.run(*argv, env=process.preloaded("alloc", **variables))

    def places(self, argv):
        if process.lines_counted():
            self.skipTest("what counts lines ends the program where it gets no memory itself")
        log = lib.new_path(".places")
        done = self.run_it(argv, ALLOC_LOG=str(log))
        self.assertEqual(done.returncode, 0, done.stderr)
        if process.memory_checked() and not log.exists():
            self.skipTest("clang's AddressSanitizer is in the program, before what is preloaded")
        found = [Place(*line.split(" ", 2)) for line in log.read_text("ascii").splitlines()]
        self.assertGreater(sum(p.asker == "program" for p in found), 50)
        return found, done

    @staticmethod
    def choose(places):
        """(place, goes on) pairs."""
        own = [p for p in places if p.asker == "program"]
        crypto = [p for p in places if p.asker.startswith("libcrypto")]
        rng = random.Random("places")
        chosen = {*own, *places} - set(crypto)
        chosen |= set(rng.sample(crypto, min(CRYPTO_SAMPLE, len(crypto))))
        tries = [(p, False) for p in places if p in chosen] + [(p, True) for p in own]
        return tries if lib.FULL else rng.sample(tries, min(SAMPLE, len(tries)))

    def go_through(self, argv, check, codes=(1,)):
        """check(process) where the program says that all went well."""
        places, good = self.places(argv)
        self.check_success(good, check)
        tries = self.choose(places)
        for place, goes_on in tries:
            with self.subTest(place=place, goes_on=goes_on):
                self.try_one(argv, place, goes_on, check, codes)
        print(f"\n{self.id()}: {len(tries)} failures, at {len({p for p, _ in tries})} of "
              f"{len(places)} places, of which {sum(p.asker == 'program' for p in places)} are the "
              "program's own", file=sys.stderr)

    def try_one(self, argv, place, goes_on, check, codes):
        hit = lib.new_path(".hit")
        done = self.run_it(argv, ALLOC_FAIL=place.name, ALLOC_HIT=str(hit),
                           ALLOC_ON="1" if goes_on else None)
        self.assertTrue(hit.exists(), "nothing failed")
        self.assertNotIn(b"Sanitizer", done.stderr)
        if done.returncode == 0:
            self.check_success(done, check)
            return
        ended = any(e in done.stderr for e in ENDS)
        if done.returncode == -signal.SIGSEGV:
            self.assertTrue(ended, done.stderr)
        else:
            self.assertIn(done.returncode, codes, (done.stdout, done.stderr))
        if done.returncode in codes and done.returncode != 3:
            lax = place.asker.startswith(("libpq", "libcrypto")) or goes_on
            self.assertRegex(done.stderr + done.stdout, LAX if lax else SAID)
        if done.returncode == 3 and argv[0] == "export":
            self.assertIn(b"nowhere on record", done.stderr)
            self.check_export(done)
        self.check_left(ended)

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
        process.check_package(self.path)
        lib.validate(self.path)

    def test_export(self):
        argv = process.arguments(self.instance, self.path, "--timeout", "5")
        # 3: the package is there, and only its record had no room
        self.go_through(argv, self.check_export, (1, 3, 8))

    def same(self, argv, codes=(1,)):
        """Nothing but the same answer, each time."""
        done = lib.run(*argv)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.go_through(argv, lambda d: self.assertEqual(d.stdout, done.stdout), codes)

    def test_validate(self):
        self.same(["validate", self.package, "--progress", "none"])

    def test_inspect(self):
        self.same(["inspect", self.package])

    def test_list(self):
        self.same(["list", "runs", "--db", self.instance.db.dsn, "--as", "owner@example.org"],
                  (1, 8))

    def test_doctor(self):
        argv = ["doctor", "--db", self.instance.db.dsn, "--as", "owner@example.org", "--store",
                f"dir:{self.instance.store}", "--json"]
        # the shortage is what a check finds, or what keeps one from being right
        self.go_through(argv, lambda d: json.loads(d.stdout), (1, 2, 3, 8))


if __name__ == "__main__":
    unittest.main()
