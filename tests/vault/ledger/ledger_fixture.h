/* SPDX-License-Identifier: ISC */
/*
 * A ledger in a folder of its own, with fixed keys, and what it says when it
 * is read; for the tests of this folder.  All of it is synthetic.
 */
#ifndef LEDGER_FIXTURE_H
#define LEDGER_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs the ones before */

#include "ledger_files.h"

#define FIXTURE_MAX 64

struct fixture {
	char path[64];
	int fd;
	struct secret *master;
	struct keys *keys;
	struct ledger *ledger;
	struct ledger_cursor cursor; /* of the one device */
};
/* What one reading said. */
struct fixture_report {
	uint64_t seqs[FIXTURE_MAX];
	struct ledger_place places[FIXTURE_MAX];
	size_t events;
	char problems[FIXTURE_MAX][160];
	size_t problems_len;
	struct ledger_gap gaps[FIXTURE_MAX];
	size_t gaps_len;
};

extern const uint8_t fixture_vault[16], fixture_device[DEVICE_ID_LEN],
    fixture_other[DEVICE_ID_LEN];

void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);
/* A whole event; payload NULL: "{}". Owned by the caller (event_clear). */
struct event fixture_event(const char *kind, const char *payload);
/* Appends a batch of so many "vault.created" behind the cursor. */
void fixture_append(struct fixture *fixture, size_t len);
void fixture_append_one(
    struct fixture *fixture, const char *kind, const char *payload);
/* known: a cursor or NULL. */
void fixture_read(struct fixture *fixture, const struct ledger_cursor *known,
    struct fixture_report *ret_report);
/* Of segment `number`, revision 0, of the device; malloc'd. */
uint8_t *fixture_load(struct fixture *fixture, uint64_t number,
    uint32_t revision, size_t *ret_len);
void fixture_store(struct fixture *fixture, uint64_t number, uint32_t revision,
    const uint8_t *bytes, size_t len);
/* Flips a bit of a byte of it. */
void fixture_flip(struct fixture *fixture, uint64_t number, uint64_t position);
bool fixture_has(struct fixture *fixture, const char *path);
#endif
