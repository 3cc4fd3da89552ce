/* SPDX-License-Identifier: ISC */
/* The recovery sheet: words on paper. */
#ifndef RECOVERY_SHEET_H
#define RECOVERY_SHEET_H
#include "session.h"

/* path "-": the terminal's printer, i.e. stdout.  Ends in .pdf: a page made
 * by carnet-press; anything else: text.  The file is new, 0600, synced. */
enum carnet_status recovery_sheet_write(
    struct session *session, const char *path, const cJSON *words);
#endif
