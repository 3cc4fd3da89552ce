#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Letters by the command line: drafted, exported, sent, answered, reminded,
complained about; the days that count; the calendar.  All persons and bodies
here are made up."""
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
import zlib

from mnemonic import Mnemonic

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from npm_package import npm_package  # noqa: E402
from program import Skipped, files_below, main, watch  # noqa: E402

# law.md C: received, due after one month, due once extended
DAYS = (
    ('2026-03-05', '2026-04-07', '2026-06-05'),
    ('2026-01-31', '2026-03-02', '2026-04-30'),
    ('2026-01-30', '2026-03-02', '2026-04-30'),
    ('2026-08-31', '2026-09-30', '2026-11-30'),
    ('2026-04-01', '2026-05-04', '2026-07-01'),
    ('2026-04-08', '2026-05-11', '2026-07-08'),
    ('2026-11-25', '2026-12-28', '2027-02-25'),
    ('2026-07-15', '2026-08-17', '2026-10-15'),
    ('2026-12-31', '2027-02-01', '2027-03-31'),
)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def new(p, *more, template='fr/snds-opposition', on='2026-01-02'):
    return p.json('statement', 'new', template, '--on', on, *more)['id']


def show(p, one, *more):
    return p.json('statement', 'show', one, *more)


def sent(p, on, *more, template='fr/snds-opposition', to=None):
    one = new(p, *(['--to', to] if to else []), template=template, on=on)
    p.json('statement', 'sent', one, '--on', on, *more)
    return one


def export(p, one, name, *more):
    out = p.path(name)
    got = p.json('statement', 'export', one, '-o', out, *more)
    signed = {'signed-record', 'signature'}
    files = {item['format']: item for item in got['files']}
    assert signed <= set(files)
    return out, {k: v for k, v in files.items() if k not in signed}


def read(*path):
    with open(os.path.join(*path), 'rb') as file:
        return file.read()


def templates_need_no_vault(p):
    rows = p.json('statement', 'templates')['templates']
    first = [row for row in rows if row['id'] == 'fr/snds-opposition'][0]
    assert first['addressee'] == 'fr/caisse' and first['title']
    assert first['clock']['count'] == 1
    shown = p.ok('statement', 'templates').text
    assert 'fr/plainte-cnil' in shown and '1 month' in shown
    assert p.run('statement', 'list').code == 10


def new_says_what_it_cannot_do(p):
    p.init()
    assert p.run('statement', 'new').code == 2
    for words, code in ((['fr/nothing'], 'not-found'),
                        (['gdpr/objection'], 'invalid'),
                        (['gdpr/objection', '--to', 'nobody'], 'not-found'),
                        (['fr/plainte-cnil', '--letter-lang', 'en'],
                         'invalid')):
        got = p.run('--json', 'statement', 'new', *words)
        assert got.code == 1 and got.error()['code'] == code, words
    assert p.run('statement', 'new', 'fr/snds-opposition', '--via',
                 'pigeon').code == 2
    assert p.run('statement', 'bogus').code == 2
    assert p.json('statement', 'list')['statements'] == []


def a_letter_goes_where_it_must(p):
    p.init()
    got = p.ok('statement', 'new', 'fr/snds-opposition', '--to', 'fr/pds')
    assert 'this letter goes to' in got.said
    row = p.json('statement', 'list')['statements'][0]
    assert row['recipient'] == 'fr/caisse'
    english = p.json('statement', 'new', 'gdpr/objection', '--to', 'fr/cnam',
                     '--letter-lang', 'en')
    assert english['lang'] == 'en' and english['recipient'] == 'fr/cnam'
    assert 'Dear Sir or Madam' in show(p, english['id'])['body']


def a_draft_says_what_is_missing(p):
    p.init()
    one = new(p, '--via', 'registered')
    row = show(p, one)
    assert {'id', 'template', 'recipient', 'channel', 'status', 'lang',
            'subject', 'body', 'decision', 'steps', 'due', 'next',
            'missing'} <= set(row)
    assert row['status'] == 'draft' and row['next'] == 'complete'
    assert row['lang'] == 'fr' and row['due'] is None
    assert 'person.address' in row['missing']
    assert 'person.nir' in row['missing']
    assert row['command'].startswith("carnet person edit 'Claire Martin' ")
    p.ok('person', 'edit', 'Claire Martin', '--address',
         '3 rue du Modèle\n69003 Lyon', '--born', '1980-02-29',
         '--birthplace', 'Lyon', '--nir', '2800269123456')
    row = show(p, one)
    assert not [m for m in row['missing'] if m.startswith('person.')]
    listed = p.json('statement', 'list')['statements'][0]
    assert listed['missing'] == row['missing']
    assert listed['status'] == row['status']


def the_table_of_days(p):
    p.init()
    ids = [sent(p, received) for received, _, _ in DAYS]
    for one, (received, due, extended) in zip(ids, DAYS):
        presumed = show(p, one, '--on', received)
        assert presumed['status'] == 'sent'
        assert presumed['due']['presumed'] and presumed['due']['estimate']
        p.json('statement', 'received', one, '--on', received)
        row = show(p, one, '--on', received)
        assert row['due']['on'] == due, (received, row['due'])
        assert row['due']['rule'].startswith('1182/71')
        assert not row['due']['estimate'] and not row['due']['presumed']
        assert row['status'] == 'waiting'
        p.json('statement', 'extended', one, '--on', received)
        row = show(p, one, '--on', received)
        assert row['due']['on'] == extended, (received, row['due'])
        assert row['status'] == 'extended'


def a_receipt_is_presumed_three_days_on(p):
    p.init()
    one = sent(p, '2026-03-05')
    due = show(p, one, '--on', '2026-03-06')['due']
    assert due['on'] == '2026-04-08' and due['presumed']
    late = show(p, one, '--on', '2026-04-09')
    assert late['status'] == 'overdue' and late['next'] == 'remind'


def national_time_is_shown_both_ways(p):
    p.init()
    two = new(p, '--to', 'fr/hopital', template='fr/dossier-acces-ancien',
              on='2026-03-08')
    three = new(p, template='fr/mes-effacement', on='2026-02-08')
    eight = new(p, '--to', 'fr/hopital', template='fr/dossier-acces',
                on='2026-04-30')
    for one, day, rule, raw, due in (
            (two, '2026-03-08', '2 months', '2026-05-08', '2026-05-11'),
            (three, '2026-02-08', '3 months', '2026-05-08', '2026-05-11'),
            (eight, '2026-04-30', '8 days', '2026-05-08', '2026-05-11')):
        p.json('statement', 'sent', one, '--on', day)
        p.json('statement', 'received', one, '--on', day)
        row = show(p, one, '--on', '2026-05-01')
        assert row['due']['on'] == due and row['raw'] == raw, (one, row)
        assert row['due']['rule'] == 'national law: receipt + ' + rule
        assert 'national' not in row
        text = p.ok('statement', 'show', one, '--on', '2026-05-01').text
        assert '1182/71' not in text
        assert '8 May 2026' in text and '11 May 2026' in text, text
    month = sent(p, '2026-04-08')   # rolled too, by the Regulation itself
    p.json('statement', 'received', month, '--on', '2026-04-08')
    text = p.ok('statement', 'show', month, '--on', '2026-04-09').text
    assert '1182/71' in text and '8 May 2026' not in text
    kinds = {row['id']: row['clock']['kind'] for row in
             p.json('statement', 'templates')['templates']}
    assert kinds['fr/mes-effacement'] == 'national-months'
    assert '2 months' in p.ok('statement', 'templates').text


def alsace_has_its_own_days(p):
    p.init()
    if p.run('recipient', 'list').code == 2:
        raise Skipped('this build has no verb recipient')
    one = sent(p, '2026-03-03')
    p.json('statement', 'received', one, '--on', '2026-03-03')
    assert show(p, one, '--on', '2026-03-04')['due']['on'] == '2026-04-03'
    p.ok('recipient', 'edit', 'fr/caisse', '--region', 'FR-57')
    assert show(p, one, '--on', '2026-03-04')['due']['on'] == '2026-04-07'


def what_was_sent_stays(p):
    p.init()
    one = new(p, '--via', 'registered', on='2026-03-01')
    before = export(p, one, 'before')
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    frozen = show(p, one, '--on', '2026-03-06')
    p.ok('person', 'edit', 'Claire Martin', '--name', 'Claire Autre',
         '--address', '9 rue Neuve\n75001 Paris')
    after = export(p, one, 'after')
    assert before[1].keys() == after[1].keys() == {'txt', 'html', 'pdf'}
    for kind, item in after[1].items():
        data = read(after[0], item['path'])
        assert sha256(data) == item['sha256']
        assert data == read(before[0], before[1][kind]['path']), kind
    again = show(p, one, '--on', '2026-03-06')
    assert again['body'] == frozen['body'] and again['status'] == 'sent'
    assert again['subject'] == frozen['subject']
    assert again['missing'] == frozen['missing']
    assert b'Claire Autre' not in read(after[0], after[1]['txt']['path'])


def a_message_is_printed_as_a_registered_letter(p):
    p.init()
    one = new(p)
    out, files = export(p, one, 'message', '--format', 'txt')
    message = read(out, files['txt']['path']).decode()
    out, files = export(p, one, 'letter', '--format', 'txt', '--via',
                        'registered')
    letter = read(out, files['txt']['path']).decode()
    assert 'recommandée' in letter and 'recommandée' not in message
    assert show(p, one)['channel'] == 'ameli'   # nothing was recorded
    assert p.run('statement', 'export', one, '--via', 'pigeon', '-o',
                 p.path('none')).code == 2
    p.ok('statement', 'sent', one, '--via', 'registered')
    out, files = export(p, one, 'sent', '--format', 'txt', '--via', 'ameli')
    after = read(out, files['txt']['path']).decode()
    assert 'recommandée' in after   # what was sent stays


def export_replaces_nothing(p):
    p.init()
    one = new(p)
    out, files = export(p, one, 'out')
    name = files['pdf']['path']
    assert re.fullmatch(r'2026-01-02-fr-caisse-%s\.pdf' % one, name)
    assert oct(os.stat(os.path.join(out, name)).st_mode & 0o777) == '0o600'
    os.unlink(os.path.join(out, files['txt']['path']))
    got = p.run('--json', 'statement', 'export', one, '-o', out)
    assert got.code == 1 and got.error()['code'] == 'exists'
    assert not os.path.exists(os.path.join(out, files['txt']['path']))
    only = export(p, one, 'only', '--format', 'txt,txt')
    assert set(only[1]) == {'txt'} and only[1]['txt']['path'] in os.listdir(
        only[0]) and len(os.listdir(only[0])) == 3
    assert p.run('statement', 'export', one, '-o', p.path('x'), '--format',
                 'docx').code == 2
    assert p.run('statement', 'export', one).code == 2
    assert not os.path.exists(p.path('x'))
    kinds = [e['kind'] for e in p.json('log')['events']]
    assert kinds.count('export.made') == 2


def the_guard_comes_first(p):
    p.init()
    one = sent(p, '2026-03-05')
    os.makedirs(p.path('home', '.dropbox'))
    os.makedirs(p.path('home', 'Dropbox', '.dropbox.cache'))
    p.write(p.path('home', '.dropbox', 'info.json'), json.dumps(
        {'personal': {'path': p.path('home', 'Dropbox'), 'host': 1}}))
    out = p.path('home', 'Dropbox', 'out')
    for words in (['export', one, '-o', out],
                  ['complain', one, '-o', out, '--on', '2026-04-20']):
        got = p.run('--json', 'statement', *words)
        assert got.code == 13, (words, got.code, got.said)
        assert not os.path.exists(out)
    assert p.run('due', '--ics', out + '.ics').code == 13
    assert not os.path.exists(out + '.ics')


def proofs_are_documents(p):
    p.init()
    one = new(p)
    slip = p.write('slip.txt', 'Preuve de dépôt 1A 234.\n')
    events = len(p.json('log')['events'])
    p.json('statement', 'sent', one, '--on', '2026-03-05', '--proof', slip)
    step = show(p, one)['steps'][0]
    assert step['kind'] == 'sent' and step['on'] == '2026-03-05'
    proof = p.json('show', step['proof'])
    assert proof['type'] == 'proof' and proof['date'] == '2026-03-05'
    assert proof['sha256'] == sha256(read(slip))
    made = [e['kind'] for e in p.json('log')['events']][:-events]
    assert sorted(made) == ['document.added', 'document.read',
                            'statement.step']
    got = p.run('--json', 'statement', 'received', one, '--on', '2026-03-06',
                '--proof', p.path('nowhere.pdf'))
    assert got.code == 1 and len(show(p, one)['steps']) == 1
    os.symlink(slip, p.path('link'))
    assert p.run('statement', 'received', one, '--on', '2026-03-06',
                 '--proof', p.path('link')).code == 1
    p.json('statement', 'received', one, '--on', '2026-03-06', '--proof',
           step['proof'])
    assert show(p, one)['steps'][1]['proof'] == step['proof']


def any_channel_for_any_letter(p):
    p.init()
    for channel in ('ameli', 'portal', 'email', 'letter', 'registered',
                    'hand', 'form', 'phone', 'other'):
        one = new(p)
        got = p.run('statement', 'sent', one, '--via', channel, '--on',
                    '2026-03-05')
        assert got.code == 0, (channel, got.said)
        usual = channel in ('ameli', 'registered', 'letter', 'hand')
        assert ('not a usual way' in got.said) != usual, channel
        assert show(p, one)['channel'] == channel
    assert p.run('statement', 'sent', new(p), '--via', 'owl').code == 2


def steps_out_of_order_are_refused(p):
    p.init()
    one = new(p)
    for kind in ('received', 'answered', 'extended', 'paused', 'resumed'):
        got = p.run('--json', 'statement', kind, one)
        assert got.code == 1 and got.error()['code'] == 'invalid', kind
        assert "hasn't been sent" in got.error()['message']
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    got = p.run('--json', 'statement', 'sent', one)
    assert got.code == 1 and 'already' in got.error()['message']
    got = p.run('--json', 'statement', 'answered', one, '--on', '2026-03-01')
    assert got.code == 1 and 'before' in got.error()['message']
    got = p.run('statement', 'answered', one, '--outcome', 'maybe')
    assert got.code == 2
    got = p.run('statement', 'received', one, '--outcome', 'granted', '--on',
                '2026-03-06')
    assert got.code == 1
    assert len(show(p, one)['steps']) == 1
    got = p.run('--json', 'statement', 'answered', one, '--on', '2026-03-19')
    assert got.code == 0 and '--outcome' in got.said, got.said
    assert show(p, one)['next'] == 'close'
    p.json('statement', 'answered', one, '--on', '2026-03-20', '--outcome',
           'refused', '--reason', 'Ils ne répondent pas sur le fond')
    row = show(p, one)
    assert row['status'] == 'answered' and row['next'] == 'complain'
    assert row['steps'][2]['outcome'] == 'refused'
    p.json('statement', 'closed', one, '--on', '2026-03-21')
    assert show(p, one)['status'] == 'closed'
    assert p.run('statement', 'answered', one).code == 1
    assert p.run('statement', 'reminded', one).code == 2
    assert p.run('statement', 'received', 'szzzzz').code == 1


def odd_dates_only_warn(p):
    p.init()
    one = new(p, on='2026-03-10')
    got = p.ok('statement', 'sent', one, '--on', '2026-03-05')
    assert 'before its draft' in got.said
    assert show(p, one)['steps'][0]['on'] == '2026-03-05'
    year = time.localtime().tm_year + 2
    got = p.ok('statement', 'received', one, '--on', '%d-01-02' % year)
    assert 'after today' in got.said
    assert len(show(p, one)['steps']) == 2


def pauses_push_the_end(p):
    p.init()
    one = sent(p, '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    p.json('statement', 'paused', one, '--on', '2026-03-10')
    row = show(p, one, '--on', '2026-03-12')
    assert row['status'] == 'paused' and row['next'] == 'answer-pause'
    got = p.run('--json', 'statement', 'complain', one, '-o', p.path('x'),
                '--on', '2026-06-01')
    assert got.error()['code'] == 'too-early'
    assert 'statement resumed ' + one in got.error()['hint']
    p.json('statement', 'resumed', one, '--on', '2026-03-20')
    due = show(p, one, '--on', '2026-03-21')['due']
    assert due['on'] == '2026-04-15' and due['estimate']


def several_at_once_or_none(p):
    p.init()
    one, two = new(p), new(p)
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    assert p.run('statement', 'sent', two, one, '--on', '2026-03-06').code == 1
    assert show(p, two)['steps'] == []
    both = p.json('statement', 'received', one, one, '--on', '2026-03-07')
    assert both['id'] == one and len(both['steps']) == 2
    p.json('statement', 'sent', two, '--on', '2026-03-06')
    rows = p.json('statement', 'closed', one, two, '--on', '2026-03-08')
    assert [r['status'] for r in rows['statements']] == ['closed', 'closed']


def show_fits_a_terminal(p):
    p.init()
    one = sent(p, '2026-03-05', '--via', 'registered')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    for lang, due in (('en', '7 April 2026, in 6 days'),
                      ('fr', '7 avril 2026')):
        text = p.ok('--lang', lang, 'statement', 'show', one, '--on',
                    '2026-04-01').text
        assert due in text, text
        assert 'carnet statement answered %s --outcome ' % one in text
        for line in text.splitlines():
            assert len(line) <= 80, line
        assert "\nJe m’oppose" in text, text
    assert 'tomorrow' in p.ok('statement', 'show', one, '--on',
                              '2026-04-06').text


def an_answer_is_asked_for_with_its_outcome(p):
    """What is proposed records what the answer says; never without."""
    p.init()
    one = sent(p, '2026-03-05')
    typed = 'carnet statement answered %s --outcome ' % one
    for received in (False, True):
        if received:
            p.json('statement', 'received', one, '--on', '2026-03-05')
        row = show(p, one, '--on', '2026-03-06')
        wanted = typed + 'OUTCOME' if received else (
            'carnet statement received %s --on YYYY-MM-DD' % one)
        assert row['command'] == wanted, row['command']
        text = p.ok('statement', 'show', one, '--on', '2026-03-06').text
        assert typed in text, text
        flat = ' '.join(text.split())
        assert 'OUTCOME is granted (they do all that you ask), partly' in flat
        due = p.ok('due', '--on', '2026-03-06').text
        assert ('OUTCOME is granted' in due) == received, due
        french = p.ok('--lang', 'fr', 'due', '--on', '2026-03-06').text
        assert ('granted' in french) == received, french
    # as proposed, with the choice made
    for outcome in ('granted', 'partly', 'refused'):
        p.json(*row['command'].replace('OUTCOME', outcome).split()[1:],
               '--on', '2026-03-09')
        step = show(p, one, '--on', '2026-03-09')['steps'][-1]
        assert step['outcome'] == outcome


def due_fits_a_terminal(p):
    p.init()
    p.json('statement', 'new', 'fr/snds-opposition', '--on', '2026-01-02')
    one = sent(p, '2026-01-05')
    assert show(p, one, '--on', '2026-12-20')['overdue_days'] > 300
    for lang in 'en', 'fr':
        text = p.run('--lang', lang, 'due', '--on', '2026-12-20').text
        assert 'Claire Martin' in text
        for line in text.splitlines():
            assert len(line) <= 80 or 'OUTCOME' in line, line


def templates_take_a_word(p):
    for word, wanted in (('us/', {'us/access', 'us/amendment',
                                  'us/accounting', 'us/complaint',
                                  'us/confidential', 'us/restriction'}),
                         ('cada', {'fr/cada-saisine'})):
        got = p.json('statement', 'templates', word)['templates']
        assert {row['id'] for row in got} == wanted, got
    assert p.json('statement', 'templates', 'no such')['templates'] == []


def due_is_sorted_and_says_what_to_do(p):
    p.init()
    late = sent(p, '2026-03-05')
    p.json('statement', 'received', late, '--on', '2026-03-05')
    soon = sent(p, '2026-03-20', template='fr/cnam-opposition')
    p.json('statement', 'received', soon, '--on', '2026-03-20')
    draft = new(p, on='2026-03-21')
    note = new(p, template='fr/note-snds', on='2026-03-21')
    got = p.json('due', '--on', '2026-04-07')['items']
    assert [i['statement'] for i in got] == [late, soon, draft]
    assert {'statement', 'recipient', 'due', 'overdue_days',
            'next'} <= set(got[0])
    assert got[0]['overdue_days'] == 0 and got[2]['due'] is None
    assert note not in [i['statement'] for i in got]
    got = p.json('due', '--on', '2026-04-10', code=14)['items']
    assert got[0]['overdue_days'] == 3 and got[0]['next'] == 'complain'
    assert got[0]['command'] == 'carnet statement complain %s -o DIR' % late
    text = p.run('due', '--on', '2026-04-10')
    assert text.code == 14 and '3 days late' in text.text
    few = p.json('due', '--on', '2026-04-07', '--days', '5')['items']
    assert [i['statement'] for i in few] == [late]
    status = p.json('status', '--on', '2026-04-10')
    assert status['due'] == 3 and status['overdue'] == 1
    p.json('statement', 'answered', late, '--outcome', 'granted', '--on',
           '2026-04-11')
    got = p.json('due', '--on', '2026-04-12')['items']
    assert [(i['due'], i['next']) for i in got if i['statement'] == late] == [
        (None, 'close')]


def windows_and_birthdays(p):
    p.init('--born', '1985-05-05')
    p.ok('person', 'add', 'Lou Martin', '--born', '2013-07-14')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Lou Martin',
         '--as', 'parent')
    notice = p.write('avis.txt', 'Ouverture de votre espace.\n')
    p.json('add', notice, '--person', 'Lou Martin', '--date', '2026-03-02',
           '--tag', 'avis-mes')
    got = p.json('due', '--on', '2026-04-01')['items']
    assert [(i['what'], i['due'], i['statement']) for i in got] == [
        ('window', '2026-04-13', None), ('turns-13', '2026-07-14', None)]
    assert got[0]['recipient'] == 'fr/mes' and got[0]['person'] == 'Lou Martin'
    words = got[0]['command'].split()[1:]
    made = p.json(*words, '--on', '2026-04-01')
    assert made['template'] == 'fr/mes-ouverture'
    p.json('statement', 'sent', made['id'], '--on', '2026-04-02')
    got = p.json('due', '--on', '2026-04-03')['items']
    assert [i['what'] for i in got] == ['statement', 'turns-13']
    # a notice whose window has closed is no longer anybody's business
    p.json('add', p.write('dp.txt', 'Dossier pharmaceutique.\n'), '--date',
           '2026-03-02', '--tag', 'avis-dp')
    assert 'fr/dp' in [i['recipient'] for i in
                       p.json('due', '--on', '2026-04-13')['items']]
    assert 'fr/dp' not in [i['recipient'] for i in
                           p.json('due', '--on', '2026-04-14')['items']]
    for day, what in (('2028-07-01', 'turns-15'), ('2031-07-01', 'turns-18')):
        got = p.json('due', '--on', day, '--days', '30', code=14)['items']
        assert what in [i['what'] for i in got], (day, got)


def due_is_of_whom_it_is_asked(p):
    p.init('--born', '1985-05-05')
    p.ok('person', 'add', 'Lou Martin', '--born', '2013-07-14')
    mine = sent(p, '2026-03-05')
    p.json('statement', 'received', mine, '--on', '2026-03-05')
    child = new(p, '--person', 'Lou Martin')
    whole = p.json('due', '--on', '2026-05-01', code=14)['items']
    # a child has its birthdays, whether a parent is recorded or not
    assert [(i['statement'], i['what']) for i in whole] == [
        (mine, 'statement'), (None, 'turns-13'), (child, 'statement')], whole
    alone = p.json('due', '--person', 'Lou Martin', '--on', '2026-05-01')
    assert [i['what'] for i in alone['items']] == ['turns-13', 'statement']
    again = p.json('due', '--on', '2026-05-01',
                   env={'CARNET_PERSON': 'Lou Martin'})
    assert again == alone
    text = p.run('due', '--person', 'Claire Martin', '--on', '2026-05-01')
    assert text.code == 14 and 'Lou' not in text.text
    # the calendar is the family's, whoever looks at the list
    p.run('due', '--person', 'Lou Martin', '--ics', p.path('due.ics'),
          '--on', '2026-05-01')
    assert mine.encode() in read(p.path('due.ics'))


def who_signs_for_whom(p):
    p.init('--born', '1985-05-05')
    p.ok('person', 'add', 'Lou Martin', '--born', '2010-07-14')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Lou Martin',
         '--as', 'parent', '--address', '3 rue du Modèle\n69003 Lyon')
    one = new(p, '--person', 'Lou Martin', '--via', 'registered',
              on='2026-03-01')
    row = show(p, one)
    assert row['person'] == 'Lou Martin'
    assert 'represents.proof' in row['missing']
    assert 'Lou Martin' in row['body'] and 'parent' in row['body']
    book = p.write('livret.txt', 'Livret de famille.\n')
    proof = p.json('add', book, '--title', 'Livret de famille')['added'][0]
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Lou Martin',
         '--as', 'parent', '--proof', proof['id'])
    row = show(p, one)
    assert 'represents.proof' not in row['missing']
    assert 'Livret de famille' in row['body']
    out, files = export(p, one, 'out')
    text = read(out, files['txt']['path']).decode()
    assert 'Claire Martin, pour Lou Martin' in text
    # of age, the child signs alone
    adult = new(p, '--person', 'Lou Martin', '--via', 'registered',
                on='2028-07-14')
    row = show(p, adult)
    assert 'parent' not in row['body'] and 'represents' not in ' '.join(
        row['missing'])
    got = p.ok('statement', 'sent', adult, '--on', '2028-07-15')
    assert 'ends at 18' in got.said
    # what only the person themself can say is theirs
    own = new(p, '--person', 'Lou Martin', template='fr/don-refus',
              on='2026-03-01')
    assert 'Claire' not in show(p, own)['body']


def remind_is_a_step_once_sent(p):
    p.init()
    one = new(p, on='2026-03-05')
    assert p.run('statement', 'remind', one).code == 1
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    early = p.run('statement', 'remind', one, '--on', '2026-03-10')
    assert early.code == 0 and 'not run out' in early.said
    drafted = p.json('statement', 'remind', one, '--on', '2026-04-10')
    assert drafted['template'] == 'fr/relance' and drafted['about'] == one
    assert drafted['channel'] == 'ameli'
    assert len(p.json('statement', 'list')['statements']) == 2
    body = show(p, drafted['id'], '--on', '2026-04-10')['body']
    assert '5 mars 2026' in body and '8 avril 2026' in body
    assert show(p, one, '--on', '2026-04-10')['status'] == 'overdue'
    p.json('statement', 'sent', drafted['id'], '--on', '2026-04-10')
    row = show(p, one, '--on', '2026-04-11')
    assert row['status'] == 'reminded'
    assert row['steps'][-1]['kind'] == 'reminded'
    assert row['steps'][-1]['on'] == '2026-04-10'
    # no reminder of a reminder: what it reminds of is complained about
    row = show(p, drafted['id'], '--on', '2026-05-10')
    assert row['status'] == 'overdue' and row['next'] == 'complain'
    assert row['command'] == 'carnet statement complain %s -o DIR' % one


def complain_too_early(p):
    p.init()
    one = sent(p, '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    for day in ('2026-03-06', '2026-04-07'):
        got = p.run('--json', 'statement', 'complain', one, '-o',
                    p.path('early'), '--on', day)
        assert got.code == 1 and got.out == b''
        assert got.error()['code'] == 'too-early'
        assert got.error()['from'] == '2026-04-08'
    assert '8 April 2026' in p.run('statement', 'complain', one, '-o',
                                   p.path('early'), '--on',
                                   '2026-04-07').said
    assert not os.path.exists(p.path('early'))
    assert len(p.json('statement', 'list')['statements']) == 1
    draft = new(p)
    got = p.run('--json', 'statement', 'complain', draft, '-o',
                p.path('early'))
    assert got.code == 1 and got.error()['code'] == 'invalid'


def a_medical_file_has_eight_days_and_the_cnil_a_month(p):
    p.init()
    one = sent(p, '2026-03-05', '--via', 'registered', '--proof',
               p.write('depot.txt', 'Preuve de dépôt.\n'),
               template='fr/dossier-acces', to='fr/hopital')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    row = show(p, one, '--on', '2026-03-13')
    assert row['due']['on'] == '2026-03-13' and row['next'] == 'wait'
    assert row['complain_from'] == '2026-04-08'
    for day, words in (('2026-03-06', 'they may still answer'),
                       ('2026-03-13', 'they may still answer'),
                       ('2026-03-14', 'the CNIL wants one month'),
                       ('2026-04-07', 'the CNIL wants one month')):
        got = p.run('--json', 'statement', 'complain', one, '-o',
                    p.path('early'), '--on', day)
        assert got.code == 1 and got.out == b'', (day, got.code)
        error = got.error()
        assert error['code'] == 'too-early', (day, error)
        assert error['from'] == '2026-04-08', (day, error)
        assert words in error['message'], (day, error)
        if 'CNIL' in words:
            assert error['hint'] == 'carnet statement remind ' + one
    assert not os.path.exists(p.path('early'))
    row = show(p, one, '--on', '2026-03-14')
    assert row['status'] == 'overdue' and row['next'] == 'remind'
    assert row['command'] == 'carnet statement remind ' + one
    item = [i for i in p.json('due', '--on', '2026-03-14', code=14)['items']
            if i['statement'] == one][0]
    assert item['next'] == 'remind' and item['overdue_days'] == 1
    reminder = p.json('statement', 'remind', one, '--on', '2026-03-14')['id']
    p.json('statement', 'sent', reminder, '--on', '2026-03-14')
    row = show(p, one, '--on', '2026-03-20')
    assert row['status'] == 'reminded' and row['next'] == 'wait'
    got = p.run('--json', 'statement', 'complain', one, '-o',
                p.path('early'), '--on', '2026-03-20')
    assert got.error()['hint'] == 'carnet due'
    # a complaint that is drafted all the same isn't sent before its day
    draft = p.json('statement', 'new', 'fr/plainte-cnil', '--about', one,
                   '--on', '2026-03-20')['id']
    got = p.run('--json', 'statement', 'sent', draft, '--on', '2026-04-07')
    assert got.code == 1 and got.error()['from'] == '2026-04-08'
    got = p.json('statement', 'complain', one, '-o', p.path('dossier'),
                 '--on', '2026-04-08')
    body = show(p, got['statement'], '--on', '2026-04-08')['body']
    assert '13 mars 2026' in body and '12 § 3' not in body.replace(
        '\xa0', ' ')
    # a refusal can be complained about on its day
    two = sent(p, '2026-03-05', template='fr/dossier-acces', to='fr/hopital')
    p.json('statement', 'answered', two, '--on', '2026-03-09', '--outcome',
           'refused')
    p.json('statement', 'complain', two, '-o', p.path('refused'), '--on',
           '2026-03-09')


def plain(text):
    """Without the spaces that don't break."""
    return ' '.join(text.split())


