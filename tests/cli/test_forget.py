#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""backup forget and backup copy from the command line: what stays, what
waits, what goes; and what they refuse.  All of it is synthetic."""
import datetime
import fcntl
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Skipped, files_below, main  # noqa: E402

LATER = ('--on', '2099-01-01')


def three(p):
    """A vault with three backups; the second one's document is purged, so
    that the third doesn't need its pack any more."""
    p.init('--no-recovery')
    place, ids = p.path('backup'), []
    for name in ('a', 'b'):
        path = p.write(name + '.txt', os.urandom(5000))
        doc = p.json('add', '--no-read', path)['added'][0]['id']
        ids.append(p.json('backup', place)['snapshot'])
    p.ok('remove', '--purge', doc)
    ids.append(p.json('backup', place)['snapshot'])
    return place, ids


def tree(top):
    found = {}
    for path in files_below(top):
        with open(path, 'rb') as f:
            found[os.path.relpath(path, top)] = f.read()
    return found


def listed(p, place):
    return [x['id'] for x in p.json('backup', 'list', place)['snapshots']]


def names(rows):
    return [x['id'] for x in rows]


def what_is_forgotten_goes_a_month_later(p):
    place, ids = three(p)
    before = tree(place)
    report = p.json('backup', 'forget', place, '--keep-last', '1')
    assert names(report['kept']) == ids[2:], report
    assert report['kept'][0]['reasons'] == ['last']
    assert names(report['forgotten']) == ids[:2]
    assert report['condemned']['files'] > 0 and report['problems'] == []
    assert report['deleted'] == {'files': 0, 'bytes': 0, 'snapshots': 0}
    # only a list was written
    after = tree(place)
    assert {k: after[k] for k in before} == before
    assert [os.path.dirname(x) for x in set(after) - set(before)] == \
        ['condemned']
    result = p.json('backup', 'list', place)
    assert names(result['snapshots']) == ids[2:]
    assert sorted(names(result['forgotten'])) == sorted(ids[:2])
    assert all(x['until'] > x['time'] for x in result['forgotten'])
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True
    # again: nothing more to condemn, the wait doesn't begin anew
    report = p.json('backup', 'forget', place, '--keep-last', '1')
    assert report['condemned']['files'] == report['deleted']['files'] == 0
    assert report['waiting']['files'] > 0 and tree(place) == after
    # forgotten, and still there
    p.ok('restore', place, ids[1], '--to', p.path('old'))
    assert len(p.json('--vault', p.path('old'), 'list')['documents']) == 2
    report = p.json(*LATER, 'backup', 'forget', place)
    assert report['deleted']['snapshots'] == 2
    assert report['deleted']['files'] > 0 and report['waiting']['files'] == 0
    left = tree(place)
    assert not {'snapshots/' + x for x in ids[:2]} & set(left)
    assert len([x for x in left if x.startswith('packs/')]) < \
        len([x for x in before if x.startswith('packs/')])
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True
    assert p.run('restore', place, ids[0], '--to', p.path('no')).code == 1
    p.ok('restore', place, '--to', p.path('new'))
    assert len(p.json('--vault', p.path('new'), 'list')['documents']) == 1
    p.ok('backup', place)


def a_dry_run_and_no_policy_forget_nothing(p):
    place, ids = three(p)
    before = tree(place)
    report = p.json('--dry-run', 'backup', 'forget', place, '--keep-last', '2')
    assert names(report['forgotten']) == ids[:1]
    assert tree(place) == before
    report = p.json('backup', 'forget', place)
    assert names(report['kept']) == ids and report['forgotten'] == []
    assert tree(place) == before
    assert p.json('backup', 'forget', place, '--keep-last', '0')[
        'forgotten'] == []
    for wrong in (('--keep-last', '-1'), ('--keep-within', '3'),
                  ('--keep-within', '1d1y'), ('--keep-within', '0d'),
                  ('--keep-daily', 'x')):
        assert p.run('backup', 'forget', place, *wrong).code == 2, wrong
    report = p.json('backup', 'forget', place, '--keep-within', '1y2m3d4h')
    assert names(report['kept']) == ids
    report = p.json('backup', 'forget', place, '--keep-yearly', '3')
    assert names(report['kept']) == ids[2:]


