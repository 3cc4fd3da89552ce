/* SPDX-License-Identifier: ISC */
/*
 * For check_pdf.py: a letter given as JSON on standard input, field by field,
 * is written to standard output as text, html or pdf (the argument).  So the
 * writers can be tried with letters that no template would make.
 */
#include "fonts.h"
#include "formats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAW_MAX ((size_t)1 << 20)
#define DRAW_LINES 200

static char *
draw_text(const cJSON *json, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static void
draw_lines(const cJSON *json, const char *key, char **lines)
{
	const cJSON *item, *array;
	size_t len = 0;

	array = cJSON_GetObjectItemCaseSensitive(json, key);
	cJSON_ArrayForEach(item, array)
	{
		if (cJSON_IsString(item) && len < DRAW_LINES)
			lines[len++] = item->valuestring;
	}
}

int
main(int argc, char **argv)
{
	static char job[DRAW_MAX + 1];
	static char *sender[DRAW_LINES + 1], *addressee[DRAW_LINES + 1];
	struct letter letter = { .sender = sender, .addressee = addressee };
	struct carnet_error err = { 0 };
	enum carnet_status status;
	uint8_t *bytes = NULL;
	size_t len = fread(job, 1, DRAW_MAX, stdin);
	cJSON *json = cJSON_ParseWithLength(job, len);
	const char *format = argc == 2 ? argv[1] : "";

	if (json == NULL)
		return 2;
	letter.lang = draw_text(json, "lang");
	letter.channel = draw_text(json, "channel");
	letter.subject = draw_text(json, "subject");
	letter.place_date = draw_text(json, "place_date");
	letter.mention = draw_text(json, "mention");
	letter.body = draw_text(json, "body");
	letter.signature = draw_text(json, "signature");
	letter.footer = draw_text(json, "footer");
	draw_lines(json, "sender", sender);
	draw_lines(json, "addressee", addressee);
	if (strcmp(format, "pdf") == 0)
		status = write_letter_pdf(
		    &letter, draw_text(json, "creation"), &bytes, &len, &err);
	else if (strcmp(format, "html") == 0)
		status = write_letter_html(&letter, (char **)&bytes, &err);
	else
		status = write_letter_text(&letter, (char **)&bytes, &err);
	if (status == CARNET_OK && strcmp(format, "pdf") != 0)
		len = strlen((char *)bytes);
	if (status == CARNET_OK)
		(void)fwrite(bytes, 1, len, stdout);
	else
		fprintf(stderr, "%s: %s\n", carnet_status_name(status),
		    err.message);
	free(bytes);
	cJSON_Delete(json);
	fonts_unload();
	return status == CARNET_OK ? 0 : 1;
}
