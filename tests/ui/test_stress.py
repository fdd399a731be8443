"""The wizard under pressure: other sizes and signals at any moment, keys at
random, a job that runs or stands, memory checkers."""

import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import session  # noqa: E402
from session import BULK, FULL, MAIN, SLOW, Home, Wizard, lib, process, profile  # noqa: E402
from test_wizard import dev  # noqa: E402

from proxy import Proxy  # noqa: E402

SEED = int(os.environ.get("SPACEPORT_SEED") or 4)
SUPPRESSIONS = Path(__file__).resolve().parent / "valgrind.supp"
# Keys of every kind, those that act more often than those that mean nothing.
KEYS = ("Up", "Down", "Left", "Right", "Home", "End", "PageUp", "PageDown", "Enter", "Enter",
        "Enter", "Esc", "Tab", "Shift-Tab", "Backspace", "Delete", "F1", "Space", "Space",
        *"1234567890aAbcdDeEfgGhHijkKlLmMnNoprRsStTuUvVwxXyYzZ?!.,:;-+*'\"$%&()[]{}<>|\\~#@",
        "ä", "図", "\u0301", "\u202e", "Ctrl-A", "Ctrl-B", "Ctrl-D", "Ctrl-E", "Ctrl-K", "Ctrl-L",
        "Ctrl-N", "Ctrl-P", "Ctrl-R", "Ctrl-T", "Ctrl-U", "Ctrl-V", "Ctrl-W", "Ctrl-X", "Ctrl-Y",
        "\x1b[99~", "\x1bOz", "\x1b\x1b", "\x1b[", "\xff")
# Out of the home folder leads "/" only: it is typed where it filters, or not at all.
FILTERS = ("id:101", "positionen", "!same status:completed", "nothing at all")


class Case(unittest.TestCase):

    def home(self, **profiles):
        home = Home(**(profiles or {"dev": profile(dev())}))
        self.addCleanup(home.remove)
        return home

    def wizard(self, home=None, *options, **how):
        wizard = Wizard(home or self.home(), *options, **how)
        self.addCleanup(wizard.close)
        return wizard

    def gone(self, db):
        """Nothing of the program is left in the server."""
        process.wait_until(lambda: not process.sessions(db), what="the end of all sessions")


def steps(wizard):
    """A whole session, a piece at a time."""
    wizard.to_preview(MAIN)
    yield
    wizard.planned()
    yield
    wizard.keys("Enter")
    wizard.step(6)
    yield
    wizard.written()
    yield
    wizard.leave()


class Interrupted(Exception):
    """The session ended at the moment that was chosen."""


def interrupt_after(wizard, reads, act):
    """Walks through a session; after so many pieces of output, act() happens.
    True where the session came to its end before."""
    pump = wizard.pump

    def counting(timeout):
        found = pump(timeout)
        if wizard.reads >= reads:
            wizard.pump = pump
            act()
            raise Interrupted
        return found
    wizard.pump = counting
    try:
        for _ in steps(wizard):
            pass
        return True
    except Interrupted:
        return False
    finally:
        wizard.pump = pump


