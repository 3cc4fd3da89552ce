/* SPDX-License-Identifier: ISC */
/*
 * Packs gathered: nothing changes but where bytes lie; readers, orphans, hurt
 * packs, gaps.  vault/compact.c, orphans.c; what is worth it is
 * test_compact_plan.c.
 */
#include "vault_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#define DOCS 8

struct texts {
	struct fixture fixture;
	char ids[DOCS][CARNET_ID_TEXT];
};

static void
text_of(unsigned number, char text[64])
{
	(void)snprintf(text, 64, "synthetic document number %u", number);
}

static void
add_text(struct texts *texts, struct carnet_vault *vault, unsigned number)
{
	cJSON *meta = cJSON_CreateObject();
	bool duplicate = false;
	char text[64];

	text_of(number, text);
	(void)cJSON_AddStringToObject(meta, "person", texts->fixture.person);
	(void)cJSON_AddStringToObject(meta, "source", "f.txt");
	assert_int_equal(carnet_document_add_bytes(vault, text, strlen(text),
			     meta, texts->ids[number], NULL, &duplicate, NULL),
	    CARNET_OK);
	assert_int_equal(carnet_commit(vault, NULL), CARNET_OK);
}

static int
set_up(void **state)
{
	struct texts *texts = calloc(1, sizeof(*texts));
	struct carnet_vault *vault;

	fixture_make(&texts->fixture);
	fixture_fill(&texts->fixture);
	vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);
	for (unsigned i = 0; i < DOCS; i++)
		add_text(texts, vault, i);
	carnet_vault_close(vault);
	*state = texts;
	return 0;
}

static int
tear_down(void **state)
{
	struct texts *texts = *state;

	fixture_remove(&texts->fixture);
	free(texts);
	return 0;
}

struct gathered {
	char bytes[64];
	size_t len;
};

static bool
gather(void *context, const uint8_t *bytes, size_t len)
{
	struct gathered *gathered = context;

	assert_true(gathered->len + len < sizeof(gathered->bytes));
	memcpy(gathered->bytes + gathered->len, bytes, len);
	gathered->len += len;
	return true;
}

static void
expect_text(struct texts *texts, struct carnet_vault *vault, unsigned number)
{
	struct gathered gathered = { { 0 }, 0 };
	char text[64];

	text_of(number, text);
	assert_int_equal(carnet_document_read(vault, texts->ids[number], gather,
			     &gathered, NULL),
	    CARNET_OK);
	assert_string_equal(gathered.bytes, text);
}

static void
expect_all(struct texts *texts)
{
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_READ);

	for (unsigned i = 0; i < DOCS; i++)
		expect_text(texts, vault, i);
	carnet_vault_close(vault);
}

static cJSON *
compact_on(struct texts *texts, const char *today, uint64_t round)
{
	const struct carnet_compact_options options = { .today = today,
		.round_bytes = round };
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);
	cJSON *report = NULL;

	assert_int_equal(
	    carnet_compact(vault, &options, &report, NULL), CARNET_OK);
	assert_int_equal(
	    cJSON_GetArraySize(carnet_json_get(report, "failed")), 0);
	carnet_vault_close(vault);
	return report;
}

static int
number_in(const cJSON *report, const char *key)
{
	int64_t number = -1;

	assert_true(carnet_json_int(report, key, &number));
	return (int)number;
}

/* One number of one run's report. */
static int
compact_and(struct texts *texts, const char *today, const char *key)
{
	cJSON *report = compact_on(texts, today, 0);
	int number = number_in(report, key);

	cJSON_Delete(report);
	return number;
}

static bool
is_ok(struct texts *texts)
{
	const struct carnet_unlock unlock = { .master = texts->fixture.master };
	cJSON *report = NULL;
	bool ok;

	assert_int_equal(carnet_check(texts->fixture.path, &unlock, true, NULL,
			     NULL, &report, NULL),
	    CARNET_OK);
	ok = carnet_json_bool(report, "ok", false);
	cJSON_Delete(report);
	return ok;
}

