/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/http/service2.c
 * Holds: a request is told, answered and over; many at once, answered in any order; an answer
 * outside of an event; frames cut anywhere; bytes that others had read come first; a client that
 * ends, before, between and in the middle of requests; GOAWAY when draining and behind a last
 * answer; floods of resets, pings, settings, empty frames and priorities end with
 * ENHANCE_YOUR_CALM; deadlines of the first request, of half a head, of an idle connection, of a
 * client that takes nothing; what speaks something else; a plain connection that starts with the
 * preface changes over, however it was cut, and one that only looks like it does not.
 */
#include "http2_asking.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/clock.h>

static struct asking a;

static void set_up(void)
{
	asking_init(&a);
}

static void tear_down(void)
{
	asking_stop(&a);
}

TestSuite(service2, .init = set_up, .fini = tear_down);

#define TOLD "request GET /a\n host: a.example\n"

Test(service2, a_request)
{
	asking_start(&a);
	cr_assert_eq(a.service->wait, STREAM_READ);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	cr_assert_str_eq(asking_log(&a), TOLD "received 0\nover 1 200 5\n");
	asking_expect_answer(&a, 1, "200 hello");
	cr_assert_eq(a.service->wait, STREAM_READ);
	cr_assert_gt(a.service->received, 0);
	cr_assert_gt(a.service->sent, 0);
}

Test(service2, one_after_another)
{
	asking_start(&a);
	for (int32_t id = 1; id < 40; id += 2) {
		asking_head(&a, NGHTTP2_FLAG_END_STREAM, id, ASKING_GET);
		asking_expect_answer(&a, id, "200 hello");
	}
	cr_assert_eq(a.requests, 20);
}

Test(service2, many_at_once_answered_in_any_order)
{
	struct http_service_request *first, *second;
	const struct http_answer ok = a.answer;

	a.answer.status = 0;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	first = a.last;
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 3, ASKING_GET);
	second = a.last;
	cr_assert_str_eq(asking_log(&a), TOLD "received 0\n" TOLD "received 0\n");
	http_service_answer(second, &ok);
	asking_run(&a);
	asking_expect_answer(&a, 3, "200 hello");
	cr_assert_str_eq(asking_log(&a), "over 2 200 5\n");
	http_service_answer(first, &ok);
	asking_run(&a);
	asking_expect_answer(&a, 1, "200 hello");
	cr_assert_str_eq(asking_log(&a), "over 1 200 5\n");
}

static unsigned writes;
static struct stream counted_below;

static enum io counted_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			      struct failure *why)
{
	writes++;
	return stream_writev(s->below, v, n, nwritten, why);
}

static const struct stream_ops counted_ops = { .name = "counted", .writev = counted_writev };

Test(service2, small_answers_go_in_one_write)
{
	struct buffer b = { 0 };

	asking_start(&a);
	counted_below = (struct stream){ .ops = &counted_ops, .below = a.stream };
	a.service->stream = &counted_below;
	for (int32_t id = 1; id < 20; id += 2)
		peer_head_add(&b, NGHTTP2_FLAG_END_STREAM, id, ASKING_GET);
	asking_bytes(&a, buffer_bytes(&b), b.length);
	cr_assert_eq(a.requests, 10);
	cr_assert_eq(writes, 1);
	cr_assert_eq(a.end, IO_AGAIN);
	buffer_free(&b);
}

Test(service2, cut_at_every_byte)
{
	struct buffer b = { 0 };

	asking_start(&a);
	peer_head_add(&b, 0, 1, ASKING_PUT "content-length: 3\n");
	peer_frame_add(&b, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "abc", 3);
	for (size_t i = 0; i < b.length; i++)
		asking_bytes(&a, buffer_bytes(&b) + i, 1);
	cr_assert_str_eq(asking_log(&a), "request PUT /a\n host: a.example\n content-length: 3\n"
					 "received 3\nover 1 200 5\n");
	asking_expect_answer(&a, 1, "200 hello");
	buffer_free(&b);
}

