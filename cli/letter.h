/* SPDX-License-Identifier: ISC */
/*
 * A statement's letter: from rows of the vault to a job for carnet-press, and
 * back.  Records nothing; what a case's steps mean is case_view.h's.
 */
#ifndef LETTER_H
#define LETTER_H
#include "session.h"

/* What letters are written from: the vault's word, read once. */
struct letter_desk {
	struct session *session;
	cJSON *persons, *representations, *recipients, *decisions, *statements;
};
enum carnet_status letter_desk_open(
    struct session *session, struct letter_desk *ret_desk);
void letter_desk_close(struct letter_desk *desk); /* zeros are fine */

/* The array's object whose `key` is `value`; NULL: none. */
const cJSON *letter_find(
    const cJSON *array, const char *key, const char *value);
/* The person's own values for a recipient; NULL: none were given. */
const cJSON *letter_recipient(const struct letter_desk *desk, const char *id);
/* What a person calls a recipient: their own name for it, the catalogue's,
 * or the id. */
const char *letter_recipient_name(
    const struct letter_desk *desk, const char *id);
/* A channel, a step or an outcome in the interface's words: `group` is
 * words.json's "channels", "steps"…; an unknown key as it is. */
const char *letter_word(
    const struct session *session, const char *group, const char *key);
/* The language of letters to this recipient that the statement has. */
const char *letter_lang(const struct letter_desk *desk, const cJSON *statement,
    const char *recipient);

/*
 * Who signs for the person whose data it is.  *ret_as: the representation
 * (of desk), NULL if they sign for themself; *ret_ended: a parent's, and the
 * child is of age on that day.
 */
void letter_signer(const struct letter_desk *desk, const cJSON *row,
    const char *date, const cJSON **ret_as, bool *ret_ended);
/* Whether this is for a parent or guardian to sign, at that person's age, and
 * none is recorded. */
bool letter_lacks_guardian(
    const struct letter_desk *desk, const cJSON *row, const char *date);
extern const char letter_guardian[]; /* what is said then, untranslated */
/* The letter's own date: of its draft, or of its sending if that is
 * earlier. */
const char *letter_date(const cJSON *row);
/*
 * The job of one statement (a row of carnet_statements, or one like it).
 * formats: as formats.h has them, NULL at the end; or NULL: META only.
 */
enum carnet_status letter_job(const struct letter_desk *desk, const cJSON *row,
    const char *const *formats, cJSON **ret_job);
/* Presses one job: META and files.  *ret_meta is the caller's. */
enum carnet_status letter_press(struct session *session, const cJSON *job,
    cJSON **ret_meta, struct launcher_files *ret_files);
/* Several jobs' META, in order, by one process.  jobs is taken over. */
enum carnet_status letter_press_metas(
    struct session *session, cJSON *jobs, cJSON **ret_metas);
/* Adds to a META's missing[] and warnings[] what the press doesn't know of, and
 * cautions[]: the warnings that are said aloud before the letter goes out. */
void letter_complete_meta(
    const struct letter_desk *desk, const cJSON *row, cJSON *meta);

/*
 * What was sent, or what would be: META and TEXT, HTML, PDF.  Of one's own
 * letter (row's document): META {subject} and one file, tag FILE.  META has
 * "parties" {person, signer}: whose data it is, who signs, as it says.
 */
enum carnet_status letter_files(const struct letter_desk *desk,
    const cJSON *row, unsigned wanted, cJSON **ret_meta,
    struct launcher_files *ret_files);
/* "parties" of a job: names and nothing else, what signed records and FHIR
 * may repeat. */
cJSON *letter_parties(const cJSON *job);
#define LETTER_TEXT 1u /* wanted: of what isn't frozen */
#define LETTER_HTML 2u
#define LETTER_PDF 4u
#define LETTER_ALL 7u
#define LETTER_KEY 8u /* with the signing key printed below */
#define LETTER_OWN "FILE"
const struct launcher_file *letter_file(
    const struct launcher_files *files, const char *tag); /* NULL: none */
/* Frames one behind the other: what `sent` freezes.  The caller frees. */
enum carnet_status letter_pack(const cJSON *meta,
    const struct launcher_files *files, uint8_t **ret_bytes, size_t *ret_len,
    struct carnet_error *err);
void letter_sha256(const void *bytes, size_t len, char ret_hex[65]);
#endif
