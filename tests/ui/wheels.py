"""Python packages that only tests of the terminal need: pinned wheels from
PyPI, fetched once into the tests' cache and put on the path as they are."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hqdb"))

from kinds import cache_dir  # noqa: E402

WHEELS = {
    "pexpect-4.9.0-py2.py3-none-any.whl":
        "7236d1e080e4936be2dc3e326cec0af72acf9212a7e1d060210e70a47e253523",
    "ptyprocess-0.7.0-py2.py3-none-any.whl":
        "4b41f3967fce3af57cc7e94b888626c18bf37a083e3651ca8feeb66d492fef35",
    "pyte-0.8.2-py3-none-any.whl":
        "85db42a35798a5aafa96ac4d8da78b090b2c933248819157fc0e6f78876a0135",
    "wcwidth-0.2.13-py2.py3-none-any.whl":
        "3da69048e4540d84af32131829ff948f1e022c1c6bdb8d6102117aac784f6859",
}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(name, folder):
    """Downloads a wheel, unless it is there."""
    if (folder / name).exists():
        return
    package, version = name.split("-")[:2]
    work = Path(tempfile.mkdtemp(prefix=".wheel-", dir=folder))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
             "--disable-pip-version-check", "-d", str(work), f"{package}=={version}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr.strip()[-600:]}\non Debian or Ubuntu: "
                               f"apt-get install python3-pip")
        found = digest(work / name)
        if found != WHEELS[name]:
            raise RuntimeError(f"{name}: SHA-256 is {found}, expected {WHEELS[name]}")
        (work / name).rename(folder / name)
    finally:
        shutil.rmtree(work)


def use():
    """Puts all of them on the path; they are pure Python, zipped."""
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "wheels.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in WHEELS:
            fetch(name, folder)
    sys.path[:0] = [str(folder / name) for name in WHEELS]


if __name__ == "__main__":
    use()
