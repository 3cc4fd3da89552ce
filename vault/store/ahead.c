/* SPDX-License-Identifier: ISC */
/*
 * Readers that take one file after the other.  Each has boxes of its own, so
 * that a file which isn't due yet can't keep those that the one whose turn it
 * is waits for.  Contract: ahead.h.
 */
#include "ahead.h"
#include "source.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Two name faster than the one writer writes. */
#define AHEAD_READERS_MAX 2U
/* A reader's boxes: the one being filled, and one that waits. */
#define AHEAD_LARGE_BOXES 2U
#define AHEAD_SMALL_BOXES 32U

/* Files that are worth waking a reader for, if they are small. */
#define AHEAD_GROUP 8U

struct ahead_boxes {
	size_t room;
	unsigned left; /* that may still be made */
	struct box *spares;
	unsigned len, worth; /* spares; how many are worth waking for */
};

struct ahead_reader {
	struct ahead *ahead;
	pthread_t thread;
	pthread_cond_t returned; /* a box of its own */
	uint8_t *carry;
	struct ahead_boxes large, small; /* small: a chunk that is never cut */
};

struct ahead_file {
	int fd;
	struct stat before;
	struct ahead_reader *reader; /* NULL: nobody has begun */
	bool done, dropped;
	struct carnet_error failure;
	struct box *first, *last; /* named, not yet taken */
	struct ahead_file *next;
};

struct ahead {
	const struct keys *keys;
	const struct chunk_gear *gear;
	unsigned count;
	struct ahead_reader readers[AHEAD_READERS_MAX];

	pthread_mutex_t lock; /* what follows, and all files and boxes */
	pthread_cond_t given, read;
	struct ahead_file *first, *last;
	struct ahead_file *waiting; /* the first that nobody has begun */
	unsigned waiting_len;
	bool stopping;
};

/* NULL: it's time to go. */
static struct ahead_file *
ahead_take_file(struct ahead_reader *reader)
{
	struct ahead *ahead = reader->ahead;
	struct ahead_file *file;

	(void)pthread_mutex_lock(&ahead->lock);
	while (ahead->waiting == NULL && !ahead->stopping)
		(void)pthread_cond_wait(&ahead->given, &ahead->lock);
	file = ahead->waiting;
	if (file != NULL) {
		ahead->waiting = file->next;
		ahead->waiting_len--;
		file->reader = reader;
	}
	(void)pthread_mutex_unlock(&ahead->lock);
	return file;
}

/* A file below CHUNK_MIN is one chunk; if it grows, it has changed anyway. */
static struct ahead_boxes *
ahead_boxes_for(struct ahead_reader *reader, const struct ahead_file *file)
{
	return file->before.st_size < (off_t)CHUNK_MIN ? &reader->small
						       : &reader->large;
}

/* NULL: no memory, or the file was dropped. */
static struct box *
ahead_spare_box(struct ahead_reader *reader, struct ahead_file *file)
{
	struct ahead_boxes *boxes = ahead_boxes_for(reader, file);
	struct ahead *ahead = reader->ahead;
	struct box *box = NULL;
	bool make = false;

	(void)pthread_mutex_lock(&ahead->lock);
	while (boxes->spares == NULL && boxes->left == 0 && !file->dropped)
		(void)pthread_cond_wait(&reader->returned, &ahead->lock);
	if (file->dropped) {
		box = NULL;
	} else if (boxes->spares != NULL) {
		box = boxes->spares;
		boxes->spares = box->next;
		boxes->len--;
	} else {
		boxes->left--;
		make = true;
	}
	(void)pthread_mutex_unlock(&ahead->lock);
	if (make) {
		box = box_new(boxes->room);
		if (box == NULL) {
			(void)pthread_mutex_lock(&ahead->lock);
			boxes->left++;
			(void)pthread_mutex_unlock(&ahead->lock);
		}
	}
	return box;
}

/* Under the lock.  A reader that waits is woken for a few boxes at once: for
 * one it would be awake no longer than waking it takes. */
static void
ahead_take_back(struct ahead_reader *reader, struct box *box)
{
	struct ahead_boxes *boxes =
	    box->room < CHUNK_MAX ? &reader->small : &reader->large;

	box->next = boxes->spares;
	boxes->spares = box;
	boxes->len++;
	if (boxes->len >= boxes->worth)
		(void)pthread_cond_signal(&reader->returned);
}

