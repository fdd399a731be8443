#!/usr/bin/env python3
"""How fast an import is, beside the least that any could do on the same server.

The floor: psql's \\copy of the same rows as JSON lines into an unlogged table; for assets, chunks
and annotations one INSERT … SELECT … json_populate_record() each, into HQ's tables with all of
their indexes; a mapping row for each, and a logged copy of the lines, which is what a later
import compares with; the files of the store copied. Each import and each floor begins with the
same empty tables; both alternate; the median counts. A dry run of the same is beside them.

Environment: SPACEPORT (the program), SCALE (1; 10 for 1,000,000 annotations over 20,000 pages),
SPACEPORT_GENERATION (2026-05).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from place import Place, median, quiet, timed, verdict

from pg import ident, psql

# What it should be, and what it may be: a statement whose plan went wrong costs far more.
AIM, MOST_TIMES = 1.3, 2.4
MOST_FOR_DRY = 0.4
MOST_MEMORY = 48 << 20
TABLES = ("asset", "assetchunk", "annotation")
# An import says of each row who it was at its source, in a column that HQ has indexed.
LINEAGE = {"imported_from_uuid": "uuid"}


class Target:
    """A database with all of the source but its assets and annotations, new each time."""

    def __init__(self, source, folder):
        self.source, self.folder = source, folder
        self.empty, self.db = source.other("bench_empty"), source.other("bench_target")
        self.lines = {}

    def make(self, program):
        postgres = self.source.other("postgres")
        postgres.run("DROP DATABASE IF EXISTS bench_empty", single=False)
        postgres.run(f"CREATE DATABASE bench_empty TEMPLATE {self.source.dbname}", single=False)
        for table in TABLES:
            path = self.folder / f"{table}.lines"
            with open(path, "wb") as out:
                subprocess.run([psql(), "-X", "-q", "-c", f"COPY (SELECT row_to_json(t) FROM {table}"
                                " t ORDER BY id) TO STDOUT", self.source.dsn], stdout=out,
                               check=True)
            if path.stat().st_size:
                self.lines[table] = path
        self.empty.run(f"TRUNCATE {', '.join(TABLES)} CASCADE;")
        subprocess.run([program, "setup", "--db", self.empty.dsn], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.empty.run("VACUUM FULL ANALYZE;", single=False)

    def renew(self):
        postgres = self.source.other("postgres")
        postgres.run("DROP DATABASE IF EXISTS bench_target", single=False)
        postgres.run("CREATE DATABASE bench_target TEMPLATE bench_empty", single=False)
        postgres.run("CHECKPOINT", single=False)
        return self.db

    def columns(self, table):
        return [r["c"] for r in self.source.query(
            "SELECT attname AS c FROM pg_attribute WHERE attrelid = "
            f"'{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' "
            "ORDER BY attnum")]

    def floor(self, store, to):
        script = ["SET client_min_messages = warning;"]
        for table, path in self.lines.items():
            script += [f"CREATE UNLOGGED TABLE line_{table} (body text);",
                       f"\\copy line_{table} FROM '{path}'", f"ANALYZE line_{table};"]
        script.append("BEGIN;")
        for table in self.lines:
            names = ", ".join(map(ident, self.columns(table)))
            values = ", ".join(f"r.{ident(LINEAGE.get(c, c))}" for c in self.columns(table))
            script += [
                f"INSERT INTO {table} ({names}) SELECT {values} FROM line_{table} w, "
                f"json_populate_record(NULL::{table}, w.body::json) r;",
                "INSERT INTO spaceport.cross_instance_mappings (source_instance_id, "
                "source_entity_type, source_entity_id, target_entity_id, mapping_strategy) SELECT "
                f"'bench', '{table}', r.uuid, r.id, 'generate' FROM line_{table} w, "
                "json_to_record(w.body::json) AS r (id bigint, uuid text);",
                f"CREATE TABLE base_{table} AS SELECT body FROM line_{table};"]
        script.append("COMMIT;")
        path = self.folder / "floor.sql"
        path.write_text("\n".join(script), encoding="utf-8")
        begin = time.monotonic()
        timed(["bash", "-e", "-c", '"$1" -X -q -v ON_ERROR_STOP=1 -f "$2" "$3"; cp -r "$4" "$5"',
               "bash", psql(), str(path), self.db.dsn, str(store), str(to)],
              stdin=subprocess.DEVNULL)
        return {"seconds": time.monotonic() - begin}


def load(program, db, package, store, *options):
    command = [program, "import", str(package), "--new", "Imported", "--db", db.dsn, "--as", "1",
               "--store", f"dir:{store}", "--yes", "--progress", "none", "--json", *options]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        seconds, usage = timed(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        out.seek(0)
        said = json.load(out)
    return {"seconds": seconds, "user": usage.ru_utime, "memory": usage.ru_maxrss << 10,
            "rows": said["plan"]["totals"]["new"]}


def measure(program, place, generation, annotations, pages, runs):
    db, store, about = place.database(generation, annotations, pages)
    package, files = place.folder / "package.zip", place.folder / "imported"
    timed([program, "export", "run", about["run"], "--db", db.dsn, "--as", "1", "--store",
           f"dir:{store}", "-o", str(package), "--force", "--yes", "--quiet"],
          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    target = Target(db, place.folder)
    target.make(program)
    found = {"floor": [], "import": [], "dry": []}

    def again(kind, work):
        files.mkdir()
        target.renew()
        found[kind].append(work())
        shutil.rmtree(files)

    for _ in range(runs):
        again("import", lambda: load(program, target.db, package, files))
        again("floor", lambda: target.floor(store, files / "all"))
        again("dry", lambda: load(program, target.db, package, files, "--dry-run"))
    package.unlink()
    return found


def show(found):
    spent, floor, dry = (median(found[k], "seconds") for k in ("import", "floor", "dry"))
    for kind in ("import", "floor", "dry"):
        print(f"  {kind:<10} {median(found[kind], 'seconds'):7.2f} s   all: "
              + " ".join(f"{e['seconds']:.2f}" for e in found[kind]))
    print(f"  client     {median(found['import'], 'user'):7.2f} s of CPU; "
          f"{found['import'][0]['rows']} rows")
    print(f"  time       {spent / floor:7.2f} × the floor; at most {MOST_TIMES}: "
          f"{verdict(spent / floor, MOST_TIMES)}; aim {AIM}: "
          f"{'reached' if spent / floor <= AIM else 'not reached'}")
    print(f"  dry run    {dry / spent:7.2f} × the import; at most {MOST_FOR_DRY}: "
          f"{verdict(dry / spent, MOST_FOR_DRY)}")
    memory = max(e["memory"] for e in found["import"] + found["dry"])
    print(f"  memory     {memory / 2**20:7.1f} MiB; at most {MOST_MEMORY >> 20}: "
          f"{verdict(memory, MOST_MEMORY)}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=int, default=int(os.environ.get("SCALE", "1")))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", metavar="DIR", help="leave server and databases there")
    parser.add_argument("--small", action="store_true", help="10,000 annotations only")
    return parser.parse_args()


def main():
    args = parse()
    program = os.environ.get("SPACEPORT") or sys.exit("bench: SPACEPORT names no program")
    generation = os.environ.get("SPACEPORT_GENERATION", "2026-05")
    quiet()
    with Place(args.keep) as place:
        count, pages = (10_000, 200) if args.small else (100_000 * args.scale, 2_000 * args.scale)
        print(f"import of {count} annotations, {pages} pages, median of {args.runs}:")
        show(measure(str(Path(program)), place, generation, count, pages, args.runs))


if __name__ == "__main__":
    main()
