#!/usr/bin/env python3
"""The JSON Schemas of a package's files, and the validator that checks by them:
the same verdict as others have, on good files, on changed ones, and on the
tests that people write for such validators."""

import copy
import json
import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

import mutate
import others

TESTS = Path(__file__).resolve().parent.parent
sys.path += [str(TESTS / "integration"), str(TESTS / "package")]

import lib  # noqa: E402
import zips  # noqa: E402

BUILD = Path(os.environ["SPACEPORT"]).resolve().parent.parent
TOOL = BUILD / "tests/schemas/tool"
SCHEMAS = BUILD / "schemas"

# Of each schema.
CASES = 5000 if lib.FULL else 300
# Packages that the program itself is asked about.
PACKAGES = 300 if lib.FULL else 40
# Of each schema, so many real texts.
SAMPLES = 40
KEYWORDS = ("type", "required", "properties", "items", "enum", "additionalProperties")

SPECIAL = {
    "run/run_metadata.json": "run_metadata", "schemas/primary_schemas.json": "schemas",
    "schemas/dependency_schemas.json": "schemas", "compatibility/instance_mapping.jsonl": "instance_mapping_lines",
}


def schema_name(path):
    """Of which schema an entry is; None: of none."""
    if path in SPECIAL:
        return SPECIAL[path]
    for pattern, name in ((r"assets/metadata/asset_\d+\.json", "asset"), (r"assets/chunks/.*", "chunks"),
                          (r"assets/embeddings/.*", "embeddings"), (r"assets/files/.*", None),
                          (r"(?:.*/)?(\w+)\.jsonl?", r"\1")):
        found = re.fullmatch(pattern, path)
        if found:
            return name and found.expand(name)
    return None


def read_schema(name):
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def all_names():
    return sorted(path.stem for path in SCHEMAS.glob("*.json"))


