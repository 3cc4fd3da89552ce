#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What an observer of the folder learns, measured on documents that are known:
a vault and a backup are looked at as a thief or a host sees them, without a key.
By hand; it proves nothing that tests/vault prove, it says how much it is.

  observer.py CARNET [COUNT]

COUNT (1000) synthetic documents: notes, bundles, scans; added one by one and
read (the first tenth), and together (the rest)."""
import json
import os
import random
import re
import shutil
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, 'cli'), os.path.join(HERE, 'bench')]
import corpus  # noqa: E402
from program import Program, files_below  # noqa: E402

KIB, MIB = 1 << 10, 1 << 20
ENDS = {'note': 'txt', 'bundle': 'json', 'scan': 'pdf'}


def bundle(data):
    """The same as FHIR has it, so that there are facts to read."""
    whole = json.loads(data)
    whole['entry'] = [{'resource': one} for one in whole['entry']]
    return json.dumps(whole)


def make(p, count):
    """Half are notes, a quarter bundles, a quarter scans: paths by kind."""
    dice = random.Random(20261125)
    made = []
    for number in range(count):
        kind = ('note', 'note', 'bundle', 'scan')[number % 4]
        if kind == 'note':
            data = corpus.sentence(dice, dice.randint(20, 600)).encode()
        elif kind == 'bundle':
            data = bundle(corpus.bundle(dice, dice.randint(
                2 * KIB, 200 * KIB)))
        else:
            data = corpus.scan(dice, int(100 * KIB * 30 ** dice.random()))
        if isinstance(data, str):
            data = data.encode()
        os.makedirs(p.path('in'), exist_ok=True)
        made.append(p.write(p.path('in', '%s-%04d.%s' % (
            kind, number, ENDS[kind])), data))
    return made


def sizes(top):
    """What an observer sees: each file's size, by its path."""
    return {os.path.relpath(name, top): os.stat(name).st_size
            for name in files_below(top)}


def packs(seen):
    return sorted(size for name, size in seen.items() if
                  re.match(r'packs/', name))


def ledger(seen):
    return sum(size for name, size in seen.items() if
               name.startswith('ledger/'))


def describe(title, seen):
    found = packs(seen)
    counts = {}
    for size in found:
        counts[size] = counts.get(size, 0) + 1
    print('%s: %d files, %.1f MiB; %d packs' % (
        title, len(seen), sum(seen.values()) / MIB, len(found)))
    print('  ' + ', '.join(
        '%d of %s' % (number, '%d KiB' % (size // KIB) if size % KIB == 0
                      else '%d bytes' % size)
        for size, number in sorted(counts.items())))
    lawful = [size for size in found if size <= 16 * MIB]
    assert all(size & (size - 1) == 0 and size >= 256 * KIB
               for size in lawful), 'a pack of another size'
    return found


def one_by_one(p, paths):
    """Each is an `add` of its own: what does each step give away?"""
    before, guesses = sizes(p.vault), []
    for path in paths:
        done = p.run('--json', 'add', path)
        assert done.code in (0, 3), done.said  # a scan's PDF is none
        facts = done.json()['added'][0]['facts']
        after = sizes(p.vault)
        new = packs({name: size for name, size in after.items()
                     if name not in before})
        guesses.append((os.stat(path).st_size, tuple(new),
                        ledger(after) - ledger(before),
                        len(facts) if isinstance(facts, list) else facts))
        before = after
    seen = {}
    for size, grown, _, _ in guesses:
        seen.setdefault(grown, []).append(size)
    print('%d added one by one: the new packs say' % len(paths))
    for grown, real in sorted(seen.items()):
        print('  %s KiB: %d documents, of %d to %d bytes' % (
            ' + '.join(str(size // KIB) for size in grown), len(real), min(real), max(real)))
    print('  so that a document shares its sizes with %.0f of %d, on average' % (
        sum(len(real) ** 2 for real in seen.values()) / len(paths),
        len(paths)))
    grew = {}
    for _, _, growth, facts in guesses:
        grew.setdefault(growth, []).append(facts)
    for growth, facts in sorted(grew.items()):
        print('  the ledger grew by %6d bytes: %3d times, %d to %d facts' % (
            growth, len(facts), min(facts), max(facts)))


def names_tell_nothing(p, top, paths):
    """No name, title or word of a document in names or bytes."""
    words = {os.path.basename(path).encode() for path in paths}
    words |= {b'Claire', b'Martin', b'PDF-1.5', b'Observation'}
    for name in files_below(top):
        data = open(name, 'rb').read() + os.path.relpath(name, top).encode()
        for word in words:
            assert word not in data, 'a word in %s' % name


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    p = Program(os.path.abspath(sys.argv[1]))
    try:
        p.init('--no-recovery')
        paths = make(p, count)
        alone, together = paths[:count // 10], paths[count // 10:]
        total = sum(os.stat(path).st_size for path in paths)
        print('%d documents, %.1f MiB: median %d bytes, largest %d' % (
            count, total / MIB, statistics.median(
                os.stat(path).st_size for path in paths),
            max(os.stat(path).st_size for path in paths)))
        one_by_one(p, alone)
        before = sizes(p.vault)
        p.ok('add', '--no-read', *together)
        seen = sizes(p.vault)
        found = describe('vault', seen)
        new = sum(found) - sum(packs(before))
        real = sum(os.stat(path).st_size for path in together)
        print('  %d added together, %.1f MiB, brought packs of %.1f MiB '
              '(%+.1f %%), the ledger %d bytes (%.0f each)' % (
                  len(together), real / MIB, new / MIB,
                  100 * (new - real) / real, ledger(seen) - ledger(before),
                  (ledger(seen) - ledger(before)) / len(together)))
        names_tell_nothing(p, p.vault, paths)
        p.ok('compact')
        describe('vault, compacted', sizes(p.vault))
        backup = p.path('backup')
        p.ok('backup', backup)
        describe('backup', sizes(backup))
        names_tell_nothing(p, backup, paths)
    finally:
        shutil.rmtree(p.path('in'), ignore_errors=True)
        p.clear()


if __name__ == '__main__':
    main()