def nothing_goes_while_something_cannot_be_read(p):
    place, ids = three(p)
    p.ok('backup', 'forget', place, '--keep-last', '1')
    name = os.listdir(os.path.join(place, 'condemned'))[0]
    for hurt in ('snapshots/' + ids[1], 'snapshots/' + ids[2],
                 'condemned/' + name):
        path = os.path.join(place, hurt)
        with open(path, 'r+b') as f:
            whole = f.read()
            f.seek(60)
            f.write(bytes([whole[60] ^ 1]))
        before = tree(place)
        report = p.json(*LATER, 'backup', 'forget', place, '--keep-last', '1',
                        code=26)
        assert report['problems'] and tree(place) == before, hurt
        assert p.json('backup', 'check', place, code=26)['problems']
        with open(path, 'wb') as f:
            f.write(whole)
    # a file that the one that stays needs is missing
    path = os.path.join(place, 'packs')
    os.rename(path, path + '.away')
    before = tree(place)
    p.json(*LATER, 'backup', 'forget', place, code=26)
    assert tree(place) == before
    os.rename(path + '.away', path)
    p.ok(*LATER, 'backup', 'forget', place)
    assert p.json('backup', 'check', place)['ok'] is True


def a_copy_goes_by_headers_where_the_marker_is_hurt(p):
    """The marker that says whose backup it is, at either end: gone, or hurt."""
    place, ids = three(p)
    there = p.path('there')
    marker = os.path.join(place, 'carnet.backup')
    with open(marker, 'rb') as f:
        whole = f.read()
    for side in (place, there):
        for hurt in (None, whole[:-3], b'carnet backup\n'):
            path = os.path.join(side, 'carnet.backup')
            if os.path.exists(path):
                os.unlink(path)
            if hurt is not None:
                p.write(path, hurt)
            got = p.json('backup', 'copy', place, there)
            assert got['snapshots'] == 3 and not got['problems'], got
            with open(os.path.join(there, 'carnet.backup'), 'rb') as f:
                assert f.read() == whole, (side, hurt)
            assert p.json('backup', 'check', there, '--read-data')['ok']
            p.write(marker, whole)
    # another vault's headers are no ground to go on from
    os.unlink(os.path.join(there, 'carnet.backup'))
    other = ('--vault', p.path('other'))
    p.ok(*other, 'init', '--person', 'Other', '--kdf', 'interactive',
         '--no-recovery')
    p.ok(*other, 'backup', p.path('theirs'))
    os.unlink(p.path('theirs', 'carnet.backup'))
    before = tree(p.path('theirs'))
    got = p.run('--json', 'backup', 'copy', place, p.path('theirs'))
    assert got.code == 1 and got.error()['code'] == 'exists', got.said
    assert tree(p.path('theirs')) == before
    # with no header that is whole, nobody can say whose it is
    for path in files_below(os.path.join(place, 'headers')):
        os.truncate(path, 100)
    os.unlink(marker)
    got = p.run('--json', 'backup', 'copy', place, p.path('nowhere'))
    assert got.code == 26, (got.code, got.said)


def nothing_goes_in_favour_of_what_is_hurt(p):
    """Files of the snapshot that stays, cut short, emptied, longer, with other
    last bytes, or another file in their place: there, but not what was made."""
    place, ids = three(p)
    p.ok('backup', 'forget', place, '--keep-last', '1')
    refused = 0
    for path in files_below(place):
        room = os.path.relpath(path, place).split(os.sep)[0]
        if room not in ('packs', 'ledger'):
            continue  # without its header the backup isn't opened at all
        with open(path, 'rb') as f:
            whole = f.read()
        times = os.stat(path)
        for hurt in (b'', whole[:-1], whole + b'x',
                     whole[:-1] + bytes([whole[-1] ^ 1])):
            with open(path, 'wb') as f:
                f.write(hurt)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            before = tree(place)
            got = p.run('--json', *LATER, 'backup', 'forget', place,
                        '--keep-last', '1', '--dry-run')
            # what only the forgotten ones need may be as it likes
            assert got.code in (0, 26), (path, got.said)
            named = [x['id'] for x in got.json()['problems']]
            assert named == ([os.path.relpath(path, place)] if got.code
                             else []), (path, named)
            refused += got.code == 26
            if got.code == 26:
                p.json(*LATER, 'backup', 'forget', place, '--keep-last', '1',
                       code=26)
                assert tree(place) == before, path
        with open(path, 'wb') as f:
            f.write(whole)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert refused >= 2 * 4, refused  # a segment and a pack at least
    p.ok(*LATER, 'backup', 'forget', place, '--keep-last', '1')
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


