"""The reader in tests/reader, which was written from doc/package-format.md alone, and spaceport agree on
every package: on what export writes, and on packages in which something was changed."""

import functools
import json
import random
import re
import sys
import unittest
import zipfile
from pathlib import Path

import lib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reader"))

import database  # noqa: E402
import example  # noqa: E402
import jsontext  # noqa: E402
import mutations  # noqa: E402
import uuids  # noqa: E402
from draft import Draft, Nothing  # noqa: E402
from findings import DAMAGE, NEWER  # noqa: E402
from package import Package  # noqa: E402

# What export can be asked for that makes another package.
WAYS = {
    "plain": [],
    "inline": ["--asset-format", "inline"],
    "external": ["--asset-format", "external"],
    "own UUIDs": ["--preserve-uuids", "--no-authors"],
    "all": ["--include-embeddings", "--include-datasets", "--compression-level", "0"],
    "no assets": ["--no-include-source-assets"],
    "no dependencies": ["--no-include-dependencies", "--no-include-chunks"],
    "exclusions": ["--exclude-field", "Policy positions.title", "--exclude-tag", "confidential"],
}
PAGE = Path(__file__).resolve().parents[2] / "doc" / "package-format.md"
MISSING = ("gone",)
LONG = 3 << 20


def run_of(way):
    return "bulk" if way == "many" else "main"


@functools.lru_cache(maxsize=None)
def exported(kind, generation, way):
    """A package and its instance; "many" has more rows than the mapping's document holds."""
    instance = lib.shared(kind, generation, "dev", MISSING)
    code, options = 0 if way in ("no assets", "many") else 3, WAYS.get(way, [])
    if way == "exclusions" and instance.number <= 2:    # there are no tags yet
        options = options[:2]
    return lib.export(instance, *options, run_key=run_of(way), code=code), instance


@functools.lru_cache(maxsize=None)
def with_long_texts(kind, generation):
    """A package in which a text stands in an entry of its own."""
    with lib.own(kind, generation) as instance:
        instance.db.run(f"UPDATE asset SET text_content = repeat('Zeile 1\n', {LONG // 8}) "
                        f"WHERE id = {instance.id('asset', 'report')};")
        return lib.export(instance, "--max-line", "1")


def judge(path):
    """What `spaceport validate` says: its exit code, its result."""
    done = lib.run("validate", path, "--json", "--progress", "none")
    if done.returncode not in (0, 3, 5, 6):
        raise AssertionError(f"exit code {done.returncode}: {done.stderr.decode()}")
    return done.returncode, json.loads(done.stdout)["packages"][0]


