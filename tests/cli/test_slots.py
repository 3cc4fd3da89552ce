# SPDX-License-Identifier: ISC
"""key add keyfile, key add shares: ways in beside passphrase and words.
Usage: test_slots.py CARNET"""
import itertools
import json
import os
import subprocess

from program import main

NEW = b'again plums\n'


def a_key_file_opens(p):
    p.init()
    path = p.path('carnet.key')
    slot = p.json('key', 'add', 'keyfile', path)['id']
    assert os.stat(path).st_mode & 0o077 == 0 and os.path.getsize(path) > 60
    kinds = {k['id']: k['kind'] for k in p.json('key', 'list')['keys']}
    assert kinds[slot] == 'keyfile'
    without = {'CARNET_PASSPHRASE_FILE': None}
    p.ok('--key-file', path, 'list', env=without)
    p.ok('backup', p.path('backup'))
    p.ok('--key-file', path, 'backup', 'list', p.path('backup'), env=without)
    p.ok('--key-file', path, 'restore', p.path('backup'), '--to',
         p.path('again'), env=without)
    p.ok('--key-file', path, 'check', env=without)
    other = p.write('other.key', os.urandom(64), 0o600)
    assert p.run('--key-file', other, 'list', env=without).code == 12
    p.ok('key', 'remove', slot)
    assert p.run('--key-file', path, 'list', env=without).code == 12


def any_file_can_be_one(p):
    p.init()
    photo = p.write('photo.jpg', os.urandom(5000), 0o600)
    p.json('key', 'add', 'keyfile', photo)
    p.ok('--key-file', photo, 'list', env={'CARNET_PASSPHRASE_FILE': None})
    with open(photo, 'ab') as file:
        file.write(b'x')
    assert p.run('--key-file', photo, 'list').code == 12
    short = p.write('short', b'1234', 0o600)
    assert p.run('key', 'add', 'keyfile', short).code == 1
    assert len(p.json('key', 'list')['keys']) == 3


def a_key_file_that_others_can_read_is_refused(p):
    p.init()
    path = p.write('photo.jpg', os.urandom(5000), 0o600)
    p.json('key', 'add', 'keyfile', path)
    without = {'CARNET_PASSPHRASE_FILE': None}
    for mode in (0o604, 0o640, 0o620, 0o644):
        os.chmod(path, mode)
        for args in (('--key-file', path, 'list'),
                     ('--key-file', path, 'check')):
            got = p.run('--json', *args, env=without)
            assert got.code == 1, (oct(mode), args, got.code)
            assert got.error()['hint'] == 'chmod 600 ' + path
        got = p.run('--json', 'key', 'add', 'keyfile', path)
        assert got.code == 1 and got.error()['hint'] == 'chmod 600 ' + path
    os.chmod(path, 0o400)
    p.ok('--key-file', path, 'list', env=without)
    assert len(p.json('key', 'list')['keys']) == 3


def a_key_file_is_never_overwritten(p):
    p.init()
    body = os.urandom(400)
    path = p.write('photo.jpg', body, 0o600)
    os.utime(path, (1000, 1000))
    p.json('key', 'add', 'keyfile', path)
    p.json('key', 'add', 'keyfile', path)
    short = p.write('short', b'1234', 0o600)
    assert p.run('key', 'add', 'keyfile', short).code == 1
    os.symlink(p.path('nowhere'), p.path('link'))
    assert p.run('key', 'add', 'keyfile', p.path('link')).code == 1
    assert not os.path.exists(p.path('nowhere'))
    with open(path, 'rb') as file:
        assert file.read() == body and os.stat(path).st_mtime == 1000
    with open(short, 'rb') as file:
        assert file.read() == b'1234'


def a_key_file_in_a_cloud_is_refused(p):
    """New or there already; by its own name or a link's; trust counts."""
    p.init()
    cloud = p.path('home', 'Dropbox')
    os.makedirs(os.path.join(cloud, '.dropbox.cache'))
    os.makedirs(p.path('home', '.dropbox'))
    p.write(p.path('home', '.dropbox', 'info.json'),
            json.dumps({'personal': {'path': cloud, 'host': 1}}))
    there = p.write(os.path.join(cloud, 'photo.jpg'), os.urandom(400), 0o600)
    os.symlink(there, p.path('link.jpg'))
    for path in (there, os.path.join(cloud, 'new.key'), p.path('link.jpg')):
        got = p.run('--json', 'key', 'add', 'keyfile', path)
        assert got.code == 13, (path, got.code, got.said)
    assert not os.path.exists(os.path.join(cloud, 'new.key'))
    assert len(p.json('key', 'list')['keys']) == 2
    os.symlink(p.write('own.jpg', os.urandom(400), 0o600), p.path('own'))
    p.json('key', 'add', 'keyfile', p.path('own'))


