/* SPDX-License-Identifier: ISC */
/*
 * Erasing documents: chunks, payloads, what `repair` has set aside.  An
 * erasing that was cut off is finished by the next one, or by `repair`.
 * The contract is include/carnet.h.
 */
#include "vault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

struct purge_names {
	struct chunk_name *names;
	size_t len, room;
};

struct purge {
	struct carnet_vault *vault;
	cJSON *ids;       /* array of texts: what goes */
	const char *anew; /* the one whose erasing begins, or NULL */
	struct purge_names doomed, lists, kept;
	bool no_memory; /* an event could not be looked into */
};

static bool
purge_has_id(const struct purge *purge, const char *id)
{
	const cJSON *one;

	if (id != NULL)
		cJSON_ArrayForEach(
		    one, purge->ids) if (strcmp(one->valuestring, id) ==
					 0) return true;
	return false;
}

/* Which of them an event speaks of or made, NULL: none.  Not the erasing's
 * own event. */
static const char *
purge_doomed_id(struct purge *purge, const struct event *event,
    const cJSON *payload, char id[EVENT_ID_TEXT])
{
	const char *about;

	if (strncmp(event->kind, "document.", 9) != 0 ||
	    strcmp(event->kind, "document.purged") == 0)
		return NULL;
	event_id(keys_get(purge->vault->keys, KEY_IDS), 'd', event->device,
	    event->seq, 0, id);
	about = strcmp(event->kind, "document.added") == 0
		    ? id
		    : carnet_json_string(payload, "document");
	return purge_has_id(purge, about) ? about : NULL;
}

static bool
purge_is_doomed(void *context, const struct event *event)
{
	struct purge *purge = context;
	char id[EVENT_ID_TEXT];
	cJSON *payload = NULL;
	enum carnet_status status;
	bool doomed;

	if (event->purged || strncmp(event->kind, "document.", 9) != 0)
		return false;
	status = carnet_json_parse(
	    (const char *)event->payload, event->payload_len, &payload, NULL);
	if (status == CARNET_NO_MEMORY)
		purge->no_memory = true;
	doomed = purge_doomed_id(purge, event, payload, id) != NULL;
	cJSON_Delete(payload);
	return doomed;
}

/* --- which chunks --------------------------------------------------------- */

static enum carnet_status
purge_add_names(struct purge_names *to, const struct chunk_name *more,
    size_t more_len, struct carnet_error *err)
{
	if (to->len + more_len > to->room) {
		size_t room = (to->len + more_len) * 2;
		struct chunk_name *grown =
		    reallocarray(to->names, room, sizeof(*grown));

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		to->names = grown;
		to->room = room;
	}
	if (more_len > 0)
		memcpy(to->names + to->len, more, more_len * sizeof(*more));
	to->len += more_len;
	return CARNET_OK;
}

/*
 * The names of one content.  Of one that goes, lists are kept apart: they go
 * when the rest has gone.  So where a list is gone, the rest is, too.
 */
static enum carnet_status
purge_add_content(struct purge *purge, const struct content *content,
    const char *doomed_id, struct carnet_error *err)
{
	struct chunk_name *names = NULL;
	struct carnet_error why = { 0 };
	size_t len = 0;
	enum carnet_status status = store_content_names(
	    purge->vault->store, content, &names, &len, &why);

	if (status == CARNET_DAMAGED && doomed_id != NULL &&
	    (purge->anew == NULL || strcmp(doomed_id, purge->anew) != 0)) {
		len = 0;
		status = CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (doomed_id == NULL)
		status = purge_add_names(&purge->kept, names, len, err);
	else
		status = purge_add_names(&purge->doomed, names, len, err);
	if (status == CARNET_OK && doomed_id != NULL && content->depth > 0)
		status = purge_add_names(
		    &purge->lists, content->names, content->len, err);
	free(names);
	return status;
}

static enum carnet_status
purge_visit_content(void *context, const struct event *event,
    const cJSON *payload, const struct content *content,
    struct carnet_error *err)
{
	struct purge *purge = context;
	char id[EVENT_ID_TEXT];

	return purge_add_content(
	    purge, content, purge_doomed_id(purge, event, payload, id), err);
}

static int
purge_compare(const void *left, const void *right)
{
	return memcmp(left, right, HASH_LEN);
}

/* Takes out of `from` what is in `sorted`. */
static void
purge_spare(struct purge_names *from, const struct purge_names *sorted)
{
	size_t left = 0;

	for (size_t i = 0; i < from->len; i++)
		if (sorted->len == 0 ||
		    bsearch(&from->names[i], sorted->names, sorted->len,
			sizeof(*sorted->names), purge_compare) == NULL)
			from->names[left++] = from->names[i];
	from->len = left;
}

static void
purge_sort(struct purge_names *names)
{
	if (names->len > 0)
		qsort(names->names, names->len, sizeof(*names->names),
		    purge_compare);
}

/* What goes, without what somebody else has. */
static enum carnet_status
purge_gather(struct purge *purge, struct carnet_error *err)
{
	enum carnet_status status;
	bool whole = false;

	/* a list that isn't found would count as erased already */
	if (purge->vault->packs_unreadable)
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the disk can't read a pack now: nothing is "
			    "erased"));
	status = named_contents(
	    purge->vault, purge_visit_content, purge, &whole, err);
	purge_sort(&purge->kept);
	purge_spare(&purge->doomed, &purge->kept);
	purge_spare(&purge->lists, &purge->kept);
	return status;
}

/* --- erasing -------------------------------------------------------------- */

