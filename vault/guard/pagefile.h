/* SPDX-License-Identifier: ISC */
/*
 * Pages of another program's SQLite database, as its last commit left them:
 * the file and its write-ahead log.  Takes no lock, writes nothing.
 * https://www.sqlite.org/fileformat2.html, sections 1.2, 1.3 and 4.
 */
#ifndef PAGEFILE_H
#define PAGEFILE_H
#include "carnet_types.h"

#include <sys/types.h>

#define PAGEFILE_PAGE_MAX 65536

struct pagefile_frame {
	uint32_t page;
	off_t at; /* of its content in the log */
};
struct pagefile {
	int fd, log_fd;                /* -1: none */
	uint32_t size;                 /* of a page */
	uint32_t usable;               /* without what is reserved at its end */
	struct pagefile_frame *frames; /* committed, oldest first */
	size_t frames_len;
	unsigned reads; /* so far; bounded */
};

/* False if it is no SQLite 3 database in UTF-8, or can't be read. */
bool pagefile_open(const char *path, struct pagefile *ret_file);
void pagefile_close(struct pagefile *file);
/* Reads a page (from 1) into `page`, of file->size bytes. */
bool pagefile_read(
    struct pagefile *file, uint32_t number, uint8_t page[PAGEFILE_PAGE_MAX]);

uint32_t pagefile_u16(const uint8_t *bytes); /* big-endian */
uint32_t pagefile_u32(const uint8_t *bytes);

#endif
