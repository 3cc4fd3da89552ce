/* SPDX-License-Identifier: ISC */
/*
 * The block below a letter that shows the signing key: as a QR code, as it is
 * typed, as words.  Signs nothing and checks nothing.
 */
#ifndef LETTER_KEY_H
#define LETTER_KEY_H
#include "flow.h"
#include "formats.h"
#include "wording.h"

/* Draws it in one piece, on the next sheet if this one has no room.  code: of
 * code_picture; borrowed. */
void letter_key_draw(struct flow *flow, const struct letter *letter,
    const struct wording *words, cairo_surface_t *code);
#endif
