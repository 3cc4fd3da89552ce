#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Decisions by the command line: recipients, refusals, consents, what is
taken back, and what they answer on a given day."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import main, watch  # noqa: E402

FUND = 'fr/snds-opposition'


def decisions(p):
    return p.json('consents', '--on', '2999-01-01')['decisions']


def counts(p):
    status = p.json('status')
    return status['decisions'], status['statements'], status['documents']


def may(p, *args):
    got = p.run('--json', 'may', *args)
    answer = got.json()
    assert {'permitted': 0, 'refused': 20,
            'unknown': 21}[answer['answer']] == got.code
    return answer


def refuse_pds(p):
    p.init('--no-recovery')
    p.ok('person', 'edit', 'Claire Martin', '--born', '1980-03-01',
         '--birthplace', 'Lyon', '--address', '1 rue A, 69003 Lyon')
    got = p.json('refuse', 'fr/pds', '--on', '2026-03-01')
    [decision] = got['decisions']
    assert decision['kind'] == 'refuse' and decision['scope'] == 'all'
    assert decision['purposes'] == [] and decision['supersedes'] is None
    assert any('L. 1461-7'.replace(' ', '\u00a0') in basis or
               'L. 1461-7' in basis for basis in decision['basis'])
    first = got['statements'][0]
    assert (first['template'], first['recipient'], first['channel']) == (
        FUND, 'fr/caisse', 'ameli')
    assert [s['template'] for s in got['statements']] == [
        FUND, 'fr/medecin-opposition', 'fr/pharmacie-opposition',
        'fr/hopital-opposition', 'fr/note-snds']
    for statement in got['statements']:
        assert statement['id'].startswith('s')
        assert statement['status'] in ('draft', 'ready')
        assert isinstance(statement['missing'], list)
    assert 'person.nir' in first['missing'] or first['status'] == 'ready'
    assert 'recipient.name' in got['statements'][1]['missing']


def refuse_cnam_is_a_letter_to_it(p):
    p.init('--no-recovery')
    got = p.json('refuse', 'fr/cnam')
    [statement] = got['statements']
    assert statement['recipient'] == 'fr/cnam'
    assert statement['channel'] == 'registered'
    assert statement['lang'] == 'fr'
    assert p.json('refuse', 'fr/cnam', '--letter-lang', 'en')[
        'statements'][0]['lang'] == 'en'


def the_fund_may_be_the_msa(p):
    p.init('--no-recovery')
    p.ok('recipient', 'edit', 'fr/msa', '--name', 'MSA Ain-Rhône')
    got = p.json('refuse', 'fr/pds')
    assert got['statements'][0]['template'] == 'fr/snds-opposition-msa'
    assert got['statements'][0]['recipient'] == 'fr/msa'
    assert got['statements'][0]['channel'] == 'registered'
    lifted = p.json('withdraw', got['decisions'][0]['id'])
    assert lifted['statements'][0]['template'] == 'fr/snds-levee-msa'
    # whoever names a fund has that one
    p.ok('recipient', 'edit', 'fr/caisse', '--name', 'CPAM du Rhône')
    assert p.json('refuse', 'fr/pds')['statements'][0]['template'] == FUND


def all_or_nothing(p):
    p.init('--no-recovery')
    before = counts(p)
    got = p.run('--json', 'refuse', 'fr/cnam', 'fr/psd')
    assert got.code == 1 and got.out == b''
    assert got.error()['code'] == 'not-found'
    assert 'fr/pds' in got.error()['hint']
    assert counts(p) == before
    got = p.run('--json', 'refuse', 'fr/cnam', 'fr/cnil')
    assert got.code == 1 and got.error()['code'] == 'invalid'
    assert counts(p) == before
    got = p.json('refuse', 'fr/cnam', 'fr/dp', 'fr/cnam')
    assert [d['recipient'] for d in got['decisions']] == ['fr/cnam', 'fr/dp']
    assert counts(p)[0] == 2


