#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Files that Debian's age wrote, opened by our reader; whole, cut and
changed.  Usage: check_age.py AGE_OPEN"""
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import unittest

OPEN = sys.argv.pop(1)
SIZES = [0, 1, 65535, 65536, 65537, 200000]


def opened(data, *how):
    done = subprocess.run([OPEN, *how], input=data, capture_output=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


class Age(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix='carnet-age-')
        self.addCleanup(shutil.rmtree, self.top)

    def pair(self, name):
        path = os.path.join(self.top, name)
        subprocess.run(['age-keygen', '-o', path], check=True,
                       capture_output=True)
        with open(path, encoding='ascii') as file:
            lines = file.read().splitlines()
        return lines[-1], lines[1].split()[-1]

    def test_recipients(self):
        one, public_one = self.pair('one')
        two, public_two = self.pair('two')
        for size in SIZES:
            plain = os.urandom(size)
            data = subprocess.run(
                ['age', '-r', public_one, '-r', public_two], input=plain,
                check=True, capture_output=True).stdout
            for secret in (one, two):
                self.assertEqual(opened(data, secret), (0, plain, b''))
            self.assertEqual(opened(data + b'x', one)[0], 1)
            self.assertEqual(opened(data[:-1], one)[0], 1)

    def test_another_key(self):
        _, public = self.pair('one')
        other, _ = self.pair('two')
        data = subprocess.run(['age', '-r', public], input=b'x', check=True,
                              capture_output=True).stdout
        code, out, said = opened(data, other)
        self.assertEqual((code, out), (1, b''))
        self.assertIn(b'wrong', said)

    def test_passphrase(self):
        """age asks a terminal for it, twice."""
        source = os.path.join(self.top, 'plain')
        out = os.path.join(self.top, 'out.age')
        with open(source, 'wb') as file:
            file.write(b'hello')
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp('age', ['age', '-p', '-o', out, source])
        for _ in range(2):
            said = b''
            while b': ' not in said:
                said += os.read(terminal, 1000)
            os.write(terminal, b'twelve plums\n')
        try:
            while os.read(terminal, 1000):
                pass
        except OSError:
            pass
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        with open(out, 'rb') as file:
            data = file.read()
        self.assertEqual(opened(data, '--passphrase', 'twelve plums'),
                         (0, b'hello', b''))
        self.assertEqual(opened(data, '--passphrase', 'six plums')[0], 1)


if __name__ == '__main__':
    if shutil.which('age') is None:
        sys.exit(77)
    unittest.main()
