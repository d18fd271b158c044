/* SPDX-License-Identifier: MIT */
/* Two people on one connection, no protocol. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/screen.h>
#include <sockutil/chat/simple.h>
#include <sockutil/chat/simple_heard.h>
#include <sockutil/stream/watch.h>

enum {
	READS = 8, /* in one turn, before the typed line gets its own */
	INTERRUPTED_MS = 250,
	REST_MS = 250, /* silence of our input that is its end, once the other one has left */
	READ_SIZE = 16 * 1024,
};

/*
 * Invariants: sent_end only once out is empty and nothing is held back by a layer; nothing is read
 * or sent, and no hook does anything, once done; over is called exactly once, by the timer soon.
 */
struct chat_simple {
	struct chat_simple_options options;
	struct chat_screen *screen;
	struct stream_watch watch;
	struct chat_simple_heard heard;
	struct buffer out; /* typed, not yet sent */
	uint64_t received, sent;

	struct ev_timer soon; /* the first step, and the last word */
	struct ev_timer wait; /* once one of us has ended: for the end of the other */
	int64_t wait_ms;
	uint64_t owed; /* bytes of ours not taken when that timer was set */

	struct failure failure; /* the first; sending may have failed while the other still talks */
	bool leaving;           /* no more input */
	bool behind;            /* the screen is: nothing is read */
	bool sending_failed;
	bool sent_end;  /* our half-close went out */
	bool heard_end; /* theirs came, or is not waited for any more */
	bool done;
};

static void simple_step(struct chat_simple *s);

/* ------ the end ------ */

static void simple_stop(struct chat_simple *s)
{
	stream_watch_stop(&s->watch);
	ev_timer_stop(s->options.loop, &s->wait);
	ev_timer_stop(s->options.loop, &s->soon);
}

/* The owner may free everything when it is told, so that is done from the loop alone. */
static void simple_done(struct chat_simple *s)
{
	if (s->done)
		return;
	s->done = true;
	simple_stop(s);
	ev_timer_set(&s->soon, 0, 0);
	ev_timer_start(s->options.loop, &s->soon);
}

static void simple_fail(struct chat_simple *s, const struct failure *why)
{
	if (s->failure.class == FAILURE_NONE)
		s->failure = *why;
}

static void simple_lost(struct chat_simple *s, enum failure_class class, const char *text)
{
	struct failure why = { 0 };

	fail(&why, class, "%s", text);
	simple_fail(s, &why);
	simple_done(s);
}

/* Bytes of ours that the other one's kernel has not taken. */
static uint64_t simple_owed(const struct chat_simple *s)
{
	const long unacknowledged = stream_unacknowledged(s->options.stream);

	return s->out.length + (unacknowledged > 0 ? (uint64_t)unacknowledged : 0);
}

static void simple_wait(struct chat_simple *s, int64_t ms)
{
	s->owed = simple_owed(s);
	ev_timer_stop(s->options.loop, &s->wait);
	ev_now_update(s->options.loop);
	ev_timer_set(&s->wait, (double)ms / 1000, 0);
	ev_timer_start(s->options.loop, &s->wait);
}

/* What stands in a pipe is still to be said after the other one's end, which may be the end of its
 * words alone. A person sees that it is over. */
static void simple_rest(struct chat_simple *s)
{
	if (isatty(STDIN_FILENO))
		chat_simple_leave(s, CHAT_SIMPLE_LEAVE_MS);
	else if (!s->leaving)
		simple_wait(s, s->out.length > 0 ? CHAT_SIMPLE_LEAVE_MS : REST_MS);
}

/* Goes on while the other one takes what it is owed. */
static void on_wait(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_simple *s = timer->data;
	const uint64_t owed = simple_owed(s);

	(void)loop;
	(void)events;
	if (owed > 0 && owed >= s->owed && !s->sending_failed) {
		simple_lost(s, FAILURE_SEND,
			    "the other side does not take what was sent; it may be lost");
		return;
	}
	if (!s->leaving) {
		if (s->out.length == 0)
			chat_simple_leave(s, CHAT_SIMPLE_LEAVE_MS);
		else
			simple_rest(s);
		return;
	}
	if (s->sent_end || s->sending_failed)
		s->heard_end = true;
	simple_wait(s, s->wait_ms);
	simple_step(s);
}

