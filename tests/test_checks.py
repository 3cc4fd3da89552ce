#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Tests of the tests: that cases are counted as they are, and that each check
of the rooms finds what it looks for.  Builds nothing.
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_arrows  # noqa: E402
import check_texts  # noqa: E402
import run_tests  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "po"))
import merge  # noqa: E402

PASSING = ("[==========] Running 2 test(s).\n[ RUN      ] a\n"
           "[       OK ] a\n[ RUN      ] b\n[       OK ] b\n"
           "[==========] 2 test(s) run.\n[  PASSED  ] 2 test(s).\n")
MIXED = ("[==========] Running 3 test(s).\n[ RUN      ] a\n"
         "[  FAILED  ] a\n[ RUN      ] b\n[  SKIPPED ] b\n[ RUN      ] c\n"
         "[       OK ] c\n[==========] 3 test(s) run.\n"
         "[  PASSED  ] 1 test(s).\n"
         "[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] b\n\n"
         " 1 SKIPPED TEST(S)\n"
         "[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] a\n\n"
         " 1 FAILED TEST(S)\n")
CRASHED = ("[==========] Running 3 test(s).\n[ RUN      ] a\n"
           "[       OK ] a\n[ RUN      ] b\n")
SETUP_FAILED = ("[==========] Running 2 test(s).\n"
                "[  ERROR   ] cmocka_group_setup\n"
                "[  FAILED  ] GROUP SETUP\n[==========] 0 test(s) run.\n"
                "[  PASSED  ] 0 test(s).\n")

NEWER = ("[==========] tests: Running 2 test(s).\n[ RUN      ] a\n"
         "[       OK ] a\n[ RUN      ] b\n[       OK ] b\n"
         "[==========] tests: 2 test(s) run.\n[  PASSED  ] 2 test(s).\n")

# output, exit status -> passed, failed, skipped
COUNTS = (
    (PASSING, 0, (2, 0, 0)),
    (PASSING, 1, (2, 1, 0)),  # a leak found at exit
    (PASSING, -11, (2, 1, 0)),
    (PASSING + PASSING, 0, (4, 0, 0)),
    (NEWER, 0, (2, 0, 0)),  # cmocka 1.1.7
    (MIXED, 1, (1, 1, 1)),
    (CRASHED, -11, (1, 2, 0)),
    (CRASHED, 0, (1, 2, 0)),
    (PASSING + CRASHED, -6, (3, 2, 0)),
    (SETUP_FAILED, 1, (0, 2, 0)),
    ("[==========] Running 0 test(s).\n[  PASSED  ] 0 test(s).\n", 0,
     (0, 1, 0)),
    ("x\n7 passed, 0 failed, 2 skipped\n", 0, (7, 0, 2)),
    ("7 passed, 0 failed, 2 skipped\n", 1, (7, 1, 2)),
    ("7 passed, 1 failed, 2 skipped\n", 0, (7, 1, 2)),
    ("0 passed, 0 failed, 0 skipped\n", 0, (0, 1, 0)),
    ("7 passed, 0 failed, 2 skipped\nand then it went on\n", 0, (1, 0, 0)),
    ("no such device\n", 77, (0, 0, 1)),
    ("", 0, (1, 0, 0)),
    ("", 1, (0, 1, 0)),
    ("", -9, (0, 1, 0)),
)

