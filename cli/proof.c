/* SPDX-License-Identifier: ISC */
/*
 * Keeps the file that proves a decision or a step as a document.  Commits
 * nothing of its own but what was read out of it.
 * The contract is in proof.h.
 */
#include "proof.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add_walk.h"
#include "reading.h"

/* A regular file and nothing else: no link, no device, no waiting. */
static enum carnet_status
proof_open(struct session *session, const char *path, int *ret_fd)
{
	int fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	struct stat info;

	if (fd < 0)
		return carnet_fail_errno(
		    &session->err, errno, _("the proof cannot be read"));
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		(void)close(fd);
		return carnet_fail(&session->err, CARNET_INVALID,
		    _("the proof is not a regular file"));
	}
	*ret_fd = fd;
	return CARNET_OK;
}

enum carnet_status
proof_check(struct session *session, const char *path)
{
	int fd = -1;
	enum carnet_status status = proof_open(session, path, &fd);

	if (status == CARNET_OK)
		(void)close(fd);
	return status;
}

enum carnet_status
proof_queue(struct session *session, const char *path, struct proof *ret_proof)
{
	const char *slash = strrchr(path, '/');
	struct proof proof = { 0 };
	uint64_t new_bytes = 0;
	char source[1024];
	cJSON *meta;
	int fd = -1;
	enum carnet_status status = proof_open(session, path, &fd);

	if (status != CARNET_OK)
		return status;
	text_valid_utf8(
	    slash == NULL ? path : slash + 1, source, sizeof(source));
	meta = cJSON_CreateObject();
	json_add_text(meta, "person", session->person);
	json_add_text(meta, "source", source);
	json_add_text(meta, "type", "proof");
	status = carnet_document_add(session->vault, fd, meta, proof.id,
	    &proof.size, &new_bytes, &proof.known, &session->err);
	(void)close(fd);
	if (status == CARNET_OK)
		*ret_proof = proof;
	return status;
}

enum carnet_status
proof_read(struct session *session, const struct proof *proof)
{
	struct reading_outcome outcome = { 0 };
	enum carnet_status status;

	if (proof->id[0] == '\0' || proof->known)
		return CARNET_OK;
	status = reading_do(session, proof->id, proof->size, &outcome);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	return status;
}
