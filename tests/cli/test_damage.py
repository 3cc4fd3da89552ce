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
        assert got.code in (0, 1, 26), (got.code, got.said)
        if got.code == 0 or got.out == body:
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
            if kind not in ('packs', 'ledger'):
                assert documents_readable(p, ids) == 3, (name, at)
            fixed = p.run('--json', 'repair')
            assert fixed.code in (0, 26), (name, at, fixed.said)
            if kind not in ('packs', 'ledger'):
                assert fixed.code == 0, (name, at, fixed.out)
            if kind != 'packs':
                # what is lost was said once; what is there is whole
                again = p.run('--json', 'check')
                assert again.code == 0, (name, at, again.out)
                lost = sum(x['kind'] == 'ledger'
                           for x in fixed.json()['problems'])
                assert documents_readable(p, ids) >= 3 - lost, (name, at)
                assert p.json('repair')['problems'] == []


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


def a_hurt_header_of_a_pack_loses_nothing(p):
    """Every byte of it, one after the other, and no index that remembers what
    was in the pack: seals don't depend on what became of the header."""
    ids = small_vault(p)
    for at in range(30):
        fresh(p)
        packs = sorted(files_below(os.path.join(p.vault, 'packs')))
        flip(packs[at % len(packs)], at)
        os.unlink(os.path.join(p.vault, 'index.db'))
        fixed = p.run('--json', 'repair')
        assert fixed.code == 0, (at, fixed.said)
        assert documents_readable(p, ids) == 3, at


def what_is_erased_goes_from_what_was_set_aside(p):
    """repair keeps hurt files in damaged/: what --purge erases goes there,
    too, byte by byte, and nothing else does."""
    p.init('--no-recovery')
    bodies = [os.urandom(30000) for _ in range(2)]
    gone, kept = (x['id'] for x in p.json('add', '--no-read', *(
        p.write('%d.bin' % i, body) for i, body in enumerate(bodies)))[
            'added'])
    p.ok('tag', kept, '+hurt')
    (pack,) = files_below(os.path.join(p.vault, 'packs'))
    flip(pack, os.path.getsize(pack) - 1)  # the checksum alone
    path = segments(p)[-1]
    flip(path, records(path)[-2] + 200)  # the tag
    assert p.run('repair').code == 26
    aside = os.path.join(p.vault, 'damaged')
    # and one that no longer says what is in it
    shutil.copy(os.path.join(aside, os.path.basename(pack)),
                p.path('unreadable'))
    before = {x: open(x, 'rb').read() for x in files_below(aside)
              if os.path.basename(x) != 'device'}
    assert len(before) == 2, before.keys()
    p.ok('remove', gone, '--purge')
    for name, old in before.items():
        with open(name, 'rb') as f:
            new = f.read()
        assert len(new) == len(old), name
        changed = [i for i in range(len(old)) if old[i] != new[i]]
        assert changed and not any(new[i] for i in changed), name
        span = changed[-1] - changed[0] + 1
        if name.endswith(os.path.basename(pack)):
            assert 30000 <= span < 31000, span
            assert len(changed) > 29000, len(changed)
        else:
            assert 100 < span < 2000, span
    assert p.ok('cat', kept).out == bodies[1]
    assert p.json('check', '--read-data')['ok'] is True
    with open(p.path('unreadable'), 'r+b') as f:
        f.seek(-100, os.SEEK_END)
        f.write(bytes(92))
    hurt = os.path.join(aside, os.path.basename(pack) + '.1')
    shutil.move(p.path('unreadable'), hurt)
    with open(hurt, 'rb') as f:
        old = f.read()
    got = p.run('remove', kept, '--purge')
    assert got.code == 0 and b'damaged/' in got.err, got.said
    with open(hurt, 'rb') as f:
        assert f.read() == old


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


def segments(p):
    return sorted(files_below(os.path.join(p.vault, 'ledger')))


def records(path):
    """Where each record begins, and the end, by their frames."""
    with open(path, 'rb') as f:
        data = f.read()
    places, at = [], 48
    while at < len(data):
        places.append(at)
        at += 16 + int.from_bytes(data[at:at + 4], 'little')
    assert at == len(data), (at, len(data))
    return places + [at]


def no_index(p):
    os.unlink(os.path.join(p.vault, 'index.db'))


