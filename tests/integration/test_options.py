"""What the options of an export do to a package."""

import base64
import hashlib
import json
import unittest
import zipfile

import lib
from lib import literal


def stored_files(instance):
    return {str(p.relative_to(instance.store)): p.read_bytes()
            for p in instance.store.rglob("*") if p.is_file()}


def blobs(instance, package):
    """{asset's id: (bytes in the store, what the row says of its file)}."""
    files = stored_files(instance)
    return {i: (files[r["blob_path"]], dict(r["__file"]))
            for i, r in package.by_id("asset").items() if r.get("blob_path")}


class Files(lib.Case):

    @lib.everywhere()
    def test_reference_puts_each_files_bytes_into_an_entry(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--asset-format", "reference")
        found = blobs(instance, package)
        self.assertGreater(len(found), 12)
        for id_, (data, about) in found.items():
            self.assertEqual(data, package.data(about["path"]), id_)
            self.assertEqual(len(data), about["size"])
        for key, end in (("report", ".pdf"), ("photo", ".jpg"), ("no_suffix", "_file")):
            self.assertTrue(found[instance.id("asset", key)][1]["path"].endswith(end), key)

    @lib.everywhere()
    def test_shared_and_equal_files_stand_in_a_package_once(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        found = blobs(instance, package)
        paths = {found[instance.id("asset", key)][1]["path"]
                 for key in ("report", "shared", "same_bytes")}
        self.assertEqual(1, len(paths))
        entries = [n for n in package.names if n.startswith("assets/files/")]
        self.assertEqual(len(entries), len({package.data(n) for n in entries}))
        gone, other = (found[instance.id("asset", k)] for k in ("gone", "same_size"))
        self.assertEqual(len(gone[0]), len(other[0]))
        self.assertNotEqual(gone[1]["path"], other[1]["path"])
        self.assertEqual(len(entries), package.manifest["counts"]["file"])

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_inline_puts_the_bytes_into_the_assets_metadata(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--asset-format", "inline")
        self.assertFalse([n for n in package.names if n.startswith("assets/files/")])
        found = blobs(instance, package)
        self.assertGreater(len([1 for _, about in found.values() if "data" in about]), 10)
        for id_, (content, about) in found.items():
            if "data" not in about:  # equal bytes stand in a package once
                about = dict(lib.exact(package.text(about["same_as"])))["__file"]
            self.assertEqual(content, base64.b64decode(about["data"], validate=True), id_)

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_external_leaves_the_bytes_out_and_says_size_and_hash(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--asset-format", "external")
        found = blobs(instance, package)
        self.assertGreater(len(found), 12)
        for id_, (data, about) in found.items():
            self.assertEqual(hashlib.sha256(data).hexdigest(), about["sha256"], id_)
            self.assertEqual(len(data), about["size"])
            if len(data) > 100:
                self.assertFalse([n for n in package.names if data in package.data(n)])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_without_a_store_only_packages_without_files_can_be_made(self, kind, generation):
        instance = lib.shared(kind, generation)
        for options in ((), ("--asset-format", "inline")):
            done = lib.export(instance, *options, store=False, code=2)
            self.assertIn(b"--store", done.stderr)
        for options in (("--asset-format", "external"), ("--no-include-source-assets",)):
            package = lib.export(instance, *options, store=False)
            self.assertFalse([n for n in package.names if n.startswith("assets/files/")])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_compressed_bytes_are_stored_the_rest_is_deflated(self, kind, generation):
        with lib.own(kind, generation) as instance:
            noise = b"".join(hashlib.sha256(n.to_bytes(2, "big")).digest() for n in range(2000))
            about = instance.about["rows"]["asset"]
            (instance.store / about["report"]["blob_path"]).write_bytes(noise)
            (instance.store / about["photo"]["blob_path"]).write_bytes(b"not a picture" * 5000)
            package = lib.export(instance)
            rows = package.by_id("asset")
            paths = {k: dict(rows[instance.id("asset", k)]["__file"])["path"]
                     for k in ("report", "photo")}
            with zipfile.ZipFile(package.path) as zip_:
                how = {i.filename: i.compress_type for i in zip_.infolist()}
            self.assertEqual(zipfile.ZIP_STORED, how[paths["report"]])
            self.assertEqual(zipfile.ZIP_DEFLATED, how[paths["photo"]])
            self.assertEqual(zipfile.ZIP_DEFLATED, how["annotations/annotations.jsonl"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_blob_path_out_of_the_store_is_missing_not_read(self, kind, generation):
        with lib.own(kind, generation) as instance:
            (instance.store.parent / "outside.txt").write_text("CANARY-outside")
            (instance.store / "link.txt").symlink_to(instance.store.parent / "outside.txt")
            report, photo = instance.id("asset", "report"), instance.id("asset", "photo")
            instance.db.run(f"UPDATE asset SET blob_path = '../outside.txt' WHERE id = {report};"
                            f"UPDATE asset SET blob_path = 'link.txt' WHERE id = {photo};")
            package = lib.export(instance, code=3)
            self.assertEqual([], package.find("CANARY"))
            self.assertEqual(2, package.manifest["left_out"]["missing_files"])


class Embeddings(lib.Case):

    @lib.everywhere()
    def test_embeddings_come_along_only_if_asked_and_are_exact(self, kind, generation):
        instance = lib.shared(kind, generation)
        columns = [c for c in instance.columns("assetchunk")
                   if c.startswith("embedding_") and c != "embedding_model_id"]
        without = lib.shared_export(instance)
        self.assertFalse([n for n in without.names if n.startswith("assets/embeddings")])
        self.assertFalse([k for r in without.rows("chunk") for k in r if k in columns])
        package = lib.shared_export(instance, "--include-embeddings")
        chunks = {r["id"]: i for i, r in package.by_id("chunk").items()}
        assets = {r["id"]: i for i, r in package.by_id("asset").items()}
        found = {}
        for entry in package.entries:
            if entry["path"].startswith("assets/embeddings/"):
                for line in package.lines(entry["path"]):
                    row = dict(lib.exact(line))
                    self.assertIn(row["asset_id"], assets)
                    self.assertIn(f"_{len(row['embedding'])}", entry["path"])
                    found[chunks[row["id"]], row["column"]] = list(row["embedding"])
        theirs = {}
        for column in columns:
            for row in instance.db.query(f"SELECT id, {column}::text AS v FROM assetchunk "
                                         f"WHERE {column} IS NOT NULL"):
                if int(row["id"]) in chunks.values():
                    theirs[int(row["id"]), column] = [float(x) for x in json.loads(row["v"])]
        if instance.number < 3 or any(r["type"].startswith("vector") for r in instance.db.query(
                "SELECT udt_name AS type FROM information_schema.columns WHERE table_name = "
                "'assetchunk'")):
            self.assertGreater(len(theirs), 5)
        self.assertEqual(theirs, {k: [float(x) for x in v] for k, v in found.items()})
        if theirs:
            self.assertIn("embeddings", package.manifest["features"])
            self.assertEqual(2, len(package.rows("embedding_model")))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_without_chunks_there_are_none_and_no_models(self, kind, generation):
        package = lib.shared_export(lib.shared(kind, generation), "--no-include-chunks")
        self.assertFalse([n for n in package.names if "chunk" in n or "embedding" in n])
        self.assertNotIn("chunk", package.manifest["counts"])


class Choices(lib.Case):

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_levels_of_compression_change_sizes_and_nothing_else(self, kind, generation):
        instance = lib.shared(kind, generation)
        sizes = []
        for level in (0, 1, 9):
            package = lib.shared_export(instance, "--compression-level", level)
            sizes.append(package.path.stat().st_size)
            self.assertEqual(level, package.manifest["options"]["compression_level"])
            same = lib.shared_export(instance)
            for name in same.names:
                if name not in ("manifest.json", "checksums.sha256"):
                    self.assertEqual(same.data(name), package.data(name), name)
        self.assertEqual(sorted(sizes, reverse=True), sizes)
        self.assertGreater(sizes[0], 2 * sizes[2])
        for wrong in ("10", "-1", "x", ""):
            lib.export(instance, "--compression-level", wrong, code=2)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_the_manifest_says_with_which_options_it_was_made(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        self.assertEqual({
            "include_source_assets": True, "include_embeddings": False, "include_chunks": True,
            "include_datasets": False, "include_dependencies": True, "asset_format": "reference",
            "preserve_uuids": False, "target_instance_id": None, "compression_level": 6},
            {k: v for k, v in package.manifest["options"].items() if k in (
                "include_source_assets", "include_embeddings", "include_chunks",
                "include_datasets", "include_dependencies", "asset_format", "preserve_uuids",
                "target_instance_id", "compression_level")})
        other = "b5d37109-6328-8c10-94f1-bfef54f7591c"
        package = lib.export(instance, "--target-instance-id", other, "--include-datasets")
        self.assertEqual(other, package.manifest["options"]["target_instance_id"])
        self.assertTrue(package.manifest["options"]["include_datasets"])

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_a_run_in_any_state_can_be_exported(self, kind, generation):
        instance = lib.shared(kind, generation)
        for key in ("failed", "running", "pending", "waiting", "empty", "hazard"):
            package = lib.shared_export(instance, run_key=key)
            self.assertEqual(instance.db.value(
                f"SELECT status FROM annotationrun WHERE id = {instance.id('annotationrun', key)}"),
                package.rows("run")[0]["status"])


class LargeTexts(lib.Case):

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST), turns=True)
    def test_a_text_too_large_for_a_line_stands_in_an_entry_of_its_own(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self._fill(instance)
            package = lib.export(instance, "--max-line", "1")
            row = package.by_id("asset")[instance.id("asset", "report")]
            theirs = instance.db.query("SELECT title, text_content, \"a,b\"\"c\", exact FROM asset "
                                       f"WHERE id = {instance.id('asset', 'report')}")[0]
            texts = dict(row["__texts"])
            self.assertEqual({"title", "text_content", 'a,b"c'}, set(texts))
            for column, path in texts.items():
                self.assertNotIn(column, row)
                self.assertEqual(theirs[column], package.text(path), column)
            self.assertEqual(theirs["exact"], row["exact"])
            region = package.by_id("annotation")[instance.id("annotation", "main1")]
            stored = instance.db.value("SELECT region::text FROM annotation WHERE id = "
                                       f"{instance.id('annotation', 'main1')}")
            self.assertEqual(stored, package.text(region["__texts"]["region"]))
            others = [n for n in package.names if n.startswith("texts/")]
            self.assertEqual(sorted([*texts.values(), region["__texts"]["region"]]), sorted(others))

    def _fill(self, instance):
        at = instance.id
        mixed = "repeat(E'ä\\u56fe\\u202e\\n\\t\"\\\\ \\U0001F600', 200000)"
        instance.db.run(
            "ALTER TABLE asset ADD COLUMN \"a,b\"\"c\" text, ADD COLUMN exact text;"
            f"UPDATE asset SET text_content = {mixed}, title = repeat('t', 1048577), "
            f"\"a,b\"\"c\" = repeat('c', 2000000), exact = repeat('e', 1048576) "
            f"WHERE id = {at('asset', 'report')};"
            "UPDATE annotation SET region = ('{\"a\": ' || "
            "to_json(repeat(E'ü\"\\n', 500000))::text || ', \"n\": 1.10}')::json WHERE id = "
            f"{at('annotation', 'main1')};")

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST), turns=True)
    def test_references_in_large_json_are_listed_and_followed(self, kind, generation):
        with lib.own(kind, generation) as instance:
            bundle = instance.id("bundle", "unused_bundle")
            column = "source_metadata" if instance.number < 3 else "file_info"
            instance.db.run(
                f"UPDATE asset SET {column} = ('{{\"filling\": ' || "
                "to_json(repeat('x', 2000000))::text || "
                f"', \"source_bundle_ids\": [{bundle}]}}')::json "
                f"WHERE id = {instance.id('asset', 'report')};")
            package = lib.export(instance, "--max-line", "1")
            self.assertIn(bundle, package.ids("bundle"))
            row = package.by_id("asset")[instance.id("asset", "report")]
            uuid = next(m["uuid"] for m in package.mapping if m["kind"] == "bundle"
                        and m["source_id"] == bundle)
            refs = {(r["path"], r.get("uuid")) for r in map(dict, row["__refs"])}
            self.assertIn((f"/{column}/source_bundle_ids/0", uuid), refs)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_text_too_large_to_be_searched_for_markers_is_counted(self, kind, generation):
        with lib.own(kind, generation) as instance:
            target = instance.id("asset", "unused_asset")
            instance.db.run("UPDATE asset SET text_content = repeat('x', 2000000) || "
                            f"' {{{{asset:{target}:a:b}}}}' WHERE id = "
                            f"{instance.id('asset', 'report')};")
            package = lib.export(instance, "--max-line", "1")
            self.assertEqual(1, package.manifest["references"]["texts_not_searched"])
            self.assertIn(target, package.ids("asset"))


class Exclusions(lib.Case):

    def _mark_asset(self, instance):
        """Canaries in everything that hangs on the asset `report`."""
        at = instance.id
        report, page = at("asset", "report"), at("asset", "report_page1")
        ids = f"({report}, {page})"
        script = (
            f"UPDATE asset SET title = 'CANARY title ' || id, text_content = 'CANARY text', "
            f"source_identifier = 'CANARY-source', fragments = '{{\"f\": {{\"value\": "
            f"\"CANARY fragment\"}}}}', blob_path = CASE WHEN id = {report} THEN 'CANARY-name.txt' "
            f"END WHERE id IN {ids};"
            f"UPDATE assetchunk SET text_content = 'CANARY chunk' WHERE asset_id IN {ids};"
            "UPDATE annotation SET value = '{\"title\": \"CANARY value\", "
            "\"title_justification\": {\"reasoning\": \"CANARY reason\"}}' "
            f"WHERE asset_id IN {ids};")
        if instance.has("justification"):
            script += ("UPDATE justification SET reasoning = 'CANARY reason' WHERE "
                       f"annotation_id IN (SELECT id FROM annotation WHERE asset_id IN {ids});")
        if instance.has("fragmentcuration"):
            script += "".join(
                f"UPDATE {table} SET {column} = 'CANARY {column}' WHERE annotation_id IN "
                f"(SELECT id FROM annotation WHERE asset_id IN {ids});"
                for table, column in (("fragmentcuration", "fragment_path"),
                                      ("graphedge", "predicate")))
        view = {"observations": [{"output_blob": [{"value": "CANARY output"}]}],
                "panels": [{"cache": {"points": [{"title": "CANARY point"}]}}]}
        instance.set("annotationrun", "main", views_config=json.dumps(view))
        script += ("UPDATE runaggregate SET payload = '{\"top\": \"CANARY aggregate\"}';")
        instance.db.run(script)
        (instance.store / "CANARY-name.txt").write_text("CANARY content " * 100)

    @lib.everywhere(turns=True)
    def test_an_excluded_asset_is_nowhere_with_all_that_hangs_on_it(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self._mark_asset(instance)
            self.assertTrue(lib.export(instance).find("CANARY"))
            uuid = instance.uuid("asset", "report")
            for options in ((), ("--asset-format", "inline", "--include-datasets",
                                 "--include-embeddings", "--preserve-uuids"),
                            ("--no-include-source-assets",))[:3 if generation == lib.NEWEST else 1]:
                package = lib.export(instance, "--exclude-asset", uuid, *options)
                self.assertEqual([], package.find("CANARY"), options)
                self.assertNotIn(base64.b64encode(b"CANARY content " * 3),
                                 b"".join(package.data(n) for n in package.names))
                out = package.manifest["left_out"]
                self.assertEqual(3, out["excluded_assets"])  # and the pages that come along
                self.assertEqual(1, package.manifest["options"]["exclude_assets"])
            package = lib.export(instance, "--exclude-asset", uuid)
            left = {instance.id("asset", k) for k in (
                "report", "report_page1", "report_page2", "report_page3")}
            self.assertFalse(left & package.ids("asset"))
            self.assertFalse(left & {m["source_id"] for m in package.externals("asset")})
            annotated = {int(r["id"]) for r in instance.db.query(
                "SELECT id FROM annotation WHERE asset_id NOT IN (" + ", ".join(map(str, left)) +
                f") AND run_id = {instance.id('annotationrun', 'main')}")}
            self.assertEqual(annotated, package.ids("annotation"))
            self.assertEqual(len(annotated), package.manifest["counts"]["annotation"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_references_to_an_excluded_asset_name_nothing(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--exclude-asset", instance.uuid("asset", "report"))
        refs = {r["path"]: r for r in map(dict, package.rows("run")[0]["__refs"])}
        self.assertNotIn("uuid", refs["/configuration/target_asset_ids/0"])
        self.assertIn("uuid", refs["/configuration/target_asset_ids/1"])
        self.assertGreater(package.manifest["left_out"]["references_to_excluded_rows"], 0)

    @lib.everywhere(generations=lib.GENERATIONS[2:], turns=True)
    def test_what_bears_an_excluded_tag_is_nowhere(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self._mark_asset(instance)
            at = instance.id
            instance.set("asset", "report", tags='["x", "top secret"]')
            instance.set("bundle", "output", tags='["top secret"]', name="CANARY bundle")
            instance.set("source", "feed", tags='["top secret"]', name="CANARY source")
            package = lib.export(instance, "--exclude-tag", "top secret")
            self.assertEqual([], package.find("CANARY"))
            self.assertEqual(3, package.manifest["left_out"]["excluded_assets"])
            self.assertEqual(2, package.manifest["left_out"]["excluded_rows"])
            self.assertNotIn(at("bundle", "output"), package.ids("bundle"))
            row = package.by_id("asset")[at("asset", "web_de")]
            self.assertNotIn("source_id", row)
            self.assertIn(at("asset", "web_de"), package.ids("asset"))

    @lib.everywhere(generations=lib.GENERATIONS[:2])
    def test_a_tag_that_cant_be_met_is_refused(self, kind, generation):
        done = lib.export(lib.shared(kind, generation), "--exclude-tag", "x", code=2)
        self.assertIn(b"--exclude-tag", done.stderr)

    @lib.everywhere(turns=True)
    def test_an_excluded_field_is_nowhere_and_other_fields_stay(self, kind, generation):
        with lib.own(kind, generation) as instance:
            self._mark_field(instance)
            self.assertTrue(lib.export(instance).find("CANARY"))
            package = lib.export(instance, "--exclude-field", "Policy positions.stance",
                                 "--include-datasets")
            self.assertEqual([], package.find("CANARY"))
            rows = package.by_id("annotation")
            self.assertEqual(73, len(rows))
            value = dict(rows[instance.id("annotation", "main0")]["value"])
            self.assertEqual("kept", value["title"])
            self.assertEqual("item stays", value["positions"][0]["stance"])
            self.assertNotIn("stance", value)
            self.assertIn("stance", dict(rows[instance.id("annotation", "triplets0")]["value"]))
            self.assertGreater(package.manifest["left_out"]["excluded_field_values"], 20)

    def _mark_field(self, instance):
        at = instance.id
        positions, run = at("annotationschema", "positions"), at("annotationrun", "main")
        value = {"title": "kept", "stance": {"deep": ["CANARY stance"]},
                 "stance_justification": {"reasoning": "CANARY why"},
                 "_thinking_trace": {"reasoning": "CANARY thoughts"},
                 "document": {"stance": "CANARY wrapped", "stance_justification":
                              {"reasoning": "CANARY why wrapped"}},
                 "positions": [{"actor": "x", "stance": "item stays"}]}
        fragments = {"stance": {"value": "CANARY fragment", "annotation_run_id": run},
                     "title": {"value": "x"}}
        view = {"observations": [{"output_blob": [{"value": "CANARY output"}]}], "panels": []}
        script = (
            f"UPDATE annotation SET value = {literal(json.dumps(value))} "
            f"WHERE schema_id = {positions};"
            f"UPDATE runaggregate SET field_path = 'document.stance', payload = "
            f"'{{\"top\": \"CANARY aggregate\"}}' WHERE run_id = {run};")
        if instance.has("justification"):
            script += ("UPDATE justification SET field_name = 'stance', reasoning = 'CANARY reason'"
                       " WHERE annotation_id IN (SELECT id FROM annotation WHERE schema_id = "
                       f"{positions});")
        if instance.has("fragmentcuration"):
            script += ("UPDATE fragmentcuration SET fragment_path = 'document.stance', "
                       f"annotation_id = {at('annotation', 'main0')};")
        instance.db.run(script)
        instance.set("annotation", "triplets0", value='{"stance": "of another schema"}')
        instance.set("asset", "report", fragments=json.dumps(fragments))
        instance.set("annotationrun", "main", views_config=json.dumps(view))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_field_inside_items_can_be_excluded(self, kind, generation):
        with lib.own(kind, generation) as instance:
            value = {"stance": "stays", "positions": [{"stance": "CANARY", "actor": "stays too"},
                                                      {"actor": 1}]}
            instance.db.run(f"UPDATE annotation SET value = {literal(json.dumps(value))} WHERE "
                            f"schema_id = {instance.id('annotationschema', 'positions')};")
            package = lib.export(instance, "--exclude-field", "Policy positions.positions.stance")
            self.assertEqual([], package.find("CANARY"))
            self.assertTrue(package.find("stays too"))
            self.assertEqual("stays", package.by_id("annotation")[
                instance.id("annotation", "main0")]["value"]["stance"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_an_excluded_field_of_a_large_value_is_nowhere(self, kind, generation):
        with lib.own(kind, generation) as instance:
            value = {"title": "x" * 2_000_000, "stance": "CANARY stance"}
            instance.set("annotation", "main1", value=json.dumps(value))
            package = lib.export(instance, "--max-line", "1", "--exclude-field",
                                 "Policy positions.stance")
            self.assertEqual([], package.find("CANARY"))
            row = package.by_id("annotation")[instance.id("annotation", "main1")]
            self.assertEqual([("title", "x" * 2_000_000)], list(row["value"]))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_exclusions_that_name_nothing_are_refused(self, kind, generation):
        instance = lib.shared(kind, generation)
        for options in (("--exclude-asset", "00000000-0000-4000-8000-000000000000"),
                        ("--exclude-asset", instance.uuid("asset", "hidden_asset")),
                        ("--exclude-field", "Policy positions.nosuchfield"),
                        ("--exclude-field", "No such schema.title"),
                        ("--exclude-field", "title"), ("--exclude-field", "")):
            done = lib.export(instance, *options, code=2)
            self.assertIn(options[0].encode(), done.stderr)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_the_plan_says_before_what_stays_out(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--exclude-asset", instance.uuid("asset", "report"),
                                    "--asset-format", "external")
        out = package.result["packages"][0]["plan"]["stays_out"]
        self.assertEqual(3, out["excluded_assets"])
        self.assertIn("embeddings", out)

    @lib.everywhere(turns=True)
    def test_no_authors_leaves_no_trace_of_who_wrote(self, kind, generation):
        with lib.own(kind, generation) as instance:
            handle = ", handle = 'CANARY-handle-' || id" if instance.has("user", "handle") else ""
            instance.db.run("UPDATE \"user\" SET full_name = 'CANARY name ' || id, bio = 'CANARY', "
                            f"email = 'CANARY-' || id || '@example.org'{handle};")
            owner = instance.id("user", "owner")
            named = lib.export(instance, as_=str(owner))
            self.assertTrue(named.find(f"CANARY-{owner}@example.org"))
            self.assertFalse(named.find("CANARY name"))
            package = lib.export(instance, "--no-authors", "--include-datasets", as_=str(owner))
            self.assertEqual([], package.find("CANARY"))
            document = package.json("compatibility/instance_mapping.json")
            self.assertTrue(document["authors_left_out"])
            self.assertNotIn("authors", document)
            document = named.json("compatibility/instance_mapping.json")
            authors = {a["uuid"] for a in document["authors"]}
            self.assertGreater(len(authors), 1)
            for uuid in authors:
                self.assertEqual([], package.find(uuid))
            for kind_ in lib.TABLES:
                self.assertFalse([r for r in package.rows(kind_) if "user_id" in r], kind_)
            self.assertIn({"column": "annotation.user_id", "why": "no_authors"},
                          package.manifest["left_out"]["columns"])


if __name__ == "__main__":
    unittest.main()
