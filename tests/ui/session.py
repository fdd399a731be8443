"""Sessions with the wizard: where it runs, and how it is walked through."""

import functools
import gettext
import os
import pwd
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
FULL = lib.FULL
# Under sanitizers and valgrind nothing is said of times.
SLOW = bool(os.environ.get("SPACEPORT_UI_SLOW"))
SIZES = ((60, 20), (80, 24), (160, 50))
LOCALES = ("C", "C.UTF-8", "de_DE.UTF-8")
OWNER = "owner@example.org"
# The sample's infospace, and runs of it by their ids.
SPACE, MAIN, MORE, BULK = "Energie & Politik", 101, 102, 114
SPACE_ID = 21


@functools.lru_cache(maxsize=None)
def scratch():
    """The scratch folder, open to the user that sessions run as."""
    folder = lib.scratch()
    folder.chmod(0o755)
    return folder


@functools.lru_cache(maxsize=None)
def german():
    """A folder with the locale de_DE.UTF-8, made here, and in it one with the
    program's translation: neither is installed."""
    scratch()
    folder = lib.new_path("-locales")
    folder.mkdir()
    subprocess.run(["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8",
                    str(folder / "de_DE.UTF-8")], check=True, capture_output=True)
    texts = folder / "texts/de/LC_MESSAGES"
    texts.mkdir(parents=True)
    subprocess.run(["msgfmt", "-o", str(texts / "spaceport.mo"), str(ROOT / "po/de.po")],
                   check=True)
    return folder


def locale(name):
    """The environment for "C", "C.UTF-8" or "de_DE.UTF-8"."""
    if name.startswith("de"):
        # glibc's newlocale() forgets some bytes where there is a LOCPATH
        suppressions = german() / "lsan.supp"
        suppressions.write_text("leak:argz_add_sep\n", encoding="ascii")
        return process.preloaded("locale", LC_ALL=name, LOCPATH=str(german()),
                                 TEST_LOCALEDIR=str(german() / "texts"),
                                 LSAN_OPTIONS=f"suppressions={suppressions}:print_suppressions=0")
    return lib.environment(LC_ALL=name)


@functools.lru_cache(maxsize=None)
def catalog(where):
    return gettext.translation("spaceport", german() / "texts", languages=[where[:2]])


def translated(begin, where):
    """The translation of the message that begins so; of more the shortest."""
    texts = {(key[0] if isinstance(key, tuple) else key): text
             for key, text in sorted(catalog(where)._catalog.items(), key=str, reverse=True)}
    fitting = sorted((m for m in texts if m.startswith(begin)), key=len)
    if not fitting:
        raise AssertionError(f"no translation begins with {begin!r}")
    return texts[fitting[0]]


def words(begin, where="C.UTF-8"):
    """How a message of the program that begins so in English begins in a locale:
    up to what is filled in or, in the locale C, shown as another sign."""
    text = translated(begin, where) if where.startswith("de") else begin
    text = text.split("%")[0]
    if where == "C":
        text = text.encode("ascii", "replace").decode("ascii").split("?")[0]
    return text.strip()


def stranger():
    """(uid, gid) of a user with no rights, where the caller can become one."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def become(ids):
    os.setgroups([])
    os.setgid(ids[1])
    os.setuid(ids[0])


class Home:
    """A user's home: profiles, and a folder in which they work."""

    def __init__(self, **profiles):
        """Each profile as a dict of the keys of instances.ini."""
        scratch()
        self.folder = lib.new_path("-home")
        self.work = self.folder / "work"
        self.work.mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        self.config = self.folder / "config"
        file = self.config / "spaceport/instances.ini"
        file.parent.mkdir(parents=True)
        lines = []
        for name, keys in profiles.items():
            lines += [f"[{name}]", *(f"{k} = {v}" for k, v in keys.items()), ""]
        file.write_text("\n".join(lines), encoding="utf-8")
        if stranger():
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, *stranger())

    def env(self, where="C.UTF-8", **more):
        env = {**locale(where), "HOME": str(self.folder),
               "TMPDIR": str(self.folder / "tmp"), "XDG_CONFIG_HOME": str(self.config),
               "XDG_STATE_HOME": str(self.folder / "state"), "TERM": "xterm-256color",
               "PATH": f"{Path(lib.program()).parent}:{os.environ['PATH']}", **more}
        return {k: v for k, v in env.items() if v is not None}

    def files(self):
        """All files in the folder for work, hidden ones too."""
        return sorted(str(p.relative_to(self.work)) for p in self.work.rglob("*") if p.is_file())

    def package(self):
        """The only file there is, which must be a whole package."""
        names = self.files()
        if len(names) != 1:
            raise AssertionError(f"one package is expected, there are {names}")
        process.check_package(self.work / names[0])
        return self.work / names[0]

    def run(self, command):
        """What a shell makes of a line, as the same user."""
        ids = stranger()
        return subprocess.run(["sh", "-c", command], cwd=self.work, env=self.env(), check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=lib.TIMEOUT,
                              preexec_fn=functools.partial(become, ids) if ids else None)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def profile(instance, **more):
    """The profile of a test's instance."""
    return {"db": instance.db.dsn, "store": f"dir:{instance.store}", "as": OWNER, **more}


