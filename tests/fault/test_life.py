#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The program itself under trouble: killed and failing at points of its real
runs, many at once, a full disk, a clock that goes back; and random work held
against a model of it.  Usage: test_life.py CARNET SHIM [CASE...]
CARNET_FAULT_SECONDS: how long the two random cases go on (20)."""
import errno
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'cli'))
from program import (PASSPHRASE, Program, Result, Skipped,  # noqa: E402
                     files_below, main)

SHIM = os.path.abspath(sys.argv[2])
SECONDS = float(os.environ.get('CARNET_FAULT_SECONDS', '20'))
SEED = int(os.environ.get('CARNET_FAULT_SEED', time.time_ns() % 10**9))
KILL_BEFORE, KILL_AFTER, FAIL = 1, 2, 4
WRITE, SYNC, NAME, OPEN, CUT, READ = 1, 2, 4, 8, 16, 32
MEMORY = 64
DISK = WRITE | SYNC | NAME | CUT


def preloading():
    if 'CARNET_SANITIZED' in os.environ:
        raise Skipped('nothing can be loaded before a sanitizer')


def with_fault(p, act, kinds, at, *args, persist=0, error=0, clock=None,
               json=True, roots=None):
    """Runs the program with one fault; Result and the number of calls."""
    report = p.write('report', b'')
    env = {'LD_PRELOAD': SHIM, 'CARNET_FAULT_ROOTS': roots or p.vault,
           'CARNET_FAULT': '%d,%d,%d,%d,%d,0' % (act, kinds, at, persist,
                                                 error),
           'CARNET_FAULT_REPORT': report}
    if clock is not None:
        env['CARNET_FAULT_CLOCK'] = str(clock)
    result = p.run(*(['--json'] if json else []), *args, env=env)
    text = open(report, encoding='ascii').read().split()
    return result, int(text[0]) if text else None


def bodies(p):
    """Every document's bytes."""
    found = {}
    for document in p.json('list')['documents']:
        found[document['id']] = p.ok('cat', document['id']).out
    return found


def intact(p, expected):
    """Clean once a writer has been there, and nothing reported is lost."""
    p.ok('tag', next(iter(expected)), '+seen')
    assert p.json('check', '--read-data')['ok'] is True
    for document, body in expected.items():
        assert p.ok('cat', document).out == body, document


def start(p):
    p.init('--no-recovery')
    body = b'Bilan du 5 mars\n' * 30
    made = p.json('add', p.write('a.txt', body))['added'][0]['id']
    shutil.copytree(p.vault, p.path('whole'))
    return {made: body}


def again(p):
    shutil.rmtree(p.vault)
    shutil.copytree(p.path('whole'), p.vault)


