"""What the integration tests share: servers, samples, the program, packages.

SPACEPORT names the program; SPACEPORT_SERVERS the kinds of servers, by
commas (debian,pgserver); SPACEPORT_FULL is set for the full numbers.
"""

import atexit
import contextlib
import functools
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

HQDB = Path(__file__).resolve().parent.parent / "hqdb"
sys.path.insert(0, str(HQDB))

import sample  # noqa: E402
import schema  # noqa: E402
import servers  # noqa: E402
from pg import ident, literal  # noqa: E402,F401

# Building a sample takes longer than loading it, and nobody changes it.
sample.build = functools.lru_cache(maxsize=None)(sample.build)

GENERATIONS = schema.GENERATIONS
NEWEST = GENERATIONS[-1]
KINDS = tuple(k for k in os.environ.get("SPACEPORT_SERVERS", "debian,pgserver").split(",") if k)
FULL = bool(os.environ.get("SPACEPORT_FULL"))
TIMEOUT = 120

# What may travel with a run: the word for it in packages, and the names that
# its table has had.
TABLES = {
    "run": ("annotationrun",), "schema": ("annotationschema",), "schema_link": ("runschemalink",),
    "annotation": ("annotation",), "justification": ("justification",),
    "curation": ("fragmentcuration",), "edge": ("graphedge",), "aggregate": ("runaggregate",),
    "asset": ("asset",), "bundle_link": ("assetbundlelink",), "chunk": ("assetchunk",),
    "bundle": ("bundle",), "source": ("source",), "graph": ("knowledgegraph",),
    "canon": ("canon",), "entity": ("entity", "entitycanonical"), "flow": ("flow",),
    "flow_execution": ("flowexecution",), "task": ("task",), "monitor": ("monitor",),
    "pipeline": ("intelligencepipeline",), "embedding_model": ("embeddingmodel",),
    "dataset": ("dataset",),
}
# Columns that name rows without a foreign key.
SOFT = {("asset", "bundle_ids"): "bundle", ("bundle", "parent_bundle_id"): "bundle"}

_numbers = itertools.count(1)


def program():
    return os.environ["SPACEPORT"]


