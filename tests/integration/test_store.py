"""Stores: what every kind must do, and buckets on servers that fail."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import lib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "store"))

import faulty  # noqa: E402
import s3  # noqa: E402
from faulty import Fault, Faulty  # noqa: E402

SECRET = "CANARY-secret/key+0123456789"
KINDS = ("moto", "minio") if lib.FULL else ("moto",)


def built(name):
    return Path(lib.program()).resolve().parent.parent / "tests/store" / name


def variables(**more):
    return lib.environment(**{"AWS_ACCESS_KEY_ID": "CANARYKEY", "AWS_SECRET_ACCESS_KEY": SECRET,
                              "AWS_ENDPOINT_URL": None, "AWS_REGION": None, "AWS_PROFILE": None,
                              "STORE_TIMEOUT": "10", "NO_PROXY": "*", **more})


def tool(*arguments, where="s3://bucket", env=None, input=b"", timeout=60):
    return subprocess.run([built("tool"), where, *map(str, arguments)], env=env or variables(),
                          input=input, capture_output=True, timeout=timeout, check=False)


class Conformance(lib.Case):
    """One suite for all kinds."""

    def conforms(self, where, **env):
        done = subprocess.run([built("conform")], env=variables(STORE_WHERE=where, **env),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                              check=False)
        said = (done.stdout + done.stderr).decode(errors="replace")
        self.assertEqual(done.returncode, 0, said)
        self.assertRegex(said, r"\[  PASSED  \] \d\d test")

    def test_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            self.conforms(f"dir:{folder}")

    def test_bucket(self):
        for kind in KINDS:
            with self.subTest(kind), s3.KINDS[kind]() as server:
                env = {**server.environment(),
                       "STORE_NO_LINE_ENDS": "1" if "line ends" in server.lacks else None}
                server.bucket("files")
                self.conforms("s3://files/with a/prefix/", **env)

    def test_other_server(self):
        with Faulty() as server:
            self.conforms("s3://bucket", AWS_ENDPOINT_URL=server.endpoint)
            self.assertEqual((server.objects, server.uploads), ({}, {}))


class Signatures(lib.Case):
    """What only a server that checks them can tell: moto takes any."""

    def test_keys(self):
        with s3.Minio() as server:
            server.bucket("bucket")
            env = variables(**server.environment())
            done = tool("open", env=env)
            self.assertEqual(done.returncode, 0, done.stderr)
            for wrong, said in (({"AWS_SECRET_ACCESS_KEY": "another"}, b"SignatureDoesNotMatch"),
                                ({"AWS_ACCESS_KEY_ID": "another"}, b"InvalidAccessKeyId"),
                                ({"AWS_SESSION_TOKEN": "another"}, b"Token")):
                with self.subTest(wrong):
                    done = tool("open", env={**env, **wrong})
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn(said, done.stderr)

    def test_address(self):
        """An address that was signed is good without a key, for its object only."""
        with s3.Minio() as server:
            server.bucket("bucket")
            env = variables(**server.environment())
            for name in ("plain.pdf", "a b/ä+%41?&=#.pdf"):
                tool("put", name, env=env, input=b"content of it")
                url = tool("sign", name, 60, env=env).stdout.decode().strip()
                with urllib.request.urlopen(url, timeout=30) as answer:
                    self.assertEqual(answer.read(), b"content of it")
                with self.assertRaises(urllib.error.HTTPError):
                    urllib.request.urlopen(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
                                           timeout=30)


if not lib.FULL:
    del Signatures


class Faults(lib.Case):
    """A bucket whose server doesn't do as it should."""

    def setUp(self):
        self.server = Faulty()
        self.addCleanup(self.server.stop)
        self.content = bytes(range(256)) * 4096  # 1 MiB
        self.server.objects["file"] = self.content

    def use(self, *arguments, code=0, says=b"", input=b"", within=20, **env):
        begin = time.monotonic()
        done = tool(*arguments, env=variables(AWS_ENDPOINT_URL=self.server.endpoint, **env),
                    input=input)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr)
        self.assertNotIn(b"CANARY", done.stderr + done.stdout)
        self.assertLess(time.monotonic() - begin, within)
        return done.stdout

    def whole(self, **env):
        self.assertEqual(self.use("get", "file", **env), self.content)

    def first(self, count, fault, method="GET"):
        """The first so many requests for the file meet with the fault."""
        left = [count]

        def faults(request):
            if request.method != method or request.key != "file" or not left[0]:
                return None
            left[0] -= 1
            return fault
        self.server.faults = faults

    # reading

    def test_cut_in_the_middle(self):
        """Reading goes on where it stopped."""
        for how in ("cut", "reset"):
            for at in (0, 1, 70000, len(self.content) - 1):
                with self.subTest(how, at=at):
                    self.server.requests.clear()
                    self.first(2, Fault(**{how: at}))
                    self.whole()
                    ranges = [r.headers["Range"] for r in self.server.seen("GET", "file")]
                    if how == "cut":
                        # what is left of the last case is too short to be cut again
                        self.assertEqual(len(ranges), 2 if at == len(self.content) - 1 else 3)
                        self.assertEqual(ranges[0], None)
                        self.assertEqual(ranges[1], f"bytes={at}-" if at else None)

    def test_cut_again_and_again(self):
        self.first(1000, Fault(cut=10))
        self.use("get", "file", code=8, says=b"broke")

    def test_a_large_file_may_be_cut_often(self):
        """As long as there is progress."""
        self.server.objects["file"] = self.content = self.content * 12
        self.first(9, Fault(cut=1200000))
        self.whole()

    def test_server_without_ranges(self):
        cuts = iter([Fault(cut=300000), Fault(ignore_range=True, cut=400000),
                     Fault(ignore_range=True)])
        self.server.faults = lambda r: next(cuts) if r.key == "file" else None
        self.whole()

    def test_changed_meanwhile(self):
        def change(_):
            self.server.objects["file"] = self.content[::-1]
        for second in (Fault(before=change), Fault(before=change, ignore_range=True),
                       Fault(etag='"another"'), Fault(status=404, code="NoSuchKey")):
            with self.subTest(second=vars(second)):
                self.server.objects["file"] = self.content
                faults = iter([Fault(cut=300000), second])
                self.server.faults = lambda r: next(faults) if r.key == "file" else None
                self.use("get", "file", code=1, says=b"changed in the store")

    def test_lies_about_ranges(self):
        faults = iter([Fault(cut=300000), Fault(range_by=5)])
        self.server.faults = lambda r: next(faults) if r.key == "file" else None
        self.use("get", "file", code=1, says=b"another part")
        self.first(1, Fault(status=206, headers={"Content-Range": "bytes 5-9/10"}, body=b"56789"))
        self.use("get", "file", code=1, says=b"another part")

    def test_lies_about_lengths(self):
        self.first(1000, Fault(longer=100))
        self.use("get", "file", code=1, says=b"1048576 bytes of \"file\" instead of 1048676")
        self.first(1, Fault(no_length=True))
        self.use("get", "file", code=1, says=b"how long")
        self.first(1, Fault(no_length=True), "HEAD")
        self.use("stat", "file", code=1, says=b"how long")

    def test_length_without_a_validator(self):
        """The rest could be of another object: no going on."""
        self.first(1, Fault(cut=300000, etag="W/weak"))
        self.use("get", "file", code=8)

    # silence and slowness

    def test_silent(self):
        for fault in (Fault(stall=0), Fault(stall=70000)):
            self.first(1000, fault)
            self.use("get", "file", code=8, says=b"nothing", STORE_TIMEOUT="1", within=10)
        self.server.faults = lambda r: Fault(before=lambda _: self.server.wait())
        for command in (("stat", "file"), ("delete", "file")):
            self.use(*command, code=8, says=b"nothing", STORE_TIMEOUT="1", within=10)
        self.use("put", "new", input=b"x", code=8, says=b"nothing", STORE_TIMEOUT="1", within=10)

    def test_almost_silent(self):
        """A few bytes a second would take for ever; some thousand are slow, no more."""
        self.first(1000, Fault(trickle=5))
        self.use("get", "file", code=8, says=b"almost nothing", STORE_TIMEOUT="2", within=15)
        self.server.objects["file"] = self.content = self.content[:20000]
        self.first(1, Fault(trickle=2000))
        self.whole(STORE_TIMEOUT="1")

    def test_cancelled(self):
        """Ctrl-C ends it within a second, whatever the server does."""
        arrived = []

        def wait(request):
            arrived.append(request)
            self.server.wait()
        self.server.faults = lambda r: Fault(before=wait)
        for command in ("get", "stat", "delete"):
            arrived.clear()
            env = variables(AWS_ENDPOINT_URL=self.server.endpoint, STORE_TIMEOUT="100")
            with subprocess.Popen([built("tool"), "s3://bucket", command, "file"], env=env,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
                while not arrived:
                    self.assertIsNone(process.poll())
                    time.sleep(0.005)
                begin = time.monotonic()
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=30)
                self.assertLess(time.monotonic() - begin, 1)
                self.assertEqual(process.returncode, 130, said)

    def test_gone(self):
        self.server.stop()
        self.use("open", code=8, says=b"can't connect", within=15)
        self.use("open", code=8, says=b"can't connect", within=15, STORE_TIMEOUT="1")

    def test_gone_in_the_middle(self):
        """The server dies while a file is read."""
        def die(_):
            self.server.server.server_close()
            self.server.server.shutdown()
        faults = iter([Fault(cut=300000, before=die)])
        self.server.faults = lambda r: next(faults) if r.key == "file" else None
        self.use("get", "file", code=8, within=20)

    def test_no_such_host(self):
        done = tool("open", env=variables(AWS_ENDPOINT_URL="https://no-such-host.invalid"))
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertIn(b"no-such-host.invalid", done.stderr)

    # refusals that pass

    def test_busy(self):
        for status, code in ((503, "SlowDown"), (429, None), (500, "InternalError"), (502, None),
                             (504, None), (400, "RequestTimeout"), (409, "OperationAborted")):
            with self.subTest(status):
                fault = Fault(status=status, code=code)
                self.first(2, fault)
                self.whole()
                self.first(2, fault, "HEAD")
                if code != "RequestTimeout" and status != 409:  # HEAD has no body to say it
                    self.assertEqual(self.use("stat", "file"), b"1048576\n")
                self.first(2, fault, "PUT")
                del self.server.objects["file"]
                self.use("put", "file", input=self.content)
                self.first(2, fault, "DELETE")
                self.use("delete", "file")
                self.server.objects["file"] = self.content

    def test_busy_for_long(self):
        self.first(1000, Fault(status=503, code="SlowDown"))
        self.use("get", "file", code=1, says=b"SlowDown (503)", STORE_TIMEOUT="3")
        self.assertLess(len(self.server.seen("GET", "file")), 10)
        self.first(1000, Fault(status=503), "HEAD")
        self.use("stat", "file", code=1, says=b"503", STORE_TIMEOUT="1")

    def test_waits_grow(self):
        self.first(4, Fault(status=503))
        self.whole()
        times = [r.time for r in self.server.seen("GET", "file")]
        waits = [b - a for a, b in zip(times, times[1:])]
        self.assertGreater(waits[3], waits[0])

    def test_retry_after(self):
        """What the server asks for is kept, within the bound."""
        self.first(1, Fault(status=429, headers={"Retry-After": "2"}))
        self.whole()
        one, two = (r.time for r in self.server.seen("GET", "file"))
        self.assertGreater(two - one, 1.9)
        self.first(1, Fault(status=503, headers={"Retry-After": "3600"}))
        self.use("get", "file", code=1, says=b"503", within=5)

    # refusals that stay

    def test_refused(self):
        for status, code, says in (
                (403, "AccessDenied", b"s3:GetObject"), (403, None, b"HTTP 403"),
                (403, "RequestTimeTooSkewed", b"clock"),
                (403, "SignatureDoesNotMatch", b"AWS_SECRET_ACCESS_KEY"),
                (400, "ExpiredToken", b"expired"), (401, None, b"401"),
                (404, "NoSuchBucket", b"bucket's name"), (418, None, b"418"),
                (301, "PermanentRedirect", b"region"), (403, "InvalidObjectState", b"(403)")):
            for command in (("get", "file"), ("stat", "file")):
                with self.subTest(status=status, code=code, command=command):
                    if status == 404 and command[0] == "stat":
                        continue  # no body: the opening has asked for the bucket
                    self.server.requests.clear()
                    self.server.faults = lambda r: Fault(status=status, code=code)
                    self.server.at_once = False
                    wanted = 2 if code == "PermanentRedirect" else 1
                    self.use(*command, code=wanted, says=says)
                    self.assertLess(len(self.server.seen(key="file")), 3)
            self.server.at_once = True
            if code != "AccessDenied":
                self.use("open", code=2 if code == "PermanentRedirect" else 1, says=says)

    def test_key_that_may_not_list(self):
        """What isn't there is denied to it: it can read, but not tell what is missing."""
        self.server.at_once = True
        self.server.faults = lambda r: (None if r.key in self.server.objects else
                                        Fault(status=403, code="AccessDenied"))
        self.whole()
        self.assertEqual(self.use("stat", "file"), b"1048576\n")
        self.use("stat", "file", "missing", code=1, says=b"s3:ListBucket")

    def test_region(self):
        """Of another region: the error names it."""
        self.server.at_once = True
        body = (b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message>"
                b"<Region>eu-west-9</Region></Error>")
        self.server.faults = lambda r: Fault(status=400, body=body)
        self.use("open", code=2, says=b"eu-west-9")
        self.server.faults = lambda r: Fault(status=301, headers={"x-amz-bucket-region": "xx-1"})
        self.use("open", code=1, says=b"xx-1")

    def test_redirects_are_not_followed(self):
        with Faulty() as other:
            other.objects["file"] = b"of another server"
            for status in (301, 302, 303, 307, 308):
                self.first(1, Fault(status=status,
                                    headers={"Location": f"{other.endpoint}/bucket/file"}))
                self.use("get", "file", code=1, says=str(status).encode())
            self.assertEqual(other.requests, [])

    def test_no_s3(self):
        """A web server that has a page for everything, or for nothing."""
        self.server.at_once = True
        html = b"<!doctype html><title>Welcome</title>"
        for fault in (Fault(status=200, body=html), Fault(status=404, body=html),
                      Fault(status=200, body=b""), Fault(status=404, body=b"<Error>"),
                      Fault(status=404, body=b'<!DOCTYPE x [<!ENTITY a "b">]><Error><Code>NoSuchKey'
                                             b"</Code></Error>")):
            self.server.faults = lambda r: fault
            self.use("open", code=1, says=b"S3 store")

    def test_garbage(self):
        for raw in (b"garbage\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"\0" * 100,
                    b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"):
            with self.subTest(raw):
                self.first(1000, Fault(raw=raw))
                done = tool("get", "file", env=variables(AWS_ENDPOINT_URL=self.server.endpoint,
                                                         STORE_TIMEOUT="2"))
                self.assertIn(done.returncode, (1, 8), done.stderr)
                self.assertEqual(done.stdout, b"")

    def test_endless_answers(self):
        huge = b"x" * (1 << 20)
        self.first(1, Fault(status=403, body=huge))
        self.use("get", "file", code=1, says=b"403")

    # putting

    def test_full(self):
        for status, code in ((507, "XMinioStorageFull"), (507, None), (400, "QuotaExceeded")):
            self.first(1000, Fault(status=status, code=code), "PUT")
            del self.server.objects["file"]
            self.use("put", "file", input=b"x" * 1000, code=1, says=b"Make room")
            self.use("put", "file", -1, input=b"x" * 20000000, code=1, says=b"Make room")
            self.assertEqual((self.server.objects, self.server.uploads), ({}, {}))
            self.server.objects["file"] = b""

    def test_lost_answer_of_a_put(self):
        """It was put: the second try finds it, and that is no error."""
        del self.server.objects["file"]
        self.first(1, Fault(lose_answer=True), "PUT")
        self.use("put", "file", input=self.content)
        self.assertEqual(self.server.objects, {"file": self.content})

    def test_somebody_else_was_quicker(self):
        """Between our look and our put: theirs stays."""
        del self.server.objects["file"]

        def other(_):
            self.server.objects["file"] = b"theirs"
        self.first(1, Fault(before=other), "PUT")
        self.use("put", "file", input=self.content, code=1, says=b"already")
        del self.server.objects["file"]
        faults = iter([Fault(before=other, status=500), None])
        self.server.faults = lambda r: next(faults) if r.method == "PUT" else None
        self.use("put", "file", input=self.content, code=1, says=b"already")
        self.assertEqual(self.server.objects, {"file": b"theirs"})

    def test_server_that_knows_no_conditions(self):
        del self.server.objects["file"]
        self.server.faults = lambda r: (Fault(status=501, code="NotImplemented")
                                        if r.headers.get("If-None-Match") else None)
        self.use("put", "file", input=self.content)
        self.use("put", "file", input=self.content, code=1, says=b"already")
        self.use("put", "parts", -1, input=self.content * 20)
        self.assertEqual(self.server.objects["parts"], self.content * 20)

    def test_parts(self):
        del self.server.objects["file"]
        data = self.content * 20
        failed = []

        def faults(request):
            if request.method in ("PUT", "POST") and len(failed) < 3 and \
                    request.query.get("partNumber", "2") == "2":
                failed.append(request)
                return Fault(status=503)
            return None
        self.server.faults = faults
        self.use("put", "file", len(data), input=data)
        self.assertEqual(len(failed), 3)
        self.assertEqual(self.server.objects, {"file": data})
        self.assertEqual(self.server.uploads, {})

    def test_parts_that_fail_are_taken_back(self):
        data = self.content * 20
        for method, query in (("PUT", "partNumber"), ("POST", "uploadId")):
            for fault in (Fault(status=403, code="AccessDenied"), Fault(status=503),
                          Fault(status=200, body=faulty.error_body("InternalError"))):
                with self.subTest(method, fault=vars(fault)):
                    if method == "PUT" and fault.status == 200:
                        continue
                    self.server.faults = lambda r: (
                        fault if r.method == method and query in r.query and
                        r.query.get("partNumber") != "1" else None)
                    self.use("put", "new", -1, input=data, code=1, STORE_TIMEOUT="1")
                    self.assertNotIn("new", self.server.objects)
                    self.assertEqual(self.server.uploads, {})

    def test_lost_answer_of_the_last_step(self):
        data = self.content * 20
        lost = []

        def faults(request):
            if request.method == "POST" and "uploadId" in request.query and not lost:
                lost.append(request)
                return Fault(lose_answer=True)
            return None
        self.server.faults = faults
        self.use("put", "new", -1, input=data)
        self.assertEqual(self.server.objects["new"], data)

    # lists

    def many(self, names):
        done = tool("stat", "-", input="".join(n + "\0" for n in names).encode(),
                    env=variables(AWS_ENDPOINT_URL=self.server.endpoint))
        self.assertEqual(done.returncode, 0, done.stderr)
        return list(map(int, done.stdout.split()))

    def test_many_are_listed(self):
        """Twenty thousand files take some twenty questions."""
        names = [f"user_1/{n * 7919 % 20011:05}-ä +.pdf" for n in range(20000)]
        self.server.objects.update({n: b"x" * (i % 50) for i, n in enumerate(names)})
        self.assertEqual(self.many(names), [i % 50 for i in range(20000)])
        self.assertLess(len(self.server.requests), 100)

    def test_few_among_many_are_asked_for(self):
        """A bucket's million other objects aren't listed."""
        self.server.objects.update({f"user_1/{n:06}": b"x" for n in range(60000)})
        names = [f"user_1/{n:06}" for n in range(0, 60000, 200)]
        self.assertEqual(self.many(names), [1] * len(names))
        self.assertLess(len(self.server.seen("GET")), 4)
        self.assertEqual(len(self.server.seen("HEAD")), len(names) - 5)

    def test_lists_that_are_denied_or_wrong(self):
        """Then each is asked for."""
        names = [f"user_1/{n}" for n in range(110)]
        self.server.objects.update({n: b"12" for n in names})
        for fault in (Fault(status=403, code="AccessDenied"), Fault(status=200, body=b"<html>"),
                      Fault(status=501), Fault(status=200, body=b"<ListBucketResult>" + b"".join(
                          b"<Contents><Key>user_1/%d</Key><Size>oops</Size></Contents>" % n
                          for n in range(2000)) + b"</ListBucketResult>")):
            self.server.faults = lambda r: fault if "list-type" in r.query else None
            self.assertEqual(self.many(names), [2] * len(names))

    def test_cancelled_in_the_middle_of_an_upload(self):
        """Its parts are taken back."""
        arrived = threading.Event()

        def faults(request):
            if request.query.get("partNumber") != "2":
                return None
            arrived.set()
            return Fault(before=lambda _: self.server.wait())
        self.server.faults = faults
        env = variables(AWS_ENDPOINT_URL=self.server.endpoint, STORE_TIMEOUT="100")
        with tempfile.TemporaryFile() as data:
            data.write(self.content * 20)
            data.seek(0)
            with subprocess.Popen([built("tool"), "s3://bucket", "put", "new", "-1"], env=env,
                                  stdin=data, stderr=subprocess.PIPE) as process:
                self.assertTrue(arrived.wait(30))
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, said)
        self.assertEqual(self.server.uploads, {})
        self.assertNotIn("new", self.server.objects)

    # memory

    def most_memory(self, *arguments, data=b""):
        """KiB that it held at most."""
        env = variables(AWS_ENDPOINT_URL=self.server.endpoint)
        with tempfile.TemporaryFile() as given, open("/dev/null", "wb") as nowhere:
            given.write(data)
            given.seek(0)
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                [built("tool"), "s3://bucket", *arguments], env=env, stdin=given, stdout=nowhere)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss

    def test_memory_does_not_grow(self):
        """With the size of what is read, put or expected."""
        large = self.content * 100
        self.server.objects.update({"small": b"x", **{f"large{n}": large for n in range(3)}})
        little = self.most_memory("get", "small")
        self.assertLess(self.most_memory("get", "large0", "large1", "large2"), little + 8192)
        self.assertLess(self.most_memory("put", "new", "-1", data=large), little + 20480)

    # secrets

    def test_nothing_says_the_secret(self):
        """Not the server's requests either: they are signed, no more."""
        self.use("get", "file", AWS_SESSION_TOKEN="token-of-a-session")
        for request in self.server.requests:
            text = str(request.headers) + request.raw
            self.assertNotIn(SECRET, text)
            self.assertIn("AWS4-HMAC-SHA256", request.headers["Authorization"])
            self.assertEqual(request.headers["x-amz-security-token"], "token-of-a-session")


