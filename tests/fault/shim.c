/* SPDX-License-Identifier: ISC */
/*
 * Stands before libc: linked into a test's driver, or preloaded into the
 * program, which reads its order from CARNET_FAULT.  Judges nothing; what a
 * fault may do to a vault is told by tests/fault/.  The contract: shim.h.
 */
#undef _FILE_OFFSET_BITS /* both names of each call are ours to define */
#undef _FORTIFY_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "shim_undo.h"

#define SHIM_FDS 1024
#define SHIM_PATH 4096
/* Libraries, the last of them on threads other than the first alone. */
#ifdef CARNET_SANITIZED
#define SHIM_EXEMPT 4
#else
#define SHIM_EXEMPT 3
#endif
#define SHIM_THREADS 3

static struct {
	int armed;
	pid_t pid;
	char roots[SHIM_PATH];
	struct shim_order order;
	uint64_t count;
	int fired;
	uintptr_t exempt[SHIM_EXEMPT],
	    exempt_len[SHIM_EXEMPT]; /* whose allocations succeed */
	char *paths[SHIM_FDS];       /* of descriptors below the roots */
	pthread_mutex_t lock;
} shim = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Set while the shim itself works: its own calls are not counted. */
static __thread int shim_busy;

/* --- which calls count ---------------------------------------------------- */

static int
shim_is_live(void)
{
	return shim.armed && !shim_busy && getpid() == shim.pid;
}

static int
shim_is_below(const char *path)
{
	const char *root = shim.roots;

	while (*root != '\0') {
		size_t len = strcspn(root, ":");

		if (len > 0 && strncmp(path, root, len) == 0 &&
		    (path[len] == '/' || path[len] == '\0'))
			return 1;
		root += len + (root[len] == ':');
	}
	return 0;
}

/* The path that a call means, if it lies below the roots; else NULL. */
static const char *
shim_path(int dir_fd, const char *path, char full[SHIM_PATH])
{
	const char *base;
	int len;

	if (path == NULL)
		return NULL;
	if (path[0] == '/') {
		if (!shim_is_below(path))
			return NULL;
		len = snprintf(full, SHIM_PATH, "%s", path);
	} else {
		if (dir_fd < 0 || dir_fd >= SHIM_FDS ||
		    shim.paths[dir_fd] == NULL)
			return NULL;
		base = shim.paths[dir_fd];
		len = snprintf(full, SHIM_PATH, "%s/%s", base, path);
		if (strcmp(path, ".") == 0)
			len = snprintf(full, SHIM_PATH, "%s", base);
	}
	return len < SHIM_PATH ? full : NULL;
}

/* Whether the order is about this path. */
static int
shim_is_meant(const char *path)
{
	size_t len = strlen(path), only_len;

	if (shim.order.only == NULL)
		return 1;
	only_len = strlen(shim.order.only);
	return only_len < len &&
	       strcmp(path + len - only_len, shim.order.only) == 0 &&
	       path[len - only_len - 1] == '/';
}

static const char *
shim_fd_path(int fd)
{
	return fd >= 0 && fd < SHIM_FDS ? shim.paths[fd] : NULL;
}

static void
shim_remember(int fd, const char *path)
{
	if (fd < 0 || fd >= SHIM_FDS)
		return;
	shim_busy++;
	free(shim.paths[fd]);
	shim.paths[fd] = path == NULL ? NULL : strdup(path);
	shim_busy--;
}

/* --- what happens --------------------------------------------------------- */

_Noreturn static void
shim_die(void)
{
	for (;;)
		(void)syscall(SYS_kill, getpid(), SIGKILL);
}

/* Counts one call: whether the fault is here. */
static int
shim_comes(enum shim_kind kind)
{
	uint64_t number;
	int comes;

	if ((shim.order.kinds & (unsigned)kind) == 0)
		return 0;
	number = __atomic_add_fetch(&shim.count, 1, __ATOMIC_SEQ_CST);
	comes = shim.order.at != 0 &&
		(number == shim.order.at ||
		    (shim.order.persist && number > shim.order.at));
	if (!comes || shim.order.act == SHIM_COUNT)
		return 0;
	shim.fired = 1;
	if (shim.order.act == SHIM_KILL_BEFORE)
		shim_die();
	if (shim.order.act == SHIM_POWER)
		shim_cut_power();
	return 1;
}

