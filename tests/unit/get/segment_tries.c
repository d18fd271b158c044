/* SPDX-License-Identifier: MIT */
/* The tries of a segment.
 * Holds: what is cut short, reset, silent, refused or busy is asked for again from where it is,
 * with a wait that is told, doubles by itself and is never shorter than the server asks for; tries
 * and waits are counted in a row, anew from each that brought bytes; the last one's failure is the
 * segment's; a connection at rest that dies is no try, and the next one is new. */
#include "get_fetching.h"
#include "net_dialled.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The first request gets a third of it, the second a reset after nothing, the third all. */
static bool answer_in_parts(const struct answering_request *r)
{
	if (r->number == 0) {
		fetching_send_range(r, 10000);
	} else if (r->number == 1) {
		answering_reset(r->fd);
	} else {
		fetching_send_range(r, UINT64_MAX);
	}
	return false;
}

Test(segment_tries, goes_on_where_it_was)
{
	struct fetching f;

	fetching_prepare(&f, answer_in_parts);
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_eq(answering_requested(&f.server), 3U);
	fetching_assert_asked(&f, 1, "bytes=40000-59999");
	fetching_assert_asked(&f, 2, "bytes=40000-59999");
	cr_assert_eq(strncmp(f.log, "cut short: 10000 of 30000 bytes came; 50\n", 41), 0, "%s",
		     f.log);
	fetching_end(&f);
}

static bool answer_bytewise(const struct answering_request *r)
{
	fetching_send_range(r, 1);
	return false;
}

Test(segment_tries, every_byte_counts_the_tries_anew)
{
	struct fetching f;

	fetching_prepare(&f, answer_bytewise);
	f.request.tries = 2;
	f.request.last = FETCHING_FIRST + 9;
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_NONE, "%s", f.why.text);
	cr_assert_eq(answering_requested(&f.server), 10U);
	fetching_assert_bytes(f.fd, FETCHING_FIRST, 10);
	fetching_end(&f);
}

Test(segment_tries, of_one_try_ends_with_its_failure)
{
	struct fetching f;

	fetching_prepare(&f, answer_bytewise);
	f.request.tries = 1;
	fetching_run(&f);
	fetching_assert_failed(&f, FAILURE_TRUNCATED, "cut short: 1 of 30000 bytes came", 1);
	cr_assert_eq(segment_written(f.segment), 1U);
	cr_assert_str_eq(f.log, "");
	fetching_end(&f);
}

Test(segment_tries, asks_a_busy_server_again)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer_busily);
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_str_eq(f.log, "HTTP status 503; 50\nHTTP status 503; 50\n");
	fetching_end(&f);
}

Test(segment_tries, gives_up_on_a_server_that_stays_busy)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer_busily);
	f.request.tries = 2;
	fetching_run(&f);
	fetching_assert_failed(&f, FAILURE_HTTP_STATUS, "HTTP status 503", 2);
	fetching_end(&f);
}