def a_flipped_last_record_is_damage_without_an_index(p):
    small_vault(p)
    before = p.json('log')['events']
    start, end = records(segments(p)[-1])[-2:]
    for at in (start, start + 3, start + 7, start + 16, start + 300, end - 1):
        fresh(p)
        flip(segments(p)[-1], at)
        no_index(p)
        got = p.run('--json', 'check')
        assert got.code == 26
        assert any(x['kind'] == 'ledger' for x in got.json()['problems']), at
        assert p.run('list').code == 26, at
        # nothing is written behind it, and nothing of it is cut off
        size = os.path.getsize(segments(p)[-1])
        whole = start <= at < start + 16  # the frame alone
        if not whole:
            refused = p.run('--json', 'tag', before[0]['subject'], '+x')
            assert refused.code == 26, (at, refused.said)
        assert os.path.getsize(segments(p)[-1]) == size
        fixed = p.run('--json', 'repair')
        assert fixed.code == (0 if whole else 26), (at, fixed.out)
        assert any(x.startswith('ledger-') for x in
                   os.listdir(os.path.join(p.vault, 'damaged')))
        assert p.json('check')['ok'] is True
        p.json('add', p.write('more.txt', b'more'))
        verified = p.json('log', '--verify')
        assert verified['ok'] is True
        if whole:
            assert verified['known_gaps'] == []
        else:
            (gap,) = verified['known_gaps']
            assert gap['from'] == gap['to'] == len(before)
            assert gap['repaired_ms'] > 0
            assert 'known gap' in p.ok('log', '--verify').text


def a_lost_record_is_known_after_repair(p):
    ids = small_vault(p)
    path = segments(p)[0]
    places = records(path)
    # the record that added the second document
    log = list(reversed(p.json('log')['events']))
    second = [i for i, x in enumerate(log) if x['kind'] == 'document.added'][1]
    flip(path, places[second] + 100)
    got = p.run('--json', 'check')
    assert got.code == 26
    details = ' '.join(x['detail'] for x in got.json()['problems'])
    assert 'event %d is missing' % (second + 1) in details, details
    fixed = p.run('--json', 'repair')
    assert fixed.code == 26  # what is lost is said, once
    assert any('event %d is missing' % (second + 1) in x['detail']
               for x in fixed.json()['problems'])
    assert p.json('repair')['problems'] == []
    assert p.json('check', '--read-data')['ok'] is True
    assert documents_readable(p, ids) == 2
    verified = p.json('log', '--verify')
    assert [(x['from'], x['to']) for x in verified['known_gaps']] == \
        [(second + 1, second + 1)]
    # the gap stays known in a backup, and where that is restored
    p.json('backup', p.path('backup'))
    assert p.json('backup', 'check', p.path('backup'), '--read-data')['ok']
    p.json('restore', p.path('backup'), '--to', p.path('again'))
    again = p.json('--vault', p.path('again'), 'log', '--verify')
    assert again['ok'] is True and len(again['known_gaps']) == 1
    # a second loss is new damage
    places = records(segments(p)[-1])
    flip(segments(p)[-1], places[0] + 100)
    assert p.run('check').code == 26


