/* SPDX-License-Identifier: ISC */
/*
 * Lines that end between words: on a terminal, text is broken at its width.
 * Elsewhere each text stays one line.  The contract is in session.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "session.h"

size_t
print_columns(const char *text)
{
	wchar_t wide[1024];
	size_t len = mbstowcs(wide, text, 1023);
	int columns;

	if (len == (size_t)-1)
		return strlen(text);
	wide[len] = L'\0';
	columns = wcswidth(wide, len);
	return columns < 0 ? len : (size_t)columns;
}

size_t
print_terminal(FILE *file)
{
	struct winsize size = { 0 };

	if (isatty(fileno(file)) == 0)
		return 0;
	if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

/* The bytes of the next line: up to the last space that still fits. */
static size_t
paragraph_line(const char *text, size_t room)
{
	size_t fits = 0, at = 0;

	for (;;) {
		size_t next = at + strcspn(text + at, " ");
		char *head = strndup(text, next);
		bool narrow = head != NULL && print_columns(head) <= room;

		free(head);
		if (!narrow)
			return fits == 0 ? next : fits;
		fits = next;
		if (text[next] == '\0')
			return next;
		at = next + 1;
	}
}

/* Breaks text at `room` columns; lines after the first begin at `indent`. */
static void
paragraph_break(FILE *file, const char *text, size_t room, size_t indent)
{
	for (bool first = true; first || text[0] != '\0'; first = false) {
		size_t len =
		    room == 0 ? strlen(text) : paragraph_line(text, room);
		char *line = strndup(text, len);

		if (!first)
			(void)fprintf(file, "%*s", (int)indent, "");
		if (line != NULL)
			print_safely(file, line, false);
		(void)fputc('\n', file);
		free(line);
		text += len;
		text += strspn(text, " ");
	}
}

void
print_paragraph(FILE *file, const char *text)
{
	if (strchr(text, '\n') != NULL) { /* has lines of its own */
		print_safely(file, text, true);
		(void)fputc('\n', file);
	} else {
		paragraph_break(file, text, print_terminal(file), 0);
	}
}

void
print_entry(size_t width, const char *left, const char *text)
{
	size_t columns = print_columns(left);
	size_t total = print_terminal(stdout);

	print_safely(stdout, left, false);
	if (columns >= width && text[0] != '\0') {
		(void)fputc('\n', stdout);
		columns = 0;
	}
	if (text[0] != '\0')
		(void)fprintf(stdout, "%*s", (int)(width - columns), "");
	paragraph_break(
	    stdout, text, total > width + 20 ? total - width : 0, width);
}
