/* SPDX-License-Identifier: MIT */
/* One connection of HTTP/1.
 * Holds: the first head, later heads and idling each have their time, and bytes of a head do not
 * lengthen it; a late head is 408, an idle end is in order; a client that moves nothing is cut, one
 * that moves enough is not; draining answers what is under way and ends; a stream can be taken away
 * with the bytes behind the request, after what was answered before; an answer may come later. */
#include "http_serving.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/service1.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static struct serving s;

static void start(void)
{
	serving_prepare(&s);
	s.options.head_ms = 1000;
	s.options.idle_ms = 5000;
	s.options.stall_ms = 20000;
	s.options.stall_bytes = 100;
	serving_start(&s, NULL, NULL);
}

/* About so many milliseconds from now. */
static void assert_deadline(int64_t ms)
{
	const int64_t left = s.service->deadline_ms - clock_ms();

	cr_assert(left > ms - 900 && left <= ms, "%lld", (long long)left);
}

/* As if its time had come. */
static void expire(void)
{
	s.service->deadline_ms = clock_ms();
	s.why = (struct failure){ 0 };
	s.result = http_service_expired(s.service, &s.why);
}

Test(service1, gives_each_phase_its_time)
{
	start();
	assert_deadline(1000);
	serving_say(&s, GET);
	assert_deadline(5000);
	serving_say(&s, "GET /");
	assert_deadline(1000);
	s.when = SERVING_LATER;
	serving_say(&s, " HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_deadline(20000);
	serving_answer(&s);
	assert_deadline(5000);
	serving_free(&s);
}

Test(service1, gives_no_time_for_a_byte)
{
	int64_t before;

	start();
	serving_say(&s, "G");
	before = s.service->deadline_ms;
	usleep(3000);
	serving_say(&s, "E");
	cr_assert_eq(s.service->deadline_ms, before);
	serving_free(&s);
}

Test(service1, knows_no_deadlines_that_were_not_asked_for)
{
	serving_prepare(&s);
	serving_start(&s, NULL, NULL);
	cr_assert_eq(s.service->deadline_ms, 0);
	cr_assert_eq(http_service_expired(s.service, &s.why), IO_AGAIN);
	serving_free(&s);
}

Test(service1, comes_again_when_asked_too_early)
{
	start();
	cr_assert_eq(http_service_expired(s.service, &s.why), IO_AGAIN);
	cr_assert_eq(s.client.took.length, 0);
	serving_free(&s);
}

Test(service1, answers_a_late_head)
{
	start();
	serving_say(&s, "GET / HTTP/1.1\r\n");
	expire();
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_str_eq(serving_heard(&s),
			 "refused 408: the head of a request was not whole in time\n");
	cr_assert_eq(strncmp(serving_sent(&s), "HTTP/1.1 408 Request Timeout\r\n", 30), 0);
	serving_free(&s);
}

Test(service1, ends_in_order_without_a_request)
{
	start();
	expire();
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_str_eq(s.service->reason, "no request came");
	cr_assert_eq(s.client.took.length, 0);
	serving_free(&s);
	start();
	serving_say(&s, GET);
	expire();
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_str_eq(s.service->reason, "idle");
	serving_free(&s);
}

Test(service1, cuts_who_moves_nothing)
{
	start();
	s.client.takes = 0;
	serving_say(&s, GET);
	expire(); /* the first look only notes how far it is */
	cr_assert_eq(s.result, IO_AGAIN);
	assert_deadline(20000);
	s.client.takes = 50;
	serving_run(&s, STREAM_WRITE);
	s.client.takes = 0;
	expire();
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_eq(s.why.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(s.why.text, "the client moved only 50 B in 20.00s");
	serving_free(&s);
}

Test(service1, lets_who_moves_enough_go_on)
{
	start();
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n");
	for (int i = 0; i < 5; i++) {
		char bytes[101];

		memset(bytes, 'x', 100);
		bytes[100] = '\0';
		serving_say(&s, bytes);
		expire();
		cr_assert_eq(s.result, IO_AGAIN);
	}
	expire();
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_str_eq(s.why.text, "the client moved only 0 B in 20.00s");
	serving_free(&s);
}

Test(service1, does_not_cut_who_waits_for_us)
{
	start();
	s.when = SERVING_LATER;
	serving_say(&s, GET);
	for (int i = 0; i < 3; i++) {
		expire();
		cr_assert_eq(s.result, IO_AGAIN);
	}
	serving_answer(&s);
	cr_assert_eq(s.result, IO_AGAIN);
	serving_free(&s);
}

Test(service1, drains_an_idle_connection_at_once)
{
	start();
	serving_say(&s, GET);
	http_service_drain(s.service);
	serving_run(&s, 0);
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_str_eq(s.service->reason, "server ended");
	serving_free(&s);
}

Test(service1, drains_behind_the_answer_under_way)
{
	start();
	s.when = SERVING_LATER;
	serving_say(&s, GET GET);
	http_service_drain(s.service);
	serving_run(&s, 0);
	cr_assert_eq(s.result, IO_AGAIN);
	serving_answer(&s);
	cr_assert_eq(s.result, IO_DONE);
	cr_assert(strstr(serving_sent(&s), "Connection: close\r\n"));
	cr_assert_str_eq(serving_heard(&s), "request GET /\nreceived\nover 200, 5 bytes\n");
	serving_free(&s);
}

Test(service1, drains_behind_a_head_that_has_begun)
{
	start();
	serving_say(&s, "GET / ");
	http_service_drain(s.service);
	serving_run(&s, 0);
	cr_assert_eq(s.result, IO_AGAIN);
	serving_say(&s, "HTTP/1.1\r\nHost: a\r\n\r\n");
	cr_assert_eq(s.result, IO_DONE);
	cr_assert(strstr(serving_sent(&s), "Connection: close\r\n\r\nhello"));
	serving_free(&s);
}

Test(service1, gives_the_stream_away)
{
	static const char taken[] = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\nbehind";
	const char *bytes;

	start();
	s.client.takes = 10;
	buffer_add(&s.client.gives, GET, strlen(GET));
	s.when = SERVING_AT_END;
	serving_run(&s, STREAM_READ);
	s.when = SERVING_TAKE;
	s.client.takes = SIZE_MAX;
	serving_say(&s, taken);
	serving_run(&s, STREAM_READ | STREAM_WRITE);
	cr_assert_eq(s.result, IO_END);
	cr_assert_eq(http_service_unread(s.service, &bytes), strlen(taken));
	cr_assert_eq(memcmp(bytes, taken, strlen(taken)), 0);
	cr_assert(strstr(serving_sent(&s), "hello"));
	cr_assert(strstr(serving_heard(&s), "request GET /chat\nover 0, 0 bytes\n"));
	serving_free(&s);
}

Test(service1, keeps_the_stream_for_a_request_with_a_body)
{
	start();
	s.when = SERVING_TAKE;
	serving_say(&s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na");
	cr_assert(strstr(serving_sent(&s), "200 OK"));
	cr_assert_eq(s.result, IO_AGAIN);
	serving_free(&s);
}

Test(service1, is_small)
{
	cr_assert_leq(sizeof(struct http_service1), 640);
}