void
shim_cut_power(void)
{
	(void)pthread_mutex_lock(&shim.lock);
	shim_busy++;
	shim_undo_cut(shim.order.seed);
	shim_die();
}

/* A call of this kind is about to be made; true: it fails, errno is set. */
static int
shim_fails(enum shim_kind kind, int *ret_comes)
{
	*ret_comes = shim_comes(kind);
	if (*ret_comes && shim.order.act == SHIM_FAIL) {
		errno = shim.order.error;
		return 1;
	}
	if (*ret_comes && shim.order.act == SHIM_SHORT &&
	    (kind & (SHIM_READ | SHIM_WRITE)) == 0 && shim.order.error != 0) {
		errno = shim.order.error;
		return 1;
	}
	return 0;
}

static void
shim_after(int comes)
{
	if (comes && shim.order.act == SHIM_KILL_AFTER)
		shim_die();
}

static size_t
shim_shorter(int comes, size_t len)
{
	return comes && shim.order.act == SHIM_SHORT && len > 1 ? len / 2 : len;
}

static int
shim_holds_back(void)
{
	return shim.order.stash != NULL;
}

static int shim_find_exempt(
    struct dl_phdr_info *info, size_t size, void *context);

void
shim_arm(const char *roots, const struct shim_order *order)
{
	shim_busy++;
	(void)snprintf(shim.roots, sizeof(shim.roots), "%s", roots);
	shim.order = *order;
	shim.count = 0;
	shim.fired = 0;
	shim.pid = getpid();
	(void)dl_iterate_phdr(shim_find_exempt, NULL);
	if (order->stash != NULL)
		shim_undo_begin(order->stash);
	shim.armed = 1;
	shim_busy--;
}

uint64_t
shim_disarm(void)
{
	shim.armed = 0;
	for (int i = 0; i < SHIM_FDS; i++) {
		shim_busy++;
		free(shim.paths[i]);
		shim.paths[i] = NULL;
		shim_busy--;
	}
	return shim.count;
}

int
shim_fired(void)
{
	return shim.fired;
}

/* --- opening -------------------------------------------------------------- */

static int
shim_open(int dir_fd, const char *path, int flags, mode_t mode)
{
	char full[SHIM_PATH];
	const char *below = NULL;
	struct stat st;
	int comes = 0, fd, creates;

	if (shim_is_live())
		below = shim_path(dir_fd, path, full);
	if (below == NULL) {
		fd = (int)syscall(
		    SYS_openat, dir_fd, path, flags | O_LARGEFILE, mode);
		if (shim_is_live() && shim_fd_path(fd) != NULL)
			shim_remember(fd, NULL); /* closed by libc itself */
		return fd;
	}
	if (shim_is_meant(below) && shim_fails(SHIM_OPEN, &comes))
		return -1;
	creates = shim_holds_back() && (flags & O_CREAT) != 0 &&
		  lstat(below, &st) != 0;
	fd = (int)syscall(SYS_openat, dir_fd, path, flags | O_LARGEFILE, mode);
	if (fd >= 0)
		shim_remember(fd, below);
	if (fd >= 0 && creates) {
		(void)pthread_mutex_lock(&shim.lock);
		shim_busy++;
		shim_undo_created(below);
		shim_busy--;
		(void)pthread_mutex_unlock(&shim.lock);
	}
	shim_after(comes);
	return fd;
}

#define SHIM_MODE(flags, mode)                                                 \
	do {                                                                   \
		va_list list;                                                  \
		va_start(list, flags);                                         \
		if (((flags)&O_CREAT) != 0 ||                                  \
		    ((flags)&O_TMPFILE) == O_TMPFILE)                          \
			(mode) = va_arg(list, mode_t);                         \
		va_end(list);                                                  \
	} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;

	SHIM_MODE(flags, mode);
	return shim_open(AT_FDCWD, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode = 0;

	SHIM_MODE(flags, mode);
	return shim_open(AT_FDCWD, path, flags, mode);
}