def complaints_read_right(p):
    """Early refusal, partial answer, no answer; with and without proofs."""
    p.init()
    slip = p.write('depot.txt', 'Preuve de dépôt.\n')
    for outcome, day, words in (
            ('refused', '2026-04-06', "L’organisme a répondu le 6 avril "
             '2026. Il refuse ma demande. Cette réponse'),
            ('partly', '2026-03-20', "L’organisme a répondu le 20 mars 2026. "
             'Il n’y fait droit qu’en partie. Cette réponse'),
            (None, '2026-04-08', 'À ce jour, aucune réponse ne m’est '
             'parvenue.')):
        one = sent(p, '2026-03-04', '--via', 'registered', *(
            [] if outcome == 'partly' else ['--proof', slip]))
        p.json('statement', 'received', one, '--on', '2026-03-05', *(
            [] if outcome is None else ['--proof', slip]))
        if outcome:
            p.json('statement', 'answered', one, '--on', day, '--outcome',
                   outcome)
        out = p.path('dossier-%s' % outcome)
        got = p.json('statement', 'complain', one, '-o', out, '--on', day)
        text = plain(read(out, 'complaint.txt').decode())
        assert plain(words) in text, (words, text)
        assert ('Dernier jour pour répondre (article 12 § 3 du RGPD) : '
                '7 avril 2026.') in text, text
        assert 'pris fin' not in text
        assert ('la preuve de son envoi' in text) == (outcome != 'partly')
        assert ('la preuve de sa réception' in text) == bool(outcome)
        assert 'les autres échanges' not in text
        assert ('proof.sent' in got['missing']) == (outcome == 'partly')
    reminder = p.json('statement', 'remind', one, '--on', '2026-04-08')['id']
    p.json('statement', 'sent', reminder, '--on', '2026-04-08')
    p.json('statement', 'complain', one, '-o', p.path('reminded'), '--on',
           '2026-04-09')
    assert 'les autres échanges' in plain(
        read(p.path('reminded'), 'complaint.txt').decode())


