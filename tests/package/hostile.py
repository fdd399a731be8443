"""Hostile packages, each with what is to be found in it: a table.

A case is (what it is, code of the finding, bytes). All else about them is
right: lists and checksums fit what is inside, so that only the one thing can
be the reason."""

import functools
import json
import struct
import sys
import zlib
from pathlib import Path

import zips
from zips import End, Entry, package


def one(index=5, **fields):
    """The package, with one entry otherwise."""
    some = zips.entries()
    for key, value in fields.items():
        setattr(some[index], key, value)
    return zips.build(some)


def local(index=5, **fields):
    return one(index, local=fields)


def more(*added, at=0):
    """The package and entries that its lists don't have."""
    some = zips.entries()
    some[at:at] = added
    return zips.build(some)


def named(name, **fields):
    """An entry whose name is in the lists as well, as far as they can hold it."""
    return more(Entry(name, b"x", **fields))


def deflated(data):
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()


@functools.lru_cache
def bomb(size):
    part = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(part.compress(bytes(1 << 20)) for _ in range(size >> 20)) + part.flush()
    return packed


def zip64_extra(*numbers):
    return struct.pack("<HH", 1, 8 * len(numbers)) + struct.pack("<%dQ" % len(numbers), *numbers)


def zip64_entry():
    """A good package, where an entry's sizes stand in the zip64 field only."""
    some = zips.entries()
    some[5].pack()
    some[5].extra = zip64_extra(some[5].size, some[5].packed_size)
    some[5].size = some[5].packed_size = 0xffffffff
    some[5].version = 45
    return zips.build(some)


def behind_the_directory():
    """An entry that reaches over the directory, and one that begins where it ends."""
    some = zips.entries()
    some[4].pack()
    start = sum(len(e.local_header() + e.packed) for e in some[:4] if e.pack() is None)
    some[4].packed_size = 100000
    some[5].offset = start + len(some[4].local_header()) + 100000
    return zips.build(some)


def swapped():
    """The directory names two entries the other way round."""
    some = zips.entries()
    some[0].pack()
    offset = len(some[0].local_header()) + len(some[0].packed)
    some[0].offset, some[1].offset = offset, 0
    return zips.build(some)


def same_offset():
    """Two names for one local entry."""
    some = zips.entries()
    some[1].offset = 0
    return zips.build(some)


def quoted_overlap():
    """An entry whose stored bytes are the next entry, header and all."""
    inner = Entry(b"annotations/annotations.jsonl", b"{}\n", method=0)
    inner.pack()
    raw = inner.local_header() + inner.packed
    outer = Entry(b"texts/a.txt", raw, method=0)
    outer.pack()
    some = zips.entries()
    some.insert(0, outer)
    inner.in_file = False
    inner.offset = len(outer.local_header())
    some.insert(1, inner)
    return zips.build(some)


def directory_of_other():
    """The end record points to a second directory that lies behind the first."""
    some = zips.entries()
    whole = zips.build(some)
    start = whole.rindex(b"PK\1\2" + whole[whole.index(b"PK\1\2") + 4:][:2])
    return zips.build(some, End(offset=start))


def truncated_directory():
    whole = package()
    end = whole[-22:]
    cut = whole[:-22 - 10]
    size, = struct.unpack("<I", end[12:16])
    return cut + end[:12] + struct.pack("<I", size - 10) + end[16:]


def two_packages():
    return package() + package()


def descriptor(index=5, **change):
    """An entry with a data descriptor that says otherwise."""
    some = zips.entries(descriptor=True)
    e = some[index]
    e.pack()
    crc, packed, size = change.get("crc", e.crc), change.get("packed", e.packed_size), change.get("size", e.size)
    e.descriptor_bytes = change.get("signature", b"PK\7\x08") + struct.pack("<III", crc, packed, size)
    return zips.build(some)


