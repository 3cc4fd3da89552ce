/* SPDX-License-Identifier: ISC */
/*
 * What a statement makes known, for the writers of formats/: FHIR, records,
 * a draft of a mail.  Says no more than the letter itself.
 */
#ifndef STATEMENT_WORD_H
#define STATEMENT_WORD_H
#include "case_view.h"

/*
 * As write_consent and write_word_record take it (formats.h).
 * CARNET_UNSUPPORTED: the statement makes no decision known (a request, a
 * reminder, a complaint).
 */
enum carnet_status statement_word(const struct letter_desk *desk,
    const cJSON *row, const cJSON *meta, cJSON **ret_word,
    struct carnet_error *err);
/* As write_message takes it, without "file". */
cJSON *statement_message(const struct letter_desk *desk, const cJSON *row,
    const cJSON *meta, const char *text);
/* Of the signed record: {statement, template, recipient, decision, person}. */
cJSON *statement_about(const cJSON *row, const cJSON *meta);
/* The id of the person whose key signs: who signs the letter. */
const char *statement_signer(const struct letter_desk *desk, const cJSON *row);
#endif
