/* SPDX-License-Identifier: ISC */
/* One thread that syncs whenever enough has come.  Contract: early_sync.h. */
#include "early_sync.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define EARLY_STEP ((size_t)96 << 20) /* bytes */

struct early_sync {
	int dir_fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t come;
	size_t waiting; /* bytes written since the last sync began */
	bool over;
	int failed; /* errno of the first that did; it is told but once */
};

static void *
early_thread(void *argument)
{
	struct early_sync *early = argument;

	(void)pthread_mutex_lock(&early->lock);
	while (!early->over) {
		int failed = 0;

		if (early->waiting < EARLY_STEP) {
			(void)pthread_cond_wait(&early->come, &early->lock);
			continue;
		}
		early->waiting = 0;
		(void)pthread_mutex_unlock(&early->lock);
		if (syncfs(early->dir_fd) != 0)
			failed = errno;
		(void)pthread_mutex_lock(&early->lock);
		if (early->failed == 0)
			early->failed = failed;
	}
	(void)pthread_mutex_unlock(&early->lock);
	return NULL;
}

struct early_sync *
early_sync_begin(int dir_fd)
{
	struct early_sync *early = calloc(1, sizeof(*early));
	sigset_t all, before;
	int failed;

	if (early == NULL)
		return NULL;
	early->dir_fd = dir_fd;
	(void)pthread_mutex_init(&early->lock, NULL);
	(void)pthread_cond_init(&early->come, NULL);
	(void)sigfillset(&all); /* signals are the caller's */
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&early->thread, NULL, early_thread, early);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed == 0)
		return early;
	(void)pthread_cond_destroy(&early->come);
	(void)pthread_mutex_destroy(&early->lock);
	free(early);
	return NULL;
}

void
early_sync_wrote(struct early_sync *early, size_t len)
{
	if (early == NULL)
		return;
	(void)pthread_mutex_lock(&early->lock);
	early->waiting += len;
	if (early->waiting >= EARLY_STEP)
		(void)pthread_cond_signal(&early->come);
	(void)pthread_mutex_unlock(&early->lock);
}

int
early_sync_end(struct early_sync *early, int dir_fd)
{
	int failed = 0;

	if (early != NULL) {
		(void)pthread_mutex_lock(&early->lock);
		early->over = true;
		(void)pthread_cond_signal(&early->come);
		(void)pthread_mutex_unlock(&early->lock);
		(void)pthread_join(early->thread, NULL);
		failed = early->failed;
		(void)pthread_cond_destroy(&early->come);
		(void)pthread_mutex_destroy(&early->lock);
		free(early);
	}
	if (syncfs(dir_fd) != 0 && failed == 0)
		failed = errno;
	return failed;
}
