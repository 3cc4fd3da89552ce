/* SPDX-License-Identifier: ISC */
/*
 * statement complain: drafts the complaint and makes its dossier.  Sends
 * nothing: what is recorded as sent is what the person says they have sent.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority.h"
#include "dossier.h"
#include "missing_words.h"
#include "output.h"
#include "record.h"
#include "statement.h"
#include "statement_word.h"
#include "verbs.h"

struct complaint {
	struct session *session;
	const struct letter_desk *desk;
	const cJSON *row;       /* the request */
	const cJSON *statement; /* the catalogue's complaint */
	struct case_facts facts;
	cJSON *draft; /* the complaint's own row */
	cJSON *job, *meta, *timeline, *manifest;
	struct launcher_files letter, pdf;
	struct dossier dossier;
	int judged; /* the folder that the guard judged */
	char *missing;
};

static void
complaint_clear(struct complaint *complaint)
{
	cJSON_Delete(complaint->draft);
	cJSON_Delete(complaint->job);
	cJSON_Delete(complaint->meta);
	cJSON_Delete(complaint->timeline);
	cJSON_Delete(complaint->manifest);
	launcher_files_clear(&complaint->letter);
	launcher_files_clear(&complaint->pdf);
	dossier_clear(&complaint->dossier);
	free(complaint->missing);
	if (complaint->judged >= 0)
		(void)close(complaint->judged);
}

/* carnet has no complaint for that country: who takes one there. */
static void
complaint_hint(const struct complaint *complaint)
{
	const char *authority = authority_of(
	    complaint->desk, json_text(complaint->row, "recipient"));

	if (authority[0] != '\0')
		carnet_hint(&complaint->session->err,
		    _("the authority there, with its address and its form: "
		      "carnet recipient show %s"),
		    authority);
	else
		carnet_hint(&complaint->session->err,
		    "carnet recipient list authority");
}

/* Some authorities take a complaint for a time only. */
static void
complaint_say_until(
    const struct complaint *complaint, const struct case_view *view)
{
	struct session *session = complaint->session;
	struct carnet_date last =
	    authority_until(complaint->statement, view->complain_from);
	char iso[CARNET_DATE_TEXT], day[40];

	if (!carnet_date_is_set(last))
		return;
	carnet_date_format(last, iso);
	print_date(session, iso, day);
	if (carnet_date_compare(case_today(session), last) > 0)
		session_warn(session,
		    _("the authority took this complaint until %s: later it "
		      "may refuse it, unless you give it a good reason"),
		    day);
	else if (!session->json)
		session_say(session,
		    _("the authority takes this complaint until %s"), day);
}

/* May it be made today?  Only "too early", and what isn't a case, says no. */
static int
complaint_check(struct complaint *complaint)
{
	struct session *session = complaint->session;
	const char *id = json_text(complaint->row, "id");
	struct case_step step = { STEP_COMPLAINED, case_today(session),
		OUTCOME_NONE };
	struct case_facts *facts = &complaint->facts;
	struct case_view view;

	if (case_facts_read(complaint->desk, complaint->row, facts) !=
	    CARNET_OK)
		return session_fail(session, id);
	case_evaluate(facts->steps, facts->len, false, &facts->clock,
	    &facts->calendar, step.on, &view);
	if (carnet_date_is_set(view.complain_from) &&
	    carnet_date_compare(step.on, view.complain_from) < 0)
		return statement_too_early(
		    session, complaint->desk, complaint->row, &view);
	if (case_step_check(facts->steps, facts->len, &step, &session->err) !=
	    CARNET_OK)
		return session_fail(session, id);
	complaint->statement = letters_statement(session->letters,
	    authority_complaint(complaint->desk, complaint->row));
	if (complaint->statement == NULL) {
		(void)carnet_fail(&session->err, CARNET_INVALID,
		    _("no complaint goes with this letter"));
		complaint_hint(complaint);
		return session_fail(session, id);
	}
	if (!carnet_date_is_set(view.complain_from))
		session_warn(session, _("no answer is owed here: an authority "
					"may refuse this complaint"));
	complaint_say_until(complaint, &view);
	return EXIT_DONE;
}

