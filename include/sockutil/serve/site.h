/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SITE_H
#define SOCKUTIL_SERVE_SITE_H
/* Everything that is made once, before the first fork: rules, certificate, counters, listeners. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/serve/pidfile.h>
#include <sockutil/serve/server.h>

struct site {
	const struct server_options *options;
	struct access_list *access; /* NULL: no rules */
	struct tls_context *tls;    /* NULL: no endpoint has it */
	void *data;                 /* of the handler */
	struct limits *limits;
	struct server_totals *totals; /* one each worker, shared */
	struct listener **listeners;  /* a set for each worker */
	size_t listener_count;        /* of a set */
	struct listener *metrics;     /* --metrics, shared by the workers */
	size_t metrics_count;
	struct pidfile pidfile;
	int ready_fd;   /* -1: none, or told */
	double started; /* seconds since 1970 */
};

/* site holds its options alone. Listens, and says so. On failure site_close is still to be called.
 */
bool site_open(struct site *site, struct failure *why);
/* Files that a connection takes beside its socket, at most. */
unsigned site_descriptors(const struct server_options *options);
/* For whoever waits for us: the port file, then, as --user, the service manager and --ready-fd. */
bool site_announce(struct site *site, struct failure *why);
/* In a worker, before it serves: what belongs to the first process and to other workers is closed.
 */
void site_enter(struct site *site, unsigned worker);
/* The first process of several holds the sockets for those that take a dead worker's place; who
 * comes when the server ends is to be refused. */
void site_stop_listening(struct site *site);
/* Frees everything but what the handler prepared; removes socket files. */
void site_close(struct site *site);
#endif
