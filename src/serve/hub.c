/* SPDX-License-Identifier: MIT */
/* Standard input to all clients, what all of them send to standard output. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/serve/hub.h>
#include <sockutil/serve/join.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_stdio.h>
#include <sockutil/stream/watch.h>

struct hub {
	const struct join_options *options;
	struct server *server;
	struct stream *stdio;
	struct stream_watch watch;
	struct buffer
		out; /* of one read at most, not yet on standard output: no client is read then */
	bool input_ended;
};

struct hub_client {
	bool ending; /* half-close once everything is sent */
	bool ended;  /* and that is done */
};

static void *hub_prepare(const void *options, struct failure *why)
{
	struct hub *hub = memory_zeroed(1, sizeof(*hub));

	(void)why;
	hub->options = options;
	hub->input_ended = hub->options->recv_only;
	hub->stdio = layer_stdio_new(hub->options->recv_only ? -1 : 0, 1, "standard input",
				     "standard output");
	return hub;
}

/* ------ who waits for what ------ */

static unsigned hub_client_sides(const struct hub *hub, struct session *session)
{
	const struct hub_client *client = session_state(session);
	const bool sending = session_sending(session) || (client->ending && !client->ended);

	return (hub->out.length > 0 ? 0 : STREAM_READ) | (sending ? STREAM_WRITE : 0);
}

/* Another handler may still have it (WebSocket's handshake). */
static bool hub_has(const struct session *s)
{
	return s->state == SESSION_RUNNING && s->handler == &hub_handler;
}

static void hub_wait_clients(struct hub *hub)
{
	for (struct session *s = hub->server->sessions; s; s = s->next)
		if (hub_has(s))
			session_wait(s, hub_client_sides(hub, s));
}

/* Somebody has taken all that was sent. */
static bool hub_has_taker(const struct hub *hub)
{
	for (const struct session *s = hub->server->sessions; s; s = s->next)
		if (hub_has(s) && !session_sending(s))
			return true;
	return false;
}

static void hub_wait(struct hub *hub)
{
	unsigned sides = hub->out.length > 0 ? STREAM_WRITE : 0;

	if (!hub->input_ended && hub_has_taker(hub))
		sides |= STREAM_READ;
	stream_watch_for(&hub->watch, sides);
}

/* ------ standard output ------ */

static enum io hub_write(struct hub *hub, const char *bytes, size_t length, size_t *written,
			 struct failure *why)
{
	enum io r = IO_DONE;

	*written = 0;
	while (r == IO_DONE && *written < length) {
		size_t n = 0;

		r = stream_write(hub->stdio, bytes + *written, length - *written, &n, why);
		*written += n;
	}
	return r;
}

/* False: the server ends. */
static bool hub_output(struct hub *hub, const char *bytes, size_t length)
{
	struct failure why = { 0 };
	size_t written;
	const enum io r = hub_write(hub, bytes, length, &written, &why);

	if (r == IO_AGAIN && !buffer_add(&hub->out, bytes + written, length - written))
		fail(&why, FAILURE_OTHER, "out of memory");
	if (why.class != FAILURE_NONE) {
		server_end(hub->server, &why);
		return false;
	}
	return true;
}

static void hub_flush(struct hub *hub)
{
	struct failure why = { 0 };
	size_t written;
	const enum io r = hub_write(hub, buffer_bytes(&hub->out), hub->out.length, &written, &why);

	buffer_take(&hub->out, written);
	if (r == IO_FAILED)
		server_end(hub->server, &why);
	else if (hub->out.length == 0)
		hub_wait_clients(hub);
}

/* ------ standard input ------ */

static void hub_send(struct session *session, const char *bytes, size_t length)
{
	const struct hub *hub = session_data(session);

	if (session_write(session, bytes, length) == IO_FAILED)
		return;
	if (session->out.length > HUB_QUEUE)
		session_abort(session, "too slow: 1 MiB of standard input waits for it");
	else
		session_wait(session, hub_client_sides(hub, session));
}

static void hub_end_client(struct session *session)
{
	struct hub_client *client = session_state(session);

	/* A client that was given nothing would take the end for goodbye. */
	if (session->sent == 0 && session->out.length == 0)
		return;
	client->ending = true;
	session_wait(session, hub_client_sides(session_data(session), session));
}

