/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_DIALOGUE_H
#define SOCKUTIL_CONNECT_DIALOGUE_H
/*
 * A conversation in turn: one message out, one reply in. Messages come from a list, then from the
 * lines of the local stream when there is a prompt; an empty line or the end of input ends it. What
 * the peer says within 300 ms of connecting is a greeting and nobody's reply. After the last
 * message our side is half-closed and the rest is read to the peer's end.
 *
 * Each message of the peer is written as label, message, newline (unless it brought one).
 */
#include <ev.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/framing.h>
#include <sockutil/relay/relay.h>
#include <sockutil/stream/stream.h>

struct dialogue_options {
	const char *const *messages; /* borrowed */
	size_t message_count;
	const char *prompt;      /* NULL: only the list */
	const char *reply_label; /* NULL: none */
	enum framing framing;
	size_t max_message;      /* bytes */
	int64_t greeting_ms;     /* 300 */
	int64_t idle_ms, max_ms; /* as in struct relay_options */
	/* Shows the prompt to a person; NULL when nobody types. */
	void (*show_prompt)(void *data, const char *prompt);
	void *prompt_data;
};

struct dialogue;

/* Reports like a relay. Borrows both streams and the options' pointers. A peer that ends before all
 * messages of the list were sent is FAILURE_RECEIVE; a message over the limit FAILURE_SIZE. */
struct dialogue *dialogue_new(struct ev_loop *loop, struct stream *local, struct stream *remote,
			      const struct dialogue_options *options, relay_done *done, void *data);
void dialogue_free(struct dialogue *d);
#endif
