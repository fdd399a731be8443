#!/bin/sh
# The program's shell: exit codes, streams, secrets; no database is asked.
set -u
export LC_ALL=C.UTF-8
unset LANGUAGE SPACEPORT_AS
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

# expect CODE STDOUT-PATTERN STDERR-PATTERN ARGUMENT...; a pattern "" is nothing
expect() {
	code=$1 out=$2 err=$3
	shift 3
	"$SPACEPORT" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	if test $got -ne "$code" || ! matches "$out" "$dir/out" || ! matches "$err" "$dir/err" ||
		grep -q s3cret "$dir/out" "$dir/err"; then
		echo "FAILED: spaceport $* (exit code $got, expected $code)"
		cat "$dir/out" "$dir/err"
		bad=1
	fi
}

matches() {
	if test -z "$1"; then
		! test -s "$2"
	else
		grep -q -e "$1" "$2"
	fi
}

version=$(sed -n 's/^AC_INIT(\[spaceport\], \[\(.*\)\])$/\1/p' "$top_srcdir/configure.ac")
expect 0 "^spaceport $version\$" "" --version
expect 0 "^spaceport $version\$" "" -V export run
expect 0 "^Usage: spaceport COMMAND" "" --help
expect 0 "^Usage: spaceport COMMAND" "" help
expect 0 "^Usage: spaceport export run" "" help export run
expect 0 "^Usage: spaceport inspect" "" --help inspect
expect 2 "" "^Usage: spaceport COMMAND"
expect 2 "" "^spaceport: the command list goes on" help list
expect 2 "" "^spaceport: there is no option --wrong" --wrong
expect 2 "" "^spaceport: there is no command \\.\\.\\." "$(printf 'x\033[31m')"
expect 2 '"text": "there is no command xyz"' "^spaceport: there is no command xyz" --json xyz
expect 2 "" '^{"success":false,.*"code":2' export run --json -o - --wrong
expect 2 "" "password" list runs --db "host=h password=s3cret"
expect 2 "" "password" list runs --db postgresql://u:s3cret@h/d
expect 2 "" "wrong" --db "password=s3cret" --wrong
expect 2 "" "." list runs --as=u --db=x --db postgresql://u:s3cret@h/d --json=s3cret

# what can't be written is an error
"$SPACEPORT" --version >/dev/full 2>"$dir/err"
test $? -eq 1 && grep -q "can't write standard output" "$dir/err" || { echo "FAILED: /dev/full"; bad=1; }
"$SPACEPORT" --version >&- 2>"$dir/err"
test $? -eq 1 && grep -q "can't write standard output" "$dir/err" || { echo "FAILED: closed stdout"; bad=1; }
"$SPACEPORT" help 2>&- >"$dir/out" && grep -q Usage "$dir/out" || { echo "FAILED: closed stderr"; bad=1; }
exit $bad
