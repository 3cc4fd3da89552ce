/* SPDX-License-Identifier: ISC */
/* Who takes the complaints about a body, and by which statement. */
#ifndef AUTHORITY_H
#define AUTHORITY_H
#include "letter.h"

/* Whose law a body is under, as far as its country tells. */
enum authority_place {
	PLACE_FRANCE, /* or a country that isn't known */
	PLACE_GDPR,   /* elsewhere in the EEA, or the United Kingdom */
	PLACE_ELSEWHERE
};
enum authority_place authority_place(
    const struct letter_desk *desk, const char *recipient);
/*
 * The recipient that takes complaints about this one: what the catalogue
 * says, else the one authority of its country, or of its part of it; the
 * body itself if it is one.  "": not known, or there are several.
 */
const char *authority_of(const struct letter_desk *desk, const char *recipient);
/* The statement that complains about a request (row): what the catalogue
 * names, or, about a body of another country of the EEA, the one that goes
 * to that country's authority; outside it, the country's own.  "": none. */
const char *authority_complaint(
    const struct letter_desk *desk, const cJSON *row);
/* The last day for a complaint (the catalogue's statement) that can be made
 * from that day on; unset: no such day is known. */
struct carnet_date authority_until(
    const cJSON *complaint, struct carnet_date from);
/* To whom a statement goes: `to`, or whom the statement names instead.
 * "": its authority isn't known. */
const char *authority_addressee(
    const struct letter_desk *desk, const cJSON *statement, const char *to);
#endif
