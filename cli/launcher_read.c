/* SPDX-License-Identifier: ISC */
/*
 * Has one document read: sends its beginning to carnet-reader, learns what it
 * is, and sends the rest there or, for a PDF, through pdftotext to another
 * one.  What comes back is judged in launcher_reading.c.
 * The contract: launcher.h; the reader's answers: formats/include/reader.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launcher_line.h"
#include "launcher_reading.h"
#include "reader.h"

/* What a reader can say at most: one of each frame. */
#define READ_ANSWER_MAX (READER_TEXT_MAX + READER_META_MAX + (size_t)1024)

struct read_job {
	struct launcher *launcher;
	struct launcher_line line;
	struct reading *reading;
	uint8_t head[READER_HEAD_LEN];
	size_t head_len;
	bool started; /* the head was sent and the type is known */
	bool full;    /* the reader takes no more: it knows enough */
	enum carnet_status status;
	struct carnet_error *err;
};

static enum carnet_status
read_start_reader(struct read_job *job)
{
	const struct launcher_step step = { .program = LAUNCHER_READER,
		.milliseconds = job->launcher->read_milliseconds };

	return launcher_line_start(
	    job->launcher, &step, 1, READ_ANSWER_MAX, &job->line, job->err);
}

static enum carnet_status
read_start_pdf(struct read_job *job)
{
	const struct launcher_step steps[] = {
		{ .program = LAUNCHER_PDFTOTEXT,
		    .milliseconds = job->launcher->read_milliseconds },
		{ .program = LAUNCHER_READER_OF_PDFTOTEXT,
		    .milliseconds = job->launcher->read_milliseconds },
	};

	launcher_line_clear(&job->line);
	return launcher_line_start(
	    job->launcher, steps, 2, READ_ANSWER_MAX, &job->line, job->err);
}

/* Turns until the first frame has come.  False: it never will. */
static bool
read_first_frame(struct read_job *job, struct launcher_frame *ret_frame)
{
	bool more = true;

	for (;;) {
		size_t offset = 0;

		if (job->line.answer_len > 0 &&
		    launcher_frame_next(job->line.answer, job->line.answer_len,
			&offset, ret_frame))
			return true;
		if (!more)
			return false;
		more = launcher_line_turn(&job->line);
	}
}

/* Sends the head; whole: it is all there is. */
static enum carnet_status
read_begin(struct read_job *job, bool whole)
{
	static const char pdf[] = "application/pdf";
	struct launcher_frame frame;
	enum carnet_status status = read_start_reader(job);

	job->started = true;
	if (status != CARNET_OK)
		return status;
	job->full = !launcher_line_feed(&job->line, job->head, job->head_len);
	if (whole)
		launcher_line_end(&job->line);
	if (!read_first_frame(job, &frame)) {
		job->full = true;
		return CARNET_OK; /* its end says why */
	}
	if (strcmp(frame.tag, FRAME_TYPE) != 0 ||
	    frame.len != sizeof(pdf) - 1 ||
	    memcmp(frame.bytes, pdf, frame.len) != 0)
		return CARNET_OK;
	status = read_start_pdf(job);
	if (status != CARNET_OK)
		return status;
	job->full = !launcher_line_feed(&job->line, job->head, job->head_len);
	return CARNET_OK;
}

static bool
read_sink(void *context, const uint8_t *bytes, size_t len)
{
	struct read_job *job = context;

	if (!job->started) {
		size_t room = sizeof(job->head) - job->head_len;
		size_t taken = len < room ? len : room;

		memcpy(job->head + job->head_len, bytes, taken);
		job->head_len += taken;
		bytes += taken;
		len -= taken;
		if (job->head_len < sizeof(job->head))
			return true;
		job->status = read_begin(job, false);
	}
	if (job->status == CARNET_OK && !job->full)
		job->full = !launcher_line_feed(&job->line, bytes, len);
	return job->status == CARNET_OK && !job->full;
}

enum carnet_status
launcher_read(struct launcher *launcher, launcher_source *source, void *context,
    uint64_t size, struct reading **ret_reading, struct carnet_error *err)
{
	struct read_job *job = NULL;
	struct reading *reading = NULL;
	enum carnet_status status;

	(void)size;
	job = calloc(1, sizeof(*job));
	reading = calloc(1, sizeof(*reading));
	if (job == NULL || reading == NULL) {
		status = carnet_fail_errno(err, ENOMEM, CARNET_("a document"));
		goto done;
	}
	job->launcher = launcher;
	job->err = err;
	job->line.in = job->line.out = job->line.complaint_in = -1;
	job->line.results[0] = job->line.results[1] = -1;
	status = source(context, read_sink, job, err);
	if (job->full) /* we told it to stop: not its failure */
		status = CARNET_OK;
	if (job->status != CARNET_OK)
		status = job->status;
	if (status == CARNET_OK && !job->started)
		status = read_begin(job, true);
	if (status != CARNET_OK)
		goto done;
	launcher_line_finish(&job->line);
	if (job->line.no_memory)
		status = carnet_fail_errno(err, ENOMEM, CARNET_("a document"));
	else
		status = launcher_judge(&job->line, reading, err);
	if (status == CARNET_OK) {
		*ret_reading = reading;
		reading = NULL;
	}
done:
	if (job != NULL)
		launcher_line_clear(&job->line);
	reading_free(reading);
	free(job);
	return status;
}
