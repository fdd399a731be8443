#!/usr/bin/env python3
"""Hostile packages are refused for the right reason, quickly and in little
memory; good ones are read by everybody alike."""

import io
import subprocess
import unittest
import zipfile

import hostile
import zips
from lib import PackageTest

SECONDS = 5
MEMORY = 64 << 20


class Hostile(PackageTest):
    def test_a_good_package_is_good(self):
        for whole in hostile.good():
            verdict = self.validate(whole)
            self.assertEqual(verdict.code, 0, str(verdict))
            self.assertEqual(verdict.result["package"]["profile"], "native")

    def test_what_a_file_is_called_says_nothing_of_what_is_in_it(self):
        for name in ("asset_1_file.json", "asset_1_file.jsonl"):
            content = [[path.replace("asset_1_file.pdf", name), kind, rows, data.replace(b"asset_1_file.pdf", name.encode())]
                       for path, kind, rows, data in zips.parts()]
            verdict = self.validate(zips.package(zips.sealed(content)))
            self.assertEqual(verdict.code, 0, str(verdict))

    def test_each_is_refused_for_its_reason(self):
        baseline = self.validate(zips.package()).memory
        # sanitizers need memory of their own, and more around each piece of it
        most = MEMORY if baseline < MEMORY // 3 else baseline + 2 * MEMORY
        count = 0
        for inside, what, code, data in hostile.cases():
            with self.subTest(what):
                verdict = self.validate(data)
                self.assertEqual(verdict.code, 5, str(verdict))
                damage = {f["code"] for f in verdict.findings if f["weight"] == "damage"}
                self.assertIn(code, damage, str(verdict))
                # behind what is wrong with the container nothing is read
                self.assertTrue(inside or len(damage) == 1, str(verdict))
                self.assertLess(verdict.seconds, SECONDS)
                self.assertLess(verdict.memory, most)
                self.assertEqual(verdict.errors, "")
            count += 1
        self.assertGreaterEqual(count, 60)

    def test_many_entries(self):
        verdict = self.validate(hostile.many(100000), "--max-entries", "99999")
        self.assertEqual(verdict.code, 5)
        self.assertIn("limit", verdict.found)

    def test_limits_can_be_set(self):
        large = zips.package(zips.sealed([*zips.parts(), ["texts/a.txt", "text", None, b"x" * 3000000]]))
        self.assertEqual(self.validate(large).code, 0)
        line = hostile.rows_with(b'{"id":"%s","value":"%s"}' % (zips.annotation(0).encode(), b"x" * 3000000))
        for data, option, value in ((zips.package(), "--max-entries", "13"), (zips.package(), "--max-depth", "2"),
                                    (large, "--max-entry-size", "2"), (large, "--max-total-size", "2"),
                                    (line, "--max-line-size", "2")):
            verdict = self.validate(data, option, value)
            self.assertEqual(verdict.code, 5, option)
            self.assertIn("limit", verdict.found)
        self.assertEqual(self.validate(hostile.deep(2000), "--max-depth", "3000").found.get("limit"), None)


def names_of_all(path):
    """The names of files as three other programs list them."""
    with zipfile.ZipFile(path) as package:
        yield "zipfile", package.namelist()
    for tool, command in (("libarchive", ["bsdtar", "-tf", path]), ("unzip", ["unzip", "-Z1", path])):
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        yield tool, run.stdout.splitlines()


