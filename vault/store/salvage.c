/* SPDX-License-Identifier: ISC */
/*
 * What can still be taken out of a hurt pack: every chunk that opens, by the
 * pack's own list or by rows that the index remembers.  Deletes nothing.
 * Contract: store.h.
 */
#include "store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum carnet_status
store_salvage_pack(struct store *store, const uint8_t id[PACK_ID_LEN],
    const struct chunk_row *remembered, size_t remembered_len,
    size_t *ret_saved, struct carnet_error *err)
{
	const struct chunk_row *rows = remembered;
	uint8_t header[PACK_HEADER_LEN];
	struct chunk_row *listed = NULL;
	size_t len = remembered_len, saved = 0;
	char path[PACK_PATH_TEXT];
	struct carnet_error why = { 0 };
	enum carnet_status status = store_prepare_put(store, err);
	int fd;

	if (status != CARNET_OK)
		return status;
	if (store->opener == NULL)
		store->opener = pack_opener_new(store->keys);
	if (store->opener == NULL)
		return store_no_memory(err);
	pack_path(id, path);
	fd = openat(store->vault_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("pack %s cannot be read"), path);
	/* seals are bound to the header as it was, whatever the file says */
	pack_header(id, header);
	status = pack_salvage_list(fd, id, store->keys, &listed, &len, &why);
	if (status == CARNET_OK) {
		rows = listed;
	} else {
		len = remembered_len;
		/* a hurt list is lost; one that can't be read now isn't */
		if (!carnet_is_unreadable(&why))
			status = CARNET_OK;
		else if (err != NULL)
			*err = why;
	}
	store->resealing = true;
	for (size_t i = 0; i < len && status == CARNET_OK; i++) {
		status = store_reseal_chunk(store, fd, header, &rows[i], err);
		if (status == CARNET_OK)
			saved++;
		else if (status == CARNET_DAMAGED) /* this one is lost */
			status = CARNET_OK;
	}
	store->resealing = false;
	free(listed);
	(void)close(fd);
	if (status == CARNET_OK)
		*ret_saved = saved;
	return status;
}
