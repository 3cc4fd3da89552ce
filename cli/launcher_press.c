/* SPDX-License-Identifier: ISC */
/*
 * Has carnet-press make letters and dossiers: frames in, frames out.
 * Composes nothing.  The contract: launcher.h; the jobs: formats.h.
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "launcher_line.h"

#define PRESS_ANSWER_MAX ((size_t)256 << 20)

static bool
press_feed(struct launcher_line *line, const struct launcher_file *file)
{
	uint8_t head[FRAME_TAG_LEN + 4];

	memcpy(head, file->tag, FRAME_TAG_LEN);
	for (int i = 0; i < 4; i++)
		head[FRAME_TAG_LEN + i] = (uint8_t)(file->len >> (8 * i));
	return launcher_line_feed(line, head, sizeof(head)) &&
	       launcher_line_feed(line, file->bytes, file->len);
}

/* Its own words for what went wrong: it knows only what we gave it. */
static enum carnet_status
press_failure(const struct launcher_frame *frame, struct carnet_error *err)
{
	enum carnet_status status = CARNET_FAILED;
	const char *name, *message, *hint;
	cJSON *json = NULL;

	if (carnet_json_parse((const char *)frame->bytes, frame->len, &json,
		NULL) != CARNET_OK)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("carnet-press failed without a reason"));
	name = carnet_json_string(json, "status");
	message = carnet_json_string(json, "message");
	hint = carnet_json_string(json, "hint");
	for (int i = CARNET_FAILED; i <= CARNET_INTERRUPTED; i++) {
		if (name != NULL &&
		    strcmp(name, carnet_status_name((enum carnet_status)i)) ==
			0)
			status = (enum carnet_status)i;
	}
	(void)carnet_fail(err, status, "%s",
	    message != NULL ? message
			    : CARNET_("carnet-press failed without a reason"));
	if (hint != NULL && hint[0] != '\0')
		carnet_hint(err, "%s", hint);
	cJSON_Delete(json);
	return status;
}

static enum carnet_status
press_keep(const struct launcher_frame *frame, struct launcher_files *files,
    struct carnet_error *err)
{
	struct launcher_file *grown;
	uint8_t *bytes;

	grown = realloc(files->files, (files->len + 1) * sizeof(*grown));
	if (grown == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a letter"));
	files->files = grown;
	bytes = malloc(frame->len + 1);
	if (bytes == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a letter"));
	memcpy(bytes, frame->bytes, frame->len);
	bytes[frame->len] = '\0';
	grown += files->len++;
	memcpy(grown->tag, frame->tag, sizeof(grown->tag));
	grown->bytes = bytes;
	grown->len = frame->len;
	return CARNET_OK;
}

static enum carnet_status
press_end(const struct launcher_line *line, struct carnet_error *err)
{
	const struct launcher_result *end = &line->ends[0];

	if (line->no_memory)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a letter"));
	if (line->flooded)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("carnet-press gave more than 256 MiB"));
	switch ((enum launcher_end)end->end) {
	case LAUNCHER_MISSING:
		(void)carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("carnet-press is missing"));
		carnet_hint(
		    err, "%s", CARNET_("is carnet installed as a whole?"));
		return CARNET_UNSUPPORTED;
	case LAUNCHER_UNCAGED:
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("this system can't confine carnet-press"));
	case LAUNCHER_TIMED_OUT:
		return carnet_fail(
		    err, CARNET_FAILED, CARNET_("carnet-press took too long"));
	case LAUNCHER_KILLED:
	case LAUNCHER_LOST:
		return carnet_fail(
		    err, CARNET_FAILED, CARNET_("carnet-press crashed"));
	case LAUNCHER_EXITED:
		break;
	}
	return carnet_fail(err, CARNET_FAILED,
	    CARNET_("carnet-press did not finish its answer"));
}

static enum carnet_status
press_collect(const struct launcher_line *line, struct launcher_files *files,
    struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct launcher_frame frame;
	size_t offset = 0;

	while (line->answer_len > 0 && status == CARNET_OK &&
	       launcher_frame_next(
		   line->answer, line->answer_len, &offset, &frame)) {
		if (strcmp(frame.tag, FRAME_FAIL) == 0)
			return press_failure(&frame, err);
		if (strcmp(frame.tag, FRAME_END) == 0) {
			if (line->ends[0].end == LAUNCHER_EXITED &&
			    line->ends[0].value == 0 &&
			    offset == line->answer_len)
				return CARNET_OK;
			break;
		}
		status = press_keep(&frame, files, err);
	}
	return status != CARNET_OK ? status : press_end(line, err);
}

enum carnet_status
launcher_press(struct launcher *launcher, const struct launcher_files *frames,
    struct launcher_files *ret_files, struct carnet_error *err)
{
	const struct launcher_step step = { .program = LAUNCHER_PRESS,
		.milliseconds = launcher->press_milliseconds };
	struct launcher_line line = { 0 };
	struct launcher_files files = { 0 };
	enum carnet_status status;

	for (size_t i = 0; i < frames->len; i++) {
		if (frames->files[i].len > FRAME_MAX)
			return carnet_fail(err, CARNET_INVALID,
			    CARNET_("too large for one frame"));
	}
	status = launcher_line_start(
	    launcher, &step, 1, PRESS_ANSWER_MAX, &line, err);
	if (status != CARNET_OK)
		return status;
	for (size_t i = 0; i < frames->len; i++) {
		if (!press_feed(&line, &frames->files[i]))
			break;
	}
	launcher_line_finish(&line);
	status = press_collect(&line, &files, err);
	if (status == CARNET_OK) {
		*ret_files = files;
		files = (struct launcher_files){ 0 };
	}
	launcher_files_clear(&files);
	launcher_line_clear(&line);
	return status;
}

void
launcher_files_clear(struct launcher_files *files)
{
	for (size_t i = 0; i < files->len; i++) {
		if (files->files[i].bytes != NULL)
			sodium_memzero(
			    files->files[i].bytes, files->files[i].len);
		free(files->files[i].bytes);
	}
	free(files->files);
	*files = (struct launcher_files){ 0 };
}
