/* SPDX-License-Identifier: MIT */
/* src/chat/host_seat.c - who hosts the chat sits in it, over a socket pair. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/chat/host_parts.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

static bool set_flags(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

bool chat_host_seat_begin(struct chat_host *host, struct failure *why)
{
	const struct chat_seat *seat = host->options->seat;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
		fail_errno(why, FAILURE_OTHER, errno, "no socket pair for who hosts the chat");
		return false;
	}
	if (!set_flags(pair[0]) || !set_flags(pair[1])) {
		fail_errno(why, FAILURE_OTHER, errno, "the socket pair of who hosts the chat");
		close(pair[0]);
		close(pair[1]);
		return false;
	}
	session_seat(host->server, pair[0]);
	seat->begin(seat->data, host->server->loop, pair[1]);
	return true;
}
