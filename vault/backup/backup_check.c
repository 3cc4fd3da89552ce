/* SPDX-License-Identifier: ISC */
/*
 * Is the backup as it was written?  Marker, headers, manifests, and all that
 * they name, each file read once; with read_data each chunk, and each
 * snapshot's ledger (reading.c).  Changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup.h"
#include "forgetting.h"
#include "parallel.h"

struct check_live {
	char id[SNAPSHOT_ID_TEXT];
	uint64_t lamport;
	int64_t made;
};

struct backup_check {
	struct carnet_backup *backup;
	bool read_data;
	carnet_progress *progress;
	void *context;
	uint64_t bytes, bytes_total;
	struct snapshot_pack *packs; /* of all snapshots, sorted, each once */
	size_t packs_len;
	struct snapshot_segment *segments; /* likewise, by hash */
	size_t segments_len;
	uint64_t newest_lamport;
	int64_t newest_made;
	uint64_t documents;      /* of the newest snapshot */
	struct check_live *live; /* what wasn't forgotten */
	size_t snapshots;
	struct forgetting forgetting; /* its dead ones don't count */
	cJSON *problems;
};

static void
check_problem(struct backup_check *check, const char *kind, const char *id,
    const char *detail)
{
	destination_problem(check->problems, kind, id, detail);
}

static void
check_step(struct backup_check *check, uint64_t bytes)
{
	check->bytes += bytes;
	if (check->progress != NULL)
		check->progress(
		    check->context, check->bytes, check->bytes_total);
}

/* --- what all snapshots name
 * ---------------------------------------------------- */

static int
check_compare_pack(const void *left, const void *right)
{
	return memcmp(left, right, PACK_ID_LEN); /* begins with the id */
}

static int
check_compare_segment(const void *left, const void *right)
{
	return memcmp(((const struct snapshot_segment *)left)->hash,
	    ((const struct snapshot_segment *)right)->hash, HASH_LEN);
}

/* Appends rows that aren't there yet, and sorts again.  Of two that are the
 * same by compare, `conflict` tells. */
static enum carnet_status
check_merge(void **rows, size_t *len, size_t size, const void *more,
    size_t more_len, int (*compare)(const void *, const void *),
    struct carnet_error *err)
{
	size_t old = *len;
	uint8_t *grown;

	if (more_len == 0)
		return CARNET_OK;
	grown = reallocarray(*rows, old + more_len, size);
	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	*rows = grown;
	for (size_t i = 0; i < more_len; i++) {
		const uint8_t *row = (const uint8_t *)more + i * size;

		if (old == 0 || bsearch(row, grown, old, size, compare) == NULL)
			memcpy(grown + size * (*len)++, row, size);
	}
	qsort(grown, *len, size, compare);
	return CARNET_OK;
}

/* Two manifests must say the same of one pack. */
static void
check_conflicts(struct backup_check *check, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->packs_len && check->packs_len > 0;
	     i++) {
		const struct snapshot_pack *known =
		    bsearch(&snapshot->packs[i], check->packs, check->packs_len,
			sizeof(*check->packs), check_compare_pack);

		if (known != NULL &&
		    (known->size != snapshot->packs[i].size ||
			memcmp(known->hash, snapshot->packs[i].hash,
			    HASH_LEN) != 0)) {
			check_problem(check, "snapshot", snapshot->id,
			    CARNET_("it names a pack otherwise than another "
				    "snapshot does"));
			return;
		}
	}
}

static void
check_header_named(struct backup_check *check, const struct snapshot *snapshot)
{
	char path[BACKUP_HEADER_TEXT];
	uint64_t size = 0;

	destination_header_path(
	    snapshot->header_sequence, snapshot->header_hash, path);
	if (!files_size(check->backup->fd, path, &size))
		check_problem(check, "header", path, CARNET_("missing"));
}

