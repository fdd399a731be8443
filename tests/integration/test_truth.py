"""What a plan says is what happens, row by row and column by column: random packages into random
targets, with random options and decisions, and what changed in the database counted by itself."""

import collections
import contextlib
import json
import os
import random
import sys
import unittest

import lib
from lib import ident
from pg import PgError

from imports import OWNER, Imports

FULL = bool(os.environ.get("SPACEPORT_FULL"))
# Random rounds, and in how many classes, of which several processes take one after the other.
ROUNDS, CLASSES = (1000, 20) if FULL else (8, 2)
# So many one after the other in the same instance.
TOGETHER = 10 if FULL else 4
# With the full numbers others each time; each failure says its own.
SEED = int(os.environ.get("SPACEPORT_TEST_SEED", 0)) or (random.randrange(1 << 32) if FULL else 1)

# HQ counts and marks these by itself.
KEPT_BY_HQ = {"updated_at", "asset_count", "child_bundle_count", "is_superseded",
              "parent_is_superseded", "text_search_vector"}

# What people change: a table's column, and a value made of a number. Of some rows at a time.
EDITS = [
    ("annotation", "value", """'{{"n": {0}}}'"""), ("annotation", "region", """'{{"at": {0}}}'"""),
    ("asset", "title", "'Title {0}'"), ("asset", "text_content", "'Text {0}'"),
    ("annotationschema", "instructions", "'Look {0} times'"),
    ("annotationschema", "output_contract", """'{{"type": "object", "properties": {{"document":
     {{"type": "object", "properties": {{"f{0}": {{"type": "string"}}}}}}}}}}'"""),
    ("annotationschema", "name", "'Schema {0}'"), ("annotationschema", "version", "'{0}'"),
    ("annotationschema", "is_active", "{0} % 3 > 0"),
    ("annotationrun", "name", "'Run {0}'"), ("annotationrun", "description", "'Of {0}'"),
    ("bundle", "name", "'Bundle {0}'"), ("source", "name", "'Source {0}'"),
    ("source", "kind", "'kind{0}'"), ("assetchunk", "text_content", "'Chunk {0}'"),
    ("justification", "reasoning", "'Because of {0}'")]
PARTS = ["runs,schemas,assets", "schemas", "annotations", "runs,schemas,annotations,assets,bundles"]


