/* SPDX-License-Identifier: MIT */
/* src/relay/relay.c - two streams joined: ends, failures, limits. */
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/relay/pump.h>
#include <sockutil/relay/relay.h>
#include <sockutil/stream/watch.h>

/*
 * Invariants: passed_end only after all that the local side gave is written to the remote; finished
 * is set before done is called, and nothing of the relay is touched after that call.
 */
struct relay {
	struct ev_loop *loop;
	struct stream *local, *remote;
	struct relay_options options;
	relay_done *done;
	void *data;

	struct pump up, down;
	struct stream_watch local_watch, remote_watch;
	struct ev_timer idle_timer; /* --idle-timeout */
	struct ev_timer max_timer;  /* --max-time */
	struct ev_timer
		rest_timer;   /* --quit-after, or the local side's silence after the remote's end */
	struct ev_io gone_io; /* the reader of a local pipe leaving while nothing is written */
	struct ev_timer start_timer;

	bool passed_end;    /* our half-close went out */
	bool settled;       /* and everything is acknowledged */
	bool local_closed;  /* the remote's end was passed on */
	bool ended_by_rest; /* --quit-after expired */
	bool finished;
	uint64_t bytes_seen; /* both ways, at the last look of the idle timer */
	/* of sending: the other direction goes on before it is told; NULL: nothing failed */
	struct failure *first;
	uint64_t sent_before; /* sending failed: what up counts since is dropped */
	int64_t started_us, first_byte_us;
};

static void relay_step(struct relay *r);

static void stop_watching(struct relay *r)
{
	stream_watch_stop(&r->local_watch);
	stream_watch_stop(&r->remote_watch);
	ev_timer_stop(r->loop, &r->idle_timer);
	ev_timer_stop(r->loop, &r->max_timer);
	ev_timer_stop(r->loop, &r->rest_timer);
	ev_timer_stop(r->loop, &r->start_timer);
	ev_io_stop(r->loop, &r->gone_io);
}

/* why NULL: in order. */
static void finish(struct relay *r, const struct failure *why, const char *reason)
{
	struct relay_report report;

	if (r->finished)
		return;
	r->finished = true;
	stop_watching(r);
	relay_snapshot(r, &report);
	if (why)
		report.failure = *why;
	report.reason = reason;
	report.ended_us = clock_us();
	r->done(r->data, &report);
}

static void on_idle(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct relay *r = timer->data;
	uint64_t seen = r->up.bytes + r->down.bytes;
	struct failure why = { 0 };

	(void)events;
	if (seen != r->bytes_seen) {
		r->bytes_seen = seen;
		ev_timer_again(loop, timer);
		return;
	}
	if (r->passed_end && r->local_closed)
		return;
	fail(&why, FAILURE_TIMEOUT, "no bytes either way for %lld ms (--idle-timeout)",
	     (long long)r->options.idle_ms);
	finish(r, &why, "idle");
}

static void on_max(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct relay *r = timer->data;
	struct failure why = { 0 };

	(void)loop;
	(void)events;
	fail(&why, FAILURE_TIMEOUT, "not done when --max-time ran out");
	finish(r, &why, "max-time");
}

/* The local side has been silent since the remote ended, or the remote since the local ended: over,
 * in order. */
static void on_rest(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct relay *r = timer->data;

	ev_timer_stop(loop, timer);
	(void)events;
	if (r->local_closed) {
		pump_stop_reading(&r->up);
		relay_step(r);
	} else {
		r->ended_by_rest = true;
		r->options.no_half_close = r->options.patient_end = false;
		r->options.end_with_local = true;
		relay_step(r);
	}
}

/* Only the error of a pipe without readers is waited for: its write end never becomes readable. */
static void on_gone(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct relay *r = io->data;
	struct pollfd end = { io->fd, 0, 0 };
	struct failure why = { 0 };

	(void)events;
	if (poll(&end, 1, 0) > 0 && (end.revents & POLLERR)) {
		fail(&why, FAILURE_READER_GONE, "the reader of the output is gone");
		finish(r, &why, "reader gone");
		return;
	}
	ev_io_stop(loop, io);
}

static void on_ready(void *data, unsigned sides)
{
	(void)sides;
	relay_step(data);
}

static void on_start(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	relay_step(timer->data);
}

static void sending_failed(struct relay *r, const struct failure *why)
{
	if (!r->first)
		r->first = memory_zeroed(1, sizeof(*r->first));
	*r->first = *why;
}

