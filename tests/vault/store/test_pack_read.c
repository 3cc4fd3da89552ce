/* SPDX-License-Identifier: ISC */
/*
 * Packs that were changed on the disk: vault/store/pack_read.c, pack_list.c.
 * CARNET_EXHAUSTIVE=1 flips every byte of the padding too (two minutes).
 */
#include "store_fixture.h"

#include "store_inside.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char text[] = "a synthetic report, a synthetic report, "
			   "a synthetic report, a synthetic report";
#define NOISE_LEN ((size_t)300)

/* How much was read so far. */
static uint64_t bytes_read;

ssize_t __real_pread64(int fd, void *bytes, size_t len, off64_t offset);
ssize_t __wrap_pread64(int fd, void *bytes, size_t len, off64_t offset);

ssize_t
__wrap_pread64(int fd, void *bytes, size_t len, off64_t offset)
{
	ssize_t got = __real_pread64(fd, bytes, len, offset);

	bytes_read += got > 0 ? (uint64_t)got : 0;
	return got;
}

/* A vault with one pack: a squeezed chunk, a raw one. */
struct damage {
	struct fixture fixture;
	struct content text, noise;
	uint8_t noise_bytes[NOISE_LEN];
	uint8_t id[PACK_ID_LEN];
	uint8_t *good; /* its bytes */
	size_t len;
	struct chunk_row rows[2];
	uint64_t list_end;
};

static void
rehash(uint8_t *pack, size_t len)
{
	struct pack_sum *sum = pack_sum_begin(pack_get_le(pack + 8, 2));

	assert_non_null(sum);
	pack_sum_more(sum, pack, len - PACK_SUM_LEN);
	pack_sum_end(sum, pack + len - PACK_SUM_LEN);
}

static int
set_up(void **state)
{
	struct damage *damage = calloc(1, sizeof(*damage));
	struct fixture *fixture = &damage->fixture;

	fixture_open(fixture, 11);
	fixture_random(damage->noise_bytes, NOISE_LEN, 12);
	(void)fixture_put(fixture, text, sizeof(text), &damage->text);
	(void)fixture_put(
	    fixture, damage->noise_bytes, NOISE_LEN, &damage->noise);
	assert_int_equal(fixture_flush(fixture), 2);
	memcpy(damage->id, fixture_files(fixture).first, PACK_ID_LEN);
	damage->good = fixture_read_pack(fixture, damage->id, &damage->len);
	memcpy(damage->rows, fixture->known.rows, sizeof(damage->rows));
	damage->list_end = damage->rows[1].place.offset +
			   damage->rows[1].place.len + 4 + 2 * 48 +
			   SEAL_OVERHEAD;
	assert_int_equal(damage->len, PACK_SIZE_MIN);
	*state = damage;
	return 0;
}

static int
tear_down(void **state)
{
	struct damage *damage = *state;

	content_clear(&damage->text);
	content_clear(&damage->noise);
	free(damage->good);
	fixture_close(&damage->fixture);
	free(damage);
	return 0;
}

static enum carnet_status
check_file(struct damage *damage, struct carnet_error *err)
{
	int fd = fixture_open_pack(&damage->fixture, damage->id);
	enum carnet_status status = pack_check_file(fd, damage->id, err);

	(void)close(fd);
	return status;
}

static enum carnet_status
check_all(struct damage *damage, bool names, struct carnet_error *err)
{
	int fd = fixture_open_pack(&damage->fixture, damage->id);
	enum carnet_status status = pack_check_all(
	    fd, damage->id, damage->fixture.keys, names, NULL, NULL, err);

	(void)close(fd);
	return status;
}

static enum carnet_status
check_data(struct damage *damage, struct carnet_error *err)
{
	return check_all(damage, true, err);
}

static enum carnet_status
check_seals(struct damage *damage, struct carnet_error *err)
{
	return check_all(damage, false, err);
}

static enum carnet_status
read_list(struct damage *damage, struct chunk_row **rows, size_t *len,
    struct carnet_error *err)
{
	int fd = fixture_open_pack(&damage->fixture, damage->id);
	enum carnet_status status = pack_read_list(
	    fd, damage->id, damage->fixture.keys, rows, len, err);

