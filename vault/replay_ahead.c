/* SPDX-License-Identifier: ISC */
/*
 * The ledger, opened by a thread of its own while the caller applies what was
 * read before: each takes about as long on a core as the other leaves it
 * waiting.  Knows no index.  The contract is in vault.h.
 */
#include "vault.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A batch is full with so many events, or bytes of theirs. */
#define AHEAD_EVENTS 256
#define AHEAD_BYTES ((size_t)256 << 10)

/* An event, or a problem: its bytes are path and detail. */
struct ahead_item {
	struct event event; /* owns nothing */
	struct ledger_place place;
	bool is_problem;
	size_t at; /* of its bytes in the batch */
};

struct ahead_batch {
	struct ahead_item items[AHEAD_EVENTS];
	size_t len;
	uint8_t *bytes;
	size_t bytes_len, bytes_room;
	bool is_full; /* the caller's; otherwise the thread's */
};

struct replay_ahead {
	struct ledger *ledger;
	const struct ledger_reading *reading; /* the caller's */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* is_full, ended, stopping */
	struct ahead_batch batches[2];
	bool ended, stopping;
	/* the thread's until it has ended */
	struct ahead_batch *filling;
	bool no_memory;
	enum carnet_status status;
	struct carnet_error err;
	size_t problems;
};

static struct ahead_batch *
replay_ahead_other(struct replay_ahead *ahead, const struct ahead_batch *batch)
{
	return &ahead->batches[batch == &ahead->batches[0] ? 1 : 0];
}

/* --- on the thread ---------------------------------------------------------
 */

/* Gives the batch away and waits for the other one; false: nobody wants it. */
static bool
replay_ahead_give(struct replay_ahead *ahead)
{
	bool wanted;

	(void)pthread_mutex_lock(&ahead->lock);
	ahead->filling->is_full = true;
	(void)pthread_cond_signal(&ahead->changed);
	ahead->filling = replay_ahead_other(ahead, ahead->filling);
	while (ahead->filling->is_full && !ahead->stopping)
		(void)pthread_cond_wait(&ahead->changed, &ahead->lock);
	wanted = !ahead->stopping;
	(void)pthread_mutex_unlock(&ahead->lock);
	return wanted;
}

/* Room for one more item with bytes, which are zeros; NULL without memory. */
static struct ahead_item *
replay_ahead_add(struct replay_ahead *ahead, size_t len)
{
	struct ahead_batch *batch = ahead->filling;
	struct ahead_item *item = &batch->items[batch->len];

	if (batch->bytes_room - batch->bytes_len < len) {
		size_t room = batch->bytes_len + len + AHEAD_BYTES;
		uint8_t *grown = realloc(batch->bytes, room);

		if (grown == NULL)
			return NULL;
		batch->bytes = grown;
		batch->bytes_room = room;
	}
	memset(item, 0, sizeof(*item));
	item->at = batch->bytes_len;
	batch->bytes_len += len;
	batch->len++;
	return item;
}

static bool
replay_ahead_is_full(const struct ahead_batch *batch)
{
	return batch->len == AHEAD_EVENTS || batch->bytes_len >= AHEAD_BYTES;
}

