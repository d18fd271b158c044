/* SPDX-License-Identifier: MIT */
/* Standard input and output joined to a connection. */
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/serve/join.h>
#include <sockutil/serve/relayed.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_stdio.h>

/* A terminal that long silent after the client has ended: nobody is there to type an answer.
 * A pipe may still bring a late one. */
enum { SILENCE_MS = 500 };

struct join_data {
	const struct join_options *options;
	struct stream *stdio;
	struct stream lent; /* stdio, for one connection of several */
};

static enum io lent_end(struct stream *stream, struct failure *why)
{
	return stream_flush(stream->below, why);
}

static const struct stream_ops lent_ops = {
	.name = "lent",
	.end = lent_end,
};

static void *join_prepare(const void *options, struct failure *why)
{
	struct join_data *data = memory_zeroed(1, sizeof(*data));

	(void)why;
	data->options = options;
	data->stdio = layer_stdio_new(data->options->recv_only ? -1 : 0, 1, "standard input",
				      "standard output");
	data->lent = (struct stream){ .ops = &lent_ops, .below = data->stdio };
	return data;
}

static bool join_is_local(enum failure_class class)
{
	return class == FAILURE_INPUT || class == FAILURE_OUTPUT || class == FAILURE_READER_GONE;
}

static void join_over(struct session *session, const struct relay_report *report)
{
	if (report->failure.class == FAILURE_NONE) {
		session_close(session, session->server->draining ? "server ended" : report->reason);
	} else {
		session_fail(session, &report->failure);
		if (join_is_local(report->failure.class))
			server_end(session->server, &report->failure);
	}
}

static void join_start(struct session *session)
{
	struct join_data *data = session_data(session);
	const struct join_options *options = data->options;

	relayed_start(session, options->keep_output ? &data->lent : data->stdio,
		      (struct relay_options){
			      .silence_ms = isatty(STDIN_FILENO) ? SILENCE_MS : -1,
			      .recv_only = options->recv_only,
			      .send_only = options->send_only,
			      .patient_end = true,
		      },
		      options->idle_ms, join_over);
}

static void join_drain(struct session *session)
{
	const struct relayed *state = session_state(session);

	relay_drain(state->relay);
}

static bool join_release(void *context, struct failure *why)
{
	struct join_data *data = context;
	const bool closed = stream_end(data->stdio, why) != IO_FAILED;

	stream_free(data->stdio);
	free(data);
	return closed;
}

const struct handler join_handler = {
	.name = "stdio",
	.state_size = sizeof(struct relayed),
	.descriptors = 4,
	.one_process = true,
	.prepare = join_prepare,
	.start = join_start,
	.drain = join_drain,
	.count = relayed_count,
	.stop = relayed_stop,
	.release = join_release,
};
