/* SPDX-License-Identifier: ISC */
/*
 * unlock, lock: the vault's key in the kernel's keyring for a while, so that
 * the passphrase isn't asked for each time.  key verbs ask all the same.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring.h"
#include "verbs.h"

#define UNLOCK_DEFAULT 900U /* seconds */
#define UNLOCK_MOST 604800U /* a week */

static const struct option_row unlock_options[] = {
	{ "for", OPTION_TEXT, "TIME",
	    N_("how long: 30s, 15m (the default), 8h, 2d; a week at most") },
	OPTIONS_END
};
static const struct option_row no_options[] = { OPTIONS_END };

/* "15m" in seconds; 0: it isn't a time, or too long. */
static unsigned
unlock_seconds(const char *text)
{
	static const struct {
		char unit;
		unsigned seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end = NULL;
	unsigned long number;

	if (text == NULL)
		return UNLOCK_DEFAULT;
	if (text[0] < '0' || text[0] > '9')
		return 0;
	number = strtoul(text, &end, 10);
	if (strlen(end) != 1 || number > UNLOCK_MOST)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == *end &&
		    number * units[i].seconds <= UNLOCK_MOST)
			return (unsigned)number * units[i].seconds;
	return 0;
}

static int
unlock_run(struct session *session)
{
	unsigned seconds = unlock_seconds(option_text(session->options, "for"));
	struct timespec now;
	enum carnet_status status;
	char id[33], until[40] = "";
	char iso[CARNET_DATE_TEXT], day[16], clock[32];
	cJSON *result;

	if (seconds == 0)
		return session_usage(
		    session, _("--for: a time like 15m, at most a week"));
	session->ask = true;
	status = session_open_vault(session, CARNET_READ);
	if (status == CARNET_OK && session->dry_run)
		return session_end(session, EXIT_DONE);
	if (status == CARNET_OK) {
		carnet_vault_id(session->vault, id);
		status = keyring_keep(id, carnet_vault_key(session->vault),
		    seconds, &session->err);
	}
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	print_time(((double)now.tv_sec + seconds) * 1000, until);
	(void)snprintf(iso, sizeof(iso), "%.10s", until);
	print_day(session, iso, day);
	(void)snprintf(clock, sizeof(clock), "%s %.5s", day, until + 11);
	if (!session->json)
		session_say(session,
		    _("Unlocked until %s; before that: carnet lock"), clock);
	result = cJSON_CreateObject();
	json_add_text(result, "vault", carnet_vault_path(session->vault));
	json_add_text(result, "until", until);
	return session_result(session, result, EXIT_DONE);
}

static int
lock_run(struct session *session)
{
	bool was = false;
	char id[33];
	cJSON *result;

	if (carnet_vault_probe_id(session->vault_path, id, &session->err) !=
	    CARNET_OK)
		return session_fail(session, NULL);
	if (!session->dry_run &&
	    keyring_drop(id, &was, &session->err) != CARNET_OK)
		return session_fail(session, NULL);
	if (!session->json)
		session_say(session, "%s",
		    was ? _("Locked: the key is dropped")
			: _("It was locked already"));
	result = cJSON_CreateObject();
	json_add_text(result, "vault", session->vault_path);
	json_add_bool(result, "was_unlocked", was);
	return session_result(session, result, EXIT_DONE);
}

const struct verb verb_unlock = { "unlock", N_("[--for 15m]"),
	N_("keeps the key in the kernel's keyring for a while"), NEED_NOTHING,
	unlock_options, unlock_run, "carnet unlock --for 8h" };
const struct verb verb_lock = { "lock", "",
	N_("drops the key that unlock keeps"), NEED_NOTHING, no_options,
	lock_run, "" };
