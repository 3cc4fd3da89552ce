/* SPDX-License-Identifier: ISC */
/*
 * The database's life: every statement prepares, a wrong key or a flipped
 * byte is damage, a digest tells two indexes apart.  vault/index/index.c.
 */
#include "index_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

static void
every_statement_prepares(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture);
	assert_int_equal(index_prepare_all(fixture.index, NULL), CARNET_OK);
	fixture_close(&fixture);
}

static void
a_digest_covers_every_table(void **state)
{
	uint8_t one[HASH_LEN], two[HASH_LEN];
	struct fixture a, b;
	const char *name;
	size_t tables = 0;

	(void)state;
	fixture_open(&a);
	fixture_open(&b);
	while (index_table_name(a.index, tables, &name))
		tables++;
	assert_true(tables >= 16);
	for (int i = 0; i < 2; i++) {
		struct fixture *fixture = i == 0 ? &a : &b;

		(void)fixture_apply(
		    fixture, "person.added", NULL, "{'name':'x'}");
	}
	assert_int_equal(index_digest(a.index, one, NULL), CARNET_OK);
	assert_int_equal(index_digest(b.index, two, NULL), CARNET_OK);
	assert_memory_equal(one, two, HASH_LEN);
	(void)fixture_apply(&a, "recipient.set", NULL, "{'recipient':'a'}");
	(void)fixture_apply(&b, "recipient.set", NULL, "{'recipient':'b'}");
	assert_int_equal(index_digest(a.index, one, NULL), CARNET_OK);
	assert_int_equal(index_digest(b.index, two, NULL), CARNET_OK);
	assert_memory_not_equal(one, two, HASH_LEN);
	fixture_close(&a);
	fixture_close(&b);
}

struct file_fixture {
	struct fixture fixture; /* keys */
	char folder[64], path[96];
};

static void
file_make(struct file_fixture *file)
{
	struct index *index = NULL;

	fixture_open(&file->fixture);
	(void)snprintf(
	    file->folder, sizeof(file->folder), "/tmp/carnet-index-XXXXXX");
	assert_non_null(mkdtemp(file->folder));
	(void)snprintf(
	    file->path, sizeof(file->path), "%s/index.db", file->folder);
	assert_int_equal(index_open(file->path, file->fixture.keys, INDEX_MAKE,
			     &index, NULL),
	    CARNET_OK);
	index_close(file->fixture.index);
	file->fixture.index = index;
	(void)fixture_apply(
	    &file->fixture, "person.added", NULL, "{'name':'Zoé'}");
	assert_int_equal(index_settle(file->fixture.index, NULL), CARNET_OK);
	index_close(file->fixture.index);
	file->fixture.index = NULL;
}

static void
file_remove(struct file_fixture *file)
{
	(void)unlink(file->path);
	assert_int_equal(rmdir(file->folder), 0);
	fixture_close(&file->fixture);
}

static enum carnet_status
file_open(
    struct file_fixture *file, const struct keys *keys, enum index_mode mode)
{
	enum carnet_status status;

	status = index_open(file->path, keys, mode, &file->fixture.index, NULL);
	if (status == CARNET_OK)
		status = index_check(file->fixture.index, NULL);
	index_close(file->fixture.index);
	file->fixture.index = NULL;
	return status;
}

static void
a_file_opens_with_its_key_alone(void **state)
{
	static const uint8_t wrong[32] = { 43 };
	struct secret *secret = secret_from(wrong, sizeof(wrong));
	struct keys *keys = NULL;
	struct file_fixture file;
	struct stat info;

	(void)state;
	file_make(&file);
	assert_int_equal(stat(file.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(
	    file_open(&file, file.fixture.keys, INDEX_READ), CARNET_OK);
	assert_int_equal(keys_derive(secret, &keys, NULL), CARNET_OK);
	assert_int_equal(file_open(&file, keys, INDEX_READ), CARNET_DAMAGED);
	assert_int_equal(unlink(file.path), 0);
	assert_int_equal(
	    file_open(&file, file.fixture.keys, INDEX_READ), CARNET_DAMAGED);
	keys_free(keys);
	secret_free(secret);
	file_remove(&file);
}

/* Committed or not: what was never whole isn't taken for it. */
static void
half_made_is_missing(void **state)
{
	struct file_fixture file;
	struct index *index = NULL;

	(void)state;
	file_make(&file);
	assert_int_equal(
	    index_open(file.path, file.fixture.keys, INDEX_MAKE, &index, NULL),
	    CARNET_OK);
	file.fixture.index = index;
	(void)fixture_apply(
	    &file.fixture, "person.added", NULL, "{'name':'Zoé'}");
	index_close(index);
	file.fixture.index = NULL;
	assert_int_equal(
	    file_open(&file, file.fixture.keys, INDEX_READ), CARNET_DAMAGED);
	assert_int_equal(
	    file_open(&file, file.fixture.keys, INDEX_WRITE), CARNET_DAMAGED);
	file_remove(&file);
}

static void
every_flipped_byte_is_damage(void **state)
{
	struct file_fixture file;
	struct stat info;
	FILE *stream;

	(void)state;
	file_make(&file);
	assert_int_equal(stat(file.path, &info), 0);
	for (long at = 0; at < (long)info.st_size; at += 1777) {
		int byte;

		stream = fopen(file.path, "r+be");
		assert_non_null(stream);
		assert_int_equal(fseek(stream, at, SEEK_SET), 0);
		byte = fgetc(stream);
		assert_int_equal(fseek(stream, at, SEEK_SET), 0);
		assert_true(fputc(byte ^ 1, stream) != EOF);
		assert_int_equal(fclose(stream), 0);
		assert_int_equal(
		    file_open(&file, file.fixture.keys, INDEX_READ),
		    CARNET_DAMAGED);
		stream = fopen(file.path, "r+be");
		assert_non_null(stream);
		assert_int_equal(fseek(stream, at, SEEK_SET), 0);
		assert_true(fputc(byte, stream) != EOF);
		assert_int_equal(fclose(stream), 0);
	}
	assert_int_equal(
	    file_open(&file, file.fixture.keys, INDEX_WRITE), CARNET_OK);
	file_remove(&file);
}

static void
a_rollback_leaves_nothing(void **state)
{
	struct event event = { .seq = 1, .lamport = 1 };
	const struct ledger_place place = { .segment = 1, .end = 600 };
	uint8_t before[HASH_LEN], after[HASH_LEN];
	struct fixture fixture;
	char payload[] = "{\"name\":\"x\"}";

	(void)state;
	fixture_open(&fixture);
	(void)snprintf(event.kind, sizeof(event.kind), "person.added");
	event.payload = (uint8_t *)payload;
	event.payload_len = strlen(payload);
	assert_int_equal(index_digest(fixture.index, before, NULL), CARNET_OK);
	assert_int_equal(index_begin(fixture.index, NULL), CARNET_OK);
	assert_int_equal(
	    index_apply(fixture.index, &event, &place, NULL, NULL), CARNET_OK);
	index_rollback(fixture.index);
	index_rollback(fixture.index); /* nothing to take back: fine */
	assert_int_equal(index_digest(fixture.index, after, NULL), CARNET_OK);
	assert_memory_equal(before, after, HASH_LEN);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_prepares),
		cmocka_unit_test(a_digest_covers_every_table),
		cmocka_unit_test(a_file_opens_with_its_key_alone),
		cmocka_unit_test(half_made_is_missing),
		cmocka_unit_test(every_flipped_byte_is_damage),
		cmocka_unit_test(a_rollback_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