static void hub_input(struct hub *hub)
{
	char *scratch = hub->server->scratch;
	struct failure why = { 0 };
	struct session *next;
	size_t n = 0;
	const enum io r = stream_read(hub->stdio, scratch, SERVER_SCRATCH, &n, &why);

	if (r == IO_FAILED) {
		server_end(hub->server, &why);
		return;
	}
	if (r == IO_AGAIN)
		return;
	hub->input_ended = r == IO_END;
	for (struct session *s = hub->server->sessions; s; s = next) {
		next = s->next;
		if (!hub_has(s))
			continue;
		if (r == IO_DONE)
			hub_send(s, scratch, n);
		else
			hub_end_client(s);
	}
}

static void hub_ready(void *data, unsigned sides)
{
	struct hub *hub = data;

	if (sides & STREAM_WRITE)
		hub_flush(hub);
	if (sides & STREAM_READ)
		hub_input(hub);
	hub_wait(hub);
}

static void hub_begin(void *data, struct server *server)
{
	struct hub *hub = data;

	hub->server = server;
	stream_watch_init(&hub->watch, server->loop, hub->stdio, hub_ready, hub);
}

/* ------ a client ------ */

/* False: the session is over or finishing. */
static bool hub_client_read(struct hub *hub, struct session *session)
{
	char *scratch = hub->server->scratch;
	size_t n = 0;

	switch (session_read(session, scratch, SERVER_SCRATCH, &n)) {
	case IO_DONE:
		return hub->options->send_only || hub_output(hub, scratch, n);
	case IO_END:
		session_finish(session, "client ended");
		return false;
	case IO_AGAIN:
		return true;
	default:
		return false;
	}
}

/* False: the session is over. */
static bool hub_client_write(struct session *session)
{
	struct hub_client *client = session_state(session);
	struct failure why = { 0 };
	enum io r = session_flush(session);

	if (r != IO_DONE || !client->ending || client->ended)
		return r != IO_FAILED;
	r = stream_end(session->stream, &why);
	client->ended = r == IO_DONE;
	if (r == IO_FAILED)
		session_fail(session, &why);
	return r != IO_FAILED;
}

static void hub_client_ready(struct session *session, unsigned sides)
{
	struct hub *hub = session_data(session);
	bool going = true;

	if (sides & STREAM_WRITE)
		going = hub_client_write(session);
	/* The output may have filled up in this very turn of the loop. */
	if (going && (sides & STREAM_READ) && hub->out.length == 0)
		going = hub_client_read(hub, session);
	if (hub->out.length > 0)
		hub_wait_clients(hub);
	else if (going)
		session_wait(session, hub_client_sides(hub, session));
	hub_wait(hub);
}

static void hub_start(struct session *session)
{
	struct hub *hub = session_data(session);

	session_wait(session, hub_client_sides(hub, session));
	hub_wait(hub);
}

/* A slow standard output is waited for; signals have their default action again and end that. */
static bool hub_write_rest(struct hub *hub, struct failure *why)
{
	while (hub->out.length > 0) {
		struct pollfd poll_fd = { .fd = stream_fd(hub->stdio, STREAM_WRITE),
					  .events = POLLOUT };
		size_t written;
		const enum io r =
			hub_write(hub, buffer_bytes(&hub->out), hub->out.length, &written, why);

		buffer_take(&hub->out, written);
		if (r == IO_FAILED)
			return false;
		if (r == IO_AGAIN && poll(&poll_fd, 1, -1) < 0 && errno != EINTR)
			return false;
	}
	return true;
}

static void hub_stop(struct session *session)
{
	struct hub *hub = session_data(session);

	/* The last client that kept up has gone: without one, standard input is not read. */
	hub_wait(hub);
}

static void hub_end(void *data)
{
	stream_watch_stop(&((struct hub *)data)->watch);
}

static bool hub_release(void *data, struct failure *why)
{
	struct hub *hub = data;
	const bool written = hub_write_rest(hub, why) && stream_end(hub->stdio, why) != IO_FAILED;
	stream_free(hub->stdio);
	buffer_free(&hub->out);
	free(hub);
	return written;
}

const struct handler hub_handler = {
	.name = "stdio",
	.state_size = sizeof(struct hub_client),
	.one_process = true,
	.prepare = hub_prepare,
	.begin = hub_begin,
	.start = hub_start,
	.ready = hub_client_ready,
	.stop = hub_stop,
	.end = hub_end,
	.release = hub_release,
};
