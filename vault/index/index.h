/* SPDX-License-Identifier: ISC */
/*
 * The index: SQLCipher tables made from events and packs' lists, and the
 * questions asked of them.  The only room that holds SQL.  A cache: losing it
 * loses nothing.  Views are cJSON with the keys of the command contract.
 */
#ifndef INDEX_H
#define INDEX_H
#include "carnet_types.h"
#include "event.h"
#include "keys.h"
#include "ledger.h"
#include "store.h"

struct index;

enum index_mode {
	INDEX_READ,  /* an existing one, as it is */
	INDEX_WRITE, /* an existing one, by the holder of the writer's lock */
	INDEX_MAKE,  /* an empty one in place of whatever is there; missing
		      * to everybody until index_settle */
	INDEX_MEMORY /* an empty one in memory: for check, and for readers where
		      * the vault's own can't be written */
};
/* How apply gets at what a reader answered: bytes of a content, freed by
 * apply.  May fail; the document then has no text. */
struct index_answers {
	void *context;
	enum carnet_status (*load)(void *context, const struct content *content,
	    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err);
};

/*
 * path: of index.db (not used for INDEX_MEMORY).  CARNET_DAMAGED: missing,
 * damaged or of another version: make it again.
 */
enum carnet_status index_open(const char *path, const struct keys *keys,
    enum index_mode mode, struct index **ret_index, struct carnet_error *err);
/* Behind INDEX_MAKE, once all is in it and committed: from now on it can be
 * opened, and each commit is safe from a crash.  Without, whatever is in it is
 * made again.  Any other one has been settled. */
enum carnet_status index_settle(struct index *index, struct carnet_error *err);
void index_close(struct index *index);
/*
 * What follows takes NULL for an index that could be neither read nor made
 * again: each question fails with CARNET_IO.  What writes comes behind
 * index_begin, which fails, too.
 */
/* PRAGMA quick checks of SQLCipher's own: CARNET_DAMAGED. */
enum carnet_status index_check(struct index *index, struct carnet_error *err);
/* A BLAKE2b over every row of every table, for comparing two of them. */
enum carnet_status index_digest(
    struct index *index, uint8_t ret_hash[HASH_LEN], struct carnet_error *err);
/* The same of one table, found by its number; false behind the last. */
bool index_table_name(struct index *index, size_t i, const char **ret_name);
enum carnet_status index_table_digest(struct index *index, size_t i,
    uint8_t ret_hash[HASH_LEN], struct carnet_error *err);
/* Prepares every statement that this room holds (a test). */
enum carnet_status index_prepare_all(
    struct index *index, struct carnet_error *err);

/*
 * The disk couldn't read all of what the index is made from: it is to be made
 * again when it is opened next.  Marked inside a transaction.
 */
enum carnet_status index_mark_lacking(
    struct index *index, struct carnet_error *err);
enum carnet_status index_is_lacking(
    struct index *index, bool *ret_lacking, struct carnet_error *err);

enum carnet_status index_begin(struct index *index, struct carnet_error *err);
enum carnet_status index_commit(struct index *index, struct carnet_error *err);
/* Gives one document its row in words as it is now, inside a transaction;
 * *ret_done: all have theirs.  index_commit does what is left of it. */
enum carnet_status index_word_one(
    struct index *index, bool *ret_done, struct carnet_error *err);
void index_rollback(struct index *index);
/* Whether a transaction that writes is open. */
bool index_is_writing(const struct index *index);

/* --- ledger -------------------------------------------------------------- */
enum carnet_status index_cursors(struct index *index,
    struct ledger_cursor **ret_cursors, size_t *ret_len,
    struct carnet_error *err);
/* The greatest Lamport counter applied; *ret_device its device. */
enum carnet_status index_newest(struct index *index, uint64_t *ret_lamport,
    uint8_t ret_device[DEVICE_ID_LEN], struct carnet_error *err);
/* Whether this very event was applied: its device, seq, lamport and hash are
 * a cursor's, whose other fields don't count. */
