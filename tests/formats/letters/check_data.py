#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Checks the letters' data: schemas, references between files, and the
habits of the templates that no schema can say.

usage: check_data.py FOLDER      (formats/letters)
Exits 77 (skipped) without python3-jsonschema.
"""
import datetime
import json
import pathlib
import re
import sys
import unittest

try:
    import jsonschema
except ImportError:
    sys.exit(77)

FOLDER = pathlib.Path(sys.argv.pop(1))
TAG = re.compile(r"\{\{([#^/>]?)([a-z0-9._-]+)\}\}")
# What only a fund or the CNAM may see.
NIR = {"fr/caisse", "fr/cnam", "fr/msa"}
LANGUAGES = {"fr", "en", "de", "es", "it", "nl"}


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


AUTHORITIES = {r["id"]: r for r in read("authorities.json")["recipients"]}
RECIPIENTS = {r["id"]: r for r in read("recipients.json")["recipients"]}
RECIPIENTS.update(AUTHORITIES)
DATA = read("statements.json")
STATEMENTS = {s["id"]: s for s in DATA["statements"]}
TEMPLATES = {
    f"{lang}/{path.name}": path.read_text(encoding="utf-8")
    for lang in sorted(LANGUAGES)
    for path in sorted((FOLDER / lang).glob("*.md"))
}


def literal(text):
    """A template's own words: no tags, no front matter keys."""
    text = re.sub(r"^---\nsubject: ", "", text)
    return TAG.sub("\0", text)


def reached(name, seen=None):
    """The names of all fields that a template and its parts use."""
    seen = seen if seen is not None else set()
    fields = set()
    for sign, field in TAG.findall(TEMPLATES[name]):
        if sign == ">":
            part = f"{name[:2]}/_{field}.md"
            if part not in seen:
                seen.add(part)
                fields |= reached(part, seen)
        elif sign != "/":
            fields.add(field)
    return fields


def files_of(statement, lang):
    names = [n for n in TEMPLATES
             if re.fullmatch(rf"{lang}/{statement['file']}(\.[a-z]+)?\.md", n)]
    return names


class Schemas(unittest.TestCase):
    def check(self, name, schema=None):
        schema = read(f"{schema or name}.schema.json")
        validator = jsonschema.Draft202012Validator
        validator.check_schema(schema)
        errors = [f"{list(e.absolute_path)}: {e.message[:200]}"
                  for e in validator(schema).iter_errors(read(f"{name}.json"))]
        self.assertEqual(errors, [])

    def test_recipients(self):
        self.check("recipients")

    def test_authorities(self):
        self.check("authorities", "recipients")

    def test_statements(self):
        self.check("statements")

    def test_catalogue(self):
        self.check("catalogue")

    def test_holidays(self):
        self.check("holidays")

    def test_words(self):
        self.check("words")

    def test_purposes(self):
        self.check("purposes")

    def test_answers(self):
        self.check("answers")

    def test_windows(self):
        self.check("windows")

    def test_schemas_refuse(self):
        """A schema that takes everything would prove nothing."""
        data = read("recipients.json")
        data["recipients"][0]["channels"] = ["pigeon"]
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(
                read("recipients.schema.json")).validate(data)
        data = read("statements.json")
        del data["statements"][0]["limits"]
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(
                read("statements.schema.json")).validate(data)


