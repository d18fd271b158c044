/* SPDX-License-Identifier: MIT */
/* src/connect/dialogue.c - messages and replies in turn. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/connect/dialogue.h>
#include <sockutil/stream/watch.h>

enum { READ_SIZE = 16 * 1024, SHOWN_MAX = 64 * 1024 };

enum turn {
	TURN_GREETING, /* listening for a greeting until the timer */
	TURN_OURS,     /* the next message is to be found */
	TURN_SENDING,  /* sending holds it */
	TURN_THEIRS,   /* a reply is due */
	TURN_LAST,     /* half-closing, then reading to the end */
};

/* Invariants: sending is empty except in TURN_SENDING; shown holds what the local side has not
 * taken yet. */
struct dialogue {
	struct ev_loop *loop;
	struct stream *local, *remote;
	struct dialogue_options options;
	relay_done *done;
	void *data;

	enum turn turn;
	size_t next; /* message of the list */
	struct buffer sending, typed, heard, shown;
	bool typed_end, prompted;
	bool showing, line_ended; /* a message is being shown; it ended with a newline */
	bool heard_end, ended, settled;
	bool failed; /* only shown is still to be written */
	bool finished;
	struct stream_watch local_watch, remote_watch;
	struct ev_timer turn_timer, idle_timer, max_timer;
	struct failure failure;
	struct relay_report report;
};

static void dialogue_step(struct dialogue *d);

static void stop_watching(struct dialogue *d)
{
	stream_watch_stop(&d->local_watch);
	stream_watch_stop(&d->remote_watch);
	ev_timer_stop(d->loop, &d->turn_timer);
	ev_timer_stop(d->loop, &d->idle_timer);
	ev_timer_stop(d->loop, &d->max_timer);
}

static void finish(struct dialogue *d, const char *reason)
{
	if (d->finished)
		return;
	d->finished = true;
	stop_watching(d);
	d->report.failure = d->failure;
	d->report.reason = reason;
	d->report.ended_us = clock_us();
	d->done(d->data, &d->report);
}

static bool out_of_memory(struct dialogue *d)
{
	fail(&d->failure, FAILURE_OTHER, "out of memory");
	return false;
}

/* Everything that moved a byte starts --idle-timeout anew. */
static void stir(struct dialogue *d)
{
	if (d->options.idle_ms > 0)
		ev_timer_again(d->loop, &d->idle_timer);
}

/* --- what the peer says ---------------------------------------------------- */

static bool show(struct dialogue *d, const char *bytes, size_t length)
{
	const char *label = d->options.reply_label ? d->options.reply_label : "";

	if (!d->showing && !buffer_add(&d->shown, label, strlen(label)))
		return out_of_memory(d);
	d->showing = true;
	if (length > 0)
		d->line_ended = bytes[length - 1] == '\n';
	return buffer_add(&d->shown, bytes, length) || out_of_memory(d);
}

/* The message that is being shown is whole. */
static bool end_shown(struct dialogue *d, bool *any)
{
	if (!d->showing)
		return true;
	*any = true;
	d->showing = false;
	if (!d->line_ended && !buffer_add(&d->shown, "\n", 1))
		return out_of_memory(d);
	d->line_ended = false;
	return true;
}

/* Shows the whole messages in what was heard. */
static bool take_messages(struct dialogue *d, bool *any)
{
	struct message m;
	enum io r = IO_DONE;

	while (d->heard.length > 0 && r == IO_DONE) {
		r = framing_next(d->options.framing, buffer_bytes(&d->heard), d->heard.length,
				 d->heard_end, d->options.max_message, &m, &d->failure);
		if (r != IO_DONE)
			break;
		if (!show(d, m.bytes, m.length) || !end_shown(d, any))
			return false;
		buffer_take(&d->heard, m.consumed);
	}
	return r != IO_FAILED;
}

