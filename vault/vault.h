/* SPDX-License-Identifier: ISC */
/* The inside of an open vault, for vault/ alone. */
#ifndef VAULT_H
#define VAULT_H
#include "carnet.h"
#include "header.h"
#include "index.h"
#include "keys.h"
#include "ledger.h"
#include "secret.h"
#include "sign.h"
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>

#define VAULT_QUEUE_STEP 64
#define TWIN_MARK_LEN 16

struct twin { /* a queued document, by its bytes and its person */
	uint8_t mark[TWIN_MARK_LEN];
	char id[CARNET_ID_TEXT];
};
struct twins { /* a table with holes, twin.c */
	struct twin *slots;
	size_t len, room;
};

/* A batch that is durable, while the index follows: follow.c. */
struct follow {
	bool waits; /* the index is its thread's, until that was waited for */
	pthread_t thread;
	enum carnet_status status; /* the thread's */
	atomic_bool done;          /* it ends now */
	struct event *events;
	struct ledger_place *places; /* NULL: no events */
	size_t len;
	struct chunk_row *rows; /* where its chunks lie */
	size_t rows_len;
	struct index_seen *seen;
	size_t seen_len;
	struct twins twins;
};

struct carnet_vault {
	char *path; /* absolute, without symbolic links */
	int fd;
	int lock_fd;  /* the writer's flock; -1: not held */
	int packs_fd; /* packs.lock: shared while packs may be read */
	enum carnet_access access;
	struct header *header;
	struct secret *master;
	char slot[SLOT_ID_TEXT]; /* that opened it; "" */
	bool by_words;           /* or shares, or a key file: no passphrase */
	struct keys *keys;
	struct ledger *ledger;
	struct index *index;
	struct store *store;
	struct store_places places;
	struct index_answers answers;

	bool has_device;
	bool device_damaged;
	uint8_t device[DEVICE_ID_LEN];
	uint8_t device_public[SIGN_PUBLIC_LEN];
	struct secret *device_secret;
	struct ledger_cursor cursor; /* of this device */
	uint64_t lamport;

	struct event *queue;
	size_t queue_len, queue_room;
	bool index_behind;         /* a commit that the index didn't follow */
	bool committing;           /* what can't be read now is tried again */
	carnet_progress *progress; /* while it is opened, checked, mended */
	void *progress_context;
	cJSON *warnings;
	bool damaged;            /* something was: the verb says 26 */
	bool ledger_behind;      /* the index knows more than it holds */
	bool heads_told;         /* of other devices, in this run */
	bool ledger_damaged;     /* nothing is written behind damage */
	bool ledger_unreadable;  /* nor behind what the disk can't read */
	bool packs_unreadable;   /* the index lacks what is in some packs */
	struct index_seen *seen; /* files of the documents that are queued */
	size_t seen_len, seen_room;
	struct twins twins; /* of the documents that are queued */
	struct follow follow;
	struct known *known; /* of the index; NULL: it is asked */
	unsigned asked;      /* how often what might have been known */
	uint64_t new_bytes;  /* of chunks, that commits have put into packs */
};

/* vault.c */
enum carnet_status vault_open_folder(
    const char *path, int *ret_fd, char **ret_path, struct carnet_error *err);
void vault_warn(struct carnet_vault *vault, const char *text);
/* Nothing is open yet.  NULL: no memory. */
struct carnet_vault *vault_new_handle(struct carnet_error *err);
/* Header, key, ledger, lock, but no index. */
enum carnet_status vault_open_bare(const char *path,
    const struct carnet_unlock *unlock, enum carnet_access access,
    const struct carnet_waiter *waiter, struct carnet_vault **ret_vault,
    struct carnet_error *err);
/* Tells the vault's progress, if somebody listens. */
void vault_tell(struct carnet_vault *vault, uint64_t done, uint64_t total);
/* A writer must understand all that was written, and continue it.
 * CARNET_DAMAGED, CARNET_NEWER. */
enum carnet_status vault_can_go_on(
    struct carnet_vault *vault, struct carnet_error *err);
enum carnet_status vault_make_store(
    struct carnet_vault *vault, struct carnet_error *err);
