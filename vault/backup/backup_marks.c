/* SPDX-License-Identifier: ISC */
/*
 * What each pack is, here and at the destination: opening thousands of files
 * to read their last bytes, on all cores.  Copies nothing.  The contract is
 * backup_run.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup_run.h"
#include "parallel.h"

#define MARKS_TOGETHER ((size_t)64) /* packs of one task */

struct marks_result {
	enum carnet_status status;
	struct carnet_error why;
	uint64_t checked; /* bytes */
};

/*
 * What this vault's newest snapshot there says of a pack; NULL: nothing.  Its
 * name is random and its bytes never change: where its size is still the same
 * it need not be opened to ask, here or there.  Snapshots list packs by their
 * names.
 */
static const struct snapshot_pack *
marks_known(const struct backup_run *run, const uint8_t id[PACK_ID_LEN])
{
	const struct snapshot *judged = &run->judged;
	size_t low = 0, high = judged->packs_len;

	if (!run->is_judged || run->options->read_data)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(id, judged->packs[middle].id, PACK_ID_LEN);

		if (order == 0)
			return &judged->packs[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The size and the hash of one of the vault's own. */
static enum carnet_status
marks_of_pack(const struct backup_run *run, const struct snapshot_pack *known,
    const char *path, struct snapshot_pack *pack, struct carnet_error *err)
{
	if (known == NULL)
		return files_pack_mark(
		    run->vault->fd, path, &pack->size, pack->hash, err);
	*pack = *known;
	return CARNET_OK;
}

/* By its size, and its last bytes unless the newest snapshot there has it. */
static bool
marks_has_pack(const struct backup_run *run, const struct snapshot_pack *known,
    const char *path, const struct snapshot_pack *pack)
{
	uint8_t hash[HASH_LEN];
	uint64_t size = 0;

	if (run->fd < 0)
		return false;
	if (known != NULL)
		return files_size(run->fd, path, &size) && size == known->size;
	return files_pack_mark(run->fd, path, &size, hash, NULL) == CARNET_OK &&
	       size == pack->size && bytes_equal(hash, pack->hash, HASH_LEN);
}

/* With read_data, by all of its bytes.  What can't be read is copied again;
 * without memory nothing is known. */
static enum carnet_status
marks_see_pack(const struct backup_run *run, const struct snapshot_pack *known,
    const char *path, const struct snapshot_pack *pack, bool *ret_has,
    uint64_t *checked, struct carnet_error *why)
{
	enum carnet_status status;
	int fd;

	*ret_has = marks_has_pack(run, known, path, pack);
	if (!*ret_has || !run->options->read_data)
		return CARNET_OK;
	*ret_has = false;
	fd = openat(run->fd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return CARNET_OK;
	status = pack_check_all(
	    fd, pack->id, run->vault->keys, false, NULL, NULL, why);
	(void)close(fd);
	*checked += pack->size;
	*ret_has = status == CARNET_OK;
	return status == CARNET_NO_MEMORY ? status : CARNET_OK;
}

/* The packs of one task; each is this task's alone. */
static void
marks_work(void *context, size_t task, void *result)
{
	struct backup_run *run = context;
	struct marks_result *mine = result;
	size_t at = task * MARKS_TOGETHER, end = at + MARKS_TOGETHER;

	if (end > run->snapshot.packs_len)
		end = run->snapshot.packs_len;
	for (; at < end && mine->status == CARNET_OK; at++) {
		struct snapshot_pack *pack = &run->snapshot.packs[at];
		const struct snapshot_pack *known = marks_known(run, pack->id);
		struct condemned_file claim;
		char path[PACK_PATH_TEXT];
		bool has = false;

		if (known != NULL && known->size != pack->size)
			known = NULL; /* it has changed here */
		pack_path(pack->id, path);
		mine->status =
		    marks_of_pack(run, known, path, pack, &mine->why);
		if (mine->status == CARNET_OK)
			mine->status = marks_see_pack(run, known, path, pack,
			    &has, &mine->checked, &mine->why);
		condemned_of_pack(pack->id, &claim);
		run->missing[at] = !has || !claims_rely(&run->claims, &claim);
	}
}

static enum carnet_status
marks_settle(void *context, size_t task, void *result, struct carnet_error *err)
{
	const struct marks_result *mine = result;
	struct backup_run *run = context;

	(void)task;
	if (mine->status != CARNET_OK) {
		if (err != NULL)
			*err = mine->why;
		return mine->status;
	}
	run->checked_bytes += mine->checked;
	if (mine->checked > 0 && run->options->progress != NULL)
		run->options->progress(
		    run->options->context, run->checked_bytes, 0);
	return CARNET_OK;
}

enum carnet_status
backup_mark_packs(struct backup_run *run, struct carnet_error *err)
{
	const struct snapshot *snapshot = &run->snapshot;
	const struct parallel row = {
		.count =
		    (snapshot->packs_len + MARKS_TOGETHER - 1) / MARKS_TOGETHER,
		.threads = parallel_cores(),
		.result_len = sizeof(struct marks_result),
		.context = run,
		.work = marks_work,
		.settle = marks_settle
	};
	enum carnet_status status;

	run->missing = calloc(snapshot->packs_len + 1, sizeof(*run->missing));
	if (run->missing == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	status = parallel_run(&row, err);
	for (size_t i = 0; i < snapshot->packs_len; i++) {
		if (status != CARNET_OK || !run->missing[i])
			continue;
		run->packs_new++;
		run->bytes_to_copy += snapshot->packs[i].size;
	}
	return status;
}
