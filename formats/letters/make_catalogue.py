#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Makes docs/catalogue.md out of the letters' data: what the law lets one do,
and the verb that does it.

usage: make_catalogue.py FOLDER OUTPUT.md     writes it
       make_catalogue.py FOLDER --compare COMMITTED.md
Exit 1 if the committed copy isn't what the data gives.
"""
import json
import pathlib
import sys

SECTIONS = [
    ("F", "The French catalogue"),
    ("A", "France, text by text"),
    ("B", "Other regimes"),
]
INTRODUCTION = """# The catalogue

Made by `formats/letters/make_catalogue.py` out of the letters' data; don't
edit it. `meson test letters_catalogue_doc` compares it with the data, and
says how to make it again.

Marks: V, read in the text of the law or of the body itself; V2, in a
secondary or older source; R, recalled and yet to be checked (a letter that
rests on it prints « à vérifier »). None of this is legal advice;
`letters-review.md` says who read the letters, and what a lawyer has yet to.
"""
# The verb by which a recipient's kinds of decision are made.
VERBS = {
    "refuse": "carnet refuse %s",
    "decline": "carnet refuse %s --request FORM",
    "allow": "carnet allow %s",
    "withdraw": "carnet withdraw ID",
    "lift": "carnet withdraw ID",
}
MANY = 4  # so many recipients call for it that it is for any
CLOCKS = {
    "months": "%d month(s)",
    "days": "%d days",
    "national-days": "%d days (national)",
    "national-months": "%d month(s) (national)",
}


class Data:
    def __init__(self, folder):
        def read(name):
            return json.loads((folder / name).read_text(encoding="utf-8"))
        self.rows = read("catalogue.json")["rows"]
        self.recipients = read("recipients.json")["recipients"]
        self.authorities = read("authorities.json")["recipients"]
        data = read("statements.json")
        self.bases = data["bases"]
        self.statements = {s["id"]: s for s in data["statements"]}
        following = [s["next"] for s in self.statements.values()]
        self.reminders = {n["reminder"] for n in following} - {None}
        self.complaints = {n["complaint"] for n in following} - {None}

    def of_row(self, row):
        if row["id"][0] != "F":
            return [self.statements[i] for i in row.get("statements", [])]
        return [s for s in self.statements.values()
                if s.get("catalogue") == int(row["id"][1:])]

    def verb(self, statement):
        """The shortest way to it."""
        name = statement["id"]
        if name in self.reminders:
            return "carnet statement remind ID"
        if name in self.complaints:
            return "carnet statement complain ID -o DIR"
        for kind, verb in VERBS.items():
            callers = [r["id"] for r in self.recipients
                       if name in r["statements"][kind]]
            if callers:
                own = statement["addressee"]
                to = own if own in callers else callers[0]
                to = "R" if len(callers) > MANY else to
                return verb.replace("%s", to)
        to = statement["addressee"]
        if to == "recipient":
            to = statement.get("fits", ["R"])[0]
        return f"carnet statement new {name} --to {to}"

    def bases_of(self, statement):
        cited = []
        for name in statement["basis"]:
            basis = self.bases[name]
            mark = "" if basis["checked"] else " (to be checked)"
            cited.append(basis["text"]["en"] + mark)
        return "; ".join(cited) or "–"


def clock(statement):
    kind, parts = statement["clock"]["kind"], []
    if kind in CLOCKS:
        parts.append(CLOCKS[kind] % statement["clock"]["count"])
    if "extended_days" in statement["clock"]:
        parts.append("%d once extended" % statement["clock"]["extended_days"])
    if statement["clock"].get("extended_open"):
        parts.append("longer if their notice says so")
    elif "review_days" in statement["clock"]:
        parts.append("no time known in law; carnet proposes to look again "
                     "after %d days" % statement["clock"]["review_days"])
    if "window" in statement:
        window = statement["window"]
        parts.append("to be sent within %d %s (%s)"
                     % (window["count"], window["unit"],
                        window["from"].replace("-", " ")))
    return "; ".join(parts) or "–"


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def section(data, letter):
    rows = []
    for row in data.rows:
        if row["id"][0] != letter:
            continue
        statements = data.of_row(row)
        verbs = [data.verb(s) for s in statements]
        if "verb" in row:
            verbs.insert(0, row["verb"])
        if not verbs:
            sys.exit(f"{row['id']}: no verb reaches it")
        rows.append([row["id"], row["mark"], row["title"],
                     ", ".join(f"`{s['id']}`" for s in statements) or "–",
                     ", ".join(f"`{v}`" for v in dict.fromkeys(verbs))])
    return table(["row", "mark", "what", "statements", "verb"], rows)


def statements(data):
    rows = [[f"`{s['id']}`", s["obtains"]["en"], s["limits"]["en"],
             ", ".join(s["signers"]), clock(s), ", ".join(s["languages"]),
             data.bases_of(s)] for s in data.statements.values()]
    return table(["statement", "obtains", "does not", "signed by", "clock",
                  "languages", "rests on"], rows)


def authorities(data):
    rows = [[f"`{a['id']}`", a["name"]["en"], a.get("region", a["country"]),
             ", ".join(a["languages"]), a.get("form", a["email"] or "post")]
            for a in data.authorities]
    return table(["authority", "name", "place", "works in", "complaints"],
                 rows)


def make(folder):
    data = Data(folder)
    parts = [INTRODUCTION]
    for letter, title in SECTIONS:
        parts.append(f"## {title}\n\n{section(data, letter)}")
    parts.append(f"## The statements\n\n{statements(data)}")
    parts.append(f"## The authorities\n\n{authorities(data)}")
    return "\n".join(parts)


def main():
    folder = pathlib.Path(sys.argv[1])
    text = make(folder)
    if sys.argv[2] != "--compare":
        pathlib.Path(sys.argv[2]).write_text(text, encoding="utf-8")
        return
    committed = pathlib.Path(sys.argv[3])
    if not committed.exists() or committed.read_text("utf-8") != text:
        sys.exit("docs/catalogue.md is not what the data gives; run\n"
                 "python3 formats/letters/make_catalogue.py formats/letters "
                 "docs/catalogue.md")


if __name__ == "__main__":
    main()
