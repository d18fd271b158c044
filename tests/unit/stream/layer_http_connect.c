/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_http_connect.c
 * Holds: the request has host, port and login as the documents want them; any 2xx opens it,
 * whatever fields it has, behind interim answers and a byte at a time too, and what follows belongs
 * to the tunnel, byte for byte; 407 says how to log in; any other status is told with its words,
 * and whether it may pass; short, foreign and endless answers fail; nothing can break the request's
 * lines. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/stream/layer_http_connect.h>

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

TestSuite(layer_http_connect, .init = set_up, .fini = tear_down);

static struct stream *layer(const char *host, const char *user, const char *password)
{
	const struct layer_http_connect_request request = {
		.host = host,
		.port = 443,
		.user = user,
		.password = password,
	};
	struct stream *s = layer_http_connect_new(&below.stream, &request, &why);

	cr_assert_not_null(s, "%s", why.text);
	return s;
}

static struct stream *answered(const char *answer)
{
	cr_assert(buffer_add(&below.gives, answer, strlen(answer)));
	return layer("example.org", NULL, NULL);
}

static void assert_opens(const char *answer, const char *rest)
{
	struct stream *s = answered(answer);
	char bytes[64] = "";
	size_t length = 0, n;

	cr_assert_eq(stream_open(s, &why), IO_DONE, "%s", why.text);
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	while (length < strlen(rest)) {
		cr_assert_eq(stream_read(s, bytes + length, sizeof(bytes) - length, &n, &why),
			     IO_DONE);
		length += n;
	}
	cr_assert_str_eq(bytes, rest);
	cr_assert_eq(stream_read(s, bytes, 1, &n, &why), IO_AGAIN);
	stream_free(s);
}

Test(layer_http_connect, says_where_to)
{
	stream_free(answered(""));
	cr_assert_eq(below.took.length, 0, "nothing goes out before it opens");
}

static void assert_request(const char *host, const char *user, const char *password,
			   const char *authority, const char *more)
{
	struct stream *s = layer(host, user, password);
	char expected[400];

	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	snprintf(expected, sizeof(expected),
		 "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sockutil/" SOCKUTIL_VERSION
		 "\r\n%s\r\n",
		 authority, authority, more);
	cr_assert_str_eq(buffer_text(&below.took), expected);
	buffer_free(&below.took);
	stream_free(s);
}

Test(layer_http_connect, requests)
{
	assert_request("example.org", NULL, NULL, "example.org:443", "");
	assert_request("192.0.2.1", NULL, NULL, "192.0.2.1:443", "");
	assert_request("2001:db8::1", NULL, NULL, "[2001:db8::1]:443", "");
	assert_request("example.org", "me", "p:w", "example.org:443",
		       "Proxy-Authorization: Basic bWU6cDp3\r\n");
	assert_request("example.org", "me", NULL, "example.org:443",
		       "Proxy-Authorization: Basic bWU6\r\n");
}

Test(layer_http_connect, any_2xx_opens)
{
	assert_opens("HTTP/1.1 200 OK\r\n\r\n", "");
	assert_opens("HTTP/1.0 200 Connection established\r\n\r\nSSH-2.0-x\r\n", "SSH-2.0-x\r\n");
	assert_opens("HTTP/1.1 204 No Content\r\n\r\nX", "X");
	assert_opens("HTTP/1.1 200\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
		     "hello");
	assert_opens("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
		     "HTTP/1.1 299 Odd\r\n\r\nX",
		     "X");
}

Test(layer_http_connect, a_byte_at_a_time)
{
	below.at_most = 1;
	assert_opens("HTTP/1.1 200 OK\r\nVia: x\r\n\r\nfirst", "first");
}

static void assert_fails(struct stream *s, const char *text, int error)
{
	why = (struct failure){ 0 };
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROXY);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.error, error, "%d", why.error);
	stream_free(s);
	buffer_free(&below.gives);
}

