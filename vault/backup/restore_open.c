/* SPDX-License-Identifier: ISC */
/*
 * A vault that was just restored, opened for the first time: what is in it,
 * what it lacks, whose passphrase it takes.  The contract is restore_run.h's.
 */
#include "restore_run.h"

static enum carnet_status
restore_count_event(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	(void)event;
	(void)place;
	(void)err;
	((struct restore *)context)->events++;
	return CARNET_OK;
}

struct restore_opened {
	struct restore *restore;
	struct carnet_vault *vault;
};

/* Documents that lack chunks, when packs are missing. */
static enum carnet_status
restore_content(void *context, const char *id, bool is_answer,
    const struct content *content, struct carnet_error *err)
{
	struct restore_opened *opened = context;
	size_t missing = 0;
	enum carnet_status status =
	    vault_missing_chunks(opened->vault, content, &missing, err);

	if (status != CARNET_OK && status != CARNET_DAMAGED)
		return status;
	if (missing > 0 || status == CARNET_DAMAGED)
		restore_problem(opened->restore,
		    is_answer ? "answer" : "document", id,
		    CARNET_("some of its chunks are in packs that are not "
			    "whole"));
	return CARNET_OK;
}

static enum carnet_status
restore_count(struct restore *restore, struct carnet_vault *vault,
    struct carnet_error *err)
{
	struct ledger_reading reading = { .visit = restore_count_event,
		.context = restore };
	struct restore_opened opened = { restore, vault };
	cJSON *counts = NULL;
	enum carnet_status status = carnet_vault_counts(vault, &counts, err);

	if (status != CARNET_OK)
		return status;
	(void)carnet_json_int(counts, "documents", &restore->documents);
	cJSON_Delete(counts);
	status = ledger_read(vault->ledger, &reading, NULL, err);
	if (status == CARNET_OK && cJSON_GetArraySize(restore->problems) > 0)
		status =
		    index_contents(vault->index, restore_content, &opened, err);
	return status;
}

/* Opening it for reading builds the index, damage or not.  No device yet:
 * the first writer makes one. */
enum carnet_status
restore_open(struct restore *restore, struct carnet_error *err)
{
	const struct carnet_unlock unlock = { .master =
						  restore->backup->master };
	struct carnet_vault *vault = NULL;
	enum carnet_status status = carnet_vault_open(
	    restore->options->to, &unlock, CARNET_READ, NULL, &vault, err);

	if (status == CARNET_OK)
		status = restore_count(restore, vault, err);
	carnet_vault_close(vault);
	return status;
}

/* A new passphrase in place of all that the header had. */
enum carnet_status
restore_passphrase(struct restore *restore, struct carnet_error *err)
{
	const struct carnet_unlock unlock = { .master =
						  restore->backup->master };
	struct carnet_vault *vault = NULL;
	char slot[CARNET_ID_TEXT];
	enum carnet_status status;

	if (restore->options->new_passphrase == NULL)
		return CARNET_OK;
	status = carnet_vault_open(
	    restore->options->to, &unlock, CARNET_WRITE, NULL, &vault, err);
	if (status == CARNET_OK) {
		vault->by_words = true;
		status =
		    carnet_key_change(vault, restore->options->new_passphrase,
			restore->options->today, slot, err);
	}
	carnet_vault_close(vault);
	if (status != CARNET_OK)
		carnet_hint(err,
		    CARNET_("the vault is restored, with the passphrases that "
			    "it had; try carnet key recover"));
	else
		restore->other_header = false;
	return status;
}
