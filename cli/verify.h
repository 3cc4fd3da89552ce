/* SPDX-License-Identifier: ISC */
/* One file, or one folder, that is compared with what was signed. */
#ifndef VERIFY_H
#define VERIFY_H
#include "minisign.h"
#include "record.h"
#include "verbs.h"

struct verify {
	struct session *session;
	int dir_fd;
	char name[256]; /* of the signed file in that folder */
	cJSON *names;   /* of all records, when a folder was named */
	struct minisign_key key;
	bool has_key;   /* --key was given */
	bool confirmed; /* that key signed it */
	bool changed;   /* a file isn't what was signed */
	cJSON *files;   /* [{path, ok, problem}] */
	char *trusted;
	char public_key[MINISIGN_PUBLIC_TEXT]; /* that checked it; "" none */
	cJSON *keys; /* every key that did, when there are several records */
	cJSON *unsigned_names; /* of a folder: files that no record lists */
};

bool verify_ends(const char *text, const char *ending);

/* verify_folder.c */
/* Every record of the folder, by name, into names. */
enum carnet_status verify_find_records(struct verify *verify);
/* What lies in the folder, or below, and no record lists; behind checking. */
enum carnet_status verify_find_unsigned(struct verify *verify);
#endif
