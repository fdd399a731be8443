#!/usr/bin/env python3
"""Packages that spaceport didn't pack: made anew as other programs do it, and
those of other formats, open-politics-hq's own and the universal one."""

import hashlib
import io
import json
import os
import struct
import subprocess
import unittest
import uuid
import zipfile
from pathlib import Path

import zips
from lib import FULL, SPACEPORT, PackageTest, Verdict
from zips import End, Entry

HQ = Path(__file__).resolve().parent.parent / "fixtures" / "hq" / "packages"


def repacked(entry=lambda path, data: Entry(path.encode(), data), before=(), behind=(), end=None):
    """A good package, with each entry made as `entry` makes it, and others around."""
    return zips.build([*before, *(entry(path, data) for path, data in zips.sealed(zips.parts())), *behind], end)


def folder(name, **fields):
    return Entry(name, b"", **{"method": 0, "attributes": 0o040755 << 16 | 0x10, **fields})


def litter(name, **fields):
    return Entry(name, b"Mac OS X\0\0", **fields)


def zip_by_python(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for path, data in parts:
            package.writestr(path, data)
    return out.getvalue()


class MadeAnew(PackageTest):
    """What programs leave that can't be had here, field by field."""

    def whole(self, data, *found):
        """Read as any package of ours: all of its contents."""
        verdict = self.validate(data)
        self.assertEqual(verdict.code, 3, str(verdict))
        self.assertEqual(set(verdict.found), set(found), str(verdict))
        self.assertEqual({f["weight"] for f in verdict.findings}, {"tolerated"})
        about = verdict.result["package"]
        self.assertEqual((about["profile"], about["format"], about["entries"]), ("foreign", "spaceport", 14))
        self.assertEqual(about["counts"]["annotation"]["rows"], 3)

    def test_macos_archive_utility(self):
        """Descriptors, its own old extra fields, names in UTF-8 that isn't marked,
        taken apart into letters and marks, and its litter."""
        root = "U\u0308nser Paket/".encode()
        central, local = struct.pack("<HHII", 0x5855, 8, 1, 1), struct.pack("<HHIIHH", 0x5855, 12, 1, 1, 501, 20)
        like = {"made_by": 3 << 8 | 21, "extra": central, "local": {"extra": local}}
        self.whole(repacked(
            lambda path, data: Entry(root + path.encode(), data, descriptor=True, **like),
            before=[folder(root, version=10, **like), litter(root + b".DS_Store", descriptor=True, **like)],
            behind=[folder(b"__MACOSX/", version=10, **like), litter(b"__MACOSX/._" + root[:-1], **like),
                    litter(b"__MACOSX/" + root + b"._manifest.json", **like)]),
            "root-folder", "folder-entry", "litter", "odd-name", "odd-extra-field")

    def test_windows_explorer(self):
        """No Unix attributes, and a folder whose name is in the machine's code page."""
        self.whole(repacked(lambda path, data: Entry(b"\x9anser Paket/" + path.encode(), data, made_by=20,
                                                     attributes=0x20),
                            behind=[litter(b"\x9anser Paket/Thumbs.db", made_by=20, attributes=0x26),
                                    litter(b"\x9anser Paket/desktop.ini", made_by=20, attributes=0x26)]),
                   "root-folder", "litter", "odd-name", "odd-system")

    def test_ntfs_times(self):
        times = struct.pack("<HHIHH3Q", 10, 32, 0, 1, 24, 1, 2, 3)
        self.whole(repacked(lambda path, data: Entry(path.encode(), data, made_by=10 << 8 | 20, attributes=0x20,
                                                     extra=times, local={"extra": b""})),
                   "odd-extra-field", "odd-system")

    def test_backslashes_are_refused(self):
        """To some programs they are folders, to others letters."""
        verdict = self.validate(repacked(lambda path, data: Entry(path.replace("/", "\\").encode(), data)))
        self.assertEqual(verdict.code, 5)
        self.assertEqual(list(verdict.found), ["name"])

    def test_a_name_told_twice(self):
        """Info-ZIP's second name, in UTF-8: only where it is the first."""
        def named(told):
            def entry(path, data):
                name = "Päckchen/" + path
                extra = b"\1" + struct.pack("<I", 0) + told(name).encode()
                return Entry(name.encode(), data, extra=struct.pack("<HH", 0x7075, len(extra)) + extra)
            return repacked(entry)
        self.whole(named(lambda name: name), "root-folder", "odd-name", "odd-extra-field")
        for other in (lambda name: "other", lambda name: "", lambda name: name[:-1], lambda name: name + "x",
                      lambda name: name.upper()):
            self.assertEqual(list(self.validate(named(other)).found), ["extra-field"])

    def test_java(self):
        self.whole(repacked(lambda path, data: Entry(path.encode(), data, flags=0x808, descriptor=True, made_by=20,
                                                     attributes=0),
                            before=[folder(b"META-INF/", made_by=20, attributes=0, extra=struct.pack("<HH", 0xcafe, 0)),
                                    litter(b"META-INF/MANIFEST.MF", made_by=20, attributes=0)]),
                   "folder-entry", "litter", "odd-extra-field", "odd-system")

    def test_comments_and_order(self):
        self.whole(repacked(lambda path, data: Entry(path.encode(), data, comment=b"by hand"),
                            end=End(comment=b"by hand")), "comment")
        self.whole(zip_by_python(reversed(zips.sealed(zips.parts()))), "order")

    def test_a_root_is_around_all(self):
        """One folder around some is none."""
        verdict = self.validate(repacked(lambda path, data: Entry(
            (path if path == "run/configuration.json" else "root/" + path).encode(), data)))
        self.assertEqual(verdict.code, 5)
        self.assertIn("no-zip", verdict.found)

    def test_names_beyond_ascii_have_no_place_inside(self):
        for fields in ({"flags": 0x800}, {}):
            verdict = self.validate(repacked(behind=[Entry("texts/ü.txt".encode(), b"x", **fields)]))
            self.assertEqual(verdict.code, 5)
            self.assertEqual([f["code"] for f in verdict.findings if f["weight"] == "damage"], ["name"])

    def test_somebodys_file_is_no_json_of_ours(self):
        """The bytes of a file are its owner's, whatever it is called."""
        content = zips.parts()
        for name, data in (("json", b"{not JSON"), ("jsonl", b"a\nb\n\xff")):
            path = "assets/files/asset_1_file." + name
            content[8][0], content[8][3] = path, data
            content[7][3] = content[7][3].replace(b"asset_1_file.pdf", path[13:].encode())
            content[7][3] = content[7][3].replace(b'"size": 4', b'"size": %d' % len(data))
            verdict = self.validate(zips.package(zips.sealed(content)))
            self.assertEqual(verdict.code, 0, str(verdict))
            content = zips.parts()


class Layout(PackageTest):
    """Of another format: what is right is code 3, and no more than that is found."""
    FORMAT = None

    def good(self, data, *more):
        verdict = self.validate(data)
        self.assertEqual(verdict.code, 3, str(verdict))
        self.assertEqual(set(verdict.found), {"layout", *more}, str(verdict))
        about = verdict.result["package"]
        self.assertEqual((about["format"], about["profile"]), (self.FORMAT, "foreign"))
        return about

    def bad(self, code, found, data):
        verdict = self.validate(data)
        self.assertEqual(verdict.code, code, str(verdict))
        self.assertIn(found, verdict.found, str(verdict))
        return next(f for f in verdict.findings if f["code"] == found)


class HqParts(Layout):
    FORMAT = "hq"

    def inspect(self, *options, code=3):
        done = subprocess.run([SPACEPORT, "inspect", "--json", "--progress", "none", *options, self.path],
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return json.loads(done.stdout)

    def parts(self, name="2026-05-run"):
        with zipfile.ZipFile(HQ / (name + ".zip")) as package:
            return {n: package.read(n) for n in package.namelist()}

    def changed(self, change, name="2026-05-run", parts=None):
        parts = parts or self.parts(name)
        manifest = json.loads(parts["manifest.json"])
        change(manifest)
        return zip_by_python({**parts, "manifest.json": json.dumps(manifest, indent=2)}.items())

    def larger(self, times):
        """A package with so many annotations, made without holding them: a child's
        memory is told with what its parent had."""
        parts = self.parts()
        manifest = json.loads(parts["manifest.json"])
        rows = manifest["content"]["annotation_run"]["annotations"]
        manifest["content"]["annotation_run"]["annotations"] = ["HERE"]
        before, behind = json.dumps(manifest).split('"HERE"')
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as package:
            with package.open("manifest.json", "w") as entry:
                entry.write(before.encode())
                for n in range(times):
                    row = {**rows[n % len(rows)], "uuid": str(uuid.UUID(int=n + 1)), "value": {"text": "x" * 2000}}
                    entry.write(("," * (n > 0) + json.dumps(row)).encode())
                entry.write(behind.encode())
            for name, data in parts.items():
                if name != "manifest.json":
                    package.writestr(name, data)
        return Verdict(self.path)


class Hq(HqParts):
    def test_what_it_wrote(self):
        for name, counts in (
                ("2025-10-run", {"run": 1, "schema": 2, "asset": 6, "annotation": 12, "justification": 12}),
                ("2026-05-run", {"run": 1, "schema": 3, "asset": 10, "annotation": 24, "chunk": 32}),
                ("2026-05-infospace", {"infospace": 1, "run": 1, "schema": 6, "asset": 12, "annotation": 24,
                                       "chunk": 32, "bundle": 1, "source": 1})):
            about = self.good((HQ / (name + ".zip")).read_bytes())
            self.assertEqual(about["format_version"], "1.0")
            self.assertEqual(about["package_type"], name[8:])
            self.assertEqual({k: v["rows"] for k, v in about["counts"].items() if k != "file"}, counts)
            self.assertEqual(about["counts"]["file"]["entries"], about["entries"] - 1)

    def test_made_anew(self):
        parts = self.parts()
        self.good(zip_by_python([("Paket/", b""), *(("Paket/" + n, d) for n, d in reversed(parts.items())),
                                 ("Paket/.DS_Store", b"x")]), "root-folder", "folder-entry", "litter")

    def test_each_type(self):
        run = json.loads(self.parts()["manifest.json"])["content"]
        space = json.loads(self.parts("2026-05-infospace")["manifest.json"])["content"]
        files = self.parts("2026-05-infospace")
        dataset = {"dataset": {"entity_uuid": str(uuid.uuid4()), "name": "D"}}
        for kind, content, names in (
                ("run", run, ("files/protocol_1.pdf", "files/protocol_2.pdf")),
                ("schema", space["annotation_schemas_content"][0], ()),
                ("source", space["sources_content"][0], ("files/protocol_1.pdf", "files/protocol_2.pdf")),
                ("bundle", space["bundles_content"][0], ()),
                ("asset", {"asset": run["annotation_run"]["assets"][-1]}, ()),
                ("dataset", dataset, ()),
                ("mixed", {}, ()), ("package", {}, ("explore.py",))):
            files["explore.py"] = b"print()"
            if kind == "asset":
                content["asset"].pop("blob_file_reference", None)
                content["asset"].pop("parent_asset_uuid", None)
            manifest = {"metadata": {"package_type": kind, "format_version": "1.0"}, "content": content}
            with self.subTest(kind):
                about = self.good(zip_by_python([("manifest.json", json.dumps(manifest)),
                                                 *((n, files[n]) for n in names)]))
                self.assertEqual(about["package_type"], kind)

    def test_newer_and_unknown(self):
        self.bad(6, "newer-version", self.changed(lambda m: m["metadata"].update(format_version="2.0")))
        self.bad(3, "newer-minor", self.changed(lambda m: m["metadata"].update(format_version="1.1")))
        self.bad(6, "format", self.changed(lambda m: m["metadata"].pop("format_version")))
        self.bad(6, "newer-feature", self.changed(lambda m: m["metadata"].update(package_type="hologram")))
        self.bad(6, "newer-feature", self.changed(lambda m: m["metadata"].pop("package_type")))
        self.bad(6, "newer-feature", self.changed(lambda m: m.pop("metadata")))

    def test_what_is_broken(self):
        def asset(number, **fields):
            return lambda m: m["content"]["annotation_run"]["assets"][number].update(**fields)

        def annotation(number, key, **fields):
            return lambda m: m["content"]["annotation_run"]["annotations"][number][key].update(**fields)
        stranger = str(uuid.uuid4())
        for code, found, change in (
                (5, "structure", lambda m: m.pop("content")),
                (5, "structure", lambda m: m["content"].pop("annotation_run")),
                (5, "row", asset(3, uuid="7")),
                (5, "row", lambda m: m["content"]["annotation_run"]["assets"][2].pop("uuid")),
                (5, "row", lambda m: m["content"]["annotation_run"]["assets"].append("a text")),
                (5, "reference", annotation(0, "asset_reference", uuid=stranger)),
                (5, "reference", annotation(5, "schema_reference", uuid=stranger)),
                (5, "reference", asset(0, blob_file_reference="files/nowhere.pdf")),
                (5, "reference", asset(0, text_content_file_reference="files/nowhere.txt")),
                (3, "odd-reference", asset(0, parent_asset_uuid=stranger)),
                (3, "beyond-jsonb", asset(0, title="a\0b"))):
            with self.subTest(found):
                self.assertEqual(self.bad(code, found, self.changed(change))["entry"], "manifest.json")

    def test_a_broken_container_is_never_another_format(self):
        whole = (HQ / "2026-05-run.zip").read_bytes()
        self.bad(5, "appended", whole + b"x")
        at = whole.index(b"manifest.json") + 1000
        self.bad(5, "data", whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        parts = self.parts()
        self.bad(5, "json", zip_by_python({**parts, "manifest.json": parts["manifest.json"][:-2]}.items()))
        self.bad(5, "json", zip_by_python({**parts, "manifest.json": parts["manifest.json"] + b"{}"}.items()))

    def test_files(self):
        parts = self.parts()
        del parts["files/protocol_1.pdf"]
        self.bad(5, "reference", zip_by_python(parts.items()))
        parts = {**self.parts(), "files/more.pdf": b"x"}
        self.assertEqual(self.bad(3, "odd-entry", zip_by_python(parts.items()))["entry"], "files/more.pdf")

    def test_hashes(self):
        """Only 64 digits are a file's own, and the platform may have let one grow old."""
        parts = self.parts()
        right = hashlib.sha256(parts["files/protocol_1.pdf"]).hexdigest()

        def told(hash_):
            def change(m):
                for asset in m["content"]["annotation_run"]["assets"]:
                    if asset.get("blob_file_reference") == "files/protocol_1.pdf":
                        asset["content_hash"] = hash_
            return self.changed(change)
        self.good(told(right))
        self.good(told(right.upper()))
        self.good(told("0" * 32))
        self.bad(3, "odd-hash", told("0" * 64))

    def test_file_names_of_people(self):
        """Long ones and such beyond ASCII, as Python writes them and as they are."""
        for name in ("Protokoll Übersicht (1).pdf", "протокол" * 10 + ".pdf", "a" * 250 + ".pdf", "x'y&z.json"):
            parts = self.parts()
            parts["files/" + name] = parts.pop("files/protocol_1.pdf")
            for escaped in (True, False):
                manifest = json.loads(parts["manifest.json"])
                for asset in manifest["content"]["annotation_run"]["assets"]:
                    if asset.get("blob_file_reference") == "files/protocol_1.pdf":
                        asset["blob_file_reference"] = "files/" + name
                data = {**parts, "manifest.json": json.dumps(manifest, ensure_ascii=escaped)}
                self.good(zip_by_python(data.items()), *["odd-name"] * (name[:3] != "aaa"))
                self.listed_equally(list(data))

    def listed_equally(self, names):
        """By us and by others, whose locale must be one that has the letters."""
        own = [e["path"] for e in self.inspect("--entries")["entry_list"]]
        self.assertEqual(own, names)
        with zipfile.ZipFile(self.path) as package:
            self.assertEqual(package.namelist(), own)
        for command in (["bsdtar", "-tf"], ["unzip", "-Z1"]):
            done = subprocess.run([*command, self.path], capture_output=True, check=True,
                                  env={**os.environ, "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.stdout.decode().splitlines(), own, command[0])

    def test_data_are_no_structure(self):
        """What stands in values is nobody's row."""
        def change(m):
            run = m["content"]["annotation_run"]
            run["configuration"]["assets"] = [{"uuid": 5, "blob_file_reference": "files/x"}]
            run["annotations"][0]["value"] = {"annotation_run": {"assets": [7], "annotations": [
                {"asset_reference": {"uuid": str(uuid.uuid4())}}]}, "content": {"asset": {"uuid": "x"}}}
        self.assertEqual(self.good(self.changed(change))["counts"]["asset"]["rows"], 10)

    def test_somebodys_keys_are_told_of(self):
        def run(**configuration):
            return self.changed(lambda m: m["content"]["annotation_run"].update(configuration=configuration))
        for configuration in ({"api_keys": {"openai": "sk-1"}}, {"a": [1, {"deep": {"password": ["x"]}}]},
                              {"token": "x" * 10000}):
            self.assertEqual(self.bad(3, "secret", run(**configuration))["entry"], "manifest.json")
        for configuration in ({"api_keys": {"openai": ""}, "b": "c"}, {"token": None, "max_tokens": "7"}, {}):
            self.good(run(**configuration))
        self.bad(3, "secret", self.changed(lambda m: m["content"]["sources_content"][0]["source"].update(
            details={"api_key": "x"}), "2026-05-infospace", self.parts("2026-05-infospace")))
        # what a value is called says nothing
        self.good(self.changed(lambda m: m["content"]["annotation_run"]["annotations"][0].update(
            value={"configuration": {"password": "x"}, "token": "y"})))

    def test_limits_hold(self):
        verdict = self.validate(self.changed(lambda m: m["content"].update(
            x=json.loads("[" * 900 + "]" * 900))), "--max-depth", "500")
        self.assertIn("limit", verdict.found)

    def test_order_of_keys_doesnt_matter(self):
        parts = self.parts()
        manifest = json.loads(parts["manifest.json"])
        turned = {"content": manifest["content"], "metadata": manifest["metadata"]}
        self.good(zip_by_python({**parts, "manifest.json": json.dumps(turned)}.items()))

    def test_memory_stays(self):
        """The document is one; nobody holds it."""
        small, large = self.larger(24), self.larger(12000)
        self.assertEqual((small.code, large.code), (3, 3), str(large))
        self.assertEqual(large.result["package"]["counts"]["annotation"]["rows"], 12000)
        self.assertLess(large.memory, small.memory + (12 << 20))

    def test_each_flipped_bit(self):
        """Without checksums, too: refused, or nothing but what isn't content has changed."""
        whole = (HQ / "2025-10-run.zip").read_bytes()
        right, taken = self.content(whole), 0
        for at in range(0, len(whole) * 8, 97 if FULL else 997):
            changed = bytearray(whole)
            changed[at // 8] ^= 1 << at % 8
            verdict = self.validate(bytes(changed))
            self.assertIn(verdict.code, (3, 5), "bit %d: %s" % (at, verdict))
            if verdict.code == 3:
                taken += 1
                self.assertEqual(self.content(bytes(changed)), right, "bit %d: %s" % (at, verdict))
        # times, attributes and the like
        self.assertLess(taken, 100 if FULL else 10)

    def content(self, data):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return {i.filename: package.read(i) for i in package.infolist()}


def universal():
    one, two, three = (str(uuid.UUID(int=n + 1)) for n in range(3))
    return {
        "metadata.json": {"version": "1.0", "created_at": "2025-03-01T10:00:00", "source": "hq-dev",
                          "description": "Datensätze"},
        "manifest.json": {"entities": [{"type": "dataset", "entity_uuid": one, "path": "entities/dataset_1.json"},
                                       {"type": "datasource", "entity_uuid": two},
                                       {"type": "datarecord", "entity_uuid": three}],
                          "dependencies": {one: [two], two: [three]}},
        "entities/dataset_1.json": {"entity_uuid": one, "imported_from_uuid": None, "name": "Reden"},
        "entities/datasource_1.json": {"entity_uuid": two, "imported_from_uuid": str(uuid.uuid4()),
                                       "origin": {"file_path": "files/file_1.pdf"}},
        "entities/data_record_1.json": {"entity_uuid": three, "text": "files/that.aren't"},
        "files/file_1.pdf": b"%PDF",
    }


class Universal(Layout):
    FORMAT = "universal"

    def pack(self, parts):
        return zip_by_python((path, data if isinstance(data, bytes) else json.dumps(data))
                             for path, data in parts.items())

    def changed(self, change):
        parts = universal()
        change(parts)
        return self.pack(parts)

    def test_good(self):
        about = self.good(self.pack(universal()))
        self.assertEqual(about["format_version"], "1.0")
        self.assertEqual(about["metadata"]["description"], "Datensätze")
        self.assertEqual({k: v.get("rows") for k, v in about["counts"].items()},
                         {"dataset": 1, "datasource": 1, "data_record": 1, "file": None})

    def test_other_manifests(self):
        one = str(uuid.UUID(int=1))
        for manifest in ({}, {"relationships": []}, {"entities": {"dataset": [one]}, "dependencies": []},
                         {"dependencies": [{"from": one, "to": one}]}):
            self.good(self.changed(lambda p, m=manifest: p.update({"manifest.json": m})))

    def test_newer(self):
        self.bad(6, "newer-version", self.changed(lambda p: p["metadata.json"].update(version="2.0")))
        self.bad(6, "newer-version", self.changed(lambda p: p["metadata.json"].update(version=3)))
        self.bad(6, "format", self.changed(lambda p: p["metadata.json"].pop("version")))

    def test_what_is_broken(self):
        stranger = str(uuid.uuid4())
        for code, found, change in (
                (5, "structure", lambda p: p.pop("metadata.json")),
                (5, "reference", lambda p: p.pop("entities/dataset_1.json")),
                (5, "reference", lambda p: p["manifest.json"]["dependencies"].update({stranger: []})),
                (5, "reference", lambda p: p["manifest.json"]["entities"].append(stranger)),
                (5, "reference", lambda p: p.pop("files/file_1.pdf")),
                (5, "row", lambda p: p["entities/dataset_1.json"].update(entity_uuid="1")),
                (5, "row", lambda p: p["entities/dataset_1.json"].pop("entity_uuid")),
                (5, "row", lambda p: p.update({"entities/dataset_1.json": 5})),
                (5, "json", lambda p: p.update({"entities/dataset_1.json": b"{"})),
                (3, "odd-entry", lambda p: p.update({"files/file_2.pdf": b"x"})),
                (3, "odd-entry", lambda p: p.update({"entities/readme.txt": b"x"}))):
            with self.subTest(found):
                self.bad(code, found, self.changed(change))


class Shown(HqParts):
    """What inspect shows of packages, of whatever format."""

    def test_rows_are_taken_whole(self):
        """Wherever the pieces end in which they are read."""
        self.larger(300)
        with zipfile.ZipFile(self.path) as package:
            run = json.loads(package.read("manifest.json"))["content"]["annotation_run"]
        samples = self.inspect("--samples", "100")["samples"]
        self.assertEqual([row["uuid"] for row in samples["annotation"]],
                         [row["uuid"] for row in run["annotations"][:100]])
        for shown, row in zip(samples["annotation"], run["annotations"]):
            self.assertEqual(list(shown), list(row))
            self.assertEqual(shown["value"], '{"text":"%s\u2026' % ("x" * 191))
        for kind, rows in (("asset", run["assets"]), ("schema", run["annotation_schemas"]),
                           ("chunk", [c for a in run["assets"] for c in a.get("chunks", [])])):
            self.assertEqual(len(samples[kind]), len(rows))
            for shown, row in zip(samples[kind], rows):
                self.assertEqual(list(shown), list(row))
                for key, value in row.items():
                    if isinstance(value, str) and len(value.encode()) <= 200:
                        self.assertEqual(shown[key], value)
        self.assertEqual([row["name"] for row in samples["run"]], ["Stance run"])

    def test_own(self):
        self.path.write_bytes(zips.package())
        shown = self.inspect("--entries", "--references", code=0)
        with zipfile.ZipFile(self.path) as package:
            self.assertEqual([(e["path"], e["size"], e["sha256"]) for e in shown["entry_list"]],
                             [(i.filename, i.file_size, hashlib.sha256(package.read(i)).hexdigest())
                              for i in package.infolist()])
        self.assertEqual([(r["kind"], r["uuid"]) for r in shown["reference_list"]], [("infospace", zips.SPACE)])
        self.assertEqual(shown["references"], {"infospace": 1})
        self.assertEqual(len(shown["samples"]["annotation"]), 2)
        self.assertEqual(shown["samples"]["annotation"][1]["value"], '{"title":"Titel 1","score":1}')
        self.assertEqual(self.inspect("--samples", "0", code=0)["samples"], {})

    def test_secrets_of_others(self):
        """open-politics-hq's own packages may hold live keys: they aren't shown."""
        def change(m):
            run = m["content"]["annotation_run"]
            run["configuration"]["api_keys"] = {"openai": "CANARY"}
            run["assets"][0]["source_metadata"] = {"deep": [{"password": "CANARY"}]}
            run["assets"][1]["source_identifier"] = "https://ana:CANARY@example.org/"
            m["metadata"]["token"] = "CANARY"
        self.path.write_bytes(self.changed(change))
        self.assertNotIn("CANARY", json.dumps(self.inspect("--samples", "100", "--entries", "--references")))

    def test_universal(self):
        parts = universal()
        self.path.write_bytes(Universal.pack(self, parts))
        shown = self.inspect()
        self.assertEqual([f["path"] for f in shown["tree"]], ["entities/", "files/"])
        self.assertEqual(shown["samples"]["dataset"][0]["name"], "Reden")
        self.assertEqual(shown["metadata"]["source"], "hq-dev")

    def test_what_is_broken(self):
        self.path.write_bytes(self.changed(lambda m: m["content"]["annotation_run"]["assets"][0].pop("uuid")))
        self.inspect(code=5)
        self.path.write_bytes(self.changed(lambda m: m["metadata"].update(format_version="2.0")))
        self.inspect(code=6)


if __name__ == "__main__":
    unittest.main()
