/* SPDX-License-Identifier: ISC */
/*
 * Erasing a document: nothing of it is left in any file of the vault, at the
 * latest when `repair` has finished what was cut off.  The contract: place.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"
#include "vault.h"

#define TRACES 16
#define TRACE_LEN 48
#define FRAME_LEN 16 /* of a record: the same in every revision */

/* Sealed bytes that hold something of document 1, as they were written. */
static struct {
	char id[CARNET_ID_TEXT];
	uint8_t bytes[TRACES][TRACE_LEN];
	size_t len;
	struct chunk_name names[TRACES];
	size_t names_len;
} erased;

static enum carnet_status
find_document(struct carnet_vault *vault, unsigned number,
    char id[CARNET_ID_TEXT], struct carnet_error *err)
{
	cJSON *documents = NULL;
	const cJSON *document;
	size_t len;
	char size[24];
	enum carnet_status status =
	    carnet_documents(vault, NULL, &documents, err);

	if (status != CARNET_OK)
		return status;
	(void)place_bytes(number, &len);
	(void)snprintf(size, sizeof(size), "%zu", len);
	status = CARNET_NOT_FOUND;
	cJSON_ArrayForEach(document, documents)
	{
		int64_t there = -1;

		(void)carnet_json_int(document, "size", &there);
		if (there == (int64_t)len) {
			(void)snprintf(id, CARNET_ID_TEXT, "%s",
			    carnet_json_string(document, "id"));
			status = CARNET_OK;
		}
	}
	cJSON_Delete(documents);
	return status;
}

/* --- what must go --------------------------------------------------------- */

static void
note_trace(const char *vault, const char *path, uint64_t at)
{
	char whole[2 * PLACE_PATH];
	int fd;

	(void)snprintf(whole, sizeof(whole), "%s/%s", vault, path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || erased.len == TRACES ||
	    pread(fd, erased.bytes[erased.len++], TRACE_LEN, (off_t)at) !=
		TRACE_LEN)
		place_fail("reading what will be erased", NULL);
	(void)close(fd);
}

static void
set_aside(struct place *place, const char *path, const char *name)
{
	char from[2 * PLACE_PATH], to[2 * PLACE_PATH];

	(void)snprintf(from, sizeof(from), "%s/%s", place->vault, path);
	(void)snprintf(to, sizeof(to), "%s/damaged/%s", place->vault, name);
	if (access(to, F_OK) != 0)
		place_copy(from, to);
}

static void
note_content(struct place *place, struct carnet_vault *vault, bool answer)
{
	struct content content = { 0 };
	struct carnet_error err = { 0 };
	enum carnet_status status =
	    answer
		? index_document_answer(vault->index, erased.id, &content, &err)
		: index_document_content(
		      vault->index, erased.id, &content, &err);

	if (status != CARNET_OK || content.len == 0 || content.depth != 0)
		place_fail("a content to erase", &err);
	for (size_t i = 0; i < content.len; i++) {
		struct chunk_place at;
		char path[PACK_PATH_TEXT];

		if (index_find_chunk(vault->index, &content.names[i], &at) !=
			1 ||
		    erased.names_len == TRACES)
			place_fail("a chunk to erase", NULL);
		erased.names[erased.names_len++] = content.names[i];
		pack_path(at.pack, path);
		note_trace(place->vault, path, at.offset);
		set_aside(place, path, strrchr(path, '/') + 1);
	}
	content_clear(&content);
}

static enum carnet_status
note_event(void *context, const struct event *event,
    const struct ledger_place *at, struct carnet_error *err)
{
	struct place *place = context;
	char path[LEDGER_PATH_TEXT], hex[DEVICE_ID_TEXT], name[96];

	(void)err;
	if (strstr((const char *)event->payload, erased.id) == NULL)
		return CARNET_OK;
	hex_encode(event->device, DEVICE_ID_LEN, hex);
	(void)snprintf(path, sizeof(path), "ledger/%s/%llu", hex,
	    (unsigned long long)at->segment);
	note_trace(place->vault, path, at->position + FRAME_LEN);
	(void)snprintf(name, sizeof(name), "ledger-%s-%llu.0", hex,
	    (unsigned long long)at->segment);
	set_aside(place, path, name);
	return CARNET_OK;
}

