/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_LISTEN_H
#define SOCKUTIL_NET_LISTEN_H
/*
 * Listening sockets. A port without a host is one dual-stack socket ([::] with IPV6_V6ONLY off;
 * 0.0.0.0 where IPv6 is missing); "localhost" is two sockets with the same port. A unix: path held
 * by a live server is never taken over (FAILURE_LOCAL_ADDRESS); a dead socket is replaced; anything
 * that is not a socket is left alone. What was made here is unlinked at close, if it still is the
 * same inode.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/accept.h>
#include <sockutil/net/address.h>
#include <sockutil/net/dial.h>
#include <sockutil/net/endpoint.h>

struct listener {
	int fd;                 /* close-on-exec; non-blocking unless polled */
	struct address address; /* as bound: the port is the real one */
	enum endpoint_scheme scheme;
	bool polled; /* an inherited blocking socket (fd:N): its flags are shared with whoever gave
			it, so they stay as they are, and accept_one() asks poll(2) before each
			accept(2). Should another process take the connection in between, accept(2)
			waits for the next one: give each fd:N to one server alone, or non-blocking.
		      */
	char *unlink_path; /* owned, NULL unless we made a socket file */
	dev_t device;      /* of that file */
	ino_t inode;
};

struct listen_options {
	/* family, interface, mptcp, fastopen, sockopts; source is for dialling alone */
	const struct net_options *net;
	int backlog;        /* 1-65535 */
	int type;           /* SOCK_STREAM or SOCK_DGRAM */
	bool reuse_port;    /* SO_REUSEPORT, for several workers */
	mode_t socket_mode; /* of a socket file; 0: by umask */
};

/*
 * Opens every socket of one endpoint and appends them to *listeners (realloc'ed; *count grows): all
 * or none, a failure leaves no descriptor and no socket file behind. Waits for names and for a lock
 * on a socket file's folder (2 s at most): for the start of a server. Fails with
 * FAILURE_LOCAL_ADDRESS (in use, not ours, not permitted: each with its remedy), FAILURE_NAME, or
 * FAILURE_USAGE (fd:N that is not a listening socket, systemd: without LISTEN_FDS, a form this
 * system does not have, an option that this kind of endpoint has no use for). Socket options reach
 * inherited sockets too. A socket_mode sets the umask for the moment of bind(2): single-threaded
 * callers only.
 */
bool listen_open(struct listener **listeners, size_t *count, const struct endpoint *endpoint,
		 const struct listen_options *options, struct failure *why);

/* A second socket on the same bound address, for another worker (reuse_port); false with
 * FAILURE_NONE for kinds that are shared instead (unix:, fd:, systemd:, vsock:). */
bool listen_clone(struct listener *out, const struct listener *original,
		  const struct listen_options *options, struct failure *why);

/* Closes; unlinks what we made when owner is true (the process that made it). */
void listener_close(struct listener *listener, bool owner);

/* Writes the bound ports, one a line, to a temporary name and renames it to path: a reader sees all
 * or nothing. Sockets without a port write their address text. FAILURE_OUTPUT. */
bool listen_write_port_file(const char *path, const struct listener *listeners, size_t count,
			    struct failure *why);
#endif
