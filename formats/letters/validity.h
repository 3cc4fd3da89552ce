/* SPDX-License-Identifier: ISC */
/*
 * Until when what a letter says holds, and what its writer should know
 * before it is sent: dates, marks, who may sign it.
 * Used by compose.c.
 */
#ifndef LETTERS_VALIDITY_H
#define LETTERS_VALIDITY_H
#include "job.h"
#include "text.h"

/* Until when what it says holds; an unset date: nothing says so.  used: the
 * fields that the letter has printed. */
struct carnet_date validity_until(
    const struct job *job, const struct lines *used);
/* Whether this person is of an age at which nobody can make the statement:
 * neither they nor anyone for them. */
bool validity_forbids(const struct job *job);
/* Adds a line for each thing that doesn't hold, or isn't sure.  used: the
 * fields that the letter has printed. */
void validity_warn(
    const struct job *job, const struct lines *used, struct lines *warnings);
#endif
