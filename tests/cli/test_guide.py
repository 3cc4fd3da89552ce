#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""README and guides tell the truth: each command of a `console` block is run,
in order, in a scratch home, says what is shown, and exits as what is shown
says.  In what is shown, … stands for anything; ids and keys are the run's own.
The passphrase is not typed but given, so that lines with prompts are left
out."""
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib

import program

SOURCE = os.path.abspath(sys.argv[2])
del sys.argv[2:3]
sys.path.insert(0, os.path.join(SOURCE, 'po'))
import merge  # noqa: E402
ID = re.compile(r'\b[dcspb][a-z2-7]{12}\b|\bk[a-z2-7]{8}\b|'
                r'\bRW[A-Za-z0-9+/]{54}(?![A-Za-z0-9+/])')
PROMPT = re.compile(r'(Nouvelle phrase de passe|La même chose|Phrase de passe|'
                    r'Mots de secours|New passphrase|The same once|'
                    r'Passphrase|Recovery words).*\s?: ?$')
# whether this machine's folders can be judged is not the guide's matter
GUARD = re.compile(r'carnet: .*(carnet ne peut pas savoir|carnet can\'t tell)')


def blocks(path):
    """(line, command, shown lines) of every console block."""
    with open(path, encoding='utf-8') as file:
        lines = file.read().split('\n')
    inside, found = False, []
    for number, line in enumerate(lines, 1):
        if line.startswith('```'):
            inside = line == '```console'
        elif inside and line.startswith('$ '):
            found.append((number, line[2:], []))
        elif inside and found[-1][1].endswith('\\'):
            found[-1] = (found[-1][0], found[-1][1] + '\n' + line, [])
        elif inside and not PROMPT.match(line):
            found[-1][2].append(line)
    return found


def pattern(line, ids):
    """A regular expression for a shown line, and the guide's new ids."""
    text, new, at = '', [], 0
    for match in ID.finditer(line):
        text += re.escape(line[at:match.start()])
        at = match.end()
        if match.group() in ids:
            text += re.escape(ids[match.group()])
        elif match.group() in new:
            text += r'\S+'
        else:
            new.append(match.group())
            text += f'({ID.pattern})'
    text += re.escape(line[at:])
    return text.replace('…', '.*'), new


def plain(line):
    """Without what only the width of a column or typography decides."""
    return re.sub(r'[ \u00a0]+', ' ', line).rstrip()


def compare(shown, said, ids):
    """The first shown line that wasn't said, or None."""
    at, anywhere = 0, False
    for line in shown:
        if line == '…':
            anywhere = True
            continue
        wanted, new = pattern(plain(line), ids)
        while True:
            if at >= len(said):
                return line
            match = re.fullmatch(wanted, plain(said[at]))
            at += 1
            if match:
                break
            if not anywhere:
                return f'{line}\n  said: {said[at - 1]}'
        ids.update(zip(new, match.groups()))
        anywhere = False
    if at < len(said) and not anywhere:
        return f'nothing more\n  said: {said[at]}'
    return None


def exits(command, shown):
    """What a command may exit with, by what is shown of it."""
    text = '\n'.join(shown)
    if re.search(r'\bcarnet (guard|doctor)\b', command):
        return {0, 13, 14}  # this machine's matter
    if re.search(r'^carnet: \w+: .*\n(conseil|hint)', text, re.M):
        return {1}
    if ' may ' in command:
        return {20} if re.match('refus', text) else \
            {21} if re.match('inconnu|unknown', text) else {0}
    if ' due ' in command and re.search('de retard|late$', text, re.M):
        return {14}
    return {0}


def picture(path, grey):
    """A small grey picture: a slip that was photographed."""
    def part(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack(
            '>I', zlib.crc32(kind + data))
    rows = b''.join(b'\0' + bytes([grey]) * 64 for _ in range(32))
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + part(
            b'IHDR', struct.pack('>IIBBBBB', 64, 32, 8, 0, 0, 0, 0)) + part(
                b'IDAT', zlib.compress(rows)) + part(b'IEND', b''))


def prepare(p):
    """The home that they speak of: documents, proofs, a stick."""
    papers = os.path.join(p.home, 'Documents', 'analyses')
    os.makedirs(papers)
    sample = os.path.join(SOURCE, 'docs', 'sample')
    for name in ('compte-rendu.pdf', 'courrier.txt', 'ordonnance-scan.png'):
        shutil.copy(os.path.join(sample, name), papers)
    shutil.copytree(sample, os.path.join(p.home, 'docs', 'sample'))
    papers = os.path.dirname(papers)
    for grey, name in enumerate(('recepisse.png', 'accuse.png', 'slip.png',
                                 'receipt.png', 'livret-de-famille.png',
                                 'family-book.png')):
        picture(os.path.join(papers, name), 40 * grey)
    for name in ('reponse.txt', 'answer.txt'):
        p.write(os.path.join(papers, name), 'Une réponse, inventée.\n')
    os.mkdir(p.path('stick'))


