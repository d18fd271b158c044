/* SPDX-License-Identifier: MIT */
/* src/stream/socket_kernel_portable.c - the send queue by SO_NWRITE and no signals by
 * SO_NOSIGPIPE (both macOS), where known. */
#include <sys/socket.h>

#include <sockutil/stream/socket_kernel.h>

#ifdef SO_NWRITE
long socket_kernel_unacknowledged(int fd)
{
	int queued = 0;
	socklen_t length = sizeof(queued);

	return getsockopt(fd, SOL_SOCKET, SO_NWRITE, &queued, &length) == 0 ? queued : -1;
}
#else
long socket_kernel_unacknowledged(int fd)
{
	(void)fd;
	return -1;
}
#endif

#if defined(SO_NOSIGPIPE)
int socket_kernel_no_signal(int fd)
{
	const int on = 1;

	/* A connection that is already reset refuses it (EINVAL); process_start() ignores the
	 * signal anyway. */
	(void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
	return 0;
}
#elif defined(MSG_NOSIGNAL)
int socket_kernel_no_signal(int fd)
{
	(void)fd;
	return MSG_NOSIGNAL;
}
#else
int socket_kernel_no_signal(int fd)
{
	(void)fd;
	return 0;
}
#endif
