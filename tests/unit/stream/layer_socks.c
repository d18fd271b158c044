/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_socks.c
 * Holds: versions 4, 4a and 5 say exactly what their documents have, for names and both kinds of
 * addresses, with and without a login; replies of every address type open it, a byte at a time too,
 * and leave the first byte behind them unread; each refusal is told by name, and whether it may
 * pass; short, foreign, malformed and endless answers fail; what a version cannot ask for is
 * refused before a byte is sent. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/layer_socks.h>

#define BYTES(text) text, sizeof(text) - 1

static struct played below;
static struct failure why;

static void set_up(void)
{
	played_init(&below);
}

static void tear_down(void)
{
	played_free(&below);
}

TestSuite(layer_socks, .init = set_up, .fini = tear_down);

static struct layer_socks_request to(enum proxy_kind kind, const char *host, bool is_name)
{
	struct layer_socks_request request = { .kind = kind };

	snprintf(request.to.host, sizeof(request.to.host), "%s", host);
	request.to.is_name = is_name;
	request.to.port = 443;
	return request;
}

static struct stream *layer(const struct layer_socks_request *request)
{
	struct stream *s = layer_socks_new(&below.stream, request, &why);

	cr_assert_not_null(s, "%s", why.text);
	return s;
}

static void give(const char *bytes, size_t length)
{
	cr_assert(buffer_add(&below.gives, bytes, length));
}

static void assert_took(const char *bytes, size_t length)
{
	cr_assert_eq(below.took.length, length, "%zu bytes", below.took.length);
	cr_assert_arr_eq(buffer_bytes(&below.took), bytes, length);
}

static void assert_next_byte(struct stream *s, char expected)
{
	char byte;
	size_t n;

	cr_assert_eq(stream_read(s, &byte, 1, &n, &why), IO_DONE, "%s", why.text);
	cr_assert_eq(byte, expected);
}

static void assert_fails(struct stream *s, const char *text, int error)
{
	why = (struct failure){ 0 };
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROXY);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.error, error, "%d", why.error);
	stream_free(s);
}

/* --- version 5 ------------------------------------------------------------------ */

static void open_five(const char *reply, size_t length, size_t at_most)
{
	const struct layer_socks_request request = to(PROXY_SOCKS5H, "example.org", true);
	struct stream *s = layer(&request);

	give(BYTES("\5\0"));
	give(reply, length);
	give("X", 1);
	below.at_most = at_most;
	cr_assert_eq(stream_open(s, &why), IO_DONE, "%s", why.text);
	assert_took(BYTES("\5\1\0"
			  "\5\1\0\3\13example.org\1\273"));
	cr_assert_eq(below.gives.length, 1, "bytes behind the answer were read");
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	assert_next_byte(s, 'X');
	stream_free(s);
}

Test(layer_socks, five_opens_by_every_address_type)
{
	open_five(BYTES("\5\0\0\1\300\0\2\1\4\70"), 0);
	tear_down();
	set_up();
	open_five(BYTES("\5\0\0\3\5proxy\4\70"), 0);
	tear_down();
	set_up();
	open_five(BYTES("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\4\70"), 0);
}

Test(layer_socks, five_opens_byte_by_byte)
{
	open_five(BYTES("\5\0\0\3\5proxy\4\70"), 1);
}

