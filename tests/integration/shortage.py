"""Memory that runs out, anywhere: an error that says so, or no difference; never a
crash, a wrong answer or a file that is half.

Not each allocation is tried but each place of one (faults/alloc.c says what that
is), since a run has tens of thousands of allocations that are the same to it. The
failure comes once, or goes on from there. Those of libraries are the libraries'
own to survive, and count as well; of libcrypto's, which looks up its algorithms in
hundreds of places, a sample does. Where lines are counted, so many places as it takes
for each call of the program's that leads to an allocation to fail once."""

import os
import random
import signal
import sys
from typing import NamedTuple

import lib
import process

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
