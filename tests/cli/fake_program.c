/* SPDX-License-Identifier: ISC */
/*
 * Stands in for carnet-reader and carnet-press in the launcher's tests, and
 * misbehaves as the folder that it is started from is named.  In /usr/bin it
 * stands in for poppler's programs (test_launcher_cage.c). No part of carnet.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#ifdef CARNET_SANITIZED
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0:handle_segv=0:handle_abort=0";
}
#endif

#define GOOD_META                                                              \
	"{\"type\":\"text/plain\",\"document\":\"lab\",\"title\":\"Fake\","    \
	"\"date\":\"2026-03-05\",\"reader\":\"fake/1\",\"cut\":false,"         \
	"\"unread\":\"\"}"

static void
fake_write(const void *bytes, size_t len)
{
	const char *next = bytes;

	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, next, len);

		if (n <= 0)
			_exit(9);
		next += n;
		len -= (size_t)n;
	}
}

static void
fake_head(const char *tag, size_t len)
{
	unsigned char head[8];

	memcpy(head, tag, 4);
	for (int i = 0; i < 4; i++)
		head[4 + i] = (unsigned char)(len >> (8 * i));
	fake_write(head, sizeof(head));
}

static void
fake_frame(const char *tag, const char *text)
{
	fake_head(tag, strlen(text));
	fake_write(text, strlen(text));
}

static void
fake_eat(void)
{
	char buffer[65536];

	while (read(STDIN_FILENO, buffer, sizeof(buffer)) > 0)
		;
}

/* As much as carnet gives before it wants to know the type. */
static void
fake_eat_head(void)
{
	char buffer[4096];
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < sizeof(buffer)) {
		n = read(STDIN_FILENO, buffer, sizeof(buffer) - len);
		len += n > 0 ? (size_t)n : 0;
	}
}

/* In carnet-reader's order. */
static void
fake_read(const char *type, const char *text, const char *meta)
{
	fake_eat_head();
	fake_frame("TYPE", type);
	fake_eat();
	fake_frame("TEXT", text);
	fake_frame("META", meta);
	fake_frame("END ", "");
}

static void
fake_answer(const char *type, const char *text, const char *meta)
{
	fake_frame("TYPE", type);
	if (text != NULL)
		fake_frame("TEXT", text);
	fake_frame("META", meta);
	fake_frame("END ", "");
}

/* What it was given: environment, descriptors, folder, limits. */
static void
fake_inside(void)
{
	char text[8192] = "", line[512], cwd[256] = "";
	struct rlimit limit;

	for (char **entry = environ; *entry != NULL; entry++) {
		(void)snprintf(line, sizeof(line), "env %s\n", *entry);
		(void)strcat(text, line);
	}
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0) {
			(void)snprintf(line, sizeof(line), "fd %d\n", fd);
			(void)strcat(text, line);
		}
	}
	(void)snprintf(line, sizeof(line), "cwd %s\nsid %d\nprivs %d\n",
	    getcwd(cwd, sizeof(cwd)) != NULL ? cwd : "?", getsid(0) == getpid(),
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	(void)strcat(text, line);
	(void)getrlimit(RLIMIT_FSIZE, &limit);
	(void)snprintf(
	    line, sizeof(line), "fsize %lu\n", (unsigned long)limit.rlim_max);
	(void)strcat(text, line);
	fake_answer("text/plain", text, GOOD_META);
}

static const char *
fake_result(long result)
{
	if (result >= 0)
		return "done";
	return errno == EPERM || errno == EACCES || errno == ENOSYS ? "denied"
								    : "failed";
}

