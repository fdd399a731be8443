"""A terminal with a program in it: what it shows, keys to it, its end.

    with Terminal(["less", "file"], columns=80, rows=24) as terminal:
        terminal.wait("(END)")
        terminal.keys("q")
        terminal.end()

Nothing here sleeps: what is awaited is a condition, looked at whenever the
program has written something.
"""

import curses
import os
import signal
import termios
import time

import wheels

wheels.use()

import pexpect  # noqa: E402
import pyte  # noqa: E402

TIMEOUT = float(os.environ.get("SPACEPORT_UI_TIMEOUT") or 30)
# What programs may send, by the names that tests use; others are as they stand.
CONTROL = {"Enter": "\r", "Esc": "\x1b", "Tab": "\t", "Space": " ", "Backspace": "\x7f"}
TERMINFO = {"Up": "kcuu1", "Down": "kcud1", "Left": "kcub1", "Right": "kcuf1", "Home": "khome",
            "End": "kend", "PageUp": "kpp", "PageDown": "knp", "Delete": "kdch1", "F1": "kf1",
            "Shift-Tab": "kcbt"}


class Screen(pyte.Screen):
    """pyte's, with what xterm has besides and ncurses makes use of."""

    def __init__(self, columns, lines):
        self.normal = None  # what the other screen covers
        self.said = []
        super().__init__(columns, lines)

    def set_mode(self, *modes, **options):
        if 1049 in modes and options.get("private") and self.normal is None:
            self.normal = {y: dict(line) for y, line in self.buffer.items()}
            self.save_cursor()
            self.erase_in_display(2)
        super().set_mode(*modes, **options)

    def reset_mode(self, *modes, **options):
        if 1049 in modes and options.get("private") and self.normal is not None:
            self.erase_in_display(2)
            for y, line in self.normal.items():
                for x, cell in line.items():
                    self.buffer[y][x] = cell
            self.restore_cursor()
            self.normal = None
        super().reset_mode(*modes, **options)

    def repeat(self, count=1):
        """REP: the last character again."""
        before = self.buffer[self.cursor.y][max(self.cursor.x - 1, 0)].data
        self.draw(before * (count or 1))

    def scroll_up(self, count=1):
        self._scroll(count or 1, self.delete_lines)

    def scroll_down(self, count=1):
        self._scroll(count or 1, self.insert_lines)

    def _scroll(self, count, change):
        """SU and SD: as if the cursor stood at the top of what scrolls."""
        x, y = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        change(count)
        self.cursor.x, self.cursor.y = x, y

    def tab_back(self, count=1):
        for _ in range(count or 1):
            self.cursor.x = max([s for s in self.tabstops if s < self.cursor.x], default=0)

    def write_process_input(self, data):
        """What the terminal answers to questions of the program."""
        self.said.append(data)


class Stream(pyte.ByteStream):
    """pyte's, with the sequences of Screen above."""
    csi = {**pyte.ByteStream.csi, "b": "repeat", "S": "scroll_up", "T": "scroll_down",
           "Z": "tab_back"}
    events = pyte.ByteStream.events | {"repeat", "scroll_up", "scroll_down", "tab_back"}


