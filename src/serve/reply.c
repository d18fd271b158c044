/* SPDX-License-Identifier: MIT */
/* Each message of a client is answered from a template. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/address.h>
#include <sockutil/proto/reply_template.h>
#include <sockutil/serve/reply.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

enum {
	TURN = 64, /* messages answered in one turn, before other connections get theirs */
	OUT_HIGH = 64 * 1024, /* so much unsent: nothing more is read */
};

struct reply_data {
	const struct reply_options *options;
	struct reply_template *template;
};

struct reply_state {
	struct session *session;
	struct buffer in; /* begun or waiting messages */
	struct ev_timer delay;
	uint64_t count; /* messages answered */
	bool delayed;   /* the first message of `in` has had its delay */
	bool ended;     /* no more comes */
	bool draining;  /* what is being answered is the last */
};

static void *reply_prepare(const void *options, struct failure *why)
{
	struct reply_data *data = memory_zeroed(1, sizeof(*data));

	data->options = options;
	data->template = reply_template_compile(data->options->reply, why);
	if (data->template)
		return data;
	free(data);
	return NULL;
}

static bool reply_release(void *data, struct failure *why)
{
	struct reply_data *d = data;

	(void)why;
	reply_template_free(d->template);
	free(d);
	return true;
}

/* ------ one answer ------ */

static bool reply_add(struct buffer *out, const struct reply_data *data,
		      const struct reply_values *values, const char *trailer)
{
	struct buffer body = { 0 };
	const char *tail;
	char head[4];
	bool added;
	size_t head_length;

	added = reply_template_expand(data->template, values, &body);
	head_length = framing_wrap(data->options->framing, body.length, head, &tail);
	added = added && buffer_add(out, head, head_length) &&
		buffer_add(out, buffer_bytes(&body), body.length) &&
		buffer_add(out, trailer, strlen(trailer));
	buffer_free(&body);
	return added;
}

/* IO_DONE, IO_AGAIN: it waits to be sent, IO_FAILED: the session is closed. */
static enum io reply_answer(struct session *session, const struct message *message)
{
	const struct reply_data *data = session_data(session);
	struct reply_state *state = session_state(session);
	char time[25], peer[ADDRESS_TEXT_MAX], local[ADDRESS_TEXT_MAX] = "";
	struct address address;
	const struct reply_values values = {
		.message = message->bytes,
		.message_length = message->length,
		.time = clock_ctime(time),
		.peer = address_text(peer, session_peer(session, &address)),
		.local = session_local(session, &address) ? address_text(local, &address) : local,
		.count = ++state->count,
	};
	struct failure why = { 0 };

	if (reply_add(&session->out, data, &values, message->trailer))
		return session_flush(session);
	fail(&why, FAILURE_OTHER, "out of memory");
	session_fail(session, &why);
	return IO_FAILED;
}

static bool reply_is_quit(const struct reply_options *options, const struct message *message)
{
	return options->quit && strlen(options->quit) == message->length &&
	       memcmp(options->quit, message->bytes, message->length) == 0;
}

/* ------ the messages at hand ------ */

/* What to do next. */
enum step {
	STEP_ON,    /* the next message */
	STEP_READ,  /* more bytes are needed */
	STEP_WRITE, /* the client has to take what it was sent */
	STEP_STOP,  /* nothing: a timer runs, or the session is finishing or over */
};

static enum step reply_failed(struct session *session, const struct failure *why)
{
	session_fail(session, why);
	return STEP_STOP;
}

static enum step reply_wait(struct session *session, int64_t ms)
{
	struct reply_state *state = session_state(session);

	session->held = true;
	session_wait(session, 0);
	ev_timer_set(&state->delay, (double)ms / 1000.0, 0);
	ev_timer_start(session->server->loop, &state->delay);
	return STEP_STOP;
}

static enum step reply_next(struct session *session)
{
	const struct reply_options *options = ((struct reply_data *)session_data(session))->options;
	struct reply_state *state = session_state(session);
	struct message message;
	struct failure why = { 0 };
	enum io r = framing_next(options->framing, buffer_bytes(&state->in), state->in.length,
				 state->ended, options->max_message, &message, &why);

