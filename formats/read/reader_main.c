/* SPDX-License-Identifier: ISC */
/*
 * carnet-reader: one document in on standard input, claims about it out on
 * standard output.  Opens no file, starts nothing, and shuts itself in before
 * it reads the first byte.  The protocol: formats/include/reader.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cage.h"
#include "formats.h"
#include "guess.h"
#include "reader.h"
#include "reader_table.h"
#include "sniff.h"

#ifdef CARNET_SANITIZED
/* Leaks are looked for in the tests of the readers: LeakSanitizer needs to
 * trace the process, which the filter denies, whatever ASAN_OPTIONS asks. */
int __lsan_is_turned_off(void);
int
__lsan_is_turned_off(void)
{
	return 1;
}
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "abort_on_error=0:exitcode=99";
}
const char *__ubsan_default_options(void);
const char *
__ubsan_default_options(void)
{
	return "halt_on_error=1:exitcode=98";
}
#endif

struct reader_options {
	bool from_pdftotext, without_seccomp;
};

static const char usage[] =
    "Usage: carnet-reader [--from=pdftotext] [--without-seccomp]\n"
    "Reads one document from standard input and answers with frames on\n"
    "standard output; carnet starts it.\n"
    "  --from=pdftotext   what comes is the output of pdftotext\n"
    "  --without-seccomp  behave as on a kernel without seccomp: read "
    "nothing\n";

/* Limits, Landlock, seccomp; in this order, each kept by the next. */
static enum carnet_status
reader_confine(const struct reader_options *options, struct carnet_error *err)
{
	const struct cage_limits limits = {
		.memory = READER_MEMORY_MAX, .cpu_seconds = 30, .files = 8
	};
	enum carnet_status status;

	if (options->without_seccomp)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("this kernel has no seccomp filters"));
	status = cage_limit(&limits, err);
	if (status == CARNET_OK)
		status = cage_landlock(NULL, 0, err);
	if (status == CARNET_OK)
		status = cage_seccomp_reader(err);
	return status;
}

struct reader_document {
	uint8_t *bytes;
	size_t len, capacity;
	bool end; /* nothing follows */
};

