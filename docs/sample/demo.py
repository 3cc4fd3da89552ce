#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
carnet's main job from end to end, in a throw-away vault: what ./setup demo
runs.  Checks each result; exits 0 only when every check held.
Touches no vault of yours.  The record is this folder's: README.md.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

RECORD = ("compte-rendu.pdf", "ordonnance-scan.png", "courrier.txt",
          "bilan.fhir.json", "synthese.cda.xml")
PERSON = "Camille Exemple"
SENT, DUE, AFTER = "2026-03-05", "2026-04-07", "2026-04-08"
# Words of the record that may stand in clear nowhere in vault or backup.
SECRETS = (b"ferritine", b"Ferritine", b"EXEMPLE", b"Exemple",
           b"SQLite format 3")


def speaks_french():
    """As gettext chooses: LANGUAGE counts unless the locale is plain C."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES",
                                                 "LANG")
                   if os.environ.get(name)), "C")
    if locale in ("C", "POSIX"):
        return False
    return (os.environ.get("LANGUAGE") or locale).startswith("fr")


FRENCH = speaks_french()


def t(french, english):
    """The text in the language of the locale."""
    return french if FRENCH else english


def day(date):
    """An ISO date as a person would write it."""
    year, month, number = date.split("-")
    french = ("janvier février mars avril mai juin juillet août septembre "
              "octobre novembre décembre").split()
    english = ("January February March April May June July August September "
               "October November December").split()
    return "{} {} {}".format(int(number), t(french, english)[int(month) - 1],
                             year)


class Broken(Exception):
    """A step whose result isn't what it must be."""


def need(held, what):
    if not held:
        raise Broken(what)


def tree_hash(folder, leave_out=()):
    """{relative path: SHA-256} of every file below folder."""
    hashes = {}
    for here, _folders, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            if name not in leave_out:
                with open(path, "rb") as file:
                    hashes[os.path.relpath(path, folder)] = hashlib.sha256(
                        file.read()).hexdigest()
    return hashes


