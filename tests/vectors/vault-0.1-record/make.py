#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Makes vault/, backup/, answers.json and SHA256SUMS here, with the program
given.  For a release that isn't out yet; afterwards these files stay as they
are, and a new release gets a folder of its own (docs/format.md, "Vectors").
All of it is synthetic: nobody in it is real.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PASSPHRASE = 'violon marée dictée ocre'
PROGRAM = os.path.abspath(sys.argv[1])


def pdf(text):
    """One page with one line of text."""
    drawn = b'BT /F1 12 Tf 60 700 Td (' + text + b') Tj ET'
    parts = [b'<</Type/Catalog/Pages 2 0 R>>',
             b'<</Type/Pages/Kids[3 0 R]/Count 1>>',
             b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R'
             b'/Resources<</Font<</F1 5 0 R>>>>>>',
             b'<</Length %d>>stream\n%s\nendstream' % (len(drawn), drawn),
             b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>']
    out, places = b'%PDF-1.4\n', []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b'%d 0 obj%s endobj\n' % (number, part)
    table = b''.join(b'%010d 00000 n \n' % place for place in places)
    return (out + b'xref\n0 6\n0000000000 65535 f \n' + table +
            b'trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n' %
            len(out))


LETTER = """Laboratoire Exemple

Bilan du 5 mars 2026
Ferritine 12 ng/mL
Hémoglobine 13,5 g/dL
""".encode()
OBSERVATION = json.dumps({
    'resourceType': 'Observation', 'status': 'final',
    'code': {'coding': [{'system': 'http://loinc.org', 'code': '2276-4',
                         'display': 'Ferritin'}]},
    'effectiveDateTime': '2026-03-05',
    'valueQuantity': {'value': 12.50, 'unit': 'ng/mL'}}).encode()
PROOF = pdf(b'Accuse de reception du 9 janvier 2026')


class Place:
    def __init__(self):
        self.top = tempfile.mkdtemp()
        secret = self.write('pw', PASSPHRASE.encode() + b'\n')
        os.chmod(secret, 0o600)
        self.env = {'HOME': self.top, 'PATH': '/usr/bin:/bin',
                    'LANG': 'C.UTF-8', 'TZ': 'Europe/Paris',
                    'CARNET_PASSPHRASE_FILE': secret}
        self.vault = self.path('first')

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return self.path(name)

    def run(self, *args, code=0):
        done = subprocess.run(
            [PROGRAM, '--vault', self.vault, '--json', *args], env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == code, (args, done.returncode, done.stderr)
        return json.loads(done.stdout)


def only(thing, keys):
    """Of a row, or of each row of a list, these keys."""
    if isinstance(thing, list):
        return [only(row, keys) for row in thing]
    return {key: thing[key] for key in keys}


def first_device(place):
    """What can be asked for later: ids by name."""
    run, write = place.run, place.write
    words = run('--lang', 'fr', 'init', '--person', 'Inès Exemple', '--born',
                '1979-02-28', '--kdf', 'interactive')['recovery_words']
    added = run('add', write('bilan.txt', LETTER),
                write('dosage.json', OBSERVATION), write('lettre.pdf', PROOF),
                write('octets.bin', bytes(range(256)) * 900),
                write('efface.txt', b'This one is erased.\n'),
                write('corbeille.txt', b'In the trash.\n'))['added']
    ids = dict(zip(('letter', 'fhir', 'pdf', 'bytes', 'purged', 'trash'),
                   (x['id'] for x in added)))
    run('person', 'add', 'Tom Exemple', '--born', '2015-09-01')
    run('person', 'edit', 'Inès Exemple', '--address',
        "1 rue de l'Exemple, 69001 Lyon", '--represents', 'Tom Exemple',
        '--as', 'parent', '--proof', ids['pdf'])
    run('tag', ids['letter'], '+fer', '+2026')
    run('tag', ids['letter'], '-2026')
    run('note', ids['fhir'], 'à jeun')
    run('edit', ids['bytes'], '--title', 'Des octets', '--date', '2024-02-29',
        '--type', 'imaging')
    run('remove', ids['trash'])
    run('remove', '--purge', ids['purged'])
    run('recipient', 'edit', 'fr/caisse', '--name', 'CPAM du Rhône',
        '--address', '276 cours Émile-Zola, 69619 Villeurbanne')
    refused = run('refuse', 'fr/pds', '--on', '2026-01-05')
    ids['refusal'] = refused['decisions'][0]['id']
    ids['statement'] = refused['statements'][0]['id']
    run('statement', 'sent', ids['statement'], '--on', '2026-01-06', '--via',
        'registered', '--proof', write('depot.pdf', pdf(b'Depot')))
    run('statement', 'received', ids['statement'], '--on', '2026-01-09',
        '--proof', write('accuse.pdf', PROOF))
    run('statement', 'answered', ids['statement'], '--on', '2026-02-03',
        '--outcome', 'granted')
    run('refuse', 'fr/cnam', '--on', '2026-01-07')
    allowed = run('allow', 'fr/medecin', '--purpose', 'care', '--on',
                  '2026-01-08')
    kept = run('allow', 'fr/hopital', '--purpose', 'research', '--on',
               '2026-01-08')
    ids['consent'] = allowed['decisions'][0]['id']
    ids['withdrawn'] = kept['decisions'][0]['id']
    run('withdraw', ids['withdrawn'], '--on', '2026-02-01')
    shares = run('key', 'add', 'shares', '--of', '3', '--need', '2')['shares']
    run('export', ids['letter'], '-o', place.path('out'))
    run('backup', place.path('backup'))
    return ids, words, shares


def second_device(place, ids):
    """The same vault, restored elsewhere and written to again."""
    place.run('restore', place.path('backup'), '--to', place.path('vault'))
    place.vault = place.path('vault')
    place.run('tag', ids['pdf'], '+autre-appareil')
    place.run('edit', ids['letter'], '--title', 'Bilan de mars')
    place.run('remove', ids['bytes'])
    place.run('trash', 'restore', ids['bytes'])
    place.run('compact')
    place.run('backup', place.path('backup'))


def answers(place, ids):
    """Each question with what must stay true of its answer: what the program
    words or works out anew (drafts, dues, snippets) isn't among it."""
    rows = []

    def ask(*args, code=0, **has):
        got = place.run(*args, code=code)
        for key, keys in has.items():
            has[key] = got[key] if keys is None else only(got[key], keys)
        rows.append({'args': args, 'code': code, 'has': has})
        return got

    document = 'id', 'title', 'type', 'date', 'size', 'tags', 'person'
    listed = ask('list', documents=document)['documents']
    assert {x['id'] for x in listed} >= {ids[x] for x in (
        'letter', 'fhir', 'pdf', 'bytes')}
    for row in listed:
        ask('show', row['id'], id=None, title=None, sha256=None, size=None,
            source=None)
    assert 'Ferritine 12 ng/mL' in ask('show', ids['letter'],
                                       text=None)['text']
    assert ask('search', 'ferritine', documents=('id',))['documents']
    assert ask('trash', documents=('id', 'title'))['documents']
    ask('person', 'list', persons=('id', 'name', 'born'))
    ask('consents', '--on', '2026-06-01', decisions=(
        'id', 'kind', 'recipient', 'purposes', 'from', 'until'))
    ask('may', 'fr/pds', '--on', '2026-06-01', code=20, answer=None,
        decisions=None)
    ask('may', 'fr/medecin', '--purpose', 'care', '--on', '2026-06-01',
        answer=None, decisions=None)
    ask('may', 'fr/hopital', '--purpose', 'research', '--on', '2026-06-01',
        code=21, answer=None, decisions=None)
    ask('may', 'fr/mes', '--on', '2026-06-01', code=21, answer=None)
    ask('statement', 'list', statements=('id', 'template', 'recipient'))
    ask('statement', 'show', ids['statement'], id=None, recipient=None,
        status=None, lang=None, subject=None, body=None, decision=None,
        steps=('kind', 'on', 'via', 'proof'))
    ask('recipient', 'show', 'fr/caisse', recipient=('name', 'address'))
    ask('disclosures', disclosures=('what',))
    ask('key', 'list', keys=('id', 'kind'))
    return rows


def as_git_keeps_it(top):
    """Its modes: what a test copies must be like what a checkout has."""
    for folder, _, names in os.walk(top):
        os.chmod(folder, 0o755)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o644)


def sums():
    for top, _, names in sorted(os.walk(HERE)):
        for name in sorted(names):
            path = os.path.join(top, name)
            inside = os.path.relpath(path, HERE)
            if inside.split(os.sep)[0] in ('vault', 'backup', 'answers.json'):
                with open(path, 'rb') as f:
                    yield '%s  %s\n' % (hashlib.sha256(f.read()).hexdigest(),
                                        inside)


def main():
    place = Place()
    ids, words, shares = first_device(place)
    second_device(place, ids)
    rows = answers(place, ids)
    kinds = [x['kind'] for x in reversed(place.run('log')['events'])]
    for name in ('index.db', 'lock', 'packs.lock'):
        os.unlink(os.path.join(place.vault, name))
    os.unlink(os.path.join(place.path('backup'), 'lock'))
    for name in ('vault', 'backup'):
        shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)
        shutil.copytree(place.path(name), os.path.join(HERE, name))
        as_git_keeps_it(os.path.join(HERE, name))
    with open(os.path.join(HERE, 'answers.json'), 'w', encoding='utf-8') as f:
        json.dump({'passphrase': PASSPHRASE, 'words': ' '.join(words),
                   'shares': shares, 'purged': ids['purged'],
                   'kinds': kinds, 'answers': rows}, f, indent=1, ensure_ascii=False)
        f.write('\n')
    with open(os.path.join(HERE, 'SHA256SUMS'), 'w', encoding='ascii') as f:
        f.writelines(sums())
    shutil.rmtree(place.top)


if __name__ == '__main__':
    main()
