/* SPDX-License-Identifier: ISC */
/* The recovery sheet: words, or one share of them, on paper. */
#ifndef RECOVERY_SHEET_H
#define RECOVERY_SHEET_H
#include "session.h"

/* path "-": the terminal's printer, i.e. stdout.  Ends in .pdf: a page made
 * by carnet-press; anything else: text.  The file is new, 0600, synced. */
enum carnet_status recovery_sheet_write(
    struct session *session, const char *path, const cJSON *words);
/* A page for one share in an opened folder, "share-2.pdf": text is its line,
 * groups what stands behind its number. */
enum carnet_status recovery_sheet_share(struct session *session, int dir_fd,
    const char *text, const cJSON *groups, unsigned number, unsigned need,
    unsigned count);
#endif