class References(unittest.TestCase):
    def test_ids_are_unique(self):
        self.assertEqual(len(RECIPIENTS),
                         len(read("recipients.json")["recipients"])
                         + len(read("authorities.json")["recipients"]))
        self.assertEqual(len(STATEMENTS), len(DATA["statements"]))

    def test_recipients_name_statements(self):
        for recipient in RECIPIENTS.values():
            for kind, ids in recipient["statements"].items():
                for name in ids:
                    with self.subTest(recipient["id"], statement=name):
                        self.assertIn(name, STATEMENTS)
                        wanted = "withdraw" if kind == "lift" else kind
                        self.assertIn(wanted, STATEMENTS[name]["decisions"])

    def test_statements_name_recipients(self):
        for statement in STATEMENTS.values():
            with self.subTest(statement["id"]):
                if statement["addressee"] not in ("recipient", "authority"):
                    self.assertIn(statement["addressee"], RECIPIENTS)
                if "about" in statement:
                    self.assertIn(statement["about"], RECIPIENTS)
                for following in statement["next"].values():
                    if following is not None:
                        self.assertIn(following, STATEMENTS)
                self.assertIn(statement["channel"], statement["channels"])

    def test_authorities_exist(self):
        for recipient in RECIPIENTS.values():
            if recipient["authority"] is not None:
                self.assertEqual(
                    RECIPIENTS[recipient["authority"]].get("kind"),
                    "authority", recipient["id"])
                self.assertEqual(
                    RECIPIENTS[recipient["authority"]]["country"],
                    recipient["country"])

    def test_every_country_has_its_authority(self):
        """EU, EEA, the UK and Switzerland; each with an address, a way to
        complain, its source and the day on which that was read."""
        wanted = set("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU "
                     "LV MT NL PL PT RO SE SI SK IS LI NO GB CH".split())
        there = {a["country"] for a in AUTHORITIES.values()} | {"FR"}
        self.assertEqual(wanted, there)
        self.assertEqual(len(AUTHORITIES), 56)
        for authority in AUTHORITIES.values():
            with self.subTest(authority["id"]):
                self.assertEqual(authority["kind"], "authority")
                self.assertGreaterEqual(len(authority["address"]), 3)
                # its only e-mail address in the source was a person's own
                self.assertTrue(authority["email"] or authority.get("form")
                                or authority["id"] == "de/kathbayddsb")
                self.assertEqual("portal" in authority["channels"],
                                 "form" in authority)
                self.assertEqual("email" in authority["channels"],
                                 authority["email"] is not None)
                self.assertGreaterEqual(len(authority["sources"]), 2)
                self.assertRegex(authority["sources"][0],
                                 r"CC0-1\.0.*21 July 2026")
                self.assertEqual(authority["valid_from"], "2026-07-21")
        lands = {a["region"] for a in AUTHORITIES.values() if "region" in a}
        self.assertEqual(len(lands), 16)
        self.assertLessEqual(lands, set(read("holidays.json")["DE"]["regions"]))

    def test_words_exist_in_every_language_of_a_statement(self):
        """What a letter prints in German is German."""
        for statement in STATEMENTS.values():
            langs = set(statement["languages"])
            with self.subTest(statement["id"]):
                self.assertLessEqual(langs, set(read("words.json")))
                for name in statement["basis"]:
                    basis = DATA["bases"][name]
                    self.assertLessEqual(langs, set(basis["text"]))
                    self.assertLessEqual(langs, set(basis["short"]))
                if "claim" in statement:
                    self.assertLessEqual(langs, set(statement["claim"]))

    def test_bases_are_named_and_used(self):
        used = {b for s in STATEMENTS.values() for b in s["basis"]}
        self.assertEqual(used, set(DATA["bases"]))

    def test_dates_follow_each_other(self):
        def day(text):
            return datetime.date.fromisoformat(text)
        for statement in STATEMENTS.values():
            self.assertLess(day(statement["valid_from"]),
                            day(statement["valid_until"]))
        for versions in DATA["facts"].values():
            for fact in versions:
                self.assertLess(day(fact["from"]), day(fact["until"]))
            for before, after in zip(versions, versions[1:]):
                self.assertLess(day(before["until"]), day(after["from"]))

    def test_fits_names_recipients(self):
        for statement in STATEMENTS.values():
            for name in statement.get("fits", []):
                self.assertIn(name, RECIPIENTS, statement["id"])
            if "fits" in statement:
                self.assertEqual(statement["addressee"], "recipient")
            referral = statement["next"].get("referral")
            self.assertIn(referral, {None} | set(STATEMENTS))