static enum carnet_status
check_gather(void *context, struct snapshot *snapshot, struct carnet_error *err)
{
	struct backup_check *check = context;
	uint64_t lamport = snapshot_lamport(snapshot);
	void *packs = check->packs, *segments = check->segments;
	struct check_live *live;
	enum carnet_status status;

	if (forgetting_is_dead(&check->forgetting, snapshot->id))
		return CARNET_OK;
	live = reallocarray(
	    check->live, check->snapshots + 1, sizeof(*check->live));
	if (live == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	check->live = live;
	live[check->snapshots] =
	    (struct check_live){ .lamport = lamport, .made = snapshot->made };
	memcpy(live[check->snapshots].id, snapshot->id, sizeof(snapshot->id));
	check_conflicts(check, snapshot);
	check_header_named(check, snapshot);
	if (check->snapshots++ == 0 || lamport > check->newest_lamport ||
	    (lamport == check->newest_lamport &&
		snapshot->made > check->newest_made)) {
		check->newest_lamport = lamport;
		check->newest_made = snapshot->made;
		check->documents = snapshot->documents;
	}
	status = check_merge(&packs, &check->packs_len, sizeof(*check->packs),
	    snapshot->packs, snapshot->packs_len, check_compare_pack, err);
	check->packs = packs;
	if (status == CARNET_OK)
		status = check_merge(&segments, &check->segments_len,
		    sizeof(*check->segments), snapshot->segments,
		    snapshot->segments_len, check_compare_segment, err);
	check->segments = segments;
	return status;
}

static void
check_gather_problem(void *context, const char *id, const char *detail)
{
	check_problem(context, "snapshot", id, detail);
}

static void
check_forgetting_problem(
    void *context, const char *kind, const char *id, const char *detail)
{
	check_problem(context, kind, id, detail);
}

/* --- each file
 * ------------------------------------------------------------------- */

static enum carnet_status
check_header(void *context, const char *name, struct carnet_error *err)
{
	struct backup_check *check = context;
	struct header *header = NULL;
	struct carnet_error why;
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = 0;

	status = destination_load_header(
	    check->backup->fd, name, &bytes, &len, &header, &why);
	if (status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status == CARNET_OK &&
	    memcmp(header_id(header), check->backup->vault_id, VAULT_ID_LEN) !=
		0)
		status = carnet_fail(
		    &why, CARNET_DAMAGED, CARNET_("another vault's"));
	if (status == CARNET_OK)
		status = header_verify(header, check->backup->master, &why);
	if (status != CARNET_OK) {
		char id[FILES_PATH_TEXT];

		(void)snprintf(id, sizeof(id), "headers/%.100s", name);
		check_problem(check, "header", id, why.message);
	}
	header_free(header);
	free(bytes);
	return CARNET_OK;
}

static enum carnet_status
check_pack_bytes(const struct backup_check *check,
    const struct snapshot_pack *pack, const char *path, int fd,
    struct carnet_error *why)
{
	struct snapshot_pack mark;
	enum carnet_status status = files_pack_mark(
	    check->backup->fd, path, &mark.size, mark.hash, why);

	if (status == CARNET_OK && mark.size != pack->size)
		return carnet_fail(why, CARNET_DAMAGED,
		    CARNET_("%s has not the size that it had"), path);
	/* whoever keeps the backup can make a checksum, but no seal */
	if (status == CARNET_OK)
		status = pack_check_all(fd, pack->id, check->backup->keys,
		    check->read_data, NULL, NULL, why);
	if (status == CARNET_OK && memcmp(mark.hash, pack->hash, HASH_LEN) != 0)
		return carnet_fail(why, CARNET_DAMAGED,
		    CARNET_("%s is not the pack that was named"), path);
	return status;
}

struct check_result { /* of one pack */
	enum carnet_status status;
	struct carnet_error why;
};

/* On any thread. */
static void
check_read_pack(void *context, size_t task, void *result)
{
	const struct backup_check *check = context;
	const struct snapshot_pack *pack = &check->packs[task];
	struct check_result *mine = result;
	char path[PACK_PATH_TEXT];
	int fd;

	pack_path(pack->id, path);
	fd = openat(check->backup->fd, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		mine->status = carnet_fail(&mine->why, CARNET_DAMAGED, "%s",
		    errno == ENOENT ? CARNET_("missing")
				    : carnet_texts_errno(errno));
		return;
	}
	mine->status = check_pack_bytes(check, pack, path, fd, &mine->why);
	(void)close(fd);
}

static enum carnet_status
check_settle_pack(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	struct backup_check *check = context;
	const struct snapshot_pack *pack = &check->packs[task];
	const struct check_result *mine = result;
	char path[PACK_PATH_TEXT];

	if (mine->status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = mine->why;
		return mine->status;
	}
	pack_path(pack->id, path);
	if (mine->status != CARNET_OK)
		check_problem(check, "pack", path, mine->why.message);
	check_step(check, pack->size);
	return CARNET_OK;
}

static enum carnet_status
check_packs(struct backup_check *check, struct carnet_error *err)
{
	const struct parallel row = { .count = check->packs_len,
		.threads = parallel_cores(),
		.result_len = sizeof(struct check_result),
		.context = check,
		.work = check_read_pack,
		.settle = check_settle_pack };

	return parallel_run(&row, err);
}

static void
check_take_bytes(void *context, const uint8_t *bytes, size_t len)
{
	hash_more(context, bytes, len);
}

static enum carnet_status
check_segment(struct backup_check *check,
    const struct snapshot_segment *segment, struct carnet_error *err)
{
	char path[BACKUP_SEGMENT_TEXT];
	struct carnet_error why;
	enum carnet_status status;
	struct hash_state *state = hash_begin(NULL);
	uint8_t hash[HASH_LEN];
	uint64_t size = 0;

	destination_segment_path(segment->hash, path);
	status = state == NULL ? carnet_fail_errno(&why, ENOMEM, "%s", path)
			       : files_stream(check->backup->fd, path,
				     SNAPSHOT_SEGMENT_MAX, check_take_bytes,
				     state, &size, &why);
	if (status == CARNET_OK)
		hash_end(state, hash);
	else
		hash_abandon(state);
	if (status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status == CARNET_OK &&
	    (size != segment->size ||
		memcmp(hash, segment->hash, HASH_LEN) != 0))
		status = carnet_fail(&why, CARNET_DAMAGED,
		    CARNET_("its checksum is not that of its bytes"));
	if (status != CARNET_OK)
		check_problem(check, "ledger", path,
		    status == CARNET_NOT_FOUND ? CARNET_("missing")
					       : why.message);
	check_step(check, segment->size);
	return CARNET_OK;
}

/* --- all of it
 * ----------------------------------------------------------------------- */

static int
check_compare_live(const void *left, const void *right)
{
	const struct check_live *a = left, *b = right;

	if (a->lamport != b->lamport)
		return a->lamport < b->lamport ? -1 : 1;
	return a->made < b->made ? -1 : (a->made > b->made ? 1 : 0);
}

/* It opened when it was gathered. */
static enum carnet_status
check_read_snapshot(struct backup_check *check, struct reading *reading,
    const char *id, struct carnet_error *err)
{
	const struct carnet_backup *backup = check->backup;
	struct snapshot snapshot = { 0 };
	struct carnet_error why;
	uint64_t documents = 0, said;
	enum carnet_status status = destination_load_snapshot(
	    backup->fd, id, backup->vault_id, backup->keys, &snapshot, &why);

	if (status == CARNET_NO_MEMORY) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (status != CARNET_OK) {
		check_problem(check, "snapshot", id, why.message);
		return CARNET_OK;
	}
	said = snapshot.documents;
	status =
	    reading_check(reading, &snapshot, check->problems, &documents, err);
	if (status == CARNET_OK && documents != said)
		check_problem(check, "snapshot", id,
		    CARNET_("its ledger has another number of documents"));
	return status;
}

/* From the oldest to the newest: most go on from the one before. */
static enum carnet_status
check_snapshots(struct backup_check *check, struct carnet_error *err)
{
	struct reading *reading = reading_open(check->backup);
	enum carnet_status status = CARNET_OK;

	if (reading == NULL)
		return carnet_fail_errno(err, ENOMEM, "backup");
	if (check->snapshots > 1)
		qsort(check->live, check->snapshots, sizeof(*check->live),
		    check_compare_live);
	for (size_t i = 0; i < check->snapshots && status == CARNET_OK; i++)
		status =
		    check_read_snapshot(check, reading, check->live[i].id, err);
	reading_close(reading);
	return status;
}

static enum carnet_status
check_marker(struct backup_check *check, struct carnet_error *err)
{
	enum backup_kind kind = BACKUP_EMPTY;
	uint8_t id[VAULT_ID_LEN];
	enum carnet_status status =
	    destination_look(check->backup->fd, &kind, id, err);

	if (status == CARNET_OK &&
	    (kind != BACKUP_THERE ||
		memcmp(id, check->backup->vault_id, VAULT_ID_LEN) != 0))
		check_problem(check, "marker", BACKUP_MARKER,
		    CARNET_("damaged or missing; the next backup writes it "
			    "again"));
	return status;
}

static enum carnet_status
check_files(struct backup_check *check, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < check->packs_len; i++)
		check->bytes_total += check->packs[i].size;
	for (size_t i = 0; i < check->segments_len; i++)
		check->bytes_total += check->segments[i].size;
	for (size_t i = 0; i < check->segments_len && status == CARNET_OK; i++)
		status = check_segment(check, &check->segments[i], err);
	return status == CARNET_OK ? check_packs(check, err) : status;
}

