#!/usr/bin/env python3
"""Lines of a package are taken exactly where PostgreSQL's type json takes them,
and are told of where jsonb doesn't: tried with made and mutated lines."""

import json
import random
import re
import sys
import unittest
from pathlib import Path

import lib

sys.path.append(str(Path(__file__).resolve().parent.parent / "package"))

import zips  # noqa: E402

COUNT = 100000 if lib.FULL else 5000
# validate shows so many findings of a kind
AT_ONCE = 20

FUNCTION = """
CREATE FUNCTION takes(line bytea, type text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF type = 'json' THEN
        PERFORM convert_from(line, 'UTF8')::json;
    ELSE
        PERFORM convert_from(line, 'UTF8')::jsonb;
    END IF;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END $$;
CREATE TABLE line (n integer, line bytea);
"""

# From 16 on PostgreSQL looks at such exponents of zero, before that it refuses
# them; what any refuses is told.
FAR = re.compile(rb"[eE][+-]?\d{10}")

# What is tried at the edges, whatever else chance brings.
EDGES = [
    b"", b" ", b"null", b"true", b"nul", b"truefalse", b"0", b"-0", b"01", b"-", b"-01", b"1.", b".5", b"+1", b"1e",
    b"1e+", b"1E-5", b"1.5e+10", b"0x10", b"1_0", b"1a", b"1$", b"NaN", b"Infinity", b"1e131071", b"1e131072",
    b"-9.99e131071", b"10e131071", b"0.001e131074", b"0.001e131075", b"1e-16383", b"1e-16384", b"0.1e-16383",
    b"0e-16383", b"0e-16384", b"0e131072", b"0e99999999", b"1e99999999999", b"1e-99999999999", b"0e1073741823",
    b"0e1073741822", b"0.0e-16382", b"0.0e-16383", b"0.00000e16385", b"1." + b"0" * 16383, b"1." + b"0" * 16384,
    b"1" + b"0" * 131071, b"1" + b"0" * 131072, b'"', b'""', b'"\\"', b'"\\u0000"', b'"\\u00zz"', b'"\\ud800"',
    b'"\\udc00"', b'"\\ud800\\udc00"', b'"\\ud800\\ud800"', b'"\\udc00\\ud800"', b'"\\ud800x"', b'"\\ud83d\\ude0"',
    b'"\\ud800\\n"', b'"\\a"', b'"\\U0041"', b'"\t"', b'"\x00"', b'"\x1f"', b'"\x7f"', b'"\x80"', b'"\xc3\xbc"',
    b'"\xc0\x80"', b'"\xe0\x80\x80"', b'"\xed\xa0\x80"', b'"\xf4\x8f\xbf\xbf"', b'"\xf4\x90\x80\x80"', b'"\xef\xbf\xbf"',
    b'"\xf0\x8f\xbf\xbf"', b'"\xe2\x82"', b"\xef\xbb\xbf{}", b"{}", b"{} ", b"{}{}", b"[1,]", b"[,1]", b'{"a":1,}',
    b'{"a":1,"a":2}', b'{"a"}', b'{"a":}', b"{a:1}", b"{1:2}", b"[1 2]", b"[1]]", b"[" * 900 + b"]" * 900,
    b"\x0b1", b"\xa01", b"\xc2\xa01", b"\r{}", b"\t[]\r", b"[}", b"{]", b"'a'", b"/**/1", b"#", b"[\xc3\xbc]",
]
ALPHABET = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"0", b"1", b"-", b".", b"e", b"E", b"+", b" ",
            b"\t", b"\r", b"true", b"null", b"a", b"\x00", b"\x7f", b"\x80", b"\xc3", b"\xbc", b"\xed", b"\xa0",
            b"\xf0\x9f\x98\x80", b"\xff", b"\\ud83d", b"\\ude00", b"\\u0000", b"9" * 20, b"e9999999", b"e-20000"]


