#!/usr/bin/env python3
"""Fuzzing with afl++; scripts/fuzz says what it is called with."""

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/hqdb"))
from kinds import cache_dir  # noqa: E402

CORPUS = ROOT / "tests/fuzz/corpus"
# Each with its words for afl-fuzz.
TARGETS = {"zip": "zip", "manifest": "json", "lines": "json", "options": "options"}
MOST_BYTES = 32 << 10
# Milliseconds of the clock; what takes longer is tried again by processor time.
PATIENCE = 10000
# Files of the corpus for a target, beyond the seeds.
MOST_FILES = 600
# What the names of inputs begin with there that crashed a target once.
CRASH = "crash-"


def environment():
    """afl-fuzz runs on a machine as it is; what targets write stays in memory."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
    return {**os.environ, "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_NO_UI": "1",
            "AFL_ALLOW_TMP": "1",
            "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_FAST_CAL": "1", "AFL_QUIET": "1",
            "AFL_FORKSRV_INIT_TMOUT": "60000", "TMPDIR": memory}


def name_of(data):
    return hashlib.sha256(data).hexdigest()[:16]


def copy_new(files, to, known=()):
    """By content, each once; how many weren't known."""
    to.mkdir(parents=True, exist_ok=True)
    count = 0
    for file in files:
        data = file.read_bytes()
        if name_of(data) not in known and not (to / name_of(data)).exists():
            (to / name_of(data)).write_bytes(data)
            count += 1
    return count


def files_in(folder):
    return sorted(p for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []


class Fuzz:
    """What is done with one target."""

    def __init__(self, target, build, kept, work):
        self.target, self.kept = target, kept / target
        self.crashes = kept / "crashes" / target
        self.program = build / f"tests/fuzz/fuzz_{target}"
        self.work = work / target
        self.work.mkdir()

    def seeds(self):
        folder = self.work / "seeds"
        if not folder.exists():
            subprocess.run([sys.executable, ROOT / "tests/fuzz/seeds.py", folder], check=True)
        return files_in(folder / self.target)

    def inputs(self):
        """A folder with all that there is."""
        folder = self.work / "inputs"
        copy_new([*self.seeds(), *files_in(CORPUS / self.target), *files_in(self.kept)], folder)
        return folder

    def replay(self, *paths):
        """None where all is well, else what the target said."""
        done = subprocess.run([self.program, *paths], env=environment(), capture_output=True,
                              text=True, errors="replace", check=False)
        return None if done.returncode == 0 else done.stderr[-6000:] or f"code {done.returncode}"

    def minimise(self, folder, to):
        """The inputs that reach all that all of them reach."""
        to.mkdir()
        subprocess.run(["afl-cmin", "-i", folder, "-o", to, "-m", "none", "-t", str(PATIENCE),
                        "--", self.program], env=environment(), check=True,
                       stdout=subprocess.DEVNULL)

    def run(self, minutes):
        """What is wrong: texts."""
        wrong = [f"still: {text}" for path in files_in(self.crashes)
                 if (text := self.replay(path))]
        out = self.work / "out"
        command = ["afl-fuzz", "-m", "none", "-t", str(PATIENCE), "-G", str(MOST_BYTES),
                   "-x", ROOT / f"tests/fuzz/{TARGETS[self.target]}.dict", "-i", self.inputs(),
                   "-o", out, "--", self.program]
        # much is freed at once, nothing for long
        env = {**environment(), "ASAN_OPTIONS": "abort_on_error=1:symbolize=0:detect_leaks=0"
                                                ":quarantine_size_mb=1"}
        with open(self.work / "log", "wb") as log:
            process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)
            try:
                seconds = work_for(process, 60 * minutes)
            finally:
                end(process)
        out /= "default"
        if not (out / "fuzzer_stats").exists() or seconds < 60 * minutes:
            wrong.append("afl-fuzz ended: " + (self.work / "log").read_text("utf-8")[-3000:])
            return wrong
        wrong += self.judge(out)
        self.keep(out)
        self.say(out, seconds, len(wrong))
        return wrong

    def judge(self, out):
        """The inputs that crashed the target, and those that took it too long
        even by processor time."""
        wrong = []
        for kind in ("crashes", "hangs"):
            for path in files_in(out / kind):
                text = self.replay(path) if path.name.startswith("id:") else None
                if path.name.startswith("id:") and (text or kind == "crashes"):
                    copy_new([path], self.crashes)
                    kept = self.crashes / name_of(path.read_bytes())
                    wrong.append(f"{text or 'it crashed after others, not by itself'}\n"
                                 f"again: scripts/fuzz replay {self.target} {kept}")
        return wrong

    def keep(self, out):
        """What the next run begins with: of all that is known now as little as
        reaches as much."""
        least = self.work / "least"
        queue = self.work / "queue"
        copy_new([p for p in files_in(out / "queue") if p.name.startswith("id:")], queue)
        self.minimise(queue, least)
        known = {name_of(p.read_bytes()) for p in (*self.seeds(),
                                                   *files_in(CORPUS / self.target))}
        new = self.work / "new"
        copy_new(files_in(least), new, known)
        self.kept.mkdir(parents=True, exist_ok=True)
        for path in files_in(self.kept):
            path.unlink()
        copy_new(files_in(new), self.kept)

    def say(self, out, seconds, wrong):
        stats = dict(re.findall(r"^(\w+)\s*: (.*)$", (out / "fuzzer_stats").read_text(), re.M))
        print(f"== fuzz {self.target}: {seconds / 60:.1f} minutes of a processor, "
              f"{int(stats['execs_done']):,} inputs, {stats['bitmap_cvg']} of branches, "
              f"{len(files_in(self.kept))} kept, {wrong} crashes", flush=True)

    def take(self):
        """The tree's corpus from all that is known, without the seeds. What ever
        crashed a target stays, whatever it reaches."""
        least, small = self.work / "least", self.work / "small"
        small.mkdir()
        for path in files_in(CORPUS / self.target):
            if path.name.startswith(CRASH):
                shutil.copy(path, small)
        for path in files_in(self.crashes):
            shutil.copy(path, small / (CRASH + path.name))
        self.minimise(self.inputs(), least)
        seeds = {name_of(p.read_bytes()) for p in self.seeds()}
        new = sorted((p for p in files_in(least) if name_of(p.read_bytes()) not in seeds),
                     key=lambda p: p.stat().st_size)[:MOST_FILES]
        copy_new(new, small)
        shutil.rmtree(CORPUS / self.target, ignore_errors=True)
        shutil.copytree(small, CORPUS / self.target)
        size = sum(p.stat().st_size for p in files_in(CORPUS / self.target))
        print(f"{self.target}: {len(files_in(CORPUS / self.target))} inputs, {size:,} bytes")


