/* SPDX-License-Identifier: MIT */
/* src/stream/layer_telnet.c - a TELNET peer as a plain stream. */
#include <stdlib.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/proto/telnet.h>
#include <sockutil/stream/layer_telnet.h>

enum {
	PIECE = 4096,
	REPLIES_MAX = 16 * 1024, /* so much unsent: nothing more is read */
};

struct layer_telnet {
	struct stream stream;
	struct telnet telnet;
	struct buffer replies; /* whole commands, and the second half of an escape */
	bool stuck;            /* the last read waited for the write side */
	bool ended;            /* our side is: nothing is answered any more */
};

static struct layer_telnet *telnet_of(const struct stream *s)
{
	return (struct layer_telnet *)(uintptr_t)s;
}

/* What waits goes out before anything else. */
static enum io telnet_reply(struct layer_telnet *l, struct failure *why)
{
	while (l->replies.length > 0) {
		size_t n = 0;
		const enum io r = stream_write(l->stream.below, buffer_bytes(&l->replies),
					       l->replies.length, &n, why);

		if (r != IO_DONE)
			return r;
		buffer_take(&l->replies, n);
	}
	return IO_DONE;
}

static enum io telnet_answer(struct layer_telnet *l, const char *bytes, size_t length,
			     struct failure *why)
{
	enum io r = IO_DONE;

	if (length == 0 || l->ended)
		return IO_DONE;
	if (!buffer_add(&l->replies, bytes, length))
		return fail(why, FAILURE_OTHER, "out of memory");
	r = telnet_reply(l, why);
	if (r == IO_DONE)
		r = stream_flush(l->stream.below, why);
	return r == IO_FAILED ? r : IO_DONE;
}

static enum io telnet_read(struct stream *s, void *bytes, size_t size, size_t *nread,
			   struct failure *why)
{
	struct layer_telnet *l = telnet_of(s);
	char replies[PIECE + 2];
	size_t n = 0, count;
	enum io r = telnet_reply(l, why);

	l->stuck = r == IO_AGAIN && l->replies.length > REPLIES_MAX;
	*nread = 0;
	while (r != IO_FAILED && !l->stuck && *nread == 0) {
		r = stream_read(s->below, bytes, size < PIECE ? size : PIECE, &n, why);
		if (r != IO_DONE)
			return r;
		count = telnet_receive(&l->telnet, bytes, n, nread, replies);
		r = telnet_answer(l, replies, count, why);
		l->stuck = l->replies.length > REPLIES_MAX;
	}
	if (r == IO_FAILED)
		return r;
	return *nread > 0 ? IO_DONE : IO_AGAIN;
}

/* How many bytes of in are whole in made escaped ones; *half: one more has only its first half. */
static size_t telnet_whole(const char *in, size_t made, bool *half)
{
	size_t used = 0, i = 0;

	while (used < made) {
		used += (unsigned char)in[i] == TELNET_IAC ? 2 : 1;
		++i;
	}
	*half = used > made;
	return i;
}

static enum io telnet_piece(struct layer_telnet *l, const char *in, size_t length, size_t *nwritten,
			    struct failure *why)
{
	char out[2 * PIECE];
	const size_t made = telnet_escape(out, in, length < PIECE ? length : PIECE);
	const char iac = (char)TELNET_IAC;
	size_t taken = 0;
	bool half = false;
	const enum io r = stream_write(l->stream.below, out, made, &taken, why);

	if (r != IO_DONE)
		return r;
	*nwritten = telnet_whole(in, taken, &half);
	if (half && !buffer_add(&l->replies, &iac, 1))
		return fail(why, FAILURE_OTHER, "out of memory");
	return IO_DONE;
}

static enum io telnet_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			     struct failure *why)
{
	struct layer_telnet *l = telnet_of(s);
	const enum io r = telnet_reply(l, why);

	*nwritten = 0;
	if (r != IO_DONE)
		return r;
	for (int i = 0; i < n; i++)
		if (v[i].iov_len > 0)
			return telnet_piece(l, v[i].iov_base, v[i].iov_len, nwritten, why);
	return IO_DONE;
}

static enum io telnet_flush(struct stream *s, struct failure *why)
{
	const enum io r = telnet_reply(telnet_of(s), why);

	return r == IO_DONE ? stream_flush(s->below, why) : r;
}

static enum io telnet_end(struct stream *s, struct failure *why)
{
	const enum io r = telnet_flush(s, why);

	if (r != IO_DONE)
		return r;
	telnet_of(s)->ended = true;
	return stream_end(s->below, why);
}

/* Answers that wait go out whoever is waited for. */
static unsigned telnet_want(const struct stream *s, enum stream_side side)
{
	const struct layer_telnet *l = telnet_of(s);
	unsigned want = 0;

	if (side == STREAM_WRITE || !l->stuck)
		want = stream_want(s->below, side);
	if (l->replies.length > 0)
		want |= stream_want(s->below, STREAM_WRITE);
	return want;
}

static int telnet_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void telnet_free(struct stream *s)
{
	buffer_free(&telnet_of(s)->replies);
	free(s);
}

static const struct stream_ops telnet_ops = {
	.name = "telnet",
	.read = telnet_read,
	.writev = telnet_writev,
	.flush = telnet_flush,
	.end = telnet_end,
	.want = telnet_want,
	.raw_fd = telnet_raw_fd,
	.free = telnet_free,
};

struct stream *layer_telnet_new(struct stream *below)
{
	struct layer_telnet *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &telnet_ops;
	l->stream.below = below;
	return &l->stream;
}
