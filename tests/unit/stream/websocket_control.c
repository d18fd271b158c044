/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket_control.c
 * Holds: pings are answered with what they carried, the last of several when nothing is taken;
 * every code a Close may have, in order or not; the peer's Close is answered by our end and not
 * before, one that fails at once; after both Closes the layers below end; our pings, and what tells
 * that the peer is there.
 */
#include "stream_websocket.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/clock.h>

static struct websocket_options options;

static void server(void)
{
	options = (struct websocket_options){ 0 };
	websocket_open_server(&options, NULL);
}

TestSuite(websocket_control, .init = server, .fini = websocket_close_all);

static enum io read_once(void)
{
	enum io r;

	websocket_reads(&r);
	return r;
}

/* ------ pings ------ */

Test(websocket_control, a_ping_is_answered)
{
	char longest[126];

	memset(longest, 'x', 125);
	longest[125] = '\0';
	websocket_gives_text(0x89, longest);
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_eq(strlen(websocket_all_sent()), 3 + 125);
	websocket_gives_text(0x89, "");
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_str_eq(websocket_all_sent(), "8a:");
	cr_assert_null(websocket_layer->pong.data);
	cr_assert_null(websocket_layer->control.data);
}

Test(websocket_control, a_pong_nobody_asked_for_is_nothing)
{
	websocket_gives_text(0x8a, "pong");
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_str_eq(websocket_all_sent(), "");
}

Test(websocket_control, pongs_that_are_not_taken_do_not_pile_up)
{
	static char big[WEBSOCKET_GATHER - 100];
	size_t n;

	memset(big, 'b', sizeof(big));
	cr_assert_eq(stream_write(websocket_top, big, sizeof(big), &n, &websocket_why), IO_DONE);
	websocket_below.takes = 0;
	for (int i = 0; i < 1000; i++) {
		websocket_gives_text(0x89, i < 999 ? "flood" : "last");
		cr_assert_eq(read_once(), IO_AGAIN);
		cr_assert(websocket_layer->out.length < WEBSOCKET_GATHER);
		/* Reading waits for room as well, to answer. */
		cr_assert_eq(websocket_layer->blocked[STREAM_READ], STREAM_READ | STREAM_WRITE);
	}
	websocket_below.takes = SIZE_MAX;
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_eq(websocket_layer->blocked[STREAM_READ], STREAM_READ);
	cr_assert_not_null(strstr(websocket_all_sent(), "8a:last"));
}

/* ------ the peer's Close ------ */

static void closes(unsigned code, const char *reason)
{
	char payload[125] = { (char)(code >> 8), (char)code };

	memcpy(payload + 2, reason, strlen(reason));
	websocket_gives(0x88, payload, 2 + strlen(reason));
}

static void assert_in_order(const char *sent)
{
	cr_assert_eq(read_once(), IO_END);
	cr_assert_eq(read_once(), IO_END);
	cr_assert(!stream_pending(websocket_top));
	cr_assert_str_eq(websocket_all_sent(), "");
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_str_eq(websocket_all_sent(), sent);
	cr_assert_eq(websocket_below.ends, 1);
}

Test(websocket_control, closes_in_order)
{
	websocket_gives_text(0x88, "");
	assert_in_order("88:");
	websocket_close_all();
	server();
	closes(1000, "bye");
	assert_in_order("88:1000");
	websocket_close_all();
	server();
	closes(1001, "");
	assert_in_order("88:1001");
}

Test(websocket_control, what_is_still_to_be_said_can_be)
{
	size_t n;

	closes(1000, "");
	cr_assert_eq(read_once(), IO_END);
	cr_assert_eq(stream_write(websocket_top, "late", 4, &n, &websocket_why), IO_DONE);
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_str_eq(websocket_all_sent(), "82:late 88:1000");
}

Test(websocket_control, what_follows_a_close_is_nothing)
{
	closes(1000, "");
	websocket_gives_text(0x82, "x");
	websocket_gives_raw("\xff\xff\xff", 3);
	assert_in_order("88:1000");
}

