/* SPDX-License-Identifier: MIT */
/* An exchange's body as a stream.
 * Holds: reading, what may pass in the kernel and what was moved go to the exchange, for the
 * reading side alone; an exchange without a carrier, or without those calls, lets nothing pass; a
 * read that gives nothing counts nothing; freeing none is fine. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <sockutil/http/exchange.h>

struct played_exchange {
	struct http_exchange base;
	enum io then;
	size_t moved;
	unsigned waits, frees;
};

static enum io read_x(struct http_exchange *x, void *buf, size_t len, size_t *nread,
		      struct failure *why)
{
	struct played_exchange *p = (struct played_exchange *)x;

	if (p->then == IO_FAILED)
		return fail(why, FAILURE_TRUNCATED, "played cut");
	if (p->then != IO_DONE)
		return p->then;
	cr_assert(len >= 2);
	memcpy(buf, "ab", 2);
	*nread = 2;
	return IO_DONE;
}

static int raw_fd_x(const struct http_exchange *x)
{
	return ((const struct played_exchange *)x)->then == IO_DONE ? 0 : -1;
}

static uint64_t raw_most_x(const struct http_exchange *x)
{
	(void)x;
	return 77;
}

static void moved_x(struct http_exchange *x, size_t count)
{
	((struct played_exchange *)x)->moved += count;
}

static void wait_x(struct http_exchange *x)
{
	((struct played_exchange *)x)->waits++;
}

static void free_x(struct http_exchange *x)
{
	((struct played_exchange *)x)->frees++;
}

static const struct http_exchange_ops full = {
	.read = read_x,
	.raw_fd = raw_fd_x,
	.raw_most = raw_most_x,
	.moved = moved_x,
	.wait = wait_x,
	.free = free_x,
};

static const struct http_exchange_ops bare = { .read = read_x };

/* A bottom with a descriptor of its own. */
static int bottom_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 5;
}

static const struct stream_ops bottom_ops = { .name = "bottom", .raw_fd = bottom_raw_fd };

Test(exchange, its_body_reads_from_it)
{
	struct played_exchange p = { .base.ops = &full };
	struct http_body_stream s;
	struct failure why = { 0 };
	char block[8] = "";
	size_t n = 9;

	http_body_stream_init(&s, &p.base);
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &why), IO_DONE);
	cr_assert_eq(n, 2U);
	cr_assert_str_eq(block, "ab");
	p.then = IO_AGAIN;
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &why), IO_AGAIN);
	cr_assert_eq(n, 0U);
	p.then = IO_END;
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &why), IO_END);
	p.then = IO_FAILED;
	cr_assert_eq(stream_read(&s.stream, block, sizeof(block), &n, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "played cut");
}

Test(exchange, its_carriers_bytes_may_pass_where_it_lets_them)
{
	struct stream bottom = { .ops = &bottom_ops };
	struct played_exchange p = { .base = { .ops = &full, .carrier = &bottom } };
	struct http_body_stream s;

	http_body_stream_init(&s, &p.base);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), 5);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_WRITE), -1);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), 77U);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_WRITE), UINT64_MAX);
	stream_moved(&s.stream, STREAM_READ, 3);
	stream_moved(&s.stream, STREAM_WRITE, 4);
	cr_assert_eq(p.moved, 3U);
	p.then = IO_AGAIN;
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
}

Test(exchange, nothing_passes_without_a_carrier)
{
	struct played_exchange p = { .base.ops = &full };
	struct http_body_stream s;

	http_body_stream_init(&s, &p.base);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
}

Test(exchange, what_it_does_not_say_has_its_default)
{
	struct stream bottom = { .ops = &bottom_ops };
	struct played_exchange p = { .base = { .ops = &bare, .carrier = &bottom } };
	struct http_body_stream s;

	http_body_stream_init(&s, &p.base);
	cr_assert_eq(stream_raw_fd(&s.stream, STREAM_READ), -1);
	cr_assert_eq(stream_raw_most(&s.stream, STREAM_READ), UINT64_MAX);
	stream_moved(&s.stream, STREAM_READ, 3);
}

Test(exchange, waits_and_is_freed)
{
	struct played_exchange p = { .base.ops = &full };

	http_exchange_wait(&p.base);
	http_exchange_free(&p.base);
	http_exchange_free(NULL);
	cr_assert_eq(p.waits, 1U);
	cr_assert_eq(p.frees, 1U);
}
