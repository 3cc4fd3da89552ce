/* SPDX-License-Identifier: ISC */
/*
 * zstd level 1 where it pays; what doesn't shrink is found out on a sample.
 * Seals nothing, names nothing.  docs/format.md, "Boxes"; squeeze.h.
 */
#include "squeeze.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define SQUEEZE_LEVEL 1
#define SQUEEZE_SAMPLES 4 /* pieces, spread evenly over the chunk */
#define SQUEEZE_SAMPLE_LEN ((size_t)16 << 10) /* bytes of each */
#define BOX_RAW 0
#define BOX_ZSTD 1

struct squeezer {
	ZSTD_CCtx *zstd;
	ZSTD_DCtx *proof;
	uint8_t *spare;    /* BOX_PLAIN_AT + CHUNK_MAX */
	uint8_t *expanded; /* CHUNK_MAX */
};

struct expander {
	ZSTD_DCtx *zstd;
};

struct box *
box_new(size_t room)
{
	struct box *box = calloc(1, sizeof(*box));

	if (box == NULL)
		return NULL;
	box->room = room;
	box->bytes = malloc(BOX_PLAIN_AT + room);
	if (box->bytes == NULL) {
		free(box);
		return NULL;
	}
	return box;
}

void
box_free(struct box *box)
{
	if (box == NULL)
		return;
	free(box->bytes);
	free(box);
}

uint8_t *
box_plain(struct box *box)
{
	return box->bytes + BOX_PLAIN_AT;
}

const uint8_t *
box_wrapped(const struct box *box)
{
	return box->bytes + BOX_PLAIN_AT - BOX_HEADER_LEN;
}

size_t
box_wrapped_len(const struct box *box)
{
	return BOX_HEADER_LEN + box->payload_len;
}

struct squeezer *
squeezer_new(void)
{
	struct squeezer *squeezer = calloc(1, sizeof(*squeezer));

	if (squeezer == NULL)
		return NULL;
	squeezer->zstd = ZSTD_createCCtx();
	squeezer->proof = ZSTD_createDCtx();
	squeezer->spare = malloc(BOX_PLAIN_AT + CHUNK_MAX);
	squeezer->expanded = malloc(CHUNK_MAX);
	if (squeezer->zstd == NULL || squeezer->proof == NULL ||
	    squeezer->spare == NULL || squeezer->expanded == NULL) {
		squeezer_free(squeezer);
		return NULL;
	}
	return squeezer;
}

void
squeezer_free(struct squeezer *squeezer)
{
	if (squeezer == NULL)
		return;
	(void)ZSTD_freeCCtx(squeezer->zstd);
	(void)ZSTD_freeDCtx(squeezer->proof);
	free(squeezer->spare);
	free(squeezer->expanded);
	free(squeezer);
}

/* What a frame may take at most to be worth it. */
static size_t
squeeze_goal(size_t len)
{
	return len - len / 32 - (len >= 32 ? 0 : 1);
}

/* zstd into at most goal bytes: its length, or 0 if it takes more. */
static size_t
squeeze_try(struct squeezer *squeezer, const uint8_t *plain, size_t len,
    uint8_t *frame, size_t goal)
{
	size_t n = ZSTD_compressCCtx(
	    squeezer->zstd, frame, goal, plain, len, SQUEEZE_LEVEL);

	return ZSTD_isError(n) ? 0 : n;
}

/* Whether pieces from all over a long chunk shrink together. */
static bool
squeeze_promises(struct squeezer *squeezer, const uint8_t *plain, size_t len)
{
	const size_t all = SQUEEZE_SAMPLES * SQUEEZE_SAMPLE_LEN;
	uint8_t *sample = squeezer->spare;
	size_t stride;

	if (len < 2 * all)
		return true;
	stride = (len - SQUEEZE_SAMPLE_LEN) / (SQUEEZE_SAMPLES - 1);
	for (size_t i = 0; i < SQUEEZE_SAMPLES; i++)
		memcpy(sample + i * SQUEEZE_SAMPLE_LEN, plain + i * stride,
		    SQUEEZE_SAMPLE_LEN);
	return squeeze_try(
		   squeezer, sample, all, sample + all, squeeze_goal(all)) > 0;
}

/*
 * Whether the frame gives the bytes back.  A compressor that errs, or memory
 * that does, would otherwise be found out when the original is gone.
 */
static bool
squeeze_is_proven(struct squeezer *squeezer, const uint8_t *frame,
    size_t frame_len, const uint8_t *plain, size_t len)
{
	return ZSTD_decompressDCtx(squeezer->proof, squeezer->expanded, len,
		   frame, frame_len) == len &&
	       memcmp(squeezer->expanded, plain, len) == 0;
}

void
box_squeeze(struct squeezer *squeezer, struct box *box)
{
	const uint8_t *plain = box_plain(box);
	size_t len = box->plain_len;
	uint8_t *header;
	size_t n = 0;

	if (squeeze_promises(squeezer, plain, len))
		n = squeeze_try(squeezer, plain, len,
		    squeezer->spare + BOX_PLAIN_AT, squeeze_goal(len));
	if (n > 0 && !squeeze_is_proven(squeezer,
			 squeezer->spare + BOX_PLAIN_AT, n, plain, len))
		n = 0;
	if (n > 0 && box->room < CHUNK_MAX) {
		memcpy(box_plain(box), squeezer->spare + BOX_PLAIN_AT, n);
	} else if (n > 0) {
		uint8_t *spare = squeezer->spare;

		squeezer->spare = box->bytes;
		box->bytes = spare;
	}
	box->payload_len = (uint32_t)(n > 0 ? n : len);
	header = box->bytes + BOX_PLAIN_AT - BOX_HEADER_LEN;
	header[0] = n > 0 ? BOX_ZSTD : BOX_RAW;
	for (size_t i = 0; i < 4; i++)
		header[1 + i] = (uint8_t)(len >> (8 * i));
}

struct expander *
expander_new(void)
{
	struct expander *expander = calloc(1, sizeof(*expander));

	if (expander == NULL)
		return NULL;
	expander->zstd = ZSTD_createDCtx();
	if (expander->zstd == NULL) {
		free(expander);
		return NULL;
	}
	return expander;
}

void
expander_free(struct expander *expander)
{
	if (expander == NULL)
		return;
	(void)ZSTD_freeDCtx(expander->zstd);
	free(expander);
}

bool
box_expand(struct expander *expander, const uint8_t *wrapped,
    size_t wrapped_len, size_t plain_len, uint8_t *spare,
    const uint8_t **ret_plain)
{
	const uint8_t *payload = wrapped + BOX_HEADER_LEN;
	size_t len = 0;

	if (wrapped_len < BOX_HEADER_LEN || plain_len > CHUNK_MAX)
		return false;
	for (size_t i = 0; i < 4; i++)
		len |= (size_t)wrapped[1 + i] << (8 * i);
	if (len != plain_len)
		return false;
	wrapped_len -= BOX_HEADER_LEN;
	if (wrapped[0] == BOX_RAW) {
		if (wrapped_len != plain_len)
			return false;
		*ret_plain = payload;
		return true;
	}
	if (wrapped[0] != BOX_ZSTD ||
	    ZSTD_decompressDCtx(expander->zstd, spare, plain_len, payload,
		wrapped_len) != plain_len)
		return false;
	*ret_plain = spare;
	return true;
}
