/* SPDX-License-Identifier: ISC */
/* Landlock for carnet itself, by what its command line names. */
#ifndef DOORS_FILES_H
#define DOORS_FILES_H
#include "session.h"

/* From now on this process reads only what was named, and writes only the
 * vault and the outputs.  CARNET_UNSUPPORTED: the kernel has no Landlock;
 * everything stays as it was. */
enum carnet_status doors_files(
    struct session *session, struct carnet_error *err);
#endif