/* A named chunk, ready to be taken; or, empty, a spare again.  With the last
 * one the file isn't the reader's any more. */
static void
ahead_put_box(struct ahead_file *file, struct box *box, bool last)
{
	struct ahead *ahead = file->reader->ahead;

	(void)pthread_mutex_lock(&ahead->lock);
	if (box->plain_len == 0 || file->dropped) {
		ahead_take_back(file->reader, box);
	} else {
		box->next = NULL;
		if (file->first == NULL)
			file->first = box;
		else
			file->last->next = box;
		file->last = box;
	}
	file->done = last;
	(void)pthread_cond_signal(&ahead->read);
	(void)pthread_mutex_unlock(&ahead->lock);
}

/* It ends here. */
static void
ahead_fail(struct ahead_file *file, const struct carnet_error *why)
{
	struct ahead *ahead = file->reader->ahead;

	(void)pthread_mutex_lock(&ahead->lock);
	file->failure = *why;
	file->done = true;
	(void)pthread_cond_signal(&ahead->read);
	(void)pthread_mutex_unlock(&ahead->lock);
}

static void
ahead_read(struct ahead_reader *reader, struct ahead_file *file)
{
	struct ahead *ahead = reader->ahead;
	struct carnet_error why = { 0 };
	struct source source;
	bool last = false;

	source_begin_file(&source, ahead->gear, reader->carry, file->fd);
	while (!last) {
		struct box *box = ahead_spare_box(reader, file);

		if (box == NULL) {
			(void)carnet_fail(&why, CARNET_NO_MEMORY,
			    CARNET_("not enough memory"));
			ahead_fail(file, &why);
			return;
		}
		if (source_next(&source, box, &why) != CARNET_OK) {
			box->plain_len = 0;
			ahead_put_box(file, box, false);
			ahead_fail(file, &why);
			return;
		}
		if (box->plain_len > 0)
			chunk_name_of(ahead->keys, box_plain(box),
			    box->plain_len, &box->name);
		last = box->plain_len == 0 || source_is_done(&source);
		ahead_put_box(file, box, last);
	}
}

static void *
ahead_run(void *argument)
{
	struct ahead_reader *reader = argument;
	struct ahead_file *file;

	while ((file = ahead_take_file(reader)) != NULL)
		ahead_read(reader, file);
	return NULL;
}

