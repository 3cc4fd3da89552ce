/* SPDX-License-Identifier: ISC */
/*
 * libcarnet: a vault, its documents, its persons, their word.
 *
 * Parameter order everywhere: object, inputs, ret_ outputs, error.  Outputs
 * are written on success only.  What is read comes as cJSON ("views"): the
 * caller deletes it; keys are those of the command contract (docs/cli.md),
 * times are "…_ms" milliseconds since 1970 UTC.  Nothing here prints.
 *
 * Writing: functions that change something queue events; carnet_commit makes
 * all of them durable at once, or none.
 */
#ifndef CARNET_H
#define CARNET_H

#include "carnet_types.h"

struct carnet_vault;
struct secret; /* vault/crypto/secret.h */

#define CARNET_ID_TEXT 14 /* a letter, 12 of base32, NUL */

enum carnet_access {
	CARNET_READ, /* many at once */
	CARNET_WRITE /* one at a time */
};
enum carnet_cost { CARNET_INTERACTIVE, CARNET_MODERATE, CARNET_SENSITIVE };

/* One of these opens the vault. */
struct carnet_unlock {
	const struct secret *passphrase;
	const struct secret *words;   /* recovery words, or shares */
	const struct secret *keyfile; /* what keyfile_read gives */
	const struct secret *master;  /* 32 bytes: tests, restore */
};
/* Told while something takes long: bytes, total 0 when it isn't known.  done
 * falls back when the next part begins. */
typedef void carnet_progress(void *context, uint64_t done, uint64_t total);
/* Asked once when another process holds the lock: wait for it? */
struct carnet_waiter {
	void *context;
	bool (*wait)(void *context);
	/* Told while the index is made again (and by carnet_repair); may be
	 * NULL, as it may elsewhere. */
	carnet_progress *progress;
	void *progress_context;
};

/* --- the vault -------------------------------------------------------- */

struct carnet_new {
	const char *path;   /* absent, or an empty folder */
	const int *judged;  /* the folder it must be in; NULL: any */
	const char *person; /* the first person's name */
	const char *born;   /* ISO date or NULL */
	const char *today;  /* ISO date */
	enum carnet_cost cost;
	const struct secret *passphrase;
	const char *words_lang; /* "fr", "en"; NULL: no recovery words */
};
/*
 * Makes a vault and opens it for writing.  *ret_words: the recovery words,
 * the caller frees them (secret_free); NULL when not asked for.  An init
 * that was cut off before is begun anew.  CARNET_EXISTS: a vault, or
 * something else, is there.
 */
enum carnet_status carnet_vault_create(const struct carnet_new *new,
    struct carnet_vault **ret_vault, struct secret **ret_words,
    struct carnet_error *err);
/* Whether a vault is there, before any secret is asked for.
 * CARNET_NO_VAULT, CARNET_DAMAGED (both headers), CARNET_NEWER. */
enum carnet_status carnet_vault_probe(
    const char *path, struct carnet_error *err);
/* The same; text: the vault's id in hex. */
enum carnet_status carnet_vault_probe_id(
    const char *path, char text[33], struct carnet_error *err);
/*
 * Opens a vault.  Builds the index again when it must; where it can't be
 * written, in memory for who only reads (and that is a warning).
 * CARNET_NO_VAULT, CARNET_WRONG_KEY, CARNET_DAMAGED, CARNET_NEWER,
 * CARNET_LOCKED (the waiter said no).
 */
enum carnet_status carnet_vault_open(const char *path,
    const struct carnet_unlock *unlock, enum carnet_access access,
    const struct carnet_waiter *waiter, struct carnet_vault **ret_vault,
    struct carnet_error *err);
void carnet_vault_close(struct carnet_vault *vault); /* NULL is fine */
const char *carnet_vault_path(const struct carnet_vault *vault);
void carnet_vault_id(const struct carnet_vault *vault, char text[33]);
/* The key that opens it (carnet_unlock.master), the vault's own: for whoever
 * keeps it where nobody else gets at it. */
const struct secret *carnet_vault_key(const struct carnet_vault *vault);
bool carnet_vault_is_for_writing(const struct carnet_vault *vault);
/* Array of texts: what a person should know (a bad header copy, a rebuilt
 * index).  Owned by the vault. */
const cJSON *carnet_vault_warnings(const struct carnet_vault *vault);
/* True once a read met damage: the verb's exit is 26. */
bool carnet_vault_is_damaged(const struct carnet_vault *vault);
/* {persons, documents, facts, decisions, statements, last_backup_ms} */
enum carnet_status carnet_vault_counts(
    struct carnet_vault *vault, cJSON **ret_object, struct carnet_error *err);

/*
 * Queues one event.  payload is taken over (also on failure).  on: an ISO
 * date, or NULL.  ret_id: the id of what it makes (may be NULL).
 */
