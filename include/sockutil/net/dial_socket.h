/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_DIAL_SOCKET_H
#define SOCKUTIL_NET_DIAL_SOCKET_H
/* The sockets that connections are made with, as each system makes them. */
#include <stdbool.h>

/* A stream socket, non-blocking, close-on-exec, that raises no SIGPIPE; -1 with errno. protocol:
 * 0 or dial_socket_mptcp(). */
int dial_socket_open(int family, int protocol);

/* IPPROTO_MPTCP, or -1 where the system has no multipath TCP. */
int dial_socket_mptcp(void);

/* connect(2) sends the first bytes along (RFC 7413). False with errno; ENOPROTOOPT where the
 * system cannot. */
bool dial_socket_fastopen(int fd);

/* bind(2) to port 0 leaves the choice to connect(2), so that many connections may share a port.
 * No harm where there is no such thing. */
void dial_socket_late_port(int fd);
#endif
