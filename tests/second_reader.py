#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A second reader of vaults and backups, written from docs/format.md alone.

It shares no code with carnet, writes nothing, and believes nothing that it
hasn't verified.  Needs python3-nacl, python3-zstandard, python3-mnemonic.

  second_reader.py (--vault DIR | --backup DIR [--snapshot ID])
      (--passphrase-file F | --words-file F)
      list | cat ID | events | check | snapshots (of a backup)
"""
import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import unicodedata

import mnemonic
import nacl.bindings
import nacl.exceptions
import nacl.pwhash
import nacl.signing
import xxhash
import zstandard

ID, HASH = 16, 32


class Damaged(Exception):
    """What is read is not what was written."""


class Newer(Exception):
    """A newer carnet is needed."""


class WrongKey(Exception):
    """No slot opens with this."""


def need(condition, what):
    if not condition:
        raise Damaged(what)


# --- ciphers ---------------------------------------------------------------

def blake2b(data, key=b'', size=HASH):
    return hashlib.blake2b(data, key=key, digest_size=size).digest()


def unseal(key, ad, sealed, what):
    need(len(sealed) >= 40, what + ': too short for a seal')
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[24:], ad, sealed[:24], key)
    except nacl.exceptions.CryptoError:
        raise Damaged(what + ': does not open') from None


def base32(data):
    return base64.b32encode(data).decode().lower().rstrip('=')


def subkey(master, n):
    return hashlib.blake2b(
        b'', digest_size=32, key=master, person=b'carnet__',
        salt=struct.pack('<Q', n)).digest()


class Cursor:
    """Little-endian fields, never beyond the end."""

    def __init__(self, data, what):
        self.data, self.at, self.what = data, 0, what

    def bytes(self, n):
        need(n <= len(self.data) - self.at, self.what + ': too short')
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n, signed=False):
        return int.from_bytes(self.bytes(n), 'little', signed=signed)


# --- the header ------------------------------------------------------------

def strict_json(data, what):
    def pairs(items):
        keys = [k for k, _ in items]
        need(len(set(keys)) == len(keys), what + ': a key twice')
        return dict(items)
    try:
        return json.loads(data.decode('utf-8'), object_pairs_hook=pairs)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise Damaged(what + ': not JSON') from None


HEX = re.compile(r'^[0-9a-f]*$')


def is_hex(value, length):
    return (isinstance(value, str) and len(value) == 2 * length and
            HEX.match(value))


def is_int(value, low, high):
    return type(value) is int and low <= value <= high


def check_slot(slot):
    fields = {'id', 'kind', 'created', 'commitment', 'wrapped'}
    kind = slot.get('kind') if isinstance(slot, dict) else None
    need(kind in ('passphrase', 'recovery', 'keyfile', 'shares'),
         'header: kind of a slot')
    if kind == 'shares':
        fields |= {'need', 'shares'}
        shares = slot.get('shares')
        need(isinstance(shares, list) and 2 <= len(shares) <= 16 and
             all(is_hex(x, 32) for x in shares) and
             is_int(slot.get('need'), 2, len(shares)), 'header: shares')
    need(set(slot) == fields, 'header: fields of a slot')
    need(isinstance(slot['id'], str) and
         re.match(r'^k[a-z2-7]{8}$', slot['id']), 'header: id of a slot')
    need(isinstance(slot['created'], str) and
         re.match(r'^\d{4}-\d\d-\d\d$', slot['created']), 'header: date')
    need(is_hex(slot['commitment'], 32) and is_hex(slot['wrapped'], 72),
         'header: a slot')


class Header:
    def __init__(self, data):
        need(64 < len(data) <= 65536, 'header: its length')
        self.json, self.mac = data[:-64], data[-32:]
        need(blake2b(self.json) == data[-64:-32], 'header: its checksum')
        head = strict_json(self.json, 'header')
        need(isinstance(head, dict) and
             head.get('format') == 'carnet header' and
             type(head.get('version')) in (int, float), 'header: its format')
        if head['version'] > 1:
            raise Newer('header of version %s' % head['version'])
        need(set(head) == {'format', 'version', 'id', 'sequence', 'kdf',
                           'slots'} and head['version'] == 1,
             'header: its fields')
        kdf = head['kdf']
        need(is_hex(head['id'], 16) and is_int(head['sequence'], 0, 2**53 - 1),
             'header: id or sequence')
        need(isinstance(kdf, dict) and
             set(kdf) == {'alg', 'salt', 'ops', 'mem_kib'} and
             kdf['alg'] == 'argon2id' and is_hex(kdf['salt'], 16) and
             is_int(kdf['ops'], 2, 20) and
             is_int(kdf['mem_kib'], 65536, 4194304), 'header: its KDF')
        slots = head['slots']
        need(isinstance(slots, list) and 1 <= len(slots) <= 32,
             'header: its slots')
        for slot in slots:
            check_slot(slot)
        need(len({x['id'] for x in slots}) == len(slots), 'header: slots')
        self.id = bytes.fromhex(head['id'])
        self.sequence, self.kdf, self.slots = head['sequence'], kdf, slots

    def slot_ad(self, slot):
        kinds = {'passphrase': 1, 'recovery': 2, 'keyfile': 3, 'shares': 4}
        ad = b'carnet slot v1\0' + self.id + slot['id'].encode()
        ad += bytes([kinds[slot['kind']]])
        if slot['kind'] in ('recovery', 'shares'):
            return ad + bytes(1 + 4 + 4 + 16)
        return ad + struct.pack('<BII', 1, self.kdf['ops'],
                                self.kdf['mem_kib']) + \
            bytes.fromhex(self.kdf['salt'])

    def try_slot(self, slot, both):
        if both[32:] != bytes.fromhex(slot['commitment']):
            return None
        return unseal(both[:32], self.slot_ad(slot),
                      bytes.fromhex(slot['wrapped']), 'header: a slot')

    def open_passphrase(self, passphrase):
        try:
            passphrase = unicodedata.normalize(
                'NFC', passphrase.decode('utf-8')).encode()
        except UnicodeDecodeError:
            pass
        both = nacl.pwhash.argon2id.kdf(
            64, passphrase, bytes.fromhex(self.kdf['salt']),
            opslimit=self.kdf['ops'], memlimit=self.kdf['mem_kib'] * 1024)
        return self.first('passphrase', lambda slot: both)

    def open_words(self, text):
        for code in words_to_bytes(text):
            try:
                return self.first('recovery', lambda slot: hashlib.blake2b(
                    self.id + slot['id'].encode(), digest_size=64, key=code,
                    person=b'carnet recovery').digest())
            except WrongKey:
                continue
        raise WrongKey('these words open nothing')

    def first(self, kind, derive):
        for slot in self.slots:
            if slot['kind'] == kind:
                master = self.try_slot(slot, derive(slot))
                if master is not None:
                    return master
        raise WrongKey('no slot opens')

    def check_mac(self, master):
        need(blake2b(self.json, subkey(master, 6)) == self.mac,
             'header: its MAC')


def fold(text):
    text = unicodedata.normalize('NFKD', text).casefold()
    return ''.join(c for c in unicodedata.normalize('NFKD', text)
                   if not unicodedata.combining(c))


def words_to_bytes(text):
    """Every reading of the words, in either language."""
    typed = re.findall(r'[^\W\d_]+', fold(text))
    for language in ('french', 'english'):
        # the French list begins with a mark of its byte order
        words = [unicodedata.normalize('NFC', x.lstrip('\ufeff')) for x in
                 mnemonic.Mnemonic(language).wordlist]
        folded = [fold(x) for x in words]
        bits = ''
        for word in typed:
            found = [i for i, x in enumerate(folded) if x == word] or (
                [i for i, x in enumerate(folded) if x.startswith(word)]
                if len(word) >= 4 else [])
            bits += format(found[0], '011b') if len(found) == 1 else 'no'
        if len(bits) != 165 or 'n' in bits:
            continue
        code = int(bits[:160], 2).to_bytes(20, 'big')
        if format(hashlib.sha256(code).digest()[0], '08b')[:5] == bits[160:]:
            yield code


def load_header(folder):
    """The copy that counts, of two; and what is wrong with the other."""
    good, bad = [], []
    for name in ('carnet.head', 'carnet.head.1'):
        try:
            with open(os.path.join(folder, name), 'rb') as f:
                good.append(Header(f.read(65537)))
        except (OSError, Damaged) as why:
            bad.append('%s: %s' % (name, why))
    need(good, 'both copies of the header')
    need(len({x.id for x in good}) == 1, 'headers of two vaults')
    return max(good, key=lambda x: x.sequence), good, bad


# --- events ----------------------------------------------------------------

class Event:
    def __init__(self, plain):
        c = Cursor(plain, 'event')
        version, header_len = c.number(2), c.number(2)
        if version > 1:
            raise Newer('event of version %d' % version)
        need(version == 1 and header_len <= len(plain), 'event: its header')
        self.device, self.seq = c.bytes(ID), c.number(8)
        self.lamport = c.number(8)
        self.batch_index, self.batch_len = c.number(4), c.number(4)
        need(self.batch_index < self.batch_len, 'event: its batch')
        self.previous = c.bytes(HASH)
        self.recorded = c.number(8, signed=True)
        self.effective = c.number(2), c.number(1), c.number(1)
        kind_len = c.number(1)
        need(1 <= kind_len <= 31, 'event: its kind')
        self.kind = c.bytes(kind_len).decode('ascii')
        heads = c.number(2)
        need(heads <= 64, 'event: its heads')
        self.heads = [(c.bytes(ID), c.number(8), c.bytes(HASH))
                      for _ in range(heads)]
        self.commitment = c.bytes(HASH)
        need(c.at == header_len, 'event: length of its header')
        self.hash = blake2b(plain[:header_len])
        body = c.number(1)
        need(body in (0, 1), 'event: its body')
        self.purged, self.payload, self.salt = body == 1, None, None
        if body == 0:
            start = c.at
            self.salt, length = c.bytes(32), c.number(4)
            need(length <= 2 << 20, 'event: its payload')
            self.payload = c.bytes(length)
            need(blake2b(plain[start:c.at]) == self.commitment,
                 'event: its commitment')
        need(not plain[c.at:].strip(b'\0'), 'event: what is behind it')

    def order(self):
        return self.lamport, self.device, self.seq

    def id(self, letter, ids_key):
        return letter + base32(blake2b(
            letter.encode() + self.device + struct.pack('<QI', self.seq, 0),
            ids_key))[:12]

    def json(self):
        """The payload; what isn't an object says nothing."""
        try:
            value = json.loads(self.payload.decode('utf-8'))
        except (AttributeError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}


