/* SPDX-License-Identifier: ISC */
/*
 * Where a run takes place: folders made from a template, documents whose
 * bytes follow from their number, and what the run has told.
 */
#ifndef PLACE_H
#define PLACE_H
#include "carnet.h"
#include "carnet_backup.h"
#include "secret.h"

#define PLACE_PATH 512
#define PLACE_ADDED 16
#define PLACE_KNOWN 32 /* documents have numbers below this */

/* What a run has reported as done; it outlives the process. */
struct told {
	bool finished;
	uint64_t calls;            /* that could fail, in a run that ended */
	enum carnet_status status; /* of the whole run, when finished */
	struct carnet_error err;
	unsigned added_len;
	struct {
		char id[CARNET_ID_TEXT];
		unsigned number;
	} added[PLACE_ADDED];
	bool changed, purged, repaired, restored, made, compacted;
	bool mended;     /* by `repair`, while judging */
	bool warned;     /* the run said that something can't be read */
	unsigned events; /* decisions, statements, steps */
	char snapshot[32];
};

struct place {
	char top[PLACE_PATH];
	char template[PLACE_PATH]; /* copied for every run to `work` */
	char work[PLACE_PATH];
	char vault[PLACE_PATH];  /* work/vault */
	char backup[PLACE_PATH]; /* work/backup */
	char target[PLACE_PATH]; /* work/target */
	char stash[PLACE_PATH];
	struct secret *master;
	bool may_repair;   /* a folder's sync failed, then the power went */
	struct told *told; /* shared with the run's process */
};

_Noreturn void place_fail(const char *what, const struct carnet_error *err);
void place_begin(struct place *place, const char *top);
void place_fresh(struct place *place); /* work as the template is */
void place_end(struct place *place);
void place_remove(const char *path);
void place_copy(const char *from, const char *to);
/* The bytes of document `number`, owned by the place. */
const uint8_t *place_bytes(unsigned number, size_t *ret_len);
/* Which document these bytes are, or -1. */
int place_recognise(const uint8_t *bytes, size_t len);
struct secret *place_passphrase(const char *text);
/* Queues document `number` for this person, and tells nothing yet: its row is
 * the next in place->told. */
enum carnet_status place_put(struct place *place, struct carnet_vault *vault,
    const char *person, unsigned number, struct carnet_error *err);
/* Adds document `number` and commits; tells it in place->told. */
enum carnet_status place_add(struct place *place, struct carnet_vault *vault,
    unsigned number, bool commit, struct carnet_error *err);
enum carnet_status place_open(struct place *place, const char *path,
    enum carnet_access access, struct carnet_vault **ret_vault,
    struct carnet_error *err);

/* --- judging: each says what is wrong on stderr and returns false -------- */
bool judge(bool holds, const char *format, ...) CARNET_PRINTF(2, 3);
/* The vault opens for writing, then check --read-data is clean, at the
 * latest when `repair` has made the index again. */
bool judge_vault(struct place *place, const char *path);
/* Documents 0, 1 and 2 and all that were told are there, byte for byte;
 * what else is there is a whole document, too.  except: may be gone. */
bool judge_documents(struct place *place, const char *path, int except);

/* --- scenarios (scenarios.c) ---------------------------------------------- */
struct scenario {
	const char *name;
	void (*prepare)(struct place *place);
	enum carnet_status (*run)(
	    struct place *place, struct carnet_error *err);
	bool (*judge)(struct place *place);
};
extern const struct scenario scenarios[];
/* A vault with documents 0, 1 and 2, in packs of their own. */
void prepare_vault(struct place *place);
/* And its backup. */
void prepare_backup(struct place *place);
/* A backup to place->backup, told; and back out of it to place->target. */
enum carnet_status make_snapshot(
    struct place *place, struct carnet_vault *vault, struct carnet_error *err);
enum carnet_status restore_to_target(
    struct place *place, const char *snapshot, struct carnet_error *err);
/* judge_vault and judge_documents of the vault. */
bool judge_usual(struct place *place);
bool judge_backup_check(struct place *place);

/* --- compacting (compacting.c) -------------------------------------------- */
/* Ten documents in packs of their own and a backup of them; packs that nobody
 * names, whole and in part, one of them set aside long ago; a pack twice; one
 * that was never finished. */
void prepare_compact(struct place *place);
enum carnet_status run_compact(struct place *place, struct carnet_error *err);
/* All of it is there, a next run finishes it and leaves nothing behind, the
 * snapshot before and one after it restore. */
bool judge_compact(struct place *place);

/* --- forgetting (forgetting.c) -------------------------------------------- */
/* Four snapshots: two are due, the third is not condemned yet, the fourth
 * stays; a pack and segments that only the first ones need. */
void prepare_forget(struct place *place);
enum carnet_status run_forget(struct place *place, struct carnet_error *err);
bool judge_forget(struct place *place);
enum carnet_status run_copy(struct place *place, struct carnet_error *err);
bool judge_copy(struct place *place);

/* --- erasing (erasing.c) -------------------------------------------------- */
/* Document 1 was read twice; copies of all of it stand in damaged/, too. */
void prepare_purge(struct place *place);
/* The same, and it is purged as far as its event. */
void prepare_purge_half(struct place *place);
enum carnet_status run_purge(struct place *place, struct carnet_error *err);
enum carnet_status run_purge_repair(
    struct place *place, struct carnet_error *err);
/* It is there, whole; or it is gone, and once `repair` has been there (at
 * once, if that was told) no file holds anything of it. */
bool judge_purge(struct place *place);
#endif
