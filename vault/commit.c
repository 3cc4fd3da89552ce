/* SPDX-License-Identifier: ISC */
/*
 * The commit: packs are flushed, then the ledger is synced (from then on it
 * has happened), then the index follows (follow.c).  The contract is
 * include/carnet.h.
 */
#include "vault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
commit_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum carnet_status
commit_make_room(struct carnet_vault *vault, struct carnet_error *err)
{
	struct event *grown;

	if (vault->queue_len < vault->queue_room)
		return CARNET_OK;
	grown = reallocarray(
	    vault->queue, vault->queue_room + VAULT_QUEUE_STEP, sizeof(*grown));
	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	vault->queue = grown;
	vault->queue_room += VAULT_QUEUE_STEP;
	return CARNET_OK;
}

/* The letter of what an event of this kind makes; 0: nothing. */
static char
commit_letter(const char *kind)
{
	static const struct {
		const char *kind;
		char letter;
	} letters[] = { { "person.added", 'p' }, { "document.added", 'd' },
		{ "decision.made", 'c' }, { "statement.drafted", 's' } };

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (strcmp(letters[i].kind, kind) == 0)
			return letters[i].letter;
	return 0;
}

enum carnet_status
carnet_queue(struct carnet_vault *vault, const char *kind, const char *on,
    cJSON *payload, char ret_id[CARNET_ID_TEXT], struct carnet_error *err)
{
	struct event event = { .recorded = commit_now_ms() };
	enum carnet_status status = CARNET_OK;
	char *text = NULL;

	if (on != NULL && on[0] != '\0' &&
	    !carnet_date_parse(on, &event.effective))
		status = carnet_fail(
		    err, CARNET_INVALID, CARNET_("this date does not exist"));
	if (status == CARNET_OK && vault->access != CARNET_WRITE)
		status = carnet_fail(err, CARNET_FAILED,
		    CARNET_("the vault is open for reading only"));
	if (status == CARNET_OK)
		status = commit_make_room(vault, err);
	if (status == CARNET_OK) {
		text = payload == NULL ? NULL : cJSON_PrintUnformatted(payload);
		if (text == NULL)
			status = carnet_fail_errno(err, ENOMEM, "vault");
	}
	cJSON_Delete(payload);
	if (status != CARNET_OK)
		return status;
	if (strlen(text) > EVENT_MAX_PAYLOAD) {
		free(text);
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("too much text for one entry"));
	}
	(void)strncpy(event.kind, kind, sizeof(event.kind) - 1);
	event.payload = (uint8_t *)text;
	event.payload_len = strlen(text);
	vault->queue[vault->queue_len++] = event;
	if (ret_id != NULL)
		event_id(keys_get(vault->keys, KEY_IDS), commit_letter(kind),
		    vault->device, vault->cursor.seq + vault->queue_len, 0,
		    ret_id);
	return CARNET_OK;
}

void
carnet_discard(struct carnet_vault *vault)
{
	for (size_t i = 0; i < vault->queue_len; i++)
		event_clear(&vault->queue[i]);
	vault->queue_len = 0;
	vault->seen_len = 0;
	twin_forget(&vault->twins);
}

void
vault_payload_add(cJSON **payload, const char *key, const char *text)
{
	if (cJSON_AddStringToObject(*payload, key, text) != NULL)
		return;
	cJSON_Delete(*payload);
	*payload = NULL;
}

static int
commit_newest_first(const void *left, const void *right)
{
	const struct ledger_cursor *a = left, *b = right;

	return a->lamport < b->lamport ? 1 : (a->lamport > b->lamport ? -1 : 0);
}

/*
 * The first event of a run names the last one of every other device, of the
 * newest ones if they are many: whoever then loses those sees it, with no
 * index and no backup.
 */
static enum carnet_status
commit_add_heads(struct carnet_vault *vault, struct carnet_error *err)
{
	struct event *event = &vault->queue[0];
	struct ledger_cursor *cursors = NULL;
	size_t len = 0;
	enum carnet_status status =
	    index_cursors(vault->index, &cursors, &len, err);

	if (status == CARNET_OK && len > 0) {
		event->heads = calloc(len, sizeof(*event->heads));
		if (event->heads == NULL)
			status = carnet_fail_errno(err, ENOMEM, "vault");
		else
			qsort(cursors, len, sizeof(*cursors),
			    commit_newest_first);
	}
	for (size_t i = 0; status == CARNET_OK && i < len &&
			   event->heads_len < EVENT_MAX_HEADS;
	     i++) {
		struct event_head *head = &event->heads[event->heads_len];

		if (memcmp(cursors[i].device, vault->device, DEVICE_ID_LEN) ==
			0 ||
		    cursors[i].seq == 0)
			continue;
		memcpy(head->device, cursors[i].device, DEVICE_ID_LEN);
		head->seq = cursors[i].seq;
		memcpy(head->hash, cursors[i].hash, HASH_LEN);
		event->heads_len++;
	}
	free(cursors);
	return status;
}

/* Packs, then the ledger: from then on it has happened. */
static enum carnet_status
commit_write(struct carnet_vault *vault, struct ledger_place *places,
    struct chunk_row **ret_rows, size_t *ret_len, struct carnet_error *err)
{
	enum carnet_status status =
	    store_flush(vault->store, ret_rows, ret_len, err);

	if (status == CARNET_OK && !vault->heads_told && vault->index != NULL)
		status = commit_add_heads(vault, err);
	if (status == CARNET_OK)
		status =
		    ledger_append(vault->ledger, &vault->cursor, vault->lamport,
			vault->queue, vault->queue_len, places, err);
	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < *ret_len; i++)
		vault->new_bytes += (*ret_rows)[i].place.len;
	vault->lamport = vault->cursor.lamport;
	vault->heads_told = true;
	return CARNET_OK;
}

/* beside: the index may follow beside what comes next. */
static enum carnet_status
commit_all(struct carnet_vault *vault, bool beside, struct carnet_error *err)
{
	struct ledger_place *places = NULL;
	struct chunk_row *rows = NULL;
	enum carnet_status status = CARNET_OK;
	size_t rows_len = 0;

	follow_end(vault);
	if (vault->queue_len > 0) {
		places = calloc(vault->queue_len, sizeof(*places));
		status =
		    places == NULL
			? carnet_fail_errno(err, ENOMEM, "vault")
			: commit_write(vault, places, &rows, &rows_len, err);
	}
	if (status == CARNET_OK && vault->queue_len + vault->seen_len > 0) {
		follow_begin(vault, places, rows, rows_len, beside);
		places = NULL;
		rows = NULL;
	}
	carnet_discard(vault);
	free(places);
	free(rows);
	return status;
}

enum carnet_status
carnet_commit_early(struct carnet_vault *vault, struct carnet_error *err)
{
	return commit_all(vault, true, err);
}

enum carnet_status
carnet_commit(struct carnet_vault *vault, struct carnet_error *err)
{
	return commit_all(vault, false, err);
}
