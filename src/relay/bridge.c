/* SPDX-License-Identifier: MIT */
/* src/relay/bridge.c - two connections joined as equals. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/relay/bridge.h>
#include <sockutil/relay/pump.h>
#include <sockutil/stream/watch.h>

enum { SIDES = 2 };

/* Invariants: lost exactly when reading or writing this side failed; ended only when the pump ended
 * and the other side has its half-close. */
struct side {
	struct bridge *bridge;
	struct stream_watch watch;
	struct pump pump; /* what this side gives the other */
	bool ended, lost;
};

struct bridge {
	struct side sides[SIDES];
	struct ev_timer idle;
	uint64_t bytes_seen; /* both ways, at the last look of the idle timer */
	bridge_done *done;
	void *data;
	struct failure *failure; /* the first; NULL: none */
	uint8_t which;           /* enum bridge_side of that, or of the first end */
	bool settle, finished;
};

static struct side *other_of(struct side *s)
{
	return &s->bridge->sides[s == &s->bridge->sides[BRIDGE_CLIENT]];
}

static uint8_t index_of(const struct side *s)
{
	return s == &s->bridge->sides[BRIDGE_SERVER];
}

/* --- the end -------------------------------------------------------------------- */

static void stop_watching(struct bridge *b)
{
	for (int i = 0; i < SIDES; i++)
		stream_watch_stop(&b->sides[i].watch);
	ev_timer_stop(b->sides[0].watch.loop, &b->idle);
}

/* why NULL: in order. */
static void finish(struct bridge *b, const struct failure *why)
{
	struct bridge_report report = { .side = b->which };

	if (b->finished)
		return;
	b->finished = true;
	stop_watching(b);
	for (int i = 0; i < SIDES; i++)
		report.bytes[i] = b->sides[i].pump.bytes;
	if (why)
		report.failure = *why;
	b->done(b->data, &report);
}

static void on_idle(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct bridge *b = timer->data;
	const uint64_t seen = b->sides[0].pump.bytes + b->sides[1].pump.bytes;
	struct failure why = { 0 };
	char limit[32];

	(void)events;
	if (seen != b->bytes_seen) {
		b->bytes_seen = seen;
		ev_timer_again(loop, timer);
		return;
	}
	fail(&why, FAILURE_TIMEOUT, "no byte came or went for %s (--idle-timeout)",
	     duration_text(limit, sizeof limit, (int64_t)(timer->repeat * 1000)));
	finish(b, b->failure ? b->failure : &why);
}

/* --- one direction ---------------------------------------------------------------- */

static void lose(struct side *s, const struct failure *why)
{
	struct bridge *b = s->bridge;

	s->lost = true;
	if (b->failure)
		return;
	b->failure = memory_zeroed(1, sizeof *b->failure);
	*b->failure = *why;
	b->which = index_of(s);
}

static void pass_end(struct side *s)
{
	struct bridge *b = s->bridge;
	struct side *to = other_of(s);
	struct failure why;

	why.class = FAILURE_NONE;
	switch (stream_end(to->watch.stream, &why)) {
	case IO_DONE:
		s->ended = true;
		if (!b->failure && !to->ended)
			b->which = index_of(s);
		break;
	case IO_FAILED:
		lose(to, &why);
		break;
	default:
		break;
	}
}

/* Nothing more can go from this side to the other. */
static bool is_over(struct side *s)
{
	return s->ended || s->pump.state == PUMP_FAILED || other_of(s)->lost;
}

static void give(struct side *s)
{
	if (is_over(s))
		return;
	pump_run(&s->pump);
	if (s->pump.state == PUMP_FAILED)
		lose(s->pump.failed_at_to ? other_of(s) : s, s->pump.failure);
	else if (s->pump.state == PUMP_ENDED)
		pass_end(s);
}

/* --- both --------------------------------------------------------------------------- */

/* What the side was given has arrived, or never will. */
static bool has_all(struct side *s)
{
	struct failure why;
	enum io r;

	why.class = FAILURE_NONE;
	r = s->lost ? IO_DONE : stream_settle(s->watch.stream, &why);
	if (r == IO_FAILED)
		lose(s, &why);
	return r != IO_AGAIN;
}

/* Sides whose acknowledgement is waited for, as bits; 0 and *over: nothing is left to do. */
static unsigned settle(struct bridge *b, bool *over)
{
	unsigned waiting = 0;

	*over = true;
	if (!b->failure && !b->settle)
		return 0;
	for (int i = 0; i < SIDES; i++)
		waiting |= has_all(&b->sides[i]) ? 0 : 1u << i;
	*over = waiting == 0;
	return waiting;
}

/* A side that failed in writing may still have bytes to give. */
static bool is_done(struct bridge *b)
{
	if (!b->failure)
		return b->sides[0].ended && b->sides[1].ended;
	for (int i = 0; i < SIDES; i++)
		if (b->sides[i].lost && !is_over(&b->sides[i]))
			return false;
	return true;
}

static void choose_waits(struct bridge *b, unsigned settling)
{
	unsigned sides[SIDES] = { 0 };

	for (int i = 0; i < SIDES; i++) {
		struct side *s = &b->sides[i];

		if (settling & 1u << i)
			sides[i] |= STREAM_WRITE;
		if (is_over(s) || settling)
			continue;
		if (s->pump.state == PUMP_ENDED) {
			sides[1 - i] |= STREAM_WRITE;
		} else {
			sides[i] |= s->pump.waits & STREAM_READ;
			sides[1 - i] |= s->pump.waits & STREAM_WRITE;
		}
	}
	for (int i = 0; i < SIDES; i++)
		stream_watch_for(&b->sides[i].watch, sides[i]);
}

static void on_ready(void *data, unsigned sides)
{
	struct side *s = data;
	struct bridge *b = s->bridge;
	unsigned settling = 0;
	bool over = false;

	if (sides & STREAM_READ)
		give(s);
	if (sides & STREAM_WRITE)
		give(other_of(s));
	if (is_done(b))
		settling = settle(b, &over);
	if (over)
		finish(b, b->failure);
	else
		choose_waits(b, settling);
}

struct bridge *bridge_new(struct ev_loop *loop, struct stream *client, struct stream *server,
			  const struct bridge_options *options, bridge_done *done, void *data)
{
	struct bridge *b = memory_zeroed(1, sizeof *b);
	struct stream *const streams[SIDES] = { client, server };

	b->done = done;
	b->data = data;
	b->settle = options->settle;
	ev_timer_init(&b->idle, on_idle, 0, (double)options->idle_ms / 1000);
	b->idle.data = b;
	for (int i = 0; i < SIDES; i++) {
		struct side *s = &b->sides[i];

		s->bridge = b;
		pump_init(&s->pump, streams[i], streams[1 - i]);
		s->pump.waits = STREAM_READ;
		stream_watch_init(&s->watch, loop, streams[i], on_ready, s);
		stream_watch_for(&s->watch, STREAM_READ);
	}
	if (options->idle_ms > 0) {
		ev_now_update(loop);
		ev_timer_again(loop, &b->idle);
	}
	return b;
}

uint64_t bridge_bytes(const struct bridge *bridge, enum bridge_side from)
{
	return bridge->sides[from].pump.bytes;
}

void bridge_free(struct bridge *bridge)
{
	if (!bridge)
		return;
	stop_watching(bridge);
	for (int i = 0; i < SIDES; i++)
		pump_free(&bridge->sides[i].pump);
	free(bridge->failure);
	free(bridge);
}