class Gone(AssertionError):
    """The program ended where more was expected of it."""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command, columns=80, rows=24, env=None, cwd=None, timeout=TIMEOUT,
                 preexec_fn=None):
        self.timeout = timeout
        self.raw = bytearray()
        # what has no size is as wide as need be
        self.screen = Screen(columns or 200, rows or 60)
        self.stream = Stream(self.screen)
        self.env = dict(os.environ if env is None else env)
        self.env.setdefault("TERM", "xterm-256color")
        self.ended = False
        self.reads = 0
        command = [str(word) for word in command]
        self.child = pexpect.spawn(command[0], command[1:], dimensions=(rows, columns),
                                   env=self.env, cwd=cwd, timeout=timeout, use_poll=True,
                                   preexec_fn=lambda: prepare(preexec_fn))
        os.set_blocking(self.child.child_fd, False)
        self.child.delaybeforesend = None
        self.child.ptyproc.delayafterclose = self.child.delayafterclose = 0.1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # what it shows

    def text(self):
        """The screen's lines, without blanks at their ends."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line(self, number):
        """A line; negative ones count from the bottom."""
        return self.screen.display[number].rstrip()

    def dump(self):
        """The screen in a frame, for messages of tests."""
        width = self.screen.columns
        body = "\n".join(f"|{line:<{width}}|" for line in self.screen.display)
        state = "ended" if self.ended else "running"
        return (f"\n+{'-' * width}+\n{body}\n+{'-' * width}+ {self.screen.columns}×"
                f"{self.screen.lines}, cursor {self.screen.cursor.x},{self.screen.cursor.y}, "
                f"{state}, TERM={self.env['TERM']}\n")

    def attributes(self, text):
        """The cells that show this text: pyte's Char with colours and more."""
        for y, line in enumerate(self.screen.display):
            if text in line:
                # wide characters take two cells, of which display shows one
                cells = [self.screen.buffer[y][x] for x in range(self.screen.columns)]
                begin = 0
                while not "".join(c.data for c in cells[begin:]).startswith(text):
                    begin += 1
                return cells[begin:begin + len(text)]
        raise AssertionError(f"the screen doesn't show {text!r}{self.dump()}")

    def raw_after(self, mark):
        """The bytes that came after the last `mark`."""
        return bytes(self.raw[self.raw.rindex(mark) + len(mark):])

    # waiting

    def pump(self, timeout):
        """Takes what the program has written, waiting for it so long at most;
        False where nothing came."""
        if self.ended:
            return False
        try:
            data = self.child.read_nonblocking(65536, timeout)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            self.ended = True
            return False
        self.reads += 1
        self.raw += data
        self.stream.feed(data)
        if self.screen.said and not self.ended:
            self.send("".join(self.screen.said))
            self.screen.said.clear()
        return True

    def wait(self, condition, timeout=None, what=None):
        """Waits for a text on the screen, or until condition() is true; returns
        what that returned."""
        check = condition
        if isinstance(condition, str):
            def check():
                return condition in self.text()
        end = time.monotonic() + (timeout or self.timeout)
        while True:
            found = check()
            if found:
                return found
            left = end - time.monotonic()
            if self.ended or left <= 0:
                kind = Gone if self.ended else AssertionError
                raise kind(f"waited for {what or repr(condition)}, but the program "
                           f"{'has ended' if self.ended else 'has not shown it'}{self.dump()}")
            self.pump(left)

    def wait_gone(self, text, timeout=None):
        self.wait(lambda: text not in self.text(), timeout, f"the end of {text!r}")

    def quiet(self, seconds=0.3, timeout=None):
        """Waits until nothing was written for so long."""
        end = time.monotonic() + (timeout or self.timeout)
        while self.pump(seconds):
            if time.monotonic() > end:
                raise AssertionError(f"it doesn't come to rest{self.dump()}")

    # keys

    def code(self, key):
        """What a key sends: "Enter", "Ctrl-C", "Up", "x"."""
        if key in CONTROL:
            return CONTROL[key]
        if key.startswith("Ctrl-") and len(key) == 6:
            return chr(ord(key[-1].upper()) & 0x1F)
        if key in TERMINFO:
            with open(os.devnull, "rb") as nothing:
                curses.setupterm(self.env["TERM"], nothing.fileno())
            return (curses.tigetstr(TERMINFO[key]) or b"").decode("ascii")
        return key

    def keys(self, *keys):
        """Presses keys, one after the other."""
        for key in keys:
            self.send(self.code(key))

    def type(self, text):
        self.send(text)

    def send(self, data):
        """Gives bytes or text to the program, and takes what it writes meanwhile;
        an error where it doesn't read."""
        data = data.encode("utf-8") if isinstance(data, str) else data
        end = time.monotonic() + self.timeout
        while data:
            try:
                data = data[os.write(self.child.child_fd, data):]
            except BlockingIOError:
                # it may wait itself, for its output to be taken
                if not self.pump(0.05) and time.monotonic() > end:
                    raise AssertionError(f"the program doesn't read{self.dump()}") from None
            except OSError:
                return  # it has ended; who waits for something will see that

    def resize(self, columns, rows):
        """As if somebody had pulled at the window's corner."""
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    # the end

    def kill(self, signum):
        os.kill(self.child.pid, signum)

    def end(self, timeout=None):
        """Waits for the program's end; its exit code, negative for a signal."""
        end = time.monotonic() + (timeout or self.timeout)
        while not self.ended:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"the program doesn't end{self.dump()}")
            self.pump(left)
        self.child.wait()
        if self.child.signalstatus is not None:
            return -self.child.signalstatus
        return self.child.exitstatus

    def modes(self):
        """The terminal's modes, as stty shows them."""
        return termios.tcgetattr(self.child.child_fd)

    def close(self):
        if not self.child.terminated and self.child.isalive():
            self.kill(signal.SIGKILL)
        self.child.close(force=True)
        self.ended = True


def keep_output(terminal):
    """A key that is a signal makes a terminal throw away what it has not shown yet: of a
    program that is leaving, that may be the last it says."""
    modes = termios.tcgetattr(terminal)
    modes[3] |= termios.NOFLSH
    termios.tcsetattr(terminal, termios.TCSANOW, modes)


def prepare(preexec_fn):
    """What is done in the program's process, before it is the program."""
    keep_output(0)
    if preexec_fn:
        preexec_fn()


def fresh_modes():
    """The modes of a terminal that no program has touched."""
    master, slave = os.openpty()
    try:
        keep_output(slave)
        return termios.tcgetattr(master)
    finally:
        os.close(master)
        os.close(slave)
