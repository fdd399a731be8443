"""Rows of a package name each other by UUID; ids inside JSON and text are
listed beside them; instance_mapping says which row was which."""

import hashlib
import json
import unittest
import uuid

import lib
from lib import ident, literal

DEAD = 987654


def derived(*parts):
    """A UUID of version 8 as the package format derives them."""
    digest = bytearray(hashlib.sha256(b"".join(p.encode() + b"\0" for p in parts)).digest()[:16])
    digest[6] = digest[6] & 0x0f | 0x80
    digest[8] = digest[8] & 0x3f | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))


class Names:
    """UUIDs that a package gives to rows, by kind and id at the source."""

    def __init__(self, instance, package):
        self.instance = instance
        self.uuids = {(m["kind"], m["source_id"]): m["uuid"] for m in package.mapping}
        document = package.json("compatibility/instance_mapping.json")
        emails = {a["email"]: a["uuid"] for a in document.get("authors", [])}
        for row in instance.db.query('SELECT id, email FROM "user"'):
            if row["email"] in emails:
                self.uuids["user", int(row["id"])] = emails[row["email"]]

    def of(self, table, id_):
        return self.uuids.get((lib.kind_of(table), int(id_)))


def foreign_keys(instance, table):
    """{column: table} of the foreign keys to an id."""
    return {r["column"]: r["target"] for r in instance.db.query(f"""
        SELECT a.attname AS column, t.relname AS target
          FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         WHERE k.conrelid = {literal(ident(table))}::regclass AND k.contype = 'f'""")}


def pointer(path):
    return "/" + "/".join(str(p).replace("~", "~0").replace("/", "~1") for p in path)


def escaped(column):
    return "__" + column if column.startswith("__") else column


def listed(row):
    """The `__refs` of a row as a set."""
    return {(r["path"], r["form"], r.get("kind"), r.get("id"), r.get("uuid"))
            for r in map(dict, row.get("__refs", []))}