void chat_simple_leave(struct chat_simple *s, int64_t wait_ms)
{
	if (s->done || (s->leaving && wait_ms >= s->wait_ms))
		return;
	s->leaving = true;
	s->wait_ms = wait_ms > 0 ? wait_ms : 1;
	chat_screen_hold(s->screen, true);
	simple_wait(s, s->wait_ms);
	stream_watch_for(&s->watch, s->watch.waiting | STREAM_WRITE);
}

/* ------ what is said ------ */

static const char *simple_prompt(const struct chat_simple *s)
{
	return s->options.server ? "server:" : "client:";
}

/* Where lines are edited nothing else leaves them on the screen. */
static void simple_show_own(struct chat_simple *s, const char *bytes, size_t length)
{
	struct buffer line = { 0 };
	const char *prompt = simple_prompt(s);

	if (chat_screen_edits(s->screen) && buffer_add(&line, prompt, strlen(prompt)) &&
	    chat_clean(&line, bytes, length))
		chat_screen_show(s->screen, buffer_bytes(&line), line.length);
	buffer_free(&line);
}

static void on_line(void *data, const char *bytes, size_t length)
{
	struct chat_simple *s = data;

	if (s->leaving || s->done)
		return;
	if (length == 0) {
		chat_simple_leave(s, CHAT_SIMPLE_LEAVE_MS);
		return;
	}
	if (!buffer_add(&s->out, bytes, length) ||
	    (!chat_screen_cut(s->screen) && !buffer_add(&s->out, "\n", 1))) {
		simple_lost(s, FAILURE_OTHER, "out of memory");
		return;
	}
	simple_show_own(s, bytes, length);
	if (s->heard_end)
		simple_rest(s);
	if (s->out.length >= CHAT_SIMPLE_QUEUE)
		chat_screen_hold(s->screen, true);
	stream_watch_for(&s->watch, s->watch.waiting | STREAM_WRITE);
}

static void on_ended(void *data, bool interrupted, const struct failure *why)
{
	struct chat_simple *s = data;

	if (s->done)
		return;
	if (why->class != FAILURE_NONE)
		simple_fail(s, why);
	chat_simple_leave(s, interrupted ? INTERRUPTED_MS : CHAT_SIMPLE_LEAVE_MS);
}

/* Nobody reads any more. */
static void on_failed(void *data, const struct failure *why)
{
	struct chat_simple *s = data;

	simple_fail(s, why);
	simple_done(s);
}

static enum io simple_send_out(struct chat_simple *s, struct failure *why)
{
	while (s->out.length > 0) {
		size_t n = 0;
		const enum io r = stream_write(s->options.stream, buffer_bytes(&s->out),
					       s->out.length, &n, why);

		if (r != IO_DONE)
			return r;
		buffer_take(&s->out, n);
		s->sent += n;
	}
	return stream_flush(s->options.stream, why);
}

/* What the other one said before it left is still to be heard. */
static void simple_send_failed(struct chat_simple *s, const struct failure *why)
{
	simple_fail(s, why);
	s->sending_failed = true;
	buffer_free(&s->out);
	chat_simple_leave(s, CHAT_SIMPLE_LEAVE_MS);
}

/* True: there is more to send, or our end. */
static bool simple_send(struct chat_simple *s)
{
	struct failure why = { 0 };
	enum io r = IO_DONE;

	if (s->sending_failed || s->sent_end)
		return false;
	r = simple_send_out(s, &why);
	if (r == IO_DONE && s->leaving) {
		r = stream_end(s->options.stream, &why);
		s->sent_end = r == IO_DONE;
		if (s->sent_end)
			simple_wait(s, s->wait_ms);
	} else if (r == IO_DONE) {
		chat_screen_hold(s->screen, false);
	}
	if (r == IO_FAILED)
		simple_send_failed(s, &why);
	return r == IO_AGAIN;
}

/* ------ what is heard ------ */

static void on_taken(void *data)
{
	struct chat_simple *s = data;

	s->behind = false;
	if (!s->done)
		stream_watch_for(&s->watch, s->watch.waiting | STREAM_READ);
}

static void show_line(void *data, const char *text, size_t length)
{
	struct chat_simple *s = data;
	static const char client[] = "From client:", server[] = "From server:";

	chat_screen_show(s->screen, s->options.server ? client : server, sizeof(client) - 1);
	chat_screen_show(s->screen, text, length);
}

