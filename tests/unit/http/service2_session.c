/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/http/service2_session.c
 * Holds: what we say first; bodies in pieces, with trailers, longer than a window; a callee that
 * takes less lets the client wait and takes the rest when it resumes, also behind the end; a body
 * nobody wants is dropped, and the stream reset when there is too much of it; more streams than
 * allowed are refused; a stream that the client resets is over; what the client breaks in a stream
 * ends that stream, what it breaks of the connection the connection.
 */
#include "http2_asking.h"

#include <criterion/criterion.h>
#include <string.h>

static struct asking a;

static void set_up(void)
{
	asking_init(&a);
}

static void tear_down(void)
{
	asking_stop(&a);
}

TestSuite(service2_session, .init = set_up, .fini = tear_down);

static uint32_t setting(const struct peer_frame *f, unsigned id)
{
	for (size_t at = 0; at + 6 <= f->length; at += 6) {
		if ((unsigned)(f->payload[at] << 8 | f->payload[at + 1]) == id)
			return peer_number(f, at + 2);
	}
	return UINT32_MAX;
}

Test(service2_session, what_we_say_first)
{
	struct peer_frame f;

	asking_start(&a);
	cr_assert(peer_next(&a.ears, &f));
	cr_assert_eq(f.type, NGHTTP2_SETTINGS);
	cr_assert_eq(setting(&f, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 100);
	cr_assert_eq(setting(&f, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE), 65536);
	cr_assert_eq(setting(&f, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), SERVICE2_STREAM_WINDOW);
	cr_assert_eq(setting(&f, 9), 1);
	f = peer_expect(&a.ears, NGHTTP2_WINDOW_UPDATE);
	cr_assert_eq(f.stream, 0);
	cr_assert_eq(peer_number(&f, 0), SERVICE2_WINDOW - 65535);
}

Test(service2_session, a_body)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_data(&a, 0, 1, 100);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 20000);
	cr_assert_str_eq(asking_log(&a), "request PUT /a\n host: a.example\nreceived 20100\n"
					 "over 1 200 5\n");
	asking_expect_answer(&a, 1, "200 hello");
}

Test(service2_session, an_empty_body)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_frame(&a, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "", 0);
	cr_assert_str_eq(asking_log(&a),
			 "request PUT /a\n host: a.example\nreceived 0\nover 1 200 5\n");
}

Test(service2_session, a_body_with_a_trailer)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_data(&a, 0, 1, 3);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, "x: y\n");
	cr_assert_str_eq(asking_log(&a),
			 "request PUT /a\n host: a.example\nreceived 3\nover 1 200 5\n");
}

/* The windows are opened as the callee takes. */
Test(service2_session, a_body_longer_than_the_windows)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	for (int i = 0; i < 40; i++)
		asking_data(&a, 0, 1, 64 * 1024);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 1);
	cr_assert_str_eq(asking_log(&a),
			 "request PUT /a\n host: a.example\nreceived 2621441\nover 1 200 5\n");
}

Test(service2_session, a_callee_that_lets_the_client_wait)
{
	struct http_service_request *request;

	a.take = 0;
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	request = a.last;
	buffer_free(&a.ears.came);
	for (int i = 0; i < SERVICE2_STREAM_WINDOW / 16384; i++)
		asking_data(&a, 0, 1, 16384);
	cr_assert(peer_none(&a.ears, NGHTTP2_WINDOW_UPDATE));
	cr_assert_eq(a.body.length, 0);
	asking_log(&a);
	a.take = 1000;
	http_service_resume(request);
	asking_run(&a);
	cr_assert_eq(a.body.length, SERVICE2_STREAM_WINDOW, "until it takes no more");
	cr_assert_eq(peer_expect(&a.ears, NGHTTP2_WINDOW_UPDATE).length, 4);
	asking_frame(&a, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "", 0);
	cr_assert_str_eq(asking_log(&a), "received 524288\nover 1 200 5\n");
}

Test(service2_session, resumed_behind_the_end)
{
	a.take = 0;
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 10);
	cr_assert_str_eq(asking_log(&a), "request PUT /a\n host: a.example\n");
	a.take = 4;
	http_service_resume(a.last);
	asking_run(&a);
	cr_assert_str_eq(asking_log(&a), "received 10\nover 1 200 5\n");
}

Test(service2_session, an_answer_in_place_of_resuming)
{
	const struct http_answer ok = a.answer;

	a.take = 0;
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 10);
	http_service_resume(a.last);
	http_service_answer(a.last, &ok);
	asking_run(&a);
	cr_assert_str_eq(asking_log(&a), "request PUT /a\n host: a.example\nover 1 200 5\n");
	asking_expect_answer(&a, 1, "200 hello");
}

/* Both take what is not theirs to keep: the connection's window survives a reset. */
Test(service2_session, what_is_held_of_a_lost_stream_is_given_back)
{
	a.take = 0;
	asking_start(&a);
	for (int32_t id = 1; id < 20; id += 2) {
		asking_head(&a, 0, id, ASKING_PUT);
		for (int i = 0; i < 16; i++)
			asking_data(&a, 0, id, 16384);
		asking_number(&a, NGHTTP2_RST_STREAM, id, NGHTTP2_CANCEL);
		cr_assert_null(a.last);
	}
	cr_assert_eq(a.end, IO_AGAIN);
	a.take = SIZE_MAX;
	asking_log(&a);
	asking_head(&a, 0, 21, ASKING_PUT);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 21, 16384);
	cr_assert_str_eq(asking_log(&a),
			 "request PUT /a\n host: a.example\nreceived 16384\nover 11 200 5\n");
}