class Size(Case):

    def test_sizes_change_at_random_moments(self):
        """The way goes on, whatever the window does meanwhile."""
        chance = random.Random(SEED)
        for number in range(40 if FULL else 6):
            with self.subTest(number=number):
                home = self.home()
                wizard = self.wizard(home)
                pump = wizard.pump
                sizes = []

                def shaking(timeout, wizard=wizard, pump=pump, sizes=sizes):
                    if chance.random() < 0.2 and len(sizes) < 60:
                        # none in which keys mean nothing
                        sizes.append((chance.randint(60, 200), chance.randint(20, 60)))
                        wizard.resize(*sizes[-1])
                    return pump(timeout)
                wizard.pump = shaking
                for _ in steps(wizard):
                    pass
                self.assertGreater(len(sizes), 0)
                self.assertEqual(wizard.end(), 0)
                wizard.check_restored()
                home.package()

    def test_too_small_says_so_and_comes_back(self):
        wizard = self.wizard()
        wizard.to_runs()
        wizard.wait("Two thousand notices")
        wizard.select("Same name")
        for columns, rows in ((59, 24), (80, 19), (10, 3), (1, 1)):
            with self.subTest(columns=columns, rows=rows):
                wizard.resize(columns, rows)
                if columns > 40:
                    wizard.wait("60")  # how large it must be
                wizard.resize(80, 24)
                wizard.wait("Two thousand notices")
                wizard.wait(lambda: "Same name" in wizard.focused(), what="the same row")

    def test_every_size_is_drawn(self):
        wizard = self.wizard()
        wizard.to_runs()
        wizard.wait("Two thousand notices")
        for columns, rows in ((60, 20), (61, 21), (79, 24), (100, 30), (119, 40), (120, 30),
                              (132, 43), (200, 60), (400, 120)):
            wizard.resize(columns, rows)
            # the key bar is in the last line
            wizard.wait(lambda rows=rows: "Enter" in wizard.line(rows - 1),
                        what=f"{columns}×{rows}")
            wizard.wait(lambda: wizard.is_step(3))


class Killed(Case):

    def kill_somewhere(self, signum, reads):
        home = self.home()
        wizard = self.wizard(home)
        done = interrupt_after(wizard, reads, lambda: wizard.kill(signum))
        if signum == signal.SIGINT and not done:
            self.interrupt_again(wizard)
        code = wizard.end()
        if not done and signum != signal.SIGKILL:
            self.assertIn(code, (-signum, 128 + signum, 0, 3, 130), f"after {reads} reads")
            wizard.check_restored()
            self.assertEqual(process.leftovers(home.work), [])
        for name in home.files():
            if name.endswith(".zip"):
                process.check_package(home.work / name)
        self.gone(dev().db)
        wizard.close()
        home.remove()
        return done

    def interrupt_again(self, wizard):
        """The first one may have stopped a job only, as Ctrl-C does."""
        wizard.wait(lambda: wizard.ended or wizard.is_step(5), what="an end or step 5")
        if not wizard.ended:
            wizard.kill(signal.SIGINT)

    def test_signals_at_random_moments(self):
        chance = random.Random(SEED)
        signals = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)
        for number in range(100 if FULL else 12):
            signum = signals[number % len(signals)]
            reads = chance.randint(1, 22)
            with self.subTest(signal=signum.name, reads=reads):
                self.kill_somewhere(signum, reads)

    def test_while_a_file_is_written(self):
        """Where it hurts: half of the package is there."""
        instance = dev()
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(signal=signum.name), Proxy(instance.server.host) as proxy:
                home = self.home(dev=profile(instance, db=proxy.dsn(instance.db)))
                wizard = self.wizard(home)
                wizard.to_preview(MAIN)
                wizard.planned()
                proxy.after, proxy.then = proxy.sent + 60000, "hold"
                wizard.keys("Enter")
                wizard.step(6)
                wizard.wait(proxy.reached.is_set, what="the stall")
                wizard.kill(signum)
                if signum == signal.SIGINT:
                    wizard.step(5)  # as Ctrl-C: the job stops, the wizard doesn't
                    wizard.kill(signum)
                self.assertIn(wizard.end(), (-signum, 128 + signum, 130))
                wizard.check_restored()
                self.assertEqual(home.files(), [])

    def test_a_terminal_that_goes_away(self):
        """A window that is closed: the program ends, and nothing half is left."""
        home = self.home()
        wizard = self.wizard(home)
        wizard.to_preview(MAIN)
        pid = wizard.child.pid
        wizard.child.ptyproc.fileobj.close()
        process.wait_until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, what="its end")
        wizard.child.ptyproc.terminated = wizard.child.ptyproc.closed = True
        wizard.child.terminated = wizard.child.closed = wizard.ended = True
        self.assertEqual(home.files(), [])
        self.gone(dev().db)

    def test_stopped_and_continued(self):
        """Ctrl-Z and fg, in a shell with job control."""
        home = self.home()
        start = home.folder / "bashrc"
        start.write_text("PS1='$ '\n", encoding="ascii")
        shell = self.wizard(home, command=["bash", "--noprofile", "--rcfile", start, "-i"])
        shell.wait("$")
        shell.type("spaceport\r")
        shell.to_runs()
        shell.wait("Two thousand notices")
        shell.keys("Ctrl-Z")
        shell.wait("Stopped")
        self.assertNotIn("Two thousand notices", shell.text())
        shell.type("fg\r")
        shell.wait("Two thousand notices")
        shell.step(3)


