/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_framing.c
 * Holds: a length, chunks, or up to the close; no body to HEAD, in 1xx, 204 and 304, whatever is
 * announced, and what is announced to a HEAD is told; the same length repeated, in lines or lists,
 * is one; lengths that are signed, malformed, empty, over 63 bits or differ are refused, as are a
 * length beside a transfer coding, a coding that is not chunked alone, and codings of HTTP/1.0 and
 * 2; which connection lasts, and that a body announced with 1xx and 204 ends it; requests: no body
 * unless one is announced, a second length is refused even when it says the same, 501 for what
 * else than chunked alone, 400 for the rest.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_request_head.h>

static bool framed(struct http_framing *out, const char *text, bool to_head, struct failure *why)
{
	/* Not a byte more, and none of what parsing leaves behind it. */
	static char bytes[1024];
	struct http_head head;
	struct http_head_scan scan = { 0 };

	memset(out, 0xee, sizeof *out);
	*why = (struct failure){ 0 };
	cr_assert_lt(strlen(text), sizeof bytes);
	memcpy(bytes, text, strlen(text));
	cr_assert_eq(http_head_parse(&head, &scan, bytes, strlen(text), why), IO_DONE, "%s",
		     why->text);
	return http_framing_of_response(out, &head, to_head, why);
}

static void assert_framing(const char *text, bool to_head, const struct http_framing *expected)
{
	struct http_framing out;
	struct failure why;

	cr_assert(framed(&out, text, to_head, &why), "%s", why.text);
	cr_assert_eq(out.body, expected->body, "%s", text);
	cr_assert_eq(out.length, expected->length, "%s", text);
	cr_assert_eq(out.length_known, expected->length_known, "%s", text);
	cr_assert_eq(out.persistent, expected->persistent, "%s", text);
}

#define FRAMING(text, to_head, ...)                                                                \
	assert_framing(text "\r\n\r\n", to_head, &(struct http_framing){ __VA_ARGS__ })

static void assert_refused(const char *text, const char *message)
{
	struct http_framing out;
	struct failure why;

	cr_assert_not(framed(&out, text, false, &why));
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	/* To a HEAD it would be as wrong. */
	cr_assert_not(framed(&out, text, true, &why));
	cr_assert_str_eq(why.text, message);
}

#define OK11                   "HTTP/1.1 200 OK\r\n"
#define OK10                   "HTTP/1.0 200 OK\r\n"
#define REFUSED(text, message) assert_refused(text "\r\n\r\n", message)

Test(http_framing, a_length)
{
	FRAMING(OK11 "Content-Length: 30", false, HTTP_BODY_LENGTH, 30, true, true);
	FRAMING(OK11 "Content-Length: 0", false, HTTP_BODY_LENGTH, 0, true, true);
	FRAMING(OK11 "Content-Length: 007", false, HTTP_BODY_LENGTH, 7, true, true);
	FRAMING(OK11 "content-length: 9223372036854775807", false, HTTP_BODY_LENGTH, INT64_MAX,
		true, true);
	FRAMING("HTTP/2 200\r\ncontent-length: 5", false, HTTP_BODY_LENGTH, 5, true, true);
	FRAMING("HTTP/1.1 404 x\r\nContent-Length: 5", false, HTTP_BODY_LENGTH, 5, true, true);
}

Test(http_framing, the_same_length_repeated_is_one)
{
	FRAMING(OK11 "Content-Length: 30\r\nContent-Length: 30", false, HTTP_BODY_LENGTH, 30, true,
		true);
	FRAMING(OK11 "Content-Length: 30, 30 ,\t030", false, HTTP_BODY_LENGTH, 30, true, true);
	FRAMING(OK11 "Content-Length: 0, 0\r\nContent-Length: 0", false, HTTP_BODY_LENGTH, 0, true,
		true);
}

Test(http_framing, chunks)
{
	FRAMING(OK11 "Transfer-Encoding: chunked", false, HTTP_BODY_CHUNKED, 0, false, true);
	FRAMING(OK11 "transfer-encoding: , CHUNKED ,", false, HTTP_BODY_CHUNKED, 0, false, true);
	FRAMING(OK11 "Transfer-Encoding: chunked\r\nConnection: close", false, HTTP_BODY_CHUNKED, 0,
		false, false);
}

