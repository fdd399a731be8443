#!/usr/bin/env python3
"""Writes what fuzzing begins with: a folder for each target, a file an input."""

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package"))

import hostile  # noqa: E402
import zips  # noqa: E402

MOST = 16 << 10
OTHER = b"\xfe"  # another entry follows; see manifest.c


def of_zip():
    yield from hostile.good()
    yield zips.package(zips.sealed(zips.parts(1)), method=0)
    for _, _, _, data in hostile.cases():
        yield data


def of_manifest():
    counts = ('"counts":{"run":1,"schema":1,"annotation":1,"justification":1,"asset":1,"chunk":1,"file":1,'
              '"external_reference":1}')
    whole = ('{"format":"spaceport","format_version":"0.1","package_type":"run",%s,"features":["files",'
             '"embeddings","large_texts"],"optional_features":[],"warnings":[],"created_at":'
             '"2026-01-31T12:00:00Z","source":{"instance":"44444444-4444-8444-8444-444444444444"},"run":{"uuid":'
             '"11111111-1111-8111-8111-111111111111","name":"R"},"entries":{"path":"entries.jsonl",'
             '"count":14,"size":$N,"sha256":"$S"}}' % counts)
    yield whole.encode()
    for old, new in (('"spaceport"', '"hq"'), ('"0.1"', '"1.0"'), ('"0.1"', '"0.9"'), ('"run",', '"infospace",'),
                     ('["files"', '["holograms"'), ('_features":[]', '_features":["a"]'),
                     ('"annotation":1', '"annotation":2'), ('"count":14', '"count":"14"'),
                     ('"warnings":[]', '"warnings":[{"code":"missing_files","count":2},7]'), ("$S", "x"),
                     ("{", "["), ('"run":1', '"run":9007199254740993')):
        yield whole.replace(old, new, 1).encode()
    rows = {
        0: (b"null", b"[]", b'{"id":1}'),
        3: (b"{}", b"[1]", b'[{"id":"22222222-2222-8222-8222-222222222222"},{"id":"22222222-2222-8222-8222-222222222222"}]'),
        5: (b"", b"[]\n", b'{"id":"66666666-6666-8666-8666-000000000001","asset_\\u0069d":'
            b'"99999999-9999-8999-8999-999999999999","x_id":["99999999-9999-8999-8999-999999999999"],'
            b'"__file":{"path":"a","same_as":"b"},"__texts":{"c":"texts/b.txt"}}\n{"id":1}\n',
            b'{"id":"66666666-6666-8666-8666-000000000001","id":null,"a":"\\ud800","b":1e999999}'),
        12: (b"[]", b'{"row_count":1,"rows":[{"uuid":1},{"external":true}],"authors":[{"uuid":'
             b'"55555555-5555-8555-8555-555555555555"}]}', b'{"row_count":99999999999999999999}'),
        13: (b"{}", b'{"minimum_reader_version":"0.2"}', b'{"minimum_reader_version":"x"}'),
        14: (b"", b"{}\n", b'{"path":"a","kind":"b","size":1,"sha256":"c"}\n' * 2),
        16: (b"", b"0" * 64 + b"  manifest.json\n", b"0" * 64 + b" *a\n", b"x"),
    }
    for number, contents in rows.items():
        for content in contents:
            yield whole.encode() + OTHER + bytes([number]) + content


JSON = (
    "null", "true", "false", "0", "-0", "1", "-1.5", "1e5", "1E+5", "1.25e-7", "123456789012345678901234567890",
    "9007199254740993", "1e131071", "1e131072", "1e-16383", "1e-16384", "0e2147483647", "1" * 70, "[%s]" % ("1" * 70), '""', '"a"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u00e4\\u20ac"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\u0000"',
    '"ä€😀"', "[]", "{}", "[1,2,3]", '{"a":1}', '{"a":{"b":[{"c":null}]}}', ' { "a" : [ 1 , true ] } ',
    '{"a":1,"a":2}', '[{"id":1},{"id":2}]', "[" * 100 + "]" * 100, "[" * 1001, '{"id":"x"}\n{"id":"y"}\n',
    '{"id":"x"}\n\n{"id":"y"}', '"%s"' % ("x" * 300), '{"%s":1}' % ("k" * 300), "01", "1.", ".5", "+1", "-", "1e",
    "tru", "nulL", "'a'", '"', '"\\x"', '"\\u12"', '"\n"', "[1,]", "[,1]", '{"a"}', '{"a":}', '{1:2}', "{,}", "[1}",
    "]", "1 2", "\ufeff1", "", " ", "[\n1,\n2\n]\n", "{\r\n}")
BYTES = (b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b'"\x7f"', b'"\0"', b"\0")


def of_lines():
    for text in [*(text.encode() for text in JSON), *BYTES]:
        for form in (b"\0", b"\1"):
            yield form + text


def of_options():
    for words in (
            (), ("--help",), ("--version",), ("help", "export", "run"), ("list", "runs", "--status=completed"),
            ("list", "runs", "--infospace", "3", "--since", "2025-01-01", "--json"), ("lsit", "runs"), ("list",),
            ("export", "run", "17", "18", "-o", "packages/", "--yes", "--no-include-chunks", "--asset-format=inline"),
            ("export", "run", "17", "--db=host=/tmp password=S3CR3T", "--store", "s3://bucket/prefix"),
            ("export", "run", "17", "--db", "postgresql://a:b@h/d?password=S3CR3T", "--store=dir:/srv"),
            ("export", "run", "--store-endpoint", "https://u:password=S3CR3T@h:9000", "--exclude-tag", "a",
             "--exclude-tag", "b", "--max-line=64", "--compression-level", "10"),
            ("validate", "a.zip", "b.zip", "--max-entries=0", "--max-depth", "99999999999999999999"),
            ("inspect", "-", "--json"), ("inspect",), ("inspect", "a", "b"), ("make-run", "--assets=10", "--seed", "-1"),
            ("instances", "add", "prod", "--db", "service=hq", "--careful"), ("instances", "remove", "a", "-yq"),
            ("doctor", "--instance", "prod"), ("--", "-x"), ("export", "run", "--", "--yes"), ("-o",), ("-oFILE", "-z"),
            ("--plain",), ("--no-color", "--no-plain", "--timeout=5x"), ("", "=", "-", "---", "--=", "--no-")):
        yield "\n".join(("spaceport", *words)).encode()


def main():
    folder = Path(sys.argv[1])
    for target in (of_zip, of_manifest, of_lines, of_options):
        to = folder / target.__name__.removeprefix("of_")
        to.mkdir(parents=True, exist_ok=True)
        for data in target():
            if len(data) <= MOST:
                (to / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
