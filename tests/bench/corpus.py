# SPDX-License-Identifier: ISC
"""
The corpora of the benchmark: synthetic, the same bytes on every machine.
Three shapes of what people have: scans that don't shrink, bundles of JSON
that shrink to a sixth, studies of images that shrink a little.
"""
import json
import os
import random

WORD_COUNT = 6000
CONSONANTS, VOWELS = 'bcdfglmnprstv', 'aeiou'


def words(seed=11):
    """Pronounceable words, the first ones meant to be common."""
    dice = random.Random(seed)
    found = {}
    while len(found) < WORD_COUNT:
        word = ''.join(dice.choice(CONSONANTS) + dice.choice(VOWELS)
                       for _ in range(dice.randint(2, 5)))
        found.setdefault(word, None)
    return list(found)


WORDS = words()


def sentence(dice, count):
    """Words as languages have them: few often, most seldom."""
    return ' '.join(WORDS[int(WORD_COUNT * dice.random() ** 4)]
                    for _ in range(count))


def scan(dice, size):
    """Like a scanned letter: a frame around bytes that don't shrink."""
    head = b'%%PDF-1.5\n1 0 obj <</Length %d>> stream\n' % size
    return head + dice.randbytes(size) + b'\nendstream endobj\n%%EOF\n'


def bundle(dice, size):
    """Like a laboratory's answer: JSON, much alike."""
    rows = []
    length = 0
    while length < size:
        row = {'resourceType': 'Observation', 'status': 'final',
               'id': '%024x' % dice.getrandbits(96),
               'code': {'coding': [{
                   'system': 'http://loinc.org',
                   'code': '%d-%d' % (dice.randint(1000, 90000),
                                      dice.randint(0, 9)),
                   'display': sentence(dice, 3)}]},
               'effectiveDateTime': '20%02d-%02d-%02d' % (
                   dice.randint(5, 25), dice.randint(1, 12),
                   dice.randint(1, 28)),
               'valueQuantity': {'value': dice.randint(1, 40000) / 100,
                                 'unit': dice.choice(['mg/L', 'mmol/L', '%'])},
               'note': [{'text': sentence(dice, 10)}]}
        rows.append(row)
        length += 480
    return json.dumps({'resourceType': 'Bundle', 'type': 'collection',
                       'entry': rows}).encode()


def study(dice, size):
    """Like a series of images: 16 bits a point, the upper ones smooth."""
    lower = dice.randbytes(size // 2)
    level, line = 8, bytearray()
    while len(line) < 60000:
        level = min(15, max(0, level + dice.choice((-1, 0, 0, 1))))
        line += bytes([level]) * dice.randint(6, 30)
    whole = bytearray(2 * (size // 2))
    whole[0::2] = lower
    whole[1::2] = (bytes(line) * (size // 2 // len(line) + 1))[:size // 2]
    whole[128:132] = b'DICM'
    return bytes(whole)


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)
    return len(data)


def scan_size(dice):
    """50 kB to 2 MB, most of them small."""
    return int(50000 / max(dice.random(), 0.026) ** 1.0)


def mixed(root, scale, seed=2026):
    """scale 1: about 1 GiB in 7,020 files; other ones for another seed."""
    dice = random.Random(seed)
    total = files = 0
    for i in range(int(2000 * scale)):
        total += put('%s/scans/%d/%05d.pdf' % (root, 2005 + i % 20, i),
                     scan(dice, scan_size(dice)))
        files += 1
    for i in range(int(5000 * scale)):
        total += put('%s/bundles/%02d/%05d.json' % (root, i % 50, i),
                     bundle(dice, dice.randint(2000, 20000)))
        files += 1
    for i in range(max(1, int(20 * scale))):
        total += put('%s/studies/%02d/image.dcm' % (root, i),
                     study(dice, dice.randint(20000000, 40000000)))
        files += 1
    return files, total


def many(root, scale):
    """About the bytes of mixed in ten times its files."""
    dice = random.Random(2027)
    total = files = 0
    for i in range(int(70000 * scale)):
        kind = i % 3
        size = int(dice.uniform(2000, 28000))
        data = bundle(dice, size) if kind == 0 else scan(dice, size)
        total += put('%s/%03d/%06d.%s' % (
            root, i % 700, i, 'json' if kind == 0 else 'pdf'), data)
        files += 1
    return files, total


def change(root, seed):
    """Changes one file in a hundred, and inserts into the first study."""
    dice = random.Random(seed)
    changed = 0
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if dice.random() >= 0.01:
                continue
            path = os.path.join(folder, name)
            with open(path, 'rb') as file:
                data = file.read()
            middle = len(data) // 2
            if len(data) > 10000000:
                data = data[:middle] + dice.randbytes(1000) + data[middle:]
            else:
                data = dice.randbytes(300) + data[300:middle] + \
                    dice.randbytes(len(data) - middle)
            put(path, data)
            changed += 1
    return changed


def letters(root, count):
    """Short texts, one file each: what searching is measured on."""
    dice = random.Random(2028)
    for i in range(count):
        text = 'Bilan %d. %s. patient %s\n' % (
            i, sentence(dice, 40), 'rare%d' % i if i % 1000 == 0 else '')
        put('%s/%03d/%06d.txt' % (root, i // 500, i), text.encode())
    return count