class Columns(lib.Case):

    @lib.everywhere()
    def test_columns_name_rows_by_their_uuids(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--include-datasets")
        names = Names(instance, package)
        compared = 0
        for entity in lib.TABLES:
            table = lib.table_of(instance, entity)
            keys = foreign_keys(instance, table) if table else {}
            if not keys or (entity == "justification" and instance.number == 4):
                continue
            columns = ", ".join(map(ident, keys))
            if instance.has(table, "id"):
                theirs = {int(r["id"]): r for r in instance.db.query(
                    f"SELECT id, {columns} FROM {ident(table)}")}
                for id_, row in package.by_id(entity).items():
                    for column, target in keys.items():
                        expected = theirs[id_][column]
                        expected = expected and names.of(target, expected)
                        self.assertEqual(expected, row.get(column), f"{table} {id_}.{column}")
                        compared += row.get(column) is not None
            else:
                theirs = {tuple(names.of(keys[c], r[c]) for c in sorted(keys))
                          for r in instance.db.query(f"SELECT {columns} FROM {ident(table)}")}
                for row in package.rows(entity):
                    self.assertIn(tuple(row[c] for c in sorted(keys)), theirs)
        self.assertGreater(compared, 500)

    @lib.everywhere(generations=lib.GENERATIONS[2:])
    def test_bundles_in_arrays_and_parents_without_foreign_key(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        names = Names(instance, package)
        assets, bundles = package.by_id("asset"), package.by_id("bundle")
        for row in instance.db.query("SELECT id, array_to_json(bundle_ids) AS b FROM asset"):
            if int(row["id"]) in assets:
                expected = [names.of("bundle", b) or lib.Number(b) for b in json.loads(row["b"])]
                self.assertEqual(expected, assets[int(row["id"])]["bundle_ids"])
        for row in instance.db.query("SELECT id, parent_bundle_id AS p FROM bundle"):
            if int(row["id"]) in bundles:
                parent = bundles[int(row["id"])]["parent_bundle_id"]
                self.assertEqual(names.of("bundle", row["p"]) or int(row["p"]), parent)
        drafts = bundles[instance.id("bundle", "drafts")]
        self.assertEqual(names.of("bundle", instance.id("bundle", "reports_2025")),
                         drafts["parent_bundle_id"])

    @lib.everywhere(generations=lib.GENERATIONS[2:])
    def test_an_array_with_an_id_of_nothing_lists_it_as_unknown(self, kind, generation):
        instance = lib.shared(kind, generation)
        row = lib.shared_export(instance).by_id("asset")[instance.id("asset", "same_size")]
        self.assertIn(("/bundle_ids/1", "number", "bundle", None, None), listed(row))

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_a_foreign_key_that_hq_adds_later_is_a_reference_too(self, kind, generation):
        with lib.own(kind, generation) as instance:
            schema = instance.id("annotationschema", "unused")
            user = instance.id("user", "editor")
            run = instance.id("annotationrun", "failed")
            instance.db.run(
                f"ALTER TABLE annotation ADD COLUMN other_schema integer REFERENCES "
                f"annotationschema(id), ADD COLUMN \"reviewed \"\"by\"\"\" integer REFERENCES "
                f"\"user\"(id), ADD COLUMN other_run integer REFERENCES annotationrun(id);"
                f"UPDATE annotation SET other_schema = {schema}, \"reviewed \"\"by\"\"\" = {user}, "
                f"other_run = {run} WHERE id = {instance.id('annotation', 'main0')};")
            package = lib.export(instance)
            names = Names(instance, package)
            row = package.by_id("annotation")[instance.id("annotation", "main0")]
            self.assertEqual(names.of("annotationschema", schema), row["other_schema"])
            self.assertEqual(names.of("user", user), row['reviewed "by"'])
            self.assertEqual(names.of("annotationrun", run), row["other_run"])
            self.assertIn(schema, package.ids("schema"))
            self.assertNotIn(run, package.ids("run"))
            self.assertIn(run, {m["source_id"] for m in package.externals("run")})


class Inside(lib.Case):
    """References inside JSON and text."""

    @lib.everywhere()
    def test_each_reference_of_the_sample_is_listed_and_nothing_else(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--include-datasets")
        names = Names(instance, package)
        expected = {}
        for ref in instance.about["references"]:
            expected.setdefault((ref["table"], ref["id"]), set()).add(self._expected(ref, names))
        count = 0
        for entity in lib.TABLES:
            table = lib.table_of(instance, entity)
            if not table or not instance.has(table, "id") or (
                    entity == "justification" and instance.number == 4):
                continue
            for id_, row in package.by_id(entity).items():
                wanted = expected.get((table, id_), set()) | self._unknown_bundles(
                    instance, table, id_)
                self.assertEqual(wanted, listed(row), f"{table} {id_}")
                count += len(wanted)
        self.assertGreater(count, 60)

    def _expected(self, ref, names):
        path = f"/{escaped(ref['column'])}{ref['pointer']}"
        of = names.of(ref["to"], ref["to_id"]) if ref["resolves"] else None
        if ref["form"] == "uuid":
            of = names.of("asset", names.instance.db.value(
                f"SELECT id FROM asset WHERE uuid = {literal(ref['to_uuid'])}"))
        if ref["resolves"]:
            assert of, ref
        return (path, ref["form"], lib.kind_of(ref["to"]),
                lib.Number(ref["to_id"]) if ref["form"] == "marker" else None, of)

    def _unknown_bundles(self, instance, table, id_):
        if table != "asset" or instance.number < 3:
            return set()
        rows = instance.db.query(
            f"SELECT n - 1 AS n FROM asset a, unnest(a.bundle_ids) WITH ORDINALITY u (b, n) WHERE "
            f"a.id = {id_} AND b <> 0 AND NOT EXISTS (SELECT FROM bundle WHERE id = b)")
        return {(f"/bundle_ids/{r['n']}", "number", "bundle", None, None) for r in rows}


# Every place where HQ keeps ids inside values: generations, table, row of the
# sample, column, and what stands where. A target is (form, table, key); the
# forms are those of hqdb, a word before ":" the prefix; "live" is a number
# without which the row wouldn't come along.
ASSET, BUNDLE, RUN = ("asset", "web_de"), ("bundle", "target"), ("annotationrun", "previous")
SCHEMA, SOURCE, USER = ("annotationschema", "unused"), ("source", "unused_source"), ("user", "bob")
GRAPH, FLOW = ("knowledgegraph", "graph3"), ("flow", "flow2")


def number(target):
    return ("number", *target)


def string(target):
    return ("string", *target)


def config(*below):
    return {
        (*below, "target_asset_ids", 1): number(ASSET),
        (*below, "target_bundle_id"): number(BUNDLE),
        (*below, "previous_run_id"): number(RUN), (*below, "schema_ids", 0): string(SCHEMA),
        (*below, "_chained_asset_ids", 0): number(ASSET)}


def view(newest, *below):
    panel, settings = (*below, "panels", 1), (*below, "panels", 1, "settings")
    places = {
        (*settings, "selectedSchemaId"): number(SCHEMA),
        (*settings, "selectedSchemaIds", 0): number(SCHEMA),
        (*settings, "selectedGraphSchemaId"): string(SCHEMA),
        (*settings, "geocodeSource", "schemaId"): number(SCHEMA),
        (*settings, "labelSource", "schemaId"): number(SCHEMA),
        (*settings, "defaultSelectedSchemaIds", 0): number(SCHEMA),
        (*panel, "cache", "points", 0, "documentIds", 2): number(ASSET),
        (*panel, "selectedSourceIds", 0): number(SOURCE),
        (*panel, "sourceId"): number(BUNDLE), (*panel, "sourceType"): "bundle",
        (*below, "panels", 0, "sourceId"): number(RUN),
        (*below, "panels", 0, "sourceType"): "run",
        (*settings, "fieldsBySchema", "@"): ("key", *SCHEMA),
    }
    if newest:
        seen = (*below, "observations", 0)
        places.update({
            (*panel, "formula", "schema_id"): number(SCHEMA),
            (*panel, "formula_inline", "schema_id"): number(SCHEMA),
            (*below, "formulas", 1, "schema_id"): number(SCHEMA),
            (*seen, "run_id"): number(RUN), (*seen, "schema_id_snapshot"): number(SCHEMA),
            (*seen, "formula_inline", "schema_id"): number(SCHEMA),
            (*seen, "output_blob", 0, "annotation_id"): number(("annotation", "main1")),
            (*seen, "output_blob", 0, "value"): 7})
    return places


def files(newest):
    places = {("embedded_assets", 0): number(ASSET), ("referenced_bundles", 1): number(BUNDLE),
              ("source_asset_ids", 0): string(ASSET), ("source_bundle_ids", 0): number(BUNDLE),
              ("source_run_ids", 0): number(RUN), ("size",): 1001}
    if newest:
        places.update({("potential_supersedes",): number(ASSET),
                       ("supersedes_asset_id",): number(ASSET),
                       ("reconcile_version_of",): string(ASSET)})
    return places


def tasks(old):
    places = {("source_id",): number(SOURCE), ("target_source_id",): number(SOURCE),
              ("target_bundle_id",): number(BUNDLE), ("target_asset_ids", 0): number(ASSET),
              ("schema_ids", 0): number(SCHEMA), ("infospace_id",): ("number", "infospace", "main"),
              **config("run_specific_config")}
    if old:
        places.update({("monitor_id",): ("number", "monitor", "monitor"),
                       ("pipeline_id",): ("number", "intelligencepipeline", "pipeline")})
    else:
        places.update({("flow_id",): number(FLOW), ("target_id",): number(FLOW),
                       ("target_type",): "flow"})
    return places


FRAGMENTS = {
    ("a", "source_ref"): ("annotation_run:", *RUN), ("b", "source_ref", "type"): "run",
    ("b", "source_ref", "id"): number(RUN), ("c/d~e", "curated_by_ref"): ("user:", *USER),
    ("f", "schema_id"): number(SCHEMA), ("g", "annotation_run_id"): number(RUN),
    ("h", "source_ref"): "by hand", ("i", "value"): 7,
}
STEPS = {
    (0, "schema_ids", 0): number(SCHEMA), (0, "source_id"): number(SOURCE),
    (0, "target_bundle_id"): number(BUNDLE), (1, "bundle_id"): number(BUNDLE),
    (1, "bundle_ids", 1): number(BUNDLE), (1, "graph_id"): number(GRAPH),
    (1, "conditions", 0, "bundle_id"): number(BUNDLE),
    **{k: v for k, v in config(2, "config").items() if "_chained_asset_ids" not in k},
}
OUTPUTS = {
    ("1", "run_id"): number(RUN), ("1", "schema_ids", 0): number(SCHEMA),
    ("1", "source_id"): number(SOURCE), ("1", "bundle_ids", 0): number(BUNDLE),
    ("1", "graph_id"): number(GRAPH), ("1", "passed_asset_ids", 0): number(ASSET),
    ("1", "routed_asset_ids", 0): number(ASSET),
}
PLACES = [
    ("1234", "annotationrun", "main", "configuration", config()),
    ("34", "annotationrun", "main", "trigger_context", {
        ("parent_run_id",): number(RUN), ("source_run_id",): number(RUN),
        ("previous_asset_id",): number(ASSET), ("new_asset_id",): number(ASSET),
        ("extended_by_user_id",): number(USER)}),
    ("34", "annotationrun", "main", "graph_config", {
        ("graph_id",): number(GRAPH), ("target_graph_id",): string(GRAPH)}),
    ("123", "annotationrun", "main", "views_config", view(False, 0)),
    ("4", "annotationrun", "main", "views_config", view(True)),
    ("4", "annotationrun", "main", "views_config_legacy_v1", view(False)),
    ("4", "annotationrun", "main", "views_config_pre_formula_unroll", view(False, 0)),
    ("4", "annotationrun", "main", "__panel_reshape_backup_views_config__", view(False, 0)),
    ("1234", "asset", "report", "fragments", FRAGMENTS),
    ("34", "asset", "photo", "fragments", {
        ("a", "source_ref"): ("flow_execution:", "flowexecution", "other")}),
    ("12", "asset", "report", "source_metadata", files(False)),
    ("3", "asset", "report", "file_info", files(False)),
    ("4", "asset", "report", "file_info", files(True)),
    ("1234", "asset", "report", "text_content",
     "see {{asset:@:card:large}}, {{asset:@}}, {{asset:x}}"),
    ("34", "bundle", "reports", "bundle_metadata", {("source_query",): "kind:pdf bundle:@ x"}),
    ("1234", "source", "feed", "details", {
        ("target_bundle_id",): number(BUNDLE), ("user_id",): number(USER)}),
    ("1234", "dataset", "dataset", "asset_ids", {(0,): number(ASSET)}),
    ("1234", "dataset", "dataset", "source_scheme_ids", {(0,): number(SCHEMA)}),
    ("1234", "dataset", "dataset", "source_job_ids", {
        (0,): ("live", "annotationrun", "main"), (1,): number(RUN)}),
    ("12", "task", "task", "configuration", tasks(True)),
    ("34", "task", "task", "configuration", tasks(False)),
    ("34", "flow", "flow", "steps", STEPS),
    ("34", "flow", "flow", "cursor_state", {
        ("last_processed_asset_id",): number(ASSET), ("processed_asset_ids", 0): number(ASSET)}),
    ("34", "flow", "flow", "views_config", view(False, 0)),
    ("34", "flowexecution", "done", "trigger_context", {
        ("user_id",): number(USER), ("infospace_id",): ("number", "infospace", "main")}),
    ("34", "flowexecution", "done", "input_asset_ids", {(0,): number(ASSET)}),
    ("34", "flowexecution", "done", "output_asset_ids", {(0,): number(ASSET)}),
    ("34", "flowexecution", "done", "step_outputs", OUTPUTS),
    ("34", "flowexecution", "done", "execution_state", {
        ("current_asset_ids", 0): number(ASSET), ("annotation_run_ids", 0): number(RUN),
        ("pending_run_id",): number(RUN)}),
    ("12", "monitor", "monitor", "run_config_override", config()),
    ("12", "intelligencepipeline", "pipeline", "source_bundle_ids", {(0,): number(BUNDLE)}),
    ("4", "canon", "general", "description", "Migrated canon for graph #@"),
    ("1234", "annotation", "main0", "value", {
        ("_system_asset_source_uuid",): ("uuid", *ASSET), ("asset_id",): 1001,
        ("items", 0, "_system_asset_source_uuid"): ("uuid", *ASSET), ("title",): "x"}),
]
MARKED = {"text_content": ASSET, "source_query": BUNDLE, "description": GRAPH}


class Place:
    """A column to fill, and what its row must list then."""

    def __init__(self, instance, names, table, column, content, dead):
        self.instance, self.names, self.dead = instance, names, dead
        self.table, self.column = table, column
        self.found = set()
        if isinstance(content, str):
            self.value = self._text(content, column, ())
        else:
            self.value = json.dumps(self._tree(content))

    def _id(self, target):
        return DEAD if self.dead else self.instance.id(*target)

    def _note(self, path, form, target, marker=None):
        of = None if self.dead and form != "uuid" else self.names(*target)
        self.found.add((pointer((escaped(self.column), *path)), form, lib.kind_of(target[0]),
                        marker and lib.Number(marker), of))

    def _text(self, text, name, path):
        if "@" in text:
            target = MARKED[name]
            text = text.replace("@", str(self._id(target)))
            if not (self.dead and name == "source_query"):  # may be a bundle's name
                self._note(path, "marker", target, self._id(target))
        return text

    def _tree(self, content):
        root = None
        for path, what in content.items():
            if path[-1] == "@":
                path = (*path[:-1], str(self._id(what[1:])))
            root = _put(root, path, self._leaf(path, what))
        return root

    def _leaf(self, path, what):
        if isinstance(what, str):
            return self._text(what, path[-1], path)
        if isinstance(what, int):
            return what
        form, target = what[0], what[1:]
        if form == "uuid":
            self._note(path, form, target)
            return self.instance.uuid(*target)
        if form == "live":
            self.found.add((pointer((self.column, *path)), "number", lib.kind_of(target[0]), None,
                            self.names(*target)))
            return self.instance.id(*target)
        if form == "key":
            if not self.dead:  # a key that names nothing is just a key
                self._note(path, form, target)
            return ["title"]
        id_ = self._id(target)
        if form.endswith(":"):
            self._note(path, "prefix", target)
            return f"{form}{id_}"
        self._note(path, form, target)
        return str(id_) if form == "string" else id_


def _put(root, path, leaf):
    """Sets root[path] = leaf, making objects and arrays on the way."""
    if not path:
        return leaf
    if isinstance(path[0], int):
        root = root if root is not None else []
        root += [None] * (path[0] + 1 - len(root))
    else:
        root = root if root is not None else {}
    old = root[path[0]] if isinstance(path[0], int) else root.get(path[0])
    root[path[0]] = _put(old, path[1:], leaf)
    return root


class Places(lib.Case):

    def _fill(self, instance, dead):
        """Fills the places; keeps what else the rows need to come along."""
        script, expected = [], {}
        for generations, table, key, column, content in PLACES:
            if str(instance.number) in generations:
                place = Place(instance, lambda t, k: (t, k), table, column, content, dead)
                script.append(f"UPDATE {ident(table)} SET {ident(column)} = {literal(place.value)} "
                              f"WHERE id = {instance.id(table, key)};\n")
                expected[table, key, escaped(column)] = place.found
        instance.db.run("".join(script))
        return expected

    def _check(self, instance, package, expected):
        names = Names(instance, package)
        for (table, key, column), wanted in expected.items():
            wanted = {(p, f, k, i, of and names.of(of[0], instance.id(*of)))
                      for p, f, k, i, of in wanted}
            rows = package.by_id(lib.kind_of(table))
            self.assertIn(instance.id(table, key), rows, f"{table} {key} doesn't travel")
            found = {r for r in listed(rows[instance.id(table, key)])
                     if r[0] == f"/{column}" or r[0].startswith(f"/{column}/")}
            self.assertEqual(wanted, found, f"{table} {key}.{column}")

    @lib.everywhere(turns=True)
    def test_each_place_where_hq_keeps_ids_is_listed_with_the_rows_uuid(self, kind, generation):
        with lib.own(kind, generation) as instance:
            expected = self._fill(instance, dead=False)
            self._anchor(instance)
            package = lib.export(instance, "--include-datasets")
            self._check(instance, package, expected)

    @lib.everywhere(turns=True)
    def test_in_each_place_an_id_of_nothing_is_listed_without_uuid(self, kind, generation):
        with lib.own(kind, generation) as instance:
            expected = self._fill(instance, dead=True)
            self._anchor(instance)
            package = lib.export(instance, "--include-datasets")
            self._check(instance, package, expected)
            self.assertGreater(package.manifest["references"]["unresolved"], 20)

    def _anchor(self, instance):
        """Names those rows by columns that were named inside values before."""
        at = instance.id
        main = f"WHERE id = {at('annotationrun', 'main')}"
        script = (f"UPDATE asset SET source_id = {at('source', 'feed')} "
                  f"WHERE id = {at('asset', 'report')};")
        if instance.number > 2:
            script += ("UPDATE annotationrun SET flow_execution_id = "
                       f"{at('flowexecution', 'done')}, source_bundle_id = "
                       f"{at('bundle', 'reports')} {main};")
        else:
            script += (f"UPDATE annotationrun SET monitor_id = {at('monitor', 'monitor')} {main};"
                       f"ALTER TABLE annotationrun ADD COLUMN by_pipeline integer REFERENCES "
                       f"intelligencepipeline(id);"
                       f"UPDATE annotationrun SET by_pipeline = "
                       f"{at('intelligencepipeline', 'pipeline')} {main};")
        if instance.number == 2:
            script += (f"UPDATE asset SET bundle_id = {at('bundle', 'reports')} "
                       f"WHERE id = {at('asset', 'report')};")
        if instance.number == 4:
            script += (f"UPDATE fragmentcuration SET source_entity_id = {at('entity', 'bund')};")
        instance.db.run(script)


class Mapping(lib.Case):

    @lib.everywhere()
    def test_the_mapping_has_each_row_with_its_id_uuid_and_origin(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--include-datasets")
        rows = {(m["kind"], m["source_id"]): m for m in package.mapping if not m.get("external")}
        self.assertEqual(len(rows), sum(1 for m in package.mapping if not m.get("external")))
        travelling = set()
        for entity in lib.TABLES:
            table = lib.table_of(instance, entity)
            if not table or not instance.has(table, "id") or (
                    entity == "justification" and instance.number == 4):
                continue
            uuids = {r["id"] for r in package.rows(entity)}
            travelling |= uuids
            columns = instance.columns(table)
            own = next((c for c in ("uuid", "entity_uuid") if c in columns), None)
            from_ = "imported_from_uuid" if "imported_from_uuid" in columns else "NULL::text"
            theirs = {int(r["id"]): r for r in instance.db.query(
                f"SELECT id, {own or 'NULL::text'} AS uuid, {from_} AS origin FROM {ident(table)}")}
            for (kind_, id_), m in rows.items():
                if kind_ != entity:
                    continue
                self.assertIn(m["uuid"], uuids)
                if own:
                    self.assertEqual(theirs[id_]["uuid"], m["source_uuid"])
                self.assertEqual([theirs[id_]["origin"]] if theirs[id_]["origin"] else [],
                                 [o["uuid"] for o in m.get("origin", [])], f"{table} {id_}")
        self.assertEqual(travelling, {m["uuid"] for m in rows.values()})

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_the_mapping_of_many_rows_stands_in_lines_beside_it(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, run_key="bulk")
        self.assertIn("compatibility/instance_mapping.jsonl", package.names)
        theirs = {int(r["id"]): r["uuid"] for r in instance.db.query(
            "SELECT id, uuid FROM annotation WHERE run_id = "
            f"{instance.id('annotationrun', 'bulk')}")}
        self.assertEqual(2000, len(theirs))
        self.assertEqual(theirs, {m["source_id"]: m["source_uuid"] for m in package.mapping
                                  if m["kind"] == "annotation" and not m.get("external")})
        self.assertEqual(len(package.mapping),
                         package.json("compatibility/instance_mapping.json")["row_count"])

    @lib.everywhere(turns=True)
    def test_without_preserve_no_uuid_of_the_source_stands_outside_the_mapping(
            self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--include-datasets")
        inside = instance.id("annotation", "hazard_asset_uuid")
        line = next(r for r in package.raw_rows("annotation") if package.by_id("annotation")[
            inside]["id"] in r)
        others = {n: package.text(n) for n in package.names
                  if "instance_mapping" not in n and n.endswith((".json", ".jsonl"))}
        others["annotations/annotations.jsonl"] = others[
            "annotations/annotations.jsonl"].replace(line, "")
        everything = "\n".join(others.values())
        count = 0
        for table in instance.tables():
            for column in ("uuid", "entity_uuid", "imported_from_uuid"):
                if instance.has(table, column):
                    for row in instance.db.query(f"SELECT {column} AS u FROM {ident(table)} "
                                                 f"WHERE {column} IS NOT NULL"):
                        self.assertNotIn(row["u"], everything, f"{table}.{column}")
                        count += 1
        self.assertGreater(count, 300)
        self.assertIn(instance.uuid("asset", "photo"), line)  # values stay as they are

    @lib.everywhere(generations=(lib.GENERATIONS[0], lib.NEWEST))
    def test_preserve_uuids_carries_the_sources_own(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance, "--preserve-uuids")
        rows = package.by_id("annotation")
        for key in ("main0", "hazard_asset_uuid", "triplets0"):
            row = rows[instance.id("annotation", key)]
            self.assertEqual(instance.uuid("annotation", key), row["uuid"])
            self.assertEqual(instance.uuid("annotationrun", "main"), row["run_id"])
        self.assertEqual(instance.db.value(
            "SELECT imported_from_uuid FROM annotation WHERE id = "
            f"{instance.id('annotation', 'main0')}"),
            rows[instance.id("annotation", "main0")]["imported_from_uuid"])
        refs = {r[0]: r[4] for r in listed(package.rows("run")[0])}
        self.assertEqual(instance.uuid("asset", "report"),
                         refs["/configuration/target_asset_ids/0"])
        self.assertTrue(package.manifest["options"]["preserve_uuids"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_new_uuids_are_derived_from_instance_and_old_one(self, kind, generation):
        instance = lib.shared(kind, generation)
        package = lib.shared_export(instance)
        database = instance.db.value(
            "SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || oid "
            "FROM pg_database WHERE datname = current_database()")
        source = package.manifest["source"]["instance"]
        self.assertEqual(derived("instance", database), source)
        for m in package.mapping:
            self.assertEqual(8, uuid.UUID(m["uuid"]).version, m)
            if m["kind"] in ("aggregate", "edge", "curation", "task"):
                self.assertEqual(derived("row", source, m["kind"], str(m["source_id"])), m["uuid"])
            elif m["kind"] not in ("chunk", "embedding_model"):
                self.assertEqual(derived("uuid", source, m["source_uuid"]), m["uuid"], m)

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_the_same_row_has_the_same_uuid_in_each_package(self, kind, generation):
        instance = lib.shared(kind, generation)
        first, other = lib.shared_export(instance), lib.shared_export(instance, run_key="child")
        again = lib.export(instance)
        uuids = {(m["kind"], m["source_id"]): m["uuid"] for m in first.mapping}
        self.assertEqual(uuids, {(m["kind"], m["source_id"]): m["uuid"] for m in again.mapping})
        common = [m for m in other.mapping if (m["kind"], m["source_id"]) in uuids]
        self.assertGreater(len(common), 3)
        for m in common:
            self.assertEqual(uuids[m["kind"], m["source_id"]], m["uuid"])

    @lib.everywhere(generations=(lib.NEWEST,))
    def test_users_stand_by_email_and_handle(self, kind, generation):
        instance = lib.shared(kind, generation)
        document = lib.shared_export(instance).json("compatibility/instance_mapping.json")
        self.assertEqual({("owner@example.org", "owner"), ("analyst@example.org", "analyst"),
                          ("curator@example.org", "curator")},
                         {(a["email"], a["handle"]) for a in document["authors"]})


if __name__ == "__main__":
    unittest.main()
