/* SPDX-License-Identifier: MIT */
/* Client and target joined: what one says the other gets. */
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

void gateway_tunnel_count(struct session *session)
{
	const struct gateway_state *state = gateway_state(session);

	if (!state->bridge)
		return;
	session->received = state->received_before + bridge_bytes(state->bridge, BRIDGE_CLIENT);
	session->sent = state->sent_before + bridge_bytes(state->bridge, BRIDGE_SERVER);
}

void gateway_tunnel_stop(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	bridge_free(state->bridge);
	state->bridge = NULL;
	stream_free(state->target);
	state->target = NULL;
}

/* Half of what was to come must not look whole to the other side. */
static void tunnel_over(void *data, const struct bridge_report *report)
{
	struct session *session = data;
	struct failure why = report->failure;

	gateway_tunnel_count(session);
	if (why.class == FAILURE_NONE) {
		session_close(session, "both sides ended");
		return;
	}
	if (why.class != FAILURE_TIMEOUT && report->side == BRIDGE_SERVER)
		fail_at(&why, "target");
	layer_socket_abort(gateway_state(session)->target);
	layer_socket_abort(session->stream);
	session_fail(session, &why);
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
	const struct server_options *server = session->server->options;
	const struct bridge_options options = {
		.idle_ms = server->idle_ms,
		.settle = server->accept > 0,
	};

	state->received_before = session->received - state->in.length;
	state->sent_before = session->sent;
	if (!tunnel_unread(session))
		return;
	session_wait(session, 0);
	session->relayed = true;
	state->bridge = bridge_new(session->server->loop, session->stream, state->target, &options,
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