WINDOW = 'Le délai pour vous saisir est de deux mois à compter du refus'


def cada(p, about, day):
    """A new referral: its id, its text, what was said on stderr."""
    made = p.run('statement', 'new', 'fr/cada-saisine', '--about', about,
                 '--on', day)
    assert made.code == 0, made.said
    one = made.text.split()[0]
    row = show(p, one, '--on', day)
    out = p.path('cada-' + one)
    got = p.run('--json', 'statement', 'export', one, '-o', out, '--format',
                'txt', '--on', day)
    assert got.code == 0, got.said
    files = [f for f in got.json()['files'] if f['format'] == 'txt']
    text = plain(read(out, files[0]['path']).decode())
    assert (WINDOW in text) == (WINDOW in plain(row['body']))
    for warning in row['warnings']:
        if 'CADA' in warning:
            assert warning in got.json()['warnings']
            assert warning in plain(got.said), got.said
    return one, WINDOW in text, plain(made.said)


def the_cada_has_its_window(p):
    p.init()
    p.ok('recipient', 'edit', 'fr/hopital', '--public', 'yes')
    one = sent(p, '2026-03-04', '--via', 'registered',
               template='fr/dossier-acces', to='fr/hopital')
    early, window, said = cada(p, one, '2026-03-04')
    assert not window and 'too early for the CADA' in said
    p.json('statement', 'received', one, '--on', '2026-03-05')
    for day, window, words in (
            ('2026-04-05', False, 'from 6 April 2026'),
            ('2026-04-06', True, None), ('2026-06-05', True, None),
            ('2026-06-06', False, 'ended on 5 June 2026')):
        _, told, said = cada(p, one, day)
        assert told == window, day
        assert (words in said) if words else 'CADA' not in said, (day, said)
    row = show(p, early, '--on', '2026-04-06')
    assert 'dated before the refusal' in ' '.join(row['warnings'])
    got = p.ok('statement', 'sent', early, '--on', '2026-03-20')
    assert 'too early for the CADA' in got.said
    # a refusal opens it at once, for two months
    two = sent(p, '2026-03-04', template='fr/dossier-acces', to='fr/hopital')
    p.json('statement', 'answered', two, '--on', '2026-03-10', '--outcome',
           'refused')
    for day, window in (('2026-03-10', True), ('2026-05-10', True),
                        ('2026-05-11', False)):
        _, told, said = cada(p, two, day)
        assert told == window and ('CADA' in said) != window, (day, said)
    p.json('statement', 'answered', two, '--on', '2026-03-12', '--outcome',
           'granted')
    _, told, said = cada(p, two, '2026-03-13')
    assert not told and 'nothing was refused' in said
    # a private doctor's refusal isn't the CADA's
    three = sent(p, '2026-03-04', template='fr/dossier-acces',
                 to='fr/medecin')
    p.json('statement', 'answered', three, '--on', '2026-03-10', '--outcome',
           'refused')
    _, _, said = cada(p, three, '2026-03-11')
    assert 'private body' in said and 'CNIL' in said
    # without --about: the last such request
    made = p.json('statement', 'new', 'fr/cada-saisine', '--on', '2026-03-12')
    assert made['about'] == three


