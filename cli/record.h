/* SPDX-License-Identifier: ISC */
/*
 * A signed list of what a folder holds: "NAME.record.json", canonical JSON
 * (RFC 8785) with the hash of each file's exact bytes, and
 * "NAME.record.json.minisig" over it.  `carnet verify` and minisign check it
 * with no vault.
 */
#ifndef RECORD_H
#define RECORD_H
#include "session.h"

#define RECORD_FORMAT "carnet record"
/* what the signature says besides: a record, and which */
#define RECORD_TRUSTED "carnet record v1\tfile:%s"
#define RECORD_ENDING ".record.json"
#define SIGNATURE_ENDING ".minisig"

/*
 * Signs for person (a whole id) and writes both files into the opened folder.
 * kind: "statement", "dossier"; about: an object of texts and integers that
 * the record carries, borrowed; files: [{path, sha256}], borrowed.
 * *ret_key: the public key, for the caller's report.
 */
enum carnet_status record_write(struct session *session, int dir_fd,
    const char *name, const char *kind, const char *person, const cJSON *about,
    const cJSON *files, char ret_key[CARNET_SIGNER_TEXT]);

/* SHA-256 in hex and minisign's digest of a file that is read once.
 * Either output may be NULL.  CARNET_NOT_FOUND, CARNET_IO. */
enum carnet_status record_hash_file(int dir_fd, const char *name,
    char ret_sha256[65], uint8_t ret_digest[64], struct carnet_error *err);
#endif
