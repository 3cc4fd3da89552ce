/* SPDX-License-Identifier: ISC */
/*
 * A complaint's exhibits: what was sent, and every proof, as files and as
 * pages.
 */
#ifndef DOSSIER_H
#define DOSSIER_H
#include "case_view.h"

struct dossier_exhibit {
	char *title;                   /* what the list of exhibits calls it */
	char name[200];                /* of its file in the folder */
	char document[CARNET_ID_TEXT]; /* a proof; "": bytes below */
	uint8_t *bytes;                /* of a letter that was sent */
	size_t len;
	char sha256[65];
	size_t pages; /* in the dossier; 0: a file of its own alone */
};
struct dossier {
	const struct letter_desk *desk;
	const cJSON *row; /* the request that is complained about */
	const char *lang; /* of the complaint */
	struct dossier_exhibit *exhibits;
	size_t len;
	struct launcher_files frames; /* JOB is put first; then the pages */
};

/* Collects the exhibits and their pages. */
enum carnet_status dossier_collect(struct dossier *dossier);
void dossier_clear(struct dossier *dossier);
/* [{on, kind, text}], by date: steps and the last day for the answer. */
cJSON *dossier_timeline(const struct dossier *dossier, const char *due);
/* The same as lines of text; the caller frees. */
char *dossier_timeline_text(const struct dossier *dossier, const cJSON *rows);
/* One PDF of letter, timeline and exhibits.  letter_job is copied. */
enum carnet_status dossier_press(struct dossier *dossier,
    const cJSON *letter_job, const char *title, const cJSON *timeline,
    struct launcher_files *ret_files);
/* Writes the exhibits' files. */
enum carnet_status dossier_write(const struct dossier *dossier, int dir_fd);
#endif
