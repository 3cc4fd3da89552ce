/* SPDX-License-Identifier: ISC */
/*
 * A chunk made ready for its seal: flag, length, then the bytes themselves
 * or their zstd frame.  Knows no key and no file.  docs/format.md, "Boxes".
 */
#ifndef SQUEEZE_H
#define SQUEEZE_H
#include "seal.h"
#include "store.h"

#define BOX_HEADER_LEN ((size_t)5) /* flag u8, plain length u32 LE */
#define BOX_PLAIN_AT ((size_t)64)  /* in the buffer; the header ends there */
/* What most documents' chunks fit in: many of these cost little memory. */
#define BOX_SMALL ((size_t)192 << 10)
#define BOX_SEALED_MIN (SEAL_OVERHEAD + BOX_HEADER_LEN)
#define BOX_SEALED_MAX (SEAL_OVERHEAD + BOX_HEADER_LEN + CHUNK_MAX)

/* One chunk on its way to a pack. */
struct box {
	uint8_t *bytes; /* BOX_PLAIN_AT + room */
	size_t room;    /* CHUNK_MAX or BOX_SMALL */
	uint32_t plain_len;
	uint32_t payload_len; /* after box_squeeze: from BOX_PLAIN_AT */
	struct chunk_name name;
	/* the batch's: */
	size_t row;                /* in its table */
	uint8_t pack[PACK_ID_LEN]; /* where it goes */
	bool closes;               /* that pack, after it */
	bool squeezed;
	struct box *next;  /* in the queue that holds it */
	struct box *after; /* on its way behind this one */
};
/* room: CHUNK_MAX or BOX_SMALL.  NULL: no memory. */
struct box *box_new(size_t room);
void box_free(struct box *box);
uint8_t *box_plain(struct box *box);
/* What is sealed: header and payload; after box_squeeze only. */
const uint8_t *box_wrapped(const struct box *box);
size_t box_wrapped_len(const struct box *box);

/* One thread's compressor and its spare buffer. */
struct squeezer;
struct squeezer *squeezer_new(void); /* NULL: no memory */
void squeezer_free(struct squeezer *squeezer);
/*
 * Turns the box's plain bytes into header and payload: a zstd frame if that
 * saves 1/32 or more, else the bytes as they are.  Plain bytes are lost.
 */
void box_squeeze(struct squeezer *squeezer, struct box *box);

/*
 * The other way.  wrapped: what the seal held.  *ret_plain points into
 * wrapped or into spare (plain_len bytes).  False: it isn't a box of
 * plain_len bytes.
 */
struct expander;
struct expander *expander_new(void); /* NULL: no memory */
void expander_free(struct expander *expander);
bool box_expand(struct expander *expander, const uint8_t *wrapped,
    size_t wrapped_len, size_t plain_len, uint8_t *spare,
    const uint8_t **ret_plain);
#endif
