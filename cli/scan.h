/* SPDX-License-Identifier: ISC */
/*
 * guard scan: health files that lie where others see them.  What the parts
 * of it share; the walk is in scan.c.
 */
#ifndef SCAN_H
#define SCAN_H
#include "guard.h"
#include "session.h"

#define SCAN_HEAD ((size_t)4096)

/* The verb's other half: cli/guard.c. */
int guard_exit_code(enum guard_verdict worst);
int scan_run(struct session *session);

/* --- scan_look.c --------------------------------------------------------- */
/* Whether the name alone says that it is something else (film, program). */
bool scan_is_other(const char *name);
/* Whether a file that begins so is worth a reader's time.  Compares bytes,
 * parses nothing. */
bool scan_is_suspect(const uint8_t *head, size_t len);
/* What the reader's answer makes of it: "dicom", "fhir", "cda", "hl7v2", or
 * a PDF's "lab", "imaging", "prescription", "vaccination", "report"; NULL: no
 * health file. */
const char *scan_kind(const struct reading *reading);

/* --- scan_adopt.c -------------------------------------------------------- */
/*
 * Stores the opened file in the vault, commits, reads it back and compares,
 * and only then removes dir_fd/name, if that still is this file.
 * CARNET_CHANGED: it was written to meanwhile, and stays.
 */
enum carnet_status scan_adopt(struct session *session, int dir_fd,
    const char *name, int fd, char ret_id[CARNET_ID_TEXT]);
#endif
