/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket_write.c
 * Holds: one write is one message, held until flush and sent in one piece; of at most 64 KiB, or
 * the limit; a layer below that takes little gets everything once and in order; text is held to
 * UTF-8, and a cut character goes with the next message; compressed where it was agreed on and
 * pays, with and without takeover; whole messages of any length; our end, once, and what is refused
 * behind it; a peer that left with its Close loses nothing.
 */
#include "stream_websocket.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct websocket_options options;

static void server(void)
{
	options = (struct websocket_options){ 0 };
	websocket_open_server(&options, NULL);
}

TestSuite(websocket_write, .init = server, .fini = websocket_close_all);

static void write_text(const char *text)
{
	size_t n;

	cr_assert_eq(stream_write(websocket_top, text, strlen(text), &n, &websocket_why), IO_DONE,
		     "%s", websocket_why.text);
	cr_assert_eq(n, strlen(text));
}

static void flush(void)
{
	cr_assert_eq(stream_flush(websocket_top, &websocket_why), IO_DONE);
}

Test(websocket_write, a_message_a_write_and_one_call_below)
{
	write_text("one");
	write_text("two");
	cr_assert_eq(websocket_below.took.length, 0);
	flush();
	cr_assert_eq(websocket_below.flushes, 1);
	cr_assert_str_eq(websocket_all_sent(), "82:one 82:two");
	cr_assert_null(websocket_layer->out.data);
	cr_assert_null(websocket_layer->frames.context);
}

