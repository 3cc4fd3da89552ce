/* SPDX-License-Identifier: ISC */
/* Contents in and out through vault/store/store.c and store_get.c. */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_LEN ((size_t)100 << 20)

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture_open(fixture, 7);
	*state = fixture;
	return 0;
}

static int
set_up_three(void **state)
{
	(void)set_up(state);
	((struct fixture *)*state)->threads = 3;
	fixture_reopen(*state);
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	/* nothing that a test flushed is hurt; no file is left over */
	store_free(fixture->store);
	fixture->store = NULL;
	assert_int_equal(fixture_files(fixture).others, 0);
	fixture_close(fixture);
	free(fixture);
	return 0;
}

static void
sizes_come_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 31, 32, 33, 4096, 65535, 65536,
		65537, 262143, 262144, 262145, (1 << 20) - 1, 1 << 20,
		(4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9 << 20 };
	struct fixture *fixture = *state;
	enum { COUNT = sizeof(sizes) / sizeof(sizes[0]) };
	struct content random[COUNT], zeros[COUNT];
	uint8_t *bytes = malloc(9 << 20), *none = calloc(1, 9 << 20);

	fixture_random(bytes, 9 << 20, 1);
	for (size_t i = 0; i < COUNT; i++) {
		(void)fixture_put(fixture, bytes, sizes[i], &random[i]);
		(void)fixture_put(fixture, none, sizes[i], &zeros[i]);
		assert_int_equal(random[i].depth, 0);
	}
	assert_int_equal(random[0].len, 0);
	assert_int_equal(random[1].len, 1);
	for (int round = 0; round < 3; round++) { /* unflushed, flushed, new */
		for (size_t i = 0; i < COUNT; i++) {
			fixture_expect(fixture, &random[i], bytes, sizes[i]);
			fixture_expect(fixture, &zeros[i], none, sizes[i]);
		}
		if (round == 0)
			assert_true(fixture_flush(fixture) > 0);
		else
			fixture_reopen(fixture);
	}
	for (size_t i = 0; i < COUNT; i++) {
		content_clear(&random[i]);
		content_clear(&zeros[i]);
	}
	free(bytes);
	free(none);
}

static void
nothing_is_flushed_as_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct content content = { 0 };

	assert_int_equal(fixture_flush(fixture), 0);
	assert_int_equal(fixture_put(fixture, "", 0, &content), 0);
	assert_int_equal(fixture_flush(fixture), 0);
	assert_int_equal(fixture_files(fixture).packs, 0);
	fixture_expect(fixture, &content, "", 0);
	content_clear(&content);
}

static void
duplicates_cost_nothing(void **state)
{
	struct fixture *fixture = *state;
	size_t len = 3 << 20;
	uint8_t *bytes = malloc(len);
	struct content first, again;
	uint64_t size;

	fixture_random(bytes, len, 3);
	assert_true(fixture_put(fixture, bytes, len, &first) > len);
	assert_int_equal(fixture_put(fixture, bytes, len, &again), 0);
	assert_int_equal(again.len, first.len);
	assert_memory_equal(again.names, first.names, first.len * HASH_LEN);
	content_clear(&again);
	assert_int_equal(fixture_flush(fixture), first.len);
	size = fixture_files(fixture).bytes;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture_put(fixture, bytes, len, &again), 0);
		content_clear(&again);
		assert_int_equal(fixture_flush(fixture), 0);
		fixture_reopen(fixture);
	}
	assert_int_equal(fixture_files(fixture).bytes, size);
	/* one document of one repeated chunk */
	memset(bytes, 0, len);
	content_clear(&first);
	(void)fixture_put(fixture, bytes, len, &first);
	content_clear(&first);
	free(bytes);
}

/* Writes in uneven pieces from another process. */
static int
pipe_of(const uint8_t *bytes, size_t len)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	if (fork() == 0) {
		for (size_t at = 0, n; at < len; at += n) {
			n = (at * 7919) % 50000 + 1;
			if (n > len - at)
				n = len - at;
			n = (size_t)write(ends[1], bytes + at, n);
		}
		_exit(0);
	}
	(void)close(ends[1]);
	return ends[0];
}

