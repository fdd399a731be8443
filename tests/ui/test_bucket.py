"""The wizard on an instance whose files are in a bucket, on a server that works
and on one that doesn't."""

import statistics
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import MAIN, SLOW, lib, profile  # noqa: E402
from test_wizard import Case, content, dev  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "store"))

from faulty import Fault, Faulty  # noqa: E402
from s3 import files_below  # noqa: E402

SECRET = "CANARY-secret/key+0123456789"
CREDENTIALS = f"""[hq]
aws_access_key_id = FILEKEY
aws_secret_access_key = {SECRET}
"""
CLEAN = {name: None for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                 "AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL")}


def setUpModule():
    session.scratch()


class Bucket(Case):

    def setUp(self):
        self.server = Faulty()
        self.addCleanup(self.server.stop)
        self.instance = dev()
        self.server.objects.update(files_below(self.instance.store))

    def start(self):
        """A home with credentials in the usual place, and the wizard in it."""
        home = self.home(dev=profile(self.instance, store="s3://bucket", store_profile="hq",
                                     store_endpoint=self.server.endpoint, timeout="3"))
        folder = home.folder / ".aws"
        folder.mkdir()
        folder.joinpath("credentials").write_text(CREDENTIALS, encoding="ascii")
        return self.wizard(home, env={**CLEAN, "NO_PROXY": "*"})

    def to_preview(self, wizard):
        wizard.to_preview(MAIN)
        wizard.planned()

    def no_secret(self, wizard):
        for said in (wizard.raw, Path(f"/proc/{wizard.child.pid}/cmdline").read_bytes()):
            self.assertNotIn(b"CANARY", said)

    def answers(self, wizard, count=20):
        """The median of the seconds from a key to the help that it opens."""
        times = []
        for _ in range(count):
            begin = time.monotonic()
            wizard.keys("?")
            wizard.wait("Keys of this screen")
            times.append(time.monotonic() - begin)
            wizard.keys("Esc")
            wizard.wait_gone("Keys of this screen")
        return statistics.median(times)

    def test_a_run_is_exported_as_from_a_folder(self):
        wizard = self.start()
        self.to_preview(wizard)
        wizard.keys("Enter")
        wizard.written()
        self.no_secret(wizard)
        wanted = lib.export(self.instance, "--as", session.OWNER)
        found = content(wizard.home.package())
        self.assertEqual(found, {n: wanted.data(n) for n in found})
        self.assertEqual(wizard.leave(), 0)

    def test_a_server_that_falls_silent_stops_no_key(self):
        """What is asked of it is given up after the profile's time-out, and said."""
        wizard = self.start()
        self.to_preview(wizard)
        asked = len(self.server.seen())
        self.server.faults = lambda request: Fault(stall=0)
        wizard.keys("Enter")
        wizard.step(6)
        wizard.wait(lambda: len(self.server.seen()) > asked, what="a question to the store")
        median = self.answers(wizard)
        if not SLOW:
            self.assertLess(median, 0.05)
        wizard.step(5)
        wizard.wait("localhost")
        self.assertEqual(wizard.home.files(), [])
        self.server.faults = None
        wizard.planned()
        wizard.keys("Enter")
        wizard.step(6)
        wizard.written()
        wizard.home.package()
        self.no_secret(wizard)

    def test_what_a_server_refuses_is_said(self):
        """With what to do about it; the answers stay, and nothing is written."""
        for status, code in ((403, "AccessDenied"), (429, "TooManyRequests"), (503, "SlowDown")):
            with self.subTest(status):
                self.server.faults = None
                wizard = self.start()
                self.to_preview(wizard)
                self.server.faults = lambda request, status=status, code=code: Fault(
                    status=status, code=code)
                wizard.keys("Enter")
                wizard.step(6)
                wizard.step(5, timeout=120)
                wizard.wait(str(status))
                wizard.says("Do: ")
                self.assertEqual(wizard.home.files(), [])
                self.no_secret(wizard)

    def test_files_that_went_meanwhile_are_a_warning(self):
        wizard = self.start()
        self.to_preview(wizard)
        self.server.objects.clear()
        wizard.keys("Enter")
        wizard.written()
        wizard.wait("missing")
        wizard.home.package()
        self.assertEqual(wizard.leave(), 3)


if __name__ == "__main__":
    unittest.main()
