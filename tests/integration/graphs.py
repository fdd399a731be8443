"""Instances full of random references, cycles among them; and what a run
brings along from any instance, worked out row by row from the definition.

Nothing here knows how the program does it: the catalog says what foreign keys
there are, hqdb's list of references what stands inside values.
"""

import json
import random

import lib
import sample
from lib import ident
from rows import Json, K, P, R, S, Text, U, marker, within
from sample_base import (annotation, annotation_schema, asset, bundle, contract, infospace, run,
                         user)

SPACES = ("main", "internal", "foreign")
LATER = "2025-03-05 12:00:00+00"


def register(seed):
    """Makes a sample of a seed; returns its name."""
    name = f"graph{seed}"
    sample.SAMPLES[name] = lambda rows: Graph(rows, seed).fill()
    return name


class Graph:
    """Fills an instance; how dense it is depends on the seed."""

    def __init__(self, rows, seed):
        self.s = rows
        self.rng = random.Random(f"graph {seed}")
        self.density = (0.15, 0.4, 0.8)[seed % 3]
        self.keys = {}

    def fill(self):
        s = self.s
        for number, table in enumerate(("user", "infospace", "annotationrun", "annotationschema",
                                        "bundle", "source", "asset", "annotation", "entity",
                                        "entitycanonical", "knowledgegraph", "canon", "flow",
                                        "flowexecution", "task", "dataset")):
            s.first_id(table, 1000 * (number + 1))  # an id names a row of one table only
        for key in ("owner", "bob"):
            user(s, key)
        infospace(s, "main", "owner", "Main")
        infospace(s, "internal", "bob", "Readable", "internal")
        infospace(s, "foreign", "bob", "HIDDEN space")
        self._plan()
        self._schemas()
        self._bundles()
        self._sources()
        self._models()
        self._flows()
        self._graphs()
        self._assets()
        self._runs()
        self._annotations()
        self._datasets()

    def _plan(self):
        counts = {"annotationschema": 20, "bundle": 60, "source": 25, "asset": 260,
                  "annotationrun": 6, "embeddingmodel": 3, "task": 10}
        if self.s.number < 3:
            counts.update(monitor=5, intelligencepipeline=4)
        else:
            counts.update(knowledgegraph=6, flow=10, flowexecution=12)
            counts["entity" if self.s.number == 4 else "entitycanonical"] = 30
        if self.s.number == 4:
            counts["canon"] = 4
        for table, count in counts.items():
            self.keys[table] = [f"{table}{n}" for n in range(count)]
        self.space = {}
        for table, keys in self.keys.items():
            for key in keys:
                away = self.rng.random() < 0.1
                self.space[table, key] = self.rng.choice(SPACES) if away else "main"
        self.space["annotationrun", "annotationrun0"] = "main"

    def pick(self, table):
        return self.rng.choice(self.keys[table])

    def maybe(self, table, chance=1.0):
        return self.pick(table) if self.rng.random() < self.density * chance else None

    def some(self, table, make=R, most=3, dead=True):
        found = [make(table, self.pick(table)) for _ in range(self.rng.randrange(most + 1))
                 if self.rng.random() < self.density]
        if dead and self.rng.random() < 0.1:
            found.append(make(table, None, 990000 + self.rng.randrange(99)))
        return found

    def one(self, **places):
        """{name: reference} for some of the places."""
        return {name: R(table, self.pick(table)) for name, table in places.items()
                if table in self.keys and self.rng.random() < self.density}

    def where(self, table, key):
        space = self.space[table, key]
        return space, "owner" if space == "main" else "bob"

    def name(self, table, key):
        return f"HIDDEN {key}" if self.space[table, key] == "foreign" else f"name of {key}"

    def config(self):
        return {"target_asset_ids": self.some("asset"),
                "schema_ids": self.some("annotationschema", S), "x": 5,
                **self.one(target_bundle_id="bundle", previous_run_id="annotationrun")}

    def view(self):
        return [{"panels": [{"settings": {
            **self.one(selectedSchemaId="annotationschema"),
            "selectedSchemaIds": self.some("annotationschema"),
            "fieldsBySchema": {K("annotationschema", self.pick("annotationschema")): []}},
            "sourceType": "bundle", **self.one(sourceId="bundle"),
            "selectedSourceIds": self.some("source"),
            "cache": {"points": [{"documentIds": self.some("asset")}]}}]}]

    def _schemas(self):
        for key in self.keys["annotationschema"]:
            annotation_schema(self.s, key, *self.where("annotationschema", key),
                              self.name("annotationschema", key),
                              contract(title={"type": "string"}))

    def _bundles(self):
        for key in self.keys["bundle"]:
            query = Text(("x ", within("bundle:", "bundle", self.pick("bundle"))))
            bundle(self.s, key, *self.where("bundle", key), self.name("bundle", key),
                   bundle_metadata=Json({"source_query": query})
                   if self.rng.random() < self.density / 4 else None)

    def _sources(self):
        for key in self.keys["source"]:
            space, owner = self.where("source", key)
            self.s.add("source", key, name=self.name("source", key), kind="rss", infospace_id=space,
                       user_id=owner, status="COMPLETE", is_active=False, created_at=LATER[:19],
                       updated_at=LATER[:19], output_bundle_id=self.maybe("bundle"),
                       details=Json(self.one(target_bundle_id="bundle")))

    def _models(self):
        for key in self.keys["embeddingmodel"]:
            self.s.add("embeddingmodel", key, name=key, dimension=1024, is_active=True,
                       provider="OLLAMA" if self.s.number < 3 else "ollama", created_at=LATER[:19],
                       updated_at=LATER[:19], config=Json({}))

    def _flows(self):
        s = self.s
        for key in self.keys["task"]:
            space, owner = self.where("task", key)
            s.add("task", key, name=key, type="ANNOTATE", schedule="0 6 * * *", status="PAUSED",
                  is_enabled=False, infospace_id=space, user_id=owner,
                  source_id=self.maybe("source"), consecutive_failure_count=0,
                  created_at=LATER[:19], updated_at=LATER[:19],
                  configuration=Json({"run_specific_config": self.config(), **self.one(
                      source_id="source", flow_id="flow", monitor_id="monitor",
                      pipeline_id="intelligencepipeline")}))
        for task, key in zip(self.keys["task"], self.keys.get("monitor", ())):
            space, owner = self.where("monitor", key)
            s.add("monitor", key, name=key, infospace_id=space, user_id=owner,
                  linked_task_id=task, status="active",
                  run_config_override=Json(self.config()))
        for task, key in zip(self.keys["task"][5:], self.keys.get("intelligencepipeline", ())):
            space, owner = self.where("intelligencepipeline", key)
            s.add("intelligencepipeline", key, name=key, infospace_id=space, user_id=owner,
                  linked_task_id=task, source_bundle_ids=Json(self.some("bundle")))
        for key in self.keys.get("flow", ()):
            space, owner = self.where("flow", key)
            s.add("flow", key, name=key, infospace_id=space, user_id=owner, status="PAUSED",
                  input_type="BUNDLE", input_source_id=self.maybe("source"),
                  input_bundle_id=self.maybe("bundle"), linked_task_id=self.maybe("task"),
                  steps=Json([{"schema_ids": self.some("annotationschema"),
                               "config": self.config(), **self.one(bundle_id="bundle")}]),
                  trigger_mode="MANUAL", cursor_state=Json(
                      {"processed_asset_ids": self.some("asset")}), total_executions=0,
                  total_assets_processed=0, consecutive_failures=0, created_at=LATER[:19],
                  updated_at=LATER[:19], tags=Json([]))
        for key in self.keys.get("flowexecution", ()):
            s.add("flowexecution", key, flow_id=self.pick("flow"), triggered_by="manual",
                  status="COMPLETED", triggered_by_source_id=self.maybe("source"),
                  triggered_by_task_id=self.maybe("task"), input_asset_ids=Json(self.some("asset")),
                  step_outputs=Json({"0": self.one(run_id="annotationrun",
                                                   graph_id="knowledgegraph")}),
                  created_at=LATER[:19], tags=Json([]))

    def _graphs(self):
        s = self.s
        for key in self.keys.get("canon", ()):
            s.add("canon", key, infospace_id=self.space["canon", key], name=key, role="GENERAL",
                  created_at=LATER, updated_at=LATER, description=Text(
                      ("canon for graph #", R("knowledgegraph", self.pick("knowledgegraph"))))
                  if False else None)
        for key in self.keys.get("knowledgegraph", ()):
            s.add("knowledgegraph", key, name=self.name("knowledgegraph", key),
                  infospace_id=self.space["knowledgegraph", key], created_at=LATER,
                  updated_at=LATER, **({"canon_id": self.pick("canon")} if s.number == 4 else {}))
        table = "entity" if s.number == 4 else "entitycanonical"
        for key in self.keys.get(table, ()):
            s.add(table, key, canonical_name=key, entity_type="ORG",
                  infospace_id=self.space[table, key], provenance_type="method", aliases=Json([]),
                  properties=Json({}), created_at=LATER[:19], updated_at=LATER[:19],
                  graph_id=self.pick("knowledgegraph"),
                  **({"canon_id": self.pick("canon"), "additional_types": Json([])}
                     if s.number == 4 else {}))

    def _assets(self):
        s = self.s
        for key in self.keys["asset"]:
            bundles = [self.pick("bundle") for _ in range(self.rng.randrange(3))
                       if self.rng.random() < self.density]
            info = {"source_asset_ids": self.some("asset"),
                    "source_bundle_ids": self.some("bundle"),
                    "source_run_ids": self.some("annotationrun", most=1)}
            pieces = ["text "]
            while self.rng.random() < self.density / 2:
                pieces += [marker(self.pick("asset")), " "]
            fragments = {"f": {"value": 1, **self.one(schema_id="annotationschema"),
                               "source_ref": P("annotation_run:", "annotationrun",
                                               self.pick("annotationrun"))}}
            if s.number > 2 and self.rng.random() < self.density / 4:
                fragments["e"] = {"source_ref": P("flow_execution:", "flowexecution",
                                                  self.pick("flowexecution"))}
            asset(s, key, *self.where("asset", key), self.name("asset", key), "TEXT",
                  list(dict.fromkeys(bundles)), None, info if self.rng.random() < 0.3 else None,
                  parent_asset_id=self.maybe("asset", 0.7), source_id=self.maybe("source", 0.5),
                  previous_asset_id=self.maybe("asset", 0.4), text_content=Text(tuple(pieces)),
                  fragments=Json(fragments) if self.rng.random() < 0.3 else None)
            for number in range(self.rng.randrange(3)):
                s.add("assetchunk", f"{key}-{number}", asset_id=key, chunk_index=number,
                      text_content="chunk", created_at=LATER[:19],
                      embedding_model_id=self.maybe("embeddingmodel"))

    def _runs(self):
        s = self.s
        for key in self.keys["annotationrun"]:
            later = {}
            if s.number > 2:
                later.update(source_bundle_id=self.maybe("bundle"),
                             flow_execution_id=self.maybe("flowexecution"),
                             graph_config=Json(self.one(graph_id="knowledgegraph")),
                             trigger_context=Json(self.one(source_run_id="annotationrun",
                                                           previous_asset_id="asset")))
            else:
                later["monitor_id"] = self.maybe("monitor")
            schemas = {self.pick("annotationschema") for _ in range(3)}
            run(s, key, *self.where("annotationrun", key), self.name("annotationrun", key),
                "COMPLETED", sorted(schemas), configuration=Json(self.config()),
                views_config=Json(self.view()), parent_run_id=self.maybe("annotationrun"), **later)

    def _annotations(self):
        s = self.s
        own = [k for k in self.keys["asset"] if self.space["asset", k] == "main"]
        schemas = [k for k in self.keys["annotationschema"]
                   if self.space["annotationschema", k] == "main"]
        entities = self.keys.get("entity") or self.keys.get("entitycanonical")
        ends = (("source_entity_id", "target_entity_id") if s.number == 4 else
                ("subject_entity_id", "object_entity_id"))
        for number in range(90):
            key, owner = f"a{number}", f"annotationrun{number % 3}"
            value = {"title": "x"}
            if self.rng.random() < self.density / 4:
                picked = self.pick("asset")
                value["_system_asset_source_uuid"] = U("asset", picked)
            annotation(s, key, owner, self.rng.choice(own[:120]), self.rng.choice(schemas), value,
                       *self.where("annotationrun", owner))
            if not entities:
                continue
            if self.rng.random() < 0.6:
                s.add("graphedge", key, annotation_id=key, infospace_id="main", predicate="p",
                      source_field_path="t", graph_id=self.maybe("knowledgegraph"),
                      **{end: self.rng.choice(entities) for end in ends})
            if self.rng.random() < 0.3:
                s.add("fragmentcuration", key, annotation_id=key, fragment_path="t",
                      status="accepted", curated_by="owner", curated_at=LATER[:19],
                      source_run_id=self.maybe("flowexecution"),
                      **{end: self.rng.choice(entities) for end in ends})

    def _datasets(self):
        for number in range(12):
            self.s.add("dataset", f"d{number}", name=f"d{number}", user_id="owner",
                       infospace_id="main" if number else "internal", created_at=LATER[:19],
                       updated_at=LATER[:19], asset_ids=Json(self.some("asset", most=2)),
                       source_scheme_ids=Json(self.some("annotationschema")),
                       source_job_ids=Json(self.some("annotationrun", most=1)))


