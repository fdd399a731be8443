#!/bin/sh
# spaceport inspect, on packages that Python makes: what people and programs
# are shown, exit codes, and nothing from a package that steers a terminal.
set -u
export LC_ALL=C.UTF-8
unset LANGUAGE
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

cat >"$dir/make.py" <<'END'
import hashlib, json, sys, zipfile

path, fault = sys.argv[1], sys.argv[2]
name = "A \x1b[31mrun\u202e\nwith \x9b controls"
mapping = {"rows": [{"kind": "run", "uuid": "u1"},
                    {"external": True, "kind": "run", "uuid": "u2", "name": "Other \x1b[31mrun"},
                    {"external": True, "kind": "run", "uuid": "u3"},
                    {"external": True, "kind": "a\x1b[7mb", "uuid": "u4"}]}
row = {"id": "11111111-1111-8111-8111-111111111111", "title": "T\x1b[31m\u202e",
       "openai_api_key": "CANARY1", "none": None, "more": {"password": "CANARY2", "n": 9007199254740993},
       "url": "https://ana:CANARY3@example.org/" + "x" * 300,
       "text": "\u00e4\n" * 60000}
parts = [("run/run_metadata.json", "run", 1, b'{"name":"A run"}\n'),
         ("assets/metadata/asset_1.json", "asset", None, json.dumps(row, indent=1).encode()),
         ("compatibility/instance_mapping.json", "instance_mapping", None, json.dumps(mapping, indent=1).encode()),
         ("annotations/annotations.jsonl", "annotation", 2, b"{}\n{}\n"),
         ("assets/files/asset_1_file.pdf", "file", None, b"%PDF")]
