#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The guard by the command line: what it answers, that every verb that
writes asks it first, trust, and health files fetched out of a cloud."""
import contextlib
import json
import os
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Skipped, files_below, main, watch  # noqa: E402

HL7 = (b'MSH|^~\\&|LABO|HOP|CARNET|MOI|20260112||ORU^R01|1|P|2.5\r'
       b'PID|1||123||MARTIN^CLAIRE\rOBX|1|NM|718-7^HB||13.2|g/dL\r')
FHIR = json.dumps({'resourceType': 'Patient', 'id': 'x',
                   'name': [{'family': 'Martin'}]}).encode()
DICOM = bytes(128) + b'DICM' + b'\x02\x00\x00\x00UL\x04\x00' + bytes(200)
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '..', '..', 'docs', 'sample')

# what each client leaves in a home: files ('' is a folder), the place
PROVIDERS = {
    'dropbox': ({'.dropbox/info.json': '{"personal":{"path":"@/Box1"}}'},
                'Box1'),
    'onedrive': ({'.config/onedrive/config': 'sync_dir = "~/Ms"\n'}, 'Ms'),
    'google-drive': ({'G/.grive': '{}'}, 'G'),
    'insync': ({'I/.insync-trash/x': ''}, 'I'),
    'nextcloud': ({'.config/Nextcloud/nextcloud.cfg':
                   '[Accounts]\n0\\Folders\\1\\localPath=@/Nuage/\n'},
                  'Nuage'),
    'owncloud': ({'.config/ownCloud/owncloud.cfg':
                  '[Accounts]\n0\\Folders\\1\\localPath=@/Own/\n'}, 'Own'),
    'syncthing': ({'.config/syncthing/config.xml':
                   '<configuration><folder path="@/St"/></configuration>'},
                  'St'),
    'seafile': ({'S/.seafile-data/x': ''}, 'S'),
    'mega': ({'M/.megaignore': ''}, 'M'),
    'yandex-disk': ({'.config/yandex-disk/config.cfg': 'dir="@/Ya"\n'},
                    'Ya'),
    'resilio': ({'.config/resilio-sync/config.json':
                 '{"shared_folders":[{"dir":"@/Re"}]}'}, 'Re'),
    'internxt': ({'.config/internxt/config.json': '{"syncRoot":"@/In"}'},
                 'In'),
    'filen': ({'F/.filenignore': ''}, 'F'),
    'cozy': ({'.cozy-desktop/config.json': '{"path":"@/Co"}'}, 'Co'),
    'kdrive': ({'.config/kDrive/kDrive.cfg':
                '[Accounts]\n0\\Folders\\1\\localPath=@/Kd\n'}, 'Kd'),
}


def put(p, path, data=''):
    full = os.path.join(p.home, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    if isinstance(data, str):
        data = data.replace('@', p.home).encode()
    return p.write(full, data)


def dropbox(p, folder='Dropbox'):
    put(p, '.dropbox/info.json',
        json.dumps({'personal': {'path': os.path.join(p.home, folder)}}))
    os.makedirs(os.path.join(p.home, folder), exist_ok=True)
    return os.path.join(p.home, folder)


def ordinary(p):
    """A folder that the guard finds local; else this machine can't tell."""
    place = p.run('--json', 'guard', p.top).json()['places'][0]
    if place['verdict'] != 'local':
        raise Skipped('the scratch folder is %s' % place['verdict'])


def answers_without_a_vault(p):
    folder = dropbox(p)
    got = p.json('guard', folder, code=13)
    assert list(got) == ['places'] and len(got['places']) == 1
    place = got['places'][0]
    assert set(place) == {'path', 'verdict', 'provider', 'evidence'}
    assert place['path'] == folder and place['verdict'] == 'cloud'
    assert place['provider'] == 'dropbox' and 'info.json' in place['evidence']
    assert not os.path.exists(p.vault)
    code, text = watch(p, 80, 'guard', folder)
    assert code == 13
    assert all(len(line) <= 80 or ' ' not in line.strip()
               for line in text.split('\n')), text


