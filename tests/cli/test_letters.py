#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Templates of one's own, whose right it is, to which authority, and what
nobody should type.  All persons and bodies here are made up."""
import json
import os
import subprocess
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import main  # noqa: E402


def events(p):
    return len(p.json('log')['events'])


def own(p, name, text, *tags):
    one = p.json('add', p.write(name, text))['added'][0]['id']
    p.ok('tag', one, *('+' + tag for tag in tags))
    return one


def new(p, template, *more):
    return p.json('statement', 'new', template, *more)['id']


def show(p, one, *more):
    return p.json('statement', 'show', one, *more)


# --- templates of one's own ---------------------------------------------------

MINE = ('---\nsubject: Mon {{concerned.name}}\n---\n'
        'Madame, Monsieur,\n\nJe dis **non**, à ma façon.\n')


def own_words_win(p):
    p.init()
    shipped = show(p, new(p, 'gdpr/objection', '--to', 'fr/cnam'))
    mine = own(p, 'mine.md', MINE, 'template:gdpr/objection', 'lang:fr')
    got = show(p, new(p, 'gdpr/objection', '--to', 'fr/cnam'))
    assert got['subject'] == 'Mon Claire Martin' != shipped['subject']
    assert 'à ma façon' in got['body']
    english = show(p, new(p, 'gdpr/objection', '--to', 'fr/cnam',
                          '--letter-lang', 'en'))
    assert 'Dear Sir or Madam' in english['body']
    rows = {r['id']: r for r in p.json('statement', 'templates')['templates']}
    assert rows['gdpr/objection']['own'] == mine
    assert rows['gdpr/access']['own'] is None
    assert 'your own words' in p.ok('statement', 'templates').text
    refused = p.json('refuse', 'fr/mutuelle')['statements'][0]
    if refused['template'] == 'gdpr/objection':
        assert 'à ma façon' in show(p, refused['id'])['body']
    p.ok('tag', mine, '-template:gdpr/objection')
    again = show(p, new(p, 'gdpr/objection', '--to', 'fr/cnam'))
    assert again['subject'] == shipped['subject']


def a_template_that_is_not_shipped(p):
    p.init()
    own(p, 'lettre.md', MINE, 'template:ma-lettre')
    one = new(p, 'ma-lettre', '--to', 'fr/cnam')
    got = show(p, one)
    assert got['template'] == 'ma-lettre' and 'à ma façon' in got['body']
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    assert show(p, one)['status'] == 'sent'
    rows = [r for r in p.json('statement', 'templates')['templates']
            if r['id'] == 'ma-lettre']
    assert len(rows) == 1 and rows[0]['own']
    got = p.run('--json', 'statement', 'new', 'ta-lettre', '--to', 'fr/cnam')
    assert got.code == 1 and got.error()['code'] == 'not-found'


def what_is_wrong_in_them_writes_nothing(p):
    p.init()
    wrong = {
        'unknown': MINE + '\n{{no.such.field}}\n',
        'loop': MINE + '\n{{>loop}}\n',
        'open': MINE + '\n{{#represented}}\n',
        'subject': 'Madame,\n\nrien.\n',
    }
    for name, text in wrong.items():
        mine = own(p, name + '.md', text, 'template:' + name,
                   'template:fr/eds-opposition')
        before = events(p)
        got = p.run('--json', 'statement', 'new', name, '--to', 'fr/cnam')
        assert got.code == 1, (name, got.code)
        assert got.error()['code'] in ('invalid', 'not-found'), got.said
        assert mine in got.error()['hint'], got.said
        got = p.run('--json', 'statement', 'new', 'fr/eds-opposition', '--to',
                    'fr/eds')
        assert got.code == 1, name
        got = p.run('--json', 'refuse', 'fr/eds')
        assert got.code == 1, (name, got.code, got.said)
        assert events(p) == before, name
        p.ok('tag', mine, '-template:fr/eds-opposition')
    assert p.json('statement', 'list')['statements'] == []
    binary = own(p, 'b.md', b'---\nsubject: x\0\n---\n', 'template:bin')
    got = p.run('--json', 'statement', 'new', 'bin', '--to', 'fr/cnam')
    assert got.code == 1 and binary in got.error()['message']


# --- addresses ------------------------------------------------------------------

def a_typed_line_break_is_one(p):
    """As the help of --address says: in a shell's quotes \\n is two letters."""
    p.init()
    p.ok('person', 'edit', 'Claire Martin', '--address',
         r'12 rue des Lilas\n69003 Lyon')
    p.ok('recipient', 'edit', 'fr/hopital', '--name', 'CHU', '--address',
         r'3 place Neuve\n69002 Lyon')
    one = new(p, 'fr/eds-opposition', '--to', 'fr/hopital')
    p.ok('statement', 'export', one, '-o', p.path('out'), '--format', 'txt')
    text = ''.join(open(p.path('out', name), encoding='utf-8').read()
                   for name in os.listdir(p.path('out'))
                   if name.endswith('.txt'))
    lines = [line.strip() for line in text.split('\n')]
    for line in ('12 rue des Lilas', '69003 Lyon', '3 place Neuve',
                 '69002 Lyon'):
        assert line in lines, (line, text)
    assert '\\n' not in text and 'Lyon, le ' in text, text