enum carnet_status carnet_queue(struct carnet_vault *vault, const char *kind,
    const char *on, cJSON *payload, char ret_id[CARNET_ID_TEXT],
    struct carnet_error *err);
/* Packs, then ledger (the commit), then index.  On failure nothing of the
 * queue is kept. */
enum carnet_status carnet_commit(
    struct carnet_vault *vault, struct carnet_error *err);
/* As durable, but the index follows on a thread of its own while more
 * documents are added, at the latest with the next commit: whatever asks it
 * something else meanwhile waits. */
enum carnet_status carnet_commit_early(
    struct carnet_vault *vault, struct carnet_error *err);
/* Bytes of chunks that commits of this opening have put into packs. */
uint64_t carnet_vault_new_bytes(const struct carnet_vault *vault);
/* Forgets what is queued. */
void carnet_discard(struct carnet_vault *vault);

/* --- keys ---------------------------------------------------------------- */
/* [{id, kind: passphrase|recovery|keyfile|shares, created}], of shares also
 * {need, of}. */
enum carnet_status carnet_key_list(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);
/* {alg, ops, mem_kib} */
enum carnet_status carnet_key_kdf(
    struct carnet_vault *vault, cJSON **ret_object, struct carnet_error *err);
enum carnet_status carnet_key_add_passphrase(struct carnet_vault *vault,
    const struct secret *passphrase, const char *today,
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err);
enum carnet_status carnet_key_add_recovery(struct carnet_vault *vault,
    const char *lang, const char *today, struct secret **ret_words,
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err);
enum carnet_status carnet_key_add_keyfile(struct carnet_vault *vault,
    const struct secret *key, const char *today, char ret_slot[CARNET_ID_TEXT],
    struct carnet_error *err);
/* Any `need` of `count` shares open the vault: one line each, which the
 * caller wipes.  CARNET_INVALID: 1 < need <= count <= CARNET_SHARES_MAX. */
#define CARNET_SHARES_MAX 16
#define CARNET_SHARE_TEXT 96
enum carnet_status carnet_key_add_shares(struct carnet_vault *vault,
    unsigned need, unsigned count, const char *today,
    char (*ret_texts)[CARNET_SHARE_TEXT], char ret_slot[CARNET_ID_TEXT],
    struct carnet_error *err);
/* id: any unique prefix; *ret_slot: all of it. */
enum carnet_status carnet_key_remove(struct carnet_vault *vault, const char *id,
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err);
/* Puts a new passphrase slot in place of the one that opened the vault, or,
 * when anything but a passphrase opened it, of all passphrase slots. */
enum carnet_status carnet_key_change(struct carnet_vault *vault,
    const struct secret *passphrase, const char *today,
    char ret_slot[CARNET_ID_TEXT], struct carnet_error *err);

/* --- persons ----------------------------------------------------------------
 */
/* NULL or "": the vault's first person. Name, id or prefix. */
enum carnet_status carnet_person_find(struct carnet_vault *vault,
    const char *name, char ret_id[CARNET_ID_TEXT], struct carnet_error *err);
enum carnet_status carnet_persons(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);
enum carnet_status carnet_person(struct carnet_vault *vault, const char *id,
    cJSON **ret_object, struct carnet_error *err);
/* [{person, represents, represents_name, as, proof}] */
enum carnet_status carnet_representations(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);

/* --- documents
 * ---------------------------------------------------------------- */
/* A whole id from any unique prefix; letter: 'd', 'c', 's'. */
enum carnet_status carnet_resolve(struct carnet_vault *vault, char letter,
    const char *prefix, char ret_id[CARNET_ID_TEXT], struct carnet_error *err);
/*
 * Reads fd to its end and queues a document; meta: {person, source, title,
 * type, date, tags[], parent, modified} as far as known, taken over.
 * *ret_duplicate: the id in ret_id is one that was there already, nothing is
 * queued.  *ret_new_bytes (NULL: not wanted, and it returns sooner): what it
 * adds to the packs.  CARNET_CHANGED: the file changed while it was read,
 * twice.
 */
enum carnet_status carnet_document_add(struct carnet_vault *vault, int fd,
    cJSON *meta, char ret_id[CARNET_ID_TEXT], uint64_t *ret_size,
    uint64_t *ret_new_bytes, bool *ret_duplicate, struct carnet_error *err);
/*
 * fd, a file at its beginning, will be added soon: where there are several
 * cores it is read and named from now on.  Such files are added in the order
 * in which they were told, others in between as one likes, and stay open
 * until then, or until carnet_documents_forget_ahead (before a process is
 * started, or when they won't be added).  False: nothing was begun.
 */
