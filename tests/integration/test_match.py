"""Which row here is the one of a package: the first that tells counts, only the target
infospace counts, and what is here twice or fits two is said so.

The sample has the same ids wherever it is loaded: a row is found where its id in the target
is its id at the source.
"""

import functools
import unittest

import lib
from lib import ident, literal

from test_staging import stage

OWN, IMPORT, LINEAGE, UUID, NATURAL = range(1, 6)
# Known by a natural key, in whatever generation has them.
NATURAL_KINDS = {"schema", "asset", "chunk", "bundle", "source", "graph", "canon", "entity",
                 "dataset", "task", "embedding_model", "justification", "curation", "edge", "aggregate"}


@functools.lru_cache(maxsize=None)
def copy(kind, generation):
    """Another database with the same rows."""
    return lib.Instance(kind, generation)


class Match(lib.Case):

    def match(self, package, instance, infospace="main"):
        """{kind: {id in the package: its row}}"""
        source = package.json("compatibility/instance_mapping.json")["instance"]
        space = instance.id("infospace", infospace) if infospace else 0
        done, _, tables = stage(instance.db, package.path, about=(source, space, "strategy=skip"))
        self.assertEqual(done.returncode, 0, done.stderr)
        found = {}
        for kind in lib.TABLES:
            if instance.has(next(t for t in (*lib.TABLES[kind], "")
                                 if not t or instance.has(t)) or "none", "id"):
                found[kind] = {r["id"]: {k: int(r[k]) for k in ("target", "how", "found")}
                               for r in instance.db.query(f"SELECT * FROM {tables}match_{kind}")}
        return found

    def rows(self, package):
        """(kind, id in the package, id at the source) of all that is named."""
        return [(m["kind"], m["uuid"], m["source_id"], m.get("external", False))
                for m in package.mapping if m["kind"] in lib.TABLES]

    def uuid_tables(self, instance):
        for table in instance.tables():
            for column in ("uuid", "entity_uuid"):
                if instance.has(table, column) and instance.has(table, "id"):
                    yield table, column

    def forget(self, instance):
        """As if all of it had been typed anew: no UUID tells."""
        instance.db.run("".join(
            f"UPDATE {ident(table)} SET {column} = gen_random_uuid()::text;\n"
            for table, column in self.uuid_tables(instance)) + "".join(
                f"UPDATE {ident(table)} SET imported_from_uuid = NULL;\n"
                for table in instance.tables() if instance.has(table, "imported_from_uuid")))

    def package(self, kind, generation, *options):
        return lib.shared_export(lib.shared(kind, generation), "--include-datasets", *options)

    @lib.everywhere(turns=True)
    def test_what_went_from_here_is_known_when_it_comes_back(self, kind, generation):
        with lib.own(kind, generation) as instance:
            for options in ((), ("--preserve-uuids",)):
                package = lib.export(instance, "--include-datasets", *options)
                found = self.match(package, instance)
                have = {k for k in found if any(instance.has(t, "uuid")
                                                or instance.has(t, "entity_uuid")
                                                for t in lib.TABLES[k])}
                for entity, row, number, external in self.rows(package):
                    if entity not in found or external:
                        continue
                    with self.subTest(entity=entity, number=number):
                        hit = found[entity].get(row)
                        if entity in have:
                            self.assertEqual(hit, {"target": number, "how": OWN, "found": 1})
                        elif entity in NATURAL_KINDS:
                            self.assertEqual(hit and hit["how"], NATURAL)

    @lib.everywhere(turns=True)
    def test_a_copy_of_the_database_has_the_same_rows(self, kind, generation):
        package = self.package(kind, generation)
        instance = copy(kind, generation)
        found = self.match(package, instance)
        for entity, row, number, external in self.rows(package):
            if entity not in found or external:
                continue
            hit = found[entity].get(row)
            if hit and hit["how"] in (LINEAGE, UUID):
                self.assertEqual(hit["target"], number, hit)
            else:
                self.assertIn(entity, NATURAL_KINDS, (entity, number))
        self.assertIn(UUID, {h["how"] for h in found["annotation"].values()})

    @lib.everywhere(turns=True)
    def test_natural_keys_find_what_no_uuid_tells(self, kind, generation):
        package = self.package(kind, generation)
        with lib.own(kind, generation) as instance:
            self.forget(instance)
            found = self.match(package, instance)
            self.assertFalse(found["run"] or found["annotation"])
            assets = {r["id"]: r for r in package.rows("asset")}

            def has_key(row):
                asset = assets[row]
                parent = asset.get("parent_asset_id")
                return (not parent or has_key(parent)) and (
                    parent and "part_index" in asset or "source_identifier" in asset
                    or len(asset.get("content_hash", "")) == 64)
            for entity, row, number, external in self.rows(package):
                if external or entity not in NATURAL_KINDS & set(found) - {
                        "justification", "curation", "edge", "aggregate"}:
                    continue
                with self.subTest(entity=entity, number=number):
                    hit = found[entity].get(row)
                    if entity == "asset" and not has_key(row):
                        self.assertIsNone(hit)
                        continue
                    self.assertEqual(hit["how"], NATURAL)
                    # of several that are alike it may be another
                    self.assertTrue(hit["target"] == number or hit["found"] > 1, hit)
            for entity, rows in found.items():
                targets = [r["target"] for r in rows.values()]
                self.assertEqual(len(targets), len(set(targets)), entity)

    def test_another_infospace_has_none_of_them(self):
        package = self.package(lib.KINDS[0], lib.NEWEST)
        instance = copy(lib.KINDS[0], lib.NEWEST)
        for space in ("public", None):
            found = self.match(package, instance, space)
            self.assertEqual({k for k, rows in found.items() if rows}, {"embedding_model"})

    @lib.everywhere(turns=True)
    def test_what_was_imported_is_known_by_what_it_was(self, kind, generation):
        """HQ's own imports keep the source's UUID; of two such rows the first is shown."""
        package = self.package(kind, generation)
        with lib.own(kind, generation) as instance:
            self.forget(instance)
            run = next(m for m in package.mapping if m["kind"] == "run" and not m.get("external"))
            other = instance.id("annotationrun", "child")
            for number, how in ((other, LINEAGE), (run["source_id"], LINEAGE)):
                instance.db.run("UPDATE annotationrun SET imported_from_uuid = "
                                f"{literal(run['source_uuid'])} WHERE id = {number};")
                found = self.match(package, instance)["run"][run["uuid"]]
                self.assertEqual(found["how"], how)
            self.assertEqual(found, {"target": min(other, run["source_id"]), "how": LINEAGE,
                                     "found": 2})

    def test_an_earlier_import_tells_before_anything_else(self):
        """… if it was done, into this infospace, and its row is still there; the last counts."""
        package = self.package(lib.KINDS[0], lib.NEWEST)
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            setup = lib.run("setup", "--db", instance.db.dsn)
            self.assertEqual(setup.returncode, 0, setup.stderr)
            main, public = (instance.id("infospace", key) for key in ("main", "public"))
            source = package.json("compatibility/instance_mapping.json")["instance"]
            row = next(m for m in package.mapping if m["kind"] == "schema")
            others = [int(r["id"]) for r in instance.db.query(
                "SELECT id FROM annotationschema WHERE infospace_id = "
                f"{main} AND id <> {row['source_id']} ORDER BY id")]
            elsewhere = int(instance.db.value(
                f"SELECT min(id) FROM annotationschema WHERE infospace_id <> {main}"))

            def was_imported(target, space=main, status="done", instance_id=source):
                instance.db.run(
                    "WITH o AS (INSERT INTO spaceport.import_operations (uuid, package_path, "
                    f"target_infospace_id, status) VALUES (gen_random_uuid(), '', {space}, "
                    f"{literal(status)}) RETURNING id) INSERT INTO "
                    "spaceport.cross_instance_mappings (import_operation_id, source_instance_id, "
                    "source_entity_type, source_entity_id, target_entity_id) SELECT id, "
                    f"{literal(instance_id)}, 'schema', {literal(row['source_uuid'])}, {target} "
                    "FROM o;")
                return self.match(package, instance)["schema"][row["uuid"]]

            by_uuid = {"target": row["source_id"], "how": UUID, "found": 1}
            self.assertEqual(was_imported(others[0], status="failed"), by_uuid)
            self.assertEqual(was_imported(others[0], space=public), by_uuid)
            self.assertEqual(was_imported(others[0], instance_id=row["source_uuid"]), by_uuid)
            self.assertEqual(was_imported(others[0]),
                             {"target": others[0], "how": IMPORT, "found": 1})
            self.assertEqual(was_imported(others[1]),
                             {"target": others[1], "how": IMPORT, "found": 1})
            for gone in (elsewhere, 1 << 40):
                self.assertEqual(was_imported(gone), by_uuid)

    def test_assets_that_are_outside_are_found_by_their_uuids(self):
        instance = lib.shared(lib.KINDS[0], lib.NEWEST)
        package = lib.shared_export(instance, "--no-include-source-assets")
        target = copy(lib.KINDS[0], lib.NEWEST)
        found = self.match(package, target)["asset"]
        assets = package.externals("asset")
        self.assertTrue(assets)
        self.assertEqual({a["uuid"]: a["source_id"] for a in assets
                          if a["uuid"] in found},
                         {row: hit["target"] for row, hit in found.items()})

    def test_assets_that_are_outside_are_found_by_what_they_are(self):
        """… where no UUID tells: a package has their hashes, and where they were from."""
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST),
                                    "--no-include-source-assets")
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.forget(instance)
            found = self.match(package, instance)["asset"]
            known = {a["uuid"]: a for a in package.externals("asset")
                     if len(a.get("content_hash", "")) == 64 or "source_identifier" in a}
            self.assertTrue(known)
            self.assertEqual(set(found), set(known))
            for row, hit in found.items():
                self.assertEqual(hit["how"], NATURAL)
                self.assertTrue(hit["target"] == known[row]["source_id"] or hit["found"] > 1, hit)

    def test_two_rows_of_a_package_are_never_one_here(self):
        package = self.package(lib.KINDS[0], lib.NEWEST)
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            setup = lib.run("setup", "--db", instance.db.dsn)
            self.assertEqual(setup.returncode, 0, setup.stderr)
            source = package.json("compatibility/instance_mapping.json")["instance"]
            two = [m for m in package.mapping if m["kind"] == "annotation"][:2]
            instance.db.run(
                "INSERT INTO spaceport.import_operations (uuid, package_path, "
                "target_infospace_id, status) VALUES (gen_random_uuid(), '', "
                f"{instance.id('infospace', 'main')}, 'done');\n" + "".join(
                    "INSERT INTO spaceport.cross_instance_mappings (import_operation_id, "
                    "source_instance_id, source_entity_type, source_entity_id, target_entity_id) "
                    f"VALUES (1, {literal(source)}, 'annotation', {literal(m['source_uuid'])}, "
                    f"{two[1]['source_id']});\n" for m in two))
            found = self.match(package, instance)["annotation"]
            targets = [hit["target"] for hit in found.values()]
            self.assertEqual(len(targets), len(set(targets)))
            self.assertEqual(found[two[0]["uuid"]],
                             {"target": two[1]["source_id"], "how": IMPORT, "found": 1})

    def test_across_generations(self):
        """The same rows, wherever both have them."""
        for source in lib.GENERATIONS:
            package = self.package(lib.KINDS[0], source)
            for target in lib.GENERATIONS:
                if source == target:
                    continue
                with self.subTest(source=source, target=target):
                    instance = copy(lib.KINDS[0], target)
                    found = self.match(package, instance)
                    for entity in ("run", "schema", "asset", "annotation", "bundle", "source"):
                        there = {int(r["id"]) for r in instance.db.query(
                            f"SELECT id FROM {lib.TABLES[entity][0]} WHERE infospace_id = "
                            f"{instance.id('infospace', 'main')}")}
                        expected = {row: number for kind, row, number, outside in
                                    self.rows(package) if kind == entity and number in there
                                    and not outside}
                        hits = {row: hit["target"] for row, hit in found[entity].items()
                                if row in expected}
                        self.assertEqual(hits, expected)

    def test_entities_are_known_by_their_aliases(self):
        package = self.package(lib.KINDS[0], lib.NEWEST)
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            self.forget(instance)
            row = next(m for m in package.mapping
                       if m["kind"] == "entity" and not m.get("external"))
            number = row["source_id"]
            name = instance.db.value(f"SELECT canonical_name FROM entity WHERE id = {number}")
            for aliases, knows in (('["x", "  ' + name.upper() + ' "]', True), ('["x"]', False),
                                   ('{"a": 1}', False), ('["\\u0000"]', False)):
                instance.db.run("UPDATE entity SET canonical_name = 'another', aliases = "
                                f"{literal(aliases)} WHERE id = {number};")
                hit = self.match(package, instance)["entity"].get(row["uuid"])
                self.assertEqual(bool(hit), knows, aliases)


if __name__ == "__main__":
    unittest.main()
