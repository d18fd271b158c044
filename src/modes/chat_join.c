/* SPDX-License-Identifier: MIT */
/* src/modes/chat_join.c - a member of somebody else's chat. */
#include <sockutil/base/log.h>
#include <sockutil/chat/client.h>
#include <sockutil/modes/chat.h>

struct joining {
	struct ev_loop *loop;
	struct chat_client *client;
	int status, signal;
};

static void over(void *data, int status)
{
	struct joining *j = data;

	j->status = status;
	ev_break(j->loop, EVBREAK_ALL);
}

/* The second one does not wait for anybody. */
static void signalled(void *data, int signal)
{
	struct joining *j = data;

	if (j->signal)
		ev_break(j->loop, EVBREAK_ALL);
	j->signal = signal;
	chat_client_leave(j->client, "");
}

static struct chat_client_options options_of(const struct chat_run *run, struct joining *j)
{
	const struct chat_args *a = run->args;

	return (struct chat_client_options){
		.loop = j->loop,
		.endpoint = run->endpoints,
		.fd = -1,
		.stream = &run->stream,
		.nick = run->nick,
		.nick_chosen = a->nick != NULL,
		.room = a->room ? run->room : NULL,
		.log = a->log,
		.directory = a->directory,
		.max_size = a->max_size,
		.edit = !a->no_edit,
		.bell = a->bell,
		.reconnect = a->reconnect,
		.retries = a->retries,
		.retry_delay_ms = a->retry_delay_ms,
		.over = over,
		.data = j,
	};
}

int chat_join(struct chat_run *run, int *signal)
{
	struct joining j = { .loop = ev_default_loop(EVFLAG_NOENV) };
	const struct chat_client_options options = options_of(run, &j);
	struct chat_signals signals;
	struct failure why = { 0 };

	j.client = chat_client_new(&options, &why);
	if (!j.client)
		return log_failure(&why);
	chat_signals_watch(&signals, j.loop, signalled, &j);
	ev_run(j.loop, 0);
	chat_signals_unwatch(&signals);
	if (!chat_client_free(j.client, &why) && j.status == 0)
		j.status = log_failure(&why);
	*signal = j.signal;
	return j.status;
}
