"""A run brings along what its rows refer to, and nothing else: compared with
the definition applied row by row, on the sample and on random graphs."""

import unittest

import graphs
import lib

SEEDS = 10 if lib.FULL else 1
OPTIONS = (
    ((), {}),
    (("--no-include-dependencies",), {"dependencies": False}),
    (("--no-include-source-assets", "--include-datasets"),
     {"source_assets": False, "chunks": False, "datasets": True}),
    (("--no-include-source-assets", "--no-include-dependencies"),
     {"source_assets": False, "chunks": False, "dependencies": False}),
    (("--include-datasets", "--no-include-chunks"), {"datasets": True, "chunks": False}),
)
LINKS = {"schema_link": ("run_id", "schema_id"), "bundle_link": ("asset_id", "bundle_id")}


def links(world, kind, ids):
    return {tuple(world.rows[kind][i][c] for c in LINKS[kind]) for i in ids}


class Closure(lib.Case):

    def compare(self, instance, world, run_id, options, settings, export=lib.export):
        package = export(instance, *options, run_key=run_id)
        closure = graphs.Closure(world, run_id, **settings)
        expected = closure.kinds()
        if instance.number == 4:
            expected.pop("justification", None)
        ids = {m["uuid"]: m["source_id"] for m in package.mapping}
        for kind in lib.TABLES:
            if not lib.table_of(instance, kind):
                continue
            if kind in LINKS:
                found = {tuple(ids[r[c]] for c in LINKS[kind]) for r in package.rows(kind)}
                self.assertEqual(links(world, kind, expected.get(kind, ())), found, kind)
            elif kind != "justification" or instance.number < 4:
                self.assertEqual(expected.get(kind, set()), package.ids(kind), (kind, options))
        outside = {(m["kind"], m["source_id"]) for m in package.externals()}
        self.assertEqual(closure.outside(), outside, options)
        self.assertEqual(len(outside), package.manifest["counts"].get("external_reference", 0))
        return package, closure

    @lib.everywhere(turns=True)
    def test_a_run_of_the_sample_brings_what_it_refers_to(self, kind, generation):
        instance = lib.shared(kind, generation)
        world = graphs.World(instance)
        for key in ("main", "child", "previous", "empty"):
            for options, settings in OPTIONS if key == "main" else OPTIONS[:1]:
                self.compare(instance, world, instance.id("annotationrun", key), options, settings,
                             lib.shared_export)

    def test_a_run_in_a_random_graph_brings_what_it_refers_to(self):
        sizes, seed = set(), 0
        for kind, generation in lib.pairs(lib.GENERATIONS, lib.KINDS):
            for _ in range(SEEDS):
                with lib.own(kind, generation, graphs.register(seed)) as instance:
                    graphs.close_bundles(instance, seed)
                    sizes |= self._random(instance, seed)
                seed += 1
        self.assertGreater(max(sizes), 150)
        self.assertTrue([s for s in sizes if 20 < s < 150], sizes)

    def _random(self, instance, seed):
        """Compares each run of a random instance, one with each set of
        options; returns how many assets came along."""
        sizes = set()
        world = graphs.World(instance)
        for number in range(3):
            run_id = instance.id("annotationrun", f"annotationrun{number}")
            if world.space("run", run_id) != instance.id("infospace", "main"):
                continue
            for options, settings in OPTIONS if number == 0 else OPTIONS[:1]:
                with self.subTest(server=instance.kind, generation=instance.generation, seed=seed,
                                  run=number, options=options):
                    package, closure = self.compare(instance, world, run_id, options, settings)
                    self.assertEqual([], package.find("HIDDEN"))
                    sizes.add(len(closure.found.get("asset", ())))
        return sizes

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_rows_outside_are_named_only_to_those_who_may_read_them(self, kind, generation):
        seed = 2
        with lib.own(kind, generation, graphs.register(seed)) as instance:
            if generation == lib.NEWEST:
                readable = {instance.id("infospace", k) for k in ("main", "internal")}
            else:
                readable = {instance.id("infospace", "main")}
            world = graphs.World(instance)
            package = lib.export(instance, run_key="annotationrun0")
            seen = set()
            for m in package.externals():
                table = lib.table_of(instance, m["kind"]) or m["kind"]
                label = {"asset": "title", "entity": "canonical_name",
                         "flow_execution": "NULL::text"}.get(m["kind"], "name")
                own = "uuid" if instance.has(table, "uuid") else "NULL::text"
                theirs = instance.db.query(f"SELECT {own} AS uuid, {label} AS name FROM "
                                           f"{lib.ident(table)} WHERE id = {m['source_id']}")[0]
                may_read = world.space(m["kind"], m["source_id"]) in readable
                self.assertEqual(theirs["name"] if may_read else None, m.get("name"), m)
                if theirs["uuid"]:
                    self.assertEqual(theirs["uuid"], m["source_uuid"])
                seen.add(may_read)
            self.assertEqual({True, False}, seen)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_assets_left_out_can_be_found_again_by_hash_and_source(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--no-include-source-assets")
        self.assertFalse([n for n in package.names if n.startswith("assets/")])
        rows = {m["source_id"]: m for m in package.externals("asset")}
        report = rows[instance.id("asset", "report")]
        self.assertEqual(instance.uuid("asset", "report"), report["source_uuid"])
        self.assertEqual("https://example.org/bericht.pdf", report["source_identifier"])
        self.assertEqual(instance.db.value(
            f"SELECT content_hash FROM asset WHERE id = {instance.id('asset', 'report')}"),
            report["content_hash"])

    @lib.everywhere(turns=True)
    def test_an_annotation_of_a_strangers_asset_gives_nothing_of_it_away(self, kind, generation):
        with lib.own(kind, generation) as instance:
            hidden = instance.id("asset", "hidden_asset")
            instance.db.run(f"UPDATE annotation SET asset_id = {hidden} WHERE id = "
                            f"{instance.id('annotation', 'main1')};")
            package = lib.export(instance, code=3)
            self.assertEqual([], package.find("HIDDEN"))
            self.assertNotIn(hidden, package.ids("asset"))
            self.assertIn(hidden, {m["source_id"] for m in package.externals("asset")})
            self.assertTrue(package.manifest["warnings"])

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_a_chain_of_a_thousand_versions_comes_along_whole(self, kind, generation):
        with lib.own(kind, generation) as instance:
            first = instance.id("asset", "first")
            columns = [c for c in instance.columns("asset") if c not in (
                "id", "uuid", "previous_asset_id", "text_search_vector", "blob_path")]
            names = ", ".join(map(lib.ident, columns))
            instance.db.run(
                f"INSERT INTO asset (id, uuid, previous_asset_id, {names}) SELECT 100000 + n, "
                f"'00000000-0000-4000-8000-' || lpad(n::text, 12, '0'), NULL, {names} FROM asset, "
                f"generate_series(1, 1000) n WHERE id = {first};"
                f"UPDATE asset SET previous_asset_id = CASE id WHEN 101000 THEN {first} "
                f"ELSE id + 1 END WHERE id > 100000;"
                f"UPDATE asset SET previous_asset_id = 100001 WHERE id = {first};")
            package = lib.export(instance)
            self.assertLessEqual(set(range(100001, 101001)), package.ids("asset"))


class Files(lib.Case):

    @lib.everywhere()
    def test_a_file_missing_in_the_store_is_a_warning_that_names_it(self, kind, generation):
        instance = lib.shared(kind, generation, missing=("gone",))
        package = lib.export(instance, code=3)
        self.assertTrue(package.manifest["warnings"])
        self.assertEqual(1, package.manifest["left_out"]["missing_files"])
        row = package.by_id("asset")[instance.id("asset", "gone")]
        blob = instance.about["rows"]["asset"]["gone"]["blob_path"]
        self.assertEqual(blob, row["blob_path"])
        self.assertTrue(dict(row["__file"])["missing"])
        plan = package.result["packages"][0]["plan"]
        self.assertIn(blob, str(plan["missing_files"]))
        self.assertEqual(package.manifest["counts"]["file"],
                         len([n for n in package.names if n.startswith("assets/files/")]))
        whole = lib.shared_export(lib.shared(kind, generation))
        self.assertEqual(whole.ids("asset"), package.ids("asset"))


if __name__ == "__main__":
    unittest.main()
