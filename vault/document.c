/* SPDX-License-Identifier: ISC */
/*
 * Documents: storing, reading back, erasing.  Reads no format.
 * The contract is include/carnet.h.
 */
#include "vault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT_TEXT_LIMIT ((size_t)64 << 20)

/* Queues the event of a content that is in the store, or finds its twin. */
static enum carnet_status
document_queue(struct carnet_vault *vault, const struct content *content,
    cJSON *meta, char ret_id[CARNET_ID_TEXT], bool *ret_duplicate,
    struct carnet_error *err)
{
	const char *person = carnet_json_string(meta, "person");
	char found[EVENT_ID_TEXT] = "", size[24], whose[EVENT_ID_TEXT] = "";
	enum carnet_status status = CARNET_OK;
	cJSON *json;

	if (person != NULL &&
	    !twin_find(&vault->twins, content, person, found) &&
	    !twin_find(&vault->follow.twins, content, person, found) &&
	    !known_lacks_content(vault, content))
		status =
		    index_duplicate(vault->index, person, content, found, err);
	if (person != NULL)
		(void)snprintf(whose, sizeof(whose), "%s", person);
	if (status != CARNET_OK || found[0] != '\0') {
		cJSON_Delete(meta);
		if (status == CARNET_OK) {
			memcpy(ret_id, found, CARNET_ID_TEXT);
			*ret_duplicate = true;
		}
		return status;
	}
	json = content_to_json(content);
	(void)snprintf(
	    size, sizeof(size), "%llu", (unsigned long long)content->size);
	if (json != NULL && !cJSON_AddItemToObject(meta, "content", json)) {
		cJSON_Delete(json);
		json = NULL;
	}
	if (json == NULL ||
	    cJSON_AddStringToObject(meta, "size", size) == NULL) {
		cJSON_Delete(meta);
		return carnet_fail_errno(err, ENOMEM, "vault");
	}
	*ret_duplicate = false;
	status = carnet_queue(vault, "document.added", NULL, meta, ret_id, err);
	if (status == CARNET_OK && whose[0] != '\0')
		twin_remember(&vault->twins, content, whose, ret_id);
	if (status == CARNET_OK)
		known_add_content(vault, content);
	return status;
}

static bool
document_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Stores what fd gives; a regular file that changed meanwhile is read once
 * more, then given up. */
static enum carnet_status
document_store(struct carnet_vault *vault, int fd, struct content *content,
    uint64_t *ret_new_bytes, struct stat *ret_info, struct carnet_error *err)
{
	struct stat before, after;

	for (int attempt = 0; attempt < 2; attempt++) {
		uint64_t added = 0;
		enum carnet_status status;

		if (!store_is_ahead(vault->store, fd, &before) &&
		    fstat(fd, &before) != 0)
			return carnet_fail_errno(
			    err, errno, CARNET_("cannot read"));
		status = store_put_fd(vault->store, fd, content,
		    ret_new_bytes == NULL ? NULL : &added, err);
		if (ret_new_bytes != NULL)
			*ret_new_bytes += added;
		if (status != CARNET_OK)
			return status;
		if (!S_ISREG(before.st_mode) ||
		    (fstat(fd, &after) == 0 &&
			document_is_same(&before, &after) &&
			content->size == (uint64_t)before.st_size)) {
			*ret_info = before;
			return CARNET_OK;
		}
		content_clear(content);
		if (lseek(fd, 0, SEEK_SET) != 0)
			break;
	}
	carnet_fail(err, CARNET_CHANGED,
	    CARNET_("it changed while it was read, twice"));
	carnet_hint(err, CARNET_("add it again once nothing writes to it"));
	return CARNET_CHANGED;
}

bool
carnet_document_ahead(struct carnet_vault *vault, int fd)
{
	struct stat before;

	return fstat(fd, &before) == 0 && S_ISREG(before.st_mode) &&
	       store_read_ahead(vault->store, fd, &before);
}

void
carnet_documents_forget_ahead(struct carnet_vault *vault)
{
	store_forget_ahead(vault->store);
}

