"""People and workers at HQ, while the program works on the same database: what they do there all
the time, as short transactions, and what came in between. Watching who holds which locks."""

import contextlib
import subprocess
import threading
import time

import lib

from pg import psql

# As impatient as a person at a screen.
PATIENCE = "SET lock_timeout = '1s'; SET statement_timeout = '5s';"
MARK = "-- done --"


class Session:
    """A connection that stays, through psql."""

    def __init__(self, db):
        self.child = subprocess.Popen(
            [psql(), "-X", "-q", "-A", "-t", db.dsn], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=lib.environment(), text=True)

    def run(self, script):
        """The lines that it printed; errors among them."""
        self.child.stdin.write(f"{script}\nSELECT '{MARK}';\n")
        self.child.stdin.flush()
        lines = []
        for line in self.child.stdout:
            if line == f"{MARK}\n":
                return lines
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"psql ended: {lines}")

    def close(self):
        self.child.stdin.close()
        self.child.wait(lib.TIMEOUT)
        self.child.stdout.close()


class Repeated(threading.Thread):
    """Something done again and again, on a connection of its own, until it is to stop. What goes
    wrong in it is raised by the end of the `with`."""

    pause = 0.01  # seconds from one to the next

    def __init__(self, db):
        super().__init__(daemon=True)
        self.session, self.ending, self.failed = Session(db), threading.Event(), None

    def once(self):
        raise NotImplementedError

    def run(self):
        try:
            while not self.ending.wait(self.pause):
                self.once()
        except Exception as error:  # pylint: disable=broad-except
            self.failed = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.join()
        self.session.close()
        if self.failed:
            raise self.failed


class Client(Repeated):
    """Works in one infospace: collects and codes, looks at lists, and clears its own away."""
    pause = 0.05  # the server has other work, too

    def __init__(self, instance, space):
        super().__init__(instance.db)
        self.instance, self.space = instance, space
        self.count, self.longest, self.errors = 0, 0.0, []
        self.script = self.cycle()
        self.session.run(PATIENCE)

    def like(self, table, key, variable, **values):
        """SQL: another row like one of the sample, whose id is in `variable` then."""
        here = {"infospace_id": str(self.space), "imported_from_uuid": "NULL"}
        return (self.instance.like(table, self.instance.id(table, key), **here, **values) +
                f" RETURNING id AS {variable} \\gset\n")

    def cycle(self):
        """Its transactions, as HQ's requests and workers make them."""
        alone = {c: "NULL" for c in ("source_id", "parent_asset_id", "previous_asset_id",
                                     "blob_path", "content_hash", "source_identifier",
                                     "parent_run_id", "flow_execution_id", "monitor_id",
                                     "target_bundle_id", "source_bundle_id")}
        mine = {"run_id": ":run", "schema_id": ":schema"}
        annotation = next(iter(self.instance.about["rows"]["annotation"]))
        here = f"infospace_id = {self.space}"
        return (
            self.like("annotationschema", "positions", "schema", name="'Load ' || gen_random_uuid()",
                      is_active="true"),
            self.like("asset", "article", "asset", processing_status="'PENDING'", **alone) +
            "UPDATE asset SET processing_status = 'READY', updated_at = now() WHERE id = :asset;",
            self.like("annotationrun", "main", "run", status="'PENDING'", **alone) +
            "INSERT INTO runschemalink (run_id, schema_id) VALUES (:run, :schema);",
            "UPDATE annotationrun SET status = 'RUNNING', updated_at = now() WHERE id = :run;" +
            self.like("annotation", annotation, "one", asset_id=":asset", **mine),
            # of whatever is here, imported or not
            self.like("annotation", annotation, "two", **mine, asset_id=(
                f"coalesce((SELECT max(id) FROM asset WHERE {here} AND id < :asset), :asset)")),
            "UPDATE annotation SET value = '{}', updated_at = now() WHERE id IN (:one, :two);"
            "UPDATE annotationrun SET status = 'COMPLETED', updated_at = now() WHERE id = :run;",
            "SELECT r.name, count(*) FROM annotationrun r LEFT JOIN annotation a ON a.run_id = r.id "
            f"WHERE r.{here} GROUP BY r.id; SELECT id, name FROM bundle WHERE {here} ORDER BY name;"
            f"SELECT id FROM asset WHERE {here} AND parent_asset_id IS NULL ORDER BY created_at "
            "DESC LIMIT 20;",
            "DELETE FROM annotation WHERE run_id = :run; DELETE FROM runschemalink WHERE run_id = "
            ":run; DELETE FROM annotationrun WHERE id = :run;",
            "DELETE FROM asset WHERE id = :asset; DELETE FROM annotationschema WHERE id = :schema;")

    def once(self):
        for transaction in self.script:
            begin = time.monotonic()
            said = self.session.run(f"BEGIN;\n{transaction}\nCOMMIT;")
            self.longest = max(self.longest, time.monotonic() - begin)
            self.errors += [line for line in said if "ERROR" in line]
            self.count += 1
            if self.errors:
                return


class Locks(Repeated):
    """Which locks of tables of HQ's the program is seen to hold. Those of a page or a row, or to
    make a table's file longer, are others, and every statement's."""

    def __init__(self, db):
        super().__init__(db)
        self.seen = set()  # of (table, mode)

    def once(self):
        self.seen |= {tuple(line.split("|")) for line in self.session.run(
            "SELECT DISTINCT c.relname, l.mode FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "JOIN pg_class c ON c.oid = l.relation WHERE l.locktype = 'relation' AND "
            "a.application_name = 'spaceport' AND a.datname = current_database() AND "
            "c.relnamespace = 'public'::regnamespace AND c.relkind = 'r';")}

    def modes(self):
        return {mode for _, mode in self.seen}

    def holds(self, table, mode):
        return (table, mode) in self.seen


class Work:
    """The clients that work in some infospaces."""

    def __init__(self, clients):
        self.clients = clients

    @contextlib.contextmanager
    def goes_on(self):
        """What is done inside takes place while all of them work, without one error."""
        before = [c.count for c in self.clients]
        yield
        for client, count in zip(self.clients, before):
            if client.errors or client.failed:
                raise AssertionError(f"in infospace {client.space}, after {client.count - count} "
                                     f"transactions, the longest of {client.longest:.2f} s: "
                                     f"{client.errors or client.failed}")
            if client.count == count:
                raise AssertionError(f"nobody worked in infospace {client.space} meanwhile")


@contextlib.contextmanager
def beside(instance, *spaces):
    """Work in each of these infospaces, from now on."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(instance, space)) for space in spaces]
        yield Work(clients)
