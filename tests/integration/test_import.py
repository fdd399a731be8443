"""An import does what its dry run says, all of it or nothing, for those who may, and is on record
for as long as the database is."""

import json
import unittest

import lib
from lib import ident

from imports import OWNER, Imports


class Import(Imports):

    @lib.everywhere(turns=True)
    def test_a_dry_run_leaves_no_trace_and_the_import_does_what_it_said(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package = lib.export(instance, "--include-datasets")
            space = self.empty(instance)
            before = self.outside(instance)
            plan = self.load_it(instance, package, "--into", space, "--dry-run")["plan"]
            self.assertEqual(self.outside(instance), before)
            self.assertFalse(instance.db.value(
                "SELECT to_regnamespace('spaceport') IS NOT NULL") == "t")
            said = self.load_it(instance, package, "--into", space)
            for part in ("kinds", "totals", "groups", "lost", "otherwise", "references", "files"):
                self.assertEqual(said["plan"][part], plan[part], part)
            rows = {k["kind"]: k for k in plan["kinds"]}
            for entity, counts in rows.items():
                self.assertEqual(counts["rows"], len(package.rows(entity)), entity)
                if entity != "embedding_model":
                    self.assertEqual(counts["new"], counts["rows"], entity)
                table = lib.table_of(instance, entity)
                if instance.has(table, "infospace_id"):
                    # a canon was made with the infospace
                    self.assertEqual(int(instance.db.value(
                        f"SELECT count(*) FROM {ident(table)} WHERE infospace_id = {space}")),
                        counts["rows"] + (entity == "canon"), entity)
            different = {}
            for entity in rows:
                different.update(self.compare(instance, package, entity))
            self.assertEqual(different, {})
            result = said["result"]
            self.assertEqual(
                (result["success"], result["imported_runs"], result["imported_annotations"],
                 result["imported_assets"], result["created_rows"]),
                (True, 1, rows["annotation"]["rows"], rows["asset"]["rows"],
                 plan["totals"]["new"]))
            self.assertEqual(
                len(self.files(instance)) - len(before[2]), plan["files"]["count"])
            self.assertEqual([(r["uuid"], r["status"], int(r["space"]), json.loads(r["result"]))
                              for r in self.records(instance)],
                             [(said["operation"], "done", space, result)])
            self.assertEqual(self.stagings(instance), [])

    @lib.everywhere(turns=True)
    def test_what_was_emptied_there_is_emptied_here(self, kind, generation):
        """Though no row of the package has a value any more that would name the column."""
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            emptied = {}
            for entity in ("run", "schema", "annotation"):
                table = lib.table_of(instance, entity)
                columns = [r["c"] for r in instance.db.query(
                    "SELECT column_name AS c FROM information_schema.columns WHERE table_name = "
                    f"'{table}' AND is_nullable = 'YES' AND is_generated = 'NEVER' AND data_type IN"
                    " ('text', 'character varying', 'json', 'jsonb') AND column_name NOT LIKE "
                    "'imported_from%' ORDER BY 1")]
                emptied[entity] = {c for c in columns if int(instance.db.value(
                    f"SELECT count({ident(c)}) FROM {table} WHERE infospace_id = {space}"))}
                self.assertTrue(emptied[entity], entity)
                nulls = ", ".join(f"{ident(c)} = NULL" for c in columns)
                instance.db.run(f"UPDATE {table} SET {nulls} WHERE id IN (SELECT there FROM "
                                f"({self.pairs(instance, entity)}) p);")
            package = lib.export(instance, "--preserve-uuids")
            said = self.load_it(instance, package, "--into", space)
            for entity, columns in emptied.items():
                groups = [g for g in said["plan"]["groups"] if g["kind"] == entity]
                self.assertLessEqual({(g["class"], g["why"]) for g in groups},
                                     {("update", "there"), ("same", "")})
                self.assertEqual({c.removeprefix("__") if c.startswith("____") else c
                                  for g in groups for c in g["columns"]}, columns, entity)
                left = " + ".join(f"count(h.{ident(c)})" for c in columns)
                uuids = ", ".join(f"'{r['uuid']}'" for r in package.rows(entity))
                table = lib.table_of(instance, entity)
                self.assertEqual(instance.db.value(
                    f"SELECT {left} FROM {table} h JOIN ({self.pairs(instance, entity)}) p ON "
                    f"p.here = h.id JOIN {table} t ON t.id = p.there WHERE t.uuid::text IN "
                    f"({uuids})"), "0", entity)

    @lib.everywhere(turns=True)
    def test_again_nothing_changes_and_into_a_new_infospace_all_is_new(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package = lib.export(instance)
            space = self.empty(instance)
            self.load_it(instance, package, "--into", space)
            before = self.outside(instance)[0], self.files(instance)
            totals = self.load_it(instance, package, "--into", space)["plan"]["totals"]
            self.assertEqual(totals["same"], totals["rows"])
            self.assertEqual((self.outside(instance)[0], self.files(instance)), before)
            planned = self.load_it(instance, package, "--new", "Fresh", "--dry-run")["plan"]
            made = self.load_it(instance, package, "--create-new-infospace",
                                "--target-infospace-name", "Fresh")
            for part in ("kinds", "references", "otherwise"):
                self.assertEqual(made["plan"][part], planned[part], part)
            fresh = made["result"]["created_infospace_id"]
            row = instance.db.query(
                "SELECT i.name, u.email" + (", i.visibility" if instance.has(
                    "infospace", "visibility") else ", 'private' AS visibility")
                + (", (SELECT count(*) FROM canon c WHERE c.id = i.default_canon_id AND "
                   "c.infospace_id = i.id AND c.role = 'GENERAL') AS canon" if instance.has(
                       "infospace", "default_canon_id") else ", 1 AS canon")
                + f" FROM infospace i JOIN public.user u ON u.id = i.owner_id WHERE i.id = {fresh}")
            self.assertEqual([list(r.values()) for r in row], [["Fresh", OWNER, "private", "1"]])
            self.assertEqual(int(instance.db.value(
                f"SELECT count(*) FROM annotation WHERE infospace_id = {fresh}")),
                len(package.rows("annotation")))
            # HQ's next row gets an id of its own
            instance.db.run("INSERT INTO infospace SELECT (json_populate_record(i, json_build_"
                            "object('id', nextval('infospace_id_seq'), 'uuid', gen_random_uuid())"
                            f")).* FROM infospace i WHERE id = {fresh};")

    @lib.everywhere(turns=True)
    def test_conflicts_stop_it_and_a_strategy_decides_them(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            package, here = self.changed_on_both_sides(instance, space)
            before = self.outside(instance)[0]
            said = self.load_it(instance, package, "--into", space, "--dry-run", code=4)
            group = [g for g in said["plan"]["groups"] if g["class"] == "conflict"]
            self.assertEqual([(g["kind"], g["why"], g["columns"], g["rows"]) for g in group],
                             [("annotation", "both", ["value"], 1)])
            said = self.load_it(instance, package, "--into", space, code=4)
            self.assertEqual((said["success"], said["error"]["code"]), (False, 4))
            self.assertEqual(self.outside(instance)[0], before)
            self.load_it(instance, package, "--into", space, "--conflict-strategy", "overwrite")
            self.assertEqual({r["v"] for r in instance.db.query(
                f"SELECT value::text AS v FROM annotation WHERE id IN ({here[0]}, {here[1]})")},
                {'{"by": "them"}'})
            self.assertEqual([r["status"] for r in self.records(instance)],
                             ["done", "failed", "done"])

    @lib.everywhere(turns=True)
    def test_times_are_those_of_hqs_own_sessions(self, kind, generation):
        """HQ writes what its clock says where the database is, without a word of where that is."""
        with lib.own(kind, generation) as instance:
            db, space = instance.db, self.empty(instance)
            db.run(f"ALTER DATABASE {db.dbname} SET timezone = 'Asia/Tokyo';")
            self.changed_on_both_sides(instance, space)
            naive = int(db.value(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'annotation'::regclass AND "
                "attname = 'updated_at' AND atttypid = 'timestamp'::regtype"))
            self.load_it(instance, lib.export(instance), "--into", space, "--conflict-strategy",
                         "overwrite")
            tokyo = "(now() AT TIME ZONE 'Asia/Tokyo')"
            now = tokyo if naive else "now()"
            self.assertEqual(db.value(
                f"SELECT max(updated_at) BETWEEN {now} - interval '10 min' AND {now} FROM "
                f"annotation WHERE infospace_id = {space}"), "t")
            said = self.load_it(instance, lib.export(instance), "--new", "New")
            made = said["result"]["created_infospace_id"]
            self.assertEqual(db.value(
                f"SELECT created_at BETWEEN {tokyo} - interval '10 min' AND {tokyo} FROM infospace "
                f"WHERE id = {made}"), "t")

    def test_roles_of_canons_are_words_that_hq_can_read(self):
        """Its own tables have some by default that it can't."""
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            db = instance.db
            db.run("UPDATE canon SET role = lower(role);")
            package, space = lib.export(instance), self.space(instance)
            roles = {r["role"] for r in package.rows("canon")}
            self.assertEqual(roles, {r.lower() for r in roles})
            for into in (("--into", space), ("--new", "New")):
                said = self.load_it(instance, package, *into)
                made = said["result"].get("created_infospace_id", space)
                self.assertEqual({r["role"] for r in db.query(
                    f"SELECT role FROM canon WHERE infospace_id = {made}")},
                    {r.upper() for r in roles} | {"GENERAL"})

    def test_names_of_rows_that_come_beside_fit_into_their_columns(self):
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            db = instance.db
            most = int(db.value("SELECT max(length(name)) FROM source"))
            db.run(f"ALTER TABLE source ALTER COLUMN name TYPE varchar({most});")
            package, space = lib.export(instance), self.empty(instance)
            self.load_it(instance, package, "--into", space)
            db.run(f"UPDATE source SET kind = 'other' WHERE infospace_id <> {space};")
            self.load_it(instance, lib.export(instance), "--into", space, "--conflict-strategy",
                         "rename")
            names = {r["n"] for r in db.query(
                f"SELECT name AS n FROM source WHERE infospace_id = {space}")}
            for row in package.rows("source"):
                self.assertIn(row["name"], names)
                self.assertIn(row["name"][:most - 4] + " (2)", names)

    def test_a_chain_of_versions_comes_beside_however_long(self):
        """Each names the one before it, which is another one by then."""
        length = 130 if lib.FULL else 6
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            db, run = instance.db, instance.id("annotationrun", "empty")
            asset, said = instance.id("asset", "text_german"), instance.id("annotation", "failed0")
            columns = [c for c in instance.columns("asset") if c != "text_search_vector"]
            names = ", ".join(map(ident, columns))
            db.run(f"""INSERT INTO asset ({names}) SELECT {names} FROM (SELECT (json_populate_record(
                x, json_build_object('id', 50000 + n, 'uuid', gen_random_uuid(), 'title', 'v' || n,
                'source_identifier', NULL, 'content_hash', NULL, 'previous_asset_id',
                CASE WHEN n > 1 THEN 49999 + n END))).* FROM asset x, generate_series(1, {length}) n
                WHERE x.id = {asset}) y;
                INSERT INTO annotation SELECT (json_populate_record(x, json_build_object('id', 70000,
                'uuid', gen_random_uuid(), 'run_id', {run}, 'asset_id', {50000 + length}))).* FROM
                annotation x WHERE x.id = {said};""")
            package = lib.export(instance, run_key="empty")
            db.run("UPDATE asset SET title = 'Another' WHERE id = 50001;")
            self.load_it(instance, package, "--into", instance.id("infospace", "main"),
                         "--conflict-strategy", "rename")
            old = f"BETWEEN 50001 AND {50000 + length}"
            self.assertEqual(db.value(
                "SELECT string_agg(t.title, ' ' ORDER BY o.id) FROM asset t JOIN asset o ON o.id = "
                f"t.previous_asset_id WHERE o.id {old} AND t.id NOT {old}"),
                " ".join(f"v{n}" for n in range(1, length + 1)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