/* A chunk is all that has arrived, shown as it comes; after our last message that is all there is
 * until the peer's end. */
static bool take_chunk(struct dialogue *d)
{
	bool ok = show(d, buffer_bytes(&d->heard), d->heard.length);

	buffer_free(&d->heard);
	return ok;
}

/* Nothing more has arrived for now, or at all. */
static bool pause_hearing(struct dialogue *d, bool *any)
{
	if (d->options.framing != FRAMING_CHUNK)
		return take_messages(d, any);
	return (d->turn == TURN_LAST && !d->heard_end) || end_shown(d, any);
}

/* Reads what there is, as long as the local side takes what it means. */
static bool hear(struct dialogue *d, bool *any)
{
	enum io r = IO_DONE;
	size_t n;
	char *room;

	while (!d->heard_end && d->shown.length <= SHOWN_MAX) {
		room = buffer_reserve(&d->heard, READ_SIZE);
		if (!room)
			return out_of_memory(d);
		r = stream_read(d->remote, room, READ_SIZE, &n, &d->failure);
		if (r != IO_DONE)
			break;
		if (d->report.first_byte_us < 0)
			d->report.first_byte_us = clock_us();
		buffer_commit(&d->heard, n);
		d->report.bytes[RELAY_DOWN] += n;
		stir(d);
		if (d->options.framing == FRAMING_CHUNK ? !take_chunk(d) : !take_messages(d, any))
			return false;
	}
	if (r == IO_DONE && !d->heard_end)
		return true;
	d->heard_end = d->heard_end || r != IO_AGAIN;
	if (r == IO_FAILED) {
		/* A message that was cut is still shown; the failure that cut it is the one that
		 * counts. */
		struct failure cut = d->failure;

		pause_hearing(d, any);
		d->failure = cut;
		return false;
	}
	return pause_hearing(d, any);
}

/* --- what we say ----------------------------------------------------------- */

static bool queue_message(struct dialogue *d, const char *bytes, size_t length)
{
	char head[4];
	const char *tail;
	size_t head_length = framing_wrap(d->options.framing, length, head, &tail);

	if (length > d->options.max_message) {
		fail(&d->failure, FAILURE_SIZE,
		     "a message of %zu bytes is over --max-message (%zu)", length,
		     d->options.max_message);
		return false;
	}
	if (!buffer_add(&d->sending, head, head_length) ||
	    !buffer_add(&d->sending, bytes, length) || !buffer_add(&d->sending, tail, strlen(tail)))
		return out_of_memory(d);
	d->turn = TURN_SENDING;
	return true;
}

/* One line of the local side. IO_AGAIN: not typed yet; IO_END: none will come, or it is empty. */
static enum io typed_line(struct dialogue *d)
{
	struct message line;
	size_t n;
	char *room;
	enum io r;

	for (;;) {
		r = framing_next(FRAMING_LINE, buffer_bytes(&d->typed), d->typed.length,
				 d->typed_end, d->options.max_message, &line, &d->failure);
		if (r == IO_DONE && line.length == 0)
			return IO_END;
		if (r == IO_DONE && !queue_message(d, line.bytes, line.length))
			return IO_FAILED;
		if (r == IO_DONE)
			buffer_take(&d->typed, line.consumed);
		if (r != IO_AGAIN)
			return r;
		room = buffer_reserve(&d->typed, READ_SIZE);
		if (!room)
			return fail(&d->failure, FAILURE_OTHER, "out of memory");
		r = stream_read(d->local, room, READ_SIZE, &n, &d->failure);
		if (r == IO_AGAIN || r == IO_FAILED)
			return r;
		if (r == IO_END)
			d->typed_end = true;
		else
			buffer_commit(&d->typed, n);
	}
}