Test(http_framing, up_to_the_close)
{
	FRAMING(OK11 "A: b", false, HTTP_BODY_TO_CLOSE, 0, false, false);
	FRAMING(OK11 "Connection: keep-alive", false, HTTP_BODY_TO_CLOSE, 0, false, false);
	FRAMING(OK10 "Connection: keep-alive", false, HTTP_BODY_TO_CLOSE, 0, false, false);
	FRAMING("HTTP/2 200\r\na: b", false, HTTP_BODY_TO_CLOSE, 0, false, true);
}

Test(http_framing, no_body)
{
	FRAMING(OK11 "A: b", true, HTTP_BODY_NONE, 0, false, true);
	FRAMING(OK11 "Content-Length: 30", true, HTTP_BODY_NONE, 30, true, true);
	FRAMING(OK11 "Transfer-Encoding: chunked", true, HTTP_BODY_NONE, 0, false, true);
	FRAMING("HTTP/1.1 304 x\r\nContent-Length: 30", false, HTTP_BODY_NONE, 30, true, true);
	FRAMING("HTTP/1.1 304 x\r\nTransfer-Encoding: chunked", false, HTTP_BODY_NONE, 0, false,
		true);
	FRAMING("HTTP/1.1 204 x\r\nA: b", false, HTTP_BODY_NONE, 0, false, true);
	FRAMING("HTTP/1.1 100 x\r\nA: b", false, HTTP_BODY_NONE, 0, false, true);
	FRAMING("HTTP/1.1 199 x\r\nA: b", false, HTTP_BODY_NONE, 0, false, true);
}

Test(http_framing, a_body_where_none_may_be_ends_the_connection)
{
	FRAMING("HTTP/1.1 204 x\r\nContent-Length: 30", false, HTTP_BODY_NONE, 30, true, false);
	FRAMING("HTTP/1.1 204 x\r\nTransfer-Encoding: chunked", false, HTTP_BODY_NONE, 0, false,
		false);
	FRAMING("HTTP/1.1 103 x\r\nContent-Length: 1", false, HTTP_BODY_NONE, 1, true, false);
	FRAMING("HTTP/1.1 204 x\r\nContent-Length: 0", false, HTTP_BODY_NONE, 0, true, true);
}

Test(http_framing, which_connection_lasts)
{
	FRAMING(OK11 "Content-Length: 1\r\nConnection: Close", false, HTTP_BODY_LENGTH, 1, true,
		false);
	FRAMING(OK11 "Content-Length: 1\r\nConnection: a\r\nConnection: b, close", false,
		HTTP_BODY_LENGTH, 1, true, false);
	FRAMING(OK10 "Content-Length: 1", false, HTTP_BODY_LENGTH, 1, true, false);
	FRAMING(OK10 "Content-Length: 1\r\nConnection: Keep-Alive", false, HTTP_BODY_LENGTH, 1,
		true, true);
	FRAMING(OK10 "Content-Length: 1\r\nConnection: keep-alive, close", false, HTTP_BODY_LENGTH,
		1, true, false);
	FRAMING(OK11 "A: b\r\nConnection: close", true, HTTP_BODY_NONE, 0, false, false);
	FRAMING(OK10 "A: b", true, HTTP_BODY_NONE, 0, false, false);
	FRAMING("HTTP/1.2 200 x\r\nContent-Length: 1", false, HTTP_BODY_LENGTH, 1, true, true);
}

Test(http_framing, a_length_that_is_no_number_is_refused)
{
	REFUSED(OK11 "Content-Length: +30", "Content-Length \"+30\" is not a number");
	REFUSED(OK11 "Content-Length: -1", "Content-Length \"-1\" is not a number");
	REFUSED(OK11 "Content-Length: 30abc", "Content-Length \"30abc\" is not a number");
	REFUSED(OK11 "Content-Length: 0x1e", "Content-Length \"0x1e\" is not a number");
	REFUSED(OK11 "Content-Length: 3 0", "Content-Length \"3 0\" is not a number");
	REFUSED(OK11 "Content-Length: 30.0", "Content-Length \"30.0\" is not a number");
	REFUSED(OK11 "Content-Length:", "Content-Length \"\" is not a number");
	REFUSED(OK11 "Content-Length: 30,", "Content-Length \"30,\" is not a number");
	REFUSED(OK11 "Content-Length: ,30", "Content-Length \",30\" is not a number");
	REFUSED(OK11 "Content-Length: 30, ,30", "Content-Length \"30, ,30\" is not a number");
	REFUSED(OK11 "Content-Length: 30\r\nContent-Length: x",
		"Content-Length \"x\" is not a number");
	REFUSED("HTTP/1.1 204 x\r\nContent-Length: x", "Content-Length \"x\" is not a number");
}

