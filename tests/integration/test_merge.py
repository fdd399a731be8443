"""An import writes what the package has, and nothing else: compared, row by row and column by
column, with the source, which is beside it in the same database. The next import knows what was
written, what was changed since, and by whom."""

import json
import re
import unittest

import lib
from lib import ident, literal

from test_differ import CARRIES_SECRETS_OR_IDS, SET
from test_staging import stage

# What a new row has of its own.
OWN = {"id", "uuid", "entity_uuid", "imported_from_uuid", "infospace_id", "blob_path",
       "asset_count", "child_bundle_count", "text_search_vector"}
FINISHED = {"run": {"COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED"},
            "asset": {"READY"}, "flow": {"DRAFT", "PAUSED"},
            "flow_execution": {"COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED"}}
STATUS = {"run": "status", "asset": "processing_status", "flow": "status",
          "flow_execution": "status"}


def tight(column):
    """SQL: its text; json keeps white space between its tokens, packages don't."""
    return (f"""CASE pg_typeof({column})::text WHEN 'json' THEN regexp_replace({column}::text, """
            r"""'("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') """ f"ELSE {column}::text END")


def names_in(row, column):
    """The references inside a column of a row of a package."""
    key = f"__{column}" if column.startswith("__") else column
    return [r for r in row.get("__refs", ()) if r["path"].split("/")[1] == key]


