/* SPDX-License-Identifier: ISC */
/*
 * The same seals and the same SHA-256 as libsodium's, by OpenSSL, which is
 * more than twice as fast on long messages.  For seal.c; seal_check.c
 * takes the length.
 */
#ifndef SEAL_LONG_H
#define SEAL_LONG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here on it pays. */
#define SEAL_LONG_LEN ((size_t)4 << 10)

/*
 * XChaCha20-Poly1305-IETF.  sealed: nonce (24 bytes, given), ciphertext,
 * tag.  False: OpenSSL can't do it here, nothing usable was written.
 */
bool seal_long(const uint8_t key[32], const void *ad, size_t ad_len,
    const void *plain, size_t len, uint8_t *sealed);
/* *ret_authentic tells; plain is zeroed when it isn't.  False: OpenSSL can't
 * do it here. */
bool unseal_long(const uint8_t key[32], const void *ad, size_t ad_len,
    const uint8_t *sealed, size_t sealed_len, void *plain, bool *ret_authentic);
#endif