	if (r == IO_FAILED)
		return reply_failed(session, &why);
	if (r != IO_DONE && state->ended)
		session_finish(session, "client ended");
	if (r != IO_DONE)
		return state->ended ? STEP_STOP : STEP_READ;
	if (options->delay_ms > 0 && !state->delayed)
		return reply_wait(session, options->delay_ms);
	state->delayed = false;
	if (reply_is_quit(options, &message)) {
		session_finish(session, "quit");
		return STEP_STOP;
	}
	r = reply_answer(session, &message);
	if (r == IO_FAILED)
		return STEP_STOP;
	buffer_take(&state->in, message.consumed);
	if (!state->draining)
		return session->out.length < OUT_HIGH && r == IO_DONE ? STEP_ON : STEP_WRITE;
	session_finish(session, "server ended");
	return STEP_STOP;
}

static void reply_go_on(struct session *session)
{
	enum step step = STEP_ON;

	for (int i = 0; i < TURN && step == STEP_ON; ++i)
		step = reply_next(session);
	if (step == STEP_READ)
		session_wait(session, STREAM_READ);
	else if (step == STEP_WRITE ||
		 step == STEP_ON) /* on: a writable stream gives us the next turn */
		session_wait(session, STREAM_WRITE);
}

static void reply_delay_over(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct reply_state *state = timer->data;

	(void)loop;
	(void)events;
	state->session->held = false;
	state->session->active_ms = clock_ms();
	state->delayed = true;
	reply_go_on(state->session);
}

/* ------ the connection ------ */

/* At most one message more than the longest allowed is ever held. */
static bool reply_read(struct session *session)
{
	struct reply_state *state = session_state(session);
	struct failure why = { 0 };
	size_t n = 0;
	char *scratch = session->server->scratch;

	switch (session_read(session, scratch, SERVER_SCRATCH, &n)) {
	case IO_DONE:
		if (buffer_add(&state->in, scratch, n))
			return true;
		fail(&why, FAILURE_OTHER, "out of memory");
		session_fail(session, &why);
		return false;
	case IO_END:
		state->ended = true;
		return true;
	case IO_AGAIN:
		session_wait(session, STREAM_READ);
		return false;
	default:
		return false;
	}
}

static void reply_ready(struct session *session, unsigned sides)
{
	if (sides & STREAM_WRITE) {
		const enum io r = session_flush(session);

		if (r == IO_AGAIN)
			session_wait(session, STREAM_WRITE);
		if (r != IO_DONE)
			return;
	}
	if ((sides & STREAM_READ) && !reply_read(session))
		return;
	reply_go_on(session);
}

static bool reply_greet(struct session *session, const struct reply_options *options)
{
	const size_t length = strlen(options->banner);
	struct failure why = { 0 };
	const char *tail;
	char head[4];
	const size_t head_length = framing_wrap(options->framing, length, head, &tail);

	if (buffer_add(&session->out, head, head_length) &&
	    buffer_add(&session->out, options->banner, length) &&
	    buffer_add(&session->out, tail, strlen(tail)))
		return session_flush(session) != IO_FAILED;
	fail(&why, FAILURE_OTHER, "out of memory");
	session_fail(session, &why);
	return false;
}

static void reply_start(struct session *session)
{
	const struct reply_options *options = ((struct reply_data *)session_data(session))->options;
	struct reply_state *state = session_state(session);

	state->session = session;
	ev_timer_init(&state->delay, reply_delay_over, 0, 0);
	state->delay.data = state;
	if (options->banner && !reply_greet(session, options))
		return;
	session_wait(session, session_sending(session) ? STREAM_WRITE : STREAM_READ);
}

static void reply_drain(struct session *session)
{
	struct reply_state *state = session_state(session);

	/* A message that waits for its delay is still answered. */
	state->draining = true;
	if (!ev_is_active(&state->delay))
		session_finish(session, "server ended");
}

static void reply_stop(struct session *session)
{
	struct reply_state *state = session_state(session);

	ev_timer_stop(session->server->loop, &state->delay);
	buffer_free(&state->in);
}

const struct handler reply_handler = {
	.name = "reply",
	.state_size = sizeof(struct reply_state),
	.prepare = reply_prepare,
	.start = reply_start,
	.ready = reply_ready,
	.drain = reply_drain,
	.stop = reply_stop,
	.release = reply_release,
};