static void
a_pipe_gives_the_same_content(void **state)
{
	struct fixture *fixture = *state;
	size_t len = 7 * 1000 * 1000;
	uint8_t *bytes = malloc(len);
	struct content whole, piped;
	uint64_t new_bytes = 1;
	int fd;

	fixture_random(bytes, len, 4);
	(void)fixture_put(fixture, bytes, len, &whole);
	fd = pipe_of(bytes, len);
	assert_int_equal(
	    store_put_fd(fixture->store, fd, &piped, &new_bytes, NULL),
	    CARNET_OK);
	(void)close(fd);
	(void)wait(NULL);
	assert_int_equal(new_bytes, 0);
	assert_int_equal(piped.size, len);
	assert_int_equal(piped.len, whole.len);
	assert_memory_equal(piped.names, whole.names, whole.len * HASH_LEN);
	content_clear(&whole);
	content_clear(&piped);
	free(bytes);
}

static void
a_source_that_fails_hurts_nobody(void **state)
{
	struct fixture *fixture = *state;
	struct content good, bad = { .size = 42 };
	struct carnet_error err = { 0 };
	uint64_t new_bytes = 7;

	(void)fixture_put(fixture, "good", 4, &good);
	/* a folder can be opened but not read */
	assert_int_equal(
	    store_put_fd(fixture->store, fixture->fd, &bad, &new_bytes, &err),
	    CARNET_IO);
	assert_true(strlen(err.message) > 0);
	assert_int_equal(bad.size, 42);
	assert_int_equal(new_bytes, 7);
	assert_int_equal(fixture_flush(fixture), 1);
	fixture_reopen(fixture);
	fixture_expect(fixture, &good, "good", 4);
	content_clear(&good);
}

/* Mostly random, some zeros, some text. */
static void
fill_mixed(uint8_t *bytes, size_t len)
{
	static const char text[] = "synthetic text for the store's tests; ";
	size_t part = len / 16;

	fixture_random(bytes, len - 2 * part, 5);
	memset(bytes + len - 2 * part, 0, part);
	for (size_t i = len - part; i < len; i++)
		bytes[i] = (uint8_t)(text[i % (sizeof(text) - 1)] ^
				     (i % 65521 == 0 ? i : 0));
}

static void
a_large_content_has_lists(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = malloc(LONG_LEN + 1);
	struct content before, after;
	struct chunk_name *names = NULL;
	uint64_t first, second;
	size_t len = 0;

	assert_non_null(bytes);
	fill_mixed(bytes, LONG_LEN);
	first = fixture_put(fixture, bytes, LONG_LEN, &before);
	assert_int_equal(before.depth, 1);
	assert_int_equal(before.len, 1);
	assert_true(first > LONG_LEN / 2);
	(void)fixture_flush(fixture);
	fixture_expect(fixture, &before, bytes, LONG_LEN);
	assert_int_equal(
	    store_content_names(fixture->store, &before, &names, &len, NULL),
	    CARNET_OK);
	assert_true(len > 65);
	assert_memory_equal(&names[0], &before.names[0], HASH_LEN);
	for (size_t i = 0; i < len; i++)
		assert_non_null(row_table_find(&fixture->known, &names[i]));
	free(names);
	memmove(bytes + LONG_LEN / 4 + 1, bytes + LONG_LEN / 4,
	    LONG_LEN - LONG_LEN / 4);
	second = fixture_put(fixture, bytes, LONG_LEN + 1, &after);
	/* a few chunks and the list */
	assert_true(second > 0 && second < (10 << 20));
	(void)fixture_flush(fixture);
	fixture_reopen(fixture);
	fixture_expect(fixture, &after, bytes, LONG_LEN + 1);
	content_clear(&before);
	content_clear(&after);
	free(bytes);
}

static void
two_vaults_share_no_name(void **state)
{
	struct fixture *fixture = *state;
	struct fixture other;
	size_t len = 20 << 20;
	uint8_t *bytes = malloc(len);
	struct content mine, theirs;

	fixture_open(&other, 8);
	fixture_random(bytes, len, 6);
	(void)fixture_put(fixture, bytes, len, &mine);
	(void)fixture_put(&other, bytes, len, &theirs);
	for (size_t i = 0; i < mine.len; i++)
		for (size_t j = 0; j < theirs.len; j++)
			assert_memory_not_equal(
			    &mine.names[i], &theirs.names[j], HASH_LEN);
	content_clear(&mine);
	content_clear(&theirs);
	(void)fixture_put(fixture, "x", 1, &mine);
	(void)fixture_put(&other, "x", 1, &theirs);
	assert_memory_not_equal(&mine.names[0], &theirs.names[0], HASH_LEN);
	content_clear(&mine);
	content_clear(&theirs);
	fixture_close(&other);
	free(bytes);
}

