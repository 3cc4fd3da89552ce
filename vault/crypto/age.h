/* SPDX-License-Identifier: ISC */
/*
 * Files for others in the age v1 format (C2SP, age.md): X25519 recipients or
 * one passphrase (scrypt), a payload in chunks of 64 KiB.
 * Holds one chunk at a time.  age_key.c wraps file keys, age_header.c reads
 * and writes headers, age_write.c and age_read.c stream.
 */
#ifndef AGE_H
#define AGE_H
#include "carnet_types.h"
#include "secret.h"

#define AGE_PUBLIC_LEN 32
#define AGE_RECIPIENTS_MAX 64
#define AGE_WORK_FACTOR 18 /* scrypt: log2 of N, about a second */
#define AGE_WORK_MAX 22    /* more is refused: it would take 4 GiB */

/* "age1…" to a public key.  CARNET_INVALID: it is none. */
enum carnet_status age_recipient_parse(const char *text,
    uint8_t ret_public[AGE_PUBLIC_LEN], struct carnet_error *err);

/* Takes the file's bytes in order; false stops. */
typedef bool age_sink(void *context, const uint8_t *bytes, size_t len);

struct age_to {
	const uint8_t *recipients; /* AGE_PUBLIC_LEN bytes each */
	size_t recipients_len;
	const struct secret *passphrase; /* instead of recipients */
	unsigned work_factor;            /* with a passphrase */
};
struct age_writer;
/* Writes the header.  CARNET_INVALID: neither recipients nor a passphrase,
 * or both, or a recipient that is no key.  CARNET_INTERRUPTED: the sink
 * stopped. */
enum carnet_status age_write_begin(const struct age_to *to, age_sink *sink,
    void *context, struct age_writer **ret_writer, struct carnet_error *err);
enum carnet_status age_write_more(struct age_writer *writer, const void *bytes,
    size_t len, struct carnet_error *err);
/* Writes the last chunk; frees the writer, also on failure. */
enum carnet_status age_write_end(
    struct age_writer *writer, struct carnet_error *err);
void age_write_abandon(struct age_writer *writer); /* NULL is fine */

/* Reads up to len bytes; 0 at the end, negative on failure. */
typedef ptrdiff_t age_source(void *context, uint8_t *bytes, size_t len);

struct age_identity {                /* one of these */
	const struct secret *x25519; /* 32 bytes */
	const struct secret *passphrase;
};
/*
 * Opens a file.  What the sink has got is authentic up to there, and whole
 * only with CARNET_OK.  CARNET_WRONG_KEY: not for this identity.
 * CARNET_DAMAGED: not an age file, a malformed header, a wrong MAC, a
 * payload cut off, reordered or followed by something.  CARNET_UNSUPPORTED:
 * a work factor above AGE_WORK_MAX.
 */
enum carnet_status age_read(age_source *source, void *source_context,
    const struct age_identity *identity, age_sink *sink, void *sink_context,
    struct carnet_error *err);
#endif
