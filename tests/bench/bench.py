#!/usr/bin/env python3
"""How fast and how large an export is, beside what plain tools take.

The same rows and files twice: `spaceport export run`, and the baseline,
psql's COPY of them as JSON lines through gzip -6 into a file, then the files
of the store appended with cat. Both alternate; the median counts.

Environment: SPACEPORT (the program), SCALE (1; 10 for 1,000,000 annotations
over 20,000 pages), SPACEPORT_GENERATION (2026-05).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from place import Place, median, quiet, timed, verdict

from pg import psql

# What is allowed beside the baseline, and the aims that the ratios stand against.
ENTRY_SECONDS = 50e-6
MOST_TIMES = 1.2
MOST_MEMORY = 48 << 20
MOST_OF_JSON = 0.5
MOST_FOR_1000 = 10 << 20

ROWS = {
    "annotation": "SELECT row_to_json(t) FROM annotation t WHERE t.run_id = 1 ORDER BY t.id",
    "asset": "SELECT row_to_json(t) FROM asset t ORDER BY t.id",
}


def sync(path):
    """Seconds that it takes until a file is on the disk."""
    begin = time.monotonic()
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    return time.monotonic() - begin


def export(program, db, store, about, to):
    command = [program, "export", "run", about["run"], "--db", db.dsn, "--as", "1",
               "--store", f"dir:{store}", "-o", str(to), "--force", "--yes", "--quiet", "--json"]
    with tempfile.TemporaryFile() as out:
        seconds, usage = timed(command, stdout=out)
        out.seek(0)
        result = json.load(out)["packages"][0]
    return {"seconds": seconds, "user": usage.ru_utime, "system": usage.ru_stime,
            "memory": usage.ru_maxrss << 10, "entries": result["entries"]}


def baseline(db, store, to):
    rows = "; ".join(f"COPY ({sql}) TO STDOUT" for sql in ROWS.values())
    script = ('set -e; "$1" -X -q -c "$2" "$3" | gzip -6 > "$4"; '
              'find "$5" -type f -print0 | sort -z | xargs -0 cat >> "$4"')
    seconds, _ = timed(["bash", "-o", "pipefail", "-c", script, "bash", psql(), rows, db.dsn,
                        str(to), str(store)], stdin=subprocess.DEVNULL)
    return {"seconds": seconds, "sync": sync(to)}


def naive_bytes(db):
    return sum(int(db.value(f"SELECT sum(octet_length(row_to_json::text) + 1) FROM ({sql}) q"))
               for sql in ROWS.values())


def sizes(path):
    """Of a package: whole, of what is stored as it is, of its rows unpacked."""
    with zipfile.ZipFile(path) as package:
        infos = package.infolist()
    stored = sum(i.compress_size for i in infos if i.compress_type == zipfile.ZIP_STORED)
    return Path(path).stat().st_size, stored


def measure(program, place, generation, annotations, pages, runs):
    db, store, about = place.database(generation, annotations, pages)
    package, plain = place.folder / "package.zip", place.folder / "plain.bin"
    exports, plains = [], []
    for _ in range(runs):
        exports.append(export(program, db, store, about, package))
        plains.append(baseline(db, store, plain))
        plain.unlink()
    whole, stored = sizes(package)
    package.unlink()
    return {"exports": exports, "plains": plains, "whole": whole, "stored": stored,
            "json": naive_bytes(db)}


def show_time(found):
    exports, plains = found["exports"], found["plains"]
    entries = exports[0]["entries"]
    spent, plain = median(exports, "seconds"), median(plains, "seconds")
    synced = plain + median(plains, "sync")
    besides = entries * ENTRY_SECONDS
    print(f"  export       {spent:7.2f} s   of it CPU of the client {median(exports, 'user'):.2f} s "
          f"user, {median(exports, 'system'):.2f} s system;  all: "
          + " ".join(f"{e['seconds']:.2f}" for e in exports))
    print(f"  baseline     {plain:7.2f} s   with fsync, as the export has it, {synced:.2f} s;  all: "
          + " ".join(f"{e['seconds']:.2f}" for e in plains))
    print(f"  entries      {entries:7d}     at 50 µs: {besides:.2f} s")
    for name, base in (("time", plain), ("time, fsync", synced)):
        ratio = (spent - besides) / base
        print(f"  {name:<12} {ratio:7.2f} × the baseline, besides 50 µs an entry "
              f"(bare: {spent / base:.2f}); at most {MOST_TIMES}: {verdict(ratio, MOST_TIMES)}")


def show_rest(found):
    memory = max(e["memory"] for e in found["exports"])
    besides = found["whole"] - found["stored"]
    share = besides / found["json"]
    print(f"  memory       {memory / 2**20:7.1f} MiB; at most {MOST_MEMORY >> 20}: "
          f"{verdict(memory, MOST_MEMORY)}")
    print(f"  package      {found['whole'] / 1e6:7.1f} MB, of it {found['stored'] / 1e6:.1f} MB "
          f"compressed already")
    print(f"  size         {share:7.2f} × the naive JSON ({found['json'] / 1e6:.1f} MB), besides "
          f"what is compressed already; below {MOST_OF_JSON}: {verdict(share, MOST_OF_JSON)}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=int(os.environ.get("SCALE", "1")))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", metavar="DIR", help="leave server and databases there, to be "
                        "used again (hqdb.py stop --dir DIR/server ends it)")
    parser.add_argument("--small", action="store_true", help="1,000 annotations only")
    return parser.parse_args()


def main():
    args = parse()
    program = os.environ.get("SPACEPORT") or sys.exit("bench: SPACEPORT names no program")
    generation = os.environ.get("SPACEPORT_GENERATION", "2026-05")
    quiet()
    print("baseline: psql's COPY as below | gzip -6 > FILE; cat STORE/*/* >> FILE")
    for sql in ROWS.values():
        print(f"  {sql}")
    with Place(args.keep) as place:
        if not args.small:
            count, pages = 100_000 * args.scale, 2_000 * args.scale
            print(f"{count} annotations, {pages} pages, {bench.FILES} files, median of {args.runs}:")
            found = measure(program, place, generation, count, pages, args.runs)
            show_time(found)
            show_rest(found)
        found = measure(program, place, generation, 1_000, 200, 1)
        besides = found["whole"] - found["stored"]
        print(f"1000 annotations, 200 pages, {bench.FILES} files:")
        print(f"  export       {found['exports'][0]['seconds']:7.2f} s")
        print(f"  size         {besides / 1e6:7.2f} MB besides what is compressed already; below "
              f"{MOST_FOR_1000 >> 20} MiB: {verdict(besides, MOST_FOR_1000)}")


if __name__ == "__main__":
    main()
