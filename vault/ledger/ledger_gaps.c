/* SPDX-License-Identifier: ISC */
/*
 * Missing events, found or written down.  Reads no file and decides nothing:
 * ledger.c finds, repair writes down.  docs/format.md, "Known gaps".
 */
#include "ledger_gaps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
ledger_gaps_clear(struct ledger_gaps *gaps)
{
	free(gaps->found);
	free(gaps->known);
	memset(gaps, 0, sizeof(*gaps));
}

static enum carnet_status
gaps_push(struct ledger_gap **list, size_t *len, size_t *room,
    const struct ledger_gap *gap, struct carnet_error *err)
{
	if (*len == *room) {
		size_t more = *room == 0 ? 8 : 2 * *room;
		struct ledger_gap *grown =
		    reallocarray(*list, more, sizeof(*grown));

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "ledger");
		*list = grown;
		*room = more;
	}
	(*list)[(*len)++] = *gap;
	return CARNET_OK;
}

enum carnet_status
ledger_gaps_add(struct ledger_gaps *gaps, const uint8_t device[DEVICE_ID_LEN],
    uint64_t from, uint64_t to, struct carnet_error *err)
{
	struct ledger_gap gap = { .from = from, .to = to };

	memcpy(gap.device, device, DEVICE_ID_LEN);
	return gaps_push(
	    &gaps->found, &gaps->found_len, &gaps->found_room, &gap, err);
}

enum carnet_status
ledger_gaps_take(struct ledger_gaps *gaps, const struct event *event,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	const cJSON *one;
	cJSON *payload = NULL;

	if (strcmp(event->kind, LEDGER_REPAIRED) != 0 ||
	    event->payload == NULL ||
	    carnet_json_parse((const char *)event->payload, event->payload_len,
		&payload, NULL) != CARNET_OK)
		return CARNET_OK;
	cJSON_ArrayForEach(one, carnet_json_get(payload, "gaps"))
	{
		const char *device = carnet_json_string(one, "device");
		struct ledger_gap gap = { .is_known = true,
			.repaired = event->recorded };
		int64_t from, to;

		if (device == NULL || strlen(device) != DEVICE_ID_TEXT - 1 ||
		    !hex_decode(device, gap.device, DEVICE_ID_LEN) ||
		    !carnet_json_int(one, "from", &from) ||
		    !carnet_json_int(one, "to", &to) || from < 1 || to < from)
			continue;
		gap.from = (uint64_t)from;
		gap.to = (uint64_t)to;
		status = gaps_push(&gaps->known, &gaps->known_len,
		    &gaps->known_room, &gap, err);
		if (status != CARNET_OK)
			break;
	}
	cJSON_Delete(payload);
	return status;
}

bool
ledger_gaps_explain(
    const struct ledger_gaps *gaps, const struct ledger_gap *gap)
{
	uint64_t next = gap->from; /* the first event not explained yet */
	bool moved = true;

	while (moved && next <= gap->to) {
		moved = false;
		for (size_t i = 0; i < gaps->known_len; i++) {
			const struct ledger_gap *known = &gaps->known[i];

			if (memcmp(known->device, gap->device, DEVICE_ID_LEN) !=
				0 ||
			    known->from > next || known->to < next)
				continue;
			next = known->to + 1;
			moved = true;
		}
	}
	return next > gap->to;
}

cJSON *
ledger_gaps_payload(const struct ledger_gap *gaps, size_t len)
{
	cJSON *payload = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(payload, "gaps");

	for (size_t i = 0; i < len && list != NULL; i++) {
		char device[DEVICE_ID_TEXT], from[24], to[24];
		cJSON *one = cJSON_CreateObject();

		hex_encode(gaps[i].device, DEVICE_ID_LEN, device);
		(void)snprintf(from, sizeof(from), "%" PRIu64, gaps[i].from);
		(void)snprintf(to, sizeof(to), "%" PRIu64, gaps[i].to);
		if (cJSON_AddStringToObject(one, "device", device) == NULL ||
		    cJSON_AddStringToObject(one, "from", from) == NULL ||
		    cJSON_AddStringToObject(one, "to", to) == NULL ||
		    !cJSON_AddItemToArray(list, one)) {
			cJSON_Delete(one);
			list = NULL;
		}
	}
	if (list == NULL) {
		cJSON_Delete(payload);
		return NULL;
	}
	return payload;
}

void
ledger_gap_describe(const struct ledger_gap *gap, char text[LEDGER_GAP_TEXT])
{
	const char *one = gap->is_known
			      ? CARNET_("event %" PRIu64 " is lost, as an "
					"earlier repair wrote down")
			      : CARNET_("event %" PRIu64 " is missing");
	const char *many =
	    gap->is_known
		? CARNET_("events %" PRIu64 " to %" PRIu64
			  " are lost, as an earlier repair "
			  "wrote down")
		: CARNET_("events %" PRIu64 " to %" PRIu64 " are missing");

	if (gap->from == gap->to)
		(void)snprintf(text, LEDGER_GAP_TEXT, one, gap->from);
	else
		(void)snprintf(text, LEDGER_GAP_TEXT, many, gap->from, gap->to);
}
