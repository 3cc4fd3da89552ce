/* SPDX-License-Identifier: ISC */
/*
 * Whether a recipient is a public body: what the catalogue doesn't know of a
 * hospital, a person does.  It decides where a refusal can be referred.
 */
#ifndef RECIPIENT_PUBLIC_H
#define RECIPIENT_PUBLIC_H
#include "session.h"

enum recipient_public { PUBLIC_UNKNOWN, PUBLIC_NO, PUBLIC_YES };

/* entry: of the catalogue, own: the person's own values; either may be
 * NULL.  What the catalogue knows counts. */
enum recipient_public recipient_public(const cJSON *entry, const cJSON *own);
/* --public in the form that is stored: "yes", "no", "" (unknown); NULL: not
 * given. */
const char *recipient_public_option(const struct session *session);
/* What is wrong with --public for this recipient (or NULL: a new one), NULL:
 * nothing. */
const char *recipient_public_wrong(struct session *session, const char *id);
/* Whether a refusal of it could be referred if it is public: the catalogue
 * writes it a letter that has a referral behind it. */
bool recipient_public_matters(
    struct session *session, const char *id, const cJSON *recipient);
/*
 * Asks at a terminal, and never without one, where it matters and isn't known:
 * "yes", "no", or NULL: not asked, or not answered.
 */
const char *recipient_public_ask(
    struct session *session, const char *id, const cJSON *recipient);
#endif
