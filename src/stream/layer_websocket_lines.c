/* SPDX-License-Identifier: MIT */
/* src/stream/layer_websocket_lines.c - a line is a message, a message is a line. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/utf8.h>
#include <sockutil/stream/layer_websocket_lines.h>

/* Invariant: complete only while line holds a whole one, which is sent before more is taken. */
struct layer_websocket_lines {
	struct stream stream;
	enum websocket_kind kind;
	struct buffer line;
	bool complete;
	bool owes_newline; /* behind the message that was just read */
	char last;         /* byte of the message under way; '\0': none */
};

static struct layer_websocket_lines *lines_of(const struct stream *s)
{
	return (struct layer_websocket_lines *)(uintptr_t)s;
}

/* --- written ------------------------------------------------------------------ */

static enum io send_line(struct layer_websocket_lines *l, struct failure *why)
{
	const char *bytes = l->line.length > 0 ? buffer_bytes(&l->line) : "";
	enum io r;

	if (!l->complete)
		return IO_DONE;
	if (l->kind == WEBSOCKET_TEXT && !utf8_valid(bytes, l->line.length))
		return fail(why, FAILURE_INPUT, "what is to be sent as text is not UTF-8");
	r = layer_websocket_send(l->stream.below, l->kind, bytes, l->line.length, why);
	if (r != IO_DONE)
		return r;
	buffer_free(&l->line);
	l->complete = false;
	return IO_DONE;
}

/* Up to the first newline of a piece. *taken counts the newline. */
static enum io take(struct layer_websocket_lines *l, const char *bytes, size_t length,
		    size_t *taken, struct failure *why)
{
	const char *newline = memchr(bytes, '\n', length);
	const size_t count = newline ? (size_t)(newline - bytes) : length;

	if (count > LAYER_WEBSOCKET_LINE_MAX - l->line.length)
		return fail(why, FAILURE_SIZE,
			    "a line of more than 1 MiB is no message (--ws-framing line)");
	if (count > 0 && !buffer_add(&l->line, bytes, count))
		return fail(why, FAILURE_OTHER, "out of memory");
	l->complete = newline != NULL;
	*taken += count + l->complete;
	return IO_DONE;
}

/* What was taken is told even where the line behind it cannot be sent yet: flush does that. */
static enum io write_piece(struct layer_websocket_lines *l, const struct iovec *piece,
			   size_t *nwritten, struct failure *why)
{
	const char *bytes = piece->iov_base;
	size_t at = 0;

	while (at < piece->iov_len) {
		const size_t before = at;
		enum io r = send_line(l, why);

		if (r == IO_DONE)
			r = take(l, bytes + at, piece->iov_len - at, &at, why);
		if (r != IO_DONE)
			return r;
		*nwritten += at - before;
	}
	return IO_DONE;
}

static enum io lines_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			    struct failure *why)
{
	struct layer_websocket_lines *l = lines_of(s);
	enum io r = IO_DONE;

	*nwritten = 0;
	for (int i = 0; r == IO_DONE && i < n; i++)
		r = write_piece(l, &v[i], nwritten, why);
	if (r == IO_DONE)
		r = send_line(l, why);
	return r == IO_AGAIN && *nwritten > 0 ? IO_DONE : r;
}

static enum io lines_flush(struct stream *s, struct failure *why)
{
	const enum io r = send_line(lines_of(s), why);

	return r == IO_DONE ? stream_flush(s->below, why) : r;
}

static enum io lines_end(struct stream *s, struct failure *why)
{
	struct layer_websocket_lines *l = lines_of(s);
	enum io r;

	l->complete = l->complete || l->line.length > 0;
	r = send_line(l, why);
	return r == IO_DONE ? stream_end(s->below, why) : r;
}

/* --- read ----------------------------------------------------------------------- */

static void newline_due(struct layer_websocket_lines *l)
{
	enum websocket_kind kind;
	bool ended;

	layer_websocket_message(l->stream.below, &kind, &ended);
	if (!ended)
		return;
	l->owes_newline = l->last != '\n';
	l->last = '\0';
}

static enum io lines_read(struct stream *s, void *buf, size_t len, size_t *nread,
			  struct failure *why)
{
	struct layer_websocket_lines *l = lines_of(s);
	char *bytes = buf;
	enum io r = IO_DONE;

	*nread = 0;
	if (!l->owes_newline) {
		r = stream_read(s->below, buf, len, nread, why);
		if (r != IO_DONE)
			return r;
		if (*nread > 0)
			l->last = bytes[*nread - 1];
		newline_due(l);
	}
	if (l->owes_newline && *nread < len) {
		bytes[(*nread)++] = '\n';
		l->owes_newline = false;
	}
	return *nread > 0 ? IO_DONE : IO_AGAIN;
}

static bool lines_pending(const struct stream *s)
{
	return lines_of(s)->owes_newline;
}

static int lines_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void lines_free(struct stream *s)
{
	buffer_free(&lines_of(s)->line);
	free(s);
}

static const struct stream_ops lines_ops = {
	.name = "websocket-lines",
	.read = lines_read,
	.writev = lines_writev,
	.flush = lines_flush,
	.end = lines_end,
	.pending = lines_pending,
	.raw_fd = lines_raw_fd,
	.free = lines_free,
};

struct stream *layer_websocket_lines_new(struct stream *below, enum websocket_kind kind)
{
	struct layer_websocket_lines *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &lines_ops;
	l->stream.below = below;
	l->kind = kind;
	layer_websocket_keep_empty(below);
	return &l->stream;
}
