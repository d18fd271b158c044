/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_SERVER_H
#define SOCKUTIL_SERVE_SERVER_H
/*
 * Listeners, the loop, the limits, the end. One process is one loop; with several workers each has
 * its own, and the first process only looks after them.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/access.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/listen.h>
#include <sockutil/serve/handler.h>
#include <sockutil/serve/limits.h>
#include <sockutil/stream/open.h>

struct session;

/* Whether a PROXY protocol header says who the client is (proto/proxy_header.h). Rules and limits
 * of addresses are then about whom it names. */
enum accept_proxy { ACCEPT_PROXY_NO, ACCEPT_PROXY_DETECT, ACCEPT_PROXY_REQUIRE };

/* Times in milliseconds, 0: none, unless said otherwise. All pointers are borrowed. */
struct server_options {
	const struct endpoint *endpoints;
	size_t endpoint_count;
	const struct stream_options *stream;
	const struct handler *handler;
	const void *handler_options;
	/* Handlers that sessions can become later, of which handler takes care; end with NULL, or
	 * NULL: none. Only their state_size and descriptors count here. */
	const struct handler *const *inner;
	const char *const *allow; /* end with NULL; NULL: no rules */
	const char *const *deny;
	int backlog;
	mode_t socket_mode; /* 0: by umask */
	uint64_t max_connections, max_per_address, rate;
	uint64_t accept; /* connections to serve before the server ends; 0: no limit */
	int64_t handshake_ms, idle_ms; /* of a connection */
	int64_t max_ms;                /* of the server, then it drains with FAILURE_TIMEOUT */
	int64_t grace_ms;              /* 0: sessions are cut at once */
	unsigned workers;
	enum accept_proxy accept_proxy;
	int ready_fd; /* -1: none. Gets "READY\n" once everything listens; closed then if above 2 */
	const char *port_file;
	bool reloads;        /* SIGHUP: the handler has files to read again (handler->reload) */
	const char *pidfile; /* NULL: none */
	const char *user;    /* who we become once everything is open; NULL: nobody else */
	const struct endpoint
		*metrics; /* where counters are told (serve/metrics.h); NULL: nowhere */
	bool stats;
	bool show_sockopts;
	/* The lines of single connections are told with -v alone: the handler tells of those that
	 * come and go in its own way. */
	bool hushed;
};

/* What one process has done; in memory shared by the workers. */
struct server_totals {
	uint64_t open; /* now; all others only grow */
	uint64_t accepted, served, refused, failed;
	uint64_t received, sent;
};

struct server_result {
	int status; /* exit status, 0 when all was served or drained */
	int signal; /* not 0: end by this signal, the sessions were cut */
};

/* Listens and serves until it is told to stop or has served `accept` connections. False when it
 * could not begin: why says it, nothing was logged. Otherwise everything worth saying was logged
 * and *result is filled. */
bool server_run(const struct server_options *options, struct server_result *result,
		struct failure *why);

/* ------ inside the room ------ */

enum {
	SERVER_LISTENERS = 1024, /* sockets of one server, at most */
};

enum { SERVER_SCRATCH = 64 * 1024 };

struct acceptor;  /* serve/acceptor.h */
struct lingering; /* serve/lingering.h */
struct metrics;   /* serve/metrics.h */

struct server {
	const struct server_options *options;
	void *data;        /* of the handler */
	size_t state_size; /* of the largest handler */
	struct ev_loop *loop;
	struct listener *listeners;
	size_t listener_count;
	struct acceptor *acceptor;
	struct access_list *access; /* NULL: no rules */
	struct tls_context **tls;   /* the site's, which a reload replaces; *tls NULL: no endpoint
				     * has it */
	struct limits *limits;
	struct server_totals *totals;           /* of this worker */
	const struct server_totals *all_totals; /* of each */
	double started;                         /* seconds since 1970 */
	struct metrics *metrics;                /* NULL: none */
	unsigned worker;
	bool listeners_owned; /* closing them unlinks socket files */

	struct session *sessions; /* those that live */
	struct session *doomed;   /* closed, freed when the loop turns */
	struct lingering *lingering;
	uint64_t live;
	uint64_t number; /* of the last session */

	struct ev_prepare before_sleep;
	struct ev_signal signals[3];
	/* Of a worker: signals come as bytes, its end is the end of the first process. */
	struct ev_io control;
	struct ev_timer grace;
	struct ev_timer max_time;

	bool draining;
	int signal;                   /* that started the drain, or the second one */
	bool cut;                     /* sessions did not end in time */
	struct failure failure;       /* the first that decides the exit status */
	int exit_status;              /* of a program, where nothing failed (--exec with --once) */
	char scratch[SERVER_SCRATCH]; /* for one read, used up before the call-back returns */
};

/* A session has ended or a listener was closed: leaves the loop when nothing is left to do. */
void server_settle(struct server *server);
/* Remembers the first failure for the exit status. */
void server_blame(struct server *server, const struct failure *why);
/* Something all sessions need is gone (standard output): the server ends with that status; it is
 * said unless a session said what ends it. */
void server_end(struct server *server, const struct failure *why);
#endif
