#!/bin/sh
# Every call that can fail does so while packages are read (good, foreign and
# hostile ones) and while one is written.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "$top_srcdir/tests/package/hostile.py" "$folder"
if [ -w /dev/shm ]; then
	TMPDIR=/dev/shm
	export TMPDIR
fi
"$top_builddir/tests/package/calls" "$folder"
