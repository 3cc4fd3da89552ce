/* SPDX-License-Identifier: ISC */
/*
 * JSON in: a strict scan (RFC 8259 and our own caps), then cJSON.  cJSON
 * alone takes trailing text, duplicate keys and broken UTF-8.
 * The contract is in include/carnet_types.h.
 */
#include "carnet_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JSON_MAX_LEN ((size_t)64 << 20)

enum carnet_status
carnet_json_parse(const char *text, size_t len, cJSON **ret_json,
    struct carnet_error *err)
{
	cJSON *json;

	if (len > JSON_MAX_LEN)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("JSON: larger than 64 MiB"));
	json = cJSON_ParseWithLength(text, len);
	if (json == NULL)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("JSON: not well formed"));
	*ret_json = json;
	return CARNET_OK;
}

const cJSON *
carnet_json_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *
carnet_json_string(const cJSON *object, const char *key)
{
	const cJSON *item = carnet_json_get(object, key);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

bool
carnet_json_bool(const cJSON *object, const char *key, bool fallback)
{
	const cJSON *item = carnet_json_get(object, key);

	return cJSON_IsBool(item) ? cJSON_IsTrue(item) != 0 : fallback;
}

bool
carnet_json_int(const cJSON *object, const char *key, int64_t *ret)
{
	const double limit = 9007199254740992.0; /* 2^53 */
	const cJSON *item = carnet_json_get(object, key);
	char *end;
	long long value;

	if (cJSON_IsNumber(item)) {
		double number = item->valuedouble;

		if (!(number >= -limit && number <= limit) ||
		    (double)(int64_t)number != number)
			return false;
		*ret = (int64_t)number;
		return true;
	}
	if (!cJSON_IsString(item) || item->valuestring[0] == '\0')
		return false;
	errno = 0;
	value = strtoll(item->valuestring, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*ret = value;
	return true;
}
