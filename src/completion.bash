# What follows uses only bash itself, version 4.4 or later: no function of the
# package bash-completion, which needn't be there.

# bash divides the line at the characters of COMP_WORDBREAKS too, as "=" and
# ":". Puts those that stand together together again, up to the cursor, into
# `line`; the last one is what is to be completed.
_spaceport_line() {
	local i rest=${COMP_LINE:0:COMP_POINT} word
	line=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $rest == [[:blank:]]* ]]; then
			rest=${rest#"${rest%%[![:blank:]]*}"}
			line+=("")
		fi
		# the cursor may stand inside the last word
		((i < COMP_CWORD)) || word=$rest
		line[-1]+=$word
		rest=${rest#"$word"}
	done
}

# Whether the next word is a value of this one: "--output", "-qo".
_spaceport_waits() {
	local word=$1 at
	if [[ $word == --* ]]; then
		_spaceport_value "$word"
		return
	fi
	for ((at = 1; at < ${#word}; at++)); do
		if _spaceport_value "-${word:at:1}"; then
			# else what follows the letter is its value
			((at + 1 == ${#word}))
			return
		fi
	done
	return 1
}

# Goes through what stands before the word to be completed: `given` become
# the words that are no options, `value` what the option at the end waits for,
# if `waits`; `ended`: no more options.
_spaceport_read() {
	local i word last=$((${#line[@]} - 1))
	given=() waits='' ended=''
	for ((i = 1; i < last; i++)); do
		word=${line[i]}
		if [[ $ended || $word != -?* ]]; then
			given+=("$word")
		elif [[ $word == -- ]]; then
			ended=1
		elif [[ $word == --*=* ]]; then
			continue
		elif _spaceport_waits "$word"; then
			((++i < last)) || waits=1
		fi
	done
}

# Finds the command in `given` and takes its words off.
_spaceport_find() {
	local name
	command=''
	for name in "${_spaceport_commands[@]}"; do
		case "${given[*]} " in
		"$name "*)
			command=$name
			# shellcheck disable=SC2086 # one word or two
			set -- $name
			given=("${given[@]:$#}")
			return
			;;
		esac
	done
}

# Adds those of the words that begin as the current one does.
_spaceport_words() {
	local word
	for word; do
		[[ $word != "$current"* ]] || COMPREPLY+=("$word")
	done
}

# Adds the next words of commands that begin with these.
_spaceport_next() {
	local name words so_far="$*"
	for name in "${_spaceport_commands[@]}"; do
		[[ -z $so_far || $name == "$so_far "* ]] || continue
		read -r -a words <<<"${name#"$so_far"}"
		[[ " ${COMPREPLY[*]} " == *" ${words[0]} "* ]] || _spaceport_words "${words[0]}"
	done
}

# Adds files (f) or folders (d).
_spaceport_paths() {
	local path
	compopt -o filenames 2>/dev/null
	while IFS= read -r path; do
		COMPREPLY+=("$path")
	done < <(compgen "-$1" -- "$current")
}

# "dir:PATH": the prefixes, then the folders behind.
_spaceport_prefixed() {
	if [[ $current == dir:* && " $* " == *' dir:'* ]]; then
		current=${current#dir:} before=${before}dir:
		_spaceport_paths d
	else
		compopt -o nospace 2>/dev/null
		_spaceport_words "$@"
	fi
}

# The names of instances, from what the program says for scripts; quick, since
# nothing is connected.
_spaceport_instances() {
	local json names=()
	json=$("$program" instances list --json </dev/null 2>/dev/null)
	while [[ $json =~ \"name\":\ *\"([A-Za-z0-9._-]+)\" ]]; do
		names+=("${BASH_REMATCH[1]}")
		json=${json#*"${BASH_REMATCH[0]}"}
	done
	_spaceport_words "${names[@]}"
}

# Adds what a value of this kind may be.
_spaceport_kind() {
	local kind=$1
	shift
	case $kind in
	file) _spaceport_paths f ;;
	folder) _spaceport_paths d ;;
	choice) _spaceport_words "$@" ;;
	prefix) _spaceport_prefixed "$@" ;;
	instance) _spaceport_instances ;;
	command) _spaceport_next "${given[@]}" ;;
	esac
}

# Completes `current`; `before`: what of the word stands before that.
_spaceport_complete() {
	local options='' kind='text' most=0
	_spaceport_command "$command"
	if [[ $waits ]]; then
		# shellcheck disable=SC2086 # the kind and its words
		_spaceport_kind $value
	elif [[ -z $ended && $current == --*=* ]]; then
		before=${current%%=*}= current=${current#*=}
		# shellcheck disable=SC2086
		! _spaceport_value "${before%=}" || _spaceport_kind $value
	elif [[ -z $ended && $current == -* ]]; then
		# shellcheck disable=SC2086
		_spaceport_words $options
	elif [[ -z $command ]]; then
		_spaceport_next "${given[@]}"
	elif ((most < 0 || ${#given[@]} < most)); then
		_spaceport_kind "$kind"
	fi
}

# bash replaces only what stands behind the quote, or else behind the last
# character that breaks words: takes off what is before. $1: the word as it is.
_spaceport_cut() {
	local word=$1 breaks=${COMP_WORDBREAKS//[!=:]/} kept='' i
	if [[ $word == *[\"\']* ]]; then
		kept=${word%%[\"\']*}
	elif [[ $breaks ]]; then
		kept=${word%"${word##*["$breaks"]}"}
	fi
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${before}${COMPREPLY[i]}
		COMPREPLY[i]=${COMPREPLY[i]#"$kept"}
	done
}

_spaceport() {
	local program=$1 line given waits ended command value='' current before=''
	COMPREPLY=()
	_spaceport_line
	_spaceport_read
	_spaceport_find
	# an open quote
	current=${line[-1]/[\"\']/}
	_spaceport_complete
	_spaceport_cut "${line[-1]}"
}

complete -F _spaceport spaceport
