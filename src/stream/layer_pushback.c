/* SPDX-License-Identifier: MIT */
/* src/stream/layer_pushback.c - bytes that were read too far, given once more. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_pushback.h>

struct layer_pushback {
	struct stream stream;
	struct buffer held;
};

static struct layer_pushback *pushback_of(const struct stream *s)
{
	return (struct layer_pushback *)(uintptr_t)s;
}

static enum io pushback_read(struct stream *s, void *buf, size_t len, size_t *nread,
			     struct failure *why)
{
	struct buffer *held = &pushback_of(s)->held;

	if (held->length == 0)
		return stream_read(s->below, buf, len, nread, why);
	*nread = len < held->length ? len : held->length;
	memcpy(buf, buffer_bytes(held), *nread);
	buffer_take(held, *nread);
	return IO_DONE;
}

static bool pushback_pending(const struct stream *s)
{
	return pushback_of(s)->held.length > 0;
}

static int pushback_raw_fd(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ && pushback_of(s)->held.length > 0)
		return -1;
	return stream_raw_fd(s->below, side);
}

static void pushback_free(struct stream *s)
{
	buffer_free(&pushback_of(s)->held);
	free(s);
}

static const struct stream_ops pushback_ops = {
	.name = "pushback",
	.read = pushback_read,
	.pending = pushback_pending,
	.raw_fd = pushback_raw_fd,
	.free = pushback_free,
};

struct stream *layer_pushback_new(struct stream *below)
{
	struct layer_pushback *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &pushback_ops;
	l->stream.below = below;
	return &l->stream;
}

bool layer_pushback_unread(struct stream *s, const void *bytes, size_t length)
{
	struct buffer *held = &pushback_of(s)->held;
	struct buffer joined = { 0 };

	if (length == 0)
		return true;
	if (!buffer_add(&joined, bytes, length) ||
	    (held->length > 0 && !buffer_add(&joined, buffer_bytes(held), held->length))) {
		buffer_free(&joined);
		return false;
	}
	buffer_free(held);
	*held = joined;
	return true;
}
