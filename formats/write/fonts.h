/* SPDX-License-Identifier: ISC */
/*
 * The one set of fonts that letters are drawn with: DejaVu, from the system,
 * by its files.  Reads no font set-up of system or user, writes no cache.
 */
#ifndef FONTS_H
#define FONTS_H
#include "carnet_types.h"

#include <pango/pango.h>

#define FONTS_SANS "DejaVu Sans"
#define FONTS_MONO "DejaVu Sans Mono"

/*
 * Makes the process's fonts, once; must come before anything else of pango,
 * which would otherwise load the system's font set-up in a thread.
 * CARNET_UNSUPPORTED: the fonts are not installed.
 */
enum carnet_status fonts_load(struct carnet_error *err);
/* The folder that they came from, for a sandbox; NULL before fonts_load. */
const char *fonts_folder(void);
/* A new map of these fonts; the caller unrefs it.  NULL: no memory. */
PangoFontMap *fonts_map(void);
/* Has one of them this character, or needs it no glyph (joiners, marks of
 * direction, spaces)? */
bool fonts_have(uint32_t character);
/* For leak checks: forgets everything.  No map may be in use. */
void fonts_unload(void);

#endif
