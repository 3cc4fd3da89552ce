/* SPDX-License-Identifier: ISC */
/* One segment's file: a header in clear, then sealed records. */
#ifndef SEGMENT_H
#define SEGMENT_H
#include "event.h"
#include "keys.h"

#define SEGMENT_VERSION 1
#define SEGMENT_HEADER_LEN 48
#define RECORD_ALIGN 512
#define RECORD_MAX_PLAIN ((size_t)4 << 20)

struct segment_name {
	uint8_t vault[16];
	uint8_t device[DEVICE_ID_LEN];
	uint64_t number;
	uint32_t revision;
};

/* Length of a sealed record of plain_len bytes in the file. */
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
 * Opens the record at `position` of a segment held in memory.  When its
 * length field is damaged, all lengths that it could have are tried.
 * *ret_end: the position after it.  The caller frees *ret_plain.
 * CARNET_NOT_FOUND: nothing opens there.
 */
enum carnet_status segment_open_record(const struct keys *keys,
    const struct segment_name *name, const uint8_t *bytes, size_t len,
    uint64_t position, uint8_t **ret_plain, size_t *ret_plain_len,
    uint64_t *ret_end, struct carnet_error *err);
/* Whether the length before a record that opened says where it ends: a short
 * record opens without it. */
bool segment_length_is_whole(
    const uint8_t *bytes, uint64_t position, uint64_t end);
/* The next position behind `position` at which a record opens, or len. */
uint64_t segment_resync(const struct keys *keys,
    const struct segment_name *name, const uint8_t *bytes, size_t len,
    uint64_t position);
#endif
