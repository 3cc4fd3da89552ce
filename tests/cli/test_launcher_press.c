/* SPDX-License-Identifier: ISC */
/*
 * carnet-press through the launcher, by fakes; pictures of proofs; and the
 * passphrase command.  See cli/launcher.h; the fakes: fake_program.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats.h"
#include "launcher_fixture.h"

/* --- the press
 * ---------------------------------------------------------------- */

static void
test_press_echo(void **state)
{
	struct launcher *launcher = fixture_fake("echo", 0);
	size_t large = (size_t)5 << 20;
	uint8_t *bytes = malloc(large);
	struct launcher_file list[] = { { "JOB ", NULL, 0 },
		{ "PNG ", NULL, 0 } };
	struct launcher_files frames = { list, 2 }, answers = { 0 };
	struct carnet_error err = { 0 };

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < large; i++)
		bytes[i] = (uint8_t)(i * 7);
	list[0].bytes = (uint8_t *)(uintptr_t) "{}";
	list[0].len = 2;
	list[1].bytes = bytes;
	list[1].len = large;
	if (launcher_press(launcher, &frames, &answers, &err) != CARNET_OK)
		fail_msg("%s", err.message);
	assert_int_equal(answers.len, 2);
	assert_string_equal(answers.files[0].tag, FRAME_JOB);
	assert_memory_equal(answers.files[0].bytes, "{}", 3);
	assert_string_equal(answers.files[1].tag, FRAME_PNG);
	assert_int_equal(answers.files[1].len, large);
	assert_memory_equal(answers.files[1].bytes, bytes, large);
	launcher_files_clear(&answers);
	free(bytes);
	launcher_stop(launcher);
}

static void
test_press_fails(void **state)
{
	static const struct {
		const char *how;
		enum carnet_status status;
		const char *message;
	} rows[] = {
		{ "fail", CARNET_NOT_FOUND, "no such template" },
		{ "fail-badly", CARNET_FAILED, NULL },
		{ "crash", CARNET_FAILED, NULL },
		{ "silent", CARNET_FAILED, NULL },
		{ "exit3", CARNET_FAILED, NULL },
		{ "garbage", CARNET_FAILED, NULL },
		{ "frame-cut", CARNET_FAILED, NULL },
		{ "frame-no-end", CARNET_FAILED, NULL },
		{ "frame-behind", CARNET_FAILED, NULL },
	};
	int before = fixture_descriptors();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct launcher *launcher = fixture_fake(rows[i].how, 0);
		struct launcher_file job = { "JOB ",
			(uint8_t *)(uintptr_t) "{}", 2 };
		struct launcher_files frames = { &job, 1 }, answers = { 0 };
		struct carnet_error err = { 0 };
		enum carnet_status status =
		    launcher_press(launcher, &frames, &answers, &err);

		if (status != rows[i].status)
			fail_msg("%s: %d", rows[i].how, (int)status);
		assert_int_equal(err.status, status);
		assert_true(err.message[0] != '\0');
		if (rows[i].message != NULL) {
			assert_string_equal(err.message, rows[i].message);
			assert_string_equal(err.hint, "look");
		}
		assert_int_equal(answers.len, 0);
		assert_null(answers.files);
		launcher_stop(launcher);
	}
	assert_int_equal(fixture_descriptors(), before);
}

static void
test_press_missing(void **state)
{
	struct launcher *launcher = NULL;
	struct launcher_files frames = { 0 }, answers = { 0 };

	(void)state;
	assert_int_equal(
	    launcher_start("/nonexistent/carnet", &launcher, NULL), CARNET_OK);
	assert_int_equal(launcher_press(launcher, &frames, &answers, NULL),
	    CARNET_UNSUPPORTED);
	launcher_stop(launcher);
}

/* It reads fonts; it can't write, look around, talk or start anything. */
static void
test_press_cage(void **state)
{
	struct launcher *launcher = fixture_fake("escape", 0);
	struct launcher_files frames = { 0 }, answers = { 0 };
	struct carnet_error err = { 0 };
	const char *text;

	(void)state;
	if (launcher_press(launcher, &frames, &answers, &err) != CARNET_OK)
		fail_msg("%s", err.message);
	assert_int_equal(answers.len, 1);
	text = (const char *)answers.files[0].bytes;
	assert_non_null(strstr(text, "socket denied"));
	assert_non_null(strstr(text, "fork denied"));
	assert_non_null(strstr(text, "fonts done"));
	if (strstr(text, "read denied") == NULL)
		print_message("without Landlock: %s\n", text);
	else {
		assert_non_null(strstr(text, "write denied"));
		assert_non_null(strstr(text, "exec denied"));
	}
	launcher_files_clear(&answers);
	launcher_stop(launcher);
}

