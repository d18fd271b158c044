/* SPDX-License-Identifier: MIT */
/* A server's first connection, and whoever sits at its terminal. */
#include <stdint.h>

#include <sockutil/chat/simple.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

enum { DRAIN_MS = 1000 };

struct simple_session {
	struct chat_simple *simple;
};

static void *handler_prepare(const void *options, struct failure *why)
{
	(void)why;
	return (void *)(uintptr_t)options;
}

static void handler_count(struct session *session)
{
	const struct simple_session *state = session_state(session);

	if (state->simple)
		chat_simple_count(state->simple, &session->received, &session->sent);
}

/* The terminal first: what is said about the connection stands under what was said in it. */
static void handler_over(void *data, const struct failure *why)
{
	struct session *session = data;
	struct simple_session *state = session_state(session);
	struct failure first = *why, output = { 0 };

	handler_count(session);
	if (!chat_simple_free(state->simple, &output) && first.class == FAILURE_NONE)
		first = output;
	state->simple = NULL;
	if (first.class == FAILURE_NONE)
		session_close(session, "the conversation ended");
	else
		session_fail(session, &first);
}

static void handler_start(struct session *session)
{
	const struct chat_simple_options *given = session_data(session);
	struct simple_session *state = session_state(session);
	struct failure why = { 0 };
	const struct chat_simple_options options = {
		.loop = session->server->loop,
		.stream = session->stream,
		.server = true,
		.edit = given->edit,
		.bell = given->bell,
		.over = handler_over,
		.data = session,
	};

	/* A person may think for as long as it takes: --idle-timeout is not about this. */
	session->relayed = true;
	state->simple = chat_simple_new(&options, &why);
	if (!state->simple)
		session_fail(session, &why);
}

static void handler_drain(struct session *session)
{
	struct simple_session *state = session_state(session);

	chat_simple_leave(state->simple, DRAIN_MS);
}

/* Cut by the server: its own reason is the one that counts. */
static void handler_stop(struct session *session)
{
	struct simple_session *state = session_state(session);
	struct failure ignored = { 0 };

	chat_simple_free(state->simple, &ignored);
	state->simple = NULL;
}

const struct handler chat_simple_handler = {
	.name = "chat --simple",
	.state_size = sizeof(struct simple_session),
	.one_process = true,
	.prepare = handler_prepare,
	.start = handler_start,
	.drain = handler_drain,
	.count = handler_count,
	.stop = handler_stop,
};
