/* SPDX-License-Identifier: ISC */
/*
 * Events of documents to rows, and to the full text.  The text itself comes
 * from what a reader answered, through index_answers.
 */
#include "apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char sql_add[] =
    "INSERT INTO documents (number, id, person, title, title_typed, type,"
    " type_typed, date, date_typed, size, content, source, added_at, parent,"
    " pending, worded) VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM "
    "documents),"
    " :_id, :person, COALESCE(:title, :source, '-'), :title IS NOT NULL,"
    " COALESCE(:type, 'other'), :type IS NOT NULL, COALESCE(:date, ''),"
    " :date IS NOT NULL, :size, :blob, COALESCE(:source, '-'), :_at, :parent,"
    " COALESCE(:unread, 0) = 0, 0)";
static const char sql_tag_add[] =
    "INSERT OR IGNORE INTO tags (document, tag) VALUES (:document, :tag)";
static const char sql_tag_remove[] =
    "DELETE FROM tags WHERE document = :document AND tag = :tag";
static const char sql_known[] = "SELECT 1 FROM documents WHERE id = :document";
static const char sql_read[] =
    "UPDATE documents SET pending = 0, reader = :reader, answer = :blob,"
    " media = :media, unread_code = NULL, unread_message = NULL,"
    " title = CASE WHEN title_typed OR :title IS NULL THEN title"
    " ELSE :title END,"
    " type = CASE WHEN type_typed OR :type IS NULL THEN type"
    " ELSE :type END,"
    " date = CASE WHEN date_typed OR :date IS NULL THEN date ELSE :date END"
    " WHERE id = :document";
static const char sql_unread[] =
    "UPDATE documents SET pending = 0, reader = :reader, answer = NULL,"
    " media = :media, unread_code = :code, unread_message = :message"
    " WHERE id = :document";
static const char sql_edit[] =
    "UPDATE documents SET title = COALESCE(:title, title),"
    " title_typed = title_typed OR :title IS NOT NULL,"
    " type = COALESCE(:type, type),"
    " type_typed = type_typed OR :type IS NOT NULL,"
    " date = COALESCE(:date, date),"
    " date_typed = date_typed OR :date IS NOT NULL,"
    " person = COALESCE(:person, person) WHERE id = :document";
static const char sql_note_add[] =
    "INSERT INTO notes (document, number, noted, text) VALUES (:document,"
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM notes"
    " WHERE document = :document), :_at, :text)";
static const char sql_remove[] =
    "UPDATE documents SET removed = :_at WHERE id = :document";
static const char sql_restore[] =
    "UPDATE documents SET removed = NULL WHERE id = :document";
static const char sql_purge_words[] =
    "DELETE FROM words WHERE rowid = (SELECT number FROM documents"
    " WHERE id = :document)";
static const char sql_purge_tags[] =
    "DELETE FROM tags WHERE document = :document";
static const char sql_purge_notes[] =
    "DELETE FROM notes WHERE document = :document";
static const char sql_purge[] = "DELETE FROM documents WHERE id = :document";
/*
 * œ, æ and ß are expanded: the tokenizer folds accents alone.  One row of
 * values, and one row by its rowid: FTS5 would write out all it has gathered
 * before each statement that might touch several.
 */
#define WORDS_EXPANDED(text)                                                   \
	"replace(replace(replace(replace(replace(" text                        \
	", 'œ', 'oe'), 'Œ', 'OE'), 'æ', 'ae'), 'Æ', 'AE'), 'ß', 'ss')"
/* Which document: the event's, or the one of this number. */
#define WORDS_EVENTS ":document"
#define WORDS_NUMBERS "(SELECT id FROM documents WHERE number = ?1)"
#define WORDS_TITLE(which)                                                     \
	"(SELECT " WORDS_EXPANDED("title") " FROM documents"                   \
					   " WHERE id = " which ")"
#define WORDS_TAGS(which)                                                      \
	"(SELECT COALESCE(group_concat(tag, ' '), '') FROM (SELECT tag"        \
	" FROM tags WHERE document = " which " ORDER BY tag))"
