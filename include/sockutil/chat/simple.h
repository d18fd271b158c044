/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_SIMPLE_H
#define SOCKUTIL_CHAT_SIMPLE_H
/*
 * --simple: two people on one connection, no protocol. What a line of input holds is sent; what one
 * read brings is shown behind a line "From client:" (or "From server:"), one newline at its end
 * taken off. An empty line ends it, as does the end of input; so does the other one's.
 */
#include <ev.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/serve/handler.h>
#include <sockutil/stream/stream.h>

struct chat_simple;

struct chat_simple_options {
	struct ev_loop *loop;
	struct stream *stream; /* open; stays the caller's, who frees it after chat_simple_free */
	bool server;           /* prompt "server:", else "client:" */
	bool edit, bell;
	/* Once, from the loop: in order (FAILURE_NONE), or what was lost. */
	void (*over)(void *data, const struct failure *why);
	void *data;
};

/* NULL: why. */
struct chat_simple *chat_simple_new(const struct chat_simple_options *options, struct failure *why);
bool chat_simple_free(struct chat_simple *simple, struct failure *why); /* NULL is fine */

/* The first connection of a server. Options: const struct chat_simple_options, of which edit and
 * bell count. */
extern const struct handler chat_simple_handler;
#endif
