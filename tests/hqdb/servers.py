"""Starts and stops private PostgreSQL servers.

    with Server("debian") as server:
        server.database("postgres").query("SELECT 1")

A server listens on nothing but a Unix socket in its own temporary folder,
runs as an ordinary user also where root calls, and is gone with its folder
when the caller ends, however that ends (guard.py sees to it).
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from kinds import KINDS, ServerError, find_bin, version_of
from pg import Database

__all__ = ["KINDS", "Server", "ServerError", "start_background", "stop_background", "available"]

GUARD = Path(__file__).resolve().parent / "guard.py"
SOCKET = ".s.PGSQL.5432"
PREFIX = "sphq-"
STOP_TIMEOUT = 60


def server_user():
    """Whom the server runs as: None for the caller himself."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServerError("PostgreSQL doesn't run as root, and there is no user postgres or nobody")


def available():
    """Yields (kind, version or None, text): what is here without fetching."""
    for kind in KINDS:
        bindir = find_bin(kind, fetch=False)
        if bindir:
            yield kind, version_of(bindir), str(bindir)
        else:
            yield kind, None, "not installed" if kind == "debian" else "would be fetched"


class Server:
    """A running server; also a context manager. See start() for the options."""

    def __init__(self, kind="debian", **options):
        self.kind = kind
        self.folder, self._guard = _start(kind, **options)

    @property
    def host(self):
        """The folder of the socket, libpq's "host"."""
        return str(self.folder)

    def database(self, dbname, user="postgres"):
        return Database(self.host, dbname, user)

    def postmaster_pid(self):
        text = (self.folder / "data/postmaster.pid").read_text(encoding="utf-8")
        return int(text.splitlines()[0])

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self):
        if self._guard:
            self._guard.stdin.close()
            self._guard.wait(STOP_TIMEOUT)
            self._guard.stdout.close()
            self._guard = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def start_background(kind, folder, watch=None, **options):
    """Starts a server in `folder` (new or empty) that runs until
    stop_background(), or until the process `watch` ends."""
    folder, guard = _start(kind, folder=folder, watch=watch, **options)
    guard.stdout.close()
    guard.stdin.write(b"stay\n")
    guard.stdin.close()
    guard.returncode = 0  # it outlives this process: no warning that it does
    return str(folder)


def stop_background(folder):
    """Stops it and waits until it is gone; none there is an error."""
    lock_path = Path(folder) / "guard.lock"
    try:
        with open(lock_path, encoding="ascii") as lock:
            if _locked(lock):
                os.kill(int(lock.read()), signal.SIGTERM)
                fcntl.flock(lock, fcntl.LOCK_EX)
                return
    except (FileNotFoundError, ProcessLookupError):
        pass
    if not lock_path.exists():
        raise ServerError(f"no server runs in {folder}")
    shutil.rmtree(folder)


def _start(kind, folder=None, watch=None, fsync=False, timezone="UTC",
           locale="C.UTF-8", settings=None):
    """`settings`: more of postgresql.conf, as a dict of text."""
    bindir = find_bin(kind)
    user = server_user()
    made = folder is None
    folder = _folder(folder, user)
    command = [sys.executable, str(GUARD), "--dir", str(folder), "--bin", str(bindir),
               "--fsync", "on" if fsync else "off", "--timezone", timezone, "--locale", locale]
    command += ["--user", user] if user else []
    command += ["--watch", str(watch)] if watch else []
    for name, value in (settings or {}).items():
        command += ["--set", f"{name}={value}"]
    try:
        _check_reach(folder, bindir, user)
        guard = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
    except BaseException:
        if made:
            folder.rmdir()
        raise
    said = guard.stdout.readline()
    if said != b"ready\n":
        said += guard.stdout.read()
        guard.stdin.close()
        guard.wait(STOP_TIMEOUT)
        guard.stdout.close()
        raise ServerError(f"{kind}: {said.decode('utf-8', 'replace').strip() or 'no start'}")
    return folder, guard


def _folder(folder, user):
    if folder is None:
        _sweep()
        # Not TMPDIR: the name of a socket has room for 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    else:
        folder = Path(folder).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ServerError(f"{folder} isn't empty")
    if len(os.fsencode(folder / SOCKET)) > 107:
        raise ServerError(f"{folder}: too long for a socket's name")
    folder.chmod(0o755)
    if user:
        shutil.chown(folder, user)
    return folder


def _check_reach(folder, bindir, user):
    """Says which folder is in the way, where postgres itself would only fail."""
    if not user:
        return
    entry = pwd.getpwnam(user)
    for path in (folder, bindir / "initdb"):
        done = subprocess.run(["test", "-x", str(path)], check=False, user=entry.pw_uid,
                              group=entry.pw_gid, extra_groups=[])
        if done.returncode != 0:
            raise ServerError(f"the user {user} can't reach {path}: open the folders above it "
                              f"(chmod o+x) or choose another place")


def _locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def _sweep():
    """Removes folders of guards that were killed."""
    for lock_path in Path("/tmp").glob(f"{PREFIX}*/guard.lock"):
        try:
            with open(lock_path, encoding="ascii") as lock:
                dead = not _locked(lock) and lock.read()
        except OSError:
            continue
        if dead and lock_path.stat().st_uid == os.geteuid():
            shutil.rmtree(lock_path.parent, ignore_errors=True)