static int
repair_problems(struct texts *texts)
{
	const struct carnet_unlock unlock = { .master = texts->fixture.master };
	cJSON *report = NULL;
	int problems;

	assert_int_equal(
	    carnet_repair(texts->fixture.path, &unlock, NULL, &report, NULL),
	    CARNET_OK);
	problems = cJSON_GetArraySize(carnet_json_get(report, "problems"));
	cJSON_Delete(report);
	return problems;
}

/* --- what stays as it was ------------------------------------------------- */

static void
nothing_changes_but_where_bytes_lie(void **state)
{
	struct texts *texts = *state;
	uint8_t before[HASH_LEN], after[HASH_LEN];
	cJSON *report;

	fixture_digest(&texts->fixture, texts->fixture.path, before);
	report = compact_on(texts, "2026-03-05", 0);
	assert_true(number_in(report, "packs_before") > DOCS);
	assert_int_equal(number_in(report, "packs_after"), 1);
	assert_int_equal(
	    number_in(report, "gathered"), number_in(report, "packs_before"));
	assert_int_equal(number_in(report, "set_aside"), 0);
	cJSON_Delete(report);
	for (int i = 0; i < 2; i++) {
		fixture_digest(&texts->fixture, texts->fixture.path, after);
		assert_memory_equal(after, before, HASH_LEN);
		assert_true(is_ok(texts));
		expect_all(texts);
		/* and a new index, from ledger and packs alone */
		fixture_shell(&texts->fixture, "rm %s/vault/index.db");
	}
	assert_int_equal(repair_problems(texts), 0);
	fixture_digest(&texts->fixture, texts->fixture.path, after);
	assert_memory_equal(after, before, HASH_LEN);
	assert_int_equal(compact_and(texts, "2026-03-05", "gathered"), 0);
}

static void
rounds_leave_as_little_as_one(void **state)
{
	struct texts *texts = *state;
	cJSON *report = compact_on(texts, "2026-03-05", 100);

	assert_true(number_in(report, "written") > 2);
	assert_int_equal(number_in(report, "packs_after"), 1);
	cJSON_Delete(report);
	assert_true(is_ok(texts));
	expect_all(texts);
}

static void
a_dry_run_only_says_it(void **state)
{
	struct texts *texts = *state;
	const struct carnet_compact_options options = { .today = "2026-03-05",
		.dry_run = true };
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_READ);
	cJSON *report = NULL, *done;

	assert_int_equal(
	    carnet_compact(vault, &options, &report, NULL), CARNET_OK);
	carnet_vault_close(vault);
	done = compact_on(texts, "2026-03-05", 0);
	assert_int_equal(
	    number_in(report, "packs_before"), number_in(done, "packs_before"));
	assert_int_equal(
	    number_in(report, "packs_after"), number_in(done, "packs_after"));
	assert_int_equal(
	    number_in(report, "bytes_after"), number_in(done, "bytes_after"));
	cJSON_Delete(report);
	cJSON_Delete(done);
}

static void
readers_keep_what_they_read(void **state)
{
	struct texts *texts = *state;
	struct carnet_vault *reader =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_READ);
	cJSON *report;

	expect_text(texts, reader, 0);
	report = compact_on(texts, "2026-03-05", 0);
	assert_true(number_in(report, "left") > DOCS);
	cJSON_Delete(report);
	for (unsigned i = 0; i < DOCS; i++)
		expect_text(texts, reader, i);
	carnet_vault_close(reader);
	assert_true(is_ok(texts));
	report = compact_on(texts, "2026-03-05", 0);
	assert_true(number_in(report, "gathered") > DOCS);
	assert_int_equal(number_in(report, "written"), 0);
	assert_int_equal(number_in(report, "packs_after"), 1);
	cJSON_Delete(report);
	expect_all(texts);
}

/* --- what nobody names ---------------------------------------------------- */

/* A pack of one chunk that no event names. */
static void
put_unnamed(struct texts *texts, const char *text)
{
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);
	struct content content = { 0 };
	struct chunk_row *rows = NULL;
	size_t len = 0;

	assert_int_equal(store_put_bytes(vault->store, text, strlen(text),
			     &content, NULL, NULL),
	    CARNET_OK);
	assert_int_equal(
	    store_flush(vault->store, &rows, &len, NULL), CARNET_OK);
	content_clear(&content);
	free(rows);
	carnet_vault_close(vault);
}