/* Chunks away: the packs that hold them are written anew without them. */
static enum carnet_status
purge_chunks(struct carnet_vault *vault, const struct purge_names *doomed,
    struct carnet_error *err)
{
	uint8_t(*old)[PACK_ID_LEN] = NULL;
	struct chunk_row *rows = NULL;
	size_t rows_len = 0, old_len = 0;
	enum carnet_status status;

	if (doomed->len == 0)
		return CARNET_OK;
	status = store_rewrite_without(vault->store, doomed->names, doomed->len,
	    &rows, &rows_len, &old, &old_len, err);
	if (status == CARNET_OK)
		status = index_begin(vault->index, err);
	for (size_t i = 0; i < old_len && status == CARNET_OK; i++)
		status = index_forget_pack(vault->index, old[i], err);
	if (status == CARNET_OK)
		status = index_add_chunks(vault->index, rows, rows_len, err);
	if (status == CARNET_OK)
		status = index_commit(vault->index, err);
	if (status != CARNET_OK)
		index_rollback(vault->index);
	/* wait for those who read packs, then delete; nobody names them now */
	if (status == CARNET_OK && vault->packs_fd >= 0 &&
	    flock(vault->packs_fd, LOCK_EX) != 0)
		status = carnet_fail_errno(err, errno, "packs.lock");
	for (size_t i = 0; i < old_len && status == CARNET_OK; i++)
		status = pack_delete(vault->fd, old[i], err);
	if (vault->packs_fd >= 0)
		(void)flock(vault->packs_fd, LOCK_SH);
	free(old);
	free(rows);
	return status;
}

/* What `repair` has set aside. */
static enum carnet_status
purge_aside(struct purge *purge, struct carnet_error *err)
{
	struct carnet_vault *vault = purge->vault;
	bool unsure = false;
	enum carnet_status status;

	purge_sort(&purge->doomed);
	status = aside_erase(vault, purge->doomed.names, purge->doomed.len,
	    purge_is_doomed, purge, &unsure, err);
	if (status == CARNET_OK && purge->no_memory)
		status = carnet_fail_errno(err, ENOMEM, "damaged");
	if (status == CARNET_OK && unsure)
		vault_warn(vault,
		    CARNET_("damaged/ holds hurt files that can't be looked "
			    "into whole: what was erased may still be in "
			    "them. Delete them once you need them no more."));
	return status;
}

/* Chunks before their lists, payloads last: whoever finds a payload knows
 * what else may be there still. */
static enum carnet_status
purge_erase(struct purge *purge, struct carnet_error *err)
{
	struct carnet_vault *vault = purge->vault;
	struct purge_names chunks = purge->doomed;
	enum carnet_status status;

	purge_sort(&purge->lists);
	chunks.names = NULL;
	chunks.len = chunks.room = 0;
	status = purge_add_names(
	    &chunks, purge->doomed.names, purge->doomed.len, err);
	if (status == CARNET_OK) {
		purge_spare(&chunks, &purge->lists);
		status = purge_chunks(vault, &chunks, err);
	}
	free(chunks.names);
	if (status == CARNET_OK)
		status = purge_chunks(vault, &purge->lists, err);
	if (status == CARNET_OK)
		status = purge_aside(purge, err);
	if (status == CARNET_OK)
		status =
		    ledger_purge(vault->ledger, purge_is_doomed, purge, err);
	if (status == CARNET_OK && purge->no_memory)
		status = carnet_fail_errno(err, ENOMEM, "ledger");
	if (status == CARNET_OK)
		status = replay_rebuild(vault, err);
	if (status == CARNET_OK)
		status = replay_find_head(vault, err);
	return status;
}

static void
purge_clear(struct purge *purge)
{
	cJSON_Delete(purge->ids);
	free(purge->doomed.names);
	free(purge->lists.names);
	free(purge->kept.names);
}

enum carnet_status
purge_finish(
    struct carnet_vault *vault, cJSON **ret_ids, struct carnet_error *err)
{
	struct purge purge = { .vault = vault };
	enum carnet_status status =
	    index_unfinished_purges(vault->index, &purge.ids, err);

	if (status == CARNET_OK && cJSON_GetArraySize(purge.ids) > 0) {
		status = purge_gather(&purge, err);
		if (status == CARNET_OK)
			status = purge_erase(&purge, err);
	}
	if (status == CARNET_OK) {
		*ret_ids = purge.ids;
		purge.ids = NULL;
	}
	purge_clear(&purge);
	return status;
}

enum carnet_status
carnet_document_purge(
    struct carnet_vault *vault, const char *id, struct carnet_error *err)
{
	struct purge purge = { .vault = vault, .anew = id };
	cJSON *payload = cJSON_CreateObject(), *text;
	enum carnet_status status =
	    index_unfinished_purges(vault->index, &purge.ids, err);

	if (status == CARNET_OK) {
		text = cJSON_CreateString(id);
		if (text == NULL || !cJSON_AddItemToArray(purge.ids, text)) {
			cJSON_Delete(text);
			status = carnet_fail_errno(err, ENOMEM, "vault");
		}
	}
	if (status == CARNET_OK)
		status = purge_gather(&purge, err);
	if (status == CARNET_OK) {
		vault_payload_add(&payload, "document", id);
		status = carnet_queue(
		    vault, "document.purged", NULL, payload, NULL, err);
		payload = NULL;
	}
	/* first the event: whatever is cut off after it, repair finishes */
	if (status == CARNET_OK)
		status = carnet_commit(vault, err);
	if (status == CARNET_OK)
		status = purge_erase(&purge, err);
	cJSON_Delete(payload);
	purge_clear(&purge);
	return status;
}
