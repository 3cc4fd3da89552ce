/* SPDX-License-Identifier: ISC */
/*
 * What stands around a letter's body: sender, addressee, place and date,
 * mention, signature, footer.  Plain lines, no Markdown.
 * Used by compose.c.
 */
#ifndef LETTERS_HEADING_H
#define LETTERS_HEADING_H
#include "job.h"
#include "text.h"

/* Fills all of it; what is not known is a ruled blank, and is added to
 * missing. */
enum carnet_status heading_compose(const struct job *job, struct letter *letter,
    struct lines *missing, struct carnet_error *err);
/* The footer again, once the body has told which facts it uses.  until: the
 * last day on which the template is to be used, or no date. */
enum carnet_status heading_footer(const struct job *job,
    struct carnet_date until, struct letter *letter, struct carnet_error *err);
#endif
