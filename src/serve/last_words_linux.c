/* SPDX-License-Identifier: MIT */
/* The last bytes and the half-close in one packet: MSG_MORE of send(2). */
#include <sys/socket.h>

#include <sockutil/serve/last_words.h>

ssize_t last_words_send(int fd, const void *bytes, size_t length)
{
	return send(fd, bytes, length, MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL);
}
