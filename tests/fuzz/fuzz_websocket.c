/* SPDX-License-Identifier: MIT */
/* fuzz_websocket.c - frames of a hostile peer, compressed ones too: however the bytes come in and
 * whatever room there is, the same messages come out, the same end or failure is told, text is
 * UTF-8, limits hold, and what is answered is well-formed frames. */
#include "scripted.h"

#include <sockutil/base/utf8.h>
#include <sockutil/stream/websocket_parts.h>

enum { AS_SERVER = 1, WITH_DEFLATE = 2, WITH_LIMIT = 4, KEEP_EMPTY = 8, WITH_WRITES = 16 };
enum { LIMIT = 100, READS_MOST = 20000, OUTPUT_MOST = 4000 };

struct outcome {
	enum io end;
	struct failure why;
	struct buffer payload;
	size_t messages;
};

/* ------ opening ------ */

static struct stream *opened_server(struct scripted *below, const struct websocket_options *options,
				    bool deflate)
{
	static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
				   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
				   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
				   "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
	struct http_request_head request;
	struct http_head_scan scan = { 0 };
	struct failure why = { 0 };
	int status;

	(void)deflate;
	fuzz_check(http_request_head_parse(&request, &scan, head, sizeof(head) - 1, &status,
					   &why) == IO_DONE);
	return layer_websocket_accept(&below->stream, options, &request, NULL, 0, &status, &why);
}

/* Its answer is given before what the input has. */
static struct stream *opened_client(struct scripted *below, const struct websocket_options *options,
				    bool deflate, struct buffer *answer)
{
	struct failure why = { 0 };
	struct stream *s = layer_websocket_connect(&below->stream, options, "x", "/", &why);
	char accept[WEBSOCKET_ACCEPT_MAX];

	fuzz_check(s != NULL);
	websocket_accept(accept, websocket_of(s)->opening->key, WEBSOCKET_KEY_MAX - 1);
	fuzz_check(buffer_format(
		answer,
		"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\n%s\r\n",
		accept, deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""));
	return s;
}

/* ------ what was sent ------ */

static void check_sent(const struct scripted *below, size_t from, bool server)
{
	const uint8_t *at = (const uint8_t *)buffer_bytes(&below->took) + from;
	size_t left = below->took.length - from;

	while (left >= 2) {
		const unsigned opcode = at[0] & 15;
		size_t length = at[1] & 127, head = 2;

		fuzz_check((at[1] >> 7) == !server);
		fuzz_check(!(at[0] & 0x30) && (at[0] & 0x80));
		fuzz_check(opcode == 2 || (opcode >= 8 && opcode <= 10 && length <= 125));
		if (length >= 126) {
			const size_t width = length == 126 ? 2 : 8;

			if (left < 2 + width)
				return;
			length = 0;
			for (size_t i = 0; i < width; i++)
				length = length << 8 | at[2 + i];
			head += width;
		}
		head += server ? 0 : 4;
		if (left < head + length)
			return;
		at += head + length;
		left -= head + length;
	}
}

/* ------ a run ------ */

static void note(struct outcome *o, const struct stream *s, const char *bytes, size_t n,
		 bool *begun, struct buffer *message, bool limited)
{
	enum websocket_kind kind;
	bool ended;

	layer_websocket_message(s, &kind, &ended);
	*begun = !ended;
	fuzz_check(buffer_add(&o->payload, bytes, n));
	fuzz_check(buffer_add(message, bytes, n));
	fuzz_check(!limited || message->length <= LIMIT);
	if (!ended)
		return;
	o->messages++;
	fuzz_check(kind != WEBSOCKET_TEXT ||
		   utf8_valid(message->length ? buffer_bytes(message) : "", message->length));
	buffer_free(message);
}

static void write_some(struct stream *s)
{
	struct failure why = { 0 };
	size_t n;

	if (stream_write(s, "something to say, and then some more of it, over and over again", 64,
			 &n, &why) != IO_FAILED)
		stream_flush(s, &why);
}

static struct outcome run(struct scripted *below, uint8_t kind, const uint8_t *data, size_t size,
			  size_t room, bool writes)
{
	const struct websocket_options options = {
		.deflate = kind & WITH_DEFLATE,
		.max_message = kind & WITH_LIMIT ? LIMIT : 0,
	};
	struct outcome o = { .end = IO_AGAIN };
	struct buffer given = { 0 }, message = { 0 };
	struct stream *s = kind & AS_SERVER
				   ? opened_server(below, &options, kind & WITH_DEFLATE)
				   : opened_client(below, &options, kind & WITH_DEFLATE, &given);
	bool begun = false;
	char bytes[512];
	size_t n, before;

	fuzz_check(buffer_add(&given, data, size));
	below->gives = (const uint8_t *)buffer_bytes(&given);
	below->length = given.length;
	do
		o.end = stream_open(s, &o.why);
	while (o.end == IO_AGAIN);
	before = below->took.length;
	if (kind & KEEP_EMPTY)
		layer_websocket_keep_empty(s);
	for (size_t i = 0; o.end != IO_FAILED && i < READS_MOST; i++) {
		o.end = stream_read(s, bytes, room, &n, &o.why);
		if (o.end == IO_DONE)
			note(&o, s, bytes, n, &begun, &message, kind & WITH_LIMIT);
		if (writes && i % 7 == 3)
			write_some(s);
		if (o.end == IO_END || o.end == IO_FAILED || o.payload.length > OUTPUT_MOST)
			break;
	}
	if (!below->lost)
		check_sent(below, before, kind & AS_SERVER);
	if (o.end == IO_END) {
		struct failure why = { 0 };

		for (int i = 0; i < 1000 && stream_end(s, &why) == IO_AGAIN; i++)
			;
	}
	stream_free(s);
	buffer_free(&given);
	buffer_free(&message);
	return o;
}

/* Without empty messages nobody is told of an end that came alone. */
static void check_same(const struct outcome *a, const struct outcome *b, bool ends_told)
{
	if (a->payload.length > OUTPUT_MOST || b->payload.length > OUTPUT_MOST)
		return;
	fuzz_check(a->end == b->end);
	fuzz_check(a->payload.length == b->payload.length);
	fuzz_check(!ends_told || a->messages == b->messages);
	fuzz_check(!a->payload.length || !memcmp(buffer_bytes(&a->payload),
						 buffer_bytes(&b->payload), a->payload.length));
	if (a->end == IO_FAILED)
		fuzz_check(a->why.class == b->why.class && !strcmp(a->why.text, b->why.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t kind = fuzz_byte(&data, &size);
	const size_t room = 1 + fuzz_byte(&data, &size) % 64;
	struct scripted odd, plain;
	struct outcome first, second;

	scripted_init(&odd, &data, &size);
	plain = (struct scripted){ .stream.ops = &scripted_ops, .then = IO_END };
	first = run(&plain, kind, data, size, 512, false);
	second = run(&odd, kind, data, size, room, kind & WITH_WRITES);
	if (!odd.lost)
		check_same(&first, &second, kind & KEEP_EMPTY);
	buffer_free(&first.payload);
	buffer_free(&second.payload);
	scripted_free(&odd);
	scripted_free(&plain);
	return 0;
}
