/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_CLIENT_H
#define SOCKUTIL_CHAT_CLIENT_H
/*
 * A member of a chat, richer than a plain one: opens the connection (or has one end of a pair, as
 * the host's own seat), says who it is, shows what it is told, sends what is typed, takes part in
 * files. Comes back after a loss where that is wanted, with its nick and what it missed.
 *
 * Leaves in order: `/quit`, then everything the host still says, to its end. When standard input
 * ends the same: what was typed before has reached the host (which says `bye` behind it) when the
 * status is 0.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/stream/open.h>

struct chat_client;

/* Borrowed until chat_client_free. */
struct chat_client_options {
	struct ev_loop *loop;
	const struct endpoint *endpoint; /* NULL: fd is connected already */
	int fd;                          /* taken over */
	const struct stream_options *stream;
	const char *nick; /* checked (chat/nick.h) */
	bool nick_chosen; /* by the user: when it cannot be had that is the end. Otherwise NICK2,
			   * NICK3 ... are tried */
	const char *room; /* checked; NULL: where the host puts us */
	const char *log;  /* NULL: none */
	const char *directory; /* where accepted files go; NULL: here */
	uint64_t max_size;     /* of an accepted file, bytes */
	bool edit, bell;
	bool reconnect;
	int64_t retries;        /* tries in a row that may fail before it gives up; 0: no limit */
	int64_t retry_delay_ms; /* the first; doubles */
	/* It is over: once, from the loop. status: exit status; what failed was logged. */
	void (*over)(void *data, int status);
	void *data;
};

/* NULL: why. */
struct chat_client *chat_client_new(const struct chat_client_options *options, struct failure *why);
/* Leaves in order, as /quit does; over comes when it is done, or after two seconds. */
void chat_client_leave(struct chat_client *client, const char *reason);
/* At any time, once: drops what is open, restores the terminal. Returns false when output was lost
 * only now. NULL is fine. */
bool chat_client_free(struct chat_client *client, struct failure *why);
#endif
