# shellcheck shell=bash
# What the scripts share: finding and installing packages of Debian and Ubuntu.
#
#	need PACKAGE COMMAND...      the package, unless each command is there
#	need_module PACKAGE MODULE   the package, unless pkg-config knows the module
#	need_if PACKAGE TEST...      the package, where the test fails
#	install_missing              all at once; asks first if assume_yes is empty

missing=()
assume_yes=${assume_yes-}

say() {
	printf '%s\n' "$*"
}

# die CODE TEXT...
die() {
	local code=$1
	shift
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$code"
}

need() {
	local package=$1 command
	shift
	for command; do
		if ! command -v "$command" >/dev/null; then
			missing+=("$package")
			return
		fi
	done
}

need_module() {
	pkg-config --exists "$2" 2>/dev/null || missing+=("$1")
}

need_if() {
	local package=$1
	shift
	"$@" >/dev/null 2>&1 || missing+=("$package")
}

has_server() {
	compgen -G '/usr/lib/postgresql/*/bin/initdb'
}

links() { # links COMPILER OPTION...: it makes programs
	echo 'int main(void) { return 0; }' | "$@" -x c - -o /dev/null
}

# What it takes to build.
need_for_build() {
	need gcc gcc
	need_if libc6-dev test -e /usr/include/stdio.h
	need make make
	need autoconf autoreconf
	need automake automake
	need autopoint autopoint
	need gettext msgfmt
	need pkg-config pkg-config
	need_module libpq-dev libpq
	need_module libcjson-dev libcjson
	need_module libarchive-dev libarchive
	need_module uuid-dev uuid
	need_module libssl-dev libcrypto
	need_module zlib1g-dev zlib
	need_module libcurl4-openssl-dev libcurl
	need_module libexpat1-dev expat
	need_module libinih-dev inih
	need_module libncurses-dev ncursesw
	need_module libcmocka-dev cmocka
}

# What it takes to start private servers and fill them.
need_for_servers() {
	need_if postgresql has_server
	need postgresql-client psql
	need python3 python3
}

# afl++'s compiler is a clang with its sanitizers.
need_for_fuzzing() {
	need afl++ afl-fuzz afl-clang-fast
	need clang clang
	if command -v clang >/dev/null; then
		need_if libclang-rt-dev links clang -fsanitize=address,undefined
	else
		missing+=(libclang-rt-dev)
	fi
	need llvm llvm-symbolizer
	need python3 python3
}

# Runs as root; sudo only where it doesn't ask.
as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		sudo -n "$@"
	fi
}

can_be_root() {
	((EUID == 0)) || sudo -n true 2>/dev/null
}

install_missing() {
	local line
	((${#missing[@]})) || return 0
	line="apt-get install --no-install-recommends ${missing[*]}"
	((EUID == 0)) || line="sudo $line"
	command -v apt-get >/dev/null ||
		die 2 "these packages (by their names in Debian) are missing: ${missing[*]}"
	can_be_root || die 2 "packages are missing; install them, then start again:
  $line"
	say "These packages are missing: ${missing[*]}"
	if [[ -z $assume_yes ]]; then
		[[ -t 0 && -t 1 ]] || die 2 "can't ask whether to install them; --yes doesn't ask, or run:
  $line"
		read -r -p 'Install them now? [y/N] ' answer
		[[ $answer == [yY]* ]] || die 2 "nothing was installed. The line for it is:
  $line"
	fi
	apt_install || die 1 "the packages couldn't be installed; the line for it is:
  $line"
	missing=()
}

apt_install() {
	local log
	log=$(mktemp) || return
	say 'Installing them ...'
	if update_and_install >"$log" 2>&1; then
		rm -f "$log"
		return
	fi
	tail -n 30 "$log" >&2
	rm -f "$log"
	return 1
}

update_and_install() {
	apt_get update && without_cluster apt_get install --no-install-recommends "${missing[@]}"
}

apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null
}

# The server's package would make and start a database cluster of its own:
# nobody asked for one.
without_cluster() {
	local conf=/etc/postgresql-common/createcluster.conf code=0
	if [[ " ${missing[*]} " != *' postgresql '* || -e $conf ]]; then
		"$@"
		return
	fi
	apt_get install --no-install-recommends postgresql-common || return
	as_root cp -p "$conf" "$conf.original" || return
	as_root pg_conftool "$conf" set create_main_cluster false && "$@" || code=$?
	as_root mv "$conf.original" "$conf" && return "$code"
}
