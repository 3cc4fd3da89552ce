/* SPDX-License-Identifier: ISC */
/* The guard's word on an opened folder, with what the ledger trusts. */
#ifndef PLACE_H
#define PLACE_H
#include "guard.h"

struct session;

/* Trust counts when session->vault is open. */
enum carnet_status place_judge(
    struct session *session, int fd, struct guard_place *ret_place);

#endif
