"""Builds empty HQ databases of each generation from the fact files alone.

The CSV files under tests/fixtures/hq/schema say what the catalog of a real
database said; compare() reads a database's catalog and names the differences.
"""

import csv
import functools
import re
from pathlib import Path

from pg import ident, literal

FACTS = Path(__file__).resolve().parent.parent / "fixtures/hq/schema"
REVISIONS = {
    "2025-07": "b44519e6e829",
    "2025-10": "29136535186b",
    "2026-03": "g7h8i9j0k1l2",
    "2026-05": "g2k3l4m5n6o7",
}
GENERATIONS = tuple(REVISIONS)
FILES = ("columns", "constraints", "indexes", "enums", "triggers")

FUNCTIONS = {
    "validate_parent_bundle_id": """
BEGIN
    IF NEW.parent_bundle_id <> 0
       AND NOT EXISTS (SELECT 1 FROM bundle WHERE id = NEW.parent_bundle_id) THEN
        RAISE EXCEPTION 'parent bundle % does not exist', NEW.parent_bundle_id;
    END IF;
    RETURN NEW;
END""",
    "cleanup_bundle_ids": """
BEGIN
    UPDATE asset
       SET bundle_ids = CASE WHEN array_remove(bundle_ids, OLD.id) = '{}' THEN '{0}'
                             ELSE array_remove(bundle_ids, OLD.id) END
     WHERE OLD.id = ANY (bundle_ids);
    RETURN OLD;
END""",
}


class Facts:
    """What the catalog of a generation holds; with `vector` false, without
    what needs pgvector."""

    def __init__(self, generation, vector):
        if generation not in REVISIONS:
            raise ValueError(f"unknown generation {generation} (there are: "
                             f"{', '.join(GENERATIONS)})")
        self.generation, self.vector = generation, vector
        for name in FILES:
            with open(FACTS / generation / f"{name}.csv", encoding="utf-8", newline="") as file:
                setattr(self, name, list(csv.DictReader(file)))
        if not vector:
            gone = {c["column"] for c in self.columns if c["type"].startswith("vector(")}
            self.columns = [c for c in self.columns if not c["type"].startswith("vector(")]
            self.indexes = [i for i in self.indexes
                            if not gone & set(re.findall(r"\w+", i["definition"]))]
        self.tables = {}
        for column in self.columns:
            self.tables.setdefault(column["table"], []).append(column)


@functools.lru_cache(maxsize=None)
def facts(generation, vector=True):
    return Facts(generation, vector)


def has_vector(db):
    """Whether the server could make the extension."""
    return db.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") == "1"


def ddl(generation, vector):
    """The whole script, to be run as one transaction in an empty database."""
    fact = facts(generation, vector)
    lines = ["SET check_function_bodies = off"]
    if vector:
        lines.append("CREATE EXTENSION vector")
    lines += _enums(fact)
    for table, columns in fact.tables.items():
        lines += _table(table, columns)
    made = set()
    for kind in ("primary key", "unique", "check", "foreign key"):
        for c in fact.constraints:
            if c["kind"] == kind:
                made.add(c["name"])
                lines.append(f"ALTER TABLE {ident(c['table'])} ADD CONSTRAINT {ident(c['name'])} "
                             f"{c['definition']}")
    lines += [i["definition"] for i in fact.indexes if i["name"] not in made]
    for name in sorted({t["function"] for t in fact.triggers}):
        lines.append(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                     f"$body${FUNCTIONS[name]}\n$body$")
    lines += [t["definition"] for t in fact.triggers]
    lines.append(f"INSERT INTO alembic_version VALUES ({literal(REVISIONS[generation])})")
    return "".join(line + ";\n" for line in lines)


def _enums(fact):
    labels = {}
    for row in sorted(fact.enums, key=lambda r: int(r["position"])):
        labels.setdefault(row["type"], []).append(literal(row["label"]))
    return [f"CREATE TYPE {name} AS ENUM ({', '.join(v)})" for name, v in labels.items()]


