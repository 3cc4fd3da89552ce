/* SPDX-License-Identifier: ISC */
/* What a document is called outside of the vault. */
#ifndef FILE_NAME_H
#define FILE_NAME_H
#include "carnet_types.h"

#define FILE_NAME_TEXT 300

/* "dabc…-Title.pdf": the id makes it unique, the title tells, the ending is
 * that of the file that was added.  document: as carnet_document gives it. */
void file_name_of_document(
    const cJSON *document, const char *id, char name[FILE_NAME_TEXT]);
#endif
