#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The manual in both languages and the completion say what the program does:
every verb, option, exit status and variable, and none that isn't there.
Needs mandoc for one case and bash for another; skips them otherwise."""
import os
import re
import shutil
import subprocess
import sys

import program

*MANUALS, COMPLETION, SOURCE = map(os.path.abspath, sys.argv[2:6])
del sys.argv[2:6]
# of the C library and the terminal, not ours to explain
NOT_OURS = {'LANGUAGE', 'TERM', 'XDG_CONFIG_HOME'}


def plain(path):
    """A manual's text, without roff's marks."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    text = re.sub(r'\\f[BIR]|\\&', '', text)
    text = re.sub(r'\\\[u([0-9A-F]+)\]',
                  lambda m: chr(int(m.group(1), 16)), text)
    return text.replace('\\-', '-').replace('\\e', '\\')


def said(p):
    return p.json('help')


def verbs_stand_in_the_manual(p):
    names = [verb['name'] for verb in said(p)['verbs']]
    assert len(names) > 15
    for path in MANUALS:
        heads = re.findall(r'^carnet ([a-z]+)\b', plain(path), re.M)
        heads = [name for name in heads if name in names]
        assert sorted(set(heads)) == sorted(names), (path, heads)


def no_other_verb_does(p):
    names = {verb['name'] for verb in said(p)['verbs']}
    for path in MANUALS:
        with open(path, encoding='utf-8') as file:
            bold = re.findall(r'\\fBcarnet ([a-z]+)\\fR', file.read())
        assert bold and set(bold) <= names, (path, set(bold) - names)


def options_stand_in_the_manual(p):
    table = said(p)
    names = {'--' + option['name'] for option in table['options']}
    for verb in table['verbs']:
        names |= {'--' + option['name'] for option in verb['options']}
    for path in MANUALS:
        found = set(re.findall(r'(?<![\w-])--[a-z][a-z-]*', plain(path)))
        assert found == names, (path, found ^ names)


def what_no_option_says_stands_in_the_manual(p):
    for lang, path in zip(('en', 'fr'), MANUALS):
        text = ' '.join(plain(path).split())
        notes = [verb['note'] for verb in
                 p.json('--lang', lang, 'help')['verbs'] if verb['note']]
        assert len(notes) >= 2
        for note in notes:
            for word in re.findall(r'\+[a-z]+:\S+|(?:notice|avis)-[a-z]+|'
                                   r'\{\{\w+\}\}', note):
                assert word in text, (path, word)


def exit_codes_stand_in_the_manual(_p):
    with open(os.path.join(SOURCE, 'cli', 'session.h'),
              encoding='utf-8') as file:
        codes = re.findall(r'^\tEXIT_\w+ = (\d+)', file.read(), re.M)
    assert len(codes) == 13
    for path in MANUALS:
        text = plain(path)
        text = text[re.search(r'^\.SH (EXIT STATUS|CODE DE SORTIE)', text,
                              re.M).end():]
        text = text[:text.index('\n.SH')]
        assert re.findall(r'^(\d+)$', text, re.M) == codes, path


def variables_stand_in_the_manual(_p):
    names = set()
    for room in ('cli', 'vault', 'formats'):
        for path in program.files_below(os.path.join(SOURCE, room)):
            if path.endswith('.c'):
                with open(path, encoding='utf-8') as file:
                    names |= set(re.findall(r'getenv\("(\w+)"\)',
                                            file.read()))
    assert 'CARNET_VAULT' in names
    for path in MANUALS:
        text = plain(path)
        for name in names - NOT_OURS:
            assert name in text, (path, name)
        for name in re.findall(r'CARNET_[A-Z_]+', text):
            assert name in names, (path, name)


def mandoc_finds_nothing(_p):
    if shutil.which('mandoc') is None:
        raise program.Skipped('mandoc is not installed')
    for path in MANUALS:
        done = subprocess.run(['mandoc', '-Tlint', path], check=False,
                              stdout=subprocess.PIPE)
        assert done.returncode == 0 and done.stdout == b'', done.stdout


COMPLETIONS = (
    ('carnet re', {'remove', 'restore', 'repair'}),
    ('carnet key ', {'list', 'add', 'change', 'remove', 'recover'}),
    ('carnet --lang ', {'fr', 'en'}),
    ('carnet --vault /x add --ti', {'--title'}),
    ('carnet --person ', set()),
    ('carnet init --kdf m', {'moderate'}),
    ('carnet key --words-', {'--words-lang', '--words-file'}),
)


def bash_completes(p):
    if shutil.which('bash') is None:
        raise program.Skipped('bash is not installed')
    p.write('file.txt', '')
    cases = COMPLETIONS + (('carnet add fi', {'file.txt'}),
                           ('carnet --words-file fi', {'file.txt'}))
    for line, expected in cases:
        words = line.split(' ')
        done = subprocess.run(
            ['bash', '-c', '. "$1"; shift; COMP_WORDS=("$@"); '
             'COMP_CWORD=$(($# - 1)); compopt() { :; }; _carnet; '
             'printf "%s\\n" "${COMPREPLY[@]}"', 'bash', COMPLETION, *words],
            cwd=p.top, check=True, stdout=subprocess.PIPE, encoding='utf-8')
        found = set(done.stdout.split())
        # more verbs may come
        right = found >= expected if line == 'carnet re' else \
            found == expected
        assert right, (line, found)


def the_threat_model_names_tests(_p):
    """Each test that docs/threat-model.md leans on is there."""
    with open(os.path.join(SOURCE, 'docs', 'threat-model.md'),
              encoding='utf-8') as file:
        text = file.read()
    named = re.findall(r'`([\w/]+\.(?:py|c))(?:: ([^`]*))?`', text)
    assert len(named) > 20
    for path, cases in named:
        with open(os.path.join(SOURCE, 'tests', path),
                  encoding='utf-8') as file:
            source = file.read()
        for case in re.findall(r'\w+', cases):
            assert re.search(rf'\b{case}\b', source), (path, case)


program.main([
    verbs_stand_in_the_manual, no_other_verb_does,
    options_stand_in_the_manual, what_no_option_says_stands_in_the_manual,
    exit_codes_stand_in_the_manual,
    variables_stand_in_the_manual, mandoc_finds_nothing, bash_completes,
    the_threat_model_names_tests,
])
