/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_SOCKET_KERNEL_H
#define SOCKUTIL_STREAM_SOCKET_KERNEL_H
/* What layer_socket asks of the kernel and each system says in its own way
 * (socket_kernel_linux.c, socket_kernel_portable.c). */

/* Bytes in the send queue that the peer has not acknowledged (none on a Unix socket: they are in
 * the peer's queue), our FIN counted as one; also after a reset. -1: this system or socket does
 * not tell. */
long socket_kernel_unacknowledged(int fd);

/* Makes sends on fd raise no SIGPIPE; returns the flag for sendmsg(2) that does the same, 0 when
 * there is none. */
int socket_kernel_no_signal(int fd);
#endif
