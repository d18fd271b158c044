/* SPDX-License-Identifier: MIT */
/* src/modes/chat_host.c - the host of a chat, and its own seat in it. */
#include <sockutil/base/log.h>
#include <sockutil/chat/client.h>
#include <sockutil/chat/host.h>
#include <sockutil/modes/chat.h>

/* Connections above --max-members: those who have no nick yet, or are told that the chat is full.
 * So many that a thousand who say nothing keep nobody else out. */
enum { DOORSTEP = 1024 };

struct sitting {
	const struct chat_run *run;
	struct chat_client_options options; /* borrowed by the client */
	struct chat_client *client;
	int status;
};

/* The end of its connection ends the host. */
static void over(void *data, int status)
{
	struct sitting *s = data;

	s->status = status;
}

static void sit_down(void *data, struct ev_loop *loop, int fd)
{
	struct sitting *s = data;
	const struct chat_args *a = s->run->args;
	struct failure why = { 0 };

	s->options = (struct chat_client_options){
		.loop = loop,
		.fd = fd,
		.stream = &s->run->stream,
		.nick = s->run->nick,
		.nick_chosen = a->nick != NULL,
		.directory = a->directory,
		.max_size = a->max_size,
		.edit = !a->no_edit,
		.bell = a->bell,
		.over = over,
		.data = s,
	};
	s->client = chat_client_new(&s->options, &why);
	if (!s->client)
		s->status = log_failure(&why);
}

static void stand_up(void *data)
{
	struct sitting *s = data;
	struct failure why = { 0 };

	if (!chat_client_free(s->client, &why) && s->status == 0)
		s->status = log_failure(&why);
	s->client = NULL;
}

int chat_host(struct chat_run *run, int *signal)
{
	const struct chat_args *a = run->args;
	struct sitting sitting = { .run = run };
	const struct chat_seat seat = { .begin = sit_down, .end = stand_up, .data = &sitting };
	const struct chat_host_options options = {
		.max_members = (size_t)a->max_members,
		.history = (size_t)a->history,
		.max_size = a->max_size,
		.slow = (enum chat_slow)a->slow,
		.room = a->room ? run->room : "lobby",
		.log = a->log,
		.seat = a->headless ? NULL : &seat,
	};
	struct server_result result = { 0 };
	struct failure why = { 0 };

	run->server.handler = &chat_host_handler;
	run->server.handler_options = &options;
	run->server.max_connections = (uint64_t)a->max_members + DOORSTEP;
	run->server.hushed = !a->headless;
	if (!server_run(&run->server, &result, &why))
		return log_failure(&why);
	*signal = result.signal;
	return sitting.status ? sitting.status : result.status;
}
