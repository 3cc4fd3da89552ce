#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Secrets by the command line: every way in, changed, recovered, refused,
and never seen where they don't belong."""
import os
import signal
import subprocess
import sys
import time
import unicodedata

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PASSPHRASE, Skipped, main  # noqa: E402


def plain(word):
    return ''.join(c for c in unicodedata.normalize('NFD', word)
                   if not unicodedata.combining(c)).upper()


def wrong_passphrase_is_12(p):
    p.init()
    bad = p.write('bad', b'wrong\n', 0o600)
    for verb in (['list'], ['check'], ['add', bad], ['key', 'change']):
        got = p.run('--json', '--passphrase-file', bad, *verb)
        assert got.code == 12, (verb, got.code, got.said)
        assert got.error()['code'] == 'wrong-key' and got.out == b''
    long = p.write('long', b'x' * 900 + b'\n', 0o600)
    assert p.run('--passphrase-file', long, 'list').code == 12


def a_file_others_can_read_is_refused(p):
    p.init()
    os.chmod(p.secret, 0o644)
    got = p.run('list')
    assert got.code == 1 and 'chmod 600' in got.said


def by_descriptor_and_command(p):
    p.init()
    env = {'CARNET_PASSPHRASE_FILE': None}
    r, w = os.pipe()
    os.write(w, PASSPHRASE)
    os.close(w)
    done = subprocess.run(
        [p.program, '--passphrase-fd', str(r), 'list'], pass_fds=[r],
        env={k: v for k, v in p.env.items() if k not in env}, check=False)
    os.close(r)
    assert done.returncode == 0
    assert p.run('--passphrase-command', 'cat %s' % p.secret, 'list',
                 env=env).code == 0
    assert p.run('--passphrase-command', 'exit 3', 'list', env=env).code == 1
    assert p.run('--passphrase-command', 'echo wrong', 'list',
                 env=env).code == 12
    assert p.run('list', env=dict(
        env, CARNET_PASSPHRASE_COMMAND='cat %s' % p.secret)).code == 0
    nobody = p.run('list', env=env)
    assert nobody.code == 1, nobody.said


def change_rewraps_and_the_old_one_fails(p):
    p.init()
    doc = p.json('add', p.write('a.txt', b'text'))['added'][0]['id']
    new = p.write('new', 'œuf à la coque\n', 0o600)
    packs = sorted(os.listdir(os.path.join(p.vault, 'packs')))
    p.ok('--new-passphrase-file', new, 'key', 'change')
    assert sorted(os.listdir(os.path.join(p.vault, 'packs'))) == packs
    assert p.run('list').code == 12
    assert p.ok('--passphrase-file', new, 'cat', doc).out == b'text'
    kinds = [k['kind'] for k in p.json('--passphrase-file', new, 'key',
                                       'list')['keys']]
    assert sorted(kinds) == ['passphrase', 'recovery']
    # the same passphrase, typed with combining accents
    nfd = p.write('nfd', unicodedata.normalize('NFD', 'œuf à la coque\n'),
                  0o600)
    assert p.run('--passphrase-file', nfd, 'list').code == 0


def two_passphrases_and_the_last_slot(p):
    p.init('--no-recovery')
    new = p.write('new', b'second\n', 0o600)
    p.ok('--new-passphrase-file', new, 'key', 'add', 'passphrase')
    keys = p.json('key', 'list')['keys']
    assert len(keys) == 2 and p.run('--passphrase-file', new,
                                    'list').code == 0
    p.ok('--passphrase-file', new, 'key', 'remove', keys[0]['id'])
    assert p.run('list').code == 12
    last = p.run('--passphrase-file', new, 'key', 'remove', keys[1]['id'])
    assert last.code == 1
    assert p.run('--passphrase-file', new, 'list').code == 0
    assert p.run('--passphrase-file', new, 'key', 'remove', 'kzzz').code == 1


