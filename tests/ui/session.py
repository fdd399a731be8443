"""Sessions with the wizard: where it runs, and how it is walked through."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "integration"))

import lib  # noqa: E402
import process  # noqa: E402
from terminal import TIMEOUT, Terminal, fresh_modes  # noqa: E402,F401

ROOT = HERE.parent.parent
# Under sanitizers and valgrind nothing is said of times.
SLOW = bool(os.environ.get("SPACEPORT_UI_SLOW"))
SIZES = ((60, 20), (80, 24), (160, 50))
OWNER = "owner@example.org"


@functools.lru_cache(maxsize=None)
def _german():
    """A folder with the locale de_DE.UTF-8, made here, and one with the program's
    translation: neither is installed."""
    folder = lib.new_path("-locales")
    folder.mkdir()
    subprocess.run(["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8",
                    str(folder / "de_DE.UTF-8")], check=True, capture_output=True)
    texts = folder / "texts/de/LC_MESSAGES"
    texts.mkdir(parents=True)
    subprocess.run(["msgfmt", "-o", str(texts / "spaceport.mo"), str(ROOT / "po/de.po")],
                   check=True)
    return {"LC_ALL": "de_DE.UTF-8", "LOCPATH": str(folder),
            "TEST_LOCALEDIR": str(folder / "texts"), "LANGUAGE": None}


def locale(name):
    """The environment for "C", "C.UTF-8" or "de_DE.UTF-8"."""
    if name.startswith("de"):
        return process.preloaded("locale", **_german())
    return lib.environment(LC_ALL=name)


class Home:
    """A user's home: profiles, and a folder in which they work."""

    def __init__(self, **profiles):
        """Each profile as a dict of the keys of instances.ini."""
        self.folder = lib.new_path("-home")
        self.work = self.folder / "work"
        self.work.mkdir(parents=True)
        self.config = self.folder / "config"
        file = self.config / "spaceport/instances.ini"
        file.parent.mkdir(parents=True, mode=0o700)
        lines = []
        for name, keys in profiles.items():
            lines += [f"[{name}]", *(f"{k} = {v}" for k, v in keys.items()), ""]
        file.write_text("\n".join(lines), encoding="utf-8")
        file.chmod(0o600)

    def env(self, where="C.UTF-8", **more):
        env = {**locale(where), "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.config),
               "XDG_STATE_HOME": str(self.folder / "state"), "TERM": "xterm-256color",
               "PATH": f"{Path(lib.program()).parent}:{os.environ['PATH']}", **more}
        return {k: v for k, v in env.items() if v is not None}

    def files(self):
        """All files in the folder for work, hidden ones too."""
        return sorted(str(p.relative_to(self.work)) for p in self.work.rglob("*") if p.is_file())

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def profile(instance, **more):
    """The profile of a test's instance."""
    return {"db": instance.db.dsn, "store": f"dir:{instance.store}", "as": OWNER, **more}


class Wizard(Terminal):
    """The program without a command, in a terminal."""

    def __init__(self, home, *options, size=(80, 24), where="C.UTF-8", before=(), env=None,
                 timeout=TIMEOUT):
        self.home = home
        super().__init__([*before, lib.program(), *options], columns=size[0], rows=size[1],
                         env=home.env(where, **(env or {})), cwd=str(home.work), timeout=timeout)

    def step(self, number, timeout=None):
        """Waits for a step of the export: the title has its number in every
        language and size."""
        self.wait(lambda: f"{number}/6" in self.line(0), timeout, f"step {number} of 6")

    def focused(self):
        """The line that the terminal's cursor is on, as the wizard's row is."""
        return self.line(self.screen.cursor.y)

    def state(self):
        """What a key may change: the screen and the place on it."""
        return self.screen.cursor.x, self.screen.cursor.y, tuple(self.screen.display)

    def press(self, key):
        """Presses a key that must change something."""
        before = self.state()
        self.keys(key)
        self.wait(lambda: self.state() != before, what=f"an answer to {key}")

    def row_of(self, text):
        """The first line with the text, below the title's two; None: none has it."""
        return next((y for y, line in enumerate(self.screen.display) if y > 1 and text in line),
                    None)

    def select(self, text):
        """Moves to the row that shows the text, page by page, row by row."""
        self.wait(lambda: self.row_of(text) is not None, what=f"a row with {text!r}")
        for _ in range(100):
            if text in self.focused():
                return
            self.press("Down" if self.row_of(text) > self.screen.cursor.y else "Up")
        raise AssertionError(f"can't get to the row with {text!r}{self.dump()}")
