#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the BIP39 word lists as a C table: wordlists.py OUTPUT.c

The lists come from Debian's python3-mnemonic.  The French file there has a
byte order mark and decomposed accents; here both lists become NFC, and the
build fails unless they are exactly the lists that recovery sheets were
printed with.  See docs/format.md, "Recovery words".
"""
import hashlib
import importlib.util
import pathlib
import sys
import unicodedata

# SHA-256 of the words in NFC, each followed by a line feed
LISTS = {
    "french":
        "431c1d074225d2b7e82db857d7c3ea58051df546e7c8b74c1f6dcab36351fd56",
    "english":
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
}


def folder():
    """Where the lists are installed."""
    spec = importlib.util.find_spec("mnemonic")
    if spec is not None and spec.origin is not None:
        return pathlib.Path(spec.origin).parent / "wordlist"
    return pathlib.Path("/usr/lib/python3/dist-packages/mnemonic/wordlist")


def fold(word):
    """Lower case without accents: what a person may type."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def load(name):
    """The words of one list, checked."""
    path = folder() / (name + ".txt")
    if not path.is_file():
        sys.exit("wordlists.py: no %s.txt: install python3-mnemonic" % name)
    text = path.read_bytes().decode("utf-8-sig")
    words = unicodedata.normalize("NFC", text).split()
    joined = "".join(word + "\n" for word in words).encode()
    if len(words) != 2048:
        sys.exit("wordlists.py: %s: %d words, not 2048" % (name, len(words)))
    if hashlib.sha256(joined).hexdigest() != LISTS[name]:
        sys.exit("wordlists.py: %s: not the list that carnet knows" % name)
    folded = [fold(word) for word in words]
    if not all(w.isascii() and w.isalpha() and len(w) <= 8 for w in folded):
        sys.exit("wordlists.py: %s: a word doesn't fold to letters" % name)
    if len({word[:4] for word in folded}) != 2048:
        sys.exit("wordlists.py: %s: four letters don't suffice" % name)
    return words, folded


def octal(word):
    """The word as the inside of a C string."""
    return "".join(chr(b) if b < 128 else "\\%03o" % b
                   for b in word.encode())


def main():
    out = ["/* Written by wordlists.py: BIP39 word lists. */",
           '#include "words.h"', ""]
    for name in LISTS:
        words, folded = load(name)
        out.append("const struct words_word words_%s[WORDS_LIST_LEN] = {"
                   % name)
        out.extend('\t{ "%s", "%s" },' % (octal(a), b)
                   for a, b in zip(words, folded))
        out.extend(["};", ""])
    pathlib.Path(sys.argv[1]).write_text("\n".join(out), encoding="ascii")


if __name__ == "__main__":
    main()
