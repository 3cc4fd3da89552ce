#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What the program writes, the second reader reads: it was made from
docs/format.md alone, so that document and program can't drift apart."""
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, 'cli'))
sys.path.insert(0, here)
import second_reader  # noqa: E402
from program import PASSPHRASE, files_below, main  # noqa: E402

READER = os.path.join(here, 'second_reader.py')


def read(p, *args, words=None, code=0, where=None):
    secret = ['--passphrase-file', p.secret]
    if words is not None:
        secret = ['--words-file', p.write('typed', words)]
    done = subprocess.run(
        ['/usr/bin/python3', READER, *(where or ['--vault', p.vault]),
         *secret, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        check=False)
    assert done.returncode == code, (args, done.returncode, done.stderr)
    return done.stdout


def reads(p, *args, **more):
    return json.loads(read(p, *args, **more))


def same(p, where=None, vault=None):
    """Both readers see the same documents and the same events."""
    at = ['--vault', vault] if vault else []
    ours = {x['id']: x for x in p.json(*at, 'list')['documents']}
    theirs = {x['id']: x for x in reads(p, 'list', where=where)}
    assert set(ours) == set(theirs), (set(ours) ^ set(theirs))
    for doc in ours:
        for key in ('title', 'type', 'date', 'size'):
            assert ours[doc][key] == theirs[doc][key], (doc, key)
        assert sorted(ours[doc]['tags']) == theirs[doc]['tags']
        assert p.ok(*at, 'cat', doc).out == read(p, 'cat', doc, where=where)
    events = {(x['device'], x['seq'], x['kind'], x['hash'])
              for x in p.json(*at, 'log')['events']}
    their_events = {(x['device'], x['seq'], x['kind'], x['hash'])
                    for x in reads(p, 'events', where=where)}
    return events, their_events


def a_family_vault(p):
    """Documents of all sorts, edited, tagged, one in the trash."""
    made = p.init()
    pick = random.Random(5)
    ids = []
    bodies = [b'', b'x', 'Compte rendu du 3 mars 2025\n'.encode() * 40,
              pick.randbytes(300000), pick.randbytes(9 << 20)]
    for i, body in enumerate(bodies):
        path = p.write('%d.txt' % i, body)
        ids.append(p.json('add', path)['added'][0]['id'])
    p.ok('edit', ids[1], '--title', 'Un titre', '--type', 'letter',
         '--date', '2024-02-29')
    p.ok('tag', ids[2], '+sang', '+2025')
    p.ok('tag', ids[2], '-sang')
    p.ok('note', ids[2], 'une note')
    p.ok('person', 'add', 'Paul Martin')
    p.ok('remove', ids[3])
    return made, ids


def documents_and_events_are_the_same(p):
    made, ids = a_family_vault(p)
    events, theirs = same(p)
    assert events == theirs
    assert ids[3] not in {x['id'] for x in reads(p, 'list')}
    report = reads(p, 'check')
    assert report['ok'] and report['problems'] == []
    # by the words, too
    words = ' '.join(made['recovery_words'])
    assert reads(p, 'list', words=words) == reads(p, 'list')
    assert read(p, 'list', words=words + ' x', code=12) == b''


def french_words_open_it(p):
    made = p.json('--lang', 'fr', 'init', '--person', 'Claire', '--kdf',
                  'interactive')
    words = made['recovery_words']
    assert len(words) == 15
    typed = ' '.join(words).upper()
    assert reads(p, 'list', words=typed) == []
    assert reads(p, 'list', words=' '.join(x[:4] for x in words)) == []


def a_purged_payload_is_gone_and_its_gap_named(p):
    _, ids = a_family_vault(p)
    p.ok('remove', '--purge', ids[2])
    assert any('.' in os.path.basename(x) for x in
               files_below(os.path.join(p.vault, 'ledger')))
    events, theirs = same(p)
    assert events == theirs
    purged = [x for x in reads(p, 'events') if x['purged']]
    assert {x['kind'] for x in purged} >= {'document.added'}
    assert reads(p, 'check')['ok'] is True


def a_large_file_has_lists_of_chunks(p):
    """More than 64 chunks: its names are those of lists."""
    p.init()
    pick = random.Random(6)
    path = p.path('large.bin')
    with open(path, 'wb') as f:
        for _ in range(96):
            f.write(pick.randbytes(1 << 20))
    doc = p.json('add', '--no-read', path)['added'][0]['id']
    with open(path, 'rb') as f:
        assert read(p, 'cat', doc) == f.read()
    assert reads(p, 'check')['ok'] is True


def two_devices_after_a_restore(p):
    _, ids = a_family_vault(p)
    backup = ['--backup', p.path('backup')]
    p.json('backup', p.path('backup'))
    _, theirs = same(p, where=backup)
    p.json('restore', p.path('backup'), '--to', p.path('again'))
    p.ok('--vault', p.path('again'), 'tag', ids[0], '+ailleurs')
    p.json('--vault', p.path('again'), 'add', p.write('n.txt', b'new'))
    again = ['--vault', p.path('again')]
    events, both = same(p, where=again, vault=p.path('again'))
    assert events == both
    assert len({x[0] for x in both}) == 2
    assert theirs < both
    p.json('--vault', p.path('again'), 'backup', p.path('backup'))
    same(p, where=backup, vault=p.path('again'))
    assert reads(p, 'check', where=backup)['ok'] is True


def a_backup_of_two_branches(p):
    """The one used last is the newest; the old passphrase opens it, too."""
    _, ids = a_family_vault(p)
    place, again = p.path('backup'), p.path('again')
    backup = ['--backup', place]
    first = p.json('backup', place)['snapshot']
    for i in range(9):
        p.ok('tag', ids[0], '+ici%d' % i)
    p.json('backup', place)
    p.json('restore', place, first, '--to', again)
    new = p.write('new', b'another passphrase\n', 0o600)
    p.ok('--vault', again, '--new-passphrase-file', new, 'key', 'change')
    old, p.env['CARNET_PASSPHRASE_FILE'] = p.secret, new
    p.ok('--vault', again, 'tag', ids[0], '+ailleurs')
    p.json('--vault', again, 'backup', place)
    for p.secret in (new, old):
        events, theirs = same(p, where=backup, vault=again)
        assert theirs < events  # but for the last backup.made
        assert any(x[2] == 'backup.begun' for x in theirs)
    assert reads(p, 'check', where=backup)['ok'] is True


def one_device_misses_another(p):
    """By the heads that an event names; what repair wrote down is known."""
    a_family_vault(p)
    first = {os.path.dirname(f) for f in
             files_below(os.path.join(p.vault, 'ledger'))}
    p.json('backup', p.path('backup'))
    p.ok('add', p.write('n.txt', b'new'))
    os.unlink(os.path.join(p.vault, 'device'))
    p.ok('add', p.write('o.txt', b'other'))
    assert reads(p, 'check')['ok'] is True
    last = max(files_below(first.pop()),
               key=lambda f: int(os.path.basename(f)))
    os.unlink(last)
    report = reads(p, 'check', code=26)
    assert any('are missing' in x for x in report['problems']), report
    assert p.run('repair').code == 26
    report = reads(p, 'check')
    assert report['ok'] is True and report['known_gaps'] == 1
    events, theirs = same(p)
    assert events == theirs


def what_is_forgotten_is_the_same(p):
    _, ids = a_family_vault(p)
    place = p.path('backup')
    backup = ['--backup', place]
    first = p.json('backup', place)['snapshot']
    packs = {os.path.basename(x)
             for x in files_below(os.path.join(place, 'packs'))}
    p.ok('remove', '--purge', ids[3])
    last = p.json('backup', place)['snapshot']
    report = p.json('backup', 'forget', place, '--keep-last', '1')
    seen = reads(p, 'snapshots', where=backup)
    assert seen['living'] == [last] and seen['forgotten'] == [first]
    assert len(seen['files']) == report['condemned']['files']
    gone = {x[1][:32] for x in seen['files'] if x[0] == 1}
    assert gone and gone <= packs
    same(p, where=backup)
    # the forgotten one, as long as it is there
    assert len(reads(p, 'list', where=backup + ['--snapshot', first])) == \
        len(ids) - 1
    later = p.json('--on', '2099-01-01', 'backup', 'forget', place)
    assert later['deleted']['files'] == len(seen['files'])
    assert not gone & {os.path.basename(x) for x in
                       files_below(os.path.join(place, 'packs'))}
    same(p, where=backup)
    assert reads(p, 'check', where=backup)['ok'] is True


def a_known_gap_is_no_damage(p):
    a_family_vault(p)
    path = next(files_below(os.path.join(p.vault, 'ledger')))
    with open(path, 'r+b') as f:
        f.seek(48 + 200)
        f.write(b'hurt')
    read(p, 'list', code=26)
    assert p.run('repair').code == 26
    report = reads(p, 'check')
    assert report['ok'] is True and report['known_gaps'] == 1
    events, theirs = same(p)
    assert events == theirs


def the_ledger_vector_reads(p):
    """tests/vectors/ledger.json: every field of event and segment."""
    with open(os.path.join(here, 'vectors', 'ledger.json')) as f:
        vector = json.load(f)
    master = bytes.fromhex(vector['master'])
    segment = second_reader.Segment(
        second_reader.subkey(master, 5), bytes.fromhex(vector['vault']),
        bytes.fromhex(vector['device']), vector['number'],
        vector['revision'], bytes.fromhex(vector['segment']))
    events = list(segment.events())
    assert len(events) == len(vector['events']) == 3
    for event, expected in zip(events, vector['events']):
        for key in ('seq', 'lamport', 'batch_index', 'batch_len', 'recorded',
                    'kind', 'purged'):
            assert getattr(event, key) == expected[key], key
        assert list(event.effective) == expected['effective']
        assert event.previous.hex() == expected['previous']
        assert event.commitment.hex() == expected['commitment']
        assert event.hash.hex() == expected['hash']
        assert event.id('d', second_reader.subkey(master, 7)) == \
            expected['id']
        assert event.purged or \
            event.payload.decode() == expected['payload']


def the_pack_vectors_read(p):
    the_pack_vector_reads('pack.json', 1)
    the_pack_vector_reads('pack-2.json', 2)


def the_pack_vector_reads(name, version):
    with open(os.path.join(here, 'vectors', name)) as f:
        vector = json.load(f)
    master = bytes.fromhex(vector['master'])
    data = (bytes.fromhex(vector['head']) + bytes(vector['padding_zeros']) +
            bytes.fromhex(vector['tail']))
    assert data[8] == version
    pack = second_reader.Pack(second_reader.subkey(master, 4), vector['id'],
                              data)
    for chunk in vector['chunks']:
        assert pack.chunk(second_reader.subkey(master, 2),
                          bytes.fromhex(chunk['name'])).hex() == \
            chunk['plain']


def newer_versions_are_told(p):
    """A version above ours is no damage, and says so."""
    p.init()
    path = next(files_below(os.path.join(p.vault, 'ledger')))
    with open(path, 'r+b') as f:
        f.seek(8)
        f.write(b'\x02')
    read(p, 'list', code=1)


def damage_is_seen(p):
    a_family_vault(p)
    pick = random.Random(8)
    for path in list(files_below(p.vault)):
        name = os.path.relpath(path, p.vault).split('/')[0]
        if name not in ('ledger', 'packs', 'carnet.head', 'carnet.head.1',
                        'device'):
            continue
        at = pick.randrange(os.path.getsize(path))
        with open(path, 'r+b') as f:
            whole = f.read()
            f.seek(at)
            f.write(bytes([whole[at] ^ 4]))
        read(p, 'check', code=26)
        with open(path, 'wb') as f:
            f.write(whole)
    assert reads(p, 'check')['ok'] is True


def the_wrong_passphrase_is_told(p):
    p.init()
    p.write('pw', b'wrong ' + PASSPHRASE, 0o600)
    read(p, 'list', code=12)


FIXTURE = os.path.join(here, 'vectors', 'vault-0.1')


def the_old_vault_still_opens(p):
    """The vault that carnet 0.1 made: by program and second reader, by
    passphrase and words, itself and its backup."""
    with open(os.path.join(FIXTURE, 'expected.json')) as f:
        expected = json.load(f)
    p.write('pw', expected['passphrase'] + '\n', 0o600)
    for source in ('vault', 'backup'):
        shutil.copytree(os.path.join(FIXTURE, source), p.path(source))
    before = {x: open(x, 'rb').read() for x in files_below(p.vault)}
    backup = ['--backup', p.path('backup')]
    for where in (None, backup):
        found = {x['id']: x for x in reads(p, 'list', where=where)}
        assert found == {x['id']: x for x in expected['documents']}
        for doc, digest in expected['sha256'].items():
            assert hashlib.sha256(read(p, 'cat', doc, where=where)
                                  ).hexdigest() == digest
        assert reads(p, 'check', where=where)['ok'] is True
    assert reads(p, 'list', words=expected['words']) == expected['documents']
    assert {x: open(x, 'rb').read() for x in files_below(p.vault)} == before
    # the index isn't in it: the program builds its own
    assert {x['id'] for x in p.json('list')['documents']} == \
        set(expected['sha256'])
    for doc, digest in expected['sha256'].items():
        assert p.json('show', doc)['sha256'] == digest
    assert [x['kind'] for x in reversed(p.json('log')['events'])] == \
        expected['kinds']
    assert p.json('check', '--read-data')['ok'] is True
    assert p.json('log', '--verify')['ok'] is True
    assert p.json('backup', 'check', p.path('backup'), '--read-data')['ok']
    p.json('add', p.write('more.txt', b'written by the program of today'))
    events, theirs = same(p)
    assert events == theirs
    words = p.write('words', expected['words'], 0o600)
    p.write('new', b'another passphrase\n', 0o600)
    p.json('restore', p.path('backup'), '--to', p.path('again'), '--recover',
           '--words-file', words, '--new-passphrase-file', p.path('new'))


if __name__ == '__main__':
    main([documents_and_events_are_the_same, french_words_open_it,
          a_purged_payload_is_gone_and_its_gap_named,
          a_large_file_has_lists_of_chunks, two_devices_after_a_restore,
          one_device_misses_another,
          a_backup_of_two_branches, what_is_forgotten_is_the_same,
          a_known_gap_is_no_damage, damage_is_seen,
          the_ledger_vector_reads, the_pack_vectors_read,
          newer_versions_are_told, the_old_vault_still_opens,
          the_wrong_passphrase_is_told])