# --- whose right, which authority ----------------------------------------------

def minors_sign_what_is_theirs(p):
    p.init()
    for name, born in (('Ada', '2012-01-01'), ('Bo', '2016-01-01')):
        p.ok('person', 'add', name, '--born', born)
        p.ok('person', 'edit', 'Claire Martin', '--represents', name, '--as',
             'parent')
    day = '2026-03-05'
    # fourteen and ten years old
    alone = show(p, new(p, 'gb/type1', '--to', 'gb/gp', '--person', 'Ada',
                        '--on', day))
    child = show(p, new(p, 'gb/type1', '--to', 'gb/gp', '--person', 'Bo',
                        '--on', day))
    assert 'Claire Martin' not in alone['body']
    assert 'Claire Martin' in child['body'] + p.ok(
        'statement', 'show', child['id']).text
    organ = show(p, new(p, 'fr/don-refus', '--person', 'Ada', '--on', day))
    assert 'Claire Martin' not in organ['body']
    # what isn't a minor's own right, a parent still signs
    usual = p.json('statement', 'list', '--person', 'Ada')
    assert len(usual['statements']) == 2
    one = new(p, 'gdpr/objection', '--to', 'fr/cnam', '--person', 'Ada',
              '--on', day)
    assert 'Claire Martin' in show(p, one)['body'] + p.ok(
        'statement', 'show', one).text


def complaints_go_to_the_country(p):
    p.init()
    p.ok('recipient', 'add', 'me/klinik', '--name', 'Klinik', '--country',
         'AT')
    p.ok('recipient', 'add', 'me/spital', '--name', 'Spital', '--country',
         'DE', '--region', 'DE-BE')
    p.ok('recipient', 'add', 'me/haus', '--name', 'Haus', '--country', 'DE')
    made = {}
    for body in ('me/klinik', 'me/spital', 'me/haus', 'nl/huisarts',
                 'fr/hopital'):
        template = 'eu/objection' if body.startswith('nl') else (
            'gdpr/objection')
        one = new(p, template, '--to', body, '--on', '2026-03-01')
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        made[body] = one
    wanted = {'me/klinik': ('eu/complaint', 'at/dsb'),
              'me/spital': ('eu/complaint', 'de/berlbdi'),
              'nl/huisarts': ('eu/complaint', 'nl/ap'),
              'fr/hopital': ('fr/plainte-cnil', 'fr/cnil')}
    for body, (template, authority) in wanted.items():
        got = p.json('statement', 'complain', made[body], '-o',
                     p.path(body.replace('/', '-')), '--on', '2026-07-01')
        row = show(p, got['statement'])
        assert (row['template'], row['recipient']) == (
            template, authority), (body, row['template'], row['recipient'])
        p.json('statement', 'sent', got['statement'], '--on', '2026-07-02')
        assert show(p, made[body], '--on', '2026-07-03')['status'] == (
            'complained'), body
    before = events(p)
    got = p.run('--json', 'statement', 'complain', made['me/haus'], '-o',
                p.path('haus'), '--on', '2026-07-01')
    assert got.code == 1 and got.error()['code'] == 'invalid'
    assert 'recipient list authority' in got.error()['hint']
    assert events(p) == before and not os.path.exists(p.path('haus'))
    one = new(p, 'eu/complaint', '--to', 'de/berlbdi', '--about',
              made['me/haus'])
    assert show(p, one)['recipient'] == 'de/berlbdi'
    assert p.run('statement', 'new', 'eu/complaint', '--to',
                 'me/haus').code == 1


