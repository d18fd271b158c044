/* SPDX-License-Identifier: MIT */
/* src/chat/client.c - a member of a chat: its beginning and its end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/chat/client_parts.h>
#include <sockutil/chat/lines.h>

enum {
	RETRY_CAP_MS = 60000,
	SOON_MS = 2000, /* a person, or a signal, waits so long for a goodbye */
	BOT_MS = 30000, /* a bot's input has ended: its files and its host have more time */
};

/* --- timers ---------------------------------------------------------------------- */

void chat_client_timer(struct chat_client *c, struct ev_timer *timer, int64_t ms)
{
	ev_timer_stop(c->options->loop, timer);
	if (ms < 0 || (c->finished && timer != &c->end_timer))
		return;
	ev_now_update(c->options->loop);
	ev_timer_set(timer, (double)ms / 1000, 0);
	ev_timer_start(c->options->loop, timer);
}

static void end(void *data)
{
	struct chat_client *c = data;

	/* A slow reader gets what came, unless somebody is in a hurry. */
	if (!c->hurried && !chat_screen_edits(c->screen) && chat_screen_waits(c->screen, end))
		return;
	if (!c->told)
		c->options->over(c->options->data, c->status);
	c->told = true;
}

static void on_end(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	end(timer->data);
}

static void on_greeting(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_client *c = timer->data;
	const int64_t given_ms = c->options->stream ? c->options->stream->timeout_ms : 0;
	char text[ENDPOINT_TEXT_MAX], limit[32];

	(void)loop;
	(void)events;
	duration_text(limit, sizeof limit, given_ms > 0 ? given_ms : CLIENT_GREETING_MS);
	if (c->options->endpoint)
		chat_client_break(
			c, FAILURE_TIMEOUT,
			"not let in within %s; is it a sockutil chat? `sockutil connect %s` "
			"shows what it says",
			limit, endpoint_text(text, c->options->endpoint));
	else
		chat_client_break(c, FAILURE_TIMEOUT, "not let in within %s", limit);
	chat_client_step(c);
}

static void on_leave(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_client *c = timer->data;
	char limit[32];

	(void)loop;
	(void)events;
	if (c->state == CLIENT_BYE) {
		chat_client_finish(c, c->status);
		return;
	}
	/* It may well have said it: it is we who do not listen. */
	if (c->leaving == CLIENT_LEFT && c->choked && !c->hurried)
		chat_client_timer(c, &c->leave_timer, c->patience_ms);
	else if (c->leaving == CLIENT_LEFT)
		chat_client_break(c, FAILURE_TIMEOUT, "the host did not say goodbye within %s",
				  duration_text(limit, sizeof limit, c->patience_ms));
	chat_client_step(c);
}

static void on_pace(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	chat_client_step(timer->data);
}

static void on_silence(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_client *c = timer->data;

	(void)loop;
	(void)events;
	if (c->choked)
		return;
	chat_client_break(c, FAILURE_TIMEOUT, "the host has fallen silent");
	chat_client_step(c);
}

static void on_doubt(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	chat_client_end_doubt(timer->data);
	chat_client_step(timer->data);
}

static void set_timers(struct chat_client *c)
{
	const struct {
		struct ev_timer *timer;
		void (*on)(struct ev_loop *loop, struct ev_timer *timer, int events);
	} timers[] = {
		{ &c->end_timer, on_end },           { &c->retry_timer, chat_client_on_retry },
		{ &c->greeting_timer, on_greeting }, { &c->leave_timer, on_leave },
		{ &c->pace_timer, on_pace },         { &c->silence_timer, on_silence },
		{ &c->doubt_timer, on_doubt },
	};

	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		ev_init(timers[i].timer, timers[i].on);
		timers[i].timer->data = c;
	}
}

static void stop_timers(struct chat_client *c)
{
	chat_client_timer(c, &c->end_timer, -1);
	chat_client_timer(c, &c->retry_timer, -1);
	chat_client_timer(c, &c->greeting_timer, -1);
	chat_client_timer(c, &c->leave_timer, -1);
	chat_client_timer(c, &c->pace_timer, -1);
	chat_client_timer(c, &c->silence_timer, -1);
	chat_client_timer(c, &c->doubt_timer, -1);
}

/* --- the end --------------------------------------------------------------------- */

void chat_client_finish(struct chat_client *c, int status)
{
	if (c->finished)
		return;
	c->finished = true;
	c->status = status ? status : log_failure(&c->input_why);
	stop_timers(c);
	if (c->stream)
		stream_watch_stop(&c->watch);
	chat_screen_hold(c->screen, true);
	/* From the loop: whoever called may still be in the middle of something. */
	chat_client_timer(c, &c->end_timer, 0);
}

void chat_client_failed(struct chat_client *c, const struct failure *why)
{
	if (!c->finished)
		chat_client_finish(c, log_failure(why));
}

/* Nobody is there to say goodbye to. */
static void leave_alone(struct chat_client *c)
{
	if (c->was_in && c->loss.class != FAILURE_NONE) {
		chat_client_give_up(c);
	} else {
		chat_client_tell_undelivered(c);
		chat_client_finish(c, failure_status(FAILURE_OTHER));
	}
}

static void set_leaving(struct chat_client *c, struct chat_slice reason, int64_t patience_ms)
{
	c->leaving = CLIENT_LEAVES;
	c->patience_ms = patience_ms;
	c->patient = patience_ms > SOON_MS;
	c->moved_ms = clock_ms();
	free(c->reason);
	c->reason = memory_zeroed(1, reason.length + 1);
	if (reason.length > 0)
		memcpy(c->reason, reason.bytes, reason.length);
	chat_screen_hold(c->screen, true);
}