	(void)close(fd);
	return status;
}

/* A good pack is read once, but for header, trailer and list, which tell what
 * the rest is: not once for the checksum and once more for the seals. */
static void
a_good_pack_is_read_once(void **state)
{
	struct damage *damage = *state;
	const uint64_t twice =
	    3 * PACK_HEADER_LEN + PACK_END_LEN + 2 * 48 + 4 + SEAL_OVERHEAD;

	for (unsigned names = 0; names < 2; names++) {
		bytes_read = 0;
		assert_int_equal(
		    check_all(damage, names == 1, NULL), CARNET_OK);
		assert_true(bytes_read >= damage->len);
		assert_true(bytes_read <= damage->len + twice);
	}
}

/* Reads a content from scratch; OK means that the bytes were right. */
static enum carnet_status
get(struct damage *damage, const struct content *content, const void *bytes,
    size_t len, struct carnet_error *err)
{
	enum carnet_status status;
	uint8_t *out = NULL;
	size_t out_len = 0;

	store_close_packs(damage->fixture.store);
	status = store_get_bytes(
	    damage->fixture.store, content, 1 << 20, &out, &out_len, err);
	if (status == CARNET_OK) {
		assert_int_equal(out_len, len);
		assert_memory_equal(out, bytes, len);
	}
	free(out);
	return status;
}

static enum carnet_status
get_text(struct damage *damage, struct carnet_error *err)
{
	return get(damage, &damage->text, text, sizeof(text), err);
}

static enum carnet_status
get_noise(struct damage *damage, struct carnet_error *err)
{
	return get(damage, &damage->noise, damage->noise_bytes, NOISE_LEN, err);
}

static void
the_good_pack_is_good(void **state)
{
	struct damage *damage = *state;
	struct chunk_row *rows = NULL;
	size_t len = 0;

	assert_int_equal(check_file(damage, NULL), CARNET_OK);
	assert_int_equal(check_seals(damage, NULL), CARNET_OK);
	assert_int_equal(check_data(damage, NULL), CARNET_OK);
	assert_int_equal(get_text(damage, NULL), CARNET_OK);
	assert_int_equal(get_noise(damage, NULL), CARNET_OK);
	assert_int_equal(read_list(damage, &rows, &len, NULL), CARNET_OK);
	assert_int_equal(len, 2);
	assert_memory_equal(rows, damage->rows, sizeof(damage->rows));
	free(rows);
}

static bool
touches(const struct chunk_row *row, size_t at)
{
	return at < PACK_HEADER_LEN ||
	       (at >= row->place.offset &&
		   at < row->place.offset + row->place.len);
}

static void
expect_status(enum carnet_status status, bool damaged, size_t at)
{
	enum carnet_status want = damaged ? CARNET_DAMAGED : CARNET_OK;

	if (status != want)
		fail_msg("byte %zu: %s", at, carnet_status_name(status));
}

static void
every_flipped_byte_is_found(void **state)
{
	struct damage *damage = *state;
	size_t step = getenv("CARNET_EXHAUSTIVE") != NULL ? 1 : 211;
	char path[PACK_PATH_TEXT];
	struct carnet_error err;
	int fd;

	pack_path(damage->id, path);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	fd = fixture_rewrite_pack(&damage->fixture, damage->id);
	for (size_t at = 0; at < damage->len;
	     at +=
	     at >= damage->list_end && at < damage->len - 200 ? step : 1) {
		bool sealed =
		    at < damage->list_end || at >= damage->len - PACK_END_LEN;
		uint8_t byte = damage->good[at] ^ (uint8_t)(1U << (at % 8));

		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		expect_status(check_file(damage, &err), true, at);
		assert_non_null(strstr(err.message, path));
		expect_status(check_seals(damage, &err), true, at);
		expect_status(check_data(damage, &err), true, at);
		if (sealed) {
			expect_status(get_text(damage, &err),
			    touches(&damage->rows[0], at), at);
			expect_status(get_noise(damage, &err),
			    touches(&damage->rows[1], at), at);
		}
		assert_int_equal(
		    pwrite(fd, &damage->good[at], 1, (off_t)at), 1);
	}
	(void)close(fd);
	assert_int_equal(check_file(damage, NULL), CARNET_OK);
}

