/* SPDX-License-Identifier: ISC */
/* Lists of documents, as list and search show them. */
#ifndef DOCUMENTS_H
#define DOCUMENTS_H
#include "session.h"

/* Only what the contract names, with a size for people when in text. */
void documents_tidy(const struct session *session, cJSON *documents);
/* Prints them (taken over) as text, JSON or NDJSON; the exit code. */
int documents_report(struct session *session, cJSON *documents,
    const struct print_column *columns);
/* A person is a filter only when one is named. */
enum carnet_status documents_add_person(struct session *session, cJSON *filter);
#endif
