/* SPDX-License-Identifier: ISC */
/*
 * Mends what can be, in place: header copies, the device's file, packs and
 * segments that are hurt, the index.  Deletes nothing that might still be of
 * use: hurt files go to damaged/, what the disk can't read stays where it is.
 * The contract is include/carnet.h.
 */
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct repair {
	struct carnet_vault *vault;
	cJSON *mended;
	cJSON *problems;
	struct index *old; /* the index as it was; NULL: it doesn't open */
	bool end_known;    /* it said how far the ledger went */
	size_t ledger_problems;
	cJSON *ledger_said;      /* these, as they were told */
	struct ledger_gap *gaps; /* events that are lost, not known before */
	size_t gaps_len;
	uint8_t (*hurt)[PACK_ID_LEN];
	size_t hurt_len;
	/* What the disk can't read now may be read a minute later: it is left
	 * as it is, and nothing is called lost because of it. */
	bool packs_unread, ledger_unread;
	uint64_t bytes, bytes_total; /* of packs */
};

static void
repair_note(cJSON *list, const char *kind, const char *id, const char *detail)
{
	cJSON *note = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(note, "kind", kind);
	(void)cJSON_AddStringToObject(note, "id", id);
	(void)cJSON_AddStringToObject(note, "detail", detail);
	if (!cJSON_AddItemToArray(list, note))
		cJSON_Delete(note);
}

/* Whether there is something that the disk can't read now. */
static bool
repair_is_unread(const struct repair *repair)
{
	return repair->packs_unread || repair->ledger_unread ||
	       repair->vault->packs_unreadable ||
	       repair->vault->ledger_unreadable;
}

static void
repair_note_unread(
    struct repair *repair, const char *kind, const char *path, const char *why)
{
	char detail[768];

	(void)snprintf(detail, sizeof(detail), "%s; %s", why,
	    CARNET_("left as it is: try again, or copy the vault to another "
		    "disk"));
	repair_note(repair->problems, kind, path, detail);
}

static enum carnet_status
repair_header(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct header *header = NULL;
	unsigned bad = 0;
	enum carnet_status status = header_load(vault->fd, &header, &bad, err);

	header_free(header);
	if (status != CARNET_OK || bad == 0)
		return status;
	status = header_mend(vault->fd, vault->header, vault->master, err);
	if (status == CARNET_OK)
		repair_note(repair->mended, "header",
		    (bad & 1) != 0 ? "carnet.head" : "carnet.head.1",
		    CARNET_("written again from the other copy"));
	return status;
}

/* Moves a file of the vault to damaged/, under a name of its own there. */
static enum carnet_status
repair_set_aside(struct repair *repair, const char *path, const char *name,
    struct carnet_error *err)
{
	char target[128];
	int fd = repair->vault->fd;

	if (mkdirat(fd, "damaged", 0700) != 0 && errno != EEXIST)
		return carnet_fail_errno(err, errno, "damaged");
	(void)snprintf(target, sizeof(target), "damaged/%s", name);
	for (unsigned i = 1; i < 1000 && faccessat(fd, target, F_OK, 0) == 0;
	     i++)
		(void)snprintf(
		    target, sizeof(target), "damaged/%s-%u", name, i);
	if (renameat(fd, path, fd, target) != 0)
		return carnet_fail_errno(err, errno, "%s", path);
	return CARNET_OK;
}

/*
 * A device whose key is lost, or of whose events some are, ends here: a new
 * one begins its own chain, so that no number is ever used twice.
 */
static enum carnet_status
repair_device(struct repair *repair, struct carnet_error *err)
{
	struct ledger_cursor *known = NULL;
	size_t known_len = 0;
	struct carnet_vault *vault = repair->vault;
	bool lost = vault->device_damaged;
	struct stat info;
	enum carnet_status status;

	for (size_t i = 0; i < repair->gaps_len && !lost; i++)
		lost = memcmp(repair->gaps[i].device, vault->device,
			   DEVICE_ID_LEN) == 0;
	if (!lost || fstatat(vault->fd, "device", &info, 0) != 0)
		return CARNET_OK;
	if (repair->old != NULL &&
	    index_cursors(repair->old, &known, &known_len, NULL) != CARNET_OK)
		known_len = 0;
	/* This is its last writer.  With its key it is forgotten which one it
	 * was; cut off of another's copy, a tail is copied again. */
	status = ledger_cut_torn(vault->ledger,
	    vault->device_damaged ? NULL : vault->device, known, known_len,
	    err);
	free(known);
	if (status == CARNET_OK)
		status = repair_set_aside(repair, "device", "device", err);
	if (status != CARNET_OK)
		return status;
	vault->device_damaged = false;
	vault->has_device = false;
	repair_note(repair->mended, "device", "device",
	    CARNET_("a new key for this device"));
	return CARNET_OK;
}

