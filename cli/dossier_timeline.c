/* SPDX-License-Identifier: ISC */
/*
 * A complaint's timeline: the steps and the last day for the answer, in the
 * complaint's language.  The contract is in dossier.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dossier.h"

static const char *
dossier_word(const struct dossier *dossier, const char *group, const char *key)
{
	const cJSON *words = carnet_json_get(
	    letters_words(dossier->desk->session->letters, dossier->lang),
	    group);

	return json_text(words, key);
}

static void
dossier_add_row(cJSON *rows, const char *on, const char *kind, const char *text)
{
	cJSON *row = cJSON_CreateObject(), *one;
	int place = 0;

	json_add_text(row, "on", on);
	json_add_text(row, "kind", kind);
	json_add_text(row, "text", text);
	cJSON_ArrayForEach(one, rows)
	{
		if (strcmp(json_text(one, "on"), on) > 0)
			break;
		place++;
	}
	json_insert(rows, place, row);
}

cJSON *
dossier_timeline(const struct dossier *dossier, const char *due)
{
	cJSON *rows = cJSON_CreateArray();
	const cJSON *step;

	cJSON_ArrayForEach(step, carnet_json_get(dossier->row, "steps"))
	{
		const char *via =
		    dossier_word(dossier, "channels", json_text(step, "via"));
		const char *outcome = dossier_word(
		    dossier, "outcomes", json_text(step, "outcome"));
		const char *reason = json_text(step, "reason");
		char text[1200];

		(void)snprintf(text, sizeof(text), "%s%s%s%s%s", via,
		    via[0] == '\0' || outcome[0] == '\0' ? "" : ", ", outcome,
		    (via[0] == '\0' && outcome[0] == '\0') || reason[0] == '\0'
			? ""
			: ", ",
		    reason);
		dossier_add_row(
		    rows, json_text(step, "on"), json_text(step, "kind"), text);
	}
	if (due[0] != '\0')
		dossier_add_row(rows, due, "due", "");
	return rows;
}

char *
dossier_timeline_text(const struct dossier *dossier, const cJSON *rows)
{
	const cJSON *row;
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL)
		return NULL;
	cJSON_ArrayForEach(row, rows)
	{
		const char *words = json_text(row, "text");
		const char *step =
		    dossier_word(dossier, "steps", json_text(row, "kind"));

		(void)fprintf(stream, "%s  %s%s%s\n", json_text(row, "on"),
		    step, words[0] == '\0' ? "" : ", ", words);
	}
	(void)fprintf(stream, "\n");
	for (size_t i = 0; i < dossier->len; i++)
		(void)fprintf(stream, "%2zu. %s\n    SHA-256 %s\n", i + 1,
		    dossier->exhibits[i].name, dossier->exhibits[i].sha256);
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
