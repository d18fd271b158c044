/* SPDX-License-Identifier: MIT */
/* Where the gateway connects its clients to, and where it does not. */
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/private_address.h>
#include <sockutil/serve/gateway_parts.h>
#include <sockutil/serve/server.h>

struct gateway_opening {
	struct session *session;
	struct endpoint endpoint;
	gateway_opened *opened;
	struct stream_opening *opening;
};

/* ------ what is permitted ------ */

static bool is_any(const struct address *address)
{
	static const struct in6_addr any;

	if (address->any.sa_family == AF_INET6)
		return memcmp(&address->v6.sin6_addr, &any, sizeof(any)) == 0;
	return address->any.sa_family == AF_INET && address->v4.sin_addr.s_addr == 0;
}

/* An address of this machine. */
static bool is_ours(const struct address *address)
{
	struct ifaddrs *list = NULL;
	bool found = false;

	if (getifaddrs(&list) != 0)
		return true;
	for (const struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
		struct address own = { .length = 0 };

		if (!i->ifa_addr)
			continue;
		if (i->ifa_addr->sa_family == AF_INET)
			memcpy(&own.v4, i->ifa_addr, sizeof(own.v4));
		else if (i->ifa_addr->sa_family == AF_INET6)
			memcpy(&own.v6, i->ifa_addr, sizeof(own.v6));
		found = private_address_same_host(&own, address);
	}
	freeifaddrs(list);
	return found;
}

/* A client that is led back to us would take a place of the server with each turn. */
static bool is_our_listener(const struct session *session, const struct address *address)
{
	const struct server *server = session->server;

	for (size_t i = 0; i < server->listener_count; ++i) {
		const struct address *own = &server->listeners[i].address;

		if (own->any.sa_family != AF_INET && own->any.sa_family != AF_INET6)
			continue;
		if (address_port(own) == address_port(address) &&
		    (private_address_same_host(own, address) || (is_any(own) && is_ours(address))))
			return true;
	}
	return false;
}

bool gateway_permits(const struct session *session, const struct address *address)
{
	return gateway_data(session)->options->allow_private ||
	       (!private_address(address) && !is_our_listener(session, address));
}

/* "localhost", "x.localhost" (RFC 6761, 6.3), with a dot at the end or not. */
static bool is_local_name(const char *host)
{
	static const char name[] = "localhost";
	const size_t name_length = sizeof(name) - 1;
	size_t length = strlen(host);

	if (length > 0 && host[length - 1] == '.')
		--length;
	return length >= name_length &&
	       strncasecmp(host + length - name_length, name, name_length) == 0 &&
	       (length == name_length || host[length - name_length - 1] == '.');
}

bool gateway_host_permitted(const struct session *session, const char *host)
{
	struct address address;

	if (gateway_data(session)->options->allow_private)
		return true;
	if (is_local_name(host))
		return false;
	return !address_parse_ip(host, 0, &address) || !private_address(&address);
}

bool gateway_target(struct endpoint *out, const char *host, int port, struct failure *why)
{
	char service[16];

	if (port < 1 || port > 65535) {
		fail(why, FAILURE_USAGE, "a port is 1 to 65535");
		return false;
	}
	snprintf(service, sizeof(service), "%d", port);
	return endpoint_parse_pair(out, host, service, why);
}

/* ------ sockets of our own ------ */

int gateway_socket(int family, int type)
{
	const int fd = socket(family, type, 0);

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	close(fd);
	return -1;
}

bool gateway_own_address(const struct address *host, struct address *out)
{
	const int fd = gateway_socket(host->any.sa_family, SOCK_DGRAM);
	struct address to = *host;
	bool found;

	if (fd < 0)
		return false;
	/* Nothing is sent: connecting a datagram socket only chooses the way. */
	address_set_port(&to, 9);
	found = connect(fd, &to.any, to.length) == 0 && address_of_socket(fd, out);
	close(fd);
	if (found)
		address_set_port(out, 0);
	return found;
}

/* ------ the way there ------ */

static bool opening_permits(void *data, const struct address *address)
{
	const struct gateway_opening *opening = data;

	return gateway_permits(opening->session, address);
}

static void say_unreached(const struct session *session, const struct failure *why)
{
	char text[ADDRESS_TEXT_MAX];
	struct address peer;
	const struct log_field fields[] = {
		LOG_TEXT("peer", text),
		LOG_INTEGER("connection", session->number),
		LOG_TEXT("reason", why->text),
	};

	if (!log_shows(LOG_LEVEL_NOTICE))
		return;
	address_text(text, session_peer(session, &peer));
	log_event(LOG_LEVEL_NOTICE, "unreached", fields, sizeof(fields) / sizeof(fields[0]),
		  "not reached for %s: %s", text, why->text);
}

static void opening_done(void *data, struct stream *stream, const struct stream_report *report,
			 const struct failure *why)
{
	struct gateway_opening *opening = data;
	struct session *session = opening->session;
	gateway_opened *opened = opening->opened;

	gateway_state(session)->opening = NULL;
	gateway_state(session)->target = stream;
	session->held = false;
	free(opening);
	if (!stream)
		say_unreached(session, why);
	opened(session, &report->dial.local, stream ? NULL : why);
}

void gateway_open(struct session *session, const struct endpoint *target, gateway_opened *opened)
{
	struct gateway_data *data = gateway_data(session);
	struct gateway_opening *opening = memory_zeroed(1, sizeof(*opening));
	const struct stream_open_request request = {
		.loop = session->server->loop,
		.endpoint = &opening->endpoint,
		.options = &data->options->target,
		.proxy_tls = &data->tls,
		.permits = opening_permits,
		.done = opening_done,
		.data = opening,
	};

	opening->session = session;
	opening->endpoint = *target;
	opening->opened = opened;
	gateway_state(session)->opening = opening;
	/* It waits for us: the limit of the opening counts, not its own idle time. */
	session->held = true;
	session_wait(session, 0);
	opening->opening = stream_open_start(&request);
}

void gateway_open_cancel(struct gateway_opening *opening)
{
	if (opening)
		stream_open_cancel(opening->opening);
	free(opening);
}

/* ------ what a failure is to the client ------ */

int gateway_http_status(const struct failure *why)
{
	if (why->class == FAILURE_TIMEOUT)
		return 504;
	return why->class == FAILURE_CONNECT && why->error == EACCES ? 403 : 502;
}

int gateway_socks_reply(const struct failure *why)
{
	if (why->class == FAILURE_NAME || why->class == FAILURE_TIMEOUT)
		return SOCKS_HOST_UNREACHABLE;
	if (why->class != FAILURE_CONNECT)
		return SOCKS_FAILED;
	switch (why->error) {
	case EACCES:
		return SOCKS_NOT_ALLOWED;
	case ECONNREFUSED:
		return SOCKS_REFUSED;
	case ENETUNREACH:
	case ENETDOWN:
		return SOCKS_NETWORK_UNREACHABLE;
	default:
		return SOCKS_HOST_UNREACHABLE;
	}
}
