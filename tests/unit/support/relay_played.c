/* SPDX-License-Identifier: MIT */
/* relay_played.c - a stream that a test plays. */
#include "relay_played.h"

#include <stdint.h>
#include <string.h>

static enum io played_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct played *p = (struct played *)s;

	*nread = 0;
	if (p->gives.length == 0)
		return p->then == IO_FAILED ? fail(why, FAILURE_RECEIVE, "played reset") : p->then;
	*nread = p->gives.length < len ? p->gives.length : len;
	if (p->at_most && *nread > p->at_most)
		*nread = p->at_most;
	memcpy(buf, buffer_bytes(&p->gives), *nread);
	buffer_take(&p->gives, *nread);
	return IO_DONE;
}

static enum io played_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			     struct failure *why)
{
	struct played *p = (struct played *)s;

	*nwritten = 0;
	if (p->write_fails)
		return fail(why, FAILURE_SEND, "played loss");
	for (int i = 0; i < n; i++) {
		size_t count = v[i].iov_len;

		if (count > p->takes)
			count = p->takes;
		if (p->takes_at_once && count > p->takes_at_once)
			count = p->takes_at_once;
		buffer_add(&p->took, v[i].iov_base, count);
		*nwritten += count;
		p->holds += count;
		if (p->takes != SIZE_MAX)
			p->takes -= count;
	}
	return *nwritten > 0 ? IO_DONE : IO_AGAIN;
}

static enum io played_flush(struct stream *s, struct failure *why)
{
	struct played *p = (struct played *)s;

	(void)why;
	p->flushes++;
	p->holds = 0;
	return IO_DONE;
}

static enum io played_end(struct stream *s, struct failure *why)
{
	(void)why;
	((struct played *)s)->ends++;
	return IO_DONE;
}

static int played_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static int played_raw_fd(const struct stream *s, enum stream_side side)
{
	return played_fd(s, side);
}

static const struct stream_ops played_ops = {
	.name = "played",
	.read = played_read,
	.writev = played_writev,
	.flush = played_flush,
	.end = played_end,
	.fd = played_fd,
	.raw_fd = played_raw_fd,
};

void played_init(struct played *p)
{
	*p = (struct played){ .stream.ops = &played_ops, .then = IO_AGAIN, .takes = SIZE_MAX };
}

void played_free(struct played *p)
{
	buffer_free(&p->gives);
	buffer_free(&p->took);
}
