/* SPDX-License-Identifier: ISC */
/*
 * A letter's sheets, for a file of its own or at the head of a dossier.
 */
#ifndef LETTER_PDF_H
#define LETTER_PDF_H
#include "formats.h"
#include "sheet.h"

/* Checks a letter and that the fonts have all its characters. */
enum carnet_status letter_pdf_check(
    const struct letter *letter, struct carnet_error *err);
/* Draws a checked letter onto new sheets, all of them complete. */
enum carnet_status letter_pdf_draw(
    struct sheet *sheet, const struct letter *letter, struct carnet_error *err);

#endif
