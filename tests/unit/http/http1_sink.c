/* SPDX-License-Identifier: MIT */
/* The body of an HTTP/1 request on its way to the connection.
 * Holds: by length nothing is added, more than announced is refused, fewer as well; in chunks every
 * write is one, however few bytes the connection takes at once, several pieces are one chunk, and
 * the end is the last chunk; bytes may pass in the kernel by length alone, and no more than are
 * left; flushing goes on to the connection; a lost connection is told. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <sockutil/http/http1_sink.h>

struct sent {
	struct played to;
	struct http1_sink sink;
	struct failure why;
};

static void prepare(struct sent *s, int64_t length)
{
	*s = (struct sent){ 0 };
	played_init(&s->to);
	http1_sink_init(&s->sink, &s->to.stream, length);
}

/* Writes all of it; the connection takes so many bytes between two tries, 0: any number. */
static enum io write_all(struct sent *s, const char *text, size_t step)
{
	size_t left = strlen(text), n;

	while (left > 0) {
		enum io r;

		if (step)
			s->to.takes = step;
		r = stream_write(&s->sink.stream, text, left, &n, &s->why);
		if (r != IO_DONE && r != IO_AGAIN)
			return r;
		if (r == IO_AGAIN)
			cr_assert_eq(n, 0U);
		text += n;
		left -= n;
	}
	return IO_DONE;
}

static void assert_sent(struct sent *s, const char *text)
{
	cr_assert_str_eq(buffer_text(&s->to.took), text);
	played_free(&s->to);
}

static enum io finish(struct sent *s, size_t step)
{
	enum io r = IO_AGAIN;

	for (int i = 0; i < 20 && r == IO_AGAIN; i++) {
		if (step)
			s->to.takes = step;
		r = http1_sink_finish(&s->sink, &s->why);
	}
	return r;
}

/* --- by length ------------------------------------------------------------------ */

Test(http1_sink, adds_nothing_by_length)
{
	struct sent s;

	prepare(&s, 5);
	cr_assert_eq(write_all(&s, "he", 0), IO_DONE);
	cr_assert_eq(write_all(&s, "llo", 1), IO_DONE);
	cr_assert_eq(s.sink.taken, 5U);
	cr_assert_eq(finish(&s, 0), IO_DONE);
	cr_assert_eq(s.to.flushes, 1U);
	assert_sent(&s, "hello");
}

Test(http1_sink, refuses_more_than_was_announced)
{
	struct sent s;

	prepare(&s, 5);
	cr_assert_eq(write_all(&s, "hello!", 0), IO_FAILED);
	cr_assert_str_eq(s.why.text, "the body has more than the 5 bytes announced");
	cr_assert_eq(s.why.class, FAILURE_INPUT);
	assert_sent(&s, "hello");
}

Test(http1_sink, refuses_fewer_than_were_announced)
{
	struct sent s;

	prepare(&s, 5);
	cr_assert_eq(write_all(&s, "hell", 0), IO_DONE);
	cr_assert_eq(finish(&s, 0), IO_FAILED);
	cr_assert_str_eq(s.why.text, "the body ended after 4 of the 5 bytes announced");
	cr_assert_eq(s.why.class, FAILURE_INPUT);
	assert_sent(&s, "hell");
}

/* A stream whose descriptor is its own. */
static int bottom_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 5;
}

static const struct stream_ops bottom_ops = { .name = "bottom", .raw_fd = bottom_raw_fd };

Test(http1_sink, bytes_may_pass_by_length_alone)
{
	struct stream bottom = { .ops = &bottom_ops };
	struct failure why = { 0 };
	struct http1_sink s;

	http1_sink_init(&s, &bottom, 10);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_WRITE), 5);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_WRITE), 10U);
	stream_moved(&s.stream, STREAM_WRITE, 4);
	stream_moved(&s.stream, STREAM_READ, 1);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_WRITE), 6U);
	cr_assert_eq(http1_sink_finish(&s, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "the body ended after 4 of the 10 bytes announced");
	stream_moved(&s.stream, STREAM_WRITE, 6);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_WRITE), 0U);
	http1_sink_init(&s, &bottom, -1);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_WRITE), -1);
}

/* --- in chunks --------------------------------------------------------------------- */

Test(http1_sink, every_write_is_a_chunk)
{
	for (size_t step = 0; step < 9; step++) {
		struct sent s;

		prepare(&s, -1);
		cr_assert_eq(write_all(&s, "hello, hello, hello", step), IO_DONE);
		cr_assert_eq(write_all(&s, "world", step), IO_DONE);
		cr_assert_eq(finish(&s, step), IO_DONE);
		cr_assert_eq(s.sink.taken, 24U);
		assert_sent(&s, "13\r\nhello, hello, hello\r\n5\r\nworld\r\n0\r\n\r\n");
	}
}

Test(http1_sink, pieces_together_are_one_chunk)
{
	struct iovec v[] = { { "", 0 }, { "he", 2 }, { "llo", 3 } };
	struct sent s;
	size_t n;

	prepare(&s, -1);
	cr_assert_eq(stream_writev(&s.sink.stream, v, 3, &n, &s.why), IO_DONE);
	cr_assert_eq(n, 2U);
	cr_assert_eq(stream_writev(&s.sink.stream, v + 2, 1, &n, &s.why), IO_DONE);
	cr_assert_eq(n, 3U);
	cr_assert_eq(finish(&s, 0), IO_DONE);
	assert_sent(&s, "5\r\nhello\r\n0\r\n\r\n");
}

Test(http1_sink, a_flush_ends_the_chunk)
{
	struct sent s;

	prepare(&s, -1);
	cr_assert_eq(write_all(&s, "hello", 0), IO_DONE);
	cr_assert_eq(stream_flush(&s.sink.stream, &s.why), IO_DONE);
	cr_assert_eq(s.to.holds, 0U);
	assert_sent(&s, "5\r\nhello\r\n");
}

Test(http1_sink, an_empty_body_is_the_last_chunk)
{
	struct sent s;

	prepare(&s, -1);
	cr_assert_eq(finish(&s, 2), IO_DONE);
	assert_sent(&s, "0\r\n\r\n");
}

Test(http1_sink, tells_a_loss)
{
	struct sent s;
	size_t n;

	prepare(&s, -1);
	s.to.write_fails = true;
	cr_assert_eq(stream_write(&s.sink.stream, "x", 1, &n, &s.why), IO_FAILED);
	cr_assert_str_eq(s.why.text, "played loss");
	cr_assert_eq(http1_sink_finish(&s.sink, &s.why), IO_FAILED);
	assert_sent(&s, "");
}