int
openat(int dir_fd, const char *path, int flags, ...)
{
	mode_t mode = 0;

	SHIM_MODE(flags, mode);
	return shim_open(dir_fd, path, flags, mode);
}

int
openat64(int dir_fd, const char *path, int flags, ...)
{
	mode_t mode = 0;

	SHIM_MODE(flags, mode);
	return shim_open(dir_fd, path, flags, mode);
}

/* libc opens behind our back: counted, but not watched any further. */
FILE *
fopen64(const char *path, const char *mode)
{
	char full[SHIM_PATH];
	int comes = 0;

	if (shim_is_live() && shim_path(AT_FDCWD, path, full) != NULL &&
	    shim_is_meant(full) && shim_fails(SHIM_OPEN, &comes))
		return NULL;
	return fopen(path, mode);
}

int
close(int fd)
{
	if (fd >= 0 && fd < SHIM_FDS && shim.paths[fd] != NULL && shim.armed &&
	    getpid() == shim.pid)
		shim_remember(fd, NULL);
	return (int)syscall(SYS_close, fd);
}

/* --- reading and writing -------------------------------------------------- */

static ssize_t
shim_read(int fd, void *bytes, size_t len, int64_t offset)
{
	int comes = 0;

	if (shim_is_live() && shim_fd_path(fd) != NULL &&
	    shim_is_meant(shim_fd_path(fd))) {
		if (shim_fails(SHIM_READ, &comes))
			return -1;
		len = shim_shorter(comes, len);
	}
	return offset < 0
		   ? (ssize_t)syscall(SYS_read, fd, bytes, len)
		   : (ssize_t)syscall(SYS_pread64, fd, bytes, len, offset);
}

ssize_t
read(int fd, void *bytes, size_t len)
{
	return shim_read(fd, bytes, len, -1);
}

ssize_t
pread(int fd, void *bytes, size_t len, off_t offset)
{
	return shim_read(fd, bytes, len, offset);
}

ssize_t
pread64(int fd, void *bytes, size_t len, off64_t offset)
{
	return shim_read(fd, bytes, len, offset);
}

/* With the lock held while writes are held back: their order is the story. */
static ssize_t
shim_write_now(int fd, const void *bytes, size_t len, int64_t offset)
{
	ssize_t done;
	int saved;

	if (!shim_holds_back())
		return offset < 0 ? (ssize_t)syscall(SYS_write, fd, bytes, len)
				  : (ssize_t)syscall(
					SYS_pwrite64, fd, bytes, len, offset);
	(void)pthread_mutex_lock(&shim.lock);
	shim_busy++;
	shim_undo_write(fd, shim.paths[fd], len, offset);
	shim_busy--;
	done = offset < 0
		   ? (ssize_t)syscall(SYS_write, fd, bytes, len)
		   : (ssize_t)syscall(SYS_pwrite64, fd, bytes, len, offset);
	saved = errno;
	(void)pthread_mutex_unlock(&shim.lock);
	errno = saved;
	return done;
}

static ssize_t
shim_write(int fd, const void *bytes, size_t len, int64_t offset)
{
	ssize_t done;
	int comes = 0;

	if (!shim_is_live() || shim_fd_path(fd) == NULL)
		return offset < 0 ? (ssize_t)syscall(SYS_write, fd, bytes, len)
				  : (ssize_t)syscall(
					SYS_pwrite64, fd, bytes, len, offset);
	if (shim_fails(SHIM_WRITE, &comes))
		return -1;
	done = shim_write_now(fd, bytes, shim_shorter(comes, len), offset);
	shim_after(comes);
	return done;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	return shim_write(fd, bytes, len, -1);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	return shim_write(fd, bytes, len, offset);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t offset)
{
	return shim_write(fd, bytes, len, offset);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	if (!shim_is_live() || shim_fd_path(fd) == NULL)
		return (ssize_t)syscall(SYS_writev, fd, parts, count);
	/* a short write of the first part is a right answer */
	for (int i = 0; i < count; i++)
		if (parts[i].iov_len > 0)
			return shim_write(
			    fd, parts[i].iov_base, parts[i].iov_len, -1);
	return 0;
}

