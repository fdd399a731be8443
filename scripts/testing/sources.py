#!/usr/bin/env python3
"""Rules that the sources keep and no compiler checks; each one is a test."""

import argparse
import re
import statistics
from pathlib import Path

from results import FAILED, PASSED, Result, write

FOLDERS = ("core", "src", "ui", "tests", "scripts", "doc", "po", "build-aux", ".ci")
KINDS = (".c", ".h", ".sql", ".py", ".sh", ".mk", ".am", ".ac", ".md", ".awk", ".po", ".java")
COLUMNS, TAB = 100, 4
FILE_LINES, FUNCTION_MEDIAN, FUNCTION_LINES, FUNCTION_SHARE = 800, 20, 60, 0.9
# Which folder alone may include what.
OWNERS = {
    r"libpq-fe\.h": "core/db/",
    r"openssl/ssl\.h": "core/db/",
    r"archive(_entry)?\.h": "core/package/",
    r"cjson/cJSON\.h": "core/base/",
    r"curl/.*": "core/store/net",
    r"expat\.h": "core/store/",
    r"ini\.h": "core/base/",
    r"(ncursesw/)?(n?curses|term)\.h": "ui/",
}
PRINTS = re.compile(r"\b(?:printf|vprintf|puts|putchar|perror|v?fprintf\s*\(\s*std(?:err|out)|"
                    r"err|errx|warn|warnx|exit|_exit|_Exit|quick_exit|abort|system|popen)\s*\(")
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|mnt)/")
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
FUNCTION = re.compile(r"^[a-z][\w \t*,()\[\]\n.]*?\)\n\{\n.*?^\}$", re.M | re.S)
PROTOTYPE = re.compile(r"^(?!typedef|static|struct \w+;|enum|#)[a-z][^;{}#]*\([^;{}]*\)"
                       r"[^;{}()]*(?:__attribute__\(\([^;]*\)\))?;", re.M)


def plain(text):
    """Without comments and literals; lines stay where they are."""
    text = COMMENT.sub(lambda m: "\n" * m.group().count("\n"), text)
    return LITERAL.sub('""', text)


def columns(line):
    return len(line.expandtabs(TAB))


class Sources:
    def __init__(self, root):
        self.root = root
        self.text = {}
        for folder in FOLDERS:
            for path in sorted((root / folder).rglob("*")):
                self._take(path)
        for path in sorted(root.iterdir()):
            self._take(path)

    def _take(self, path):
        name = str(path.relative_to(self.root))
        known = path.suffix in KINDS or name.startswith(("scripts/", ".ci/"))
        if path.is_file() and known and "fixtures" not in name and "__pycache__" not in name:
            self.text[name] = path.read_text(encoding="utf-8")

    def some(self, *suffixes, under=""):
        return {n: t for n, t in self.text.items()
                if n.endswith(suffixes) and n.startswith(under) and n != "core/db/sql.h"}


def rule_first_include(sources):
    """Every C file of the build includes config.h first."""
    for name, text in {**sources.some(".c", under="core/"), **sources.some(".c", under="src/"),
                       **sources.some(".c", under="ui/"),
                       **sources.some(".c", under="tests/unit/")}.items():
        includes = re.findall(r"^#include (\S+)", text, re.M)
        if includes[:1] != ["<config.h>"]:
            yield f"{name}: the first include isn't <config.h>"