def answers_in_their_language_without_french_law(p):
    """The answers to answers: in the addressee's language; abroad without the
    French code, outside the GDPR without the GDPR."""
    p.init()
    wanted = {'identity': {'de': 'Art. 12 Abs. 6', 'es': 'artículo 12.6',
                           'it': 'articolo 12, par. 6',
                           'nl': 'artikel 12, lid 6'},
              'late-extension': {'de': 'höchstens um zwei Monate',
                                 'es': 'dos meses como máximo',
                                 'it': 'due mesi al massimo',
                                 'nl': 'ten hoogste twee maanden'},
              'language': {'de': 'in der Sprache meines Schreibens',
                           'es': 'en el idioma de mi solicitud',
                           'it': 'nella lingua della mia richiesta',
                           'nl': 'in de taal van mijn brief'},
              'addressee': {'de': 'zuständige Stelle', 'es': 'trasladen',
                            'it': 'trasmetterla', 'nl': 'door te sturen'}}
    for to, lang in (('de/krankenhaus', 'de'), ('es/servicio-salud', 'es'),
                     ('it/asl', 'it'), ('nl/huisarts', 'nl')):
        one = new(p, 'eu/access', '--to', to, '--on', '2026-03-05')
        assert show(p, one)['lang'] == lang
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        p.json('statement', 'received', one, '--on', '2026-03-05')
        p.json('statement', 'extended', one, '--on', '2026-05-04')
        ways = {a['id']: a for a in show(p, one, '--on',
                                         '2026-05-05')['answers']}
        p.json('statement', 'answered', one, '--on', '2026-05-06',
               '--outcome', 'partly')
        ways.update({a['id']: a for a in show(
            p, one, '--on', '2026-05-06')['answers']})
        assert set(ways) == {*wanted, 'refused'}, ways
        for name, words in wanted.items():
            draft = p.json(*ways[name]['command'].split()[1:], '--on',
                           '2026-05-06')
            row = show(p, draft['id'], '--on', '2026-05-06')
            body = row['body'].replace('\xa0', ' ').replace('\u202f', ' ')
            assert row['lang'] == lang and words[lang] in body, (name, body)
            assert 'L. 114-2' not in body and 'français' not in body
            assert not row['missing'] or 'case' not in str(row['missing'])
    # in France the administration's duty is cited, elsewhere it isn't
    for to, there in (('fr/caisse', True), ('de/krankenhaus', False),
                      ('gb/gp', False), ('us/provider', None)):
        one = new(p, 'gdpr/access', '--to', to, '--on', '2026-03-05')
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        p.json('statement', 'answered', one, '--on', '2026-03-09',
               '--outcome', 'refused')
        ways = {a['id']: a for a in show(p, one, '--on',
                                         '2026-03-09')['answers']}
        if there is None:
            assert set(ways) == {'language', 'refused'}, ways
            continue
        assert set(ways) == {'identity', 'language', 'addressee', 'refused'}
        draft = p.json(*ways['addressee']['command'].split()[1:])
        body = show(p, draft['id'])['body'].replace('\xa0', ' ')
        assert ('L. 114-2' in body) == there, (to, body)


