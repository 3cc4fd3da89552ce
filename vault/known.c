/* SPDX-License-Identifier: ISC */
/*
 * What the index doesn't know, without asking it: whoever stores many new
 * files asks of each whether it was seen, where its chunks lie, whether its
 * content is a document's, and nearly always the answer is no.  Bloom filters
 * in memory; what they say wrongly costs a question.
 */
#include "vault.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Questions in one run after which all is read once: as dear as some... */
#define KNOWN_WORTH 1000U
/* ...and so few that they are read at the first. */
#define KNOWN_FEW ((size_t)1000)
/* As many: they have been read, or can't be. */
#define KNOWN_NEVER UINT_MAX
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
	struct filter chunks, files, contents;
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

static struct mark
mark_of_content(uint64_t twin)
{
	return mark_of_file(0, twin);
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

static void
known_take_content(void *context, uint64_t twin)
{
	struct mark mark = mark_of_content(twin);

	filter_add(&((struct known *)context)->contents, &mark);
}

static void
known_free(struct known *known)
{
	if (known == NULL)
		return;
	free(known->chunks.bits);
	free(known->files.bits);
	free(known->contents.bits);
	free(known);
}

/* All or nothing: half a filter would lack what is there. */
static struct known *
known_make(struct index *index, const struct index_counts *counts)
{
	struct known *known = calloc(1, sizeof(*known));
	const struct index_known takes = { known_take_chunk, known_take_file,
		known_take_content, known };

	if (known != NULL && filter_make(&known->chunks, counts->chunks) &&
	    filter_make(&known->files, counts->files) &&
	    filter_make(&known->contents, counts->contents) &&
	    index_known(index, &takes, NULL) == CARNET_OK)
		return known;
	known_free(known);
	return NULL;
}

/* While no document is queued: what is queued isn't in the index yet. */
static void
known_look(struct carnet_vault *vault)
{
	bool is_first = vault->asked++ == 0;
	size_t most = is_first ? KNOWN_FEW : SIZE_MAX >> 1;
	struct index_counts counts = { 0 };

	if (!is_first && vault->asked < KNOWN_WORTH)
		return;
	follow_end(vault); /* what is being written isn't either */
	if (index_known_counts(vault->index, most, &counts, NULL) !=
		CARNET_OK ||
	    (is_first && (counts.chunks == most || counts.files == most ||
			     counts.contents == most)))
		return;
	vault->asked = KNOWN_NEVER;
	vault->known = known_make(vault->index, &counts);
}

/* What is known by now; NULL: ask. */
static const struct known *
known_ask(struct carnet_vault *vault)
{
	if (vault->known != NULL || vault->asked == KNOWN_NEVER)
		return vault->known;
	if (vault->twins.len == 0)
		known_look(vault);
	else
		vault->asked++;
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
	const struct known *known = known_ask(vault);
	struct mark mark;
	uint64_t twin = 0;

	if (known == NULL || index_twin(content, &twin, NULL) != CARNET_OK)
		return false;
	mark = mark_of_content(twin);
	return filter_lacks(&known->contents, &mark);
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
known_add_content(struct carnet_vault *vault, const struct content *content)
{
	uint64_t twin = 0;

	if (vault->known == NULL)
		return;
	if (index_twin(content, &twin, NULL) == CARNET_OK)
		known_take_content(vault->known, twin);
	else
		known_forget(vault);
}

void
known_forget(struct carnet_vault *vault)
{
	known_free(vault->known);
	vault->known = NULL;
}
