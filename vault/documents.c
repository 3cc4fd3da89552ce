/* SPDX-License-Identifier: ISC */
/*
 * Originals of many documents, read on all cores: each thread has a store of
 * its own, one lock guards the vault and its index.  Contract:
 * include/carnet.h.
 */
#include "vault.h"

#include "parallel.h"

#include <errno.h>
#include <pthread.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

struct documents {
	struct carnet_vault *vault;
	const char *const *ids;
	const struct carnet_reading *reading;
	pthread_mutex_t lock;       /* of the vault, and of what follows */
	struct store_places places; /* the vault's, under the lock */
	struct store **spares;      /* as many as threads were ever busy */
	size_t spares_len;
};

struct documents_result {
	enum carnet_status status;
	struct carnet_error why;
	alignas(max_align_t) uint8_t theirs[]; /* reading->result_len */
};

static int
documents_find(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	struct documents *documents = context;
	const struct store_places *places = &documents->vault->places;
	int found;

	(void)pthread_mutex_lock(&documents->lock);
	found = places->find(places->context, name, ret_place);
	(void)pthread_mutex_unlock(&documents->lock);
	return found;
}

/* A store that no other thread has; NULL: no memory. */
static struct store *
documents_take_store(struct documents *documents, struct carnet_error *err)
{
	struct store *store = NULL;

	(void)pthread_mutex_lock(&documents->lock);
	if (documents->spares_len > 0)
		store = documents->spares[--documents->spares_len];
	(void)pthread_mutex_unlock(&documents->lock);
	if (store == NULL)
		(void)store_open(documents->vault->fd, documents->vault->keys,
		    &documents->places, &store, err);
	return store;
}

static void
documents_return_store(struct documents *documents, struct store *store)
{
	(void)pthread_mutex_lock(&documents->lock);
	documents->spares[documents->spares_len++] = store;
	(void)pthread_mutex_unlock(&documents->lock);
}

struct documents_sink {
	const struct carnet_reading *reading;
	void *result;
};

static bool
documents_bytes(void *context, const uint8_t *bytes, size_t len)
{
	const struct documents_sink *sink = context;

	return sink->reading->bytes(sink->result, bytes, len);
}

static enum carnet_status
documents_read(struct documents *documents, const struct content *content,
    void *result, struct carnet_error *err)
{
	struct documents_sink sink = { documents->reading, result };
	struct store *store = documents_take_store(documents, err);
	enum carnet_status status;

	if (store == NULL)
		return CARNET_NO_MEMORY;
	status = store_get(store, content, documents_bytes, &sink, err);
	documents_return_store(documents, store);
	return status;
}

static void
documents_work(void *context, size_t task, void *result)
{
	struct documents *documents = context;
	const struct carnet_reading *reading = documents->reading;
	struct documents_result *mine = result;
	struct content content = { 0 };

	(void)pthread_mutex_lock(&documents->lock);
	mine->status = index_document_content(documents->vault->index,
	    documents->ids[task], &content, &mine->why);
	if (mine->status == CARNET_OK)
		mine->status = reading->begin(
		    reading->context, task, mine->theirs, &mine->why);
	(void)pthread_mutex_unlock(&documents->lock);
	if (mine->status == CARNET_OK && reading->open != NULL)
		mine->status = reading->open(mine->theirs, &mine->why);
	if (mine->status == CARNET_OK)
		mine->status = documents_read(
		    documents, &content, mine->theirs, &mine->why);
	reading->end(mine->theirs, &mine->status, &mine->why);
	content_clear(&content);
}

static enum carnet_status
documents_settle(
    void *context, size_t task, void *result, struct carnet_error *err)
{
	struct documents *documents = context;
	const struct carnet_reading *reading = documents->reading;
	struct documents_result *mine = result;
	enum carnet_status status;

	(void)pthread_mutex_lock(&documents->lock);
	if (mine->status == CARNET_DAMAGED)
		documents->vault->damaged = true;
	status = reading->settle(reading->context, task, mine->theirs,
	    mine->status, &mine->why, err);
	(void)pthread_mutex_unlock(&documents->lock);
	return status;
}

static void
documents_drop(void *context, void *result)
{
	const struct documents *documents = context;

	if (documents->reading->drop != NULL)
		documents->reading->drop(
		    ((struct documents_result *)result)->theirs);
}

enum carnet_status
carnet_documents_read(struct carnet_vault *vault, const char *const *ids,
    size_t len, const struct carnet_reading *reading, struct carnet_error *err)
{
	struct documents documents = { .vault = vault,
		.ids = ids,
		.reading = reading,
		.places = { .context = &documents, .find = documents_find } };
	const struct parallel row = { .count = len,
		.threads = parallel_cores(),
		.result_len =
		    (sizeof(struct documents_result) + reading->result_len +
			alignof(max_align_t) - 1) /
		    alignof(max_align_t) * alignof(max_align_t),
		.context = &documents,
		.work = documents_work,
		.settle = documents_settle,
		.drop = documents_drop };
	enum carnet_status status;

	documents.spares = calloc(row.threads + 1, sizeof(struct store *));
	if (documents.spares == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	(void)pthread_mutex_init(&documents.lock, NULL);
	status = parallel_run(&row, err);
	(void)pthread_mutex_destroy(&documents.lock);
	for (size_t i = 0; i < documents.spares_len; i++)
		store_free(documents.spares[i]);
	free(documents.spares);
	return status;
}