def follow(p, name, lang):
    prepare(p)
    ids, renewed, sheet = {}, [], ''
    env = dict(p.env, LANG=lang, PATH=os.path.dirname(p.program) +
               ':/usr/bin:/bin')
    del env['CARNET_VAULT']
    found = blocks(os.path.join(SOURCE, name))
    assert len(found) > 12
    for number, command, shown in found:
        for guide, real in ids.items():
            command = command.replace(guide, real)
        command = command.replace('/media/claire/USB', p.path('stick'))
        env['CARNET_PASSPHRASE_FILE'] = p.secret
        if any(f'--vault {vault}' in command for vault in renewed):
            env['CARNET_PASSPHRASE_FILE'] = p.path('new')
        sheet = (re.findall(r' --recovery (\S+)', command) or [sheet])[0]
        recovers = re.search(r' --recover\b', command)
        if recovers or ' --passphrase ' in command:
            new = p.write('new', b'sept abricots murs au jardin\n', 0o600)
            command += f' --new-passphrase-file {new}'
        if recovers:
            with open(os.path.join(p.home, sheet),
                      encoding='utf-8') as file:
                words = re.findall(r'^ *\d+\. +(\w+)$', file.read(), re.M)
            typed = p.write('words', ' '.join(words), 0o600)
            command += f' --words-file {typed}'
        done = subprocess.run(['bash', '-c', command + ' 2>&1'], env=env,
                              cwd=p.home, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, check=False,
                              encoding='utf-8', timeout=300)
        said = done.stdout.replace(p.path('stick'), '/media/claire/USB')
        said = said.replace(p.home, '/home/claire').rstrip('\n')
        said = [line for line in said.split('\n') if not GUARD.match(line)]
        said = [] if said == [''] else said
        if recovers:  # what it made opens with the new one
            renewed.append(re.search(r'--to (\S+)', command).group(1))
        wrong = compare(shown, said, ids)
        assert wrong is None, f'{name}:{number}: {command}\n  shown: {wrong}'
        assert done.returncode in exits(command, shown), \
            f'{name}:{number}: {command}\n  exit {done.returncode}'


def the_french_guide(p):
    follow(p, 'docs/guide.fr.md', 'fr_FR.UTF-8')


def the_english_guide(p):
    follow(p, 'docs/guide.en.md', 'en_GB.UTF-8')


def the_readme(p):
    follow(p, 'README.md', 'en_GB.UTF-8')


def errors_exist(p, name, lang):
    """Each message of the guide's table is one that carnet says."""
    with open(os.path.join(SOURCE, 'docs', name), encoding='utf-8') as file:
        rows = re.findall(r'^\| `([^`]+)`', file.read(), re.M)
    assert len(rows) > 20
    po = merge.read_po(merge.run('msgcat', '--no-wrap', merge.HOME))
    texts = [text for key, entry in po.items() for text in
             (entry['texts'].values() if lang == 'fr' else key)]
    for row in rows:
        if row.startswith('bash:'):
            continue
        for part in row.split(': '):
            bits = [plain(bit).strip() for bit in re.split(r'…|\d+', part)]
            assert any(all(bit in plain(text) for bit in bits)
                       for text in texts), (name, part)


def the_french_errors(p):
    errors_exist(p, 'guide.fr.md', 'fr')


def the_english_errors(p):
    errors_exist(p, 'guide.en.md', 'en')


def registered(path):
    """Whether a meson.build above a test, or run_tests.py, names it."""
    stem = re.sub(r'^test_|\.\w+$', '', os.path.basename(path))
    folder = os.path.dirname(path)
    builds = [os.path.join(SOURCE, 'tests', 'run_tests.py')]
    while folder != SOURCE:
        builds.append(os.path.join(folder, 'meson.build'))
        folder = os.path.dirname(folder)
    for build in builds:
        if os.path.exists(build):
            with open(build, encoding='utf-8') as file:
                if re.search(rf'\b(test_)?{stem}\b', file.read()):
                    return True
    return False


def real_tests(cited):
    """Each file is there and registered; each case is in it."""
    for name, cases in cited:
        path = os.path.join(SOURCE, 'tests', name)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        assert registered(path), name
        for case in re.split(r',\s*', cases.strip()) if cases else []:
            assert re.search(rf'\b{case}\b', text), (name, case)


def the_threat_model_names_real_tests(p):
    with open(os.path.join(SOURCE, 'docs', 'threat-model.md'),
              encoding='utf-8') as file:
        cited = re.findall(r'`([a-z_]+(?:/\w+)*\.(?:py|c))(?::\s([^`]+))?`',
                           file.read())
    assert len(cited) > 30
    real_tests(cited)


def known_faults_name_real_tests(p):
    """Each row of the table has a test, or says that it has none."""
    with open(os.path.join(SOURCE, 'docs', 'reliability.md'),
              encoding='utf-8') as file:
        part = file.read().split('\n## Known faults elsewhere')[1]
    rows = re.findall(r'^\| (\d+) \| ([^|]+) \| ([^|]+) \|$',
                      part.split('\n## ')[0], re.M)
    assert len(rows) > 35 and len({number for number, *_ in rows}) == len(rows)
    for number, what, tests in rows:
        cited = re.findall(r'`([a-z_]+(?:/\w+)+(?:\.\w+)?): ([^`]+)`', tests)
        assert cited or tests.startswith('none: '), (number, what)
        assert len(cited) * 2 == tests.count('`'), tests
        real_tests(cited)


program.main([the_threat_model_names_real_tests, known_faults_name_real_tests,
              the_french_errors, the_english_errors,
              the_french_guide, the_english_guide, the_readme])
