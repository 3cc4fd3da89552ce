/* SPDX-License-Identifier: ISC */
/*
 * A passphrase from a command of the person's own: the first line that it
 * prints, which goes from the pipe into locked memory and nowhere else.
 * The contract: launcher.h.
 */
#include <errno.h>

#include "launcher_line.h"

enum { SECRET_LINE_MAX = 4096 };

static enum carnet_status
secret_failure(const struct launcher_line *line, struct carnet_error *err)
{
	const struct launcher_result *end = &line->ends[0];

	if (line->flooded)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the passphrase command prints too much"));
	if (end->end == LAUNCHER_EXITED && end->value == 0)
		return CARNET_OK;
	if (end->end == LAUNCHER_EXITED && end->value == 127)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the passphrase command was not found"));
	if (end->end == LAUNCHER_EXITED)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the passphrase command failed with exit "
			    "status %d"),
		    (int)end->value);
	if (end->end == LAUNCHER_KILLED)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the passphrase command was ended by signal %d"),
		    (int)end->value);
	return carnet_fail(err, CARNET_FAILED,
	    CARNET_("the passphrase command could not be run"));
}

/* Without its newline, "\r\n" included. */
static enum carnet_status
secret_trim(struct launcher_line *line, struct carnet_error *err)
{
	const uint8_t *bytes = secret_peek(line->secret);
	size_t len = line->answer_len;

	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	if (len == 0)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the passphrase command printed no passphrase"));
	secret_shorten(line->secret, len);
	return CARNET_OK;
}

enum carnet_status
launcher_secret(struct launcher *launcher, const char *command,
    struct secret **ret_secret, struct carnet_error *err)
{
	const struct launcher_step step = { .program = LAUNCHER_COMMAND,
		.text = command };
	struct launcher_line line = { 0 };
	enum carnet_status status;

	line.secret = secret_new(SECRET_LINE_MAX + 2);
	if (line.secret == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a passphrase"));
	status = launcher_line_start(launcher, &step, 1, 0, &line, err);
	if (status == CARNET_OK) {
		launcher_line_finish(&line);
		status = secret_failure(&line, err);
	}
	if (status == CARNET_OK)
		status = secret_trim(&line, err);
	if (status == CARNET_OK) {
		*ret_secret = line.secret;
		line.secret = NULL;
	}
	launcher_line_clear(&line);
	secret_free(line.secret);
	return status;
}