def a_public_hospital_is_reminded_and_referred(p):
    p.init()
    one = sent(p, '2026-03-04', template='fr/dossier-acces', to='fr/hopital')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    doctor = sent(p, '2026-03-04', template='fr/dossier-acces',
                  to='fr/medecin')
    p.json('statement', 'received', doctor, '--on', '2026-03-05')
    refer = 'carnet statement new fr/cada-saisine --about ' + one
    row = show(p, one, '--on', '2026-03-14')
    assert row['next'] == 'remind'
    assert row['referral'] == {
        'template': 'fr/cada-saisine', 'title': 'Referral to the CADA',
        'recipient': 'fr/cada', 'from': '2026-04-06', 'until': '2026-06-05',
        'open': False, 'estimate': False, 'public': False, 'command': refer}
    assert show(p, doctor, '--on', '2026-03-14')['referral'] is None
    text = p.ok('statement', 'show', one, '--on', '2026-03-14').text
    assert 'carnet statement remind ' + one in text and refer in text
    assert 'against a public body, from 6 April 2026 to 5 June 2026' in (
        plain(text)), text
    text = p.run('due', '--on', '2026-03-14')
    assert text.code == 14
    assert 'carnet statement remind ' + one in text.text
    assert refer in text.text and 'from 2026-04-06:' in text.text, text.text
    items = p.json('due', '--on', '2026-04-05', code=14)['items']
    assert not [i for i in items if i['what'] == 'referral']
    items = p.json('due', '--on', '2026-04-06', code=14)['items']
    referral, = [i for i in items if i['what'] == 'referral']
    assert referral['due'] == '2026-06-05' and referral['command'] == refer
    assert referral['recipient'] == 'fr/cada'
    assert p.run('due', '--on', '2026-04-06').text.count(refer) == 1
    items = p.json('due', '--on', '2026-06-06', code=14)['items']
    assert not [i for i in items if i['what'] == 'referral']
    draft = p.json(*refer.split()[1:], '--on', '2026-04-08')['id']
    p.json('statement', 'sent', draft, '--on', '2026-04-08')
    items = p.json('due', '--on', '2026-04-09', code=14)['items']
    assert not [i for i in items if i['what'] == 'referral']
    assert show(p, one, '--on', '2026-04-09')['referral'] is None


