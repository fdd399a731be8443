"""JSON without a loss: doc/package-format.md, "JSON"."""

import json
import re
import sys

sys.setrecursionlimit(20000)
DEPTH = 1000
HALF = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number as it is spelt: equal to a number that is spelt so, or to an int, and to no
    string."""

    def __eq__(self, other):
        if isinstance(other, Number):
            return str.__eq__(self, other)
        return type(other) is int and str(self) == str(other)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


class Object(list):
    """An object: its members in their order, equal keys kept."""

    def get(self, key, default=None):
        """The last member of that name, as PostgreSQL's `->` has it."""
        return next((v for k, v in reversed(self) if k == key), default)

    def __contains__(self, key):
        return any(k == key for k, _ in self)

    def names(self):
        return [k for k, _ in self]

    def plain(self):
        """A dict, all the way down; numbers that are whole are ints."""
        return plain(self)


def plain(value):
    """Any value as Python has it; for what isn't a row, where nothing gets lost by it."""
    if isinstance(value, Object):
        return {k: plain(v) for k, v in value}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, Number):
        return int(value) if re.fullmatch(r"-?\d+", value) else float(value)
    return value


class TooDeep(ValueError):
    """More brackets are open than may be."""


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def parse(data):
    """The tree of a JSON text of UTF-8 bytes, as PostgreSQL's type json takes it; ValueError
    says why not."""
    text = data.decode("utf-8")
    if _too_deep(text):
        raise TooDeep("too many brackets are open")
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_constant,
                      object_pairs_hook=Object)


def _too_deep(text):
    if text.count("[") + text.count("{") <= DEPTH:
        return False
    depth = most = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"?|[][{}]', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        most = max(most, depth)
    return most > DEPTH


def beyond(value):
    """What PostgreSQL's jsonb refuses in a value: a set of the findings' codes."""
    found, todo = set(), [value]
    while todo:
        value = todo.pop()
        if isinstance(value, Number):
            if _beyond_numeric(value):
                found.add("beyond-numeric")
        elif isinstance(value, str):
            if "\0" in value or HALF.search(value):
                found.add("beyond-jsonb")
        elif isinstance(value, Object):
            todo += [part for member in value for part in member]
        elif isinstance(value, list):
            todo += value
    return found


def _beyond_numeric(number):
    """More than 131,072 digits before the point, or 16,383 behind it."""
    mantissa, _, exponent = number.lower().partition("e")
    whole, _, part = mantissa.lstrip("-").partition(".")
    try:
        shift = int(exponent or 0)
    except ValueError:      # Python takes no int of more than 4,300 digits
        return True
    digits = (whole + part).lstrip("0")
    before = len(digits) - len(part) + shift
    return bool(digits) and before > 131072 or max(len(part) - shift, 0) > 16383


def resolve(row, pointer):
    """What a JSON Pointer (RFC 6901) names in a row, or KeyError. A pointer into a column whose
    value stands in `__raw` goes on in that text."""
    if not pointer.startswith("/"):
        raise KeyError(pointer)
    first, *parts = [p.replace("~1", "/").replace("~0", "~") for p in pointer[1:].split("/")]
    raw = row.get("__raw", Object())
    if first in row:
        value = row.get(first)
    elif first in raw:
        value = parse(raw.get(first).encode("utf-8", "surrogatepass"))
    else:
        _nothing(pointer)
    for part in parts:
        if isinstance(value, Object) and part in value:
            value = value.get(part)
        elif isinstance(value, list) and not isinstance(value, Object) and part.isascii() \
                and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            _nothing(pointer)
    return value


def _nothing(pointer):
    raise KeyError(pointer)


def dump(value):
    """The JSON text of a tree, with numbers as they were spelt; for tests that change one."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Object):
        return "{" + ",".join(f"{dump(k)}:{dump(v)}" for k, v in value) + "}"
    if isinstance(value, dict):
        return dump(Object(value.items()))
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)
