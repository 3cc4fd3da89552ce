/* SPDX-License-Identifier: ISC */
/*
 * Events of documents to rows, and to the full text.  The text itself comes
 * from what a reader answered, through index_answers.
 */
#include "apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The number is the greatest and one. */
static const char sql_add[] =
    "INSERT INTO documents (id, person, title, title_typed, type,"
    " type_typed, date, date_typed, size, content, twin, source, added_at,"
    " parent, pending) VALUES"
    " (:_id, :person, COALESCE(:title, :source, '-'), :title IS NOT NULL,"
    " COALESCE(:type, 'other'), :type IS NOT NULL, COALESCE(:date, ''),"
    " :date IS NOT NULL, :size, :blob, :twin, COALESCE(:source, '-'), :_at,"
    " :parent, COALESCE(:unread, 0) = 0)";
static const char sql_tag_add[] =
    "INSERT OR IGNORE INTO tags (document, tag) VALUES (?1, ?2)";
static const char sql_tag_remove[] =
    "DELETE FROM tags WHERE document = ?1 AND tag = ?2";
static const char sql_number[] =
    "SELECT number FROM documents WHERE id = :document";
static const char sql_read[] =
    "UPDATE documents SET pending = 0, reader = :reader, answer = :blob,"
    " media = :media, unread_code = NULL, unread_message = NULL,"
    " title = CASE WHEN title_typed OR :title IS NULL THEN title"
    " ELSE :title END,"
    " type = CASE WHEN type_typed OR :type IS NULL THEN type"
    " ELSE :type END,"
    " date = CASE WHEN date_typed OR :date IS NULL THEN date ELSE :date END"
    " WHERE number = :_number";
static const char sql_unread[] =
    "UPDATE documents SET pending = 0, reader = :reader, answer = NULL,"
    " media = :media, unread_code = :code, unread_message = :message"
    " WHERE number = :_number";
static const char sql_edit[] =
    "UPDATE documents SET title = COALESCE(:title, title),"
    " title_typed = title_typed OR :title IS NOT NULL,"
    " type = COALESCE(:type, type),"
    " type_typed = type_typed OR :type IS NOT NULL,"
    " person = COALESCE(:person, person) WHERE number = :_number";
/* A date that is set, to the same even, has its index written. */
static const char sql_edit_date[] =
    "UPDATE documents SET title = COALESCE(:title, title),"
    " title_typed = title_typed OR :title IS NOT NULL,"
    " type = COALESCE(:type, type),"
    " type_typed = type_typed OR :type IS NOT NULL,"
    " date = :date, date_typed = 1,"
    " person = COALESCE(:person, person) WHERE number = :_number";
static const char sql_note_add[] =
    "INSERT INTO notes (document, number, noted, text) VALUES (:_number,"
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM notes"
    " WHERE document = :_number), :_at, :text)";
static const char sql_remove[] =
    "UPDATE documents SET removed = :_at WHERE number = :_number";
static const char sql_restore[] =
    "UPDATE documents SET removed = NULL WHERE number = :_number";
static const char sql_purge_words[] =
    "DELETE FROM words WHERE rowid = :_number";
static const char sql_purge_tags[] =
    "DELETE FROM tags WHERE document = :_number";
static const char sql_purge_notes[] =
    "DELETE FROM notes WHERE document = :_number";
static const char sql_purge[] = "DELETE FROM documents WHERE number = :_number";
/*
 * œ, æ and ß are expanded: the tokenizer folds accents alone.  One row of
 * values, and one row by its rowid: FTS5 would write out all it has gathered
 * before each statement that might touch several.
 */
#define WORDS_EXPANDED(text)                                                   \
	"replace(replace(replace(replace(replace(" text                        \
	", 'œ', 'oe'), 'Œ', 'OE'), 'æ', 'ae'), 'Æ', 'AE'), 'ß', 'ss')"
#define WORDS_TITLE                                                            \
	"(SELECT " WORDS_EXPANDED(                                             \
	    "title") " FROM documents WHERE number = :_number)"
#define WORDS_TEXT WORDS_EXPANDED("COALESCE(:words, '')")
#define WORDS_TAGS                                                             \
	"(SELECT COALESCE(group_concat(tag, ' '), '') FROM (SELECT tag"        \
	" FROM tags WHERE document = :_number ORDER BY tag))"
