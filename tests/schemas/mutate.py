"""Changes JSON at random, where a schema may say something about it."""

import random

WORDS = ["", "x", "uuid", "spaceport", "marker", "ü", "\u0001", "a\"b\\c/", "run", "base64", "\U0001f600"]
KEYS = ["id", "uuid", "path", "form", "kind", "rows", "__refs", "__raw", "__texts", "__file", "run_id", "x",
        "size", "count", "features", "asset_id", "missing"]
# As they are spelt: what is an integer isn't a matter of spelling.
NUMBERS = ["0", "-0", "1", "1.0", "1e2", "10e-1", "1.5", "-7", "1e-1", "0.0", "0e5", "100e-2", "1E400", "1.5E+400",
           "9007199254740993", "1." + "0" * 5000, "1." + "0" * 5000 + "1", "1" + "0" * 300, "1e-400"]


class Number(str):
    """A number as it is spelt."""


def some_value(source, depth=0):
    pick = source.randrange(8 if depth < 2 else 6)
    if pick < 2:
        return Number(source.choice(NUMBERS))
    if pick < 4:
        return source.choice(WORDS)
    if pick == 4:
        return source.choice([True, False])
    if pick == 5:
        return None
    if pick == 6:
        return [some_value(source, depth + 1) for _ in range(source.randrange(3))]
    return {source.choice(KEYS): some_value(source, depth + 1) for _ in range(source.randrange(3))}


def containers(value, depth=0):
    """All objects and arrays that aren't too deep to matter, the outer ones
    more often."""
    if depth > 4 or not isinstance(value, (dict, list)):
        return
    for _ in range(5 - depth):
        yield value
    for inner in list(value.values()) if isinstance(value, dict) else value[:20]:
        yield from containers(inner, depth + 1)


def change_object(source, value):
    key = source.choice(list(value) or ["x"])
    pick = source.randrange(5)
    if pick == 0:
        value.pop(key, None)
    elif pick == 1:
        value[source.choice(KEYS)] = some_value(source)
    elif pick == 2 and key in value:
        value[source.choice(KEYS)] = value.pop(key)
    elif pick == 3:
        value[source.choice(WORDS)] = some_value(source)
    else:
        value[key] = some_value(source)


def change_array(source, value):
    place = source.randrange(len(value) + 1)
    if source.randrange(2) and value:
        value[source.randrange(len(value))] = some_value(source)
    elif source.randrange(3) or not value:
        value.insert(place, some_value(source))
    else:
        del value[source.randrange(len(value))]


def mutate(source, value):
    """The value, changed in place or, seldom, replaced."""
    for _ in range(source.choice([0, 1, 1, 1, 2, 3])):
        found = list(containers(value))
        if not found or not source.randrange(30):
            value = some_value(source)
            continue
        at = source.choice(found)
        (change_object if isinstance(at, dict) else change_array)(source, at)
    return value


def spell_text(source, text):
    out = []
    for c in text:
        code = ord(c)
        if code < 0x20 or c in "\"\\" or not source.randrange(12):
            units = c.encode("utf-16-be", "surrogatepass")
            out += ["\\u%04x" % int.from_bytes(units[i:i + 2], "big") for i in range(0, len(units), 2)]
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def spell(source, value):
    """JSON of it, on one line, in one of its many spellings."""
    space = source.choice(["", "", "", " ", "\t"])
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return spell_text(source, value)
    if isinstance(value, dict):
        inner = (f"{spell_text(source, k)}{space}:{spell(source, v)}" for k, v in value.items())
        return "{" + space + f",{space}".join(inner) + "}"
    if isinstance(value, list):
        return "[" + f",{space}".join(spell(source, v) for v in value) + space + "]"
    return {True: "true", False: "false", None: "null"}.get(value) or str(value)


def seeded(seed):
    return random.Random(seed)
