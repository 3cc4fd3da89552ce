#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Documents by the command line: in, found, described, out again bit for
bit, and every kind of file that must be refused by name."""
import hashlib
import json
import os
import random
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import PASSPHRASE, files_below, main  # noqa: E402


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def init_says_what_was_made(p):
    made = p.init('--born', '1980-02-29')
    assert set(made) == {'vault', 'id', 'person', 'recovery_words', 'kdf'}
    assert made['vault'] == p.vault and made['person'] == 'Claire Martin'
    assert len(made['recovery_words']) == 15
    assert made['kdf'] == {'alg': 'argon2id', 'ops': 2, 'mem_kib': 65536}
    again = p.run('--json', 'init', '--person', 'X', '--kdf', 'interactive')
    assert again.code == 1 and again.error()['code'] == 'exists'
    assert again.out == b''


def init_without_recovery_has_no_words(p):
    assert 'recovery_words' not in p.init('--no-recovery')


def init_refuses_what_cannot_be(p):
    for bad in (['--born', '2026-02-30'], ['--born', '2999-01-01'],
                ['--kdf', 'weak'], ['--person', ''], ['--bogus'],
                ['--person', 'x' * 501]):
        assert p.run('init', *bad).code == 2, bad
        assert not os.path.exists(os.path.join(p.vault, 'carnet.head'))
    os.makedirs(p.vault)
    p.write(p.path('vault', 'photo.jpg'), b'mine')
    assert p.run('init', '--kdf', 'interactive').code == 1
    assert open(p.path('vault', 'photo.jpg'), 'rb').read() == b'mine'


def no_vault_is_10(p):
    for verb in (['list'], ['add', p.secret], ['check'], ['repair'],
                 ['status'], ['key', 'list'], ['log']):
        got = p.run('--json', *verb)
        assert got.code == 10, (verb, got.code)
        assert got.error()['code'] == 'no-vault'
    alone = p.run()
    assert alone.code == 0 and 'carnet init' in alone.text


def add_and_get_back(p):
    p.init()
    body = 'Ferritine : 12,5 µg/L. Œdème léger du cœur.\n'.encode()
    path = p.write('bilan.txt', body)
    one = p.json('add', path, '--title', 'Bilan', '--type', 'lab', '--date',
                 '2026-01-12', '--tag', 'sang', '--tag', 'bilan')
    added = one['added'][0]
    assert set(added) == {'id', 'title', 'type', 'date', 'size', 'path',
                          'facts', 'duplicate_of', 'unread', 'flags'}
    assert one['failed'] == [] and one['bytes'] == len(body)
    assert one['new_bytes'] > 0
    assert added['duplicate_of'] is None and added['unread'] is None
    assert (added['title'], added['type'], added['date']) == (
        'Bilan', 'lab', '2026-01-12')
    assert p.ok('cat', added['id']).out == body
    shown = p.json('show', added['id'][:6])
    assert shown['sha256'] == sha256(body) and shown['size'] == len(body)
    assert shown['tags'] == ['bilan', 'sang']
    assert 'Ferritine' in shown['text'] and shown['person'] == 'Claire Martin'
    assert {'added_at', 'source', 'facts', 'unread', 'flags', 'parts',
            'parent'} <= set(shown)


def the_same_twice_costs_nothing(p):
    p.init()
    path = p.write('a.bin', os.urandom(100_000))
    first = p.json('add', path)['added'][0]['id']
    again = p.json('add', path)
    assert again['added'][0]['duplicate_of'] == first
    assert again['new_bytes'] == 0
    assert len(p.json('list')['documents']) == 1
    before = len(p.json('log')['events'])
    p.json('add', path)
    assert len(p.json('log')['events']) == before


def any_name_and_any_size(p):
    p.init()
    folder = p.path('in')
    os.makedirs(folder)
    names = [b'-leading', b'new\nline', b'\xff\xfebroken', b'x' * 255,
             'été œuvre.txt'.encode(), '\u202egnp.exe'.encode(), b' blank ',
             b'\x1b[31mred', b'a"b\\c']
    wanted = {}
    for i, name in enumerate(names):
        data = b'file %d' % i
        with open(os.path.join(os.fsencode(folder), name), 'wb') as f:
            f.write(data)
        wanted[sha256(data)] = name
    p.write(p.path('in', 'empty'), b'')
    wanted[sha256(b'')] = b'empty'
    big = random.Random(7).randbytes(24 << 20)
    p.write(p.path('in', 'big.bin'), big)
    wanted[sha256(big)] = b'big.bin'
    result = p.json('add', folder)
    assert len(result['added']) == len(wanted) and result['failed'] == []
    for one in result['added']:
        shown = p.json('show', one['id'])
        assert shown['sha256'] in wanted
    out = p.path('out')
    p.ok('export', '--all', '-o', out)
    manifest = json.load(open(os.path.join(out, 'manifest.json')))
    assert len(manifest['files']) == len(wanted)
    for entry in manifest['files']:
        data = open(os.path.join(out, entry['file']), 'rb').read()
        assert sha256(data) == entry['sha256'] and entry['sha256'] in wanted
    listing = p.ok('list').out + p.ok('show', result['added'][0]['id']).out
    assert b'\x1b' not in listing and '\u202e'.encode() not in listing


def folders_forty_deep(p):
    p.init()
    folder = p.path('deep')
    for i in range(40):
        folder = os.path.join(folder, 'level%02d' % i)
    os.makedirs(folder)
    p.write(os.path.join(folder, 'leaf.txt'), b'deep down')
    result = p.json('add', p.path('deep'))
    assert [a['path'].count('/level') for a in result['added']] == [40]


def links_and_special_files_are_refused(p):
    p.init()
    folder = p.path('odd')
    os.makedirs(folder)
    p.write(os.path.join(folder, 'good.txt'), b'good')
    os.symlink('good.txt', os.path.join(folder, 'link'))
    os.symlink('nowhere', os.path.join(folder, 'dangling'))
    os.mkfifo(os.path.join(folder, 'fifo'))
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.path.join(folder, 'sock'))
        got = p.run('--json', 'add', folder, timeout=60)
    assert got.code == 3, got.said
    result = got.json()
    assert [os.path.basename(a['path']) for a in result['added']] == [
        'good.txt']
    failed = {os.path.basename(f['path']): f for f in result['failed']}
    assert set(failed) == {'link', 'dangling', 'fifo', 'sock'}
    for one in failed.values():
        assert set(one) == {'path', 'code', 'message'} and one['message']
    missing = p.run('--json', 'add', p.path('absent'))
    assert missing.code in (1, 3)
    # as other programs have it; the folder behind it is added all the same
    got = p.run('--json', 'add', '-r', folder, cwd=folder)
    assert got.code == 3 and len(got.json()['added']) == 1
    assert 'option' in [f['message'] for f in got.json()['failed']
                        if f['path'] == '-r'][0]
    p.write(os.path.join(folder, '-r'), b'a file of that name')
    got = p.run('--json', 'add', '-r', cwd=folder)
    assert got.code == 0 and len(got.json()['added']) == 1


def standard_input(p):
    p.init()
    one = p.json('add', '-', '--title', 'tapé', stdin=b'from a pipe')
    assert p.ok('cat', one['added'][0]['id']).out == b'from a pipe'


def no_read_leaves_nothing_pending(p):
    p.init()
    path = p.write('a.txt', b'zanzibar')
    one = p.json('add', '--no-read', path)['added'][0]
    p.json('add', p.write('b.txt', b'other'))
    assert p.json('search', 'zanzibar')['documents'] == []
    assert p.json('show', one['id'])['text'] is None


def move_deletes_only_what_is_stored(p):
    p.init()
    path = p.write('a.txt', b'moved')
    one = p.json('add', '--move', path)['added'][0]
    assert not os.path.exists(path)
    assert p.ok('cat', one['id']).out == b'moved'


def search_folds_accents_case_and_ligatures(p):
    p.init()
    p.json('add', p.write('a.txt', 'Œdème du cœur, CÉPHALÉE tenace.'),
           '--date', '2025-03-01', '--type', 'report')
    p.json('add', p.write('b.txt', 'Ferritine basse, ferrique.'),
           '--date', '2024-05-06', '--type', 'lab', '--tag', 'sang')
    for query, count in (
            ('oedeme', 1), ('œdème', 1), ('COEUR', 1), ('cephalee', 1),
            ('céphalée tenace', 1), ('"oedeme du coeur"', 1),
            ('"coeur du oedeme"', 0), ('ferr*', 1), ('ferritine type:lab', 1),
            ('ferritine type:report', 0), ('type:lab', 1), ('tag:sang', 1),
            ('from:2025', 1), ('to:2024', 1), ('from:2024 to:2026', 2),
            ('absent', 0), ('ferritine from:2024-05 to:2024-05', 1)):
        found = p.json('search', query)['documents']
        assert len(found) == count, (query, found)
    hit = p.json('search', 'ferritine')['documents'][0]
    assert set(hit) >= {'id', 'title', 'type', 'date', 'size', 'tags',
                        'person', 'snippet'}
    for hostile in ('"', '""', '*', 'a"b', 'NEAR(', 'AND OR NOT', "'; DROP",
                    '(((', 'title:x', '-x', '\\', 'x' * 3000):
        assert p.run('--json', 'search', hostile).code == 0, hostile
    assert p.run('search', 'from:2024-13').code == 1
    assert p.run('search').code == 2


def descriptions_change_and_stay(p):
    p.init()
    doc = p.json('add', p.write('a.txt', b'text'))['added'][0]['id']
    p.ok('edit', doc, '--title', 'Nouveau titre', '--type', 'letter',
         '--date', '2020-02-29')
    p.ok('tag', doc, '+cardio', 'urgent')
    p.ok('tag', doc, '-urgent', '+suivi')
    p.ok('note', doc, 'vu', 'avec', 'le', 'médecin')
    shown = p.json('show', doc)
    assert shown['title'] == 'Nouveau titre' and shown['type'] == 'letter'
    assert shown['date'] == '2020-02-29'
    assert shown['tags'] == ['cardio', 'suivi']
    assert shown['notes'][0]['text'] == 'vu avec le médecin'
    assert len(p.json('search', 'medecin')['documents']) == 1
    assert len(p.json('search', 'nouveau')['documents']) == 1
    assert p.run('edit', doc, '--type', 'nonsense').code == 2
    assert p.run('edit', doc).code == 2
    assert p.run('--json', 'edit', 'dzzzzz', '--title', 'x').error()[
        'code'] == 'not-found'


def trash_and_back(p):
    p.init()
    doc = p.json('add', p.write('a.txt', b'text'))['added'][0]['id']
    p.ok('remove', doc)
    assert p.json('list')['documents'] == []
    assert p.json('search', 'text')['documents'] == []
    assert p.json('trash')['documents'][0]['id'] == doc
    p.ok('trash', 'restore', doc)
    assert p.json('list')['documents'][0]['id'] == doc


def purge_erases_and_says_so(p):
    p.init()
    keep = p.json('add', p.write('k.txt', b'kept text'))['added'][0]['id']
    doc = p.json('add', p.write('a.txt', b'doomed words'))['added'][0]['id']
    p.ok('note', doc, 'doomed note')
    gone = p.json('remove', doc, '--purge')
    assert gone['purged'] is True
    assert p.run('show', doc).code == 1
    assert p.json('search', 'doomed')['documents'] == []
    assert p.json('trash')['documents'] == []
    assert p.ok('cat', keep).out == b'kept text'
    assert p.json('check', '--read-data')['ok'] is True
    assert p.json('log', '--verify')['ok'] is True
    again = p.json('add', p.path('a.txt'))
    assert again['new_bytes'] > 0 and again['added'][0]['duplicate_of'] is None


def purge_spares_what_others_share(p):
    p.init()
    p.ok('person', 'add', 'Paul Martin')
    path = p.write('a.txt', b'shared by two')
    mine = p.json('add', path)['added'][0]['id']
    his = p.json('--person', 'Paul Martin', 'add', path)['added'][0]['id']
    assert mine != his
    p.ok('remove', mine, '--purge')
    assert p.ok('cat', his).out == b'shared by two'
    assert p.json('check', '--read-data')['ok'] is True


def export_refuses_what_holds_something(p):
    p.init()
    p.json('add', p.write('a.txt', b'text'))
    out = p.path('out')
    os.makedirs(out)
    p.write(os.path.join(out, 'mine'), b'x')
    assert p.run('export', '--all', '-o', out).code == 1
    assert os.listdir(out) == ['mine']
    assert p.run('export', '--all').code == 2
    assert p.run('export', '-o', out).code == 2


def export_keeps_out_of_the_cloud(p):
    p.init()
    p.json('add', p.write('a.txt', b'text'))
    cloud = os.path.join(p.home, 'Dropbox')
    os.makedirs(os.path.join(cloud, 'sub'))
    os.makedirs(os.path.join(p.home, '.dropbox'))
    p.write(os.path.join(p.home, '.dropbox', 'info.json'), json.dumps(
        {'personal': {'path': cloud, 'host': 1}}))
    for where in (cloud, os.path.join(cloud, 'sub', 'new')):
        got = p.run('--json', 'export', '--all', '-o', where)
        assert got.code == 13, got.said
        assert got.error()['code'] == 'guard'
    assert list(files_below(cloud)) == []
    assert p.run('--vault', os.path.join(cloud, 'v'), 'init', '--kdf',
                 'interactive').code == 13
    p.ok('export', '--all', '-o', os.path.join(p.home, 'elsewhere'))


def one_json_document_each(p):
    p.init()
    p.json('add', p.write('a.txt', b'text'))
    for verb in (['list'], ['search', 'text'], ['person', 'list'],
                 ['key', 'list'], ['check'], ['log'], ['log', '--verify'],
                 ['trash'], ['repair'], ['--version'], ['status']):
        got = p.run('--json', *verb)
        assert got.code == 0, (verb, got.said)
        assert got.out.count(b'\n') == 1
        json.loads(got.out)
    lines = p.ok('--json', 'list', '--ndjson').text.splitlines()
    assert [json.loads(x)['title'] for x in lines] == ['text']


def wrong_usage_is_2(p):
    p.init()
    for verb in (['lst'], ['list', '--nope'], ['list', '--since', 'soon'],
                 ['list', '--limit', 'x'], ['add'], ['cat'], ['tag', 'd'],
                 ['key', 'frob'], ['--lang', 'de', 'list']):
        got = p.run(*verb)
        assert got.code in (1, 2), (verb, got.code)
        assert got.said.startswith('carnet:'), got.said
    assert p.run('lst').code == 2 and 'carnet list' in p.run('lst').said
    assert p.run('list', '--help').code == 0
    for line in p.ok('help').text.splitlines():
        if line[:2] == '  ' and line[2] not in ' -':
            assert p.run('help', line.split()[0]).code == 0, line


def persons_and_their_documents(p):
    p.init()
    p.ok('person', 'add', 'Léo Martin', '--born', '2015-06-01')
    p.ok('person', 'edit', 'Claire Martin', '--address',
         '1 rue des Lilas\n69003 Lyon', '--nir', '2 80 02 69 123 456 91')
    p.ok('person', 'edit', 'Claire Martin', '--represents', 'Léo Martin',
         '--as', 'parent')
    assert p.run('person', 'add', 'Léo Martin').code == 1
    assert p.run('person', 'add', 'X', '--born', '2999-01-01').code == 2
    assert p.run('person', 'edit', 'Claire Martin', '--nir', '123').code == 2
    p.json('--person', 'Léo Martin', 'add', p.write('a.txt', b'his'))
    p.json('add', p.write('b.txt', b'hers'))
    assert len(p.json('list')['documents']) == 2
    own = p.json('--person', 'Léo Martin', 'list')['documents']
    assert [d['person'] for d in own] == ['Léo Martin']
    people = p.json('person', 'list')
    assert [x['name'] for x in people['persons']] == [
        'Claire Martin', 'Léo Martin']
    assert people['representations'][0]['as'] == 'parent'
    assert p.run('--person', 'Nobody', 'list').code == 1


def nothing_plain_on_disk(p):
    p.init('--recovery', p.path('sheet.txt'))
    marker = b'Quetzalcoatlus-marker'
    doc = p.json('add', p.write('in.txt', marker * 50), '--title',
                 'Quetzalcoatlus-title')['added'][0]['id']
    p.ok('note', doc, 'Quetzalcoatlus-note')
    p.ok('tag', doc, '+Quetzalcoatlus-tag')
    p.json('search', 'quetzalcoatlus')
    for path in files_below(p.vault):
        data = open(path, 'rb').read()
        assert b'Quetzalcoatlus' not in data, path
        assert b'SQLite format 3' not in data, path
        assert PASSPHRASE.strip() not in data, path
        assert os.stat(path).st_mode & 0o077 == 0, path
    left = [x for x in os.listdir(p.top) if x not in (
        'home', 'vault', 'pw', 'in.txt', 'sheet.txt')]
    assert left == [] and list(files_below(p.home)) == []


def hostile_surroundings_change_nothing(p):
    p.init()
    conf = p.write('evil.cnf', 'openssl_conf = x\n[x]\nproviders = y\n')
    env = {'OPENSSL_CONF': conf, 'SQLITE_TMPDIR': p.path('t'),
           'TMPDIR': p.path('t'), 'XML_CATALOG_FILES': 'http://x/'}
    os.makedirs(p.path('t'))
    p.json('add', p.write('a.txt', b'text'), env=env)
    assert p.ok('list', env=env).out
    assert os.listdir(p.path('t')) == []


def an_error_in_json_stands_alone(p):
    """Warnings are held back, and stand in the error object."""
    p.init()
    with open(os.path.join(p.vault, 'carnet.head.1'), 'wb') as file:
        file.write(b'hurt')
    got = p.run('--json', 'show', 'dzzzzz')
    lines = got.err.strip().split(b'\n')
    assert got.code == 1 and len(lines) == 1, got.said
    assert got.error()['code'] == 'not-found'
    assert len(got.error()['warnings']) == 1
    got = p.run('--json', 'list')
    assert got.code == 0 and b'warning' in got.err


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',)])
