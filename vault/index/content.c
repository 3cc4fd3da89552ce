/* SPDX-License-Identifier: ISC */
/*
 * A content's two shapes: JSON in events, bytes in columns.  Reads no chunk.
 * The contract is in index.h and statement.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

#define CONTENT_MAX_NAMES 4096
#define CONTENT_BLOB_HEAD 12

cJSON *
content_to_json(const struct content *content)
{
	cJSON *json = cJSON_CreateObject(), *names;
	char text[24], hex[2 * HASH_LEN + 1];

	if (json == NULL)
		return NULL;
	(void)snprintf(
	    text, sizeof(text), "%llu", (unsigned long long)content->size);
	names = cJSON_AddArrayToObject(json, "names");
	if (names == NULL ||
	    cJSON_AddStringToObject(json, "size", text) == NULL ||
	    cJSON_AddNumberToObject(json, "depth", content->depth) == NULL)
		goto no_memory;
	for (size_t i = 0; i < content->len; i++) {
		cJSON *name;

		hex_encode(content->names[i].bytes, HASH_LEN, hex);
		name = cJSON_CreateString(hex);
		if (name == NULL || !cJSON_AddItemToArray(names, name)) {
			cJSON_Delete(name);
			goto no_memory;
		}
	}
	return json;
no_memory:
	cJSON_Delete(json);
	return NULL;
}

bool
content_from_json(const cJSON *json, struct content *ret_content)
{
	const cJSON *names = carnet_json_get(json, "names"), *name;
	struct content content = { 0 };
	int64_t size, depth;
	int len = cJSON_GetArraySize(names);

	if (!carnet_json_int(json, "size", &size) || size < 0 ||
	    !carnet_json_int(json, "depth", &depth) || depth < 0 || depth > 1 ||
	    !cJSON_IsArray(names) || len > CONTENT_MAX_NAMES) {
		errno = EINVAL;
		return false;
	}
	content.size = (uint64_t)size;
	content.depth = (uint32_t)depth;
	content.names = calloc((size_t)len + 1, sizeof(*content.names));
	if (content.names == NULL)
		return false;
	cJSON_ArrayForEach(name, names)
	{
		if (!cJSON_IsString(name) ||
		    !hex_decode(name->valuestring,
			content.names[content.len++].bytes, HASH_LEN)) {
			free(content.names);
			errno = EINVAL;
			return false;
		}
	}
	*ret_content = content;
	return true;
}

enum carnet_status
content_to_blob(const struct content *content, uint8_t **ret_blob,
    size_t *ret_len, struct carnet_error *err)
{
	size_t len = CONTENT_BLOB_HEAD + content->len * HASH_LEN;
	uint8_t *blob = malloc(len);

	if (blob == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	for (size_t i = 0; i < 4; i++)
		blob[i] = (uint8_t)(content->depth >> (8 * i));
	for (size_t i = 0; i < 8; i++)
		blob[4 + i] = (uint8_t)(content->size >> (8 * i));
	for (size_t i = 0; i < content->len; i++)
		memcpy(blob + CONTENT_BLOB_HEAD + i * HASH_LEN,
		    content->names[i].bytes, HASH_LEN);
	*ret_blob = blob;
	*ret_len = len;
	return CARNET_OK;
}

int64_t
content_twin(const uint8_t *blob, size_t len)
{
	uint8_t hash[HASH_LEN];
	uint64_t twin = 0;

	hash_bytes(NULL, blob, len, hash);
	for (size_t i = 0; i < sizeof(twin); i++)
		twin |= (uint64_t)hash[i] << (8 * i);
	return (int64_t)twin;
}

enum carnet_status
index_twin(
    const struct content *content, uint64_t *ret_twin, struct carnet_error *err)
{
	uint8_t *blob = NULL;
	size_t len = 0;
	enum carnet_status status = content_to_blob(content, &blob, &len, err);

	if (status != CARNET_OK)
		return status;
	*ret_twin = (uint64_t)content_twin(blob, len);
	free(blob);
	return CARNET_OK;
}

bool
content_from_blob(const uint8_t *blob, size_t len, struct content *ret_content)
{
	struct content content = { 0 };

	if (len < CONTENT_BLOB_HEAD ||
	    (len - CONTENT_BLOB_HEAD) % HASH_LEN != 0)
		return false;
	for (size_t i = 0; i < 4; i++)
		content.depth |= (uint32_t)blob[i] << (8 * i);
	for (size_t i = 0; i < 8; i++)
		content.size |= (uint64_t)blob[4 + i] << (8 * i);
	content.len = (len - CONTENT_BLOB_HEAD) / HASH_LEN;
	content.names = calloc(content.len + 1, sizeof(*content.names));
	if (content.names == NULL)
		return false;
	for (size_t i = 0; i < content.len; i++)
		memcpy(content.names[i].bytes,
		    blob + CONTENT_BLOB_HEAD + i * HASH_LEN, HASH_LEN);
	*ret_content = content;
	return true;
}