Test(layer_socks, five_asks_by_address)
{
	struct layer_socks_request request = to(PROXY_SOCKS5, "192.0.2.7", false);
	struct stream *s = layer(&request);

	give(BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"));
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	assert_took(BYTES("\5\1\0\5\1\0\1\300\0\2\7\1\273"));
	stream_free(s);
	buffer_free(&below.took);
	request = to(PROXY_SOCKS5, "2001:db8::1", false);
	s = layer(&request);
	give(BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"));
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	assert_took(BYTES("\5\1\0\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1\1\273"));
	stream_free(s);
}

static struct layer_socks_request with_login(void)
{
	struct layer_socks_request request = to(PROXY_SOCKS5, "example.org", true);

	request.user = "me";
	request.password = "pw";
	return request;
}

Test(layer_socks, five_logs_in)
{
	const struct layer_socks_request request = with_login();
	struct stream *s = layer(&request);

	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	assert_took(BYTES("\5\2\0\2"));
	give(BYTES("\5\2"));
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	assert_took(BYTES("\5\2\0\2\1\2me\2pw"));
	give(BYTES("\1\0\5\0\0\1\0\0\0\0\0\0"));
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	stream_free(s);
}

Test(layer_socks, five_needs_no_login_where_none_is_asked)
{
	const struct layer_socks_request request = with_login();
	struct stream *s = layer(&request);

	give(BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"));
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	assert_took(BYTES("\5\2\0\2\5\1\0\3\13example.org\1\273"));
	stream_free(s);
}

static struct stream *five(const char *answer, size_t length)
{
	const struct layer_socks_request request = to(PROXY_SOCKS5, "example.org", true);
	struct stream *s = layer(&request);

	give(answer, length);
	return s;
}

Test(layer_socks, logins_that_fail)
{
	const struct layer_socks_request request = with_login();

	give(BYTES("\5\2\1\1"));
	assert_fails(layer(&request), "did not accept the user name and password", 0);
	buffer_free(&below.gives);
	give(BYTES("\5\377"));
	assert_fails(layer(&request), "knows no way of logging in with user name and password", 0);
	assert_fails(five(BYTES("\5\2")),
		     "wants to know who asks; --proxy-auth says it (user name and password)", 0);
	buffer_free(&below.gives);
	assert_fails(five(BYTES("\5\377")),
		     "wants to know who asks; --proxy-auth says it (user name and password)", 0);
}

Test(layer_socks, refusals_are_told_by_name)
{
	assert_fails(five(BYTES("\5\0\5\1\0\1\0\0\0\0\0\0")), "refused: general failure", EIO);
	buffer_free(&below.gives);
	assert_fails(five(BYTES("\5\0\5\2\0\1")), "refused: not allowed by its rules", 0);
	buffer_free(&below.gives);
	assert_fails(five(BYTES("\5\0\5\5\0\1")), "refused: connection refused", ECONNREFUSED);
	buffer_free(&below.gives);
	assert_fails(five(BYTES("\5\0\5\4")), "refused: host unreachable", EHOSTUNREACH);
}

Test(layer_socks, answers_of_others)
{
	assert_fails(five(BYTES("HTTP/1.1 400 Bad\r\n\r\n")),
		     "does not speak SOCKS: its answer is not of SOCKS version 5", 0);
	buffer_free(&below.gives);
	assert_fails(five(BYTES("\5\0\4\0\0\1\0\0\0\0\0\0")),
		     "does not speak SOCKS: its answer is not of SOCKS version 5", 0);
	buffer_free(&below.gives);
	assert_fails(five(BYTES("\5\0\5\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")),
		     "does not speak SOCKS: its answer has an unknown type of address", 0);
}

Test(layer_socks, answers_that_are_cut_short)
{
	static const char whole[] = "\5\0\5\0\0\3\5proxy\4\70";

	below.then = IO_END;
	for (size_t length = 0; length < sizeof(whole) - 1; length++)
		assert_fails(five(whole, length),
			     length == 0 || length == 2
				     ? "closed the connection instead of answering"
				     : "closed the connection in the middle of its answer",
			     ECONNRESET);
	below.then = IO_FAILED;
	assert_fails(five(whole, 4), "failed: played reset", 0);
}

/* --- version 4 -------------------------------------------------------------------- */

Test(layer_socks, four_by_address)
{
	struct layer_socks_request request = to(PROXY_SOCKS4, "192.0.2.7", false);
	struct stream *s;

	request.user = "me";
	s = layer(&request);
	give(BYTES("\0\132\0\0\0\0\0\0X"));
	cr_assert_eq(stream_open(s, &why), IO_DONE, "%s", why.text);
	assert_took(BYTES("\4\1\1\273\300\0\2\7me\0"));
	assert_next_byte(s, 'X');
	stream_free(s);
}

Test(layer_socks, four_a_by_name)
{
	const struct layer_socks_request request = to(PROXY_SOCKS4A, "example.org", true);
	struct stream *s = layer(&request);

	give(BYTES("\0\132\0\0\0\0\0\0X"));
	below.at_most = 1;
	cr_assert_eq(stream_open(s, &why), IO_DONE, "%s", why.text);
	assert_took(BYTES("\4\1\1\273\0\0\0\1\0example.org\0"));
	assert_next_byte(s, 'X');
	stream_free(s);
}

Test(layer_socks, four_refusals)
{
	const struct layer_socks_request request = to(PROXY_SOCKS4, "192.0.2.7", false);

	give(BYTES("\0\133\0\0\0\0\0\0"));
	assert_fails(layer(&request), "refused (code 91 of SOCKS 4)", ECONNREFUSED);
	give(BYTES("\5\0"));
	assert_fails(layer(&request), "does not speak SOCKS: its answer is not of SOCKS version 4",
		     0);
	below.then = IO_END;
	buffer_free(&below.gives);
	give(BYTES("\0\132\0\0\0"));
	assert_fails(layer(&request), "closed the connection in the middle of its answer",
		     ECONNRESET);
}

/* --- what cannot be asked --------------------------------------------------------- */

static void assert_refused(const struct layer_socks_request *request, enum failure_class class,
			   const char *text)
{
	cr_assert_null(layer_socks_new(&below.stream, request, &why));
	cr_assert_eq(why.class, class);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(below.took.length, 0);
}

Test(layer_socks, what_a_version_cannot_say)
{
	static char long_text[300];
	struct layer_socks_request request = to(PROXY_SOCKS4A, "2001:db8::1", false);

	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_refused(&request, FAILURE_PROXY,
		       "cannot be asked for 2001:db8::1: SOCKS 4 has IPv4 addresses alone; "
		       "socks5:// has all");
	request = to(PROXY_SOCKS4, "192.0.2.1", false);
	request.user = long_text;
	assert_refused(&request, FAILURE_USAGE, "takes user names of 255 bytes at most (SOCKS 4)");
	request = with_login();
	request.password = long_text;
	assert_refused(&request, FAILURE_USAGE,
		       "takes a user name and a password of 1 to 255 bytes each (SOCKS 5)");
	request.password = NULL;
	assert_refused(&request, FAILURE_USAGE,
		       "takes a user name and a password of 1 to 255 bytes each (SOCKS 5)");
}

Test(layer_socks, opening_waits_for_what_it_does)
{
	const struct layer_socks_request request = to(PROXY_SOCKS5, "example.org", true);
	struct stream *s = layer(&request);

	below.takes = 0;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	assert_took(BYTES("\5\1\0"));
	stream_free(s);
}
