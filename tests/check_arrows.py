#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Checks the rooms' arrows: who includes whom, where SQL, ciphers and sockets
may stand.  Does not judge style, and reads C only as text and as symbols.
The rooms are described in docs/decisions and CONTRIBUTING.md.
"""
import os
import re
import subprocess
import sys

TYPES = "vault/include"
LIBRARY = ("vault", TYPES, "vault/crypto", "vault/store", "vault/ledger",
           "vault/index", "vault/consent", "vault/backup", "vault/guard")
# Which rooms' headers a room may include, besides its own.
MAY_KNOW = {
    TYPES: (),
    "vault/crypto": (TYPES,),
    "vault/store": (TYPES, "vault/crypto"),
    "vault/ledger": (TYPES, "vault/crypto"),
    "vault/index": (TYPES, "vault/crypto", "vault/store", "vault/ledger"),
    "vault/consent": (TYPES,),
    "vault/guard": (TYPES,),
    # restoring opens the vault it has made, and its index
    "vault/backup": (TYPES, "vault", "vault/crypto", "vault/store",
                     "vault/ledger", "vault/index"),
    "vault": LIBRARY,
    "formats": (TYPES, "formats/include"),
    "formats/include": (TYPES,),
    "formats/letters": (TYPES, "formats/include"),
    "formats/write": (TYPES, "formats/include"),
    "formats/read": (TYPES, "formats/include"),
    "cli": None,  # anything
}
# The one header of the vault that others may see, beyond a room's own.
SHARED_HEADER = "carnet_types.h"
SQL = re.compile(
    r"\b(SELECT\s+.+\s+FROM|SELECT\s+\S+\(|INSERT\s+(OR\s+\w+\s+)?INTO"
    r"|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|VIRTUAL)"
    r"|DROP\s+(TABLE|INDEX)|PRAGMA\s+\w+|BEGIN\s+(IMMEDIATE|EXCLUSIVE))\b",
    re.S)
CIPHERS = re.compile(r"\b(crypto_[a-z0-9_]+|EVP_\w+)\s*\(")
SQL_HEADERS = re.compile(r"<(sqlcipher/)?sqlite3\.h>")
SAYS_NOTHING = re.compile(r"^(util|common|misc|helper|manager)s?\.", re.I)
SOCKETS = {"socket", "connect", "bind", "listen", "accept", "accept4",
           "send", "sendto", "sendmmsg", "recv", "recvfrom", "recvmmsg",
           "getaddrinfo", "gethostbyname", "gethostbyname_r", "getnameinfo",
           "res_query", "socketcall", "rcmd", "io_uring_setup"}
PAIRS = {"socketpair", "sendmsg", "recvmsg"}  # the launcher's alone
LAUNCHER = re.compile(r"(^|/)cli/.*\blauncher[^/]*\.o$")


def rooms_files(root):
    """Paths below root of our own C files, as (room, path)."""
    for top in ("vault", "formats", "cli"):
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    yield room_of(path), path


def room_of(path):
    """The innermost known room that holds path; "" for a stranger."""
    folder = os.path.dirname(path)
    while folder and folder not in MAY_KNOW:
        folder = os.path.dirname(folder)
    return folder


def without_comments(text):
    """C text with comments blanked, and string literals kept."""
    pattern = re.compile(
        r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/',
        re.S)

    def blank(match):
        piece = match.group(0)
        if piece[0] in "\"'":
            return piece
        return re.sub(r"[^\n]", " ", piece)
    return pattern.sub(blank, text)


def strings_of(text):
    """String literals as the compiler sees them: neighbours joined."""
    joined = re.sub(r'"\s*"', "", text)
    return re.findall(r'"((?:\\.|[^"\\\n])*)"', joined)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return without_comments(file.read())


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_includes(root, _build):
    """Each room includes only its own headers and those it may know."""
    homes = {}
    for room, path in rooms_files(root):
        if path.endswith(".h"):
            homes.setdefault(os.path.basename(path), []).append(path)
    for room, path in rooms_files(root):
        text = read(root, path)
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"',
                                 text, re.M):
            wanted = match.group(1)
            where = f"{path}:{line_of(text, match.start())}"
            if "/" in wanted:
                yield f"{where}: includes by path: {wanted}"
                continue
            known = homes.get(wanted)
            if known is None:
                continue  # made by the build (embedded data)
            targets = {room_of(path) for path in known}
            allowed = MAY_KNOW.get(room, ())
            if allowed is None or room in targets:
                continue  # the compiler looks beside the source first
            if not targets & set(allowed) or (
                    room.startswith("formats") and TYPES in targets
                    and wanted != SHARED_HEADER):
                yield f"{where}: {room} may not know {known[0]}"


def check_rooms(root, _build):
    """Every file lies in a known room, and its name says something."""
    for room, path in rooms_files(root):
        if not room:
            yield f"{path}: in no room that is known"
        if SAYS_NOTHING.match(os.path.basename(path)):
            yield f"{path}: a name that says nothing about what is inside"


def check_sql(root, _build):
    """SQL, and the database's header, only in vault/index."""
    for room, path in rooms_files(root):
        if room == "vault/index":
            continue
        text = read(root, path)
        if SQL_HEADERS.search(text):
            yield f"{path}: includes the database's header"
        for literal in strings_of(text):
            if SQL.search(literal):
                yield f"{path}: holds SQL: {literal[:60]}"
    for top in ("vault", "formats", "cli"):
        for folder, _folders, names in os.walk(os.path.join(root, top)):
            path = os.path.relpath(folder, root)
            if room_of(path + "/x") != "vault/index":
                for name in names:
                    if name.endswith(".sql"):
                        yield f"{path}/{name}: SQL outside vault/index"


def check_ciphers(root, _build):
    """Only vault/crypto calls ciphers, hashes and signatures."""
    for room, path in rooms_files(root):
        if room == "vault/crypto":
            continue
        text = read(root, path)
        for match in CIPHERS.finditer(text):
            yield (f"{path}:{line_of(text, match.start())}: calls "
                   f"{match.group(1)}")
        if room.startswith("formats") and "<sodium.h>" in text:
            yield f"{path}: formats know no cipher library"


def objects(build):
    for top in ("vault", "formats", "cli"):
        for folder, _folders, names in os.walk(os.path.join(build, top)):
            for name in sorted(names):
                if name.endswith(".o"):
                    yield os.path.join(folder, name)


def check_sockets(_root, build):
    """No object of ours asks the C library for a socket."""
    found = sorted(objects(build))
    if not found:
        yield f"{build}: holds no object to look at"
        return
    listing = subprocess.run(["nm", "--undefined-only", "--print-file-name",
                              *found], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    for line in listing.splitlines():
        path, _, rest = line.partition(":")
        symbol = rest.split()[-1].split("@")[0]
        path = os.path.relpath(path, build)
        if symbol in SOCKETS or (symbol in PAIRS
                                 and not LAUNCHER.search(path)):
            yield f"{path}: uses {symbol}"


CHECKS = (check_rooms, check_includes, check_sql, check_ciphers,
          check_sockets)


def main(argv):
    if len(argv) != 3:
        print("usage: check_arrows.py SOURCE BUILD", file=sys.stderr)
        return 2
    root, build = os.path.abspath(argv[1]), os.path.abspath(argv[2])
    failed = 0
    for check in CHECKS:
        problems = list(check(root, build))
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok'}: {check.__doc__}")
        for problem in problems:
            print(f"  {problem}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
