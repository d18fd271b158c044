/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket_frame.c
 * Holds: frames of every length form come and go; pieces come as they are there, and the first and
 * last of a frame are told; any cut of the bytes gives the same; masks differ from frame to frame;
 * what is no frame fails; a connection between two frames holds nothing.
 */
#include "stream_websocket.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const struct websocket_options plain;

static void set_up(void)
{
	websocket_open_server(&plain, NULL);
}

TestSuite(websocket_frame, .init = set_up, .fini = websocket_close_all);

/* Lets the layer have length bytes of what the peer gives. */
static void feed(size_t length)
{
	static char bytes[200000];
	struct buffer *gives = &websocket_below.gives;

	cr_assert(length <= gives->length && length <= sizeof(bytes));
	memcpy(bytes, buffer_bytes(gives), length);
	buffer_take(gives, length);
	websocket_layer->frames.raw = bytes;
	websocket_layer->frames.raw_length = length;
}

static void assert_rests(void)
{
	websocket_frame_rest(websocket_layer);
	cr_assert_null(websocket_layer->frames.context);
	cr_assert_eq(websocket_layer->frames.inside, 0);
}

static void assert_comes(size_t length, size_t step)
{
	struct websocket_piece piece;
	char *payload = malloc(length + 1);
	struct buffer got = { 0 };
	bool last = false, first = true;

	for (size_t i = 0; i < length; i++)
		payload[i] = (char)(i * 7);
	websocket_gives(0x82, payload, length);
	while (!last) {
		feed(step < websocket_below.gives.length ? step : websocket_below.gives.length);
		while (websocket_frame_next(websocket_layer, &piece) == IO_DONE) {
			cr_assert_eq(piece.first, first);
			cr_assert(piece.fin && piece.masked && piece.opcode == 2 && piece.rsv == 0);
			cr_assert_eq(piece.announced, length);
			cr_assert(buffer_add(&got, piece.bytes, piece.length));
			first = false;
			last = piece.last;
		}
	}
	cr_assert_eq(got.length, length);
	cr_assert(length == 0 || memcmp(buffer_bytes(&got), payload, length) == 0);
	assert_rests();
	buffer_free(&got);
	free(payload);
}

Test(websocket_frame, frames_of_every_length)
{
	static const size_t lengths[] = { 0,    1,    125,   126,   127,   4095,
					  4096, 4097, 65535, 65536, 100000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_comes(lengths[i], 200000);
		assert_comes(lengths[i], 1000);
	}
	for (size_t step = 1; step < 12; step++)
		assert_comes(300, step);
}

Test(websocket_frame, a_begun_frame_is_kept)
{
	struct websocket_piece piece;

	websocket_gives(0x81, "hello", 5);
	feed(3);
	cr_assert_eq(websocket_frame_next(websocket_layer, &piece), IO_AGAIN);
	websocket_frame_rest(websocket_layer);
	cr_assert_not_null(websocket_layer->frames.context);
	feed(8);
	cr_assert_eq(websocket_frame_next(websocket_layer, &piece), IO_DONE);
	cr_assert(piece.length == 5 && memcmp(piece.bytes, "hello", 5) == 0);
	cr_assert_eq(websocket_frame_next(websocket_layer, &piece), IO_AGAIN);
	assert_rests();
}

static void assert_none(const char *bytes, size_t length)
{
	struct websocket_piece piece;

	websocket_gives_raw(bytes, length);
	feed(length);
	cr_assert_eq(websocket_frame_next(websocket_layer, &piece), IO_FAILED);
	websocket_frame_free(websocket_layer);
	websocket_layer->frames = (struct websocket_frames){ 0 };
}

Test(websocket_frame, what_is_no_frame)
{
	assert_none("\x89\xfe\x00\x7e", 4);                          /* a ping of 126 bytes */
	assert_none("\x09\x81", 2);                                  /* a ping in parts */
	assert_none("\x82\xfe\x00\x7d", 4);                          /* 125 in two bytes */
	assert_none("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff", 10); /* 65535 in eight */
	assert_none("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00", 10); /* the top bit */
}

static void assert_goes(const char *expected, const struct iovec *v, int n, unsigned first)
{
	const char *payload;
	size_t length;

	cr_assert(websocket_frame_add(websocket_layer, first & 15, 0, v, n));
	cr_assert(buffer_add(&websocket_below.took, buffer_bytes(&websocket_layer->out),
			     websocket_layer->out.length));
	buffer_free(&websocket_layer->out);
	cr_assert_eq(websocket_sent(&payload, &length), (int)first);
	cr_assert_eq(length, strlen(expected));
	cr_assert_str_eq(payload, expected);
	cr_assert_eq(websocket_below.took.length, 0);
	assert_rests();
}

Test(websocket_frame, what_goes_out)
{
	const struct iovec v[] = { { "", 0 }, { "Hel", 3 }, { "", 0 }, { "lo", 2 }, { "", 0 } };

	assert_goes("Hello", v, 5, 0x81);
	assert_goes("", v, 1, 0x82);
	assert_goes("", NULL, 0, 0x89);
	assert_goes("Hel", v + 1, 1, 0x8a);
}

Test(websocket_frame, a_client_masks_each_frame_in_another_way)
{
	struct buffer seen = { 0 };

	websocket_close_all();
	websocket_open_client(&plain, NULL);
	for (int i = 0; i < 40; i++) {
		const struct iovec v = { "Hello", 5 };
		const char *frame;

		cr_assert(websocket_frame_add(websocket_layer, 1, 0, &v, 1));
		frame = buffer_bytes(&websocket_layer->out);
		cr_assert_null(seen.length ? memmem(buffer_bytes(&seen), seen.length, frame + 2, 4)
					   : NULL);
		cr_assert(buffer_add(&seen, frame + 2, 4));
		buffer_add(&websocket_below.took, frame, websocket_layer->out.length);
		buffer_free(&websocket_layer->out);
		cr_assert_str_eq(websocket_all_sent(), "81:Hello");
	}
	buffer_free(&seen);
}
