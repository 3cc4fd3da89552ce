/* SPDX-License-Identifier: ISC */
/* Secret bytes: allocated by sodium_malloc, locked if the system lets us,
 * wiped on free, never copied by assignment, printed or compared with memcmp.
 */
#ifndef SECRET_H
#define SECRET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct secret;

/* len zero bytes; NULL when there is no memory. */
struct secret *secret_new(size_t len);
struct secret *secret_random(size_t len);
/* A copy of len bytes; the caller wipes its own. */
struct secret *secret_from(const void *bytes, size_t len);
uint8_t *secret_bytes(struct secret *secret);
const uint8_t *secret_peek(const struct secret *secret);
size_t secret_len(const struct secret *secret);
/* Shortens (a passphrase without its newline); never lengthens. */
void secret_shorten(struct secret *secret, size_t len);
/* Whether mlock worked for it (doctor reports when not). */
bool secret_is_locked(const struct secret *secret);
void secret_free(struct secret *secret);
#endif
