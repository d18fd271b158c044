/* SPDX-License-Identifier: MIT */
/* BIND: one connection from the host that the client names, passed on to the client (RFC 1928,
 * 4). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/accept.h>
#include <sockutil/net/listen.h>
#include <sockutil/net/private_address.h>
#include <sockutil/net/resolve.h>
#include <sockutil/net/resolve_lookup.h>
#include <sockutil/serve/gateway_parts.h>
#include <sockutil/serve/server.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/open_layers.h>

enum {
	BACKLOG = 8,
	EARLY_MAX = 16 * 1024, /* of the client's bytes, before anyone is there to get them */
};

/* Invariants: listener.fd is -1 until the host's addresses are known. */
struct gateway_bind {
	struct session *session;
	struct resolve *resolve;
	struct listener listener;
	struct ev_io incoming;
	struct address hosts[RESOLVE_LOOKUP_MAX];
	size_t host_count;
	int port;
};

/* ------ who comes ------ */

static bool is_expected(const struct gateway_bind *bind, const struct address *peer)
{
	for (size_t i = 0; i < bind->host_count; ++i)
		if (private_address_same_host(&bind->hosts[i], peer))
			return true;
	return false;
}

static void bind_joined(struct session *session, int fd, const struct address *peer)
{
	struct gateway_state *state = gateway_state(session);
	char out[SOCKS_MESSAGE_MAX];

	gateway_bind_free(state->bind);
	state->bind = NULL;
	session_limit(session, 0);
	open_layers_no_delay(fd, &gateway_data(session)->options->target);
	state->target = layer_socket_new(fd, true);
	gateway_tunnel_start(session, out, gateway_socks_grant(session, out, peer));
}

static void bind_incoming(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct gateway_bind *bind = io->data;
	struct failure why = { 0 };
	struct address peer;
	int fd;

	(void)loop;
	(void)events;
	while (accept_one(&bind->listener, &fd, &peer, &why) == IO_DONE) {
		if (is_expected(bind, &peer)) {
			bind_joined(bind->session, fd, &peer);
			return;
		}
		close(fd);
	}
}

/* ------ the socket ------ */

static int bind_socket(const struct address *own)
{
	const int fd = gateway_socket(own->any.sa_family, SOCK_STREAM);

	if (fd < 0)
		return -1;
	if (bind(fd, &own->any, own->length) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool bind_listen(struct gateway_bind *bind)
{
	struct address own;

	for (size_t i = 0; i < bind->host_count; ++i) {
		if (!gateway_own_address(&bind->hosts[i], &own))
			continue;
		bind->listener.fd = bind_socket(&own);
		if (bind->listener.fd >= 0 &&
		    address_of_socket(bind->listener.fd, &bind->listener.address))
			return true;
	}
	return false;
}

/* ------ the client, while it waits ------ */

static void bind_refuse(struct session *session, int reply, const char *reason)
{
	struct gateway_state *state = gateway_state(session);

	gateway_bind_free(state->bind);
	state->bind = NULL;
	gateway_socks_refuse(session, reply, reason);
}

static void bind_expired(struct session *session)
{
	bind_refuse(session, SOCKS_TTL_EXPIRED, "nobody came in time");
}

static void bind_wait(struct session *session)
{
	const struct gateway_state *state = gateway_state(session);

	session_wait(session, (state->in.length < EARLY_MAX ? STREAM_READ : 0) |
				      (session_sending(session) ? STREAM_WRITE : 0));
}

/* Early data is kept, a client that leaves is not waited for. */
static void bind_ready(struct session *session, unsigned sides)
{
	struct gateway_state *state = gateway_state(session);
	struct failure why = { 0 };
	char bytes[4096];
	size_t n;

	if ((sides & STREAM_WRITE) && session_flush(session) == IO_FAILED)
		return;
	while (state->in.length < EARLY_MAX) {
		switch (session_read(session, bytes, sizeof(bytes), &n)) {
		case IO_DONE:
			if (buffer_add(&state->in, bytes, n))
				continue;
			fail(&why, FAILURE_OTHER, "out of memory");
			session_fail(session, &why);
			return;
		case IO_AGAIN:
			bind_wait(session);
			return;
		case IO_END:
			gateway_bind_free(state->bind);
			state->bind = NULL;
			session_finish(session, "client ended");
			return;
		default:
			return;
		}
	}
	bind_wait(session);
}

/* ------ the beginning ------ */

static void bind_begin(struct gateway_bind *bind)
{
	struct session *session = bind->session;
	struct gateway_state *state = gateway_state(session);
	char out[SOCKS_MESSAGE_MAX];

	session->held = false;
	if (!bind_listen(bind)) {
		bind_refuse(session, SOCKS_FAILED, "no socket for BIND");
		return;
	}
	ev_io_init(&bind->incoming, bind_incoming, bind->listener.fd, EV_READ);
	bind->incoming.data = bind;
	ev_io_start(session->server->loop, &bind->incoming);
	state->ready = bind_ready;
	state->expired = bind_expired;
	session_limit(session, gateway_data(session)->options->target.timeout_ms);
	if (session_write(session, out,
			  gateway_socks_grant(session, out, &bind->listener.address)) != IO_FAILED)
		bind_wait(session);
}

static void bind_resolved(void *data, int family, const struct address *addresses, size_t count,
			  const struct failure *why, bool more)
{
	struct gateway_bind *bind = data;

	(void)family;
	(void)why;
	for (size_t i = 0; i < count && bind->host_count < RESOLVE_LOOKUP_MAX; ++i)
		if (gateway_permits(bind->session, &addresses[i]))
			bind->hosts[bind->host_count++] = addresses[i];
	if (more)
		return;
	if (bind->host_count > 0)
		bind_begin(bind);
	else
		bind_refuse(bind->session, count > 0 ? SOCKS_NOT_ALLOWED : SOCKS_HOST_UNREACHABLE,
			    "nobody who may come");
}

/* Everyone is not somebody to wait for. */
static bool is_unspecified(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

void gateway_bind_start(struct session *session, const struct socks_address *from)
{
	struct gateway_state *state = gateway_state(session);
	struct endpoint host;
	struct gateway_bind *bind;
	struct failure why = { 0 };
	char text[ENDPOINT_TEXT_MAX];

	/* The port it comes from is as a rule not known. */
	if (!gateway_target(&host, from->host, from->port ? from->port : 1, &why)) {
		gateway_socks_refuse(session, SOCKS_FAILED, "no host that can be");
		return;
	}
	snprintf(text, sizeof(text), "%s", host.host);
	gateway_say(session, "BIND", text);
	if (is_unspecified(host.host) || !gateway_host_permitted(session, host.host)) {
		gateway_socks_refuse(session, SOCKS_NOT_ALLOWED, "private target");
		return;
	}
	bind = memory_zeroed(1, sizeof(*bind));
	bind->session = session;
	bind->listener.fd = -1;
	state->bind = bind;
	session->held = true;
	session_wait(session, 0);
	/* Version 4 cannot say an address of IPv6. */
	bind->resolve = resolve_start(session->server->loop, host.host, host.service, host.port,
				      state->socks_version == 4
					      ? AF_INET
					      : gateway_data(session)->options->target.net.family,
				      SOCK_STREAM, bind_resolved, bind);
}

void gateway_bind_free(struct gateway_bind *bind)
{
	if (!bind)
		return;
	if (bind->listener.fd >= 0) {
		ev_io_stop(bind->session->server->loop, &bind->incoming);
		close(bind->listener.fd);
	}
	resolve_cancel(bind->resolve);
	free(bind);
}
