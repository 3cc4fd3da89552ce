#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
po/fr.po and the sources: takes in what po/parts/*.po add, drops what no
source says any more, says what is still missing.  `--check` changes nothing
and exits 1 when fr.po isn't complete and in its one form; CI runs that.
The form: sorted by msgid, one line a text, no line numbers: easy to merge.
"""
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME = os.path.join(ROOT, "po", "fr.po")
KEYWORDS = ("CARNET_", "CARNET_N_", "_", "N_", "CARNET_PLURAL_:1,2",
            "PLURAL_:1,2", "ngettext:1,2", "dngettext:2,3")
FORMAT = re.compile(r"%(?:\d+\$)?[-+ 0#']*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?"
                    r"(?:hh|h|ll|l|z|j|t)?(?:<PRI\w+>|[a-zA-Z%])")


def run(*argv, text=None):
    done = subprocess.run(argv, input=text, check=True, encoding="utf-8",
                          stdout=subprocess.PIPE)
    return done.stdout


def sources():
    found = []
    for room in ("cli", "formats", "vault"):
        for here, _folders, names in os.walk(os.path.join(ROOT, room)):
            found += [os.path.relpath(os.path.join(here, name), ROOT)
                      for name in names if name.endswith((".c", ".h"))]
    return sorted(found)


def extract():
    """The texts of the sources: {(msgid, msgid_plural): is a format}."""
    pot = subprocess.run(
        ["xgettext", "--from-code=UTF-8", "--language=C", "--no-location",
         "--no-wrap", "--keyword=",
         *("--keyword=" + word for word in KEYWORDS), "--output=-",
         *sources()], cwd=ROOT, check=True, encoding="utf-8",
        stdout=subprocess.PIPE).stdout
    return {key: "c-format" in entry["flags"]
            for key, entry in read_po(pot).items()}


def unquote(line):
    return line[line.index('"') + 1:line.rindex('"')]


def read_po(text):
    """Entries of a .po: {(msgid, plural): {flags, texts}}; none obsolete."""
    entries = {}
    for block in text.split("\n\n"):
        entry = {"flags": "", "texts": {}}
        part = None
        words = {"msgid": "", "msgid_plural": ""}
        for line in block.split("\n"):
            if line.startswith("#,"):
                entry["flags"] += line
            elif line.startswith("msg"):
                part = line.split(" ", 1)[0]
                if part.startswith("msgstr"):
                    entry["texts"][part] = unquote(line)
                else:
                    words[part] = unquote(line)
            elif line.startswith('"') and part:
                if part.startswith("msgstr"):
                    entry["texts"][part] += unquote(line)
                else:
                    words[part] += unquote(line)
        if words["msgid"]:
            entries[words["msgid"], words["msgid_plural"]] = entry
    return entries


def load(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    # the tool's own reading: it names a syntax error and its line
    run("msgfmt", "--check-format", "--output-file=/dev/null", path)
    return text, read_po(run("msgcat", "--no-wrap", "--no-location", path))


def write_po(head, entries, formats):
    blocks = [head.rstrip("\n")]
    for key in sorted(entries):
        lines = ["#, c-format"] if formats.get(key) else []
        lines.append(f'msgid "{key[0]}"')
        if key[1]:
            lines.append(f'msgid_plural "{key[1]}"')
        lines += [f'{name} "{text}"'
                  for name, text in sorted(entries[key]["texts"].items())]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def missing(entries, wanted):
    for key in sorted(wanted):
        entry = entries.get(key)
        if entry is None or not all(entry["texts"].values()) or not \
                entry["texts"]:
            yield f"no French for: {key[0]}"
        elif key[1] and len(entry["texts"]) != 2:
            yield f"two forms are needed: {key[0]}"


def formats_differ(entries, wanted):
    """The conversions of a text, in order: French must have the same."""
    for key, is_format in sorted(wanted.items()):
        if not is_format or key not in entries:
            continue
        for text in entries[key]["texts"].values():
            if text and "$" not in text and \
                    FORMAT.findall(text) != FORMAT.findall(key[1] or key[0]):
                yield f"formats differ: {key[0]} / {text}"


# French has a no-break space before : ; ! ? » and after «, a typographic
# apostrophe, and no three dots.
NO_BREAK = "\u00a0"
TIDY = ((re.compile(r"(?<=[^\s:]) (?=[;!?»](?![A-Za-z-]))"), NO_BREAK),
        (re.compile(r"(?<=\S) (?=:( |$))"), NO_BREAK),
        (re.compile(r"(?<=«) "), NO_BREAK),
        (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_«])"), "’"),
        (re.compile(r"\.\.\."), "…"))
MISSING = re.compile(r"[^\W\d_)][;!?»](?![A-Za-z-])|«[^\s]")


def tidy(text):
    for pattern, right in TIDY:
        text = pattern.sub(right, text)
    return text


def typography(entries):
    for _key, entry in sorted(entries.items()):
        for text in entry["texts"].values():
            if text != tidy(text) or MISSING.search(text):
                yield f"a no-break space or an apostrophe: {text}"


def check(text, entries, wanted):
    head = text.split("\n\n", 1)[0]
    yield from missing(entries, wanted)
    yield from formats_differ(entries, wanted)
    yield from typography(entries)
    for key, entry in sorted(entries.items()):
        if "fuzzy" in entry["flags"]:
            yield f"marked as fuzzy: {key[0]}"
        if key not in wanted:
            yield f"no source says this any more: {key[0]}"
    if "\n#~" in text:
        yield "obsolete texts: run po/merge.py"
    elif text != write_po(head, entries, wanted):
        yield "not sorted, or not in its one form: run po/merge.py"


def merge(text, entries, wanted):
    """Parts fill what is missing; one that differs is said, not taken."""
    parts = sorted(glob.glob(os.path.join(ROOT, "po", "parts", "*.po")))
    for path in parts:
        name = os.path.relpath(path, ROOT)
        for key, entry in load(path)[1].items():
            mine = entries.get(key)
            if key not in wanted:
                print(f"{name}: no source says this: {key[0]}")
            elif "fuzzy" in entry["flags"]:
                print(f"{name}: marked as fuzzy: {key[0]}")
            elif mine is None or not all(mine["texts"].values()):
                entries[key] = entry
            elif mine["texts"] != entry["texts"]:
                print(f"{name}: differs, fr.po stays: {key[0]}\n"
                      f"    fr.po: {mine['texts']}\n"
                      f"    here:  {entry['texts']}")
    for entry in entries.values():
        entry["texts"] = {name: tidy(french)
                          for name, french in entry["texts"].items()}
    kept = {key: entry for key, entry in entries.items()
            if key in wanted and "fuzzy" not in entry["flags"]}
    with open(HOME, "w", encoding="utf-8") as file:
        file.write(write_po(text.split("\n\n", 1)[0], kept, wanted))
    for path in parts:
        os.unlink(path)
    print(f"fr.po: {len(kept)} of {len(wanted)} texts; "
          f"{len(entries) - len(kept)} dropped, {len(parts)} parts merged")


def main():
    text, entries = load(HOME)
    wanted = extract()
    if "--check" not in sys.argv[1:]:
        merge(text, entries, wanted)
        text, entries = load(HOME)
    faults = list(check(text, entries, wanted))
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
