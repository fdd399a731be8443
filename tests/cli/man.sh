#!/bin/sh
# The man pages: one a command, rendered without a warning, and complete.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v groff >/dev/null || { echo "groff is missing: install groff-base"; exit 1; }

# render PAGE: into $dir/plain
render() {
	page=$top_builddir/doc/$1
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
	# without the overstrikes that make letters bold
	sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' "$dir/text" >"$dir/plain"
}

# has WORD...: the page that was rendered
has() {
	for word; do
		if ! grep -q -e "$word" "$dir/plain"; then
			echo "not in $page: $word"
			exit 1
		fi
	done
}

render spaceport.1
has NAME SYNOPSIS DESCRIPTION COMMANDS OPTIONS "EXIT STATUS" ENVIRONMENT FILES EXAMPLES \
	"SEE ALSO" "export run" --db "--\[no-\]include-chunks" SPACEPORT_AS "130 "

# the commands as the program lists them
LC_ALL=C LANGUAGE='' "$SPACEPORT" help |
	sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\( [a-z-][a-z-]*\)\{0,1\}\)  .*/\1/p' >"$dir/commands"
grep -qx 'export run' "$dir/commands"
grep -qx inspect "$dir/commands"
while read -r command; do
	name=spaceport-$(echo "$command" | tr ' ' -)
	render "$name.1"
	has "^       $name " "^       spaceport $command " DESCRIPTION OPTIONS --json "SEE ALSO" \
		"spaceport(1)"
	# as many options as the help has
	LC_ALL=C LANGUAGE='' "$SPACEPORT" help $command |
		sed -n 's/^  \(-[a-zA-Z], \)\{0,1\}\(--[^ ]*\).*/\2/p' >"$dir/options"
	while read -r option; do
		has "$(echo "$option" | sed 's/[][]/\\&/g')"
	done <"$dir/options"
done <"$dir/commands"

# no page that no command has
for page in "$top_builddir"/doc/spaceport-*.1; do
	name=$(basename "$page" .1)
	tr ' ' - <"$dir/commands" | grep -qx -e "${name#spaceport-}" ||
		{ echo "no command has the page $name"; exit 1; }
done
