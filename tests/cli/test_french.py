#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""carnet speaks the reader's language, also where the system has no French
locale; what programs read (JSON, codes, names of verbs) never changes.  The
catalogue's completeness is checked by po/merge.py."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata

import program

# French has a no-break space where NBSP stands
NBSP = '\u00a0'
FRENCH, ENGLISH = f'Utilisation{NBSP}:', 'Usage:'

# environment (None: not set), --lang -> French?
LANGUAGES = (
    ({'LANG': 'C'}, None, False),
    ({'LANG': None}, None, False),
    ({'LANG': 'C'}, 'fr', True),
    ({'LC_ALL': 'C', 'LANG': 'fr_FR.UTF-8'}, None, False),
    ({'LC_ALL': 'POSIX'}, 'fr', True),
    ({'LANG': 'fr_FR.UTF-8'}, None, True),
    ({'LANG': 'fr'}, None, True),
    ({'LANG': 'fr_CA@x'}, None, True),
    ({'LANG': 'frr_DE'}, None, False),  # North Frisian
    ({'LC_MESSAGES': 'fr_FR.UTF-8', 'LANG': 'de_DE.UTF-8'}, None, True),
    ({'LC_ALL': '', 'LANG': 'fr_FR.UTF-8'}, None, True),
    ({'LANG': 'C.UTF-8', 'LANGUAGE': 'fr'}, None, True),
    ({'LANG': 'C', 'LANGUAGE': 'fr'}, None, False),
    ({'LANG': 'fr_FR.UTF-8', 'LANGUAGE': 'de:en:fr'}, None, False),
    ({'LANG': 'de_DE.UTF-8', 'LANGUAGE': 'de:fr'}, None, True),
    ({'LANG': 'fr_FR.UTF-8'}, 'en', False),
)


def languages_are_chosen(p):
    for env, lang, french in LANGUAGES:
        args = ['help'] if lang is None else ['--lang', lang, 'help']
        text = p.ok(*args, env=env).text
        assert (FRENCH in text) == french, (env, lang)
        assert (ENGLISH in text) != french, (env, lang)


def help_needs_no_home(p):
    env = {'HOME': None, 'CARNET_VAULT': None}
    assert FRENCH in p.ok('--lang', 'fr', 'help', env=env).text
    p.ok('--version', env=env)
    got = p.run('--lang', 'fr', 'list', env=env)
    assert got.code == 2 and '--vault' in got.said, got.said
    assert p.run(env=env).code == 2


def every_verb_has_help(p):
    verbs = [line.split()[0] for line in p.ok('help').text.splitlines()
             if line[:2] == '  ' and line[2] not in ' -']
    assert 'status' in verbs and len(verbs) > 15
    for verb in verbs:
        text = p.ok('--lang', 'fr', 'help', verb).text
        assert text.startswith('carnet ' + verb), text
        # no head of an empty text, which gettext would give
        assert 'Project-Id' not in text
        assert text.splitlines()[2] != \
            p.ok('help', verb).text.splitlines()[2], verb


def words_dates_and_numbers(p):
    p.init()
    one = p.write('one.txt', 'ferritine 12\n' * 200)
    p.env['LANG'] = 'fr_FR.UTF-8'
    said = p.ok('add', one, '--type', 'lab', '--date', '2026-03-01').said
    assert re.search(rf'1 enregistré, 0 en échec{NBSP}; \d+{NBSP}o de plus',
                     said), said
    text = p.ok('list').text
    assert 'TITRE' in text and '01/03/2026' in text, text
    assert 'analyse' in text and f'2,6{NBSP}ko' in text, text
    ident = p.json('list')['documents'][0]
    assert ident['type'] == 'lab' and ident['date'] == '2026-03-01'
    shown = p.ok('show', ident['id']).text
    assert '1er mars 2026' in shown and 'Claire Martin' in shown, shown
    said = p.ok('export', '--all', '-o', p.path('out')).said
    assert said.startswith('1 document dans '), said
    for number in '23':
        p.ok('add', p.write(number, number))
    said = p.ok('export', '--all', '-o', p.path('out3')).said
    assert said.startswith('3 documents dans '), said
    assert 'phrase de passe' in p.ok('key').text
    log = p.ok('log').text
    assert 'document ajouté' in log and 'document.added' not in log, log
    kinds = {event['kind'] for event in p.json('log')['events']}
    assert 'document.added' in kinds
    assert 'Dernière sauvegarde' in p.ok('status').text


def errors_are_french(p):
    p.env['LANG'] = 'fr_FR.UTF-8'
    got = p.run('list')
    assert got.code == 10 and f'conseil{NBSP}:' in got.said, got.said
    p.init()
    got = p.run('lst')
    assert got.code == 2 and 'vouliez-vous dire' in got.said
    missing = p.run('add', p.path('none'))
    assert missing.code == 1
    assert 'Aucun fichier ni dossier' in missing.said, missing.said
    error = p.run('--json', 'show', 'dzzzzz').error()
    assert error['code'] == 'not-found', error
    assert error['message'].endswith('rien n’a cet identifiant'), error
    wrong = p.write('wrong', 'not it\n', 0o600)
    got = p.run('list', '--passphrase-file', wrong)
    assert got.code == 12 and 'phrase de passe incorrecte' in got.said


def what_is_stored_is_not_translated(p):
    """A reason that a French run wrote down is English to an English one."""
    p.init()
    odd = p.write('x.bin', bytes(range(256)) * 4)
    french = p.run('--lang', 'fr', '--json', 'add', odd).json()
    ident = french['added'][0]['id']
    assert 'rien ne sait encore' in french['added'][0]['unread']['message']
    assert p.json('show', ident)['unread']['message'].startswith('nothing can read')
    assert 'rien ne sait encore' in p.json(
        '--lang', 'fr', 'show', ident)['unread']['message']


def columns(line):
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in 'WF' else 1
               for c in line)


def nothing_overflows_a_terminal(p):
    """Help at 80 columns: no line is longer, no word is cut."""
    verbs = [verb['name'] for verb in p.json('help')['verbs']]
    for args in [['help']] + [['help', verb] for verb in verbs]:
        whole = p.ok('--lang', 'fr', *args).text
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 24, 80, 0, 0))
        shown = b''
        with subprocess.Popen([p.program, '--lang', 'fr', *args],
                              stdout=theirs, env=p.env) as run:
            os.close(theirs)
            while True:
                try:
                    part = os.read(ours, 65536)
                except OSError:  # all of them have closed it
                    break
                if not part:
                    break
                shown += part
            assert run.wait() == 0
        os.close(ours)
        shown = shown.decode().replace('\r\n', '\n')
        for line in shown.splitlines():
            assert columns(line) <= 80, line
        assert shown.split() == whole.split(), args


program.main([
    languages_are_chosen, help_needs_no_home, every_verb_has_help,
    nothing_overflows_a_terminal, words_dates_and_numbers, errors_are_french,
    what_is_stored_is_not_translated,
])
