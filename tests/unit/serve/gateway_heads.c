/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/serve/gateway_heads.c
 * Holds: requests in origin form with our Host, Via, framing and Connection, without the fields of
 * the connection and those it names; OPTIONS without a path asks for the server; HTTP/1.0 waits for
 * no interim response; responses likewise, chunks of which HTTP/1.0 hears nothing, interim ones
 * without Connection; too much named is refused; our own Via is a loop, others' are not;
 * Max-Forwards goes down and stops at 0.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/serve/gateway_heads.h>

#define VIA "gate"

static bool request(struct buffer *out, const char *text)
{
	struct http_request_head head;
	struct http_head_scan scan = { 0 };
	struct http_framing framing;
	struct failure why = { 0 };
	struct url url;
	char target[URL_MAX];
	int status = 0;

	cr_assert_eq(http_request_head_parse(&head, &scan, text, strlen(text), &status, &why),
		     IO_DONE, "%s", why.text);
	cr_assert(http_framing_of_request(&framing, &head, &status, &why), "%s", why.text);
	memcpy(target, head.target, head.target_length);
	target[head.target_length] = '\0';
	cr_assert(url_parse(&url, target, &why), "%s", why.text);
	return gateway_heads_request(out, &head, &framing, &url, VIA);
}

static void becomes(const char *text, const char *expected)
{
	struct buffer out = { 0 };

	cr_assert(request(&out, text));
	cr_assert_str_eq(buffer_text(&out), expected);
	buffer_free(&out);
}

#define ENDS "Via: 1.1 " VIA "\r\nConnection: close\r\n\r\n"

Test(gateway_heads, requests)
{
	becomes("GET http://a.org/x/../y?z HTTP/1.1\r\nHost: other\r\nAccept: b\r\n\r\n",
		"GET /y?z HTTP/1.1\r\nHost: a.org\r\nAccept: b\r\n" ENDS);
	becomes("GET http://A.org:80 HTTP/1.1\r\nHost: other\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.org\r\n" ENDS);
	becomes("GET http://[::1]:81/ HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: [::1]:81\r\nVia: 1.0 " VIA
		"\r\nConnection: close\r\n\r\n");
	becomes("POST http://a.org/ HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a.org\r\nContent-Length: 7\r\n" ENDS);
	becomes("POST http://a.org/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n"
		"Expect: 100-continue\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a.org\r\nExpect: 100-continue\r\n"
		"Transfer-Encoding: chunked\r\n" ENDS);
}

Test(gateway_heads, fields_of_the_connection_stay_behind)
{
	becomes("GET http://a.org/ HTTP/1.1\r\nHost: a\r\nConnection: close, x-mine\r\nX-Mine: "
		"1\r\n"
		"Connection: ,Y\r\nY: 2\r\nKeep-Alive: 3\r\nProxy-Connection: x\r\nTE: trailers\r\n"
		"Trailer: x\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Authorization: Basic "
		"x\r\n"
		"Proxy-Authenticate: x\r\nProxy-Authentication-Info: x\r\nKept: yes\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.org\r\nKept: yes\r\n" ENDS);
	/* What is written anew cannot be named away. */
	becomes("PUT http://a.org/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		"Connection: Host, Content-Length, Via\r\nVia: 1.0 x\r\n\r\n",
		"PUT / HTTP/1.1\r\nHost: a.org\r\nContent-Length: 1\r\n" ENDS);
}

Test(gateway_heads, options)
{
	becomes("OPTIONS http://a.org HTTP/1.1\r\nHost: a\r\nMax-Forwards: 5\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a.org\r\nMax-Forwards: 4\r\n" ENDS);
	becomes("OPTIONS http://a.org/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n\r\n",
		"OPTIONS / HTTP/1.1\r\nHost: a.org\r\n" ENDS);
	becomes("OPTIONS http://a.org?q HTTP/1.1\r\nHost: a\r\n\r\n",
		"OPTIONS /?q HTTP/1.1\r\nHost: a.org\r\n" ENDS);
	becomes("GET http://a.org/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 5\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.org\r\nMax-Forwards: 5\r\n" ENDS);
}

