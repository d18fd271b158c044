/* SPDX-License-Identifier: MIT */
/* src/stream/stdio_side.c - one inherited descriptor, served as it is. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/stream/socket_kernel.h>
#include <sockutil/stream/stdio_side.h>

static bool side_is_null(const struct stat *what)
{
	struct stat null;

	return stat("/dev/null", &null) == 0 && what->st_rdev == null.st_rdev;
}

static enum stdio_kind side_kind(int fd, mode_t *mode)
{
	struct stat what;

	*mode = 0;
	if (fstat(fd, &what) != 0)
		return STDIO_OTHER;
	*mode = what.st_mode;
	if (S_ISREG(what.st_mode))
		return STDIO_REGULAR;
	if (S_ISFIFO(what.st_mode))
		return STDIO_PIPE;
	if (S_ISSOCK(what.st_mode))
		return STDIO_SOCKET;
	if (S_ISCHR(what.st_mode) && isatty(fd))
		return STDIO_TERMINAL;
	return S_ISCHR(what.st_mode) && side_is_null(&what) ? STDIO_NULL : STDIO_OTHER;
}

void stdio_side_init(struct stdio_side *side, int fd, bool output)
{
	mode_t mode;
	int flags;

	*side = (struct stdio_side){ .fd = fd, .own = -1, .kind = STDIO_NONE };
	if (fd < 0)
		return;
	side->kind = side_kind(fd, &mode);
	side->way = STDIO_WAY_READY;
	if (side->kind == STDIO_REGULAR || side->kind == STDIO_NULL || S_ISBLK(mode) ||
	    S_ISDIR(mode))
		return;
	side->way = STDIO_WAY_SOCKET;
	if (side->kind == STDIO_SOCKET)
		return;
	side->way = STDIO_WAY_OPENED;
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && (flags & O_NONBLOCK))
		return;
	if (side->kind == STDIO_PIPE || side->kind == STDIO_TERMINAL)
		side->own = stdio_side_reopen(fd, output);
	if (side->own < 0)
		side->way = STDIO_WAY_POLLED;
}

/* True when a blocking descriptor can be used once now; also for its end and its errors. */
static bool side_ready(const struct stdio_side *side, short events)
{
	struct pollfd p = { .fd = side->fd, .events = events };
	int n;

	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		errno = EAGAIN;
	return n > 0;
}

ssize_t stdio_side_read(const struct stdio_side *side, void *buf, size_t len)
{
	int fd = stdio_side_fd(side);
	ssize_t n;

	if (side->way == STDIO_WAY_POLLED && !side_ready(side, POLLIN))
		return -1;
	do
		n = side->way == STDIO_WAY_SOCKET ? recv(fd, buf, len, MSG_DONTWAIT)
						  : read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n;
}

bool stdio_side_unopened(const struct stdio_side *side)
{
	/* An own open of an inherited pipe knows nothing of writers that left before. */
	return side->kind == STDIO_PIPE && side->way == STDIO_WAY_OPENED && side->own < 0 &&
	       !side_ready(side, POLLIN);
}

/* poll(2) promises room for PIPE_BUF bytes and no more. */
static ssize_t side_write_polled(const struct stdio_side *side, const struct iovec *v, int n)
{
	while (n > 1 && v->iov_len == 0) {
		v++;
		n--;
	}
	if (!side_ready(side, POLLOUT))
		return -1;
	return write(side->fd, v->iov_base, v->iov_len < PIPE_BUF ? v->iov_len : PIPE_BUF);
}

static ssize_t side_write_socket(const struct stdio_side *side, const struct iovec *v, int n)
{
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)v };

	/* The type of msg_iovlen differs between systems. */
	message.msg_iovlen = 0;
	message.msg_iovlen += (unsigned)n;
	return sendmsg(side->fd, &message, MSG_DONTWAIT | socket_kernel_no_signal(side->fd));
}

ssize_t stdio_side_writev(const struct stdio_side *side, const struct iovec *v, int n)
{
	ssize_t done;

	if (n > IOV_MAX)
		n = IOV_MAX;
	do
		if (side->way == STDIO_WAY_POLLED)
			done = side_write_polled(side, v, n);
		else if (side->way == STDIO_WAY_SOCKET)
			done = side_write_socket(side, v, n);
		else
			done = writev(stdio_side_fd(side), v, n);
	while (done < 0 && errno == EINTR);
	return done;
}

void stdio_side_close_own(struct stdio_side *side)
{
	if (side->own >= 0)
		close(side->own);
	side->own = -1;
}