class Keys(Case):

    def press_at_random(self, count, seed):
        """Presses keys; a session that one of them ends is followed by another.
        How many sessions it took."""
        chance = random.Random(seed)
        # keys can lead to an import
        holder = lib.own("debian", lib.NEWEST)
        home = self.home(dev=profile(holder.__enter__()))
        self.addCleanup(holder.__exit__, None, None, None)
        log = home.work / "sanitizers"
        env = {"ASAN_OPTIONS": f"log_path={log}:detect_leaks=0:verify_asan_link_order=0",
               "UBSAN_OPTIONS": f"log_path={log}:print_stacktrace=1"}
        wizard, sessions, pressed = None, 0, []
        for number in range(count):
            if wizard is None or wizard.ended:
                if wizard is not None:
                    self.assertIn(wizard.end(), (0, 1, 2, 3, 7, 8, 9), pressed[-20:])
                    wizard.check_restored()
                    wizard.close()  # thousands may follow
                wizard = self.wizard(home, env=env)
                wizard.says("What to do")
                wizard.keys("1")
                sessions += 1
            if chance.random() < 0.02:
                wizard.resize(chance.randint(40, 180), chance.randint(10, 55))
            if chance.random() < 0.02 and wizard.is_step(3) and "[" in wizard.text():
                pressed.append("filter")
                wizard.keys("/", chance.choice(FILTERS), "Enter")
            else:
                pressed.append(chance.choice(KEYS))
                wizard.keys(pressed[-1])
            # it reads what the program draws, so that neither waits for ever
            while wizard.pump(0.002 if number % 5 else 0.02):
                pass
        self.still_lives(wizard, pressed)
        self.assertEqual(list(home.work.glob("sanitizers*")), [])
        for name in home.files():
            if name.endswith(".zip"):
                process.check_package(home.work / name)
        return sessions

    def still_lives(self, wizard, pressed):
        """Ctrl-C leaves: at once, or after the job that it stops."""
        wizard.resize(80, 24)
        for _ in range(4):
            if wizard.ended:
                break
            wizard.keys("Ctrl-C")
            wizard.pump(1)
        # one more may come while it ends already
        self.assertIn(wizard.end(timeout=60), (0, 1, 2, 3, 9, 130, -signal.SIGINT), pressed[-20:])
        wizard.check_restored()

    def test_random_keys(self):
        """No key, in whatever order, makes it crash or hang."""
        total, each = (20000, 2000) if FULL else (2000, 500)
        for number in range(total // each):
            with self.subTest(seed=SEED + number):
                self.press_at_random(each, SEED + number)

    def test_pasted_garbage(self):
        """All at once, bytes that are no text."""
        chance = random.Random(SEED)
        wizard = self.wizard()
        wizard.to_runs()
        wizard.keys("/")
        garbage = bytes(b for b in (chance.randrange(256) for _ in range(20000))
                        if b not in b"\x03\x1a\x1c\x11\x13\x0f\x16\r\n")
        for at in range(0, len(garbage), 500):
            wizard.send(garbage[at:at + 500])
            while wizard.pump(0.01):
                pass
        self.still_lives(wizard, ["garbage"])


class Speed(Case):

    def answers(self, wizard, count=40):
        """Seconds from a key to what it changes, for help that opens and closes."""
        times = []
        for number in range(count):
            begin = time.monotonic()
            wizard.keys("Esc" if number % 2 else "?")
            wizard.wait(lambda number=number: wizard.shows("Keys of this screen") != number % 2)
            times.append(time.monotonic() - begin)
        return times

    def bound(self, times, seconds):
        """The median: a machine that is busy with other things makes single ones late.
        Esc alone waits 50 ms for what may follow it."""
        self.assertLess(statistics.median(times), seconds, sorted(times))

    @unittest.skipIf(SLOW, "a memory checker is slow")
    def test_keys_are_answered_while_an_export_stands(self):
        instance = dev()
        with Proxy(instance.server.host) as proxy:
            home = self.home(dev=profile(instance, db=proxy.dsn(instance.db)))
            wizard = self.wizard(home)
            wizard.to_preview(MAIN)
            wizard.planned()
            proxy.after, proxy.then = proxy.sent + 60000, "hold"
            wizard.keys("Enter")
            wizard.step(6)
            wizard.wait(proxy.reached.is_set, what="the stall")
            times = self.answers(wizard)
            proxy.release()
        self.bound(times[0::2], 0.05)
        self.bound(times[1::2], 0.1)

    @unittest.skipIf(SLOW, "a memory checker is slow")
    def test_keys_are_answered_while_an_export_works(self):
        """A large run, as quickly as the machine can."""
        with lib.own("debian", lib.NEWEST) as instance:
            made = lib.run("make-run", "--db", instance.db.dsn, "--as", session.OWNER,
                           "--store", f"dir:{instance.store}", "--infospace", session.SPACE_ID,
                           "--annotations", 60000, "--assets", 2000, "--yes", "--json")
            self.assertEqual(made.returncode, 0, made.stderr)
            home = self.home(dev=profile(instance))
            wizard = self.wizard(home)
            wizard.to_runs()
            wizard.filter("make-run")
            wizard.select("60,000")
            wizard.keys("Enter")
            wizard.step(4)
            wizard.keys("Enter")
            wizard.step(5)
            wizard.planned()
            wizard.keys("Enter")
            wizard.step(6)
            times = []
            while wizard.is_step(6) and not wizard.shows("The same again") and len(times) < 200:
                times += self.answers(wizard, 2)
            wizard.written()
        self.assertGreater(len(times), 10)
        self.bound(times[0::2], 0.05)

    @unittest.skipIf(SLOW, "a memory checker is slow")
    def test_the_first_screen_is_there_at_once(self):
        """Before any answer of a network."""
        times = []
        for _ in range(7):
            home = self.home(dead={"db": "host=192.0.2.1 dbname=hq user=hq", "as": "x"})
            begin = time.monotonic()
            wizard = self.wizard(home)
            wizard.says("What to do")
            times.append(time.monotonic() - begin)
            wizard.keys("q")
            self.assertEqual(wizard.end(timeout=10), 0)
        self.bound(times, 0.3)

    def test_it_rests_where_nothing_happens(self):
        """Nothing is drawn and nothing computed while a person thinks."""
        wizard = self.wizard()
        wizard.to_runs()
        wizard.wait("Two thousand notices")
        wizard.quiet(1)
        before = cpu(wizard.child.pid)
        wizard.quiet(2)
        self.assertLessEqual(cpu(wizard.child.pid) - before, 2)


def cpu(pid):
    """Hundredths of a second that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class Memory(Case):

    def test_whole_sessions_under_valgrind(self):
        """No error, and nothing lost at the end."""
        if process.memory_checked():
            self.skipTest("AddressSanitizer looks after this program")
        for where in ("C.UTF-8", "de_DE.UTF-8"):
            with self.subTest(where=where):
                home = self.home()
                log = home.work / "valgrind.log"
                wizard = self.wizard(home, where=where, timeout=240, before=[
                    "valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite,indirect",
                    "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99",
                    f"--suppressions={SUPPRESSIONS}", f"--log-file={log}", "--num-callers=20"])
                wizard.to_result(MAIN)
                wizard.press("?")
                wizard.keys("Esc")
                wizard.resize(120, 40)
                wizard.wait("sha256")
                code = wizard.leave()
                # what valgrind says of itself (calls of new kernels) begins with "--"
                said = log.read_text(encoding="utf-8", errors="replace").splitlines()
                self.assertEqual([line for line in said if line.startswith("==")], [])
                self.assertEqual(code, 0)


if __name__ == "__main__":
    unittest.main()