static bool answer_later(const struct answering_request *r)
{
	if (r->number > 0)
		return fetching_send_range(r, UINT64_MAX);
	return answering_say(r->fd,
			     "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
}

Test(segment_tries, waits_as_long_as_it_is_told)
{
	struct fetching f;

	fetching_prepare(&f, answer_later);
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_str_eq(f.log, "HTTP status 429; 1000\n");
	fetching_end(&f);
}

Test(segment_tries, waits_longer_each_time_by_itself)
{
	long long first = 0, second = 0;
	struct fetching f;

	fetching_prepare(&f, fetching_answer_busily);
	f.request.delay_ms = 0;
	fetching_start(&f);
	while (strchr(f.log, '\n') == strrchr(f.log, '\n'))
		ev_run(f.loop, EVRUN_ONCE);
	cr_assert_eq(
		sscanf(f.log, "HTTP status 503; %lld\nHTTP status 503; %lld\n", &first, &second), 2,
		"%s", f.log);
	cr_assert(first >= 750 && first <= 1000, "%lld", first);
	cr_assert(second >= 1500 && second <= 2000, "%lld", second);
	cr_assert_eq(f.done, 0U);
	fetching_end(&f);
}

Test(segment_tries, waits_as_long_as_the_user_says_at_first)
{
	long long first = 0, second = 0;
	struct fetching f;

	fetching_prepare(&f, fetching_answer_busily);
	f.request.delay_ms = 200;
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_eq(
		sscanf(f.log, "HTTP status 503; %lld\nHTTP status 503; %lld\n", &first, &second), 2,
		"%s", f.log);
	cr_assert(first >= 150 && first <= 200, "%lld", first);
	cr_assert(second >= 300 && second <= 400, "%lld", second);
	fetching_end(&f);
}

Test(segment_tries, waits_as_at_first_after_a_byte)
{
	long long first = 0, second = 0;
	struct fetching f;

	fetching_prepare(&f, answer_bytewise);
	f.request.delay_ms = 200;
	fetching_start(&f);
	while (strchr(f.log, '\n') == strrchr(f.log, '\n'))
		ev_run(f.loop, EVRUN_ONCE);
	cr_assert_eq(sscanf(f.log,
			    "cut short: 1 of 30000 bytes came; %lld\n"
			    "cut short: 1 of 29999 bytes came; %lld\n",
			    &first, &second),
		     2, "%s", f.log);
	cr_assert(first >= 150 && first <= 200, "%lld", first);
	cr_assert(second >= 150 && second <= 200, "%lld", second);
	fetching_end(&f);
}

Test(segment_tries, leaves_a_silent_server)
{
	struct fetching f;

	fetching_prepare(&f, fetching_answer_second);
	f.request.idle_ms = 300;
	f.request.tries = 20;
	fetching_run(&f);
	fetching_assert_all(&f);
	fetching_assert_asked(&f, 1, "bytes=30100-59999");
	cr_assert_eq(strncmp(f.log, "no byte came for 300ms (--idle-timeout); 50\n", 44), 0, "%s",
		     f.log);
	fetching_end(&f);
}

/* The second request finds the connection closed. */
static bool answer_once_a_connection(const struct answering_request *r)
{
	if (r->number == 1)
		return false;
	return fetching_send_range(r, UINT64_MAX);
}

Test(segment_tries, does_not_count_a_connection_that_has_died_at_rest)
{
	struct fetching f;

	fetching_prepare(&f, answer_once_a_connection);
	f.request.tries = 1;
	fetching_run(&f);
	segment_free(f.segment);
	f.done = 0;
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_eq(answering_requested(&f.server), 3U);
	cr_assert_eq(answering_connected(&f.server), 2U);
	cr_assert_str_eq(f.log, "");
	fetching_end(&f);
}

/* Ten connections are left at rest, all used once; from then on each dies when it is asked. */
static bool answer_ten(const struct answering_request *r)
{
	while (answering_requested(r->server) < 10)
		usleep(1000);
	return (r->number < 10 || r->connection >= 10) && fetching_send_range(r, UINT64_MAX);
}

Test(segment_tries, takes_a_new_connection_after_one_that_has_died_at_rest)
{
	struct fetching f;

	fetching_prepare(&f, answer_ten);
	f.request.done = fetching_one_done;
	f.request.tries = 1;
	for (unsigned i = 0; i < 10; i++)
		segment_start(&f.request);
	ev_run(f.loop, 0);
	cr_assert_eq(answering_connected(&f.server), 10U);
	f.request.done = fetching_done;
	f.done = 0;
	fetching_run(&f);
	fetching_assert_all(&f);
	cr_assert_eq(answering_requested(&f.server), 12U);
	cr_assert_eq(answering_connected(&f.server), 11U);
	fetching_end(&f);
}

static bool answer_nothing(const struct answering_request *r)
{
	(void)r;
	return false;
}

Test(segment_tries, tries_again_where_no_answer_came)
{
	struct fetching f;

	fetching_prepare(&f, answer_nothing);
	fetching_run(&f);
	fetching_assert_failed(&f, FAILURE_PROTOCOL,
			       "the server closed the connection without an answer", 3);
	fetching_end(&f);
}

Test(segment_tries, tries_a_host_again_that_refuses)
{
	int listener = loopback_bound("127.0.0.1", 0);
	char text[64], expected[1100];
	struct failure why = { 0 };
	struct http_origin origin;
	struct fetching f;

	fetching_prepare(&f, answer_nothing);
	origin = f.server.origin;
	origin.port = (int)loopback_port(listener);
	snprintf(text, sizeof(text), "127.0.0.1:%d", origin.port);
	cr_assert(endpoint_parse(&origin.endpoint, text, false, &why));
	f.request.origin = &origin;
	fetching_run(&f);
	cr_assert_eq(f.why.class, FAILURE_CONNECT, "%s", f.why.text);
	snprintf(expected, sizeof(expected), "%s; 50\n%s; 50\n", f.why.text, f.why.text);
	cr_assert_str_eq(f.log, expected);
	close(listener);
	fetching_end(&f);
}
