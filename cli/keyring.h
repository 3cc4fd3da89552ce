/* SPDX-License-Identifier: ISC */
/*
 * The vault's key in the kernel's keyring, for a while: by no file and no
 * daemon, gone with the time, a reboot, `lock` or a changed key.
 */
#ifndef KEYRING_H
#define KEYRING_H
#include "carnet_types.h"
#include "secret.h"

/*
 * Keeps the key of this vault (its id in hex) for so many seconds, in place
 * of one that is there.  CARNET_UNSUPPORTED: this kernel, or this container,
 * keeps none; nothing is kept.
 */
enum carnet_status keyring_keep(const char *vault_id, const struct secret *key,
    unsigned seconds, struct carnet_error *err);
/* The kept key; NULL: none. */
struct secret *keyring_find(const char *vault_id);
/* Drops it; *ret_was: there was one. */
enum carnet_status keyring_drop(
    const char *vault_id, bool *ret_was, struct carnet_error *err);
#endif
