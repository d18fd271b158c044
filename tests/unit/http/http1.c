/* SPDX-License-Identifier: MIT */
/* An HTTP/1 connection and the exchanges on it, one after another.
 * Holds: a response read to its end leaves the connection to the next, and no byte behind it
 * becomes the next answer; anything else ends it: a body not read, closing said by either,
 * HTTP/1.0, bytes or the end at rest, also those nobody has seen yet when the next exchange starts;
 * an exchange can be freed inside each of its calls, and the connection by "changed"; what cannot
 * be sent is told once, from the loop; room, idle and finished say what they should; what is
 * traced. */
#include "http_exchanging.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#define OK_BODY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static void assert_came(struct exchanging *e, const char *body)
{
	cr_assert_eq(e->why.class, FAILURE_NONE, "%s", e->why.text);
	cr_assert(e->ended);
	cr_assert_str_eq(buffer_text(&e->came), body);
	cr_assert_eq(e->exchange->report.response_bytes, strlen(body));
	cr_assert(e->exchange->report.complete);
}

static void assert_ends(struct exchanging *e)
{
	exchanging_free(e);
	cr_assert(e->connection->ops->idle(e->connection));
	cr_assert(e->connection->ops->finished(e->connection));
	cr_assert_eq(e->connection->ops->room(e->connection), 0U);
}

/* --- one after another ------------------------------------------------------ */

Test(http1, carries_one_exchange_after_another)
{
	struct exchanging e;

	exchanging_prepare(&e);
	for (unsigned i = 0; i < 3; i++) {
		cr_assert_eq(e.connection->served, i);
		exchanging_answered(&e, OK_BODY);
		assert_came(&e, "hello");
		cr_assert_eq(e.connection->ops->room(e.connection), 0U);
		cr_assert(!e.connection->ops->idle(e.connection));
		exchanging_free(&e);
		cr_assert(e.connection->ops->idle(e.connection));
		cr_assert(!e.connection->ops->finished(e.connection));
		cr_assert_eq(e.changed, i + 1);
	}
	cr_assert_eq(e.connection->served, 3U);
	cr_assert_str_eq(e.calls, "head 200\nhead 200\nhead 200\n");
	exchanging_end(&e);
}

Test(http1, reports_times_and_bytes)
{
	const struct http_exchange_report *r;
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_start(&e);
	r = &e.exchange->report;
	cr_assert(!r->any_response && !r->complete);
	cr_assert_eq(r->first_byte_us, -1);
	exchanging_say(&e, OK_BODY);
	exchanging_until(&e, exchanging_over);
	cr_assert(r->any_response && r->complete);
	cr_assert(r->started_us <= r->sent_us && r->sent_us <= r->first_byte_us &&
		  r->first_byte_us <= r->ended_us);
	cr_assert_eq(r->request_bytes, 0U);
	exchanging_end(&e);
}

Test(http1, traces_heads_and_counts_bodies)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_answered(&e, "HTTP/1.1 102 Wait\r\n\r\n" OK_BODY);
	cr_assert_str_eq(buffer_text(&e.traced),
			 ">" EXCHANGING_GET "<HTTP/1.1 102 Wait\r\n\r\n"
			 "<HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<5\n");
	exchanging_end(&e);
}

/* --- what ends a connection --------------------------------------------------- */

Test(http1, ends_when_bytes_follow_the_response)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_answered(&e, OK_BODY "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
	assert_came(&e, "hello");
	assert_ends(&e);
	exchanging_end(&e);
}

Test(http1, ends_when_the_body_was_not_read)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.free_in = CALL_HEAD;
	exchanging_answered(&e, OK_BODY);
	assert_ends(&e);
	cr_assert_eq(e.connection->served, 0U);
	exchanging_end(&e);
}

Test(http1, ends_when_the_server_says_so)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_answered(&e,
			    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
	assert_came(&e, "hi");
	assert_ends(&e);
	exchanging_end(&e);
}

Test(http1, ends_when_the_request_says_so)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.request.close = true;
	exchanging_start(&e);
	exchanging_sent(&e, "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
	exchanging_say(&e, OK_BODY);
	exchanging_until(&e, exchanging_over);
	assert_ends(&e);
	exchanging_end(&e);
}

Test(http1, ends_after_http_1_0)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.request.version_1_0 = e.request.close = true;
	exchanging_start(&e);
	exchanging_sent(&e, "GET / HTTP/1.0\r\nHost: a.test\r\n\r\n");
	exchanging_say(&e, OK_BODY);
	exchanging_until(&e, exchanging_over);
	assert_ends(&e);
	exchanging_end(&e);
}

Test(http1, ends_after_http_1_0_even_when_the_answer_would_last)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.request.version_1_0 = true;
	exchanging_start(&e);
	exchanging_say(&e, OK_BODY);
	exchanging_until(&e, exchanging_over);
	assert_ends(&e);
	exchanging_end(&e);
}

Test(http1, ends_when_bytes_come_at_rest)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_answered(&e, OK_BODY);
	exchanging_free(&e);
	exchanging_turns(&e);
	cr_assert(!exchanging_finished(&e));
	exchanging_say(&e, "H");
	exchanging_until(&e, exchanging_finished);
	cr_assert_eq(e.changed, 2U);
	exchanging_end(&e);
}

Test(http1, ends_when_the_server_closes_at_rest)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.free_connection = true;
	exchanging_answered(&e, OK_BODY);
	exchanging_free(&e);
	exchanging_close(&e);
	exchanging_until(&e, exchanging_finished);
	cr_assert_null(e.connection);
	exchanging_end(&e);
}