/* Passes our end on. True once the peer's kernel has it all, or it was not to be passed on. */
static bool end_remote(struct relay *r)
{
	struct failure why;
	enum io result;

	if (r->settled)
		return true;
	why.class = FAILURE_NONE;
	result = stream_end(r->remote, &why);
	if (result == IO_DONE) {
		r->passed_end = true;
		/* While the remote still talks its own failures tell enough; only before the last
		 * step it matters. */
		if (!r->local_closed && !r->options.end_with_local)
			return true;
		result = stream_settle(r->remote, &why);
	}
	if (result == IO_DONE)
		r->settled = true;
	if (result == IO_FAILED)
		sending_failed(r, &why);
	return r->settled;
}

/* Whether the local end is to be passed on now. */
static bool end_is_due(const struct relay *r)
{
	if (r->up.state != PUMP_ENDED)
		return false;
	if (r->local_closed)
		return true;
	if (r->options.no_half_close)
		return false;
	return !(r->options.patient_end && r->up.bytes == 0);
}

static void step_up(struct relay *r)
{
	if (r->options.recv_only && r->up.state == PUMP_RUNNING) {
		if (!r->local_closed)
			return;
		pump_stop_reading(&r->up);
	}
	pump_run(&r->up);
}

static void step_down(struct relay *r)
{
	struct failure why;
	enum io result;

	pump_run(&r->down);
	if (r->first_byte_us < 0 && r->down.bytes > 0)
		r->first_byte_us = clock_us();
	if (r->down.state != PUMP_ENDED || r->local_closed)
		return;
	/* The end closes descriptors that are watched until now. */
	stream_watch_stop(&r->local_watch);
	ev_io_stop(r->loop, &r->gone_io);
	why.class = FAILURE_NONE;
	result = r->down.to ? stream_end(r->local, &why) : IO_DONE;
	if (result == IO_DONE)
		r->local_closed = true;
	else if (result == IO_FAILED)
		pump_fail(&r->down, &why);
}

/* A program whose output nobody takes would wait with it instead of reading what the remote had
 * sent before it left. */
static void drop_up(struct relay *r)
{
	r->sent_before = r->up.bytes;
	pump_free(&r->up);
	pump_init(&r->up, r->local, NULL);
	pump_run(&r->up);
}

/* The failure that decides, once the direction it does not concern has given all it can. */
/* What the local side gave cannot be sent at all (no UTF-8 for text, a line too long to be a
 * message): its failure, met where it was to go. */
static bool is_inputs(const struct failure *why)
{
	return why->class == FAILURE_INPUT || why->class == FAILURE_SIZE;
}

static bool check_failures(struct relay *r)
{
	if (r->down.state == PUMP_FAILED && r->down.failed_at_to) {
		finish(r, r->down.failure,
		       r->down.failure->class == FAILURE_READER_GONE ? "reader gone"
								     : "output failed");
		return true;
	}
	if (r->up.state == PUMP_FAILED && (!r->up.failed_at_to || is_inputs(r->up.failure))) {
		finish(r, r->up.failure, "input failed");
		return true;
	}
	if (r->up.state == PUMP_FAILED && !r->first) {
		sending_failed(r, r->up.failure);
		if (r->options.local_is_program)
			drop_up(r);
	}
	if (r->down.state == PUMP_FAILED) {
		finish(r, r->first ? r->first : r->down.failure, "peer failed");
		return true;
	}
	if (r->first && r->local_closed) {
		finish(r, r->first, "sending failed");
		return true;
	}
	return false;
}

/* The timer of the last phase: what it measures starts anew with each byte. */
static void arm_rest(struct relay *r, int64_t after_ms)
{
	if (after_ms < 0) {
		ev_timer_stop(r->loop, &r->rest_timer);
		return;
	}
	ev_now_update(r->loop);
	r->rest_timer.repeat = (double)(after_ms > 0 ? after_ms : 1) / 1000;
	ev_timer_again(r->loop, &r->rest_timer);
}

static void choose_rest(struct relay *r, bool moved)
{
	if (r->local_closed && r->up.state == PUMP_RUNNING) {
		bool silent = r->up.waits == STREAM_READ;

		if (!silent)
			arm_rest(r, -1);
		else if (moved || !ev_is_active(&r->rest_timer))
			arm_rest(r, r->options.silence_ms);
	} else if (!r->local_closed && r->up.state == PUMP_ENDED) {
		if (moved || !ev_is_active(&r->rest_timer))
			arm_rest(r, r->options.quit_after_ms);
	} else {
		arm_rest(r, -1);
	}
}

