/* SPDX-License-Identifier: ISC */
/*
 * A letter's files: from carnet-press, or as they were frozen when the letter
 * was sent.  The contract is in letter.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_view.h"
#include "key_words.h"
#include "launcher_line.h"
#include "letter.h"
#include "minisign.h"
#include "seal.h"
#include "statement_word.h"

#define LETTER_HEAD (FRAME_TAG_LEN + 4)

static enum carnet_status
letter_run_press(
    struct session *session, const cJSON *job, struct launcher_files *ret_files)
{
	struct launcher_file frame = { .tag = FRAME_JOB };
	struct launcher_files frames = { &frame, 1 };
	enum carnet_status status;

	frame.bytes = (uint8_t *)cJSON_PrintUnformatted(job);
	if (frame.bytes == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	frame.len = strlen((char *)frame.bytes);
	status = launcher_press(
	    session->launcher, &frames, ret_files, &session->err);
	memset(frame.bytes, 0, frame.len);
	cJSON_free(frame.bytes);
	return status;
}

static enum carnet_status
letter_read_meta(
    struct session *session, const struct launcher_file *file, cJSON **ret_meta)
{
	if (file == NULL)
		return carnet_fail(&session->err, CARNET_DAMAGED,
		    _("a letter without its description"));
	return carnet_json_parse(
	    (const char *)file->bytes, file->len, ret_meta, &session->err);
}

const struct launcher_file *
letter_file(const struct launcher_files *files, const char *tag)
{
	for (size_t i = 0; i < files->len; i++)
		if (strcmp(files->files[i].tag, tag) == 0)
			return &files->files[i];
	return NULL;
}

enum carnet_status
letter_press(struct session *session, const cJSON *job, cJSON **ret_meta,
    struct launcher_files *ret_files)
{
	struct launcher_files files = { 0 };
	enum carnet_status status = letter_run_press(session, job, &files);

	if (status == CARNET_OK)
		status = letter_read_meta(
		    session, letter_file(&files, FRAME_META), ret_meta);
	if (status != CARNET_OK) {
		launcher_files_clear(&files);
		return status;
	}
	*ret_files = files;
	return CARNET_OK;
}

enum carnet_status
letter_press_metas(struct session *session, cJSON *jobs, cJSON **ret_metas)
{
	struct launcher_files files = { 0 };
	size_t count = (size_t)cJSON_GetArraySize(jobs);
	cJSON *job = cJSON_CreateObject(), *metas = cJSON_CreateArray();
	enum carnet_status status = CARNET_OK;

	json_add_text(job, "op", "letters");
	json_add(job, "jobs", jobs);
	if (count > 0)
		status = letter_run_press(session, job, &files);
	for (size_t i = 0; i < files.len && status == CARNET_OK; i++) {
		cJSON *meta = NULL;

		status = letter_read_meta(session, &files.files[i], &meta);
		if (status == CARNET_OK && !cJSON_AddItemToArray(metas, meta))
			cJSON_Delete(meta);
	}
	if (status == CARNET_OK && files.len != count)
		status = carnet_fail(&session->err, CARNET_FAILED,
		    _("carnet-press did not answer for every letter"));
	cJSON_Delete(job);
	launcher_files_clear(&files);
	if (status != CARNET_OK) {
		cJSON_Delete(metas);
		return status;
	}
	*ret_metas = metas;
	return CARNET_OK;
}

/* --- frozen ----------------------------------------------------------------
 */

enum carnet_status
letter_pack(const cJSON *meta, const struct launcher_files *files,
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	char *text = cJSON_PrintUnformatted(meta);
	struct launcher_file first = { .tag = FRAME_META,
		.bytes = (uint8_t *)text,
		.len = text == NULL ? 0 : strlen(text) };
	uint8_t *bytes, *at;
	size_t len = LETTER_HEAD + first.len;

	for (size_t i = 0; i < files->len; i++)
		if (strcmp(files->files[i].tag, FRAME_META) != 0)
			len += LETTER_HEAD + files->files[i].len;
	bytes = text == NULL ? NULL : malloc(len);
	if (bytes == NULL) {
		cJSON_free(text);
		return carnet_fail_errno(err, ENOMEM, "carnet");
	}
	at = bytes;
	for (size_t i = 0; i <= files->len; i++) {
		const struct launcher_file *file =
		    i == 0 ? &first : &files->files[i - 1];

		if (i > 0 && strcmp(file->tag, FRAME_META) == 0)
			continue;
		memcpy(at, file->tag, FRAME_TAG_LEN);
		for (int byte = 0; byte < 4; byte++)
			at[FRAME_TAG_LEN + byte] =
			    (uint8_t)(file->len >> (8 * byte));
		memcpy(at + LETTER_HEAD, file->bytes, file->len);
		at += LETTER_HEAD + file->len;
	}
	cJSON_free(text);
	*ret_bytes = bytes;
	*ret_len = len;
	return CARNET_OK;
}

/* Takes a copy of the bytes, with a NUL behind them. */
static enum carnet_status
letter_keep(struct launcher_files *files, const char *tag, const uint8_t *bytes,
    size_t len, struct carnet_error *err)
{
	struct launcher_file *grown =
	    realloc(files->files, (files->len + 1) * sizeof(*grown));
	uint8_t *copy = malloc(len + 1);

	if (grown != NULL)
		files->files = grown;
	if (grown == NULL || copy == NULL) {
		free(copy);
		return carnet_fail_errno(err, ENOMEM, "carnet");
	}
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	grown += files->len++;
	(void)snprintf(grown->tag, sizeof(grown->tag), "%s", tag);
	grown->bytes = copy;
	grown->len = len;
	return CARNET_OK;
}