enum carnet_status
carnet_document_add(struct carnet_vault *vault, int fd, cJSON *meta,
    char ret_id[CARNET_ID_TEXT], uint64_t *ret_size, uint64_t *ret_new_bytes,
    bool *ret_duplicate, struct carnet_error *err)
{
	struct content content = { 0 };
	uint64_t new_bytes = 0;
	struct stat info;
	enum carnet_status status = document_store(vault, fd, &content,
	    ret_new_bytes == NULL ? NULL : &new_bytes, &info, err);

	if (status != CARNET_OK) {
		cJSON_Delete(meta);
		return status;
	}
	*ret_size = content.size;
	if (ret_new_bytes != NULL)
		*ret_new_bytes = new_bytes;
	status =
	    document_queue(vault, &content, meta, ret_id, ret_duplicate, err);
	if (status == CARNET_OK)
		seen_remember(vault, &info, ret_id);
	follow_look(vault);
	content_clear(&content);
	return status;
}

enum carnet_status
carnet_document_add_bytes(struct carnet_vault *vault, const void *bytes,
    size_t len, cJSON *meta, char ret_id[CARNET_ID_TEXT],
    uint64_t *ret_new_bytes, bool *ret_duplicate, struct carnet_error *err)
{
	struct content content = { 0 };
	enum carnet_status status = store_put_bytes(
	    vault->store, bytes, len, &content, ret_new_bytes, err);

	if (status != CARNET_OK) {
		cJSON_Delete(meta);
		return status;
	}
	status =
	    document_queue(vault, &content, meta, ret_id, ret_duplicate, err);
	content_clear(&content);
	return status;
}

