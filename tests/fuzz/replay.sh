#!/bin/sh
# Gives every fuzz target the inputs that were kept, and those that seeds.py makes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PYTHONDONTWRITEBYTECODE=1 python3 "$top_srcdir/tests/fuzz/seeds.py" "$folder"
# what is written on the way stays in memory, where there is such a folder
if [ -w /dev/shm ]; then
	TMPDIR=/dev/shm
	export TMPDIR
fi
for target in zip manifest lines options; do
	"$top_builddir/tests/fuzz/fuzz_$target" "$folder/$target" "$top_srcdir/tests/fuzz/corpus/$target"
done