static void
contents_that_lie_are_damaged(void **state)
{
	struct fixture *fixture = *state;
	struct content content, list, big;
	uint8_t *out = NULL, entries[36] = { 0 };
	struct carnet_error err;
	size_t len = 9;

	(void)fixture_put(fixture, "twelve bytes", 12, &content);
	(void)fixture_flush(fixture);
	for (int i = 0; i < 2; i++) {
		content.size = i == 0 ? 11 : 13;
		assert_int_equal(store_get_bytes(fixture->store, &content, 99,
				     &out, &len, &err),
		    CARNET_DAMAGED);
	}
	content.size = 12;
	assert_int_equal(
	    store_get_bytes(fixture->store, &content, 11, &out, &len, &err),
	    CARNET_INVALID);
	assert_null(out);
	assert_int_equal(len, 9);
	assert_int_equal(
	    store_get_bytes(fixture->store, &content, 12, &out, &len, &err),
	    CARNET_OK);
	assert_memory_equal(out, "twelve bytes", 12);
	free(out);
	/* a chunk of text taken for a list; a list that lies about lengths */
	content.depth = 1;
	assert_int_equal(
	    store_get_bytes(fixture->store, &content, 99, &out, &len, &err),
	    CARNET_DAMAGED);
	content.depth = 2;
	assert_int_equal(
	    store_get_bytes(fixture->store, &content, 99, &out, &len, &err),
	    CARNET_NEWER);
	memcpy(entries, content.names[0].bytes, HASH_LEN);
	entries[HASH_LEN] = 11;
	(void)fixture_put(fixture, entries, sizeof(entries), &list);
	list.depth = 1;
	list.size = 12;
	assert_int_equal(
	    store_get_bytes(fixture->store, &list, 99, &out, &len, &err),
	    CARNET_DAMAGED);
	/* no place at all */
	big = (struct content){
		.size = 1, .len = 1, .names = calloc(1, HASH_LEN)
	};
	assert_int_equal(
	    store_get_bytes(fixture->store, &big, 99, &out, &len, &err),
	    CARNET_DAMAGED);
	content_clear(&big);
	content_clear(&content);
	content_clear(&list);
}

static void
an_index_that_fails_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct content content = { 0 };
	struct carnet_error err;

	fixture->broken = true;
	assert_int_equal(
	    store_put_bytes(fixture->store, "x", 1, &content, NULL, &err),
	    CARNET_FAILED);
	fixture->broken = false;
	(void)fixture_put(fixture, "x", 1, &content);
	(void)fixture_flush(fixture);
	fixture->broken = true;
	assert_int_equal(store_get(fixture->store, &content, NULL, NULL, &err),
	    CARNET_FAILED);
	fixture->broken = false;
	content_clear(&content);
}

static bool
stop_at_once(void *context, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)context += len;
	return false;
}

static void
a_sink_may_stop(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = calloc(1, 9 << 20);
	struct content content;
	size_t seen = 0;

	(void)fixture_put(fixture, bytes, 9 << 20, &content);
	assert_int_equal(
	    store_get(fixture->store, &content, stop_at_once, &seen, NULL),
	    CARNET_INTERRUPTED);
	assert_int_equal(seen, CHUNK_MAX);
	content_clear(&content);
	free(bytes);
}

static void
many_small_ones_share_packs(void **state)
{
	struct fixture *fixture = *state;
	static struct content contents[20000];
	struct fixture_files files;
	char text[64];

	for (int i = 0; i < 20000; i++) {
		int len = snprintf(text, sizeof(text), "document %d", i);

		(void)fixture_put(fixture, text, (size_t)len, &contents[i]);
	}
	assert_int_equal(fixture_flush(fixture), 20000);
	files = fixture_files(fixture);
	assert_int_equal(files.packs, 2); /* 16,384 and the rest */
	for (int i = 0; i < 20000; i++) {
		int len = snprintf(text, sizeof(text), "document %d", i);

		fixture_expect(fixture, &contents[i], text, (size_t)len);
		content_clear(&contents[i]);
	}
}

