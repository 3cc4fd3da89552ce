/* SPDX-License-Identifier: ISC */
/* Walking and deleting: vault/store/pack_walk.c, pack_folder.c. */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEX "ab000102030405060708090a0b0c0dff"

static void
touch(struct fixture *fixture, const char *path, const char *text)
{
	int fd =
	    openat(fixture->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

struct seen {
	char text[2048];
	int left; /* visits until it fails */
};

static enum carnet_status
note(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);

	if (seen->left-- == 0)
		return carnet_fail(err, CARNET_CHANGED, "enough");
	(void)snprintf(seen->text + len, sizeof(seen->text) - len,
	    "%s %d %u %d\n", path, is_pack, (unsigned)size, id[0]);
	return CARNET_OK;
}

static void
strangers_are_told_apart(void **state)
{
	struct seen seen = { .left = -1 };
	struct carnet_error err;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, 1);
	assert_int_equal(pack_walk(fixture.fd, note, &seen, NULL), CARNET_OK);
	assert_string_equal(seen.text, "");
	assert_int_equal(mkdirat(fixture.fd, "packs", 0700), 0);
	assert_int_equal(mkdirat(fixture.fd, "packs/ab", 0700), 0);
	assert_int_equal(mkdirat(fixture.fd, "packs/00", 0700), 0);
	assert_int_equal(mkdirat(fixture.fd, "packs/AB", 0700), 0);
	assert_int_equal(mkdirat(fixture.fd, "packs/ab/cd", 0700), 0);
	touch(&fixture, "packs/ab/" HEX, "seven b");
	touch(&fixture, "packs/00/" HEX, "wrong folder");
	touch(&fixture, "packs/ab/.tmp-" HEX, "");
	touch(&fixture, "packs/ab/ab000102030405060708090a0b0c0dFF", "");
	touch(&fixture, "packs/ab/" HEX "0", "");
	touch(&fixture, "packs/" HEX, "");
	assert_int_equal(symlinkat(HEX, fixture.fd,
			     "packs/ab/abffffffffffffffffffffffffffffff"),
	    0);
	assert_int_equal(symlinkat("ab", fixture.fd, "packs/ac"), 0);
	assert_int_equal(pack_walk(fixture.fd, note, &seen, NULL), CARNET_OK);
	/* sizes of folders are the file system's own */
	for (char *at = seen.text; (at = strstr(at, "cd 0 ")) != NULL;)
		memmove(at + 2, strchr(at, '\n'), strlen(strchr(at, '\n')) + 1);
	for (char *at = seen.text; (at = strstr(at, "AB 0 ")) != NULL;)
		memmove(at + 2, strchr(at, '\n'), strlen(strchr(at, '\n')) + 1);
	assert_string_equal(seen.text,
	    "packs/00/" HEX " 0 12 0\n"
	    "packs/AB\n"
	    "packs/ab/.tmp-" HEX " 0 0 0\n"
	    "packs/ab/ab000102030405060708090a0b0c0dFF 0 0 0\n"
	    "packs/ab/" HEX " 1 7 171\n"
	    "packs/ab/" HEX "0 0 0 0\n"
	    "packs/ab/abffffffffffffffffffffffffffffff 0 32 0\n"
	    "packs/ab/cd\n"
	    "packs/" HEX " 0 0 0\n"
	    "packs/ac 0 2 0\n");
	seen.left = 3;
	assert_int_equal(
	    pack_walk(fixture.fd, note, &seen, &err), CARNET_CHANGED);
	assert_string_equal(err.message, "enough");
	fixture_close(&fixture);
}

static void
packs_is_no_link(void **state)
{
	struct seen seen = { .left = -1 };
	struct content content;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, 1);
	assert_int_equal(mkdirat(fixture.fd, "elsewhere", 0700), 0);
	assert_int_equal(symlinkat("elsewhere", fixture.fd, "packs"), 0);
	assert_int_equal(pack_walk(fixture.fd, note, &seen, NULL), CARNET_IO);
	assert_int_equal(
	    store_put_bytes(fixture.store, "x", 1, &content, NULL, NULL),
	    CARNET_IO);
	fixture_close(&fixture);
}

static void
deleting_twice_is_fine(void **state)
{
	struct fixture_files files;
	struct content content;
	struct fixture fixture;
	uint8_t none[PACK_ID_LEN] = { 0 };

	(void)state;
	fixture_open(&fixture, 1);
	assert_int_equal(pack_delete(fixture.fd, none, NULL), CARNET_OK);
	(void)fixture_put(&fixture, "x", 1, &content);
	(void)fixture_flush(&fixture);
	files = fixture_files(&fixture);
	assert_int_equal(files.packs, 1);
	assert_int_equal(pack_delete(fixture.fd, files.first, NULL), CARNET_OK);
	assert_int_equal(fixture_files(&fixture).packs, 0);
	assert_int_equal(pack_delete(fixture.fd, files.first, NULL), CARNET_OK);
	content_clear(&content);
	fixture_close(&fixture);
}

/* Packs and folders are the owner's alone. */
static void
modes_are_private(void **state)
{
	char path[PACK_PATH_TEXT];
	struct content content;
	struct fixture fixture;
	struct stat st;

	(void)state;
	fixture_open(&fixture, 1);
	(void)fixture_put(&fixture, "x", 1, &content);
	(void)fixture_flush(&fixture);
	pack_path(fixture_files(&fixture).first, path);
	assert_int_equal(fstatat(fixture.fd, path, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, PACK_SIZE_MIN);
	path[8] = '\0';
	assert_int_equal(fstatat(fixture.fd, path, &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	content_clear(&content);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers_are_told_apart),
		cmocka_unit_test(packs_is_no_link),
		cmocka_unit_test(deleting_twice_is_fine),
		cmocka_unit_test(modes_are_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
