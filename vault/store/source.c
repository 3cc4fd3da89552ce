/* SPDX-License-Identifier: ISC */
/*
 * Reads in blocks, straight into the box; what a cut leaves over of a block
 * is carried into the next box.  Contract: source.h.
 */
#include "source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void
source_begin_fd(struct source *source, const struct chunk_gear *gear,
    uint8_t *carry, int fd)
{
	memset(source, 0, sizeof(*source));
	source->fd = fd;
	source->carry = carry;
	chunk_cutter_begin(&source->cutter, gear);
}

void
source_begin_file(struct source *source, const struct chunk_gear *gear,
    uint8_t *carry, int fd)
{
	source_begin_fd(source, gear, carry, fd);
	source->is_file = true;
}

void
source_begin_bytes(struct source *source, const struct chunk_gear *gear,
    uint8_t *carry, const void *bytes, size_t len)
{
	source_begin_fd(source, gear, carry, -1);
	source->bytes = bytes;
	source->len = len;
}

/* At most len bytes; *ret_got 0 at the end. */
static enum carnet_status
source_read(struct source *source, uint8_t *bytes, size_t len, size_t *ret_got,
    struct carnet_error *err)
{
	ssize_t n;

	if (source->fd < 0) {
		*ret_got = len < source->len ? len : source->len;
		if (*ret_got > 0)
			memcpy(bytes, source->bytes, *ret_got);
		source->bytes += *ret_got;
		source->len -= *ret_got;
		return CARNET_OK;
	}
	do
		n = source->is_file ? pread(source->fd, bytes, len, source->at)
				    : read(source->fd, bytes, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("a file cannot be read"));
	source->at += n;
	*ret_got = (size_t)n;
	return CARNET_OK;
}

enum carnet_status
source_next(struct source *source, struct box *box, struct carnet_error *err)
{
	uint8_t *plain = box_plain(box);
	size_t have = source->carry_len, fed = 0;
	bool cut = false;

	memcpy(plain, source->carry, have);
	source->carry_len = 0;
	for (;;) {
		size_t want = SOURCE_BLOCK, got = 0;
		enum carnet_status status;

		fed += chunk_cutter_feed(
		    &source->cutter, plain + fed, have - fed, &cut);
		if (cut || source->ended)
			break;
		if (want > box->room - have)
			want = box->room - have;
		status = source_read(source, plain + have, want, &got, err);
		if (status != CARNET_OK)
			return status;
		source->ended = got == 0 && want > 0;
		if (got == 0)
			break;
		have += got;
	}
	source->carry_len = have - fed;
	memcpy(source->carry, plain + fed, source->carry_len);
	box->plain_len = (uint32_t)fed;
	return CARNET_OK;
}

bool
source_is_done(const struct source *source)
{
	return source->ended && source->carry_len == 0;
}
