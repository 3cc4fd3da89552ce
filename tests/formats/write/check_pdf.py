#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""PDFs of hand-made letters, read back by qpdf and poppler.

Usage: check_pdf.py DRAW_LETTER.  Exits 77 when the readers are missing.
Measures in millimetres from the sheet's upper left corner.
"""
import html.parser
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

DRAW = sys.argv.pop(1)
TOOLS = ['qpdf', 'pdftotext', 'pdfinfo']
LONG = ('Jean-Baptiste-Emmanuel ' * 30)[:500]

BODY = """Madame, Monsieur,

Je m’oppose, en application de l’article 74 de la loi n° 78-17, à ce que :

- mes données soient *utilisées* ;
- elles soient **transmises** hors de France.

1. Répondez-moi par écrit.
2. Dites-moi qui les a reçues.

Je vous prie d’agréer l’expression de ma considération distinguée.
"""

LETTER = {
    'lang': 'fr', 'channel': 'registered',
    'subject': 'Opposition secrète',
    'sender': ['Anne Onyme', '12 rue des Lilas', '69003 Lyon',
               'anne@example.org'],
    'addressee': ['Madame la Directrice', 'Caisse primaire', 'Service',
                  '276 cours Émile Zola', '69619 VILLEURBANNE CEDEX'],
    'place_date': 'Lyon, le 5 mars 2026',
    'mention': 'Lettre recommandée avec avis de réception',
    'body': BODY, 'signature': 'Anne Onyme',
    'footer': 'Réf. abc. Vrai jusqu’au 31 décembre 2026.',
    'creation': '2026-03-05',
}


def draw(form, **changes):
    letter = dict(LETTER, **changes)
    return subprocess.run([DRAW, form], input=json.dumps(letter).encode(),
                          capture_output=True, check=False)


def words(text):
    """Words without their spaces, hyphens at line ends made whole."""
    return text.split()


class Pdf:
    def __init__(self, test, **changes):
        made = draw('pdf', **changes)
        test.assertEqual(made.returncode, 0, made.stderr)
        self.bytes = made.stdout
        self.file = tempfile.NamedTemporaryFile(suffix='.pdf')
        self.file.write(self.bytes)
        self.file.flush()
        checked = subprocess.run(['qpdf', '--check', self.file.name],
                                 capture_output=True, text=True, check=False)
        test.assertEqual(checked.returncode, 0,
                         checked.stdout + checked.stderr)
        info = self.run('pdfinfo', self.file.name)
        self.info = dict(re.findall(r'^([^:]+): +(.*)$', info, re.M))
        test.assertEqual(self.info['Tagged'], 'yes')
        test.assertIn('A4', self.info['Page size'])
        self.pages = int(self.info['Pages'])
        self.text = self.run('pdftotext', self.file.name, '-')

    @staticmethod
    def run(*args):
        return subprocess.run(args, capture_output=True, text=True,
                              check=True).stdout

    def boxes(self, page=1):
        """(word, left, top, right, bottom) of one page."""
        out = self.run('pdftotext', '-bbox', '-f', str(page), '-l',
                       str(page), self.file.name, '-')
        found = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" '
                           r'xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>',
                           out)
        return [(word,) + tuple(float(n) * 25.4 / 72 for n in numbers)
                for *numbers, word in found]

    def structure(self):
        return self.run('pdfinfo', '-struct', self.file.name)


class Letters(unittest.TestCase):
    def check_words(self, pdf, **changes):
        """All that the text version says can be read in the PDF."""
        text = draw('text', **changes)
        self.assertEqual(text.returncode, 0, text.stderr)
        read = ''.join(pdf.text.split())
        for word in words(text.stdout.decode()):
            if word == '-':  # the PDF has a dash
                continue
            self.assertIn(word, read)

    def check_window(self, pdf, addressee):
        """What a window may show is the addressee, nothing else; and it
        lies where every window shows it."""
        seen = [b for b in pdf.boxes()
                if b[3] > 90 and b[1] < 200 and b[4] > 34 and b[2] < 90]
        self.assertEqual([b[0] for b in seen], ' '.join(addressee).split())
        for word, left, top, right, bottom in seen:
            self.assertGreaterEqual(left, 100, word)
            self.assertLessEqual(right, 190, word)
            self.assertGreaterEqual(top, 45, word)
            self.assertLessEqual(bottom, 79.5, word)
        return seen

    def check_no_collision(self, pdf):
        """No two words lie on each other, all lie on the sheet."""
        for page in range(1, pdf.pages + 1):
            boxes = pdf.boxes(page)
            for i, one in enumerate(boxes):
                self.assertGreater(one[1], 4)
                self.assertLess(one[3], 206)
                self.assertGreater(one[2], 4)
                self.assertLess(one[4], 293)
                for two in boxes[i + 1:]:
                    wide = min(one[3], two[3]) - max(one[1], two[1])
                    high = min(one[4], two[4]) - max(one[2], two[2])
                    self.assertFalse(wide > 0.5 and high > 1.2,
                                     (page, one, two))

    def test_letter(self):
        pdf = Pdf(self)
        self.assertEqual(pdf.pages, 1)
        self.assertEqual(pdf.info['Title'], 'Opposition secrète')
        self.assertIn('2026', pdf.info['CreationDate'])
        self.assertNotIn('Page', pdf.text.split())
        self.check_words(pdf)
        self.check_no_collision(pdf)
        seen = self.check_window(pdf, LETTER['addressee'])
        # five lines fit the lower window too
        self.assertGreaterEqual(min(b[2] for b in seen), 55)

    def test_structure(self):
        structure = Pdf(self).structure()
        for tag in ['Document', 'H1 (block)', 'P (block)', 'L (block)',
                    'LI (block)', 'Lbl (block)', 'LBody (block)']:
            self.assertIn(tag, structure)
        self.assertEqual(structure.count('H1 (block)'), 1)
        self.assertEqual(structure.count('LI (block)'), 4)
        self.assertEqual(structure.count('LBody (block)'), 4)

    def test_catalogue(self):
        pdf = Pdf(self)
        out = subprocess.run(['qpdf', '--json', pdf.file.name],
                             capture_output=True, check=True).stdout
        objects = json.loads(out)
        text = json.dumps(objects)
        self.assertIn('"/Lang": "u:fr"', text.replace('"fr"', '"u:fr"'))
        self.assertIn('"/DisplayDocTitle": true', text)
        self.assertIn('/Metadata', text)
        xmp = pdf.run('pdfinfo', '-meta', pdf.file.name)
        self.assertIn('Opposition secrète', xmp)
        self.assertIn('2026-03-05', xmp)
        self.assertNotIn('pdfaid', xmp)
        self.assertNotIn('pdfuaid', xmp)

    def test_fonts_are_embedded(self):
        pdf = Pdf(self)
        rows = pdf.run('pdffonts', pdf.file.name).splitlines()[2:]
        self.assertTrue(rows)
        for row in rows:
            self.assertIn('DejaVu', row)
            self.assertRegex(row, r'\byes yes yes\b')

    def test_same_bytes(self):
        self.assertEqual(Pdf(self).bytes, Pdf(self).bytes)
        self.assertNotEqual(Pdf(self).bytes, Pdf(self, subject='x').bytes)

    def test_moment_and_zone(self):
        """The machine's clock and zone leave no trace."""
        one = Pdf(self, creation='').bytes
        two = subprocess.run([DRAW, 'pdf'], capture_output=True, check=True,
                             input=json.dumps(dict(LETTER,
                                                   creation='')).encode(),
                             env={'TZ': 'Pacific/Kiritimati', 'LANG': 'C',
                                  'HOME': '/nonexistent'}).stdout
        self.assertEqual(one, two)
        self.assertNotIn('CreationDate', Pdf(self, creation='').info)

    def test_two_pages(self):
        body = BODY + '\n'.join('Paragraphe %d. %s\n' % (
            i, 'Une phrase assez longue pour remplir la ligne. ' * 4)
            for i in range(20))
        pdf = Pdf(self, body=body)
        self.assertGreaterEqual(pdf.pages, 2)
        self.assertIn('Page 1/%d' % pdf.pages, pdf.text)
        self.assertIn('Page %d/%d' % (pdf.pages, pdf.pages), pdf.text)
        self.check_words(pdf, body=body)
        self.check_no_collision(pdf)
        # the signature doesn't stand alone
        self.assertGreater(len(pdf.boxes(pdf.pages)), 20)

    def test_every_length(self):
        """Wherever the page turns: all words, no collision, no lone
        signature."""
        for count in range(16, 44):
            body = '\n\n'.join('Phrase %d, de quelques mots pour une ligne '
                               'et demie de texte, à peu près, dans cette '
                               'lettre.' % i for i in range(count))
            pdf = Pdf(self, body=body)
            self.check_words(pdf, body=body)
            self.check_no_collision(pdf)
            if pdf.pages > 1:
                self.assertIn('Phrase', pdf.run(
                    'pdftotext', '-f', str(pdf.pages), pdf.file.name, '-'))

    def test_long_names(self):
        pdf = Pdf(self, sender=[LONG, LONG], addressee=[LONG, '75001 PARIS'],
                  signature=LONG, place_date=LONG, mention=LONG,
                  subject=LONG)
        self.check_words(pdf, sender=[LONG, LONG],
                         addressee=[LONG, '75001 PARIS'], signature=LONG,
                         place_date=LONG, mention=LONG, subject=LONG)
        self.check_no_collision(pdf)

    def test_one_long_word(self):
        pdf = Pdf(self, sender=['X' * 500], addressee=['Y' * 500],
                  signature='Z' * 500, body='W' * 3000)
        self.check_no_collision(pdf)
        read = ''.join(pdf.text.split())
        for letter, count in [('X', 500), ('Y', 500), ('Z', 500),
                              ('W', 3000)]:
            self.assertEqual(read.count(letter), count)
        # no hyphen that nobody wrote
        self.assertNotIn('X-', read)

    def test_addressees(self):
        """One to eight lines stay in a window."""
        for count in range(1, 9):
            lines = ['Ligne %d de l’adresse du destinataire' % i
                     for i in range(count)]
            pdf = Pdf(self, addressee=lines)
            self.check_window(pdf, lines)
            self.check_no_collision(pdf)

    def test_many_lines(self):
        lines = ['Ligne %d' % i for i in range(40)]
        pdf = Pdf(self, sender=lines, addressee=lines)
        self.check_no_collision(pdf)
        self.check_words(pdf, sender=lines, addressee=lines)

    def test_sender_stays_out_of_the_window(self):
        lines = ['Ligne %d assez longue pour aller loin à droite ou pour être '
                 'coupée' % i for i in range(7)]
        pdf = Pdf(self, sender=lines)
        self.check_window(pdf, LETTER['addressee'])
        self.check_no_collision(pdf)

    def test_scripts(self):
        names = ['محمد الأمين', 'שרה כהן', 'Đặng Thị Ánh', 'Юлия Ёлкина',
                 'ΓΙΑΝΝΗΣ', 'e\u0301ric o\u0308zgu\u0308r', 'Łódź']
        pdf = Pdf(self, sender=names, addressee=names[3:], signature=names[0],
                  body='Je soussigné %s, né à Fès.' % names[0])
        for name in names[2:5] + names[6:]:
            self.assertIn(name.split()[0], pdf.text)
        self.assertIn('éric', pdf.text.replace('e\u0301', 'é'))
        self.check_no_collision(pdf)

    def test_missing_glyph(self):
        for part, change in [('sender', {'sender': ['王小明']}),
                             ('addressee', {'addressee': ['a', 'b 王']}),
                             ('subject', {'subject': '王'}),
                             ('body', {'body': 'x 王'}),
                             ('body', {'body': '&#x738B;'}),
                             ('signature', {'signature': '王'}),
                             ('footer', {'footer': '王'})]:
            made = draw('pdf', **change)
            self.assertEqual(made.returncode, 1)
            self.assertEqual(made.stdout, b'')
            self.assertIn(b'U+738B', made.stderr)
            self.assertIn(part.encode(), made.stderr)
            # the HTML has the reader's own fonts
            self.assertEqual(draw('html', **change).returncode, 0)

    def test_hostile(self):
        for bad in ['a\u202eb', 'a\x1b[2Jb', 'a\nb', 'a\x00b'[:1] + '\x07',
                    'a\u2066b', 'a\ufeffb', 'a\U000E0041b']:
            for form in ['pdf', 'text', 'html']:
                made = draw(form, signature=bad)
                self.assertEqual(made.returncode, 1, (bad, form))
                self.assertIn(b'signature', made.stderr)
        for ugly in ['(a) \\) <</X 1>> endobj', '%s%n%d', '<b>&amp;</b>',
                     '{{person.name}}', '../../etc/passwd', '](x)[']:
            pdf = Pdf(self, sender=[ugly], signature=ugly, subject=ugly)
            self.assertIn(ugly, pdf.text.replace('\u00a0', ' '))
            self.assertEqual(pdf.info['Title'], ugly)

    def test_nothing_at_all(self):
        pdf = Pdf(self, sender=[], addressee=[], place_date='', mention='',
                  body='', signature='', footer='')
        self.assertEqual(pdf.pages, 1)

    def test_deep_lists(self):
        body = ''.join('  ' * i + '- niveau %d\n' % i for i in range(30))
        body += '\n' + '> ' * 40 + 'cité\n\n1. un\n\n       code\n\n-\n- \n'
        body += '\n'.join('%d. rang' % i for i in range(99998, 100003))
        pdf = Pdf(self, body=body)
        self.check_no_collision(pdf)
        self.assertIn('niveau 29', pdf.text)
        self.assertIn('100002.', pdf.text)

    def test_english(self):
        pdf = Pdf(self, lang='en', subject='Objection')
        self.assertIn('Subject: Objection', pdf.text)
        self.assertNotIn('Objet', pdf.text)