def looks_at_three_places_by_itself(p):
    got = p.run('--json', 'guard', cwd=p.top).json()['places']
    assert [one['path'] for one in got] == [p.vault, p.home, p.top]


def a_plain_home_is_local(p):
    ordinary(p)
    for name in ('Documents', 'Images', '.cache/mozilla', '.config/dconf',
                 '.config/goa-1.0', '.local/share/gvfs-metadata', 'snap',
                 '.config/rclone', '.mozilla/firefox', '.ssh'):
        os.makedirs(os.path.join(p.home, name))
    put(p, '.config/dconf/user', b'GVariant' + bytes(64))
    got = p.json('guard', p.home, os.path.join(p.home, 'Documents'))
    assert [one['verdict'] for one in got['places']] == ['local'] * 2
    assert all(one['provider'] is None for one in got['places'])


def a_home_with_a_synced_folder_is_local(p):
    ordinary(p)
    folder = dropbox(p)
    got = p.json('guard', p.home, folder, code=13)['places']
    assert [one['verdict'] for one in got] == ['local', 'cloud']


def each_client_is_named(p):
    ordinary(p)
    for provider, (files, folder) in PROVIDERS.items():
        shutil.rmtree(p.home)
        os.makedirs(p.home)
        for path, data in files.items():
            put(p, path, data)
        os.makedirs(os.path.join(p.home, folder, 'a', 'b'), exist_ok=True)
        got = p.json('guard', os.path.join(p.home, folder, 'a', 'b'),
                     os.path.join(p.home, 'Documents'), code=13)['places']
        assert got[0]['provider'] == provider, got
        assert got[0]['verdict'] == 'cloud' and got[1]['verdict'] == 'local'


def databases_of_clients_name_their_folders(p):
    """As the clients make them, their other columns too: Synology Drive's
    session_table, kDrive's sync."""
    ordinary(p)
    kept = os.path.join(p.home, 'Kept')
    os.makedirs(kept)
    for provider, path, table, row in (
            ('synology-drive', '.SynologyDrive/data/db/sys.sqlite',
             'CREATE TABLE session_table (id INTEGER PRIMARY KEY, '
             'conn_id INTEGER, share_name TEXT, remote_path TEXT, '
             'sync_folder TEXT, status INTEGER, error INTEGER)',
             (1, 1, 'home', '/Drive', kept, 1, 0)),
            ('kdrive', '.config/kDrive/.parms.db',
             'CREATE TABLE sync (dbId INTEGER PRIMARY KEY, driveDbId INTEGER, '
             'localPath TEXT, targetPath TEXT, paused INTEGER)',
             (1, 1, kept, '', 0))):
        full = put(p, path, b'')
        os.unlink(full)
        with contextlib.closing(sqlite3.connect(full)) as base:
            base.execute(table)
            base.execute('INSERT INTO %s VALUES (%s)' % (
                table.split()[2], ','.join('?' * len(row))), row)
            base.commit()
        place, other = p.json('guard', os.path.join(kept), os.path.join(
            p.home, 'Documents'), code=13)['places']
        assert place['provider'] == provider, place
        assert full in place['evidence'] and kept in place['evidence'], place
        assert other['verdict'] == 'local', other
        os.unlink(full)


def a_backups_excluded_folder_is_nobodys(p):
    """Deja Dup takes the home to a server, but for what it leaves out."""
    ordinary(p)
    for name in ('Kept', 'Out/deeper'):
        os.makedirs(os.path.join(p.home, name))
    put(p, '.var/app/org.gnome.DejaDup/config/glib-2.0/settings/keyfile',
        "[org/gnome/deja-dup]\nbackend='google'\n"
        "exclude-list=['$TRASH', '%s']\n" % os.path.join(p.home, 'Out'))
    kept, out, deeper = p.json(
        'guard', os.path.join(p.home, 'Kept'), os.path.join(p.home, 'Out'),
        os.path.join(p.home, 'Out', 'deeper'), code=13)['places']
    assert kept['provider'] == 'deja-dup', kept
    assert out['verdict'] == deeper['verdict'] == 'local', (out, deeper)