def rule_columns(sources):
    """Lines of the program fit into 100 columns (a test may show long data as it is)."""
    suffixes = (".c", ".h", ".py", ".sh", "scripts/test", "scripts/demo")
    for name, text in sources.some(*suffixes).items():
        if name.startswith("tests/"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if columns(line) > COLUMNS:
                yield f"{name}:{number}: {columns(line)} columns"


def rule_blanks(sources):
    """No blanks at ends of lines, one line end at the end."""
    for name, text in sources.text.items():
        if name.endswith(".po"):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield f"{name}:{number}: blanks at the end"
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield f"{name}: doesn't end in one line end"


def rule_core_is_silent(sources):
    """The core neither prints nor exits nor starts programs."""
    for name, text in sources.some(".c", ".h", under="core/").items():
        for number, line in enumerate(plain(text).splitlines(), 1):
            if PRINTS.search(line) and name != "core/base/banned.h":
                yield f"{name}:{number}: {line.strip()}"


def rule_owners(sources):
    """A library has one folder that uses it; the core knows nothing above it."""
    for name, text in sources.some(".c", ".h").items():
        if name.startswith("tests/"):
            continue
        for header in re.findall(r'^#include [<"]([^>"]+)', text, re.M):
            for pattern, owner in OWNERS.items():
                if re.fullmatch(pattern, header) and not name.startswith(owner):
                    yield f"{name}: only {owner} includes {header}"
            if name.startswith("core/") and header.startswith(("src/", "ui/")):
                yield f"{name}: includes {header}"
            if name.startswith("ui/") and header.startswith("src/"):
                yield f"{name}: includes {header}"


def rule_comments(sources):
    """Every public function of the core has a comment before it, or stands in
    a group that has."""
    for name, text in sources.some(".h", under="core/").items():
        for found in PROTOTYPE.finditer(text):
            before = text[:found.start()].rstrip(" \t")
            group = before.rsplit("\n\n", 1)[-1]
            if "*/" not in group:
                yield f"{name}: {found.group().splitlines()[0]}"


def lengths(sources):
    for name, text in sources.some(".c").items():
        for found in FUNCTION.finditer(text):
            body = found.group()
            head = body.split("(", 1)[0].split()[-1]
            yield body.count("\n") + 1, name, head


def rule_sizes(sources):
    """Functions fit a screen, files of the program are short."""
    for name, text in sources.some(".c", ".h", ".py").items():
        if text.count("\n") > FILE_LINES and not name.startswith("tests/"):
            yield f"{name}: {text.count(chr(10))} lines"
    found = sorted(lengths(sources), reverse=True)
    if not found:
        yield "no function was found"
        return
    numbers = [n for n, _, _ in found]
    share = sum(n <= FUNCTION_LINES for n in numbers) / len(numbers)
    longest = "; longest: " + ", ".join(f"{n} {head} ({name})" for n, name, head in found[:5])
    if statistics.median(numbers) > FUNCTION_MEDIAN:
        yield f"the median of functions is {statistics.median(numbers)} lines{longest}"
    if share < FUNCTION_SHARE:
        yield f"only {share:.0%} of functions have at most {FUNCTION_LINES} lines{longest}"


def rule_listed(sources):
    """Every source is named in a files.mk or Makefile.am, so that it is built
    and distributed."""
    makes = "\n".join(t for n, t in sources.text.items() if n.endswith((".mk", ".am")))
    words = set(re.split(r"[\s=]+", makes.replace("\\\n", " ")))
    for name in sources.text:
        if name.endswith((".c", ".h", ".sql", ".py", ".sh", ".awk", ".java")):
            above = [str(p) for p in Path(name).parents]
            if not words & {name, *above} and name not in makes:
                yield f"{name}: in no files.mk"


def rule_no_machine(sources):
    """Nothing in the sources knows a machine."""
    for name, text in sources.text.items():
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE.search(line) and not name.startswith("scripts/testing/"):
                yield f"{name}:{number}: {line.strip()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path)
    parser.add_argument("root", type=Path, nargs="?", default=Path(__file__).parents[2])
    args = parser.parse_args()
    sources = Sources(args.root.resolve())
    found = []
    for name, rule in sorted(globals().items()):
        if name.startswith("rule_"):
            wrong = list(rule(sources))
            about = " ".join(rule.__doc__.split())
            found.append(Result(about, FAILED if wrong else PASSED, "\n".join(wrong)))
            print(f"{'FAILED' if wrong else 'ok':<8}{about}")
            for line in wrong:
                print(f"        {line}")
    if args.results:
        write(args.results, found)


if __name__ == "__main__":
    main()
