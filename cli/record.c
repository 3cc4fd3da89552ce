/* SPDX-License-Identifier: ISC */
/*
 * Making signed records.  Checking them is verify.c.
 * The contract is in record.h; the format is in docs/verify.md.
 */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "minisign.h"
#include "output.h"
#include "seal.h"

/* Members in the order of their names, all the way down (RFC 8785, 3.2.3;
 * our names are ASCII).  Numbers are integers, which cJSON prints as is. */
static void
record_sort(cJSON *json)
{
	cJSON *member, *next;
	cJSON *sorted = NULL;

	cJSON_ArrayForEach(member, json) record_sort(member);
	if (!cJSON_IsObject(json))
		return;
	sorted = cJSON_CreateObject();
	while (json->child != NULL && sorted != NULL) {
		next = json->child;
		cJSON_ArrayForEach(member,
		    json) if (strcmp(member->string, next->string) < 0) next =
		    member;
		next = cJSON_DetachItemViaPointer(json, next);
		(void)cJSON_AddItemToObject(sorted, next->string, next);
	}
	if (sorted != NULL) {
		json->child = sorted->child;
		sorted->child = NULL;
		cJSON_Delete(sorted);
	}
}

static cJSON *
record_make(struct session *session, const char *kind, const char *key,
    const cJSON *about, const cJSON *files)
{
	cJSON *record = cJSON_CreateObject(), *list = cJSON_CreateArray();
	const cJSON *file;

	json_add_text(record, "format", RECORD_FORMAT);
	json_add_number(record, "version", 1);
	json_add_text(record, "kind", kind);
	json_add_text(record, "made", session->today);
	json_add_text(record, "public_key", key);
	json_add(record, "about", cJSON_Duplicate(about, 1));
	cJSON_ArrayForEach(file, files)
	{
		cJSON *row = cJSON_CreateObject();

		json_copy(row, file, "path");
		json_copy(row, file, "sha256");
		(void)cJSON_AddItemToArray(list, row);
	}
	json_add(record, "files", list);
	record_sort(record);
	return record;
}

static enum carnet_status
record_sign(struct session *session, const char *person, const char *name,
    const char *text, char **ret_signature)
{
	struct minisign_hash *hash = minisign_hash_begin();
	uint8_t digest[MINISIGN_DIGEST_LEN];
	char trusted[256];

	if (hash == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "%s", name);
	minisign_hash_more(hash, text, strlen(text));
	minisign_hash_end(hash, digest);
	(void)snprintf(trusted, sizeof(trusted), RECORD_TRUSTED, name);
	return carnet_sign(session->vault, person, digest,
	    "signature by carnet", trusted, ret_signature, &session->err);
}

enum carnet_status
record_write(struct session *session, int dir_fd, const char *name,
    const char *kind, const char *person, const cJSON *about,
    const cJSON *files, char ret_key[CARNET_SIGNER_TEXT])
{
	char file[200], key[CARNET_SIGNER_TEXT];
	char signature_file[sizeof(file) + sizeof(SIGNATURE_ENDING)];
	char *text = NULL, *signature = NULL;
	cJSON *record;
	enum carnet_status status =
	    carnet_signer(session->vault, person, key, &session->err);

	if (status != CARNET_OK)
		return status;
	(void)snprintf(file, sizeof(file), "%s%s", name, RECORD_ENDING);
	(void)snprintf(signature_file, sizeof(signature_file), "%s%s", file,
	    SIGNATURE_ENDING);
	record = record_make(session, kind, key, about, files);
	text = cJSON_PrintUnformatted(record);
	cJSON_Delete(record);
	if (text == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "%s", file);
	status = record_sign(session, person, file, text, &signature);
	if (status == CARNET_OK)
		status = output_file_at(
		    dir_fd, file, text, strlen(text), &session->err);
	if (status == CARNET_OK)
		status = output_file_at(dir_fd, signature_file, signature,
		    strlen(signature), &session->err);
	if (status == CARNET_OK)
		memcpy(ret_key, key, sizeof(key));
	free(signature);
	cJSON_free(text);
	return status;
}

/* Reads to the end, feeding both hashes. */
static enum carnet_status
record_hash_fd(int fd, struct sha256_state *sha256, struct minisign_hash *hash,
    struct carnet_error *err)
{
	uint8_t piece[65536];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(err, errno, _("cannot read"));
		sha256_more(sha256, piece, (size_t)n);
		minisign_hash_more(hash, piece, (size_t)n);
	}
	return CARNET_OK;
}

enum carnet_status
record_hash_file(int dir_fd, const char *name, char ret_sha256[65],
    uint8_t ret_digest[64], struct carnet_error *err)
{
	struct sha256_state *sha256 = sha256_begin();
	struct minisign_hash *hash = minisign_hash_begin();
	uint8_t sum[HASH_LEN], digest[MINISIGN_DIGEST_LEN];
	int fd =
	    openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	enum carnet_status status;

	if (fd < 0 && errno == ENOENT)
		status = carnet_fail(
		    err, CARNET_NOT_FOUND, _("there is no such file"));
	else if (fd < 0)
		status = carnet_fail_errno(err, errno, _("cannot open"));
	else if (sha256 == NULL || hash == NULL)
		status = carnet_fail_errno(err, ENOMEM, "%s", name);
	else
		status = record_hash_fd(fd, sha256, hash, err);
	if (fd >= 0)
		(void)close(fd);
	if (status != CARNET_OK) {
		sha256_abandon(sha256);
		minisign_hash_abandon(hash);
		return status;
	}
	sha256_end(sha256, sum);
	minisign_hash_end(hash, digest);
	if (ret_sha256 != NULL)
		hex_encode(sum, sizeof(sum), ret_sha256);
	if (ret_digest != NULL)
		memcpy(ret_digest, digest, sizeof(digest));
	return CARNET_OK;
}