static enum carnet_status
reader_grow(struct reader_document *document, struct carnet_error *err)
{
	size_t capacity =
	    document->capacity == 0 ? READER_HEAD_LEN : document->capacity * 2;
	uint8_t *bytes = realloc(document->bytes, capacity);

	if (bytes == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a document"));
	document->bytes = bytes;
	document->capacity = capacity;
	return CARNET_OK;
}

/* Reads until `max` bytes are there, or the end. */
static enum carnet_status
reader_take(
    struct reader_document *document, size_t max, struct carnet_error *err)
{
	while (!document->end && document->len < max) {
		size_t room =
		    document->capacity < max ? document->capacity : max;
		ssize_t n;

		if (document->len == document->capacity) {
			if (reader_grow(document, err) != CARNET_OK)
				return CARNET_NO_MEMORY;
			continue;
		}
		n = read(STDIN_FILENO, document->bytes + document->len,
		    room - document->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(
			    err, errno, CARNET_("cannot read from a pipe"));
		document->end = n == 0;
		document->len += (size_t)n;
	}
	return CARNET_OK;
}

struct reader_meta {
	const char *type, *unread, *reader, *document;
	const char *title; /* may be NULL */
	char date[CARNET_DATE_TEXT];
	bool cut;
};

static enum carnet_status
reader_send_meta(const struct reader_meta *meta, struct carnet_error *err)
{
	enum carnet_status status;
	cJSON *json = cJSON_CreateObject();
	char *text = NULL;

	if (json != NULL && cJSON_AddStringToObject(json, "type", meta->type) &&
	    cJSON_AddStringToObject(json, "document", meta->document) &&
	    cJSON_AddStringToObject(
		json, "title", meta->title != NULL ? meta->title : "") &&
	    cJSON_AddStringToObject(json, "date", meta->date) &&
	    cJSON_AddStringToObject(json, "reader", meta->reader) &&
	    cJSON_AddBoolToObject(json, "cut", meta->cut) &&
	    cJSON_AddStringToObject(json, "unread", meta->unread))
		text = cJSON_PrintUnformatted(json);
	if (text != NULL)
		status = frame_write(
		    STDOUT_FILENO, FRAME_META, text, strlen(text), err);
	else
		status = carnet_fail_errno(err, ENOMEM, CARNET_("an answer"));
	if (status == CARNET_OK)
		status = frame_write(STDOUT_FILENO, FRAME_END, NULL, 0, err);
	cJSON_free(text);
	cJSON_Delete(json);
	return status;
}

static enum carnet_status
reader_send_unread(const char *type, const char *code, struct carnet_error *err)
{
	struct reader_meta meta = {
		.type = type, .unread = code, .reader = "", .document = ""
	};

	return reader_send_meta(&meta, err);
}

/* Text and what it seems to be. */
static enum carnet_status
reader_send_answer(const struct reader_row *row,
    const struct reader_answer *answer, struct reader_meta *meta,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct text_out title = { 0 };
	char *folded = NULL;

	meta->reader = row->name;
	meta->document = "";
	if (text_out_is_blank(&answer->text))
		goto send;
	meta->cut = meta->cut || answer->text.cut;
	if (guess_title(&answer->title, &answer->text, &title))
		meta->title = title.bytes;
	folded = guess_fold(answer->text.bytes, answer->text.len);
	if (folded != NULL) {
		guess_date(folded, meta->date);
		meta->document = guess_document(folded);
	}
	status = frame_write(STDOUT_FILENO, FRAME_TEXT, answer->text.bytes,
	    answer->text.len, err);
send:
	if (status == CARNET_OK)
		status = reader_send_meta(meta, err);
	free(folded);
	text_out_clear(&title);
	return status;
}

static enum carnet_status
reader_answer(const struct reader_row *row, const char *type,
    const struct reader_input *input, struct carnet_error *err)
{
	struct reader_meta meta = {
		.type = type, .unread = "", .cut = input->cut
	};
	struct reader_answer answer;
	enum carnet_status status;

	reader_answer_init(&answer);
	status = row->read(input, &answer, err);
	if (answer.text.failed || status == CARNET_NO_MEMORY)
		meta.unread = "no-memory";
	else if (status != CARNET_OK)
		meta.unread = "malformed";
	status = reader_send_answer(row, &answer, &meta, err);
	reader_answer_clear(&answer);
	return status;
}

/* FHIR whose "resourceType" doesn't stand in the first 4 KiB. */
static const char *
reader_type_of_json(const struct reader_document *document)
{
	const char *type = sniff_json(
	    (const char *)document->bytes, document->len, document->end);

	return type != NULL ? type : "application/json";
}

/* The head says what it is; then the rest, if there is a use for it. */
static enum carnet_status
reader_document(const struct reader_options *options,
    struct reader_document *document, struct carnet_error *err)
{
	const struct reader_row *row = reader_of_pdftotext();
	struct reader_input input = { 0 };
	enum carnet_status status;
	const char *type = "text/plain";

	status = reader_take(document, READER_HEAD_LEN, err);
	if (status != CARNET_OK)
		return status;
	if (!options->from_pdftotext) {
		type =
		    sniff_type(document->bytes, document->len, document->end);
		row = reader_find(type);
	}
	status =
	    frame_write(STDOUT_FILENO, FRAME_TYPE, type, strlen(type), err);
	if (status != CARNET_OK)
		return status;
	if (row == NULL && strcmp(type, "application/json") != 0)
		return reader_send_unread(type, "no-reader", err);
	/* one byte more than we read tells whether it was all */
	status = reader_take(document, READER_INPUT_MAX + 1, err);
	if (status == CARNET_NO_MEMORY)
		return reader_send_unread(type, "no-memory", err);
	if (status != CARNET_OK)
		return status;
	if (row == NULL)
		return reader_send_unread(
		    reader_type_of_json(document), "no-reader", err);
	input.bytes = document->bytes;
	input.cut = document->len > READER_INPUT_MAX;
	input.len = input.cut ? READER_INPUT_MAX : document->len;
	return reader_answer(row, type, &input, err);
}

static enum carnet_status
reader_run(const struct reader_options *options, struct carnet_error *err)
{
	struct reader_document document = { 0 };
	enum carnet_status status;

	status = reader_document(options, &document, err);
	free(document.bytes);
	return status;
}

int
main(int argc, char **argv)
{
	struct reader_options options = { 0 };
	struct carnet_error err;
	enum carnet_status status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], READER_FROM_PDFTOTEXT) == 0)
			options.from_pdftotext = true;
		else if (strcmp(argv[i], READER_WITHOUT_SECCOMP) == 0)
			options.without_seccomp = true;
		else if (strcmp(argv[i], "--help") == 0 ||
			 strcmp(argv[i], "--version") == 0) {
			(void)fputs(argv[i][2] == 'h'
					? usage
					: "carnet-reader " CARNET_VERSION "\n",
			    stdout);
			return EXIT_SUCCESS;
		} else {
			(void)fputs(usage, stderr);
			return 2;
		}
	}
	if (reader_confine(&options, &err) != CARNET_OK)
		status = reader_send_unread("", "no-sandbox", &err);
	else
		status = reader_run(&options, &err);
	return status == CARNET_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