/* The draft that is there already, or a new one, queued. */
static enum carnet_status
complaint_draft(struct complaint *complaint)
{
	struct session *session = complaint->session;
	const cJSON *row = complaint->row;
	const char *template = json_text(complaint->statement, "id");
	const cJSON *there = statement_find_draft(
	    complaint->desk, template, json_text(row, "id"));
	const char *to = authority_addressee(
	    complaint->desk, complaint->statement, json_text(row, "recipient"));
	struct statement_draft draft = { .person = json_text(row, "person_id"),
		.template = template,
		.recipient = to,
		.decision = json_text(row, "decision"),
		.about = json_text(row, "id"),
		.channel = json_text(complaint->statement, "channel"),
		.lang =
		    letter_lang(complaint->desk, complaint->statement, to) };
	char id[CARNET_ID_TEXT];

	if (there != NULL) {
		complaint->draft = cJSON_Duplicate(there, 1);
		return CARNET_OK;
	}
	if (to[0] == '\0') {
		(void)carnet_fail(&session->err, CARNET_INVALID,
		    _("which authority takes this complaint isn't known"));
		carnet_hint(&session->err,
		    _("carnet recipient list authority shows them; then carnet "
		      "statement new %s --to AUTHORITY --about %s"),
		    template, json_text(row, "id"));
		return CARNET_INVALID;
	}
	return statement_queue_draft(session, &draft, id, &complaint->draft);
}

/* --- what is missing
 * ----------------------------------------------------------
 */

static void
complaint_lacks(struct complaint *complaint, bool lacks, const char *what)
{
	cJSON *missing =
	    cJSON_GetObjectItemCaseSensitive(complaint->meta, "missing");
	const cJSON *item;

	cJSON_ArrayForEach(
	    item, missing) if (strcmp(item->valuestring, what) == 0) return;
	if (lacks)
		(void)cJSON_AddItemToArray(missing, cJSON_CreateString(what));
}

static bool
complaint_has_proof(const cJSON *row, const char *kind)
{
	const cJSON *step =
	    letter_find(carnet_json_get(row, "steps"), "kind", kind);

	return json_text(step, "proof")[0] != '\0';
}

/*
 * What the authority asks of a complaint before it looks at it: the right was
 * exercised first, with proof of it; who complains and how to reach them; the
 * body's name, address and number (the press says); a signed mandate.
 */
static void
complaint_add_missing(struct complaint *complaint)
{
	const cJSON *person = carnet_json_get(complaint->job, "person");
	const cJSON *row = complaint->row;
	const cJSON *answered =
	    letter_find(carnet_json_get(row, "steps"), "kind", "answered");

	letter_complete_meta(
	    complaint->desk, complaint->draft, complaint->meta);
	complaint_lacks(
	    complaint, json_text(person, "name")[0] == '\0', "person.name");
	complaint_lacks(complaint,
	    json_text(person, "email")[0] == '\0' &&
		json_text(person, "phone")[0] == '\0',
	    "person.email");
	complaint_lacks(
	    complaint, !complaint_has_proof(row, "sent"), "proof.sent");
	complaint_lacks(
	    complaint, !complaint_has_proof(row, "received"), "proof.received");
	complaint_lacks(complaint,
	    answered != NULL && !complaint_has_proof(row, "answered"),
	    "proof.answered");
}

/* --- the folder
 * ----------------------------------------------------------------
 */

static enum carnet_status
complaint_press(struct complaint *complaint)
{
	static const char *const formats[] = { "text", "html", "pdf", NULL };
	struct session *session = complaint->session;
	struct dossier *dossier = &complaint->dossier;
	char due[CARNET_DATE_TEXT];
	enum carnet_status status;

	status = letter_job(
	    complaint->desk, complaint->draft, formats, &complaint->job);
	if (status == CARNET_OK)
		status = letter_press(session, complaint->job, &complaint->meta,
		    &complaint->letter);
	if (status == CARNET_OK)
		json_add(
		    complaint->meta, "parties", letter_parties(complaint->job));
	if (status != CARNET_OK)
		return status;
	complaint_add_missing(complaint);
	dossier->desk = complaint->desk;
	dossier->row = complaint->row;
	dossier->lang = json_text(complaint->draft, "lang");
	status = dossier_collect(dossier);
	if (status != CARNET_OK)
		return status;
	case_due_unanswered(&complaint->facts, case_today(session), due);
	complaint->timeline = dossier_timeline(dossier, due);
	return dossier_press(dossier, complaint->job,
	    json_text(complaint->meta, "subject"), complaint->timeline,
	    &complaint->pdf);
}

static void
complaint_list(
    struct complaint *complaint, const char *name, const char *sha256)
{
	cJSON *file = cJSON_CreateObject();

	json_add_text(file, "path", name);
	json_add_text(file, "sha256", sha256);
	(void)cJSON_AddItemToArray(
	    cJSON_GetObjectItemCaseSensitive(complaint->manifest, "files"),
	    file);
}

