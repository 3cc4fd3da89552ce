/* SPDX-License-Identifier: ISC */
/*
 * The threads of a batch.  One lock for what goes from hand to hand; the
 * pack's writer belongs to the writing thread while there is one.
 * Contract: batch_crew.h.
 */
#include "batch_crew.h"
#include "crew.h"
#include "pack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CREW_SQUEEZERS_MAX 15U
/* Less than this in a batch isn't worth a thread; nor is a tiny box. */
#define CREW_WORTH ((uint64_t)1 << 20)
#define CREW_TINY ((uint32_t)2 << 10)
#define CREW_SMALL_BOXES ((size_t)64)

struct crew_boxes {
	struct box *spares;
	size_t len; /* made */
};

struct crew_hand {
	struct batch_crew *crew;
	struct squeezer *squeezer;
};

struct batch_crew {
	int vault_fd;
	const struct keys *keys;
	unsigned threads;
	bool tried;                /* to start threads, since the last finish */
	uint64_t bytes;            /* since then */
	struct squeezer *squeezer; /* the caller's own */
	struct crew_hand hands[CREW_SQUEEZERS_MAX];
	struct crew *squeezers, *writer; /* NULL: the caller does it */
	struct pack_writer *pack;        /* the writer's */
	struct box *first, *last;        /* on their way, by box->after */

	pthread_mutex_t lock; /* the rest, and every box->squeezed */
	pthread_cond_t moved;
	struct crew_boxes large, small;
	size_t writing; /* given to the writer, not back yet */
	struct carnet_error failure;
};

struct batch_crew *
batch_crew_new(int vault_fd, const struct keys *keys)
{
	struct batch_crew *crew = calloc(1, sizeof(*crew));

	if (crew == NULL)
		return NULL;
	crew->vault_fd = vault_fd;
	crew->keys = keys;
	crew->threads = 1;
	(void)pthread_mutex_init(&crew->lock, NULL);
	(void)pthread_cond_init(&crew->moved, NULL);
	return crew;
}

static void
crew_free_boxes(struct crew_boxes *boxes)
{
	while (boxes->spares != NULL) {
		struct box *box = boxes->spares;

		boxes->spares = box->next;
		box_free(box);
	}
}

void
batch_crew_free(struct batch_crew *crew)
{
	crew_free_boxes(&crew->large);
	crew_free_boxes(&crew->small);
	for (size_t i = 0; i < CREW_SQUEEZERS_MAX; i++)
		squeezer_free(crew->hands[i].squeezer);
	squeezer_free(crew->squeezer);
	(void)pthread_cond_destroy(&crew->moved);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew);
}

void
batch_crew_set_threads(struct batch_crew *crew, unsigned threads)
{
	crew->threads = threads < 1 ? 1 : threads;
	if (crew->threads > CREW_SQUEEZERS_MAX + 1)
		crew->threads = CREW_SQUEEZERS_MAX + 1;
}

static struct crew_boxes *
crew_boxes_of(struct batch_crew *crew, size_t room)
{
	return room < CHUNK_MAX ? &crew->small : &crew->large;
}

/* Of the large ones: the squeezers', the writer's, the one being filled, and
 * one that waits: 8 MiB each at most, and one more made nothing faster. */
static size_t
crew_boxes_max(const struct batch_crew *crew, size_t room)
{
	if (crew->squeezers == NULL && crew->writer == NULL)
		return SIZE_MAX;
	return room < CHUNK_MAX ? CREW_SMALL_BOXES : crew->threads + 2;
}

struct box *
batch_crew_spare(struct batch_crew *crew, size_t room, bool wait)
{
	struct crew_boxes *boxes = crew_boxes_of(crew, room);
	size_t max = crew_boxes_max(crew, room);
	struct box *box;
	bool make;

	if (wait)
		crew_hurry(crew->writer);
	(void)pthread_mutex_lock(&crew->lock);
	while (wait && boxes->spares == NULL && crew->writing > 0 &&
	       boxes->len >= max)
		(void)pthread_cond_wait(&crew->moved, &crew->lock);
	box = boxes->spares;
	if (box != NULL)
		boxes->spares = box->next;
	make = box == NULL && (wait || boxes->len < max);
	(void)pthread_mutex_unlock(&crew->lock);
	if (make) {
		box = box_new(room);
		boxes->len += box != NULL ? 1 : 0;
	}
	return box;
}

/* Under the lock. */
static void
crew_take_back(struct batch_crew *crew, struct box *box)
{
	struct crew_boxes *boxes = crew_boxes_of(crew, box->room);

	box->next = boxes->spares;
	boxes->spares = box;
}

void
batch_crew_return(struct batch_crew *crew, struct box *box)
{
	(void)pthread_mutex_lock(&crew->lock);
	crew_take_back(crew, box);
	(void)pthread_mutex_unlock(&crew->lock);
}

static void
crew_squeeze_one(void *context, struct box *box)
{
	struct crew_hand *hand = context;

	box_squeeze(hand->squeezer, box);
	(void)pthread_mutex_lock(&hand->crew->lock);
	box->squeezed = true;
	(void)pthread_cond_signal(&hand->crew->moved);
	(void)pthread_mutex_unlock(&hand->crew->lock);
}

/* Into its pack; *pack is the open one, made if it isn't there. */
static enum carnet_status
crew_append(
    struct batch_crew *crew, const struct box *box, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;

	if (crew->pack == NULL)
		status = pack_create(
		    crew->vault_fd, box->pack, crew->keys, &crew->pack, err);
	if (status == CARNET_OK)
		status = pack_append(crew->pack, box, err);
	if (status == CARNET_OK && box->closes) {
		status = pack_finish(crew->pack, err);
		if (status == CARNET_OK) {
			pack_writer_free(crew->pack);
			crew->pack = NULL;
		}
	}
	return status;
}

