/* SPDX-License-Identifier: ISC */
/* Names of files that leave the vault.  The contract is in file_name.h. */
#include "file_name.h"

#include <stdio.h>
#include <string.h>

#include "output.h"
#include "session.h"

void
file_name_of_document(
    const cJSON *document, const char *id, char name[FILE_NAME_TEXT])
{
	const char *source = json_text(document, "source");
	const char *title = json_text(document, "title");
	const char *dot = strrchr(source, '.');
	char safe[128], ending[128] = "";
	size_t len;

	output_safe_name(title[0] == '\0' ? source : title, safe);
	if (dot != NULL && dot != source && strlen(dot) <= 12)
		output_safe_name(dot + 1, ending);
	len = strlen(ending);
	if (len > 0 && strlen(safe) > len &&
	    strcmp(safe + strlen(safe) - len, ending) == 0 &&
	    safe[strlen(safe) - len - 1] == '.')
		ending[0] = '\0';
	(void)snprintf(name, FILE_NAME_TEXT, "%s-%s%s%s", id, safe,
	    ending[0] == '\0' ? "" : ".", ending);
}
