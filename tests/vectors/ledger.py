#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A second writer of the ledger, made from docs/format.md.

Prints tests/vectors/ledger.json: a segment whose salts and nonces are fixed,
so that it is the same each time.  All of it is synthetic.  Needs python3-nacl.
"""
import base64
import hashlib
import json
import struct

import nacl.bindings

MASTER = bytes(range(32))
VAULT = bytes(range(0x40, 0x50))
DEVICE = bytes(range(0x60, 0x70))
NUMBER, REVISION = 3, 1

EVENTS = [
    {"seq": 7, "lamport": 12, "batch_index": 0, "batch_len": 2,
     "recorded": 1772668800000, "effective": [2026, 3, 5],
     "kind": "person.added", "payload": '{"name":"Zoé Exemple"}',
     "purged": False, "heads": [["99" * 16, 4, "aa" * 32]]},
    {"seq": 8, "lamport": 13, "batch_index": 1, "batch_len": 2,
     "recorded": -1, "effective": [0, 0, 0], "kind": "document.added",
     "payload": '{"title":"erased"}', "purged": True, "heads": []},
    {"seq": 9, "lamport": 15, "batch_index": 0, "batch_len": 1,
     "recorded": 1772668800001, "effective": [1980, 0, 0],
     "kind": "document.noted",
     "payload": '{"document":"dxxxxxxxxxxxx","text":"%s"}' % ("é" * 400),
     "purged": False, "heads": []},
]


def blake2b(data, key=b''):
    return hashlib.blake2b(data, digest_size=32, key=key).digest()


def subkey(n):
    return hashlib.blake2b(b'', digest_size=32, key=MASTER,
                           person=b'carnet__',
                           salt=struct.pack('<Q', n)).digest()


def plain_text(event, previous, salt):
    payload = event["payload"].encode()
    body = salt + struct.pack('<I', len(payload)) + payload
    commitment = blake2b(body)
    kind = event["kind"].encode()
    header = DEVICE + struct.pack('<QQII', event["seq"], event["lamport"],
                                  event["batch_index"], event["batch_len"])
    header += previous + struct.pack('<q', event["recorded"])
    header += struct.pack('<HBB', *event["effective"])
    header += bytes([len(kind)]) + kind
    header += struct.pack('<H', len(event["heads"]))
    for device, seq, digest in event["heads"]:
        header += bytes.fromhex(device) + struct.pack('<Q', seq)
        header += bytes.fromhex(digest)
    header += commitment
    header = struct.pack('<HH', 1, len(header) + 4) + header
    plain = header + (b'\1' if event["purged"] else b'\0' + body)
    return plain, commitment, blake2b(header)


def main():
    head = b'carnetlg' + struct.pack('<HI', 1, 1) + DEVICE
    head += struct.pack('<QI', NUMBER, REVISION)
    head += bytes(48 - len(head))
    segment, previous = head, bytes([0x77]) * 32
    for i, event in enumerate(EVENTS):
        salt = bytes([0x10 + i]) * 32
        plain, commitment, digest = plain_text(event, previous, salt)
        event.update({
            "previous": previous.hex(), "salt": salt.hex(),
            "commitment": commitment.hex(), "hash": digest.hex(),
            "plain": plain.hex(),
            "id": 'd' + base64.b32encode(blake2b(
                b'd' + DEVICE + struct.pack('<QI', event["seq"], 0),
                subkey(7))).decode().lower()[:12]})
        if event["purged"]:
            event["payload"] = event["salt"] = None
        previous = digest
        padded = plain + bytes(-len(plain) % 512)
        at, length = len(segment), len(padded) + 40
        ad = b'carnetlg' + VAULT + DEVICE
        ad += struct.pack('<QIIQ', NUMBER, REVISION, 1, at)
        nonce = bytes([0x30 + i]) * 24
        segment += struct.pack('<I', length)
        segment += blake2b(head + struct.pack('<QI', at, length))[:12]
        segment += nonce
        segment += nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            padded, ad, nonce, subkey(5))
    print(json.dumps({
        "about": "Events and a segment; see docs/format.md. Synthetic.",
        "master": MASTER.hex(), "vault": VAULT.hex(), "device": DEVICE.hex(),
        "number": NUMBER, "revision": REVISION, "events": EVENTS,
        "segment": segment.hex()}, indent=1, ensure_ascii=False))


if __name__ == '__main__':
    main()
