"""Never half: whatever breaks, no file under the final name is incomplete,
the error is clear, and the next run sweeps what was left behind."""

import contextlib
import errno
import fcntl
import os
import random
import resource
import signal
import subprocess
import time
import unittest

import lib
import process
from process import FINAL, Running, arguments, leftovers, preloaded
from proxy import Proxy

OLD = b"what stood here before"
# Letters of faults/fault.c for calls whose failure on the package or a
# temporary file means that bytes may be lost.
LOSING = "wfr"


class Case(process.Case):

    def argv(self, *options, **more):
        return arguments(self.instance, self.path, *options, **more)

    def run_it(self, *options, env=None, **more):
        return lib.run(*self.argv(*options, **more), env=env)

    def check_folder(self, there, left=False):
        """No final name, or a whole package; no leftovers but where expected."""
        self.assertEqual(self.path.exists(), there)
        if there:
            process.check_package(self.path)
        if not left:
            self.assertEqual([p.name for p in self.folder.iterdir()], [FINAL] if there else [])

    def sweeps(self):
        """The next run removes what nobody holds, and writes the package."""
        self.path.unlink(missing_ok=True)
        done = self.run_it()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_folder(True)
        self.path.unlink()

    @contextlib.contextmanager
    def held(self):
        """An export that has its temporary file, and waits for the server."""
        with Proxy(self.instance.db.host) as proxy:
            argv = self.argv("--progress", "json", dsn=proxy.dsn(self.instance.db))
            proxy.after, proxy.then = self.middle(), "hold"
            with Running(*argv) as running:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                process.wait_until(lambda: leftovers(self.folder), what="a temporary file")
                yield running, proxy
                proxy.release()

    def middle(self):
        """Bytes from the server when the package is being written."""
        with Proxy(self.instance.db.host) as proxy:
            done = lib.run(*arguments(self.instance, lib.new_path(".zip"),
                                      dsn=proxy.dsn(self.instance.db)))
            self.assertEqual(done.returncode, 0, done.stderr)
            return proxy.sent * 3 // 4

    def count_calls(self):
        log = lib.new_path(".log")
        done = self.run_it(env=preloaded("fault", FAULT_LOG=str(log)))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.path.unlink()
        calls = log.read_text(encoding="utf-8").splitlines()
        for letter in "wfrc":
            self.assertTrue([c for c in calls if c.startswith(letter)], letter)
        return calls

    @staticmethod
    def sample(count):
        """All, or a part that holds the last ones, where the file gets its name."""
        if lib.FULL:
            return range(1, count + 1)
        rng = random.Random("calls")
        return sorted({*rng.sample(range(1, count + 1), min(6, count)),
                       *range(max(1, count - 6), count + 1)})


class Killed(Case):

    def test_at_random_moments(self):
        rng = random.Random("kill")
        begin = time.monotonic()
        self.assertEqual(self.run_it().returncode, 0)
        took = time.monotonic() - begin
        self.path.unlink()
        reached = set()
        for _ in range(200 if lib.FULL else 15):
            with Running(*self.argv()) as running:
                try:
                    running.end(rng.uniform(0.0, took * 1.05))
                except subprocess.TimeoutExpired:
                    running.send(signal.SIGKILL)
                    running.end()
            if self.path.exists():
                process.check_package(self.path)
                self.path.unlink()
            reached.add(bool(leftovers(self.folder)))
        self.sweeps()
        process.wait_until(lambda: not process.sessions(self.instance.db), what="the sessions' end")

    def test_before_every_call(self):
        calls = self.count_calls()
        for number in self.sample(len(calls)):
            with self.subTest(call=number, what=calls[number - 1]):
                done = self.run_it(env=preloaded("fault", FAULT_AT=str(number)))
                self.assertEqual(done.returncode, -signal.SIGKILL)
                renamed = "r" in {c[0] for c in calls[:number - 1]}
                if self.path.exists():
                    self.assertTrue(renamed or calls[number - 1][0] != "w")
                self.check_folder(self.path.exists(), left=True)
                self.path.unlink(missing_ok=True)
        self.sweeps()


