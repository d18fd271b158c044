/* SPDX-License-Identifier: MIT */
/* TCP and UDP sockets of a host and a port.
 * Holds: a port alone is dual-stack, with -4 all of IPv4, with -6 IPv6 alone; a service name is a
 * port; localhost is both families on one port, one of them with -4 or -6; "[::]" written out is
 * IPv6 alone unless --sockopt says otherwise; a port in use, a foreign address, a privileged port,
 * an unknown name and a link-local address without its zone each have their exact text and class;
 * all addresses or none; a port is free again at once after its server with open connections ended;
 * datagram sockets are bound and take no connection, and the port is theirs alone. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/listen_parts.h>

static bool has_ipv6(void)
{
	struct address loopback;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has;

	address_parse_ip("::1", 0, &loopback);
	has = fd >= 0 && bind(fd, &loopback.any, loopback.length) == 0;
	close(fd);
	return has;
}

static int v6only(int fd)
{
	int value = -1;
	socklen_t length = sizeof(value);

	return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, &length) == 0 ? value : -1;
}

static const char *host(const struct listener *listener)
{
	static char text[ADDRESS_TEXT_MAX];

	return address_host(text, &listener->address);
}

static void connect_to(const char *ip, unsigned port)
{
	struct address address;
	int fd;

	cr_assert(address_parse_ip(ip, port, &address));
	fd = socket(address.any.sa_family, SOCK_STREAM, 0);
	cr_assert_eq(connect(fd, &address.any, address.length), 0, "%s: %m", ip);
	close(fd);
}

Test(listen_internet, a_port_alone_is_dual_stack)
{
	struct listening l;
	unsigned port;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "0"), "%s", l.why.text);
	cr_assert_eq(l.count, 1);
	port = address_port(&l.listeners[0].address);
	cr_assert_neq(port, 0);
	connect_to("127.0.0.1", port);
	if (has_ipv6()) {
		cr_assert_str_eq(host(&l.listeners[0]), "::");
		cr_assert_eq(v6only(l.listeners[0].fd), 0);
		connect_to("::1", port);
	}
	listening_close(&l);
}

Test(listen_internet, a_family_narrows_a_port_alone)
{
	struct listening l;

	listening_prepare(&l);
	l.net.family = AF_INET;
	cr_assert(listening_open(&l, "0"), "%s", l.why.text);
	cr_assert_str_eq(host(&l.listeners[0]), "0.0.0.0");
	listening_close(&l);
	if (!has_ipv6())
		cr_skip("no IPv6 here");
	listening_prepare(&l);
	l.net.family = AF_INET6;
	cr_assert(listening_open(&l, "0"), "%s", l.why.text);
	cr_assert_str_eq(host(&l.listeners[0]), "::");
	cr_assert_eq(v6only(l.listeners[0].fd), 1);
	listening_close(&l);
}

Test(listen_internet, localhost_is_both_families_on_one_port)
{
	struct listening l;

	if (!has_ipv6())
		cr_skip("no IPv6 here");
	listening_prepare(&l);
	cr_assert(listening_open(&l, "localhost:0"), "%s", l.why.text);
	cr_assert_eq(l.count, 2);
	cr_assert_neq(l.listeners[0].address.any.sa_family, l.listeners[1].address.any.sa_family);
	cr_assert_eq(address_port(&l.listeners[0].address), address_port(&l.listeners[1].address));
	connect_to("127.0.0.1", address_port(&l.listeners[0].address));
	connect_to("::1", address_port(&l.listeners[0].address));
	listening_close(&l);
}

Test(listen_internet, localhost_of_one_family)
{
	struct listening l;

	listening_prepare(&l);
	l.net.family = AF_INET;
	cr_assert(listening_open(&l, "localhost:0"), "%s", l.why.text);
	cr_assert_eq(l.count, 1);
	cr_assert_str_eq(host(&l.listeners[0]), "127.0.0.1");
	listening_close(&l);
}

Test(listen_internet, any_of_ipv6_written_out_is_ipv6_alone)
{
	struct listening l;

	if (!has_ipv6())
		cr_skip("no IPv6 here");
	listening_prepare(&l);
	cr_assert(listening_open(&l, "[::]:0"), "%s", l.why.text);
	cr_assert_eq(v6only(l.listeners[0].fd), 1);
	listening_close(&l);
	listening_prepare(&l);
	cr_assert(sockopt_add(&l.net.sockopts, "IPV6_V6ONLY=off", &l.why));
	cr_assert(listening_open(&l, "[::]:0"), "%s", l.why.text);
	cr_assert_eq(v6only(l.listeners[0].fd), 0);
	listening_close(&l);
}

Test(listen_internet, a_port_in_use_says_so)
{
	struct listening l;
	char endpoint[64], expected[200];
	unsigned port;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	port = address_port(&l.listeners[0].address);
	snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%u", port);
	cr_assert_not(listening_open(&l, endpoint));
	snprintf(expected, sizeof(expected),
		 "127.0.0.1:%u: address already in use (another program listens there); "
		 "choose another port or end it",
		 port);
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_eq(l.why.error, EADDRINUSE);
	listening_close(&l);
}

Test(listen_internet, all_addresses_or_none)
{
	struct listening l;
	char endpoint[64];
	unsigned before;

	if (!has_ipv6())
		cr_skip("no IPv6 here");
	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	before = listening_descriptors();
	snprintf(endpoint, sizeof(endpoint), "localhost:%u", address_port(&l.listeners[0].address));
	cr_assert_not(listening_open(&l, endpoint));
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_eq(l.count, 1);
	cr_assert_eq(listening_descriptors(), before);
	listening_close(&l);
}

Test(listen_internet, a_foreign_address_says_so)
{
	struct listening l;

	listening_prepare(&l);
	cr_assert_not(listening_open(&l, "192.0.2.1:8080"));
	cr_assert_str_eq(l.why.text, "192.0.2.1:8080: not an address of this machine; "
				     "the port alone listens on all addresses");
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	listening_close(&l);
}

Test(listen_internet, a_link_local_address_needs_its_zone)
{
	struct listening l;

	if (!has_ipv6())
		cr_skip("no IPv6 here");
	listening_prepare(&l);
	cr_assert_not(listening_open(&l, "[fe80::1]:8080"));
	cr_assert_str_eq(l.why.text, "[fe80::1]:8080: a link-local address needs its zone, "
				     "as in fe80::1%eth0");
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	listening_close(&l);
}

Test(listen_internet, an_unknown_name_is_not_resolved)
{
	struct listening l;

	listening_prepare(&l);
	cr_assert_not(listening_open(&l, "nosuch.invalid:8080"));
	cr_assert_eq(l.why.class, FAILURE_NAME, "%s", l.why.text);
	cr_assert(strstr(l.why.text, "nosuch.invalid"), "%s", l.why.text);
	listening_close(&l);
}

Test(listen_internet, a_port_is_free_again_at_once)
{
	struct listening l;
	struct address peer;
	char endpoint[64];
	int client, fd = -1;

	listening_prepare(&l);
	cr_assert(listening_open(&l, "127.0.0.1:0"));
	client = listening_connect(&l.listeners[0]);
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_DONE);
	snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%u", address_port(&l.listeners[0].address));
	/* The server's side closes first: TIME-WAIT is its own. */
	close(fd);
	listening_close(&l);
	listening_prepare(&l);
	cr_assert(listening_open(&l, endpoint), "%s", l.why.text);
	close(client);
	listening_close(&l);
}

