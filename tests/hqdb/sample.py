"""Sample instances: `dev`, with everything a run may bring along and every
hazard among its values; `prod`, with a small infospace of its own; `empty`.

A sample is a function of the generation (and whether there is pgvector)
alone: same ids, UUIDs, times and files each time.
"""

import hashlib
from pathlib import Path

import schema
import sample_dev
import sample_prod
from rows import Rows

SAMPLES = {"dev": sample_dev.fill, "prod": sample_prod.fill, "empty": lambda rows: None}
SHOWN = ("email", "handle", "name", "version", "title", "kind", "status", "blob_path")


def build(generation, vector, name):
    """The rows and files of a sample, not yet in a database."""
    rows = Rows(generation, vector, name)
    SAMPLES[name](rows)
    rows.text = rows.script()
    return rows


def load(db, generation, name, store=None, missing=()):
    """Creates the database `db` with a sample and its file store in the
    folder `store`; files of the assets named in `missing` stay out. Returns
    describe()'s dict."""
    vector = schema.has_vector(db.other("postgres"))
    rows = build(generation, vector, name)
    if name == "empty":
        schema.create(db, generation)
    else:
        schema.copy(db, schema.cached_template(
            db, f"hqdb_{generation.replace('-', '_')}_{name}",
            lambda target: _fill(target, generation, vector, rows)))
    gone = {rows.row("asset", key)["blob_path"] for key in missing}
    if store is not None:
        write_store(rows, store, gone)
    return describe(rows, gone)


def _fill(target, generation, vector, rows):
    target.run(schema.ddl(generation, vector))
    target.run(rows.text)
    target.run("ANALYZE;")


def write_store(rows, folder, gone=()):
    for name, data in rows.files.items():
        if name not in gone:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    Path(folder).mkdir(parents=True, exist_ok=True)


def describe(rows, gone=()):
    """What is in a sample, for tests. `rows`: by table and key the id, the
    UUID and what people go by; `references`: see rows.py; `canaries`: text
    that must never leave the instance; `files` of the store."""
    named = {}
    for (table, key), row in rows.named.items():
        about = {"id": row.get("id"), "uuid": rows.uuid(table, key)}
        about.update((k, row[k]) for k in SHOWN if isinstance(row.get(k), str))
        named.setdefault(table, {})[key] = about
    return {
        "generation": rows.generation,
        "sample": rows.instance,
        "rows": named,
        "references": rows.references,
        "canaries": [c for c in rows.canaries if c in rows.text],
        "files": {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                  for name, data in rows.files.items() if name not in gone},
    }