class Importing(lib.Case):
    maxDiff = None

    def space(self, instance, name="Imported"):
        """An infospace like the sample's, with nothing in it; its id."""
        return self.space_like(instance, instance.id("infospace", "main"), name)

    def space_like(self, instance, like, name):
        return int(instance.db.value(
            "INSERT INTO infospace SELECT (json_populate_record(i, json_build_object('id', "
            "nextval(pg_get_serial_sequence('public.infospace', 'id')), 'uuid', "
            f"gen_random_uuid(), 'name', {literal(name)}))).* FROM infospace i WHERE id = {like} RETURNING id"))

    def canon(self, instance, space):
        """As HQ makes one for each new infospace."""
        if instance.has("canon"):
            instance.db.run(
                "INSERT INTO canon SELECT (json_populate_record(c, json_build_object('id', "
                "nextval('public.canon_id_seq'), 'uuid', gen_random_uuid(), 'role', 'GENERAL', "
                "'name', 'General', "
                f"'infospace_id', {space}))).* FROM canon c ORDER BY id LIMIT 1;")

    def set_up(self, instance):
        done = lib.run("setup", "--db", instance.db.dsn)
        self.assertEqual(done.returncode, 0, done.stderr)

    def load(self, package, instance, space, *options):
        """Imports it; the prefix of the staging's tables."""
        source = package.json("compatibility/instance_mapping.json")["instance"]
        number = instance.db.value(
            "INSERT INTO spaceport.import_operations (uuid, package_path, target_infospace_id, "
            f"status) VALUES (gen_random_uuid(), '', {space}, 'running') RETURNING id")
        owner = instance.db.value(f"SELECT owner_id FROM infospace WHERE id = {space}")
        done, _, tables = stage(instance.db, package.path, about=(
            source, space, f"owner={owner}", f"merge={number}", *options))
        self.assertEqual(done.returncode, 0, done.stderr)
        instance.db.run("UPDATE spaceport.import_operations SET status = 'done' WHERE id = "
                        f"{number};")
        return tables

    def fates(self, instance, tables, package):
        """{kind: {class, or class and why: how many}}"""
        found = {}
        for kind in lib.TABLES:
            table = lib.table_of(instance, kind)
            if table and instance.has(table, "id") and package.rows(kind) and (
                    kind != "justification" or instance.number < 4):
                found[kind] = {r["c"]: int(r["n"]) for r in instance.db.query(
                    "SELECT concat_ws(' ', class, why) AS c, count(*) AS n "
                    f"FROM {tables}fate_{kind} GROUP BY 1")}
        return found

    def pairs(self, instance, kind):
        """SQL: the ids of the rows there and here."""
        table, uuid = lib.table_of(instance, kind), None
        for column in ("uuid", "entity_uuid"):
            uuid = column if instance.has(table, column) else uuid
        if uuid:
            return (f"SELECT s.id AS there, m.target_entity_id AS here FROM {ident(table)} s "
                    f"JOIN spaceport.cross_instance_mappings m ON m.source_entity_id = s.{uuid} "
                    f"AND m.source_entity_type = {literal(kind)}")
        return None

    def compare(self, instance, package, kind):
        """What differs between the rows there and those that were written: {column: rows}"""
        table, pairs = lib.table_of(instance, kind), self.pairs(instance, kind)
        if not pairs:
            return {}
        self.assertEqual(
            int(instance.db.value(f"SELECT count(*) FROM ({pairs}) p JOIN {ident(table)} t "
                                  "ON t.id = p.here")), len(package.rows(kind)), kind)
        left_out = {c["column"] for c in package.manifest["left_out"]["columns"]}
        found, foreign = {}, {
            r["c"]: r["t"] for r in instance.db.query(
                "SELECT a.attname AS c, f.confrelid::regclass::text AS t FROM pg_constraint f "
                "JOIN pg_attribute a ON a.attrelid = f.conrelid AND f.conkey = ARRAY[a.attnum] "
                f"WHERE f.contype = 'f' AND f.conrelid = {literal(ident(table))}::regclass")}
        for column in instance.columns(table):
            if column in OWN or (kind, column) in SET or column in CARRIES_SECRETS_OR_IDS or \
                    f"{table}.{column}" in left_out:
                continue
            name = ident(column)
            there, here = tight(f"s.{name}"), tight(f"t.{name}")
            if column in foreign or (table, column) in lib.SOFT:
                other = (lib.kind_of(foreign[column].strip('"')) if column in foreign
                         else lib.SOFT[table, column])
                known = self.pairs(instance, other) if other in lib.TABLES else None
                if not known:
                    continue
                # who isn't in the package is nobody
                there = (f"coalesce((SELECT k.here FROM ({known}) k WHERE k.there = s.{name}), "
                         "0)")
                here = f"coalesce(t.{name}, 0)"
            elif column == STATUS.get(kind):
                words = ", ".join(map(literal, sorted(FINISHED[kind])))
                there = (f"CASE WHEN s.{name}::text IN ({words}) THEN s.{name}::text "
                         f"ELSE t.{name}::text END")
            numbers = [m["source_id"] for m in package.mapping if m["kind"] == kind and m["uuid"]
                       in {r["id"] for r in package.rows(kind) if names_in(r, column)}]
            if numbers:
                there = f"CASE WHEN s.id IN ({', '.join(map(str, numbers))}) THEN {here} ELSE {there} END"
            count = int(instance.db.value(
                f"SELECT count(*) FROM ({pairs}) p JOIN {ident(table)} s ON s.id = p.there "
                f"JOIN {ident(table)} t ON t.id = p.here WHERE {there} IS DISTINCT FROM {here}"))
            if count:
                found[f"{kind}.{column}"] = count
        return found

    def compare_references(self, instance, package, kind):
        """Numbers inside values name the rows that were written."""
        ids, table, wanted = self.ids(instance), lib.table_of(instance, kind), {}
        for row in package.rows(kind):
            for ref in map(dict, row.get("__refs", ())):
                column = re.sub("^____", "__", ref["path"].split("/")[1])
                known = ids.get((ref.get("kind"), ref.get("uuid")))
                if ref["form"] == "number" and known and instance.has(table, column) and \
                        (kind, column) not in SET:
                    wanted.setdefault(column, []).append(
                        (ids[kind, row["id"]], ref["path"].split("/")[2:], known))
        for column, refs in wanted.items():
            texts = {int(r["id"]): r["v"] for r in instance.db.query(
                f"SELECT id, {ident(column)}::text AS v FROM {ident(table)} WHERE id IN "
                f"({', '.join(str(r[0]) for r in refs)})")}
            for number, path, known in refs:
                value = json.loads(texts[number])
                for part in path[:-1]:
                    value = value[int(part) if isinstance(value, list)
                                  else part.replace("~1", "/").replace("~0", "~")]
                # ids of nobody aren't in lists any more
                self.assertIn(known, value if isinstance(value, list) else [value.get(path[-1])],
                              (kind, column, path))
        return sum(map(len, wanted.values()))

    def ids(self, instance):
        """{(kind, UUID at the source): id here}; packages that preserve UUIDs have the same."""
        return {(r["k"], r["u"]): int(r["i"]) for r in instance.db.query(
            "SELECT source_entity_type AS k, source_entity_id AS u, target_entity_id AS i FROM "
            "spaceport.cross_instance_mappings ORDER BY id")}

    def contents(self, instance):
        """All of HQ's rows, as one text for each table."""
        return {t: instance.db.value(f"SELECT md5(coalesce(string_agg(x::text, chr(10) ORDER BY "
                                     f"x::text COLLATE \"C\"), '')) FROM {ident(t)} x")
                for t in instance.tables()}


