/* SPDX-License-Identifier: ISC */
/*
 * A fontconfig set-up of our own, in memory, with six files.
 * Draws nothing.
 * The contract is in fonts.h.
 */
#include "fonts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

/* Debian and its kin, Fedora, Arch, and an older layout. */
static const char *const folders[] = { "/usr/share/fonts/truetype/dejavu",
	"/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF",
	"/usr/share/fonts/dejavu" };

static const char *const files[] = { "DejaVuSans.ttf", "DejaVuSans-Bold.ttf",
	"DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf" };

/* No italic is among the files: it is slanted by a fifth. */
static const char setup[] =
    "<?xml version=\"1.0\"?><fontconfig><match target=\"font\">"
    "<test name=\"slant\"><const>roman</const></test>"
    "<test target=\"pattern\" name=\"slant\" compare=\"not_eq\">"
    "<const>roman</const></test>"
    "<edit name=\"matrix\" mode=\"assign\"><times><name>matrix</name>"
    "<matrix><double>1</double><double>0.2</double>"
    "<double>0</double><double>1</double></matrix></times></edit>"
    "<edit name=\"slant\" mode=\"assign\"><const>oblique</const></edit>"
    "</match></fontconfig>";

static FcConfig *fonts_config;
static char fonts_place[PATH_MAX];

static bool
fonts_add(FcConfig *config, const char *folder)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		if (access(path, R_OK) != 0 ||
		    !FcConfigAppFontAddFile(config, (const FcChar8 *)path))
			return false;
	}
	return true;
}

enum carnet_status
fonts_load(struct carnet_error *err)
{
	FcConfig *config;
	bool found = false;

	if (fonts_config != NULL)
		return CARNET_OK;
	config = FcConfigCreate();
	if (config == NULL || !FcConfigParseAndLoadFromMemory(
				  config, (const FcChar8 *)setup, FcTrue)) {
		if (config != NULL)
			FcConfigDestroy(config);
		return carnet_fail(
		    err, CARNET_FAILED, CARNET_("fonts: cannot be set up"));
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !found;
	     i++) {
		FcConfigAppFontClear(config);
		found = fonts_add(config, folders[i]);
		if (found)
			(void)snprintf(
			    fonts_place, sizeof(fonts_place), "%s", folders[i]);
	}
	if (!found || !FcConfigSetCurrent(config)) {
		FcConfigDestroy(config);
		(void)carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("fonts: the DejaVu fonts are not installed"));
		carnet_hint(err, CARNET_("install fonts-dejavu-core"));
		return CARNET_UNSUPPORTED;
	}
	fonts_config = config;
	return CARNET_OK;
}

const char *
fonts_folder(void)
{
	return fonts_config == NULL ? NULL : fonts_place;
}

PangoFontMap *
fonts_map(void)
{
	PangoFontMap *map;

	map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	if (map == NULL)
		return NULL;
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map), 72);
	return map;
}

/* Joiners, marks of direction, soft hyphen, variation selectors: pango draws
 * nothing for them, whatever the font. */
static bool
fonts_invisible(uint32_t c)
{
	return c == '\n' || c == '\t' || c == 0xad || c == 0x34f ||
	       c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2060 && c <= 0x2064) || (c >= 0xfe00 && c <= 0xfe0f);
}

bool
fonts_have(uint32_t character)
{
	FcFontSet *set = FcConfigGetFonts(fonts_config, FcSetApplication);

	if (fonts_invisible(character))
		return true;
	for (int i = 0; set != NULL && i < set->nfont; i++) {
		FcCharSet *chars;

		if (FcPatternGetCharSet(set->fonts[i], FC_CHARSET, 0, &chars) ==
			FcResultMatch &&
		    FcCharSetHasChar(chars, character))
			return true;
	}
	return false;
}

void
fonts_unload(void)
{
	if (fonts_config == NULL)
		return;
	pango_cairo_font_map_set_default(NULL);
	FcConfigDestroy(fonts_config); /* FcFini destroys the current one */
	FcFini();
	fonts_config = NULL;
}