def where_no_law_sets_a_time(p):
    """That is said, and a day is proposed, as carnet's own; Belgium's is the
    GDPR's month."""
    p.init()
    for name, to, day, month in (
            ('it/fse', 'it/asl', '2026-04-07', '7 April 2026'),
            ('nl/mitz', 'nl/huisarts', '2026-04-07', '7 April 2026'),
            ('us/restriction', 'us/provider', '2026-04-06', '6 April 2026'),
            ('ca/qc-refus', 'ca/qc-organisme', '2026-04-07', '7 April 2026')):
        one = new(p, name, '--to', to, '--on', '2026-03-05')
        assert show(p, one)['look_again'] is None
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        row = show(p, one, '--on', '2026-03-06')
        assert row['due'] is None and row['next'] == 'look-again'
        assert row['look_again'] == day, (name, row['look_again'])
        assert row['command'] == (
            'carnet statement answered %s --outcome OUTCOME' % one)
        text = ' '.join(p.ok('statement', 'show', one, '--on',
                             '2026-03-06').text.split())
        assert 'carnet knows no law that sets a time' in text, text
        assert month in text and "carnet's own proposal" in text, text
        item = [i for i in p.json('due', '--on', '2026-06-01')['items']
                if i['statement'] == one][0]
        assert item['due'] is None and item['look_again'] == day
        assert item['overdue_days'] == 0
        due = p.ok('due', '--on', '2026-06-01').text
        assert 'no law is known to set a day' in due, due
        # of no use for a complaint's day, and gone once it is settled
        p.json('statement', 'received', one, '--on', '2026-03-09')
        assert show(p, one, '--on', '2026-03-10')['status'] == 'received'
        p.json('statement', 'answered', one, '--on', '2026-03-20',
               '--outcome', 'granted')
        assert show(p, one, '--on', '2026-03-20')['look_again'] is None
        p.json('statement', 'closed', one, '--on', '2026-03-20')
    one = new(p, 'be/ehealth', '--to', 'be/mutualite', '--on', '2026-03-05')
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    row = show(p, one, '--on', '2026-03-06')
    assert row['due']['on'] == '2026-04-07' and '12' in row['body']
    p.json('statement', 'extended', one, '--on', '2026-04-01')
    assert show(p, one)['due']['on'] == '2026-06-05'
    # Switzerland: their notice may name any day
    one = new(p, 'ch/access', '--to', 'ch/einrichtung', '--on', '2026-03-05')
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    p.json('statement', 'extended', one, '--on', '2026-03-20')
    row = show(p, one, '--on', '2026-06-01')
    assert row['status'] == 'extended' and row['due'] is None
    assert row['look_again'] == '2026-04-20', row['look_again']
    assert 'their notice names' in p.ok('statement', 'show', one, '--on',
                                        '2026-06-01').text


def a_time_in_days_is_extended_by_days(p):
    """HIPAA: 30 days for access, 60 for the rest; 30 more, once."""
    p.init()
    for name, due, extended in (
            ('us/access', '2026-04-06', '2026-05-04'),
            ('us/amendment', '2026-05-04', '2026-06-03'),
            ('us/accounting', '2026-05-04', '2026-06-03')):
        one = new(p, name, '--to', 'us/provider', '--on', '2026-03-05')
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        p.json('statement', 'received', one, '--on', '2026-03-05')
        row = show(p, one, '--on', '2026-03-06')
        assert row['lang'] == 'en' and '45 CFR' in row['body']
        assert row['due']['on'] == due, (name, row['due'])
        p.json('statement', 'extended', one, '--on', '2026-04-06')
        row = show(p, one, '--on', '2026-04-07')
        assert row['status'] == 'extended', row['status']
        assert row['due']['on'] == extended, (name, row['due'])
        assert not row['due']['late_extension']
        text = p.ok('statement', 'show', one, '--on', '2026-04-07').text
        assert 'days' in text and '1182/71' not in text


