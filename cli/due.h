/* SPDX-License-Identifier: ISC */
/* What is due: open cases, windows after a notice, birthdays that count. */
#ifndef DUE_H
#define DUE_H
#include "case_list.h"

/*
 * [{statement, recipient, recipient_name, person, what, title, status, due,
 * look_again (of a case without a due day), overdue_days, next, command, uid}],
 * the nearest day first, those without one last; statement and recipient null
 * where there is none.  days: how far to look for birthdays.
 */
/* The day it is listed under: due, or carnet's proposal; "": none. */
const char *due_day(const cJSON *item);
enum carnet_status due_items(
    struct session *session, int64_t days, cJSON **ret_items);
/* Writes the items that have a day into an opened folder; what the last file
 * held and is gone, or has moved, is cancelled or updated.  Records it. */
enum carnet_status due_write_calendar(
    struct session *session, int dir_fd, const char *name, const cJSON *items);
#endif
