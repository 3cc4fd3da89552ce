/* SPDX-License-Identifier: ISC */
/* Having documents read: from the vault through the launcher and back. */
#ifndef READING_H
#define READING_H
#include "session.h"

/* What came of reading one document. */
struct reading_outcome {
	bool unread; /* nothing was read out of it */
	bool failed; /* a reader failed (exit 3), not just none there */
	char code[32];
	char message[200];
};
/* Reads one stored document and queues what came of it; the caller commits.
 * Fails only when the vault does. */
enum carnet_status reading_do(struct session *session, const char *id,
    uint64_t size, struct reading_outcome *ret_outcome);
/* Reads whatever is still pending (a run before was cut off), and commits. */
enum carnet_status reading_resume(struct session *session);
/* launcher_source over a stored document; context: struct reading_source. */
struct reading_source {
	struct session *session;
	const char *id;
};
enum carnet_status reading_feed(void *context, launcher_sink *sink,
    void *sink_context, struct carnet_error *err);
#endif