/* --- packs
 * --------------------------------------------------------------------- */

static enum carnet_status
repair_count_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct repair *repair = context;

	(void)id;
	(void)path;
	(void)err;
	repair->bytes_total += is_pack ? size : 0;
	return CARNET_OK;
}

static enum carnet_status
repair_visit_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct repair *repair = context;
	struct carnet_error why = { 0 };
	enum carnet_status status = CARNET_OK;
	void *grown;
	int fd;

	if (!is_pack)
		return CARNET_OK;
	repair->bytes += size;
	vault_tell(repair->vault, repair->bytes, repair->bytes_total);
	fd = openat(repair->vault->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		status = carnet_fail_errno(&why, errno, "%s", path);
	} else {
		status = pack_check_all(
		    fd, id, repair->vault->keys, false, NULL, NULL, &why);
		(void)close(fd);
	}
	if (status == CARNET_OK)
		return CARNET_OK;
	if (carnet_is_unreadable(&why)) {
		repair->packs_unread = true;
		repair_note_unread(repair, "pack", path, why.message);
		return CARNET_OK;
	}
	if (status != CARNET_DAMAGED) {
		if (err != NULL)
			*err = why;
		return status;
	}
	grown = reallocarray(repair->hurt, repair->hurt_len + 1, PACK_ID_LEN);
	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	repair->hurt = grown;
	memcpy(repair->hurt[repair->hurt_len++], id, PACK_ID_LEN);
	return CARNET_OK;
}

/* Takes every chunk that still opens out of a hurt pack, into a new one. */
static enum carnet_status
repair_pack(struct repair *repair, const uint8_t id[PACK_ID_LEN],
    struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct chunk_row *rows = NULL, *remembered = NULL;
	size_t len = 0, remembered_len = 0, saved = 0;
	char path[PACK_PATH_TEXT], detail[160];
	struct carnet_error why = { 0 };
	enum carnet_status status;

	pack_path(id, path);
	if (repair->old != NULL) /* a hurt index may know nothing: fine */
		(void)index_pack_rows(
		    repair->old, id, &remembered, &remembered_len, NULL);
	status = store_salvage_pack(
	    vault->store, id, remembered, remembered_len, &saved, &why);
	free(remembered);
	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		repair->packs_unread = true;
		repair_note_unread(repair, "pack", path, why.message);
		return CARNET_OK; /* what came out so far is in the batch */
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	if (status == CARNET_OK)
		status = store_flush(vault->store, &rows, &len, err);
	free(rows); /* the index is made again from the packs */
	if (status == CARNET_OK)
		status =
		    repair_set_aside(repair, path, strrchr(path, '/') + 1, err);
	if (status != CARNET_OK)
		return status;
	(void)snprintf(detail, sizeof(detail),
	    CARNET_("%zu whole chunks taken over; the hurt file is kept in "
		    "damaged/"),
	    saved);
	repair_note(repair->mended, "pack", path, detail);
	return CARNET_OK;
}

static int
repair_find_nothing(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	(void)context;
	(void)name;
	(void)ret_place;
	return 0;
}

