/* SPDX-License-Identifier: MIT */
/* tls_memory.c - a connection in memory. */
#include "tls_memory.h"

#include <string.h>

static size_t limited(const struct tls_memory_way *way, size_t count)
{
	return way->piece && count > way->piece ? way->piece : count;
}

static enum io memory_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct tls_memory_way *way = ((struct tls_memory_end *)s)->in;
	size_t count = limited(way, len < way->bytes.length ? len : way->bytes.length);

	*nread = 0;
	way->asked++;
	if (!count && way->lost)
		return fail(why, FAILURE_RECEIVE, "connection reset by peer");
	if (!count)
		return way->ended ? IO_END : IO_AGAIN;
	memcpy(buf, buffer_bytes(&way->bytes), count);
	buffer_take(&way->bytes, count);
	way->reads++;
	*nread = count;
	return IO_DONE;
}

static enum io memory_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			     struct failure *why)
{
	struct tls_memory_way *way = ((struct tls_memory_end *)s)->out;
	size_t room = way->window > way->bytes.length ? way->window - way->bytes.length : 0;

	*nwritten = 0;
	if (way->lost)
		return fail(why, FAILURE_SEND, "connection reset by peer");
	room = limited(way, room);
	for (int i = 0; i < n && room; i++) {
		size_t part = v[i].iov_len < room ? v[i].iov_len : room;

		buffer_add(&way->bytes, v[i].iov_base, part);
		room -= part;
		*nwritten += part;
	}
	way->total += *nwritten;
	way->writes += *nwritten > 0;
	return *nwritten ? IO_DONE : IO_AGAIN;
}

static enum io memory_end(struct stream *s, struct failure *why)
{
	(void)why;
	((struct tls_memory_end *)s)->out->ended = true;
	return IO_DONE;
}

static long memory_unacknowledged(const struct stream *s)
{
	return ((const struct tls_memory_end *)s)->out->behind;
}

static enum io memory_settle(struct stream *s, struct failure *why)
{
	(void)why;
	return ((struct tls_memory_end *)s)->out->unsettled ? IO_AGAIN : IO_DONE;
}

static unsigned memory_want(const struct stream *s, enum stream_side side)
{
	(void)s;
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE;
}

static int memory_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 0;
}

static void memory_free(struct stream *s)
{
	(void)s;
}

static const struct stream_ops memory_ops = {
	.name = "memory",
	.read = memory_read,
	.writev = memory_writev,
	.end = memory_end,
	.settle = memory_settle,
	.unacknowledged = memory_unacknowledged,
	.want = memory_want,
	.raw_fd = memory_raw_fd,
	.free = memory_free,
};

void tls_memory_init(struct tls_memory *m)
{
	memset(m, 0, sizeof(*m));
	m->way[0].window = m->way[1].window = 1 << 20;
	m->a = (struct tls_memory_end){ { &memory_ops, NULL }, &m->way[1], &m->way[0] };
	m->b = (struct tls_memory_end){ { &memory_ops, NULL }, &m->way[0], &m->way[1] };
}

void tls_memory_free(struct tls_memory *m)
{
	buffer_free(&m->way[0].bytes);
	buffer_free(&m->way[1].bytes);
}
