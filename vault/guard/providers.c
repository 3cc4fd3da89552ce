/* SPDX-License-Identifier: ISC */
/*
 * The embedded list of providers, and the globs it is written in.
 * Judges nothing.  The contract is in providers.h.
 */
#include "providers.h"

#include <fnmatch.h>
#include <string.h>

#include "guard.h"

enum carnet_status
providers_load(cJSON **ret_list, struct carnet_error *err)
{
	return carnet_json_parse(
	    providers_json, providers_json_len, ret_list, err);
}

const cJSON *
providers_each(const cJSON *list)
{
	const cJSON *providers = carnet_json_get(list, "providers");

	return cJSON_IsArray(providers) ? providers->child : NULL;
}

bool
providers_match_glob(const char *glob, const char *text)
{
	return glob == NULL || fnmatch(glob, text, FNM_NOESCAPE) == 0;
}

bool
providers_match(const cJSON *globs, const char *text)
{
	const cJSON *glob;

	cJSON_ArrayForEach(glob, globs)
	{
		if (cJSON_IsString(glob) &&
		    providers_match_glob(glob->valuestring, text))
			return true;
	}
	return false;
}

bool
guard_provider_is_own(const char *id)
{
	cJSON *list = NULL;
	bool own = false;

	if (providers_load(&list, NULL) != CARNET_OK)
		return false;
	for (const cJSON *provider = providers_each(list); provider != NULL;
	     provider = provider->next)
		if (strcmp(carnet_json_string(provider, "id"), id) == 0)
			own = carnet_json_bool(provider, "self_hosted", false);
	cJSON_Delete(list);
	return own;
}

bool
providers_is_away(const char *value, void *context)
{
	struct providers_away *goes = context;

	goes->away = goes->away ||
		     (value[0] != '\0' && !providers_match(goes->near, value));
	return !goes->away;
}