def value(source, depth=0):
    """A random JSON value, as text."""
    kind = source.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return source.choice([b"null", b"true", b"false"])
    if kind in (1, 2):
        number = source.choice([b"", b"-"]) + str(source.randrange(10 ** source.randrange(1, 25))).encode()
        if source.random() < 0.4:
            number += b"." + str(source.randrange(10 ** source.randrange(1, 25))).encode()
        if source.random() < 0.3:
            number += source.choice([b"e", b"E", b"e+", b"e-"]) + str(source.randrange(200000)).encode()
        return number
    if kind in (3, 4):
        return text(source)
    space = source.choice([b"", b"", b" ", b" \t\r "])
    inner = [value(source, depth + 1) for _ in range(source.randrange(4))]
    if kind in (5, 6):
        inner = [text(source) + space + b":" + space + one for one in inner]
        return b"{" + (b"," + space).join(inner) + space + b"}"
    return b"[" + space + (space + b",").join(inner) + b"]"


def text(source):
    parts = [b"a", b"Text ", b"\xc3\xbc", b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", b"\\n", b"\\\"", b"\\\\", b"\\/",
             b"\\u00e4", b"\\ud83d\\ude00"]
    if source.random() < 0.1:
        parts += [b"\\u0000", b"\\ud83d", b"\\ude00", b"\x7f"]
    return b'"' + b"".join(source.choice(parts) for _ in range(source.randrange(6))) + b'"'


def mutated(source, line):
    """The line with some of its bytes otherwise."""
    line = bytearray(line)
    for _ in range(source.choice([0, 1, 1, 1, 2, 3])):
        at = source.randrange(len(line) + 1)
        how = source.randrange(4)
        if how == 0:
            line[at:at] = source.choice(ALPHABET)
        elif how == 1:
            del line[at:at + source.randrange(1, 4)]
        elif how == 2 and at < len(line):
            line[at] = source.randrange(256)
        else:
            line[at:at + 1] = source.choice(ALPHABET)
    return bytes(line).replace(b"\n", b" ")


def lines(count, seed):
    source = random.Random(seed)
    yield from EDGES
    for _ in range(count - len(EDGES)):
        yield mutated(source, value(source))


def asked(server, wanted):
    """(json takes it, jsonb takes it) of each line."""
    db = server.database("postgres")
    script = FUNCTION + "COPY line FROM STDIN;\n"
    script += "".join("%d\t\\\\x%s\n" % (n, line.hex()) for n, line in enumerate(wanted)) + "\\.\n"
    db.run(script)
    rows = db.query("SELECT n, takes(line, 'json') AS a, takes(line, 'jsonb') AS b FROM line ORDER BY n")
    db.run("DROP TABLE line; DROP FUNCTION takes;")
    return [(row["a"] == "t", row["b"] == "t") for row in rows]


def validated(some):
    """The same of a few lines, by what validate finds in a package that holds them."""
    content = zips.parts(0)
    content[5][3] = b"".join(line + b"\n" for line in some)
    content[5][2] = len(some)
    path = lib.new_path(".zip")
    path.write_bytes(zips.package(zips.sealed(content)))
    done = lib.run("validate", "--json", "--progress", "none", path)
    path.unlink()
    found = json.loads(done.stdout)["packages"][0]["findings"]
    where = {}
    for finding in found:
        if finding.get("entry") == "annotations/annotations.jsonl":
            where.setdefault(finding.get("line"), set()).add(finding["code"])
    for line in range(1, len(some) + 1):
        codes = where.get(line, set())
        good = not codes & {"json", "limit"}
        yield good, good and not codes & {"beyond-jsonb", "beyond-numeric"}


class Verdicts(unittest.TestCase):
    def test_as_postgresql(self):
        """A bad line is bad for both; what jsonb refuses is told."""
        seed = 20261121
        wanted = list(lines(COUNT, seed))
        own = []
        for start in range(0, len(wanted), AT_ONCE):
            own += validated(wanted[start:start + AT_ONCE])
        for kind in lib.KINDS:
            with self.subTest(server=kind):
                theirs = asked(lib.server(kind), wanted)
                good = sum(a for a, _ in theirs)
                # the lines are worth the trouble: both verdicts, each often
                self.assertGreater(min(good, len(wanted) - good), len(wanted) // 10)
                wrong = [(line[:200], ours, there) for line, ours, there in zip(wanted, own, theirs)
                         if ours != there and not (FAR.search(line) and ours[0] == there[0])]
                self.assertEqual(wrong[:10], [])


if __name__ == "__main__":
    unittest.main()
