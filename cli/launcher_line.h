/* SPDX-License-Identifier: ISC */
/*
 * A line of programs at work: what carnet gives to the first and takes from
 * the last, both at once, so that neither waits for the other.  Keeps what
 * comes within bounds; understands none of it.
 */
#ifndef LAUNCHER_LINE_H
#define LAUNCHER_LINE_H
#include <sys/types.h>

#include "launcher.h"
#include "launcher_wire.h"

struct launcher {
	int socket, null; /* null: /dev/null */
	pid_t pid;
	uint32_t read_milliseconds, press_milliseconds;
};

/* As launcher_start, with other times for tests; 0: the usual ones. */
enum carnet_status launcher_start_timed(const char *libexec,
    uint32_t read_milliseconds, struct launcher **ret_launcher,
    struct carnet_error *err);

#define LAUNCHER_LINE_MAX 2
#define LAUNCHER_COMPLAINT_MAX ((size_t)4096)

struct launcher_line {
	int in, out, complaint_in; /* our ends; -1: closed */
	int results[LAUNCHER_LINE_MAX];
	struct launcher_result ends[LAUNCHER_LINE_MAX];
	size_t len;

	/* What the last one prints.  Grows up to answer_max; `secret` is
	 * filled instead when it is set: its first line, all else is lost. */
	uint8_t *answer;
	size_t answer_len, answer_capacity, answer_max;
	struct secret *secret;
	size_t lost;  /* bytes behind a secret's first line */
	bool flooded; /* it printed more than it may */
	bool no_memory;

	/* What the first one complains of (pdftotext); the beginning. */
	char complaint[LAUNCHER_COMPLAINT_MAX + 1];
	size_t complaint_len;
};

struct launcher_step {
	enum launcher_program program;
	uint32_t number;
	const char *text; /* NULL: none */
	uint32_t milliseconds;
};

/*
 * Starts the programs, each reading what the one before it prints.  On
 * failure nothing runs and line is as after launcher_line_clear.
 */
enum carnet_status launcher_line_start(struct launcher *launcher,
    const struct launcher_step *steps, size_t len, size_t answer_max,
    struct launcher_line *line, struct carnet_error *err);
/* Gives these bytes.  False: the first program takes no more. */
bool launcher_line_feed(
    struct launcher_line *line, const void *bytes, size_t len);
/* The first program has all its input. */
void launcher_line_end(struct launcher_line *line);
/* Waits once until something can be moved.  False: nothing is left to move:
 * all programs have ended and all they printed is here. */
bool launcher_line_turn(struct launcher_line *line);
/* Ends the input, then turns until the end. */
void launcher_line_finish(struct launcher_line *line);
/* Kills what still runs; frees the answer, not the secret. */
void launcher_line_clear(struct launcher_line *line);

/* The next frame of an answer, from *offset on.  False: no whole one. */
struct launcher_frame {
	char tag[5];
	const uint8_t *bytes;
	size_t len;
};
bool launcher_frame_next(const uint8_t *bytes, size_t len, size_t *offset,
    struct launcher_frame *ret_frame);

/* What PNG's signature and header say is a picture of a bearable size;
 * *ret_len is its length, up to and with IEND. */
bool launcher_png(const uint8_t *bytes, size_t len, size_t *ret_len);
#endif