def again_supersedes(p):
    p.init('--no-recovery')
    one = p.json('refuse', 'fr/dp', '--on', '2026-01-10')
    two = p.json('refuse', 'fr/dp', '--on', '2026-02-10')
    old, new = one['decisions'][0], two['decisions'][0]
    assert new['supersedes'] == old['id'] and new['id'] != old['id']
    assert two['statements'][0]['id'] != one['statements'][0]['id']
    assert may(p, 'fr/dp', '--on', '2026-01-20')['decisions'] == [old['id']]
    assert may(p, 'fr/dp', '--on', '2026-03-01')['decisions'] == [new['id']]
    assert may(p, 'fr/dp', '--on', '2026-01-09')['answer'] == 'unknown'
    assert len(decisions(p)) == 2


def narrower_never_cancels_wider(p):
    p.init('--no-recovery')
    wide = p.json('refuse', 'fr/pds', '--on', '2026-01-01')['decisions'][0]
    for more in (['--purpose', 'research'], ['--scope', 'lab'],
                 ['--until', '2027-01-01']):
        narrow = p.json('refuse', 'fr/pds', '--on', '2026-02-01',
                        *more)['decisions'][0]
        assert narrow['supersedes'] is None, more
    assert wide['id'] in may(p, 'fr/pds', '--purpose', 'marketing', '--on',
                             '2028-01-01')['decisions']
    # a wider one takes the place of the newest that it covers
    wider = p.json('refuse', 'fr/pds', '--on', '2026-03-01')['decisions'][0]
    assert wider['supersedes'] is not None
    # a narrower consent does replace a wider one
    consent = p.json('allow', 'fr/dp', '--on', '2026-01-01')['decisions'][0]
    narrow = p.json('allow', 'fr/dp', '--purpose', 'care', '--on',
                    '2026-02-01')['decisions'][0]
    assert narrow['supersedes'] == consent['id']
    assert may(p, 'fr/dp', '--purpose', 'care', '--on',
               '2026-03-01')['answer'] == 'permitted'
    assert may(p, 'fr/dp', '--purpose', 'research', '--on',
               '2026-03-01')['answer'] == 'unknown'


def a_form_declined_is_no_objection(p):
    p.init('--no-recovery')
    got = p.json('refuse', 'fr/hopital', '--request', 'Formulaire EDS')
    decision = got['decisions'][0]
    assert decision['kind'] == 'decline'
    assert decision['request'] == 'Formulaire EDS'
    assert got['statements'][0]['template'] == 'gdpr/decline'
    assert may(p, 'fr/hopital')['answer'] == 'unknown'
    standing = p.json('refuse', 'fr/hopital')['decisions'][0]
    assert standing['kind'] == 'refuse' and standing['supersedes'] is None
    again = p.json('refuse', 'fr/hopital', '--request', 'Formulaire EDS')
    assert again['decisions'][0]['supersedes'] == decision['id']
    other = p.json('refuse', 'fr/hopital', '--request', 'Autre formulaire')
    assert other['decisions'][0]['supersedes'] is None


def proof_is_kept(p):
    p.init('--no-recovery')
    paper = p.write('preuve.txt', 'accusé de réception\n')
    decision = p.json('refuse', 'fr/dp', '--proof', paper)['decisions'][0]
    document = p.json('show', decision['proof'])
    assert document['type'] == 'proof'
    assert p.ok('cat', decision['proof']).out == 'accusé de réception\n'.encode()
    before = counts(p)
    for bad in (p.path('absent'), '/dev/zero', p.home):
        got = p.run('--json', 'refuse', 'fr/dp', '--proof', bad)
        assert got.code == 1 and got.out == b'', (bad, got.said)
    link = p.path('link')
    os.symlink(paper, link)
    assert p.run('refuse', 'fr/dp', '--proof', link).code == 1
    assert counts(p) == before


