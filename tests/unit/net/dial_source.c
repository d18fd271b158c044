/* SPDX-License-Identifier: MIT */
/* The local address a connection is made from.
 * Holds: every form for an Internet endpoint, and a path or name for a Unix one; what is no form
 * is refused in one exact sentence; binding picks the family of the target; what the kernel
 * refuses is told in words; none is none. */
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/net/dial_socket.h>
#include <sockutil/net/dial_source.h>

static const struct endpoint internet = { .kind = ENDPOINT_INTERNET };
static const struct endpoint local = { .kind = ENDPOINT_UNIX };

Test(dial_source, forms)
{
	static const struct {
		const char *text, *address;
		unsigned port;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1:0", 0 },
		{ "127.0.0.1:80", "127.0.0.1:80", 80 },
		{ "::1", "[::1]:0", 0 },
		{ "[::1]", "[::1]:0", 0 },
		{ "[::1]:65535", "[::1]:65535", 65535 },
		{ "fe80::1%lo", "[fe80::1%lo]:0", 0 },
	};
	struct dial_source source;
	struct failure why = { 0 };
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert(dial_source_parse(&source, rows[i].text, &internet, &why), "%s",
			  why.text);
		cr_assert_str_eq(address_text(text, &source.address), rows[i].address);
		cr_assert_eq(source.port, rows[i].port);
	}
	cr_assert(dial_source_parse(&source, ":5000", &internet, &why));
	cr_assert_eq(source.port, 5000);
	cr_assert(dial_source_parse(&source, "unix:/x", &local, &why));
	cr_assert_str_eq(address_text(text, &source.address), "unix:/x");
	cr_assert(dial_source_parse(&source, "x", &local, &why));
	cr_assert_str_eq(address_text(text, &source.address), "unix:x");
	cr_assert(dial_source_parse(&source, NULL, &internet, &why));
	cr_assert_eq(source.address.length, 0);
}

Test(dial_source, what_is_no_form)
{
	static const char *const wrong[] = {
		"",
		"host",
		"host:80",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:x",
		"[::1",
		"[::1]x",
		"[::1]:",
		"[127.0.0.1]",
		"[]",
		":",
		"127.1",
		"/path",
		"127.0.0.1:80:",
		"[::1]:x",
		"[::1%nowhere-0]",
		"]",
	};
	struct dial_source source;
	struct failure why = { 0 };
	char expected[300];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert(!dial_source_parse(&source, wrong[i], &internet, &why), "%s", wrong[i]);
		cr_assert_eq(why.class, FAILURE_USAGE);
		snprintf(
			expected, sizeof(expected),
			"source \"%s\": not an address of this machine: ADDR, ADDR:PORT, [V6]:PORT "
			"or :PORT",
			wrong[i]);
		cr_assert_str_eq(why.text, expected);
	}
	cr_assert(!dial_source_parse(&source, "", &local, &why));
	snprintf(expected, sizeof(expected),
		 "source \"\": not a path for a Unix socket (at most %d bytes)",
		 ADDRESS_UNIX_PATH_MAX);
	cr_assert_str_eq(why.text, expected);
	cr_assert(!dial_source_parse(&source, "::1", &local, &why));
	cr_assert_str_eq(why.text, "source ::1: a Unix socket has no IP address");
}

Test(dial_source, a_port_alone_fits_both_families)
{
	int fds[2];
	const unsigned port = loopback_both(fds);
	struct dial_source source;
	struct failure why = { 0 };
	char text[20];

	close(fds[0]);
	close(fds[1]);
	snprintf(text, sizeof(text), ":%u", port);
	cr_assert(dial_source_parse(&source, text, &internet, &why));
	for (int i = 0; i < 2; i++) {
		const int family = i ? AF_INET : AF_INET6;
		const int fd = dial_socket_open(family, 0);

		cr_assert(dial_source_bind(&source, fd, family, &why), "%s", why.text);
		cr_assert_eq(loopback_port(fd), port);
		close(fd);
	}
}

Test(dial_source, what_the_kernel_refuses)
{
	const int server = loopback_listening("127.0.0.1", 0, 1);
	const int fd = dial_socket_open(AF_INET, 0);
	struct dial_source source;
	struct failure why = { 0 };
	char text[40], expected[100];

	snprintf(text, sizeof(text), "127.0.0.1:%u", loopback_port(server));
	cr_assert(dial_source_parse(&source, text, &internet, &why));
	cr_assert(!dial_source_bind(&source, fd, AF_INET, &why));
	snprintf(expected, sizeof(expected), "source %s is in use", text);
	cr_assert_str_eq(why.text, expected);
	cr_assert_eq(why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert(!dial_source_bind(&source, fd, AF_INET6, &why));
	cr_assert_str_eq(why.text, "source is IPv4");
	cr_assert(dial_source_parse(&source, "[2001:db8::77]", &internet, &why));
	cr_assert(!dial_source_bind(&source, fd, AF_INET, &why));
	cr_assert_str_eq(why.text, "source is IPv6");
	close(fd);
	close(server);
}
