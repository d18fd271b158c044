/* SPDX-License-Identifier: MIT */
/* Sockets to connect with, by POSIX alone. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/dial_socket.h>

#ifdef SO_NOSIGPIPE
static void silence(int fd)
{
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
}
#else
/* SIGPIPE is ignored from the start (net/process.h). */
static void silence(int fd)
{
	(void)fd;
}
#endif

int dial_socket_open(int family, int protocol)
{
	const int fd = socket(family, SOCK_STREAM, protocol);

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1) {
		const int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	silence(fd);
	return fd;
}

int dial_socket_mptcp(void)
{
	return -1;
}

bool dial_socket_fastopen(int fd)
{
	(void)fd;
	errno = ENOPROTOOPT;
	return false;
}

void dial_socket_late_port(int fd)
{
	(void)fd;
}
