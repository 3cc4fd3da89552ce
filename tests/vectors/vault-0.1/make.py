#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Makes vault/, backup/ and expected.json here, with the program given.

For a format that isn't released yet; afterwards these files stay as they are,
and a new version gets a folder of its own.  All of it is synthetic.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
PASSPHRASE = 'cheval correct pile agrafe'
PROGRAM = os.path.abspath(sys.argv[1])


def main():
    top = tempfile.mkdtemp()
    secret = os.path.join(top, 'pw')
    with open(secret, 'w') as f:
        f.write(PASSPHRASE + '\n')
    os.chmod(secret, 0o600)
    env = {'HOME': top, 'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8',
           'TZ': 'Europe/Paris', 'CARNET_PASSPHRASE_FILE': secret}
    first, second, backup = (os.path.join(top, x)
                             for x in ('first', 'vault', 'backup'))

    def run(vault, *args):
        done = subprocess.run([PROGRAM, '--vault', vault, '--json', *args],
                              env=env, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    def write(name, data):
        with open(os.path.join(top, name), 'wb') as f:
            f.write(data)
        return os.path.join(top, name)

    made = run(first, '--lang', 'fr', 'init', '--person', 'Zoé Exemple',
               '--born', '1980-05-17', '--kdf', 'interactive')
    ids = [x['id'] for x in run(
        first, 'add',
        write('lettre.txt', 'Chère Zoé, ceci est un exemple.\n'.encode()),
        write('vide.txt', b''),
        write('octets.bin', bytes(range(256)) * 300),
        write('secret.txt', b'This one is purged.\n'),
        write('jeter.md', '# Corbeille\n'.encode()))['added']]
    run(first, 'tag', ids[0], '+exemple')
    run(first, 'note', ids[0], 'Une note.')
    run(first, 'edit', ids[2], '--title', 'Des octets', '--date',
        '2024-02-29', '--type', 'other')
    run(first, 'remove', ids[4])
    run(first, 'remove', '--purge', ids[3])
    run(first, 'backup', backup)
    run(first, 'restore', backup, '--to', second)
    run(second, 'person', 'add', 'Léo Exemple')  # a second device's chain
    run(second, 'tag', ids[1], '+autre-appareil')
    run(second, 'backup', backup)
    documents = run(second, 'list')['documents']
    fields = 'id', 'title', 'type', 'date', 'size', 'tags'
    expected = {
        'passphrase': PASSPHRASE, 'words': ' '.join(made['recovery_words']),
        'documents': sorted(({x: y[x] for x in fields} for y in documents),
                            key=lambda x: ids.index(x['id'])),
        'sha256': {x['id']: run(second, 'show', x['id'])['sha256']
                   for x in documents},
        'kinds': [x['kind'] for x in
                  reversed(run(second, 'log')['events'])]}
    assert hashlib.sha256(b'').hexdigest() in expected['sha256'].values()
    for name in ('index.db', 'lock', 'packs.lock'):
        os.unlink(os.path.join(second, name))
    os.unlink(os.path.join(backup, 'lock'))
    for name in ('vault', 'backup'):
        shutil.rmtree(os.path.join(here, name), ignore_errors=True)
        shutil.copytree(os.path.join(top, name), os.path.join(here, name))
    with open(os.path.join(here, 'expected.json'), 'w') as f:
        json.dump(expected, f, indent=1, ensure_ascii=False)
        f.write('\n')
    shutil.rmtree(top)


if __name__ == '__main__':
    main()
