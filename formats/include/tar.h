/* SPDX-License-Identifier: ISC */
/*
 * Archives that every system opens: POSIX.1-2001 (pax).  Makes the bytes
 * around each file; the caller streams the files themselves.
 */
#ifndef TAR_H
#define TAR_H
#include "carnet_types.h"

#define TAR_BLOCK 512
#define TAR_HEAD_MAX ((size_t)4 * TAR_BLOCK)
#define TAR_NAME_MAX 400
#define TAR_END_LEN ((size_t)2 * TAR_BLOCK)

/*
 * What stands before a file: one or three blocks.  name: UTF-8, at most
 * TAR_NAME_MAX bytes; mtime: seconds since 1970.  Returns the length, 0 if
 * the name is too long.
 */
size_t tar_head(const char *name, uint64_t size, int64_t mtime,
    uint8_t ret_head[TAR_HEAD_MAX]);
/* How many zero bytes go behind it. */
size_t tar_padding(uint64_t size);

#endif
