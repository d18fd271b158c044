/* SPDX-License-Identifier: MIT */
/* Listening sockets: what all kinds share, a second socket for a worker, the end.
 * Holds: sockets are non-blocking and close-on-exec; endpoints are appended to what is there, and a
 * failure leaves that alone and no descriptor behind; the scheme is kept; a client's socket option
 * is refused; a server's reaches the accepted connection; a clone listens on the same port and
 * shares the connections; without reuse_port, for Unix sockets and for inherited ones there is
 * none, and no failure; closing twice is harmless; an option that the kind of endpoint has no use
 * for is refused; a listener that is not its owner's stays on disk; Multipath TCP and fast open
 * listen where the kernel has them. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int int_option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

Test(listen, sockets_do_not_block_and_are_not_inherited)
{
	struct listening l;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"), "%s", l.why.text);
	cr_assert_eq(l.count, 1);
	cr_assert(fcntl(l.listeners[0].fd, F_GETFL) & O_NONBLOCK);
	cr_assert(fcntl(l.listeners[0].fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(l.why.class, FAILURE_NONE);
	cr_assert_not(l.listeners[0].polled);
	listening_close(&l);
}

Test(listen, endpoints_are_appended)
{
	struct listening l;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	cr_assert(listening_open(&l, "tls://127.0.0.1:0"));
	cr_assert_eq(l.count, 2);
	cr_assert_eq(l.listeners[0].scheme, ENDPOINT_PLAIN);
	cr_assert_eq(l.listeners[1].scheme, ENDPOINT_TLS);
	cr_assert_neq(address_port(&l.listeners[0].address), 0);
	cr_assert_neq(address_port(&l.listeners[0].address), address_port(&l.listeners[1].address));
	listening_close(&l);
}

Test(listen, a_failure_leaves_what_was_open_and_no_descriptor)
{
	struct listening l;
	char text[64];
	unsigned before;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	before = listening_descriptors();
	snprintf(text, sizeof(text), "127.0.0.1:%u", address_port(&l.listeners[0].address));
	cr_assert_not(listening_open(&l, text));
	cr_assert_eq(l.count, 1);
	cr_assert_eq(listening_descriptors(), before);
	listening_close(&l);
	cr_assert_eq(listening_descriptors(), before - 1);
}

Test(listen, a_clients_option_is_refused)
{
	struct listening l;

	listening_prepare(&l);
	if (!sockopt_add(&l.net.sockopts, "TCP_FASTOPEN_CONNECT=on", &l.why))
		cr_skip("%s", l.why.text);
	cr_assert_not(listening_open(&l, "127.0.0.1:0"));
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert_str_eq(l.why.text, "socket option TCP_FASTOPEN_CONNECT is for a client, "
				     "not for a listening socket");
	listening_close(&l);
}

Test(listen, an_option_reaches_accepted_connections)
{
	struct listening l;
	struct address peer;
	int client, fd = -1;

	listening_prepare(&l);
	cr_assert(sockopt_add(&l.net.sockopts, "nodelay=on", &l.why));
	cr_assert(sockopt_add(&l.net.sockopts, "SO_KEEPALIVE=on", &l.why));
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	client = listening_connect(&l.listeners[0]);
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_DONE);
	cr_assert_neq(int_option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	cr_assert_neq(int_option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	close(fd);
	close(client);
	listening_close(&l);
}

Test(listen, a_refused_option_fails_the_listener)
{
	struct listening l;
	unsigned before = listening_descriptors();

	listening_prepare(&l);
	cr_assert(sockopt_add(&l.net.sockopts, "IPV6_TCLASS=0", &l.why));
	cr_assert_not(listening_open(&l, "127.0.0.1:0"));
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert_str_eq(l.why.text, "socket option IPV6_TCLASS does not fit an IPv4 socket");
	cr_assert_eq(listening_descriptors(), before);
	listening_close(&l);
}

Test(listen, a_clone_shares_the_port)
{
	struct listening l;
	struct listener second;
	struct address peer;
	int fd = -1, clients[64];
	unsigned got[2] = { 0, 0 };

	listening_prepare(&l);
	l.options.reuse_port = true;
	l.options.backlog = 64;
	cr_assert(listening_open(&l, "tls://127.0.0.1:0"), "%s", l.why.text);
	cr_assert(listen_clone(&second, &l.listeners[0], &l.options, &l.why), "%s", l.why.text);
	cr_assert_eq(address_port(&second.address), address_port(&l.listeners[0].address));
	cr_assert_eq(second.scheme, ENDPOINT_TLS);
	cr_assert(fcntl(second.fd, F_GETFL) & O_NONBLOCK);
	for (int i = 0; i < 64; i++)
		clients[i] = listening_connect(&second);
	for (int i = 0; i < 2; i++)
		while (accept_one(i ? &second : &l.listeners[0], &fd, &peer, &l.why) == IO_DONE) {
			got[i]++;
			close(fd);
		}
	cr_assert_eq(got[0] + got[1], 64);
	for (int i = 0; i < 64; i++)
		close(clients[i]);
	listener_close(&second, true);
	listening_close(&l);
}

Test(listen, a_clone_of_a_dual_stack_socket_is_one)
{
	struct listening l;
	struct listener second;

	listening_prepare(&l);
	l.options.reuse_port = true;
	cr_assert(listening_open(&l, "0"), "%s", l.why.text);
	if (l.listeners[0].address.any.sa_family != AF_INET6)
		cr_skip("no IPv6 here");
	cr_assert(listen_clone(&second, &l.listeners[0], &l.options, &l.why), "%s", l.why.text);
	cr_assert_eq(int_option(second.fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
	listener_close(&second, true);
	listening_close(&l);
}

Test(listen, what_is_shared_has_no_clone)
{
	struct listening l;
	struct listener second;

	listening_folder();
	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	cr_assert_not(listen_clone(&second, &l.listeners[0], &l.options, &l.why));
	cr_assert_eq(l.why.class, FAILURE_NONE);
	l.options.reuse_port = true;
	/* Opened without SO_REUSEPORT: somebody else's, as far as a clone can tell. */
	cr_assert_not(listen_clone(&second, &l.listeners[0], &l.options, &l.why));
	cr_assert_eq(l.why.class, FAILURE_NONE);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	cr_assert_not(listen_clone(&second, &l.listeners[1], &l.options, &l.why));
	cr_assert_eq(l.why.class, FAILURE_NONE);
	listening_close(&l);
	listening_remove_folder();
}

