/* SPDX-License-Identifier: ISC */
/*
 * This device: its random id and its signing key, sealed in the vault's
 * `device` file, never backed up.  Bytes: docs/format.md, "device".
 */
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEVICE_MAGIC_LEN 8
#define DEVICE_PLAIN_LEN (DEVICE_ID_LEN + SIGN_SECRET_LEN)
#define DEVICE_FILE_LEN (DEVICE_MAGIC_LEN + DEVICE_PLAIN_LEN + SEAL_OVERHEAD)
#define DEVICE_AD_LEN (DEVICE_MAGIC_LEN + VAULT_ID_LEN)

static const uint8_t device_magic[DEVICE_MAGIC_LEN] = { 'c', 'a', 'r', 'n', 'e',
	't', 'd', 1 };

static void
device_ad(const struct carnet_vault *vault, uint8_t ad[DEVICE_AD_LEN])
{
	memcpy(ad, device_magic, DEVICE_MAGIC_LEN);
	memcpy(ad + DEVICE_MAGIC_LEN, header_id(vault->header), VAULT_ID_LEN);
}

/* The second half of a libsodium Ed25519 secret key is the public one. */
static void
device_take(struct carnet_vault *vault, const uint8_t *plain)
{
	memcpy(vault->device, plain, DEVICE_ID_LEN);
	memcpy(vault->device_public, plain + DEVICE_PLAIN_LEN - SIGN_PUBLIC_LEN,
	    SIGN_PUBLIC_LEN);
	vault->has_device = true;
}

enum carnet_status
device_load(struct carnet_vault *vault, struct carnet_error *err)
{
	uint8_t file[DEVICE_FILE_LEN + 1], ad[DEVICE_AD_LEN];
	struct secret *plain = NULL;
	size_t len = 0;
	ssize_t got;
	/* O_NONBLOCK: a FIFO of this name must not hold us */
	int fd = openat(vault->fd, "device",
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return CARNET_OK;
	if (fd < 0)
		return carnet_fail_errno(err, errno, "device");
	do {
		got = read(fd, file + len, sizeof(file) - len);
		if (got > 0)
			len += (size_t)got;
	} while (got > 0 ? len < sizeof(file) : got < 0 && errno == EINTR);
	if (got < 0) {
		int saved = errno;

		(void)close(fd);
		return carnet_fail_errno(err, saved, "device");
	}
	(void)close(fd);
	plain = secret_new(DEVICE_PLAIN_LEN);
	if (plain == NULL)
		return carnet_fail_errno(err, ENOMEM, "device");
	device_ad(vault, ad);
	if (len != DEVICE_FILE_LEN ||
	    memcmp(file, device_magic, DEVICE_MAGIC_LEN) != 0 ||
	    !unseal(keys_get(vault->keys, KEY_DEVICE), ad, sizeof(ad),
		file + DEVICE_MAGIC_LEN, DEVICE_FILE_LEN - DEVICE_MAGIC_LEN,
		secret_bytes(plain))) {
		vault->device_damaged = true;
		vault_warn(vault, CARNET_("this device's key file is damaged: "
					  "carnet repair makes a new one"));
		secret_free(plain);
		return CARNET_OK;
	}
	device_take(vault, secret_peek(plain));
	vault->device_secret =
	    secret_from(secret_peek(plain) + DEVICE_ID_LEN, SIGN_SECRET_LEN);
	secret_free(plain);
	if (vault->device_secret == NULL)
		return carnet_fail_errno(err, ENOMEM, "device");
	return CARNET_OK;
}

enum carnet_status
device_make(struct carnet_vault *vault, struct carnet_error *err)
{
	uint8_t file[DEVICE_FILE_LEN], ad[DEVICE_AD_LEN];
	struct secret *plain = secret_new(DEVICE_PLAIN_LEN);
	struct secret *key = NULL;
	char hex[2 * SIGN_PUBLIC_LEN + 1];
	enum carnet_status status;
	cJSON *payload;

	if (plain == NULL)
		return carnet_fail_errno(err, ENOMEM, "device");
	status = sign_keypair(vault->device_public, &key, err);
	if (status != CARNET_OK) {
		secret_free(plain);
		return status;
	}
	random_fill(secret_bytes(plain), DEVICE_ID_LEN);
	memcpy(secret_bytes(plain) + DEVICE_ID_LEN, secret_peek(key),
	    SIGN_SECRET_LEN);
	memcpy(file, device_magic, DEVICE_MAGIC_LEN);
	device_ad(vault, ad);
	seal(keys_get(vault->keys, KEY_DEVICE), ad, sizeof(ad),
	    secret_peek(plain), DEVICE_PLAIN_LEN, file + DEVICE_MAGIC_LEN);
	status = vault_write_file(vault->fd, "device", file, sizeof(file), err);
	if (status == CARNET_OK) {
		device_take(vault, secret_peek(plain));
		secret_free(vault->device_secret);
		vault->device_secret = key;
		key = NULL;
		memset(&vault->cursor, 0, sizeof(vault->cursor));
		memcpy(vault->cursor.device, vault->device, DEVICE_ID_LEN);
		hex_encode(vault->device_public, SIGN_PUBLIC_LEN, hex);
		payload = cJSON_CreateObject();
		vault_payload_add(&payload, "public", hex);
		status = carnet_queue(
		    vault, "device.added", NULL, payload, NULL, err);
	}
	secret_free(plain);
	secret_free(key);
	return status;
}