class Carnet:
    """The program, with the throw-away vault and its secrets in hand."""

    def __init__(self, program, vault, passphrase):
        self.program = program
        self.vault = vault
        self.passphrase = passphrase
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith("CARNET_")}

    def raw(self, *words, exits=(0,)):
        """Runs a verb; its standard output, exit status checked."""
        argv = [self.program, "--vault", self.vault, "--lang",
                t("fr", "en"), "--passphrase-file", self.passphrase, *words]
        done = subprocess.run(argv, env=self.env, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode not in exits:
            raise Broken(f"carnet {' '.join(words)}\n"
                         f"    exit {done.returncode}, not "
                         f"{' or '.join(map(str, exits))}\n    "
                         + (done.stderr or done.stdout)
                         .decode("utf-8", "replace").strip())
        self.error = done.stderr
        return done.stdout

    def __call__(self, *words, exits=(0,)):
        """Runs a verb with --json; its result, or its error object."""
        out = self.raw("--json", *words, exits=exits)
        text = out or self.error
        try:
            return json.loads(text)
        except ValueError as error:
            raise Broken(f"carnet --json {' '.join(words)}: not JSON: "
                         f"{text[:200]!r}") from error


class Demo:
    """One run, in a folder of its own; steps are called in order."""

    def __init__(self, root):
        self.sample = os.path.join(root, "docs", "sample")
        self.top = tempfile.mkdtemp(prefix="carnet-demo-")
        self.letters = os.path.join(self.top, t("courriers", "letters"))
        self.room = os.path.join(self.top, "room")
        os.mkdir(self.letters)
        os.mkdir(self.room, 0o700)
        self.backup = self.path("backup")
        self.carnet = Carnet(os.path.join(root, "build", "cli", "carnet"),
                             self.path("vault"),
                             self.secret("phrase", "cinq cerises au panier"))
        self.number = 0
        self.ids = {}
        self.statements = []
        self.words = ""
        self.before = None

    def path(self, name):
        return os.path.join(self.room, name)

    def secret(self, name, text):
        path = self.path(name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL,
                               0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
        return path

    def step(self, title, action):
        """One line: what is done, and what came of it."""
        self.number += 1
        print(f"{self.number:2}. {title}", end="", flush=True)
        result = action()
        print(t(" : ", ": ") + result, flush=True)

    # --- the steps ----------------------------------------------------------
    def init(self):
        sheet = self.path("recovery.pdf")
        got = self.carnet("init", "--person", PERSON, "--born", "1980-02-14",
                          "--kdf", "interactive", "--recovery", sheet)
        words = got["recovery_words"]
        need(len(words) >= 12, "too few recovery words")
        self.words = self.secret("words", " ".join(words))
        with open(sheet, "rb") as file:
            need(file.read(5) == b"%PDF-", "the recovery sheet is no PDF")
        self.carnet("person", "edit", PERSON, "--address",
                    "3, quai du Modèle\n69000 Lyon", "--birthplace", "Lyon")
        return t(f"fait, avec une fiche de secours de {len(words)} mots",
                 f"done, with a recovery sheet of {len(words)} words")

    def add(self):
        files = [os.path.join(self.sample, name) for name in RECORD]
        got = self.carnet("add", *files)
        need(not got["failed"], "a file was not stored")
        for item in got["added"]:
            self.ids[os.path.basename(item["path"])] = item["id"]
        need(set(self.ids) == set(RECORD), "not every file was stored")
        read = sum(not item.get("unread") for item in got["added"])
        return t(f"{len(RECORD)} fichiers rangés, dont {read} lus",
                 f"{len(RECORD)} files stored, {read} of them read")

    def add_again(self):
        path = os.path.join(self.sample, RECORD[0])
        got = self.carnet("add", path)
        need(got["added"][0]["duplicate_of"] == self.ids[RECORD[0]],
             "a duplicate was not recognised")
        need(got["new_bytes"] == 0, "a duplicate cost something")
        return t("reconnu, rien n'est rangé deux fois",
                 "recognised, nothing is stored twice")

    def list(self):
        got = self.carnet("list")["documents"]
        need({item["id"] for item in got} == set(self.ids.values()),
             "the list doesn't hold the files added")
        return t(f"{len(got)} documents", f"{len(got)} documents")

    def search(self):
        wanted = {self.ids["compte-rendu.pdf"], self.ids["courrier.txt"]}
        for query in ("oedeme", "œdème", "CÉPHALÉES", "ferritine"):
            found = {item["id"] for item in
                     self.carnet("search", query)["documents"]}
            need(wanted <= found, f"search {query}: found {len(found)}")
        return t("le compte rendu et le courrier, avec ou sans accents",
                 "the report and the letter, with accents or without")

    def cat(self):
        for name in RECORD:
            with open(os.path.join(self.sample, name), "rb") as file:
                need(self.carnet.raw("cat", self.ids[name]) == file.read(),
                     f"{name}: not what was stored")
        return t("tous identiques, au bit près", "all identical, bit for bit")

    def no_plain_text(self):
        files = 0
        for folder in (self.carnet.vault, self.backup):
            for here, _folders, names in os.walk(folder):
                for name in names:
                    with open(os.path.join(here, name), "rb") as file:
                        content = file.read()
                    files += 1
                    for word in SECRETS:
                        need(word not in content, f"{name}: {word} in clear")
        return t(f"aucun mot lisible dans {files} fichiers",
                 f"no readable word in {files} files")

    def refuse(self):
        got = self.carnet("refuse", "fr/pds")
        need(got["decisions"][0]["kind"] == "refuse", "no refusal")
        self.statements = got["statements"]
        need(self.statements, "no statement was drafted")
        answer = self.carnet("may", "fr/pds", exits=(20,))
        need(answer["answer"] == "refused", "may: not refused")
        count = len(self.statements)
        return t(f"inscrit, et {count} courriers préparés",
                 f"on record, and {count} statements drafted")

    def export_letters(self):
        pages = 0
        for number, statement in enumerate(self.statements, 1):
            out = os.path.join(self.letters, "{}-{}".format(
                number, statement["recipient"].replace("/", "-")))
            files = self.carnet("statement", "export", statement["id"],
                                "-o", out)["files"]
            for item in files:
                path = os.path.join(out, item["path"])
                with open(path, "rb") as file:
                    content = file.read()
                need(hashlib.sha256(content).hexdigest() == item["sha256"],
                     "a letter isn't what its checksum says")
                if item["format"] == "pdf":
                    self.check_pdf(path)
                    pages += 1
            need({"txt", "html", "pdf"} <= {i["format"] for i in files},
                 "a statement lacks text, HTML or PDF")
        return t(f"{pages} lettres en PDF, HTML et texte",
                 f"{pages} letters as PDF, HTML and text")

    @staticmethod
    def check_pdf(path):
        text = subprocess.run(["pdftotext", path, "-"], check=False,
                              stdout=subprocess.PIPE).stdout.decode()
        need(PERSON.lower() in text.lower(), "a letter without its sender")

    def send(self):
        first = self.statements[0]["id"]
        self.carnet("statement", "sent", first, "--via",
                    self.statements[0]["channel"], "--on", SENT)
        self.carnet("statement", "received", first, "--on", SENT)
        due = self.carnet("statement", "show", first)["due"]
        need(due["on"] == DUE, f"due on {due['on']}")
        return t(f"réponse due au plus tard le {day(DUE)}",
                 f"an answer is due by {day(DUE)}")

    def due(self):
        first = self.statements[0]["id"]
        item = [i for i in self.carnet("due", "--on", DUE)["items"]
                if i["statement"] == first]
        need(item and item[0]["due"] == DUE, "not due on its day")
        error = self.carnet("statement", "complain", first, "-o",
                            self.path("early"), "--on", DUE, exits=(1,))
        need(error["error"]["code"] == "too-early", "no complaint yet")
        item = [i for i in self.carnet("due", "--on", AFTER,
                                       exits=(14,))["items"]
                if i["statement"] == first]
        need(item and item[0]["overdue_days"] == 1, "not overdue after it")
        return t(f"le {day(DUE)}, trop tôt pour se plaindre ; le lendemain, "
                 "en retard", f"on {day(DUE)}, too early to complain; the "
                 "day after, overdue")

    def complain(self):
        out = os.path.join(self.letters, t("plainte-cnil", "cnil-complaint"))
        got = self.carnet("statement", "complain", self.statements[0]["id"],
                          "-o", out, "--on", AFTER)
        need(os.path.exists(got["path"]), "no dossier")
        names = tree_hash(out)
        need(any(name.endswith(".pdf") for name in names), "no PDF in it")
        return t(f"dossier de {len(names)} fichiers",
                 f"a dossier of {len(names)} files")

    def state(self, name):
        """All that a person would miss: documents and words, as they are."""
        out = self.path(name)
        self.carnet("export", "--all", "-o", out)
        return {"files": tree_hash(out, leave_out=("manifest.json",)),
                "list": self.carnet("list"),
                "consents": self.carnet("consents", "--on", AFTER),
                "statements": [self.carnet("statement", "show", one["id"],
                                           "--on", AFTER)
                               for one in self.statements]}

    def back_up(self):
        self.before = self.state("before")
        mine = tree_hash(self.sample, leave_out=("README.md", "make.py",
                                                 "demo.py"))
        need(set(mine.values()) <= set(self.before["files"].values()),
             "an export lacks an original")
        got = self.carnet("backup", self.backup)
        checked = self.carnet("backup", "check", self.backup, "--read-data")
        need(checked["ok"], "the backup isn't whole")
        size = got["new_bytes"] // 1024
        return t(f"{size} Kio, relus et vérifiés",
                 f"{size} KiB, read back and checked")

    def lose(self):
        shutil.rmtree(self.carnet.vault)
        os.unlink(self.carnet.passphrase)
        self.carnet.passphrase = self.secret("phrase2", "six prunes au four")
        self.carnet("status", exits=(10,))
        return t("il ne reste que la sauvegarde et les mots de secours",
                 "only the backup and the recovery words are left")

    def restore(self):
        vault = self.path("restored")
        self.carnet("restore", self.backup, "--to", vault, "--recover",
                    "--words-file", self.words, "--new-passphrase-file",
                    self.carnet.passphrase)
        self.carnet.vault = vault
        count = self.carnet("status")["documents"]
        need(count == len(self.before["list"]["documents"]),
             f"{count} documents came back")
        return t(f"{count} documents, sous une nouvelle phrase de passe",
                 f"{count} documents, under a new passphrase")

    def check(self):
        got = self.carnet("check", "--read-data")
        need(got["ok"] and not got["problems"], "check found problems")
        self.carnet("log", "--verify")
        return t(f"{got['packs']} paquets et le journal sont intacts",
                 f"{got['packs']} packs and the ledger are intact")

    def compare(self):
        after = self.state("after")
        for key, value in self.before.items():
            need(after[key] == value, f"{key}: not as before")
        return t("documents, refus, lettres et étapes, tout est identique",
                 "documents, refusal, letters and steps, all the same")

    def run(self):
        self.step(t("Créer un coffre chiffré", "Make an encrypted vault"),
                  self.init)
        self.step(t("Y ranger le dossier d'exemple", "Store the sample record"),
                  self.add)
        self.step(t("Ranger encore un des fichiers", "Store one file again"),
                  self.add_again)
        self.step(t("Lister", "List"), self.list)
        self.step(t("Chercher « oedeme », « ferritine »",
                    "Search for 'oedeme', 'ferritine'"), self.search)
        self.step(t("Relire chaque original", "Read each original back"),
                  self.cat)
        self.step(t("Refuser la Plateforme des données de santé",
                    "Refuse the French health data platform"), self.refuse)
        self.step(t("Écrire les lettres", "Write the letters"),
                  self.export_letters)
        self.step(t(f"Noter l'envoi et la réception, le {day(SENT)}",
                    f"Note it as sent and received on {day(SENT)}"),
                  self.send)
        self.step(t("Suivre le délai", "Follow the clock"), self.due)
        self.step(t("Préparer la plainte à la CNIL",
                    "Prepare the complaint to the CNIL"), self.complain)
        self.step(t("Sauvegarder", "Back up"), self.back_up)
        self.step(t("Chercher des mots en clair sur le disque",
                    "Look for plain words on the disk"), self.no_plain_text)
        self.step(t("Perdre le coffre et la phrase de passe",
                    "Lose the vault and the passphrase"), self.lose)
        self.step(t("Restaurer avec les mots de secours",
                    "Restore with the recovery words"), self.restore)
        self.step(t("Vérifier chaque octet", "Check every byte"), self.check)
        self.step(t("Comparer avec avant la perte",
                    "Compare with what was there before"), self.compare)


def main(argv):
    if len(argv) != 2:
        print("usage: demo.py ROOT-OF-THE-CHECKOUT", file=sys.stderr)
        return 2
    demo = Demo(os.path.abspath(argv[1]))
    status = 0
    try:
        demo.run()
    except (Broken, OSError, KeyError, IndexError, TypeError) as error:
        print(t(" : ÉCHEC", ": FAILED"), flush=True)
        print(f"    {type(error).__name__}: {error}", file=sys.stderr)
        status = 1
    finally:
        shutil.rmtree(demo.room, ignore_errors=True)
    print(t("Le coffre d'essai est effacé. Les lettres sont à regarder dans :",
            "The throw-away vault is deleted. The letters are in:"))
    print(f"  {demo.letters}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv))
