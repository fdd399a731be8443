"""Runs `spaceport validate` on bytes."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SPACEPORT = os.environ["SPACEPORT"]
MEASURE = os.environ["MEASURE"]
FULL = bool(os.environ.get("SPACEPORT_FULL"))


class Verdict:
    """What `validate --json` said of one file, the processor time that it took (seconds) and the
    most memory it had (bytes)."""

    def __init__(self, path, *options):
        most = path.with_suffix(".memory")
        run = subprocess.run([MEASURE, most, SPACEPORT, "validate", "--json", "--progress", "none", *options, path],
                             capture_output=True, check=False)
        self.errors = run.stderr.decode()
        self.memory, micros = map(int, most.read_text().split())
        self.seconds = micros / 1e6
        self.code = run.returncode
        self.result = json.loads(run.stdout)["packages"][0] if run.stdout and self.code in (0, 3, 5, 6) else {}
        self.found = self.result.get("found", {})
        self.findings = self.result.get("findings", [])

    def __str__(self):
        return "code %d: %s %s" % (self.code, "; ".join("%s: %s" % (f["code"], f["text"])
                                                         for f in self.findings), self.errors)


class PackageTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="spaceport-package-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.path = Path(cls.folder.name) / "a.zip"

    def validate(self, data, *options):
        self.path.write_bytes(data)
        return Verdict(self.path, *options)