static enum carnet_status
repair_packs(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct carnet_error why = { 0 };
	enum carnet_status status = orphans_bring_back_all(vault, &why);

	if (status == CARNET_OK) /* what can't be counted is met again below */
		(void)pack_walk(vault->fd, repair_count_pack, repair, NULL);
	if (status == CARNET_OK)
		status = pack_walk(vault->fd, repair_visit_pack, repair, &why);
	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		repair->packs_unread = true;
		repair_note_unread(repair, "pack", "packs", why.message);
		status = CARNET_OK;
	} else if (status != CARNET_OK && err != NULL) {
		*err = why;
	}

	/* known chunks must be written again, too: nothing is known now */
	vault->places.find = repair_find_nothing;
	for (size_t i = 0; i < repair->hurt_len && status == CARNET_OK; i++)
		status = repair_pack(repair, repair->hurt[i], err);
	return status;
}

/* --- the rest
 * --------------------------------------------------------------------- */

static void
repair_ledger_problem(void *context, const char *path, const char *detail)
{
	struct repair *repair = context;

	repair->ledger_problems++;
	repair_note(repair->ledger_said, "ledger", path, detail);
}

/* What is lost is a problem once; then it is written down. */
static void
repair_ledger_gap(void *context, const struct ledger_gap *gap)
{
	struct repair *repair = context;
	struct ledger_gap *grown;

	if (gap->is_known)
		return;
	grown =
	    reallocarray(repair->gaps, repair->gaps_len + 1, sizeof(*grown));
	if (grown == NULL)
		return; /* it stays a gap, and check's problem */
	repair->gaps = grown;
	repair->gaps[repair->gaps_len++] = *gap;
}

static void
repair_tell_gaps(struct repair *repair)
{
	char path[LEDGER_PATH_TEXT], hex[DEVICE_ID_TEXT];
	char detail[LEDGER_GAP_TEXT];

	for (size_t i = 0; i < repair->gaps_len; i++) {
		hex_encode(repair->gaps[i].device, DEVICE_ID_LEN, hex);
		(void)snprintf(path, sizeof(path), "ledger/%s", hex);
		ledger_gap_describe(&repair->gaps[i], detail);
		repair_note(repair->problems, "ledger", path, detail);
	}
}

static enum carnet_status
repair_no_visit(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)context;
	(void)event;
	(void)place;
	(void)err;
	return CARNET_OK;
}

static enum carnet_status
repair_ledger_hurt(void *context, const struct ledger_file *file,
    uint64_t records, struct carnet_error *err)
{
	struct repair *repair = context;
	char hex[DEVICE_ID_TEXT], name[96], detail[160];
	enum carnet_status status;

	hex_encode(file->device, DEVICE_ID_LEN, hex);
	(void)snprintf(name, sizeof(name), "ledger-%s-%" PRIu64 ".%" PRIu32,
	    hex, file->segment, file->revision);
	status = repair_set_aside(repair, file->path, name, err);
	if (status != CARNET_OK)
		return status;
	(void)snprintf(detail, sizeof(detail),
	    CARNET_("%" PRIu64 " whole events taken over; the hurt file is "
		    "kept in damaged/"),
	    records);
	repair_note(repair->mended, "ledger", file->path, detail);
	return CARNET_OK;
}

/* A part of the ledger can't be read: no other part of it is touched, for it
 * can't be told from here what is lost. */
static void
repair_leave_ledger(struct repair *repair)
{
	const cJSON *said;

	cJSON_ArrayForEach(said, repair->ledger_said)
	    repair_note_unread(repair, "ledger", carnet_json_string(said, "id"),
		carnet_json_string(said, "detail"));
	repair->gaps_len = 0;
}

/* Reads the whole ledger, with what the old index knew of it, then writes
 * hurt segments anew. */
