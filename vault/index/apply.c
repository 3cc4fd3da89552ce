/* SPDX-License-Identifier: ISC */
/*
 * From events to tables: one function a kind of event, in one table; persons
 * and the vault's own events here, documents and the word in their own files.
 * Deterministic: same events in the same order, same rows.
 */
#include "apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sql_event_add[] =
    "INSERT OR REPLACE INTO events (lamport, device, seq, recorded,"
    " effective, kind, subject, detail, hash, purged)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char sql_oddity_add[] =
    "INSERT OR REPLACE INTO oddities (lamport, device, seq, detail)"
    " VALUES (?1, ?2, ?3, ?4)";
static const char sql_unknown[] =
    "SELECT COUNT(*) FROM oddities WHERE detail = 'unknown kind'";
static const char sql_savepoint[] = "SAVEPOINT one_event";
static const char sql_release[] = "RELEASE one_event";
static const char sql_rollback_to[] = "ROLLBACK TO one_event";
static const char sql_device_add[] =
    "INSERT OR IGNORE INTO devices (device, public, added)"
    " VALUES (:device, :public, :_at)";
static const char sql_person_add[] =
    "INSERT INTO persons (number, id, name, born, birthplace, address, email,"
    " phone, nir) VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM persons),"
    " :_id, :name, :born, :birthplace, :address, :email, :phone, :nir)";
static const char sql_person_known[] =
    "SELECT 1 FROM persons WHERE id = :person";
static const char sql_person_edit[] =
    "UPDATE persons SET"
    " name = COALESCE(:name, name),"
    " born = CASE WHEN :has_born THEN :born ELSE born END,"
    " birthplace = CASE WHEN :has_birthplace THEN :birthplace"
    " ELSE birthplace END,"
    " address = CASE WHEN :has_address THEN :address ELSE address END,"
    " email = CASE WHEN :has_email THEN :email ELSE email END,"
    " phone = CASE WHEN :has_phone THEN :phone ELSE phone END,"
    " nir = CASE WHEN :has_nir THEN :nir ELSE nir END"
    " WHERE id = :person";
static const char sql_represent[] =
    "INSERT INTO representations (person, represents, quality, proof)"
    " VALUES (:person, :represents, :as, :proof)"
    " ON CONFLICT (person, represents) DO UPDATE SET quality = :as,"
    " proof = COALESCE(:proof, proof)";
static const char sql_disclosure_add[] =
    "INSERT INTO disclosures (number, made, what, ids, recipient, format,"
    " calendar, name, sha256)"
    " VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM disclosures), :_at,"
    " :what, :ids, :recipient, :format, :calendar, :name, :sha256)";
static const char sql_backup_add[] =
    "INSERT OR REPLACE INTO backups (snapshot, made)"
    " VALUES (:snapshot, :_at)";
static const char sql_place_add[] =
    "INSERT OR REPLACE INTO places (path, reason, trusted)"
    " VALUES (:path, :reason, :_at)";

const char *const statements_apply[] = { sql_event_add, sql_oddity_add,
	sql_unknown, sql_device_add, sql_person_add, sql_person_known,
	sql_person_edit, sql_represent, sql_disclosure_add, sql_backup_add,
	sql_place_add, NULL };

const char *
apply_text(const struct apply *apply, const char *key)
{
	const char *text = carnet_json_string(apply->payload, key);

	return text == NULL ? "" : text;
}

enum carnet_status
apply_expect(struct apply *apply, const char *sql, struct carnet_error *err)
{
	int64_t found = 0;
	enum carnet_status status =
	    index_number(apply->index, sql, apply->payload, 0, &found, err);

	if (status == CARNET_OK && found == 0)
		status = carnet_fail(
		    err, CARNET_INVALID, CARNET_("names what does not exist"));
	return status;
}

enum carnet_status
apply_run(struct apply *apply, const char *sql, struct carnet_error *err)
{
	return index_run(apply->index, sql, apply->payload, err);
}

enum carnet_status
apply_run_content(struct apply *apply, const char *sql, const char *key,
    struct carnet_error *err)
{
	struct content content = { 0 };
	sqlite3_stmt *statement = NULL;
	enum carnet_status status;
	uint8_t *blob = NULL;
	size_t blob_len = 0;
	int code, twin;

