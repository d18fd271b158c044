/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_chunk.c
 * Holds: sizes in hex of either case, up to 63 bits and 16 digits; the data of a chunk is the
 * caller's, taken all or in pieces; extensions and trailers are read over; the end is told once and
 * again, and leaves what follows; cut anywhere it waits and comes out the same; sizes that are
 * signed, prefixed, empty, too long or too large, data that is longer or shorter than said, bare CR
 * and LF, other controls, trailers that are no field lines, lines and trailers over their limits
 * and floods of extensions are refused, whole and in pieces, each by its sentence.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/http_chunk.h>

enum { MOST = 256 };

struct outcome {
	enum io end;
	char data[MOST];
	size_t data_length; /* only the first MOST bytes are kept */
	size_t consumed;
	struct failure why;
};

static void assert_sane(const struct http_chunk *c, enum io r)
{
	cr_assert_eq(c->left > 0, r == IO_DONE);
	cr_assert(c->left <= INT64_MAX);
	cr_assert_leq(c->counted, HTTP_CHUNK_TRAILERS_MAX + 1);
}

/* What the first have bytes hold of the current chunk, at most pieces of data at once. */
static void take_data(struct http_chunk *c, const char *bytes, size_t have, size_t piece,
		      struct outcome *o)
{
	while (c->left && o->consumed < have) {
		size_t n = have - o->consumed < piece ? have - o->consumed : piece;

		n = n < c->left ? n : (size_t)c->left;
		for (size_t i = 0; i < n; i++, o->data_length++) {
			if (o->data_length < MOST)
				o->data[o->data_length] = bytes[o->consumed + i];
		}
		o->consumed += n;
		http_chunk_taken(c, n);
	}
}

/* The whole of bytes, which come piece by piece. */
static void play(struct outcome *o, const char *bytes, size_t length, size_t piece)
{
	struct http_chunk c = { 0 };
	size_t have = 0, used;

	memset(o, 0, sizeof *o);
	for (;;) {
		o->end = http_chunk_next(&c, bytes + o->consumed, have - o->consumed, &used,
					 &o->why);
		cr_assert_leq(used, have - o->consumed);
		o->consumed += used;
		if (o->end == IO_FAILED)
			return;
		assert_sane(&c, o->end);
		if (o->end == IO_DONE)
			take_data(&c, bytes, have, piece, o);
		if (o->end == IO_END || (o->consumed == length && have == length))
			return;
		if (o->consumed == have)
			have += length - have < piece ? length - have : piece;
	}
}

static const size_t pieces[] = { 1, 2, 3, 7, SIZE_MAX };

static void assert_body(const char *bytes, size_t length, const char *data, const char *rest)
{
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct outcome o;

		play(&o, bytes, length, pieces[i]);
		cr_assert_eq(o.end, IO_END, "%s", o.why.text);
		cr_assert_eq(o.data_length, strlen(data));
		cr_assert(memcmp(o.data, data, strlen(data)) == 0);
		cr_assert_eq(length - o.consumed, strlen(rest));
	}
}

#define BODY(bytes, data, rest) assert_body(bytes rest, sizeof(bytes rest) - 1, data, rest)

static void assert_refused(const char *bytes, size_t length, const char *message)
{
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct outcome o;

		play(&o, bytes, length, pieces[i]);
		cr_assert_eq(o.end, IO_FAILED);
		cr_assert_eq(o.why.class, FAILURE_PROTOCOL);
		cr_assert_str_eq(o.why.text, message);
	}
}

#define REFUSED(bytes, message) assert_refused(bytes, sizeof(bytes) - 1, message)

Test(http_chunk, bodies)
{
	BODY("0\r\n\r\n", "", "");
	BODY("3\r\nabc\r\n0\r\n\r\n", "abc", "HTTP/1.1 200 OK");
	BODY("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", "0\r\n\r\n");
	BODY("00003\r\n\r\n0\r\n000\r\n\r\n", "\r\n0", "");
	BODY("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", "x");
	BODY("10\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef", "");
}

Test(http_chunk, extensions_and_blanks_are_read_over)
{
	BODY("1;a\r\nx\r\n0;b=\"c;d\"\r\n\r\n", "x", "");
	BODY("1;\r\nx\r\n0;;\r\n\r\n", "x", "");
	BODY("1 \t;a=\xc3\xa4\tb\r\nx\r\n0  \r\n\r\n", "x", "");
}

Test(http_chunk, trailers_are_read_over)
{
	BODY("1\r\nx\r\n0\r\nDigest: abc\r\nEmpty:\r\n\r\n", "x", "next");
	BODY("0\r\na: b:c \t\r\n\r\n", "", "\r\n");
}

