"""Runs steps, several at a time, each a shell script with a log of its own."""

import os
import re
import select
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from results import FAILED, Result, count, summary

STOP_TIMEOUT = 30
BACKGROUND = ("nice", "-n", "19")
TAIL = 60
BAD = ("failed", "left out")
ENDED = ("done", *BAD)


@dataclass
class Step:
    name: str
    script: str
    needs: tuple = ()  # names of steps that must have done well
    after: tuple = ()  # names of steps that must have ended
    results: Callable | None = None  # gives results, or None where there are none
    is_test: bool = False  # without results: counts as one test
    environment: dict = field(default_factory=dict)
    timeout: float = 900
    alone: bool = False  # nothing else runs meanwhile
    # runs besides the others, in what they leave of the processors
    background: bool = False
    # afterwards
    state: str = "waits"  # runs, done, failed, left out
    seconds: float = 0
    found: list = field(default_factory=list)
    log: Path | None = None


def slug(name):
    """As part of a file's name, and of ASAN_OPTIONS."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


class Pool:
    """`say` takes lines for people."""

    def __init__(self, work, jobs, say):
        self.work, self.jobs, self.say = work, jobs, say
        self.running = {}

    def run(self, steps):
        by_name = {s.name: s for s in steps}
        try:
            while True:
                self._start_some(steps, by_name)
                if not self.running:
                    return
                self._wait_for_one()
        finally:
            for step, process, _ in list(self.running.values()):
                self._kill(step, process)

    def _start_some(self, steps, by_name):
        for step in steps:
            if step.state != "waits":
                continue
            states = [by_name[n].state for n in step.needs]
            if any(s in BAD for s in states):
                step.state = "left out"
                because = next(n for n in step.needs if by_name[n].state in BAD)
                step.found = [Result(step.name, FAILED, f"not run, for this failed: {because}")]
                self.say(f"FAILED  {step.name}: not run, for this failed: {because}")
            elif all(s == "done" for s in states) and self._free(step) and all(
                    by_name[n].state in ENDED for n in step.after if n in by_name):
                self._start(step)

    def _free(self, step):
        """As many in the background as in front of it."""
        running = [s for s, _, _ in self.running.values()]
        if step.alone or any(s.alone for s in running):
            return not running
        return sum(s.background == step.background for s in running) < self.jobs

    def _start(self, step):
        number = f"{sum(1 for _ in (self.work / 'logs').iterdir()) + 1:03}"
        step.log = self.work / "logs" / f"{number}-{slug(step.name)}"
        temporary = self.work / "tmp" / number
        temporary.mkdir(mode=0o755)
        temporary.chmod(0o755)
        env = {**os.environ, **step.environment, "TMPDIR": str(temporary),
               "TESTING_STEP": f"{self.work}/{number}"}
        step.state = "runs"
        with open(step.log, "wb") as log:
            process = subprocess.Popen(
                [*(BACKGROUND if step.background else ()), "bash", "-euo", "pipefail", "-c",
                 step.script], cwd=self.work, env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.running[os.pidfd_open(process.pid)] = (step, process, time.monotonic())

    def _wait_for_one(self):
        ends = [begin + step.timeout for step, _, begin in self.running.values()]
        rest = max(0, min(ends) - time.monotonic())
        ready = select.select(list(self.running), [], [], rest)[0]
        for handle in ready:
            step, process, begin = self.running.pop(handle)
            os.close(handle)
            self._end(step, process.wait(), time.monotonic() - begin)
        for handle, (step, process, begin) in list(self.running.items()):
            if time.monotonic() - begin >= step.timeout:
                del self.running[handle]
                os.close(handle)
                self._kill(step, process)
                self._end(step, f"no end after {step.timeout:.0f} s", time.monotonic() - begin)

    def _end(self, step, code, seconds):
        step.seconds = seconds
        found = step.results() if step.results else []
        step.found = found or []
        wrong = [] if code == 0 else [f"exit code {code}" if isinstance(code, int) else code]
        if found is None:
            wrong.append("there are no results")
        wrong += self._leftovers(step)
        if wrong and not (count(step.found, FAILED) and code != 0 and len(wrong) == 1):
            step.found.append(Result(step.name, FAILED, "; ".join(wrong)))
        elif step.is_test and not step.found:
            step.found.append(Result(step.name, "passed"))
        step.state = "failed" if count(step.found, FAILED) else "done"
        self._show(step)

    def _leftovers(self, step):
        """Processes and files that a step left behind."""
        wrong = []
        pids = self._wait_gone(step)
        if pids:
            wrong.append("processes left running: " + ", ".join(map(_command, pids)))
            for pid in pids:
                _signal(os.kill, pid, signal.SIGKILL)
        temporary = self.work / "tmp" / step.log.name[:3]
        files = sorted(p.name for p in temporary.iterdir())
        if files:
            wrong.append("files left behind: " + ", ".join(files[:5]))
        shutil.rmtree(temporary, ignore_errors=True)
        return wrong

    def _wait_gone(self, step):
        """What is left of a step's processes when there was time enough to end,
        as servers need it."""
        marker = f"TESTING_STEP={self.work}/{step.log.name[:3]}".encode()
        end = time.monotonic() + STOP_TIMEOUT
        while (pids := _marked(marker)) and time.monotonic() < end:
            handle = _signal(os.pidfd_open, pids[0])
            if handle is not None:
                select.select([handle], [], [], end - time.monotonic())
                os.close(handle)
        return pids

    def _kill(self, step, process):
        """The step, and then what carries its mark."""
        _signal(os.killpg, process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            _signal(os.killpg, process.pid, signal.SIGKILL)
            process.wait()
        for pid in self._wait_gone(step):
            _signal(os.kill, pid, signal.SIGKILL)

    def _show(self, step):
        word = "FAILED" if step.state == "failed" else "ok"
        text = summary(step.found)
        self.say(f"{word:<8}{step.name:<44}{step.seconds:6.0f} s" + (f"   {text}" if text else ""))
        log = step.log.read_text(encoding="utf-8", errors="replace").splitlines()
        if step.state == "failed":  # before all else: who reads may see the first lines only
            self._show_failures(step, log)
        for line in log:
            if line.startswith("== "):  # what runner.py says of a module
                self.say(f"        {line[3:]}")
        for result in step.found:
            if result.outcome == "skipped":
                self.say(f"        skipped: {result.name}: {result.detail.strip()[:200]}")

    def _show_failures(self, step, log):
        failed = [r for r in step.found if r.outcome == FAILED]
        for result in failed[:0 if len(failed) == 1 else None]:
            self.say(f"    --- {result.name}: {' '.join(result.detail.split()[-20:])}")
        shown = False
        for result in failed:
            self.say(f"    --- {result.name}")
            for line in result.detail.strip().splitlines()[-TAIL:]:
                self.say(f"        {line}")
            shown = shown or len(result.detail) > 200
        if not shown:
            self.say("    --- the end of its log:")
            for line in log[-TAIL:]:
                self.say(f"        {line}")


def _marked(marker):
    """Ids of the processes with this text in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue  # ended meanwhile, or somebody else's
    return found


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ").strip()
    except OSError:
        return str(pid)


def _signal(function, *args):
    try:
        return function(*args)
    except ProcessLookupError:
        return None
