/* SPDX-License-Identifier: ISC */
/* Fuzzes a pack, the first byte choosing what of it: its bytes as they stand
 * in the file, or, behind seals that open, its trailer and list, or one chunk.
 * Compares nothing: the sanitizers judge.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pack.h"

#define PACK_LEN ((size_t)PACK_SIZE_MIN)
#define TRAILER_AT (PACK_LEN - PACK_END_LEN)
#define TRAILER_PLAIN (PACK_TRAILER_LEN - SEAL_OVERHEAD)
#define PAGE ((size_t)4096)
#define HEAD_MAX ((size_t)4096) /* of raw bytes: what goes to the beginning */

enum part { RAW, RAW_HASHED, LIST, CHUNK, PARTS };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* That of tests/vectors/pack.json: its packs are seeds. */
static struct keys *keys;
static uint8_t pack[PACK_SIZE_MIN];
static const uint8_t id[PACK_ID_LEN] = { 0x2c, 0x4c, 0x61, 0xae, 0x56, 0xff,
	0x00, 0xe0, 0x1d, 0x0f, 0x8f, 0x25, 0x12, 0xbf, 0x59, 0x5d };

static void
make_keys(void)
{
	uint8_t master[KEY_LEN];
	struct secret *secret;

	memset(master, 0x42, sizeof(master));
	secret = secret_from(master, sizeof(master));
	if (secret == NULL || keys_derive(secret, &keys, NULL) != CARNET_OK)
		abort();
	secret_free(secret);
}

static void
seal_part(enum pack_part part, uint64_t offset, const void *plain, size_t len)
{
	uint8_t ad[PACK_AD_LEN];

	pack_ad(pack, part, offset, ad);
	seal(keys_get(keys, KEY_PACKS), ad, sizeof(ad), plain, len,
	    pack + offset);
}

/* The beginning and, behind it, the end of the file. */
static void
make_raw(const uint8_t *bytes, size_t len)
{
	size_t head = len < HEAD_MAX ? len : HEAD_MAX;

	memcpy(pack, bytes, head);
	len -= head;
	if (len > PACK_LEN - head)
		len = PACK_LEN - head;
	memcpy(pack + PACK_LEN - len, bytes + head, len);
}

/* Trailer and list, each sealed where a reader will look for it. */
static void
make_list(const uint8_t *bytes, size_t len)
{
	uint8_t trailer[TRAILER_PLAIN] = { 0 };
	size_t told = len < sizeof(trailer) ? len : sizeof(trailer);
	uint64_t offset;

	memcpy(trailer, bytes, told);
	bytes += told;
	len -= told;
	seal_part(PACK_TRAILER, TRAILER_AT, trailer, sizeof(trailer));
	offset = pack_get_le(trailer, 8);
	if (offset >= PACK_HEADER_LEN && offset < TRAILER_AT &&
	    len + SEAL_OVERHEAD <= TRAILER_AT - offset)
		seal_part(PACK_LIST, offset, bytes, len);
}

/* One chunk: what the list says of its length, then what its seal holds. */
static void
make_chunk(const uint8_t *bytes, size_t len)
{
	uint8_t row[PACK_LIST_HEAD_LEN + PACK_ROW_LEN] = { 1 };
	uint8_t trailer[TRAILER_PLAIN] = { 0 };
	size_t sealed_len;

	if (len < 4)
		return;
	memcpy(row + PACK_LIST_HEAD_LEN + 44, bytes, 4);
	bytes += 4;
	len -= 4;
	if (len > PACK_LEN / 2)
		len = PACK_LEN / 2;
	sealed_len = len + SEAL_OVERHEAD;
	seal_part(PACK_CHUNK, PACK_HEADER_LEN, bytes, len);
	pack_put_le(row + PACK_LIST_HEAD_LEN + 32, PACK_HEADER_LEN, 8);
	pack_put_le(row + PACK_LIST_HEAD_LEN + 40, sealed_len, 4);
	seal_part(PACK_LIST, PACK_HEADER_LEN + sealed_len, row, sizeof(row));
	pack_put_le(trailer, PACK_HEADER_LEN + sealed_len, 8);
	pack_put_le(trailer + 8, sizeof(row) + SEAL_OVERHEAD, 8);
	pack_put_le(trailer + 16, 1, 4);
	seal_part(PACK_TRAILER, TRAILER_AT, trailer, sizeof(trailer));
}

/* Of the version that the bytes say. */
static void
make_sum(void)
{
	struct pack_sum *sum = pack_sum_begin(pack_get_le(pack + 8, 2));

	if (sum == NULL)
		abort();
	pack_sum_more(sum, pack, PACK_LEN - PACK_SUM_LEN);
	pack_sum_end(sum, pack + PACK_LEN - PACK_SUM_LEN);
}

/* The pack as a file; only pages that changed since the last one are
 * written. */
static int
put_file(void)
{
	static uint8_t written[PACK_SIZE_MIN];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("pack", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, (off_t)PACK_LEN) != 0)
			abort();
	}
	for (size_t at = 0; at < PACK_LEN; at += PAGE) {
		if (memcmp(written + at, pack + at, PAGE) == 0)
			continue;
		if (pwrite(fd, pack + at, PAGE, (off_t)at) != (ssize_t)PAGE)
			abort();
		memcpy(written + at, pack + at, PAGE);
	}
	return fd;
}

static void
read_pack(bool whole)
{
	struct chunk_row *rows = NULL;
	size_t count = 0;
	int fd = put_file();

	if (whole)
		(void)pack_check_file(fd, id, NULL);
	if (pack_read_list(fd, id, keys, &rows, &count, NULL) == CARNET_OK) {
		if (count == 0 || count > PACK_CHUNKS_MAX)
			abort();
		(void)pack_check_all(fd, id, keys, true, NULL, NULL, NULL);
	}
	free(rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	enum part part;

	if (len == 0)
		return 0;
	if (keys == NULL)
		make_keys();
	part = (enum part)(bytes[0] % PARTS);
	bytes++;
	len--;
	memset(pack, 0, sizeof(pack));
	pack_header(id, pack);
	if (part == LIST)
		make_list(bytes, len);
	else if (part == CHUNK)
		make_chunk(bytes, len);
	else
		make_raw(bytes, len);
	if (part == RAW_HASHED)
		make_sum();
	read_pack(part == RAW || part == RAW_HASHED);
	return 0;
}
