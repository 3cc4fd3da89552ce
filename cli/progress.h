/* SPDX-License-Identifier: ISC */
/* A line on a terminal for work that takes over a second. */
#ifndef PROGRESS_H
#define PROGRESS_H
#include "session.h"

struct progress;
/* total_bytes 0: not known.  NULL (which all take) when there is none: --json,
 * --quiet, no terminal. */
struct progress *progress_start(
    struct session *session, const char *what, uint64_t total_bytes);
/* There is so much more to do; may be called again, or not at all. */
void progress_expect(struct progress *progress, uint64_t bytes, uint64_t files);
void progress_step(struct progress *progress, uint64_t bytes, uint64_t files);
/* carnet_progress, with a struct progress as context. */
void progress_set(void *progress, uint64_t done, uint64_t total);
/* Takes the line off the terminal before something else is written there. */
void progress_hide(void);
void progress_stop(struct progress *progress);
#endif
