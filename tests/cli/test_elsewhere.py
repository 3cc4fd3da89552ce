#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""How systems like this one failed elsewhere, tried here: odd paths, files put
back or changed for one another, states that nobody vouches for, documents and
dates that lose something on their way.  docs/reliability.md lists them all."""
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Skipped, files_below, main  # noqa: E402

PAGE = 4096


def picture(top):
    """Every file below a folder, and its bytes."""
    found = {}
    for path in files_below(top):
        with open(path, 'rb') as file:
            found[os.path.relpath(path, top)] = file.read()
    return found


def filled(p, count=3):
    """A vault with documents in packs of their own: id -> bytes."""
    p.init('--no-recovery')
    ids = {}
    for i in range(count):
        body = b'Bilan %d, ferritine 12 ng/mL\n' % i * 30
        path = p.write('in%d.txt' % i, body)
        ids[p.json('add', path)['added'][0]['id']] = body
    return ids


def whole(p, ids):
    for document, body in ids.items():
        assert p.ok('cat', document).out == body, document
    assert p.json('check', '--read-data')['ok'] is True


# --- paths that are no vault -------------------------------------------------


def odd_paths(p):
    """name -> path of what is no folder."""
    at = {name: p.path('odd-' + name) for name in (
        'fifo', 'file', 'dangling', 'loop', 'device')}
    os.mkfifo(at['fifo'])
    p.write(at['file'], b"somebody's")
    os.symlink(p.path('nowhere'), at['dangling'])
    os.symlink(at['loop'], at['loop'])
    os.symlink('/dev/null', at['device'])
    return at


def odd_paths_are_no_vault(p):
    at = odd_paths(p)
    at['real device'] = '/dev/null'
    new = p.write('new', b'another one\n', 0o600)
    for name, path in at.items():
        for verb in (['list'], ['check'], ['add', p.secret], ['repair'],
                     ['init', '--kdf', 'interactive'],
                     ['--new-passphrase-file', new, 'key', 'change']):
            got = p.run('--json', '--vault', path, *verb, timeout=60)
            assert got.code in ((1,) if verb[0] == 'init' else (1, 10)), (
                name, verb, got.code, got.said)
            assert got.out == b'' and got.error()['message'], (name, verb)
    assert stat.S_ISFIFO(os.lstat(at['fifo']).st_mode)
    assert not os.path.exists(p.path('nowhere'))
    with open(at['file'], 'rb') as file:
        assert file.read() == b"somebody's"


def odd_paths_are_no_backup(p):
    ids = filled(p, 1)
    p.ok('backup', p.path('backup'))
    for name, path in odd_paths(p).items():
        for verb in (['backup', path], ['backup', 'list', path],
                     ['backup', 'check', path],
                     ['restore', path, '--to', p.path('to')],
                     ['restore', p.path('backup'), '--to', path],
                     ['export', '--all', '-o', path]):
            got = p.run('--json', *verb, timeout=60)
            assert got.code in (1, 10), (name, verb, got.code, got.said)
            assert got.error()['message'], (name, verb)
    assert not os.path.exists(p.path('to'))
    assert not os.path.exists(p.path('nowhere'))
    whole(p, ids)


def parts_of_a_vault_that_are_no_files(p):
    """A FIFO, a folder or a link to a device under a name of the vault's own
    holds nobody, and is damage."""
    filled(p, 1)
    shutil.copytree(p.vault, p.path('whole'))
    names = [name for name in picture(p.vault) if 'lock' not in name]
    for name in names:
        for make in (os.mkfifo, os.mkdir,
                     lambda path: os.symlink('/dev/zero', path)):
            shutil.rmtree(p.vault)
            shutil.copytree(p.path('whole'), p.vault)
            path = os.path.join(p.vault, name)
            os.unlink(path)
            make(path)
            got = p.run('--json', 'check', timeout=60)
            sure = name.startswith(('packs/', 'ledger/', 'carnet.head'))
            assert got.code in ((26,) if sure else (1, 26)), (
                name, make, got.code, got.said)
            got = p.run('--json', 'list', timeout=60)
            assert got.code in (0, 1, 26), (name, make, got.code, got.said)


def a_vault_that_may_not_be_written(p):
    ids = filled(p, 2)
    if os.geteuid() == 0:
        raise Skipped('root may write anywhere')
    before = picture(p.vault)
    folders = [p.vault] + [os.path.join(top, name) for top, names, _ in
                           os.walk(p.vault) for name in names]
    for path in before:
        os.chmod(os.path.join(p.vault, path), 0o400)
    for folder in folders:
        os.chmod(folder, 0o500)
    try:
        for verb in (['add', p.secret], ['remove', next(iter(ids))],
                     ['remove', next(iter(ids)), '--purge'], ['compact']):
            got = p.run('--json', *verb)
            assert got.code == 1, (verb, got.code, got.said)
            assert got.error()['message'] and got.out == b''
        for document, body in ids.items():
            assert p.ok('cat', document).out == body
        assert p.run('init', '--kdf', 'interactive').code == 1
        below = os.path.join(p.vault, 'sub')
        assert p.run('--vault', below, 'init', '--kdf',
                     'interactive').code == 1
        assert picture(p.vault) == before
    finally:
        for folder in folders:
            os.chmod(folder, 0o700)
        for path in before:
            os.chmod(os.path.join(p.vault, path), 0o600)
    whole(p, ids)


def a_backup_goes_nowhere_else(p):
    """Never into the vault, around it, over another's or among other files."""
    ids = filled(p, 1)
    before = picture(p.vault)
    around = p.top
    inside = os.path.join(p.vault, 'packs', 'b')
    os.mkdir(p.path('mine'))
    p.write('mine/photo.jpg', b'mine')
    p.ok('--vault', p.path('other'), 'init', '--kdf', 'interactive',
         '--no-recovery')
    p.ok('--vault', p.path('other'), 'backup', p.path('theirs'))
    theirs = picture(p.path('theirs'))
    for place, code in ((p.vault, 'invalid'), (inside, 'invalid'),
                        (os.path.join(inside, 'deep', 'er'), 'invalid'),
                        (around, None), (p.path('mine'), 'exists'),
                        (p.path('theirs'), None)):
        got = p.run('--json', 'backup', place)
        assert got.code == 1 and got.out == b'', (place, got.code, got.said)
        assert code is None or got.error()['code'] == code, got.said
    assert picture(p.vault) == before
    assert picture(p.path('theirs')) == theirs
    assert picture(p.path('mine')) == {'photo.jpg': b'mine'}
    whole(p, ids)


