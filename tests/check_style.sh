#!/bin/sh
# SPDX-License-Identifier: ISC
# Checks how the sources are written: format, warnings, licence lines, data.
# Changes nothing; needs a configured and built folder for clang-tidy.
# Usage: check_style.sh SOURCE BUILD; the last line counts the checks.
set -u
source=$(cd -- "$1" && pwd -P) || exit 2
build=$(cd -- "$2" && pwd -P) || exit 2
cd -- "$source" || exit 2
passed=0
failed=0
skipped=0
scratch=$(mktemp -d) || exit 2
trap 'rm -rf -- "$scratch"' EXIT

# files FIND-TESTS...: our own files, one a line
files() {
	find . \( -name .git -o -name 'build*' -o -name node_modules \
		-o -name __pycache__ \) -prune -o -type f \( "$@" \) -print |
		sort
}

# check NAME COMMAND...: passes when the command succeeds and says nothing
check() {
	name=$1
	shift
	status=0
	"$@" >"$scratch/out" 2>&1 || status=$?
	if [ "$status" = 77 ]; then
		echo "skipped: $name: $(cat "$scratch/out")"
		skipped=$((skipped + 1))
	elif [ "$status" != 0 ] || [ -s "$scratch/out" ]; then
		echo "FAIL: $name"
		sed 's/^/  /' "$scratch/out"
		failed=$((failed + 1))
	else
		echo "ok: $name"
		passed=$((passed + 1))
	fi
}

licence_lines() {
	files -name '*.[ch]' -o -name '*.py' -o -name '*.sh' -o -name '*.sql' \
		-o -name meson.build -o -name '*.scd' -o -path ./setup \
		-o -path ./.ci/run | while read -r path; do
		head -n 5 -- "$path" | grep -q 'SPDX-License-Identifier: ' ||
			echo "$path: no SPDX line in its first five"
	done
}

c_format() {
	command -v clang-format-14 >/dev/null || {
		echo 'clang-format-14 is not installed'
		return 77
	}
	files -name '*.[ch]' | while read -r path; do
		clang-format-14 --dry-run -Werror "$path" 2>/dev/null ||
			echo "$path: not as clang-format-14 -i writes it"
	done
}

c_warnings() {
	command -v clang-tidy-14 >/dev/null || {
		echo 'clang-tidy-14 is not installed'
		return 77
	}
	# what is compiled of our rooms: no test, nothing made by the build
	/usr/bin/python3 -c '
import json, os, sys
source, build = sys.argv[1:]
with open(os.path.join(build, "compile_commands.json")) as file:
    paths = {os.path.normpath(os.path.join(entry["directory"], entry["file"]))
             for entry in json.load(file)}
rooms = tuple(os.path.join(source, top, "") for top in
              ("vault", "formats", "cli"))
print("\0".join(sorted(p for p in paths if p.startswith(rooms))), end="")
' "$source" "$build" >"$scratch/compiled" || return 1
	[ -s "$scratch/compiled" ] || {
		echo 'nothing is compiled'
		return 1
	}
	xargs -0 -P 2 -n 1 sh -c '
		know=yes
		[ "${1##*/}" != types.c ] || know=
		out=$(clang-tidy-14 --quiet -p "$0" --extra-arg=-w \
			${know:+--extra-arg="-include$PWD/tests/analyzer.h"} \
			--extra-arg="-I$PWD/vault/include" \
			"$@" 2>/dev/null) || {
			printf "%s\n" "$out"
			exit 1
		}' "$build" <"$scratch/compiled"
}

headers_alone() {
	flags=$(pkgconf --cflags libsodium libcjson sqlcipher libzstd libxxhash \
		libcmark cairo pangocairo libseccomp smartcols libqrencode)
	for folder in $(find vault formats cli -name '*.h' \
		-exec dirname {} + | sort -u); do
		flags="$flags -I$folder"
	done
	find vault formats cli -name '*.h' | sort | while read -r path; do
		# shellcheck disable=SC2086 # a list of words
		printf '#include "%s"\nint made_of_headers;\n' \
			"$PWD/$path" | gcc -std=c11 -D_GNU_SOURCE -Wall -Werror \
			-fsyntax-only $flags -x c - ||
			echo "$path: doesn't stand alone"
	done
}

plain_text() {
	files -name '*.[ch]' -o -name '*.py' -o -name '*.sh' -o -name '*.sql' \
		-o -name meson.build -o -name '*.md' -o -name '*.json' \
		-o -name '*.scd' -o -path ./setup -o -path ./.ci/run |
		while read -r path; do
			grep -nP '\r|[^\S\n]+$' -- "$path" |
				case $path in
				*.md) grep -vP '\S  $' ;; # a line break
				*) cat ;;
				esac | sed "s|^|$path: blanks at the end: |"
			[ -z "$(tail -c 1 -- "$path")" ] ||
				echo "$path: no newline at the end"
			iconv -f UTF-8 -t UTF-8 -- "$path" >/dev/null ||
				echo "$path: not UTF-8"
		done
}

shell_syntax() {
	files -name '*.sh' -o -path ./setup | xargs -n 1 sh -n
	bash -n .ci/run
}

python_syntax() {
	files -name '*.py' | xargs -r /usr/bin/python3 -c '
import ast, sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        ast.parse(file.read(), path)
'
}

# Every JSON file is JSON, without a key given twice; where X.schema.json lies
# beside X.json, it holds.
json_data() {
	files -name '*.json' | xargs -r /usr/bin/python3 -c '
import json, os, sys
import jsonschema

def once(pairs):
    keys = [key for key, value in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice")
    return dict(pairs)

def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=once)

for path in sys.argv[1:]:
    try:
        data = load(path)
        schema = path[:-len(".json")] + ".schema.json"
        if os.path.exists(schema):
            rules = load(schema)
            kind = jsonschema.validators.validator_for(rules)
            kind.check_schema(rules)
            for error in kind(rules).iter_errors(data):
                where = "/".join(map(str, error.absolute_path))
                print(f"{path}: {where}: {error.message}")
    except (ValueError, jsonschema.SchemaError) as error:
        print(f"{path}: {error}")
'
}

# Each text that people read has its French, in good form, and each one is a
# text: none stands unmarked in a call that shows it.
french() {
	/usr/bin/python3 po/merge.py --check
}

marked_texts() {
	/usr/bin/python3 tests/check_texts.py .
}

check 'licence lines' licence_lines
check 'plain text' plain_text
check 'C format' c_format
check 'C warnings' c_warnings
check 'headers stand alone' headers_alone
check 'shell syntax' shell_syntax
check 'Python syntax' python_syntax
check 'JSON data' json_data
check 'French' french
check 'marked texts' marked_texts
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