	if (!content_from_json(carnet_json_get(apply->payload, key), &content))
		return errno == ENOMEM ? carnet_fail_errno(err, ENOMEM, "index")
				       : carnet_fail(err, CARNET_INVALID,
					     CARNET_("no content"));
	status = content_to_blob(&content, &blob, &blob_len, err);
	content_clear(&content);
	if (status == CARNET_OK)
		status = index_prepare(apply->index, sql, &statement, err);
	if (status == CARNET_OK)
		status =
		    index_bind(apply->index, statement, apply->payload, err);
	if (status == CARNET_OK &&
	    sqlite3_bind_blob(statement,
		sqlite3_bind_parameter_index(statement, ":blob"), blob,
		(int)blob_len, SQLITE_TRANSIENT) != SQLITE_OK)
		status = index_fail(apply->index, "bind", err);
	twin = sqlite3_bind_parameter_index(statement, ":twin");
	if (status == CARNET_OK && twin > 0)
		(void)sqlite3_bind_int64(
		    statement, twin, content_twin(blob, blob_len));
	free(blob);
	if (status != CARNET_OK)
		return status;
	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE)
		status = index_fail(apply->index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

/* --- the vault's own events, and persons -----------------------------------
 */

static enum carnet_status
apply_nothing(struct apply *apply, struct carnet_error *err)
{
	(void)apply;
	(void)err;
	return CARNET_OK;
}

static enum carnet_status
apply_device_added(struct apply *apply, struct carnet_error *err)
{
	char hex[DEVICE_ID_TEXT];

	hex_encode(apply->event->device, DEVICE_ID_LEN, hex);
	if (cJSON_AddStringToObject(apply->payload, "device", hex) == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	return apply_run(apply, sql_device_add, err);
}

static enum carnet_status
apply_person_added(struct apply *apply, struct carnet_error *err)
{
	return apply_run(apply, sql_person_add, err);
}

static enum carnet_status
apply_person_edited(struct apply *apply, struct carnet_error *err)
{
	static const char *const fields[] = { "born", "birthplace", "address",
		"email", "phone", "nir" };
	enum carnet_status status = apply_expect(apply, sql_person_known, err);

	/* absent leaves a field as it is, null clears it */
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char has[32];

		(void)snprintf(has, sizeof(has), "has_%s", fields[i]);
		cJSON_DeleteItemFromObjectCaseSensitive(apply->payload, has);
		if (cJSON_AddBoolToObject(apply->payload, has,
			carnet_json_get(apply->payload, fields[i]) != NULL) ==
		    NULL)
			return carnet_fail_errno(err, ENOMEM, "index");
	}
	if (status == CARNET_OK)
		status = apply_run(apply, sql_person_edit, err);
	return status;
}

static enum carnet_status
apply_person_represents(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_expect(apply, sql_person_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_represent, err);
	return status;
}

static enum carnet_status
apply_export_made(struct apply *apply, struct carnet_error *err)
{
	return apply_run(apply, sql_disclosure_add, err);
}

static enum carnet_status
apply_backup_made(struct apply *apply, struct carnet_error *err)
{
	return apply_run(apply, sql_backup_add, err);
}

static enum carnet_status
apply_place_trusted(struct apply *apply, struct carnet_error *err)
{
	return apply_run(apply, sql_place_add, err);
}

/* --- the table ---------------------------------------------------------------
 */

static const struct apply_row {
	const char *kind;
	char letter;         /* of the id it makes; 0: none */
	const char *subject; /* the payload's key of what it is about */
	const char *detail;  /* the payload's key of a word for the log */
	apply_kind *apply;
	/* fails before it writes anything: no savepoint, in which every page
	 * is copied, and before which FTS5 writes out all it has gathered */
	bool is_whole;
} apply_rows[] = {
	{ "vault.created", 0, NULL, "carnet", apply_nothing, false },
	{ "device.added", 0, NULL, NULL, apply_device_added, false },
	{ "key.changed", 0, "slot", "action", apply_nothing, false },
	{ "person.added", 'p', NULL, NULL, apply_person_added, false },
	{ "person.edited", 0, "person", NULL, apply_person_edited, false },
	{ "person.represents", 0, "person", "as", apply_person_represents,
	    false },
	{ "document.added", 'd', NULL, "type", apply_document_added, true },
	{ "document.read", 0, "document", "reader", apply_document_read, true },
	{ "document.edited", 0, "document", NULL, apply_document_edited, true },
	{ "document.tagged", 0, "document", NULL, apply_document_tagged, true },
	{ "document.noted", 0, "document", NULL, apply_document_noted, true },
	{ "document.removed", 0, "document", NULL, apply_document_removed,
	    true },
	{ "document.restored", 0, "document", NULL, apply_document_restored,
	    true },
	{ "document.purged", 0, "document", NULL, apply_document_purged,
	    false },
	{ "recipient.set", 0, "recipient", NULL, apply_recipient_set, false },
	{ "decision.made", 'c', NULL, "kind", apply_decision_made, false },
	{ "statement.drafted", 's', NULL, "template", apply_statement_drafted,
	    false },
	{ "statement.step", 0, "statement", "kind", apply_statement_step,
	    false },
	{ "export.made", 0, NULL, "what", apply_export_made, false },
	{ "backup.begun", 0, NULL, NULL, apply_nothing, false },
	{ "backup.made", 0, "snapshot", NULL, apply_backup_made, false },
	{ "place.trusted", 0, NULL, "reason", apply_place_trusted, false },
	{ "ledger.repaired", 0, NULL, NULL, apply_nothing, false },
};

static const struct apply_row *
apply_find(const char *kind)
{
	for (size_t i = 0; i < sizeof(apply_rows) / sizeof(apply_rows[0]); i++)
		if (strcmp(apply_rows[i].kind, kind) == 0)
			return &apply_rows[i];
	return NULL;
}

/* Adds what apply functions bind besides the payload's own members. */
static enum carnet_status
apply_prepare_payload(
    struct apply *apply, const struct apply_row *row, struct carnet_error *err)
{
	static const char *const ours[] = { "_id", "_at", "_on", "_number",
		"words" };
	const struct event *event = apply->event;
	char date[CARNET_DATE_TEXT];
	bool fine = true;

	/* an event can't say them */
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(
		    apply->payload, ours[i]);
	if (row->letter != 0)
		event_id(apply->index->ids_key, row->letter, event->device,
		    event->seq, 0, apply->subject);
	else if (row->subject != NULL)
		(void)snprintf(apply->subject, sizeof(apply->subject), "%s",
		    apply_text(apply, row->subject));
	if (row->detail != NULL)
		(void)snprintf(apply->detail, sizeof(apply->detail), "%s",
		    apply_text(apply, row->detail));
	carnet_date_format(event->effective, date);
	if (row->letter != 0)
		fine = cJSON_AddStringToObject(
			   apply->payload, "_id", apply->subject) != NULL;
	if (fine)
		fine = cJSON_AddNumberToObject(apply->payload, "_at",
			   (double)event->recorded) != NULL;
	if (fine && date[0] != '\0')
		fine = cJSON_AddStringToObject(apply->payload, "_on", date) !=
		       NULL;
	return fine ? CARNET_OK : carnet_fail_errno(err, ENOMEM, "index");
}

static enum carnet_status
apply_add_oddity(
    struct apply *apply, const char *detail, struct carnet_error *err)
{
	const struct event *event = apply->event;
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    index_prepare(apply->index, sql_oddity_add, &statement, err);

	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->lamport);
	(void)sqlite3_bind_blob(
	    statement, 2, event->device, DEVICE_ID_LEN, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)event->seq);
	(void)sqlite3_bind_text(statement, 4, detail, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(apply->index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

static enum carnet_status
apply_add_event(struct apply *apply, struct carnet_error *err)
{
	const struct event *event = apply->event;
	sqlite3_stmt *statement = NULL;
	char date[CARNET_DATE_TEXT];
	enum carnet_status status =
	    index_prepare(apply->index, sql_event_add, &statement, err);

	if (status != CARNET_OK)
		return status;
	carnet_date_format(event->effective, date);
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)event->lamport);
	(void)sqlite3_bind_blob(
	    statement, 2, event->device, DEVICE_ID_LEN, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)event->seq);
	(void)sqlite3_bind_int64(statement, 4, event->recorded);
	if (date[0] != '\0')
		(void)sqlite3_bind_text(statement, 5, date, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(statement, 6, event->kind, -1, SQLITE_STATIC);
	if (apply->subject[0] != '\0')
		(void)sqlite3_bind_text(
		    statement, 7, apply->subject, -1, SQLITE_STATIC);
	if (apply->detail[0] != '\0')
		(void)sqlite3_bind_text(
		    statement, 8, apply->detail, -1, SQLITE_STATIC);
	(void)sqlite3_bind_blob(
	    statement, 9, event->hash, HASH_LEN, SQLITE_STATIC);
	(void)sqlite3_bind_int(statement, 10, event->purged ? 1 : 0);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(apply->index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

/* Whether a failure is the event's fault, not the machine's. */
static bool
apply_is_oddity(struct apply *apply, enum carnet_status status)
{
	int code = sqlite3_errcode(apply->index->db) & 0xff;

	return status == CARNET_INVALID ||
	       (status == CARNET_FAILED &&
		   (code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH ||
		       code == SQLITE_TOOBIG));
}

/* The kind's own function, between savepoints where it needs them. */
static enum carnet_status
apply_run_kind(
    struct apply *apply, const struct apply_row *row, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	bool odd;

	if (!row->is_whole)
		status = index_run(apply->index, sql_savepoint, NULL, err);
	if (status != CARNET_OK)
		return status;
	status = apply_prepare_payload(apply, row, err);
	if (status == CARNET_OK)
		status = row->apply(apply, err);
	if (status == CARNET_OK)
		return row->is_whole
			   ? CARNET_OK
			   : index_run(apply->index, sql_release, NULL, err);
	odd = apply_is_oddity(apply, status);
	if (!row->is_whole) {
		(void)index_run(apply->index, sql_rollback_to, NULL, NULL);
		(void)index_run(apply->index, sql_release, NULL, NULL);
	}
	if (!odd)
		return status;
	return apply_add_oddity(apply, "says what cannot be", err);
}

enum carnet_status
index_apply(struct index *index, const struct event *event,
    const struct ledger_place *place, const struct index_answers *answers,
    struct carnet_error *err)
{
	struct apply apply = {
		.index = index, .event = event, .answers = answers
	};
	const struct apply_row *row = apply_find(event->kind);
	struct ledger_cursor cursor = { .segment = place->segment,
		.revision = place->revision,
		.end = place->end,
		.seq = event->seq,
		.lamport = event->lamport };
	enum carnet_status status = CARNET_OK, parsed = CARNET_OK;

	memcpy(cursor.device, event->device, DEVICE_ID_LEN);
	memcpy(cursor.hash, event->hash, HASH_LEN);
	if (!event->purged && row != NULL)
		parsed = carnet_json_parse((const char *)event->payload,
		    event->payload_len, &apply.payload, err);
	if (event->purged) {
		/* a named gap */
	} else if (row == NULL) {
		status = apply_add_oddity(&apply, "unknown kind", err);
	} else if (parsed == CARNET_NO_MEMORY) {
		status = parsed; /* the machine's fault, not the event's */
	} else if (parsed != CARNET_OK || !cJSON_IsObject(apply.payload)) {
		status = apply_add_oddity(&apply, "not an object", err);
	} else {
		status = apply_run_kind(&apply, row, err);
	}
	if (status == CARNET_OK)
		status = apply_add_event(&apply, err);
	if (status == CARNET_OK)
		status = index_set_cursor(index, &cursor, err);
	cJSON_Delete(apply.payload);
	return status;
}

enum carnet_status
index_unknown_kinds(
    struct index *index, uint64_t *ret_count, struct carnet_error *err)
{
	int64_t count = 0;
	enum carnet_status status =
	    index_number(index, sql_unknown, NULL, 0, &count, err);

	if (status == CARNET_OK)
		*ret_count = (uint64_t)count;
	return status;
}
