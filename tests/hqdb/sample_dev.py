"""The sample `dev`: see README.md for what is where."""

import sample_assets
import sample_graph
import sample_private
import sample_runs
from rows import Json, R, Text, within
from sample_base import annotation_schema, bundle, contract, infospace, user, when

FIRST_IDS = {
    "user": 11, "infospace": 21, "annotationrun": 101, "annotationschema": 201, "bundle": 301,
    "source": 401, "asset": 1001, "annotation": 5001, "knowledgegraph": 501, "entity": 601,
    "entitycanonical": 601, "canon": 551, "flow": 701, "flowexecution": 751, "task": 801,
    "dataset": 851, "monitor": 901, "intelligencepipeline": 921, "embeddingmodel": 951,
    "assetchunk": 3001, "justification": 9001, "runaggregate": 8001,
}


def fill(s):
    for table, number in FIRST_IDS.items():
        s.first_id(table, number)
    people(s)
    spaces(s)
    schemas(s)
    bundles(s)
    sources(s)
    sample_assets.fill(s)
    sample_runs.fill(s)
    sample_graph.fill(s)
    sample_private.fill(s)


def people(s):
    for key in ("owner", "analyst", "curator", "viewer", "editor", "stranger"):
        user(s, key)
    user(s, "superuser", superuser=True)
    user(s, "inactive", active=False)
    user(s, "bob", email="bob+tag@example.org", name="Bob \u202eecilA\x1b[31m")


def spaces(s):
    """`main`, which holds nearly everything; `internal` and `public`; `foreign`,
    private and of another owner; `twin`, with the name of `main`."""
    infospace(s, "main", "owner", "Energie & Politik")
    infospace(s, "internal", "owner", "Internal library", "internal")
    infospace(s, "public", "bob", "Public archive", "public")
    infospace(s, "foreign", "bob", "HIDDEN-dev-foreign-space")
    infospace(s, "twin", "owner", "Energie & Politik")
    if s.has("infospacecollaborator"):
        for key, role in (("analyst", "ANALYST"), ("curator", "CURATOR"), ("viewer", "VIEWER"),
                          ("editor", "EDITOR"), ("inactive", "ANALYST")):
            s.add("infospacecollaborator", key, infospace_id="main", user_id=key, role=role,
                  invited_at=when(1))


def schemas(s):
    text, number = {"type": "string"}, {"type": "number"}
    position = {"type": "object", "properties": {"actor": text, "stance": text}}

    def add(key, name, version="1.0", active=True, space="main", owner="owner", **fields):
        fields = fields or {"summary": dict(text)}
        annotation_schema(s, key, space, owner, name, contract(**fields), version, active,
                          justified=[f for f in fields if f == "stance"])

    fields = {"title": text, "stance": {"type": "string", "enum": ["for", "against", "open"]},
              "score": number, "positions": {"type": "array", "items": position}}
    add("positions", "Policy positions", "2.0", **{k: dict(v) for k, v in fields.items()})
    add("positions_old", "Policy positions", "1.0", **{"title": dict(text)})
    add("positions_off", "Policy positions", "2.0", active=False)
    add("positions_off2", "Policy positions", "2.0", active=False)
    add("triplets", "Entities", triplets={"type": "array", "items": {"type": "object"}})
    add("panel_only", "Named by a panel only")
    add("config_only", "Named by a configuration only")
    add("formula_only", "Named by a formula only")
    add("flow_only", "Named by a flow only")
    add("unused", "Named by nothing")
    add("hazard", "Größe \x1b[31m\u202e/../ \"x\"", "1.0 \n beta")
    add("library", "Library", space="internal")
    add("archive", "Archive", space="public", owner="bob")
    add("hidden", "HIDDEN-dev-foreign-schema", space="foreign", owner="bob")


def bundles(s):
    bundle(s, "reports", "main", "owner", "Reports", child_bundle_count=1)
    bundle(s, "reports_2025", "main", "owner", "2025", "reports", child_bundle_count=1)
    bundle(s, "drafts", "main", "owner", "Drafts \x1b[31m", "reports_2025",
           bundle_metadata=Json({"excluded_blob_paths": ["inbox/secret plan.pdf"],
                                 "source_query": Text(
                                     ("kind:pdf ", within("bundle:", "bundle", "reports")))}))
    bundle(s, "web", "main", "owner", "Web", sealed=True, bundle_metadata=Json(None))
    bundle(s, "output", "main", "owner", "Output of the feed")
    bundle(s, "mentioned", "main", "owner", "Named by metadata only")
    bundle(s, "flow_bundle", "main", "owner", "Named by a flow only")
    bundle(s, "target", "main", "owner", "Named by a configuration only")
    bundle(s, "unused_bundle", "main", "owner", "Named by nothing")
    bundle(s, "library_bundle", "internal", "owner", "Library")
    bundle(s, "hidden_bundle", "foreign", "bob", "HIDDEN-dev-foreign-bundle")


def sources(s):
    secret = {n: s.canary(f"source-{n}") for n in (
        "api-key", "password", "bearer", "url-password", "cookie", "nested")}
    details = {
        "feed_url": "https://example.org/feed.xml", "target_bundle_id": R("bundle", "output"),
        "user_id": R("user", "owner"), "storage_path": "user_11/source.csv",
        "source_path": f"/srv/hq/{s.canary('source-path')}",
        "search_config": {"query": "Energie", "api_key": secret["api-key"]},
        "password": secret["password"],
        "headers": {"Authorization": f"Bearer {secret['bearer']}", "Cookie": secret["cookie"]},
        "proxy": f"https://user:{secret['url-password']}@proxy.example.org/",
        "custom": [{"deep": {"token": secret["nested"]}}],
    }

    def add(key, space, owner, name, kind="rss", out=None, **values):
        s.add("source", key, name=name, kind=kind, infospace_id=space, user_id=owner,
              status="COMPLETE", source_metadata=Json(None), output_bundle_id=out,
              is_active=True, next_poll_at=when(9000), last_poll_at=when(8000),
              cursor_state=Json({"seen_urls": ["https://example.org/1"]}), created_at=when(5),
              updated_at=when(6), tags=Json([]), **values)

    add("feed", "main", "owner", "Feed \u202eelgoog", out="output", details=Json(details),
        imported_from_uuid=s.uuid_of("source", "elsewhere"))
    add("upload", "main", "owner", "Upload", "upload", details=Json({}))
    add("config_source", "main", "owner", "Named by a panel only", details=Json({}))
    add("unused_source", "main", "owner", "Named by nothing", details=Json({}))
    add("hidden_source", "foreign", "bob", "HIDDEN-dev-foreign-source", details=Json({}))
    if s.has("sourcepollhistory"):
        s.add("sourcepollhistory", "poll", source_id="feed", started_at=when(7),
              completed_at=when(8), status="completed", items_found=3, items_ingested=1,
              cursor_before=Json(None), cursor_after=Json({"seen_urls": []}))