#define WORDS_NOTES                                                            \
	"(SELECT COALESCE(group_concat(" WORDS_EXPANDED(                       \
	    "text") ", ' '), '')"                                              \
		    " FROM (SELECT text FROM notes WHERE document = :_number"  \
		    " ORDER BY number))"
/* With the text that was read out of it, which stands nowhere else. */
static const char sql_words_add[] =
    "INSERT INTO words (rowid, title, text, tags, notes)"
    " VALUES (:_number, " WORDS_TITLE ", " WORDS_TEXT ", " WORDS_TAGS
    ", " WORDS_NOTES ")";
static const char sql_words_text[] =
    "UPDATE words SET title = " WORDS_TITLE ", text = " WORDS_TEXT
    ", tags = " WORDS_TAGS ", notes = " WORDS_NOTES " WHERE rowid = :_number";
static const char sql_words_again[] =
    "UPDATE words SET title = " WORDS_TITLE ", tags = " WORDS_TAGS
    ", notes = " WORDS_NOTES " WHERE rowid = :_number";
const char *const statements_documents_apply[] = { sql_add, sql_tag_add,
	sql_tag_remove, sql_number, sql_read, sql_unread, sql_edit,
	sql_edit_date, sql_note_add, sql_remove, sql_restore, sql_purge_words,
	sql_purge_tags, sql_purge_notes, sql_purge, sql_words_add,
	sql_words_text, sql_words_again, NULL };

/* --- the full text ----------------------------------------------------------
 */

enum { WORDS_SAME, WORDS_MISSING, WORDS_OLD };

/* Says what a document's row in words is; the commit does the rest. */
static enum carnet_status
apply_mark(struct index *index, int64_t number, uint8_t words,
    struct carnet_error *err)
{
	size_t at = (size_t)number, len = index->unworded_len;

	if (at >= len) {
		size_t room = at + at / 2 + 64;
		uint8_t *grown = realloc(index->unworded, room);

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "index");
		memset(grown + len, WORDS_SAME, room - len);
		index->unworded = grown;
		index->unworded_len = room;
	}
	index->unworded[at] = words;
	if (words != WORDS_SAME && at < index->unworded_next)
		index->unworded_next = at;
	return CARNET_OK;
}

static uint8_t
apply_marked(const struct index *index, int64_t number)
{
	return (size_t)number < index->unworded_len
		   ? index->unworded[(size_t)number]
		   : WORDS_SAME;
}

void
index_forget_unworded(struct index *index)
{
	free(index->unworded);
	index->unworded = NULL;
	index->unworded_len = index->unworded_next = 0;
}

/*
 * The full text follows what was just changed: at once where a text was read,
 * otherwise with the commit, once for all events of a document.  A row that is
 * added and then changed costs the full text three times as much, and before
 * each savepoint it would write out what it has gathered.
 */
static enum carnet_status
apply_words(struct apply *apply, struct carnet_error *err)
{
	uint8_t words = apply_marked(apply->index, apply->number);
	enum carnet_status status;

	if (carnet_json_string(apply->payload, "words") == NULL)
		return words == WORDS_MISSING
			   ? CARNET_OK
			   : apply_mark(
				 apply->index, apply->number, WORDS_OLD, err);
	status = apply_run(apply,
	    words == WORDS_MISSING ? sql_words_add : sql_words_text, err);
	if (status == CARNET_OK)
		status =
		    apply_mark(apply->index, apply->number, WORDS_SAME, err);
	return status;
}

enum carnet_status
index_word_one(struct index *index, bool *ret_done, struct carnet_error *err)
{
	sqlite3_stmt *statement = NULL;
	enum carnet_status status;
	size_t at;

	*ret_done = true;
	if (index == NULL)
		return CARNET_OK;
	for (at = index->unworded_next; at < index->unworded_len; at++)
		if (index->unworded[at] != WORDS_SAME)
			break;
	index->unworded_next = at;
	if (at >= index->unworded_len)
		return CARNET_OK;
	*ret_done = false;
	status = index_prepare(index,
	    index->unworded[at] == WORDS_MISSING ? sql_words_add
						 : sql_words_again,
	    &statement, err);
	if (status != CARNET_OK)
		return status;
	(void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)at);
	if (sqlite3_step(statement) != SQLITE_DONE)
		status = index_fail(index, "write", err);
	(void)sqlite3_reset(statement);
	index->unworded[at] = WORDS_SAME;
	return status;
}

/* --- the events --------------------------------------------------------------
 */