static enum carnet_status
letter_unpack(struct session *session, const uint8_t *bytes, size_t len,
    cJSON **ret_meta, struct launcher_files *ret_files)
{
	struct launcher_files files = { 0 };
	struct launcher_frame frame;
	size_t offset = 0;
	enum carnet_status status = CARNET_OK;

	while (status == CARNET_OK &&
	       launcher_frame_next(bytes, len, &offset, &frame))
		status = letter_keep(
		    &files, frame.tag, frame.bytes, frame.len, &session->err);
	if (status == CARNET_OK)
		status = letter_read_meta(
		    session, letter_file(&files, FRAME_META), ret_meta);
	if (status != CARNET_OK) {
		launcher_files_clear(&files);
		return status;
	}
	*ret_files = files;
	return CARNET_OK;
}

/* One's own letter: its file, under the title of its document. */
static enum carnet_status
letter_own(struct session *session, const cJSON *row, const uint8_t *bytes,
    size_t len, cJSON **ret_meta, struct launcher_files *ret_files)
{
	struct launcher_files files = { 0 };
	cJSON *document = NULL, *meta;
	enum carnet_status status;

	status = carnet_document(session->vault, json_text(row, "document"),
	    &document, &session->err);
	if (status == CARNET_NOT_FOUND) /* purged: the frozen bytes remain */
		status = CARNET_OK;
	if (status == CARNET_OK)
		status =
		    letter_keep(&files, LETTER_OWN, bytes, len, &session->err);
	if (status != CARNET_OK) {
		cJSON_Delete(document);
		launcher_files_clear(&files);
		return status;
	}
	meta = cJSON_CreateObject();
	json_add_text(meta, "subject", json_text(document, "title"));
	json_add_text(meta, "source", json_text(document, "source"));
	json_add_text(meta, "media", json_text(document, "media"));
	json_add_text(meta, "body", json_text(document, "text"));
	json_add(meta, "missing", cJSON_CreateArray());
	json_add(meta, "warnings", cJSON_CreateArray());
	json_add(meta, "cautions", cJSON_CreateArray());
	cJSON_Delete(document);
	*ret_meta = meta;
	*ret_files = files;
	return CARNET_OK;
}

cJSON *
letter_parties(const cJSON *job)
{
	const cJSON *writer = carnet_json_get(job, "person");
	const cJSON *represents = carnet_json_get(job, "represents");
	cJSON *parties = cJSON_CreateObject(), *signer;
	cJSON *person = cJSON_AddObjectToObject(parties, "person");

	json_copy(person, represents != NULL ? represents : writer, "name");
	if (represents != NULL) {
		signer = cJSON_AddObjectToObject(parties, "signer");
		json_copy(signer, writer, "name");
		json_copy(signer, represents, "as");
	}
	return parties;
}

/* The public key of whoever signs, for the foot of the letter. */
static enum carnet_status
letter_add_key(const struct letter_desk *desk, const cJSON *row, cJSON *job)
{
	struct session *session = desk->session;
	char text[CARNET_SIGNER_TEXT];
	char words[KEY_WORDS_COUNT][KEY_WORDS_TEXT];
	struct minisign_key key;
	cJSON *object, *list;
	enum carnet_status status = carnet_signer(
	    session->vault, statement_signer(desk, row), text, &session->err);

	if (status == CARNET_OK)
		status = minisign_key_parse(text, &key, &session->err);
	if (status != CARNET_OK)
		return status;
	key_words(key.public_key, json_text(row, "lang"), words);
	object = cJSON_AddObjectToObject(job, "key");
	json_add_text(object, "text", text);
	list = cJSON_AddArrayToObject(object, "words");
	for (size_t i = 0; i < KEY_WORDS_COUNT; i++)
		(void)cJSON_AddItemToArray(list, cJSON_CreateString(words[i]));
	return CARNET_OK;
}

enum carnet_status
letter_files(const struct letter_desk *desk, const cJSON *row, unsigned wanted,
    cJSON **ret_meta, struct launcher_files *ret_files)
{
	static const char *const names[] = { "text", "html", "pdf" };
	const char *formats[4] = { NULL };
	size_t count = 0;
	struct session *session = desk->session;
	uint8_t *bytes = NULL;
	size_t len = 0;
	cJSON *job = NULL;
	enum carnet_status status;

	if (carnet_json_bool(row, "frozen", false)) {
		status = carnet_frozen(session->vault, json_text(row, "id"),
		    &bytes, &len, &session->err);
		if (status != CARNET_OK)
			return status;
		status = json_text(row, "document")[0] != '\0'
			     ? letter_own(session, row, bytes, len, ret_meta,
				   ret_files)
			     : letter_unpack(
				   session, bytes, len, ret_meta, ret_files);
		free(bytes);
		return status;
	}
	for (size_t i = 0; i < 3; i++)
		if ((wanted & 1u << i) != 0)
			formats[count++] = names[i];
	status = letter_job(desk, row, formats, &job);
	if (status == CARNET_OK && (wanted & LETTER_KEY) != 0)
		status = letter_add_key(desk, row, job);
	if (status == CARNET_OK)
		status = letter_press(session, job, ret_meta, ret_files);
	if (status == CARNET_OK) {
		letter_complete_meta(desk, row, *ret_meta);
		json_add(*ret_meta, "parties", letter_parties(job));
	}
	cJSON_Delete(job);
	return status;
}

void
letter_sha256(const void *bytes, size_t len, char ret_hex[65])
{
	struct sha256_state *state = sha256_begin();
	uint8_t hash[HASH_LEN];

	ret_hex[0] = '\0';
	if (state == NULL)
		return;
	sha256_more(state, bytes, len);
	sha256_end(state, hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		(void)snprintf(ret_hex + 2 * i, 3, "%02x", hash[i]);
}
