/* SPDX-License-Identifier: MIT */
/* src/stream/layer_preamble.c - what is said first, once. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_preamble.h>

struct layer_preamble {
	struct stream stream;
	char *bytes; /* NULL once all are with the peer's kernel or the layers below */
	size_t sent;
	size_t length;
	bool speaking; /* the last wait was for the write side below */
};

static struct layer_preamble *preamble_of(const struct stream *s)
{
	return (struct layer_preamble *)(uintptr_t)s;
}

static enum io preamble_send(struct layer_preamble *l, struct failure *why)
{
	while (l->sent < l->length) {
		size_t n;
		enum io r = stream_write(l->stream.below, l->bytes + l->sent, l->length - l->sent,
					 &n, why);

		if (r != IO_DONE)
			return r;
		l->sent += n;
	}
	return stream_flush(l->stream.below, why);
}

static enum io preamble_open(struct stream *s, struct failure *why)
{
	struct layer_preamble *l = preamble_of(s);
	enum io r;

	if (!l->bytes)
		return IO_DONE;
	r = preamble_send(l, why);
	l->speaking = r == IO_AGAIN;
	if (r != IO_DONE)
		return r;
	free(l->bytes);
	l->bytes = NULL;
	return IO_DONE;
}

/* Opening counts as the read side, but this layer opens by writing. */
static enum stream_side preamble_side(const struct stream *s, enum stream_side side)
{
	return preamble_of(s)->speaking ? STREAM_WRITE : side;
}

static unsigned preamble_want(const struct stream *s, enum stream_side side)
{
	return stream_want(s->below, preamble_side(s, side));
}

static int64_t preamble_wake_ms(const struct stream *s, enum stream_side side)
{
	return stream_wake_ms(s->below, preamble_side(s, side));
}

static void preamble_free(struct stream *s)
{
	free(preamble_of(s)->bytes);
	free(s);
}

static const struct stream_ops preamble_ops = {
	.name = "preamble",
	.open = preamble_open,
	.want = preamble_want,
	.wake_ms = preamble_wake_ms,
	.free = preamble_free,
};

struct stream *layer_preamble_new(struct stream *below, const void *bytes, size_t length)
{
	struct layer_preamble *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &preamble_ops;
	l->stream.below = below;
	if (length == 0)
		return &l->stream;
	l->bytes = memory_zeroed(1, length);
	memcpy(l->bytes, bytes, length);
	l->length = length;
	return &l->stream;
}
