"""The entries, and the columns that name rows: doc/package-format.md, "The entries", "References"."""

import re

_PLAIN = {
    "run/run_metadata.json": "run", "run/configuration.json": "configuration",
    "run/target_assets.json": "target_assets", "run/schema_links.jsonl": "schema_link",
    "run/aggregates.jsonl": "aggregate", "schemas/primary_schemas.json": "schema",
    "schemas/dependency_schemas.json": "schema", "annotations/annotations.jsonl": "annotation",
    "annotations/justifications.jsonl": "justification",
    "annotations/curations.jsonl": "curation", "annotations/edges.jsonl": "edge",
    "assets/bundle_links.jsonl": "bundle_link", "datasets/dataset_metadata.json": "dataset",
    "compatibility/instance_mapping.json": "instance_mapping",
    "compatibility/instance_mapping.jsonl": "instance_mapping",
    "compatibility/version_info.json": "version_info",
}
_PLAIN.update({f"dependencies/{plural}.jsonl": kind for plural, kind in {
    "bundles": "bundle", "sources": "source", "graphs": "graph", "canons": "canon",
    "entities": "entity", "flows": "flow", "flow_executions": "flow_execution", "tasks": "task",
    "monitors": "monitor", "pipelines": "pipeline",
    "embedding_models": "embedding_model"}.items()})
_PATTERNS = [(re.compile(pattern), kind) for pattern, kind in (
    (r"assets/metadata/asset_[1-9]\d*\.json", "asset"),
    (r"assets/files/asset_[1-9]\d*_file[^/]*", "file"),
    (r"assets/chunks/asset_[1-9]\d*_chunks\.jsonl", "chunk"),
    (r"assets/embeddings/asset_[1-9]\d*_[^/]*\.jsonl", "embedding"),
    (r"texts/[^/]*\.txt", "text"))]

REQUIRED = ("run/run_metadata.json", "run/configuration.json", "run/target_assets.json",
            "schemas/primary_schemas.json", "schemas/dependency_schemas.json",
            "annotations/annotations.jsonl", "annotations/justifications.jsonl",
            "compatibility/instance_mapping.json", "compatibility/version_info.json")
LAST = ("entries.jsonl", "manifest.json", "checksums.sha256")
SIGNATURE = "checksums.sha256.sig"

LINKS = {"schema_link", "bundle_link"}      # rows without an id
ROWS = {kind for kind in _PLAIN.values()} | {"asset", "chunk"}
ROWS -= {"configuration", "target_assets", "instance_mapping", "version_info"}

# Columns that must name a row of a kind.
NAMES = {
    "annotation_id": "annotation", "asset_id": "asset", "parent_asset_id": "asset",
    "previous_asset_id": "asset", "bundle_id": "bundle", "bundle_ids": "bundle",
    "parent_bundle_id": "bundle", "canon_id": "canon", "flow_id": "flow", "graph_id": "graph",
    "infospace_id": "infospace", "run_id": "run", "schema_id": "schema", "source_id": "source",
}


def kind_of(path):
    """What stands in an entry; None where the format knows no such entry."""
    return _PLAIN.get(path) or next((k for p, k in _PATTERNS if p.fullmatch(path)), None)