class WithTool(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.tool = others.Tool(TOOL)
        cls.addClassCleanup(cls.tool.close)


class Suites(WithTool):
    def test_all_tests_of_the_subset_agree(self):
        taken, count, debian = set(), 0, 0
        for name, groups in others.suites():
            for group in groups:
                if self.tool.schema(group["schema"]) != "ok":
                    continue
                for test in group["tests"]:
                    with self.subTest(file=name, group=group["description"], test=test["description"]):
                        self.assertEqual(self.tool.is_valid(json.dumps(test["data"])), test["valid"])
                    count += 1
                    debian += name.startswith("Debian")
                taken.add(name.split("/")[-1].removesuffix(".json"))
        print(f"{count} tests of the suites, {debian} of them Debian's", file=sys.stderr)
        self.assertGreater(count - debian, 300)
        self.assertGreater(debian, 150)
        for keyword in (*KEYWORDS, "ref", "defs", "boolean_schema"):
            self.assertIn(keyword, taken | {"defs"})

    def test_what_asserts_otherwise_is_refused(self):
        for schema in ({"minimum": 1}, {"properties": {"a": {"pattern": "x"}}}, {"items": [{}]}, {"const": 1},
                       {"allOf": [{}]}, {"$ref": "#/$defs/none"}, {"$ref": "other.json"}, {"$ref": "#"},
                       {"$defs": {"a": {"not": {}}}}, {"type": "text"}, {"enum": []}, {"enum": [[1]]},
                       {"enum": [1.5]}, {"required": "a"}, {"required": ["x" * 683]}, {"properties": {"x" * 683: {}}},
                       {"$schema": "http://json-schema.org/draft-07/schema#"}, {"items": 1},
                       {"properties": {"a": {"$id": "x"}}}, {"$anchor": "a"}, {"required": [f"a{n}" for n in range(65)]}):
            with self.subTest(schema=json.dumps(schema)[:80]):
                self.assertTrue(self.tool.schema(schema).startswith("outside "), schema)


class Verdicts(WithTool):
    """On what real packages hold, and on what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.texts = {name: [] for name in all_names()}
        for generation in lib.GENERATIONS:
            package = lib.export(lib.shared("debian", generation), "--include-embeddings", "--include-datasets")
            cls.take(package.path)
            described = lib.run("describe", "-", "--db", lib.shared("debian", generation).db.dsn)
            cls.texts["target"].append(described.stdout.decode())
        inline = ("--asset-format", "inline", "--no-authors")
        cls.take(lib.export(lib.shared("debian", lib.NEWEST), *inline).path)
        cls.take_zips()

    @classmethod
    def add(cls, path, data):
        name = schema_name(path)
        if not name:
            return
        texts = data.decode().rstrip("\n").split("\n") if path.endswith(".jsonl") else [data.decode()]
        cls.texts[name] += [text for text in texts[:SAMPLES] if text and text not in cls.texts[name]]

    @classmethod
    def take(cls, path):
        with lib.zipfile.ZipFile(path) as package:
            for name in package.namelist():
                cls.add(name, package.read(name))

    @classmethod
    def take_zips(cls):
        for path, data in zips.sealed(zips.parts()):
            cls.add(path, data)
            if path == "compatibility/instance_mapping.json":  # as they stand where they are many
                rows = "".join(json.dumps(row) + "\n" for row in json.loads(data)["rows"])
                cls.add("compatibility/instance_mapping.jsonl", rows.encode())

    def compare(self, name, python, text):
        expected = python.is_valid(others.load(text))
        self.assertEqual(self.tool.is_valid(text.replace("\n", " ")), expected, f"{name}: {text[:2000]}")
        return expected

    def test_on_good_and_changed_files(self):
        good = bad = 0
        for name in all_names():
            schema = read_schema(name)
            python = others.python_validator(schema)
            self.assertEqual(self.tool.schema(schema), "ok")
            samples = self.texts[name]
            for text in samples:
                self.assertTrue(self.compare(name, python, text), f"{name}: {text[:500]}")
            source = mutate.seeded(name)
            parsed = [json.loads(text, parse_float=mutate.Number, parse_int=mutate.Number) for text in samples]
            for _ in range(CASES):
                start = copy.deepcopy(source.choice(parsed)) if parsed else mutate.some_value(source)
                text = mutate.spell(source, mutate.mutate(source, start))
                if self.compare(name, python, text):
                    good += 1
                else:
                    bad += 1
        print(f"{good + bad} changed texts, {bad} of them bad", file=sys.stderr)
        self.assertGreater(min(good, bad), 50 * len(all_names()))

    def test_there_is_a_real_text_for_every_schema(self):
        # what no sample of an instance has
        self.assertEqual([name for name, texts in self.texts.items() if not texts], [])

    def test_the_program_has_the_same_verdict(self):
        annotations = [json.loads(line, parse_float=mutate.Number, parse_int=mutate.Number)
                       for line in self.texts["annotations"][-3:]]
        python = others.python_validator(read_schema("annotations"))
        source = mutate.seeded("packages")
        verdicts = set()
        with tempfile.TemporaryDirectory(prefix="spaceport-schemas-") as folder:
            for _ in range(PACKAGES):
                row = mutate.mutate(source, copy.deepcopy(source.choice(annotations)))
                text = mutate.spell(source, row)
                content = zips.parts()
                content[5][3] += text.encode() + b"\n"
                content[5][2] += 1
                path = Path(folder) / "a.zip"
                path.write_bytes(zips.package(zips.sealed(content)))
                found = json.loads(lib.run("validate", "--json", path).stdout)["packages"][0]["findings"]
                wrong = [f for f in found if f["code"] == "schema"]
                verdicts.add(bool(wrong))
                self.assertEqual(not wrong, python.is_valid(others.load(text)), text)
                for finding in wrong:
                    self.assertEqual((finding["entry"], finding["line"]), ("annotations/annotations.jsonl", 4))
        self.assertEqual(verdicts, {True, False})


class Files(unittest.TestCase):
    def test_each_stands_by_itself(self):
        for name in all_names():
            text = (SCHEMAS / f"{name}.json").read_text(encoding="utf-8")
            self.assertNotIn("common.json", text)
            # raises where it isn't a schema, or refers to what isn't there
            others.python_validator(read_schema(name)).is_valid({"__refs": [{}], "id": 1})


if __name__ == "__main__":
    unittest.main()
