/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_LAST_WORDS_H
#define SOCKUTIL_SERVE_LAST_WORDS_H
/* The last bytes of a connection, held by the kernel until the half-close that follows at once, so
 * that both travel in one packet. */
#include <stddef.h>
#include <sys/types.h>

/* As send(2) on a non-blocking socket, without SIGPIPE. */
ssize_t last_words_send(int fd, const void *bytes, size_t length);
#endif
