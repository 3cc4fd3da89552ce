/* SPDX-License-Identifier: ISC */
/* What a mount says of who else is there.  Reads no table itself. */
#ifndef MOUNT_KINDS_H
#define MOUNT_KINDS_H
#include "inquiry.h"
#include "mounts.h"

/* Notes what the mount that holds the chain's path tells; true if it is a
 * host's folder, where names are all that can be seen of its clients. */
bool mount_kinds_judge(struct inquiry *inquiry, const struct mount_table *table,
    const struct mount_entry *entry);
/* Without any table: what kind of file system the kernel says it is. */
void mount_kinds_judge_magic(struct inquiry *inquiry, int dir_fd);

#endif