static void
every_cut_is_found(void **state)
{
	struct damage *damage = *state;
	struct carnet_error err;

	for (size_t len = 0; len < damage->len;
	     len +=
	     len < damage->list_end + 10 || len > damage->len - 110 ? 1 : 997) {
		const struct chunk_place *last = &damage->rows[1].place;

		fixture_write_pack(
		    &damage->fixture, damage->id, damage->good, len);
		expect_status(check_file(damage, &err), true, len);
		expect_status(check_data(damage, &err), true, len);
		expect_status(get_noise(damage, &err),
		    len < last->offset + last->len, len);
	}
	/* and a tail is not part of it */
	damage->good = realloc(damage->good, damage->len + 7);
	memset(damage->good + damage->len, 0, 7);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len + 7);
	assert_int_equal(check_file(damage, &err), CARNET_DAMAGED);
	assert_int_equal(check_data(damage, &err), CARNET_DAMAGED);
	assert_int_equal(get_text(damage, &err), CARNET_OK);
}

/* The checksum is put right again: only the seals can tell. */
static void
swapped_chunks_are_found(void **state)
{
	struct damage *damage = *state;
	struct fixture *fixture = &damage->fixture;
	struct fixture_files files;
	struct content a, b;
	uint8_t *first, *second, hold[345];
	size_t len = 0;
	struct carnet_error err;

	/* two packs, with a raw chunk of one length at one offset */
	assert_int_equal(pack_delete(fixture->fd, damage->id, NULL), 0);
	fixture_random(damage->noise_bytes, NOISE_LEN, 77);
	(void)fixture_put(fixture, damage->noise_bytes, NOISE_LEN, &a);
	(void)fixture_flush(fixture);
	fixture_random(damage->noise_bytes, NOISE_LEN, 78);
	(void)fixture_put(fixture, damage->noise_bytes, NOISE_LEN, &b);
	(void)fixture_flush(fixture);
	files = fixture_files(fixture);
	assert_int_equal(files.packs, 2);
	first = fixture_read_pack(fixture, files.first, &len);
	second = fixture_read_pack(fixture, files.last, &len);
	memcpy(hold, first + PACK_HEADER_LEN, sizeof(hold));
	memcpy(first + PACK_HEADER_LEN, second + PACK_HEADER_LEN, sizeof(hold));
	memcpy(second + PACK_HEADER_LEN, hold, sizeof(hold));
	rehash(first, len);
	rehash(second, len);
	fixture_write_pack(fixture, files.first, first, len);
	fixture_write_pack(fixture, files.last, second, len);
	memcpy(damage->id, files.first, PACK_ID_LEN);
	assert_int_equal(check_file(damage, &err), CARNET_OK);
	assert_int_equal(check_seals(damage, &err), CARNET_DAMAGED);
	assert_int_equal(check_data(damage, &err), CARNET_DAMAGED);
	assert_int_equal(get(damage, &a, NULL, 0, &err), CARNET_DAMAGED);
	assert_int_equal(get(damage, &b, NULL, 0, &err), CARNET_DAMAGED);
	/* the other pack as it was, behind this one's header */
	memcpy(second + PACK_HEADER_LEN, first + PACK_HEADER_LEN, sizeof(hold));
	memcpy(second, first, PACK_HEADER_LEN);
	rehash(second, len);
	fixture_write_pack(fixture, files.first, second, len);
	assert_int_equal(check_file(damage, &err), CARNET_OK);
	assert_int_equal(check_data(damage, &err), CARNET_DAMAGED);
	assert_int_equal(get(damage, &a, NULL, 0, &err), CARNET_DAMAGED);
	free(first);
	free(second);
	content_clear(&a);
	content_clear(&b);
}