def restore_replaces_nothing(p):
    ids = filled(p, 1)
    p.ok('backup', p.path('backup'))
    p.ok('tag', next(iter(ids)), '+since')
    os.mkdir(p.path('mine'))
    p.write('mine/photo.jpg', b'mine')
    before = picture(p.vault)
    for place in (p.vault, p.path('mine'), p.path('backup'),
                  os.path.join(p.path('backup'), 'new')):
        got = p.run('--json', 'restore', p.path('backup'), '--to', place)
        assert got.code == 1 and got.out == b'', (place, got.code, got.said)
    assert picture(p.vault) == before
    assert picture(p.path('mine')) == {'photo.jpg': b'mine'}
    assert p.json('backup', 'check', p.path('backup'),
                  '--read-data')['ok'] is True


def restore_deletes_its_own_leftovers_alone(p):
    """A folder in which a restore was cut off is begun anew; in one that holds
    anything else beside, nothing is deleted."""
    ids = filled(p, 1)
    p.ok('backup', p.path('backup'))
    device, pack = '0' * 32, 'ab' + '1' * 30

    def leftovers(name):
        top = p.path(name)
        for folder in ('packs/ab', 'ledger/' + device):
            os.makedirs(os.path.join(top, folder))
        for path in ('restoring', 'packs/ab/' + pack,
                     'packs/ab/%s.carnet-new' % pack,
                     'ledger/%s/1' % device, 'ledger/%s/2.1' % device,
                     'carnet.head.1.carnet-new'):
            p.write(os.path.join(top, path), b'left')
        return top

    top = leftovers('good')
    p.ok('restore', p.path('backup'), '--to', top)
    assert {d['id'] for d in p.json('--vault', top, 'list')['documents']} == \
        set(ids)
    assert p.json('--vault', top, 'check', '--read-data')['ok'] is True
    for number, path in enumerate((
            'photo.jpg', 'packs/notes.txt', 'packs/ab/photo.jpg',
            'packs/abc/x', 'ledger/%s/letter.odt' % device,
            'ledger/mine/1', 'carnet.head.txt')):
        top = leftovers('bad-%d' % number)
        os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
        p.write(os.path.join(top, path), b'mine')
        before = picture(top)
        got = p.run('--json', 'restore', p.path('backup'), '--to', top)
        assert got.code == 1 and got.out == b'', (path, got.code, got.said)
        assert picture(top) == before, path
    top = leftovers('no-marker')
    os.unlink(os.path.join(top, 'restoring'))
    before = picture(top)
    assert p.run('restore', p.path('backup'), '--to', top).code == 1
    assert picture(top) == before
    # what a link leads to is somebody's own
    kept = picture(p.vault)
    for room in ('packs', 'ledger'):
        top = leftovers('link-' + room)
        shutil.rmtree(os.path.join(top, room))
        os.symlink(os.path.join(p.vault, room), os.path.join(top, room))
        got = p.run('--json', 'restore', p.path('backup'), '--to', top)
        assert got.code == 1, (room, got.code, got.said)
        assert picture(p.vault) == kept, room
    for room, inside in (('packs', sorted(os.listdir(os.path.join(
            p.vault, 'packs')))[0]), ('ledger', os.listdir(os.path.join(
                p.vault, 'ledger'))[0])):
        top = leftovers('deep-' + room)
        os.symlink(os.path.join(p.vault, room, inside),
                   os.path.join(top, room, inside))
        got = p.run('--json', 'restore', p.path('backup'), '--to', top)
        assert got.code == 1, (room, got.code, got.said)
        assert picture(p.vault) == kept, room


