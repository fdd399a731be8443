"""Two instances whose rows are in every state that an import may find them in, and what is to
become of each: by the design, not by the program.

There is a package's instance ("there") and a target ("here"). Rows are copies of one calm row of
their kind, tagged "kind.state" in a column that nobody changes. Whatever isn't such a row is
there to bring them along: "carriers".
"""

import json

import lib
import sample
from lib import ident, literal
from rows import Json
from sample_base import annotation, annotation_schema, asset, bundle, contract, infospace, run, user

# A row that an earlier import wrote. What became of it since:
BASE = {
    "same": "nothing", "there": "changed there", "here": "changed here",
    "both": "one column was changed on both sides, another here", "sides": "another column each",
    "alike": "changed on both sides, to the same", "deleted": "deleted here",
    "deleted_there": "deleted here, changed there", "gone": "deleted there",
    "occupied": "changed there to what another row here is known by",
    "content_there": "another content there"}
# A row that no earlier import knew. What is here already:
FRESH = {
    "new": "nothing", "twin": "its UUID", "unknown": "its UUID, with other values",
    "content": "its UUID, with another content", "natural": "its natural key",
    "natural_other": "its natural key, with other values", "lineage": "a row that came from it",
    "ambiguous": "two rows that came from it", "elsewhere": "its UUID, in another infospace",
    "crowded": "a row of another origin that has its name",
    "orphan": "not the row that it can't be without"}
STATES = {**BASE, **FRESH}

# strategy, or word of a decision; "later" by whose row was changed later
STRATEGIES = ("smart", "skip", "overwrite", "rename")
WORDS = ("keep", "replace", "beside", "merge", "later there", "later here")
MODES = STRATEGIES + WORDS
UUIDS = ("generate", "preserve", "hybrid")

# By kind: the column with its tag, two that people change, and one that must be its own here.
COLUMNS = {
    "run": ("name", "description", "error_message"),
    "schema": ("name", "instructions", "description", "name"),
    "annotation": ("region", "value", "links"),
    "justification": ("field_name", "reasoning", "model_name"),
    "curation": ("fragment_path", "status", "curated_at"),
    "edge": ("predicate", "source_field_path", "predicate"),
    "aggregate": ("field_path", "payload", "value_kind"),
    "asset": ("title", "processing_error", "event_timestamp"),
    "chunk": ("text_content", "chunk_metadata", "blob_reference", "chunk_index"),
    "bundle": ("name", "description", "purpose", "name"),
    "source": ("name", "error_message", "source_metadata"),
    "graph": ("name", "description", "edit_policy"),
    "canon": ("name", "description", "role"),
    "entity": ("canonical_name", "provenance_type", "properties"),
    "flow": ("name", "description", "tags"),
    "flow_execution": ("error_message", "triggered_by", "completed_at"),
    "task": ("name", "last_run_message", "schedule"),
    "monitor": ("name", "description", "last_checked_at", "linked_task_id"),
    "pipeline": ("name", "description", "name"),
    "embedding_model": ("name", "created_at", "dimension", "name"),
    "dataset": ("name", "description", "custom_metadata"),
}
# Of these it is a part of the natural key.
KEYED = {"edge", "aggregate", "canon", "embedding_model"}
CONTENT = {"schema": "output_contract", "asset": "text_content"}
LINKS = {"schema_link": ("run_id", "schema_id", "schema"),
         "bundle_link": ("asset_id", "bundle_id", "bundle")}
LINK_STATES = ("same", "deleted", "gone", "new", "natural", "orphan")

# What design.md says of kinds.
DECIDED_BY_PEOPLE = {"run", "annotation", "justification", "curation", "edge"}
REUSED_OR_BESIDE = {"source", "dataset", "graph", "canon"}
ONE_ONLY = {"chunk"}           # a second one has no place
WITHOUT_ROOM = {"monitor", "embedding_model"}  # … nor has one that is the same in a unique index
NO_KEY = {"run", "annotation", "flow", "flow_execution", "monitor", "pipeline"}
LABELLED = {"schema", "bundle"}  # of those that are crowded out
# The row without which one can't be.
OWNER = {"annotation": ("asset_id", "asset"), "justification": ("annotation_id", "annotation"),
         "curation": ("annotation_id", "annotation"), "edge": ("annotation_id", "annotation"),
         "asset": ("parent_asset_id", "asset"), "chunk": ("asset_id", "asset"),
         "graph": ("canon_id", "canon"), "entity": ("canon_id", "canon"),
         "flow_execution": ("flow_id", "flow"), "monitor": ("linked_task_id", "task"),
         "pipeline": ("linked_task_id", "task"), "schema_link": ("schema_id", "schema"),
         "bundle_link": ("bundle_id", "bundle")}