Test(service2_session, a_body_nobody_wants_is_dropped)
{
	a.at_once = true;
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_expect_answer(&a, 1, "200 hello");
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 100000);
	cr_assert_eq(a.body.length, 0);
	cr_assert(peer_none(&a.ears, NGHTTP2_RST_STREAM));
	cr_assert_str_eq(asking_log(&a), "request PUT /a\n host: a.example\nover 1 200 5\n");
}

Test(service2_session, too_much_of_a_body_nobody_wants)
{
	struct peer_frame f;

	a.at_once = true;
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT);
	asking_expect_answer(&a, 1, "200 hello");
	asking_data(&a, 0, 1, HTTP_SERVICE_DROP_MAX + 1);
	f = peer_expect(&a.ears, NGHTTP2_RST_STREAM);
	cr_assert_eq(f.stream, 1);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_NO_ERROR);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 3, ASKING_GET);
	asking_expect_answer(&a, 3, "200 hello");
}

/* The client has acknowledged how many there may be. */
Test(service2_session, more_streams_than_allowed)
{
	asking_start(&a);
	a.answer.status = 0;
	for (int32_t id = 1; id < 200; id += 2)
		asking_head(&a, NGHTTP2_FLAG_END_STREAM, id, ASKING_GET);
	cr_assert_eq(a.requests, HTTP_SERVICE_STREAMS_MAX);
	cr_assert_eq(a.end, IO_AGAIN);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 201, ASKING_GET);
	asking_expect_goaway(&a, NGHTTP2_PROTOCOL_ERROR);
	cr_assert_eq(a.requests, HTTP_SERVICE_STREAMS_MAX);
}

/* Before it has: the stream alone is refused, and may be asked for again. */
Test(service2_session, more_streams_than_the_client_could_know)
{
	const struct http_answer ok = a.answer;
	struct peer_frame f;

	a.unacknowledged = true;
	a.answer.status = 0;
	asking_start(&a);
	for (int32_t id = 1; id <= 201; id += 2)
		asking_head(&a, NGHTTP2_FLAG_END_STREAM, id, ASKING_GET);
	cr_assert_eq(a.requests, HTTP_SERVICE_STREAMS_MAX);
	f = peer_expect(&a.ears, NGHTTP2_RST_STREAM);
	cr_assert_eq(f.stream, 201);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_REFUSED_STREAM);
	http_service_answer(a.last, &ok);
	asking_run(&a);
	asking_expect_answer(&a, 199, "200 hello");
}

Test(service2_session, a_stream_that_is_reset)
{
	asking_start(&a);
	a.answer.status = 0;
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_log(&a);
	asking_number(&a, NGHTTP2_RST_STREAM, 1, NGHTTP2_CANCEL);
	cr_assert_str_eq(asking_log(&a), "over 1 0 0: the stream was reset (CANCEL)\n");
	cr_assert_eq(a.end, IO_AGAIN);
}

Test(service2_session, an_answer_that_is_reset)
{
	static char large[100000];
	const struct http_service_piece piece = { .bytes = large, .length = sizeof large };

	a.answer.pieces = &piece;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_log(&a);
	asking_number(&a, NGHTTP2_RST_STREAM, 1, NGHTTP2_CANCEL);
	cr_assert_str_eq(asking_log(&a), "over 1 200 65535: the stream was reset (CANCEL)\n");
}

Test(service2_session, more_bytes_than_announced)
{
	struct peer_frame f;

	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT "content-length: 3\n");
	asking_log(&a);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 4);
	f = peer_expect(&a.ears, NGHTTP2_RST_STREAM);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_PROTOCOL_ERROR);
	cr_assert_str_eq(asking_log(&a), "over 1 0 0: the stream was reset (PROTOCOL_ERROR)\n");
	cr_assert_eq(a.end, IO_AGAIN);
}

Test(service2_session, fewer_bytes_than_announced)
{
	asking_start(&a);
	asking_head(&a, 0, 1, ASKING_PUT "content-length: 3\n");
	asking_log(&a);
	asking_data(&a, NGHTTP2_FLAG_END_STREAM, 1, 2);
	cr_assert_eq(peer_expect(&a.ears, NGHTTP2_RST_STREAM).stream, 1);
	cr_assert_str_eq(asking_log(&a), "over 1 0 0: the stream was reset (PROTOCOL_ERROR)\n");
}

Test(service2_session, a_broken_connection)
{
	asking_start(&a);
	a.answer.status = 0;
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_log(&a);
	/* DATA belongs to a stream. */
	asking_frame(&a, NGHTTP2_DATA, 0, 0, "x", 1);
	asking_expect_goaway(&a, NGHTTP2_PROTOCOL_ERROR);
	cr_assert_str_eq(a.service->reason, "the client broke HTTP/2");
	cr_assert(strstr(asking_log(&a), "over 1 0 0: the client broke HTTP/2\n"));
}

Test(service2_session, tables_that_cannot_be_read)
{
	asking_start(&a);
	/* An index that no table has. */
	asking_frame(&a, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
		     "\xff\xff\xff\x0f", 4);
	asking_expect_goaway(&a, NGHTTP2_COMPRESSION_ERROR);
}

Test(service2_session, windows_that_overflow)
{
	a.answer.status = 0;
	asking_start(&a);
	asking_head(&a, NGHTTP2_FLAG_END_STREAM, 1, ASKING_GET);
	asking_number(&a, NGHTTP2_WINDOW_UPDATE, 1, 0x7fffffff);
	cr_assert_eq(peer_expect(&a.ears, NGHTTP2_RST_STREAM).stream, 1);
	asking_number(&a, NGHTTP2_WINDOW_UPDATE, 0, 0x7fffffff);
	asking_expect_goaway(&a, NGHTTP2_FLOW_CONTROL_ERROR);
}
