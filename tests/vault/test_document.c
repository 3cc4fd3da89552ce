/* SPDX-License-Identifier: ISC */
/*
 * Files that are read before it is their turn, and what may happen to them
 * meanwhile.  vault/document.c; the store's side is store/test_ahead.c.
 */
#include "vault_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#define FILES 5

struct expected {
	const char *bytes;
	size_t len;
};

static bool
compare(void *context, const uint8_t *bytes, size_t len)
{
	struct expected *expected = context;

	assert_true(len <= expected->len);
	assert_memory_equal(bytes, expected->bytes, len);
	expected->bytes += len;
	expected->len -= len;
	return true;
}

static void
expect(struct carnet_vault *vault, const char *id, const char *text)
{
	struct expected expected = { text, strlen(text) };

	assert_int_equal(
	    carnet_document_read(vault, id, compare, &expected, NULL),
	    CARNET_OK);
	assert_int_equal(expected.len, 0);
}

static int
file_of(struct fixture *fixture, const char *text)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/file", fixture->top);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(unlink(path), 0);
	return fd;
}

static enum carnet_status
add(struct fixture *fixture, struct carnet_vault *vault, int fd,
    char ret_id[CARNET_ID_TEXT], bool *ret_duplicate)
{
	cJSON *meta = cJSON_CreateObject();
	uint64_t size;

	assert_non_null(
	    cJSON_AddStringToObject(meta, "person", fixture->person));
	return carnet_document_add(
	    vault, fd, meta, ret_id, &size, NULL, ret_duplicate, NULL);
}

/* It grew, shrank, or says something else of the same length. */
static void
what_changed_meanwhile_is_read_again(void **state)
{
	static const char *const before[FILES] = { "stays", "grows", "shrinks",
		"is rewritten", "stays too" };
	static const char *const after[FILES] = { "stays", "grows much", "shr",
		"is otherwise", "stays too" };
	struct fixture fixture;
	struct carnet_vault *vault;
	char ids[FILES][CARNET_ID_TEXT];
	bool duplicate;
	int fds[FILES];

	(void)state;
	fixture_make(&fixture);
	vault = fixture_open(&fixture, fixture.path, CARNET_WRITE);
	store_set_threads(vault->store, 3);
	for (size_t i = 0; i < FILES; i++) {
		fds[i] = file_of(&fixture, before[i]);
		assert_true(carnet_document_ahead(vault, fds[i]));
	}
	(void)usleep(50000); /* past the file system's tick */
	for (size_t i = 1; i < FILES - 1; i++) {
		assert_int_equal(ftruncate(fds[i], 0), 0);
		assert_int_equal(pwrite(fds[i], after[i], strlen(after[i]), 0),
		    strlen(after[i]));
	}
	for (size_t i = 0; i < FILES; i++)
		assert_int_equal(
		    add(&fixture, vault, fds[i], ids[i], &duplicate),
		    CARNET_OK);
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
	for (size_t i = 0; i < FILES; i++) {
		expect(vault, ids[i], after[i]);
		(void)close(fds[i]);
	}
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

/* The same bytes twice, in one batch and in the next one. */
static void
duplicates_are_told_in_order(void **state)
{
	struct fixture fixture;
	struct carnet_vault *vault;
	char ids[FILES][CARNET_ID_TEXT];
	bool duplicate;
	int fds[FILES];

	(void)state;
	fixture_make(&fixture);
	vault = fixture_open(&fixture, fixture.path, CARNET_WRITE);
	store_set_threads(vault->store, 3);
	for (size_t i = 0; i < FILES; i++) {
		fds[i] = file_of(&fixture, i % 2 == 0 ? "even" : "odd");
		assert_true(carnet_document_ahead(vault, fds[i]));
	}
	for (size_t i = 0; i < FILES; i++) {
		assert_int_equal(
		    add(&fixture, vault, fds[i], ids[i], &duplicate),
		    CARNET_OK);
		assert_int_equal(duplicate, i >= 2);
		if (i >= 2)
			assert_string_equal(ids[i], ids[i - 2]);
		if (i == 2)
			assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
		(void)close(fds[i]);
	}
	carnet_documents_forget_ahead(vault);
	carnet_vault_close(vault);
	fixture_remove(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_changed_meanwhile_is_read_again),
		cmocka_unit_test(duplicates_are_told_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
