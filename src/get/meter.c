/* SPDX-License-Identifier: MIT */
/* src/get/meter.c - bytes of a body counted, limited and digested as they pass. */
#include <inttypes.h>

#include <sockutil/get/meter.h>

static struct meter *meter_of(const struct stream *s)
{
	return (struct meter *)(uintptr_t)s;
}

static enum io too_much(const struct meter *m, struct failure *why)
{
	return fail(why, FAILURE_SIZE, "more than the %" PRIu64 " bytes that --max-size allows",
		    m->limit);
}

/* At the limit one byte more is asked for: only then it is known whether there is one. */
static enum io at_limit(struct meter *m, struct failure *why)
{
	char byte;
	size_t n = 0;
	enum io r = stream_read(m->stream.below, &byte, 1, &n, why);

	return r == IO_DONE ? too_much(m, why) : r;
}

static uint64_t meter_left(const struct meter *m)
{
	return (m->stop < m->most ? m->stop : m->most) - m->count;
}

static enum io meter_read(struct stream *s, void *buf, size_t len, size_t *nread,
			  struct failure *why)
{
	struct meter *m = meter_of(s);
	uint64_t left = meter_left(m);
	enum io r;

	*nread = 0;
	if (m->count == m->stop)
		return IO_END;
	if (left == 0)
		return at_limit(m, why);
	r = stream_read(s->below, buf, left < len ? (size_t)left : len, nread, why);
	m->count += *nread;
	if (m->digest)
		digest_add(m->digest, buf, *nread);
	return r;
}

static int meter_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ && !meter_of(s)->digest ? stream_raw_fd(s->below, side) : -1;
}

static uint64_t meter_raw_most(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? meter_left(meter_of(s)) : UINT64_MAX;
}

static void meter_moved(struct stream *s, enum stream_side side, size_t count)
{
	if (side == STREAM_READ)
		meter_of(s)->count += count;
}

static const struct stream_ops meter_ops = {
	.name = "meter",
	.read = meter_read,
	.raw_fd = meter_raw_fd,
	.raw_most = meter_raw_most,
	.moved = meter_moved,
};

void meter_init(struct meter *m, struct stream *below, uint64_t held, uint64_t max_size,
		struct digest *digest)
{
	*m = (struct meter){
		.stream = { .ops = &meter_ops, .below = below },
		.most = max_size == 0     ? UINT64_MAX
			: max_size > held ? max_size - held
					  : 0,
		.limit = max_size,
		.stop = UINT64_MAX,
		.digest = digest,
	};
}