class Failing(Case):
    """Errors of the system instead of kills."""

    def inject(self, number, code, *options, **more):
        log = lib.new_path(".log")
        done = self.run_it(*options, env=preloaded(
            "fault", FAULT_AT=str(number), FAULT_ERRNO=str(code), FAULT_LOG=str(log), **more))
        calls = log.read_text(encoding="utf-8").splitlines()
        hit = calls[number - 1] if number <= len(calls) else ""
        return done, hit

    def check_failed(self, done, hit, code):
        """An error that says so; never success where bytes may be lost."""
        letter, mode, where = (hit + "  ").split(" ", 2)
        matters = letter in LOSING or (letter == "c" and mode == "write" and FINAL in where)
        if done.returncode == 0 and not matters:
            self.check_folder(True)
            return
        self.assertEqual(done.returncode, 1, (hit, done.stderr))
        self.assertIn(os.strerror(code).encode(), done.stderr)

    def test_every_call(self):
        count = len(self.count_calls())
        for code in (errno.EIO, errno.ENOSPC) if lib.FULL else (errno.EIO,):
            for number in self.sample(count):
                with self.subTest(call=number, error=errno.errorcode[code]):
                    done, hit = self.inject(number, code)
                    self.check_failed(done, hit, code)
                    self.check_folder(done.returncode == 0)
                    self.path.unlink(missing_ok=True)

    def test_every_call_over_an_old_file(self):
        count = len(self.count_calls())
        for number in self.sample(count):
            with self.subTest(call=number):
                self.path.write_bytes(OLD)
                done, hit = self.inject(number, errno.EIO, "--force")
                self.check_failed(done, hit, errno.EIO)
                if self.path.read_bytes() == OLD:
                    self.assertEqual(done.returncode, 1)
                else:
                    # it has its name already: then it is whole
                    process.check_package(self.path)
                    self.assertIn(hit[0], "fc")
                self.assertEqual(leftovers(self.folder), [])

    def test_disk_full_from_then_on(self):
        writes = [c for c in self.count_calls() if c.startswith("w")]
        for number in self.sample(len(writes)):
            with self.subTest(write=number):
                done, hit = self.inject(number, errno.ENOSPC, FAULT_ON="1", FAULT_CALLS="w")
                self.check_failed(done, hit, errno.ENOSPC)
                self.check_folder(False)

    def test_short_and_interrupted_calls(self):
        """What isn't an error is none."""
        count = len(self.count_calls())
        for number in self.sample(count):
            with self.subTest(short=number):
                done = self.run_it(env=preloaded("fault", FAULT_AT=str(number), FAULT_SHORT="1",
                                                 FAULT_CALLS="w"))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.check_folder(True)
                self.path.unlink()
        for number in range(1, 6):
            with self.subTest(interrupted=number):
                done, _ = self.inject(number, errno.EINTR, FAULT_CALLS="wf")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.check_folder(True)
                self.path.unlink()

    def test_calls_that_do_less_than_asked(self):
        """At random, all the time: the package is the same, and read as it is."""
        self.assertEqual(self.run_it("--compression-level", "0").returncode, 0)
        wanted = self.content()
        for _ in range(10 if lib.FULL else 2):
            seed, log = random.randrange(1 << 31), lib.new_path(".log")
            env = preloaded("short", SHORT_SEED=str(seed), SHORT_LOG=str(log))
            with self.subTest(seed=seed):
                done = self.run_it("--compression-level", "0", env=env)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.content(), wanted)
                found = log.read_bytes()
                self.assertGreater(min(found.count(b"c"), found.count(b"i")), 5)
                package = process.folder() / "whole.zip"
                self.run_it("--compression-level", "0")
                self.path.rename(package)
                for command in ("validate", "inspect"):
                    log.unlink()
                    done = lib.run(command, package, env=env)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(done.stdout, lib.run(command, package).stdout)
                    self.assertIn(b"c", log.read_bytes())

    def content(self):
        """Of what is the same in every export; the package is gone then."""
        package = lib.Package(self.path)
        self.path.unlink()
        return {n: package.data(n) for n in package.names
                if n not in ("manifest.json", "checksums.sha256")}

    def test_small_disk(self):
        """A file system of 1 MiB, mounted where nobody else sees it."""
        done = self.in_small_room("1m", 'cd "$1"', "run.zip", "--compression-level", "0",
                                  "--asset-format", "inline")
        self.assertEqual(done.stdout, b"")

    def test_small_place_for_temporary_files(self):
        """A package that goes to standard output has no folder to lie beside."""
        self.in_small_room("64k", 'export TMPDIR="$1"', "-")

    def in_small_room(self, size, enter, *arguments_):
        script = (f'mount -t tmpfs -o size={size} none "$1" && {enter} && room=$1 && shift && "$@"; '
                  'code=$?; ls -A "$room"; exit $code')
        self.may_mount()
        rights = ["-m"] if os.geteuid() == 0 else ["-rm"]
        argv = arguments(self.instance, *arguments_, run_key="bulk")
        done = subprocess.run(["unshare", *rights, "sh", "-c", script, "sh", str(self.folder),
                               lib.program(), *argv], env=lib.environment(), capture_output=True,
                              timeout=lib.TIMEOUT, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(os.strerror(errno.ENOSPC).encode(), done.stderr)
        self.assertNotIn(b".partial", done.stdout)
        return done

    def may_mount(self):
        rights = ["-m"] if os.geteuid() == 0 else ["-rm"]
        done = subprocess.run(["unshare", *rights, "mount", "-t", "tmpfs", "none",
                               str(self.folder)], capture_output=True, check=False)
        if done.returncode != 0:
            self.skipTest("this machine lets nobody mount: the injected ENOSPC must do")

    def test_limit_on_file_sizes(self):
        """As with a full disk: an error, not the end by a signal."""
        done = subprocess.run([lib.program(), *self.argv()], env=lib.environment(),
                              capture_output=True, timeout=lib.TIMEOUT, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                    (100_000, 100_000)))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(os.strerror(errno.EFBIG).encode(), done.stderr)
        self.check_folder(False)


