/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STREAM_SOCKETS_H
#define TESTS_STREAM_SOCKETS_H
/* Connected sockets on loopback and what their peers do to them. pair[0] is ours (non-blocking),
 * pair[1] the peer's (blocking). */
#include <stdbool.h>
#include <stddef.h>

void sockets_tcp_pair(int pair[2]);
void sockets_unix_pair(int pair[2]);
/* Closes with a reset. */
void sockets_reset(int fd);
/* Until poll(2) reports one of events, or an error; false after ten seconds. */
bool sockets_wait(int fd, short events);
/* Until the socket has met a reset, without taking it from the kernel. */
bool sockets_wait_reset(int fd);
/* Writes until the kernel takes no more; returns the bytes. */
size_t sockets_fill(int fd);
/* Writes all to a blocking descriptor. */
void sockets_give(int fd, const void *bytes, size_t length);
/* Reads from a blocking descriptor until its end; returns the bytes; the first size of them are
 * in out. */
size_t sockets_drain(int fd, char *out, size_t size);
/* Whether this system tells what a peer's kernel has not acknowledged. */
bool sockets_queue_known(void);
#endif