# Brought along by an asset that names them so; the others need a row of their own.
NAMED = ("bundle", "source", "graph", "flow", "flow_execution", "task", "monitor", "pipeline")

DIFFERING = {"there", "here", "both", "sides", "occupied", "content_there", "unknown", "content",
             "natural_other", "ambiguous"}


# --- what is to become of a row ---------------------------------------------------------------

def smart(kind, state):
    """By itself, or 'open'."""
    if state == "ambiguous":
        return "open"
    if kind == "embedding_model" or state == "here":
        return "still"
    if state == "occupied":
        return "open"
    if state in ("content", "content_there"):
        return "beside"
    if state in ("there", "sides"):
        return "theirs"
    if kind in REUSED_OR_BESIDE:
        return "beside"
    if state == "both" or kind in DECIDED_BY_PEOPLE:
        return "open"
    return "still"


def fate(kind, state, mode, uuids, has_time=True):
    """What becomes of it: still, theirs (what was changed there), all (whatever differs), one (the
    column that was chosen), beside, new, renamed, out, open (nothing is written)."""
    if state in ("deleted", "orphan"):
        return "new" if kind in LINKS and state == "deleted" else "out"
    if state == "deleted_there":
        # it may stay deleted, or come again; part of it can't
        return {"smart": "open", "skip": "out", "keep": "out", "overwrite": "new", "rename": "new",
                "replace": "new", "beside": "new"}.get(mode, "open")
    if state == "crowded":
        if mode == "overwrite" and kind not in WITHOUT_ROOM:
            return "new"  # who had its name got back their own
        return "renamed" if kind in LABELLED else "out"
    if state == "elsewhere":
        return "open" if uuids == "preserve" and mode != "beside" else "new"
    if state == "new" or (state == "natural" and kind in NO_KEY):
        return "new"
    if state not in DIFFERING:
        return "still"
    found = differing(kind, state, mode, has_time)
    if found == "beside" and (kind in ONE_ONLY or kind in WITHOUT_ROOM):
        # unless the one here has become another in the index
        moved = kind == "embedding_model" and state in ("both", "sides")
        return "beside" if moved else "still"
    if found == "all" and kind in CONTENT and state.startswith("content") and kind == "schema":
        return "beside"  # rows of it would become wrong
    return found


def differing(kind, state, mode, has_time):
    if mode == "smart" or (mode.startswith("later") and not has_time):
        return smart(kind, state)
    if mode == "skip":
        return "still"
    if mode in ("overwrite", "rename"):
        if kind == "embedding_model":
            return "still"  # it belongs to the whole instance
        if mode == "rename":
            return "beside"
        return "open" if state in ("ambiguous", "occupied") else "all"
    if smart(kind, state) == "beside":
        return "beside"  # by itself: there is nothing to decide
    if state == "occupied" and mode not in ("keep", "beside"):
        return "open"
    return {"keep": "still", "replace": "all", "beside": "beside", "merge": "one",
            "later there": "all", "later here": "still"}[mode]


def word(mode):
    """As decisions spell it; None: a strategy."""
    return None if mode in STRATEGIES else {"replace": "overwrite"}.get(mode, mode.split()[0])


# --- making rows ------------------------------------------------------------------------------

def register():
    sample.SAMPLES["cells"] = there
    sample.SAMPLES["cells_home"] = here


def here(s):
    user(s, "owner")
    for key in ("main", "other"):
        infospace(s, key, "owner", key)
        if s.has("canon"):
            s.add("canon", key, infospace_id=key, name="General", role="GENERAL")
            s.row("infospace", key)["default_canon_id"] = key


WHEN = "2025-03-05 12:00:00"