/* Whoever would copy inside the kernel takes the ordinary way instead. */
ssize_t
copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
    unsigned flags)
{
	if (shim_is_live() && shim_fd_path(out) != NULL) {
		errno = EXDEV;
		return -1;
	}
	return (ssize_t)syscall(
	    SYS_copy_file_range, in, in_at, out, out_at, len, flags);
}

static int
shim_cut(int fd, int64_t len)
{
	int comes = 0, result;

	if (!shim_is_live() || shim_fd_path(fd) == NULL)
		return (int)syscall(SYS_ftruncate, fd, len);
	if (shim_fails(SHIM_CUT, &comes))
		return -1;
	if (shim_holds_back()) {
		(void)pthread_mutex_lock(&shim.lock);
		shim_busy++;
		shim_undo_cut_file(fd, shim.paths[fd], len);
		shim_busy--;
		(void)pthread_mutex_unlock(&shim.lock);
	}
	result = (int)syscall(SYS_ftruncate, fd, len);
	shim_after(comes);
	return result;
}

int
ftruncate(int fd, off_t len)
{
	return shim_cut(fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	return shim_cut(fd, len);
}

static int
shim_sync(long call, int fd)
{
	int comes = 0, result;

	if (!shim_is_live() || shim_fd_path(fd) == NULL)
		return (int)syscall(call, fd);
	if (shim_fails(SHIM_SYNC, &comes))
		return -1;
	/* held back: what matters is what it would have made durable */
	result = shim_holds_back() ? 0 : (int)syscall(call, fd);
	if (shim_holds_back()) {
		(void)pthread_mutex_lock(&shim.lock);
		shim_busy++;
		shim_undo_synced(fd, shim.paths[fd]);
		shim_busy--;
		(void)pthread_mutex_unlock(&shim.lock);
	}
	shim_after(comes);
	return result;
}

int
fsync(int fd)
{
	return shim_sync(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return shim_sync(SYS_fdatasync, fd);
}

/* --- names ---------------------------------------------------------------- */

/* One change of names, on one or two paths. */
struct shim_naming {
	enum shim_undo_kind kind;
	int from_fd, to_fd;
	const char *from, *to; /* to: NULL for all but rename and link */
	unsigned flags;
	mode_t mode;
};

static int
shim_naming_do(const struct shim_naming *naming)
{
	switch (naming->kind) {
	case SHIM_UNDO_RENAME:
		return (int)syscall(SYS_renameat2, naming->from_fd,
		    naming->from, naming->to_fd, naming->to, naming->flags);
	case SHIM_UNDO_LINK:
		return (int)syscall(SYS_linkat, naming->from_fd, naming->from,
		    naming->to_fd, naming->to, naming->flags);
	case SHIM_UNDO_UNLINK:
		return (int)syscall(
		    SYS_unlinkat, naming->from_fd, naming->from, naming->flags);
	case SHIM_UNDO_MKDIR:
		return (int)syscall(
		    SYS_mkdirat, naming->from_fd, naming->from, naming->mode);
	default:
		break;
	}
	errno = ENOSYS;
	return -1;
}

static int
shim_name(const struct shim_naming *naming)
{
	char from[SHIM_PATH], to[SHIM_PATH];
	const char *a = NULL, *b = NULL;
	int comes = 0, result, saved;

	if (shim_is_live()) {
		a = shim_path(naming->from_fd, naming->from, from);
		b = naming->to == NULL
			? NULL
			: shim_path(naming->to_fd, naming->to, to);
	}
	if (a == NULL && b == NULL)
		return shim_naming_do(naming);
	if (shim_fails(SHIM_NAME, &comes))
		return -1;
	if (!shim_holds_back() || a == NULL ||
	    (naming->to != NULL && b == NULL)) {
		result = shim_naming_do(naming);
	} else {
		(void)pthread_mutex_lock(&shim.lock);
		shim_busy++;
		shim_undo_name_before(naming->kind, a, b,
		    naming->kind == SHIM_UNDO_UNLINK &&
			(naming->flags & AT_REMOVEDIR) != 0);
		result = shim_naming_do(naming);
		saved = errno;
		shim_undo_name_after(result == 0);
		shim_busy--;
		(void)pthread_mutex_unlock(&shim.lock);
		errno = saved;
	}
	shim_after(comes);
	return result;
}

int
renameat2(
    int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return shim_name(&(struct shim_naming){
	    SHIM_UNDO_RENAME, from_fd, to_fd, from, to, flags, 0 });
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return renameat2(from_fd, from, to_fd, to, 0);
}

int
rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	return shim_name(&(struct shim_naming){
	    SHIM_UNDO_LINK, from_fd, to_fd, from, to, (unsigned)flags, 0 });
}

int
unlinkat(int dir_fd, const char *path, int flags)
{
	return shim_name(&(struct shim_naming){
	    SHIM_UNDO_UNLINK, dir_fd, -1, path, NULL, (unsigned)flags, 0 });
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int
mkdirat(int dir_fd, const char *path, mode_t mode)
{
	return shim_name(&(struct shim_naming){
	    SHIM_UNDO_MKDIR, dir_fd, -1, path, NULL, 0, mode });
}

int
mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

/* --- memory --------------------------------------------------------------- */

#define SHIM_CALLER __builtin_return_address(0)

/* AddressSanitizer's allocator stays behind ours. */
#ifdef CARNET_SANITIZED
#define SHIM_BEHIND(name) __interceptor_##name
#else
#define SHIM_BEHIND(name) __libc_##name
#endif
void *SHIM_BEHIND(malloc)(size_t);
void *SHIM_BEHIND(calloc)(size_t, size_t);
void *SHIM_BEHIND(realloc)(void *, size_t);
void *SHIM_BEHIND(memalign)(size_t, size_t);

/*
 * Allocations of libsqlcipher, libcrypto and libseccomp are left alone:
 * SQLCipher 4.6.1 uses some of them unchecked, and crashes or writes a page
 * that it can't read; seccomp_load of 2.5.4 frees twice (docs/reliability.md).
 * So are the C library's on threads that AddressSanitizer begins: it asks for
 * their stacks, and ends the process if there is no memory for the answer.
 */
static int
shim_find_exempt(struct dl_phdr_info *info, size_t size, void *context)
{
	static const char *const names[] = { "/libcrypto.so",
		"/libsqlcipher.so", "/libseccomp.so", "/libc.so" };

	(void)size;
	(void)context;
	for (size_t n = 0; n < SHIM_EXEMPT; n++) {
		if (strstr(info->dlpi_name, names[n]) == NULL)
			continue;
		for (int i = 0; i < info->dlpi_phnum; i++) {
			const ElfW(Phdr) *part = &info->dlpi_phdr[i];

			if (part->p_type != PT_LOAD ||
			    (part->p_flags & PF_X) == 0)
				continue;
			shim.exempt[n] = info->dlpi_addr + part->p_vaddr;
			shim.exempt_len[n] = part->p_memsz;
		}
	}
	return 0;
}

static int
shim_is_exempt(const void *caller)
{
	for (size_t n = 0; n < SHIM_EXEMPT; n++)
		if ((uintptr_t)caller - shim.exempt[n] < shim.exempt_len[n])
			return n < SHIM_THREADS ||
			       syscall(SYS_gettid) != getpid();
	return 0;
}

static int
shim_no_memory(const void *caller)
{
	int comes;

	if (!shim.armed || (shim.order.kinds & SHIM_MEMORY) == 0 ||
	    !shim_is_live() || shim_is_exempt(caller))
		return 0;
	comes = shim_comes(SHIM_MEMORY);
	if (comes)
		errno = ENOMEM;
	return comes;
}

void *
malloc(size_t len)
{
	return shim_no_memory(SHIM_CALLER) ? NULL : SHIM_BEHIND(malloc)(len);
}

void *
calloc(size_t count, size_t len)
{
	return shim_no_memory(SHIM_CALLER) ? NULL
					   : SHIM_BEHIND(calloc)(count, len);
}

void *
realloc(void *old, size_t len)
{
	return shim_no_memory(SHIM_CALLER) ? NULL
					   : SHIM_BEHIND(realloc)(old, len);
}

void *
reallocarray(void *old, size_t count, size_t len)
{
	if (len != 0 && count > SIZE_MAX / len) {
		errno = ENOMEM;
		return NULL;
	}
	return shim_no_memory(SHIM_CALLER)
		   ? NULL
		   : SHIM_BEHIND(realloc)(old, count * len);
}

void *
memalign(size_t alignment, size_t len)
{
	return shim_no_memory(SHIM_CALLER)
		   ? NULL
		   : SHIM_BEHIND(memalign)(alignment, len);
}

void *
aligned_alloc(size_t alignment, size_t len)
{
	return shim_no_memory(SHIM_CALLER)
		   ? NULL
		   : SHIM_BEHIND(memalign)(alignment, len);
}

int
posix_memalign(void **ret, size_t alignment, size_t len)
{
	void *memory = shim_no_memory(SHIM_CALLER)
			   ? NULL
			   : SHIM_BEHIND(memalign)(alignment, len);

	if (memory == NULL)
		return ENOMEM;
	*ret = memory;
	return 0;
}

/* Guarded memory for secrets comes by this way. */
static void *
shim_map(
    void *at, size_t len, int protection, int flags, int fd, int64_t offset)
{
	if ((flags & MAP_ANONYMOUS) != 0 && shim_no_memory(SHIM_CALLER))
		return MAP_FAILED;
	return (void *)(uintptr_t)syscall(
	    SYS_mmap, at, len, protection, flags, fd, offset);
}

void *
mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return shim_map(at, len, protection, flags, fd, offset);
}

void *
mmap64(void *at, size_t len, int protection, int flags, int fd, off64_t offset)
{
	return shim_map(at, len, protection, flags, fd, offset);
}

/* --- the clock ------------------------------------------------------------ */

static int64_t shim_clock_shift; /* seconds */

int
clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	int result = (int)syscall(SYS_clock_gettime, clock, ret_time);

	if (result == 0 && clock == CLOCK_REALTIME)
		ret_time->tv_sec += shim_clock_shift;
	return result;
}

