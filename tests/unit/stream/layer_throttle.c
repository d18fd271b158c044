/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_throttle.c
 * Holds: over any time no more passes than the rate allows plus one burst of 250 ms (at least
 * one byte), and no less when asked often enough; directions are independent; an empty bucket
 * does not drip, it waits for time alone, and the wait is long enough to be worth it and short
 * enough to lose no rate; a direction without limit passes through and may be spliced; what the
 * layer below refuses is not paid for; flush, end and settle wait for no tokens; enormous rates do
 * not overflow. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <sockutil/stream/layer_throttle.h>

static struct played below;
static struct stream_ops below_ops;
static struct failure why;
static int64_t now_us = 1000000;

static int64_t played_clock(void)
{
	return now_us;
}

static unsigned want(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE;
}

static int raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? 42 : 43;
}

static enum io settle(struct stream *s, struct failure *ignored)
{
	(void)s;
	(void)ignored;
	return IO_AGAIN;
}

static void set_up(void)
{
	played_init(&below);
	below_ops = *below.stream.ops;
	below_ops.want = want;
	below_ops.raw_fd = raw_fd;
	below_ops.settle = settle;
	below.stream.ops = &below_ops;
}

static void tear_down(void)
{
	played_free(&below);
}

TestSuite(layer_throttle, .init = set_up, .fini = tear_down);

/* Writes as much as it takes now; returns the bytes. */
static size_t write_some(struct stream *s)
{
	static const char bytes[4096];
	size_t total = 0, n;

	while (stream_write(s, bytes, sizeof bytes, &n, &why) == IO_DONE)
		total += n;
	buffer_take(&below.took, below.took.length);
	return total;
}

/* Writes for that long, waiting as told; returns the bytes. */
static uint64_t write_for(struct stream *s, int64_t duration_us)
{
	int64_t end = now_us + duration_us;
	uint64_t total = 0;

	while (now_us < end) {
		total += write_some(s);
		cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_TIME);
		cr_assert(stream_wake_ms(s, STREAM_WRITE) >= 1);
		now_us += stream_wake_ms(s, STREAM_WRITE) * 1000;
	}
	return total;
}

Test(layer_throttle, a_burst_is_what_250_ms_bring)
{
	struct stream *s = layer_throttle_new(&below.stream, 0, 4000, played_clock);

	cr_assert_eq(write_some(s), 1000);
	now_us += 60 * 60 * INT64_C(1000000);
	cr_assert_eq(write_some(s), 1000);
	now_us += 100000;
	cr_assert_eq(write_some(s), 400);
	stream_free(s);
}

Test(layer_throttle, the_rate_is_kept_and_used)
{
	static const uint64_t rates[] = { 1, 3, 49, 1000, 1234567 };

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct stream *s = layer_throttle_new(&below.stream, 0, rates[i], played_clock);
		uint64_t passed = write_for(s, 20 * INT64_C(1000000));
		uint64_t burst = rates[i] / 4 ? rates[i] / 4 : 1;

		cr_assert(passed <= rates[i] * 21 + burst, "%ju at %ju", (uintmax_t)passed,
			  (uintmax_t)rates[i]);
		cr_assert(passed >= rates[i] * 18, "%ju at %ju", (uintmax_t)passed,
			  (uintmax_t)rates[i]);
		stream_free(s);
	}
}

Test(layer_throttle, less_than_a_byte_in_a_burst_still_passes_a_byte)
{
	struct stream *s = layer_throttle_new(&below.stream, 0, 1, played_clock);

	cr_assert_eq(write_some(s), 1);
	now_us += 999999;
	cr_assert_eq(write_some(s), 0);
	cr_assert_eq(stream_wake_ms(s, STREAM_WRITE), 1);
	now_us += 1;
	cr_assert_eq(write_some(s), 1);
	cr_assert(stream_wake_ms(s, STREAM_WRITE) >= 1000);
	stream_free(s);
}

