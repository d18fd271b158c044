/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket_read.c
 * Holds: payload of one message a read, whatever pieces it comes in; kind and end of a message are
 * told; empty messages only when asked for; each violation fails with its words and its Close, and
 * what came in front of it is given first; limits count unpacked bytes; what was read too far is
 * pending, half a frame is not; compressed messages with and without takeover; ends and losses of
 * the layer below; nothing is held between two messages.
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

TestSuite(websocket_read, .init = server, .fini = websocket_close_all);

static void assert_reads(const char *expected)
{
	enum io r;
	const char *got = websocket_reads(&r);

	cr_assert_eq(r, IO_DONE, "%s", websocket_why.text);
	cr_assert_str_eq(got, expected);
}

static void assert_message(enum websocket_kind kind, bool ended)
{
	enum websocket_kind got_kind;
	bool got_ended;

	layer_websocket_message(websocket_top, &got_kind, &got_ended);
	cr_assert_eq(got_kind, kind);
	cr_assert_eq(got_ended, ended);
}

static void assert_nothing(void)
{
	enum io r;

	websocket_reads(&r);
	cr_assert_eq(r, IO_AGAIN);
	cr_assert(!stream_pending(websocket_top));
	cr_assert_eq(websocket_layer->blocked[STREAM_READ], STREAM_READ);
}

Test(websocket_read, a_message_a_read)
{
	websocket_gives_text(0x81, "one");
	websocket_gives_text(0x82, "two");
	assert_reads("one");
	assert_message(WEBSOCKET_TEXT, true);
	cr_assert(stream_pending(websocket_top));
	assert_reads("two");
	assert_message(WEBSOCKET_BINARY, true);
	cr_assert(!stream_pending(websocket_top));
	assert_nothing();
	cr_assert_null(websocket_layer->frames.context);
	cr_assert_null(websocket_layer->in.data);
}

Test(websocket_read, byte_by_byte)
{
	struct buffer all = { 0 };

	websocket_gives_text(0x01, "Hel");
	websocket_gives_text(0x89, "ping");
	websocket_gives_text(0x80, "lo");
	websocket_below.at_most = 1;
	/* A read gives up after some bytes that make none, and goes on at the next. */
	while (websocket_below.gives.length > 0)
		cr_assert_eq(websocket_reads_all(&all), IO_AGAIN);
	cr_assert_str_eq(buffer_text(&all), "Hello");
	cr_assert_str_eq(websocket_all_sent(), "8a:ping");
	cr_assert_null(websocket_layer->frames.context);
	buffer_free(&all);
}

Test(websocket_read, into_little_room)
{
	char bytes[2];
	size_t n;

	websocket_gives_text(0x81, "abc");
	cr_assert_eq(stream_read(websocket_top, bytes, 2, &n, &websocket_why), IO_DONE);
	cr_assert(n == 2 && bytes[0] == 'a');
	assert_message(WEBSOCKET_TEXT, false);
	cr_assert(stream_pending(websocket_top));
	cr_assert_eq(stream_read(websocket_top, bytes, 1, &n, &websocket_why), IO_DONE);
	cr_assert(n == 1 && bytes[0] == 'c');
	assert_message(WEBSOCKET_TEXT, true);
	assert_nothing();
}

Test(websocket_read, a_part_of_a_frame_is_given_as_it_comes)
{
	websocket_gives_text(0x82, "0123456789");
	websocket_below.at_most = 10;
	assert_reads("0123");
	assert_message(WEBSOCKET_BINARY, false);
	cr_assert(!stream_pending(websocket_top));
	assert_reads("456789");
	assert_message(WEBSOCKET_BINARY, true);
}

Test(websocket_read, empty_messages)
{
	websocket_gives_text(0x81, "");
	websocket_gives_text(0x82, "x");
	assert_reads("x");
	layer_websocket_keep_empty(websocket_top);
	websocket_gives_text(0x81, "");
	websocket_gives_text(0x02, "y");
	websocket_gives_text(0x80, "");
	assert_reads("");
	assert_message(WEBSOCKET_TEXT, true);
	assert_reads("y");
	assert_message(WEBSOCKET_BINARY, true);
	assert_nothing();
}

/* The end of a message whose bytes were all given before it came. */
Test(websocket_read, an_end_that_comes_late)
{
	layer_websocket_keep_empty(websocket_top);
	websocket_gives_text(0x02, "x");
	assert_reads("x");
	assert_message(WEBSOCKET_BINARY, false);
	websocket_gives_text(0x80, "");
	assert_reads("");
	assert_message(WEBSOCKET_BINARY, true);
}

Test(websocket_read, nothing_but_pings)
{
	for (int i = 0; i < 1000; i++)
		websocket_gives_text(0x89, i < 999 ? "flood" : "last");
	assert_nothing();
	cr_assert_str_eq(websocket_all_sent(), "8a:last");
}

/* ------ violations ------ */

struct violation {
	const char *bytes; /* frames without a mask are given one */
	size_t length;
	int code;
	const char *text;
};