def dates_are_checked(p):
    p.init('--no-recovery')
    for bad in (['--from', '2026-05-01', '--until', '2026-04-01'],
                ['--from', '2026-02-30'],
                ['--on', '2026-05-01', '--until', '2026-04-30']):
        got = p.run('--json', 'refuse', 'fr/dp', *bad)
        assert got.code == 2 and got.error()['code'] == 'invalid', bad
    assert counts(p)[0] == 0
    p.ok('refuse', 'fr/dp', '--on', '2026-01-01', '--from', '2026-02-01',
         '--until', '2026-03-01')
    answers = [may(p, 'fr/dp', '--on', day)['answer'] for day in (
        '2026-01-31', '2026-02-01', '2026-03-01', '2026-03-02')]
    assert answers == ['unknown', 'refused', 'refused', 'unknown']


def withdrawing(p):
    p.init('--no-recovery')
    refusal = p.json('refuse', 'fr/pds', '--on', '2026-01-01')['decisions'][0]
    got = p.run('--json', 'withdraw', refusal['id'], '--on', '2025-12-31')
    assert got.code == 1, got.said
    got = p.run('--json', 'withdraw', refusal['id'][:6], '--on', '2026-02-01')
    assert got.code == 0, got.said
    assert 'sent' in got.said  # nobody has had the letters yet
    taken = got.json()
    back = taken['decisions'][0]
    assert back['kind'] == 'withdraw' and back['withdraws'] == refusal['id']
    assert taken['statements'][0]['template'] == 'fr/snds-levee'
    assert may(p, 'fr/pds', '--on', '2026-01-15')['answer'] == 'refused'
    assert may(p, 'fr/pds', '--on', '2026-02-01')['answer'] == 'unknown'
    for again in (refusal['id'], back['id']):
        got = p.run('--json', 'withdraw', again)
        assert got.code == 1 and got.error()['code'] == 'invalid'
    consent = p.json('allow', 'fr/dp', '--purpose', 'care', '--on',
                     '2026-01-01')['decisions'][0]
    got = p.json('withdraw', consent['id'], '--on', '2026-03-01')
    assert got['statements'][0]['template'] == 'gdpr/withdrawal'
    old = p.json('refuse', 'fr/dp', '--on', '2026-04-01')['decisions'][0]
    p.ok('refuse', 'fr/dp', '--on', '2026-05-01')
    assert p.run('withdraw', old['id'], '--on', '2026-06-01').code == 1
    assert p.run('--dry-run', 'withdraw', old['id'], '--on',
                 '2026-04-15').code == 0  # before it was replaced
    assert p.run('withdraw', 'cnever').code == 1
    # nothing was erased
    kinds = [d['kind'] for d in decisions(p)]
    assert sorted(kinds) == ['allow', 'refuse', 'refuse', 'refuse',
                             'withdraw', 'withdraw']


def consents_show_conflicts_and_ends(p):
    p.init('--no-recovery')
    allow = p.json('allow', 'fr/eds', '--purpose', 'research', '--on',
                   '2026-01-01')['decisions'][0]
    refuse = p.json('refuse', 'fr/eds', '--on', '2026-02-01', '--until',
                    '2026-03-31')['decisions'][0]
    got = p.json('consents', '--on', '2026-03-15')
    rows = {(r['recipient'], r['purpose']): r for r in got['consents']}
    row = rows['fr/eds', 'HRESCH']
    assert row['answer'] == 'refused' and row['conflict'] is True
    assert row['decisions'] == [refuse['id']] and row['until'] == '2026-03-31'
    assert rows['fr/eds', None]['conflict'] is True
    past = {(r['recipient'], r['purpose']): r for r in p.json(
        'consents', '--on', '2026-01-15')['consents']}
    assert past['fr/eds', 'HRESCH']['answer'] == 'permitted'
    assert past['fr/eds', 'HRESCH']['decisions'] == [allow['id']]
    assert past['fr/eds', 'HRESCH']['conflict'] is False
    held = {d['id']: d['holds'] for d in got['decisions']}
    assert held == {allow['id']: True, refuse['id']: True}
    text = p.ok('--lang', 'en', 'consents', '--on', '2026-03-15').text
    assert 'conflict' in text and 'health research' in text
    one = p.json('consents', '--recipient', 'fr/cnam')['consents']
    assert [(r['answer'], r['decisions']) for r in one] == [('unknown', [])]
    assert p.run('consents', '--recipient', 'fr/zzz').code == 1


