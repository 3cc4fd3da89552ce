#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes what the fuzzers start from: DIR/NAME/seed-*, one folder a fuzzer.

Made of what is tracked already: the vault and the backup of carnet 0.1, opened
by the second reader, the vectors, the templates, the catalogue.  All of it is
synthetic.  Usage: seeds.py DIR
"""
import base64
import glob
import hashlib
import hmac
import json
import os
import struct
import sys

import nacl.bindings

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LETTERS = os.path.join(TESTS, '..', 'formats', 'letters')
sys.path.insert(0, TESTS)
import second_reader  # noqa: E402

RAW, LIST, CHUNK = b'\0', b'\2', b'\3'  # fuzz_pack.c
MANIFEST_RAW, MANIFEST_SEALED = b'\0', b'\2'  # fuzz_manifest.c
BUILT, AS_IS = b'\0\1\0\0', b'\1\1\0\0'  # fuzz_segment.c
RECORD, BYTES, CUT, HURT = 0, 1, 2, 3


def vectors(name):
    with open(os.path.join(TESTS, 'vectors', name + '.json'),
              encoding='utf-8') as file:
        return json.load(file)


def opened():
    """Every sealed thing of the vault and the backup: (ad, plain, what)."""
    things = []
    unseal = second_reader.unseal

    def watched(key, ad, sealed, what):
        plain = unseal(key, ad, sealed, what)
        things.append((ad, plain, what))
        return plain

    top = os.path.join(TESTS, 'vectors', 'vault-0.1')
    with open(os.path.join(top, 'expected.json'), encoding='utf-8') as file:
        words = json.load(file)['words']
    second_reader.unseal = watched
    second_reader.open_vault(os.path.join(top, 'vault'),
                             lambda header: header.open_words(words))
    second_reader.open_backup(os.path.join(top, 'backup'),
                              lambda header: header.open_words(words))
    second_reader.unseal = unseal
    return things


def headers():
    for path in glob.glob(os.path.join(TESTS, 'vectors', 'vault-0.1',
                                       'vault', 'carnet.head*')):
        copy = second_reader.read_file(path)
        yield copy
        yield copy[:-64]
    yield bytes.fromhex(vectors('header')['copy'])[:-64]


def events(things):
    for event in vectors('ledger')['events']:
        yield bytes.fromhex(event['plain'])
    for _, plain, what in things:
        if what.startswith('record at '):
            yield plain


def segments(things):
    yield AS_IS + bytes.fromhex(vectors('ledger')['segment'])
    some = [plain.rstrip(b'\0') for plain in events(things)][:6]
    records = [bytes([RECORD]) + struct.pack('<H', len(plain)) + plain
               for plain in some]
    yield BUILT + b''.join(records)
    yield BUILT + b''.join(records[:3]) + struct.pack('<BH', CUT, 100)
    yield (BUILT + records[0] + struct.pack('<BH', HURT, 530) +
           b''.join(records[1:3]))
    yield (BUILT + records[0] + struct.pack('<BH', BYTES, 700) + bytes(700) +
           records[1])


def packs(things):
    vector = vectors('pack')
    yield RAW + bytes.fromhex(vector['head']).ljust(4096, b'\0') + \
        bytes.fromhex(vector['tail'])
    trailer = None
    for ad, plain, what in things:
        kind = ad[30] if what.startswith('pack ') else 0
        if kind == 3:
            trailer = plain
        elif kind == 2:
            yield LIST + trailer + plain
        elif kind == 1 and len(plain) < 4096:
            yield CHUNK + plain[1:5] + plain  # a box: flag, length, payload


def manifests(things):
    top = os.path.join(TESTS, 'vectors', 'vault-0.1', 'backup', 'snapshots')
    for name in sorted(os.listdir(top)):
        yield MANIFEST_RAW + second_reader.read_file(os.path.join(top, name))
    for _, plain, what in things:
        if what.startswith('snapshot '):
            yield MANIFEST_SEALED + plain[:-64]


def hkdf(salt, info, secret):
    key = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(key, info + b'\1', hashlib.sha256).digest()


def age_file(text):
    """An age file for the key that fuzz_age.c has (C2SP, age.md)."""
    seal = nacl.bindings.crypto_aead_chacha20poly1305_ietf_encrypt
    multiply = nacl.bindings.crypto_scalarmult
    ours, theirs, file_key = b'\1' + bytes(31), b'\2' * 32, b'\3' * 16
    public, share = (nacl.bindings.crypto_scalarmult_base(ours),
                     nacl.bindings.crypto_scalarmult_base(theirs))

    def base64_of(data):
        return base64.b64encode(data).rstrip(b'=')

    wrap = hkdf(share + public, b'age-encryption.org/v1/X25519',
                multiply(theirs, public))
    head = b'age-encryption.org/v1\n-> X25519 ' + base64_of(share) + b'\n'
    head += base64_of(seal(file_key, None, bytes(12), wrap)) + b'\n---'
    mac = hmac.new(hkdf(b'', b'header', file_key), head, hashlib.sha256)
    nonce = b'\4' * 16
    payload = seal(text, None, bytes(11) + b'\1',
                   hkdf(nonce, b'payload', file_key))
    return head + b' ' + base64_of(mac.digest()) + b'\n' + nonce + payload


def readings():
    def frame(tag, data):
        return tag + struct.pack('<I', len(data)) + data

    meta = json.dumps({
        'type': 'text/plain', 'document': 'lab', 'title': 'Bilan',
        'date': '2026-03-05', 'reader': 'text 1', 'cut': False,
        'unread': ''}).encode()
    whole = (frame(b'TYPE', b'text/plain') + frame(b'TEXT', b'Ferritine 12') +
             frame(b'META', meta) + frame(b'END ', b''))
    yield b'\0' + whole
    yield b'\1' + whole
    yield b'\4' + whole[:30]


def texts():
    yield b'{"a":[1,2.50,-3e2,true,null],"b":{"c":"\\u00e9\\ud83d\\ude00"}}'
    for name in ('windows', 'answers'):
        with open(os.path.join(LETTERS, name + '.json'), 'rb') as file:
            yield file.read()


def templates():
    for path in sorted(glob.glob(os.path.join(LETTERS, 'fr', '*.md')))[::4]:
        yield second_reader.read_file(path)


def lines():
    for line in (b'verb --flag --text x --list a --list=b --number 12',
                 b'--json verb --born 1980-03-05 -- --not-an-option',
                 b'verb +a -b --text= --quiet', b'--on 2026-02-29 verb'):
        yield line.replace(b' ', b'\0')


def shares():
    for number in (1, 2):
        body = bytes([number, 2]) + b'\7' * 29
        body += second_reader.blake2b(body)[:4]
        text = base64.b32encode(body).decode().lower()
        yield ('carnet-share-%d: %s' % (number, ' '.join(
            text[i:i + 4] for i in range(0, len(text), 4)))).encode()


def minisigns():
    def line(data):
        return base64.b64encode(data) + b'\n'

    yield (b'untrusted comment: synthetic\n' +
           line(b'ED' + b'\1' * 8 + b'\2' * 64) +
           b'trusted comment: timestamp:1772668800\n' + line(b'\3' * 64))
    yield b'untrusted comment: synthetic\n' + line(b'Ed' + b'\1' * 40)
    yield base64.b64encode(b'Ed' + b'\1' * 40)


def catalogues():
    """A recipient, a statement, the bases it cites, a country's holidays."""
    files = {}
    for name in ('recipients', 'authorities', 'statements', 'words',
                 'purposes', 'holidays', 'windows', 'answers'):
        with open(os.path.join(LETTERS, name + '.json'),
                  encoding='utf-8') as file:
            files[name] = json.load(file)
    whole = files['statements']
    places = [(k, v) for k, v in files['holidays'].items()
              if isinstance(v, dict)]
    for i in range(0, 12):
        statement = whole['statements'][i]
        country, holidays = places[i % len(places)]
        few = dict(files)
        few['recipients'] = {
            'recipients': files['recipients']['recipients'][i:i + 1]}
        few['authorities'] = {
            'recipients': files['authorities']['recipients'][i:i + 1]}
        few['statements'] = {
            'bases': {k: v for k, v in whole['bases'].items()
                      if k in statement['basis']},
            'own': whole['own'], 'statements': [statement]}
        few['words'] = {'fr': {'channels': files['words']['fr']['channels']}}
        few['purposes'] = {
            'purposes': files['purposes']['purposes'][i:i + 1]}
        few['holidays'] = {country: holidays}
        parts = [json.dumps(x, ensure_ascii=False).encode()
                 for x in few.values()]
        if all(len(part) <= 8192 for part in parts):
            yield b'\0'.join(parts)


def main():
    things = opened()
    for name, seeds in (
            ('header', headers()), ('event', events(things)),
            ('segment', segments(things)), ('pack', packs(things)),
            ('manifest', manifests(things)), ('age', [age_file(b'text')]),
            ('reading', readings()), ('json', texts()),
            ('template', templates()), ('options', lines()),
            ('shares', shares()), ('minisign', minisigns()),
            ('catalogue', catalogues())):
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        count = 0
        for count, seed in enumerate(seeds, 1):
            with open(os.path.join(folder, 'seed-%03d' % count),
                      'wb') as file:
                file.write(seed)
        if count == 0:
            sys.exit('seeds: none for ' + name)


if __name__ == '__main__':
    main()
