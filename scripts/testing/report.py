"""Coverage, and the report of a full run."""

import datetime
import json
import os
import re
import subprocess

from results import FAILED, PASSED, SKIPPED, count


def coverage(work):
    """Lines for people: what share of core/ the tests run."""
    try:
        found = json.loads((work / "coverage.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    lines = [f"coverage of core/: {_share(found, 'line')} of lines, "
             f"{_share(found, 'branch')} of branches"]
    files = sorted(found["files"], key=lambda f: f["line_covered"] - f["line_total"])
    for file in files[:5]:
        name = re.sub(r"^.*?(?=core/)", "", file["filename"])
        lines.append(f"    {name:<36}{file['line_percent']:6.1f} % of lines, "
                     f"{file['branch_percent']:5.1f} % of branches")
    return lines


def _share(found, what):
    covered, total = found[f"{what}_covered"], found[f"{what}_total"]
    return f"{100 * covered / total:.1f} % ({covered} of {total})" if total else "none"


def write(root, work, steps, minutes):
    """doc/test-report.md: nothing in it names a machine."""
    found = [r for s in steps for r in s.found]
    text = ["# Test report", "",
            "Written by `scripts/test --full`.", "",
            f"- Date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
            f"- Version: {_version(root)}",
            f"- Machine: {os.cpu_count()} processors, {_memory()} of memory, {_system()}",
            f"- Time: {minutes:.0f} minutes", "",
            f"**{count(found, PASSED)} passed, {count(found, FAILED)} failed, "
            f"{count(found, SKIPPED)} skipped**", ""]
    text += _tools(work) + _steps(steps) + _failed(found) + _benches(work)
    cover = coverage(work)
    if cover:
        text += ["## Coverage", "", "```", *cover, "```", ""]
    while text and not text[-1]:
        text.pop()
    (root / "doc/test-report.md").write_text("\n".join(text) + "\n", encoding="utf-8")


def _said(*command, cwd=None):
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False,
                              errors="replace")
    except FileNotFoundError:
        return ""
    return (done.stdout + done.stderr).strip() if done.returncode == 0 else ""


def _version(root):
    commit = _said("git", "rev-parse", "--short", "HEAD", cwd=root)
    changed = _said("git", "status", "--porcelain", "--untracked-files=no", cwd=root)
    version = re.search(r"AC_INIT\(\[spaceport\], \[(.*?)\]\)",
                        (root / "configure.ac").read_text(encoding="utf-8")).group(1)
    return version + (f", commit {commit}" if commit else "") + (
        " with changes that aren't committed" if commit and changed else "")


def _memory():
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _system():
    release = dict(line.rstrip().split("=", 1) for line in open("/etc/os-release", encoding="utf-8")
                   if "=" in line)
    return release.get("PRETTY_NAME", "?").strip('"')


def _tools(work):
    """Compilers, libraries and servers."""
    rows = [(n, re.search(r"\d+(\.\d+)+", _said(n, "--version") or "0.0").group())
            for n in ("gcc", "clang", "python3", "gcovr", "unzip", "java", "strace")
            if _said(n, "--version")]
    for module in ("libpq", "libarchive", "libcjson", "libcrypto", "zlib", "cmocka"):
        version = _said("pkg-config", "--modversion", module)
        if version:
            rows.append((module, version))
    for log in sorted((work / "logs").glob("*-servers")):
        for line in log.read_text(encoding="utf-8").splitlines():
            kind, version, _ = line.split("\t")
            rows.append((f"PostgreSQL, {kind}", version))
    return ["## What it ran with", "", "| | version |", "|---|---|",
            *(f"| {name} | {version} |" for name, version in rows), ""]


def _steps(steps):
    text = ["## Steps", "", "| step | time | passed | failed | skipped |", "|---|--:|--:|--:|--:|"]
    for step in steps:
        counts = " | ".join(str(count(step.found, o)) for o in (PASSED, FAILED, SKIPPED))
        text.append(f"| {step.name} | {step.seconds:.0f} s | {counts} |")
    return text + [""]


def _failed(found):
    text = []
    for outcome in (FAILED, SKIPPED):
        some = [r for r in found if r.outcome == outcome]
        if some:
            text += [f"## {outcome.capitalize()}", "", *map(_why, some), ""]
    return text


def _why(result):
    """A failure's detail may name folders; what was skipped says why."""
    reason = " ".join(result.detail.split())
    return f"- {result.name}" + (f": {reason}" if result.outcome == SKIPPED and reason else "")


def _benches(work):
    text = []
    for path in sorted(work.glob("bench-*")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines()
                 if "make" not in line and "SPACEPORT=" not in line and str(work) not in line]
        text += [f"## Benchmark, scale {path.name.removeprefix('bench-')}", "", "```", *lines,
                 "```", ""]
    return text
