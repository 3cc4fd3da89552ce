#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""compact: few packs out of many, nothing else changed; backups, erasing,
readers, full disks, leftovers."""
import os
import random
import resource
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Program, Result, files_below, main  # noqa: E402

KEYS = ['brought_back', 'bytes_after', 'bytes_before', 'dry_run', 'expired',
        'failed', 'gathered', 'left', 'packs_after', 'packs_before',
        'problems', 'set_aside', 'swept', 'unsure', 'written']


def packs(p):
    return sorted(os.path.relpath(x, p.vault)
                  for x in files_below(os.path.join(p.vault, 'packs')))


def all_packs(p):
    return {name: open(os.path.join(p.vault, name), 'rb').read()
            for name in packs(p)}


def filled(p, count=8):
    """A vault whose documents came one by one."""
    p.init('--no-recovery')
    pick = random.Random(7)
    documents = {}
    for i in range(count):
        body = b'%d ' % i + pick.randbytes(pick.choice((1, 700, 9000)))
        made = p.json('add', p.write('d%d.bin' % i, body))['added'][0]
        documents[made['id']] = body
    text = b'Ferritine 12 ng/mL\n' * 30
    made = p.json('add', p.write('lab.txt', text))['added'][0]
    documents[made['id']] = text
    assert len(packs(p)) > count
    return documents


def intact(p, documents):
    for document, body in documents.items():
        assert p.ok('cat', document).out == body, document
    assert p.json('check', '--read-data')['ok'] is True
    assert p.json('log', '--verify')['ok'] is True


def many_packs_become_one(p):
    documents = filled(p)
    before = len(packs(p))
    listed = p.json('list')
    found = p.json('search', 'ferritine')
    foreseen = p.json('compact', '--dry-run')
    assert len(packs(p)) == before
    got = p.json('compact')
    assert sorted(got) == KEYS
    assert (got['packs_before'], got['packs_after']) == (before, 1), got
    assert len(packs(p)) == 1
    assert got['bytes_after'] == os.path.getsize(
        os.path.join(p.vault, packs(p)[0]))
    assert (got['gathered'], got['written'], got['left']) == (before, 1, 0)
    assert got['failed'] == got['problems'] == []
    for key in ('packs_after', 'bytes_after', 'gathered', 'written'):
        assert foreseen[key] == got[key], key
    intact(p, documents)
    assert p.json('list') == listed
    assert p.json('search', 'ferritine') == found
    os.unlink(os.path.join(p.vault, 'index.db'))
    intact(p, documents)
    assert p.json('repair')['problems'] == []
    intact(p, documents)


def a_second_one_does_nothing_and_says_so(p):
    filled(p)
    first = p.ok('compact')
    assert 'before: ' in first.said and first.out == b'', first.said
    kept = all_packs(p)
    again = p.ok('compact')
    assert 'nothing to gather' in again.said, again.said
    assert p.json('compact')['gathered'] == 0
    assert all_packs(p) == kept
    # one more document is one more pack, and one again
    p.ok('add', p.write('more.bin', b'one more'))
    assert len(packs(p)) > 1
    p.ok('compact')
    assert len(packs(p)) == 1


def erased_bytes_do_not_come_back(p):
    documents = filled(p)
    first, second = list(documents)[:2]
    p.ok('remove', first, '--purge')
    p.ok('compact')
    p.ok('remove', second, '--purge')
    p.ok('compact')
    for gone in (first, second):
        del documents[gone]
        assert p.run('cat', gone).code == 1
    assert not os.path.exists(os.path.join(p.vault, 'orphans'))
    assert len(packs(p)) == 1
    intact(p, documents)
    # and stored again they are new: no chunk of them was left
    made = p.json('add', p.path('d0.bin'))
    assert made['new_bytes'] > 0, made


def restored(p, documents, *snapshot):
    target = p.path('restored')
    shutil.rmtree(target, ignore_errors=True)
    p.ok('restore', p.path('backup'), *snapshot, '--to', target)
    there = Program(p.program)
    try:
        there.env['CARNET_VAULT'] = there.vault = target
        intact(there, documents)
    finally:
        there.clear()


def snapshots_before_and_after_restore(p):
    documents = filled(p)
    first = p.json('backup', p.path('backup'))
    p.ok('compact')
    second = p.json('backup', p.path('backup'))
    assert second['packs_new'] == 1, second
    assert p.json('backup', p.path('backup'))['packs_new'] <= 1
    assert p.json('backup', 'check', p.path('backup'),
                  '--read-data')['ok'] is True
    restored(p, documents, first['snapshot'])
    restored(p, documents, second['snapshot'])


def what_was_cut_off_is_swept(p):
    documents = filled(p)
    folder = os.path.join(p.vault, 'packs', 'ab')
    os.makedirs(folder, exist_ok=True)
    half = p.write(os.path.join(folder, '.tmp-ab' + 30 * '0'), b'half')
    other = p.write(os.path.join(folder, 'notes.txt'), b'not ours')
    got = p.json('compact')
    assert got['swept'] == 1, got
    assert not os.path.exists(half)
    assert open(other, 'rb').read() == b'not ours'
    os.unlink(other)
    intact(p, documents)


def limited(p, size, *args):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    done = subprocess.run([p.program, '--json', *args], env=p.env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=limit,
                          check=False)
    return Result(done)


def a_disk_without_room_changes_nothing(p):
    documents = filled(p)
    kept = all_packs(p)
    for size in (100, 5000, 200000):
        got = limited(p, size, 'compact')
        assert got.code == 1, (size, got.code, got.out, got.said)
        assert len(got.error()['message']) > 3
        assert all_packs(p) == kept, size
    intact(p, documents)
    assert p.json('compact')['packs_after'] == 1
    intact(p, documents)


def what_was_done_before_it_stopped_is_said(p):
    """A leftover of long ago goes; then the disk is full: exit 3."""
    documents = filled(p)
    name = packs(p)[0]
    os.mkdir(os.path.join(p.vault, 'orphans'), 0o700)
    shutil.copy(os.path.join(p.vault, name), os.path.join(
        p.vault, 'orphans', '2020-01-01-' + os.path.basename(name)))
    kept = all_packs(p)
    got = limited(p, 5000, 'compact')
    assert got.code == 3, (got.code, got.out, got.said)
    report = got.json()
    assert (report['expired'], report['gathered']) == (1, 0), report
    assert [sorted(x) for x in report['failed']] == [
        ['code', 'hint', 'message']], report
    assert all_packs(p) == kept
    assert os.listdir(os.path.join(p.vault, 'orphans')) == []
    intact(p, documents)


def who_reads_keeps_reading(p):
    """A reader of packs: a shared lock on packs.lock, as every verb's."""
    import fcntl
    documents = filled(p)
    with open(os.path.join(p.vault, 'packs.lock'), 'rb') as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        before = len(packs(p))
        got = p.json('--no-wait', 'compact')
        assert (got['left'], got['written']) == (before, 1), got
        assert len(packs(p)) == before + 1
        intact(p, documents)
    got = p.json('compact')
    assert (got['left'], got['written']) == (0, 0), got
    assert len(packs(p)) == 1
    intact(p, documents)


