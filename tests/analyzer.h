/* SPDX-License-Identifier: ISC */
/*
 * Tells clang-tidy what it can't see from one file: that carnet_fail and
 * carnet_fail_errno never return CARNET_OK.  Included before every source
 * that it reads, except the one that defines them; compiled into nothing.
 * More: tests/check_style.sh, "C warnings".
 */
#ifndef ANALYZER_H
#define ANALYZER_H
#include "carnet_types.h"

void analyzer_reads(const char *format, ...);

static inline enum carnet_status
analyzer_fail(struct carnet_error *err, enum carnet_status status)
{
	if (err != NULL)
		err->status = status;
	return status;
}

#define carnet_fail(err, status, ...)                                          \
	(analyzer_reads(__VA_ARGS__), analyzer_fail((err), (status)))
#define carnet_fail_errno(err, number, ...)                                    \
	(analyzer_reads(__VA_ARGS__), (void)(number),                          \
	    analyzer_fail((err), CARNET_IO))
#endif
