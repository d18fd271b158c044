/* SPDX-License-Identifier: MIT */
/* Requests on an HTTP/1 connection.
 * Holds: the head as RFC 9112 wants it; a small body in the same write; a large one by its length,
 * one without a length in chunks; more or less than announced is a failure of ours, as is a body
 * that cannot be read; 100-continue: the body waits for 100, or for a second of silence, each time
 * anew, and stays at home after a final answer; a final answer of 300 and above stops the body, one
 * below does not; an answer that came before the server stopped reading is read; HTTP/1.0 has no
 * chunks. */
#include "http_exchanging.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/clock.h>

#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a.test\r\n"

static void prepare(struct exchanging *e, const char *body, int64_t length)
{
	exchanging_prepare(e);
	e->request.method = "POST";
	e->request.body = &e->body.stream;
	e->request.body_length = length;
	buffer_add(&e->body.gives, body, strlen(body));
	e->body.then = IO_END;
}

static void finish(struct exchanging *e, const char *answer)
{
	exchanging_say(e, answer);
	exchanging_until(e, exchanging_over);
	cr_assert(e->ended, "%s", e->why.text);
}

static void assert_failed(struct exchanging *e, enum failure_class class, const char *text)
{
	cr_assert(e->failed);
	cr_assert_str_eq(e->why.text, text);
	cr_assert_eq(e->why.class, class);
}

/* --- heads ---------------------------------------------------------------------------- */

Test(http1_send, writes_the_head)
{
	static const struct http_header headers[] = { { "Accept", "*/*" }, { "X", "" } };
	struct exchanging e;

	exchanging_prepare(&e);
	e.request.headers = headers;
	e.request.header_count = 2;
	e.request.target = "/p?q";
	exchanging_start(&e);
	exchanging_sent(&e, "GET /p?q HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\nX: \r\n\r\n");
	exchanging_end(&e);
}

Test(http1_send, a_method_that_has_a_body_says_that_there_is_none)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH" };
	struct exchanging e;

	for (size_t i = 0; i < 3; i++) {
		exchanging_prepare(&e);
		e.request.method = methods[i];
		exchanging_start(&e);
		exchanging_sent(&e, methods[i]);
		exchanging_sent(&e, " / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n");
		exchanging_end(&e);
	}
}

/* --- bodies ------------------------------------------------------------------------------ */

