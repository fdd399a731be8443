"""What the validator of JSON Schemas is compared with: PyPI's jsonschema with
the test suite that its sources bring, and Debian's json-schema-test-suite.

    others.py         fetches it, and prints where it is
"""

import json
import subprocess
import sys
import tarfile
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hqdb"))

from cache import kept, pip, pip_source  # noqa: E402

VERSION = "4.26.0"
DEBIAN = Path("/usr/share/json-schema-test-suite/tests")
DRAFT = "draft2020-12"


def _fetch(work):
    pip(work / "tree/python", f"jsonschema=={VERSION}")
    inside = f"jsonschema-{VERSION}/json/tests/{DRAFT}/"
    (work / "tree/suite").mkdir()
    with tarfile.open(pip_source(work, f"jsonschema=={VERSION}")) as sources:
        for member in sources:
            name = member.name.removeprefix(inside)
            if member.isfile() and name != member.name and "/" not in name:
                (work / "tree/suite" / name).write_bytes(sources.extractfile(member).read())


def folder():
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return kept(f"jsonschema-{VERSION}-python{version}", _fetch)


def load(text):
    """JSON with its numbers as they are, not as a double has them."""
    return json.loads(text, parse_float=Decimal)


def python_validator(schema):
    """That of jsonschema, whose numbers may be decimal."""
    path = str(folder() / "python")
    if path not in sys.path:
        sys.path.insert(0, path)
    import jsonschema  # pylint: disable=import-outside-toplevel

    def is_number(_, value):
        return isinstance(value, (int, Decimal)) and not isinstance(value, bool)

    def is_integer(checker, value):
        return is_number(checker, value) and value == int_of(value)

    base = jsonschema.Draft202012Validator
    base.check_schema(schema)
    types = base.TYPE_CHECKER.redefine_many({"number": is_number, "integer": is_integer})
    return jsonschema.validators.extend(base, type_checker=types)(schema)


def int_of(value):
    return value.to_integral_value() if isinstance(value, Decimal) else value


def suites():
    """(name, groups of tests): of this draft, and of older ones as this one
    would write them."""
    for path in sorted((folder() / "suite").glob("*.json")):
        yield f"{DRAFT}/{path.name}", json.loads(path.read_text(encoding="utf-8"))
    for draft in ("draft6", "draft7", DRAFT):
        for path in sorted((DEBIAN / draft).glob("*.json")):
            groups = json.loads(path.read_text(encoding="utf-8"))
            yield f"Debian's {draft}/{path.name}", [g for g in groups if modernize(g["schema"])]


def modernize(schema):
    """In place; False where it means something else in this draft: keywords
    beside $ref didn't count."""
    if isinstance(schema, list):
        return all([modernize(item) for item in schema])
    if not isinstance(schema, dict):
        return True
    if "definitions" in schema:
        schema["$defs"] = schema.pop("definitions")
    ref = schema.get("$ref")
    if isinstance(ref, str):
        schema["$ref"] = ref.replace("#/definitions/", "#/$defs/")
        if set(schema) - {"$ref", "$defs", "$schema", "$id"}:
            return False
    return all([modernize(value) for value in schema.values()])


class Tool:
    """The validator under test: see tool.c."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, word, text):
        self.process.stdin.write(f"{word} {text}\n".encode())
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().rstrip("\n")

    def schema(self, schema):
        """"ok", or why it isn't one of the subset."""
        return self.ask("schema", json.dumps(schema))

    def is_valid(self, text):
        said = self.ask("check", text)
        if said != "valid" and not said.startswith("invalid "):
            raise AssertionError(f"{said or 'it ended'}: {text[:200]}")
        return said == "valid"

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait():
            raise AssertionError("the tool failed")


if __name__ == "__main__":
    print(folder())
