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
parts = [("run/run_metadata.json", "run", 1, b'{"name":"A run"}\n'),
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
	# no control but the line end, no direction character
	if LC_ALL=C grep -q '[^ -~]' "$dir/out" "$dir/err" || test $got -ne "$code" ||
		! grep -q -e "$pattern" "$dir/$stream"; then
		echo "FAILED: inspect $* of a package with fault $fault: $got, expected $code: $pattern"
		cat -v "$dir/out" "$dir/err"
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
expect 3 out '^  offset [0-9]*: the ZIP has a comment of 7 bytes (comment)$' comment
expect 3 out '^Every entry was read' comment
expect 3 out '"code": "comment"' comment --json

python3 "$dir/make.py" "$dir/a.zip" none || exit 1
"$SPACEPORT" inspect --json "$dir/a.zip" | python3 -c '
import json, sys
result = json.load(sys.stdin)
assert result["success"] is True
assert result["entries"] == 6
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