static void
add_answer(struct carnet_vault *vault, const char *text)
{
	struct carnet_error err = { 0 };
	cJSON *answer = cJSON_CreateObject();

	if (cJSON_AddStringToObject(answer, "text", text) == NULL)
		place_fail("memory", NULL);
	if (carnet_document_answer(vault, erased.id, "text/1", answer, &err) !=
		CARNET_OK ||
	    carnet_commit(vault, &err) != CARNET_OK)
		place_fail("an answer", &err);
}

void
prepare_purge(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	struct ledger_reading reading = { .visit = note_event,
		.context = place };
	char path[2 * PLACE_PATH];

	prepare_vault(place);
	(void)snprintf(path, sizeof(path), "%s/damaged", place->vault);
	if (mkdir(path, 0700) != 0 ||
	    place_open(place, place->vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK ||
	    find_document(vault, 1, erased.id, &err) != CARNET_OK)
		place_fail("what will be erased", &err);
	note_content(place, vault, false);
	add_answer(vault, "Ferritine 12 ng/mL");
	note_content(place, vault, true);
	add_answer(vault, "Ferritine 120 ng/mL");
	note_content(place, vault, true);
	if (ledger_read(vault->ledger, &reading, NULL, &err) != CARNET_OK ||
	    erased.len < 5)
		place_fail("what will be erased", &err);
	carnet_vault_close(vault);
}

void
prepare_purge_half(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	cJSON *payload = cJSON_CreateObject();

	prepare_purge(place);
	if (cJSON_AddStringToObject(payload, "document", erased.id) == NULL ||
	    place_open(place, place->vault, CARNET_WRITE, &vault, &err) !=
		CARNET_OK ||
	    carnet_queue(vault, "document.purged", NULL, payload, NULL, &err) !=
		CARNET_OK ||
	    carnet_commit(vault, &err) != CARNET_OK)
		place_fail("half of an erasing", &err);
	carnet_vault_close(vault);
}

/* --- the run -------------------------------------------------------------- */

enum carnet_status
run_purge(struct place *place, struct carnet_error *err)
{
	struct carnet_vault *vault = NULL;
	enum carnet_status status =
	    place_open(place, place->vault, CARNET_WRITE, &vault, err);

	if (status == CARNET_OK)
		status = carnet_document_purge(vault, erased.id, err);
	if (status == CARNET_OK)
		place->told->purged = true;
	carnet_vault_close(vault);
	return status;
}

static enum carnet_status
finish_purge(struct place *place, struct carnet_error *err)
{
	struct carnet_unlock unlock = { .master = place->master };
	cJSON *report = NULL;
	enum carnet_status status =
	    carnet_repair(place->vault, &unlock, NULL, &report, err);

	if (status == CARNET_OK &&
	    cJSON_GetArraySize(carnet_json_get(report, "problems")) > 0)
		status = carnet_fail(err, CARNET_DAMAGED, "problems stay");
	cJSON_Delete(report);
	return status;
}

enum carnet_status
run_purge_repair(struct place *place, struct carnet_error *err)
{
	enum carnet_status status = finish_purge(place, err);

	if (status == CARNET_OK)
		place->told->purged = true;
	return status;
}

/* --- judging -------------------------------------------------------------- */

static bool traces_found;

static int
look_for_traces(
    const char *path, const struct stat *st, int type, struct FTW *where)
{
	uint8_t *bytes;
	int fd;

	(void)where;
	if (type != FTW_F || st->st_size == 0)
		return 0;
	bytes = malloc((size_t)st->st_size);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (bytes == NULL || fd < 0 ||
	    read(fd, bytes, (size_t)st->st_size) != st->st_size)
		place_fail("looking for traces", NULL);
	for (size_t i = 0; i < erased.len; i++)
		if (memmem(bytes, (size_t)st->st_size, erased.bytes[i],
			TRACE_LEN) != NULL)
			traces_found |=
			    !judge(false, "%s holds trace %zu", path, i);
	free(bytes);
	(void)close(fd);
	return 0;
}

/* Sealed again, a chunk looks otherwise: the lists are asked, too. */
static enum carnet_status
look_in_list(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct carnet_vault *vault = context;
	struct chunk_row *rows = NULL;
	size_t len = 0;
	int fd;

	(void)size;
	if (!is_pack)
		return CARNET_OK;
	fd = openat(vault->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 ||
	    pack_read_list(fd, id, vault->keys, &rows, &len, err) != CARNET_OK)
		place_fail("a pack's list", err);
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < erased.names_len; k++)
			if (memcmp(&rows[i].name, &erased.names[k], HASH_LEN) ==
			    0)
				traces_found |= !judge(
				    false, "%s has erased chunk %zu", path, k);
	free(rows);
	(void)close(fd);
	return CARNET_OK;
}

