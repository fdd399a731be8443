"""What the benchmarks share: a server with their databases, and how they measure."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hqdb"))

import bench  # noqa: E402
import servers  # noqa: E402
from pg import Database  # noqa: E402


class Place:
    """A server with the benchmark's databases; kept between calls where a
    folder is given."""

    def __init__(self, keep):
        self.keep = Path(keep).absolute() if keep else None
        self.server = None
        if self.keep:
            self.folder = self.keep
            self.folder.mkdir(parents=True, exist_ok=True)
            self.host = str(self.folder / "server")
            if not (self.folder / "server/guard.lock").exists():
                shutil.rmtree(self.host, ignore_errors=True)
                servers.start_background("debian", self.host)
        else:
            self.folder = Path(tempfile.mkdtemp(prefix="spaceport-bench-"))
            self.server = servers.Server("debian")
            self.host = self.server.host

    def database(self, generation, annotations, pages):
        """The DSN, the store and what is in them."""
        name = f"bench_{generation.replace('-', '_')}_{annotations}_{pages}"
        store, note = self.folder / "store", self.folder / f"{name}.json"
        db = Database(self.host, name)
        if not note.exists():
            print(f"loading {annotations} annotations over {pages} pages …", flush=True)
            about = bench.load(db, generation, store, annotations, pages)
            note.write_text(json.dumps(about), encoding="ascii")
        return db, store, json.loads(note.read_text(encoding="ascii"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.stop()
        if not self.keep:
            shutil.rmtree(self.folder)


def timed(command, **options):
    """Seconds, and the rusage of the child and of what it waited for."""
    begin = time.monotonic()
    child = subprocess.Popen(command, **options)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begin
    if child.returncode != 0:
        sys.exit(f"bench: {command[0]} ended with {child.returncode}")
    return seconds, usage


def median(items, key):
    return statistics.median(item[key] for item in items)


def verdict(value, most):
    return "ok" if value <= most else "MISSED"


def quiet():
    """Says so where the machine isn't."""
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"load average {load:.1f}: other work disturbs what follows")
