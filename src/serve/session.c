/* SPDX-License-Identifier: MIT */
/* One accepted connection, from its handshake to its end. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/net/address.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/lingering.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/serve/session_parts.h>
#include <sockutil/stream/layer_proxy_header.h>
#include <sockutil/stream/layer_socket.h>

/* ------ where its parts are ------ */

/* The client's address stands behind the handler's state: most are 16 bytes, not 128. */
static char *peer_bytes(const struct session *s)
{
	return (char *)(uintptr_t)s->handler_state + s->server->state_size;
}

struct address *session_peer(const struct session *s, struct address *out)
{
	*out = (struct address){ .length = s->peer_length };
	memcpy(&out->storage, peer_bytes(s), s->peer_length);
	return out;
}

static void session_set_peer(struct session *s, const struct address *peer)
{
	s->peer_length = peer->length <= sizeof(peer->storage) ? (uint8_t)peer->length : 0;
	memcpy(peer_bytes(s), &peer->storage, s->peer_length);
}

bool session_local(const struct session *s, struct address *out)
{
	struct address source;

	if (s->stream && s->server->options->accept_proxy != ACCEPT_PROXY_NO &&
	    layer_proxy_header_addresses(s->stream, &source, out))
		return true;
	return s->stream && address_of_socket(stream_fd(s->stream, STREAM_READ), out);
}

/* ------ the end ------ */

static void session_leave(struct session *s)
{
	struct server *server = s->server;
	struct address peer;

	if (s->next)
		s->next->link = s->link;
	*s->link = s->next;
	s->next = server->doomed;
	server->doomed = s;
	if (s->admitted)
		limits_leave(server->limits, server->worker, session_peer(s, &peer));
	limits_release(server->limits, server->worker);
	server->live--;
	server->totals->open--;
}

static void session_count(const struct session *s, bool failed)
{
	struct server_totals *totals = s->server->totals;

	totals->accepted += s->state == SESSION_ANNOUNCING;
	totals->served++;
	totals->failed += failed;
	totals->received += s->received;
	totals->sent += s->sent;
}

static void session_let_go(struct session *s)
{
	stream_watch_stop(&s->watch);
	ev_timer_stop(s->server->loop, &s->timer);
	if (s->server->options->stats && s->stream && !s->seat)
		report_connection(s);
	stream_free(s->stream);
	s->stream = NULL;
	buffer_free(&s->out);
}

/* why may be NULL: in order. */
void session_over(struct session *s, const struct failure *why)
{
	struct server *server = s->server;
	const bool failed = why && why->class != FAILURE_NONE;
	const bool decisive = failed && server->options->accept > 0 && !s->seat;

	if (s->state == SESSION_CLOSED)
		return;
	if (s->state == SESSION_RUNNING && s->handler->count)
		s->handler->count(s);
	/* why may live in what the handler frees */
	if (!s->seat && (s->state != SESSION_ANNOUNCING || failed)) {
		session_count(s, failed);
		report_closed(s, why, decisive);
	}
	if (decisive)
		server_blame(server, why);
	if (s->listed)
		lingering_remove(server->lingering, s);
	if (s->state > SESSION_OPENING && s->handler->stop)
		s->handler->stop(s);
	s->state = SESSION_CLOSED;
	session_let_go(s);
	session_leave(s);
	acceptor_resume(server);
	server_settle(server);
}

void session_fail(struct session *s, const struct failure *why)
{
	session_over(s, why);
}

void session_close(struct session *s, const char *reason)
{
	s->reason = reason;
	session_over(s, NULL);
}

void session_abort(struct session *s, const char *reason)
{
	struct failure why = { 0 };

	if (s->state == SESSION_CLOSED)
		return;
	layer_socket_abort(s->stream);
	fail(&why, FAILURE_SEND, "%s", reason);
	session_over(s, &why);
}

void session_reap(struct server *server)
{
	while (server->doomed) {
		struct session *s = server->doomed;

		server->doomed = s->next;
		free(s);
	}
}

/* ------ time ------ */

void session_arm(struct session *s, int64_t ms)
{
	ev_timer_stop(s->server->loop, &s->timer);
	ev_timer_set(&s->timer, (double)(ms > 0 ? ms : 1) / 1000.0, 0);
	ev_timer_start(s->server->loop, &s->timer);
}

int64_t session_idle_left(const struct session *s)
{
	const int64_t idle_ms = s->server->options->idle_ms;

	/* A client that has to wait for us is not idle: looked at again later. */
	return s->held ? idle_ms : s->active_ms + idle_ms - clock_ms();
}