def a_backup_brings_back_what_it_needs(p):
    """A second vault, made from an old snapshot, needs a condemned pack."""
    place, ids = three(p)
    p.ok('restore', place, ids[1], '--to', p.path('second'))
    p.ok('backup', 'forget', place, '--keep-last', '1')
    second = p.json('--vault', p.path('second'), 'backup', place)
    assert second['packs_new'] == 1
    report = p.json(*LATER, 'backup', 'forget', place, '--keep-last', '1')
    assert set(names(report['kept'])) == {ids[2], second['snapshot']}
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True
    p.ok('restore', place, second['snapshot'], '--to', p.path('again'))
    assert len(p.json('--vault', p.path('again'), 'list')['documents']) == 2
    # and now it is relied on
    assert p.json('--vault', p.path('second'), 'backup', place)[
        'packs_new'] == 0


def two_at_once_wait(p):
    place, _ids = three(p)
    with open(os.path.join(place, 'lock'), 'r+b') as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for verb in (('forget', place), ('copy', place, p.path('copy'))):
            assert p.run('--no-wait', 'backup', *verb).code == 11
        waiting = subprocess.Popen(
            [p.program, 'backup', 'forget', place, '--keep-last', '1'],
            env=p.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(1)
        assert waiting.poll() is None
        fcntl.flock(held, fcntl.LOCK_UN)
        waiting.communicate(timeout=120)
        assert waiting.returncode == 0


def a_folder_that_turned_read_only(p):
    if os.geteuid() == 0:
        raise Skipped('root may write anywhere')
    place, ids = three(p)
    p.ok('backup', 'forget', place, '--keep-last', '1')
    before = tree(place)
    for folder in ('snapshots', 'packs', 'condemned'):
        for top, _dirs, _files in os.walk(os.path.join(place, folder)):
            os.chmod(top, 0o500)
        result = p.run(*LATER, 'backup', 'forget', place, '--keep-last', '1')
        assert result.code in (0, 1), result.said
        if folder == 'snapshots':
            assert result.code == 1 and 'Permission denied' in result.said
            assert tree(place) == before
        for top, _dirs, _files in os.walk(os.path.join(place, folder)):
            os.chmod(top, 0o700)
        assert p.json('backup', 'check', place)['ok'] is True
    assert listed(p, place) == ids[2:]


def a_copy_needs_no_key(p):
    place, ids = three(p)
    p.ok('backup', 'forget', place, '--keep-last', '2')
    there = tree(place)
    env = {'CARNET_PASSPHRASE_FILE': None, 'CARNET_VAULT': p.path('none')}
    copy = p.path('copy')
    dry = p.json('--dry-run', 'backup', 'copy', place, copy, env=env)
    assert not os.path.exists(copy)
    report = p.json('backup', 'copy', place, copy, env=env)
    assert report['new_bytes'] == dry['new_bytes'] == report['total_bytes']
    assert report['snapshots'] == 3 and report['packs_new'] > 0
    there.pop('lock')
    mine = tree(copy)
    mine.pop('lock')
    assert mine == there
    assert tree(place).keys() == there.keys() | {'lock'}
    assert p.json('backup', 'copy', place, copy, env=env)['new_bytes'] == 0
    assert listed(p, copy) == ids[1:]
    assert p.json('backup', 'check', copy, '--read-data')['ok'] is True
    p.ok('restore', copy, '--to', p.path('again'))
    # cut off: what is there stays, the rest comes
    gone = [x for x in mine if x.startswith(('packs/', 'snapshots/'))]
    for name in gone[::2]:
        os.unlink(os.path.join(copy, name))
    with open(os.path.join(copy, 'snapshots', ids[2] + '.carnet-new'),
              'wb') as f:
        f.write(b'cut off')
    p.json('backup', 'copy', place, copy, env=env)
    mine = tree(copy)
    mine.pop('lock')
    assert mine == there
    # what is newer there stays, too
    p.ok('backup', copy)
    p.ok('backup', 'copy', place, copy)
    assert len(listed(p, copy)) == 3


def what_is_hurt_is_not_copied(p):
    place, _ids = three(p)
    for folder in ('packs', 'ledger', 'headers', 'snapshots'):
        path = sorted(files_below(os.path.join(place, folder)))[0]
        with open(path, 'r+b') as f:
            whole = f.read()
            f.seek(100)
            f.write(bytes([whole[100] ^ 1]))
        copy = p.path('copy-' + folder)
        report = p.json('backup', 'copy', place, copy, code=26)
        assert len(report['problems']) == 1, report
        assert not os.path.exists(
            os.path.join(copy, os.path.relpath(path, place)))
        # a good one that is there already isn't touched
        good = p.path('good-' + folder)
        with open(path, 'wb') as f:
            f.write(whole)
        p.ok('backup', 'copy', place, good)
        with open(path, 'wb') as f:
            f.write(whole[:100] + bytes([whole[100] ^ 2]) + whole[101:])
        # (of a pack that is there already, nothing but its end is read)
        p.json('backup', 'copy', place, good,
               code=0 if folder == 'packs' else 26)
        with open(path, 'wb') as f:
            f.write(whole)
        assert p.json('backup', 'check', good, '--read-data')['ok'] is True
        # mended, it goes on
        p.ok('backup', 'copy', place, copy)
        assert p.json('backup', 'check', copy, '--read-data')['ok'] is True


def a_copy_refuses(p):
    place, _ids = three(p)
    before = tree(place)
    assert p.run('backup', 'copy', p.path('none'), p.path('x')).code == 10
    assert not os.path.exists(p.path('x'))
    assert p.run('backup', 'copy', place, place).code == 1
    assert p.run('backup', 'copy', place, os.path.join(place, 'in')).code == 1
    assert p.run('backup', 'copy', place, os.path.join(
        place, 'packs')).code == 1
    os.makedirs(p.path('other'))
    p.write('other/letter.txt', b'mine')
    result = p.run('--json', 'backup', 'copy', place, p.path('other'))
    assert result.code == 1 and result.error()['code'] == 'exists'
    assert os.listdir(p.path('other')) == ['letter.txt']
    # another vault's
    p.env['CARNET_VAULT'] = p.path('vault2')
    p.init('--no-recovery')
    p.ok('backup', p.path('backup2'))
    theirs = tree(p.path('backup2'))
    result = p.run('--json', 'backup', 'copy', place, p.path('backup2'))
    assert result.code == 1 and result.error()['code'] == 'invalid'
    assert tree(p.path('backup2')) == theirs and tree(place) == before
    assert p.run('backup', 'copy', place).code == 2
    # in a cloud
    cloud = os.path.join(p.home, 'Dropbox')
    os.makedirs(os.path.join(p.home, '.dropbox'))
    os.makedirs(cloud)
    p.write(os.path.join(p.home, '.dropbox', 'info.json'),
            '{"personal":{"path":"%s"}}' % cloud)
    target = os.path.join(cloud, 'carnet')
    assert p.run('backup', 'copy', place, target).code == 13
    assert not os.path.exists(target)
    p.ok('backup', 'copy', place, target, '--to-cloud')
    assert p.json('backup', 'check', target)['ok'] is True


def in_days(number):
    return ('--on', (datetime.date.today() +
                     datetime.timedelta(days=number)).isoformat())


def what_a_replica_brings_back_is_dead(p):
    """One that lagged for months returns forgotten snapshots."""
    place, ids = three(p)
    shutil.copytree(place, p.path('replica'))
    p.ok('backup', 'forget', place, '--keep-last', '1')
    assert p.json(*in_days(29), 'backup', 'forget', place)[
        'deleted']['files'] == 0
    assert p.json(*in_days(32), 'backup', 'forget', place)[
        'deleted']['snapshots'] == 2
    after = tree(place)
    p.ok('backup', 'copy', p.path('replica'), place)
    assert tree(place) != after
    assert listed(p, place) == ids[2:]
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True
    # they are deleted again at once, their files a month later
    report = p.json(*in_days(70), 'backup', 'forget', place)
    assert report['deleted'] == {'files': 0, 'bytes': 0, 'snapshots': 2}
    p.ok(*in_days(102), 'backup', 'forget', place)
    assert {x for x in tree(place) if not x.startswith('condemned/')} == \
        {x for x in after if not x.startswith('condemned/')}
    # without its list, it would live again, and would be whole
    p.ok(*LATER, 'backup', 'forget', place)
    p.ok('backup', 'copy', p.path('replica'), place)
    assert sorted(listed(p, place)) == sorted(ids)
    assert p.json('backup', 'check', place, '--read-data')['ok'] is True


if __name__ == '__main__':
    main([what_is_forgotten_goes_a_month_later,
          a_dry_run_and_no_policy_forget_nothing,
          nothing_goes_while_something_cannot_be_read,
          nothing_goes_in_favour_of_what_is_hurt,
          a_backup_brings_back_what_it_needs, two_at_once_wait,
          a_folder_that_turned_read_only, a_copy_needs_no_key,
          a_copy_goes_by_headers_where_the_marker_is_hurt,
          what_is_hurt_is_not_copied, a_copy_refuses,
          what_a_replica_brings_back_is_dead])
