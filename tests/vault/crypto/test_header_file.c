/* SPDX-License-Identifier: ISC */
/* The two copies on disk: hurt, missing, older, foreign, half written. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "header_fixture.h"

static const char *const names[2] = { "carnet.head", "carnet.head.1" };

struct folder {
	struct fixture fixture;
	char path[64];
	int fd;
};

static void
put(int fd, const char *name, const uint8_t *bytes, size_t len)
{
	/* no O_TRUNC: ext4 would sync the disk each time */
	int file = openat(fd, name, O_WRONLY | O_CREAT, 0600);

	assert_true(file >= 0);
	assert_int_equal(write(file, bytes, len), len);
	assert_int_equal(ftruncate(file, (off_t)len), 0);
	assert_int_equal(close(file), 0);
}

static size_t
get(int fd, const char *name, uint8_t *bytes, size_t room)
{
	int file = openat(fd, name, O_RDONLY);
	ssize_t len;

	assert_true(file >= 0);
	len = read(file, bytes, room);
	assert_true(len >= 0);
	assert_int_equal(close(file), 0);
	return (size_t)len;
}

static bool
exists(int fd, const char *name)
{
	return faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int
folder_make(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	strcpy(folder->path, "/tmp/carnet-header-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY);
	assert_true(folder->fd >= 0);
	fixture_make(&folder->fixture);
	assert_int_equal(header_store(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_OK);
	*state = folder;
	return 0;
}

static int
folder_clear(void **state)
{
	static const char *const all[] = { "carnet.head", "carnet.head.1",
		"carnet.head.new", "carnet.head.1.new" };
	struct folder *folder = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (unlinkat(folder->fd, all[i], 0) != 0)
			(void)unlinkat(folder->fd, all[i], AT_REMOVEDIR);
	fixture_clear(&folder->fixture);
	(void)close(folder->fd);
	assert_int_equal(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

/* Loads, compares ret_bad, opens with the words; the caller frees. */
static struct header *
loads(const struct folder *folder, unsigned wanted_bad)
{
	struct header *header = NULL;
	struct carnet_error err = { 0 };
	unsigned bad = 77;

	if (header_load(folder->fd, &header, &bad, &err) != CARNET_OK)
		fail_msg("%s", err.message);
	assert_int_equal(bad, wanted_bad);
	fixture_opens(&folder->fixture, header);
	return header;
}

static void
fails(const struct folder *folder, enum carnet_status wanted)
{
	struct header *header = NULL;
	unsigned bad = 77;

	assert_int_equal(header_load(folder->fd, &header, &bad, NULL), wanted);
	assert_null(header);
	assert_int_equal(bad, 77);
}

static void
both_copies_are_equal_and_private(void **state)
{
	struct folder *folder = *state;
	uint8_t a[4096], b[4096];
	size_t len = get(folder->fd, names[0], a, sizeof(a));
	struct stat st;

	assert_int_equal(get(folder->fd, names[1], b, sizeof(b)), len);
	assert_memory_equal(a, b, len);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fstatat(folder->fd, names[i], &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_false(exists(folder->fd, "carnet.head.new"));
	assert_false(exists(folder->fd, "carnet.head.1.new"));
	assert_int_equal(header_sequence(folder->fixture.header), 1);
	header_free(loads(folder, 0));
}

/* Every byte of each copy in turn, and of both at once. */
static void
every_flipped_byte(void **state)
{
	struct folder *folder = *state;
	uint8_t bytes[4096];
	size_t len = get(folder->fd, names[0], bytes, sizeof(bytes));

	for (size_t i = 0; i < len; i++) {
		struct header *header = NULL;
		bool is_mac = i >= len - 32;
		unsigned bad = 0;

		bytes[i] ^= 0x04;
		for (unsigned copy = 0; copy < 2; copy++) {
			put(folder->fd, names[copy], bytes, len);
			header = loads(folder, is_mac ? 3 : 1U << copy);
			assert_int_equal(
			    header_check(
				folder->fd, folder->fixture.master, &bad, NULL),
			    CARNET_OK);
			assert_int_equal(bad, 1U << copy);
			bytes[i] ^= 0x04;
			if (i % 200 == 0 ||
			    i == len - 1) { /* each mending syncs the disk */
				assert_int_equal(
				    header_mend(folder->fd, header,
					folder->fixture.master, NULL),
				    CARNET_OK);
				header_free(loads(folder, 0));
			} else
				put(folder->fd, names[copy], bytes, len);
			bytes[i] ^= 0x04;
			header_free(header);
			header = NULL;
		}
		put(folder->fd, names[0], bytes, len);
		put(folder->fd, names[1], bytes, len);
		if (is_mac) {
			struct secret *master = NULL;

			assert_int_equal(
			    header_load(folder->fd, &header, &bad, NULL),
			    CARNET_OK);
			assert_int_equal(bad, 0);
			assert_int_equal(
			    header_open_words(header, folder->fixture.words,
				&master, NULL, NULL),
			    CARNET_DAMAGED);
			assert_null(master);
			header_free(header);
		} else
			fails(folder, CARNET_DAMAGED);
		assert_int_equal(header_check(folder->fd,
				     folder->fixture.master, &bad, NULL),
		    CARNET_OK);
		assert_int_equal(bad, 3);
		bytes[i] ^= 0x04;
		put(folder->fd, names[0], bytes, len);
		put(folder->fd, names[1], bytes, len);
	}
}

static void
truncated_missing_and_grown_copies(void **state)
{
	static uint8_t long_file[HEADER_MAX_LEN + 100];
	struct folder *folder = *state;
	uint8_t bytes[4096];
	size_t len = get(folder->fd, names[0], bytes, sizeof(bytes));
	static const size_t cuts[] = { 0, 1, 63, 64, 65, 200 };

	for (unsigned copy = 0; copy < 2; copy++) {
		for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
			put(folder->fd, names[copy], bytes, cuts[i]);
			header_free(loads(folder, 1U << copy));
		}
		put(folder->fd, names[copy], bytes, len - 1);
		header_free(loads(folder, 1U << copy));
		put(folder->fd, names[copy], long_file, sizeof(long_file));
		header_free(loads(folder, 1U << copy));
		assert_int_equal(unlinkat(folder->fd, names[copy], 0), 0);
		header_free(loads(folder, 1U << copy));
		put(folder->fd, names[copy], bytes, len);
	}
	assert_int_equal(unlinkat(folder->fd, names[0], 0), 0);
	put(folder->fd, names[1], bytes, len / 2);
	fails(folder, CARNET_DAMAGED);
	assert_int_equal(unlinkat(folder->fd, names[1], 0), 0);
	fails(folder, CARNET_NO_VAULT);
}

static void
what_is_no_regular_file_is_damage(void **state)
{
	struct folder *folder = *state;

	assert_int_equal(unlinkat(folder->fd, names[0], 0), 0);
	assert_int_equal(mkfifoat(folder->fd, names[0], 0600), 0);
	header_free(loads(folder, 1));
	assert_int_equal(unlinkat(folder->fd, names[0], 0), 0);
	assert_int_equal(symlinkat(names[1], folder->fd, names[0]), 0);
	header_free(loads(folder, 1));
	assert_int_equal(unlinkat(folder->fd, names[0], 0), 0);
	assert_int_equal(mkdirat(folder->fd, names[0], 0700), 0);
	header_free(loads(folder, 1));
}

static void
an_older_copy_is_no_damage(void **state)
{
	struct folder *folder = *state;
	struct header *header = NULL;
	uint8_t old[4096], now[4096], after[4096];
	size_t old_len = get(folder->fd, names[0], old, sizeof(old)), len;
	unsigned bad = 77;

	assert_int_equal(header_store(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_OK);
	len = get(folder->fd, names[0], now, sizeof(now));
	for (unsigned copy = 0; copy < 2; copy++) {
		put(folder->fd, names[copy], old, old_len);
		header = loads(folder, 0);
		assert_int_equal(header_sequence(header), 2);
		assert_int_equal(header_check(folder->fd,
				     folder->fixture.master, &bad, NULL),
		    CARNET_OK);
		assert_int_equal(bad, 0);
		/* what a crash has left goes too */
		put(folder->fd, "carnet.head.new", old, 10);
		put(folder->fd, "carnet.head.1.new", old, 10);
		assert_int_equal(header_mend(folder->fd, header,
				     folder->fixture.master, NULL),
		    CARNET_OK);
		assert_int_equal(
		    get(folder->fd, names[copy], after, sizeof(after)), len);
		assert_memory_equal(after, now, len);
		assert_false(exists(folder->fd, "carnet.head.new"));
		assert_false(exists(folder->fd, "carnet.head.1.new"));
		header_free(header);
	}
}

static void
a_newer_copy_stops_everything(void **state)
{
	static const char json[] =
	    "{\"format\":\"carnet header\",\"version\":9}";
	struct folder *folder = *state;
	size_t len = 0;
	uint8_t *copy = fixture_copy(json, sizeof(json) - 1, &len);
	unsigned bad = 77;

	for (unsigned i = 0; i < 2; i++) {
		uint8_t bytes[4096];
		size_t bytes_len =
		    get(folder->fd, names[i], bytes, sizeof(bytes));

		put(folder->fd, names[i], copy, len);
		fails(folder, CARNET_NEWER);
		assert_int_equal(header_check(folder->fd,
				     folder->fixture.master, &bad, NULL),
		    CARNET_NEWER);
		put(folder->fd, names[i], bytes, bytes_len);
	}
	free(copy);
}

static void
copies_of_two_vaults_are_damage(void **state)
{
	struct folder *folder = *state;
	struct fixture other;
	uint8_t *bytes = NULL;
	size_t len = 0;

	fixture_make(&other);
	assert_int_equal(
	    header_encode(other.header, other.master, &bytes, &len, NULL),
	    CARNET_OK);
	put(folder->fd, names[1], bytes, len);
	fails(folder, CARNET_DAMAGED);
	free(bytes);
	fixture_clear(&other);
}

/* A copy whose sequence was edited, with a right checksum. */
static uint8_t *
resequenced(const struct folder *folder, const char *sequence, size_t *ret_len)
{
	static const char before[] = "\"sequence\":1,";
	char bytes[4096] = "", text[8192];
	size_t len = get(folder->fd, names[0], (uint8_t *)bytes, 4096);
	char *at;

	bytes[len - 64] = '\0';
	at = strstr(bytes, before);
	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s\"sequence\":%s,%s",
	    (int)(at - bytes), bytes, sequence, at + strlen(before));
	return fixture_copy(text, strlen(text), ret_len);
}

static void
the_sequence_doesn_t_wrap(void **state)
{
	struct folder *folder = *state;
	struct header *header = NULL;
	size_t len = 0;
	uint8_t *copy = resequenced(folder, "9007199254740991", &len);

	assert_int_equal(header_parse(copy, len, &header, NULL), CARNET_OK);
	assert_int_equal(
	    header_store(folder->fd, header, folder->fixture.master, NULL),
	    CARNET_FAILED);
	header_free(header);
	header_free(loads(folder, 0));
	free(copy);
}

/* No carnet writes this: the first copy counts, the other is hurt. */
static void
two_contents_with_one_sequence(void **state)
{
	struct folder *folder = *state;
	struct secret *words = NULL;
	struct header *header = NULL, *copy = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;

	assert_int_equal(
	    header_load_copy(folder->fd, 0, &copy, NULL), CARNET_OK);
	assert_int_equal(header_add_recovery(copy, folder->fixture.master, "en",
			     "2026-03-05", &words, NULL, NULL),
	    CARNET_OK);
	assert_int_equal(
	    header_encode(copy, folder->fixture.master, &bytes, &len, NULL),
	    CARNET_OK);
	put(folder->fd, names[1], bytes, len);
	header = loads(folder, 2);
	assert_int_equal(header_slot_count(header), 1);
	header_free(header);
	header_free(copy);
	secret_free(words);
	free(bytes);
}

static void
one_copy_alone_can_be_loaded(void **state)
{
	struct folder *folder = *state;
	struct header *header = NULL;
	uint8_t bytes[4096];
	size_t len;

	/* the newer copy's MAC is hurt, the older one is whole */
	len = get(folder->fd, names[1], bytes, sizeof(bytes));
	assert_int_equal(header_store(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_OK);
	put(folder->fd, names[1], bytes, len);
	len = get(folder->fd, names[0], bytes, sizeof(bytes));
	bytes[len - 1] ^= 1;
	put(folder->fd, names[0], bytes, len);
	assert_int_equal(
	    header_load_copy(folder->fd, 1, &header, NULL), CARNET_OK);
	assert_int_equal(header_sequence(header), 1);
	fixture_opens(&folder->fixture, header);
	assert_int_equal(
	    header_mend(folder->fd, header, folder->fixture.master, NULL),
	    CARNET_OK);
	header_free(header);
	header = loads(folder, 0);
	assert_int_equal(header_sequence(header), 1);
	header_free(header);
	header = NULL;
	assert_int_equal(
	    header_load_copy(folder->fd, 2, &header, NULL), CARNET_NOT_FOUND);
	assert_null(header);
}

static void
mending_needs_the_key_and_no_changes(void **state)
{
	struct folder *folder = *state;
	struct secret *other = secret_random(32), *words = NULL;

	assert_non_null(other);
	assert_int_equal(
	    header_mend(folder->fd, folder->fixture.header, other, NULL),
	    CARNET_DAMAGED);
	assert_int_equal(
	    header_store(folder->fd, folder->fixture.header, other, NULL),
	    CARNET_DAMAGED);
	header_free(loads(folder, 0));
	assert_int_equal(
	    header_add_recovery(folder->fixture.header, folder->fixture.master,
		"en", "2026-03-05", &words, NULL, NULL),
	    CARNET_OK);
	assert_int_equal(header_mend(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_INVALID);
	assert_int_equal(header_store(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_OK);
	assert_int_equal(header_mend(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_OK);
	secret_free(words);
	secret_free(other);
}

/* No file may grow: as on a full disk, no copy is lost. */
static void
a_failed_store_changes_nothing(void **state)
{
	struct folder *folder = *state;
	struct rlimit before, none;
	struct carnet_error err = { 0 };
	enum carnet_status status;
	uint8_t old[4096], now[4096];
	size_t len = get(folder->fd, names[0], old, sizeof(old));

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){ 100, before.rlim_max };
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	status = header_store(
	    folder->fd, folder->fixture.header, folder->fixture.master, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(status, CARNET_IO);
	assert_false(exists(folder->fd, "carnet.head.new"));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    get(folder->fd, names[i], now, sizeof(now)), len);
		assert_memory_equal(now, old, len);
	}
	assert_int_equal(header_sequence(folder->fixture.header), 1);
	assert_int_equal(header_store(folder->fd, folder->fixture.header,
			     folder->fixture.master, NULL),
	    CARNET_OK);
	assert_int_equal(header_sequence(folder->fixture.header), 2);
}

/* The second copy can't be written: the first one counts, and is kept. */
static void
a_store_that_stops_between_is_no_damage(void **state)
{
	struct folder *folder = *state;
	struct header *header;

	assert_int_equal(mkdirat(folder->fd, "carnet.head.1.new", 0700), 0);
	assert_int_not_equal(header_store(folder->fd, folder->fixture.header,
				 folder->fixture.master, NULL),
	    CARNET_OK);
	header = loads(folder, 0);
	assert_int_equal(header_sequence(header), 2);
	assert_int_equal(
	    unlinkat(folder->fd, "carnet.head.1.new", AT_REMOVEDIR), 0);
	assert_int_equal(
	    header_mend(folder->fd, header, folder->fixture.master, NULL),
	    CARNET_OK);
	header_free(header);
}

#define ROW(test)                                                              \
	cmocka_unit_test_setup_teardown(test, folder_make, folder_clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(both_copies_are_equal_and_private),
		ROW(every_flipped_byte),
		ROW(truncated_missing_and_grown_copies),
		ROW(what_is_no_regular_file_is_damage),
		ROW(an_older_copy_is_no_damage),
		ROW(a_newer_copy_stops_everything),
		ROW(copies_of_two_vaults_are_damage),
		ROW(the_sequence_doesn_t_wrap),
		ROW(two_contents_with_one_sequence),
		ROW(one_copy_alone_can_be_loaded),
		ROW(mending_needs_the_key_and_no_changes),
		ROW(a_failed_store_changes_nothing),
		ROW(a_store_that_stops_between_is_no_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
