/* SPDX-License-Identifier: ISC */
/*
 * verify: is this file, statement or dossier what was signed?  Opens no
 * vault and needs none.  Without a key that the checker knows, nothing more
 * than "intact, signer unconfirmed" can be said.  docs/verify.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key_words.h"
#include "verify.h"

#define VERIFY_TEXT_MAX ((size_t)1 << 20)

static const struct option_row verify_options[] = {
	{ "key", OPTION_TEXT, "KEY|FILE",
	    N_("the signer's public key, as you got it from them") },
	{ "words", OPTION_FLAG, NULL,
	    N_("the key that signed as words, to compare with those on a "
	       "letter") },
	OPTIONS_END
};

bool
verify_ends(const char *text, const char *ending)
{
	size_t len = strlen(text), ending_len = strlen(ending);

	return len > ending_len && strcmp(text + len - ending_len, ending) == 0;
}

static void
verify_file(struct verify *verify, const char *path, const char *problem)
{
	cJSON *row = cJSON_CreateObject();

	json_add_text(row, "path", path);
	json_add_bool(row, "ok", problem == NULL);
	json_add_text(row, "problem", problem);
	(void)cJSON_AddItemToArray(verify->files, row);
	verify->changed |= problem != NULL;
}

/* A small file as text; the caller frees. */
static enum carnet_status
verify_read(int dir_fd, const char *name, char **ret_text, size_t *ret_len,
    struct carnet_error *err)
{
	int fd =
	    openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0 && errno == ENOENT)
		return carnet_fail(err, CARNET_NOT_FOUND,
		    _("%s: there is no such file"), name);
	text = fd < 0 ? NULL : malloc(VERIFY_TEXT_MAX + 1);
	while (text != NULL && n != 0 && len < VERIFY_TEXT_MAX) {
		n = read(fd, text + len, VERIFY_TEXT_MAX - len);
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	if (text == NULL || n != 0) {
		enum carnet_status status =
		    n > 0 ? carnet_fail(err, CARNET_INVALID,
				_("%s: too large for a signature or record"),
				name)
			  : carnet_fail_errno(err, errno, "%s", name);

		free(text);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	(void)close(fd);
	text[len] = '\0';
	*ret_text = text;
	*ret_len = len;
	return CARNET_OK;
}

/* --- what to check ---------------------------------------------------------
 */

/* A folder, a file, or a signature: dir_fd and the signed file's name. */
static enum carnet_status
verify_locate(struct verify *verify, const char *path)
{
	struct carnet_error *err = &verify->session->err;
	const char *slash = strrchr(path, '/');
	char folder[4096];
	struct stat info;

	if (stat(path, &info) != 0)
		return errno == ENOENT
			   ? carnet_fail(err, CARNET_NOT_FOUND,
				 _("there is no such file"))
			   : carnet_fail_errno(err, errno, _("cannot open"));
	if (S_ISDIR(info.st_mode))
		(void)snprintf(folder, sizeof(folder), "%s", path);
	else if (slash == NULL)
		(void)snprintf(folder, sizeof(folder), ".");
	else
		(void)snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash - path) + 1, path);
	verify->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (verify->dir_fd < 0)
		return carnet_fail_errno(err, errno, "%s", folder);
	if (S_ISDIR(info.st_mode))
		return verify_find_records(verify);
	(void)snprintf(verify->name, sizeof(verify->name), "%s",
	    slash == NULL ? path : slash + 1);
	if (verify_ends(verify->name, SIGNATURE_ENDING))
		verify->name[strlen(verify->name) - strlen(SIGNATURE_ENDING)] =
		    '\0';
	return CARNET_OK;
}

/* --- checking ---------------------------------------------------------------
 */

