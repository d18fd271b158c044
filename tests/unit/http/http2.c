/* SPDX-License-Identifier: MIT */
/* tests/unit/http/http2.c
 * Holds: the connection opens with our settings and one write; room is what the server allows; its
 * changes are told; a connection that idles, is refused, goes away, ends or is reset says so to
 * every exchange, and is finished when the last has gone; pings are answered, floods are not
 * borne; nothing is read while too much waits to be sent; goodbyes are said. */
#include "http2_peer.h"
#include "relay_played.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/clock.h>
#include <sockutil/http/http2.h>
#include <sockutil/stream/layer_socket.h>

static struct peer peer;
static struct asker asker, second;

static void set_up(void)
{
	asker = (struct asker){ 0 };
	second = (struct asker){ 0 };
	peer_start(&peer);
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

TestSuite(http2, .init = set_up, .fini = tear_down);

enum { END = NGHTTP2_FLAG_END_STREAM };

static unsigned room(void)
{
	return peer.connection->ops->room(peer.connection);
}

static bool finished(void)
{
	return peer.connection->ops->finished(peer.connection);
}

static void ask(struct asker *a)
{
	asker_start(a, &peer);
	peer_run(&peer);
	peer_expect(&peer, NGHTTP2_HEADERS);
}

static void settle(void)
{
	peer_frame(&peer, NGHTTP2_SETTINGS, 0, 0, "", 0);
	peer_frame(&peer, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "", 0);
}

/* --- opening ----------------------------------------------------------------------------- */

Test(http2, opens_with_its_settings)
{
	static const uint8_t expected[] = {
		0, 2, 0, 0,  0, 0, /* no push */
		0, 4, 0, 16, 0, 0, /* a stream's window: 1 MiB */
		0, 6, 0, 4,  0, 0, /* heads up to 256 KiB */
	};
	struct peer_frame f = peer_expect(&peer, NGHTTP2_SETTINGS);

	cr_assert_eq(f.length, sizeof(expected));
	cr_assert_eq(memcmp(f.payload, expected, sizeof(expected)), 0);
	f = peer_expect(&peer, NGHTTP2_WINDOW_UPDATE);
	cr_assert_eq(f.stream, 0);
	cr_assert_eq(peer_number(&f, 0), HTTP2_CONNECTION_WINDOW - 65535);
	settle();
	f = peer_expect(&peer, NGHTTP2_SETTINGS);
	cr_assert_eq(f.flags, NGHTTP2_FLAG_ACK);
}

Test(http2, a_request_goes_out_with_the_opening)
{
	struct played played;
	const struct stream_report report = { 0 };
	struct failure why = { 0 };

	played_init(&played);
	peer_stop(&peer);
	peer = (struct peer){ .loop = ev_loop_new(EVFLAG_AUTO), .fd = -1 };
	peer.connection = http2_connection_new(peer.loop, &played.stream, &report, &why);
	asker_start(&asker, &peer);
	cr_assert_eq(played.took.length, 0);
	ev_run(peer.loop, EVRUN_NOWAIT);
	cr_assert_eq(played.flushes, 1);
	cr_assert_eq(played.holds, 0);
	cr_assert(played.took.length > 24 + 9 + 18 + 13 + 9);
	asker_free(&asker);
	http_connection_free(peer.connection);
	cr_assert_eq(played.ends, 1);
	ev_loop_destroy(peer.loop);
	played_free(&played);
	peer_start(&peer);
}

/* --- room -------------------------------------------------------------------------------- */

Test(http2, room_is_what_the_server_allows)
{
	cr_assert_eq(room(), 100);
	peer_setting(&peer, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 2);
	cr_assert_eq(peer.changes, 1);
	cr_assert_eq(room(), 2);
	ask(&asker);
	cr_assert_eq(room(), 1);
	ask(&second);
	cr_assert_eq(room(), 0);
	cr_assert_not(finished());
	peer.changes = 0;
	peer_head(&peer, END, 1, ":status: 200\n");
	cr_assert_eq(peer.changes, 1);
	cr_assert_eq(room(), 1);
	peer_setting(&peer, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0);
	cr_assert_eq(room(), 0);
	peer_setting(&peer, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1000000);
	cr_assert_eq(room(), 99);
}

Test(http2, a_start_without_room_fails)
{
	peer_setting(&peer, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0);
	asker_start(&asker, &peer);
	peer_run(&peer);
	cr_assert_str_eq(asker_log(&asker),
			 "failed: receive: the connection takes no more requests\n");
	cr_assert(peer_none(&peer, NGHTTP2_HEADERS));
}

Test(http2, nothing_follows_a_request_that_closes)
{
	settle();
	asker.request.close = true;
	ask(&asker);
	cr_assert_eq(room(), 0);
	cr_assert_not(finished());
	peer_head(&peer, END, 1, ":status: 200\n");
	cr_assert_str_eq(asker_log(&asker), "head 200, length 0\nend after 0\n");
	asker_free(&asker);
	cr_assert(finished());
	peer.changes = 0;
	peer_run(&peer);
	cr_assert_eq(peer.changes, 1);
}

/* --- ends --------------------------------------------------------------------------------- */

Test(http2, an_idle_connection_that_the_peer_closes_is_finished)
{
	settle();
	cr_assert_not(finished());
	peer.changes = 0;
	peer_close(&peer);
	cr_assert_eq(peer.changes, 1);
	cr_assert(finished());
	cr_assert_eq(room(), 0);
}

static void free_connection(struct peer *p)
{
	if (!p->connection->ops->finished(p->connection))
		return;
	http_connection_free(p->connection);
	p->connection = NULL;
}

Test(http2, may_be_freed_when_it_says_that_it_changed)
{
	settle();
	peer.on_change = free_connection;
	ask(&asker);
	peer_head(&peer, END, 1, ":status: 200\n");
	peer_goaway(&peer, 1, NGHTTP2_NO_ERROR);
	cr_assert_not_null(peer.connection);
	asker_free(&asker);
	peer_run(&peer);
	cr_assert_null(peer.connection);
}

Test(http2, an_end_without_a_response_is_one)
{
	settle();
	ask(&asker);
	peer_close(&peer);
	cr_assert_str_eq(asker_log(&asker),
			 "failed: protocol: the server closed the connection without an answer\n");
	cr_assert_not(asker.exchange->report.any_response);
}

Test(http2, an_end_in_the_middle_cuts_every_response_short)
{
	settle();
	ask(&asker);
	ask(&second);
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, 0, 1, 10);
	peer_close(&peer);
	cr_assert_str_eq(asker_log(&asker),
			 "head 200, chunked\ncut: truncated: the server closed the connection in "
			 "the middle of its answer\n");
	cr_assert_eq(asker.body, 10);
	cr_assert_str_eq(asker_log(&second),
			 "failed: protocol: the server closed the connection without an answer\n");
	cr_assert_not(finished());
	asker_free(&asker);
	asker_free(&second);
	cr_assert(finished());
}

