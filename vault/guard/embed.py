#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Checks providers.json against its schema and writes it as a C array.

Knows the part of JSON Schema that providers.schema.json uses, and refuses a
schema that uses more.  What the fields mean: providers.schema.json.
Usage: embed.py SCHEMA LIST [OUTPUT.c]
"""
import json
import re
import sys

KNOWN = {"$schema", "$defs", "$ref", "title", "type", "required", "properties",
         "additionalProperties", "items", "minItems", "uniqueItems", "enum",
         "const", "pattern", "minLength", "maxLength"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


class Wrong(Exception):
    pass


def no_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Wrong("an object has the same key twice")
    return result


def resolve(root, schema):
    while "$ref" in schema:
        node = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    unknown = set(schema) - KNOWN
    if unknown:
        raise Wrong(f"the schema uses {sorted(unknown)}, unknown here")
    return schema


def check_text(schema, value, where):
    if len(value) < schema.get("minLength", 0):
        raise Wrong(f"{where}: too short")
    if len(value) > schema.get("maxLength", 1 << 30):
        raise Wrong(f"{where}: too long")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Wrong(f"{where}: {value!r} does not match")


def check_array(root, schema, value, where):
    if len(value) < schema.get("minItems", 0):
        raise Wrong(f"{where}: too few")
    if schema.get("uniqueItems"):
        seen = [json.dumps(item, sort_keys=True) for item in value]
        if len(set(seen)) != len(seen):
            raise Wrong(f"{where}: the same twice")
    for i, item in enumerate(value):
        check(root, schema.get("items", {}), item, f"{where}/{i}")


def check_object(root, schema, value, where):
    properties = schema.get("properties", {})
    for key in schema.get("required", []):
        if key not in value:
            raise Wrong(f"{where}: no {key}")
    for key, item in value.items():
        if key in properties:
            check(root, properties[key], item, f"{where}/{key}")
        elif schema.get("additionalProperties") is False:
            raise Wrong(f"{where}: unknown key {key}")


def check(root, schema, value, where):
    schema = resolve(root, schema)
    if "const" in schema and value != schema["const"]:
        raise Wrong(f"{where}: not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        raise Wrong(f"{where}: {value!r} is none of {schema['enum']}")
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        raise Wrong(f"{where}: not of type {schema['type']}")
    if isinstance(value, str):
        check_text(schema, value, where)
    elif isinstance(value, list):
        check_array(root, schema, value, where)
    elif isinstance(value, dict):
        check_object(root, schema, value, where)


def check_meaning(data):
    """What a schema can't say."""
    ids = [provider["id"] for provider in data["providers"]]
    if len(set(ids)) != len(ids):
        raise Wrong("two providers have the same id")
    for provider in data["providers"]:
        name = provider["id"]
        if not any(key in provider
                   for key in ("configs", "marks", "xattrs", "mounts", "names")):
            raise Wrong(f"{name}: nothing to recognise it by")
        for config in provider.get("configs", []):
            check_config(name, config)
        for mark in provider.get("marks", []):
            for key in mark.get("goes_to", {}).get("keys", []):
                if not key.startswith("/"):
                    raise Wrong(f"{name}: a JSON pointer starts with /")


def check_config(name, config, nested=False):
    if config["reader"] != "lines" and not config.get("keys"):
        raise Wrong(f"{name}: a config without keys")
    for file in config["files"]:
        if file.startswith("$VALUE") != nested:
            raise Wrong(f"{name}: $VALUE is for 'then', and only that")
    to = config.get("goes_to", {})
    for key in (config.get("keys", []) + config.get("except", []) +
                to.get("keys", [])):
        if config["reader"] in ("json", "dconf") and not key.startswith("/"):
            raise Wrong(f"{name}: a pointer or dconf's key starts with /")
        if config["reader"] == "sqlite" and "." not in key:
            raise Wrong(f"{name}: table.column")
        if config["reader"] == "xml" and "@" not in key:
            raise Wrong(f"{name}: element/element@attribute")
    if "then" in config:
        if nested:
            raise Wrong(f"{name}: 'then' in 'then'")
        check_config(name, config["then"], nested=True)


def write_c(data, path):
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    lines = [text[i:i + 16] for i in range(0, len(text), 16)]
    with open(path, "w", encoding="ascii") as out:
        out.write("/* Made by embed.py from providers.json. */\n"
                  '#include "providers.h"\n\n'
                  "const char providers_json[] = {\n")
        for line in lines:
            out.write("\t" + " ".join(f"{ord(c)}," for c in line) + "\n")
        out.write("\t0\n};\n"
                  f"const size_t providers_json_len = {len(text)};\n")


def main(argv):
    if len(argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(argv[1], encoding="utf-8") as file:
            schema = json.load(file, object_pairs_hook=no_duplicates)
        with open(argv[2], encoding="utf-8") as file:
            data = json.load(file, object_pairs_hook=no_duplicates)
        check(schema, schema, data, "")
        check_meaning(data)
    except (OSError, ValueError, Wrong) as error:
        print(f"embed.py: {argv[2]}: {error}", file=sys.stderr)
        return 1
    if len(argv) == 4:
        write_c(data, argv[3])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