def recover_with_words(p):
    for lang in ('fr', 'en'):
        p.vault = p.env['CARNET_VAULT'] = p.path('vault-' + lang)
        words = p.init('--words-lang', lang)['recovery_words']
        doc = p.json('add', p.write('a.txt', b'text'))['added'][0]['id']
        new = p.write('new-' + lang, b'found again\n', 0o600)
        typed = p.write('words-' + lang, '\n '.join(
            plain(w) for w in words), 0o600)
        p.ok('--words-file', typed, '--new-passphrase-file', new, 'key',
             'recover')
        assert p.run('list').code == 12
        assert p.ok('--passphrase-file', new, 'cat', doc).out == b'text'
        swapped = p.write('bad-' + lang, ' '.join(
            [words[1], words[0]] + words[2:]), 0o600)
        got = p.run('--words-file', swapped, '--new-passphrase-file', new,
                    'key', 'recover')
        assert got.code in (1, 12), got.said
        unknown = p.write('unk-' + lang, ' '.join(
            words[:3] + ['xyzzy'] + words[4:]), 0o600)
        got = p.run('--words-file', unknown, '--new-passphrase-file', new,
                    'key', 'recover')
        assert got.code == 1 and '4' in got.said, got.said


def new_recovery_words_work_too(p):
    p.init('--no-recovery')
    words = p.json('key', 'add', 'recovery')['recovery_words']
    new = p.write('new', b'again\n', 0o600)
    typed = p.write('words', ' '.join(words), 0o600)
    p.ok('--words-file', typed, '--new-passphrase-file', new, 'key',
         'recover')


def sheet_stays_out_of_the_vault(p):
    os.makedirs(p.vault)
    got = p.run('init', '--kdf', 'interactive', '--recovery',
                os.path.join(p.vault, 'sheet.txt'))
    assert got.code == 1, got.said
    made = p.json('init', '--kdf', 'interactive', '--recovery',
                  p.path('sheet.txt'))
    sheet = open(p.path('sheet.txt'), encoding='utf-8').read()
    assert all(w in sheet for w in made['recovery_words'])
    assert os.stat(p.path('sheet.txt')).st_mode & 0o077 == 0


def sheet_is_a_page_to_print(p):
    made = p.json('init', '--kdf', 'interactive', '--recovery',
                  p.path('sheet.pdf'))
    assert os.stat(p.path('sheet.pdf')).st_mode & 0o077 == 0
    text = subprocess.run(['pdftotext', p.path('sheet.pdf'), '-'],
                          check=True, capture_output=True,
                          text=True).stdout
    assert all(w in text for w in made['recovery_words'])
    assert made['id'] in text


def secrets_are_not_seen(p):
    p.init()
    fifo = p.path('fifo')
    os.mkfifo(fifo)
    child = subprocess.Popen([p.program, 'add', fifo + 'x', '-'],
                             stdin=subprocess.PIPE, env=p.env,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    time.sleep(2)
    try:
        marker = PASSPHRASE.strip()
        for name in ('cmdline', 'environ'):
            try:
                data = open('/proc/%d/%s' % (child.pid, name), 'rb').read()
            except PermissionError:
                continue  # not dumpable: better still
            assert marker not in data
    finally:
        child.stdin.close()
        child.wait(60)


def a_crash_leaves_no_core(p):
    """SIGQUIT dumps as SIGSEGV does, but is no fault that a sanitizer would
    report: whatever it reports here is a real one."""
    p.init()
    core = 'ulimit -c unlimited 2>/dev/null; '
    with open('/proc/sys/kernel/core_pattern', encoding='ascii') as f:
        if f.read().startswith('|'):
            raise Skipped('core dumps go to a program')
    where = p.path('control')
    os.makedirs(where)
    subprocess.run(['/bin/sh', '-c', core + 'kill -QUIT $$'], cwd=where,
                   check=False, stderr=subprocess.DEVNULL)
    if not os.listdir(where):
        raise Skipped('nothing dumps a core here')
    where = p.path('crash')
    os.makedirs(where)
    child = subprocess.Popen(
        ['/bin/sh', '-c', core + 'exec "$0" add -', p.program],
        stdin=subprocess.PIPE, env=p.env, cwd=where,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    child.send_signal(signal.SIGQUIT)
    child.stdin.close()
    assert child.wait(60) == -signal.SIGQUIT
    assert os.listdir(where) == []


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',)])