static bool our_turn(struct dialogue *d)
{
	enum io r;

	if (d->next < d->options.message_count) {
		const char *text = d->options.messages[d->next++];

		return queue_message(d, text, strlen(text));
	}
	if (!d->options.prompt) {
		d->turn = TURN_LAST;
		return true;
	}
	/* The prompt belongs behind everything that was to be shown before it. */
	if (!d->prompted && d->shown.length == 0) {
		d->prompted = true;
		if (d->options.show_prompt)
			d->options.show_prompt(d->options.prompt_data, d->options.prompt);
	}
	r = typed_line(d);
	if (r == IO_END)
		d->turn = TURN_LAST;
	if (r == IO_DONE)
		d->prompted = false;
	return r != IO_FAILED;
}

/* Sends what is queued; the last message of a list without a prompt is followed by our end at once.
 */
static bool send_queued(struct dialogue *d)
{
	size_t n;
	enum io r = IO_DONE;

	while (d->sending.length > 0) {
		r = stream_write(d->remote, buffer_bytes(&d->sending), d->sending.length, &n,
				 &d->failure);
		if (r != IO_DONE)
			return r == IO_AGAIN;
		buffer_take(&d->sending, n);
		d->report.bytes[RELAY_UP] += n;
		stir(d);
	}
	r = stream_flush(d->remote, &d->failure);
	if (r == IO_DONE)
		d->turn = d->next == d->options.message_count && !d->options.prompt ? TURN_LAST
										    : TURN_THEIRS;
	return r != IO_FAILED;
}

static bool write_shown(struct dialogue *d)
{
	size_t n;
	enum io r = IO_DONE;

	while (d->shown.length > 0 && r == IO_DONE) {
		r = stream_write(d->local, buffer_bytes(&d->shown), d->shown.length, &n,
				 &d->failure);
		if (r == IO_DONE)
			buffer_take(&d->shown, n);
	}
	return r != IO_FAILED;
}

static bool end_ours(struct dialogue *d)
{
	enum io r = stream_end(d->remote, &d->failure);

	if (r == IO_DONE)
		d->ended = true;
	if (r == IO_DONE && d->heard_end) {
		r = stream_settle(d->remote, &d->failure);
		d->settled = r == IO_DONE;
	}
	return r != IO_FAILED;
}

/* --- turns ----------------------------------------------------------------- */

/* The peer has ended: what that means depends on what was still to be said. */
static bool peer_ended(struct dialogue *d)
{
	size_t unsent = d->options.message_count - d->next + (d->turn == TURN_SENDING ? 1 : 0);

	if (unsent > 0) {
		fail(&d->failure, FAILURE_RECEIVE,
		     "the peer ended the conversation with %zu of %zu messages unsent", unsent,
		     d->options.message_count);
		return false;
	}
	d->turn = TURN_LAST;
	return true;
}

static bool take_turns(struct dialogue *d)
{
	enum turn before;
	bool heard_any = false;

	if (!hear(d, &heard_any))
		return false;
	if (heard_any && (d->turn == TURN_GREETING || d->turn == TURN_THEIRS)) {
		ev_timer_stop(d->loop, &d->turn_timer);
		d->turn = TURN_OURS;
	}
	if (d->heard_end && d->turn != TURN_LAST && !peer_ended(d))
		return false;
	if (!write_shown(d))
		return false;
	do {
		before = d->turn;
		if (d->turn == TURN_OURS && !our_turn(d))
			return false;
		if (d->turn == TURN_SENDING && !send_queued(d))
			return false;
		if (d->turn == TURN_LAST && !d->settled && !end_ours(d))
			return false;
	} while (d->turn != before);
	return write_shown(d);
}

/* The local side is closed last: its failure to take the bytes counts as well. */
static bool close_local(struct dialogue *d, bool *closed)
{
	enum io r;

	/* The end closes descriptors that are watched until now. */
	stream_watch_stop(&d->local_watch);
	r = stream_end(d->local, &d->failure);
	*closed = r == IO_DONE;
	return r != IO_FAILED;
}

