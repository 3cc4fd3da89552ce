/* SPDX-License-Identifier: ISC */
/*
 * The append-only ledger: segments of sealed events, one folder a device.
 * Knows no meaning of any event and no database.
 */
#ifndef LEDGER_H
#define LEDGER_H
#include "event.h"
#include "keys.h"
#include "ledger_gaps.h"

#define SEGMENT_CLOSE_LEN ((uint64_t)4 << 20)
#define LEDGER_PATH_TEXT 80

struct ledger;
struct ledger_place { /* where a record lies */
	uint64_t segment;
	uint32_t revision;
	uint64_t position; /* of the record in the segment's file */
	uint64_t end;      /* of the next one */
};
struct ledger_cursor { /* how far someone has read one device */
	uint8_t device[DEVICE_ID_LEN];
	uint64_t segment;
	uint32_t revision;
	uint64_t end; /* position after the last record known */
	uint64_t seq;
	uint64_t lamport;
	uint8_t hash[HASH_LEN];
};

/* vault_fd is kept open by the caller; keys outlive the ledger. */
enum carnet_status ledger_open(int vault_fd, const uint8_t vault_id[16],
    const struct keys *keys, struct ledger **ret_ledger,
    struct carnet_error *err);
void ledger_free(struct ledger *ledger);

/* One thing that is wrong; reading goes on behind it where it can. */
typedef void ledger_problem(
    void *context, const char *path, const char *detail);
typedef enum carnet_status ledger_visit(void *context,
    const struct event *event, const struct ledger_place *place,
    struct carnet_error *err);
/* Missing events, told when all is read: known ones first. */
typedef void ledger_gap_visit(void *context, const struct ledger_gap *gap);
struct ledger_reading {
	const struct ledger_cursor *cursors; /* start behind these */
	size_t cursors_len;
	const struct ledger_cursor *known; /* what the database knows: a record
					    * before these can't be torn */
	size_t known_len;
	ledger_visit *visit;
	ledger_problem *problem; /* may be NULL */
	ledger_gap_visit *gap;   /* may be NULL */
	bool *unreadable; /* set when the disk can't read a segment: a problem,
			   * and what it holds isn't called missing.  NULL:
			   * reading fails there */
	void *context;
};
/*
 * Visits, device by device, every event behind the cursors, in sequence.
 * *ret_problems counts what was wrong (each told to problem): a record that
 * doesn't open, a length that is damaged, a chain that doesn't match, events
 * that are missing and that no "ledger.repaired" names.  A torn tail
 * (segment_find_torn) is not a problem, and nothing of it is visited.
 * Fails only on I/O, memory, CARNET_NEWER, or what visit returned.
 */
enum carnet_status ledger_read(struct ledger *ledger,
    const struct ledger_reading *reading, size_t *ret_problems,
    struct carnet_error *err);
enum ledger_relation {
	LEDGER_SAME,      /* the cursors stand at its end */
	LEDGER_AHEAD,     /* there is more behind them */
	LEDGER_REWRITTEN, /* a segment has another revision: read it all */
	LEDGER_BEHIND     /* it is shorter than they say: older files */
};
/* Cheap (names and sizes alone): how the files stand to these cursors. */
enum carnet_status ledger_compare(struct ledger *ledger,
    const struct ledger_cursor *cursors, size_t len,
    enum ledger_relation *ret_relation, struct carnet_error *err);

/*
 * Appends events of one device behind its cursor (NULL: its first ones) and
 * syncs once: on success they are durable, and *cursor is moved.  seq,
 * lamport, previous and batch are set here.  What lies behind the cursor is cut
 * off first: the caller knows that it is a torn tail (ledger_read saw no
 * problem).  After a failure nothing was added.  places: one an event.
 */
enum carnet_status ledger_append(struct ledger *ledger,
    struct ledger_cursor *cursor, uint64_t lamport, struct event *events,
    size_t len, struct ledger_place *ret_places, struct carnet_error *err);
/* Cuts off a torn tail and begins a new segment (each backup does). */
enum carnet_status ledger_close_segment(struct ledger *ledger,
    struct ledger_cursor *cursor, struct carnet_error *err);

struct ledger_file {                 /* a segment's */
	char path[LEDGER_PATH_TEXT]; /* "ledger/<device>/<n>[.<revision>]" */
	uint8_t device[DEVICE_ID_LEN];
	uint64_t segment;
	uint32_t revision;
	uint64_t size;
};
/* Which events --purge erases. */
typedef bool ledger_doomed(void *context, const struct event *event);
/*
 * Rewrites every segment that holds a doomed event as <n>.<revision + 1>,
 * payload and salt of those erased, and deletes the old file at once.
 */
enum carnet_status ledger_purge(struct ledger *ledger, ledger_doomed *doomed,
    void *context, struct carnet_error *err);
/* A hurt segment's file, written anew: put the old one out of the way.
 * records: how many whole ones were taken over. */
typedef enum carnet_status ledger_hurt_visit(void *context,
    const struct ledger_file *file, uint64_t records, struct carnet_error *err);
/*
 * Rewrites every segment with something in it that isn't as it was written
 * as <n>.<revision + 1>, with its whole records alone.  known: as in
 * ledger_reading.  A torn tail by itself is left where it is.
 */
enum carnet_status ledger_mend(struct ledger *ledger,
    const struct ledger_cursor *known, size_t known_len,
    ledger_hurt_visit *hurt, void *context, struct carnet_error *err);
/*
 * Cuts a torn tail of this device's last segment off (NULL: of every one's),
 * as its next writer would: for a device that has none any more.  known: as
 * in ledger_reading.  Of a hurt segment (ledger_mend first) nothing is cut.
 */
enum carnet_status ledger_cut_torn(struct ledger *ledger,
    const uint8_t device[DEVICE_ID_LEN], const struct ledger_cursor *known,
    size_t known_len, struct carnet_error *err);
/* Zeros over these bytes of a file; path: what to call it. */
enum carnet_status ledger_erase_bytes(int fd, const char *path,
    uint64_t position, uint64_t len, struct carnet_error *err);
/* Zeros over the doomed events of a hurt segment that was set aside, and over
 * the rest of those that a crash left erased in part.  *ret_unsure is set when
 * something else in it doesn't open. */
enum carnet_status ledger_erase_aside(struct ledger *ledger, int fd,
    const char *path, const struct ledger_file *file, ledger_doomed *doomed,
    void *context, bool *ret_unsure, struct carnet_error *err);
/*
 * A newest revision that is hurt and holds no whole event hides an older one
 * that does: it is told to `hurt`, who puts it away, and counted.
 */
enum carnet_status ledger_unhide_older(struct ledger *ledger,
    ledger_hurt_visit *hurt, void *context, size_t *ret_found,
    struct carnet_error *err);
/*
 * Older revisions that a rewriting has left behind which was cut off: deleted
 * when they are whole and hold no event that the newest lacks, told to `hurt`
 * otherwise.
 */
enum carnet_status ledger_clear_older(struct ledger *ledger,
    ledger_hurt_visit *hurt, void *context, struct carnet_error *err);

/* Every segment's file of a folder (newest revisions only), sorted by device
 * and number.  Caller frees *ret_files. */
enum carnet_status ledger_list(int vault_fd, struct ledger_file **ret_files,
    size_t *ret_len, struct carnet_error *err);
#endif