static enum carnet_status
complaint_file(struct complaint *complaint, int dir_fd, const char *stem,
    const char *ending, const void *bytes, size_t len)
{
	char name[128], sha256[65];
	enum carnet_status status;

	(void)snprintf(name, sizeof(name), "%.100s.%s", stem, ending);
	status =
	    output_file_at(dir_fd, name, bytes, len, &complaint->session->err);
	if (status == CARNET_OK) {
		letter_sha256(bytes, len, sha256);
		complaint_list(complaint, name, sha256);
	}
	return status;
}

static enum carnet_status
complaint_write_manifest(struct complaint *complaint, int dir_fd)
{
	struct carnet_error *err = &complaint->session->err;
	char *text = cJSON_Print(complaint->manifest);
	enum carnet_status status;

	if (text == NULL)
		return carnet_fail_errno(err, ENOMEM, "carnet");
	status =
	    output_file_at(dir_fd, "manifest.json", text, strlen(text), err);
	cJSON_free(text);
	if (status == CARNET_OK && fsync(dir_fd) != 0)
		status = carnet_fail_errno(err, errno, "manifest.json");
	return status;
}

static enum carnet_status
complaint_write(struct complaint *complaint, int dir_fd)
{
	static const char *const rows[][2] = { { FRAME_PDF, "pdf" },
		{ FRAME_TEXT, "txt" }, { FRAME_HTML, "html" } };
	struct dossier *dossier = &complaint->dossier;
	const struct launcher_file *file =
	    letter_file(&complaint->pdf, FRAME_PDF);
	char *timeline;
	enum carnet_status status = CARNET_OK;

	if (file == NULL)
		return carnet_fail(&complaint->session->err, CARNET_FAILED,
		    _("carnet-press made no dossier"));
	status = complaint_file(
	    complaint, dir_fd, _("dossier"), "pdf", file->bytes, file->len);
	for (size_t i = 0; i < 3 && status == CARNET_OK; i++) {
		file = letter_file(&complaint->letter, rows[i][0]);
		if (file != NULL)
			status = complaint_file(complaint, dir_fd,
			    _("complaint"), rows[i][1], file->bytes, file->len);
	}
	timeline = dossier_timeline_text(dossier, complaint->timeline);
	if (timeline == NULL)
		return carnet_fail_errno(
		    &complaint->session->err, ENOMEM, "carnet");
	if (status == CARNET_OK)
		status = complaint_file(complaint, dir_fd, _("timeline"), "txt",
		    timeline, strlen(timeline));
	free(timeline);
	if (status == CARNET_OK)
		status = dossier_write(dossier, dir_fd);
	for (size_t i = 0; i < dossier->len && status == CARNET_OK; i++)
		complaint_list(complaint, dossier->exhibits[i].name,
		    dossier->exhibits[i].sha256);
	if (status == CARNET_OK)
		status = complaint_write_manifest(complaint, dir_fd);
	return status;
}

static enum carnet_status
complaint_list_written(struct complaint *complaint, int dir_fd,
    const char *name, const char *format)
{
	cJSON *files =
	    cJSON_GetObjectItemCaseSensitive(complaint->manifest, "files");
	char sha256[65];
	enum carnet_status status = record_hash_file(
	    dir_fd, name, sha256, NULL, &complaint->session->err);

	if (status != CARNET_OK)
		return status;
	complaint_list(complaint, name, sha256);
	if (format != NULL)
		json_add_text(
		    cJSON_GetArrayItem(files, cJSON_GetArraySize(files) - 1),
		    "format", format);
	return CARNET_OK;
}

/* The dossier's signed record: every file of it, the manifest too. */
static enum carnet_status
complaint_sign(struct complaint *complaint, int dir_fd)
{
	struct session *session = complaint->session;
	cJSON *about = statement_about(complaint->draft, complaint->meta);
	char name[200], key[CARNET_SIGNER_TEXT];
	enum carnet_status status =
	    complaint_list_written(complaint, dir_fd, "manifest.json", NULL);

	json_add_text(about, "about", json_text(complaint->row, "id"));
	if (status == CARNET_OK)
		status = record_write(session, dir_fd, _("dossier"), "dossier",
		    statement_signer(complaint->desk, complaint->draft), about,
		    carnet_json_get(complaint->manifest, "files"), key);
	cJSON_Delete(about);
	(void)snprintf(
	    name, sizeof(name), "%.100s%s", _("dossier"), RECORD_ENDING);
	if (status == CARNET_OK)
		status = complaint_list_written(
		    complaint, dir_fd, name, "signed-record");
	(void)snprintf(name, sizeof(name), "%.100s%s%s", _("dossier"),
	    RECORD_ENDING, SIGNATURE_ENDING);
	if (status == CARNET_OK)
		status = complaint_list_written(
		    complaint, dir_fd, name, "signature");
	if (status == CARNET_OK && fsync(dir_fd) != 0)
		status = carnet_fail_errno(&session->err, errno, "%s", name);
	return status;
}