#define BYTES(literal) literal, sizeof(literal) - 1

/* As given on the wire. Masks are zero. */
static const struct violation violations[] = {
	{ BYTES("\x81\x01x"), 1002, "a frame without a mask" },
	{ BYTES("\xc1\x81\0\0\0\0x"), 1002, "a reserved bit that nobody agreed on" },
	{ BYTES("\xa1\x81\0\0\0\0x"), 1002, "a reserved bit that nobody agreed on" },
	{ BYTES("\x99\x80\0\0\0\0"), 1002, "a reserved bit that nobody agreed on" },
	{ BYTES("\x83\x80\0\0\0\0"), 1002, "a frame of a kind that does not exist" },
	{ BYTES("\x87\x80\0\0\0\0"), 1002, "a frame of a kind that does not exist" },
	{ BYTES("\x8b\x80\0\0\0\0"), 1002, "a frame of a kind that does not exist" },
	{ BYTES("\x8f\x80\0\0\0\0"), 1002, "a frame of a kind that does not exist" },
	{ BYTES("\x09\x80\0\0\0\0"), 1002, "a malformed frame" },
	{ BYTES("\x88\xfe\0\x7e\0\0\0\0"), 1002, "a malformed frame" },
	{ BYTES("\x80\x80\0\0\0\0"), 1002, "the continuation of no message" },
	{ BYTES("\x01\x80\0\0\0\0\x81\x80\0\0\0\0"), 1002, "a message within another one" },
	{ BYTES("\x02\x80\0\0\0\0\x02\x80\0\0\0\0"), 1002, "a message within another one" },
	{ BYTES("\x81\x81\0\0\0\0\x80"), 1007, "a text message that is not UTF-8" },
	{ BYTES("\x81\x82\0\0\0\0\xc3\x28"), 1007, "a text message that is not UTF-8" },
	{ BYTES("\x81\x81\0\0\0\0\xc3"), 1007, "a text message that ends within a character" },
	{ BYTES("\x01\x81\0\0\0\0\xc3\x80\x80\0\0\0\0"), 1007,
	  "a text message that ends within a character" },
	{ BYTES("\x88\x81\0\0\0\0x"), 1002, "a Close with a code that is none" },
	{ BYTES("\x88\x82\0\0\0\0\x03\xed"), 1002, "a Close with a code that is none" },
	{ BYTES("\x88\x83\0\0\0\0\x03\xe8\xff"), 1007, "a Close whose reason is not UTF-8" },
};