def backups_that_leave_are_seen(p):
    """Databases of backup programs: to a server, and to a disk."""
    ordinary(p)
    kept = os.path.join(p.home, 'Kept')
    os.makedirs(kept)
    for provider, path, tables, away, near in (
            ('duplicati', '.config/Duplicati/Duplicati-server.sqlite',
             ('CREATE TABLE "Backup" ("ID" INTEGER, "TargetURL" TEXT)',
              'CREATE TABLE "Source" ("BackupID" INTEGER, "Path" TEXT)',
              'INSERT INTO "Backup" VALUES (1, ?)',
              'INSERT INTO "Source" VALUES (1, ?)'),
             'googledrive://sante', 'file:///media/disk'),
            ('vorta', '.local/share/Vorta/settings.db',
             ('CREATE TABLE repomodel (id INTEGER, url VARCHAR(255))',
              'CREATE TABLE sourcedirmodel (id INTEGER, dir VARCHAR(255))',
              'INSERT INTO repomodel VALUES (1, ?)',
              'INSERT INTO sourcedirmodel VALUES (1, ?)'),
             'ssh://x@x.repo.borgbase.com/./repo', '/media/disk/borg')):
        for target, code in ((away, 13), (near, 0)):
            full = put(p, path, b'')
            os.unlink(full)
            with contextlib.closing(sqlite3.connect(full)) as base:
                base.execute(tables[0])
                base.execute(tables[1])
                base.execute(tables[2], (target,))
                base.execute(tables[3], (kept,))
                base.commit()
            place = p.json('guard', kept, code=code)['places'][0]
            assert place['provider'] == (provider if code else None), place
            os.unlink(full)


def what_is_not_there_is_judged_by_what_is(p):
    folder = dropbox(p)
    wanted = os.path.join(folder, 'not', 'yet', 'scan.pdf')
    got = p.json('guard', wanted, code=13)['places'][0]
    assert got['path'] == wanted and got['verdict'] == 'cloud'


def files_and_links_are_followed(p):
    ordinary(p)
    folder = dropbox(p)
    real = p.write(os.path.join(folder, 'a.pdf'), b'%PDF-')
    link = os.path.join(p.home, 'a.pdf')
    os.symlink(real, link)
    os.symlink(folder, os.path.join(p.home, 'sante'))
    for path in (real, link, os.path.join(p.home, 'sante')):
        got = p.json('guard', path, code=13)['places'][0]
        assert got['verdict'] == 'cloud', path
    back = os.path.join(folder, 'out.pdf')
    os.symlink(p.write('out.pdf', b'%PDF-'), back)
    assert p.run('guard', back).code == 13


def a_path_that_cannot_be_opened_is_unknown(p):
    os.symlink('/nowhere/at/all', os.path.join(p.home, 'dangling'))
    got = p.json('guard', os.path.join(p.home, 'dangling'),
                 code=14)['places'][0]
    assert got['verdict'] == 'unknown' and got['evidence']


def a_name_alone_is_unknown(p):
    ordinary(p)
    os.makedirs(os.path.join(p.home, 'pCloudDrive'))
    got = p.json('guard', os.path.join(p.home, 'pCloudDrive'),
                 code=14)['places'][0]
    assert (got['verdict'], got['provider']) == ('unknown', 'pcloud')


def init_asks_first(p):
    folder = dropbox(p)
    got = p.run('--json', '--vault', os.path.join(folder, 'v'), 'init',
                '--kdf', 'interactive', '--person', 'X')
    assert got.code == 13 and got.error()['code'] == 'guard'
    assert os.listdir(folder) == []
    got = p.run('init', '--kdf', 'interactive', '--person', 'X',
                '--recovery', os.path.join(folder, 'sheet.txt'))
    assert got.code == 13 and os.listdir(folder) == []
    assert not os.path.exists(p.vault)


def export_asks_first(p):
    folder = dropbox(p)
    p.init()
    p.ok('add', p.write('a.txt', b'Ferritine\n'))
    link = p.path('link')
    os.symlink(folder, link)
    for out in (os.path.join(folder, 'out'), folder,
                os.path.join(link, 'out')):
        got = p.run('--json', 'export', '--all', '-o', out)
        assert got.code == 13 and got.error()['code'] == 'guard'
        assert p.run('--dry-run', 'export', '--all', '-o', out).code == 13
    assert os.listdir(folder) == []
    out = p.path('new', 'out')
    assert len(p.json('export', '--all', '-o', out)['files']) == 1
    assert len(os.listdir(out)) == 2


