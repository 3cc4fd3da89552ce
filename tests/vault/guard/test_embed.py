#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""embed.py accepts providers.json, refuses it broken in one way each, and
writes the bytes it read.  Usage: test_embed.py EMBED SCHEMA LIST"""
import contextlib
import copy
import importlib.util
import io
import json
import re
import sys
import tempfile
from pathlib import Path

EMBED, SCHEMA, LIST = sys.argv[1:4]
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("embed", EMBED)
embed = importlib.util.module_from_spec(spec)
spec.loader.exec_module(embed)


def first(data, key):
    return next(p for p in data["providers"] if key in p)


def set_in(key, field, value):
    def change(data):
        first(data, key)[key][0][field] = value
    return change


def drop(field):
    return lambda data: data["providers"][0].pop(field)


def put(field, value):
    return lambda data: data["providers"][0].update({field: value})


BROKEN = {
    "no format": lambda data: data.pop("format"),
    "another format": lambda data: data.update(format=2),
    "unknown key at the top": lambda data: data.update(extra=1),
    "too few": lambda data: data.update(providers=data["providers"][:24]),
    "not a list": lambda data: data.update(providers={}),
    "same id twice": lambda data: data["providers"].append(
        copy.deepcopy(data["providers"][0])),
    "no id": drop("id"),
    "no kind": drop("kind"),
    "no self_hosted": drop("self_hosted"),
    "bad id": put("id", "Drop Box"),
    "bad kind": put("kind", "cloud"),
    "self_hosted is text": put("self_hosted", "no"),
    "long name": put("name", "x" * 61),
    "unknown key": put("marked", []),
    "empty marks": put("marks", []),
    "empty name": put("names", [""]),
    "same name twice": put("names", ["a", "a"]),
    "xattr of another kind": put("xattrs", ["security.x"]),
    "mark without type": lambda data: first(
        data, "marks")["marks"][0].pop("type"),
    "mark of bad type": set_in("marks", "type", "link"),
    "bad reader": set_in("configs", "reader", "toml"),
    "destination without slash": lambda data: next(
        mark for p in data["providers"] for mark in p.get("marks", [])
        if "goes_to" in mark)["goes_to"].update(keys=["storage"]),
    "left out without slash": lambda data: next(
        config for p in data["providers"] for config in p.get("configs", [])
        if config["reader"] == "dconf").update({"except": ["org"]}),
    "relative file": set_in("configs", "files", ["Dropbox/info.json"]),
    "no files": set_in("configs", "files", []),
    "no keys": lambda data: first(data, "configs")["configs"][0].pop("keys"),
    "pointer without slash": set_in("configs", "keys", ["path"]),
    "$VALUE outside then": set_in("configs", "files", ["$VALUE/x"]),
    "bad verdict": set_in("mounts", "verdict", "local"),
    "mount without type": lambda data: first(
        data, "mounts")["mounts"][0].pop("type"),
    "nothing to know it by": lambda data: data["providers"].append(
        {"id": "zz", "name": "zz", "kind": "sync", "self_hosted": False}),
}


def run(text, output=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.json"
        path.write_text(text, encoding="utf-8")
        argv = ["embed.py", SCHEMA, str(path)]
        if output:
            argv.append(str(Path(folder) / output))
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = embed.main(argv)
        made = (Path(folder) / output).read_text() if output else ""
        return code, said.getvalue(), made


def main():
    text = Path(LIST).read_text(encoding="utf-8")
    data = json.loads(text)
    failures = []
    code, message, made = run(text, "out.c")
    numbers = [int(n) for n in re.findall(r"\b(\d+),", made)]
    if code != 0 or json.loads(bytes(numbers)) != data:
        failures.append(f"the list itself: {code} {message}")
    for name, change in BROKEN.items():
        broken = copy.deepcopy(data)
        change(broken)
        code, message, _ = run(json.dumps(broken))
        if code != 1 or "embed.py:" not in message:
            failures.append(f"{name}: exit {code}: {message}")
    for name, bad in {"cut": text[:-10], "empty": "", "twice": text.replace(
            '"format": 1,', '"format": 1, "format": 1,')}.items():
        code, message, _ = run(bad)
        if code != 1:
            failures.append(f"{name}: exit {code}: {message}")
    for failure in failures:
        print(f"test_embed.py: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
