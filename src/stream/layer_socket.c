/* SPDX-License-Identifier: MIT */
/*
 * src/stream/layer_socket.c - a connected socket as the bottom of a stack.
 *
 * The kernel reports a reset once, to whichever call comes first, and answers 0 ("end") to every
 * read after that. So the reset is remembered here, and a read that is told "end" afterwards
 * says failure instead.
 *
 * Which class a reset has: FAILURE_SEND when we have sent anything or were about to, for it may
 * not have arrived; a peer that closes with our bytes unread resets although its kernel
 * acknowledged them, so acknowledged is not enough. FAILURE_RECEIVE when we never sent: then
 * only the peer's bytes can be missing. A peer that ended in order before its reset has been
 * read to the end: reading stays IO_END, and what we sent meanwhile is FAILURE_SEND in writing
 * or settling.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_stdio.h>
#include <sockutil/stream/socket_kernel.h>

enum { SETTLE_FIRST_MS = 1, SETTLE_LAST_MS = 50 };

struct layer_socket {
	struct stream stream;
	int fd;
	int error;      /* errno of the reset that was met; 0: none */
	int send_flags; /* of sendmsg(2) */
	/* until the send queue is looked at again; 0: the last wait was for room in it */
	uint8_t settle_ms;
	bool owned_flags;
	bool sent; /* at least one byte, or an attempt that met the reset */
	bool write_ended;
	bool read_ended;
};

static struct layer_socket *socket_of(const struct stream *s)
{
	return (struct layer_socket *)(uintptr_t)s;
}

/* The latched reset in words. */
static enum io socket_report(const struct layer_socket *l, struct failure *why)
{
	const char *lost = l->sent ? "; what was sent may be lost" : "";
	enum failure_class class = l->sent ? FAILURE_SEND : FAILURE_RECEIVE;

	if (l->error == ECONNRESET)
		fail(why, class, "connection reset by peer%s", lost);
	else if (l->error == EPIPE)
		fail(why, class, "connection closed by peer%s", lost);
	else
		return fail_errno(why, class, l->error, "connection lost");
	why->error = l->error;
	return IO_FAILED;
}

static enum io socket_failed(struct layer_socket *l, enum stream_side side, int error,
			     struct failure *why)
{
	if (error == EAGAIN || error == EINTR) {
		if (side == STREAM_WRITE)
			l->settle_ms = 0;
		return IO_AGAIN;
	}
	if (side == STREAM_WRITE)
		l->sent = true;
	if (!l->error)
		l->error = error == ENOTCONN ? ECONNRESET : error;
	return socket_report(l, why);
}

static enum io socket_ended(struct layer_socket *l, struct failure *why)
{
	if (l->error && !l->read_ended)
		return socket_report(l, why);
	l->read_ended = true;
	return IO_END;
}

static enum io socket_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct layer_socket *l = socket_of(s);
	ssize_t n;

	*nread = 0;
	if (l->read_ended)
		return IO_END;
	do
		n = recv(l->fd, buf, len, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return socket_failed(l, STREAM_READ, errno, why);
	if (n == 0)
		return socket_ended(l, why);
	*nread = (size_t)n;
	return IO_DONE;
}

/* One piece, the usual case, costs the kernel less than a list of them. */
static ssize_t socket_send(const struct layer_socket *l, const struct iovec *v, int n)
{
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)v };

	if (n == 1)
		return send(l->fd, v->iov_base, v->iov_len, l->send_flags);
	/* The type of msg_iovlen differs between systems. */
	message.msg_iovlen = 0;
	message.msg_iovlen += n < IOV_MAX ? (unsigned)n : IOV_MAX;
	return sendmsg(l->fd, &message, l->send_flags);
}

static enum io socket_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			     struct failure *why)
{
	struct layer_socket *l = socket_of(s);
	ssize_t sent;

	*nwritten = 0;
	do
		sent = socket_send(l, v, n);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return socket_failed(l, STREAM_WRITE, errno, why);
	l->settle_ms = 0;
	l->sent = true;
	*nwritten = (size_t)sent;
	return IO_DONE;
}

