/* SPDX-License-Identifier: ISC */
/*
 * Is a snapshot that stays all there?  Nothing is forgotten in favour of files
 * that are missing, cut short, or put back in another state.  Reads no pack but
 * its end: backup check does.  The contract is in forget_run.h.
 */
#include <stdlib.h>
#include <string.h>

#include "forget_run.h"

/* A pack by its size and its last bytes, a checksum of all others. */
static enum carnet_status
forget_see_pack(struct forget_run *run, const struct snapshot_pack *pack,
    const char *path, struct carnet_error *why)
{
	uint8_t hash[HASH_LEN];
	uint64_t size = 0;
	enum carnet_status status =
	    files_pack_mark(run->backup->fd, path, &size, hash, why);

	if (status == CARNET_OK &&
	    (size != pack->size || memcmp(hash, pack->hash, HASH_LEN) != 0))
		status = carnet_fail(why, CARNET_DAMAGED,
		    CARNET_("%s is not the pack that was named"), path);
	return status;
}

/* Segments and header copies, which are small, by all their bytes. */
static enum carnet_status
forget_see_bytes(struct forget_run *run, const uint8_t hash[HASH_LEN],
    const char *path, struct carnet_error *why)
{
	uint8_t found[HASH_LEN], *bytes = NULL;
	size_t len = 0;
	enum carnet_status status = files_load(
	    run->backup->fd, path, SNAPSHOT_SEGMENT_MAX, &bytes, &len, why);

	if (status != CARNET_OK)
		return status;
	hash_bytes(NULL, bytes, len, found);
	free(bytes);
	if (memcmp(found, hash, HASH_LEN) != 0)
		status = carnet_fail(why, CARNET_DAMAGED,
		    CARNET_("its checksum is not that of its bytes"));
	return status;
}

static void
forget_seen(struct forget_run *run, const char *kind, const char *path,
    enum carnet_status status, const struct carnet_error *why)
{
	if (status != CARNET_OK)
		forget_problem(run, kind, path,
		    status == CARNET_NOT_FOUND ? CARNET_("missing")
					       : why->message);
}

void
forget_check_kept(struct forget_run *run, const struct snapshot *snapshot)
{
	struct carnet_error why = { 0 };
	char path[CONDEMNED_PATH_TEXT];
	struct condemned_file file;

	for (size_t i = 0; i < snapshot->packs_len; i++) {
		condemned_of_pack(snapshot->packs[i].id, &file);
		condemned_path(&file, path);
		if (!condemned_set_has(&run->kept, &file))
			forget_seen(run, "pack", path,
			    forget_see_pack(
				run, &snapshot->packs[i], path, &why),
			    &why);
	}
	for (size_t i = 0; i < snapshot->segments_len; i++) {
		condemned_of_segment(snapshot->segments[i].hash, &file);
		condemned_path(&file, path);
		if (!condemned_set_has(&run->kept, &file))
			forget_seen(run, "ledger", path,
			    forget_see_bytes(
				run, snapshot->segments[i].hash, path, &why),
			    &why);
	}
	condemned_of_header(
	    snapshot->header_sequence, snapshot->header_hash, &file);
	condemned_path(&file, path);
	if (!condemned_set_has(&run->kept, &file))
		forget_seen(run, "header", path,
		    forget_see_bytes(run, snapshot->header_hash, path, &why),
		    &why);
}