/* The key of --key: itself, or a file that holds it. */
static enum carnet_status
verify_take_key(struct verify *verify)
{
	struct carnet_error *err = &verify->session->err;
	const char *given = option_text(verify->session->options, "key");
	enum carnet_status status;
	char *text = NULL;
	size_t len;

	if (given == NULL)
		return CARNET_OK;
	verify->has_key = true;
	if (minisign_key_parse(given, &verify->key, NULL) == CARNET_OK)
		return CARNET_OK;
	if (verify_read(AT_FDCWD, given, &text, &len, NULL) != CARNET_OK) {
		carnet_fail(err, CARNET_INVALID,
		    _("--key: neither a minisign public key nor a file"));
		carnet_hint(err, _("a key begins with RW and has 56 "
				   "characters"));
		return CARNET_INVALID;
	}
	status = minisign_key_parse(text, &verify->key, err);
	free(text);
	return status;
}

/* The record's own key, when the signed file is a record; its JSON. */
static cJSON *
verify_parse_record(const struct verify *verify, struct minisign_key *ret_key)
{
	int64_t version = 0;
	cJSON *record = NULL;
	const char *key;
	char *text = NULL;
	size_t len = 0;

	if (!verify_ends(verify->name, RECORD_ENDING) ||
	    verify_read(verify->dir_fd, verify->name, &text, &len, NULL) !=
		CARNET_OK)
		return NULL;
	(void)carnet_json_parse(text, len, &record, NULL);
	free(text);
	key = carnet_json_string(record, "public_key");
	if (strcmp(json_text(record, "format"), RECORD_FORMAT) != 0 ||
	    !carnet_json_int(record, "version", &version) || version != 1 ||
	    key == NULL ||
	    minisign_key_parse(key, ret_key, NULL) != CARNET_OK) {
		cJSON_Delete(record);
		return NULL;
	}
	return record;
}

/* Paths stay inside the folder: no slash, no "..". */
static void
verify_listed(struct verify *verify, const cJSON *file)
{
	const char *path = json_text(file, "path");
	const char *wanted = json_text(file, "sha256");
	char sha256[65];

	if (path[0] == '\0' || path[0] == '/' || strstr(path, "..") != NULL) {
		verify_file(verify, path, _("its place is outside the folder"));
		return;
	}
	if (record_hash_file(verify->dir_fd, path, sha256, NULL,
		&verify->session->err) != CARNET_OK)
		verify_file(verify, path, verify->session->err.message);
	else
		verify_file(verify, path,
		    strcmp(sha256, wanted) == 0 ? NULL : _("it was changed"));
}

/* Several records of a folder may have several signers. */
static void
verify_add_key(struct verify *verify)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, verify->keys)
	{
		if (strcmp(one->valuestring, verify->public_key) == 0)
			return;
	}
	(void)cJSON_AddItemToArray(
	    verify->keys, cJSON_CreateString(verify->public_key));
}

/* Who is taken for the signer: --key, else a record's own key. */
static enum carnet_status
verify_signature(struct verify *verify, const struct minisign_key *own)
{
	struct carnet_error *err = &verify->session->err;
	const struct minisign_key *key = verify->has_key ? &verify->key : own;
	struct minisign_signature signature;
	char name[sizeof(verify->name) + sizeof(SIGNATURE_ENDING)];
	uint8_t digest[MINISIGN_DIGEST_LEN];
	char trusted[sizeof(verify->name) + sizeof(RECORD_TRUSTED)];
	char *text = NULL;
	size_t len = 0;
	enum carnet_status status;
	bool good;

	(void)snprintf(
	    name, sizeof(name), "%s%s", verify->name, SIGNATURE_ENDING);
	status = verify_read(verify->dir_fd, name, &text, &len, err);
	if (status == CARNET_OK &&
	    minisign_parse(text, len, &signature, err) != CARNET_OK) {
		free(text);
		verify_file(verify, name, _("it is no signature"));
		return CARNET_OK;
	}
	free(text);
	if (status == CARNET_OK)
		status = record_hash_file(
		    verify->dir_fd, verify->name, NULL, digest, err);
	if (status != CARNET_OK)
		return status;
	/* a signature over something else, renamed, proves no record */
	if (own == NULL && verify_ends(verify->name, RECORD_ENDING)) {
		verify_file(verify, verify->name, _("it is no record"));
		return CARNET_OK;
	}
	if (key == NULL) {
		carnet_fail(err, CARNET_INVALID,
		    _("without the signer's key nothing can be checked"));
		carnet_hint(err, _("give it: carnet verify %s --key KEY"),
		    verify->name);
		return CARNET_INVALID;
	}
	good = minisign_verify(&signature, key, digest);
	if (own != NULL) {
		(void)snprintf(
		    trusted, sizeof(trusted), RECORD_TRUSTED, verify->name);
		good = good && strcmp(signature.trusted, trusted) == 0;
	}
	verify_file(verify, verify->name,
	    good ? NULL : _("it isn't what this key signed"));
	verify->confirmed = good && verify->has_key;
	if (good) {
		minisign_key_text(key, verify->public_key);
		free(verify->trusted);
		verify->trusted = strdup(signature.trusted);
		verify_add_key(verify);
	}
	return CARNET_OK;
}

