/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_proxy_header.c
 * Holds: a header of either version is taken in open, byte by byte too, and not one byte more: what
 * follows can be spliced; nothing is busy while part of one waits; a connection without one fails
 * when it is required and is passed on whole when it is not, its first bytes too; a wrong one fails
 * in both cases; an end before it; a reset; who the client is, asked through layers above; Unix
 * sockets. */
#include "stream_sockets.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/proto/proxy_header.h>
#include <sockutil/stream/layer_proxy_header.h>
#include <sockutil/stream/layer_pushback.h>
#include <sockutil/stream/layer_socket.h>

static const char line[] = "PROXY TCP4 192.0.2.1 198.51.100.2 4711 80\r\n";
static int pair[2];
static struct stream *s;
static struct failure why;

static void start(bool required)
{
	sockets_tcp_pair(pair);
	s = layer_proxy_header_new(layer_socket_new(pair[0], true), required);
	why = (struct failure){ 0 };
}

static void finish(void)
{
	stream_free(s);
	close(pair[1]);
}

static void give(const void *bytes, size_t length)
{
	sockets_give(pair[1], bytes, length);
}

/* Opens once what was given has come. */
static enum io opened(void)
{
	cr_assert(sockets_wait(pair[0], POLLIN));
	return stream_open(s, &why);
}

static void expect_rest(const char *text)
{
	char got[100] = { 0 };
	size_t length = 0;

	shutdown(pair[1], SHUT_WR);
	for (;;) {
		size_t n;
		const enum io r = stream_read(s, got + length, 3, &n, &why);

		length += n;
		if (r == IO_END)
			break;
		cr_assert(r != IO_FAILED, "%s", why.text);
		if (r == IO_AGAIN)
			cr_assert(sockets_wait(pair[0], POLLIN));
	}
	cr_assert_str_eq(got, text);
}

static void expect_client(const char *host, unsigned port)
{
	struct address source, destination;
	char text[ADDRESS_TEXT_MAX];

	cr_assert(layer_proxy_header_addresses(s, &source, &destination));
	cr_assert_str_eq(address_host(text, &source), host);
	cr_assert_eq(address_port(&source), port);
	cr_assert(layer_proxy_header_addresses(s, NULL, NULL));
	cr_assert_eq(address_port(&destination), 80);
}

Test(layer_proxy_header, takes_a_line_and_no_more)
{
	start(true);
	give(line, sizeof line - 1);
	give("hello", 5);
	cr_assert_eq(opened(), IO_DONE, "%s", why.text);
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	expect_client("192.0.2.1", 4711);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), pair[0]);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), pair[0]);
	cr_assert_not(stream_pending(s));
	expect_rest("hello");
	finish();
}

Test(layer_proxy_header, takes_version_2_and_no_more)
{
	struct address from, to;
	char bytes[PROXY_HEADER_WRITTEN_MAX];
	size_t length;

	cr_assert(address_parse_ip("2001:db8::1", 4711, &from));
	cr_assert(address_parse_ip("2001:db8::2", 80, &to));
	length = proxy_header_write(bytes, 2, &from.any, &to.any);
	start(true);
	give(bytes, length);
	give("hello", 5);
	cr_assert_eq(opened(), IO_DONE, "%s", why.text);
	expect_client("2001:db8::1", 4711);
	expect_rest("hello");
	finish();
}

/* What came is read: a socket that stays readable would keep the loop busy. */
static void expect_slowly(const char *bytes, size_t length)
{
	start(false);
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	for (size_t i = 0; i < length; i++) {
		struct pollfd ready = { pair[0], POLLIN, 0 };

		give(bytes + i, 1);
		cr_assert_eq(opened(), i + 1 < length ? IO_AGAIN : IO_DONE, "%zu", i);
		cr_assert_eq(poll(&ready, 1, 0), 0);
		cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
		cr_assert_not(stream_pending(s));
	}
	expect_client("192.0.2.1", 4711);
	give("x", 1);
	expect_rest("x");
	finish();
}

Test(layer_proxy_header, comes_byte_by_byte)
{
	struct address from, to;
	char bytes[PROXY_HEADER_WRITTEN_MAX];

	expect_slowly(line, sizeof line - 1);
	cr_assert(address_parse_ip("192.0.2.1", 4711, &from));
	cr_assert(address_parse_ip("192.0.2.2", 80, &to));
	expect_slowly(bytes, proxy_header_write(bytes, 2, &from.any, &to.any));
}

