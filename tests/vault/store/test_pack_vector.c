/* SPDX-License-Identifier: ISC */
/*
 * The fixed packs of tests/vectors, pack.json of version 1, pack-2.json of
 * version 2: what was written once is read for ever.
 * CARNET_VECTORS: the folder of vectors.
 */
#include "store_fixture.h"

#include "chunk.h"

#include <sys/stat.h>
#include <unistd.h>

static cJSON *vector;

static int
load(const char *name)
{
	const char *folder = getenv("CARNET_VECTORS");
	char path[4096], *text = malloc(1 << 20);
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s",
	    folder != NULL ? folder : "tests/vectors", name);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(text, 1, 1 << 20, file);
	(void)fclose(file);
	assert_int_equal(
	    carnet_json_parse(text, len, &vector, NULL), CARNET_OK);
	free(text);
	return 0;
}

static int
load_first(void **state)
{
	(void)state;
	return load("pack.json");
}

static int
load_second(void **state)
{
	(void)state;
	return load("pack-2.json");
}

static int
unload(void **state)
{
	(void)state;
	cJSON_Delete(vector);
	return 0;
}

static size_t
bytes_of(const cJSON *object, const char *key, uint8_t *bytes, size_t room)
{
	const char *text = carnet_json_string(object, key);
	size_t len;

	assert_non_null(text);
	len = strlen(text) / 2;
	assert_true(len <= room && hex_decode(text, bytes, len));
	return len;
}

static int64_t
number_of(const cJSON *object, const char *key)
{
	int64_t value = -1;

	assert_true(carnet_json_int(object, key, &value));
	return value;
}

/* The pack as a file of a new vault. */
static void
put_pack(struct fixture *fixture, uint8_t id[PACK_ID_LEN])
{
	size_t padding = (size_t)number_of(vector, "padding_zeros");
	uint8_t *pack = calloc(1, 1 << 20), byte;
	char folder[sizeof("packs/ab")] = "packs/";
	size_t len;

	assert_int_equal(bytes_of(vector, "id", id, PACK_ID_LEN), PACK_ID_LEN);
	len = bytes_of(vector, "head", pack, 4096);
	assert_true(padding < 1 << 19);
	len += padding;
	len += bytes_of(vector, "tail", pack + len, PACK_END_LEN);
	assert_int_equal(len, PACK_SIZE_MIN);
	byte = id[0];
	hex_encode(&byte, 1, folder + 6);
	assert_int_equal(mkdirat(fixture->fd, "packs", 0700), 0);
	assert_int_equal(mkdirat(fixture->fd, folder, 0700), 0);
	fixture_write_pack(fixture, id, pack, len);
	free(pack);
}

static void
expect_chunk(
    struct fixture *fixture, const cJSON *chunk, const struct chunk_row *row)
{
	struct content content = { .size = row->place.plain_len, .len = 1 };
	uint8_t name[HASH_LEN], plain[1024];
	size_t len = bytes_of(chunk, "plain", plain, sizeof(plain));

	(void)bytes_of(chunk, "name", name, sizeof(name));
	assert_memory_equal(name, row->name.bytes, HASH_LEN);
	assert_int_equal(row->place.offset, number_of(chunk, "offset"));
	assert_int_equal(row->place.len, number_of(chunk, "len"));
	assert_int_equal(row->place.plain_len, number_of(chunk, "plain_len"));
	content.names = calloc(1, sizeof(*content.names));
	content.names[0] = row->name;
	fixture_expect(fixture, &content, plain, len);
	content_clear(&content);
}

static void
the_pack_is_read(void **state)
{
	const cJSON *chunks = carnet_json_get(vector, "chunks");
	struct chunk_row *rows = NULL;
	uint8_t id[PACK_ID_LEN];
	struct fixture fixture;
	size_t len = 0;
	int fd;

	(void)state;
	fixture_open(&fixture, 0x42);
	put_pack(&fixture, id);
	fd = fixture_open_pack(&fixture, id);
	assert_int_equal(pack_check_file(fd, id, NULL), CARNET_OK);
	assert_int_equal(
	    pack_check_all(fd, id, fixture.keys, true, NULL, NULL, NULL),
	    CARNET_OK);
	assert_int_equal(
	    pack_read_list(fd, id, fixture.keys, &rows, &len, NULL), CARNET_OK);
	(void)close(fd);
	assert_int_equal(len, cJSON_GetArraySize(chunks));
	fixture_index(&fixture, rows, len);
	for (size_t i = 0; i < len; i++)
		expect_chunk(
		    &fixture, cJSON_GetArrayItem(chunks, (int)i), &rows[i]);
	free(rows);
	fixture_close(&fixture);
}

/* A document that is already there is recognised by a later version. */
static void
names_and_cuts_stay(void **state)
{
	const cJSON *cuts = carnet_json_get(vector, "cuts");
	const cJSON *ends = carnet_json_get(cuts, "ends"), *end = NULL;
	size_t len = (size_t)16 << 20, at = 0;
	uint8_t *bytes = malloc(len), first[16];
	struct chunk_cutter cutter;
	struct chunk_gear gear;
	struct fixture fixture;

	(void)state;
	fixture_open(&fixture, 0x42);
	chunk_gear_derive(fixture.keys, &gear);
	assert_int_equal(bytes_of(vector, "gear_first_two", first, 16), 16);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(gear.table[i], pack_get_le(first + 8 * i, 8));
	fixture_random(bytes, len, 1);
	chunk_cutter_begin(&cutter, &gear);
	assert_true(cJSON_GetArraySize(ends) > 8);
	cJSON_ArrayForEach(end, ends)
	{
		bool cut = false;

		at += chunk_cutter_feed(&cutter, bytes + at, len - at, &cut);
		assert_true(cut);
		assert_int_equal(at, (size_t)end->valuedouble);
	}
	free(bytes);
	fixture_close(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pack_is_read),
		cmocka_unit_test(names_and_cuts_stay),
	};

	int failed = cmocka_run_group_tests(tests, load_first, unload);

	return failed + cmocka_run_group_tests(tests, load_second, unload);
}
