/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_RELAY_BRIDGE_H
#define SOCKUTIL_RELAY_BRIDGE_H
/*
 * Two open connections joined as equals: a forwarder's. Each direction is a pump of its own
 * (relay/pump.h), spliced where nothing changes the bytes; the end of one side becomes the
 * half-close of the other, and the other direction goes on without limit.
 *
 * When a side fails, what it gave before still goes to the other one and is waited for until that
 * kernel has it all: a reset that the owner sends then overtakes nothing.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/stream/stream.h>

/* The one that came, and the one that was dialled for it. */
enum bridge_side { BRIDGE_CLIENT, BRIDGE_SERVER };

struct bridge_options {
	int64_t idle_ms; /* no byte either way for so long is FAILURE_TIMEOUT; <= 0: no limit */
	bool settle;     /* over only when both kernels have acknowledged everything */
};

struct bridge_report {
	uint64_t bytes[2]; /* by the side they came from: those the other side took */
	/* Whose failure it is (FAILURE_TIMEOUT: nobody's); without one, who ended first. */
	enum bridge_side side;
	struct failure failure; /* class FAILURE_NONE: both ended in order */
};

struct bridge;

/* Once, from the loop. The bridge can be freed inside it. */
typedef void bridge_done(void *data, const struct bridge_report *report);

/* Borrows both streams: the owner closes them after the bridge, with layer_socket_abort() where one
 * side's failure is to be the other's. A Unix socket has no reset: its peer sees an end. */
struct bridge *bridge_new(struct ev_loop *loop, struct stream *client, struct stream *server,
			  const struct bridge_options *options, bridge_done *done, void *data);
/* What that side gave and the other took, so far. */
uint64_t bridge_bytes(const struct bridge *bridge, enum bridge_side from);
/* NULL is fine. */
void bridge_free(struct bridge *bridge);
#endif
