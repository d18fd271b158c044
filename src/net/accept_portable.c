/* SPDX-License-Identifier: MIT */
/* accept(2) and its flags one by one. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/accept_descriptor.h>

#ifdef SO_NOSIGPIPE
static int quiet(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
}
#else
static int quiet(int fd)
{
	(void)fd;
	return 0;
}
#endif

int accept_descriptor(int listener, struct address *peer)
{
	int fd, flags, error;

	peer->length = sizeof(peer->storage);
	fd = accept(listener, &peer->any, &peer->length);
	if (fd < 0)
		return -1;
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && quiet(fd) == 0)
		return fd;
	/* macOS: EINVAL when the peer has gone already. */
	error = errno == EINVAL ? ECONNABORTED : errno;
	close(fd);
	errno = error;
	return -1;
}
