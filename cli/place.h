/* SPDX-License-Identifier: ISC */
/* The guard's word on an opened folder, with what the ledger trusts. */
#ifndef PLACE_H
#define PLACE_H
#include "guard.h"

struct session;

/* Trust counts when session->vault is open. */
enum carnet_status place_judge(
    struct session *session, int fd, struct guard_place *ret_place);
/* The same for many folders of one run: what is around them is read once. */
struct place_run;
enum carnet_status place_run_start(
    struct session *session, struct place_run **ret_run);
enum carnet_status place_run_judge(
    struct place_run *run, int fd, struct guard_place *ret_place);
void place_run_end(struct place_run *run); /* accepts NULL */

#endif