class Listed(PackageTest):
    """What passes, others list in the same way."""

    def check(self, data, root=""):
        verdict = self.validate(data)
        self.assertIn(verdict.code, (0, 3), str(verdict))
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            sums = package.read(root + "checksums.sha256").decode()
        own = sorted([line[66:] for line in sums.splitlines()] + ["checksums.sha256"])
        self.assertEqual(verdict.result["package"]["entries"], len(own))
        for tool, names in names_of_all(self.path):
            files = [name[len(root):] for name in names if not name.endswith("/") and "DS_Store" not in name]
            self.assertEqual(sorted(files), own, tool)

    def test_own(self):
        for whole in hostile.good():
            self.check(whole)

    def test_made_anew(self):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", method) as package:
                package.writestr("Ünser Paket/", b"")
                for path, data in reversed(zips.sealed(zips.parts())):
                    package.writestr("Ünser Paket/" + path, data)
                package.writestr("Ünser Paket/.DS_Store", b"x")
                package.comment = b"by hand"
            verdict = self.validate(out.getvalue())
            self.assertEqual(verdict.code, 3, str(verdict))
            self.assertEqual(set(verdict.found), {"comment", "root-folder", "folder-entry", "litter", "order",
                                                  "odd-name"})
            self.assertEqual(verdict.result["package"]["profile"], "foreign")
            self.check(out.getvalue(), "Ünser Paket/")

    def test_damage_is_damage_in_a_foreign_one_too(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for path, data in zips.sealed(zips.parts()):
                package.writestr("root/" + path, data.replace(b"Titel", b"Tatel") if "annot" in path else data)
        verdict = self.validate(out.getvalue())
        self.assertEqual(verdict.code, 5)
        self.assertIn("root-folder", verdict.found)
        self.assertIn("checksum", verdict.found)


    def test_an_entry_that_nobody_knows(self):
        for path in ("assets/metadata/asset_x.json", "assets/metadata/asset_0.json", "notes.txt"):
            verdict = self.validate(zips.package(zips.sealed([*zips.parts(), [path, "note", None, b"1\n"]])))
            self.assertEqual(verdict.code, 3, str(verdict))
            self.assertEqual(list(verdict.found), ["odd-entry"])


class Versions(PackageTest):
    def changed(self, change):
        return self.validate(zips.package(zips.sealed(zips.parts(), change)))

    def test_newer(self):
        for change, code, found in (
                (lambda m: m.update(format_version="2.0"), 6, "newer-version"),
                (lambda m: m.update(format_version="1.9"), 3, "newer-minor"),
                (lambda m: m.update(format="hq"), 6, "format"),
                (lambda m: m.update(format_version="x"), 6, "format"),
                (lambda m: m.update(package_type="infospace"), 6, "newer-feature"),
                (lambda m: m.update(features=["files", "holograms"]), 6, "newer-feature"),
                (lambda m: m.update(optional_features=["holograms"]), 3, "odd-feature"),
                (lambda m: m.update(warnings=[{"code": "missing_files", "count": 2}]), 3, "warning")):
            verdict = self.changed(change)
            self.assertEqual(verdict.code, code, str(verdict))
            self.assertEqual(list(verdict.found), [found])

    def test_what_a_newer_package_holds_is_not_judged(self):
        content = zips.parts()
        content[5][3] = content[5][3].replace(b'"id"', b'"ident"').replace(b'"run_id"', b'"x"')
        self.assertEqual(self.validate(zips.package(zips.sealed(content))).code, 5)
        for change, found in ((lambda m: m.update(format_version="2.0"), "newer-version"),
                              (lambda m: m.update(package_type="infospace"), "newer-feature"),
                              (lambda m: m.update(features=["files", "holograms"]), "newer-feature")):
            verdict = self.validate(zips.package(zips.sealed(content, change)))
            self.assertEqual((verdict.code, list(verdict.found)), (6, [found]), str(verdict))

    def test_a_schema_says_what_is_wrong_and_where(self):
        content = zips.parts()
        content[5][3] = content[5][3].replace(b'"score": 1}', b'"score": 1}, "__refs": [{"path": "/a", "form": "rune"}]')
        verdict = self.validate(zips.package(zips.sealed(content)))
        self.assertEqual(verdict.code, 5)
        finding, = verdict.findings
        self.assertEqual([finding[key] for key in ("code", "entry", "line", "pointer")],
                         ["schema", "annotations/annotations.jsonl", 2, "/__refs/0/form"])
        self.assertIn('"marker"', finding["text"])

    def test_what_is_wrong_a_million_times_takes_no_longer(self):
        baseline = self.validate(zips.package()).memory
        for wrong in (b"{}\n" * 1000000, b'{"__refs":[' + b"0," * 1000000 + b"0]}\n"):
            content = zips.parts()
            content[5][3] += wrong
            content[5][2] += wrong.count(b"\n")
            verdict = self.validate(zips.package(zips.sealed(content)), "--max-ratio", "100000")
            self.assertEqual((verdict.code, verdict.found["schema"]), (5, 100), str(verdict))
            self.assertLess(verdict.memory, baseline + MEMORY)

    def test_a_reader_that_is_too_old(self):
        content = zips.parts()
        content[10][3] = content[10][3].replace(b'"minimum_reader_version": "1.0"',
                                                b'"minimum_reader_version": "1.1"')
        verdict = self.validate(zips.package(zips.sealed(content)))
        self.assertEqual(verdict.code, 6, str(verdict))

    def test_what_jsonb_would_refuse_has_its_place(self):
        content = zips.parts()
        content[5][3] = content[5][3].replace(b"Titel 1", b"Titel \\u0000").replace(b'"score": 2', b'"score": 1e999999')
        verdict = self.validate(zips.package(zips.sealed(content)))
        self.assertEqual(verdict.code, 3, str(verdict))
        self.assertEqual([(f["code"], f["entry"], f["line"]) for f in verdict.findings],
                         [("beyond-jsonb", "annotations/annotations.jsonl", 2),
                          ("beyond-numeric", "annotations/annotations.jsonl", 3)])


if __name__ == "__main__":
    unittest.main()