static enum carnet_status
check_all(struct backup_check *check, struct carnet_error *err)
{
	struct carnet_backup *backup = check->backup;
	struct destination_visit visit = { check_gather, check_gather_problem,
		check };
	const struct forgetting_watch watch = { check_forgetting_problem,
		check };
	enum carnet_status status = check_marker(check, err);

	if (status == CARNET_OK)
		status =
		    files_each(backup->fd, "headers", check_header, check, err);
	if (status == CARNET_OK)
		status = forgetting_load(backup->fd, backup->vault_id,
		    backup->keys, false, &watch, &check->forgetting, err);
	if (status == CARNET_OK)
		status = destination_snapshots(
		    backup->fd, backup->vault_id, backup->keys, &visit, err);
	if (status == CARNET_OK)
		status = check_files(check, err);
	if (status == CARNET_OK && check->read_data)
		status = check_snapshots(check, err);
	return status;
}

enum carnet_status
carnet_backup_check(struct carnet_backup *backup, bool read_data,
    carnet_progress *progress, void *context, cJSON **ret_report,
    struct carnet_error *err)
{
	struct backup_check check = { .backup = backup,
		.read_data = read_data,
		.progress = progress,
		.context = context,
		.problems = cJSON_CreateArray() };
	enum carnet_status status = check_all(&check, err);
	cJSON *report;

	if (status == CARNET_OK) {
		report = cJSON_CreateObject();
		(void)cJSON_AddBoolToObject(
		    report, "ok", cJSON_GetArraySize(check.problems) == 0);
		(void)cJSON_AddNumberToObject(
		    report, "packs", (double)check.packs_len);
		(void)cJSON_AddNumberToObject(
		    report, "documents", (double)check.documents);
		carnet_json_give(&report, "problems", &check.problems);
		*ret_report = report;
	}
	if (status == CARNET_OK && *ret_report == NULL)
		status = carnet_fail_errno(err, ENOMEM, "backup");
	cJSON_Delete(check.problems);
	forgetting_clear(&check.forgetting);
	free(check.packs);
	free(check.segments);
	free(check.live);
	return status;
}
