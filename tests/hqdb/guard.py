"""Runs one private PostgreSQL server and never outlives its purpose.

Started by servers.py in a session of its own. Makes the cluster, starts the
server, says "ready" (or what went wrong) on standard output, and waits: for a
signal, for the end of standard input (unless told to "stay" there), for the
end of a process (--watch PID), for the end of the server. Then it stops the server and removes
the folder. Dies it by SIGKILL, the kernel ends the server (PR_SET_PDEATHSIG).
"""

import argparse
import ctypes
import fcntl
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

START_TIMEOUT = 60
STOP_TIMEOUT = 20

CONF = """
listen_addresses = ''
unix_socket_directories = '{dir}'
port = 5432
max_connections = 50
fsync = {fsync}
synchronous_commit = {fsync}
full_page_writes = {fsync}
timezone = '{timezone}'
log_timezone = 'UTC'
autovacuum = off
jit = off
wal_level = minimal
max_wal_senders = 0
"""


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", required=True, type=Path)
    parser.add_argument("--bin", required=True, type=Path)
    parser.add_argument("--user")
    parser.add_argument("--fsync", default="off")
    parser.add_argument("--timezone", default="UTC")
    parser.add_argument("--locale", default="C.UTF-8")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--watch", type=int)
    return parser.parse_args()


def environment(args):
    env = {"PATH": f"{args.bin}:/usr/bin:/bin", "LC_ALL": args.locale, "TZ": "UTC"}
    if args.user:
        env["HOME"] = pwd.getpwnam(args.user).pw_dir
    return env


def as_user(args):
    """Popen's arguments for an unprivileged server where root calls."""
    if not args.user:
        return {}
    entry = pwd.getpwnam(args.user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def make_cluster(args, log):
    subprocess.run([str(args.bin / "initdb"), "-D", str(args.dir / "data"), "-U", "postgres",
                    "-A", "trust", "-E", "UTF8", f"--locale={args.locale}", "--no-sync"],
                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(args),
                   cwd=args.dir, check=True, timeout=START_TIMEOUT, **as_user(args))
    conf = CONF.format(dir=args.dir, fsync=args.fsync, timezone=args.timezone)
    for setting in args.set:
        name, _, value = setting.partition("=")
        conf += f"{name} = '{value}'\n"
    with open(args.dir / "data/postgresql.conf", "a", encoding="utf-8") as file:
        file.write(conf)


def start(args, log):
    command = ["setpriv", "--pdeathsig", "QUIT", str(args.bin / "postgres"),
               "-D", str(args.dir / "data")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                            env=environment(args), cwd=args.dir, process_group=0,
                            **as_user(args))


def wait_ready(args, server, woken):
    """The last line of postmaster.pid says when the server takes connections."""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError("the server ended while it started")
        try:
            lines = (args.dir / "data/postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        if select.select([woken], [], [], 0.01)[0]:
            raise RuntimeError("stopped while the server started")
    raise RuntimeError(f"the server isn't ready after {START_TIMEOUT} s")


def wait_end(args, server, woken):
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    poll.register(os.pidfd_open(server.pid), select.POLLIN)
    poll.register(0, select.POLLIN)
    if args.watch:
        try:
            poll.register(os.pidfd_open(args.watch), select.POLLIN)
        except ProcessLookupError:
            return
    while [fd for fd, _ in poll.poll()] == [0] and os.read(0, 16) == b"stay\n":
        null = os.open(os.devnull, os.O_RDWR)
        poll.unregister(0)
        os.dup2(null, 0)


def stop(server):
    for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(sig)
        try:
            server.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            continue


def wake_on_signals():
    """Signals become bytes in a pipe, so that nothing is interrupted halfway."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(write_end)
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda *_: None)
    return read_end


def say(text):
    """Once said, nobody has to read on: whoever started this may be gone."""
    try:
        os.write(1, text.encode())
    except BrokenPipeError:
        pass
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)


def remove(folder):
    """The lock goes last: a folder that has one and isn't locked is a leftover."""
    for entry in folder.iterdir():
        if entry.name == "guard.lock":
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    (folder / "guard.lock").unlink(missing_ok=True)
    folder.rmdir()


def main():
    args = parse()
    woken = wake_on_signals()
    ctypes.CDLL(None).prctl(15, b"sp-hqdb-guard", 0, 0, 0)  # PR_SET_NAME
    os.chdir("/")
    lock = open(args.dir / "guard.lock", "w", encoding="ascii")
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    server = None
    try:
        with open(args.dir / "log", "ab") as log:
            make_cluster(args, log)
            server = start(args, log)
        wait_ready(args, server, woken)
        say("ready\n")
        wait_end(args, server, woken)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        tail = ""
        if (args.dir / "log").exists():
            tail = (args.dir / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
        say(f"{error}\n{tail}")
    finally:
        if server:
            stop(server)
        remove(args.dir)


if __name__ == "__main__":
    sys.exit(main())
