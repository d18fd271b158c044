/* SPDX-License-Identifier: MIT */
/* Responses on an HTTP/1 connection.
 * Holds: a head and a body may come a byte at a time, cut at any place; bodies by length, in
 * chunks, to the close, and none (HEAD, 204, 304), whatever the size of a read; not a byte behind a
 * body is taken, by copy or past raw_fd; interim answers are told, more than 16 are too many, 101
 * is refused, HTTP/2 is refused; an empty answer, a cut head, a cut body and resets each have their
 * class and words; trailers are not the body's. */
#include "http_exchanging.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void assert_ended(struct exchanging *e, const char *body)
{
	cr_assert(e->ended, "%s", e->why.text);
	cr_assert_str_eq(buffer_text(&e->came), body);
}

static void assert_failed(struct exchanging *e, enum failure_class class, const char *text)
{
	cr_assert(e->failed);
	cr_assert_str_eq(e->why.text, text);
	cr_assert_eq(e->why.class, class);
}

/* --- in pieces ------------------------------------------------------------------ */

static const char chunked[] = "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
			      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			      "5;a=b\r\nhello\r\n1\r\n,\r\n6 \r\n world\r\n0\r\nTrailer: t\r\n\r\n";

Test(http1_receive, takes_answers_cut_at_every_byte)
{
	struct exchanging e;

	exchanging_prepare(&e);
	for (size_t cut = 1; cut < sizeof(chunked) - 1; cut++) {
		exchanging_start(&e);
		exchanging_sent(&e, EXCHANGING_GET);
		sockets_give(e.peer, chunked, cut);
		exchanging_turns(&e);
		cr_assert(!exchanging_over(&e));
		sockets_give(e.peer, chunked + cut, sizeof(chunked) - 1 - cut);
		exchanging_until(&e, exchanging_over);
		assert_ended(&e, "hello, world");
		cr_assert_str_eq(e.calls, "interim 103\nhead 200\n");
		exchanging_free(&e);
		e.calls[0] = '\0';
	}
	exchanging_end(&e);
}

Test(http1_receive, takes_answers_a_byte_at_a_time)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.block = 1;
	exchanging_start(&e);
	for (size_t i = 0; i < sizeof(chunked) - 1; i++) {
		cr_assert(!exchanging_over(&e));
		sockets_give(e.peer, chunked + i, 1);
		ev_run(e.loop, EVRUN_ONCE);
	}
	exchanging_until(&e, exchanging_over);
	assert_ended(&e, "hello, world");
	exchanging_end(&e);
}

/* --- how bodies end ---------------------------------------------------------------- */

Test(http1_receive, a_body_may_end_with_the_connection)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_start(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\n\r\nto the end");
	exchanging_turns(&e);
	cr_assert(!e.ended);
	exchanging_sent(&e, EXCHANGING_GET);
	exchanging_close(&e);
	exchanging_until(&e, exchanging_over);
	assert_ended(&e, "to the end");
	exchanging_free(&e);
	cr_assert(exchanging_finished(&e));
	exchanging_end(&e);
}

static void no_body(const char *method, const char *answer)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.request.method = method;
	exchanging_start(&e);
	exchanging_say(&e, answer);
	exchanging_until(&e, exchanging_over);
	assert_ended(&e, "");
	exchanging_free(&e);
	exchanging_turns(&e);
	cr_assert_eq(e.connection->ops->room(e.connection), 1U);
	exchanging_end(&e);
}

Test(http1_receive, some_answers_have_no_body)
{
	no_body("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	no_body("GET", "HTTP/1.1 204 No Content\r\n\r\n");
	no_body("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
	no_body("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	no_body("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

Test(http1_receive, a_large_body_comes_whole)
{
	enum { LENGTH = 300000 };
	static char body[LENGTH + 1];
	struct exchanging e;
	char head[100];

	for (size_t i = 0; i < LENGTH; i++)
		body[i] = (char)('a' + i % 23);
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LENGTH);
	exchanging_prepare(&e);
	exchanging_start(&e);
	exchanging_say(&e, head);
	for (size_t at = 0; at < LENGTH; at += 10000) {
		sockets_give(e.peer, body + at, 10000);
		ev_run(e.loop, EVRUN_ONCE);
	}
	exchanging_until(&e, exchanging_over);
	assert_ended(&e, body);
	exchanging_end(&e);
}

/* --- nothing behind a body ----------------------------------------------------------- */

/* What is left on our socket behind the head is for the kernel to move; the next response is not.
 */
Test(http1_receive, bytes_may_go_past_to_the_end_of_the_body_alone)
{
	struct http_body_stream s;
	struct exchanging e;
	char block[16];
	size_t n;

	exchanging_prepare(&e);
	e.no_reading = true;
	exchanging_start(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
	while (!*e.calls)
		ev_run(e.loop, EVRUN_ONCE);
	http_body_stream_init(&s, e.exchange);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &e.why), IO_DONE);
	cr_assert_eq(n, 2U);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), 3U);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ),
		     stream_fd(e.connection->stream, STREAM_READ));
	stream_moved(&s.stream, STREAM_READ, 2);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), 1U);
	cr_assert_eq(e.exchange->report.response_bytes, 4U);
	exchanging_say(&e, "lHTTP/1.1 ");
	while (stream_read(&s.stream, block, sizeof(block), &n, &e.why) == IO_AGAIN)
		ev_run(e.loop, EVRUN_ONCE);
	cr_assert_eq(n, 1U);
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &e.why), IO_END);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
	cr_assert_eq(recv(stream_fd(e.connection->stream, STREAM_READ), block, sizeof(block), 0),
		     9);
	exchanging_end(&e);
}

