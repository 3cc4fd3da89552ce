/* SPDX-License-Identifier: ISC */
/* Ed25519 signatures; what is signed always begins with a context string. */
#ifndef SIGN_H
#define SIGN_H
#include "carnet_types.h"
#include "secret.h"

#define SIGN_PUBLIC_LEN 32
#define SIGN_SECRET_LEN 64
#define SIGN_LEN 64

/* Makes a key pair; the caller owns *ret_secret (SIGN_SECRET_LEN bytes). */
enum carnet_status sign_keypair(uint8_t ret_public[SIGN_PUBLIC_LEN],
    struct secret **ret_secret, struct carnet_error *err);
/* The key pair of a seed of 32 bytes (RFC 8032's private key). */
enum carnet_status sign_keypair_from(const struct secret *seed,
    uint8_t ret_public[SIGN_PUBLIC_LEN], struct secret **ret_secret,
    struct carnet_error *err);
/* Signs context, a NUL byte, then the message.  context: e.g.
 * "carnet head v1".  false, and nothing written: no memory for the joined
 * bytes, or the secret isn't a signing key. */
bool sign_message(const struct secret *secret, const char *context,
    const void *message, size_t len, uint8_t ret_signature[SIGN_LEN]);
bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], const char *context,
    const void *message, size_t len, const uint8_t signature[SIGN_LEN]);
#endif
