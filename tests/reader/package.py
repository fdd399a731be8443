"""What is in a package, and whether it is right: doc/package-format.md."""

import base64
import binascii
import hashlib
import re
from pathlib import Path

import jsontext
import schemas
from container import Container
from findings import Findings, Stop
from jsontext import Object
from entries import LAST, LINKS, NAMES, REQUIRED, ROWS, SIGNATURE, kind_of
from uuids import FORM

VERSION = (1, 0)
FEATURES = {"inline_justifications", "embeddings", "files", "inline_files", "external_files",
            "large_texts"}
SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)", re.DOTALL)
HASH = re.compile("[0-9a-f]{64}")
MAPPING = "compatibility/instance_mapping.json"
MAPPING_LINES = "compatibility/instance_mapping.jsonl"
VERSION_INFO = "compatibility/version_info.json"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Row:
    """A row: its kind, where it stands, its members as they are spelt."""

    def __init__(self, kind, entry, line, members):
        self.kind, self.entry, self.line, self.members = kind, entry, line, members

    def get(self, key, default=None):
        return self.members.get(key, default)

    def object(self, key):
        """One of the format's own keys that hold objects; empty where it isn't there."""
        value = self.get(key)
        return value if isinstance(value, Object) else Object()

    @property
    def id(self):
        return self.get("id")


