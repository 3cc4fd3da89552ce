/* SPDX-License-Identifier: ISC */
/*
 * A vault's two locks: the writer's, and that of packs, which who reads them
 * shares.  The contract is in vault.h.
 */
#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static int
vault_flock(int fd, int how)
{
	int code;

	do
		code = flock(fd, how);
	while (code != 0 && errno == EINTR);
	return code;
}

/* A writer that deletes packs holds the lock and waits for their readers: who
 * waits for it must not be one meanwhile. */
enum carnet_status
vault_lock(struct carnet_vault *vault, bool wait, struct carnet_error *err)
{
	int fd = openat(
	    vault->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool steps_back = wait && vault->packs_fd >= 0;
	int code;

	if (fd < 0)
		return carnet_fail_errno(err, errno, CARNET_("lock"));
	code = vault_flock(fd, LOCK_EX | LOCK_NB);
	if (code != 0 && errno == EWOULDBLOCK && wait) {
		if (steps_back)
			(void)vault_flock(vault->packs_fd, LOCK_UN);
		code = vault_flock(fd, LOCK_EX);
		if (steps_back && code == 0)
			code = vault_flock(vault->packs_fd, LOCK_SH);
	}
	if (code != 0) {
		int saved = errno;

		(void)close(fd);
		if (saved == EWOULDBLOCK) {
			carnet_fail(err, CARNET_LOCKED,
			    CARNET_("another process is writing to this "
				    "vault"));
			carnet_hint(err, CARNET_("wait until it is done"));
			return CARNET_LOCKED;
		}
		return carnet_fail_errno(err, saved, CARNET_("lock"));
	}
	vault->lock_fd = fd;
	return CARNET_OK;
}

enum carnet_status
vault_lock_asking(struct carnet_vault *vault,
    const struct carnet_waiter *waiter, struct carnet_error *err)
{
	enum carnet_status status = vault_lock(vault, false, err);

	if (status != CARNET_LOCKED || waiter == NULL || waiter->wait == NULL ||
	    !waiter->wait(waiter->context))
		return status;
	return vault_lock(vault, true, err);
}

/* A folder that can't be written to has nobody who deletes; on a full disk, a
 * copy of a vault that never was opened has nobody yet. */
enum carnet_status
vault_lock_packs(struct carnet_vault *vault, struct carnet_error *err)
{
	int fd = openat(vault->fd, "packs.lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int code;

	if (fd < 0 && vault->access == CARNET_READ &&
	    (errno == EROFS || errno == EACCES || errno == ENOSPC ||
		errno == EDQUOT))
		return CARNET_OK;
	if (fd < 0)
		return carnet_fail_errno(err, errno, "packs.lock");
	code = vault_flock(fd, LOCK_SH);
	if (code != 0) {
		int saved = errno;

		(void)close(fd);
		return carnet_fail_errno(err, saved, "packs.lock");
	}
	vault->packs_fd = fd;
	return CARNET_OK;
}
