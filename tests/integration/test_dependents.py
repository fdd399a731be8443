"""Rows that are in conflict have others that depend on them: annotations of a run, chunks and pages
of an asset, justifications of an annotation, bundles in a bundle. Whatever is decided of the one,
the others end up at the one that was meant, and none is lost."""

import contextlib
import json
import shutil
import unittest

import lib
from lib import ident, literal

from imports import OWNER, Imports
from test_load import SOME

# Rows of the sample that both sides change: kind, key, column, and whose it becomes (SQL).
CHANGED = (("run", "main", "description", "'{0}'"), ("asset", "report", "title", "'{0}'"),
           ("annotation", "main0", "value", """'{{"by": "{0}"}}'"""),
           ("schema", "positions", "instructions", "'{0}'"),
           ("bundle", "reports", "description", "'{0}'"))
THERE, HERE = 7007, 8008  # numbers of the new rows of each side
FEW = SOME if lib.FULL else (lib.NEWEST,)


class Dependents(Imports):

    # --- what both sides do ---

    def here(self, instance, kind, key):
        """The id here of a row of the sample, as the last import had it."""
        table = lib.table_of(instance, kind)
        return int(instance.db.value(
            "SELECT target_entity_id FROM spaceport.cross_instance_mappings WHERE "
            f"source_entity_type = {literal(kind)} AND source_entity_id = "
            f"{literal(instance.uuid(table, key))} ORDER BY id DESC LIMIT 1"))

    def work(self, instance, who, number, row):
        """A side changes what the other changes, too, and has new rows that depend on it. `row`:
        the ids there of the rows above, by kind."""
        script = [f"UPDATE {lib.table_of(instance, kind)} SET {column} = {value.format(who)} "
                  f"WHERE id = {row[kind]};" for kind, _, column, value in CHANGED]
        # a page, and what was coded of it, in a bundle of its own
        if instance.has("bundle", "parent_bundle_id"):
            script.append(instance.like("bundle", row["bundle"], name=f"'New {who}'",
                                        parent_bundle_id=str(row["bundle"])) + ";")
        script.append(instance.like(
            "asset", row["page"], parent_asset_id=str(row["asset"]), part_index=str(number),
            title=f"'New {who}'", bundle_ids=f"ARRAY[{row['bundle']}]") + ";")
        if instance.has("assetbundlelink"):
            script.append("INSERT INTO assetbundlelink (asset_id, bundle_id, created_at, "
                          f"updated_at) SELECT max(id), {row['bundle']}, now(), now() FROM asset;")
        for asset in (row["asset"], "(SELECT max(id) FROM asset)"):
            script.append(instance.like("annotation", row["annotation"], asset_id=str(asset),
                                        value="'{}'", imported_from_uuid="NULL") + ";")
        script.append("INSERT INTO assetchunk (asset_id, chunk_index, text_content, created_at) "
                      f"VALUES ({row['asset']}, {number}, 'New', now());")
        if instance.has("justification"):
            script.append("INSERT INTO justification (annotation_id, field_name, reasoning, "
                          f"created_at) VALUES ({row['annotation']}, 'new{number}', 'New', now());")
        if instance.has("fragmentcuration"):
            script.append("INSERT INTO fragmentcuration (annotation_id, fragment_path, status, "
                          f"curated_at) VALUES ({row['annotation']}, 'new{number}', 'APPROVED', "
                          "now());")
        instance.db.run("\n".join(script))

    @contextlib.contextmanager
    def place(self, kind, generation):
        """An instance whose run was imported, after which both sides worked on; the infospace, and
        the run's package."""
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            keys = [(k, key) for k, key, _, _ in CHANGED] + [("page", "report_page1")]
            table = {k: lib.table_of(instance, "asset" if k == "page" else k) for k, _ in keys}
            self.work(instance, "us", HERE, {
                k: self.here(instance, "asset" if k == "page" else k, key) for k, key in keys})
            self.work(instance, "them", THERE, {k: instance.id(table[k], key) for k, key in keys})
            yield instance, space, lib.export(instance)

    # --- what comes of it ---

    def keys(self, instance, package):
        """{kind: {column: the kind that it names}}, of the kinds that the package has."""
        found = {k: {} for k in lib.TABLES if lib.table_of(instance, k) and package.rows(k) and
                 # whom they name is in their values
                 k not in ("flow_execution", "embedding_model")}
        for r in instance.db.query(
                "SELECT f.conrelid::regclass AS t, a.attname AS c, f.confrelid::regclass AS o FROM "
                "pg_constraint f JOIN pg_attribute a ON a.attrelid = f.conrelid AND f.conkey = "
                "ARRAY[a.attnum] WHERE f.contype = 'f' ORDER BY 1, 2"):
            kind, other = lib.kind_of(r["t"].strip('"')), lib.kind_of(r["o"].strip('"'))
            if kind in found and other in lib.TABLES and r["c"] != "linked_task_id":  # starts work
                found[kind][r["c"]] = other
        for (table, column), other in lib.SOFT.items():
            if lib.kind_of(table) in found and instance.has(table, column) and \
                    column != "bundle_ids":
                found[lib.kind_of(table)][column] = other
        return found

    def look(self, instance, keys):
        """{kind: {id: {column: whom it names}}} of all rows there are; of links, which have no id,
        {kind: {whom they name}}."""
        found = {}
        for r in instance.db.query(" UNION ALL ".join(
                f"SELECT {literal(k)} AS kind, {'id' if instance.has(table, 'id') else 'NULL'} AS "
                f"id, json_build_array({', '.join(map(ident, keys[k]))})::text AS named FROM "
                f"{ident(table)}" for k in keys for table in (lib.table_of(instance, k),))):
            named = dict(zip(keys[r["kind"]], (n or 0 for n in json.loads(r["named"]))))
            if r["id"]:
                found.setdefault(r["kind"], {})[int(r["id"])] = named
            else:
                found.setdefault(r["kind"], set()).add(tuple(sorted(named.items())))
        return found

    def who_is_who(self, instance, package, space):
        """{(kind, UUID in the package): id here}"""
        origin = {(m["kind"], m["source_uuid"]): m["uuid"] for m in package.mapping}
        return {(r["k"], origin.get((r["k"], r["u"]))): int(r["t"]) for r in instance.db.query(
            "SELECT DISTINCT ON (source_entity_type, source_entity_id) source_entity_type AS k, "
            "source_entity_id AS u, target_entity_id AS t FROM spaceport.cross_instance_mappings m "
            "JOIN spaceport.import_operations o ON o.id = m.import_operation_id WHERE "
            f"o.target_infospace_id = {space} ORDER BY source_entity_type, source_entity_id, "
            "m.id DESC")}

    def check(self, instance, package, space, keys, before, said):
        """Every row of the package is here, or said to stay out; new ones are at those that theirs
        became; those that were here are where they were, or where the package has them."""
        after, who = self.look(instance, keys), self.who_is_who(instance, package, space)
        self.assertGreater(said["plan"]["totals"]["new"], 0)
        told = {k["kind"]: k for k in said["plan"]["kinds"]}
        for kind, was in before.items():
            is_link, missing = isinstance(was, set), 0
            self.assertEqual(len(after[kind]) - len(was), told[kind]["new"], kind)
            seen = set()
            for row in package.rows(kind):
                meant = {c: who.get((k, row[c])) if row.get(c) and str(row[c]) != "0" else 0
                         for c, k in keys[kind].items()}
                if is_link:
                    missing += tuple(sorted(meant.items())) not in after[kind]
                    continue
                here = who.get((kind, row["id"]))
                if here not in after[kind]:
                    missing += 1
                    continue
                self.assertNotIn(here, seen, f"{kind}: two rows became one")
                seen.add(here)
                named = after[kind][here]
                for column, other in meant.items():
                    if column not in row or other is None:
                        continue  # somebody outside
                    expected = {other} if here not in was else {other, was[here][column]}
                    self.assertIn(named[column], expected, (kind, here, column))
            self.assertEqual(missing, told[kind]["out"], kind)
            if not is_link:
                for row, named in was.items():
                    if row not in seen:
                        self.assertEqual(after[kind].get(row), named, (kind, row))

    # --- deciding ---

    @contextlib.contextmanager
    def copy(self, instance):
        """Of the instance, to try something."""
        name = instance.db.dbname
        other = lib.Instance.__new__(lib.Instance)
        other.__dict__.update(instance.__dict__)
        other.db = instance.server.database(f"{name}_copy")
        instance.db.other("postgres").run(
            f"CREATE DATABASE {other.db.dbname} TEMPLATE {name};", single=False)
        other.store = lib.new_path("-store")
        shutil.copytree(instance.store, other.store)
        try:
            yield other
        finally:
            other.drop()

    def plan(self, instance, package, space, *options):
        path = lib.new_path(".plan")
        done = lib.run("plan", *self.arguments(instance, package, "-o", path, "--into", space,
                                               *options)[1:])
        self.assertEqual(done.returncode, 4, done.stderr)
        return path

    def apply(self, instance, package, plan, *decisions, code=0):
        """What it says once that was decided; the plan stays as it was."""
        path = lib.new_path(".plan")
        shutil.copy(plan, path)
        for decision in decisions:
            done = lib.run("decide", path, *decision)
            self.assertIn(done.returncode, (0, 4), done.stderr)
        done = lib.run("apply", path, package.path, "--db", instance.db.dsn, "--as", OWNER,
                       "--store", f"dir:{instance.store}", "--progress", "none", "--json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def conflicts(self, plan):
        """{kind: (why, UUID at the source, id here, if any)}; one of each kind"""
        rows = [json.loads(line) for line in plan.read_text().splitlines()[1:]]
        return {r["kind"]: (r["why"], r["origin"], r.get("target")) for r in rows
                if r["class"] == "conflict"}

    @lib.everywhere(SOME, turns=True)
    def test_those_of_a_row_that_both_sides_changed(self, kind, generation):
        with self.place(kind, generation) as (instance, space, package):
            plan = self.plan(instance, package, space)
            found = self.conflicts(plan)
            self.assertEqual({k: why for k, (why, _, _) in found.items()},
                             {k: "both" for k, _, _, _ in CHANGED})
            cases = {word: [(word,)] for word in ("keep", "beside")}
            if generation == lib.NEWEST:
                cases["overwrite"] = [("overwrite",)]
                cases["merge"] = [("merge", "--kind", k, "--field", c) for k, _, c, _ in CHANGED]
                cases.update({f"{k} beside": [("keep",), ("beside", "--kind", k)] for k in found})

            def look(name, other):
                # annotations are parts of their run, and say something of their asset: they go with both
                apart = {k for k in found if name in ("beside", f"{k} beside") or
                         (name, k) in (("run beside", "annotation"), ("asset beside", "annotation"))}
                self.check_parents(other, package, space, found, apart)
            self.decide_each(instance, package, space, plan, cases, look)

    def check_parents(self, instance, package, space, found, apart):
        """As a person would look: which of them are two now, and whose is what each side made."""
        who = self.who_is_who(instance, package, space)
        rows = {m["source_uuid"]: m["uuid"] for m in package.mapping}
        now = {k: who[k, rows[origin]] for k, (_, origin, _) in found.items()}
        self.assertEqual({k for k, (_, _, was) in found.items() if now[k] != was}, apart)
        new = instance.db.query("SELECT asset_id AS p, chunk_index AS n FROM assetchunk WHERE "
                                f"asset_id IN ({found['asset'][2]}, {now['asset']}) AND "
                                f"chunk_index IN ({THERE}, {HERE})")
        self.assertEqual({int(r["n"]): int(r["p"]) for r in new},
                         {HERE: found["asset"][2], THERE: now["asset"]})

    def decide_each(self, instance, package, space, plan, cases, look):
        """{name: decisions} of a plan, each tried on a copy, at which look(name, copy) looks, too."""
        keys = self.keys(instance, package)
        before = self.look(instance, keys)
        self.apply(instance, package, plan, code=4)
        self.assertEqual(self.look(instance, keys), before)
        for name, decisions in cases.items():
            with self.subTest(decided=name), self.copy(instance) as other:
                said = self.apply(other, package, plan, *decisions)
                self.check(other, package, space, keys, before, said)
                look(name, other)

    @lib.everywhere(FEW)
    def test_those_of_a_row_whose_uuid_another_one_has(self, kind, generation):
        """They come with it, at its new UUID."""
        with lib.own(kind, generation) as instance:
            package, space = lib.export(instance), self.empty(instance)
            preserve = ("--uuid-mapping-strategy", "preserve")
            elsewhere = self.load_it(instance, package, "--new", "Elsewhere", *preserve)[
                "result"]["created_infospace_id"]
            report = instance.uuid("asset", "report")
            ours = {"annotationrun", "annotationschema"}
            instance.db.run("".join(
                f"UPDATE {ident(t)} SET uuid = gen_random_uuid() WHERE infospace_id = {elsewhere}"
                f"{f' AND uuid <> {literal(self.in_package(package, report))}' * (t == 'asset')};"
                for t in instance.tables() if t not in ours and instance.has(t, "uuid") and
                instance.has(t, "infospace_id")))
            plan = self.plan(instance, package, space, *preserve)
            found = {k: why for k, (why, _, _) in self.conflicts(plan).items()}
            self.assertEqual(set(found.values()), {"taken"})
            self.assertLessEqual({"run", "schema", "asset"}, set(found))
            self.assertNotIn("annotation", found)

            def look(_, other):
                self.assertEqual(int(other.db.value(
                    f"SELECT count(*) FROM asset WHERE infospace_id = {space} AND parent_asset_id ="
                    f" (SELECT target_entity_id FROM spaceport.cross_instance_mappings WHERE "
                    f"source_entity_id = {literal(report)} ORDER BY id DESC LIMIT 1)")),
                    sum(r.get("parent_asset_id") == self.in_package(package, report)
                        for r in package.rows("asset")))
            self.decide_each(instance, package, space, plan, {"beside": [("beside",)]}, look)

    def in_package(self, package, uuid):
        return next(m["uuid"] for m in package.mapping if m["source_uuid"] == uuid)

    @lib.everywhere(FEW)
    def test_those_of_a_row_that_may_be_one_of_several(self, kind, generation):
        """As HQ's own import leaves them, which doesn't know what it has seen."""
        with lib.own(kind, generation) as instance:
            package, space = lib.export(instance), self.empty(instance)
            twice = {}
            for table, key in (("annotationrun", "main"), ("source", "feed")):
                for number in (1, 2):
                    row = instance.like(
                        table, instance.id(table, key), infospace_id=str(space), name=f"'{number}'",
                        imported_from_uuid=literal(instance.uuid(table, key)))
                    instance.db.run(f"{row};")
                twice[lib.kind_of(table)] = int(instance.db.value(
                    f"SELECT min(id) FROM {table} WHERE infospace_id = {space}"))
            plan = self.plan(instance, package, space)
            self.assertEqual({k: (why, here) for k, (why, _, here) in self.conflicts(plan).items()},
                             {k: ("ambiguous", here) for k, here in twice.items()})
            words = {word: [(word,)] for word in ("keep", "overwrite", "beside")}

            def look(word, other):
                run = self.here(other, "run", "main")
                self.assertEqual(run == twice["run"], word != "beside")
                self.assertEqual(other.db.value(
                    f"SELECT count(*) FROM annotation WHERE run_id = {run}"),
                    str(len(package.rows("annotation"))))
            self.decide_each(instance, package, space, plan, words, look)

    @lib.everywhere((lib.NEWEST,))
    def test_those_of_a_bundle_whose_name_another_one_has(self, kind, generation):
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            here, there = self.here(instance, "bundle", "reports"), instance.id("bundle", "reports")
            instance.db.run("\n".join([
                f"UPDATE bundle SET name = 'Occupied' WHERE id = {there};",
                instance.like("bundle", here, name="'Occupied'") + ";",
                instance.like("bundle", there, name="'New them'", parent_bundle_id=str(there)) + ";",
                f"UPDATE asset SET bundle_ids = bundle_ids || (SELECT max(id) FROM bundle) WHERE id"
                f" = {instance.id('asset', 'report')};"]))
            package = lib.export(instance)
            plan = self.plan(instance, package, space)
            self.assertEqual({k: (why, row) for k, (why, _, row) in self.conflicts(plan).items()},
                             {"bundle": ("occupied", here)})
            words = {word: [(word,)] for word in ("keep", "beside")}

            def look(word, other):
                now = self.here(other, "bundle", "reports")
                self.assertEqual(now == here, word == "keep")
                self.assertEqual([int(r["p"]) for r in other.db.query(
                    "SELECT parent_bundle_id AS p FROM bundle WHERE name = 'New them' AND "
                    f"infospace_id = {space}")], [now])
                members = other.db.query(
                    "SELECT b.name FROM asset a JOIN bundle b ON b.id = ANY (a.bundle_ids) "
                    f"WHERE a.id = {self.here(other, 'asset', 'report')}")
                self.assertEqual({r["name"] for r in members},
                                 {"2025", "Output of the feed", "New them"})
            self.decide_each(instance, package, space, plan, words, look)

    @lib.everywhere(SOME, turns=True)
    def test_those_of_a_row_that_was_deleted_here(self, kind, generation):
        """They stay out with it, by number, and the others come."""
        with lib.own(kind, generation) as instance:
            space = self.empty(instance)
            self.load_it(instance, lib.export(instance), "--into", space)
            gone, nothing = (self.here(instance, k, n) for k, n in (("annotation", "main0"),
                                                                    ("asset", "nothing")))
            empty = instance.id("asset", "nothing")
            parts = [t for t in ("justification", "fragmentcuration", "graphedge")
                     if instance.has(t, "annotation_id")]
            there = instance.id("annotation", "main0")
            instance.db.run("\n".join([
                *(f"DELETE FROM {t} WHERE annotation_id = {gone};" for t in parts),
                f"DELETE FROM annotation WHERE id = {gone};",
                *(f"DELETE FROM {t} WHERE annotation_id IN (SELECT id FROM annotation WHERE asset_id"
                  f" = {nothing});" for t in parts),
                f"DELETE FROM annotation WHERE asset_id = {nothing};",
                *(f"DELETE FROM {t} WHERE asset_id = {nothing};"
                  for t in ("assetbundlelink",) if instance.has(t)),
                f"DELETE FROM asset WHERE id = {nothing};",
                instance.like("annotation", there, asset_id=str(empty)) + ";",
                instance.like("annotation", there) + ";",
                "INSERT INTO assetchunk (asset_id, chunk_index, text_content, created_at) VALUES "
                f"({empty}, {THERE}, 'New', now());",
                *(f"INSERT INTO justification (annotation_id, field_name, reasoning, created_at) "
                  f"VALUES ({there}, 'new', 'New', now());" for t in parts if t == "justification"),
            ]))
            package = lib.export(instance)
            keys = self.keys(instance, package)
            before = self.look(instance, keys)
            said = self.load_it(instance, package, "--into", space)
            self.check(instance, package, space, keys, before, said)
            out = {(g["kind"], g["why"]): g["rows"] for g in said["plan"]["groups"]
                   if g["class"] == "out"}
            self.assertEqual(out["annotation", "asset_id"], 1)
            self.assertEqual(out["chunk", "asset_id"], 1)
            self.assertEqual(out["annotation", "deleted"], 2)
            self.assertEqual(out["asset", "deleted"], 1)
            self.assertEqual({k["kind"]: k["new"] for k in said["plan"]["kinds"] if k["new"]},
                             {"annotation": 1})


if __name__ == "__main__":
    unittest.main()
