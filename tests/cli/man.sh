#!/bin/sh
# The man page: rendered without a warning, and complete.
set -eu
page=$top_builddir/doc/spaceport.1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v groff >/dev/null || { echo "groff is missing: install groff-base"; exit 1; }
groff -ww -man -Tutf8 "$page" >"$dir/text" 2>"$dir/warnings"
if test -s "$dir/warnings"; then
	cat "$dir/warnings"
	exit 1
fi
if command -v man >/dev/null; then
	LC_ALL=C.UTF-8 MANWIDTH=80 MAN_KEEP_FORMATTING= \
		man --warnings -E UTF-8 -l "$page" >"$dir/man" 2>"$dir/warnings"
	if test -s "$dir/warnings" || ! test -s "$dir/man"; then
		cat "$dir/warnings"
		exit 1
	fi
fi

# Without the overstrikes that make letters bold.
sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' "$dir/text" >"$dir/plain"
for word in NAME SYNOPSIS DESCRIPTION COMMANDS OPTIONS "EXIT STATUS" ENVIRONMENT FILES EXAMPLES \
	"SEE ALSO" "export run" --db "--\[no-\]include-chunks" SPACEPORT_AS "130 "; do
	if ! grep -q -e "$word" "$dir/plain"; then
		echo "not in the man page: $word"
		exit 1
	fi
done
