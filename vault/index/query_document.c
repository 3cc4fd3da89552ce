/* SPDX-License-Identifier: ISC */
/*
 * Questions about documents, persons and the log.  Writes nothing.
 * Keys are those of the command contract.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

#define DOCUMENT_COLUMNS                                                       \
	"d.id AS id, d.title AS title, d.type AS type, d.date AS date,"        \
	" d.size AS size, (SELECT json_group_array(tag) FROM (SELECT tag FROM" \
	" tags WHERE document = d.number ORDER BY tag)) AS \"tags[]\","        \
	" p.name AS person, d.source AS source, d.added_at AS added_ms,"       \
	" d.removed AS removed, d.media AS media"

static const char sql_list[] =
    "SELECT " DOCUMENT_COLUMNS
    " FROM documents d JOIN persons p ON p.id = d.person"
    " WHERE (:person IS NULL OR d.person = :person)"
    " AND (:type IS NULL OR d.type = :type)"
    " AND (:tag IS NULL OR EXISTS (SELECT 1 FROM tags"
    " WHERE document = d.number AND tag = :tag))"
    " AND (:since IS NULL OR d.date >= :since)"
    " AND (:until IS NULL OR (d.date <> '' AND d.date <= :until))"
    " AND (d.removed IS NOT NULL) = COALESCE(:removed, 0)"
    " ORDER BY d.date DESC, d.number DESC LIMIT COALESCE(:limit, -1)";
static const char sql_show[] =
    "SELECT " DOCUMENT_COLUMNS ", d.parent AS parent,"
    " d.unread_code AS unread_code, d.unread_message AS unread_message,"
    " d.pending AS \"pending?\", d.reader AS reader, d.person AS person_id,"
    " (SELECT json_group_array(json_object('at', noted, 'text', text)) FROM"
    " (SELECT noted, text FROM notes WHERE document = d.number"
    " ORDER BY number))"
    " AS \"notes[]\","
    " (SELECT json_group_array(json_object('id', id, 'type', type)) FROM"
    " (SELECT id, type FROM documents WHERE parent = d.id ORDER BY number))"
    " AS \"parts[]\""
    " FROM documents d JOIN persons p ON p.id = d.person WHERE d.id = :id";
static const char sql_summary[] =
    "SELECT title, type, date FROM documents WHERE id = :id";
static const char sql_content[] =
    "SELECT content FROM documents WHERE id = :id";
static const char sql_answer[] = "SELECT answer FROM documents WHERE id = :id";
static const char sql_duplicate[] =
    "SELECT id FROM documents WHERE twin = :twin AND content = :blob"
    " AND person = :person AND removed IS NULL ORDER BY number LIMIT 1";
static const char sql_pending[] =
    "SELECT id, size, source FROM documents WHERE pending = 1"
    " ORDER BY number";
static const char sql_contents[] =
    "SELECT id, 0, content FROM documents UNION ALL"
    " SELECT id, 1, answer FROM documents WHERE answer IS NOT NULL UNION ALL"
    " SELECT id, 1, frozen FROM statements WHERE frozen IS NOT NULL";
static const char sql_unfinished[] =
    "SELECT DISTINCT subject FROM events WHERE purged = 0"
    " AND kind GLOB 'document.*' AND kind <> 'document.purged' AND subject IN"
    " (SELECT subject FROM events WHERE kind = 'document.purged')";
static const char sql_persons[] =
    "SELECT id, name, born, birthplace, address, email, phone, nir"
    " FROM persons ORDER BY number";
static const char sql_person[] =
    "SELECT id, name, born, birthplace, address, email, phone, nir"
    " FROM persons WHERE id = :id";
static const char sql_resolve_document[] =
    "SELECT id FROM documents WHERE id >= :prefix AND id < :prefix || '~'"
    " ORDER BY id LIMIT 2";
static const char sql_resolve_decision[] =
    "SELECT id FROM decisions WHERE id >= :prefix AND id < :prefix || '~'"
    " ORDER BY id LIMIT 2";
static const char sql_resolve_statement[] =
    "SELECT id FROM statements WHERE id >= :prefix AND id < :prefix || '~'"
    " ORDER BY id LIMIT 2";
static const char sql_resolve_person_name[] =
    "SELECT id FROM persons WHERE name = :prefix COLLATE NOCASE"
    " ORDER BY number LIMIT 2";
static const char sql_resolve_person[] =
    "SELECT id FROM persons WHERE id >= :prefix AND id < :prefix || '~'"
    " ORDER BY id LIMIT 2";
static const char sql_log[] =
    "SELECT lamport, lower(hex(device)) AS device, seq,"
    " recorded AS recorded_ms, effective AS \"on\", kind, subject, detail,"
    " purged AS \"purged?\", lower(hex(hash)) AS hash FROM events"
    " WHERE (:kind IS NULL OR kind = :kind)"
    " ORDER BY lamport DESC, device DESC, seq DESC"
    " LIMIT COALESCE(:limit, -1)";
static const char sql_disclosures[] =
    "SELECT made AS made_ms, what, ids AS \"ids[]\", recipient, format,"
    " name, sha256 FROM disclosures ORDER BY number";
static const char sql_places[] =
    "SELECT path, reason FROM places ORDER BY path";
static const char sql_counts[] =
    "SELECT (SELECT COUNT(*) FROM persons) AS persons,"
    " (SELECT COUNT(*) FROM documents) - (SELECT COUNT(*) FROM documents"
    " WHERE removed IS NOT NULL) AS documents,"
    " 0 AS facts,"
    " (SELECT COUNT(*) FROM decisions) AS decisions,"
    " (SELECT COUNT(*) FROM statements) AS statements,"
    " (SELECT MAX(made) FROM backups) AS last_backup_ms";

const char *const statements_documents[] = { sql_list, sql_show, sql_summary,
	sql_content, sql_answer, sql_duplicate, sql_pending, sql_contents,
	sql_unfinished, sql_persons, sql_person, sql_resolve_document,
	sql_resolve_decision, sql_resolve_statement, sql_resolve_person_name,
	sql_resolve_person, sql_log, sql_disclosures, sql_places, sql_counts,
	NULL };

/* One-member objects for binding. */
static cJSON *
query_params(const char *key, const char *value)
{
	cJSON *params = cJSON_CreateObject();

	if (params != NULL &&
	    cJSON_AddStringToObject(params, key, value) == NULL) {
		cJSON_Delete(params);
		params = NULL;
	}
	return params;
}

