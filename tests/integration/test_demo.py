"""scripts/demo shows what it says: all of it works, and its package with conflicts has each that
there can be."""

import re
import subprocess
import unittest
from pathlib import Path

import lib

ROOT = Path(__file__).resolve().parents[2]


def reasons(name):
    """Why rows of a class are in it, by the table in which the program has them."""
    return set(re.findall(rf'\{{ "{name}", "(\w+)"',
                          (ROOT / "core/plan/fate.c").read_text(encoding="utf-8")))


class Demo(lib.Case):

    def run_it(self, program, code):
        """What it says; nothing of it is there afterwards."""
        done = subprocess.run(
            [ROOT / "scripts/demo", "--with", program], env=lib.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=300, check=False, text=True)
        self.assertEqual(done.returncode, code, done.stdout[-4000:])
        self.assertFalse(Path(re.search(r"servers in (/\S+) ", done.stdout)[1]).exists())
        return done.stdout

    def test_it_shows_conflicts_in_every_way_and_how_they_end(self):
        said = self.run_it(lib.program(), 0)
        shown = set(re.findall(r'^ +\d+ "class":"(\w+)"(?:,"why":"(\w+)")?$', said, re.M))
        self.assertEqual({why for word, why in shown if word == "conflict"}, reasons("conflict"))
        # without a question, and without an option
        self.assertLessEqual(
            {("same", ""), ("update", "there"), ("keep", "here"), ("keep", "first"),
             ("new", "beside"), ("out", "deleted"), ("out", "room"), ("out", "asset_id")}, shown)
        self.assertRegex(said, r"annotations +81 +3 ")
        self.assertIn("can't be held by this instance", said)
        self.assertRegex(said, r"kept as here, for only that was changed: name — Archive\n")
        self.assertRegex(said, r"equal: \d+ of \d+ rows, (\d+) of \1 files")

    def test_it_stops_where_something_fails(self):
        self.assertIn("the lists can't be had", self.run_it("/bin/false", 1))


if __name__ == "__main__":
    unittest.main()
