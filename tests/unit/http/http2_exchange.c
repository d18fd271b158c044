/* SPDX-License-Identifier: MIT */
/* tests/unit/http/http2_exchange.c
 * Holds: nothing is told before the start returned, and nothing that was not waited for; readers
 * set the pace, each for itself, within a window that grows for those who keep up; a connection
 * with one slow reader rests; traces show both directions; reports are filled as it goes; a freed
 * exchange is reset and never heard of again; every event may free everything. */
#include "http2_peer.h"
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/http/http2.h>

static struct peer peer;
static struct asker asker, second;

static void set_up(void)
{
	asker = (struct asker){ 0 };
	second = (struct asker){ 0 };
	peer_open(&peer);
}

static void tear_down(void)
{
	if (asker.exchange)
		asker_free(&asker);
	if (second.exchange)
		asker_free(&second);
	buffer_free(&asker.log);
	buffer_free(&second.log);
	peer_stop(&peer);
}

TestSuite(http2_exchange, .init = set_up, .fini = tear_down);

enum { END = NGHTTP2_FLAG_END_STREAM };

static void ask(void)
{
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_expect(&peer, NGHTTP2_HEADERS);
}

static struct http2 *connection(void)
{
	return (struct http2 *)peer.connection;
}

static size_t kept(const struct asker *a)
{
	return http2_exchange_kept((const struct http2_exchange *)a->exchange);
}

/* --- telling -------------------------------------------------------------------------- */

Test(http2_exchange, nothing_is_told_before_the_loop_runs)
{
	const struct http_header bad = { "X", "\n" };

	asker.request.headers = &bad;
	asker.request.header_count = 1;
	asker_start(&asker, &peer);
	cr_assert_eq(asker.log.length, 0);
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "failed: usage: the header \"X\" cannot be sent\n");
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "");
}

Test(http2_exchange, a_body_is_there_to_be_read_after_the_head)
{
	char byte;
	size_t count = 1;
	struct failure why;

	asker.idle = true;
	ask();
	cr_assert_eq(http_exchange_read(asker.exchange, &byte, 1, &count, &why), IO_AGAIN);
	cr_assert_eq(count, 0);
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 2);
	cr_assert_str_eq(asker_log(&asker), "head 200, chunked\n");
	cr_assert_eq(http_exchange_read(asker.exchange, &byte, 1, &count, &why), IO_DONE);
	cr_assert_eq(byte, 'x');
	cr_assert_eq(http_exchange_read(asker.exchange, &byte, 1, &count, &why), IO_DONE);
	cr_assert_eq(http_exchange_read(asker.exchange, &byte, 1, &count, &why), IO_AGAIN);
	peer_data(&peer, END, 1, 0);
	cr_assert_eq(http_exchange_read(asker.exchange, &byte, 1, &count, &why), IO_END);
	cr_assert_eq(http_exchange_read(asker.exchange, &byte, 1, &count, &why), IO_END);
	cr_assert_str_eq(asker_log(&asker), "");
}

Test(http2_exchange, who_waits_is_told_once)
{
	asker.idle = true;
	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	http_exchange_wait(asker.exchange);
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "head 200, chunked\n");
	peer_data(&peer, 0, 1, 1);
	peer_data(&peer, 0, 1, 1);
	cr_assert_str_eq(asker_log(&asker), "readable\n");
	http_exchange_wait(asker.exchange);
	cr_assert_str_eq(asker_log(&asker), "");
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "readable\n");
	asker_read(&asker);
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "");
	peer_data(&peer, END, 1, 0);
	cr_assert_str_eq(asker_log(&asker), "readable\n");
	http_exchange_wait(asker.exchange);
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker), "readable\n");
}

