"""JSON Schemas, as far as doc/package-format.md says that they go: "JSON Schemas"."""

import functools
import json
import re
from decimal import Decimal
from pathlib import Path

from jsontext import Number, Object

FOLDER = Path(__file__).resolve().parents[2] / "doc" / "schemas"
OTHER_NAMES = (
    (r"schemas/(primary|dependency)_schemas\.json", "schemas"),
    (r"assets/metadata/.*", "asset"), (r"assets/chunks/.*", "chunks"),
    (r"assets/embeddings/.*", "embeddings"),
    (r"compatibility/instance_mapping\.jsonl", "instance_mapping_lines"),
)
KEYWORDS = {"type", "required", "properties", "additionalProperties", "items", "enum", "$ref",
            "$defs", "format", "title", "description", "$schema"}


@functools.lru_cache(maxsize=None)
def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def fits(path, value):
    """Whether a document, or the value of a line, fits the schema of its entry."""
    name = next((n for pattern, n in OTHER_NAMES if re.fullmatch(pattern, path)),
                path.rsplit("/", 1)[-1].split(".")[0]) + ".json"
    return _fits(value, load(name), name)


def _fits(value, schema, file):
    if isinstance(schema, bool):
        return schema
    if set(schema) - KEYWORDS:
        raise AssertionError(f"{file}: the document has no {sorted(set(schema) - KEYWORDS)}")
    return (_fits_ref(value, schema, file) and _is_of_type(value, schema.get("type"))
            and ("enum" not in schema or any(_equal(value, one) for one in schema["enum"]))
            and _members_fit(value, schema, file) and _items_fit(value, schema, file))


def _fits_ref(value, schema, file):
    if "$ref" not in schema:
        return True
    other, _, pointer = schema["$ref"].partition("#")
    file = other or file
    target = load(file)
    for part in pointer.split("/")[1:]:
        target = target[part]
    return _fits(value, target, file)


def _members_fit(value, schema, file):
    if not isinstance(value, Object):
        return True
    if not set(schema.get("required", ())) <= set(value.names()):
        return False
    named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    return all(_fits(one, named.get(key, others), file) for key, one in value)


def _items_fit(value, schema, file):
    if not isinstance(value, list) or isinstance(value, Object) or "items" not in schema:
        return True
    return all(_fits(one, schema["items"], file) for one in value)


def _equal(value, one):
    if isinstance(value, Number):
        return type(one) is int and Decimal(value) == one
    return type(value) is type(one) and value == one


def _is_of_type(value, types):
    if types is None:
        return True
    return bool(_types(value) & {types} if isinstance(types, str) else _types(value) & set(types))


def _types(value):
    if isinstance(value, Number):
        number = Decimal(value)
        return {"number", "integer"} if number == number.to_integral_value() else {"number"}
    if isinstance(value, Object):
        return {"object"}
    return {{bool: "boolean", str: "string", list: "array", type(None): "null"}[type(value)]}
