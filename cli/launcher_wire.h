/* SPDX-License-Identifier: ISC */
/*
 * What carnet and its launcher say to each other, over a pair of sockets that
 * exists before carnet closes its doors.  No key and no document goes this
 * way: programs get pipes.  Both ends are the same program: native layout.
 */
#ifndef LAUNCHER_WIRE_H
#define LAUNCHER_WIRE_H
#include "carnet_types.h"

/* The closed menu. */
enum launcher_program {
	LAUNCHER_READER,
	LAUNCHER_READER_OF_PDFTOTEXT, /* reads what pdftotext prints */
	LAUNCHER_PDFTOTEXT,
	LAUNCHER_PDFTOPPM, /* number: dpi */
	LAUNCHER_PRESS,
	LAUNCHER_COMMAND, /* text: for sh -c; not confined */
	LAUNCHER_PROGRAMS
};

#define LAUNCHER_COMMAND_MAX ((size_t)32 << 10)

/* One datagram, and with it four descriptors: the program's standard input,
 * output and error, and the pipe on which its end is reported.  When that
 * pipe's reader goes away, the program is killed. */
enum { LAUNCHER_FDS = 4, LAUNCHER_RESULT_FD = 3 };

struct launcher_request {
	uint32_t program;
	uint32_t number;
	uint32_t milliseconds; /* until it is killed; 0: never */
	uint32_t text_len;
	char text[LAUNCHER_COMMAND_MAX + 1];
};

enum launcher_end {
	LAUNCHER_LOST,      /* nobody reported: the launcher is gone */
	LAUNCHER_EXITED,    /* value: exit status */
	LAUNCHER_KILLED,    /* value: signal */
	LAUNCHER_TIMED_OUT, /* and was killed */
	LAUNCHER_MISSING,   /* no such program; value: errno */
	LAUNCHER_UNCAGED    /* could not be confined, was not started */
};

struct launcher_result {
	uint32_t end; /* enum launcher_end */
	int32_t value;
};

/* The programs' places, known before the fork. */
struct launcher_paths {
	char reader[4096], press[4096];
};

/* carnet's end.  CARNET_FAILED: the launcher is gone. */
enum carnet_status launcher_send(int fd, const struct launcher_request *request,
    const int fds[LAUNCHER_FDS], struct carnet_error *err);
/* The launcher's end; false: carnet is gone.  A request that isn't one has
 * program LAUNCHER_PROGRAMS; ret_fds are then -1. */
bool launcher_receive(
    int fd, struct launcher_request *ret_request, int ret_fds[LAUNCHER_FDS]);

/* The launcher itself (launcher_serve.c): serves until carnet is gone. */
_Noreturn void launcher_serve(int fd, const struct launcher_paths *paths);
/* Starts one program and reports its end; in a process of its own, whose
 * only descriptors above 2 are these (launcher_mind.c). */
_Noreturn void launcher_mind(const struct launcher_request *request,
    const int fds[LAUNCHER_FDS], const struct launcher_paths *paths);
/* Turns this process into the program (launcher_menu.c), with fds as its
 * standard ones.  Returns only on failure, with what happened. */
struct launcher_result launcher_become(const struct launcher_request *request,
    const int fds[LAUNCHER_FDS], const struct launcher_paths *paths);
#endif
