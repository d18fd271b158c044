/* SPDX-License-Identifier: MIT */
/* One connection to one address. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/net/dial_attempt.h>
#include <sockutil/net/dial_socket.h>

/* What connect(2) says, in words that stand behind an address. */
static const struct {
	int error;
	enum failure_class class;
	const char *reason;
} reasons[] = {
	{ .error = ECONNREFUSED, .class = FAILURE_CONNECT, .reason = "connection refused" },
	{ .error = EHOSTUNREACH, .class = FAILURE_CONNECT, .reason = "no route to host" },
	{ .error = ENETUNREACH, .class = FAILURE_CONNECT, .reason = "network is unreachable" },
	{ .error = ECONNRESET, .class = FAILURE_CONNECT, .reason = "connection reset" },
	{ .error = ENOENT, .class = FAILURE_CONNECT, .reason = "no such socket" },
	{ .error = EPROTOTYPE, .class = FAILURE_CONNECT, .reason = "not a stream socket" },
	{ .error = EPERM, .class = FAILURE_CONNECT, .reason = "not permitted" },
	{ .error = EAFNOSUPPORT,
	  .class = FAILURE_CONNECT,
	  .reason = "this system lacks the address family" },
	{ .error = ETIMEDOUT, .class = FAILURE_TIMEOUT, .reason = "no answer" },
	{ .error = EAGAIN, .class = FAILURE_CONNECT, .reason = "the server's queue is full" },
	{ .error = EMFILE, .class = FAILURE_OTHER, .reason = "too many open files" },
	{ .error = ENFILE, .class = FAILURE_OTHER, .reason = "too many open files in the system" },
	{ .error = ENOBUFS, .class = FAILURE_OTHER, .reason = "no buffer space" },
	{ .error = ENOMEM, .class = FAILURE_OTHER, .reason = "out of memory" },
};

static enum io fail_reason(struct failure *why, int error)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].error != error)
			continue;
		fail(why, reasons[i].class, "%s", reasons[i].reason);
		why->error = error;
		return IO_FAILED;
	}
	fail(why, FAILURE_CONNECT, "%s", strerror(error));
	why->text[0] = (char)tolower((unsigned char)why->text[0]);
	why->error = error;
	return IO_FAILED;
}

static enum io fail_connect(struct failure *why, int error, const struct address *target,
			    const struct dial_source *source)
{
	/* bind(2) left the port to connect(2), which then found none. */
	const bool local =
		error == EADDRINUSE || (error == EADDRNOTAVAIL && source->address.length);

	if (local)
		fail(why, FAILURE_LOCAL_ADDRESS, "no port is free at the source address");
	else if (error == EINVAL && target->any.sa_family == AF_INET6 &&
		 IN6_IS_ADDR_LINKLOCAL(&target->v6.sin6_addr) && target->v6.sin6_scope_id == 0)
		fail(why, FAILURE_CONNECT, "a link-local address needs a zone (%%INTERFACE)");
	else
		return fail_reason(why, error);
	why->error = error;
	return IO_FAILED;
}

static enum io fail_usage(struct failure *why, int error, const char *text)
{
	fail(why, FAILURE_USAGE, "%s", text);
	why->error = error;
	return IO_FAILED;
}

static enum io open_socket(int *fd, int family, bool mptcp, struct failure *why)
{
	const int protocol = mptcp ? dial_socket_mptcp() : 0;

	*fd = protocol < 0 ? -1 : dial_socket_open(family, protocol);
	if (*fd >= 0)
		return IO_DONE;
	if (protocol < 0 || (mptcp && errno != EMFILE && errno != ENFILE))
		return fail_usage(why, EPROTONOSUPPORT, "this system has no multipath TCP");
	return fail_reason(why, errno);
}

static bool prepare(int fd, int family, const struct net_options *options,
		    const struct dial_source *source, struct failure *why)
{
	if (!sockopt_apply(&options->sockopts, fd, SOCKOPT_BEFORE_BIND, why))
		return false;
	if (options->interface && !sockopt_bind_interface(fd, family, options->interface, why))
		return false;
	if (!dial_source_bind(source, fd, family, why))
		return false;
	if (options->fastopen && !dial_socket_fastopen(fd)) {
		fail_usage(why, errno, "this system has no TCP fast open");
		return false;
	}
	return sockopt_apply(&options->sockopts, fd, SOCKOPT_BEFORE_CONNECT, why);
}

static enum io begin(int fd, const struct address *target, const struct dial_source *source,
		     struct failure *why)
{
	const int result = connect(fd, &target->any, target->length);
	const int error = errno;

	if (target->any.sa_family == AF_UNIX)
		dial_source_unlink(source);
	if (result == 0)
		return IO_DONE;
	/* An interrupted connect(2) goes on by itself. */
	if (error == EINPROGRESS || error == EINTR)
		return IO_AGAIN;
	return fail_connect(why, error, target, source);
}

enum io dial_attempt_start(int *fd, const struct address *target, const struct net_options *options,
			   const struct dial_source *source, struct failure *why)
{
	const int family = target->any.sa_family;
	enum io result = open_socket(fd, family, options->mptcp, why);

	if (result != IO_DONE)
		return result;
	result = IO_FAILED;
	if (prepare(*fd, family, options, source, why))
		result = begin(*fd, target, source, why);
	if (result == IO_FAILED) {
		close(*fd);
		*fd = -1;
	}
	return result;
}

static bool is_same(const struct address *a, const struct address *b)
{
	char first[ADDRESS_TEXT_MAX], second[ADDRESS_TEXT_MAX];

	return strcmp(address_text(first, a), address_text(second, b)) == 0;
}

/* The port alone is asked first: it is nearly always enough. */
static bool is_own(int fd, const struct address *target, const struct address *local)
{
	struct address peer;
	const int family = target->any.sa_family;

	return (family == AF_INET || family == AF_INET6) &&
	       address_port(target) == address_port(local) && address_of_peer(fd, &peer) &&
	       is_same(&peer, local);
}

enum io dial_attempt_finish(int fd, const struct address *target, const struct net_options *options,
			    struct address *local, struct failure *why)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
		error = errno;
	if (error == 0 && address_of_socket(fd, local) && is_own(fd, target, local))
		error = ECONNREFUSED;
	if (error != 0)
		return fail_reason(why, error);
	return sockopt_apply(&options->sockopts, fd, SOCKOPT_CONNECTED, why) ? IO_DONE : IO_FAILED;
}

static const char *unfit_descriptor(int fd)
{
	int type = 0, listening = 0;
	socklen_t length = sizeof(type);

	if (fcntl(fd, F_GETFD) == -1)
		return "not open";
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0)
		return "not a socket";
	if (type != SOCK_STREAM)
		return "not a stream socket";
	length = sizeof(listening);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening)
		return "a listening socket";
	return NULL;
}

bool dial_attempt_inherit(int fd, const struct net_options *options, struct address *local,
			  struct address *peer, struct failure *why)
{
	const char *unfit = unfit_descriptor(fd);

	if (!unfit && !address_of_peer(fd, peer))
		unfit = "a socket that is not connected";
	if (unfit) {
		fail(why, FAILURE_USAGE, "%s", unfit);
		return false;
	}
	address_of_socket(fd, local);
	/* Unlike its status flags this one is not shared with whoever gave the descriptor. */
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	for (int moment = SOCKOPT_BEFORE_BIND; moment <= SOCKOPT_CONNECTED; moment++)
		if (!sockopt_apply(&options->sockopts, fd, (enum sockopt_moment)moment, why))
			return false;
	return true;
}
