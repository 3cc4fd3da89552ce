/* SPDX-License-Identifier: ISC */
/*
 * The embedded list of providers, and the globs it is written in.
 * Judges nothing.  The contract is in providers.h.
 */
#include "providers.h"

#include <fnmatch.h>

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