def patched(index=5, **fields):
    some = zips.entries()
    some[index].pack()
    for key, value in fields.items():
        setattr(some[index], key, value(some[index]) if callable(value) else value)
    return zips.build(some)


def folder_and_file():
    return more(Entry(b"texts", b"x"), Entry(b"texts/a.txt", b"x"))


def many(count):
    """Many empty entries."""
    return zips.build([Entry(b"texts/%d.txt" % n, b"", method=0) for n in range(count)],
                      End(zip64={}, count=min(count, 0xffff)))


def deep(levels):
    content = zips.parts()
    row = b'{"id":"%s","value":' % zips.annotation(0).encode()
    content[5][3] = row + b"[" * levels + b"]" * levels + b"}\n"
    content[5][2] = 1
    return package(zips.sealed(content))


def rows_with(line):
    content = zips.parts(1)
    content[5][3] = content[5][3] + line + b"\n"
    content[5][2] = 2
    return package(zips.sealed(content))


def mapped(old, new, more):
    """Another mapping; it counts so many rows more."""
    content = zips.parts()
    text = content[9][3]
    count = json.loads(text)["row_count"]
    content[9][3] = text.replace(old, new, 1).replace(b'"row_count": %d' % count,
                                                      b'"row_count": %d' % (count + more), 1)
    return package(zips.sealed(content))


def listed(change):
    """With the bytes of the lists as `change` makes them."""
    whole = [[path, data] for path, data in zips.sealed(zips.parts())]
    change(whole)
    return package(whole)


def replace(index, old, new):
    def change(whole):
        assert old in whole[index][1]
        whole[index][1] = whole[index][1].replace(old, new, 1)
    return listed(change)


ENTRIES, MANIFEST, SUMS = 11, 12, 13


def of_many(count, index, data):
    """One of the lists otherwise, in a package of so many more entries, since it may
    be the larger the more there are."""
    some = zips.entries()
    some[index] = Entry(some[index].name, data)
    return zips.build([Entry(b"texts/%d.txt" % n, b"", method=0) for n in range(count)] + some)