static void assert_violation(const struct violation *v)
{
	struct failure again = { 0 };
	struct buffer all = { 0 };
	const char *payload;
	size_t length, n;
	char byte;

	websocket_gives_raw(v->bytes, v->length);
	websocket_gives_raw("behind it", 9);
	cr_assert_eq(websocket_reads_all(&all), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(websocket_why.text, v->text);
	cr_assert_eq(websocket_sent(&payload, &length), 0x88);
	cr_assert_eq((uint8_t)payload[0] << 8 | (uint8_t)payload[1], v->code);
	cr_assert_str_eq(payload + 2, v->text);
	cr_assert_eq(websocket_below.took.length, 0);
	/* The end below goes along, and unread bytes do not turn it into a reset. */
	cr_assert_eq(websocket_below.ends, 1);
	cr_assert_eq(websocket_below.gives.length, 0);
	cr_assert_eq(stream_read(websocket_top, &byte, 1, &n, &again), IO_FAILED);
	cr_assert_str_eq(again.text, v->text);
	cr_assert_eq(stream_write(websocket_top, "x", 1, &n, &again), IO_FAILED);
	cr_assert_str_eq(again.text, v->text);
	buffer_free(&all);
}

Test(websocket_read, violations)
{
	for (size_t i = 0; i < sizeof(violations) / sizeof(violations[0]); i++) {
		websocket_close_all();
		server();
		assert_violation(&violations[i]);
	}
}

Test(websocket_read, what_came_before_a_violation_is_given)
{
	enum io r;

	websocket_gives_text(0x81, "good \xc3\xa4\xff bad");
	assert_reads("good \xc3\xa4");
	cr_assert(stream_pending(websocket_top));
	websocket_reads(&r);
	cr_assert_eq(r, IO_FAILED);
	cr_assert_str_eq(websocket_why.text, "a text message that is not UTF-8");
	cr_assert(!stream_pending(websocket_top));
}

Test(websocket_read, a_server_does_not_mask)
{
	enum io r;

	websocket_close_all();
	websocket_open_client(&options, NULL);
	websocket_gives_text(0x81, "fine");
	assert_reads("fine");
	websocket_gives_raw("\x81\x81\0\0\0\0x", 7);
	websocket_reads(&r);
	cr_assert_eq(r, IO_FAILED);
	cr_assert_str_eq(websocket_why.text, "a frame with a mask");
	cr_assert_str_eq(websocket_all_sent(), "88:1002 a frame with a mask");
}

/* ------ limits ------ */

static void assert_too_big(void)
{
	struct buffer all = { 0 };

	cr_assert_eq(websocket_reads_all(&all), IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_SIZE);
	cr_assert_str_eq(websocket_why.text, "a message of more than 10 bytes");
	cr_assert_str_eq(websocket_all_sent(), "88:1009 a message of more than 10 bytes");
	buffer_free(&all);
}

Test(websocket_read, a_message_as_long_as_may_be)
{
	options.max_message = 10;
	for (int i = 0; i < 3; i++) {
		websocket_gives_text(0x82, "0123456789");
		assert_reads("0123456789");
	}
	websocket_gives_text(0x82, "0123456789x");
	assert_too_big();
}

Test(websocket_read, too_long_in_parts)
{
	options.max_message = 10;
	websocket_gives_text(0x02, "01234");
	websocket_gives_text(0x00, "56789");
	websocket_gives_text(0x80, "x");
	assert_too_big();
}

Test(websocket_read, too_long_when_unpacked)
{
	websocket_close_all();
	options.deflate = true;
	options.max_message = 10;
	websocket_open_server(&options, "permessage-deflate");
	/* "Hello" six times over */
	websocket_gives(0xc2, "\xf2\x48\xcd\xc9\xc9\xf7\x40\x25\x01\x00", 10);
	assert_too_big();
}

/* ------ compressed ------ */

static void assert_hello(unsigned first, const char *bytes, size_t length)
{
	websocket_gives(first, bytes, length);
	assert_reads("Hello");
	assert_message(WEBSOCKET_TEXT, true);
}

Test(websocket_read, compressed_without_takeover_holds_nothing)
{
	enum io r;

	websocket_close_all();
	options.deflate = true;
	websocket_open_server(&options, "permessage-deflate");
	assert_hello(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
	cr_assert_null(websocket_layer->inflater);
	assert_hello(0x81, "Hello", 5);
	/* Its second character looks back into the message before, which is forgotten. */
	websocket_gives(0xc1, "\xf2\x00\x11\x00\x00", 5);
	assert_reads("H");
	websocket_reads(&r);
	cr_assert_eq(r, IO_FAILED);
	cr_assert_str_eq(websocket_why.text, "a compressed message whose bytes are wrong");
	cr_assert_str_eq(websocket_all_sent(),
			 "88:1007 a compressed message whose bytes are wrong");
}

Test(websocket_read, compressed_with_takeover)
{
	websocket_close_all();
	options.deflate = true;
	websocket_open_client(&options, "permessage-deflate");
	assert_hello(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
	assert_hello(0xc1, "\xf2\x00\x11\x00\x00", 5);
	assert_hello(0x81, "Hello", 5);
	websocket_gives(0x41, "\xf2\x00", 2);
	websocket_gives(0x89, "", 0);
	websocket_gives(0x80, "\x11\x00\x00", 3);
	assert_reads("Hello");
}

Test(websocket_read, compressed_into_little_room)
{
	char bytes[1];
	size_t n;

	websocket_close_all();
	options.deflate = true;
	websocket_open_client(&options, "permessage-deflate");
	websocket_gives(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
	websocket_gives(0xc2, "\x00", 1);
	for (int i = 0; i < 5; i++) {
		cr_assert_eq(stream_read(websocket_top, bytes, 1, &n, &websocket_why), IO_DONE);
		cr_assert_eq(bytes[0], "Hello"[i]);
		cr_assert(stream_pending(websocket_top));
	}
	assert_nothing();
}

Test(websocket_read, only_a_first_frame_is_marked)
{
	enum io r;

	websocket_close_all();
	options.deflate = true;
	websocket_open_client(&options, "permessage-deflate");
	websocket_gives(0x41, "\xf2\x48", 2);
	websocket_gives(0xc0, "\xcd\xc9\xc9\x07\x00", 5);
	websocket_reads(&r);
	while (r == IO_DONE)
		websocket_reads(&r);
	cr_assert_str_eq(websocket_why.text, "a reserved bit that nobody agreed on");
}

/* ------ the layer below ------ */

Test(websocket_read, an_end_without_a_close)
{
	struct buffer all = { 0 };

	websocket_gives_text(0x02, "half");
	websocket_below.then = IO_END;
	cr_assert_eq(websocket_reads_all(&all), IO_FAILED);
	cr_assert_str_eq(buffer_text(&all), "half");
	cr_assert_eq(websocket_why.class, FAILURE_TRUNCATED);
	cr_assert_str_eq(websocket_why.text, "the connection was cut: no Close");
	buffer_free(&all);
}

Test(websocket_read, a_loss)
{
	enum io r;

	websocket_below.then = IO_FAILED;
	websocket_reads(&r);
	cr_assert_eq(r, IO_FAILED);
	cr_assert_eq(websocket_why.class, FAILURE_RECEIVE);
	cr_assert_str_eq(websocket_why.text, "played reset");
}
