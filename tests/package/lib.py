"""Runs `spaceport validate` on bytes."""

import json
import os
import resource  # noqa: F401 (wait4 fills its struct)
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

SPACEPORT = os.environ["SPACEPORT"]
FULL = bool(os.environ.get("SPACEPORT_FULL"))


class Verdict:
    """What `validate --json` said of one file, how long it took (seconds) and the
    most memory it had (bytes)."""

    def __init__(self, path, *options):
        start = time.monotonic()
        child = subprocess.Popen([SPACEPORT, "validate", "--json", "--progress", "none", *options, str(path)],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out = child.stdout.read()
        self.errors = child.stderr.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        child.stdout.close()
        child.stderr.close()
        child.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - start
        self.memory = usage.ru_maxrss * 1024
        self.code = child.returncode
        self.result = json.loads(out)["packages"][0] if out and self.code in (0, 3, 5, 6) else {}
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