static void
what_nobody_names_goes_after_thirty_days(void **state)
{
	struct texts *texts = *state;

	put_unnamed(texts, "nobody names this");
	assert_int_equal(compact_and(texts, "2026-03-05", "set_aside"), 1);
	assert_true(is_ok(texts));
	assert_int_equal(compact_and(texts, "2026-04-03", "expired"), 0);
	/* a clock that was wrong then is no reason to delete now */
	assert_int_equal(compact_and(texts, "2020-01-01", "expired"), 0);
	fixture_shell(&texts->fixture, "test -f %s/vault/orphans/2026-03-05-*");
	assert_int_equal(compact_and(texts, "2026-04-04", "expired"), 1);
	fixture_shell(&texts->fixture, "! ls %s/vault/orphans/* 2>/dev/null");
	expect_all(texts);
}

/* Where a document's only chunk lies. */
static struct chunk_place
place_of(struct texts *texts, unsigned number)
{
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_READ);
	struct content content = { 0 };
	struct chunk_place place;

	assert_int_equal(index_document_content(
			     vault->index, texts->ids[number], &content, NULL),
	    CARNET_OK);
	assert_int_equal(content.len, 1);
	assert_int_equal(
	    index_find_chunk(vault->index, &content.names[0], &place), 1);
	content_clear(&content);
	carnet_vault_close(vault);
	return place;
}

/* As if nobody had named it when compact came by. */
static void
lose_to_orphans(struct texts *texts, unsigned number)
{
	const struct carnet_date date = { 2026, 3, 5 };
	struct chunk_place place = place_of(texts, number);
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);

	assert_int_equal(
	    orphans_set_aside(vault, place.pack, date, NULL), CARNET_OK);
	carnet_vault_close(vault);
	fixture_shell(&texts->fixture, "rm %s/vault/index.db");
	assert_false(is_ok(texts));
}

static void
what_is_named_after_all_comes_back(void **state)
{
	struct texts *texts = *state;

	lose_to_orphans(texts, 3);
	assert_int_equal(repair_problems(texts), 0);
	assert_true(is_ok(texts));
	expect_all(texts);
	lose_to_orphans(texts, 5);
	assert_int_equal(compact_and(texts, "2027-01-01", "brought_back"), 1);
	assert_true(is_ok(texts));
	expect_all(texts);
}

/* The same chunks once more, in a pack that the index doesn't know. */
static void
double_pack(struct texts *texts, const uint8_t id[PACK_ID_LEN])
{
	struct carnet_vault *vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);
	struct chunk_row *rows = NULL;
	size_t saved = 0, len = 0;

	assert_int_equal(
	    store_salvage_pack(vault->store, id, NULL, 0, &saved, NULL),
	    CARNET_OK);
	assert_int_equal(
	    store_flush(vault->store, &rows, &len, NULL), CARNET_OK);
	assert_int_equal(len, 1);
	free(rows);
	carnet_vault_close(vault);
}

static void
what_is_purged_goes_from_orphans_too(void **state)
{
	static const uint8_t zeros[PACK_ID_LEN];
	struct texts *texts = *state;
	const struct carnet_date date = { 2026, 3, 5 };
	struct chunk_place place = place_of(texts, 2);
	struct carnet_vault *vault;
	char path[160], hex[2 * PACK_ID_LEN + 1];
	uint8_t bytes[PACK_ID_LEN];
	int fd;

	double_pack(texts, place.pack);
	vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);
	assert_int_equal(
	    orphans_set_aside(vault, place.pack, date, NULL), CARNET_OK);
	carnet_vault_close(vault);
	fixture_shell(&texts->fixture, "rm %s/vault/index.db");
	vault =
	    fixture_open(&texts->fixture, texts->fixture.path, CARNET_WRITE);
	assert_int_equal(
	    carnet_document_purge(vault, texts->ids[2], NULL), CARNET_OK);
	carnet_vault_close(vault);
	hex_encode(place.pack, PACK_ID_LEN, hex);
	(void)snprintf(path, sizeof(path), "%s/orphans/2026-03-05-%s",
	    texts->fixture.path, hex);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (uint32_t at = 0; at + sizeof(bytes) <= place.len;
	     at += sizeof(bytes)) {
		assert_int_equal(
		    pread(fd, bytes, sizeof(bytes), (off_t)(place.offset + at)),
		    sizeof(bytes));
		assert_memory_equal(bytes, zeros, sizeof(bytes));
	}
	(void)close(fd);
}

