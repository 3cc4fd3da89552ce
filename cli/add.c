/* SPDX-License-Identifier: ISC */
/*
 * add: stores files and folders, then has them read.  A batch is durable
 * before any of it is reported.  Links and special files are refused by name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "add_line.h"
#include "add_walk.h"
#include "progress.h"
#include "reading.h"
#include "verbs.h"

/* Either ends a batch: one sync of packs and ledger, one transaction. */
#define ADD_BATCH_FILES 8192
#define ADD_BATCH_READ 512 /* files, where they are read too */
#define ADD_BATCH_BYTES ((uint64_t)512 << 20)
/* Whoever pulls the plug loses no more than this, however slow the disk. */
#define ADD_BATCH_SECONDS 30
/* A file alone that is worth another thread. */
#define ADD_WORTH ((uint64_t)1 << 20)

static const struct option_row add_options[] = { { "title", OPTION_TEXT, "TEXT",
						     N_("what it is called") },
	{ "type", OPTION_TEXT, "TYPE",
	    N_("lab, imaging, report, letter, prescription, vaccination, "
	       "certificate, invoice, consent, proof or other") },
	{ "date", OPTION_DATE, "DATE", N_("the document's own date") },
	{ "tag", OPTION_LIST, "TAG", N_("a tag; may be given several times") },
	{ "move", OPTION_FLAG, NULL,
	    N_("delete the original once it is stored and verified") },
	{ "no-read", OPTION_FLAG, NULL, N_("store only, read nothing") },
	OPTIONS_END };

/* One file of the batch that is not committed yet. */
struct add_item {
	char *path;
	char id[CARNET_ID_TEXT];
	uint64_t size;
	bool duplicate;
};
struct add {
	struct session *session;
	struct progress *progress;
	cJSON *added, *failed; /* added: with --json alone */
	uint64_t added_count, bytes, batch_bytes;
	time_t batch_began; /* by CLOCK_MONOTONIC; 0: at its first document */
	bool reader_failed;
	struct add_item items[ADD_BATCH_FILES];
	struct reading_outcome outcomes[ADD_BATCH_FILES];
	size_t len, batch_files;
	bool looks_ahead; /* no process is started meanwhile */
	struct add_line line;
};

static void
add_fail(struct add *add, const char *path, const struct carnet_error *err)
{
	cJSON *row = cJSON_CreateObject();

	json_add_text(row, "path", path);
	json_add_text(row, "code", carnet_status_name(err->status));
	json_add_text(row, "message", err->message);
	json_add(add->failed, "", NULL);
	if (!cJSON_AddItemToArray(add->failed, row))
		cJSON_Delete(row);
	session_item_fail(add->session, path, err);
}

static cJSON *
add_meta(struct add *add, const char *path)
{
	const struct options *options = add->session->options;
	const char *slash = strrchr(path, '/');
	const char *title = option_text(options, "title");
	const char *type = option_text(options, "type");
	const char *date = option_text(options, "date");
	cJSON *meta = cJSON_CreateObject(), *tags;
	char source[1024];

	text_valid_utf8(
	    slash == NULL ? path : slash + 1, source, sizeof(source));
	json_add_text(meta, "person", add->session->person);
	json_add_text(meta, "source", source);
	if (title != NULL)
		json_add_text(meta, "title", title);
	if (type != NULL)
		json_add_text(meta, "type", type);
	if (date != NULL)
		json_add_text(meta, "date", date);
	if (option_count(options, "tag") > 0) {
		tags = cJSON_AddArrayToObject(meta, "tags");
		for (size_t i = 0; i < option_count(options, "tag"); i++)
			(void)cJSON_AddItemToArray(tags,
			    cJSON_CreateString(option_item(options, "tag", i)));
	}
	if (option_flag(options, "no-read"))
		json_add_bool(meta, "unread", true);
	return meta;
}