static enum carnet_status
repair_ledger(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct ledger_cursor *known = NULL;
	struct ledger_reading reading = { .visit = repair_no_visit,
		.problem = repair_ledger_problem,
		.gap = repair_ledger_gap,
		.context = repair,
		.unreadable = &repair->ledger_unread };
	struct carnet_error why = { 0 };
	size_t known_len = 0, unhidden = 0;
	enum carnet_status status;

	if (mkdirat(vault->fd, "ledger", 0700) == 0)
		repair_note(repair->problems, "ledger", "ledger",
		    CARNET_("the whole ledger was missing"));
	if (repair->old != NULL &&
	    index_cursors(repair->old, &known, &known_len, NULL) != CARNET_OK)
		known_len = 0;
	repair->end_known = known_len > 0;
	reading.known = known;
	reading.known_len = known_len;
	status = ledger_read(vault->ledger, &reading, NULL, &why);
	if (status == CARNET_OK && repair->ledger_unread) {
		free(known);
		repair_leave_ledger(repair);
		return CARNET_OK;
	}
	if (status == CARNET_OK && repair->ledger_problems > 0)
		status = ledger_unhide_older(
		    vault->ledger, repair_ledger_hurt, repair, &unhidden, &why);
	if (status == CARNET_OK && unhidden > 0) {
		repair->ledger_problems = repair->gaps_len = 0;
		status = ledger_read(vault->ledger, &reading, NULL, &why);
	}
	repair_tell_gaps(repair);
	if (status == CARNET_OK && repair->ledger_problems > 0)
		status = ledger_mend(vault->ledger, known, known_len,
		    repair_ledger_hurt, repair, &why);
	if (status == CARNET_OK)
		status = ledger_clear_older(
		    vault->ledger, repair_ledger_hurt, repair, &why);
	free(known);
	/* a folder of the ledger, or a segment that was whole just now */
	if (status != CARNET_OK && carnet_is_unreadable(&why))
		status = why.status = CARNET_DAMAGED;
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}

/* The new index is there: who writes next, and what is to be known. */
static enum carnet_status
repair_write_down(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	enum carnet_status status = CARNET_OK;
	cJSON *payload;

	/* who can't read its own last event must not write the next one */
	if (repair->ledger_unread || vault->ledger_unreadable)
		return CARNET_OK;
	if (!vault->has_device)
		status = device_make(vault, err);
	if (status == CARNET_OK)
		status = replay_find_head(vault, err);
	if (status == CARNET_OK && repair->gaps_len > 0) {
		payload = ledger_gaps_payload(repair->gaps, repair->gaps_len);
		status = payload == NULL
			     ? carnet_fail_errno(err, ENOMEM, "vault")
			     : carnet_queue(vault, LEDGER_REPAIRED, NULL,
				   payload, NULL, err);
	}
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	return status;
}

static enum carnet_status
repair_index(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	enum carnet_status status;

	index_close(repair->old);
	repair->old = NULL;
	/* the store asks the new index from here on */
	store_free(vault->store);
	vault->store = NULL;
	status = vault_make_store(vault, err);
	if (status == CARNET_OK)
		status = replay_rebuild(vault, err);
	if (status == CARNET_OK && !vault->packs_unreadable &&
	    !vault->ledger_unreadable)
		repair_note(repair->mended, "index", "index.db",
		    CARNET_("built again from ledger and packs"));
	return status;
}

/* A document with chunks that no pack has any more is a loss: say so. */
static enum carnet_status
repair_visit_content(void *context, const char *id, bool is_answer,
    const struct content *content, struct carnet_error *err)
{
	struct repair *repair = context;
	struct chunk_name *names = NULL;
	struct chunk_place place;
	size_t len = 0, missing = 0;
	char detail[160];
	struct carnet_error why = { 0 };
	enum carnet_status status = store_content_names(
	    repair->vault->store, content, &names, &len, &why);

	if (status != CARNET_OK && status != CARNET_DAMAGED &&
	    !carnet_is_unreadable(&why)) {
		if (err != NULL)
			*err = why;
		return status;
	}
	for (size_t i = 0; i < len; i++)
		if (index_find_chunk(repair->vault->index, &names[i], &place) !=
		    1)
			missing++;
	free(names);
	if (status == CARNET_OK && missing == 0)
		return CARNET_OK;
	if (repair->packs_unread || repair->vault->packs_unreadable ||
	    carnet_is_unreadable(&why))
		(void)snprintf(detail, sizeof(detail), "%s",
		    CARNET_("the disk can't read some of its chunks now"));
	else if (is_answer)
		(void)snprintf(detail, sizeof(detail), "%s",
		    CARNET_("what was read out of it is lost: carnet reindex "
			    "reads it again"));
	else
		(void)snprintf(detail, sizeof(detail),
		    CARNET_("%zu of its chunks are lost: restore it from a "
			    "backup"),
		    missing == 0 ? content->len : missing);
	repair_note(
	    repair->problems, is_answer ? "answer" : "document", id, detail);
	return CARNET_OK;
}