/* --- what is hurt --------------------------------------------------------- */

/* Flips a byte of the chunk; the pack's list stays whole. */
static void
hurt(struct texts *texts, const struct chunk_place *place)
{
	char path[PACK_PATH_TEXT], full[160];
	uint8_t byte = 0;
	int fd;

	pack_path(place->pack, path);
	(void)snprintf(full, sizeof(full), "%s/%s", texts->fixture.path, path);
	fd = open(full, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)(place->offset + 30)), 1);
	byte ^= 0x41;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)(place->offset + 30)), 1);
	(void)close(fd);
}

static void
a_hurt_pack_stays_and_the_rest_goes_on(void **state)
{
	struct texts *texts = *state;
	struct chunk_place place = place_of(texts, 4);
	struct carnet_vault *vault;
	cJSON *report;

	hurt(texts, &place);
	report = compact_on(texts, "2026-03-05", 0);
	assert_int_equal(
	    cJSON_GetArraySize(carnet_json_get(report, "problems")), 1);
	assert_int_equal(number_in(report, "packs_after"), 2);
	cJSON_Delete(report);
	vault = fixture_open(&texts->fixture, texts->fixture.path, CARNET_READ);
	for (unsigned i = 0; i < DOCS; i++)
		if (i != 4)
			expect_text(texts, vault, i);
	carnet_vault_close(vault);
}

/* Two copies, and one of them is hurt: the other one counts. */
static void
the_whole_one_of_two_copies_is_kept(void **state)
{
	struct texts *texts = *state;
	struct chunk_place place = place_of(texts, 6);

	double_pack(texts, place.pack);
	hurt(texts, &place);
	assert_in_range(compact_and(texts, "2026-03-05", "packs_after"), 1, 2);
	expect_all(texts);
	assert_int_not_equal(
	    memcmp(place_of(texts, 6).pack, place.pack, PACK_ID_LEN), 0);
}

/* What a lost event may have named is not thrown away. */
static void
a_gap_keeps_everything(void **state)
{
	struct texts *texts = *state;
	cJSON *report;

	put_unnamed(texts, "nobody names this");
	fixture_shell(&texts->fixture,
	    "printf 'hurt' | dd of=$(find %s/vault/ledger -type f) bs=1 "
	    "seek=2000 conv=notrunc status=none");
	assert_true(repair_problems(texts) > 0);
	report = compact_on(texts, "2026-03-05", 0);
	assert_true(carnet_json_bool(report, "unsure", false));
	assert_int_equal(number_in(report, "set_aside"), 0);
	assert_int_equal(number_in(report, "packs_after"), 1);
	cJSON_Delete(report);
	fixture_shell(&texts->fixture, "! test -e %s/vault/orphans");
}

/* An index from before: check names it, repair makes it again. */
static void
an_index_put_back_is_named(void **state)
{
	struct texts *texts = *state;

	fixture_shell(&texts->fixture, "cp %s/vault/index.db %s/index.before");
	cJSON_Delete(compact_on(texts, "2026-03-05", 0));
	fixture_shell(&texts->fixture, "cp %s/index.before %s/vault/index.db");
	assert_false(is_ok(texts));
	assert_int_equal(repair_problems(texts), 0);
	assert_true(is_ok(texts));
	expect_all(texts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_changes_but_where_bytes_lie),
		TEST(rounds_leave_as_little_as_one),
		TEST(a_dry_run_only_says_it),
		TEST(readers_keep_what_they_read),
		TEST(what_nobody_names_goes_after_thirty_days),
		TEST(what_is_named_after_all_comes_back),
		TEST(what_is_purged_goes_from_orphans_too),
		TEST(a_hurt_pack_stays_and_the_rest_goes_on),
		TEST(the_whole_one_of_two_copies_is_kept),
		TEST(a_gap_keeps_everything),
		TEST(an_index_put_back_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
