/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_STDIO_SIDE_H
#define SOCKUTIL_STREAM_STDIO_SIDE_H
/* One descriptor of layer_stdio: what it is, and how it is read or written without ever blocking
 * on it or changing its flags. */
#include <sockutil/stream/layer_stdio.h>

enum stdio_way {
	STDIO_WAY_READY,  /* regular files, /dev/null, block devices: never waits */
	STDIO_WAY_OPENED, /* a non-blocking description: inherited, or our own open of it */
	STDIO_WAY_SOCKET, /* MSG_DONTWAIT */
	STDIO_WAY_POLLED, /* blocking: poll(2) first, at most PIPE_BUF written at once */
};

struct stdio_side {
	int fd;  /* as given; -1: none */
	int own; /* our own open of it, used instead; -1: none */
	enum stdio_kind kind;
	enum stdio_way way;
};

/* Looks at fd and opens it anew where that helps. */
void stdio_side_init(struct stdio_side *side, int fd, bool output);

/* The descriptor that is read, written and watched. */
static inline int stdio_side_fd(const struct stdio_side *side)
{
	return side->own >= 0 ? side->own : side->fd;
}

/* As read(2) and writev(2); -1 with errno EAGAIN when it would block. Restarted after EINTR. */
ssize_t stdio_side_read(const struct stdio_side *side, void *buf, size_t len);
ssize_t stdio_side_writev(const struct stdio_side *side, const struct iovec *v, int n);

/* True for a non-blocking FIFO that nobody has opened for writing yet: reading gives 0 as at the
 * end, but poll(2) knows the difference. */
bool stdio_side_unopened(const struct stdio_side *side);

/* A non-blocking description of our own of what fd is, or -1: a terminal's or pipe's inherited
 * one stays as it is. */
int stdio_side_reopen(int fd, bool output);

/* Lets go of our own open only. */
void stdio_side_close_own(struct stdio_side *side);
#endif
