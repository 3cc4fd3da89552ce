/* SPDX-License-Identifier: ISC */
/*
 * What the index doesn't know, without asking it: whoever stores many new
 * files asks of each whether it was seen, and of each chunk where it lies, and
 * nearly always the answer is no.  Two Bloom filters in memory; whatever they
 * say wrongly costs a question, or a chunk stored twice.
 */
#include "vault.h"

#include <stdlib.h>
#include <string.h>

/* Questions in one run after which all is read once: as dear as some. */
#define KNOWN_WORTH 1000U
/* Bits a name: with four of them, one in four hundred is asked in vain. */
#define KNOWN_BITS ((size_t)16)
/* Room for those that come in this run; more, and more is asked in vain. */
#define KNOWN_MORE ((size_t)256 << 10)
/* Bits at most, 8 MiB: larger vaults are asked. */
#define KNOWN_MOST ((size_t)64 << 20)

struct filter {
	size_t mask;   /* bits, a power of two, less one */
	uint8_t *bits; /* NULL: not made */
};

/* Two halves of something that looks random. */
struct mark {
	uint64_t a, b;
};

struct known {
	struct filter chunks, files;
};

static bool
filter_make(struct filter *filter, size_t count)
{
	size_t bits = 1 << 10;

	while (bits < KNOWN_MOST && bits < KNOWN_BITS * (count + KNOWN_MORE))
		bits *= 2;
	if (count > KNOWN_MOST / KNOWN_BITS)
		return false;
	filter->mask = bits - 1;
	filter->bits = calloc(bits / 8, 1);
	return filter->bits != NULL;
}

static void
filter_add(struct filter *filter, const struct mark *mark)
{
	for (uint64_t i = 0; i < 4; i++) {
		size_t at = (size_t)(mark->a + i * mark->b) & filter->mask;

		filter->bits[at / 8] |= (uint8_t)(1U << at % 8);
	}
}

static bool
filter_lacks(const struct filter *filter, const struct mark *mark)
{
	for (uint64_t i = 0; i < 4; i++) {
		size_t at = (size_t)(mark->a + i * mark->b) & filter->mask;

		if ((filter->bits[at / 8] & 1U << at % 8) == 0)
			return true;
	}
	return false;
}

/* Names are hashes already. */
static struct mark
mark_of_chunk(const struct chunk_name *name)
{
	struct mark mark;

	memcpy(&mark.a, name->bytes, sizeof(mark.a));
	memcpy(&mark.b, name->bytes + sizeof(mark.a), sizeof(mark.b));
	mark.b |= 1;
	return mark;
}

/* The end of SplitMix64: every bit depends on every bit. */
static uint64_t
mark_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static struct mark
mark_of_file(uint64_t device, uint64_t inode)
{
	struct mark mark;

	mark.a = mark_mix(inode + UINT64_C(0x9e3779b97f4a7c15) * device);
	mark.b = mark_mix(mark.a + UINT64_C(0x9e3779b97f4a7c15)) | 1;
	return mark;
}

static void
known_take_chunk(void *context, const struct chunk_name *name)
{
	struct mark mark = mark_of_chunk(name);

	filter_add(&((struct known *)context)->chunks, &mark);
}

static void
known_take_file(void *context, uint64_t device, uint64_t inode)
{
	struct mark mark = mark_of_file(device, inode);

	filter_add(&((struct known *)context)->files, &mark);
}

/* All or nothing: half a filter would lack what is there. */
static void
known_make(struct carnet_vault *vault)
{
	struct known *known = calloc(1, sizeof(*known));
	size_t chunks = 0, files = 0;

	vault->known = known;
	if (known == NULL)
		return;
	if (index_known_counts(vault->index, &chunks, &files, NULL) !=
		CARNET_OK ||
	    !filter_make(&known->chunks, chunks) ||
	    !filter_make(&known->files, files) ||
	    index_known(vault->index, known_take_chunk, known_take_file, known,
		NULL) != CARNET_OK)
		known_forget(vault);
}

/* What is known by now; NULL: ask. */
static const struct known *
known_ask(struct carnet_vault *vault)
{
	if (vault->known == NULL && vault->asked < KNOWN_WORTH &&
	    ++vault->asked == KNOWN_WORTH)
		known_make(vault);
	return vault->known;
}

bool
known_lacks_chunk(void *context, const struct chunk_name *name)
{
	const struct known *known = known_ask(context);
	struct mark mark = mark_of_chunk(name);

	return known != NULL && filter_lacks(&known->chunks, &mark);
}

bool
known_lacks_content(struct carnet_vault *vault, const struct content *content)
{
	for (size_t i = 0; i < content->len; i++)
		if (known_lacks_chunk(vault, &content->names[i]))
			return true;
	return false;
}

bool
known_lacks_file(struct carnet_vault *vault, const struct index_seen *file)
{
	const struct known *known = known_ask(vault);
	struct mark mark = mark_of_file(file->device, file->inode);

	return known != NULL && filter_lacks(&known->files, &mark);
}

void
known_add_chunks(
    struct carnet_vault *vault, const struct chunk_row *rows, size_t len)
{
	for (size_t i = 0; i < len && vault->known != NULL; i++)
		known_take_chunk(vault->known, &rows[i].name);
}

void
known_forget(struct carnet_vault *vault)
{
	if (vault->known == NULL)
		return;
	free(vault->known->chunks.bits);
	free(vault->known->files.bits);
	free(vault->known);
	vault->known = NULL;
}