static enum carnet_status
crew_failure(struct batch_crew *crew, struct carnet_error *err)
{
	enum carnet_status status;

	(void)pthread_mutex_lock(&crew->lock);
	status = crew->failure.status;
	if (status != CARNET_OK && err != NULL)
		*err = crew->failure;
	(void)pthread_mutex_unlock(&crew->lock);
	return status;
}

/* After a failure boxes only come back. */
static void
crew_write_one(void *context, struct box *box)
{
	struct batch_crew *crew = context;
	struct carnet_error why = { 0 };

	if (crew_failure(crew, &why) == CARNET_OK)
		(void)crew_append(crew, box, &why);
	(void)pthread_mutex_lock(&crew->lock);
	if (crew->failure.status == CARNET_OK)
		crew->failure = why;
	crew_take_back(crew, box);
	crew->writing--;
	(void)pthread_cond_signal(&crew->moved);
	(void)pthread_mutex_unlock(&crew->lock);
}

/* Threads that can't be had are done without. */
static void
crew_start_threads(struct batch_crew *crew)
{
	void *hands[CREW_SQUEEZERS_MAX];
	void *self = crew;
	unsigned count = 0;

	crew->tried = true;
	while (count < crew->threads - 1) {
		struct crew_hand *hand = &crew->hands[count];

		hand->crew = crew;
		if (hand->squeezer == NULL)
			hand->squeezer = squeezer_new();
		if (hand->squeezer == NULL)
			break;
		hands[count++] = hand;
	}
	if (count > 0)
		crew->squeezers = crew_start(count, crew_squeeze_one, hands);
	crew->writer = crew_start(1, crew_write_one, &self);
}

static void
crew_end_threads(struct batch_crew *crew)
{
	crew_stop(crew->squeezers);
	crew_stop(crew->writer);
	crew->squeezers = NULL;
	crew->writer = NULL;
	crew->tried = false;
	crew->bytes = 0;
}

enum carnet_status
batch_crew_squeeze(
    struct batch_crew *crew, struct box *box, struct carnet_error *err)
{
	crew->bytes += box->plain_len;
	if (crew->threads > 1 && !crew->tried && crew->bytes >= CREW_WORTH)
		crew_start_threads(crew);
	if (crew->squeezer == NULL)
		crew->squeezer = squeezer_new();
	if (crew->squeezer == NULL)
		return carnet_fail(
		    err, CARNET_NO_MEMORY, CARNET_("not enough memory"));
	box->squeezed = false;
	box->after = NULL;
	if (crew->first == NULL)
		crew->first = box;
	else
		crew->last->after = box;
	crew->last = box;
	if (crew->squeezers != NULL && box->plain_len > CREW_TINY) {
		crew_give(crew->squeezers, box);
	} else {
		box_squeeze(crew->squeezer, box);
		box->squeezed = true; /* nobody else has it */
	}
	return CARNET_OK;
}

struct box *
batch_crew_squeezed(struct batch_crew *crew, bool wait)
{
	struct box *box = crew->first;
	bool ready;

	if (box == NULL)
		return NULL;
	if (wait)
		crew_hurry(crew->squeezers);
	(void)pthread_mutex_lock(&crew->lock);
	while (wait && !box->squeezed)
		(void)pthread_cond_wait(&crew->moved, &crew->lock);
	ready = box->squeezed;
	(void)pthread_mutex_unlock(&crew->lock);
	if (!ready)
		return NULL;
	crew->first = box->after;
	return box;
}

enum carnet_status
batch_crew_write(
    struct batch_crew *crew, struct box *box, struct carnet_error *err)
{
	(void)pthread_mutex_lock(&crew->lock);
	crew->writing++;
	(void)pthread_mutex_unlock(&crew->lock);
	if (crew->writer != NULL)
		crew_give(crew->writer, box);
	else
		crew_write_one(crew, box);
	return crew_failure(crew, err);
}

/* The pack is the caller's from here to the next box. */
static void
crew_wait_for_writer(struct batch_crew *crew)
{
	crew_hurry(crew->writer);
	(void)pthread_mutex_lock(&crew->lock);
	while (crew->writing > 0)
		(void)pthread_cond_wait(&crew->moved, &crew->lock);
	(void)pthread_mutex_unlock(&crew->lock);
}

enum carnet_status
batch_crew_settle(struct batch_crew *crew, struct carnet_error *err)
{
	enum carnet_status status;

	crew_wait_for_writer(crew);
	status = crew_failure(crew, err);
	if (status == CARNET_OK && crew->pack != NULL)
		status = pack_settle(crew->pack, err);
	return status;
}

enum carnet_status
batch_crew_finish(struct batch_crew *crew, struct carnet_error *err)
{
	enum carnet_status status;

	crew_end_threads(crew);
	status = crew_failure(crew, err);
	if (status != CARNET_OK || crew->pack == NULL)
		return status;
	status = pack_finish(crew->pack, err);
	if (status == CARNET_OK) {
		pack_writer_free(crew->pack);
		crew->pack = NULL;
	}
	return status;
}

void
batch_crew_drop(struct batch_crew *crew)
{
	struct box *box;

	crew_end_threads(crew);
	while ((box = crew->first) != NULL) {
		crew->first = box->after;
		batch_crew_return(crew, box);
	}
	pack_abandon(crew->vault_fd, crew->pack);
	crew->pack = NULL;
	crew->failure.status = CARNET_OK;
}
