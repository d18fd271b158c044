/* SPDX-License-Identifier: MIT */
/* TCP and UDP sockets of a host and a port: one for each address, all on one port. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/listen_parts.h>
#include <sockutil/net/resolve.h>

/* How often the kernel is asked for a port that is free on every address of the host. */
enum { PORT_TRIES = 16 };

/* The socket, or -1; why->error tells. */
static int bind_address(const struct address *address, bool v6only,
			const struct listen_options *options, struct failure *why)
{
	char name[ADDRESS_TEXT_MAX];
	int fd = listen_socket(address->any.sa_family, v6only, options, why);

	if (fd < 0)
		return -1;
	address_text(name, address);
	if (bind(fd, &address->any, address->length) < 0)
		listen_refused(why, errno, name, address, options);
	else if (listen_start(fd, name, options, why))
		return fd;
	close(fd);
	return -1;
}

static bool open_one(struct listen_batch *batch, const struct address *address, bool v6only,
		     enum endpoint_scheme scheme, const struct listen_options *options,
		     struct failure *why)
{
	int fd = bind_address(address, v6only, options, why);

	return fd >= 0 && listen_add(batch, fd, scheme, why);
}

static bool is_loopback6(const struct address *address)
{
	return address->any.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

/* A machine without IPv6 may still have names that lead to it. */
static bool is_missing(const struct address *address, int error)
{
	return error == EAFNOSUPPORT || (error == EADDRNOTAVAIL && is_loopback6(address));
}

static bool seen_before(const struct address *addresses, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (addresses[i].length == addresses[at].length &&
		    memcmp(&addresses[i].storage, &addresses[at].storage, addresses[at].length) ==
			    0)
			return true;
	return false;
}

/* All addresses on the port of the first. */
static bool open_all(struct listen_batch *batch, struct address *addresses, size_t count,
		     enum endpoint_scheme scheme, const struct listen_options *options,
		     struct failure *why)
{
	for (size_t i = 0; i < count; i++) {
		if (seen_before(addresses, i))
			continue;
		if (batch->count > 0)
			address_set_port(&addresses[i], address_port(&batch->items[0].address));
		if (!open_one(batch, &addresses[i], true, scheme, options, why) &&
		    !is_missing(&addresses[i], why->error))
			return false;
	}
	return batch->count > 0;
}

/* A port the kernel picked for one address may be taken on another: then it picks again. */
static bool open_addresses(struct listen_batch *batch, struct address *addresses, size_t count,
			   unsigned port, enum endpoint_scheme scheme,
			   const struct listen_options *options, struct failure *why)
{
	for (int tries = 1;; tries++) {
		for (size_t i = 0; i < count; i++)
			address_set_port(&addresses[i], port);
		*why = (struct failure){ 0 };
		if (open_all(batch, addresses, count, scheme, options, why))
			return true;
		if (port != 0 || why->error != EADDRINUSE || tries == PORT_TRIES)
			return false;
		listen_drop(batch);
	}
}

/* A port without a host. */
static bool open_any(struct listen_batch *batch, unsigned port, enum endpoint_scheme scheme,
		     const struct listen_options *options, struct failure *why)
{
	struct address any4, any6;
	int family = options->net->family;

	address_parse_ip("0.0.0.0", port, &any4);
	address_parse_ip("::", port, &any6);
	if (family == AF_INET)
		return open_one(batch, &any4, false, scheme, options, why);
	if (open_one(batch, &any6, family == AF_INET6, scheme, options, why))
		return true;
	if (family == AF_INET6 || (why->error != EAFNOSUPPORT && why->error != EADDRNOTAVAIL))
		return false;
	*why = (struct failure){ 0 };
	return open_one(batch, &any4, false, scheme, options, why);
}

bool listen_internet(struct listen_batch *batch, const struct endpoint *endpoint,
		     const struct listen_options *options, struct failure *why)
{
	bool any = endpoint->host[0] == '\0';
	struct address *addresses = NULL;
	size_t count = 0;
	unsigned port;
	bool opened = false;

	/* Without a host an address is only asked for to learn the number of a service's name. */
	if (!resolve_now(any ? "0.0.0.0" : endpoint->host, endpoint->service, endpoint->port,
			 any ? AF_INET : options->net->family, options->type, true, &addresses,
			 &count, why))
		return false;
	port = address_port(&addresses[0]);
	if (any)
		opened = open_any(batch, port, endpoint->scheme, options, why);
	else
		opened = open_addresses(batch, addresses, count, port, endpoint->scheme, options,
					why);
	free(addresses);
	if (opened)
		*why = (struct failure){ 0 };
	return opened;
}
