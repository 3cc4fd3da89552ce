/* SPDX-License-Identifier: ISC */
/*
 * libkeyutils, on the user's own keyring: it outlives a login and is the same
 * in all of them.  Reading asks for possession, which a process has through
 * its session's keyring; systemd and cron give one without the user's in it,
 * so it is linked there first.  The contract is in keyring.h.
 */
#include "keyring.h"

#include <errno.h>
#include <keyutils.h>
#include <stdio.h>
#include <string.h>

#include "seal.h"

#define KEYRING_KEY_LEN 32

static void
keyring_name(const char *vault_id, char name[64])
{
	(void)snprintf(name, 64, "carnet:%s", vault_id);
}

/* So that we possess what is in the user's keyring. */
static void
keyring_join(void)
{
	(void)keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING);
}

static enum carnet_status
keyring_refused(int why, struct carnet_error *err)
{
	carnet_fail_errno(
	    err, why, CARNET_("the kernel keeps no key for carnet"));
	err->status = CARNET_UNSUPPORTED;
	carnet_hint(
	    err, CARNET_("some containers forbid it: without it, give the "
			 "passphrase each time, or name --passphrase-file"));
	return CARNET_UNSUPPORTED;
}

static key_serial_t
keyring_search(const char *vault_id)
{
	char name[64];

	keyring_name(vault_id, name);
	keyring_join();
	return (key_serial_t)keyctl_search(
	    KEY_SPEC_USER_KEYRING, "user", name, 0);
}

struct secret *
keyring_find(const char *vault_id)
{
	key_serial_t id = keyring_search(vault_id);
	struct secret *key;

	if (id <= 0)
		return NULL;
	key = secret_new(KEYRING_KEY_LEN);
	if (key != NULL && keyctl_read(id, (char *)secret_bytes(key),
			       KEYRING_KEY_LEN) != KEYRING_KEY_LEN) {
		secret_free(key);
		key = NULL;
	}
	return key;
}

enum carnet_status
keyring_drop(const char *vault_id, bool *ret_was, struct carnet_error *err)
{
	key_serial_t id = keyring_search(vault_id);

	*ret_was = id > 0;
	if (id <= 0)
		return CARNET_OK;
	/* revoking is at once and for all who hold it; unlinking tidies up */
	if (keyctl_revoke(id) != 0 && errno != EKEYREVOKED)
		return carnet_fail_errno(
		    err, errno, CARNET_("the kept key cannot be dropped"));
	(void)keyctl_unlink(id, KEY_SPEC_USER_KEYRING);
	return CARNET_OK;
}

enum carnet_status
keyring_keep(const char *vault_id, const struct secret *key, unsigned seconds,
    struct carnet_error *err)
{
	struct secret *again;
	key_serial_t id;
	char name[64];
	bool was, fine;

	if (keyring_drop(vault_id, &was, err) != CARNET_OK)
		return err->status;
	keyring_name(vault_id, name);
	id = add_key("user", name, secret_peek(key), secret_len(key),
	    KEY_SPEC_USER_KEYRING);
	if (id <= 0)
		return keyring_refused(errno, err);
	if (keyctl_set_timeout(id, seconds) != 0) {
		int why = errno;

		(void)keyring_drop(vault_id, &was, NULL);
		return keyring_refused(why, err);
	}
	/* some kernels take a key that they don't give back */
	again = keyring_find(vault_id);
	fine =
	    again != NULL && secret_len(again) == secret_len(key) &&
	    bytes_equal(secret_peek(again), secret_peek(key), secret_len(key));
	secret_free(again);
	if (!fine) {
		(void)keyring_drop(vault_id, &was, NULL);
		return keyring_refused(ENOKEY, err);
	}
	return CARNET_OK;
}