enum carnet_status
document_put_json(struct carnet_vault *vault, const void *bytes, size_t len,
    cJSON **ret_content, struct carnet_error *err)
{
	struct content content = { 0 };
	uint64_t new_bytes = 0;
	enum carnet_status status = store_put_bytes(
	    vault->store, bytes, len, &content, &new_bytes, err);

	if (status != CARNET_OK)
		return status;
	*ret_content = content_to_json(&content);
	content_clear(&content);
	if (*ret_content == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	return CARNET_OK;
}

enum carnet_status
carnet_document_answer(struct carnet_vault *vault, const char *id,
    const char *reader, cJSON *answer, struct carnet_error *err)
{
	cJSON *payload = cJSON_CreateObject(), *content = NULL;
	char *text = cJSON_PrintUnformatted(answer);
	enum carnet_status status;

	cJSON_Delete(answer);
	if (text == NULL || payload == NULL) {
		cJSON_Delete(payload);
		free(text);
		return carnet_fail_errno(err, ENOMEM, "vault");
	}
	status = document_put_json(vault, text, strlen(text), &content, err);
	bytes_wipe(text, strlen(text));
	free(text);
	if (status != CARNET_OK) {
		cJSON_Delete(payload);
		return status;
	}
	vault_payload_add(&payload, "document", id);
	vault_payload_add(&payload, "reader", reader);
	if (!cJSON_AddItemToObject(payload, "answer", content)) {
		cJSON_Delete(content);
		cJSON_Delete(payload);
		return carnet_fail_errno(err, ENOMEM, "vault");
	}
	return carnet_queue(vault, "document.read", NULL, payload, NULL, err);
}

enum carnet_status
carnet_document_unread(struct carnet_vault *vault, const char *id,
    const char *reader, const char *media, const char *code,
    const char *message, struct carnet_error *err)
{
	cJSON *payload = cJSON_CreateObject(), *unread = cJSON_CreateObject();

	vault_payload_add(&unread, "code", code);
	vault_payload_add(&unread, "message", message);
	vault_payload_add(&payload, "document", id);
	vault_payload_add(&payload, "reader", reader);
	vault_payload_add(&payload, "media", media);
	if (!cJSON_AddItemToObject(payload, "unread", unread)) {
		cJSON_Delete(unread);
		cJSON_Delete(payload);
		return carnet_fail_errno(err, ENOMEM, "vault");
	}
	return carnet_queue(vault, "document.read", NULL, payload, NULL, err);
}

/* --- reading back ------------------------------------------------------------
 */

enum carnet_status
carnet_documents_pending(
    struct carnet_vault *vault, cJSON **ret_array, struct carnet_error *err)
{
	return index_pending(vault->index, ret_array, err);
}

enum carnet_status
carnet_documents(struct carnet_vault *vault, const cJSON *filter,
    cJSON **ret_array, struct carnet_error *err)
{
	return index_documents(vault->index, filter, ret_array, err);
}

enum carnet_status
carnet_search(struct carnet_vault *vault, const char *query,
    const cJSON *filter, cJSON **ret_array, struct carnet_error *err)
{
	return index_search(vault->index, query, filter, ret_array, err);
}

enum carnet_status
carnet_resolve(struct carnet_vault *vault, char letter, const char *prefix,
    char ret_id[CARNET_ID_TEXT], struct carnet_error *err)
{
	return index_resolve(vault->index, letter, prefix, ret_id, err);
}

/* Adds "text" out of the reader's answer. */
static enum carnet_status
document_add_text(struct carnet_vault *vault, const char *id, cJSON *object,
    struct carnet_error *err)
{
	struct content content = { 0 };
	cJSON *answer = NULL, *text;
	uint8_t *bytes = NULL;
	size_t len = 0;
	struct carnet_error why = { 0 };
	enum carnet_status status =
	    index_document_answer(vault->index, id, &content, err);

	if (status == CARNET_NOT_FOUND)
		return CARNET_OK;
	if (status == CARNET_OK)
		status = store_get_bytes(vault->store, &content,
		    DOCUMENT_TEXT_LIMIT, &bytes, &len, &why);
	content_clear(&content);
	if (status != CARNET_OK && carnet_is_unreadable(&why))
		status = CARNET_DAMAGED;
	else if (status != CARNET_OK && why.message[0] != '\0' && err != NULL)
		*err = why;
	if (status == CARNET_OK)
		status =
		    carnet_json_parse((const char *)bytes, len, &answer, err);
	free(bytes);
	if (status == CARNET_DAMAGED) { /* the rest can still be shown */
		vault->damaged = true;
		vault_warn(vault, CARNET_("the text that was read out of it "
					  "is damaged: see carnet check"));
		return CARNET_OK;
	}
	if (status != CARNET_OK)
		return status;
	text = cJSON_DetachItemFromObjectCaseSensitive(answer, "text");
	if (text != NULL && !cJSON_AddItemToObject(object, "text", text))
		cJSON_Delete(text);
	cJSON_Delete(answer);
	return CARNET_OK;
}

enum carnet_status
carnet_document_summary(struct carnet_vault *vault, const char *id,
    cJSON **ret_object, struct carnet_error *err)
{
	return index_document_summary(vault->index, id, ret_object, err);
}

enum carnet_status
carnet_document(struct carnet_vault *vault, const char *id, cJSON **ret_object,
    struct carnet_error *err)
{
	cJSON *object = NULL;
	enum carnet_status status =
	    index_document(vault->index, id, &object, err);

	if (status == CARNET_OK)
		status = document_add_text(vault, id, object, err);
	if (status != CARNET_OK) {
		cJSON_Delete(object);
		return status;
	}
	*ret_object = object;
	return CARNET_OK;
}

enum carnet_status
carnet_document_read(struct carnet_vault *vault, const char *id,
    carnet_sink *sink, void *context, struct carnet_error *err)
{
	struct content content = { 0 };
	struct carnet_error why = { 0 };
	enum carnet_status status =
	    index_document_content(vault->index, id, &content, err);

	if (status != CARNET_OK)
		return status;
	status = store_get(vault->store, &content, sink, context, &why);
	if (status != CARNET_OK && carnet_is_unreadable(&why))
		status = why.status = CARNET_DAMAGED;
	if (status == CARNET_DAMAGED)
		vault->damaged = true;
	if (status != CARNET_OK && err != NULL)
		*err = why;
	content_clear(&content);
	return status;
}

static bool
document_hash(void *context, const uint8_t *bytes, size_t len)
{
	sha256_more(context, bytes, len);
	return true;
}

enum carnet_status
carnet_document_sha256(struct carnet_vault *vault, const char *id,
    char ret_hex[65], struct carnet_error *err)
{
	struct sha256_state *state = sha256_begin();
	uint8_t hash[HASH_LEN];
	enum carnet_status status;

	if (state == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	status = carnet_document_read(vault, id, document_hash, state, err);
	if (status != CARNET_OK) {
		sha256_abandon(state);
		return status;
	}
	sha256_end(state, hash);
	hex_encode(hash, sizeof(hash), ret_hex);
	return CARNET_OK;
}