Test(layer_http_connect, refusals)
{
	static char long_reason[300];

	assert_fails(answered("HTTP/1.1 403 Forbidden\r\n\r\n"), "refused: status 403 Forbidden",
		     0);
	assert_fails(answered("HTTP/1.1 503\r\n\r\n"), "refused: status 503", EHOSTUNREACH);
	assert_fails(answered("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 3\r\n\r\nbye"),
		     "refused: status 504 Gateway Timeout", EHOSTUNREACH);
	assert_fails(answered("HTTP/1.1 302 Found\r\nLocation: x\r\n\r\n"),
		     "refused: status 302 Found", 0);
	assert_fails(answered("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
		     "refused: status 101 Switching Protocols", 0);
	snprintf(long_reason, sizeof(long_reason), "HTTP/1.1 500 %0200d\r\n\r\n", 7);
	assert_fails(answered(long_reason),
		     "refused: status 500 00000000000000000000000000000000000000000000000000000000"
		     "000000000000000000000000",
		     0);
}

Test(layer_http_connect, who_asks)
{
	static const char asks[] =
		"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";

	assert_fails(answered(asks), "wants to know who asks (status 407); --proxy-auth says it",
		     0);
	buffer_add(&below.gives, asks, sizeof(asks) - 1);
	assert_fails(layer("example.org", "me", "no"),
		     "did not accept the user name and password (status 407)", 0);
}

Test(layer_http_connect, answers_that_are_none)
{
	struct stream *s;

	below.then = IO_END;
	assert_fails(answered(""), "closed the connection instead of answering", ECONNRESET);
	assert_fails(answered("HTTP/1.1 200 OK\r\n"),
		     "closed the connection in the middle of its answer", ECONNRESET);
	assert_fails(answered("HTTP/1.1 100 Continue\r\n\r\n"),
		     "closed the connection in the middle of its answer", ECONNRESET);
	below.then = IO_FAILED;
	assert_fails(answered("HTTP/1.1 2"), "failed: played reset", 0);
	below.then = IO_AGAIN;
	s = answered("SSH-2.0-OpenSSH\r\n");
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	stream_free(s);
	cr_assert_eq(why.class, FAILURE_PROXY);
	cr_assert(strncmp(why.text, "does not speak HTTP: ", 21) == 0, "%s", why.text);
}

Test(layer_http_connect, endless_interim_answers)
{
	for (int i = 0; i < 17; i++)
		buffer_add(&below.gives, "HTTP/1.1 102 x\r\n\r\n", 18);
	assert_fails(layer("example.org", NULL, NULL), "sends one interim answer after the other",
		     0);
}

Test(layer_http_connect, an_endless_head)
{
	struct stream *s = layer("example.org", NULL, NULL);
	enum io r;

	buffer_add(&below.gives, "HTTP/1.1 200 OK\r\n", 17);
	do {
		r = stream_open(s, &why);
		buffer_add(&below.gives, "A: bcdefghijklmnopqrstuvwxyz\r\n", 30);
	} while (r == IO_AGAIN);
	cr_assert_eq(r, IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROXY);
	cr_assert_leq(below.gives.length, 64);
	stream_free(s);
}

static void assert_refused(const char *host, const char *user, const char *text)
{
	const struct layer_http_connect_request request = { .host = host, .port = 1, .user = user };

	cr_assert_null(layer_http_connect_new(&below.stream, &request, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, text);
}

Test(layer_http_connect, what_cannot_be_said)
{
	assert_refused("example.org", "me:you", "cannot be told a user name with a colon in it");
	assert_refused("a b", NULL,
		       "cannot be told a host with blanks or control characters in it");
	assert_refused("a\r\nb", NULL,
		       "cannot be told a host with blanks or control characters in it");
}

Test(layer_http_connect, failures_of_writing)
{
	struct stream *s = layer("example.org", NULL, NULL);

	below.write_fails = true;
	assert_fails(s, "failed: played loss", 0);
}
