"""What a step's tests came to."""

import json
import re
from dataclasses import dataclass

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

# cmocka: one line a test; a summary repeats the names of those that failed.
CMOCKA = re.compile(r"^\[(       OK |  FAILED  |  SKIPPED |  ERROR   )\] ([A-Za-z_]\w*)$", re.M)


@dataclass
class Result:
    name: str
    outcome: str
    detail: str = ""


def count(results, outcome):
    return sum(1 for r in results if r.outcome == outcome)


def summary(results):
    """"12 passed, 1 failed": what there is none of is left out."""
    parts = [f"{count(results, o)} {o}" for o in (PASSED, FAILED, SKIPPED) if count(results, o)]
    return ", ".join(parts)


def of_automake(build):
    """Of `make check` in a folder: each test of a cmocka program counts, a
    script counts as one; a program that fails counts even if no test of it says so."""
    results = []
    for trs in sorted(build.glob("tests/**/*.trs")):
        outcome = re.search(r"^:global-test-result: (\w+)$", trs.read_text(encoding="utf-8"), re.M)
        log = trs.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        program = str(trs.relative_to(build).with_suffix(""))
        results += _of_program(program, outcome.group(1) if outcome else "ERROR", log)
    return results or [Result("make check", FAILED, "no test ran")]


def _of_program(program, outcome, log):
    words = {"       OK ": PASSED, "  SKIPPED ": SKIPPED}
    tests = {name: words.get(word, FAILED) for word, name in CMOCKA.findall(log)}
    results = [Result(f"{program}: {name}", is_) for name, is_ in tests.items()]
    if outcome == "PASS":
        return results or [Result(program, PASSED)]
    if outcome == "SKIP":
        return results or [Result(program, SKIPPED, log[-500:])]
    failed = [r for r in results if r.outcome == FAILED]
    if failed:
        failed[0].detail = log[-4000:]
        return results
    return results + [Result(program, FAILED, f"{outcome}\n{log[-4000:]}")]


def read(path):
    """What runner.py or sources.py wrote; a failure more if they didn't come to
    an end. None: they wrote nothing."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    found = [Result(**json.loads(line)) for line in lines if line != "end"]
    if lines[-1:] != ["end"]:
        found.append(Result(path.stem, FAILED, "didn't come to an end: see its log"))
    return found


def write(path, results, ended=True):
    with open(path, "w", encoding="utf-8") as file:
        for result in results:
            file.write(json.dumps(vars(result)) + "\n")
        if ended:
            file.write("end\n")
