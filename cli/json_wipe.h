/* SPDX-License-Identifier: ISC */
/* JSON in memory holds words, shares, passages of documents: none of it
 * outlives its use. */
#ifndef JSON_WIPE_H
#define JSON_WIPE_H
#include <stddef.h>

/* From here on cJSON wipes all that it gives back.  Before any thread, and
 * before any JSON; texts that cJSON made may still be given to free(). */
void json_wipe_always(void);

#endif