enum carnet_status index_has_event(struct index *index,
    const struct ledger_cursor *event, bool *ret_has, struct carnet_error *err);
/* Moves a cursor without an event (a segment was closed). */
enum carnet_status index_set_cursor(struct index *index,
    const struct ledger_cursor *cursor, struct carnet_error *err);
/*
 * Applies one event, inside a transaction.  Never fails because of what the
 * event says (that is an oddity's row), only on I/O and memory.
 */
enum carnet_status index_apply(struct index *index, const struct event *event,
    const struct ledger_place *place, const struct index_answers *answers,
    struct carnet_error *err);
/* How many kinds there are that this carnet doesn't know. */
enum carnet_status index_unknown_kinds(
    struct index *index, uint64_t *ret_count, struct carnet_error *err);

/* Documents that were purged, and of which an event still has its payload:
 * an array of ids. */
enum carnet_status index_unfinished_purges(
    struct index *index, cJSON **ret_ids, struct carnet_error *err);

/* --- files seen before -----------------------------------------------------
 */
struct index_seen { /* as fstat has it; times in nanoseconds */
	uint64_t device, inode, size;
	int64_t modified, changed;
	char document[EVENT_ID_TEXT]; /* its bytes */
};
/* Fills seen->document when this very file was stored for this person and
 * the document isn't in the trash. */
enum carnet_status index_seen_find(struct index *index, const char *person,
    struct index_seen *seen, bool *ret_found, struct carnet_error *err);
enum carnet_status index_seen_add(struct index *index,
    const struct index_seen *seen, struct carnet_error *err);

/* --- lent to a thread --------------------------------------------------------
 *
 * Until it is given back, only the thread that borrowed it works with it;
 * whoever else asks it something calls `wait` first, which comes back when it
 * is given back.  Lend before the thread begins, give back after it has ended.
 */
void index_lend(
    struct index *index, void (*wait)(void *context), void *context);
void index_borrow(void); /* the thread's first step */
void index_give_back(struct index *index);

/* --- what it knows, as a whole -----------------------------------------------
 */
struct index_counts {
	size_t chunks, files, contents;
};
/* Each is counted no further than `most`. */
enum carnet_status index_known_counts(struct index *index, size_t most,
    struct index_counts *ret_counts, struct carnet_error *err);
/* Who is told of every chunk's name, every file that was seen, and the number
 * of every document's content. */
struct index_known {
	void (*chunk)(void *context, const struct chunk_name *name);
	void (*file)(void *context, uint64_t device, uint64_t inode);
	void (*content)(void *context, uint64_t twin);
	void *context;
};
enum carnet_status index_known(struct index *index,
    const struct index_known *known, struct carnet_error *err);
/* The number of a content: the same for the same, hardly ever for others. */
enum carnet_status index_twin(const struct content *content, uint64_t *ret_twin,
    struct carnet_error *err);

/* --- sums of the ledger's files --------------------------------------------
 */
struct index_sum {
	uint8_t hash[HASH_LEN];
	uint8_t sum[HASH_LEN]; /* of the same bytes (pack_sum.c) */
};
/* Fills sum->sum by sum->hash. */
enum carnet_status index_sum_find(struct index *index, struct index_sum *sum,
    bool *ret_found, struct carnet_error *err);
/* From now on these alone are known; in a transaction of its own. */
enum carnet_status index_sums_set(struct index *index,
    const struct index_sum *sums, size_t len, struct carnet_error *err);

/* --- packs ---------------------------------------------------------------- */
enum carnet_status index_add_chunks(struct index *index,
    const struct chunk_row *rows, size_t len, struct carnet_error *err);
enum carnet_status index_forget_pack(struct index *index,
    const uint8_t pack[PACK_ID_LEN], struct carnet_error *err);
/* The same, by the pack's own list: takes a time that depends on the pack
 * alone.  rows: of one pack; those that lie elsewhere by now stay. */
enum carnet_status index_forget_rows(struct index *index,
    const uint8_t pack[PACK_ID_LEN], const struct chunk_row *rows, size_t len,
    struct carnet_error *err);
