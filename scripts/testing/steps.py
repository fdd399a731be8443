#!/usr/bin/env python3
"""The steps of scripts/test; that script says what it is called with."""

import argparse
import fnmatch
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import fuzz
import report
import results
from pool import Pool, Step, slug

ROOT = Path(__file__).resolve().parent.parent.parent
ALL_SERVERS = "debian,pgserver,embedded-13,embedded-14,embedded-17,embedded-18"
# Nothing that a build or an editor leaves in the sources.
LEAVE_OUT = (".git", "./build", "./build-[!a]*", "*.o", "*.a", "*.gcda", "*.gcno", ".deps",
             ".dirstamp", "__pycache__", "./autom4te.cache", "./configure", "./configure~",
             "./config.h*", "./config.status", "./config.log", "./Makefile", "Makefile.in",
             "./aclocal.m4", "./m4/*.m4", "./po/Makefile*", "./po/*.gmo", "./po/*.pot")
BUILDS = {
    "gcc": "CC=gcc CFLAGS='-O2 -g'",
    "clang": "CC=clang CFLAGS='-O2 -g'",
    "sanitizers": "--enable-sanitizers CC=clang CFLAGS='-O1 -g'",
    "coverage": "--enable-coverage CC=gcc CFLAGS='-O0 -g'",
}
# Integration tests run as compiled for coverage: servers take most of their time. Of the other
# builds' one of so many runs.
SAMPLE = 4
# So many processes share the integration tests; each starts servers of its own.
SHARES, FULL_SHARES = 2, 3
# Seconds that a module of Python tests may take.
TIMEOUT, FULL_TIMEOUT = 600, 4 * 3600


