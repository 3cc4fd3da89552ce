/* SPDX-License-Identifier: ISC */
/*
 * Finds a person's own templates among their documents.  Understands none of
 * them: carnet-press does.  The contract is in own_template.h.
 */
#include "own_template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_TEMPLATE_MAX ((size_t)64 << 10)

struct own_text {
	char *text;
	size_t len;
	bool too_long;
};

static bool
own_text_sink(void *context, const uint8_t *bytes, size_t len)
{
	struct own_text *own = context;

	if (len > OWN_TEMPLATE_MAX - own->len) {
		own->too_long = true;
		return false;
	}
	memcpy(own->text + own->len, bytes, len);
	own->len += len;
	return true;
}

/* The original, not what a reader made of it. */
static enum carnet_status
own_template_read(struct session *session, const char *id, char **ret_text)
{
	struct own_text own = { malloc(OWN_TEMPLATE_MAX + 1), 0, false };
	enum carnet_status status;

	if (own.text == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	status = carnet_document_read(
	    session->vault, id, own_text_sink, &own, &session->err);
	if (own.too_long ||
	    (status == CARNET_OK && memchr(own.text, 0, own.len) != NULL)) {
		status = carnet_fail(&session->err, CARNET_INVALID,
		    _("%s: this template isn't text of at most 64 KiB"), id);
		carnet_hint(
		    &session->err, "carnet tag %s -%s…", id, OWN_TEMPLATE_TAG);
	}
	if (status != CARNET_OK) {
		free(own.text);
		return status;
	}
	own.text[own.len] = '\0';
	*ret_text = own.text;
	return CARNET_OK;
}

/* The language that a document's tags name, or NULL: any. */
static const char *
own_template_lang(const cJSON *document)
{
	size_t len = strlen(OWN_TEMPLATE_LANG);
	const cJSON *tag;

	cJSON_ArrayForEach(tag, carnet_json_get(document, "tags"))
	{
		if (strncmp(tag->valuestring, OWN_TEMPLATE_LANG, len) == 0)
			return tag->valuestring + len;
	}
	return NULL;
}

enum carnet_status
own_template_find(struct session *session, const char *template,
    const char *lang, char ret_document[CARNET_ID_TEXT], char **ret_text)
{
	cJSON *filter, *documents = NULL;
	const cJSON *one, *found = NULL;
	char tag[256];
	enum carnet_status status;

	*ret_text = NULL;
	if (session->vault == NULL || template[0] == '\0' ||
	    snprintf(tag, sizeof(tag), "%s%s", OWN_TEMPLATE_TAG, template) >=
		(int)sizeof(tag))
		return CARNET_OK;
	filter = cJSON_CreateObject();
	json_add_text(filter, "tag", tag);
	status =
	    carnet_documents(session->vault, filter, &documents, &session->err);
	cJSON_Delete(filter);
	cJSON_ArrayForEach(one, documents)
	{
		const char *only = own_template_lang(one);

		if (found == NULL && (only == NULL || strcmp(only, lang) == 0))
			found = one;
	}
	if (status == CARNET_OK && found != NULL) {
		if (ret_document != NULL)
			(void)snprintf(ret_document, CARNET_ID_TEXT, "%s",
			    json_text(found, "id"));
		status = own_template_read(
		    session, json_text(found, "id"), ret_text);
	}
	cJSON_Delete(documents);
	return status;
}

enum carnet_status
own_template_list(struct session *session, cJSON **ret_array)
{
	size_t len = strlen(OWN_TEMPLATE_TAG);
	cJSON *documents = NULL, *array = cJSON_CreateArray();
	const cJSON *one, *tag;
	enum carnet_status status =
	    carnet_documents(session->vault, NULL, &documents, &session->err);

	cJSON_ArrayForEach(one, documents)
	{
		cJSON_ArrayForEach(tag, carnet_json_get(one, "tags"))
		{
			cJSON *row;

			if (strncmp(tag->valuestring, OWN_TEMPLATE_TAG, len) !=
				0 ||
			    tag->valuestring[len] == '\0')
				continue;
			row = cJSON_CreateObject();
			json_add_text(row, "id", tag->valuestring + len);
			json_add_text(row, "document", json_text(one, "id"));
			json_copy(row, one, "title");
			json_add_text(row, "lang", own_template_lang(one));
			(void)cJSON_AddItemToArray(array, row);
		}
	}
	cJSON_Delete(documents);
	if (status != CARNET_OK) {
		cJSON_Delete(array);
		return status;
	}
	*ret_array = array;
	return CARNET_OK;
}

/* A draft as it will be, without an id. */
static enum carnet_status
own_template_try(struct session *session, const cJSON *payload)
{
	struct letter_desk desk = { 0 };
	struct launcher_files files = { 0 };
	cJSON *row, *job = NULL, *meta = NULL;
	enum carnet_status status = letter_desk_open(session, &desk);

	if (status != CARNET_OK)
		return status;
	row = cJSON_Duplicate(payload, true);
	json_add_text(row, "person_id", json_text(payload, "person"));
	json_add_text(row, "drafted", session->today);
	json_add(row, "steps", cJSON_CreateArray());
	status = letter_job(&desk, row, NULL, &job);
	if (status == CARNET_OK)
		status = letter_press(session, job, &meta, &files);
	cJSON_Delete(meta);
	cJSON_Delete(job);
	cJSON_Delete(row);
	launcher_files_clear(&files);
	letter_desk_close(&desk);
	return status;
}

enum carnet_status
own_template_check(struct session *session, const cJSON *payload)
{
	char document[CARNET_ID_TEXT], *text = NULL;
	enum carnet_status status =
	    own_template_find(session, json_text(payload, "template"),
		json_text(payload, "lang"), document, &text);

	if (status != CARNET_OK || text == NULL)
		return status;
	free(text);
	status = own_template_try(session, payload);
	if (status != CARNET_OK)
		carnet_hint(&session->err,
		    _("the words are yours, document %s: carnet cat %s"),
		    document, document);
	return status;
}
