/* SPDX-License-Identifier: ISC */
/*
 * A complaint's dossier as one PDF: the letter, the dated steps, a list of
 * the exhibits, and each exhibit's pages under its number.
 */
#ifndef DOSSIER_PDF_H
#define DOSSIER_PDF_H
#include "formats.h"

struct dossier_page {
	bool picture;   /* PNG, else text */
	uint8_t *bytes; /* the taker frees it */
	size_t len;
};
/* Gives the exhibits' pages in order. */
typedef enum carnet_status dossier_next(
    void *context, struct dossier_page *ret_page, struct carnet_error *err);

/*
 * job: a dossier's (see formats.h); letter: its letter, composed.  Exhibits'
 * text is made legible, spelt out where it must; *ret_spelt says that it was.
 * The caller frees *ret_bytes.  CARNET_INVALID: the job is not one, a page is
 * no picture, or the letter can't be drawn.
 */
enum carnet_status write_dossier_pdf(const cJSON *job,
    const struct letter *letter, dossier_next *next, void *context,
    uint8_t **ret_bytes, size_t *ret_len, unsigned *ret_pages, bool *ret_spelt,
    struct carnet_error *err);

#endif
