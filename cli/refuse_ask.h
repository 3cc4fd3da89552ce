/* SPDX-License-Identifier: ISC */
/* `refuse fr`: a few questions about a country's usual bodies. */
#ifndef REFUSE_ASK_H
#define REFUSE_ASK_H
#include "session.h"

/* Whether an argument is a country of the catalogue ("fr"). */
bool refuse_ask_is_country(struct session *session, const char *text);
/*
 * Asks at the terminal which of the usual bodies to refuse; *ret_chosen: an
 * array of their ids, which may be empty.  CARNET_INVALID: no terminal, or
 * --json.  CARNET_INTERRUPTED: the person broke off.
 */
enum carnet_status refuse_ask(
    struct session *session, const char *country, cJSON **ret_chosen);
#endif
