/* SPDX-License-Identifier: ISC */
/*
 * The limit of the benchmark: a bare loop that cuts, names, squeezes, seals
 * and writes a folder's files, and nothing else: no index, no ledger, no
 * second look at what was squeezed.  limit FOLDER OUT THREADS LEVEL
 */
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define LIMIT_FILES 200000
#define LIMIT_MIN ((size_t)64 << 10)
#define LIMIT_NORMAL ((size_t)1 << 20)
#define LIMIT_MAX ((size_t)4 << 20)
#define LIMIT_WINDOW ((size_t)8 << 20)

static char *limit_paths[LIMIT_FILES];
static size_t limit_count;
static atomic_size_t limit_next;
static uint64_t limit_gear[256];
static uint8_t limit_key[32];
static const char *limit_out;
static int limit_level;

static void
limit_fail(const char *what)
{
	perror(what);
	exit(1);
}

static int
limit_gather(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)at;
	if (flag == FTW_F && limit_count < LIMIT_FILES)
		limit_paths[limit_count++] = strdup(path);
	return 0;
}

static size_t
limit_cut(const uint8_t *bytes, size_t len)
{
	size_t end = len < LIMIT_MAX ? len : LIMIT_MAX;
	size_t normal = end < LIMIT_NORMAL ? end : LIMIT_NORMAL;
	uint64_t hash = 0;
	size_t i = LIMIT_MIN - 64;

	if (len <= LIMIT_MIN)
		return len;
	for (; i < normal; i++) {
		hash = (hash << 1) + limit_gear[bytes[i]];
		if (i >= LIMIT_MIN && hash >> 42 == 0)
			return i + 1;
	}
	for (; i < end; i++) {
		hash = (hash << 1) + limit_gear[bytes[i]];
		if (hash >> 46 == 0)
			return i + 1;
	}
	return end;
}

struct limit_hand {
	int fd;
	uint8_t *bytes, *frame, *sealed;
	ZSTD_CCtx *zstd;
};

static void
limit_chunk(struct limit_hand *hand, const uint8_t *bytes, size_t len)
{
	uint8_t name[32], nonce[24];
	unsigned long long sealed = 0;
	size_t n = len;

	crypto_generichash(
	    name, sizeof(name), bytes, len, limit_key, sizeof(limit_key));
	if (limit_level > 0)
		n = ZSTD_compressCCtx(hand->zstd, hand->frame,
		    ZSTD_compressBound(LIMIT_MAX), bytes, len, limit_level);
	if (limit_level > 0 && !ZSTD_isError(n) && n < len)
		bytes = hand->frame;
	else
		n = len;
	randombytes_buf(nonce, sizeof(nonce));
	memcpy(hand->sealed, nonce, sizeof(nonce));
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(hand->sealed + 24,
	    &sealed, bytes, n, name, sizeof(name), NULL, nonce, limit_key);
	if (write(hand->fd, hand->sealed, 24 + sealed) !=
	    (ssize_t)(24 + sealed))
		limit_fail("write");
}

/* A window over the file, moved when less than a chunk is left of it. */
static void
limit_file(struct limit_hand *hand, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t at = 0, have = 0;
	ssize_t n = 1;

	for (;;) {
		size_t len;

		if (n > 0 && have - at < LIMIT_MAX) {
			memmove(hand->bytes, hand->bytes + at, have - at);
			have -= at;
			at = 0;
			while (have < LIMIT_WINDOW &&
			       (n = read(fd, hand->bytes + have,
				    LIMIT_WINDOW - have)) > 0)
				have += (size_t)n;
		}
		if (have == at)
			break;
		len = limit_cut(hand->bytes + at, have - at);
		limit_chunk(hand, hand->bytes + at, len);
		at += len;
	}
	(void)close(fd);
}

static void *
limit_work(void *argument)
{
	struct limit_hand hand = { .bytes = malloc(LIMIT_WINDOW),
		.frame = malloc(ZSTD_compressBound(LIMIT_MAX)),
		.sealed = malloc(LIMIT_MAX + 64),
		.zstd = ZSTD_createCCtx() };
	char path[4096];
	size_t i;

	(void)snprintf(
	    path, sizeof(path), "%s/%u", limit_out, *(unsigned *)argument);
	hand.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (hand.fd < 0 || hand.bytes == NULL || hand.frame == NULL ||
	    hand.sealed == NULL || hand.zstd == NULL)
		limit_fail(path);
	while ((i = atomic_fetch_add(&limit_next, 1)) < limit_count)
		limit_file(&hand, limit_paths[i]);
	if (fsync(hand.fd) != 0)
		limit_fail("fsync");
	(void)close(hand.fd);
	free(hand.bytes);
	free(hand.frame);
	free(hand.sealed);
	(void)ZSTD_freeCCtx(hand.zstd);
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t threads[16];
	unsigned numbers[16], count;

	if (argc != 5 || sodium_init() < 0)
		return 2;
	limit_out = argv[2];
	count = (unsigned)atoi(argv[3]);
	limit_level = atoi(argv[4]);
	if (count < 1 || count > 16)
		return 2;
	randombytes_buf(limit_key, sizeof(limit_key));
	randombytes_buf(limit_gear, sizeof(limit_gear));
	if (nftw(argv[1], limit_gather, 64, FTW_PHYS) != 0)
		return 1;
	for (unsigned i = 0; i < count; i++) {
		numbers[i] = i;
		if (pthread_create(
			&threads[i], NULL, limit_work, &numbers[i]) != 0)
			return 1;
	}
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	return 0;
}
