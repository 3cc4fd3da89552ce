/* SPDX-License-Identifier: ISC */
/* A benchmark that can't go on says why and ends. */
#ifndef MUST_H
#define MUST_H
#include "carnet_types.h"

#include <stdio.h>
#include <stdlib.h>

static void
must(enum carnet_status status, const struct carnet_error *err)
{
	if (status == CARNET_OK)
		return;
	(void)fprintf(stderr, "%s\n", err->message);
	exit(1);
}
#endif
