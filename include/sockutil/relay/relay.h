/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_RELAY_RELAY_H
#define SOCKUTIL_RELAY_RELAY_H
/*
 * Two open streams joined: what one gives the other gets, each direction on its own. Where both
 * ends of a direction answer stream_raw_fd() the bytes stay in the kernel (sendfile, splice);
 * otherwise they go through a buffer. The end of one side becomes the half-close of the other.
 *
 * Directions are named from the local side (stdio, a file, a program): UP is local to remote, DOWN
 * is remote to local.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/stream/stream.h>

enum relay_direction { RELAY_UP, RELAY_DOWN };

/* Times in milliseconds; negative: never, unless said otherwise. */
struct relay_options {
	int64_t idle_ms; /* --idle-timeout: no byte either way; not while both directions are done.
			    FAILURE_TIMEOUT */
	int64_t max_ms;  /* --max-time left. FAILURE_TIMEOUT */
	int64_t quit_after_ms; /* --quit-after: after the last byte came, once local ended; ends in
				  order */
	int64_t silence_ms;    /* once the remote ended: local silent that long ends the relay in
				  order; 500 for connect, negative (--keep-sending): waits */
	bool no_half_close;    /* -N: the local end is not passed on; waits for the remote's end */
	bool recv_only;      /* local is never read; our half-close goes out at the remote's end */
	bool send_only;      /* what the remote sends is read and dropped */
	bool end_with_local; /* the relay is over when local ended and is sent */
	bool patient_end; /* a local end without a single byte is passed on only at the remote's end
			     (serve under </dev/null) */
	bool local_is_program; /* that it reads no more ends nothing, and what it writes when it
				  cannot be sent any more is dropped until the remote has ended */
};

struct relay_report {
	uint64_t bytes[2];            /* by enum relay_direction: written out, not merely read */
	int64_t started_us, ended_us; /* clock_us() */
	int64_t first_byte_us;        /* of the remote; -1 none */
	struct failure failure;       /* class FAILURE_NONE: everything arrived */
	const char *reason; /* "peer closed", "input ended", "idle", "quit-after", ... for log
			       lines; static text */
};

struct relay;

/* Once, from the loop. The relay can be freed inside it. */
typedef void relay_done(void *data, const struct relay_report *report);

/* Borrows both streams: the caller frees them after the relay. */
struct relay *relay_new(struct ev_loop *loop, struct stream *local, struct stream *remote,
			const struct relay_options *options, relay_done *done, void *data);
/* Live counters, for --progress and a signal's report. */
void relay_snapshot(const struct relay *r, struct relay_report *out);
/* Stops taking local input, sends what was taken, half-closes: for drain. */
void relay_drain(struct relay *r);
/* The same of the other side: takes nothing more from the remote, and ends the local side once it
 * has what was taken. */
void relay_stop_remote(struct relay *r);
/* From now on as with options.end_with_local; the relay may end inside. */
void relay_end_with_local(struct relay *r);
void relay_free(struct relay *r);
#endif
