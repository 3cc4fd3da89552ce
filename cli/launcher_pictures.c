/* SPDX-License-Identifier: ISC */
/*
 * The pages of a proof as pictures, for a complaint's dossier: pdftoppm for a
 * PDF, a PNG as it is.  Decodes no picture; carnet-press will.
 * The contract: launcher.h.  PNG: W3C, "PNG Specification", 5.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "launcher_line.h"

enum { PICTURES_PAGES = 30 };       /* see MENU_PAGES in launcher_menu.c */
enum { PICTURES_SIDE_MAX = 20000 }; /* pixels */
#define PICTURES_ANSWER_MAX ((size_t)192 << 20)
#define PICTURES_MILLISECONDS 180000U

static uint32_t
picture_number(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

bool
launcher_png(const uint8_t *bytes, size_t len, size_t *ret_len)
{
	size_t offset = 8;

	if (len < 8 + 25 || memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) != 0 ||
	    memcmp(bytes + 8, "\0\0\0\x0dIHDR", 8) != 0)
		return false;
	for (size_t i = 16; i <= 20; i += 4) {
		uint32_t side = picture_number(bytes + i);

		if (side == 0 || side > PICTURES_SIDE_MAX)
			return false;
	}
	while (len - offset >= 12) {
		size_t chunk = picture_number(bytes + offset);
		bool is_end = memcmp(bytes + offset + 4, "IEND", 4) == 0;

		if (chunk > len - offset - 12)
			return false;
		offset += 12 + chunk;
		if (is_end) {
			*ret_len = offset;
			return true;
		}
	}
	return false;
}

static enum carnet_status
picture_keep(struct launcher_files *files, const char *tag, const void *bytes,
    size_t len, struct carnet_error *err)
{
	struct launcher_file *grown;
	uint8_t *copy;

	grown = realloc(files->files, (files->len + 1) * sizeof(*grown));
	if (grown != NULL)
		files->files = grown;
	copy = malloc(len + 1);
	if (grown == NULL || copy == NULL) {
		free(copy);
		return carnet_fail_errno(err, ENOMEM, CARNET_("a picture"));
	}
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	grown += files->len++;
	memcpy(grown->tag, tag, sizeof(grown->tag));
	grown->bytes = copy;
	grown->len = len;
	return CARNET_OK;
}

/* pdftoppm prints one picture behind the other. */
static enum carnet_status
pictures_split(const struct launcher_line *line, struct launcher_files *files,
    struct carnet_error *err)
{
	/* TRANSLATORS: a page in a complaint's dossier */
	const char *more = CARNET_("The pages after the 30th are in this "
				   "exhibit's own file.");
	enum carnet_status status = CARNET_OK;
	size_t offset = 0, len = 0;

	while (status == CARNET_OK && offset < line->answer_len) {
		if (files->len == PICTURES_PAGES)
			return picture_keep(
			    files, FRAME_TEXT, more, strlen(more), err);
		if (!launcher_png(line->answer + offset,
			line->answer_len - offset, &len) ||
		    len > FRAME_MAX)
			return carnet_fail(err, CARNET_DAMAGED,
			    CARNET_("pdftoppm's pictures are not in order"));
		status = picture_keep(
		    files, FRAME_PNG, line->answer + offset, len, err);
		offset += len;
	}
	if (status == CARNET_OK && files->len == 0)
		status = carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("the document has no pages to show"));
	return status;
}

static enum carnet_status
pictures_end(const struct launcher_line *line, struct carnet_error *err)
{
	const struct launcher_result *end = &line->ends[0];

	if (line->no_memory)
		return carnet_fail_errno(err, ENOMEM, CARNET_("a picture"));
	if (line->flooded)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("the document's pages make too large pictures"));
	if (end->end == LAUNCHER_EXITED && end->value == 0)
		return CARNET_OK;
	if (end->end == LAUNCHER_MISSING) {
		(void)carnet_fail(
		    err, CARNET_UNSUPPORTED, CARNET_("pdftoppm is missing"));
		carnet_hint(err, "%s", CARNET_("install poppler-utils"));
		return CARNET_UNSUPPORTED;
	}
	if (end->end == LAUNCHER_TIMED_OUT)
		return carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("the document's pages took too long to draw"));
	return carnet_fail(err, CARNET_UNSUPPORTED,
	    CARNET_("the document's pages can't be drawn"));
}

