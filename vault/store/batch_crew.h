/* SPDX-License-Identifier: ISC */
/*
 * Who does a batch's work: squeezers, one writer, and the boxes that go
 * round between them; with one thread, the caller himself.  Boxes leave in
 * the order in which they came.  Decides no place; all functions are the
 * caller's thread's.
 */
#ifndef BATCH_CREW_H
#define BATCH_CREW_H
#include "squeeze.h"
#include "store.h"

struct batch_crew;
struct batch_crew *batch_crew_new(int vault_fd, const struct keys *keys);
void batch_crew_free(struct batch_crew *crew); /* after batch_crew_drop */
void batch_crew_set_threads(struct batch_crew *crew, unsigned threads);

/* An empty box of this room.  NULL: no memory, or (unless `wait`) all are on
 * their way. */
struct box *batch_crew_spare(struct batch_crew *crew, size_t room, bool wait);
void batch_crew_return(struct batch_crew *crew, struct box *box);

/* Takes the box over, unless there is no memory for a squeezer. */
enum carnet_status batch_crew_squeeze(
    struct batch_crew *crew, struct box *box, struct carnet_error *err);
/* The next box, squeezed; NULL: there is none, or (unless `wait`) it isn't
 * ready. */
struct box *batch_crew_squeezed(struct batch_crew *crew, bool wait);
/* Takes a box with its place over.  An error may be an earlier box's. */
enum carnet_status batch_crew_write(
    struct batch_crew *crew, struct box *box, struct carnet_error *err);

/* All given to the writer is in its file. */
enum carnet_status batch_crew_settle(
    struct batch_crew *crew, struct carnet_error *err);
/* The same, and the open pack is closed; the threads end. */
enum carnet_status batch_crew_finish(
    struct batch_crew *crew, struct carnet_error *err);
/* Every box back, the open pack's file deleted; the threads end. */
void batch_crew_drop(struct batch_crew *crew);
#endif