Test(http2, what_came_whole_before_the_end_stays_whole)
{
	settle();
	asker.idle = true;
	ask(&asker);
	peer_head(&peer, 0, 1, ":status: 200\n");
	peer_data(&peer, END, 1, 1000);
	peer_close(&peer);
	asker_read(&asker);
	cr_assert_str_eq(asker_log(&asker), "head 200, chunked\nend after 1000\n");
	cr_assert(asker.exchange->report.complete);
}

Test(http2, an_end_after_going_away_says_why)
{
	settle();
	ask(&asker);
	peer_goaway(&peer, 1, NGHTTP2_ENHANCE_YOUR_CALM);
	peer_close(&peer);
	cr_assert_str_eq(asker_log(&asker),
			 "failed: receive: the server ended the connection (ENHANCE_YOUR_CALM)\n");
}

/* --- over TCP, for its resets ---------------------------------------------------------------- */

Test(http2, a_reset_is_told_as_one)
{
	const struct stream_report report = { 0 };
	struct failure why = { 0 };
	int pair[2];

	peer_stop(&peer);
	sockets_tcp_pair(pair);
	peer = (struct peer){ .loop = ev_loop_new(EVFLAG_AUTO), .fd = -1 };
	peer.connection =
		http2_connection_new(peer.loop, layer_socket_new(pair[0], true), &report, &why);
	asker_start(&asker, &peer);
	ev_run(peer.loop, EVRUN_NOWAIT);
	sockets_reset(pair[1]);
	cr_assert(sockets_wait_reset(pair[0]));
	for (int i = 0; i < 3; i++)
		ev_run(peer.loop, EVRUN_NOWAIT);
	cr_assert_str_eq(asker_log(&asker),
			 "failed: receive: connection reset by peer; what was sent "
			 "may be lost\n");
	asker_free(&asker);
	cr_assert(finished());
	http_connection_free(peer.connection);
	ev_loop_destroy(peer.loop);
	peer_start(&peer);
}