/* Threads that can't be had are done without. */
static void
ahead_start(struct ahead *ahead, unsigned threads)
{
	sigset_t all, before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (ahead->count < threads) {
		struct ahead_reader *reader = &ahead->readers[ahead->count];

		reader->ahead = ahead;
		reader->large = (struct ahead_boxes){
			.room = CHUNK_MAX, .left = AHEAD_LARGE_BOXES, .worth = 1
		};
		reader->small = (struct ahead_boxes){ .room = CHUNK_MIN,
			.left = AHEAD_SMALL_BOXES,
			.worth = AHEAD_SMALL_BOXES / 2 };
		reader->carry = malloc(SOURCE_BLOCK);
		if (reader->carry == NULL)
			break;
		(void)pthread_cond_init(&reader->returned, NULL);
		if (pthread_create(&reader->thread, NULL, ahead_run, reader) !=
		    0) {
			(void)pthread_cond_destroy(&reader->returned);
			free(reader->carry);
			break;
		}
		ahead->count++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct ahead *
ahead_new(
    const struct keys *keys, const struct chunk_gear *gear, unsigned threads)
{
	struct ahead *ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		return NULL;
	ahead->keys = keys;
	ahead->gear = gear;
	(void)pthread_mutex_init(&ahead->lock, NULL);
	(void)pthread_cond_init(&ahead->given, NULL);
	(void)pthread_cond_init(&ahead->read, NULL);
	ahead_start(
	    ahead, threads < AHEAD_READERS_MAX ? threads : AHEAD_READERS_MAX);
	if (ahead->count == 0) {
		ahead_free(ahead);
		return NULL;
	}
	return ahead;
}

static void
ahead_free_boxes(struct ahead_boxes *boxes)
{
	while (boxes->spares != NULL) {
		struct box *box = boxes->spares;

		boxes->spares = box->next;
		box_free(box);
	}
}

void
ahead_free(struct ahead *ahead)
{
	if (ahead == NULL)
		return;
	ahead_forget(ahead);
	(void)pthread_mutex_lock(&ahead->lock);
	ahead->stopping = true;
	(void)pthread_cond_broadcast(&ahead->given);
	(void)pthread_mutex_unlock(&ahead->lock);
	for (unsigned i = 0; i < ahead->count; i++) {
		struct ahead_reader *reader = &ahead->readers[i];

		(void)pthread_join(reader->thread, NULL);
		(void)pthread_cond_destroy(&reader->returned);
		free(reader->carry);
		ahead_free_boxes(&reader->large);
		ahead_free_boxes(&reader->small);
	}
	(void)pthread_cond_destroy(&ahead->read);
	(void)pthread_cond_destroy(&ahead->given);
	(void)pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

bool
ahead_give(struct ahead *ahead, int fd, const struct stat *before)
{
	struct ahead_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		return false;
	file->fd = fd;
	file->before = *before;
	(void)pthread_mutex_lock(&ahead->lock);
	if (ahead->first == NULL)
		ahead->first = file;
	else
		ahead->last->next = file;
	ahead->last = file;
	if (ahead->waiting == NULL)
		ahead->waiting = file;
	ahead->waiting_len++;
	if (ahead->waiting_len >= AHEAD_GROUP ||
	    before->st_size >= (off_t)CHUNK_MIN)
		(void)pthread_cond_signal(&ahead->given);
	(void)pthread_mutex_unlock(&ahead->lock);
	return true;
}

/* Only the caller's thread moves ahead->first. */
bool
ahead_is_first(const struct ahead *ahead, int fd, struct stat *ret_before)
{
	if (ahead == NULL || ahead->first == NULL || ahead->first->fd != fd)
		return false;
	if (ret_before != NULL)
		*ret_before = ahead->first->before;
	return true;
}

/* Under the lock.  Its reader goes on with what there is. */
static void
ahead_hurry(struct ahead *ahead, const struct ahead_file *file)
{
	if (file->reader == NULL)
		(void)pthread_cond_broadcast(&ahead->given);
	else
		(void)pthread_cond_signal(&file->reader->returned);
}

enum carnet_status
ahead_next(struct ahead *ahead, struct box **ret_box, struct carnet_error *err)
{
	struct ahead_file *file = ahead->first;
	enum carnet_status status = CARNET_OK;
	struct box *box;

	(void)pthread_mutex_lock(&ahead->lock);
	while (file->first == NULL && !file->done) {
		ahead_hurry(ahead, file);
		(void)pthread_cond_wait(&ahead->read, &ahead->lock);
	}
	box = file->first;
	if (box != NULL)
		file->first = box->next;
	else
		status = file->failure.status;
	(void)pthread_mutex_unlock(&ahead->lock);
	if (status != CARNET_OK && err != NULL)
		*err = file->failure;
	if (status == CARNET_OK)
		*ret_box = box;
	return status;
}

void
ahead_return(struct ahead *ahead, struct box *box)
{
	(void)pthread_mutex_lock(&ahead->lock);
	ahead_take_back(ahead->first->reader, box);
	(void)pthread_mutex_unlock(&ahead->lock);
}

void
ahead_end_turn(struct ahead *ahead)
{
	struct ahead_file *file = ahead->first;

	(void)pthread_mutex_lock(&ahead->lock);
	file->dropped = true;
	if (file == ahead->waiting) {
		ahead->waiting = file->next;
		ahead->waiting_len--;
	} else {
		(void)pthread_cond_signal(&file->reader->returned);
		while (!file->done)
			(void)pthread_cond_wait(&ahead->read, &ahead->lock);
	}
	while (file->first != NULL) {
		struct box *box = file->first;

		file->first = box->next;
		ahead_take_back(file->reader, box);
	}
	ahead->first = file->next;
	(void)pthread_mutex_unlock(&ahead->lock);
	free(file);
}

void
ahead_forget(struct ahead *ahead)
{
	while (ahead->first != NULL)
		ahead_end_turn(ahead);
}
