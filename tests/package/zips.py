"""ZIP files made field by field, so that each can say what it shouldn't.

A package that is good by itself, and a writer whose every field can be set
otherwise than it should be."""

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass, field

FILE_MODE = 0o100644 << 16


@dataclass
class Entry:
    """An entry, and how its headers are to lie. None: as it is."""
    name: bytes
    data: bytes
    method: int = 8
    flags: int = 0
    version: int = 20
    made_by: int = 3 << 8 | 20
    attributes: int = FILE_MODE
    inner: int = 0
    disk: int = 0
    extra: bytes = b""
    comment: bytes = b""
    packed: bytes = None        # the bytes in the file
    crc: int = None
    size: int = None            # unpacked, as told
    packed_size: int = None     # as told
    descriptor: bool = False
    descriptor_bytes: bytes = None
    gap: bytes = b""            # behind it
    offset: int = None          # as the directory has it
    local: dict = field(default_factory=dict)  # fields of the local header only
    in_directory: bool = True
    in_file: bool = True

    def pack(self):
        if self.packed is None:
            if self.method == 8:
                deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
                self.packed = deflate.compress(self.data) + deflate.flush()
            else:
                self.packed = self.data
        if self.crc is None:
            self.crc = zlib.crc32(self.data)
        if self.size is None:
            self.size = len(self.data)
        if self.packed_size is None:
            self.packed_size = len(self.packed)
        if self.descriptor:
            self.flags |= 8

    def local_header(self):
        of = {"name": self.name, "flags": self.flags, "method": self.method, "version": self.version,
              "crc": 0 if self.descriptor else self.crc,
              "packed_size": 0 if self.descriptor else self.packed_size,
              "size": 0 if self.descriptor else self.size, "extra": self.extra,
              "signature": b"PK\3\4", "time": 0x00210000, **self.local}
        return (of["signature"] + struct.pack("<HHHI", of["version"], of["flags"], of["method"], of["time"])
                + struct.pack("<IIIHH", of["crc"], of["packed_size"], of["size"], len(of["name"]),
                              len(of["extra"])) + of["name"] + of["extra"])

    def tail(self):
        if self.descriptor_bytes is not None:
            return self.descriptor_bytes
        if not self.descriptor:
            return b""
        return b"PK\7\x08" + struct.pack("<III", self.crc, self.packed_size, self.size)

    def central_header(self, offset):
        return (b"PK\1\2" + struct.pack("<HHHHI", self.made_by, self.version, self.flags, self.method,
                                        0x00210000)
                + struct.pack("<IIIHHHHHII", self.crc, self.packed_size, self.size, len(self.name),
                              len(self.extra), len(self.comment), self.disk, self.inner,
                              self.attributes, offset if self.offset is None else self.offset)
                + self.name + self.extra + self.comment)


@dataclass
class End:
    """The end of a ZIP; what is set differs from what it should be."""
    count: int = None
    count_here: int = None
    size: int = None
    offset: int = None
    disk: int = 0
    comment: bytes = b""
    comment_size: int = None
    before: bytes = b""         # the entries
    behind_directory: bytes = b""
    behind: bytes = b""
    zip64: dict = None          # fields of the zip64 records; {}: right ones


def build(entries, end=None):
    end = end or End()
    out, directory, count = bytearray(end.before), bytearray(), 0
    for entry in entries:
        entry.pack()
        offset = len(out)
        if entry.in_file:
            out += entry.local_header() + entry.packed + entry.tail() + entry.gap
        if entry.in_directory:
            directory += entry.central_header(offset)
            count += 1
    start = len(out)
    out += directory + end.behind_directory
    told = {"count": count, "size": len(directory), "offset": start}
    if end.zip64 is not None:
        z = {**told, "record_size": 44, "disk": 0, "at": len(out), "disks": 1, "count_here": None, **end.zip64}
        out += (b"PK\6\6" + struct.pack("<QHHIIQQQQ", z["record_size"], 45, 45, z["disk"], 0,
                                        z["count"] if z["count_here"] is None else z["count_here"],
                                        z["count"], z["size"], z["offset"]))
        out += b"PK\6\7" + struct.pack("<IQI", 0, z["at"], z["disks"])
    for key in told:
        if getattr(end, key) is not None:
            told[key] = getattr(end, key)
    here = told["count"] if end.count_here is None else end.count_here
    comment_size = len(end.comment) if end.comment_size is None else end.comment_size
    out += b"PK\5\6" + struct.pack("<HHHHIIH", end.disk, 0, here, told["count"], told["size"],
                                   told["offset"], comment_size)
    return bytes(out + end.comment + end.behind)