class Plan:
    """Makes the list of steps."""

    def __init__(self, work, full, modules="test_*", fuzzing=""):
        self.work, self.full, self.modules, self.fuzzing = work, full, modules, fuzzing
        self.shares = FULL_SHARES if full else SHARES
        self.tests = work / "src/tests"
        self.testing = work / "src/scripts/testing"
        self.servers = os.environ.get("SPACEPORT_SERVERS") or (
            ALL_SERVERS if full else "debian,pgserver")
        self.steps = []

    def add(self, name, script, *needs, **more):
        self.steps.append(Step(name, script, needs, **more))

    def make(self):
        self.prepare()
        for build in BUILDS:
            self.build(build)
        if self.full:
            self.fuzz()
        for build in ("coverage", "sanitizers", *(("gcc",) if self.full else ())):
            for share in range(self.shares):
                self.integration(build, share + 1)
        for build in ("gcc", "sanitizers"):
            self.terminal(build)
            self.schemas(build)
        # it brings the catalogs of messages among the sources up to date, under everybody's feet
        self.add("distcheck", """
            mkdir distcheck; cp -a src distcheck/sources; cd distcheck
            sources/configure --enable-werror CFLAGS='-O1'
            make distcheck""", "translations", is_test=True)
        self.python("packaging", "packaging/test_packaging.py", "configure script",
                    environment={"SPACEPORT_FULL": "1" if self.full else ""})
        self.python("test databases", "hqdb/test_hqdb.py", "servers",
                    environment={"HQDB_KINDS": self.servers.replace(",", " ")})
        self.coverage()
        if self.full:
            self.bench()
        return self.steps

    def prepare(self):
        leave_out = " ".join(f"--exclude='{pattern}'" for pattern in LEAVE_OUT)
        self.add("configure script", f"""
            mkdir src
            tar -C {ROOT} {leave_out} -cf - . | tar -C src -xf -
            src/autogen.sh""")
        # among the sources, where several builds would write them at once
        self.add("translations", """
            mkdir translations; cd translations
            ../src/configure
            make -C po""", "configure script")
        for kind in self.servers.split(","):
            self.add(f"server {kind}",
                     f"python3 {self.tests}/hqdb/hqdb.py fetch {kind}", "configure script",
                     is_test=True)
        self.add("servers", f"python3 {self.tests}/hqdb/hqdb.py servers",
                 *(f"server {kind}" for kind in self.servers.split(",")))
        stores = ("moto", "minio") if self.full else ("moto",)
        for kind in stores:
            self.add(f"server {kind}", f"python3 {self.tests}/store/s3.py fetch {kind}",
                     "configure script", is_test=True, timeout=3600)
        self.add("other validators", f"python3 {self.tests}/schemas/others.py", "configure script",
                 is_test=True)
        self.add("stores", "true", *(f"server {kind}" for kind in stores))
        found = self.work / "sources.results"
        self.add("rules for the sources", f"""
            python3 {self.testing}/sources.py --results {found}""", "configure script",
                 results=lambda: results.read(found))

        self.python("what counts tests", "../scripts/testing/test_testing.py", "configure script",
                    environment={})

    def build(self, build):
        folder = self.work / build
        self.add(f"build, {build}", f"""
            mkdir {build}; cd {build}
            {self.work}/src/configure --enable-werror {BUILDS[build]}
            make
            make check TESTS=""", "translations")
        name = f"unit tests, {build}"
        self.add(name, f"""
            cd {build}
            {self.sanitized(build, name)}
            make check VERBOSE=1""", f"build, {build}",
                 results=lambda: results.of_automake(folder) + self.complaints(name),
                 environment={**self.environment(build, name), **self.whole(build)},
                 timeout=FULL_TIMEOUT if self.full else 1800)

    def fuzz(self):
        """Besides all else, which leaves a processor idle now and then: the time
        that counts for a target is that of a processor."""
        self.add("build, afl++", f"""
            mkdir fuzz; cd fuzz
            {self.work}/src/configure --enable-sanitizers CC=afl-clang-fast CFLAGS='-O2 -g'
            make fuzz-targets""", "translations")
        for target in fuzz.TARGETS:
            self.add(f"fuzz {target}", f"""
                python3 {self.testing}/fuzz.py --build fuzz run --target {target} {self.fuzzing}""",
                     "build, afl++", is_test=True, background=True, timeout=FULL_TIMEOUT)

    def whole(self, build):
        """The full numbers of other tests, in one of the builds."""
        return {"SPACEPORT_FULL": "1"} if self.full and build == "gcc" else {}

    def environment(self, build, name):
        """Where the sanitizers write, apart from what a test reads."""
        if build != "sanitizers":
            return {}
        path = self.complaint_path(name)
        return {"ASAN_OPTIONS": f"log_path={path}:detect_stack_use_after_return=1"
                                ":strict_string_checks=1:verify_asan_link_order=0",
                "UBSAN_OPTIONS": f"log_path={path}:print_stacktrace=1"}

    def complaint_path(self, name):
        return self.work / "complaints" / slug(name)

    def sanitized(self, build, name):
        folder = self.complaint_path(name).parent
        # some tests run the program as another user
        return f"mkdir -p {folder}; chmod 1777 {folder}" if build == "sanitizers" else ""

    def complaints(self, name):
        """What the sanitizers wrote, whatever the tests made of it: one failure
        for each place in the sources."""
        path = self.complaint_path(name)
        found = {}
        for file in sorted(path.parent.glob(path.name + ".*")):
            text = file.read_text(encoding="utf-8", errors="replace")
            if not text:
                continue  # killed by a test, in the middle of looking for leaks
            place = re.findall(r"^\s+#\d+ .* in (\w+ \S+/src/\S+)$", text, re.M) or [text[:200]]
            found.setdefault(place[0], []).append(text[:4000])
        return [results.Result(f"sanitizers, {name}, {len(texts)} times", results.FAILED, texts[0])
                for texts in found.values()]

    def integration(self, build, share):
        name = f"integration tests, {build}, {share}"
        env = {**self.environment(build, name),
               "SPACEPORT_SERVERS": "debian,pgserver",
               "SPACEPORT": str(self.work / build / "src/spaceport")}
        options = f"--queue {self.work}/queue-{build}"
        if build == "coverage":
            env["SPACEPORT_SERVERS"] = self.servers
            env.update({"SPACEPORT_FULL": "1"} if self.full else {})
        else:
            options += f" --one-of {SAMPLE}"
        self.python(name, f"integration/{self.modules}.py", f"build, {build}", "servers",
                    "stores", environment=env, options=options, build=build)

    def terminal(self, build):
        """Sessions in a terminal. Under the sanitizers their messages count, not
        how quickly keys are answered."""
        name = f"terminal tests, {build}"
        self.python(name, f"ui/{self.modules}.py", f"build, {build}", "servers", build=build,
                    environment={**self.environment(build, name), "SPACEPORT_SERVERS": "debian",
                                 "SPACEPORT": str(self.work / build / "src/spaceport"),
                                 "SPACEPORT_UI_SLOW": "1" if build == "sanitizers" else "",
                                 **self.whole(build)})

    def schemas(self, build):
        name = f"JSON Schemas, {build}"
        self.python(name, f"schemas/{self.modules}.py", f"build, {build}", "servers",
                    "other validators", build=build,
                    environment={**self.environment(build, name), **self.whole(build),
                                 "SPACEPORT_SERVERS": "debian",
                                 "SPACEPORT": str(self.work / build / "src/spaceport")})

    def python(self, name, modules, *needs, environment, options="", build="gcc"):
        found = self.work / f"{slug(name)}.results"

        def collect():
            tests = results.read(found)
            return None if tests is None else tests + self.complaints(name)

        timeout = FULL_TIMEOUT if self.full else TIMEOUT
        self.add(name, f"""
            {self.sanitized(build, name)}
            python3 {self.testing}/runner.py --results {found} --timeout {timeout} {options} \
                {self.tests}/{modules}""",
                 *needs, environment=environment, results=collect, timeout=6 * timeout)

    def coverage(self):
        after = ["unit tests, coverage"]
        after += [f"integration tests, coverage, {share + 1}" for share in range(self.shares)]
        self.add("coverage", f"""
            cd coverage
            gcovr --root ../src --object-directory . --filter ../src/core/ \
                --exclude-unreachable-branches --json-summary ../coverage.json \
                --json ../lines.json .""",
                 "build, coverage", after=tuple(after))
        self.add("lines that tests must run", f"""
            python3 {self.testing}/lines.py lines.json""",
                 "coverage", "unit tests, coverage", is_test=True)
        if self.modules == "test_*":
            self.add("branches that tests must run", f"""
                python3 {self.testing}/lines.py --branches lines.json""",
                     "coverage", *after, is_test=True)

    def bench(self):
        for scale in (1, 10):
            self.add(f"bench, scale {scale}", f"""
                cd gcc
                make bench SCALE={scale} | tee ../bench-{scale}
                if grep -q MISSED ../bench-{scale}; then exit 1; fi""",
                     "build, gcc", "servers", is_test=True, alone=True, timeout=3 * 3600)