static enum carnet_status
query_resolve_one(struct index *index, const char *sql, const char *prefix,
    char ret_id[EVENT_ID_TEXT], struct carnet_error *err)
{
	cJSON *params = query_params("prefix", prefix), *rows = NULL;
	enum carnet_status status;

	if (params == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	status = index_rows(index, sql, params, &rows, err);
	cJSON_Delete(params);
	if (status != CARNET_OK)
		return status;
	if (cJSON_GetArraySize(rows) == 0) {
		status = carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("there is nothing with this id"));
	} else if (cJSON_GetArraySize(rows) > 1) {
		status = carnet_fail(err, CARNET_AMBIGUOUS,
		    CARNET_("this id could be several: give more of it"));
	} else {
		(void)snprintf(ret_id, EVENT_ID_TEXT, "%s",
		    carnet_json_string(cJSON_GetArrayItem(rows, 0), "id"));
	}
	cJSON_Delete(rows);
	return status;
}

static enum carnet_status
query_no_person(struct carnet_error *err)
{
	carnet_fail(
	    err, CARNET_NOT_FOUND, CARNET_("no such person in this vault"));
	carnet_hint(err, CARNET_("who is in it: carnet person list"));
	return CARNET_NOT_FOUND;
}

enum carnet_status
index_resolve(struct index *index, char letter, const char *prefix,
    char ret_id[EVENT_ID_TEXT], struct carnet_error *err)
{
	enum carnet_status status;

	if (letter == 'p') {
		status = query_resolve_one(
		    index, sql_resolve_person_name, prefix, ret_id, err);
		if (status != CARNET_NOT_FOUND)
			return status;
		if (prefix[0] != 'p' || strlen(prefix) < 2)
			return query_no_person(err);
		return query_resolve_one(
		    index, sql_resolve_person, prefix, ret_id, err);
	}
	if (prefix[0] != letter || strlen(prefix) < 2) {
		carnet_fail(err, CARNET_NOT_FOUND,
		    CARNET_("there is nothing with this id"));
		carnet_hint(err,
		    CARNET_("ids begin with d (documents), c (decisions), s "
			    "(statements) or p (persons)"));
		return CARNET_NOT_FOUND;
	}
	return query_resolve_one(index,
	    letter == 'd'   ? sql_resolve_document
	    : letter == 'c' ? sql_resolve_decision
			    : sql_resolve_statement,
	    prefix, ret_id, err);
}

enum carnet_status
index_persons(struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_persons, NULL, ret_array, err);
}

