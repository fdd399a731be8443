"""What isn't finished when somebody leaves, however they leave, is there the next time."""

import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import MAIN, MORE, lib, process  # noqa: E402
from test_plain import Dialogue  # noqa: E402
from test_wizard import Case, content, dev  # noqa: E402


def setUpModule():
    session.scratch()


class Drafts(Case):

    def drafts(self, home):
        return sorted((home.folder / "state/spaceport/drafts").glob("*.json"))

    def begin(self, home, where="C.UTF-8"):
        """An export of two runs without chunks, left at its options."""
        wizard = self.wizard(home, where=where)
        wizard.to_options(MAIN, MORE)
        wizard.select(session.words("Chunks", where))
        wizard.press("Space")
        wizard.wait(lambda: "[ ]" in wizard.focused())
        return wizard

    def go_on(self, home, where="C.UTF-8"):
        wizard = self.wizard(home, where=where)
        wizard.says("Not finished")
        wizard.select("(more)")
        wizard.keys("Enter")
        wizard.step(4)
        return wizard

    def test_it_is_kept_however_the_wizard_ends(self):
        ends = {"q": lambda w: w.keys("q", "q"), "Q": lambda w: w.keys("Q"),
                "Ctrl-C": lambda w: w.keys("Ctrl-C"), "SIGTERM": lambda w: w.kill(signal.SIGTERM),
                "SIGHUP": lambda w: w.kill(signal.SIGHUP)}
        for name, end in ends.items():
            with self.subTest(name):
                home = self.home()
                wizard = self.begin(home)
                end(wizard)
                wizard.end()
                self.restored(wizard)
                self.assertEqual(len(self.drafts(home)), 1)
                self.assertIn("Not finished", wizard.raw_after(b"\x1b[?1049l").decode("utf-8"))

    def test_even_a_kill_leaves_what_was_answered(self):
        home = self.home()
        wizard = self.begin(home)
        process.wait_until(lambda: any('"include-chunks": "no"' in d.read_text(encoding="utf-8")
                                       for d in self.drafts(home)), what="the draft")
        wizard.kill(signal.SIGKILL)
        wizard.end()
        self.go_on(home)

    def test_it_goes_on_and_becomes_the_same_packages(self):
        for where in session.LOCALES:
            with self.subTest(where):
                home = self.home()
                wizard = self.begin(home, where)
                wizard.keys("Q")
                wizard.end()
                wizard = self.go_on(home, where)
                wizard.keys("Enter")
                wizard.step(5)
                wizard.planned()
                wizard.keys("Enter")
                wizard.written()
                process.wait_until(lambda: not self.drafts(home), what="the draft's end")
                self.assertEqual(wizard.leave(), 0)
                for name in home.files():
                    run = MAIN if str(MAIN) in name else MORE
                    wanted = lib.export(dev(), "--no-include-chunks", run_key={
                        MAIN: "main", MORE: "child"}[run])
                    found = content(home.work / name)
                    self.assertEqual(found, {n: wanted.data(n) for n in found})
                self.assertEqual(len(home.files()), 2)

    def test_line_by_line_too(self):
        home = self.home()
        wizard = self.begin(home)
        wizard.keys("Q")
        wizard.end()
        dialogue = Dialogue(home, "--plain")
        self.addCleanup(dialogue.close)
        dialogue.wait("Not finished:")
        dialogue.wait("or Enter to begin anew")
        dialogue.send("1\r")
        dialogue.wait("Question 4 of 6")
        dialogue.wait("Chunks no")


if __name__ == "__main__":
    unittest.main()
