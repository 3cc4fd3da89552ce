/* SPDX-License-Identifier: ISC */
/* The store's tests' common ground: see store_fixture.h. */
#include "store_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

static int
fixture_find(
    void *context, const struct chunk_name *name, struct chunk_place *ret_place)
{
	struct fixture *fixture = context;
	const struct chunk_row *row = row_table_find(&fixture->known, name);

	fixture->finds++;
	if (fixture->broken)
		return -1;
	if (row != NULL)
		*ret_place = row->place;
	return row != NULL ? 1 : 0;
}

void
fixture_open(struct fixture *fixture, uint8_t seed)
{
	uint8_t master[KEY_LEN];
	const char *tmp = getenv("TMPDIR");

	memset(fixture, 0, sizeof(*fixture));
	memset(master, seed, sizeof(master));
	(void)snprintf(fixture->path, sizeof(fixture->path),
	    "%.32s/carnet-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(fixture->path));
	fixture->fd = open(fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fixture->fd >= 0);
	fixture->master = secret_from(master, sizeof(master));
	assert_non_null(fixture->master);
	assert_int_equal(
	    keys_derive(fixture->master, &fixture->keys, NULL), CARNET_OK);
	fixture->places.context = fixture;
	fixture->places.find = fixture_find;
	fixture_reopen(fixture);
}

void
fixture_reopen(struct fixture *fixture)
{
	store_free(fixture->store);
	fixture->store = NULL;
	assert_int_equal(store_open(fixture->fd, fixture->keys,
			     &fixture->places, &fixture->store, NULL),
	    CARNET_OK);
	if (fixture->threads > 0)
		store_set_threads(fixture->store, fixture->threads);
}

static int
fixture_remove(
    const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	return remove(path);
}

void
fixture_close(struct fixture *fixture)
{
	store_free(fixture->store);
	keys_free(fixture->keys);
	secret_free(fixture->master);
	row_table_clear(&fixture->known);
	assert_int_equal(close(fixture->fd), 0);
	assert_int_equal(
	    nftw(fixture->path, fixture_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void
fixture_index(struct fixture *fixture, const struct chunk_row *rows, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const struct chunk_row *old =
		    row_table_find(&fixture->known, &rows[i].name);

		if (old != NULL)
			fixture->known.rows[old - fixture->known.rows] =
			    rows[i];
		else
			assert_true(row_table_add(&fixture->known, &rows[i]));
	}
}

size_t
fixture_flush(struct fixture *fixture)
{
	struct carnet_error err = { 0 };
	struct chunk_row *rows = NULL;
	size_t len = 0;

	if (store_flush(fixture->store, &rows, &len, &err) != CARNET_OK)
		fail_msg("flush: %s", err.message);
	fixture_index(fixture, rows, len);
	free(rows);
	return len;
}

uint64_t
fixture_put(struct fixture *fixture, const void *bytes, size_t len,
    struct content *ret_content)
{
	struct carnet_error err = { 0 };
	uint64_t new_bytes = UINT64_MAX;

	if (store_put_bytes(fixture->store, bytes, len, ret_content, &new_bytes,
		&err) != CARNET_OK)
		fail_msg("put: %s", err.message);
	assert_int_equal(ret_content->size, len);
	return new_bytes;
}

struct fixture_compare {
	const uint8_t *bytes;
	size_t left;
};

static bool
fixture_compare(void *context, const uint8_t *bytes, size_t len)
{
	struct fixture_compare *compare = context;

	if (len > compare->left || memcmp(compare->bytes, bytes, len) != 0)
		return false;
	compare->bytes += len;
	compare->left -= len;
	return true;
}

void
fixture_expect(struct fixture *fixture, const struct content *content,
    const void *bytes, size_t len)
{
	struct fixture_compare compare = { bytes, len };
	struct carnet_error err = { 0 };

	if (store_get(fixture->store, content, fixture_compare, &compare,
		&err) != CARNET_OK)
		fail_msg("get: %s", err.message);
	assert_int_equal(compare.left, 0);
}

/* splitmix64 */
void
fixture_random(uint8_t *bytes, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		z ^= z >> 31;
		memcpy(bytes + i, &z, len - i < 8 ? len - i : 8);
	}
}

static enum carnet_status
fixture_count(void *context, const uint8_t id[PACK_ID_LEN], bool is_pack,
    const char *path, uint64_t size, struct carnet_error *err)
{
	struct fixture_files *files = context;

	(void)path;
	(void)err;
	if (!is_pack) {
		files->others++;
		return CARNET_OK;
	}
	if (files->packs++ == 0)
		memcpy(files->first, id, PACK_ID_LEN);
	memcpy(files->last, id, PACK_ID_LEN);
	files->bytes += size;
	return CARNET_OK;
}

struct fixture_files
fixture_files(struct fixture *fixture)
{
	struct fixture_files files = { 0 };

	assert_int_equal(
	    pack_walk(fixture->fd, fixture_count, &files, NULL), CARNET_OK);
	return files;
}

int
fixture_open_pack(struct fixture *fixture, const uint8_t id[PACK_ID_LEN])
{
	char path[PACK_PATH_TEXT];
	int fd;

	pack_path(id, path);
	fd = openat(fixture->fd, path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

int
fixture_rewrite_pack(struct fixture *fixture, const uint8_t id[PACK_ID_LEN])
{
	char path[PACK_PATH_TEXT];
	int fd;

	pack_path(id, path);
	fd = openat(fixture->fd, path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

uint8_t *
fixture_read_pack(
    struct fixture *fixture, const uint8_t id[PACK_ID_LEN], size_t *ret_len)
{
	int fd = fixture_open_pack(fixture, id);
	off_t len = lseek(fd, 0, SEEK_END);
	uint8_t *bytes = malloc((size_t)len);

	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, (size_t)len, 0), len);
	(void)close(fd);
	*ret_len = (size_t)len;
	return bytes;
}

void
fixture_write_pack(struct fixture *fixture, const uint8_t id[PACK_ID_LEN],
    const uint8_t *bytes, size_t len)
{
	char path[PACK_PATH_TEXT];
	int fd;

	pack_path(id, path);
	fd = openat(
	    fixture->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	(void)close(fd);
}
