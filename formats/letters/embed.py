#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Turns the letters' JSON and Markdown files into one C table.

usage: embed.py OUTPUT.c FOLDER FILE...    (files relative to the folder)
Checks only that they are UTF-8 and, for JSON, well formed; the schemas are
checked in the tests.
"""
import json
import pathlib
import sys


def c_string(data):
    lines, line = [], ""
    for byte in data:
        if byte == 0x0A:
            line += "\\n"
            lines.append(line)
            line = ""
        elif byte in b'"\\':
            line += "\\" + chr(byte)
        elif byte == ord("?"):
            line += "\\?"
        elif 0x20 <= byte < 0x7F:
            line += chr(byte)
        else:
            line += "\\%03o" % byte
        if len(line) > 65:
            lines.append(line)
            line = ""
    lines.append(line)
    return "\n".join('\t    "%s"' % part for part in lines)


def unique(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice among %s" % keys)
    return dict(pairs)


def embed(folder, names):
    rows = []
    for name in names:
        data = (folder / name).read_bytes()
        if b"\0" in data or b"\r" in data:
            sys.exit(f"{name}: NUL or carriage return")
        text = data.decode("utf-8")
        if name.endswith(".json"):
            value = json.loads(text, object_pairs_hook=unique)
            data = json.dumps(value, ensure_ascii=False,
                              separators=(",", ":")).encode()
        rows.append('\t{ "%s",\n%s,\n\t    %d },\n'
                    % (name, c_string(data), len(data)))
    return ('/* Made by embed.py. */\n#include "letters.h"\n\n'
            "const struct letters_file letters_files[] = {\n"
            + "".join(rows) + "};\n"
            "const size_t letters_files_len =\n"
            "    sizeof(letters_files) / sizeof(letters_files[0]);\n")


def main():
    output, folder, names = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    pathlib.Path(output).write_text(embed(folder, names), encoding="utf-8")


if __name__ == "__main__":
    main()