# path, content, the check that must object (None: nobody)
FILES = (
    ("vault/store/pack.c", '#include "seal.h"\n', None),
    ("vault/store/pack.c", '#include "ledger.h"\n', "check_includes"),
    ("vault/store/pack.c", '#include "../crypto/seal.h"\n', "check_includes"),
    ("vault/consent/clock.c", '#include "seal.h"\n', "check_includes"),
    ("formats/read/cda.c", '#include "carnet_types.h"\n', None),
    ("formats/read/cda.c", '#include "carnet.h"\n', "check_includes"),
    ("formats/read/cda.c", '#include "seal.h"\n', "check_includes"),
    ("formats/read/cda.c", '/* #include "seal.h" */\n', None),
    ("cli/verbs.c", '#include "seal.h"\n#include "ledger.h"\n', None),
    ("vault/consent/seal.h", "", None),
    ("vault/consent/clock.h", '#  include "seal.h"\n', "check_includes"),
    ("vault/extra/x.c", "", None),
    ("vault/store/util.c", "", "check_rooms"),
    ("cli/helpers.h", "", "check_rooms"),
    ("vault/ledger/q.c", 'x("SELECT id FROM documents");\n', "check_sql"),
    ("vault/ledger/q.c", 'x("DELETE "\n  "FROM t");\n', "check_sql"),
    ("vault/ledger/q.c", '/* "DELETE FROM t" */\n', None),
    ("vault/ledger/q.c", "#include <sqlcipher/sqlite3.h>\n", "check_sql"),
    ("cli/q.c", 'say("select one from the list");\n', None),
    ("vault/index/q.c", 'x("SELECT id FROM documents");\n', None),
    ("vault/store/s.c", "crypto_generichash(a, b);\n", "check_ciphers"),
    ("vault/store/s.c", "x = crypto_generichash_BYTES;\n", None),
    ("vault/crypto/s.c", "crypto_generichash(a, b);\n", None),
    ("formats/write/s.c", "#include <sodium.h>\n", "check_ciphers"),
)
STATIC = (check_arrows.check_includes, check_arrows.check_rooms,
          check_arrows.check_sql, check_arrows.check_ciphers)
OBJECTS = (
    ("cli/carnet.p/main.c.o", "socket", True),
    ("vault/store/libstore.a.p/pack.c.o", "getaddrinfo", True),
    ("cli/carnet.p/main.c.o", "socketpair", True),
    ("cli/carnet.p/launcher_start.c.o", "socketpair", False),
    ("cli/carnet.p/launcher_start.c.o", "connect", True),
    ("cli/carnet.p/main.c.o", "read", False),
)

# C, the texts in it that no translator sees
TEXTS = (
    ('print_line("%-11s %s", a, _("Title"));', []),
    ('print_line("Title: %s", a);', ['"Title: %s"']),
    ('/* print_line("Title: %s", a); */', []),
    ('session_say(s, on ? "it goes on" : _("off"));', ['"it goes on"']),
    ('carnet_fail(err, CARNET_INVALID,\n    "no such " "thing");',
     ['"no such ""thing"']),
    ('carnet_fail(err, CARNET_INVALID, "%s", CARNET_("no such thing"));', []),
    ('carnet_fail_errno(err, f(a, \')\'), "index");', []),
    ('carnet_hint(err, "carnet person edit");', []),
    ('{ "tag", OPTION_TEXT, "TAG", "with this tag" },', ['"with this tag"']),
    ('{ "tag", OPTION_TEXT, "TAG", N_("with this tag") },', []),
    ('{ "quiet", OPTION_FLAG, NULL, "less" },', ['"less"']),
    ('const struct verb verb_x = { "x", N_("ID"), "does x", NEED_READ,',
     ['"does x"']),
    ('static const struct print_column c[] = { { "id", "ID", 0, 0 } };',
     ['"ID"']),
)

PO_HEAD = '# x\nmsgid ""\nmsgstr ""\n'
WANTED = {("%d files", ""): True, ("yes", ""): False}
YES = '\n\nmsgid "yes"\nmsgstr "oui"\n'
# a French catalogue, and what is said about it
CATALOGUES = (
    ('#, c-format\nmsgid "%d files"\nmsgstr "%d fichiers"' + YES, None),
    ('msgid "%d files"\nmsgstr ""' + YES, "no French for"),
    (YES[2:], "no French for"),
    ('#, c-format\nmsgid "%d files"\nmsgstr "%s fichiers"' + YES,
     "formats differ"),
    ('#, fuzzy, c-format\nmsgid "%d files"\nmsgstr "%d fichiers"' + YES,
     "marked as fuzzy"),
    ('#, c-format\nmsgid "%d files"\nmsgstr "%d fichiers !"' + YES,
     "a no-break space"),
    ('#, c-format\nmsgid "%d files"\nmsgstr "%d l\'un"' + YES, "apostrophe"),
    ('#, c-format\nmsgid "%d files"\nmsgstr "%d fichiers"\n\n'
     'msgid "no"\nmsgstr "non"' + YES, "no source says this"),
    ('#, c-format\nmsgid "%d files"\nmsgstr "%d fichiers"' + YES +
     '\n#~ msgid "no"\n#~ msgstr "non"\n', "obsolete"),
    (YES[2:] + '\n#, c-format\nmsgid "%d files"\nmsgstr "%d fichiers"\n',
     "not sorted"),
)