def there(s):
    """One calm row of each kind."""
    user(s, "owner")
    infospace(s, "main", "owner", "Main")
    mine = {"infospace_id": "main", "user_id": "owner"}
    times = {"created_at": WHEN, "updated_at": WHEN}
    if s.has("canon"):
        s.add("canon", "calm", infospace_id="main", name="canon.calm", role="GENERAL", **times)
        s.add("knowledgegraph", "calm", infospace_id="main", name="graph.calm", canon_id="calm",
              **times)
        for key in ("calm", "end"):
            s.add("entity", key, infospace_id="main", canonical_name=f"entity.{key}",
                  entity_type="ORG", canon_id="calm", provenance_type="method", aliases=Json([]),
                  additional_types=Json([]), properties=Json({}), **times)
    annotation_schema(s, "calm", "main", "owner", "schema.calm",
                      contract(title={"type": "string"}))
    bundle(s, "calm", "main", "owner", "bundle.calm")
    s.add("source", "calm", name="source.calm", kind="rss", status="COMPLETE", is_active=False,
          details=Json({}), **mine, **times)
    s.add("embeddingmodel", "calm", name="embedding_model.calm", dimension=1024, is_active=False,
          provider="OLLAMA" if s.number < 3 else "ollama", **times)
    s.add("task", "calm", name="task.calm", type="ANNOTATE", schedule="0 6 * * *", status="PAUSED",
          is_enabled=False, configuration=Json({}), consecutive_failure_count=0, **mine, **times)
    if s.has("flow"):
        s.add("flow", "calm", name="flow.calm", status="PAUSED", input_type="MANUAL",
              steps=Json([]), trigger_mode="MANUAL", total_executions=0, total_assets_processed=0,
              consecutive_failures=0, **mine, **times)
        s.add("flowexecution", "calm", flow_id="calm", triggered_by="manual", status="COMPLETED",
              error_message="flow_execution.calm", created_at=WHEN, step_outputs=Json({}))
    asset(s, "calm", "main", "owner", "asset.calm", bundles=["calm"],
          source_identifier="asset.calm", text_content="Text", fragments=Json({}))
    if s.has("monitor"):
        s.add("monitor", "calm", name="monitor.calm", linked_task_id="calm", status="active",
              **mine)
        s.add("intelligencepipeline", "calm", name="pipeline.calm", linked_task_id="calm",
              source_bundle_ids=Json([]), **mine)
    run(s, "calm", "main", "owner", "run.calm", schemas=["calm"])
    s.add("runaggregate", "calm", run_id="calm", field_path="aggregate.calm", value_kind="string",
          sketch_kind="topk", payload=Json({}), created_at=WHEN)
    annotation(s, "calm", "calm", "calm", "calm", {"title": "calm"}, "main", "owner",
               region=Json({"tag": "annotation.calm"}))
    s.add("assetchunk", "calm", asset_id="calm", chunk_index=0, text_content="chunk.calm",
          created_at=WHEN, embedding_model_id="calm")
    if s.has("justification"):
        s.add("justification", "calm", annotation_id="calm", field_name="justification.calm",
              reasoning="So", created_at=WHEN)
    if s.has("graphedge"):
        s.add("graphedge", "calm", annotation_id="calm", infospace_id="main", graph_id="calm",
              predicate="edge.calm", source_entity_id="calm", target_entity_id="end")
        s.add("fragmentcuration", "calm", annotation_id="calm", fragment_path="curation.calm",
              status="accepted", curated_at=WHEN, source_entity_id="calm",
              target_entity_id="end")
    s.add("dataset", "calm", name="dataset.calm", **mine, **times, asset_ids=Json([]),
          source_job_ids=Json([s.id("annotationrun", "calm")]), source_scheme_ids=Json([]))


