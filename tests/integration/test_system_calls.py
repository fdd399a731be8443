"""An export survives a failure of each of its system calls: under the final
name is nothing, or a package that validates; the error is told; nothing is left
behind but by a process that was killed, and that goes with the next run.

The calls of a good run are counted by thread and name; then the export runs
anew for each, and strace lets this one fail, or it and all after it, or kills
the process at it. Calls of other threads than the first are all on the
package's temporary file: they are reached by counting only calls on that.
"""

import collections
import errno
import os
import random
import signal
import sys
import unittest
from pathlib import Path

import lib
import process
import trace
from process import FINAL

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "store"))

import s3  # noqa: E402

TEMP = ".spaceport-aaaaaa.partial"
# How a call goes wrong; "+": all such calls after it as well.
HARD = ("EIO", "EIO+", "ENOSPC", "ENOSPC+", "KILL")
SOFT = ("EIO", "EIO+")
CHANGING = {"write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "fallocate",
            "rename", "renameat", "renameat2", "close", "openat"}
# Not tried: memory and threads (test_shortage.py has memory), what starts and
# ends a process, and what can't fail so.
NOT_TRIED = {"access", "arch_prctl", "brk", "clone3", "execve", "exit", "exit_group", "futex",
             "getpid", "getppid", "gettid", "getuid", "geteuid", "madvise", "mmap", "mprotect",
             "munmap", "prctl", "prlimit64", "rseq", "rt_sigaction", "rt_sigprocmask",
             "rt_sigreturn", "restart_syscall", "set_robust_list", "set_tid_address", "umask",
             "sync_file_range"}
# Some of each do: test_faults.py has a network that breaks everywhere.
NETWORK = {"poll", "recvfrom", "sendto"}
NETWORK_SAMPLE = 10
# Without the full numbers, so many failures.
SAMPLE = 25


def is_loaders(call):
    """Made before the program's own first, to load its libraries."""
    return ".so" in call.text and ("/lib" in call.text or "/ld.so" in call.text)


# No folder, and none can be made in it.
NOWHERE = "/dev/null/counters"


def is_counters(call):
    """Made at the end of a program that counts its lines, to keep them."""
    return ".gcda" in call.text or NOWHERE in call.text


def is_records(call):
    """Made on the record of the export, or its folder, or perhaps for its name."""
    return "/.local/state" in call.text or call.name == "getrandom"


def may_be_lost(call):
    """Whether bytes of the package may be lost where the call fails."""
    if call.name in ("fsync", "ftruncate") or call.name.startswith("rename"):
        return True
    return call.name == "write" and not call.text.startswith(("1<", "2<"))


