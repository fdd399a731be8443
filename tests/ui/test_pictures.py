"""The README's pictures show the wizard as it is."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import screenshots  # noqa: E402
from session import ROOT  # noqa: E402


class Pictures(unittest.TestCase):

    def test_they_are_up_to_date(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        for name, drawn in screenshots.draw().items():
            with self.subTest(name=name):
                kept = (ROOT / "doc" / name).read_text(encoding="utf-8")
                self.assertEqual(re.findall(r">([^<]+)</text>", kept),
                                 re.findall(r">([^<]+)</text>", drawn),
                                 "the picture is old: make screenshots")
                self.assertIn(f"doc/{name}", readme)


if __name__ == "__main__":
    unittest.main()