class Segment:
    """One segment's bytes: a header in clear, then framed records."""

    def __init__(self, key, vault, device, number, revision, data):
        self.key, self.data = key, data
        self.tail = device + struct.pack('<QI', number, revision)
        self.header = b'carnetlg' + struct.pack('<HI', 1, 1) + self.tail
        self.header += bytes(48 - len(self.header))
        self.ad = b'carnetlg' + vault + self.tail + struct.pack('<I', 1)
        if data[:8] == self.header[:8] and data[10:48] == self.header[10:]:
            version = int.from_bytes(data[8:10], 'little')
            if 1 < version < 256:
                raise Newer('segment of version %d' % version)
        need(data[:48] == self.header, 'segment: its header')

    def frame(self, at):
        """The sealed length that a sound frame says, or None."""
        length = int.from_bytes(self.data[at:at + 4], 'little')
        check = blake2b(self.header + struct.pack('<QI', at, length))[:12]
        if len(self.data) - at < 16 or self.data[at + 4:at + 16] != check:
            return None
        if not 552 <= length <= 40 + (4 << 20) or (length - 40) % 512:
            return None
        return length

    def record(self, at):
        length = self.frame(at)
        need(length is not None, 'record at %d: its frame' % at)
        end = at + 16 + length
        need(end <= len(self.data), 'record at %d: cut short' % at)
        return unseal(self.key, self.ad + struct.pack('<Q', at),
                      self.data[at + 16:end], 'record at %d' % at), end

    def events(self, last=False):
        """All events; a torn tail of the last segment is left out.  A
        reader that only verifies stops at damage: it mends nothing."""
        at, batch = 48, []
        while at < len(self.data):
            try:
                plain, end = self.record(at)
            except Damaged:
                if last and self.is_torn(at):
                    return
                raise
            batch.append(Event(plain))
            at = end
            if batch[-1].batch_index + 1 == batch[-1].batch_len:
                yield from batch
                batch = []
        need(last or not batch, 'segment: its last batch')

    def is_torn(self, at):
        """Whether all of what is from here on is of a write that wasn't
        finished: the file ends too early, or lacks a sector."""
        while at < len(self.data):
            length = self.frame(at)
            if length is None:
                if len(self.data) - at < 16:
                    return True
                end = len(self.data)
            else:
                end = at + 16 + length
                if end > len(self.data):
                    return True
            for sector in range(at // 512, (end + 511) // 512):
                part = self.data[max(at, 512 * sector):
                                 min(end, 512 * sector + 512)]
                if part and not part.strip(b'\0'):
                    return True
            at = end
        return False


# --- packs and contents ----------------------------------------------------

class Pack:
    def __init__(self, key, name, data):
        self.key, self.data = key, data
        need(len(data) >= 166, 'pack %s: its length' % name)
        version, epoch = struct.unpack('<HI', data[8:14])
        need(data[-32:] == (
            blake2b(data[:-32]) if version == 1 else
            xxhash.xxh3_128_digest(data[:-32]) + bytes(16)),
            'pack %s: its checksum' % name)
        need(data[:8] == b'carnetpk' and data[14:30].hex() == name,
             'pack %s: its name' % name)
        self.name = name
        if version > 2 or epoch > 0:
            raise Newer('pack of version %d' % version)
        need(version > 0, 'pack %s: its version' % name)
        trailer = Cursor(self.seal(3, len(data) - 92, 60), 'trailer')
        at, length, count = (trailer.number(8), trailer.number(8),
                             trailer.number(4))
        need(30 <= at and at + length <= len(data) - 92 and
             length == 4 + 48 * count + 40 and 1 <= count <= 16384,
             'pack %s: its trailer' % name)
        rows = Cursor(self.seal(2, at, length), 'list')
        need(rows.number(4) == count, 'pack %s: its list' % name)
        self.chunks, end = {}, 30
        for _ in range(count):
            chunk, offset, sealed, plain = (rows.bytes(32), rows.number(8),
                                            rows.number(4), rows.number(4))
            need(offset == end, 'pack %s: its chain of offsets' % name)
            end = offset + sealed
            self.chunks[chunk] = offset, sealed, plain
        need(end == at, 'pack %s: the end of its chunks' % name)

    def seal(self, kind, at, length):
        # with 1 for the version, whichever it is
        ad = (self.data[:8] + b'\1\0' + self.data[10:30] +
              struct.pack('<BQ', kind, at))
        return unseal(self.key, ad, self.data[at:at + length],
                      'pack %s, byte %d' % (self.name, at))

    def chunk(self, names_key, name):
        offset, sealed, plain_len = self.chunks[name]
        box = self.seal(1, offset, sealed)
        flag, said = struct.unpack('<BI', box[:5])
        need(flag in (0, 1) and said == plain_len, 'a chunk: its box')
        plain = box[5:]
        if flag == 1:
            try:
                plain = zstandard.ZstdDecompressor().decompress(
                    plain, max_output_size=plain_len)
            except zstandard.ZstdError:
                raise Damaged('a chunk: its frame') from None
        need(len(plain) == plain_len and blake2b(plain, names_key) == name,
             'a chunk: its name')
        return plain


class Packs:
    """Where each chunk is: by the packs' own lists, each checked whole."""

    def __init__(self, folder, master, wanted=None):
        self.folder, self.where, self.problems = folder, {}, []
        self.key, self.names = subkey(master, 4), subkey(master, 2)
        self.count, self.open = 0, (None, None)
        for path in sorted(self.paths()) if wanted is None else wanted:
            try:
                pack = self.load(path)
            except (Damaged, OSError) as why:
                self.problems.append('%s: %s' % (path, why))
                continue
            self.count += 1
            for name in pack.chunks:
                self.where.setdefault(name, path)

    def paths(self):
        top = os.path.join(self.folder, 'packs')
        for folder in os.listdir(top):
            for name in os.listdir(os.path.join(top, folder)):
                if re.match(r'^[0-9a-f]{32}$', name) and name[:2] == folder:
                    yield 'packs/%s/%s' % (folder, name)

    def load(self, path):
        if self.open[0] != path:
            with open(os.path.join(self.folder, path), 'rb') as f:
                self.open = path, Pack(self.key, path.split('/')[-1],
                                       f.read())
        return self.open[1]

    def chunk(self, name):
        need(name in self.where, 'a chunk is in no pack')
        return self.load(self.where[name]).chunk(self.names, name)

    def content(self, content):
        """The bytes of a content, chunk by chunk."""
        size, left = int(content['size']), [
            bytes.fromhex(x) for x in content['names']]
        if content['depth'] == 1:
            lists, left = left, []
            for name in lists:
                entries = self.chunk(name)
                need(len(entries) % 36 == 0, 'a list of chunks')
                for i in range(0, len(entries), 36):
                    left.append(entries[i:i + 32])
        elif content['depth'] != 0:
            raise Newer('content of depth %s' % content['depth'])
        for name in left:
            plain = self.chunk(name)
            size -= len(plain)
            yield plain
        need(size == 0, 'a content: its size')


# --- the whole -------------------------------------------------------------

def follow_chain(events, gaps):
    """One device's events, in the order of their records."""
    seq, before = 0, bytes(HASH)
    for event in events:
        if event.seq > seq + 1:
            gaps.append((event.device.hex(), seq + 1, event.seq - 1))
        else:
            need(event.seq == seq + 1 and event.previous == before,
                 'event %d: the chain' % event.seq)
        seq, before = event.seq, event.hash
    return seq, before


def missed_by_others(events, gaps):
    """Gaps at the end of a device's events, which another one has seen."""
    end, seen = {}, {}
    for event in events:
        end[event.device] = max(end.get(event.device, 0), event.seq)
        for device, seq, _ in event.heads:
            seen[device] = max(seen.get(device, 0), seq)
    for device in sorted(seen):
        if seen[device] > end.get(device, 0):
            gaps.append((device.hex(), end.get(device, 0) + 1, seen[device]))


class Record:
    """Events, documents, packs: of a vault or of one snapshot."""

    def __init__(self, master, events, packs):
        self.ids_key, self.packs = subkey(master, 7), packs
        self.events = sorted(events, key=Event.order)
        self.documents, self.persons = {}, []
        for event in self.events:
            self.apply(event, event.json())

    def apply(self, event, payload):
        if event.purged:
            return
        if event.kind == 'person.added':
            self.persons.append((event.id('p', self.ids_key),
                                 payload.get('name')))
        elif event.kind == 'document.added':
            doc = event.id('d', self.ids_key)
            self.documents[doc] = {
                'id': doc, 'person': payload.get('person'),
                'size': int(payload['size']), 'content': payload['content'],
                'title': payload.get('title') or payload.get('source') or '-',
                'type': payload.get('type') or 'other',
                'date': payload.get('date') or '',
                'tags': set(payload.get('tags') or []), 'removed': False,
                'typed': {x for x in ('title', 'type', 'date')
                          if payload.get(x) is not None}}
        elif payload.get('document') in self.documents:
            self.apply_document(event.kind, payload,
                                self.documents[payload['document']])

    def apply_document(self, kind, payload, doc):
        if kind == 'document.read' and 'answer' in payload:
            try:
                answer = json.loads(b''.join(
                    self.packs.content(payload['answer'])))
            except (Damaged, ValueError):
                return
            for source, target in (('title', 'title'), ('document', 'type'),
                                   ('date', 'date')):
                if answer.get(source) and target not in doc['typed']:
                    doc[target] = answer[source]
        elif kind == 'document.edited':
            for field in ('title', 'type', 'date', 'person'):
                if payload.get(field) is not None:
                    doc[field] = payload[field]
                    doc['typed'].add(field)
        elif kind == 'document.tagged':
            doc['tags'] |= set(payload.get('add') or [])
            doc['tags'] -= set(payload.get('remove') or [])
        elif kind == 'document.removed':
            doc['removed'] = True
        elif kind == 'document.restored':
            doc['removed'] = False
        elif kind == 'document.purged':
            del self.documents[doc['id']]

    def list(self):
        fields = 'id', 'title', 'type', 'date', 'size'
        return [dict({x: doc[x] for x in fields}, tags=sorted(doc['tags']))
                for doc in self.documents.values() if not doc['removed']]

    def known_gaps(self):
        return [(x['device'], int(x['from']), int(x['to']))
                for event in self.events if event.kind == 'ledger.repaired'
                for x in event.json().get('gaps', [])]


def explained(gap, known):
    device, start, end = gap
    return all(any(device == x and a <= seq <= b for x, a, b in known)
               for seq in range(start, end + 1))


def vault_segments(folder):
    """By device, in order of numbers: (number, revision, path)."""
    top = os.path.join(folder, 'ledger')
    for device in sorted(os.listdir(top)):
        if not re.match(r'^[0-9a-f]{32}$', device):
            continue
        newest = {}
        for name in os.listdir(os.path.join(top, device)):
            match = re.match(r'^([1-9]\d*)(?:\.([1-9]\d*))?$', name)
            if match:
                number, revision = int(match[1]), int(match[2] or 0)
                newest[number] = max(newest.get(number, 0), revision)
        yield bytes.fromhex(device), [
            (n, r, os.path.join(top, device, '%d.%d' % (n, r) if r
                                else str(n)))
            for n, r in sorted(newest.items())]


def read_file(path):
    with open(path, 'rb') as f:
        return f.read()


def check_device(folder, header, master, events):
    """This device's own file: its key is the one that its ledger names."""
    path = os.path.join(folder, 'device')
    if not os.path.exists(path):
        return  # a restored vault that nobody has written to
    data = read_file(path)
    need(len(data) == 128 and data[:8] == b'carnetd\x01', 'device')
    plain = unseal(subkey(master, 8), data[:8] + header.id, data[8:],
                   'device')
    device, seed, public = plain[:16], plain[16:48], plain[48:]
    need(bytes(nacl.signing.SigningKey(seed).verify_key) == public,
         'device: its key')
    for event in events:
        if event.kind == 'device.added' and event.device == device:
            need(event.json().get('public') == public.hex(),
                 'device: not the key of its ledger')


def open_vault(folder, unlock):
    header, copies, problems = load_header(folder)
    master = unlock(header)
    macs = [x for x in copies if x.json == header.json]
    need(any(blake2b(x.json, subkey(master, 6)) == x.mac for x in macs),
         'header: its MAC')
    key, events, gaps = subkey(master, 5), [], []
    for device, files in vault_segments(folder):
        own = []
        for number, revision, path in files:
            segment = Segment(key, header.id, device, number, revision,
                              read_file(path))
            own += segment.events(last=number == files[-1][0])
        need(all(x.device == device for x in own), 'an event: its device')
        follow_chain(own, gaps)
        events += own
    missed_by_others(events, gaps)
    check_device(folder, header, master, events)
    packs = Packs(folder, master)
    record = Record(master, events, packs)
    for gap in gaps:
        if not explained(gap, record.known_gaps()):
            problems.append('events %d to %d of %s are missing' % (
                gap[1], gap[2], gap[0]))
    record.problems = problems + packs.problems
    return record


# --- backups ---------------------------------------------------------------

class Manifest:
    def __init__(self, data, name, vault, master):
        what = 'snapshot ' + name
        need(len(data) >= 44 and blake2b(data[:-32]) == data[-32:] and
             data[:7] == b'carnetm', what + ': its checksum')
        if data[7] != 1 or data[8:12] != bytes(4):
            raise Newer(what)
        ad = data[:12] + vault + name.encode()
        plain = unseal(subkey(master, 9), ad, data[12:-32], what)
        c = Cursor(plain, what)
        self.made, self.device = c.number(8, signed=True), c.bytes(ID)
        self.public = c.bytes(32)
        self.header = 'headers/%d-%s' % (c.number(8), c.bytes(HASH).hex())
        self.documents, self.events = c.number(8), c.number(8)
        packs, segments, heads = c.number(4), c.number(4), c.number(4)
        self.packs = [(c.bytes(ID).hex(), c.number(8), c.bytes(HASH))
                      for _ in range(packs)]
        self.segments = [(c.bytes(ID), c.number(8), c.number(4), c.number(8),
                          c.bytes(HASH).hex()) for _ in range(segments)]
        self.heads = [(c.bytes(ID), c.number(8), c.number(8), c.bytes(HASH))
                      for _ in range(heads)]
        signed = ad + plain[:c.at]
        signature = c.bytes(64)
        need(c.at == len(plain), what + ': its length')
        for rows, width in ((self.packs, 1), (self.segments, 2),
                            (self.heads, 1)):
            keys = [x[:width] for x in rows]
            need(keys == sorted(set(keys)), what + ': its order')
        try:
            nacl.signing.VerifyKey(self.public).verify(
                b'carnet snapshot v1\0' + signed, signature)
        except nacl.exceptions.BadSignatureError:
            raise Damaged(what + ': its signature') from None
        self.id = name

    def lamport(self):
        return max([x[2] for x in self.heads], default=0)

    def order(self):
        return self.lamport(), self.made, self.id

    def goes_on_from(self, other):
        mine = {x[0]: (x[1], x[3]) for x in self.heads}
        if not all(device in mine and
                   (mine[device][0] > seq or mine[device] == (seq, last))
                   for device, seq, _, last in other.heads):
            return False
        return self.order() > other.order()


class Condemned:
    """A list of what is to go."""
    def __init__(self, data, name, vault, master):
        what = 'condemned ' + name
        need(len(data) >= 44 and blake2b(data[:-32]) == data[-32:] and
             data[:7] == b'carnetx', what + ': its checksum')
        if data[7] != 1 or data[8:12] != bytes(4):
            raise Newer(what)
        plain = unseal(subkey(master, 9), data[:12] + vault + name.encode(),
                       data[12:-32], what)
        c = Cursor(plain, what)
        self.made = c.number(8, signed=True)
        snapshots, files = c.number(4), c.number(4)
        self.snapshots = [c.bytes(13).decode('ascii')
                          for _ in range(snapshots)]
        self.files = [(c.number(1), c.bytes(40), c.number(8, signed=True))
                      for _ in range(files)]
        need(c.at == len(plain), what + ': its length')
        for rows in (self.snapshots, self.files):
            need(rows == sorted(set(rows)), what + ': its order')
        need(len({x[:2] for x in self.files}) == files, what + ': twice')
        for kind, file, _ in self.files:
            need(kind in (1, 2, 3) and
                 not any(file[(16, 32, 40)[kind - 1]:]), what + ': a file')


def condemned(folder, vault, master):
    top = os.path.join(folder, 'condemned')
    names = os.listdir(top) if os.path.isdir(top) else []
    return [Condemned(read_file(os.path.join(top, x)), x, vault, master)
            for x in names if re.match(r'^x[a-z2-7]{12}$', x)]


def living(manifests, lists):
    named = {x for y in lists for x in y.snapshots}
    return [x for x in manifests if x.id not in named or
            not any(y.id not in named and y.goes_on_from(x)
                    for y in manifests)]


def open_a_header(headers, unlock):
    """Any that opens and has the right MAC: the cheaper ones first, then
    the newer ones."""
    why = None
    for header in sorted(headers, key=lambda x: (
            x.kdf['ops'] * x.kdf['mem_kib'], -x.sequence)):
        try:
            master = unlock(header)
            header.check_mac(master)
            return header, master
        except (WrongKey, Damaged) as failed:
            why = why or failed
    raise why or Damaged('no header')


def open_backup(folder, unlock, snapshot=None):
    marker = read_file(os.path.join(folder, 'carnet.backup')).split(b'\n')
    need(len(marker) == 4 and marker[0] == b'carnet backup', 'the marker')
    if marker[2] != b'1':
        raise Newer('backup')
    headers = []
    for name in os.listdir(os.path.join(folder, 'headers')):
        data = read_file(os.path.join(folder, 'headers', name))
        header = Header(data)
        need(name == '%d-%s' % (header.sequence, blake2b(data).hex()),
             'headers/%s: its name' % name)
        need(header.id.hex() == marker[1].decode(), 'a header: its vault')
        headers.append(header)
    header, master = open_a_header(headers, unlock)
    top = os.path.join(folder, 'snapshots')
    manifests = [Manifest(read_file(os.path.join(top, x)), x, header.id,
                          master) for x in os.listdir(top)
                 if re.match(r'^b[a-z2-7]{12}$', x)]
    need(manifests, 'no snapshot')
    lists = condemned(folder, header.id, master)
    alive = living(manifests, lists)
    if snapshot is None:
        chosen = max(alive, key=Manifest.order)
    else:
        chosen = [x for x in manifests if x.id == snapshot][0]
    record = open_snapshot(folder, header, master, chosen)
    record.snapshots = {
        'living': sorted(x.id for x in alive),
        'forgotten': sorted(x.id for x in manifests if x not in alive),
        'files': sorted({(x[0], x[1].hex()) for y in lists for x in y.files})}
    return record


def open_snapshot(folder, header, master, manifest):
    need(os.path.exists(os.path.join(folder, manifest.header)),
         'the header of the snapshot')
    key, by_device = subkey(master, 5), {}
    for device, number, revision, size, name in manifest.segments:
        data = read_file(os.path.join(folder, 'ledger', name))
        need(len(data) == size and blake2b(data).hex() == name,
             'ledger/%s: its hash' % name)
        by_device.setdefault(device, []).extend(
            Segment(key, header.id, device, number, revision, data).events())
    gaps, events = [], []
    for device, own in by_device.items():
        seq, last = follow_chain(own, gaps)
        need((device, seq, own[-1].lamport, last) in manifest.heads,
             'the head of a device')
        events += own
        for event in own:
            if event.kind == 'device.added' and device == manifest.device:
                need(event.json()['public'] == manifest.public.hex(),
                     'the key of the device')
    missed_by_others(events, gaps)
    need(len(events) == manifest.events, 'the number of events')
    paths = []
    for name, size, mark in manifest.packs:
        path = 'packs/%s/%s' % (name[:2], name)
        data = read_file(os.path.join(folder, path))
        need(len(data) == size and data[-32:] == mark, path)
        paths.append(path)
    packs = Packs(folder, master, paths)
    record = Record(master, events, packs)
    need(len(record.list()) == manifest.documents, 'number of documents')
    record.problems = packs.problems + [
        'events %d to %d are missing' % x[1:] for x in gaps
        if not explained(x, record.known_gaps())]
    return record


# --- the program -----------------------------------------------------------

def check(record):
    for doc in record.documents.values():
        try:
            for _ in record.packs.content(doc['content']):
                pass
        except Damaged as why:
            record.problems.append('%s: %s' % (doc['id'], why))
    return {'ok': not record.problems, 'packs': record.packs.count,
            'documents': len(record.list()), 'events': len(record.events),
            'known_gaps': len(record.known_gaps()),
            'problems': record.problems}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument('--vault')
    place.add_argument('--backup')
    parser.add_argument('--snapshot')
    secret = parser.add_mutually_exclusive_group(required=True)
    secret.add_argument('--passphrase-file')
    secret.add_argument('--words-file')
    parser.add_argument('verb', choices=['list', 'cat', 'events', 'check',
                                         'snapshots'])
    parser.add_argument('id', nargs='?')
    args = parser.parse_args()

    def unlock(header):
        if args.words_file:
            return header.open_words(
                read_file(args.words_file).decode('utf-8'))
        return header.open_passphrase(
            read_file(args.passphrase_file).split(b'\n')[0])
    try:
        record = open_vault(args.vault, unlock) if args.vault else \
            open_backup(args.backup, unlock, args.snapshot)
        if args.verb == 'list':
            print(json.dumps(record.list()))
        elif args.verb == 'events':
            print(json.dumps([{
                'device': x.device.hex(), 'seq': x.seq, 'lamport': x.lamport,
                'kind': x.kind, 'purged': x.purged, 'hash': x.hash.hex()}
                for x in record.events]))
        elif args.verb == 'snapshots':
            print(json.dumps(record.snapshots))
        elif args.verb == 'check':
            report = check(record)
            print(json.dumps(report))
            return 0 if report['ok'] else 26
        else:
            for plain in record.packs.content(
                    record.documents[args.id]['content']):
                sys.stdout.buffer.write(plain)
    except Damaged as why:
        print('damaged: %s' % why, file=sys.stderr)
        return 26
    except Newer as why:
        print('newer: %s' % why, file=sys.stderr)
        return 1
    except WrongKey as why:
        print('wrong key: %s' % why, file=sys.stderr)
        return 12
    return 0


if __name__ == '__main__':
    sys.exit(main())
