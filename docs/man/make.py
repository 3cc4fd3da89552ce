#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
The manual: a frame, with what the program says of its verbs and options in
it, set by scdoc.  Usage: make.py FRAME LANG PROGRAM SCDOC >carnet.1
"""
import json
import re
import subprocess
import sys


def plain(text):
    """Text in which scdoc sees nothing of its own."""
    return re.sub(r"([\\*_#.~<>\[\]])", r"\\\1", text)


def cost(word):
    """Bytes that a word may take in roff."""
    return sum(8 if ord(c) > 126 else 4 if c in ".*_\\" else 1
               for c in word)


def fill(line):
    """Lines that roff keeps under 80 bytes; none begins as scdoc's own."""
    tabs = line[:len(line) - len(line.lstrip("\t"))]
    lines, room = [], 0
    for word in line.strip("\t").split(" "):
        own = not word or word[0] in "-|[];#.!+"
        if lines and (room + cost(word) + 1 <= 76 or own):
            lines[-1] += " " + word
            room += cost(word) + 1
        else:
            lines.append(word)
            room = cost(word)
    return [tabs + text for text in lines]


def option_lines(options, tabs):
    lines = []
    for option in options:
        name, _space, value = option["usage"].rpartition(" ") \
            if option["value"] else (option["usage"], "", "")
        head = ", ".join(f"*{part.strip()}*" for part in name.split(","))
        if value:
            head += " " + "|".join(f"_{plain(part)}_"
                                   for part in value.split("|"))
        lines += [tabs + head, f"{tabs}\t{plain(option['help'])}", ""]
    return lines


def verb_lines(verb, notes):
    head = f"*carnet {verb['name']}* {plain(verb['arguments'])}".rstrip()
    lines = [head, f"\t{plain(verb['summary'])}", ""]
    if verb["name"] in notes:
        lines += [f"\t{line}" for line in notes[verb["name"]]] + [""]
    if verb["note"]:
        lines += [f"\t{plain(verb['note'])}", ""]
    return lines + option_lines(verb["options"], "\t")


def split_notes(frame):
    """The frame without its notes, and {verb: lines}."""
    kept, notes, verb = [], {}, None
    for line in frame.split("\n"):
        if line.startswith("; @note "):
            verb = line.split()[2]
            notes[verb] = []
        elif verb and line.startswith("# "):
            verb = None
        if verb is None:
            kept.append(line)
        elif line and not line.startswith(";"):
            notes[verb].append(line)
    return kept, notes


def without_empty(roff):
    """scdoc's roff without the paragraphs that hold nothing."""
    lines = []
    for line in roff.rstrip("\n").split("\n"):
        if line.startswith((".P", ".SH", ".RE")) and lines[-1] == ".P":
            lines.pop()
        if lines and lines[-1] == ".RE" and not line.startswith("."):
            lines.append(".P")
        if line != ".P" or not lines[-1].startswith((".SH", ".TH")):
            lines.append(line)
    return "\n".join(lines) + "\n"


def main():
    frame_path, lang, program, scdoc = sys.argv[1:]
    said = json.loads(subprocess.run(
        [program, "--lang", lang, "--json", "help"], check=True,
        stdout=subprocess.PIPE).stdout)
    with open(frame_path, encoding="utf-8") as file:
        kept, notes = split_notes(file.read())
    lines = []
    for line in kept:
        if line == "; @options@":
            lines += option_lines(said["options"], "")
        elif line == "; @verbs@":
            for verb in said["verbs"]:
                lines += verb_lines(verb, notes)
        else:
            lines.append(line)
    lines = [short for line in lines
             for short in ([line] if line.startswith(("#", ";", "carnet - "))
                           else fill(line))]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    roff = subprocess.run([scdoc], input=text.rstrip("\n") + "\n", check=True,
                          encoding="utf-8", stdout=subprocess.PIPE).stdout
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(without_empty(roff))



if __name__ == "__main__":
    main()