def the_whole_id_is_written_down(p):
    p.init()
    path = p.write('photo.jpg', os.urandom(400), 0o600)
    slot = p.json('key', 'add', 'keyfile', path)['id']
    others = [k['id'] for k in p.json('key', 'list')['keys'] if
              k['id'] != slot]
    prefix = next(slot[:n] for n in range(2, 10)
                  if not any(o.startswith(slot[:n]) for o in others))
    assert p.json('key', 'remove', prefix)['id'] == slot
    events = [e for e in p.json('log')['events'] if e['kind'] == 'key.changed']
    assert [e['subject'] for e in events] == [slot, slot], events


def any_k_of_n_shares_recover(p):
    p.init()
    got = p.json('key', 'add', 'shares', '--of', '4', '--need', '2')
    assert got['need'] == 2 and len(got['shares']) == 4
    new = p.write('new', NEW, 0o600)
    for two in itertools.combinations(got['shares'], 2):
        typed = p.write('typed', '\n'.join(two), 0o600)
        p.ok('--words-file', typed, '--new-passphrase-file', new, 'key',
             'recover')
    p.ok('--passphrase-file', new, 'list')
    assert p.run('list').code == 12  # the old passphrase is gone


def too_few_or_false_shares_do_not(p):
    p.init()
    shares = p.json('key', 'add', 'shares', '--of', '3', '--need',
                    '3')['shares']
    new = p.write('new', NEW, 0o600)

    def recover(*lines):
        typed = p.write('typed', '\n'.join(lines), 0o600)
        return p.run('--words-file', typed, '--new-passphrase-file', new,
                     'key', 'recover')

    got = recover(*shares[:2])
    assert got.code == 12 and '3 shares are needed' in got.said, got.said
    assert recover(shares[0], shares[0], shares[1]).code == 12
    wrong = shares[2][:-1] + ('a' if shares[2][-1] != 'a' else 'b')
    got = recover(shares[0], shares[1], wrong)
    assert got.code == 1 and 'line 3' in got.said, got.said
    # of another vault: sound in itself, and named
    p.env['CARNET_VAULT'] = p.path('other')
    p.init()
    others = p.json('key', 'add', 'shares', '--of', '3', '--need',
                    '3')['shares']
    assert recover(*shares).code == 12
    assert recover(shares[0], shares[1], others[2]).code == 1
    assert p.run('list').code == 0


def a_restore_by_shares(p):
    p.init()
    p.ok('add', p.write('a.txt', b'hello'))
    shares = p.json('key', 'add', 'shares', '--of', '3', '--need',
                    '2')['shares']
    p.ok('backup', p.path('backup'))
    typed = p.write('typed', '\n'.join(shares[1:]), 0o600)
    new = p.write('new', NEW, 0o600)
    p.ok('restore', p.path('backup'), '--to', p.path('again'), '--recover',
         '--words-file', typed, '--new-passphrase-file', new)
    got = p.json('--vault', p.path('again'), '--passphrase-file', new, 'list')
    assert len(got['documents']) == 1


def a_sheet_for_each(p):
    p.init()
    folder = p.path('sheets')
    shares = p.json('key', 'add', 'shares', '--of', '2', '--need', '2', '-o',
                    folder)['shares']
    assert sorted(os.listdir(folder)) == ['share-1.pdf', 'share-2.pdf']
    for number, share in enumerate(shares, 1):
        text = subprocess.run(
            ['pdftotext', os.path.join(folder, f'share-{number}.pdf'), '-'],
            check=True, capture_output=True, text=True).stdout
        for group in share.split()[1:]:
            assert group in text


def wrong_numbers_change_nothing(p):
    p.init()
    for of, need in (('1', '1'), ('3', '1'), ('3', '4'), ('17', '2')):
        assert p.run('key', 'add', 'shares', '--of', of, '--need',
                     need).code == 2
    assert p.run('key', 'add', 'shares').code == 2
    assert len(p.json('key', 'list')['keys']) == 2


if __name__ == '__main__':
    main([v for v in list(globals().values())
          if callable(v) and getattr(v, '__module__', '') == '__main__' and
          v.__code__.co_varnames[:1] == ('p',)])
