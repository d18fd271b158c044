/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_HANDLER_H
#define SOCKUTIL_SERVE_HANDLER_H
/*
 * What is done with a connection. A handler is one file with one of these rows; the server knows
 * nothing else of it.
 *
 * Order of calls in a process: prepare (before anything listens), begin (the loop is there), then
 * for each connection start, any number of ready, stop; at the end, end and release. A NULL member
 * is left out, except start.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

struct server;  /* serve/server.h */
struct session; /* serve/session.h */

struct handler {
	const char *name;     /* lower case, for messages */
	size_t state_size;    /* bytes of its own that each session carries, zeroed before start */
	unsigned descriptors; /* open files a connection takes beside its socket */
	bool one_process; /* shares what only one process can use (standard input): no workers */

	/* What all its sessions share, from its own options struct. NULL: why says it. */
	void *(*prepare)(const void *options, struct failure *why);
	void (*begin)(void *data, struct server *server);

	/* The connection is open, TLS included: read, write, or wait. */
	void (*start)(struct session *session);
	/* What session_wait() asked for; sides: enum stream_side bits. */
	void (*ready)(struct session *session, unsigned sides);
	/* What session_limit() asked for: the time is over. */
	void (*expired)(struct session *session);
	/* The server ends: finish what was begun, take nothing new. NULL: session_finish(). */
	void (*drain)(struct session *session);
	/* SIGHUP, where server_options.reloads: files that the handler was given are read again.
	 * False: why says what stays as it was. */
	bool (*reload)(void *data, struct failure *why);
	/* Brings session->received and sent up to date, for a handler that does not use the
	 * session's own calls. */
	void (*count)(struct session *session);
	/* The session is over: free what its state holds. The stream must not be used any more. */
	void (*stop)(struct session *session);

	/* The loop has ended, and all its sessions: the counterpart of begin. */
	void (*end)(void *data);
	/* Frees data. False when something was lost only now (closing standard output failed). */
	bool (*release)(void *data, struct failure *why);
};
#endif
