/* SPDX-License-Identifier: ISC */
/*
 * guard scan: walks a folder, asks the guard about each folder on the way,
 * and where others see it looks for health files.  Opens no file elsewhere,
 * follows no link.  What a file is: scan_look.c; taking it in: scan_adopt.c.
 */
#include "scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "add_walk.h"
#include "place.h"
#include "progress.h"

#define SCAN_DEPTH 256

struct scan {
	struct session *session;
	struct progress *progress;
	struct place_run *places; /* the guard, for the whole walk */
	cJSON *files;             /* health files that others see */
	cJSON *skipped; /* {path, message}: what couldn't be looked at */
	uint64_t seen, opened, folders;
	bool adopt;
	bool trusts; /* some place is trusted: judge every folder */
	enum guard_verdict worst;
	enum carnet_status stop; /* the vault takes no more */
};

static void
scan_skip(struct scan *scan, const char *path, const struct carnet_error *err)
{
	cJSON *row = cJSON_CreateObject();
	char text[PATH_MAX];

	text_valid_utf8(path, text, sizeof(text));
	json_add_text(row, "path", text);
	json_add_text(row, "message", err->message);
	(void)cJSON_AddItemToArray(scan->skipped, row);
	session_item_fail(scan->session, text, err);
}

static void
scan_skip_errno(struct scan *scan, const char *path)
{
	struct carnet_error err;

	carnet_fail_errno(&err, errno, _("cannot read"));
	scan_skip(scan, path, &err);
}

/* --- one file --------------------------------------------------------------
 */

static enum carnet_status
scan_feed(void *context, launcher_sink *sink, void *sink_context,
    struct carnet_error *err)
{
	const int *fd = context;
	uint8_t bytes[65536];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(*fd, bytes, sizeof(bytes), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return carnet_fail_errno(err, errno, _("cannot read"));
		if (n == 0 || !sink(sink_context, bytes, (size_t)n))
			return CARNET_OK;
		at += n;
	}
}

/* A health file that others see: adopted if asked for, and listed. */
static void
scan_report(struct scan *scan, const struct guard_place *place, int dir_fd,
    const char *name, const char *path, int fd, const char *kind)
{
	struct session *session = scan->session;
	cJSON *row = cJSON_CreateObject();
	char id[CARNET_ID_TEXT] = "", text[PATH_MAX];
	bool adopted = false;

	text_valid_utf8(path, text, sizeof(text));
	if (scan->adopt) {
		enum carnet_status status =
		    scan_adopt(session, dir_fd, name, fd, id);

		adopted = status == CARNET_OK;
		if (!adopted)
			session_item_fail(session, text, &session->err);
		if (status == CARNET_NO_SPACE || status == CARNET_NO_MEMORY)
			scan->stop = status;
	}
	json_add_text(row, "path", text);
	json_add_text(row, "kind", kind);
	json_add_text(row, "verdict", guard_verdict_name(place->verdict));
	json_add_text(row, "provider",
	    place->provider[0] == '\0' ? NULL : place->provider);
	json_add_text(row, "evidence", place->evidence);
	json_add_bool(row, "adopted", adopted);
	json_add_text(row, "id", id[0] == '\0' ? NULL : id);
	(void)cJSON_AddItemToArray(scan->files, row);
	if (!adopted && place->verdict > scan->worst)
		scan->worst = place->verdict;
}