Test(http1_receive, a_chunk_may_go_past_to_its_end_alone)
{
	struct http_body_stream s;
	struct exchanging e;
	char block[16];
	size_t n;

	exchanging_prepare(&e);
	e.no_reading = true;
	exchanging_start(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nh");
	while (!*e.calls)
		ev_run(e.loop, EVRUN_ONCE);
	http_body_stream_init(&s, e.exchange);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), 0U);
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &e.why), IO_DONE);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), 3U);
	cr_assert(stream_raw_fd(&s.stream, STREAM_READ) >= 0);
	stream_moved(&s.stream, STREAM_READ, 3);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), 0U);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
	exchanging_say(&e, "\r\n0\r\n\r\n");
	while (stream_read(&s.stream, block, sizeof(block), &n, &e.why) == IO_AGAIN)
		ev_run(e.loop, EVRUN_ONCE);
	cr_assert(e.exchange->report.complete);
	cr_assert_eq(e.exchange->report.response_bytes, 4U);
	exchanging_end(&e);
}

/* --- interim answers ------------------------------------------------------------------- */

static void flood(struct exchanging *e, unsigned count)
{
	exchanging_prepare(e);
	exchanging_start(e);
	exchanging_sent(e, EXCHANGING_GET);
	for (unsigned i = 0; i < count; i++)
		exchanging_say(e, "HTTP/1.1 102 Wait\r\n\r\n");
	exchanging_say(e, "HTTP/1.1 204 No\r\n\r\n");
	exchanging_until(e, exchanging_over);
}

Test(http1_receive, takes_sixteen_interim_answers)
{
	struct exchanging e;

	flood(&e, 16);
	assert_ended(&e, "");
	exchanging_end(&e);
	flood(&e, 17);
	assert_failed(&e, FAILURE_PROTOCOL, "more than 16 interim answers (1xx)");
	exchanging_end(&e);
}

static void fails(const char *answer, bool close, enum failure_class class, const char *text)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_start(&e);
	exchanging_sent(&e, EXCHANGING_GET);
	exchanging_say(&e, answer);
	if (close)
		exchanging_close(&e);
	exchanging_until(&e, exchanging_over);
	assert_failed(&e, class, text);
	exchanging_free(&e);
	cr_assert(exchanging_finished(&e));
	exchanging_end(&e);
}

Test(http1_receive, refuses_what_nobody_asked_for)
{
	fails("HTTP/1.1 101 Switching\r\n\r\n", false, FAILURE_PROTOCOL,
	      "the server switched protocols (101) unasked");
	fails("HTTP/2 200\r\n\r\nx", false, FAILURE_PROTOCOL,
	      "answered in HTTP/2 without being asked to");
	fails("220 mail.test ESMTP\r\n", false, FAILURE_PROTOCOL,
	      "not HTTP: the answer starts with \"220 mail.test ESMTP…\"");
}

Test(http1_receive, refuses_framing_that_is_not_sound)
{
	fails("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
	      false, FAILURE_PROTOCOL, "both Content-Length and Transfer-Encoding");
	fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", false,
	      FAILURE_PROTOCOL, "chunk size: unexpected \"x\"");
}

/* --- what is missing ------------------------------------------------------------------------ */

Test(http1_receive, tells_what_is_missing)
{
	fails("", true, FAILURE_PROTOCOL, "the server closed the connection without an answer");
	fails("HTTP/1.1 200 OK\r\n", true, FAILURE_TRUNCATED,
	      "the answer was cut short in its head");
	fails("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true, FAILURE_TRUNCATED,
	      "cut short: 5 of 10 bytes came");
	fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true,
	      FAILURE_TRUNCATED,
	      "cut short: the connection ended before the last chunk, after 5 bytes");
	fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", true,
	      FAILURE_TRUNCATED,
	      "cut short: the connection ended before the last chunk, after 3 bytes");
	fails("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", true,
	      FAILURE_TRUNCATED,
	      "cut short: the connection ended before the last chunk, after 5 bytes");
}

static void resets(const char *answer, const char *calls)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_start(&e);
	exchanging_sent(&e, EXCHANGING_GET);
	exchanging_say(&e, answer);
	while (strcmp(e.calls, calls) != 0)
		ev_run(e.loop, EVRUN_ONCE);
	exchanging_turns(&e);
	sockets_reset(e.peer);
	e.peer = -1;
	exchanging_until(&e, exchanging_over);
	assert_failed(&e, FAILURE_RECEIVE, "connection reset by peer; what was sent may be lost");
	exchanging_end(&e);
}

Test(http1_receive, a_reset_is_no_end)
{
	resets("", "");
	resets("HTTP/1.1 2", "");
	resets("HTTP/1.1 200 OK\r\n\r\nto the", "head 200\n");
	resets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "head 200\n");
	resets("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello", "head 200\n");
}
