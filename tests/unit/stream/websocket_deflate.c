/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/stream/websocket_deflate.c
 * Holds: what is deflated inflates again, in pieces of any size, with any window and with and
 * without what went before; the examples of RFC 7692; a stream that was ended within a message goes
 * on with the next; bytes that are wrong, and messages that were cut, are told.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/stream/websocket_parts.h>

static void set_up(void)
{
	struct failure why = { 0 };

	cr_assert(websocket_deflate_load(&why), "%s", why.text);
}

TestSuite(websocket_deflate, .init = set_up);

/* Inflates a message in steps; false: wrong. */
static bool inflate_in(struct websocket_inflater *i, const char *bytes, size_t length, size_t step,
		       size_t room, struct buffer *out)
{
	bool done = false;

	websocket_inflater_begin(i);
	while (!done) {
		size_t part = step < length ? step : length;
		const char *in = bytes;
		size_t left = part, made;

		do {
			char *to = buffer_reserve(out, room);

			if (!websocket_inflater_run(i, &in, &left, part == length, to, room, &made,
						    &done))
				return false;
			cr_assert(made <= room);
			buffer_commit(out, made);
		} while (!done && made == room);
		cr_assert_eq(left, 0);
		cr_assert(done || part < length);
		bytes += part;
		length -= part;
	}
	return true;
}

static const char *inflated(struct websocket_inflater *i, const char *bytes, size_t length)
{
	static char text[1000];
	struct buffer out = { 0 };

	cr_assert(inflate_in(i, bytes, length, length ? length : 1, 100, &out));
	snprintf(text, sizeof(text), "%s", buffer_text(&out));
	buffer_free(&out);
	return text;
}

Test(websocket_deflate, examples_of_the_rfc)
{
	struct websocket_inflater *i = websocket_inflater_new(15);

	/* 7.2.3.1 and 7.2.3.2: the second looks back into the first. */
	cr_assert_str_eq(inflated(i, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7), "Hello");
	cr_assert_str_eq(inflated(i, "\xf2\x00\x11\x00\x00", 5), "Hello");
	/* 7.2.3.3: a block that is not compressed. */
	cr_assert_str_eq(inflated(i, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11), "Hello");
	/* 7.2.3.4: BFINAL; what follows may look back behind it. */
	cr_assert_str_eq(inflated(i, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8), "Hello");
	cr_assert_str_eq(inflated(i, "\xf2\x00\x11\x00\x00", 5), "Hello");
	/* 7.2.3.5: two blocks. */
	cr_assert_str_eq(inflated(i, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13),
			 "Hello");
	/* 7.2.3.6: the empty message. */
	cr_assert_str_eq(inflated(i, "\x00", 1), "");
	websocket_inflater_free(i);
}

Test(websocket_deflate, an_ended_stream_without_a_byte_behind_it)
{
	struct websocket_inflater *i = websocket_inflater_new(15);

	cr_assert_str_eq(inflated(i, "\xf3\x48\xcd\xc9\xc9\x07\x00", 7), "Hello");
	cr_assert_str_eq(inflated(i, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7), "Hello");
	websocket_inflater_free(i);
}

static void assert_wrong(const char *bytes, size_t length)
{
	struct websocket_inflater *i = websocket_inflater_new(15);
	struct buffer out = { 0 };

	cr_assert(!inflate_in(i, bytes, length, 1, 10, &out));
	buffer_free(&out);
	websocket_inflater_free(i);
}

Test(websocket_deflate, bytes_that_are_wrong)
{
	assert_wrong("\xff\xff\xff\xff", 4);
	assert_wrong("\x07", 1);
	assert_wrong("\xf2\x48\xcd", 3);         /* cut within a block */
	assert_wrong("\x00\x05\x00\xfa", 4);     /* cut within a length */
	assert_wrong("\xf2\x00\x11\x00\x00", 5); /* looks back where nothing was */
	assert_wrong("", 0);
}

static void make(char *bytes, size_t length, unsigned seed)
{
	for (size_t i = 0; i < length; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (char)("abcdefgh"[(seed >> 16) & 7]);
	}
}

static void assert_round(unsigned bits, bool kept, size_t length, size_t step, size_t room)
{
	struct websocket_deflater *d = websocket_deflater_new(bits, kept ? SIZE_MAX : length);
	struct websocket_inflater *i = websocket_inflater_new(bits);
	char *bytes = malloc(length + 1);

	for (unsigned message = 0; message < (kept ? 3u : 1u); message++) {
		struct buffer packed = { 0 }, out = { 0 };
		struct iovec v[2];

		make(bytes, length, message);
		v[0] = (struct iovec){ bytes, length / 3 };
		v[1] = (struct iovec){ bytes + length / 3, length - length / 3 };
		cr_assert(websocket_deflater_run(d, v, 2, &packed));
		cr_assert(inflate_in(i, buffer_bytes(&packed), packed.length, step, room, &out));
		cr_assert_eq(out.length, length);
		cr_assert_eq(memcmp(buffer_bytes(&out), bytes, length), 0);
		cr_assert(length < 1000 || packed.length < length);
		buffer_free(&packed);
		buffer_free(&out);
	}
	free(bytes);
	websocket_deflater_free(d);
	websocket_inflater_free(i);
}

Test(websocket_deflate, there_and_back)
{
	static const size_t lengths[] = { 1, 100, 4095, 65536, 300000 };

	for (unsigned bits = 9; bits <= 15; bits++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			assert_round(bits, true, lengths[i], lengths[i], 65536);
			assert_round(bits, false, lengths[i], 1000, 777);
		}
	assert_round(15, true, 5000, 1, 1);
}

Test(websocket_deflate, a_bomb_comes_out_bit_by_bit)
{
	enum { SIZE = 8 << 20 };
	struct websocket_deflater *d = websocket_deflater_new(15, SIZE_MAX);
	struct websocket_inflater *i = websocket_inflater_new(15);
	char *zeros = calloc(1, SIZE), out[1000];
	const struct iovec v = { zeros, SIZE };
	struct buffer packed = { 0 };
	size_t total = 0, left, made;
	bool done = false;
	const char *in;

	cr_assert(websocket_deflater_run(d, &v, 1, &packed));
	cr_assert(packed.length < 10000);
	in = buffer_bytes(&packed);
	left = packed.length;
	websocket_inflater_begin(i);
	while (!done) {
		cr_assert(websocket_inflater_run(i, &in, &left, true, out, sizeof(out), &made,
						 &done));
		total += made;
	}
	cr_assert_eq(total, SIZE);
	buffer_free(&packed);
	free(zeros);
	websocket_deflater_free(d);
	websocket_inflater_free(i);
}
