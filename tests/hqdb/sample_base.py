"""What the samples have in common: rows in the form of each generation."""

import datetime
import hashlib

from rows import Json, R

BASE = datetime.datetime(2025, 3, 1, 8, 0, 0, 250)


def when(minutes):
    """A time as text, `minutes` after the start of the sample."""
    return str(BASE + datetime.timedelta(minutes=minutes, microseconds=minutes * 37))


def user(s, key, active=True, superuser=False, email=None, handle=None, name=None):
    secret = {n: s.canary(f"user-{key}-{n}") for n in ("password", "token", "credentials")}
    s.add("user", key, email=email or f"{key}@example.org", handle=handle or key,
          hashed_password=secret["password"], email_verification_token=secret["token"],
          encrypted_credentials=secret["credentials"], is_active=active, is_superuser=superuser,
          full_name=name or key.title(), bio=f"The {key} of the sample", created_at=when(0),
          updated_at=when(0), email_verified=True, ui_preferences=Json({"theme": "dark"}),
          provider_defaults=Json(None))


def infospace(s, key, owner, name, visibility="private", **values):
    s.add("infospace", key, name=name, owner_id=owner, visibility=visibility,
          description=f"The {visibility} space of the sample", created_at=when(1), icon="globe",
          chunk_size=512, chunk_overlap=50, chunk_strategy="token", vector_backend="pgvector",
          embedding_model="mxbai-embed-large", embedding_dim=1024,
          enrichment_config=Json({"ocr": {"enabled": False}}), **values)


def annotation_schema(s, key, space, owner, name, contract, version="1.0", active=True,
                      justified=(), **values):
    """`justified`: fields of the contract that ask for a justification."""
    configs = {f: {"enabled": True, "custom_prompt": f"Why this {f}?", "rigor_level": "high"}
               for f in justified}
    if s.number == 4:
        for field in justified:
            contract["properties"]["document"]["properties"][field].update(
                include_justification=True, justification_prompt=f"Why this {field}?",
                justification_rigor_level="high")
    s.add("annotationschema", key, name=name, version=version, is_active=active,
          description=f"{name}, {version}", output_contract=Json(contract, spaced=True),
          instructions=f"Read the text.\nFill in {name}.\n", infospace_id=space, user_id=owner,
          field_specific_justification_configs=Json(configs), created_at=when(2),
          updated_at=when(2), tags=Json(["sample", name.lower()]), **values)


def contract(**fields):
    """A JSON Schema with the top-level wrapper `document`."""
    return {"type": "object", "properties": {"document": {
        "type": "object", "properties": fields, "required": list(fields)[:1]}}}


def bundle(s, key, space, owner, name, parent=None, version="1.0", **values):
    values.setdefault("asset_count", 0)
    values.setdefault("child_bundle_count", 0)
    if s.number == 2:
        values["parent_bundle_id"] = parent
    elif s.number > 2:
        values["parent_bundle_id"] = s.id("bundle", parent) if parent else 0
    s.add("bundle", key, name=name, version=version, infospace_id=space, user_id=owner,
          description=f"Bundle {name}", purpose="sample", created_at=when(3), updated_at=when(4),
          tags=Json([]), **values)


def asset(s, key, space, owner, title, kind="TEXT", bundles=(), facets=None, info=None,
          minute=10, **values):
    """An asset; `facets` and `info` are metadata and file_info, or what was
    there before both."""
    facets, info = facets or {}, info or {}
    if s.number < 3:
        values["source_metadata"] = Json({**info, "facets": facets})
    else:
        values.update(metadata=Json(facets), file_info=Json(info))
    if s.number == 2:
        values["bundle_id"] = bundles[0] if bundles else None
    elif s.number > 2:
        values["bundle_ids"] = [s.id("bundle", b) for b in bundles] or [0]
    values.setdefault("processing_status", "READY")
    for name in ("created_at", "updated_at"):
        values.setdefault(name, when(minute))
    s.add("asset", key, title=title, kind=kind, infospace_id=space, user_id=owner, stub=False,
          **values)
    if s.number == 1:
        for name in bundles:
            s.add("assetbundlelink", f"{key}-{name}", asset_id=key, bundle_id=name,
                  created_at=when(minute), updated_at=when(minute))
    for name in bundles[:1] if s.number == 2 else bundles:
        s.row("bundle", name)["asset_count"] += 1


def blob(s, key, owner, extension, data, name=None):
    """A file of the store: its object's name and the columns that go with it."""
    number = s.id("user", owner)
    path = name or f"user_{number}/{s.uuid_of('blob', key)}{extension}"
    s.put(path, data)
    return {"blob_path": path, "content_hash": hashlib.sha256(data).hexdigest()}


def text_hash(identifier, text):
    """HQ's other content hash: MD5 of the identifier and the text's start."""
    return hashlib.md5(f"{identifier}|{text[:1000]}".encode("utf-8", "replace")).hexdigest()


def run(s, key, space, owner, name, status="COMPLETED", schemas=(), minute=60, **values):
    done = status in ("COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED")
    for column, value in (("configuration", Json({})), ("trigger_type", "manual"),
                          ("started_at", when(minute)), ("include_parent_context", False),
                          ("context_window", 0), ("tags", Json([])),
                          ("completed_at", when(minute + 5) if done else None)):
        values.setdefault(column, value)
    s.add("annotationrun", key, name=name, status=status, infospace_id=space, user_id=owner,
          created_at=when(minute), updated_at=when(minute + 5), **values)
    for name in schemas:
        s.add("runschemalink", f"{key}-{name}", run_id=key, schema_id=name)


def annotation(s, key, run_key, asset_key, schema_key, value, space, owner, why=None, minute=61,
               **values):
    """`why`: {field: (reasoning, evidence)}, kept where the generation keeps
    it; for a list of objects (field), one pair for each item."""
    why = why or {}
    if s.number == 4:
        for field, reasons in why.items():
            _inline(value, field, reasons)
    values.setdefault("status", "SUCCESS")
    s.add("annotation", key, asset_id=asset_key, schema_id=schema_key, run_id=run_key,
          infospace_id=space, user_id=owner,
          value=Json(value) if isinstance(value, (dict, list)) else value,
          timestamp=when(minute), created_at=when(minute), updated_at=when(minute), **values)
    if s.number < 4:
        for field, reasons in why.items():
            for number, (reasoning, evidence) in enumerate(
                    reasons if isinstance(reasons, list) else [reasons]):
                s.add("justification", f"{key}-{field}-{number}", annotation_id=key,
                      field_name=field, reasoning=reasoning, evidence_payload=Json(evidence),
                      model_name="sample-model", score=0.75, created_at=when(minute))


def _inline(value, field, reasons):
    if isinstance(reasons, list):
        for item, (reasoning, evidence) in zip(value[field], reasons):
            item["justification"] = {"reasoning": reasoning, **evidence}
    else:
        value[f"{field}_justification"] = {"reasoning": reasons[0], **reasons[1]}


def asset_refs(*keys):
    return [R("asset", key) for key in keys]
