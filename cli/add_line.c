/* SPDX-License-Identifier: ISC */
/*
 * The line of files that `add` has met and not stored yet.  Reads none of
 * them and asks no vault.  Contract: add_line.h.
 */
#include "add_line.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LINE_SHARE 8 /* of the descriptors, one in so many */

void
add_line_begin(struct add_line *line)
{
	struct rlimit limit;

	memset(line, 0, sizeof(*line));
	line->room = ADD_LINE_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		line->room = 0;
	else if (limit.rlim_cur / LINE_SHARE < ADD_LINE_MAX)
		line->room = (size_t)(limit.rlim_cur / LINE_SHARE);
}

struct add_waiting *
add_line_put(struct add_line *line, const char *path, int fd)
{
	struct add_waiting *waiting =
	    &line->waiting[(line->first + line->len) % ADD_LINE_MAX];
	char *copy = strdup(path);
	int own = copy == NULL ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0) {
		free(copy);
		return NULL;
	}
	*waiting = (struct add_waiting){ .path = copy, .fd = own };
	line->len++;
	return waiting;
}

struct add_waiting
add_line_take(struct add_line *line)
{
	struct add_waiting waiting = line->waiting[line->first];

	line->first = (line->first + 1) % ADD_LINE_MAX;
	line->len--;
	return waiting;
}

void
add_waiting_clear(struct add_waiting *waiting)
{
	(void)close(waiting->fd);
	free(waiting->path);
	waiting->path = NULL;
}
