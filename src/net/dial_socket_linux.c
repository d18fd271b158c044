/* SPDX-License-Identifier: MIT */
/* Sockets to connect with, on Linux. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <sockutil/net/dial_socket.h>

int dial_socket_open(int family, int protocol)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

int dial_socket_mptcp(void)
{
	enum { MPTCP = 262 }; /* linux/in.h; older C libraries lack it */

	return MPTCP;
}

bool dial_socket_fastopen(int fd)
{
	const int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) == 0;
}

void dial_socket_late_port(int fd)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
}