static void simple_show(struct chat_simple *s, char *bytes, size_t length, bool last)
{
	if (!chat_simple_hear(&s->heard, bytes, length, last, show_line, s)) {
		simple_lost(s, FAILURE_OTHER, "out of memory");
		return;
	}
	if (s->options.bell && length > 0)
		chat_screen_bell(s->screen);
	s->behind = chat_screen_behind(s->screen, on_taken);
}

static void simple_heard_end(struct chat_simple *s, char *room, const struct failure *why)
{
	simple_show(s, room, 0, true);
	s->heard_end = true;
	if (why->class != FAILURE_NONE) {
		simple_fail(s, why);
		simple_done(s);
		return;
	}
	simple_rest(s);
}

/* True: there may be more at once. */
static bool simple_read(struct chat_simple *s)
{
	char room[CHAT_SIMPLE_CUT + READ_SIZE], *bytes = room + CHAT_SIMPLE_CUT;
	struct failure why = { 0 };
	size_t n = 0;

	if (s->heard_end || s->behind || s->done)
		return false;
	switch (stream_read(s->options.stream, bytes, READ_SIZE, &n, &why)) {
	case IO_DONE:
		s->received += n;
		if (s->sent_end)
			simple_wait(s, s->wait_ms);
		simple_show(s, bytes, n, false);
		return true;
	case IO_AGAIN:
		return false;
	default:
		simple_heard_end(s, bytes, &why);
		return false;
	}
}

/* ------ both ------ */

/* Both have ended. True: still to be acknowledged. */
static bool simple_settle(struct chat_simple *s)
{
	struct failure why = { 0 };
	const enum io r = s->sending_failed ? IO_DONE : stream_settle(s->options.stream, &why);

	if (r == IO_AGAIN)
		return true;
	if (r == IO_FAILED)
		simple_fail(s, &why);
	simple_done(s);
	return false;
}

static void simple_step(struct chat_simple *s)
{
	unsigned sides = 0;
	bool more = true;

	for (int i = 0; i < READS && more; ++i)
		more = simple_read(s);
	if (s->done)
		return;
	if (simple_send(s))
		sides |= STREAM_WRITE;
	if ((s->sent_end || s->sending_failed) && s->heard_end && simple_settle(s))
		sides |= STREAM_WRITE;
	if (s->done)
		return;
	if (!s->heard_end && !s->behind)
		sides |= STREAM_READ;
	stream_watch_for(&s->watch, sides);
}

static void on_ready(void *data, unsigned sides)
{
	(void)sides;
	simple_step(data);
}

static void on_soon(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_simple *s = timer->data;
	const struct failure why = s->failure;

	(void)loop;
	(void)events;
	if (!s->done)
		simple_step(s);
	else
		s->options.over(s->options.data, &why);
}

static struct chat_screen *simple_screen(struct chat_simple *s, struct failure *why)
{
	const struct chat_screen_options options = {
		.loop = s->options.loop,
		.prompt = simple_prompt(s),
		.edit = s->options.edit,
		.prompt_always = true,
		.line_max = CHAT_SIMPLE_LINE,
		.line = on_line,
		.ended = on_ended,
		.failed = on_failed,
		.data = s,
	};

	return chat_screen_new(&options, why);
}

struct chat_simple *chat_simple_new(const struct chat_simple_options *options, struct failure *why)
{
	struct chat_simple *s = memory_zeroed(1, sizeof(*s));

	s->options = *options;
	s->wait_ms = CHAT_SIMPLE_LEAVE_MS;
	s->screen = simple_screen(s, why);
	if (!s->screen) {
		free(s);
		return NULL;
	}
	stream_watch_init(&s->watch, options->loop, options->stream, on_ready, s);
	ev_timer_init(&s->soon, on_soon, 0, 0);
	ev_timer_init(&s->wait, on_wait, 0, 0);
	s->soon.data = s->wait.data = s;
	ev_timer_start(options->loop, &s->soon);
	return s;
}

void chat_simple_count(const struct chat_simple *s, uint64_t *received, uint64_t *sent)
{
	*received = s->received;
	*sent = s->sent;
}

bool chat_simple_free(struct chat_simple *s, struct failure *why)
{
	bool whole;

	if (!s)
		return true;
	s->done = true;
	simple_stop(s);
	whole = chat_screen_free(s->screen, why);
	buffer_free(&s->out);
	free(s);
	return whole;
}