/* --- pictures
 * ---------------------------------------------------------------------- */

static size_t
make_pdf(char *bytes, size_t room, int pages)
{
	size_t len = (size_t)snprintf(bytes, room,
	    "%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
	    "2 0 obj\n<< /Type /Pages /Count %d /Kids [",
	    pages);

	for (int i = 0; i < pages; i++)
		len += (size_t)snprintf(bytes + len, room - len, "3 0 R ");
	len += (size_t)snprintf(bytes + len, room - len,
	    "] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox "
	    "[0 0 72 72] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%%%EOF\n");
	assert_true(len < room);
	return len;
}

static enum carnet_status
take_pictures(struct launcher *launcher, const void *bytes, size_t len,
    const char *type, unsigned dpi, struct launcher_files *files,
    struct carnet_error *err)
{
	struct fixture_document document = { .bytes = bytes, .len = len };

	return launcher_pictures(
	    launcher, fixture_source, &document, type, dpi, files, err);
}

static void
test_pictures_of_pdf(void **state)
{
	static const struct {
		int pages;
		size_t pictures;
	} rows[] = { { 1, 1 }, { 3, 3 }, { 30, 30 }, { 40, 31 } };
	struct launcher *launcher = fixture_real();
	char *pdf = malloc(65536);

	(void)state;
	if (access("/usr/bin/pdftoppm", X_OK) != 0)
		skip();
	assert_non_null(pdf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct launcher_files files = { 0 };
		struct carnet_error err = { 0 };
		size_t png;

		if (take_pictures(launcher, pdf,
			make_pdf(pdf, 65536, rows[i].pages), "application/pdf",
			100, &files, &err) != CARNET_OK)
			fail_msg("%d pages: %s", rows[i].pages, err.message);
		assert_int_equal(files.len, rows[i].pictures);
		for (size_t j = 0; j < files.len && j < 30; j++) {
			assert_string_equal(files.files[j].tag, FRAME_PNG);
			assert_true(launcher_png(
			    files.files[j].bytes, files.files[j].len, &png));
			assert_int_equal(png, files.files[j].len);
			/* one inch: 100 dots wide */
			assert_int_equal(files.files[j].bytes[19], 100);
		}
		if (files.len == 31)
			assert_string_equal(files.files[30].tag, FRAME_TEXT);
		launcher_files_clear(&files);
	}
	free(pdf);
	launcher_stop(launcher);
}

static void
test_pictures_refused(void **state)
{
	struct launcher *launcher = fixture_real();
	struct launcher_files files = { 0 };
	struct carnet_error err = { 0 };

	(void)state;
	assert_int_equal(take_pictures(launcher, "\xff\xd8\xff", 3,
			     "image/jpeg", 100, &files, &err),
	    CARNET_UNSUPPORTED);
	assert_true(err.hint[0] != '\0');
	assert_int_equal(
	    take_pictures(launcher, "x", 1, "text/plain", 100, &files, &err),
	    CARNET_UNSUPPORTED);
	assert_int_equal(take_pictures(launcher, "%PDF-1.4 broken", 15,
			     "application/pdf", 100, &files, &err),
	    CARNET_UNSUPPORTED);
	assert_int_equal(
	    take_pictures(launcher, "x", 1, "application/pdf", 5, &files, &err),
	    CARNET_INVALID);
	assert_null(files.files);
	launcher_stop(launcher);
}

/* The least PNG: header, no data, end. */
static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,
	0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 1,
	2, 3, 4, 0, 0, 0, 0, 'I', 'E', 'N', 'D', 5, 6, 7, 8, 'r', 'e', 's',
	't' };