Test(listen_internet, datagram_sockets_are_bound_and_theirs_alone)
{
	struct listening l;
	char endpoint[64], expected[200];
	int accepting = 0;
	socklen_t length = sizeof(accepting);

	listening_prepare(&l);
	l.options.type = SOCK_DGRAM;
	cr_assert(listening_open(&l, "127.0.0.1:0"), "%s", l.why.text);
	getsockopt(l.listeners[0].fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &length);
	cr_assert_eq(accepting, 0);
	snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%u", address_port(&l.listeners[0].address));
	cr_assert_not(listening_open(&l, endpoint));
	snprintf(expected, sizeof(expected),
		 "%s: address already in use (another program receives there); "
		 "choose another port or end it",
		 endpoint);
	cr_assert_str_eq(l.why.text, expected);
	listening_close(&l);
}

Test(listen_internet, a_service_name_is_a_port)
{
	struct listening l;

	listening_prepare(&l);
	if (!listening_open(&l, "127.0.0.1:postgresql") && l.why.class != FAILURE_LOCAL_ADDRESS)
		cr_skip("no such service here: %s", l.why.text);
	if (l.count)
		cr_assert_eq(address_port(&l.listeners[0].address), 5432);
	else
		cr_assert(strncmp(l.why.text, "127.0.0.1:5432: ", 16) == 0, "%s", l.why.text);
	listening_close(&l);
}

/* Tests may be privileged themselves, so this asks for the words alone. */
Test(listen_internet, a_privileged_port_says_what_it_needs)
{
	struct listening l;
	struct address address;

	listening_prepare(&l);
	address_parse_ip("127.0.0.1", 80, &address);
	listen_refused(&l.why, EACCES, "127.0.0.1:80", &address, &l.options);
	cr_assert_str_eq(l.why.text,
			 "127.0.0.1:80: not permitted: ports below 1024 need privileges "
			 "(CAP_NET_BIND_SERVICE); choose one from 1024 up");
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	address_set_port(&address, 8080);
	listen_refused(&l.why, EACCES, "127.0.0.1:8080", &address, &l.options);
	cr_assert_str_eq(l.why.text, "cannot listen on 127.0.0.1:8080: Permission denied");
	listening_close(&l);
}