time_t
time(time_t *ret_time)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret_time != NULL)
		*ret_time = now.tv_sec;
	return now.tv_sec;
}

/* --- preloaded ------------------------------------------------------------ */

/*
 * CARNET_FAULT=ACT,KINDS,AT,PERSIST,ERROR,SEED with numbers as in shim.h;
 * CARNET_FAULT_ROOTS; CARNET_FAULT_STASH; CARNET_FAULT_ONLY: a path as it ends,
 * see shim.h; CARNET_FAULT_REPORT: a file made
 * beforehand, whose descriptor is opened now and gets the count at the end.
 * CARNET_FAULT_CLOCK: seconds that the clock is off.
 */
static int shim_report = -1;

__attribute__((constructor)) static void
shim_from_environment(void)
{
	const char *text = getenv("CARNET_FAULT");
	const char *roots = getenv("CARNET_FAULT_ROOTS");
	const char *report = getenv("CARNET_FAULT_REPORT");
	struct shim_order order = { .stash = getenv("CARNET_FAULT_STASH"),
		.only = getenv("CARNET_FAULT_ONLY") };
	unsigned long numbers[6] = { 0 };
	char *end;

	if (getenv("CARNET_FAULT_CLOCK") != NULL)
		shim_clock_shift =
		    strtoll(getenv("CARNET_FAULT_CLOCK"), NULL, 10);
	if (text == NULL || roots == NULL)
		return;
	for (size_t i = 0; i < 6; i++) {
		numbers[i] = strtoul(text, &end, 10);
		text = *end == ',' ? end + 1 : end;
	}
	order.act = (enum shim_act)numbers[0];
	order.kinds = (unsigned)numbers[1];
	order.at = numbers[2];
	order.persist = (int)numbers[3];
	order.error = (int)numbers[4];
	order.seed = numbers[5];
	if (report != NULL)
		shim_report = open(report, O_WRONLY | O_CLOEXEC);
	shim_arm(roots, &order);
}

__attribute__((destructor)) static void
shim_tell(void)
{
	char line[64];
	int len;

	if (shim_report < 0 || getpid() != shim.pid)
		return;
	len = snprintf(line, sizeof(line), "%llu %d\n",
	    (unsigned long long)shim.count, shim.fired);
	(void)!syscall(SYS_write, shim_report, line, (size_t)len);
}
