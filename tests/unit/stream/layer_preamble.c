/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_preamble.c
 * Holds: the bytes are sent and flushed while the stack opens, in pieces when the layer below
 * takes few, and only once; while they wait, opening wishes for what writing below wishes; a
 * failure is passed on; afterwards, and with no bytes, everything passes through. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/layer_preamble.h>

static struct played below;
static struct stream_ops below_ops;
static struct failure why;

static unsigned want(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE;
}

static int64_t wake_ms(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? 7 : 9;
}

static void set_up(void)
{
	played_init(&below);
	below_ops = *below.stream.ops;
	below_ops.want = want;
	below_ops.wake_ms = wake_ms;
	below.stream.ops = &below_ops;
}

static void tear_down(void)
{
	played_free(&below);
}

TestSuite(layer_preamble, .init = set_up, .fini = tear_down);

Test(layer_preamble, speaks_once)
{
	char bytes[] = "HELLO\r\n";
	struct stream *s = layer_preamble_new(&below.stream, bytes, 7);
	size_t n;

	memset(bytes, 'x', sizeof bytes); /* a copy was taken */
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(below.flushes, 1);
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(stream_write(s, "more", 4, &n, &why), IO_DONE);
	cr_assert_str_eq(buffer_text(&below.took), "HELLO\r\nmore");
	buffer_add(&below.gives, "back", 4);
	cr_assert_eq(stream_read(s, bytes, 8, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	stream_free(s);
}

Test(layer_preamble, resumes_where_the_layer_below_stopped)
{
	struct stream *s = layer_preamble_new(&below.stream, "HELLO", 5);

	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	below.takes = 2;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_WRITE);
	cr_assert_eq(stream_wake_ms(s, STREAM_READ), 9);
	below.takes = 1;
	cr_assert_eq(stream_open(s, &why), IO_AGAIN);
	below.takes = SIZE_MAX;
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	cr_assert_eq(stream_wake_ms(s, STREAM_READ), 7);
	cr_assert_str_eq(buffer_text(&below.took), "HELLO");
	stream_free(s);
}

Test(layer_preamble, a_failure_is_passed_on)
{
	struct stream *s = layer_preamble_new(&below.stream, "HELLO", 5);

	below.write_fails = true;
	cr_assert_eq(stream_open(s, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "played loss");
	stream_free(s);
}

Test(layer_preamble, no_bytes_is_nothing_to_say)
{
	struct stream *s = layer_preamble_new(&below.stream, NULL, 0);

	below.write_fails = true;
	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(below.flushes, 0);
	stream_free(s);
}