static enum carnet_status
replay_ahead_visit(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	struct replay_ahead *ahead = context;
	size_t len = event->payload == NULL ? 0 : event->payload_len + 1;
	struct ahead_item *item;

	if (ahead->no_memory)
		return carnet_fail_errno(err, ENOMEM, "vault");
	if (replay_ahead_is_full(ahead->filling) && !replay_ahead_give(ahead))
		return CARNET_FAILED; /* the caller has said why */
	item = replay_ahead_add(ahead, len);
	if (item == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	item->event = *event;
	item->event.heads = NULL; /* not needed by apply */
	item->event.heads_len = 0;
	item->place = *place;
	if (len > 0)
		memcpy(ahead->filling->bytes + item->at, event->payload, len);
	return CARNET_OK;
}

static void
replay_ahead_problem(void *context, const char *path, const char *detail)
{
	struct replay_ahead *ahead = context;
	size_t path_len = strlen(path) + 1, detail_len = strlen(detail) + 1;
	struct ahead_item *item = NULL;

	if (replay_ahead_is_full(ahead->filling) && !replay_ahead_give(ahead))
		return;
	item = replay_ahead_add(ahead, path_len + detail_len);
	if (item == NULL) {
		ahead->no_memory = true;
		return;
	}
	item->is_problem = true;
	memcpy(ahead->filling->bytes + item->at, path, path_len);
	memcpy(ahead->filling->bytes + item->at + path_len, detail, detail_len);
}

static void *
replay_ahead_run(void *argument)
{
	struct replay_ahead *ahead = argument;
	struct ledger_reading reading = *ahead->reading;

	reading.visit = replay_ahead_visit;
	reading.problem = replay_ahead_problem;
	reading.context = ahead;
	ahead->status =
	    ledger_read(ahead->ledger, &reading, &ahead->problems, &ahead->err);
	if (ahead->status == CARNET_OK && ahead->no_memory)
		ahead->status = carnet_fail_errno(&ahead->err, ENOMEM, "vault");
	(void)pthread_mutex_lock(&ahead->lock);
	ahead->filling->is_full = true;
	ahead->ended = true;
	(void)pthread_cond_signal(&ahead->changed);
	(void)pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* --- on the caller's -------------------------------------------------------
 */

static enum carnet_status
replay_ahead_take(struct replay_ahead *ahead, struct ahead_batch *batch,
    struct carnet_error *err)
{
	const struct ledger_reading *reading = ahead->reading;
	enum carnet_status status = CARNET_OK;

	for (size_t i = 0; i < batch->len && status == CARNET_OK; i++) {
		struct ahead_item *item = &batch->items[i];
		char *text = (char *)batch->bytes + item->at;

		if (item->is_problem && reading->problem != NULL)
			reading->problem(
			    reading->context, text, text + strlen(text) + 1);
		if (item->is_problem)
			continue;
		if (item->event.payload != NULL)
			item->event.payload = batch->bytes + item->at;
		status = reading->visit(
		    reading->context, &item->event, &item->place, err);
	}
	return status;
}

/* Batch after batch, until the thread has ended or one of them fails. */
static enum carnet_status
replay_ahead_follow(struct replay_ahead *ahead, struct carnet_error *err)
{
	struct ahead_batch *batch = &ahead->batches[0];
	enum carnet_status status = CARNET_OK;
	bool last = false;

	while (status == CARNET_OK && !last) {
		(void)pthread_mutex_lock(&ahead->lock);
		while (!batch->is_full)
			(void)pthread_cond_wait(&ahead->changed, &ahead->lock);
		last =
		    ahead->ended && !replay_ahead_other(ahead, batch)->is_full;
		(void)pthread_mutex_unlock(&ahead->lock);
		status = replay_ahead_take(ahead, batch, err);
		batch->len = batch->bytes_len = 0;
		(void)pthread_mutex_lock(&ahead->lock);
		batch->is_full = false;
		ahead->stopping = status != CARNET_OK;
		(void)pthread_cond_signal(&ahead->changed);
		(void)pthread_mutex_unlock(&ahead->lock);
		batch = replay_ahead_other(ahead, batch);
	}
	return status;
}

static bool
replay_ahead_start(struct replay_ahead *ahead, pthread_t *ret_thread)
{
	sigset_t all, before;
	bool started;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	started =
	    pthread_create(ret_thread, NULL, replay_ahead_run, ahead) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

enum carnet_status
replay_ahead(struct ledger *ledger, const struct ledger_reading *reading,
    size_t *ret_problems, struct carnet_error *err)
{
	struct replay_ahead *ahead = calloc(1, sizeof(*ahead));
	enum carnet_status status;
	pthread_t thread;

	assert(reading->gap == NULL); /* it would be called on the thread */
	if (ahead == NULL)
		return carnet_fail_errno(err, ENOMEM, "vault");
	ahead->ledger = ledger;
	ahead->reading = reading;
	ahead->filling = &ahead->batches[0];
	(void)pthread_mutex_init(&ahead->lock, NULL);
	(void)pthread_cond_init(&ahead->changed, NULL);
	if (replay_ahead_start(ahead, &thread)) {
		status = replay_ahead_follow(ahead, err);
		(void)pthread_join(thread, NULL);
		if (status == CARNET_OK && ahead->status != CARNET_OK) {
			status = ahead->status;
			if (err != NULL)
				*err = ahead->err;
		} else if (status == CARNET_OK && ret_problems != NULL) {
			*ret_problems = ahead->problems;
		}
	} else {
		status = ledger_read(ledger, reading, ret_problems, err);
	}
	(void)pthread_cond_destroy(&ahead->changed);
	(void)pthread_mutex_destroy(&ahead->lock);
	free(ahead->batches[0].bytes);
	free(ahead->batches[1].bytes);
	free(ahead);
	return status;
}