static void assert_nothing_answered(struct exchanging *e)
{
	exchanging_start(e);
	cr_assert_str_eq(e->calls, "head 200\n");
	exchanging_until(e, exchanging_over);
	cr_assert_str_eq(e->calls, "head 200\nfailed\n");
	cr_assert_str_eq(e->why.text, "the server ended the connection while it was at rest");
	cr_assert_eq(e->why.class, FAILURE_RECEIVE);
	cr_assert(!e->exchange->report.any_response);
	assert_ends(e);
}

Test(http1, bytes_that_came_at_rest_unseen_are_no_answer)
{
	struct exchanging e;
	char byte;

	exchanging_prepare(&e);
	exchanging_answered(&e, OK_BODY);
	exchanging_free(&e);
	exchanging_say(&e, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
	assert_nothing_answered(&e);
	/* Nor was anything asked. */
	cr_assert_eq(recv(e.peer, &byte, 1, MSG_DONTWAIT), -1);
	exchanging_end(&e);
}

Test(http1, an_end_at_rest_unseen_is_told_as_such)
{
	struct exchanging e;

	exchanging_prepare(&e);
	exchanging_answered(&e, OK_BODY);
	exchanging_free(&e);
	exchanging_close(&e);
	assert_nothing_answered(&e);
	exchanging_end(&e);
}

/* --- freeing inside calls --------------------------------------------------------- */

static void free_inside(enum exchanging_call call, const char *answer, bool close,
			const char *calls)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.free_in = call;
	e.free_connection = true;
	exchanging_start(&e);
	exchanging_sent(&e, EXCHANGING_GET);
	exchanging_say(&e, answer);
	if (close)
		exchanging_close(&e);
	exchanging_until(&e, exchanging_over);
	cr_assert_str_eq(e.calls, calls);
	cr_assert_null(e.exchange);
	cr_assert_null(e.connection);
	cr_assert_eq(e.changed, 1U);
	exchanging_turns(&e);
	exchanging_end(&e);
}

Test(http1, can_be_freed_in_an_interim_answer)
{
	free_inside(CALL_INTERIM, "HTTP/1.1 103 Early\r\n\r\n" OK_BODY, false, "interim 103\n");
}

Test(http1, can_be_freed_in_the_head)
{
	free_inside(CALL_HEAD, OK_BODY, false, "head 200\n");
	free_inside(CALL_HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, "head 200\n");
}

static bool head_came(struct exchanging *e)
{
	return strcmp(e->calls, "head 200\n") == 0;
}

Test(http1, can_be_freed_when_the_body_can_be_read)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.free_in = CALL_READABLE;
	e.free_connection = true;
	exchanging_start(&e);
	exchanging_say(&e, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	exchanging_until(&e, head_came);
	exchanging_say(&e, "hello");
	exchanging_until(&e, exchanging_over);
	cr_assert_null(e.connection);
	exchanging_end(&e);
}

Test(http1, can_be_freed_in_a_failure)
{
	free_inside(CALL_FAILED, "x", false, "failed\n");
	free_inside(CALL_FAILED, "HTTP/1.1 200", true, "failed\n");
}

Test(http1, can_be_freed_at_once)
{
	struct exchanging e;

	exchanging_prepare(&e);
	e.free_connection = true;
	exchanging_start(&e);
	exchanging_free(&e);
	cr_assert_null(e.connection);
	exchanging_turns(&e);
	cr_assert_str_eq(e.calls, "");
	exchanging_end(&e);
}

/* --- what cannot be sent -------------------------------------------------------------- */

static void refused(struct exchanging *e, const char *text)
{
	exchanging_start(e);
	cr_assert_str_eq(e->calls, "");
	exchanging_until(e, exchanging_over);
	exchanging_turns(e);
	cr_assert_str_eq(e->calls, "failed\n");
	cr_assert_str_eq(e->why.text, text);
	cr_assert_eq(e->why.class, FAILURE_USAGE);
	assert_ends(e);
	exchanging_end(e);
}

Test(http1, refuses_what_would_break_a_line)
{
	static const struct http_header split = { "X", "a\r\nEvil: b" };
	static const struct http_header framing = { "content-LENGTH", "5" };
	struct exchanging e;

	exchanging_prepare(&e);
	e.request.method = "GE T";
	refused(&e, "\"GE T\" is no HTTP method");
	exchanging_prepare(&e);
	e.request.target = "/a b";
	refused(&e, "the request's target or host cannot be sent");
	exchanging_prepare(&e);
	e.request.authority = "a\nb";
	refused(&e, "the request's target or host cannot be sent");
	exchanging_prepare(&e);
	e.request.headers = &split;
	e.request.header_count = 1;
	refused(&e, "the header \"X\" cannot be sent");
	exchanging_prepare(&e);
	e.request.headers = &framing;
	e.request.header_count = 1;
	refused(&e, "the header \"content-LENGTH\" cannot be sent");
}

Test(http1, refused_requests_send_nothing_and_fail_once_though_the_peer_closes)
{
	struct exchanging e;
	char byte;

	exchanging_prepare(&e);
	e.request.method = "";
	exchanging_start(&e);
	cr_assert_eq(shutdown(e.peer, SHUT_WR), 0);
	exchanging_until(&e, exchanging_over);
	exchanging_turns(&e);
	cr_assert_str_eq(e.calls, "failed\n");
	cr_assert_eq(recv(e.peer, &byte, 1, MSG_DONTWAIT), -1);
	exchanging_end(&e);
}