class Tls(lib.Case):

    @classmethod
    def setUpClass(cls):
        folder = lib.new_path("-tls")
        folder.mkdir()
        cls.ca, cert, key = faulty.certificates(folder)
        (folder / "other").mkdir()
        cls.other = faulty.certificates(folder / "other")[0]
        cls.server = Faulty((str(cert), str(key)))
        cls.addClassCleanup(cls.server.stop)
        cls.server.objects["file"] = b"content"

    def use(self, code, says=b"", **env):
        done = tool("get", "file", env=variables(**{"AWS_ENDPOINT_URL": self.server.endpoint,
                                                    **env}))
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(says, done.stderr)
        return done.stdout

    def test_private_authority(self):
        self.assertEqual(self.use(0, AWS_CA_BUNDLE=str(self.ca)), b"content")

    def test_unknown_authority(self):
        self.use(8, b"AWS_CA_BUNDLE")
        self.use(8, b"certificate", AWS_CA_BUNDLE=str(self.other))

    def test_another_host(self):
        """The certificate is for localhost."""
        address = self.server.endpoint.replace("localhost", "127.0.0.2")
        self.use(8, b"127.0.0.2", AWS_ENDPOINT_URL=address, AWS_CA_BUNDLE=str(self.ca))

    def test_no_such_file(self):
        self.use(2, b"/no/such/file", AWS_CA_BUNDLE="/no/such/file")

    def test_mixed_up(self):
        """http where https is spoken, and the other way round."""
        self.use(8, AWS_ENDPOINT_URL=self.server.endpoint.replace("https", "http"),
                 STORE_TIMEOUT="1")
        with Faulty() as plain:
            self.use(8, AWS_ENDPOINT_URL=plain.endpoint.replace("http", "https"),
                     AWS_CA_BUNDLE=str(self.ca), STORE_TIMEOUT="1")