Test(http_framing, a_length_over_63_bits_is_refused)
{
	REFUSED(OK11 "Content-Length: 18446744073709551646",
		"Content-Length \"18446744073709551646\" is too large");
	REFUSED(OK11 "Content-Length: 9223372036854775808",
		"Content-Length \"9223372036854775808\" is too large");
	REFUSED(OK11 "Content-Length: 30, 99999999999999999999999999999999999999999999999999999999",
		"Content-Length \"30, 99999999999999999999999999999999999999999999999999999999\" "
		"is too large");
}

Test(http_framing, lengths_that_differ_are_refused)
{
	REFUSED(OK11 "Content-Length: 30\r\nContent-Length: 31", "Content-Length says 30 and 31");
	REFUSED(OK11 "Content-Length: 30, 31", "Content-Length says 30 and 31");
	REFUSED(OK11 "Content-Length: 0\r\nA: b\r\ncontent-length: 1",
		"Content-Length says 0 and 1");
	REFUSED("HTTP/2 200\r\ncontent-length: 1\r\ncontent-length: 2",
		"Content-Length says 1 and 2");
}

Test(http_framing, a_length_beside_a_coding_is_refused)
{
	REFUSED(OK11 "Content-Length: 30\r\nTransfer-Encoding: chunked",
		"both Content-Length and Transfer-Encoding");
	REFUSED(OK11 "Transfer-Encoding: x\r\nContent-Length: 0",
		"both Content-Length and Transfer-Encoding");
}

Test(http_framing, a_coding_that_is_not_chunked_alone_is_refused)
{
	REFUSED(OK11 "Transfer-Encoding: gzip, chunked",
		"Transfer-Encoding \"gzip, chunked\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: gzip", "Transfer-Encoding \"gzip\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: identity",
		"Transfer-Encoding \"identity\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: xchunked",
		"Transfer-Encoding \"xchunked\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: chunked;a=b",
		"Transfer-Encoding \"chunked;a=b\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: \"chunked\"",
		"Transfer-Encoding \"\"chunked\"\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: \vchunked",
		"Transfer-Encoding \"\vchunked\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
		"Transfer-Encoding \"gzip\" is not chunked alone");
	REFUSED(OK11 "Transfer-Encoding:", "Transfer-Encoding \"\" names no coding");
	REFUSED(OK11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: ,",
		"Transfer-Encoding \",\" names no coding");
	REFUSED(OK11 "Transfer-Encoding: chunked, chunked",
		"Transfer-Encoding \"chunked, chunked\" says chunked more than once");
	REFUSED(OK11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
		"Transfer-Encoding \"chunked\" says chunked more than once");
}

Test(http_framing, codings_of_other_versions_are_refused)
{
	REFUSED(OK10 "Transfer-Encoding: chunked", "Transfer-Encoding in a response of HTTP/1.0");
	REFUSED("HTTP/2 200\r\nTransfer-Encoding: chunked",
		"Transfer-Encoding in a response of HTTP/2.0");
}

static int status;

static bool request_framed(struct http_framing *out, const char *text, struct failure *why)
{
	static char bytes[1024];
	static struct http_request_head request;
	struct http_head_scan scan = { 0 };

	memset(out, 0xee, sizeof *out);
	*why = (struct failure){ 0 };
	status = -1;
	cr_assert_lt(strlen(text), sizeof bytes);
	memcpy(bytes, text, strlen(text));
	cr_assert_eq(http_request_head_parse(&request, &scan, bytes, strlen(text), &status, why),
		     IO_DONE, "%s", why->text);
	return http_framing_of_request(out, &request, &status, why);
}

