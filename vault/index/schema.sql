-- SPDX-License-Identifier: ISC
-- The index: a cache of ledger and packs, built again whenever it is missing,
-- damaged, or of another version.  Dates are ISO 8601 text, times are
-- milliseconds since 1970 UTC, ids are text as people see them.

-- How far the ledger has been applied, a row a device.
CREATE TABLE cursors (
	device BLOB PRIMARY KEY,
	segment INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	position INTEGER NOT NULL, -- after the last record
	seq INTEGER NOT NULL,
	lamport INTEGER NOT NULL,
	hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Every event, in the order that all devices agree on.
CREATE TABLE events (
	lamport INTEGER NOT NULL,
	device BLOB NOT NULL,
	seq INTEGER NOT NULL,
	recorded INTEGER NOT NULL,
	effective TEXT,
	kind TEXT NOT NULL,
	subject TEXT,              -- the id it is about
	detail TEXT,               -- a word on it, for the log
	hash BLOB NOT NULL,
	purged INTEGER NOT NULL,
	PRIMARY KEY (lamport, device, seq)
) STRICT, WITHOUT ROWID;

-- Events that say what can't be: kept, shown, never a reason to stop.
CREATE TABLE oddities (
	lamport INTEGER NOT NULL,
	device BLOB NOT NULL,
	seq INTEGER NOT NULL,
	detail TEXT NOT NULL,
	PRIMARY KEY (lamport, device, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
	device TEXT PRIMARY KEY,   -- hex
	public TEXT NOT NULL,      -- hex of the Ed25519 key
	added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE persons (
	number INTEGER PRIMARY KEY, -- 1 is the vault's first person
	id TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	born TEXT,
	birthplace TEXT,
	address TEXT,
	email TEXT,
	phone TEXT,
	nir TEXT
) STRICT;

CREATE TABLE representations (
	person TEXT NOT NULL,      -- who signs
	represents TEXT NOT NULL,  -- for whom
	quality TEXT NOT NULL CHECK (quality IN
	    ('parent', 'guardian', 'mandate')),
	proof TEXT,                -- a document
	PRIMARY KEY (person, represents)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	person TEXT NOT NULL,
	title TEXT NOT NULL,
	title_typed INTEGER NOT NULL,
	type TEXT NOT NULL,
	type_typed INTEGER NOT NULL,
	date TEXT NOT NULL,
	date_typed INTEGER NOT NULL,
	size INTEGER NOT NULL,
	content BLOB NOT NULL,     -- depth, size, names: content.c
	twin INTEGER NOT NULL,     -- of content, the same for the same
	source TEXT NOT NULL,      -- the file's name, or '-'
	added_at INTEGER NOT NULL,
	parent TEXT,
	media TEXT,                -- as the reader sniffed it
	reader TEXT,
	answer BLOB,               -- content of what the reader answered
	unread_code TEXT,
	unread_message TEXT,
	pending INTEGER NOT NULL,  -- not read yet
	removed INTEGER            -- when it went to the trash
) STRICT;
CREATE INDEX documents_twin ON documents (twin);
CREATE INDEX documents_date ON documents (date, number);
CREATE INDEX documents_trash ON documents (removed) WHERE removed IS NOT NULL;
CREATE INDEX documents_parent ON documents (parent, number)
    WHERE parent IS NOT NULL;
CREATE INDEX documents_pending ON documents (pending) WHERE pending = 1;

-- By documents.number: what belongs to one document lies in one place, and
-- takes few bytes.
CREATE TABLE tags (
	document INTEGER NOT NULL,
	tag TEXT NOT NULL,
	PRIMARY KEY (document, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
	document INTEGER NOT NULL,
	number INTEGER NOT NULL,
	noted INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

-- Full text; rowid is documents.number; at each commit every document has its
-- row.  Ligatures are expanded before.
CREATE VIRTUAL TABLE words USING fts5 (
	title, text, tags, notes,
	tokenize = "unicode61 remove_diacritics 2",
	prefix = '2 3'
);
-- Gathered in memory before it is written, bytes: fewer pieces to merge.
INSERT INTO words (words, rank) VALUES ('hashsize', 8388608);

-- What a person has added to the catalogue: one's own recipients, and the
-- address of one's own fund, doctor, hospital.
CREATE TABLE recipients (
	id TEXT PRIMARY KEY,
	name TEXT,
	address TEXT,
	region TEXT,
	email TEXT,
	country TEXT,
	public TEXT, -- 'yes', 'no', '' or NULL: not known
	changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL CHECK (kind IN
	    ('refuse', 'decline', 'allow', 'withdraw')),
	person TEXT NOT NULL,
	recipient TEXT NOT NULL,
	purposes TEXT NOT NULL,    -- JSON array; empty: every purpose
	scope TEXT NOT NULL,
	made TEXT NOT NULL,
	from_date TEXT,
	until_date TEXT,
	reason TEXT,
	request TEXT,              -- the form that was declined
	basis TEXT NOT NULL,       -- JSON array of texts
	supersedes TEXT,
	withdraws TEXT,
	proof TEXT,                -- a document
	recorded INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_recipient ON decisions (person, recipient);

CREATE TABLE statements (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	person TEXT NOT NULL,
	decision TEXT,
	template TEXT NOT NULL,
	recipient TEXT NOT NULL,
	channel TEXT NOT NULL,
	lang TEXT NOT NULL,
	drafted TEXT NOT NULL,     -- a date
	about TEXT,                -- reminder or complaint: the statement
	document TEXT,             -- written elsewhere: its own bytes
	frozen BLOB,               -- content of what was sent
	recorded INTEGER NOT NULL
) STRICT;

CREATE TABLE steps (
	statement TEXT NOT NULL,
	number INTEGER NOT NULL,
	kind TEXT NOT NULL,
	on_date TEXT NOT NULL,
	via TEXT,
	outcome TEXT,
	reason TEXT,
	proof TEXT,
	recorded INTEGER NOT NULL,
	PRIMARY KEY (statement, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE disclosures ( -- what left the vault
	number INTEGER PRIMARY KEY,
	made INTEGER NOT NULL,
	what TEXT NOT NULL,
	ids TEXT NOT NULL,         -- JSON array
	recipient TEXT,
	format TEXT,
	calendar TEXT,             -- JSON array: what an iCalendar file held
	name TEXT,                 -- of a file that was signed
	sha256 TEXT                -- of that file
) STRICT;

CREATE TABLE backups (
	snapshot TEXT PRIMARY KEY,
	made INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE places ( -- trusted in spite of the guard's verdict
	path TEXT PRIMARY KEY,
	reason TEXT NOT NULL,
	trusted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files that were read before; no event makes it, losing it costs a reading.
CREATE TABLE seen (
	device INTEGER NOT NULL,
	inode INTEGER NOT NULL,
	size INTEGER NOT NULL,
	modified INTEGER NOT NULL, -- nanoseconds, as the kernel says
	changed INTEGER NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (device, inode)
) STRICT, WITHOUT ROWID;

-- What backups have hashed of the ledger's files, and a sum of the same bytes
-- that is quicker to make again; no event makes it, losing it costs a hashing.
CREATE TABLE sums (
	hash BLOB PRIMARY KEY,     -- BLAKE2b-256: the segment's name in backups
	sum BLOB NOT NULL          -- as a pack's, of version 2
) STRICT, WITHOUT ROWID;

-- Where each chunk lies: from the packs' own lists.
CREATE TABLE packs (
	number INTEGER PRIMARY KEY,
	pack BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE chunks (
	name BLOB PRIMARY KEY,
	pack INTEGER NOT NULL,     -- packs.number; a reference would have
	                           -- every chunk read when a pack goes
	position INTEGER NOT NULL,
	length INTEGER NOT NULL,
	plain INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
