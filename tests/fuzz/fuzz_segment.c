/* SPDX-License-Identifier: ISC */
/* Fuzzes a segment of the ledger, the first byte choosing what of it: its
 * bytes, or records that are sealed and put between, cut and hurt as the rest
 * of the input says.  Walking it always ends, and finds every record that
 * nothing was done to before it.  How to run it: tests/fuzz/run. */
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "segment.h"

#define SEGMENT_MAX ((size_t)16 << 10)
#define RECORDS_MAX ((size_t)64)

enum step { RECORD, BYTES, CUT, HURT, STEPS };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Those of tests/vectors/ledger.json: its segment is a seed. */
static struct keys *keys;
static struct segment_name name = { .number = 3, .revision = 1 };

struct made {
	uint8_t bytes[SEGMENT_MAX];
	size_t len;
	uint64_t sound[RECORDS_MAX]; /* where whole records begin */
	uint64_t ends[RECORDS_MAX];
	size_t sound_len;
	bool hurt;
};

static void
make_keys(void)
{
	uint8_t master[KEY_LEN];
	struct secret *secret;

	for (size_t i = 0; i < sizeof(master); i++)
		master[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(name.vault); i++) {
		name.vault[i] = (uint8_t)(0x40 + i);
		name.device[i] = (uint8_t)(0x60 + i);
	}
	secret = secret_from(master, sizeof(master));
	if (secret == NULL || keys_derive(secret, &keys, NULL) != CARNET_OK)
		abort();
	secret_free(secret);
}

/* A record of as much as its two bytes say, padded. */
static void
make_record(struct made *made, struct cursor_in *in)
{
	uint8_t plain[8 * RECORD_ALIGN] = { 0 };
	size_t told = cursor_get_u16(in) % sizeof(plain);
	size_t left = in->len - in->at;
	size_t plain_len = (told / RECORD_ALIGN + 1) * RECORD_ALIGN;

	if (made->len + segment_record_len(plain_len) > SEGMENT_MAX)
		return;
	cursor_get(in, plain, told < left ? told : left);
	segment_seal(
	    keys, &name, made->len, plain, plain_len, made->bytes + made->len);
	if (!made->hurt && made->sound_len < RECORDS_MAX) {
		made->sound[made->sound_len] = made->len;
		made->ends[made->sound_len++] =
		    made->len + segment_record_len(plain_len);
	}
	made->len += segment_record_len(plain_len);
}

/* Something was done to the byte at `position`, or to what is behind it. */
static void
forget_from(struct made *made, uint64_t position)
{
	while (
	    made->sound_len > 0 && made->ends[made->sound_len - 1] > position)
		made->sound_len--;
}

static void
make_step(struct made *made, struct cursor_in *in)
{
	enum step step = (enum step)(cursor_get_u8(in) % STEPS);
	size_t some = step == RECORD ? 0 : cursor_get_u16(in);
	size_t left = in->len - in->at;

	if (step == RECORD) {
		make_record(made, in);
		return;
	}
	made->hurt = true;
	if (step == BYTES) {
		some = some < left ? some : left;
		if (some <= SEGMENT_MAX - made->len) {
			cursor_get(in, made->bytes + made->len, some);
			made->len += some;
		}
	} else if (made->len > SEGMENT_HEADER_LEN) {
		some %= made->len - SEGMENT_HEADER_LEN;
		if (step == CUT)
			made->len -= some;
		else
			made->bytes[made->len - 1 - some] ^= 0x10;
		forget_from(
		    made, step == CUT ? made->len : made->len - 1 - some);
	}
}

static void
walk(const struct segment_view *view, const struct made *made)
{
	struct segment_record record = { .end = SEGMENT_HEADER_LEN };
	size_t found = 0;

	while (record.end < view->len) {
		uint64_t from = record.end;
		struct event event = { 0 };

		if (segment_next(view, from, &record, NULL) != CARNET_OK)
			return;
		if (record.position != from || record.end <= from ||
		    record.end > view->len)
			abort();
		if (record.plain != NULL && found < made->sound_len &&
		    made->sound[found] == from)
			found++;
		if (record.plain != NULL &&
		    event_decode(record.plain, record.plain_len, &event,
			NULL) == CARNET_OK)
			event_clear(&event);
		segment_record_clear(&record);
	}
	if (found != made->sound_len)
		abort();
}

static void
find_torn(const struct segment_view *view, uint64_t seq, uint64_t known)
{
	uint64_t torn = 0;

	if (segment_find_torn(
		view, SEGMENT_HEADER_LEN, seq, known, &torn, NULL) != CARNET_OK)
		return;
	if (torn > view->len || (torn < view->len && torn < known))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct made made;
	struct cursor_in in = { bytes, len, 0, false };
	struct segment_view view = { .name = &name };
	uint64_t seq, known;
	bool raw;

	if (keys == NULL)
		make_keys();
	raw = (cursor_get_u8(&in) & 1) != 0;
	seq = cursor_get_u8(&in);
	known = cursor_get_u16(&in);
	made.len = made.sound_len = 0;
	made.hurt = false;
	if (!raw) {
		segment_header(&name, made.bytes);
		made.len = SEGMENT_HEADER_LEN;
		while (!in.bad && in.at < in.len)
			make_step(&made, &in);
	} else if (!in.bad) {
		made.len =
		    in.len - in.at < SEGMENT_MAX ? in.len - in.at : SEGMENT_MAX;
		cursor_get(&in, made.bytes, made.len);
	}
	/* exactly as long as it is: reading beyond it is seen */
	view.keys = keys;
	view.len = made.len;
	view.bytes = malloc(made.len + (made.len == 0));
	if (view.bytes == NULL)
		return 0;
	memcpy((uint8_t *)(uintptr_t)view.bytes, made.bytes, made.len);
	if (segment_check_header(&name, view.bytes, view.len, NULL) ==
	    CARNET_OK) {
		walk(&view, &made);
		find_torn(&view, seq, known);
	}
	free((uint8_t *)(uintptr_t)view.bytes);
	return 0;
}