def close_bundles(instance, seed):
    """Gives bundles parents at random, which makes cycles: HQ's trigger lets
    them pass, yet only where the parent is there already."""
    if instance.number == 1:
        return
    rng = random.Random(f"bundles {seed}")
    ids = [int(r["id"]) for r in instance.db.query("SELECT id FROM bundle ORDER BY id")]
    instance.db.run("".join(
        f"UPDATE bundle SET parent_bundle_id = {rng.choice(ids)} WHERE id = {i};"
        for i in ids if rng.random() < 0.7))


# --- what comes along, by definition ---------------------------------------

FOLLOWED = {"schema", "asset", "bundle", "source", "graph", "canon", "entity", "flow",
            "flow_execution", "task", "monitor", "pipeline", "embedding_model"}
PARTS = {"justification": "annotation_id", "curation": "annotation_id", "aggregate": "run_id",
         "schema_link": "run_id"}
SPACE_OF = {"flow_execution": ("flow", "flow_id")}


class World:
    """All rows of an instance with what they name."""

    def __init__(self, instance):
        self.instance = instance
        self.rows = {}     # kind: {id: {column: value}}
        self.needed = set()
        self.keys = {}     # kind: {column: kind}
        self._read()
        self.inside = {}
        for ref in instance.about["references"]:
            if ref["resolves"]:
                self.inside.setdefault((lib.kind_of(ref["table"]), ref["id"]), []).append(ref)

    def _read(self):
        instance = self.instance
        known = {t: k for k, tables in lib.TABLES.items() for t in tables}
        known.update(user="user", infospace="infospace")
        constraints = instance.db.query("""
            SELECT c.relname AS t, a.attname AS c, f.relname AS target, a.attnotnull AS n
              FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
              JOIN pg_class f ON f.oid = k.confrelid
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
             WHERE k.contype = 'f'""")
        for row in constraints:
            if row["t"] in known:
                kind = known[row["t"]]
                self.keys.setdefault(kind, {})[row["c"]] = known.get(row["target"], row["target"])
                if row["n"] == "t" or (row["t"], row["c"]) == ("asset", "parent_asset_id"):
                    self.needed.add((kind, row["c"]))
        for (table, column), kind in lib.SOFT.items():
            if instance.has(table, column):
                self.keys[known[table]][column] = kind
        selects = []
        for table, kind in known.items():
            if not instance.has(table):
                continue
            columns = set(self.keys.get(kind, {})) | {"id", "infospace_id", "asset_ids",
                                                      "source_job_ids"}
            columns &= set(instance.columns(table))
            pairs = ", ".join(f"'{c}', {ident(c)}" for c in sorted(columns))
            selects.append(f"SELECT '{kind}' AS kind, json_build_object({pairs})::text AS row "
                           f"FROM {ident(table)}")
        for row in instance.db.query(" UNION ALL ".join(selects)):
            value = json.loads(row["row"])
            rows = self.rows.setdefault(row["kind"], {})
            rows[value.get("id", len(rows))] = value

    def space(self, kind, id_):
        row = self.rows[kind][id_]
        if kind in SPACE_OF:
            owner, column = SPACE_OF[kind]
            return self.space(owner, row[column])
        return id_ if kind == "infospace" else row.get("infospace_id")

    def exists(self, kind, id_):
        return id_ in self.rows.get(kind, {})

    def names(self, kind, id_):
        """(kind, id, needed, followed) of each row that a row names."""
        row = self.rows[kind][id_]
        for column, target in self.keys.get(kind, {}).items():
            value = row.get(column)
            for one in value if isinstance(value, list) else [value]:
                if one is not None and self.exists(target, one):
                    yield target, one, (kind, column) in self.needed, True
        for ref in self.inside.get((kind, id_), ()):
            target = lib.kind_of(ref["to"])
            aimed = kind == "run" and ref["column"] == "configuration" and ref[
                "pointer"].startswith("/target_asset_ids/")
            if self.exists(target, ref["to_id"]):
                yield target, ref["to_id"], aimed, kind != "dataset"