Test(http_chunk, largest_sizes)
{
	struct http_chunk c = { 0 };
	struct failure why;
	size_t used;

	cr_assert_eq(http_chunk_next(&c, "7fffffffffffffff\r\nab", 20, &used, &why), IO_DONE);
	cr_assert_eq(used, 18);
	cr_assert_eq(c.left, INT64_MAX);
	http_chunk_taken(&c, INT64_MAX - 1);
	cr_assert_eq(http_chunk_next(&c, "b", 1, &used, &why), IO_DONE);
	cr_assert_eq(used, 0);
	http_chunk_taken(&c, 1);
	cr_assert_eq(http_chunk_next(&c, "\r\n0000000000000000\r\n\r\nx", 23, &used, &why), IO_END);
	cr_assert_eq(used, 22);
}

Test(http_chunk, the_end_is_told_again)
{
	struct http_chunk c = { 0 };
	struct failure why;
	size_t used;

	cr_assert_eq(http_chunk_next(&c, "0\r\n\r\n", 5, &used, &why), IO_END);
	cr_assert_eq(used, 5);
	cr_assert_eq(http_chunk_next(&c, "1\r\n", 3, &used, &why), IO_END);
	cr_assert_eq(used, 0);
	cr_assert_eq(http_chunk_next(&c, NULL, 0, &used, &why), IO_END);
}

Test(http_chunk, cut_anywhere_it_waits)
{
	static const char bytes[] = "3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n";

	for (size_t length = 0; length < sizeof bytes - 1; length++) {
		struct outcome o;

		play(&o, bytes, length, SIZE_MAX);
		/* Up to the end of the data it was the data that was waited for. */
		cr_assert_eq(o.end, length >= 7 && length <= 10 ? IO_DONE : IO_AGAIN, "at %zu",
			     length);
		cr_assert_eq(o.consumed, length);
	}
}

Test(http_chunk, sizes_that_are_none_are_refused)
{
	REFUSED("\r\n", "chunk size: a bare CR");
	REFUSED("\n", "chunk size: a bare LF");
	REFUSED("-1\r\n", "chunk size: unexpected \"-\"");
	REFUSED("+1\r\n", "chunk size: unexpected \"+\"");
	REFUSED("0x10\r\n", "chunk size: unexpected \"x\"");
	REFUSED(" 1\r\n", "chunk size: unexpected byte 0x20");
	REFUSED(";a\r\n", "chunk size: unexpected \";\"");
	REFUSED("1g\r\n", "chunk size: unexpected \"g\"");
	REFUSED("1 2\r\n", "chunk size: unexpected \"2\"");
	REFUSED("1\0\r\n", "chunk size: unexpected byte 0x00");
	REFUSED("1\xff\r\n", "chunk size: unexpected byte 0xff");
	REFUSED("1\n", "chunk size: a bare LF");
	REFUSED("1\r\r\n", "chunk size: a bare CR");
	REFUSED("1\rx", "chunk size: a bare CR");
	REFUSED("1\r\na\r\nHTTP/1.1 200 OK\r\n", "chunk size: unexpected \"H\"");
}

Test(http_chunk, sizes_over_their_limits_are_refused)
{
	REFUSED("00000000000000001\r\n", "chunk size of more than 16 digits");
	REFUSED("11111111111111111\r\n", "chunk size of more than 16 digits");
	REFUSED("ffffffffffffffffffffffff\r\n", "chunk size over 63 bits");
	REFUSED("8000000000000000\r\n", "chunk size over 63 bits");
	REFUSED("ffffffffffffffff\r\n", "chunk size over 63 bits");
}

Test(http_chunk, extensions_with_controls_are_refused)
{
	REFUSED("1;a\nx", "chunk extension: a bare LF");
	REFUSED("1;a\rb\r\n", "chunk size: a bare CR");
	REFUSED("1;\0", "chunk extension: unexpected byte 0x00");
	REFUSED("1;\x7f", "chunk extension: unexpected byte 0x7f");
}

Test(http_chunk, data_of_another_length_is_refused)
{
	const char *message = "no CRLF where a chunk ends by its size";

	REFUSED("2\r\nabc\r\n", message);
	REFUSED("2\r\nab\n0\r\n", message);
	REFUSED("2\r\nab\r0\r\n", message);
	REFUSED("4\r\nab\r\n0\r\n\r\n", message);
}

