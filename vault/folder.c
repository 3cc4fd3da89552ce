/* SPDX-License-Identifier: ISC */
/*
 * Where an opened folder stands, by device and inode: paths can be bent while
 * one looks at them, descriptors can't.  The contract is in carnet_types.h.
 */
#include "carnet_types.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool
carnet_folder_is_inside(int fd, int other)
{
	int at = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat sought, here, above;
	bool found = false;

	if (fstat(other, &sought) != 0 || at < 0 || fstat(at, &here) != 0) {
		if (at >= 0)
			(void)close(at);
		return false;
	}
	for (;;) {
		int up;

		found = here.st_dev == sought.st_dev &&
			here.st_ino == sought.st_ino;
		if (found)
			break;
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0 || fstat(up, &above) != 0) {
			if (up >= 0)
				(void)close(up);
			break;
		}
		(void)close(at);
		at = up;
		if (above.st_dev == here.st_dev && above.st_ino == here.st_ino)
			break; /* the root */
		here = above;
	}
	(void)close(at);
	return found;
}

enum carnet_status
carnet_folder_judged(const int *judged, int fd, struct carnet_error *err)
{
	if (judged == NULL || carnet_folder_is_inside(fd, *judged))
		return CARNET_OK;
	carnet_fail(err, CARNET_CHANGED,
	    CARNET_("the folder isn't the one that was looked at before: its "
		    "path leads elsewhere now"));
	carnet_hint(err, CARNET_("run it again, once nobody moves folders"));
	return CARNET_CHANGED;
}