static void
test_pictures_of_png(void **state)
{
	struct launcher *launcher = fixture_real();
	struct launcher_files files = { 0 };
	uint8_t bytes[sizeof(png)];
	size_t whole = sizeof(png) - 4, len;

	(void)state;
	assert_int_equal(take_pictures(launcher, png, sizeof(png), "image/png",
			     100, &files, NULL),
	    CARNET_OK);
	assert_int_equal(files.len, 1);
	assert_int_equal(files.files[0].len, whole);
	assert_memory_equal(files.files[0].bytes, png, whole);
	launcher_files_clear(&files);
	for (size_t cut = 0; cut < whole; cut++)
		assert_false(launcher_png(png, cut, &len));
	memcpy(bytes, png, sizeof(png));
	bytes[16] = 1; /* 16 million pixels wide */
	assert_false(launcher_png(bytes, sizeof(bytes), &len));
	bytes[16] = 0;
	bytes[19] = 0; /* none */
	assert_false(launcher_png(bytes, sizeof(bytes), &len));
	memcpy(bytes, png, sizeof(png));
	memset(bytes + 33, 0xff, 4); /* a chunk longer than the file */
	assert_false(launcher_png(bytes, sizeof(bytes), &len));
	assert_int_equal(take_pictures(launcher, bytes, sizeof(bytes),
			     "image/png", 100, &files, NULL),
	    CARNET_UNSUPPORTED);
	launcher_stop(launcher);
}

/* --- the passphrase command
 * ------------------------------------------------------------ */

static void
test_secret(void **state)
{
	static const struct {
		const char *command, *secret;
	} rows[] = {
		{ "echo bonjour", "bonjour" },
		{ "printf 'caf\303\251 au lait'", "caf\303\251 au lait" },
		{ "printf 'a\\r\\nb\\n'", "a" },
		{ "printf ' x \\nseconde\\n'", " x " },
		{ "echo \"$CARNET_TEST_WORD\"", "from the environment" },
		{ "cat; echo after", "after" }, /* standard input is empty */
		{ "echo un; yes | head -c 300000", "un" },
		/* a process that stays behind with the pipe open */
		{ "echo demon; sleep 30 2>/dev/null & exit 0", "demon" },
		{ "exec 2>/dev/null; echo sans", "sans" },
	};
	struct launcher *launcher;
	int before;

	(void)state;
	assert_int_equal(
	    setenv("CARNET_TEST_WORD", "from the environment", 1), 0);
	launcher = fixture_real();
	before = fixture_descriptors();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret *secret = NULL;
		struct carnet_error err = { 0 };

		if (launcher_secret(launcher, rows[i].command, &secret, &err) !=
		    CARNET_OK)
			fail_msg("%s: %s", rows[i].command, err.message);
		assert_int_equal(secret_len(secret), strlen(rows[i].secret));
		assert_memory_equal(
		    secret_peek(secret), rows[i].secret, secret_len(secret));
		secret_free(secret);
	}
	assert_int_equal(fixture_descriptors(), before);
	launcher_stop(launcher);
}

static void
test_secret_fails(void **state)
{
	static const char *const commands[] = { "exit 3", "echo half; exit 1",
		"true", "echo", "no-such-command-here 2>/dev/null",
		"kill -9 $$", "yes | tr -d '\\n'", "yes" };
	struct launcher *launcher = fixture_real();
	char *huge = malloc(100000);
	struct secret *secret = NULL;
	struct carnet_error err = { 0 };

	(void)state;
	assert_non_null(huge);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		err = (struct carnet_error){ 0 };
		assert_int_equal(
		    launcher_secret(launcher, commands[i], &secret, &err),
		    CARNET_FAILED);
		assert_true(err.message[0] != '\0');
		assert_null(strstr(err.message, "half"));
		assert_null(secret);
	}
	memset(huge, 'x', 99999);
	huge[99999] = '\0';
	assert_int_equal(
	    launcher_secret(launcher, huge, &secret, &err), CARNET_INVALID);
	free(huge);
	launcher_stop(launcher);
}

/* A program that runs with more rights than we have isn't hindered. */
static void
test_secret_is_free(void **state)
{
	struct launcher *launcher = fixture_real();
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(launcher_secret(launcher,
			     "grep NoNewPrivs /proc/self/status | tr -d "
			     "'[:space:]'; echo; ulimit -f",
			     &secret, NULL),
	    CARNET_OK);
	assert_int_equal(secret_len(secret), 12);
	assert_memory_equal(secret_peek(secret), "NoNewPrivs:0", 12);
	secret_free(secret);
	launcher_stop(launcher);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_press_echo),
		cmocka_unit_test(test_press_fails),
		cmocka_unit_test(test_press_missing),
		cmocka_unit_test(test_press_cage),
		cmocka_unit_test(test_pictures_of_pdf),
		cmocka_unit_test(test_pictures_refused),
		cmocka_unit_test(test_pictures_of_png),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_secret_fails),
		cmocka_unit_test(test_secret_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
