#!/usr/bin/env python3
"""A package that was changed anywhere is refused, or holds what it held.

Validation of each change is the program's own (flips.c); whether one that it
takes changes anything is for another reader to say: Python's zipfile."""

import io
import json
import os
import random
import re
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import zips

FLIPS = os.environ["FLIPS"]
FULL = bool(os.environ.get("SPACEPORT_FULL"))
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def uuid(kind, number):
    return "%08x-1111-8111-8111-%012d" % (kind, number)


def mapped(kind, own):
    return {"kind": kind, "uuid": own, "source_id": 7, "source_uuid": own}


def everything(rows, files, text, file):
    """(path, kind, rows, bytes, whether it is stored) of a package that has
    entries of every kind; `text` and `file` bytes large."""
    source = random.Random(7)
    parts = {part[0]: part[1:] for part in zips.parts(0)}
    notes = [{"id": uuid(1, n), "uuid": uuid(1, n), "run_id": zips.RUN, "asset_id": uuid(2, n % files),
              "schema_id": zips.SCHEMA, "infospace_id": zips.SPACE,
              "value": {"text": source.randbytes(40).hex(), "n": n}} for n in range(rows)]
    reasons = [{"id": uuid(3, n), "annotation_id": uuid(1, n), "reasoning": source.randbytes(10).hex()}
               for n in range(rows // 4)]
    chunks = [{"id": uuid(4, n), "asset_id": uuid(2, 0), "text_content": "Ein Absatz, %d. " % n * 9}
              for n in range(rows // 8)]
    of = {
        "annotations/annotations.jsonl": ("annotation", notes),
        "annotations/justifications.jsonl": ("justification", reasons),
        "assets/chunks/asset_1_chunks.jsonl": ("chunk", chunks),
        "assets/embeddings/asset_1_8.jsonl": ("embedding", [
            {"id": chunk["id"], "asset_id": uuid(2, 0), "chunk_index": 0, "column": "embedding", "embedding": [round(source.random(), 6) for _ in range(8)]} for chunk in chunks]),
        "dependencies/graphs.jsonl": ("graph", [{"id": uuid(5, n), "infospace_id": zips.SPACE} for n in range(9)]),
    }
    mapping = [mapped("run", zips.RUN), mapped("schema", zips.SCHEMA)]
    mapping += [mapped(kind, row["id"]) for kind, some in of.values()
                if kind in ("annotation", "chunk", "graph") for row in some]
    mapping += [mapped("asset", uuid(2, n)) for n in range(files)]
    mapping += [{"external": True, **mapped("infospace", zips.SPACE)}]
    for path in list(parts)[:5]:
        yield path, *parts[path], False
    for path, (kind, some) in of.items():
        yield path, kind, len(some), zips.lines(some), False
    for n in range(files):
        name = "assets/files/asset_%d_file.bin" % (n + 1)
        yield ("assets/metadata/asset_%d.json" % (n + 1), "asset", 1,
               zips.document({"id": uuid(2, n), "__file": {"path": name}}), False)
        # one is compressed, as the text that it is
        data = b"Ein langer Text. " * (text // 17) if n == 0 else source.randbytes(file)
        yield name, "file", None, data, n > 0
    yield "texts/annotation_1.txt", "text", None, b"Ein langer Text. " * (text // 17), False
    yield ("compatibility/instance_mapping.json", "instance_mapping", len(mapping), json.dumps(
        {"instance": zips.SPACE, "row_count": len(mapping), "rows": mapping}).encode(), False)
    yield "compatibility/version_info.json", *parts["compatibility/version_info.json"], False


def contents(data):
    """Names and bytes, as Python has them."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [(info.filename, package.read(info)) for info in package.infolist()]


class Flips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="spaceport-flips-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.small = cls.write("small.zip", everything(2, 1, 40, 0))
        cls.large = cls.write("large.zip", everything(1000, 40, 60000, 100 << 10))

    @classmethod
    def write(cls, name, entries):
        """By spaceport's own writer."""
        data = b"".join(b"%s %s %d %d %d\n" % (path.encode(), kind.encode(), -1 if rows is None else rows,
                                               len(content), stored) + content
                        for path, kind, rows, content, stored in entries)
        subprocess.run([FLIPS, "write", cls.folder / name], input=data, check=True)
        return cls.folder / name

    def flips(self, what, path, *arguments):
        """(how many were tried, which were taken)"""
        env = {**os.environ, **({"TMPDIR": MEMORY} if MEMORY else {})}
        done = subprocess.run([FLIPS, what, path, *map(str, arguments)], capture_output=True, text=True, env=env,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        *taken, said = done.stdout.splitlines()
        return int(re.match(r"(\d+) tried, ", said)[1]), taken

    def prove(self, path, taken, every=1):
        """That what was taken holds what it held."""
        data = bytearray(path.read_bytes())
        whole = contents(data)
        for line in taken[::every]:
            at, bit = map(int, line.split()[1:])
            data[at] ^= 1 << bit
            self.assertEqual(contents(data), whole, line)
            data[at] ^= 1 << bit

    def check_bits(self, what, path, *arguments, every=1):
        tried, taken = self.flips(what, path, *arguments)
        self.prove(path, taken, every)
        print("%s: %d bits flipped, %d refused, %d change nothing; %d of these read by Python" %
              (path.name, tried, tried - len(taken), len(taken), len(taken[::every])), flush=True)
        return tried, taken

    def check_refused(self, what, path, *arguments):
        tried, taken = self.flips(what, path, *arguments)
        self.assertEqual(taken, [])
        print("%s: %d %s refused" % (path.name, tried, what), flush=True)
        return tried

    def test_every_bit_of_a_small_one(self):
        tried, taken = self.check_bits("bits", self.small, every=1 if FULL else 25)
        self.assertEqual(tried, 8 * self.small.stat().st_size)
        # names, data and lists are most of it
        self.assertLess(len(taken), tried / 8)

    def test_bits_of_a_large_one(self):
        self.assertGreater(self.large.stat().st_size, 4000000)
        count = 100000 if FULL else 300
        tried, taken = self.check_bits("random", self.large, count, 7)
        self.assertEqual(tried, count)
        self.assertLess(len(taken), tried / 20)

    def test_cut_off(self):
        self.assertEqual(self.check_refused("lengths", self.small, 0, 0), self.small.stat().st_size)
        self.check_refused("lengths", self.large, 10000 if FULL else 100, 7)

    def test_bytes_around(self):
        self.check_refused("around", self.small)
        self.check_refused("around", self.large)


if __name__ == "__main__":
    unittest.main()