Test(layer_throttle, a_wait_is_worth_its_wake_up)
{
	struct stream *s = layer_throttle_new(&below.stream, 0, 1000000, played_clock);

	cr_assert_eq(write_some(s), 250000);
	cr_assert(stream_wake_ms(s, STREAM_WRITE) >= 20);
	cr_assert(stream_wake_ms(s, STREAM_WRITE) <= 22);
	stream_free(s);
}

static int64_t moving_clock(void)
{
	return now_us += 50;
}

Test(layer_throttle, an_emptied_bucket_does_not_drip_while_time_goes_by)
{
	struct stream *s = layer_throttle_new(&below.stream, 0, 1000000, moving_clock);
	size_t total = write_some(s), n;

	cr_assert(total >= 250000 && total < 260000, "%zu", total);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_TIME);
	now_us += 3000;
	cr_assert_eq(write_some(s), 0, "not yet what the wait is for");
	cr_assert_eq(stream_write(s, "short", 5, &n, &why), IO_DONE, "all of it may pass");
	now_us += 17000;
	cr_assert(write_some(s) > 19000);
	stream_free(s);
}

Test(layer_throttle, directions_are_independent)
{
	struct stream *s = layer_throttle_new(&below.stream, 8, 4000, played_clock);
	char bytes[64];
	size_t n;

	buffer_add(&below.gives, "0123456789", 10);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 2);
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_AGAIN);
	cr_assert_eq(n, 0);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_TIME);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(write_some(s), 1000);
	now_us += 250000;
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 2);
	cr_assert_arr_eq(bytes, "23", 2);
	stream_free(s);
}

Test(layer_throttle, what_waits_below_waits_for_that)
{
	struct stream *s = layer_throttle_new(&below.stream, 1000, 1000, played_clock);
	char bytes[64];
	size_t n;

	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	below.takes = 0;
	cr_assert_eq(stream_write(s, "x", 1, &n, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	below.takes = SIZE_MAX;
	cr_assert_eq(write_some(s), 250); /* the refusal cost nothing */
	below.then = IO_END;
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_END);
	stream_free(s);
}

Test(layer_throttle, several_pieces_are_cut_in_the_middle)
{
	struct stream *s = layer_throttle_new(&below.stream, 0, 20, played_clock);
	const struct iovec v[3] = { { (void *)"abc", 3 },
				    { (void *)"def", 3 },
				    { (void *)"g", 1 } };
	size_t n;

	cr_assert_eq(stream_writev(s, v, 3, &n, &why), IO_DONE);
	cr_assert_eq(n, 5);
	cr_assert_str_eq(buffer_text(&below.took), "abcde");
	stream_free(s);
}

Test(layer_throttle, ends_wait_for_no_tokens)
{
	struct stream *s = layer_throttle_new(&below.stream, 0, 1, played_clock);

	cr_assert_eq(write_some(s), 1);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_TIME);
	cr_assert_eq(stream_flush(s, &why), IO_DONE);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(write_some(s), 0);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(write_some(s), 0);
	cr_assert_eq(stream_settle(s, &why), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(below.flushes, 1);
	cr_assert_eq(below.ends, 1);
	stream_free(s);
}

Test(layer_throttle, an_unlimited_direction_passes_through)
{
	struct stream *s = layer_throttle_new(&below.stream, 5, 0, played_clock);

	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), 43);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	below.takes = 1 << 20;
	cr_assert_eq(write_some(s), 1 << 20);
	stream_free(s);
}

Test(layer_throttle, enormous_rates_do_not_overflow)
{
	struct stream *s = layer_throttle_new(&below.stream, UINT64_MAX, UINT64_MAX, played_clock);
	char bytes[4096];
	size_t n;

	for (int i = 0; i < 3; i++) {
		now_us = INT64_MAX / 4 * (i + 1);
		cr_assert_eq(stream_write(s, bytes, sizeof bytes, &n, &why), IO_DONE);
		cr_assert_eq(n, sizeof bytes);
	}
	now_us = 1; /* a clock that goes back brings nothing, and breaks nothing */
	cr_assert_eq(stream_write(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	stream_free(s);
}
