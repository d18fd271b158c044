/* SPDX-License-Identifier: MIT */
/* Bytes and files into a socket, as Linux does it best. */
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <sockutil/http/service1.h>

ssize_t http_service1_send_more(int fd, const void *bytes, size_t length)
{
	return send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
}

ssize_t http_service1_send_file(int socket, int file, uint64_t offset, size_t length)
{
	off_t at = (off_t)offset;

	return sendfile(socket, file, &at, length);
}
