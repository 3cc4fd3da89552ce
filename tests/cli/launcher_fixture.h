/* SPDX-License-Identifier: ISC */
/*
 * For the launcher's tests: folders with fake programs, and documents given
 * in pieces.  See fake_program.c.
 */
#ifndef LAUNCHER_FIXTURE_H
#define LAUNCHER_FIXTURE_H
#include "launcher_line.h"

/* A launcher whose carnet-reader and carnet-press are the fake that behaves
 * so; its programs have `milliseconds` (0: the usual time).  Ends the test
 * when it can't. */
struct launcher *fixture_fake(const char *how, uint32_t milliseconds);
/* A launcher of the programs as they are built. */
struct launcher *fixture_real(void);

struct fixture_document {
	const void *bytes;
	size_t len;
	size_t piece;   /* given at once; 0: all */
	size_t fail_at; /* then CARNET_DAMAGED; 0: never */
	size_t repeat;  /* how many times all of it; 0: once */
	size_t given;   /* what was taken */
};
launcher_source fixture_source;
/* Reads it; never NULL. */
struct reading *fixture_read(
    struct launcher *launcher, const void *bytes, size_t len);
/* How many descriptors this process has open. */
int fixture_descriptors(void);
#endif