/* What stands behind "vault:" in what it is given; "" if nothing does. */
static void
fake_vault(char path[4096])
{
	char given[4097] = "";
	size_t len = 0;
	ssize_t n = 1;
	const char *at;

	while (n > 0 && len < sizeof(given) - 1) {
		n = read(STDIN_FILENO, given + len, sizeof(given) - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	at = memmem(given, len, "vault:", 6);
	(void)snprintf(path, 4096, "%.*s",
	    at == NULL ? 0 : (int)strcspn(at + 6, "\n"),
	    at == NULL ? "" : at + 6);
}

/* Tries what no child of the launcher must be able to do. */
static void
fake_try(char text[1024])
{
	struct sockaddr address = { .sa_family = AF_UNSPEC };
	char params[120] = { 0 }, vault[4096];
	const char *tries[11];

	fake_vault(vault);
	tries[0] =
	    fake_result(open("/tmp/carnet-escaped", O_WRONLY | O_CREAT, 0600));
	tries[1] = fake_result(open("/etc/passwd", O_RDONLY));
	tries[2] = fake_result(socket(AF_INET, SOCK_STREAM, 0));
	tries[3] = fake_result(fork());
	tries[4] =
	    fake_result(execl("/bin/sh", "sh", "-c", "true", (char *)NULL));
	tries[5] = fake_result(open("/usr/share", O_RDONLY | O_DIRECTORY));
	tries[6] = fake_result(socket(AF_UNIX, SOCK_STREAM, 0));
	tries[7] =
	    fake_result(connect(STDIN_FILENO, &address, sizeof(address)));
	tries[8] = fake_result(syscall(425, 4, params)); /* io_uring_setup */
	tries[9] = fake_result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
	tries[10] = fake_result(open(vault, O_RDONLY));
	(void)snprintf(text, 1024,
	    "write %s\nread %s\nsocket %s\nfork %s\nexec %s\nfonts %s\n"
	    "unix %s\nconnect %s\nio_uring %s\nptrace %s\nvault %s\n",
	    tries[0], tries[1], tries[2], tries[3], tries[4], tries[5],
	    tries[6], tries[7], tries[8], tries[9], tries[10]);
}

static void
fake_escape(void)
{
	char text[1024];

	fake_try(text);
	fake_frame("TEXT", text);
	fake_frame("END ", "");
}

static void
fake_echo(void)
{
	char buffer[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0)
		fake_write(buffer, (size_t)n);
	fake_frame("END ", "");
}

static void
fake_flood(void)
{
	static char zeros[65536];

	(void)signal(SIGPIPE, SIG_IGN);
	fake_head("TEXT", 60 << 20);
	for (;;)
		fake_write(zeros, sizeof(zeros));
}

/* Answers, then leaves a process behind that keeps the pipe open. */
static void
fake_litter(void)
{
	if (fork() == 0) {
		(void)sleep(100);
		_exit(0);
	}
	fake_answer("text/plain", "texte", GOOD_META);
}

static void
fake_misbehave(const char *how)
{
	if (strcmp(how, "crash") == 0) {
		fake_frame("TYPE", "text/plain");
		(void)raise(SIGSEGV);
	} else if (strcmp(how, "abort") == 0)
		abort();
	else if (strcmp(how, "exit3") == 0) {
		fake_read("text/plain", "texte", GOOD_META);
		exit(3);
	} else if (strcmp(how, "hang") == 0) {
		for (;;)
			(void)pause();
	} else if (strcmp(how, "hang-late") == 0) {
		fake_read("text/plain", "texte", GOOD_META);
		for (;;)
			(void)pause();
	} else if (strcmp(how, "flood") == 0)
		fake_flood();
	else if (strcmp(how, "deaf") == 0) {
		(void)close(STDIN_FILENO);
		fake_answer("text/plain", "sans lire", GOOD_META);
	} else if (strcmp(how, "litter") == 0)
		fake_litter();
	else if (strcmp(how, "inside") == 0)
		fake_inside();
	else if (strcmp(how, "escape") == 0 || strcmp(how, "bin") == 0)
		fake_escape();
	else if (strcmp(how, "echo") == 0)
		fake_echo();
	else if (strcmp(how, "fail") == 0) {
		fake_eat();
		fake_frame("FAIL",
		    "{\"status\":\"not-found\",\"message\":\"no such "
		    "template\",\"hint\":\"look\"}");
		exit(1);
	} else if (strcmp(how, "fail-badly") == 0)
		fake_frame("FAIL", "{\"status\":");
	else if (strcmp(how, "silent") == 0)
		fake_eat_head();
}

/* Answers that are not in order, by their bytes. */
struct fake_nonsense {
	const char *how, *type, *text, *meta;
};

#define META(type, document, title, date, reader, unread)                      \
	"{\"type\":\"" type "\",\"document\":\"" document                      \
	"\",\"title\":\"" title "\",\"date\":\"" date                          \
	"\",\"reader\":\"" reader "\",\"cut\":false,\"unread\":\"" unread      \
	"\"}"

static const struct fake_nonsense nonsense[] = {
	{ "good", "text/plain", "texte", GOOD_META },
	{ "type-path", "../../etc/passwd", "texte", GOOD_META },
	{ "type-long",
	    "application/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "texte", GOOD_META },
	{ "type-meta", "text/plain", "texte",
	    META("a b", "lab", "x", "", "x/1", "") },
	{ "text-escape", "text/plain", "a\x1b[2Jb", GOOD_META },
	{ "text-broken", "text/plain", "a\xff", GOOD_META },
	{ "text-empty", "text/plain", "", GOOD_META },
	{ "title-line", "text/plain", "texte",
	    META("text/plain", "lab", "a\\nb", "", "x/1", "") },
	{ "title-escape", "text/plain", "texte",
	    META("text/plain", "lab", "a\\u001b[2J", "", "x/1", "") },
	{ "title-turned", "text/plain", "texte",
	    META("text/plain", "lab", "a\\u202eb", "", "x/1", "") },
	{ "date-none", "text/plain", "texte",
	    META("text/plain", "lab", "x", "2026-02-30", "x/1", "") },
	{ "document-other", "text/plain", "texte",
	    META("text/plain", "rm -rf", "x", "", "x/1", "") },
	{ "reader-long", "text/plain", "texte",
	    META("text/plain", "lab", "x", "",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "") },
	{ "unread-other", "text/plain", "texte",
	    META("text/plain", "lab", "x", "", "x/1", "no-program") },
	{ "meta-broken", "text/plain", "texte", "{\"type\":" },
	{ "meta-list", "text/plain", "texte", "[]" },
	{ "meta-short", "text/plain", "texte", "{\"type\":\"text/plain\"}" },
	{ "meta-number", "text/plain", "texte",
	    "{\"type\":\"text/plain\",\"document\":1,\"title\":\"x\","
	    "\"date\":\"\",\"reader\":\"x/1\",\"cut\":false,\"unread\":\"\"}" },
};

static void
fake_frames(const char *how)
{
	if (strcmp(how, "frame-large") == 0) {
		fake_frame("TYPE", "text/plain");
		fake_head("TEXT", 0xffffffff);
	} else if (strcmp(how, "frame-cut") == 0) {
		fake_frame("TYPE", "text/plain");
		fake_head("TEXT", 100);
		fake_write("abc", 3);
	} else if (strcmp(how, "frame-other") == 0) {
		fake_frame("TYPE", "text/plain");
		fake_frame("EXEC", "rm -rf /");
		fake_frame("META", GOOD_META);
		fake_frame("END ", "");
	} else if (strcmp(how, "frame-twice") == 0) {
		fake_frame("TYPE", "text/plain");
		fake_frame("META", GOOD_META);
		fake_frame("META", GOOD_META);
		fake_frame("END ", "");
	} else if (strcmp(how, "frame-behind") == 0) {
		fake_answer("text/plain", "texte", GOOD_META);
		fake_frame("TEXT", "encore");
	} else if (strcmp(how, "frame-no-end") == 0) {
		fake_frame("TYPE", "text/plain");
		fake_frame("META", GOOD_META);
	} else if (strcmp(how, "frame-no-type") == 0) {
		fake_frame("META", GOOD_META);
		fake_frame("END ", "");
	} else if (strcmp(how, "garbage") == 0)
		fake_write("not a frame at all, only words", 30);
	else if (strcmp(how, "no-sandbox") == 0) {
		fake_frame("META", META("", "", "", "", "", "no-sandbox"));
		fake_frame("END ", "");
	}
}

int
main(void)
{
	char path[4096];
	char *slash, *how;

	(void)snprintf(
	    path, sizeof(path), "%s", (const char *)getauxval(AT_EXECFN));
	slash = strrchr(path, '/');
	if (slash == NULL)
		return 8;
	*slash = '\0';
	slash = strrchr(path, '/');
	how = slash != NULL ? slash + 1 : path;
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		if (strcmp(nonsense[i].how, how) == 0) {
			fake_read(nonsense[i].type, nonsense[i].text,
			    nonsense[i].meta);
			return 0;
		}
	}
	fake_misbehave(how);
	fake_frames(how);
	return 0;
}