def family(pid):
    """The process and all below it, whatever sessions they are in: each one's
    processor time in ticks, with that of children that it waited for."""
    parents, ticks = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue  # ended meanwhile
            parents[int(entry.name)] = int(fields[1])
            ticks[int(entry.name)] = sum(map(int, fields[11:15]))
    found = {pid}
    while more := {p for p, parent in parents.items() if parent in found} - found:
        found |= more
    return {p: ticks[p] for p in found if p in ticks}


def work_for(process, seconds):
    """Until the process has had so much processor time, or ended; how much it had."""
    had = 0
    while had < seconds:
        had = max(had, sum(family(process.pid).values()) / os.sysconf("SC_CLK_TCK"))
        try:
            process.wait(min(2, max(0.1, seconds - had)))
            return had
        except subprocess.TimeoutExpired:
            continue
    return had


def end(process):
    below = family(process.pid)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            below |= family(process.pid)
            process.kill()
    process.wait()
    for pid in below:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def build_in(folder):
    """The targets, with afl++'s compiler and sanitizers."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (ROOT / "configure").exists():
        subprocess.run([ROOT / "autogen.sh"], check=True, stdout=subprocess.DEVNULL)
    env = {**os.environ, "AFL_QUIET": "1"}
    for command in ([ROOT / "configure", "-q", "--enable-sanitizers", "CC=afl-clang-fast",
                     "CFLAGS=-O2 -g"], ["make", f"-j{os.cpu_count()}", "fuzz-targets"]):
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise SystemExit(f"{done.stdout[-2000:]}{done.stderr[-4000:]}")


def interrupted(signum, _frame):
    raise SystemExit(128 + signum)


def parse():
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("--build", type=lambda path: Path(path).resolve(),
                        help="a folder where the targets are built")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run")
    run.add_argument("--minutes", type=float, default=15)
    run.add_argument("--target", action="append", choices=TARGETS)
    replay = commands.add_parser("replay")
    replay.add_argument("target", choices=TARGETS)
    replay.add_argument("path", nargs="+", type=Path)
    take = commands.add_parser("take")
    for command in (run, take):
        command.add_argument("--kept", type=Path, default=cache_dir() / "fuzz")
    return parser.parse_args()


def work(args, folder):
    build = args.build
    if not build:
        build = folder / "build"
        build_in(build)
    if args.command == "replay":
        text = Fuzz(args.target, build, folder, folder).replay(*args.path)
        print(text or "nothing is wrong")
        return 1 if text else 0
    code = 0
    targets = getattr(args, "target", None) or TARGETS
    for target in targets:
        one = Fuzz(target, build, args.kept, folder)
        if args.command == "take":
            one.take()
            continue
        wrong = one.run(args.minutes)
        for text in wrong:
            print(f"{target}: {text}", file=sys.stderr)
        code = 1 if wrong else code
    if args.command == "take":
        shutil.rmtree(args.kept, ignore_errors=True)
    return code


def main():
    args = parse()
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    with tempfile.TemporaryDirectory(prefix="spaceport-fuzz-") as folder:
        return work(args, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
