/* SPDX-License-Identifier: ISC */
/* A file that proves something: kept as a document of type proof. */
#ifndef PROOF_H
#define PROOF_H
#include "session.h"

struct proof {
	char id[CARNET_ID_TEXT];
	uint64_t size;
	bool known; /* the vault had it already */
};
/* Queues the file (regular, no link) for session->person; commits nothing. */
enum carnet_status proof_queue(
    struct session *session, const char *path, struct proof *ret_proof);
/* Once it is committed: has it read, so that it can be found. */
enum carnet_status proof_read(
    struct session *session, const struct proof *proof);
/* Only whether it could be queued (--dry-run). */
enum carnet_status proof_check(struct session *session, const char *path);
#endif
