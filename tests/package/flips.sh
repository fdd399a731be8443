#!/bin/sh
# Packages that were changed anywhere; with SPACEPORT_FULL in many places.
set -eu
FLIPS=$top_builddir/tests/package/flips
export FLIPS
cd "$top_srcdir/tests/package"
PYTHONDONTWRITEBYTECODE=1 python3 -m unittest -v test_flips
