/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_CLIENT_PARTS_H
#define SOCKUTIL_CONNECT_CLIENT_PARTS_H
/*
 * What the files of a client share. client.c begins and ends the run; client_local.c has the files
 * or the program on this side; client_open.c opens the connection, again and again where that is
 * asked for; client_join.c joins both sides and decides what comes after.
 */
#include <signal.h>

#include <sockutil/base/backoff.h>
#include <sockutil/base/clock.h>
#include <sockutil/connect/client.h>

enum { CLIENT_SIGNALS = 3 };

struct client {
	struct ev_loop *loop;
	const struct client_options *options;
	struct client_result *result;
	struct stream_options stream; /* ours: the time-out shrinks with --wait */

	int input; /* -1: not opened */
	struct stream *local, *remote, *digest;
	struct stream *kept;     /* with reconnect: the top of local */
	struct program *program; /* local is its stream */
	bool outlived;           /* the relay has ended in order, the program has not */
	struct stream_opening *opening;
	struct tls_context *tls;
	struct relay *relay;
	struct dialogue *dialogue;

	int64_t started_ms, opened_ms;
	uint64_t bytes[2];         /* of the connections until now, with reconnect */
	int64_t joined_us;         /* clock_us() of the first of them; 0: there was none */
	int64_t first_byte_us;     /* of all; once there was one */
	struct failure first_loss; /* of the first one that lost bytes */
	int64_t tries_left;
	struct backoff backoff;
	struct ev_timer retry_timer, reader_timer, max_timer, progress_timer;
	struct ev_signal signals[CLIENT_SIGNALS];
};

/* Ends the run with that failure, copied. */
void client_failed(struct client *c, const struct failure *why);

/* Milliseconds until --max-time, at least 0; only with that limit. */
int64_t client_time_left(const struct client *c);

/* Opens the input and compares it with the output, before anything is dialled: a file that cannot
 * be read is known at once. Returns false with the failure; nothing is open then. */
bool client_check_files(struct client *c, struct failure *why);

/* Opens the output, or starts the program, and makes c->local. Returns false with the failure;
 * its error is ENXIO when the output is a FIFO that nobody reads yet: to be asked again. */
bool client_open_local(struct client *c, struct failure *why);

/* The last connection is over: the output that was kept open ends, and what a connection before it
 * lost stays lost: *failure, unless there is one already. With c->kept only. */
void client_end_kept(struct client *c, struct failure *failure);

/* Starts a try to connect; all that follows from it is done from the loop. */
void client_open(struct client *c);

/* client_open() after that many milliseconds. */
void client_wait_for(struct client *c, int64_t wait_ms);

/* Failures of files have their names in them; those of the connection get its endpoint. */
void client_name_endpoint(const struct client *c, struct failure *why);

/* c->remote is open: opens the local side, as soon as somebody is there to read a FIFO, and joins
 * the two. Called again by c->reader_timer and, with c->kept, after each connection. */
void client_begin(struct client *c);

/* A timer's callback: tells the bytes until now to the hook. */
void client_on_progress(struct ev_loop *loop, struct ev_timer *timer, int events);
#endif
