"""A package taken apart, to be changed and put together again with its lists made right."""

import hashlib
import random
import zipfile

import jsontext
from jsontext import Object
from entries import LAST, ROWS, kind_of

ENTRIES, MANIFEST, SUMS = LAST
MAPPING = "compatibility/instance_mapping.json"
VERSION_INFO = "compatibility/version_info.json"
SCHEMAS = "schemas/primary_schemas.json"


class Nothing(Exception):
    """The package has nothing that could be changed so."""


class Draft:
    """Entries by path, in their order. `after` are changes of the lists themselves, made once
    these have been made right."""

    def __init__(self, path, seed=0):
        with zipfile.ZipFile(path) as zip_:
            self.data = {i.filename: zip_.read(i) for i in zip_.infolist()}
        self.random = random.Random(seed)
        self.after, self.last = [], []
        self.kinds = {e.get("path"): e for e in self.lines(ENTRIES)}

    # Looking.

    def json(self, path):
        return jsontext.parse(self.data[path])

    def lines(self, path):
        return [jsontext.parse(line) for line in self.data[path].split(b"\n")[:-1]]

    def paths(self, kind):
        found = [p for p in self.data if kind_of(p) == kind and p not in LAST]
        if not found:
            raise Nothing(kind)
        return found

    def one(self, kind, wanted=lambda data: True):
        """An entry of a kind, by chance."""
        found = [p for p in self.paths(kind) if wanted(self.data[p])]
        if not found:
            raise Nothing(kind)
        return self.random.choice(found)

    # Changing.

    def write(self, path, value):
        """A document; arrays with a row a line."""
        if isinstance(value, list) and not isinstance(value, Object):
            text = "[\n" + ",\n".join(map(jsontext.dump, value)) + "\n]\n" if value else "[]\n"
        else:
            text = jsontext.dump(value) + "\n"
        self.data[path] = text.encode("utf-8", "surrogatepass")

    def edit(self, path, change):
        """Changes a document: an object as a dict."""
        value = self.json(path)
        value = dict(value) if isinstance(value, Object) else value
        result = change(value)
        self.write(path, value if result is None else result)

    def rows(self, path):
        """The rows of an entry, however they stand."""
        if path.endswith(".jsonl"):
            return self.lines(path)
        value = self.json(path)
        return value if not isinstance(value, Object) else [value]

    def set_rows(self, path, rows):
        if path.endswith(".jsonl"):
            self.data[path] = b"".join(jsontext.dump(r).encode() + b"\n" for r in rows)
        else:
            self.write(path, rows if path.endswith("s.json") or "dataset" in path else rows[0])

    def edit_row(self, kind, change, wanted=lambda row: True):
        """Changes a row of a kind, by chance, as a dict in place, or into what is returned;
        returns its entry."""
        places = [(p, n) for p in self.paths(kind) for n, row in enumerate(self.rows(p))
                  if wanted(dict(row))]
        if not places:
            raise Nothing(kind)
        path, number = self.random.choice(places)
        rows = self.rows(path)
        row = dict(rows[number])
        result = change(row)
        rows[number] = row if result is None else result
        self.set_rows(path, rows)
        return path

    def edit_line(self, path, change, number=None):
        """Changes the bytes of a line."""
        lines = self.data[path].split(b"\n")[:-1]
        if not lines:
            raise Nothing(path)
        number = self.random.randrange(len(lines)) if number is None else number
        lines[number] = change(lines[number])
        self.data[path] = b"".join(line + b"\n" for line in lines)

    def remove(self, path):
        del self.data[path]

    def insert(self, path, data, before=ENTRIES):
        """A new entry before another one."""
        items = []
        for name, content in self.data.items():
            if name == before:
                items.append((path, data))
            items.append((name, content))
        self.data = dict(items)

    def in_mapping(self, change, wanted=lambda row: True):
        """Changes the rows of the mapping, in place."""
        def edit(document):
            rows = [dict(r) for r in document["rows"]]
            change(rows)
            document["rows"] = rows
        self.edit(MAPPING, edit)

    # Putting together.

    def _rows_of(self, path):
        kind, data = kind_of(path), self.data[path]
        if path.endswith(".jsonl"):
            return data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
        try:
            value = jsontext.parse(data)
        except ValueError:
            return self.kinds.get(path, {}).get("rows") if path in self.kinds else None
        if isinstance(value, list) and not isinstance(value, Object):
            return len(value)
        if path == MAPPING:
            rows = value.get("rows") if isinstance(value, Object) else None
            return len(rows) if isinstance(rows, list) else None
        return 1 if kind in ROWS else None

    def seal(self):
        """Makes entries.jsonl, the manifest and the checksums right."""
        lines = []
        for path, data in self.data.items():
            if path in LAST:
                continue
            kind = self.kinds[path].get("kind") if path in self.kinds else kind_of(path)
            line = {"path": path, "kind": kind or "other"}
            rows = self._rows_of(path)
            if rows is not None:
                line["rows"] = rows
            lines.append({**line, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        self.set_rows(ENTRIES, lines)
        self.seal_manifest()

    def seal_manifest(self):
        data = self.data[ENTRIES]
        try:
            manifest = dict(self.json(MANIFEST))
        except ValueError:
            return self.seal_sums()
        about = {"path": ENTRIES, "count": data.count(b"\n"), "size": len(data),
                 "sha256": hashlib.sha256(data).hexdigest()}
        manifest["entries"] = about
        self.write(MANIFEST, manifest)
        return self.seal_sums()

    def seal_sums(self):
        self.data[SUMS] = b"".join(hashlib.sha256(data).hexdigest().encode() + b"  "
                                   + path.encode() + b"\n"
                                   for path, data in self.data.items() if path != SUMS)

    def build(self, path):
        """Writes it. What is in `after` changes entries.jsonl, before manifest and checksums are
        made right; what is in `last`, the finished lists."""
        self.seal()
        if self.after:
            for change in self.after:
                change()
            self.seal_manifest()
        for change in self.last:
            change()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip_:
            for name, data in self.data.items():
                zip_.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 1)
        return path