Test(service2, what_others_have_read_comes_first)
{
	struct http_service *service;
	struct buffer b = { 0 };

	asking_start(&a);
	cr_assert(buffer_add(&b, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
	peer_frame_add(&b, NGHTTP2_SETTINGS, 0, 0, "", 0);
	peer_head_add(&b, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	service = http_service2_new(a.stream, &a.options, a.service->events, &a, buffer_bytes(&b),
				    b.length, &a.why);
	cr_assert_not_null(service);
	cr_assert_eq(service->received, b.length);
	cr_assert_eq(http_service_run(service, 0, &a.why), IO_AGAIN);
	cr_assert_str_eq(asking_log(&a), TOLD "received 0\nover 1 200 5\n");
	http_service_free(service);
	buffer_free(&b);
}

Test(service2, a_client_that_leaves_between_requests)
{
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_log(&a);
	asking_close(&a);
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(a.service->reason, "client ended");
	cr_assert_str_eq(asking_log(&a), "");
}

Test(service2, a_client_that_leaves_in_the_middle)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_log(&a);
	asking_close(&a);
	cr_assert_eq(a.end, IO_FAILED);
	cr_assert_str_eq(a.why.text, "the client ended in the middle of a request");
	cr_assert_str_eq(asking_log(&a),
			 "over 1 0 0: the client ended in the middle of a request\n");
}

Test(service2, freed_in_the_middle)
{
	a.answer.status = 0;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_head(&a, 0, 3, ASKING_PUT);
	asking_log(&a);
	http_service_free(a.service);
	a.service = NULL;
	cr_assert_str_eq(asking_log(&a), "over 1 0 0: the connection is over\n"
					 "over 2 0 0: the connection is over\n");
}

Test(service2, draining_answers_what_is_under_way)
{
	const struct http_answer ok = a.answer;
	struct peer_frame f;

	a.answer.status = 0;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	http_service_drain(a.service);
	asking_run(&a);
	f = peer_expect(&a.ears, NGHTTP2_GOAWAY);
	cr_assert_eq(peer_number(&f, 0), 1);
	cr_assert_eq(peer_number(&f, 4), NGHTTP2_NO_ERROR);
	/* Not told any more. */
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 3, ASKING_GET);
	cr_assert_eq(a.requests, 1);
	cr_assert_eq(a.end, IO_AGAIN);
	http_service_answer(a.last, &ok);
	asking_run(&a);
	asking_expect_answer(&a, 1, "200 hello");
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(a.service->reason, "server ended");
}

Test(service2, draining_an_idle_connection)
{
	asking_start(&a);
	http_service_drain(a.service);
	asking_run(&a);
	asking_expect_goaway(&a, NGHTTP2_NO_ERROR);
}

Test(service2, a_last_answer)
{
	a.answer.last = true;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(asking_log(&a), TOLD "received 0\nover 1 200 5\n");
}

Test(service2, the_client_says_goodbye)
{
	static const uint8_t goaway[8] = { 0 };

	asking_start(&a);
	asking_frame(&a, NGHTTP2_GOAWAY, 0, 0, goaway, sizeof goaway);
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(a.service->reason, "client ended");
}

/* --- floods ------------------------------------------------------------------------- */

static void assert_calmed(void)
{
	asking_expect_goaway(&a, NGHTTP2_ENHANCE_YOUR_CALM);
	cr_assert_str_eq(a.service->reason, "the client cost more than it asked for");
}

/* The same frames over and over until the server has had enough; at most so many times. */
static int flood(const struct buffer *frames, int most)
{
	int times = 0;

	while (a.end == IO_AGAIN && times < most) {
		asking_bytes(&a, buffer_bytes(frames), frames->length);
		times++;
	}
	return times;
}

#define FLOOD_TEST(name, ...)                                                                      \
	Test(service2, name)                                                                       \
	{                                                                                          \
		struct buffer b = { 0 };                                                           \
                                                                                                   \
		asking_start(&a);                                                                  \
		for (int i = 0; i < 100; i++)                                                      \
			peer_frame_add(&b, __VA_ARGS__);                                           \
		cr_assert_leq(flood(&b, 100), 10);                                                 \
		assert_calmed();                                                                   \
		buffer_free(&b);                                                                   \
	}

FLOOD_TEST(a_flood_of_pings, NGHTTP2_PING, 0, 0, "12345678", 8)
FLOOD_TEST(a_flood_of_settings, NGHTTP2_SETTINGS, 0, 0, "", 0)
FLOOD_TEST(a_flood_of_priorities, NGHTTP2_PRIORITY, 0, 1, "\0\0\0\0\0", 5)

Test(service2, a_flood_of_empty_data)
{
	struct buffer b = { 0 };

	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	for (int i = 0; i < 100; i++)
		peer_frame_add(&b, NGHTTP2_DATA, 0, 1, "", 0);
	cr_assert_leq(flood(&b, 100), 10);
	assert_calmed();
	buffer_free(&b);
}

/* CVE-2023-44487. */
Test(service2, a_flood_of_requests_that_are_reset)
{
	asking_start(&a);
	a.answer.status = 0;
	for (int32_t id = 1; a.end == IO_AGAIN && id < 100000;) {
		struct buffer b = { 0 };

		for (int i = 0; i < 100; i++, id += 2) {
			peer_head_add(&b, NGHTTP2_FLAG_END_STREAM, id, ASKING_GET);
			peer_frame_add(&b, NGHTTP2_RST_STREAM, 0, id, "\0\0\0\x08", 4);
		}
		asking_bytes(&a, buffer_bytes(&b), b.length);
		buffer_free(&b);
	}
	assert_calmed();
	cr_assert_leq(a.requests, SERVICE2_ALLOWANCE + SERVICE2_ALLOWANCE_S * 10);
}

/* A head that never ends, frame by frame (CVE-2024-27316). */
Test(service2, a_flood_of_continuations)
{
	struct buffer b = { 0 }, head = { 0 };

	asking_start(&a);
	peer_head_add(&head, 0, 1, ASKING_GET);
	buffer_bytes(&head)[4] = 0; /* END_HEADERS is taken away */
	asking_bytes(&a, buffer_bytes(&head), head.length);
	for (int i = 0; i < 100; i++)
		peer_frame_add(&b, NGHTTP2_CONTINUATION, 0, 1, "", 0);
	cr_assert_leq(flood(&b, 100), 10);
	cr_assert_neq(a.end, IO_AGAIN);
	cr_assert_eq(a.requests, 0);
	buffer_free(&b);
	buffer_free(&head);
}

/* --- time --------------------------------------------------------------------------- */

/* As if that much time had passed. */
static void pass(int64_t ms)
{
	const int64_t deadline = a.service->deadline_ms;

	cr_assert_gt(deadline, 0);
	cr_assert_leq(deadline, clock_ms() + ms);
	a.service->deadline_ms = clock_ms();
	a.end = http_service_expired(a.service, &a.why);
}

Test(service2, no_request_comes)
{
	a.options.head_ms = 5000;
	asking_start(&a);
	pass(5000);
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(a.service->reason, "no request came");
	asking_run(&a);
	asking_expect_goaway(&a, NGHTTP2_NO_ERROR);
}

Test(service2, half_a_head)
{
	struct buffer b = { 0 };

	a.options.head_ms = 5000;
	a.options.idle_ms = 60000;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	peer_head_add(&b, NGHTTP2_FLAG_END_STREAM, 3, ASKING_GET);
	asking_bytes(&a, buffer_bytes(&b), b.length - 1);
	pass(5000);
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(a.service->reason, "the head of a request was not whole in time");
	buffer_free(&b);
}

Test(service2, idle)
{
	a.options.idle_ms = 60000;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	cr_assert_gt(a.service->deadline_ms, clock_ms() + 50000);
	pass(60000);
	cr_assert_eq(a.end, IO_DONE);
	cr_assert_str_eq(a.service->reason, "idle");
}

Test(service2, too_early_is_harmless)
{
	a.options.head_ms = 5000;
	asking_start(&a);
	cr_assert_eq(http_service_expired(a.service, &a.why), IO_AGAIN);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_expect_answer(&a, 1, "200 hello");
}

Test(service2, a_client_that_takes_nothing)
{
	static char large[100000];
	const struct http_service_piece piece = { .bytes = large, .length = sizeof large };

	a.answer.pieces = &piece;
	a.options.stall_ms = 10000;
	a.options.stall_bytes = 1000;
	asking_start(&a);
	/* Its window of 65535 bytes is used up, and it says no more. */
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	pass(10000);
	cr_assert_eq(a.end, IO_AGAIN, "the first look only notes");
	/* Pings are no progress. */
	for (int i = 0; i < 100; i++)
		asking_frame(&a, NGHTTP2_PING, 0, 0, "12345678", 8);
	pass(10000);
	cr_assert_eq(a.end, IO_FAILED);
	cr_assert_eq(a.why.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(a.why.text, "the client moved 0 bytes in 10 seconds");
	asking_log(&a);
}

Test(service2, who_makes_the_answer_may_take_time)
{
	a.answer.status = 0;
	a.options.stall_ms = 10000;
	a.options.stall_bytes = 1000;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	for (int i = 0; i < 3; i++) {
		pass(10000);
		cr_assert_eq(a.end, IO_AGAIN);
	}
}

/* --- others ------------------------------------------------------------------------- */

Test(service2, what_speaks_something_else)
{
	asking_start(&a);
	http_service_free(a.service);
	a.service = http_service2_new(a.stream, &a.options, &(struct http_service_events){ 0 }, &a,
				      "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27, &a.why);
	a.end = http_service_run(a.service, 0, &a.why);
	cr_assert_eq(a.end, IO_FAILED);
	cr_assert_eq(a.why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(a.why.text, "the client does not speak HTTP/2");
}

Test(service2, no_other_protocol_takes_its_place)
{
	const char *bytes;

	a.answer.status = 0;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	cr_assert_not(http_service_take_stream(a.last));
	cr_assert_eq(http_service_unread(a.service, &bytes), 0);
}

/* A service of HTTP/1 that meets these bytes, so many at a time. */
static void start_plain(const char *bytes, size_t length, size_t piece)
{
	const struct http_service_events *events;

	asking_start(&a);
	events = a.service->events;
	http_service_free(a.service);
	a.service = http_service_new(a.stream, &a.options, events, &a, "", 0, &a.why);
	cr_assert_not_null(a.service);
	cr_assert_str_eq(a.service->ops->name, "HTTP/1");
	a.end = IO_AGAIN;
	buffer_free(&a.ears.came);
	for (size_t at = 0; at < length; at += piece)
		asking_bytes(&a, bytes + at, length - at < piece ? length - at : piece);
}

static void assert_changes_over(size_t piece)
{
	struct buffer b = { 0 };

	cr_assert(buffer_add(&b, NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
	peer_frame_add(&b, NGHTTP2_SETTINGS, 0, 0, "", 0);
	peer_head_add(&b, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	start_plain(buffer_bytes(&b), b.length, piece);
	cr_assert_str_eq(a.service->ops->name, "HTTP/2");
	cr_assert_str_eq(asking_log(&a), TOLD "received 0\nover 1 200 5\n");
	asking_expect_answer(&a, 1, "200 hello");
	cr_assert_eq(a.service->received, b.length);
	buffer_free(&b);
}

Test(service2, the_preface_without_tls)
{
	assert_changes_over(SIZE_MAX);
}

Test(service2, the_preface_byte_by_byte)
{
	assert_changes_over(1);
}

Test(service2, what_only_starts_like_the_preface)
{
	static const char text[] = "PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n";

	start_plain(text, sizeof text - 1, SIZE_MAX);
	cr_assert_str_eq(a.service->ops->name, "HTTP/1");
	cr_assert_str_eq(asking_log(&a),
			 "refused 505: \"HTTP/2.0\": neither HTTP/1.0 nor HTTP/1.1\n");
}

Test(service2, half_a_preface)
{
	start_plain(NGHTTP2_CLIENT_MAGIC, 20, SIZE_MAX);
	asking_close(&a);
	cr_assert_neq(a.end, IO_AGAIN);
	cr_assert_eq(a.requests, 0);
	asking_log(&a);
}
