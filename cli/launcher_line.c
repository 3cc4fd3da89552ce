/* SPDX-License-Identifier: ISC */
/*
 * Pipes to and from started programs, moved by one poll loop.  Makes no
 * socket: pipes work behind closed doors too.
 * The contract: launcher_line.h.
 */
#include "launcher_line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_LOST_MAX ((size_t)1 << 20) /* behind a secret's first line */

static void
line_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* A pipe of which one end is ours, and doesn't block. */
static enum carnet_status
line_pipe(
    int *ret_ours, int *ret_theirs, bool we_write, struct carnet_error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return carnet_fail_errno(
		    err, errno, CARNET_("cannot make a pipe"));
	*ret_ours = ends[we_write ? 1 : 0];
	*ret_theirs = ends[we_write ? 0 : 1];
	(void)fcntl(*ret_ours, F_SETFL, O_NONBLOCK);
	return CARNET_OK;
}

static enum carnet_status
line_request(const struct launcher_step *step,
    struct launcher_request **ret_request, struct carnet_error *err)
{
	size_t text_len = step->text != NULL ? strlen(step->text) : 0;
	struct launcher_request *request;

	if (text_len > LAUNCHER_COMMAND_MAX)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("the command is longer than 32 KiB"));
	request = calloc(1, sizeof(*request));
	if (request == NULL)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a request"));
	request->program = step->program;
	request->number = step->number;
	request->milliseconds = step->milliseconds;
	request->text_len = (uint32_t)text_len;
	if (text_len > 0)
		memcpy(request->text, step->text, text_len);
	*ret_request = request;
	return CARNET_OK;
}

/* The descriptors of step i.  *before: what the step before it prints, which
 * this one takes; then what this one prints, if it isn't the last. */
static enum carnet_status
line_plumb(struct launcher *launcher, enum launcher_program program,
    struct launcher_line *line, size_t i, int *before, int fds[LAUNCHER_FDS],
    struct carnet_error *err)
{
	bool is_command = program == LAUNCHER_COMMAND;
	enum carnet_status status;
	int next = -1;

	status =
	    line_pipe(&line->results[i], &fds[LAUNCHER_RESULT_FD], false, err);
	if (status == CARNET_OK && *before >= 0) {
		fds[0] = *before;
		*before = -1;
	} else if (status == CARNET_OK && is_command)
		fds[0] = fcntl(launcher->null, F_DUPFD_CLOEXEC, 3);
	else if (status == CARNET_OK)
		status = line_pipe(&line->in, &fds[0], true, err);
	if (status == CARNET_OK && i + 1 == line->len)
		status = line_pipe(&line->out, &fds[1], false, err);
	else if (status == CARNET_OK) {
		status = line_pipe(&next, &fds[1], false, err);
		if (status == CARNET_OK) {
			(void)fcntl(next, F_SETFL, 0); /* not ours: blocks */
			*before = next;
		}
	}
	if (status != CARNET_OK)
		return status;
	/* a reader has nothing to say to the terminal */
	if (is_command && fcntl(STDERR_FILENO, F_GETFD) >= 0)
		fds[2] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	else if (program == LAUNCHER_PDFTOTEXT)
		status = line_pipe(&line->complaint_in, &fds[2], false, err);
	else
		fds[2] = fcntl(launcher->null, F_DUPFD_CLOEXEC, 3);
	if (status == CARNET_OK && (fds[0] < 0 || fds[2] < 0))
		status = carnet_fail_errno(
		    err, errno, CARNET_("cannot make a pipe"));
	return status;
}

static enum carnet_status
line_step(struct launcher *launcher, const struct launcher_step *step,
    struct launcher_line *line, size_t i, int *before, struct carnet_error *err)
{
	struct launcher_request *request = NULL;
	int fds[LAUNCHER_FDS] = { -1, -1, -1, -1 };
	enum carnet_status status;

	status = line_request(step, &request, err);
	if (status == CARNET_OK)
		status = line_plumb(
		    launcher, step->program, line, i, before, fds, err);
	if (status == CARNET_OK)
		status = launcher_send(launcher->socket, request, fds, err);
	for (size_t fd = 0; fd < LAUNCHER_FDS; fd++)
		line_close(&fds[fd]);
	free(request);
	return status;
}

enum carnet_status
launcher_line_start(struct launcher *launcher,
    const struct launcher_step *steps, size_t len, size_t answer_max,
    struct launcher_line *line, struct carnet_error *err)
{
	enum carnet_status status = CARNET_OK;
	struct secret *secret = line->secret;
	int before = -1;

