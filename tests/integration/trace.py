"""System calls of the program, seen and broken by strace.

strace counts the calls of each thread apart, and of each call by its name: "the
third write" is the third of every thread that gets so far. So the calls of a
good run are counted by thread; those of other threads than the first are
reached by looking only at the file that they are made on (`only`), whose name
must be known then: see faults/names.c.
"""

import functools
import os
import re
import subprocess
import unittest
from typing import NamedTuple

import lib

LINE = re.compile(r"(\d+) +(\w+)\((.*)")
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
UNFINISHED = " <unfinished ...>"


class Call(NamedTuple):
    thread: int  # 0: the first
    name: str
    text: str  # arguments and result, as strace prints them

    @property
    def injected(self):
        return "(INJECTED)" in self.text

    @property
    def result(self):
        return self.text.rpartition(" = ")[2]


def parse(text):
    """The calls in the order in which they began; descriptors with their paths."""
    calls, threads, open_ = [], [], {}
    for line in text.splitlines():
        if found := LINE.match(line):
            thread, name, rest = found.groups()
            if thread not in threads:
                threads.append(thread)
            if rest.endswith(UNFINISHED):
                rest = rest.removesuffix(UNFINISHED)
                open_[thread] = len(calls)
            calls.append(Call(threads.index(thread), name, rest))
        elif (found := RESUMED.match(line)) and found[1] in open_:
            at = open_.pop(found[1])
            calls[at] = calls[at]._replace(text=calls[at].text + found[3])
    return calls


def run(argv, names, *, inject=(), only=None, env=None, timeout=lib.TIMEOUT, before=()):
    """Runs the program: (CompletedProcess, calls of these names). `inject`: what
    strace is to do, e.g. "write:error=EIO:when=3"."""
    log = lib.new_path(".trace")
    env = dict(env or lib.environment())
    # LeakSanitizer can't attach where strace has
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    options = ["-e", f"trace={','.join(names)}"]
    for what in inject:
        options += ["-e", f"inject={what}"]
    if only:
        options += ["-P", str(only)]
    done = subprocess.run(
        [*before, "strace", "-f", "-qq", "-y", "-s", "0", "-o", str(log), *options, lib.program(),
         *map(str, argv)], env=env, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=timeout, check=False)
    calls = parse(log.read_text(encoding="utf-8", errors="replace"))
    log.unlink()
    return done, calls


@functools.lru_cache(maxsize=None)
def sees_files():
    """The program keeps others off its memory, and so off the names of its files:
    only root sees them."""
    path = os.path.realpath(__file__)
    _, calls = run(["inspect", path], ["all"])
    return any(f"<{path}>" in call.text for call in calls)


def need_files():
    if not sees_files():
        raise unittest.SkipTest("only root sees which files the program has open")
