# SPDX-License-Identifier: ISC
"""What the command-line tests share: a scratch home and vault, running the
built program, its JSON, and counting cases.  Needs nothing but Python."""
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback

PASSPHRASE = b'correct horse battery\n'


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def text(self):
        return self.out.decode('utf-8', 'replace')

    @property
    def said(self):
        return self.err.decode('utf-8', 'replace')

    def json(self):
        return json.loads(self.out)

    def error(self):
        """The error object, the last line on stderr."""
        return json.loads(self.err.strip().split(b'\n')[-1])['error']


class Program:
    """One scratch place: a home, a vault's path, a passphrase file."""

    def __init__(self, program, name='vault'):
        self.program = program
        self.top = tempfile.mkdtemp(prefix='carnet-test-')
        self.home = os.path.join(self.top, 'home')
        os.makedirs(self.home)
        self.vault = os.path.join(self.top, name)
        self.secret = self.write('pw', PASSPHRASE, 0o600)
        self.env = {
            'HOME': self.home, 'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8',
            'CARNET_VAULT': self.vault,
            'CARNET_PASSPHRASE_FILE': self.secret, 'TZ': 'Europe/Paris',
        }
        for kept in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'):
            if kept in os.environ:
                self.env[kept] = os.environ[kept]

    def path(self, *names):
        return os.path.join(self.top, *names)

    def write(self, name, data, mode=0o644):
        path = name if os.path.isabs(name) else os.path.join(self.top, name)
        if isinstance(data, str):
            data = data.encode()
        with open(path, 'wb') as f:
            f.write(data)
        os.chmod(path, mode)
        return path

    def run(self, *args, stdin=b'', env=None, cwd=None, timeout=300):
        full = dict(self.env)
        full.update(env or {})
        full = {k: v for k, v in full.items() if v is not None}
        done = subprocess.run(
            [self.program, *args], input=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=full, cwd=cwd or self.top,
            timeout=timeout, check=False)
        return Result(done)

    def ok(self, *args, **more):
        result = self.run(*args, **more)
        assert result.code == 0, (args, result.code, result.said)
        return result

    def json(self, *args, code=0, **more):
        result = self.run('--json', *args, **more)
        assert result.code == code, (args, result.code, result.said)
        return result.json()

    def init(self, *more):
        return self.json('init', '--person', 'Claire Martin', '--kdf',
                         'interactive', *more)

    def clear(self):
        shutil.rmtree(self.top, ignore_errors=True)


def hold_up(pid, ended):
    """Stops a process for a moment, sixteen times while it works: what it does
    takes seconds on the fastest machine, too."""
    for _ in range(16):
        if ended.wait(0.04):
            break
        os.kill(pid, signal.SIGSTOP)
        ended.wait(0.25)
        os.kill(pid, signal.SIGCONT)


def watch(p, columns, *args, env=None, answer=None, slowly=False):
    """Exit status and all that a terminal of so many columns was sent.
    answer: called again and again with what was shown so far, from the start
    on; gives the bytes to type now.  slowly: it is held up."""
    pid, fd = pty.fork()
    if pid == 0:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack('HHHH', 24, columns, 0, 0))
            os.execve(p.program, [p.program, *args],
                      {**p.env, 'TERM': 'xterm', **(env or {})})
        finally:
            os._exit(99)
    ended = threading.Event()
    holder = threading.Thread(target=hold_up, args=(pid, ended))
    if slowly:
        holder.start()
    shown, end = b'', time.time() + 240
    while time.time() < end:
        typed = answer(shown) if answer is not None else b''
        if typed:
            os.write(fd, typed)
        ready, _, _ = select.select([fd], [], [], 1)
        if not ready:
            continue
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more
    else:
        os.kill(pid, signal.SIGKILL)
    os.close(fd)
    ended.set()
    if slowly:
        holder.join()  # nobody has that number before it is waited for
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, shown.decode().replace('\r\n', '\n')


def files_below(top):
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            yield os.path.join(folder, name)


class Skipped(Exception):
    """A case that this machine can't run."""


def main(cases):
    """Runs each case with a fresh place; prints what failed, then counts."""
    program = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    passed = failed = skipped = 0
    for case in cases:
        if wanted and case.__name__ not in wanted:
            continue
        place = Program(program)
        try:
            case(place)
            passed += 1
        except Skipped as why:
            skipped += 1
            print('skipped %s: %s' % (case.__name__, why))
        except Exception:  # a failed case must not stop the others
            failed += 1
            print('FAILED %s' % case.__name__)
            traceback.print_exc(file=sys.stdout)
        finally:
            place.clear()
    print('%d passed, %d failed, %d skipped' % (passed, failed, skipped))
    sys.exit(1 if failed or passed + skipped == 0 else 0)
