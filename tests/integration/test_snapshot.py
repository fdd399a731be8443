"""One snapshot: while another client writes, each export is consistent; and
no lock that HQ would notice."""

import re
import subprocess
import threading
import unittest

import lib
import process
from pg import psql
from proxy import Proxy

KEPT = 10  # annotations of the writer that are there at any moment

# All of it in one transaction: number {n} stands everywhere or nowhere.
TICK = """BEGIN;
UPDATE annotationrun SET description = 'tick {n}' WHERE id = {run};
UPDATE asset SET title = 'tick {n}', updated_at = now() WHERE id = {asset};
UPDATE annotationschema SET description = 'tick {n}' WHERE id = {schema};
UPDATE assetchunk SET text_content = 'tick {n}' WHERE id = {chunk};
UPDATE bundle SET description = 'tick {n}' WHERE id = {bundle};
INSERT INTO annotation (uuid, asset_id, schema_id, run_id, infospace_id, user_id, value, status,
                        timestamp, created_at, updated_at)
SELECT gen_random_uuid(), {asset}, {schema}, {run}, infospace_id, user_id, '{{"tick": {n}}}',
       'SUCCESS', now(), now(), now() FROM annotationrun WHERE id = {run};
DELETE FROM annotation WHERE run_id = {run} AND (value ->> 'tick')::bigint <= {n} - {kept};
COMMIT;
"""

LOCKS = """SELECT DISTINCT l.locktype, l.mode, coalesce(c.relname, '') AS name,
       coalesce(n.nspname, '') AS space
  FROM pg_locks l
  JOIN pg_stat_activity a ON a.pid = l.pid AND a.application_name = 'spaceport'
  LEFT JOIN pg_class c ON c.oid = l.relation AND l.database = (SELECT oid FROM pg_database
                                                               WHERE datname = current_database())
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"""