	*line = (struct launcher_line){ .in = -1,
		.out = -1,
		.complaint_in = -1,
		.results = { -1, -1 },
		.len = len,
		.answer_max = answer_max,
		.secret = secret };
	for (size_t i = 0; status == CARNET_OK && i < len; i++)
		status = line_step(launcher, &steps[i], line, i, &before, err);
	line_close(&before);
	if (status != CARNET_OK)
		launcher_line_clear(line);
	return status;
}

void
launcher_line_clear(struct launcher_line *line)
{
	line_close(&line->in);
	line_close(&line->out);
	line_close(&line->complaint_in);
	for (size_t i = 0; i < LAUNCHER_LINE_MAX; i++)
		line_close(&line->results[i]); /* kills what still runs */
	if (line->answer != NULL)
		sodium_memzero(line->answer, line->answer_len);
	free(line->answer);
	line->answer = NULL;
	line->answer_len = line->answer_capacity = 0;
}

/* As write, but a closed pipe is an error and no signal. */
static ssize_t
line_write(int fd, const void *bytes, size_t len)
{
	const struct timespec now = { 0 };
	sigset_t pipe_set, old_set, pending;
	bool was_pending;
	ssize_t n;
	int saved;

	(void)sigemptyset(&pipe_set);
	(void)sigaddset(&pipe_set, SIGPIPE);
	(void)sigemptyset(&pending);
	(void)sigpending(&pending);
	was_pending = sigismember(&pending, SIGPIPE) == 1;
	(void)pthread_sigmask(SIG_BLOCK, &pipe_set, &old_set);
	n = write(fd, bytes, len);
	saved = errno;
	if (n < 0 && saved == EPIPE && !was_pending) {
		while (
		    sigtimedwait(&pipe_set, NULL, &now) < 0 && errno == EINTR)
			;
	}
	(void)pthread_sigmask(SIG_SETMASK, &old_set, NULL);
	errno = saved;
	return n;
}

/* Room for at least one more byte.  False: it may print no more. */
static bool
line_grow(struct launcher_line *line)
{
	size_t capacity = line->answer_capacity;
	uint8_t *answer;

	if (line->answer_len < capacity)
		return true;
	if (capacity >= line->answer_max) {
		line->flooded = true;
		return false;
	}
	capacity = capacity == 0 ? (size_t)64 << 10 : capacity * 2;
	if (capacity > line->answer_max)
		capacity = line->answer_max;
	answer = realloc(line->answer, capacity);
	if (answer == NULL) {
		line->no_memory = true;
		return false;
	}
	line->answer = answer;
	line->answer_capacity = capacity;
	return true;
}

/* Into locked memory alone; behind the first line each read overwrites the
 * last. */
static ssize_t
line_take_secret(struct launcher_line *line)
{
	uint8_t *bytes = secret_bytes(line->secret);
	size_t room = secret_len(line->secret) - line->answer_len;
	const uint8_t *end;
	ssize_t n;

	if (room == 0 || line->lost > LINE_LOST_MAX) {
		line->flooded = true;
		return 0;
	}
	n = read(line->out, bytes + line->answer_len, room);
	if (n <= 0)
		return n;
	if (line->answer_len > 0 && bytes[line->answer_len - 1] == '\n') {
		line->lost += (size_t)n;
		return n;
	}
	end = memchr(bytes + line->answer_len, '\n', (size_t)n);
	line->answer_len = end != NULL ? (size_t)(end - bytes) + 1
				       : line->answer_len + (size_t)n;
	return n;
}

/* One read of the answer; closes it at its end, or when it is too much. */
static void
line_take(struct launcher_line *line)
{
	ssize_t n;

	if (line->secret != NULL)
		n = line_take_secret(line);
	else if (!line_grow(line))
		n = 0;
	else {
		n = read(line->out, line->answer + line->answer_len,
		    line->answer_capacity - line->answer_len);
		if (n > 0)
			line->answer_len += (size_t)n;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		line_close(&line->out);
}

static void
line_take_complaint(struct launcher_line *line)
{
	char rest[512];
	size_t room = LAUNCHER_COMPLAINT_MAX - line->complaint_len;
	ssize_t n;

	if (room > 0) {
		n = read(line->complaint_in,
		    line->complaint + line->complaint_len, room);
		if (n > 0)
			line->complaint_len += (size_t)n;
	} else
		n = read(line->complaint_in, rest, sizeof(rest));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		line_close(&line->complaint_in);
}

static void
line_take_result(struct launcher_line *line, size_t i)
{
	struct launcher_result result;
	ssize_t n = read(line->results[i], &result, sizeof(result));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == (ssize_t)sizeof(result) && result.end <= LAUNCHER_UNCAGED)
		line->ends[i] = result;
	line_close(&line->results[i]);
}