static void
what_is_not_flushed_is_forgotten(void **state)
{
	struct fixture *fixture = *state;
	uint8_t *bytes = malloc(40 << 20);
	struct content content;

	fixture_random(bytes, 40 << 20, 9);
	(void)fixture_put(fixture, bytes, 40 << 20, &content);
	assert_true(fixture_files(fixture).others >= 2);
	fixture_reopen(fixture);
	assert_int_equal(fixture_files(fixture).others, 0);
	assert_int_equal(fixture_files(fixture).packs, 0);
	assert_int_equal(store_get(fixture->store, &content, NULL, NULL, NULL),
	    CARNET_DAMAGED);
	content_clear(&content);
	free(bytes);
}

#define MIX_DOCS ((size_t)60)
#define MIX_LEN ((size_t)9 << 20)

/* Length of the i-th document: some of one chunk, some of many. */
static size_t
mix_len(size_t i)
{
	return i % 7 == 0 ? MIX_LEN - i : (i * 7919 * 31) % 900000;
}

/* Puts documents from overlapping bytes; the rows, in the order given. */
static struct chunk_row *
mix_put(struct fixture *fixture, const uint8_t *bytes, uint64_t *sums,
    size_t *ret_len)
{
	struct chunk_row *rows = NULL;

	for (size_t i = 0; i < MIX_DOCS; i++) {
		struct content content;

		/* every third without asking what it took */
		assert_int_equal(
		    store_put_bytes(fixture->store,
			bytes + (i * 104729) % MIX_LEN, mix_len(i), &content,
			i % 3 == 0 ? NULL : &sums[i], NULL),
		    CARNET_OK);
		content_clear(&content);
	}
	assert_int_equal(
	    store_flush(fixture->store, &rows, ret_len, NULL), CARNET_OK);
	return rows;
}

static void
threads_change_nothing(void **state)
{
	static const unsigned threads[] = { 1, 2, 3, 5, 16, 1000 };
	uint8_t *bytes = malloc(2 * MIX_LEN);
	struct chunk_row *first = NULL;
	uint64_t first_sums[MIX_DOCS] = { 0 };
	size_t first_len = 0;

	(void)state;
	fixture_random(bytes, 2 * MIX_LEN, 40);
	for (size_t i = 0; i < MIX_LEN; i++) /* what shrinks, too */
		bytes[i] &= i & 0x100000 ? 0x0f : 0xff;
	for (size_t t = 0; t < sizeof(threads) / sizeof(threads[0]); t++) {
		uint64_t sums[MIX_DOCS] = { 0 };
		struct chunk_row *rows;
		struct fixture fixture;
		size_t len = 0;

		fixture_open(&fixture, 41);
		fixture.threads = threads[t];
		fixture_reopen(&fixture);
		rows = mix_put(&fixture, bytes, sums, &len);
		if (first == NULL) {
			first = rows;
			first_len = len;
			memcpy(first_sums, sums, sizeof(sums));
			rows = NULL;
		}
		assert_int_equal(len, first_len);
		assert_memory_equal(sums, first_sums, sizeof(sums));
		for (size_t i = 0; rows != NULL && i < len; i++) {
			assert_memory_equal(
			    &rows[i].name, &first[i].name, HASH_LEN);
			assert_int_equal(
			    rows[i].place.offset, first[i].place.offset);
			assert_int_equal(rows[i].place.len, first[i].place.len);
			assert_int_equal(
			    rows[i].place.plain_len, first[i].place.plain_len);
		}
		free(rows);
		fixture_close(&fixture);
	}
	free(first);
	free(bytes);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down),              \
	{                                                                      \
#name ", three threads", name, set_up_three, tear_down, NULL   \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes_come_back),
		TEST(nothing_is_flushed_as_nothing),
		TEST(duplicates_cost_nothing),
		TEST(a_pipe_gives_the_same_content),
		TEST(a_source_that_fails_hurts_nobody),
		TEST(a_large_content_has_lists),
		TEST(two_vaults_share_no_name),
		TEST(contents_that_lie_are_damaged),
		TEST(an_index_that_fails_is_told),
		TEST(a_sink_may_stop),
		TEST(many_small_ones_share_packs),
		TEST(what_is_not_flushed_is_forgotten),
		cmocka_unit_test(threads_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