#define WORDS_NOTES(which)                                                     \
	"(SELECT COALESCE(group_concat(" WORDS_EXPANDED(                       \
	    "text") ", ' '), '')"                                              \
		    " FROM (SELECT text FROM notes WHERE document = " which    \
		    " ORDER BY number))"
#define EVENTS_TITLE WORDS_TITLE(WORDS_EVENTS)
#define EVENTS_TAGS WORDS_TAGS(WORDS_EVENTS)
#define EVENTS_NOTES WORDS_NOTES(WORDS_EVENTS)
#define EVENTS_NUMBER "(SELECT number FROM documents WHERE id = :document)"
#define EVENTS_TEXT WORDS_EXPANDED(":words")
#define NUMBERS_TITLE WORDS_TITLE(WORDS_NUMBERS)
#define NUMBERS_TAGS WORDS_TAGS(WORDS_NUMBERS)
#define NUMBERS_NOTES WORDS_NOTES(WORDS_NUMBERS)
/* With the text that was read out of it, which stands nowhere else. */
static const char sql_words_add[] =
    "INSERT INTO words (rowid, title, text, tags, notes)"
    " VALUES (" EVENTS_NUMBER ", " EVENTS_TITLE ", " EVENTS_TEXT
    ", " EVENTS_TAGS ", " EVENTS_NOTES ")";
static const char sql_words_text[] =
    "UPDATE words SET title = " EVENTS_TITLE ", text = " EVENTS_TEXT
    ", tags = " EVENTS_TAGS ", notes = " EVENTS_NOTES
    " WHERE rowid = " EVENTS_NUMBER;
/* By its number, whatever else was said of it: once, at the end. */
static const char sql_words_first[] =
    "INSERT INTO words (rowid, title, text, tags, notes)"
    " VALUES (?1, " NUMBERS_TITLE ", '', " NUMBERS_TAGS ", " NUMBERS_NOTES ")";
static const char sql_words_again[] =
    "UPDATE words SET title = " NUMBERS_TITLE ", tags = " NUMBERS_TAGS
    ", notes = " NUMBERS_NOTES " WHERE rowid = ?1";
static const char sql_unworded[] =
    "SELECT number, worded FROM documents WHERE worded <> 1"
    " ORDER BY number LIMIT 1";
static const char sql_number_worded[] =
    "UPDATE documents SET worded = 1 WHERE number = ?1";
static const char sql_worded[] =
    "SELECT worded FROM documents WHERE id = :document";
static const char sql_set_worded[] =
    "UPDATE documents SET worded = 1 WHERE id = :document AND worded <> 1";
static const char sql_words_old[] =
    "UPDATE documents SET worded = 2 WHERE id = :document AND worded = 1";
const char *const statements_documents_apply[] = { sql_add, sql_tag_add,
	sql_tag_remove, sql_known, sql_read, sql_unread, sql_edit, sql_note_add,
	sql_remove, sql_restore, sql_purge_words, sql_purge_tags,
	sql_purge_notes, sql_purge, sql_words_add, sql_words_text,
	sql_words_first, sql_words_again, sql_worded, sql_unworded,
	sql_set_worded, sql_number_worded, sql_words_old, NULL };

/*
 * The full text follows what was just changed: at once where a text was read,
 * otherwise with the commit, once for all events of a document.  A row that is
 * added and then changed costs the full text three times as much, and before
 * each savepoint it would write out what it has gathered.
 */
static enum carnet_status
apply_words(struct apply *apply, struct carnet_error *err)
{
	int64_t worded = 0;
	enum carnet_status status;

	if (carnet_json_string(apply->payload, "words") == NULL) {
		apply->index->unworded = true;
		return apply_run(apply, sql_words_old, err);
	}
	status = index_number(
	    apply->index, sql_worded, apply->payload, 0, &worded, err);
	if (status == CARNET_OK)
		status = apply_run(
		    apply, worded == 0 ? sql_words_add : sql_words_text, err);
	if (status == CARNET_OK)
		status = apply_run(apply, sql_set_worded, err);
	return status;
}

