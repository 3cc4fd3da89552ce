/* SPDX-License-Identifier: ISC */
/*
 * How fast a folder goes into packs and comes back.  Not run by the tests:
 *   bench_store FOLDER OUT [threads] [flush every n MiB]
 * OUT is an empty folder.  One line: MB/s in, again (all known), out.
 */
#include "store_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char *paths[200000];
static size_t path_count;

static int
gather(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	(void)st;
	(void)where;
	if (flag == FTW_F && path_count < sizeof(paths) / sizeof(paths[0]))
		paths[path_count++] = strdup(path);
	return 0;
}

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu_seconds(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static uint64_t
put_all(struct fixture *fixture, struct content *contents, uint64_t every)
{
	uint64_t total = 0, waiting = 0;

	for (size_t i = 0; i < path_count; i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		assert_true(fd >= 0);
		content_clear(&contents[i]);
		assert_int_equal(
		    store_put_fd(fixture->store, fd, &contents[i], NULL, NULL),
		    CARNET_OK);
		(void)close(fd);
		total += contents[i].size;
		waiting += contents[i].size;
		if (waiting >= every) {
			(void)fixture_flush(fixture);
			waiting = 0;
		}
	}
	(void)fixture_flush(fixture);
	return total;
}

static bool
count_bytes(void *context, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	*(uint64_t *)context += len;
	return true;
}

int
main(int argc, char **argv)
{
	struct content *contents;
	struct fixture fixture;
	struct rusage usage;
	double t[4], cpu;
	uint64_t total, back = 0;

	if (argc < 3)
		return 2;
	(void)setenv("TMPDIR", argv[2], 1);
	(void)nftw(argv[1], gather, 64, FTW_PHYS);
	contents = calloc(path_count + 1, sizeof(*contents));
	fixture_open(&fixture, 1);
	store_set_threads(
	    fixture.store, argc > 3 ? (unsigned)atoi(argv[3]) : 1);
	t[0] = seconds();
	total = put_all(&fixture, contents,
	    (argc > 4 ? strtoull(argv[4], NULL, 10) : 256) << 20);
	t[1] = seconds();
	cpu = cpu_seconds();
	(void)put_all(&fixture, contents, UINT64_MAX);
	t[2] = seconds();
	(void)getrusage(RUSAGE_SELF, &usage);
	for (size_t i = 0; i < path_count; i++)
		assert_int_equal(store_get(fixture.store, &contents[i],
				     count_bytes, &back, NULL),
		    CARNET_OK);
	t[3] = seconds();
	assert_int_equal(back, total);
	(void)printf("%zu files, %.0f MB -> %.0f MB in %zu packs | in %.2f s "
		     "(cpu %.2f) %.0f MB/s | again %.2f s | out %.2f s "
		     "%.0f MB/s | peak %ld MB\n",
	    path_count, (double)total / 1e6,
	    (double)fixture_files(&fixture).bytes / 1e6,
	    fixture_files(&fixture).packs, t[1] - t[0], cpu,
	    (double)total / 1e6 / (t[1] - t[0]), t[2] - t[1], t[3] - t[2],
	    (double)total / 1e6 / (t[3] - t[2]), usage.ru_maxrss / 1024);
	for (size_t i = 0; i < path_count; i++) {
		content_clear(&contents[i]);
		free(paths[i]);
	}
	free(contents);
	fixture_close(&fixture);
	return 0;
}