def another_writer_is_waited_for_or_not(p):
    filled(p, 2)
    holder = subprocess.Popen([p.program, 'add', '-'], env=p.env,
                              stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            got = p.run('--json', '--no-wait', 'compact')
            if got.code == 11:
                break
        assert got.code == 11 and got.error()['code'] == 'locked', got.said
    finally:
        holder.communicate(b'text', timeout=120)
    assert p.json('compact')['packs_after'] == 1


def a_hurt_pack_is_named_and_left(p):
    documents = filled(p)
    name = packs(p)[0]
    path = os.path.join(p.vault, name)
    size = os.path.getsize(path)
    with open(path, 'r+b') as f:
        f.seek(size - 60)  # its trailer
        byte = f.read(1)[0]
        f.seek(size - 60)
        f.write(bytes([byte ^ 0x41]))
    hurt = open(path, 'rb').read()
    got = p.json('compact', code=26)
    assert [x['id'] for x in got['problems']] == [name], got
    assert got['packs_after'] == 2
    assert open(path, 'rb').read() == hurt
    p.run('repair')
    for document, body in documents.items():
        assert p.ok('cat', document).out == body
    assert p.json('compact')['packs_after'] == 1


if __name__ == '__main__':
    main([many_packs_become_one, a_second_one_does_nothing_and_says_so,
          erased_bytes_do_not_come_back, snapshots_before_and_after_restore,
          what_was_cut_off_is_swept, a_disk_without_room_changes_nothing,
          what_was_done_before_it_stopped_is_said,
          who_reads_keeps_reading, another_writer_is_waited_for_or_not,
          a_hurt_pack_is_named_and_left])
