#!/usr/bin/env python3
"""Every line of the code that reads hostile input is run by a test, or says here
why it isn't: takes what gcovr --json wrote."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# ZIP, JSON, paths and names, identifiers; not what reads our own schemas while building.
WHOLE = re.compile(r"core/(package/(zip_\w+|places|row_check|keys)|"
                   r"base/(json(_check|_schema)?|scan|hash)|model/\w+)\.[ch]")
NO_MEMORY = "libcrypto's lack of memory, which test_shortage.py brings about, not under counters"
# (file, the line without its indent): why no test can run it.
REASONS = {
    ("core/model/identity.c", "identity->failed = true;"): NO_MEMORY,
    ("core/model/identity.c", "sp_identity_free(identity);"): NO_MEMORY,
    ("core/model/identity.c", "return NULL;"): NO_MEMORY,
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


def main():
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    count = sum(1 for f in found["files"] if WHOLE.fullmatch(f["file"]))
    texts = wrong(found, ROOT, REASONS) if count else ["no such file was measured"]
    for text in texts:
        print(text)
    print(f"== {count} files of which each line must be run, {len(REASONS)} exceptions")
    return 1 if texts else 0


if __name__ == "__main__":
    sys.exit(main())