def what_stands_against_it_is_said(p):
    p.init('--no-recovery')
    refuse = p.json('refuse', 'fr/eds', '--on', '2026-01-01')['decisions'][0]
    for more in (['--dry-run'], []):
        for form in (['--json'], []):
            got = p.run(*form, 'allow', 'fr/eds', '--purpose', 'research',
                        '--on', '2026-02-01', *more)
            assert got.code == 0, got.said
            said = ' '.join(got.said.split())
            assert said.count('carnet withdraw ' + refuse['id']) == 1, said
            assert 'still refused' in said, said
    assert may(p, 'fr/eds', '--purpose', 'research', '--on',
               '2026-02-02')['answer'] == 'refused'
    # a refusal that comes later: the consent doesn't end by itself
    allow = p.json('allow', 'fr/dp', '--purpose', 'CLINTRCH', '--on',
                   '2026-01-01')['decisions'][0]
    got = p.ok('refuse', 'fr/dp', '--purpose', 'research', '--on',
               '2026-02-01')
    said = ' '.join(got.said.split())
    assert 'carnet withdraw ' + allow['id'] in said, said
    assert 'the refusal counts' in said, said
    # what doesn't meet is no conflict
    p.ok('allow', 'fr/mes', '--purpose', 'care', '--on', '2026-01-01')
    got = p.ok('refuse', 'fr/mes', '--purpose', 'marketing', '--on',
               '2026-02-01')
    assert 'withdraw' not in got.said, got.said
    rows = {(r['recipient'], r['purpose']): r['conflict'] for r in p.json(
        'consents', '--on', '2026-02-02')['consents']}
    assert rows['fr/mes', None] is False, rows
    assert rows['fr/dp', None] is True and rows['fr/eds', None] is True
    # nor is what was taken back
    p.ok('withdraw', refuse['id'], '--on', '2026-03-01')
    got = p.ok('allow', 'fr/eds', '--purpose', 'care', '--on', '2026-03-02')
    assert 'withdraw' not in got.said, got.said


def may_is_careful(p):
    p.init('--no-recovery')
    assert may(p, 'fr/eds')['answer'] == 'unknown'
    assert p.run('may', 'fr/zzz').code == 1
    assert p.run('may').code == 2
    p.ok('refuse', 'fr/eds', '--purpose', 'Recherche Clinique')
    assert may(p, 'fr/eds', '--purpose', 'CLINTRCH')['answer'] == 'refused'
    # what is above a refused purpose is refused in part
    assert may(p, 'fr/eds', '--purpose', 'research')['answer'] == 'refused'
    assert may(p, 'fr/eds', '--purpose', 'care')['answer'] == 'unknown'
    # another body is another question
    assert may(p, 'fr/eds-aphp')['answer'] == 'unknown'
    # a consent is for the very purpose that it names, a part is no whole
    p.ok('allow', 'fr/etude', '--purpose', 'research')
    assert may(p, 'fr/etude', '--purpose', 'HRESCH')['answer'] == 'permitted'
    assert may(p, 'fr/etude', '--purpose', 'CLINTRCH')['answer'] == 'unknown'
    assert may(p, 'fr/etude', '--purpose', 'research', '--purpose',
               'marketing')['answer'] == 'unknown'
    p.ok('allow', 'fr/dp', '--scope', 'lab')
    assert may(p, 'fr/dp')['answer'] == 'unknown'


def purposes_are_a_vocabulary(p):
    p.init('--no-recovery')
    for typed in ('research', 'RESEARCH', 'recherche', 'hresch',
                  'recherche en sante'):
        got = p.json('refuse', 'fr/dp', '--purpose', typed, '--dry-run')
        assert got['decisions'][0]['purposes'] == ['HRESCH'], typed
    got = p.json('refuse', 'fr/dp', '--purpose', 'research', '--purpose',
                 'HRESCH', '--purpose', 'marketing', '--dry-run')
    assert got['decisions'][0]['purposes'] == ['HRESCH', 'Marketing']
    for verb in (['refuse', 'fr/dp'], ['may', 'fr/dp']):
        got = p.run('--json', *verb, '--purpose', 'resarch')
        assert got.code == 2 and 'research' in got.error()['hint']
        assert 'resarch' not in got.error()['message']