/* Frames of every size in one block of the connection: what a waiting reader leaves is kept. */
Test(http2_exchange, what_a_reader_leaves_is_kept)
{
	struct buffer b = { 0 };
	char bytes[300];
	size_t total = 0, count;
	struct failure why;

	memset(bytes, 'x', sizeof(bytes));
	asker.idle = true;
	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	http_exchange_wait(asker.exchange);
	for (size_t i = 0; i < 200; i++) {
		peer_frame_add(&b, NGHTTP2_DATA, i == 199 ? END : 0, 1, bytes, i);
		total += i;
	}
	peer_bytes(&peer, buffer_bytes(&b), b.length);
	cr_assert_str_eq(asker_log(&asker), "head 200, chunked\nreadable\n");
	cr_assert_eq(kept(&asker), total);
	cr_assert_eq(http_exchange_read(asker.exchange, bytes, 300, &count, &why), IO_DONE);
	cr_assert_eq(count, 300);
	asker.body = count;
	asker_read(&asker);
	cr_assert_eq(asker.end, IO_END);
	cr_assert_eq(asker.body, total);
	cr_assert_not(asker.body_wrong);
	buffer_free(&b);
}

static void read_a_little(struct asker *a, const char *event)
{
	char bytes[10];
	size_t count;
	struct failure why;

	if (strcmp(event, "readable") != 0)
		return;
	cr_assert_eq(http_exchange_read(a->exchange, bytes, sizeof(bytes), &count, &why), IO_DONE);
	a->body += count;
	http_exchange_wait(a->exchange);
}

Test(http2_exchange, a_reader_may_take_a_little_at_a_time)
{
	asker.idle = true;
	asker.inside = read_a_little;
	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	http_exchange_wait(asker.exchange);
	peer_data(&peer, 0, 1, 1000);
	for (int i = 0; i < 100; i++)
		peer_run(&peer);
	cr_assert_eq(asker.body, 1000);
}

/* --- pace ------------------------------------------------------------------------------- */

/* Bytes that the client has allowed for a stream so far, from its WINDOW_UPDATE frames. */
static uint64_t allowed(int32_t stream)
{
	struct peer_frame f;
	uint64_t total = 0;

	while (peer_next(&peer, &f))
		if (f.type == NGHTTP2_WINDOW_UPDATE && f.stream == stream)
			total += peer_number(&f, 0);
	return total;
}

Test(http2_exchange, a_slow_reader_stalls_only_itself)
{
	asker.idle = true;
	ask();
	asker_start(&second, &peer);
	peer_run(&peer);
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_head(&peer, 0, 3, ":status: 200\n");
	peer_data(&peer, 0, 1, HTTP2_STREAM_WINDOW);
	cr_assert_eq(kept(&asker), HTTP2_STREAM_WINDOW);
	/* more than the connection's window, were the first one's bytes not given back to it */
	for (int i = 0; i < 32; i++)
		peer_data(&peer, 0, 3, HTTP2_STREAM_WINDOW / 2);
	cr_assert_eq(second.body, 16 * HTTP2_STREAM_WINDOW);
	cr_assert_eq(kept(&asker), HTTP2_STREAM_WINDOW);
	cr_assert_eq(asker.why.class, FAILURE_NONE);
}

Test(http2_exchange, the_window_opens_as_the_body_is_read)
{
	asker.idle = true;
	ask();
	asker_start(&second, &peer);
	peer_run(&peer);
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, HTTP2_STREAM_WINDOW);
	cr_assert_eq(allowed(1), 0);
	asker_read(&asker);
	cr_assert_eq(asker.body, HTTP2_STREAM_WINDOW);
	peer_run(&peer);
	cr_assert_geq(allowed(1), HTTP2_STREAM_WINDOW / 2);
}

Test(http2_exchange, the_window_grows_for_who_keeps_up)
{
	uint64_t given = HTTP2_STREAM_WINDOW, sent = 0;

	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	for (int i = 0; i < 512; i++) {
		peer_data(&peer, 0, 1, HTTP2_STREAM_WINDOW / 8);
		sent += HTTP2_STREAM_WINDOW / 8;
		given += allowed(1);
		cr_assert(given >= sent);
		cr_assert(given - sent <= HTTP2_STREAM_WINDOW_MOST);
	}
	cr_assert_eq(asker.body, sent);
	cr_assert(given - sent > HTTP2_STREAM_WINDOW_MOST / 2);
}

