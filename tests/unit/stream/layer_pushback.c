/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_pushback.c
 * Holds: what was read too far comes first, the last one pushed back foremost, in pieces as
 * small as asked; then reading passes through, its end too; held bytes are pending and forbid
 * splicing of the read side alone; writing passes through. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/stream/layer_pushback.h>

static struct played below;
static struct stream *s;
static struct failure why;

static int raw_fd(const struct stream *stream, enum stream_side side)
{
	(void)stream;
	return side == STREAM_READ ? 42 : 43;
}

static struct stream_ops below_ops;

static void set_up(void)
{
	played_init(&below);
	below_ops = *below.stream.ops;
	below_ops.raw_fd = raw_fd;
	below.stream.ops = &below_ops;
	s = layer_pushback_new(&below.stream);
}

static void tear_down(void)
{
	stream_free(s);
	played_free(&below);
}

TestSuite(layer_pushback, .init = set_up, .fini = tear_down);

static void assert_reads(size_t at_most, const char *expected)
{
	char bytes[64];
	size_t n;

	cr_assert_eq(stream_read(s, bytes, at_most, &n, &why), IO_DONE);
	cr_assert_eq(n, strlen(expected));
	cr_assert_arr_eq(bytes, expected, n);
}

Test(layer_pushback, the_last_pushed_back_comes_first)
{
	buffer_add(&below.gives, "new", 3);
	cr_assert(layer_pushback_unread(s, "second", 6));
	cr_assert(layer_pushback_unread(s, "first ", 6));
	cr_assert(layer_pushback_unread(s, NULL, 0));
	assert_reads(3, "fir");
	cr_assert(layer_pushback_unread(s, "FIR", 3));
	assert_reads(64, "FIRst second");
	assert_reads(64, "new");
	below.then = IO_END;
	cr_assert_eq(stream_read(s, (char[1]){ 0 }, 1, &(size_t){ 0 }, &why), IO_END);
}

Test(layer_pushback, held_bytes_are_pending_and_forbid_splicing_in)
{
	cr_assert(!stream_pending(s));
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), 42);
	cr_assert(layer_pushback_unread(s, "x", 1));
	cr_assert(stream_pending(s));
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), 43);
	assert_reads(1, "x");
	cr_assert(!stream_pending(s));
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), 42);
}

Test(layer_pushback, writing_passes_through)
{
	size_t n;

	cr_assert(layer_pushback_unread(s, "x", 1));
	cr_assert_eq(stream_write(s, "out", 3, &n, &why), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_str_eq(buffer_text(&below.took), "out");
	cr_assert_eq(below.ends, 1);
}

Test(layer_pushback, more_than_memory_is_refused_and_changes_nothing)
{
	cr_assert(layer_pushback_unread(s, "x", 1));
	cr_assert(!layer_pushback_unread(s, "y", SIZE_MAX));
	assert_reads(8, "x");
}
