/* SPDX-License-Identifier: MIT */
/* src/chat/client_carry.c - a client's bytes: what is sent, what comes, what is waited for. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/chat/client_parts.h>
#include <sockutil/chat/offers.h>

enum {
	READ_BYTES = 16 * 1024,
	READS = 16, /* before others get their turn */
	WRITES = 64,
	FILES_ROOM = 16 * 1024, /* so much of files may wait: talk goes between */
	SILENCE_MS = 3 * 60000, /* of a host that asks after us, and then says nothing at all */
};

void chat_client_break(struct chat_client *c, enum failure_class class, const char *format, ...)
{
	char text[sizeof c->loss.text];
	va_list arguments;

	if (c->broken)
		return;
	va_start(arguments, format);
	if (vsnprintf(text, sizeof text, format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	c->broken = true;
	fail(&c->loss, class, "%s", text);
	c->loss.error = 0;
}

static void break_with(struct chat_client *c, const struct failure *why)
{
	if (!c->broken)
		c->loss = *why;
	c->broken = true;
}

void chat_client_send(struct chat_client *c, const char *line, size_t length)
{
	if (c->state != CLIENT_GREETING && c->state != CLIENT_IN)
		return;
	if (!buffer_add(&c->out, line, length) || !buffer_add(&c->out, "\n", 1))
		chat_client_break(c, FAILURE_OTHER, "memory is short");
}

/* --- what is sent ------------------------------------------------------------ */

void chat_client_send_quit(struct chat_client *c)
{
	const bool reasoned = c->reason && *c->reason;
	const bool said = reasoned ? buffer_format(&c->out, "/quit %s\n", c->reason)
				   : buffer_add(&c->out, "/quit\n", 6);

	if (!said)
		chat_client_break(c, FAILURE_OTHER, "memory is short");
	c->leaving = CLIENT_LEFT;
	chat_client_timer(c, &c->leave_timer, c->patience_ms);
}

/* The last words, once nothing else waits to be said and what is sent of files rests. */
static void say_quit(struct chat_client *c)
{
	/* Whom a bot offers something may be somebody who thinks about it. */
	const int64_t more_ms =
		c->patient && chat_files_offering(c->files) ? CHAT_OFFER_WAITS_MS : 0;
	const int64_t left = c->moved_ms + c->patience_ms + more_ms - clock_ms();

	if (c->leaving != CLIENT_LEAVES || c->state != CLIENT_IN || c->typed.count > 0 ||
	    c->doubting)
		return;
	if (chat_files_busy(c->files) && left > 0) {
		chat_client_timer(c, &c->leave_timer, left);
		return;
	}
	chat_client_send_quit(c);
}

/* Adds what may be sent now. Files have the room that talk leaves. */
static void fill(struct chat_client *c)
{
	if (c->state != CLIENT_IN || c->leaving == CLIENT_LEFT)
		return;
	chat_client_send_typed(c);
	while (!c->broken && c->out.length < FILES_ROOM && chat_files_more(c->files))
		c->moved_ms = clock_ms();
	say_quit(c);
}

static enum io write_out(struct chat_client *c, struct failure *why)
{
	while (c->out.length > 0) {
		size_t n;
		enum io r = stream_write(c->stream, buffer_bytes(&c->out), c->out.length, &n, why);

		if (r != IO_DONE)
			return r;
		buffer_take(&c->out, n);
	}
	return stream_flush(c->stream, why);
}

/* Whether the stream must be asked again for the rest. */
static bool send_all(struct chat_client *c)
{
	struct failure why = { .class = FAILURE_NONE };
	enum io r = IO_DONE;

	if (c->deaf)
		return false;
	for (int turn = 0; turn < WRITES && r == IO_DONE && !c->broken; turn++) {
		fill(c);
		if (turn > 0 && c->out.length == 0)
			return false;
		r = write_out(c, &why);
	}
	/* What was said before the failure is still to be read: it may be a goodbye. */
	if (r == IO_FAILED) {
		if (!c->broken)
			c->loss = why;
		c->deaf = true;
		buffer_free(&c->out);
		return false;
	}
	return r == IO_AGAIN || c->out.length > 0;
}

/* --- what comes -------------------------------------------------------------- */

/* Whole lines of what has come; all of it when the host has ended. */
static void take_lines(struct chat_client *c)
{
	const char *bytes = buffer_bytes(&c->in);
	size_t at = 0;

	while (at < c->in.length && !c->broken && !c->finished) {
		const char *end = memchr(bytes + at, '\n', c->in.length - at);
		size_t length = end ? (size_t)(end - bytes) - at : c->in.length - at;

		if (length > CLIENT_LINE_MAX)
			chat_client_break(c, FAILURE_PROTOCOL, "a line is longer than %d bytes",
					  CLIENT_LINE_MAX);
		else if (end || c->ended)
			chat_client_heard(c, bytes + at, length);
		else
			break;
		at += length + (end ? 1 : 0);
	}
	buffer_take(&c->in, at);
}

static void note_life(struct chat_client *c)
{
	if (c->pinged)
		chat_client_timer(c, &c->silence_timer, SILENCE_MS);
	if (c->patient && c->leaving == CLIENT_LEFT && c->state == CLIENT_IN)
		chat_client_timer(c, &c->leave_timer, c->patience_ms);
}

static enum io read_once(struct chat_client *c)
{
	struct failure why = { .class = FAILURE_NONE };
	char *room = buffer_reserve(&c->in, READ_BYTES);
	size_t n = 0;
	enum io r;

	if (!room) {
		chat_client_break(c, FAILURE_OTHER, "memory is short");
		return IO_FAILED;
	}
	r = stream_read(c->stream, room, READ_BYTES, &n, &why);
	buffer_commit(&c->in, n);
	c->ended = r == IO_END;
	if (r == IO_DONE || r == IO_END)
		take_lines(c);
	if (r == IO_DONE)
		note_life(c);
	else if (r == IO_FAILED)
		break_with(c, c->deaf ? &c->loss : &why);
	if (c->in.length == 0)
		buffer_free(&c->in);
	return r;
}

static void taken(void *data)
{
	struct chat_client *c = data;

	c->choked = false;
	chat_client_step(c);
}

/* A screen that is behind, or a host that does not read, holds up what it is told. */
static bool may_read(struct chat_client *c)
{
	if (!c->choked && chat_screen_behind(c->screen, taken))
		c->choked = true;
	return !c->choked && !c->ended && !c->broken && !c->finished &&
	       c->out.length <= CLIENT_OUT_MAX;
}

static void read_all(struct chat_client *c)
{
	enum io r = IO_DONE;

	for (int turn = 0; turn < READS && r == IO_DONE && may_read(c); turn++)
		r = read_once(c);
	if (c->deaf && r != IO_DONE)
		c->broken = true;
}

/* --- the end ----------------------------------------------------------------- */

/* The host has said goodbye and ended: so do we. True: it is done. */
static bool end_ours(struct chat_client *c)
{
	struct failure ignored = { .class = FAILURE_NONE };
	enum io r = stream_end(c->stream, &ignored);

	if (r == IO_DONE)
		r = stream_settle(c->stream, &ignored);
	return r != IO_AGAIN;
}

static void ended_early(struct chat_client *c)
{
	if (c->state == CLIENT_GREETING && !c->was_in)
		chat_client_no_chat(c, "it closed the connection");
	else
		chat_client_break(c, FAILURE_RECEIVE,
				  "the host closed the connection without goodbye");
}

/* Whether the connection is over, and then all that follows from it. waits: what is waited for
 * until then. */
static bool is_over(struct chat_client *c, unsigned *waits)
{
	if (c->finished)
		return true;
	if (c->state == CLIENT_BYE && (c->ended || c->broken)) {
		/* Nothing more is at stake: whatever it says now, it has heard us. */
		if (c->broken || end_ours(c))
			chat_client_finish(c, c->status);
		*waits = STREAM_WRITE;
		return c->finished;
	}
	if (c->ended && !c->broken)
		ended_early(c);
	if (!c->broken)
		return false;
	chat_client_lost(c, &c->loss);
	return true;
}

static void step(struct chat_client *c)
{
	unsigned waits = 0;

	read_all(c);
	if (!c->broken && !c->finished && send_all(c))
		waits |= STREAM_WRITE;
	if (c->deaf)
		read_all(c);
	if (is_over(c, &waits))
		return;
	if (may_read(c))
		waits |= STREAM_READ;
	stream_watch_for(&c->watch, waits);
}

void chat_client_step(struct chat_client *c)
{
	if (c->stepping || c->finished || !c->stream)
		return;
	c->stepping = true;
	step(c);
	c->stepping = false;
}
