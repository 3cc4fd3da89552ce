/* SPDX-License-Identifier: ISC */
/*
 * Argon2id for passphrases, BLAKE2b for recovery words.  Neither compares
 * nor stores the result.  The contract is in kdf.h, bytes in docs/format.md.
 */
#include "kdf.h"
#include "words.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#include <utf8proc.h>

static_assert(KDF_SALT_LEN == crypto_pwhash_argon2id_SALTBYTES, "salt");
static_assert(KDF_LEN == crypto_generichash_blake2b_BYTES_MAX, "output");

#define KDF_RECOVERY_PERSON "carnet recovery" /* 15 characters and a NUL */

static_assert(
    sizeof(KDF_RECOVERY_PERSON) == crypto_generichash_blake2b_PERSONALBYTES,
    "BLAKE2b's personalisation");

enum carnet_status
kdf_choose(enum kdf_cost cost, struct kdf_setting *ret_setting,
    struct carnet_error *err)
{
	static const struct kdf_setting costs[] = {
		[KDF_INTERACTIVE] = { .ops = 2, .mem_kib = 64U << 10 },
		[KDF_MODERATE] = { .ops = 3, .mem_kib = 256U << 10 },
		[KDF_SENSITIVE] = { .ops = 4, .mem_kib = 1U << 20 },
	};

	if ((size_t)cost >= sizeof(costs) / sizeof(costs[0]))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("no such cost of the passphrase"));
	*ret_setting = costs[cost];
	if (sodium_init() < 0)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the random generator doesn't start"));
	randombytes_buf(ret_setting->salt, KDF_SALT_LEN);
	return CARNET_OK;
}

bool
kdf_is_bounded(uint32_t ops, uint32_t mem_kib)
{
	return ops >= KDF_OPS_MIN && ops <= KDF_OPS_MAX &&
	       mem_kib >= KDF_MEM_KIB_MIN && mem_kib <= KDF_MEM_KIB_MAX;
}

/* The passphrase in NFC, or a copy of it if it is no UTF-8; NULL: no memory. */
static struct secret *
kdf_normalize(const struct secret *passphrase)
{
	const utf8proc_option_t nfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	const uint8_t *text = secret_peek(passphrase);
	utf8proc_ssize_t len = (utf8proc_ssize_t)secret_len(passphrase);
	utf8proc_ssize_t count, size = -1;
	struct secret *work;

	count = utf8proc_decompose(text, len, NULL, 0, nfc);
	if (count < 0)
		return secret_from(text, (size_t)len);
	/* A multiple of 4 bytes: sodium_malloc then aligns for int32.  One
	 * more for the NUL that utf8proc_reencode writes. */
	work = secret_new(((size_t)count + 1) * sizeof(utf8proc_int32_t));
	if (work == NULL)
		return NULL;
	if (utf8proc_decompose(
		text, len, (void *)secret_bytes(work), count, nfc) == count)
		size =
		    utf8proc_reencode((void *)secret_bytes(work), count, nfc);
	if (size < 0) {
		secret_free(work);
		return secret_from(text, (size_t)len);
	}
	secret_shorten(work, (size_t)size);
	return work;
}

static enum carnet_status
kdf_fail_memory(const struct kdf_setting *setting, struct carnet_error *err)
{
	(void)carnet_fail(err, CARNET_NO_MEMORY,
	    CARNET_("this machine doesn't give the %u MiB of memory that the "
		    "passphrase needs"),
	    setting->mem_kib >> 10);
	carnet_hint(
	    err, CARNET_("Close other programs, or raise the memory limit; the "
			 "passphrase wasn't tried."));
	return CARNET_NO_MEMORY;
}

enum carnet_status
kdf_passphrase(const struct kdf_setting *setting,
    const struct secret *passphrase, struct secret **ret_out,
    struct carnet_error *err)
{
	uint64_t memory = (uint64_t)setting->mem_kib << 10;
	struct secret *normal = NULL, *out = NULL;
	enum carnet_status status = CARNET_OK;

	if (secret_len(passphrase) == 0)
		return carnet_fail(
		    err, CARNET_INVALID, CARNET_("the passphrase is empty"));
	if (secret_len(passphrase) > KDF_PASSPHRASE_MAX)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("the passphrase is longer than %d bytes"),
		    KDF_PASSPHRASE_MAX);
	if (!kdf_is_bounded(setting->ops, setting->mem_kib))
		return carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("the passphrase's cost is out of bounds"));
	normal = kdf_normalize(passphrase);
	out = secret_new(KDF_LEN);
	if (normal == NULL || out == NULL)
		status = carnet_fail(err, CARNET_NO_MEMORY,
		    CARNET_("no memory for the passphrase"));
	else if ((size_t)memory != memory ||
		 crypto_pwhash(secret_bytes(out), KDF_LEN,
		     (const char *)secret_peek(normal), secret_len(normal),
		     setting->salt, setting->ops, (size_t)memory,
		     crypto_pwhash_ALG_ARGON2ID13) != 0)
		/* every other cause was excluded above */
		status = kdf_fail_memory(setting, err);
	secret_free(normal);
	if (status != CARNET_OK)
		secret_free(out);
	else
		*ret_out = out;
	return status;
}

void
kdf_recovery(const uint8_t *entropy, const uint8_t vault_id[VAULT_ID_LEN],
    const char *slot_id, uint8_t *out)
{
	static const uint8_t salt[crypto_generichash_blake2b_SALTBYTES];
	uint8_t message[VAULT_ID_LEN + SLOT_ID_TEXT - 1];

	memcpy(message, vault_id, VAULT_ID_LEN);
	memcpy(message + VAULT_ID_LEN, slot_id, SLOT_ID_TEXT - 1);
	(void)crypto_generichash_blake2b_salt_personal(out, KDF_LEN, message,
	    sizeof(message), entropy, WORDS_ENTROPY, salt,
	    (const uint8_t *)KDF_RECOVERY_PERSON);
}
