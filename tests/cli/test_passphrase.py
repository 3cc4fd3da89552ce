#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A passphrase that is set is weighed; recovery words on the screen are
typed back.  At a terminal, and without one.  Usage: test_passphrase.py CARNET"""
import os
import pty
import re
import select
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import main  # noqa: E402

STRONG = 'vache tiroir lune panier'
WEAK = 'ClaireMartin1980'
INIT = ('init', '--person', 'Claire Martin', '--born', '1980-03-05', '--kdf',
        'interactive')


class Terminal:
    """The program with a terminal of its own; what it shows, typing back."""

    def __init__(self, p, *args):
        env = {k: v for k, v in p.env.items()
               if k != 'CARNET_PASSPHRASE_FILE'}
        self.shown = ''
        self.at = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(p.top)
            os.execve(p.program, [p.program, *args], env)

    def read(self, until):
        """Reads until the pattern shows up; the match."""
        end = time.monotonic() + 60
        while True:
            found = re.compile(until).search(self.shown, self.at)
            if found:
                self.at = found.end()
                return found
            assert time.monotonic() < end, (until, self.shown)
            if select.select([self.fd], [], [], 1)[0]:
                try:
                    part = os.read(self.fd, 65536)
                except OSError:
                    part = b''
                assert part, (until, self.shown)
                self.shown += part.decode('utf-8', 'replace').replace(
                    '\r\n', '\n')

    def type(self, text):
        time.sleep(0.1)  # its prompt throws away what was typed before
        os.write(self.fd, text.encode() + b'\n')

    def new_passphrase(self, text, prompt='New passphrase: '):
        self.read(prompt)
        self.type(text)
        self.read('once more: ')
        self.type(text)

    def end(self):
        while True:
            try:
                part = os.read(self.fd, 65536)
            except OSError:
                break
            if not part:
                break
            self.shown += part.decode('utf-8', 'replace').replace(
                '\r\n', '\n')
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def words(self):
        """The numbered words that were shown last."""
        rows = re.findall(r'^ +(\d+)\. (\S+)$', self.shown, re.M)
        return {int(number): word for number, word in rows}


def plain(text):
    """One line, as it was before it was broken for the terminal."""
    return re.sub(r'\s+', ' ', text)


def confirm(terminal, spoil=False):
    for _ in range(3):
        number = int(terminal.read(r'Word number (\d+): ').group(1))
        word = terminal.words()[number]
        other = 'zoo' if word != 'zoo' else 'zone'
        terminal.type(other if spoil else word.upper())
        if spoil:
            return


def by_file_it_warns_and_goes_on(p):
    weak = p.write('weak', WEAK + '\n', 0o600)
    got = p.run(*INIT, '--passphrase-file', weak, '--no-recovery')
    assert got.code == 0
    assert 'this passphrase is weak' in plain(got.said)
    assert re.search(r'find it in (less than|a few) ', plain(got.said))
    assert WEAK not in got.said
    strong = p.write('strong', STRONG + '\n', 0o600)
    for verb in (['add', 'passphrase'], ['change']):
        got = p.run('--passphrase-file', weak, 'key', *verb,
                    '--new-passphrase-file', strong)
        assert got.code == 0 and 'weak' not in got.said, got.said
        weak, strong = strong, weak
        got = p.run('--passphrase-file', weak, 'key', *verb,
                    '--new-passphrase-file', strong)
        assert got.code == 0 and 'is weak' in plain(got.said), got.said
        weak, strong = strong, weak


def opening_is_not_weighed(p):
    weak = p.write('weak', 'azerty\n', 0o600)
    p.ok(*INIT, '--passphrase-file', weak, '--no-recovery')
    got = p.run('--passphrase-file', weak, 'list')
    assert got.code == 0 and 'weak' not in got.said


def what_the_person_is_called_counts(p):
    first = p.write('first', 'Villeurbanne0712\n', 0o600)
    p.ok(*INIT, '--no-recovery')
    args = ('key', 'change', '--new-passphrase-file', first)
    before = p.run('--json', *args)
    p.env['CARNET_PASSPHRASE_FILE'] = first
    p.ok('person', 'edit', 'Claire Martin', '--birthplace', 'Villeurbanne')
    after = p.run('--json', *args)
    assert before.code == 0 and 'weak' not in before.said, before.said
    assert after.code == 0 and 'weak' in plain(after.said), after.said


def restore_and_recover_weigh_too(p):
    words = p.json(*INIT)['recovery_words']
    p.ok('backup', p.path('b'))
    typed = p.write('words', ' '.join(words), 0o600)
    weak = p.write('weak', 'motdepasse\n', 0o600)
    args = ('--words-file', typed, '--new-passphrase-file', weak)
    got = p.run('restore', p.path('b'), '--to', p.path('r'), '--recover',
                *args)
    assert got.code == 0 and 'is weak' in plain(got.said), got.said
    got = p.run('key', 'recover', *args)
    assert got.code == 0 and 'is weak' in plain(got.said), got.said


def one_document(p):
    p.ok(*INIT, '--no-recovery')
    return p.json('add', p.write('a.txt', 'Bilan\n' * 9))['added'][0]['id']


def a_shared_file_s_is_weighed_too(p):
    document = one_document(p)
    out = p.path('a.age')
    weak = p.write('weak', WEAK + '\n', 0o600)
    got = p.run('--json', 'share', document, '--passphrase', '-o', out,
                '--new-passphrase-file', weak)
    assert got.code == 0 and os.path.exists(out), got.said
    assert 'this passphrase is weak' in plain(got.said), got.said
    assert 'whoever has the file' in plain(got.said), got.said
    assert WEAK not in got.said
    strong = p.write('strong', STRONG + '\n', 0o600)
    got = p.run('share', document, '--passphrase', '-o', p.path('b.age'),
                '--new-passphrase-file', strong)
    assert got.code == 0 and 'weak' not in got.said, got.said


def a_shared_file_s_is_asked_once_more(p):
    document = one_document(p)
    run = Terminal(p, '--passphrase-file', p.secret, 'share', document,
                   '--passphrase', '-o', p.path('a.age'))
    run.new_passphrase(WEAK, 'Passphrase for this file: ')
    run.read('is weak')
    run.new_passphrase(STRONG, 'Passphrase for this file: ')
    assert run.end() == 0
    assert WEAK not in run.shown and STRONG not in run.shown
    assert os.path.exists(p.path('a.age'))


def at_a_terminal_it_asks_once_more(p):
    run = Terminal(p, *INIT, '--no-recovery')
    run.new_passphrase(WEAK)
    run.read('is weak')
    run.new_passphrase(STRONG)
    assert run.end() == 0
    assert WEAK not in run.shown and STRONG not in run.shown
    good = p.write('good', STRONG + '\n', 0o600)
    bad = p.write('bad', WEAK + '\n', 0o600)
    assert p.run('--passphrase-file', good, 'list').code == 0
    assert p.run('--passphrase-file', bad, 'list').code == 12


def at_a_terminal_a_weak_one_may_stay(p):
    run = Terminal(p, *INIT, '--no-recovery')
    run.new_passphrase(WEAK)
    run.read('is weak')
    run.new_passphrase(WEAK)
    run.read('is weak')
    assert run.end() == 0
    assert run.shown.count('New passphrase: ') == 2
    bad = p.write('bad', WEAK + '\n', 0o600)
    assert p.run('--passphrase-file', bad, 'list').code == 0


def a_strong_one_is_asked_once(p):
    run = Terminal(p, *INIT, '--no-recovery')
    run.new_passphrase(STRONG)
    assert run.end() == 0
    assert run.shown.count('New passphrase: ') == 1
    assert 'weak' not in run.shown


def words_are_typed_back(p):
    run = Terminal(p, *INIT)
    run.new_passphrase(STRONG)
    confirm(run)
    run.read('These are the words')
    assert run.end() == 0
    numbers = [int(n) for n in re.findall(r'Word number (\d+)', run.shown)]
    assert len(set(numbers)) == 3 and numbers == sorted(numbers)
    assert len(run.words()) >= 15
    good = p.write('good', STRONG + '\n', 0o600)
    run = Terminal(p, '--passphrase-file', good, 'key', 'add', 'recovery')
    confirm(run)
    run.read('These are the words')
    assert run.end() == 0


def a_wrong_word_shows_them_again(p):
    run = Terminal(p, *INIT)
    run.new_passphrase(STRONG)
    confirm(run, spoil=True)
    run.read('Here they are again')
    run.read(r' 1\. ')
    confirm(run)
    run.read('These are the words')
    assert run.end() == 0
    assert len(re.findall(r'^ +1\. ', run.shown, re.M)) == 2


def three_wrong_rounds_are_told(p):
    run = Terminal(p, *INIT)
    run.new_passphrase(STRONG)
    for _ in range(3):
        confirm(run, spoil=True)
    run.read("weren't confirmed")
    words = run.words()
    assert run.end() == 0
    typed = p.write('words', ' '.join(
        words[n] for n in sorted(words)), 0o600)
    new = p.write('new', 'une toute autre phrase ici\n', 0o600)
    p.ok('key', 'recover', '--words-file', typed, '--new-passphrase-file',
         new)


def killed_while_asking_the_vault_is_there(p):
    run = Terminal(p, *INIT)
    run.new_passphrase(STRONG)
    run.read(r'Word number \d+: ')
    os.kill(run.pid, signal.SIGKILL)
    run.end()
    good = p.write('good', STRONG + '\n', 0o600)
    assert p.run('--passphrase-file', good, 'check').code == 0


def nothing_is_asked_without_a_screen(p):
    got = p.run(*INIT)
    assert got.code == 0 and 'Word number' not in got.said + got.text
    run = Terminal(p, '--passphrase-file', p.secret, 'key', 'add',
                   'recovery', '--recovery', p.path('sheet.txt'))
    assert run.end() == 0 and 'Word number' not in run.shown
    run = Terminal(p, '--json', '--passphrase-file', p.secret, 'key', 'add',
                   'recovery')
    assert run.end() == 0 and 'Word number' not in run.shown


if __name__ == '__main__':
    main([by_file_it_warns_and_goes_on, opening_is_not_weighed,
          what_the_person_is_called_counts, restore_and_recover_weigh_too,
          a_shared_file_s_is_weighed_too, a_shared_file_s_is_asked_once_more,
          at_a_terminal_it_asks_once_more,
          at_a_terminal_a_weak_one_may_stay, a_strong_one_is_asked_once,
          words_are_typed_back, a_wrong_word_shows_them_again,
          three_wrong_rounds_are_told,
          killed_while_asking_the_vault_is_there,
          nothing_is_asked_without_a_screen])
