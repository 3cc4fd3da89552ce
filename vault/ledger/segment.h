/* SPDX-License-Identifier: ISC */
/* One segment's file: a header in clear, then framed, sealed records. */
#ifndef SEGMENT_H
#define SEGMENT_H
#include "event.h"
#include "keys.h"

#define SEGMENT_VERSION 1
#define SEGMENT_HEADER_LEN 48
#define SEGMENT_FRAME_LEN 16 /* length and its checksum, in clear */
#define RECORD_ALIGN 512
#define RECORD_MAX_PLAIN ((size_t)4 << 20)

struct segment_name {
	uint8_t vault[16];
	uint8_t device[DEVICE_ID_LEN];
	uint64_t number;
	uint32_t revision;
};
struct segment_view { /* a segment held in memory; nothing is owned */
	const struct keys *keys;
	const struct segment_name *name;
	const uint8_t *bytes;
	size_t len;
};
struct segment_record {
	uint64_t position;
	uint64_t end;   /* of the record, or of what doesn't open */
	uint8_t *plain; /* owned; NULL: nothing opens there */
	size_t plain_len;
	bool frame_damaged; /* its length and checksum don't agree */
	bool cut;           /* the file ends before it does */
};

/* Length of a framed, sealed record of plain_len bytes in the file. */
uint64_t segment_record_len(size_t plain_len);
void segment_header(
    const struct segment_name *name, uint8_t ret_header[SEGMENT_HEADER_LEN]);
/* CARNET_DAMAGED unless the header says exactly this; CARNET_NEWER. */
enum carnet_status segment_check_header(const struct segment_name *name,
    const uint8_t *bytes, size_t len, struct carnet_error *err);
/* Writes segment_record_len(len) bytes to record. */
void segment_seal(const struct keys *keys, const struct segment_name *name,
    uint64_t position, const uint8_t *plain, size_t len, uint8_t *record);
/*
 * What lies at `position`, which is before the end: a record, or, with plain
 * NULL, bytes up to the next place at which one may begin.  A record with a
 * damaged frame is found all the same.  Fails on memory alone; the caller
 * wipes and frees plain (segment_record_clear).
 */
enum carnet_status segment_next(const struct segment_view *view,
    uint64_t position, struct segment_record *ret_record,
    struct carnet_error *err);
void segment_record_clear(struct segment_record *record);

/* Whether a sector of the disk, as far as it lies in these bytes, is zeros: it
 * was never written, or has been erased.  Ciphertext isn't: positions are
 * multiples of 8. */
bool segment_lacks_sector(const uint8_t *bytes, uint64_t from, uint64_t to);
/*
 * Where a torn tail begins, in the last segment of a device; the segment's
 * length if there is none.  Torn is the last batch if the file ends before
 * the batch does, or if what doesn't open of it holds a sector of zeros, and
 * if it begins at or behind `known`.  All else that doesn't open is damage.
 * start: where a batch begins, of which the first event has this sequence
 * (0: not known).
 */
enum carnet_status segment_find_torn(const struct segment_view *view,
    uint64_t start, uint64_t seq, uint64_t known, uint64_t *ret_torn,
    struct carnet_error *err);
#endif
