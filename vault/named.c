/* SPDX-License-Identifier: ISC */
/*
 * Every content that the ledger names: of documents, of answers, also older
 * ones, of frozen letters.  Opens no pack.  The contract is vault.h.
 */
#include "vault.h"

#include <errno.h>
#include <stdlib.h>

struct named {
	named_visit *visit;
	void *context;
	bool lacks; /* an event is lost, or can't be read */
};

static void
named_problem(void *context, const char *path, const char *detail)
{
	(void)path;
	(void)detail;
	((struct named *)context)->lacks = true;
}

static void
named_gap(void *context, const struct ledger_gap *gap)
{
	(void)gap;
	((struct named *)context)->lacks = true;
}

static enum carnet_status
named_event(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	static const char *const keys[] = { "content", "answer", "frozen" };
	struct named *named = context;
	cJSON *payload = NULL;
	enum carnet_status status;

	(void)place;
	if (event->purged || event->payload == NULL)
		return CARNET_OK;
	status = carnet_json_parse(
	    (const char *)event->payload, event->payload_len, &payload, err);
	if (status != CARNET_OK && status != CARNET_NO_MEMORY) {
		named->lacks = true;
		return CARNET_OK;
	}
	for (size_t i = 0; i < 3 && status == CARNET_OK; i++) {
		const cJSON *json = carnet_json_get(payload, keys[i]);
		struct content content = { 0 };

		if (json == NULL)
			continue;
		if (content_from_json(json, &content))
			status = named->visit(
			    named->context, event, payload, &content, err);
		else if (errno == ENOMEM)
			status = carnet_fail_errno(err, ENOMEM, "vault");
		else
			named->lacks = true;
		content_clear(&content);
	}
	cJSON_Delete(payload);
	return status;
}

enum carnet_status
named_contents(struct carnet_vault *vault, named_visit *visit, void *context,
    bool *ret_whole, struct carnet_error *err)
{
	struct named named = { .visit = visit, .context = context };
	const struct ledger_reading reading = { .visit = named_event,
		.problem = named_problem,
		.gap = named_gap,
		.context = &named };
	enum carnet_status status = replay_read(vault, &reading, err);

	if (status == CARNET_OK)
		*ret_whole = !named.lacks;
	return status;
}