def select(steps, patterns):
    """The steps with such names, and what they need."""
    by_name = {s.name: s for s in steps}
    wanted = [s.name for s in steps if any(fnmatch.fnmatch(s.name, p) for p in patterns)]
    names = set()
    while wanted:
        name = wanted.pop()
        if name not in names:
            names.add(name)
            wanted += by_name[name].needs
    return [s for s in steps if s.name in names]


def say(text):
    """What comes from a test may hold anything."""
    print("".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text),
          flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="scripts/test")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--modules", default="test_*")
    parser.add_argument("--fuzz-minutes", type=float, default=15)
    parser.add_argument("--fuzz-kept", type=Path, default=fuzz.cache_dir() / "fuzz")
    return parser.parse_args()


def set_environment():
    """The same for everybody, whoever calls."""
    for name in list(os.environ):
        if name != "SPACEPORT_SERVERS" and name.startswith(
                ("PG", "AWS_", "LC_", "SPACEPORT", "MAKE", "MFLAGS", "ASAN_", "UBSAN_")):
            del os.environ[name]
    os.environ.update(LC_ALL="C.UTF-8", LANGUAGE="", PYTHONDONTWRITEBYTECODE="1")


def interrupted(signum, _frame):
    say("interrupted")
    raise SystemExit(128 + signum)


def run(args, work):
    fuzzing = f"--minutes {args.fuzz_minutes} --kept {shlex.quote(str(args.fuzz_kept.resolve()))}"
    steps = Plan(work, args.full, args.modules, fuzzing).make()
    if args.only:
        steps = select(steps, args.only)
    if args.list:
        for step in steps:
            print(step.name)
        return 0
    begin = time.monotonic()
    # with the full numbers tests wait for time-outs and servers about as long as they work
    jobs = args.jobs or (os.cpu_count() or 2) + args.full
    Pool(work, jobs, say).run(steps)
    minutes = (time.monotonic() - begin) / 60
    found = [r for s in steps for r in s.found]
    coverage = report.coverage(work)
    for line in coverage:
        say(line)
    if args.full and not args.only:
        report.write(ROOT, work, steps, minutes)
    counts = [results.count(found, o) for o in (results.PASSED, results.FAILED, results.SKIPPED)]
    say(f"{minutes:.1f} minutes")
    say("{} passed, {} failed, {} skipped".format(*counts))
    return 1 if counts[1] or not counts[0] else 0


def main():
    args = parse()
    set_environment()
    for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(signum, interrupted)
    # Not TMPDIR: sockets below it have short names only.
    work = Path(tempfile.mkdtemp(prefix="spaceport-test-", dir="/tmp"))
    work.chmod(0o755)
    try:
        for folder in ("logs", "tmp"):
            (work / folder).mkdir(mode=0o755)
        return run(args, work)
    finally:
        if args.keep:
            print(f"kept: {work}", file=sys.stderr)
        else:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
