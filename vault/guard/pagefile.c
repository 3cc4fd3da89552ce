/* SPDX-License-Identifier: ISC */
/*
 * A database file and its log, bounded.  Knows no tables.
 * The contract is in pagefile.h.
 */
#include "pagefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGEFILE_READS_MAX 20000
#define PAGEFILE_LOG_MAX ((off_t)64 << 20)
#define LOG_HEADER 32
#define FRAME_HEADER 24

uint32_t
pagefile_u16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

uint32_t
pagefile_u32(const uint8_t *bytes)
{
	return pagefile_u16(bytes) << 16 | pagefile_u16(bytes + 2);
}

static int
pagefile_open_regular(const char *path, off_t *ret_size)
{
	struct stat seen;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode)) {
		(void)close(fd);
		return -1;
	}
	*ret_size = seen.st_size;
	return fd;
}

static bool
pagefile_pread(int fd, uint8_t *bytes, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t got = pread(fd, bytes, len, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		bytes += got;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

struct log_sum {
	uint32_t s0, s1;
	bool big; /* big-endian words */
};

static void
log_sum_add(struct log_sum *sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i += 8) {
		uint32_t words[2];

		for (size_t j = 0; j < 2; j++) {
			const uint8_t *at = bytes + i + 4 * j;

			words[j] = sum->big ? pagefile_u32(at)
					    : (uint32_t)at[3] << 24 |
						  (uint32_t)at[2] << 16 |
						  (uint32_t)at[1] << 8 | at[0];
		}
		sum->s0 += words[0] + sum->s1;
		sum->s1 += words[1] + sum->s0;
	}
}

static bool
log_sum_is(const struct log_sum *sum, const uint8_t *bytes)
{
	return pagefile_u32(bytes) == sum->s0 &&
	       pagefile_u32(bytes + 4) == sum->s1;
}

/* Collects the frames up to the last commit; the first one whose salt or
 * sum is wrong ends the log. */
static void
pagefile_read_log(struct pagefile *file, off_t size)
{
	uint8_t header[LOG_HEADER], frame[FRAME_HEADER];
	uint8_t *page = malloc(file->size);
	off_t step = (off_t)FRAME_HEADER + file->size;
	size_t most = (size_t)((size - LOG_HEADER) / step);
	size_t len = 0;
	struct log_sum sum = { 0 };

	file->frames = calloc(most + 1, sizeof(*file->frames));
	if (page == NULL || file->frames == NULL ||
	    !pagefile_pread(file->log_fd, header, sizeof(header), 0) ||
	    (pagefile_u32(header) & 0xfffffffe) != 0x377f0682 ||
	    pagefile_u32(header + 8) != file->size)
		goto done;
	sum.big = (header[3] & 1) != 0;
	log_sum_add(&sum, header, 24);
	if (!log_sum_is(&sum, header + 24))
		goto done;
	for (size_t i = 0; i < most; i++) {
		off_t at = LOG_HEADER + (off_t)i * step;

		if (!pagefile_pread(file->log_fd, frame, sizeof(frame), at) ||
		    !pagefile_pread(
			file->log_fd, page, file->size, at + FRAME_HEADER) ||
		    memcmp(frame + 8, header + 16, 8) != 0)
			break;
		log_sum_add(&sum, frame, 8);
		log_sum_add(&sum, page, file->size);
		if (!log_sum_is(&sum, frame + 16))
			break;
		file->frames[len].page = pagefile_u32(frame);
		file->frames[len++].at = at + FRAME_HEADER;
		if (pagefile_u32(frame + 4) != 0)
			file->frames_len = len;
	}
done:
	free(page);
}

bool
pagefile_open(const char *path, struct pagefile *ret_file)
{
	struct pagefile file = { .fd = -1, .log_fd = -1 };
	uint8_t header[100];
	uint8_t *page = NULL;
	char log[PATH_MAX + 8];
	off_t size;

	file.fd = pagefile_open_regular(path, &size);
	if (file.fd < 0)
		return false;
	if (!pagefile_pread(file.fd, header, sizeof(header), 0) ||
	    memcmp(header, "SQLite format 3", 16) != 0)
		goto fail;
	file.size = pagefile_u16(header + 16);
	if (file.size == 1)
		file.size = PAGEFILE_PAGE_MAX;
	if (file.size < 512 || (file.size & (file.size - 1)) != 0 ||
	    file.size - header[20] < 480)
		goto fail;
	file.usable = file.size - header[20];
	if ((size_t)snprintf(log, sizeof(log), "%s-wal", path) < sizeof(log))
		file.log_fd = pagefile_open_regular(log, &size);
	if (file.log_fd >= 0 && size > LOG_HEADER && size <= PAGEFILE_LOG_MAX)
		pagefile_read_log(&file, size);
	/* the text encoding: a new database has it in the log alone */
	page = malloc(PAGEFILE_PAGE_MAX);
	if (page == NULL || !pagefile_read(&file, 1, page) ||
	    pagefile_u32(page + 56) != 1)
		goto fail;
	free(page);
	*ret_file = file;
	return true;
fail:
	free(page);
	pagefile_close(&file);
	return false;
}

void
pagefile_close(struct pagefile *file)
{
	(void)close(file->fd);
	if (file->log_fd >= 0)
		(void)close(file->log_fd);
	free(file->frames);
	file->frames = NULL;
}

bool
pagefile_read(
    struct pagefile *file, uint32_t number, uint8_t page[PAGEFILE_PAGE_MAX])
{
	if (number == 0 || file->reads++ >= PAGEFILE_READS_MAX)
		return false;
	for (size_t i = file->frames_len; i > 0; i--)
		if (file->frames[i - 1].page == number)
			return pagefile_pread(file->log_fd, page, file->size,
			    file->frames[i - 1].at);
	return pagefile_pread(
	    file->fd, page, file->size, (off_t)(number - 1) * file->size);
}
