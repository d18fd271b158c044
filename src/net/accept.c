/* SPDX-License-Identifier: MIT */
/* The next connection of a listening socket. */
#include <errno.h>
#include <poll.h>

#include <sockutil/net/accept.h>
#include <sockutil/net/accept_descriptor.h>
#include <sockutil/net/listen.h>

/* Connections that died while they waited are skipped in one go; a loop that is told IO_AGAIN comes
 * back for more. */
enum { SKIPPED_MAX = 64 };

static bool waits(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, 0) > 0;
}

/* accept(2): what befell one connection on its way is reported by the call that would have returned
 * it. */
static enum io after(int error, struct failure *why)
{
	switch (error) {
	case EAGAIN:
#if EAGAIN != EWOULDBLOCK
	case EWOULDBLOCK:
#endif
		return IO_AGAIN;
	case EMFILE:
	case ENFILE:
		return fail_errno(why, FAILURE_OTHER, error,
				  "cannot accept a connection until others end (raise ulimit -n)");
	case ENOBUFS:
	case ENOMEM:
	case EBADF:
	case EFAULT:
	case EINVAL:
	case ENOTSOCK:
		return fail_errno(why, FAILURE_OTHER, error, "cannot accept a connection");
	default:
		return IO_DONE;
	}
}

enum io accept_one(const struct listener *listener, int *fd, struct address *peer,
		   struct failure *why)
{
	for (int skipped = 0; skipped < SKIPPED_MAX; skipped++) {
		enum io result;

		if (listener->polled && !waits(listener->fd))
			return IO_AGAIN;
		*fd = accept_descriptor(listener->fd, peer);
		if (*fd >= 0)
			return IO_DONE;
		result = after(errno, why);
		if (result != IO_DONE)
			return result;
	}
	return IO_AGAIN;
}
