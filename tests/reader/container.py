"""The ZIP, byte by byte: doc/package-format.md, "The ZIP"."""

import re
import struct
import zlib

STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIPTOR, UTF8 = 1 << 0, 1 << 3, 1 << 11
LEVEL = 3 << 1      # how hard deflate tried: bits 1 and 2
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
NAME = re.compile(rb"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?")
# Extra fields: ZIP64, times, user and group; and what other programs note there.
ZIP64, TIMES, OWNER = 0x0001, 0x5455, 0x7875
ODD_EXTRAS = {0x000A, 0x5855, 0x7855}       # NTFS times, both old Unix ones
LITTER = re.compile(r"(.*/)?(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)|(.*/)?__MACOSX/.*")


class Entry:
    """A file in the ZIP. `path` is its name without the root folder."""

    def __init__(self, **what):
        self.__dict__.update(what)
        self.path = self.name


def u(data, at, kind):
    """The little-endian unsigned numbers at an offset."""
    return struct.unpack_from("<" + kind, data, at)


class Container:
    """The entries of a ZIP, in the order of their data."""

    def __init__(self, data, findings):
        self.zip, self.found = data, findings
        self.entries = []
        directory, size, count, end = self._end()
        self._directory(directory, size, count, end)
        self._tile(directory)
        self._names()

    # The end records.

    def _end(self):
        """(offset and size of the directory, number of entries, where what follows it begins)."""
        data, found = self.zip, self.found
        at = len(data) - 22
        if len(data) < 22 or b"PK\x05\x06" not in data[-22 - FULL16:]:
            found.stop("no-zip", None, "no end record")
        while data[at:at + 4] != b"PK\x05\x06" or u(data, at + 20, "H")[0] != len(data) - at - 22:
            at -= 1
            if at < max(0, len(data) - 22 - FULL16):
                found.stop("appended", None, "something behind the end record")
        if at + 22 != len(data):
            found.add("comment", None, "the file has a comment")
        disk, start_disk, here, count, size, offset, _ = u(data, at + 4, "HHHHIIH")
        if at >= 20 and data[at - 20:at - 16] == b"PK\x06\x07":
            return self._end64(at, (disk, start_disk, here, count, size, offset))
        if FULL32 in (size, offset) or FULL16 in (here, count):
            found.stop("zip64", None, "the end record points to a ZIP64 one that isn't there")
        if disk or start_disk:
            found.stop("split", None, "one of several parts")
        if here != count or offset + size != at:
            found.stop("end-record", None, "the end record contradicts itself or the file")
        return offset, size, count, at

    def _end64(self, at, plain):
        """The same from the ZIP64 end record, which the locator before `at` points to."""
        data, found = self.zip, self.found
        disk, where, disks = u(data, at - 16, "IQI")
        if disk or disks != 1:
            found.stop("split", None, "one of several parts")
        if where + 56 != at - 20 or data[where:where + 4] != b"PK\x06\x06":
            found.stop("zip64", None, "the ZIP64 end record isn't before its locator")
        length, _, _, disk, start_disk, here, count, size, offset = u(data, where + 4, "QHHIIQQQQ")
        if disk or start_disk:
            found.stop("split", None, "one of several parts")
        wide = (disk, start_disk, here, count, size, offset)
        full = (FULL16, FULL16, FULL16, FULL16, FULL32, FULL32)
        if length != 44 or any(p not in (w, f) for p, w, f in zip(plain, wide, full)):
            found.stop("zip64", None, "the end records contradict each other")
        if here != count or offset + size != where:
            found.stop("end-record", None, "the end record contradicts itself or the file")
        return offset, size, count, where

    # The directory.

    def _directory(self, at, size, count, end):
        for number in range(count):
            if at + 46 > end or self.zip[at:at + 4] != b"PK\x01\x02":
                self.found.stop("directory", None, f"no record {number + 1} in the directory")
            at = self._record(at, end)
        if at != end:
            self.found.stop("directory", None, "more in the directory than its records")

    def _record(self, at, end):
        data, found = self.zip, self.found
        (version, system, need, _, flags, method, time, date, crc, packed, size, n, m, k, disk,
         _, attributes, offset) = u(data, at + 4, "BBBBHHHHIIIHHHHHII")
        after = at + 46 + n + m + k
        if after > end:
            found.stop("directory", None, "a record goes beyond the directory")
        raw, extra = data[at + 46:at + 46 + n], data[at + 46 + n:at + 46 + n + m]
        name = raw.decode("utf-8" if flags & UTF8 else "ascii", "replace")
        if disk not in (0, FULL16):
            found.stop("split", name, "begins in another part")
        if k:
            found.add("comment", name, "has a comment")
        fields = self._extra(extra, name)
        size, packed, offset = self._wide(fields.get(ZIP64), name, size, packed, offset)
        entry = Entry(name=name, raw=raw, flags=flags, method=method, time=(date, time), crc=crc,
                      packed=packed, size=size, offset=offset, need=need, system=system,
                      attributes=attributes, folder=raw.endswith(b"/"))
        self._allowed(entry)
        self.entries.append(entry)
        return after

    def _extra(self, data, name):
        """The extra fields by their number."""
        fields, at = {}, 0
        while at < len(data):
            if at + 4 > len(data) or at + 4 + u(data, at + 2, "H")[0] > len(data):
                self.found.stop("extra-field", name, "an extra field is cut off")
            number, length = u(data, at, "HH")
            if number in fields:
                self.found.stop("extra-field", name, f"extra field {number:#06x} twice")
            if number in ODD_EXTRAS:
                self.found.add("odd-extra-field", name, f"extra field {number:#06x}")
            elif number not in (ZIP64, TIMES, OWNER):
                self.found.stop("extra-field", name, f"extra field {number:#06x}")
            fields[number] = data[at + 4:at + 4 + length]
            at += 4 + length
        return fields

    def _wide(self, field, name, *numbers):
        """Numbers of 32 bits, each one that is all ones taken from the ZIP64 field."""
        wide, at = [], 0
        for number in numbers:
            if number == FULL32:
                if field is None or at + 8 > len(field):
                    self.found.stop("zip64", name, "a number is missing in the ZIP64 field")
                number, at = u(field, at, "Q")[0], at + 8
            wide.append(number)
        if field is not None and at != len(field):
            self.found.stop("zip64", name, "the ZIP64 field holds more than it should")
        return wide

    def _allowed(self, entry):
        """Flags, method, type: what an entry may be."""
        found, name = self.found, entry.name
        if entry.flags & ENCRYPTED or entry.flags & (1 << 6 | 1 << 13):
            found.stop("encrypted", name, "encrypted")
        if entry.flags & ~(LEVEL | DESCRIPTOR | UTF8):
            found.stop("flags", name, f"flags {entry.flags:#06x}")
        if entry.flags & LEVEL:
            found.add("odd-flags", name, f"flags {entry.flags:#06x}")
        if entry.method not in (STORED, DEFLATED):
            found.stop("method", name, f"method {entry.method}")
        if entry.need > 45:
            found.stop("version-needed", name, f"needs version {entry.need}")
        kind = entry.attributes >> 28
        if entry.system != 3:
            found.add("odd-system", name, f"made on system {entry.system}")
        elif kind not in ((4, 0) if entry.folder else (8, 0)):
            found.stop("type", name, "neither a file nor a folder")
        if entry.folder:
            found.add("folder-entry", name, "an entry for a folder")
            if entry.size:
                found.stop("type", name, "a folder with content")

    # The local headers: they, data and descriptors tile the file.

    def _tile(self, directory):
        in_file = sorted(self.entries, key=lambda e: e.offset)
        if in_file != self.entries:
            self.found.add("order", None, "the directory is in another order")
        self.entries, at = in_file, 0
        for entry in in_file:
            if entry.offset != at:
                self.found.stop("gap" if entry.offset > at else "overlap", entry.name,
                                f"begins at {entry.offset}, not at {at}")
            at = self._local(entry, directory)
        if at != directory:
            self.found.stop("gap" if at < directory else "overlap", None,
                            f"the entries end at {at}, the directory begins at {directory}")

    def _local(self, entry, directory):
        """Where the entry ends."""
        data, found, at, name = self.zip, self.found, entry.offset, entry.name
        if at + 30 > directory or data[at:at + 4] != b"PK\x03\x04":
            found.stop("local-header", name, "no local header")
        need, flags, method, time, date, crc, packed, size, n, m = u(data, at + 4, "HHHHHIIIHH")
        start = at + 30 + n + m
        if start > directory:
            found.stop("local-header", name, "the local header goes beyond the entries")
        raw, extra = data[at + 30:at + 30 + n], data[at + 30 + n:start]
        wide = self._extra(extra, name).get(ZIP64)
        if (raw, flags, method, (date, time), need & 0xFF) != (
                entry.raw, entry.flags, entry.method, entry.time, entry.need):
            found.stop("headers-differ", name, "local header and directory differ")
        entry.start, after = start, start + entry.packed
        if after > directory:
            found.stop("overlap", name, "the data go beyond the entries")
        if wide is not None:
            size, packed = self._wide(wide, name, size, packed)
        said, true = (crc, packed, size), (entry.crc, entry.packed, entry.size)
        if any(s != t and not (s == 0 and flags & DESCRIPTOR) for s, t in zip(said, true)):
            found.stop("headers-differ", name, "sizes in local header and directory differ")
        if flags & DESCRIPTOR:
            return self._descriptor(entry, after, "IQQ" if wide is not None else "III")
        return after

    def _descriptor(self, entry, at, form):
        """Behind the data: signature, CRC-32, packed and unpacked size."""
        true = struct.pack("<" + form, entry.crc, entry.packed & FULL32 if form == "III" else
                           entry.packed, entry.size & FULL32 if form == "III" else entry.size)
        if self.zip[at:at + 4 + len(true)] == b"PK\x07\x08" + true:
            return at + 4 + len(true)
        if self.zip[at:at + len(true)] != true:
            self.found.stop("descriptor", entry.name, "no data descriptor that agrees")
        self.found.add("odd-descriptor", entry.name, "no signature")
        return at + len(true)

    # Names.

    def _names(self):
        seen, folders = {}, {}
        for entry in self.entries:
            self._name(entry)
            parts = entry.name.rstrip("/").lower().split("/")
            key = "/".join(parts)
            if key in seen or not entry.folder and key in folders:
                self.found.stop("twice", entry.name, "there twice")
            seen[key] = entry
            for n in range(1, len(parts)):
                folder = "/".join(parts[:n])
                if folder in seen and not seen[folder].folder:
                    self.found.stop("twice", entry.name, "in a folder that is a file as well")
                folders[folder] = True
            if entry.folder:
                folders[key] = True
        self._root()
        for entry in list(self.entries):
            if LITTER.fullmatch(entry.path):
                self.found.add("litter", entry.name, "litter")
                self.entries.remove(entry)
            elif entry.folder:
                self.entries.remove(entry)
            elif not NAME.fullmatch(entry.path.encode("utf-8", "replace")):
                self.found.add("odd-name", entry.name, "another character in the name")
                if not entry.path.isascii():
                    self.found.stop("name", entry.name, "not ASCII")

    def _name(self, entry):
        raw = entry.raw[:-1] if entry.folder else entry.raw
        parts = raw.split(b"/")
        try:
            text = raw.decode("utf-8" if entry.flags & UTF8 else "ascii")
        except UnicodeDecodeError:
            self.found.stop("name", entry.name, "neither ASCII nor marked UTF-8")
        if (any(not 1 <= len(p) <= 255 or p in (b".", b"..") for p in parts)
                or any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\\:" for c in text)):
            self.found.stop("name", entry.name, "not a name that may be there")

    def _root(self):
        """One folder around everything, with manifest.json in it, is taken off."""
        files = [e.name for e in self.entries if not LITTER.fullmatch(e.name)]
        if "manifest.json" in files or not files:
            return
        root = files[0].split("/")[0] + "/"
        if all(f.startswith(root) for f in files) and root + "manifest.json" in files:
            self.found.add("root-folder", None, root)
            for entry in self.entries:
                if entry.name.startswith(root):
                    entry.path = entry.name[len(root):]

    def read(self, entry):
        """The content of an entry, exactly as it is announced; None where it isn't."""
        data = self.zip[entry.start:entry.start + entry.packed]
        if entry.method == DEFLATED:
            unpack = zlib.decompressobj(-15)
            try:
                data = unpack.decompress(data, entry.size + 1)
            except zlib.error as error:
                self.found.add("data", entry.name, str(error))
                return None
            if not unpack.eof or unpack.unused_data or unpack.unconsumed_tail:
                self.found.add("data", entry.name, "the data end too early or too late")
                return None
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            self.found.add("data", entry.name, "not what is announced")
            return None
        return bytes(data)
