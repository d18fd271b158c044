/* SPDX-License-Identifier: MIT */
/* stream_sockets.c - connected sockets on loopback. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/stream/socket_kernel.h>

void sockets_tcp_pair(int pair[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	cr_assert_eq(listen(listener, 1), 0);
	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(pair[0], (struct sockaddr *)&address, length), 0);
	pair[1] = accept(listener, NULL, NULL);
	cr_assert(pair[1] >= 0);
	cr_assert_eq(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	close(listener);
}

void sockets_unix_pair(int pair[2])
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
}

void sockets_reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
	close(fd);
}

bool sockets_wait(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 10000) == 1;
}

bool sockets_wait_reset(int fd)
{
	return sockets_wait(fd, 0);
}

size_t sockets_fill(int fd)
{
	static const char bytes[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		total += (size_t)n;
	cr_assert_eq(errno, EAGAIN);
	return total;
}

void sockets_give(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t n = write(fd, at, length);

		cr_assert(n > 0);
		at += n;
		length -= (size_t)n;
	}
}

size_t sockets_drain(int fd, char *out, size_t size)
{
	char block[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0) {
		size_t room = total < size ? size - total : 0;

		if (room > 0)
			memcpy(out + total, block, (size_t)n < room ? (size_t)n : room);
		total += (size_t)n;
	}
	return total;
}

bool sockets_queue_known(void)
{
	int pair[2];
	bool known;

	sockets_tcp_pair(pair);
	known = socket_kernel_unacknowledged(pair[0]) >= 0;
	close(pair[0]);
	close(pair[1]);
	return known;
}
