#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes header.json: header.py > header.json

A second writer of the vault's header, made from docs/format.md
alone: BLAKE2b and SHA-256 are Python's own, Argon2id and
XChaCha20-Poly1305 libsodium's through ctypes, the words those of
python3-mnemonic.  All inputs are fixed and synthetic.
"""
import ctypes
import ctypes.util
import hashlib
import json
import pathlib
import struct
import sys
import unicodedata

WORDS = pathlib.Path("/usr/lib/python3/dist-packages/mnemonic/wordlist")
USES = ["index", "names", "gear", "packs", "ledger", "header", "ids",
        "device", "manifests", "signers"]

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
if sodium.sodium_init() < 0:
    sys.exit("header.py: libsodium doesn't start")


def argon2id(passphrase, salt, ops, mem_kib):
    out = ctypes.create_string_buffer(64)
    if sodium.crypto_pwhash(
            out, ctypes.c_ulonglong(64), passphrase,
            ctypes.c_ulonglong(len(passphrase)), salt,
            ctypes.c_ulonglong(ops), ctypes.c_size_t(mem_kib * 1024), 2):
        sys.exit("header.py: no memory for Argon2id")
    return out.raw


def seal(key, ad, plain, nonce):
    out = ctypes.create_string_buffer(len(plain) + 16)
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, None, plain, ctypes.c_ulonglong(len(plain)), ad,
        ctypes.c_ulonglong(len(ad)), None, nonce, key)
    return nonce + out.raw


def subkey(master, number):
    return hashlib.blake2b(
        b"", digest_size=32, key=master,
        salt=struct.pack("<QQ", number, 0),
        person=b"carnet__" + bytes(8)).digest()


def words(entropy, name):
    text = (WORDS / (name + ".txt")).read_bytes().decode("utf-8-sig")
    table = unicodedata.normalize("NFC", text).split()
    bits = int.from_bytes(entropy, "big") << 5
    bits |= hashlib.sha256(entropy).digest()[0] >> 3
    return " ".join(table[bits >> 11 * (14 - i) & 2047] for i in range(15))


def additional_data(vault, slot, kind, kdf):
    ad = b"carnet slot v1\0" + vault + slot.encode() + bytes([kind])
    if kind == 1:
        return ad + b"\1" + struct.pack("<II", kdf["ops"],
                                        kdf["mem_kib"]) + kdf["salt"]
    return ad + bytes(25)


def copy(text, master):
    body = text.encode()
    return (body + hashlib.blake2b(body, digest_size=32).digest() +
            hashlib.blake2b(body, digest_size=32,
                            key=subkey(master, 6)).digest())


def count(first, length):
    return bytes((first + i) % 256 for i in range(length))


def main():
    master, vault = count(0x10, 32), count(0xa0, 16)
    kdf = {"ops": 2, "mem_kib": 65536, "salt": count(0x40, 16)}
    typed = unicodedata.normalize("NFD", "Élan vital, château 1789")
    entropy = count(0x77, 20)
    derived = {
        1: argon2id(unicodedata.normalize("NFC", typed).encode(),
                    kdf["salt"], kdf["ops"], kdf["mem_kib"]),
        2: hashlib.blake2b(vault + b"krecovery", digest_size=64, key=entropy,
                           person=b"carnet recovery\0").digest(),
    }
    slots, vectors = [], []
    for kind, name, slot, nonce in ((1, "passphrase", "kpassword", 0xc0),
                                    (2, "recovery", "krecovery", 0xe0)):
        ad = additional_data(vault, slot, kind, kdf)
        wrapped = seal(derived[kind][:32], ad, master, count(nonce, 24))
        slots.append('{"id":"%s","kind":"%s","created":"2026-03-05",'
                     '"commitment":"%s","wrapped":"%s"}' %
                     (slot, name, derived[kind][32:].hex(), wrapped.hex()))
        vectors.append({"id": slot, "kind": name,
                        "derived": derived[kind].hex(),
                        "additional_data": ad.hex(),
                        "wrapped": wrapped.hex()})
    copies = {}
    for sequence in (41, 42):
        text = ('{"format":"carnet header","version":1,"id":"%s",'
                '"sequence":%d,"kdf":{"alg":"argon2id","salt":"%s","ops":%d,'
                '"mem_kib":%d},"slots":[%s]}\n' %
                (vault.hex(), sequence, kdf["salt"].hex(), kdf["ops"],
                 kdf["mem_kib"], ",".join(slots)))
        copies[sequence] = copy(text, master).hex()
    json.dump({
        "about": "A vault's header; see docs/format.md. Synthetic.",
        "master": master.hex(),
        "vault": vault.hex(),
        "passphrase_utf8": typed.encode().hex(),
        "recovery_entropy": entropy.hex(),
        "recovery_words": {"fr": words(entropy, "french"),
                           "en": words(entropy, "english")},
        "subkeys": {use: subkey(master, i + 1).hex()
                    for i, use in enumerate(USES)},
        "slots": vectors,
        "sequence": 41,
        "copy": copies[41],
        "copy_after_next_store": copies[42],
    }, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