Test(layer_proxy_header, takes_the_longest)
{
	static char bytes[PROXY_HEADER_MAX];
	static const char head[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff"
				   "\xc0\0\2\1\xc6\x33\x64\2\x12\x67\0\x50\xee\xff\xf0";
	size_t given = 0;
	enum io r = IO_AGAIN;

	memcpy(bytes, head, sizeof head - 1);
	start(true);
	while (r == IO_AGAIN && given < sizeof bytes) {
		const size_t piece = sizeof bytes - given < 5000 ? sizeof bytes - given : 5000;

		give(bytes + given, piece);
		given += piece;
		r = opened();
	}
	/* the last piece can come in two */
	while (r == IO_AGAIN)
		r = opened();
	cr_assert_eq(r, IO_DONE, "%s", why.text);
	expect_client("192.0.2.1", 4711);
	give("rest", 4);
	expect_rest("rest");
	finish();
}

Test(layer_proxy_header, tells_no_client_where_the_header_does_not)
{
	struct address source;

	start(true);
	give("PROXY UNKNOWN\r\nhello", 20);
	cr_assert_eq(opened(), IO_DONE);
	cr_assert_not(layer_proxy_header_addresses(s, &source, NULL));
	expect_rest("hello");
	finish();
}

Test(layer_proxy_header, asks_through_layers_above)
{
	struct stream *plain;

	start(true);
	give(line, sizeof line - 1);
	cr_assert_eq(opened(), IO_DONE);
	s = layer_pushback_new(s);
	expect_client("192.0.2.1", 4711);
	finish();
	sockets_tcp_pair(pair);
	plain = layer_socket_new(pair[0], true);
	cr_assert_not(layer_proxy_header_addresses(plain, NULL, NULL));
	stream_free(plain);
	close(pair[1]);
}

Test(layer_proxy_header, refuses_a_connection_without_one)
{
	start(true);
	give("GET / HTTP/1.1\r\n", 16);
	cr_assert_eq(opened(), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, "no PROXY header");
	finish();
}

Test(layer_proxy_header, passes_on_what_is_none)
{
	start(false);
	give("GET / HTTP/1.1\r\n", 16);
	cr_assert_eq(opened(), IO_DONE);
	cr_assert_eq(why.class, FAILURE_NONE);
	cr_assert_not(layer_proxy_header_addresses(s, NULL, NULL));
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), pair[0]);
	expect_rest("GET / HTTP/1.1\r\n");
	finish();
}

Test(layer_proxy_header, gives_back_what_looked_like_one)
{
	start(false);
	give("PROX", 4);
	cr_assert_eq(opened(), IO_AGAIN);
	give("IMA", 3);
	cr_assert_eq(opened(), IO_DONE);
	cr_assert(stream_pending(s));
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), pair[0]);
	expect_rest("PROXIMA");
	cr_assert_not(stream_pending(s));
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), pair[0]);
	finish();
}

Test(layer_proxy_header, refuses_a_wrong_one)
{
	for (int required = 0; required < 2; required++) {
		start(required);
		give("PROXY TCP4 1.2.3.4 5.6.7.8 1 99999\r\n", 36);
		cr_assert_eq(opened(), IO_FAILED);
		cr_assert_str_eq(why.text, "PROXY header: not two addresses and two ports: PROXY "
					   "TCP4 1.2.3.4 5.6.7.8 1 99999");
		finish();
	}
}

Test(layer_proxy_header, an_end_before_it)
{
	start(true);
	shutdown(pair[1], SHUT_WR);
	cr_assert_eq(opened(), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, "the connection ended before its PROXY header");
	finish();
	/* in the middle of one it is never none */
	start(false);
	give(line, 20);
	shutdown(pair[1], SHUT_WR);
	cr_assert_eq(opened(), IO_FAILED);
	cr_assert_str_eq(why.text, "the connection ended before its PROXY header");
	finish();
	start(false);
	give("PRO", 3);
	shutdown(pair[1], SHUT_WR);
	cr_assert_eq(opened(), IO_DONE);
	expect_rest("PRO");
	finish();
	start(false);
	shutdown(pair[1], SHUT_WR);
	cr_assert_eq(opened(), IO_DONE);
	expect_rest("");
	finish();
}

Test(layer_proxy_header, a_reset_before_it)
{
	start(false);
	give(line, 20);
	sockets_reset(pair[1]);
	cr_assert(sockets_wait_reset(pair[0]));
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_RECEIVE);
	cr_assert_str_eq(why.text, "connection reset by peer");
	stream_free(s);
}

Test(layer_proxy_header, unix_sockets)
{
	sockets_unix_pair(pair);
	s = layer_proxy_header_new(layer_socket_new(pair[0], true), true);
	give(line, sizeof line - 1);
	give("hello", 5);
	cr_assert_eq(opened(), IO_DONE, "%s", why.text);
	expect_client("192.0.2.1", 4711);
	expect_rest("hello");
	finish();
}