class Agreement(lib.Case):
    """On packages as export writes them."""

    def check(self, package):
        path = package.path
        mine, (code, theirs) = Package(path), judge(path)
        self.assertEqual((mine.code, mine.found.codes()), (code, set(theirs["found"])), mine.found.all)
        self.assertIn(code, (0, 3))
        self.assertEqual(mine.verdict, "ok")
        shown = json.loads(lib.run("inspect", path, "--json", "--progress", "none").stdout)
        self.assertEqual(mine.tallies(), shown["counts"])
        self.assertEqual(sum(len(d) for d in mine.data.values()), shown["bytes"])
        self.assertEqual(mine.manifest, shown["manifest"])
        self.check_counts(mine)
        self.check_references(mine)
        self.check_uuids(mine)
        return mine

    def check_counts(self, mine):
        """Counts that only the document defines."""
        told, about = mine.manifest["references"], mine.manifest
        refs = [ref.plain() for row in mine.rows for ref in row.get("__refs", [])]
        self.assertEqual(told["inside_values"], len(refs))
        nothing = sum("uuid" not in r for r in refs)
        self.assertLessEqual(told["unresolved"], nothing)
        self.assertLessEqual(nothing - told["unresolved"],
                             about["left_out"]["references_to_excluded_rows"])
        self.assertEqual(about["features"], mine.info["features"])
        self.assertEqual(about["source"], mine.info["source"])
        texts = [p for row in mine.rows for _, p in row.object("__texts")]
        self.assertEqual(sorted(texts), sorted(e["path"] for e in mine.entries
                                               if e["kind"] == "text"))
        self.assertEqual(bool(texts), "large_texts" in about["features"])

    def check_references(self, mine):
        """What `__refs` points to is there, in the form that it says."""
        ids = {m["uuid"]: m for m in mine.mapping}
        for row in mine.rows:
            for ref in row.get("__refs", []):
                ref = ref.plain()
                value = jsontext.resolve(row.members, ref["path"])
                number = ids.get(ref.get("uuid"), {}).get("source_id")
                self.check_form(ref, value, number, ids)

    def check_form(self, ref, value, number, ids):
        form = ref["form"]
        if form == "number":
            self.assertIsInstance(value, jsontext.Number)
        elif form == "string":
            self.assertRegex(value, r"^\d+$")
        elif form == "prefix":
            self.assertRegex(value, r"^\w+:\d+$")
        elif form == "key":
            value = jsontext.Number(ref["path"].rsplit("/", 1)[1])
        elif form == "marker":
            self.assertIn(str(ref["id"]), value)
            value = jsontext.Number(ref["id"])
        elif form == "uuid":
            self.assertEqual(value, ids[ref["uuid"]]["source_uuid"])
            return
        if number is not None:      # users stand in no mapping
            self.assertEqual(re.search(r"\d+$", value)[0], str(number), ref)

    def check_uuids(self, mine):
        """Each UUID is the one that the document derives."""
        here, preserved = mine.instance, mine.manifest["options"]["preserve_uuids"]
        own = {m["uuid"]: m["source_uuid"] for m in mine.mapping}
        for line in mine.mapping:
            kind, row = line["kind"], mine.ids.get(line["uuid"])
            keys = {str(line["source_id"])}
            if kind == "chunk" and row:
                keys = {f"{own[row.get('asset_id')]}/{row.get('chunk_index')}"}
            elif kind == "embedding_model" and row:
                keys = {json.dumps([row.get("name"), row.get("provider"),
                                    int(row.get("dimension"))], ensure_ascii=False)}
            if line["source_uuid"] != line["uuid"]:
                self.assertFalse(preserved)
                expected = {uuids.of_uuid(here, line["source_uuid"])}
            elif preserved and kind not in ("chunk", "embedding_model", "aggregate", "curation",
                                            "edge", "justification", "task"):
                continue
            else:
                expected = {uuids.of_row(here, kind, key) for key in keys}
            self.assertIn(line["uuid"], expected, line)
        for row in mine.of("justification"):
            if "__inline" in row.members:
                key = own[row.get("annotation_id")] + row.get("__inline")
                self.assertEqual(row.id, uuids.of_row(here, "justification", key))

    @lib.everywhere(turns=True)
    def test_every_way_to_export(self, kind, generation):
        for way in (*WAYS, "many"):
            with self.subTest(way=way):
                package, instance = exported(kind, generation, way)
                self.check_files(self.check(package), instance, way)

    def check_files(self, mine, instance, way):
        """The bytes of the files are the store's."""
        known = {f["sha256"]: f["size"] for f in instance.about["files"].values()}
        for sha256, size in mine.blobs().items():
            self.assertEqual(known.get(sha256), size)
        self.assertEqual(bool(mine.blobs()), way not in ("external", "no assets", "many"))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_texts_in_entries_of_their_own(self, kind, generation):
        mine = self.check(with_long_texts(kind, generation))
        text = [mine.text(row, "text_content") for row in mine.of("asset")
                if "text_content" in row.object("__texts")]
        self.assertEqual(text, ["Zeile 1\n" * (LONG // 8)])

    def test_the_vectors_of_the_document(self):
        """The table of texts and UUIDs in the document."""
        page = PAGE.read_text("utf-8")
        rows = re.findall(r"^\| (`(?:instance|row|uuid)`, .*) \| `([0-9a-f-]{36})` \|$", page, re.M)
        instance = rows[0][1]
        for texts, expected in rows:
            texts = texts.replace("the same", f"`{instance}`")
            self.assertEqual(uuids.derive(*re.findall("`([^`]*)`", texts)), expected)
        self.assertGreaterEqual(len(rows), 7)


class Document(lib.Case):
    """The package that the document shows is a real one."""

    def test_the_example_is_what_export_writes(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST, "dev", MISSING)
        package = lib.export(instance, run_key="same1")
        users = {r["email"]: r["id"] for r in instance.db.query(
            'SELECT id::text AS id, email FROM "user"')}
        self.assertEqual(example.parse(PAGE.read_text("utf-8")),
                         example.steady(package.path, users),
                         "put it into the document anew: tests/reader/example.py")

    def test_the_example_is_a_good_package(self):
        path = lib.new_path(".zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip_:
            for name, text in example.parse(PAGE.read_text("utf-8")).items():
                zip_.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
        self.assertEqual(Package(path).found.all, [])
        self.assertEqual(judge(path)[0], 0)


class Values(lib.Case):
    """What the rows say is what the database has."""

    @lib.everywhere(turns=True)
    def test_every_value(self, kind, generation):
        for way in ("plain", "own UUIDs", "all", "many") if lib.FULL else ("all", "many"):
            with self.subTest(way=way):
                package, instance = exported(kind, generation, way)
                values, wrong = database.compare(Package(package.path), instance)
                self.assertEqual(wrong[:5], [])
                self.assertGreater(values, 1000)


# The oldest and the newest differ most.
GENERATIONS = lib.GENERATIONS if lib.FULL else (lib.GENERATIONS[0], lib.NEWEST)


class Mutations(lib.Case):
    """On packages in which something was changed, with lists that are right again."""

    def disagreement(self, path, expected=None, before=frozenset()):
        """Why the two judges, or they and the document, don't agree; None: they do."""
        mine, (code, theirs) = Package(path), judge(path)
        codes, others = mine.found.codes(), set(theirs["found"])
        told = f"reader {mine.code} {mine.found.all[:4]}, spaceport {code} {theirs['findings'][:4]}"
        if mine.code != code:
            return f"verdicts differ: {told}"
        # what follows from damage is told in different ways; that it is there isn't
        if code == 6:  # and doubts about what is refused all the same needn't be
            same = codes & NEWER == others & NEWER
        else:
            same = code == 5 or codes == others
        if not same:
            return f"findings differ: {told}"
        if expected is not None and not (expected <= codes and expected <= others):
            return f"{sorted(expected)} should be found: {told}"
        if expected is not None and not expected and codes - before:
            return f"nothing should be found: {told}"
        if expected and not expected & (DAMAGE | NEWER) and code not in (0, 3):
            return f"it should still be read: {told}"
        return None

    def packages(self, kind, generation):
        for way in ("plain", "inline", "all"):
            yield exported(kind, generation, way)[0].path
        if generation == lib.NEWEST:
            yield with_long_texts(kind, generation).path

    @lib.everywhere(generations=GENERATIONS, turns=True)
    def test_each_kind_of_mutation(self, kind, generation):
        done, target = set(), lib.new_path(".zip")
        for number, path in enumerate(self.packages(kind, generation)):
            before = Package(path).found.codes()
            for name, (change, expected) in mutations.ALL.items():
                if name in done:
                    continue
                draft = Draft(path, f"{name} {number}")
                try:
                    change(draft)
                    draft.build(target)
                except Nothing:
                    continue
                done.add(name)
                why = self.disagreement(target, expected, before)
                self.assertIsNone(why, f"{name}: {why}")
        self.assertGreaterEqual(len(done), 60)
        if generation == lib.NEWEST:
            # vectors need a server that has the type, links of bundles another generation
            self.assertLessEqual(set(mutations.ALL) - done,
                                 {"an_embedding_of_no_chunk", "an_embedding_without_an_id"})

    @lib.everywhere(generations=GENERATIONS, kinds=lib.KINDS[:1])
    def test_combinations(self, kind, generation):
        choose, target = random.Random(generation), lib.new_path(".zip")
        paths = list(self.packages(kind, generation))
        for _ in range(300 if lib.FULL else 60):
            names = choose.sample(sorted(mutations.ALL), choose.randint(2, 4))
            draft, used = Draft(choose.choice(paths), choose.random()), []
            for name in names:
                used.append(name)
                try:
                    mutations.ALL[name][0](draft)
                except (Nothing, KeyError, StopIteration, ValueError, TypeError, IndexError):
                    used.pop()      # what it would change was changed already
            try:
                draft.build(target)
            except (Nothing, KeyError, StopIteration, ValueError, TypeError, IndexError):
                continue
            why = self.disagreement(target)
            self.assertIsNone(why, f"{used}: {why}")


if __name__ == "__main__":
    unittest.main()