class Texts(unittest.TestCase):
    def test_unmarked(self):
        for source, expected in TEXTS:
            with self.subTest(source=source):
                found = check_texts.unmarked(
                    check_texts.without_comments(source))
                self.assertEqual([text for _at, text in found], expected)

    def test_catalogues(self):
        for body, fault in CATALOGUES:
            with self.subTest(body=body):
                text = PO_HEAD + "\n" + body
                said = "\n".join(merge.check(text, merge.read_po(text),
                                             WANTED))
                self.assertIn(fault or "", said)
                self.assertEqual(bool(said), fault is not None, said)


class Counting(unittest.TestCase):
    def test_counts(self):
        for output, status, expected in COUNTS:
            with self.subTest(output=output[-60:], status=status):
                got = run_tests.count_output(output, status)
                self.assertEqual((got.passed, got.failed, got.skipped),
                                 expected)

    def run_one(self, script, seconds=20, env=None):
        with tempfile.TemporaryDirectory() as folder:
            test = run_tests.Test("t", ["/bin/sh", "-c", script], folder,
                                  env or {}, seconds)
            test.run(os.path.join(folder, "room"))
            self.assertFalse(os.path.exists(os.path.join(folder, "room")))
        return test

    def test_hanging_is_failing(self):
        test = self.run_one("sleep 60 & wait", seconds=0.3)
        self.assertEqual(test.count.failed, 1)
        self.assertIn("stopped after", test.output)
        self.assertLess(test.took, 20)

    def test_home_is_scratch(self):
        test = self.run_one('test -w "$HOME" && test -w "$TMPDIR" && '
                            'case $HOME in */room/home) ;; *) exit 1 ;; esac; '
                            'mkdir "$TMPDIR/x" && chmod 0 "$TMPDIR/x"')
        self.assertEqual(test.count.passed, 1, test.output)

    def test_swallowed_report_is_failing(self):
        test = self.run_one(
            'for o in $(echo "$ASAN_OPTIONS" | tr : " "); do case $o in '
            'log_path=*) echo bad >"${o#log_path=}.7" ;; esac; done',
            env={"ASAN_OPTIONS": "exitcode=99"})
        self.assertEqual(test.count.failed, 1)
        self.assertIn("bad", test.output)


class Arrows(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = self.folder.name
        self.addCleanup(self.folder.cleanup)

    def write(self, path, content):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)

    def test_sources(self):
        for path, content, objector in FILES:
            with self.subTest(path=path, content=content):
                self.setUp()
                for header in ("vault/include/carnet_types.h",
                               "vault/include/carnet.h",
                               "vault/crypto/seal.h",
                               "vault/ledger/ledger.h"):
                    self.write(header, "")
                self.write(path, content)
                found = [check.__name__ for check in STATIC
                         if list(check(self.root, None))]
                self.assertEqual(found, [objector] if objector else [])

    def test_objects(self):
        for path, symbol, objects in OBJECTS:
            with self.subTest(path=path, symbol=symbol):
                self.setUp()
                path = os.path.join(self.root, path)
                os.makedirs(os.path.dirname(path))
                subprocess.run(
                    ["gcc", "-c", "-x", "c", "-o", path, "-"], check=True,
                    text=True, input=f"int {symbol}(void);\n"
                    f"int f(void);\nint f(void) {{ return {symbol}(); }}\n",
                    stderr=subprocess.DEVNULL)
                found = list(check_arrows.check_sockets(None, self.root))
                self.assertEqual(bool(found), objects, found)

    def test_no_object_is_no_pass(self):
        self.assertTrue(list(check_arrows.check_sockets(None, self.root)))


def main():
    """Arguments are those of the other checks, and aren't needed."""
    result = unittest.TextTestRunner(verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(
            sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    failed = min(failed, result.testsRun)
    print(f"{result.testsRun - failed - len(result.skipped)} passed, "
          f"{failed} failed, {len(result.skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
