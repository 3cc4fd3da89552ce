/* SPDX-License-Identifier: ISC */
/*
 * Reading an age file as a stream.  Nothing is given on before its chunk is
 * authentic; whether all has come is known with the last one.
 */
#include "age_inside.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define AGE_SEALED_LEN (AGE_CHUNK_LEN + AGE_TAG_LEN)

struct age_reader {
	age_source *source;
	void *source_context;
	age_sink *sink;
	void *sink_context;
	uint8_t key[AGE_KEY_LEN];
	char header[AGE_HEADER_MAX];
	size_t header_len;
	struct age_header parsed;
	/* a chunk and one byte more: whether another follows */
	uint8_t sealed[AGE_SEALED_LEN + 1];
	uint8_t plain[AGE_CHUNK_LEN];
};

static enum carnet_status
age_damaged(struct carnet_error *err, const char *what)
{
	return carnet_fail(
	    err, CARNET_DAMAGED, CARNET_("not a sound age file: %s"), what);
}

/* Fills up to len bytes; less only at the end.  Negative: the source failed. */
static ptrdiff_t
age_fill(struct age_reader *reader, uint8_t *bytes, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ptrdiff_t n = reader->source(
		    reader->source_context, bytes + got, len - got);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ptrdiff_t)got;
}

static enum carnet_status
age_no_source(struct carnet_error *err)
{
	return carnet_fail(
	    err, CARNET_IO, CARNET_("the age file cannot be read"));
}

/* Reads up to and with the newline of the line that begins with "---". */
static enum carnet_status
age_read_header(struct age_reader *reader, struct carnet_error *err)
{
	size_t line = 0;

	for (;;) {
		size_t at = reader->header_len;
		ptrdiff_t n;

		if (at == AGE_HEADER_MAX)
			return age_damaged(
			    err, CARNET_("its header is too long"));
		n = age_fill(reader, (uint8_t *)reader->header + at, 1);
		if (n < 0)
			return age_no_source(err);
		if (n == 0)
			return age_damaged(err, CARNET_("its header ends"));
		reader->header_len++;
		if (reader->header[at] != '\n')
			continue;
		if (at - line >= 3 &&
		    memcmp(reader->header + line, "---", 3) == 0)
			break;
		line = at + 1;
	}
	return age_header_parse(
	    reader->header, reader->header_len, &reader->parsed, err);
}

/* The file key of the first stanza that opens, and the header's MAC. */
static enum carnet_status
age_open_header(struct age_reader *reader, const struct age_identity *identity,
    uint8_t file_key[AGE_FILE_KEY_LEN], struct carnet_error *err)
{
	const struct age_header *header = &reader->parsed;
	enum carnet_status status = CARNET_WRONG_KEY;
	uint8_t mac[AGE_MAC_LEN];

	for (size_t i = 0;
	     i < header->stanzas_len && status == CARNET_WRONG_KEY; i++)
		status =
		    age_unwrap(&header->stanzas[i], identity, file_key, err);
	if (status == CARNET_WRONG_KEY)
		return carnet_fail(err, CARNET_WRONG_KEY,
		    CARNET_("this age file is not for that key or passphrase"));
	if (status != CARNET_OK)
		return status;
	age_mac(file_key, reader->header, header->mac_len, mac);
	if (sodium_memcmp(mac, header->mac, sizeof(mac)) != 0)
		return age_damaged(err, CARNET_("its header was changed"));
	return CARNET_OK;
}

static enum carnet_status
age_read_payload(struct age_reader *reader, struct carnet_error *err)
{
	uint8_t nonce[12];
	size_t carried = 0;
	uint64_t number = 0;
	bool last = false;

	while (!last) {
		ptrdiff_t n = age_fill(reader, reader->sealed + carried,
		    sizeof(reader->sealed) - carried);
		size_t len;

		if (n < 0)
			return age_no_source(err);
		len = carried + (size_t)n;
		last = len <= AGE_SEALED_LEN;
		if (!last)
			len = AGE_SEALED_LEN;
		if (len < AGE_TAG_LEN || (len == AGE_TAG_LEN && number > 0))
			return age_damaged(err, CARNET_("its end is missing"));
		age_chunk_nonce(number++, last, nonce);
		if (crypto_aead_chacha20poly1305_ietf_decrypt(reader->plain,
			NULL, NULL, reader->sealed, len, NULL, 0, nonce,
			reader->key) != 0)
			return age_damaged(
			    err, CARNET_("a piece was changed, or the end is "
					 "missing"));
		if (!reader->sink(
			reader->sink_context, reader->plain, len - AGE_TAG_LEN))
			return carnet_fail(err, CARNET_INTERRUPTED,
			    CARNET_("reading the age file stopped"));
		reader->sealed[0] = reader->sealed[AGE_SEALED_LEN];
		carried = 1;
	}
	return CARNET_OK;
}

enum carnet_status
age_read(age_source *source, void *source_context,
    const struct age_identity *identity, age_sink *sink, void *sink_context,
    struct carnet_error *err)
{
	struct age_reader *reader = calloc(1, sizeof(*reader));
	uint8_t file_key[AGE_FILE_KEY_LEN] = { 0 }, nonce[AGE_NONCE_LEN];
	enum carnet_status status;

	if (reader == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("an age file"));
	reader->source = source;
	reader->source_context = source_context;
	reader->sink = sink;
	reader->sink_context = sink_context;
	status = age_read_header(reader, err);
	if (status == CARNET_OK)
		status = age_open_header(reader, identity, file_key, err);
	if (status == CARNET_OK &&
	    age_fill(reader, nonce, sizeof(nonce)) != sizeof(nonce))
		status = age_damaged(err, CARNET_("its end is missing"));
	if (status == CARNET_OK) {
		age_payload_key(file_key, nonce, reader->key);
		status = age_read_payload(reader, err);
	}
	sodium_memzero(file_key, sizeof(file_key));
	sodium_memzero(reader, sizeof(*reader));
	free(reader);
	return status;
}