class Closure:
    """What an export of a run is to hold."""

    def __init__(self, world, run_id, dependencies=True, source_assets=True, chunks=True,
                 datasets=False):
        self.world, self.run = world, run_id
        self.dependencies, self.source_assets = dependencies, source_assets
        self.home = world.space("run", run_id)
        self.found = {"run": {run_id}, "annotation": set()}
        self.named = set()
        self._todo = [("run", run_id)]
        self._parts()
        self._follow()
        self._edges()
        if chunks:
            self._owned("chunk", "asset_id", "asset")
        self._owned("bundle_link", "asset_id", "asset")
        if datasets:
            self._datasets()

    def _take(self, kind, id_):
        if id_ not in self.found.setdefault(kind, set()):
            self.found[kind].add(id_)
            self._todo.append((kind, id_))

    def _parts(self):
        rows = self.world.rows
        for id_, row in rows["annotation"].items():
            if row["run_id"] == self.run:
                self._take("annotation", id_)
        for kind, column in PARTS.items():
            of = self.found["annotation"] if column == "annotation_id" else self.found["run"]
            for id_, row in rows.get(kind, {}).items():
                if row[column] in of:
                    self._take(kind, id_)

    def _follow(self):
        while self._todo:
            for kind, id_, needed, followed in self.world.names(*self._todo.pop()):
                self.named.add((kind, id_))
                if kind in FOLLOWED and followed and (needed or self.dependencies) and (
                        kind != "asset" or self.source_assets) and self.world.space(
                            kind, id_) in (None, self.home):
                    self._take(kind, id_)

    def _owned(self, kind, column, owner):
        for id_, row in self.world.rows.get(kind, {}).items():
            if row[column] in self.found.get(owner, ()):
                self._take(kind, id_)
        self._follow()

    def _edges(self):
        ends = [c for c, k in self.world.keys.get("edge", {}).items() if k == "entity"]
        for id_, row in self.world.rows.get("edge", {}).items():
            if row["annotation_id"] in self.found["annotation"] and all(
                    row[c] in self.found.get("entity", ()) for c in ends):
                self._take("edge", id_)
        self._follow()

    def _datasets(self):
        assets = {self.world.rows["annotation"][a]["asset_id"] for a in self.found["annotation"]}
        assets |= self.found.get("asset", set())
        for id_, row in self.world.rows["dataset"].items():
            if row["infospace_id"] == self.home and (
                    self.run in (row["source_job_ids"] or ()) or
                    assets & set(row["asset_ids"] or ())):
                self._take("dataset", id_)
        self._follow()

    def kinds(self):
        return {k: ids for k, ids in self.found.items() if ids}

    def outside(self):
        """Rows that are named but don't travel; users stand elsewhere."""
        return {(k, i) for k, i in self.named
                if i not in self.found.get(k, ()) and k != "user"}
