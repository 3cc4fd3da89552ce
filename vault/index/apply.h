/* SPDX-License-Identifier: ISC */
/* Turning events into rows, for vault/index/apply*.c alone. */
#ifndef APPLY_H
#define APPLY_H
#include "statement.h"

/*
 * What an apply function works on.  payload is the event's own object with
 * members added for binding: _id (of what the event makes), _at (recorded),
 * _on (effective date or null), _number (of the document it is about).
 */
struct apply {
	struct index *index;
	const struct event *event;
	const struct index_answers *answers;
	cJSON *payload;
	int64_t number;              /* documents.number */
	char subject[EVENT_ID_TEXT]; /* for the log; "" none */
	char detail[64];
};
/* CARNET_INVALID: the event says what can't be (an oddity). */
typedef enum carnet_status apply_kind(
    struct apply *apply, struct carnet_error *err);

/* A member as text, "" when absent. */
const char *apply_text(const struct apply *apply, const char *key);
/* Fails with CARNET_INVALID unless the row that it asks for is there. */
enum carnet_status apply_expect(
    struct apply *apply, const char *sql, struct carnet_error *err);
enum carnet_status apply_run(
    struct apply *apply, const char *sql, struct carnet_error *err);
/* Adds a content's column bytes: binds blob parameter :blob by itself. */
enum carnet_status apply_run_content(struct apply *apply, const char *sql,
    const char *key, struct carnet_error *err);

apply_kind apply_document_added, apply_document_read, apply_document_edited,
    apply_document_tagged, apply_document_noted, apply_document_removed,
    apply_document_restored, apply_document_purged;
apply_kind apply_decision_made, apply_statement_drafted, apply_statement_step,
    apply_recipient_set;
#endif
