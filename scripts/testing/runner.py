#!/usr/bin/env python3
"""Runs modules of Python tests and writes each test's result to a file.

Several runners may share the same modules, so that each starts its servers
once: whoever comes first to a class of tests takes it. A test with a subtest that
failed has failed; one whose subtests were skipped, and none failed, was skipped.
"""

import argparse
import faulthandler
import sys
import time
import unittest
import zlib
from pathlib import Path

import results


def name_of(test):
    """A class of tests may have an id() of its own that is none."""
    return unittest.TestCase.id(test) if isinstance(test, unittest.TestCase) else test.id()


class Recorder(unittest.TextTestResult):
    """Prints as unittest does, and keeps one outcome a test."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.outcomes = {}
        self.times = []
        self._begin = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.outcomes[name_of(test)] = results.Result(name_of(test), results.PASSED)
        self._begin = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.times.append((time.monotonic() - self._begin, name_of(test)))

    def _note(self, test, outcome, detail):
        name = name_of(getattr(test, "test_case", test))  # of a subtest
        result = self.outcomes.setdefault(name, results.Result(name, results.PASSED))
        if outcome == results.FAILED and result.outcome != results.FAILED:
            result.outcome, result.detail = outcome, f"{test}\n{detail}"
        elif result.outcome == results.PASSED:
            result.outcome, result.detail = outcome, detail

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, results.FAILED, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, results.FAILED, self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            failure = issubclass(err[0], subtest.failureException)
            self._note(subtest, results.FAILED, (self.failures if failure else self.errors)[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, results.SKIPPED, reason)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._note(test, results.FAILED, "passed, though it is expected to fail")


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def sample(suite, one_of, seed):
    """One of so many tests, the same for the same seed, but at least one."""
    tests = sorted(tests_of(suite), key=lambda t: zlib.crc32(f"{seed} {name_of(t)}".encode()))
    kept = {name_of(t) for t in tests[:max(1, round(len(tests) / one_of))]}
    return unittest.TestSuite(t for t in tests_of(suite) if name_of(t) in kept)


def take(suite, place):
    """The tests of those classes that nobody else has; None: another has all there are."""
    def is_mine(name):
        try:
            (place / name).mkdir(parents=True)
        except FileExistsError:
            return False
        return True

    # a module without tests fails, and that once
    names = {type(t).__qualname__ for t in tests_of(suite)} or {"-"}
    mine = {name for name in sorted(names) if is_mine(name)}
    kept = [t for t in tests_of(suite) if type(t).__qualname__ in mine]
    return unittest.TestSuite(kept) if mine else None


def run(module, args):
    """The results of what is left of a module."""
    suite = unittest.defaultTestLoader.loadTestsFromName(module.stem)
    if args.one_of > 1:
        suite = sample(suite, args.one_of, args.seed)
    if args.queue:
        suite = take(suite, args.queue / module.stem)
    if suite is None:
        return []
    print(f"\n{module.stem}" + (f": one of {args.one_of} tests, seed {args.seed}"
                               if args.one_of > 1 else ""), file=sys.stderr)
    runner = unittest.TextTestRunner(resultclass=Recorder, verbosity=2)
    # says where it hangs
    faulthandler.dump_traceback_later(args.timeout, exit=True)
    begin = time.monotonic()
    done = runner.run(suite)
    faulthandler.cancel_dump_traceback_later()
    for seconds, name in sorted(done.times, reverse=True)[:10]:
        print(f"{seconds:8.2f} s  {name}", file=sys.stderr)
    found = list(done.outcomes.values()) or [
        results.Result(module.stem, results.FAILED, "there is no test")]
    print(f"== {module.stem:<24}{time.monotonic() - begin:6.0f} s   {results.summary(found)}",
          file=sys.stderr, flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", required=True, type=Path)
    parser.add_argument("--queue", type=Path, metavar="DIR",
                        help="where runners note which classes they took")
    parser.add_argument("--one-of", type=int, default=1, metavar="N")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS",
                        help="for a module")
    parser.add_argument("module", type=Path, nargs="+")
    args = parser.parse_args()
    sys.path.insert(0, str(args.module[0].parent))
    found = []
    for module in args.module:
        found += run(module, args)
        results.write(args.results, found, ended=False)
    results.write(args.results, found)


if __name__ == "__main__":
    main()