/* Which document the event is about. */
static enum carnet_status
apply_find_document(struct apply *apply, struct carnet_error *err)
{
	const char *id = carnet_json_string(apply->payload, "document");
	enum carnet_status status = CARNET_OK;

	apply->number = numbers_find(apply->index, id);
	if (apply->number == 0) {
		status = index_number(apply->index, sql_number, apply->payload,
		    0, &apply->number, err);
		if (status == CARNET_OK && apply->number != 0)
			numbers_keep(apply->index, id, apply->number);
	}
	if (status == CARNET_OK && apply->number == 0)
		status = carnet_fail(
		    err, CARNET_INVALID, CARNET_("names what does not exist"));
	if (status != CARNET_OK)
		return status;
	if (cJSON_AddNumberToObject(
		apply->payload, "_number", (double)apply->number) == NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	return CARNET_OK;
}

/* Runs a statement with the document and each tag of an array of texts. */
static enum carnet_status
apply_each_tag(struct apply *apply, const char *sql, const char *key,
    struct carnet_error *err)
{
	const cJSON *tag;
	sqlite3_stmt *statement = NULL;
	enum carnet_status status = CARNET_OK;

	cJSON_ArrayForEach(tag, carnet_json_get(apply->payload, key))
	{
		status = index_prepare(apply->index, sql, &statement, err);
		if (status != CARNET_OK)
			return status;
		(void)sqlite3_bind_int64(statement, 1, apply->number);
		(void)sqlite3_bind_text(
		    statement, 2, tag->valuestring, -1, SQLITE_STATIC);
		if (sqlite3_step(statement) != SQLITE_DONE)
			status = index_fail(apply->index, "write", err);
		(void)sqlite3_reset(statement);
		(void)sqlite3_clear_bindings(statement);
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
	    NULL)
		return carnet_fail_errno(err, ENOMEM, "index");
	status = apply_run_content(apply, sql_add, "content", err);
	if (status != CARNET_OK)
		return status;
	apply->number = sqlite3_last_insert_rowid(apply->index->db);
	numbers_keep(apply->index, apply->subject, apply->number);
	status = apply_each_tag(apply, sql_tag_add, "tags", err);
	if (status == CARNET_OK)
		status =
		    apply_mark(apply->index, apply->number, WORDS_MISSING, err);
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
	enum carnet_status status = apply_find_document(apply, err);
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
	const cJSON *date = carnet_json_get(apply->payload, "date");
	enum carnet_status status = apply_find_document(apply, err);

	if (status == CARNET_OK)
		status = apply_run(apply,
		    date == NULL || cJSON_IsNull(date) ? sql_edit
						       : sql_edit_date,
		    err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_tagged(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_find_document(apply, err);

	if (status == CARNET_OK &&
	    !(apply_are_texts(carnet_json_get(apply->payload, "add")) &&
		apply_are_texts(carnet_json_get(apply->payload, "remove"))))
		status = carnet_fail(err, CARNET_INVALID, "tags");
	if (status == CARNET_OK)
		status = apply_each_tag(apply, sql_tag_add, "add", err);
	if (status == CARNET_OK)
		status = apply_each_tag(apply, sql_tag_remove, "remove", err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_noted(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_find_document(apply, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_note_add, err);
	if (status == CARNET_OK)
		status = apply_words(apply, err);
	return status;
}

enum carnet_status
apply_document_removed(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_find_document(apply, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_remove, err);
	return status;
}

enum carnet_status
apply_document_restored(struct apply *apply, struct carnet_error *err)
{
	enum carnet_status status = apply_find_document(apply, err);

	if (status == CARNET_OK)
		status = apply_run(apply, sql_restore, err);
	return status;
}

enum carnet_status
apply_document_purged(struct apply *apply, struct carnet_error *err)
{
	static const char *const steps[] = { sql_purge_words, sql_purge_tags,
		sql_purge_notes, sql_purge };
	enum carnet_status status = apply_find_document(apply, err);

	if (status == CARNET_INVALID)
		return CARNET_OK; /* it is gone already */
	numbers_drop(apply->index, apply_text(apply, "document"));
	for (size_t i = 0; i < 4 && status == CARNET_OK; i++)
		status = apply_run(apply, steps[i], err);
	if (status == CARNET_OK)
		status =
		    apply_mark(apply->index, apply->number, WORDS_SAME, err);
	return status;
}
