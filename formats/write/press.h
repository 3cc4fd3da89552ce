/* SPDX-License-Identifier: ISC */
/*
 * carnet-press's work: one job in, its files out, as frames.  Knows no vault.
 * The job and the answers are described in ../include/formats.h.
 */
#ifndef PRESS_H
#define PRESS_H
#include "formats.h"

/*
 * Reads a job from `in` and answers on `out`.  sandbox: what META says of the
 * cage.  Nothing is answered before all of it is made; a failure is a FAIL
 * frame, and returned.
 */
enum carnet_status press_serve(const struct letters *letters, int in, int out,
    const char *sandbox, struct carnet_error *err);

#endif
