/* SPDX-License-Identifier: ISC */
/*
 * carnet-reader as it is built: bytes in, frames out; what it does without
 * its sandbox; that it opens nothing once it is confined.
 * See formats/include/reader.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cage.h"
#include "formats.h"
#include "reader.h"

struct run {
	int status; /* exit status, or 128 + signal */
	char tags[64];
	char type[64];
	char *text;
	cJSON *meta;
};

/* Writes the bytes `times` over, from a child of its own. */
static pid_t
run_feed(int fd, int other, const void *bytes, size_t len, size_t times)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	(void)close(other);
	(void)signal(SIGPIPE, SIG_DFL);
	for (size_t i = 0; i < times; i++) {
		const char *next = bytes;
		size_t left = len;

		while (left > 0) {
			ssize_t n = write(fd, next, left);

			if (n <= 0)
				_exit(1);
			next += n;
			left -= (size_t)n;
		}
	}
	_exit(0);
}

static void
run_frames(struct run *run, int fd)
{
	char tag[FRAME_TAG_LEN + 1];
	uint8_t *bytes;
	size_t len;

	while (
	    frame_read(fd, FRAME_MAX, tag, &bytes, &len, NULL) == CARNET_OK) {
		(void)strcat(run->tags, tag);
		if (strcmp(tag, FRAME_TYPE) == 0) {
			assert_true(len < sizeof(run->type));
			memcpy(run->type, bytes, len);
		} else if (strcmp(tag, FRAME_META) == 0)
			assert_int_equal(carnet_json_parse((char *)bytes, len,
					     &run->meta, NULL),
			    CARNET_OK);
		if (strcmp(tag, FRAME_TEXT) == 0 && run->text == NULL)
			run->text = (char *)bytes;
		else
			free(bytes);
	}
}

static void
run_reader(const char *option, const void *bytes, size_t len, size_t times,
    struct run *run)
{
	int in[2], out[2], status;
	pid_t reader, feeder;

	*run = (struct run){ 0 };
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	reader = fork();
	if (reader == 0) {
		(void)dup2(in[0], 0);
		(void)dup2(out[1], 1);
		(void)execl(
		    CARNET_TEST_READER, "carnet-reader", option, (char *)NULL);
		_exit(127);
	}
	(void)close(in[0]);
	(void)close(out[1]);
	feeder = run_feed(in[1], out[0], bytes, len, times);
	(void)close(in[1]);
	run_frames(run, out[0]);
	(void)close(out[0]);
	assert_int_equal(waitpid(feeder, &status, 0), feeder);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	run->status =
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
run_clear(struct run *run)
{
	free(run->text);
	cJSON_Delete(run->meta);
}

static void
test_text(void **state)
{
	static const char text[] = "Laboratoire de biologie m\xe9"
				   "dicale\r\n"
				   "Pr\xe9lev\xe9 le 05/03/2026\r\n"
				   "Ferritine 12 ng/mL\x1b[2J\r\n";
	struct run run;

	(void)state;
	run_reader(NULL, text, sizeof(text) - 1, 1, &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.tags, "TYPETEXTMETAEND ");
	assert_string_equal(run.type, "text/plain");
	assert_string_equal(run.text,
	    "Laboratoire de biologie m\xc3\xa9"
	    "dicale\n"
	    "Pr\xc3\xa9lev\xc3\xa9 le 05/03/2026\nFerritine 12 ng/mL\n");
	assert_string_equal(carnet_json_string(run.meta, "document"), "lab");
	assert_string_equal(carnet_json_string(run.meta, "date"), "2026-03-05");
	assert_string_equal(carnet_json_string(run.meta, "title"),
	    "Laboratoire de biologie m\xc3\xa9"
	    "dicale");
	assert_string_equal(carnet_json_string(run.meta, "unread"), "");
	assert_string_equal(carnet_json_string(run.meta, "reader"), "text/1");
	run_clear(&run);
}

static void
test_empty(void **state)
{
	struct run run;

	(void)state;
	run_reader(NULL, "", 0, 1, &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.tags, "TYPEMETAEND ");
	assert_string_equal(run.type, "application/x-empty");
	assert_string_equal(carnet_json_string(run.meta, "unread"), "");
	run_clear(&run);
}

static void
test_no_reader(void **state)
{
	static const char *const documents[] = { "%PDF-1.4\n",
		"\xff\xd8\xff\xe0", "MSH|^~\\&|A|B|",
		"{\"resourceType\":\"Patient\"}", "\x01\x02\x03" };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		run_reader(NULL, documents[i], strlen(documents[i]), 1, &run);
		assert_int_equal(run.status, 0);
		assert_string_equal(run.tags, "TYPEMETAEND ");
		assert_string_equal(
		    carnet_json_string(run.meta, "unread"), "no-reader");
		run_clear(&run);
	}
}

