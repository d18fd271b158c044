/* SPDX-License-Identifier: MIT */
/* src/stream/socket_kernel_linux.c - the send queue by SIOCOUTQ (tcp(7), unix(7)); no signals by MSG_NOSIGNAL. */
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <sockutil/stream/socket_kernel.h>

long socket_kernel_unacknowledged(int fd)
{
	int queued = 0;

	return ioctl(fd, SIOCOUTQ, &queued) == 0 ? queued : -1;
}

int socket_kernel_no_signal(int fd)
{
	(void)fd;
	return MSG_NOSIGNAL;
}
