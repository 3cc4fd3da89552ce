#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Backups that were hurt, forged, forked or put back: what is said, and that
following what is said makes them whole.  All of it is synthetic."""
import hashlib
import json
import os
import shutil
import struct
import sys

import xxhash

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import files_below, main  # noqa: E402


def vault(p):
    """A vault with one document; where its backup goes."""
    p.init('--no-recovery')
    add(p, 'a')
    return p.path('backup')


def add(p, name, where=None):
    path = p.write(name + '.txt', ('texte %s ' % name).encode() * 300)
    at = [] if where is None else ['--vault', where]
    return p.json(*at, 'add', path, '--title', name)['added'][0]['id']


def snapshots(place):
    return sorted(os.listdir(os.path.join(place, 'snapshots')))


def flip(path, at):
    with open(path, 'r+b') as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 0x41]))


def titles(p, where):
    return sorted(x['title'] for x in
                  p.json('--vault', where, 'list')['documents'])


# --- headers ---------------------------------------------------------------

def blake2b(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def forge_header(place, sequence, salt=None, ops=2, mem_kib=65536):
    """A header copy as anyone can make one who holds no key."""
    name = sorted(os.listdir(os.path.join(place, 'headers')))[0]
    with open(os.path.join(place, 'headers', name), 'rb') as f:
        true = json.loads(f.read()[:-64])
    slot = {'id': 'kabcdefgh', 'kind': 'passphrase', 'created': '2026-03-05',
            'commitment': os.urandom(32).hex(),
            'wrapped': os.urandom(72).hex()}
    body = json.dumps({
        'format': 'carnet header', 'version': 1, 'id': true['id'],
        'sequence': sequence,
        'kdf': {'alg': 'argon2id', 'ops': ops, 'mem_kib': mem_kib,
                'salt': true['kdf']['salt'] if salt is None else salt.hex()},
        'slots': [slot]}).encode()
    data = body + blake2b(body) + os.urandom(32)
    with open(os.path.join(place, 'headers', '%d-%s' % (
            sequence, blake2b(data).hex())), 'wb') as f:
        f.write(data)


def forged_headers_lock_nobody_out(p):
    place = vault(p)
    made = p.json('backup', place)['snapshot']
    for i in range(20):  # the true salt: they cost nothing more
        forge_header(place, 9000 + i)
    for i in range(26):  # as dear as a header may be
        forge_header(place, 8000 + i, os.urandom(16), 20, 4 << 20)
    for i in range(4):
        forge_header(place, 9500 + i, os.urandom(16))
    assert len(os.listdir(os.path.join(place, 'headers'))) == 51
    # in less than one of the dear ones would take
    got = p.run('--json', 'backup', 'list', place, timeout=60)
    assert got.code == 0, (got.code, got.said)
    assert [x['id'] for x in got.json()['snapshots']] == [made]
    got = p.run('--json', 'backup', 'check', place)
    assert got.code == 26, got.said
    assert len([x for x in got.json()['problems']
                if x['kind'] == 'header']) == 50
    got = p.run('backup', place)
    assert got.code == 0 and '50 header copies' in got.said, got.said
    p.ok('restore', place, '--to', p.path('again'))
    assert titles(p, p.path('again')) == ['a']


def another_vaults_header_opens_nothing(p):
    """Two vaults with one passphrase: a copy carried over is passed by."""
    place = vault(p)
    made = p.json('backup', place)['snapshot']
    other = p.path('other')
    p.ok('--vault', other, 'init', '--kdf', 'interactive', '--no-recovery')
    for i in range(3):
        p.ok('--vault', other, 'key', 'add', 'recovery')
    p.ok('--vault', other, 'backup', p.path('theirs'))
    for path in files_below(p.path('theirs', 'headers')):
        shutil.copy(path, os.path.join(place, 'headers'))
    assert [x['id'] for x in p.json('backup', 'list', place)['snapshots']] == \
        [made]
    # also when the marker says nothing of whose it is
    os.unlink(os.path.join(place, 'carnet.backup'))
    p.json('backup', place)
    assert len(p.json('backup', 'list', place)['snapshots']) == 2


def an_old_snapshot_opens_with_what_opened_it_then(p):
    """Behind many later passphrases; and the vault made of it uses its own
    backup like any other."""
    place = vault(p)
    first = p.json('backup', place)['snapshot']
    old = p.secret
    for i in range(6):
        new = p.write('new%d' % i, b'passphrase %d\n' % i, 0o600)
        p.ok('--passphrase-file', old, '--new-passphrase-file', new, 'key',
             'change')
        old = new
        p.ok('--passphrase-file', new, 'backup', place)
    assert len(os.listdir(os.path.join(place, 'headers'))) == 7
    assert len(p.json('backup', 'list', place)['snapshots']) == 7
    p.ok('restore', place, first, '--to', p.path('again'))
    add(p, 'b', p.path('again'))
    got = p.run('--json', '--vault', p.path('again'), 'backup', place)
    assert got.code == 0, got.said
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True
    assert p.run('--passphrase-file', p.write('bad', b'never one\n', 0o600),
                 'backup', 'list', place).code == 12


# --- what was put back -----------------------------------------------------

def another_devices_ledger_cut_short_is_26(p):
    place = vault(p)
    p.json('backup', place)
    add(p, 'b')
    p.json('backup', place)
    second = p.path('second')
    p.ok('restore', place, '--to', second)
    add(p, 'c', second)
    p.json('--vault', second, 'backup', place)
    (first,) = [x for x in os.listdir(os.path.join(second, 'ledger'))
                if os.path.exists(os.path.join(p.vault, 'ledger', x))]
    segments = sorted(os.listdir(os.path.join(second, 'ledger', first)))
    assert len(segments) == 2, segments
    os.unlink(os.path.join(second, 'ledger', first, segments[-1]))
    os.unlink(os.path.join(second, 'index.db'))
    got = p.run('--vault', second, 'list')
    assert 'index was missing' in got.said, got.said
    assert 'nothing is lost' not in got.said, got.said
    before = snapshots(place)
    got = p.run('--json', '--vault', second, 'backup', place)
    assert got.code == 26, (got.code, got.said, got.out)
    assert first in got.error()['message'], got.said
    assert snapshots(place) == before
    # where nothing was taken away, it goes on
    add(p, 'd')
    assert p.run('--json', 'backup', place).code == 0


def a_repaired_loss_does_not_bar_the_backup(p):
    """What a repair wrote down as lost isn't asked for again, whoever saw
    it."""
    place = vault(p)
    p.json('backup', place)
    add(p, 'b')
    p.json('backup', place)
    second = p.path('second')
    p.ok('restore', place, '--to', second)
    add(p, 'c', second)
    p.json('--vault', second, 'backup', place)
    (first,) = [x for x in os.listdir(os.path.join(second, 'ledger'))
                if os.path.exists(os.path.join(p.vault, 'ledger', x))]
    path = os.path.join(second, 'ledger', first, '2')
    flip(path, os.path.getsize(path) - 100)  # its head, that a manifest names
    assert p.run('--vault', second, 'check').code == 26
    p.run('--vault', second, 'repair')
    assert p.run('--vault', second, 'check').code == 0
    got = p.run('--json', '--vault', second, 'backup', place)
    assert got.code == 0, (got.code, got.said)


def repair_promises_no_more_than_it_knows(p):
    vault(p)
    os.unlink(os.path.join(p.vault, 'index.db'))
    got = p.run('repair')
    assert got.code == 0 and 'nothing is lost' not in got.said, got.said
    os.unlink(os.path.join(p.vault, 'carnet.head.1'))
    got = p.run('repair')
    assert got.code == 0 and 'nothing is lost' in got.said, got.said


def a_fork_is_named_and_the_last_one_used_wins(p):
    place = vault(p)
    first = p.json('backup', place)['snapshot']
    for name in 'bcdefgh':
        add(p, name)
    newest = p.json('backup', place)['snapshot']
    got = p.run('backup', 'list', place)
    assert got.code == 0 and 'warning' not in got.said, got.said
    assert p.json('backup', 'list', place)['forks'] == []
    second = p.path('second')
    p.ok('restore', place, first, '--to', second)
    add(p, 'z', second)
    branch = p.json('--vault', second, 'backup', place)['snapshot']
    got = p.run('--json', 'backup', 'list', place)
    assert got.code == 0
    assert got.json()['snapshots'][-1]['id'] == branch
    assert sorted(got.json()['forks']) == sorted([newest, branch])
    got = p.run('backup', 'list', place)
    assert newest in got.said and branch in got.said, got.said
    got = p.run('restore', place, '--to', p.path('third'))
    assert got.code == 0 and newest in got.said and branch in got.said
    assert first not in got.said
    assert titles(p, p.path('third')) == ['a', 'z']
    # whoever chooses hears of it no more
    got = p.run('restore', place, newest, '--to', p.path('fourth'))
    assert got.code == 0 and branch not in got.said
    assert len(titles(p, p.path('fourth'))) == 8
    # the first vault again: the last one used is the newest
    add(p, 'i')
    later = p.json('backup', place)['snapshot']
    got = p.json('backup', 'list', place)
    assert sorted(got['forks']) == sorted([later, branch])
    assert got['snapshots'][-1]['id'] == later
    assert p.json('restore', place, '--to', p.path('fifth'))['forks'] == \
        got['forks']
    assert len(titles(p, p.path('fifth'))) == 9
    # nothing to raise when nothing else was seen
    count = len(p.json('log', '--limit', '1000')['events'])
    p.json('backup', place)
    p.json('backup', place)
    assert len(p.json('log', '--limit', '1000')['events']) == count + 2
    assert p.json('log', '--verify')['ok'] is True
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


def put_back(p, hide):
    """The whole vault as it was, and what the last backup left of its
    manifest."""
    place = vault(p)
    p.json('backup', place)
    shutil.copytree(p.vault, p.path('old'))
    add(p, 'b')
    newest = p.json('backup', place)['snapshot']
    hide(os.path.join(place, 'snapshots', newest))
    before = snapshots(place)
    shutil.rmtree(p.vault)
    shutil.copytree(p.path('old'), p.vault)
    for _ in range(2):
        got = p.run('--json', 'backup', place)
        assert got.code == 26, (got.code, got.said, got.out)
        assert 'older copy' in got.error()['message'], got.said
        assert snapshots(place) == before
        add(p, 'c')  # a chain of its own: a fork by now


def a_vault_put_back_is_26_without_the_newest_manifest(p):
    put_back(p, lambda path: flip(path, 200))


def a_vault_put_back_is_26_when_the_newest_manifest_is_gone(p):
    put_back(p, os.unlink)


def a_cut_off_backup_bars_nothing(p):
    """Segments that were copied before the manifest came to be."""
    place = vault(p)
    p.json('backup', place)
    add(p, 'b')
    os.unlink(os.path.join(place, 'snapshots',
                           p.json('backup', place)['snapshot']))
    assert p.run('backup', place).code == 0
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


# --- what was changed on purpose -------------------------------------------

# XXH3's own secret (xxhash.h), the first ten words of it
SECRET = struct.unpack('<10Q', bytes.fromhex(
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db'
    '7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221'
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb'
    '88d0658b1b532ea3'))


def word(pack, at):
    return struct.unpack_from('<Q', pack, at)[0]


def product(pack, at):
    """Of a word's halves, after the word of the secret that is its own."""
    mixed = word(pack, at) ^ SECRET[at % 1024 // 64 + at % 64 // 8]
    return (mixed & 2**32 - 1) * (mixed >> 32)


def forged(pack, at, start=b''):
    """Other bytes of the same XXH3-128, checked with nobody's key.  It adds up
    what it reads: each eighth word of a KiB, and the product of its halves
    after a secret that everybody knows.  Five words give room for any sum of
    both; `start` is what the word at 8 begins with instead, in the same
    KiB."""
    places = [at + 64 * i for i in range(5)]
    keys = [SECRET[x % 1024 // 64 + x % 64 // 8] for x in places]
    out = bytearray(pack)
    out[8:8 + len(start)] = start
    changed = places + ([8] if start else [])
    mask, low = 2**64 - 1, 2**32 - 1
    total = sum(word(pack, x) for x in changed) & mask
    wanted = sum(product(pack, x) for x in changed) & mask
    if start:
        total = (total - word(out, 8)) & mask
        wanted = (wanted - product(out, 8)) & mask
    high = wanted >> 32
    new = [1 | (wanted & low) << 32,  # 1 times the lower half
           1 << 31 | high << 32, 1 << 31 | high << 32]  # 2 to the 32 times it
    new = [x ^ k for x, k in zip(new, keys)]
    # x times nothing, nothing times x
    upper, lower = keys[3] >> 32 << 32, keys[4] & low
    rest = (total - sum(new) - upper - lower) & mask
    new += [upper | (rest & low), rest >> 32 << 32 | lower]
    for place, value in zip(places, new):
        struct.pack_into('<Q', out, place, value)
    for data in (pack, bytes(out)):
        assert xxhash.xxh3_128_digest(data[:-32]) + bytes(16) == data[-32:]
    assert out != pack
    return bytes(out)


def one_pack(p, size):
    """A vault with one pack, its backup; that pack there, and its bytes."""
    p.init('--no-recovery')
    place = p.path('backup')
    p.write('noise', os.urandom(size))
    p.json('add', p.path('noise'), '--no-read')
    p.json('backup', place)
    path, = [x for x in files_below(place) if is_kind(x, place, 'packs')]
    with open(path, 'rb') as f:
        return place, path, f.read()


def put(path, data):
    with open(path, 'wb') as f:
        f.write(data)


def a_forged_pack_is_named_though_its_checksum_fits(p):
    """Whoever keeps a backup can change a pack so that neither its checksum
    nor what the manifest says of it differs; the seals do."""
    place, path, pack = one_pack(p, 5000)
    name = os.path.relpath(path, place)
    put(path, forged(pack, 1024))
    assert check_names(p, place) == [name]
    assert check_names(p, place, '--read-data') == [name]
    got = p.run('--json', 'restore', place, '--to', p.path('again'))
    assert got.code == 26 and name in str(got.json()['problems']), got.said
    assert p.json('backup', place, '--read-data')['packs_new'] == 1
    assert p.json('backup', 'check', place)['ok'] is True


def a_pack_that_plays_the_newer_one_is_named(p):
    """Another version or epoch, paid for in padding: every seal would open.
    The rest of the backup is restored."""
    place, path, pack = one_pack(p, 3)
    name = os.path.relpath(path, place)
    more = add(p, 'more')
    p.json('backup', place)
    for start in (b'\3\0', b'\2\0\7\0\0\0'):
        put(path, forged(pack, 200, start))
        for data in ([], ['--read-data']):
            got = check_names(p, place, *data)  # and its document
            assert got[0] == name, got
        got = p.run('--json', 'restore', place, '--to', p.path('again'))
        assert got.code == 26, got.said
        assert name in str(got.json()['problems']), got.said
        again = p.path('again')
        assert not os.path.exists(os.path.join(again, name))
        assert b'texte more' in p.ok('--vault', again, 'cat', more).out
        shutil.rmtree(again)
        assert p.json('backup', place, '--read-data')['packs_new'] == 1
    # with a checksum made anew, for whoever asks no manifest
    other = pack[:8] + b'\3' + pack[9:-32]
    put(path, other + xxhash.xxh3_128_digest(other) + bytes(16))
    got = p.run('--json', 'restore', place, '--to', p.path('again'))
    assert got.code == 26 and name in str(got.json()['problems']), got.said


def changed(pack, at):
    """Something else, with a checksum that fits."""
    data = pack[:at] + bytes([pack[at] ^ 1]) + pack[at + 1:-32]
    return data + xxhash.xxh3_128_digest(data) + bytes(16)


def nothing_is_backed_up_that_does_not_open(p):
    """The vault's own pack was changed on purpose: check and repair know, and
    the good one in the backup isn't replaced by it."""
    place, path, pack = one_pack(p, 5000)
    mine = os.path.join(p.vault, os.path.relpath(path, place))
    put(mine, changed(pack, 2000))
    for data in ([], ['--read-data']):
        assert p.run('backup', place, *data).code in (0, 26), data
        with open(path, 'rb') as f:
            assert f.read() == pack
    assert p.run('backup', place, '--read-data').code == 26
    assert p.run('backup', p.path('elsewhere')).code == 26
    assert p.run('check').code == 26
    said = p.json('repair', code=26)
    assert 'packs/' in str(said), said
    assert p.run('check').code == 26  # what is lost stays named
    shutil.rmtree(p.vault)
    p.json('restore', place, '--to', p.vault)
    assert p.json('check', '--read-data')['ok'] is True


def a_copy_replaces_no_whole_pack(p):
    """Two places, two packs of one name: without a key nobody can tell which
    is right, so both stay.  One that is hurt is copied again."""
    place, path, pack = one_pack(p, 5000)
    second = p.path('second')
    p.json('backup', 'copy', place, second)
    there = os.path.join(second, os.path.relpath(path, place))
    put(path, changed(pack, 2000))
    got = p.run('--json', 'backup', 'copy', place, second)
    assert got.code == 26 and 'packs/' in str(got.json()['problems'])
    with open(there, 'rb') as f:
        assert f.read() == pack
    put(path, pack)
    flip(there, 2000)
    p.json('backup', 'copy', place, second)
    flip(there, len(pack) - 1)
    p.json('backup', 'copy', place, second)
    with open(there, 'rb') as f:
        assert f.read() == pack


# --- healing ---------------------------------------------------------------

def check_names(p, place, *more):
    got = p.run('--json', 'backup', 'check', place, *more)
    assert got.code == 26, (got.code, got.said)
    if got.out == b'':  # no header is whole: nothing opens
        assert 'carnet backup' in got.error()['hint'], got.said
        return os.listdir(os.path.join(place, 'headers')) + ['no header']
    return [x['id'] for x in got.json()['problems']]


def is_kind(path, place, kind):
    return os.path.relpath(path, place).split(os.sep)[0] == kind


def a_rotten_file_is_written_again(p):
    """One byte of each file of a backup; what check says is followed."""
    place = vault(p)
    p.json('backup', place)
    for path in sorted(files_below(place)):
        if os.path.getsize(path) == 0 or is_kind(path, place, 'snapshots'):
            continue
        name = os.path.relpath(path, place)
        flip(path, os.path.getsize(path) // 2)
        assert any(name.endswith(x) for x in
                   check_names(p, place, '--read-data')), name
        said = p.run('backup', 'check', place, '--read-data').said
        assert 'carnet backup %s' % place in said or 'DEST' in said, said
        got = p.run('--json', 'backup', place, '--read-data')
        assert got.code == 0, (name, got.said)
        if is_kind(path, place, 'packs'):
            assert got.json()['packs_new'] == 1
        assert p.json('backup', 'check', place, '--read-data')['ok'], name
    p.ok('restore', place, '--to', p.path('again'))
    assert titles(p, p.path('again')) == ['a']


def a_rotten_manifest_is_deleted_and_made_anew(p):
    place = vault(p)
    made = p.json('backup', place)['snapshot']
    path = os.path.join(place, 'snapshots', made)
    flip(path, os.path.getsize(path) // 2)
    assert made in check_names(p, place)
    said = p.run('backup', 'check', place).said
    assert 'snapshots/ID' in said, said
    assert p.run('--json', 'backup', place).code == 26  # made, and said
    os.unlink(path)
    assert p.run('--json', 'backup', place).code == 0
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


def every_backup_heals_what_it_sees(p):
    """Lost, cut, grown; small files also by a byte: without a word."""
    place = vault(p)
    p.json('backup', place)
    for path in sorted(files_below(place)):
        if os.path.getsize(path) == 0 or is_kind(path, place, 'snapshots'):
            continue
        for hurt in (os.unlink, lambda x: os.truncate(x, 20),
                     lambda x: os.truncate(x, os.path.getsize(x) + 9),
                     None if is_kind(path, place, 'packs') else
                     lambda x: flip(x, os.path.getsize(x) // 2)):
            if hurt is None:
                continue
            hurt(path)
            assert check_names(p, place), path
            got = p.run('--json', 'backup', place)
            assert got.code == 0, (path, got.said)
            assert p.json('backup', 'check', place, '--read-data')['ok'], path


def a_dry_run_reads_and_writes_nothing(p):
    place = vault(p)
    p.json('backup', place)
    pack = next(files_below(os.path.join(place, 'packs')))
    flip(pack, os.path.getsize(pack) // 2)
    got = p.json('--dry-run', 'backup', place, '--read-data')
    assert got['packs_new'] == 1 and got['new_bytes'] > 0
    assert os.path.relpath(pack, place) in check_names(p, place)


# --- what was judged before ------------------------------------------------

def own_segments(p, where):
    return sorted(files_below(os.path.join(where, 'ledger')),
                  key=lambda x: int(os.path.basename(x)))


def a_hurt_part_that_was_judged_is_seen(p):
    place = vault(p)
    p.json('backup', place)
    add(p, 'b')
    p.json('backup', place)
    for path in own_segments(p, p.vault)[:2]:
        flip(path, os.path.getsize(path) // 2)
        got = p.run('--json', 'backup', place)
        assert got.code == 26, (got.code, got.said)
        flip(path, os.path.getsize(path) // 2)
    assert p.run('--json', 'backup', place).code == 0


def another_chain_behind_what_was_judged_is_seen(p):
    """A manifest that a copy of this very vault made elsewhere, brought here
    by a sync: its end is older than what was judged last, and is no event of
    ours."""
    place = vault(p)
    p.json('backup', place)
    shutil.copytree(p.vault, p.path('twin'))
    add(p, 'x', p.path('twin'))
    p.json('--vault', p.path('twin'), 'backup', p.path('elsewhere'))
    for name in 'bcde':
        add(p, name)
    p.json('backup', place)
    assert p.run('--json', 'backup', place).code == 0
    for folder in ('ledger', 'packs', 'headers', 'snapshots'):
        shutil.copytree(os.path.join(p.path('elsewhere'), folder),
                        os.path.join(place, folder), dirs_exist_ok=True)
    before = snapshots(place)
    got = p.run('--json', 'backup', place)
    assert got.code == 26, (got.code, got.said)
    assert snapshots(place) == before


def backed_up_with_a_large_segment(p):
    place = vault(p)
    os.mkdir(p.path('many'))
    for i in range(3000):
        p.write(p.path('many', '%04d.txt' % i), b'%d' % i)
    p.ok('add', '--no-read', p.path('many'))
    p.json('backup', place)
    return place


def large_segments_are_looked_at_by_their_size(p):
    """Judged and copied before, above a MiB: read again when that is asked,
    made again when the size is another."""
    place = backed_up_with_a_large_segment(p)
    p.json('backup', place)
    large = [x for x in segments_there(place)
             if os.path.getsize(x) > 1 << 20]
    assert large
    for hurt in (os.unlink, lambda x: os.truncate(x, 1 << 20)):
        hurt(large[0])
        assert check_names(p, place)
        p.json('backup', place)
        assert p.json('backup', 'check', place, '--read-data')['ok'] is True
    flip(large[0], 1 << 19)
    p.json('backup', place)
    assert check_names(p, place, '--read-data')
    p.json('backup', place, '--read-data')
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


def a_large_part_that_was_judged_is_seen(p):
    """Hashed by the first backups, summed by the later ones: a byte of it is
    seen either way, and not having the sums costs nothing but time."""
    place = backed_up_with_a_large_segment(p)
    large = [x for x in own_segments(p, p.vault)
             if os.path.getsize(x) > 1 << 20]
    assert large
    for more in ((), (), ('--read-data',)):
        flip(large[0], 1 << 19)
        got = p.run('--json', 'backup', place, *more)
        assert got.code == 26, (got.code, got.said)
        flip(large[0], 1 << 19)
        p.json('backup', place, *more)
    os.unlink(os.path.join(p.vault, 'index.db'))
    p.run('list')
    for _ in range(2):
        assert p.run('--json', 'backup', place).code == 0
    flip(large[0], 1 << 19)
    assert p.run('--json', 'backup', place).code == 26


def segments_there(place):
    return sorted(files_below(os.path.join(place, 'ledger')))


def a_pack_of_another_size_is_no_pack(p):
    """The newest snapshot names it, and the destination has it as it was."""
    place = vault(p)
    p.json('backup', place)
    add(p, 'b')
    p.json('backup', place)
    before = snapshots(place)
    for pack in files_below(os.path.join(p.vault, 'packs')):
        size = os.path.getsize(pack)
        with open(pack, 'rb') as f:
            whole = f.read()
        for other in (whole[:-1000], whole + b'x', whole[:20]):
            with open(pack, 'wb') as f:
                f.write(other)
            got = p.run('--json', 'backup', place)
            assert got.code == 26, (got.code, got.said)
            assert snapshots(place) == before
        with open(pack, 'wb') as f:
            f.write(whole)
        assert os.path.getsize(pack) == size
    assert p.run('--json', 'backup', place).code == 0
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


# --- each snapshot is believed for what it names alone -----------------------

def earlier_events_that_come_later_are_read(p):
    """Another device's, older than the last ones of the snapshot before."""
    place = vault(p)
    p.json('backup', place)
    second = p.path('second')
    p.ok('restore', place, '--to', second)
    add(p, 'x', second)
    add(p, 'f', second)
    for name in 'bcd':
        add(p, name)
    p.json('backup', place)
    for folder in ('ledger', 'packs'):
        shutil.copytree(os.path.join(second, folder),
                        os.path.join(p.vault, folder), dirs_exist_ok=True)
    add(p, 'e')
    p.json('backup', place)
    p.json('backup', place)
    got = p.json('backup', 'check', place, '--read-data')
    assert got['ok'] is True and got['documents'] == 7, got


def what_only_later_snapshots_lack_is_named(p):
    place = vault(p)
    ids, packs = [], set(files_below(os.path.join(p.vault, 'packs')))
    p.json('backup', place)
    for name in 'bcd':
        ids.append(add(p, name))
        p.json('backup', place)
        if name == 'c':
            lost = set(files_below(os.path.join(p.vault, 'packs'))) - packs
        packs = set(files_below(os.path.join(p.vault, 'packs')))
    lost = [os.path.relpath(x, p.vault) for x in lost]
    for i, name in enumerate(lost):
        os.rename(os.path.join(place, name), p.path('aside%d' % i))
    assert set(check_names(p, place, '--read-data')) == {*lost, ids[1]}
    for i, name in enumerate(lost):
        os.rename(p.path('aside%d' % i), os.path.join(place, name))
    (segment,) = [x for x in segments_there(place)
                  if os.path.getmtime(x) ==
                  max(map(os.path.getmtime, segments_there(place)))]
    os.unlink(segment)
    names = check_names(p, place, '--read-data')
    assert os.path.relpath(segment, place) in names, names
    assert len(names) == 2 and names[1] in snapshots(place), names


def what_was_purged_between_two_is_no_loss(p):
    """A purge writes segments and packs anew: nothing goes on from there."""
    place = vault(p)
    gone = add(p, 'b')
    p.json('backup', place)
    p.ok('remove', gone, '--purge')
    p.json('backup', place)
    add(p, 'c')
    p.json('backup', place)
    got = p.json('backup', 'check', place, '--read-data')
    assert got['ok'] is True and got['documents'] == 2, got


# --- restoring no more than was named --------------------------------------

def what_is_too_much_is_named_and_left(p):
    place = vault(p)
    p.json('backup', place)
    sizes = {}
    for path in files_below(place):
        name = os.path.relpath(path, place)
        if name.split(os.sep)[0] not in ('packs', 'ledger'):
            continue
        sizes[name] = os.path.getsize(path)
        # a hole: it must not be read or written
        os.truncate(path, (1 << 32) if name.startswith('packs')
                    else sizes[name] + 5000)
    got = p.run('--json', 'restore', place, '--to', p.path('again'),
                timeout=120)
    assert got.code == 26, (got.code, got.said)
    assert sorted(x['id'] for x in got.json()['problems']) == sorted(sizes)
    for path in files_below(p.path('again', 'packs')):
        name = os.path.relpath(path, p.path('again'))
        assert os.path.getsize(path) == sizes[name]
    # what was named is all there
    assert p.json('--vault', p.path('again'), 'check', '--read-data')['ok']
    assert titles(p, p.path('again')) == ['a']


if __name__ == '__main__':
    main([forged_headers_lock_nobody_out, another_vaults_header_opens_nothing,
          an_old_snapshot_opens_with_what_opened_it_then,
          another_devices_ledger_cut_short_is_26,
          a_repaired_loss_does_not_bar_the_backup,
          repair_promises_no_more_than_it_knows,
          a_fork_is_named_and_the_last_one_used_wins,
          a_vault_put_back_is_26_without_the_newest_manifest,
          a_vault_put_back_is_26_when_the_newest_manifest_is_gone,
          a_cut_off_backup_bars_nothing,
          a_forged_pack_is_named_though_its_checksum_fits,
          a_pack_that_plays_the_newer_one_is_named,
          nothing_is_backed_up_that_does_not_open,
          a_copy_replaces_no_whole_pack,
          a_rotten_file_is_written_again,
          a_rotten_manifest_is_deleted_and_made_anew,
          every_backup_heals_what_it_sees,
          a_dry_run_reads_and_writes_nothing,
          a_hurt_part_that_was_judged_is_seen,
          another_chain_behind_what_was_judged_is_seen,
          large_segments_are_looked_at_by_their_size,
          what_is_too_much_is_named_and_left,
          a_large_part_that_was_judged_is_seen,
          a_pack_of_another_size_is_no_pack,
          earlier_events_that_come_later_are_read,
          what_only_later_snapshots_lack_is_named,
          what_was_purged_between_two_is_no_loss])
