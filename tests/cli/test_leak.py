#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A marker document and the passphrase are looked for in everything that a
run leaves behind or shows: files, environment, arguments, messages, dumps."""
import os
import resource
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PASSPHRASE, Skipped, files_below, main  # noqa: E402

MARKER = b'Zyxomatique-7261-Ferritine'
SECRETS = (MARKER, PASSPHRASE.strip(), b'SQLite format 3')


def leaks(data):
    return [secret for secret in SECRETS if secret in data]


def start_waiting(p, **more):
    """An unlocked carnet that waits for its standard input."""
    running = subprocess.Popen(
        [p.program, 'add', '-'], stdin=subprocess.PIPE, env=p.env, cwd=p.top,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    running.stdin.write(MARKER)
    running.stdin.flush()
    for _ in range(200):  # unlocked once it reads: the pipe is empty
        time.sleep(0.05)
        with open('/proc/%d/wchan' % running.pid, encoding='ascii') as wait:
            if 'pipe' in wait.read():
                return running
    return running


def nothing_plain_is_left(p):
    tmp = p.path('tmp')
    os.makedirs(tmp)
    p.init()
    source = p.write('source.txt', MARKER + b'\n')
    said = [p.ok('add', source, env={'TMPDIR': tmp})]
    said += [p.ok(*verb) for verb in (
        ['list'], ['search', 'zyxomatique'], ['backup', p.path('b')],
        ['restore', p.path('b'), '--to', p.path('r')], ['check'], ['repair'],
        ['note', p.json('list')['documents'][0]['id'], MARKER.decode()])]
    said += [p.run(*verb) for verb in (
        ['show', 'd9zzzz'], ['add', p.path('none')], ['cat', 'x'],
        ['export', '--all', '-o', p.vault])]
    for path in files_below(p.top):
        if path not in (source, p.secret):
            with open(path, 'rb') as data:
                assert not leaks(data.read()), path
    assert os.listdir(tmp) == []
    for one in said:
        assert PASSPHRASE.strip() not in one.out + one.err
    # the search is meant to find it: the probe can see it
    assert b'yxomatique' in said[2].out


def a_wrong_passphrase_is_never_said(p):
    p.init()
    bad = p.write('bad', b'not the right horse\n', 0o600)
    for verb in (['list'], ['check'], ['backup', p.path('b')]):
        got = p.run(*verb, env={'CARNET_PASSPHRASE_FILE': bad})
        assert got.code == 12
        assert b'horse' not in got.out + got.err


def a_running_process_shows_nothing(p):
    p.init()
    running = start_waiting(p)
    try:
        for name in ('environ', 'cmdline', 'comm', 'status'):
            try:
                with open('/proc/%d/%s' % (running.pid, name), 'rb') as file:
                    assert not leaks(file.read()), name
            except PermissionError:
                pass
        if os.geteuid() != 0 and 'ASAN_OPTIONS' not in os.environ:
            try:
                with open('/proc/%d/mem' % running.pid, 'rb'):
                    raise AssertionError('memory can be opened')
            except PermissionError:
                pass
    finally:
        running.kill()
        running.wait()


def a_crash_leaves_no_core(p):
    if 'ASAN_OPTIONS' in os.environ:
        raise Skipped('sanitizers handle the signal themselves')
    p.init()

    def cores():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    before = set(files_below(p.top))
    running = start_waiting(p, preexec_fn=cores)
    running.send_signal(signal.SIGSEGV)
    assert running.wait() == -signal.SIGSEGV
    left = {path for path in set(files_below(p.top)) - before
            if 'core' in os.path.basename(path)}
    assert not left, left
    for path in set(files_below(p.top)) - before:
        with open(path, 'rb') as data:
            assert not leaks(data.read()), path
    assert p.ok('check')


if __name__ == '__main__':
    main([nothing_plain_is_left, a_wrong_passphrase_is_never_said,
          a_running_process_shows_nothing, a_crash_leaves_no_core])
