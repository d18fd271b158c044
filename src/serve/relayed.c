/* SPDX-License-Identifier: MIT */
/* A session whose bytes a relay moves. */
#include <sockutil/serve/relayed.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_socket.h>

static void relayed_take(struct session *session, const struct relay_report *report)
{
	session->received = report->bytes[RELAY_DOWN];
	session->sent = report->bytes[RELAY_UP];
}

static void relayed_done(void *context, const struct relay_report *report)
{
	struct session *session = context;
	const struct relayed *state = session_state(session);
	const struct relay_report kept = *report;

	relayed_take(session, &kept);
	/* Half of what we were to send must not look whole to the client. */
	if (kept.failure.class == FAILURE_INPUT)
		layer_socket_abort(session->stream);
	state->over(session, &kept);
}

void relayed_start(struct session *session, struct stream *local, struct relay_options options,
		   int64_t idle_ms,
		   void (*over)(struct session *session, const struct relay_report *report))
{
	struct relayed *state = session_state(session);

	options.idle_ms = idle_ms > 0 ? idle_ms : -1;
	options.max_ms = -1; /* of the whole server, not of a connection */
	options.quit_after_ms = -1;
	session->relayed = true;
	state->over = over;
	state->relay = relay_new(session->server->loop, local, session->stream, &options,
				 relayed_done, session);
}

void relayed_count(struct session *session)
{
	const struct relayed *state = session_state(session);
	struct relay_report now;

	if (!session->relayed || !state->relay)
		return;
	relay_snapshot(state->relay, &now);
	relayed_take(session, &now);
}

void relayed_stop(struct session *session)
{
	struct relayed *state = session_state(session);

	relay_free(state->relay);
	state->relay = NULL;
}