class Side:
    """An instance, whose rows are copied, changed and deleted in one script at a time."""

    def __init__(self, instance):
        self.instance = instance
        self.db = instance.db
        self.script = []
        self.next = 10000
        self.foreign = {}
        for r in self.db.query(
                "SELECT c.relname AS t, a.attname AS c, f.relname AS target, a.attnotnull AS needed "
                "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON "
                "f.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = "
                "k.conkey[1] WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace"):
            self.foreign.setdefault(r["t"], {})[r["c"]] = (r["target"], r["needed"] == "t")
        self.types = {(r["t"], r["c"]): r["y"] for r in self.db.query(
            "SELECT c.relname AS t, a.attname AS c, format_type(a.atttypid, a.atttypmod) AS y FROM "
            "pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = "
            "'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attgenerated = '' "
            "AND NOT a.attisdropped ORDER BY a.attnum")}

    def table(self, kind):
        return lib.table_of(self.instance, kind)

    def uuid(self, table):
        """The column of its rows' UUIDs, or None."""
        return next((c for c in ("uuid", "entity_uuid") if self.instance.has(table, c)), None)

    def columns(self, table):
        return [c for t, c in self.types if t == table]

    def copy(self, kind, of, **values):
        """A copy of a row, with other values (SQL, or a number); its id."""
        table, self.next = self.table(kind), self.next + 1
        values = {"id": self.next, **({self.uuid(table): "gen_random_uuid()::text"}
                                      if self.uuid(table) else {}), **values}
        names = ", ".join(ident(c) for c in self.columns(table))
        chosen = ", ".join(f"({values[c]})::{self.types[table, c]}" if c in values else ident(c)
                           for c in self.columns(table))
        self.script.append(f"INSERT INTO {ident(table)} ({names}) SELECT {chosen} FROM "
                           f"{ident(table)} WHERE id = {of};")
        return values["id"]

    def set(self, kind, row, **values):
        table = self.table(kind)
        if (table, "updated_at") in self.types:
            values.setdefault("updated_at", "'2030-01-01 00:00:00'")
        sets = ", ".join(f"{ident(c)} = ({v})::{self.types[table, c]}" for c, v in values.items())
        self.script.append(f"UPDATE {ident(table)} SET {sets} WHERE id = {row};")

    def delete(self, kind, rows):
        """With whatever can't be without it."""
        self._delete(self.table(kind), ", ".join(map(str, rows)))

    def _delete(self, table, rows):
        for other, columns in self.foreign.items():
            for column, (target, needed) in columns.items():
                if target != table:
                    continue
                where = f"{ident(column)} IN ({rows})"
                if not needed:
                    self.script.append(
                        f"UPDATE {ident(other)} SET {ident(column)} = NULL WHERE {where};")
                elif (other, "id") in self.types:
                    self._delete(other, f"SELECT id FROM {ident(other)} WHERE {where}")
                else:
                    self.script.append(f"DELETE FROM {ident(other)} WHERE {where};")
        self.script.append(f"DELETE FROM {ident(table)} WHERE id IN ({rows});")

    def do(self):
        ends = [f"SELECT setval(pg_get_serial_sequence('{ident(t)}', 'id'), greatest(max(id), "
                f"{self.next})) AS done FROM {ident(t)} \\gset" for t, c in self.types
                if c == "id" and t in {n for names in lib.TABLES.values() for n in names}]
        self.db.run("\n".join(self.script + ends) + "\n")
        self.script = []

    def value(self, kind, column, who):
        """What somebody makes of a column."""
        kind_of_value = self.types[self.table(kind), column]
        if kind_of_value.startswith("json"):
            return literal(json.dumps({"by": who}))
        if kind_of_value.startswith("timestamp"):
            return "'2024-01-01 00:00:00'" if who == "them" else "'2024-02-02 00:00:00'"
        if kind_of_value == "integer":
            return 4000 if who == "them" else 5000
        if column == "role":
            return "'GEO'"
        return literal(f"by {who}")

    def rows(self):
        """{table: {id, or what links have instead: row}}"""
        tables = [t for k in lib.TABLES for t in [self.table(k)] if t]
        return read(self.db, tables)


def read(db, tables):
    found = {t: {} for t in tables}
    for r in db.query(" UNION ALL ".join(f"SELECT {literal(t)} AS t, row_to_json(x)::text AS r "
                                         f"FROM {ident(t)} x" for t in tables)):
        row = json.loads(r["r"], parse_float=str)
        key = row.get("id") or tuple(v for c, v in sorted(row.items()) if c.endswith("_id"))
        found[r["t"]][key] = row
    return found


def label_of(kind):
    """The column that is another one where a row comes beside one of its name."""
    if kind == "schema":
        return "version"
    if kind == "embedding_model":
        return None  # it is in no infospace
    first = COLUMNS[kind][0]
    return first if first in ("name", "canonical_name") else None


def tag_of(kind, row):
    """Without what an import put behind a name that was taken."""
    text = row.get(COLUMNS[kind][0])
    text = text.get("tag") if isinstance(text, dict) else text
    return text.split(" (")[0] if text else None


def own_values(kind, tag, number):
    """What each copy has for itself."""
    first = COLUMNS[kind][0]
    found = {first: literal(json.dumps({"tag": tag}) if first == "region" else tag)}
    if kind == "asset":
        found["source_identifier"] = literal(tag)
    if kind == "chunk":
        found["chunk_index"] = number
    return found