def backup_and_restore_ask_first(p):
    folder = dropbox(p)
    p.init()
    p.ok('add', p.write('a.txt', b'Ferritine\n'))
    there = os.path.join(folder, 'b')
    for _ in range(2):
        assert p.run('backup', there).code == 13
        assert not os.path.exists(there)
    p.json('backup', there, '--to-cloud')
    again = p.run('--json', 'backup', there)  # said each time
    assert again.code == 13 and '--to-cloud' in again.error()['hint']
    p.json('backup', p.path('b2'))
    got = p.run('--json', 'restore', there, '--to',
                os.path.join(folder, 'v'))
    assert got.code == 13 and not os.path.exists(os.path.join(folder, 'v'))
    assert b'Ferritine' not in b''.join(
        open(f, 'rb').read() for f in files_below(folder))


def trust_needs_a_reason(p):
    p.init()
    folder = dropbox(p)
    for bad in ([folder], [folder, '--reason', ' '], ['--reason', 'x'],
                [folder, folder, '--reason', 'x'],
                [folder, '--reason', 'x' * 2001]):
        assert p.run('guard', 'trust', *bad).code == 2, bad
    assert p.run('guard', 'trust', p.path('none'), '--reason', 'x').code == 1
    assert p.run('guard', folder).code == 13


def trust_is_kept_and_counts(p):
    p.init()
    ordinary(p)
    p.ok('add', p.write('a.txt', b'Ferritine\n'))
    put(p, '.config/Nextcloud/nextcloud.cfg',
        '[Accounts]\n0\\Folders\\1\\localPath=@/Nuage/\n')
    folder = os.path.join(p.home, 'Nuage')
    os.makedirs(folder)
    out = os.path.join(folder, 'out')
    assert p.run('export', '--all', '-o', out).code == 13
    p.ok('--dry-run', 'guard', 'trust', folder, '--reason', 'x')
    assert p.run('guard', folder).code == 13
    got = p.json('guard', 'trust', folder, '--reason', 'my own server')
    assert got['places'][0]['verdict'] == 'own'
    log = p.json('log')
    assert 'my own server' in json.dumps(log), log
    got = p.json('guard', folder)['places'][0]
    assert got['verdict'] == 'own' and folder in got['evidence']
    # without the vault's secret the trust isn't known, and is said so
    got = p.run('guard', folder, env={'CARNET_PASSPHRASE_FILE': None})
    assert got.code == 13 and '--passphrase-file' in got.said
    p.json('export', '--all', '-o', out)
    assert len(os.listdir(out)) == 2
    p.ok('repair')
    assert p.json('guard', folder)['places'][0]['verdict'] == 'own'


def trust_of_a_provider_warns(p):
    p.init()
    got = p.run('guard', 'trust', dropbox(p), '--reason', 'I know')
    assert got.code == 0 and 'dropbox' in got.said


def fill(folder):
    for name, data in (('a.hl7', HL7), ('b.json', FHIR), ('c', DICOM),
                       ('notes.txt', b'Ferritine\n'),
                       ('d.json', b'{"name":"x"}'), ('e.html', b'<p>x')):
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(data)
    shutil.copy(os.path.join(SAMPLE, 'compte-rendu.pdf'),
                os.path.join(folder, 'f.pdf'))
    shutil.copy(os.path.join(SAMPLE, 'synthese.cda.xml'), folder)