static enum carnet_status
complaint_disclose(struct complaint *complaint)
{
	struct session *session = complaint->session;
	cJSON *payload = cJSON_CreateObject(), *ids;

	json_add_text(payload, "what", "complaint");
	ids = cJSON_AddArrayToObject(payload, "ids");
	(void)cJSON_AddItemToArray(
	    ids, cJSON_CreateString(json_text(complaint->draft, "id")));
	for (size_t i = 0; i < complaint->dossier.len; i++)
		if (complaint->dossier.exhibits[i].document[0] != '\0')
			(void)cJSON_AddItemToArray(
			    ids, cJSON_CreateString(
				     complaint->dossier.exhibits[i].document));
	json_copy(payload, complaint->draft, "recipient");
	json_add_text(payload, "format", "dossier");
	return carnet_queue(session->vault, "export.made", session->today,
	    payload, NULL, &session->err);
}

static int
complaint_report(struct complaint *complaint, const char *folder)
{
	struct session *session = complaint->session;
	const char *id = json_text(complaint->draft, "id");
	cJSON *result = cJSON_CreateObject();
	const cJSON *item;

	if (!session->json) {
		session_say(session, _("%s  the dossier is in %s"), id, folder);
		cJSON_ArrayForEach(item, carnet_json_get(complaint->meta,
					     "missing")) session_say(session,
		    _("still missing: %s"), missing_words(item->valuestring));
		if (cJSON_GetArraySize(
			carnet_json_get(complaint->meta, "missing")) > 0)
			session_say(session,
			    _("how to add it: carnet statement show %s"), id);
		session_say(session,
		    _("once it is posted: carnet statement sent %s"), id);
	}
	json_add_text(result, "statement", id);
	json_add_text(result, "path", folder);
	json_copy(result, complaint->meta, "missing");
	json_copy(result, complaint->manifest, "files");
	return session_result(session, result, EXIT_DONE);
}

/* Everything in memory, then the folder, then the ledger. */
static int
complaint_make(struct complaint *complaint, const char *folder)
{
	struct session *session = complaint->session;
	int dir_fd = -1;
	enum carnet_status status = complaint_draft(complaint);

	if (status == CARNET_OK)
		status = complaint_press(complaint);
	if (status == CARNET_OK) {
		complaint->manifest = cJSON_CreateObject();
		json_add_text(
		    complaint->manifest, "format", "carnet complaint");
		json_add_number(complaint->manifest, "version", 1);
		json_add_text(complaint->manifest, "made", session->today);
		json_add_text(complaint->manifest, "statement",
		    json_text(complaint->draft, "id"));
		json_add_text(complaint->manifest, "about",
		    json_text(complaint->row, "id"));
		json_add(complaint->manifest, "files", cJSON_CreateArray());
		status = output_folder_at(complaint->judged, complaint->missing,
		    &dir_fd, &session->err);
	}
	if (status == CARNET_OK)
		status = complaint_write(complaint, dir_fd);
	if (status == CARNET_OK)
		status = complaint_sign(complaint, dir_fd);
	if (dir_fd >= 0)
		(void)close(dir_fd);
	if (status == CARNET_OK)
		status = complaint_disclose(complaint);
	if (status == CARNET_OK)
		status = carnet_commit(session->vault, &session->err);
	if (status != CARNET_OK) {
		carnet_discard(session->vault);
		return session_fail(session, folder);
	}
	return complaint_report(complaint, folder);
}

int
statement_complain(struct session *session)
{
	const char *folder = option_text(session->options, "output");
	struct letter_desk desk = { 0 };
	struct complaint *complaint;
	int code;

	if (folder == NULL)
		return session_usage(session, _("where to? -o DIR"));
	complaint = calloc(1, sizeof(*complaint));
	if (complaint == NULL)
		return EXIT_FAILED;
	complaint->judged = -1;
	if (session_guard_open(session, folder, true, false, &complaint->judged,
		&complaint->missing) != CARNET_OK ||
	    letter_desk_open(session, &desk) != CARNET_OK) {
		complaint_clear(complaint);
		free(complaint);
		return session_fail(session, NULL);
	}
	complaint->session = session;
	complaint->desk = &desk;
	complaint->row = statement_argument(session, &desk, 1, &code);
	if (complaint->row != NULL)
		code = complaint_check(complaint);
	if (complaint->row != NULL && code == EXIT_DONE) {
		if (session->dry_run)
			session_say(
			    session, _("Would write a dossier: %s"), folder);
		else
			code = complaint_make(complaint, folder);
	}
	complaint_clear(complaint);
	free(complaint);
	letter_desk_close(&desk);
	return code;
}
