/* SPDX-License-Identifier: ISC */
/*
 * Makes decisions and their statements out of a wish and the catalogue, and
 * writes them all at once.  Composes no letter.  The contract is in plan.h.
 */
#include "plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "own_template.h"
#include "plan_statements.h"
#include "plan_supersede.h"
#include "proof.h"
#include "recipient_find.h"

static void
plan_item_free(struct plan_item *item)
{
	cJSON_Delete(item->recipient);
	cJSON_Delete(item->decision);
	cJSON_Delete(item->statements);
	cJSON_Delete(item->beside);
	cJSON_Delete(item->against);
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->len; i++)
		plan_item_free(&plan->items[i]);
	free(plan->items);
	memset(plan, 0, sizeof(*plan));
}

static bool
plan_has(const struct plan *plan, const char *recipient)
{
	for (size_t i = 0; i < plan->len; i++)
		if (strcmp(json_text(plan->items[i].recipient, "id"),
			recipient) == 0)
			return true;
	return false;
}

static enum carnet_status
plan_make_room(struct plan *plan)
{
	struct plan_item *items =
	    realloc(plan->items, (plan->len + 1) * sizeof(*plan->items));

	if (items == NULL)
		return carnet_fail_errno(
		    &plan->session->err, ENOMEM, _("decisions"));
	plan->items = items;
	memset(&items[plan->len], 0, sizeof(*items));
	return CARNET_OK;
}

static enum carnet_status
plan_fill(struct plan *plan, struct plan_item *item, const cJSON *wish,
    const char *calls)
{
	struct session *session = plan->session;
	enum carnet_status status;

	item->decision = cJSON_Duplicate(wish, 1);
	item->statements = cJSON_CreateArray();
	item->beside = cJSON_CreateArray();
	item->against = cJSON_CreateArray();
	json_add_text(item->decision, "person", session->person);
	json_add_text(
	    item->decision, "recipient", json_text(item->recipient, "id"));
	if (cJSON_IsNull(carnet_json_get(item->recipient, "refusable"))) {
		status = carnet_fail(&session->err, CARNET_INVALID,
		    _("nothing can be refused or allowed there"));
		carnet_hint(&session->err, "carnet recipient show %s",
		    json_text(item->recipient, "id"));
		return status;
	}
	status = plan_supersede(session, item);
	if (status == CARNET_OK && calls != NULL)
		status = plan_statements(plan, item, calls);
	return status;
}

enum carnet_status
plan_add(struct plan *plan, const char *recipient, const cJSON *wish,
    const char *calls)
{
	enum carnet_status status;
	struct plan_item *item;

	if (plan_has(plan, recipient))
		return CARNET_OK;
	status = plan_make_room(plan);
	if (status != CARNET_OK)
		return status;
	item = &plan->items[plan->len];
	status = recipient_find(plan->session, recipient, &item->recipient);
	if (status == CARNET_OK)
		status = plan_fill(plan, item, wish, calls);
	if (status == CARNET_OK)
		plan->len++;
	else
		plan_item_free(item);
	return status;
}

static enum carnet_status
plan_queue_item(
    struct session *session, struct plan_item *item, const struct proof *proof)
{
	cJSON *payload = cJSON_Duplicate(item->decision, 1), *statement;
	enum carnet_status status;

	if (proof->id[0] != '\0')
		json_add_text(payload, "proof", proof->id);
	status = carnet_queue(session->vault, "decision.made", session->today,
	    payload, item->id, &session->err);
	cJSON_ArrayForEach(statement, item->statements)
	{
		if (status != CARNET_OK)
			break;
		payload = cJSON_Duplicate(statement, 1);
		json_add_text(payload, "decision", item->id);
		status = carnet_queue(session->vault, "statement.drafted",
		    session->today, payload, NULL, &session->err);
	}
	return status;
}

enum carnet_status
plan_commit(struct plan *plan, const char *proof_path)
{
	struct session *session = plan->session;
	struct proof proof = { 0 };
	const cJSON *statement;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < plan->len && status == CARNET_OK; i++)
		cJSON_ArrayForEach(statement,
		    plan->items[i].statements) if (status == CARNET_OK) status =
		    own_template_check(session, statement);
	if (status != CARNET_OK)
		return status;
	if (session->dry_run)
		return proof_path == NULL ? CARNET_OK
					  : proof_check(session, proof_path);
	if (proof_path != NULL)
		status = proof_queue(session, proof_path, &proof);
	for (size_t i = 0; i < plan->len && status == CARNET_OK; i++)
		status = plan_queue_item(session, &plan->items[i], &proof);
	if (status != CARNET_OK) {
		carnet_discard(session->vault);
		return status;
	}
	status = carnet_commit(session->vault, &session->err);
	if (status == CARNET_OK && proof_read(session, &proof) != CARNET_OK)
		session_warn(session, "%s: %s", proof_path,
		    session->err.message); /* it is stored all the same */
	return status;
}