/* A reset that waits in the kernel to be told; 0: none. Telling it takes it out. */
static int socket_error(int fd)
{
	int error = 0;
	socklen_t length = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

static enum io socket_end(struct stream *s, struct failure *why)
{
	struct layer_socket *l = socket_of(s);
	int error;

	if (!l->write_ended && shutdown(l->fd, SHUT_WR) != 0 && !l->error) {
		error = errno;
		l->error = socket_error(l->fd);
		if (!l->error)
			l->error = error == ENOTCONN ? ECONNRESET : error;
	}
	l->write_ended = true;
	/* Nothing of ours can be lost when nothing was sent; reading tells what came of the
	 * peer's bytes. */
	return l->error && l->sent ? socket_report(l, why) : IO_DONE;
}

static enum io socket_settle(struct stream *s, struct failure *why)
{
	struct layer_socket *l = socket_of(s);
	long queued;

	if (!l->sent)
		return IO_DONE;
	/* The queue first: a reset that comes in between is then seen behind it. */
	queued = socket_kernel_unacknowledged(l->fd);
	if (!l->error)
		l->error = socket_error(l->fd);
	if (l->error)
		return socket_report(l, why);
	if (queued <= 0)
		return IO_DONE;
	l->settle_ms = (uint8_t)(l->settle_ms ? l->settle_ms * 2 : SETTLE_FIRST_MS);
	if (l->settle_ms > SETTLE_LAST_MS)
		l->settle_ms = SETTLE_LAST_MS;
	return IO_AGAIN;
}

static long socket_unacknowledged(const struct stream *s)
{
	return socket_kernel_unacknowledged(socket_of(s)->fd);
}

static unsigned socket_want(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ)
		return STREAM_WANT_READ;
	return socket_of(s)->settle_ms ? STREAM_WANT_TIME : STREAM_WANT_WRITE;
}

static int64_t socket_wake_ms(const struct stream *s, enum stream_side side)
{
	const struct layer_socket *l = socket_of(s);

	return side == STREAM_WRITE && l->settle_ms ? l->settle_ms : 1;
}

static int socket_fd(const struct stream *s, enum stream_side side)
{
	(void)side;
	return socket_of(s)->fd;
}

static int socket_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)side;
	return socket_of(s)->owned_flags ? socket_of(s)->fd : -1;
}

static void socket_moved(struct stream *s, enum stream_side side, size_t count)
{
	if (side != STREAM_WRITE || count == 0)
		return;
	socket_of(s)->sent = true;
	socket_of(s)->settle_ms = 0;
}

static void socket_free(struct stream *s)
{
	close(socket_of(s)->fd);
	free(s);
}

static const struct stream_ops socket_ops = {
	.name = "socket",
	.read = socket_read,
	.writev = socket_writev,
	.end = socket_end,
	.settle = socket_settle,
	.unacknowledged = socket_unacknowledged,
	.want = socket_want,
	.wake_ms = socket_wake_ms,
	.fd = socket_fd,
	.raw_fd = socket_raw_fd,
	.moved = socket_moved,
	.free = socket_free,
};

struct stream *layer_socket_new(int fd, bool owned_flags)
{
	struct layer_socket *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &socket_ops;
	l->fd = fd;
	l->owned_flags = owned_flags;
	l->send_flags = MSG_DONTWAIT | socket_kernel_no_signal(fd);
	return &l->stream;
}

/* The socket at the bottom, NULL when something else is there. */
static struct layer_socket *socket_find(struct stream *stack)
{
	while (stack->below)
		stack = stack->below;
	return stack->ops == &socket_ops ? socket_of(stack) : NULL;
}

enum io layer_socket_failed(struct stream *stack, enum stream_side side, int error,
			    struct failure *why)
{
	struct layer_socket *l = socket_find(stack);

	if (!l)
		return layer_stdio_failed(stack, side, error, why);
	return socket_failed(l, side, error, why);
}

enum io layer_socket_ended(struct stream *stack, struct failure *why)
{
	struct layer_socket *l = socket_find(stack);

	return l ? socket_ended(l, why) : IO_END;
}

void layer_socket_abort(struct stream *stack)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	struct layer_socket *l = socket_find(stack);

	if (l)
		(void)setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}
