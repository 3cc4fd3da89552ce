#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Completion for bash, from what the program says of its verbs and options.
Completes verbs, their parts, options and files; never asks a vault.
Usage: make.py PROGRAM >carnet
"""
import json
import re
import subprocess
import sys

SCRIPT = """\
# SPDX-License-Identifier: ISC
# bash completion for carnet; made from its table of verbs
_carnet()
{{
	local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
	local verb= i options parts= files=
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${{COMP_WORDS[i]}} in
		{values}) ((i++)) ;;
		-*) ;;
		*)
			verb=${{COMP_WORDS[i]}}
			break
			;;
		esac
	done
	options='{options}'
	case $verb in
{verbs}
	esac
	case $before in
{choices}
	{files})
		compopt -o filenames
		COMPREPLY=($(compgen -f -- "$word"))
		return
		;;
	{values})
		return
		;;
	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
	*)
		if [ -z "$verb" ]; then
			COMPREPLY=($(compgen -W '{names}' -- "$word"))
		else
			[ -z "$files" ] || {{
				compopt -o filenames
				COMPREPLY=($(compgen -f -- "$word"))
			}}
			[ "$verb" != "$before" ] ||
				COMPREPLY+=($(compgen -W "$parts" -- "$word"))
		fi
		;;
	esac
}}
complete -F _carnet carnet
"""


def value_of(option):
    return option["usage"].rpartition(" ")[2] if option["value"] else ""


def names_of(options):
    """--name of each, -o where it has that."""
    return [part for option in options for part in
            re.findall(r"(?<![\w-])--?[a-z][\w-]*", option["usage"])]


def main():
    said = json.loads(subprocess.run(
        [sys.argv[1], "--lang", "en", "--json", "help"], check=True,
        stdout=subprocess.PIPE).stdout)
    every = said["options"] + [option for verb in said["verbs"]
                               for option in verb["options"]]
    verbs, choices = [], {}
    for verb in said["verbs"]:
        # "list | add NAME": the words that a verb's arguments begin with
        parts = re.findall(r"(?:^|[|\[]) *([a-z]+)\b", verb["arguments"])
        verbs.append(f"\t{verb['name']})\n\t\toptions+=' "
                     f"{' '.join(names_of(verb['options']))}'\n"
                     f"\t\tparts='{' '.join(dict.fromkeys(parts))}'\n"
                     + ("\t\tfiles=yes\n" if re.search(
                         r"PATH|DEST|^FILE", verb["arguments"]) else "")
                     + "\t\t;;")
    for option in every:
        value = value_of(option)
        if "|" in value and value.islower():
            choices.setdefault(value.replace("|", " "), set()).update(
                names_of([option]))
    values = sorted({name for option in every if option["value"]
                     for name in names_of([option])})
    files = sorted({name for option in every
                    if re.search(r"FILE|DIR", value_of(option))
                    for name in names_of([option])})
    sys.stdout.write(SCRIPT.format(
        values=" | ".join(values), files=" | ".join(files),
        options=" ".join(names_of(said["options"])), verbs="\n".join(verbs),
        names=" ".join(verb["name"] for verb in said["verbs"]),
        choices="\n".join(
            f"\t{' | '.join(sorted(names))})\n\t\tCOMPREPLY=($(compgen -W "
            f"'{words}' -- \"$word\"))\n\t\treturn\n\t\t;;"
            for words, names in sorted(choices.items()))))


if __name__ == "__main__":
    main()
