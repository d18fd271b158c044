/* SPDX-License-Identifier: MIT */
/* The gateway's handler: which protocol a client speaks, and what all of them share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/net/private_address.h>
#include <sockutil/serve/gateway_exchange.h>
#include <sockutil/serve/gateway_parts.h>
#include <sockutil/serve/server.h>

/* Bytes read at once before the request is known: what is behind it stays in the kernel. */
enum { GREETING_READ = 16 * 1024 };

/* ------ who may come ------ */

static bool endpoint_is_local(const struct endpoint *endpoint)
{
	struct address address;

	if (endpoint->kind == ENDPOINT_UNIX)
		return true;
	if (endpoint->kind == ENDPOINT_DESCRIPTOR)
		return address_of_socket(endpoint->descriptor, &address) &&
		       (address.any.sa_family == AF_UNIX || private_address_is_loopback(&address));
	if (endpoint->kind != ENDPOINT_INTERNET)
		return false;
	return strcasecmp(endpoint->host, "localhost") == 0 ||
	       (address_parse_ip(endpoint->host, 0, &address) &&
		private_address_is_loopback(&address));
}

/* Clients prove who they are before the gateway hears of them. */
static bool proven_by_tls(const struct endpoint *endpoint, const struct stream_options *stream)
{
	const struct tls_options *tls = &stream->tls_options;

	return stream_uses_tls(endpoint, stream) &&
	       (tls->secret || (tls->client_ca && tls->client_cert == TLS_CLIENT_CERT_REQUIRED));
}

/* An open proxy is found within hours, and used for everything its owner is then asked about. */
static bool is_closed(const struct gateway_options *options, struct failure *why)
{
	const struct server_options *server = options->server;

	if (options->logins->count > 0 || (server->allow && server->allow[0]))
		return true;
	for (size_t i = 0; i < server->endpoint_count; ++i) {
		const struct endpoint *endpoint = &server->endpoints[i];
		char text[ENDPOINT_TEXT_MAX];

		if (endpoint_is_local(endpoint) || proven_by_tls(endpoint, server->stream))
			continue;
		fail(why, FAILURE_USAGE,
		     "--gateway on %s would serve everyone: give --gateway-auth USER:PASSWORD or "
		     "--allow CIDR, or listen on localhost",
		     endpoint_text(text, endpoint));
		return false;
	}
	return true;
}

static void *gateway_prepare(const void *given, struct failure *why)
{
	const struct gateway_options *options = given;
	struct gateway_data *data;
	char random[9];

	if (!is_closed(options, why))
		return NULL;
	data = memory_zeroed(1, sizeof(*data));
	data->options = options;
	random_text(random, sizeof(random) - 1);
	snprintf(data->name, sizeof(data->name), "sockutil-%s", random);
	return data;
}

static bool gateway_release(void *given, struct failure *why)
{
	struct gateway_data *data = given;

	if (data->tls)
		tls_load(why)->context_free(data->tls);
	free(data);
	return true;
}

/* ------ what is said ------ */

void gateway_say(struct session *session, const char *how, const char *target)
{
	char text[ADDRESS_TEXT_MAX];
	struct address peer;
	const struct log_field fields[] = {
		LOG_TEXT("peer", text),
		LOG_INTEGER("connection", session->number),
		LOG_TEXT("how", how),
		LOG_TEXT("target", target),
	};

	if (!log_shows(LOG_LEVEL_NOTICE))
		return;
	address_text(text, session_peer(session, &peer));
	log_event(LOG_LEVEL_NOTICE, "asked", fields, sizeof(fields) / sizeof(fields[0]),
		  "%s asks for %s (%s)", text, target, how);
}

/* ------ until the request is known ------ */

static void closed_expired(struct session *session)
{
	session_finish(session, "no request came in time (--handshake-timeout)");
}

