/* SPDX-License-Identifier: MIT */
/* Socket addresses and their texts. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/net/address.h>

static const size_t path_offset = offsetof(struct sockaddr_un, sun_path);

static const char *v6_host(char out[static ADDRESS_TEXT_MAX], const struct sockaddr_in6 *v6)
{
	char host[INET6_ADDRSTRLEN];
	char zone[IF_NAMESIZE];

	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out, ADDRESS_TEXT_MAX);
	inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
	if (v6->sin6_scope_id == 0)
		snprintf(out, ADDRESS_TEXT_MAX, "%s", host);
	else if (if_indextoname(v6->sin6_scope_id, zone))
		snprintf(out, ADDRESS_TEXT_MAX, "%s%%%s", host, zone);
	else
		snprintf(out, ADDRESS_TEXT_MAX, "%s%%%u", host, (unsigned)v6->sin6_scope_id);
	return out;
}

/* The kernel need not end a path with a NUL, and an abstract name may hold them: shown as '@',
 * like ss(8) does. */
static const char *local_text(char out[static ADDRESS_TEXT_MAX], const struct address *address)
{
	size_t length = address->length > path_offset ? address->length - path_offset : 0;
	const char *path = address->local.sun_path;
	size_t at = (size_t)snprintf(out, ADDRESS_TEXT_MAX, "unix:");

	if (length > sizeof(address->local.sun_path))
		length = sizeof(address->local.sun_path);
	if (length > 0 && (path[0] != '\0' || !address_has_abstract()))
		length = strnlen(path, length);
	for (size_t i = 0; i < length; i++)
		out[at++] = path[i] ? path[i] : '@';
	out[at] = '\0';
	return out;
}

const char *address_host(char out[static ADDRESS_TEXT_MAX], const struct address *address)
{
	out[0] = '\0';
	if (address->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &address->v4.sin_addr, out, ADDRESS_TEXT_MAX);
	else if (address->any.sa_family == AF_INET6)
		v6_host(out, &address->v6);
	return out;
}

unsigned address_port(const struct address *address)
{
	unsigned cid, port;

	if (address->any.sa_family == AF_INET)
		return ntohs(address->v4.sin_port);
	if (address->any.sa_family == AF_INET6)
		return ntohs(address->v6.sin6_port);
	return address_is_vsock(address, &cid, &port) ? port : 0;
}

void address_set_port(struct address *address, unsigned port)
{
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = htons((in_port_t)port);
	else if (address->any.sa_family == AF_INET6)
		address->v6.sin6_port = htons((in_port_t)port);
}

const char *address_text(char out[static ADDRESS_TEXT_MAX], const struct address *address)
{
	char host[ADDRESS_TEXT_MAX];
	unsigned cid, port;

	if (address->any.sa_family == AF_UNIX)
		return local_text(out, address);
	if (address_is_vsock(address, &cid, &port)) {
		snprintf(out, ADDRESS_TEXT_MAX, "vsock:%u:%u", cid, port);
		return out;
	}
	address_host(host, address);
	snprintf(out, ADDRESS_TEXT_MAX, strchr(host, ':') ? "[%.100s]:%u" : "%.100s:%u", host,
		 address_port(address));
	return out;
}

static unsigned zone_index(const char *zone)
{
	const unsigned index = if_nametoindex(zone);
	uint64_t number = 0;

	if (index == 0 && number_parse(zone, UINT32_MAX, &number))
		return (unsigned)number;
	return index;
}

static bool parse_v6(const char *text, struct sockaddr_in6 *v6)
{
	char host[INET6_ADDRSTRLEN];
	const char *zone = strchr(text, '%');
	const size_t length = zone ? (size_t)(zone - text) : strlen(text);

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	if (zone)
		v6->sin6_scope_id = zone_index(zone + 1);
	return !zone || v6->sin6_scope_id != 0;
}

bool address_parse_ip(const char *text, unsigned port, struct address *out)
{
	struct address address = { .length = 0 };

	if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
		address.v4.sin_family = AF_INET;
		address.length = sizeof(address.v4);
	} else {
		/* A failed try may have left bytes behind. */
		memset(&address, 0, sizeof(address));
		if (!parse_v6(text, &address.v6))
			return false;
		address.length = sizeof(address.v6);
	}
	address_set_port(&address, port);
	*out = address;
	return true;
}

bool address_unix(struct address *out, const char *path)
{
	const size_t length = strlen(path);
	const bool abstract = path[0] == '@';

	if (length == 0 || length > ADDRESS_UNIX_PATH_MAX || (abstract && !address_has_abstract()))
		return false;
	memset(out, 0, sizeof(*out));
	out->local.sun_family = AF_UNIX;
	memcpy(out->local.sun_path, path, length);
	/* An abstract name is all the bytes that the length says; a path ends with its NUL. */
	if (abstract)
		out->local.sun_path[0] = '\0';
	out->length = (socklen_t)(path_offset + length + (abstract ? 0 : 1));
	return true;
}

bool address_of_peer(int fd, struct address *out)
{
	memset(out, 0, sizeof(*out));
	out->length = sizeof(out->storage);
	return getpeername(fd, &out->any, &out->length) == 0;
}

bool address_of_socket(int fd, struct address *out)
{
	memset(out, 0, sizeof(*out));
	out->length = sizeof(out->storage);
	return getsockname(fd, &out->any, &out->length) == 0;
}
