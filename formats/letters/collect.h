/* SPDX-License-Identifier: ISC */
/*
 * Fills the list of fields from a job.
 * Used by compose.c.
 */
#ifndef LETTERS_COLLECT_H
#define LETTERS_COLLECT_H
#include "fields.h"

/* Every field of the list, for this job.  The caller frees *ret_fields with
 * fields_free, also after a failure. */
enum carnet_status collect_fields(
    const struct job *job, struct fields *ret_fields, struct carnet_error *err);
#endif