/* What became of one stored document, as the contract has it. */
static void
add_report_json(struct add *add, const struct add_item *item,
    const struct reading_outcome *outcome)
{
	cJSON *row = cJSON_CreateObject(), *document = NULL, *unread = NULL;
	char path[4096];

	if (carnet_document_summary(
		add->session->vault, item->id, &document, NULL) != CARNET_OK)
		document = cJSON_CreateObject();
	json_add_text(row, "id", item->id);
	json_copy(row, document, "title");
	json_copy(row, document, "type");
	json_copy(row, document, "date");
	json_add_number(row, "size", (double)item->size);
	text_valid_utf8(item->path, path, sizeof(path));
	json_add_text(row, "path", path);
	json_add_number(row, "facts", 0);
	json_add_text(row, "duplicate_of", item->duplicate ? item->id : NULL);
	if (outcome->unread) {
		unread = cJSON_CreateObject();
		json_add_text(unread, "code", outcome->code);
		json_add_text(unread, "message", _(outcome->message));
	}
	json_add(row, "unread", unread == NULL ? cJSON_CreateNull() : unread);
	json_add(row, "flags", cJSON_CreateArray());
	cJSON_Delete(document);
	if (!cJSON_AddItemToArray(add->added, row))
		cJSON_Delete(row);
}

static void
add_report_item(struct add *add, const struct add_item *item,
    const struct reading_outcome *outcome)
{
	add->added_count++;
	if (add->session->json)
		add_report_json(add, item, outcome);
	if (item->duplicate)
		session_say(add->session, _("%s  already there: %s"), item->id,
		    item->path);
	else if (outcome->unread)
		session_say(add->session, _("%s  stored, not read (%s): %s"),
		    item->id, _(outcome->message), item->path);
	else
		session_say(
		    add->session, _("%s  stored: %s"), item->id, item->path);
}

static bool
add_drain(void *context, const uint8_t *bytes, size_t len)
{
	(void)context;
	(void)bytes;
	(void)len;
	return true;
}

/* --move: only after the stored bytes have been read back. */
static void
add_remove_original(struct add *add, const struct add_item *item)
{
	struct carnet_error err;

	if (!option_flag(add->session->options, "move") ||
	    strcmp(item->path, "-") == 0)
		return;
	if (carnet_document_read(add->session->vault, item->id, add_drain, NULL,
		&err) != CARNET_OK) {
		session_item_fail(add->session, item->path, &err);
		return;
	}
	if (unlink(item->path) != 0) {
		carnet_fail_errno(&err, errno,
		    _("stored, but the original cannot be deleted"));
		session_item_fail(add->session, item->path, &err);
	}
}

static void
add_clear_batch(struct add *add)
{
	for (size_t i = 0; i < add->len; i++)
		free(add->items[i].path);
	add->len = 0;
	add->batch_bytes = 0;
	add->batch_began = 0;
}

/* Whether what was stored is asked for before the next batch is. */
static bool
add_asks_index(const struct add *add)
{
	const struct options *options = add->session->options;

	return add->session->json || option_flag(options, "move") ||
	       !option_flag(options, "no-read");
}

/* Commits the batch, has its new documents read, reports all of it. */
static enum carnet_status
add_finish_batch(struct add *add)
{
	struct session *session = add->session;
	enum carnet_status status;

	memset(add->outcomes, 0, add->len * sizeof(add->outcomes[0]));
	status = add_asks_index(add)
		     ? carnet_commit(session->vault, &session->err)
		     : carnet_commit_early(session->vault, &session->err);
	if (status != CARNET_OK) {
		for (size_t i = 0; i < add->len; i++)
			add_fail(add, add->items[i].path, &session->err);
		add_clear_batch(add);
		return status;
	}
	if (!option_flag(session->options, "no-read")) {
		for (size_t i = 0; i < add->len && status == CARNET_OK; i++) {
			if (add->items[i].duplicate)
				continue;
			status = reading_do(session, add->items[i].id,
			    add->items[i].size, &add->outcomes[i]);
			progress_step(add->progress, add->items[i].size, 1);
			add->reader_failed |= add->outcomes[i].failed;
		}
		if (status == CARNET_OK)
			status = carnet_commit(session->vault, &session->err);
	}
	/* what is stored is stored, even if reading it met a full disk */
	for (size_t i = 0; i < add->len; i++) {
		add_report_item(add, &add->items[i], &add->outcomes[i]);
		add_remove_original(add, &add->items[i]);
	}
	add_clear_batch(add);
	return status;
}

/* Whether it was stored before and hasn't changed. */
static enum carnet_status
add_ask_seen(struct add *add, struct add_waiting *waiting)
{
	struct session *session = add->session;

	if (option_flag(session->options, "move"))
		return CARNET_OK;
	return carnet_document_seen(session->vault, waiting->fd,
	    session->person, waiting->id, &waiting->size, &waiting->seen,
	    &session->err);
}

/* Stores one opened file, unless it was stored before and hasn't changed. */
static enum carnet_status
add_store(
    struct add *add, const struct add_waiting *waiting, struct add_item *item)
{
	struct session *session = add->session;
	enum carnet_status status;

