#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What a person at a terminal sees: progress, lines that fit, what was found,
and no raw bytes.  All of it is synthetic."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import main, watch  # noqa: E402


def many(p, count=400, name='many'):
    """A folder that takes over a second to read."""
    os.makedirs(p.path(name))
    for i in range(count):
        p.write('%s/%04d.txt' % (name, i),
                '%s, une ligne %d\n' % (name, i) * 400)
    return p.path(name)


def steps(shown):
    """The lines of progress, one a redraw."""
    return re.findall(r'\r\x1b\[K((?:Storing|Reading): [^\r\n\x1b]*)', shown)


def progress_tells_bytes_files_rate_and_time_left(p):
    p.init('--no-recovery')
    folder = many(p)
    code, shown = watch(p, 80, 'add', folder, slowly=True)
    assert code == 0, shown[-500:]
    seen = steps(shown)
    assert seen, shown[-500:]
    for line in seen:
        assert re.match(r'Storing: [\d.]+ [kM]?B of 3\.\d MB, \d+ (s|min) left'
                        r', \d+ of 400 files, [\d.]+ [kM]?B/s$', line), line
    # no message stands behind what was left of the line
    for line in shown.split('\n'):
        at = line.rfind('Storing:')
        assert at < 0 or '\x1b[K' in line[at:], line
    # none without a terminal, with --json, with --quiet, on a dumb one
    assert b'\x1b' not in p.ok('reindex').err
    for quiet, env in (('--json', None), ('--quiet', None),
                       ('--verbose', {'TERM': 'dumb'})):
        code, shown = watch(p, 80, quiet, 'reindex', env=env, slowly=True)
        assert code == 0 and '\x1b' not in shown, (quiet, shown[-200:])
    # one that is not wide enough for all gives the rate, not all the files
    code, shown = watch(p, 63, 'add', many(p, 410, 'more'), slowly=True)
    assert code == 0 and steps(shown), shown[-500:]
    for line in steps(shown):
        assert re.search(r' left, \d+( of 410)? files?, [\d.]+ [kM]?B/s$',
                         line), line
    assert any(' of 410' not in line for line in steps(shown)), shown
    # a narrow one shows what fits
    code, shown = watch(p, 30, 'reindex', slowly=True)
    assert code == 0 and steps(shown), shown[-200:]
    for line in steps(shown):
        assert line.startswith('Reading: ') and len(line) < 30, line


def mistakes_are_told_the_way_on(p):
    p.init('--no-recovery')
    wrong = {'CARNET_PASSPHRASE_FILE': p.write('wrong', b'no\n', 0o600)}
    for args, code, hint, env in (
            (['list', '--jsno'], 2, 'did you mean: --json', None),
            (['list', '--limti', '3'], 2, 'did you mean: --limit', None),
            (['list', '--x'], 2, 'carnet help VERB', None),
            (['list', '--' + 'long' * 20], 2, 'carnet help VERB', None),
            (['lits'], 2, 'did you mean: carnet list', None),
            (['show', 'daaaa'], None, 'carnet list', None),
            (['--person', 'nobody', 'list'], None, 'carnet person list', None),
            (['list'], 12, 'capitals, accents and spaces count', wrong)):
        got = p.run(*args, env=env)
        assert got.code == code or code is None and got.code != 0, got.code
        assert hint in got.said, (args, got.said)


if __name__ == '__main__':
    main([progress_tells_bytes_files_rate_and_time_left,
          mistakes_are_told_the_way_on])