/* --- writing that fails ------------------------------------------------------------------------
 */

static struct played played;

static void play(void)
{
	const struct stream_report report = { 0 };
	struct failure why = { 0 };

	peer_stop(&peer);
	played_init(&played);
	peer = (struct peer){ .loop = ev_loop_new(EVFLAG_AUTO), .fd = -1 };
	peer.connection = http2_connection_new(peer.loop, &played.stream, &report, &why);
}

static void stop_playing(void)
{
	if (asker.exchange)
		asker_free(&asker);
	http_connection_free(peer.connection);
	ev_loop_destroy(peer.loop);
	played_free(&played);
	peer_start(&peer);
}

static void say(uint8_t type, uint8_t flags, int32_t stream, const char *fields)
{
	if (type == NGHTTP2_HEADERS)
		peer_head_add(&played.gives, flags, stream, fields);
	else
		peer_frame_add(&played.gives, type, flags, stream, fields, strlen(fields));
}

static void run(void)
{
	for (int i = 0; i < 5; i++)
		ev_run(peer.loop, EVRUN_NOWAIT);
}

Test(http2, what_came_is_told_although_nothing_can_be_sent)
{
	play();
	asker_start(&asker, &peer);
	run();
	played.write_fails = true;
	say(NGHTTP2_SETTINGS, 0, 0, "");
	say(NGHTTP2_HEADERS, 0, 1, ":status: 200\n");
	say(NGHTTP2_DATA, END, 1, "xxxx");
	run();
	cr_assert_eq(room(), 0);
	cr_assert_str_eq(asker_log(&asker), "head 200, chunked\nend after 4\n");
	stop_playing();
}

Test(http2, a_request_that_was_not_sent_fails_by_sending)
{
	struct played body;

	played_init(&body);
	cr_assert(buffer_add(&body.gives, "x", 1));
	play();
	asker.request = (struct http_request){
		.method = "POST",
		.body = &body.stream,
		.body_length = -1,
	};
	asker_start(&asker, &peer);
	run();
	played.write_fails = true;
	cr_assert(buffer_add(&body.gives, "x", 1));
	run();
	cr_assert_str_eq(asker_log(&asker), "failed: send: played loss\n");
	stop_playing();
	played_free(&body);
}

Test(http2, a_reset_of_the_stream_below_is_everybodys)
{
	play();
	asker_start(&asker, &peer);
	run();
	say(NGHTTP2_SETTINGS, 0, 0, "");
	say(NGHTTP2_HEADERS, 0, 1, ":status: 200\n");
	played.then = IO_FAILED;
	run();
	cr_assert_str_eq(asker_log(&asker), "head 200, chunked\ncut: receive: played reset\n");
	stop_playing();
}

Test(http2, writing_waits_and_goes_on)
{
	play();
	played.takes = 0;
	asker_start(&asker, &peer);
	run();
	cr_assert_eq(played.took.length, 0);
	for (int i = 0; i < 400; i++) {
		played.takes = 1;
		run();
	}
	cr_assert_eq(played.holds, 0);
	say(NGHTTP2_SETTINGS, 0, 0, "");
	say(NGHTTP2_HEADERS, END, 1, ":status: 200\n");
	run();
	cr_assert_str_eq(asker_log(&asker), "head 200, length 0\nend after 0\n");
	stop_playing();
}

