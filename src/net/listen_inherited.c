/* SPDX-License-Identifier: MIT */
/* Listening sockets that somebody else opened: fd:N, and socket activation as sd_listen_fds(3) has
 * it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/number.h>
#include <sockutil/net/listen_parts.h>
#include <sockutil/net/sockopt.h>

/* SD_LISTEN_FDS_START */
enum { FIRST_PASSED = 3 };

static bool is_listening(int fd, int type, const char *name, struct failure *why)
{
	int found = 0, accepting = 0;
	socklen_t length = sizeof(int);

	if (fcntl(fd, F_GETFD) < 0)
		fail(why, FAILURE_USAGE, "%s: descriptor %d is not open", name, fd);
	else if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &found, &length) < 0)
		fail(why, FAILURE_USAGE, "%s: descriptor %d is not a socket", name, fd);
	else if (found != type)
		fail(why, FAILURE_USAGE, "%s: descriptor %d is not a %s socket", name, fd,
		     type == SOCK_STREAM ? "stream" : "datagram");
	else if (type == SOCK_STREAM &&
		 (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &length) < 0 || !accepting))
		fail(why, FAILURE_USAGE, "%s: descriptor %d is not a listening socket", name, fd);
	else
		return true;
	return false;
}

/* The batch must not own what the caller did not check: it would be closed. */
static bool take(struct listen_batch *batch, int fd, const struct endpoint *endpoint,
		 const struct listen_options *options, struct failure *why)
{
	char name[ENDPOINT_TEXT_MAX];

	if (!is_listening(fd, options->type, endpoint_text(name, endpoint), why))
		return false;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		fail_errno(why, FAILURE_OTHER, errno, "%s", name);
		return false;
	}
	return sockopt_apply(&options->net->sockopts, fd, SOCKOPT_BEFORE_BIND, why) &&
	       listen_add(batch, fd, endpoint->scheme, why);
}

bool listen_descriptor(struct listen_batch *batch, const struct endpoint *endpoint,
		       const struct listen_options *options, struct failure *why)
{
	int fd = endpoint->descriptor;
	int flags;

	if (!take(batch, fd, endpoint, options, why))
		return false;
	flags = fcntl(fd, F_GETFL);
	batch->items[0].polled = flags >= 0 && !(flags & O_NONBLOCK);
	return true;
}

/* How many descriptors were passed to this very process; 0 when none were. */
static int passed(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	uint64_t number, count;

	if (!pid || !fds || !number_parse(pid, INT_MAX, &number) || (pid_t)number != getpid() ||
	    !number_parse(fds, INT_MAX - FIRST_PASSED, &count))
		return 0;
	return (int)count;
}

/* LISTEN_FDNAMES has one name a descriptor, colons between; a missing one is "unknown"
 * (sd_listen_fds_with_names(3)). *names is moved behind the name that is compared, to NULL behind
 * the last. */
static bool take_name(const char **names, const char *wanted)
{
	const char *name = *names ? *names : "unknown";
	size_t length = strcspn(name, ":");

	if (*names)
		*names = name[length] ? name + length + 1 : NULL;
	return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

/* Passed sockets are ours alone by the protocol: their flags may be changed. */
static bool make_nonblocking(int fd, struct failure *why)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && ((flags & O_NONBLOCK) || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0))
		return true;
	fail_errno(why, FAILURE_OTHER, errno, "descriptor %d", fd);
	return false;
}

bool listen_systemd(struct listen_batch *batch, const struct endpoint *endpoint,
		    const struct listen_options *options, struct failure *why)
{
	const char *names = getenv("LISTEN_FDNAMES"), *rest = names;
	const char *wanted = endpoint->name;
	int count = passed();

	if (count == 0) {
		fail(why, FAILURE_USAGE,
		     "systemd:%s: no socket was passed (LISTEN_PID, LISTEN_FDS): "
		     "start it by a .socket unit or systemd-socket-activate",
		     endpoint->name);
		return false;
	}
	for (int i = 0; i < count; i++) {
		/* Behind the last name all are unknown, however many the environment claims. */
		bool nameless = !rest;

		if (*wanted && !take_name(&rest, wanted)) {
			if (nameless)
				break;
			continue;
		}
		if (!take(batch, FIRST_PASSED + i, endpoint, options, why) ||
		    !make_nonblocking(FIRST_PASSED + i, why))
			return false;
	}
	if (batch->count > 0)
		return true;
	fail(why, FAILURE_USAGE, "systemd:%s: no socket of this name was passed; there are: %s",
	     endpoint->name, names ? names : "none with a name");
	return false;
}
