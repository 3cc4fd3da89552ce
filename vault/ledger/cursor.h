/* SPDX-License-Identifier: ISC */
/* Bounded little-endian reading and writing of byte strings. */
#ifndef CURSOR_H
#define CURSOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor_out { /* the caller made sure that bytes is long enough */
	uint8_t *bytes;
	size_t at;
};
struct cursor_in { /* bad: something was read beyond the end */
	const uint8_t *bytes;
	size_t len;
	size_t at;
	bool bad;
};

static inline void
cursor_put(struct cursor_out *out, const void *bytes, size_t len)
{
	if (len > 0)
		memcpy(out->bytes + out->at, bytes, len);
	out->at += len;
}

static inline void
cursor_put_number(struct cursor_out *out, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out->bytes[out->at++] = (uint8_t)(value >> (8 * i));
}

static inline void
cursor_put_u8(struct cursor_out *out, uint8_t value)
{
	cursor_put_number(out, value, 1);
}

static inline void
cursor_put_u16(struct cursor_out *out, uint16_t value)
{
	cursor_put_number(out, value, 2);
}

static inline void
cursor_put_u32(struct cursor_out *out, uint32_t value)
{
	cursor_put_number(out, value, 4);
}

static inline void
cursor_put_u64(struct cursor_out *out, uint64_t value)
{
	cursor_put_number(out, value, 8);
}

static inline void
cursor_get(struct cursor_in *in, void *bytes, size_t len)
{
	if (in->bad || len > in->len - in->at) {
		in->bad = true;
		memset(bytes, 0, len);
		return;
	}
	if (len > 0)
		memcpy(bytes, in->bytes + in->at, len);
	in->at += len;
}

static inline uint64_t
cursor_get_number(struct cursor_in *in, size_t len)
{
	uint8_t bytes[8];
	uint64_t value = 0;

	cursor_get(in, bytes, len);
	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

static inline uint8_t
cursor_get_u8(struct cursor_in *in)
{
	return (uint8_t)cursor_get_number(in, 1);
}

static inline uint16_t
cursor_get_u16(struct cursor_in *in)
{
	return (uint16_t)cursor_get_number(in, 2);
}

static inline uint32_t
cursor_get_u32(struct cursor_in *in)
{
	return (uint32_t)cursor_get_number(in, 4);
}

static inline uint64_t
cursor_get_u64(struct cursor_in *in)
{
	return cursor_get_number(in, 8);
}
#endif