class Package:
    """A package that was read: `found`, `verdict` (ok, foreign, newer, bad), `code`, and what
    it holds."""

    def __init__(self, path):
        self.found = Findings()
        self.data = {}              # by path; None where it doesn't unpack
        self.manifest, self.info, self.entries = {}, {}, []
        self.rows = []
        self.ids = {}               # UUID -> Row
        self.mapping, self.authors, self.instance = [], [], None
        self.outside = {}           # UUID -> kind, of rows that are named and not there
        self.order = []
        self.is_understood = False
        try:
            self._read(Path(path).read_bytes())
        except Stop:
            pass
        self.verdict, self.code = self.found.verdict()

    def of(self, kind):
        """The rows of a kind, in the package's order."""
        return [row for row in self.rows if row.kind == kind]

    def blobs(self):
        """SHA-256 -> size of all files whose bytes are there."""
        found = {}
        for row in self.of("asset"):
            data = self.file(row)
            if data is not None:
                found[sha256(data)] = len(data)
        return found

    def file(self, asset):
        """The bytes of an asset's file; None where they aren't there."""
        about = asset.object("__file").plain()
        if "path" in about:
            return self.data.get(about["path"])
        if "data" in about:
            return base64.b64decode(about["data"], validate=True)
        other = next((r for r in self.of("asset") if r.entry == about.get("same_as")), None)
        return self.file(other) if other else None

    def text(self, row, column):
        """A column's text, wherever it stands."""
        path = row.object("__texts").get(column)
        return self.data[path].decode("utf-8") if path else row.get(column)

    def tallies(self):
        """By kind, as `spaceport inspect --json` has them: entries, rows, bytes."""
        found = {}
        for entry in self.entries:
            tally = found.setdefault(entry["kind"], {"entries": 0, "bytes": 0})
            tally["entries"] += 1
            tally["bytes"] += entry["size"]
            if "rows" in entry:
                tally["rows"] = tally.get("rows", 0) + entry["rows"]
        return found

    def _read(self, data):
        container = Container(data, self.found)
        for entry in container.entries:
            self.order.append(entry.path)
            self.data[entry.path] = container.read(entry)
        for name in LAST:
            if name not in self.data:
                self.found.stop("no-zip", name, "not there")
        self._order()
        self._checksums()
        self.manifest = self._object("manifest.json")
        self.info = self._object(VERSION_INFO) or {}
        if self.manifest is None:
            self.found.stop("manifest", "manifest.json", "no JSON")
        if self._is_newer():
            return
        self._entries()
        if self._is_unknown():
            return
        self.is_understood = True
        self._structure()
        for entry in self.order:
            self._contents(entry)
        self._mapping()
        self._check_rows()
        self._check_mapping()
        self._target_assets()
        self._counts()
        for warning in self.manifest.get("warnings", []):
            self.found.add("warning", "manifest.json", str(warning))

    # Documents and lines.

    def _object(self, path):
        """A document that is one object, as Python has it; {} where it is something else, None
        where it is no JSON."""
        try:
            value = jsontext.parse(self.data.get(path) or b"")
        except ValueError:
            return None
        return value.plain() if isinstance(value, Object) else {}

    def _lines(self, path):
        data = self.data.get(path)
        return data.removesuffix(b"\n").split(b"\n") if data else []

    # The lists.

    def _order(self):
        """The three last entries are the last three, and in order."""
        ends = [p for p in self.order if p != SIGNATURE]
        if tuple(ends[-3:]) != LAST:
            self.found.add("order", None, "another order")

    def _compare(self, name, listed, there):
        """A list of paths against the entries that it should have."""
        found = self.found
        if len(set(listed)) < len(listed):
            found.add("list", name, "an entry twice")
        for path in there:
            if path not in listed:
                found.add("unlisted", path, f"not in {name}")
        for path in listed:
            if path not in there:
                found.add("missing", path, f"in {name} only")
        if set(listed) == set(there) and listed != there:
            found.add("order", name, "another order")

    def _hash(self, path, expected, name):
        if self.data.get(path) is not None and sha256(self.data[path]) != expected:
            self.found.add("checksum", path, f"another SHA-256 than in {name}")

    def _checksums(self):
        """checksums.sha256 names every entry but itself and its signature."""
        name, sums = LAST[2], []
        for number, line in enumerate(self._lines(name), 1):
            match = SUM.fullmatch(line.decode("utf-8", "replace"))
            if not match:
                self.found.stop("list", name, f"line {number}")
            sums.append((match[2], match[1]))
        there = [p for p in self.order if p not in (name, SIGNATURE)]
        self._compare(name, [path for path, _ in sums], there)
        for path, expected in sums:
            self._hash(path, expected, name)

    def _entries(self):
        """entries.jsonl names every entry before it."""
        name = LAST[0]
        for number, line in enumerate(self._lines(name), 1):
            entry = self._entry(line)
            if not entry:
                self._fits(name, number, line)
                self.found.stop("list", name, str(number))
            self.entries.append(entry)
        self._compare(name, [e["path"] for e in self.entries],
                      [p for p in self.order if p not in (*LAST, SIGNATURE)])
        for entry in self.entries:
            data = self.data.get(entry["path"])
            self._hash(entry["path"], entry["sha256"], name)
            if data is not None and len(data) != entry["size"]:
                self.found.add("listed-size", entry["path"], "another size")
        about = self.manifest.get("entries") or {}
        data = self.data[name] or b""
        if (about.get("count"), about.get("size"), about.get("sha256")) != (
                len(self.entries), len(data), sha256(data)):
            self.found.add("manifest", "manifest.json", "entries.jsonl isn't what it says")

    @staticmethod
    def _entry(line):
        """A line of the list as a dict; None where it isn't one."""
        try:
            value = jsontext.parse(line)
        except ValueError:
            return None
        value = value.plain() if isinstance(value, Object) else {}
        types = {"path": str, "kind": str, "sha256": str, "size": int}
        if any(type(value.get(key)) is not kind for key, kind in types.items()) \
                or type(value.get("rows", 0)) is not int or value["size"] < 0:
            return None
        return value

    # Versions and features.

    def _version(self, text):
        match = re.fullmatch("([0-9]+)[.]([0-9]+)", text) if isinstance(text, str) else None
        return (int(match[1]), int(match[2])) if match else None

    def _is_newer(self):
        """Whether nothing but the checksums can be judged."""
        found, manifest = self.found, self.manifest
        version = self._version(manifest.get("format_version"))
        if manifest.get("format") != "spaceport" or not version:
            found.add("format", LAST[1], "another format, or no version")
            return True
        least = (0, 0)
        # what else a newer one says isn't this version's to judge
        if version[0] <= VERSION[0] and "minimum_reader_version" in self.info:
            least = self._version(self.info["minimum_reader_version"])
            if not least:
                found.add("manifest", VERSION_INFO, "no version")
                return False
        if version[0] > VERSION[0] or least > VERSION:
            found.add("newer-version", LAST[1], "a newer version")
            return True
        if version > VERSION:
            found.add("newer-minor", LAST[1], "a newer minor version")
        return False

    def _is_unknown(self):
        """Whether nothing but the lists can be judged."""
        found, manifest = self.found, self.manifest
        if manifest.get("package_type") != "run":
            found.add("newer-feature", LAST[1], "another type of package")
            return True
        for name in manifest.get("optional_features", []):
            if name not in FEATURES:
                found.add("odd-feature", LAST[1], str(name))
        unknown = [f for f in manifest.get("features", []) if f not in FEATURES]
        for name in unknown:
            found.add("newer-feature", LAST[1], str(name))
        return bool(unknown)

    # Entries.

    def _structure(self):
        for path in REQUIRED:
            if path not in self.data:
                self.found.add("structure", path, "not there")
        for path in self.order:
            if path not in (*LAST, SIGNATURE) and not kind_of(path):
                self.found.add("odd-entry", path, "the format knows no such entry")
        for entry in self.entries:
            kind = kind_of(entry["path"])
            if kind and kind != entry["kind"]:
                self.found.add("structure", entry["path"], f"kind {entry['kind']}, not {kind}")

    def _contents(self, path):
        """Reads an entry's rows, and counts them."""
        kind, count = kind_of(path), None
        if self.data[path] is None or path in (LAST[2], SIGNATURE) or kind == "file":
            return
        if path in LAST:
            for number, line in enumerate(self._texts_of(path), 1):
                self._fits(path, number, line)
            return
        if path.endswith(".jsonl"):
            lines = self._lines(path)
            count = len(lines)
            for number, line in enumerate(lines, 1):
                self._value(kind, path, number, line)
        elif path.endswith(".json"):
            value = self._value(kind, path, 1, self.data[path])
            if isinstance(value, list) and not isinstance(value, Object):
                count = len(value)
            elif kind in ROWS:
                count = 1
            elif path == MAPPING and isinstance(value, Object) and "rows" in value:
                count = len(value.get("rows"))
        entry = next((e for e in self.entries if e["path"] == path), {})
        if kind and entry.get("rows", count) != count:
            self.found.add("listed-rows", path, f"{count} rows, not {entry.get('rows')}")

    def _texts_of(self, path):
        """The documents in an entry: its lines, or itself."""
        return self._lines(path) if path.endswith(".jsonl") else [self.data[path]]

    def _fits(self, path, number, text):
        """A text of JSON against the schema of its entry."""
        try:
            value = jsontext.parse(text)
        except ValueError as error:
            self.found.add("json", path, f"{number}: {error}")
            return
        if not schemas.fits(path, value):
            self.found.add("schema", path, str(number))

    def _value(self, kind, path, number, text):
        try:
            value = jsontext.parse(text)
        except jsontext.TooDeep as error:
            self.found.add("limit", path, f"{number}: {error}")
            return None
        except ValueError as error:
            self.found.add("json", path, f"{number}: {error}")
            return None
        if kind and not schemas.fits(path, value):
            self.found.add("schema", path, str(number))
        if kind not in ("configuration", "version_info"):
            for code in sorted(jsontext.beyond(value)):
                self.found.add(code, path, str(number))
        if kind in ROWS or kind == "embedding":
            many = isinstance(value, list) and not isinstance(value, Object) \
                and not path.endswith(".jsonl")
            for one in value if many else [value]:
                self._row(kind, path, number, one)
        return value

    def _row(self, kind, path, number, value):
        if not isinstance(value, Object):
            return      # the schema says so
        if len(set(value.names())) < len(value):
            self.found.add("row", path, f"{number}: a key twice")
        self.rows.append(Row(kind, path, number, value))

    # Rows.

    def _check_rows(self):
        for row in self.rows:
            if row.kind in LINKS:
                continue
            if not isinstance(row.id, str):
                continue        # the schema says so
            if not FORM.fullmatch(row.id.lower()):
                self.found.add("row", row.entry, f"{row.line}: no id")
            elif row.kind != "embedding" and self.ids.setdefault(row.id.lower(), row) is not row:
                self.found.add("row", row.entry, f"{row.line}: the id of another row")
        for row in self.rows:
            self._columns(row)
            self._references(row)
            self._texts(row)
            if "__file" in row.members:
                self._file(row)

    def kind_of_row(self, uuid):
        """The kind of a row that is there or listed as outside; None: there is no such row."""
        row = self.ids.get(uuid.lower())
        return row.kind if row else self.outside.get(uuid.lower())

    def _columns(self, row):
        """Columns that name rows."""
        for key, value in row.members:
            kind = "chunk" if key == "id" and row.kind == "embedding" else NAMES.get(key)
            if not kind and not re.search("_(id|ids|by)$", key) or key.startswith("__"):
                continue
            many = isinstance(value, list) and not isinstance(value, Object)
            for one in value if many else [value]:
                if not (isinstance(one, str) and FORM.fullmatch(one.lower())):
                    continue
                is_of = self.kind_of_row(one)
                if kind and is_of != kind:
                    self.found.add("reference", row.entry, f"{row.line}: {key} {one}")
                elif not kind and not is_of:
                    self.found.add("odd-reference", row.entry, f"{row.line}: {key} {one}")

    def _references(self, row):
        """`__refs`: what they name is there or listed as outside."""
        for one in row.get("__refs", []):
            one = one.plain() if isinstance(one, Object) else {}
            uuid = one.get("uuid")
            if not (isinstance(uuid, str) and FORM.fullmatch(uuid.lower())):
                continue
            kind = self.kind_of_row(uuid)
            if not kind or one.get("kind", kind) != kind:
                self.found.add("reference", row.entry, f"{row.line}: {one}")

    def _texts(self, row):
        """`__texts`: the entries that hold long texts."""
        for column, path in row.object("__texts"):
            if path not in self.data:
                self.found.add("reference", row.entry, f"{row.line}: {column} in {path}")

    def _file(self, row):
        """The bytes of an asset: where `__file` says, and as many."""
        about = row.object("__file").plain()
        size, place = about.get("size"), row.entry
        if "path" in about:
            there = len(self.data[about["path"]] or b"") if about["path"] in self.data else None
            if there != size or kind_of(about["path"]) != "file":
                self.found.add("reference", place, f"{about['path']} isn't there with {size} bytes")
        elif "data" in about:
            try:
                data = base64.b64decode(about["data"], validate=True)
            except (binascii.Error, TypeError, ValueError):
                data = None
            if data is None or len(data) != size:
                self.found.add("row", place, "not the base64 of so many bytes")
        elif "same_as" in about:
            other = next((r for r in self.of("asset") if r.entry == about["same_as"]), None)
            its = other.object("__file").plain() if other else {}
            if "data" not in its or its.get("size") != size:
                self.found.add("reference", place, f"{about['same_as']} doesn't hold it")

    # The mapping.

    def _mapping(self):
        document = self._object(MAPPING)
        if document is None:
            return      # was told
        self.instance = document.get("instance")
        lines = [(MAPPING, row) for row in document.get("rows", [])]
        for line in self._lines(MAPPING_LINES):
            try:
                lines.append((MAPPING_LINES, jsontext.plain(jsontext.parse(line))))
            except ValueError:
                pass        # was told
        if document.get("row_count") != len(lines):
            self.found.add("mapping", MAPPING, "another number of rows")
        for path, line in lines:
            if self._is_origin(path, line):
                self.mapping.append(line)
                if line.get("external"):
                    self.outside[line["uuid"].lower()] = line.get("kind")
        for author in document.get("authors", []):
            if self._is_origin(MAPPING, author):
                self.authors.append(author)
                self.outside[author["uuid"].lower()] = "user"

    def _is_origin(self, path, line):
        uuid = line.get("uuid") if isinstance(line, dict) else None
        if isinstance(uuid, str) and FORM.fullmatch(uuid.lower()):
            return True
        self.found.add("row", path, "a row without a UUID")
        return False

    def _check_mapping(self):
        """Each row that has an id is in the mapping once, and each line of it has its row."""
        if MAPPING not in self.data:
            return
        seen = set()
        for line in self.mapping:
            uuid = line["uuid"].lower()
            if line.get("external"):
                continue
            if uuid in seen:
                self.found.add("mapping", MAPPING, f"{uuid} twice")
            seen.add(uuid)
            row = self.ids.get(uuid)
            if not row or row.kind != line.get("kind"):
                self.found.add("mapping", MAPPING, f"there is no {line.get('kind')} {uuid}")
        for uuid, row in self.ids.items():
            if uuid not in seen and "__inline" not in row.members:
                self.found.add("mapping", row.entry, f"{uuid} isn't in the mapping")

    def _target_assets(self):
        """Each is there or listed as outside."""
        path = "run/target_assets.json"
        try:
            items = jsontext.parse(self.data.get(path) or b"[]")
        except ValueError:
            return      # was told
        for item in items:
            uuid = item.get("uuid") if isinstance(item, Object) else None
            if not isinstance(uuid, str) or self.kind_of_row(uuid) != "asset":
                self.found.add("reference", path, f"no asset {uuid}")

    def _counts(self):
        """The manifest's counts."""
        true = {kind: sum(r.kind == kind for r in self.rows) for kind in ROWS}
        true["external_reference"] = sum(bool(m.get("external")) for m in self.mapping)
        true["file"] = sum(e["kind"] == "file" for e in self.entries)
        for kind, count in self.manifest.get("counts", {}).items():
            if kind == "file" and "files" not in self.manifest.get("features", []):
                continue
            if count != true.get(kind, 0):
                self.found.add("count", LAST[1], f"{kind}: {true.get(kind, 0)}, not {count}")
