/* SPDX-License-Identifier: ISC */
/*
 * Another body that a refusal can be brought before: in France the CADA, for
 * what public bodies refuse to communicate.  Until when, and against whom.
 * Drafts nothing; the complaint to a data protection authority is elsewhere.
 */
#ifndef REFERRAL_H
#define REFERRAL_H
#include "case_view.h"

enum referral_state {
	REFERRAL_NONE,    /* no such way is open to this request */
	REFERRAL_UNSENT,  /* the request hasn't been sent */
	REFERRAL_GRANTED, /* nothing was refused */
	REFERRAL_EARLY,   /* no refusal yet, and no month of silence */
	REFERRAL_OPEN,
	REFERRAL_LATE
};
struct referral {
	const cJSON *statement; /* the catalogue's referral */
	enum referral_state state;
	struct carnet_date from, until; /* both included; unset: not known */
	bool estimate;                  /* receipt is presumed */
	bool private_body; /* the addressee isn't one that it is there for */
	bool public_body;  /* it is; neither: it may be one or the other */
};

/*
 * What the catalogue calls the request's `referral`, as of today.  A refusal
 * opens it on its day, silence on the day after the months that make a refusal
 * of it; then the window of the catalogue.  CRPA R*311-12, R311-13, R343-1.
 */
struct referral referral_of(const struct letter_desk *desk, const cJSON *row);
/* For a draft that is a referral: what the writer has to know before it goes
 * out, NULL: nothing.  The caller frees it. */
char *referral_warning(const struct letter_desk *desk, const cJSON *draft);
/* Whether the draft is a referral, and outside of its window today. */
bool referral_is_outside(const struct letter_desk *desk, const cJSON *draft);
/* Adds "referral" to a request's row: {template, title, recipient, from,
 * until, open, estimate, command}, or null. */
void referral_add(const struct letter_desk *desk, cJSON *row);
#endif