class Swept(Case):

    def test_locked_leftovers_stay(self):
        mine, dead = (self.folder / f".spaceport-{n}.partial" for n in ("abcdef", "234567"))
        others = [self.folder / n for n in (".spaceport-short.partial", ".spaceport-abcdef.txt",
                                            "spaceport-abcdef.partial", ".spaceport-.partial")]
        for path in (mine, dead, *others):
            path.write_bytes(b"x")
        with open(mine, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assertEqual(self.run_it().returncode, 0)
            self.assertEqual({p.name for p in self.folder.iterdir()},
                             {FINAL, mine.name, *(p.name for p in others)})
        self.assertEqual(self.run_it("--force").returncode, 0)
        self.assertFalse(mine.exists())

    def test_a_running_export_is_left_alone(self):
        with Proxy(self.instance.db.host, after=20_000, then="hold") as proxy:
            with Running(*self.argv(dsn=proxy.dsn(self.instance.db))) as first:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                second = self.folder / "second.zip"
                done = lib.run(*arguments(self.instance, second))
                self.assertEqual(done.returncode, 0, done.stderr)
                proxy.release()
                self.assertEqual(first.end(), 0, first.err)
        self.assertEqual({p.name for p in self.folder.iterdir()}, {FINAL, second.name})
        for path in (self.path, second):
            process.check_package(path)

    def test_links_and_folders_are_no_leftovers(self):
        outside = lib.new_path(".keep")
        outside.write_bytes(b"x")
        link = self.folder / ".spaceport-aaaaaa.partial"
        link.symlink_to(outside)
        (self.folder / ".spaceport-bbbbbb.partial").mkdir()
        os.mkfifo(self.folder / ".spaceport-cccccc.partial")
        self.assertEqual(self.run_it().returncode, 0)
        self.assertEqual(len(list(self.folder.iterdir())), 4)
        self.assertTrue(outside.exists())


class Kept(Case):
    """A file that is there already."""

    def test_without_force(self):
        self.path.write_bytes(OLD)
        done = self.run_it()
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--force", done.stderr)
        self.assertEqual(self.path.read_bytes(), OLD)
        self.assertEqual(len(list(self.folder.iterdir())), 1)

    def test_with_force(self):
        self.path.write_bytes(OLD)
        self.path.chmod(0o644)
        self.assertEqual(self.run_it("--force").returncode, 0)
        self.check_folder(True)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_with_force_and_a_dead_server(self):
        self.path.write_bytes(OLD)
        with Proxy(self.instance.db.host, after=60_000, then="cut") as proxy:
            done = self.run_it("--force", dsn=proxy.dsn(self.instance.db))
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertEqual(self.path.read_bytes(), OLD)
        self.assertEqual(leftovers(self.folder), [])

    def test_that_comes_meanwhile(self):
        with self.held() as (running, proxy):
            self.path.write_bytes(OLD)
            proxy.release()
            self.assertEqual(running.end(), 2)
        self.assertIn(b"exists already", running.err)
        self.assertEqual(self.path.read_bytes(), OLD)
        self.assertEqual(leftovers(self.folder), [])

    def test_folder_that_goes_meanwhile(self):
        with self.held() as (running, proxy):
            process.remove(self.folder)
            proxy.release()
            self.assertEqual(running.end(), 1)
        self.assertNotEqual(running.err, b"")
        self.assertFalse(self.folder.exists())

    def test_links_and_other_things(self):
        target = self.folder / "target.zip"
        self.path.symlink_to(target)
        for options in ((), ("--force",)):
            done = self.run_it(*options)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertTrue(self.path.is_symlink())
            self.assertFalse(target.exists())
        self.path.unlink()
        os.mkfifo(self.path)
        self.assertEqual(self.run_it("--force").returncode, 2)


class Interrupted(Case):
    """Ctrl-C, and what else asks a program to end."""

    def test_while_it_writes(self):
        for number in process.SIGNALS:
            with self.subTest(signal=number), self.held() as (running, proxy):
                begin = time.monotonic()
                running.send(number)
                self.assertEqual(running.end(), 130)
                self.assertLess(time.monotonic() - begin, 5)
                self.assertIn(b"interrupted", running.err)
                self.check_folder(False)
        process.wait_until(lambda: not process.sessions(self.instance.db), what="the sessions' end")

    def test_at_random_moments(self):
        rng = random.Random("interrupt")
        for _ in range(100 if lib.FULL else 10):
            with Running(*self.argv("--progress", "json")) as running:
                running.wait_for(b"")  # until then the signal has its usual effect
                try:
                    code = running.end(rng.uniform(0, 0.3))
                except subprocess.TimeoutExpired:
                    running.send(signal.SIGINT)
                    code = running.end()
                # once the package is there, nothing is left to be stopped but the program
                self.assertIn(code, (0, 130, -signal.SIGINT), running.err)
            self.check_folder(code != 130)
            self.path.unlink(missing_ok=True)

    def test_while_it_connects(self):
        with Proxy(answers=lambda client: None) as proxy:
            with Running(*self.argv("--progress", "json", dsn=proxy.dsn(self.instance.db))) as running:
                self.assertTrue(proxy.connected.wait(lib.TIMEOUT))
                running.wait_for(b"connecting")
                running.send(signal.SIGINT)
                self.assertEqual(running.end(5), 130)
        self.check_folder(False)

    def test_while_nobody_reads(self):
        """Standard output is a pipe that is full."""
        read_end, write_end = os.pipe()
        try:
            argv = arguments(self.instance, "-", "--progress", "json")
            with Running(*argv, stdout=write_end) as running:
                process.wait_until(lambda: self.is_full(read_end), what="a full pipe")
                running.send(signal.SIGINT)
                self.assertEqual(running.end(5), 130)
        finally:
            os.close(read_end)
            os.close(write_end)

    @staticmethod
    def is_full(fd):
        waiting = bytearray(4)
        fcntl.ioctl(fd, 0x541B, waiting)  # FIONREAD
        return int.from_bytes(waiting, "little") > 60_000

    def test_at_the_question(self):
        argv = [a for a in self.argv() if a != "--yes"]
        with Running(*argv, terminal=True) as running:
            running.wait_for(b"[y/N]")
            running.type(b"\x03")
            self.assertEqual(running.end(), 130)
        self.check_folder(False)

    def test_ctrl_c_on_a_terminal(self):
        with Proxy(self.instance.db.host, after=self.middle(), then="stall") as proxy:
            argv = self.argv("--progress", "tty", dsn=proxy.dsn(self.instance.db))
            with Running(*argv, terminal=True) as running:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                running.type(b"\x03")
                self.assertEqual(running.end(5), 130)
        self.check_folder(False)

    def test_ignored_stays_ignored(self):
        """As nohup has it."""
        with Proxy(self.instance.db.host, after=self.middle(), then="hold") as proxy:
            with Running(*self.argv(dsn=proxy.dsn(self.instance.db)), preexec=lambda: signal.signal(
                    signal.SIGHUP, signal.SIG_IGN)) as running:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                running.send(signal.SIGHUP)
                proxy.release()
                self.assertEqual(running.end(), 0, running.err)
        self.check_folder(True)


class Server(Case):
    """A server or network that goes away."""

    def lost(self, running, seconds=7):
        self.assertEqual(running.end(seconds), 8, running.err)
        self.assertNotIn(b"Traceback", running.err)
        self.assertRegex(running.err, b"(?i)server|connection")
        self.check_folder(False)

    def offsets(self):
        rng = random.Random("offsets")
        total = self.middle() * 4 // 3
        return [1, 100, *(rng.randrange(total) for _ in range(60 if lib.FULL else 6))]

    def test_cut(self):
        for then in ("cut", "reset"):
            for after in self.offsets():
                with self.subTest(then=then, after=after), \
                        Proxy(self.instance.db.host, after, then) as proxy:
                    dsn = proxy.dsn(self.instance.db)
                    with Running(*self.argv("--timeout", "2", dsn=dsn)) as running:
                        self.lost(running)

    def test_stalled(self):
        offsets = self.offsets()
        for after in offsets if lib.FULL else (1, offsets[-1]):
            with self.subTest(after=after), Proxy(self.instance.db.host, after) as proxy:
                dsn = proxy.dsn(self.instance.db)
                with Running(*self.argv("--timeout", "2", dsn=dsn)) as running:
                    self.lost(running)

    def test_backend_terminated(self):
        with self.held() as (running, proxy):
            self.instance.db.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                   "WHERE application_name = 'spaceport'")
            proxy.release()
            self.lost(running)

    def test_statement_cancelled(self):
        with self.held() as (running, proxy):
            self.instance.db.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                                   "WHERE application_name = 'spaceport'")
            proxy.release()
            # all rows may have been on their way
            code = running.end()
            self.assertIn(code, (0, 1), running.err)
        self.check_folder(code == 0)

    def test_server_killed(self):
        server = lib.servers.Server(lib.KINDS[0])
        self.addCleanup(server.stop)
        db, store = server.database("gone"), lib.new_path("-store")
        about = lib.sample.load(db, lib.NEWEST, "dev", store)
        run = about["rows"]["annotationrun"]["main"]["id"]
        after = self.middle()
        with Proxy(db.host, after, "hold") as proxy:
            with Running("export", "run", run, "-o", self.path, "--db", proxy.dsn(db), "--as",
                         "owner@example.org", "--store", f"dir:{store}", "--yes") as running:
                self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                os.kill(server.postmaster_pid(), signal.SIGQUIT)  # as pg_ctl stop -m immediate
                proxy.release()
                self.lost(running)
        with Running("export", "run", run, "-o", self.path, "--db", db.dsn, "--as", "owner",
                     "--no-include-source-assets") as running:
            self.lost(running)

    def test_nobody_listens(self):
        with Proxy() as proxy:
            dsn = proxy.dsn(self.instance.db)
        with Running(*self.argv("--timeout", "2", dsn=dsn)) as running:
            self.lost(running)

    def test_silence_of_the_client_is_none_of_the_server(self):
        """Who reads standard output slowly doesn't make the server seem dead."""
        path = lib.new_path(".zip")
        argv = arguments(self.instance, "-", "--timeout", "1")
        read_end, write_end = os.pipe()
        with Running(*argv, stdout=write_end) as running:
            os.close(write_end)
            process.wait_until(lambda: Interrupted.is_full(read_end), what="a full pipe")
            begin = time.monotonic()
            process.wait_until(lambda: time.monotonic() - begin > 2.5)
            with open(read_end, "rb") as source, open(path, "wb") as target:
                target.write(source.read())
            self.assertEqual(running.end(), 0, running.err)
        process.check_package(path)


