/* SPDX-License-Identifier: ISC */
/*
 * The text a reader makes: UTF-8 without controls, capped.  Line ends become
 * '\n', tabs stay; terminal sequences, the marks that reorder what is shown,
 * soft hyphens and NULs are left out.
 */
#ifndef TEXT_OUT_H
#define TEXT_OUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_out {
	char *bytes; /* always NUL-terminated once something was put */
	size_t len, capacity;
	size_t max;    /* bytes, without the NUL */
	bool cut;      /* more was put than max */
	bool failed;   /* no memory: what is there is not all */
	uint8_t state; /* within a terminal sequence, behind '\r' */
};

void text_out_init(struct text_out *out, size_t max);
void text_out_put(struct text_out *out, uint32_t code);
void text_out_ascii(struct text_out *out, const char *text);
/* UTF-8 that is checked on the way. */
void text_out_utf8(struct text_out *out, const char *text, size_t len);
/* Ends the line if one is begun; at least `empty` empty lines follow it. */
void text_out_line(struct text_out *out, unsigned empty);
/* Nothing but white space. */
bool text_out_is_blank(const struct text_out *out);
void text_out_clear(struct text_out *out);
#endif