/* The rows of one pack, as remembered; caller frees *ret_rows. */
enum carnet_status index_pack_rows(struct index *index,
    const uint8_t pack[PACK_ID_LEN], struct chunk_row **ret_rows,
    size_t *ret_len, struct carnet_error *err);
/* For store_places; INDEX_HURT, an error to it, when the index is damaged. */
#define INDEX_HURT (-2)
int index_find_chunk(
    void *index, const struct chunk_name *name, struct chunk_place *ret_place);
enum carnet_status index_packs(struct index *index,
    uint8_t (**ret_packs)[PACK_ID_LEN], size_t *ret_len,
    struct carnet_error *err);

/* --- contents in columns and payloads ---------------------------------------
 */
/* {"size","depth","names":[hex]}; NULL without memory. */
cJSON *content_to_json(const struct content *content);
/* False: errno ENOMEM, or EINVAL when it is none. */
bool content_from_json(const cJSON *json, struct content *ret_content);

/* --- questions (all give cJSON the caller deletes) ---------------------------
 */
/* id or unique prefix, or for persons a name: the whole id.
 * CARNET_NOT_FOUND, CARNET_AMBIGUOUS. letter: 'd', 'c', 's', 'p'. */
enum carnet_status index_resolve(struct index *index, char letter,
    const char *prefix, char ret_id[EVENT_ID_TEXT], struct carnet_error *err);
enum carnet_status index_persons(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
enum carnet_status index_person(struct index *index, const char *id,
    cJSON **ret_object, struct carnet_error *err);

/* filter keys: person, type, tag, since, until, limit, removed (bool). */
enum carnet_status index_documents(struct index *index, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err);
/* One document with tags, notes, unread, parts, parent... */
enum carnet_status index_document(struct index *index, const char *id,
    cJSON **ret_object, struct carnet_error *err);
/* {title, type, date} */
enum carnet_status index_document_summary(struct index *index, const char *id,
    cJSON **ret_object, struct carnet_error *err);
enum carnet_status index_document_content(struct index *index, const char *id,
    struct content *ret_content, struct carnet_error *err);
/* Of what its reader answered; CARNET_NOT_FOUND when it wasn't read. */
enum carnet_status index_document_answer(struct index *index, const char *id,
    struct content *ret_content, struct carnet_error *err);
/* The living document of this person with the same content, or "". */
enum carnet_status index_duplicate(struct index *index, const char *person,
    const struct content *content, char ret_id[EVENT_ID_TEXT],
    struct carnet_error *err);
enum carnet_status index_pending(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
/* Every content that the index knows of, documents' and answers':
 * visited with the owner's id; except: the id whose contents to leave out. */
typedef enum carnet_status index_content_visit(void *context, const char *id,
    bool is_answer, const struct content *content, struct carnet_error *err);
enum carnet_status index_contents(struct index *index,
    index_content_visit *visit, void *context, struct carnet_error *err);
/* query as in search_query.h; filter: limit, person.  Adds "snippet". */
enum carnet_status index_search(struct index *index, const char *query,
    const cJSON *filter, cJSON **ret_array, struct carnet_error *err);

enum carnet_status index_recipients(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
/* filter: person, recipient. */
enum carnet_status index_decisions(struct index *index, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err);
/* filter: person, decision, id; with their steps. */
enum carnet_status index_statements(struct index *index, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err);
enum carnet_status index_statement_frozen(struct index *index, const char *id,
    struct content *ret_content, struct carnet_error *err);
enum carnet_status index_calendar(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
enum carnet_status index_representations(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
enum carnet_status index_log(struct index *index, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err);
/* What left the vault, oldest first. */
enum carnet_status index_disclosures(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
enum carnet_status index_places(
    struct index *index, cJSON **ret_array, struct carnet_error *err);
/* persons, documents, facts, decisions, statements, last_backup. */
enum carnet_status index_counts(
    struct index *index, cJSON **ret_object, struct carnet_error *err);
#endif
