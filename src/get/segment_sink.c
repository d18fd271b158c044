/* SPDX-License-Identifier: MIT */
/* src/get/segment_sink.c - a place in a file that others write to at other places. */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include <sockutil/get/segment_parts.h>
#include <sockutil/stream/stdio_side.h>

static struct segment_sink *sink_of(const struct stream *s)
{
	return (struct segment_sink *)(uintptr_t)s;
}

static void sink_took(struct segment_sink *k, size_t count)
{
	k->offset += count;
	k->left -= count;
}

static ssize_t write_at(const struct segment_sink *k, const void *bytes, size_t length)
{
	ssize_t n;

	do
		n = k->own >= 0 ? write(k->own, bytes, length)
				: pwrite(k->fd, bytes, length, (off_t)k->offset);
	while (n < 0 && errno == EINTR);
	return n;
}

/* One piece a call: more never come from a pump. */
static enum io sink_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			   struct failure *why)
{
	struct segment_sink *k = sink_of(s);
	ssize_t written;

	*nwritten = 0;
	while (n > 1 && v->iov_len == 0) {
		v++;
		n--;
	}
	if (v->iov_len > k->left)
		return fail(why, FAILURE_PROTOCOL,
			    "the server sent more than the range that was asked for");
	written = write_at(k, v->iov_base, v->iov_len);
	if (written < 0)
		return fail_errno(why, FAILURE_OUTPUT, errno, "writing at byte %" PRIu64,
				  k->offset);
	sink_took(k, (size_t)written);
	*nwritten = (size_t)written;
	return IO_DONE;
}

static int sink_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_WRITE ? sink_of(s)->own : -1;
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
	.name = "segment",
	.writev = sink_writev,
	.raw_fd = sink_raw_fd,
	.raw_most = sink_raw_most,
	.moved = sink_moved,
};

void segment_sink_init(struct segment_sink *sink, int fd, uint64_t offset, uint64_t left)
{
	*sink = (struct segment_sink){
		.stream = { .ops = &sink_ops },
		.fd = fd,
		.own = stdio_side_reopen(fd, true),
		.offset = offset,
		.left = left,
	};
	if (sink->own >= 0 && lseek(sink->own, (off_t)offset, SEEK_SET) != (off_t)offset)
		segment_sink_close(sink);
}

void segment_sink_close(struct segment_sink *sink)
{
	if (sink->own >= 0)
		close(sink->own);
	sink->own = -1;
}
