"""Rows of an HQ database, written down once for all generations.

A row is named (table, key). Where one names another, in a column or inside
JSON or text, it says so with a key or a Ref; ids are filled in when the rows
are loaded, and what JSON and text refer to is kept as the list `references`:
what an exporter has to find, from the one who wrote it.
"""

import json
import re
import uuid
from dataclasses import dataclass

from pg import ident
from schema import GENERATIONS, facts

NAMESPACE = uuid.UUID("5c0d3f0e-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Ref:
    """The id of a row inside JSON or text. Where `key` is None, `number` is
    an id that no row has. Forms: number, string, prefix (as "run:5"), key,
    marker (within a longer text), uuid."""
    table: str
    key: str | None
    form: str = "number"
    prefix: str = ""
    suffix: str = ""
    number: int = 0


def R(table, key, number=0):
    return Ref(table, key, number=number)


def S(table, key, number=0):
    return Ref(table, key, "string", number=number)


def P(prefix, table, key, number=0):
    return Ref(table, key, "prefix", prefix, number=number)


def U(table, key):
    return Ref(table, key, "uuid")


def K(table, key, number=0):
    """An object key that is an id."""
    return Ref(table, key, "key", number=number)


def marker(key, rest="inline:medium", number=0):
    return Ref("asset", key, "marker", "{{asset:", f":{rest}}}}}", number)


def within(prefix, table, key):
    return Ref(table, key, "marker", prefix)


@dataclass(frozen=True)
class Raw:
    """JSON as text, written as it is."""
    text: str


@dataclass(frozen=True)
class Pairs:
    """A JSON object whose keys may occur twice."""
    pairs: tuple


@dataclass(frozen=True)
class Json:
    """A JSON document; `spaced`: with line ends and tabs between tokens."""
    tree: object
    spaced: bool = False


@dataclass(frozen=True)
class Text:
    """Text in pieces, some of which are markers."""
    pieces: tuple


RENAMED = {"entitycanonical": "entity"}

DEFAULTS = {
    "false": "f", "true": "t", "0": "0", "3600": "3600", "ARRAY[0]": "{0}", "'{}'::text[]": "{}",
    "'{}'::jsonb": "{}", "'[]'::jsonb": "[]", "now()": "2025-03-01 00:00:00+00",
    "'ONE_OFF'::runtype": "ONE_OFF",
}


class Rows:
    """The rows of one instance at one generation."""

    def __init__(self, generation, vector, instance):
        self.generation = generation
        self.number = GENERATIONS.index(generation) + 1
        self.instance = instance
        self.fact = facts(generation, vector)
        self.known = _known_columns()
        self.rows = {}
        self.named = {}
        self.references = []
        self.files = {}
        self.canaries = []
        self.foreign = _foreign_keys(self.fact)
        self._first = {}

    def has(self, table, column=None):
        columns = self.fact.tables.get(table)
        return bool(columns) and (column is None or column in {c["column"] for c in columns})

    def first_id(self, table, number):
        """Ids of a table begin there, so that an id taken for one of another
        kind is noticed."""
        self._first[table] = number

    def uuid_of(self, table, key):
        return str(uuid.UUID(bytes=uuid.uuid5(NAMESPACE, f"{self.instance}/{table}/{key}").bytes,
                             version=4))

    def add(self, table, key, **values):
        """A row; columns that only other generations have are left out."""
        if table not in self.fact.tables:
            raise KeyError(f"{self.generation} has no table {table}")
        known = {c["column"] for c in self.fact.tables[table]}
        for name in values:
            if name not in known and name not in self.known[RENAMED.get(table, table)]:
                raise KeyError(f"no generation has {table}.{name}")
        if (table, key) in self.named:
            raise KeyError(f"{table} {key} is there twice")
        row = {k: v for k, v in values.items() if k in known}
        rows = self.rows.setdefault(table, [])
        if "id" in known:
            row.setdefault("id", self._first.get(table, 1) + len(rows))
        for name in ("uuid", "entity_uuid"):
            if name in known:
                row.setdefault(name, self.uuid_of(table, key))
        rows.append(row)
        self.named[table, key] = row
        return row

    def row(self, table, key):
        return self.named[table, key]

    def id(self, table, key):
        return self.named[table, key]["id"]

    def uuid(self, table, key):
        """None where the table has no UUID."""
        row = self.named[table, key]
        return row.get("uuid", row.get("entity_uuid"))

    def canary(self, name):
        """Text that must never leave the instance."""
        self.canaries.append(f"CANARY-{self.instance}-{name}")
        return self.canaries[-1]

    def put(self, name, data):
        """An object of the file store."""
        self.files[name] = data
        return name

    def script(self):
        """Everything as a psql script for one transaction."""
        parts, later = [], []
        for table in self._order():
            if self.rows.get(table):
                parts.append(self._copy(table, later))
        parts += later
        for table, columns in self.fact.tables.items():
            for c in columns:
                if c["default"].startswith("nextval") and self.rows.get(table):
                    parts.append(f"SELECT pg_catalog.setval({c['default'][8:].split(':')[0]}, "
                                 f"max(id)) AS done FROM {ident(table)} \\gset\n")
        return "".join(parts)

    def _order(self):
        """Tables, those referred to first. The default canon closes a circle
        and is filled in later; a table's references to itself don't matter."""
        todo, done = dict.fromkeys(self.fact.tables), []
        while todo:
            ready = [t for t in todo if not any(
                target in todo and target != t and not _is_later(t, column)
                for column, target in self.foreign.get(t, {}).items())]
            if not ready:
                raise ValueError(f"tables refer to each other in a circle: {list(todo)}")
            for table in ready:
                del todo[table]
            done += ready
        return done

    def _copy(self, table, later):
        used = {k for row in self.rows[table] for k in row}
        columns = [c for c in self.fact.tables[table] if not c["generated"]
                   and (c["column"] in used or c["default"] or c["not_null"] == "t")]
        names = ", ".join(ident(c["column"]) for c in columns)
        lines = [f"COPY {ident(table)} ({names}) FROM STDIN;\n"]
        for row in self.rows[table]:
            fields = []
            for c in columns:
                if _is_later(table, c["column"]) and row.get(c["column"]) is not None:
                    value = self._value(table, row, c["column"], row[c["column"]])
                    later.append(f"UPDATE {ident(table)} SET {ident(c['column'])} = {value} "
                                 f"WHERE id = {row['id']};\n")
                    fields.append("\\N")
                else:
                    fields.append(self._field(table, row, c))
            lines.append("\t".join(fields) + "\n")
        lines.append("\\.\n")
        return "".join(lines)

    def _field(self, table, row, c):
        if c["column"] not in row:
            if not c["default"]:
                if c["not_null"] == "t":
                    raise KeyError(f"{table}.{c['column']} needs a value: {row}")
                return "\\N"
            return _escape(re.sub(r"^'(.*)'::character varying$", r"\1",
                                  DEFAULTS.get(c["default"], c["default"])))
        value = self._value(table, row, c["column"], row[c["column"]])
        return "\\N" if value is None else _escape(value)

    def _value(self, table, row, column, value):
        """A value as PostgreSQL's text form, or None for SQL NULL."""
        if value is None:
            return None
        if isinstance(value, bool):
            return "t" if value else "f"
        target = self.foreign.get(table, {}).get(column)
        if target and isinstance(value, str):
            return str(self.id(target, value))
        if isinstance(value, Json):
            return self._json(value.tree, (table, row, column), "", value.spaced)
        if isinstance(value, Text):
            return "".join(p if isinstance(p, str) else self._text(p, (table, row, column), "")
                           for p in value.pieces)
        if isinstance(value, (list, tuple)):
            return "{" + ",".join(_element(self._value(table, row, column, v))
                                  for v in value) + "}"
        if isinstance(value, Raw):
            return value.text
        return str(value)

    def _text(self, ref, place, pointer):
        number = ref.number if ref.key is None else self.id(ref.table, ref.key)
        text = f"{ref.prefix}{number}{ref.suffix}"
        if ref.form == "uuid":
            text = self.uuid(ref.table, ref.key)
        table, row, column = place
        self.references.append({
            "table": table, "id": row.get("id"), "uuid": row.get("uuid", row.get("entity_uuid")),
            "column": column, "pointer": f"{pointer}/{number}" if ref.form == "key" else pointer,
            "form": ref.form, "to": ref.table, "to_id": number,
            "to_uuid": ref.key and self.uuid(ref.table, ref.key),
            "resolves": ref.key is not None})
        return text

    def _json(self, node, place, pointer, spaced):
        if isinstance(node, Raw):
            return node.text
        if isinstance(node, Ref):
            text = self._text(node, place, pointer)
            return text if node.form == "number" else json.dumps(text)
        if isinstance(node, Text):
            return json.dumps("".join(
                p if isinstance(p, str) else self._text(p, place, pointer)
                for p in node.pieces), ensure_ascii=False)
        if isinstance(node, dict):
            node = Pairs(tuple(node.items()))
        comma, colon = (",\r\n\t", " :\n") if spaced else (",", ":")
        if isinstance(node, Pairs):
            parts = []
            for key, value in node.pairs:
                name = self._text(key, place, pointer) if isinstance(key, Ref) else key
                below = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
                parts.append(json.dumps(name, ensure_ascii=False) + colon +
                             self._json(value, place, below, spaced))
            return "{" + comma.join(parts) + "}"
        if isinstance(node, (list, tuple)):
            return "[" + comma.join(self._json(v, place, f"{pointer}/{i}", spaced)
                                    for i, v in enumerate(node)) + "]"
        return json.dumps(node, ensure_ascii=False)


def _is_later(table, column):
    return table == "infospace" and column in ("default_canon_id", "default_geo_canon_id")


def _known_columns():
    known = {}
    for generation in GENERATIONS:
        for table, columns in facts(generation).tables.items():
            table = RENAMED.get(table, table)
            known.setdefault(table, set()).update(c["column"] for c in columns)
    return known


def _foreign_keys(fact):
    found = {}
    for c in fact.constraints:
        match = re.match(r'FOREIGN KEY \((\w+)\) REFERENCES "?(\w+)"?\(id\)', c["definition"])
        if match:
            found.setdefault(c["table"], {})[match[1]] = match[2]
    return found


def _escape(text):
    """For COPY's text format."""
    return (text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
            .replace("\r", "\\r"))


def _element(text):
    if text is None:
        return "NULL"
    if re.fullmatch(r"-?[0-9.e+-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
