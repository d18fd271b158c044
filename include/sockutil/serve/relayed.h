/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_RELAYED_H
#define SOCKUTIL_SERVE_RELAYED_H
/* A session whose bytes a relay moves, between the client and a local stream: what the handlers of
 * that kind share. */
#include <stdint.h>

#include <sockutil/relay/relay.h>

struct session;

/* First member of such a handler's state. */
struct relayed {
	struct relay *relay;
	void (*over)(struct session *session, const struct relay_report *report);
};

/* Joins local and the client; idle_ms 0: no limit. over comes once, from the loop, with the
 * session's counts up to date; its report outlives the relay. The caller frees local after
 * relayed_stop. */
void relayed_start(struct session *session, struct stream *local, struct relay_options options,
		   int64_t idle_ms,
		   void (*over)(struct session *session, const struct relay_report *report));
/* struct handler: count and stop. */
void relayed_count(struct session *session);
void relayed_stop(struct session *session);
#endif
