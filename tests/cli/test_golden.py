#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Vaults and backups that earlier releases made, kept in tests/vectors: every
later program opens each of them, and answers as it did then.
Usage: test_golden.py CARNET [CASE...]"""
import glob
import hashlib
import json
import os
import shutil

from program import Program, files_below, main

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                       'vectors')
# the first ones; a release that makes another adds it, and takes none away
KNOWN = {'vault-0.1-record'}


def golden():
    found = sorted(glob.glob(os.path.join(VECTORS, '*', 'answers.json')))
    assert {os.path.basename(os.path.dirname(x)) for x in found} >= KNOWN
    for path in found:
        with open(path, encoding='utf-8') as f:
            yield os.path.dirname(path), json.load(f)


def place(p, top, kept, name):
    """A copy, whose passphrase is that of the vault kept there."""
    one = Program(p.program)
    one.write('pw', kept['passphrase'] + '\n', 0o600)
    shutil.copytree(os.path.join(top, name), one.path(name))
    return one


def agrees(has, got, where):
    """Everything that is kept is in the answer; it may hold more."""
    if isinstance(has, dict):
        assert isinstance(got, dict), where
        for key, value in has.items():
            agrees(value, got[key], where + (key,))
    elif isinstance(has, list):
        assert len(has) == len(got), (where, has, got)
        for at, (left, right) in enumerate(zip(has, got)):
            agrees(left, right, where + (at,))
    else:
        assert has == got, (where, has, got)


def answers(one, kept):
    kinds = [x['kind'] for x in reversed(one.json('log')['events'])]
    # a backup doesn't hold the event that says it was made
    assert kinds in (kept['kinds'], kept['kinds'][:-1]), kinds
    for row in kept['answers']:
        got = one.json(*row['args'], code=row['code'])
        agrees(row['has'], got, tuple(row['args']))
        if row['args'][0] == 'show' and 'sha256' in row['has']:
            body = one.ok('cat', row['args'][1]).out
            assert hashlib.sha256(body).hexdigest() == row['has']['sha256']
            assert len(body) == row['has']['size']
    got = one.run('--json', 'cat', kept['purged'])
    assert got.code == 1 and got.error()['code'] == 'not-found', got.said


def the_files_are_as_they_were_released(p):
    """Not a byte of them is ever made anew; nor is one forgotten."""
    for top, _ in golden():
        with open(os.path.join(top, 'SHA256SUMS'), encoding='ascii') as f:
            sums = dict(reversed(line.split()) for line in f)
        there = {os.path.relpath(path, top)
                 for name in ('vault', 'backup')
                 for path in files_below(os.path.join(top, name))}
        assert set(sums) == there | {'answers.json'}, top
        for name, digest in sums.items():
            with open(os.path.join(top, name), 'rb') as f:
                assert hashlib.sha256(f.read()).hexdigest() == digest, name


def every_vault_opens_and_answers(p):
    for top, kept in golden():
        one = place(p, top, kept, 'vault')
        try:
            before = {x: open(x, 'rb').read() for x in files_below(one.vault)}
            answers(one, kept)
            assert one.json('check', '--read-data')['ok'] is True
            assert one.json('log', '--verify')['ok'] is True
            for path, body in before.items():  # reading changes nothing
                assert open(path, 'rb').read() == body, path
            # and it goes on from there
            made = one.json('add', one.write('n.txt', b'of today'))['added'][0]
            assert one.json('check', '--read-data')['ok'] is True
            assert one.ok('cat', made['id']).out == b'of today'
        finally:
            one.clear()


def every_backup_is_whole_and_restores(p):
    for top, kept in golden():
        one = place(p, top, kept, 'backup')
        try:
            backup = one.path('backup')
            listed = one.json('backup', 'list', backup)
            assert len(listed['snapshots']) >= 2 and not listed['forks']
            assert one.json('backup', 'check', backup, '--read-data')['ok']
            one.ok('restore', backup, '--to', one.vault)
            answers(one, kept)
            assert one.json('check', '--read-data')['ok'] is True
            one.ok('backup', backup)
            assert one.json('backup', 'check', backup, '--read-data')['ok']
            # the older state opens, too
            one.ok('restore', backup, listed['snapshots'][0]['id'], '--to',
                   one.path('older'))
            assert one.json('--vault', one.path('older'), 'check',
                            '--read-data')['ok'] is True
        finally:
            one.clear()


def every_way_in_still_opens(p):
    for top, kept in golden():
        for secret in (kept['words'], '\n'.join(kept['shares'][1:])):
            one = place(p, top, kept, 'vault')
            try:
                words = one.write('words', secret + '\n', 0o600)
                new = one.write('new', 'une autre phrase de passe\n', 0o600)
                one.ok('key', 'recover', '--words-file', words,
                       '--new-passphrase-file', new)
                assert one.ok('--passphrase-file', new, 'list')
            finally:
                one.clear()


if __name__ == '__main__':
    main([the_files_are_as_they_were_released, every_vault_opens_and_answers,
          every_backup_is_whole_and_restores, every_way_in_still_opens])
