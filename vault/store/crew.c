/* SPDX-License-Identifier: ISC */
/*
 * A queue and its threads.  The queue has no bound of its own: boxes are
 * few, and who hands them out waits.  Contract: crew.h.
 */
#include "crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Either is worth waking a thread for. */
#define CREW_GROUP 16U
#define CREW_GROUP_BYTES ((size_t)128 << 10)

struct crew_member {
	struct crew *crew;
	void *context;
	pthread_t thread;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct box *first, *last;
	size_t len, bytes; /* of those that lie there */
	bool stopping;
	crew_work *work;
	unsigned count;
	struct crew_member *members;
};

/* NULL: nothing left, and it's time to go. */
static struct box *
crew_take(struct crew *crew)
{
	struct box *box;

	(void)pthread_mutex_lock(&crew->lock);
	while (crew->first == NULL && !crew->stopping)
		(void)pthread_cond_wait(&crew->given, &crew->lock);
	box = crew->first;
	if (box != NULL) {
		crew->first = box->next;
		crew->len--;
		crew->bytes -= box->plain_len;
	}
	(void)pthread_mutex_unlock(&crew->lock);
	return box;
}

static void *
crew_run(void *argument)
{
	struct crew_member *member = argument;
	struct box *box;

	while ((box = crew_take(member->crew)) != NULL)
		member->crew->work(member->context, box);
	return NULL;
}

static void
crew_free(struct crew *crew)
{
	(void)pthread_cond_destroy(&crew->given);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew->members);
	free(crew);
}

struct crew *
crew_start(unsigned threads, crew_work *work, void *const *contexts)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	sigset_t all, before;

	if (crew == NULL)
		return NULL;
	(void)pthread_mutex_init(&crew->lock, NULL);
	(void)pthread_cond_init(&crew->given, NULL);
	crew->work = work;
	crew->members = calloc(threads, sizeof(*crew->members));
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (crew->members != NULL && crew->count < threads) {
		struct crew_member *member = &crew->members[crew->count];

		member->crew = crew;
		member->context = contexts[crew->count];
		if (pthread_create(&member->thread, NULL, crew_run, member) !=
		    0)
			break;
		crew->count++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (crew->count == 0) {
		crew_free(crew);
		return NULL;
	}
	return crew;
}

void
crew_give(struct crew *crew, struct box *box)
{
	box->next = NULL;
	(void)pthread_mutex_lock(&crew->lock);
	if (crew->first == NULL)
		crew->first = box;
	else
		crew->last->next = box;
	crew->last = box;
	crew->len++;
	crew->bytes += box->plain_len;
	if (crew->len >= CREW_GROUP || crew->bytes >= CREW_GROUP_BYTES)
		(void)pthread_cond_signal(&crew->given);
	(void)pthread_mutex_unlock(&crew->lock);
}

void
crew_hurry(struct crew *crew)
{
	if (crew == NULL)
		return;
	(void)pthread_mutex_lock(&crew->lock);
	if (crew->first != NULL)
		(void)pthread_cond_signal(&crew->given);
	(void)pthread_mutex_unlock(&crew->lock);
}

void
crew_stop(struct crew *crew)
{
	if (crew == NULL)
		return;
	(void)pthread_mutex_lock(&crew->lock);
	crew->stopping = true;
	(void)pthread_cond_broadcast(&crew->given);
	(void)pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->count; i++)
		(void)pthread_join(crew->members[i].thread, NULL);
	crew_free(crew);
}
