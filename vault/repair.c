/* SPDX-License-Identifier: ISC */
/*
 * Mends what can be, in place: header copies, the device's file, packs and
 * segments that are hurt, the index.  Deletes nothing that might still be of
 * use: hurt files go to damaged/, what the disk can't read stays where it is.
 * The contract is include/carnet.h.
 */
#include "repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
repair_note(cJSON *list, const char *kind, const char *id, const char *detail)
{
	(void)carnet_problem_add(list, kind, id, detail);
}

/* Whether there is something that the disk can't read now. */
static bool
repair_is_unread(const struct repair *repair)
{
	return repair->packs_unread || repair->ledger_unread ||
	       repair->vault->packs_unreadable ||
	       repair->vault->ledger_unreadable;
}

void
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

enum carnet_status
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
	size_t missing = 0;
	char detail[160];
	struct carnet_error why = { 0 };
	enum carnet_status status =
	    vault_missing_chunks(repair->vault, content, &missing, &why);

	if (status != CARNET_OK && status != CARNET_DAMAGED &&
	    !carnet_is_unreadable(&why)) {
		if (err != NULL)
			*err = why;
		return status;
	}
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
