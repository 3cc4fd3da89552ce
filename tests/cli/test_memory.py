#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Recovery words, shares and passphrases are looked for in all that carnet's
memory holds at its end; a terminal that shows what is typed gets none; and a
disk without modes is told of.
Usage: test_memory.py CARNET SHIM [CASE...]"""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PASSPHRASE, Skipped, main, watch  # noqa: E402

SHIM = os.path.abspath(sys.argv[2])


def remembering(p, *args, **more):
    """The program's result, and its memory when it ends."""
    if 'CARNET_SANITIZED' in os.environ:
        raise Skipped('nothing can be loaded before a sanitizer')
    kept = p.write('memory', b'')
    env = {'LD_PRELOAD': SHIM, 'CARNET_TEST_MEMORY': kept}
    got = p.run(*args, env={**env, **more.pop('env', {})}, **more)
    with open(kept, 'rb') as file:
        memory = file.read()
    os.unlink(kept)
    assert len(memory) > 100000, (len(memory), got.said)
    return got, memory


def found(words, memory, other=b''):
    """Which of them are there.  Short ones may be by chance, so may one or two
    like "simple", and what another run with other words has, too; but no two
    that follow each other."""
    left = [w for w in words if len(w) > 5 and w.encode() in memory and
            w.encode() not in other]
    pairs = [a for a, b in zip(words, words[1:]) for between in (' ', '","')
             if (a + between + b).encode() in memory]
    return pairs or left if len(left) > (2 if len(words) == 15 else 0) \
        else pairs


def what_is_looked_for_would_be_found(p):
    """A title isn't wiped: the method sees what stands in memory."""
    p.init('--no-recovery')
    note = p.write('a.txt', b'x')
    got, memory = remembering(p, 'add', note, '--title', 'Zyxomatique-7261')
    assert got.code == 0, got.said
    assert found(['Zyxomatique-7261'], memory)


def new_words_are_wiped(p):
    p.init()
    _, other = remembering(p, 'key', 'add', 'recovery')
    shutil.rmtree(p.vault)
    for args in (('--json', 'init', '--person', 'Claire Martin', '--kdf',
                  'interactive'),
                 ('--json', 'key', 'add', 'recovery'),
                 ('--json', 'key', 'add', 'recovery', '--recovery',
                  p.path('words.pdf')),
                 ('--json', 'key', 'add', 'recovery', '--recovery',
                  p.path('words.txt'))):
        got, memory = remembering(p, *args)
        assert got.code == 0, got.said
        words = got.json()['recovery_words']
        assert len(words) == 15
        left = found(words, memory, other)
        assert left == [], (args, left)
        assert PASSPHRASE.strip() not in memory, args
    got, memory = remembering(p, 'key', 'add', 'recovery')
    words = [line.split()[1] for line in got.text.splitlines()
             if line[:1] == ' ']
    assert len(words) == 15, got.text
    assert found(words, memory, other) == [], found(words, memory, other)


def new_shares_are_wiped(p):
    p.init('--no-recovery')
    for more in ((), ('-o', p.path('sheets'))):
        got, memory = remembering(p, '--json', 'key', 'add', 'shares',
                                  '--of', '3', '--need', '2', *more)
        assert got.code == 0, got.said
        for share in got.json()['shares']:
            groups = share.split(' ')[1:]
            left = [a for a, b in zip(groups, groups[1:])
                    if (a + ' ' + b).encode() in memory]
            assert left == [], (more, left)


def typed_words_and_shares_are_wiped(p):
    made = p.init()
    _, other = remembering(p, 'key', 'add', 'recovery')
    shares = p.json('key', 'add', 'shares', '--of', '2', '--need', '2')
    new = p.write('new', b'mirabelle-quetsche-12\n', 0o600)
    for typed, looked_for in (
            (' '.join(made['recovery_words']), made['recovery_words']),
            ('\n'.join(shares['shares']),
             [s.split(': ')[1][:24] for s in shares['shares']])):
        path = p.write('typed', typed, 0o600)
        got, memory = remembering(p, '--words-file', path,
                                  '--new-passphrase-file', new, 'key',
                                  'recover')
        assert got.code == 0, got.said
        left = found(looked_for, memory, other)
        assert left == [], left
        assert b'mirabelle-quetsche-12' not in memory


def at_a_terminal(p, env, *args):
    """Types the passphrase when asked; exit, what was shown, and whether."""
    typed = []

    def answer(shown):
        if typed or not shown.endswith(b'Passphrase: '):
            return b''
        typed.append(PASSPHRASE)
        return PASSPHRASE

    return (*watch(p, 80, *args, env=env, answer=answer), typed != [])


def a_terminal_that_would_show_it_is_refused(p):
    p.init('--no-recovery')
    del p.env['CARNET_PASSPHRASE_FILE']
    code, shown, typed = at_a_terminal(p, {}, 'list')
    assert (code, typed) == (0, True), shown
    assert PASSPHRASE.decode().strip() not in shown
    if 'CARNET_SANITIZED' in os.environ:
        raise Skipped('nothing can be loaded before a sanitizer')
    for order in ('refused', 'ignored'):
        env = {'LD_PRELOAD': SHIM, 'CARNET_TEST_ECHO': order}
        code, shown, typed = at_a_terminal(p, env, 'list')
        assert (code, typed) == (1, False), (order, shown)
        assert 'would show' in shown and 'hint:' in shown, shown


def a_stick_without_modes_is_warned_of(p):
    """A file there has the mount's mode: chmod would change nothing."""
    if 'CARNET_SANITIZED' in os.environ:
        raise Skipped('nothing can be loaded before a sanitizer')
    p.init('--no-recovery')
    path = p.write('carnet-key', os.urandom(40), 0o755)
    env = {'LD_PRELOAD': SHIM, 'CARNET_TEST_FAT': '1'}
    got = p.ok('key', 'add', 'keyfile', path, env=env)
    assert 'keeps no file from others' in got.said, got.said
    env['CARNET_PASSPHRASE_FILE'] = None
    got = p.ok('--key-file', path, 'list', env=env)
    assert 'keeps no file from others' in got.said, got.said
    os.chmod(p.secret, 0o644)  # a passphrase is never read from there
    env['CARNET_PASSPHRASE_FILE'] = p.secret
    assert p.run('list', env=env).code == 1


if __name__ == '__main__':
    del sys.argv[2]
    main([what_is_looked_for_would_be_found, new_words_are_wiped,
          new_shares_are_wiped, typed_words_and_shares_are_wiped,
          a_terminal_that_would_show_it_is_refused,
          a_stick_without_modes_is_warned_of])
