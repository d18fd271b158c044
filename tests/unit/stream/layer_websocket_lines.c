/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_websocket_lines.c
 * Holds: each line written is a message of its own without its newline, however the writes cut it,
 * empty lines too; what is left at the end is one; each message read has one newline behind it,
 * also where there is room for one byte at a time; text is UTF-8; a line over the limit fails; a
 * peer that takes nothing holds up the writer, and what was taken goes out later. */
#include "tls_memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/http_request_head.h>
#include <sockutil/stream/layer_websocket_lines.h>

static struct tls_memory memory;
static const struct websocket_options options = { .deflate = false };
static struct stream *client, *server; /* the server is the WebSocket layer itself */
static struct failure why;

/* The request is read whole, as by whoever stands in front of a WebSocket. */
static struct stream *accepted(void)
{
	static struct http_request_head head;
	struct http_head_scan scan = { 0 };
	struct buffer *bytes = &memory.way[0].bytes;
	struct stream *s;
	int status;

	cr_assert_eq(http_request_head_parse(&head, &scan, buffer_bytes(bytes), bytes->length,
					     &status, &why),
		     IO_DONE);
	s = layer_websocket_accept(&memory.b.stream, &options, &head, NULL, 0, &status, &why);
	cr_assert_not_null(s, "%s", why.text);
	buffer_take(bytes, head.head.length);
	return s;
}

static void join(enum websocket_kind kind)
{
	struct stream *websocket;

	tls_memory_init(&memory);
	websocket = layer_websocket_connect(&memory.a.stream, &options, "a.test", "/", &why);
	cr_assert_not_null(websocket, "%s", why.text);
	cr_assert_eq(stream_open(websocket, &why), IO_AGAIN);
	server = accepted();
	cr_assert_eq(stream_open(server, &why), IO_DONE);
	cr_assert_eq(stream_open(websocket, &why), IO_DONE, "%s", why.text);
	client = layer_websocket_lines_new(websocket, kind);
	layer_websocket_keep_empty(server);
}

static void set_up(void)
{
	join(WEBSOCKET_BINARY);
}

static void tear_down(void)
{
	stream_free(client);
	stream_free(server);
	tls_memory_free(&memory);
}

TestSuite(layer_websocket_lines, .init = set_up, .fini = tear_down);

static void put(const char *text)
{
	size_t length = strlen(text), n;

	while (length > 0) {
		cr_assert_eq(stream_write(client, text, length, &n, &why), IO_DONE, "%s", why.text);
		text += n;
		length -= n;
	}
}

static void assert_message(enum websocket_kind kind, const char *expected)
{
	enum websocket_kind got_kind;
	char got[100] = "";
	bool ended;
	size_t n;

	cr_assert_eq(stream_read(server, got, sizeof(got) - 1, &n, &why), IO_DONE, "%s", why.text);
	layer_websocket_message(server, &got_kind, &ended);
	cr_assert(ended);
	cr_assert_eq(got_kind, kind);
	cr_assert_str_eq(got, expected);
}

static void assert_nothing_came(void)
{
	char got[8];
	size_t n;

	cr_assert_eq(stream_read(server, got, sizeof(got), &n, &why), IO_AGAIN);
}

Test(layer_websocket_lines, a_line_is_a_message)
{
	put("one\ntwo\n");
	cr_assert_eq(stream_flush(client, &why), IO_DONE);
	assert_message(WEBSOCKET_BINARY, "one");
	assert_message(WEBSOCKET_BINARY, "two");
	assert_nothing_came();
}

Test(layer_websocket_lines, however_it_is_cut)
{
	put("o");
	put("ne\n");
	put("\n");
	put("th");
	cr_assert_eq(stream_flush(client, &why), IO_DONE);
	assert_message(WEBSOCKET_BINARY, "one");
	assert_message(WEBSOCKET_BINARY, "");
	assert_nothing_came();
	put("ree\n");
	cr_assert_eq(stream_flush(client, &why), IO_DONE);
	assert_message(WEBSOCKET_BINARY, "three");
}

