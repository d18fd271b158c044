/* SPDX-License-Identifier: MIT */
/* src/stream/socket_kernel_linux.c - the send queue by SIOCOUTQ (tcp(7), unix(7)); no signals by
 * MSG_NOSIGNAL. */
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <sockutil/stream/socket_kernel.h>

long socket_kernel_unacknowledged(int fd)
{
	socklen_t length = sizeof(int);
	int queued = 0, domain = 0;

	/* What was sent on a Unix socket is in its peer's own queue already; SIOCOUTQ would
	 * count what that has not read. */
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX)
		return 0;
	return ioctl(fd, SIOCOUTQ, &queued) == 0 ? queued : -1;
}

int socket_kernel_no_signal(int fd)
{
	(void)fd;
	return MSG_NOSIGNAL;
}
