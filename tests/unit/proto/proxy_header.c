/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/proxy_header.c
 * Holds: what a header begins with is told byte by byte; version 1 lines of both families and
 * UNKNOWN, one byte at a time, with the bytes behind them left alone; every mistake in them is
 * refused with its reason; what is written is read back, of both versions; IPv4-mapped addresses
 * are IPv4; what cannot be said is UNKNOWN or LOCAL. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <sockutil/proto/proxy_header.h>

static struct proxy_header header;
static struct failure why;

static const char *host(const struct sockaddr_storage *address)
{
	static char text[2][INET6_ADDRSTRLEN];
	static int which;
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	which = !which;
	inet_ntop(address->ss_family,
		  address->ss_family == AF_INET ? (const void *)&v4->sin_addr : &v6->sin6_addr,
		  text[which], sizeof text[which]);
	return text[which];
}

static int port(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	return ntohs(address->ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
}

static enum io parse(const char *text)
{
	why = (struct failure){ 0 };
	return proxy_header_parse(&header, text, strlen(text), &why);
}

/* Every shorter piece is not enough. */
static void parse_slowly(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		cr_assert_eq(proxy_header_parse(&header, text, i, &why), IO_AGAIN, "%zu", i);
	cr_assert_eq(proxy_header_parse(&header, text, length, &why), IO_DONE, "%s", why.text);
	cr_assert_eq(header.length, length);
}

Test(proxy_header, is_told_by_its_first_bytes)
{
	static const char text[] = "PROXY TCP4 ", unknown[] = "PROXY UNKNOWN\r\n",
			  binary[] = "\r\n\r\n\0\r\nQUIT\n";

	for (size_t i = 0; i < 11; i++)
		cr_assert_eq(proxy_header_starts(text, i), PROXY_HEADER_MAYBE);
	cr_assert_eq(proxy_header_starts(text, 11), PROXY_HEADER_YES);
	for (size_t i = 0; i < 15; i++)
		cr_assert_eq(proxy_header_starts(unknown, i), PROXY_HEADER_MAYBE);
	cr_assert_eq(proxy_header_starts(unknown, 15), PROXY_HEADER_YES);
	for (size_t i = 0; i < 12; i++)
		cr_assert_eq(proxy_header_starts(binary, i), PROXY_HEADER_MAYBE);
	cr_assert_eq(proxy_header_starts(binary, 12), PROXY_HEADER_YES);
	cr_assert_eq(proxy_header_starts("PROXY TCP6 ", 11), PROXY_HEADER_YES);
	cr_assert_eq(proxy_header_starts("PROXY UNKNOWN anything", 22), PROXY_HEADER_YES);
	cr_assert_eq(proxy_header_starts("GET / HTTP/1.1", 14), PROXY_HEADER_NO);
	cr_assert_eq(proxy_header_starts("PROXY TCP5 ", 11), PROXY_HEADER_NO);
	cr_assert_eq(proxy_header_starts("\r\n\r\nGET /", 9), PROXY_HEADER_NO);
	cr_assert_eq(proxy_header_starts("proxy TCP4 ", 11), PROXY_HEADER_NO);
}

Test(proxy_header, reads_a_line_of_ipv4)
{
	static const char text[] = "PROXY TCP4 192.0.2.1 198.51.100.2 65535 0\r\n";

	parse_slowly(text, sizeof text - 1);
	cr_assert(header.known);
	cr_assert_str_eq(host(&header.source), "192.0.2.1");
	cr_assert_str_eq(host(&header.destination), "198.51.100.2");
	cr_assert_eq(port(&header.source), 65535);
	cr_assert_eq(port(&header.destination), 0);
	cr_assert_eq(header.source_length, sizeof(struct sockaddr_in));
	cr_assert_eq(header.destination_length, sizeof(struct sockaddr_in));
}

Test(proxy_header, reads_a_line_of_ipv6)
{
	static const char text[] = "PROXY TCP6 2001:DB8::1 ::ffff:192.0.2.1 4711 443\r\n";

	parse_slowly(text, sizeof text - 1);
	cr_assert(header.known);
	cr_assert_str_eq(host(&header.source), "2001:db8::1");
	cr_assert_str_eq(host(&header.destination), "::ffff:192.0.2.1");
	cr_assert_eq(port(&header.source), 4711);
	cr_assert_eq(header.source_length, sizeof(struct sockaddr_in6));
}

Test(proxy_header, takes_no_more_than_the_header)
{
	cr_assert_eq(parse("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /\r\n"), IO_DONE);
	cr_assert_eq(header.length, 36);
	cr_assert_eq(parse("PROXY UNKNOWN\r\nSSH-2.0\r\n"), IO_DONE);
	cr_assert_eq(header.length, 15);
	cr_assert_not(header.known);
	cr_assert_eq(parse("PROXY UNKNOWN ff:: 1.2.3.4 whatever 9\r\n"), IO_DONE);
	cr_assert_eq(header.length, 39);
	cr_assert_not(header.known);
}

Test(proxy_header, lines_have_at_most_107_bytes)
{
	char text[200];

	memset(text, 'x', sizeof text);
	memcpy(text, "PROXY UNKNOWN ", 14);
	cr_assert_eq(proxy_header_parse(&header, text, 106, &why), IO_AGAIN);
	cr_assert_eq(proxy_header_parse(&header, text, 107, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, "PROXY header: a line of more than 107 bytes");
	memcpy(text + 105, "\r\n", 2);
	cr_assert_eq(proxy_header_parse(&header, text, sizeof text, &why), IO_DONE);
	cr_assert_eq(header.length, 107);
	memcpy(text + 105, "x\r\n", 3);
	cr_assert_eq(proxy_header_parse(&header, text, sizeof text, &why), IO_FAILED);
}

Test(proxy_header, refuses_lines_that_are_not_exact)
{
	static const char *const wrong[] = {
		"192.0.2.1 192.0.2.2 1 2 3", "192.0.2.1 192.0.2.2 1",
		"192.0.2.1  192.0.2.2 1 2",  " 192.0.2.1 192.0.2.2 1 2",
		"192.0.2.1 192.0.2.2 1 2 ",  "192.0.2.1 192.0.2.2 1 65536",
		"192.0.2.1 192.0.2.2 01 2",  "192.0.2.1 192.0.2.2 +1 2",
		"192.0.2.1 192.0.2.2 -1 2",  "192.0.2.1 192.0.2.2 1 2x",
		"192.0.2.01 192.0.2.2 1 2",  "192.0.2 192.0.2.2 1 2",
		"192.0.2.256 192.0.2.2 1 2", "0xc0.0.2.1 192.0.2.2 1 2",
		"2001:db8::1 ::1 1 2",       "192.0.2.1 localhost 1 2",
		"192.0.2.1\t192.0.2.2 1 2",  "",
	};
	char text[100], expected[200];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(text, sizeof text, "PROXY TCP4 %s\r\n", wrong[i]);
		snprintf(expected, sizeof expected,
			 "PROXY header: not two addresses and two ports: PROXY TCP4 %s", wrong[i]);
		cr_assert_eq(parse(text), IO_FAILED, "%s", wrong[i]);
		cr_assert_eq(why.class, FAILURE_PROTOCOL);
		cr_assert_str_eq(why.text, expected);
		cr_assert_not(header.known);
	}
	cr_assert_eq(parse("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"), IO_FAILED);
	cr_assert_eq(parse("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n"), IO_FAILED);
	cr_assert_eq(parse("PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2\r\n"), IO_FAILED);
	cr_assert_eq(proxy_header_parse(&header, "PROXY TCP4 1.1.1.1\0 1.1.1.1 1 2\r\n", 34, &why),
		     IO_FAILED);
}

Test(proxy_header, a_newline_alone_ends_no_line)
{
	cr_assert_eq(parse("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n"), IO_FAILED);
	cr_assert_str_eq(why.text, "PROXY header: the line does not end in CR LF");
	cr_assert_eq(parse("PROXY UNKNOWN \n"), IO_FAILED);
	cr_assert_eq(parse("PROXY TCP4 \n\r\n"), IO_FAILED);
}

Test(proxy_header, says_when_there_is_none)
{
	cr_assert_eq(parse("GET / HTTP/1.1\r\n"), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, "no PROXY header");
}

/* --- writing ------------------------------------------------------------------- */

static union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
} from, to;

