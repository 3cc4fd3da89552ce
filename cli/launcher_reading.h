/* SPDX-License-Identifier: ISC */
/*
 * Judges a reader's answers: a stranger's claims, until they are found to be
 * well formed, clean and within bounds.  Reads no document itself.
 */
#ifndef LAUNCHER_READING_H
#define LAUNCHER_READING_H
#include "launcher_line.h"

/* Fills reading from a line that has ended: [carnet-reader], or [pdftotext,
 * carnet-reader].  Fails only for want of memory. */
enum carnet_status launcher_judge(const struct launcher_line *line,
    struct reading *reading, struct carnet_error *err);
#endif
