"""The terminal of the tests itself, with programs that everybody knows; and
completion in a real bash."""

import os
import signal
import sys
import unittest
import xml.etree.ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import lib  # noqa: E402
from terminal import Gone, Terminal, fresh_modes  # noqa: E402

import svg  # noqa: E402  (needs what terminal puts on the path)



def bash_env(**more):
    return lib.environment(INPUTRC=os.devnull, TERM="xterm-256color", **more)


class Harness(unittest.TestCase):

    def test_it_shows_what_a_program_draws(self):
        script = r"printf '\e[2J\e[3;5H\e[1;31mbold\e[0m \e[7mback\e[0m=\e[4b\r\n日本 é|'; read"
        with Terminal(["bash", "-c", script], columns=40, rows=8, env=bash_env()) as terminal:
            terminal.wait("é|")
            self.assertEqual(terminal.line(2), "    bold back=====")
            self.assertEqual(terminal.line(3), "日本 é|")
            cell = terminal.attributes("bold")[0]
            self.assertEqual((cell.fg, cell.bold, cell.reverse), ("red", True, False))
            self.assertTrue(terminal.attributes("back")[3].reverse)
            drawn = svg.render(terminal.screen, "a <test>")
        root = xml.etree.ElementTree.fromstring(drawn)
        texts = {t.text: t.get("x") for t in root.iter("{http://www.w3.org/2000/svg}text")}
        self.assertIn("bold", texts)
        # the one behind two wide ones stands in the fifth column
        self.assertEqual(texts["本"], f"{svg.MARGIN + 2 * svg.WIDTH:.1f}")

    def test_it_has_another_screen(self):
        with Terminal(["bash", "-c", r"echo normal; printf '\e[?1049hother'; read; "
                                     r"printf '\e[?1049l'; echo after"], env=bash_env()) as terminal:
            terminal.wait("other")
            self.assertNotIn("normal", terminal.text())
            terminal.keys("Enter")
            self.assertEqual(terminal.end(), 0)
            self.assertIn("normal", terminal.text())
            self.assertIn("after", terminal.text())

    def test_it_says_how_a_program_ended(self):
        with Terminal(["bash", "-c", "exit 7"], env=bash_env()) as terminal:
            self.assertEqual(terminal.end(), 7)
        with Terminal(["bash", "-c", "echo here; read"], env=bash_env()) as terminal:
            terminal.wait("here")
            terminal.kill(signal.SIGKILL)
            self.assertEqual(terminal.end(), -signal.SIGKILL)
        with Terminal(["bash", "-c", "echo here"], env=bash_env()) as terminal, \
                self.assertRaisesRegex(Gone, "(?s)nothing such.*\\|here"):
            terminal.wait("nothing such")

    def test_it_knows_the_modes_of_a_terminal(self):
        with Terminal(["bash", "-c", "stty -icanon -echo; echo set; read; stty sane; echo sane; read"],
                      env=bash_env()) as terminal:
            terminal.wait("set")
            self.assertNotEqual(terminal.modes(), fresh_modes())

    def test_it_changes_its_size(self):
        with Terminal(["bash", "-c", "trap 'stty size' WINCH; echo on; while :; do read -t 0.1; done"],
                      env=bash_env()) as terminal:
            terminal.wait("on")
            terminal.resize(100, 30)
            terminal.wait("30 100")


class Completion(unittest.TestCase):
    """Tab in an interactive bash."""

    @classmethod
    def setUpClass(cls):
        cls.folder = lib.new_path("-completion")
        (cls.folder / "two words").mkdir(parents=True)
        (cls.folder / "plain").mkdir()
        (cls.folder / "it's.zip").touch()
        script = Path(lib.program()).parent / "completions/spaceport"
        cls.start = lib.new_path("-bashrc")
        cls.start.write_text(f"PS1='> '; PATH={script.parent.parent}:$PATH; . {script}\n",
                             encoding="utf-8")

    def complete(self, line, expected, **env):
        """`line`, then Tab: the line becomes what is expected."""
        with Terminal(["bash", "--noprofile", "--rcfile", self.start, "-i"],
                      env=bash_env(**env),
                      cwd=self.folder) as terminal:
            terminal.wait(">")
            terminal.type(line + "\t")
            terminal.wait(lambda: terminal.line(0) == "> " + expected.rstrip(), timeout=10,
                          what=expected)
            if expected.endswith(" "):
                terminal.wait(lambda: terminal.screen.cursor.x == len(expected) + 2)

    def test_commands_and_options(self):
        self.complete("spaceport insp", "spaceport inspect ")
        self.complete("spaceport export r", "spaceport export run ")
        self.complete("spaceport export run --asset-f", "spaceport export run --asset-format ")
        self.complete("spaceport export run --asset-format inl",
                      "spaceport export run --asset-format inline ")
        self.complete("spaceport export run --asset-format=inl",
                      "spaceport export run --asset-format=inline ")

    def test_names_of_instances(self):
        folder = lib.new_path("-config")
        (folder / "spaceport").mkdir(parents=True)
        (folder / "spaceport/instances.ini").write_text(
            "[hq-dev]\ndb = service=dev\n[hq-prod]\ndb = service=prod\n", encoding="utf-8")
        self.complete("spaceport list runs --instance hq-p",
                      "spaceport list runs --instance hq-prod ", XDG_CONFIG_HOME=str(folder))
        self.complete("spaceport instances test hq-d", "spaceport instances test hq-dev ",
                      XDG_CONFIG_HOME=str(folder))

    def test_files_and_folders_with_odd_names(self):
        self.complete("spaceport inspect it", r"spaceport inspect it\'s.zip ")
        self.complete("spaceport inspect \"it", "spaceport inspect \"it's.zip\" ")
        self.complete("spaceport export run 1 -o tw", r"spaceport export run 1 -o two\ words/")
        self.complete("spaceport export run 1 --store dir:pl",
                      "spaceport export run 1 --store dir:plain/")
        self.complete("spaceport export run 1 --store=dir:tw",
                      r"spaceport export run 1 --store=dir:two\ words/")
        self.complete("spaceport export run 1 --store d",
                      "spaceport export run 1 --store dir:")


if __name__ == "__main__":
    unittest.main()
