# SPDX-License-Identifier: ISC
"""share, sign, verify, disclosures: against age, minisign and tar.
Usage: test_share.py CARNET"""
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile

from program import Skipped, main

BYTES = bytes(range(256)) * 700  # more than two chunks of age


def need(tool):
    if shutil.which(tool) is None:
        raise Skipped(tool + ' is missing')


def age_key(p):
    need('age')
    path = p.path('age.key')
    subprocess.run(['age-keygen', '-o', path], check=True,
                   capture_output=True)
    public = subprocess.run(['age-keygen', '-y', path], check=True,
                            capture_output=True, text=True).stdout.strip()
    return path, public


def one(p, name='a.bin', data=BYTES):
    p.init()
    return p.json('add', p.write(name, data))['added'][0]['id']


def age_opens_what_share_writes(p):
    key, public = age_key(p)
    other = p.path('other.key')
    subprocess.run(['age-keygen', '-o', other], check=True,
                   capture_output=True)
    document = one(p)
    out = p.path('a.age')
    got = p.json('share', document, '--to', public, '-o', out)
    assert got['documents'] == [document] and got['content'] == 'original'
    back = subprocess.run(['age', '-d', '-i', key, out], check=True,
                          capture_output=True).stdout
    assert back == BYTES
    assert subprocess.run(['age', '-d', '-i', other, out],
                          capture_output=True, check=False).returncode != 0
    assert os.stat(out).st_mode & 0o077 == 0


def several_recipients_and_documents(p):
    key, public = age_key(p)
    second = p.path('second.key')
    subprocess.run(['age-keygen', '-o', second], check=True,
                   capture_output=True)
    public2 = subprocess.run(['age-keygen', '-y', second], check=True,
                             capture_output=True, text=True).stdout.strip()
    p.init()
    long = 'é' * 70 + 'x' * 30 + '.txt'
    paths = [p.write(name, data) for name, data in
             [('a.txt', b'hello'), ('b.bin', BYTES), ('empty', b''),
              (long, b'long')]]
    ids = [item['id'] for item in p.json('add', *paths)['added']]
    out = p.path('all.age')
    p.json('share', *ids, '--to', public, '--to', public2, '-o', out)
    rows = p.json('disclosures')['disclosures']
    assert public in rows[0]['recipient'] and public2 in rows[0]['recipient']
    for identity in (key, second):
        tar = p.path('back.tar')
        with open(tar, 'wb') as file:
            subprocess.run(['age', '-d', '-i', identity, out], check=True,
                           stdout=file)
        with tarfile.open(tar) as archive:
            held = {m.name: archive.extractfile(m).read()
                    for m in archive.getmembers()}
        assert sorted(hashlib.sha256(v).digest() for v in held.values()) == \
            sorted(hashlib.sha256(v).digest()
                   for v in (b'hello', BYTES, b'', b'long'))
        assert any(name.endswith('.bin') for name in held)


def the_ledger_knows_what_left(p):
    _, public = age_key(p)
    document = one(p)
    p.json('share', document, '--to', public, '-o', p.path('a.age'))
    p.json('export', document, '-o', p.path('out'))
    rows = p.json('disclosures')['disclosures']
    assert [row['what'] for row in rows] == ['share', 'documents'], rows
    assert rows[0]['recipient'] == public and rows[0]['format'] == 'age'
    assert rows[0]['ids'] == [document]
    assert document in p.ok('disclosures').text


def a_signature_is_a_disclosure(p):
    """What was signed, by its name and digest, when; nothing without it."""
    p.init()
    path = p.write('lettre.pdf', b'%PDF-1.4 mine')
    digest = hashlib.sha256(b'%PDF-1.4 mine').hexdigest()
    assert p.json('--dry-run', 'sign', path)['public_key']
    assert p.json('disclosures')['disclosures'] == []
    p.json('sign', path)
    row, = p.json('disclosures')['disclosures']
    assert row['what'] == 'signature' and row['format'] == 'minisig'
    assert row['name'] == 'lettre.pdf' and row['sha256'] == digest
    assert row['ids'] == [] and row['at']
    text = p.ok('disclosures').text
    assert 'lettre.pdf' in text and digest[:12] in text
    # a signature that is there stays, and nothing more is written down
    with open(path + '.minisig', 'rb') as file:
        before = file.read()
    assert p.run('sign', path).code == 1
    with open(path + '.minisig', 'rb') as file:
        assert file.read() == before
    assert len(p.json('disclosures')['disclosures']) == 1
    p.ok('reindex')
    again, = p.json('disclosures')['disclosures']
    assert again == row


def a_passphrase_of_its_own(p):
    document = one(p)
    phrase = p.write('phrase', b'twelve plums\n', 0o600)
    p.json('--new-passphrase-file', phrase, 'share', document,
           '--passphrase', '-o', p.path('a.age'))
    with open(p.path('a.age'), 'rb') as file:
        head = file.read(200).split(b'\n')
    assert head[0] == b'age-encryption.org/v1'
    assert head[1].startswith(b'-> scrypt ') and head[1].endswith(b' 18')


