"""psql as a small database client."""

import csv
import functools
import io
import os
import subprocess
from pathlib import Path

NULL = "\x01null\x01"
csv.field_size_limit(1 << 30)


class PgError(Exception):
    """psql failed; the text is what it said."""


@functools.lru_cache(maxsize=None)
def psql():
    """Debian's psql is a script that looks for this one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"),
                   key=lambda p: float(p.parts[-3]))
    return str(found[-1]) if found else "psql"


def ident(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    if text is None:
        return "NULL"
    return "'" + str(text).replace("'", "''") + "'"


class Database:
    """One database of a server, named by the folder of its socket."""

    def __init__(self, host, dbname, user="postgres", port=5432):
        self.host, self.dbname, self.user, self.port = str(host), dbname, user, port

    @property
    def dsn(self):
        """For libpq: "host=… dbname=… user=…"."""
        parts = {"host": self.host, "dbname": self.dbname, "user": self.user}
        if self.port != 5432:
            parts["port"] = str(self.port)
        return " ".join(f"{k}={_conninfo(v)}" for k, v in parts.items())

    def other(self, dbname):
        return Database(self.host, dbname, self.user, self.port)

    def run(self, script, single=True):
        """Runs a psql script, which may hold COPY … FROM STDIN with its data;
        as one transaction unless `single` is false. Returns what it printed."""
        return self._psql(["-1"] if single else [], script)

    def query(self, sql):
        """The rows of one SELECT as dicts of text or None. Through COPY: psql's
        own output leaves out characters that it doesn't know."""
        out = self._psql([], f"COPY ({sql}\n) TO STDOUT "
                             f"(FORMAT csv, HEADER, NULL '{NULL}', FORCE_QUOTE *);\n")
        head, *lines = csv.reader(io.StringIO(out, newline=""))
        return [dict(zip(head, (None if v == NULL else v for v in line))) for line in lines]

    def value(self, sql):
        """The first field of the first row; None where there is none."""
        rows = self.query(sql)
        return next(iter(rows[0].values())) if rows else None

    def _psql(self, options, script):
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        env.update(PGCLIENTENCODING="UTF8", PGCONNECT_TIMEOUT="10",
                   PGOPTIONS="-c client_min_messages=warning")
        command = [psql(), "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-f", "-", self.dsn]
        data = script if isinstance(script, bytes) else script.encode("utf-8", "surrogatepass")
        try:
            done = subprocess.run(command, input=data, capture_output=True, env=env, check=False)
        except FileNotFoundError:
            raise PgError("psql is missing; on Debian or Ubuntu: "
                          "apt-get install postgresql-client") from None
        if done.returncode != 0:
            raise PgError(f"{self.dbname}: {done.stderr.decode('utf-8', 'replace').strip()}")
        return done.stdout.decode("utf-8")


def _conninfo(value):
    if value and not set(value) & set(" '\\"):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
