/* SPDX-License-Identifier: ISC */
/*
 * The fields about a request that was sent: what reminders, notes and
 * complaints tell of it.
 * Used by collect.c.
 */
#ifndef LETTERS_CORRESPONDENCE_H
#define LETTERS_CORRESPONDENCE_H
#include "fields.h"

/* Adds the case.* fields. */
enum carnet_status correspondence_collect(
    const struct job *job, struct fields *fields, struct carnet_error *err);
#endif
