"""What tests fetch, pinned, and keep in the cache folder of kinds.py."""

import fcntl
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kinds import ServerError, cache_dir

NO_PIP = ("pip is missing or found no such package; on Debian or Ubuntu: "
          "apt-get install python3-pip")


def kept(name, make):
    """The folder of this name in the cache; where it isn't there yet, what
    make(temporary folder) leaves in "tree" there."""
    folder = cache_dir() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            work = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
            try:
                (work / "tree").mkdir()
                make(work)
                (work / "tree").rename(folder)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return folder


def run(command, hint, **more):
    """What a command prints; `hint` says what to do where it isn't there or fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=1800, check=False, **more)
    except FileNotFoundError:
        raise ServerError(hint) from None
    if done.returncode:
        raise ServerError(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-600:]}\n{hint}")
    return done.stdout


def pip(target, *packages):
    """Installs packages from PyPI into a folder."""
    run([sys.executable, "-m", "pip", "install", "-q", "--only-binary=:all:", "--no-compile",
         "--disable-pip-version-check", "--root-user-action=ignore", "--target", str(target),
         *packages], NO_PIP)


def pip_source(folder, package):
    """The sources of a package from PyPI, in the folder; the archive's path."""
    # what it is built with needn't be sources as well
    run([sys.executable, "-m", "pip", "download", "-q", "--no-deps",
         f"--no-binary={package.partition('=')[0]}", "--disable-pip-version-check",
         "-d", str(folder), package], NO_PIP)
    return next(folder.glob("*.tar.gz"))