Test(http1_send, a_small_body_goes_with_the_head)
{
	static const char whole[] = POST "Content-Length: 5\r\n\r\nhello";
	char sent[200] = "";
	struct exchanging e;

	prepare(&e, "hello", 5);
	exchanging_start(&e);
	/* Before the loop has run, in one piece. */
	cr_assert_eq(recv(e.peer, sent, sizeof(sent), 0), (ssize_t)strlen(whole));
	cr_assert_str_eq(sent, whole);
	finish(&e, OK);
	cr_assert_eq(e.exchange->report.request_bytes, 5U);
	exchanging_free(&e);
	cr_assert(!exchanging_finished(&e));
	cr_assert_str_eq(buffer_text(&e.traced), ">" POST "Content-Length: 5\r\n\r\n>5\n"
						 "<HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	exchanging_end(&e);
}

Test(http1_send, an_empty_body_has_its_length)
{
	struct exchanging e;

	prepare(&e, "", 0);
	exchanging_start(&e);
	exchanging_sent(&e, POST "Content-Length: 0\r\n\r\n");
	finish(&e, OK);
	exchanging_free(&e);
	cr_assert(!exchanging_finished(&e));
	exchanging_end(&e);
}

Test(http1_send, a_large_body_comes_by_its_length)
{
	enum { LENGTH = 3 << 20 };
	static char body[LENGTH + 1], got[LENGTH + 200];
	const char *start;
	struct exchanging e;
	size_t length = 0;

	memset(body, 'x', LENGTH);
	prepare(&e, body, LENGTH);
	exchanging_start(&e);
	while (length < LENGTH || !strstr(got, "\r\n\r\n") ||
	       strlen(strstr(got, "\r\n\r\n") + 4) < LENGTH) {
		ssize_t n = recv(e.peer, got + length, sizeof(got) - 1 - length, MSG_DONTWAIT);

		if (n > 0)
			length += (size_t)n;
		else
			ev_run(e.loop, EVRUN_ONCE);
	}
	start = strstr(got, "\r\n\r\n");
	cr_assert_str_eq(start + 4, body);
	finish(&e, OK);
	cr_assert_eq(e.exchange->report.request_bytes, (uint64_t)LENGTH);
	exchanging_end(&e);
}

Test(http1_send, a_body_without_a_length_goes_in_chunks)
{
	struct exchanging e;

	prepare(&e, "hello, world", -1);
	e.body.at_most = 7;
	exchanging_start(&e);
	exchanging_sent(&e, POST "Transfer-Encoding: chunked\r\n\r\n"
				 "7\r\nhello, \r\n5\r\nworld\r\n0\r\n\r\n");
	finish(&e, OK);
	cr_assert_eq(e.exchange->report.request_bytes, 12U);
	exchanging_free(&e);
	cr_assert(!exchanging_finished(&e));
	exchanging_end(&e);
}

Test(http1_send, an_empty_body_without_a_length_is_the_last_chunk)
{
	struct exchanging e;

	prepare(&e, "", -1);
	exchanging_start(&e);
	exchanging_sent(&e, POST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	finish(&e, OK);
	exchanging_end(&e);
}

static void wrong(const char *body, int64_t length, enum io then, enum failure_class class,
		  const char *text)
{
	struct exchanging e;

	prepare(&e, body, length);
	e.body.then = then;
	exchanging_start(&e);
	cr_assert_str_eq(e.calls, "");
	exchanging_until(&e, exchanging_over);
	exchanging_turns(&e);
	cr_assert_str_eq(e.calls, "failed\n");
	assert_failed(&e, class, text);
	exchanging_free(&e);
	cr_assert(exchanging_finished(&e));
	exchanging_end(&e);
}

Test(http1_send, a_body_must_be_what_was_announced)
{
	wrong("hello", 4, IO_END, FAILURE_INPUT, "the body has more than the 4 bytes announced");
	wrong("hello", 6, IO_END, FAILURE_INPUT, "the body ended after 5 of the 6 bytes announced");
	wrong("hello", 20000, IO_END, FAILURE_INPUT,
	      "the body ended after 5 of the 20000 bytes announced");
	wrong("hello", 6, IO_FAILED, FAILURE_RECEIVE, "played reset");
	wrong("hello", -1, IO_FAILED, FAILURE_RECEIVE, "played reset");
}

Test(http1_send, http_1_0_has_no_chunks)
{
	struct exchanging e;

	prepare(&e, "hello", -1);
	e.request.version_1_0 = true;
	exchanging_start(&e);
	exchanging_until(&e, exchanging_over);
	assert_failed(&e, FAILURE_USAGE,
		      "HTTP/1.0 needs to know a body's length: send a file, or use HTTP/1.1");
	exchanging_end(&e);
}

/* --- 100 ------------------------------------------------------------------------------------ */

#define EXPECTING POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"

static void expecting(struct exchanging *e)
{
	prepare(e, "hello", 5);
	e->request.expect_continue = true;
	exchanging_start(e);
	exchanging_sent(e, EXPECTING);
	exchanging_turns(e);
	cr_assert_eq(e->body.gives.length, 5U);
}

Test(http1_send, the_body_follows_100)
{
	struct exchanging e;

	expecting(&e);
	exchanging_say(&e, "HTTP/1.1 100 Continue\r\n\r\n");
	exchanging_sent(&e, "hello");
	finish(&e, OK);
	cr_assert_str_eq(e.calls, "interim 100\nhead 200\n");
	exchanging_free(&e);
	cr_assert(!exchanging_finished(&e));
	exchanging_end(&e);
}

/* A timer keeps no rest of the last wait. */
Test(http1_send, the_body_follows_a_second_of_silence_each_time)
{
	struct exchanging e;
	int64_t start;

	expecting(&e);
	for (int i = 0; i < 2; i++) {
		start = clock_ms();
		exchanging_sent(&e, "hello");
		cr_assert(clock_ms() - start >= 900, "after %d ms", (int)(clock_ms() - start));
		finish(&e, OK);
		exchanging_free(&e);
		buffer_add(&e.body.gives, "hello", 5);
		exchanging_start(&e);
		exchanging_sent(&e, EXPECTING);
	}
	exchanging_end(&e);
}

Test(http1_send, another_interim_answer_is_no_100)
{
	struct exchanging e;

	expecting(&e);
	exchanging_say(&e, "HTTP/1.1 102 Wait\r\n\r\n");
	exchanging_turns(&e);
	cr_assert_str_eq(e.calls, "interim 102\n");
	cr_assert_eq(e.body.gives.length, 5U);
	exchanging_end(&e);
}

static void stays_at_home(const char *answer)
{
	struct exchanging e;
	char byte;

	expecting(&e);
	finish(&e, answer);
	exchanging_turns(&e);
	cr_assert_eq(e.body.gives.length, 5U);
	cr_assert_eq(recv(e.peer, &byte, 1, MSG_DONTWAIT), -1);
	/* The server may still be waiting for the body. */
	exchanging_free(&e);
	cr_assert(exchanging_finished(&e));
	exchanging_end(&e);
}

Test(http1_send, the_body_stays_after_a_final_answer)
{
	stays_at_home("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
	stays_at_home(OK);
}

/* --- answers while sending ---------------------------------------------------------------------
 */

/* The first part of a body, of which the rest is not there yet. */
static void sending(struct exchanging *e)
{
	prepare(e, "hello", -1);
	e->body.then = IO_AGAIN;
	exchanging_start(e);
	exchanging_sent(e, POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello");
}

Test(http1_send, a_refusal_stops_the_body)
{
	struct exchanging e;
	char bytes[16];

	sending(&e);
	finish(&e, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
	buffer_add(&e.body.gives, "more", 4);
	exchanging_turns(&e);
	cr_assert_eq(e.body.gives.length, 4U);
	/* Nothing but what is due after the first chunk. */
	cr_assert(recv(e.peer, bytes, sizeof(bytes), MSG_DONTWAIT) <= 2);
	exchanging_free(&e);
	cr_assert(exchanging_finished(&e));
	exchanging_end(&e);
}

static bool head_came(struct exchanging *e)
{
	return strcmp(e->calls, "head 200\n") == 0;
}

Test(http1_send, a_consent_does_not)
{
	struct exchanging e;

	sending(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
	exchanging_until(&e, head_came);
	buffer_add(&e.body.gives, "more", 4);
	e.body.then = IO_END;
	exchanging_sent(&e, "\r\n4\r\nmore\r\n0\r\n\r\n");
	finish(&e, "ok");
	exchanging_free(&e);
	cr_assert(!exchanging_finished(&e));
	exchanging_end(&e);
}

/* The failure is told by reading once the head was told. */
Test(http1_send, a_body_that_fails_after_the_head_is_told_by_reading)
{
	struct exchanging e;

	sending(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
	exchanging_until(&e, head_came);
	e.body.then = IO_FAILED;
	exchanging_until(&e, exchanging_over);
	assert_failed(&e, FAILURE_RECEIVE, "played reset");
	cr_assert_str_eq(e.calls, "head 200\n");
	exchanging_end(&e);
}

Test(http1_send, an_answer_is_read_although_nobody_takes_the_body)
{
	enum { LENGTH = 8 << 20 };
	static char body[LENGTH + 1];
	struct exchanging e;

	memset(body, 'x', LENGTH);
	prepare(&e, body, LENGTH);
	exchanging_start(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nstop");
	cr_assert_eq(shutdown(e.peer, SHUT_RD | SHUT_WR), 0);
	exchanging_until(&e, exchanging_over);
	cr_assert(e.ended, "%s", e.why.text);
	cr_assert_str_eq(buffer_text(&e.came), "stop");
	exchanging_free(&e);
	cr_assert(exchanging_finished(&e));
	exchanging_end(&e);
}

Test(http1_send, a_reset_while_sending_is_one_of_sending)
{
	enum { LENGTH = 8 << 20 };
	static char body[LENGTH + 1];
	struct exchanging e;

	memset(body, 'x', LENGTH);
	prepare(&e, body, LENGTH);
	exchanging_start(&e);
	exchanging_turns(&e);
	sockets_reset(e.peer);
	e.peer = -1;
	exchanging_until(&e, exchanging_over);
	assert_failed(&e, FAILURE_SEND, "connection reset by peer; what was sent may be lost");
	exchanging_end(&e);
}
