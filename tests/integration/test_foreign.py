"""Packages that other programs made anew are read as wholly as our own."""

import json
import os
import subprocess
import unittest
import zipfile

import lib
import process
from test_zip_tools import check, tool

TOLERATED = {"root-folder", "folder-entry", "comment", "litter", "odd-name", "odd-extra-field",
             "odd-flags", "odd-system", "odd-descriptor", "order"}
# how each packs what is in the folder "."
PACKERS = {
    "zip": ("zip", "zip -qr ../a.zip ."),
    "zip without folders": ("zip", "zip -qrD ../a.zip ."),
    "zip without times and owners": ("zip", "zip -qrX ../a.zip ."),
    "zip that stores": ("zip", "zip -qr0 ../a.zip ."),
    "zip into a pipe": ("zip", "zip -qr - . | cat >../a.zip"),
    "zip with comments": ("zip", "zip -qr ../a.zip . && echo by hand | zip -qz ../a.zip"),
    "7z": ("7z", "7z a -bd -bso0 ../a.zip ."),
    "7z at its best": ("7z", "7z a -bd -bso0 -mx=9 ../a.zip ."),
    "bsdtar": ("bsdtar", "bsdtar -cf ../a.zip --format zip *"),
    "bsdtar that stores": ("bsdtar", "bsdtar -cf ../a.zip --format zip --options zip:compression=store *"),
    "jar": ("jar", "jar cf ../a.zip ."),
    "jar without its manifest": ("jar", "jar cMf ../a.zip ."),
    "python": ("python3", "python3 -m zipfile -c ../a.zip *"),
    "shutil": ("python3", "python3 -c 'import shutil; shutil.make_archive(\"../a\", \"zip\", \".\")'"),
}
DEBIAN = {"zip": "zip", "7z": "p7zip-full", "bsdtar": "libarchive-tools", "jar": "default-jdk-headless"}


def look(command, path):
    done = lib.run(command, path, "--json", "--progress", "none")
    result = json.loads(done.stdout)
    return done.returncode, result["packages"][0] if command == "validate" else result


class MadeAnew(lib.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST)).path
        _, cls.whole = look("validate", cls.own)
        assert cls.whole["package"]["profile"] == "native"

    def pack(self, command, root):
        """What `command` makes of the package's files, in a folder `root` or not."""
        top = process.folder()
        inside = top / "x" / root
        inside.mkdir(parents=True)
        check("unzip", "-q", self.own, "-d", inside)
        (inside / "run" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
        check("sh", "-c", command, cwd=top / "x", env={**os.environ, "LC_ALL": "C.UTF-8"})
        return top / "a.zip"

    def listed(self, path, root):
        """The same entries whoever lists them. Of names whose encoding isn't told each
        makes what it likes: only of the folder around them."""
        with zipfile.ZipFile(path) as package:
            names = [i.filename.encode("utf-8" if i.flag_bits & 0x800 else "cp437")
                     for i in package.infolist()]
        yield "zipfile", names
        for name, command in (("libarchive", ("bsdtar", "-tf", path)), ("unzip", ("unzip", "-Z1", path))):
            done = subprocess.run(command, capture_output=True, check=True,
                                  env={**os.environ, "LC_ALL": "C.UTF-8"})
            yield name, done.stdout.splitlines()

    def files(self, names):
        """Their paths in the package: without folders, litter and what is around."""
        kept = [n.removeprefix(b"./") for n in names if not n.endswith(b"/")]
        kept = [n for n in kept if not n.endswith(b".DS_Store") and not n.startswith(b"META-INF/")]
        manifest = next(n for n in kept if n.endswith(b"manifest.json"))
        around = len(manifest) - len(b"manifest.json")
        return sorted(n[around:] for n in kept)

    def check_one(self, command, root):
        path = self.pack(command, root)
        code, found = look("validate", path)
        self.assertEqual(code, 3, found)
        self.assertEqual(found["package"]["profile"], "foreign")
        self.assertFalse(set(found["found"]) - set(self.whole["found"]) - TOLERATED, found)
        self.assertEqual("root-folder" in found["found"], bool(root), found)
        self.assertIn("litter", found["found"])
        for key in ("format", "format_version", "entries", "bytes", "counts"):
            self.assertEqual(found["package"][key], self.whole["package"][key], key)
        code, shown = look("inspect", path)
        self.assertEqual(code, 3, shown)
        self.assertEqual(shown["counts"], self.whole["package"]["counts"])
        self.assertEqual(shown["manifest"]["format"], "spaceport")
        self.assertTrue({f["code"] for f in shown["findings"]} <= set(found["found"]), shown["findings"])
        with zipfile.ZipFile(self.own) as package:
            own = sorted(n.encode() for n in package.namelist())
        for name, names in self.listed(path, root):
            self.assertEqual(self.files(names), own, name)

    def test_every_packer(self):
        for what, (program, command) in PACKERS.items():
            tool(program, DEBIAN.get(program, program))
            for root in ("", "positionen", "Ünser Paket"):
                with self.subTest(packer=what, root=root):
                    self.check_one(command, root)

    def test_a_change_on_the_way_is_found(self):
        """Unpacked, changed by a letter, packed again: of the same size, with right CRCs."""
        for what in ("zip", "7z", "bsdtar", "jar", "python"):
            with self.subTest(packer=what):
                path = self.pack("f=$(find . -name annotations.jsonl) && "
                                 "sed -i 's/\"timestamp\"/\"timestomp\"/' \"$f\" && " + PACKERS[what][1], "r")
                code, found = look("validate", path)
                self.assertEqual(code, 5, found)
                self.assertIn("checksum", found["found"])
                self.assertEqual(look("inspect", path)[0], 5)

    def test_methods_that_not_everybody_has(self):
        for method in ("Deflate64", "BZip2", "LZMA"):
            path = self.pack(f"7z a -bd -bso0 -mm={method} ../a.zip .", "")
            code, found = look("validate", path)
            self.assertEqual(code, 5, found)
            self.assertTrue({"method", "version-needed"} & set(found["found"]), found)

    def test_encryption(self):
        path = self.pack("7z a -bd -bso0 -pgeheim ../a.zip .", "")
        code, found = look("validate", path)
        self.assertEqual(code, 5, found)
        self.assertIn("encrypted", found["found"])


if __name__ == "__main__":
    unittest.main()
