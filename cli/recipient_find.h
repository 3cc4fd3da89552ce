/* SPDX-License-Identifier: ISC */
/* Recipients, as the catalogue and the vault have them together. */
#ifndef RECIPIENT_FIND_H
#define RECIPIENT_FIND_H
#include "session.h"

/*
 * One recipient: {id, name, role, note, country, personal, own (not of the
 * catalogue), named (the person gave its name), address, email, region,
 * channels[], identify[], refusable, authority, statements{}, sources[],
 * valid_from, valid_until}; texts in the interface's language.  The caller
 * deletes it.  CARNET_NOT_FOUND: the hint has the nearest ids.  Works with
 * no vault open: then the catalogue alone.
 */
enum carnet_status recipient_find(
    struct session *session, const char *id, cJSON **ret_recipient);
/* All of them: the catalogue's in its order, then one's own. */
enum carnet_status recipient_all(struct session *session, cJSON **ret_array);
/* What the vault has on an id, in an array of carnet_recipients; or NULL. */
const cJSON *recipient_own_values(const cJSON *array, const char *id);
/*
 * The language of a letter to the recipient with that id, out of those that
 * the statement is in: in France French; else the interface's, if they work in
 * it too; else one of theirs; else the interface's; else the statement's first.
 * country: the person's own value for it, or NULL.
 */
const char *recipient_lang(const struct session *session,
    const cJSON *statement, const char *id, const char *country);
/* The same text in the interface's language: object[key][lang]. */
const char *recipient_words(
    const struct session *session, const cJSON *object, const char *key);
#endif
