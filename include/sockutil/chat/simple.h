/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_SIMPLE_H
#define SOCKUTIL_CHAT_SIMPLE_H
/*
 * --simple: two people on one connection, no protocol. What a line of input holds is sent with its
 * end; what one read brings is shown, each of its lines behind a line "From client:" (or "From
 * server:"), so that none can pass for what we said ourselves. An empty line ends it, as does the
 * end of input; so does the other one's.
 *
 * The end in order: what was typed goes out, then our half-close, then what the other one still
 * says until its own end or two seconds of silence. When the other one ends first, what stands in a
 * pipe is still said. FAILURE_NONE only when all that was sent has been acknowledged.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/serve/handler.h>
#include <sockutil/stream/stream.h>

struct chat_simple;

enum {
	CHAT_SIMPLE_LINE =
		64 * 1024, /* bytes of a line that are held; longer ones go out in pieces */
	CHAT_SIMPLE_QUEUE = 64 * 1024, /* waiting to be sent: no more input is read */
	CHAT_SIMPLE_LEAVE_MS = 2000,
};

struct chat_simple_options {
	struct ev_loop *loop;
	struct stream *stream; /* open; stays the caller's, who frees it after chat_simple_free */
	bool server;           /* prompt "server:", else "client:" */
	bool edit, bell;
	/* Once, from the loop: in order (FAILURE_NONE), or what was lost. May free the chat. */
	void (*over)(void *data, const struct failure *why);
	void *data;
};

/* NULL: why. */
struct chat_simple *chat_simple_new(const struct chat_simple_options *options, struct failure *why);
/* As an empty line does; waits at most wait_ms for the other one, longer only while bytes of ours
 * are still being taken. */
void chat_simple_leave(struct chat_simple *simple, int64_t wait_ms);
/* Bytes so far. */
void chat_simple_count(const struct chat_simple *simple, uint64_t *received, uint64_t *sent);
/* False: output was lost only now. NULL is fine. */
bool chat_simple_free(struct chat_simple *simple, struct failure *why);

/* The first connection of a server. Options: const struct chat_simple_options, of which edit and
 * bell count. */
extern const struct handler chat_simple_handler;
#endif
