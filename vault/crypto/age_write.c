/* SPDX-License-Identifier: ISC */
/*
 * Writing an age file as a stream: header, nonce, chunks.
 * Holds one chunk, because the last one must be marked.
 */
#include "age_inside.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct age_writer {
	age_sink *sink;
	void *context;
	struct secret *key; /* the payload's */
	uint64_t number;
	size_t held;
	uint8_t plain[AGE_CHUNK_LEN];
	uint8_t sealed[AGE_CHUNK_LEN + AGE_TAG_LEN];
};

void
age_write_abandon(struct age_writer *writer)
{
	if (writer == NULL)
		return;
	secret_free(writer->key);
	sodium_memzero(writer->plain, sizeof(writer->plain));
	free(writer);
}

static enum carnet_status
age_give(struct age_writer *writer, const void *bytes, size_t len,
    struct carnet_error *err)
{
	if (writer->sink(writer->context, bytes, len))
		return CARNET_OK;
	return carnet_fail(
	    err, CARNET_INTERRUPTED, CARNET_("writing the age file stopped"));
}

/* The stanzas for all recipients, or the passphrase's one. */
static enum carnet_status
age_wrap_all(const struct age_to *to, const uint8_t *file_key,
    struct age_stanza *stanzas, size_t *ret_len, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (to->recipients_len > AGE_RECIPIENTS_MAX ||
	    (to->passphrase == NULL) == (to->recipients_len == 0))
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("either 1 to %d recipients or a passphrase"),
		    AGE_RECIPIENTS_MAX);
	if (to->passphrase != NULL) {
		*ret_len = 1;
		return age_wrap_scrypt(file_key, to->passphrase,
		    to->work_factor, &stanzas[0], err);
	}
	for (size_t i = 0; i < to->recipients_len && status == CARNET_OK; i++)
		status = age_wrap_x25519(file_key,
		    to->recipients + i * AGE_PUBLIC_LEN, &stanzas[i], err);
	*ret_len = to->recipients_len;
	return status;
}

static enum carnet_status
age_write_header(struct age_writer *writer, const struct age_to *to,
    struct secret *file_key, struct carnet_error *err)
{
	struct age_stanza *stanzas =
	    calloc(AGE_RECIPIENTS_MAX, sizeof(*stanzas));
	uint8_t nonce[AGE_NONCE_LEN];
	size_t stanzas_len = 0, len = 0;
	enum carnet_status status;
	char *text = NULL;

	if (stanzas == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("an age file"));
	status =
	    age_wrap_all(to, secret_peek(file_key), stanzas, &stanzas_len, err);
	if (status == CARNET_OK)
		status = age_header_write(secret_peek(file_key), stanzas,
		    stanzas_len, &text, &len, err);
	free(stanzas);
	if (status == CARNET_OK)
		status = age_give(writer, text, len, err);
	free(text);
	randombytes_buf(nonce, sizeof(nonce));
	if (status == CARNET_OK)
		status = age_give(writer, nonce, sizeof(nonce), err);
	age_payload_key(
	    secret_peek(file_key), nonce, secret_bytes(writer->key));
	return status;
}

enum carnet_status
age_write_begin(const struct age_to *to, age_sink *sink, void *context,
    struct age_writer **ret_writer, struct carnet_error *err)
{
	struct age_writer *writer = calloc(1, sizeof(*writer));
	struct secret *file_key = secret_random(AGE_FILE_KEY_LEN);
	enum carnet_status status;

	if (writer != NULL)
		writer->key = secret_new(AGE_KEY_LEN);
	if (writer == NULL || file_key == NULL || writer->key == NULL) {
		status = carnet_fail_errno(err, ENOMEM, CARNET_("an age file"));
	} else {
		writer->sink = sink;
		writer->context = context;
		status = age_write_header(writer, to, file_key, err);
	}
	secret_free(file_key);
	if (status != CARNET_OK) {
		age_write_abandon(writer);
		return status;
	}
	*ret_writer = writer;
	return CARNET_OK;
}

static enum carnet_status
age_write_chunk(struct age_writer *writer, bool last, struct carnet_error *err)
{
	uint8_t nonce[12];
	size_t len = writer->held;

	age_chunk_nonce(writer->number++, last, nonce);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(writer->sealed, NULL,
	    writer->plain, len, NULL, 0, NULL, nonce, secret_peek(writer->key));
	writer->held = 0;
	return age_give(writer, writer->sealed, len + AGE_TAG_LEN, err);
}

enum carnet_status
age_write_more(struct age_writer *writer, const void *bytes, size_t len,
    struct carnet_error *err)
{
	const uint8_t *at = bytes;
	enum carnet_status status = CARNET_OK;

	while (len > 0 && status == CARNET_OK) {
		size_t room = AGE_CHUNK_LEN - writer->held;
		size_t part = len < room ? len : room;

		/* full, and more comes: it isn't the last */
		if (room == 0) {
			status = age_write_chunk(writer, false, err);
			continue;
		}
		memcpy(writer->plain + writer->held, at, part);
		writer->held += part;
		at += part;
		len -= part;
	}
	return status;
}

enum carnet_status
age_write_end(struct age_writer *writer, struct carnet_error *err)
{
	enum carnet_status status = age_write_chunk(writer, true, err);

	age_write_abandon(writer);
	return status;
}
