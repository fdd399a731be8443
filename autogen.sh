#!/bin/sh
# Makes configure from configure.ac, in a fresh checkout.
set -eu
cd "$(dirname "$0")"
missing=
command -v autoreconf >/dev/null || missing="$missing autoconf"
command -v automake >/dev/null || missing="$missing automake"
command -v autopoint >/dev/null || missing="$missing autopoint"
command -v msgfmt >/dev/null || missing="$missing gettext"
command -v pkg-config >/dev/null || missing="$missing pkg-config"
if test -n "$missing"; then
	echo "autogen.sh: packages are missing; on Debian or Ubuntu: apt-get install$missing" >&2
	exit 1
fi
autoreconf --install --force "$@"
# configure sweeps up core dumps by this name; here it is a folder of sources
sed 's/rm -f core /rm -f /' configure >configure~
cat configure~ >configure
rm configure~
