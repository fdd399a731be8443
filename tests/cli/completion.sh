#!/bin/sh
# Completion in bash: what is offered for a line, as bash calls for it.
set -u
export LC_ALL=C.UTF-8
unset LANGUAGE
command -v bash >/dev/null || { echo "bash is missing"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/bin" "$dir/here/folder" "$dir/here/two words"
: >"$dir/here/file.zip"
completions=$top_builddir/src/completions/spaceport

if command -v shellcheck >/dev/null; then
	shellcheck "$completions" || exit 1
fi

cat >"$dir/test.bash" <<'END'
set -u
source "$completions"
bad=0

# Divides a line as bash does.
divide() {
	local word
	COMP_WORDS=()
	for word in $1; do
		while [[ $word =~ ^([^=:]*)([=:]+)(.*)$ && $COMP_WORDBREAKS == *[=:]* ]]; do
			[[ -z ${BASH_REMATCH[1]} ]] || COMP_WORDS+=("${BASH_REMATCH[1]}")
			COMP_WORDS+=("${BASH_REMATCH[2]}")
			word=${BASH_REMATCH[3]}
		done
		[[ -z $word ]] || COMP_WORDS+=("$word")
	done
	[[ $1 != *' ' ]] || COMP_WORDS+=("")
}

# offers LINE WORD...: these words, in whatever order, and no other
offers() {
	local line=$1 got expected
	shift
	divide "$line"
	COMP_LINE=$line COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_spaceport "$program" "${COMP_WORDS[-1]}" ""
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
	expected=$(printf '%s\n' "$@" | sort)
	if [[ $got != "$expected" ]]; then
		printf 'FAILED: %s\nexpected: %s\ngot: %s\n' "$line" "$expected" "$got"
		bad=1
	fi
}

# has LINE WORD: among others
has() {
	local line=$1
	divide "$line"
	COMP_LINE=$line COMP_POINT=${#line} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_spaceport "$program" "${COMP_WORDS[-1]}" ""
	if [[ " ${COMPREPLY[*]} " != *" $2 "* ]]; then
		printf 'FAILED: %s\nno %s in: %s\n' "$line" "$2" "${COMPREPLY[*]}"
		bad=1
	fi
}

run() {
	has "spaceport " export
	has "spaceport " list
	offers "spaceport ex" export
	offers "spaceport export " run
	offers "spaceport list " infospaces operations runs
	offers "spaceport list r" runs
	offers "spaceport wrong "
	offers "spaceport --json li" list
	offers "spaceport help ex" export
	offers "spaceport help list ru" runs

	# options that the command takes, and no other
	offers "spaceport list runs --stat" --status
	offers "spaceport export run --comp" --compression-level
	offers "spaceport export run 17 --include-ch" --include-chunks
	offers "spaceport export run --no-include-ch" --no-include-chunks
	has "spaceport export run --as" --as
	has "spaceport export run --as" --asset-format
	offers "spaceport inspect --comp"
	offers "spaceport --ver" --version
	offers "spaceport --pl" --plain
	offers "spaceport inspect --pl"
	offers "spaceport export run -- --comp"

	# values
	offers "spaceport export run --asset-format " reference inline external
	offers "spaceport export run --asset-format in" inline
	offers "spaceport --progress j ex" export
	offers "spaceport inspect --progress j" json
	offers "spaceport export run --since "
	offers "spaceport export run --output " folder "two words" file.zip
	offers "spaceport export run -o fi" file.zip
	offers "spaceport export run -yo fi" file.zip
	offers "spaceport export run -oy fi"
	offers "spaceport inspect f" folder file.zip
	offers "spaceport inspect file.zip "
	offers "spaceport list runs f"
	offers "spaceport export run --store f"
	offers "spaceport export run --yes --as ana 17 --store d" "dir:"
}

run
# instances by name, from the program; silently nothing, where that fails
cat >instances <<'PROGRAM'
#!/bin/sh
test "$*" = "instances list --json" || exit 2
echo '{"success":true,"instances":[{"name":"dev","db":"service=dev"},{"name": "prod-2.x"}]}'
echo 'a warning' >&2
PROGRAM
chmod +x instances
real=$program program=./instances
offers "spaceport list runs --instance " dev prod-2.x
offers "spaceport list runs --instance=p" prod-2.x
offers "spaceport --instance d" dev
offers "spaceport instances remove p" prod-2.x
program=./none
offers "spaceport list runs --instance "
rm instances
program=$real
# bash breaks words at "=" and ":", and replaces what is behind them
offers "spaceport export run --asset-format=in" inline
offers "spaceport export run --asset-format=" reference inline external
offers "spaceport export run --store dir:" folder "two words"
offers "spaceport export run --store dir:fo" folder
offers "spaceport export run --store=dir:fo" folder
offers "spaceport export run --store=d" "dir:"
offers "spaceport export run --output=fi" file.zip
offers "spaceport export run --db service=hq --store dir:fo" folder
offers "spaceport export run --quiet=x"
# unless somebody has it otherwise
COMP_WORDBREAKS=$' \t\n'
run
offers "spaceport export run --asset-format=in" --asset-format=inline
offers "spaceport export run --store dir:fo" dir:folder
offers "spaceport export run --store=dir:fo" --store=dir:folder
exit $bad
END
cd "$dir/here" && completions=$completions program=$SPACEPORT bash --norc "$dir/test.bash"