static bool session_timed(const struct session *s)
{
	return s->server->options->idle_ms > 0 && !s->relayed && !s->seat;
}

/* Bytes only note the time: the timer looks at it when it fires, and is set again for what is
 * left. */
void session_run_timer(struct session *s)
{
	const int64_t limit = s->limit_ms > 0 ? s->limit_ms - clock_ms() : INT64_MAX;
	const int64_t idle = session_timed(s) ? session_idle_left(s) : INT64_MAX;
	const int64_t next = limit < idle ? limit : idle;

	if (next != INT64_MAX)
		session_arm(s, next);
	else
		ev_timer_stop(s->server->loop, &s->timer);
}

void session_limit(struct session *s, int64_t ms)
{
	if (s->state != SESSION_RUNNING || (ms <= 0 && s->limit_ms == 0))
		return;
	s->limit_ms = ms > 0 ? clock_ms() + ms : 0;
	/* A timer that is set already fires first and looks again: no need to move it later. */
	if (ms > 0)
		session_run_timer(s);
}

void session_fail_idle(struct session *s)
{
	struct failure why = { 0 };
	char limit[32];

	fail(&why, FAILURE_TIMEOUT, "no byte came or went for %s (--idle-timeout)",
	     duration_text(limit, sizeof(limit), s->server->options->idle_ms));
	session_fail(s, &why);
}

bool session_limit_over(const struct session *s)
{
	return s->limit_ms > 0 && clock_ms() >= s->limit_ms;
}

/* Also of one that is flushing. */
static void session_expire_running(struct session *s)
{
	if (session_timed(s) && session_idle_left(s) <= 0) {
		session_fail_idle(s);
		return;
	}
	if (session_limit_over(s) && s->state != SESSION_RUNNING) {
		session_abort(s, s->reason);
		return;
	}
	if (session_limit_over(s)) {
		s->limit_ms = 0;
		session_run_timer(s);
		s->handler->expired(s);
		return;
	}
	session_run_timer(s);
}

static void session_expire(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct session *s = timer->data;
	struct failure why = { 0 };
	char limit[32];

	(void)loop;
	(void)events;
	switch (s->state) {
	case SESSION_ANNOUNCING:
		fail(&why, FAILURE_TIMEOUT,
		     "no whole PROXY header came within %s (--handshake-timeout)",
		     duration_text(limit, sizeof(limit), s->server->options->handshake_ms));
		session_fail(s, &why);
		break;
	case SESSION_OPENING:
		fail(&why, FAILURE_TIMEOUT, "handshake not done after %s (--handshake-timeout)",
		     duration_text(limit, sizeof(limit), s->server->options->handshake_ms));
		session_fail(s, &why);
		break;
	case SESSION_LINGERING:
		session_expire_linger(s);
		break;
	default:
		session_expire_running(s);
	}
}

static void session_ready(void *data, unsigned sides);

/* ------ one handler after another ------ */

void session_put_layer(struct session *s, struct stream *top)
{
	s->stream = top;
	stream_watch_stop(&s->watch);
	stream_watch_init(&s->watch, s->server->loop, top, session_ready, s);
}

void session_become(struct session *s, const struct handler *handler, void *data)
{
	if (s->state != SESSION_RUNNING)
		return;
	if (s->handler->stop)
		s->handler->stop(s);
	session_limit(s, 0);
	memset(s->handler_state, 0, s->server->state_size);
	s->held = false;
	s->relayed = false;
	s->handler = handler;
	s->data = data;
	handler->start(s);
}

/* ------ open ------ */

static void session_step_open(struct session *s)
{
	const struct server_options *options = s->server->options;
	struct failure why = { 0 };

	switch (stream_open(s->stream, &why)) {
	case IO_AGAIN:
		if (!ev_is_active(&s->timer) && options->handshake_ms > 0)
			session_arm(s, options->handshake_ms);
		stream_watch_for(&s->watch, STREAM_READ);
		return;
	case IO_DONE:
		s->state = SESSION_RUNNING;
		if (ev_is_active(&s->timer) || options->idle_ms > 0)
			session_run_timer(s);
		s->handler->start(s);
		return;
	default:
		session_fail(s, &why);
	}
}

/* ------ who it is, with --accept-proxy ------ */

static void session_build(struct session *s);

