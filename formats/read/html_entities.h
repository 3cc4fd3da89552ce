/* SPDX-License-Identifier: ISC */
/*
 * Character references of HTML by name.  Knows no tags.
 */
#ifndef HTML_ENTITIES_H
#define HTML_ENTITIES_H
#include <stdbool.h>
#include <stdint.h>

#define HTML_ENTITY_MAX 16 /* letters; longer ones are none that we know */

/* name: without '&' and ';', as "eacute", "#233", "#xE9".  False: unknown. */
bool html_entity_find(const char *name, uint32_t *ret_code);
#endif