static void
scan_file(struct scan *scan, const struct guard_place *place, int dir_fd,
    const char *name, const char *path)
{
	uint8_t head[SCAN_HEAD];
	struct reading *reading = NULL;
	struct carnet_error err;
	const char *kind;
	struct stat info;
	ssize_t n;
	int fd = openat(dir_fd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		scan_skip_errno(scan, path);
		return;
	}
	scan->opened++;
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		(void)close(fd);
		return;
	}
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		scan_skip_errno(scan, path);
	if (n <= 0 || !scan_is_suspect(head, (size_t)n)) {
		(void)close(fd);
		return;
	}
	if (launcher_read(scan->session->launcher, scan_feed, &fd,
		(uint64_t)info.st_size, &reading, &err) != CARNET_OK) {
		scan_skip(scan, path, &err);
		(void)close(fd);
		return;
	}
	kind = scan_kind(reading);
	if (kind != NULL) {
		scan_report(scan, place, dir_fd, name, path, fd, kind);
	} else if (reading->unread_code[0] != '\0' &&
		   strcmp(reading->unread_code, "no-reader") != 0) {
		carnet_fail(&err, CARNET_UNSUPPORTED,
		    _("cannot tell what it is: %s"), reading->unread_message);
		scan_skip(scan, path, &err);
	}
	reading_free(reading);
	(void)close(fd);
}

/* --- the walk ---------------------------------------------------------------
 */

static void scan_folder(struct scan *scan, int fd, const char *path,
    const struct guard_place *above, int depth);