bool carnet_document_ahead(struct carnet_vault *vault, int fd);
void carnet_documents_forget_ahead(struct carnet_vault *vault);
/*
 * Whether fd is a file that was stored for this person before and hasn't
 * changed since, by disk, inode, size and times: then it need not be read.
 * For whoever keeps the original; --move reads it again.
 */
enum carnet_status carnet_document_seen(struct carnet_vault *vault, int fd,
    const char *person, char ret_id[CARNET_ID_TEXT], uint64_t *ret_size,
    bool *ret_seen, struct carnet_error *err);
/* As carnet_document_add, from memory (a proof typed in, a frozen letter). */
enum carnet_status carnet_document_add_bytes(struct carnet_vault *vault,
    const void *bytes, size_t len, cJSON *meta, char ret_id[CARNET_ID_TEXT],
    uint64_t *ret_new_bytes, bool *ret_duplicate, struct carnet_error *err);
/* Queues what a reader answered, {text, title, date, document, media}, taken
 * over; reader: its name and version. */
enum carnet_status carnet_document_answer(struct carnet_vault *vault,
    const char *id, const char *reader, cJSON *answer,
    struct carnet_error *err);
/* Queues that it could not be read. */
enum carnet_status carnet_document_unread(struct carnet_vault *vault,
    const char *id, const char *reader, const char *media, const char *code,
    const char *message, struct carnet_error *err);
/* [{id, size, source}] of documents not read yet. */
enum carnet_status carnet_documents_pending(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);
/* filter: {person, type, tag, since, until, limit, removed}; may be NULL. */
enum carnet_status carnet_documents(struct carnet_vault *vault,
    const cJSON *filter, cJSON **ret_array, struct carnet_error *err);
/* {title, type, date} */
enum carnet_status carnet_document_summary(struct carnet_vault *vault,
    const char *id, cJSON **ret_object, struct carnet_error *err);
/* With tags, notes, parts, and "text" as far as it is whole. */
enum carnet_status carnet_document(struct carnet_vault *vault, const char *id,
    cJSON **ret_object, struct carnet_error *err);
enum carnet_status carnet_search(struct carnet_vault *vault, const char *query,
    const cJSON *filter, cJSON **ret_array, struct carnet_error *err);
/* Called with each piece in order; false stops (CARNET_INTERRUPTED). */
typedef bool carnet_sink(void *context, const uint8_t *bytes, size_t len);
enum carnet_status carnet_document_read(struct carnet_vault *vault,
    const char *id, carnet_sink *sink, void *context, struct carnet_error *err);
/*
 * Originals of many documents, several at once.  `result` is one document's:
 * result_len bytes, zeroed before.  begin and settle may use the vault, the
 * others may not: they run beside each other, on any thread.
 */
struct carnet_reading {
	size_t result_len;
	void *context;
	/* On any thread.  A failure: no bytes, and end is told. */
	enum carnet_status (*begin)(void *context, size_t document,
	    void *result, struct carnet_error *err);
	/* Then, without the vault: what may take a while.  NULL: nothing. */
	enum carnet_status (*open)(void *result, struct carnet_error *err);
	/* The next piece; false stops (CARNET_INTERRUPTED). */
	bool (*bytes)(void *result, const uint8_t *bytes, size_t len);
	/* All is read, or `status` says why not; it may change both. */
	void (*end)(
	    void *result, enum carnet_status *status, struct carnet_error *err);
	/* On the caller's thread, in order; a failure ends the reading. */
	enum carnet_status (*settle)(void *context, size_t document,
	    void *result, enum carnet_status status,
	    const struct carnet_error *why, struct carnet_error *err);
	/* Frees what a result holds, settled or not.  NULL: nothing. */
	void (*drop)(void *result);
};
enum carnet_status carnet_documents_read(struct carnet_vault *vault,
    const char *const *ids, size_t len, const struct carnet_reading *reading,
    struct carnet_error *err);
/* SHA-256 of the document in hex, computed now. */
enum carnet_status carnet_document_sha256(struct carnet_vault *vault,
    const char *id, char ret_hex[65], struct carnet_error *err);
/*
 * Erases a document from this vault: chunks no other document has, the
 * payloads of its events, its rows.  Commits by itself.
 */
enum carnet_status carnet_document_purge(
    struct carnet_vault *vault, const char *id, struct carnet_error *err);

/* --- the word
 * -------------------------------------------------------------------- */
enum carnet_status carnet_recipients(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);
/* filter: {person, recipient, id}; with person (name) and person_id. */
enum carnet_status carnet_decisions(struct carnet_vault *vault,
    const cJSON *filter, cJSON **ret_array, struct carnet_error *err);
/* filter: {person, decision, id}; with steps[]. */
enum carnet_status carnet_statements(struct carnet_vault *vault,
    const cJSON *filter, cJSON **ret_array, struct carnet_error *err);