/* Runs a statement with a document's number. */
static enum carnet_status
apply_run_number(struct index *index, const char *sql, int64_t number,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = index_prepare(index, sql, &statement, err);

	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_int64(statement, 1, number);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	return status;
}

/* The next document whose row in words is missing or old; *ret_number 0: there
 * is none. */
static enum carnet_status
apply_next_unworded(struct index *index, int64_t *ret_number, bool *ret_has_row,
    struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status =
	    index_prepare(index, sql_unworded, &statement, err);
	int code;

	if (status != CARNET_OK)
		return status;
	*ret_number = 0;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		*ret_number = sqlite3_column_int64(statement, 0);
		*ret_has_row = sqlite3_column_int(statement, 1) != 0;
	} else if (code != SQLITE_DONE) {
		status = index_fail(index, "read", err);
	}
	(void)sqlite3_reset(statement);
	return status;
}

enum carnet_status
index_word_one(struct index *index, bool *ret_done, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	bool has_row = false;
	int64_t number = 0;

	if (index != NULL && index->unworded)
		status = apply_next_unworded(index, &number, &has_row, err);
	if (status == CARNET_OK && number == 0 && index != NULL)
		index->unworded = false;
	*ret_done = number == 0;
	if (status != CARNET_OK || number == 0)
		return status;
	status = apply_run_number(
	    index, has_row ? sql_words_again : sql_words_first, number, err);
	if (status == CARNET_OK)
		status =
		    apply_run_number(index, sql_number_worded, number, err);
	return status;
}

/* Runs a statement with :document and :tag for each text of an array. */
static enum carnet_status
apply_each_tag(struct apply *apply, const char *sql, const char *key,
    const char *document, struct carnet_error *err)
{
	const cJSON *tag;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(tag, carnet_json_get(apply->payload, key))
	{
		cJSON *params;

		if (!cJSON_IsString(tag))
			return carnet_fail(err, CARNET_INVALID, "tags");
		params = cJSON_CreateObject();
		if (cJSON_AddStringToObject(params, "document", document) ==
			NULL ||
		    cJSON_AddStringToObject(params, "tag", tag->valuestring) ==
			NULL)
			status = carnet_fail_errno(err, ENOMEM, "index");
		if (status == CARNET_OK)
			status = index_run(apply->index, sql, params, err);
		cJSON_Delete(params);
		if (status != CARNET_OK)
			return status;
	}
	return CARNET_OK;
}

/* Whether a member is missing or an array of texts. */
static bool
apply_are_texts(const cJSON *array)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, array) if (!cJSON_IsString(one)) return false;
	return true;
}

/* What can't be is found out by the first statement at the latest. */
enum carnet_status
apply_document_added(struct apply *apply, struct carnet_error *err)
{
	int64_t size;
	enum carnet_status status;

	if (!carnet_json_int(apply->payload, "size", &size) || size < 0)
		return carnet_fail(err, CARNET_INVALID, "size");
	if (!apply_are_texts(carnet_json_get(apply->payload, "tags")))
		return carnet_fail(err, CARNET_INVALID, "tags");
	/* bound as an integer, whichever way it was written */
	cJSON_DeleteItemFromObjectCaseSensitive(apply->payload, "size");
	if (cJSON_AddNumberToObject(apply->payload, "size", (double)size) ==
		NULL ||
	    cJSON_AddStringToObject(
		apply->payload, "document", apply->subject) == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	status = apply_run_content(apply, sql_add, "content", err);
	if (status == CARNET_OK)
		status = apply_each_tag(
		    apply, sql_tag_add, "tags", apply->subject, err);
	apply->index->unworded = true;
	return status;
}

/* Takes title, type, date, media and text out of a reader's answer. */
static enum carnet_status
apply_take_answer(
    struct apply *apply, const cJSON *answer, struct carnet_error *err)
{
	static const struct {
		const char *from, *to;
	} fields[] = { { "title", "title" }, { "document", "type" },
		{ "date", "date" }, { "media", "media" }, { "text", "words" } };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *text = carnet_json_string(answer, fields[i].from);

		cJSON_DeleteItemFromObjectCaseSensitive(
		    apply->payload, fields[i].to);
		if (text == NULL || text[0] == '\0')
			continue;
		if (cJSON_AddStringToObject(
			apply->payload, fields[i].to, text) == NULL)
			return carnet_fail_errno(err, ENOMEM, "index");
	}
	return CARNET_OK;
}

