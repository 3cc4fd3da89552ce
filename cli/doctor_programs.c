/* SPDX-License-Identifier: ISC */
/*
 * Do carnet-reader and carnet-press work in their cages, and is what the
 * launcher's menu offers installed?  Gives them a word of our own.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

static const char programs_word[] = "Bonjour";

static enum carnet_status
programs_feed(void *context, launcher_sink *sink, void *sink_context,
    struct carnet_error *err)
{
	(void)context;
	(void)err;
	(void)sink(sink_context, (const uint8_t *)programs_word,
	    sizeof(programs_word) - 1);
	return CARNET_OK;
}

static void
programs_reader(struct doctor *doctor)
{
	struct session *session = doctor->session;
	struct reading *reading = NULL;
	enum carnet_status status =
	    launcher_read(session->launcher, programs_feed, NULL,
		sizeof(programs_word) - 1, &reading, &session->err);

	if (status == CARNET_OK && reading->text != NULL &&
	    strncmp(reading->text, programs_word, sizeof(programs_word) - 1) ==
		0)
		doctor_note(doctor, "reader", true, "%s",
		    _("documents are read in a cage, and that works"));
	else
		doctor_note(doctor, "reader", false,
		    _("documents can't be read, only stored (%s): install "
		      "carnet again, on a kernel with seccomp"),
		    status != CARNET_OK ? session->err.message
		    : reading->unread_message[0] != '\0'
			? reading->unread_message
			: reading->unread_code);
	reading_free(reading);
}

static void
programs_press(struct doctor *doctor)
{
	struct session *session = doctor->session;
	cJSON *job = cJSON_CreateObject();
	struct launcher_file frame = { .tag = FRAME_JOB };
	struct launcher_files frames = { &frame, 1 }, files = { 0 };
	enum carnet_status status = CARNET_NO_MEMORY;
	bool made = false;

	json_add_text(job, "op", "letter");
	json_add_text(job, "template", "gdpr/objection");
	json_add_text(job, "lang", "en");
	json_add_text(job, "channel", "letter");
	json_add_text(job, "date", session->today);
	(void)cJSON_AddItemToArray(
	    cJSON_AddArrayToObject(job, "formats"), cJSON_CreateString("pdf"));
	frame.bytes = (uint8_t *)cJSON_PrintUnformatted(job);
	cJSON_Delete(job);
	if (frame.bytes != NULL) {
		frame.len = strlen((char *)frame.bytes);
		status = launcher_press(
		    session->launcher, &frames, &files, &session->err);
	}
	for (size_t i = 0; i < files.len && status == CARNET_OK; i++)
		made = made || strcmp(files.files[i].tag, FRAME_PDF) == 0;
	launcher_files_clear(&files);
	free(frame.bytes);
	if (made)
		doctor_note(doctor, "press", true, "%s",
		    _("letters are set in a cage, and that works"));
	else
		doctor_note(doctor, "press", false,
		    _("letters can't be set as PDF (%s): install carnet "
		      "again, and fonts-dejavu-core; their text can be "
		      "exported all the same"),
		    status == CARNET_OK ? "carnet-press"
					: session->err.message);
}

/* What is lost without it, and the package that has it. */
static const struct {
	const char *program, *package, *lost;
} programs_known[] = {
	{ "pdftotext", "poppler-utils", N_("PDF documents stay unread") },
	{ "pdftoppm", "poppler-utils",
	    N_("pages of a proof can't go into a complaint's dossier") },
	{ "tesseract", "tesseract-ocr tesseract-ocr-fra",
	    N_("scanned documents stay unread") },
	{ "dcmj2pnm", "dcmtk", N_("pictures of DICOM can't be shown") },
};

void
doctor_programs(struct doctor *doctor)
{
	char path[4096];

	programs_reader(doctor);
	programs_press(doctor);
	for (size_t i = 0;
	     i < sizeof(programs_known) / sizeof(programs_known[0]); i++) {
		const char *program = programs_known[i].program;

		if (!launcher_serves(program))
			continue;
		if (launcher_find_program(program, path))
			doctor_note(doctor, program, true, "%s", path);
		else
			doctor_note(doctor, program, false,
			    _("it is not installed, so %s: apt install %s"),
			    _(programs_known[i].lost),
			    programs_known[i].package);
	}
}
