/* SPDX-License-Identifier: MIT */
/* src/http/http1_sink.c - request bodies, framed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/http/http1_sink.h>

static struct http1_sink *sink_of(const struct stream *s)
{
	return (struct http1_sink *)(uintptr_t)s;
}

static void frame_set(struct http1_sink *k, const char *text)
{
	k->frame_start = 0;
	k->frame_end = (unsigned char)strlen(text);
	memcpy(k->frame, text, k->frame_end);
}

static void frame_set_size(struct http1_sink *k)
{
	char text[sizeof(k->frame)];

	snprintf(text, sizeof(text), "%" PRIx64 "\r\n", k->left);
	frame_set(k, text);
}

/* IO_DONE: no framing waits any more. */
static enum io frame_write(struct http1_sink *k, struct failure *why)
{
	while (k->frame_start < k->frame_end) {
		size_t n;
		enum io r = stream_write(k->stream.below, k->frame + k->frame_start,
					 (size_t)(k->frame_end - k->frame_start), &n, why);

		if (r != IO_DONE)
			return r;
		k->frame_start = (unsigned char)(k->frame_start + n);
	}
	return IO_DONE;
}

static void sink_took(struct http1_sink *k, size_t count)
{
	k->left -= count;
	k->taken += count;
	if (k->chunked && k->left == 0)
		frame_set(k, "\r\n");
}

/* At most what is left goes; the caller offers the rest again. */
static enum io write_some(struct http1_sink *k, const struct iovec *v, int n, size_t *nwritten,
			  struct failure *why)
{
	size_t length = v->iov_len;
	enum io r;

	while (n > 1 && length == 0) {
		v++;
		n--;
		length = v->iov_len;
	}
	if (length > k->left)
		length = (size_t)k->left;
	r = stream_write(k->stream.below, v->iov_base, length, nwritten, why);
	if (r == IO_DONE)
		sink_took(k, *nwritten);
	return r;
}

static enum io sink_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			   struct failure *why)
{
	struct http1_sink *k = sink_of(s);
	enum io r;

	*nwritten = 0;
	r = frame_write(k, why);
	if (r != IO_DONE)
		return r;
	if (k->chunked && k->left == 0) {
		for (int i = 0; i < n; i++)
			k->left += v[i].iov_len;
		frame_set_size(k);
		r = frame_write(k, why);
		if (r != IO_DONE)
			return r;
	}
	if (k->left == 0)
		return fail(why, FAILURE_INPUT,
			    "the body has more than the %" PRIu64 " bytes announced", k->length);
	return write_some(k, v, n, nwritten, why);
}

static enum io sink_flush(struct stream *s, struct failure *why)
{
	enum io r = frame_write(sink_of(s), why);

	return r == IO_DONE ? stream_flush(s->below, why) : r;
}

static int sink_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_WRITE && !sink_of(s)->chunked ? stream_raw_fd(s->below, side) : -1;
}

static uint64_t sink_raw_most(const struct stream *s, enum stream_side side)
{
	return side == STREAM_WRITE ? sink_of(s)->left : UINT64_MAX;
}

static void sink_moved(struct stream *s, enum stream_side side, size_t count)
{
	if (side == STREAM_WRITE)
		sink_took(sink_of(s), count);
}

static const struct stream_ops sink_ops = {
	.name = "http-request-body",
	.writev = sink_writev,
	.flush = sink_flush,
	.raw_fd = sink_raw_fd,
	.raw_most = sink_raw_most,
	.moved = sink_moved,
};

void http1_sink_init(struct http1_sink *s, struct stream *below, int64_t length)
{
	*s = (struct http1_sink){
		.stream = { .ops = &sink_ops, .below = below },
		.chunked = length < 0,
		.left = length < 0 ? 0 : (uint64_t)length,
		.length = length < 0 ? 0 : (uint64_t)length,
	};
}

enum io http1_sink_finish(struct http1_sink *s, struct failure *why)
{
	enum io r;

	if (!s->chunked && s->left > 0)
		return fail(why, FAILURE_INPUT,
			    "the body ended after %" PRIu64 " of the %" PRIu64 " bytes announced",
			    s->taken, s->length);
	r = frame_write(s, why);
	if (r != IO_DONE)
		return r;
	if (s->chunked && !s->finished) {
		frame_set(s, "0\r\n\r\n");
		s->finished = true;
	}
	return sink_flush(&s->stream, why);
}