/* One signed file, and if it is a record all that it lists. */
static enum carnet_status
verify_one(struct verify *verify)
{
	struct minisign_key own = { 0 };
	cJSON *record = verify_parse_record(verify, &own);
	const cJSON *file;
	bool before = verify->changed;
	enum carnet_status status;

	verify->changed = false;
	status = verify_signature(verify, record == NULL ? NULL : &own);
	/* what an unsigned record says of other files means nothing */
	if (status == CARNET_OK && !verify->changed)
		cJSON_ArrayForEach(file, carnet_json_get(record, "files"))
		    verify_listed(verify, file);
	verify->changed |= before;
	cJSON_Delete(record);
	return status;
}

static enum carnet_status
verify_all(struct verify *verify, const char *path)
{
	const cJSON *name;
	enum carnet_status status = verify_take_key(verify);

	if (status == CARNET_OK)
		status = verify_locate(verify, path);
	if (status == CARNET_OK && cJSON_GetArraySize(verify->names) == 0)
		return verify_one(verify);
	cJSON_ArrayForEach(name, verify->names)
	{
		if (status != CARNET_OK)
			break;
		(void)snprintf(verify->name, sizeof(verify->name), "%s",
		    name->valuestring);
		status = verify_one(verify);
	}
	if (status == CARNET_OK)
		status = verify_find_unsigned(verify);
	return status;
}

static const char *
verify_verdict(const struct verify *verify)
{
	if (verify->changed)
		return "changed";
	return verify->confirmed ? "valid" : "intact";
}

/* A key as words, four a line: what is read out on the telephone. */
static void
verify_print_words(const struct verify *verify, const char *text)
{
	char words[KEY_WORDS_COUNT][KEY_WORDS_TEXT];
	struct minisign_key key;

	if (minisign_key_parse(text, &key, NULL) != CARNET_OK)
		return;
	key_words(key.public_key, verify->session->lang, words);
	for (size_t i = 0; i < KEY_WORDS_COUNT; i += 4) {
		char line[4 * (KEY_WORDS_TEXT + 20)] = "";
		size_t at = 0;

		for (size_t j = i; j < i + 4; j++) {
			int pad = 10;

			for (const char *c = words[j]; *c != '\0'; c++)
				pad -= (*c & 0xc0) != 0x80;
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			    "%2zu. %s%*s", j + 1, words[j],
			    j == i + 3 ? 0 : pad, "");
		}
		print_line("%s", line);
	}
}

/* Each key that signed, with its words where they are asked for. */
static void
verify_print_keys(const struct verify *verify, bool names)
{
	const cJSON *key;

	cJSON_ArrayForEach(key, verify->keys)
	{
		if (names)
			print_line("%s", key->valuestring);
		if (option_flag(verify->session->options, "words"))
			verify_print_words(verify, key->valuestring);
	}
}