class Case(process.Case):
    """One store's export, and what is done to it."""

    @classmethod
    def setUpClass(cls):
        trace.need_files()
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.env = lib.environment(ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "")
                                   + ":verify_asan_link_order=0")

    def argv(self, *options, **more):
        return process.arguments(self.instance, self.path, "--timeout", "2", *options, **more)

    def good(self, names, only=None, options=()):
        """The calls of a run that nothing happens to."""
        done, calls = trace.run(self.argv(*options), names, env=self.env, only=only)
        self.assertEqual(done.returncode, 0, done.stderr)
        process.check_package(self.path)
        self.path.unlink()
        return [c for c in calls if not is_counters(c)]

    def calls(self):
        calls = [c for c in self.good(["all"]) if c.name not in NOT_TRIED]
        others = [c for c in calls if c.thread]
        self.assertTrue(others)
        for call in others:
            self.assertIn(".partial>", call.text, "a thread does more than to write the package")
        return [c for c in calls if not c.thread]

    def faults(self, calls, loader=True):
        """(name, number, how) for each call; numbers count from 1."""
        total = collections.Counter(c.name for c in calls)
        rng = random.Random("network")
        network = {(name, number) for name in NETWORK & set(total) for number in
                   rng.sample(range(1, total[name] + 1), min(NETWORK_SAMPLE, total[name]))}
        seen, faults = collections.Counter(), []
        for call in calls:
            seen[call.name] += 1
            at = call.name, seen[call.name]
            if (loader or not is_loaders(call)) and (call.name not in NETWORK or at in network):
                faults += [(*at, how) for how in (HARD if call.name in CHANGING else SOFT)]
        return faults

    def go_through(self, faults, only=None, options=()):
        """Tries them all, or a sample that is spread over them."""
        tried = faults
        if not lib.FULL and len(faults) > SAMPLE:
            step = len(faults) / SAMPLE
            offset = random.Random(self.id()).random()
            tried = [faults[int((i + offset) * step)] for i in range(SAMPLE)]
        for fault in tried:
            with self.subTest(fault=fault):
                self.try_one(*fault, only, options)
        indices = {(name, number) for name, number, _ in tried}
        print(f"\n{self.id()}: {len(tried)} of {len(faults)} failures tried, at {len(indices)} of "
              f"{len({f[:2] for f in faults})} calls", file=sys.stderr)
        self.sweeps(options)

    def try_one(self, name, number, how, only, options):
        what = "signal=KILL" if how == "KILL" else f"error={how.rstrip('+')}"
        plus = "+" if how.endswith("+") else ""
        env = self.env
        if plus and process.lines_counted():
            # what can't be read when counters are added to is begun anew, and all before is lost
            env = {**env, "GCOV_PREFIX": NOWHERE}
        # what a killed run left goes with a later one, if that can look at it
        before = self.there()
        done, calls = trace.run(self.argv(*options), [name], env=env, only=only,
                                inject=[f"{name}:{what}:when={number}{plus}"])
        try:
            if how == "KILL":
                self.check_killed(done, before)
            else:
                hit = [c for c in calls if c.injected and not is_counters(c)]
                # how often the network is asked depends on time
                self.assertTrue(hit or name in NETWORK, "the call wasn't reached")
                self.check_failed(done, before, hit, os.strerror(getattr(errno, how.rstrip("+"))))
        finally:
            self.path.unlink(missing_ok=True)

    def there(self):
        return {p.name for p in self.folder.iterdir()}

    def check_killed(self, done, before):
        self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)
        others = self.there() - {FINAL}
        self.assertEqual(others, set(process.leftovers(self.folder)))
        self.assertLessEqual(len(others - before), 1)
        self.check_final()

    def check_final(self):
        if self.path.exists():
            process.check_package(self.path)
            lib.validate(self.path)

    def check_failed(self, done, before, hit, reason):
        new = self.there() - before
        packages = [c for c in hit if not is_records(c)]
        # what it would say may be what can't be written
        silenced = any(c.name == "write" and c.text.startswith("2<") for c in hit)
        if done.returncode in (0, 3):
            self.assertEqual(new, {FINAL})
            self.check_final()
            self.assertFalse([c for c in packages if may_be_lost(c)], "told of as done")
            if done.returncode == 3:
                self.assertLess(len(packages), len(hit))
                self.assertTrue(silenced or b"nowhere on record" in done.stderr, done.stderr)
            return
        self.assertEqual(new, set(), done.stderr)
        if done.returncode == 127:
            self.assertTrue(is_loaders(hit[0]), hit[0])
            self.assertIn(b"error while loading shared libraries", done.stderr)
            return
        self.assertIn(done.returncode, (1, 8), done.stderr)
        if not silenced:
            self.assertRegex(done.stderr, b"(?m)^spaceport: ")
            # libpq keeps a failure to send to itself and waits for what the server says,
            # and the C library doesn't say why it has no locale
            said = "no sign of life" if hit and hit[0].name == "sendto" else "no locale"
            self.assertRegex(done.stderr.decode(), f"{reason}|{said}", hit[:1])

    def sweeps(self, options):
        """What was left goes with the next run."""
        done = lib.run(*self.argv(*options), env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.there(), {FINAL})
        self.check_final()


class Folder(Case):

    def test_each_call(self):
        self.go_through(self.faults(self.calls()))

    def test_each_call_on_the_package(self):
        """Of all threads; the package is larger than what is written at once."""
        options = ("--compression-level", "0")
        self.env.update(process.preloaded("names"))
        temp = self.folder / TEMP
        calls = self.good(["all"], temp, options)
        threads = {c.thread for c in calls if c.name == "write"}
        self.assertEqual(len(threads), 1)
        self.assertNotEqual(threads, {calls[0].thread}, "the package is written by a thread")
        self.assertGreater(sum(c.name == "write" for c in calls), 1)
        self.go_through(self.faults([c for c in calls if c.name not in NOT_TRIED]), temp, options)


class Bucket(Case):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = s3.Moto()
        cls.addClassCleanup(cls.server.stop)
        cls.server.fill("bucket", cls.instance.store)

    def setUp(self):
        super().setUp()
        self.env.update(self.server.environment(), NO_PROXY="*")

    def argv(self, *options, **more):
        return super().argv(*options, store="s3://bucket", **more)

    def test_each_call(self):
        calls = [c for c in self.calls() if c.name in CHANGING]
        self.go_through(self.faults(calls, loader=False))


if __name__ == "__main__":
    unittest.main()
