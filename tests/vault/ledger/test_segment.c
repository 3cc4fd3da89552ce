/* SPDX-License-Identifier: ISC */
/*
 * Headers, frames and seals of one segment in memory: what is whole, what is
 * found again behind damage, what is newer.  docs/format.md, "Segments".
 */
#include "ledger_fixture.h"

struct made {
	struct fixture fixture;
	struct segment_name name;
	uint8_t bytes[1 << 17];
	size_t len;
	uint64_t places[8];
	size_t records;
};

static void
made_add(struct made *made, size_t plain_len)
{
	uint8_t *plain = calloc(1, plain_len);

	assert_non_null(plain);
	assert_true(
	    made->len + segment_record_len(plain_len) <= sizeof(made->bytes));
	plain[0] = (uint8_t)(made->records + 1);
	segment_seal(made->fixture.keys, &made->name, made->len, plain,
	    plain_len, made->bytes + made->len);
	made->places[made->records++] = made->len;
	made->len += segment_record_len(plain_len);
	free(plain);
}

/* Four records: short, long (beyond all guesses), short, short. */
static struct made *
made_new(void)
{
	struct made *made = calloc(1, sizeof(*made));

	assert_non_null(made);
	fixture_open(&made->fixture);
	memcpy(made->name.vault, fixture_vault, 16);
	memcpy(made->name.device, fixture_device, DEVICE_ID_LEN);
	made->name.number = 3;
	segment_header(&made->name, made->bytes);
	made->len = SEGMENT_HEADER_LEN;
	made_add(made, 512);
	made_add(made, 512 * 160);
	made_add(made, 1024);
	made_add(made, 512);
	return made;
}

static void
made_free(struct made *made)
{
	fixture_close(&made->fixture);
	free(made);
}

/* Which records open (their numbers as digits), and what is odd. */
static void
made_walk(
    struct made *made, char *ret_found, size_t *ret_holes, size_t *ret_frames)
{
	struct segment_view view = { made->fixture.keys, &made->name,
		made->bytes, made->len };
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	size_t found = 0;

	*ret_holes = *ret_frames = 0;
	while (record.end < made->len) {
		uint64_t before = record.end;

		assert_int_equal(
		    segment_next(&view, record.end, &record, NULL), CARNET_OK);
		assert_true(record.position == before && record.end > before);
		if (record.plain == NULL)
			(*ret_holes)++;
		else
			ret_found[found++] = (char)('0' + record.plain[0]);
		if (record.plain != NULL && record.frame_damaged)
			(*ret_frames)++;
		segment_record_clear(&record);
	}
	ret_found[found] = '\0';
}

static void
whole_records_open(void **state)
{
	struct made *made = made_new();
	size_t holes, frames;
	char found[8];

	(void)state;
	made_walk(made, found, &holes, &frames);
	assert_string_equal(found, "1234");
	assert_int_equal(holes + frames, 0);
	for (size_t i = 0; i < made->records; i++)
		assert_int_equal(made->places[i] % 8, 0);
	made_free(made);
}

/* Any byte of a frame, of a short or long record, first, last: all open. */
static void
a_damaged_frame_loses_nothing(void **state)
{
	struct made *made = made_new();
	size_t holes, frames;
	char found[8];

	(void)state;
	for (size_t r = 0; r < made->records; r++) {
		for (size_t i = 0; i < SEGMENT_FRAME_LEN; i++) {
			made->bytes[made->places[r] + i] ^= 0x80;
			made_walk(made, found, &holes, &frames);
			assert_string_equal(found, "1234");
			assert_int_equal(holes, 0);
			assert_int_equal(frames, 1);
			made->bytes[made->places[r] + i] ^= 0x80;
		}
	}
	made_free(made);
}

static void
a_damaged_seal_loses_one(void **state)
{
	static const char *const left[] = { "234", "134", "124", "123" };
	struct made *made = made_new();
	size_t holes, frames;
	char found[8];

	(void)state;
	for (size_t r = 0; r < made->records; r++) {
		uint64_t at = made->places[r] + SEGMENT_FRAME_LEN + 100;

		made->bytes[at] ^= 1;
		made_walk(made, found, &holes, &frames);
		assert_string_equal(found, left[r]);
		assert_int_equal(holes, 1);
		made->bytes[made->places[r]] ^= 1; /* and its frame */
		made_walk(made, found, &holes, &frames);
		assert_string_equal(found, left[r]);
		made->bytes[made->places[r]] ^= 1;
		made->bytes[at] ^= 1;
	}
	made_free(made);
}

/* A record opens at its own place, in its own segment, alone. */
static void
records_stay_where_they_are(void **state)
{
	struct made *made = made_new();
	size_t holes, frames, len;
	char found[8];

	(void)state;
	made->name.number++;
	made_walk(made, found, &holes, &frames);
	assert_string_equal(found, "");
	made->name.number--;
	made->name.revision++;
	made_walk(made, found, &holes, &frames);
	assert_string_equal(found, "");
	made->name.revision--;
	made->name.vault[0]++;
	made_walk(made, found, &holes, &frames);
	assert_string_equal(found, "");
	made->name.vault[0]--;
	/* a copy of the last record behind it doesn't open there */
	len = made->len - made->places[3];
	memcpy(made->bytes + made->len, made->bytes + made->places[3], len);
	made->len += len;
	made_walk(made, found, &holes, &frames);
	assert_string_equal(found, "1234");
	assert_int_equal(holes, 1);
	made_free(made);
}

static void
what_is_cut_says_so(void **state)
{
	struct made *made = made_new();
	struct segment_view view = { made->fixture.keys, &made->name,
		made->bytes, 0 };
	struct segment_record record;
	uint64_t last = made->places[3];

	(void)state;
	for (view.len = last + 1; view.len < made->len; view.len++) {
		assert_int_equal(
		    segment_next(&view, last, &record, NULL), CARNET_OK);
		assert_null(record.plain);
		assert_true(record.cut);
		assert_int_equal(record.end, view.len);
	}
	made_free(made);
}

static void
headers_are_exact(void **state)
{
	struct made *made = made_new();
	struct carnet_error err;

	(void)state;
	for (size_t i = 0; i < SEGMENT_HEADER_LEN; i++) {
		enum carnet_status expected =
		    i == 8 ? CARNET_NEWER : CARNET_DAMAGED;

		made->bytes[i] ^= 0x20;
		assert_int_equal(segment_check_header(
				     &made->name, made->bytes, made->len, &err),
		    expected);
		made->bytes[i] ^= 0x20;
	}
	assert_int_equal(segment_check_header(&made->name, made->bytes,
			     SEGMENT_HEADER_LEN - 1, &err),
	    CARNET_DAMAGED);
	made->bytes[8] = 7; /* a newer one says which is needed */
	assert_int_equal(
	    segment_check_header(&made->name, made->bytes, made->len, &err),
	    CARNET_NEWER);
	assert_non_null(strstr(err.message, "7"));
	made_free(made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_records_open),
		cmocka_unit_test(a_damaged_frame_loses_nothing),
		cmocka_unit_test(a_damaged_seal_loses_one),
		cmocka_unit_test(records_stay_where_they_are),
		cmocka_unit_test(what_is_cut_says_so),
		cmocka_unit_test(headers_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
