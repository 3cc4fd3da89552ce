/* SPDX-License-Identifier: ISC */
/*
 * What the files of the verb `statement` share: rows, drafts, reports.
 */
#ifndef STATEMENT_H
#define STATEMENT_H
#include "case_view.h"

/* The subverbs; argument 0 is their name. */
int statement_new(struct session *session);
int statement_remind(struct session *session);
int statement_show(struct session *session);
int statement_step(struct session *session, enum step_kind kind);
int statement_record(struct session *session);
int statement_export(struct session *session);
int statement_complain(struct session *session);

/* A letter to be drafted. */
struct statement_draft {
	const char *person;   /* id: whose data it is about */
	const char *template; /* the catalogue's id */
	const char *recipient;
	const char *decision; /* NULL: none */
	const char *about;    /* the statement it is about; NULL: none */
	const char *document; /* one's own letter; NULL: none */
	const char *channel;
	const char *lang;
};
/* Queues it.  *ret_row (may be NULL): as carnet_statements will have it. */
enum carnet_status statement_queue_draft(struct session *session,
    const struct statement_draft *draft, char ret_id[CARNET_ID_TEXT],
    cJSON **ret_row);
/* Queues a step on session->today.  NULLs are left out; frozen is taken. */
enum carnet_status statement_queue_step(struct session *session,
    const char *statement, enum step_kind kind, const char *via,
    const char *proof, cJSON *frozen);
/* An unsent draft of this template about that statement; NULL: none. */
const cJSON *statement_find_draft(
    const struct letter_desk *desk, const char *template, const char *about);

/* The statement that argument i names, of desk; NULL: reported, *ret_code. */
const cJSON *statement_argument(struct session *session,
    const struct letter_desk *desk, size_t i, int *ret_code);
/* --via, or the fallback; NULL: there is no such channel (usage). */
const char *statement_via(struct session *session, const char *fallback);
/* --print-key, and the letter of this META has no key on it: says why. */
void statement_warn_key(
    struct session *session, const cJSON *row, const cJSON *meta);
/* Says the cautions[] of a row or a META. */
void statement_warn_cautions(struct session *session, const cJSON *row);
/* Warns of a channel that isn't usual for statement and recipient. */
void statement_warn_via(struct session *session, const cJSON *statement,
    const char *recipient, const char *via);
/* Warns of a step dated before its draft or after the machine's today. */
void statement_warn_date(struct session *session, const char *drafted);
/*
 * Stores --proof FILE (or takes a document's id) for that person, queued; no
 * option: *ret_id is "".
 */
enum carnet_status statement_queue_proof(
    struct session *session, const char *person, char ret_id[CARNET_ID_TEXT]);
/* Stores a file as a document, queued. */
enum carnet_status statement_queue_file(struct session *session,
    const char *path, const char *person, const char *type,
    char ret_id[CARNET_ID_TEXT]);
/* The same from memory; path gives its name. */
enum carnet_status statement_queue_bytes(struct session *session,
    const char *path, const uint8_t *bytes, size_t len, const char *person,
    const char *type, char ret_id[CARNET_ID_TEXT]);
/* A whole file of at most 30 MiB; the caller frees it. */
enum carnet_status statement_read_file(struct session *session,
    const char *path, uint8_t **ret_bytes, size_t *ret_len);
/* CARNET_NOT_FOUND: neither the catalogue nor the vault has it. */
enum carnet_status statement_check_recipient(
    const struct letter_desk *desk, const char *id);
/* Commits, then has the document (NULL or "": none) read. */
enum carnet_status statement_commit(
    struct session *session, const char *document);
/* Prints what became of a statement: its row, or in words. */
int statement_report(struct session *session, const char *id);
/* Fails with CARNET_TOO_EARLY and the day from which the request of that row
 * can be complained about ("from"). */
int statement_too_early(struct session *session, const struct letter_desk *desk,
    const cJSON *row, const struct case_view *view);
#endif
