/* SPDX-License-Identifier: ISC */
/*
 * Proofs and one's own letters: files that become documents in the commit of
 * the step they prove.  Follows no link.  The contract is in statement.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add_walk.h"
#include "reading.h"
#include "statement.h"

#define PROOF_MEMORY_MAX ((size_t)30 << 20) /* what can be frozen */

static enum carnet_status
proof_open(struct session *session, const char *path, int *ret_fd)
{
	struct stat status;
	int fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return carnet_fail_errno(
		    &session->err, errno, _("%s: cannot read"), path);
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		(void)close(fd);
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("%s: not a regular file"), path);
	}
	*ret_fd = fd;
	return CARNET_OK;
}

static cJSON *
proof_meta(struct session *session, const char *path, const char *person,
    const char *type)
{
	const char *slash = strrchr(path, '/');
	cJSON *meta = cJSON_CreateObject();
	char source[1024];

	text_valid_utf8(
	    slash == NULL ? path : slash + 1, source, sizeof(source));
	json_add_text(meta, "person", person);
	json_add_text(meta, "source", source);
	json_add_text(meta, "type", type);
	json_add_text(meta, "date", session->today);
	return meta;
}

enum carnet_status
statement_queue_file(struct session *session, const char *path,
    const char *person, const char *type, char ret_id[CARNET_ID_TEXT])
{
	uint64_t size = 0, new_bytes = 0;
	bool duplicate = false;
	int fd = -1;
	enum carnet_status status = proof_open(session, path, &fd);

	if (status != CARNET_OK)
		return status;
	status = carnet_document_add(session->vault, fd,
	    proof_meta(session, path, person, type), ret_id, &size, &new_bytes,
	    &duplicate, &session->err);
	(void)close(fd);
	return status;
}

enum carnet_status
statement_queue_bytes(struct session *session, const char *path,
    const uint8_t *bytes, size_t len, const char *person, const char *type,
    char ret_id[CARNET_ID_TEXT])
{
	uint64_t new_bytes = 0;
	bool duplicate = false;

	return carnet_document_add_bytes(session->vault, bytes, len,
	    proof_meta(session, path, person, type), ret_id, &new_bytes,
	    &duplicate, &session->err);
}

enum carnet_status
statement_read_file(struct session *session, const char *path,
    uint8_t **ret_bytes, size_t *ret_len)
{
	uint8_t *bytes = NULL;
	size_t len = 0, room = 0;
	ssize_t got = 1;
	int fd = -1;
	enum carnet_status status = proof_open(session, path, &fd);

	while (status == CARNET_OK && got != 0) {
		if (len == room) {
			uint8_t *grown =
			    realloc(bytes, room + ((size_t)1 << 20));

			if (grown == NULL) {
				status = carnet_fail_errno(
				    &session->err, ENOMEM, "carnet");
				break;
			}
			bytes = grown;
			room += (size_t)1 << 20;
		}
		got = read(fd, bytes + len, room - len);
		if (got < 0 && errno != EINTR)
			status = carnet_fail_errno(
			    &session->err, errno, _("%s: cannot read"), path);
		if (got > 0)
			len += (size_t)got;
		if (len > PROOF_MEMORY_MAX)
			status = carnet_fail(&session->err, CARNET_INVALID,
			    _("%s: a letter has at most 30 MiB"), path);
	}
	if (fd >= 0)
		(void)close(fd);
	if (status != CARNET_OK) {
		free(bytes);
		return status;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return CARNET_OK;
}

enum carnet_status
statement_queue_proof(
    struct session *session, const char *person, char ret_id[CARNET_ID_TEXT])
{
	const char *proof = option_text(session->options, "proof");

	ret_id[0] = '\0';
	if (proof == NULL)
		return CARNET_OK;
	/* what is in the vault already is named by its id */
	if (access(proof, F_OK) != 0 && proof[0] == 'd' &&
	    carnet_resolve(session->vault, 'd', proof, ret_id, NULL) ==
		CARNET_OK)
		return CARNET_OK;
	return statement_queue_file(session, proof, person, "proof", ret_id);
}

enum carnet_status
statement_commit(struct session *session, const char *document)
{
	struct reading_outcome outcome;
	cJSON *view = NULL;
	int64_t size = 0;
	enum carnet_status status =
	    carnet_commit(session->vault, &session->err);

	if (status != CARNET_OK || document == NULL || document[0] == '\0')
		return status;
	/* the step stands; a proof that can't be read is kept all the same */
	if (carnet_document(session->vault, document, &view, NULL) !=
		CARNET_OK ||
	    json_text(view, "media")[0] != '\0' ||
	    !carnet_json_int(view, "size", &size)) {
		cJSON_Delete(view);
		return CARNET_OK;
	}
	cJSON_Delete(view);
	if (reading_do(session, document, (uint64_t)size, &outcome) !=
		CARNET_OK ||
	    carnet_commit(session->vault, &session->err) != CARNET_OK)
		session_warn(session, _("%s: stored, not read: %s"), document,
		    session->err.message);
	return CARNET_OK;
}