def scopes_are_read_and_stored(p):
    p.init('--no-recovery')
    doc = p.json('add', p.write('a.txt', b'text'))['added'][0]['id']
    for typed, stored in (
            ('all', 'all'), ('lab,imaging', 'lab; imaging'),
            ('lab, lab', 'lab'), (doc[:6], doc),
            ('lab; 2019..2021', 'lab; 2019-01-01..2021-12-31'),
            ('2020-02..', '2020-02-01..'), ('..2020-02', '..2020-02-29'),
            ('query: diabète, type 2', 'query:diabète, type 2'),
            ("l'étude Constances, volet 2",
             "text:l'étude Constances, volet 2")):
        got = p.json('refuse', 'fr/etude', '--scope', typed)
        assert got['decisions'][0]['scope'] == stored, typed
    before = counts(p)
    for bad in ('labb', '', ' ', '2021..2019', '2019-13..', '..', 'query:',
                'd22222', '2019..2020; 2021..2022', 'a\x1bb'):
        got = p.run('--json', 'refuse', 'fr/etude', '--scope', bad)
        assert got.code in (1, 2) and got.out == b'', (bad, got.code)
    assert counts(p) == before


def scope_is_said_in_words_in_the_letter(p):
    p.init('--no-recovery')
    doc = p.json('add', p.write('secret.txt', b'text'))['added'][0]['id']
    got = p.json('refuse', 'fr/dp', '--purpose', 'research', '--scope',
                 'lab, %s, 2019..2021' % doc)
    shown = p.run('--json', 'statement', 'show', got['statements'][0]['id'])
    if shown.code == 2:
        return  # without the verb statement; its words: test_scope.c
    body = shown.json()['body'].replace('\u00a0', ' ')
    assert "résultats d" in body and '1er janvier 2019' in body
    assert doc not in body and 'secret' not in body


def bad_words_write_nothing(p):
    p.init('--no-recovery')
    before = counts(p)
    for bad in (['--reason', 'x' * 2001], ['--reason', 'a\x07b'],
                ['--request', 'f' * 501], ['--request', 'a\nb'],
                ['--reason', ''], ['--reason', 'a\u202eb'],
                ['--letter-lang', 'xx']):
        got = p.run('--json', 'refuse', 'fr/dp', *bad)
        assert got.code == 2 and got.out == b'', bad
    assert p.run('refuse', 'fr/dp', '--reason', b'\xff\xfe').code == 2
    assert counts(p) == before
    reason = 'עברית e\u0301 \U0001f600 {{decision.scope}} **gras**\nligne'
    got = p.json('refuse', 'fr/dp', '--reason', reason)
    assert got['decisions'][0]['reason'] == reason


def dry_run_writes_nothing(p):
    p.init('--no-recovery')
    paper = p.write('preuve.txt', 'x')
    before = counts(p)
    got = p.json('--dry-run', 'refuse', 'fr/pds', '--proof', paper)
    assert got['dry_run'] is True
    assert got['decisions'][0]['id'] is None
    assert [s['template'] for s in got['statements']][0] == FUND
    p.json('--dry-run', 'recipient', 'add', 'me/x-y', '--name', 'X')
    assert p.run('recipient', 'show', 'me/x-y').code == 1
    assert p.run('--dry-run', 'refuse', 'fr/pds', '--proof',
                 p.path('absent')).code == 1
    assert counts(p) == before
    decision = p.json('refuse', 'fr/dp')['decisions'][0]['id']
    assert p.json('--dry-run', 'withdraw', decision)[
        'decisions'][0]['kind'] == 'withdraw'
    assert may(p, 'fr/dp')['answer'] == 'refused'


