/* SPDX-License-Identifier: MIT */
/* src/connect/kept_local.c - standard input and output beyond the end of one connection. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/connect/kept_local.h>

enum { PAUSED_MS = 1000, LOOK_BYTES = 512 };

struct kept_local {
	struct stream stream;
	bool paused; /* the connection has ended: what comes now is the next one's */
	bool ended;
	struct buffer seen; /* read to see whether the input has ended, and not given yet */
};

static struct kept_local *kept_of(const struct stream *s)
{
	return (struct kept_local *)(uintptr_t)s;
}

static enum io kept_read(struct stream *s, void *buf, size_t len, size_t *nread,
			 struct failure *why)
{
	struct kept_local *k = kept_of(s);
	enum io r;

	*nread = 0;
	if (k->paused && !k->ended)
		return IO_AGAIN;
	if (k->seen.length > 0) {
		*nread = len < k->seen.length ? len : k->seen.length;
		memcpy(buf, buffer_bytes(&k->seen), *nread);
		buffer_take(&k->seen, *nread);
		return IO_DONE;
	}
	r = stream_read(s->below, buf, len, nread, why);
	k->ended = k->ended || r == IO_END;
	return r;
}

static enum io kept_end(struct stream *s, struct failure *why)
{
	kept_of(s)->paused = true;
	return stream_flush(s->below, why);
}

static unsigned kept_want(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ && kept_of(s)->paused)
		return STREAM_WANT_TIME;
	return stream_want(s->below, side);
}

static int64_t kept_wake_ms(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ && kept_of(s)->paused)
		return PAUSED_MS;
	return stream_wake_ms(s->below, side);
}

/* The input's end has to be seen here. */
static int kept_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? -1 : stream_raw_fd(s->below, side);
}

static bool kept_pending(const struct stream *s)
{
	return kept_of(s)->seen.length > 0 && !kept_of(s)->paused;
}

static void kept_free(struct stream *s)
{
	buffer_free(&kept_of(s)->seen);
	free(s);
}

static const struct stream_ops kept_ops = {
	.name = "kept",
	.read = kept_read,
	.end = kept_end,
	.pending = kept_pending,
	.want = kept_want,
	.wake_ms = kept_wake_ms,
	.raw_fd = kept_raw_fd,
	.free = kept_free,
};

struct stream *kept_local_new(struct stream *below)
{
	struct kept_local *k = memory_zeroed(1, sizeof(*k));

	k->stream.ops = &kept_ops;
	k->stream.below = below;
	return &k->stream;
}

void kept_local_resume(struct stream *s)
{
	kept_of(s)->paused = false;
}

bool kept_local_ended(const struct stream *s)
{
	return kept_of(s)->ended;
}

void kept_local_look(struct stream *s)
{
	struct kept_local *k = kept_of(s);
	struct failure ignored; /* the next connection meets it again */
	char *room;
	size_t n;

	if (k->ended || k->seen.length > 0)
		return;
	room = buffer_reserve(&k->seen, LOOK_BYTES);
	if (!room)
		return;
	k->ended = stream_read(s->below, room, LOOK_BYTES, &n, &ignored) == IO_END;
	buffer_commit(&k->seen, n);
	if (n == 0)
		buffer_free(&k->seen);
}
