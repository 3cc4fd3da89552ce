#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Adding again, reading later, many queries at once, a key kept for a while:
what makes the second time quick must not make it wrong."""
import json
import os
import resource
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Skipped, main  # noqa: E402


def same_bytes_in_one_batch_are_one_document(p):
    p.init()
    os.makedirs(p.path('in'))
    for name in 'abc':
        p.write(p.path('in', name), b'the same bytes')
    got = p.json('add', '--no-read', p.path('in'))
    assert len({x['id'] for x in got['added']}) == 1
    assert [x['duplicate_of'] is None for x in got['added']] == [
        True, False, False]
    assert len(p.json('list')['documents']) == 1


def settled(path):
    """As if written long ago: the kernel's own time can't be set, so wait."""
    time.sleep(2.2)
    return path


def an_unchanged_file_is_not_read_again(p):
    p.init()
    path = settled(p.write('a.bin', b'one' * 1000))
    first = p.json('add', '--no-read', path)['added'][0]
    again = p.json('add', '--no-read', path)
    assert again['added'][0]['duplicate_of'] == first['id']
    assert again['new_bytes'] == 0
    # same length, same time of change: only ctime tells
    info = os.stat(path)
    with open(path, 'wb') as file:
        file.write(b'two' * 1000)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    other = p.json('add', '--no-read', path)['added'][0]
    assert other['duplicate_of'] is None
    assert p.ok('cat', other['id']).out == b'two' * 1000


def few_descriptors_are_enough(p):
    """Files that wait for their turn leave the store what it needs."""
    p.init()
    os.mkdir(p.path('many'))
    for number in range(150):
        p.write('many/%03d' % number, b'%d' % number * 999)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, before[1]))
    try:
        got = p.json('add', '--no-read', p.path('many'))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert len(got['added']) == 150 and got['failed'] == []
    for row in (got['added'][0], got['added'][149]):
        number = int(os.path.basename(row['path']))
        assert p.ok('cat', row['id']).out == b'%d' % number * 999


def what_is_in_the_trash_is_stored_anew(p):
    p.init()
    path = settled(p.write('a.bin', b'bytes' * 100))
    first = p.json('add', '--no-read', path)['added'][0]['id']
    p.ok('remove', first)
    got = p.json('add', '--no-read', path)['added'][0]
    assert got['duplicate_of'] is None and got['id'] != first


def no_read_leaves_nothing_pending_and_reindex_reads(p):
    p.init()
    path = p.write('a.txt', b'Ferritine et cholesterol')
    doc = p.json('add', '--no-read', path)['added'][0]
    assert doc['unread'] is None
    p.json('add', p.write('b.txt', b'autre chose'))  # resumes what is pending
    assert p.json('search', 'cholesterol')['documents'] == []
    got = p.json('reindex')
    assert got['read'] == 2 and got['unread'] == []
    found = p.json('search', 'cholesterol')['documents']
    assert [x['id'] for x in found] == [doc['id']]
    assert p.json('check')['ok'] is True
    assert p.run('reindex', 'dzzzzz').code == 1


def a_batch_answers_line_by_line(p):
    p.init()
    for i in range(5):
        p.write('d%d.txt' % i, ('bilan numero%d ferritine' % i).encode())
    p.json('add', *[p.path('d%d.txt' % i) for i in range(5)])
    asked = ['ferritine', 'numero3', 'rien', '"bilan numero2"', 'nume*',
             'ferritine type:lab', 'from:2026-13', '']
    got = p.run('search', '--batch', stdin='\n'.join(asked).encode() + b'\n')
    assert got.code == 3, got.said  # one date doesn't exist
    rows = [json.loads(line) for line in got.text.splitlines()]
    assert [x['query'] for x in rows] == asked
    assert [len(x['documents']) if 'documents' in x else x['error']['code']
            for x in rows] == [5, 1, 0, 1, 5, 0, 'invalid', 5]
    one = p.json('search', 'numero3')['documents']
    assert rows[1]['documents'] == one
    assert p.run('search', '--batch', 'word').code == 2


def unlocked(p, *more):
    got = p.run('--json', 'unlock', *more)
    if got.code != 0 and got.error()['code'] == 'unsupported':
        raise Skipped('this kernel keeps no keys')
    assert got.code == 0, got.said
    return got.json()


def a_kept_key_opens_until_lock(p):
    p.init()
    none = {'CARNET_PASSPHRASE_FILE': None}
    assert p.run('list', env=none).code != 0
    try:
        assert set(unlocked(p, '--for', '2m')) == {'vault', 'until'}
        assert p.run('list', env=none).code == 0
        # a secret that is named counts, kept key or not
        wrong = p.write('wrong', b'no\n', 0o600)
        assert p.run('list', env={'CARNET_PASSPHRASE_FILE': wrong}).code == 12
        # who changes keys proves who they are
        new = p.write('new', b'another passphrase\n', 0o600)
        assert p.run('key', 'change', '--new-passphrase-file', new,
                     env=none).code != 0
        assert p.json('lock')['was_unlocked'] is True
        assert p.run('list', env=none).code != 0
        assert p.json('lock')['was_unlocked'] is False
    finally:
        p.run('lock')


def a_kept_key_ends_with_its_time_and_with_a_change(p):
    p.init()
    none = {'CARNET_PASSPHRASE_FILE': None}
    try:
        unlocked(p, '--for', '1s')
        time.sleep(2)
        assert p.run('list', env=none).code != 0
        unlocked(p)
        new = p.write('new', b'another passphrase\n', 0o600)
        p.ok('key', 'change', '--new-passphrase-file', new)
        assert p.run('list', env=none).code != 0
    finally:
        p.run('lock')
    for bad in ('0s', '15', 'm', '-1m', '9999d', '1.5h', '15mm'):
        assert p.run('unlock', '--for', bad).code == 2, bad


def a_kept_key_opens_the_vaults_own_backup_alone(p):
    p.init()
    p.json('add', p.write('a.txt', b'text'))
    mine, theirs = p.path('mine'), p.path('theirs')
    none = {'CARNET_PASSPHRASE_FILE': None}
    p.json('backup', mine)
    other = p.path('other')
    p.ok('--vault', other, 'init', '--kdf', 'interactive', '--no-recovery')
    p.ok('--vault', other, 'backup', theirs)
    try:
        unlocked(p)
        (snapshot,) = p.json('backup', 'list', mine, env=none)['snapshots']
        assert p.json('backup', 'check', mine, '--read-data', env=none)['ok']
        got = p.json('restore', mine, '--to', p.path('again'), env=none)
        assert got['snapshot'] == snapshot['id']
        p.ok('--vault', p.path('again'), 'list')
        p.json('backup', 'forget', mine, '--keep-last', '1', env=none)
        # a secret that is named counts, kept key or not
        wrong = p.write('wrong', b'no\n', 0o600)
        assert p.run('backup', 'list', mine,
                     env={'CARNET_PASSPHRASE_FILE': wrong}).code == 12
        # another vault's backup asks, also when it says that it is this one's
        for forged in (False, True):
            if forged:
                shutil.copy(os.path.join(mine, 'carnet.backup'), theirs)
            assert p.run('backup', 'list', theirs, env=none).code == 1
            got = p.run('backup', 'list', theirs)
            assert got.code == 0, got.said
        p.ok('lock')
        assert p.run('backup', 'list', mine, env=none).code == 1
    finally:
        p.run('lock')


def damage_found_late_rebuilds_the_index(p):
    p.init()
    doc = p.json('add', p.write('a.txt', b'text'))['added'][0]['id']
    path = os.path.join(p.vault, 'index.db')
    whole = open(path, 'rb').read()
    for at in range(4096, len(whole), 4096):  # any page but the first
        with open(path, 'wb') as file:
            file.write(whole[:at + 100] + bytes([whole[at + 100] ^ 1]) +
                       whole[at + 101:])
        assert p.run('cat', doc).code in (0, 26)


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',) and
          v.__name__ not in ('unlocked',)])
