/* SPDX-License-Identifier: ISC */
/*
 * Snapshots are signed by the device that made them; another key is named,
 * whichever snapshot it is.  vault/backup/reading_ledger.c.
 */
#include "vault_fixture.h"

#include "backup.h"

#include <fcntl.h>
#include <unistd.h>

#define SNAPSHOTS 3 /* each goes on from the one before */

static void
add(struct fixture *fixture, int number)
{
	struct carnet_vault *vault =
	    fixture_open(fixture, fixture->path, CARNET_WRITE);
	char id[CARNET_ID_TEXT], text[32];
	cJSON *meta = cJSON_CreateObject();
	uint64_t new_bytes;
	bool duplicate;

	(void)snprintf(text, sizeof(text), "document %d", number);
	assert_non_null(
	    cJSON_AddStringToObject(meta, "person", fixture->person));
	assert_int_equal(carnet_document_add_bytes(vault, text, strlen(text),
			     meta, id, &new_bytes, &duplicate, NULL),
	    CARNET_OK);
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
	carnet_vault_close(vault);
}

static void
back_up(struct fixture *fixture, const char *to, char id[CARNET_ID_TEXT])
{
	const struct carnet_backup_options options = { .today = "2026-03-05" };
	struct carnet_vault *vault =
	    fixture_open(fixture, fixture->path, CARNET_WRITE);
	cJSON *report = NULL;

	assert_int_equal(
	    carnet_backup_make(vault, to, &options, &report, NULL), CARNET_OK);
	(void)snprintf(
	    id, CARNET_ID_TEXT, "%s", carnet_json_string(report, "snapshot"));
	cJSON_Delete(report);
	carnet_vault_close(vault);
}

static struct carnet_backup *
open_backup(struct fixture *fixture, const char *path)
{
	const struct carnet_unlock unlock = { .master = fixture->master };
	struct carnet_backup *backup = NULL;

	assert_int_equal(
	    carnet_backup_open(path, &unlock, &backup, NULL), CARNET_OK);
	return backup;
}

/* The same snapshot, signed by a key that nobody has introduced. */
static void
sign_by_another(struct carnet_backup *backup, const char *id)
{
	uint8_t bytes[64 << 10], *forged = NULL;
	struct snapshot snapshot = { 0 };
	struct secret *secret = NULL;
	size_t forged_len = 0;
	char path[64];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "snapshots/%s", id);
	fd = openat(backup->fd, path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	len = read(fd, bytes, sizeof(bytes));
	assert_true(len > 0 && (size_t)len < sizeof(bytes));
	assert_int_equal(snapshot_decode(bytes, (size_t)len, id,
			     backup->vault_id, backup->keys, &snapshot, NULL),
	    CARNET_OK);
	assert_int_equal(
	    sign_keypair(snapshot.device_public, &secret, NULL), CARNET_OK);
	assert_int_equal(snapshot_encode(&snapshot, backup->vault_id,
			     backup->keys, secret, &forged, &forged_len, NULL),
	    CARNET_OK);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, forged, forged_len, 0), forged_len);
	(void)close(fd);
	free(forged);
	secret_free(secret);
	snapshot_clear(&snapshot);
}

static void
expect_named(struct carnet_backup *backup, const char *id)
{
	const cJSON *problems, *one;
	cJSON *report = NULL;

	assert_int_equal(
	    carnet_backup_check(backup, true, NULL, NULL, &report, NULL),
	    CARNET_OK);
	problems = carnet_json_get(report, "problems");
	one = cJSON_GetArrayItem(problems, 0);
	assert_int_equal(cJSON_GetArraySize(problems), id == NULL ? 0 : 1);
	assert_true(carnet_json_bool(report, "ok", false) == (id == NULL));
	if (id != NULL) {
		assert_string_equal(carnet_json_string(one, "id"), id);
		assert_non_null(
		    strstr(carnet_json_string(one, "detail"), "signed"));
	}
	cJSON_Delete(report);
}

static void
another_key_is_named(void **state)
{
	struct fixture fixture;
	struct carnet_backup *backup;
	char ids[SNAPSHOTS][CARNET_ID_TEXT], to[96];

	(void)state;
	for (int forged = 0; forged < SNAPSHOTS; forged++) {
		fixture_make(&fixture);
		(void)snprintf(to, sizeof(to), "%s/backup", fixture.top);
		for (int i = 0; i < SNAPSHOTS; i++) {
			add(&fixture, i);
			back_up(&fixture, to, ids[i]);
		}
		backup = open_backup(&fixture, to);
		expect_named(backup, NULL);
		sign_by_another(backup, ids[forged]);
		expect_named(backup, ids[forged]);
		carnet_backup_close(backup);
		fixture_remove(&fixture);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_key_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
