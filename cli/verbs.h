/* SPDX-License-Identifier: ISC */
/* The verbs, each defined in its own file; verbs.c puts them in order. */
#ifndef VERBS_H
#define VERBS_H
#include "session.h"

/* check.c, for backup check too: "3 packs, 7 documents: all as it was". */
void check_say_counts(
    struct session *session, const cJSON *report, const char *verdict);

extern const struct verb verb_init, verb_status, verb_person, verb_add,
    verb_list, verb_show, verb_cat, verb_search, verb_edit, verb_tag, verb_note,
    verb_remove, verb_trash, verb_export, verb_key, verb_check, verb_repair,
    verb_log, verb_help;
extern const struct verb verb_recipient, verb_refuse, verb_allow, verb_withdraw,
    verb_consents, verb_may, verb_statement, verb_due;
extern const struct verb verb_backup, verb_restore;
extern const struct verb verb_guard, verb_doctor;
extern const struct verb verb_share, verb_sign, verb_verify, verb_disclosures;
extern const struct verb verb_unlock, verb_lock, verb_reindex, verb_compact;

/* Document types and whether a text is one of them. */
bool verb_is_type(const char *type);
/* "a document's id": resolves argument i; usage or not-found errors are
 * reported, *ret_code is then the exit code and the result false. */
bool verb_resolve(struct session *session, char letter, size_t i,
    char ret_id[CARNET_ID_TEXT], int *ret_code);
#endif