Test(http_chunk, trailers_that_are_no_field_lines_are_refused)
{
	REFUSED("0\r\nHTTP/1.1 200 OK\r\n\r\n", "trailer name: unexpected \"/\"");
	REFUSED("0\r\n: x\r\n\r\n", "trailer name: unexpected \":\"");
	REFUSED("0\r\na: b\r\n folded\r\n\r\n", "trailer name: unexpected byte 0x20");
	REFUSED("0\r\na : b\r\n\r\n", "trailer name: unexpected byte 0x20");
	REFUSED("0\r\nabc\r\n\r\n", "trailer name: a bare CR");
	REFUSED("0\r\n\n", "trailer name: a bare LF");
	REFUSED("0\r\na: b\n\r\n", "trailer: a bare LF");
	REFUSED("0\r\na: b\rc\r\n", "trailer: a bare CR");
	REFUSED("0\r\na: \0\r\n", "trailer: unexpected byte 0x00");
	REFUSED("0\r\n\rx", "end of the trailers: a bare CR");
}

/* prefix, count times fill, suffix. */
static char *stretched(const char *prefix, size_t count, char fill, const char *suffix,
		       size_t *length)
{
	char *bytes = malloc(strlen(prefix) + count + strlen(suffix) + 1);

	memcpy(bytes, prefix, strlen(prefix));
	memset(bytes + strlen(prefix), fill, count);
	memcpy(bytes + strlen(prefix) + count, suffix, strlen(suffix) + 1);
	*length = strlen(prefix) + count + strlen(suffix);
	return bytes;
}

Test(http_chunk, lines_are_limited)
{
	const char *message = "the line of a chunk is longer than 4096 bytes";
	size_t length;
	char *bytes = stretched("1;", HTTP_CHUNK_LINE_MAX - 4, 'x', "\r\na\r\n0\r\n\r\n", &length);

	assert_body(bytes, length, "a", "");
	free(bytes);
	bytes = stretched("1;", HTTP_CHUNK_LINE_MAX - 3, 'x', "\r\na\r\n0\r\n\r\n", &length);
	assert_refused(bytes, length, message);
	free(bytes);
	bytes = stretched("1;", 1024 * 1024, 'x', "", &length);
	assert_refused(bytes, length, message);
	free(bytes);
	bytes = stretched("1", 1024 * 1024, ' ', "", &length);
	assert_refused(bytes, length, message);
	free(bytes);
}

Test(http_chunk, trailers_are_limited)
{
	const char *message = "trailers of more than 16384 bytes";
	size_t length;
	char *bytes = stretched("0\r\na:", HTTP_CHUNK_TRAILERS_MAX - 6, 'x', "\r\n\r\n", &length);

	assert_body(bytes, length, "", "");
	free(bytes);
	bytes = stretched("0\r\na:", HTTP_CHUNK_TRAILERS_MAX - 5, 'x', "\r\n\r\n", &length);
	assert_refused(bytes, length, message);
	free(bytes);
}

Test(http_chunk, many_small_trailers_are_limited)
{
	size_t length;
	char *bytes = stretched("0\r\n", 5 * 4000, ' ', "", &length);

	for (size_t i = 0; i < 4000; i++)
		memcpy(bytes + 3 + 5 * i, "a:b\r\n", 5);
	assert_refused(bytes, length, "trailers of more than 16384 bytes");
	free(bytes);
}

/* count chunks of one byte, each line of that many bytes, its end included. */
static char *floods(size_t count, size_t line, size_t *length)
{
	const size_t chunk = line + 3;
	char *bytes = stretched("", count * chunk, 'x', "0\r\n\r\n", length);

	for (size_t i = 0; i < count; i++) {
		memcpy(bytes + i * chunk, "1;", line > 3 ? 2 : 1);
		memcpy(bytes + i * chunk + line - 2, "\r\na\r\n", 5);
	}
	return bytes;
}

Test(http_chunk, a_flood_of_extensions_is_refused)
{
	size_t length;
	/* 83 of 100 bytes are not worth a byte of data: 65536 / 83 = 789.6. */
	char *bytes = floods(790, 100, &length);

	assert_refused(bytes, length, "chunks with far more framing than data");
	free(bytes);
	bytes = floods(789, 100, &length);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		struct outcome o;

		play(&o, bytes, length, pieces[i]);
		cr_assert_eq(o.end, IO_END, "%s", o.why.text);
		cr_assert_eq(o.data_length, 789);
	}
	free(bytes);
}

Test(http_chunk, small_chunks_are_no_flood)
{
	struct outcome o;
	size_t length;
	char *bytes = floods(100000, 3, &length);

	play(&o, bytes, length, SIZE_MAX);
	cr_assert_eq(o.end, IO_END, "%s", o.why.text);
	cr_assert_eq(o.data_length, 100000);
	free(bytes);
}