def container():
    """Cases of the ZIP itself."""
    yield "an empty file", "no-zip", b""
    yield "a text", "no-zip", b"not a ZIP file at all, but a text\n"
    yield "an empty ZIP", "no-zip", zips.build([])
    yield "the end cut off", "no-zip", package()[:-22]
    yield "half of the end record", "no-zip", package()[:-11]
    yield "a comment cut off", "end-record", package(end=End(comment=b"abc", comment_size=9))
    yield "bytes appended", "appended", package() + b"x"
    yield "bytes appended that look like an end", "end-record", package() + package()[-22:]
    yield "two packages in one file", "end-record", two_packages()
    yield "bytes prepended, offsets untouched", "end-record", b"#!/bin/sh\n" + package()
    yield "bytes prepended, offsets right", "gap", package(end=End(before=b"MZ" + bytes(100)))
    yield "bytes before the directory", "gap", one(13, gap=b"hidden")
    yield "bytes between entries", "gap", one(3, gap=b"hidden")
    yield "a hidden local entry", "gap", more(Entry(b"hidden.txt", b"x", in_directory=False), at=3)
    yield "a hidden first entry", "gap", more(Entry(b"hidden.txt", b"x", in_directory=False))
    yield "bytes behind the directory", "end-record", package(end=End(behind_directory=b"hidden"))
    yield "the directory has one entry too few", "gap", package(end=End(count=13))
    yield "the directory has an entry that its end doesn't count", "directory", zips.build(
        zips.entries() + [Entry(b"texts/a.txt", b"x", in_file=False)], End(count=14))
    yield "the directory has one entry too many", "directory", package(end=End(count=15))
    yield "counts that differ", "split", package(end=End(count_here=3))
    yield "another disk", "split", package(end=End(disk=1))
    yield "an entry on another disk", "split", one(disk=1)
    yield "the directory's size is too large", "end-record", package(end=End(size=100000))
    yield "the directory's offset is too large", "end-record", package(end=End(offset=0x7fffffff))
    yield "the directory cut short", "directory", truncated_directory()
    yield "only part of the directory is named", "end-record", directory_of_other()
    yield "an end record inside the comment", "end-record", package(end=End(
        comment=b"PK\5\6" + bytes(18), comment_size=22)) [:-22] + b"PK\5\6" + bytes(18)
    yield "zip64: another count", "zip64", package(end=End(zip64={"count": 13}))
    yield "zip64: another offset", "zip64", package(end=End(zip64={"offset": 17}))
    yield "zip64: another size", "zip64", package(end=End(zip64={"size": 17}))
    yield "zip64: the end record has another offset", "zip64", package(end=End(zip64={}, offset=5))
    yield "zip64: the end record has another size", "zip64", package(end=End(zip64={}, size=5))
    yield "zip64: a locator that points elsewhere", "zip64", package(end=End(zip64={"at": 4}))
    yield "zip64: counts that differ", "zip64", package(end=End(zip64={"count_here": 1}))
    yield "zip64: a record of another size", "zip64", package(end=End(zip64={"record_size": 100}))
    yield "zip64: two disks", "zip64", package(end=End(zip64={"disks": 2}))
    yield "zip64: all is there, and nothing agrees", "zip64", package(
        end=End(zip64={"count": 1 << 60, "size": 1 << 62, "offset": 1 << 62}, count=0xffff, size=0xffffffff,
                offset=0xffffffff))
    yield "an entry's zip64 field without need", "zip64", one(extra=zip64_extra(1, 2))
    yield "an entry asks for a zip64 field that isn't there", "zip64", patched(size=0xffffffff)
    yield "overlap: two names for the same bytes", "overlap", same_offset()
    yield "overlap: an entry inside another", "overlap", quoted_overlap()
    yield "overlap: a size that reaches into the next", "overlap", patched(
        packed_size=lambda e: e.packed_size + 20, size=lambda e: e.size)
    yield "the directory in another order", "gap", swapped()
    yield "an offset behind the end", "gap", one(offset=0x7ffffff0)
    yield "an offset behind the directory", "directory", behind_the_directory()


