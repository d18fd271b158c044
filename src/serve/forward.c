/* SPDX-License-Identifier: MIT */
/* A connection joined to one of our own to another server. */
#include <stdlib.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/relay/bridge.h>
#include <sockutil/serve/forward.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_socket.h>

/* Of the process. */
struct forward_data {
	const struct forward_options *options;
	struct tls_context *tls; /* NULL: no server has it */
	size_t turn;             /* whose it is next */
};

/* While no server is there; most of a connection's life goes without it. */
struct forward_search {
	struct stream_opening *opening;
	size_t first, tried; /* servers: where it began, how many have failed */
	struct address client, client_local;
	bool local_known;
};

/* Invariants: exactly one of search and bridge is there while the session runs; server is set while
 * bridge is. */
struct forward_state {
	struct forward_search *search;
	struct stream *server;
	struct bridge *bridge;
	const struct endpoint *endpoint; /* of server */
	bool whole;                      /* both sides ended in order */
};

/* --- of the process --------------------------------------------------------------- */

static bool forward_uses_tls(const struct forward_options *options)
{
	for (size_t i = 0; i < options->count; ++i)
		if (stream_uses_tls(&options->servers[i], options->stream))
			return true;
	return false;
}

/* What is wrong with a certificate is to be known before anybody connects. */
static bool forward_load_tls(struct forward_data *data, struct failure *why)
{
	const struct tls_api *api;

	if (!forward_uses_tls(data->options))
		return true;
	api = tls_load(why);
	if (api)
		data->tls = api->client(&data->options->stream->tls_options, why);
	return data->tls != NULL;
}

static void *forward_prepare(const void *options, struct failure *why)
{
	struct forward_data *data = memory_zeroed(1, sizeof(*data));

	data->options = options;
	if (forward_load_tls(data, why))
		return data;
	free(data);
	return NULL;
}

/* Workers do not all begin with the same server. */
static void forward_begin(void *context, struct server *server)
{
	struct forward_data *data = context;

	data->turn = server->worker % data->options->count;
}

static bool forward_release(void *context, struct failure *why)
{
	struct forward_data *data = context;
	struct failure unloaded;

	(void)why;
	if (data->tls)
		tls_load(&unloaded)->context_free(data->tls);
	free(data);
	return true;
}

/* --- the search -------------------------------------------------------------------- */

static const struct endpoint *forward_server(const struct session *session,
					     const struct forward_search *search)
{
	const struct forward_data *data = session_data(session);

	return &data->options->servers[(search->first + search->tried) % data->options->count];
}

static void forward_opened(void *context, struct stream *stream, const struct stream_report *report,
			   const struct failure *why);

static void forward_try(struct session *session)
{
	const struct forward_state *state = session_state(session);
	struct forward_search *search = state->search;
	struct forward_data *data = session_data(session);
	const struct stream_open_request request = {
		.loop = session->server->loop,
		.endpoint = forward_server(session, search),
		.options = data->options->stream,
		.tls = &data->tls,
		.client = &search->client,
		.client_local = search->local_known ? &search->client_local : NULL,
		.done = forward_opened,
		.data = session,
	};

	search->opening = stream_open_start(&request);
}

static void forward_end_search(struct forward_state *state)
{
	if (!state->search)
		return;
	stream_open_cancel(state->search->opening);
	free(state->search);
	state->search = NULL;
}

static void forward_say_next(const struct session *session, const struct failure *why,
			     const struct endpoint *next)
{
	char text[ENDPOINT_TEXT_MAX];
	const struct log_field fields[] = {
		LOG_INTEGER("connection", session->number),
		LOG_TEXT("reason", why->text),
		LOG_TEXT("next", text),
	};

	endpoint_text(text, next);
	log_event(LOG_LEVEL_NOTICE, "upstream_failed", fields, sizeof fields / sizeof *fields,
		  "upstream: %s; trying %s", why->text, text);
}

static void forward_at(struct failure *why, const struct endpoint *endpoint)
{
	char text[ENDPOINT_TEXT_MAX];

	fail_at(why, endpoint_text(text, endpoint));
}