class Export(lib.Case):
    """Runs whose files are in a bucket."""

    @classmethod
    def setUpClass(cls):
        cls.instance = lib.shared(lib.KINDS[0], lib.NEWEST, missing=("gone",))
        cls.files = s3.files_below(cls.instance.store)
        assert len(cls.files) > 10

    def export(self, server, *options, code=3, where="s3://bucket", **env):
        options = ("--store", where, "--timeout", "10", *options)
        return lib.export(self.instance, *options, store=False, code=code,
                          env=variables(**{"AWS_ENDPOINT_URL": server.endpoint, **env}))

    def filled(self):
        server = Faulty()
        self.addCleanup(server.stop)
        server.objects.update(self.files)
        return server

    def same(self, server, *options, **more):
        """As from the folder, but for what is of one export."""
        wanted = lib.export(self.instance, *options, code=3)
        found = self.export(server, *options, **more)
        self.assertEqual(found.names, wanted.names)
        for name in wanted.names:
            if name not in ("manifest.json", "checksums.sha256"):
                self.assertEqual(found.data(name), wanted.data(name), name)
        changing = ("operation_id", "created_at")
        self.assertEqual(*({k: v for k, v in p.manifest.items() if k not in changing}
                           for p in (found, wanted)))
        for stream in (found.done.stdout, found.done.stderr):
            self.assertNotIn(b"CANARY", stream)

    def test_same_bytes(self):
        """From every kind of bucket as from a folder, byte for byte."""
        for kind in KINDS:
            with self.subTest(kind), s3.KINDS[kind]() as server:
                server.bucket("bucket")
                env = server.environment()
                for name, data in self.files.items():
                    done = tool("put", name, where="s3://bucket/pre fix", input=data,
                                env=variables(**env))
                    self.assertEqual(done.returncode, 0, done.stderr)
                self.same(server, where="s3://bucket/pre fix", **env)
        for options in ((), ("--asset-format", "inline"), ("--asset-format", "external"),
                        ("--no-include-chunks",)):
            with self.subTest(options):
                self.same(self.filled(), *options)

    def test_same_bytes_in_spite_of_everything(self):
        """Busy, cutting, forgetful: as long as it passes."""
        server = self.filled()
        seen = {}

        def faults(request):
            count = seen[request.key] = seen.get(request.key, 0) + 1
            if request.method == "HEAD":
                return Fault(status=503) if count == 1 else None
            return (Fault(cut=100), Fault(status=500), Fault(reset=10), None)[count % 4]
        server.faults = faults
        self.same(server)

    def test_not_file_by_file(self):
        """Files are asked for and fetched several at a time."""
        server, lock = self.filled(), threading.Lock()
        now, most = {"HEAD": 0, "GET": 0}, {"HEAD": 0, "GET": 0}

        def enter(request):
            with lock:
                now[request.method] += 1
                most[request.method] = max(most[request.method], now[request.method])
            time.sleep(0.05)  # as a network far away would
            with lock:
                now[request.method] -= 1
        server.faults = lambda r: Fault(before=enter)
        self.same(server)
        self.assertGreater(most["HEAD"], 4)
        self.assertGreater(most["GET"], 3)

    def test_only_files_of_equal_size_are_read_twice(self):
        server = self.filled()
        self.export(server)
        named = [r.key for r in server.seen("GET") if not r.key.startswith(".spaceport-")]
        sizes = [len(server.objects[k]) for k in set(named)]
        twice = {k for k in named if named.count(k) > 1}
        for key in twice:
            self.assertGreater(sizes.count(len(server.objects[key])), 1, key)
        self.assertLess(len(twice), len(set(named)))

    def test_missing_files_are_listed(self):
        """As in a folder: a warning."""
        server = self.filled()
        before = self.export(server).manifest
        named = [r.key for r in server.seen("GET") if r.key in server.objects]
        del server.objects[named[-1]]
        after = self.export(server)
        self.assertEqual(after.manifest["left_out"]["missing_files"],
                         before["left_out"]["missing_files"] + 1)
        self.assertIn(named[-1].encode(), after.done.stdout)

    def test_store_that_can_not_be_used(self):
        """An error for the whole export, and no package."""
        server = self.filled()
        for fault, code in ((Fault(status=403, code="AccessDenied"), 1), (Fault(status=503), 1),
                            (Fault(cut=0, longer=5), 8), (Fault(raw=b"nonsense\r\n\r\n"), 1),
                            (Fault(before=lambda _: server.wait()), 8)):
            for method in ("HEAD", "GET"):
                if fault.cut is not None and method == "HEAD":
                    continue
                with self.subTest(method, fault=vars(fault)):
                    server.faults = lambda r: fault if r.method == method else None
                    done = self.export(server, "--timeout", "1", code=code)
                    self.assertNotIn(b"CANARY", done.stderr + done.stdout)
        server.faults = lambda r: Fault(body=b"longer than it was said", status=200,
                                        headers={"ETag": '"x"'}) if r.method == "GET" else None
        done = self.export(server, code=1)
        self.assertIn(b"changed in the store", done.stderr)
        server.stop()
        self.export(server, "--timeout", "1", code=8)

    def test_wrong_settings(self):
        server = self.filled()
        cases = (
            (("--store", "s3://KEY:CANARY@bucket"), {}),
            (("--store", "s3://"), {}), (("--store", "s3:bucket"), {}),
            (("--store", "s3://bucket/../x"), {}), (("--store", "s3://b?CANARY"), {}),
            (("--store-endpoint", "https://KEY:CANARY@localhost"), {}),
            (("--store-endpoint", "localhost:9000"), {}),
            (("--store-endpoint", "ftp://localhost"), {}),
            (("--store-region", "nowhere/at/all"), {}),
            (("--store-profile", "none"), {}),
            ((), {"AWS_ACCESS_KEY_ID": None}), ((), {"AWS_SECRET_ACCESS_KEY": None}),
            ((), {"AWS_ACCESS_KEY_ID": "CANARY\n"}), ((), {"AWS_SESSION_TOKEN": "CANARY x"}),
            ((), {"AWS_ENDPOINT_URL": "https://KEY:CANARY@localhost"}),
        )
        for options, env in cases:
            with self.subTest(options=options, env=env):
                done = self.export(server, *options, code=2, AWS_CONFIG_FILE="/nowhere",
                                   AWS_SHARED_CREDENTIALS_FILE="/nowhere", **env)
                self.assertNotIn(b"CANARY", done.stderr + done.stdout)

    def test_shared_files(self):
        """Credentials and settings by profile, as Amazon's tools have them."""
        server = self.filled()
        folder = lib.new_path("-aws")
        folder.mkdir()
        keys, config = folder / "credentials", folder / "config"
        token = "T" * 1500
        keys.write_text("[hq]\naws_access_key_id = FILEKEY\n"
                        f"aws_secret_access_key = {SECRET}\naws_session_token={token}\n",
                        encoding="ascii")
        config.write_text(f"[profile hq]\nregion = xx-north-7\nendpoint_url = {server.endpoint}\n"
                          "s3 =\n  addressing_style = path\n", encoding="ascii")
        for options, env in (((), {"AWS_PROFILE": "hq", "AWS_ACCESS_KEY_ID": None}),
                             (("--store-profile", "hq"), {})):
            server.requests.clear()
            done = self.export(server, *options, AWS_SHARED_CREDENTIALS_FILE=str(keys),
                               AWS_CONFIG_FILE=str(config), AWS_ENDPOINT_URL=None, **env)
            self.assertNotIn(b"CANARY", done.done.stderr)
            headers = server.requests[-1].headers
            self.assertRegex(headers["Authorization"], r"FILEKEY/\d+/xx-north-7/s3/")
            self.assertEqual(headers["x-amz-security-token"], token)

    def test_test_runs(self):
        """make-run puts its files into the bucket, or takes them back."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance, Faulty() as server:
            def make():
                return lib.run("make-run", "--db", instance.db.dsn, "--as", "owner@example.org",
                               "--infospace", instance.id("infospace", "main"), "--store",
                               "s3://bucket", "--assets", 20, "--annotations", 20, "--yes",
                               "--timeout", "5",
                               env=variables(AWS_ENDPOINT_URL=server.endpoint))
            puts = []

            def faults(request):
                if request.method == "PUT":
                    puts.append(request)
                return Fault(status=507) if len(puts) > 5 and request.method == "PUT" else None
            server.faults = faults
            done = make()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertGreater(len(puts), 5)
            self.assertEqual(server.objects, {})
            server.faults = None
            done = make()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(len(server.objects), 5)
            paths = {r["p"] for r in instance.db.query(
                "SELECT blob_path AS p FROM asset WHERE blob_path <> ''")}
            self.assertLessEqual(set(server.objects), paths)


if __name__ == "__main__":
    unittest.main()
