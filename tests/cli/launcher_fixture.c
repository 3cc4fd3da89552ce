/* SPDX-License-Identifier: ISC */
/*
 * Set-up that the launcher's tests share.  Tests nothing.
 * The contract: launcher_fixture.h.
 */
#include "launcher_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = { "carnet-reader", "carnet-press" };

/* The folders of one fake, to be deleted in the end. */
struct fixture_folder {
	char root[64], folder[512];
	pid_t owner;
	struct fixture_folder *next;
};
static struct fixture_folder *fixture_folders;

static void
fixture_delete_folders(void)
{
	while (fixture_folders != NULL) {
		struct fixture_folder *one = fixture_folders;
		int fd = open(one->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

		fixture_folders = one->next;
		if (one->owner == getpid()) {
			for (size_t i = 0; i < 2; i++)
				(void)unlinkat(fd, names[i], 0);
			(void)rmdir(one->folder);
			(void)rmdir(one->root);
		}
		if (fd >= 0)
			(void)close(fd);
		free(one);
	}
}

static void
fixture_delete_at_exit(const char *root, const char *folder)
{
	struct fixture_folder *one = calloc(1, sizeof(*one));

	assert_non_null(one);
	(void)snprintf(one->root, sizeof(one->root), "%s", root);
	(void)snprintf(one->folder, sizeof(one->folder), "%s", folder);
	one->owner = getpid();
	one->next = fixture_folders;
	if (fixture_folders == NULL)
		(void)atexit(fixture_delete_folders);
	fixture_folders = one;
}

struct launcher *
fixture_fake(const char *how, uint32_t milliseconds)
{
	char root[] = "/tmp/carnet-fake-XXXXXX", folder[512], path[1024];
	struct launcher *launcher = NULL;
	struct carnet_error err = { 0 };

	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	(void)snprintf(folder, sizeof(folder), "%s/%s", root, how);
	assert_int_equal(mkdir(folder, 0755), 0);
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(symlink(CARNET_TEST_FAKE, path), 0);
	}
	fixture_delete_at_exit(root, folder);
	if (launcher_start_timed(folder, milliseconds, &launcher, &err) !=
	    CARNET_OK)
		fail_msg("%s", err.message);
	return launcher;
}

struct launcher *
fixture_real(void)
{
	struct launcher *launcher = NULL;
	struct carnet_error err = { 0 };

	if (launcher_start(CARNET_TEST_READER_FOLDER, &launcher, &err) !=
	    CARNET_OK)
		fail_msg("%s", err.message);
	return launcher;
}

enum carnet_status
fixture_source(void *context, launcher_sink *sink, void *sink_context,
    struct carnet_error *err)
{
	struct fixture_document *document = context;
	size_t piece = document->piece != 0 ? document->piece : document->len;
	size_t repeat = document->repeat != 0 ? document->repeat : 1;
	const uint8_t *bytes = document->bytes;

	for (size_t i = 0; i < repeat; i++) {
		for (size_t at = 0; at < document->len; at += piece) {
			size_t len = document->len - at < piece
					 ? document->len - at
					 : piece;

			if (document->fail_at != 0 &&
			    document->given >= document->fail_at)
				return carnet_fail(
				    err, CARNET_DAMAGED, "a chunk is damaged");
			document->given += len;
			if (!sink(sink_context, bytes + at, len))
				return carnet_fail(
				    err, CARNET_INTERRUPTED, "told to stop");
		}
	}
	return CARNET_OK;
}

struct reading *
fixture_read(struct launcher *launcher, const void *bytes, size_t len)
{
	struct fixture_document document = { .bytes = bytes, .len = len };
	struct reading *reading = NULL;
	struct carnet_error err = { 0 };

	if (launcher_read(launcher, fixture_source, &document, len, &reading,
		&err) != CARNET_OK)
		fail_msg("%s", err.message);
	assert_non_null(reading);
	return reading;
}

int
fixture_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			count++;
	}
	return count;
}