@functools.lru_cache(maxsize=None)
def scratch():
    """A folder of this process, gone at its end; the program's home as well. That of its records
    is there from the start, so that each export makes the same calls."""
    folder = Path(tempfile.mkdtemp(prefix="spaceport-tests-"))
    (folder / ".local/state/spaceport/operations").mkdir(parents=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_path(suffix=""):
    """A path in the scratch folder that nobody has used."""
    return scratch() / f"{next(_numbers)}{suffix}"


@functools.lru_cache(maxsize=None)
def server(kind):
    """The process's server of a kind; stops when the process ends."""
    running = servers.Server(kind)
    atexit.register(running.stop)
    return running


class Instance:
    """A database with a sample, and its file store."""

    def __init__(self, kind, generation, name="dev", missing=()):
        self.kind, self.generation = kind, generation
        self.number = GENERATIONS.index(generation) + 1
        self.server = server(kind)
        self.db = self.server.database(f"t{next(_numbers)}")
        self.store = new_path("-store")
        self._known = None
        self.about = sample.load(self.db, generation, name, self.store, missing)

    def id(self, table, key):
        return self.about["rows"][table][key]["id"]

    def uuid(self, table, key):
        return self.about["rows"][table][key]["uuid"]

    def set(self, table, key, **values):
        """Changes columns of a row of the sample: to text or SQL NULL."""
        columns = ", ".join(f"{ident(c)} = {literal(v)}" for c, v in values.items())
        self.db.run(f"UPDATE {ident(table)} SET {columns} WHERE id = {self.id(table, key)};")

    def like(self, table, row, **values):
        """SQL: one more row, like the one of that id but for these columns (SQL); id and UUID are
        new. Columns that a generation lacks are passed over."""
        values = {"id": f"nextval('{table}_id_seq')", "uuid": "gen_random_uuid()", **values}
        names = [r["c"] for r in self.db.query(
            "SELECT column_name AS c FROM information_schema.columns WHERE table_schema = 'public' "
            f"AND table_name = {literal(table)} AND is_generated = 'NEVER' ORDER BY "
            "ordinal_position")]
        return (f"INSERT INTO {ident(table)} ({', '.join(map(ident, names))}) SELECT "
                f"{', '.join(values.get(c, ident(c)) for c in names)} FROM {ident(table)} WHERE "
                f"id = {row}")

    def has(self, table, column=None):
        return (table, column) in self._columns() if column else any(
            t == table for t, _ in self._columns())

    def columns(self, table):
        return [c for t, c in self._columns() if t == table]

    def _columns(self):
        if self._known is None:
            self._known = [(r["t"], r["c"]) for r in self.db.query(
                "SELECT table_name AS t, column_name AS c FROM information_schema.columns "
                "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position")]
        return self._known

    def tables(self):
        return list(dict.fromkeys(t for t, _ in self._columns()))

    def changed(self):
        """Columns came or went."""
        self._known = None

    def drop(self):
        schema.drop(self.db)
        shutil.rmtree(self.store, ignore_errors=True)


def table_of(instance, kind):
    """The table that holds a kind of entity there, or None."""
    return next((t for t in TABLES.get(kind, (kind,)) if instance.has(t)), None)


def kind_of(table):
    """The word that packages have for what a table holds."""
    return next((k for k, names in TABLES.items() if table in names), table)


@functools.lru_cache(maxsize=None)
def shared(kind, generation, name="dev", missing=()):
    """An instance that nobody changes."""
    return Instance(kind, generation, name, missing)


@contextlib.contextmanager
def own(kind, generation, name="dev", missing=()):
    """An instance to change; dropped afterwards."""
    instance = Instance(kind, generation, name, missing)
    try:
        yield instance
    finally:
        instance.drop()


def everywhere(generations=GENERATIONS, kinds=None, turns=False):
    """Decorator: runs test(self, kind, generation) for each server and each
    of the generations, as subtests. With `turns`, and where there are many servers, an
    older generation on one of them only: they take turns."""
    def wrap(test):
        @functools.wraps(test)
        def run(self):
            for kind, generation in pairs(generations, kinds or KINDS, turns):
                with self.subTest(server=kind, generation=generation):
                    test(self, kind, generation)
        return run
    return wrap


def pairs(generations, kinds, turns=False):
    every = len(kinds)
    turns = turns or every > 2
    for place, kind in enumerate(kinds):
        for number, generation in enumerate(generations):
            if not turns or generation == NEWEST or number % every == place % every:
                yield kind, generation


def environment(**more):
    """Without PG*, AWS_*, locale and SPACEPORT_* variables of the caller, and
    without their settings."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("PG", "LC_", "SPACEPORT_", "AWS_"))
           and k not in ("LANG", "LANGUAGE", "TZ", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    env.update({"LC_ALL": "C.UTF-8", "HOME": str(scratch())}, **more)
    return {k: v for k, v in env.items() if v is not None}


def run(*arguments, env=None, input=None, timeout=TIMEOUT, program=None):
    """Runs the program, or another, with its output as bytes: a CompletedProcess."""
    return subprocess.run([program or os.environ["SPACEPORT"], *map(str, arguments)],
                          env=env or environment(),
                          input=input, stdin=None if input is not None else subprocess.DEVNULL,
                          capture_output=True, timeout=timeout, check=False)


def run_id(instance, run_key):
    """A run of the sample by its key; anything else as it is."""
    return instance.about["rows"]["annotationrun"].get(run_key, {}).get("id", run_key)


def export(instance, *options, run_key="main", as_="owner@example.org", code=0, store=True,
           env=None):
    """Exports a run; returns its Package, or, where `code` is none that
    leaves a package, the finished process."""
    path = new_path(".zip")
    arguments = ["export", "run", run_id(instance, run_key), "-o", path, "--db", instance.db.dsn,
                 "--as", as_, "--yes", "--progress", "none", "--json", *options]
    if store:
        arguments += ["--store", f"dir:{instance.store}"]
    done = run(*arguments, env=env)
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode} instead of {code}: "
                             f"{done.stderr.decode('utf-8', 'replace')}")
    if code not in (0, 3):
        if path.exists():
            raise AssertionError(f"exit code {code}, yet there is a package")
        return done
    validate(path)
    return Package(path, done)


# Findings that a whole package may raise: what its export warned of, and values that only json
# columns can hold.
HARMLESS = {"warning", "beyond-jsonb", "beyond-numeric"}


def validate(path):
    """Whatever was exported is a good package."""
    done = run("validate", path, "--json", "--progress", "none")
    found = json.loads(done.stdout)["packages"][0] if done.stdout else {}
    if done.returncode not in (0, 3) or set(found["found"]) - HARMLESS:
        raise AssertionError(f"{path} isn't valid: {json.dumps(found.get('findings'))[:2000]} "
                             f"{done.stderr.decode('utf-8', 'replace')}")


def damaged(path):
    """A package's bytes, of which one is another: in the middle of what its largest entry is
    compressed to, where it can't be one that says nothing."""
    data = bytearray(Path(path).read_bytes())
    with zipfile.ZipFile(path) as zip_:
        info = max(zip_.infolist(), key=lambda i: i.compress_size)
    names = sum(int.from_bytes(data[info.header_offset + at:][:2], "little") for at in (26, 28))
    data[info.header_offset + 30 + names + info.compress_size // 2] ^= 0xFF
    return bytes(data)


@functools.lru_cache(maxsize=None)
def shared_export(instance, *options, run_key="main"):
    """The export of a shared instance, made once for each set of options."""
    return export(instance, *options, run_key=run_key)


class Number(str):
    """A JSON number as it is spelt; equal to an int that is spelt so, and to
    no string."""

    def __eq__(self, other):
        if isinstance(other, (Number, int)) and not isinstance(other, bool):
            return str.__eq__(self, str(other))
        return False

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return str.__hash__(self)

    def __repr__(self):
        return str(self)


class Pairs(list):
    """A JSON object as it is spelt: with its order and all its keys."""

    def __getitem__(self, key):
        if isinstance(key, str):
            return dict(self)[key]
        return super().__getitem__(key)


def exact(text):
    """A JSON text as a tree in which nothing is lost: numbers as spelt,
    objects as pairs."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_constant,
                      object_pairs_hook=Pairs)


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def tight(text):
    """A JSON text without white space between its tokens."""
    return "".join(m[0] for m in re.finditer(r'"(?:[^"\\]|\\.)*"|[^\s"]+', text, re.DOTALL))


class Package:
    """A written package, read with Python's zipfile alone."""

    def __init__(self, path, done=None):
        self.path = Path(path)
        self.done = done
        self.result = json.loads(done.stdout) if done and done.stdout else None
        with zipfile.ZipFile(path) as zip_:
            self.names = zip_.namelist()
            self._data = {name: zip_.read(name) for name in self.names}

    def data(self, name):
        return self._data[name]

    def text(self, name):
        return self._data[name].decode("utf-8")

    def json(self, name):
        return json.loads(self.text(name))

    def lines(self, name):
        """The raw lines of JSON Lines, or of an array with a row a line."""
        text = self.text(name)
        if name.endswith(".jsonl"):
            return text.split("\n")[:-1]
        return [line[:-1] if line.endswith(",") else line for line in text.split("\n")
                if line not in ("[", "]", "[]", "")]

    @functools.cached_property
    def manifest(self):
        return self.json("manifest.json")

    @functools.cached_property
    def entries(self):
        return [json.loads(line) for line in self.lines("entries.jsonl")]

    @functools.cached_property
    def mapping(self):
        """The rows of instance_mapping, wherever they stand."""
        rows = self.json("compatibility/instance_mapping.json").get("rows", [])
        if "compatibility/instance_mapping.jsonl" in self._data:
            lines = self.lines("compatibility/instance_mapping.jsonl")
            rows = rows + [json.loads(line) for line in lines]
        return rows

    def raw_rows(self, kind):
        """The rows of a kind as JSON texts, in the package's order."""
        rows = []
        for entry in self.entries:
            if entry["kind"] == kind and "rows" in entry:
                if entry["path"].startswith("assets/metadata/") or kind == "run":
                    rows.append(self.text(entry["path"]))
                else:
                    rows += self.lines(entry["path"])
        return rows

    def rows(self, kind):
        """The rows of a kind as dicts; numbers are lib.Number."""
        return [dict(exact(r)) for r in self.raw_rows(kind)]

    def by_id(self, kind):
        """Rows of a kind by the id that they have at their source."""
        own = {m["uuid"]: m["source_id"] for m in self.mapping
               if m["kind"] == kind and not m.get("external")}
        return {own[r["id"]]: r for r in self.rows(kind)}

    def ids(self, kind):
        """Source ids of the rows of a kind that stand in the package."""
        return set(self.by_id(kind))

    def externals(self, kind=None):
        return [m for m in self.mapping if m.get("external") and kind in (None, m["kind"])]

    def find(self, text):
        """Names of entries that hold the text: as bytes, in the form that
        JSON gives it, in base64 or in a name."""
        needles = {text.encode("utf-8"), json.dumps(text)[1:-1].encode("ascii"),
                   json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8")}
        return [name for name, data in self._data.items()
                if text in name or any(n in data for n in needles)]


class Case(unittest.TestCase):
    """A test that shows where two values differ, however large they are."""
    maxDiff = 4000

    def assertEqual(self, first, second, msg=None):
        """Python's own would compare large ones for hours to show a difference."""
        if first == second:
            return
        one, two = repr(first), repr(second)
        if len(one) + len(two) < 20000:
            super().assertEqual(first, second, msg)
        at = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
        place = slice(max(at - 200, 0), at + 200)
        self.fail(f"{msg}: differ at {at}: …{one[place]}… and …{two[place]}…")