def whether_a_body_is_public_is_kept(p):
    p.init()
    one = sent(p, '2026-03-04', template='fr/dossier-acces', to='fr/hopital')
    p.json('statement', 'answered', one, '--on', '2026-03-10', '--outcome',
           'refused')
    # not known: the way stands there, and its draft says on what it depends
    _, _, said = cada(p, one, '2026-03-11')
    assert 'carnet recipient edit fr/hopital --public' in said, said
    assert 'public' in p.ok('recipient', 'show', 'fr/hopital').text
    assert p.json('recipient', 'show', 'fr/hopital')['recipient'][
        'public'] is None
    p.ok('recipient', 'edit', 'fr/hopital', '--public', 'yes')
    assert p.json('recipient', 'show', 'fr/hopital')['recipient']['public']
    assert show(p, one, '--on', '2026-03-11')['referral']['public'] is True
    _, window, said = cada(p, one, '2026-03-11')
    assert window and 'CADA' not in said, said
    assert 'for public bodies only' not in p.run(
        'due', '--on', '2026-03-11').text
    # private: no CADA, the CNIL
    p.ok('recipient', 'edit', 'fr/hopital', '--public', 'no')
    row = show(p, one, '--on', '2026-03-11')
    assert row['referral'] is None
    assert 'cada' not in p.run('due', '--on', '2026-03-11').text
    _, _, said = cada(p, one, '2026-03-11')
    assert 'private body' in said and 'CNIL' in said
    # other changes leave it as it is, unknown takes it back
    p.ok('recipient', 'edit', 'fr/hopital', '--name', 'Clinique du Parc')
    assert p.json('recipient', 'show', 'fr/hopital')['recipient'][
        'public'] is False
    p.ok('recipient', 'edit', 'fr/hopital', '--public', 'unknown')
    assert p.json('recipient', 'show', 'fr/hopital')['recipient'][
        'public'] is None
    p.ok('recipient', 'add', 'me/clinique', '--name', 'Clinique',
         '--country', 'FR', '--public', 'no')
    two = sent(p, '2026-03-04', template='fr/dossier-acces', to='me/clinique')
    assert show(p, two, '--on', '2026-05-05')['referral'] is None
    for words in (['fr/hopital', '--public', 'maybe'],
                  ['fr/medecin', '--public', 'yes']):
        assert p.run('recipient', 'edit', *words).code == 2, words


def whether_it_is_public_is_asked_at_a_terminal(p):
    p.init()
    for typed, public in ((b'o\n', True), (b'\n', True), (b'n\n', True)):
        told = terminal(p, typed, 'recipient', 'edit', 'fr/hopital', '--name',
                        'CHU de Lyon')
        assert (b'public body' in told) == (typed == b'o\n'), told
        assert p.json('recipient', 'show', 'fr/hopital')['recipient'][
            'public'] is public
    for name, typed, public in (('fr/ehpad', b'n\n', False),
                                ('fr/imagerie', b'', False),
                                ('fr/caisse', b'', None)):
        told = terminal(p, typed, 'recipient', 'edit', name, '--name', 'X')
        assert (b'public body' in told) == (typed != b''), told


def terminal(p, typed, *args):
    """What is shown at a terminal where that is typed."""
    waiting = [typed]
    code, told = watch(p, 80, *args,
                       answer=lambda _shown: waiting.pop() if waiting else b'')
    assert code == 0, told
    return told.encode()


def some_ages_can_make_no_statement(p):
    p.init('--born', '1985-05-05')
    p.ok('person', 'add', 'Lou Martin', '--born', '2012-07-14')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Lou Martin',
         '--as', 'parent')
    words = ('at this age this statement can be made neither by this person '
             'nor for them')
    rows = (('fr/directives', None, '2030-07-13', False),
            ('fr/directives', None, '2030-07-14', True),
            ('fr/mineur-confidentialite', 'fr/medecin', '2027-07-13', False),
            ('fr/mineur-confidentialite', 'fr/medecin', '2027-07-14', True),
            ('fr/mineur-confidentialite', 'fr/medecin', '2030-07-14', False),
            ('fr/confiance-designation', 'fr/confiance', '2026-03-01', False),
            ('fr/confiance-revocation', 'fr/confiance', '2026-03-01', False),
            ('fr/presence-secret', 'fr/hopital', '2026-03-01', False),
            ('fr/apres-deces', 'fr/mes', '2026-03-01', False),
            ('fr/soins-refus', 'fr/medecin', '2026-03-01', False),
            ('fr/don-refus', None, '2025-07-13', False),
            ('fr/don-refus', None, '2026-03-01', True))
    for i, (template, to, day, good) in enumerate(rows):
        more = ['--to', to] if to else []
        made = p.ok('statement', 'new', template, *more, '--person', 'Lou Martin', '--on', day)
        assert (words in plain(made.said)) != good, (template, made.said)
        one = made.text.split()[0]
        made = p.json('statement', 'new', template, *more, '--person',
                      'Lou Martin', '--on', day)
        assert ('signer.age' in made['missing']) != good, (template, made)
        assert (words in made['warnings']) != good
        assert 'cautions' not in made
        row = show(p, one, '--on', day)
        assert ('signer.age' in row['missing']) != good
        listed = [r for r in p.json('statement', 'list', '--on', day)[
            'statements'] if r['id'] == one][0]
        if not good:
            assert row['status'] == listed['status'] == 'draft', template
            assert row['next'] == 'complete' and row['command'] == ''
        got = p.run('--json', 'statement', 'export', one, '-o',
                    p.path('out%d' % i), '--format', 'txt', '--on', day)
        assert got.code == 0, got.said
        assert (words in plain(got.said)) != good
        assert ('signer.age' in got.json()['missing']) != good
        said = p.run('statement', 'sent', one, '--on', day)
        assert said.code == 0 and (words in plain(said.said)) != good
    # of full age, and with all that it needs: ready
    p.ok('person', 'edit', 'Claire Martin', '--address',
         '3 rue du Modèle\n69003 Lyon', '--birthplace', 'Lyon')
    mine = new(p, '--person', 'Claire Martin', template='fr/directives')
    assert show(p, mine)['status'] == 'ready', show(p, mine)['missing']


def help_says_how_to_use_ones_own_words(p):
    told = ' '.join(p.ok('help', 'statement').text.split())
    assert told.count('carnet tag ID +template:TEMPLATE') == 1, told
    assert '+template:' in p.json('help', 'statement')['note']
    assert p.json('help', 'refuse')['note'] == ''
    # and it is so
    p.init()
    added = p.json('add', p.write('mine.txt', '---\nsubject: Mine\n---\n\n'
                                  'Not at all, {{concerned.name}}.\n'))
    one = added['added'][0]['id']
    p.ok('tag', one, '+template:gdpr/objection', '+lang:fr')
    for lang, is_mine in (('fr', True), ('en', False)):
        letter = new(p, '--to', 'fr/cnam', '--letter-lang', lang,
                     template='gdpr/objection')
        assert ('Not at all, Claire Martin.' in show(p, letter)[
            'body']) == is_mine, lang


def help_says_which_tag_a_notice_needs(p):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                           '../../formats/letters/windows.json'),
              encoding='utf-8') as file:
        windows = json.load(file)['windows']
    told = {lang: p.json('--lang', lang, 'help', 'due')['note']
            for lang in ('en', 'fr')}
    for window in windows:
        assert any(tag in told['en'] for tag in window['tags']), window
        assert any(tag in told['fr'] for tag in window['tags']), window
    # and it is so, as it is written there
    p.init()
    p.write('notice.pdf', b'%PDF-1.4 not one\n')
    words = re.search(r'carnet (add notice\.pdf [^:;,]*\d\d) ', told['en'])
    assert p.run(*words.group(1).split(), '--tag',
                 'notice-mes').code in (0, 3)
    got = p.json('due', '--on', '2026-03-10')['items']
    assert [i['what'] for i in got] == ['window'], got


def a_child_without_a_parent_is_said_aloud(p):
    p.init('--born', '1985-05-05')
    p.ok('person', 'add', 'Lou Martin', '--born', '2012-07-14')
    words = 'the law gives this right to a parent or guardian: they sign'
    lou = ['--person', 'Lou Martin', '--on', '2026-03-01']

    def both(is_said):
        made = p.ok('statement', 'new', 'gdpr/objection', '--to', 'fr/cnam',
                    *lou)
        assert (words in plain(made.said)) == is_said, made.said
        one = made.text.split()[0]
        assert (words in plain(p.ok('statement', 'show', one, '--on',
                                    '2026-03-01').text)) == is_said
        told = p.ok('statement', 'export', one, '-o', p.path(
            'out%d' % is_said), '--format', 'txt', '--on', '2026-03-01')
        assert (words in plain(told.said)) == is_said, told.said
        for more in (['--dry-run'], []):
            told = p.ok('refuse', 'fr/pds', 'fr/mes', *more, *lou)
            # once, not for each letter
            assert plain(told.said).count(words) == is_said, told.said
        told = p.ok('statement', 'sent', one, '--on', '2026-03-01')
        assert (words in plain(told.said)) == is_said, told.said

    both(True)
    # what a child may do alone needs nobody
    own = p.ok('statement', 'new', 'fr/don-refus', *lou)
    assert words not in plain(own.said)
    # nor does a person of full age
    assert words not in plain(p.ok('refuse', 'fr/pds', '--person',
                                   'Claire Martin').said)
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Lou Martin',
         '--as', 'parent')
    both(False)


def png():
    """A white picture of 40 by 30, made here."""
    def part(kind, data):
        body = kind + data
        return (len(data).to_bytes(4, 'big') + body +
                zlib.crc32(body).to_bytes(4, 'big'))
    rows = b''.join(b'\0' + b'\xff' * 120 for _ in range(30))
    return (b'\x89PNG\r\n\x1a\n' + part(
        b'IHDR', (40).to_bytes(4, 'big') + (30).to_bytes(4, 'big') +
        b'\x08\x02\0\0\0') + part(b'IDAT', zlib.compress(rows)) +
        part(b'IEND', b''))