/* Loads the answer's chunk; a damaged one leaves the document without text. */
static enum carnet_status
apply_load_answer(struct apply *apply, struct carnet_error *err)
{
	struct content content = { 0 };
	cJSON *answer = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	enum carnet_status status;

	if (!content_from_json(
		carnet_json_get(apply->payload, "answer"), &content))
		return errno == ENOMEM
			   ? carnet_fail_errno(err, ENOMEM, "index")
			   : carnet_fail(err, CARNET_INVALID, "answer");
	status = apply->answers == NULL
		     ? CARNET_NOT_FOUND
		     : apply->answers->load(apply->answers->context, &content,
			   &bytes, &len, err);
	content_clear(&content);
	if (status == CARNET_OK)
		status =
		    carnet_json_parse((const char *)bytes, len, &answer, err);
	free(bytes);
	if (status == CARNET_NO_MEMORY || status == CARNET_IO)
		return status;
	if (status == CARNET_OK)
		status = apply_take_answer(apply, answer, err);
	else
		status = CARNET_OK;
	cJSON_Delete(answer);
	return status;
}

enum carnet_status
apply_document_read(struct apply *apply, struct carnet_error *err)
{
	const cJSON *unread = carnet_json_get(apply->payload, "unread");
	enum carnet_status status = apply_expect(apply, sql_known, err);
	cJSON *code, *message;

	if (status != CARNET_OK)
		return status;
	if (unread != NULL) {
		code = cJSON_Duplicate(carnet_json_get(unread, "code"), 0);
		message =
		    cJSON_Duplicate(carnet_json_get(unread, "message"), 0);
		if (code == NULL || message == NULL) {
			cJSON_Delete(code);
			cJSON_Delete(message);
			return carnet_json_get(unread, "code") == NULL ||
				       carnet_json_get(unread, "message") ==
					   NULL
				   ? carnet_fail(err, CARNET_INVALID, "unread")
				   : carnet_fail_errno(err, ENOMEM, "index");
		}
		if (!cJSON_AddItemToObject(apply->payload, "code", code)) {
			cJSON_Delete(code);
			cJSON_Delete(message);
			return carnet_fail_errno(err, ENOMEM, "index");
		}
		if (!cJSON_AddItemToObject(
			apply->payload, "message", message)) {
			cJSON_Delete(message);
			return carnet_fail_errno(err, ENOMEM, "index");
		}
		return apply_run(apply, sql_unread, err);
	}
	status = apply_load_answer(apply, err);
	if (status == CARNET_OK)
		status = apply_run_content(apply, sql_read, "answer", err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_edited(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_expect(apply, sql_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_edit, err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_tagged(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_expect(apply, sql_known, err);
	const char *document = apply_text(apply, "document");

	if (status == CARNET_OK)
		status =
		    apply_each_tag(apply, sql_tag_add, "add", document, err);
	if (status == CARNET_OK)
		status = apply_each_tag(
		    apply, sql_tag_remove, "remove", document, err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_noted(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_expect(apply, sql_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_note_add, err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_removed(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_expect(apply, sql_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_remove, err);
	return status;
}

enum carnet_status
apply_document_restored(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_expect(apply, sql_known, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_restore, err);
	return status;
}

enum carnet_status
apply_document_purged(struct apply *apply, struct carnet_error *err)
{
	static const char *const steps[] = { sql_purge_words, sql_purge_tags,
		sql_purge_notes, sql_purge };
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < 4 && status == CARNET_OK; i++)
		status = apply_run(apply, steps[i], err);
	return status;
}
