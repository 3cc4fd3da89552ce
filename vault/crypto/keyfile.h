/* SPDX-License-Identifier: ISC */
/*
 * A file as a key: what Argon2id is given is the hash of its bytes.  Any
 * file that never changes will do; keyfile_random makes a good one.
 */
#ifndef KEYFILE_H
#define KEYFILE_H
#include "carnet_types.h"
#include "secret.h"

#define KEYFILE_MIN 32
#define KEYFILE_MAX ((size_t)1 << 20)
#define KEYFILE_TEXT 128

/* Reads an open file to its end.  *ret_key: what the slot's KDF takes.
 * CARNET_INVALID: shorter than KEYFILE_MIN or longer than KEYFILE_MAX. */
enum carnet_status keyfile_read(
    int fd, struct secret **ret_key, struct carnet_error *err);
/* The text of a new key file: 256 random bits.  NULL: no memory. */
struct secret *keyfile_random(void);
#endif