class Client:
    """A psql that gets a script from a thread, again and again."""

    def __init__(self, db, script):
        self.script, self.rounds, self.failed = script, 0, None
        self._stop = threading.Event()
        self.psql = subprocess.Popen(
            [psql(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", db.dsn],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.threads = [threading.Thread(target=self._write), threading.Thread(target=self._read)]
        for thread in self.threads:
            thread.start()

    def _write(self):
        try:
            while not self._stop.is_set():
                self.rounds += 1
                self.psql.stdin.write(self.script(self.rounds))
                self.psql.stdin.flush()
            self.psql.stdin.close()
        except BrokenPipeError:
            pass

    def _read(self):
        for line in self.psql.stdout:
            self.lines.append(line.rstrip("\n"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self.threads:
            thread.join()
        self.psql.stdout.close()
        if self.psql.wait() != 0:
            raise AssertionError(f"the client failed: {self.lines[-3:]}")


class Snapshot(lib.Case):

    def places(self, instance):
        """The ids of what the writer changes; all of it travels with the run."""
        report = instance.id("asset", "report")
        chunk = instance.db.value(f"SELECT min(id) FROM assetchunk WHERE asset_id = {report}")
        package = lib.export(instance)
        bundle = min(package.ids("bundle"))
        return {"run": instance.id("annotationrun", "main"), "asset": report, "chunk": chunk,
                "schema": instance.id("annotationschema", "positions"), "bundle": bundle,
                "kept": KEPT}

    def ticks(self, package, places):
        """The writer's number in each table."""
        def number(text):
            return int(re.fullmatch(r"tick (\d+)", text)[1])
        found = {kind: number(package.by_id(kind)[int(places[place])][column])
                 for kind, place, column in (("run", "run", "description"),
                                             ("asset", "asset", "title"),
                                             ("schema", "schema", "description"),
                                             ("bundle", "bundle", "description"))}
        chunks = [r["text_content"] for r in package.rows("chunk")]
        found["chunk"] = max(number(t) for t in chunks if t.startswith("tick "))
        values = [dict(r["value"]) for r in package.rows("annotation")
                  if isinstance(r.get("value"), lib.Pairs)]
        return found, sorted(int(v["tick"]) for v in values if "tick" in v)

    def check(self, package, places):
        found, annotations = self.ticks(package, places)
        tick = found["run"]
        self.assertEqual(set(found.values()), {tick}, found)
        self.assertEqual(annotations, list(range(max(0, tick - KEPT + 1), tick + 1)))
        self.assertEqual(package.manifest["counts"]["annotation"], len(package.rows("annotation")))
        process.check_package(package.path)
        return tick

    @lib.everywhere(generations=[lib.NEWEST])
    def test_exports_while_another_writes(self, kind, generation):
        with lib.own(kind, generation) as instance:
            places = self.places(instance)
            instance.db.run(TICK.format(n=0, **places))
            count = 40 if lib.FULL else 10
            seen = []
            with Client(instance.db, lambda n: TICK.format(n=n, **places)), \
                    Client(instance.db, lambda n: f"{LOCKS};\n") as watch:
                self.wait_for_writer(instance, places)
                for _ in range(count):
                    package = lib.export(instance)
                    seen.append(self.check(package, places))
                    package.path.unlink()
            self.assertEqual(seen, sorted(set(seen)), "each export sees a later state")
            self.assertGreater(seen[-1] - seen[0], count)
            self.check_locks(watch.lines)

    def wait_for_writer(self, instance, places):
        process.wait_until(lambda: instance.db.value(
            f"SELECT description FROM annotationrun WHERE id = {places['run']}") > "tick 1",
            what="the writer's first round")

    def check_locks(self, lines):
        locks = {tuple(line.split("|")) for line in lines}
        on_tables = {(kind, mode) for kind, mode, _, space in locks if space == "public"}
        self.assertIn(("relation", "AccessShareLock", "annotation", "public"), locks)
        self.assertEqual(on_tables, {("relation", "AccessShareLock")})
        self.assertFalse({kind for kind, *_ in locks} & {"advisory", "userlock"})

    @lib.everywhere(generations=[lib.NEWEST])
    def test_nobody_waits_for_an_export(self, kind, generation):
        """HQ's writes go on while an export is in the middle of its snapshot,
        also those that change a table's rows that it reads."""
        with lib.own(kind, generation) as instance:
            places = self.places(instance)
            with Proxy(instance.db.host) as proxy:
                total = self.bytes_of_an_export(instance, proxy)
                proxy.sent, proxy.after, proxy.then = 0, total // 2, "hold"
                path = lib.new_path(".zip")
                argv = process.arguments(instance, path, dsn=proxy.dsn(instance.db))
                with process.Running(*argv) as running:
                    self.assertTrue(proxy.reached.wait(lib.TIMEOUT))
                    instance.db.run("SET lock_timeout = '2s'; " + TICK.format(n=7, **places),
                                    single=False)
                    proxy.release()
                    self.assertEqual(running.end(), 0, running.err)
            self.assertNotIn("tick 7", lib.Package(path).by_id("run")[places["run"]]
                             .get("description") or "")

    def bytes_of_an_export(self, instance, proxy):
        done = lib.run(*process.arguments(instance, lib.new_path(".zip"),
                                          dsn=proxy.dsn(instance.db)))
        self.assertEqual(done.returncode, 0, done.stderr)
        return proxy.sent

    @lib.everywhere(generations=[lib.NEWEST])
    def test_tables_changed_meanwhile(self, kind, generation):
        """A migration waits for the export, or the export for it; never a
        package with a table that looks empty or lacks the new column."""
        with lib.own(kind, generation) as instance:
            rewrite = ("BEGIN; ALTER TABLE annotation ADD COLUMN IF NOT EXISTS extra_{n} int "
                       "DEFAULT {n}; COMMIT;\n")
            package = lib.export(instance)
            plain = len(package.rows("annotation"))
            with Client(instance.db, lambda n: rewrite.format(n=n % 50)):
                for _ in range(20 if lib.FULL else 4):
                    package = lib.export(instance)
                    rows = package.rows("annotation")
                    self.assertEqual(len(rows), plain)
                    self.assertEqual(len({frozenset(k for k in r if k.startswith("extra_"))
                                          for r in rows}), 1)
                    package.path.unlink()


if __name__ == "__main__":
    unittest.main()
