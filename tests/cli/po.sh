#!/bin/sh
# Translations: every source file with a text is listed, the formats of every
# translation fit, and none is missing.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$top_srcdir"
for tool in "$XGETTEXT" "$MSGFMT"; do
	test -n "$tool" && test "$tool" != : || { echo "install gettext"; exit 1; }
done

# A text begins on the line of its mark or on the next.
grep -rlE '(^|[^A-Za-z0-9_])(_|N_|sp_translate_n)\(("|$)' src core ui --include='*.c' --include='*.h' |
	LC_ALL=C sort >"$dir/with-texts"
LC_ALL=C sort po/POTFILES.in >"$dir/listed"
if ! diff "$dir/listed" "$dir/with-texts" >"$dir/diff"; then
	echo "po/POTFILES.in isn't up to date (<: too many, >: missing):"
	cat "$dir/diff"
	exit 1
fi

"$XGETTEXT" --from-code=UTF-8 --keyword= --keyword=_ --keyword=N_ --keyword=sp_translate_n:1,2 \
	--add-comments --files-from=po/POTFILES.in --output="$dir/all.pot" 2>"$dir/warnings"
if test -s "$dir/warnings"; then
	cat "$dir/warnings"
	exit 1
fi

for language in $(cat po/LINGUAS); do
	"$MSGFMT" --check --statistics --output-file="$dir/x.mo" "po/$language.po"
	# the file may be behind the sources: compare with what they say now
	msgmerge --quiet --no-fuzzy-matching --output-file="$dir/new.po" "po/$language.po" \
		"$dir/all.pot"
	msgattrib --untranslated "$dir/new.po" >"$dir/untranslated"
	msgattrib --only-fuzzy "$dir/new.po" >>"$dir/untranslated"
	if grep -q '^msgid "' "$dir/untranslated"; then
		echo "not translated in po/$language.po:"
		grep -v '^#' "$dir/untranslated"
		exit 1
	fi
done
