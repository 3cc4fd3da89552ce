/* SPDX-License-Identifier: ISC */
/* Values out of JSON, by pointer.  The contract is in settings.h. */
#include "settings.h"

#include <string.h>

#include "providers.h"

struct json_search {
	settings_sink sink;
	void *context;
	size_t values;
};

/* Follows `pointer` ("/a/b*", or "" at the end); false stops. */
static bool
settings_json_follow(
    const cJSON *node, const char *pointer, struct json_search *search)
{
	char part[128];
	const cJSON *child;
	size_t len;

	if (*pointer == '\0') {
		if (!cJSON_IsString(node))
			return true;
		return search->values++ < SETTINGS_VALUES_MAX &&
		       search->sink(node->valuestring, search->context);
	}
	pointer++;
	len = strcspn(pointer, "/");
	if (len >= sizeof(part) ||
	    (!cJSON_IsObject(node) && !cJSON_IsArray(node)))
		return true;
	memcpy(part, pointer, len);
	part[len] = '\0';
	cJSON_ArrayForEach(child, node)
	{
		if (strcmp(part, "=") == 0) {
			if (child->string != NULL &&
			    (search->values++ >= SETTINGS_VALUES_MAX ||
				!search->sink(child->string, search->context)))
				return false;
			continue;
		}
		if (providers_match_glob(
			part, child->string != NULL ? child->string : "") &&
		    !settings_json_follow(child, pointer + len, search))
			return false;
	}
	return true;
}

void
settings_json(const char *text, size_t len, const char *key, settings_sink sink,
    void *context)
{
	struct json_search search = { .sink = sink, .context = context };
	cJSON *json = NULL;

	if (carnet_json_parse(text, len, &json, NULL) != CARNET_OK)
		return;
	(void)settings_json_follow(json, key, &search);
	cJSON_Delete(json);
}
