/* SPDX-License-Identifier: MIT */
/* src/modes/chat_simple.c - --simple: two people on one connection. */
#include <sockutil/base/log.h>
#include <sockutil/chat/simple.h>
#include <sockutil/modes/chat.h>
#include <sockutil/stream/tls.h>

struct talking {
	const struct chat_run *run;
	struct ev_loop *loop;
	struct tls_context *tls;
	struct stream_opening *opening;
	struct stream *stream;
	struct chat_simple *talk;
	struct failure why; /* what ended it */
	int signal;
};

static void end(struct talking *t, const struct failure *why)
{
	if (why)
		t->why = *why;
	ev_break(t->loop, EVBREAK_ALL);
}

/* What is about our own input and output names it itself. */
static void over(void *data, const struct failure *why)
{
	struct talking *t = data;
	char text[ENDPOINT_TEXT_MAX];
	struct failure told = *why;

	if (why->class != FAILURE_NONE && why->class != FAILURE_INPUT &&
	    why->class != FAILURE_OUTPUT && why->class != FAILURE_READER_GONE)
		fail_at(&told, endpoint_text(text, t->run->endpoints));
	end(t, &told);
}

static void signalled(void *data, int signal)
{
	struct talking *t = data;

	t->signal = signal;
	end(t, NULL);
}

static void opened(void *data, struct stream *stream, const struct stream_report *report,
		   const struct failure *why)
{
	struct talking *t = data;
	const struct chat_simple_options options = {
		.loop = t->loop,
		.stream = stream,
		.edit = !t->run->args->no_edit,
		.bell = t->run->args->bell,
		.over = over,
		.data = t,
	};
	char text[ENDPOINT_TEXT_MAX];
	struct failure local = { 0 };

	t->opening = NULL;
	if (!stream) {
		local = *why;
		if (report->dial.connected_us >= 0 && why->class != FAILURE_NAME)
			fail_at(&local, endpoint_text(text, t->run->endpoints));
		end(t, &local);
		return;
	}
	t->stream = stream;
	t->talk = chat_simple_new(&options, &local);
	if (!t->talk)
		end(t, &local);
}

int chat_simple_join(struct chat_run *run, int *signal)
{
	struct talking t = { .run = run, .loop = ev_default_loop(EVFLAG_NOENV) };
	const struct stream_open_request request = {
		.loop = t.loop,
		.endpoint = run->endpoints,
		.options = &run->stream,
		.tls = &t.tls,
		.done = opened,
		.data = &t,
	};
	struct chat_signals signals;
	struct failure lost = { 0 };

	t.opening = stream_open_start(&request);
	chat_signals_watch(&signals, t.loop, signalled, &t);
	ev_run(t.loop, 0);
	chat_signals_unwatch(&signals);
	stream_open_cancel(t.opening);
	if (!chat_simple_free(t.talk, &lost) && t.why.class == FAILURE_NONE)
		t.why = lost;
	stream_free(t.stream);
	if (t.tls)
		tls_load(&lost)->context_free(t.tls);
	*signal = t.signal;
	return log_failure(&t.why);
}

int chat_simple_host(struct chat_run *run, int *signal)
{
	const struct chat_simple_options options = {
		.edit = !run->args->no_edit,
		.bell = run->args->bell,
	};
	struct server_result result = { 0 };
	struct failure why = { 0 };

	run->server.handler = &chat_simple_handler;
	run->server.handler_options = &options;
	run->server.max_connections = 1;
	run->server.accept = 1;
	if (!server_run(&run->server, &result, &why))
		return log_failure(&why);
	*signal = result.signal;
	return result.status;
}
