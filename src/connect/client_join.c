/* SPDX-License-Identifier: MIT */
/* src/connect/client_join.c - a client's two sides joined, and what comes after. */
#include <errno.h>

#include <sockutil/connect/client_parts.h>
#include <sockutil/connect/client_tries.h>
#include <sockutil/connect/kept_local.h>

enum { LASTED_MS = 5000 }; /* a connection of that time was no failed try: waits begin anew */

/* The connection has ended in order, its program not yet. */
static void outlive(struct client *c)
{
	c->outlived = true;
	if (c->options->relay.max_ms < 0)
		return;
	ev_timer_set(&c->max_timer, (double)client_time_left(c) / 1000, 0);
	ev_timer_start(c->loop, &c->max_timer);
}

/* A connection is over: whether there is to be another one. */
static bool comes_back(const struct client *c, const struct failure *why)
{
	/* --idle-timeout is a connection's, --max-time the run's. */
	if (c->options->relay.max_ms >= 0 && client_time_left(c) == 0)
		return false;
	return client_tries_come_back(why) && !kept_local_ended(c->kept);
}

static void come_back(struct client *c, const struct failure *why)
{
	const struct client_options *o = c->options;
	int64_t wait_ms;

	if (c->first_loss.class == FAILURE_NONE)
		c->first_loss = *why;
	relay_free(c->relay);
	stream_free(c->remote);
	c->relay = NULL;
	c->remote = NULL;
	if (clock_ms() - c->opened_ms >= LASTED_MS)
		c->backoff.delay_ms = o->retry_delay_ms;
	wait_ms = backoff_next(&c->backoff, (uint32_t)clock_us());
	if (o->hooks.lost)
		o->hooks.lost(o->hooks.data, why, wait_ms);
	client_wait_for(c, wait_ms);
	if (o->relay.max_ms < 0)
		return;
	ev_timer_set(&c->max_timer, (double)client_time_left(c) / 1000, 0);
	ev_timer_start(c->loop, &c->max_timer);
}

/* Bytes of all connections go with the time of all, the waits between them included. */
static void add_up(struct client *c, struct relay_report *report)
{
	if (c->joined_us == 0)
		c->joined_us = report->started_us;
	if (c->first_byte_us <= 0)
		c->first_byte_us = report->first_byte_us;
	report->started_us = c->joined_us;
	report->first_byte_us = c->first_byte_us;
	for (int way = 0; way < 2; way++) {
		c->bytes[way] += report->bytes[way];
		report->bytes[way] = c->bytes[way];
	}
}

static void on_done(void *data, const struct relay_report *report)
{
	struct client *c = data;
	struct failure *failure = &c->result->report.failure;

	c->result->report = *report;
	client_name_endpoint(c, failure);
	if (c->kept) {
		add_up(c, &c->result->report);
		if (comes_back(c, failure)) {
			come_back(c, failure);
			return;
		}
		client_end_kept(c, failure);
	}
	/* A program that has said all may still be busy with what the peer sent. */
	if (c->program && !c->result->program_ended && report->failure.class == FAILURE_NONE)
		outlive(c);
	else
		ev_break(c->loop, EVBREAK_ALL);
}

void client_on_progress(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct client *c = timer->data;
	struct relay_report now;

	(void)loop;
	(void)events;
	if (!c->relay)
		return;
	relay_snapshot(c->relay, &now);
	now.bytes[RELAY_UP] += c->bytes[RELAY_UP];
	now.bytes[RELAY_DOWN] += c->bytes[RELAY_DOWN];
	c->options->hooks.progress(c->options->hooks.data, &now);
}

static void join(struct client *c)
{
	const struct client_options *o = c->options;
	int64_t left = -1;

	if (o->relay.max_ms >= 0) {
		left = client_time_left(c);
		ev_timer_stop(c->loop, &c->max_timer);
	}
	if (o->dialogue) {
		struct dialogue_options talk = *o->dialogue;

		talk.max_ms = left;
		c->dialogue = dialogue_new(c->loop, c->local, c->remote, &talk, on_done, c);
	} else {
		struct relay_options relay = o->relay;

		relay.max_ms = left;
		if (c->program) {
			relay.local_is_program = true;
			relay.silence_ms = -1;
		}
		c->relay = relay_new(c->loop, c->local, c->remote, &relay, on_done, c);
	}
	if (o->hooks.progress)
		ev_timer_again(c->loop, &c->progress_timer);
}

void client_begin(struct client *c)
{
	struct failure why = { 0 };

	if (c->kept) {
		kept_local_resume(c->kept);
		join(c);
	} else if (client_open_local(c, &why)) {
		join(c);
	} else if (why.error == ENXIO) {
		ev_now_update(c->loop);
		ev_timer_start(c->loop, &c->reader_timer);
	} else {
		client_failed(c, &why);
	}
}
