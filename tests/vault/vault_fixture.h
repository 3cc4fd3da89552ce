/* SPDX-License-Identifier: ISC */
/*
 * A whole vault in a scratch folder, opened by its master key, with every
 * kind of event in it; for the tests of this folder.  All of it is synthetic.
 */
#ifndef VAULT_FIXTURE_H
#define VAULT_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs the ones before */

#include "vault.h"

struct fixture {
	char top[64];  /* scratch */
	char path[96]; /* of the vault, below it */
	struct secret *master;
	char person[CARNET_ID_TEXT], document[CARNET_ID_TEXT];
};

/* Makes the vault; nobody has it open afterwards. */
void fixture_make(struct fixture *fixture);
void fixture_remove(struct fixture *fixture);
struct carnet_vault *fixture_open(
    struct fixture *fixture, const char *path, enum carnet_access access);
/* Queues and commits; payload: JSON with ' for ". */
void fixture_write(struct carnet_vault *vault, const char *kind, const char *on,
    char ret_id[CARNET_ID_TEXT], const char *payload, ...)
    __attribute__((format(printf, 5, 6)));
/* One event of every kind, and documents that were read. */
void fixture_fill(struct fixture *fixture);
/* Runs a shell line; %s is the scratch folder. */
void fixture_shell(struct fixture *fixture, const char *line);
/* The digest of the index of the vault at path, opened as anyone would. */
void fixture_digest(
    struct fixture *fixture, const char *path, uint8_t ret_hash[HASH_LEN]);
/* An event of a kind that nobody knows, behind the newest of its device. */
void fixture_write_unknown(struct fixture *fixture);
#endif
