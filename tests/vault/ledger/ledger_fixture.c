/* SPDX-License-Identifier: ISC */
/*
 * The fixture of the ledger's tests.  Asserts whatever must not fail.
 * The contract is ledger_fixture.h.
 */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

const uint8_t fixture_vault[16] = { 1, 2, 3 };
const uint8_t fixture_device[DEVICE_ID_LEN] = { 0xd1 };
const uint8_t fixture_other[DEVICE_ID_LEN] = { 0xd2 };

void
fixture_open(struct fixture *fixture)
{
	static const uint8_t master[32] = { 42 };

	*fixture = (struct fixture){ 0 };
	(void)snprintf(
	    fixture->path, sizeof(fixture->path), "/tmp/carnet-ledger-XXXXXX");
	assert_non_null(mkdtemp(fixture->path));
	fixture->fd = open(fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fixture->fd >= 0);
	assert_int_equal(mkdirat(fixture->fd, "ledger", 0700), 0);
	fixture->master = secret_from(master, sizeof(master));
	assert_non_null(fixture->master);
	assert_int_equal(
	    keys_derive(fixture->master, &fixture->keys, NULL), CARNET_OK);
	assert_int_equal(ledger_open(fixture->fd, fixture_vault, fixture->keys,
			     &fixture->ledger, NULL),
	    CARNET_OK);
	memcpy(fixture->cursor.device, fixture_device, DEVICE_ID_LEN);
}

static int
fixture_remove(
    const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

void
fixture_close(struct fixture *fixture)
{
	ledger_free(fixture->ledger);
	keys_free(fixture->keys);
	secret_free(fixture->master);
	(void)close(fixture->fd);
	assert_int_equal(
	    nftw(fixture->path, fixture_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

struct event
fixture_event(const char *kind, const char *payload)
{
	struct event event = { .recorded = 1772668800000 };

	(void)snprintf(event.kind, sizeof(event.kind), "%s", kind);
	event.payload = (uint8_t *)strdup(payload == NULL ? "{}" : payload);
	assert_non_null(event.payload);
	event.payload_len = strlen((char *)event.payload);
	return event;
}

static void
fixture_append_events(struct fixture *fixture, struct event *events, size_t len)
{
	struct ledger_place places[FIXTURE_MAX];

	assert_true(len <= FIXTURE_MAX);
	assert_int_equal(
	    ledger_append(fixture->ledger, &fixture->cursor,
		fixture->cursor.lamport, events, len, places, NULL),
	    CARNET_OK);
	assert_int_equal(places[len - 1].end, fixture->cursor.end);
	for (size_t i = 0; i < len; i++)
		event_clear(&events[i]);
}

void
fixture_append(struct fixture *fixture, size_t len)
{
	struct event events[FIXTURE_MAX];

	for (size_t i = 0; i < len; i++)
		events[i] = fixture_event("vault.created", NULL);
	fixture_append_events(fixture, events, len);
}

void
fixture_append_one(
    struct fixture *fixture, const char *kind, const char *payload)
{
	struct event event = fixture_event(kind, payload);

	fixture_append_events(fixture, &event, 1);
}

static enum carnet_status
fixture_visit(void *context, const struct event *event,
    const struct ledger_place *place, struct carnet_error *err)
{
	struct fixture_report *report = context;

	(void)err;
	assert_true(report->events < FIXTURE_MAX);
	report->places[report->events] = *place;
	report->seqs[report->events++] = event->seq;
	return CARNET_OK;
}

static void
fixture_problem(void *context, const char *path, const char *detail)
{
	struct fixture_report *report = context;

	(void)path;
	assert_true(report->problems_len < FIXTURE_MAX);
	(void)snprintf(
	    report->problems[report->problems_len++], 160, "%s", detail);
}

static void
fixture_gap(void *context, const struct ledger_gap *gap)
{
	struct fixture_report *report = context;

	assert_true(report->gaps_len < FIXTURE_MAX);
	report->gaps[report->gaps_len++] = *gap;
}

void
fixture_read(struct fixture *fixture, const struct ledger_cursor *known,
    struct fixture_report *ret_report)
{
	const struct ledger_reading reading = { .known = known,
		.known_len = known == NULL ? 0 : 1,
		.visit = fixture_visit,
		.problem = fixture_problem,
		.gap = fixture_gap,
		.context = ret_report };
	size_t problems = 0;

	memset(ret_report, 0, sizeof(*ret_report));
	assert_int_equal(
	    ledger_read(fixture->ledger, &reading, &problems, NULL), CARNET_OK);
	assert_int_equal(problems, ret_report->problems_len);
}

static void
fixture_segment(struct fixture *fixture, uint64_t number, uint32_t revision,
    char path[LEDGER_PATH_TEXT])
{
	ledger_path(fixture->cursor.device, number, revision, path);
}

uint8_t *
fixture_load(struct fixture *fixture, uint64_t number, uint32_t revision,
    size_t *ret_len)
{
	char path[LEDGER_PATH_TEXT];
	uint8_t *bytes = NULL;

	fixture_segment(fixture, number, revision, path);
	assert_int_equal(
	    ledger_file_load(fixture->fd, path, &bytes, ret_len, NULL),
	    CARNET_OK);
	return bytes;
}

void
fixture_store(struct fixture *fixture, uint64_t number, uint32_t revision,
    const uint8_t *bytes, size_t len)
{
	char path[LEDGER_PATH_TEXT];
	int fd;

	fixture_segment(fixture, number, revision, path);
	fd = openat(fixture->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(
	    ledger_file_write_at(fd, path, bytes, len, 0, NULL), CARNET_OK);
	(void)close(fd);
}

void
fixture_flip(struct fixture *fixture, uint64_t number, uint64_t position)
{
	size_t len = 0;
	uint8_t *bytes = fixture_load(fixture, number, 0, &len);

	assert_true(position < len);
	bytes[position] ^= 0x10;
	fixture_store(fixture, number, 0, bytes, len);
	free(bytes);
}

bool
fixture_has(struct fixture *fixture, const char *path)
{
	return faccessat(fixture->fd, path, F_OK, 0) == 0;
}
