/* SPDX-License-Identifier: MIT */
/* src/stream/watch.c - a stream's wishes as libev watchers. */
#include <sockutil/stream/watch.h>

/* The sides of sides that name want among their wishes; 0 asks for those that wish for nothing. */
static unsigned watch_wanting(const struct stream_watch *w, unsigned sides, unsigned want)
{
	unsigned found = 0;

	for (unsigned side = STREAM_READ; side <= STREAM_WRITE; side <<= 1) {
		unsigned wanted;

		if (!(sides & side))
			continue;
		wanted = stream_want(w->stream, (enum stream_side)side);
		if (want ? (wanted & want) != 0 : wanted == 0)
			found |= side;
	}
	return found;
}

/* The sides that can be tried again without waiting for anything. */
static unsigned watch_at_once(const struct stream_watch *w, unsigned sides)
{
	unsigned found = watch_wanting(w, sides, 0);

	if ((sides & STREAM_READ) && stream_pending(w->stream))
		found |= STREAM_READ;
	if (stream_fd(w->stream, STREAM_READ) < 0)
		found |= watch_wanting(w, sides, STREAM_WANT_READ);
	if (stream_fd(w->stream, STREAM_WRITE) < 0)
		found |= watch_wanting(w, sides, STREAM_WANT_WRITE);
	return found;
}

static void watch_io_set(struct stream_watch *w, struct ev_io *io, int fd, int event, bool wanted)
{
	if (!wanted || fd < 0) {
		ev_io_stop(w->loop, io);
		return;
	}
	if (io->fd != fd) {
		ev_io_stop(w->loop, io);
		ev_io_set(io, fd, event);
	}
	ev_io_start(w->loop, io);
}

static void watch_timer_set(struct stream_watch *w, bool at_once, unsigned timed)
{
	int64_t wake = -1;

	for (unsigned side = STREAM_READ; side <= STREAM_WRITE; side <<= 1) {
		int64_t ms =
			(timed & side) ? stream_wake_ms(w->stream, (enum stream_side)side) : -1;

		if (ms >= 0 && (wake < 0 || ms < wake))
			wake = ms;
	}
	/* Not ev_feed_event(): what is fed inside a callback runs before the loop polls again,
	 * and a source that is always ready would starve every other. */
	if (at_once)
		wake = 0;
	ev_timer_stop(w->loop, &w->timer);
	if (wake < 0)
		return;
	ev_timer_set(&w->timer, (double)wake / 1000, 0);
	ev_timer_start(w->loop, &w->timer);
}

void stream_watch_for(struct stream_watch *w, unsigned sides)
{
	unsigned at_once = watch_at_once(w, sides);
	unsigned rest = sides & ~at_once;

	w->waiting = sides;
	watch_io_set(w, &w->read_io, stream_fd(w->stream, STREAM_READ), EV_READ,
		     watch_wanting(w, rest, STREAM_WANT_READ) != 0);
	watch_io_set(w, &w->write_io, stream_fd(w->stream, STREAM_WRITE), EV_WRITE,
		     watch_wanting(w, rest, STREAM_WANT_WRITE) != 0);
	watch_timer_set(w, at_once != 0, watch_wanting(w, rest, STREAM_WANT_TIME));
}

/* The user may stop or free the watch inside ready: nothing of it is touched afterwards. */
static void watch_report(struct stream_watch *w, unsigned sides)
{
	stream_watch_for(w, w->waiting & ~sides);
	if (sides)
		w->ready(w->data, sides);
}

static void watch_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct stream_watch *w = io->data;

	(void)loop;
	(void)events;
	watch_report(w, watch_wanting(w, w->waiting, STREAM_WANT_READ));
}

static void watch_writable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct stream_watch *w = io->data;

	(void)loop;
	(void)events;
	watch_report(w, watch_wanting(w, w->waiting, STREAM_WANT_WRITE));
}

static void watch_timed(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct stream_watch *w = timer->data;

	(void)loop;
	(void)events;
	watch_report(w,
		     watch_at_once(w, w->waiting) | watch_wanting(w, w->waiting, STREAM_WANT_TIME));
}

void stream_watch_init(struct stream_watch *w, struct ev_loop *loop, struct stream *stream,
		       stream_ready *ready, void *data)
{
	*w = (struct stream_watch){
		.loop = loop,
		.stream = stream,
		.ready = ready,
		.data = data,
	};
	ev_init(&w->read_io, watch_readable);
	ev_init(&w->write_io, watch_writable);
	ev_init(&w->timer, watch_timed);
	w->read_io.fd = -1;
	w->write_io.fd = -1;
	w->read_io.data = w;
	w->write_io.data = w;
	w->timer.data = w;
}

void stream_watch_stop(struct stream_watch *w)
{
	w->waiting = 0;
	ev_io_stop(w->loop, &w->read_io);
	ev_io_stop(w->loop, &w->write_io);
	ev_timer_stop(w->loop, &w->timer);
}
