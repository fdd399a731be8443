"""The wizard line by line: the same questions, for every kind of terminal."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from session import LOCALES, Home, Wizard, lib, process, profile, words  # noqa: E402
from test_wizard import dev  # noqa: E402

WAY = INSTANCE = "Number [1]"
SPACE = "Number or part of a name"
RUNS = "Part of a name, numbers like 1,3-5, or all"
OPTIONS = "Enter keeps them, or a name changes one"
WHERE = "Question 5 of 6. Write where? [%s%s%s]"
WRITE = "Type write to write it, or <"


class Dialogue(Wizard):

    def __init__(self, *arguments, **how):
        self.mark = 0
        super().__init__(*arguments, size=how.pop("size", (200, 60)), **how)

    def heard(self):
        """What was said since the last answer."""
        return self.raw[self.mark:].decode("utf-8", "replace")

    def answer(self, question, text):
        """Waits for a question, and answers it."""
        self.wait(lambda: words(question, self.where) in self.heard(), what=question)
        self.mark = len(self.raw)
        self.type(text + "\r")

    def hear(self, msgid):
        self.wait(lambda: words(msgid, self.where) in self.heard(), what=msgid)

    def to_write(self):
        self.answer(WAY, "")
        self.answer(INSTANCE, "")
        self.answer(SPACE, "1")
        self.answer(RUNS, "(more)")
        self.answer(RUNS, "1")
        self.answer(OPTIONS, "")
        self.answer(WHERE, "")


class Plain(unittest.TestCase):

    def dialogue(self, *options, profiles=None, **how):
        home = Home(**(profiles or {"dev": profile(dev()), "other": profile(dev())}))
        self.addCleanup(home.remove)
        dialogue = Dialogue(home, *options, **how)
        self.addCleanup(dialogue.close)
        return dialogue

    def check(self, dialogue):
        dialogue.to_write()
        dialogue.answer(WRITE, words("write", dialogue.where))
        self.assertEqual(dialogue.end(), 0)
        path = dialogue.home.package()
        self.assertIn(path.name, dialogue.heard())
        # each phase is said once
        phases = [line for line in dialogue.heard().splitlines()
                  if line.startswith(words("Phase: %s.", dialogue.where))]
        self.assertEqual(len(set(phases)), len(phases), phases)
        # no drawing, no colour, nothing that a reader aloud would stumble over
        self.assertNotIn(b"\x1b", dialogue.raw)
        dialogue.check_restored()

    def test_a_run_in_every_language(self):
        for where in LOCALES:
            with self.subTest(where=where):
                self.check(self.dialogue("--plain", where=where))

    def test_a_terminal_that_can_nothing(self):
        self.check(self.dialogue(env={"TERM": "dumb"}))

    def test_who_asks_for_accessible_programs(self):
        self.check(self.dialogue(env={"ACCESSIBLE": "1"}))

    def test_a_terminal_without_a_size(self):
        self.check(self.dialogue(size=(0, 0), env={"COLUMNS": None, "LINES": None}))

    def test_back_help_and_quit(self):
        dialogue = self.dialogue("--plain")
        dialogue.answer(WAY, "1")
        dialogue.answer(INSTANCE, "?")
        dialogue.hear("Instances are named in instances.ini. They are only read.")
        dialogue.answer(INSTANCE, "")
        dialogue.answer(SPACE, "nothing has this")
        dialogue.hear("Nothing has these words: %s")
        dialogue.answer(SPACE, "1")
        dialogue.answer(RUNS, "<")
        dialogue.answer(SPACE, "1")
        dialogue.answer(RUNS, "all")
        dialogue.hear("Chosen: 14 runs")
        dialogue.answer(OPTIONS, "quit")
        self.assertEqual(dialogue.end(), 0)
        self.assertEqual(dialogue.home.files(), [])

    def test_an_option_changed(self):
        dialogue = self.dialogue("--plain")
        dialogue.answer(WAY, "")
        dialogue.answer(INSTANCE, "")
        dialogue.answer(SPACE, "1")
        dialogue.answer(RUNS, "(more)")
        dialogue.answer(RUNS, "1")
        dialogue.hear("Chosen: Positionen 2025 (more).")
        dialogue.hear("For instance any, Fields left out none")
        dialogue.answer(OPTIONS, "Chunks")
        dialogue.answer("Chunks", "no")
        dialogue.hear("Chunks no")
        dialogue.answer(OPTIONS, "")
        dialogue.answer(WHERE, "")
        dialogue.answer(WRITE, "write")
        self.assertEqual(dialogue.end(), 0)
        self.assertFalse(
            lib.Package(dialogue.home.package()).manifest["options"]["include_chunks"])

    def test_nothing_is_written_without_the_word(self):
        dialogue = self.dialogue("--plain")
        dialogue.to_write()
        for text in ("", "yes", "w"):
            dialogue.answer(WRITE, text)
        dialogue.answer(WRITE, "<")
        dialogue.answer(WHERE, "quit")
        self.assertEqual(dialogue.end(), 0)
        self.assertEqual(dialogue.home.files(), [])

    def test_a_file_that_exists_is_said(self):
        dialogue = self.dialogue("--plain")
        (dialogue.home.work / "there.zip").write_text("old", encoding="ascii")
        dialogue.answer(WAY, "")
        dialogue.answer(INSTANCE, "")
        dialogue.answer(SPACE, "1")
        dialogue.answer(RUNS, "(more)")
        dialogue.answer(RUNS, "1")
        dialogue.answer(OPTIONS, "")
        dialogue.answer(WHERE, "there.zip")
        dialogue.wait(lambda: "exists already: it would be replaced" in dialogue.heard())
        dialogue.answer(WRITE, "write")
        self.assertEqual(dialogue.end(), 0)
        process.check_package(dialogue.home.work / "there.zip")

    def test_ctrl_c_and_the_end_of_input_leave(self):
        for key, codes in (("Ctrl-C", (130,)), ("Ctrl-D", (0, 130))):
            with self.subTest(key=key):
                dialogue = self.dialogue("--plain")
                dialogue.hear(INSTANCE)
                dialogue.keys(key)
                self.assertIn(dialogue.end(), codes)
                dialogue.check_restored()

    def test_an_instance_that_is_dead(self):
        dialogue = self.dialogue("--plain", profiles={
            "dead": {"db": "host=127.0.0.1 port=9 dbname=hq user=hq", "as": "x"},
            "dev": profile(dev())})
        dialogue.answer(WAY, "")
        dialogue.answer(INSTANCE, "1")
        dialogue.wait(lambda: "127.0.0.1" in dialogue.heard())
        dialogue.answer(INSTANCE, "2")
        dialogue.hear(SPACE)


if __name__ == "__main__":
    unittest.main()