static void v4(struct sockaddr_in *out, const char *text, int number)
{
	*out = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((in_port_t)number) };
	inet_pton(AF_INET, text, &out->sin_addr);
}

static void v6(struct sockaddr_in6 *out, const char *text, int number)
{
	*out = (struct sockaddr_in6){ .sin6_family = AF_INET6,
				      .sin6_port = htons((in_port_t)number) };
	inet_pton(AF_INET6, text, &out->sin6_addr);
}

static void expect_line(const char *text)
{
	char out[PROXY_HEADER_WRITTEN_MAX];
	const size_t length = proxy_header_write(out, 1, &from.any, &to.any);

	cr_assert_eq(length, strlen(text), "%.*s", (int)length, out);
	cr_assert_arr_eq(out, text, length);
}

Test(proxy_header, writes_lines)
{
	char out[PROXY_HEADER_WRITTEN_MAX];

	v4(&from.v4, "192.0.2.1", 4711);
	v4(&to.v4, "198.51.100.2", 80);
	expect_line("PROXY TCP4 192.0.2.1 198.51.100.2 4711 80\r\n");
	v6(&from.v6, "2001:db8::1", 4711);
	expect_line("PROXY UNKNOWN\r\n");
	v6(&to.v6, "::1", 80);
	expect_line("PROXY TCP6 2001:db8::1 ::1 4711 80\r\n");
	v6(&from.v6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);
	to = from;
	expect_line("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n");
	v6(&from.v6, "::ffff:192.0.2.1", 4711);
	v6(&to.v6, "::ffff:198.51.100.2", 80);
	expect_line("PROXY TCP4 192.0.2.1 198.51.100.2 4711 80\r\n");
	from.local = to.local = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "/s" };
	expect_line("PROXY UNKNOWN\r\n");
	cr_assert_eq(proxy_header_write(out, 1, NULL, NULL), 15);
	cr_assert_eq(proxy_header_write(out, 1, &from.any, NULL), 15);
	cr_assert_arr_eq(out, "PROXY UNKNOWN\r\n", 15);
}

static void expect_back(int version, const char *source, const char *destination)
{
	char out[PROXY_HEADER_WRITTEN_MAX];
	const size_t length = proxy_header_write(out, version, &from.any, &to.any);

	parse_slowly(out, length);
	cr_assert(header.known);
	cr_assert_str_eq(host(&header.source), source);
	cr_assert_str_eq(host(&header.destination), destination);
	cr_assert_eq(port(&header.source), 4711);
	cr_assert_eq(port(&header.destination), 80);
}

Test(proxy_header, reads_what_it_writes)
{
	for (int version = 1; version <= 2; version++) {
		v4(&from.v4, "192.0.2.1", 4711);
		v4(&to.v4, "198.51.100.2", 80);
		expect_back(version, "192.0.2.1", "198.51.100.2");
		v6(&from.v6, "2001:db8::1", 4711);
		v6(&to.v6, "::1", 80);
		expect_back(version, "2001:db8::1", "::1");
		v6(&from.v6, "::ffff:192.0.2.1", 4711);
		v6(&to.v6, "::ffff:198.51.100.2", 80);
		expect_back(version, "192.0.2.1", "198.51.100.2");
	}
}
