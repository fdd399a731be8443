#!/bin/sh
# spaceport validate, on packages that Python makes: hostile ones, ones that other
# programs packed, newer ones.
set -eu
cd "$top_srcdir/tests/package"
for tool in bsdtar unzip; do
	command -v $tool >/dev/null || { echo "install $tool"; exit 1; }
done
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest -q test_hostile test_foreign
