/* SPDX-License-Identifier: MIT */
/* src/get/output_sink.c - the stream a body is written to. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/utf8.h>
#include <sockutil/get/output_parts.h>
#include <sockutil/stream/layer_stdio.h>

static struct output_sink *sink_of(const struct stream *s)
{
	return (struct output_sink *)(uintptr_t)s;
}

/* --- text for a terminal ---------------------------------------------------------------------- */

/* The start of a well-formed character that is not all there: a lead byte and fewer continuations
 * than it asks for. */
static bool sink_may_go_on(const char *bytes, size_t length)
{
	const unsigned char lead = (unsigned char)bytes[0];
	const size_t needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

	if (lead < 0xc2 || lead > 0xf4 || length >= needed)
		return false;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* Keeps what was cut at the end for the next time. At most unchecked bytes. */
static bool sink_is_text(struct output_sink *k, const char *bytes, size_t length)
{
	char text[sizeof(k->begun) + OUTPUT_CHECKED];
	size_t at = 0, n;

	k->unchecked -= (unsigned)length;
	memcpy(text, k->begun, k->cut);
	memcpy(text + k->cut, bytes, length);
	length += k->cut;
	k->cut = 0;
	while (at < length) {
		n = utf8_decode(text + at, length - at, NULL);
		if (n == 0 && sink_may_go_on(text + at, length - at)) {
			k->cut = (unsigned)(length - at);
			memcpy(k->begun, text + at, k->cut);
			return true;
		}
		if (n == 0 || text[at] == '\0')
			return false;
		at += n;
	}
	return true;
}

/* --- the stream ------------------------------------------------------------------------------- */

static enum io sink_write_file(struct output_sink *k, const struct iovec *v, int n,
			       size_t *nwritten, struct failure *why)
{
	ssize_t done;

	if (k->fd < 0)
		return fail(why, FAILURE_OUTPUT, "%s: not open for writing", k->name);
	do
		done = writev(k->fd, v, n < IOV_MAX ? n : IOV_MAX);
	while (done < 0 && errno == EINTR);
	if (done < 0)
		return fail_errno(why, FAILURE_OUTPUT, errno, "%s", k->name);
	*nwritten = (size_t)done;
	return IO_DONE;
}

/* What the terminal does not take now is offered again: only what it took has been looked at. */
static enum io sink_write_checked(struct output_sink *k, const struct iovec *v, int n,
				  size_t *nwritten, struct failure *why)
{
	struct output_sink looked = *k;
	size_t length;
	enum io r;

	while (n > 1 && v->iov_len == 0) {
		v++;
		n--;
	}
	length = v->iov_len < k->unchecked ? v->iov_len : k->unchecked;
	if (!sink_is_text(&looked, v->iov_base, length))
		return fail(why, FAILURE_OUTPUT,
			    "binary data; -o FILE saves it, -o - shows it anyway");
	r = stream_write(k->stream.below, v->iov_base, length, nwritten, why);
	if (*nwritten > 0)
		(void)sink_is_text(k, v->iov_base, *nwritten);
	return r;
}

static enum io sink_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			   struct failure *why)
{
	struct output_sink *k = sink_of(s);
	enum io r;

	*nwritten = 0;
	if (!s->below)
		r = sink_write_file(k, v, n, nwritten, why);
	else if (k->unchecked > 0)
		r = sink_write_checked(k, v, n, nwritten, why);
	else
		r = stream_writev(s->below, v, n, nwritten, why);
	k->written += *nwritten;
	return r;
}

/* Others may follow on standard output, and a file is closed by those who know whether it is
 * whole. */
static enum io sink_end(struct stream *s, struct failure *why)
{
	return s->below ? stream_flush(s->below, why) : IO_DONE;
}

static int sink_raw_fd(const struct stream *s, enum stream_side side)
{
	const struct output_sink *k = sink_of(s);

	if (side == STREAM_READ || k->unchecked > 0)
		return -1;
	/* Above another stream any descriptor says that bytes pass unchanged. */
	return s->below ? STDOUT_FILENO : k->fd;
}

static void sink_moved(struct stream *s, enum stream_side side, size_t count)
{
	if (side == STREAM_WRITE)
		sink_of(s)->written += count;
}

static const struct stream_ops sink_ops = {
	.name = "output",
	.writev = sink_writev,
	.end = sink_end,
	.raw_fd = sink_raw_fd,
	.moved = sink_moved,
};

void output_sink_file(struct output_sink *sink, int fd, uint64_t offset, const char *name)
{
	*sink = (struct output_sink){
		.stream.ops = &sink_ops,
		.fd = fd,
		.name = name,
		.written = offset,
	};
}

void output_sink_over(struct output_sink *sink, struct stream *below, bool checked)
{
	*sink = (struct output_sink){
		.stream = { .ops = &sink_ops, .below = below },
		.fd = -1,
		.unchecked = checked ? OUTPUT_CHECKED : 0,
	};
}

/* --- standard output -------------------------------------------------------------------------- */

static struct stream *standard;

struct stream *output_stdout(void)
{
	if (!standard)
		standard = layer_stdio_new(-1, STDOUT_FILENO, NULL, "standard output");
	return standard;
}

bool output_stdout_close(struct failure *why)
{
	struct stream *s = standard;
	enum io r;

	if (!s)
		return true;
	standard = NULL;
	r = stream_end(s, why);
	stream_free(s);
	return r != IO_FAILED;
}