class Html(unittest.TestCase):
    VOID = {'meta', 'br', 'hr'}

    def parse(self, **changes):
        made = draw('html', **changes)
        self.assertEqual(made.returncode, 0, made.stderr)
        test, stack, text, seen = self, [], [], []

        class Parser(html.parser.HTMLParser):
            def handle_starttag(self, tag, attrs):
                seen.append((tag, dict(attrs)))
                if tag not in test.VOID:
                    stack.append(tag)

            def handle_endtag(self, tag):
                test.assertEqual(stack.pop(), tag)

            def handle_data(self, data):
                text.append(data)

        parser = Parser()
        parser.feed(made.stdout.decode())
        parser.close()
        self.assertEqual(stack, [])
        return ''.join(text), seen

    def test_balanced_and_whole(self):
        text, seen = self.parse()
        for word in words(draw('text').stdout.decode()):
            if word not in ('-', '1.', '2.'):
                self.assertIn(word, ''.join(text.split()))
        self.assertEqual(seen[0], ('html', {'lang': 'fr'}))
        self.assertEqual([t for t, _ in seen if t == 'h1'], ['h1'])

    def test_nothing_active(self):
        evil = '"><script>x</script><img src=x onerror=y>\'&lt;'
        _, seen = self.parse(sender=[evil], addressee=[evil], subject=evil,
                             body=evil + '\n\n[a](javascript:x)\n\n<svg/>\n',
                             signature=evil, footer=evil, mention=evil,
                             place_date=evil)
        self.assertFalse({t for t, _ in seen} & {
            'script', 'img', 'svg', 'a', 'iframe', 'object', 'link', 'form'})
        for _, attrs in seen:
            self.assertFalse([a for a in attrs if a.startswith('on')])
        # two metas of one policy could only narrow it
        policies = [a['content'] for t, a in seen if t == 'meta' and
                    a.get('http-equiv') == 'Content-Security-Policy']
        self.assertEqual(policies, [
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:"])


if __name__ == '__main__':
    if [tool for tool in TOOLS if shutil.which(tool) is None]:
        sys.exit(77)
    unittest.main()