enum { LINE_IN, LINE_OUT, LINE_COMPLAINT, LINE_RESULTS };

/* Waits (not at all: milliseconds 0), then takes what has come.  True when
 * something had. */
static bool
line_poll(struct launcher_line *line, bool writes, int milliseconds,
    bool *ret_can_write)
{
	struct pollfd polls[LINE_RESULTS + LAUNCHER_LINE_MAX] = {
		[LINE_IN] = { .fd = line->in, .events = writes ? POLLOUT : 0 },
		[LINE_OUT] = { .fd = line->out, .events = POLLIN },
		[LINE_COMPLAINT] = { .fd = line->complaint_in,
		    .events = POLLIN },
	};
	int count;

	for (size_t i = 0; i < LAUNCHER_LINE_MAX; i++)
		polls[LINE_RESULTS + i] =
		    (struct pollfd){ .fd = line->results[i], .events = POLLIN };
	/* who reads no more is noticed by writing, or by what he prints */
	if (!writes)
		polls[LINE_IN].fd = -1;
	*ret_can_write = false;
	do
		count =
		    poll(polls, LINE_RESULTS + LAUNCHER_LINE_MAX, milliseconds);
	while (count < 0 && errno == EINTR && milliseconds == 0);
	if (count <= 0)
		return false;
	*ret_can_write = polls[LINE_IN].revents != 0;
	if (polls[LINE_OUT].revents != 0)
		line_take(line);
	if (polls[LINE_COMPLAINT].revents != 0)
		line_take_complaint(line);
	for (size_t i = 0; i < LAUNCHER_LINE_MAX; i++) {
		if (polls[LINE_RESULTS + i].revents != 0)
			line_take_result(line, i);
	}
	return true;
}

/* All have ended: what they have printed is in the pipes, even when a
 * process that they left behind keeps one open. */
static void
line_drain(struct launcher_line *line)
{
	bool can_write;

	while ((line->out >= 0 || line->complaint_in >= 0) &&
	       line_poll(line, false, 0, &can_write))
		;
	line_close(&line->out);
	line_close(&line->complaint_in);
}

static bool
line_has_ended(const struct launcher_line *line)
{
	for (size_t i = 0; i < LAUNCHER_LINE_MAX; i++) {
		if (line->results[i] >= 0)
			return false;
	}
	return true;
}

bool
launcher_line_turn(struct launcher_line *line)
{
	bool can_write;

	if (line_has_ended(line) || line->flooded || line->no_memory) {
		line_close(&line->in);
		line_drain(line);
		return false;
	}
	(void)line_poll(line, false, -1, &can_write);
	return true;
}

bool
launcher_line_feed(struct launcher_line *line, const void *bytes, size_t len)
{
	const uint8_t *next = bytes;

	while (len > 0 && line->in >= 0) {
		bool can_write;
		ssize_t n;

		if (line->out < 0 || line_has_ended(line)) {
			/* it has said all it will: the rest is no use */
			line_close(&line->in);
			return false;
		}
		(void)line_poll(line, true, -1, &can_write);
		if (!can_write)
			continue;
		n = line_write(line->in, next, len);
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR)
			line_close(&line->in);
	}
	return line->in >= 0;
}

void
launcher_line_end(struct launcher_line *line)
{
	line_close(&line->in);
}

void
launcher_line_finish(struct launcher_line *line)
{
	launcher_line_end(line);
	while (launcher_line_turn(line))
		;
	/* who flooded us is killed, not waited for */
	for (size_t i = 0; i < LAUNCHER_LINE_MAX; i++)
		line_close(&line->results[i]);
}

bool
launcher_frame_next(const uint8_t *bytes, size_t len, size_t *offset,
    struct launcher_frame *ret_frame)
{
	size_t left = len - *offset, frame_len = 0;

	if (left < 8)
		return false;
	for (int i = 0; i < 4; i++)
		frame_len |= (size_t)bytes[*offset + 4 + (size_t)i] << (8 * i);
	if (frame_len > left - 8)
		return false;
	memcpy(ret_frame->tag, bytes + *offset, 4);
	ret_frame->tag[4] = '\0';
	ret_frame->bytes = bytes + *offset + 8;
	ret_frame->len = frame_len;
	*offset += 8 + frame_len;
	return true;
}
