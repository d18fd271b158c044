/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_WATCH_H
#define SOCKUTIL_STREAM_WATCH_H
/*
 * Waiting for a stream in an event loop: turns stream_want() into libev watchers. Watchers are
 * kept between calls, so that asking for the same again costs no system call.
 */
#include <ev.h>

#include <sockutil/stream/stream.h>

/* sides: enum stream_side bits that may be tried again. */
typedef void stream_ready(void *data, unsigned sides);

/* Invariant: a side is in waiting exactly when the user asked for it and it has not been
 * reported since. */
struct stream_watch {
	struct ev_loop *loop;
	struct stream *stream; /* borrowed */
	stream_ready *ready;
	void *data;
	struct ev_io read_io;
	struct ev_io write_io;
	struct ev_timer timer;
	unsigned waiting;
};

void stream_watch_init(struct stream_watch *w, struct ev_loop *loop, struct stream *stream,
		       stream_ready *ready, void *data);
/* Waits for those sides, and no others. A side with stream_pending() bytes is reported in the
 * next turn of the loop. Reporting does not stop the wait of the other side; the reported side
 * is waited for again only when asked. */
void stream_watch_for(struct stream_watch *w, unsigned sides);
void stream_watch_stop(struct stream_watch *w);
#endif
