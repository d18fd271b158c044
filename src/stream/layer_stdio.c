/* SPDX-License-Identifier: MIT */
/* src/stream/layer_stdio.c - standard input and output, or two files, as the bottom of a stack. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/process.h>
#include <sockutil/stream/layer_stdio.h>
#include <sockutil/stream/stdio_side.h>

struct layer_stdio {
	struct stream stream;
	struct stdio_side input;
	struct stdio_side output;
	const char *input_name;
	const char *output_name;
	bool input_begun; /* something came, or its writers are known to be gone */
	bool input_ended;
	bool output_ended;
	bool output_was_closed; /* before we started: no write ever reaches anyone */
};

static struct layer_stdio *stdio_of(const struct stream *s)
{
	return (struct layer_stdio *)(uintptr_t)s;
}

static const struct stdio_side *stdio_side(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? &stdio_of(s)->input : &stdio_of(s)->output;
}

static enum io stdio_failed(const struct layer_stdio *l, enum stream_side side, int error,
			    struct failure *why)
{
	if (error == EAGAIN || error == EINTR)
		return IO_AGAIN;
	if (side == STREAM_READ)
		return fail_errno(why, FAILURE_INPUT, error, "%s", l->input_name);
	return fail_errno(why, error == EPIPE ? FAILURE_READER_GONE : FAILURE_OUTPUT, error, "%s",
			  l->output_name);
}

static enum io stdio_read(struct stream *s, void *buf, size_t len, size_t *nread,
			  struct failure *why)
{
	struct layer_stdio *l = stdio_of(s);
	ssize_t n;

	*nread = 0;
	if (l->input_ended || l->input.fd < 0)
		return IO_END;
	n = stdio_side_read(&l->input, buf, len);
	if (n < 0)
		return stdio_failed(l, STREAM_READ, errno, why);
	if (n == 0 && !l->input_begun && stdio_side_unopened(&l->input))
		return IO_AGAIN;
	l->input_begun = true;
	/* A terminal would give more after its end of input; this stream has ended. */
	l->input_ended = n == 0;
	*nread = (size_t)n;
	return n == 0 ? IO_END : IO_DONE;
}

static enum io stdio_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			    struct failure *why)
{
	struct layer_stdio *l = stdio_of(s);
	ssize_t done;

	*nwritten = 0;
	if (l->output_was_closed || l->output_ended || l->output.fd < 0)
		return stdio_failed(l, STREAM_WRITE, EBADF, why);
	done = stdio_side_writev(&l->output, v, n);
	if (done < 0)
		return stdio_failed(l, STREAM_WRITE, errno, why);
	*nwritten = (size_t)done;
	return IO_DONE;
}

/* What close(2) says of a standard descriptor, whose number stays taken: the first close of any
 * duplicate tells it. */
static int stdio_close_standard(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	int error = copy < 0 || close(copy) != 0 ? errno : 0;
	int null;

	if (fd != STDOUT_FILENO)
		return error;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0 || dup2(null, fd) < 0)
		error = error ? error : errno;
	if (null >= 0)
		close(null);
	return error;
}

static int stdio_close_output(struct layer_stdio *l)
{
	int fd = l->output.fd;

	stdio_side_close_own(&l->output);
	if (fd == l->input.fd) {
		if (l->output.kind == STDIO_SOCKET && shutdown(fd, SHUT_WR) != 0)
			return errno;
		return 0;
	}
	if (fd <= STDERR_FILENO)
		return stdio_close_standard(fd);
	l->output.fd = -1;
	return close(fd) != 0 ? errno : 0;
}

static enum io stdio_end(struct stream *s, struct failure *why)
{
	struct layer_stdio *l = stdio_of(s);
	int error;

	if (l->output_ended || l->output.fd < 0)
		return IO_DONE;
	l->output_ended = true;
	/* Nothing was written to one that was closed at start: writing would have failed. */
	error = l->output_was_closed ? 0 : stdio_close_output(l);
	/* An interrupted close has closed (close(2), notes on EINTR). */
	if (error == 0 || error == EINTR)
		return IO_DONE;
	return fail_errno(why, FAILURE_OUTPUT, error, "%s", l->output_name);
}

static unsigned stdio_want(const struct stream *s, enum stream_side side)
{
	const struct stdio_side *one = stdio_side(s, side);

	if (one->kind == STDIO_NONE || one->way == STDIO_WAY_READY)
		return 0;
	return side == STREAM_READ ? STREAM_WANT_READ : STREAM_WANT_WRITE;
}

static int stdio_fd(const struct stream *s, enum stream_side side)
{
	return stdio_side_fd(stdio_side(s, side));
}

/* Whether the kernel moves bytes from or to it: not for terminals, nor for sockets whose flags
 * are not ours. */
static int stdio_raw_fd(const struct stream *s, enum stream_side side)
{
	const struct stdio_side *one = stdio_side(s, side);
	int fd = stdio_side_fd(one);

	if (side == STREAM_WRITE && (stdio_of(s)->output_ended || stdio_of(s)->output_was_closed))
		return -1;
	if (side == STREAM_READ && stdio_of(s)->input_ended)
		return -1;
	switch (one->kind) {
	case STDIO_PIPE:
		/* splice(2) takes a FIFO that nobody has opened for writing yet for one that ended.
		 */
		return side == STREAM_READ && !stdio_of(s)->input_begun && one->own < 0 ? -1 : fd;
	case STDIO_REGULAR:
		/* splice(2) refuses a file opened for appending. */
		return side == STREAM_WRITE && (fcntl(fd, F_GETFL) & O_APPEND) ? -1 : fd;
	case STDIO_NULL:
		return side == STREAM_WRITE ? fd : -1;
	default:
		return -1;
	}
}

static void stdio_free(struct stream *s)
{
	struct layer_stdio *l = stdio_of(s);

	stdio_side_close_own(&l->input);
	stdio_side_close_own(&l->output);
	if (l->output.fd > STDERR_FILENO && l->output.fd != l->input.fd)
		close(l->output.fd);
	if (l->input.fd > STDERR_FILENO)
		close(l->input.fd);
	free(l);
}

static const struct stream_ops stdio_ops = {
	.name = "stdio",
	.read = stdio_read,
	.writev = stdio_writev,
	.end = stdio_end,
	.want = stdio_want,
	.fd = stdio_fd,
	.raw_fd = stdio_raw_fd,
	.free = stdio_free,
};

struct stream *layer_stdio_new(int input, int output, const char *input_name,
			       const char *output_name)
{
	struct layer_stdio *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &stdio_ops;
	l->input_name = input_name;
	l->output_name = output_name;
	stdio_side_init(&l->input, input, false);
	stdio_side_init(&l->output, output, true);
	l->output_was_closed = output == STDOUT_FILENO && process_stdout_was_closed();
	return &l->stream;
}

static struct stream *stdio_bottom(const struct stream *s)
{
	while (s->below)
		s = s->below;
	return s->ops == &stdio_ops ? (struct stream *)(uintptr_t)s : NULL;
}

enum stdio_kind layer_stdio_kind(const struct stream *s, enum stream_side side)
{
	const struct stream *bottom = stdio_bottom(s);

	return bottom ? stdio_side(bottom, side)->kind : STDIO_NONE;
}

enum io layer_stdio_failed(struct stream *stack, enum stream_side side, int error,
			   struct failure *why)
{
	const struct stream *bottom = stdio_bottom(stack);

	if (!bottom)
		return fail_errno(why, FAILURE_OTHER, error, "%s", stack->ops->name);
	return stdio_failed(stdio_of(bottom), side, error, why);
}