	if (waiting->seen) {
		memcpy(item->id, waiting->id, sizeof(item->id));
		item->size = waiting->size;
		item->duplicate = true;
		return CARNET_OK;
	}
	status = carnet_document_add(session->vault, waiting->fd,
	    add_meta(add, waiting->path), item->id, &item->size, NULL,
	    &item->duplicate, &session->err);
	add->batch_bytes += item->size;
	return status;
}

static bool
add_batch_is_full(struct add *add)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (add->batch_began == 0)
		add->batch_began = now.tv_sec;
	return add->len == add->batch_files ||
	       add->batch_bytes > ADD_BATCH_BYTES ||
	       now.tv_sec - add->batch_began > ADD_BATCH_SECONDS;
}

/* One opened file; the batch is finished when it is large enough. */
static enum carnet_status
add_take(struct add *add, const struct add_waiting *waiting,
    enum carnet_status status)
{
	struct session *session = add->session;
	const char *path = waiting->path;
	struct add_item *item = &add->items[add->len];

	memset(item, 0, sizeof(*item));
	if (status == CARNET_OK)
		status = add_store(add, waiting, item);
	if (status == CARNET_NO_SPACE || status == CARNET_NO_MEMORY) {
		/* the store has forgotten the batch: all of it failed */
		struct carnet_error err = session->err;

		carnet_discard(session->vault);
		for (size_t i = 0; i < add->len; i++)
			add_fail(add, add->items[i].path, &err);
		add_clear_batch(add);
		add_fail(add, path, &err);
		session->err = err;
		return status;
	}
	if (status != CARNET_OK) {
		add_fail(add, path, &session->err);
		return CARNET_OK;
	}
	item->path = strdup(path);
	if (item->path == NULL)
		return carnet_fail_errno(&session->err, ENOMEM, "carnet");
	add->len++;
	add->bytes += item->size;
	if (item->duplicate || option_flag(session->options, "no-read"))
		progress_step(add->progress, item->size, 1);
	if (add_batch_is_full(add))
		return add_finish_batch(add);
	return CARNET_OK;
}

/* The first of the line, or all of it. */
static enum carnet_status
add_take_waiting(struct add *add, bool all)
{
	enum carnet_status status = CARNET_OK;

	while (status == CARNET_OK && add->line.len > 0) {
		struct add_waiting waiting = add_line_take(&add->line);

		status = add_take(add, &waiting, CARNET_OK);
		add_waiting_clear(&waiting);
		if (!all)
			break;
	}
	return status;
}

/* No descriptor of the line is read any more, and all are closed. */
static void
add_leave_line(struct add *add)
{
	carnet_documents_forget_ahead(add->session->vault);
	while (add->line.len > 0) {
		struct add_waiting waiting = add_line_take(&add->line);

		add_waiting_clear(&waiting);
	}
}

/* Without waiting: everything before it, then itself. */
static enum carnet_status
add_take_now(struct add *add, const char *path, int fd)
{
	enum carnet_status status = add_take_waiting(add, true);
	struct add_waiting waiting = { .fd = fd };

	if (status != CARNET_OK)
		return status;
	waiting.path = strdup(path);
	if (waiting.path == NULL)
		return carnet_fail_errno(&add->session->err, ENOMEM, "carnet");
	status = add_take(add, &waiting, add_ask_seen(add, &waiting));
	free(waiting.path);
	return status;
}

/* A file gets in line; while it waits for its turn it is read and named. */
static enum carnet_status
add_visit(void *context, const char *path, int fd)
{
	struct add *add = context;
	struct add_waiting *waiting = NULL;
	enum carnet_status status = CARNET_OK;
	struct stat info;

	if (!add->looks_ahead || add->line.room == 0)
		return add_take_now(add, path, fd);
	if (add->line.len == add->line.room)
		status = add_take_waiting(add, false);
	if (status != CARNET_OK)
		return status;
	waiting = add_line_put(&add->line, path, fd);
	if (waiting == NULL) /* too many are open */
		return add_take_now(add, path, fd);
	if (add_ask_seen(add, waiting) != CARNET_OK || waiting->seen)
		return CARNET_OK; /* an index that can't say is told later */
	if (add->line.len > 1 ||
	    (fstat(fd, &info) == 0 && (uint64_t)info.st_size >= ADD_WORTH))
		(void)carnet_document_ahead(add->session->vault, waiting->fd);
	return CARNET_OK;
}