/* How many of a content's chunks the index doesn't find: 0 where its list
 * can't be read, which the status tells (CARNET_DAMAGED, CARNET_IO). */
enum carnet_status vault_missing_chunks(struct carnet_vault *vault,
    const struct content *content, size_t *ret_missing,
    struct carnet_error *err);
/* Adds a text to an event's payload.  Without memory the payload is deleted
 * and becomes NULL, which carnet_queue refuses: no event lacks a field. */
void vault_payload_add(cJSON **payload, const char *key, const char *text);
/* Writes bytes to a new name in the vault's folder and renames it there. */
enum carnet_status vault_write_file(int dir_fd, const char *name,
    const void *bytes, size_t len, struct carnet_error *err);

/* lock.c */
/* Takes the writer's lock; wait: block until it is free. */
enum carnet_status vault_lock(
    struct carnet_vault *vault, bool wait, struct carnet_error *err);
/* The same for a verb: at once, or after asking the waiter. */
enum carnet_status vault_lock_asking(struct carnet_vault *vault,
    const struct carnet_waiter *waiter, struct carnet_error *err);
/* Shared, so that nothing deletes packs while they are read. */
enum carnet_status vault_lock_packs(
    struct carnet_vault *vault, struct carnet_error *err);

/* level.c */
/* Opens vault->index, or makes it again under the lock. */
enum carnet_status level_open_index(
    struct carnet_vault *vault, struct carnet_error *err);
/* Brings it level with the ledger, if we hold or easily get the lock. */
enum carnet_status level_index(
    struct carnet_vault *vault, struct carnet_error *err);
/* Damage that shows only now: it is made again.  False: it can't be. */
bool level_heal(struct carnet_vault *vault);

/* device.c */
/* Loads it; has_device false when there is none or it is damaged. */
enum carnet_status device_load(
    struct carnet_vault *vault, struct carnet_error *err);
/* Makes a new device and queues its first event. */
enum carnet_status device_make(
    struct carnet_vault *vault, struct carnet_error *err);

/* document.c */
/* Stores bytes and gives their content as JSON, which the caller deletes. */
enum carnet_status document_put_json(struct carnet_vault *vault,
    const void *bytes, size_t len, cJSON **ret_content,
    struct carnet_error *err);

/* seen.c */
struct stat;
/* This file's bytes are this document's, once what is queued is committed. */
void seen_remember(struct carnet_vault *vault, const struct stat *info,
    const char id[CARNET_ID_TEXT]);
/* twin.c */
/* Whether the table has a document with these bytes for this person. */
bool twin_find(const struct twins *twins, const struct content *content,
    const char *person, char ret_id[CARNET_ID_TEXT]);
void twin_remember(struct twins *twins, const struct content *content,
    const char *person, const char id[CARNET_ID_TEXT]);
void twin_forget(struct twins *twins); /* all of them */

/* known.c: whether the index surely lacks it; false: ask. */
bool known_lacks_chunk(void *vault, const struct chunk_name *name);
bool known_lacks_content(
    struct carnet_vault *vault, const struct content *content);
bool known_lacks_file(
    struct carnet_vault *vault, const struct index_seen *file);
/* What is committed, or queued: the index will know it. */
void known_add_chunks(
    struct carnet_vault *vault, const struct chunk_row *rows, size_t len);
void known_add_content(
    struct carnet_vault *vault, const struct content *content);
/* The index may have changed otherwise, or goes. */
void known_forget(struct carnet_vault *vault);

/* follow.c */
/* What was queued is durable, and the index follows: at once, or beside what
 * comes next.  Takes over what was queued, places (NULL: none) and rows. */
void follow_begin(struct carnet_vault *vault, struct ledger_place *places,
    struct chunk_row *rows, size_t rows_len, bool beside);
/* Tidies up if it is done. */
void follow_look(struct carnet_vault *vault);
/* Waits until it is.  If the index can't follow, vault->index_behind. */
void follow_end(struct carnet_vault *vault);
/* None of it: the index will be made again out of the ledger. */
void follow_drop(struct carnet_vault *vault);