/* A window that has grown may not fill memory when the reader stops after all. */
Test(http2_exchange, a_connection_with_one_slow_reader_rests)
{
	static char bytes[16384];
	struct buffer b = { 0 };
	size_t sent = 0;

	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	for (int i = 0; i < 512; i++)
		peer_data(&peer, 0, 1, HTTP2_STREAM_WINDOW / 8);
	asker.idle = true;
	memset(bytes, 'x', sizeof(bytes));
	peer_frame_add(&b, NGHTTP2_DATA, 0, 1, bytes, sizeof(bytes));
	while (send(peer.fd, buffer_bytes(&b), b.length, MSG_DONTWAIT) == (ssize_t)b.length) {
		sent += sizeof(bytes);
		cr_assert(sent < HTTP2_STREAM_WINDOW_MOST);
		peer_run(&peer);
	}
	cr_assert_geq(kept(&asker), HTTP2_KEPT_MOST);
	cr_assert_leq(kept(&asker), HTTP2_KEPT_MOST + 128 * 1024);
	asker.idle = false;
	asker_read(&asker);
	peer_run(&peer);
	cr_assert_eq(kept(&asker), 0);
	buffer_free(&b);
}

/* --- traces and reports ------------------------------------------------------------------- */

Test(http2_exchange, traces_show_both_directions)
{
	const struct http_header header = { "X-One", "a" };
	struct played body;

	played_init(&body);
	body.then = IO_END;
	cr_assert(buffer_add(&body.gives, "0123456789", 10));
	asker.traced = true;
	asker.idle = true;
	asker.request = (struct http_request){
		.method = "POST",
		.target = "/a",
		.headers = &header,
		.header_count = 1,
		.body = &body.stream,
		.body_length = 10,
	};
	ask();
	cr_assert_str_eq(asker_log(&asker), ">POST /a HTTP/2\r\nHost: example.org\r\nx-one: a\r\n"
					    "content-length: 10\r\n\r\n>10 bytes\n");
	peer_head(&peer, 0, 1, ":status: 103\nlink: a\n");
	peer_head(&peer, 0, 1, ":status: 200\nserver: b\n");
	peer_data(&peer, END, 1, 12345);
	cr_assert_str_eq(
		asker_log(&asker),
		"<HTTP/2 103\r\nlink: a\r\n\r\ninterim 103\n"
		"<HTTP/2 200\r\nserver: b\r\n\r\nhead 200, chunked; server=b\n<12345 bytes\n");
	played_free(&body);
}

Test(http2_exchange, reports_are_filled_as_it_goes)
{
	const struct http_exchange_report *r;

	asker.idle = true;
	asker_start(&asker, &peer);
	r = &asker.exchange->report;
	cr_assert(r->started_us > 0);
	cr_assert_eq(r->sent_us, -1);
	peer_run(&peer);
	cr_assert_geq(r->sent_us, r->started_us);
	cr_assert_eq(r->first_byte_us, -1);
	cr_assert_not(r->any_response);
	peer_head(&peer, 0, 1, ":status: 200\n");
	cr_assert_geq(r->first_byte_us, r->sent_us);
	cr_assert(r->any_response);
	peer_data(&peer, END, 1, 1000);
	cr_assert_eq(r->response_bytes, 0);
	cr_assert_not(r->complete);
	cr_assert_eq(r->ended_us, -1);
	asker_read(&asker);
	cr_assert_eq(r->response_bytes, 1000);
	cr_assert(r->complete);
	cr_assert_geq(r->ended_us, r->first_byte_us);
	cr_assert_eq(peer.connection->served, 1);
}

/* --- freeing ------------------------------------------------------------------------------ */

Test(http2_exchange, a_freed_exchange_is_reset_and_forgotten)
{
	struct peer_frame f;

	asker.idle = true;
	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 1000);
	asker_free(&asker);
	peer_run(&peer);
	f = peer_expect(&peer, NGHTTP2_RST_STREAM);
	cr_assert_eq(f.stream, 1);
	cr_assert_eq(peer_number(&f, 0), NGHTTP2_CANCEL);
	peer_data(&peer, END, 1, 1000);
	cr_assert_eq(peer.connection->ops->room(peer.connection), 100);
	cr_assert_eq(peer.connection->served, 0);
	asker_start(&asker, &peer);
	peer_run(&peer);
	peer_head(&peer, END, 3, ":status: 200\n");
	cr_assert_str_eq(asker_log(&asker), "head 200, length 0\n");
}

