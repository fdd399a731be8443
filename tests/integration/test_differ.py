"""Rows that are here already differ from a package's in the columns that were changed, and in
no others: what HQ counts, and what the import would write otherwise anyhow, is no
difference."""

import unittest

import lib
from lib import ident, literal

from test_match import copy
from test_staging import stage

# What nobody compares: who a row is, whose it is, what HQ or the import sets.
NEVER = {"id", "uuid", "entity_uuid", "imported_from_uuid", "infospace_id", "updated_at",
         "blob_path", "is_superseded", "parent_is_superseded", "asset_count",
         "child_bundle_count", "user_id", "curated_by", "created_by", "text_search_vector"}
SET = {("run", "follow_on_version_change"), ("embedding_model", "is_active"),
       *(("source", c) for c in ("status", "is_active", "next_poll_at", "items_last_poll",
                                 "total_items_ingested", "consecutive_failures")),
       *(("flow", c) for c in ("trigger_mode", "linked_task_id", "cursor_state")),
       *(("task", c) for c in ("status", "is_enabled"))}
# Where the sample has secrets, or ids of rows that are nowhere, of users, or of tasks.
CARRIES_SECRETS_OR_IDS = {
    "configuration", "views_config", "trigger_context", "fragments", "file_info",
    "source_metadata", "text_content", "details", "steps", "execution_state", "asset_ids",
    "source_job_ids", "bundle_ids", "run_config_override"}
# What generations keep elsewhere, or spell otherwise: it isn't moved before it is compared.
BETWEEN = {"output_contract", "value", "model_name", "score", "evidence_payload", "provider"}