def outside_the_union_each_has_its_complaint(p):
    """The United Kingdom's, Switzerland's, the United States' and Quebec's,
    by their own law; elsewhere it is said that there is none."""
    p.init()
    for name, country, more in (
            ('me/trust', 'GB', []), ('me/spital', 'CH', []),
            ('me/clinic', 'US', []), ('me/ontario', 'CA', []),
            ('me/quebec', 'CA', ['--region', 'CA-QC']),
            ('me/tokyo', 'JP', [])):
        p.ok('recipient', 'add', name, '--name', 'Corps', '--country',
             country, *more)
    uk = ('gb/complaint', 'gb/ico', 'en',
          'Data Protection Act 2018, section 165', 'Wycliffe House')
    swiss = ('ch/complaint', 'ch/edoeb', 'de', 'Art. 49 DSG', 'Feldeggweg 1')
    us = ('us/complaint', 'us/ocr', 'en', '45 CFR § 160.306',
          '200 Independence Avenue')
    quebec = ('ca/qc-complaint', 'ca/qc-cai', 'en', 'act R-22.1',
              '525, boulevard René-Lévesque Est')
    for template, to, wanted in (
            ('gdpr/objection', 'me/trust', uk), ('eu/objection', 'me/trust', uk),
            ('gdpr/access', 'gb/gp', uk),
            ('ch/access', 'ch/einrichtung', swiss),
            ('gdpr/objection', 'me/spital', swiss),
            ('gdpr/objection', 'me/clinic', us),
            ('us/access', 'us/provider', us),
            ('gdpr/objection', 'me/quebec', quebec),
            ('gdpr/objection', 'me/ontario', None),
            ('gdpr/objection', 'me/tokyo', None)):
        one = new(p, template, '--to', to, '--on', '2026-03-01')
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        out = p.path('out-' + one)
        before = events(p)
        got = p.run('--json', 'statement', 'complain', one, '-o', out,
                    '--on', '2026-07-01')
        if wanted is None:
            assert got.code == 1 and got.error()['code'] == 'invalid', to
            assert got.error()['hint'], got.said
            assert events(p) == before and not os.path.exists(out)
            continue
        assert got.code == 0, (to, got.said)
        row = show(p, got.json()['statement'])
        assert (row['template'], row['recipient'], row['lang']) == (
            wanted[:3]), row
        with open(os.path.join(out, 'complaint.txt'),
                  encoding='utf-8') as file:
            text = ' '.join(file.read().split())
        assert wanted[3] in text, (to, text)
        assert wanted[4] in str(p.json('recipient', 'show', wanted[1])), to
        assert 'RGPD' not in text and 'article 77' not in text, text
        assert 'to be checked' not in text
        p.json('statement', 'sent', row['id'], '--on', '2026-07-02')
        assert show(p, one, '--on', '2026-07-03')['status'] == 'complained'


def a_us_complaint_has_180_days(p):
    p.init()
    one = new(p, 'us/access', '--to', 'us/provider', '--on', '2026-03-05')
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    # due on 6 April: known from the 7th on
    assert 'Complaint' not in p.ok('statement', 'show', one, '--on',
                                   '2026-04-06').text
    assert '4 October 2026' in p.ok('statement', 'show', one, '--on',
                                    '2026-04-07').text
    got = p.ok('statement', 'complain', one, '-o', p.path('a'), '--on',
               '2026-10-04')
    assert 'until 4 October 2026' in got.said, got.said
    got = p.ok('statement', 'complain', one, '-o', p.path('b'), '--on',
               '2026-10-05')
    assert 'took this complaint until 4 October 2026' in got.said, got.said


def every_template_can_be_drafted(p):
    p.init()
    p.ok('person', 'edit', 'Claire Martin', '--born', '1980-02-29')
    bodies = {r['id']: r for r in p.json('recipient', 'list')['recipients']}
    told = {r['id']: r for r in p.json('statement', 'templates')['templates']}
    for name, row in told.items():
        to = []
        if row['addressee'] == 'recipient':
            calls = [b for b, r in bodies.items()
                     if name in json.dumps(r['statements'])]
            country = name.split('/')[0]
            near = [b for b in bodies if b.startswith(country + '/')]
            to = ['--to', (calls or near or ['fr/hopital'])[0]]
        elif row['addressee'] == 'authority':
            to = ['--to', 'nl/huisarts']
        one = new(p, name, *to)
        assert show(p, one)['subject'], name
    empty = [n for n, r in told.items() if r['decisions'] == []]
    assert len(empty) > 10
    assert len(p.json('statement', 'list')['statements']) == len(told)


def authorities_are_listed_when_asked(p):
    short = p.ok('recipient', 'list')
    assert 'fr/caisse' in short.text and 'at/dsb' not in short.text
    assert 'recipient list authority' in short.said
    assert 'at/dsb' in p.ok('recipient', 'list', '--verbose').text
    assert 'at/dsb' in p.ok('recipient', 'list', 'authority').text
    assert 'at/dsb' in p.ok('--lang', 'fr', 'recipient', 'list',
                            'autorité').text
    rows = p.json('recipient', 'list')['recipients']
    assert 'at/dsb' in [r['id'] for r in rows]


