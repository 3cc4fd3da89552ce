#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Every kind of file of a vault, hurt: named by check (26), the rest still
readable, mended by repair as far as can be."""
import os
import random
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import files_below, main  # noqa: E402


def small_vault(p):
    p.init()
    ids = {}
    for i in range(3):
        body = ('Texte %d ' % i).encode() * 200
        path = p.write('a%d.txt' % i, body)
        ids[p.json('add', path)['added'][0]['id']] = body
    shutil.copytree(p.vault, p.path('whole'))
    return ids


def fresh(p):
    shutil.rmtree(p.vault)
    shutil.copytree(p.path('whole'), p.vault)


def flip(path, at):
    with open(path, 'r+b') as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 0x41]))


def documents_readable(p, ids):
    good = 0
    for doc, body in ids.items():
        got = p.run('cat', doc)
        assert got.code in (0, 26), (got.code, got.said)
        if got.code == 0:
            assert got.out == body
            good += 1
    return good


def a_flipped_byte_is_named(p):
    ids = small_vault(p)
    pick = random.Random(11)
    for path in list(files_below(p.vault)):
        name = os.path.relpath(path, p.vault)
        size = os.path.getsize(path)
        if size == 0:
            continue
        kind = name.split('/')[0]
        places = [0, size - 1] + [pick.randrange(size) for _ in range(3)]
        for at in places:
            fresh(p)
            flip(path, at)
            got = p.run('--json', 'check')
            assert got.code == 26, (name, at, got.code, got.out)
            problems = got.json()['problems']
            assert any(kind.split('.')[0] in x['id'] or
                       kind.split('.')[0] in x['kind']
                       for x in problems), (name, at, problems)
            if kind != 'packs':
                assert documents_readable(p, ids) == 3, (name, at)
            fixed = p.run('--json', 'repair')
            assert fixed.code in (0, 26), (name, at, fixed.said)
            if kind not in ('packs', 'ledger'):
                assert fixed.code == 0, (name, at, fixed.out)
                assert p.run('check').code == 0, (name, at)
                assert documents_readable(p, ids) == 3


def hurt_packs_lose_only_their_own(p):
    ids = small_vault(p)
    packs = [x for x in files_below(os.path.join(p.vault, 'packs'))]
    flip(packs[0], os.path.getsize(packs[0]) - 1)  # the checksum alone
    assert p.run('check').code == 26
    fixed = p.json('repair')
    assert fixed['problems'] == []
    assert documents_readable(p, ids) == 3
    assert p.json('check', '--read-data')['ok'] is True
    assert len(os.listdir(os.path.join(p.vault, 'damaged'))) == 1


def a_missing_pack_is_named(p):
    ids = small_vault(p)
    packs = [x for x in files_below(os.path.join(p.vault, 'packs'))]
    os.unlink(packs[0])
    got = p.run('--json', 'check')
    assert got.code == 26
    assert documents_readable(p, ids) < 3 or any(
        x['kind'] == 'answer' for x in got.json()['problems'])
    assert p.run('list').code == 0


def truncated_files_are_named(p):
    small_vault(p)
    for path in list(files_below(p.vault)):
        size = os.path.getsize(path)
        if size == 0:
            continue
        for left in (0, 1, size // 2, size - 1):
            fresh(p)
            os.truncate(path, left)
            assert p.run('check').code == 26, (path, left)


def no_index_is_built_again_identical(p):
    small_vault(p)
    before = p.json('log')['events'], p.json('list')['documents']
    os.unlink(os.path.join(p.vault, 'index.db'))
    assert (p.json('log')['events'], p.json('list')['documents']) == before
    assert p.json('check')['ok'] is True
    with open(os.path.join(p.vault, 'index.db'), 'wb') as f:
        f.write(b'not a database' * 1000)
    assert (p.json('log')['events'], p.json('list')['documents']) == before


def older_ledger_put_back_is_26(p):
    small_vault(p)
    p.json('add', p.write('later.txt', b'later'))
    shutil.rmtree(os.path.join(p.vault, 'ledger'))
    shutil.copytree(p.path('whole', 'ledger'),
                    os.path.join(p.vault, 'ledger'))
    assert p.run('check').code == 26
    assert p.run('list').code == 26
    assert p.run('add', p.write('more.txt', b'more')).code == 26
    assert p.run('repair').code in (0, 26)
    p.json('add', p.path('more.txt'))


def one_header_copy_is_enough(p):
    ids = small_vault(p)
    for name in ('carnet.head', 'carnet.head.1'):
        for hurt in (lambda f: os.unlink(f), lambda f: os.truncate(f, 10),
                     lambda f: flip(f, 40)):
            fresh(p)
            hurt(os.path.join(p.vault, name))
            got = p.run('list')
            assert got.code == 0 and 'carnet repair' in got.said
            assert p.run('check').code == 26
            p.ok('repair')
            assert p.run('check').code == 0
            assert documents_readable(p, ids) == 3
    for name in ('carnet.head', 'carnet.head.1'):
        flip(os.path.join(p.vault, name), 30)
    assert p.run('list').code == 26


def files_grafted_from_another_vault_are_named(p):
    ids = small_vault(p)
    other = p.path('other')
    p.run('--vault', other, 'init', '--kdf', 'interactive')
    p.run('--vault', other, 'add', p.path('a0.txt'))
    pack = next(files_below(os.path.join(other, 'packs')))
    target = os.path.join(p.vault, os.path.relpath(pack, other))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy(pack, target)
    got = p.run('--json', 'check')
    assert got.code == 26
    assert any(os.path.basename(pack) in x['id']
               for x in got.json()['problems'])
    assert documents_readable(p, ids) == 3


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',) and
          v.__name__ not in ('small_vault', 'fresh', 'documents_readable')])
