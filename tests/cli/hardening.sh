#!/bin/sh
# What the compiler and the linker do against errors that become attacks is in
# the program itself, not only on command lines. HARDENED_WITH: what it was
# compiled with.
set -u
export LC_ALL=C
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

missing() {
	echo "FAILED: $*"
	bad=1
}

readelf -hW "$SPACEPORT" >"$dir/head" && readelf -lW "$SPACEPORT" >"$dir/segments" &&
	readelf -dW "$SPACEPORT" >"$dir/dynamic" && readelf -W --dyn-syms "$SPACEPORT" >"$dir/symbols" ||
	exit 1

# Loaded anywhere; nothing that is written can be run, and no address of a
# library's function can be written any more.
grep -q 'Type: *DYN' "$dir/head" || missing "it isn't position independent"
grep -q 'FLAGS_1.*PIE' "$dir/dynamic" || missing "it is no program that is position independent"
grep -q 'GNU_RELRO' "$dir/segments" || missing "no GNU_RELRO"
grep -q 'FLAGS.*NOW' "$dir/dynamic" || missing "functions of libraries are looked up late"
grep -q 'GNU_STACK .* RW ' "$dir/segments" || missing "the stack may be run"
! grep -q 'LOAD .* RWE ' "$dir/segments" || missing "a segment can be written and run"
! grep -q 'TEXTREL\|RPATH\|RUNPATH' "$dir/dynamic" || missing "TEXTREL, or a path of libraries"

case " $HARDENED_WITH " in
*-fsanitize=* | *--coverage*) # their own checks take the place of what follows
	exit $bad
	;;
esac

grep -q '__stack_chk_fail' "$dir/symbols" || missing "no stack protector"
case " $HARDENED_WITH " in
*' -O0 '*) ;;
*' -O'*)
	# shellcheck disable=SC2086
	level=$(echo '#include <features.h>
		__USE_FORTIFY_LEVEL' | $CC $HARDENED_WITH -E -P -x c - | tail -n 1 | tr -d ' ')
	test "$level" = 3 || missing "_FORTIFY_SOURCE is $level"
	for name in memcpy vsnprintf; do
		grep -q "__${name}_chk" "$dir/symbols" || missing "$name isn't checked"
	done
	;;
esac
# Whether the whole program is marked depends on the C library's own objects.
case $(uname -m) in
x86_64)
	objdump -d --disassemble=main "$SPACEPORT" | grep -q endbr64 || missing "no endbr64: CET"
	;;
esac
exit $bad
