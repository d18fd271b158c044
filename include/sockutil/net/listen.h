/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_LISTEN_H
#define SOCKUTIL_NET_LISTEN_H
/*
 * Listening sockets. A port without a host is one dual-stack socket ([::] with IPV6_V6ONLY off; 0.0.0.0 where IPv6 is missing);
 * "localhost" is two sockets with the same port. A unix: path held by a live server is never taken over (FAILURE_LOCAL_ADDRESS); a dead
 * socket is replaced; anything that is not a socket is left alone. What was made here is unlinked at close, if it still is the same inode.
 */
#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>
#include <sockutil/net/dial.h>
#include <sockutil/net/endpoint.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct listener {
	int fd;                 /* non-blocking, close-on-exec */
	struct address address; /* as bound: the port is the real one */
	enum endpoint_scheme scheme;
	char *unlink_path; /* owned, NULL unless we made a socket file */
	dev_t device;      /* of that file */
	ino_t inode;
	char *lock_path; /* not used unless an implementation needs one; owned */
};

struct listen_options {
	const struct net_options *net;
	int backlog;         /* 1-65535 */
	int type;            /* SOCK_STREAM or SOCK_DGRAM */
	bool reuse_port;     /* SO_REUSEPORT, for several workers */
	mode_t socket_mode;  /* of a socket file; 0: by umask */
};

/*
 * Opens every socket of one endpoint and appends them to *listeners (realloc'ed; *count grows). Fails with FAILURE_LOCAL_ADDRESS (in use, not
 * ours, not permitted: each with its remedy), FAILURE_NAME, or FAILURE_USAGE (fd:N that is not a listening socket, systemd: without LISTEN_FDS).
 */
bool listen_open(struct listener **listeners, size_t *count, const struct endpoint *endpoint,
		 const struct listen_options *options, struct failure *why);

/* A second socket on the same bound address, for another worker (reuse_port); false for kinds that are shared instead. */
bool listen_clone(struct listener *out, const struct listener *original,
		  const struct listen_options *options, struct failure *why);

/* Closes; unlinks what we made when owner is true (the process that made it). */
void listener_close(struct listener *listener, bool owner);

/* Writes the bound ports, one a line, to a temporary name and renames it to path: a reader sees all or nothing. Sockets without
 * a port write their address text. FAILURE_OUTPUT. */
bool listen_write_port_file(const char *path, const struct listener *listeners, size_t count,
			    struct failure *why);

/* Closes whatever sits at an accepted connection at the descriptor limit: holds a spare descriptor, so that accept(2) can be answered
 * with a close instead of spinning on EMFILE. See accept_one(). */
struct accept_reserve {
	int spare; /* -1: none */
};

/* One connection: IO_DONE with *fd (non-blocking, close-on-exec) and *peer; IO_AGAIN: none waits (ECONNABORTED and the like are
 * skipped); IO_FAILED: EMFILE, ENFILE, ENOBUFS, ENOMEM: the caller pauses the listener for a while. */
enum io accept_one(int listener, int *fd, struct address *peer, struct failure *why);
#endif
