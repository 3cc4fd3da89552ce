/* SPDX-License-Identifier: ISC */
/*
 * Is everything as it was written?  Header, ledger, packs, index: each is
 * read and compared; nothing is changed.  The contract is include/carnet.h.
 */
#include "parallel.h"
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check_pack {
	uint8_t id[PACK_ID_LEN];
	uint64_t size;
};

struct check {
	struct carnet_vault *vault;
	cJSON *problems;
	bool read_data;
	struct check_pack *packs;
	size_t packs_len, packs_room;
	uint64_t bytes, bytes_total;
	struct index *fresh; /* replayed from the ledger, in memory */
	bool is_level;       /* the index knows the whole ledger */
	bool lacks_chunks;   /* told once */
	bool unreadable;     /* packs that the disk can't read now */
	bool seen_pack;      /* `pack` is there */
	uint8_t pack[PACK_ID_LEN];
	bool index_unread; /* as long as nothing can be written there */
	bool untold;       /* a problem there was no memory for */
};

static void
check_problem(
    struct check *check, const char *kind, const char *id, const char *detail)
{
	if (!carnet_problem_add(check->problems, kind, id, detail))
		check->untold = true;
}

static void
check_ledger_problem(void *context, const char *path, const char *detail)
{
	check_problem(context, "ledger", path, detail);
}

/* --- the index against a replay
 * ----------------------------------------------- */

static enum carnet_status
check_index_tables(struct check *check, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	const char *name;

	for (size_t i = 0;
	     status == CARNET_OK && index_table_name(check->fresh, i, &name);
	     i++) {
		uint8_t ours[HASH_LEN], theirs[HASH_LEN];

		status = index_table_digest(check->fresh, i, theirs, err);
		if (status == CARNET_OK)
			status = index_table_digest(
			    check->vault->index, i, ours, err);
		if (status == CARNET_DAMAGED) {
			check_problem(check, "index", name, CARNET_("damaged"));
			status = CARNET_OK;
		} else if (status == CARNET_OK &&
			   !bytes_equal(ours, theirs, HASH_LEN)) {
			check_problem(check, "index", name,
			    CARNET_("not what the ledger says"));
		}
	}
	return status;
}

