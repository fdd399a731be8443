"""Compares the rows of a package with those of the database that it came from, value by value, by
the table of types in doc/package-format.md, "A row"."""

import re

import jsontext
import uuids
from jsontext import Number, Object
from entries import LINKS
from lib import TABLES

NUMBERS = {"smallint", "integer", "bigint", "real", "double precision", "numeric"}
OWN_UUID = {"uuid", "entity_uuid"}


def array(text):
    """The items of an array of one dimension, as PostgreSQL prints it."""
    return [None if plain == "NULL" else plain or re.sub(r"\\(.)", r"\1", quoted)
            for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^{},"]+)', text)]


class Comparison:
    """Of one package: how many values were compared, what is wrong."""

    def __init__(self, package, instance):
        self.package, self.db = package, instance.db
        self.values, self.wrong = 0, []
        self.withheld = 0
        self.ids = {m["uuid"]: m for m in package.mapping}
        ids = {r["email"]: r["id"]
               for r in instance.db.query('SELECT id::text AS id, email FROM "user"')}
        self.users = {a["uuid"]: ids.get(a["email"]) for a in package.authors}
        self.out = {c["column"] for c in package.manifest["left_out"]["columns"]}

    def columns(self, table):
        """Name -> type, of the table's columns in their order; and those that name rows."""
        found = {r["name"]: r["type"] for r in self.db.query(
            "SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute "
            f"WHERE attrelid = 'public.\"{table}\"'::regclass AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum")}
        keys = {r["name"] for r in self.db.query(
            "SELECT a.attname AS name FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = "
            "c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f' AND "
            f"c.conrelid = 'public.\"{table}\"'::regclass AND a.atttypid IN "
            "('int4'::regtype, 'int8'::regtype)")}
        return found, keys | {"bundle_ids", "parent_bundle_id"} & set(found)

    def kind(self, kind):
        rows = [r for r in self.package.of(kind) if "__inline" not in r.members]
        if not rows:
            return
        table = next(t for t in TABLES[kind] if self.db.query(
            f"SELECT 1 AS one FROM information_schema.tables WHERE table_name = '{t}' "
            "AND table_schema = 'public'"))
        types, keys = self.columns(table)
        selected = ", ".join(f"{self.text_of(c, t)} AS \"{c}\"" for c, t in types.items())
        there = self.db.query(f"SELECT {selected} FROM public.\"{table}\" t")
        if kind in LINKS:
            pairs = [(row, self.linked(row, there, keys)) for row in rows]
        else:
            by_id = {r["id"]: r for r in there}
            pairs = [(row, by_id.get(str(self.ids[row.id]["source_id"]))) for row in rows]
        for row, source in pairs:
            if source is None:
                self.wrong.append((kind, row.id, "not in the database"))
                continue
            names = [self.spelt(c) for c in types if self.has(row, c)]
            if [k for k in row.members.names() if not k.startswith("__") or k in names] != [
                    n for n in names if n in row.members]:
                self.wrong.append((kind, row.id, "other columns, or in another order"))
            for column, type_ in types.items():
                self.column(table, row, source, column, type_, column in keys)

    @staticmethod
    def text_of(column, type_):
        name = f't."{column}"'
        if type_ == "timestamp with time zone":
            return f"CASE WHEN isfinite({name}) THEN to_json({name} AT TIME ZONE 'UTC')#>>'{{}}' " \
                   f"ELSE {name}::text END"
        if type_ == "timestamp without time zone":
            return f"replace({name}::text, ' ', 'T')"
        return f"{name}::text"

    @staticmethod
    def spelt(column):
        return "__" + column if column.startswith("__") else column

    def has(self, row, column):
        key = self.spelt(column)
        return key in row.members or key in row.object("__raw") or key in row.object("__texts")

    def linked(self, row, there, keys):
        """The row of the table that names the same rows."""
        wanted = {k: self.number(row.get(k)) for k in keys if k in row.members}
        return next((r for r in there if all(r[k] == v for k, v in wanted.items())), None)

    def number(self, uuid):
        """The id at the source of a row, as text; of a number the number."""
        if isinstance(uuid, Number):
            return str(uuid)
        if uuid in self.ids:
            return str(self.ids[uuid]["source_id"])
        return self.users.get(uuid)

    def column(self, table, row, source, column, type_, is_key):
        key, value = self.spelt(column), source[column]
        self.values += 1
        if f"{table}.{column}" in self.out or row.kind == "chunk" and re.match(
                "embedding_", column) and re.search("vec|json", type_):
            right = not self.has(row, column)
        elif value is None:
            right = not self.has(row, column)
        elif column == "id":
            right = str(self.ids[row.id]["source_id"]) == value
        elif column in OWN_UUID and TABLES.get(row.kind):
            right = row.get(key) == row.id and self.ids[row.id]["source_uuid"] == value
        elif column == "imported_from_uuid":
            right = self.lineage(row, value)
        elif is_key:
            right = self.reference(row, row.get(key), value)
        else:
            right = self.value(row, key, value, type_)
        if not right:
            self.wrong.append((row.kind, row.id, column, value[:200] if value else value,
                               str(row.get(key))[:200]))

    def lineage(self, row, value):
        """What the row was imported from: in the mapping, and derived in the row."""
        preserved = self.package.manifest["options"]["preserve_uuids"]
        expected = value if preserved or not value else uuids.of_uuid(self.package.instance, value)
        origin = self.ids[row.id].get("origin", [{"uuid": ""}])
        return row.get("imported_from_uuid") == expected and origin[0]["uuid"] == value

    def reference(self, row, named, value):
        if value.startswith("{"):
            return [self.number(one) for one in named] == re.findall(r"-?\d+", value)
        return named is not None and self.number(named) == value

    def value(self, row, key, value, type_):
        given = row.get(key)
        if type_ in ("json", "jsonb"):
            raw = row.object("__raw").get(key)
            if raw is not None:
                given = jsontext.parse(raw.encode("utf-8", "surrogatepass"))
            return self.same(jsontext.parse(value.encode("utf-8", "surrogatepass")), given)
        if type_ == "boolean":
            return given is (value == "true")
        if type_ in NUMBERS:
            return str(given) == value and isinstance(given, Number) == value.lstrip("-")[0].isdigit()
        if type_ == "timestamp with time zone":
            if value.lstrip("-") == "infinity":
                return given == value
            stem, era = (value[:-3], " BC") if value.endswith(" BC") else (value, "")
            return given == stem + "+00:00" + era
        if type_ == "timestamp without time zone":
            return given == re.sub("TBC$", " BC", value)
        if type_.endswith("[]") and isinstance(given, list):
            return given == array(value)
        return self.package.text(row, key) == value

    def same(self, one, other):
        """Equal trees, but for secrets that stay out: those are counted."""
        if isinstance(one, Object) and isinstance(other, Object):
            left = list(other)
            for key, value in one:
                if left and left[0][0] == key and self.same(value, left[0][1]):
                    left.pop(0)
                else:
                    self.withheld += 1
            return not left
        if isinstance(one, Object) or isinstance(other, Object):
            return False
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(self.same, one, other))
        if isinstance(one, str) and other is None:
            self.withheld += 1
            return True
        return type(one) is type(other) and one == other


def compare(package, instance):
    """(how many values were compared, a list of what is wrong)."""
    run = Comparison(package, instance)
    for kind in TABLES:
        run.kind(kind)
    secrets = package.manifest["left_out"]["secrets"]
    if run.withheld != secrets:
        run.wrong.append(("secrets", run.withheld, "members are missing, but", secrets, "are told"))
    run.wrong += _annotations(package, instance)
    return run.values, run.wrong


def _annotations(package, instance):
    """Every annotation of the run travels."""
    number = next(m["source_id"] for m in package.mapping
                  if m["kind"] == "run" and not m.get("external"))
    there = {r["id"] for r in instance.db.query(
        f"SELECT id::text AS id FROM annotation WHERE run_id = {number}")}
    here = {str(m["source_id"]) for m in package.mapping
            if m["kind"] == "annotation" and not m.get("external")}
    return [("annotation", "not the run's", sorted(there ^ here)[:5])] if there != here else []