class Purposes(unittest.TestCase):
    """Codes and plain names lead to one purpose each, parents to a root."""

    def setUp(self):
        self.purposes = {p["code"]: p for p in read("purposes.json")["purposes"]}

    def test_names_are_unique(self):
        names = [n for p in self.purposes.values()
                 for n in {text.lower() for text in (
                     p["code"], *p["names"], *p["name"].values())}]
        twice = {n for n in names if names.count(n) > 1}
        self.assertEqual(twice, set())

    def test_parents(self):
        for purpose in self.purposes.values():
            seen = {purpose["code"]}
            while purpose["parent"] is not None:
                purpose = self.purposes[purpose["parent"]]
                self.assertNotIn(purpose["code"], seen)
                seen.add(purpose["code"])

    def test_the_codes_of_the_law(self):
        for code in "HRESCH CLINTRCH PUBHLTH HMARKT HOPERAT".split():
            self.assertIn(code, self.purposes)

    def test_set_phrases_are_in_each_language(self):
        words = read("words.json")
        for group in ("kinds", "scope", "steps", "outcomes", "channels", "as"):
            for lang in "en", "de", "es", "it", "nl":
                self.assertEqual(set(words["fr"][group]),
                                 set(words[lang][group]), lang)


class Contract(unittest.TestCase):
    """What CLI.md and law.md fix."""

    def test_the_catalogue_is_whole(self):
        rows = {s["catalogue"] for s in STATEMENTS.values()
                if "catalogue" in s}
        self.assertEqual(rows, set(range(1, 33)))

    def test_every_row_of_the_law_is_reached(self):
        """By a statement that is there, and every statement from abroad
        and of the GDPR serves a row."""
        rows = {row["id"]: row for row in read("catalogue.json")["rows"]}
        self.assertEqual(len(rows), len(read("catalogue.json")["rows"]))
        self.assertLessEqual({f"F{i}" for i in range(1, 33)}, set(rows))
        served = {s["id"] for s in STATEMENTS.values() if "catalogue" in s}
        for row in rows.values():
            for name in row.get("statements", []):
                self.assertIn(name, STATEMENTS, row["id"])
                served.add(name)
        # what is only called for by a decision
        by_decision = {"fr/pharmacie-opposition", "fr/hopital-opposition",
                       "fr/snds-levee", "fr/snds-levee-msa"}
        # what answers a bad answer
        answers = {answer["template"] for answer in
                   read("answers.json")["answers"] if answer.get("template")}
        self.assertLessEqual(set(STATEMENTS) - served,
                             by_decision | answers)
        for row in rows.values():
            marks = [DATA["bases"][b]["checked"]
                     for s in STATEMENTS.values()
                     if f"F{s.get('catalogue')}" == row["id"]
                     for b in s["basis"]]
            if row["mark"] == "R":
                self.assertIn(False, marks, row["id"])

    def test_refusals_are_feminine_in_french(self):
        """"{claim}, que je vous ai adressée": the lifting agrees with it."""
        for statement in STATEMENTS.values():
            if "claim" in statement and "refuse" in statement["decisions"]:
                self.assertRegex(statement["claim"]["fr"],
                                 r"^(mon opposition|ma [a-zé]+) ",
                                 statement["id"])

    def test_windows(self):
        """Six weeks before a record is opened (French and German law), two months
        to refer a refusal."""
        windows = {s["id"]: (s["window"]["count"], s["window"]["unit"])
                   for s in STATEMENTS.values() if "window" in s}
        self.assertEqual(windows, {
            "fr/mes-ouverture": (6, "weeks"), "fr/dp-opposition": (6, "weeks"),
            "de/epa-widerspruch": (6, "weeks"),
            "fr/cada-saisine": (2, "months")})

    def test_signers(self):
        """What nobody can make for another has no one who signs for them,
        and what was given to minors is theirs."""
        for statement in STATEMENTS.values():
            others = {"parent", "guardian", "mandate"}
            self.assertEqual(not others & set(statement["signers"]),
                             statement.get("self_only", False),
                             statement["id"])
        self.assertEqual(STATEMENTS["fr/don-refus"]["signers"],
                         ["adult", "minor13"])
        self.assertEqual(STATEMENTS["fr/mineur-confidentialite"]["signers"],
                         ["minor15"])

    def test_clocks_name_their_law(self):
        """The GDPR gives one month, by Regulation 1182/71; what another text
        gives is that text's own time."""
        national, extended = {}, {}
        for name, statement in STATEMENTS.items():
            clock = statement["clock"]
            if clock["kind"] == "months":
                self.assertEqual(clock["count"], 1, name)
                self.assertIn("complaint", statement["next"])
            if clock["kind"].startswith("national-"):
                national[name] = (clock["kind"][9:], clock["count"],
                                  clock.get("complain_months"))
                if "extended_days" in clock:
                    extended[name] = clock["extended_days"] - clock["count"]
                self.assertEqual(clock["extended_months"], 0, name)
            else:
                self.assertNotIn("complain_months", clock, name)
                self.assertNotIn("extended_days", clock, name)
            # carnet's own proposal stands where no law's time does
            if "review_days" in clock:
                self.assertTrue(clock["kind"] == "none"
                                or clock.get("extended_open"), name)
                self.assertFalse(statement.get("keep", False), name)
        self.assertEqual(national, {
            "fr/dossier-acces": ("days", 8, 1),
            "fr/dossier-acces-ancien": ("months", 2, None),
            "fr/mes-effacement": ("months", 3, None),
            "ch/access": ("days", 30, None),
            "us/access": ("days", 30, None),
            "us/amendment": ("days", 60, None),
            "us/accounting": ("days", 60, None)})
        self.assertEqual(extended, {"us/access": 30, "us/amendment": 30,
                                    "us/accounting": 30})

    def test_co_signers_have_their_blanks(self):
        for statement in STATEMENTS.values():
            for lang in statement["languages"]:
                text = TEMPLATES[f"{lang}/{statement['file']}.md"]
                self.assertEqual(text.count("{{blank}}"),
                                 statement.get("cosign", 0))

    def test_the_main_refusals(self):
        pds = RECIPIENTS["fr/pds"]["statements"]["refuse"]
        first = STATEMENTS[pds[0]]
        self.assertEqual(first["addressee"], "fr/caisse")
        self.assertEqual(first["channel"], "ameli")
        self.assertIn("registered", first["channels"])
        cnam = STATEMENTS[RECIPIENTS["fr/cnam"]["statements"]["refuse"][0]]
        self.assertEqual(cnam["addressee"], "fr/cnam")
        for statement in (first, cnam):
            self.assertEqual(statement["clock"], {
                "kind": "months", "count": 1, "extended_months": 3,
                "presumed_days": 3})
        addressees = [STATEMENTS[s]["addressee"] for s in pds]
        self.assertEqual(addressees, ["fr/caisse", "fr/medecin",
                         "fr/pharmacie", "fr/hopital", "fr/cnil"])

    def test_the_names_of_the_contract_are_there(self):
        for name in ("caisse cnam msa pds medecin pharmacie hopital eds mes "
                     "dp cnil").split():
            self.assertIn("fr/" + name, RECIPIENTS)

    def test_nir_goes_to_funds_only(self):
        for recipient in RECIPIENTS.values():
            self.assertEqual("nir" in recipient["identify"],
                             recipient["id"] in NIR, recipient["id"])
        for statement in STATEMENTS.values():
            if "nir" in statement["identify"]:
                self.assertIn(statement["addressee"], NIR | {"recipient"})

    def test_every_recipient_can_be_answered(self):
        for recipient in RECIPIENTS.values():
            if recipient["refusable"] is None:
                continue
            self.assertTrue(recipient["statements"]["refuse"],
                            recipient["id"])
            if recipient["country"] != "FR":
                continue  # outside the GDPR there may be no such letter
            for kind, ids in recipient["statements"].items():
                self.assertTrue(ids, f"{recipient['id']}: {kind}")

    def test_usual_bodies_are_ranked(self):
        by_country = {}
        for name, recipient in RECIPIENTS.items():
            if "usual" in recipient:
                by_country.setdefault(name[:2], []).append(recipient["usual"])
                self.assertIsNotNone(recipient["refusable"])
        for ranks in by_country.values():
            self.assertEqual(sorted(ranks), list(range(1, len(ranks) + 1)))

    def test_complaints_are_french(self):
        self.assertEqual(STATEMENTS["fr/plainte-cnil"]["languages"], ["fr"])