void chat_client_leave_in_order(struct chat_client *c, struct chat_slice reason,
				int64_t patience_ms)
{
	const bool waits = c->state == CLIENT_AWAY && !c->opening && c->typed.count == 0;

	if (c->finished || c->leaving != CLIENT_STAYS)
		return;
	set_leaving(c, reason, patience_ms);
	if (waits || (!c->patient && (c->state == CLIENT_AWAY || c->state == CLIENT_GREETING)))
		leave_alone(c);
	else
		chat_client_step(c);
}

void chat_client_leave(struct chat_client *c, const char *reason)
{
	c->hurried = true;
	if (c->finished) {
		chat_client_timer(c, &c->end_timer, 0);
		return;
	}
	if (c->state != CLIENT_IN) {
		if (c->state == CLIENT_BYE)
			chat_client_finish(c, c->status);
		else
			leave_alone(c);
		return;
	}
	if (c->leaving == CLIENT_LEFT && !c->patient)
		return;
	if (c->leaving == CLIENT_LEFT) {
		c->patient = false;
		c->patience_ms = SOON_MS;
		chat_client_timer(c, &c->leave_timer, SOON_MS);
		return;
	}
	set_leaving(c, chat_slice_of(reason), SOON_MS);
	chat_client_tell_unsent(c);
	chat_client_send_quit(c);
	chat_client_step(c);
}

/* --- hooks of the screen ------------------------------------------------------------ */

static void on_ended(void *data, bool interrupted, const struct failure *why)
{
	struct chat_client *c = data;
	const bool person = chat_screen_edits(c->screen);

	if (c->finished)
		return;
	c->input_why = *why;
	if (interrupted)
		chat_client_leave(c, NULL);
	else
		chat_client_leave_in_order(c, chat_slice_of(NULL), person ? SOON_MS : BOT_MS);
}

static void on_failed(void *data, const struct failure *why)
{
	struct chat_client *c = data;

	if (!c->finished) {
		chat_client_failed(c, why);
		return;
	}
	/* The last lines were still waiting for their reader. */
	if (c->status == 0)
		c->status = log_failure(why);
	chat_client_timer(c, &c->end_timer, 0);
}

/* --- beginning and end ----------------------------------------------------------------- */

static bool wants_colors(const struct chat_screen *screen)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return chat_screen_edits(screen) && !(refused && *refused) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

static bool open_local(struct chat_client *c, struct failure *why)
{
	const struct chat_client_options *o = c->options;
	const struct chat_files_options files = {
		.directory = o->directory,
		.max_size = o->max_size,
		.send = chat_client_files_send,
		.tell = chat_client_files_tell,
		.data = c,
	};
	const struct chat_screen_options screen = {
		.loop = o->loop,
		.prompt = "",
		.edit = o->edit,
		.line_max = CHAT_LINE_MAX,
		.complete = chat_client_complete,
		.line = chat_client_on_line,
		.ended = on_ended,
		.failed = on_failed,
		.data = c,
	};

	c->files = chat_files_new(&files);
	if (o->log)
		c->record = chat_record_open(o->log, why);
	if (o->log && !c->record)
		return false;
	c->screen = chat_screen_new(&screen, why);
	if (!c->screen)
		return false;
	c->colors = wants_colors(c->screen);
	return true;
}

struct chat_client *chat_client_new(const struct chat_client_options *options, struct failure *why)
{
	struct chat_client *c = memory_zeroed(1, sizeof *c);

	c->options = options;
	c->backoff = (struct backoff){ options->retry_delay_ms, RETRY_CAP_MS };
	set_timers(c);
	if (!open_local(c, why)) {
		struct failure ignored;

		if (!options->endpoint)
			close(options->fd);
		chat_client_free(c, &ignored);
		return NULL;
	}
	chat_client_open(c);
	return c;
}

/* For who cannot wait: what the kernel takes now, so that the others read of a member that left
 * rather than of one that was lost. */
static void part(struct chat_client *c)
{
	struct failure ignored;

	if (c->state == CLIENT_IN && c->leaving != CLIENT_LEFT && c->out.length == 0) {
		size_t n;

		if (stream_write(c->stream, "/quit\n", 6, &n, &ignored) == IO_DONE)
			stream_flush(c->stream, &ignored);
	}
	if (c->state != CLIENT_AWAY && !c->broken)
		stream_end(c->stream, &ignored);
}

static void free_contexts(struct chat_client *c)
{
	struct failure ignored;

	if (c->tls)
		tls_load(&ignored)->context_free(c->tls);
	if (c->proxy_tls)
		tls_load(&ignored)->context_free(c->proxy_tls);
}

bool chat_client_free(struct chat_client *c, struct failure *why)
{
	struct failure second;
	bool whole;

	if (!c)
		return true;
	stop_timers(c);
	stream_open_cancel(c->opening);
	if (c->stream)
		part(c);
	chat_client_close(c);
	free_contexts(c);
	chat_files_free(c->files);
	whole = chat_screen_free(c->screen, why);
	whole = chat_record_close(c->record, whole ? why : &second) && whole;
	client_names_free(&c->names);
	client_lines_free(&c->typed);
	client_sent_free(&c->sent);
	free(c->reason);
	free(c);
	return whole;
}
