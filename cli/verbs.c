/* SPDX-License-Identifier: ISC */
/*
 * The table of verbs: the index of the program.  Help, completions and the
 * check of the man page come from it.
 */
#include "verbs.h"

#include <string.h>

#include "help.h"

static const struct option_row no_options[] = { OPTIONS_END };

const struct verb verb_help = { "help", N_("[VERB]"),
	N_("what there is, and how each verb is used"), NEED_NOTHING,
	no_options, help_run, "carnet help refuse" };

const struct verb *const verbs[] = {
	&verb_init,
	&verb_status,
	&verb_unlock,
	&verb_lock,
	&verb_key,
	&verb_person,
	&verb_add,
	&verb_list,
	&verb_show,
	&verb_cat,
	&verb_search,
	&verb_edit,
	&verb_tag,
	&verb_note,
	&verb_remove,
	&verb_trash,
	&verb_export,
	&verb_share,
	&verb_sign,
	&verb_verify,
	&verb_disclosures,
	&verb_recipient,
	&verb_refuse,
	&verb_allow,
	&verb_withdraw,
	&verb_consents,
	&verb_may,
	&verb_statement,
	&verb_due,
	&verb_backup,
	&verb_restore,
	&verb_guard,
	&verb_doctor,
	&verb_check,
	&verb_repair,
	&verb_reindex,
	&verb_compact,
	&verb_log,
	&verb_help,
	NULL,
};

const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; verbs[i] != NULL; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

bool
verb_is_type(const char *type)
{
	static const char *const types[] = { "lab", "imaging", "report",
		"letter", "prescription", "vaccination", "certificate",
		"invoice", "consent", "proof", "other" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* Where the ids of such things are shown. */
static void
verb_hint_list(struct session *session, char letter)
{
	static const struct {
		char letter;
		const char *list;
	} lists[] = { { 'd', "carnet list" }, { 'c', "carnet consents" },
		{ 's', "carnet statement list" },
		{ 'p', "carnet person list" } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].letter == letter && session->err.hint[0] == '\0' &&
		    session->err.status == CARNET_NOT_FOUND)
			carnet_hint(&session->err, _("ids are shown by: %s"),
			    lists[i].list);
}

bool
verb_resolve(struct session *session, char letter, size_t i,
    char ret_id[CARNET_ID_TEXT], int *ret_code)
{
	const char *prefix = options_argument(session->options, i);

	if (prefix == NULL) {
		*ret_code = session_usage(session, _("which one? an id is "
						     "missing"));
		return false;
	}
	if (carnet_resolve(session->vault, letter, prefix, ret_id,
		&session->err) != CARNET_OK) {
		verb_hint_list(session, letter);
		*ret_code = session_fail(session, prefix);
		return false;
	}
	return true;
}
