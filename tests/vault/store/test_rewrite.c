/* SPDX-License-Identifier: ISC */
/* Packs without doomed chunks: vault/store/rewrite.c. */
#include "store_fixture.h"

#include <unistd.h>

#define DOCS 12
#define DOC_LEN ((size_t)3 << 20)

struct many {
	struct fixture fixture;
	uint8_t *bytes; /* DOCS of DOC_LEN */
	struct content docs[DOCS];
};

static int
set_up(void **state)
{
	struct many *many = calloc(1, sizeof(*many));

	fixture_open(&many->fixture, 21);
	many->bytes = malloc(DOCS * DOC_LEN);
	fixture_random(many->bytes, DOCS * DOC_LEN, 22);
	for (size_t i = 0; i < DOCS; i++)
		(void)fixture_put(&many->fixture, many->bytes + i * DOC_LEN,
		    DOC_LEN, &many->docs[i]);
	(void)fixture_flush(&many->fixture);
	assert_true(fixture_files(&many->fixture).packs >= 2);
	*state = many;
	return 0;
}

static int
tear_down(void **state)
{
	struct many *many = *state;

	for (size_t i = 0; i < DOCS; i++)
		content_clear(&many->docs[i]);
	fixture_close(&many->fixture);
	free(many->bytes);
	free(many);
	return 0;
}

struct hunt {
	struct fixture *fixture;
	const struct chunk_name *names;
	size_t len, found;
};

static enum carnet_status
hunt_visit(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct hunt *hunt = context;
	struct chunk_row *rows = NULL;
	size_t len = 0;
	int fd;

	(void)path;
	(void)size;
	assert_true(is_pack);
	fd = fixture_open_pack(hunt->fixture, id);
	assert_int_equal(pack_check_file(fd, id, err), CARNET_OK);
	assert_int_equal(
	    pack_check_all(fd, id, hunt->fixture->keys, true, NULL, NULL, err),
	    CARNET_OK);
	assert_int_equal(
	    pack_read_list(fd, id, hunt->fixture->keys, &rows, &len, err),
	    CARNET_OK);
	for (size_t i = 0; i < len; i++)
		for (size_t j = 0; j < hunt->len; j++)
			if (memcmp(&rows[i].name, &hunt->names[j], HASH_LEN) ==
			    0)
				hunt->found++;
	free(rows);
	(void)close(fd);
	return CARNET_OK;
}

/* How many packs' lists name one of the content's chunks. */
static size_t
hunt_for(struct fixture *fixture, const struct content *content)
{
	struct hunt hunt = { fixture, content->names, content->len, 0 };

	assert_int_equal(
	    pack_walk(fixture->fd, hunt_visit, &hunt, NULL), CARNET_OK);
	return hunt.found;
}

static size_t
rewrite_without(struct fixture *fixture, const struct content *content)
{
	uint8_t(*old)[PACK_ID_LEN] = NULL;
	struct chunk_row *rows = NULL;
	size_t len = 0, old_len = 0;

	assert_int_equal(store_rewrite_without(fixture->store, content->names,
			     content->len, &rows, &len, &old, &old_len, NULL),
	    CARNET_OK);
	fixture_index(fixture, rows, len);
	for (size_t i = 0; i < old_len; i++)
		assert_int_equal(
		    pack_delete(fixture->fd, old[i], NULL), CARNET_OK);
	free(rows);
	free(old);
	return old_len;
}

static void
doomed_chunks_go(void **state)
{
	struct many *many = *state;
	struct fixture *fixture = &many->fixture;

	assert_true(hunt_for(fixture, &many->docs[5]) > 0);
	assert_in_range(rewrite_without(fixture, &many->docs[5]), 1, 2);
	assert_int_equal(hunt_for(fixture, &many->docs[5]), 0);
	assert_int_equal(rewrite_without(fixture, &many->docs[5]), 0);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < DOCS; i++)
			if (i != 5)
				fixture_expect(fixture, &many->docs[i],
				    many->bytes + i * DOC_LEN, DOC_LEN);
		fixture_reopen(fixture);
	}
	/* the last one takes its packs with it */
	for (size_t i = 0; i < DOCS; i++)
		(void)rewrite_without(fixture, &many->docs[i]);
	assert_int_equal(fixture_files(fixture).packs, 0);
}

/* Packs that a crash left: no index knows them, the chunks are there. */
static void
copies_that_nobody_knows_go_too(void **state)
{
	struct many *many = *state;
	struct fixture *fixture = &many->fixture;
	struct content copy;

	row_table_clear(&fixture->known);
	(void)fixture_put(fixture, many->bytes, DOC_LEN, &copy);
	(void)fixture_flush(fixture);
	assert_int_equal(hunt_for(fixture, &copy), 2 * copy.len);
	assert_in_range(rewrite_without(fixture, &copy), 2, 3);
	assert_int_equal(hunt_for(fixture, &copy), 0);
	content_clear(&copy);
}

static void
unflushed_chunks_forbid_it(void **state)
{
	struct many *many = *state;
	struct fixture *fixture = &many->fixture;
	uint8_t(*old)[PACK_ID_LEN] = NULL;
	struct chunk_row *rows = NULL;
	struct content content;
	size_t len = 7, old_len = 7;

	(void)fixture_put(fixture, "x", 1, &content);
	assert_int_equal(store_rewrite_without(fixture->store, content.names, 1,
			     &rows, &len, &old, &old_len, NULL),
	    CARNET_INVALID);
	assert_null(rows);
	assert_null(old);
	assert_int_equal(len, 7);
	(void)fixture_flush(fixture);
	fixture_expect(fixture, &content, "x", 1);
	content_clear(&content);
}

/* Nothing is made, nothing is lost, when a pack can't be read. */
static void
a_damaged_pack_stops_it(void **state)
{
	struct many *many = *state;
	struct fixture *fixture = &many->fixture;
	struct fixture_files before = fixture_files(fixture), after;
	uint8_t(*old)[PACK_ID_LEN] = NULL;
	struct chunk_row *rows = NULL;
	struct carnet_error err;
	size_t len = 0, old_len = 0;
	char path[PACK_PATH_TEXT];
	uint8_t byte = 0x5a;
	int fd = fixture_rewrite_pack(fixture, before.last);

	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)(i * 4096)), 1);
	(void)close(fd);
	assert_int_equal(
	    store_rewrite_without(fixture->store, many->docs[0].names,
		many->docs[0].len, &rows, &len, &old, &old_len, &err),
	    CARNET_DAMAGED);
	pack_path(before.last, path);
	assert_non_null(strstr(err.message, path));
	after = fixture_files(fixture);
	assert_int_equal(after.packs, before.packs);
	assert_int_equal(after.others, 0);
	assert_null(rows);
	assert_null(old);
	/* the store goes on */
	assert_int_equal(fixture_flush(fixture), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(doomed_chunks_go),
		TEST(copies_that_nobody_knows_go_too),
		TEST(unflushed_chunks_forbid_it),
		TEST(a_damaged_pack_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
