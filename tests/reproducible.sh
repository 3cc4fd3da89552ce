#!/bin/sh
# SPDX-License-Identifier: ISC
# Two builds, in folders of different names and at different times: the same
# programs, byte for byte?  No cache of compiled files is asked.
# Usage: tests/reproducible.sh [JOBS]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
jobs=${1:-2}
work=$(mktemp -d /var/tmp/carnet-twice.XXXXXX)
trap 'chmod -R u+w "$work"; rm -rf -- "$work"' EXIT
trap 'exit 130' HUP INT TERM
export CCACHE_DISABLE=1
programs='cli/carnet formats/read/carnet-reader formats/write/carnet-press'

# sources: what git would commit; without git, all but builds
sources() {
	git -c safe.directory="$root" ls-files -z --cached --others \
		--exclude-standard --deduplicate 2>/dev/null ||
		find . \( -name .git -o -name 'build*' -o -name __pycache__ \) \
			-prune -o \( -type f -o -type l \) -print0
}

# build NAME TIME ZONE: the sources, all of them as old as TIME
build() {
	mkdir -p "$work/$1"
	(cd "$root" && sources | tar --create --null --no-recursion \
		--files-from=- --mtime="$2") |
		tar --extract --directory="$work/$1"
	env -u SOURCE_DATE_EPOCH TZ="$3" meson setup --buildtype=release \
		"$work/$1/build" "$work/$1" >"$work/log" 2>&1 ||
		{ cat "$work/log" >&2; exit 1; }
	# shellcheck disable=SC2086 # a list of words
	TZ="$3" ninja -j "$jobs" -C "$work/$1/build" $programs \
		>"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
}

build one '2026-01-02 03:04:05' UTC
build another/folder/with-a-longer-name '2026-06-07 08:09:10' Asia/Tokyo
failed=0
for program in $programs; do
	one=$(sha256sum <"$work/one/build/$program")
	two=$(sha256sum \
		<"$work/another/folder/with-a-longer-name/build/$program")
	if [ "$one" = "$two" ]; then
		echo "${one%% *}  ${program##*/}"
	else
		echo "${program##*/}: the two builds differ" >&2
		failed=$((failed + 1))
	fi
done
echo "$((3 - failed)) passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
