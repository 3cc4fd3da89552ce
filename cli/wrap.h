/* SPDX-License-Identifier: ISC */
/* Sentences for people, with a margin. */
#ifndef WRAP_H
#define WRAP_H

/* To stdout, each line after `indent` spaces; broken at spaces only. */
void print_wrapped(unsigned indent, const char *text);

#endif
