/* SPDX-License-Identifier: ISC */
/*
 * Which of a backup's header copies a secret opens: anyone who can write
 * there can add some, of any sequence and at any cost.  Opens no manifest.
 * docs/format.md, "Opening a backup".
 */
#include "backup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many Argon2id a passphrase is worth; true copies need one, or two. */
#define HEADERS_COSTS_MAX 4096

struct candidate { /* a copy that is whole, whoever made it */
	uint64_t sequence;
	uint8_t hash[HASH_LEN];
	bool is_stranger; /* its vault is not the marker's */
	uint32_t ops, mem_kib;
	uint8_t salt[HEADER_SALT_LEN];
};
struct candidates {
	struct carnet_backup *backup;
	struct candidate *rows;
	size_t len, room;
	bool newer;
};

/* --- gathering
 * ----------------------------------------------------------------- */

static enum carnet_status
candidates_add(struct candidates *candidates, const struct header *header,
    const uint8_t hash[HASH_LEN], struct carnet_error *err)
{
	const struct carnet_backup *backup = candidates->backup;
	struct kdf_info kdf = header_kdf(header);
	struct candidate *row;

	if (candidates->len == candidates->room) {
		size_t room = candidates->room == 0 ? 16 : 2 * candidates->room;

		row = reallocarray(candidates->rows, room, sizeof(*row));
		if (row == NULL)
			return carnet_fail_errno(err, ENOMEM, "headers");
		candidates->rows = row;
		candidates->room = room;
	}
	row = &candidates->rows[candidates->len++];
	row->sequence = header_sequence(header);
	memcpy(row->hash, hash, HASH_LEN);
	row->is_stranger =
	    backup->has_id &&
	    memcmp(header_id(header), backup->vault_id, VAULT_ID_LEN) != 0;
	row->ops = kdf.ops;
	row->mem_kib = kdf.mem_kib;
	memcpy(row->salt, kdf.salt, HEADER_SALT_LEN);
	return CARNET_OK;
}

/* What doesn't parse is for check to tell of. */
static enum carnet_status
candidates_take(void *context, const char *name, struct carnet_error *err)
{
	struct candidates *candidates = context;
	struct header *header = NULL;
	enum carnet_status status;
	uint8_t hash[HASH_LEN], *bytes = NULL;
	size_t len = 0;

	status = destination_load_header(
	    candidates->backup->fd, name, &bytes, &len, &header, NULL);
	if (status == CARNET_NO_MEMORY)
		return carnet_fail_errno(err, ENOMEM, "headers");
	candidates->newer |= status == CARNET_NEWER;
	if (status != CARNET_OK)
		return CARNET_OK;
	hash_bytes(NULL, bytes, len, hash);
	status = candidates_add(candidates, header, hash, err);
	header_free(header);
	free(bytes);
	return status;
}

/* Whether one Argon2id serves for both; the cheaper ones come first, so that
 * nobody can put dear ones before them. */
static int
candidates_compare_cost(const struct candidate *a, const struct candidate *b)
{
	uint64_t cost_a = (uint64_t)a->ops * a->mem_kib;
	uint64_t cost_b = (uint64_t)b->ops * b->mem_kib;

	if (cost_a != cost_b)
		return cost_a < cost_b ? -1 : 1;
	if (a->ops != b->ops)
		return a->ops < b->ops ? -1 : 1;
	return memcmp(a->salt, b->salt, HEADER_SALT_LEN);
}

/* The marker's vault, then what costs least, then the newest. */
static int
candidates_compare(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = candidates_compare_cost(a, b);

	if (a->is_stranger != b->is_stranger)
		return a->is_stranger ? 1 : -1;
	if (order != 0)
		return order;
	if (a->sequence != b->sequence)
		return a->sequence > b->sequence ? -1 : 1;
	return memcmp(a->hash, b->hash, HASH_LEN);
}

static enum carnet_status
candidates_gather(struct candidates *candidates, struct carnet_error *err)
{
	enum carnet_status status = files_each(candidates->backup->fd,
	    "headers", candidates_take, candidates, err);

	if (status != CARNET_OK)
		return status;
	if (candidates->len == 0 && candidates->newer) {
		carnet_fail(err, CARNET_NEWER,
		    CARNET_("this backup was made by a newer carnet"));
		carnet_hint(err, CARNET_("install the newer carnet"));
		return CARNET_NEWER;
	}
	if (candidates->len == 0) {
		carnet_fail(err, CARNET_DAMAGED,
		    CARNET_("no copy of the header is whole"));
		carnet_hint(err,
		    CARNET_("if the vault is still there, carnet backup DEST "
			    "writes its header again"));
		return CARNET_DAMAGED;
	}
	qsort(candidates->rows, candidates->len, sizeof(*candidates->rows),
	    candidates_compare);
	return CARNET_OK;
}

/* --- trying
 * -------------------------------------------------------------------- */

struct trial {
	struct carnet_backup *backup;
	const struct carnet_unlock *unlock;
	struct secret *bytes; /* what Argon2id made, for headers like `paid` */
	struct candidate paid;
	size_t costs;
	enum carnet_status worst; /* of those that didn't open, what to say */
	struct carnet_error why;
};