def recipients(p):
    # the catalogue can be read before there is a vault
    ids = [r['id'] for r in p.json('recipient', 'list')['recipients']]
    assert {'fr/caisse', 'fr/pds', 'fr/mes', 'fr/cnil'} <= set(ids)
    p.init('--no-recovery')
    found = p.json('--lang', 'fr', 'recipient', 'list',
                   'PLATEFORME DES DONNEES')
    assert 'fr/pds' in [r['id'] for r in found['recipients']]
    assert p.json('recipient', 'list', 'zzz')['recipients'] == []
    p.ok('recipient', 'edit', 'fr/caisse', '--name', 'CPAM du Rhône',
         '--address', '69907 Lyon Cedex 20', '--region', 'FR-69')
    shown = p.json('recipient', 'show', 'fr/caisse')['recipient']
    assert shown['name'] == 'CPAM du Rhône' and shown['named'] is True
    assert shown['channels'][0] == 'ameli' and shown['sources']
    p.ok('recipient', 'edit', 'fr/caisse', '--address', '')
    shown = p.json('recipient', 'show', 'fr/caisse')['recipient']
    assert shown['address'] is None and shown['name'] == 'CPAM du Rhône'
    text = p.ok('recipient', 'show', 'fr/pds').text
    assert 'fr/snds-opposition' in text and 'Limits:' in text
    assert 'Channels:' in text and 'Sources:' in text
    p.ok('recipient', 'add', 'me/dr-durand', '--name', 'Dr Durand',
         '--country', 'FR')
    assert p.run('recipient', 'add', 'me/dr-durand', '--name', 'X').code == 1
    for template, verb in (('gdpr/objection', ['refuse']),
                           ('gdpr/consent', ['allow', '--purpose', 'care']),
                           ('gdpr/decline', ['refuse', '--request', 'F'])):
        got = p.json(verb[0], 'me/dr-durand', *verb[1:])
        assert got['statements'][0]['template'] == template
        assert got['statements'][0]['lang'] == 'fr'
    assert p.json('recipient', 'list', 'durand')['recipients'][0]['own']
    p.ok('recipient', 'edit', 'me/dr-durand', '--name', 'Docteur Durand')


def recipients_refuse_bad_input(p):
    p.init('--no-recovery')
    for bad in (['add', 'fr/new', '--name', 'X'], ['add', 'me/x-y'],
                ['add', 'Me/X', '--name', 'X'], ['add', '../x', '--name', 'X'],
                ['add', 'me/x-y', '--name', 'n' * 501],
                ['add', 'me/x-y', '--name', 'a\nb'],
                ['add', 'me/x-y', '--name', 'a\u202eb'],
                ['add', 'me/x-y', '--name', 'X', '--country', 'France'],
                ['add', 'me/x-y', '--name', 'X', '--email', 'nobody'],
                ['edit', 'fr/caisse'], ['edit', 'fr/zzz', '--name', 'X'],
                ['edit', 'fr/caisse', '--region', 'Alsace'],
                ['edit', 'fr/caisse', '--address', 'a\x1b[2Jb'], ['burn']):
        got = p.run('--json', 'recipient', *bad)
        assert got.code in (1, 2) and got.out == b'', (bad, got.code)
    assert p.run('recipient', 'show', 'me/x-y').code == 1
    p.ok('recipient', 'add', 'me/x-y', '--name', 'é' * 500)


def a_child_and_who_signs(p):
    p.init('--no-recovery')
    paper = p.json('add', p.write('livret.txt', b'livret'))['added'][0]['id']
    p.ok('person', 'add', 'Léo Martin', '--born', '2010-06-01')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Léo Martin',
         '--as', 'parent', '--proof', paper)
    child = ['--person', 'Léo Martin']
    got = p.run('--json', *child, 'refuse', 'fr/dp', '--on', '2028-05-31')
    assert got.code == 0 and '18' not in got.said
    assert got.json()['decisions'][0]['person'] == 'Léo Martin'
    got = p.run('--json', *child, 'refuse', 'fr/dp', '--on', '2028-06-01')
    assert got.code == 0 and '18' in got.said
    assert 'nobody' in p.run('--lang', 'en', *child, 'refuse', 'fr/abm',
                             '--on', '2026-01-01').said
    assert may(p, 'fr/dp', '--on', '2029-01-01')['answer'] == 'unknown'
    assert may(p, *child, 'fr/dp', '--on', '2029-01-01')[
        'answer'] == 'refused'
    # the withdrawal is the child's as well, whoever asks
    decision = p.json(*child, 'consents')['decisions'][0]['id']
    back = p.json('withdraw', decision, '--on', '2028-05-31')
    assert back['decisions'][0]['person'] == 'Léo Martin'