/* What stands in a folder that others see. */
static void
scan_entry(struct scan *scan, const struct guard_place *place, int dir_fd,
    const struct dirent *entry, const char *path, int depth)
{
	unsigned char type = entry->d_type;
	struct stat info;
	int fd;

	if (type == DT_UNKNOWN &&
	    fstatat(dir_fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
		type = S_ISDIR(info.st_mode)   ? DT_DIR
		       : S_ISREG(info.st_mode) ? DT_REG
					       : DT_LNK;
	if (type == DT_DIR) {
		fd = openat(dir_fd, entry->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0) {
			scan_skip_errno(scan, path);
			return;
		}
		scan_folder(scan, fd, path, place, depth + 1);
		(void)close(fd);
	} else if (type == DT_REG) {
		scan->seen++;
		progress_step(scan->progress, 0, 1);
		if (place->verdict > GUARD_OWN && !scan_is_other(entry->d_name))
			scan_file(scan, place, dir_fd, entry->d_name, path);
	}
}

/* The guard's word on this folder.  Below a cloud's folder all is the
 * cloud's, but for what a person trusts. */
static bool
scan_judge(struct scan *scan, int fd, const char *path,
    const struct guard_place *above, struct guard_place *ret_place)
{
	if (above != NULL && above->verdict >= GUARD_REMOTE && !scan->trusts) {
		*ret_place = *above;
		return true;
	}
	if (place_run_judge(scan->places, fd, ret_place) == CARNET_OK)
		return true;
	scan_skip(scan, path, &scan->session->err);
	return false;
}

static void
scan_folder(struct scan *scan, int fd, const char *path,
    const struct guard_place *above, int depth)
{
	struct guard_place *place = malloc(sizeof(*place));
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (dir == NULL)
		scan_skip_errno(scan, path);
	if (dir == NULL && copy >= 0)
		(void)close(copy);
	if (place == NULL || dir == NULL || depth > SCAN_DEPTH ||
	    faccessat(fd, "carnet.head", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    !scan_judge(scan, fd, path, above, place))
		goto done;
	scan->folders++;
	while (scan->stop == CARNET_OK && (entry = readdir(dir)) != NULL) {
		char *below = NULL;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    asprintf(&below, "%s/%s",
			strcmp(path, "/") == 0 ? "" : path, entry->d_name) < 0)
			continue;
		scan_entry(scan, place, fd, entry, below, depth);
		free(below);
	}
done:
	if (dir != NULL)
		(void)closedir(dir);
	free(place);
}

/* --- the verb ---------------------------------------------------------------
 */

static void
scan_print(struct scan *scan)
{
	static const struct print_column columns[] = { { "kind", N_("KIND"),
							   false, false },
		{ "provider", N_("PROVIDER"), false, false },
		{ "verdict", N_("VERDICT"), false, false },
		{ "id", N_("ID"), false, false },
		{ "path", N_("PATH"), false, true },
		{ NULL, NULL, false, false } };
	struct session *session = scan->session;
	int found = cJSON_GetArraySize(scan->files), adopted = 0;
	const cJSON *row;

	cJSON_ArrayForEach(row, scan->files) adopted +=
	    carnet_json_bool(row, "adopted", false);
	if (found > 0) {
		cJSON *shown = cJSON_Duplicate(scan->files, 1);
		cJSON *line;

		cJSON_ArrayForEach(line, shown)
		{
			print_row_word(line, "kind");
			print_row_word(line, "verdict");
		}
		print_table(shown, columns);
		cJSON_Delete(shown);
	}
	session_say(session,
	    _("Files: %.0f, folders: %.0f; health files where others see "
	      "them: %d"),
	    (double)scan->seen, (double)scan->folders, found);
	if (adopted > 0)
		session_say(session,
		    _("Now in the vault, and gone from there: %d.  The "
		      "provider may keep copies all the same: look into its "
		      "trash and its older versions, and ask it to erase "
		      "them."),
		    adopted);
	else if (found > 0)
		session_say(session,
		    _("To take them into the vault and remove them there: "
		      "carnet guard scan DIR --adopt"));
}

/* With --adopt the vault is opened to write; else only for its trust. */
static enum carnet_status
scan_open_vault(struct scan *scan)
{
	struct session *session = scan->session;
	cJSON *places = NULL;
	enum carnet_status status = CARNET_OK;

	if (scan->adopt)
		status = session_open_vault(session, CARNET_WRITE);
	else if (session_has_secret(session) &&
		 carnet_vault_probe(session->vault_path, NULL) == CARNET_OK)
		status = session_open_vault(session, CARNET_READ);
	if (status == CARNET_OK && scan->adopt)
		status = session_person(session);
	if (status == CARNET_OK && session->vault != NULL)
		status = carnet_places(session->vault, &places, &session->err);
	scan->trusts = cJSON_GetArraySize(places) > 0;
	cJSON_Delete(places);
	return status;
}

static int
scan_finish(struct scan *scan)
{
	struct session *session = scan->session;
	int code = guard_exit_code(scan->worst);
	cJSON *result = cJSON_CreateObject();

	if (!session->json)
		scan_print(scan);
	if (code == EXIT_DONE && cJSON_GetArraySize(scan->skipped) > 0)
		code = EXIT_PARTIAL;
	json_add(result, "files", scan->files);
	json_add(result, "skipped", scan->skipped);
	json_add_number(result, "seen", (double)scan->seen);
	json_add_number(result, "opened", (double)scan->opened);
	json_add_number(result, "folders", (double)scan->folders);
	return session_result(session, result, code);
}

int
scan_run(struct session *session)
{
	struct scan scan = { .session = session,
		.worst = GUARD_LOCAL,
		.adopt = option_flag(session->options, "adopt") &&
			 !session->dry_run };
	const char *path = options_argument(session->options, 1);
	char real[PATH_MAX];
	enum carnet_status status = CARNET_OK;
	int fd;

	if (path == NULL || options_argument(session->options, 2) != NULL)
		return session_usage(session, _("scan which folder?"));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || realpath(path, real) == NULL)
		status = carnet_fail_errno(&session->err, errno, "%s", path);
	if (status == CARNET_OK)
		status = scan_open_vault(&scan);
	if (status == CARNET_OK)
		status = place_run_start(session, &scan.places);
	if (status != CARNET_OK) {
		if (fd >= 0)
			(void)close(fd);
		return session_fail(session, NULL);
	}
	scan.files = cJSON_CreateArray();
	scan.skipped = cJSON_CreateArray();
	scan.progress = progress_start(session, _("Looking"), 0);
	scan_folder(&scan, fd, real, NULL, 0);
	progress_stop(scan.progress);
	place_run_end(scan.places);
	(void)close(fd);
	return scan_finish(&scan);
}
