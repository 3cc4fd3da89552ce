/* SPDX-License-Identifier: ISC */
/*
 * A press job, read: who writes, for whom, to whom, by which channel, about
 * which body.  Borrows everything from the job and the catalogue.
 * The job's keys are in ../include/formats.h and README.md.
 */
#ifndef LETTERS_JOB_H
#define LETTERS_JOB_H
#include "letters.h"

/* What a channel asks of a letter. */
struct job_channel {
	const char *name;
	bool heading; /* sender, addressee, place and date */
	bool paper;   /* blanks can be filled in by hand */
	bool postal;  /* the addressee's postal address is needed */
	bool email;   /* its e-mail address is needed */
};

struct job {
	const struct letters *letters;
	const cJSON *json;       /* the whole job */
	const cJSON *statement;  /* the template's entry in the catalogue */
	const cJSON *words;      /* of the letter's language */
	const cJSON *person;     /* who writes and signs, or NULL */
	const cJSON *represents; /* for whom, or NULL: for themselves */
	const cJSON *recipient;  /* the addressee's own values, or NULL */
	const cJSON *entry;      /* the addressee in the catalogue, or NULL */
	const cJSON *about;      /* the body it is about, or NULL */
	const cJSON *about_entry;
	const cJSON *decision, *correspondence;
	const char *own; /* the person's own words, or NULL: the shipped ones */
	const char *lang;
	const struct job_channel *channel;
	struct carnet_date date; /* unset: a blank */
	bool nir;                /* this addressee may see the NIR */
};

/* CARNET_NOT_FOUND: no such template or language.  CARNET_INVALID: not a
 * job, or an unknown channel. */
enum carnet_status job_read(const struct letters *letters, const cJSON *json,
    struct job *ret_job, struct carnet_error *err);
/* Does the statement call for this ("nir", "born"...), and the addressee
 * take it? */
bool job_identifies(const struct job *job, const char *what);
/* Is there an addressee?  A message has none to print; a note for one's own
 * file has one only if it is posted. */
bool job_has_addressee(const struct job *job);
/* Is this text in the list? */
bool job_list_has(const cJSON *list, const char *what);
/* The text of {"fr": ..., "en": ...} in the letter's language, or else in
 * English, or NULL. */
const char *job_text(
    const struct job *job, const cJSON *object, const char *key);
/*
 * The wording of a dated fact that holds on the job's date (the latest one
 * when the job has no date), or NULL.
 */
const cJSON *job_fact(const struct job *job, const char *id);
#endif
