/* SPDX-License-Identifier: ISC */
/*
 * Threads that take boxes from one queue, in the order given.  Knows
 * nothing of what is done with them.
 */
#ifndef CREW_H
#define CREW_H
#include "squeeze.h"

struct crew;
/* One box; context is the thread's own.  The box may be given away in it. */
typedef void crew_work(void *context, struct box *box);
/* contexts: one pointer a thread.  NULL: no threads to be had.  They take
 * no signals. */
struct crew *crew_start(
    unsigned threads, crew_work *work, void *const *contexts);
/* Never waits; uses box->next.  Small boxes lie until a few are together, or
 * until crew_hurry: waking a thread costs more than what it does for one. */
void crew_give(struct crew *crew, struct box *box);
/* Before waiting for what was given.  NULL is fine. */
void crew_hurry(struct crew *crew);
/* Everything given is done first.  NULL is fine. */
void crew_stop(struct crew *crew);
#endif