static void many_names(char *text, size_t size, unsigned count)
{
	size_t at = (size_t)snprintf(text, size,
				     "GET http://a.org/ HTTP/1.1\r\nHost: a\r\n"
				     "Connection: x");

	for (unsigned i = 1; i < count; ++i)
		at += (size_t)snprintf(text + at, size - at, ",x");
	snprintf(text + at, size - at, "\r\n\r\n");
}

Test(gateway_heads, what_connection_names_is_bounded)
{
	struct buffer out = { 0 };
	char text[1000];

	many_names(text, sizeof text, GATEWAY_HEADS_NAMED_MAX);
	cr_assert(request(&out, text));
	many_names(text, sizeof text, GATEWAY_HEADS_NAMED_MAX + 1);
	cr_assert_not(request(&out, text));
	buffer_free(&out);
}

static void answered(const char *text, bool to_head, bool plain, const char *expected)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct http_framing framing;
	struct failure why = { 0 };
	struct buffer out = { 0 };

	cr_assert_eq(http_head_parse(&head, &scan, text, strlen(text), &why), IO_DONE, "%s",
		     why.text);
	cr_assert(http_framing_of_response(&framing, &head, to_head, &why), "%s", why.text);
	cr_assert(gateway_heads_response(&out, &head, &framing, VIA, plain));
	cr_assert_str_eq(buffer_text(&out), expected);
	buffer_free(&out);
}

Test(gateway_heads, responses)
{
	answered("HTTP/1.1 200 All Fine\nContent-Length: 07\nConnection: X\nX: 1\nSet-Cookie: a\n"
		 "Set-Cookie: b\nKeep-Alive: 1\nProxy-Authenticate: x\nUpgrade: y\n\n",
		 false, false,
		 "HTTP/1.1 200 All Fine\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: "
		 "7\r\n" ENDS);
	answered("HTTP/1.0 404\r\n\r\n", false, false,
		 "HTTP/1.1 404 \r\nVia: 1.0 " VIA "\r\nConnection: close\r\n\r\n");
	answered("HTTP/1.1 200 a\x1b[2Jb\r\n\r\n", false, false, "HTTP/1.1 200 \r\n" ENDS);
	answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n", false,
		 false, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" ENDS);
	answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, true,
		 "HTTP/1.1 200 OK\r\n" ENDS);
	answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, false,
		 "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" ENDS);
	answered("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n", false, false,
		 "HTTP/1.1 103 Early\r\nLink: x\r\nVia: 1.1 " VIA "\r\n\r\n");
}

static bool looped(const char *fields)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	char text[300];

	snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\n%s\r\n", fields);
	cr_assert_eq(http_head_parse(&head, &scan, text, strlen(text), &why), IO_DONE);
	return gateway_heads_looped(&head, VIA);
}

Test(gateway_heads, loops)
{
	cr_assert(looped("Via: 1.1 gate\r\n"));
	cr_assert(looped("Via: 1.0 a, 1.1 b\r\nvia: HTTP/1.1 GATE (comment)\r\n"));
	cr_assert(looped("Via: 1.0 gate, 1.1 b\r\n"));
	cr_assert_not(looped(""));
	cr_assert_not(looped("Via: 1.1 gates\r\n"));
	cr_assert_not(looped("Via: 1.1 a-gate\r\n"));
	cr_assert_not(looped("X-Via: 1.1 gate\r\n"));
	cr_assert_not(looped("Via: ,,\r\n"));
}

static bool last(const char *fields)
{
	struct http_head head;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	char text[300];

	snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\n%s\r\n", fields);
	cr_assert_eq(http_head_parse(&head, &scan, text, strlen(text), &why), IO_DONE);
	return gateway_heads_last(&head);
}

Test(gateway_heads, the_last_forward)
{
	cr_assert(last("Max-Forwards: 0\r\n"));
	cr_assert(last("max-forwards: 000\r\n"));
	cr_assert_not(last(""));
	cr_assert_not(last("Max-Forwards: 1\r\n"));
	cr_assert_not(last("Max-Forwards: -0\r\n"));
	cr_assert_not(last("Max-Forwards: 0\r\nMax-Forwards: 1\r\n"));
}