def wrong_use_writes_nothing(p):
    document = one(p)
    out = p.path('a.age')
    bad = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q'
    good = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'
    for words, code in [
            ((document, '-o', out), 2), (('--to', good, '-o', out), 2),
            ((document, '--to', good), 2),
            ((document, '--to', good, '--passphrase', '-o', out), 2),
            ((document, '--to', bad, '-o', out), 1),
            (('dzzzz', '--to', good, '-o', out), 1),
            ((document, '--to', good, '-o', p.path('no', 'a.age')), 1)]:
        got = p.run('share', *words)
        assert got.code == code, (words, got.code, got.said)
        assert not os.path.exists(out)
    p.write('a.age', b'mine')
    assert p.run('share', document, '--to', good, '-o', out).code == 1
    with open(out, 'rb') as file:
        assert file.read() == b'mine'
    assert p.json('disclosures')['disclosures'] == []


def minisign_accepts_a_signature(p):
    need('minisign')
    p.init()
    path = p.write('lettre.txt', b'words')
    got = p.json('sign', path)
    assert got['signature'] == path + '.minisig'
    subprocess.run(['minisign', '-V', '-P', got['public_key'], '-m', path],
                   check=True, capture_output=True)
    with open(path, 'ab') as file:
        file.write(b'!')
    assert subprocess.run(
        ['minisign', '-V', '-P', got['public_key'], '-m', path],
        capture_output=True, check=False).returncode != 0


def verify_accepts_minisigns_own(p):
    need('minisign')
    public = p.path('key.pub')
    subprocess.run(['minisign', '-G', '-W', '-p', public, '-s',
                    p.path('key.sec')], check=True, capture_output=True)
    path = p.write('lettre.txt', b'words')
    subprocess.run(['minisign', '-S', '-s', p.path('key.sec'), '-m', path],
                   check=True, capture_output=True, input=b'')
    got = p.json('verify', path, '--key', public)  # and no vault
    assert got['ok'] and got['verdict'] == 'valid', got
    assert p.json('verify', path + '.minisig', '--key',
                  public)['verdict'] == 'valid'


def verify_lists_what_nobody_signed(p):
    p.init()
    one = p.json('refuse', 'fr/cnam')['statements'][0]['id']
    out = p.path('letters')
    p.json('statement', 'export', one, '-o', out, '--format', 'txt,record')
    assert p.json('verify', out)['unsigned'] == []
    assert 'not signed' not in p.ok('verify', out).text
    p.write(os.path.join(out, 'added.pdf'), b'%PDF')
    os.makedirs(os.path.join(out, 'proofs', 'deep'))
    p.write(os.path.join(out, 'proofs', 'deep', 'receipt.txt'), b'x')
    p.write(os.path.join(out, 'added.pdf.minisig'), b'not of a record')
    got = p.json('verify', out)
    assert got['ok'] and got['verdict'] == 'intact', got
    assert got['unsigned'] == ['added.pdf', 'added.pdf.minisig',
                               'proofs/deep/receipt.txt'], got
    assert all(f['path'] not in got['unsigned'] for f in got['files'])
    text = p.ok('verify', out).text
    assert 'proofs/deep/receipt.txt: not signed' in text, text
    # one record alone says nothing of the folder
    record = [f for f in os.listdir(out) if f.endswith('.record.json')][0]
    assert p.json('verify', os.path.join(out, record))['unsigned'] == []


def verify_says_no_more_than_it_knows(p):
    p.init()
    path = p.write('lettre.txt', b'words')
    key = p.json('sign', path)['public_key']
    assert p.json('verify', path, '--key', key)['verdict'] == 'valid'
    assert p.run('verify', path).code == 1  # no key: nothing to check with
    with open(path, 'wb') as file:
        file.write(b'Words')
    got = p.run('--json', 'verify', path, '--key', key)
    assert got.code == 26 and got.json()['verdict'] == 'changed', got.said
    assert got.json()['files'][0]['path'] == 'lettre.txt'
    assert p.run('verify', p.path('none')).code == 1
    assert p.run('verify', path, '--key', 'RWnonsense').code == 1


def a_signature_of_something_else_is_no_record(p):
    """Renamed beside a forged letter, it says nothing of it."""
    p.init()
    path = p.write('list.txt', b'{"format": "a list"}')
    key = p.json('sign', path)['public_key']
    folder = p.path('forged')
    os.makedirs(folder)
    name = os.path.join(folder, '1-refus.record.json')
    shutil.copy(path, name)
    shutil.copy(path + '.minisig', name + '.minisig')
    with open(os.path.join(folder, 'lettre.pdf'), 'wb') as file:
        file.write(b'forged')
    for what in (folder, name):
        got = p.run('--json', 'verify', what, '--key', key)
        assert got.code == 26 and got.json()['verdict'] == 'changed', what


def a_key_is_a_persons_and_stays(p):
    p.init()
    path = p.write('a', b'a')
    first = p.json('sign', path)['public_key']
    os.unlink(path + '.minisig')
    p.ok('person', 'add', 'Paul')
    second = p.json('--person', 'Paul', 'sign', path)['public_key']
    assert first != second
    p.ok('backup', p.path('backup'))
    p.ok('restore', p.path('backup'), '--to', p.path('again'))
    os.unlink(path + '.minisig')
    assert p.json('--vault', p.path('again'), 'sign',
                  path)['public_key'] == first


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',) and
          v not in (age_key, one)])
