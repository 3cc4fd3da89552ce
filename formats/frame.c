/* SPDX-License-Identifier: ISC */
/*
 * Frames over pipes: how carnet, carnet-press and carnet-reader talk.
 * Knows nothing of what is inside.  The contract is in include/formats.h.
 */
#include "formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum carnet_status
frame_write_all(
    int fd, const uint8_t *bytes, size_t len, struct carnet_error *err)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(
			    err, errno, CARNET_("cannot write to a pipe"));
		bytes += n;
		len -= (size_t)n;
	}
	return CARNET_OK;
}

/* Reads len bytes; *ret_got tells how many came before the end of file. */
static enum carnet_status
frame_read_all(int fd, uint8_t *bytes, size_t len, size_t *ret_got,
    struct carnet_error *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, bytes + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(
			    err, errno, CARNET_("cannot read from a pipe"));
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*ret_got = got;
	return CARNET_OK;
}

enum carnet_status
frame_write(int fd, const char *tag, const void *bytes, size_t len,
    struct carnet_error *err)
{
	uint8_t head[FRAME_TAG_LEN + 4];
	enum carnet_status status;

	if (len > FRAME_MAX)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("too large for one frame"));
	memcpy(head, tag, FRAME_TAG_LEN);
	for (int i = 0; i < 4; i++)
		head[FRAME_TAG_LEN + i] = (uint8_t)(len >> (8 * i));
	status = frame_write_all(fd, head, sizeof(head), err);
	if (status != CARNET_OK)
		return status;
	return frame_write_all(fd, bytes, len, err);
}

enum carnet_status
frame_read(int fd, size_t max_len, char ret_tag[FRAME_TAG_LEN + 1],
    uint8_t **ret_bytes, size_t *ret_len, struct carnet_error *err)
{
	uint8_t head[FRAME_TAG_LEN + 4];
	enum carnet_status status;
	uint8_t *bytes;
	size_t got, len = 0;

	status = frame_read_all(fd, head, sizeof(head), &got, err);
	if (status != CARNET_OK)
		return status;
	if (got == 0)
		return carnet_fail(
		    err, CARNET_NOT_FOUND, CARNET_("end of the answers"));
	if (got < sizeof(head))
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("a frame is cut short"));
	for (int i = 0; i < 4; i++)
		len |= (size_t)head[FRAME_TAG_LEN + i] << (8 * i);
	if (len > max_len || len > FRAME_MAX)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("a frame is too large"));
	bytes = malloc(len + 1);
	if (bytes == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a frame"));
	status = frame_read_all(fd, bytes, len, &got, err);
	if (status == CARNET_OK && got < len)
		status = carnet_fail(
		    err, CARNET_INVALID, CARNET_("a frame is cut short"));
	if (status != CARNET_OK) {
		free(bytes);
		return status;
	}
	bytes[len] = '\0';
	memcpy(ret_tag, head, FRAME_TAG_LEN);
	ret_tag[FRAME_TAG_LEN] = '\0';
	*ret_bytes = bytes;
	*ret_len = len;
	return CARNET_OK;
}