Test(http2_exchange, freed_before_it_was_sent_it_never_was)
{
	asker_start(&asker, &peer);
	asker_free(&asker);
	peer_run(&peer);
	cr_assert(peer_none(&peer, NGHTTP2_HEADERS));
	ask();
	peer_head(&peer, END, 3, ":status: 200\n");
	cr_assert_str_eq(asker_log(&asker), "head 200, length 0\nend after 0\n");
}

Test(http2_exchange, a_freed_exchange_leaves_its_body_alone)
{
	struct played body;

	played_init(&body);
	asker.request = (struct http_request){
		.method = "POST",
		.body = &body.stream,
		.body_length = -1,
	};
	ask();
	asker_free(&asker);
	played_free(&body);
	memset(&body, 0xff, sizeof(body));
	peer_run(&peer);
	peer_expect(&peer, NGHTTP2_RST_STREAM);
}

/* What ends in an event: the exchange, its neighbour, or everything. */
enum ending { ITSELF, THE_OTHER, BOTH, THE_CONNECTION };
static enum ending ending;
static const char *ends_at;

static void end_inside(struct asker *a, const char *event)
{
	struct asker *other = a == &asker ? &second : &asker;

	if (strcmp(event, ends_at) != 0)
		return;
	if (ending != THE_OTHER)
		asker_free(a);
	if (ending != ITSELF && other->exchange)
		asker_free(other);
	if (ending == THE_CONNECTION) {
		http_connection_free(peer.connection);
		peer.connection = NULL;
	}
}

/* Both streams answer, each in the same way and together, up to where the event comes. */
static void answer(const char *event)
{
	const bool fails = strcmp(event, "failed") == 0, cuts = strcmp(event, "cut") == 0;
	struct buffer b = { 0 };

	for (int32_t stream = 1; stream <= 3; stream += 2) {
		peer_head_add(&b, 0, stream, ":status: 103\n");
		if (fails)
			peer_frame_add(&b, NGHTTP2_RST_STREAM, 0, stream, "\0\0\0\2", 4);
		else
			peer_head_add(&b, 0, stream, ":status: 200\n");
	}
	peer_bytes(&peer, buffer_bytes(&b), b.length);
	buffer_free(&b);
	for (int32_t stream = 1; stream <= 3 && !fails; stream += 2)
		peer_frame_add(&b, NGHTTP2_DATA, cuts ? 0 : END, stream, "xxx", 3);
	if (peer.connection && !fails)
		peer_bytes(&peer, buffer_bytes(&b), b.length);
	buffer_free(&b);
	peer_close(&peer);
}

Test(http2_exchange, every_event_may_free_everything)
{
	static const char *const events[] = { "trace", "interim", "head", "readable",
					      "end",   "failed",  "cut" };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		for (ending = ITSELF; ending <= THE_CONNECTION; ending++) {
			tear_down();
			set_up();
			ends_at = events[i];
			asker.traced = second.traced = true;
			asker.inside = second.inside = end_inside;
			asker_start(&asker, &peer);
			asker_start(&second, &peer);
			peer_run(&peer);
			if (peer.connection)
				answer(events[i]);
			cr_assert(!asker.exchange || !second.exchange, "%s %d", ends_at,
				  (int)ending);
			cr_assert(ending < BOTH || (!asker.exchange && !second.exchange), "%s %d",
				  ends_at, (int)ending);
			cr_assert_eq(ending == THE_CONNECTION, !peer.connection);
		}
}

static void ask_again(struct asker *a, const char *event)
{
	if (strcmp(event, "end") != 0 || a->request.target[1])
		return;
	asker_free(a);
	a->request.target = "/again";
	a->body = 0;
	asker_start(a, &peer);
}

Test(http2_exchange, the_end_of_one_may_start_the_next)
{
	struct peer_frame f;

	asker.inside = ask_again;
	ask();
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, END, 1, 3);
	f = peer_expect(&peer, NGHTTP2_HEADERS);
	cr_assert_eq(f.stream, 3);
	cr_assert(strstr(peer_fields(&peer), ":path: /again\n"));
	peer_head(&peer, END, 3, ":status: 200\n");
	cr_assert_str_eq(asker_log(&asker), "head 200, length 0\nend after 0\n");
	cr_assert_eq(connection()->count, 1);
}