struct pictures_job {
	struct launcher_line line;
	bool full;
};

static bool
pictures_sink(void *context, const uint8_t *bytes, size_t len)
{
	struct pictures_job *job = context;

	if (!job->full)
		job->full = !launcher_line_feed(&job->line, bytes, len);
	return !job->full;
}

static enum carnet_status
pictures_of_pdf(struct launcher *launcher, launcher_source *source,
    void *context, unsigned dpi, struct launcher_files *files,
    struct carnet_error *err)
{
	const struct launcher_step step = { .program = LAUNCHER_PDFTOPPM,
		.number = dpi,
		.milliseconds = PICTURES_MILLISECONDS };
	struct pictures_job job = { 0 };
	enum carnet_status status;

	status = launcher_line_start(
	    launcher, &step, 1, PICTURES_ANSWER_MAX, &job.line, err);
	if (status != CARNET_OK)
		return status;
	status = source(context, pictures_sink, &job, err);
	if (job.full)
		status = CARNET_OK;
	if (status == CARNET_OK) {
		launcher_line_finish(&job.line);
		status = pictures_end(&job.line, err);
	}
	if (status == CARNET_OK)
		status = pictures_split(&job.line, files, err);
	launcher_line_clear(&job.line);
	return status;
}

struct picture_bytes {
	uint8_t *bytes;
	size_t len, capacity;
	bool too_large, no_memory;
};

static bool
picture_sink(void *context, const uint8_t *bytes, size_t len)
{
	struct picture_bytes *picture = context;

	if (len > FRAME_MAX - picture->len) {
		picture->too_large = true;
		return false;
	}
	if (len > picture->capacity - picture->len) {
		size_t capacity = (picture->len + len) * 2;
		uint8_t *grown = realloc(picture->bytes, capacity);

		if (grown == NULL) {
			picture->no_memory = true;
			return false;
		}
		picture->bytes = grown;
		picture->capacity = capacity;
	}
	if (len > 0)
		memcpy(picture->bytes + picture->len, bytes, len);
	picture->len += len;
	return true;
}

static enum carnet_status
pictures_of_png(launcher_source *source, void *context,
    struct launcher_files *files, struct carnet_error *err)
{
	struct picture_bytes picture = { 0 };
	enum carnet_status status;
	size_t len = 0;

	status = source(context, picture_sink, &picture, err);
	if (picture.too_large)
		status = carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("the picture is larger than 64 MiB"));
	else if (picture.no_memory)
		status = carnet_fail_errno(err, ENOMEM, CARNET_("a picture"));
	else if (status == CARNET_OK &&
		 !launcher_png(picture.bytes, picture.len, &len))
		status = carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("the picture is not a well-formed PNG"));
	if (status == CARNET_OK) /* without what may follow its end */
		status =
		    picture_keep(files, FRAME_PNG, picture.bytes, len, err);
	free(picture.bytes);
	return status;
}

enum carnet_status
launcher_pictures(struct launcher *launcher, launcher_source *source,
    void *context, const char *type, unsigned dpi,
    struct launcher_files *ret_files, struct carnet_error *err)
{
	struct launcher_files files = { 0 };
	enum carnet_status status;

	if (dpi < 36 || dpi > 300)
		return carnet_fail(err, CARNET_INVALID,
		    CARNET_("pictures have from 36 to 300 dots per inch"));
	if (strcmp(type, "application/pdf") == 0)
		status = pictures_of_pdf(
		    launcher, source, context, dpi, &files, err);
	else if (strcmp(type, "image/png") == 0)
		status = pictures_of_png(source, context, &files, err);
	else {
		/* JPEG too: nothing here turns one into a PNG yet */
		status = carnet_fail(err, CARNET_UNSUPPORTED,
		    CARNET_("no pictures of this kind of document"));
		carnet_hint(err, "%s",
		    CARNET_("it goes into the dossier as its own file"));
	}
	if (status == CARNET_OK) {
		*ret_files = files;
		files = (struct launcher_files){ 0 };
	}
	launcher_files_clear(&files);
	return status;
}
