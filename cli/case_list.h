/* SPDX-License-Identifier: ISC */
/*
 * Statements with what follows from their steps: state, due day, next step.
 * status, due, statement and consents ask here.
 */
#ifndef CASE_LIST_H
#define CASE_LIST_H
#include "session.h"

/*
 * All statements that match the filter (as carnet_statements; may be NULL),
 * each as the index has it plus {status, due{on,rule,estimate} or null, raw,
 * look_again (carnet's own proposal, or null), next, overdue_days,
 * complain_from, title}, as of session->today.
 */
enum carnet_status case_list(
    struct session *session, const cJSON *filter, cJSON **ret_cases);
/* What to type when an answer has come; its outcome is for the person to say.
 */
void case_answered_command(const cJSON *one, char *command, size_t size);
/* What to write for that outcome, as msgid; said where such a command is. */
extern const char case_outcome_words[];
/* Whether an answer or an act of the person is still owed. */
bool case_is_open(const cJSON *one);
#endif