/* aside.c */
/*
 * Overwrites with zeros, in the files set aside in damaged/ and orphans/,
 * the sealed chunks of these names (sorted) and the sealed events that are
 * doomed.  *ret_unsure: there are some that don't open, or can't be listed.
 */
enum carnet_status aside_erase(struct carnet_vault *vault,
    const struct chunk_name *doomed, size_t doomed_len,
    ledger_doomed *is_doomed, void *context, bool *ret_unsure,
    struct carnet_error *err);

/* named.c */
typedef enum carnet_status named_visit(void *context, const struct event *event,
    const cJSON *payload, const struct content *content,
    struct carnet_error *err);
/* Every content that an event names whose payload isn't erased.  *ret_whole:
 * no event is lost or hurt, so that nothing else is named. */
enum carnet_status named_contents(struct carnet_vault *vault,
    named_visit *visit, void *context, bool *ret_whole,
    struct carnet_error *err);

/* orphans.c */
#define ORPHAN_PATH_TEXT 52
/* A pack that was set aside because the ledger names nothing in it. */
typedef enum carnet_status orphan_visit(void *context,
    const uint8_t id[PACK_ID_LEN], const char *path, struct carnet_date since,
    struct carnet_error *err);
/* Every one of them, in order of their dates; visit may move or delete it. */
enum carnet_status orphans_walk(struct carnet_vault *vault, orphan_visit *visit,
    void *context, struct carnet_error *err);
/* Out of packs/, and back; durable after orphans_sync. */
enum carnet_status orphans_set_aside(struct carnet_vault *vault,
    const uint8_t id[PACK_ID_LEN], struct carnet_date today,
    struct carnet_error *err);
enum carnet_status orphans_bring_back(struct carnet_vault *vault,
    const uint8_t id[PACK_ID_LEN], const char *path, struct carnet_error *err);
enum carnet_status orphans_sync(
    struct carnet_vault *vault, struct carnet_error *err);
/* All of them, for `repair`: what a document lacks may be among them. */
enum carnet_status orphans_bring_back_all(
    struct carnet_vault *vault, struct carnet_error *err);

/* purge.c */
/* Finishes what a cut-off --purge has left; *ret_ids, which the caller
 * deletes: the documents it was about. */
enum carnet_status purge_finish(
    struct carnet_vault *vault, cJSON **ret_ids, struct carnet_error *err);

/* replay.c */
/* Makes the index anew from ledger and packs. */
enum carnet_status replay_rebuild(
    struct carnet_vault *vault, struct carnet_error *err);
/* The same into memory, for this run alone: where it can't be written. */
enum carnet_status replay_apart(
    struct carnet_vault *vault, struct carnet_error *err);
/* Applies what the index lacks.  What the disk can't read now is asked for
 * again when the vault is opened next (vault->ledger_unreadable,
 * packs_unreadable). */
enum carnet_status replay_catch_up(
    struct carnet_vault *vault, struct carnet_error *err);
/* What a replay may be told besides, and whom it tells. */
struct replay_watch {
	const struct ledger_cursor *known; /* by a database, or NULL */
	size_t known_len;
	ledger_problem *problem; /* may be NULL */
	void *context;
};
/* The same into any index; *ret_problems counts the ledger's.
 * *ret_unreadable: some of it can't be read now.  May be NULL. */
enum carnet_status replay_into(struct carnet_vault *vault, struct index *index,
    const struct replay_watch *watch, size_t *ret_problems,
    bool *ret_unreadable, struct carnet_error *err);
/* ledger_read of a copy whose `known` is what the index knows: a record
 * before its cursors can't be torn. */
enum carnet_status replay_read(struct carnet_vault *vault,
    const struct ledger_reading *reading, struct carnet_error *err);
/* ledger_read, the same in all that is told, with the ledger read and opened by
 * another thread: visit and problem are called on the caller's, gap isn't. */
enum carnet_status replay_ahead(struct ledger *ledger,
    const struct ledger_reading *reading, size_t *ret_problems,
    struct carnet_error *err);
/* Sets cursor and lamport from the index. */
enum carnet_status replay_find_head(
    struct carnet_vault *vault, struct carnet_error *err);
#endif