def windows_are_the_statements(p):
    p.init()
    notice = p.json('add', p.write('epa.txt', 'Hinweis der Kasse\n'),
                    '--date', '2026-03-02', '--tag', 'notice-epa')
    assert notice['added'][0]['id']
    item = [i for i in p.json('due', '--on', '2026-03-10')['items']
            if i['what'] == 'window'][0]
    assert item['due'] == '2026-04-13' and item['recipient'] == 'de/kasse'
    made = p.json(*item['command'].split()[1:])
    assert made['template'] == 'de/epa-widerspruch'
    one = new(p, 'fr/dossier-acces', '--to', 'fr/hopital', '--on',
              '2026-03-01')
    p.json('statement', 'sent', one, '--on', '2026-03-01')
    assert not [i for i in p.json('due', '--on', '2026-03-02')['items']
                if i['what'] == 'referral']
    p.json('statement', 'answered', one, '--on', '2026-03-31', '--outcome',
           'refused')
    item = [i for i in p.json('due', '--on', '2026-04-01')['items']
            if i['what'] == 'referral'][0]
    assert item['due'] == '2026-05-31' and item['recipient'] == 'fr/cada'
    made = p.json(*item['command'].split()[1:])
    p.json('statement', 'sent', made['id'], '--on', '2026-04-02')
    assert not [i for i in p.json('due', '--on', '2026-04-03')['items']
                if i['what'] == 'referral']


# --- what nobody should type -----------------------------------------------------

NAMES = {
    'markup': '*Zoë* _x_ `y` [a](http://b.example) <b>c</b> & #1',
    'fields': '{{concerned.nir}} {{#paper}} {{>identite}} {{/x',
    'arabic': 'ليلى بنت أحمد',
    'hebrew': 'רות כהן',
    'combining': 'Ame\u0301lie Zo\u0308e\u0302\u0323',
}


def names_print_as_typed(p):
    for kind, name in NAMES.items():
        p.vault = p.path('vault-' + kind)
        p.env['CARNET_VAULT'] = p.vault
        p.json('init', '--person', name, '--kdf', 'interactive')
        one = new(p, 'gdpr/objection', '--to', 'fr/cnam', '--via', 'letter')
        out = p.path('out-' + kind)
        got = p.json('statement', 'export', one, '-o', out, '--format',
                     'txt,html,eml,fhir')
        files = {f['format']: os.path.join(out, f['path'])
                 for f in got['files']}
        with open(files['txt'], encoding='utf-8') as file:
            text = ' '.join(file.read().split())
        # letters are normalised; what is seen is the same
        assert unicodedata.normalize('NFC', name) in unicodedata.normalize(
            'NFC', text), (kind, text)
        with open(files['fhir'], encoding='utf-8') as file:
            person = json.load(file)['contained'][0]
        assert unicodedata.normalize('NFC', person['name'][0]['text']) == (
            unicodedata.normalize('NFC', name))
        with open(files['html'], encoding='utf-8') as file:
            html = file.read()
        assert '<b>c</b>' not in html and 'href="http://b' not in html