class Differ(lib.Case):
    maxDiff = None

    def compare(self, package, instance, space="main"):
        """{kind: {id here: columns that differ}}"""
        source = package.json("compatibility/instance_mapping.json")["instance"]
        done, _, tables = stage(instance.db, package.path,
                                about=(source, instance.id("infospace", space),
                                       "strategy=skip"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.tables = tables
        found = {}
        for kind in lib.TABLES:
            table = lib.table_of(instance, kind)
            if table and instance.has(table, "id") and package.rows(kind) and (
                    kind != "justification" or instance.number < 4):
                found[kind] = {int(r["target"]): r["c"].split("/") if r["c"] else []
                               for r in instance.db.query(
                                   "SELECT target, array_to_string(columns, '/') AS c "
                                   f"FROM {tables}differs_{kind}")}
        return found

    def leave_out_what_stays_out(self, instance, found):
        """Secrets, and ids of nobody, which a package doesn't have."""
        script = []
        for (kind, number), columns in found.items():
            table = lib.table_of(instance, kind)
            for column in columns:
                self.assertIn(column, CARRIES_SECRETS_OR_IDS, kind)
                value = (f"ARRAY(SELECT b FROM unnest({column}) b WHERE b IN (SELECT id FROM bundle))"
                         if column == "bundle_ids" else
                         f"(SELECT l.body FROM {self.tables}local_{kind} l JOIN "
                         f"{self.tables}differs_{kind} d ON d.number = l.number WHERE d.target = "
                         f"{number} AND l.key = {literal(column)})")
                type_ = instance.db.value(
                    "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                    f"{literal(ident(table))}::regclass AND attname = {literal(column)}")
                script.append(f"UPDATE {ident(table)} SET {ident(column)} = {value}::{type_} "
                              f"WHERE id = {number};")
        instance.db.run("\n".join(script))

    def different(self, package, instance):
        return {(k, i): columns for k, rows in self.compare(package, instance).items()
                for i, columns in rows.items() if columns}

    @lib.everywhere(turns=True)
    def test_the_same_rows_are_the_same(self, kind, generation):
        package = lib.shared_export(lib.shared(kind, generation), "--include-datasets")
        with lib.own(kind, generation) as instance:
            found = self.compare(package, instance)
            self.assertTrue(found["annotation"] and found["asset"] and found["run"])
            self.leave_out_what_stays_out(instance, self.different(package, instance))
            self.assertEqual(self.different(package, instance), {})

    def changes(self, instance, kind):
        """(column, SQL that gives it another value), for columns that are compared."""
        table = lib.table_of(instance, kind)
        for r in instance.db.query(
                "SELECT a.attname AS c, format_type(a.atttypid, NULL) AS t, typtype AS k, "
                "a.attgenerated AS g, (SELECT confrelid::regclass::text FROM pg_constraint f "
                "WHERE f.conrelid = a.attrelid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]) "
                f"AS f FROM pg_attribute a JOIN pg_type ON pg_type.oid = atttypid WHERE attrelid = "
                f"{literal(ident(table))}::regclass AND attnum > 0 AND NOT attisdropped"):
            column, type_ = ident(r["c"]), r["t"]
            if r["c"] in NEVER or (kind, r["c"]) in SET or r["g"] or r["f"] or \
                    (table, r["c"]) in lib.SOFT:
                continue
            if r["k"] == "e" or (kind, r["c"]) in {("canon", "role")}:
                continue  # words: below
            if type_ == "boolean":
                yield r["c"], f"NOT coalesce({column}, false)"
            elif type_ in ("integer", "bigint", "double precision"):
                yield r["c"], f"coalesce({column}, 0) + 1000000"
            elif r["c"] == "details":  # of others nobody knows whether they are secret
                yield r["c"], """'{"url": "https://changed.example.org/"}'"""
            elif type_ in ("json", "jsonb"):
                yield r["c"], """'{"changed": [1.50, null]}'"""
            elif type_ in ("text", "character varying"):
                yield r["c"], f"coalesce({column}, '') || ' changed'"
            elif type_.startswith("timestamp"):
                yield r["c"], (f"CASE WHEN isfinite({column}) THEN {column} + interval '1 day' "
                               "ELSE '2020-01-01' END")

    @lib.everywhere(turns=True)
    def test_what_was_changed_here_differs_and_nothing_else(self, kind, generation):
        package = lib.shared_export(lib.shared(kind, generation), "--include-datasets")
        with lib.own(kind, generation) as instance:
            expected, script = {}, ["SET session_replication_role = replica;"]
            for entity in lib.TABLES:
                table = lib.table_of(instance, entity)
                ids = sorted(package.ids(entity)) if table and instance.has(table, "id") and \
                    (instance.has(table, "uuid") or instance.has(table, "entity_uuid")) else []
                staged = {k for row in package.rows(entity) for k in row} | {
                    k for row in package.rows(entity) if "__raw" in row
                    for k, _ in lib.Pairs(row["__raw"])}
                changes = [c for c in self.changes(instance, entity) if c[0] in staged] if ids \
                    else []
                for at, (column, value) in enumerate(changes):
                    number = ids[at % len(ids)]
                    script.append(f"UPDATE {ident(table)} SET {ident(column)} = {value} "
                                  f"WHERE id = {number};")
                    expected.setdefault((entity, number), []).append(column)
            before = self.different(package, instance)
            instance.db.run("\n".join(script))
            for row, columns in before.items():
                expected.setdefault(row, []).extend(columns)
            self.assertEqual({k: sorted(c) for k, c in self.different(package, instance).items()},
                             {k: sorted(set(c)) for k, c in expected.items()})

    def test_words_and_references_are_compared_as_they_would_be_written(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST), "--include-datasets")
        with lib.own(lib.KINDS[0], lib.NEWEST) as instance:
            before = self.different(package, instance)
            run, db = instance.id("annotationrun", "main"), instance.db
            failed = int(db.value("SELECT id FROM asset WHERE processing_status = 'FAILED' AND "
                                  f"id IN ({', '.join(map(str, package.ids('asset')))})"))
            asset, child, other = sorted(
                i for i, row in package.by_id("asset").items()
                if "parent_asset_id" in row and ("asset", i) not in before)[:3]
            member = min(i for i, row in package.by_id("asset").items()
                         if ("asset", i) not in before and row["bundle_ids"] != [0] and
                         i not in (asset, child, other, failed))
            annotations = sorted(package.ids("annotation"))
            bundle, schema = sorted(package.ids("bundle"))[0], sorted(package.ids("schema"))
            db.run(f"""
                UPDATE annotationrun SET status = 'WAITING' WHERE id = {run};
                UPDATE asset SET processing_status = 'READY' WHERE id = {failed};
                UPDATE asset SET kind = 'FILE', processing_status = 'PENDING' WHERE id = {asset};
                UPDATE asset SET parent_asset_id = NULL WHERE id = {child};
                UPDATE asset SET bundle_ids = array_append(array_remove(bundle_ids, 0), {bundle})
                  WHERE id = {other};
                UPDATE asset SET bundle_ids = '{{0}}' WHERE id = {member};
                UPDATE annotation SET status = CASE status WHEN 'FAILED' THEN 'SUCCESS'
                  ELSE 'FAILED' END::resultstatus WHERE id = {annotations[0]};
                UPDATE annotation SET schema_id = CASE schema_id WHEN {schema[0]} THEN {schema[1]}
                  ELSE {schema[0]} END WHERE id = {annotations[1]};""")
            now = self.different(package, instance)
            self.assertEqual({k: set(c) - set(before.get(k, ())) for k, c in now.items()
                              if set(c) - set(before.get(k, ()))},
                             {("run", run): {"status"}, ("asset", child): {"parent_asset_id"},
                              ("asset", asset): {"kind", "processing_status"},
                              # an import takes nobody out of a bundle
                              ("asset", member): {"bundle_ids"},
                              ("annotation", annotations[0]): {"status"},
                              ("annotation", annotations[1]): {"schema_id"}})
            self.assertEqual(set(before) - set(now), {("asset", failed)} & set(before))

    def test_another_generation_compares_what_both_have(self):
        """What one side has no column for is no difference, in any pair."""
        for source in lib.GENERATIONS:
            package = lib.shared_export(lib.shared(lib.KINDS[0], source), "--include-datasets")
            for target in lib.GENERATIONS:
                if source == target:
                    continue
                with self.subTest(source=source, target=target):
                    different = self.different(package, copy(lib.KINDS[0], target))
                    self.assertLessEqual({c for columns in different.values() for c in columns},
                                         CARRIES_SECRETS_OR_IDS | BETWEEN)


if __name__ == "__main__":
    unittest.main()
