/* SPDX-License-Identifier: MIT */
/* Client and target joined: what one says the other gets. */
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/serve/gateway_parts.h>
#include <sockutil/serve/server.h>
#include <sockutil/stream/layer_pushback.h>
#include <sockutil/stream/layer_socket.h>

enum {
	RESET_MS = 2000, /* that a reset waits for what was sent before it */
	RESET_BEAT_MS = 10,
};

/* ------ a reset, passed on ------ */

static void reset_now(struct session *session)
{
	struct failure why = *gateway_state(session)->failure;

	layer_socket_abort(session->stream);
	session_fail(session, &why);
}

static void reset_when_settled(struct session *session)
{
	struct failure ignored = { 0 };

	if (stream_settle(session->stream, &ignored) == IO_AGAIN &&
	    clock_ms() < gateway_state(session)->abort_ms)
		session_limit(session, RESET_BEAT_MS);
	else
		reset_now(session);
}

static void never_ready(struct session *session, unsigned sides)
{
	(void)session;
	(void)sides;
}

void gateway_reset_client(struct session *session, const struct failure *why)
{
	struct gateway_state *state = gateway_state(session);

	state->failure = memory_zeroed(1, sizeof(*state->failure));
	*state->failure = *why;
	fail_at(state->failure, "target");
	state->ready = never_ready;
	state->expired = reset_when_settled;
	state->abort_ms = clock_ms() + RESET_MS;
	session_wait(session, 0);
	reset_when_settled(session);
}

/* ------ joined ------ */

static void tunnel_take(struct session *session, const struct relay_report *report)
{
	const struct gateway_state *state = gateway_state(session);

	session->received = state->received_before + report->bytes[RELAY_UP];
	session->sent = state->sent_before + report->bytes[RELAY_DOWN];
}

void gateway_tunnel_count(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	struct relay_report now;

	if (!state->relay)
		return;
	relay_snapshot(state->relay, &now);
	tunnel_take(session, &now);
}

void gateway_tunnel_stop(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	relay_free(state->relay);
	state->relay = NULL;
	stream_free(state->target);
	state->target = NULL;
}

/* The client is the relay's local side: what the target said before its end is always delivered,
 * and when the client fails the target is told at once. */
static bool is_of_client(const struct relay_report *report)
{
	return strcmp(report->reason, "input failed") == 0 ||
	       strcmp(report->reason, "output failed") == 0;
}

static void tunnel_over(void *data, const struct relay_report *report)
{
	struct session *session = data;
	struct gateway_state *state = gateway_state(session);
	const struct relay_report kept = *report;
	const bool failed = kept.failure.class != FAILURE_NONE;

	tunnel_take(session, &kept);
	if (failed)
		layer_socket_abort(state->target);
	gateway_tunnel_stop(session);
	session->relayed = false;
	if (!failed)
		session_finish(session, "both sides ended");
	else if (kept.failure.class == FAILURE_TIMEOUT || is_of_client(&kept))
		session_fail(session, &kept.failure);
	else
		gateway_reset_client(session, &kept.failure);
}

/* What came behind the request is the first that the target gets. */
static bool tunnel_unread(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	struct failure why = { 0 };
	struct stream *layer;

	if (state->in.length == 0)
		return true;
	layer = layer_pushback_new(session->stream);
	session_put_layer(session, layer);
	if (layer_pushback_unread(layer, buffer_bytes(&state->in), state->in.length)) {
		buffer_free(&state->in);
		return true;
	}
	fail(&why, FAILURE_OTHER, "out of memory");
	session_fail(session, &why);
	return false;
}

static void tunnel_join(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	const int64_t idle_ms = session->server->options->idle_ms;
	const struct relay_options options = {
		.idle_ms = idle_ms > 0 ? idle_ms : -1,
		.max_ms = -1,
		.quit_after_ms = -1,
		.silence_ms = -1,
	};

	state->received_before = session->received - state->in.length;
	state->sent_before = session->sent;
	if (!tunnel_unread(session))
		return;
	session_wait(session, 0);
	session->relayed = true;
	state->relay = relay_new(session->server->loop, session->stream, state->target, &options,
				 tunnel_over, session);
}

static void tunnel_flush(struct session *session, unsigned sides)
{
	const enum io r = session_flush(session);

	(void)sides;
	if (r == IO_AGAIN)
		session_wait(session, STREAM_WRITE);
	else if (r == IO_DONE)
		tunnel_join(session);
}

void gateway_tunnel_start(struct session *session, const void *reply, size_t length)
{
	struct gateway_state *state = gateway_state(session);

	switch (session_write(session, reply, length)) {
	case IO_DONE:
		tunnel_join(session);
		return;
	case IO_AGAIN:
		state->ready = tunnel_flush;
		session_wait(session, STREAM_WRITE);
		return;
	default:
		return;
	}
}
