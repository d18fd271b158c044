/* SPDX-License-Identifier: MIT */
/* src/stream/stream.c - walking a stack of layers: who answers a call, and what is said when
 * nobody does. */
#include <string.h>

#include <sockutil/stream/stream.h>

enum io stream_open(struct stream *s, struct failure *why)
{
	enum io r = s->below ? stream_open(s->below, why) : IO_DONE;

	if (r != IO_DONE || !s->ops->open)
		return r;
	return s->ops->open(s, why);
}

enum io stream_read(struct stream *s, void *buf, size_t len, size_t *nread, struct failure *why)
{
	*nread = 0;
	while (!s->ops->read && s->below)
		s = s->below;
	return s->ops->read ? s->ops->read(s, buf, len, nread, why) : IO_END;
}

enum io stream_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
		      struct failure *why)
{
	*nwritten = 0;
	while (!s->ops->writev && s->below)
		s = s->below;
	if (!s->ops->writev)
		return fail(why, FAILURE_OTHER, "%s: cannot be written to", s->ops->name);
	return s->ops->writev(s, v, n, nwritten, why);
}

enum io stream_write(struct stream *s, const void *bytes, size_t len, size_t *nwritten,
		     struct failure *why)
{
	const struct iovec piece = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };

	return stream_writev(s, &piece, 1, nwritten, why);
}

enum io stream_flush(struct stream *s, struct failure *why)
{
	while (!s->ops->flush && s->below)
		s = s->below;
	return s->ops->flush ? s->ops->flush(s, why) : IO_DONE;
}

enum io stream_end(struct stream *s, struct failure *why)
{
	enum io r = IO_DONE;

	for (; !s->ops->end; s = s->below) {
		/* A layer that holds bytes but has no words of farewell. */
		if (s->ops->flush)
			r = s->ops->flush(s, why);
		if (r != IO_DONE || !s->below)
			return r;
	}
	return s->ops->end(s, why);
}

enum io stream_settle(struct stream *s, struct failure *why)
{
	while (!s->ops->settle && s->below)
		s = s->below;
	return s->ops->settle ? s->ops->settle(s, why) : IO_DONE;
}

long stream_unacknowledged(const struct stream *s)
{
	while (!s->ops->unacknowledged && s->below)
		s = s->below;
	return s->ops->unacknowledged ? s->ops->unacknowledged(s) : -1;
}

bool stream_pending(const struct stream *s)
{
	for (; s; s = s->below)
		if (s->ops->pending && s->ops->pending(s))
			return true;
	return false;
}

unsigned stream_want(const struct stream *s, enum stream_side side)
{
	while (!s->ops->want && s->below)
		s = s->below;
	return s->ops->want ? s->ops->want(s, side) : 0;
}

int64_t stream_wake_ms(const struct stream *s, enum stream_side side)
{
	while (!s->ops->wake_ms && s->below)
		s = s->below;
	return s->ops->wake_ms ? s->ops->wake_ms(s, side) : 1;
}

int stream_fd(const struct stream *s, enum stream_side side)
{
	while (!s->ops->fd && s->below)
		s = s->below;
	return s->ops->fd ? s->ops->fd(s, side) : -1;
}

int stream_raw_fd(const struct stream *s, enum stream_side side)
{
	int fd = -1;

	for (; s; s = s->below) {
		if (!s->ops->raw_fd)
			continue;
		fd = s->ops->raw_fd(s, side);
		if (fd < 0)
			return -1;
	}
	return fd;
}

uint64_t stream_raw_most(const struct stream *s, enum stream_side side)
{
	uint64_t most = UINT64_MAX;

	for (; s; s = s->below) {
		uint64_t here = s->ops->raw_most ? s->ops->raw_most(s, side) : UINT64_MAX;

		most = here < most ? here : most;
	}
	return most;
}

void stream_moved(struct stream *s, enum stream_side side, size_t count)
{
	for (; s; s = s->below)
		if (s->ops->moved)
			s->ops->moved(s, side, count);
}

struct stream *stream_find(struct stream *s, const char *name)
{
	while (s && strcmp(s->ops->name, name) != 0)
		s = s->below;
	return s;
}

void stream_free(struct stream *s)
{
	while (s) {
		struct stream *below = s->below;

		if (s->ops->free)
			s->ops->free(s);
		s = below;
	}
}