def _table(table, columns):
    """Where positions are missing, the real table dropped columns: so does
    this, since a reader of the catalog has to bear it."""
    before, after, parts, dropped, position = [], [], [], [], 1
    for c in sorted(columns, key=lambda c: int(c["position"])):
        for gap in range(position, int(c["position"])):
            parts.append(f"dropped_{gap} integer")
            dropped.append(f"DROP COLUMN dropped_{gap}")
        position = int(c["position"]) + 1
        parts.append(_column(c))
        sequence = re.match(r"nextval\('(\w+)'::regclass\)$", c["default"])
        if sequence:
            before.append(f"CREATE SEQUENCE {sequence[1]} AS integer")
            after.append(f"ALTER SEQUENCE {sequence[1]} OWNED BY {ident(table)}."
                         f"{ident(c['column'])}")
    create = f"CREATE TABLE {ident(table)} (\n    " + ",\n    ".join(parts) + ")"
    if dropped:
        after.append(f"ALTER TABLE {ident(table)} {', '.join(dropped)}")
    return [*before, create, *after]


def _column(c):
    text = f"{ident(c['column'])} {c['type']}"
    if c["generated"]:
        text += f" GENERATED ALWAYS AS ({c['generated']}) STORED"
    if c["default"]:
        text += f" DEFAULT {c['default']}"
    if c["not_null"] == "t":
        text += " NOT NULL"
    return text


CATALOG = {
    "columns": """
        SELECT c.relname AS "table", a.attnum AS position, a.attname AS "column",
               format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
               CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default,
               CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
           AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT c.relname AS "table", k.conname AS name,
               CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique'
                              WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' END AS kind,
               pg_get_constraintdef(k.oid) AS definition
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
         WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'c', 'f')""",
    "indexes": """
        SELECT c.relname AS "table", x.relname AS name, i.indisunique AS is_unique,
               pg_get_indexdef(i.indexrelid) AS definition
          FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
          JOIN pg_class x ON x.oid = i.indexrelid
         WHERE c.relnamespace = 'public'::regnamespace
           AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid
                              AND k.contype IN ('p', 'u'))""",
    "enums": """
        SELECT t.typname AS type,
               row_number() OVER (PARTITION BY t.oid ORDER BY e.enumsortorder) AS position,
               e.enumlabel AS label
          FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
         WHERE t.typnamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT c.relname AS "table", t.tgname AS name, p.proname AS function,
               pg_get_triggerdef(t.oid) AS definition
          FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
         WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace""",
}


def compare(db, generation):
    """Differences between the fact files and a database, as lines of text."""
    fact = facts(generation, db.value(
        "SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == "1")
    differences = []
    for name in FILES:
        expected = {tuple(row.items()) for row in getattr(fact, name)}
        found = {tuple((k, v or "") for k, v in row.items()) for row in db.query(CATALOG[name])}
        differences += [f"{name}: missing: {dict(r)}" for r in sorted(expected - found)]
        differences += [f"{name}: unexpected: {dict(r)}" for r in sorted(found - expected)]
    revision = db.value("SELECT version_num FROM alembic_version")
    if revision != REVISIONS[generation]:
        differences.append(f"revision is {revision}")
    return differences


def template(db, generation):
    """The name of the server's template of a generation; made if need be.
    `db` is any database of the server."""
    def fill(target):
        target.run(ddl(generation, has_vector(target)))
    return cached_template(db, "hqdb_" + generation.replace("-", "_"), fill)


def cached_template(db, name, fill):
    """Makes a database `name` once for each server: fill(target) fills it.
    It gets its name only when it is complete."""
    postgres = db.other("postgres")
    known = f"SELECT count(*) FROM pg_database WHERE datname = {literal(name)}"
    if postgres.value(known) == "0":
        work = f"{name}_{_unique(postgres)}"
        postgres.run(f"CREATE DATABASE {work} TEMPLATE template0;", single=False)
        try:
            fill(db.other(work))
            postgres.run(f"DO $$BEGIN PERFORM pg_advisory_xact_lock(7001);"
                         f"IF ({known}) = 0 THEN ALTER DATABASE {work} RENAME TO {name}; END IF;"
                         f"END$$;")
        finally:
            postgres.run(f"DROP DATABASE IF EXISTS {work};", single=False)
    return name


def _unique(postgres):
    return postgres.value("SELECT replace(gen_random_uuid()::text, '-', '')")[:12]


def create(db, generation):
    """Creates the database `db` as an empty HQ database."""
    copy(db, template(db, generation))


def copy(db, source):
    db.other("postgres").run(
        f"CREATE DATABASE {ident(db.dbname)} TEMPLATE {ident(source)};", single=False)


def drop(db):
    db.other("postgres").run(f"DROP DATABASE {ident(db.dbname)} WITH (FORCE);", single=False)
