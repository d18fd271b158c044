/* SPDX-License-Identifier: MIT */
/* src/stream/layer_starttls.c - the words in clear that come before TLS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_starttls.h>

enum { PIECE = 4096 };

struct layer_starttls {
	struct stream stream;
	struct starttls dialogue;
	struct buffer in, out;
	bool done;     /* nothing more to ask: once out is sent the layer is open */
	bool open;     /* and that it is */
	bool speaking; /* the last wait was for the write side below */
	char host[];
};

static struct layer_starttls *starttls_of(const struct stream *s)
{
	return (struct layer_starttls *)(uintptr_t)s;
}

static enum io starttls_send(struct layer_starttls *l, struct failure *why)
{
	enum io r = IO_DONE;

	while (l->out.length > 0) {
		size_t n = 0;

		r = stream_write(l->stream.below, buffer_bytes(&l->out), l->out.length, &n, why);
		if (r != IO_DONE)
			break;
		buffer_take(&l->out, n);
	}
	if (r == IO_DONE)
		r = stream_flush(l->stream.below, why);
	l->speaking = r == IO_AGAIN;
	return r;
}

static enum io starttls_read(struct layer_starttls *l, struct failure *why)
{
	char *room = buffer_reserve(&l->in, PIECE);
	size_t n = 0;
	enum io r;

	if (!room)
		return fail(why, FAILURE_OTHER, "out of memory");
	r = stream_read(l->stream.below, room, PIECE, &n, why);
	if (r == IO_END) {
		fail(why, FAILURE_TLS, "the server ended the connection before TLS");
		why->error = ECONNRESET;
		return IO_FAILED;
	}
	if (r == IO_DONE)
		buffer_commit(&l->in, n);
	return r;
}

/* What has come is looked at as a whole each time: dialogues are short. */
static enum io starttls_go_on(struct layer_starttls *l, struct failure *why)
{
	const enum io r =
		starttls_step(&l->dialogue, buffer_bytes(&l->in), l->in.length, &l->out, why);

	l->done = r == IO_DONE;
	return r;
}

static enum io starttls_open(struct stream *s, struct failure *why)
{
	struct layer_starttls *l = starttls_of(s);
	enum io r = IO_DONE;

	if (l->open)
		return IO_DONE;
	if (!l->done && l->in.length == 0 && l->out.length == 0 && l->dialogue.step == 0)
		r = starttls_go_on(l, why);
	while (r != IO_FAILED) {
		r = starttls_send(l, why);
		if (r != IO_DONE)
			return r;
		if (l->done)
			break;
		r = starttls_read(l, why);
		if (r != IO_DONE)
			return r;
		r = starttls_go_on(l, why);
	}
	if (r == IO_FAILED)
		return r;
	buffer_free(&l->in);
	l->open = true;
	return IO_DONE;
}

/* Opening counts as the read side, but this layer opens by writing too. */
static enum stream_side starttls_side(const struct stream *s, enum stream_side side)
{
	return starttls_of(s)->speaking ? STREAM_WRITE : side;
}

static unsigned starttls_want(const struct stream *s, enum stream_side side)
{
	return stream_want(s->below, starttls_side(s, side));
}

static int64_t starttls_wake_ms(const struct stream *s, enum stream_side side)
{
	return stream_wake_ms(s->below, starttls_side(s, side));
}

static void starttls_free(struct stream *s)
{
	buffer_free(&starttls_of(s)->in);
	buffer_free(&starttls_of(s)->out);
	free(s);
}

static const struct stream_ops starttls_ops = {
	.name = "starttls",
	.open = starttls_open,
	.want = starttls_want,
	.wake_ms = starttls_wake_ms,
	.free = starttls_free,
};

struct stream *layer_starttls_new(struct stream *below, enum starttls_protocol protocol,
				  const char *host)
{
	const size_t size = strlen(host) + 1;
	struct layer_starttls *l = memory_zeroed(1, sizeof(*l) + size);

	l->stream.ops = &starttls_ops;
	l->stream.below = below;
	memcpy(l->host, host, size);
	starttls_init(&l->dialogue, protocol, l->host);
	return &l->stream;
}