# --- a package of the format ---------------------------------------------------------------

RUN = "11111111-1111-8111-8111-111111111111"
SCHEMA = "22222222-2222-8222-8222-222222222222"
ASSET = "33333333-3333-8333-8333-333333333333"
SPACE = "44444444-4444-8444-8444-444444444444"
USER = "55555555-5555-8555-8555-555555555555"


def annotation(number):
    return "66666666-6666-8666-8666-%012d" % number


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def document(value):
    return (json.dumps(value, indent=1) + "\n").encode()


def mapped(kind, uuid):
    return {"kind": kind, "uuid": uuid, "source_id": 7, "source_uuid": uuid}


def parts(annotations=3):
    """(path, kind, rows, bytes) of a small package, as an export makes it."""
    rows = [{"id": annotation(n), "uuid": annotation(n), "run_id": RUN, "asset_id": ASSET,
             "schema_id": SCHEMA, "infospace_id": SPACE, "user_id": USER,
             "value": {"title": "Titel %d" % n, "score": n}} for n in range(annotations)]
    mapping = [mapped("run", RUN), mapped("schema", SCHEMA), mapped("asset", ASSET)]
    mapping += [mapped("annotation", row["id"]) for row in rows]
    mapping += [{"external": True, **mapped("infospace", SPACE)}]
    version = {"format": "spaceport", "format_version": "1.0", "minimum_reader_version": "1.0",
               "features": ["files"]}
    return [
        ["run/run_metadata.json", "run", 1, document({"id": RUN, "name": "R", "infospace_id": SPACE})],
        ["run/configuration.json", "configuration", None, b"null\n"],
        ["run/target_assets.json", "target_assets", 1, document([{"uuid": ASSET, "travels": True}])],
        ["schemas/primary_schemas.json", "schema", 1, document([{"id": SCHEMA, "infospace_id": SPACE}])],
        ["schemas/dependency_schemas.json", "schema", 0, b"[]\n"],
        ["annotations/annotations.jsonl", "annotation", len(rows), lines(rows)],
        ["annotations/justifications.jsonl", "justification", 0, b""],
        ["assets/metadata/asset_1.json", "asset", 1, document(
            {"id": ASSET, "infospace_id": SPACE,
             "__file": {"size": 4, "path": "assets/files/asset_1_file.pdf"},
             "__refs": [{"path": "/value/x", "form": "number", "kind": "run", "uuid": RUN}]})],
        ["assets/files/asset_1_file.pdf", "file", None, b"%PDF"],
        ["compatibility/instance_mapping.json", "instance_mapping", len(mapping), document(
            {"instance": SPACE, "row_count": len(mapping), "rows": mapping,
             "authors": [{"uuid": USER, "handle": "ana"}]})],
        ["compatibility/version_info.json", "version_info", None, document(version)],
    ]


def manifest_of(listing, count, counts):
    return {"format": "spaceport", "format_version": "1.0", "package_type": "run",
            "created_at": "2026-01-31T12:00:00Z", "source": {"instance": SPACE},
            "run": {"uuid": RUN, "name": "R"}, "counts": counts, "features": ["files"], "warnings": [],
            "entries": {"path": "entries.jsonl", "count": count, "size": len(listing),
                        "sha256": hashlib.sha256(listing).hexdigest()}}


def sealed(content, change=None):
    """The parts with the lists that belong to them, as (path, bytes); `change` may
    alter the manifest."""
    counts = {"external_reference": 1, "file": sum(kind == "file" for _, kind, _, _ in content)}
    for _, kind, rows, _ in content:
        if kind in ("run", "schema", "annotation", "asset"):
            counts[kind] = counts.get(kind, 0) + (rows or 0)
    listing = lines({k: v for k, v in (("path", path), ("kind", kind), ("rows", rows),
                                       ("size", len(data)),
                                       ("sha256", hashlib.sha256(data).hexdigest())) if v is not None}
                    for path, kind, rows, data in content)
    manifest = manifest_of(listing, len(content), counts)
    if change:
        change(manifest)
    whole = [(path, data) for path, _, _, data in content]
    whole += [("entries.jsonl", listing), ("manifest.json", document(manifest))]
    sums = "".join("%s  %s\n" % (hashlib.sha256(data).hexdigest(), path) for path, data in whole)
    return whole + [("checksums.sha256", sums.encode())]


def entries(whole=None, **fields):
    return [Entry(path.encode(), data, **fields) for path, data in whole or sealed(parts())]


def package(whole=None, end=None, **fields):
    return build(entries(whole, **fields), end)