class Merge(Importing):
    @lib.everywhere(turns=True)
    def test_every_value_is_written(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package = lib.export(instance, "--include-datasets", "--preserve-uuids")
            self.set_up(instance)
            space = self.space(instance)
            self.canon(instance, space)
            tables = self.load(package, instance, space)
            fates = self.fates(instance, tables, package)
            self.assertEqual({k: sum(f.values()) for k, f in fates.items()},
                             {k: len(package.rows(k)) for k in fates})
            # what belongs to the whole instance is known already
            self.assertEqual({w for k, f in fates.items() for w in f if k != "embedding_model"},
                             {"new"})
            different = {}
            for entity in fates:
                different.update(self.compare(instance, package, entity))
            self.assertEqual(different, {})
            self.assertTrue(sum(self.compare_references(instance, package, k) for k in fates))
            links = instance.db.value(
                "SELECT count(*) FROM runschemalink l JOIN annotationrun r ON r.id = l.run_id "
                f"WHERE r.infospace_id = {space}")
            self.assertEqual(int(links), len(package.rows("schema_link")))

    @lib.everywhere(turns=True)
    def test_the_same_package_again_changes_nothing(self, kind, generation):
        with lib.own(kind, generation) as instance:
            packages = [lib.export(instance, "--include-datasets", *options)
                        for options in ((), ("--preserve-uuids",))]
            self.set_up(instance)
            space = self.space(instance)
            self.canon(instance, space)
            self.load(packages[0], instance, space)
            before = self.contents(instance)
            for package in (packages[0], packages[1], packages[0]):
                tables = self.load(package, instance, space)
                fates = self.fates(instance, tables, package)
                self.assertLessEqual({w for f in fates.values() for w in f}, {"same"}, fates)
                self.assertEqual(self.contents(instance), before)
            another = self.space(instance, "Another")
            self.canon(instance, another)
            tables = self.load(packages[0], instance, another)
            self.assertEqual({w for k, f in self.fates(instance, tables, packages[0]).items()
                              for w in f if k != "embedding_model"}, {"new"})

    @lib.everywhere(turns=True)
    def test_what_was_changed_since_is_known(self, kind, generation):
        """Only there: it is changed here. Only here: it stays. Both: somebody has to decide, and
        nothing is written. In different columns: both count."""
        with lib.own(kind, generation) as instance:
            package, db = lib.export(instance), instance.db
            self.set_up(instance)
            space = self.space(instance)
            self.canon(instance, space)
            self.load(package, instance, space)
            there, here = zip(*((int(r["there"]), int(r["here"])) for r in db.query(
                self.pairs(instance, "annotation") + " ORDER BY 1")))
            changed = """'{"changed": "%s"}'"""
            db.run("".join(f"UPDATE annotation SET {column} = {value} WHERE id = {number};\n"
                           for number, column, value in (
                               (there[0], "value", changed % "there"),
                               (here[1], "value", changed % "here"),
                               (there[2], "value", changed % "there"),
                               (here[2], "value", changed % "here"),
                               (there[3], "value", changed % "both"),
                               (here[3], "value", changed % "both"),
                               (there[4], "value", changed % "there"),
                               (here[4], "region", changed % "here")))
                   + ("" if generation == lib.NEWEST else
                      f"DELETE FROM justification WHERE annotation_id = {here[5]};\n")
                   + "".join(f"DELETE FROM {t} WHERE annotation_id = {here[5]};\n"
                             for t in ("graphedge", "fragmentcuration") if instance.has(t))
                   + f"DELETE FROM annotation WHERE id = {here[5]};")
            before = self.contents(instance)
            package = lib.export(instance)
            tables = self.load(package, instance, space)
            fates = {int(r["target"]): (r["class"], r["why"], r["c"]) for r in db.query(
                "SELECT *, array_to_string(columns, ' ') AS c FROM "
                f"{tables}fate_annotation WHERE class <> 'same'")}
            self.assertEqual(fates, {here[0]: ("update", "there", "value"),
                                     here[1]: ("keep", "here", "value"),
                                     here[2]: ("conflict", "both", "value"),
                                     here[4]: ("update", "there", "value")})
            self.assertEqual(db.value(f"SELECT string_agg(why, ' ') FROM {tables}out "
                                      "WHERE kind = 'annotation'"), "deleted")
            values = {int(r["id"]): (r["v"], r["r"]) for r in db.query(
                "SELECT id, value::json ->> 'changed' AS v, region::json ->> 'changed' AS r FROM "
                f"annotation WHERE id IN ({', '.join(map(str, here[:6]))})")}
            self.assertEqual([v for v, _ in (values.get(n, (None, 0)) for n in here[:6])],
                             ["there", "here", "here", "both", "there", None])
            self.assertEqual(values[here[4]][1], "here")
            self.assertEqual({t for t, text in self.contents(instance).items()
                              if text != before[t]}, {"annotation"})
            # what was kept is changed there later: nobody is to write over it
            db.run(f"UPDATE annotation SET value = {changed % 'later'} WHERE id = {there[1]};")
            tables = self.load(lib.export(instance), instance, space)
            self.assertEqual({int(r["target"]): (r["class"], r["why"]) for r in db.query(
                f"SELECT * FROM {tables}fate_annotation WHERE class <> 'same'")},
                {here[1]: ("conflict", "both"), here[2]: ("conflict", "both"),
                 here[4]: ("keep", "here")})

    def change_here(self, instance, package):
        """Values of rows that are the package's own, and nobody knows since when; what they were:
        {(table, column, id): text}"""
        db, was, script = instance.db, {}, []
        schema, source = sorted(package.ids("schema"))[0], sorted(package.ids("source"))[0]
        rows = package.by_id("asset")
        with_text = sorted(i for i, r in rows.items() if "text_content" in r and
                           "parent_asset_id" not in r and not names_in(r, "text_content") and
                           len(r.get("content_hash", "")) != 64)[0]
        titled = sorted(i for i in rows if i != with_text)[0]
        for table, column, number, value in (
                ("annotationschema", "output_contract", schema, """'{"type": "object"}'"""),
                ("asset", "text_content", with_text, "'Another text'"),
                ("asset", "title", titled, "title || ' (here)'"),
                ("annotation", "value", sorted(package.ids("annotation"))[0], "'{}'"),
                ("annotationrun", "name", sorted(package.ids("run"))[0], "'Named here'"),
                # what it holds of secrets stays
                ("annotationrun", "configuration", sorted(package.ids("run"))[0],
                 """('{"added": [1],' || substr(ltrim(configuration::text), 2))::json"""),
                ("source", "kind", source, "'another'"),
                ("bundle", "name", sorted(package.ids("bundle"))[0], "name || ' (here)'")):
            was[table, column, number] = db.value(
                f"SELECT {column}::text FROM {table} WHERE id = {number}")
            script.append(f"UPDATE {table} SET {column} = {value} WHERE id = {number};")
        db.run("\n".join(script))
        return was

    @lib.everywhere(turns=True)
    def test_what_differs_and_nobody_knows_since_when(self, kind, generation):
        """What says what a thing is makes it another one, beside the one here, under a name or
        version that is free; of a run and of coding somebody has to decide; the rest stays."""
        with lib.own(kind, generation) as instance:
            package, db = lib.export(instance), instance.db
            self.set_up(instance)
            was = self.change_here(instance, package)
            numbers = {(t, c): n for t, c, n in was}
            before = {t: int(db.value(f"SELECT count(*) FROM {t}")) for t, _, _ in was}
            tables = self.load(package, instance, instance.id("infospace", "main"))

            def fate(entity, number):
                row = next(m["uuid"] for m in package.mapping
                           if m["kind"] == entity and m["source_id"] == number)
                return tuple(db.query(f"SELECT class, why FROM {tables}fate_{entity} WHERE id = "
                                      f"{literal(row)}")[0].values())
            schema, asset = numbers["annotationschema", "output_contract"], \
                numbers["asset", "text_content"]
            source = numbers["source", "kind"]
            self.assertEqual(fate("schema", schema), ("new", "beside"))
            self.assertEqual(fate("asset", asset), ("new", "beside"))
            self.assertEqual(fate("source", source), ("new", "beside"))
            self.assertEqual(fate("asset", numbers["asset", "title"]), ("keep", "first"))
            self.assertEqual(fate("annotation", numbers["annotation", "value"]),
                             ("conflict", "unknown"))
            self.assertEqual(fate("run", numbers["annotationrun", "name"]),
                             ("conflict", "unknown"))
            self.assertEqual(fate("bundle", numbers["bundle", "name"]), ("keep", "first"))
            # nothing of what is here was changed but a flag
            for (table, column, number), text in was.items():
                self.assertNotEqual(db.value(
                    f"SELECT {column}::text FROM {table} WHERE id = {number}"), text)
            version = db.query(
                "SELECT n.version AS v, n.output_contract::text AS c, o.version AS o FROM "
                f"annotationschema n, annotationschema o WHERE o.id = {schema} AND n.name = o.name "
                "ORDER BY n.id DESC LIMIT 1")[0]
            stem, _, number = version["o"].rpartition(".")
            self.assertEqual(version["v"], f"{stem}.{int(number) + 1}")
            self.assertEqual(lib.tight(version["c"]),
                             lib.tight(was["annotationschema", "output_contract", schema]))
            self.assertEqual(db.value(
                "SELECT text_content FROM asset WHERE previous_asset_id = "
                f"{asset} ORDER BY id DESC LIMIT 1"), was["asset", "text_content", asset])
            if instance.has("asset", "is_superseded"):
                self.assertEqual(db.value(f"SELECT is_superseded FROM asset WHERE id = {asset}"),
                                 "t")
            self.assertEqual(db.value(
                "SELECT n.name = o.name || ' (2)' AND n.kind::text = "
                f"{literal(was['source', 'kind', source])} FROM source n, source o WHERE o.id = "
                f"{source} ORDER BY n.id DESC LIMIT 1"), "t")
            self.assertGreater(int(db.value("SELECT count(*) FROM asset")), before["asset"])

    @lib.everywhere(turns=True)
    def test_skip_changes_nothing_and_overwrite_all(self, kind, generation):
        with lib.own(kind, generation) as instance:
            package, db = lib.export(instance), instance.db
            self.set_up(instance)
            was = self.change_here(instance, package)
            before = self.contents(instance)
            space = instance.id("infospace", "main")
            self.load(package, instance, space, "strategy=skip")
            self.assertEqual(self.contents(instance), before)
            tables = self.load(package, instance, space, "strategy=overwrite")
            for (table, column, number), text in was.items():
                now = db.value(f"SELECT {column}::text FROM {table} WHERE id = {number}")
                if column == "configuration":
                    self.assertIn("api_keys", now)
                    # what names nobody in this infospace isn't let name anybody
                    text = json.loads(text)
                    ours = {int(r["id"]) for r in db.query(
                        f"SELECT id FROM asset WHERE infospace_id = {space}")}
                    text["target_asset_ids"] = [i for i in text["target_asset_ids"] if i in ours]
                    self.assertEqual(json.loads(now), text)
                else:
                    self.assertEqual(lib.tight(now), lib.tight(text))
            fates = self.fates(instance, tables, package)
            self.assertLessEqual({w for f in fates.values() for w in f},
                                 {"same", "update overwrite"})

    @lib.everywhere(turns=True)
    def test_authors_are_who_they_were_where_they_may_see_it(self, kind, generation):
        """… and the owner of the import where they aren't here, may not, or aren't active."""
        with lib.own(kind, generation) as instance:
            package, db = lib.export(instance), instance.db
            self.set_up(instance)
            owner = instance.id("user", "owner")
            others = sorted({int(r["u"]) for r in db.query(
                "SELECT id AS u FROM public.user WHERE is_active AND id <> "
                f"{owner}")})[:3]
            ids = sorted(package.ids("annotation"))
            for number, user in zip(ids, others):
                db.run(f"UPDATE annotation SET user_id = {user} WHERE id = {number};")
            package = lib.export(instance)
            db.run(f"UPDATE public.user SET is_active = false WHERE id = {others[1]}; "
                   f"UPDATE public.user SET email = 'gone@example.org' WHERE id = {others[2]};"
                   + (f"UPDATE public.user SET handle = NULL WHERE id = {others[2]};"
                      if instance.has("user", "handle") else ""))
            for visible in (False, True):
                if visible and not instance.has("infospace", "visibility"):
                    continue
                space = self.space(instance, f"Seen by all: {visible}")
                if instance.has("infospace", "visibility"):
                    db.run("UPDATE infospace SET visibility = "
                           f"'{'internal' if visible else 'private'}' WHERE id = {space};")
                self.canon(instance, space)
                self.load(package, instance, space)
                found = {int(r["there"]): int(r["u"]) for r in db.query(
                    f"SELECT p.there, t.user_id AS u FROM ({self.pairs(instance, 'annotation')}) p "
                    f"JOIN annotation t ON t.id = p.here WHERE t.infospace_id = {space}")}
                self.assertEqual(
                    [found[i] for i in ids[:4]],
                    [others[0] if visible else owner, owner, owner,
                     found[ids[3]] if visible else owner])

    def test_uuids_are_kept_or_new(self):
        package = lib.shared_export(lib.shared(lib.KINDS[0], lib.NEWEST), "--preserve-uuids")
        with lib.own(lib.KINDS[0], lib.NEWEST, "prod") as instance:
            self.set_up(instance)
            space = instance.id("infospace", "desk")
            for strategy in ("preserve", "generate", "hybrid"):
                with self.subTest(strategy=strategy):
                    there = {r["u"] for r in instance.db.query("SELECT uuid AS u FROM annotation")}
                    tables = self.load(package, instance, space if strategy == "preserve" else
                                       self.space_like(instance, space, strategy),
                                       f"uuids={strategy}")
                    rows = instance.db.query(
                        "SELECT f.id, f.class, f.why, t.uuid, t.imported_from_uuid AS origin FROM "
                        f"{tables}fate_annotation f JOIN {tables}match_annotation m ON "
                        "m.id = f.id JOIN annotation t ON t.id = m.target")
                    self.assertEqual({r["class"] for r in rows}, {"new"})
                    self.assertEqual(len(rows), len(package.rows("annotation")))
                    for r in rows:
                        kept = strategy == "preserve" or (
                            strategy == "hybrid" and r["id"] not in there)
                        self.assertEqual(r["uuid"] == r["id"], kept)
                        self.assertEqual(r["origin"], r["id"])
                        self.assertRegex(r["uuid"], "^[0-9a-f-]{36}$")
            # all are taken now, outside of the infospace
            source = package.json("compatibility/instance_mapping.json")["instance"]
            done, _, tables = stage(instance.db, package.path, about=(
                source, self.space_like(instance, space, "last"), "uuids=preserve"))
            self.assertEqual(done.returncode, 0, done.stderr)
            fates = self.fates(instance, tables, package)["annotation"]
            self.assertEqual(fates, {"conflict taken": len(package.rows("annotation"))})


if __name__ == "__main__":
    unittest.main()
