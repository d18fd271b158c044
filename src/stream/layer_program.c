/* SPDX-License-Identifier: MIT */
/* src/stream/layer_program.c - a program's pipes, or its terminal, as a stream. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_program.h>

/* Splicing begins with a look at both ends and larger pipes, which few bytes are not worth. */
enum { RAW_FROM = 64 * 1024 };

struct layer_program {
	struct stream stream;
	int input;  /* what it reads; -1: closed */
	int output; /* what it writes */
	bool terminal;
	bool deaf; /* it reads no more */
	bool ended;
	bool line_begun;        /* the terminal has been given part of a line */
	uint64_t read, written; /* bytes; the terminal's are not counted */
};

static struct layer_program *program_of(const struct stream *s)
{
	return (struct layer_program *)(uintptr_t)s;
}

static bool again(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static enum io program_read(struct stream *s, void *buf, size_t len, size_t *nread,
			    struct failure *why)
{
	struct layer_program *l = program_of(s);
	ssize_t n;

	*nread = 0;
	do
		n = read(l->output, buf, len);
	while (n < 0 && errno == EINTR);
	/* A terminal whose other side nobody has open any more. */
	if (n == 0 || (n < 0 && l->terminal && errno == EIO))
		return IO_END;
	if (n < 0 && again(errno))
		return IO_AGAIN;
	if (n < 0)
		return fail_errno(why, FAILURE_INPUT, errno, "output of the program");
	l->read += (uint64_t)n;
	*nread = (size_t)n;
	return IO_DONE;
}

static size_t total(const struct iovec *v, int n)
{
	size_t sum = 0;

	for (int i = 0; i < n; ++i)
		sum += v[i].iov_len;
	return sum;
}

static bool deaf_by(const struct layer_program *l, int error)
{
	return error == EPIPE || (l->terminal && error == EIO);
}

/* Whether the last of done bytes ends a line. */
static bool ends_line(const struct iovec *v, size_t done)
{
	while (done > v->iov_len) {
		done -= v->iov_len;
		v++;
	}
	return done > 0 && ((const char *)v->iov_base)[done - 1] == '\n';
}

static enum io program_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			      struct failure *why)
{
	struct layer_program *l = program_of(s);
	ssize_t done = -1;

	*nwritten = 0;
	if (n > IOV_MAX)
		n = IOV_MAX;
	if (!l->deaf && l->input >= 0) {
		do
			done = writev(l->input, v, n);
		while (done < 0 && errno == EINTR);
		if (done < 0 && again(errno))
			return IO_AGAIN;
		if (done < 0 && !deaf_by(l, errno))
			return fail_errno(why, FAILURE_OUTPUT, errno, "input of the program");
		l->deaf = done < 0;
	}
	*nwritten = done < 0 ? total(v, n) : (size_t)done;
	if (l->terminal)
		l->line_begun = !ends_line(v, *nwritten);
	l->written += *nwritten;
	return IO_DONE;
}

/* In the middle of a line the first end-of-file character only hands the line over. */
static enum io end_terminal(struct layer_program *l, struct failure *why)
{
	struct termios settings;
	char end[2];
	size_t count = l->line_begun ? 2 : 1;
	ssize_t n;

	if (tcgetattr(l->input, &settings) != 0 || settings.c_cc[VEOF] == _POSIX_VDISABLE)
		return IO_DONE;
	end[0] = end[1] = (char)settings.c_cc[VEOF];
	do
		n = write(l->input, end, count);
	while (n < 0 && errno == EINTR);
	if (n < 0 && again(errno))
		return IO_AGAIN;
	if (n < 0 && !deaf_by(l, errno))
		return fail_errno(why, FAILURE_OUTPUT, errno, "terminal of the program");
	if (n == 1 && count == 2) {
		l->line_begun = false;
		return end_terminal(l, why);
	}
	return IO_DONE;
}

static enum io program_end(struct stream *s, struct failure *why)
{
	struct layer_program *l = program_of(s);
	enum io r = IO_DONE;

	if (l->ended)
		return IO_DONE;
	if (l->terminal) {
		r = l->deaf ? IO_DONE : end_terminal(l, why);
	} else {
		close(l->input);
		l->input = -1;
	}
	l->ended = r == IO_DONE;
	return r;
}

static unsigned program_want(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ)
		return STREAM_WANT_READ;
	return program_of(s)->deaf ? 0 : STREAM_WANT_WRITE;
}

static int program_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? program_of(s)->output : program_of(s)->input;
}

static int program_raw_fd(const struct stream *s, enum stream_side side)
{
	const struct layer_program *l = program_of(s);

	if (l->terminal)
		return -1;
	if (side == STREAM_READ)
		return l->read >= RAW_FROM ? l->output : -1;
	return l->written >= RAW_FROM && !l->deaf ? l->input : -1;
}

static void program_moved(struct stream *s, enum stream_side side, size_t count)
{
	if (side == STREAM_READ)
		program_of(s)->read += count;
	else
		program_of(s)->written += count;
}

static void program_free(struct stream *s)
{
	struct layer_program *l = program_of(s);

	if (l->input >= 0)
		close(l->input);
	close(l->output);
	free(l);
}

static const struct stream_ops program_ops = {
	.name = "program",
	.read = program_read,
	.writev = program_writev,
	.end = program_end,
	.want = program_want,
	.fd = program_fd,
	.raw_fd = program_raw_fd,
	.moved = program_moved,
	.free = program_free,
};

struct stream *layer_program_new(int input, int output, bool terminal)
{
	struct layer_program *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &program_ops;
	l->input = input;
	l->output = output;
	l->terminal = terminal;
	return &l->stream;
}

bool layer_program_lost_end(const struct stream *s)
{
	const struct layer_program *l = program_of(s);
	struct termios settings;

	return l->terminal && l->ended && !l->deaf && tcgetattr(l->input, &settings) == 0 &&
	       !(settings.c_lflag & ICANON);
}