def a_name_of_500_characters(p):
    p.init()
    name = 'Anne ' * 99 + 'Onyme'
    assert len(name) == 500
    p.ok('person', 'edit', 'Claire Martin', '--name', name)
    one = new(p, 'gdpr/objection', '--to', 'fr/cnam', '--via', 'letter')
    out = p.path('out')
    got = p.json('statement', 'export', one, '-o', out, '--format',
                 'txt,html,pdf,eml,fhir,record')
    pdf = [f['path'] for f in got['files'] if f['format'] == 'pdf'][0]
    text = subprocess.run(['pdftotext', os.path.join(out, pdf), '-'],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    assert text.count('Anne') >= 99
    assert p.json('verify', out)['verdict'] == 'intact'


def emoji_have_no_pdf(p):
    p.init()
    p.ok('person', 'edit', 'Claire Martin', '--name', 'Zoé 🦊 Renard')
    one = new(p, 'gdpr/objection', '--to', 'fr/cnam', '--via', 'letter')
    got = p.run('--json', 'statement', 'export', one, '-o', p.path('no'),
                '--format', 'txt,pdf')
    assert got.code == 1 and got.error()['code'] == 'invalid'
    assert 'U+1F98A' in got.error()['message'] and 'HTML' in got.error()[
        'hint']
    assert not os.path.exists(p.path('no'))
    out = p.path('out')
    got = p.json('statement', 'export', one, '-o', out, '--format',
                 'txt,html,fhir')
    for item in got['files']:
        if item['format'] in ('txt', 'html', 'fhir'):
            with open(os.path.join(out, item['path']),
                      encoding='utf-8') as file:
                assert '🦊' in file.read(), item
    sent = p.run('statement', 'sent', one, '--on', '2026-03-05')
    assert sent.code == 0 and 'without a PDF' in sent.said
    p.json('statement', 'export', one, '-o', p.path('kept'), '--format',
           'txt,html')
    got = p.run('statement', 'export', one, '-o', p.path('gone'), '--format',
                'pdf')
    assert got.code == 1 and not os.path.exists(p.path('gone'))


def control_characters_are_refused(p):
    p.init()
    before = events(p)
    for name in ('a\x07b', 'a\x1b[31mb', 'a\nb', 'a\u202eb', ''):
        got = p.run('person', 'edit', 'Claire Martin', '--name', name)
        assert got.code in (1, 2), (repr(name), got.code)
        assert '\x1b[31m' not in got.said
    for words in (['person', 'add', 'x' * 501], ['person', 'add', 'a\x07b'],
                  ['person', 'edit', 'Claire Martin', '--name', 'x' * 501],
                  ['recipient', 'add', 'me/x', '--name', 'x' * 501],
                  ['refuse', 'fr/dp', '--reason', 'x' * 2001],
                  ['refuse', 'fr/dp', '--request', 'a\nb']):
        got = p.run(*words)
        assert got.code in (1, 2), words
        said = got.said.split('\n')[0]
        assert 'characters' in said, (words, said)
    assert events(p) == before


def dates_that_cannot_be(p):
    p.init()
    one = new(p, 'fr/snds-opposition', '--on', '2026-03-01')
    before = events(p)
    for day in ('2026-02-30', '2025-02-29', '2026-13-01', '2026-00-10',
                '0000-00-00', '26-03-05', 'yesterday', '2026-3-5', ''):
        for step in ('sent', 'received', 'answered'):
            got = p.run('statement', step, one, '--on', day)
            assert got.code == 2, (step, day, got.code)
        assert p.run('refuse', 'fr/pds', '--on', day).code == 2, day
        assert p.run('refuse', 'fr/pds', '--from', day).code in (1, 2), day
    assert events(p) == before
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    before = events(p)
    early = p.run('--json', 'statement', 'received', one, '--on', '2026-03-04')
    assert early.code == 1 and early.error()['code'] == 'invalid'
    p.json('statement', 'received', one, '--on', '2026-03-07')
    before = events(p)
    for step in ('answered', 'extended', 'paused', 'closed'):
        got = p.run('--json', 'statement', step, one, '--on', '2026-03-06')
        assert got.code == 1 and got.error()['code'] == 'invalid', step
    p.json('statement', 'closed', one, '--on', '2026-03-08')
    before = events(p)
    for step in ('received', 'extended', 'paused', 'resumed', 'closed'):
        got = p.run('--json', 'statement', step, one, '--on', '2026-03-09')
        assert got.code == 1 and got.error()['code'] == 'invalid', step
    assert p.run('statement', 'remind', one, '--on', '2026-06-09').code == 1
    assert p.run('statement', 'complain', one, '-o', p.path('x'), '--on',
                 '2026-06-09').code == 1
    assert events(p) == before and not os.path.exists(p.path('x'))


def nobody_is_born_tomorrow(p):
    p.init()
    before = events(p)
    for born in ('2999-01-01', '2026-02-30', '1499', 'x'):
        for words in (['person', 'add', 'Bébé', '--born', born],
                      ['person', 'edit', 'Claire Martin', '--born', born]):
            got = p.run(*words)
            assert got.code in (1, 2), (words, got.code)
    assert events(p) == before


CASES = (own_words_win, a_template_that_is_not_shipped,
         what_is_wrong_in_them_writes_nothing, minors_sign_what_is_theirs,
         complaints_go_to_the_country,
         answers_in_their_language_without_french_law,
         where_no_law_sets_a_time, a_time_in_days_is_extended_by_days,
         outside_the_union_each_has_its_complaint,
         a_us_complaint_has_180_days,
         every_template_can_be_drafted,
         authorities_are_listed_when_asked, windows_are_the_statements,
         names_print_as_typed, a_name_of_500_characters, emoji_have_no_pdf,
         control_characters_are_refused, dates_that_cannot_be,
         nobody_is_born_tomorrow, a_typed_line_break_is_one)

if __name__ == '__main__':
    main(CASES)