static bool
trial_has_slot(const struct header *header, enum slot_kind kind)
{
	for (size_t i = 0; i < header_slot_count(header); i++)
		if (header_slot(header, i).kind == kind)
			return true;
	return false;
}

/* A passphrase or key file: Argon2id once for all headers of one cost. */
static enum carnet_status
trial_paid(struct trial *trial, const struct candidate *row,
    const struct header *header, struct carnet_error *err)
{
	const struct carnet_unlock *unlock = trial->unlock;
	bool by_file = unlock->keyfile != NULL;
	enum slot_kind kind = by_file ? SLOT_KEYFILE : SLOT_PASSPHRASE;
	enum carnet_status status;

	if (!trial_has_slot(header, kind))
		return carnet_fail(err, CARNET_WRONG_KEY,
		    by_file ? CARNET_("this vault has no key file")
			    : CARNET_("this vault has no passphrase"));
	if (trial->costs == 0 ||
	    candidates_compare_cost(row, &trial->paid) != 0) {
		secret_free(trial->bytes);
		trial->bytes = NULL;
		trial->paid = *row;
		trial->costs++;
		if (trial->costs > HEADERS_COSTS_MAX)
			return CARNET_WRONG_KEY;
		status = header_stretch(header,
		    by_file ? unlock->keyfile : unlock->passphrase,
		    &trial->bytes, err);
		if (status != CARNET_OK)
			return status;
	}
	if (trial->bytes == NULL) /* there was no memory for it */
		return CARNET_NO_MEMORY;
	return header_open_stretched(
	    header, kind, trial->bytes, &trial->backup->master, NULL, err);
}

static enum carnet_status
trial_master(
    struct trial *trial, const struct header *header, struct carnet_error *err)
{
	const struct secret *master = trial->unlock->master;
	enum carnet_status status = header_verify(header, master, err);

	if (status != CARNET_OK)
		return status;
	trial->backup->master =
	    secret_from(secret_peek(master), secret_len(master));
	if (trial->backup->master == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	return CARNET_OK;
}

/* Damage behind the right secret says most, a wrong secret least. */
static int
trial_rank(enum carnet_status status)
{
	static const enum carnet_status ranks[] = { CARNET_OK, CARNET_WRONG_KEY,
		CARNET_INVALID, CARNET_NO_MEMORY, CARNET_DAMAGED };
	int rank = 0, len = (int)(sizeof(ranks) / sizeof(ranks[0]));

	while (rank < len && ranks[rank] != status)
		rank++;
	return rank;
}

/* On success the backup has the header and the key. */
static enum carnet_status
trial_one(struct trial *trial, const struct candidate *row)
{
	struct carnet_backup *backup = trial->backup;
	char path[BACKUP_HEADER_TEXT];
	struct header *header = NULL;
	struct carnet_error why = { 0 };
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	destination_header_path(row->sequence, row->hash, path);
	status = destination_load_header(backup->fd,
	    path + sizeof("headers/") - 1, &bytes, &len, &header, &why);
	if (status != CARNET_OK)
		return status; /* it was there a moment ago */
	free(bytes);
	if (trial->unlock->words != NULL)
		status = header_open_words(
		    header, trial->unlock->words, &backup->master, NULL, &why);
	else if (trial->unlock->keyfile != NULL ||
		 trial->unlock->passphrase != NULL)
		status = trial_paid(trial, row, header, &why);
	else
		status = trial_master(trial, header, &why);
	if (status == CARNET_OK) {
		backup->header = header;
		memcpy(backup->header_hash, row->hash, HASH_LEN);
		memcpy(backup->vault_id, header_id(header), VAULT_ID_LEN);
		return CARNET_OK;
	}
	header_free(header);
	if (trial_rank(status) > trial_rank(trial->worst)) {
		trial->worst = status;
		trial->why = why;
	}
	return status;
}

enum carnet_status
destination_unlock(struct carnet_backup *backup,
    const struct carnet_unlock *unlock, struct carnet_error *err)
{
	struct candidates candidates = { .backup = backup };
	struct trial trial = { .backup = backup, .unlock = unlock };
	enum carnet_status status = candidates_gather(&candidates, err);
	bool opened = false;

	for (size_t i = 0; i < candidates.len && status == CARNET_OK && !opened;
	     i++)
		opened = trial_one(&trial, &candidates.rows[i]) == CARNET_OK;
	if (status == CARNET_OK && !opened) {
		status =
		    trial.worst == CARNET_OK ? CARNET_DAMAGED : trial.worst;
		if (trial.worst == CARNET_OK)
			carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("no copy of the header is whole"));
		else if (err != NULL)
			*err = trial.why;
		if (trial.costs > HEADERS_COSTS_MAX)
			carnet_hint(err,
			    CARNET_("the headers there ask for more than %d "
				    "different Argon2id, the others were not "
				    "tried; delete from headers/ what carnet "
				    "did not make"),
			    HEADERS_COSTS_MAX);
	}
	secret_free(trial.bytes);
	free(candidates.rows);
	return status;
}