static void
neighbours_cannot_change_places(void **state)
{
	struct damage *damage = *state;
	struct fixture *fixture = &damage->fixture;
	struct content contents[2];
	uint8_t bytes[2][NOISE_LEN], hold[345], *pack;
	struct chunk_place places[2];
	size_t len = 0;
	struct carnet_error err;

	for (size_t i = 0; i < 2; i++) {
		fixture_random(bytes[i], NOISE_LEN, 50 + i);
		(void)fixture_put(fixture, bytes[i], NOISE_LEN, &contents[i]);
	}
	(void)fixture_flush(fixture);
	for (size_t i = 0; i < 2; i++)
		places[i] =
		    row_table_find(&fixture->known, &contents[i].names[0])
			->place;
	memcpy(damage->id, places[0].pack, PACK_ID_LEN);
	pack = fixture_read_pack(fixture, damage->id, &len);
	memcpy(hold, pack + places[0].offset, sizeof(hold));
	memcpy(pack + places[0].offset, pack + places[1].offset, sizeof(hold));
	memcpy(pack + places[1].offset, hold, sizeof(hold));
	rehash(pack, len);
	fixture_write_pack(fixture, damage->id, pack, len);
	assert_int_equal(check_file(damage, &err), CARNET_OK);
	assert_int_equal(check_data(damage, &err), CARNET_DAMAGED);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    get(damage, &contents[i], bytes[i], NOISE_LEN, &err),
		    CARNET_DAMAGED);
		content_clear(&contents[i]);
	}
	free(pack);
}

static void
a_pack_under_another_name_is_found(void **state)
{
	struct damage *damage = *state;
	struct carnet_error err;

	damage->id[15] ^= 1;
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	damage->fixture.known.rows[0].place.pack[15] ^= 1;
	assert_int_equal(check_file(damage, &err), CARNET_DAMAGED);
	assert_int_equal(check_data(damage, &err), CARNET_DAMAGED);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
	assert_int_equal(get_noise(damage, &err), CARNET_OK);
	/* with the header's id changed too, the seals still know */
	damage->good[14 + 15] ^= 1;
	rehash(damage->good, damage->len);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	assert_int_equal(check_file(damage, &err), CARNET_OK);
	assert_int_equal(check_data(damage, &err), CARNET_DAMAGED);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
}

static void
newer_packs_say_what_they_need(void **state)
{
	struct damage *damage = *state;
	struct carnet_error err;

	damage->good[8] = PACK_VERSION + 1;
	rehash(damage->good, damage->len);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	assert_int_equal(check_file(damage, &err), CARNET_OK);
	assert_int_equal(check_data(damage, &err), CARNET_NEWER);
	assert_int_equal(check_seals(damage, &err), CARNET_NEWER);
	assert_non_null(strstr(err.message, "version 3"));
	assert_true(strlen(err.hint) > 0);
	assert_int_equal(get_text(damage, &err), CARNET_NEWER);
	damage->good[8] = PACK_VERSION;
	damage->good[10] = 3;
	rehash(damage->good, damage->len);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	assert_int_equal(get_text(damage, &err), CARNET_NEWER);
	assert_non_null(strstr(err.message, "epoch 3"));
	damage->good[8] = 0;
	rehash(damage->good, damage->len);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
}

/* Which checksum a pack ends with is all that its version says: seals are the
 * same, so that one that lost its version can still be salvaged. */
static void
older_packs_are_read(void **state)
{
	struct damage *damage = *state;
	uint8_t hash[HASH_LEN];

	assert_int_equal(damage->good[8], 2);
	damage->good[8] = 1;
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	assert_int_equal(check_file(damage, NULL), CARNET_DAMAGED);
	assert_int_equal(get_text(damage, NULL), CARNET_OK);
	rehash(damage->good, damage->len);
	hash_bytes(NULL, damage->good, damage->len - HASH_LEN, hash);
	assert_memory_equal(
	    hash, damage->good + damage->len - HASH_LEN, HASH_LEN);
	fixture_write_pack(
	    &damage->fixture, damage->id, damage->good, damage->len);
	the_good_pack_is_good(state);
}

