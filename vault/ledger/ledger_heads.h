/* SPDX-License-Identifier: ISC */
/*
 * How far each device's events reach, by its own segments and by what other
 * devices have seen of it.  Reads no file.
 */
#ifndef LEDGER_HEADS_H
#define LEDGER_HEADS_H
#include "event.h"

struct ledger_reach { /* one device */
	uint8_t device[DEVICE_ID_LEN];
	uint64_t ends; /* sequence of the last event that is there, or known
			* to be missing; 0: none */
	uint64_t seen; /* the highest that another device names; 0: none */
};
struct ledger_heads {
	struct ledger_reach *items;
	size_t len, room;
};

void ledger_heads_clear(struct ledger_heads *heads);
/* Takes what an event has seen of other devices. */
enum carnet_status ledger_heads_take(struct ledger_heads *heads,
    const struct event *event, struct carnet_error *err);
/* A device's events end here. */
enum carnet_status ledger_heads_end(struct ledger_heads *heads,
    const uint8_t device[DEVICE_ID_LEN], uint64_t seq,
    struct carnet_error *err);
#endif