/* Opens the index that is there; what is wrong with it is a problem. */
static enum carnet_status
check_open_index(struct check *check, struct carnet_error *err)
{
	char path[4096 + 16];
	struct carnet_error why = { 0 };
	enum carnet_status status;

	(void)snprintf(path, sizeof(path), "%s/index.db", check->vault->path);
	status = index_open(
	    path, check->vault->keys, INDEX_READ, &check->vault->index, &why);
	if (status == CARNET_OK)
		status = index_check(check->vault->index, &why);
	if (status == CARNET_DAMAGED)
		check_problem(check, "index", "index.db", why.message);
	if (status == CARNET_DAMAGED || carnet_is_unwritable(&why)) {
		/* SQLite undoes what was cut off before it reads */
		check->index_unread = status != CARNET_DAMAGED;
		index_close(check->vault->index);
		check->vault->index = NULL;
		return CARNET_OK;
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}

/* What the database knows of the ledger; nothing if it doesn't say. */
static enum carnet_status
check_cursors(struct check *check, struct ledger_cursor **ret_cursors,
    size_t *ret_len, struct carnet_error *err)
{
	struct carnet_error why;
	enum carnet_status status;

	if (check->vault->index == NULL)
		return CARNET_OK;
	status = index_cursors(check->vault->index, ret_cursors, ret_len, &why);
	if (status == CARNET_DAMAGED) {
		check_problem(check, "index", "index.db", why.message);
		index_close(check->vault->index);
		check->vault->index = NULL;
		return CARNET_OK;
	}
	if (status != CARNET_OK && err != NULL)
		*err = why;
	return status;
}

/* Everything in the ledger is applied to an index in memory; what the
 * database knows must be there, to the last record. */
static enum carnet_status
check_replay(struct check *check, struct carnet_error *err)
{
	struct carnet_vault *vault = check->vault;
	struct ledger_cursor *known = NULL;
	enum ledger_relation relation = LEDGER_SAME;
	struct replay_watch watch = { .problem = check_ledger_problem,
		.context = check };
	struct carnet_error why = { 0 };
	size_t problems = 0;
	bool unreadable = false, lacking = false;
	enum carnet_status status =
	    check_cursors(check, &known, &watch.known_len, err);

	if (status != CARNET_OK)
		return status;
	watch.known = known;
	status = replay_into(
	    vault, check->fresh, &watch, &problems, &unreadable, &why);
	if (status == CARNET_OK && vault->index != NULL)
		status = ledger_compare(
		    vault->ledger, known, watch.known_len, &relation, &why);
	free(known);
	if (status == CARNET_DAMAGED ||
	    (status != CARNET_OK && carnet_is_unreadable(&why))) {
		check_problem(check, "ledger", "ledger", why.message);
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	if (relation == LEDGER_BEHIND && problems == 0)
		check_problem(check, "ledger", "ledger",
		    CARNET_("older than the index: files were put back, cut "
			    "short or deleted"));
	/* behind the ledger is no damage: the next writer catches up; nor is
	 * an index that says of itself that it lacks something */
	if (vault->index != NULL)
		status = index_is_lacking(vault->index, &lacking, err);
	check->is_level = relation == LEDGER_SAME && !lacking && !unreadable;
	if (status == CARNET_OK && vault->index != NULL && problems == 0 &&
	    check->is_level && !check->unreadable)
		status = check_index_tables(check, err);
	return status;
}

/* --- packs
 * ------------------------------------------------------------------------ */

/* The packs there are, sorted. */
static enum carnet_status
check_list_pack(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct check *check = context;
	struct check_pack *pack;

	(void)path;
	if (!is_pack)
		return CARNET_OK; /* a temporary file: harmless */
	if (check->packs_len == check->packs_room) {
		size_t room =
		    check->packs_room == 0 ? 64 : 2 * check->packs_room;
		void *grown =
		    reallocarray(check->packs, room, sizeof(*check->packs));

		if (grown == NULL)
			return carnet_fail_errno(err, ENOMEM, "vault");
		check->packs = grown;
		check->packs_room = room;
	}
	pack = &check->packs[check->packs_len++];
	memcpy(pack->id, id, PACK_ID_LEN);
	pack->size = size;
	check->bytes_total += size;
	return CARNET_OK;
}

struct check_read { /* what came of reading one pack */
	enum carnet_status status;
	struct carnet_error why;
	struct chunk_row *rows; /* owned */
	size_t len;
};

/* On any thread.  Whether each chunk of the pack's list is where the index
 * has it isn't asked: reading verifies names anyway. */
static void
check_read_pack(void *context, size_t task, void *result)
{
	const struct check *check = context;
	const uint8_t *id = check->packs[task].id;
	struct check_read *read = result;
	char path[PACK_PATH_TEXT];
	int fd;

	pack_path(id, path);
	fd = openat(check->vault->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		read->status = carnet_fail_errno(&read->why, errno, "%s", path);
		return;
	}
	read->status = pack_check_all(fd, id, check->vault->keys,
	    check->read_data, &read->rows, &read->len, &read->why);
	(void)close(fd);
}

static enum carnet_status
check_settle_pack(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	struct check *check = context;
	struct check_read *read = result;
	char path[PACK_PATH_TEXT];

	if (read->status == CARNET_OK)
		read->status = index_add_chunks(
		    check->fresh, read->rows, read->len, &read->why);
	if (read->status != CARNET_OK && carnet_is_unreadable(&read->why)) {
		check->unreadable = true;
		read->status = CARNET_DAMAGED;
	}
	pack_path(check->packs[task].id, path);
	if (read->status == CARNET_DAMAGED)
		check_problem(check, "pack", path, read->why.message);
	check->bytes += check->packs[task].size;
	vault_tell(check->vault, check->bytes, check->bytes_total);
	if (read->status != CARNET_OK && read->status != CARNET_DAMAGED) {
		if (err != NULL)
			*err = read->why;
		return read->status;
	}
	return CARNET_OK;
}

static void
check_drop_pack(void *context, void *result)
{
	(void)context;
	free(((struct check_read *)result)->rows);
}

static enum carnet_status
check_packs(struct check *check, struct carnet_error *err)
{
	struct parallel row = { .threads = parallel_cores(),
		.result_len = sizeof(struct check_read),
		.context = check,
		.work = check_read_pack,
		.settle = check_settle_pack,
		.drop = check_drop_pack };
	struct carnet_error why = { 0 };
	enum carnet_status status =
	    pack_walk(check->vault->fd, check_list_pack, check, &why);

	if (status != CARNET_OK && carnet_is_unreadable(&why)) {
		check_problem(check, "pack", "packs", why.message);
		check->unreadable = true;
		status = CARNET_OK; /* what was listed before it is read */
	}
	row.count = check->packs_len;
	if (status == CARNET_OK)
		return parallel_run(&row, err);
	if (err != NULL)
		*err = why;
	return status;
}

/* An index that was put back may name packs that are gathered by now. */
static bool
check_index_finds(struct check *check, const struct chunk_name *name)
{
	struct chunk_place place;
	char path[PACK_PATH_TEXT];

	if (index_find_chunk(check->vault->index, name, &place) != 1)
		return false;
	if (check->seen_pack &&
	    memcmp(check->pack, place.pack, PACK_ID_LEN) == 0)
		return true;
	pack_path(place.pack, path);
	if (faccessat(check->vault->fd, path, F_OK, 0) != 0)
		return false;
	check->seen_pack = true;
	memcpy(check->pack, place.pack, PACK_ID_LEN);
	return true;
}

/* Every chunk that a document names must be in a whole pack. */
static enum carnet_status
check_content(void *context, const char *id, bool is_answer,
    const struct content *content, struct carnet_error *err)
{
	struct check *check = context;
	struct chunk_name *names = NULL;
	struct chunk_place place;
	size_t len = 0, missing = 0;
	char detail[160];
	struct carnet_error why = { 0 };
	enum carnet_status status = store_content_names(
	    check->vault->store, content, &names, &len, &why);

	if (status != CARNET_OK &&
	    (check->unreadable || carnet_is_unreadable(&why))) {
		check_problem(check, is_answer ? "answer" : "document", id,
		    CARNET_("the disk can't read some of its chunks now"));
		return CARNET_OK;
	}
	if (status == CARNET_DAMAGED) {
		check_problem(check, "document", id,
		    CARNET_("the list of its chunks is damaged"));
		return CARNET_OK;
	}
	if (status != CARNET_OK) {
		if (err != NULL)
			*err = why;
		return status;
	}
	for (size_t i = 0; i < len; i++) {
		if (index_find_chunk(check->fresh, &names[i], &place) != 1)
			missing++;
		else if (check->is_level && check->vault->index != NULL &&
			 !check->lacks_chunks &&
			 !check_index_finds(check, &names[i])) {
			check->lacks_chunks = true;
			check_problem(check, "index", "chunks",
			    CARNET_("does not know where bytes lie that are "
				    "there"));
		}
	}
	free(names);
	if (missing > 0) {
		if (check->unreadable)
			(void)snprintf(detail, sizeof(detail), "%s",
			    CARNET_("the disk can't read some of its chunks "
				    "now"));
		else if (is_answer)
			(void)snprintf(detail, sizeof(detail),
			    CARNET_("%zu chunks of what was read out of it are "
				    "missing"),
			    missing);
		else
			(void)snprintf(detail, sizeof(detail),
			    CARNET_("%zu of its chunks are missing"), missing);
		check_problem(
		    check, is_answer ? "answer" : "document", id, detail);
	}
	return CARNET_OK;
}

/* --- all of it
 * ---------------------------------------------------------------------- */

/* A chunk is looked up in the fresh index, made from the packs themselves. */
static int
check_find_chunk(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	return index_find_chunk(
	    ((struct check *)context)->fresh, name, ret_place);
}

/* What --purge was to erase, and didn't come to. */
static enum carnet_status
check_purges(struct check *check, struct carnet_error *err)
{
	cJSON *ids = NULL;
	const cJSON *id;
	enum carnet_status status =
	    index_unfinished_purges(check->fresh, &ids, err);

	cJSON_ArrayForEach(id, ids)
	    check_problem(check, "document", id->valuestring,
		CARNET_("it was to be erased, and is in part: carnet repair "
			"finishes it"));
	cJSON_Delete(ids);
	return status;
}

static enum carnet_status
check_all(struct check *check, struct carnet_error *err)
{
	struct carnet_vault *vault = check->vault;
	const cJSON *warning;
	enum carnet_status status;

	cJSON_ArrayForEach(warning, carnet_vault_warnings(vault))
	    check_problem(check, vault->device_damaged ? "device" : "header",
		"carnet.head", warning->valuestring);
	vault->places.context = check;
	vault->places.find = check_find_chunk;
	status =
	    index_open(NULL, vault->keys, INDEX_MEMORY, &check->fresh, err);
	if (status == CARNET_OK)
		status = check_packs(check, err);
	if (status == CARNET_OK)
		status = check_open_index(check, err);
	if (status == CARNET_OK)
		status = check_replay(check, err);
	if (status == CARNET_OK)
		status =
		    index_contents(check->fresh, check_content, check, err);
	if (status == CARNET_OK)
		status = check_purges(check, err);
	return status;
}

static enum carnet_status
check_report(struct check *check, cJSON **ret_report, struct carnet_error *err)
{
	cJSON *report = cJSON_CreateObject(), *counts = NULL, *warnings;
	int64_t documents = 0;
	enum carnet_status status = index_counts(check->fresh, &counts, err);

	if (check->untold && status == CARNET_OK)
		status = carnet_fail_errno(err, ENOMEM, "vault");
	if (status != CARNET_OK) {
		cJSON_Delete(counts);
		cJSON_Delete(report);
		return status;
	}
	(void)carnet_json_int(counts, "documents", &documents);
	cJSON_Delete(counts);
	(void)cJSON_AddBoolToObject(
	    report, "ok", cJSON_GetArraySize(check->problems) == 0);
	(void)cJSON_AddNumberToObject(
	    report, "packs", (double)check->packs_len);
	(void)cJSON_AddNumberToObject(report, "documents", (double)documents);
	warnings = cJSON_AddArrayToObject(report, "warnings");
	if (check->index_unread)
		(void)cJSON_AddItemToArray(warnings,
		    cJSON_CreateString(
			CARNET_("the index can't be read while nothing can be "
				"written there: it was not compared")));
	if (!cJSON_AddItemToObject(report, "problems", check->problems)) {
		cJSON_Delete(report);
		return carnet_fail_errno(err, ENOMEM, "vault");
	}
	check->problems = NULL;
	*ret_report = report;
	return CARNET_OK;
}

struct check_task {
	const char *path;
	struct carnet_unlock unlock;
	bool read_data;
	carnet_progress *progress;
	void *context;
	struct secret *master; /* once the vault has been opened */
};

static enum carnet_status
check_once(struct check_task *task, bool alone, cJSON **ret_report,
    struct carnet_error *err)
{
	const struct carnet_waiter listener = { .progress = task->progress,
		.progress_context = task->context };
	struct check check = { .read_data = task->read_data };
	enum carnet_status status;

	check.problems = cJSON_CreateArray();
	if (check.problems == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	status = vault_open_bare(task->path, &task->unlock, CARNET_READ,
	    &listener, &check.vault, err);
	if (status == CARNET_OK && task->master == NULL)
		task->master = secret_from(secret_peek(check.vault->master),
		    secret_len(check.vault->master));
	if (status == CARNET_OK && alone)
		status = vault_lock(check.vault, true, err);
	if (status == CARNET_OK)
		status = check_all(&check, err);
	if (status == CARNET_OK)
		status = check_report(&check, ret_report, err);
	index_close(check.fresh);
	carnet_vault_close(check.vault);
	cJSON_Delete(check.problems);
	free(check.packs);
	return status;
}

/*
 * First beside whoever writes.  What looks wrong then may only be half of
 * what is being written: it counts when it still is so with the writer's
 * lock held (where that can't be had, nobody writes).
 */
enum carnet_status
carnet_check(const char *path, const struct carnet_unlock *unlock,
    bool read_data, carnet_progress *progress, void *context,
    cJSON **ret_report, struct carnet_error *err)
{
	struct check_task task = { .path = path,
		.unlock = *unlock,
		.read_data = read_data,
		.progress = progress,
		.context = context };
	cJSON *report = NULL, *again = NULL;
	enum carnet_status status = check_once(&task, false, &report, err);
	bool doubtful = status == CARNET_OK
			    ? !carnet_json_bool(report, "ok", false)
			    : status == CARNET_DAMAGED || status == CARNET_IO;

	if (doubtful && task.master != NULL) {
		struct carnet_error why = { 0 };
		enum carnet_status second;

		task.unlock = (struct carnet_unlock){ .master = task.master };
		second = check_once(&task, true, &again, &why);
		if (second == CARNET_OK) {
			cJSON_Delete(report);
			report = again;
			status = CARNET_OK;
		} else if (status != CARNET_OK && err != NULL) {
			*err = why;
			status = second;
		}
	}
	secret_free(task.master);
	if (status == CARNET_OK)
		*ret_report = report;
	return status;
}