class Rounds(Imports):

    # --- what is there ---

    def columns(self, instance, table):
        return [c for c in instance.columns(table) if c not in KEPT_BY_HQ]

    def look(self, instance):
        """{table: {id: [hash of each column]}}; of a table without ids, its rows' hashes."""
        found = {}
        for table in sorted({t for k in lib.TABLES for t in [lib.table_of(instance, k)] if t}
                            | {"infospace"}):
            columns = self.columns(instance, table)
            hashes = ", ".join(f"coalesce(md5({ident(c)}::text), '-')" for c in columns)
            has_id = "id" in columns
            rows = instance.db.query(
                f"SELECT {'id' if has_id else 0} AS id, concat_ws(',', {hashes}) AS h FROM "
                f"{ident(table)}")
            found[table] = ({int(r["id"]): r["h"].split(",") for r in rows} if has_id else
                            dict(enumerate(sorted(r["h"] for r in rows))))
        return found

    # --- what people do ---

    def place(self, instance, table, space):
        """SQL: the rows of a table in an infospace."""
        if instance.has(table, "infospace_id"):
            return f"SELECT id FROM {ident(table)} WHERE infospace_id = {space}"
        owner = {"assetchunk": ("asset_id", "asset"),
                 "justification": ("annotation_id", "annotation")}[table]
        return (f"SELECT id FROM {table} WHERE {owner[0]} IN (SELECT id FROM {owner[1]} WHERE "
                f"infospace_id = {space})")

    def edit(self, rng, instance, space):
        for _ in range(rng.randrange(6)):
            table, column, value = rng.choice(EDITS)
            if not instance.has(table, column):
                continue
            rows = [r["id"] for r in instance.db.query(self.place(instance, table, space)
                                                       + " ORDER BY id")]
            some = rng.sample(rows, min(len(rows), rng.choice((1, 2, 5))))
            for row in some:
                # the same few names, so that they meet
                number = rng.randrange(4 if column in ("name", "version") else 1 << 30)
                with contextlib.suppress(PgError):  # somebody else has it
                    instance.db.run(f"UPDATE {table} SET {column} = {value.format(number)} WHERE "
                                    f"id = {row};")
        if rng.random() < .3:
            rows = (f"{self.place(instance, 'annotation', space)} ORDER BY id OFFSET "
                    f"{rng.randrange(5)} LIMIT {rng.randrange(3)}")
            parts = [t for t in ("justification", "fragmentcuration", "graphedge")
                     if instance.has(t, "annotation_id")]
            instance.db.run("\n".join([f"DELETE FROM {t} WHERE annotation_id IN ({rows});"
                                       for t in parts] +
                                      [f"DELETE FROM annotation WHERE id IN ({rows});"]))

    def options(self, rng):
        found = ["--conflict-strategy", rng.choice(("smart", "smart", "skip", "overwrite",
                                                    "rename")),
                 "--uuid-mapping-strategy", rng.choice(("generate", "preserve", "hybrid"))]
        if rng.random() < .15:
            found += ["--only", rng.choice(PARTS)]
        if rng.random() < .15:
            found += ["--no-preserve-relationships"]
        if rng.random() < .3:
            found += ["--update-existing-schemas"]
        return found

    # --- a plan, decided and done ---

    def call(self, *arguments, codes):
        done = lib.run(*arguments)
        self.assertIn(done.returncode, codes, (arguments, done.stderr))
        return json.loads(done.stdout), done.returncode

    def decide(self, rng, plan):
        """Until nothing is open."""
        code = 4
        while code == 4:
            said, _ = self.call("decide", plan, "--json", codes=(0, 4))
            group = next(g for g in said["groups"] if g["open"])
            word = rng.choice(("keep", "overwrite", "beside", "merge"))
            if group["why"] == "taken":
                word = "beside"
            if group["why"] == "occupied":
                word = rng.choice(("keep", "beside"))
            field = (["--field", rng.choice(group["columns"])] if word == "merge" else [])
            _, code = self.call("decide", plan, word, "--group", str(group["group"]), *field,
                                "--json", codes=(0, 4))
            self.seen[group["kind"], f"{group['why']} → {word}"] += 1

    def round(self, rng, instance, run, space):
        db = ("--db", instance.db.dsn, "--as", OWNER, "--progress", "none", "--json",
              "--store", f"dir:{instance.store}")
        self.edit(rng, instance, instance.id("infospace", "main"))
        package = lib.export(instance, *rng.choice(([], ["--preserve-uuids"])), run_key=run)
        for _ in range(2):
            self.edit(rng, instance, space)
        options, plan = self.options(rng), lib.new_path(".plan")
        target = ("--new", f"New {rng.randrange(1 << 30)}") if rng.random() < .15 else (
            "--into", str(space))
        before = self.look(instance)
        said, code = self.call("plan", package.path, "-o", plan, *target, *options, *db,
                               codes=(0, 3, 4))
        self.assertEqual(self.look(instance), before)
        if code == 4:
            self.decide(rng, plan)
        done, applied = self.call("apply", plan, *db, codes=(0, 3, 4))
        while applied == 4:
            # what was decided would be in the way of another row
            earlier, plan = plan, lib.new_path(".plan")
            self.assertEqual(self.look(instance), before)
            self.call("plan", package.path, "-o", plan, *target, *options, "--decisions", earlier,
                      *db, codes=(4,))
            self.decide(rng, plan)
            done, applied = self.call("apply", plan, *db, codes=(0, 3, 4))
        if code != 4:
            self.assertEqual(said["plan"]["kinds"], done["plan"]["kinds"])
            self.assertEqual(said["plan"]["groups"], done["plan"]["groups"])
        self.compare_what_happened(instance, before, done, plan if code != 4 else None,
                                   target[0] == "--new")
        for group in done["plan"]["groups"]:
            self.seen[group["kind"], f"{group['class']} {group['why']}".strip()] += group["rows"]
        for word in options[1::2]:
            self.seen["options", word] += 1
        # and again nothing comes of it; what stays as it is though all is to be overwritten is
        # asked for once more, unless it was decided
        if target[0] == "--new":
            target = ("--into", str(done["result"]["created_infospace_id"]))
        decided = ("--decisions", plan) if code == 4 else ()
        again, _ = self.call("plan", package.path, *target, *options, *decided, *db,
                             codes=(0, 3, 4))
        self.assertEqual([again["plan"]["totals"][c] for c in ("new", "update", "conflict")],
                         [0, 0, 0], (options, target, [
                             g for g in again["plan"]["groups"] if g["class"] != "same"]))

    def compare_what_happened(self, instance, before, done, plan, is_new):
        after = self.look(instance)
        rows = {k["kind"]: k for k in done["plan"]["kinds"]}
        updated = collections.defaultdict(dict)
        for line in plan.read_text().splitlines()[1:] if plan else ():
            row = json.loads(line)
            if row["class"] == "update":
                updated[row["kind"]][row["target"]] = row["columns"]
        for kind in lib.TABLES:
            table = lib.table_of(instance, kind)
            if not table:
                continue
            said = rows.get(kind, {"new": 0, "update": 0})
            was, now = before[table], after[table]
            if not instance.has(table, "id"):
                self.assertEqual(len(now) - len(was), said["new"], kind)
                self.assertLessEqual(set(was.values()), set(now.values()), kind)
                continue
            self.assertEqual(set(was) - set(now), set(), f"{kind}: deleted")
            fresh = 1 if kind == "canon" and is_new and not any(
                g["kind"] == "canon" and g["class"] == "new" for g in done["plan"]["groups"]) else 0
            self.assertIn(len(set(now) - set(was)) - said["new"], {0, fresh}, kind)
            changed = {i for i in was if was[i] != now[i]}
            self.assertEqual(len(changed), said["update"], kind)
            if not plan:
                continue
            self.assertEqual(changed, set(updated[kind]), kind)
            columns = self.columns(instance, table)
            for row in changed:
                self.assertLessEqual({c for c, a, b in zip(columns, was[row], now[row]) if a != b},
                                     set(updated[kind][row]), (kind, row))

    def go(self, first, end):
        self.seen = collections.Counter()
        for number in range(first, end, TOGETHER):
            seed = SEED + number
            rng = random.Random(seed)
            generation = rng.choice(lib.GENERATIONS)
            with self.subTest(seed=seed, generation=generation), \
                    lib.own(lib.KINDS[number // TOGETHER % len(lib.KINDS)],
                            generation) as instance:
                space = self.empty(instance)
                for _ in range(TOGETHER):
                    self.round(rng, instance, "main", space)
        for (kind, what), count in sorted(self.seen.items()):
            print(f"{kind:16} {what:40} {count}", file=sys.stderr)


def rounds(number):
    """A class of them."""
    class Truth(Rounds):
        def test_what_a_plan_says_happens(self):
            self.go(number * ROUNDS // CLASSES, (number + 1) * ROUNDS // CLASSES)
    Truth.__qualname__ = Truth.__name__ = f"Truth{number + 1}"
    return Truth


for _number in range(CLASSES):
    globals()[f"Truth{_number + 1}"] = rounds(_number)


if __name__ == "__main__":
    unittest.main()