class Output(Case):
    """Places that can't take the package."""

    def test_standard_output(self):
        argv = arguments(self.instance, "-")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([lib.program(), *argv], stdout=full, stderr=subprocess.PIPE,
                                  env=lib.environment(), timeout=lib.TIMEOUT, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(os.strerror(errno.ENOSPC).encode(), done.stderr)
        for redirect in (">&-", "| head -c 1000 >/dev/null; exit ${PIPESTATUS[0]}"):
            with self.subTest(redirect=redirect):
                done = subprocess.run(["bash", "-c", f'"$@" {redirect}', "bash", lib.program(),
                                       *argv], stderr=subprocess.PIPE, env=lib.environment(),
                                      timeout=lib.TIMEOUT, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(b"spaceport: ", done.stderr)

    def test_places(self):
        for path, code in ((self.folder / "no/such/run.zip", 2), ("/proc/run.zip", 1)):
            with self.subTest(path=path):
                done = lib.run(*arguments(self.instance, path))
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(b"spaceport: ", done.stderr)

    def test_folder_without_rights(self):
        self.folder.chmod(0o500)
        # root's right to write everywhere is taken from it
        less = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
        with Running(*self.argv(), before=less) as running:
            self.assertEqual(running.end(), 1, running.err)
        self.folder.chmod(0o700)
        self.assertIn(os.strerror(errno.EACCES).encode(), running.err)
        self.check_folder(False)

    def test_temporary_folder_without_room(self):
        """Also what stands in TMPDIR meanwhile."""
        done = lib.run(*arguments(self.instance, "-"), env=lib.environment(TMPDIR="/no/such"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"/no/such", done.stderr)

    def test_file_that_changes(self):
        """A file of the store that isn't any more what was found there."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            names = [r["p"] for r in instance.db.query(
                "SELECT DISTINCT blob_path AS p FROM asset WHERE blob_path <> ''")]
            for change in (lambda p: os.truncate(p, 1), os.unlink,
                           lambda p: p.write_bytes(p.read_bytes() + b"more")):
                with self.subTest(change=change):
                    saved = {n: (instance.store / n).read_bytes() for n in names
                             if (instance.store / n).exists()}
                    with Proxy(instance.db.host, 150_000, "hold") as proxy:
                        with Running(*arguments(instance, self.path, dsn=proxy.dsn(instance.db))
                                     ) as running:
                            self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                            process.wait_until(lambda: leftovers(self.folder),
                                               what="a temporary file")
                            for name in saved:
                                change(instance.store / name)
                            proxy.release()
                            self.assertEqual(running.end(), 1, running.err)
                    self.check_folder(False)
                    for name, data in saved.items():
                        (instance.store / name).write_bytes(data)


if __name__ == "__main__":
    unittest.main()
