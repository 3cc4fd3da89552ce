/* SPDX-License-Identifier: ISC */
/* Sentences for people in lines of at most 80 columns. */
#ifndef WRAP_H
#define WRAP_H

/* To stdout, each line after `indent` spaces; broken at spaces only. */
void print_wrapped(unsigned indent, const char *text);
/* The same, with the label in what the first line would leave empty. */
void print_wrapped_behind(unsigned indent, const char *label, const char *text);

#endif
