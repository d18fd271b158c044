/* SPDX-License-Identifier: MIT */
/* Bytes of a body as they pass.
 * Holds: they are counted, read or moved; a limit is met exactly, one byte more is FAILURE_SIZE,
 * and what was held before counts; a body may end early for us without another read; with a digest
 * nothing passes in the kernel, without one no more than is left; ends and failures come through.
 */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <sockutil/get/meter.h>

struct metered {
	struct played from;
	struct meter meter;
	struct failure why;
	char block[64];
	size_t n;
};

static void prepare(struct metered *m, const char *text, uint64_t held, uint64_t most,
		    struct digest *digest)
{
	*m = (struct metered){ 0 };
	played_init(&m->from);
	m->from.then = IO_END;
	buffer_add(&m->from.gives, text, strlen(text));
	meter_init(&m->meter, &m->from.stream, held, most, digest);
}

static enum io read_some(struct metered *m)
{
	return stream_read(&m->meter.stream, m->block, sizeof(m->block), &m->n, &m->why);
}

Test(meter, counts)
{
	struct metered m;

	prepare(&m, "hello", 7, 0, NULL);
	cr_assert_eq(read_some(&m), IO_DONE);
	cr_assert_eq(m.n, 5U);
	cr_assert_eq(m.meter.count, 5U);
	stream_moved(&m.meter.stream, STREAM_READ, 3);
	stream_moved(&m.meter.stream, STREAM_WRITE, 9);
	cr_assert_eq(m.meter.count, 8U);
	cr_assert_eq(read_some(&m), IO_END);
	m.from.then = IO_AGAIN;
	cr_assert_eq(read_some(&m), IO_AGAIN);
	m.from.then = IO_FAILED;
	cr_assert_eq(read_some(&m), IO_FAILED);
	cr_assert_str_eq(m.why.text, "played reset");
}

Test(meter, a_limit_is_met_exactly)
{
	struct metered m;

	prepare(&m, "hello", 2, 7, NULL);
	cr_assert_eq(stream_raw_most(&m.meter.stream, STREAM_READ), 5U);
	cr_assert_eq(read_some(&m), IO_DONE);
	cr_assert_eq(m.n, 5U);
	cr_assert_eq(stream_raw_most(&m.meter.stream, STREAM_READ), 0U);
	cr_assert_eq(read_some(&m), IO_END);
	played_free(&m.from);
}

static void too_much(uint64_t held, size_t before)
{
	struct metered m;

	prepare(&m, "hello", held, 7, NULL);
	if (before > 0) {
		cr_assert_eq(read_some(&m), IO_DONE);
		cr_assert_eq(m.n, before);
	}
	cr_assert_eq(read_some(&m), IO_FAILED);
	cr_assert_str_eq(m.why.text, "more than the 7 bytes that --max-size allows");
	cr_assert_eq(m.why.class, FAILURE_SIZE);
	cr_assert_eq(m.meter.count, before);
	played_free(&m.from);
}

Test(meter, more_than_the_limit_is_refused)
{
	too_much(3, 4);
	too_much(7, 0);
	too_much(8, 0);
}

Test(meter, a_body_may_end_early)
{
	struct metered m;

	prepare(&m, "hello", 0, 0, NULL);
	m.meter.stop = 3;
	cr_assert_eq(stream_raw_most(&m.meter.stream, STREAM_READ), 3U);
	cr_assert_eq(read_some(&m), IO_DONE);
	cr_assert_eq(m.n, 3U);
	cr_assert_eq(read_some(&m), IO_END);
	cr_assert_eq(m.from.gives.length, 2U);
	played_free(&m.from);
}

static int bottom_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 5;
}

static const struct stream_ops bottom_ops = { .name = "bottom", .raw_fd = bottom_raw_fd };

Test(meter, a_digest_has_to_see_the_bytes)
{
	struct stream bottom = { .ops = &bottom_ops };
	struct digest digest;
	struct metered m;
	char text[DIGEST_TEXT_MAX];

	digest_start(&digest, digest_find("md5", 3));
	prepare(&m, "hello", 0, 0, &digest);
	cr_assert_eq(read_some(&m), IO_DONE);
	cr_assert_str_eq(digest_finish_text(&digest, text), "5d41402abc4b2a76b9719d911017c592");
	meter_init(&m.meter, &bottom, 0, 0, &digest);
	cr_assert_eq(stream_raw_fd(&m.meter.stream, STREAM_READ), -1);
	meter_init(&m.meter, &bottom, 0, 0, NULL);
	cr_assert_eq(stream_raw_fd(&m.meter.stream, STREAM_READ), 5);
	cr_assert_eq(stream_raw_fd(&m.meter.stream, STREAM_WRITE), -1);
	cr_assert_eq(stream_raw_most(&m.meter.stream, STREAM_READ), UINT64_MAX);
}