def headers():
    yield "another name in the local header", "headers-differ", local(name=b"annotations/Annotations.jsonx")
    yield "a longer name in the local header", "headers-differ", local(name=b"annotations/annotations.jsonl.exe")
    yield "another method in the local header", "headers-differ", local(method=0)
    yield "other flags in the local header", "headers-differ", local(flags=0x800)
    yield "another CRC in the local header", "headers-differ", local(crc=1)
    yield "another size in the local header", "headers-differ", local(size=1)
    yield "another packed size in the local header", "headers-differ", local(packed_size=1)
    yield "another version in the local header", "headers-differ", local(version=10)
    yield "a zip64 field in the local header, without need", "headers-differ", local(extra=zip64_extra(1, 2))
    yield "another time in the local header", "headers-differ", local(time=1)
    yield "another date in the local header", "headers-differ", local(time=0x00220000)
    yield "no local header", "local-header", local(signature=b"PK\0\0")
    yield "an encrypted entry", "encrypted", one(flags=1)
    yield "strong encryption", "encrypted", one(flags=0x41)
    yield "a masked directory", "encrypted", one(flags=0x2000)
    yield "a patch", "flags", one(flags=0x20)
    yield "an unused flag", "flags", one(flags=0x8000)
    for method, name in ((1, "shrink"), (6, "implode"), (9, "deflate64"), (12, "bzip2"), (14, "lzma"),
                         (93, "zstd"), (95, "xz"), (98, "ppmd"), (99, "AES")):
        yield "method " + name, "method", one(method=method)
    yield "it needs version 6.3", "version-needed", one(version=63)
    yield "a symbolic link", "type", one(attributes=0o120777 << 16)
    yield "a device", "type", one(attributes=0o020644 << 16)
    yield "a FIFO", "type", one(attributes=0o010644 << 16)
    yield "a socket", "type", one(attributes=0o140644 << 16)
    yield "a folder by its attributes", "type", one(attributes=0o040755 << 16)
    yield "a folder by DOS attributes", "type", one(attributes=0x10)
    yield "a volume label", "type", one(attributes=0x08)
    yield "a folder with content", "type", named(b"texts/", attributes=0o040755 << 16)
    yield "odd internal attributes", "flags", one(inner=4)
    yield "an extra field with a link", "extra-field", one(extra=struct.pack("<HH", 0x756e, 4) + b"abcd")
    yield "an extra field with another name", "extra-field", one(extra=struct.pack("<HH", 0x7075, 9) + b"\1abcdname")
    yield "an extra field for AES", "extra-field", one(extra=struct.pack("<HH", 0x9901, 7) + bytes(7))
    yield "an extra field that reaches over its end", "extra-field", one(extra=struct.pack("<HH", 0x5455, 99))
    yield "a zip64 field of four bytes", "extra-field", one(extra=struct.pack("<HHI", 1, 4, 7))
    yield "a zip64 field of no bytes", "extra-field", one(extra=struct.pack("<HH", 1, 0))
    yield "half an extra field", "extra-field", one(extra=b"UT")
    yield "an extra field twice", "extra-field", one(extra=struct.pack("<HHB", 0x5455, 1, 0) * 2)
    yield "an extra field of 100 bytes", "extra-field", one(extra=struct.pack("<HH", 0x5455, 100) + bytes(100))
    yield "an extra field of 60 kB", "extra-field", one(extra=struct.pack("<HH", 0x5455, 60000) + bytes(60000))
    yield "a descriptor with another CRC", "descriptor", descriptor(crc=1)
    yield "a descriptor with another size", "descriptor", descriptor(size=1)
    yield "a descriptor with another packed size", "descriptor", descriptor(packed=1)
    yield "a descriptor with another signature", "descriptor", descriptor(signature=b"PK\7\7")
    yield "a descriptor that is missing", "descriptor", patched(
        flags=8, descriptor_bytes=b"")
    yield "a descriptor nobody announced", "gap", patched(
        descriptor_bytes=lambda e: b"PK\7\x08" + struct.pack("<III", e.crc, e.packed_size, e.size))


def names():
    for name in (b"../evil.txt", b"a/../../evil.txt", b"..", b".", b"./a", b"/etc/passwd", b"//a", b"a//b",
                 b"a\\b.txt", b"..\\evil.txt", b"C:/evil.txt", b"C:evil", b"a\0b.txt", b"a\nb", b"a\x1b[31mb",
                 b"a\x7fb", b"\xff\xfe", b"\xc3\xbc.txt", b"a:stream", b"a.", b"a ", b"a" * 300, b"a/" * 3000 + b"a",
                 b""):
        yield "the name %r" % name[:20], "name", named(name)
    yield "a name in UTF-8", "name", named("texts/ü.txt".encode(), flags=0x800)
    yield "a name that turns round", "name", named("\u202egpj.exe/a".encode(), flags=0x800)
    yield "names that are one where letters are put together", "name", zips.build(
        [Entry(folder.encode() + e.name, e.data, flags=0x800) for e in zips.entries()
         for folder in ("\u00dc/", "U\u0308/")])
    yield "a name twice", "twice", named(b"run/run_metadata.json")
    yield "a name twice, in another case", "twice", named(b"RUN/run_metadata.json")
    yield "a file where a folder is needed", "twice", folder_and_file()


