/* SPDX-License-Identifier: ISC */
/*
 * Made tests/vectors/pack-2.json, once, and pack.json when packs were of
 * version 1: a tiny pack and the cuts of a known
 * stream, under a fixed key.  Not run by the tests: the vector is what later
 * versions must still read.  docs/format.md says what the fields are.
 */
#include "store_fixture.h"

#include "chunk.h"

#include <unistd.h>

#define STREAM_LEN ((size_t)16 << 20)

static void
print_hex(const char *before, const void *bytes, size_t len, const char *after)
{
	char *text = malloc(2 * len + 1);

	assert_non_null(text);
	hex_encode(bytes, len, text);
	(void)printf("%s\"%s\"%s", before, text, after);
	free(text);
}

static void
print_chunk(struct fixture *fixture, const char *plain, size_t len,
    const struct content *content, const char *after)
{
	const struct chunk_row *row =
	    row_table_find(&fixture->known, &content->names[0]);

	print_hex("    {\"name\": ", row->name.bytes, HASH_LEN, ",\n");
	(void)printf("     \"offset\": %u, \"len\": %u, \"plain_len\": %u,\n",
	    (unsigned)row->place.offset, row->place.len, row->place.plain_len);
	print_hex("     \"plain\": ", plain, len, "}");
	(void)puts(after);
}

static void
print_cuts(struct fixture *fixture)
{
	uint8_t *bytes = malloc(STREAM_LEN);
	struct chunk_cutter cutter;
	struct chunk_gear gear;
	const char *comma = "";
	bool cut = false;

	fixture_random(bytes, STREAM_LEN, 1);
	chunk_gear_derive(fixture->keys, &gear);
	chunk_cutter_begin(&cutter, &gear);
	print_hex("  \"gear_first_two\": ", gear.table, 16, ",\n");
	(void)printf("  \"cuts\": {\"stream\": \"splitmix64, seed 1, "
		     "little-endian, 16 MiB\",\n    \"ends\": [");
	for (size_t at = 0; at < STREAM_LEN;) {
		at += chunk_cutter_feed(
		    &cutter, bytes + at, STREAM_LEN - at, &cut);
		if (cut) {
			(void)printf("%s%u", comma, (unsigned)at);
			comma = ", ";
		}
	}
	(void)puts("]}");
	free(bytes);
}

int
main(void)
{
	static const char text[] =
	    "Synthetic report. Synthetic report. Synthetic report. "
	    "Synthetic report. Synthetic report. Synthetic report.";
	struct fixture fixture;
	struct content raw, squeezed;
	struct fixture_files files;
	struct pack_sum *sum;
	uint8_t *pack;
	size_t len, end, padding;

	fixture_open(&fixture, 0x42);
	(void)fixture_put(&fixture, "raw", 3, &raw);
	(void)fixture_put(&fixture, text, sizeof(text) - 1, &squeezed);
	(void)fixture_flush(&fixture);
	files = fixture_files(&fixture);
	pack = fixture_read_pack(&fixture, files.first, &len);
	end = fixture.known.rows[1].place.offset +
	      fixture.known.rows[1].place.len + 4 + 2 * PACK_ROW_LEN +
	      SEAL_OVERHEAD;
	padding = len - end - PACK_END_LEN;
	/* a reader takes any padding: zeros, so that the vector is short */
	memset(pack + end, 0, padding);
	sum = pack_sum_begin(PACK_VERSION);
	assert_non_null(sum);
	pack_sum_more(sum, pack, len - PACK_SUM_LEN);
	pack_sum_end(sum, pack + len - PACK_SUM_LEN);
	(void)puts("{");
	print_hex(
	    "  \"master\": ", secret_peek(fixture.master), KEY_LEN, ",\n");
	print_hex("  \"id\": ", files.first, PACK_ID_LEN, ",\n");
	print_hex("  \"head\": ", pack, end, ",\n");
	(void)printf("  \"padding_zeros\": %u,\n", (unsigned)padding);
	print_hex(
	    "  \"tail\": ", pack + len - PACK_END_LEN, PACK_END_LEN, ",\n");
	(void)puts("  \"chunks\": [");
	print_chunk(&fixture, "raw", 3, &raw, ",");
	print_chunk(&fixture, text, sizeof(text) - 1, &squeezed, "],");
	print_cuts(&fixture);
	(void)puts("}");
	free(pack);
	content_clear(&raw);
	content_clear(&squeezed);
	fixture_close(&fixture);
	return 0;
}