class Wizard(Terminal):
    """The program without a command, in a terminal. It runs as a user who can
    write into their home only."""

    def __init__(self, home, *options, size=(80, 24), where="C.UTF-8", before=(), env=None,
                 timeout=TIMEOUT, command=None):
        self.home, self.where = home, where
        ids = stranger()
        super().__init__(command or [*before, lib.program(), *options], columns=size[0],
                         rows=size[1], env=home.env(where, **(env or {})), cwd=str(home.work), timeout=timeout,
                         preexec_fn=functools.partial(become, ids) if ids else None)

    def says(self, msgid):
        """Waits for a message of the program, in its language."""
        self.wait(words(msgid, self.where))

    def shows(self, msgid):
        return words(msgid, self.where) in self.text()

    def is_step(self, number):
        """The title has a step's number in every language and size."""
        return f"{number}/6" in self.line(0)

    def step(self, number, timeout=None):
        self.wait(lambda: self.is_step(number), timeout, f"step {number} of 6")

    def focused(self):
        """The line of the row that has the focus: the terminal's cursor sits on it,
        at its marker. While the screen is being drawn there is none."""
        line = self.line(self.screen.cursor.y)
        return line if self.screen.cursor.x == 0 and line.startswith(("▸", ">")) else ""

    def state(self):
        """What a key may change: the screen and the place on it."""
        return self.screen.cursor.x, self.screen.cursor.y, tuple(self.screen.display)

    def press(self, key):
        """Presses a key that must change something."""
        before = self.state()
        self.keys(key)
        self.wait(lambda: self.state() != before, what=f"an answer to {key}")

    def step_to(self, key):
        """Presses a key that must move the focus."""
        before = self.wait(lambda: self.focused() and (self.screen.cursor.y, self.focused()),
                           what="a focus")
        self.keys(key)
        self.wait(lambda: self.focused() and (self.screen.cursor.y, self.focused()) != before,
                  what=f"another row after {key}")

    def row_of(self, text):
        """The first line with the text, below the title's two; None: none has it."""
        return next((y for y, line in enumerate(self.screen.display) if y > 1 and text in line),
                    None)

    def select(self, text):
        """Moves to the row that shows the text, row by row."""
        self.wait(lambda: self.row_of(text) is not None, what=f"a row with {text!r}")
        for _ in range(100):
            if text in self.wait(self.focused, what="a focus"):
                return
            self.step_to("Down" if self.row_of(text) > self.screen.cursor.y else "Up")
        raise AssertionError(f"can't get to the row with {text!r}{self.dump()}")

    def rows_shown(self):
        """How many rows with a box there are."""
        return sum(1 for line in self.screen.display if "[ ]" in line[:6] or "[x]" in line[:6])

    # the way

    def to_instances(self):
        self.says("What to do")
        self.keys("1")
        self.step(1)

    def to_packages(self):
        self.says("What to do")
        self.keys("2")
        self.step(1)

    def to_infospaces(self, instance="dev"):
        self.to_instances()
        self.select(instance)
        self.keys("Enter")
        self.step(2)

    def to_runs(self, instance="dev", space=SPACE):
        self.to_infospaces(instance)
        self.select(space)
        self.keys("Enter")
        self.step(3)

    def filter(self, text):
        """Types a filter and keeps it."""
        self.press("/")
        self.type(text)
        self.wait(text)
        self.keys("Enter")

    def to_options(self, *ids, **way):
        """With these runs picked, or, if it is one, under the cursor."""
        self.to_runs(**way)
        for number in ids:
            self.filter(f"id:{number}")
            self.wait(lambda: self.rows_shown() == 1, what="one row")
            if len(ids) > 1:
                self.press("Space")
                self.press("Esc")
        self.keys("Enter")
        self.step(4)

    def to_preview(self, *ids, **way):
        self.to_options(*ids, **way)
        self.keys("Enter")
        self.step(5)

    def planned(self):
        """Waits until the preview knows what would be written and where to, and nothing is
        being typed any more."""
        self.wait(lambda: self.shows("Enter writes") and
                  (self.shows("new file") or self.shows("~ exists already")) and
                  words("keep", self.where) not in self.line(-1), what="what is there")

    def to_result(self, *ids, **way):
        self.to_preview(*ids, **way)
        self.planned()
        self.keys("Enter")
        self.written()

    def written(self):
        self.says("The same again")
        self.wait("sha256")

    def leave(self):
        """Home, then out; the exit code."""
        self.keys("q")
        self.says("What to do")
        self.keys("q")
        return self.end()

    # the end

    def check_restored(self):
        """The terminal is as it was before the program."""
        if self.modes() != fresh_modes():
            raise AssertionError(f"the terminal's modes aren't restored{self.dump()}")
        raw = bytes(self.raw)
        for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?1h", b"\x1b[?1l"),
                        (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?1000h", b"\x1b[?1000l"),
                        (b"\x1b[?2004h", b"\x1b[?2004l")):
            if raw.rfind(on) > raw.rfind(off):
                raise AssertionError(f"{on} wasn't taken back by {off}{self.dump()}")
