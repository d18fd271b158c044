/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_RELAY_PUMP_H
#define SOCKUTIL_RELAY_PUMP_H
/*
 * One direction of a relay: from one stream to another until the source ends. Bytes move in the
 * kernel where both ends allow it, otherwise through a block that is held only while bytes are in
 * it.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/relay/kernel.h>
#include <sockutil/stream/stream.h>

enum pump_state {
	PUMP_RUNNING,
	PUMP_ENDED, /* the source ended in order and all it gave is written and flushed */
	PUMP_FAILED,
};

/* Invariants: held_start <= held_end; block is NULL when they are equal and the pump waits; bytes
 * counts what reached `to`; failure is there when it failed or source_failed. */
struct pump {
	struct stream *from;
	struct stream *to; /* NULL: what comes is dropped */
	enum pump_state state;
	bool source_ended;
	bool source_failed; /* it ended by failure: told once all it gave is written */
	bool failed_at_to;  /* PUMP_FAILED: writing failed, not reading */
	unsigned waits;     /* STREAM_READ: of from, STREAM_WRITE: of to; none: run again soon */
	uint64_t bytes;
	char *block;
	size_t held_start, held_end;
	struct kernel_pump kernel;
	struct failure *failure; /* what it failed with, the source's too once that is known; NULL
				  * until then: most never do */
};

void pump_init(struct pump *p, struct stream *from, struct stream *to);
/* Moves what can be moved now, a few megabytes at most; waits and state tell what is next. A
 * failure of the source counts only once all it gave before is written. */
void pump_run(struct pump *p);
/* Takes nothing more from the source: ends when what is held is written. */
void pump_stop_reading(struct pump *p);
/* Its holder met a failure at the sink (ending it, say): the pump is over. */
void pump_fail(struct pump *p, const struct failure *why);
void pump_free(struct pump *p);
#endif