Test(websocket_control, every_code)
{
	for (unsigned code = 0; code < 65536; code += code < 5100 ? 1 : 997) {
		const bool valid = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
				   (code >= 3000 && code < 5000);
		char expected[100];

		websocket_close_all();
		server();
		closes(code, "why");
		if (code == 1000 || code == 1001) {
			cr_assert_eq(read_once(), IO_END);
			continue;
		}
		cr_assert_eq(read_once(), IO_FAILED);
		cr_assert_eq(websocket_why.class, valid ? FAILURE_RECEIVE : FAILURE_PROTOCOL);
		snprintf(expected, sizeof(expected), "the peer closed with code %u: why", code);
		cr_assert_str_eq(websocket_why.text,
				 valid ? expected : "a Close with a code that is none");
		snprintf(expected, sizeof(expected), "88:%u", code);
		cr_assert_str_eq(websocket_all_sent(),
				 valid ? expected : "88:1002 a Close with a code that is none");
		cr_assert_eq(websocket_below.ends, 1);
	}
}

Test(websocket_control, a_failing_close_without_a_reason)
{
	closes(1011, "");
	cr_assert_eq(read_once(), IO_FAILED);
	cr_assert_str_eq(websocket_why.text, "the peer closed with code 1011");
}

Test(websocket_control, the_peer_answers_our_close)
{
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_str_eq(websocket_all_sent(), "88:1000");
	cr_assert_eq(websocket_below.ends, 0);
	/* What it still sends before its own is given. */
	websocket_gives_text(0x82, "rest");
	cr_assert_eq(read_once(), IO_DONE);
	websocket_gives_text(0x89, "there?");
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_str_eq(websocket_all_sent(), "8a:there?");
	closes(1000, "");
	cr_assert_eq(read_once(), IO_END);
	cr_assert_eq(websocket_below.ends, 1);
	cr_assert_str_eq(websocket_all_sent(), "");
}

/* ------ our pings ------ */

static void open_with_pings(int64_t every)
{
	websocket_close_all();
	options.ping_ms = every;
	websocket_open_server(&options, NULL);
}

static void let_time_pass(void)
{
	const int64_t wake = stream_wake_ms(websocket_top, STREAM_READ);

	cr_assert(wake >= 1 && wake <= options.ping_ms);
	cr_assert(stream_want(websocket_top, STREAM_READ) & STREAM_WANT_TIME);
	poll(NULL, 0, (int)wake + 1);
}

Test(websocket_control, no_pings_unless_asked_for)
{
	cr_assert(!(stream_want(websocket_top, STREAM_READ) & STREAM_WANT_TIME));
	cr_assert_eq(websocket_beat_left(websocket_layer), -1);
}

Test(websocket_control, a_ping_and_its_pong)
{
	open_with_pings(20);
	cr_assert_eq(read_once(), IO_AGAIN);
	for (int i = 0; i < 3; i++) {
		let_time_pass();
		cr_assert_eq(read_once(), IO_AGAIN);
		cr_assert_str_eq(websocket_all_sent(), "89:");
		websocket_gives_text(0x8a, "");
		cr_assert_eq(read_once(), IO_AGAIN);
	}
}

Test(websocket_control, anything_shows_that_the_peer_is_there)
{
	open_with_pings(20);
	let_time_pass();
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_str_eq(websocket_all_sent(), "89:");
	websocket_gives_text(0x82, "x");
	cr_assert_eq(read_once(), IO_DONE);
	let_time_pass();
	cr_assert_eq(read_once(), IO_AGAIN);
	cr_assert_str_eq(websocket_all_sent(), "89:");
}

Test(websocket_control, no_pong)
{
	open_with_pings(20);
	let_time_pass();
	cr_assert_eq(read_once(), IO_AGAIN);
	let_time_pass();
	cr_assert_eq(read_once(), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(websocket_why.text, "no pong came within 20ms");
}

Test(websocket_control, no_pings_after_our_end)
{
	open_with_pings(20);
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_str_eq(websocket_all_sent(), "88:1000");
	cr_assert(!(stream_want(websocket_top, STREAM_READ) & STREAM_WANT_TIME));
}
