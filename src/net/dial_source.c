/* SPDX-License-Identifier: MIT */
/* The local address a connection is made from. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/number.h>
#include <sockutil/net/dial_socket.h>
#include <sockutil/net/dial_source.h>
#include <sockutil/net/endpoint_host.h>

static bool parse_unix(struct dial_source *out, const char *text, struct failure *why)
{
	struct address ip;
	const char *path = strncmp(text, "unix:", 5) == 0 ? text + 5 : text;

	if (address_parse_ip(text, 0, &ip)) {
		fail(why, FAILURE_USAGE, "source %s: a Unix socket has no IP address", text);
		return false;
	}
	if (address_unix(&out->address, path))
		return true;
	fail(why, FAILURE_USAGE,
	     "source \"%.150s\": not a path for a Unix socket (at most %d bytes)", text,
	     ADDRESS_UNIX_PATH_MAX);
	return false;
}

/* The part in front of the port: "" when there is none, which leaves the address open. */
static bool parse_host(struct dial_source *out, const char *text, size_t length)
{
	char host[ADDRESS_TEXT_MAX];

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (length == 0) {
		out->address = (struct address){ .length = sizeof(sa_family_t) };
		out->address.any.sa_family = AF_UNSPEC;
		return true;
	}
	return address_parse_ip(host, out->port, &out->address);
}

static bool parse_port(struct dial_source *out, const char *text)
{
	uint64_t port = 0;

	if (!number_parse(text, 65535, &port))
		return false;
	out->port = (unsigned)port;
	return true;
}

static bool parse_internet(struct dial_source *out, const char *text)
{
	const char *end = strrchr(text, *text == '[' ? ']' : ':');

	if (*text == '[') {
		if (!end || !memchr(text, ':', (size_t)(end - text)))
			return false;
		if (end[1] != '\0' && (end[1] != ':' || !parse_port(out, end + 2)))
			return false;
		return parse_host(out, text + 1, (size_t)(end - text - 1));
	}
	/* One colon alone separates a port; more of them are an IPv6 address. */
	if (!end || strchr(text, ':') != end)
		return *text != '\0' && parse_host(out, text, strlen(text));
	return parse_port(out, end + 1) && parse_host(out, text, (size_t)(end - text));
}

bool dial_source_parse(struct dial_source *out, const char *text, const struct endpoint *endpoint,
		       struct failure *why)
{
	*out = (struct dial_source){ .port = 0 };
	if (!text)
		return true;
	if (endpoint->kind == ENDPOINT_UNIX)
		return parse_unix(out, text, why);
	if (parse_internet(out, text))
		return true;
	fail(why, FAILURE_USAGE,
	     "source \"%.150s\": not an address of this machine: ADDR, ADDR:PORT, [V6]:PORT or "
	     ":PORT",
	     text);
	return false;
}

static bool fail_bind(const struct address *address, int error, struct failure *why)
{
	char text[ADDRESS_TEXT_MAX];

	if (address_port(address) == 0 && address->any.sa_family != AF_UNIX)
		address_host(text, address);
	else
		address_text(text, address);
	if (error == EADDRINUSE)
		fail(why, FAILURE_LOCAL_ADDRESS, "source %s is in use", text);
	else if (error == EADDRNOTAVAIL)
		fail(why, FAILURE_LOCAL_ADDRESS, "source %s is not an address of this machine",
		     text);
	else if (error == EACCES || error == EPERM)
		fail(why, FAILURE_LOCAL_ADDRESS, "source %s is not permitted", text);
	else
		fail_errno(why, FAILURE_LOCAL_ADDRESS, error, "source %s", text);
	why->error = error;
	return false;
}

static bool fail_family(const struct dial_source *source, struct failure *why)
{
	fail(why, FAILURE_LOCAL_ADDRESS, "source is %s",
	     source->address.any.sa_family == AF_INET ? "IPv4" : "IPv6");
	why->error = EAFNOSUPPORT;
	return false;
}

bool dial_source_bind(const struct dial_source *source, int fd, int family, struct failure *why)
{
	struct address address = source->address;
	const int on = 1;

	if (address.length == 0)
		return true;
	if (address.any.sa_family == AF_UNSPEC) {
		address = (struct address){ .length = family == AF_INET
							      ? sizeof(struct sockaddr_in)
							      : sizeof(struct sockaddr_in6) };
		address.any.sa_family = (sa_family_t)family;
		address_set_port(&address, source->port);
	}
	if (address.any.sa_family != family)
		return fail_family(source, why);
	/* A port that was asked for may still have old connections in TIME-WAIT. */
	if (source->port != 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	else if (family != AF_UNIX)
		dial_socket_late_port(fd);
	if (bind(fd, &address.any, address.length) == 0)
		return true;
	return fail_bind(&address, errno, why);
}

void dial_source_unlink(const struct dial_source *source)
{
	const struct address *address = &source->address;

	if (address->length > 0 && address->any.sa_family == AF_UNIX && address->local.sun_path[0])
		unlink(address->local.sun_path);
}
