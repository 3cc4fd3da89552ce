/* SPDX-License-Identifier: ISC */
/*
 * The ledger as it is shown: its events, and whether their chain holds.  The
 * contract is include/carnet.h.
 */
#include "vault.h"

#include <errno.h>

enum carnet_status
carnet_log(struct carnet_vault *vault, const cJSON *filter, cJSON **ret_array,
    struct carnet_error *err)
{
	return index_log(vault->index, filter, ret_array, err);
}

/* --- its chain ---------------------------------------------------------------
 */

struct log_count {
	cJSON *problems, *known_gaps;
	uint64_t events;
	bool untold; /* something there was no memory for */
};

static enum carnet_status
log_count_event(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)event;
	(void)place;
	(void)err;
	((struct log_count *)context)->events++;
	return CARNET_OK;
}

static void
log_count_problem(void *context, const char *path, const char *detail)
{
	struct log_count *count = context;

	if (!carnet_problem_add(count->problems, "ledger", path, detail))
		count->untold = true;
}

static void
log_count_gap(void *context, const struct ledger_gap *gap)
{
	struct log_count *count = context;
	char device[DEVICE_ID_TEXT], text[LEDGER_GAP_TEXT];
	cJSON *known;

	if (!gap->is_known)
		return; /* a problem, told as one */
	known = cJSON_CreateObject();
	hex_encode(gap->device, DEVICE_ID_LEN, device);
	ledger_gap_describe(gap, text);
	(void)cJSON_AddStringToObject(known, "device", device);
	(void)cJSON_AddNumberToObject(known, "from", (double)gap->from);
	(void)cJSON_AddNumberToObject(known, "to", (double)gap->to);
	(void)cJSON_AddNumberToObject(
	    known, "repaired_ms", (double)gap->repaired);
	(void)cJSON_AddStringToObject(known, "detail", text);
	if (!cJSON_AddItemToArray(count->known_gaps, known)) {
		cJSON_Delete(known);
		count->untold = true;
	}
}

enum carnet_status
carnet_log_verify(struct carnet_vault *vault, cJSON **ret_problems,
    cJSON **ret_known_gaps, uint64_t *ret_events, struct carnet_error *err)
{
	struct log_count count = { 0 };
	bool unreadable = false;
	const struct ledger_reading reading = { .visit = log_count_event,
		.problem = log_count_problem,
		.gap = log_count_gap,
		.context = &count,
		.unreadable = &unreadable };
	enum carnet_status status;

	count.problems = cJSON_CreateArray();
	count.known_gaps = cJSON_CreateArray();
	status = replay_read(vault, &reading, err);
	if (status == CARNET_OK && count.untold)
		status = carnet_fail_errno(err, ENOMEM, "vault");
	if (status != CARNET_OK) {
		cJSON_Delete(count.problems);
		cJSON_Delete(count.known_gaps);
		return status;
	}
	*ret_known_gaps = count.known_gaps;
	*ret_problems = count.problems;
	*ret_events = count.events;
	return CARNET_OK;
}