/* Asks a statement that has one parameter, :id, for one row. */
static enum carnet_status
query_one(struct index *index, const char *sql, const char *id,
    cJSON **ret_object, struct carnet_error *err)
{
	cJSON *params = query_params("id", id);
	enum carnet_status status;

	if (params == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	status = index_row(index, sql, params, ret_object, err);
	cJSON_Delete(params);
	return status;
}

static enum carnet_status
query_content(struct index *index, const char *sql, const char *id,
    struct content *ret_content, struct carnet_error *err)
{
	cJSON *params = query_params("id", id);
	enum carnet_status status;

	if (params == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	status = index_content(index, sql, params, ret_content, err);
	cJSON_Delete(params);
	return status;
}

enum carnet_status
index_person(struct index *index, const char *id, cJSON **ret_object,
    struct carnet_error *err)
{
	return query_one(index, sql_person, id, ret_object, err);
}

enum carnet_status
index_documents(struct index *index, const cJSON *filter, cJSON **ret_array,
    struct carnet_error *err)
{
	return index_rows(index, sql_list, filter, ret_array, err);
}

enum carnet_status
index_document(struct index *index, const char *id, cJSON **ret_object,
    struct carnet_error *err)
{
	return query_one(index, sql_show, id, ret_object, err);
}

enum carnet_status
index_document_summary(struct index *index, const char *id, cJSON **ret_object,
    struct carnet_error *err)
{
	enum carnet_status status = index_hold(index, err);

	if (status == CARNET_OK)
		status = query_one(index, sql_summary, id, ret_object, err);
	return status;
}

enum carnet_status
index_document_content(struct index *index, const char *id,
    struct content *ret_content, struct carnet_error *err)
{
	return query_content(index, sql_content, id, ret_content, err);
}

enum carnet_status
index_document_answer(struct index *index, const char *id,
    struct content *ret_content, struct carnet_error *err)
{
	return query_content(index, sql_answer, id, ret_content, err);
}

enum carnet_status
index_duplicate(struct index *index, const char *person,
    const struct content *content, char ret_id[EVENT_ID_TEXT],
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status;
	uint8_t *blob = NULL;
	size_t len = 0;
	int code;

	status = content_to_blob(content, &blob, &len, err);
	if (status == CARNET_OK)
		status = index_hold(index, err);
	if (status == CARNET_OK)
		status = index_prepare(index, sql_duplicate, &statement, err);
	if (status != CARNET_OK) {
		free(blob);
		return status;
	}
	(void)sqlite3_bind_blob(statement,
	    sqlite3_bind_parameter_index(statement, ":blob"), blob, (int)len,
	    SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement,
	    sqlite3_bind_parameter_index(statement, ":twin"),
	    content_twin(blob, len));
	(void)sqlite3_bind_text(statement,
	    sqlite3_bind_parameter_index(statement, ":person"), person, -1,
	    SQLITE_STATIC);
	code = sqlite3_step(statement);
	ret_id[0] = '\0';
	if (code == SQLITE_ROW)
		(void)snprintf(ret_id, EVENT_ID_TEXT, "%s",
		    (const char *)sqlite3_column_text(statement, 0));
	else if (code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	free(blob);
	return status;
}

enum carnet_status
index_pending(struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_pending, NULL, ret_array, err);
}

enum carnet_status
index_unfinished_purges(
    struct index *index, cJSON **ret_ids, struct carnet_error *err)
{
	cJSON *rows = NULL, *row, *ids = cJSON_CreateArray();
	enum carnet_status status =
	    index_rows(index, sql_unfinished, NULL, &rows, err);

	cJSON_ArrayForEach(row, rows)
	{
		cJSON *id = cJSON_CreateString(row->child->valuestring);

		if (id == NULL || !cJSON_AddItemToArray(ids, id)) {
			cJSON_Delete(id);
			status = carnet_fail_errno(err, ENOMEM, "index");
			break;
		}
	}
	cJSON_Delete(rows);
	if (status == CARNET_OK && ids == NULL)
		status = carnet_fail_errno(err, ENOMEM, "index");
	if (status != CARNET_OK) {
		cJSON_Delete(ids);
		return status;
	}
	*ret_ids = ids;
	return CARNET_OK;
}

enum carnet_status
index_contents(struct index *index, index_content_visit *visit, void *context,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = SQLITE_DONE;
	enum carnet_status status =
	    index_prepare(index, sql_contents, &statement, err);

	while (status == CARNET_OK &&
	       (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const uint8_t *blob = sqlite3_column_blob(statement, 2);
		struct content content = { 0 };
		char id[EVENT_ID_TEXT];

		if (!content_from_blob(blob,
			(size_t)sqlite3_column_bytes(statement, 2), &content)) {
			status = carnet_fail(
			    err, CARNET_DAMAGED, CARNET_("index: damaged"));
			break;
		}
		(void)snprintf(id, sizeof(id), "%s",
		    (const char *)sqlite3_column_text(statement, 0));
		status = visit(context, id,
		    sqlite3_column_int(statement, 1) == 1, &content, err);
		content_clear(&content);
	}
	if (status == CARNET_OK && code != SQLITE_DONE)
		status = index_fail(index, "read", err);
	if (statement != NULL)
		(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_log(struct index *index, const cJSON *filter, cJSON **ret_array,
    struct carnet_error *err)
{
	return index_rows(index, sql_log, filter, ret_array, err);
}

enum carnet_status
index_disclosures(
    struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_disclosures, NULL, ret_array, err);
}

enum carnet_status
index_places(struct index *index, cJSON **ret_array, struct carnet_error *err)
{
	return index_rows(index, sql_places, NULL, ret_array, err);
}

enum carnet_status
index_counts(struct index *index, cJSON **ret_object, struct carnet_error *err)
{
	return index_row(index, sql_counts, NULL, ret_object, err);
}