static bool gateway_choose(struct session *session)
{
	const struct gateway_options *options = gateway_data(session)->options;
	struct gateway_state *state = gateway_state(session);
	const char first = buffer_bytes(&state->in)[0];
	struct failure why = { 0 };

	if (options->socks && (first == 4 || first == 5)) {
		state->talk = gateway_socks_talk;
		state->expired = gateway_socks_expired;
	} else if (options->http) {
		state->talk = gateway_http_talk;
		state->expired = gateway_http_expired;
	} else {
		fail(&why, FAILURE_PROTOCOL, "not SOCKS: its first byte is %d, not 4 or 5",
		     (unsigned char)first);
		session_fail(session, &why);
		return false;
	}
	return true;
}

static void greeting_wait(struct session *session)
{
	session_wait(session, STREAM_READ | (session_sending(session) ? STREAM_WRITE : 0));
}

/* True: more may be there. */
static bool greeting_once(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	struct failure why = { 0 };
	char *room = buffer_reserve(&state->in, GREETING_READ);
	size_t n = 0;

	if (!room) {
		fail(&why, FAILURE_OTHER, "out of memory");
		session_fail(session, &why);
		return false;
	}
	switch (session_read(session, room, GREETING_READ, &n)) {
	case IO_DONE:
		buffer_commit(&state->in, n);
		return (state->talk || gateway_choose(session)) && state->talk(session);
	case IO_AGAIN:
		if (state->in.length == 0)
			buffer_free(&state->in);
		greeting_wait(session);
		return false;
	case IO_END:
		session_finish(session, state->in.length || state->talk
						? "client ended before its request was whole"
						: "client ended");
		return false;
	default:
		return false;
	}
}

static void greeting_ready(struct session *session, unsigned sides)
{
	if ((sides & STREAM_WRITE) && session_flush(session) == IO_FAILED)
		return;
	while (greeting_once(session))
		;
}

void gateway_begin_work(struct session *session)
{
	session_limit(session, 0);
}

/* ------ the handler ------ */

static void gateway_start(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	state->ready = greeting_ready;
	state->expired = closed_expired;
	session_limit(session, session->server->options->handshake_ms);
	session_wait(session, STREAM_READ);
}

static void gateway_ready(struct session *session, unsigned sides)
{
	gateway_state(session)->ready(session, sides);
}

static void gateway_expired(struct session *session)
{
	gateway_state(session)->expired(session);
}

/* What is under way goes on until --grace is over; what only begins, or waits for others, ends. */
static void gateway_drain(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	if (state->bridge || state->exchange || state->failure || state->opening)
		return;
	gateway_bind_free(state->bind);
	state->bind = NULL;
	gateway_udp_free(state->udp);
	state->udp = NULL;
	session_finish(session, "server ended");
}

static void gateway_count(struct session *session)
{
	gateway_tunnel_count(session);
	gateway_exchange_count(session);
}

static void gateway_stop(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	gateway_open_cancel(state->opening);
	gateway_exchange_free(state->exchange);
	gateway_tunnel_stop(session);
	gateway_bind_free(state->bind);
	gateway_udp_free(state->udp);
	buffer_free(&state->in);
	free(state->failure);
	*state = (struct gateway_state){ .ready = NULL };
}

static bool gateway_reload(void *given, struct failure *why)
{
	const struct gateway_options *options = ((const struct gateway_data *)given)->options;

	return options->reread(options->reread_data, why);
}

const struct handler gateway_handler = {
	.name = "gateway",
	.state_size = sizeof(struct gateway_state),
	.descriptors = 5, /* the target, and a pipe each way while bytes move; or two datagram
			   * sockets */
	.prepare = gateway_prepare,
	.start = gateway_start,
	.ready = gateway_ready,
	.expired = gateway_expired,
	.drain = gateway_drain,
	.reload = gateway_reload,
	.count = gateway_count,
	.stop = gateway_stop,
	.release = gateway_release,
};
