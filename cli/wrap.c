/* SPDX-License-Identifier: ISC */
/*
 * A sentence with a margin.  Breaks nothing itself: paragraph.c does, at a
 * terminal's width.  The contract is in wrap.h.
 */
#include "wrap.h"

#include "session.h"

void
print_wrapped(unsigned indent, const char *text)
{
	print_entry(indent, "", text);
}