# --- files put back, and changed for one another -----------------------------


def judged(p, ids, log):
    """Whether check found something; what is there must be the truth."""
    got = p.run('--json', 'check')
    assert got.code in (0, 26), (got.code, got.said)
    if got.code == 26:
        assert any('index' in x['kind'] or 'index' in x['id']
                   for x in got.json()['problems']), got.out
        p.ok('repair')
    assert p.json('check')['ok'] is True
    assert p.json('log')['events'] == log
    assert {d['id'] for d in p.json('list')['documents']} == set(ids)
    return got.code == 26


def an_older_page_of_the_index_is_seen(p):
    """Each page alone is authentic: SQLCipher's own check says ok."""
    ids = filled(p, 3)
    index = os.path.join(p.vault, 'index.db')
    with open(index, 'rb') as file:
        older = file.read()
    body = b'Un document de plus\n' * 20
    ids[p.json('add', p.write('more.txt', body))['added'][0]['id']] = body
    p.ok('tag', next(iter(ids)), '+suivi')
    with open(index, 'rb') as file:
        newer = file.read()
    log = p.json('log')['events']
    pages = [at for at in range(0, min(len(older), len(newer)), PAGE)
             if older[at:at + PAGE] != newer[at:at + PAGE]]
    assert len(pages) > 5, pages
    seen = 0
    for at in pages:
        with open(index, 'wb') as file:
            file.write(newer[:at] + older[at:at + PAGE] + newer[at + PAGE:])
        seen += judged(p, ids, log)
    assert seen * 2 > len(pages), (seen, len(pages))
    for left in (len(newer) - PAGE, PAGE, len(newer) - 1):
        with open(index, 'wb') as file:
            file.write(newer[:left])
        assert judged(p, ids, log), left
    with open(index, 'wb') as file:  # all of it, as it was
        file.write(older)
    assert p.json('log')['events'] == log  # it has caught up, or is new
    whole(p, ids)


