/* SPDX-License-Identifier: MIT */
/* The life of a transfer.
 * Holds: a body lands in its file and the report says what came; a try that was cut goes on where
 * it was, if what is there can be told apart, and from the start where not; what may pass is tried
 * again, and only that, only where asking twice is harmless; Retry-After; limits of tries; a dead
 * reused connection costs no try, a silent one does; idle and rate limits; the transfer can be
 * freed inside done and at any time, and stopped, which keeps what can be continued; what cannot be
 * asked is told from the loop. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>

#define HELLO  "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 5\r\n\r\nhello"
#define TAGGED "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 12\r\n\r\n"
#define REST   "HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Length: 7\r\n"
#define BUSY   "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"

/* --- well ----------------------------------------------------------------------- */

Test(transfer, lands_in_its_file)
{
	const struct reply replies[] = { { HELLO, REPLY_KEEP }, { 0 } };
	const struct transfer_report *r;
	struct transferring t;

	transferring_prepare(&t, replies);
	r = transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	cr_assert_str_eq(r->url, t.url);
	cr_assert_str_eq(r->file, t.out);
	cr_assert_str_eq(r->content_type, "text/x");
	cr_assert(r->total_known);
	cr_assert_eq(r->total, 5U);
	cr_assert_eq(r->done, 5U);
	cr_assert_eq(r->transferred, 5U);
	cr_assert_eq(r->resumed, 0U);
	cr_assert_eq(r->tries, 1U);
	cr_assert_null(r->kept);
	cr_assert_eq(r->hop_count, 1U);
	cr_assert_eq(r->hops[0].status, 200);
	cr_assert_eq(r->hops[0].major, 1);
	cr_assert_str_eq(r->hops[0].method, "GET");
	cr_assert_str_eq(r->hops[0].url, t.url);
	cr_assert(!r->hops[0].reused);
	cr_assert(r->hops[0].connected_us <= r->hops[0].sent_us &&
		  r->hops[0].sent_us <= r->hops[0].first_byte_us &&
		  r->hops[0].first_byte_us <= r->hops[0].ended_us);
	cr_assert_str_eq(t.log, "");
	transferring_end(&t);
}