class Templates(unittest.TestCase):
    def test_windows_and_answers_name_statements(self):
        bases = DATA["bases"]
        for window in read("windows.json")["windows"]:
            statement = STATEMENTS[window["template"]]
            self.assertIn(window["recipient"], statement.get(
                "fits", [statement["addressee"]]))
            self.assertIn("window", statement)
            self.assertIn(window["basis"], bases)
            self.assertIn(window["basis"], statement["basis"])
        for answer in read("answers.json")["answers"]:
            if "template" in answer:
                statement = STATEMENTS[answer["template"]]
                self.assertEqual(statement["addressee"], "recipient")
                self.assertEqual(statement["clock"]["kind"], "none")

    def test_every_file_is_used(self):
        used = set()
        for statement in STATEMENTS.values():
            for lang in statement["languages"]:
                names = files_of(statement, lang)
                self.assertIn(f"{lang}/{statement['file']}.md", names)
                used |= set(names)
        parts = {f"{name[:2]}/_{field}.md" for name, text in TEMPLATES.items()
                 for sign, field in TAG.findall(text) if sign == ">"}
        self.assertEqual(used | parts, set(TEMPLATES))

    def test_bases_and_facts_are_those_declared(self):
        by_file = {}
        for statement in STATEMENTS.values():
            for lang in statement["languages"]:
                fields = set()
                for name in files_of(statement, lang):
                    fields |= reached(name)
                cited = {re.sub(r"\.short$", "", f)[6:]
                         for f in fields if f.startswith("basis.")}
                facts = {f[5:] for f in fields if f.startswith("fact.")}
                with self.subTest(statement["id"], lang=lang):
                    self.assertEqual(cited, set(statement["basis"]))
                    self.assertEqual(facts, set(statement.get("facts", [])))
                by_file.setdefault(statement["file"], []).append(cited)
        for versions in by_file.values():
            self.assertTrue(all(v == versions[0] for v in versions))

    def test_what_identifies_is_printed(self):
        """Nothing is asked of a person that the letter doesn't say."""
        for statement in STATEMENTS.values():
            for lang in statement["languages"]:
                fields = reached(f"{lang}/{statement['file']}.md")
                for what in {"born", "birthplace", "nir"}:
                    used = f"concerned.{what}" in fields
                    if what in statement["identify"]:
                        self.assertTrue(used, (statement["id"], what))

    def test_references_are_data(self):
        """No article is cited but through a basis with its checked mark."""
        cited = re.compile(r"\b[LRD]\*?\. ?\d{3}|\barticles? \d|\b[Aa]rt\. \d"
                           r"|§ ?\d|\bart(ículo|icolo|ikel)s? \d|\bCFR\b")
        for name, text in TEMPLATES.items():
            self.assertIsNone(cited.search(literal(text)), name)

    def test_languages_say_the_same(self):
        """All languages of a letter print the same fields."""
        by_file = {}
        for name in TEMPLATES:
            by_file.setdefault(name[3:], []).append(name)
        for file, names in by_file.items():
            if file.startswith("_"):
                continue  # parts are compared in the letters that use them
            for name in names[1:]:
                self.assertEqual(reached(names[0]), reached(name), name)
        languages = {s["file"]: s["languages"] for s in STATEMENTS.values()}
        self.assertEqual([f for f, langs in languages.items()
                          if langs == ["fr"]], ["plainte-cnil"])

    def test_complaints_are_letters(self):
        """Who sends it, to whom and when stands on a complaint, also if it
        is handed in on a site."""
        complaints = {s["next"]["complaint"] for s in STATEMENTS.values()}
        complaints = complaints - {None} | {"gb/complaint"}
        self.assertGreater(len(complaints), 5)
        for name in complaints:
            self.assertIn(STATEMENTS[name]["channel"],
                          ("registered", "letter"), name)

    def test_one_line_a_paragraph(self):
        for name, text in TEMPLATES.items():
            body = re.sub(r"^---\n.*\n---\n", "", text)
            body = re.sub(r"^\{\{[#^/>][a-z0-9._-]+\}\}\n", "\n", body,
                          flags=re.M)
            for first, second in zip(body.split("\n"), body.split("\n")[1:]):
                if first and second:
                    self.assertRegex(second, r"^(- |\{\{)", name)

    def test_french_is_french(self):
        for name, text in TEMPLATES.items():
            if not name.startswith("fr/"):
                continue
            words = literal(text)
            with self.subTest(name):
                self.assertNotRegex(words, r"[^ \n\u00a0\u202f][;!?:»](\s|$)")
                self.assertNotRegex(words, r"«[^ ]")
                self.assertNotIn('"', words)
                self.assertNotIn("·", words)
                self.assertNotRegex(words, r"\w\((e|es|ne|trice)\)")
                self.assertNotRegex(words, r"soussigné|\.e\b")

    def test_french_apostrophes(self):
        """Typographic in all French that anyone reads: templates, and the
        data that screens show as it stands.  What is typed to find a
        purpose (`names`) stays as keyboards write it."""
        straight = re.compile(r"[^\W\d_]'[^\W\d_]")
        for name, text in TEMPLATES.items():
            if name.startswith("fr/"):
                self.assertNotIn("'", text, name)

        def french(value, inside=False):
            if isinstance(value, dict):
                for key, below in value.items():
                    if key != "names":
                        yield from french(below, inside or key == "fr")
            elif isinstance(value, list):
                for below in value:
                    yield from french(below, inside)
            elif inside and isinstance(value, str):
                yield value
        seen = 0
        for name in ("statements", "recipients", "authorities", "purposes",
                     "windows", "answers", "words"):
            for text in french(read(f"{name}.json")):
                seen += "’" in text
                self.assertIsNone(straight.search(text), f"{name}: {text}")
        self.assertGreater(seen, 200)

    def test_no_address_of_our_own(self):
        """Only what was read in a source has one; the rest is left blank."""
        known = {"fr/cnam", "fr/mes", "fr/cnil", "us/ocr", "ca/qc-cai"}
        for recipient in RECIPIENTS.values():
            if recipient["id"] not in known | set(AUTHORITIES):
                self.assertEqual(recipient["address"], [], recipient["id"])

    def test_what_lawyers_struck_out_stays_out(self):
        """Sentences that a reviewer found wrong, misleading or idle."""
        struck = [
            "limiter ces traitements", "restrict this processing",
            "que je ne donne pas", "which I do not give",
            "datent de moins de cinq ans", "is less than five years old",
            "doit l’être avec cette demande", "be closed with this request",
            "continue de courir", "The time to inform me",
            "se rapporte à cette personne", "refers to that person",
            "communique à la personne concernée", "CRPA"]
        for name, text in TEMPLATES.items():
            for words in struck:
                self.assertNotIn(words, text, name)
        for lang in read("words.json").values():
            if isinstance(lang, dict):
                self.assertNotIn("footer_until", lang)
                self.assertIn("{date}", lang["footer_template"])

    def test_what_lawyers_asked_for_is_there(self):
        wanted = {
            "_answer": ("usages de mes données auxquels je m’oppose",
                        "uses of my data to which I object"),
            "dossier-acces": ("celles de plus de cinq ans dans les deux mois",
                              "older information within two months"),
            "medecin-opposition": ("étranger à l’équipe de soins",
                                   "a professional outside the care team"),
            "pharmacie-opposition": ("étranger à l’équipe de soins",
                                     "a professional outside the care team"),
            "partage-opposition": ("que je vous prie de me demander à chaque fois",
                                   "for which I ask you to ask me each time"),
            "bndmr-opposition": ("ne vise pas le pilotage public",
                                 "does not concern public steering"),
            "etude-opposition": ("reconnaître mes données",
                                 "cannot recognise my data"),
            "pds-information": ("ni la base principale du SNDS",
                                "neither the main SNDS base"),
            "mes-effacement": ("par une lettre distincte",
                               "in a separate letter"),
            "mes-ouverture": ("dans les six semaines de l’envoi",
                              "within six weeks of your notice being sent"),
            "mes-rectification": ("vous est adressée en application de",
                              "is made under article"),
            "confiance-revocation": ("communique à cette personne",
                                     "known to that person"),
            "apres-deces": ("n’y auront alors pas accès",
                            "will then have no access"),
            "apres-deces-dossier": ("la loi impose de communiquer",
                                    "the law requires to be disclosed")}
        for file, words in wanted.items():
            for lang, phrase in zip(("fr", "en"), words):
                self.assertIn(phrase, TEMPLATES[f"{lang}/{file}.md"])
        self.assertNotIn("effac", TEMPLATES["fr/bndmr-opposition.md"])
        self.assertNotIn("eras", TEMPLATES["en/bndmr-opposition.md"])
        self.assertEqual(RECIPIENTS["fr/bndmr"]["statements"]["refuse"],
                         ["fr/bndmr-opposition"])
        self.assertEqual(STATEMENTS["fr/reponse-langue"]["basis"], [])
        self.assertNotIn("fr/mes", STATEMENTS["fr/rectification"]["fits"])

    def test_what_the_reading_of_november_2026_changed(self):
        """docs/letters-review.md says why."""
        for name, text in TEMPLATES.items():
            if name[:3] in ("fr/", "en/"):
                # a body's name without its article; whose "I" it is
                for words in ("par {{recipient.name}}", "que {{recipient",
                              "désignent cette personne", "à ce nom"):
                    self.assertNotIn(words, text, name)
        # no reasons are asked for where the law wants none
        for file in ("mes-ouverture", "mes-cloture", "mes-urgence",
                     "dp-opposition", "dmp-blocage", "partage-opposition"):
            for lang in "fr", "en":
                self.assertNotIn("lines", reached(f"{lang}/{file}.md"))
        self.assertIn("expressément", TEMPLATES["fr/mes-urgence.md"])
        self.assertIn("expressément", TEMPLATES["fr/mineur-confidentialite.md"])
        self.assertIn("libre et éclairée", TEMPLATES["fr/directives.md"])
        # the list of those who have access, not their need of consent
        self.assertIn("csp-l1111-19", STATEMENTS["fr/dmp-blocage"]["basis"])
        # one month is owed to the rights of the GDPR: one of them is cited
        rights = re.compile(r"rgpd-(15|16|17|18|20|21)|csp-l1122-1-2")
        for statement in STATEMENTS.values():
            if (statement["clock"]["kind"] == "months"
                    and "rgpd-12-3" in statement["basis"]):
                self.assertTrue(any(rights.match(b)
                                    for b in statement["basis"]),
                                statement["id"])
        # a reminder or a complaint is to another than the first letter was
        for statement in STATEMENTS.values():
            self.assertNotRegex(statement.get("claim", {}).get("fr", ""),
                                r"\b(votre|vos|vous)\b")

    def test_only_what_was_read_is_checked(self):
        self.assertFalse(DATA["bases"]["cnil-2014-239"]["checked"])
        self.assertTrue(DATA["bases"]["rgpd-77"]["checked"])
        self.assertTrue(DATA["bases"]["csp-l1111-5"]["checked"])
        for age in read("windows.json")["ages"]:
            self.assertEqual(age["checked"], age["age"] != 18)
            self.assertEqual("(à vérifier)" in age["title"]["fr"],
                             not age["checked"])
            self.assertEqual("(to be checked)" in age["title"]["en"],
                             not age["checked"])

    def test_the_host_is_for_those_who_hold_the_base(self):
        """No doctor, pharmacy or hospital is told of the platform's host."""
        told = {s["id"] for s in STATEMENTS.values() if s.get("facts")}
        self.assertEqual(told, {
            "fr/snds-opposition", "fr/snds-opposition-msa",
            "fr/cnam-opposition", "fr/pds-information"})

    def test_messages_have_no_markup(self):
        for name, text in TEMPLATES.items():
            if re.search(r"\.[a-z]+\.md$", name):
                self.assertNotRegex(literal(text), r"[*_`#>\[\]]|^- ", name)


if __name__ == "__main__":
    unittest.main(verbosity=1)