static void choose_waits(struct relay *r)
{
	unsigned local = 0, remote = 0;

	if (r->up.state == PUMP_RUNNING && !(r->options.recv_only && !r->local_closed)) {
		local |= r->up.waits & STREAM_READ;
		remote |= r->up.waits & STREAM_WRITE;
	}
	if (r->down.state == PUMP_RUNNING) {
		remote |= r->down.waits & STREAM_READ;
		local |= r->down.waits & STREAM_WRITE;
	} else if (!r->local_closed) {
		local |= STREAM_WRITE;
	}
	if (end_is_due(r) && !r->settled && !r->first &&
	    !(r->passed_end && !r->local_closed && !r->options.end_with_local))
		remote |= STREAM_WRITE;
	stream_watch_for(&r->local_watch, local);
	stream_watch_for(&r->remote_watch, remote);
}

static void relay_step(struct relay *r)
{
	uint64_t before = r->up.bytes + r->down.bytes;
	bool sent_all;

	step_up(r);
	step_down(r);
	if (check_failures(r))
		return;
	/* The remote's end may just have made a waiting local side the last one. */
	if (r->local_closed && r->options.recv_only)
		step_up(r);
	sent_all = end_is_due(r) && !r->first && end_remote(r);
	if (check_failures(r))
		return;
	if (sent_all && (r->local_closed || r->options.end_with_local) && r->settled) {
		finish(r, NULL,
		       r->ended_by_rest  ? "quit-after"
		       : r->local_closed ? "peer closed"
					 : "input ended");
		return;
	}
	choose_rest(r, r->up.bytes + r->down.bytes != before);
	choose_waits(r);
}

/* A pipe's reader that leaves while the peer is silent would otherwise be noticed at the next byte
 * only. */
static void watch_reader(struct relay *r)
{
	const bool matters = !r->options.send_only && !r->options.local_is_program;
	int fd = matters ? stream_fd(r->local, STREAM_WRITE) : -1;
	struct stat st;

	ev_io_init(&r->gone_io, on_gone, fd < 0 ? 0 : fd, EV_READ);
	r->gone_io.data = r;
	if (fd >= 0 && fd != stream_fd(r->local, STREAM_READ) && fstat(fd, &st) == 0 &&
	    S_ISFIFO(st.st_mode))
		ev_io_start(r->loop, &r->gone_io);
}

static void start_timers(struct relay *r)
{
	ev_timer_init(&r->idle_timer, on_idle, 0, (double)r->options.idle_ms / 1000);
	ev_timer_init(&r->max_timer, on_max, (double)r->options.max_ms / 1000, 0);
	ev_timer_init(&r->rest_timer, on_rest, 0, 0);
	ev_timer_init(&r->start_timer, on_start, 0, 0);
	r->idle_timer.data = r->max_timer.data = r->rest_timer.data = r->start_timer.data = r;
	ev_now_update(r->loop);
	if (r->options.idle_ms > 0)
		ev_timer_again(r->loop, &r->idle_timer);
	if (r->options.max_ms >= 0)
		ev_timer_start(r->loop, &r->max_timer);
	ev_timer_start(r->loop, &r->start_timer);
}

struct relay *relay_new(struct ev_loop *loop, struct stream *local, struct stream *remote,
			const struct relay_options *options, relay_done *done, void *data)
{
	struct relay *r = memory_zeroed(1, sizeof(*r));

	r->loop = loop;
	r->local = local;
	r->remote = remote;
	r->options = *options;
	r->done = done;
	r->data = data;
	r->started_us = clock_us();
	r->first_byte_us = -1;
	pump_init(&r->up, local, remote);
	pump_init(&r->down, remote, options->send_only ? NULL : local);
	stream_watch_init(&r->local_watch, loop, local, on_ready, r);
	stream_watch_init(&r->remote_watch, loop, remote, on_ready, r);
	watch_reader(r);
	start_timers(r);
	return r;
}

void relay_snapshot(const struct relay *r, struct relay_report *out)
{
	*out = (struct relay_report){
		.bytes = { [RELAY_UP] = r->up.to ? r->up.bytes : r->sent_before,
			   [RELAY_DOWN] = r->down.bytes },
		.started_us = r->started_us,
		.first_byte_us = r->first_byte_us,
	};
}

void relay_drain(struct relay *r)
{
	if (r->finished)
		return;
	pump_stop_reading(&r->up);
	r->options.end_with_local = true;
	r->options.patient_end = false;
	relay_step(r);
}

void relay_stop_remote(struct relay *r)
{
	if (r->finished)
		return;
	pump_stop_reading(&r->down);
	relay_step(r);
}

void relay_end_with_local(struct relay *r)
{
	if (r->finished)
		return;
	r->options.end_with_local = true;
	relay_step(r);
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	r->finished = true;
	stop_watching(r);
	pump_free(&r->up);
	pump_free(&r->down);
	free(r->first);
	free(r);
}
