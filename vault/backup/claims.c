/* SPDX-License-Identifier: ISC */
/*
 * Relying on files that are there already.  Why touching is enough, and when
 * it isn't: docs/decisions/0012-forgetting-in-two-phases.md.
 */
#include "claims.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum carnet_status
claims_take(struct claims *claims, const struct snapshot *snapshot,
    struct carnet_error *err)
{
	memcpy(claims->newest, snapshot->id, sizeof(claims->newest));
	condemned_set_clear(&claims->own);
	return condemned_set_add(&claims->own, snapshot, err);
}

static uint64_t
claims_seq(const struct snapshot_head *heads, size_t len,
    const uint8_t device[DEVICE_ID_LEN])
{
	for (size_t i = 0; i < len; i++)
		if (memcmp(heads[i].device, device, DEVICE_ID_LEN) == 0)
			return heads[i].seq;
	return 0;
}

enum carnet_status
claims_see(struct claims *claims, const struct snapshot *snapshot,
    struct carnet_error *err)
{
	const struct keeping_row *row;
	enum carnet_status status =
	    keeping_add(&claims->forgetting.keeping, snapshot, err);

	if (status != CARNET_OK ||
	    memcmp(snapshot->device, claims->device, DEVICE_ID_LEN) != 0)
		return status;
	row = keeping_find(&claims->forgetting.keeping, claims->newest);
	if (row != NULL &&
	    claims_seq(row->heads, row->heads_len, claims->device) >
		claims_seq(
		    snapshot->heads, snapshot->heads_len, claims->device))
		return CARNET_OK;
	return claims_take(claims, snapshot, err);
}

static void
claims_problem(
    void *context, const char *kind, const char *id, const char *detail)
{
	struct claims *claims = context;

	(void)id;
	(void)detail;
	if (strcmp(kind, "forgotten") == 0)
		claims->is_blind = true;
}

enum carnet_status
claims_settle(struct claims *claims, const uint8_t vault_id[VAULT_ID_LEN],
    const struct keys *keys, struct carnet_error *err)
{
	const struct forgetting_watch watch = { claims_problem, claims };
	enum carnet_status status;

	if (claims->fd < 0)
		return CARNET_OK;
	status = forgetting_load_lists(
	    claims->fd, vault_id, keys, &watch, &claims->forgetting, err);
	if (status != CARNET_OK)
		return status;
	forgetting_judge(&claims->forgetting);
	/* a forgotten snapshot protects nothing */
	if (claims->newest[0] != '\0' &&
	    forgetting_is_dead(&claims->forgetting, claims->newest))
		condemned_set_clear(&claims->own);
	return CARNET_OK;
}

bool
claims_rely(const struct claims *claims, const struct condemned_file *file)
{
	char path[CONDEMNED_PATH_TEXT];
	int64_t since = 0;
	bool same = false;

	if (condemned_set_has(&claims->own, file))
		return true;
	if (claims->is_blind ||
	    forgetting_since(&claims->forgetting, file, 0, &since, &same))
		return false;
	if (claims->dry_run)
		return true;
	condemned_path(file, path);
	return utimensat(claims->fd, path, NULL, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Packs of one folder, and how many of them its list has. */
struct claims_folder {
	const struct condemned_file *rows; /* sorted */
	size_t len, found;
};

static enum carnet_status
claims_find(void *context, const char *name, struct carnet_error *err)
{
	struct claims_folder *folder = context;
	struct condemned_file file;

	(void)err;
	if (condemned_of_name(CONDEMNED_PACK, name, &file) &&
	    bsearch(&file, folder->rows, folder->len, sizeof(file),
		condemned_compare) != NULL)
		folder->found++;
	return CARNET_OK;
}

/* How many packs, from the first on, are ours, lie in one folder, and are in
 * its list: that is read quicker than each of them is looked at. */
static size_t
claims_listed(
    const struct claims *claims, const struct condemned_file *rows, size_t len)
{
	struct claims_folder folder = { rows, 0, 0 };
	char path[CONDEMNED_PATH_TEXT];

	while (folder.len < len && rows[folder.len].kind == CONDEMNED_PACK &&
	       rows[folder.len].name[0] == rows[0].name[0] &&
	       condemned_set_has(&claims->own, &rows[folder.len]))
		folder.len++;
	if (folder.len < 2)
		return 0;
	condemned_path(&rows[0], path);
	*strrchr(path, '/') = '\0';
	if (files_each(claims->fd, path, claims_find, &folder, NULL) !=
		CARNET_OK ||
	    folder.found != folder.len)
		return 0;
	return folder.len;
}

enum carnet_status
claims_look_again(const struct claims *claims, const struct snapshot *snapshot,
    struct carnet_error *err)
{
	struct condemned_set named = { 0 };
	enum carnet_status status = condemned_set_add(&named, snapshot, err);
	size_t i = 0;

	while (i < named.len && status == CARNET_OK) {
		size_t listed =
		    claims_listed(claims, &named.rows[i], named.len - i);
		char path[CONDEMNED_PATH_TEXT];
		uint64_t size = 0;

		i += listed;
		if (listed > 0)
			continue;
		condemned_path(&named.rows[i], path);
		if (!files_size(claims->fd, path, &size)) {
			status = carnet_fail(err, CARNET_CHANGED,
			    CARNET_("%s was deleted while the backup was being "
				    "made"),
			    path);
			carnet_hint(
			    err, CARNET_("no snapshot was made: run it again"));
		} else if (!condemned_set_has(&claims->own, &named.rows[i])) {
			(void)utimensat(
			    claims->fd, path, NULL, AT_SYMLINK_NOFOLLOW);
		}
		i++;
	}
	condemned_set_clear(&named);
	return status;
}

void
claims_clear(struct claims *claims)
{
	forgetting_clear(&claims->forgetting);
	condemned_set_clear(&claims->own);
}