/* Nothing was said to the client: a reset, so that it does not take it for an answer. */
static void forward_give_up(struct session *session, struct failure *why)
{
	fail_at(why, "upstream");
	layer_socket_abort(session->stream);
	session_fail(session, why);
}

static void forward_not_opened(struct session *session, const struct stream_report *report,
			       const struct failure *why)
{
	const struct forward_state *state = session_state(session);
	const struct forward_data *data = session_data(session);
	struct forward_search *search = state->search;
	struct failure reason = *why;

	/* Until it is connected the failure names the addresses itself. */
	if (report->dial.connected_us >= 0)
		forward_at(&reason, forward_server(session, search));
	if (++search->tried == data->options->count) {
		forward_give_up(session, &reason);
		return;
	}
	forward_say_next(session, &reason, forward_server(session, search));
	forward_try(session);
}

/* --- joined ------------------------------------------------------------------------ */

static void forward_over(void *context, const struct bridge_report *report)
{
	struct session *session = context;
	struct forward_state *state = session_state(session);
	struct failure why = report->failure;

	session->received = report->bytes[BRIDGE_CLIENT];
	session->sent = report->bytes[BRIDGE_SERVER];
	if (why.class == FAILURE_NONE) {
		state->whole = true;
		session_close(session,
			      report->side == BRIDGE_CLIENT ? "client ended" : "upstream ended");
		return;
	}
	if (why.class != FAILURE_TIMEOUT && report->side == BRIDGE_SERVER) {
		forward_at(&why, state->endpoint);
		fail_at(&why, "upstream");
	}
	/* Half of what was to come must not look whole. */
	layer_socket_abort(session->stream);
	session_fail(session, &why);
}

static void forward_join(struct session *session, struct stream *server)
{
	struct forward_state *state = session_state(session);
	const struct forward_data *data = session_data(session);
	const struct bridge_options options = {
		.idle_ms = data->options->idle_ms,
		.settle = session->server->options->accept > 0,
	};

	state->endpoint = forward_server(session, state->search);
	state->server = server;
	forward_end_search(state);
	session->held = false;
	session->relayed = true;
	state->bridge = bridge_new(session->server->loop, session->stream, server, &options,
				   forward_over, session);
}

static void forward_opened(void *context, struct stream *stream, const struct stream_report *report,
			   const struct failure *why)
{
	struct session *session = context;
	const struct forward_state *state = session_state(session);

	state->search->opening = NULL;
	if (stream)
		forward_join(session, stream);
	else
		forward_not_opened(session, report, why);
}

/* --- a session ----------------------------------------------------------------------- */

static void forward_start(struct session *session)
{
	struct forward_state *state = session_state(session);
	struct forward_data *data = session_data(session);
	struct forward_search *search = memory_zeroed(1, sizeof(*search));

	session->held = true;
	search->first = data->turn;
	data->turn = (data->turn + 1) % data->options->count;
	session_peer(session, &search->client);
	search->local_known = session_local(session, &search->client_local);
	state->search = search;
	forward_try(session);
}

/* Whoever is joined goes on: only the two ends know when they are done. */
static void forward_drain(struct session *session)
{
	(void)session;
}

static void forward_count(struct session *session)
{
	const struct forward_state *state = session_state(session);

	if (!state->bridge)
		return;
	session->received = bridge_bytes(state->bridge, BRIDGE_CLIENT);
	session->sent = bridge_bytes(state->bridge, BRIDGE_SERVER);
}

static void forward_stop(struct session *session)
{
	struct forward_state *state = session_state(session);

	forward_end_search(state);
	bridge_free(state->bridge);
	state->bridge = NULL;
	if (state->server && !state->whole)
		layer_socket_abort(state->server);
	stream_free(state->server);
	state->server = NULL;
}

const struct handler forward_handler = {
	.name = "forward",
	.state_size = sizeof(struct forward_state),
	.descriptors = 3, /* the server's socket, and a pipe while its reader is slow */
	.prepare = forward_prepare,
	.begin = forward_begin,
	.start = forward_start,
	.drain = forward_drain,
	.count = forward_count,
	.stop = forward_stop,
	.release = forward_release,
};
