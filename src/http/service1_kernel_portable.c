/* SPDX-License-Identifier: MIT */
/* Bytes and files into a socket with POSIX alone. */
#include <errno.h>
#include <sys/socket.h>

#include <sockutil/http/service1.h>
#include <sockutil/stream/socket_kernel.h>

ssize_t http_service1_send_more(int fd, const void *bytes, size_t length)
{
	return send(fd, bytes, length, MSG_DONTWAIT | socket_kernel_no_signal(fd));
}

ssize_t http_service1_send_file(int socket, int file, uint64_t offset, size_t length)
{
	(void)socket;
	(void)file;
	(void)offset;
	(void)length;
	errno = ENOSYS;
	return -1;
}