static cJSON *
verify_words(const struct verify *verify)
{
	char words[KEY_WORDS_COUNT][KEY_WORDS_TEXT];
	struct minisign_key key;
	cJSON *list;

	if (cJSON_GetArraySize(verify->keys) != 1 ||
	    minisign_key_parse(verify->public_key, &key, NULL) != CARNET_OK)
		return cJSON_CreateNull();
	list = cJSON_CreateArray();
	key_words(key.public_key, verify->session->lang, words);
	for (size_t i = 0; i < KEY_WORDS_COUNT; i++)
		(void)cJSON_AddItemToArray(list, cJSON_CreateString(words[i]));
	return list;
}

static void
verify_print(const struct verify *verify)
{
	int count = cJSON_GetArraySize(verify->files);
	const cJSON *file;

	cJSON_ArrayForEach(
	    file, verify->files) if (!cJSON_IsTrue(carnet_json_get(file, "ok")))
	    print_line(
		"%s: %s", json_text(file, "path"), json_text(file, "problem"));
	if (verify->changed)
		print_line("%s", _("Not what was signed."));
	else if (verify->confirmed)
		print_line(
		    PLURAL_("Valid: %d file, signed by the key you gave.",
			"Valid: %d files, signed by the key you gave.", count),
		    count);
	else if (cJSON_GetArraySize(verify->keys) > 1)
		print_line(_("Intact, signers unconfirmed: %d files are as "
			     "they were signed, by the %d keys below. Ask the "
			     "signers whether they are theirs."),
		    count, cJSON_GetArraySize(verify->keys));
	else
		print_line(
		    PLURAL_("Intact, signer unconfirmed: %d file is as it was "
			    "signed, by the key %s. Ask the signer whether it "
			    "is theirs.",
			"Intact, signer unconfirmed: %d files are as they were "
			"signed, by the key %s. Ask the signer whether it is "
			"theirs.",
			count),
		    count, verify->public_key);
	if (!verify->changed && !verify->confirmed &&
	    cJSON_GetArraySize(verify->keys) > 1)
		verify_print_keys(verify, true);
	else if (option_flag(verify->session->options, "words"))
		verify_print_keys(verify, false);
	cJSON_ArrayForEach(file, verify->unsigned_names)
	    print_line(_("%s: not signed"), file->valuestring);
}

static int
verify_run(struct session *session)
{
	const char *path = options_argument(session->options, 0);
	struct verify verify = { .session = session, .dir_fd = -1 };
	enum carnet_status status;
	cJSON *result;
	int code;

	if (options_argc(session->options) != 1)
		return session_usage(
		    session, _("verify one file, or one folder"));
	verify.files = cJSON_CreateArray();
	verify.names = cJSON_CreateArray();
	verify.keys = cJSON_CreateArray();
	verify.unsigned_names = cJSON_CreateArray();
	status = verify_all(&verify, path);
	if (verify.dir_fd >= 0)
		(void)close(verify.dir_fd);
	cJSON_Delete(verify.names);
	if (status != CARNET_OK) {
		cJSON_Delete(verify.files);
		cJSON_Delete(verify.keys);
		cJSON_Delete(verify.unsigned_names);
		free(verify.trusted);
		return session_fail(session, path);
	}
	if (!session->json)
		verify_print(&verify);
	result = cJSON_CreateObject();
	json_add_bool(result, "ok", !verify.changed);
	json_add_text(result, "verdict", verify_verdict(&verify));
	json_add_text(result, "public_key",
	    cJSON_GetArraySize(verify.keys) == 1 ? verify.public_key : NULL);
	json_add(result, "key_words", verify_words(&verify));
	json_add(result, "public_keys", verify.keys);
	json_add_text(result, "trusted_comment", verify.trusted);
	json_add(result, "files", verify.files);
	json_add(result, "unsigned", verify.unsigned_names);
	code = verify.changed ? EXIT_DAMAGED : EXIT_DONE;
	free(verify.trusted);
	return session_result(session, result, code);
}

const struct verb verb_verify = { "verify", N_("FILE|DIR [--key KEY]"),
	N_("is this what was signed? needs no vault"), NEED_NOTHING,
	verify_options, verify_run, "carnet verify plainte" };