/* --- floods --------------------------------------------------------------------------------------
 */

Test(http2, pings_are_answered)
{
	struct peer_frame f;

	settle();
	peer_frame(&peer, NGHTTP2_PING, 0, 0, "12345678", 8);
	f = peer_expect(&peer, NGHTTP2_PING);
	cr_assert_eq(f.flags, NGHTTP2_FLAG_ACK);
	cr_assert_eq(memcmp(f.payload, "12345678", 8), 0);
}

Test(http2, a_flood_of_pings_is_not_borne)
{
	struct buffer b = { 0 };

	settle();
	ask(&asker);
	for (int i = 0; i < 3000; i++)
		peer_frame_add(&b, NGHTTP2_PING, 0, 0, "12345678", 8);
	peer_bytes(&peer, buffer_bytes(&b), b.length);
	cr_assert_str_eq(asker_log(&asker),
			 "failed: protocol: the server broke HTTP/2: Flooding was detected in this "
			 "HTTP/2 session, and it must be closed\n");
	cr_assert_eq(room(), 0);
	buffer_free(&b);
}

/* Slowly, by a peer who never reads. */
Test(http2, who_never_reads_cannot_make_us_hold_much)
{
	struct http2 *c;

	play();
	c = http2_of(peer.connection);
	asker_start(&asker, &peer);
	run();
	say(NGHTTP2_SETTINGS, 0, 0, "");
	played.takes = 0;
	for (int i = 0; i < 100 && asker.why.class == FAILURE_NONE; i++) {
		for (int j = 0; j < 500; j++)
			say(NGHTTP2_PING, 0, 0, "12345678");
		run();
		cr_assert_leq(c->out.length, 64 * 1024);
	}
	cr_assert_eq(asker.why.class, FAILURE_PROTOCOL);
	stop_playing();
}

/* A download takes its turns: whoever else is in the loop has his. */
Test(http2, a_turn_is_bounded)
{
	static char bytes[16384];
	uint64_t most = 0;
	int idle = 0;

	memset(bytes, 'x', sizeof(bytes));
	play();
	asker_start(&asker, &peer);
	run();
	say(NGHTTP2_SETTINGS, 0, 0, "");
	say(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "");
	say(NGHTTP2_HEADERS, 0, 1, ":status: 200\n");
	run();
	played.at_most = 16384;

	for (int i = 0; i < 1024; i++)
		peer_frame_add(&played.gives, NGHTTP2_DATA, 0, 1, bytes, sizeof(bytes));
	while (played.gives.length > 0) {
		uint64_t before = asker.body;

		ev_run(peer.loop, EVRUN_NOWAIT);
		most = asker.body - before > most ? asker.body - before : most;
		cr_assert(idle++ < 3 || asker.body > before);
	}
	cr_assert_eq(asker.body, 1024 * sizeof(bytes));
	cr_assert_leq(most, 3 << 20);
	stop_playing();
}

/* --- goodbyes
 * --------------------------------------------------------------------------------------- */

Test(http2, says_goodbye)
{
	struct peer_frame f;

	settle();
	http_connection_free(peer.connection);
	peer.connection = NULL;
	peer_run(&peer);
	f = peer_expect(&peer, NGHTTP2_GOAWAY);
	cr_assert_eq(peer_number(&f, 4), NGHTTP2_NO_ERROR);
	cr_assert(peer_none(&peer, NGHTTP2_GOAWAY));
	cr_assert_eq(recv(peer.fd, &f, 1, MSG_DONTWAIT), 0);
}

Test(http2, an_exchange_may_be_freed_right_before)
{
	settle();
	ask(&asker);
	asker_free(&asker);
	http_connection_free(peer.connection);
	peer.connection = NULL;
	peer_run(&peer);
	peer_expect(&peer, NGHTTP2_GOAWAY);
}

Test(http2, is_available)
{
	struct failure why = { 0 };

	cr_assert(http2_available(&why));
	cr_assert(http2_available(&why));
}