Test(transfer, can_be_freed_inside_done)
{
	const struct reply replies[] = { { HELLO, REPLY_KEEP },
					 { "HTTP/1.1 404 No\r\n\r\n", REPLY_CLOSE },
					 { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.free_inside = true;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 404 No");
	snprintf(t.url, sizeof(t.url), "ftp://x");
	transferring_run(&t);
	cr_assert_eq(t.why.class, FAILURE_URL);
	transferring_end(&t);
}

Test(transfer, can_be_freed_at_any_time)
{
	const struct reply replies[] = { { TAGGED "hello", REPLY_HOLD }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	for (unsigned turns = 0; turns < 12; turns++) {
		transferring_start(&t);
		for (unsigned i = 0; i < turns; i++)
			ev_run(t.loop, EVRUN_NOWAIT);
		transfer_free(t.transfer);
		t.transfer = NULL;
		transferring_turns(&t);
	}
	cr_assert_eq(t.done, 0U);
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

static bool came(struct transferring *t, uint64_t bytes)
{
	return transfer_report(t->transfer)->done >= bytes;
}

Test(transfer, a_stop_keeps_what_can_be_continued)
{
	const struct reply replies[] = { { TAGGED "hello", REPLY_HOLD }, { 0 } };
	struct failure why = { .class = FAILURE_TIMEOUT, .text = "stopped" };
	const struct transfer_report *r;
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_start(&t);
	while (!came(&t, 5))
		ev_run(t.loop, EVRUN_ONCE);
	transfer_stop(t.transfer, &why);
	transferring_turns(&t);
	cr_assert_eq(t.done, 0U);
	r = transfer_report(t.transfer);
	cr_assert_str_eq(r->failure.text, "stopped");
	cr_assert_not_null(r->kept);
	transferring_assert_file(&t, "out.part", "hello");
	transferring_assert_file(&t, "out", NULL);
	transferring_end(&t);
}

Test(transfer, tells_from_the_loop_what_cannot_be_asked)
{
	struct transferring t;

	transferring_prepare(&t, NULL);
	snprintf(t.url, sizeof(t.url), "http://");
	transferring_start(&t);
	cr_assert_eq(t.done, 0U);
	transferring_wait(&t);
	cr_assert_eq(t.why.class, FAILURE_URL);
	cr_assert_eq(transfer_report(t.transfer)->hop_count, 0U);
	transferring_end(&t);
}

/* --- cut ---------------------------------------------------------------------------- */

Test(transfer, goes_on_where_it_was_cut)
{
	const struct reply replies[] = {
		{ TAGGED "hello", REPLY_CLOSE },
		{ REST "Content-Range: bytes 5-11/12\r\n\r\n, wor", REPLY_RESET },
		{ "HTTP/1.1 206 Part\r\nContent-Range: bytes 10-11/12\r\n\r\nld", REPLY_CLOSE },
		{ 0 },
	};
	const struct transfer_report *r;
	struct transferring t;

	transferring_prepare(&t, replies);
	r = transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello, world");
	transferring_assert_file(&t, "out.part", NULL);
	cr_assert_str_eq(transferring_field(&t, 0, "Range"), "");
	cr_assert_str_eq(transferring_field(&t, 1, "Range"), "bytes=5-");
	cr_assert_str_eq(transferring_field(&t, 1, "If-Range"), "\"v1\"");
	cr_assert_str_eq(transferring_field(&t, 2, "Range"), "bytes=10-");
	cr_assert_eq(r->tries, 3U);
	cr_assert_eq(r->resumed, 10U);
	cr_assert_eq(r->done, 12U);
	cr_assert_eq(r->transferred, 12U);
	cr_assert_eq(r->hop_count, 3U);
	cr_assert_not_null(strstr(t.log, ": cut short: 5 of 12 bytes came after 50\n"), "%s",
			   t.log);
	transferring_end(&t);
}

/* A 206 to If-Range need not repeat Last-Modified. */
Test(transfer, goes_on_by_a_date_that_is_told_once)
{
	const struct reply replies[] = {
		{ "HTTP/1.1 200 OK\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		  "Content-Length: 12\r\n\r\nhello",
		  REPLY_CLOSE },
		{ "HTTP/1.1 206 Part\r\nContent-Range: bytes 5-11/12\r\nContent-Length: "
		  "7\r\n\r\n, ",
		  REPLY_CLOSE },
		{ "HTTP/1.1 206 Part\r\nContent-Range: bytes 7-11/12\r\nContent-Length: "
		  "5\r\n\r\nworld",
		  REPLY_KEEP },
		{ 0 },
	};
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello, world");
	cr_assert_str_eq(transferring_field(&t, 2, "If-Range"), "Sun, 06 Nov 1994 08:49:37 GMT");
	transferring_end(&t);
}

Test(transfer, starts_over_where_nothing_tells_versions_apart)
{
	const struct reply replies[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello", REPLY_CLOSE },
		{ "HTTP/1.1 200 OK\r\nETag: W/\"weak\"\r\nContent-Length: 12\r\n\r\nHello",
		  REPLY_CLOSE },
		{ HELLO, REPLY_KEEP },
		{ 0 },
	};
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello");
	cr_assert_str_eq(transferring_field(&t, 1, "Range"), "");
	cr_assert_str_eq(transferring_field(&t, 2, "Range"), "");
	transferring_end(&t);
}

Test(transfer, keeps_a_part_when_the_tries_are_used_up)
{
	const struct reply replies[] = { { TAGGED "hello", REPLY_CLOSE },
					 { "HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Range: "
					   "bytes 5-11/12\r\nContent-Length: 7\r\n\r\n",
					   REPLY_CLOSE },
					 { 0 } };
	const struct transfer_report *r;
	struct transferring t;

	transferring_prepare(&t, replies);
	r = transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_TRUNCATED, "cut short: 0 of 7 bytes came");
	cr_assert_eq(r->tries, 4U);
	cr_assert_eq(answering_requested(&t.server), 4U);
	cr_assert_not_null(r->kept);
	transferring_assert_file(&t, "out.part", "hello");
	transferring_end(&t);
}

/* --- tries ----------------------------------------------------------------------------- */

Test(transfer, asks_again_when_the_server_is_busy)
{
	const struct reply replies[] = { { BUSY "\r\n", REPLY_KEEP },
					 { BUSY "Retry-After: 0\r\n\r\n", REPLY_KEEP },
					 { HELLO, REPLY_KEEP },
					 { 0 } };
	struct transferring t;
	char expected[500];

	transferring_prepare(&t, replies);
	transferring_run(&t);
	transferring_assert_done(&t);
	snprintf(expected, sizeof(expected),
		 "retrying %s: status 503 Busy after 50\nretrying %s: status 503 Busy after 50\n",
		 t.url, t.url);
	cr_assert_str_eq(t.log, expected);
	transferring_end(&t);
}

Test(transfer, waits_as_long_as_the_server_says)
{
	const struct reply replies[] = { { BUSY "Retry-After: 1\r\n\r\n", REPLY_KEEP },
					 { HELLO, REPLY_KEEP },
					 { 0 } };
	int64_t start = clock_ms();
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert(clock_ms() - start >= 1000);
	cr_assert_not_null(strstr(t.log, " after 1000\n"));
	transferring_end(&t);
}

Test(transfer, a_wait_beyond_the_limit_is_a_refusal)
{
	const struct reply replies[] = { { BUSY "Retry-After: 121\r\n\r\n", REPLY_KEEP }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 503 Busy");
	cr_assert_eq(answering_requested(&t.server), 1U);
	t.options.retry_max_ms = 5000;
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "status 503 Busy");
	cr_assert_eq(answering_requested(&t.server), 2U);
	transferring_end(&t);
}

static unsigned requests_of(const char *method, bool given, const char *answer)
{
	const struct reply replies[] = { { answer, REPLY_CLOSE }, { 0 } };
	struct transferring t;
	unsigned count;

	transferring_prepare(&t, replies);
	t.options.method = method;
	t.options.retry_given = given;
	transferring_run(&t);
	cr_assert_neq(t.why.class, FAILURE_NONE);
	count = answering_requested(&t.server);
	transferring_end(&t);
	return count;
}

Test(transfer, tries_again_only_what_may_pass)
{
	cr_assert_eq(requests_of("GET", false, BUSY "\r\n"), 4U);
	cr_assert_eq(requests_of("HEAD", false, BUSY "\r\n"), 4U);
	cr_assert_eq(requests_of("POST", false, BUSY "\r\n"), 1U);
	cr_assert_eq(requests_of("POST", true, BUSY "\r\n"), 4U);
	cr_assert_eq(requests_of("GET", false, "HTTP/1.1 404 No\r\n\r\n"), 1U);
	cr_assert_eq(requests_of("GET", true, "HTTP/1.1 501 No\r\n\r\n"), 1U);
	cr_assert_eq(requests_of("GET", false, ""), 1U);
	cr_assert_eq(requests_of("GET", false, "HTTP/1.1 200"), 4U);
}

Test(transfer, a_refused_connection_is_tried_again_when_that_was_asked_for)
{
	struct transferring t;

	transferring_prepare(&t, NULL);
	snprintf(t.url, sizeof(t.url), "http://127.0.0.1:1/");
	cr_assert_eq(transferring_run(&t)->tries, 1U);
	cr_assert_eq(t.why.class, FAILURE_CONNECT);
	cr_assert_str_eq(t.why.text, "127.0.0.1:1: connection refused");
	t.options.retry_given = true;
	cr_assert_eq(transferring_run(&t)->tries, 4U);
	transferring_end(&t);
}

/* --- connections at rest -------------------------------------------------------------------- */

Test(transfer, a_dead_connection_costs_no_try)
{
	const struct reply replies[] = {
		{ HELLO, REPLY_KEEP }, { "", REPLY_CLOSE }, { HELLO, REPLY_KEEP }, { 0 }
	};
	const struct transfer_report *r;
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.method = "POST";
	t.options.retries = 0;
	transferring_run(&t);
	r = transferring_run(&t);
	transferring_assert_done(&t);
	cr_assert_eq(r->tries, 1U);
	cr_assert_eq(r->hop_count, 2U);
	cr_assert(r->hops[0].reused);
	cr_assert(!r->hops[1].reused);
	cr_assert_str_eq(t.log, "");
	cr_assert_eq(answering_connected(&t.server), 2U);
	transferring_end(&t);
}

Test(transfer, a_fresh_connection_that_dies_does)
{
	const struct reply replies[] = { { HELLO, REPLY_KEEP }, { "", REPLY_CLOSE }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	transferring_run(&t);
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_PROTOCOL,
				   "the server closed the connection without an answer");
	cr_assert_eq(answering_requested(&t.server), 3U);
	transferring_end(&t);
}

/* What was asked may be under way. */
Test(transfer, a_silent_connection_is_not_dead)
{
	const struct reply replies[] = { { HELLO, REPLY_KEEP }, { "", REPLY_HOLD }, { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.method = "POST";
	t.options.idle_ms = 300;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_TIMEOUT, "nothing came for 300ms (--idle-timeout)");
	cr_assert_eq(answering_requested(&t.server), 2U);
	transferring_end(&t);
}

/* --- limits ----------------------------------------------------------------------------------- */

Test(transfer, silence_is_a_failure_that_may_pass)
{
	const struct reply replies[] = { { TAGGED "hello", REPLY_HOLD },
					 { REST "Content-Range: bytes 5-11/12\r\n\r\n, world",
					   REPLY_KEEP },
					 { 0 } };
	struct transferring t;

	transferring_prepare(&t, replies);
	t.options.idle_ms = 300;
	transferring_run(&t);
	transferring_assert_done(&t);
	transferring_assert_file(&t, "out", "hello, world");
	cr_assert_not_null(strstr(t.log, "nothing came for 300ms (--idle-timeout) after 50\n"));
	transferring_end(&t);
}

static bool trickle(const struct answering_request *r)
{
	answering_say(r->fd, "HTTP/1.1 200 OK\r\n\r\n");
	while (answering_say(r->fd, "x"))
		usleep(100000);
	return false;
}

Test(transfer, a_rate_below_the_least_is_a_timeout)
{
	struct transferring t;
	int64_t start = clock_ms();

	transferring_prepare(&t, NULL);
	t.answer = trickle;
	t.options.min_rate = 1024;
	t.options.retries = 0;
	transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_TIMEOUT,
				   "slower than 1 KiB a second for 5 seconds (--min-rate)");
	cr_assert(clock_ms() - start >= 4900);
	transferring_end(&t);
}