static void
add_refuse(void *context, const char *path, const struct carnet_error *err)
{
	add_fail(context, path, err);
}

/* How much there is: only where a terminal shows it. */
static void
add_expect(struct add *add)
{
	const struct options *options = add->session->options;
	uint64_t bytes = 0, files = 0;

	for (size_t i = 0; add->progress != NULL && i < options_argc(options);
	     i++)
		add_walk_count(options_argument(options, i), &bytes, &files);
	progress_expect(add->progress, bytes, files);
}

static int
add_dry_run(struct session *session)
{
	for (size_t i = 0; i < options_argc(session->options); i++)
		session_say(session, _("Would store: %s"),
		    options_argument(session->options, i));
	return session_end(session, EXIT_DONE);
}

/* All the paths; stops early only when the vault can't take more. */
static enum carnet_status
add_all(struct add *add)
{
	struct session *session = add->session;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0;
	     i < options_argc(session->options) && status == CARNET_OK; i++) {
		const char *path = options_argument(session->options, i);

		if (strcmp(path, "-") == 0)
			status = add_take_now(add, "-", STDIN_FILENO);
		else
			status = add_walk(path, add_visit, add_refuse, add);
	}
	if (status == CARNET_OK)
		status = add_take_waiting(add, true);
	add_leave_line(add);
	if (status == CARNET_OK)
		status = add_finish_batch(add);
	if (status == CARNET_OK) /* the last batch's index */
		status = carnet_commit(session->vault, &session->err);
	return status;
}

static void
add_say_counts(struct session *session, int added, int failed, const char *size)
{
	char text[64];

	(void)snprintf(text, sizeof(text),
	    PLURAL_("%d stored", "%d stored", added), added);
	session_say(session,
	    PLURAL_("%s, %d failed; %s more on disk",
		"%s, %d failed; %s more on disk", failed),
	    text, failed, size);
}

static int
add_finish(struct add *add, enum carnet_status status)
{
	struct session *session = add->session;
	cJSON *result = cJSON_CreateObject();
	uint64_t new_bytes = carnet_vault_new_bytes(session->vault);
	int failed = cJSON_GetArraySize(add->failed), code = EXIT_DONE;
	char size[32];

	if (failed > 0 || add->reader_failed || status != CARNET_OK)
		code = EXIT_PARTIAL;
	if (add->added_count == 0 && failed > 0)
		code = status != CARNET_OK ? session_exit_code(status)
					   : EXIT_FAILED;
	print_size((double)new_bytes, size);
	if (!session->json)
		add_say_counts(session, (int)add->added_count, failed, size);
	json_add(result, "added", add->added);
	json_add(result, "failed", add->failed);
	json_add_number(result, "bytes", (double)add->bytes);
	json_add_number(result, "new_bytes", (double)new_bytes);
	if (code == EXIT_FAILED && session->json)
		code = EXIT_PARTIAL; /* the list of what failed is the answer */
	return session_result(session, result, code);
}

static int
add_run(struct session *session)
{
	const char *type = option_text(session->options, "type");
	struct add *add;
	enum carnet_status status;
	int code;

	if (options_argc(session->options) == 0)
		return session_usage(session, _("what should be added?"));
	if (type != NULL && !verb_is_type(type))
		return session_usage(session, _("--type: no such type"));
	if (session->dry_run)
		return add_dry_run(session);
	status = session_person(session);
	if (status == CARNET_OK)
		status = reading_resume(session);
	if (status != CARNET_OK)
		return session_fail(session, NULL);
	add = calloc(1, sizeof(*add));
	if (add == NULL)
		return EXIT_FAILED;
	add->session = session;
	add->batch_files = option_flag(session->options, "no-read")
			       ? ADD_BATCH_FILES
			       : ADD_BATCH_READ;
	add->looks_ahead = option_flag(session->options, "no-read");
	add_line_begin(&add->line);
	add->added = cJSON_CreateArray();
	add->failed = cJSON_CreateArray();
	add->progress = progress_start(session, _("Storing"), 0);
	add_expect(add);
	status = add_all(add);
	progress_stop(add->progress);
	code = add_finish(add, status);
	free(add);
	return code;
}

const struct verb verb_add = { "add", N_("PATH… | -"),
	N_("stores files and folders, and reads what they hold"), NEED_WRITE,
	add_options, add_run, "carnet add ~/Documents/analyses --tag bilan" };
