/* SPDX-License-Identifier: ISC */
/*
 * Key files.  Knows no slot: header_open_keyfile pays for the KDF.
 * The contract is in keyfile.h.
 */
#include "keyfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "seal.h"

#define KEYFILE_CONTEXT "carnet keyfile v1:"
#define KEYFILE_RANDOM 32

enum carnet_status
keyfile_read(int fd, struct secret **ret_key, struct carnet_error *err)
{
	struct secret *key =
	    secret_new(sizeof(KEYFILE_CONTEXT) - 1 + (size_t)2 * HASH_LEN + 1);
	struct hash_state *state = hash_begin(NULL);
	uint8_t piece[4096], hash[HASH_LEN];
	size_t len = 0;
	ssize_t n = 1;

	if (key == NULL || state == NULL) {
		secret_free(key);
		hash_abandon(state);
		return carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the key file"));
	}
	while (n != 0 && len <= KEYFILE_MAX) {
		n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0) {
			hash_more(state, piece, (size_t)n);
			len += (size_t)n;
		}
	}
	bytes_wipe(piece, sizeof(piece));
	hash_end(state, hash);
	if (n < 0 || len < KEYFILE_MIN || len > KEYFILE_MAX) {
		int saved = errno;

		bytes_wipe(hash, sizeof(hash));
		secret_free(key);
		return n < 0 ? carnet_fail_errno(err, saved,
				   CARNET_("the key file cannot be read"))
			     : carnet_fail(err, CARNET_INVALID,
				   CARNET_("a key file has 32 bytes to 1 MiB"));
	}
	memcpy(secret_bytes(key), KEYFILE_CONTEXT, sizeof(KEYFILE_CONTEXT) - 1);
	hex_encode(hash, sizeof(hash),
	    (char *)secret_bytes(key) + sizeof(KEYFILE_CONTEXT) - 1);
	secret_shorten(key, secret_len(key) - 1); /* hex's NUL */
	bytes_wipe(hash, sizeof(hash));
	*ret_key = key;
	return CARNET_OK;
}

struct secret *
keyfile_random(void)
{
	static const char head[] = "carnet key file v1\n";
	struct secret *random = secret_random(KEYFILE_RANDOM);
	struct secret *text = secret_new(KEYFILE_TEXT);
	size_t len = sizeof(head) - 1;
	char *at;

	if (random == NULL || text == NULL) {
		secret_free(random);
		secret_free(text);
		return NULL;
	}
	at = (char *)secret_bytes(text);
	memcpy(at, head, len);
	base32_encode(secret_peek(random), KEYFILE_RANDOM, at + len);
	len = strlen(at);
	at[len++] = '\n';
	secret_shorten(text, len);
	secret_free(random);
	return text;
}
