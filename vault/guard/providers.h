/* SPDX-License-Identifier: ISC */
/*
 * providers.json, checked and embedded by the build.  Knows no file system.
 * What its fields mean: providers.schema.json.
 */
#ifndef PROVIDERS_H
#define PROVIDERS_H
#include "carnet_types.h"

extern const char providers_json[];
extern const size_t providers_json_len;

/* Parses the embedded list; the caller owns it (cJSON_Delete). */
enum carnet_status providers_load(cJSON **ret_list, struct carnet_error *err);
/* The list's providers; each has an "id". */
const cJSON *providers_each(const cJSON *list);
/* True if a glob of the array `list` matches text ('*' matches '/' too). */
bool providers_match(const cJSON *globs, const char *text);
/* As above for one glob; an absent one (NULL) matches everything. */
bool providers_match_glob(const char *glob, const char *text);

/* Destinations of a backup: is one of them elsewhere?  The function takes
 * each; it is a settings_sink. */
struct providers_away {
	const cJSON *near; /* globs of what stays on this machine */
	bool away;
};
bool providers_is_away(const char *value, void *context);

#endif