/* The proxy's client takes the place of the proxy. False: it may not come in. */
static bool session_identify(struct session *s)
{
	struct server *server = s->server;
	struct address source, destination;
	const char *objection;
	char text[300];

	if (layer_proxy_header_addresses(s->stream, &source, &destination))
		session_set_peer(s, &source);
	objection = acceptor_objection(server, session_peer(s, &source), text, sizeof(text));
	s->admitted = !objection;
	if (s->admitted)
		return true;
	server->totals->refused++;
	report_refused(&source, objection);
	session_over(s, NULL);
	return false;
}

static void session_step_announce(struct session *s)
{
	struct failure why = { 0 };

	switch (stream_open(s->stream, &why)) {
	case IO_AGAIN:
		if (!ev_is_active(&s->timer) && s->server->options->handshake_ms > 0)
			session_arm(s, s->server->options->handshake_ms);
		stream_watch_for(&s->watch, STREAM_READ);
		return;
	case IO_DONE:
		if (session_identify(s))
			session_build(s);
		return;
	default:
		session_fail(s, &why);
	}
}

/* ------ the beginning ------ */

static void session_ready(void *data, unsigned sides)
{
	struct session *s = data;

	switch (s->state) {
	case SESSION_ANNOUNCING:
		session_step_announce(s);
		break;
	case SESSION_OPENING:
		session_step_open(s);
		break;
	case SESSION_RUNNING:
		s->handler->ready(s, sides);
		break;
	case SESSION_FLUSHING:
		session_step_finish(s);
		break;
	case SESSION_LINGERING:
		if (!session_ask(s))
			session_linger(s);
		break;
	default:
		break;
	}
}

static struct session *session_made(struct server *server, uint16_t listener,
				    const struct address *peer)
{
	const bool announced = server->options->accept_proxy != ACCEPT_PROXY_NO;
	const size_t room = announced ? sizeof(peer->storage) : peer->length;
	struct session *s = memory_zeroed(1, sizeof(*s) + server->state_size + room);

	s->server = server;
	s->handler = server->options->handler;
	s->data = server->data;
	s->listener = listener;
	session_set_peer(s, peer);
	s->admitted = !announced;
	s->state = announced ? SESSION_ANNOUNCING : SESSION_OPENING;
	s->number = ++server->number;
	s->started_ms = s->active_ms = clock_ms();
	s->reason = "client ended";
	ev_timer_init(&s->timer, session_expire, 0, 0);
	s->timer.data = s;
	s->next = server->sessions;
	s->link = &server->sessions;
	if (s->next)
		s->next->link = &s->next;
	server->sessions = s;
	server->live++;
	server->totals->open++;
	return s;
}

/* The layers over the socket, or over the PROXY header on it; then their handshakes. */
static void session_build(struct session *s)
{
	const struct server *server = s->server;
	const struct stream_options *options = server->options->stream;
	const struct address *local = &server->listeners[s->listener].address;
	struct address own, peer;
	struct failure why = { 0 };
	struct stream *top;

	server->totals->accepted++;
	report_connected(s);
	/* Only a recording needs the address of the connection itself. */
	if (options->tap && session_local(s, &own))
		local = &own;
	s->state = SESSION_OPENING;
	top = stream_accepted_over(s->stream, local, session_peer(s, &peer), options,
				   acceptor_uses_tls(server, s->listener) ? *server->tls : NULL,
				   &why);
	if (!top) {
		session_fail(s, &why);
		return;
	}
	if (top != s->stream)
		session_put_layer(s, top);
	session_step_open(s);
}

static struct session *session_over_socket(struct server *server, uint16_t listener, int fd,
					   const struct address *peer)
{
	struct session *s = session_made(server, listener, peer);

	s->stream = layer_socket_new(fd, true);
	stream_watch_init(&s->watch, server->loop, s->stream, session_ready, s);
	return s;
}

void session_new(struct server *server, uint16_t listener, int fd, const struct address *peer)
{
	const bool required = server->options->accept_proxy == ACCEPT_PROXY_REQUIRE;
	struct session *s = session_over_socket(server, listener, fd, peer);

	if (s->state != SESSION_ANNOUNCING) {
		session_build(s);
		return;
	}
	session_put_layer(s, layer_proxy_header_new(s->stream, required));
	session_step_announce(s);
}

void session_seat(struct server *server, int fd)
{
	const struct address nobody = { .length = 0 };
	struct session *s = session_over_socket(server, 0, fd, &nobody);

	limits_reserve(server->limits, server->worker);
	s->seat = true;
	s->admitted = false;
	s->state = SESSION_RUNNING;
	s->handler->start(s);
}