static void choose_waits(struct dialogue *d)
{
	unsigned local = 0, remote = 0;

	if (d->shown.length > 0 || d->settled)
		local |= STREAM_WRITE;
	else if (d->turn == TURN_OURS)
		local |= STREAM_READ;
	if (!d->heard_end && d->shown.length <= SHOWN_MAX)
		remote |= STREAM_READ;
	if (d->turn == TURN_SENDING ||
	    (d->turn == TURN_LAST && !d->settled && (!d->ended || d->heard_end)))
		remote |= STREAM_WRITE;
	stream_watch_for(&d->local_watch, local);
	stream_watch_for(&d->remote_watch, remote);
}

/* What was heard before a failure is still the user's, even if their end is slow to take it. */
static void step_failed(struct dialogue *d)
{
	struct failure why = d->failure;
	bool can_write = why.class != FAILURE_OUTPUT && why.class != FAILURE_READER_GONE;

	d->failed = true;
	if (can_write && write_shown(d) && d->shown.length > 0) {
		d->failure = why;
		stream_watch_for(&d->remote_watch, 0);
		stream_watch_for(&d->local_watch, STREAM_WRITE);
		return;
	}
	d->failure = why;
	finish(d, "failed");
}

static void dialogue_step(struct dialogue *d)
{
	bool closed = false;

	if (d->failed || !take_turns(d) ||
	    (d->settled && d->heard_end && d->shown.length == 0 && !close_local(d, &closed)))
		step_failed(d);
	else if (closed)
		finish(d, "peer closed");
	else
		choose_waits(d);
}

static void on_ready(void *data, unsigned sides)
{
	(void)sides;
	dialogue_step(data);
}

static void on_turn(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct dialogue *d = timer->data;

	(void)loop;
	(void)events;
	if (d->turn == TURN_GREETING)
		d->turn = TURN_OURS;
	dialogue_step(d);
}

static void on_limit(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct dialogue *d = timer->data;
	bool idle = timer == &d->idle_timer;

	(void)loop;
	(void)events;
	if (idle)
		fail(&d->failure, FAILURE_TIMEOUT,
		     "no bytes either way for %lld ms (--idle-timeout)",
		     (long long)d->options.idle_ms);
	else
		fail(&d->failure, FAILURE_TIMEOUT, "not done when --max-time ran out");
	finish(d, idle ? "idle" : "max-time");
}

struct dialogue *dialogue_new(struct ev_loop *loop, struct stream *local, struct stream *remote,
			      const struct dialogue_options *options, relay_done *done, void *data)
{
	struct dialogue *d = memory_zeroed(1, sizeof(*d));

	d->loop = loop;
	d->local = local;
	d->remote = remote;
	d->options = *options;
	d->done = done;
	d->data = data;
	d->report.started_us = clock_us();
	d->report.first_byte_us = -1;
	stream_watch_init(&d->local_watch, loop, local, on_ready, d);
	stream_watch_init(&d->remote_watch, loop, remote, on_ready, d);
	ev_timer_init(&d->turn_timer, on_turn, (double)options->greeting_ms / 1000, 0);
	ev_timer_init(&d->idle_timer, on_limit, 0, (double)options->idle_ms / 1000);
	ev_timer_init(&d->max_timer, on_limit, (double)options->max_ms / 1000, 0);
	d->turn_timer.data = d->idle_timer.data = d->max_timer.data = d;
	ev_now_update(loop);
	ev_timer_start(loop, &d->turn_timer);
	stir(d);
	if (options->max_ms >= 0)
		ev_timer_start(loop, &d->max_timer);
	stream_watch_for(&d->remote_watch, STREAM_READ);
	return d;
}

void dialogue_free(struct dialogue *d)
{
	if (!d)
		return;
	stop_watching(d);
	buffer_free(&d->sending);
	buffer_free(&d->typed);
	buffer_free(&d->heard);
	buffer_free(&d->shown);
	free(d);
}