/* Stores the bytes that were sent; *ret_content goes into a
 * statement.step's "frozen". */
enum carnet_status carnet_freeze(struct carnet_vault *vault, const void *bytes,
    size_t len, cJSON **ret_content, struct carnet_error *err);
/* The frozen bytes; CARNET_NOT_FOUND: not sent.  Caller frees *ret_bytes. */
enum carnet_status carnet_frozen(struct carnet_vault *vault,
    const char *statement, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);
/* [{made_ms, what, ids[], recipient, format}]: what left the vault, oldest
 * first. */
enum carnet_status carnet_disclosures(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);
/* What the last iCalendar file held: [{uid, due, sequence, cancelled,
 * summary}]; empty: none was made. */
enum carnet_status carnet_calendar(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);
/* [{path, reason}]: places that the person trusts. */
enum carnet_status carnet_places(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err);

/* --- signatures ---------------------------------------------------------- */
#define CARNET_SIGNER_TEXT 57 /* minisign's public key and its NUL */
/* The public key of what this person (a whole id) signs, for `minisign -P`. */
enum carnet_status carnet_signer(struct carnet_vault *vault, const char *person,
    char ret_key[CARNET_SIGNER_TEXT], struct carnet_error *err);
/* The text of a .minisig file over a file's BLAKE2b-512 (minisign.h).  The
 * caller frees *ret_text.  CARNET_INVALID: a comment with a line break. */
enum carnet_status carnet_sign(struct carnet_vault *vault, const char *person,
    const uint8_t digest[64], const char *comment, const char *trusted,
    char **ret_text, struct carnet_error *err);

/* --- is everything as it was written?
 * ------------------------------------------- */
/* filter: {kind, limit}; newest first. */
enum carnet_status carnet_log(struct carnet_vault *vault, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err);
/* Reads the whole ledger: chain, seals, commitments.
 * *ret_problems: [{kind, id, detail}]; *ret_known_gaps: [{device, from, to,
 * repaired_ms, detail}], events that an earlier repair wrote down as lost, no
 * problem any more; *ret_events: how many there are. */
enum carnet_status carnet_log_verify(struct carnet_vault *vault,
    cJSON **ret_problems, cJSON **ret_known_gaps, uint64_t *ret_events,
    struct carnet_error *err);
/*
 * Changes nothing.  Opens the vault by itself: path and unlock as
 * carnet_vault_open.  {ok, packs, documents, problems[{kind, id, detail}],
 * warnings[]}.  read_data: opens every chunk.
 */
enum carnet_status carnet_check(const char *path,
    const struct carnet_unlock *unlock, bool read_data,
    carnet_progress *progress, void *context, cJSON **ret_report,
    struct carnet_error *err);
/*
 * Mends what can be: header copies, the index, the device's file; sets aside
 * (damaged/) packs and segments that are hurt after taking every whole chunk
 * and record out of them.  Events that are lost are written down
 * ("ledger.repaired"): from then on the gap is known, no damage.
 * What the disk can't read now ("unreadable": true) is a problem and stays
 * as it is: no loss is written down beside it, and of a ledger with such a
 * segment nothing changes.
 * {mended[{kind,id,detail}], problems[...], end_known}: problems is what was
 * lost; end_known false: no index said how far the ledger went, so that what
 * is missing at its end isn't seen.
 */
enum carnet_status carnet_repair(const char *path,
    const struct carnet_unlock *unlock, const struct carnet_waiter *waiter,
    cJSON **ret_report, struct carnet_error *err);

/* --- fewer, fuller packs ------------------------------------------------- */
struct carnet_compact_options {
	const char *today; /* ISO date: orphans are deleted 30 days later */
	bool dry_run;
	uint64_t round_bytes; /* written before old packs go; 0: 256 MiB */
	unsigned patience_ms; /* how long readers of old packs are waited for */
	carnet_progress *progress; /* may be NULL */
	void *context;
};
/*
 * Gathers small packs, and packs in which much is named no more, into full
 * ones; sets aside (orphans/) what no event names, deletes it 30 days later;
 * sweeps packs that were never finished.  New packs are durable and read
 * back, and the index points at them, before an old one goes; while somebody
 * reads, old ones stay until the next time ("left").
 *
 * {packs_before, packs_after, bytes_before, bytes_after, gathered, written,
 * set_aside, brought_back, expired, swept, left, unsure, dry_run,
 * problems[{kind, id, detail}], failed[{code, message, hint}]}.  problems:
 * hurt packs, left as they are.  failed: why it stopped behind what it did;
 * when nothing was done, that is the status.
 */
enum carnet_status carnet_compact(struct carnet_vault *vault,
    const struct carnet_compact_options *options, cJSON **ret_report,
    struct carnet_error *err);

#endif