def at_a_terminal(p, answers, *args):
    """Runs carnet on a terminal of its own; (exit code, what was shown)."""
    waiting = list(answers)

    def answer(shown):
        asked = shown.count(b'N/q]') + shown.count(b'y/N]')
        typed = b''
        while waiting and asked > len(answers) - len(waiting):
            typed += waiting.pop(0).encode() + b'\n'
        return typed

    return watch(p, 80, *args, answer=answer)


def a_country_asks_at_a_terminal(p):
    p.init('--no-recovery')
    got = p.run('refuse', 'fr')
    assert got.code == 2 and 'terminal' in got.said
    got = p.run('--json', 'refuse', 'fr')
    assert got.code == 2 and got.error()['code'] == 'invalid'
    assert counts(p)[:2] == (0, 0)
    code, shown = at_a_terminal(
        p, ['y', 'n', '', 'n', 'n', 'o', 'n', 'y'], '--lang', 'en',
        'refuse', 'fr')
    assert code == 0, shown
    # the platform (five statements) and the pharmaceutical record (one)
    assert [d['recipient'] for d in decisions(p)] == ['fr/dp', 'fr/pds']
    assert counts(p)[:2] == (2, 6) and '6 statements' in shown
    assert 'carnet statement export' in shown
    before = counts(p)
    code, shown = at_a_terminal(p, ['y', 'q'], '--lang', 'en', 'refuse', 'fr')
    assert code == 130 and 'nothing was recorded' in shown
    code, shown = at_a_terminal(p, ['n'] * 7, '--lang', 'en', 'refuse', 'fr')
    assert code == 0
    code, shown = at_a_terminal(p, ['y'] + ['n'] * 7, '--lang', 'en',
                                'refuse', 'fr')
    assert code == 130
    assert counts(p) == before
    # where the catalogue ranks no body, it asks about all that it has
    code, shown = at_a_terminal(p, ['n', 'y', 'y'], '--lang', 'en',
                                'refuse', 'de')
    assert code == 0 and 'de/kasse' in shown, shown
    assert [d['recipient'] for d in decisions(p)
            if d['recipient'].startswith('de/')] == ['de/krankenhaus']
    before = counts(p)
    code, shown = at_a_terminal(p, [], '--lang', 'en', 'refuse', 'at')
    assert code == 2 and 'recipient add me/NAME' in shown, (code, shown)
    assert counts(p) == before


def the_index_built_again_says_the_same(p):
    p.init('--no-recovery')
    p.ok('refuse', 'fr/pds', '--purpose', 'research', '--scope', 'lab')
    p.ok('allow', 'fr/dp', '--purpose', 'care', '--until', '2999-01-01')
    before = p.json('consents')
    os.unlink(os.path.join(p.vault, 'index.db'))
    p.ok('repair')
    assert p.json('consents') == before


main([
    refuse_pds, refuse_cnam_is_a_letter_to_it, the_fund_may_be_the_msa,
    all_or_nothing, again_supersedes, narrower_never_cancels_wider,
    a_form_declined_is_no_objection, proof_is_kept, dates_are_checked,
    withdrawing, consents_show_conflicts_and_ends,
    what_stands_against_it_is_said, may_is_careful,
    purposes_are_a_vocabulary, scopes_are_read_and_stored,
    scope_is_said_in_words_in_the_letter, bad_words_write_nothing,
    dry_run_writes_nothing, recipients, recipients_refuse_bad_input,
    a_child_and_who_signs, a_country_asks_at_a_terminal,
    the_index_built_again_says_the_same])