static void assert_request(const char *text, const struct http_framing *expected)
{
	struct http_framing out;
	struct failure why;

	cr_assert(request_framed(&out, text, &why), "%s", why.text);
	cr_assert_eq(out.body, expected->body, "%s", text);
	cr_assert_eq(out.length, expected->length, "%s", text);
	cr_assert_eq(out.length_known, expected->length_known, "%s", text);
	cr_assert_eq(out.persistent, expected->persistent, "%s", text);
	cr_assert_eq(status, -1);
}

static void assert_request_refused(const char *text, int answer, const char *message)
{
	struct http_framing out;
	struct failure why;

	cr_assert_not(request_framed(&out, text, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, message);
	cr_assert_eq(status, answer, "%s", text);
}

#define PUT11              "PUT / HTTP/1.1\r\nHost: a\r\n"
#define PUT10              "PUT / HTTP/1.0\r\nHost: a\r\n"
#define REQUEST(text, ...) assert_request(text "\r\n\r\n", &(struct http_framing){ __VA_ARGS__ })
#define REQUEST_REFUSED(text, answer, message)                                                     \
	assert_request_refused(text "\r\n\r\n", answer, message)

Test(http_framing, requests)
{
	REQUEST(PUT11 "A: b", HTTP_BODY_NONE, 0, false, true);
	REQUEST(PUT11 "Content-Length: 0", HTTP_BODY_LENGTH, 0, true, true);
	REQUEST(PUT11 "Content-Length: 30", HTTP_BODY_LENGTH, 30, true, true);
	REQUEST(PUT11 "Transfer-Encoding: Chunked", HTTP_BODY_CHUNKED, 0, false, true);
	REQUEST(PUT11 "Connection: a, close", HTTP_BODY_NONE, 0, false, false);
	REQUEST(PUT10 "A: b", HTTP_BODY_NONE, 0, false, false);
	REQUEST(PUT10 "Connection: keep-alive", HTTP_BODY_NONE, 0, false, true);
	REQUEST(PUT10 "Connection: keep-alive, close", HTTP_BODY_NONE, 0, false, false);
}

Test(http_framing, requests_that_two_readers_could_take_two_ways)
{
	REQUEST_REFUSED(PUT11 "Content-Length: 30\r\nTransfer-Encoding: chunked", 400,
			"both Content-Length and Transfer-Encoding");
	REQUEST_REFUSED(PUT11 "Content-Length: 30\r\nTransfer-Encoding: gzip", 400,
			"both Content-Length and Transfer-Encoding");
	REQUEST_REFUSED(PUT11 "Content-Length: 30\r\nContent-Length: 31", 400,
			"Content-Length says 30 and 31");
	REQUEST_REFUSED(PUT11 "Content-Length: 30\r\nContent-Length: 30", 400,
			"two Content-Length fields");
	REQUEST_REFUSED(PUT11 "Content-Length: 30, 30", 400, "Content-Length \"30, 30\" is a list");
	REQUEST_REFUSED(PUT11 "Content-Length: +30", 400, "Content-Length \"+30\" is not a number");
	REQUEST_REFUSED(PUT11 "Content-Length: 18446744073709551617", 400,
			"Content-Length \"18446744073709551617\" is too large");
	REQUEST_REFUSED(PUT10 "Transfer-Encoding: chunked", 400,
			"Transfer-Encoding in a request of HTTP/1.0");
	REQUEST_REFUSED(PUT10 "Transfer-Encoding: gzip", 400,
			"Transfer-Encoding in a request of HTTP/1.0");
	REQUEST_REFUSED(PUT11 "Transfer-Encoding:", 400, "Transfer-Encoding \"\" names no coding");
	REQUEST_REFUSED(PUT11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400,
			"Transfer-Encoding \"chunked\" says chunked more than once");
}

Test(http_framing, codings_of_requests)
{
	REQUEST_REFUSED(PUT11 "Transfer-Encoding: gzip, chunked", 501,
			"Transfer-Encoding \"gzip, chunked\" is not chunked alone");
	REQUEST_REFUSED(PUT11 "Transfer-Encoding: identity", 501,
			"Transfer-Encoding \"identity\" is not chunked alone");
	REQUEST_REFUSED(PUT11 "Transfer-Encoding: xchunked", 501,
			"Transfer-Encoding \"xchunked\" is not chunked alone");
	REQUEST_REFUSED(PUT11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", 501,
			"Transfer-Encoding \"gzip\" is not chunked alone");
}
