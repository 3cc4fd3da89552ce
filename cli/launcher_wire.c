/* SPDX-License-Identifier: ISC */
/*
 * Requests with their descriptors over one datagram socket.
 * Starts nothing.  The contract: launcher_wire.h.
 */
#include "launcher_wire.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union launcher_control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int) * LAUNCHER_FDS)];
};

enum carnet_status
launcher_send(int fd, const struct launcher_request *request,
    const int fds[LAUNCHER_FDS], struct carnet_error *err)
{
	union launcher_control control = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)request,
		.iov_len = offsetof(struct launcher_request, text) +
			   request->text_len };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * LAUNCHER_FDS);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * LAUNCHER_FDS);
	do
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return CARNET_OK;
	if (errno == EPIPE || errno == ECONNRESET)
		return carnet_fail(err, CARNET_FAILED,
		    CARNET_("the launcher of other programs has ended"));
	return carnet_fail_errno(
	    err, errno, CARNET_("cannot ask the launcher for a program"));
}

static void
launcher_close(int fds[LAUNCHER_FDS])
{
	for (size_t i = 0; i < LAUNCHER_FDS; i++) {
		if (fds[i] >= 0)
			(void)close(fds[i]);
		fds[i] = -1;
	}
}

/* Exactly four descriptors, or none: what came is closed then. */
static bool
launcher_take_fds(struct msghdr *message, int fds[LAUNCHER_FDS])
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count = 0;

	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS) {
		count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (count > LAUNCHER_FDS)
			count = LAUNCHER_FDS;
		memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	}
	if (count == LAUNCHER_FDS && (message->msg_flags & MSG_CTRUNC) == 0)
		return true;
	launcher_close(fds);
	return false;
}

bool
launcher_receive(
    int fd, struct launcher_request *ret_request, int ret_fds[LAUNCHER_FDS])
{
	const size_t head = offsetof(struct launcher_request, text);
	union launcher_control control;
	struct iovec part = { .iov_base = ret_request,
		.iov_len = sizeof(*ret_request) - 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	bool is_request;
	ssize_t n;

	for (size_t i = 0; i < LAUNCHER_FDS; i++)
		ret_fds[i] = -1;
	do
		n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	is_request = launcher_take_fds(&message, ret_fds);
	if (!is_request || (size_t)n < head ||
	    (size_t)n != head + ret_request->text_len ||
	    ret_request->program >= LAUNCHER_PROGRAMS) {
		launcher_close(ret_fds);
		ret_request->program = LAUNCHER_PROGRAMS;
		return true;
	}
	ret_request->text[ret_request->text_len] = '\0';
	return true;
}
