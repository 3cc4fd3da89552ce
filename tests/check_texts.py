#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Texts that people read and no translator ever sees: string literals handed
straight to what prints or fails, or standing in the tables of verbs, options
and columns.  Reads the C sources below a folder; changes nothing.
"""
import os
import re
import sys

# function: which argument is the text
SHOWN = {"print_line": 0, "print_text": 0, "session_usage": 1,
         "session_say": 1, "session_warn": 1, "session_secret": 3,
         "secret_ask": 1, "progress_start": 1, "carnet_fail": 2,
         "carnet_fail_errno": 2, "carnet_hint": 1}
# a call: its name, and all between its parentheses
CALL = re.compile(r"\b(%s)\s*\(" % "|".join(sorted(SHOWN, key=len)[::-1]))
LITERAL = r'"(?:[^"\\]|\\.)*"'
OPTION = re.compile(r"\bOPTION_[A-Z]+\s*,\s*(?:NULL|%s)\s*,\s*(%s)"
                    % (LITERAL, LITERAL))
VERB = re.compile(r"\bconst struct verb verb_\w+ = \{(.*?)\bNEED_", re.S)
COLUMNS = re.compile(r"\bstruct print_column \w+\[\]\s*=\s*\{(.*?)\};", re.S)
COLUMN = re.compile(r"\{\s*%s\s*,\s*(%s)" % (LITERAL, LITERAL))
COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'|/\*.*?\*/',
                     re.S)
# what is typed, or named, isn't translated
COMMAND = re.compile(r" *(carnet|chmod)( |$)")
# where an error was, in one word or a file's name: index, packs.lock
PLACE = re.compile(r"[a-z]+(\.[a-z-]+)?$")


def without_comments(text):
    """The same length and lines, comments blank."""
    def blank(match):
        found = match.group()
        return found if found[0] in "\"'" else re.sub(r"[^\n]", " ", found)
    return COMMENT.sub(blank, text)


def arguments(text, at):
    """The arguments of the call whose parenthesis opens before `at`."""
    depth, start, found, i = 1, at, [], at
    while depth > 0 and i < len(text):
        if text[i] == '"':
            i = re.compile(LITERAL).match(text, i).end()
            continue
        if text[i] == "'":
            i = text.index("'", i + (2 if text[i + 1] != "\\" else 3)) + 1
            continue
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1,
                  "]": -1}.get(text[i], 0)
        if (text[i] == "," and depth == 1) or depth == 0:
            found.append((start, text[start:i].strip()))
            start = i + 1
        i += 1
    return found


def is_words(literal):
    """Whether a literal has words: not only conversions and marks."""
    text = "".join(part[1:-1] for part in re.findall(LITERAL, literal))
    if COMMAND.match(text) or PLACE.match(text):
        return False
    text = re.sub(r"%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?[a-z]*", " ", text)
    text = re.sub(r"\\.|carnet|SHA-256", " ", text)
    return re.search(r"[^\W\d_]{3}", text) is not None


def literals_of(argument):
    """Literals of an argument outside any call: `a ? "x" : "y"`."""
    outside, depth, i = [], 0, 0
    while i < len(argument):
        if argument[i] == '"':
            end = re.compile(LITERAL).match(argument, i).end()
            if depth == 0:
                outside.append(argument[i:end])
            i = end
            continue
        depth += {"(": 1, ")": -1}.get(argument[i], 0)
        i += 1
    return "".join(outside)


def unmarked(text):
    """(offset, literal) of each text that is shown as it stands."""
    for call in CALL.finditer(text):
        given = arguments(text, call.end())
        place = SHOWN[call.group(1)]
        if place < len(given):
            at, argument = given[place]
            literal = literals_of(argument)
            if literal and is_words(literal):
                yield at, literal
    for option in OPTION.finditer(text):
        yield option.start(1), option.group(1)
    for verb in VERB.finditer(text):
        for literal in re.finditer(LITERAL, literals_of(
                verb.group(1).split(",", 1)[1])):
            if is_words(literal.group()):
                yield verb.start(), literal.group()
    for table in COLUMNS.finditer(text):
        for column in COLUMN.finditer(table.group(1)):
            yield table.start(), column.group(1)


def main():
    top = sys.argv[1]
    faults = 0
    for room in ("cli", "formats", "vault"):
        for here, _folders, names in sorted(os.walk(os.path.join(top, room))):
            for name in sorted(names):
                if not name.endswith((".c", ".h")):
                    continue
                path = os.path.join(here, name)
                with open(path, encoding="utf-8") as file:
                    text = without_comments(file.read())
                for at, literal in unmarked(text):
                    line = text.count("\n", 0, at) + 1
                    print(f"{path}:{line}: not marked with _(): {literal}")
                    faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
