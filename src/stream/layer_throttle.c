/* SPDX-License-Identifier: MIT */
/* src/stream/layer_throttle.c - a token bucket for each direction. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_throttle.h>

enum {
	THROTTLE_BURST_US = 250 * 1000, /* a full bucket is what this long brings */
	/* An empty one is left alone this long, so that a wait is worth its wake-up. */
	THROTTLE_PAUSE_US = 20 * 1000,
	THROTTLE_PIECES = 16,
};

/* Above this a limit is none that any machine reaches, and the sums below stay inside 64 bits. */
#define THROTTLE_RATE_MAX (UINT64_C(1) << 44)
/* Tokens are counted in millionths of a byte: a rate times microseconds. */
#define THROTTLE_BYTE UINT64_C(1000000)

struct throttle_bucket {
	uint64_t rate; /* bytes a second; 0: no limit */
	uint64_t tokens;
	int64_t filled_us;
	bool dry;     /* the last wait was for tokens */
	bool emptied; /* and it has not been worth its wake-up yet */
};

struct layer_throttle {
	struct stream stream;
	int64_t (*clock)(void);
	struct throttle_bucket read;
	struct throttle_bucket write;
};

static struct layer_throttle *throttle_of(const struct stream *s)
{
	return (struct layer_throttle *)(uintptr_t)s;
}

static struct throttle_bucket *throttle_bucket(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? &throttle_of(s)->read : &throttle_of(s)->write;
}

static uint64_t bucket_size(const struct throttle_bucket *b)
{
	uint64_t size = b->rate * THROTTLE_BURST_US;

	return size < THROTTLE_BYTE ? THROTTLE_BYTE : size;
}

static void bucket_init(struct throttle_bucket *b, uint64_t rate, int64_t now_us)
{
	b->rate = rate < THROTTLE_RATE_MAX ? rate : THROTTLE_RATE_MAX;
	b->tokens = bucket_size(b);
	b->filled_us = now_us;
}

/* What an empty bucket waits for. */
static uint64_t bucket_wanted(const struct throttle_bucket *b)
{
	uint64_t wanted = b->rate * THROTTLE_PAUSE_US;

	return wanted < THROTTLE_BYTE ? THROTTLE_BYTE : wanted;
}

/* The bytes that may pass now, at most len; none while a bucket that was emptied has too few for
 * more than a drip: time goes by between two calls, so there would always be another byte. */
static size_t bucket_allows(struct throttle_bucket *b, size_t len, int64_t now_us)
{
	uint64_t size = bucket_size(b);
	uint64_t passed = now_us > b->filled_us ? (uint64_t)(now_us - b->filled_us) : 0;

	/* What is missing may take longer than a bucket's worth of time when the bucket holds
	 * one byte. */
	if (passed > size / b->rate)
		b->tokens = size;
	else
		b->tokens += b->rate * passed;
	if (b->tokens > size)
		b->tokens = size;
	b->filled_us = now_us;
	b->emptied = b->emptied && b->tokens < bucket_wanted(b);
	b->dry = b->tokens / THROTTLE_BYTE < len && (b->emptied || b->tokens < THROTTLE_BYTE);
	if (b->dry)
		return 0;
	return b->tokens / THROTTLE_BYTE < len ? (size_t)(b->tokens / THROTTLE_BYTE) : len;
}

static void bucket_took(struct throttle_bucket *b, size_t count)
{
	b->tokens -= count * THROTTLE_BYTE;
	b->emptied = b->emptied || b->tokens < THROTTLE_BYTE;
}

static int64_t bucket_wake_ms(const struct throttle_bucket *b)
{
	uint64_t wanted = bucket_wanted(b);
	uint64_t missing = wanted > b->tokens ? wanted - b->tokens : 0;

	return (int64_t)(missing / b->rate / 1000) + 1;
}

static enum io throttle_read(struct stream *s, void *buf, size_t len, size_t *nread,
			     struct failure *why)
{
	struct layer_throttle *l = throttle_of(s);
	enum io r;

	if (l->read.rate == 0)
		return stream_read(s->below, buf, len, nread, why);
	*nread = 0;
	len = bucket_allows(&l->read, len, l->clock());
	if (len == 0)
		return IO_AGAIN;
	r = stream_read(s->below, buf, len, nread, why);
	bucket_took(&l->read, *nread);
	return r;
}

/* The first len bytes of v in out; returns its pieces. */
static int throttle_cut(struct iovec out[static THROTTLE_PIECES], const struct iovec *v, int n,
			size_t len)
{
	int used = 0;

	for (; used < n && used < THROTTLE_PIECES && len > 0; used++) {
		out[used] = v[used];
		if (out[used].iov_len > len)
			out[used].iov_len = len;
		len -= out[used].iov_len;
	}
	return used;
}

static size_t throttle_sum(const struct iovec *v, int n)
{
	size_t sum = 0;

	while (n-- > 0)
		sum += v[n].iov_len;
	return sum;
}

static enum io throttle_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			       struct failure *why)
{
	struct layer_throttle *l = throttle_of(s);
	struct iovec cut[THROTTLE_PIECES];
	size_t len;
	enum io r;

	if (l->write.rate == 0)
		return stream_writev(s->below, v, n, nwritten, why);
	*nwritten = 0;
	len = bucket_allows(&l->write, throttle_sum(v, n), l->clock());
	if (len == 0)
		return IO_AGAIN;
	r = stream_writev(s->below, cut, throttle_cut(cut, v, n, len), nwritten, why);
	bucket_took(&l->write, *nwritten);
	return r;
}

/* These wait for the layers below alone, never for tokens. */
static enum io throttle_flush(struct stream *s, struct failure *why)
{
	throttle_of(s)->write.dry = false;
	return stream_flush(s->below, why);
}

static enum io throttle_end(struct stream *s, struct failure *why)
{
	throttle_of(s)->write.dry = false;
	return stream_end(s->below, why);
}

static enum io throttle_settle(struct stream *s, struct failure *why)
{
	throttle_of(s)->write.dry = false;
	return stream_settle(s->below, why);
}

static unsigned throttle_want(const struct stream *s, enum stream_side side)
{
	return throttle_bucket(s, side)->dry ? STREAM_WANT_TIME : stream_want(s->below, side);
}

static int64_t throttle_wake_ms(const struct stream *s, enum stream_side side)
{
	const struct throttle_bucket *b = throttle_bucket(s, side);

	return b->dry ? bucket_wake_ms(b) : stream_wake_ms(s->below, side);
}

static int throttle_raw_fd(const struct stream *s, enum stream_side side)
{
	return throttle_bucket(s, side)->rate ? -1 : stream_raw_fd(s->below, side);
}

static void throttle_free(struct stream *s)
{
	free(s);
}

static const struct stream_ops throttle_ops = {
	.name = "throttle",
	.read = throttle_read,
	.writev = throttle_writev,
	.flush = throttle_flush,
	.end = throttle_end,
	.settle = throttle_settle,
	.want = throttle_want,
	.wake_ms = throttle_wake_ms,
	.raw_fd = throttle_raw_fd,
	.free = throttle_free,
};

struct stream *layer_throttle_new(struct stream *below, uint64_t read_rate, uint64_t write_rate,
				  int64_t (*clock)(void))
{
	struct layer_throttle *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &throttle_ops;
	l->stream.below = below;
	l->clock = clock;
	bucket_init(&l->read, read_rate, clock());
	bucket_init(&l->write, write_rate, clock());
	return &l->stream;
}
