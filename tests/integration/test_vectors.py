"""Embeddings arrive as they were, in the column that the target has for them, or the plan says that
they don't."""

import json
import re
import sys
import unittest
import zipfile
from pathlib import Path

import lib
from lib import ident

sys.path.append(str(Path(__file__).resolve().parents[1] / "reader"))

import example  # noqa: E402
from imports import Imports  # noqa: E402

VECTORS = [k for k in lib.KINDS if k == "pgserver"]  # the one with pgvector


class Vectors(Imports):

    def columns(self, instance):
        """Those of chunks that hold embeddings."""
        return [r["c"] for r in instance.db.query(
            "SELECT column_name AS c FROM information_schema.columns WHERE table_name = "
            "'assetchunk' AND column_name LIKE 'embedding\\_%' AND (udt_name = 'vector' OR "
            "data_type LIKE 'json%') ORDER BY ordinal_position")]

    def vectors(self, instance, space, imported=True):
        """{(the asset's UUID at the source, chunk): {numbers}}, whatever the column."""
        texts = ", ".join(f"{ident(c)}::text" for c in self.columns(instance)) or "NULL"
        uuid, join = "s.uuid", ""
        if imported:
            uuid = "m.source_entity_id"
            join = ("JOIN spaceport.cross_instance_mappings m ON m.target_entity_id = s.id AND "
                    "m.source_entity_type = 'asset'")
        return {(r["u"], r["n"]): {tuple(round(x, 6) for x in json.loads(v))
                                   for v in r["v"].split("|") if v}
                for r in instance.db.query(
                    f"SELECT {uuid}::text AS u, c.chunk_index AS n, concat_ws('|', {texts}) AS v "
                    f"FROM assetchunk c JOIN asset s ON s.id = c.asset_id {join} WHERE "
                    f"s.infospace_id = {space}")}

    def theirs(self, instance):
        return self.vectors(instance, instance.id("infospace", "main"), False)

    def fill(self, instance):
        """Each chunk of the source gets vectors, other ones, as long as the columns say."""
        for column in self.columns(instance):
            kind = instance.db.value(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                f"'assetchunk'::regclass AND attname = '{column}'")
            size = int((re.findall(r"\((\d+)\)", kind) or re.findall(r"_(\d+)$", column)
                        or [384])[0])
            instance.db.run(
                f"UPDATE assetchunk c SET {ident(column)} = (SELECT '[' || string_agg((((c.id * 7 + "
                f"n) % 1000) * 0.001)::text, ',' ORDER BY n) || ']' FROM generate_series(1, {size})"
                f" n)::{kind} WHERE id % 3 > 0;")

    @lib.everywhere(turns=True)
    def test_they_arrive_and_are_the_same_again(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self.fill(instance)
            if not self.columns(instance):
                self.skipTest("no embeddings in this generation without pgvector")
            package, space = lib.export(instance, "--include-embeddings"), self.empty(instance)
            said = self.load_it(instance, package, "--into", space)
            self.assertEqual(said["plan"]["lost"], [])
            theirs, found = self.theirs(instance), self.vectors(instance, space)
            self.assertEqual(found, {chunk: theirs[chunk] for chunk in found})
            self.assertTrue(any(found.values()))
            again = self.load_it(instance, package, "--into", space)
            self.assertEqual([again["plan"]["totals"][c] for c in ("new", "update", "conflict")],
                             [0, 0, 0])
            verified = lib.run("verify", said["operation"], package.path, "--db", instance.db.dsn,
                               "--as", "owner@example.org", "--store", f"dir:{instance.store}",
                               "--json")
            self.assertEqual(json.loads(verified.stdout)["report"]["differences"], [])
            column = self.columns(instance)[0]
            row = instance.db.value(f"SELECT min(c.id) FROM assetchunk c JOIN asset s ON s.id = "
                                    f"c.asset_id WHERE s.infospace_id = {space} AND c."
                                    f"{ident(column)} IS NOT NULL")
            instance.db.run(f"UPDATE assetchunk SET {ident(column)} = NULL WHERE id = {row};")
            verified = lib.run("verify", said["operation"], package.path, "--db", instance.db.dsn,
                               "--as", "owner@example.org", "--store", f"dir:{instance.store}",
                               "--json")
            self.assertEqual(verified.returncode, 1, verified.stdout)
            self.assertEqual([d["columns"] for d in json.loads(verified.stdout)["report"]["differences"]],
                             [[column]])
            less = self.load_it(instance, package, "--new", "Less", "--only",
                                "runs,schemas,assets,chunks")
            self.assertFalse(any(self.vectors(
                instance, less["result"]["created_infospace_id"]).values()))
            self.assertTrue([x for x in less["plan"]["unasked"] if x["column"] == column])

    @unittest.skipIf(not VECTORS, "no server with pgvector")
    def test_between_generations_they_stand_where_the_dimension_does(self):
        for old, new in (("2025-07", "2026-05"), ("2026-03", "2025-07"), ("2025-10", "2026-03")):
            with self.subTest(old=old, new=new), lib.own(VECTORS[0], old) as there, \
                    lib.own(VECTORS[0], new) as here:
                self.fill(there)
                package, space = lib.export(there, "--include-embeddings"), self.empty(here)
                said = self.load_it(here, package, "--into", space, code=3)
                lost = sum(x["rows"] for x in said["plan"]["lost"] if x["kind"] == "embedding")
                fits = {int(n) for c in self.columns(here) for n in re.findall(r"_(\d+)$", c)}
                fits = fits or {1024}
                theirs, found = self.theirs(there), self.vectors(here, space)
                kept = 0
                for chunk, values in found.items():
                    self.assertLessEqual(values, theirs[chunk], chunk)
                    kept += len(values)
                    if "embedding_json" not in self.columns(here) + self.columns(there):
                        self.assertEqual(values, {v for v in theirs[chunk]
                                                  if len(v) in fits}, chunk)
                self.assertTrue(kept)
                self.assertEqual(kept + lost, len(package.rows("embedding")))

    @unittest.skipIf(not VECTORS, "no server with pgvector")
    def test_vectors_that_are_none(self):
        """Each is named, where it stands, before anything is written."""
        with lib.own(VECTORS[0], lib.NEWEST) as instance:
            self.fill(instance)
            package = lib.export(instance, "--include-embeddings", "--asset-format", "external")
            space = self.empty(instance)
            with zipfile.ZipFile(package.path) as zip_:
                entries = {n: zip_.read(n).decode() for n in zip_.namelist()}
            name = next(n for n in entries if "/embeddings/" in n)
            lines = entries[name].splitlines(keepends=True)
            before = self.outside(instance)
            first = lines[0].replace('"embedding":[0', '"embedding":[1e99', 1)
            self.assertNotEqual(first, lines[0])
            for text, said in (([first, *lines[1:]], name), ([lines[0], *lines[:-1]], "two vectors")):
                broken = lib.new_path(".zip")
                with zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as zip_:
                    for entry, data in example.seal({**entries, name: "".join(text)}).items():
                        zip_.writestr(entry, data)
                done = self.load_it(instance, broken, "--into", space, code=5)
                self.assertIn(said, json.dumps(done))
                self.assertEqual(self.outside(instance), before)


if __name__ == "__main__":
    unittest.main()