def data():
    yield "a CRC that is wrong everywhere", "data", patched(crc=1)
    yield "a size that is too small", "data", patched(size=lambda e: e.size - 1)
    yield "a size that is too large", "data", patched(size=lambda e: e.size + 1)
    yield "a stored size that differs", "size", patched(8, method=0, size=3)
    yield "a size that no deflate reaches", "size", patched(size=1 << 30)
    yield "deflate without a byte", "size", patched(packed=b"", packed_size=0, size=0, crc=0)
    yield "bytes behind a deflate stream", "data", one(
        packed=deflated(zips.parts()[5][3]) + b"hidden")
    yield "a deflate stream without end", "data", one(
        packed=deflated(zips.parts()[5][3])[:-1])
    yield "a deflate stream that is none", "data", one(packed=b"\xff" * 50)
    yield "a bomb by its ratio", "limit", more(Entry(b"texts/a.txt", b"", packed=bomb(100 << 20), crc=0,
                                                     size=100 << 20))
    yield "a bomb that lies about its size", "data", more(Entry(b"texts/a.txt", b"", packed=bomb(100 << 20),
                                                               crc=0, size=1000))
    yield "an entry of 100 TB", "size", patched(method=0, size=0xfffffffe)


def contents():
    yield "an entry that no list has", "unlisted", named(b"texts/a.txt")
    yield "an entry is missing", "missing", zips.build(zips.entries()[1:])
    yield "no manifest", "no-zip", zips.build([e for e in zips.entries() if e.name != b"manifest.json"])
    yield "a changed entry", "checksum", listed(lambda w: w[5].__setitem__(1, w[5][1].replace(b"Titel", b"Tatel")))
    yield "a list with a line that is none", "list", replace(SUMS, b"  run/run_metadata.json", b"run/run_metadata.json")
    yield "a list that has an entry twice", "list", listed(
        lambda w: w[SUMS].__setitem__(1, w[SUMS][1] + w[SUMS][1].splitlines(True)[0]))
    yield "a list of 4 MB", "limit", listed(lambda w: w[SUMS].__setitem__(1, w[SUMS][1] + b"x" * (4 << 20)))
    yield "a list of one line of 150 MB", "limit", of_many(20000, SUMS, b"x" * (150 << 20))
    yield "a list with a line of a million numbers", "limit", of_many(300, ENTRIES, b"[" + b"0," * 990000 + b"0]\n")
    yield "a manifest of a million numbers", "limit", listed(
        lambda w: w[MANIFEST].__setitem__(1, b"[" + b"0," * 990000 + b"0]\n"))
    yield "a manifest with as many numbers as fit", "checksum", replace(
        MANIFEST, b"{", b'{"x":[' + b"0," * 523000 + b"0],")
    yield "another size in the list", "listed-size", replace(ENTRIES, b'"size": 5,', b'"size": 6,')
    yield "other rows in the list", "listed-rows", replace(ENTRIES, b'"rows": 3', b'"rows": 4')
    yield "another kind in the list", "structure", replace(ENTRIES, b'"kind": "annotation"', b'"kind": "annotatiom"')
    yield "a manifest that names another list", "manifest", replace(MANIFEST, b'"count": 11', b'"count": 12')
    yield "a manifest that counts otherwise", "count", package(zips.sealed(
        zips.parts(), lambda m: m["counts"].update(annotation=4)))
    yield "a manifest that is no JSON", "manifest", replace(MANIFEST, b"{", b"[")
    yield "version info that says two things", "manifest", package(zips.sealed(
        [[*part[:3], part[3].replace(b'{', b'{"minimum_reader_version": "0.1",')]
         if part[1] == "version_info" else part for part in zips.parts()]))
    yield "version info of 2 MB", "manifest", package(zips.sealed(
        [[*part[:3], part[3].replace(b'{', b'{"x": "%s",' % (b"x" * (2 << 20)))]
         if part[1] == "version_info" else part for part in zips.parts()]))
    yield "a manifest with a key twice", "manifest", replace(MANIFEST, b'"format":', b'"format": "hq", "format":')
    yield "JSON: deep", "limit", deep(2000)
    yield "JSON: very deep", "limit", deep(1000000)
    yield "a row that isn't JSON", "json", rows_with(b'{"id":01}')
    yield "a row that isn't UTF-8", "json", rows_with(b'{"id":"\xff"}')
    yield "a row with a byte order mark", "json", rows_with(b"\xef\xbb\xbf{}")
    yield "a row that isn't an object", "schema", rows_with(b"[]")
    yield "a row without id", "schema", rows_with(b'{"uuid":"%s"}' % zips.annotation(7).encode())
    yield "a row whose id isn't a text", "schema", rows_with(b'{"id":17}')
    yield "a row whose id isn't a UUID", "row", rows_with(b'{"id":"17"}')
    yield "a row with a reference of an unknown form", "schema", rows_with(
        b'{"id":"%s","__refs":[{"path":"/a","form":"rune"}]}' % zips.annotation(7).encode())
    yield "a list of entries that lacks a kind", "schema", replace(ENTRIES, b'"kind": "run", ', b"")
    yield "a manifest without its counts", "schema", package(zips.sealed(
        zips.parts(), lambda m: m.pop("counts")))
    yield "a row with a key twice", "row", package(zips.sealed(
        [[*part[:3], part[3].replace(b'"user_id"', b'"asset_\\u0069d"')] if part[1] == "annotation" else part
         for part in zips.parts()]))
    yield "a row with a hundred thousand keys", "row", rows_with(
        b"{" + b",".join(b'"k%d":1' % n for n in range(100000)) + b"}")
    yield "a row that is there twice", "row", rows_with(zips.parts(1)[5][3].rstrip())
    yield "a row that the mapping doesn't have", "mapping", rows_with(b'{"id":"%s"}' % zips.annotation(7).encode())
    yield "a row of the mapping that isn't there", "mapping", mapped(
        b'"rows": [', b'"rows": [%s,' % json.dumps(zips.mapped("task", zips.annotation(9))).encode(), 1)
    yield "a row that the mapping has twice", "mapping", mapped(
        b'"rows": [', b'"rows": [%s,' % json.dumps(zips.mapped("run", zips.RUN)).encode(), 1)
    yield "a mapping that counts otherwise", "mapping", mapped(b'"rows": [', b'"rows": [', 1)
    yield "a reference to nobody", "reference", rows_with(
        b'{"id":"%s","asset_id":"%s"}' % (zips.annotation(7).encode(), zips.annotation(8).encode()))
    yield "a reference inside a value to nobody", "reference", rows_with(
        b'{"id":"%s","__refs":[{"path":"/a","form":"number","uuid":"%s"}]}'
        % (zips.annotation(7).encode(), zips.annotation(8).encode()))
    yield "a file that isn't there", "reference", package(zips.sealed(
        [part for part in zips.parts() if part[1] != "file"]))
    yield "an entry that every package has is missing", "structure", package(zips.sealed(zips.parts()[:1]
                                                                                         + zips.parts()[2:]))


def cases():
    """(whether it is what is inside that is wrong, what, code, bytes)"""
    for group in (container, headers, names, data, contents):
        for case in group():
            yield group is contents, *case


def good():
    return (package(), package(method=0), package(descriptor=True), package(end=End(zip64={})), zip64_entry())


def one_of_each(most):
    """(a name, bytes): good packages, and a small hostile one for each finding, of names
    that are there twice all."""
    seen = set()
    for number, data in enumerate(good()):
        yield "good-%d" % number, data
    for number, (_, _, code, data) in enumerate(cases()):
        if len(data) <= most and (code not in seen or code == "twice"):
            seen.add(code)
            yield "%s-%d" % (code, number), data


if __name__ == "__main__":
    for _name, _data in one_of_each(16 << 10):
        (Path(sys.argv[1]) / _name).write_bytes(_data)
