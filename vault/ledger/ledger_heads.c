/* SPDX-License-Identifier: ISC */
/*
 * The reach of every device; there are few.  Contract: ledger_heads.h.
 */
#include "ledger_heads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
ledger_heads_clear(struct ledger_heads *heads)
{
	free(heads->items);
	memset(heads, 0, sizeof(*heads));
}

static struct ledger_reach *
ledger_heads_of(struct ledger_heads *heads, const uint8_t device[DEVICE_ID_LEN],
    struct carnet_error *err)
{
	struct ledger_reach *reach;

	for (size_t i = 0; i < heads->len; i++)
		if (memcmp(heads->items[i].device, device, DEVICE_ID_LEN) == 0)
			return &heads->items[i];
	if (heads->len == heads->room) {
		size_t room = heads->room == 0 ? 8 : 2 * heads->room;
		void *grown =
		    reallocarray(heads->items, room, sizeof(*heads->items));

		if (grown == NULL) {
			(void)carnet_fail_errno(err, ENOMEM, "ledger");
			return NULL;
		}
		heads->items = grown;
		heads->room = room;
	}
	reach = &heads->items[heads->len++];
	memset(reach, 0, sizeof(*reach));
	memcpy(reach->device, device, DEVICE_ID_LEN);
	return reach;
}

enum carnet_status
ledger_heads_take(struct ledger_heads *heads, const struct event *event,
    struct carnet_error *err)
{
	for (size_t i = 0; i < event->heads_len; i++) {
		struct ledger_reach *reach =
		    ledger_heads_of(heads, event->heads[i].device, err);

		if (reach == NULL)
			return CARNET_NO_MEMORY;
		if (event->heads[i].seq > reach->seen)
			reach->seen = event->heads[i].seq;
	}
	return CARNET_OK;
}

enum carnet_status
ledger_heads_end(struct ledger_heads *heads,
    const uint8_t device[DEVICE_ID_LEN], uint64_t seq, struct carnet_error *err)
{
	struct ledger_reach *reach = ledger_heads_of(heads, device, err);

	if (reach == NULL)
		return CARNET_NO_MEMORY;
	if (seq > reach->ends)
		reach->ends = seq;
	return CARNET_OK;
}