def killed_while_adding(p):
    preloading()
    expected = start(p)
    new = p.write('b.txt', b'Ferritine 12 ng/mL\n' * 50)
    got, calls = with_fault(p, 0, DISK, 0, 'add', new)
    assert got.code == 0 and calls > 20, (got.said, calls)
    points = sorted({1 + i * calls // 6 for i in range(6)})
    for at in points:
        for act in (KILL_BEFORE, KILL_AFTER):
            again(p)
            got, _ = with_fault(p, act, DISK, at, 'add', new)
            assert got.code == -signal.SIGKILL, (at, got.code)
            intact(p, expected)


def failing_while_adding(p):
    preloading()
    expected = start(p)
    new = p.write('b.txt', b'Ferritine 12 ng/mL\n' * 50)
    for kinds, error in ((SYNC, errno.EIO), (WRITE, errno.ENOSPC),
                         (NAME, errno.EROFS)):
        again(p)
        calls = with_fault(p, 0, kinds, 0, 'add', new)[1]
        for at in {1, calls // 3, 2 * calls // 3, calls}:
            for persist in (0, 1):
                again(p)
                got, _ = with_fault(p, FAIL, kinds, max(at, 1), 'add', new,
                                    persist=persist, error=error)
                assert got.code in (0, 1, 3), (got.code, got.said)
                if got.code == 1:
                    assert len(got.error()['message']) > 3
                also = {}
                if got.out:
                    also = {a['id']: open(new, 'rb').read()
                            for a in got.json()['added']}
                intact(p, {**expected, **also})


def files_that_are_named_ahead(p):
    """`add --no-read` reads and names files before their turn: killed, and
    failing at calls of it, memory and the files themselves included."""
    preloading()
    expected = start(p)
    files = {}
    os.mkdir(p.path('in'))
    for i in range(12):
        body = b'%d of twelve\n' % i * (8000 if i % 4 == 0 else 20)
        files[p.write('in/%d.txt' % i, body)] = body
    command = ('add', '--no-read', p.path('in'))

    def run(act, kinds, at, **more):
        again(p)
        return with_fault(p, act, kinds, at, *command,
                          roots=p.vault + ':' + p.path('in'), **more)

    calls = run(0, DISK, 0)[1]
    assert calls > 20, calls
    for at in sorted({1 + i * calls // 8 for i in range(8)}):
        got, _ = run(KILL_BEFORE, DISK, at)
        assert got.code == -signal.SIGKILL, (at, got.code)
        intact(p, expected)
    for kinds, error in ((OPEN, errno.EMFILE), (READ, errno.EIO),
                         (MEMORY, errno.ENOMEM), (SYNC, errno.EIO)):
        calls = run(0, kinds, 0)[1]
        assert calls, kinds
        for at in sorted({1 + i * calls // 6 for i in range(6)}):
            for persist in (0, 1):
                got, _ = run(FAIL, kinds, at, persist=persist, error=error)
                assert got.code in (0, 1, 3, 11, 26), (
                    got.code, kinds, at, persist, got.said)
                added = got.json().get('added', []) if got.out else []
                intact(p, {**expected, **{
                    a['id']: files[a['path']] for a in added}})
                if got.code == 0:
                    assert len(added) == len(files), (kinds, at, persist,
                                                      got.text)


def killed_while_compacting(p):
    preloading()
    expected = start(p)
    for i in range(4):
        body = b'document %d' % i
        made = p.json('add', p.write('k.bin', body))['added'][0]
        expected[made['id']] = body
    shutil.rmtree(p.path('whole'))
    shutil.copytree(p.vault, p.path('whole'))
    got, calls = with_fault(p, 0, DISK, 0, 'compact')
    assert got.code == 0 and calls > 20, (got.said, calls)
    for at in sorted({1 + i * calls // 8 for i in range(8)}):
        for act in (KILL_BEFORE, KILL_AFTER):
            again(p)
            got, _ = with_fault(p, act, DISK, at, 'compact')
            assert got.code == -signal.SIGKILL, (at, got.code)
            intact(p, expected)
            assert p.json('compact')['packs_after'] <= 2
            intact(p, expected)


def killed_while_changing_the_passphrase(p):
    preloading()
    expected = start(p)
    new = p.write('new', b'another one\n', 0o600)
    args = ('--new-passphrase-file', new, 'key', 'change')
    calls = with_fault(p, 0, DISK, 0, *args)[1]
    for at in sorted({1 + i * calls // 5 for i in range(5)}):
        again(p)
        got, _ = with_fault(p, KILL_BEFORE, DISK, at, *args)
        assert got.code == -signal.SIGKILL
        old = p.run('list').code
        other = p.run('--passphrase-file', new, 'list').code
        assert sorted((old, other)) == [0, 12], (at, old, other)
        if old == 12:
            shutil.copy(new, p.secret)
        intact(p, expected)
        p.write('pw', PASSPHRASE, 0o600)


def unreadable(p, name, *args, json=True):
    """The program, with a disk that gives EIO for one file of the vault."""
    return p.run(*(['--json'] if json else []), *args, env={
        'LD_PRELOAD': SHIM, 'CARNET_FAULT_ROOTS': p.vault,
        'CARNET_FAULT': '%d,%d,1,1,%d,0' % (FAIL, OPEN | READ, errno.EIO),
        'CARNET_FAULT_ONLY': name})


def what_the_disk_cannot_read_is_named_and_kept(p):
    preloading()
    expected = start(p)
    body = b'Compte rendu du 6 mars\n' * 40
    expected[p.json('add', p.write('b.txt', body))['added'][0]['id']] = body
    shutil.rmtree(p.path('whole'))
    shutil.copytree(p.vault, p.path('whole'))
    for path in [f for room in ('packs', 'ledger')
                 for f in files_below(os.path.join(p.vault, room))]:
        name = os.path.relpath(path, p.vault)
        for index in (True, False):
            again(p)
            if not index:
                os.unlink(os.path.join(p.vault, 'index.db'))
            got = unreadable(p, name, 'check')
            assert got.code == 26, (name, got.code, got.said)
            assert name in [x['id'] for x in got.json()['problems']], got.out
            got = unreadable(p, name, 'list')
            assert got.code == (0 if index else 26), (name, got.said)
            if index or name.startswith('packs'):
                assert len(got.json()['documents']) == 2, (name, got.out)
            if name.startswith('packs'):
                codes = sorted(unreadable(p, name, 'cat', d, json=False).code
                               for d in expected)
                assert codes in ([0, 0], [0, 26]), (name, codes)
            got = unreadable(p, name, 'repair')
            assert got.code == 26 and got.json()['unreadable'], (name, got.out)
            assert b'now' in unreadable(p, name, 'repair', json=False).err
            assert not os.path.exists(os.path.join(p.vault, 'damaged'))
            # a minute later the disk can: nothing has happened
            assert bodies(p) == expected, name
            log = p.json('log', '--verify')
            assert log['ok'] is True and not log['known_gaps'], (name, log)
            intact(p, expected)


def nothing_leaves_that_is_not_written_down(p):
    """An age file without its event in the ledger would be a disclosure that
    nobody can look up."""
    preloading()
    expected = start(p)
    document = next(iter(expected))
    someone = ('age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aq'
               'mcac8p')
    out = p.path('out')
    os.mkdir(out)
    roots = p.vault + ':' + out
    args = ('share', document, '--to', someone, '-o',
            os.path.join(out, 'a.age'))
    refused = 0
    for act, kinds, error in ((FAIL, SYNC, errno.EIO),
                              (FAIL, WRITE, errno.ENOSPC),
                              (KILL_BEFORE, DISK, 0)):
        calls = None
        for at in range(0, 100):
            again(p)
            shutil.rmtree(out)
            os.mkdir(out)
            if at == 0:
                calls = with_fault(p, 0, kinds, 0, *args, roots=roots)[1]
                continue
            if at > calls:
                break
            got, _ = with_fault(p, act, kinds, at, *args, error=error,
                                roots=roots)
            left = [f for f in os.listdir(out) if not f.startswith('.')]
            made = p.json('disclosures')['disclosures']
            assert got.code in (0, 1, -signal.SIGKILL), (at, got.said)
            assert left == ['a.age'] or got.code != 0, (at, got.said)
            assert left == [] or got.code != 1, (act, kinds, at, got.said)
            if left:
                assert [d['what'] for d in made] == ['share'], (act, at)
            refused += got.code == 1
    assert refused > 5, refused
    again(p)
    p.write(args[-1], b"somebody's")
    got = p.run('--json', *args)
    assert got.code == 1 and got.error()['code'] == 'exists', got.said
    assert p.json('disclosures')['disclosures'] == []


def a_dead_holder_of_the_lock_is_in_nobodys_way(p):
    expected = start(p)
    child = subprocess.Popen([p.program, 'add', '-'], env=p.env,
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while p.run('--json', '--no-wait', 'tag', next(iter(expected)),
                '+x').code != 11:
        assert time.monotonic() < deadline, 'it never held the lock'
    child.kill()
    child.wait(60)
    p.ok('--no-wait', 'tag', next(iter(expected)), '+y')
    intact(p, expected)


def a_clock_that_goes_back(p):
    preloading()
    expected = start(p)
    now = int(time.time())
    for clock in (-40 * 365 * 86400, 30 * 365 * 86400, -86400,
                  60 - now, 2**31 - 2 - now, 2**32 - now):  # 1970, 2038, 2106
        body = b'at %d' % clock
        got, _ = with_fault(p, 0, DISK, 0, 'add',
                            p.write('c.txt', body), clock=clock)
        assert got.code == 0, got.said
        expected[got.json()['added'][0]['id']] = body
    got, _ = with_fault(p, 0, DISK, 0, 'check', clock=-10**9)
    assert got.code == 0, got.said
    intact(p, expected)
    p.ok('log', '--verify')


def limited(p, size, *args):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    done = subprocess.run([p.program, '--json', *args], env=p.env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=limit,
                          check=False)
    return Result(done)


def files_may_not_grow(p):
    expected = start(p)
    big = p.write('big', random.Random(1).randbytes(3 << 20))
    for size in (100, 5000, 200000, 1 << 20):
        again(p)
        got = limited(p, size, 'add', big)
        assert got.code in (1, 3), (size, got.code, got.said)
        intact(p, expected)
    p.ok('add', big)


def a_full_disk(p):
    """tmpfs of 1 MiB: by root alone."""
    small = p.path('small')
    os.makedirs(small)
    if os.geteuid() != 0 or subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'carnet-test',
             small], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise Skipped('no file system can be mounted here')
    try:
        p.vault = p.env['CARNET_VAULT'] = os.path.join(small, 'vault')
        p.init('--no-recovery')
        body = b'small enough'
        expected = {p.json('add', p.write('a', body))['added'][0]['id']: body}
        big = p.write('big', random.Random(2).randbytes(3 << 20))
        got = p.run('--json', 'add', big)
        assert got.code in (1, 3), (got.code, got.said)
        assert bodies(p) == expected
        assert p.json('check', '--read-data')['ok'] is True
        subprocess.run(['mount', '-o', 'remount,size=64m', small], check=True)
        body = open(big, 'rb').read()
        expected[p.json('add', big)['added'][0]['id']] = body
        intact(p, expected)
    finally:
        subprocess.run(['umount', small], check=False)


def index_files(p):
    return ':'.join(os.path.join(p.vault, name)
                    for name in ('index.db', 'index.db-journal'))


def behind(p, error=errno.ENOSPC):
    """A vault whose index lacks its last document: what is in it."""
    expected = start(p)
    body = b'Ferritine 12 ng/mL\n' * 50
    files = index_files(p)
    got, calls = with_fault(p, FAIL, WRITE, 1, 'add', '--no-read',
                            p.write('b.txt', body), persist=1, error=error,
                            roots=files)
    assert got.code == 0 and calls, got.said
    expected[got.json()['added'][0]['id']] = body
    return expected


def answers_are_right(p, run, expected, dest, checks=0):
    """Every verb that only reads, on what the index on the disk lacks.
    checks: what `check` says; 26 where there is no index."""
    def ok(*args, code=0):
        got = run(*args)
        assert got.code == code, (args, got.code, got.said)
        return got

    def json(*args, code=0):
        return ok('--json', *args, code=code).json()

    assert {d['id'] for d in json('list')['documents']} == set(expected)
    for document, body in expected.items():
        assert ok('cat', document).out == body
        assert json('show', document)['size'] == len(body)
    found = json('search', 'bilan')['documents']
    assert len(found) == 1, found
    assert json('status')['documents'] == len(expected)
    problems = json('check', '--read-data', code=checks)['problems']
    assert {x['id'] for x in problems} <= {'index.db'}, problems
    assert json('may', 'fr/pds', code=20)['answer'] == 'refused'
    assert len(json('consents')['decisions']) == 1
    assert len(json('due')['items']) >= 1
    assert len(json('statement', 'list')['statements']) >= 1
    assert json('log', '--verify')['ok'] is True
    assert json('person', 'list')['persons']
    assert json('trash')['documents'] == []
    assert json('recipient', 'show', 'fr/pds')['recipient']
    assert json('key', 'list')['keys']
    assert json('disclosures')['disclosures'] == []
    for name in ('out', 'second'):
        shutil.rmtree(os.path.join(dest, name), ignore_errors=True)
    got = ok('export', '--all', '-o', os.path.join(dest, 'out'))
    left = {open(f, 'rb').read()
            for f in files_below(os.path.join(dest, 'out'))}
    assert set(expected.values()) <= left
    said = got.err
    made = ok('backup', os.path.join(dest, 'second'))
    for why in (said, made.err):
        assert why.count(b'warning:') >= 1, why
    got = run('--json', 'tag', next(iter(expected)), '+never')
    assert got.code == 1 and got.error()['hint'], got.said


def both_hold_it(p, expected, dest):
    """What was backed up while nothing could be written restores, and the next
    backup, of the same segment grown, goes on from it."""
    second = os.path.join(dest, 'second')
    for _ in range(2):
        target = p.path('again')
        shutil.rmtree(target, ignore_errors=True)
        assert p.json('backup', 'check', second, '--read-data')['ok'] is True
        p.ok('restore', second, '--to', target)
        there = Program(p.program)
        try:
            there.vault = there.env['CARNET_VAULT'] = target
            assert bodies(there) == expected
            assert there.json('may', 'fr/pds', code=20)
        finally:
            there.clear()
        intact(p, expected)
        assert p.json('backup', second)['snapshot']
    assert len(p.json('backup', 'list', second)['snapshots']) >= 3


def a_full_disk_bars_no_reading(p):
    """The index can't follow the ledger, and then nothing at all can be
    written: what reads goes on, and answers from the whole ledger."""
    preloading()
    for error in (errno.ENOSPC, errno.EDQUOT):
        expected = behind(p, error)
        files = index_files(p)
        got, _ = with_fault(p, FAIL, WRITE, 1, 'refuse', 'fr/pds', persist=1,
                            error=error, roots=files)
        assert got.code == 1 and got.error()['code'] == 'no-space', got.said
        p.ok('refuse', 'fr/pds')  # with room again
        # once more behind, by what comes after it
        got, _ = with_fault(p, FAIL, WRITE, 1, 'tag', next(iter(expected)),
                            '+late', persist=1, error=error, roots=files)
        assert got.code == 0, got.said

        def run(*args):
            asked = '--json' in args
            got, _ = with_fault(p, FAIL, WRITE, 1,
                                *[a for a in args if a != '--json'],
                                persist=1, error=error, json=asked)
            if args[0] != '--json' and args[0] in ('list', 'cat'):
                assert b"can't be written" in got.err, got.said
            return got
        answers_are_right(p, run, expected, p.top)
        assert b'late' in run('list', '--tag', 'late', '--json').out
        # no index at all
        os.unlink(os.path.join(p.vault, 'index.db'))
        answers_are_right(p, run, expected, p.top, checks=26)
        both_hold_it(p, expected, p.top)
        p.clear()
        p.__init__(p.program)


def read_only(p, *args):
    """The program, with the vault on a disk that may only be read."""
    return Result(subprocess.run(
        ['unshare', '-rm' if os.geteuid() else '-m', 'sh', '-c',
         'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && '
         'exec "$@"', p.vault, p.program, *args], env=p.env, cwd=p.top,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=300, check=False))


def a_disk_that_may_only_be_read_bars_no_reading(p):
    preloading()
    expected = behind(p)
    probe = read_only(p, '--version')
    if probe.code != 0:
        raise Skipped('nothing can be mounted to be read only here: '
                      + probe.said)
    p.ok('refuse', 'fr/pds')
    new = next(iter(expected))
    got, _ = with_fault(p, FAIL, WRITE, 1, 'tag', new, '+late', persist=1,
                        error=errno.ENOSPC, roots=index_files(p))
    assert got.code == 0, got.said
    shutil.rmtree(p.path('whole'))
    shutil.copytree(p.vault, p.path('whole'))

    def run(*args):
        return read_only(p, *args)

    answers_are_right(p, run, expected, p.top)
    assert b'late' in run('list', '--tag', 'late', '--json').out
    os.unlink(os.path.join(p.vault, 'index.db'))
    answers_are_right(p, run, expected, p.top, checks=26)
    # what no writer would go on from isn't backed up as if it were whole
    again(p)
    p.ok('list')
    shutil.copytree(os.path.join(p.vault, 'ledger'), p.path('older'))
    p.ok('tag', new, '+newer')
    shutil.rmtree(os.path.join(p.vault, 'ledger'))
    shutil.move(p.path('older'), os.path.join(p.vault, 'ledger'))
    got = run('--json', 'backup', p.path('third'))
    assert got.code == 26 and got.error()['message'], (got.code, got.said)
    assert not os.path.exists(p.path('third', 'snapshots'))
    # a transaction that was cut off has to be undone before it can be read
    again(p)
    p.ok('list')
    shutil.rmtree(p.path('whole'))
    shutil.copytree(p.vault, p.path('whole'))
    path = os.path.join(p.vault, 'index.db')
    calls = with_fault(p, 0, WRITE, 0, 'tag', new, '+cut', roots=path)[1]
    assert calls > 2, calls
    for at in (2, calls):
        again(p)
        got, _ = with_fault(p, KILL_BEFORE, WRITE, at, 'tag', new, '+cut',
                            roots=path)
        assert got.code == -signal.SIGKILL, (at, got.code)
        assert os.path.getsize(path + '-journal') > 0
        answers_are_right(p, run, expected, p.top)
        assert b'cut' in run('list', '--tag', 'cut', '--json').out
    both_hold_it(p, expected, p.top)


def shown_once(got, json):
    """The recovery words or shares that a run has shown."""
    if not got.out:
        return []
    out = got.out.decode()
    if json:
        return got.json().get('recovery_words') or got.json()['shares']
    return re.findall(r'^(?: *\d+\. (\S+)|(carnet-share-.*))$', out, re.M)


def what_is_shown_once_is_shown_without_memory(p):
    """Words and shares of a slot that is there are all shown, whatever could
    not be allocated after it was made."""
    preloading()

    def slots(kind):
        got = p.run('--json', 'key', 'list')
        return ([] if got.code == 10 else
                [k for k in got.json()['keys'] if k['kind'] == kind])

    def points(json, kind, count, *args):
        calls = with_fault(p, 0, MEMORY, 0, *args, json=json)[1]
        made = 0
        for persist in (0, 1):
            for at in sorted({max(1, calls - i) for i in range(0, 42, 3)}):
                again(p)
                got, _ = with_fault(p, FAIL, MEMORY, at, *args, json=json,
                                    persist=persist, error=errno.ENOMEM)
                assert got.code >= 0, (at, got.code, got.said)
                if len(slots(kind)):
                    made += 1
                    assert len(shown_once(got, json)) == count, (
                        at, persist, got.code, got.out, got.said)
        assert made > 10, made

    start(p)
    for json in (True, False):
        points(json, 'recovery', 15, 'key', 'add', 'recovery')
        points(json, 'shares', 3, 'key', 'add', 'shares', '--of', '3',
               '--need', '2')
    shutil.rmtree(p.path('whole'))
    os.makedirs(p.path('whole'))
    again(p)
    points(True, 'recovery', 15, 'init', '--kdf', 'interactive')
    again(p)
    points(False, 'recovery', 15, 'init', '--kdf', 'interactive')


# --- random work ------------------------------------------------------------


class Model:
    """What the vault must hold: id -> bytes, tags, whether in the trash."""

    def __init__(self, p, pick):
        self.p = p
        self.pick = pick
        self.documents = {}
        self.erased = set()
        self.saved = None
        self.count = 0

    def any(self):
        return self.pick.choice(sorted(self.documents))

    def add(self):
        body = self.pick.randbytes(self.pick.choice((0, 1, 500, 40000)))
        known = [d for d, row in self.documents.items() if row[0] == body]
        made = self.p.json('add', self.p.write('x.bin', body))['added'][0]
        if known and not self.documents[known[0]][2]:
            assert made['duplicate_of'] in known, made
        else:
            self.documents[made['id']] = [body, set(), False]

    def tag(self):
        document = self.any()
        name = self.pick.choice('abc')
        tags = self.documents[document][1]
        sign = '-' if name in tags else '+'
        self.p.ok('tag', document, sign + name)
        tags.symmetric_difference_update({name})

    def purge(self):
        document = self.any()
        self.p.ok('remove', document, '--purge')
        del self.documents[document]
        self.erased.add(document)

    def compact(self):
        got = self.p.json('compact')
        assert got['failed'] == got['problems'] == [], got
        assert self.p.json('compact')['gathered'] == 0

    def reopen(self):
        os.unlink(os.path.join(self.p.vault, 'index.db'))

    def backup(self):
        self.p.ok('backup', self.p.path('backup'))
        self.saved = {d: row[0] for d, row in self.documents.items()}

    def restore(self):
        if self.saved is None:
            return
        target = self.p.path('restored')
        shutil.rmtree(target, ignore_errors=True)
        self.p.ok('restore', self.p.path('backup'), '--to', target)
        there = Program(self.p.program)
        try:
            there.env['CARNET_VAULT'] = target
            assert bodies(there) == self.saved
        finally:
            there.clear()

    def compare(self):
        listed = {d['id']: set(d['tags'])
                  for d in self.p.json('list')['documents']}
        assert listed == {d: row[1] for d, row in self.documents.items()}
        for document in self.pick.sample(sorted(self.documents),
                                         min(3, len(self.documents))):
            assert self.p.ok('cat', document).out == (
                self.documents[document][0])
        for document in self.erased:
            assert self.p.run('cat', document).code == 1


def a_model_agrees(p):
    print('seed %d' % SEED)
    p.init('--no-recovery')
    model = Model(p, random.Random(SEED))
    work = ([model.add] * 4 + [model.tag] * 3
            + [model.purge, model.reopen, model.compact, model.backup,
               model.restore])
    end = time.monotonic() + SECONDS
    while time.monotonic() < end or model.count < 12:
        if not model.documents:
            model.add()
        model.pick.choice(work)()
        model.compare()
        model.count += 1
    assert p.json('check', '--read-data')['ok'] is True
    print('%d operations' % model.count)


def worker(p, number, end):
    """One of eight: adds, tags, lists, reads its own; what it was told."""
    pick = random.Random(SEED + number)
    mine, lines, verbs = {}, [], 0

    def must(*args):
        got = p.run('--json', *args)
        if got.code != 0:
            lines.append('%s: %d: %s' % (args, got.code, got.said))
        return got

    while time.monotonic() < end and not lines:
        verbs += 1
        what = pick.choice(('add', 'add', 'tag', 'list', 'cat', 'check',
                            'compact'))
        if what == 'add' or not mine:
            body = b'%d %d ' % (number, verbs) + pick.randbytes(300)
            got = must('add', p.write('w%d' % number, body))
            if got.code == 0:
                mine[got.json()['added'][0]['id']] = body
        elif what == 'tag':
            must('tag', pick.choice(sorted(mine)), '+t%d' % verbs)
        elif what == 'list':
            got = must('list')
            there = {d['id'] for d in got.json()['documents']}
            if not set(mine) <= there:
                lines.append('list lacks what was told')
        elif what == 'cat':
            document = pick.choice(sorted(mine))
            if must('cat', document).out != mine[document]:
                lines.append('%s has other bytes' % document)
        else:
            must(what)
    return mine, lines, verbs


def eight_at_once_lose_nothing(p):
    import concurrent.futures
    print('seed %d' % SEED)
    expected = start(p)
    end = time.monotonic() + SECONDS
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: worker(p, n, end), range(8)))
    wrong = [line for _, lines, _ in done for line in lines]
    assert not wrong, '\n'.join(wrong)
    for mine, _, _ in done:
        expected.update(mine)
    print('%d verbs, %d documents' % (sum(v for _, _, v in done),
                                      len(expected)))
    assert bodies(p) == expected
    intact(p, {d: expected[d] for d in sorted(expected)[:3]})


if __name__ == '__main__':
    del sys.argv[2]
    main([killed_while_adding, failing_while_adding,
          files_that_are_named_ahead, killed_while_compacting,
          killed_while_changing_the_passphrase,
          what_the_disk_cannot_read_is_named_and_kept,
          nothing_leaves_that_is_not_written_down,
          a_dead_holder_of_the_lock_is_in_nobodys_way, a_clock_that_goes_back,
          files_may_not_grow, a_full_disk,
          a_full_disk_bars_no_reading,
          a_disk_that_may_only_be_read_bars_no_reading,
          what_is_shown_once_is_shown_without_memory, a_model_agrees,
          eight_at_once_lose_nothing])