Test(websocket_write, pieces_are_one_message)
{
	const struct iovec v[] = { { "", 0 }, { "a", 1 }, { "bc", 2 }, { "", 0 } };
	size_t n;

	cr_assert_eq(stream_writev(websocket_top, v, 4, &n, &websocket_why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_eq(stream_writev(websocket_top, v, 1, &n, &websocket_why), IO_DONE);
	cr_assert_eq(n, 0);
	flush();
	cr_assert_str_eq(websocket_all_sent(), "82:abc");
}

Test(websocket_write, many_pieces)
{
	struct iovec v[200];
	size_t n, total = 0;

	for (int i = 0; i < 200; i++)
		v[i] = (struct iovec){ "x", 1 };
	for (int first = 0; first < 200; first += (int)n, total += n) {
		cr_assert_eq(
			stream_writev(websocket_top, v + first, 200 - first, &n, &websocket_why),
			IO_DONE);
		cr_assert(n >= 1);
	}
	cr_assert_eq(total, 200);
	flush();
}

Test(websocket_write, a_long_write_is_several_messages)
{
	char *bytes = calloc(1, 200000);
	const char *payload;
	size_t n, length, total = 0;

	for (size_t done = 0; done < 200000; done += n) {
		cr_assert_eq(stream_write(websocket_top, bytes, 200000 - done, &n, &websocket_why),
			     IO_DONE);
		cr_assert(n <= WEBSOCKET_PART_MAX);
	}
	flush();
	while (websocket_sent(&payload, &length) == 0x82)
		total += length;
	cr_assert_eq(total, 200000);
	free(bytes);
}

Test(websocket_write, the_limit_holds_for_ours_too)
{
	size_t n;

	options.max_message = 4;
	cr_assert_eq(stream_write(websocket_top, "abcdef", 6, &n, &websocket_why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_eq(
		layer_websocket_send(websocket_top, WEBSOCKET_TEXT, "abcde", 5, &websocket_why),
		IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_SIZE);
	cr_assert_str_eq(websocket_why.text, "a message of 5 bytes: more than 4");
}

Test(websocket_write, a_layer_below_that_takes_little)
{
	size_t n;
	enum io r;

	websocket_below.takes = 0;
	for (int i = 0;
	     (r = stream_write(websocket_top, "0123456789", 10, &n, &websocket_why)) == IO_DONE;
	     i++)
		cr_assert(i < 10000);
	cr_assert_eq(r, IO_AGAIN);
	cr_assert_eq(n, 0);
	cr_assert_eq(websocket_layer->blocked[STREAM_WRITE], STREAM_WRITE);
	cr_assert(websocket_layer->out.length < WEBSOCKET_GATHER + 20);
	cr_assert_eq(stream_flush(websocket_top, &websocket_why), IO_AGAIN);
	for (int i = 0; i < 5; i++) {
		websocket_below.takes = 7;
		cr_assert_eq(stream_flush(websocket_top, &websocket_why), IO_AGAIN);
	}
	websocket_below.takes = SIZE_MAX;
	websocket_below.takes_at_once = 1000;
	flush();
	for (const char *payload; websocket_below.took.length > 0;) {
		size_t length;

		cr_assert_eq(websocket_sent(&payload, &length), 0x82);
		cr_assert_str_eq(payload, "0123456789");
	}
}

Test(websocket_write, a_loss_is_told)
{
	size_t n;

	websocket_below.write_fails = true;
	cr_assert_eq(stream_write(websocket_top, "x", 1, &n, &websocket_why), IO_DONE);
	cr_assert_eq(stream_flush(websocket_top, &websocket_why), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_SEND);
	cr_assert_str_eq(websocket_why.text, "played loss");
}

/* ------ text ------ */

Test(websocket_write, text)
{
	options.text = true;
	write_text("a\xc3\xa4");
	write_text("\xf0\x9f");
	write_text("\x98");
	write_text("\x80!");
	write_text("\xe2\x82");
	write_text("\xac");
	flush();
	cr_assert_str_eq(websocket_all_sent(), "81:a\xc3\xa4 81:\xf0\x9f\x98\x80! 81:\xe2\x82\xac");
}

Test(websocket_write, a_cut_over_two_pieces)
{
	const struct iovec v[] = { { "ab\xf0", 3 }, { "\x9f\x98", 2 } };
	size_t n;

	options.text = true;
	cr_assert_eq(stream_writev(websocket_top, v, 2, &n, &websocket_why), IO_DONE);
	cr_assert_eq(n, 5);
	write_text("\x80");
	flush();
	cr_assert_str_eq(websocket_all_sent(), "81:ab 81:\xf0\x9f\x98\x80");
}

Test(websocket_write, what_is_no_text)
{
	size_t n = 1;

	options.text = true;
	cr_assert_eq(stream_write(websocket_top, "a\xff", 2, &n, &websocket_why), IO_FAILED);
	cr_assert_eq(n, 0);
	cr_assert_eq(websocket_why.class, FAILURE_INPUT);
	cr_assert_str_eq(websocket_why.text, "what is to be sent as text is not UTF-8");
}

Test(websocket_write, an_end_within_a_character)
{
	options.text = true;
	write_text("a\xc3");
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_INPUT);
}

/* ------ compressed ------ */

static char lines[5000];

static void send_lines(void)
{
	size_t n;

	memset(lines, 'x', sizeof(lines));
	cr_assert_eq(stream_write(websocket_top, lines, sizeof(lines), &n, &websocket_why),
		     IO_DONE);
	flush();
}

/* Inflates a message that was sent, and returns its length on the wire. */
static size_t assert_lines(struct websocket_inflater *i)
{
	char out[sizeof(lines) + 1];
	size_t length, wire, made;
	const char *payload;
	bool done;

	cr_assert_eq(websocket_sent(&payload, &length), 0xc2);
	wire = length;
	websocket_inflater_begin(i);
	cr_assert(
		websocket_inflater_run(i, &payload, &length, true, out, sizeof(out), &made, &done));
	cr_assert(done && made == sizeof(lines) && memcmp(out, lines, made) == 0);
	return wire;
}

Test(websocket_write, compressed_with_takeover)
{
	struct websocket_inflater *i;
	size_t first, second;

	websocket_close_all();
	options.deflate = true;
	websocket_open_client(&options, "permessage-deflate; client_max_window_bits=10");
	i = websocket_inflater_new(10);
	send_lines();
	first = assert_lines(i);
	send_lines();
	second = assert_lines(i);
	cr_assert(second < first && first < 100);
	websocket_inflater_free(i);
}

Test(websocket_write, compressed_without_takeover)
{
	websocket_close_all();
	options.deflate = true;
	websocket_open_server(&options, "permessage-deflate; server_max_window_bits=9");
	for (int k = 0; k < 2; k++) {
		struct websocket_inflater *i = websocket_inflater_new(9);

		send_lines();
		cr_assert(assert_lines(i) < 100);
		cr_assert_null(websocket_layer->deflater);
		websocket_inflater_free(i);
	}
	/* What would not get shorter goes as it is. */
	write_text("short");
	flush();
	cr_assert_str_eq(websocket_all_sent(), "82:short");
	write_text("Qw8#kLz0pX!vB2nM^rT5yU7iO9aS1dF3gH4jK6lZxCvBnMqWeRtYuIoPAsDfGhJ+/");
	flush();
	cr_assert_str_eq(websocket_all_sent(), "82:Qw8#kLz0pX!vB2nM^rT5yU7iO9aS1dF3gH4jK6lZxCvBnMqW"
					       "eRtYuIoPAsDfGhJ+/");
}

/* zlib writes no such window; a message need not be compressed. */
Test(websocket_write, a_window_of_256_bytes)
{
	const char *payload;
	size_t length;

	websocket_close_all();
	options.deflate = true;
	websocket_open_server(&options, "permessage-deflate; server_max_window_bits=8");
	send_lines();
	cr_assert_eq(websocket_sent(&payload, &length), 0x82);
	cr_assert_eq(length, sizeof(lines));
}

/* ------ whole messages ------ */

Test(websocket_write, whole_messages)
{
	char *big = calloc(1, 300000);
	const char *payload;
	size_t length;

	cr_assert_eq(layer_websocket_send(websocket_top, WEBSOCKET_TEXT, "", 0, &websocket_why),
		     IO_DONE);
	cr_assert_eq(
		layer_websocket_send(websocket_top, WEBSOCKET_BINARY, big, 300000, &websocket_why),
		IO_DONE);
	flush();
	cr_assert_eq(websocket_sent(&payload, &length), 0x81);
	cr_assert_eq(length, 0);
	cr_assert_eq(websocket_sent(&payload, &length), 0x82);
	cr_assert_eq(length, 300000);
	websocket_below.takes = 0;
	cr_assert_eq(
		layer_websocket_send(websocket_top, WEBSOCKET_BINARY, big, 300000, &websocket_why),
		IO_DONE);
	cr_assert_eq(layer_websocket_send(websocket_top, WEBSOCKET_BINARY, big, 1, &websocket_why),
		     IO_AGAIN);
	free(big);
}

/* ------ our end ------ */

Test(websocket_write, our_end_is_said_once)
{
	size_t n;

	write_text("x");
	for (int i = 0; i < 3; i++)
		cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_str_eq(websocket_all_sent(), "82:x 88:1000");
	/* The peer may still speak: the layers below end when it has. */
	cr_assert_eq(websocket_below.ends, 0);
	cr_assert_eq(stream_write(websocket_top, "y", 1, &n, &websocket_why), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_SEND);
	cr_assert_str_eq(websocket_why.text, "our end has been said: WebSocket takes no more");
	cr_assert_eq(layer_websocket_send(websocket_top, WEBSOCKET_TEXT, "y", 1, &websocket_why),
		     IO_FAILED);
}

Test(websocket_write, an_end_that_waits)
{
	websocket_below.takes = 2;
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_AGAIN);
	cr_assert_eq(websocket_layer->blocked[STREAM_WRITE], STREAM_WRITE);
	websocket_below.takes = SIZE_MAX;
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_eq(stream_settle(websocket_top, &websocket_why), IO_DONE);
	cr_assert_str_eq(websocket_all_sent(), "88:1000");
}

Test(websocket_write, a_peer_that_left_with_its_close)
{
	enum io r;

	websocket_gives_text(0x88, "\x03\xe8");
	websocket_reads(&r);
	cr_assert_eq(r, IO_END);
	websocket_below.write_fails = true;
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_DONE);
	cr_assert_eq(stream_settle(websocket_top, &websocket_why), IO_DONE);
}

Test(websocket_write, a_peer_that_left_without_what_we_said)
{
	enum io r;

	write_text("x");
	websocket_gives_text(0x88, "\x03\xe8");
	websocket_reads(&r);
	websocket_below.write_fails = true;
	cr_assert_eq(stream_end(websocket_top, &websocket_why), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_SEND);
}
