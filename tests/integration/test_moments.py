"""The database, the store or the network between goes away, at any moment of an
export: moments are bytes that have come from there, drawn at random. There is an
error in time, and no package, or there is a whole one."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

import lib
import process
from process import Running
from proxy import Proxy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "store"))

import s3  # noqa: E402

# Of each of the seven kinds of ends, so many.
MOMENTS = 15 if lib.FULL else 2
SILENCE = 2
# It has to be over by then: the silence, a second try, a slow machine.
LIMIT = SILENCE + 40


class Case(process.Case):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seed = random.randrange(1 << 32)
        cls.rng = random.Random(cls.seed)
        print(f"\n{cls.__name__}: moments drawn with the seed {cls.seed}", file=sys.stderr)

    def argv(self, proxy, instance=None):
        instance = instance or self.instance
        return process.arguments(instance, self.path, "--timeout", SILENCE,
                                 dsn=proxy.dsn(instance.db))

    def env(self, _proxy):
        return None

    def total(self):
        with self.proxy() as proxy:
            with Running(*self.argv(proxy), env=self.env(proxy)) as running:
                self.assertEqual(running.end(), 0, running.err)
            self.path.unlink()
            return proxy.sent

    def proxy(self, **more):
        return Proxy(self.instance.db.host, **more)

    def moments(self):
        total = self.total()
        return [self.rng.randrange(1, total) for _ in range(MOMENTS)]

    def check(self, running, codes=(8,), says=b"(?i)server|connection"):
        begin = time.monotonic()
        code = running.end(LIMIT + 60)
        self.assertLess(time.monotonic() - begin, LIMIT)
        if code == 0:
            # all was on its way already
            self.assertEqual(os.listdir(self.folder), [self.path.name])
            process.check_package(self.path)
            lib.validate(self.path)
            self.path.unlink()
        else:
            self.assertIn(code, codes, running.err)
            self.assertRegex(running.err, says)
            self.assertEqual(os.listdir(self.folder), [])
        return code

    def go_through(self, then, says):
        for after in self.moments():
            with self.subTest(after=after), self.proxy(after=after, then=then) as proxy, \
                    Running(*self.argv(proxy), env=self.env(proxy)) as running:
                self.assertEqual(self.check(running, says=says), 8)
                self.assertTrue(proxy.reached.is_set())


class Database(Case):

    def test_cut(self):
        self.go_through("cut", rb"closed the connection|connection to")

    def test_stalled(self):
        self.go_through("stall", rb"no sign of life for 2 seconds|didn't answer in time")

    @contextlib.contextmanager
    def held(self, after, instance=None):
        instance = instance or self.instance
        with Proxy(instance.db.host, after=after, then="hold") as proxy, \
                Running(*self.argv(proxy, instance)) as running:
            self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
            yield running
            proxy.release()
            self.check(running)

    def test_backend_terminated(self):
        for after in self.moments():
            with self.subTest(after=after), self.held(after):
                self.instance.db.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                       "WHERE application_name = 'spaceport'")

    def test_server_killed(self):
        for after in self.moments()[:5]:
            with self.subTest(after=after):
                self.kill_server(after)

    def kill_server(self, after):
        instance = lib.Instance.__new__(lib.Instance)
        server = lib.servers.Server(lib.KINDS[0])
        try:
            instance.db, instance.store = server.database("gone"), lib.new_path("-store")
            instance.about = lib.sample.load(instance.db, lib.NEWEST, "dev", instance.store)
            memory = (server.folder / "data/postmaster.pid").read_text("ascii").splitlines()[6]
            with self.held(after, instance):
                os.kill(server.postmaster_pid(), signal.SIGKILL)
            # what the postmaster would have removed at its end
            subprocess.run(["ipcrm", "-m", memory.split()[1]], check=False, capture_output=True)
        finally:
            server.stop()


class Bucket(Case):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = s3.Moto()
        cls.addClassCleanup(cls.server.stop)
        cls.server.fill("bucket", cls.instance.store)

    def proxy(self, **more):
        return Proxy(self.server.port, **more)

    def argv(self, proxy, instance=None):
        return process.arguments(self.instance, self.path, "--timeout", SILENCE,
                                 store="s3://bucket")

    def env(self, proxy):
        return lib.environment(**{**self.server.environment(), "NO_PROXY": "*",
                                  "AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}"})

    def test_cut(self):
        self.go_through("cut", b"(?i)bucket|store|server|connection")

    def test_reset(self):
        self.go_through("reset", b"(?i)bucket|store|server|connection")

    def test_stalled(self):
        self.go_through("stall", b"sent nothing, or almost nothing, for 2 seconds|in time")


if __name__ == "__main__":
    unittest.main()
