/* SPDX-License-Identifier: ISC */
/*
 * A person's own templates: documents of the vault with the tag
 * "template:ID".  They win over the shipped ones (formats/letters/README.md).
 */
#ifndef OWN_TEMPLATE_H
#define OWN_TEMPLATE_H
#include "letter.h"

#define OWN_TEMPLATE_TAG "template:"
#define OWN_TEMPLATE_LANG "lang:" /* for letters in that language alone */

/*
 * The words for this template in this language; NULL in *ret_text: there are
 * none.  The newest document counts.  CARNET_INVALID: it isn't text, or too
 * long.  The caller frees; ret_document may be NULL.
 */
enum carnet_status own_template_find(struct session *session,
    const char *template, const char *lang, char ret_document[CARNET_ID_TEXT],
    char **ret_text);
/* [{id, document, title, lang (or null)}]: all that the vault has. */
enum carnet_status own_template_list(
    struct session *session, cJSON **ret_array);
/*
 * Composes the statement that a draft's payload (statement.drafted) would
 * make, if its words are one's own: what is wrong with them is said before
 * anything is written.
 */
enum carnet_status own_template_check(
    struct session *session, const cJSON *payload);
#endif
