#!/usr/bin/env python3
"""What tests must run: every line of the code that reads hostile input, or it says
here why it isn't; with --branches, most branches of core/. Takes what gcovr --json wrote.

    lines.py [--branches] FILE
"""

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# ZIP, JSON, paths and names, identifiers; not what reads our own schemas while building.
WHOLE = re.compile(r"core/(package/(zip_\w+|places|row_check|keys)|"
                   r"base/(json(_check|_schema)?|scan|hash)|model/\w+)\.[ch]")
# Of the branches of core/, so many per cent.
BRANCHES = 89
# Files that are named, those with most branches that nothing runs.
SHOWN = 10
# (file, the line without its indent): why no test can run it.
REASONS = {
    ("core/package/zip_write.c",
     "return sp_fail(&zip->error, SP_FAILED, NULL, N_(\"can't write the package: %s\"),"):
        "all that libarchive complains of today is a lack of memory",
}


def wrong(found, root, reasons):
    """Texts: lines that no test runs, and reasons that aren't needed."""
    texts, used = [], set()
    for file in found["files"]:
        name = file["file"]
        if not WHOLE.fullmatch(name):
            continue
        source = (root / name).read_text(encoding="utf-8").splitlines()
        for line in file["lines"]:
            text = source[line["line_number"] - 1].strip()
            if line.get("gcovr/noncode") or line["count"]:
                continue
            used.add((name, text))
            if (name, text) not in reasons:
                texts.append(f"no test runs {name}:{line['line_number']}: {text}")
    return texts + [f"{name}: there is a reason for \"{text}\", but it is run"
                    for name, text in sorted(set(reasons) - used)]


def count_branches(found):
    """(file, branches that are run, all), for each file of core/."""
    for file in found["files"]:
        if file["file"].startswith("core/"):
            branches = [b for line in file["lines"] for b in line.get("branches", ())]
            yield file["file"], sum(b["count"] > 0 for b in branches), len(branches)


def too_few(found, least):
    """Texts: none where enough branches are run."""
    files = list(count_branches(found))
    run, total = (sum(f[i] for f in files) for i in (1, 2))
    if total and 100 * run >= least * total:
        return []
    files.sort(key=lambda f: f[1] - f[2])
    return [f"tests run {run} of {total} branches of core/, less than {least} %", *(
        f"{name}: {all_ - some} of {all_} aren't run" for name, some, all_ in files[:SHOWN]
        if all_ > some)]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--branches", action="store_true")
    parser.add_argument("file", type=Path)
    return parser.parse_args()


def main():
    args = parse()
    found = json.loads(args.file.read_text(encoding="utf-8"))
    if args.branches:
        texts = too_few(found, BRANCHES)
        for text in texts:
            print(text)
        print(f"== at least {BRANCHES} % of the branches of core/")
        return 1 if texts else 0
    count = sum(1 for f in found["files"] if WHOLE.fullmatch(f["file"]))
    texts = wrong(found, ROOT, REASONS) if count else ["no such file was measured"]
    for text in texts:
        print(text)
    print(f"== {count} files of which each line must be run, {len(REASONS)} exceptions")
    return 1 if texts else 0


if __name__ == "__main__":
    sys.exit(main())
