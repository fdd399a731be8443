"""Running the program where something happens meanwhile."""

import functools
import hashlib
import os
import pty
import shutil
import signal
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import lib

FAULTS = Path(__file__).resolve().parent / "faults"


def arguments(instance, output, *options, run_key="main", dsn=None, as_="owner@example.org",
              store=None):
    """What follows the program's name to export a run."""
    return [str(a) for a in (
        "export", "run", lib.run_id(instance, run_key), "-o", output,
        "--db", dsn or instance.db.dsn, "--as", as_, "--store", store or f"dir:{instance.store}",
        "--yes", *options)]


def wait_until(condition, timeout=60, what="the condition"):
    """What it returned once that is true; an error after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} didn't come about within {timeout} s")
        time.sleep(0.005)


class Running:
    """The program on its way; its output is read by threads, so that it never
    waits for us. With `terminal` all three streams are one terminal."""

    def __init__(self, *argv, env=None, cwd=None, terminal=False, stdout=subprocess.PIPE,
                 before=(), preexec=None):
        self.chunks = {"out": [], "err": []}  # (seconds since the start, bytes)
        self.lock = threading.Condition()
        self.terminal = None
        command = [*before, lib.program(), *map(str, argv)]
        env = env or lib.environment()
        streams = {"stdin": subprocess.DEVNULL, "stdout": stdout, "stderr": subprocess.PIPE}
        if terminal:
            self.terminal, other = pty.openpty()
            streams = {"stdin": other, "stdout": other, "stderr": other}
            preexec = functools.partial(os.login_tty, other)
        self.began = time.monotonic()
        self.child = subprocess.Popen(command, env=env, cwd=cwd, preexec_fn=preexec, **streams)
        if terminal:
            os.close(other)
            sources = {"err": self.terminal}
        else:
            sources = {"err": self.child.stderr.fileno()}
            if stdout == subprocess.PIPE:
                sources["out"] = self.child.stdout.fileno()
        self.readers = [threading.Thread(target=self._read, args=item, daemon=True)
                        for item in sources.items()]
        for reader in self.readers:
            reader.start()

    def _read(self, name, fd):
        while True:
            try:
                data = os.read(fd, 65536)
            except OSError:  # a terminal whose other side is closed
                data = b""
            with self.lock:
                self.chunks[name].append((time.monotonic() - self.began, data))
                self.lock.notify_all()
            if not data:
                return

    def _bytes(self, name):
        return b"".join(data for _, data in self.chunks[name])

    @property
    def out(self):
        with self.lock:
            return self._bytes("out")

    @property
    def err(self):
        with self.lock:
            return self._bytes("err")

    def wait_for(self, text, name="err", timeout=lib.TIMEOUT):
        """Until the stream has the text, or has anything where it is empty."""
        def there():
            return text in self._bytes(name) if text else self._bytes(name)
        with self.lock:
            if not self.lock.wait_for(there, timeout):
                raise AssertionError(f"{text!r} isn't in {self._bytes(name)!r}")

    def first_output(self, name="err"):
        """Seconds until it said anything; None: never."""
        with self.lock:
            return next((at for at, data in self.chunks[name] if data), None)

    def type(self, text):
        os.write(self.terminal, text)

    def send(self, number):
        self.child.send_signal(number)

    def end(self, timeout=lib.TIMEOUT):
        """The exit code, as Popen has it; all output is there then."""
        code = self.child.wait(timeout)
        for reader in self.readers:
            reader.join(timeout)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        for reader in self.readers:
            reader.join()
        for stream in (self.child.stdout, self.child.stderr):
            if stream:
                stream.close()
        if self.terminal is not None:
            os.close(self.terminal)


def lines_counted():
    """Whether the program is built for coverage."""
    return b"__gcov_" in Path(lib.program()).read_bytes()


def memory_checked():
    """Whether the program is built with AddressSanitizer."""
    return b"__asan_init" in Path(lib.program()).read_bytes()


@functools.lru_cache(maxsize=None)
def helper(name):
    """A library of faults/, to be loaded into the program."""
    path = lib.scratch() / f"{name}.so"
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run([*compiler, "-shared", "-fPIC", "-O1", "-o", str(path),
                    str(FAULTS / f"{name}.c"), "-ldl"], check=True)
    return path


def preloaded(name, **more):
    """An environment that loads a helper into the program."""
    env = lib.environment(LD_PRELOAD=str(helper(name)), **more)
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return env


def check_package(path):
    """Raises where a package isn't whole: structure, CRCs and checksums."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        sums = dict(reversed(line.split("  ", 1)) for line in
                    package.read("checksums.sha256").decode("ascii").splitlines())
        for name in names:
            if name == "checksums.sha256":
                continue
            found = hashlib.sha256()
            with package.open(name) as entry:
                while part := entry.read(1 << 20):
                    found.update(part)
            if sums.pop(name) != found.hexdigest():
                raise AssertionError(f"{path}: {name} isn't what its checksum says")
    if sums or names[-2:] != ["manifest.json", "checksums.sha256"]:
        raise AssertionError(f"{path}: entries are missing")


def leftovers(folder):
    return sorted(p.name for p in Path(folder).iterdir()
                  if p.name.startswith(".spaceport-") and p.name.endswith(".partial"))


def sessions(db):
    """Process ids of the program's sessions in a database."""
    return [int(r["pid"]) for r in db.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'spaceport' "
        "AND datname = current_database()")]


def folder():
    """An empty folder of the scratch space."""
    path = lib.new_path("-out")
    path.mkdir()
    return path


def remove(path):
    shutil.rmtree(path, ignore_errors=True)


FINAL = "run.zip"


class Case(lib.Case):
    """A sample's run, for exports to `path` in a folder of the test's own."""

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST)

    def setUp(self):
        self.folder = folder()
        self.addCleanup(remove, self.folder)
        self.path = self.folder / FINAL


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