def the_dossier_holds_everything(p):
    p.init()
    one = new(p, '--via', 'registered', on='2026-03-05')
    slip = p.write('depot.txt', 'Preuve de dépôt 1A 234.\n')
    scan = p.write('avis.png', png())
    odd = p.write('conversation.bin', os.urandom(3000))
    p.json('statement', 'sent', one, '--on', '2026-03-05', '--proof', slip)
    p.json('statement', 'received', one, '--on', '2026-03-05', '--proof',
           scan)
    out = p.path('dossier')
    got = p.json('statement', 'complain', one, '-o', out, '--on',
                 '2026-04-08')
    assert got['path'] == out
    for gap in ('about.name', 'about.siren', 'person.address',
                'person.email'):
        assert gap in got['missing'], gap
    assert 'proof.sent' not in got['missing']
    manifest = json.loads(read(out, 'manifest.json'))
    names = {f['path'] for f in manifest['files']}
    assert names | {'manifest.json', 'dossier.record.json',
                    'dossier.record.json.minisig'} == set(os.listdir(out))
    for item in manifest['files']:
        assert sha256(read(out, item['path'])) == item['sha256']
    for name in ('complaint.pdf', 'complaint.txt', 'complaint.html',
                 'timeline.txt', 'dossier.pdf'):
        assert name in names, name
    exhibits = sorted(n for n in names if n.startswith('exhibit-'))
    assert [n[:11] for n in exhibits] == ['exhibit-01-', 'exhibit-02-',
                                          'exhibit-03-']
    letter, files = export(p, one, 'letter')
    assert read(out, exhibits[0]) == read(letter, files['pdf']['path'])
    assert read(out, exhibits[1]) == read(slip)
    assert read(out, exhibits[2]) == read(scan)
    text = subprocess.run(['pdftotext', os.path.join(out, 'dossier.pdf'),
                           '-'], stdout=subprocess.PIPE, check=True
                          ).stdout.decode()
    assert 'Preuve de dépôt 1A 234' in text and 'Chronologie' in text
    # a proof is called what it proves, not by its first line
    words = plain(text)
    assert 'Pièce n° 2 – envoi, depot.txt' in words, words
    assert 'Pièce n° 3 – réception par l\'organisme, avis.png' in words.replace(
        '’', "'"), words
    assert '– Preuve de dépôt' not in words
    assert sha256(read(slip)) in text.replace('\n', '')
    assert '2026-04-07' in read(out, 'timeline.txt').decode()
    # nothing is recorded as sent; the draft can be
    row = show(p, one, '--on', '2026-04-08')
    assert row['status'] == 'overdue'
    assert show(p, got['statement'])['about'] == one
    again = p.json('statement', 'complain', one, '-o', p.path('again'),
                   '--on', '2026-04-09')
    assert again['statement'] == got['statement']
    full = p.run('statement', 'complain', one, '-o', out, '--on',
                 '2026-04-09')
    assert full.code == 1
    p.json('statement', 'answered', one, '--on', '2026-04-09', '--outcome',
           'partly', '--proof', odd)
    third = p.json('statement', 'complain', one, '-o', p.path('third'),
                   '--on', '2026-04-09')
    assert 'proof.answered' not in third['missing']
    assert any(n.endswith('conversation.bin') for n in
               os.listdir(p.path('third')))
    p.json('statement', 'sent', got['statement'], '--on', '2026-04-10')
    row = show(p, one, '--on', '2026-04-11')
    assert row['status'] == 'complained'
    assert row['next'] == 'await-authority'
    kinds = [e['kind'] for e in p.json('log')['events']]
    assert kinds.count('export.made') == 4


def a_timeline_is_in_its_complaints_language(p):
    p.init()
    for name, authority, lang, words in (
            ('de/krankenhaus', 'de/bfdi', 'de', 'letzter Tag für die Antwort'),
            ('es/servicio-salud', 'es/aepa', 'es', 'último día para responder'),
            ('it/asl', 'it/gpdp', 'it', 'ultimo giorno per rispondere'),
            ('nl/huisarts', 'nl/ap', 'nl', 'laatste dag voor het antwoord'),
            ('nl/apotheek', 'nl/ap', 'en', 'last day for the answer')):
        one = p.json('statement', 'new', 'eu/access', '--to', name,
                     '--letter-lang', lang, '--on', '2026-03-05')['id']
        p.json('statement', 'sent', one, '--on', '2026-03-05')
        complaint = p.json('statement', 'new', 'eu/complaint', '--to',
                           authority, '--about', one, '--letter-lang', lang,
                           '--on', '2026-05-05')
        assert complaint['lang'] == lang
        out = p.path('dossier-' + name.replace('/', '-'))
        p.json('statement', 'complain', one, '-o', out, '--on', '2026-05-05')
        text = read(out, 'timeline.txt').decode()
        assert words in text, text
        assert lang == 'en' or 'last day' not in text, text


