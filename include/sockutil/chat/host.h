/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HOST_H
#define SOCKUTIL_CHAT_HOST_H
/*
 * A chat as a server's handler: sessions are members. Reads lines, lets the hall decide, and
 * carries what it delivers.
 *
 * A member's queue holds shared lines, at most CHAT_HOST_QUEUE bytes of what others say (each
 * line's memory of the queue itself counted). One that is behind by more is put out, or with
 * CHAT_SLOW_DROP loses the oldest lines and is told how many; nobody ever waits for it. What keeps
 * files going is bounded by CHAT_HOST_FILES and never dropped. Answers to what a member said itself
 * are not counted: it is not read while more than CHAT_HOST_UNREAD bytes wait for it.
 *
 * What is told to CHAT_HOST_MANY members or more is followed by a pause of CHAT_HOST_GATHER_MS, so
 * that when much is said one write to each carries several lines.
 */
#include <ev.h>
#include <stdint.h>

#include <sockutil/serve/handler.h>

enum {
	CHAT_HOST_QUEUE = 256 * 1024,
	CHAT_HOST_FILES = 1024 * 1024,
	CHAT_HOST_UNREAD = 128 * 1024,
	CHAT_HOST_MANY = 32,
	CHAT_HOST_GATHER_MS = 5,
	CHAT_HOST_NICK_MS = 30000, /* from the open connection to a nick */
	CHAT_HOST_PING_MS = 60000, /* a richer client that said nothing is asked; answers in half
				    * of it */
	CHAT_HOST_END_MS = 10000,  /* one that is out takes something of what it still gets */
	CHAT_HOST_CLOSE_MS = 2000, /* the same while the chat ends */
};

enum chat_slow { CHAT_SLOW_KICK, CHAT_SLOW_DROP };

/* Who hosts the chat and sits in it: gets one end of a socket pair as if it were a connection that
 * a client made. */
struct chat_seat {
	/* The loop runs. fd is the seat's own. */
	void (*begin)(void *data, struct ev_loop *loop, int fd);
	/* The loop has ended. */
	void (*end)(void *data);
	void *data;
};

/* Borrowed until release. */
struct chat_host_options {
	size_t max_members;
	size_t history;
	uint64_t max_size; /* of files passed on, bytes */
	enum chat_slow slow;
	const char *room;             /* checked */
	const char *log;              /* file that gets everything said, appended; NULL: none */
	const struct chat_seat *seat; /* NULL: nobody sits here */
};

/* Takes struct chat_host_options. When the seat's connection ends, the server drains. */
extern const struct handler chat_host_handler;
#endif
