/* SPDX-License-Identifier: ISC */
/*
 * Packs that are hurt: every chunk of theirs that opens is taken over.  The
 * contract is repair.h.
 */
#include "repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum carnet_status
repair_count_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct repair *repair = context;

	(void)id;
	(void)path;
	(void)err;
	repair->bytes_total += is_pack ? size : 0;
	return CARNET_OK;
}

static enum carnet_status
repair_visit_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct repair *repair = context;
	struct carnet_error why = { 0 };
	enum carnet_status status = CARNET_OK;
	void *grown;
	int fd;

	if (!is_pack)
		return CARNET_OK;
	repair->bytes += size;
	vault_tell(repair->vault, repair->bytes, repair->bytes_total);
	fd = openat(repair->vault->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		status = carnet_fail_errno(&why, errno, "%s", path);
	} else {
		status = pack_check_all(
		    fd, id, repair->vault->keys, false, NULL, NULL, &why);
		(void)close(fd);
	}
	if (status == CARNET_OK)
		return CARNET_OK;
	if (carnet_is_unreadable(&why)) {
		repair->packs_unread = true;
		repair_note_unread(repair, "pack", path, why.message);
		return CARNET_OK;
	}
	if (status != CARNET_DAMAGED) {
		if (err != NULL)
			*err = why;
		return status;
	}
	grown = reallocarray(repair->hurt, repair->hurt_len + 1, PACK_ID_LEN);
	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	repair->hurt = grown;
	memcpy(repair->hurt[repair->hurt_len++], id, PACK_ID_LEN);
	return CARNET_OK;
}

/* Takes every chunk that still opens out of a hurt pack, into a new one. */
static enum carnet_status
repair_pack(struct repair *repair, const uint8_t id[PACK_ID_LEN],
    struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct chunk_row *rows = NULL, *remembered = NULL;
	size_t len = 0, remembered_len = 0, saved = 0;
	char path[PACK_PATH_TEXT], detail[160];
	struct carnet_error why = { 0 };
	enum carnet_status status;

	pack_path(id, path);
	if (repair->old != NULL) /* a hurt index may know nothing: fine */
		(void)index_pack_rows(
		    repair->old, id, &remembered, &remembered_len, NULL);
	status = store_salvage_pack(
	    vault->store, id, remembered, remembered_len, &saved, &why);
	free(remembered);
	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		repair->packs_unread = true;
		repair_note_unread(repair, "pack", path, why.message);
		return CARNET_OK; /* what came out so far is in the batch */
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	if (status == CARNET_OK)
		status = store_flush(vault->store, &rows, &len, err);
	free(rows); /* the index is made again from the packs */
	if (status == CARNET_OK)
		status =
		    repair_set_aside(repair, path, strrchr(path, '/') + 1, err);
	if (status != CARNET_OK)
		return status;
	(void)snprintf(detail, sizeof(detail),
	    CARNET_("%zu whole chunks taken over; the hurt file is kept in "
		    "damaged/"),
	    saved);
	repair_note(repair->mended, "pack", path, detail);
	return CARNET_OK;
}

static int
repair_find_nothing(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	(void)context;
	(void)name;
	(void)ret_place;
	return 0;
}

enum carnet_status
repair_packs(struct repair *repair, struct carnet_error *err)
{
	struct carnet_vault *vault = repair->vault;
	struct carnet_error why = { 0 };
	enum carnet_status status = orphans_bring_back_all(vault, &why);

	if (status == CARNET_OK) /* what can't be counted is met again below */
		(void)pack_walk(vault->fd, repair_count_pack, repair, NULL);
	if (status == CARNET_OK)
		status = pack_walk(vault->fd, repair_visit_pack, repair, &why);
	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		repair->packs_unread = true;
		repair_note_unread(repair, "pack", "packs", why.message);
		status = CARNET_OK;
	} else if (status != CARNET_OK && err != NULL) {
		*err = why;
	}

	/* known chunks must be written again, too: nothing is known now */
	vault->places.find = repair_find_nothing;
	for (size_t i = 0; i < repair->hurt_len && status == CARNET_OK; i++)
		status = repair_pack(repair, repair->hurt[i], err);
	return status;
}