Test(layer_websocket_lines, the_rest_is_sent_at_the_end)
{
	char byte;
	size_t n;

	put("last");
	cr_assert_neq(stream_end(client, &why), IO_FAILED, "%s", why.text);
	assert_message(WEBSOCKET_BINARY, "last");
	cr_assert_eq(stream_read(server, &byte, 1, &n, &why), IO_END);
}

Test(layer_websocket_lines, an_end_without_a_rest_sends_no_message)
{
	char byte;
	size_t n;

	put("last\n");
	cr_assert_neq(stream_end(client, &why), IO_FAILED, "%s", why.text);
	assert_message(WEBSOCKET_BINARY, "last");
	cr_assert_eq(stream_read(server, &byte, 1, &n, &why), IO_END);
}

static void send_message(const char *text)
{
	cr_assert_eq(layer_websocket_send(server, WEBSOCKET_TEXT, text, strlen(text), &why),
		     IO_DONE);
	cr_assert_eq(stream_flush(server, &why), IO_DONE);
}

static void assert_reads(size_t piece, const char *expected)
{
	char got[100] = "";
	size_t length = 0, n;

	while (length < strlen(expected)) {
		cr_assert_eq(stream_read(client, got + length, piece, &n, &why), IO_DONE, "%s",
			     why.text);
		length += n;
	}
	cr_assert_str_eq(got, expected);
	cr_assert_not(stream_pending(client));
	cr_assert_eq(stream_read(client, got, piece, &n, &why), IO_AGAIN);
}

Test(layer_websocket_lines, a_newline_follows_each_message)
{
	send_message("one");
	send_message("");
	send_message("three\n");
	assert_reads(80, "one\n\nthree\n");
}

Test(layer_websocket_lines, room_for_one_byte)
{
	char byte;
	size_t n;

	send_message("ab");
	assert_reads(1, "ab\n");
	send_message("c");
	cr_assert_eq(stream_read(client, &byte, 1, &n, &why), IO_DONE);
	cr_assert(stream_pending(client), "the newline is still to come");
}

Test(layer_websocket_lines, bytes_are_never_bare)
{
	cr_assert_eq(stream_raw_fd(client, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(client, STREAM_WRITE), -1);
}

Test(layer_websocket_lines, text_is_utf8)
{
	size_t n;

	tear_down();
	join(WEBSOCKET_TEXT);
	put("gr\xc3");
	put("\xbc\xc3\x9f\n");
	cr_assert_eq(stream_flush(client, &why), IO_DONE);
	assert_message(WEBSOCKET_TEXT, "gr\xc3\xbc\xc3\x9f");
	cr_assert_eq(stream_write(client, "\xff\n", 2, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "what is to be sent as text is not UTF-8");
}

Test(layer_websocket_lines, a_line_over_the_limit)
{
	static char block[LAYER_WEBSOCKET_LINE_MAX];
	size_t n;

	memset(block, 'x', sizeof(block));
	cr_assert_eq(stream_write(client, block, sizeof(block), &n, &why), IO_DONE);
	cr_assert_eq(n, sizeof(block));
	cr_assert_eq(stream_write(client, "x", 1, &n, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SIZE);
	cr_assert_str_eq(why.text, "a line of more than 1 MiB is no message (--ws-framing line)");
}

Test(layer_websocket_lines, a_peer_that_takes_nothing)
{
	size_t n;
	enum io r = IO_DONE;
	unsigned lines = 0;

	memory.way[0].window = 0;
	for (; r == IO_DONE && lines < 1000000; lines += r == IO_DONE)
		r = stream_write(client, "line\n", 5, &n, &why);
	cr_assert_eq(r, IO_AGAIN);
	cr_assert_eq(n, 0);
	memory.way[0].window = SIZE_MAX;
	while (lines-- > 0) {
		stream_flush(client, &why);
		assert_message(WEBSOCKET_BINARY, "line");
	}
	assert_nothing_came();
}