entries, sums = "", ""
for entry, kind, rows, data in parts:
    line = {"path": entry, "kind": kind, "rows": rows, "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest()}
    entries += json.dumps({k: v for k, v in line.items() if v is not None}) + "\n"
    sums += "%s  %s\n" % (line["sha256"], entry)
manifest = {"format": "hq" if fault == "foreign" else "spaceport", "format_version": "0.1",
            "package_type": "run", "run": {"name": name, "status": "COMPLETED"},
            "options": {"include_chunks": True, "target_instance_id": None, "asset_format": "reference"},
            "counts": {"external_reference": 3},
            "left_out": {"columns": [{"column": "asset.secret\x07", "why": "secret"}], "secrets": 4,
                         "excluded_assets": 0},
            "warnings": ["the store has no \x1b]0;x\x07file %d" % n for n in range(25)],
            "entries": {"count": len(parts), "size": len(entries),
                        "sha256": hashlib.sha256(entries.encode()).hexdigest()}}
manifest = json.dumps(manifest)
for entry, text in ("entries.jsonl", entries), ("manifest.json", manifest):
    sums += "%s  %s\n" % (hashlib.sha256(text.encode()).hexdigest(), entry)
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
    if fault == "comment":
        package.comment = b"by hand"
    for entry, kind, rows, data in parts:
        if fault == "changed" and kind == "annotation":
            data = b"{}\n[]\n"
        if fault != "missing" or kind != "file":
            package.writestr(entry, data)
    for entry, text in (("entries.jsonl", entries), ("manifest.json", manifest), ("checksums.sha256", sums)):
        package.writestr(entry, text)
END

# expect CODE STREAM PATTERN FAULT ARGUMENT...
expect() {
	code=$1 stream=$2 pattern=$3 fault=$4
	shift 4
	python3 "$dir/make.py" "$dir/a.zip" "$fault" || exit 1
	"$SPACEPORT" inspect "$dir/a.zip" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	if grep -q CANARY "$dir/out" "$dir/err"; then
		echo "FAILED: inspect $* shows a secret"
		bad=1
	fi
	# no control but the line end, no direction character
	if sed 's/[…ä]//g' "$dir/out" "$dir/err" | LC_ALL=C grep -q '[^ -~]' || test $got -ne "$code" ||
		! grep -q -e "$pattern" "$dir/$stream"; then
		echo "FAILED: inspect $* of a package with fault $fault: $got, expected $code: $pattern"
		head -n 60 "$dir/out" "$dir/err" | cat -v
		bad=1
	fi
}

expect 0 out '^Run  *A \\x1b\[31mrun\\u202e\\x0awith \\u009b controls$' none
expect 0 out '^Status  *COMPLETED$' none
expect 0 out '^annotations  *1  *2  *6 B$' none
expect 0 out '^files  *1  *4 B$' none
expect 0 out '^  include_chunks: yes$' none
expect 0 out '^  target_instance_id: none$' none
expect 0 out '^  asset.secret\\x07: secret$' none
expect 0 out '^  secrets: 4$' none
expect 0 out '^References to what is outside: 3$' none
expect 0 out '^  the store has no \\x1b\]0;x\\x07file 19$' none
expect 0 out '^  and 5 more: see --json$' none
expect 0 out '^Every entry was read' none
expect 0 out '"name": "A \\u001b\[31mrun\\u202e\\nwith \\u009b controls"' none --json
expect 5 err '"annotations/annotations.jsonl": it isn.t what it was' changed
expect 5 err '"assets/files/asset_1_file.pdf": it is missing' missing
expect 5 out '"code": 5' missing --json
expect 6 err 'not a package of spaceport' foreign
# folders, with what is in them and below
expect 0 out '^assets/  *2  ' none
expect 0 out '^  files/  *1  *4 B$' none
expect 0 out '^ *4 B  *assets/files/asset_1_file.pdf$' none --entries
expect 0 out '^ *6 B  *2  annotations/annotations.jsonl$' none --entries
# samples of rows, cut, without what is secret or steers a terminal
expect 0 out '^    name: A run$' none
expect 0 out '^    title: T\\x1b\[31m\\u202e' none
expect 0 out '"more": "{\\"password\\":\\"\*\*\*\\",\\"n\\":9007199254740993}"' none --json
expect 0 out '"url": "\*\*\*"' none --json
expect 0 out '"openai_api_key": "\*\*\*"' none --json
expect 0 out '^  runs: 2$' none
expect 0 out '^  u2  runs: Other \\x1b\[31mrun$' none --references
expect 0 out '^  u4  a\\x1b\[7mb$' none --references
expect 0 out '"name":"Other \\u001b\[31mrun"' none --json --references
expect 5 err 'more than the limit' none --max-entry-size 1 --max-entries 3
expect 3 out '^  offset [0-9]*: the ZIP has a comment of 7 bytes (comment)$' comment
expect 3 out '^Every entry was read' comment
expect 3 out '"code": "comment"' comment --json

python3 "$dir/make.py" "$dir/a.zip" none || exit 1
"$SPACEPORT" inspect --json "$dir/a.zip" | python3 -c '
import json, sys
result = json.load(sys.stdin)
assert result["success"] is True
assert result["entries"] == 8
assert result["references"] == {"run": 2, "a\x1b[7mb": 1}
assert result["samples"]["run"] == [{"name": "A run"}]
assert list(result["samples"]["asset"][0]) == ["id", "title", "openai_api_key", "none", "more", "url", "text"]
assert result["samples"]["asset"][0]["text"] == "\u00e4\n" * 66 + "\u00e4\u2026"
assert {"path": "assets/", "entries": 2, "bytes": result["counts"]["asset"]["bytes"] + 4} in result["tree"]
assert result["counts"]["annotation"] == {"entries": 1, "rows": 2, "bytes": 6}
assert result["counts"]["file"] == {"entries": 1, "bytes": 4}
assert result["manifest"]["run"]["name"] == "A \x1b[31mrun\u202e\nwith \x9b controls"
' || bad=1
if "$SPACEPORT" inspect "$dir/a.zip" >/dev/full 2>"$dir/err"; then
	echo "FAILED: a full disk isn't noticed"
	bad=1
fi
for what in "$dir" "$dir/none.zip" /dev/null; do
	if "$SPACEPORT" inspect "$what" >"$dir/out" 2>"$dir/err" || ! test -s "$dir/err"; then
		echo "FAILED: inspect $what"
		bad=1
	fi
done
exit $bad