Test(listen, closing_twice_is_harmless)
{
	struct listening l;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	listener_close(&l.listeners[0], true);
	cr_assert_eq(l.listeners[0].fd, -1);
	listener_close(&l.listeners[0], true);
	listening_close(&l);
}

Test(listen, who_is_not_the_owner_unlinks_nothing)
{
	struct listening l;

	listening_folder();
	listening_prepare(&l);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	listener_close(&l.listeners[0], false);
	cr_assert_eq(access(listening_path("s"), F_OK), 0);
	unlink(listening_path("s"));
	listening_close(&l);
	listening_remove_folder();
}

Test(listen, multipath_and_fast_open_where_the_kernel_has_them)
{
	struct listening l;
	bool opened;

	listening_prepare(&l);
	l.net.mptcp = true;
	opened = listening_open(&l, "127.0.0.1:0");
	cr_assert(opened || l.why.class == FAILURE_USAGE, "%s", l.why.text);
	listening_close(&l);
	listening_prepare(&l);
	l.net.fastopen = true;
	opened = listening_open(&l, "127.0.0.1:0");
	cr_assert(opened || l.why.class == FAILURE_USAGE, "%s", l.why.text);
	if (opened)
		cr_assert_eq(int_option(l.listeners[0].fd, IPPROTO_TCP, TCP_FASTOPEN), 8);
	listening_close(&l);
}

Test(listen, an_interface_that_is_not_there_is_named)
{
	struct listening l;
	unsigned before = listening_descriptors();

	listening_prepare(&l);
	l.net.interface = "nosuch0";
	cr_assert_not(listening_open(&l, "127.0.0.1:0"));
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_str_eq(l.why.text, "interface nosuch0 does not exist");
	cr_assert_eq(listening_descriptors(), before);
	listening_close(&l);
}

Test(listen, options_that_do_not_fit_the_endpoint_are_refused)
{
	struct listening l;

	listening_prepare(&l);
	l.net.family = AF_INET;
	cr_assert_not(listening_open(&l, "unix:/tmp/none/s"));
	cr_assert_str_eq(l.why.text, "-4 does not go with unix:/tmp/none/s");
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	l.net.family = AF_INET6;
	cr_assert_not(listening_open(&l, "systemd:"));
	cr_assert_str_eq(l.why.text, "-6 does not go with systemd:");
	l.net.family = AF_UNSPEC;
	l.net.interface = "lo";
	cr_assert_not(listening_open(&l, "fd:9"));
	cr_assert_str_eq(l.why.text, "--interface does not go with fd:9");
	l.net.interface = NULL;
	l.net.mptcp = true;
	cr_assert_not(listening_open(&l, "unix:/tmp/none/s"));
	cr_assert_str_eq(l.why.text, "--mptcp does not go with unix:/tmp/none/s");
	l.net.mptcp = false;
	l.net.fastopen = true;
	l.options.type = SOCK_DGRAM;
	cr_assert_not(listening_open(&l, "127.0.0.1:0"));
	cr_assert_str_eq(l.why.text, "--fastopen does not go with 127.0.0.1:0");
	listening_close(&l);
}
