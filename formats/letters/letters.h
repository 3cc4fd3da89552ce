/* SPDX-License-Identifier: ISC */
/*
 * The catalogue, as the files of this room see it.  formats.h has the part
 * that others see.
 */
#ifndef LETTERS_LETTERS_H
#define LETTERS_LETTERS_H
#include "formats.h"

/* The files of this folder, embedded by the build (embed.py). */
struct letters_file {
	const char *name; /* "fr/relance.md" */
	const char *text; /* NUL behind its len bytes */
	size_t len;
};
extern const struct letters_file letters_files[];
extern const size_t letters_files_len;
const struct letters_file *letters_file_find(const char *name);

struct letters_calendar_entry {
	char *country; /* "FR" */
	char *region;  /* "FR-57", or NULL for the whole country */
	struct carnet_holiday *holidays;
	size_t len;
	bool estimate;
};

struct letters {
	/* whole files */
	cJSON *recipients, *statements, *words, *purposes, *holidays, *windows,
	    *answers;
	struct letters_calendar_entry *calendars;
	size_t calendars_len;
};

/* Reads letters->holidays into letters->calendars. */
enum carnet_status calendar_load(
    struct letters *letters, struct carnet_error *err);
/* The dated facts (statements.json, "facts"). */
const cJSON *letters_facts(const struct letters *letters);
#endif
