/* SPDX-License-Identifier: MIT */
/* The sockets that connections are made with.
 * Holds: a socket is a stream, non-blocking and close-on-exec; a family that does not exist leaves
 * errno and no descriptor; with a late port, binding picks none and connecting does; what the
 * system lacks is said by errno. */
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <sockutil/net/address.h>
#include <sockutil/net/dial_socket.h>

Test(dial_socket, is_a_stream_that_does_not_block)
{
	static const int families[] = { AF_INET, AF_UNIX };
	int type = 0;
	socklen_t length = sizeof(type);

	for (int i = 0; i < 2; i++) {
		const int fd = dial_socket_open(families[i], 0);

		cr_assert(fd >= 0);
		cr_assert_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length), 0);
		cr_assert_eq(type, SOCK_STREAM);
		cr_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
		cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
	}
}

Test(dial_socket, unknown_family)
{
	errno = 0;
	cr_assert_eq(dial_socket_open(200, 0), -1);
	cr_assert_eq(errno, EAFNOSUPPORT);
}

/* Where there is no such thing, bind(2) picks the port as ever. */
Test(dial_socket, late_port_is_known_once_connected)
{
	const int server = loopback_listening("127.0.0.1", 0, 1);
	const int fd = dial_socket_open(AF_INET, 0);
	struct address address;

	dial_socket_late_port(fd);
	cr_assert(address_parse_ip("127.0.0.1", 0, &address));
	cr_assert_eq(bind(fd, &address.any, address.length), 0);
	address_set_port(&address, loopback_port(server));
	cr_assert(connect(fd, &address.any, address.length) == 0 || errno == EINPROGRESS);
	cr_assert(loopback_port(fd) > 0);
	close(fd);
	close(server);
}

Test(dial_socket, fast_open_is_for_tcp)
{
	const int fd = dial_socket_open(AF_UNIX, 0);

	cr_assert(!dial_socket_fastopen(fd));
	cr_assert(errno == ENOPROTOOPT || errno == EOPNOTSUPP);
	close(fd);
}
