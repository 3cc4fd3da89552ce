/* SPDX-License-Identifier: ISC */
/* What the sub-verbs of backup share. */
#ifndef CLI_BACKUP_H
#define CLI_BACKUP_H
#include "session.h"

struct carnet_backup;

/* backup.c: asks for the secret, by --recover the words, and opens it. */
enum carnet_status backup_open(struct session *session, const char *path,
    struct carnet_backup **ret_backup);
void backup_print_problems(const cJSON *problems);

/* backup_forget.c */
int backup_forget(struct session *session, const char *path);
/* Moves the rows of forgotten snapshots, with until, from one list to the
 * other. */
void backup_take_forgotten(cJSON *snapshots, cJSON *forgotten);
void backup_say_forgotten(struct session *session, const cJSON *forgotten);

/* backup_copy.c */
int backup_copy(struct session *session, const char *from, const char *to);
#endif