static bool
judge_no_traces(struct place *place, struct carnet_vault *vault)
{
	struct carnet_error err = { 0 };
	cJSON *ids = NULL;
	bool good = judge(
	    pack_walk(vault->fd, look_in_list, vault, &err) == CARNET_OK &&
		index_unfinished_purges(vault->index, &ids, &err) == CARNET_OK,
	    "traces can't be looked for: %s", err.message);

	good &= judge(cJSON_GetArraySize(ids) == 0, "payloads are left");
	cJSON_Delete(ids);
	if (nftw(place->vault, look_for_traces, 16, FTW_PHYS) != 0)
		place_fail("looking for traces", NULL);
	return good && !traces_found;
}

/* Before `repair`: what is unfinished is named, and nothing else is wrong. */
static bool
judge_unfinished(struct place *place)
{
	struct carnet_unlock unlock = { .master = place->master };
	struct carnet_error err = { 0 };
	cJSON *report = NULL;
	const cJSON *problem;
	bool good = judge(carnet_check(place->vault, &unlock, true, NULL, NULL,
			      &report, &err) == CARNET_OK,
	    "check failed: %s", err.message);

	cJSON_ArrayForEach(problem, carnet_json_get(report, "problems"))
	{
		const char *kind = carnet_json_string(problem, "kind");
		const char *id = carnet_json_string(problem, "id");

		good &= judge(strcmp(kind, "index") == 0 ||
				  (strcmp(kind, "document") == 0 &&
				      strcmp(id, erased.id) == 0),
		    "check says %s %s: %s", kind, id,
		    carnet_json_string(problem, "detail"));
		/* the index may be older: a known limit, see reliability.md */
		good &=
		    judge(!place->told->purged ||
			      (place->may_repair && strcmp(kind, "index") == 0),
			"told as erased, and check says %s", kind);
	}
	cJSON_Delete(report);
	return good;
}

bool
judge_purge(struct place *place)
{
	struct carnet_vault *vault = NULL;
	struct carnet_error err = { 0 };
	char id[CARNET_ID_TEXT];
	bool good = judge_unfinished(place), gone;

	if (!place->told->purged)
		good &= judge(finish_purge(place, &err) == CARNET_OK,
		    "it can't be repaired: %s", err.message);
	good &= judge_vault(place, place->vault) &&
		judge_documents(place, place->vault, 1);
	if (!judge(place_open(place, place->vault, CARNET_READ, &vault, &err) ==
		       CARNET_OK,
		"it doesn't open: %s", err.message))
		return false;
	gone = find_document(vault, 1, id, &err) == CARNET_NOT_FOUND;
	good &= judge(gone || !place->told->purged,
	    "the purge was told, and the document is there");
	if (gone)
		good &= judge_no_traces(place, vault);
	carnet_vault_close(vault);
	return good;
}