def pages_of_the_index_that_change_places_are_seen(p):
    ids = filled(p, 2)
    index = os.path.join(p.vault, 'index.db')
    with open(index, 'rb') as file:
        pages = file.read()
    log = p.json('log')['events']
    last = len(pages) // PAGE - 1
    for one, two in ((1, 2), (2, last), (last // 2, last // 2 + 1)):
        parts = [pages[i:i + PAGE] for i in range(0, len(pages), PAGE)]
        parts[one], parts[two] = parts[two], parts[one]
        with open(index, 'wb') as file:
            file.write(b''.join(parts))
        assert judged(p, ids, log), (one, two)


def exchange(one, two):
    os.rename(one, one + '.x')
    os.rename(two, one)
    os.rename(one + '.x', two)


def named(got, path):
    """Whether a report names a file, by its name or the end of its path."""
    return any(os.path.basename(path) in x['id'] or x['id'].endswith(
        os.path.basename(path)) for x in got.json()['problems'])


def files_that_change_places_are_named(p):
    """Two packs, two segments; in a vault and in its backup."""
    ids = filled(p, 3)
    p.ok('backup', p.path('backup'))  # ends a segment
    p.ok('tag', next(iter(ids)), '+suivi')
    p.ok('backup', p.path('backup'))
    for top, verb in ((p.vault, ['check']),
                      (p.path('backup'), ['backup', 'check',
                                          p.path('backup')])):
        rooms = [f for f in ('packs', 'ledger', 'snapshots')
                 if os.path.isdir(os.path.join(top, f))]
        assert len(rooms) >= 2
        for room in rooms:
            one, two = sorted(files_below(os.path.join(top, room)))[:2]
            exchange(one, two)
            got = p.run('--json', *verb, '--read-data')
            assert got.code == 26, (top, room, got.code, got.said)
            assert named(got, one) or named(got, two), (room, got.out)
            exchange(one, two)
            assert p.json(*verb, '--read-data')['ok'] is True
    whole(p, ids)


def a_file_too_many_is_named_or_harmless(p):
    """A pack twice, under another name; a segment that nobody wrote."""
    ids = filled(p, 2)
    pack = sorted(files_below(os.path.join(p.vault, 'packs')))[0]
    name = '%032x' % 7
    twin = os.path.join(p.vault, 'packs', name[:2], name)
    os.makedirs(os.path.dirname(twin), exist_ok=True)
    shutil.copy(pack, twin)
    got = p.run('--json', 'check', '--read-data')
    assert got.code == 26 and named(got, twin), got.out
    for document, body in ids.items():
        assert p.ok('cat', document).out == body
    os.unlink(twin)
    segment = sorted(files_below(os.path.join(p.vault, 'ledger')))[-1]
    for after in ('1', '2'):
        more = os.path.join(os.path.dirname(segment),
                            str(int(os.path.basename(segment)) + int(after)))
        shutil.copy(segment, more)
        got = p.run('--json', 'check')
        assert got.code == 26, (after, got.out)
        os.unlink(more)
    whole(p, ids)


def all_that_is_hurt_is_named_at_once(p):
    ids = filled(p, 4)
    packs = sorted(files_below(os.path.join(p.vault, 'packs')))
    hurt = [os.path.join(p.vault, 'carnet.head.1'),
            os.path.join(p.vault, 'device'), packs[0], packs[2], packs[-1]]
    for path in hurt[:-1]:
        with open(path, 'r+b') as file:
            file.seek(60)
            byte = file.read(1)[0]
            file.seek(60)
            file.write(bytes([byte ^ 0x10]))
    os.unlink(hurt[-1])
    before = picture(p.vault)
    got = p.run('--json', 'check', '--read-data')
    assert got.code == 26
    kinds = [x['kind'] for x in got.json()['problems']]
    assert kinds.count('pack') >= 2 and (
        {'document', 'answer'} & set(kinds)), got.out  # the pack that is gone
    said = got.out.decode()
    for words in ('one copy of the header', "device's key file",
                  os.path.basename(packs[0]), os.path.basename(packs[2]),
                  'missing'):
        assert words in said, (words, got.out)
    now = picture(p.vault)
    assert {k: v for k, v in now.items() if k != 'index.db'} == {
        k: v for k, v in before.items() if k != 'index.db'}  # only told
    lost = p.run('--json', 'repair')
    assert lost.code == 26, lost.out  # a pack is gone, and that is said
    assert lost.json()['problems'] and lost.json()['mended'], lost.out
    for document, body in ids.items():  # which packs held which is chance
        got = p.run('cat', document)
        assert (got.code, got.out == body) in ((0, True), (26, False)), (
            document, got.code)


# --- states that nobody vouches for ------------------------------------------


def checksum(body):
    return hashlib.blake2b(body, digest_size=32).digest()


def a_forged_header_changes_nothing(p):
    """Right checksums are anyone's to make (CVE-2021-4122): whoever has no
    key makes carnet neither write nor open anything by such a header."""
    ids = filled(p, 1)
    head = os.path.join(p.vault, 'carnet.head')
    with open(head, 'rb') as file:
        data = file.read()
    body = data[:-64]
    sequence = json.loads(body)['sequence']
    later = body.replace(b'"sequence":%d' % sequence,
                         b'"sequence":%d' % (sequence + 5))
    weaker = later.replace(b'"ops":2', b'"ops":3')
    recovering = later.replace(b'{', b'{"recovering":true,', 1)
    assert later != body and weaker != later
    for forged in (later, weaker, recovering):
        for name in ('carnet.head', 'carnet.head.1'):
            path = os.path.join(p.vault, name)
            with open(path, 'wb') as file:
                file.write(forged + checksum(forged) + data[-32:])
            before = picture(p.vault)
            got = p.run('--json', 'check')
            assert got.code in (12, 26), (name, got.code, got.said)
            for verb in (['add', p.path('in0.txt')], ['tag', next(iter(ids)),
                                                      '+x']):
                got = p.run('--json', *verb)
                if got.code == 0:
                    continue  # the true copy counts; judged below
                assert got.code in (12, 26), (name, verb, got.code, got.said)
                assert picture(p.vault) == before, (name, verb)
            with open(path, 'wb') as file:
                file.write(data)
            whole(p, ids)


def a_segment_that_nobody_wrote_replaces_none(p):
    """A later revision, by its name: what an erasing leaves.  check names it;
    repair puts it away, and what was there before stays (it once counted,
    and repair made a ledger without events of it)."""
    ids = filled(p, 2)
    p.ok('tag', next(iter(ids)), '+suivi')
    segment = sorted(files_below(os.path.join(p.vault, 'ledger')))[-1]
    with open(segment, 'rb') as file:
        data = file.read()
    log = p.json('log')['events']
    shutil.copytree(p.vault, p.path('whole'))
    for false in (b'', data[:48], data[:-1], bytes(len(data)),
                  data[:100] + bytes([data[100] ^ 1]) + data[101:]):
        with open(segment + '.1', 'wb') as file:
            file.write(false)
        got = p.run('--json', 'check')
        assert got.code == 26 and named(got, segment + '.1'), got.out
        p.run('repair')
        with open(segment, 'rb') as file:
            assert file.read()[:len(data)] == data, len(false)
        assert not os.path.exists(segment + '.1')
        assert p.json('log')['events'][-len(log):] == log, len(false)
        whole(p, ids)
        shutil.rmtree(p.vault)
        shutil.copytree(p.path('whole'), p.vault)


def wrong_and_damaged_are_told_apart(p):
    ids = filled(p, 1)
    bad = p.write('bad', b'not this one\n', 0o600)
    head = [os.path.join(p.vault, n) for n in ('carnet.head',
                                               'carnet.head.1')]
    for _ in range(5):  # no lockout, nothing wiped
        assert p.run('--passphrase-file', bad, 'list').code == 12
    whole(p, ids)
    kept = {path: open(path, 'rb').read() for path in head}
    for path in head:
        with open(path, 'r+b') as file:
            file.seek(50)
            file.write(b'\0')
    for secret in (p.secret, bad):
        got = p.run('--json', '--passphrase-file', secret, 'list')
        assert got.code == 26, (got.code, got.said)
    for path, data in kept.items():
        with open(path, 'wb') as file:
            file.write(data)
    whole(p, ids)


# --- documents and dates -----------------------------------------------------

ODD_TEXTS = [
    b'{"value":1.00,"low":0.10,"high":1e400}',
    b'{"a":1,"a":2}', b'{"A":1,"a":2}', b'["a\\u0000b"]', b'["\\ud800"]',
    b'["\xff\xfe"]', b'[9007199254740993]', b'[' + b'7' * 60 + b'.10]',
    b'[' * 66 + b']' * 66, b'[' * 1001 + b']' * 1001,
    b'[' * 100000 + b']' * 100000, b'{"resourceType":"Patient"} x',
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
]


def odd_texts_come_back_as_they_were(p):
    """A reader may refuse them; the bytes are the person's."""
    p.init('--no-recovery')
    given = set()
    for i, text in enumerate(ODD_TEXTS):
        path = p.write('odd%d.json' % i, text)
        given.add(text)
        got = p.run('--json', 'add', path, timeout=60)
        assert got.code in (0, 3), (text[:40], got.code, got.said)
        one = got.json()['added'][0]
        assert p.ok('cat', one['id']).out == text, text[:40]
    p.ok('export', '--all', '-o', p.path('out'))
    out = {data for name, data in picture(p.path('out')).items()
           if name != 'manifest.json'}
    assert out == given
    assert p.json('check', '--read-data')['ok'] is True


def a_changed_file_is_another_document(p):
    p.init('--no-recovery')
    path = p.write('bilan.txt', b'version 1\n')
    one = p.json('add', path)['added'][0]['id']
    p.write('bilan.txt', b'version 2\n')
    two = p.json('add', path)['added'][0]
    assert two['duplicate_of'] is None and two['id'] != one
    assert p.ok('cat', one).out == b'version 1\n'
    assert p.ok('cat', two['id']).out == b'version 2\n'
    p.write('bilan.txt', b'version 1\n')  # and back again
    assert p.json('add', path)['added'][0]['duplicate_of'] == one


def out_in_and_out_again_is_the_same(p):
    p.init('--no-recovery')
    folder = p.path('in')
    os.mkdir(folder)
    for name, data in (('a.txt', b'1.00\r\n\xef\xbb\xbf'), ('b.bin', os.urandom(
            300000)), ('c', b''), ('d.json', ODD_TEXTS[0])):
        p.write(os.path.join(folder, name), data)
    p.ok('add', folder)
    p.ok('export', '--all', '-o', p.path('out'))
    first = picture(p.path('out'))
    first.pop('manifest.json')
    p.vault = p.env['CARNET_VAULT'] = p.path('second')
    p.init('--no-recovery')
    os.unlink(p.path('out', 'manifest.json'))
    p.ok('add', p.path('out'))
    p.ok('export', '--all', '-o', p.path('again'))
    again = picture(p.path('again'))
    again.pop('manifest.json')
    assert sorted(first.values()) == sorted(again.values()) == sorted(
        picture(folder).values())


def ones_word_survives_a_restore(p):
    """Refusals, consents and withdrawals, with their order and their days."""
    p.init('--no-recovery')
    p.json('refuse', 'fr/pds', '--on', '2026-01-05')
    kept = p.json('allow', 'fr/hopital', '--on', '2026-01-06')
    p.json('refuse', 'fr/cnam', '--on', '2026-02-01')
    p.json('withdraw', kept['decisions'][0]['id'], '--on', '2026-03-01')
    p.json('refuse', 'fr/pds', '--on', '2026-04-01')  # supersedes
    verbs = (['consents'], ['statement', 'list'], ['recipient', 'list'],
             ['due', '--on', '2027-01-01'])
    days = ('2025-12-31', '2026-01-05', '2026-02-15', '2026-12-31')

    def told():
        answers = [p.run('--json', *verb).json() for verb in verbs]
        return answers + [p.run('--json', 'may', body, '--on', day).out
                          for body in ('fr/pds', 'fr/hopital', 'fr/cnam')
                          for day in days]
    before = told()
    assert len(before[0]['decisions']) >= 3
    log = p.json('log')['events']
    p.ok('backup', p.path('backup'))
    p.ok('restore', p.path('backup'), '--to', p.path('back'))
    p.vault = p.env['CARNET_VAULT'] = p.path('back')
    assert told() == before
    os.unlink(os.path.join(p.vault, 'index.db'))
    assert told() == before
    subjects = [e['subject'] for e in log if e['kind'].startswith('decision')]
    again = [e['subject'] for e in p.json('log')['events']
             if e['kind'].startswith('decision')]
    assert again == subjects and len(subjects) == 5


def dates_stay_as_they_were_written(p):
    p.init('--no-recovery')
    dates = ['1980-05-06', '1970-01-01', '2024-02-29', '1900-01-01',
             '2025-03-30', '2025-10-26', '2038-01-19', '2106-02-07']
    for i, date in enumerate(dates):
        path = p.write('d%d.txt' % i, b'document %d' % i)
        made = p.json('add', path, '--date', date)['added'][0]
        assert made['date'] == date
    for zone in ('Europe/Paris', 'Pacific/Kiritimati', 'Pacific/Niue', 'UTC'):
        there = {d['date'] for d in p.json(
            'list', env={'TZ': zone})['documents']}
        assert there == set(dates), zone
    listed = [d['date'] for d in p.json('list')['documents']]
    assert listed == sorted(listed, reverse=True), listed
    os.unlink(os.path.join(p.vault, 'index.db'))
    assert [d['date'] for d in p.json('list')['documents']] == listed
    for bad in ('1980', '1980-05', '1980-13', '1980-5', '198', '2025-02-29', '80', '1980-00-01',
                '19800506', ' 1980'):
        got = p.run('add', p.path('d0.txt'), '--date', bad)
        assert got.code == 2, (bad, got.code)


def names_reach_no_terminal_raw(p):
    """A hostile title or name is refused, or shown harmless."""
    hostile = 'a\x1b]0;x\x07\x1b[2J\u202eb\u2066\x9bc'
    assert p.run('init', '--kdf', 'interactive', '--person',
                 hostile).code == 2
    p.init('--no-recovery')
    assert p.run('person', 'add', hostile).code == 2
    path = p.write('x.txt', ('Titre ' + hostile + '\n').encode())
    shown = [p.run('add', path, '--title', hostile), p.run('add', path)]
    document = p.json('list')['documents'][0]['id']
    shown += [p.run('tag', document, '+' + hostile),
              p.run('note', document, hostile), p.run('list'),
              p.run('show', document), p.run('search', 'titre'),
              p.run('log'), p.run('--vault', p.path(hostile), 'list')]
    for got in shown:
        for text in (got.text, got.said):
            raw = [c for c in text if (ord(c) < 32 and c not in '\n\t') or
                   127 <= ord(c) < 160 or c in '\u202e\u2066']
            assert not raw, (raw, text)


def who_reads_slowly_bars_no_writer(p):
    """A list whose reader has stopped reading: the index is free meanwhile
    (a statement left open makes a writer's commit wait, then fail)."""
    p.init('--no-recovery')
    folder = p.path('many')
    os.mkdir(folder)
    for i in range(150):
        p.write(os.path.join(folder, 'doc%d.txt' % i), b'%d' % i)
    p.ok('add', '--no-read', folder, '--title', 'Une analyse ' * 30)
    ends = os.pipe()
    reader = subprocess.Popen([p.program, '--json', 'list'], env=p.env,
                              stdout=ends[1], stderr=subprocess.DEVNULL)
    os.close(ends[1])
    try:
        start = time.monotonic()
        while time.monotonic() < start + 30:  # until the pipe is full
            with open('/proc/%d/wchan' % reader.pid, encoding='ascii') as at:
                if 'pipe' in at.read():
                    break
            time.sleep(0.05)
        time.sleep(0.3)
        assert reader.poll() is None  # still at it
        p.ok('--no-wait', 'add', '--no-read', p.write('new.txt', b'new'))
        p.ok('--no-wait', 'compact')
        os.unlink(os.path.join(p.vault, 'index.db'))
        p.ok('--no-wait', 'list')
        with os.fdopen(ends[0], 'rb') as pipe:
            ends = None
            there = json.loads(pipe.read())['documents']
        assert len(there) == 150  # as it was when it began
        assert reader.wait(60) == 0
    finally:
        reader.kill()
        reader.wait()
        if ends is not None:
            os.close(ends[0])


main([odd_paths_are_no_vault, odd_paths_are_no_backup,
      parts_of_a_vault_that_are_no_files, a_vault_that_may_not_be_written,
      a_backup_goes_nowhere_else, restore_replaces_nothing,
      restore_deletes_its_own_leftovers_alone,
      an_older_page_of_the_index_is_seen,
      pages_of_the_index_that_change_places_are_seen,
      files_that_change_places_are_named,
      a_file_too_many_is_named_or_harmless, all_that_is_hurt_is_named_at_once,
      a_forged_header_changes_nothing,
      a_segment_that_nobody_wrote_replaces_none,
      wrong_and_damaged_are_told_apart, odd_texts_come_back_as_they_were,
      a_changed_file_is_another_document, out_in_and_out_again_is_the_same,
      ones_word_survives_a_restore, dates_stay_as_they_were_written,
      names_reach_no_terminal_raw, who_reads_slowly_bars_no_writer])