def scan_finds_health_files(p):
    ordinary(p)
    folder = dropbox(p)
    fill(folder)
    os.makedirs(os.path.join(p.home, 'Documents'))
    fill(os.path.join(p.home, 'Documents'))
    got = p.json('guard', 'scan', p.home, code=13)
    found = {os.path.basename(one['path']): one['kind']
             for one in got['files']}
    assert all(one['path'].startswith(folder) and
               one['provider'] == 'dropbox' and not one['adopted']
               for one in got['files'])
    kinds = {'a.hl7': 'hl7v2', 'b.json': 'fhir', 'c': 'dicom',
             'synthese.cda.xml': 'cda', 'f.pdf': 'lab'}
    if any('sandbox' in one['message'] for one in got['skipped']):
        raise Skipped('no sandbox here')
    assert found == kinds, (found, got['skipped'])
    assert got['seen'] == 17 and got['opened'] == 8
    assert p.run('guard', 'scan', os.path.join(p.home, 'Documents')
                 ).code == 0
    assert p.run('guard', 'scan').code == 2
    assert p.run('guard', 'scan', p.path('none')).code == 1


def scan_adopts(p):
    ordinary(p)
    p.init()
    folder = dropbox(p)
    fill(folder)
    before = {name: open(os.path.join(folder, name), 'rb').read()
              for name in os.listdir(folder)}
    assert p.run('--dry-run', 'guard', 'scan', folder, '--adopt').code == 13
    assert set(os.listdir(folder)) == set(before)
    text = p.run('guard', 'scan', folder, '--adopt')
    assert text.code == 0, text.said
    assert 'trash' in text.said and 'versions' in text.said
    left = set(os.listdir(folder))
    assert left == {'notes.txt', 'd.json', 'e.html'}, left
    stored = {one['id']: one for one in p.json('list')['documents']}
    assert len(stored) == 5
    held = {p.ok('cat', one).out for one in stored}
    assert held == {before[name] for name in set(before) - left}
    assert p.json('check', '--read-data')['ok']
    # what is in the vault already is compared all the same
    with open(os.path.join(folder, 'again'), 'wb') as out:
        out.write(DICOM)
    got = p.json('guard', 'scan', folder, '--adopt')
    assert got['files'][0]['adopted'] and got['files'][0]['id'] in stored
    assert 'again' not in os.listdir(folder)


def adopting_what_cannot_be_removed_says_so(p):
    ordinary(p)
    if os.geteuid() == 0:
        raise Skipped('root removes it all the same')
    p.init()
    folder = dropbox(p)
    fill(folder)
    os.chmod(folder, 0o555)
    try:
        got = p.json('guard', 'scan', folder, '--adopt', code=13)
    finally:
        os.chmod(folder, 0o755)
    assert not any(one['adopted'] for one in got['files'])
    assert len(p.json('list')['documents']) == 5
    assert len(os.listdir(folder)) == 8


def scan_follows_no_link(p):
    ordinary(p)
    folder = dropbox(p)
    p.write('out.hl7', HL7)
    os.symlink(p.path('out.hl7'), os.path.join(folder, 'l.hl7'))
    os.symlink('/', os.path.join(folder, 'root'))
    os.mkfifo(os.path.join(folder, 'pipe'))
    got = p.json('guard', 'scan', folder)
    assert got['files'] == [] and got['folders'] == 1


def scan_respects_trust(p):
    ordinary(p)
    p.init()
    folder = dropbox(p)
    os.makedirs(os.path.join(folder, 'mine'))
    with open(os.path.join(folder, 'mine', 'a'), 'wb') as out:
        out.write(DICOM)
    assert p.run('guard', 'scan', folder).code == 13
    p.ok('guard', 'trust', os.path.join(folder, 'mine'), '--reason', 'x')
    assert p.run('guard', 'scan', folder).code == 0


if __name__ == '__main__':
    main([
        answers_without_a_vault, looks_at_three_places_by_itself,
        a_plain_home_is_local, a_home_with_a_synced_folder_is_local,
        each_client_is_named, databases_of_clients_name_their_folders,
        a_backups_excluded_folder_is_nobodys, backups_that_leave_are_seen,
        what_is_not_there_is_judged_by_what_is,
        files_and_links_are_followed,
        a_path_that_cannot_be_opened_is_unknown, a_name_alone_is_unknown,
        init_asks_first, export_asks_first, backup_and_restore_ask_first,
        trust_needs_a_reason, trust_is_kept_and_counts,
        trust_of_a_provider_warns, scan_finds_health_files, scan_adopts,
        adopting_what_cannot_be_removed_says_so, scan_follows_no_link,
        scan_respects_trust,
    ])
