#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""doctor on this machine and on machines that lack something; and what a
kernel without seccomp or Landlock means for the vault."""
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Skipped, main, watch  # noqa: E402

IDS = {'network', 'exec', 'trace', 'core-dumps', 'seccomp', 'landlock',
       'preload', 'memory', 'swap', 'keyring', 'entropy', 'reader', 'press',
       'pdftotext', 'pdftoppm', 'folder', 'file-system', 'place', 'clock'}
SANITIZED = 'ASAN_OPTIONS' in os.environ
DOORS = {'network', 'exec'} if SANITIZED else {
    'network', 'exec', 'trace', 'core-dumps'}


def checks(result):
    found = result.json()['checks']
    assert all(set(one) == {'id', 'ok', 'detail'} and one['detail'] and
               isinstance(one['ok'], bool) for one in found)
    ids = [one['id'] for one in found]
    assert len(set(ids)) == len(ids) and set(ids) >= IDS, IDS - set(ids)
    wrong = {one['id'] for one in found if not one['ok']}
    assert result.code == (14 if wrong else 0), (result.code, wrong)
    return {one['id']: one for one in found}, wrong


def has_seccomp():
    with open('/proc/self/status') as status:
        return 'Seccomp:\t' in status.read()


def on_old_kernel(p, lacks, *args, **more):
    """Runs carnet as if this kernel lacked something."""
    if not has_seccomp():
        raise Skipped('this kernel has no seccomp to simulate with')
    env = dict(p.env, **more.pop('env', {}))
    env = {key: value for key, value in env.items() if value is not None}
    return type(p.run('--version'))(subprocess.run(
        [os.environ['CARNET_OLD_KERNEL'], *lacks, '--', p.program, *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=p.top,
        timeout=300, check=False, input=b''))


def doors_are_closed(p):
    if not has_seccomp():
        raise Skipped('no seccomp')
    found, wrong = checks(p.run('--json', 'doctor'))
    for name in DOORS | {'seccomp', 'reader', 'press'}:
        assert found[name]['ok'], found[name]
    code, text = watch(p, 80, 'doctor')
    assert code == (14 if wrong else 0)
    assert all(len(line) <= 80 for line in text.split('\n')), text
    assert not os.path.exists(p.vault)


def says_what_a_kernel_lacks(p):
    found, wrong = checks(on_old_kernel(
        p, ['no-seccomp', 'no-landlock', 'no-keyring'], '--json', 'doctor'))
    assert wrong >= {'network', 'exec', 'seccomp', 'landlock', 'reader',
                     'keyring'}, wrong
    assert 'only stored' in found['seccomp']['detail']
    _, wrong = checks(on_old_kernel(p, ['no-landlock'], '--json', 'doctor'))
    assert 'landlock' in wrong
    assert not wrong & {'network', 'exec', 'seccomp', 'reader'}, wrong


def without_seccomp_nothing_foreign_is_read(p):
    lacks = ['no-seccomp', 'no-landlock']
    p.init()
    text = p.write('a.txt', b'Ferritine 12,5\n')
    sample = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                          '..', 'docs', 'sample', 'compte-rendu.pdf')
    for path in (text, sample):
        got = on_old_kernel(p, lacks, '--json', 'add', path)
        assert got.code == 3, (got.code, got.said)
        one = got.json()['added'][0]
        assert one['unread'] is not None, one
        shown = p.json('show', one['id'])
        assert not shown['text'] and shown['facts'] == []
        assert p.ok('cat', one['id']).out == open(path, 'rb').read()
        held = on_old_kernel(p, lacks, 'cat', one['id'])
        assert held.code == 0 and held.out == open(path, 'rb').read()
    for verb in (['list'], ['export', '--all', '-o', p.path('out')],
                 ['backup', p.path('b')], ['check', '--read-data'],
                 ['restore', p.path('b'), '--to', p.path('r')]):
        got = on_old_kernel(p, lacks, *verb)
        assert got.code == 0, (verb, got.said)
    assert p.json('check', '--read-data')['ok']


def without_landlock_all_works(p):
    p.init()
    got = on_old_kernel(p, ['no-landlock'], '--json', 'add',
                        p.write('a.txt', b'Ferritine 12,5\n'))
    assert got.code == 0, got.said
    one = got.json()['added'][0]
    assert one['unread'] is None
    assert 'Ferritine' in p.json('show', one['id'])['text']


def notices_unlocked_memory(p):
    if os.geteuid() == 0 or SANITIZED:
        raise Skipped('root may lock all it likes')

    def none():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    done = subprocess.run([p.program, '--json', 'doctor'], env=p.env,
                          stdout=subprocess.PIPE, preexec_fn=none, check=False)
    assert done.returncode == 14
    assert b'ulimit -l' in done.stdout


def notices_an_open_folder(p):
    p.init()
    found, _ = checks(p.run('--json', 'doctor'))
    assert found['folder']['ok']
    os.chmod(p.vault, 0o755)
    found, wrong = checks(p.run('--json', 'doctor'))
    assert 'folder' in wrong and 'chmod 700' in found['folder']['detail']


def notices_a_wrong_clock(p):
    p.init()
    found, _ = checks(p.run('--json', 'doctor'))
    assert found['clock']['ok']
    later = os.stat(p.vault).st_mtime + 7 * 86400
    os.utime(os.path.join(p.vault, 'ledger'), (later, later))
    assert 'clock' in checks(p.run('--json', 'doctor'))[1]


def notices_a_cloud(p):
    p.init()
    with open(os.path.join(p.top, '.stfolder'), 'wb'):
        pass
    found, wrong = checks(p.run('--json', 'doctor'))
    assert 'place' in wrong and '.stfolder' in found['place']['detail']


def notices_memory_as_a_disk(p):
    place = '/dev/shm'
    if not os.access(place, os.W_OK):
        raise Skipped('no tmpfs to write to')
    found, wrong = checks(p.run('--json', '--vault', place + '/none',
                                'doctor'))
    if 'tmpfs' not in open('/proc/mounts').read():
        raise Skipped('no tmpfs')
    assert 'file-system' in wrong and 'tmpfs' in found['file-system']['detail']


def notices_a_preloaded_library(p):
    if SANITIZED:
        raise Skipped('sanitizers insist on coming first')
    found, wrong = checks(p.run('--json', 'doctor',
                                env={'LD_PRELOAD': 'libm.so.6'}))
    assert 'preload' in wrong and 'LD_PRELOAD' in found['preload']['detail']


def takes_no_argument(p):
    assert p.run('doctor', 'x').code == 2


if __name__ == '__main__':
    main([doors_are_closed, says_what_a_kernel_lacks,
          without_seccomp_nothing_foreign_is_read,
          without_landlock_all_works, notices_unlocked_memory,
          notices_an_open_folder, notices_a_wrong_clock, notices_a_cloud,
          notices_memory_as_a_disk, notices_a_preloaded_library,
          takes_no_argument])