/* What --purge was to erase, and didn't come to. */
static enum carnet_status
repair_purges(struct repair *repair, struct carnet_error *err)
{
	struct carnet_error why = { 0 };
	cJSON *ids = NULL, *id;
	enum carnet_status status;

	if (repair_is_unread(repair))
		return CARNET_OK; /* check goes on naming it */
	status = purge_finish(repair->vault, &ids, &why);

	if (status == CARNET_DAMAGED) { /* the rest is mended all the same */
		repair_note(repair->problems, "document", "purge", why.message);
		return replay_rebuild(repair->vault, err);
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	cJSON_ArrayForEach(id, ids)
	    repair_note(repair->mended, "document", id->valuestring,
		CARNET_("it had been erased in part: now it is, all of it"));
	cJSON_Delete(ids);
	return CARNET_OK;
}

/* What the index lacks because the disk couldn't read it just now, unless it
 * was said when the file itself was looked at. */
static void
repair_tell_lacking(struct repair *repair)
{
	const struct carnet_vault *vault = repair->vault;
	const char *why = CARNET_("the disk could not read some of it");

	if (vault->packs_unreadable && !repair->packs_unread)
		repair_note_unread(repair, "pack", "packs", why);
	if (vault->ledger_unreadable && !repair->ledger_unread)
		repair_note_unread(repair, "ledger", "ledger", why);
}

static enum carnet_status
repair_all(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	char path[4096 + 16];
	enum carnet_status status = repair_header(repair, err);

	(void)snprintf(path, sizeof(path), "%s/index.db", vault->path);
	(void)index_open(path, vault->keys, INDEX_READ, &repair->old, NULL);
	if (status == CARNET_OK)
		status = repair_ledger(repair, err);
	if (status == CARNET_OK && !repair->ledger_unread)
		status = repair_device(repair, err);
	if (status == CARNET_OK)
		status = repair_packs(repair, err);
	if (status == CARNET_OK)
		status = repair_index(repair, err);
	if (status == CARNET_OK)
		status = index_contents(
		    vault->index, repair_visit_content, repair, err);
	if (status == CARNET_OK)
		status = repair_purges(repair, err);
	if (status == CARNET_OK)
		repair_tell_lacking(repair);
	if (status == CARNET_OK)
		status = repair_write_down(repair, err);
	return status;
}

enum carnet_status
carnet_repair(const char *path, const struct carnet_unlock *unlock,
    const struct carnet_waiter *waiter, cJSON **ret_report,
    struct carnet_error *err)
{
	struct repair repair = { 0 };
	cJSON *report = NULL;
	enum carnet_status status;

	repair.mended = cJSON_CreateArray();
	repair.problems = cJSON_CreateArray();
	repair.ledger_said = cJSON_CreateArray();
	if (repair.mended == NULL || repair.problems == NULL ||
	    repair.ledger_said == NULL)
		status = carnet_fail_errno(err, ENOMEM, "vault");
	else
		status = vault_open_bare(
		    path, unlock, CARNET_WRITE, waiter, &repair.vault, err);
	if (status == CARNET_OK)
		status = repair_all(&repair, err);
	if (status == CARNET_OK) {
		report = cJSON_CreateObject();
		(void)cJSON_AddBoolToObject(
		    report, "end_known", repair.end_known);
		if (repair_is_unread(&repair))
			(void)cJSON_AddTrueToObject(report, "unreadable");
		if (cJSON_AddItemToObject(report, "mended", repair.mended))
			repair.mended = NULL;
		if (cJSON_AddItemToObject(report, "problems", repair.problems))
			repair.problems = NULL;
		if (repair.mended == NULL && repair.problems == NULL &&
		    report != NULL) {
			*ret_report = report;
		} else {
			cJSON_Delete(report);
			status = carnet_fail_errno(err, ENOMEM, "vault");
		}
	}
	free(repair.hurt);
	free(repair.gaps);
	index_close(repair.old);
	carnet_vault_close(repair.vault);
	cJSON_Delete(repair.mended);
	cJSON_Delete(repair.problems);
	cJSON_Delete(repair.ledger_said);
	return status;
}