def a_torn_write_is_no_fuss(p):
    """As a power cut leaves it: 512-byte sectors that never came, be the
    file short or be there zeros; the batch was never reported."""
    small_vault(p)
    before = p.json('log')['events']
    path = segments(p)[-1]
    size = os.path.getsize(path)
    p.ok('note', p.json('list')['documents'][0]['id'], 'x ' * 1200)
    with open(path, 'rb') as f:
        torn = f.read()
    assert len(torn) > size + 2000
    sectors = range(size // 512, len(torn) // 512 + 1)
    cases = [torn[:n] for n in
             [size + 1, size + 15, size + 16, size + 17, len(torn) - 1] +
             [512 * s for s in sectors if size < 512 * s < len(torn)]]
    for s in sectors:
        first, last = max(size, 512 * s), min(len(torn), 512 * s + 512)
        if first < last:
            cases.append(torn[:first] + bytes(last - first) + torn[last:])
    cases.append(torn[:size] + bytes(len(torn) - size))
    for with_index in (True, False):
        for case in cases:
            fresh(p)
            if not with_index:
                no_index(p)
            with open(path, 'wb') as f:
                f.write(case)
            got = p.run('--json', 'log')
            assert got.code == 0, (len(case), got.said)
            assert got.json()['events'] == before
            assert p.json('check')['problems'] == []
        p.ok('note', p.json('list')['documents'][0]['id'], 'y')
        assert len(p.json('log')['events']) == len(before) + 1
        assert p.json('log', '--verify')['ok'] is True


def a_device_that_ends_leaves_no_torn_write(p):
    """Nobody writes to its ledger any more, so nobody else would cut it off;
    and a backup holds whole records alone."""
    ids = small_vault(p)
    path = segments(p)[-1]
    size = os.path.getsize(path)
    p.ok('note', next(iter(ids)), 'x ' * 1200)
    with open(path, 'rb') as f:
        whole = f.read()
    places = records(path)
    for with_index in (True, False):
        for hurt in ('device', 'event'):
            fresh(p)
            if not with_index:
                no_index(p)
            with open(path, 'wb') as f:
                f.write(whole[:size + 700])
            if hurt == 'device':
                flip(os.path.join(p.vault, 'device'), 60)
            else:
                flip(path, places[3] + 100)
            p.run('repair')
            now = [s for s in segments(p)
                   if os.path.dirname(s) == os.path.dirname(path)]
            assert len(now) == 1 and len(segments(p)) == 2
            assert os.path.getsize(now[0]) == \
                size - (places[4] - places[3] if hurt == 'event' else 0), hurt
            assert records(now[0])
            assert p.json('check')['problems'] == []
            shutil.rmtree(p.path('backup'), ignore_errors=True)
            p.json('backup', p.path('backup'))
            got = p.json('backup', 'check', p.path('backup'), '--read-data')
            assert got['ok'] is True, got


def two_devices(p):
    """The first one's ledger has two segments; the second one writes, having
    seen both.  Both devices' folders, and how many events the first has."""
    p.init()
    p.ok('add', p.write('a.txt', b'one'))
    p.ok('backup', p.path('backup'))  # ends a segment
    p.ok('add', p.write('b.txt', b'two'))
    first = os.path.dirname(segments(p)[0])
    events = len(p.json('log')['events'])
    os.unlink(os.path.join(p.vault, 'device'))
    p.ok('add', p.write('c.txt', b'three'))
    (second,) = {os.path.dirname(s) for s in segments(p)} - {first}
    assert len(os.listdir(first)) == 2
    return first, second, events


def lost_events_are_named(p, device, start, end):
    """By check, log and list, with or without an index; then by repair."""
    detail = 'events %d to %d are missing' % (start, end)
    no_index(p)
    for args in (('check',), ('log', '--verify')):
        got = p.run('--json', *args)
        assert got.code == 26, (args, got.out)
        assert any(detail in x['detail'] and device in x['id']
                   for x in got.json()['problems']), (args, got.out)
    no_index(p)
    assert p.run('list').code == 26
    assert p.run('log', '--verify').code == 26  # with the index made just now
    fixed = p.run('--json', 'repair')
    assert fixed.code == 26, fixed.out
    assert any(detail in x['detail'] for x in fixed.json()['problems'])
    assert p.json('check')['ok'] is True
    verified = p.json('log', '--verify')
    assert verified['ok'] is True
    (gap,) = verified['known_gaps']
    assert (gap['device'], gap['from'], gap['to']) == (device, start, end)


def a_deleted_last_segment_is_missed_by_another_device(p):
    """No index and no backup are needed to see that it was there."""
    first, _, events = two_devices(p)
    assert p.json('check')['ok'] is True
    no_index(p)
    p.ok('list')
    assert p.json('check')['ok'] is True
    size = len(records(os.path.join(first, '1'))) - 1
    os.unlink(os.path.join(first, '2'))
    lost_events_are_named(p, os.path.basename(first), size + 1, events)
    p.ok('add', p.write('d.txt', b'four'))
    assert p.json('check', '--read-data')['ok'] is True


def a_deleted_device_is_missed_by_another(p):
    first, _, events = two_devices(p)
    shutil.rmtree(first)
    lost_events_are_named(p, os.path.basename(first), 1, events)


def half_a_batch_is_none(p):
    """A verb's events are all there, or none: a whole record before the torn
    one of the same batch doesn't count."""
    p.init()
    path = segments(p)[-1]
    size = os.path.getsize(path)
    one, two = p.write('one.txt', b'one'), p.write('two.txt', b'two')
    p.json('add', '--no-read', one, two)
    places = records(path)
    assert len([x for x in places if x > size]) == 2  # one batch of two
    os.truncate(path, places[-2] + 300)
    no_index(p)
    assert p.json('list')['documents'] == []
    os.truncate(path, places[-2])
    no_index(p)
    assert p.json('list')['documents'] == []
    assert len(p.json('add', '--no-read', one)['added']) == 1
    assert p.json('check')['ok'] is True


def a_flipped_byte_of_a_backup_is_named(p):
    """In each of its files, one at a time; the vault isn't touched."""
    small_vault(p)
    place = p.path('backup')
    p.json('backup', place)
    files = [f for f in files_below(place) if os.path.getsize(f) > 0]
    assert {os.path.relpath(f, place).split(os.sep)[0] for f in files} >= {
        'headers', 'ledger', 'packs', 'snapshots'}
    for path in files:
        size = os.path.getsize(path)
        for at in (0, size // 2, size - 1):
            flip(path, at)
            got = p.run('--json', 'backup', 'check', place, '--read-data')
            assert got.code == 26, (path, at, got.code, got.said)
            flip(path, at)
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


def older_ledger_put_back_is_26(p):
    small_vault(p)
    p.json('add', p.write('later.txt', b'later'))
    shutil.rmtree(os.path.join(p.vault, 'ledger'))
    shutil.copytree(p.path('whole', 'ledger'),
                    os.path.join(p.vault, 'ledger'))
    assert p.run('check').code == 26
    assert p.run('list').code == 26
    assert p.run('add', p.write('more.txt', b'more')).code == 26
    assert p.run('repair').code == 26  # what was added since is lost
    assert p.json('check')['ok'] is True
    p.json('add', p.path('more.txt'))
    verified = p.json('log', '--verify')
    assert verified['ok'] is True and len(verified['known_gaps']) == 1


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


def what_another_device_has_seen_is_missed(p):
    """A device's last segment is deleted, index and all: the device that
    came after it has written down how far it reached."""
    p.init('--no-recovery')
    first = p.json('add', p.write('a.txt', b'Bilan\n' * 9))['added'][0]['id']
    p.ok('backup', p.path('dest'))
    second = p.json('add', p.write('b.txt', b'Calcium\n' * 9))
    p.ok('backup', p.path('dest'))
    p.ok('restore', p.path('dest'), '--to', p.path('back'))
    p.vault = p.env['CARNET_VAULT'] = p.path('back')
    [old] = os.listdir(os.path.join(p.vault, 'ledger'))
    p.ok('tag', first, '+encore')  # a new device writes
    assert len(os.listdir(os.path.join(p.vault, 'ledger'))) == 2
    assert p.json('check')['ok'] is True
    segments = os.path.join(p.vault, 'ledger', old)
    last = max(os.listdir(segments), key=int)
    assert int(last) > 1
    os.unlink(os.path.join(segments, last))
    os.unlink(os.path.join(p.vault, 'index.db'))
    for verb in (('check',), ('log', '--verify')):
        got = p.run('--json', *verb)
        assert got.code == 26, (verb, got.said)
        assert 'ledger/' + old in [
            x['id'] for x in got.json()['problems']], got.out
    assert p.run('repair').code == 26
    assert p.json('check')['ok'] is True
    there = [x['id'] for x in p.json('list')['documents']]
    assert there == [first] and second['added'][0]['id'] not in there
    p.ok('tag', first, '+plus')


def who_waits_for_a_writer_is_in_no_ones_way(p):
    """A writer that deletes packs waits for their readers; a reader that must
    build the index waits for the writer: never both for each other."""
    import fcntl
    import subprocess
    import time
    p.init('--no-recovery')
    p.ok('add', p.write('a.txt', b'Bilan\n' * 9))
    os.unlink(os.path.join(p.vault, 'index.db'))
    with open(os.path.join(p.vault, 'lock'), 'rb+') as writer, \
            open(os.path.join(p.vault, 'packs.lock'), 'rb+') as packs:
        fcntl.flock(writer, fcntl.LOCK_EX)
        reader = subprocess.Popen([p.program, 'list'], env=p.env,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        time.sleep(1)
        end = time.monotonic() + 20
        while True:
            try:
                fcntl.flock(packs, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                assert time.monotonic() < end, 'the reader holds the packs'
                time.sleep(0.05)
        assert reader.poll() is None
        fcntl.flock(packs, fcntl.LOCK_UN)
        fcntl.flock(writer, fcntl.LOCK_UN)
        out, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0 and b'Bilan' in out, (
        reader.returncode, out)


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',) and
          v.__name__ not in ('small_vault', 'fresh', 'documents_readable',
                             'segments', 'no_index', 'two_devices',
                             'lost_events_are_named')])