static void
places_that_lie_are_found(void **state)
{
	struct damage *damage = *state;
	struct chunk_place *place = &damage->fixture.known.rows[0].place;
	const struct chunk_place good = *place;
	const struct chunk_place other = damage->rows[1].place;
	struct carnet_error err;
	struct {
		uint64_t offset;
		uint32_t len, plain_len;
	} lies[] = {
		{ good.offset + 1, good.len, good.plain_len },
		{ good.offset - 1, good.len, good.plain_len },
		{ 0, good.len, good.plain_len },
		{ UINT64_MAX, good.len, good.plain_len },
		{ UINT64_MAX - good.len + 1, good.len, good.plain_len },
		{ (uint64_t)INT64_MAX, good.len, good.plain_len },
		{ damage->len - 10, good.len, good.plain_len },
		{ good.offset, good.len - 1, good.plain_len },
		{ good.offset, good.len + 1, good.plain_len },
		{ good.offset, 0, good.plain_len },
		{ good.offset, 44, good.plain_len },
		{ good.offset, UINT32_MAX, good.plain_len },
		{ good.offset, good.len, good.plain_len - 1 },
		{ good.offset, good.len, good.plain_len + 1 },
		{ good.offset, good.len, 0 },
		{ good.offset, good.len, UINT32_MAX },
		{ other.offset, other.len, other.plain_len },
	};

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		place->offset = lies[i].offset;
		place->len = lies[i].len;
		place->plain_len = lies[i].plain_len;
		expect_status(get_text(damage, &err), true, i);
	}
	*place = good;
	assert_int_equal(get_text(damage, &err), CARNET_OK);
}

static void
what_is_no_pack_is_refused(void **state)
{
	struct damage *damage = *state;
	struct fixture *fixture = &damage->fixture;
	char path[PACK_PATH_TEXT];
	struct carnet_error err;

	pack_path(damage->id, path);
	assert_int_equal(unlinkat(fixture->fd, path, 0), 0);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
	assert_non_null(strstr(err.message, path));
	assert_int_equal(mkfifoat(fixture->fd, path, 0600), 0);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
	assert_int_equal(unlinkat(fixture->fd, path, 0), 0);
	assert_int_equal(mkdirat(fixture->fd, path, 0700), 0);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
	assert_int_equal(check_file(damage, &err), CARNET_DAMAGED);
	assert_int_equal(unlinkat(fixture->fd, path, AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/dev/zero", fixture->fd, path), 0);
	assert_int_equal(get_text(damage, &err), CARNET_DAMAGED);
}

static void
another_key_opens_nothing(void **state)
{
	struct damage *damage = *state;
	struct chunk_row *rows = NULL;
	struct fixture other;
	size_t len = 0;
	int fd = fixture_open_pack(&damage->fixture, damage->id);

	fixture_open(&other, 12);
	assert_int_equal(pack_check_file(fd, damage->id, NULL), CARNET_OK);
	assert_int_equal(
	    pack_read_list(fd, damage->id, other.keys, &rows, &len, NULL),
	    CARNET_DAMAGED);
	assert_null(rows);
	(void)close(fd);
	fixture_close(&other);
}

/* No length, no name, no text stands in the file in clear. */
static void
nothing_is_in_clear(void **state)
{
	struct damage *damage = *state;
	size_t counts[256] = { 0 };

	for (size_t i = 0; i < 2; i++)
		assert_null(memmem(
		    damage->good, damage->len, damage->rows[i].name.bytes, 8));
	assert_null(memmem(damage->good, damage->len, "synthetic", 9));
	assert_null(memmem(damage->good, damage->len, "\x28\xb5\x2f\xfd", 4));
	for (size_t i = PACK_HEADER_LEN; i < damage->len; i++)
		counts[damage->good[i]]++;
	for (size_t i = 0; i < 256; i++) /* 1024 expected, 32 is a sigma */
		assert_in_range(counts[i], 1024 - 8 * 32, 1024 + 8 * 32);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_good_pack_is_good),
		TEST(a_good_pack_is_read_once),
		TEST(every_flipped_byte_is_found),
		TEST(every_cut_is_found),
		TEST(swapped_chunks_are_found),
		TEST(neighbours_cannot_change_places),
		TEST(a_pack_under_another_name_is_found),
		TEST(newer_packs_say_what_they_need),
		TEST(older_packs_are_read),
		TEST(places_that_lie_are_found),
		TEST(what_is_no_pack_is_refused),
		TEST(another_key_opens_nothing),
		TEST(nothing_is_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
