#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""carnet-press as a process: every template of the catalogue, the dossier,
hostile jobs and pages, and what the process may do.

Usage: check_press.py CARNET_PRESS LETTERS_FOLDER.  Exits 77 when the readers
of PDF are missing.
"""
import concurrent.futures
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

PRESS, LETTERS = sys.argv.pop(1), sys.argv.pop(1)
TOOLS = ['qpdf', 'pdftotext', 'pdfinfo']

PERSON = {'name': 'Anne Onyme', 'born': '1970-05-04', 'birthplace': 'Lyon',
          'address': '12 rue des Lilas\n69003 Lyon',
          'email': 'anne@example.org', 'phone': '06 00 00 00 00',
          'nir': '2 70 05 69 123 456 78'}
REASON = ('Je souhaite que le secret qui lie mon médecin et moi ne soit pas '
          'levé par des usages que je n’ai pas choisis.')
CHILD = {'name': 'Maëlys Onyme-Delacroix', 'born': '2019-06-14',
         'birthplace': 'Villeurbanne', 'nir': '2 19 06 69 266 123 45',
         'as': 'parent', 'proof': 'livret de famille'}
RECIPIENT = {'name': 'Caisse primaire du Rhône',
             'address': '276 cours Émile Zola\n69619 VILLEURBANNE CEDEX',
             'email': 'dpo@example.org'}


def catalogue(name):
    with open(os.path.join(LETTERS, name), encoding='utf-8') as file:
        return json.load(file)


MESSAGES = ['ameli', 'portal', 'form', 'email']
with open(PRESS, 'rb') as program:
    SANITIZED = b'__asan_init' in program.read()
STATEMENTS = catalogue('statements.json')['statements']
FIRST = STATEMENTS[0]


def job(statement=FIRST, lang='fr', channel=None, **changes):
    made = {'op': 'letter', 'template': statement['id'], 'lang': lang,
            'channel': channel or statement['channel'], 'date': '2026-03-05',
            'place': 'Lyon', 'reference': 's7k2m',
            'formats': ['text', 'html', 'pdf'], 'person': PERSON,
            'recipient': dict(RECIPIENT,
                              id=statement.get('addressee') or 'x'),
            'decision': {'kind': 'refuse', 'reason': REASON},
            'case': {'sent': '2026-01-05', 'received': '2026-01-07',
                     'due': '2026-02-07', 'via': 'registered'}}
    made.update(changes)
    return made


def frame(tag, data):
    return tag.encode() + struct.pack('<I', len(data)) + data


def frames(data):
    made = []
    while data:
        length = struct.unpack('<I', data[4:8])[0]
        made.append((data[:4].decode(), data[8:8 + length]))
        assert len(made[-1][1]) == length
        data = data[8 + length:]
    return made


def press(made, *pages, before=()):
    data = frame('JOB ', json.dumps(made).encode())
    data += b''.join(frame(*page) for page in pages)
    return press_raw(data, before)


def press_raw(data, before=()):
    run = subprocess.run([*before, PRESS], input=data, capture_output=True,
                         check=False)
    return run.returncode, frames(run.stdout), run.stderr.decode()


def chunk(kind, data):
    return (struct.pack('>I', len(data)) + kind + data +
            struct.pack('>I', zlib.crc32(kind + data)))


def png(width, height, row=None, data=None):
    """A grey picture; row: its bytes."""
    row = row or bytes(128 for _ in range(width))
    data = data or zlib.compress((b'\0' + row) * height, 1)
    return (b'\x89PNG\r\n\x1a\n' +
            chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0,
                                       0)) +
            chunk(b'IDAT', data) + chunk(b'IEND', b''))


class Base(unittest.TestCase):
    maxDiff = 2000

    def answers(self, made, *pages):
        code, answer, errors = press(made, *pages)
        self.assertEqual(errors, '')
        self.assertEqual(code, 0, answer)
        self.assertEqual(answer[0][0], 'META')
        self.assertEqual(answer[-1], ('END ', b''))
        files = dict(answer[:-1])
        files['META'] = json.loads(files['META'])
        return files

    def fails(self, status, answer):
        code, answer, _ = answer
        self.assertEqual(code, 1, answer)
        self.assertEqual([tag for tag, _ in answer], ['FAIL'])
        fail = json.loads(answer[0][1])
        self.assertEqual(fail['status'], status, fail)
        self.assertTrue(fail['message'])
        return fail

    def read(self, pdf):
        """(info, text) of a PDF that qpdf finds nothing wrong with."""
        with tempfile.NamedTemporaryFile(suffix='.pdf') as file:
            file.write(pdf)
            file.flush()
            checked = subprocess.run(['qpdf', '--check', file.name],
                                     capture_output=True, text=True,
                                     check=False)
            self.assertEqual(checked.returncode, 0,
                             checked.stdout + checked.stderr)
            info = subprocess.run(['pdfinfo', file.name], text=True,
                                  capture_output=True, check=True).stdout
            text = subprocess.run(['pdftotext', file.name, '-'], text=True,
                                  capture_output=True, check=True).stdout
        text = text.replace('\u00a0', ' ')
        info = dict(re.findall(r'^([^:]+): +(.*)$', info, re.M))
        self.assertEqual(info['Tagged'], 'yes')
        return info, text

    def assert_words(self, text, pdf_text):
        read = ''.join(pdf_text.split())
        for word in text.split():
            if word != '-':
                self.assertIn(word, read)


class Letters(Base):
    def one(self, statement, lang, channel, bare):
        made = job(statement, lang, channel)
        paper = bare or channel in (statement['channel'], 'registered')
        if not paper:
            made['formats'] = ['text', 'html']
        if bare:  # nothing known: ruled blanks
            made = {key: made[key] for key in
                    ['op', 'template', 'lang', 'channel', 'formats']}
        files = self.answers(made)
        meta = files['META']
        self.assertEqual(meta['lang'], lang)
        self.assertEqual(meta['channel'], channel)
        self.assertEqual(len(meta['basis']), len(statement['basis']))
        self.assertTrue(all(b['text'] for b in meta['basis']))
        text = files['TEXT'].decode()
        if meta['max_chars']:
            self.assertLessEqual(len(text), meta['max_chars'])
        self.assertNotIn('{{', text)
        self.assertIn(b'<html lang="%s">' % lang.encode(), files['HTML'])
        if channel in MESSAGES:
            self.assertNotIn('\u00a0', text)
        if not paper:
            return
        info, read = self.read(files['PDF '])
        self.assertEqual(info['Pages'], '1',
                         (statement['id'], lang, channel, bare))
        self.assertEqual(info['Title'], meta['subject'])
        self.assert_words(text, read)
        if bare:
            self.assertNotIn('CreationDate', info)

    def test_every_template(self):
        jobs = [(statement, lang, channel, bare) for statement in STATEMENTS
                for lang in statement['languages']
                for channel in statement['channels']
                for bare in (False, True)
                if not bare or channel == statement['channel']]
        self.assertGreater(len(jobs), 20)
        if SANITIZED:  # slow: a sample, another kind of test
            jobs = jobs[::7]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(self.one, *args) for args in jobs]:
                done.result()

    def test_a_child_fits_on_a_page(self):
        """By paper, at the end of 2026, with lines left for the reasons or
        with some; for oneself too."""
        jobs = [(statement, channel, child, reason)
                for statement in STATEMENTS
                if statement['id'].startswith(('fr/', 'gdpr/'))
                for channel in statement['channels']
                if channel in ('registered', 'hand', 'letter', 'other')
                for child in (False, True)
                if not child or not statement.get('self_only')
                for reason in (False, True)]
        self.assertGreater(len(jobs), 300)
        if SANITIZED:
            jobs = jobs[::11]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(self.child, *args) for args in jobs]:
                done.result()

    def child(self, statement, channel, child, reason):
        made = job(statement, 'fr', channel, date='2026-11-25',
                   formats=['pdf'], represents=CHILD if child else None,
                   decision={'kind': 'refuse',
                             'reason': REASON if reason else None})
        if statement['addressee'] == 'recipient':
            made['recipient']['id'] = statement.get('fits', ['fr/hopital'])[0]
        info, _ = self.read(self.answers(made)['PDF '])
        self.assertEqual(info['Pages'], '1',
                         (statement['id'], channel, child, reason))

    def test_own_words(self):
        """A person's own template needs no shipped one; its references and
        marks are told, its markup is printed or shown, never run."""
        made = dict(job(), template='ma-lettre', lang='fr',
                    formats=['text', 'html', 'pdf'], template_text={
                        'lang': 'fr', 'text':
                        '---\nsubject: Essai\n---\n\n# Titre\n\n'
                        '<script>x</script> [ici](https://exemple.fr) '
                        '{{basis.csp-l1110-4-iv}} {{basis.rgpd-15.short}}\n'})
        files = self.answers(made)
        self.assertEqual(files['META']['subject'], 'Essai')
        self.assertEqual([b['checked'] for b in files['META']['basis']],
                         [False, True])
        self.assertNotIn(b'<script>', files['HTML'])
        text = files['TEXT'].decode()
        self.assertIn('(à vérifier)', text.replace('\n', ' '))
        self.assertNotIn('Modèle de lettre', text)
        _, read = self.read(files['PDF '])
        self.assert_words(text, read)
        made['template_text']['text'] = '---\nsubject: a\n---\n\n{{x}}'
        self.fails('invalid', press(made))

    def test_same_bytes(self):
        self.assertEqual(press(job())[1], press(job())[1])

    def test_formats(self):
        self.assertEqual(set(self.answers(job(formats=['pdf']))),
                         {'META', 'PDF '})
        self.assertEqual(set(self.answers(job(formats=[]))), {'META'})
        bare = job()
        del bare['formats']
        self.assertEqual(set(self.answers(bare)), {'META'})
        for bad in [['docx'], [1], ['text'] * 9, ['pdf', 'x']]:
            self.fails('invalid', press(job(formats=bad)))

    def test_meta(self):
        meta = self.answers(job())['META']
        self.assertIn(meta['sandbox'], ['seccomp', 'none'])
        self.assertTrue(meta['subject'])
        self.assertIn('Madame', meta['body'])
        self.assertEqual(meta['warnings'],
                         [w for w in meta['warnings'] if w])

    def test_too_long_a_message(self):
        made = job(channel='ameli', decision={'kind': 'refuse',
                                              'reason': 'mot ' * 2000})
        files = self.answers(dict(made, formats=['text']))
        self.assertLessEqual(len(files['TEXT'].decode()), 1500)
        self.assertTrue(files['META']['warnings'])

    def test_hostile_names(self):
        for name in ['a\u202eb', '*x* _y_ `z`', '<script>', '# x', '1. x',
                     '{{person.nir}}', 'a\nb', '](javascript:x)', '\\',
                     "d'Été & Cie", '&#x202e;', '-' * 80, 'M' * 500]:
            files = self.answers(job(person=dict(PERSON, name=name)))
            self.assertNotIn(b'<script>', files['HTML'])
            self.assertNotIn('\u202e', files['TEXT'].decode())
            self.read(files['PDF '])

    def test_missing_glyph(self):
        made = job(channel='registered', person=dict(PERSON, name='王小明'))
        fail = self.fails('invalid', press(made))
        self.assertIn('U+738B', fail['message'])
        self.assertTrue(fail['hint'])
        self.answers(dict(made, formats=['text', 'html']))


class Jobs(Base):
    def test_several_letters(self):
        """What is missing in each, in order, and no files."""
        bare = job(channel='registered', person={'name': 'Claire Martin'})
        whole = job(channel='registered')
        code, answer, said = press({'op': 'letters', 'jobs': [whole, bare]})
        self.assertEqual((code, said), (0, ''))
        self.assertEqual([tag for tag, _ in answer], ['META', 'META', 'END '])
        whole, blank = [json.loads(data) for _, data in answer[:2]]
        self.assertNotIn('person.nir', whole['missing'])
        self.assertIn('person.nir', blank['missing'])
        code, answer, _ = press({'op': 'letters', 'jobs': []})
        self.assertEqual((code, answer), (0, [('END ', b'')]))
        code, answer, _ = press(
            {'op': 'letters',
             'jobs': [job(), dict(job(), template='fr/no-such')]})
        self.assertEqual([tag for tag, _ in answer], ['META', 'FAIL'])
        self.assertEqual(code, 1)

    def test_not_a_job(self):
        for data in [b'', b'JOB', b'JOB \xff\xff\xff\xff',
                     b'JOB \x10\0\0\0{}', frame('JOB ', b''),
                     frame('JOB ', b'{'), frame('JOB ', b'[]'),
                     frame('JOB ', b'null'), frame('PDF ', b'{}'),
                     frame('JOB ', b'{"op":1}'), frame('JOB ', b'\xff'),
                     frame('JOB ', b'{"op":"letters"}'),
                     frame('JOB ', b'[' * 100000)]:
            self.fails('invalid', press_raw(data))

    def test_unknown_template(self):
        self.fails('not-found', press(dict(job(), template='fr/no-such')))

    def test_bad_date(self):
        code, answer, _ = press(job(date='2026-02-30)/X('))
        self.assertEqual((code, answer[0][0]), (1, 'FAIL'))

    def test_noise(self):
        source = random.Random(7)
        good = frame('JOB ', json.dumps(job(formats=['text'])).encode())
        for _ in range(60):
            data = bytearray(good)
            for _ in range(source.randint(1, 8)):
                data[source.randrange(len(data))] = source.randrange(256)
            code, _, _ = press_raw(bytes(data))
            self.assertIn(code, [0, 1])


class Dossier(Base):
    def dossier(self, exhibits=(), timeline=(), **changes):
        made = {'op': 'dossier', 'title': 'Plainte', 'lang': 'fr',
                'date': '2026-04-08', 'letter': job(formats=[]),
                'timeline': list(timeline), 'exhibits': list(exhibits)}
        made.update(changes)
        return made

    def test_whole(self):
        steps = [{'on': '2026-03-01', 'kind': 'refuse', 'text': 'Refus.'},
                 {'on': '2026-03-05', 'kind': 'sent',
                  'text': 'Lettre recommandée n° 1A 234.'},
                 {'on': '2026-04-07', 'kind': 'due', 'text': 'Un mois.'}]
        proofs = [{'title': 'avis.pdf', 'sha256': 'ab' * 32, 'pages': 2},
                  {'title': 'courriel 王.txt', 'sha256': 'cd' * 32,
                   'pages': 1},
                  {'title': 'film.mp4', 'sha256': 'ef' * 32, 'pages': 0}]
        pages = [('PNG ', png(600, 800)), ('PNG ', png(800, 600)),
                 ('TEXT', 'Bonjour,\n\n\tvoilà 王\x1b[0m\fdeux\n'.encode())]
        made = self.dossier(proofs, steps)
        files = self.answers(made, *pages)
        info, text = self.read(files['PDF '])
        self.assertEqual(int(info['Pages']), files['META']['pages'])
        self.assertEqual(int(info['Pages']), 1 + 1 + 2 + 2 + 1)
        self.assertEqual(info['Title'], 'Plainte')
        self.assertTrue(files['META']['spelt_out'])
        for part in ['Chronologie', '1er mars 2026', '5 mars 2026', 'Envoi',
                     'Lettre recommandée n° 1A 234.', 'Liste des pièces',
                     'Pièce n° 1 – avis.pdf', 'ab' * 32, 'Pièce n° 2',
                     'courriel [U+738B].txt', 'voilà [U+738B][U+001B][0m',
                     'deux', 'Pièce n° 3', 'jointe au dossier']:
            self.assertIn(part, text)
        self.assertEqual(files, self.answers(made, *pages))
        with tempfile.NamedTemporaryFile(suffix='.pdf') as file:
            file.write(files['PDF '])
            file.flush()
            out = subprocess.run(['pdfinfo', '-struct', file.name],
                                 text=True, capture_output=True,
                                 check=True).stdout
        for tag in ['Table', 'TR', 'TH', 'TD', 'Figure', 'Sect']:
            self.assertRegex(out, r'\b%s\b' % tag)

    def test_english(self):
        made = self.dossier([{'title': 'x', 'pages': 0}],
                            [{'on': '2026-03-05', 'kind': 'sent'}],
                            letter=job(lang='en', formats=[]), lang='en')
        _, text = self.read(self.answers(made)['PDF '])
        for part in ['Timeline', '5 March 2026', 'Exhibits',
                     'Exhibit 1']:
            self.assertIn(part, text)

    def test_letter_alone(self):
        info, _ = self.read(self.answers(self.dossier())['PDF '])
        self.assertEqual(info['Pages'], '1')

    def test_many_steps(self):
        steps = [{'on': '2026-03-05', 'kind': 'sent',
                  'text': 'Étape %d. %s' % (i, 'détail ' * (i * 7 % 90))}
                 for i in range(80)]
        steps.append({'on': 'x' * 300, 'kind': 'y' * 300, 'text': 'zzz ' * 4000})
        _, text = self.read(self.answers(self.dossier([], steps))['PDF '])
        for i in range(80):
            self.assertIn('Étape %d.' % i, text)
        self.assertEqual(len(re.findall(r'\bzzz\b', text)), 4000)

    def test_many_exhibits(self):
        proofs = [{'title': 'T' * (i * 20), 'pages': i % 3}
                  for i in range(40)]
        pages = [('PNG ', png(300 + i, 2 + i * 40)) for i in
                 range(sum(p['pages'] for p in proofs))]
        _, text = self.read(self.answers(self.dossier(proofs),
                                         *pages)['PDF '])
        for i in range(1, 41):
            self.assertIn('Pièce n° %d' % i, text)

    def test_large_pictures_are_shrunk(self):
        noise = random.Random(1).randbytes(4961)
        proofs = [{'title': 'a', 'pages': 1}]
        large = png(4961, 7016, row=noise)
        files = self.answers(self.dossier(proofs), ('PNG ', large))
        with tempfile.NamedTemporaryFile(suffix='.pdf') as file:
            file.write(files['PDF '])
            file.flush()
            out = subprocess.run(['pdfimages', '-list', file.name],
                                 text=True, capture_output=True,
                                 check=True).stdout.splitlines()[2:]
        self.assertEqual(len(out), 1)
        self.assertLessEqual(int(out[0].split()[12]), 205)

    def test_miscounted_pages(self):
        page = ('PNG ', png(10, 10))
        one = self.dossier([{'title': 'a', 'pages': 1}])
        self.fails('invalid', press(one))
        self.fails('invalid', press(one, page, page))
        self.fails('invalid', press(self.dossier(), page))
        self.fails('invalid', press(one, ('JOB ', b'{}')))
        for pages in [-1, 1.5, None, '1e9', 10 ** 9]:
            self.fails('invalid', press(
                self.dossier([{'title': 'a', 'pages': pages}]), page))
        self.fails('invalid', press(self.dossier([{'title': 'a'}]), page))

    def test_bad_jobs(self):
        for changes in [{'letter': None}, {'letter': []}, {'letter': {}},
                        {'timeline': [{}]}, {'timeline': [1]},
                        {'timeline': [{'on': 1, 'kind': 'x'}]},
                        {'exhibits': [1]}]:
            code, answer, _ = press(self.dossier(**changes))
            self.assertEqual((code, answer[0][0]), (1, 'FAIL'), changes)

    def test_hostile_pictures(self):
        one = self.dossier([{'title': 'a', 'pages': 1}])
        good = png(20, 20)
        bombs = [b'', b'x', good[:40], good[:-20], png(30000, 30000, data=b'x'),
                 png(0, 5), png(32767, 1200, row=bytes(32767),
                                data=zlib.compress(bytes(100))),
                 good.replace(b'IHDR', b'IHDX'), b'\xff\xd8\xff\xe0JFIF']
        for bomb in bombs:
            self.fails('invalid', press(one, ('PNG ', bomb)))
        source = random.Random(5)
        for _ in range(40):
            data = bytearray(good)
            for _ in range(source.randint(1, 5)):
                data[source.randrange(len(data))] = source.randrange(256)
            code, _, _ = press(one, ('PNG ', bytes(data)))
            self.assertIn(code, [0, 1])

    def test_hostile_text(self):
        one = self.dossier([{'title': 'a\u202e\n王', 'pages': 1}])
        source = random.Random(3)
        for text in [b'', b'\n' * 300, b'\f' * 20, b'\xff' * 500,
                     source.randbytes(5000), b'w' * 20000,
                     '\u0301'.encode() * 3000]:
            self.read(self.answers(one, ('TEXT', text))['PDF '])


class Recovery(Base):
    """The sheet with the words that open a vault."""

    WORDS = ['abaisser', 'muséum', 'océan', 'zèbre', 'éclair'] * 3

    def job(self, **changes):
        made = {'op': 'recovery', 'lang': 'fr', 'date': '2026-03-05',
                'title': 'Feuille de secours', 'facts': ['Coffre : 0123'],
                'lead': 'Ces mots ouvrent le coffre. ' * 5,
                'words': self.WORDS,
                'steps': [{'text': 'Phrase de passe oubliée :',
                           'command': 'carnet key recover'}],
                'note': 'Gardez-la loin de la machine.'}
        made.update(changes)
        return made

    def test_words_and_all_else_on_one_page(self):
        pdf = self.answers(self.job())['PDF ']
        info, text = self.read(pdf)
        self.assertEqual(info['Pages'], '1')
        self.assertEqual(info['Title'], 'Feuille de secours')
        self.assert_words(' '.join(
            ['Feuille de secours', 'carnet key recover', 'loin', *self.WORDS,
             *(f'{n}.' for n in range(1, 16))]), text)

    @unittest.skipIf(shutil.which('zbarimg') is None, 'zbarimg is missing')
    def test_code_says_the_words(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'sheet')
            with open(path + '.pdf', 'wb') as file:
                file.write(self.answers(self.job())['PDF '])
            subprocess.run(['pdftoppm', '-r', '150', '-png', path + '.pdf',
                            path], check=True)
            said = subprocess.run(
                ['zbarimg', '-q', '--raw', path + '-1.png'], check=True,
                capture_output=True, text=True).stdout
        self.assertEqual(said.split(), ['abaisser', 'museum', 'ocean',
                                        'zebre', 'eclair'] * 3)

    def test_jobs_that_are_none(self):
        for changes in [{'words': []}, {'words': [1, 2]}, {'words': ['']},
                        {'words': ['a' * 33]}, {'words': ['a'] * 49},
                        {'words': 'abaisser'}, {'title': None},
                        {'lang': 3}, {'lead': 'x ' * 4000}]:
            self.fails('invalid', press(self.job(**changes)))


class Process(Base):
    """What it is linked with, and what it asks of the kernel."""

    def test_links_no_cipher_and_no_database(self):
        if shutil.which('readelf') is None:
            self.skipTest('readelf is missing')
        needed = subprocess.run(['readelf', '-d', PRESS], text=True,
                                capture_output=True, check=True).stdout
        symbols = subprocess.run(['readelf', '-W', '--symbols', PRESS],
                                 text=True, capture_output=True,
                                 check=True).stdout
        self.assertIn('libcairo', needed)
        for never in ['sodium', 'sqlcipher', 'sqlite', 'libcrypto', 'libssl',
                      'libgnutls', 'libcurl', 'keyutils']:
            self.assertNotIn(never, needed)
        for never in [' crypto_', ' sodium_', ' sqlite3_', ' EVP_',
                      ' carnet_vault', ' seal_', ' keyctl']:
            self.assertNotIn(never, symbols)

    def traced(self):
        """The system calls of a dossier with pictures."""
        made = {'op': 'dossier', 'title': 'x', 'lang': 'fr',
                'date': '2026-04-08', 'letter': job(formats=[]),
                'timeline': [], 'exhibits': [{'title': 'a', 'pages': 1}]}
        with tempfile.TemporaryDirectory() as home:
            trace = os.path.join(home, 'trace')
            code, answer, errors = press(
                made, ('PNG ', png(30, 30)),
                before=['strace', '-f', '-o', trace, '-E', 'HOME=' + home,
                        '-E', 'XDG_CACHE_HOME=' + home, '-e',
                        'trace=%network,%process,openat,open,creat,mkdir,'
                        'rename,unlink,symlink,link,io_uring_setup,'
                        'memfd_create'])
            if not os.path.exists(trace) or code != 0:
                self.skipTest('strace cannot trace here: ' + errors[:80])
            self.assertEqual(answer[-1][0], 'END ')
            with open(trace, encoding='utf-8', errors='replace') as file:
                calls = file.read()
            self.assertEqual(os.listdir(home), ['trace'])
        return calls

    @unittest.skipIf(shutil.which('strace') is None, 'strace is missing')
    @unittest.skipIf(SANITIZED, 'sanitizers open files of their own')
    def test_opens_no_socket_and_writes_no_file(self):
        calls = self.traced()
        self.assertRegex(calls, r'openat\(.*DejaVuSans.ttf')
        for never in [r'\bsocket', r'\bconnect\(', r'\bbind\(', 'O_WRONLY',
                      'O_RDWR', 'O_CREAT', 'O_TRUNC', r'\bcreat\(',
                      r'\bmkdir\(', r'\brename\(', r'\bunlink\(',
                      'io_uring', 'memfd_create', r'\bfork\(', r'\bvfork\(',
                      r'/etc/fonts', r'fontconfig/.*cache', r'\.fonts\b']:
            self.assertNotRegex(calls, never)
        # one program: itself
        self.assertEqual(len(re.findall(r'\bexecve\(', calls)), 1)

    def test_closed_output(self):
        """Nobody listens: an error, not a signal that nobody expects."""
        read, write = os.pipe()
        os.close(read)
        run = subprocess.run([PRESS], stdout=write, stderr=subprocess.PIPE,
                             input=frame('JOB ', json.dumps(job()).encode()),
                             check=False)
        os.close(write)
        self.assertEqual(run.returncode, 1)

    def test_without_environment(self):
        data = frame('JOB ', json.dumps(job()).encode())
        run = subprocess.run([PRESS], input=data, capture_output=True, env={},
                             check=False)
        self.assertEqual(run.returncode, 0)
        self.assertEqual(frames(run.stdout)[1:], press_raw(data)[1][1:])


if __name__ == '__main__':
    if [tool for tool in TOOLS if shutil.which(tool) is None]:
        sys.exit(77)
    unittest.main()
