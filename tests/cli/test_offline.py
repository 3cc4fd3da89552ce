#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Offline, seen from outside: strace over a whole run, in which no process
makes a socket; and surroundings that try to lead carnet elsewhere.
doctor isn't traced: it tries a socket on purpose and dies of it."""
import ctypes
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Skipped, files_below, main  # noqa: E402

SAMPLE = os.path.abspath(os.path.join(
    os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs', 'sample'))
CALL = re.compile(r'^\d+ +(?:<\.\.\. )?([a-z0-9_]+)')
# the launcher's own line to carnet, made before anything foreign is read
LAUNCHER = {'socketpair', 'sendmsg', 'recvmsg', 'shutdown'}
# what Unix makes of a descriptor's type (isatty on the launcher's end)
HARMLESS = {'getsockopt', 'getsockname'}


def strace(p, calls, args, env=None):
    """The traced calls of one run, all its processes, and its result."""
    log = p.path('strace.log')
    done = subprocess.run(
        ['strace', '-f', '-qq', '-e', 'trace=' + calls, '-o', log,
         p.program, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(p.env, **(env or {})), cwd=p.top, timeout=300, check=False,
        stdin=subprocess.DEVNULL)
    with open(log, encoding='utf-8', errors='replace') as lines:
        return done, lines.read().split('\n')


def must_trace(p):
    try:
        done = subprocess.run(['strace', '-o', p.path('probe'), '/bin/true'],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        raise Skipped('no strace') from None
    if done.returncode != 0:
        raise Skipped('no tracing here')
    if 'ASAN_OPTIONS' in os.environ:
        raise Skipped('LeakSanitizer does not work under strace')


STATEMENT, DOCUMENT, SIGNER = object(), object(), object()


def put_in(p, args):
    """Ids are known only once what they name is there."""
    if args[0] == 'sign':  # once before, for the key that verify wants
        p.signer = p.json(*args)['public_key']
        os.unlink(args[1] + '.minisig')
    if not any(not isinstance(word, str) for word in args):
        return args
    listed = p.json('statement', 'list')['statements']
    ids = {STATEMENT: [one['id'] for one in listed
                       if one['template'] != 'own'][0],
           DOCUMENT: p.json('list')['documents'][0]['id'],
           SIGNER: getattr(p, 'signer', '')}
    return [word if isinstance(word, str) else ids[word] for word in args]


def the_whole_run(p):
    """(args, exit codes) of a main job from init to restore."""
    samples = [os.path.join(SAMPLE, name) for name in sorted(
        os.listdir(SAMPLE)) if not name.endswith('.py')]
    return [
        (['--version'], {0}), (['help'], {0}),
        (['init', '--person', 'Claire Martin', '--kdf', 'interactive',
          '--recovery', p.path('sheet.txt')], {0}),
        (['add', *samples], {0, 3}), (['list'], {0}), (['status'], {0}),
        (['search', 'ferritine'], {0}), (['person', 'list'], {0}),
        (['export', '--all', '-o', p.path('out')], {0}),
        (['guard', p.top], {0, 13, 14}), (['guard', 'scan', p.home], {0}),
        (['backup', p.path('b')], {0}), (['backup', 'list', p.path('b')],
                                         {0}),
        (['backup', 'check', p.path('b'), '--read-data'], {0}),
        (['restore', p.path('b'), '--to', p.path('r')], {0}),
        (['--vault', p.path('r'), 'check', '--read-data'], {0}),
        (['check', '--read-data'], {0}), (['log', '--verify'], {0}),
        (['repair'], {0}), (['cat', 'nothing'], {1}),
        *of_ones_word(p),
    ]


def of_ones_word(p):
    """Refusing, its letters, the complaint; sharing and signing."""
    note = p.write('note.txt', 'synthetic\n')
    age = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'
    return [
        (['refuse', 'fr/cnam', '--on', '2026-01-05'], {0}),
        (['may', 'fr/cnam'], {20}), (['consents'], {0}),
        (['statement', 'list'], {0}),
        (['statement', 'export', STATEMENT, '--format',
          'pdf,txt,html,eml,fhir,record', '-o', p.path('letter')], {0}),
        (['statement', 'sent', STATEMENT, '--via', 'registered', '--on',
          '2026-01-06', '--proof', note], {0}),
        (['due', '--on', '2026-06-01'], {0, 14}),
        (['statement', 'complain', STATEMENT, '--on', '2026-06-01', '-o',
          p.path('complaint')], {0}),
        (['verify', p.path('complaint')], {0}),
        (['share', DOCUMENT, '--to', age, '-o', p.path('a.age')], {0}),
        (['share', DOCUMENT, '--passphrase', '--new-passphrase-file',
          p.secret, '-o', p.path('b.age')], {0}),
        (['disclosures'], {0}),
        (['sign', note], {0}), (['verify', note, '--key', SIGNER], {0}),
    ]


def no_process_makes_a_socket(p):
    must_trace(p)
    started = 0
    for args, codes in the_whole_run(p):
        done, lines = strace(p, '%network,io_uring_setup,execve',
                             put_in(p, args))
        assert done.returncode in codes, (args, done.returncode, done.stderr)
        for line in lines:
            call = CALL.match(line)
            if call is None:
                continue
            name = call.group(1)
            if name == 'execve':
                # which program can't be seen: carnet isn't dumpable
                started += line.endswith('= 0')
                continue
            assert name in LAUNCHER | HARMLESS, (args, line)
            if name == 'socketpair':
                assert 'AF_UNIX' in line, line
    # the run did start more than carnet itself: readers, pdftotext
    assert started > len(the_whole_run(p)) + 5, started


def the_probe_sees_a_socket(p):
    """A test that can't fail shows nothing: the same probe on a culprit."""
    must_trace(p)
    log = p.path('log')
    subprocess.run(['strace', '-f', '-qq', '-e', 'trace=%network', '-o', log,
                    '/usr/bin/python3', '-c',
                    'import socket; socket.socket()'], check=True)
    names = {CALL.match(line).group(1) for line in open(log)
             if CALL.match(line)}
    assert not names <= LAUNCHER | HARMLESS, names


class Watch:
    """Tells of every file that is opened or made in a folder."""
    OPEN, CREATE, ACCESS, NONBLOCK = 0x20, 0x100, 0x1, 0o4000

    def __init__(self, folder):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(self.NONBLOCK)
        if self.fd < 0 or self.libc.inotify_add_watch(
                self.fd, folder.encode(),
                self.OPEN | self.CREATE | self.ACCESS) < 0:
            raise Skipped('no inotify')

    def seen(self):
        try:
            return os.read(self.fd, 65536)
        except BlockingIOError:
            return b''


def hostile_surroundings_change_nothing(p):
    trap = p.path('trap')
    os.makedirs(trap)
    conf = p.write('trap/openssl.cnf', 'openssl_conf = x\n[x]\nengines=y\n'
                   '[y]\nz=w\n[w]\ndynamic_path=%s/evil.so\n' % trap)
    catalog = p.write('trap/catalog.xml', '<catalog/>')
    env = {'OPENSSL_CONF': conf, 'OPENSSL_MODULES': trap,
           'OPENSSL_ENGINES': trap, 'XML_CATALOG_FILES': catalog,
           'SQLITE_TMPDIR': trap, 'TMPDIR': trap, 'TMP': trap, 'TEMP': trap,
           'FONTCONFIG_FILE': conf, 'FONTCONFIG_PATH': trap,
           'POPPLER_DATADIR': trap}
    watch = Watch(trap)
    with open(conf, encoding='ascii') as file:
        file.read()
    assert watch.seen()  # it does see what it is for
    for args, codes in the_whole_run(p):
        done = p.run(*put_in(p, args), env=env)
        assert done.code in codes, (args, done.code, done.said)
        assert not watch.seen(), args
    assert {os.path.basename(path) for path in files_below(trap)} == {
        'openssl.cnf', 'catalog.xml'}


def works_with_no_network_at_all(p):
    probe = subprocess.run(['unshare', '-rn', 'true'], check=False,
                           stderr=subprocess.DEVNULL)
    if probe.returncode != 0:
        raise Skipped('no namespaces for ordinary users here')
    for args, codes in the_whole_run(p):
        done = subprocess.run(['unshare', '-rn', p.program, *put_in(p, args)],
                              env=p.env, cwd=p.top, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode in codes, (args, done.stderr)


if __name__ == '__main__':
    main([no_process_makes_a_socket, the_probe_sees_a_socket,
          hostile_surroundings_change_nothing, works_with_no_network_at_all])