def a_complaint_is_not_sent_before_its_day(p):
    p.init()
    one = sent(p, '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    draft = new(p, template='fr/plainte-cnil', on='2026-03-20')
    assert show(p, draft)['about'] == one
    got = p.run('--json', 'statement', 'sent', draft, '--on', '2026-04-07')
    assert got.code == 1 and got.error()['from'] == '2026-04-08'
    p.json('statement', 'sent', draft, '--on', '2026-04-08')
    assert show(p, one)['status'] == 'complained'


def answers_to_answers(p):
    p.init()
    one = sent(p, '2026-03-05')
    p.json('statement', 'received', one, '--on', '2026-03-05')
    assert show(p, one, '--on', '2026-03-06')['answers'] == []
    p.json('statement', 'paused', one, '--on', '2026-03-10')
    ways = {a['id']: a for a in show(p, one, '--on', '2026-03-11')['answers']}
    assert set(ways) == {'identity', 'language'}
    draft = p.json(*ways['identity']['command'].split()[1:], '--on',
                   '2026-03-11')
    assert draft['template'] == 'fr/reponse-identite'
    assert draft['about'] == one and draft['recipient'] == 'fr/caisse'
    body = show(p, draft['id'], '--on', '2026-03-11')['body']
    assert '5 mars 2026' in body and '12 § 6' in body.replace('\xa0', ' ')
    text = p.ok('statement', 'show', one, '--on', '2026-03-11').text
    assert ways['identity']['command'] in text
    # an extension after the month changes nothing, and says so
    late = sent(p, '2026-03-05')
    p.json('statement', 'received', late, '--on', '2026-03-05')
    p.json('statement', 'extended', late, '--on', '2026-04-20')
    row = show(p, late, '--on', '2026-04-21')
    assert row['due']['on'] == '2026-04-07' and row['due']['late_extension']
    assert [a['template'] for a in row['answers']] == ['fr/reponse-delai']
    item = [i for i in p.json('due', '--on', '2026-04-21', code=14)['items']
            if i['statement'] == late][0]
    assert item['answers'] == row['answers']
    p.json('statement', 'answered', late, '--on', '2026-04-22', '--outcome',
           'partly')
    ways = {a['id']: a for a in show(p, late, '--on', '2026-04-22')['answers']}
    assert set(ways) == {'identity', 'refused', 'language', 'addressee'}
    got = p.json(*ways['refused']['command'].replace(
        'DIR', p.path('dossier')).split()[1:], '--on', '2026-04-22')
    assert got['statement']
    for name in ('language', 'addressee'):
        made = p.json(*ways[name]['command'].split()[1:])
        assert show(p, made['id'])['subject']
    p.json('statement', 'answered', late, '--on', '2026-04-23', '--outcome',
           'granted')
    assert show(p, late, '--on', '2026-04-23')['answers'] == []


def a_time_that_has_no_extension(p):
    """Eight days stay eight days, whatever is announced; and that is said."""
    p.init()
    file = sent(p, '2026-03-05', template='fr/dossier-acces', to='fr/hopital')
    p.json('statement', 'received', file, '--on', '2026-03-05')
    p.json('statement', 'extended', file, '--on', '2026-03-09')
    row = show(p, file, '--on', '2026-03-10')
    assert row['due']['on'] == '2026-03-13' and row['status'] == 'waiting'
    assert row['due']['no_extension'] and not row['due']['late_extension']
    assert row['due']['rule'].endswith("; it can't be extended"), row['due']
    assert [a['id'] for a in row['answers']] == ['no-extension']
    text = p.ok('statement', 'show', file, '--on', '2026-03-10').text
    assert 'knows no extension: it runs on' in text, text
    assert 'late' not in text.split('Madame')[0], text
    draft = p.json(*row['answers'][0]['command'].split()[1:], '--on',
                   '2026-03-10')
    assert draft['template'] == 'fr/reponse-delai'
    body = show(p, draft['id'], '--on', '2026-03-10')['body'].replace(
        '\xa0', ' ')
    assert 'ne prévoit pas de prolongation' in body
    assert '13 mars 2026' in body and 'RGPD)' in body
    # to the house that the request went to, not to its officer
    out = p.path('letter')
    p.json('statement', 'export', draft['id'], '-o', out, '--format', 'txt')
    text = read(out, [n for n in os.listdir(out)
                      if n.endswith('.txt')][0]).decode()
    assert 'directrice' in text and 'délégué' not in text, text
    # a reminder's days are a custom: nothing to answer, the clock runs on
    one = sent(p, '2026-03-05')
    reminder = p.json('statement', 'remind', one, '--on', '2026-04-10')['id']
    p.json('statement', 'sent', reminder, '--on', '2026-04-10')
    p.json('statement', 'extended', reminder, '--on', '2026-04-15')
    row = show(p, reminder, '--on', '2026-04-16')
    assert row['due']['no_extension'] and row['answers'] == []
    text = p.ok('statement', 'show', reminder, '--on', '2026-04-16').text
    assert 'no law extends these days' in text, text


def ones_own_letter_runs_the_same_clock(p):
    p.init()
    body = b'%PDF-1.4 not really one, but mine\n'
    letter = p.write('mon courrier.pdf', body)
    got = p.json('statement', 'record', '--to', 'fr/caisse', '--file', letter,
                 '--on', '2026-03-05', '--via', 'registered')
    assert got['status'] == 'sent' or got['status'] == 'overdue'
    one = got['id']
    p.json('statement', 'received', one, '--on', '2026-03-05')
    row = show(p, one, '--on', '2026-03-06')
    assert row['due']['on'] == '2026-04-07' and row['document']
    assert row['missing'] == [] and row['channel'] == 'registered'
    out, files = export(p, one, 'out')
    assert set(files) == {'original'}
    assert read(out, files['original']['path']) == body
    assert files['original']['path'].endswith('.pdf')
    assert p.json('show', row['document'])['type'] == 'letter'
    p.ok('remove', row['document'], '--purge')
    again = export(p, one, 'purged')  # what was sent stays
    assert read(again[0], again[1]['original']['path']) == body
    reminder = p.json('statement', 'remind', one, '--on', '2026-04-10')
    assert reminder['about'] == one
    got = p.json('statement', 'complain', one, '-o', p.path('dossier'),
                 '--on', '2026-04-10')
    assert any(read(p.path('dossier'), n) == body for n in
               os.listdir(p.path('dossier')))
    assert p.run('statement', 'record', '--to', 'fr/caisse').code == 2
    assert p.run('statement', 'record', '--to', 'nobody', '--file',
                 letter).code == 1


def ones_own_letter_is_what_it_is(p):
    """Its clock and its claim are those of the letter that is named."""
    p.init()
    letter = p.write('demande.txt', 'Je demande mon dossier.\n')
    on = ['--to', 'fr/hopital', '--file', letter, '--on', '2026-03-05']
    got = p.run('--json', 'statement', 'record', *on)
    assert got.code == 0 and 'taken for' in plain(got.said), got.said
    assert 'carnet statement templates' in plain(got.said)
    assert got.json()['template'] == 'fr/hopital-opposition'
    got = p.run('--json', 'statement', 'record', 'fr/dossier-acces', *on)
    assert got.code == 0 and 'taken for' not in got.said, got.said
    one = got.json()
    assert one['template'] == 'fr/dossier-acces'
    assert one['decision'] is None
    p.json('statement', 'received', one['id'], '--on', '2026-03-05')
    row = show(p, one['id'], '--on', '2026-03-06')
    assert row['due']['on'] == '2026-03-13', row['due']
    p.json('statement', 'complain', one['id'], '-o', p.path('dossier'),
           '--on', '2026-04-08')
    text = plain(read(p.path('dossier', 'complaint.txt')).decode())
    assert 'copie de mon dossier médical' in text, text
    assert 'opposition' not in text, text
    before = len(p.json('log')['events'])
    for words, code in ((['fr/nothing'], 1), (['fr/relance'], 1),
                        (['fr/plainte-cnil'], 1), (['fr/cada-saisine'], 1),
                        (['fr/reponse-langue'], 1),
                        (['fr/dossier-acces', 'fr/relance'], 2)):
        got = p.run('--json', 'statement', 'record', *words, *on)
        assert got.code == code, (words, got.code, got.said)
    assert len(p.json('log')['events']) == before


def a_refusal_sent_before_carnet_is_one(p):
    p.init()
    letter = p.write('refus.txt', 'Je refuse.\n')
    on = ['--file', letter, '--on', '2024-03-05']
    got = p.run('--json', 'statement', 'record', '--to', 'fr/hopital', *on)
    assert got.code == 0, got.said
    row = got.json()
    [decision] = p.json('consents', '--on', '2024-03-05')['decisions']
    assert row['decision'] == decision['id']
    assert decision['kind'] == 'refuse' and decision['scope'] == 'all'
    assert decision['made'] == '2024-03-05' and decision['purposes'] == []
    assert decision['proof'] == row['document'] and decision['basis']
    assert p.run('may', 'fr/hopital', '--on', '2024-03-04').code == 21
    assert p.run('may', 'fr/hopital', '--on', '2024-03-05').code == 20
    assert p.run('may', 'fr/hopital').code == 20
    # what stands already is the same refusal
    again = p.json('statement', 'record', '--to', 'fr/hopital', *on)
    assert again['decision'] == decision['id']
    # one that was taken back isn't
    p.ok('withdraw', decision['id'], '--on', '2025-01-01')
    later = p.json('statement', 'record', '--to', 'fr/hopital', '--file',
                   letter, '--on', '2025-02-01')
    assert later['decision'] not in (None, decision['id'])
    # a refusal of the platform is made known by the letter to the fund
    pds = p.json('refuse', 'fr/pds', '--on', '2024-01-02')['decisions'][0]
    fund = p.json('statement', 'record', '--to', 'fr/caisse', *on)
    assert fund['decision'] == pds['id']
    assert p.run('may', 'fr/caisse').code == 21
    # where nothing can be refused, there is no refusal
    count = len(p.json('consents', '--on', '2999-01-01')['decisions'])
    other = p.json('statement', 'record', 'gdpr/access', '--to', 'fr/cnil',
                   *on)
    assert other['decision'] is None
    assert p.run('--dry-run', 'statement', 'record', '--to', 'fr/dp',
                 *on).code == 0
    assert len(p.json('consents', '--on', '2999-01-01')[
        'decisions']) == count
    said = plain(p.ok('statement', 'record', '--to', 'fr/dp', *on).said)
    made = p.json('consents', '--recipient', 'fr/dp')['decisions'][0]['id']
    assert 'the refusal %s, of all purposes and data' % made in said, said


def calendar(path):
    import icalendar
    with open(path, 'rb') as file:
        read_back = icalendar.Calendar.from_ical(file.read())
    return {str(e['UID']): e for e in read_back.walk('VEVENT')}


def the_calendar_updates_and_cancels(p):
    try:
        import icalendar  # noqa: F401
    except ImportError as error:
        raise Skipped('python3-icalendar is not installed') from error
    p.init()
    one = sent(p, '2026-03-05')
    two = sent(p, '2026-03-06', template='fr/cnam-opposition')
    path = p.path('due.ics')
    p.json('due', '--ics', path, '--on', '2026-03-07')
    first = calendar(path)
    uid = '%s@carnet' % one
    assert set(first) == {uid, '%s@carnet' % two}
    event = first[uid]
    assert event['DTSTART'].dt.isoformat() == '2026-04-08'
    assert event['DTSTART'].params.get('VALUE') == 'DATE'
    assert int(event['SEQUENCE']) == 0 and event['STATUS'] == 'CONFIRMED'
    alarms = sorted(a['TRIGGER'].dt.days for a in event.walk('VALARM'))
    assert alarms == [-7, -1]
    raw = read(path)
    # every DTSTAMP is a time in UTC (RFC 5545, 3.8.7.2), 75 bytes a line
    stamps = re.findall(rb'^DTSTAMP:(.*)\r$', raw, re.M)
    assert stamps == [b'20260307T000000Z'] * 2, stamps
    assert max(len(line) for line in raw.split(b'\r\n')) <= 75
    assert event['DTSTAMP'].dt.isoformat() == '2026-03-07T00:00:00+00:00'
    assert b'Martin' not in raw and b'SNDS' not in raw
    assert "health insurance fund" in str(event['SUMMARY'])
    # the same again: nothing changes
    p.json('due', '--ics', path, '--on', '2026-03-07')
    assert read(path) == raw
    # moved, answered and closed
    p.json('statement', 'received', one, '--on', '2026-03-05')
    p.json('statement', 'answered', two, '--on', '2026-03-09', '--outcome',
           'granted')
    p.json('statement', 'closed', two, '--on', '2026-03-09')
    p.json('due', '--ics', path, '--on', '2026-03-10')
    second = calendar(path)
    assert second[uid]['DTSTART'].dt.isoformat() == '2026-04-07'
    assert int(second[uid]['SEQUENCE']) == 1
    gone = second['%s@carnet' % two]
    assert gone['STATUS'] == 'CANCELLED' and int(gone['SEQUENCE']) == 1
    assert not gone.walk('VALARM')
    p.json('due', '--ics', path, '--on', '2026-03-10')
    assert set(calendar(path)) == {uid}
    # a file that isn't carnet's stays
    mine = p.write('mine.ics', b'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n')
    assert p.run('due', '--ics', mine).code == 1
    assert read(mine).startswith(b'BEGIN:VCALENDAR\r\nEND')


def thunderbirds_parser_reads_the_calendar(p):
    """ical.js is what Thunderbird has: UIDs, days, stamps, alarms, and what
    was called off."""
    with npm_package('ical.js', node=True) as folder:
        p.init()
        one = sent(p, '2026-03-05')
        two = sent(p, '2026-03-06', template='fr/cnam-opposition')
        none = p.json('statement', 'new', 'us/restriction', '--to',
                      'us/provider', '--on', '2026-03-05')['id']
        p.json('statement', 'sent', none, '--on', '2026-03-05')
        path = p.path('due.ics')

        def written(on):
            p.json('due', '--ics', path, '--on', on)
            done = subprocess.run(
                ['node', os.path.join(os.path.dirname(
                    os.path.abspath(__file__)), 'read_calendar.mjs'), folder,
                 path], check=True, stdout=subprocess.PIPE)
            got = json.loads(done.stdout)
            assert got['version'] == '2.0', got
            return {e['uid']: e for e in got['events']}

        first = written('2026-03-07')
        assert set(first) == {i + '@carnet' for i in (one, two, none)}
        for event in first.values():
            assert event['whole_day'] and event['status'] == 'CONFIRMED'
            assert event['stamp'] == '2026-03-07T00:00:00Z', event
            assert event['utc'] == 'UTC' and event['sequence'] == 0
            assert sorted(a['days'] for a in event['alarms']) == [-7, -1]
            assert {a['action'] for a in event['alarms']} == {'DISPLAY'}
        assert first[one + '@carnet']['start'] == '2026-04-08'
        assert 'last day for an answer' in first[one + '@carnet']['summary']
        assert first[none + '@carnet']['start'] == '2026-04-06'
        assert "look again, no law's day" in first[none + '@carnet']['summary']
        p.json('statement', 'received', one, '--on', '2026-03-05')
        p.json('statement', 'answered', two, '--on', '2026-03-09',
               '--outcome', 'granted')
        p.json('statement', 'closed', two, '--on', '2026-03-09')
        second = written('2026-03-10')
        assert second[one + '@carnet']['start'] == '2026-04-07'
        assert second[one + '@carnet']['sequence'] == 1
        gone = second[two + '@carnet']
        assert gone['status'] == 'CANCELLED' and gone['sequence'] == 1
        assert gone['alarms'] == []


def dry_run_changes_nothing(p):
    p.init()
    one = new(p)
    events = p.json('log')['events']
    slip = p.write('slip.txt', 'x\n')
    for words in (['new', 'fr/snds-opposition'], ['sent', one, '--proof', slip],
                  ['export', one, '-o', p.path('out')],
                  ['record', '--to', 'fr/caisse', '--file', slip]):
        assert p.run('--dry-run', 'statement', *words).code == 0, words
    assert p.run('--dry-run', 'due', '--ics', p.path('x.ics')).code == 0
    assert p.json('log')['events'] == events
    assert not os.path.exists(p.path('out'))
    assert not os.path.exists(p.path('x.ics'))


def a_rebuilt_index_says_the_same(p):
    p.init()
    one = sent(p, '2026-03-05', '--proof', p.write('slip.txt', 'Preuve.\n'))
    p.json('due', '--ics', p.path('a.ics'), '--on', '2026-03-06')
    before = show(p, one, '--on', '2026-03-06')
    out, files = export(p, one, 'before')
    os.unlink(os.path.join(p.vault, 'index.db'))
    p.json('repair')
    assert show(p, one, '--on', '2026-03-06') == before
    again, same = export(p, one, 'after')
    assert {k: v['sha256'] for k, v in files.items()} == {
        k: v['sha256'] for k, v in same.items()}
    p.json('due', '--ics', p.path('b.ics'), '--on', '2026-03-06')
    assert read(p.path('a.ics')) == read(p.path('b.ics'))


def key_of_words(words, language):
    """A public key as minisign writes it, by BIP39 as others read it.  Not by
    to_entropy: it guesses the language anew, and some words are of two."""
    every = Mnemonic(language).wordlist
    bits = ''.join(format(every.index(unicodedata.normalize('NFKD', word)),
                          '011b') for word in words)
    key = int(bits[:256], 2).to_bytes(32, 'big')
    assert format(hashlib.sha256(key).digest()[0], '08b') == bits[256:]
    number = hashlib.blake2b(key, digest_size=32).digest()[:8]
    return base64.b64encode(b'Ed' + number + key).decode()


def pdf_text(path):
    return subprocess.run(['pdftotext', '-layout', path, '-'], check=True,
                          capture_output=True, text=True).stdout


def numbered(text):
    """The words that stand behind 1. to 24., in that order; a key that ends in
    a digit, before a full stop, is no number."""
    return [re.search(r'(?<!\S)%d\.\s+(\w+)' % n, text).group(1)
            for n in range(1, 25)]


def the_key_stands_on_the_letter_on_request(p):
    p.init()
    for lang, language, out in (('fr', 'french', 'lettre'),
                                ('en', 'english', 'letter')):
        one = p.json('statement', 'new', 'gdpr/objection', '--to', 'fr/cnam',
                     '--letter-lang', lang, '--via', 'registered')['id']
        folder, files = export(p, one, out, '--print-key')
        record = [name for name in os.listdir(folder)
                  if name.endswith('.record.json')][0]
        key = json.loads(read(folder, record))['public_key']
        pdf = os.path.join(folder, files['pdf']['path'])
        subprocess.run(['qpdf', '--check', pdf], check=True,
                       capture_output=True)
        html = re.sub(r'<[^>]*>', ' ', read(
            folder, files['html']['path']).decode())
        for text in (pdf_text(pdf), html,
                     read(folder, files['txt']['path']).decode()):
            assert key in text, (lang, text)
            assert key_of_words(numbered(text), language) == key, lang
        assert zbar(p, pdf) == key
        assert p.run('verify', folder).code == 0
        said = p.json('verify', folder, '--lang', lang)
        assert key_of_words(said['key_words'], language) == key
        shown = p.ok('verify', folder, '--words', '--lang', lang).text
        assert key_of_words(numbered(shown), language) == key
    without, files = export(p, one, 'without')
    assert key not in pdf_text(os.path.join(without, files['pdf']['path']))
    assert zbar(p, os.path.join(without, files['pdf']['path'])) == ''


def zbar(p, pdf):
    """What a stranger's reader of QR codes finds on the last page."""
    pages = int(re.search(r'Pages:\s+(\d+)', subprocess.run(
        ['pdfinfo', pdf], check=True, capture_output=True,
        text=True).stdout).group(1))
    picture = p.path('page')
    subprocess.run(['pdftoppm', '-r', '150', '-png', '-singlefile', '-f',
                    str(pages), pdf, picture], check=True)
    done = subprocess.run(['zbarimg', '-q', '--raw', picture + '.png'],
                          capture_output=True, text=True, check=False)
    assert done.returncode in (0, 4), done.stderr
    return done.stdout.strip()


def a_key_is_on_what_was_sent_or_not_at_all(p):
    p.init()
    one = new(p, '--via', 'registered')
    p.ok('statement', 'sent', one, '--print-key', '--on', '2026-01-03')
    folder, files = export(p, one, 'with')
    key = zbar(p, os.path.join(folder, files['pdf']['path']))
    assert len(key) == 56
    assert 'key' not in p.ok('statement', 'export', one, '--print-key', '-o',
                             p.path('again')).said
    other = sent(p, '2026-01-03')
    got = p.ok('statement', 'export', other, '--print-key', '-o',
               p.path('bare'))
    assert 'was sent without the key' in got.said
    # a form that takes 1500 characters keeps them for the message
    short = new(p)
    got = p.ok('statement', 'export', short, '--print-key', '-o',
               p.path('short'))
    assert 'limited length' in got.said
    text = [name for name in os.listdir(p.path('short'))
            if name.endswith('.txt')][0]
    assert key not in read(p.path('short'), text).decode()
    assert len(read(p.path('short'), text).decode()) <= 1500
    row = p.run('statement', 'show', one, '--print-key')
    assert row.code == 2


def a_reminder_says_whether_the_time_is_over(p):
    p.init()
    for template, to in (('fr/snds-opposition', None),
                         ('gdpr/objection', 'fr/cnam'),
                         ('fr/dossier-acces', 'fr/hopital')):
        one = sent(p, '2026-03-02', template=template, to=to)
        p.ok('statement', 'received', one, '--on', '2026-03-05')
        for on, over in (('2026-03-10', False), ('2026-04-20', True)):
            if template == 'fr/dossier-acces' and not over:
                on = '2026-03-09'
            draft = p.json('statement', 'remind', one, '--on', on)['id']
            for via in ('ameli', 'registered'):
                out, files = export(p, draft, '%s-%s-%s' % (one, on, via),
                                    '--via', via)
                text = ' '.join(read(
                    out, files['txt']['path']).decode().split())
                assert ('a pris fin' in text) == over, (template, via, text)
                assert ('dans le délai prévu' in text) != over, text
                assert ('quatorze jours' in text) == over, text
            p.ok('statement', 'sent', draft, '--on', on)
    for lang, ended in (('en', 'ended on'), ('de', 'abgelaufen'),
                        ('es', 'terminó'), ('it', 'scaduto'),
                        ('nl', 'verstreken')):
        for on, over in (('2026-03-10', False), ('2026-04-20', True)):
            made = p.json('statement', 'new', 'eu/reminder', '--to',
                          'fr/cnam', '--letter-lang', lang, '--about',
                          one_about(p), '--on', on)['id']
            assert (ended in show(p, made)['body']) == over, (lang, on)


def one_about(p):
    return [row['id'] for row in p.json('statement', 'list')['statements']
            if row['template'] == 'gdpr/objection'][0]


def nothing_plain_on_the_disk(p):
    p.init()
    sent(p, '2026-03-05', '--proof', p.write('slip.txt', 'Preuve.\n'))
    for path in files_below(p.vault):
        data = read(path)
        for word in (b'SNDS', b'Martin', b'caisse', b'%PDF'):
            assert word not in data, (path, word)


def fifty_drafts_are_quick(p):
    p.init()
    for _ in range(50):
        new(p)
    started = time.monotonic()
    assert len(p.json('due')['items']) == 50
    took = time.monotonic() - started
    # most of it is the passphrase; sanitizers and a busy machine are slow
    assert took < 10, took
    print('due with 50 drafts: %.2f s' % took)


if __name__ == '__main__':
    main([value for name, value in list(globals().items())
          if callable(value) and getattr(value, '__module__', '') == '__main__'
          and not name.startswith('_')
          and name not in ('sha256', 'new', 'show', 'sent', 'export', 'read',
                           'png', 'calendar', 'plain', 'cada', 'zbar', 'one_about',
                           'terminal')
          and 'p' == value.__code__.co_varnames[0]])
