/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_CLIENT_H
#define SOCKUTIL_CONNECT_CLIENT_H
/*
 * From options to an end: opens the connection, again where that is wanted, puts the local side's
 * layers around it, joins or talks, and says how it went. Runs an event loop of its own.
 */
#include <ev.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/connect/client_program.h>
#include <sockutil/connect/dialogue.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/relay/relay.h>
#include <sockutil/stream/layer_digest.h>
#include <sockutil/stream/open.h>

struct client_hooks {
	/* One address of several failed. */
	dial_attempt_failed *attempt_failed;
	/* A try failed; the next begins in wait_ms. */
	void (*retrying)(void *data, const struct failure *why, int64_t wait_ms);
	/* With reconnect: the connection is over, and the next try begins in wait_ms. why: NONE
	 * when the peer ended it in order. NULL: not wanted. */
	void (*lost)(void *data, const struct failure *why, int64_t wait_ms);
	/* The connection is open and nothing has been exchanged yet. */
	void (*opened)(void *data, struct stream *remote, const struct stream_report *report);
	/* Ten times a second while bytes are joined; NULL: not wanted. */
	void (*progress)(void *data, const struct relay_report *report);
	void *data;
};

/* Everything is borrowed until client_run returns. */
struct client_options {
	const struct endpoint *endpoint;
	const struct stream_options *stream;
	struct relay_options relay;              /* max_ms is taken from here for the whole run */
	const struct dialogue_options *dialogue; /* NULL: stdin and stdout are joined */
	bool crlf;
	bool telnet;                /* the peer's commands are answered (stream/layer_telnet.h) */
	const char *digest;         /* algorithm, or NULL */
	const char *input, *output; /* files; NULL or "-": stdin, stdout */
	bool append;
	bool edit; /* lines are edited, on the terminal that stdin and stdout are */
	const struct client_program *program; /* joined instead of both files; NULL: none */
	bool wait;                            /* --wait: try until it accepts */
	int64_t wait_ms;                      /* at most that long; 0: without limit */
	int64_t retries;                      /* --retry */
	int64_t retry_delay_ms;
	/* --reconnect: a connection that ended, or could not be opened, is followed by another one
	 * until the input has ended; with retries, after that many tries in a row that failed it
	 * is given up. The local side stays. Not with a dialogue or a digest. */
	bool reconnect;
	bool catch_signals; /* SIGINT, SIGTERM and SIGHUP end the run in order, for what has to be
			       closed */
	struct client_hooks hooks;
};

struct client_result {
	bool program_ended;
	int program_status; /* as of waitpid(2), once it has ended */
	/* Failure included; zeroed when the connection never opened. With reconnect the bytes are
	 * those of all connections, and the failure is the last one's, or else the first one's that
	 * lost bytes. */
	struct relay_report report;
	bool opened;
	struct stream_report stream;
	int signal; /* the one that ended it, or 0 */
	char sent_digest[DIGEST_TEXT_MAX],
		received_digest[DIGEST_TEXT_MAX]; /* "" when not wanted */
	struct buffer tcp_info; /* what the kernel counted, as text; the caller frees */
};

/* Failures are in result->report.failure. */
void client_run(const struct client_options *options, struct client_result *result);
#endif