/* FHIR whose keys are in the order of the alphabet. */
static void
test_late_resource_type(void **state)
{
	static char json[20100];
	struct run run;

	(void)state;
	(void)snprintf(json, sizeof(json),
	    "{\"id\":\"%020000d\",\"resourceType\":\"Patient\"}", 7);
	run_reader(NULL, json, strlen(json), 1, &run);
	assert_string_equal(run.type, "application/json");
	assert_string_equal(
	    carnet_json_string(run.meta, "type"), "application/fhir+json");
	run_clear(&run);
}

/* It stops reading at its cap, says so, and leaves the rest in the pipe. */
static void
test_cut(void **state)
{
	char *line = malloc((size_t)1 << 20);
	struct run run;

	(void)state;
	assert_non_null(line);
	memset(line, 'x', (size_t)1 << 20);
	run_reader(NULL, line, (size_t)1 << 20, 200, &run);
	assert_int_equal(run.status, 0);
	assert_int_equal(strlen(run.text), READER_TEXT_MAX);
	assert_true(carnet_json_bool(run.meta, "cut", false));
	run_clear(&run);
	/* a PNG of 200 MiB isn't read beyond its head */
	memcpy(line, "\x89PNG\r\n\x1a\n", 8);
	run_reader(NULL, line, (size_t)1 << 20, 200, &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.type, "image/png");
	run_clear(&run);
	free(line);
}

/* Markdown that takes cmark the most memory for its size: no crash. */
static void
test_dense_markdown(void **state)
{
	static const char *const lines[] = { "*\n", "> ", "[a](", "- - - ",
		"**a ", "`" };
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t unit = strlen(lines[i]), times = 100000 / unit;
		char *text = malloc(100100);

		assert_non_null(text);
		(void)strcpy(text, "# Titre\n\n");
		for (size_t j = 0; j < times; j++)
			memcpy(text + 9 + j * unit, lines[i], unit);
		run_reader(NULL, text, 9 + times * unit, 1, &run);
		if (run.status != 0)
			fail_msg("case %zu: %d", i, run.status);
		assert_string_equal(run.type, "text/markdown");
		run_clear(&run);
		free(text);
	}
}

static void
test_without_seccomp(void **state)
{
	struct run run;

	(void)state;
	run_reader(READER_WITHOUT_SECCOMP, "Bonjour", 7, 1, &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.tags, "METAEND ");
	assert_string_equal(
	    carnet_json_string(run.meta, "unread"), "no-sandbox");
	assert_null(run.text);
	run_clear(&run);
}

static void
test_from_pdftotext(void **state)
{
	struct run run;

	(void)state;
	run_reader(READER_FROM_PDFTOTEXT, "%PDF-1.4 <html>\fp2", 18, 1, &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.text, "%PDF-1.4 <html>\np2");
	assert_string_equal(
	    carnet_json_string(run.meta, "reader"), "pdftotext/1");
	run_clear(&run);
}

static void
test_wrong_option(void **state)
{
	struct run run;

	(void)state;
	run_reader("--file=/etc/passwd", "x", 1, 1, &run);
	assert_int_equal(run.status, 2);
	assert_string_equal(run.tags, "");
	run_clear(&run);
}

/* strace shows no open, socket, execve or clone behind the filter. */
static void
test_traced(void **state)
{
	char line[1024], command[8192];
	bool confined = false, read_before = false;
	int calls = 0;
	FILE *trace;

	(void)state;
	if (!cage_has_seccomp() || access("/usr/bin/strace", X_OK) != 0)
		skip();
	(void)snprintf(command, sizeof(command),
	    "printf '<p>Bonjour' | strace -f %s 2>&1 >/dev/null",
	    CARNET_TEST_READER);
	trace = popen(command, "r");
	assert_non_null(trace);
	while (fgets(line, sizeof(line), trace) != NULL) {
		if (strncmp(line, "read(0", 6) == 0 && !confined)
			read_before = true;
		if (strstr(line, "SECCOMP_SET_MODE_FILTER, 0") != NULL)
			confined = true;
		if (!confined)
			continue;
		calls++;
		assert_null(strstr(line, "open"));
		assert_null(strstr(line, "socket"));
		assert_null(strstr(line, "exec"));
		assert_null(strstr(line, "clone"));
		assert_null(strstr(line, "SIGSYS"));
	}
	(void)pclose(trace);
	if (!confined && calls == 0) {
		print_message("strace can't trace here\n");
		skip();
	}
	assert_false(read_before);
	assert_true(calls > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_reader),
		cmocka_unit_test(test_late_resource_type),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_dense_markdown),
		cmocka_unit_test(test_without_seccomp),
		cmocka_unit_test(test_from_pdftotext),
		cmocka_unit_test(test_wrong_option),
		cmocka_unit_test(test_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
